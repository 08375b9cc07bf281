//! The rules of the methods that look at each account alone: lots before rounding from the facts, and what rounding,
//! minimum and caps make of them.
//!
//! Written from the design's section on allocation and the documentation of `allocation::plan` and
//! `allocation::decision`, not from the code.

use std::collections::BTreeMap;

use super::copy::{Copy, Difference, Facts};
use super::number::{Exact, Number, Shown, decimal, floor_to, half_even, nearest_to, whole, zero};

/// What the auditor knows of an account beside the report. What is absent is taken from the report as it stands.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// For `raise_to_minimum`: how many times the intended lots the smallest volume may be.
    pub max_risk_multiple: Option<Exact>,
    /// Every bound on the copy's lots, binding or not: reason of the skip that it forces, lots.
    pub bounds: Option<Vec<(String, Exact)>>,
    /// The decision is fresh from sizing: no later reason can have ended it as a skip.
    pub fresh: bool,
}

/// A size, or why there is none. More than one reason is given where the rules leave the choice open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sized {
    Lots(Exact),
    Skip(Vec<&'static str>),
}

/// Everything in one copy of a per-account method that is not as the rules say.
pub fn audit_copy(copy: &Copy, known: &Known) -> Vec<Difference> {
    let mut found = Vec::new();
    let decision = &copy.decision;
    let Some(shown) = &decision.lots_before_rounding else {
        return unsized_copy(copy);
    };
    let wanted = match wanted(copy) {
        Ok(wanted) => wanted,
        Err(why) => return vec![copy.difference("lots_before_rounding", Shown(&shown.0), why)],
    };
    if half_even(&wanted, 12) != shown.0 {
        found.push(copy.difference("lots_before_rounding", Shown(&shown.0), Shown(&wanted)));
    }
    found.extend(audit_caps(copy, &most_meant(copy, &wanted)));
    let expected = match rounded(copy, &wanted, known) {
        Ok(expected) => expected,
        Err(why) => return vec![copy.difference("rounding", &decision.rounding.policy, why)],
    };
    found.extend(compare(copy, &expected, known.fresh));
    found
}

/// The lots that the method wants, in the slave's symbol, before caps and rounding.
pub fn wanted(copy: &Copy) -> Result<Exact, String> {
    // A formula's result is not worked out again, so that its lots are after the factor already.
    let factor =
        if copy.decision.method == "formula" { whole(1) } else { symbol_factor(&copy.decision.facts)? };
    Ok(by_method(copy)? * factor)
}

fn by_method(copy: &Copy) -> Result<Exact, String> {
    let facts = &copy.decision.facts;
    let volume = &facts.master_lots.0;
    let profile = &facts.profile.0;
    match copy.decision.method.as_str() {
        "fixed_lots" => {
            let lots = need(facts.lots.as_ref(), "lots")?;
            match facts.per.as_deref() {
                Some("trade") => Ok(lots),
                Some("master_lot") => Ok(lots * volume),
                other => Err(format!("facts.per \"trade\" or \"master_lot\", found {other:?}")),
            }
        }
        "multiplier" => Ok(volume * profile * notional(facts)?),
        "balance_ratio" | "equity_ratio" | "free_margin_ratio" => {
            let size = need(facts.size.as_ref(), "size")? * rate(facts)?;
            let master_size = positive(facts.master_size.as_ref(), "master_size")?;
            Ok(volume * size / master_size * profile * notional(facts)? * leverage(facts)?)
        }
        "risk_percent" => risk_percent(facts),
        "formula" => formula(copy),
        other => Err(format!("a method that looks at one account, found {other}")),
    }
}

fn need(fact: Option<&Number>, name: &str) -> Result<Exact, String> {
    fact.map(|number| number.0.clone()).ok_or_else(|| format!("facts.{name}"))
}

fn positive(fact: Option<&Number>, name: &str) -> Result<Exact, String> {
    let number = need(fact, name)?;
    if number > zero() { Ok(number) } else { Err(format!("facts.{name} above zero, found {number}")) }
}

/// What one unit of the slave's currency is in the master's; 1 for the same currency.
pub fn rate(facts: &Facts) -> Result<Exact, String> {
    if facts.rate.is_none() && !facts.rate_inverse {
        return Ok(whole(1));
    }
    let rate = positive(facts.rate.as_ref(), "rate")?;
    Ok(if facts.rate_inverse { rate.recip() } else { rate })
}

/// How many lots of the slave's symbol stand for one of the master's; noted only where that is not 1.
pub fn symbol_factor(facts: &Facts) -> Result<Exact, String> {
    match &facts.symbol_factor {
        None => Ok(whole(1)),
        Some(factor) if factor.0 == whole(1) => {
            Err("no facts.symbol_factor, or another one than 1".to_owned())
        }
        factor => positive(factor.as_ref(), "symbol_factor"),
    }
}

/// `C_m / C_i`, or 1 where contract sizes are not converted.
pub fn notional(facts: &Facts) -> Result<Exact, String> {
    if facts.master_contract_size.is_none() && facts.contract_size.is_none() {
        return Ok(whole(1));
    }
    let master = positive(facts.master_contract_size.as_ref(), "master_contract_size")?;
    Ok(master / positive(facts.contract_size.as_ref(), "contract_size")?)
}

/// `leverage_i / leverage_m` where it is below 1; noted only there.
fn leverage(facts: &Facts) -> Result<Exact, String> {
    match (facts.leverage, facts.master_leverage) {
        (None, None) => Ok(whole(1)),
        (Some(slave), Some(master)) if slave < master => Ok(Exact::new(slave.into(), master.into())),
        other => Err(format!("a slave's leverage below the master's, found {other:?}")),
    }
}

/// `equity × percent / 100 × k / (|entry − stop| / tick size × tick value)`
fn risk_percent(facts: &Facts) -> Result<Exact, String> {
    let equity = need(facts.size.as_ref(), "size")?;
    let percent = need(facts.percent.as_ref(), "percent")?;
    let distance = need(facts.entry.as_ref(), "entry")? - need(facts.stop_loss.as_ref(), "stop_loss")?;
    let distance = if distance < zero() { -distance } else { distance };
    let ticks = distance / positive(facts.tick_size.as_ref(), "tick_size")?;
    let loss_per_lot = ticks * positive(facts.tick_value.as_ref(), "tick_value")?;
    if loss_per_lot == zero() {
        return Err("no size for a stop at the entry".to_owned());
    }
    Ok(equity * percent / whole(100) * &facts.profile.0 / loss_per_lot)
}

/// A formula's own result is taken as it stands; what it saw has to be what the other facts say.
fn formula(copy: &Copy) -> Result<Exact, String> {
    let facts = &copy.decision.facts;
    let note = facts.formula.as_ref().ok_or("facts.formula")?;
    if let Some(error) = &note.error {
        return Err(format!("no number after the formula's error: {error}"));
    }
    let same: [(&str, &Number); 5] = [
        ("master_lots", &facts.master_lots),
        ("profile", &facts.profile),
        ("lot_step", &facts.lot_step),
        ("lots_min", &facts.lots_min),
        ("lots_max", &facts.lots_max),
    ];
    for (name, fact) in same {
        let saw = variable(&note.variables, name);
        if saw.as_ref().is_some_and(|saw| *saw != fact.0) {
            return Err(format!("{name} as in the facts, found {saw:?}"));
        }
    }
    need(copy.decision.lots_before_rounding.as_ref(), "lots_before_rounding")
}

fn variable(variables: &BTreeMap<String, String>, name: &str) -> Option<Exact> {
    decimal(variables.get(name)?)
}

/// The smallest volume that can be opened: the symbol's minimum in whole steps, and never less than a step.
pub fn smallest(facts: &Facts) -> Exact {
    let step = &facts.lot_step.0;
    super::number::ceil_to(&facts.lots_min.0, step).max(step.clone())
}

/// What the account's policy, minimum and caps make of the lots that the method wants.
fn rounded(copy: &Copy, wanted: &Exact, known: &Known) -> Result<Sized, String> {
    let facts = &copy.decision.facts;
    let step = &facts.lot_step.0;
    if copy.decision.rounding.step.0 != *step || *step <= zero() {
        return Err(format!("the step {}, above zero", Shown(step)));
    }
    let smallest = smallest(facts);
    let mut lots = match copy.decision.rounding.policy.as_str() {
        "nearest" => nearest_to(wanted, step),
        "down" | "raise_to_minimum" => floor_to(wanted, step),
        other => return Err(format!("down, nearest or raise_to_minimum, found {other}")),
    };
    let mut too_small = vec!["below_minimum"];
    if copy.decision.rounding.policy == "raise_to_minimum" && lots < smallest {
        let allowed = match &known.max_risk_multiple {
            Some(most) => smallest <= most * wanted,
            // Checked over the whole report: one multiple has to explain all of an account's decisions.
            None => copy.decision.skip.as_deref() != Some("minimum_too_risky"),
        };
        if *wanted == zero() {
            too_small.push("minimum_too_risky");
        } else if allowed {
            lots.clone_from(&smallest);
        } else {
            too_small = vec!["minimum_too_risky"];
        }
    }
    let bound = tightest(copy, known)?;
    if lots < smallest {
        // Too small as it is; where a cap would have held it down further, either reason is true.
        too_small.extend(bound.filter(|(_, most)| most < wanted).map(|(reason, _)| reason));
        return Ok(Sized::Skip(too_small));
    }
    match bound.map(|(reason, most)| (reason, floor_to(&most, step))) {
        Some((reason, most)) if most < smallest => Ok(Sized::Skip(vec![reason])),
        Some((_, most)) => Ok(Sized::Lots(lots.min(most))),
        None => Ok(Sized::Lots(lots)),
    }
}

/// The tightest bound, and the reason of the skip that it forces.
fn tightest(copy: &Copy, known: &Known) -> Result<Option<(&'static str, Exact)>, String> {
    let bounds = match &known.bounds {
        Some(bounds) => bounds.clone(),
        None => copy.decision.caps.iter().map(|cap| (cap.limit.clone(), cap.lots.0.clone())).collect(),
    };
    let mut best: Option<(&'static str, Exact)> = None;
    for (limit, lots) in bounds {
        let reason = cap_reason(&limit).ok_or_else(|| format!("a known limit, found {limit}"))?;
        if best.as_ref().is_none_or(|(_, least)| lots < *least) {
            best = Some((reason, lots));
        }
    }
    Ok(best)
}

/// The reason of a skip that a cap forces.
pub fn cap_reason(limit: &str) -> Option<&'static str> {
    Some(match limit {
        "lots_max" => "below_minimum",
        "volume_limit" => "volume_limit",
        "lots_per_trade" => "limit_lots_per_trade",
        "lots_per_symbol" => "limit_lots_per_symbol",
        "lots_total" => "limit_lots_total",
        "margin_buffer" => "margin_buffer",
        _ => return None,
    })
}

/// What caps are held against: a policy that rounds up may mean more than was wanted.
fn most_meant(copy: &Copy, wanted: &Exact) -> Exact {
    let facts = &copy.decision.facts;
    match copy.decision.rounding.policy.as_str() {
        "nearest" => wanted.clone().max(nearest_to(wanted, &facts.lot_step.0)),
        "raise_to_minimum" => wanted.clone().max(smallest(facts)),
        _ => wanted.clone(),
    }
}

/// Listed are the bounds that hold the wanted lots down, each tighter than the one before.
pub fn audit_caps(copy: &Copy, wanted: &Exact) -> Vec<Difference> {
    let mut before = wanted.clone();
    let mut found = Vec::new();
    for cap in &copy.decision.caps {
        if cap.lots.0 >= before {
            let expected = format!("a cap below {}", Shown(&before));
            found.push(copy.difference(&format!("caps.{}", cap.limit), Shown(&cap.lots.0), expected));
        }
        before.clone_from(&cap.lots.0);
    }
    found
}

/// The decision's lots and skip against what the rules give.
pub fn compare(copy: &Copy, expected: &Sized, fresh: bool) -> Vec<Difference> {
    let decision = &copy.decision;
    // How many copies are open has nothing to do with the size.
    let full = decision.skip.as_deref() == Some("limit_open_copies");
    let ended_later = full || (!fresh && copy.skipped_after_sizing());
    let lots = &decision.rounding.lots.0;
    match (expected, decision.skip.as_deref()) {
        (Sized::Lots(right), None) if lots != right => {
            vec![copy.difference("rounding.lots", Shown(lots), Shown(right))]
        }
        (_, Some(_)) if *lots != zero() => {
            vec![copy.difference("rounding.lots of a skip", Shown(lots), "0")]
        }
        (Sized::Lots(right), Some(reason)) if !ended_later => {
            vec![copy.difference("skip", reason, format!("none, {} lots", Shown(right)))]
        }
        (Sized::Skip(reasons), None) => {
            vec![copy.difference("skip", format!("none, {} lots", Shown(lots)), reasons.join(" or "))]
        }
        (Sized::Skip(reasons), Some(reason)) if !reasons.contains(&reason) && !ended_later => {
            vec![copy.difference("skip", reason, reasons.join(" or "))]
        }
        _ => Vec::new(),
    }
}

/// A copy for which nothing could be worked out has to say why, and has no lots.
pub fn unsized_copy(copy: &Copy) -> Vec<Difference> {
    let decision = &copy.decision;
    let facts = &decision.facts;
    let Some(reason) = decision.skip.as_deref() else {
        return vec![copy.difference("lots_before_rounding", "absent", "present, for nothing was skipped")];
    };
    let nothing = |number: &Option<Number>| number.as_ref().is_none_or(|number| number.0 <= zero());
    let believable = match reason {
        "no_stop_loss" => decision.method == "risk_percent" && facts.stop_loss.is_none(),
        "formula_error" => facts.formula.as_ref().is_some_and(|note| note.error.is_some()),
        // Where the facts give a size after all, there was something to size from.
        "nothing_to_size_from" => !wanted(copy).is_ok_and(|lots| lots > zero()),
        "no_rate" => facts.rate.is_none(),
        "out_of_range" | "unknown_symbol" | "block_shared" => true,
        "below_minimum" | "minimum_too_risky" => false,
        _ => copy.skipped_after_sizing(),
    };
    let unused = nothing(&Some(decision.rounding.lots.clone()));
    if believable && unused {
        return Vec::new();
    }
    vec![copy.difference("skip without a size", reason, "a reason that the facts bear out, and no lots")]
}
