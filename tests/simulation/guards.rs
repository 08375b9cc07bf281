//! A second opinion on a slave's guards: from the truth at the broker, with what was really paid in and out.

use std::collections::BTreeSet;

use lotbridge::allocation::{DrawdownFrom, GuardKind, GuardRules, Guarded, Loss, Reaction};
use lotbridge::domain::{Lots, MarginMode, Money, Ratio, ServerTime, Snapshot};
use lotbridge::replication::{Agent, Alert};

const DAY_MS: i64 = 86_400_000;

/// What losses are measured from, as if everything that was ever paid in had been paid out again: in units of money.
#[derive(Debug, Clone, Copy)]
struct Measures {
    start: i64,
    peak: i64,
    day_start: i64,
    day_peak: i64,
}

impl Measures {
    fn at(equity: i64) -> Self {
        Self { start: equity, peak: equity, day_start: equity, day_peak: equity }
    }
}

/// What the agent was shown since its guards were armed.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one account")]
pub struct Watch {
    rules: GuardRules,
    /// All that was paid in less what was paid out, in units of money.
    pub paid: i64,
    /// `None` before the first state. The most that the agent can measure from, and the least: it does not count a
    /// peak while a change of the balance is not explained, and may forget its last second of peaks.
    measures: Option<(Measures, Measures)>,
    day: i64,
    /// Cash moved, and the agent has not explained it yet: with deals that are late, nobody can tell one from the
    /// other.
    pub mixed: bool,
    /// Guards that had a reason to trip at some state since they were armed.
    pub reasons: BTreeSet<GuardKind>,
    /// Was the account ever to be emptied?
    pub emptied: bool,
    /// The hub has reason to leave stops as they are, whether the agent has or not.
    pub hub_holds_stops: bool,
    /// The agent's file was lost once: the hub knows less of what was paid in.
    pub forgot: bool,
    /// How often a guard tripped, by what it did; how often one was re-armed; how often cash moved.
    pub seen: [u64; 5],
    /// The agent's guards when it was last looked at.
    tripped: BTreeSet<GuardKind>,
}

impl Watch {
    pub fn new(rules: &GuardRules) -> Self {
        Self {
            rules: rules.clone(),
            paid: 0,
            measures: None,
            day: 0,
            mixed: false,
            reasons: BTreeSet::new(),
            emptied: false,
            hub_holds_stops: false,
            forgot: false,
            seen: [0; 5],
            tripped: BTreeSet::new(),
        }
    }

    pub fn is_set(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The agent's guards were armed anew, by hand or because they forgot.
    pub fn armed(&mut self) {
        self.measures = None;
        self.reasons.clear();
        self.tripped.clear();
    }

    /// The agent restarts with what it had put down: the last second of peaks may be missing, and what was paid out
    /// since.
    pub fn restarted(&mut self, peaks: Option<(Money, Money)>, flows: Money) {
        if let (Some((_, least)), Some((day_peak, peak))) = (&mut self.measures, peaks) {
            let paid = self.paid.max(flows.units()).max(0);
            least.day_peak = least.day_peak.min(day_peak.units() - paid);
            least.peak = least.peak.min(peak.units() - paid);
        }
    }

    /// The agent has taken this state; `late`: what the balance has of deals that it does not show.
    pub fn look(&mut self, shown: &Snapshot, late: Money, agent: &mut Agent) -> Result<(), String> {
        if !self.is_set() || !shown.account.connected {
            return Ok(());
        }
        let unexplained = agent.guard_report().cash.unexplained;
        self.mixed &= !unexplained.is_zero();
        // A withdrawal and a profit that is late look like a smaller withdrawal.
        let unsure = if self.mixed { late.units().abs() } else { 0 };
        self.measure(shown.account.time, shown.account.equity.units() - self.paid, unexplained, unsure);
        let (surely, perhaps) = (self.reasons_in(shown, None), self.reasons_in(shown, Some(unsure)));
        self.reasons.extend(&perhaps);
        while let Some(trip) = agent.poll_trip() {
            self.emptied |= trip.reaction == Reaction::CloseAll;
            self.seen[trip.reaction as usize] += 1;
            if trip.guard != GuardKind::StateLost && !perhaps.contains(&trip.guard) {
                return Err(format!("a guard tripped without a reason: {trip}"));
            }
            self.tripped.insert(trip.guard);
        }
        let missed = surely.iter().find(|guard| !self.tripped.contains(guard));
        match missed.filter(|_| unexplained.is_zero()) {
            Some(guard) => {
                let (equity, paid) = (shown.account.equity, self.paid);
                let least = self.measures.map(|(_, least)| least);
                Err(format!("{guard:?} should have tripped: {equity} of {least:?}, {paid} paid in"))
            }
            None => Ok(()),
        }
    }

    fn measure(&mut self, time: ServerTime, equity: i64, unexplained: Money, unsure: i64) {
        let day = (time.0 - i64::from(self.rules.day_starts_at_minutes) * 60_000).div_euclid(DAY_MS);
        let least_now = equity - unexplained.units().abs() - unsure;
        let equity = equity + unsure;
        let (most, least) =
            self.measures.get_or_insert_with(|| (Measures::at(equity), Measures::at(least_now)));
        if day > self.day {
            self.day = day;
            (most.day_start, most.day_peak) = (equity, equity);
            (least.day_start, least.day_peak) = (least_now, least_now);
        }
        for (measures, equity) in [(most, equity), (least, least_now)] {
            measures.peak = measures.peak.max(equity);
            measures.day_peak = measures.day_peak.max(equity);
        }
    }

    /// Which guards surely have a reason now, or may have one: measured from the least, or from the most with so much
    /// less equity.
    fn reasons_in(&self, shown: &Snapshot, unsure: Option<i64>) -> BTreeSet<GuardKind> {
        let rules = &self.rules;
        let Some((most, least)) = &self.measures else { return BTreeSet::new() };
        let from = if unsure.is_some() { most } else { least };
        let total = match rules.drawdown_from {
            DrawdownFrom::Static => from.start,
            DrawdownFrom::Trailing => from.peak,
        };
        let (equity, paid) = (shown.account.equity.units(), self.paid);
        let lost = |rule: Option<Guarded<Loss>>, from: i64| {
            let (from, equity) = (i128::from(from + paid), i128::from(equity - unsure.unwrap_or(0)));
            rule.is_some_and(|rule| {
                equity < from
                    && match rule.bound {
                        Loss::Money(money) => equity <= from - i128::from(money.units()),
                        Loss::Percent(percent) => {
                            let whole = 100 * i128::from(Ratio::ONE);
                            equity * whole <= from * (whole - i128::from(percent.units()))
                        }
                    }
            })
        };
        let ours = shown.positions.iter().filter(|position| position.magic.0 != 0);
        let lots = ours.fold(Lots::ZERO, |sum, position| sum.saturating_add(position.lots));
        // A netting account's copies are not its positions.
        let nets = shown.account.margin_mode == MarginMode::Netting;
        let exposed = |bound: Lots| if nets { unsure.is_some() } else { lots > bound };
        let reasons = [
            (GuardKind::DailyLoss, lost(rules.daily_loss, from.day_start)),
            (GuardKind::DailyDrawdown, lost(rules.daily_drawdown, from.day_peak)),
            (GuardKind::TotalDrawdown, lost(rules.total_drawdown, total)),
            (GuardKind::EquityStop, rules.equity_stop.is_some_and(|r| equity <= r.bound.units())),
            (GuardKind::ExposureTotal, rules.exposure_total.is_some_and(|r| exposed(r.bound))),
        ];
        reasons.into_iter().filter(|(_, is)| *is).map(|(guard, _)| guard).collect()
    }

    /// The hub says that a guard has tripped. It may have seen fewer states than the agent, never more: its peaks are
    /// no higher, but its day and its start may have begun later. Other alerts say nothing of guards.
    pub fn hub_says(&mut self, alert: &Alert) -> Result<(), String> {
        match alert {
            Alert::Here(_, trip) => {
                self.hub_holds_stops |= trip.reaction >= Reaction::CloseOnly;
                self.emptied |= trip.reaction == Reaction::CloseAll;
                let trails = self.rules.drawdown_from == DrawdownFrom::Trailing;
                let certain = match trip.guard {
                    GuardKind::DailyDrawdown => !self.forgot,
                    GuardKind::TotalDrawdown => trails && !self.forgot,
                    GuardKind::EquityStop | GuardKind::ExposureTotal => true,
                    _ => false,
                };
                let known = self.reasons.contains(&trip.guard) || self.seen[3] > 0;
                if certain && !known { Err(format!("without a reason: {alert}")) } else { Ok(()) }
            }
            Alert::AtSlave(..)
            | Alert::Refused { .. }
            | Alert::Barred(..)
            | Alert::MasterMisses(..)
            | Alert::Unexplained(..) => Ok(()),
            Alert::Left(..) => Err(format!("nobody leaves a pool: {alert}")),
        }
    }
}
