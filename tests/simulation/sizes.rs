//! A second opinion on sizes: every decision goes through the auditor as it is made, its options are held against the
//! configuration, and its money against what the accounts have shown.

use std::collections::BTreeMap;

use lotbridge::allocation::{Decision, Excess, Member, Method, Pool, RoundingPolicy, SkipReason, WeightKind};
use lotbridge::domain::{CopyId, Login, Money};
use lotbridge::replication::Record;

use super::account::{Account, Shown};
use super::auditor::blocks::{KnownBlock, audit_block};
use super::auditor::copy::{Copy, Difference};
use super::auditor::number::{Exact, Number, decimal, half_even, whole, zero};
use super::auditor::rules::{Known, audit_copy, symbol_factor};
use super::setup::FORMULAS;
use super::world::World;
use super::wrong::{Invariant, Wrong};

/// What a state may be older than the configuration says: on its way to the hub.
const ON_ITS_WAY_MS: u64 = 1_000;

/// A decision that was just made from facts.
struct Fresh<'a> {
    pool: &'a Pool,
    member: &'a Member,
    login: Login,
    key: CopyId,
    decision: &'a Decision,
    /// Its account requires a stop loss, and there is none: the method was not asked.
    bare: bool,
}

/// Audits the decisions among these records, which the hub has made just now.
pub fn check(world: &World, records: &[Record]) -> Result<(), Wrong> {
    let mut blocks: BTreeMap<CopyId, Vec<Fresh>> = BTreeMap::new();
    for record in records {
        let Record::Decided { copy, login, pool, decision, .. } = record else { continue };
        let pool = world.setup.pools.iter().find(|known| known.name == **pool).unwrap();
        let member = pool.members.iter().find(|member| member.login == *login).unwrap();
        let fresh = Fresh { pool, member, login: *login, key: *copy, decision, bare: false };
        if decision.rounding.policy == RoundingPolicy::Adopted {
            continue;
        }
        if decision.lots_before_rounding.is_some() {
            fresh.has_its_options()?;
            // One that joins late has its size put down once more, as a skip.
            if !matches!(decision.skip, Some(SkipReason::LateJoin | SkipReason::BlockShared)) {
                fresh.has_shown_money(world)?;
            }
        }
        let bare = world.setup.account(*login).rules.require_stop_loss;
        let fresh = Fresh { bare: bare && decision.skip == Some(SkipReason::NoStopLoss), ..fresh };
        if matches!(pool.method, Method::Block { .. } | Method::Hybrid { .. }) {
            blocks.entry(*copy).or_default().push(fresh);
        } else {
            fresh.audit()?;
        }
    }
    blocks.values().try_for_each(|block| audit(block))
}

/// A block as one; only where all its members are there: what one holds already is not sized again.
fn audit(block: &[Fresh]) -> Result<(), Wrong> {
    let first = &block[0];
    let (Method::Block { excess, .. } | Method::Hybrid { excess, .. }) = &first.pool.method else {
        return Ok(());
    };
    let excess: Excess = *excess;
    if block.len() < first.pool.members.len() {
        return Ok(());
    }
    let copies: Vec<Copy> = block.iter().filter(|fresh| !fresh.bare).map(Fresh::as_reported).collect();
    let known = KnownBlock { excess, remainder: None, fresh: false };
    let audit = audit_block(&copies.iter().collect::<Vec<&Copy>>(), &known);
    audit.differences.first().map_or(Ok(()), |found| Err(first.wrong(found)))
}

impl Fresh<'_> {
    fn wrong(&self, what: impl std::fmt::Display) -> Wrong {
        Invariant::Sizes.broken(format!("{} {}: {what}", self.login, self.key))
    }

    /// As it would stand in a report.
    fn as_reported(&self) -> Copy {
        let json = serde_json::to_value(self.decision).unwrap();
        let decision: super::auditor::copy::Decision = serde_json::from_value(json).unwrap();
        let lots = || Number(decision.rounding.lots.0.clone());
        Copy {
            login: self.login.0,
            pool: self.pool.name.clone(),
            master_position: self.key.position_low(),
            symbol: String::new(),
            master_lots: Number(decision.facts.master_lots.0.clone()),
            opened_lots: lots(),
            closed_lots: lots(),
            open_time: None,
            close_time: None,
            skip: decision.skip.clone(),
            decision,
        }
    }

    fn audit(&self) -> Result<(), Wrong> {
        if self.bare {
            return Ok(());
        }
        let copy = self.as_reported();
        let sized = self.decision.lots_before_rounding.is_some();
        // A size may be put down once more, as a skip for what came up later.
        let known = Known { max_risk_multiple: Some(whole(5)), bounds: None, fresh: false };
        let found: Option<Difference> = audit_copy(&copy, &known).into_iter().next();
        if let Some(found) = found {
            return Err(self.wrong(found));
        }
        if let (Method::Formula(formula), true) = (&self.pool.method, sized) {
            let lots = formula_lots(formula.source(), &copy).map(|lots| {
                half_even(&lots, 12) * symbol_factor(&copy.decision.facts).unwrap_or_else(|_| whole(1))
            });
            let shown = copy.decision.lots_before_rounding.as_ref().map(|number| number.0.clone());
            if lots.as_ref().map(|lots| half_even(lots, 12)) != shown {
                return Err(self.wrong(format!("the formula gives {lots:?}, not {shown:?}")));
            }
        }
        Ok(())
    }

    /// The configuration's options, and no others, are among the facts.
    fn has_its_options(&self) -> Result<(), Wrong> {
        let (facts, method) = (&self.decision.facts, &self.pool.method);
        let (mut percent, mut multiplier, mut per) = (None, None, None);
        let mut kinds: Vec<WeightKind> = Vec::new();
        match method {
            Method::RiskPercent { percent: risk } => percent = Some(*risk),
            Method::FixedLots { per: of } => per = Some(*of),
            Method::Block { block_multiplier, .. } => multiplier = Some(*block_multiplier),
            Method::Hybrid { block_multiplier, blend, .. } => {
                multiplier = Some(*block_multiplier);
                kinds = blend.iter().map(|(kind, _)| *kind).collect();
            }
            _ => {}
        }
        let blend = facts.blend.iter().flatten().map(|part| part.kind);
        // Those that no weight came from are named by the method alone.
        let same = *self.decision.method == *method.name()
            && facts.profile == self.member.profile
            && facts.lots == self.member.lots
            && facts.per == per
            && facts.percent == percent
            && (facts.block_multiplier.is_none() || facts.block_multiplier == multiplier)
            && (facts.blend.is_none() || blend.collect::<Vec<WeightKind>>() == kinds);
        if same { Ok(()) } else { Err(self.wrong("sized with other options than the configuration's")) }
    }

    /// The money that it was sized from is what the accounts have shown, and the slave's not too old.
    fn has_shown_money(&self, world: &World) -> Result<(), Wrong> {
        let kind: fn(&Shown) -> Money = match self.pool.method {
            Method::BalanceRatio | Method::Block { by: WeightKind::Balance, .. } => |shown| shown.balance,
            Method::EquityRatio
            | Method::RiskPercent { .. }
            | Method::Block { by: WeightKind::Equity, .. } => |shown| shown.equity,
            Method::FreeMarginRatio => |shown| shown.free_margin,
            _ => return Ok(()),
        };
        let facts = &self.decision.facts;
        let age_ms = world.setup.master.max_snapshot_age_ms + ON_ITS_WAY_MS;
        // How long a session's first states waited for a hub that was held up, nobody can tell.
        let held_up = world.now_ms < world.frozen_until + age_ms;
        let oldest = if held_up { 0 } else { world.now_ms.saturating_sub(age_ms) };
        let was_shown = |account: &Account, size: Option<Money>, from_ms: u64| {
            let shown = account.shown_money.iter().rev().take_while(|shown| shown.at_ms >= from_ms);
            size.is_none_or(|size| shown.map(kind).any(|money| money == size))
        };
        if !was_shown(&world.slave(self.login).account, facts.size, oldest) {
            return Err(self.wrong(format!("its account has not shown {:?} of late", facts.size)));
        }
        if !was_shown(&world.master, facts.master_size, 0) {
            return Err(self.wrong(format!("the master has never shown {:?}", facts.master_size)));
        }
        Ok(())
    }
}

/// The formulas of [`FORMULAS`], worked out exactly from what they saw.
fn formula_lots(source: &str, copy: &Copy) -> Option<Exact> {
    let variables = &copy.decision.facts.formula.as_ref()?.variables;
    let value = |name: &str| decimal(variables.get(name)?);
    let hundredth = || Exact::new(1.into(), 100.into());
    match FORMULAS.iter().position(|formula| *formula == source)? {
        0 => {
            let part = value("equity")? / value("master_equity")?;
            Some((value("master_lots")? * part * value("profile")?).min(whole(60) * hundredth()))
        }
        1 if value("stop_distance")? > zero() => {
            let loss = value("stop_distance")? / value("tick_size")? * value("tick_value")?;
            Some((value("equity")? * Exact::new(1.into(), 500.into()) / loss).min(whole(1)))
        }
        1 => Some(whole(2) * hundredth()),
        _ => {
            let thousands = (value("balance")? / whole(1_000)).floor();
            Some(thousands * hundredth() + value("master_lots")? * Exact::new(1.into(), 10.into()))
        }
    }
}
