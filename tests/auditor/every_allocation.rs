//! Random trades through the allocation's public functions, as JSON like in a report, through the auditor's rules;
//! and the facts themselves against what went in.

use std::collections::BTreeMap;
use std::fmt::Display;

use lotbridge::allocation::{Decision, Method, Pool, SkipReason, Trade, WeightKind, allocate_one};
use lotbridge::domain::{Lots, Money, Ratio};
use serde_json::{Value, json};

use crate::auditor::copy::Copy;
use crate::auditor::number::{Exact, decimal, floor_to, half_even, whole, zero};
use crate::auditor::random::Random;
use crate::auditor::rules::{Known, audit_copy};
use crate::world::{self, FORMULAS, Master, Slave};

const SEED: u64 = 7_310_052;
const CASES: u64 = 20_000;
const METHODS: [&str; 7] = [
    "fixed_lots",
    "multiplier",
    "balance_ratio",
    "equity_ratio",
    "free_margin_ratio",
    "risk_percent",
    "formula",
];

pub fn exact(text: impl Display) -> Exact {
    decimal(&text.to_string()).unwrap()
}

pub fn trade(master: &Master) -> Trade<'_> {
    Trade {
        lots: master.lots,
        entry: master.entry,
        stop_loss: master.stop_loss,
        account: &master.account,
        instrument: &master.instrument,
    }
}

/// A decision as it stands in a report, opened and closed in full.
pub fn entry(login: u64, master: &Master, decision: &Decision) -> Value {
    json!({
        "login": login,
        "pool": "pool",
        "master_position": 1,
        "symbol": "EURUSD",
        "side": "buy",
        "master_lots": master.lots,
        "opened_lots": decision.lots(),
        "closed_lots": decision.lots(),
        "open_time": null,
        "close_time": null,
        "profit": "0.00",
        "skip": decision.skip,
        "decision": decision,
    })
}

/// The bounds on a further copy, by the documentation of the limits; none at all when no copy is allowed.
pub fn bounds(slave: &Slave) -> Vec<(String, Exact)> {
    let limits = &slave.rules.limits;
    let left = |limit: Lots, held: Lots| (exact(limit) - exact(held)).max(zero());
    let mut bounds = vec![("lots_max".to_owned(), exact(slave.instrument.lots_max))];
    let broker = slave.instrument.trading.volume_limit;
    if broker > Lots::ZERO {
        bounds.push(("volume_limit".to_owned(), left(broker, slave.exposure.direction_lots)));
    }
    if let Some(limit) = limits.lots_per_trade {
        bounds.push(("lots_per_trade".to_owned(), exact(limit)));
    }
    if let Some(limit) = limits.lots_per_symbol {
        bounds.push(("lots_per_symbol".to_owned(), left(limit, slave.exposure.symbol_lots)));
    }
    if let Some(limit) = limits.lots_total {
        bounds.push(("lots_total".to_owned(), left(limit, slave.exposure.total_lots)));
    }
    let margin = exact(slave.instrument.margin_per_lot);
    if let Some(buffer) = limits.margin_buffer_percent.filter(|_| margin > zero()) {
        let kept = exact(slave.account.equity) * exact(buffer) / whole(100);
        let lots = (exact(slave.account.free_margin) - kept) / margin;
        bounds.push(("margin_buffer".to_owned(), floor_to(&lots, &exact("0.00000001")).max(zero())));
    }
    bounds
}

pub fn no_more_copies(slave: &Slave) -> bool {
    slave.rules.limits.open_copies.is_some_and(|most| slave.exposure.copies >= most)
}

/// Every fact that the decision should have, and only those.
pub fn facts_as_given(pool: &Pool, master: &Master, slave: &Slave, found: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |name: &str, right: Option<String>| {
        let saw =
            found.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        if saw != right {
            wrong.push(format!("facts.{name} is {saw:?}, expected {right:?}"));
        }
    };
    let sized = sized_from(&pool.method, slave);
    expect("master_lots", Some(master.lots.to_string()));
    expect("profile", Some(slave.member.profile.to_string()));
    expect("lots_min", Some(slave.instrument.lots_min.to_string()));
    expect("lots_max", Some(slave.instrument.lots_max.to_string()));
    expect("lot_step", Some(slave.instrument.lot_step.to_string()));
    let factor = Some(slave.symbol_factor).filter(|factor| *factor != Ratio::UNIT);
    expect("symbol_factor", factor.map(|factor| factor.to_string()));
    expect("lots", slave.member.lots.map(|lots| lots.to_string()));
    if !matches!(pool.method, Method::Hybrid { .. }) {
        expect("size", sized.map(|money| money.to_string()));
    }
    expect("master_size", master_size(&pool.method, master).map(|money| money.to_string()));
    let foreign = slave.conversion.filter(|conversion| conversion.rate != Ratio::UNIT || conversion.inverse);
    let by_money = [WeightKind::Equity, WeightKind::Balance].map(|kind| world::uses(&pool.method, kind));
    let converts = by_money.contains(&true) || master_size(&pool.method, master).is_some();
    let converted = foreign.filter(|_| converts);
    expect("rate", converted.map(|conversion| conversion.rate.to_string()));
    expect("rate_inverse", converted.filter(|conversion| conversion.inverse).map(|_| "true".to_owned()));
    let alone =
        matches!(pool.method, Method::FixedLots { .. } | Method::RiskPercent { .. } | Method::Formula(_));
    // Equal sizes need no conversion.
    let (here, there) = (slave.instrument.contract_size, master.instrument.contract_size);
    let notional = pool.contract_size && !alone && here != there;
    let contracts = [("master_contract_size", &master.instrument), ("contract_size", &slave.instrument)];
    for (name, instrument) in contracts {
        expect(name, notional.then(|| instrument.contract_size.to_string()));
    }
    let ratio = master_size(&pool.method, master).is_some();
    let lower = ratio && pool.leverage && slave.account.leverage < master.account.leverage;
    expect("leverage", lower.then(|| slave.account.leverage.to_string()));
    expect("master_leverage", lower.then(|| master.account.leverage.to_string()));
    if let Method::RiskPercent { percent } = &pool.method {
        expect("percent", Some(percent.to_string()));
        expect("entry", Some(master.entry.to_string()));
        expect("stop_loss", master.stop_loss.map(|stop| stop.to_string()));
        expect("tick_size", Some(slave.instrument.tick_size.to_string()));
        expect("tick_value", Some(slave.instrument.tick_value.to_string()));
    }
    wrong
}

fn sized_from(method: &Method, slave: &Slave) -> Option<Money> {
    match method {
        Method::BalanceRatio | Method::Block { by: WeightKind::Balance, .. } => Some(slave.account.balance),
        Method::EquityRatio | Method::RiskPercent { .. } | Method::Block { by: WeightKind::Equity, .. } => {
            Some(slave.account.equity)
        }
        Method::FreeMarginRatio => Some(slave.account.free_margin),
        _ => None,
    }
}

fn master_size(method: &Method, master: &Master) -> Option<Money> {
    match method {
        Method::BalanceRatio => Some(master.account.balance),
        Method::EquityRatio => Some(master.account.equity),
        Method::FreeMarginRatio => Some(master.account.free_margin),
        _ => None,
    }
}

/// May this trade be skipped unsized, and for which reasons?
fn reasons_for_no_size(pool: &Pool, master: &Master, slave: &Slave) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    let mut may = |reason, when: bool| {
        if when {
            reasons.push(reason);
        }
    };
    may("limit_open_copies", no_more_copies(slave));
    may("no_stop_loss", matches!(pool.method, Method::RiskPercent { .. }) && master.stop_loss.is_none());
    let ratio = master_size(&pool.method, master).is_some();
    let formula = matches!(pool.method, Method::Formula(_));
    may("no_rate", (ratio || formula) && slave.conversion.is_none());
    let empty = |money: Option<Money>| money.is_some_and(|money| !money.is_positive());
    let at_entry =
        matches!(pool.method, Method::RiskPercent { .. }) && master.stop_loss == Some(master.entry);
    let unusable =
        empty(sized_from(&pool.method, slave)) || empty(master_size(&pool.method, master)) || at_entry;
    may("nothing_to_size_from", unusable);
    may("formula_error", formula && master.account.equity == Money::ZERO);
    let negative = formula_lots(pool, master, slave).is_some_and(|lots| lots < zero());
    may("out_of_range", negative);
    reasons
}

/// The formulas of [`world::FORMULAS`], worked out exactly.
fn formula_lots(pool: &Pool, master: &Master, slave: &Slave) -> Option<Exact> {
    let Method::Formula(formula) = &pool.method else { return None };
    let equity = exact(slave.account.equity);
    let which = FORMULAS.iter().position(|text| *text == formula.source())?;
    let lots = match which {
        0 if master.account.equity == Money::ZERO => return None,
        0 => exact(master.lots) * equity / exact(master.account.equity) * exact(slave.member.profile),
        1 => (exact(master.lots) * whole(2)).min(exact("0.75")),
        2 => exact(slave.account.balance) / whole(10_000) * exact("0.01") - exact("0.05"),
        _ if equity > whole(25_000) => exact(slave.instrument.lots_min) * whole(3),
        _ => zero(),
    };
    // A formula gives 12 decimals.
    Some(half_even(&lots, 12) * exact(slave.symbol_factor))
}

/// One trade for one account: everything that is wrong.
fn audit_one(pool: &Pool, master: &Master, slave: &Slave, seen: &mut BTreeMap<String, u64>) -> Vec<String> {
    let decision = allocate_one(pool, &slave.member, &trade(master), &slave.facts());
    let value = entry(slave.member.login.0, master, &decision);
    let copy: Copy = match serde_json::from_value(value.clone()) {
        Ok(copy) => copy,
        Err(error) => return vec![format!("unreadable: {error}: {value}")],
    };
    let outcome = decision.skip.map_or("sized", SkipReason::code);
    *seen.entry(format!("{} {outcome}", pool.method.name())).or_default() += 1;
    let known = Known {
        max_risk_multiple: Some(exact(slave.rules.max_risk_multiple)),
        bounds: Some(bounds(slave)),
        fresh: true,
    };
    let mut wrong: Vec<String> = audit_copy(&copy, &known).iter().map(ToString::to_string).collect();
    if decision.lots_before_rounding.is_none() {
        let reasons = reasons_for_no_size(pool, master, slave);
        if !reasons.contains(&outcome) {
            wrong.push(format!("not sized: {outcome}, expected one of {reasons:?} or a size"));
        }
    } else {
        if no_more_copies(slave) != (outcome == "limit_open_copies") {
            wrong.push(format!("{outcome}, limit on open copies reached: {}", no_more_copies(slave)));
        }
        wrong.extend(facts_as_given(pool, master, slave, &value["decision"]["facts"]));
        if let (Some(right), Some(found)) =
            (formula_lots(pool, master, slave), copy.decision.lots_before_rounding)
            && half_even(&right, 12) != found.0
        {
            wrong.push(format!("the formula gave {}, expected {right}", found.0));
        }
    }
    if !wrong.is_empty() {
        wrong.push(value.to_string());
    }
    wrong
}

#[test]
fn every_random_allocation_agrees() {
    let mut seen = BTreeMap::new();
    for index in 0..CASES {
        let mut random = Random::new(SEED ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        let pool = world::random_pool(&mut random);
        let master = world::random_master(&mut random);
        let login = 1 + random.below(1_000_000);
        let slave = world::random_slave(&mut random, login, &pool);
        let wrong = audit_one(&pool, &master, &slave, &mut seen);
        assert!(wrong.is_empty(), "case {index} of seed {SEED}:\n{}", wrong.join("\n"));
    }
    println!("{seen:#?}");
    for method in METHODS {
        let sized = seen.get(&format!("{method} sized")).copied().unwrap_or_default();
        assert!(sized >= CASES / 50, "{method} was sized only {sized} times: {seen:?}");
    }
}
