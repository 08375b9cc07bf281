//! A block: all members of one pool on one position together. Weights, their sum, every share, the sum of all.

use std::collections::BTreeMap;

use lotbridge::allocation::{Excess, Residual};
use num_bigint::BigInt;

use super::copy::{Copy, Difference, Facts};
use super::number::{Exact, Number, Shown, half_even, whole, zero};
use super::rules::{
    Sized, audit_caps, cap_reason, compare, notional, rate, smallest, symbol_factor, unsized_copy,
};
use super::sharing::{self, Claim, Outcome, Verdict, gcd};

/// What the auditor knows of a block beside its decisions.
#[derive(Debug, Clone)]
pub struct KnownBlock {
    /// Where a capped account's excess goes.
    pub excess: Excess,
    /// What the block left over, in the master's lots, to 12 decimals.
    pub remainder: Option<Exact>,
    /// The decisions are fresh from sizing: no later reason can have ended them as skips.
    pub fresh: bool,
}

/// What a block's audit came to.
#[derive(Debug, Default)]
pub struct BlockAudit {
    pub differences: Vec<Difference>,
    /// With `carry`: what each member was owed before and after.
    pub credits: Vec<Credit>,
}

/// One member's credit, in millionths of its step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    pub login: u64,
    pub before: BigInt,
    pub after: BigInt,
}

/// Everything in one block that is not as the rules say.
pub fn audit_block(copies: &[&Copy], known: &KnownBlock) -> BlockAudit {
    let mut audit = BlockAudit::default();
    let (parties, others): (Vec<&Copy>, Vec<&Copy>) =
        copies.iter().partition(|copy| copy.decision.facts.total_weight.is_some());
    for copy in others {
        audit.differences.extend(unsized_copy(copy));
    }
    let Some(first) = parties.first() else { return audit };
    audit.differences.extend(common_facts(&parties));
    audit.differences.extend(audit_weights(copies, &parties));
    let residual = match first.decision.rounding.policy.as_str() {
        "largest_remainder" => Residual::LargestRemainder,
        "largest_account" => Residual::LargestAccount,
        "carry" => Residual::Carry,
        other => {
            audit.differences.push(first.difference("rounding.policy", other, "one of a block"));
            return audit;
        }
    };
    let measured = match Measured::new(&parties) {
        Ok(measured) => measured,
        Err(difference) => {
            audit.differences.push(difference);
            return audit;
        }
    };
    let outcome = sharing::share(&measured.block, &measured.claims, residual, known.excess);
    audit.differences.extend(measured.compare(&parties, &outcome, known));
    if residual == Residual::Carry {
        for (copy, share) in parties.iter().zip(outcome.shares) {
            let before = BigInt::from(copy.decision.facts.credit.unwrap_or(0));
            audit.credits.push(Credit { login: copy.login, before, after: share.credit });
        }
    }
    audit
}

/// What is one fact of the block has to be the same for every member.
fn common_facts(parties: &[&Copy]) -> Vec<Difference> {
    type Common<'a> = (&'a Number, Option<&'a Number>, Option<u64>, &'a str, &'a str, Option<&'a Number>);
    fn common(copy: &Copy) -> Common<'_> {
        let facts = &copy.decision.facts;
        (
            &facts.master_lots,
            facts.block_multiplier.as_ref(),
            facts.total_weight,
            &copy.decision.method,
            &copy.decision.rounding.policy,
            facts.master_size.as_ref(),
        )
    }
    let first = common(parties[0]);
    parties
        .iter()
        .filter(|copy| common(copy) != first)
        .map(|copy| {
            copy.difference("the block's common facts", format!("{:?}", common(copy)), format!("{first:?}"))
        })
        .collect()
}

/// Sum of the weights, and each weight from what it was made of.
fn audit_weights(copies: &[&Copy], parties: &[&Copy]) -> Vec<Difference> {
    let mut found = Vec::new();
    let sum: u128 =
        parties.iter().map(|copy| u128::from(copy.decision.facts.weight.unwrap_or_default())).sum();
    for copy in parties {
        let facts = &copy.decision.facts;
        if facts.total_weight.map(u128::from) != Some(sum) {
            found.push(copy.difference("total_weight", format!("{:?}", facts.total_weight), sum));
        }
        if facts.weight.is_none_or(|weight| weight == 0) {
            found.push(copy.difference("weight", format!("{:?}", facts.weight), "above zero"));
        }
    }
    if parties[0].decision.method == "hybrid" {
        found.extend(audit_blends(copies, parties));
    }
    if parties.iter().any(|copy| base(copy).is_some_and(|(_, money)| money)) {
        found.extend(audit_sizes(parties));
    }
    found.extend(parties.iter().filter_map(|copy| {
        let (base, _) = base(copy)?;
        (!base.is_integer()).then(|| copy.difference("weight", base, "a multiple of the profile"))
    }));
    found
}

/// The weight before the profile, where one kind of money or nothing but one kind makes it; is it money?
fn base(copy: &Copy) -> Option<(Exact, bool)> {
    let facts = &copy.decision.facts;
    let Some(blend) = &facts.blend else {
        return Some((whole(facts.weight?) / basis_points(&facts.profile.0), facts.size.is_some()));
    };
    let mut money = blend.iter().filter(|part| part.kind == "equity" || part.kind == "balance");
    let only = money.next()?;
    money.next().is_none().then(|| (whole(only.weight), true))
}

/// A number in basis points.
fn basis_points(number: &Exact) -> Exact {
    number * whole(10_000)
}

/// By equity or balance: minor units of the master's currency; converted ones rounded down, those of the same
/// currency half to even. How many digits that currency has is not in the report: one number of digits has to
/// explain all weights.
fn audit_sizes(parties: &[&Copy]) -> Vec<Difference> {
    let weight = |facts: &Facts, digits: u32| -> Option<Exact> {
        let minor = &facts.size.as_ref()?.0 * rate(facts).ok()? * whole(BigInt::from(10).pow(digits));
        Some(if facts.rate.is_some() { minor.floor() } else { half_even(&minor, 0) })
    };
    let wrong = |digits: u32| -> Vec<Difference> {
        parties
            .iter()
            .filter_map(|copy| {
                let (found, right) = (base(copy).map(|(base, _)| base), weight(&copy.decision.facts, digits));
                let shown =
                    |number: &Option<Exact>| number.as_ref().map_or("absent".to_owned(), ToString::to_string);
                (found != right).then(|| copy.difference("weight of money", shown(&found), shown(&right)))
            })
            .collect()
    };
    (0..=6).map(wrong).min_by_key(Vec::len).unwrap_or_default()
}

/// Coefficient × share of each kind, in billionths times basis points, each term rounded down; times the profile.
fn audit_blends(copies: &[&Copy], parties: &[&Copy]) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut totals: BTreeMap<&str, u128> = BTreeMap::new();
    for part in copies.iter().flat_map(|copy| copy.decision.facts.blend.iter().flatten()) {
        *totals.entry(&part.kind).or_default() += u128::from(part.weight);
    }
    for copy in parties {
        let facts = &copy.decision.facts;
        let Some(blend) = &facts.blend else {
            found.push(copy.difference("blend", "absent", "present"));
            continue;
        };
        let mut weight = zero();
        let mut coefficients = zero();
        for part in blend {
            coefficients += &part.coefficient.0;
            if totals.get(part.kind.as_str()) != Some(&u128::from(part.total)) {
                let expected = format!("{:?}", totals.get(part.kind.as_str()));
                found.push(copy.difference(&format!("total of {}", part.kind), part.total, expected));
            }
            if part.total > 0 {
                let billionths = basis_points(&part.coefficient.0) * whole(1_000_000_000);
                weight += (billionths * whole(part.weight) / whole(part.total)).floor();
            }
        }
        weight *= basis_points(&facts.profile.0);
        if facts.weight.map(whole).as_ref() != Some(&weight) {
            found.push(copy.difference("weight", format!("{:?}", facts.weight), Shown(&weight)));
        }
        if coefficients != whole(1) {
            found.push(copy.difference("sum of the blend's coefficients", Shown(&coefficients), 1));
        }
    }
    found
}

/// The block in whole numbers: in block units, the largest measure that makes the block and all steps whole.
struct Measured {
    block: BigInt,
    claims: Vec<Claim<BigInt>>,
    /// One unit in the master's lots.
    unit: Exact,
    /// The block in the master's lots.
    value: Exact,
    /// What one lot of each member is in the master's: `C_i / C_m / symbol factor_i`.
    lot_values: Vec<Exact>,
}

impl Measured {
    fn new(parties: &[&Copy]) -> Result<Self, Difference> {
        let first = parties[0];
        let facts = &first.decision.facts;
        let multiplier = facts
            .block_multiplier
            .as_ref()
            .ok_or_else(|| first.difference("block_multiplier", "absent", "present"))?;
        let value = &facts.master_lots.0 * &multiplier.0;
        let mut unit = value.clone();
        let mut lot_values = Vec::new();
        for copy in parties {
            let facts = &copy.decision.facts;
            if facts.lot_step.0 <= zero() || copy.decision.rounding.step != facts.lot_step {
                let step = Shown(&copy.decision.rounding.step.0);
                return Err(copy.difference("rounding.step", step, "the lot step, above zero"));
            }
            let lot_value =
                lots_of_one(facts).map_err(|why| copy.difference("facts", "incomplete", why))?.recip();
            unit = common_measure(&unit, &(&facts.lot_step.0 * &lot_value));
            lot_values.push(lot_value);
        }
        let units = |lots: &Exact, lot_value: &Exact| (lots * lot_value / &unit).to_integer();
        let claims = parties
            .iter()
            .zip(&lot_values)
            .map(|(copy, lot_value)| {
                let facts = &copy.decision.facts;
                Claim {
                    login: copy.login,
                    weight: BigInt::from(facts.weight.unwrap_or_default()),
                    step: units(&facts.lot_step.0, lot_value),
                    min: units(&smallest(facts), lot_value),
                    cap: facts.cap.as_ref().map(|cap| units(&cap.0, lot_value)),
                    credit: BigInt::from(facts.credit.unwrap_or(0)),
                }
            })
            .collect();
        Ok(Self { block: units(&value, &whole(1)), claims, unit, value, lot_values })
    }

    /// Every member's lots before and after rounding, and the sum of all.
    fn compare(&self, parties: &[&Copy], outcome: &Outcome<BigInt>, known: &KnownBlock) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut given = zero();
        let mut reported = zero();
        for ((copy, share), lot_value) in parties.iter().zip(&outcome.shares).zip(&self.lot_values) {
            let share_value = whole(share.units.clone()) * &self.unit;
            let lots = &share_value / lot_value;
            given += &share_value;
            // A copy skipped after sizing keeps its share of the block.
            let ended_later = copy.skipped_after_sizing() && copy.decision.rounding.lots.0 == zero();
            reported += if ended_later { share_value } else { &copy.decision.rounding.lots.0 * lot_value };
            let wanted = match wanted(copy) {
                Ok(wanted) => wanted,
                Err(why) => {
                    found.push(copy.difference("facts", "incomplete", why));
                    continue;
                }
            };
            let shown = copy.decision.lots_before_rounding.as_ref().map(|number| number.0.clone());
            if shown.as_ref() != Some(&half_even(&wanted, 12)) {
                found.push(copy.difference("lots_before_rounding", format!("{shown:?}"), Shown(&wanted)));
            }
            found.extend(audit_caps(copy, &wanted));
            found.extend(audit_cap(copy));
            let expected = match share.verdict {
                _ if lots > zero() => Sized::Lots(lots),
                Verdict::Capped => Sized::Skip(cap_reasons(copy)),
                _ => Sized::Skip(vec!["below_minimum"]),
            };
            found.extend(compare(copy, &expected, known.fresh));
        }
        let remainder = &self.value - reported;
        let right = &self.value - given;
        let stated = known.remainder.as_ref();
        if remainder < zero()
            || remainder != right
            || stated.is_some_and(|it| *it != half_even(&remainder, 12))
        {
            let found_text = format!("{} ({:?} stated)", Shown(&remainder), stated.map(ToString::to_string));
            found.push(parties[0].difference("the block's remainder", found_text, Shown(&right)));
        }
        found
    }
}

/// The largest number that both are whole multiples of.
fn common_measure(left: &Exact, right: &Exact) -> Exact {
    let denominator = left.denom() * right.denom();
    Exact::new(gcd(left.numer() * right.denom(), right.numer() * left.denom()), denominator)
}

/// What one lot of the master is in the member's symbol: `C_m / C_i × symbol factor_i`.
fn lots_of_one(facts: &Facts) -> Result<Exact, String> {
    Ok(notional(facts)? * symbol_factor(facts)?)
}

/// `V_m × block multiplier × w_i / Σ w × C_m / C_i × symbol factor_i`
fn wanted(copy: &Copy) -> Result<Exact, String> {
    let facts = &copy.decision.facts;
    let multiplier = facts.block_multiplier.as_ref().ok_or("facts.block_multiplier")?;
    let weight = facts.weight.ok_or("facts.weight")?;
    let total = facts.total_weight.filter(|total| *total > 0).ok_or("facts.total_weight")?;
    Ok(&facts.master_lots.0 * &multiplier.0 * Exact::new(weight.into(), total.into()) * lots_of_one(facts)?)
}

/// The cap is in whole steps, not above the symbol's largest volume nor above what the listed caps leave.
fn audit_cap(copy: &Copy) -> Vec<Difference> {
    let facts = &copy.decision.facts;
    let Some(cap) = &facts.cap else {
        return vec![copy.difference("cap", "absent", "present")];
    };
    let most =
        copy.decision.caps.iter().map(|cap| cap.lots.0.clone()).fold(facts.lots_max.0.clone(), Exact::min);
    let right = super::number::floor_to(&most, &facts.lot_step.0);
    let listed = !copy.decision.caps.is_empty();
    if cap.0 > right || (listed && cap.0 != right) {
        return vec![copy.difference("cap", Shown(&cap.0), Shown(&right))];
    }
    Vec::new()
}

/// Why a copy that its cap leaves nothing is skipped. Where no cap is listed, for the share before the others' excess
/// was below it, any cap may be the one.
fn cap_reasons(copy: &Copy) -> Vec<&'static str> {
    match copy.decision.caps.last() {
        Some(cap) => cap_reason(&cap.limit).into_iter().collect(),
        None => {
            ["lots_max", "volume_limit", "lots_per_trade", "lots_per_symbol", "lots_total", "margin_buffer"]
                .into_iter()
                .filter_map(cap_reason)
                .collect()
        }
    }
}
