//! The hub (desired against actual, makes instructions), the copy lifecycle, and the agent (the slave's side).
//!
//! Pure state machines: what happens comes in with its moment, what is to be done is polled out. Knows nothing
//! of sockets, files, threads or clocks. Terminals lose and reorder events, so nothing is counted here: whole
//! states are compared, and the gap between them becomes instructions. A copy's identity is the magic that the
//! account itself keeps, so either side can lose everything and read it back.

pub mod agent;
mod copy;
pub mod guard;
pub mod hub;
mod instruction;
mod lifecycle;
#[doc(hidden)]
pub mod planted;
mod record;
mod watch;

pub use agent::{Agent, AgentSettings, Order, SavedGuard, SlaveState, deals_by_magic};
pub use copy::Copy;
pub use guard::{Cash, CashFlows, Guard, GuardReport, GuardState, Trip, Tripped, Unsaved};
pub use hub::{Alert, Hub, HubError, HubOutput, HubSummary, NettingTale, skip_code};
pub use instruction::{Action, Instruction, InstructionId, Outcome, Report};
pub use lifecycle::{Event, Impossible, State};
#[cfg(feature = "planted")]
pub use planted::Defect;
pub use record::{MasterTrade, Record};

pub use crate::allocation::Reaction;
