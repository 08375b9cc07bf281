//! The slave's side: takes instructions, checks them against its own account and limits, whatever the hub says,
//! and hands the terminal one order at a time.

mod barrier;
mod exposure;
mod guarding;
mod netting;
mod order;
mod pending;
mod symbols;
mod working;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::guard::GuardReport;
use super::instruction::{Action, Instruction, InstructionId, Outcome, Report};
use super::planted::{Defect, Planted};
use super::watch::Watch;
use crate::allocation::{AccountRules, SkipReason};
use crate::domain::{
    CopyId, Login, Lots, Magic, MarginMode, Micros, OrderAction, OrderRequest, OrderResult, Position,
    RetcodeClass, Side, Signature, Snapshot, Symbol,
};
pub use guarding::SavedGuard;
pub(super) use guarding::widens;
use guarding::{Guarding, is_own};
use netting::Netting;
pub use netting::deals_by_magic;
use order::{closes, our_deals};
use symbols::Wanted;
use working::Working;

/// What a slave tells the hub of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaveState {
    /// Numbers the states of one agent, from 1.
    pub number: u64,
    /// How long ago the terminal handed it over, in microseconds: a state that is sent again is no fresher for it.
    pub age_us: u64,
    /// When it was sent, by the slave's clock: how long it waits on its way can be told from it.
    pub sent: Micros,
    /// The terminal's whole state; of positions and deals only those with this master's signature.
    pub snapshot: Snapshot,
    /// Copies of which the snapshot proves nothing: the terminal or its trade server works on an order of theirs, or has
    /// answered one since the snapshot was taken.
    pub busy: Vec<CopyId>,
    /// How the account's guards stand.
    pub guard: GuardReport,
    /// Symbols of a netting account whose position and deals are of different moments: nothing is proved of their
    /// copies.
    pub adrift: Vec<Symbol>,
    /// Symbols of a netting account that hold more than its deals tell: a copy that is not shown may be among it.
    pub older: Vec<Symbol>,
    /// Symbols that the terminal was asked for and does not have: its broker does not offer them.
    pub lacks: Vec<Symbol>,
}

/// What an agent goes by.
#[derive(Debug, Clone)]
pub struct AgentSettings {
    /// The slave account.
    pub login: Login,
    /// The master's signature.
    pub signature: Signature,
    /// The account's own rules.
    pub rules: AccountRules,
    /// How long a terminal's state may lag behind its own answers.
    pub doubt_ms: u64,
}

/// An order for the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// To be named in the report.
    pub instruction: InstructionId,
    /// Whose copy.
    pub copy: CopyId,
    /// What to send.
    pub request: OrderRequest,
    /// When the master's change was handed over, by the hub's clock.
    pub committed_at: Micros,
}

/// So many instructions wait for the terminal at most; more are declined as too late.
pub const QUEUE_MOST: usize = 1_024;

/// Deals of the last three days are evidence, whatever is held.
const EVIDENCE_MS: i64 = 3 * 24 * 3_600_000;

/// What a copy should hold by the terminal's own answers, until its state shows it.
#[derive(Debug, Clone, Copy)]
struct Expected {
    symbol: Symbol,
    /// Its direction, when it was opened; the state shows that of one which was there before.
    side: Option<Side>,
    lots: Lots,
    since: Micros,
}

/// An order that the terminal has and has not answered.
#[derive(Debug, Clone, Copy)]
struct Busy {
    copy: CopyId,
    symbol: Symbol,
    /// The direction that it opens; `None` for a close or a modification.
    side: Option<Side>,
    /// What it opens; nothing for a close or a modification.
    opens: Lots,
    /// The volume of its answer is dealt: a terminal also answers the volume of an order that only waits.
    deals: bool,
    /// What a close leaves that must not be sent twice: a second one of a part closes more, and of a netting account's
    /// share it opens the other way. All of a hedging account's position is closed by its ticket: at worst it is gone.
    leaves: Option<Lots>,
}

/// The slave's side of replication.
#[derive(Debug)]
pub struct Agent {
    settings: AgentSettings,
    /// The last state of a terminal that was connected to its trade server: another one proves nothing. Of a netting
    /// account, with every copy's share as a position of its own.
    snapshot: Option<Snapshot>,
    netting: Netting,
    /// What was ordered before it began, by this agent or another, may not be shown yet.
    watch: Watch,
    /// Closes that may have been executed, and must not be sent twice.
    closing: BTreeMap<CopyId, Expected>,
    /// The terminal was connected to its trade server in its last state.
    connected: bool,
    /// Copies with an order that was answered after that state was taken.
    answered: BTreeSet<CopyId>,
    states: u64,
    queue: VecDeque<Instruction>,
    /// By instruction; a terminal works on a handful at most.
    busy: Vec<(InstructionId, Busy)>,
    working: Working,
    expected: BTreeMap<CopyId, Expected>,
    /// What was placed, or may be on its way into the market, and is not shown yet.
    placed: BTreeMap<CopyId, Expected>,
    reports: VecDeque<Report>,
    guarding: Guarding,
    wanted: Wanted,
    /// So many orders in a row closed or cancelled.
    closed_in_a_row: usize,
    planted: Planted,
}

impl Agent {
    /// An agent that knows nothing yet.
    pub fn new(settings: AgentSettings) -> Self {
        Self {
            guarding: Guarding::new(&settings.rules),
            watch: Watch::new(settings.doubt_ms),
            settings,
            snapshot: None,
            netting: Netting::default(),
            closing: BTreeMap::new(),
            connected: false,
            answered: BTreeSet::new(),
            states: 0,
            queue: VecDeque::new(),
            busy: Vec::new(),
            working: Working::default(),
            expected: BTreeMap::new(),
            placed: BTreeMap::new(),
            reports: VecDeque::new(),
            wanted: Wanted::default(),
            closed_in_a_row: 0,
            planted: Planted::default(),
        }
    }

    /// Plants a deliberate defect.
    #[cfg(feature = "planted")]
    pub const fn plant(&mut self, defect: Defect) {
        self.planted = Planted::of(defect);
    }

    /// The hub's connection broke: what was not passed on is forgotten, the hub will ask again. What the
    /// terminal has stays known.
    pub fn on_disconnected(&mut self) {
        self.queue.clear();
        self.reports.clear();
        self.wanted.forget();
    }

    /// Hands out nothing more until the next state: the terminal is logged in elsewhere.
    pub fn hold(&mut self) {
        self.connected = false;
        self.watch.lose_sight();
    }

    /// Takes the terminal's state and answers what the hub should know of it.
    pub fn on_snapshot(&mut self, now: Micros, snapshot: Snapshot) -> SlaveState {
        self.connected = snapshot.account.connected;
        self.watch.look(now, self.connected);
        let (signature, doubt_ms) = (self.settings.signature, self.settings.doubt_ms);
        let nets = snapshot.account.margin_mode == MarginMode::Netting;
        let mut whole = snapshot;
        if nets && self.planted.is(Defect::IgnoreHands) {
            whole.deals.retain(|deal| deal.magic != Magic(0));
        }
        let would_show = |then: Micros| self.watch.would_show(then);
        let view = (nets && self.connected).then(|| self.netting.view(now, &whole, signature, would_show));
        let shown = view.as_ref().unwrap_or(&whole);
        let ours = Snapshot {
            positions: shown
                .positions
                .iter()
                // What others hold in a netting account's position, its stops are theirs too.
                .filter(|p| nets || p.magic.copy(signature).is_some())
                .cloned()
                .collect(),
            deals: our_deals(shown, signature),
            account: shown.account.clone(),
            instruments: shown.instruments.clone(),
            rates: shown.rates.clone(),
            orders: shown.orders.iter().filter(|o| o.magic.copy(signature).is_some()).cloned().collect(),
            past_orders: shown
                .past_orders
                .iter()
                .filter(|o| o.magic.copy(signature).is_some())
                .copied()
                .collect(),
            working: shown.working.iter().filter(|o| o.magic.copy(signature).is_some()).copied().collect(),
        };
        let mut lacks = Vec::new();
        if self.connected {
            lacks = self.wanted.lacking(shown);
            self.note_working(now, shown);
            let doubtful = |copy: &CopyId, expected: &mut Expected| {
                let caught_up = held(shown, signature, *copy) == expected.lots;
                !caught_up && !self.watch.would_show(expected.since)
            };
            self.expected.retain(|copy, expected| doubtful(copy, expected));
            let Working { opens, closes, .. } = &self.working;
            self.closing.retain(|copy, closing| closes.contains(copy) || doubtful(copy, closing));
            self.placed.retain(|copy, placed| {
                let caught_up = pending::shows(shown, signature, *copy);
                opens.contains(copy) || !caught_up && !self.watch.would_show(placed.since)
            });
            self.answered.clear();
            if !self.planted.is(Defect::GuardOnlyAtOpen) || !self.queue.is_empty() {
                self.guarding.observe(now, &whole, shown, signature, doubt_ms, self.watch.since());
            }
            self.snapshot = Some(view.unwrap_or(whole));
        }
        self.states += 1;
        let guard = self.guard_report();
        let list = |symbols: &BTreeSet<Symbol>| symbols.iter().copied().collect();
        SlaveState {
            number: self.states,
            age_us: 0,
            sent: now,
            snapshot: ours,
            busy: self.busy(),
            guard,
            adrift: list(&self.netting.adrift),
            older: list(&self.netting.older),
            lacks,
        }
    }

    /// Copies of which the last state proves nothing any more; a state that is sent again is to say so.
    pub fn busy(&self) -> Vec<CopyId> {
        let answered = self.answered.iter().chain(&self.working.opens).copied();
        self.busy.iter().map(|(_, busy)| busy.copy).chain(answered).collect()
    }

    /// Takes an instruction from the hub.
    pub fn on_instruction(&mut self, instruction: Instruction) {
        if is_own(instruction.id) {
            // No hub numbers so: the answer to an order of the agent's own would be taken for this one's.
            self.decline(&instruction, Outcome::Declined(SkipReason::OutOfRange));
        } else if self.queue.len() >= QUEUE_MOST {
            self.decline(&instruction, Outcome::Declined(SkipReason::TooLate));
        } else {
            if self.planted.is(Defect::DoTwice) {
                self.queue.push_back(instruction.clone());
            }
            self.queue.push_back(instruction);
        }
    }

    /// The next order for the terminal; `None` when there is none. Instructions that need none are answered on
    /// the way: see [`Self::poll_report`]. What concerns a copy whose order is not answered waits for the answer,
    /// and everything waits while the terminal is not connected to its trade server. What a guard closes comes first, then
    /// what else closes.
    pub fn next_order(&mut self, now: Micros) -> Option<Order> {
        if let Some(order) = self.close_by_guard(now) {
            return Some(order);
        }
        while self.connected
            && let Some(at) = self.next_in_queue()
            && let Some(instruction) = self.queue.remove(at)
        {
            match self.order(&instruction, now) {
                Ok(request) => {
                    let side = match instruction.action {
                        Action::Open { side, .. } | Action::Place { side, .. } => Some(side),
                        _ => None,
                    };
                    self.closed_in_a_row = if closes(&instruction) { self.closed_in_a_row + 1 } else { 0 };
                    let Instruction { id, copy, committed_at, .. } = instruction;
                    return Some(self.hand_out(id, copy, side, request, committed_at));
                }
                Err(outcome) => self.decline(&instruction, outcome),
            }
        }
        None
    }

    /// Until it is answered, nothing else of its copy is handed out. `side`: what it opens; `None` for a close or a
    /// modification.
    fn hand_out(
        &mut self,
        instruction: InstructionId,
        copy: CopyId,
        side: Option<Side>,
        request: OrderRequest,
        committed_at: Micros,
    ) -> Order {
        let deals = matches!(request.action, OrderAction::Open { .. } | OrderAction::Close { .. });
        let left = self.lots_of(copy).saturating_sub(request.lots);
        let once = deals && side.is_none() && (self.nets() || left.is_positive());
        let busy = Busy {
            copy,
            symbol: request.symbol,
            side,
            opens: side.map_or(Lots::ZERO, |_| request.lots),
            deals,
            leaves: once.then_some(left),
        };
        self.busy.push((instruction, busy));
        Order { instruction, copy, request, committed_at }
    }

    /// Takes the terminal's answer to an order. `false`: no such order was handed out.
    pub fn on_result(&mut self, now: Micros, instruction: InstructionId, result: OrderResult) -> bool {
        let Some(at) = self.busy.iter().position(|(id, _)| *id == instruction) else { return false };
        let (_, Busy { copy, symbol, side, opens, deals, leaves }) = self.busy.remove(at);
        self.answered.insert(copy);
        let class = result.retcode.class();
        let open_yet = matches!(class, RetcodeClass::Done | RetcodeClass::Placed | RetcodeClass::InDoubt);
        if deals && class == RetcodeClass::Done && result.lots.is_positive() {
            let before = self.lots_of(copy);
            let lots = if opens.is_positive() {
                before.saturating_add(result.lots)
            } else {
                before.saturating_sub(result.lots)
            };
            self.expected.insert(copy, Expected { symbol, side, lots, since: now });
        } else if opens.is_positive() && open_yet {
            self.placed.insert(copy, Expected { symbol, side, lots: opens, since: now });
        } else if let Some(lots) = leaves
            && open_yet
        {
            self.closing.insert(copy, Expected { symbol, side, lots, since: now });
        }
        self.reports.push_back(Report { instruction, copy, outcome: Outcome::Answered(result) });
        true
    }

    /// What to tell the hub next.
    pub fn poll_report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    fn decline(&mut self, instruction: &Instruction, outcome: Outcome) {
        self.reports.push_back(Report { instruction: instruction.id, copy: instruction.copy, outcome });
    }

    /// What the account holds of a copy: what the terminal answered counts until its state shows it. Of both, what is less:
    /// more may have been closed than was answered.
    fn lots_of(&self, copy: CopyId) -> Lots {
        let shown = self.snapshot.as_ref().map_or(Lots::ZERO, |s| held(s, self.settings.signature, copy));
        let expected = self.expected.get(&copy).filter(|_| !self.planted.is(Defect::ForgetAnswers));
        match expected {
            Some(expected) if shown.is_positive() => expected.lots.min(shown),
            Some(expected) => expected.lots,
            None => shown,
        }
    }
}

/// A copy's positions, or its share.
fn of_copy(snapshot: &Snapshot, signature: Signature, copy: CopyId) -> impl Iterator<Item = &Position> {
    snapshot.positions.iter().filter(move |position| position.magic.copy(signature) == Some(copy))
}

/// What an account shows of a copy.
fn held(snapshot: &Snapshot, signature: Signature, copy: CopyId) -> Lots {
    of_copy(snapshot, signature, copy).fold(Lots::ZERO, |sum, position| sum.saturating_add(position.lots))
}

#[cfg(test)]
mod tests;
