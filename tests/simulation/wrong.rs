//! What a simulation can object to.

use std::fmt;

/// What must be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Nothing happens to a copy that its state does not allow.
    Lifecycle,
    /// No copy is opened twice, and no order placed twice.
    Once,
    /// Nothing that may have been executed is asked for again before its account was looked at.
    Doubt,
    /// Nothing is sent after its deadline.
    Deadline,
    /// No account is ever over its limits.
    Limits,
    /// A session breaks for a cause.
    Session,
    /// In the end nothing is under way or in doubt.
    Settled,
    /// An account that is to be empty is.
    Emptied,
    /// The master is flat, and so is everybody.
    Orphan,
    /// Every position and order of the master has one copy or one reason per member.
    Reason,
    /// No pool has a copy of what its filter leaves out.
    Filter,
    /// A copy is on the right side and has the lots that it was sized to, in proportion to what the master has left.
    Lots,
    /// Sizes are what the method makes of what the accounts have shown.
    Sizes,
    /// Its stops, and its order's terms, are where the pool has them.
    Stops,
    /// An account that requires a stop loss is not without one for longer than it takes to set it, or to close.
    Protected,
    /// Guards fire when they have to, and not else; what they forbid is not done.
    Guards,
    /// The ledger tells the same story as the accounts.
    Ledger,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    pub invariant: Invariant,
    pub what: String,
}

impl Invariant {
    /// It does not hold.
    pub fn broken(self, what: impl Into<String>) -> Wrong {
        Wrong { invariant: self, what: what.into() }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.what)
    }
}
