//! What the hub puts on record: enough to tell the story, and to go on after a restart.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::guard::GuardState;
use super::hub::NettingTale;
use super::instruction::{Action, InstructionId, Outcome};
use super::lifecycle::State;
use crate::allocation::{Decision, Reaction};
use crate::domain::{
    CopyId, Currency, Login, Lots, Micros, Money, PendingOrder, Position, PositionId, Price, Retcode, Symbol,
};

/// The master's position as a pool takes it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterTrade {
    /// The copies' id; records of the first form do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<CopyId>,
    /// As it was when it was taken up; of a pending order, the position that it will be.
    pub position: Position,
    /// The pending order, while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<PendingOrder>,
    /// It was read off what a slave holds, for the master's state lacked it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guessed: bool,
    /// The pool's name.
    pub pool: Arc<str>,
    /// When it was taken up, by the hub's clock.
    pub at: Micros,
}

/// One entry of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A pool takes up a master position.
    Taken(Box<MasterTrade>),
    /// What was decided for one slave.
    Decided {
        /// The copy.
        copy: CopyId,
        /// The pool's name.
        pool: Arc<str>,
        /// The slave.
        login: Login,
        /// The decision.
        decision: Arc<Decision>,
        /// With `carry`: the slave's credit after it, in millionths of a lot step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credit: Option<i64>,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// A copy changed its state.
    Copy {
        /// The copy.
        copy: CopyId,
        /// The slave.
        login: Login,
        /// Its new state.
        state: State,
        /// What has been opened in all.
        opened: Lots,
        /// Its pending order is withdrawn to enter at market.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        to_market: bool,
        /// What the terminal said, when that brought the state about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retcode: Option<Retcode>,
        /// Why it was skipped, when it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        skip: Option<crate::allocation::SkipReason>,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// An account's guards, as the hub has them: after a trip, a re-arming, a new day, a deposit or withdrawal, and
    /// whenever a peak has risen by a thousandth.
    Guard {
        /// The slave.
        login: Login,
        /// All that they must not forget.
        state: Box<GuardState>,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// The manager forbids something on every account, or nothing any more.
    ByHand {
        /// What.
        reaction: Option<Reaction>,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// A pool has nothing left to do about a master position.
    Finished {
        /// The copies' id.
        copy: CopyId,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// An instruction leaves for a slave.
    Instructed {
        /// The copy.
        copy: CopyId,
        /// The slave.
        login: Login,
        /// The instruction's number.
        instruction: InstructionId,
        /// The slave's broker's name of the instrument.
        symbol: Symbol,
        /// What is to be reached.
        action: Action,
        /// The master's price that an open or a close is measured from; zero: there is none.
        reference: Price,
        /// How far an open may be from it, in points of the slave's instrument.
        deviation_points: u32,
        /// When the master's change was handed over, by the hub's clock.
        committed_at: Micros,
        /// An open is not to be sent after this moment, by the hub's clock.
        valid_until: Micros,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// A slave says what came of an instruction.
    Reported {
        /// The copy.
        copy: CopyId,
        /// The slave.
        login: Login,
        /// The instruction's number.
        instruction: InstructionId,
        /// What came of it.
        outcome: Outcome,
        /// An open or a close: how much worse its price is than the reference; negative when it is better.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slippage: Option<Price>,
        /// Microseconds since the master's change was handed over; absent when this hub did not send it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since_commit_us: Option<u64>,
        /// Microseconds since the instruction left; absent when this hub did not send it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since_sent_us: Option<u64>,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// The master changed a position that a pool has taken up.
    MasterChanged {
        /// The copies' id.
        copy: CopyId,
        /// What it still holds; nothing once it has closed.
        lots: Lots,
        /// Its stop loss.
        stop_loss: Option<Price>,
        /// Its take profit.
        take_profit: Option<Price>,
        /// It holds nothing, and its history tells so: it did not only stay away.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        proved: bool,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// The master changed its pending order, or it ended without a position.
    MasterOrder {
        /// The copies' id.
        copy: CopyId,
        /// As it waits now; `None`: it waits no more.
        order: Option<Box<PendingOrder>>,
        /// It waits no more, and its history tells so: it did not only stay away.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        proved: bool,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// The deals of a netting master's position do not tell all of it, or not any more: a correction, or a deal is gone.
    MasterNetting {
        /// The position, by its identifier.
        position: PositionId,
        /// Its trades, as they are copied.
        tale: Box<NettingTale>,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// What the manager was told: an alert, or connections that were refused.
    Told {
        /// The text.
        text: String,
        /// When that was put on record, by the node's clock.
        at: Micros,
    },
    /// An account's money: with every change of its balance, and at most once a minute otherwise.
    Account {
        /// The account, the master's or a slave's.
        login: Login,
        /// What its money is in.
        currency: Currency,
        /// Closed profit and loss, deposits and withdrawals.
        balance: Money,
        /// Balance and open profit and loss.
        equity: Money,
        /// In use by open positions.
        margin: Money,
        /// Equity that is not in use.
        free_margin: Money,
        /// When, by the hub's clock.
        at: Micros,
    },
    /// The configuration from here on.
    Configured {
        /// SHA-256 of the text.
        sha256: String,
        /// The configuration as JSON, without the secret.
        configuration: String,
        /// When, by the node's clock.
        at: Micros,
    },
    /// Records before this one could not be written and were dropped.
    Missing {
        /// How many.
        count: u64,
        /// When that was put on record, by the node's clock.
        at: Micros,
    },
}

impl Record {
    /// The kinds that [`crate::replication::Hub::restore`] goes on from; the others tell the story.
    pub const KINDS_TO_GO_ON_FROM: [&'static str; 9] = [
        "taken",
        "decided",
        "copy",
        "guard",
        "by_hand",
        "finished",
        "master_changed",
        "master_order",
        "master_netting",
    ];

    /// Its kind, as it is written.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Taken(_) => "taken",
            Self::Decided { .. } => "decided",
            Self::Copy { .. } => "copy",
            Self::Guard { .. } => "guard",
            Self::ByHand { .. } => "by_hand",
            Self::Finished { .. } => "finished",
            Self::Instructed { .. } => "instructed",
            Self::Reported { .. } => "reported",
            Self::MasterChanged { .. } => "master_changed",
            Self::MasterOrder { .. } => "master_order",
            Self::MasterNetting { .. } => "master_netting",
            Self::Told { .. } => "told",
            Self::Account { .. } => "account",
            Self::Configured { .. } => "configured",
            Self::Missing { .. } => "missing",
        }
    }

    /// When, by the hub's clock.
    pub const fn at(&self) -> Micros {
        match self {
            Self::Taken(trade) => trade.at,
            Self::Decided { at, .. }
            | Self::Copy { at, .. }
            | Self::Guard { at, .. }
            | Self::ByHand { at, .. }
            | Self::Finished { at, .. }
            | Self::Instructed { at, .. }
            | Self::Reported { at, .. }
            | Self::MasterChanged { at, .. }
            | Self::MasterOrder { at, .. }
            | Self::MasterNetting { at, .. }
            | Self::Told { at, .. }
            | Self::Account { at, .. }
            | Self::Configured { at, .. }
            | Self::Missing { at, .. } => *at,
        }
    }
}
