//! A seeded simulation of replication in virtual time: one hub, three agents, four accounts, and everything that goes
//! wrong between them. No sockets, threads or clocks; the same plan tells the same story.
//!
//! | what | where |
//! | --- | --- |
//! | one run, many of them, and the shortest that still fails | [`play`] |
//! | the hub, the market, time | [`world`] |
//! | the master's trader, investors who cannot keep their hands off | `world/trader.rs` |
//! | what goes wrong | `world/trouble.rs` |
//! | the ledger as files, on some seeds | `world/book.rs` |
//! | a session, byte by byte | [`link`] |
//! | a slave's terminal with its EA | [`slave`] |
//! | an account at its broker, and what its terminal shows of it | [`account`] |
//! | what a netting master has its slaves copy | [`netting`] |
//! | which trades a pool takes | [`filters`] |
//! | which symbols a terminal shows | [`market_watch`] |
//! | what must be so | [`check`], [`monitor`], [`guards`], [`sizes`] |

mod account;
#[path = "../auditor/mod.rs"]
mod auditor;
mod check;
mod filters;
mod guards;
mod link;
mod market_watch;
mod monitor;
mod netting;
mod play;
mod random;
mod setup;
mod sizes;
mod slave;
mod world;
mod wrong;

pub use play::{Failed, play_all, play_one, shrink, tell};
pub use world::Plan;
pub use wrong::Invariant;
