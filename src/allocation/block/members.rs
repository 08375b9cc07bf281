//! Who takes part in a block: survey, caps by water-filling, minima.

use super::divide::{MILLION, Reciprocal, Width, product};
use super::{
    BlockError, Claim, Excess, MAX_CLAIMS, MAX_CREDIT, Residual, Scratch, Share, Terms, Verdict, Work,
};

/// Distinct steps that are looked for one by one; above, all steps are sorted.
const FEW_STEPS: usize = 32;

/// The keys of [`Residual::Carry`] span at most this many millionths of a step: owed is between -6 and 5 steps.
pub(super) const CARRY_SPAN: u64 = 16 * MILLION;

/// One account that still shares.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Member {
    pub(super) weight: u64,
    /// Block units, a multiple of its step; the block itself when no cap can bind.
    pub(super) cap: u64,
    /// Its minimum where that is more than a step, else zero.
    pub(super) least: u64,
    /// Which claim.
    pub(super) index: u32,
    /// Which of the distinct steps.
    pub(super) class: u32,
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
}

/// What one look over all claims tells.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) total_weight: u128,
    /// Weight of accounts that cannot take part: their step is larger than the block (`Carry` only).
    barred: u128,
    /// The largest step that takes part.
    largest_step: u64,
    /// May a cap bind?
    pub(super) capped: bool,
    /// Is a minimum larger than its step?
    pub(super) minima: bool,
    /// Least common multiple of the steps.
    pub(super) common: u128,
    narrow: bool,
}

impl Survey {
    /// Checks the claims; `steps` becomes the distinct steps of those with a weight, ascending.
    pub(super) fn of(
        block: u64,
        claims: &[Claim],
        residual: Residual,
        steps: &mut Vec<u64>,
    ) -> Result<Self, BlockError> {
        if claims.len() > MAX_CLAIMS {
            return Err(BlockError::TooMany(claims.len()));
        }
        let carry = residual == Residual::Carry;
        let first = claims.iter().find(|claim| claim.weight > 0).map_or(1, |claim| claim.step);
        let (mut total_weight, mut mixed, mut capped, mut minima, mut bad) = (0, false, false, false, false);
        for claim in claims {
            let active = claim.weight > 0;
            total_weight += u128::from(claim.weight);
            mixed |= active && (claim.step != first);
            let needed = block.max(claim.min).saturating_add(claim.step);
            capped |= claim.cap < needed;
            minima |= claim.min > claim.step;
            bad |= (claim.step == 0) | (carry & (claim.credit.unsigned_abs() > MAX_CREDIT.unsigned_abs()));
        }
        if bad {
            refuse(claims, carry)?;
        }
        distinct_steps(claims, first, mixed, steps);
        let largest_step = if carry { block } else { u64::MAX };
        let barred = if steps.last().is_some_and(|step| *step > largest_step) {
            claims.iter().filter(|claim| claim.step > block).map(|claim| u128::from(claim.weight)).sum()
        } else {
            0
        };
        let too_large = BlockError::TooLarge { block, weight: total_weight };
        let Some(common) = common_multiple(steps) else { return Err(too_large) };
        let span = if carry { common.checked_mul(u128::from(CARRY_SPAN)) } else { Some(common) };
        let fits = |factor: u128| total_weight.checked_mul(factor);
        let (Some(scale), Some(_), Some(_)) = (fits(common), span.and_then(fits), fits(block.into())) else {
            return Err(too_large);
        };
        let narrow = u64::try_from(scale).is_ok();
        Ok(Self { total_weight, barred, largest_step, capped, minima, common, narrow })
    }

    pub(super) const fn fits_narrow(&self) -> bool {
        self.narrow
    }

    pub(super) const fn too_large(&self, block: u64) -> BlockError {
        BlockError::TooLarge { block, weight: self.total_weight }
    }
}

/// Which claim is wrong, and how.
#[cold]
fn refuse(claims: &[Claim], carry: bool) -> Result<(), BlockError> {
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

fn distinct_steps(claims: &[Claim], first: u64, mixed: bool, steps: &mut Vec<u64>) {
    steps.clear();
    steps.push(first);
    if !mixed {
        return;
    }
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
}

/// The least common multiple; `None` when it needs more than 128 bits.
fn common_multiple(steps: &[u64]) -> Option<u128> {
    steps.iter().try_fold(1_u128, |common, step| {
        let (mut divisor, mut rest) = (u128::from(*step), common);
        while rest > 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        (common / divisor).checked_mul(u128::from(*step))
    })
}

impl<N: Width> Work<N> {
    /// Divisors for this total weight; `None` when they do not fit.
    pub(super) fn refresh(&mut self, weight: N, steps: &[u64], survey: &Survey) -> Option<()> {
        self.classes.clear();
        for step in steps {
            let scale = N::try_from(survey.common / u128::from(*step)).ok()?;
            self.classes.push((N::divisor(weight, *step)?, scale));
        }
        Some(())
    }
}

impl Scratch {
    /// Rules 0 to 2 up to the first round of caps: who takes part, and what is shared.
    pub(super) fn load<N: Width, const UNIFORM: bool>(
        &mut self,
        terms: Terms<'_>,
    ) -> Result<Level<N>, BlockError> {
        let survey = terms.survey;
        let narrow = |weight: u128| N::try_from(weight).map_err(|_| survey.too_large(terms.block));
        let (all, pool) = (narrow(survey.total_weight)?, narrow(survey.total_weight - survey.barred)?);
        let others = terms.excess == Excess::Others;
        let weight = if others { pool } else { all };
        let mut level = Level { block: terms.block, weight, target: terms.block, pool, fixed: 0 };
        self.shares.resize(terms.claims.len(), Share::default());
        self.members.resize(terms.claims.len(), Member::default());
        self.units.resize(terms.claims.len(), 0);
        let fixed_weight = if survey.capped || survey.minima {
            self.admit_limited::<N, UNIFORM>(terms, &mut level)
        } else {
            self.admit::<UNIFORM>(terms);
            N::default()
        };
        level.pool = level.pool - fixed_weight;
        if others {
            level.weight = level.pool;
            level.block -= level.fixed;
            level.target = level.block;
        } else if self.live > 0 {
            let target = level.pool.times(level.block) / level.weight.into();
            level.target = u64::try_from(target).map_err(|_| survey.too_large(terms.block))?;
        }
        Ok(level)
    }

    /// Members where no cap or minimum can matter.
    fn admit<const UNIFORM: bool>(&mut self, terms: Terms<'_>) {
        let largest_step = terms.survey.largest_step;
        let mut live = 0;
        for ((index, claim), share) in (0_u32..).zip(terms.claims).zip(&mut self.shares) {
            let class = class_of::<UNIFORM>(&self.steps, claim.step);
            let member = Member { weight: claim.weight, cap: terms.block, least: 0, index, class };
            self.members[live] = member;
            live += usize::from(claim.weight > 0 && claim.step <= largest_step);
            *share = not_a_member(claim);
        }
        self.live = live;
    }

    /// Members with caps and minima, and the first round of caps; answers the weight of those who got their cap.
    fn admit_limited<N: Width, const UNIFORM: bool>(&mut self, terms: Terms<'_>, level: &mut Level<N>) -> N {
        self.floors.clear();
        self.floors.extend(self.steps.iter().filter_map(|step| Reciprocal::new(*step)));
        let (mut live, mut fixed, mut fixed_weight) = (0, 0, N::default());
        for ((index, claim), share) in (0_u32..).zip(terms.claims).zip(&mut self.shares) {
            let Claim { weight, step, min, cap, .. } = *claim;
            if weight == 0 || step > terms.survey.largest_step {
                *share = not_a_member(claim);
                continue;
            }
            let class = class_of::<UNIFORM>(&self.steps, step);
            let cap = cap - self.floors[class as usize].divide(cap.into()).1;
            let cap = if cap < min { 0 } else { cap.min(terms.block) };
            let over = product(level.block, weight) > level.weight.times(cap);
            // Written for all, and overwritten at the end for those who are not over: no branch to mispredict.
            *share = Share { units: cap, verdict: Verdict::Capped, new_credit: claim.credit };
            let least = if min > step { min } else { 0 };
            self.members[live] = Member { weight, cap, least, index, class };
            live += usize::from(!over);
            fixed += if over { cap } else { 0 };
            fixed_weight = fixed_weight + N::from(if over { weight } else { 0 });
        }
        self.live = live;
        level.fixed = fixed;
        fixed_weight
    }

    /// Rule 2, continued: accounts whose share exceeds their cap keep the cap and leave, until there is none.
    pub(super) fn fill<N: Width>(&mut self, level: &mut Level<N>) {
        loop {
            let (mut live, mut fixed, mut fixed_weight) = (0, 0, N::default());
            for at in 0..self.live {
                let member = self.members[at];
                if product(level.block, member.weight) > level.weight.times(member.cap) {
                    fixed += member.cap;
                    fixed_weight = fixed_weight + N::from(member.weight);
                } else {
                    self.members[live] = member;
                    live += 1;
                }
            }
            if live == self.live {
                return;
            }
            self.live = live;
            level.fixed += fixed;
            level.block -= fixed;
            level.target = level.block;
            level.weight = level.weight - fixed_weight;
            level.pool = level.weight;
        }
    }

    /// Rule 6: members that would get something below their minimum leave; answers how many.
    pub(super) fn drop_below_minimum<N: Width>(&mut self, terms: Terms<'_>, level: &mut Level<N>) -> usize {
        let (mut live, mut weight) = (0, N::default());
        for at in 0..self.live {
            let (member, units) = (self.members[at], self.units[at]);
            if units > 0 && units < member.least {
                weight = weight + N::from(member.weight);
                let share = &mut self.shares[member.index as usize];
                (share.units, share.verdict) = (0, Verdict::BelowMinimum);
                if terms.residual == Residual::Carry {
                    share.new_credit = share.new_credit.max(0);
                }
            } else {
                self.members[live] = member;
                self.units[live] = units;
                live += 1;
            }
        }
        let dropped = self.live - live;
        self.live = live;
        level.pool = level.pool - weight;
        if terms.excess == Excess::Others {
            level.weight = level.pool;
        }
        dropped
    }
}

fn not_a_member(claim: &Claim) -> Share {
    let verdict = if claim.weight > 0 { Verdict::BelowMinimum } else { Verdict::NoWeight };
    Share { units: 0, verdict, new_credit: claim.credit }
}

#[expect(clippy::cast_possible_truncation, reason = "there are at most MAX_CLAIMS steps")]
fn class_of<const UNIFORM: bool>(steps: &[u64], step: u64) -> u32 {
    if UNIFORM { 0 } else { steps.partition_point(|known| *known < step) as u32 }
}
