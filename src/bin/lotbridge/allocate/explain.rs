//! A decision in a trader's words, short enough for a table.

use std::ops::RangeInclusive;

use lotbridge::allocation::{
    Decision, Facts, FixedPer, Method, Pool, RoundingPolicy, SideFilter, WeightKind,
};
use lotbridge::domain::{BasisPoints, Money, Ratio};
use rust_decimal::Decimal;

use crate::{market, table};

/// What a method looked at.
pub fn facts(pool: &Pool, decision: &Decision) -> String {
    let facts = &decision.facts;
    let mut words = match &pool.method {
        Method::FixedLots { .. } => fixed(facts),
        Method::Multiplier => facts.master_lots.to_string(),
        Method::BalanceRatio => sizes("balance", facts),
        Method::EquityRatio => sizes("equity", facts),
        Method::FreeMarginRatio => sizes("free margin", facts),
        Method::RiskPercent { percent } => risk(*percent, facts),
        Method::Block { by, .. } => weight(Some(*by), facts),
        Method::Hybrid { .. } => weight(None, facts),
        Method::Formula(formula) => formula.source().to_owned(),
    };
    match &pool.method {
        Method::FixedLots { .. } | Method::Formula(_) | Method::Block { .. } | Method::Hybrid { .. } => {}
        _ => words += &individual(facts),
    }
    let contract = facts.master_contract_size.zip(facts.contract_size);
    words += &contract.map_or_else(String::new, |(master, own)| format!(" × contract {master}/{own}"));
    words += &facts.symbol_factor.map_or_else(String::new, |factor| format!(" × symbol factor {factor}"));
    words
}

/// The factors of a size: profile, rate of exchange, leverage.
fn individual(facts: &Facts) -> String {
    let profile = Some(facts.profile).filter(|profile| *profile != BasisPoints::ONE);
    let leverage = facts.leverage.zip(facts.master_leverage);
    let factors = [
        profile.map(|profile| format!(" × {profile}")),
        facts.rate.map(|rate| format!(" {} rate {rate}", if facts.rate_inverse { "/" } else { "×" })),
        leverage.map(|(own, master)| format!(" × leverage {own}/{master}")),
    ];
    factors.into_iter().flatten().collect()
}

fn fixed(facts: &Facts) -> String {
    match (facts.lots, facts.per) {
        (Some(lots), Some(FixedPer::MasterLot)) => {
            format!("{lots} for each of {} master lots", facts.master_lots)
        }
        (Some(lots), _) => format!("{lots} for every trade"),
        (None, _) => "-".into(),
    }
}

fn sizes(what: &str, facts: &Facts) -> String {
    let amount = |amount: Option<Money>| amount.map_or_else(|| "-".into(), table::money);
    format!("{what} {} of {}", amount(facts.size), amount(facts.master_size))
}

fn risk(percent: Ratio, facts: &Facts) -> String {
    let equity = facts.size.map_or_else(|| "-".into(), table::money);
    let distance = facts
        .entry
        .zip(facts.stop_loss)
        .map(|(entry, stop)| (entry.to_decimal() - stop.to_decimal()).abs().normalize().to_string());
    match distance {
        Some(distance) => format!("{percent} % of equity {equity}, stop {distance} away"),
        None => format!("{percent} % of equity {equity}, no stop loss"),
    }
}

/// A block's weight, and which part it is of all weights.
fn weight(by: Option<WeightKind>, facts: &Facts) -> String {
    let kind = by.map_or_else(|| "hybrid".into(), |by| table::code(&by));
    let size = facts.size.map_or_else(String::new, |size| format!(" {}", table::money(size)));
    let part = facts.weight.zip(facts.total_weight).and_then(|(own, total)| {
        let part = Decimal::from(own).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(Decimal::from(total))?;
        Ratio::from_decimal(part.round_dp(Ratio::PLACES)).ok()
    });
    let part = part.map_or_else(|| "no part".into(), table::percent);
    let block = facts.block_multiplier.filter(|multiplier| *multiplier != Ratio::UNIT);
    let block = block.map_or_else(String::new, |multiplier| format!(" × {multiplier}"));
    format!("{kind}{size}{}: {part} of {}{block}", individual(facts), facts.master_lots)
}

/// What rounding and limits did, or why nothing is copied.
pub fn outcome(decision: &Decision) -> String {
    let mut words = Vec::new();
    words.extend(decision.skip.map(|skip| format!("skipped: {skip}")));
    words.extend(decision.caps.iter().map(table::cap));
    if let Some(error) = decision.facts.formula.as_ref().and_then(|note| note.error.as_ref()) {
        words.push(error.clone());
    }
    if decision.lots_before_rounding.is_some() {
        let policy = decision.rounding.policy;
        let carried = policy == RoundingPolicy::Carry;
        let credit = if carried { ", credit taken as 0" } else { "" };
        words.push(format!("{} to {}{credit}", table::code(&policy), decision.rounding.step));
    }
    words.join("; ")
}

/// What a pool takes.
pub fn filter(pool: &Pool) -> String {
    let side = match pool.filter.side {
        SideFilter::Both => "",
        SideFilter::Buy => ", buy only",
        SideFilter::Sell => ", sell only",
    };
    let list = |what: &str, items: Vec<String>| {
        if items.is_empty() { String::new() } else { format!(", {what} {}", items.join(", ")) }
    };
    let range = |range: &RangeInclusive<u64>| match (range.start(), range.end()) {
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from} to {to}"),
    };
    let magic = list("magic", pool.filter.magic.iter().map(range).collect());
    let comments = list("comment", pool.filter.comments.0.clone());
    let hours = list("opened", pool.filter.hours.iter().map(ToString::to_string).collect());
    format!("pool {} takes {}{side}{magic}{comments}{hours}", pool.name, market::shown(&pool.filter))
}
