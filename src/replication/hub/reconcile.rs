//! The gap between what is wanted and what the account has becomes instructions.

use super::super::copy::{Copy, Errand, Flight, Stops};
use super::super::instruction::{Action, Instruction};
use super::super::lifecycle::{Event, State};
use super::group::Group;
use super::{Hub, HubOutput};
use crate::allocation::SkipReason;
use crate::domain::{CopyId, Lots, Magic, Micros};

impl Hub {
    /// Closes the gap of every copy of a group, as far as one instruction each can.
    pub(super) fn reconcile_group(&mut self, key: CopyId, group: &mut Group, now: Micros) {
        for at in 0..group.copies.len() {
            if group.copies[at].state.is_final() || group.copies[at].flight.is_some() {
                continue;
            }
            let mut copy = group.copies[at].clone();
            self.reconcile(key, group, &mut copy, now);
            group.copies[at] = copy;
        }
    }

    fn reconcile(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        match copy.state {
            State::Planned if copy.decision.is_some() => self.reconcile_planned(key, group, copy, now),
            State::Open => self.reconcile_open(key, group, copy, now),
            State::Closing if copy.actual.is_positive() && self.may_send(copy, now) => {
                self.instruct(key, group, copy, Errand::Reduce, Action::Reduce { to: Lots::ZERO }, now);
            }
            _ => {}
        }
    }

    fn reconcile_planned(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        let reason = if group.remaining.is_zero() {
            Some(SkipReason::MasterClosed)
        } else if now >= self.valid_until(group) {
            let connected = self.slaves.get(&copy.login).is_some_and(|s| s.connected);
            Some(if connected { SkipReason::TooLate } else { SkipReason::NotConnected })
        } else {
            None
        };
        if let Some(reason) = reason {
            copy.skip = Some(reason);
            self.meet(key, copy, Event::Skip, now);
        } else if self.may_send(copy, now) {
            let stops = if copy.open_bare { Stops::default() } else { group.wanted_stops(self, copy) };
            let action = Action::Open {
                side: group.position.side,
                lots: copy.sized(),
                stop_loss: stops.stop_loss,
                take_profit: stops.take_profit,
            };
            copy.stops_asked = stops;
            copy.missing_since = None;
            self.meet(key, copy, Event::Send, now);
            self.instruct(key, group, copy, Errand::Open, action, now);
        }
    }

    fn reconcile_open(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        if !self.may_send(copy, now) {
            return;
        }
        let wanted = group.wanted(self, copy);
        if copy.actual > wanted {
            if wanted.is_zero() {
                self.meet(key, copy, Event::Close, now);
            }
            self.instruct(key, group, copy, Errand::Reduce, Action::Reduce { to: wanted }, now);
            return;
        }
        let stops = group.wanted_stops(self, copy);
        if stops != copy.stops_asked && wanted.is_positive() {
            copy.stops_asked = stops;
            let action = Action::Modify { stop_loss: stops.stop_loss, take_profit: stops.take_profit };
            self.instruct(key, group, copy, Errand::Modify, action, now);
        }
    }

    /// Is the slave there, and is it time?
    fn may_send(&self, copy: &Copy, now: Micros) -> bool {
        now >= copy.not_before && self.slaves.get(&copy.login).is_some_and(|slave| slave.connected)
    }

    /// The last moment to open a copy of this position.
    fn valid_until(&self, group: &Group) -> Micros {
        group.taken_at.plus_ms(self.setup.master.valid_for_ms)
    }

    fn instruct(
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
        copy.flight = Some(Flight { instruction: id, errand });
        copy.not_before = now;
        self.outputs.push_back(HubOutput::Instruct(
            copy.login,
            Instruction {
                id,
                copy: key,
                magic: Magic::of_copy(self.signature, key),
                symbol,
                action,
                reference: group.position.open_price,
                deviation_points: self.setup.master.deviation_points,
                committed_at: group.changed_at,
                valid_until: self.valid_until(group),
            },
        ));
    }
}
