//! The table at the end of a replay: what would each investor have got?

use comfy_table::{CellAlignment, Table};
use lotbridge::domain::{Lots, Money};
use rust_decimal::Decimal;

use super::plan::Plan;
use super::play::Gathered;
use super::report::{CopyPart, Report, SlavePart};
use crate::table;

/// Prints everything that a reader needs at the end.
pub fn print(plan: &Plan, report: &Report, gathered: &Gathered, restarts: u32) {
    let history = &report.history;
    println!(
        "History: {}, {} positions, {} pending orders that became none, {} balance operations",
        history.format, history.positions, history.pending_orders, history.balance_operations
    );
    for note in &history.notes {
        println!("  note: {note}");
    }
    let master = &report.master;
    println!(
        "Master {}: opening balance {}, net profit {}, final balance {}, max drawdown {} ({} %), profit per risk unit {}",
        master.login,
        master.opening_balance,
        master.net_profit,
        master.final_balance,
        master.max_drawdown,
        short(master.max_drawdown_percent.to_decimal()),
        per_risk(master.net_profit, master.max_drawdown).map_or("-".into(), short),
    );
    println!();
    println!("{}", slaves(plan, report));
    println!();
    let latency = report.latency_us;
    println!(
        "Latency, master's commit to slave's order: p50 {} µs, p99 {} µs, max {} µs ({} orders)",
        latency.p50, latency.p99, latency.max, latency.count
    );
    if restarts > 0 {
        println!("Terminals that died and were started again: {restarts}");
    }
    for alert in &gathered.alerts {
        println!("  alert: {alert}");
    }
    for problem in problems(report, gathered) {
        println!("PROBLEM: {problem}");
    }
}

/// What must not be.
pub fn problems(report: &Report, gathered: &Gathered) -> Vec<String> {
    let open = report.slaves.iter().filter(|slave| !slave.open_lots.is_zero());
    let mut problems: Vec<String> = open
        .map(|slave| format!("slave {} still holds {} lots at the end", slave.login, slave.open_lots))
        .collect();
    if gathered.impossible > 0 {
        problems
            .push(format!("the hub counted {} impossible events: please report this", gathered.impossible));
    }
    if gathered.in_doubt > 0 {
        problems.push(format!("{} copies are still in doubt", gathered.in_doubt));
    }
    problems
}

fn slaves(plan: &Plan, report: &Report) -> Table {
    let mut names = vec![
        "pool",
        "slave",
        "balance",
        "copies",
        "lots",
        "skipped",
        "rejected",
        "net profit",
        "max drawdown",
        "profit/risk",
        "of master's",
        "",
    ];
    let with_orders = report.slaves.iter().any(|slave| slave.orders_placed > 0);
    if with_orders {
        names.push("pending orders: placed, filled, cancelled");
    }
    let mut table = table::new(&names);
    let master_per_risk = per_risk(report.master.net_profit, report.master.max_drawdown);
    for pool in &plan.setup.pools {
        for member in &pool.members {
            let Some(slave) = report.slaves.iter().find(|slave| slave.login == member.login) else {
                continue;
            };
            let own: Vec<&CopyPart> =
                report.copies.iter().filter(|c| c.login == member.login && c.pool == pool.name).collect();
            let mut row = row(&pool.name, slave, &own, master_per_risk);
            if with_orders {
                let (placed, filled) = (slave.orders_placed, slave.orders_filled);
                row.push(format!("{placed}, {filled}, {}", slave.orders_cancelled));
            }
            table.add_row(row);
        }
    }
    for column in [2, 3, 4, 6, 7, 8, 9, 10] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn row(pool: &str, slave: &SlavePart, own: &[&CopyPart], master_per_risk: Option<Decimal>) -> Vec<String> {
    let opened: Vec<_> = own.iter().filter(|copy| copy.opened_lots.is_positive()).collect();
    let lots = opened.iter().fold(Lots::ZERO, |sum, copy| sum.saturating_add(copy.opened_lots));
    let net = own.iter().fold(Money::ZERO, |sum, copy| {
        sum.saturating_add(copy.profit).saturating_add(copy.commission).saturating_add(copy.swap)
    });
    let mut skips: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for code in own.iter().filter_map(|copy| copy.skip.as_deref()) {
        *skips.entry(code).or_default() += 1;
    }
    let rejected: usize =
        skips.iter().filter(|(code, _)| code.starts_with("rejected_")).map(|(_, n)| n).sum();
    let reasons: Vec<String> = skips.iter().map(|(code, n)| format!("{n} {code}")).collect();
    let per_risk = per_risk(slave.net_profit, slave.max_drawdown);
    let of_master = per_risk.zip(master_per_risk).and_then(|(own, master)| own.checked_div(master));
    vec![
        pool.to_owned(),
        slave.login.to_string(),
        slave.opening_balance.to_string(),
        opened.len().to_string(),
        lots.to_string(),
        reasons.join(", "),
        rejected.to_string(),
        net.to_string(),
        format!("{} ({} %)", slave.max_drawdown, short(slave.max_drawdown_percent.to_decimal())),
        per_risk.map_or("-".into(), short),
        of_master.map_or("-".into(), |part| format!("{}x", short(part))),
        if slave.tracks_coarsely { "tracks coarsely" } else { "" }.to_owned(),
    ]
}

/// Net profit over the largest drawdown of equity.
fn per_risk(net: Money, drawdown: Money) -> Option<Decimal> {
    net.to_decimal().checked_div(drawdown.to_decimal())
}

/// Two places, half to even: shown, not computed with.
fn short(number: Decimal) -> String {
    format!("{:.2}", number.round_dp(2))
}
