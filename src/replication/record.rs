//! What the hub puts on record: enough to tell the story, and to go on after a restart.

use serde::{Deserialize, Serialize};

use super::guard::GuardState;
use super::lifecycle::State;
use crate::allocation::Decision;
use crate::domain::{CopyId, Login, Lots, Micros, Position, Retcode};

/// The master's position as a pool takes it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterTrade {
    /// As it was when it was taken up.
    pub position: Position,
    /// The pool's name.
    pub pool: String,
    /// When it was taken up, by the hub's clock.
    pub at: Micros,
}

/// One entry of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A pool takes up a master position.
    Taken(MasterTrade),
    /// What was decided for one slave.
    Decided {
        /// The copy.
        copy: CopyId,
        /// The pool's name.
        pool: String,
        /// The slave.
        login: Login,
        /// The decision.
        decision: Box<Decision>,
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
    /// A pool has nothing left to do about a master position.
    Finished {
        /// The copies' id.
        copy: CopyId,
        /// When, by the hub's clock.
        at: Micros,
    },
}
