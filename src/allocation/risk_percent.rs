//! Risk percent: the stop loss may cost so much of the slave's equity.

use super::decision::{Facts, SkipReason};
use super::fraction::Fraction;
use super::{SlaveFacts, Trade};
use crate::domain::{BasisPoints, Lots, Money, Ratio};

/// `equity_i × percent / 100 × k_i / (|entry − stop| / tick size_i × tick value_i)`; without a stop there is no size.
pub fn size(
    percent: Ratio,
    trade: &Trade,
    slave: &SlaveFacts,
    facts: &mut Facts,
) -> Result<Fraction, SkipReason> {
    facts.percent = Some(percent);
    facts.entry = Some(trade.entry);
    facts.stop_loss = trade.stop_loss;
    facts.size = Some(slave.account.equity);
    facts.tick_size = Some(slave.instrument.tick_size);
    facts.tick_value = Some(slave.instrument.tick_value);
    let stop = trade.stop_loss.ok_or(SkipReason::NoStopLoss)?;
    let distance = trade.entry.units().abs_diff(stop.units());
    let distance = i64::try_from(distance).map_err(|_| SkipReason::OutOfRange)?;
    if distance == 0 || !slave.account.equity.is_positive() || !slave.instrument.tick_value.is_positive() {
        return Err(SkipReason::NothingToSizeFrom);
    }
    // equity × percent / 100 in lots of 1.00 loss each, then divided by the loss of a lot.
    Fraction::of_lots(Lots::from_units(Lots::ONE))
        .times(slave.account.equity.units(), Money::ONE)
        .and_then(|f| f.times(percent.units(), 100 * Ratio::ONE))
        .and_then(|f| f.times(i64::from(facts.profile.units()), i64::from(BasisPoints::ONE.units())))
        .and_then(|f| f.times(slave.instrument.tick_size.units(), distance))
        .and_then(|f| f.times(Ratio::ONE, slave.instrument.tick_value.units()))
        .ok_or(SkipReason::OutOfRange)
}
