//! Pending orders: taken up, followed, filled, withdrawn.
//!
//! | the master's order | the slave's | what is done |
//! | --- | --- | --- |
//! | waits | none | placed; refused for now: again, with pauses, as long as the master's waits |
//! | waits | waits | terms follow the master's |
//! | waits | filled | after `wait_ms`: closed, or kept (`filled_alone`) |
//! | filled | waits | after `wait_ms`: cancelled and entered at market within the deviation, or left waiting (`unfilled`) |
//! | ended | waits | cancelled |
//! | ended | filled | closed |
//!
//! The master's order and the position that it becomes share one identifier, so they are one group and one copy.

use std::sync::Arc;

use super::super::copy::{Copy, Errand, Stops};
use super::super::instruction::Action;
use super::super::lifecycle::{Event, State};
use super::super::planted::Defect;
use super::super::record::{MasterTrade, Record};
use super::Hub;
use super::group::{Group, low_bits};
use super::report::ATTEMPTS_MOST;
use crate::allocation::{FilledAlone, PendingCopy, SkipReason, Unfilled};
use crate::domain::{
    CopyId, Micros, OrderEnd, PendingKind, PendingOrder, PendingTerms, Position, PositionId, Signature,
    Snapshot,
};

/// The position that an order will open.
pub(super) fn position_of(order: &PendingOrder) -> Position {
    Position {
        id: PositionId(order.ticket),
        ticket: order.ticket,
        symbol: order.symbol,
        side: order.side,
        lots: order.lots,
        open_price: order.terms.limit_price.unwrap_or(order.terms.price),
        open_time: order.placed,
        stop_loss: order.terms.stop_loss,
        take_profit: order.terms.take_profit,
        magic: order.magic,
        comment: order.comment,
    }
}

/// The account's pending order of a copy.
pub(super) fn order_of(snapshot: &Snapshot, signature: Signature, copy: CopyId) -> Option<&PendingOrder> {
    snapshot.orders.iter().find(|order| order.magic.copy(signature) == Some(copy))
}

/// What became of an account's pending order of a copy.
pub(super) fn end_of(snapshot: &Snapshot, signature: Signature, copy: CopyId) -> Option<OrderEnd> {
    let of_copy = snapshot.past_orders.iter().filter(|order| order.magic.copy(signature) == Some(copy));
    of_copy.max_by_key(|order| (order.time, order.ticket)).map(|order| order.end)
}

/// The kind that a reverse copy waits with: what is better for the one side is worse for the other.
const fn reversed(kind: PendingKind) -> Option<PendingKind> {
    match kind {
        PendingKind::Limit => Some(PendingKind::Stop),
        PendingKind::Stop => Some(PendingKind::Limit),
        PendingKind::StopLimit => None,
    }
}

impl Hub {
    /// Takes the master's waiting orders up in every pool that copies them, or notes their changes.
    pub(super) fn follow_orders(&mut self, snapshot: &Snapshot, first: bool, now: Micros) {
        for order in &snapshot.orders {
            // Filled in part: its position stands for it.
            if snapshot.positions.iter().any(|position| position.id.0 == order.ticket) {
                continue;
            }
            for pool in 0..self.setup.pools.len() {
                self.follow_order(order, pool, snapshot, first, now);
            }
        }
    }

    fn follow_order(
        &mut self,
        order: &PendingOrder,
        index: usize,
        snapshot: &Snapshot,
        first: bool,
        now: Micros,
    ) {
        let pool = &self.setup.pools[index];
        let key = CopyId::new(pool.tag, PositionId(order.ticket));
        if let Some(group) = self.groups.get_mut(&key) {
            if group.note_order(order, now) {
                let order = Some(Box::new(order.clone()));
                self.records.push_back(Record::MasterOrder { copy: key, order, proved: false, at: now });
            }
            return;
        }
        let takes = pool.filter.takes(&order.into());
        if !takes || pool.pending.copy == PendingCopy::Fills || self.finished.contains(&key) {
            return;
        }
        let age_ms = snapshot.account.time.ms_since(order.placed);
        let position = position_of(order);
        let first = first || self.was_there(PositionId(order.ticket), now);
        let planned = |login| Copy { unsure_since: first.then_some(now), ..Copy::planned(login, now) };
        let group = Group {
            pool: index,
            opened: order.lots,
            remaining: order.lots,
            waiting: Some(order.clone()),
            from_order: true,
            taken_at: now,
            changed_at: now,
            late: first && age_ms > self.setup.master.valid_for_ms,
            guessed: false,
            missing_since: None,
            given_up: false,
            unfilled_since: None,
            copies: pool.members.iter().map(|member| planned(member.login)).collect(),
            quiet: false,
            position: position.clone(),
        };
        self.records.push_back(Record::Taken(Box::new(MasterTrade {
            copy: Some(key),
            position,
            order: Some(order.clone()),
            guessed: false,
            pool: Arc::clone(&self.names[index]),
            at: now,
        })));
        self.groups.insert(key, Box::new(group));
    }

    /// Is this pending copy where it shall be? Terms that were refused so often are known and reported.
    pub(super) fn pending_settled(&self, group: &Group, copy: &Copy) -> bool {
        let known = group.waiting.is_some() && copy.refusals(Errand::Modify) >= ATTEMPTS_MOST;
        self.waits_rightly(group, copy) && (known || self.has_terms(group, copy))
    }

    /// Is there nothing to do about it until something happens? Refused terms are still tried again.
    pub(super) fn pending_at_rest(&self, group: &Group, copy: &Copy) -> bool {
        self.waits_rightly(group, copy) && self.has_terms(group, copy)
    }

    fn waits_rightly(&self, group: &Group, copy: &Copy) -> bool {
        let wanted = !copy.over && group.remaining.is_positive() && self.tripped(copy.login).is_none();
        copy.flight.is_none() && copy.seen && wanted
    }

    fn has_terms(&self, group: &Group, copy: &Copy) -> bool {
        match &group.waiting {
            Some(_) => copy.terms_asked == Some(self.wanted_terms(group, copy)) || copy.order_is(self, group),
            None => self.setup.pools[group.pool].pending.unfilled == Unfilled::Wait,
        }
    }

    /// What this copy's order shall ask for, on the slave's own ticks.
    pub(super) fn wanted_terms(&self, group: &Group, copy: &Copy) -> PendingTerms {
        let instrument = group.instrument(self, copy);
        let round = |price| instrument.map_or(price, |i| i.round_to_tick(price));
        let Stops { stop_loss, take_profit } = if copy.open_bare || self.nets(copy.login) {
            Stops::default()
        } else {
            group.wanted_stops(self, copy)
        };
        let (asked, expiration) = match &group.waiting {
            Some(order) => ((order.terms.price, order.terms.limit_price), order.terms.expiration),
            None => ((group.position.open_price, None), crate::domain::Expiration::Gtc),
        };
        // A stop-limit order whose stop was reached is a limit order from then on, on one account before the other.
        let (price, limit_price) = match (asked, copy.order.map(|order| (order.price, order.limit_price))) {
            ((_, Some(limit)), Some((_, None))) => (limit, None),
            ((limit, None), Some((stop, Some(_)))) => {
                // The one asked for last: what the account shows may be older.
                let asked = copy.terms_asked.filter(|asked| asked.limit_price.is_some());
                (asked.map_or(stop, |asked| asked.price), Some(limit))
            }
            (asked, _) => asked,
        };
        let slave = self.slaves.get(&copy.login);
        let expiration = expiration.moved_ms(slave.map_or(0, |slave| slave.clock_ahead_ms));
        let expiration = instrument.map_or(expiration, |i| i.trading.expiration_of_copy(expiration));
        PendingTerms {
            price: round(price),
            limit_price: limit_price.map(round),
            stop_loss,
            take_profit,
            expiration,
        }
    }

    /// A copy that is to wait as an order of its own.
    pub(super) fn place(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        let Some(order) = &group.waiting else { return };
        let kind = if self.setup.pools[group.pool].reverse { reversed(order.kind) } else { Some(order.kind) };
        let Some(kind) = kind else {
            copy.skip = Some(SkipReason::NotSupported);
            self.meet(key, copy, Event::Skip, now);
            return;
        };
        let terms = self.wanted_terms(group, copy);
        let action = Action::Place { side: group.side(self), kind, lots: copy.sized(), terms };
        copy.terms_asked = Some(terms);
        copy.missing_since = None;
        self.meet(key, copy, Event::Send, now);
        self.instruct(key, group, copy, Errand::Place, action, now);
    }

    /// A copy whose order waits at the slave.
    pub(super) fn reconcile_pending(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        if !copy.seen {
            return;
        }
        let rules = self.setup.pools[group.pool].pending;
        let unwanted = copy.over || group.remaining.is_zero() || self.tripped(copy.login).is_some();
        if unwanted && !self.planted.is(Defect::KeepOrders) {
            // Under a tripped guard nothing waits to be opened.
            self.withdraw(key, group, copy, now);
        } else if group.waiting.is_none() {
            let due = now >= group.changed_at.max(copy.taken_at).plus_ms(rules.wait_ms);
            if rules.unfilled == Unfilled::Market && due {
                if !copy.to_market {
                    copy.to_market = true;
                    self.record_copy(key, copy, now);
                }
                self.withdraw(key, group, copy, now);
            }
        } else {
            let terms = self.wanted_terms(group, copy);
            if self.planted.is(Defect::KeepTerms) {
                copy.terms_asked = Some(terms);
            }
            let there = copy.terms_asked == Some(terms) || copy.order_is(self, group);
            let may_send = self.may_send(copy, Errand::Modify, now) && group.is_shown(self);
            if !there && may_send && !self.is_unsure(copy) {
                copy.terms_asked = Some(terms);
                self.instruct(key, group, copy, Errand::Modify, Action::Change { terms }, now);
            }
        }
    }

    /// Is the rest of a copy's order that waits beside its position more than it shall have?
    pub(super) fn rest_is_too_much(&self, group: &Group, copy: &Copy) -> bool {
        if copy.rest.is_zero() {
            return false;
        }
        let wanted = group.wanted(self, copy);
        // What is closed whole loses its rest afterwards: the close comes first.
        wanted.is_positive()
            && (self.tripped(copy.login).is_some() || copy.actual.saturating_add(copy.rest) > wanted)
    }

    pub(super) fn withdraw(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        if self.may_send(copy, Errand::Withdraw, now) {
            self.instruct(key, group, copy, Errand::Withdraw, Action::Cancel, now);
        }
    }

    /// Is it time to close a copy whose order filled while the master's waits? After a restart it is seen first: on
    /// record it waits for ever.
    pub(super) fn give_up_alone(&self, group: &Group, copy: &mut Copy, now: Micros) {
        let rules = self.setup.pools[group.pool].pending;
        if group.waiting.is_none() || !group.is_shown(self) {
            copy.alone_since = None;
            return;
        }
        let since = *copy.alone_since.get_or_insert(now);
        if rules.filled_alone == FilledAlone::Close && now >= since.plus_ms(rules.wait_ms) {
            copy.over = true;
        }
    }

    /// The account shows the copy's order, and no position.
    pub(super) fn judge_waiting(
        &mut self,
        key: CopyId,
        group: &Group,
        copy: &mut Copy,
        order: &PendingOrder,
        now: Micros,
    ) {
        copy.missing_since = None;
        copy.skip = None;
        copy.seen = true;
        if copy.sized().is_zero() || copy.is_of_another_hub(order.lots) {
            copy.decision = None;
            copy.opened = order.lots;
            self.adopt(key, group, copy, now);
        }
        self.meet(key, copy, Event::SeenPending, now);
        copy.order = Some(order.terms);
        let is_limit = order.terms.limit_price.is_none();
        if is_limit && copy.terms_asked.is_some_and(|asked| asked.limit_price.is_some()) {
            // Its stop was reached: it asks for something else now.
            copy.terms_asked = None;
        }
    }

    /// The account shows that the copy's order ended; `true` when that settles what became of the copy.
    pub(super) fn judge_ended(
        &mut self,
        key: CopyId,
        group: &Group,
        copy: &mut Copy,
        end: OrderEnd,
        now: Micros,
    ) -> bool {
        let any = self.planted.is(Defect::TrustPastOrders);
        let waits = any || matches!(copy.state, State::Pending | State::Sent | State::InDoubt);
        if end == OrderEnd::Filled || !waits {
            // Filled: its deals or its position come with one of the next states.
            return false;
        }
        let opens = copy.to_market || copy.flight.is_some_and(|flight| flight.errand == Errand::Open);
        if opens && copy.state != State::Pending {
            // Sent or in doubt at market: the order's end is old news.
            return false;
        }
        self.end_pending(key, group, copy, now);
        true
    }

    /// Its order is gone without a position.
    pub(super) fn end_pending(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        if copy.state == State::Pending && copy.to_market && group.remaining.is_positive() {
            copy.taken_at = now;
            self.meet(key, copy, Event::Withdrawn, now);
            return;
        }
        copy.skip = Some(if group.remaining.is_zero() {
            SkipReason::MasterCancelled
        } else {
            self.tripped(copy.login).map_or(SkipReason::OrderEnded, |tripped| tripped.guard.skip())
        });
        self.meet(key, copy, Event::Skip, now);
    }
}

impl Copy {
    /// Does the account show the order with the terms that it shall have? After a refusal that may be older than what
    /// was set before.
    fn order_is(&self, hub: &Hub, group: &Group) -> bool {
        self.terms_asked.is_none()
            && self.refusals(Errand::Modify) == 0
            && self.order == Some(hub.wanted_terms(group, self))
    }
}

impl Group {
    /// Notes what the master changed about its waiting order; was it anything?
    fn note_order(&mut self, order: &PendingOrder, now: Micros) -> bool {
        // A position does not become an order again: the list of orders is older than the one of positions.
        if self.waiting.is_none() && !self.guessed {
            return false;
        }
        let over = self.remaining.is_zero();
        if over && !self.take_back() || !over && self.waiting.as_ref() == Some(order) {
            return false;
        }
        self.position = position_of(order);
        // Nobody can make an order smaller: what it waits for no more is filled, and its position comes in a moment.
        self.remaining = if self.guessed { order.lots } else { self.remaining.max(order.lots) };
        self.note_opened(order.lots);
        self.waiting = Some(order.clone());
        self.from_order = true;
        self.changed_at = now;
        self.quiet = false;
        true
    }

    /// Do the master's past orders prove that its order ended without a position? What is only known by its copies may have
    /// been one.
    pub(super) fn proved_ended(&self, snapshot: &Snapshot) -> bool {
        (self.waiting.is_some() || self.guessed)
            && snapshot.past_orders.iter().any(|past| {
                low_bits(PositionId(past.ticket)) == low_bits(self.position.id)
                    && past.end != OrderEnd::Filled
                    && past.position == PositionId(0)
            })
    }
}
