//! The gap between what is wanted and what the account has becomes instructions.

use super::super::copy::{Company, Copy, Errand, Flight, Stops};
use super::super::instruction::{Action, Instruction};
use super::super::lifecycle::{Event, State};
use super::super::planted::Defect;
use super::group::{Group, closing};
use super::report::ATTEMPTS_MOST;
use super::slave::Slave;
use super::{Hub, HubOutput};
use crate::allocation::{LateCopies, SkipReason};
use crate::domain::{CopyId, Login, Lots, Micros, Price, Side};

/// A close that was just made is among so many deals: all are not looked through for each copy of a bulk close.
const LATEST_DEALS: usize = 1_000;

impl Hub {
    /// Closes the gap of every copy of a group, or of one account's, as far as one instruction each can.
    pub(super) fn reconcile_group(
        &mut self,
        key: CopyId,
        group: &mut Group,
        whose: Option<Login>,
        now: Micros,
    ) {
        // Taken out meanwhile: a copy is held against its group.
        let mut copies = std::mem::take(&mut group.copies);
        for copy in copies.iter_mut().filter(|copy| whose.is_none_or(|login| copy.login == login)) {
            if !copy.state.is_final() && copy.flight.is_none() {
                self.reconcile(key, group, copy, now);
            }
        }
        group.copies = copies;
    }

    fn reconcile(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        match copy.state {
            State::Planned if copy.decision.is_some() => self.reconcile_planned(key, group, copy, now),
            State::Pending => self.reconcile_pending(key, group, copy, now),
            State::Open => self.reconcile_open(key, group, copy, now),
            State::Closing if copy.actual.is_positive() && self.may_reduce(copy, now) => {
                self.instruct(key, group, copy, Errand::Reduce, Action::Reduce { to: Lots::ZERO }, now);
            }
            _ => {}
        }
    }

    fn reconcile_planned(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        let reason = if group.remaining.is_zero() {
            Some(if group.waiting.is_some() { SkipReason::MasterCancelled } else { SkipReason::MasterClosed })
        } else if let Some(tripped) = self.tripped(copy.login) {
            Some(tripped.guard.skip())
        } else if self.requires_stop_loss(copy.login) && group.own_stops(self, copy).stop_loss.is_none() {
            // The master has taken its own off since this was sized.
            Some(SkipReason::NoStopLoss)
        } else if group.waiting.is_none() && now >= self.valid_until(copy) {
            let ready = self.slaves.get(&copy.login).is_some_and(Slave::is_ready);
            Some(if ready { SkipReason::TooLate } else { SkipReason::NotConnected })
        } else {
            None
        };
        if let Some(reason) = reason {
            copy.skip = Some(reason);
            self.meet(key, copy, Event::Skip, now);
            return;
        }
        let errand = if group.waiting.is_some() { Errand::Place } else { Errand::Open };
        if self.may_send(copy, errand, now) && group.is_shown(self) && !self.is_unsure(copy) {
            if group.waiting.is_some() {
                return self.place(key, group, copy, now);
            }
            // On a netting account the order's stops would be the whole position's, whosever that is.
            let nets = self.nets(copy.login);
            let bare = copy.open_bare || nets;
            let stops = if bare { Stops::default() } else { group.wanted_stops(self, copy) };
            let action = Action::Open {
                side: group.side(self),
                lots: copy.sized(),
                stop_loss: stops.stop_loss,
                take_profit: stops.take_profit,
            };
            copy.stops_asked = (!nets).then_some(stops);
            copy.missing_since = None;
            self.meet(key, copy, Event::Send, now);
            self.instruct(key, group, copy, Errand::Open, action, now);
        }
    }

    fn reconcile_open(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        self.give_up_alone(group, copy, now);
        copy.over |= self.stays_bare(group, copy);
        if copy.seen && self.rest_is_too_much(group, copy) && self.may_send(copy, Errand::Withdraw, now) {
            return self.withdraw(key, group, copy, now);
        }
        let wanted = group.wanted(self, copy);
        let errand = if copy.actual > wanted { Errand::Reduce } else { Errand::Modify };
        if !self.may_send(copy, errand, now) {
            return;
        }
        if errand == Errand::Reduce {
            // A part closed twice is too much; a whole cannot be closed twice, but for a netting account's.
            if wanted.is_positive() && self.is_unsure(copy) || !self.may_reduce(copy, now) {
                return;
            }
            if wanted.is_zero() {
                self.meet(key, copy, Event::Close, now);
            }
            self.instruct(key, group, copy, Errand::Reduce, Action::Reduce { to: wanted }, now);
            return;
        }
        let stops = group.wanted_stops(self, copy);
        let unsure = self.is_unsure(copy) || self.stops_are_unsure(group, copy.login);
        // After a restart, what is on record of a position that the master does not show may be old.
        let idle = !copy.seen || wanted.is_zero() || !group.is_shown(self);
        if idle || unsure || copy.stops_asked == Some(stops) {
            return;
        }
        // What was refused is asked for whatever the account shows: that may be older than what was set before.
        let refused = copy.refusals(Errand::Modify) > 0;
        let doubted = std::mem::take(&mut copy.stops_doubted) || refused;
        let there = copy.stops_asked.is_none() && copy.stops_seen == Some(stops) && !doubted
            || copy.company == Company::Others;
        copy.stops_asked = Some(stops);
        if !there {
            let action = Action::Modify { stop_loss: stops.stop_loss, take_profit: stops.take_profit };
            self.instruct(key, group, copy, Errand::Modify, action, now);
        }
    }

    /// Is the slave there and not at it already, and is it time? After a restart, what the master has now comes
    /// first: the record says what it had.
    pub(super) fn may_send(&self, copy: &Copy, errand: Errand, now: Micros) -> bool {
        let slave = self.slaves.get(&copy.login);
        !copy.waits_with(errand, now)
            && !copy.busy
            && slave.is_some_and(Slave::is_ready)
            && self.master.is_some()
    }

    /// Has it no stop loss on an account that requires one, and will it get none? It was refused again and again, or there
    /// is none any more: better no copy than one without.
    pub(super) fn stays_bare(&self, group: &Group, copy: &Copy) -> bool {
        self.requires_stop_loss(copy.login)
            && !self.planted.is(Defect::KeepBare)
            && copy.lacks_stop_loss()
            && (copy.refusals(Errand::Modify) >= ATTEMPTS_MOST
                || group.wanted_stops(self, copy).stop_loss.is_none())
    }

    pub(super) fn requires_stop_loss(&self, login: Login) -> bool {
        self.setup.account(login).rules.require_stop_loss
    }

    /// May it be reduced or closed now? On a netting account a close that was executed already would open the other way.
    fn may_reduce(&self, copy: &Copy, now: Micros) -> bool {
        self.may_send(copy, Errand::Reduce, now) && !(self.nets(copy.login) && self.is_unsure(copy))
    }

    /// The last moment to open this copy.
    fn valid_until(&self, copy: &Copy) -> Micros {
        copy.taken_at.plus_ms(self.setup.master.valid_for_ms)
    }

    /// What a close's price is measured from: the master's last one of this position; zero where it closed nothing.
    fn closing_reference(&self, group: &Group, copy: &Copy) -> Price {
        if copy.over || self.closes_all(copy.login) {
            return Price::ZERO;
        }
        let deals = self.master.as_ref().map_or(&[][..], |master| &master.deals);
        let latest = &deals[deals.len().saturating_sub(LATEST_DEALS)..];
        closing(latest, group.position.id).next_back().map_or(Price::ZERO, |deal| deal.price)
    }

    /// What an open's price is measured from: the master's fill; for a late copy that may be opened at any price,
    /// the present quote.
    fn reference(&self, group: &Group, copy: &Copy) -> Price {
        // What its own order did not get is entered within the deviation, whatever late joiners may.
        let late = !copy.to_market && (group.late || copy.taken_at != group.taken_at);
        let any_price = self.setup.pools[group.pool].late_copies == LateCopies::Always;
        let quote = group.instrument(self, copy).map(|i| match group.side(self) {
            Side::Buy => i.ask,
            Side::Sell => i.bid,
        });
        quote.filter(|price| late && any_price && price.is_positive()).unwrap_or(group.position.open_price)
    }

    pub(super) fn instruct(
        &mut self,
        key: CopyId,
        group: &Group,
        copy: &mut Copy,
        errand: Errand,
        action: Action,
        now: Micros,
    ) {
        let Some(symbol) = self.setup.account(copy.login).symbols.to_slave(group.position.symbol) else {
            return;
        };
        let id = self.instruction_id();
        let mut instruction = Instruction {
            id,
            copy: key,
            symbol,
            action,
            reference: match errand {
                Errand::Reduce => self.closing_reference(group, copy),
                _ => self.reference(group, copy),
            },
            deviation_points: self.setup.master.deviation_points,
            committed_at: group.changed_at,
            valid_until: match errand {
                // An order that is placed waits anyway; what was asked for long ago is asked for anew.
                Errand::Place => now.plus_ms(self.setup.master.valid_for_ms),
                _ => self.valid_until(copy),
            },
        };
        let (reference, committed_at) = (instruction.reference, instruction.committed_at);
        copy.flight = Some(Flight { instruction: id, errand, reference, committed_at, sent_at: now });
        self.record_instruction(copy.login, &instruction, now);
        if let Some(slave) = self.slaves.get(&copy.login) {
            let slack_ms = self.setup.master.valid_for_ms / 2;
            instruction.valid_until = slave.by_its_clock(instruction.valid_until, slack_ms);
            instruction.committed_at = slave.by_its_clock(instruction.committed_at, slack_ms);
        }
        self.outputs.push_back(HubOutput::Instruct(copy.login, instruction));
    }
}

impl Copy {
    /// The account shows it without the stop loss that was asked for.
    fn lacks_stop_loss(&self) -> bool {
        self.seen && self.stops_seen.is_some_and(|stops| stops.stop_loss.is_none())
    }
}
