//! The auditor itself: it passes a true report and notices every change of it.

use std::collections::BTreeMap;

use lotbridge::allocation::block::Scratch;
use lotbridge::allocation::formula::Formula;
use lotbridge::allocation::{
    AccountRules, Conversion, Decision, Excess, Exposure, Limits, Method, Pool, Residual, Rounding,
    WeightKind, allocate_block, allocate_one,
};
use lotbridge::domain::{BasisPoints, Lots, Money, Ratio};
use serde_json::{Value, json};

use crate::auditor::random::Random;
use crate::auditor::{audit_report, audit_value, members_of};
use crate::every_allocation::{entry, trade};
use crate::world::{self, Master, Slave};

/// A trade, and slaves of which each has something of its own: a limit, a currency, a small account.
fn plain_world(pool: &Pool) -> (Master, Vec<Slave>) {
    let mut random = Random::new(5);
    let mut master = world::random_master(&mut random);
    master.lots = "1.23".parse().unwrap();
    master.stop_loss = Some("1.2".parse().unwrap());
    master.entry = "1.25".parse().unwrap();
    (master.account.equity, master.account.currency_digits) = (Money::from_units(100_000_000_000), 2);
    (master.account.leverage, master.instrument.contract_size) = (200, "100000".parse().unwrap());
    let slaves = (1_u32..=6)
        .map(|at| {
            let mut slave = world::random_slave(&mut random, u64::from(at), pool);
            slave.rules = AccountRules::default();
            slave.rules.limits = Limits::default();
            slave.account.equity = Money::from_units(i64::from(at) * 12_345_670_000);
            slave.account.balance = Money::from_units(i64::from(at) * 12_000_000_000);
            slave.account.leverage = 100;
            slave.conversion = Some(Conversion::SAME);
            slave.exposure = Exposure::default();
            slave.credit = 0;
            slave.symbol_factor = Ratio::UNIT;
            slave.instrument.trading.volume_limit = Lots::ZERO;
            slave.instrument.lot_step = "0.01".parse().unwrap();
            slave.instrument.lots_min = slave.instrument.lot_step;
            slave.instrument.lots_max = "100".parse().unwrap();
            slave.instrument.contract_size = "10000".parse().unwrap();
            slave.member.profile = BasisPoints::from_units(5_000 + at * 2_500);
            slave.member.percent = Some(BasisPoints::from_units(at * 1_111));
            slave
        })
        .collect::<Vec<_>>();
    (master, slaves)
}

/// One pool for each rule that the tampering is about.
fn pools() -> Vec<Pool> {
    let block_multiplier: Ratio = "0.1".parse().unwrap();
    let excess = Excess::Others;
    let block = |by, residual| Method::Block { by, block_multiplier, residual, excess };
    let blend = vec![
        (WeightKind::Equity, BasisPoints::from_units(6_000)),
        (WeightKind::Percent, BasisPoints::from_units(4_000)),
    ];
    let methods = [
        ("fixed", Method::FixedLots { per: lotbridge::allocation::FixedPer::MasterLot }),
        ("multiplier", Method::Multiplier),
        ("ratio", Method::EquityRatio),
        ("risk", Method::RiskPercent { percent: "1".parse().unwrap() }),
        ("formula", Method::Formula(Formula::compile("master_lots / 3").unwrap())),
        ("block", block(WeightKind::Equity, Residual::LargestRemainder)),
        ("carry", block(WeightKind::Percent, Residual::Carry)),
        ("hybrid", Method::Hybrid { blend, block_multiplier, residual: Residual::LargestAccount, excess }),
    ];
    let mut random = Random::new(1);
    methods
        .into_iter()
        .map(|(name, method)| Pool {
            name: name.to_owned(),
            method,
            contract_size: true,
            leverage: true,
            ..world::random_pool(&mut random)
        })
        .collect()
}

/// Two positions through every pool, as a replay reports them.
fn report() -> Value {
    let mut copies = Vec::new();
    for pool in pools() {
        let (mut master, mut slaves) = plain_world(&pool);
        adapt(&pool, &mut slaves);
        for position in 1..=2_u64 {
            master.lots = Lots::from_units(master.lots.units() + 17_000_000);
            for (slave, decision) in decide(&pool, &master, &mut slaves) {
                let mut copy = entry(slave, &master, &decision);
                (copy["pool"], copy["master_position"]) = (json!(pool.name), json!(position));
                if decision.skip.is_none() {
                    (copy["open_time"], copy["close_time"]) =
                        (json!("2026-01-05T10:00:00"), json!("2026-01-06"));
                }
                copies.push(copy);
            }
        }
    }
    json!({ "copies": copies })
}

/// What makes one account of a pool differ from the others.
fn adapt(pool: &Pool, slaves: &mut [Slave]) {
    match pool.name.as_str() {
        "multiplier" => {
            slaves[0].rules.limits.lots_per_trade = Some("0.5".parse().unwrap());
            slaves[1].rules.rounding = Rounding::Nearest;
        }
        "ratio" => {
            let rate: Ratio = "1.25".parse().unwrap();
            slaves[0].conversion = Some(Conversion { rate, inverse: true });
            slaves[1].conversion = Some(Conversion { rate, inverse: false });
            for slave in &mut slaves[2..4] {
                slave.rules.rounding = Rounding::RaiseToMinimum;
                slave.rules.max_risk_multiple = "5".parse().unwrap();
                slave.instrument.lots_min = "20".parse().unwrap();
            }
        }
        "block" => slaves[5].rules.limits.lots_per_trade = Some("0.05".parse().unwrap()),
        _ => {}
    }
}

fn decide(pool: &Pool, master: &Master, slaves: &mut [Slave]) -> Vec<(u64, Decision)> {
    let trade = trade(master);
    let login = |slave: &Slave| slave.member.login.0;
    if !matches!(pool.method, Method::Block { .. } | Method::Hybrid { .. }) {
        return slaves
            .iter()
            .map(|s| (login(s), allocate_one(pool, &s.member, &trade, &s.facts())))
            .collect();
    }
    let members: Vec<_> = slaves.iter().map(|slave| (&slave.member, Ok(slave.facts()))).collect();
    let allocation = allocate_block(pool, &trade, &members, &mut Scratch::default());
    drop(members);
    for (slave, credit) in slaves.iter_mut().zip(&allocation.credits) {
        slave.credit = credit.unwrap_or(slave.credit);
    }
    slaves.iter().map(login).zip(allocation.decisions).collect()
}

/// Where `pool`'s member 3 stands for position 2.
fn at(report: &Value, pool: &str) -> usize {
    let copies = report["copies"].as_array().unwrap();
    let this = |copy: &Value| copy["pool"] == pool && copy["master_position"] == 2 && copy["login"] == 3;
    copies.iter().position(this).unwrap()
}

#[test]
fn a_true_report_passes() {
    let report = report();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), report.to_string()).unwrap();
    let summary = audit_report(file.path(), None).unwrap_or_else(|found| panic!("{}", found[0]));
    assert_eq!(summary.copies, 96);
    assert_eq!((summary.blocks, summary.opened + summary.skipped), (6, 96));
    assert_eq!(summary.methods.values().sum::<usize>(), 96);
    assert_eq!(summary.methods.len(), 7, "{:?}", summary.methods);
    assert!(summary.skipped > 0 && summary.opened > 80, "{summary:?}");
}

/// Pool, path below the copy, what stands there instead.
type Change = (&'static str, &'static str, Value);

/// Methods that look at each account alone.
fn changes_of_copies() -> Vec<Change> {
    let text = |text: &str| json!(text);
    vec![
        ("fixed", "/opened_lots", text("0.01")),
        ("fixed", "/closed_lots", text("0.01")),
        ("fixed", "/master_lots", text("9")),
        ("fixed", "/skip", text("too_late")),
        ("fixed", "/open_time", Value::Null),
        ("fixed", "/close_time", Value::Null),
        ("fixed", "/login", json!(4)),
        ("fixed", "/login", json!(99)),
        ("fixed", "/master_position", json!(3)),
        ("fixed", "/decision", Value::Null),
        ("fixed", "/decision/facts/lots", text("0.33")),
        ("fixed", "/decision/facts/per", text("trade")),
        ("fixed", "/decision/facts/lots_min", text("50")),
        ("fixed", "/decision/rounding/step", text("0.1")),
        ("fixed", "/decision/rounding/lots", text("0.015")),
        ("multiplier", "/decision/facts/profile", text("1.2")),
        ("multiplier", "/decision/facts/contract_size", text("100000")),
        ("multiplier", "/decision/facts/master_contract_size", Value::Null),
        ("multiplier", "/decision/lots_before_rounding", text("17.500000000001")),
        ("multiplier", "/decision/lots_before_rounding", Value::Null),
        ("multiplier", "/decision/caps", json!([{"limit": "lots_per_trade", "lots": "0.05"}])),
        ("multiplier", "/decision/caps", json!([{"limit": "lots_per_trade", "lots": "5000"}])),
        ("ratio", "/decision/facts/size", text("37037.02")),
        ("ratio", "/decision/facts/master_size", text("100000.01")),
        ("ratio", "/decision/facts/rate", text("1.0001")),
        ("ratio", "/decision/facts/leverage", json!(99)),
        ("ratio", "/decision/facts/leverage", json!(300)),
        ("ratio", "/decision/method", text("magic")),
        ("risk", "/decision/facts/percent", text("1.01")),
        ("risk", "/decision/facts/stop_loss", text("1.2001")),
        ("risk", "/decision/facts/tick_value", text("1.7")),
        ("risk", "/decision/facts/tick_size", text("0")),
        ("risk", "/decision/rounding/policy", text("nearest_or_so")),
        ("formula", "/decision/rounding/lots", text("0.53")),
        ("formula", "/decision/facts/formula/variables/master_lots", text("9")),
        ("formula", "/decision/facts/formula/error", text("division by zero")),
    ]
}

fn changes_of_blocks() -> Vec<Change> {
    let text = |text: &str| json!(text);
    vec![
        ("block", "/decision/facts/weight", json!(1)),
        ("block", "/decision/facts/total_weight", json!(1)),
        ("block", "/decision/facts/size", text("37037.02")),
        ("block", "/decision/facts/cap", text("0.02")),
        ("block", "/decision/facts/block_multiplier", text("0.11")),
        ("block", "/decision/facts/lot_step", text("0.02")),
        ("block", "/decision/rounding/lots", text("0.01")),
        ("block", "/decision/rounding/policy", text("carry")),
        ("block", "/decision/rounding/policy", text("down")),
        ("block", "/decision/lots_before_rounding", text("1")),
        ("carry", "/decision/facts/credit", json!(123)),
        ("carry", "/decision/facts/weight", json!(33_330_001)),
        ("hybrid", "/decision/facts/blend/0/coefficient", text("0.5")),
        ("hybrid", "/decision/facts/blend/0/weight", json!(1)),
        ("hybrid", "/decision/facts/blend/1/total", json!(1)),
        ("hybrid", "/decision/facts/blend", Value::Null),
    ]
}

#[test]
fn every_tampering_is_noticed() {
    let report = report();
    for (pool, path, value) in changes_of_copies().into_iter().chain(changes_of_blocks()) {
        let mut tampered = report.clone();
        let copy = at(&report, pool);
        let place = tampered["copies"][copy].pointer_mut(path);
        match place {
            Some(place) => {
                assert_ne!(*place, value, "{pool} {path}: no change");
                *place = value.clone();
            }
            None => insert(&mut tampered["copies"][copy], path, value.clone()),
        }
        assert!(audit_value(&tampered, None).is_err(), "{pool} {path} as {value} went unnoticed");
    }
}

fn insert(copy: &mut Value, path: &str, value: Value) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    copy.pointer_mut(parent).unwrap()[name] = value;
}

#[test]
fn entries_too_many_or_missing_are_noticed() {
    let report = report();
    let mut twice = report.clone();
    let copy = report["copies"][0].clone();
    twice["copies"].as_array_mut().unwrap().push(copy);
    assert!(audit_value(&twice, None).is_err());
    let mut missing = report.clone();
    missing["copies"].as_array_mut().unwrap().remove(at(&report, "carry"));
    assert!(audit_value(&missing, None).is_err());
    let member = |login: &u64| json!({ "login": login });
    let config = |logins: &[u64]| {
        let members: Vec<Value> = logins.iter().map(member).collect();
        let pools: Vec<Value> = pools().iter().map(|p| json!({"name": p.name, "members": members})).collect();
        members_of(&json!({ "pools": pools }))
    };
    assert!(audit_value(&report, Some(&config(&[1, 2, 3, 4, 5, 6]))).is_ok());
    assert!(audit_value(&report, Some(&config(&[1, 2, 3, 4, 5, 6, 7]))).is_err(), "7 never appears");
    assert!(audit_value(&report, Some(&config(&[1, 2, 3, 4, 5]))).is_err(), "6 is no member");
    assert!(audit_value(&json!({}), None).is_err());
    assert!(audit_report(std::path::Path::new("/nowhere/report.json"), None).is_err());
}

/// Two accounts' lots exchanged, sums unchanged: only the shares themselves tell.
#[test]
fn shares_that_went_to_the_wrong_account_are_noticed() {
    let report = report();
    let copies = report["copies"].as_array().unwrap();
    let mut by_block: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (index, copy) in copies.iter().enumerate() {
        let key = (copy["pool"].to_string(), copy["master_position"].to_string());
        by_block.entry(key).or_default().push(index);
    }
    for pair in by_block.values().flat_map(|members| members.windows(2)) {
        let lots = |index: usize| copies[index]["decision"]["rounding"]["lots"].clone();
        if lots(pair[0]) == lots(pair[1]) || lots(pair[0]) == "0.00" || lots(pair[1]) == "0.00" {
            continue;
        }
        let mut exchanged = report.clone();
        for (index, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
            let copy = &mut exchanged["copies"][index];
            copy["decision"]["rounding"]["lots"] = lots(other);
            (copy["opened_lots"], copy["closed_lots"]) = (lots(other), lots(other));
        }
        assert!(audit_value(&exchanged, None).is_err(), "{} and {}", copies[pair[0]], copies[pair[1]]);
    }
}
