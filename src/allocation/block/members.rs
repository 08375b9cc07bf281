//! Who takes part in a block: survey, caps by water-filling, minima.

use super::divide::{MILLION, Reciprocal, Width, product};
use super::settle::Terms;
use super::{BlockError, Claim, Excess, MAX_CLAIMS, MAX_CREDIT, Residual};

/// Distinct steps that are looked for one by one; above, all steps are sorted.
const FEW_STEPS: usize = 32;

/// What [`Residual::Carry`] owes spans at most this many millionths of a step: it is between -6 and 5 steps.
pub(super) const CARRY_SPAN: u64 = 16 * MILLION;

/// What a member may not exceed or fall below.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limit {
    /// Block units; a multiple of its step, or the block.
    pub(super) cap: u64,
    /// Its minimum where that is more than a step, else zero.
    least: u64,
    /// Which claim.
    pub(super) place: u32,
}

/// The claims by column; a column is cheaper to walk than whole claims.
#[derive(Debug, Default)]
pub(super) struct Roll {
    /// Zero for who does not share, or no longer.
    pub(super) weights: Vec<u64>,
    /// A share up to this, in block units, cannot meet a cap; zero for who has a minimum larger than the step.
    reaches: Vec<u64>,
    /// The distinct steps, ascending.
    steps: Vec<u64>,
    /// Their reciprocals.
    floors: Vec<Reciprocal>,
    /// Which of the distinct steps each has; empty when all have the same.
    classes: Vec<u32>,
    /// Who shares and has a cap or a minimum that may matter: the first `limits`.
    limited: Vec<Limit>,
    limits: usize,
    /// Who got exactly the cap: the first `caps`.
    capped: Vec<Limit>,
    caps: usize,
    /// Who left for being below the minimum.
    pub(super) dropped: Vec<u32>,
}

/// Everybody's step. With `UNIFORM` all have the same.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a> {
    distinct: &'a [u64],
    classes: &'a [u32],
}

impl Steps<'_> {
    /// Which of the distinct steps.
    #[inline]
    pub(super) fn class<const UNIFORM: bool>(&self, place: usize) -> usize {
        if UNIFORM { 0 } else { self.classes[place] as usize }
    }
    /// Block units.
    #[inline]
    pub(super) fn of<const UNIFORM: bool>(&self, place: usize) -> u64 {
        self.distinct[self.class::<UNIFORM>(place)]
    }
    /// The smallest of all, block units.
    pub(super) fn smallest(&self) -> u64 {
        self.distinct[0]
    }
    /// The smallest and the largest of all, block units.
    pub(super) fn range(&self) -> (u64, u64) {
        (self.distinct[0], self.distinct[self.distinct.len() - 1])
    }
}

/// What the members' shares are fractions of: `q_i = block × w_i / weight`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level<N> {
    pub(super) block: u64,
    pub(super) weight: N,
    /// What they share in all.
    pub(super) target: u64,
    /// The sum of their weights.
    pub(super) pool: N,
    /// What accounts at their cap got.
    pub(super) fixed: u64,
    /// Limits that may matter are listed for shares of up to this block by this weight.
    listed: (u64, N),
}

/// What one look over all claims tells.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each chooses a faster way")]
pub(super) struct Survey {
    pub(super) total_weight: u128,
    /// Weight of accounts that cannot take part: their step is larger than the block (`Carry` only).
    barred: u128,
    /// At least the largest weight, and less than twice that.
    pub(super) weight_bits: u64,
    /// Do 64 bits hold the block times any weight?
    pub(super) short: bool,
    /// Least common multiple of the steps.
    pub(super) common: u128,
    /// Have all the same step?
    pub(super) uniform: bool,
    /// Do 64 bits hold the total weight times the steps' common multiple?
    pub(super) narrow: bool,
    /// May a cap or a minimum matter?
    pub(super) limited: bool,
}

impl Survey {
    pub(super) const fn too_large(&self, block: u64) -> BlockError {
        BlockError::TooLarge { block, weight: self.total_weight }
    }
}

impl Roll {
    /// Checks the claims, fills the columns.
    pub(super) fn admit(
        &mut self,
        block: u64,
        claims: &[Claim],
        residual: Residual,
    ) -> Result<Survey, BlockError> {
        if claims.len() > MAX_CLAIMS {
            return Err(BlockError::TooMany(claims.len()));
        }
        self.weights.resize(claims.len(), 0);
        self.reaches.resize(claims.len(), 0);
        let first = claims.iter().find(|claim| claim.weight > 0).map_or(1, |claim| claim.step);
        let (mut total_weight, mut weight_bits) = (0, 0);
        let (mut mixed, mut stepless, mut limited) = (false, false, false);
        for ((claim, weight), reach) in claims.iter().zip(&mut self.weights).zip(&mut self.reaches) {
            let step = claim.step;
            *weight = claim.weight;
            total_weight += u128::from(claim.weight);
            weight_bits |= claim.weight;
            mixed |= step != first;
            stepless |= step == 0;
            *reach = if claim.min > step { 0 } else { claim.cap.saturating_sub(step) };
            limited |= *reach < block.max(step);
        }
        let carry = residual == Residual::Carry;
        if stepless || carry {
            check(claims, carry)?;
        }
        self.classify(claims, first, mixed);
        let barred = if carry { self.bar_large_steps(block, claims) } else { 0 };
        let too_large = BlockError::TooLarge { block, weight: total_weight };
        let Some(common) = common_multiple(&self.steps) else { return Err(too_large) };
        // Twice what is owed at most: the upper half of the numbers is for those who come first.
        let span = if carry { common.checked_mul(u128::from(2 * CARRY_SPAN)) } else { Some(common) };
        let fits = |factor: u128| total_weight.checked_mul(factor);
        let (Some(scale), Some(_), Some(_)) = (fits(common), span.and_then(fits), fits(block.into())) else {
            return Err(too_large);
        };
        let (narrow, uniform) = (u64::try_from(scale).is_ok(), self.steps.len() == 1);
        let short = block.checked_mul(weight_bits).is_some();
        Ok(Survey { total_weight, barred, weight_bits, short, common, uniform, narrow, limited })
    }

    /// Rule 5: accounts whose step is larger than the block do not share; answers their weight.
    fn bar_large_steps(&mut self, block: u64, claims: &[Claim]) -> u128 {
        // Credits count, too: with them any cap may be met.
        self.reaches.fill(0);
        let mut barred = 0;
        for (claim, weight) in claims.iter().zip(&mut self.weights).filter(|(claim, _)| claim.step > block) {
            barred += u128::from(claim.weight);
            *weight = 0;
        }
        barred
    }

    /// Finds the distinct steps of those with a weight, and who has which.
    fn classify(&mut self, claims: &[Claim], first: u64, mixed: bool) {
        let steps = &mut self.steps;
        steps.clear();
        steps.push(first);
        self.classes.clear();
        if mixed {
            let active = || claims.iter().filter(|claim| claim.weight > 0).map(|claim| claim.step);
            for step in active() {
                if !steps.contains(&step) {
                    steps.push(step);
                    if steps.len() > FEW_STEPS {
                        steps.clear();
                        steps.extend(active());
                        break;
                    }
                }
            }
            steps.sort_unstable();
            steps.dedup();
            self.classes.extend(claims.iter().map(|claim| class_of(steps, claim)));
        }
    }

    /// Everybody's step.
    pub(super) fn steps(&self) -> Steps<'_> {
        Steps { distinct: &self.steps, classes: &self.classes }
    }

    /// The distinct steps.
    pub(super) fn distinct_steps(&self) -> &[u64] {
        &self.steps
    }

    /// Members whose cap or minimum may matter.
    pub(super) fn limited(&self) -> &[Limit] {
        &self.limited[..self.limits]
    }

    /// Accounts that got exactly their cap.
    pub(super) fn capped(&self) -> &[Limit] {
        &self.capped[..self.caps]
    }

    /// What there is to share before any cap.
    pub(super) fn level<N: Width, const UNIFORM: bool>(
        &mut self,
        terms: Terms<'_>,
    ) -> Result<Level<N>, BlockError> {
        let Terms { block, survey, excess, .. } = terms;
        let width = |weight: u128| N::try_from(weight).map_err(|_| survey.too_large(block));
        let (all, pool) = (width(survey.total_weight)?, width(survey.total_weight - survey.barred)?);
        let weight = if excess == Excess::Others { pool } else { all };
        let listed = (block, weight);
        let mut level = Level { block, weight, target: block, pool, fixed: 0, listed };
        (self.limits, self.caps) = (0, 0);
        self.dropped.clear();
        if survey.limited {
            self.floors.clear();
            self.floors.extend(self.steps.iter().filter_map(|step| Reciprocal::new(*step)));
            self.capped.resize(terms.claims.len() + 1, Limit::default());
            self.limited.resize(terms.claims.len(), Limit::default());
            self.gather::<N, UNIFORM>(terms, &mut level);
        }
        Ok(level)
    }

    /// Lists who has a minimum above its step or a cap that binds before shares have doubled. (With `Carry`,
    /// where credits count too, whoever has a cap.)
    fn gather<N: Width, const UNIFORM: bool>(&mut self, terms: Terms<'_>, level: &mut Level<N>) {
        let (doubled, weight_of_all) = (level.block.saturating_mul(2), level.weight);
        level.listed = (doubled, weight_of_all);
        let steps = Steps { distinct: &self.steps, classes: &self.classes };
        let limited = self.limited.as_mut_slice();
        let mut limits = 0;
        let shares = N::shares_of(doubled, weight_of_all);
        for (place, (weight, reach)) in self.weights.iter().zip(&self.reaches).enumerate() {
            // Written for all, kept for some: no branch to mispredict.
            limited[limits].place = short(place);
            limits += usize::from(N::may_exceed(*weight, *reach, &shares));
        }
        self.limits = limits;
        for limit in &mut limited[..limits] {
            let Claim { step, min, cap, .. } = terms.claims[limit.place as usize];
            let cap = cap - self.floors[steps.class::<UNIFORM>(limit.place as usize)].divide_short(cap).1;
            limit.cap = if cap < min { 0 } else { cap.min(terms.block) };
            limit.least = if min > step { min } else { 0 };
        }
    }

    /// Rule 2: accounts whose share exceeds their cap get the cap and leave, until there is none (`Others`), or
    /// once (`Remainder`).
    pub(super) fn fill<N: Width, const UNIFORM: bool>(&mut self, terms: Terms<'_>, level: &mut Level<N>) {
        loop {
            let any = self.fill_once(level);
            if terms.excess == Excess::Remainder {
                return;
            }
            level.block = level.target;
            level.weight = level.pool;
            // Have shares grown beyond those that limits were listed for?
            let (listed_block, listed_weight) = level.listed;
            if listed_weight.times(level.block) > level.weight.times(listed_block) {
                self.gather::<N, UNIFORM>(terms, level);
            } else if !any {
                return;
            }
        }
    }

    /// One round of caps; answers whether anybody got theirs.
    fn fill_once<N: Width>(&mut self, level: &mut Level<N>) -> bool {
        let (mut limits, mut caps, mut fixed, mut fixed_weight) = (0, self.caps, 0, N::default());
        for at in 0..self.limits {
            let limit = self.limited[at];
            let weight = &mut self.weights[limit.place as usize];
            let over = product(level.block, *weight) > level.weight.times(limit.cap);
            self.capped[caps] = limit;
            caps += usize::from(over);
            self.limited[limits] = limit;
            limits += usize::from(!over);
            fixed += if over { limit.cap } else { 0 };
            let leaves = if over { *weight } else { 0 };
            fixed_weight = fixed_weight + N::from(leaves);
            *weight -= leaves;
        }
        let any = caps > self.caps;
        (self.limits, self.caps) = (limits, caps);
        level.fixed += fixed;
        level.target -= fixed;
        level.pool = level.pool - fixed_weight;
        any
    }

    /// Rule 6: members that would get something below their minimum leave; answers whether there were any. Who
    /// misses more than `waiting` of a step has one more step to get than `counts` says.
    pub(super) fn drop_below_minimum<N: Width, const UNIFORM: bool>(
        &mut self,
        level: &mut Level<N>,
        counts: &mut [u64],
        fractions: &mut [N],
        waiting: N,
    ) -> bool {
        let steps = Steps { distinct: &self.steps, classes: &self.classes };
        let (mut limits, before) = (0, self.dropped.len());
        for at in 0..self.limits {
            let limit = self.limited[at];
            let place = limit.place as usize;
            let count = counts[place] + u64::from(fractions[place] > waiting);
            let gets = count * steps.of::<UNIFORM>(place);
            if gets > 0 && gets < limit.least {
                level.pool = level.pool - N::from(self.weights[place]);
                (self.weights[place], counts[place], fractions[place]) = (0, 0, N::default());
                self.dropped.push(limit.place);
            } else {
                self.limited[limits] = limit;
                limits += 1;
            }
        }
        self.limits = limits;
        self.dropped.len() > before
    }
}

/// Finds the claim that is wrong, if there is one.
#[cold]
fn check(claims: &[Claim], carry: bool) -> Result<(), BlockError> {
    for (index, claim) in claims.iter().enumerate() {
        let (login, credit) = (claim.login, claim.credit);
        if claim.step == 0 {
            return Err(BlockError::NoStep { login, index });
        }
        if carry && credit.unsigned_abs() > MAX_CREDIT.unsigned_abs() {
            return Err(BlockError::Credit { login, index, credit });
        }
    }
    Ok(())
}

/// The place of a claim's step among all; zero for one without a weight, which shares nothing.
fn class_of(steps: &[u64], claim: &Claim) -> u32 {
    if claim.weight == 0 { 0 } else { short(steps.partition_point(|known| *known < claim.step)) }
}

#[expect(clippy::cast_possible_truncation, reason = "there are at most MAX_CLAIMS of anything")]
const fn short(place: usize) -> u32 {
    place as u32
}

/// The least common multiple; `None` when it needs more than 128 bits.
fn common_multiple(steps: &[u64]) -> Option<u128> {
    let mut rest = steps.iter();
    let first = rest.next().map_or(1, |step| u128::from(*step));
    rest.try_fold(first, |common, step| {
        let (mut divisor, mut rest) = (u128::from(*step), common);
        while rest > 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        (common / divisor).checked_mul(u128::from(*step))
    })
}
