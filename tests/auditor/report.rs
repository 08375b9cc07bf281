//! A whole report: every copy by its own rules, every block as one, and what holds for the report as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lotbridge::allocation::Excess;
use num_bigint::BigInt;
use serde_json::Value;

use super::blocks::{BlockAudit, Credit, KnownBlock, audit_block};
use super::copy::{Copy, Difference};
use super::number::{Exact, Number, Shown, zero};
use super::rules::{Known, audit_copy, smallest};

/// What was audited, so that a test can tell that it was not nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSummary {
    /// Entries of the report.
    pub copies: usize,
    /// Those with lots.
    pub opened: usize,
    /// Those without.
    pub skipped: usize,
    /// Entries by method.
    pub methods: BTreeMap<String, usize>,
    /// Pools' blocks, each audited as one.
    pub blocks: usize,
}

/// Members by pool.
pub type Members = BTreeMap<String, BTreeSet<u64>>;

/// Audits the report of `lotbridge replay --report`.
///
/// A pool's members are those that appear in it at all; give `members` (from [`members_of`]) to notice one that never
/// does.
///
/// # Errors
/// Everything that is not as the rules say, in the report's order.
pub fn audit_report(path: &Path, members: Option<&Members>) -> Result<AuditSummary, Vec<Difference>> {
    let unreadable = |found: String| vec![about_report("the report", &found, "readable JSON")];
    let text = std::fs::read(path).map_err(|error| unreadable(format!("{}: {error}", path.display())))?;
    let report = serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
    audit_value(&report, members)
}

/// The same for a report that has been read.
pub fn audit_value(report: &Value, members: Option<&Members>) -> Result<AuditSummary, Vec<Difference>> {
    let entries = report["copies"].as_array();
    let entries = entries.ok_or_else(|| vec![about_report("copies", "absent", "a list")])?;
    let mut copies = Vec::new();
    let mut found = Vec::new();
    for entry in entries {
        match serde_json::from_value::<Copy>(entry.clone()) {
            Ok(copy) => copies.push(copy),
            Err(error) => {
                found.push(about_report("an entry of copies", &entry.to_string(), &error.to_string()));
            }
        }
    }
    let mut summary = AuditSummary { copies: copies.len(), ..AuditSummary::default() };
    for copy in &copies {
        found.extend(audit_entry(copy));
        let opened = copy.opened_lots.0 > zero();
        *(if opened { &mut summary.opened } else { &mut summary.skipped }) += 1;
        *summary.methods.entry(copy.decision.method.clone()).or_default() += 1;
        if !is_block(copy) && copy.decision.rounding.policy != "adopted" {
            found.extend(audit_copy(copy, &Known::default()));
        }
    }
    found.extend(audit_presence(&copies, members));
    found.extend(audit_risk_multiples(&copies));
    for (_, blocks) in blocks_by_pool(&copies) {
        summary.blocks += blocks.len();
        found.extend(audit_pool(&blocks));
    }
    if found.is_empty() { Ok(summary) } else { Err(found) }
}

/// The members that a configuration gives to each pool.
pub fn members_of(config: &Value) -> Members {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let logins = |pool: &Value| list(&pool["members"]).iter().filter_map(|m| m["login"].as_u64()).collect();
    list(&config["pools"])
        .iter()
        .filter_map(|pool| Some((pool["name"].as_str()?.to_owned(), logins(pool))))
        .collect()
}

fn about_report(what: &str, found: &str, expected: &str) -> Difference {
    Difference {
        pool: "-".to_owned(),
        master_position: 0,
        login: 0,
        what: what.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

fn is_block(copy: &Copy) -> bool {
    copy.decision.method == "block" || copy.decision.method == "hybrid"
}

/// What was done against what was decided.
fn audit_entry(copy: &Copy) -> Vec<Difference> {
    let mut found = Vec::new();
    let decision = &copy.decision;
    let (opened, closed) = (&copy.opened_lots, &copy.closed_lots);
    let mut differs = |what: &str, saw: &Number, right: &Number| {
        if saw != right {
            found.push(copy.difference(what, Shown(&saw.0), Shown(&right.0)));
        }
    };
    differs("master_lots", &copy.master_lots, &decision.facts.master_lots);
    if copy.skip.is_none() {
        differs("opened_lots", opened, &decision.rounding.lots);
    }
    if copy.close_time.is_some() {
        differs("closed_lots", closed, opened);
    }
    let is_open = opened.0 > zero();
    if copy.skip.is_none() != is_open {
        let expected = if is_open { "none" } else { "a reason" };
        found.push(copy.difference("skip", format!("{:?}", copy.skip), expected));
    }
    if decision.skip.is_some() && copy.skip != decision.skip {
        found.push(copy.difference("skip", format!("{:?}", copy.skip), format!("{:?}", decision.skip)));
    }
    if copy.open_time.is_some() != is_open || (copy.close_time.is_some() && !is_open) {
        let times = format!("{:?} to {:?}", copy.open_time, copy.close_time);
        found.push(copy.difference("open_time and close_time", times, format!("{} lots", Shown(&opened.0))));
    }
    if copy.close_time.is_none() && is_open && closed.0 >= opened.0 {
        found.push(copy.difference("close_time", "absent", "present, for all was closed"));
    }
    let step = &decision.rounding.step.0;
    for (what, lots) in
        [("opened_lots", opened), ("closed_lots", closed), ("rounding.lots", &decision.rounding.lots)]
    {
        let whole_steps = lots.0 == zero() || (*step > zero() && (&lots.0 / step).is_integer());
        if !whole_steps || lots.0 < zero() {
            found.push(copy.difference(what, Shown(&lots.0), format!("a multiple of {}", Shown(step))));
        }
    }
    found
}

/// For every position that a pool took, exactly one entry for every member.
fn audit_presence(copies: &[Copy], members: Option<&Members>) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut logins: Members = members.cloned().unwrap_or_default();
    let mut positions: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let mut seen: BTreeMap<(&str, u64, u64), &Copy> = BTreeMap::new();
    for copy in copies {
        if seen.insert((&copy.pool, copy.master_position, copy.login), copy).is_some() {
            found.push(copy.difference("entries", "more than one", "one"));
        }
        positions.entry(&copy.pool).or_default().insert(copy.master_position);
        let is_new = logins.entry(copy.pool.clone()).or_default().insert(copy.login);
        if members.is_some() && is_new {
            found.push(copy.difference("login", copy.login, "a member of the pool"));
        }
    }
    for (pool, positions) in positions {
        for &master_position in &positions {
            for &login in logins.get(pool).into_iter().flatten() {
                if !seen.contains_key(&(pool, master_position, login)) {
                    let missing = about_report("entries", "none", "one");
                    found.push(Difference { pool: pool.to_owned(), master_position, login, ..missing });
                }
            }
        }
    }
    found
}

/// One multiple of the intended risk has to explain everything that an account's `raise_to_minimum` raised or refused.
fn audit_risk_multiples(copies: &[Copy]) -> Vec<Difference> {
    let mut raised: BTreeMap<u64, Exact> = BTreeMap::new();
    let mut refused: Vec<(&Copy, Exact)> = Vec::new();
    for copy in copies.iter().filter(|copy| copy.decision.rounding.policy == "raise_to_minimum") {
        let wanted = copy.decision.lots_before_rounding.as_ref().filter(|lots| lots.0 > zero());
        let Some(wanted) = wanted else { continue };
        let multiple = smallest(&copy.decision.facts) / &wanted.0;
        if copy.decision.skip.as_deref() == Some("minimum_too_risky") {
            refused.push((copy, multiple));
        } else if copy.decision.rounding.lots.0 > wanted.0 {
            let most = raised.entry(copy.login).or_insert_with(zero);
            *most = multiple.max(most.clone());
        }
    }
    refused
        .into_iter()
        .filter_map(|(copy, multiple)| {
            let most = raised.get(&copy.login).filter(|most| multiple <= **most)?;
            let expected =
                format!("raised, for {} times the intended lots was allowed elsewhere", Shown(most));
            Some(copy.difference("skip", "minimum_too_risky", expected))
        })
        .collect()
}

/// All blocks, by pool and position.
fn blocks_by_pool(copies: &[Copy]) -> BTreeMap<&str, BTreeMap<u64, Vec<&Copy>>> {
    let mut pools: BTreeMap<&str, BTreeMap<u64, Vec<&Copy>>> = BTreeMap::new();
    for copy in copies.iter().filter(|copy| is_block(copy)) {
        pools.entry(&copy.pool).or_default().entry(copy.master_position).or_default().push(copy);
    }
    pools
}

/// A pool's blocks. Where excess goes is not in the report: one of the two policies has to explain all of them.
fn audit_pool(blocks: &BTreeMap<u64, Vec<&Copy>>) -> Vec<Difference> {
    let audit = |excess| {
        let known = KnownBlock { excess, remainder: None, fresh: false };
        let audits: Vec<(&[&Copy], BlockAudit)> = blocks
            .values()
            .map(|copies| {
                let sized = copies.iter().copied().filter(|copy| copy.decision.rounding.policy != "adopted");
                (copies.as_slice(), audit_block(&sized.collect::<Vec<_>>(), &known))
            })
            .collect();
        let mut found = audit_credits(&audits);
        found.extend(audits.into_iter().flat_map(|(_, audit)| audit.differences));
        found
    };
    let others = audit(Excess::Others);
    if others.is_empty() {
        return others;
    }
    let remainder = audit(Excess::Remainder);
    if remainder.len() < others.len() { remainder } else { others }
}

/// Every credit is nothing or what one block left to that member in that symbol, and no credit is used twice.
fn audit_credits(audits: &[(&[&Copy], BlockAudit)]) -> Vec<Difference> {
    let mut left: BTreeMap<(&str, u64), Vec<BigInt>> = BTreeMap::new();
    let mut used: Vec<(&Copy, &Credit)> = Vec::new();
    for (copies, audit) in audits {
        for credit in &audit.credits {
            let Some(copy) = copies.iter().find(|copy| copy.login == credit.login) else { continue };
            let start = || vec![BigInt::from(0)];
            left.entry((&copy.symbol, copy.login)).or_insert_with(start).push(credit.after.clone());
            used.push((copy, credit));
        }
    }
    let mut found = Vec::new();
    for (copy, credit) in used {
        let kept = left.entry((&copy.symbol, copy.login)).or_default();
        match kept.iter().position(|after| *after == credit.before) {
            Some(at) => drop(kept.swap_remove(at)),
            None => found.push(copy.difference("credit", &credit.before, "0 or what another block left")),
        }
    }
    found
}
