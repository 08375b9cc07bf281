//! An account's guards.

use super::super::decimal::{Exact, Word};
use super::super::error::ConfigErrors;
use super::super::raw::guards::{RawExposure, RawGuards, RawLoss};
use crate::allocation::{GuardRules, Guarded, Loss, Reaction};
use crate::domain::{Lots, Money, Ratio};

/// The last minute of a day.
const LAST_MINUTE: u32 = 24 * 60 - 1;

/// Checks an account's guards.
pub(super) fn guards(errors: &mut ConfigErrors, account: &str, raw: &RawGuards) -> GuardRules {
    let path = format!("{account}.guards");
    let day_starts_at_minutes = raw.day_starts_at_minutes.map_or(0, |minutes| minutes.0);
    if day_starts_at_minutes > LAST_MINUTE {
        errors.add(
            format!("{path}.day_starts_at_minutes"),
            day_starts_at_minutes.to_string(),
            format!("0 to {LAST_MINUTE} minutes after the trade server's midnight"),
        );
    }
    let total = raw.total_drawdown.map(|raw| {
        let (percent, money, reaction) = (raw.percent, raw.money, raw.reaction);
        (raw.kind.map_or_else(Default::default, |kind| kind.0), RawLoss { percent, money, reaction })
    });
    let rules = GuardRules {
        day_starts_at_minutes,
        daily_loss: raw.daily_loss.and_then(|raw| loss(errors, &format!("{path}.daily_loss"), raw)),
        daily_drawdown: raw
            .daily_drawdown
            .and_then(|raw| loss(errors, &format!("{path}.daily_drawdown"), raw)),
        total_drawdown: total.and_then(|(_, raw)| loss(errors, &format!("{path}.total_drawdown"), raw)),
        drawdown_from: total.map_or_else(Default::default, |(kind, _)| kind),
        equity_stop: raw.equity_stop.map(|raw| {
            positive(errors, format!("{path}.equity_stop.money"), raw.money, Money::is_positive);
            guarded(raw.money, raw.reaction)
        }),
        margin_level: raw.margin_level.map(|raw| {
            positive(errors, format!("{path}.margin_level.percent"), raw.percent, Ratio::is_positive);
            guarded(raw.percent, raw.reaction)
        }),
        exposure_per_symbol: exposure(errors, &path, "exposure_per_symbol", raw.exposure_per_symbol),
        exposure_total: exposure(errors, &path, "exposure_total", raw.exposure_total),
    };
    if rules.is_empty() && day_starts_at_minutes != 0 {
        errors.add(
            format!("{path}.day_starts_at_minutes"),
            "an option that nothing here uses",
            "it only with a guard",
        );
    }
    rules
}

const fn guarded<B: Copy>(bound: Exact<B>, reaction: Word<Reaction>) -> Guarded<B> {
    Guarded { bound: bound.0, reaction: reaction.0 }
}

fn positive<B: Copy + std::fmt::Display>(
    errors: &mut ConfigErrors,
    path: String,
    bound: Exact<B>,
    is_positive: impl FnOnce(B) -> bool,
) {
    if !is_positive(bound.0) {
        errors.add(path, bound.0.to_string(), "a number above 0; no key, no guard");
    }
}

fn exposure(
    errors: &mut ConfigErrors,
    path: &str,
    key: &str,
    raw: Option<RawExposure>,
) -> Option<Guarded<Lots>> {
    let raw = raw?;
    positive(errors, format!("{path}.{key}.lots"), raw.lots, Lots::is_positive);
    Some(guarded(raw.lots, raw.reaction))
}

/// A loss is given in percent or in money, never both.
fn loss(errors: &mut ConfigErrors, path: &str, raw: RawLoss) -> Option<Guarded<Loss>> {
    let whole = Ratio::from_units(100 * Ratio::ONE);
    let bound = match (raw.percent, raw.money) {
        (Some(percent), None) => {
            if !percent.0.is_positive() || percent.0 > whole {
                errors.add(format!("{path}.percent"), percent.0.to_string(), "above 0 and at most 100");
            }
            Loss::Percent(percent.0)
        }
        (None, Some(money)) => {
            positive(errors, format!("{path}.money"), money, Money::is_positive);
            Loss::Money(money.0)
        }
        (Some(_), Some(_)) => {
            errors.add(path, "both `percent` and `money`", "one of the two");
            return None;
        }
        (None, None) => {
            errors.add(path, "neither `percent` nor `money`", "one of the two");
            return None;
        }
    };
    Some(Guarded { bound, reaction: raw.reaction.0 })
}
