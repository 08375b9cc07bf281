//! What the hub asks of a slave and what the slave answers.

use serde::{Deserialize, Serialize};

use crate::allocation::SkipReason;
use crate::domain::{CopyId, Lots, Micros, OrderResult, PendingKind, PendingTerms, Price, Side, Symbol};

/// Numbers an instruction; never given twice by hubs of one master.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstructionId(pub u64);

/// What is to be reached. Volumes are where to arrive, not how far to go: asked twice, it is done once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Open the copy at market, unless the account has or had it.
    Open {
        /// Long or short.
        side: Side,
        /// How much.
        lots: Lots,
        /// The stop loss to attach.
        stop_loss: Option<Price>,
        /// The take profit to attach.
        take_profit: Option<Price>,
    },
    /// Close at market until the copy holds no more than this; nothing closes it.
    Reduce {
        /// What may remain.
        to: Lots,
    },
    /// Set both stops; `None` removes one.
    Modify {
        /// The stop loss.
        stop_loss: Option<Price>,
        /// The take profit.
        take_profit: Option<Price>,
    },
    /// Place the copy's pending order, unless the account has or had it.
    Place {
        /// What it will buy or sell.
        side: Side,
        /// What it waits for.
        kind: PendingKind,
        /// How much.
        lots: Lots,
        /// Prices and expiry.
        terms: PendingTerms,
    },
    /// Change the copy's pending order.
    Change {
        /// What it shall be.
        terms: PendingTerms,
    },
    /// Cancel the copy's pending order.
    Cancel,
}

/// One trade request for a slave's terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// Its number.
    pub id: InstructionId,
    /// Whose copy.
    pub copy: CopyId,
    /// The slave's broker's name of the instrument.
    pub symbol: Symbol,
    /// What is to be reached.
    pub action: Action,
    /// The master's fill, that an open's price is measured from; the price of its close, for a close; zero: there is none.
    pub reference: Price,
    /// How far an open may be from it, in points of the slave's instrument.
    pub deviation_points: u32,
    /// When the master's change was handed over, by the hub's clock.
    pub committed_at: Micros,
    /// An open is not to be sent after this moment, by the hub's clock.
    pub valid_until: Micros,
}

/// What came of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The terminal's answer, whatever it was.
    Answered(OrderResult),
    /// The agent did not pass it on.
    Declined(SkipReason),
    /// There was nothing left to do: the account is there already.
    AlreadyDone,
}

/// What the terminal says came of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which one.
    pub instruction: InstructionId,
    /// Whose copy: a hub that was restarted does not know the number.
    pub copy: CopyId,
    /// What came of it.
    pub outcome: Outcome,
}
