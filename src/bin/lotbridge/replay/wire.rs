//! What the command and its terminal processes tell each other: JSON, one message a line, over stdin and stdout.
//! The command is the broker: accounts live here, so a killed terminal loses nothing but itself.

use lotbridge::domain::{OrderRequest, OrderResult, Snapshot};
use serde::{Deserialize, Serialize};

/// To a terminal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum ToTerminal {
    /// The account's whole state; `step` comes back when it has gone through.
    State { step: u64, snapshot: Box<Snapshot> },
    /// A slave's order was executed or refused; the account's state after it.
    Answer { result: OrderResult, snapshot: Box<Snapshot> },
    /// To the master: say when every copy is where it shall be.
    Settle { step: u64 },
    /// The end.
    Finish,
}

/// From a terminal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum FromTerminal {
    /// A slave's terminal needs its account's deals from this moment on, in milliseconds of trade-server time.
    DealsFrom { time_ms: i64 },
    /// A slave's state was confirmed by the master.
    Seen { step: u64 },
    /// The master handed its state over.
    Committed { step: u64 },
    /// Every copy is where it shall be.
    Settled { step: u64, in_doubt: u32, impossible: u32 },
    /// How things stand while settling takes long.
    Waiting { unsettled: u32, slaves_connected: u32 },
    /// A slave's terminal sends an order; `age_us` since the master's commit.
    Order { request: OrderRequest, age_us: u64 },
    /// What the user should know.
    Alert { text: String },
    /// The terminal gives up.
    Failed { text: String },
}
