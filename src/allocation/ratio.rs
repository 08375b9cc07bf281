//! Multiplier and the ratio methods: one exact fraction of the master's volume.

use super::decision::{Facts, SkipReason};
use super::fraction::Fraction;
use super::plan::Pool;
use super::{SlaveFacts, Trade};
use crate::domain::{Account, BasisPoints, Money};

/// `V_m × k_i × C_m / C_i`: the conversion by contract size unless the pool turns it off.
pub fn multiplier(
    pool: &Pool,
    trade: &Trade,
    slave: &SlaveFacts,
    facts: &mut Facts,
) -> Result<Fraction, SkipReason> {
    let lots = Fraction::of_lots(facts.master_lots)
        .times(i64::from(facts.profile.units()), i64::from(BasisPoints::ONE.units()))
        .ok_or(SkipReason::OutOfRange)?;
    if !pool.contract_size || trade.instrument.contract_size == slave.instrument.contract_size {
        return Ok(lots);
    }
    facts.master_contract_size = Some(trade.instrument.contract_size);
    facts.contract_size = Some(slave.instrument.contract_size);
    lots.times(trade.instrument.contract_size.units(), slave.instrument.contract_size.units())
        .ok_or(SkipReason::OutOfRange)
}

/// `V_m × size_i / size_m × k_i`, the slave's size converted into the master's currency, and scaled by
/// `leverage_i / leverage_m` where the slave's leverage is lower (never up).
pub fn ratio(
    pool: &Pool,
    trade: &Trade,
    slave: &SlaveFacts,
    size_of: fn(&Account) -> Money,
    facts: &mut Facts,
) -> Result<Fraction, SkipReason> {
    let (master_size, size) = (size_of(trade.account), size_of(slave.account));
    facts.master_size = Some(master_size);
    facts.size = Some(size);
    if !master_size.is_positive() || !size.is_positive() {
        return Err(SkipReason::NothingToSizeFrom);
    }
    let conversion = slave.conversion.ok_or(SkipReason::NoRate)?;
    let lots = multiplier(pool, trade, slave, facts)?
        .times(size.units(), master_size.units())
        .and_then(|lots| conversion.apply(lots, facts))
        .ok_or(SkipReason::OutOfRange)?;
    let (leverage, master_leverage) = (slave.account.leverage, trade.account.leverage);
    if !pool.leverage || leverage >= master_leverage {
        return Ok(lots);
    }
    facts.leverage = Some(leverage);
    facts.master_leverage = Some(master_leverage);
    lots.times(i64::from(leverage), i64::from(master_leverage)).ok_or(SkipReason::OutOfRange)
}
