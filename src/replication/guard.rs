//! An account's guards: what they go by, whether they trip, what they forbid until they are re-armed by hand. The same
//! code watches on the hub and, whatever the hub says, on the slave's own terminal.
//!
//! With equity `E`, all in the account's currency and exact:
//!
//! | guard | trips when |
//! | --- | --- |
//! | `daily_loss` | the loss from the equity of the day's first state down to `E` is reached ([`Loss::reached`]) |
//! | `daily_drawdown` | the loss from the day's highest equity |
//! | `total_drawdown` | the loss from the first equity (`static`), or from the highest (`trailing`), since arming |
//! | `equity_stop` | `E ≤ money` |
//! | `margin_level` | `margin > 0` and `E × 100 ≤ margin × percent` |
//! | `exposure_per_symbol`, `exposure_total` | `lots of copies > lots`, long and short added up |
//!
//! [`Loss::reached`]: crate::allocation::Loss::reached
//!
//! Deposits and withdrawals move what losses are measured from by their amount ([`cash`]); while a change of the
//! balance is not explained yet, a loss counts only where it is one either way. `equity_stop` and `margin_level` are
//! about what is in the account, however it came there: a withdrawal may trip them.
//!
//! A day is one of the trade server's clock. A loss between the last state of a day and the first of the next belongs
//! to no day, only to the total. A clock that goes back begins no day.

mod cash;
mod room;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use cash::CashFlows;

use crate::allocation::{DrawdownFrom, GuardKind, GuardRules, Guarded, Loss, Reaction};
use crate::domain::{Lots, Micros, Money, Ratio, ServerTime, Signature, Snapshot, Symbol};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What losses are measured from, in the account's currency. Moved by every deposit and withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// The day, counted from 1970 in the trade server's time less `day_starts_at_minutes`.
    pub day: i64,
    /// Equity of the day's first state.
    pub day_start: Money,
    /// The day's highest equity.
    pub day_peak: Money,
    /// Equity of the first state since the guards were armed.
    pub start: Money,
    /// The highest equity since then.
    pub peak: Money,
    /// Which count of cash flows the others were moved by.
    series: Micros,
    /// That count so far.
    flows: Money,
}

/// The numbers that tripped a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// Equity, and what the loss was measured from, or the stop.
    Equity {
        /// As it was.
        equity: Money,
        /// What it was held against.
        against: Money,
    },
    /// Equity, and the margin in use.
    Margin {
        /// As it was.
        equity: Money,
        /// In use.
        margin: Money,
    },
    /// Lots of copies, in a symbol or in all.
    Exposure {
        /// Held.
        lots: Lots,
        /// In which symbol, if in one.
        symbol: Option<Symbol>,
    },
    /// The state could not be read back.
    Lost,
    /// None: the account's owner wanted it so.
    ByHand,
}

/// A guard that has tripped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// Which one.
    pub guard: GuardKind,
    /// What it does.
    pub reaction: Reaction,
    /// When, by the node's clock.
    pub at: Micros,
    /// When, by the trade server's.
    pub time: ServerTime,
    /// At what numbers.
    pub breach: Breach,
}

impl fmt::Display for Trip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.breach == Breach::ByHand {
            return write!(f, "the account's owner says {}; stays so until he says otherwise", self.reaction);
        }
        write!(f, "{} has tripped, {}: ", self.guard.skip(), self.reaction)?;
        match self.breach {
            Breach::Equity { equity, against } => write!(f, "equity {equity} against {against}"),
            Breach::Margin { equity, margin } => write!(f, "equity {equity} with margin {margin} in use"),
            Breach::Exposure { lots, symbol: Some(symbol) } => write!(f, "{lots} lots of {symbol} held"),
            Breach::Exposure { lots, symbol: None } => write!(f, "{lots} lots held"),
            Breach::Lost => f.write_str("what the guards go by could not be read back"),
            Breach::ByHand => Ok(()),
        }?;
        f.write_str("; stays so until it is re-armed on the slave's terminal")
    }
}

/// All that a guard must not forget.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GuardState {
    /// `None` until the first state after arming.
    pub references: Option<References>,
    /// What has tripped since; each guard once.
    pub trips: Vec<Trip>,
    /// When it was last re-armed, by the slave's node's clock; 0 never.
    pub rearmed: Micros,
}

/// The most severe reaction, and the guard it is by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tripped {
    /// By which guard.
    pub guard: GuardKind,
    /// What it does.
    pub reaction: Reaction,
}

/// What a slave's state says of the guards on its own terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GuardReport {
    /// As [`GuardState::rearmed`]: the slave's owner alone re-arms, the hub follows.
    pub rearmed: Micros,
    /// The most severe reaction there.
    pub tripped: Option<Tripped>,
    /// What the slave knows of deposits and withdrawals; the hub is not shown deals that are not its own.
    pub cash: Cash,
}

/// Deposits less withdrawals, in the account's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cash {
    /// When the count began, by the slave's node's clock: another one is another count.
    pub series: Micros,
    /// Since then.
    pub total: Money,
    /// A change of the balance that no deal explains yet: a deposit or a withdrawal, or a trade whose deal is late.
    pub unexplained: Money,
}

/// How much there is to be put down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Unsaved {
    /// Nothing.
    #[default]
    Nothing,
    /// Peaks: soon will do.
    Peaks,
    /// A trip, a re-arming, a new day, a deposit: at once.
    Matters,
}

/// An account's guards at work.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    rules: GuardRules,
    state: GuardState,
    unsaved: Unsaved,
    /// Trips that nobody was told of yet; at most one a guard.
    untold: VecDeque<Trip>,
}

impl Guard {
    /// Guards that have seen nothing yet.
    pub const fn new(rules: GuardRules) -> Self {
        let state = GuardState { references: None, trips: Vec::new(), rearmed: Micros(0) };
        Self { rules, state, unsaved: Unsaved::Nothing, untold: VecDeque::new() }
    }

    /// Goes on where a saved state ends. What has tripped stays so, though its rule be gone.
    pub fn restore(&mut self, state: GuardState) {
        self.state = state;
    }

    /// The state was lost: whatever had tripped may have been forgotten, so nothing is opened until somebody looks.
    /// Without rules there was nothing to forget.
    pub fn distrust(&mut self, now: Micros) {
        if !self.rules.is_empty() {
            self.trip(GuardKind::StateLost, Reaction::CloseOnly, now, ServerTime::default(), Breach::Lost);
        }
    }

    /// Arms anew: nothing has tripped, and losses are measured from the next state on. `at` is when it was re-armed,
    /// by the slave's node's clock.
    pub fn rearm(&mut self, at: Micros) {
        let rearmed = at.max(Micros(self.state.rearmed.0.saturating_add(1)));
        // What the owner's hand has done, it undoes itself.
        let mut trips = std::mem::take(&mut self.state.trips);
        trips.retain(|trip| trip.guard == GuardKind::ByHand);
        self.state = GuardState { rearmed, references: None, trips };
        self.untold.retain(|trip| trip.guard == GuardKind::ByHand);
        self.unsaved = Unsaved::Matters;
    }

    /// The account's owner says what is forbidden, or, with `None`, that nothing is on his account. What the other guards
    /// forbid and measure stays as it is.
    pub fn by_hand(&mut self, reaction: Option<Reaction>, at: Micros, time: ServerTime) {
        self.state.trips.retain(|trip| trip.guard != GuardKind::ByHand);
        self.untold.retain(|trip| trip.guard != GuardKind::ByHand);
        self.unsaved = Unsaved::Matters;
        if let Some(reaction) = reaction {
            self.trip(GuardKind::ByHand, reaction, at, time, Breach::ByHand);
        }
    }

    /// Is any guard configured?
    pub const fn is_set(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Its state.
    pub const fn state(&self) -> &GuardState {
        &self.state
    }

    /// The most severe reaction; of equals, the one that came first.
    pub fn tripped(&self) -> Option<Tripped> {
        let worst = self.state.trips.iter().rev().max_by_key(|trip| trip.reaction)?;
        Some(Tripped { guard: worst.guard, reaction: worst.reaction })
    }

    /// What is to be put down.
    pub const fn unsaved(&self) -> Unsaved {
        self.unsaved
    }

    /// It was put down.
    pub const fn saved(&mut self) {
        self.unsaved = Unsaved::Nothing;
    }

    /// The next trip to tell of.
    pub fn poll_trip(&mut self) -> Option<Trip> {
        self.untold.pop_front()
    }

    /// Looks at a state of a terminal that was connected to its trade server.
    pub fn observe(&mut self, now: Micros, snapshot: &Snapshot, signature: Signature, cash: &Cash) {
        if self.rules.is_empty() {
            return;
        }
        let account = &snapshot.account;
        let without = account.equity.saturating_sub(cash.unexplained);
        let (low, high) = (account.equity.min(without), account.equity.max(without));
        let offset_ms = i64::from(self.rules.day_starts_at_minutes) * 60_000;
        let day = account.time.0.saturating_sub(offset_ms).div_euclid(DAY_MS);
        let before = self.state.references;
        let now_at = before.unwrap_or_else(|| References::at(day, low, cash)).moved(day, low, cash);
        self.state.references = Some(now_at);
        self.note(before, &now_at);
        for (guard, reaction, breach) in self.breaches(&now_at, high, snapshot, signature) {
            self.trip(guard, reaction, now, account.time, breach);
        }
    }

    /// Notes how urgently the references are to be put down.
    fn note(&mut self, before: Option<References>, after: &References) {
        let unsaved = match before {
            Some(before) if before == *after => Unsaved::Nothing,
            Some(before) if before.day == after.day && before.flows == after.flows => Unsaved::Peaks,
            _ => Unsaved::Matters,
        };
        self.unsaved = self.unsaved.max(unsaved);
    }

    fn trip(&mut self, guard: GuardKind, reaction: Reaction, at: Micros, time: ServerTime, breach: Breach) {
        if self.state.trips.iter().any(|trip| trip.guard == guard) {
            return;
        }
        let trip = Trip { guard, reaction, at, time, breach };
        self.state.trips.push(trip);
        self.untold.push_back(trip);
        self.unsaved = Unsaved::Matters;
    }

    /// Every bound that is met; `equity` is the equity that losses go by.
    fn breaches(
        &self,
        from: &References,
        equity: Money,
        snapshot: &Snapshot,
        signature: Signature,
    ) -> Vec<(GuardKind, Reaction, Breach)> {
        let rules = &self.rules;
        let mut met = Vec::new();
        let total_from = match rules.drawdown_from {
            DrawdownFrom::Static => from.start,
            DrawdownFrom::Trailing => from.peak,
        };
        let losses = [
            (GuardKind::DailyLoss, rules.daily_loss, from.day_start),
            (GuardKind::DailyDrawdown, rules.daily_drawdown, from.day_peak),
            (GuardKind::TotalDrawdown, rules.total_drawdown, total_from),
        ];
        for (guard, rule, against) in losses {
            let reached = |rule: &Guarded<Loss>| rule.bound.reached(against, equity);
            if let Some(rule) = rule.filter(reached) {
                met.push((guard, rule.reaction, Breach::Equity { equity, against }));
            }
        }
        let (equity, margin) = (snapshot.account.equity, snapshot.account.margin);
        if let Some(rule) = rules.equity_stop.filter(|rule| equity <= rule.bound) {
            let breach = Breach::Equity { equity, against: rule.bound };
            met.push((GuardKind::EquityStop, rule.reaction, breach));
        }
        if let Some(rule) = rules.margin_level.filter(|rule| is_below_level(equity, margin, rule.bound)) {
            met.push((GuardKind::MarginLevel, rule.reaction, Breach::Margin { equity, margin }));
        }
        if rules.exposure_per_symbol.is_none() && rules.exposure_total.is_none() {
            return met;
        }
        let held = held(snapshot, signature);
        let most = held.iter().max_by_key(|(_, lots)| **lots).map(|(symbol, lots)| (*symbol, *lots));
        if let (Some(rule), Some((symbol, lots))) = (rules.exposure_per_symbol, most)
            && lots > rule.bound
        {
            let breach = Breach::Exposure { lots, symbol: Some(symbol) };
            met.push((GuardKind::ExposurePerSymbol, rule.reaction, breach));
        }
        let lots = held.values().fold(Lots::ZERO, |sum, lots| sum.saturating_add(*lots));
        if let Some(rule) = rules.exposure_total.filter(|rule| lots > rule.bound) {
            met.push((GuardKind::ExposureTotal, rule.reaction, Breach::Exposure { lots, symbol: None }));
        }
        met
    }
}

impl References {
    /// Measured from here on.
    const fn at(day: i64, equity: Money, cash: &Cash) -> Self {
        Self {
            day,
            day_start: equity,
            day_peak: equity,
            start: equity,
            peak: equity,
            series: cash.series,
            flows: cash.total,
        }
    }

    /// After another state: moved by the cash that came or went, then by the day and by new peaks.
    fn moved(mut self, day: i64, equity: Money, cash: &Cash) -> Self {
        if self.series == cash.series {
            let flow = cash.total.saturating_sub(self.flows);
            for reference in [&mut self.day_start, &mut self.day_peak, &mut self.start, &mut self.peak] {
                *reference = reference.saturating_add(flow);
            }
        }
        (self.series, self.flows) = (cash.series, cash.total);
        if day > self.day {
            (self.day, self.day_start, self.day_peak) = (day, equity, equity);
        }
        self.day_peak = self.day_peak.max(equity);
        self.peak = self.peak.max(equity);
        self
    }
}

/// `margin > 0` and `equity × 100 ≤ margin × percent`.
fn is_below_level(equity: Money, margin: Money, percent: Ratio) -> bool {
    let level = i128::from(equity.units()) * 100 * i128::from(Ratio::ONE);
    margin.is_positive() && level <= i128::from(margin.units()) * i128::from(percent.units())
}

/// Lots of copies by symbol, as the account's broker names them.
fn held(snapshot: &Snapshot, signature: Signature) -> BTreeMap<Symbol, Lots> {
    let mut held: BTreeMap<Symbol, Lots> = BTreeMap::new();
    for position in snapshot.positions.iter().filter(|p| p.magic.copy(signature).is_some()) {
        let lots = held.entry(position.symbol).or_default();
        *lots = lots.saturating_add(position.lots);
    }
    held
}
