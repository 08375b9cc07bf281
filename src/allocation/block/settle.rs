//! A block, round by round: rules 3, 4 and 6, and the shares' last form.

use super::carry::Carry;
use super::choose::{Chooser, Handout, note, settle_waiting, shift_of};
use super::divide::Width;
use super::members::{Level, Roll, Survey};
use super::{BlockError, Claim, Excess, Residual, Share, Verdict};

/// A block being shared: what does not depend on how wide its numbers are.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) shares: Vec<Share>,
    pub(super) roll: Roll,
    /// Steps of each account that still shares.
    pub(super) counts: Vec<u64>,
    by_weight: Chooser<u64>,
    ranks: Vec<u64>,
    pub(super) carry: Carry,
}

/// Buffers of one width.
#[derive(Debug)]
pub(super) struct Work<N: Width> {
    /// For each distinct step: its divisor, and what brings its fractions to the common scale.
    pub(super) classes: Vec<(N::Divisor, N)>,
    /// The common scale: `total weight × common multiple of steps`, shifted so far left that its top bit is set.
    pub(super) shift: u32,
    /// For each account: the fraction of a step missing, on the common scale.
    fractions: Vec<N>,
    by_fraction: Chooser<N>,
}

impl<N: Width> Default for Work<N> {
    fn default() -> Self {
        let by_fraction = Chooser::default();
        Self { classes: Vec::new(), shift: 0, fractions: Vec::new(), by_fraction }
    }
}

/// What a block is shared by.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) block: u64,
    pub(super) claims: &'a [Claim],
    pub(super) residual: Residual,
    pub(super) excess: Excess,
    pub(super) survey: &'a Survey,
}

impl<N: Width> Work<N> {
    /// Divisors for this total weight; `None` when they do not fit.
    fn refresh(&mut self, weight: N, steps: &[u64], common: u128) -> Option<()> {
        self.classes.clear();
        self.shift = N::spare_bits(weight.into() * common);
        for step in steps {
            let scale = if steps.len() == 1 { 1 } else { common / u128::from(*step) };
            self.classes.push((N::divisor(weight, *step)?, N::try_from(scale << self.shift).ok()?));
        }
        Some(())
    }
}

impl State {
    /// Rules 1 to 6; answers what was given in all, and how many rounds it took.
    pub(super) fn settle<N: Width, const UNIFORM: bool>(
        &mut self,
        terms: Terms<'_>,
        work: &mut Work<N>,
    ) -> Result<(u128, u32), BlockError> {
        let (survey, excess, accounts) = (terms.survey, terms.excess, terms.claims.len());
        let too_large = || survey.too_large(terms.block);
        let mut level = self.roll.level::<N, UNIFORM>(terms)?;
        self.counts.resize(accounts, 0);
        work.fractions.resize(accounts, N::default());
        let mut rounds = u32::from(survey.total_weight > 0);
        let mut waiting = N::MOST;
        while level.pool > N::default() {
            if survey.limited {
                self.roll.fill::<N, UNIFORM>(terms, &mut level);
            }
            if level.pool == N::default() {
                break;
            }
            if excess == Excess::Remainder {
                let target = level.pool.times(level.block) / level.weight.into();
                level.target = u64::try_from(target).map_err(|_| too_large())?;
            }
            work.refresh(level.weight, self.roll.distinct_steps(), survey.common).ok_or_else(too_large)?;
            waiting = self.deal::<N, UNIFORM>(terms, &level, work);
            let (counts, fractions) = (&mut self.counts, &mut work.fractions);
            let dropped = self.roll.drop_below_minimum::<N, UNIFORM>(&mut level, counts, fractions, waiting);
            if excess == Excess::Others {
                level.weight = level.pool;
            }
            if !dropped || excess == Excess::Remainder {
                break;
            }
            rounds += 1;
        }
        if level.pool == N::default() {
            // Nobody shares: what the buffers hold is from an earlier round or block.
            self.counts.fill(0);
            work.fractions.fill(N::default());
        }
        let shared = self.finish::<N, UNIFORM>(terms, &work.fractions, waiting);
        let given = shared + u128::from(level.fixed);
        let overdrawn = |_| BlockError::Overdrawn { block: terms.block, given };
        let shared = u64::try_from(shared).map_err(overdrawn)?;
        if terms.residual == Residual::Carry {
            if level.pool > N::default() {
                let steps = self.roll.distinct_steps();
                work.refresh(level.pool, steps, survey.common).ok_or_else(too_large)?;
            }
            self.settle_credits::<N, UNIFORM>(shared, work);
        }
        Ok((given, rounds))
    }

    /// Rules 3 to 5, without new credits. Answers the fraction above which an account still has one more step
    /// to get: [`finish`](Self::finish) gives it.
    fn deal<N: Width, const UNIFORM: bool>(
        &mut self,
        terms: Terms<'_>,
        level: &Level<N>,
        work: &mut Work<N>,
    ) -> N {
        if terms.residual == Residual::Carry {
            self.deal_carry::<N, UNIFORM>(terms, level, work);
            return N::MOST;
        }
        let by_fraction = terms.residual == Residual::LargestRemainder;
        let left = if terms.survey.short {
            self.deal_floors::<N, UNIFORM, true>(level, work)
        } else {
            self.deal_floors::<N, UNIFORM, false>(level, work)
        };
        let (steps, logins) = (self.roll.steps(), Logins { claims: terms.claims, flip: 0 });
        if by_fraction {
            let handout = Handout { steps, logins, left, shift: N::top_shift(terms.claims.len()) };
            return work.by_fraction.hand_out::<UNIFORM, false>(&handout, &work.fractions, &mut self.counts);
        }
        self.ranks.clear();
        self.ranks.extend_from_slice(&self.roll.weights);
        for limit in self.roll.limited() {
            let place = limit.place as usize;
            let step = steps.of::<UNIFORM>(place);
            if limit.cap - self.counts[place] * step < step {
                self.ranks[place] = 0;
            }
        }
        let handout =
            Handout { steps, logins, left, shift: shift_of(terms.survey.weight_bits, terms.claims.len()) };
        self.by_weight.tally::<UNIFORM>(&handout, &self.ranks);
        let waiting = self.by_weight.hand_out::<UNIFORM, false>(&handout, &self.ranks, &mut self.counts);
        settle_waiting::<u64, false>(&self.ranks, waiting, &mut self.counts);
        N::MOST
    }

    /// Rule 3, and what each member misses; answers the left-over.
    fn deal_floors<N: Width, const UNIFORM: bool, const SHORT: bool>(
        &mut self,
        level: &Level<N>,
        work: &mut Work<N>,
    ) -> u64 {
        let (steps, classes, to_top) = (self.roll.steps(), work.classes.as_slice(), work.shift);
        let (first, smallest, accounts) = (classes[0], steps.smallest(), self.roll.weights.len());
        let (sums, shift) = (work.by_fraction.begin(accounts), N::top_shift(accounts));
        let share = if SHORT { N::share_short } else { N::share };
        let mut used = 0_u64;
        let rows = self.roll.weights.iter().zip(&mut self.counts).zip(&mut work.fractions);
        for (place, ((weight, count), fraction)) in rows.enumerate() {
            let (divisor, scale) = if UNIFORM { first } else { classes[steps.class::<UNIFORM>(place)] };
            let step = if UNIFORM { 1 } else { steps.of::<UNIFORM>(place) };
            let (whole, rest) = share(level.block, *weight, &divisor);
            // Where steps are equal, all that is left of the scale is its shift: a multiplication less.
            let missing = if UNIFORM { rest << to_top } else { rest.scaled(scale) };
            (*count, *fraction) = (whole, missing);
            used += whole * step;
            note::<N, UNIFORM>(sums, missing, shift, step);
        }
        level.target - used * if UNIFORM { smallest } else { 1 }
    }

    /// Writes the shares; answers what the members got.
    fn finish<N: Width, const UNIFORM: bool>(
        &mut self,
        terms: Terms<'_>,
        fractions: &[N],
        waiting: N,
    ) -> u128 {
        let steps = self.roll.steps();
        let smallest = steps.smallest();
        self.shares.resize(terms.claims.len(), Share::default());
        let mut shared = 0_u128;
        let rows = self.shares.iter_mut().zip(terms.claims).zip(&self.counts).zip(fractions);
        for (place, (((share, claim), count), fraction)) in rows.enumerate() {
            let step = if UNIFORM { smallest } else { steps.of::<UNIFORM>(place) };
            let units = (*count + u64::from(*fraction > waiting)) * step;
            shared += u128::from(units);
            let nothing = if claim.weight > 0 { Verdict::BelowMinimum } else { Verdict::NoWeight };
            let verdict = if units > 0 { Verdict::Plain } else { nothing };
            *share = Share { units, verdict, new_credit: claim.credit };
        }
        for limit in self.roll.capped() {
            let share = &mut self.shares[limit.place as usize];
            (share.units, share.verdict) = (limit.cap, Verdict::Capped);
        }
        shared
    }
}

/// The logins of a block's claims; `flip` reverses their order.
#[derive(Clone, Copy)]
pub(super) struct Logins<'a> {
    pub(super) claims: &'a [Claim],
    pub(super) flip: u64,
}

impl Logins<'_> {
    pub(super) fn of(&self, place: usize) -> u64 {
        self.claims[place].login.0 ^ self.flip
    }
}
