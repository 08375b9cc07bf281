//! From exact lots to a volume that the account can trade: the three policies, and the scaling of a copy.

use super::decision::{Cap, SkipReason};
use super::fraction::Fraction;
use super::plan::{AccountRules, BelowMinimum, Rounding};
use crate::domain::{Instrument, Lots};

/// The volume to open, by the account's policy and under its caps.
///
/// # Errors
/// Why nothing can be opened.
pub fn round(
    wanted: Fraction,
    caps: &[Cap],
    rules: &AccountRules,
    instrument: &Instrument,
) -> Result<Lots, SkipReason> {
    let (step, minimum) = (instrument.lot_step, smallest(instrument));
    let cap = super::limits::tightest(caps, step);
    let rounded = match rules.rounding {
        Rounding::Down | Rounding::RaiseToMinimum => wanted.floor_to(step),
        Rounding::Nearest => wanted.nearest_to(step),
    };
    // Out of the range of lots: only a cap can bring it back.
    let mut lots = rounded.or(cap).ok_or(SkipReason::OutOfRange)?;
    if lots < minimum && rules.rounding == Rounding::RaiseToMinimum && !wanted.is_zero() {
        let most = wanted.times(rules.max_risk_multiple.units(), crate::domain::Ratio::ONE);
        if !most.is_none_or(|most| most.exceeds(minimum) || most == Fraction::of_lots(minimum)) {
            return Err(SkipReason::MinimumTooRisky);
        }
        lots = minimum;
    }
    let lots = cap.map_or(lots, |cap| lots.min(cap));
    if lots >= minimum {
        return Ok(lots);
    }
    let forced = caps.iter().min_by_key(|cap| cap.lots).filter(|cap| cap.lots.floor_to(step) < minimum);
    Err(forced
        .filter(|cap| wanted.exceeds(cap.lots))
        .map_or(SkipReason::BelowMinimum, |cap| cap.limit.skip()))
}

/// The smallest volume that can be opened: the symbol's minimum, and never less than a step.
pub fn smallest(instrument: &Instrument) -> Lots {
    instrument.lots_min.max(instrument.lot_step)
}

/// What a copy shall hold once the master holds `remaining` of `opened`:
/// `copy opened × remaining / opened`, rounded to the step *from the original volume*, so that errors do not
/// add up over several partial closes. `Down` and `RaiseToMinimum` round down, `Nearest` half up.
pub fn scaled(
    copy_opened: Lots,
    remaining: Lots,
    opened: Lots,
    rules: &AccountRules,
    instrument: &Instrument,
) -> Lots {
    if remaining >= opened {
        return copy_opened;
    }
    if !remaining.is_positive() {
        return Lots::ZERO;
    }
    let exact = Fraction::of_lots(copy_opened).times(remaining.units(), opened.units());
    let target = exact.and_then(|exact| match rules.rounding {
        Rounding::Nearest => exact.nearest_to(instrument.lot_step),
        Rounding::Down | Rounding::RaiseToMinimum => exact.floor_to(instrument.lot_step),
    });
    let (target, minimum) = (target.unwrap_or(Lots::ZERO), smallest(instrument));
    match rules.below_minimum {
        _ if target >= minimum => target,
        BelowMinimum::Close => Lots::ZERO,
        BelowMinimum::Keep => minimum.min(copy_opened),
    }
}
