//! The hub's own watch over every account's guards. Whichever of the two trips, the hub's or the slave's, holds; only
//! the slave's owner re-arms, and the hub follows.

use super::super::agent::widens;
use super::super::copy::Copy;
use super::super::guard::{Guard, GuardReport, GuardState, References, Tripped, Unsaved};
use super::super::lifecycle::State;
use super::super::planted::Defect;
use super::super::record::Record;
use super::{Alert, Hub};
use crate::allocation::{AccountRules, Reaction};
use crate::domain::{Login, Micros, Price, Side};

/// A peak is put on record again when it has risen by this part of itself.
const PEAK_PART: i64 = 1_000;

/// What the hub knows of an account's guards.
#[derive(Debug, Clone, Default)]
pub(super) struct Guards {
    own: Guard,
    /// What the slave's last state said of its own.
    slaves: Option<Tripped>,
    /// What is on record.
    recorded: Option<References>,
}

impl Guards {
    pub fn new(rules: &AccountRules) -> Self {
        Self { own: Guard::new(rules.guards.clone()), slaves: None, recorded: None }
    }

    /// The more severe of the two.
    pub fn tripped(&self) -> Option<Tripped> {
        let own = self.own.tripped();
        match (own, self.slaves) {
            (Some(own), Some(slaves)) if slaves.reaction > own.reaction => Some(slaves),
            (own, slaves) => own.or(slaves),
        }
    }

    /// Is the state to be put on record now?
    fn is_due(&self) -> bool {
        match (self.own.unsaved(), self.own.state().references, self.recorded) {
            (Unsaved::Nothing, ..) | (Unsaved::Peaks, None, _) => false,
            (Unsaved::Matters, ..) | (_, _, None) => true,
            (Unsaved::Peaks, Some(now), Some(then)) => {
                let rose = |now: i64, then: i64| now.saturating_sub(then) >= now / PEAK_PART;
                rose(now.day_peak.units(), then.day_peak.units()) || rose(now.peak.units(), then.peak.units())
            }
        }
    }
}

impl Hub {
    /// Looks at a slave's state, which has just been taken. What a guard then wants of its copies is found when they are held
    /// against that state, next.
    pub(super) fn guard(&mut self, login: Login, report: &GuardReport, now: Micros) {
        let signature = self.signature;
        let Some(slave) = self.slaves.get_mut(&login) else { return };
        let Some(snapshot) = slave.snapshot.clone() else { return };
        let guards = &mut slave.guards;
        if report.rearmed > guards.own.state().rearmed {
            guards.own.rearm(report.rearmed);
        }
        guards.own.observe(now, &snapshot, signature, &report.cash);
        if let Some(tripped) = report.tripped.filter(|_| report.tripped != guards.slaves) {
            self.alerts.push_back(Alert::AtSlave(login, tripped));
        }
        guards.slaves = report.tripped;
        while let Some(trip) = guards.own.poll_trip() {
            self.alerts.push_back(Alert::Here(login, trip));
        }
        if guards.is_due() {
            guards.own.saved();
            guards.recorded = guards.own.state().references;
            let state = Box::new(guards.own.state().clone());
            self.records.push_back(Record::Guard { login, state, at: now });
        }
        while self.alerts.len() > ALERTS_MOST {
            self.alerts.pop_front();
        }
    }

    /// Is this account to hold nothing?
    pub(super) fn closes_all(&self, login: Login) -> bool {
        let all = self.tripped(login).is_some_and(|tripped| tripped.reaction == Reaction::CloseAll);
        all && !self.planted.is(Defect::KeepUnderGuard)
    }

    /// The stop loss that a copy may be given: from `close_only` on, none that is worse than the one it has been given;
    /// where the account requires one, the last when the master takes its own off.
    pub(super) fn guarded_stop(&self, copy: &Copy, side: Side, wanted: Option<Price>) -> Option<Price> {
        let given = copy.stops_asked.or(copy.stops_seen).and_then(|stops| stops.stop_loss);
        // What is not there yet has none to keep.
        if self.requires_stop_loss(copy.login) && wanted.is_none() && copy.state != State::Planned {
            let order = copy.terms_asked.or(copy.order).and_then(|terms| terms.stop_loss);
            return given.or(order);
        }
        let frozen = || self.tripped(copy.login).is_some_and(|t| t.reaction >= Reaction::CloseOnly);
        if widens(side, given, wanted) && frozen() { given } else { wanted }
    }

    /// Goes on where the record of an account's guards ends.
    pub(super) fn restore_guard(&mut self, login: Login, state: GuardState) {
        if let Some(slave) = self.slaves.get_mut(&login) {
            slave.guards.recorded = state.references;
            slave.guards.own.restore(state);
        }
    }
}

/// So many alerts wait to be read; the oldest go first.
const ALERTS_MOST: usize = 1_024;
