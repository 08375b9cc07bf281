//! From exact lots to a volume that the account can trade: the three policies, and the scaling of a copy.

use super::decision::{Cap, SkipReason};
use super::fraction::Fraction;
use super::plan::{AccountRules, BelowMinimum, Rounding};
use crate::domain::{Instrument, Lots};

/// What rounding came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounded {
    /// What the policy alone would open; what the caps are held against.
    pub intended: Lots,
    /// The volume to open, or why nothing can be opened.
    pub outcome: Result<Lots, SkipReason>,
}

/// The volume to open, by the account's policy and under its caps.
pub fn round(wanted: Fraction, caps: &[Cap], rules: &AccountRules, instrument: &Instrument) -> Rounded {
    let refused = |intended, reason| Rounded { intended, outcome: Err(reason) };
    let (step, minimum) = (instrument.lot_step, smallest(instrument));
    let cap = super::limits::tightest(caps, step);
    let rounded = match rules.rounding {
        Rounding::Down | Rounding::RaiseToMinimum => wanted.floor_to(step),
        Rounding::Nearest => wanted.nearest_to(step),
    };
    // Out of the range of lots: only a cap can bring it back.
    let Some(mut intended) = rounded.or(cap) else { return refused(Lots::ZERO, SkipReason::OutOfRange) };
    if intended < minimum && rules.rounding == Rounding::RaiseToMinimum && !wanted.is_zero() {
        let most = wanted.times(rules.max_risk_multiple.units(), crate::domain::Ratio::ONE);
        if !most.is_none_or(|most| most.exceeds(minimum) || most == Fraction::of_lots(minimum)) {
            return refused(intended, SkipReason::MinimumTooRisky);
        }
        intended = minimum;
    }
    let lots = cap.map_or(intended, |cap| intended.min(cap));
    if lots >= minimum {
        return Rounded { intended, outcome: Ok(lots) };
    }
    let forced = caps.iter().min_by_key(|cap| cap.lots).filter(|_| intended >= minimum);
    refused(intended, forced.map_or(SkipReason::BelowMinimum, |cap| cap.limit.skip()))
}

/// The smallest volume that can be opened: the symbol's minimum, rounded up to a multiple of the step, and never less
/// than a step.
pub fn smallest(instrument: &Instrument) -> Lots {
    let (minimum, step) = (instrument.lots_min.max(instrument.lot_step), instrument.lot_step);
    let floor = minimum.floor_to(step);
    if floor == minimum { minimum } else { floor.saturating_add(step) }
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
