//! From one master volume to each slave's: pure functions, a file per method, limits, rounding.
//!
//! Every result is a [`Decision`]: the facts it was made from, the lots before rounding, what rounding and caps
//! did, or the reason for a skip. An auditor can recompute the lots from the facts alone.
//!
//! | configured as | rule stands in |
//! | --- | --- |
//! | `filter` | [`filter`] |
//! | `fixed_lots` | [`fixed_lots`] |
//! | `multiplier`, `balance_ratio`, `equity_ratio`, `free_margin_ratio` | [`ratio`] |
//! | `risk_percent` | [`risk_percent`] |
//! | `block`, `hybrid` | weights in [`weights`], shares in [`mod@block`] |
//! | `formula` | [`formula`] |
//! | limits, margin buffer | [`limits`] |
//! | guards: what trips them, and what they do then | [`GuardRules`] |
//! | rounding to the lot step, scaling after a partial close | [`rounding`] |
//! | capital adequacy, before any trade | [`adequacy`] |

pub mod adequacy;
pub mod block;
mod decision;
pub mod filter;
mod fixed_lots;
pub mod formula;
mod fraction;
mod guards;
pub mod limits;
mod plan;
mod ratio;
mod risk_percent;
pub mod rounding;
mod weights;

#[cfg(test)]
mod tests;

pub use decision::{
    Cap, CapKind, Caps, Decision, Facts, FormulaNote, RoundingNote, RoundingPolicy, SkipReason,
};
pub use filter::{Candidate, Hours, Patterns, PoolFilter, SideFilter, Weekday};
pub use fraction::Fraction;
pub use guards::{DrawdownFrom, GuardKind, GuardRules, Guarded, Loss, Reaction};
pub use limits::Exposure;
pub use plan::{
    AccountRules, BelowMinimum, Excess, FilledAlone, FixedPer, LateCopies, Limits, Member, Method,
    PendingCopy, PendingRules, Pool, Residual, Rounding, StopsAt, Unfilled, WeightKind,
};
pub use weights::allocate_block;

use crate::domain::{Account, BasisPoints, Instrument, Lots, Price, Ratio, text};

/// The master's position that is to be sized, with the master's own facts.
#[derive(Debug, Clone, Copy)]
pub struct Trade<'a> {
    /// Its lots, `V_m`.
    pub lots: Lots,
    /// Its open price.
    pub entry: Price,
    /// Its stop loss.
    pub stop_loss: Option<Price>,
    /// The master's account.
    pub account: &'a Account,
    /// The master's specification of the symbol.
    pub instrument: &'a Instrument,
}

/// From the slave's currency to the master's: exact in either direction of the quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    /// The quoted rate, positive.
    pub rate: Ratio,
    /// The quote is of the master's currency in the slave's: divide by it.
    pub inverse: bool,
}

impl Conversion {
    /// The same currency on both sides.
    pub const SAME: Self = Self { rate: Ratio::UNIT, inverse: false };

    /// Converts, and notes the rate unless both currencies are the same.
    fn apply(self, amount: Fraction, facts: &mut Facts) -> Option<Fraction> {
        if self == Self::SAME {
            return Some(amount);
        }
        facts.rate = Some(self.rate);
        facts.rate_inverse = self.inverse;
        if self.inverse {
            amount.times(Ratio::ONE, self.rate.units())
        } else {
            amount.times(self.rate.units(), Ratio::ONE)
        }
    }
}

/// What is known of one slave when a trade is sized.
#[derive(Debug, Clone, Copy)]
pub struct SlaveFacts<'a> {
    /// The slave's account.
    pub account: &'a Account,
    /// The slave's specification of the symbol.
    pub instrument: &'a Instrument,
    /// From its currency to the master's; `None` when no terminal reports a rate.
    pub conversion: Option<Conversion>,
    /// How many lots of its symbol stand for one of the master's, contract sizes aside; positive, mostly one.
    pub symbol_factor: Ratio,
    /// What it holds in copies already.
    pub exposure: Exposure,
    /// Its own rules.
    pub rules: &'a AccountRules,
    /// `carry`: its credit in this pool and symbol, in millionths of a lot step.
    pub credit: i64,
}

/// Sizes a trade for one member of a pool whose method looks at each account alone.
///
/// Blocks look at all members together: see [`allocate_block`].
pub fn allocate_one(pool: &Pool, member: &Member, trade: &Trade, slave: &SlaveFacts) -> Decision {
    let mut facts = Facts::new(member.profile, trade.lots, slave);
    let wanted = match &pool.method {
        Method::FixedLots { per } => fixed_lots::size(*per, member, &mut facts),
        Method::Multiplier => ratio::multiplier(pool, trade, slave, &mut facts),
        Method::BalanceRatio => ratio::ratio(pool, trade, slave, |a| a.balance, &mut facts),
        Method::EquityRatio => ratio::ratio(pool, trade, slave, |a| a.equity, &mut facts),
        Method::FreeMarginRatio => ratio::ratio(pool, trade, slave, |a| a.free_margin, &mut facts),
        Method::RiskPercent { percent } => risk_percent::size(*percent, trade, slave, &mut facts),
        Method::Formula(formula) => formula_lots(formula, trade, slave, &mut facts),
        Method::Block { .. } | Method::Hybrid { .. } => Err(SkipReason::NothingToSizeFrom),
    };
    let wanted = wanted.and_then(|lots| facts.in_slave_symbol(lots).ok_or(SkipReason::OutOfRange));
    decide(pool.method.name(), facts, wanted, slave)
}

/// Caps and rounds what a method wanted.
fn decide(method: &str, facts: Facts, wanted: Result<Fraction, SkipReason>, slave: &SlaveFacts) -> Decision {
    let limits = limits::caps(&slave.rules.limits, &slave.exposure, slave.account, slave.instrument);
    let (outcome, caps) = match (wanted, limits) {
        (Ok(wanted), Ok(caps)) => {
            let rounded = rounding::round(wanted, &caps, slave.rules, slave.instrument);
            // A cap may bind only once the size was rounded up or raised to the minimum.
            let most =
                if wanted.exceeds(rounded.intended) { wanted } else { Fraction::of_lots(rounded.intended) };
            (rounded.outcome, limits::binding(caps, most))
        }
        (Err(reason), _) | (_, Err(reason)) => (Err(reason), Caps::new()),
    };
    Decision {
        method: text(method).unwrap_or_default(),
        facts,
        lots_before_rounding: wanted.ok(),
        rounding: RoundingNote {
            policy: slave.rules.rounding.into(),
            step: slave.instrument.lot_step,
            lots: outcome.unwrap_or_default(),
        },
        caps,
        skip: outcome.err(),
    }
}

/// Evaluates the pool's own expression over the facts.
fn formula_lots(
    formula: &formula::Formula,
    trade: &Trade,
    slave: &SlaveFacts,
    facts: &mut Facts,
) -> Result<Fraction, SkipReason> {
    let conversion = slave.conversion.ok_or(SkipReason::NoRate)?;
    let rate = conversion.to_decimal().ok_or(SkipReason::OutOfRange)?;
    let stop_distance = trade
        .stop_loss
        .map_or(Price::ZERO, |stop| Price::from_units((trade.entry.units() - stop.units()).abs()));
    let seen = formula::Facts {
        master_lots: trade.lots.to_decimal(),
        master_balance: trade.account.balance.to_decimal(),
        master_equity: trade.account.equity.to_decimal(),
        master_free_margin: trade.account.free_margin.to_decimal(),
        master_leverage: trade.account.leverage.into(),
        master_contract_size: trade.instrument.contract_size.to_decimal(),
        balance: slave.account.balance.to_decimal(),
        equity: slave.account.equity.to_decimal(),
        free_margin: slave.account.free_margin.to_decimal(),
        leverage: slave.account.leverage.into(),
        contract_size: slave.instrument.contract_size.to_decimal(),
        profile: facts.profile.to_decimal(),
        entry: trade.entry.to_decimal(),
        stop_distance: stop_distance.to_decimal(),
        tick_size: slave.instrument.tick_size.to_decimal(),
        tick_value: slave.instrument.tick_value.to_decimal(),
        lot_step: slave.instrument.lot_step.to_decimal(),
        lots_min: slave.instrument.lots_min.to_decimal(),
        lots_max: slave.instrument.lots_max.to_decimal(),
        rate,
    };
    let said = formula.evaluate(&seen);
    facts.formula = Some(Box::new(FormulaNote {
        expression: formula.source().to_owned(),
        variables: seen
            .named()
            .map(|(name, value)| (name.to_owned(), value.normalize().to_string()))
            .collect(),
        error: said.as_ref().err().map(ToString::to_string),
    }));
    Fraction::of_decimal(said.map_err(|_| SkipReason::FormulaError)?).ok_or(SkipReason::OutOfRange)
}

impl Conversion {
    /// As one decimal number; an inverse quote is divided out to the 28 places that a decimal holds.
    fn to_decimal(self) -> Option<rust_decimal::Decimal> {
        let rate = self.rate.to_decimal();
        if self.inverse { rust_decimal::Decimal::ONE.checked_div(rate) } else { Some(rate) }
    }
}

impl Facts {
    /// The facts that every method has.
    fn new(profile: BasisPoints, master_lots: Lots, slave: &SlaveFacts) -> Self {
        Self {
            master_lots,
            profile,
            lots_min: slave.instrument.lots_min,
            lots_max: slave.instrument.lots_max,
            lot_step: slave.instrument.lot_step,
            symbol_factor: Some(slave.symbol_factor).filter(|factor| *factor != Ratio::UNIT),
            ..Self::default()
        }
    }

    /// `lots × symbol factor`: what a method wants, in lots of the slave's symbol.
    fn in_slave_symbol(&self, lots: Fraction) -> Option<Fraction> {
        self.symbol_factor.map_or(Some(lots), |factor| lots.times(factor.units(), Ratio::ONE))
    }
}

impl Decision {
    /// A skip for want of facts: nothing was sized.
    pub fn without_facts(pool: &Pool, member: &Member, master_lots: Lots, reason: SkipReason) -> Self {
        Self {
            method: text(pool.method.name()).unwrap_or_default(),
            facts: Facts { master_lots, profile: member.profile, ..Facts::default() },
            lots_before_rounding: None,
            rounding: RoundingNote { policy: RoundingPolicy::Down, step: Lots::ZERO, lots: Lots::ZERO },
            caps: Caps::new(),
            skip: Some(reason),
        }
    }
}
