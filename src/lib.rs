//! LotBridge replicates the trades of a MetaTrader 5 master account to its slaves, each in its size.

pub mod allocation;
pub mod config;
pub mod domain;
pub mod history;
pub mod terminal;
pub mod transport;
