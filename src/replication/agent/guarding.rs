//! The account's guards on the slave's own terminal: they hold whatever the hub says, and though it says nothing.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::super::guard::{CashFlows, Guard, GuardReport, GuardState, Trip, Tripped, Unsaved};
use super::super::instruction::{InstructionId, Outcome};
use super::super::planted::Defect;
use super::order::in_one_order;
use super::{Agent, Order};
use crate::allocation::{AccountRules, Reaction};
use crate::domain::{
    CopyId, Filling, Lots, Magic, Micros, OrderAction, OrderRequest, Position, Price, Side, Signature,
    Snapshot, Symbol,
};

/// Orders of the agent's own have this bit in their number; the hub's never have.
const OWN: u64 = 1 << 63;
/// How far the price of such a close may be from the one asked for, in points: as good as any.
const DEVIATION_POINTS: u32 = 100_000;
/// A position that an order did not close is tried again after this, twice; then after twice as long each time,
const RETRY_MS: u64 = 1_000;
/// up to this.
const RETRY_MOST_MS: u64 = 30_000;
/// After so many orders in vain the account's owner is told, and again each time they have doubled.
const TOLD_AFTER: u32 = 5;

/// What an agent's guards must not forget; put down by its node.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SavedGuard {
    /// The guards.
    pub state: GuardState,
    /// Deposits and withdrawals; `None` before the first state.
    pub cash: Option<CashFlows>,
}

/// The guards of an agent.
#[derive(Debug)]
pub(super) struct Guarding {
    guard: Guard,
    cash: Option<CashFlows>,
    /// How many orders of its own there were.
    orders: u64,
    /// Positions that are being closed: how often that was ordered, and when it may be again.
    asked: BTreeMap<u64, (u32, Micros)>,
    /// What the account's owner should know.
    pub notices: VecDeque<String>,
}

impl Guarding {
    pub fn new(rules: &AccountRules) -> Self {
        let guard = Guard::new(rules.guards.clone());
        Self { guard, cash: None, orders: 0, asked: BTreeMap::new(), notices: VecDeque::new() }
    }

    /// Looks at a state of a terminal that is connected: `whole` as it was handed over, `shown` by copies;
    /// `settle_ms`: so long a deal may be late, of a terminal that was watched since.
    pub fn observe(
        &mut self,
        now: Micros,
        whole: &Snapshot,
        shown: &Snapshot,
        signature: Signature,
        settle_ms: u64,
        watched_since: Option<Micros>,
    ) {
        if !self.guard.is_set() {
            return;
        }
        let cash = self.cash.get_or_insert_with(|| CashFlows::begin(now, whole));
        cash.wait_from(watched_since.unwrap_or(now));
        cash.observe(now, whole, settle_ms);
        self.guard.observe(now, shown, signature, &cash.cash());
    }

    pub fn tripped(&self) -> Option<Tripped> {
        self.guard.tripped()
    }

    /// Counts an order that is to close a position, or to cancel an order, with this number.
    fn ask(&mut self, id: u64, request: &OrderRequest, now: Micros) {
        self.orders += 1;
        let (times, not_before) = self.asked.entry(id).or_default();
        if *times >= TOLD_AFTER && times.is_multiple_of(TOLD_AFTER) && (*times / TOLD_AFTER).is_power_of_two()
        {
            self.notices.push_back(format!(
                "{} #{id} is to be closed for a guard and is still there after {times} orders: look at the terminal; it is \
                 ordered again",
                request.symbol
            ));
        }
        let pause_ms = (RETRY_MS << times.saturating_sub(1).min(16)).min(RETRY_MOST_MS);
        *times = times.saturating_add(1);
        *not_before = now.plus_ms(pause_ms);
    }
}

/// Is this one of the numbers that the agent gives its own orders?
pub(super) const fn is_own(id: InstructionId) -> bool {
    id.0 & OWN != 0
}

impl Agent {
    /// Goes on where the saved guards end. To be called before the first state.
    pub fn restore_guard(&mut self, saved: SavedGuard) {
        self.guarding.guard.restore(saved.state);
        self.guarding.cash = saved.cash.map(|mut cash| {
            cash.resume();
            cash
        });
    }

    /// There were saved guards, and they cannot be read: nothing is opened until somebody has looked and re-armed.
    pub fn distrust_guard(&mut self, now: Micros) {
        self.guarding.guard.distrust(now);
    }

    /// Arms the guards anew, by the hand of the account's owner: losses are measured from the next state on. The hub
    /// follows with that state. What was closed stays closed.
    pub fn rearm(&mut self, now: Micros) {
        self.guarding.guard.rearm(now);
        self.guarding.asked.clear();
    }

    /// The account's owner says what is forbidden from now on, or, with `None`, that nothing is on his account. The hub
    /// follows with the next state.
    pub fn by_hand(&mut self, now: Micros, reaction: Option<Reaction>) {
        let time = self.snapshot.as_ref().map_or_else(Default::default, |snapshot| snapshot.account.time);
        self.guarding.guard.by_hand(reaction, now, time);
        self.guarding.asked.clear();
    }

    /// How far the account is from each of its guards, a line each.
    pub fn guard_room(&self) -> Vec<String> {
        let shown = self.snapshot.as_ref();
        shown.map_or_else(Vec::new, |shown| self.guarding.guard.room(shown, self.settings.signature))
    }

    /// How urgently [`Self::saved_guard`] is to be put down.
    pub const fn unsaved_guard(&self) -> Unsaved {
        self.guarding.guard.unsaved()
    }

    /// What is to be put down.
    pub fn saved_guard(&self) -> SavedGuard {
        SavedGuard { state: self.guarding.guard.state().clone(), cash: self.guarding.cash.clone() }
    }

    /// It was put down.
    pub const fn guard_is_saved(&mut self) {
        self.guarding.guard.saved();
    }

    /// The next guard that has tripped, for the account's owner to read.
    pub fn poll_trip(&mut self) -> Option<Trip> {
        self.guarding.guard.poll_trip()
    }

    /// What the hub is told of the guards; a state that is sent again is to say so.
    pub fn guard_report(&self) -> GuardReport {
        GuardReport {
            rearmed: self.guarding.guard.state().rearmed,
            tripped: self.guarding.tripped(),
            cash: self.guarding.cash.as_ref().map_or_else(Default::default, CashFlows::cash),
        }
    }

    /// Nothing is opened while any guard is tripped.
    pub(super) fn guard_open(&self) -> Result<(), Outcome> {
        let tripped = self.guarding.tripped().filter(|_| !self.planted.is(Defect::OpenUnderGuard));
        tripped.map_or(Ok(()), |tripped| Err(Outcome::Declined(tripped.guard.skip())))
    }

    /// From `close_only` on, no stop loss is moved away or taken off.
    pub(super) fn guard_modify(&self, position: &Position, stop_loss: Option<Price>) -> Result<(), Outcome> {
        let tripped = self.guarding.tripped().filter(|tripped| tripped.reaction >= Reaction::CloseOnly);
        match tripped {
            Some(tripped) if widens(position.side, position.stop_loss, stop_loss) => {
                Err(Outcome::Declined(tripped.guard.skip()))
            }
            _ => Ok(()),
        }
    }

    /// The next order that closes a copy, or withdraws its pending order, because a guard says so; the hub is not asked. Under
    /// any tripped guard nothing waits to be opened. One at a time for a copy, and after an answer not before a state that
    /// was taken since.
    pub(super) fn close_by_guard(&mut self, now: Micros) -> Option<Order> {
        let tripped = self.guarding.tripped().filter(|_| self.connected)?;
        let snapshot = self.snapshot.as_ref()?;
        let closes = tripped.reaction == Reaction::CloseAll && !self.planted.is(Defect::KeepUnderGuard);
        let close = closes.then(|| self.guard_close(snapshot, now)).flatten();
        let (id, copy, request) = close.or_else(|| self.guard_cancel(snapshot, now))?;
        let positions = snapshot.positions.iter().map(|position| position.id.0);
        let held: Vec<u64> = positions.chain(snapshot.orders.iter().map(|order| order.ticket)).collect();
        self.guarding.asked.retain(|id, _| held.contains(id));
        self.guarding.ask(id, &request, now);
        let instruction = InstructionId(OWN | self.guarding.orders);
        Some(self.hand_out(instruction, copy, None, request, now))
    }

    fn guard_close(&self, snapshot: &Snapshot, now: Micros) -> Option<(u64, CopyId, OrderRequest)> {
        if self.nets() && !self.watch.has_settled() {
            // A share that was closed a moment ago, and is shown yet, would be opened the other way.
            return None;
        }
        snapshot.positions.iter().find_map(|position| {
            let copy = position.magic.copy(self.settings.signature)?;
            let lots = self.lots_of(copy).min(position.lots);
            let unknown = self.share_is_unknown(copy, &position.symbol, Lots::ZERO)
                || self.share_may_be_gone(copy, &position.symbol, Lots::ZERO)
                || self.nets() && self.working.closes.contains(&copy);
            if unknown || self.guard_waits(position.id.0, copy, now) || !lots.is_positive() {
                return None;
            }
            let lots = in_one_order(snapshot, &position.symbol, lots);
            let filling = snapshot.instrument(&position.symbol).map(|i| i.trading.market_filling());
            let closes = self.closes(position, lots);
            let request = guard_request(position.symbol, closes, lots, position.magic, filling);
            Some((position.id.0, copy, request))
        })
    }

    fn guard_cancel(&self, snapshot: &Snapshot, now: Micros) -> Option<(u64, CopyId, OrderRequest)> {
        snapshot.orders.iter().find_map(|order| {
            let copy = order.magic.copy(self.settings.signature)?;
            if self.guard_waits(order.ticket, copy, now) {
                return None;
            }
            let action = OrderAction::Cancel { ticket: order.ticket };
            Some((order.ticket, copy, guard_request(order.symbol, action, Lots::ZERO, order.magic, None)))
        })
    }

    /// Is something about it under way, or was it asked for a moment ago?
    fn guard_waits(&self, id: u64, copy: CopyId, now: Micros) -> bool {
        let waits = self.guarding.asked.get(&id).is_some_and(|(_, not_before)| now < *not_before);
        waits || self.works_on(copy) || self.answered.contains(&copy)
    }
}

fn guard_request(
    symbol: Symbol,
    action: OrderAction,
    lots: Lots,
    magic: Magic,
    filling: Option<Filling>,
) -> OrderRequest {
    let (price, deviation_points) = (Price::ZERO, DEVIATION_POINTS);
    OrderRequest {
        symbol,
        action,
        lots,
        price,
        deviation_points,
        magic,
        filling: filling.unwrap_or_default(),
    }
}

/// Does a position lose more at the new stop loss than at the one it has?
pub(in crate::replication) fn widens(side: Side, from: Option<Price>, to: Option<Price>) -> bool {
    match (from, to) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(from), Some(to)) => side.sign() * (to.units() - from.units()) < 0,
    }
}
