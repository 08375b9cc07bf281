//! MAM: a block of the master's volume, shared among all members of a pool by weight.

use super::block::{self, Claim, Scratch, Verdict};
use super::decision::{BlendPart, Caps, Decision, Facts, RoundingNote, SkipReason};
use super::fraction::Fraction;
use super::limits;
use super::plan::{Excess, Member, Method, Pool, Residual, WeightKind};
use super::rounding::smallest;
use super::{SlaveFacts, Trade};
use crate::domain::{BasisPoints, Lots, Ratio, text};

/// What a block came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockAllocation {
    /// One decision a member, in the members' order.
    pub decisions: Vec<Decision>,
    /// With `carry`: each member's credit after this block, in millionths of its lot step; `None` for members
    /// that took no part.
    pub credits: Vec<Option<i64>>,
    /// What nobody got, in the master's lots.
    pub remainder: Fraction,
}

/// A block's rule, as `block` and `hybrid` share it.
struct Rule {
    multiplier: Ratio,
    residual: Residual,
    excess: Excess,
}

impl Rule {
    fn of(method: &Method) -> Option<Self> {
        match method {
            Method::Block { block_multiplier, residual, excess, .. }
            | Method::Hybrid { block_multiplier, residual, excess, .. } => {
                Some(Self { multiplier: *block_multiplier, residual: *residual, excess: *excess })
            }
            _ => None,
        }
    }
}

/// Shares `V_m × block_multiplier` among a pool's members by weight × profile.
///
/// Members without facts are skipped for the reason given, and the others share the block. Conserved: shares
/// (converted by contract size) plus the remainder are the block, exactly.
pub fn allocate_block(
    pool: &Pool,
    trade: &Trade,
    members: &[(&Member, Result<SlaveFacts, SkipReason>)],
    scratch: &mut Scratch,
) -> BlockAllocation {
    let mut decisions: Vec<Decision> = members
        .iter()
        .map(|(member, slave)| {
            let reason = slave.as_ref().err().copied().unwrap_or(SkipReason::OutOfRange);
            Decision::without_facts(pool, member, trade.lots, reason)
        })
        .collect();
    let mut credits = vec![None; members.len()];
    let whole = Fraction::of_lots(trade.lots);
    let Some(rule) = Rule::of(&pool.method) else {
        return BlockAllocation { decisions, credits, remainder: whole };
    };
    let mut parties = parties(pool, trade, &rule, members, &mut decisions);
    weigh(pool, trade, &mut parties, &mut decisions);
    let remainder = divide(pool, trade, &rule, &parties, scratch, &mut decisions, &mut credits);
    let multiplied = whole.times(rule.multiplier.units(), Ratio::ONE).unwrap_or(whole);
    BlockAllocation { decisions, credits, remainder: remainder.unwrap_or(multiplied) }
}

/// A member that takes part in a block.
struct Party<'a> {
    /// Its place among the pool's members.
    at: usize,
    member: &'a Member,
    slave: SlaveFacts<'a>,
    caps: Caps,
    facts: Facts,
    weight: u64,
}

/// Who takes part: members with facts, whose limits allow a further copy.
fn parties<'a>(
    pool: &Pool,
    trade: &Trade,
    rule: &Rule,
    members: &[(&'a Member, Result<SlaveFacts<'a>, SkipReason>)],
    decisions: &mut [Decision],
) -> Vec<Party<'a>> {
    let mut parties = Vec::with_capacity(members.len());
    for (at, (member, slave)) in members.iter().enumerate() {
        let Ok(slave) = slave else { continue };
        let mut facts = Facts::new(member.profile, trade.lots, slave);
        facts.block_multiplier = Some(rule.multiplier);
        if pool.contract_size && trade.instrument.contract_size != slave.instrument.contract_size {
            facts.master_contract_size = Some(trade.instrument.contract_size);
            facts.contract_size = Some(slave.instrument.contract_size);
        }
        if rule.residual == Residual::Carry {
            facts.credit = Some(slave.credit);
        }
        match limits::caps(&slave.rules.limits, &slave.exposure, slave.account, slave.instrument) {
            Ok(caps) => parties.push(Party { at, member, slave: *slave, caps, facts, weight: 0 }),
            Err(reason) => {
                decisions[at].facts = facts;
                decisions[at].skip = Some(reason);
            }
        }
    }
    parties
}

/// Gives every party its weight; those without one leave the block, with the reason.
fn weigh(pool: &Pool, trade: &Trade, parties: &mut Vec<Party>, decisions: &mut [Decision]) {
    let blend: &[(WeightKind, BasisPoints)] = match &pool.method {
        Method::Hybrid { blend, .. } => blend,
        Method::Block { by, .. } => &[(*by, BasisPoints::ONE)],
        _ => &[],
    };
    let mut kinds: Vec<Vec<u64>> = Vec::with_capacity(blend.len());
    for (kind, _) in blend {
        let weights: Vec<Result<u64, SkipReason>> =
            parties.iter_mut().map(|party| kind_weight(*kind, party, trade)).collect();
        let reasons: Vec<_> = weights.iter().map(|w| w.err()).collect();
        kinds.push(weights.into_iter().map(Result::unwrap_or_default).collect());
        leave(parties, &mut kinds, &reasons, decisions);
    }
    let reasons: Vec<Option<SkipReason>> = match (&pool.method, kinds.as_slice()) {
        (Method::Hybrid { .. }, kinds) => blended(blend, kinds, parties),
        (_, [weights]) => {
            parties.iter_mut().zip(weights).map(|(party, weight)| profiled(party, *weight)).collect()
        }
        _ => Vec::new(),
    };
    leave(parties, &mut kinds, &reasons, decisions);
    let total = parties.iter().try_fold(0_u64, |sum, party| sum.checked_add(party.weight));
    if total.is_none() {
        let reasons = vec![Some(SkipReason::OutOfRange); parties.len()];
        leave(parties, &mut kinds, &reasons, decisions);
    }
    for party in parties {
        party.facts.weight = Some(party.weight);
        party.facts.total_weight = total;
    }
}

/// Takes those with a reason out of the block, and writes the reason down.
fn leave(
    parties: &mut Vec<Party>,
    kinds: &mut [Vec<u64>],
    reasons: &[Option<SkipReason>],
    decisions: &mut [Decision],
) {
    for (party, reason) in parties.iter().zip(reasons) {
        if let Some(reason) = reason {
            decisions[party.at].facts = party.facts.clone();
            decisions[party.at].skip = Some(*reason);
        }
    }
    let stays = || reasons.iter().map(Option::is_none);
    let mut keep = stays();
    parties.retain(|_| keep.next().unwrap_or(false));
    for weights in kinds {
        let mut keep = stays();
        weights.retain(|_| keep.next().unwrap_or(false));
    }
}

/// One kind's weight, before the profile.
///
/// Equity and balance: minor units of the master's currency, half to even, or rounded down where they had to be
/// converted; percent and risk weight: basis points.
fn kind_weight(kind: WeightKind, party: &mut Party, trade: &Trade) -> Result<u64, SkipReason> {
    let account = party.slave.account;
    let size = match kind {
        WeightKind::Equity => account.equity,
        WeightKind::Balance => account.balance,
        WeightKind::Equal => return Ok(1),
        WeightKind::Percent | WeightKind::RiskWeight => {
            let own = if kind == WeightKind::Percent { party.member.percent } else { party.member.weight };
            return own
                .map(|own| u64::from(own.units()))
                .filter(|w| *w > 0)
                .ok_or(SkipReason::NothingToSizeFrom);
        }
    };
    party.facts.size = Some(size);
    let conversion = party.slave.conversion.ok_or(SkipReason::NoRate)?;
    let digits = trade.account.currency_digits;
    if conversion == super::Conversion::SAME {
        return u64::try_from(size.minor_units(digits))
            .ok()
            .filter(|w| *w > 0)
            .ok_or(SkipReason::NothingToSizeFrom);
    }
    let amount = Fraction::of_lots(Lots::from_units(size.units()));
    let scale = 10_i64.pow(crate::domain::Money::PLACES.saturating_sub(u32::from(digits)));
    let minor = conversion
        .apply(amount, &mut party.facts)
        .and_then(|amount| amount.floor_to(Lots::from_units(scale)))
        .map(|units| units.units() / scale)
        .ok_or(SkipReason::OutOfRange)?;
    u64::try_from(minor).ok().filter(|w| *w > 0).ok_or(SkipReason::NothingToSizeFrom)
}

/// Weight × profile.
fn profiled(party: &mut Party, weight: u64) -> Option<SkipReason> {
    match weight.checked_mul(u64::from(party.member.profile.units())) {
        Some(0) => Some(SkipReason::NothingToSizeFrom),
        Some(weight) => {
            party.weight = weight;
            None
        }
        None => Some(SkipReason::OutOfRange),
    }
}

/// Billionths: what the shares of a blend are counted in.
const BLEND_UNITS: u128 = 1_000_000_000;

/// `w_i = Σ coefficient × w_i,kind / Σ w_kind`, in billionths times basis points, each term rounded down;
/// then × profile.
fn blended(
    blend: &[(WeightKind, BasisPoints)],
    kinds: &[Vec<u64>],
    parties: &mut [Party],
) -> Vec<Option<SkipReason>> {
    let total = |w: &Vec<u64>| w.iter().try_fold(0_u64, |sum, w| sum.checked_add(*w));
    let Some(totals) = kinds.iter().map(total).collect::<Option<Vec<u64>>>() else {
        return vec![Some(SkipReason::OutOfRange); parties.len()];
    };
    let mut reasons = Vec::with_capacity(parties.len());
    for (at, party) in parties.iter_mut().enumerate() {
        let mut sum = 0_u128;
        let mut parts = Vec::with_capacity(blend.len());
        for (((kind, coefficient), weights), total) in blend.iter().zip(kinds).zip(&totals) {
            let weight = weights[at];
            sum += u128::from(coefficient.units()) * u128::from(weight) * BLEND_UNITS
                / u128::from(*total).max(1);
            parts.push(BlendPart { kind: *kind, coefficient: *coefficient, weight, total: *total });
        }
        party.facts.blend = Some(parts);
        reasons
            .push(u64::try_from(sum).map_or(Some(SkipReason::OutOfRange), |weight| profiled(party, weight)));
    }
    reasons
}

/// Shares the block and writes every party's decision; the remainder in the master's lots.
fn divide(
    pool: &Pool,
    trade: &Trade,
    rule: &Rule,
    parties: &[Party],
    scratch: &mut Scratch,
    decisions: &mut [Decision],
    credits: &mut [Option<i64>],
) -> Option<Fraction> {
    let scale = Scale::new(pool, trade, rule, parties)?;
    let claims: Vec<Claim> = parties.iter().map(|party| scale.claim(pool, party)).collect::<Option<_>>()?;
    let shared = block::share(scale.block, &claims, rule.residual, rule.excess, scratch).ok()?;
    for ((party, claim), share) in parties.iter().zip(&claims).zip(shared.shares) {
        let steps = i64::try_from(share.units / claim.step).ok()?;
        let step = party.slave.instrument.lot_step;
        let lots = Lots::from_units(step.units().checked_mul(steps)?);
        let wanted = share_before_rounding(trade, rule, party);
        let caps = wanted.map_or_else(Caps::new, |wanted| limits::binding(party.caps.clone(), wanted));
        let skip = (!lots.is_positive()).then(|| match share.verdict {
            Verdict::Capped => caps.last().map_or(SkipReason::BelowMinimum, |cap| cap.limit.skip()),
            _ => SkipReason::BelowMinimum,
        });
        let mut facts = party.facts.clone();
        facts.cap = limits::tightest(&party.caps, step);
        decisions[party.at] = Decision {
            method: text(pool.method.name()).unwrap_or_default(),
            facts,
            lots_before_rounding: wanted,
            rounding: RoundingNote { policy: rule.residual.into(), step, lots },
            caps,
            skip,
        };
        credits[party.at] = (rule.residual == Residual::Carry).then_some(share.new_credit);
    }
    scale.master_lots(shared.remainder)
}

/// `V_m × block_multiplier × w_i / Σ w × C_m / C_i × symbol factor_i`.
fn share_before_rounding(trade: &Trade, rule: &Rule, party: &Party) -> Option<Fraction> {
    let share = Fraction::of_lots(trade.lots).times(rule.multiplier.units(), Ratio::ONE)?;
    let share = share.times_part(party.weight, party.facts.total_weight?)?;
    let share = match (party.facts.master_contract_size, party.facts.contract_size) {
        (Some(master), Some(slave)) => share.times(master.units(), slave.units())?,
        _ => share,
    };
    party.facts.in_slave_symbol(share)
}

/// Between lots and the block's own integer units: the largest unit that the block and every account's step
/// are whole multiples of, counted in lots × contract size of the master's symbol.
///
/// A lot of a slave whose symbol factor is `n / d` stands for `d / n` lots in the block, so that all is counted in
/// fractions of `common`, the least common multiple of every `n`: whole numbers again.
struct Scale {
    /// The block in units.
    block: u64,
    /// One unit, in 1e-24 lot × contract size / `common`.
    unit: u128,
    /// The master's contract size, or 1 when sizes are not converted.
    master_contract: u128,
    /// 1 where every symbol factor is 1.
    common: u128,
}

impl Scale {
    fn new(pool: &Pool, trade: &Trade, rule: &Rule, parties: &[Party]) -> Option<Self> {
        let master_contract = contract(pool, trade.instrument.contract_size)?;
        let common = parties.iter().try_fold(1_u128, |common, party| {
            let (n, _) = factor(party)?;
            common.checked_mul(n / gcd(common, n))
        })?;
        let block = u128::try_from(trade.lots.units())
            .ok()?
            .checked_mul(u128::try_from(rule.multiplier.units()).ok()?)?
            .checked_mul(master_contract)?
            .checked_mul(common)?;
        let mut unit = block;
        for party in parties {
            unit = gcd(unit, step_value(pool, party, common)?);
        }
        (unit > 0).then_some(())?;
        Some(Self { block: u64::try_from(block / unit).ok()?, unit, master_contract, common })
    }

    /// A party's claim in the block's units.
    fn claim(&self, pool: &Pool, party: &Party) -> Option<Claim> {
        let step = u64::try_from(step_value(pool, party, self.common)? / self.unit).ok()?;
        let lot_step = party.slave.instrument.lot_step;
        let steps_of = |lots: Lots| u64::try_from(lots.units() / lot_step.units()).unwrap_or(0);
        let cap = limits::tightest(&party.caps, lot_step).map_or(u64::MAX, steps_of);
        let minimum = smallest(party.slave.instrument).units();
        let min_steps = u64::try_from(minimum.checked_add(lot_step.units() - 1)? / lot_step.units()).ok()?;
        Some(Claim {
            login: party.member.login,
            weight: party.weight,
            step,
            min: min_steps.saturating_mul(step),
            cap: cap.saturating_mul(step),
            credit: party.slave.credit,
        })
    }

    /// So many units in the master's lots.
    fn master_lots(&self, units: u64) -> Option<Fraction> {
        // 1e-24 lot × contract size, over the contract size (1e-8), over 1e-8 of the multiplier's scale.
        let value = self.unit.checked_mul(u128::from(units))?;
        let per_lot = self.master_contract.checked_mul(u128::from(Ratio::ONE.unsigned_abs()))?;
        Fraction::of_units(value, per_lot.checked_mul(self.common)?)
    }
}

/// A lot step in 1e-24 lot × contract size / `common`, which the numerator of the party's factor divides.
fn step_value(pool: &Pool, party: &Party, common: u128) -> Option<u128> {
    let (n, d) = factor(party)?;
    u128::try_from(party.slave.instrument.lot_step.units())
        .ok()?
        .checked_mul(u128::from(Ratio::ONE.unsigned_abs()))?
        .checked_mul(contract(pool, party.slave.instrument.contract_size)?)?
        .checked_mul(d)?
        .checked_mul(common / n)
        .filter(|value| *value > 0)
}

/// A party's symbol factor as a fraction in its lowest terms; `None` unless it is positive.
fn factor(party: &Party) -> Option<(u128, u128)> {
    let Some(factor) = party.facts.symbol_factor else { return Some((1, 1)) };
    let n = u128::try_from(factor.units()).ok().filter(|n| *n > 0)?;
    let d = u128::from(Ratio::ONE.unsigned_abs());
    let common = gcd(n, d);
    Some((n / common, d / common))
}

/// The contract size that counts, or one.
fn contract(pool: &Pool, size: Ratio) -> Option<u128> {
    u128::try_from(if pool.contract_size { size.units() } else { Ratio::ONE }).ok()
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
