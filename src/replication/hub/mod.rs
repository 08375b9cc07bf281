//! The master's side: keeps, per copy, what is wanted against what the account has, and asks for what closes the gap.
//!
//! | what happens | where |
//! | --- | --- |
//! | the master hands over its state | [`master`] |
//! | a netting master, seen as a hedging one | [`netting`] |
//! | its pending orders, and the slaves' | [`pending`] |
//! | an order that has filled in part | [`ordered`] |
//! | a slave connects, hands over its state, breaks off | [`slave`] |
//! | a copy is held against what its account shows | [`evidence`] |
//! | a position with our magic that nobody knows of | [`stray`] |
//! | what the manager should know at once | [`alert`] |
//! | how it stands, and what he forbids by hand | [`standing`] |
//! | a slave reports what came of an instruction | [`report`] |
//! | an account's guards trip | [`guarding`] |
//! | a new position is sized for every member | [`sizing`] |
//! | the gap becomes instructions | [`reconcile`] |
//! | after a restart, the record is read back | [`restore`] |
//! | what else goes on record | [`story`] |

mod alert;
mod evidence;
mod group;
mod guarding;
mod master;
mod netting;
mod ordered;
mod pending;
mod reconcile;
mod report;
mod restore;
mod sizing;
mod slave;
mod standing;
mod story;
mod stray;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub use alert::Alert;
use group::Group;
pub use netting::NettingTale;
pub use report::skip_code;
use slave::Slave;

use super::copy::Copy;
use super::instruction::{Instruction, InstructionId};
use super::lifecycle::State;
use super::planted::Planted;
use super::record::Record;
use super::watch::Watch;
use crate::allocation::{Reaction, block};
use crate::config::Setup;
use crate::domain::{CopyId, Login, Micros, Money, PositionId, Signature, Snapshot, Symbol};

/// What the hub wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubOutput {
    /// Give this instruction to the slave.
    Instruct(Login, Instruction),
    /// Ask the slave for its present state, with this symbol, which the last one lacked.
    AskSnapshot(Login, Option<Symbol>),
}

/// Why a state was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// Another account than the configured one.
    #[error(
        "this is account {found}, account {expected} is the one this was opened for: log in there, or correct the configuration"
    )]
    WrongLogin {
        /// As configured.
        expected: Login,
        /// As handed over.
        found: Login,
    },
    /// Positions and balances of a terminal without connection prove nothing.
    #[error("the terminal is not connected to its trade server: the last state is kept")]
    NotConnected,
    /// A netting position and its deals do not tell the same story: one of the two lists is older.
    #[error(
        "position {0} and its deals do not agree: the last state is kept, hand over the next one with all deals of open positions"
    )]
    Disagree(PositionId),
    /// Not a member of any pool.
    #[error("account {0} is not a member of any pool")]
    UnknownSlave(Login),
}

/// How things stand, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HubSummary {
    /// Slaves with an open session.
    pub slaves_connected: u32,
    /// Copies that accounts hold.
    pub copies_open: u32,
    /// Copies that are not where they shall be yet.
    pub unsettled: u32,
    /// Copies of which only the account can tell whether they were opened.
    pub in_doubt: u32,
    /// Events that a copy could not meet: defects, each of them.
    pub impossible: u32,
}

/// The master's side of replication.
pub struct Hub {
    setup: Arc<Setup>,
    /// The pools' names, shared with the records that give them.
    names: Vec<Arc<str>>,
    signature: Signature,
    started: Micros,
    next_instruction: u64,
    master: Option<Snapshot>,
    /// When that was taken.
    master_at: Micros,
    watch: Watch,
    netting: netting::Netting,
    /// The highest number in the master's first state, and when that came.
    began: Option<(u64, Micros)>,
    slaves: BTreeMap<Login, Slave>,
    /// Boxed: taken out and put back with every change to one of their copies.
    groups: BTreeMap<CopyId, Box<Group>>,
    /// What is over, so that a late sight of it opens nothing. The oldest are forgotten.
    finished: BTreeSet<CopyId>,
    finished_order: VecDeque<CopyId>,
    /// `carry`: by pool, the slave's symbol and login, in millionths of a lot step.
    credits: BTreeMap<(usize, Symbol, Login), i64>,
    scratch: block::Scratch,
    /// The master's orders that wait, by ticket.
    ordered: BTreeMap<u64, ordered::Ordered>,
    /// The master's orders at market that have a position and go on filling, and since when.
    filling: BTreeMap<u64, Micros>,
    /// The master's positions while a state is taken, by their low bits; kept for its room.
    shown: Vec<u64>,
    outputs: VecDeque<HubOutput>,
    records: VecDeque<Record>,
    /// When an account was put on record last, and its balance then.
    sampled: BTreeMap<Login, (Micros, Money)>,
    alerts: VecDeque<Alert>,
    /// So much of what the master misses the manager has been told of.
    missing_told: usize,
    /// What the manager forbids on every account.
    by_hand: Option<Reaction>,
    impossible: u32,
    planted: Planted,
}

/// So many finished positions are remembered.
const FINISHED_MOST: usize = 65_536;

impl Hub {
    /// A hub that knows nothing yet. `now` numbers its instructions: never start two at the same microsecond.
    pub fn new(setup: Arc<Setup>, now: Micros) -> Self {
        let members = setup.pools.iter().flat_map(|pool| &pool.members);
        let slaves = members.map(|member| (member.login, Slave::new(&setup, member.login))).collect();
        Self {
            names: setup.pools.iter().map(|pool| pool.name.as_str().into()).collect(),
            signature: Signature::of_master(setup.master.login),
            watch: Watch::new(setup.master.doubt_ms),
            setup,
            netting: netting::Netting::default(),
            started: now,
            next_instruction: now.0,
            master: None,
            master_at: Micros::default(),
            began: None,
            slaves,
            groups: BTreeMap::new(),
            finished: BTreeSet::new(),
            finished_order: VecDeque::new(),
            credits: BTreeMap::new(),
            scratch: block::Scratch::default(),
            ordered: BTreeMap::new(),
            filling: BTreeMap::new(),
            shown: Vec::new(),
            outputs: VecDeque::new(),
            records: VecDeque::new(),
            sampled: BTreeMap::new(),
            alerts: VecDeque::new(),
            missing_told: 0,
            by_hand: None,
            impossible: 0,
            planted: Planted::default(),
        }
    }

    /// Plants a deliberate defect.
    #[cfg(feature = "planted")]
    pub const fn plant(&mut self, defect: super::Defect) {
        self.planted = Planted::of(defect);
    }

    /// What to do next; `None` when nothing is left. To be emptied after every call.
    pub fn poll_output(&mut self) -> Option<HubOutput> {
        self.outputs.pop_front()
    }

    /// What to put on record next; `None` when nothing is left. To be emptied after every call.
    pub fn poll_record(&mut self) -> Option<Record> {
        self.records.pop_front()
    }

    /// Is this account a member of any pool?
    pub fn knows(&self, login: Login) -> bool {
        self.slaves.contains_key(&login)
    }

    /// Looks at deadlines, retries and doubts. To be called every few tens of milliseconds.
    pub fn tick(&mut self, now: Micros) {
        self.advance_stirred(|_| true, now);
    }

    /// Works out what follows in those groups that are not quiet and are chosen.
    fn advance_stirred(&mut self, chooses: impl Fn(&Group) -> bool, now: Micros) {
        let stirred = self.groups.iter().filter(|(_, group)| !group.quiet && chooses(group));
        for key in stirred.map(|(key, _)| *key).collect::<Vec<CopyId>>() {
            self.advance(key, None, now);
        }
    }

    /// How things stand.
    pub fn summary(&self) -> HubSummary {
        let mut summary = HubSummary { impossible: self.impossible, ..HubSummary::default() };
        summary.slaves_connected = count(self.slaves.values().filter(|s| s.connected).count());
        for group in self.groups.values() {
            let missed = group.missing_since.is_some() && !group.remaining.is_zero();
            for copy in &group.copies {
                summary.copies_open += u32::from(matches!(copy.state, State::Open | State::Closing));
                summary.in_doubt += u32::from(copy.state == State::InDoubt);
                summary.unsettled += u32::from(missed || !self.settled(group, copy));
            }
        }
        summary
    }

    fn instruction_id(&mut self) -> InstructionId {
        self.next_instruction += 1;
        InstructionId(self.next_instruction)
    }

    /// Decides and reconciles one group, and lets it go when nothing is left to do. `whose`: only of this account
    /// something was heard, so only its copy is looked at.
    fn advance(&mut self, key: CopyId, whose: Option<Login>, now: Micros) {
        let Some(mut group) = self.groups.remove(&key) else { return };
        let sizes = group.copies.iter().any(Copy::awaits_sizing);
        if sizes {
            self.size_group(key, &mut group, now);
        }
        // A block is shared when the last of its members has been heard.
        let whose = whose.filter(|_| !sizes);
        self.reconcile_group(key, &mut group, whose, now);
        self.ask_for_evidence(&group, whose, now);
        if group.is_over() {
            self.records.push_back(Record::Finished { copy: key, at: now });
            self.remember_finished(key);
        } else {
            group.quiet = group.copies.iter().all(|copy| self.at_rest(&group, copy));
            self.groups.insert(key, group);
        }
    }

    fn remember_finished(&mut self, key: CopyId) {
        if !self.finished.insert(key) {
            return;
        }
        // Room for the next one first: the ring would double.
        if self.finished_order.len() == FINISHED_MOST
            && let Some(oldest) = self.finished_order.pop_front()
        {
            self.finished.remove(&oldest);
        }
        self.finished_order.push_back(key);
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
