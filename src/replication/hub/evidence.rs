//! What an account shows of a copy, and what follows from it: the account has the last word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::copy::{Company, Copy, Errand, Stops};
use super::super::lifecycle::{Event, State};
use super::super::planted::Defect;
use super::group::{Group, opened_by_deals};
use super::master::UNPROVED_MS;
use super::sizing::adopted;
use super::slave::Slave;
use super::{Hub, pending};
use crate::domain::{
    CopyId, DealEntry, Login, Lots, Magic, MarginMode, Micros, OrderEnd, PositionId, Price, Signature,
    Snapshot,
};

/// A copy that waits for its account to show something has its state asked for when the last one is this old.
pub(super) const EVERY_MS: u64 = 500;

/// What an account holds of a copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// In all: an order that was executed twice counts twice.
    lots: Lots,
    /// Its position; the oldest one when there are several.
    position: PositionId,
    /// What that one was opened with, as far as is known.
    opened: Lots,
    /// That one's open price.
    open_price: Price,
    /// That one's stops.
    stops: Stops,
    /// Who shares it.
    company: Company,
}

/// All that an account's state shows with our magic.
pub(super) struct Shown {
    pub held: BTreeMap<CopyId, Held>,
    /// Copies that something but a position tells of: an order that waits, a deal, an order that is over.
    told: BTreeSet<CopyId>,
    waiting: BTreeSet<CopyId>,
}

impl Shown {
    /// Looks a state through, once for all copies.
    pub fn by(snapshot: &Snapshot, signature: Signature) -> Self {
        let copy = |magic: Magic| magic.copy(signature);
        let waiting: BTreeSet<_> = snapshot.orders.iter().filter_map(|order| copy(order.magic)).collect();
        let deals = snapshot.deals.iter().filter_map(|deal| copy(deal.magic));
        let over = snapshot.past_orders.iter().filter_map(|order| copy(order.magic));
        let told = waiting.iter().copied().chain(deals).chain(over).collect();
        Self { held: held(snapshot, signature), told, waiting }
    }

    /// May this state tell anything of a copy that the hub does not know already?
    pub fn tells_of(&self, key: CopyId, copy: &Copy) -> bool {
        match copy.state {
            state if state.is_final() => self.held.contains_key(&key) || self.told.contains(&key),
            State::Open if !self.waiting.contains(&key) => {
                self.held.get(&key).is_none_or(|held| !copy.is_just(held))
            }
            _ => true,
        }
    }
}

impl Copy {
    /// Is what is known of it, while it is open, just what its account holds?
    fn is_just(&self, held: &Held) -> bool {
        self.seen
            && self.actual == held.lots
            && self.opened >= held.opened
            && self.open_price == Some(held.open_price)
            && self.stops_seen == Some(held.stops)
            && self.company == held.company
            && self.rest.is_zero()
            && self.sized().is_positive()
            && self.missing_since.is_none()
            && self.skip.is_none()
    }
}

/// What the account holds with our magic, by copy.
fn held(snapshot: &Snapshot, signature: Signature) -> BTreeMap<CopyId, Held> {
    let mut all: BTreeMap<CopyId, Held> = BTreeMap::new();
    let mut opened: BTreeMap<PositionId, Lots> = BTreeMap::new();
    for deal in snapshot.deals.iter().filter(|deal| deal.entry == DealEntry::In) {
        let lots = opened.entry(deal.position).or_default();
        *lots = lots.saturating_add(deal.lots);
    }
    for position in &snapshot.positions {
        let Some(copy) = position.magic.copy(signature) else { continue };
        let one = Held {
            lots: position.lots,
            position: position.id,
            opened: opened.get(&position.id).map_or(position.lots, |opened| position.lots.max(*opened)),
            open_price: position.open_price,
            stops: Stops { stop_loss: position.stop_loss, take_profit: position.take_profit },
            company: company(snapshot, signature, &position.symbol),
        };
        let known = all.entry(copy).or_insert(Held { lots: Lots::ZERO, ..one });
        let lots = known.lots.saturating_add(position.lots);
        *known = if position.id < known.position { Held { lots, ..one } } else { Held { lots, ..*known } };
    }
    all
}

/// Who has shares of a symbol's position, on a netting account.
fn company(snapshot: &Snapshot, signature: Signature, symbol: &str) -> Company {
    if snapshot.account.margin_mode == MarginMode::Hedging {
        return Company::Nobody;
    }
    let mut shares = snapshot.positions.iter().filter(|position| position.symbol.as_str() == symbol);
    if shares.clone().count() < 2 {
        Company::Nobody
    } else if shares.all(|share| share.magic.copy(signature).is_some()) {
        Company::Copies
    } else {
        Company::Others
    }
}

impl Hub {
    /// Holds a copy against what its account shows. A state that was taken while the terminal worked on the copy
    /// says nothing about it.
    pub(super) fn judge(
        &mut self,
        key: CopyId,
        group: &Group,
        copy: &mut Copy,
        held: Option<&Held>,
        snapshot: &Snapshot,
        now: Micros,
    ) {
        if copy.busy {
            copy.missing_since = None;
            return;
        }
        let order = pending::order_of(snapshot, self.signature, key);
        let unfilled = |held: &Held| copy.sized().saturating_sub(held.lots).max(Lots::ZERO);
        let rest = held.zip(order).map(|(held, order)| order.lots.min(unfilled(held)));
        copy.rest = rest.unwrap_or_default();
        match (held, order) {
            (Some(held), _) => self.judge_held(key, group, copy, held, now),
            (None, Some(order)) => {
                if matches!(copy.state, State::Open | State::Closing) {
                    // The rest of an order whose first part was closed, or is not shown yet.
                    self.judge_absent(key, group, copy, snapshot, now);
                }
                if !matches!(copy.state, State::Open | State::Closing) {
                    self.judge_waiting(key, group, copy, order, now);
                }
            }
            (None, None) => self.judge_absent(key, group, copy, snapshot, now),
        }
    }

    /// The account holds it: that beats whatever was thought before.
    fn judge_held(&mut self, key: CopyId, group: &Group, copy: &mut Copy, held: &Held, now: Micros) {
        if copy.is_of_another_hub(held.opened) {
            copy.decision = None;
        }
        copy.actual = held.lots;
        copy.opened = copy.opened.max(held.opened);
        copy.seen = true;
        copy.missing_since = None;
        copy.skip = None;
        self.adopt(key, group, copy, now);
        copy.stops_seen = Some(held.stops);
        if copy.company != held.company {
            // The position's stops may be those of a copy that is gone.
            copy.company = held.company;
            let asked = copy.stops_asked.take();
            let under_way = copy.flight.is_some_and(|flight| flight.errand == Errand::Modify);
            copy.stops_doubted = held.company != Company::Others
                && (under_way || asked.is_some_and(|asked| asked != held.stops));
        }
        copy.open_price = Some(held.open_price);
        if copy.state != State::Open {
            if copy.state == State::Pending {
                // Terms that were refused say nothing of its position's stops.
                copy.forget_refusals(Errand::Modify);
            }
            self.meet(key, copy, Event::SeenOpen, now);
        }
    }

    /// The account does not hold it: it never did, does not show it yet, or does no more. Its deals tell, or time.
    fn judge_absent(
        &mut self,
        key: CopyId,
        group: &Group,
        copy: &mut Copy,
        snapshot: &Snapshot,
        now: Micros,
    ) {
        let ours = snapshot.deals.iter().filter(|deal| deal.magic.copy(self.signature) == Some(key));
        // Of a position that was held for long, the window of deals may show the close alone.
        let oldest = ours.map(|deal| deal.position).min();
        if let Some(position) = oldest
            && copy.state != State::Closed
        {
            copy.opened = copy.opened.max(opened_by_deals(snapshot, position));
            self.adopt(key, group, copy, now);
            if snapshot.shows_closed(position) {
                if self.planted.is(Defect::ReopenAfterClose) && group.remaining.is_positive() {
                    (copy.state, copy.taken_at, copy.flight) = (State::Planned, now, None);
                    return;
                }
                self.meet(key, copy, Event::SeenClosed, now);
                return;
            }
            // Executed, and not shown yet.
            if !matches!(copy.state, State::Open | State::Closing) {
                copy.actual = copy.opened;
                copy.missing_since = None;
                self.meet(key, copy, Event::SeenOpen, now);
            }
        }
        // A broker may list orders that it never let in: only of one that waited does that tell an end.
        let end = pending::end_of(snapshot, self.signature, key)
            .filter(|end| *end != OrderEnd::Rejected || copy.state == State::Pending);
        if let Some(end) = end
            && self.judge_ended(key, group, copy, end, now)
        {
            return;
        }
        if matches!(copy.state, State::Open | State::Closing)
            && oldest.is_none()
            && self.may_be_older(group, copy)
        {
            copy.missing_since = None;
            return;
        }
        let event = match copy.state {
            State::Open | State::Closing => Event::SeenClosed,
            // It filled, they say, and neither its position nor its deals ever came.
            State::Pending if end == Some(OrderEnd::Filled) => Event::SeenClosed,
            State::Pending => Event::Skip,
            State::InDoubt => Event::NotExecuted,
            _ => return,
        };
        copy.seen = false;
        let since = *copy.missing_since.get_or_insert(now);
        let doubt_ms = self.setup.master.doubt_ms;
        // It was there, and no deal tells that it is not: a terminal that is back may show a part of its positions.
        let was_there = matches!(copy.state, State::Open | State::Closing) && !self.nets(copy.login);
        let patience_ms = if was_there { doubt_ms.max(UNPROVED_MS) } else { doubt_ms };
        if now >= since.plus_ms(patience_ms) || self.planted.is(Defect::TrustGlimpse) {
            copy.missing_since = None;
            if event == Event::Skip {
                self.end_pending(key, group, copy, now);
            } else {
                self.meet(key, copy, event, now);
            }
        }
    }

    /// May a netting account hold this copy in what is older than the deals it shows?
    fn may_be_older(&self, group: &Group, copy: &Copy) -> bool {
        let symbol = self.setup.account(copy.login).symbols.to_slave(group.position.symbol);
        let slave = self.slaves.get(&copy.login);
        slave.zip(symbol).is_some_and(|(slave, symbol)| slave.older.contains(&symbol))
    }

    /// Is this slave's account a netting one?
    pub(super) fn nets(&self, login: Login) -> bool {
        let slave = self.slaves.get(&login).and_then(|slave| slave.snapshot.as_ref());
        slave.is_some_and(|snapshot| snapshot.account.margin_mode == MarginMode::Netting)
    }

    /// A copy that the account has and that was not sized here: its own volume is the decision, once the master
    /// has shown what it stands for.
    pub(super) fn adopt(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        if copy.sized().is_positive() || !group.is_shown(self) {
            return;
        }
        let pool = &self.setup.pools[group.pool];
        if let Some(at) = pool.members.iter().position(|member| member.login == copy.login) {
            copy.decision = Some(Arc::new(adopted(pool, at, group.opened, copy.opened)));
            copy.skip = None;
            self.record_decision(key, group.pool, copy, None, now);
        }
    }

    /// Absence counts only while the account was watched without a gap.
    pub(super) fn forget_absences(&mut self, login: Login) {
        let Some(Slave { places, .. }) = self.slaves.get(&login) else { return };
        for group in self.groups.values_mut() {
            if let Some(at) = places[group.pool] {
                group.copies[at].missing_since = None;
            }
        }
    }

    /// May something have been done about this copy that its account has not shown yet? Only states tell, and the first
    /// ones after a while without any may be of before it: time alone proves nothing.
    pub(super) fn is_unsure(&self, copy: &Copy) -> bool {
        copy.unsure_since.is_some_and(|since| !self.has_shown(copy.login, since))
    }

    /// What was asked for of this copy's stops may still be done. A netting account's are all its copies': what is set
    /// meanwhile for another one might be undone.
    pub(super) fn doubt_stops(&mut self, group: &Group, login: Login, now: Micros) {
        let symbol = self.setup.account(login).symbols.to_slave(group.position.symbol);
        if self.nets(login)
            && let Some((symbol, slave)) = symbol.zip(self.slaves.get_mut(&login))
        {
            slave.stops_unsure.insert(symbol, now);
        }
    }

    /// May the stops of this copy's netting position still be changed by what was asked for before?
    pub(super) fn stops_are_unsure(&self, group: &Group, login: Login) -> bool {
        let symbol = self.setup.account(login).symbols.to_slave(group.position.symbol);
        let slave = self.slaves.get(&login);
        let since = symbol.zip(slave).and_then(|(symbol, slave)| slave.stops_unsure.get(&symbol));
        since.is_some_and(|since| !self.has_shown(login, *since))
    }

    /// Have an account's states, watched without a gap for as long as they may lag, shown what was done then?
    fn has_shown(&self, login: Login, since: Micros) -> bool {
        self.slaves.get(&login).is_some_and(|slave| slave.watch.would_show(since))
    }

    /// Asks for the states that something waits for, should the terminals not hand them over by themselves.
    pub(super) fn ask_for_evidence(&mut self, group: &Group, whose: Option<Login>, now: Micros) {
        for copy in group.copies.iter().filter(|copy| whose.is_none_or(|login| copy.login == login)) {
            let waits = match copy.state {
                State::InDoubt => true,
                State::Pending | State::Open | State::Closing => {
                    !copy.seen || self.is_unsure(copy) || self.stops_are_unsure(group, copy.login)
                }
                _ => self.is_unsure(copy),
            };
            let slave = self.slaves.get(&copy.login);
            if waits && slave.is_some_and(|s| now >= s.snapshot_at.max(s.asked_at).plus_ms(EVERY_MS)) {
                self.ask(copy.login, now);
            }
        }
    }
}
