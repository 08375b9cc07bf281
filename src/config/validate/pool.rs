//! Pools, their methods and their members.

use std::collections::{BTreeMap, BTreeSet};

use super::filter::filter;
use super::{login, quoted};
use crate::allocation::formula::Formula;
use crate::allocation::{Member, Method, PendingRules, Pool, PoolFilter, WeightKind};
use crate::config::decimal::Exact;
use crate::config::error::ConfigErrors;
use crate::config::raw::{MethodName, RawAllocation, RawBlend, RawMember, RawPending, RawPool};
use crate::config::{MAX_MEMBERS, MAX_POOLS};
use crate::domain::{BasisPoints, Login, PoolTag, Ratio};

/// Most characters of a pool's name.
const MAX_NAME: usize = 64;
/// The largest risk profile.
const MAX_PROFILE: BasisPoints = BasisPoints::from_units(100 * BasisPoints::ONE.units());
/// The longest patience with an order that filled on one side only: an hour.
const MAX_WAIT_MS: u64 = 3_600_000;
/// The largest block, in volumes of the master.
const MAX_BLOCK: i64 = 1_000;

/// Checks every pool, and that no two are mistaken for each other.
pub(super) fn pools(errors: &mut ConfigErrors, raw: &[RawPool], master: Login) -> Vec<Pool> {
    if raw.is_empty() || raw.len() > MAX_POOLS {
        errors.add("pools", format!("{} pools", raw.len()), format!("1 to {MAX_POOLS} pools"));
    }
    let (mut names, mut tags) = (BTreeMap::new(), BTreeMap::new());
    for (index, pool) in raw.iter().enumerate() {
        let (path, name) = (format!("pools[{index}]"), pool.name.as_str());
        if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
            errors.add(format!("{path}.name"), quoted(name), format!("a name of 1 to {MAX_NAME} characters"));
        }
        if let Some(first) = names.insert(name, index) {
            errors.add(
                format!("{path}.name"),
                quoted(name),
                format!("a name that pools[{first}] does not have"),
            );
        } else if let Some(first) = tags.insert(tag(pool), index) {
            let made = if pool.tag.is_some() { "" } else { ", made from the name" };
            errors.add(
                format!("{path}.tag"),
                format!("tag {}{made}, which pools[{first}] has too", tag(pool).0),
                "tags that differ: set \"tag\" (0 to 255) of one of the two",
            );
        }
    }
    raw.iter().take(MAX_POOLS).enumerate().map(|(index, raw)| pool(errors, index, raw, master)).collect()
}

fn tag(raw: &RawPool) -> PoolTag {
    raw.tag.map_or_else(|| PoolTag::of_name(&raw.name), |tag| PoolTag(tag.0))
}

fn pool(errors: &mut ConfigErrors, index: usize, raw: &RawPool, master: Login) -> Pool {
    let path = format!("pools[{index}]");
    let filter = raw.filter.as_ref().map_or_else(PoolFilter::default, |raw| filter(errors, &path, raw));
    let method = method(errors, &format!("{path}.allocation"), &raw.allocation);
    Pool {
        name: raw.name.clone(),
        tag: tag(raw),
        filter,
        late_copies: raw.late_copies.unwrap_or_default().0,
        pending: raw
            .pending_orders
            .as_ref()
            .map_or_else(PendingRules::default, |raw| pending(errors, &path, raw)),
        reverse: raw.reverse.unwrap_or(false),
        stops: raw.stops.unwrap_or_default().0,
        members: members(errors, &format!("{path}.members"), raw, method.as_ref(), master),
        // A pool without a method is never handed on: the error is recorded.
        method: method.unwrap_or(Method::Multiplier),
        contract_size: raw.allocation.contract_size.unwrap_or(true),
        leverage: raw.allocation.leverage.unwrap_or(true),
    }
}

/// Refuses options that the method does not use: they would be ignored without a word.
fn refuse_unused(errors: &mut ConfigErrors, path: &str, raw: &RawAllocation) {
    use MethodName::{
        BalanceRatio, Block, EquityRatio, FixedLots, Formula, FreeMarginRatio, Hybrid, Multiplier,
        RiskPercent,
    };
    let by_size = [BalanceRatio, EquityRatio, FreeMarginRatio].as_slice();
    let converted = [Multiplier, BalanceRatio, EquityRatio, FreeMarginRatio, Block, Hybrid].as_slice();
    let options: [(&str, bool, &[MethodName]); 10] = [
        ("per", raw.per.is_some(), &[FixedLots]),
        ("by", raw.by.is_some(), &[Block]),
        ("block_multiplier", raw.block_multiplier.is_some(), &[Block, Hybrid]),
        ("residual", raw.residual.is_some(), &[Block, Hybrid]),
        ("excess", raw.excess.is_some(), &[Block, Hybrid]),
        ("blend", raw.blend.is_some(), &[Hybrid]),
        ("expression", raw.expression.is_some(), &[Formula]),
        ("percent", raw.percent.is_some(), &[RiskPercent]),
        ("contract_size", raw.contract_size.is_some(), converted),
        ("leverage", raw.leverage.is_some(), by_size),
    ];
    for (key, given, users) in options {
        if given && !users.contains(&raw.method.0) {
            let users: Vec<&str> = users.iter().map(|user| user.text()).collect();
            errors.add(
                format!("{path}.{key}"),
                format!("an option that {} does not use", raw.method.0.text()),
                format!("it only with {}", users.join(", ")),
            );
        }
    }
}

/// The method; `None` when it cannot be made, with an error recorded.
fn method(errors: &mut ConfigErrors, path: &str, raw: &RawAllocation) -> Option<Method> {
    refuse_unused(errors, path, raw);
    let block_multiplier = raw.block_multiplier.map_or(Ratio::UNIT, |number| number.0);
    if !block_multiplier.is_positive() || block_multiplier.units() > MAX_BLOCK * Ratio::ONE {
        errors.add(
            format!("{path}.block_multiplier"),
            block_multiplier.to_string(),
            format!("above 0 and at most {MAX_BLOCK}"),
        );
    }
    let (residual, excess) = (raw.residual.unwrap_or_default().0, raw.excess.unwrap_or_default().0);
    let mut missing = |key: &str, allowed: &str| {
        let method = raw.method.0.text();
        errors.add(format!("{path}.{key}"), "nothing", format!("{allowed}: {method} needs it"));
    };
    Some(match raw.method.0 {
        MethodName::FixedLots => Method::FixedLots { per: raw.per.unwrap_or_default().0 },
        MethodName::Multiplier => Method::Multiplier,
        MethodName::BalanceRatio => Method::BalanceRatio,
        MethodName::EquityRatio => Method::EquityRatio,
        MethodName::FreeMarginRatio => Method::FreeMarginRatio,
        MethodName::RiskPercent => {
            let Some(Exact(percent)) = raw.percent else {
                missing("percent", "a percentage of equity such as \"1\"");
                return None;
            };
            if !percent.is_positive() || percent.units() > 100 * Ratio::ONE {
                errors.add(format!("{path}.percent"), percent.to_string(), "above 0 and at most 100");
            }
            Method::RiskPercent { percent }
        }
        MethodName::Block => {
            let Some(by) = raw.by else {
                missing("by", "\"equity\", \"balance\", \"percent\", \"equal\" or \"risk_weight\"");
                return None;
            };
            Method::Block { by: by.0, block_multiplier, residual, excess }
        }
        MethodName::Hybrid => {
            let Some(raw) = raw.blend else {
                missing("blend", "weights such as {\"equity\": \"0.7\", \"equal\": \"0.3\"}");
                return None;
            };
            Method::Hybrid { blend: blend(errors, path, raw), block_multiplier, residual, excess }
        }
        MethodName::Formula => {
            let Some(expression) = &raw.expression else {
                missing("expression", "the user's own expression, in quotes");
                return None;
            };
            match Formula::compile(expression) {
                Ok(formula) => Method::Formula(formula),
                Err(error) => {
                    errors.add(
                        format!("{path}.expression"),
                        quoted(expression),
                        format!("a formula; {error}"),
                    );
                    return None;
                }
            }
        }
    })
}

fn blend(errors: &mut ConfigErrors, path: &str, raw: RawBlend) -> Vec<(WeightKind, BasisPoints)> {
    let kinds = [
        ("equity", WeightKind::Equity, raw.equity),
        ("balance", WeightKind::Balance, raw.balance),
        ("percent", WeightKind::Percent, raw.percent),
        ("equal", WeightKind::Equal, raw.equal),
        ("risk_weight", WeightKind::RiskWeight, raw.risk_weight),
    ];
    let mut blend = Vec::new();
    for (key, kind, coefficient) in kinds {
        let Some(Exact(coefficient)) = coefficient else { continue };
        if coefficient.units() == 0 {
            errors.add(format!("{path}.blend.{key}"), "0", "a coefficient above 0, or no such key");
        }
        blend.push((kind, coefficient));
    }
    let path = format!("{path}.blend");
    if blend.len() < 2 {
        errors.add(&path, format!("{} kind(s) of weight", blend.len()), "two or more; one alone is a block");
    }
    let sum: u64 = blend.iter().map(|(_, coefficient)| u64::from(coefficient.units())).sum();
    if sum != u64::from(BasisPoints::ONE.units()) {
        errors.add(path, format!("coefficients that sum to {}", points(sum)), "a sum of exactly 1");
    }
    blend
}

/// A sum of basis points as a decimal.
fn points(sum: u64) -> rust_decimal::Decimal {
    rust_decimal::Decimal::from_i128_with_scale(i128::from(sum), 4).normalize()
}

/// Are the method's weights made from this, alone or among others?
fn weighs(method: &Method, kind: WeightKind) -> bool {
    match method {
        Method::Block { by, .. } => *by == kind,
        Method::Hybrid { blend, .. } => blend.iter().any(|(by, _)| *by == kind),
        _ => false,
    }
}

/// Does the member's risk profile change what the method gives?
fn uses_profile(method: &Method) -> bool {
    match method {
        Method::FixedLots { .. } => false,
        Method::Formula(formula) => formula.uses("profile"),
        _ => true,
    }
}

fn members(
    errors: &mut ConfigErrors,
    path: &str,
    pool: &RawPool,
    method: Option<&Method>,
    master: Login,
) -> Vec<Member> {
    let raw = &pool.members;
    if raw.is_empty() || raw.len() > MAX_MEMBERS {
        errors.add(path, format!("{} members", raw.len()), format!("1 to {MAX_MEMBERS} members"));
    }
    let mut seen = BTreeSet::new();
    let mut members = Vec::with_capacity(raw.len().min(MAX_MEMBERS));
    for (index, raw) in raw.iter().take(MAX_MEMBERS).enumerate() {
        let path = format!("{path}[{index}]");
        let login = login(errors, &format!("{path}.login"), raw.login.0);
        if login == master {
            errors.add(
                format!("{path}.login"),
                format!("{login}, the master's own"),
                "a slave's login: copies of its own trades would be copied again",
            );
        } else if !seen.insert(login) {
            errors.add(format!("{path}.login"), format!("{login} again"), "each login once in a pool");
        }
        if let Some(method) = method {
            member_options(errors, &path, raw, method);
        }
        members.push(Member {
            login,
            profile: raw.profile.map_or(BasisPoints::ONE, |number| number.0),
            lots: raw.lots.map(|number| number.0),
            percent: raw.percent.map(|number| number.0),
            weight: raw.weight.map(|number| number.0),
        });
    }
    let uses_percent = method.is_some_and(|method| weighs(method, WeightKind::Percent));
    if uses_percent && members.iter().all(|member| member.percent.is_some()) {
        let sum: u64 =
            members.iter().filter_map(|m| m.percent).map(|percent| u64::from(percent.units())).sum();
        if sum != 100 * u64::from(BasisPoints::ONE.units()) {
            errors.add(path, format!("percentages that sum to {}", points(sum)), "a sum of exactly 100");
        }
    }
    members.sort_by_key(|member| member.login);
    members
}

/// What the method needs must be there and above zero, what it does not use must not be there.
fn member_options(errors: &mut ConfigErrors, path: &str, raw: &RawMember, method: &Method) {
    let number = |value: Option<Exact<BasisPoints>>| value.map(|v| (v.0.units() > 0, v.0.to_string()));
    let options = [
        (
            "lots",
            matches!(method, Method::FixedLots { .. }),
            raw.lots.map(|v| (v.0.is_positive(), v.0.to_string())),
            "fixed_lots",
        ),
        (
            "percent",
            weighs(method, WeightKind::Percent),
            number(raw.percent),
            "block by percent, hybrid with percent",
        ),
        (
            "weight",
            weighs(method, WeightKind::RiskWeight),
            number(raw.weight),
            "block by risk_weight, hybrid with risk_weight",
        ),
    ];
    for (key, used, value, users) in options {
        let path = || format!("{path}.{key}");
        match value {
            None if used => {
                errors.add(path(), "nothing", format!("a number above 0: {} needs it", method.name()));
            }
            Some((false, shown)) if used => errors.add(path(), shown, "a number above 0"),
            Some(_) if !used => errors.add(
                path(),
                format!("an option that this pool's {} does not use", method.name()),
                format!("it only with {users}"),
            ),
            _ => {}
        }
    }
    match raw.profile {
        // 1 says what holds anyway: a pool may be switched to fixed lots without touching its members.
        Some(Exact(profile)) if !uses_profile(method) && profile != BasisPoints::ONE => errors.add(
            format!("{path}.profile"),
            format!("an option that this pool's {} does not use", method.name()),
            "it with every method but fixed_lots, and with a formula that names `profile`",
        ),
        Some(Exact(profile)) if profile.units() == 0 || profile > MAX_PROFILE => {
            errors.add(format!("{path}.profile"), profile.to_string(), "above 0 and at most 100");
        }
        _ => {}
    }
}

fn pending(errors: &mut ConfigErrors, pool: &str, raw: &RawPending) -> PendingRules {
    let wait_ms = raw.wait_ms.map_or(PendingRules::default().wait_ms, |ms| ms.0);
    if wait_ms > MAX_WAIT_MS {
        errors.add(
            format!("{pool}.pending_orders.wait_ms"),
            wait_ms.to_string(),
            format!("at most {MAX_WAIT_MS}, an hour"),
        );
    }
    PendingRules {
        copy: raw.copy.unwrap_or_default().0,
        unfilled: raw.unfilled.unwrap_or_default().0,
        filled_alone: raw.filled_alone.unwrap_or_default().0,
        wait_ms,
    }
}
