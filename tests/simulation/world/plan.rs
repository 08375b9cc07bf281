//! What is to happen: everything that the seed has in store, but what is left out.

use std::collections::BTreeSet;
use std::fmt;

use lotbridge::replication::Defect;

/// What happens by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    MasterOpens,
    MasterChanges,
    MasterPlaces,
    MasterTouchesOrder,
    Hand,
    HubDies,
    SlaveDies,
    AllDie,
    LinkBreaks,
    BytesTampered,
    SlaveFreezes,
    TerminalLags,
    TerminalHides,
    TerminalOffline,
    TerminalOnline,
    CashMoves,
    GuardsRearmed,
    /// The clocks of processes that start jump.
    ClocksJump,
    /// Its program alone, or its whole process.
    MasterFreezes,
    /// While an order of a slave's is at its trade server.
    DiesMidOrder,
    /// The same: its investor is faster.
    HandMidOrder,
    /// Out of a netting master's history, for good.
    DealVanishes,
}

/// Something that happened at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    pub at_ms: u64,
    pub kind: Kind,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>8} {:?}", self.at_ms, self.kind)
    }
}

/// One run.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub seed: u64,
    /// What the seed has in store and does not happen.
    pub without: BTreeSet<Event>,
    /// A deliberate defect.
    pub defect: Option<Defect>,
    /// Is the story wanted?
    pub tell: bool,
}
