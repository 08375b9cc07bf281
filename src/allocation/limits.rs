//! What an account may still take: the hub asks before it sizes, the agent again before it trades.

use super::decision::{Cap, CapKind, Caps, SkipReason};
use super::fraction::Fraction;
use super::plan::Limits;
use crate::domain::{Account, Instrument, Lots, Ratio};

/// What an account holds in copies already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exposure {
    /// Lots of copies in the symbol at hand, opening ones included.
    pub symbol_lots: Lots,
    /// Lots in the symbol and direction at hand, as the broker counts them for its own limit: as far as they are known,
    /// positions and pending orders of others included. Nothing where the broker has no limit.
    pub direction_lots: Lots,
    /// Lots of all copies, opening ones included.
    pub total_lots: Lots,
    /// How many copies, opening ones included.
    pub copies: u32,
}

/// Every bound on one more copy, in the order they are applied.
///
/// # Errors
/// No further copy is allowed at all.
pub fn caps(
    limits: &Limits,
    exposure: &Exposure,
    account: &Account,
    instrument: &Instrument,
) -> Result<Caps, SkipReason> {
    if limits.open_copies.is_some_and(|most| exposure.copies >= most) {
        return Err(SkipReason::LimitOpenCopies);
    }
    let left = |most: Lots, held: Lots| most.saturating_sub(held).max(Lots::ZERO);
    let bounds = [
        (CapKind::LotsMax, Some(instrument.lots_max).filter(|lots| lots.is_positive())),
        (
            CapKind::VolumeLimit,
            Some(instrument.trading.volume_limit)
                .filter(|most| most.is_positive())
                .map(|most| left(most, exposure.direction_lots)),
        ),
        (CapKind::LotsPerTrade, limits.lots_per_trade),
        (CapKind::LotsPerSymbol, limits.lots_per_symbol.map(|most| left(most, exposure.symbol_lots))),
        (CapKind::LotsTotal, limits.lots_total.map(|most| left(most, exposure.total_lots))),
        (
            CapKind::MarginBuffer,
            limits.margin_buffer_percent.and_then(|b| within_margin(b, account, instrument)),
        ),
    ];
    Ok(bounds.into_iter().filter_map(|(limit, lots)| lots.map(|lots| Cap { limit, lots })).collect())
}

/// The lots that leave `buffer` percent of equity as free margin:
/// `(free margin − equity × buffer / 100) / margin per lot`, rounded down to 1e-8 lot; `None` when the margin
/// of a lot is unknown or zero.
fn within_margin(buffer: Ratio, account: &Account, instrument: &Instrument) -> Option<Lots> {
    let per_lot = instrument.margin_per_lot.units();
    if per_lot <= 0 {
        return None;
    }
    let kept =
        i128::from(account.equity.units()) * i128::from(buffer.units()) / (100 * i128::from(Ratio::ONE));
    let usable = (i128::from(account.free_margin.units()) - kept).max(0);
    let units = usable.checked_mul(i128::from(Lots::ONE)).map_or(i128::MAX, |u| u / i128::from(per_lot));
    Some(Lots::from_units(i64::try_from(units).unwrap_or(i64::MAX)))
}

/// The tightest of the bounds, in whole lot steps; `None` without any.
pub fn tightest(caps: &[Cap], step: Lots) -> Option<Lots> {
    caps.iter().map(|cap| cap.lots).min().map(|lots| lots.floor_to(step))
}

/// Those bounds that hold `wanted` down, each of them tighter than the one before.
pub fn binding(mut caps: Caps, wanted: Fraction) -> Caps {
    let mut tightest: Option<Lots> = None;
    caps.retain(|cap| {
        let binds = wanted.exceeds(cap.lots) && tightest.is_none_or(|lots| cap.lots < lots);
        if binds {
            tightest = Some(cap.lots);
        }
        binds
    });
    caps
}
