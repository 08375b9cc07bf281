//! LotBridge replicates the trades of a MetaTrader 5 master account to its slaves, each in its size.

pub mod allocation;
pub mod config;
pub mod domain;
#[allow(missing_docs)]
pub mod ffi;
pub mod history;
pub mod ledger;
pub mod node;
pub mod protocol;
pub mod replication;
pub mod terminal;
pub mod transport;
