//! How far an account is from its guards, for its owner to read.

use super::{Guard, held};
use crate::allocation::{DrawdownFrom, GuardKind, Guarded, Loss};
use crate::domain::{Lots, Money, Ratio, Signature, Snapshot};

/// Half a step more or less is of no matter here: rounded down to the last place.
fn bound(loss: Loss, of: Money) -> Money {
    match loss {
        Loss::Money(money) => money,
        Loss::Percent(percent) => {
            let part = i128::from(of.units()) * i128::from(percent.units()) / (100 * i128::from(Ratio::ONE));
            Money::from_units(i64::try_from(part).unwrap_or(i64::MAX))
        }
    }
}

impl Guard {
    /// A line for each that has tripped, then one for each that is configured: what it goes by, its bound, what it does.
    pub fn room(&self, snapshot: &Snapshot, signature: Signature) -> Vec<String> {
        let rules = &self.rules;
        let (equity, margin) = (snapshot.account.equity, snapshot.account.margin);
        let digits = snapshot.account.currency_digits;
        let shown = |money: Money| money.round_to(digits);
        let mut lines: Vec<String> = self.state.trips.iter().map(ToString::to_string).collect();
        if let Some(from) = &self.state.references {
            let total_from = match rules.drawdown_from {
                DrawdownFrom::Static => from.start,
                DrawdownFrom::Trailing => from.peak,
            };
            let losses: [(GuardKind, Option<Guarded<Loss>>, Money); 3] = [
                (GuardKind::DailyLoss, rules.daily_loss, from.day_start),
                (GuardKind::DailyDrawdown, rules.daily_drawdown, from.day_peak),
                (GuardKind::TotalDrawdown, rules.total_drawdown, total_from),
            ];
            for (guard, rule, against) in losses {
                let Some(rule) = rule else { continue };
                let lost = shown(against.saturating_sub(equity).max(Money::ZERO));
                let bound = shown(bound(rule.bound, against));
                lines.push(format!("{}: {lost} of {bound}, {}", guard.skip(), rule.reaction));
            }
        }
        if let Some(rule) = rules.equity_stop {
            let (equity, bound) = (shown(equity), shown(rule.bound));
            lines.push(format!(
                "{}: {equity} above {bound}, {}",
                GuardKind::EquityStop.skip(),
                rule.reaction
            ));
        }
        if let Some(rule) = rules.margin_level {
            let level = i128::from(equity.units()) * 100 / i128::from(margin.units().max(1));
            let level = if margin.is_positive() { format!("{level} %") } else { "no margin in use".into() };
            let name = GuardKind::MarginLevel.skip();
            lines.push(format!("{name}: {level}, above {} %, {}", rule.bound, rule.reaction));
        }
        let held = held(snapshot, signature);
        if let Some(rule) = rules.exposure_per_symbol {
            let most = held.values().copied().max().unwrap_or(Lots::ZERO);
            let name = GuardKind::ExposurePerSymbol.skip();
            lines.push(format!("{name}: {most} of {} lots, {}", rule.bound, rule.reaction));
        }
        if let Some(rule) = rules.exposure_total {
            let all = held.values().fold(Lots::ZERO, |sum, lots| sum.saturating_add(*lots));
            let name = GuardKind::ExposureTotal.skip();
            lines.push(format!("{name}: {all} of {} lots, {}", rule.bound, rule.reaction));
        }
        lines
    }
}
