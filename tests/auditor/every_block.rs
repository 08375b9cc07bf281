//! Random blocks through `allocate_block`, as JSON like in a report, through the auditor's rules; and the facts
//! themselves against what went in.

use std::collections::BTreeMap;

use lotbridge::allocation::block::Scratch;
use lotbridge::allocation::{
    Conversion, Excess, Method, Pool, Residual, SkipReason, WeightKind, allocate_block,
};
use num_bigint::BigInt;

use crate::auditor::blocks::{KnownBlock, audit_block};
use crate::auditor::copy::Copy;
use crate::auditor::number::{Exact, decimal, floor_to, half_even, whole, zero};
use crate::auditor::random::Random;
use crate::every_allocation::{bounds, entry, exact, facts_as_given, no_more_copies, trade};
use crate::world::{self, Master, Slave};

const SEED: u64 = 91_550_041;
const CASES: u64 = 3_000;

/// A pool, a trade, its members: those with an error have no facts.
struct Case {
    pool: Pool,
    master: Master,
    slaves: Vec<(Slave, Option<SkipReason>)>,
}

fn random_case(index: u64) -> Case {
    let mut random = Random::new(SEED ^ index.wrapping_mul(0xd134_2543_de82_ef95));
    let pool = world::random_block_pool(&mut random);
    let master = world::random_master(&mut random);
    let count = 1 + random.below(12);
    let limited = random.once_in(2);
    let slaves = (0..count)
        .map(|at| {
            let login = random.below(1_000) * 100 + at + 1;
            let mut slave = world::random_slave(&mut random, login, &pool);
            if !limited {
                slave.rules.limits = lotbridge::allocation::Limits::default();
            }
            (slave, random.once_in(25).then_some(SkipReason::StaleFacts))
        })
        .collect();
    Case { pool, master, slaves }
}

impl Case {
    /// Everything that is wrong with the block.
    fn audit(&self, scratch: &mut Scratch, seen: &mut BTreeMap<String, u64>) -> Vec<String> {
        let members: Vec<_> = self
            .slaves
            .iter()
            .map(|(slave, error)| (&slave.member, error.map_or_else(|| Ok(slave.facts()), Err)))
            .collect();
        let allocation = allocate_block(&self.pool, &trade(&self.master), &members, scratch);
        let mut wrong = Vec::new();
        let mut copies: Vec<Copy> = Vec::new();
        for ((slave, error), decision) in self.slaves.iter().zip(&allocation.decisions) {
            let value = entry(slave.member.login.0, &self.master, decision);
            let outcome = decision.skip.map_or("sized", SkipReason::code);
            *seen.entry(format!("{} {outcome}", self.pool.method.name())).or_default() += 1;
            let copy: Copy = serde_json::from_value(value.clone()).unwrap();
            if copy.decision.facts.total_weight.is_none() {
                let reasons = self.reasons_for_no_share(slave, *error);
                if !reasons.contains(&outcome) {
                    wrong.push(format!(
                        "login {}: no share, {outcome}; expected one of {reasons:?}",
                        copy.login
                    ));
                }
            } else {
                wrong.extend(facts_as_given(&self.pool, &self.master, slave, &value["decision"]["facts"]));
                wrong.extend(self.weight_as_given(slave, &copy));
                wrong.extend(cap_as_given(slave, &copy));
            }
            copies.push(copy);
        }
        let known = KnownBlock {
            excess: self.excess(),
            remainder: decimal(&allocation.remainder.to_string()),
            fresh: true,
        };
        let audit = audit_block(&copies.iter().collect::<Vec<_>>(), &known);
        wrong.extend(audit.differences.iter().map(ToString::to_string));
        let credits: BTreeMap<u64, BigInt> =
            audit.credits.iter().map(|credit| (credit.login, credit.after.clone())).collect();
        for ((slave, _), credit) in self.slaves.iter().zip(&allocation.credits) {
            let right = credits.get(&slave.member.login.0);
            let found = credit.map(BigInt::from);
            if found.as_ref() != right {
                wrong.push(format!("login {}: credit {found:?}, expected {right:?}", slave.member.login));
            }
        }
        if !wrong.is_empty() {
            wrong.push(format!("{:?}", self.pool.method));
            for (slave, decision) in self.slaves.iter().zip(&allocation.decisions) {
                wrong.push(entry(slave.0.member.login.0, &self.master, decision).to_string());
            }
            wrong.push(format!("remainder {}, credits {:?}", allocation.remainder, allocation.credits));
        }
        wrong
    }

    fn excess(&self) -> Excess {
        match &self.pool.method {
            Method::Block { excess, .. } | Method::Hybrid { excess, .. } => *excess,
            _ => Excess::default(),
        }
    }

    fn reasons_for_no_share(&self, slave: &Slave, error: Option<SkipReason>) -> Vec<&'static str> {
        let by_money =
            [WeightKind::Equity, WeightKind::Balance].map(|kind| world::uses(&self.pool.method, kind));
        let mut reasons: Vec<&str> = error.map(SkipReason::code).into_iter().collect();
        if no_more_copies(slave) {
            reasons.push("limit_open_copies");
        }
        if by_money.contains(&true) && slave.conversion.is_none() {
            reasons.push("no_rate");
        }
        // No weight: no money, no percent, no profile, or too little of them for one unit.
        let weightless =
            |kind| world::uses(&self.pool.method, kind) && self.base(slave, kind).is_none_or(|w| w <= zero());
        let kinds = [WeightKind::Equity, WeightKind::Balance, WeightKind::Percent, WeightKind::RiskWeight];
        if kinds.into_iter().any(weightless) || slave.member.profile.units() == 0 {
            reasons.push("nothing_to_size_from");
        }
        reasons
    }

    /// A member's weight of one kind, before its profile, from what went in.
    fn base(&self, slave: &Slave, kind: WeightKind) -> Option<Exact> {
        let money = |money: lotbridge::domain::Money| {
            let conversion = slave.conversion?;
            let rate = exact(conversion.rate);
            let rate = if conversion.inverse { rate.recip() } else { rate };
            let scale = BigInt::from(10).pow(u32::from(self.master.account.currency_digits));
            let minor = exact(money) * rate * whole(scale);
            // Of the same currency: the currency's own minor units, half to even.
            Some(if conversion == Conversion::SAME { half_even(&minor, 0) } else { minor.floor() })
        };
        match kind {
            WeightKind::Equity => money(slave.account.equity),
            WeightKind::Balance => money(slave.account.balance),
            WeightKind::Percent => slave.member.percent.map(|part| whole(part.units())),
            WeightKind::RiskWeight => slave.member.weight.map(|part| whole(part.units())),
            WeightKind::Equal => Some(whole(1)),
        }
    }

    /// The weight against what went in; a blend part by part.
    fn weight_as_given(&self, slave: &Slave, copy: &Copy) -> Option<String> {
        let facts = &copy.decision.facts;
        let found = match &self.pool.method {
            Method::Block { by, .. } => {
                let right = self.base(slave, *by)? * whole(slave.member.profile.units());
                (facts.weight.map(whole).as_ref() != Some(&right))
                    .then(|| format!("{:?}, expected {right}", facts.weight))
            }
            Method::Hybrid { blend, .. } => {
                let parts: Vec<_> = facts.blend.iter().flatten().map(|part| whole(part.weight)).collect();
                let right: Vec<_> = blend.iter().filter_map(|(kind, _)| self.base(slave, *kind)).collect();
                (parts != right).then(|| format!("{parts:?}, expected {right:?}"))
            }
            _ => None,
        };
        let multiplier = facts.block_multiplier.as_ref().map(|number| &number.0);
        let credit = facts.credit;
        let carry = matches!(
            self.pool.method,
            Method::Block { residual: Residual::Carry, .. }
                | Method::Hybrid { residual: Residual::Carry, .. }
        );
        if multiplier != Some(&self.multiplier()) || credit != carry.then_some(slave.credit) {
            return Some(format!("login {}: multiplier {multiplier:?}, credit {credit:?}", copy.login));
        }
        found.map(|found| format!("login {}: weight {found}", copy.login))
    }

    fn multiplier(&self) -> Exact {
        match &self.pool.method {
            Method::Block { block_multiplier, .. } | Method::Hybrid { block_multiplier, .. } => {
                exact(block_multiplier)
            }
            _ => zero(),
        }
    }
}

/// The cap is the tightest bound in whole steps, and listed are those that hold the wanted lots down.
fn cap_as_given(slave: &Slave, copy: &Copy) -> Option<String> {
    let facts = &copy.decision.facts;
    let bounds = bounds(slave);
    let tightest = bounds.iter().map(|(_, lots)| lots.clone()).min()?;
    let right = floor_to(&tightest, &facts.lot_step.0);
    if facts.cap.as_ref().map(|cap| &cap.0) != Some(&right) {
        return Some(format!("login {}: cap {:?}, expected {right}", copy.login, facts.cap));
    }
    let wanted = &copy.decision.lots_before_rounding.as_ref()?.0;
    let listed = copy.decision.caps.last().map(|cap| &cap.lots.0);
    let clearly = half_even(wanted, 11) > tightest;
    (clearly && listed != Some(&tightest))
        .then(|| format!("login {}: caps end at {listed:?}, not {tightest}", copy.login))
}

#[test]
fn every_random_block_agrees() {
    let mut seen = BTreeMap::new();
    let mut scratch = Scratch::default();
    for index in 0..CASES {
        let case = random_case(index);
        let wrong = case.audit(&mut scratch, &mut seen);
        if !wrong.is_empty() {
            let (smallest, wrong) = shrink(case, wrong);
            let pool = &smallest.pool;
            panic!("case {index} of seed {SEED}, without all other members, {pool:?}:\n{}", wrong.join("\n"));
        }
    }
    println!("{seen:#?}");
    for outcome in ["block sized", "hybrid sized", "block below_minimum", "hybrid limit_lots_total"] {
        let count = seen.get(outcome).copied().unwrap_or_default();
        assert!(count >= CASES / 50, "{outcome} only {count} times: {seen:?}");
    }
}

/// Drops members as long as something is wrong.
fn shrink(mut case: Case, mut wrong: Vec<String>) -> (Case, Vec<String>) {
    let mut at = 0;
    while at < case.slaves.len() {
        let dropped = case.slaves.remove(at);
        let still = case.audit(&mut Scratch::default(), &mut BTreeMap::new());
        if still.is_empty() {
            case.slaves.insert(at, dropped);
            at += 1;
        } else {
            wrong = still;
        }
    }
    (case, wrong)
}
