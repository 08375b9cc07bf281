//! Sharing a block of volume among accounts by weight: exact, in integers, every unit accounted for.
//!
//! Volumes are counted in **block units**, an integer measure that the caller chooses so that the block and every
//! account's lot step are whole numbers of it: the greatest common divisor of their values. For a pool whose
//! accounts all have the step 0.01 a block unit is 0.01 lots. Nothing below is rounded unless it says so, so the
//! result can be recomputed from the claims alone.
//!
//! # The rules
//! `B` is the block, `w_i` an account's weight, `s_i` its step, `cap_i` its cap rounded down to a multiple of its
//! step, all in block units. "First" among equals is always the smaller login; logins are distinct.
//!
//! 0. **Members.** An account whose weight is zero gets nothing (`NoWeight`) and counts for nothing. When all
//!    weights are zero the whole block is the remainder. A `cap_i` below the account's minimum counts as zero.
//! 1. **Exact share.** `W` is the sum of the members' weights; `q_i = B × w_i / W`, a fraction.
//! 2. **Caps.** Every account with `q_i > cap_i` gets exactly `cap_i` (`Capped`) and leaves. With
//!    [`Excess::Others`] what it got leaves `B`, its weight leaves `W`, and the shares are worked out again until
//!    no cap is exceeded. With [`Excess::Remainder`] the others' `q_i` stay as they were. Those who are left share
//!    `P`: the sum of their `q_i`, rounded down to a whole unit (with `Others` it is `B` itself).
//! 3. **Floor.** Each gets `q_i` rounded down to a multiple of its step.
//! 4. **Left-over.** What is left of `P` is handed out in single steps: down the order below, one step to each
//!    account whose step still fits in the left-over, at most one, never above its cap; an account whose step does
//!    not fit is passed over. [`Residual::LargestRemainder`]: the largest fraction of its own step missing,
//!    `q_i/s_i - floor(q_i/s_i)`; an account that misses nothing gets nothing. [`Residual::LargestAccount`]: the
//!    largest weight.
//! 5. **Carry** ([`Residual::Carry`], instead of 3 and 4). An account whose step is larger than `B` could not get
//!    it however long it waited: it leaves before rule 1 (`BelowMinimum`, credit unchanged; with `Others` its
//!    weight leaves `W` too). With credits `c_i` in millionths of the account's own step,
//!    `t_i = q_i/s_i + c_i/10^6`. It starts with `floor(max(t_i, 0))` steps, at most its cap. "Owed" is `t_i`
//!    less the steps it has.
//!    - While the steps exceed `P`: one step is taken from the account that is owed least (among equals the
//!      larger login) of those that have one.
//!    - Then, while a step fits: one step to the account that is owed most, of those that would stay within
//!      their cap and within the larger of (start + 1) and `ceil(q_i/s_i)` steps, and whose step fits.
//!
//!    Afterwards, with `D` what those who shared `P` got, and `V` the sum of their weights (without those that
//!    rule 6 dropped), an account's fair share is `D × w_i / V`, in millionths of its step, rounded to the
//!    nearest, half to even, and its new credit is `c_i` + fair share - what it got, held within ±2,000,000.
//!    A capped account's credit does not change: it earns nothing by what its limit withheld. One that rule 6
//!    dropped loses its debt, if it had one, and earns nothing.
//! 6. **Minima.** An account that would now get more than zero but less than its minimum gets nothing
//!    (`BelowMinimum`). With `Others` all such accounts leave at once, and rules 2 to 6 run again for those still
//!    there, with `B` and `W` as rule 2 left them less the weights of those who left (accounts at their cap
//!    keep it: the others' shares only grow). With `Remainder` their part goes to the remainder, in one pass.
//!    An account that gets zero because less than a step was due is `BelowMinimum` too, but counts in `W`.
//! 7. **Conservation.** The shares and the remainder sum to `B`. The order of claims changes nothing.
//!
//! # Cost
//! Linear in the number of accounts, without allocation once the [`Scratch`] has grown. Where the total weight
//! times the steps' least common multiple fits 64 bits there is no division per account; above it 128-bit
//! arithmetic is several times slower, and beyond 128 bits the block is refused. Rule 6 repeats at most once per
//! account. `Carry` over unequal steps keeps a heap and costs `n log n`.

mod carry;
mod choose;
mod divide;
mod members;
#[cfg(test)]
mod tests;

use super::plan::{Excess, Residual};
use crate::domain::Login;
use choose::{Chooser, Handout};
use divide::Width;
use members::{Level, Member, Survey};

/// How many claims one block may have.
pub const MAX_CLAIMS: usize = 1_000_000;

/// How far a credit may be from zero, in millionths of a step.
pub const MAX_CREDIT: i64 = 2_000_000;

/// One account's claim on a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Whose; distinct within a block, breaks ties.
    pub login: Login,
    /// Its weight, in any unit that all claims share; zero takes no part.
    pub weight: u64,
    /// One lot step, in block units; not zero.
    pub step: u64,
    /// Its smallest volume, in block units.
    pub min: u64,
    /// The most it may get, in block units; `u64::MAX` for no limit. Rounded down to a multiple of the step.
    pub cap: u64,
    /// What earlier blocks owe it, in millionths of its step, within ±[`MAX_CREDIT`]. Counts in `Carry` only.
    pub credit: i64,
}

/// What decided a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// Its weight.
    Plain,
    /// Its cap: more was due.
    Capped,
    /// Zero: less than its smallest volume, or than one step, was due.
    BelowMinimum,
    /// Zero: it has no weight.
    #[default]
    NoWeight,
}

/// One account's share of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Block units, a multiple of its step.
    pub units: u64,
    /// What decided it.
    pub verdict: Verdict,
    /// What is owed to it after this block, in millionths of its step; unchanged unless `Carry`.
    pub new_credit: i64,
}

/// A block, shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared<'a> {
    /// One for each claim, in the claims' order.
    pub shares: &'a [Share],
    /// Block units that nobody got.
    pub remainder: u64,
    /// The sum of all weights.
    pub total_weight: u128,
    /// How often rules 2 to 6 ran; zero when nobody had a weight.
    pub rounds: u32,
}

/// Why a block cannot be shared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// A lot step of zero.
    #[error("account {login}: lot step 0 in claim {index}; must be at least one block unit")]
    NoStep {
        /// Whose.
        login: Login,
        /// Which claim, from 0.
        index: usize,
    },
    /// A credit beyond ±[`MAX_CREDIT`].
    #[error("account {login}: credit {credit} in claim {index}; allowed are -{MAX_CREDIT} to {MAX_CREDIT}")]
    Credit {
        /// Whose.
        login: Login,
        /// Which claim, from 0.
        index: usize,
        /// What it was.
        credit: i64,
    },
    /// More than [`MAX_CLAIMS`].
    #[error("{0} claims on one block; allowed are {MAX_CLAIMS}")]
    TooMany(usize),
    /// The exact comparison would need more than 128 bits.
    #[error("a block of {block} units, total weight {weight}, is beyond 128 bits with these lot steps")]
    TooLarge {
        /// Block units.
        block: u64,
        /// The sum of all weights.
        weight: u128,
    },
    /// The shares sum to more than the block: a defect in this module, never an input.
    #[error("shares of {given} units from a block of {block}: refused; this is a defect in LotBridge")]
    Overdrawn {
        /// Block units.
        block: u64,
        /// What the shares sum to.
        given: u128,
    },
}

/// Buffers that one caller keeps and passes again, so that sharing does not allocate.
#[derive(Debug, Default)]
pub struct Scratch {
    shares: Vec<Share>,
    /// Who still shares: the first `live` of them.
    members: Vec<Member>,
    live: usize,
    /// Block units of each live member.
    units: Vec<u64>,
    /// The distinct steps, ascending.
    steps: Vec<u64>,
    /// Their reciprocals.
    floors: Vec<divide::Reciprocal>,
    narrow: Work<u64>,
    wide: Work<u128>,
    ranks: Vec<u64>,
    by_rank: Chooser<u64>,
    carry: carry::Carry,
}

/// Buffers of one width.
#[derive(Debug)]
struct Work<N: Width> {
    /// For each distinct step: its divisor, and what brings its fractions to the common scale.
    classes: Vec<(N::Divisor, N)>,
    /// For each live member: the fraction of a step missing, times `total weight × common multiple of steps`.
    fractions: Vec<N>,
    by_fraction: Chooser<N>,
}

impl<N: Width> Default for Work<N> {
    fn default() -> Self {
        Self { classes: Vec::new(), fractions: Vec::new(), by_fraction: Chooser::default() }
    }
}

/// What a block is shared by.
#[derive(Clone, Copy)]
struct Terms<'a> {
    block: u64,
    claims: &'a [Claim],
    residual: Residual,
    excess: Excess,
    survey: &'a Survey,
}

/// Shares `block` units among `claims`: see the module's rules.
///
/// # Errors
/// A step of zero, a credit out of range (with `Carry`), too many claims, or numbers that 128 bits do not hold.
pub fn share<'s>(
    block: u64,
    claims: &[Claim],
    residual: Residual,
    excess: Excess,
    scratch: &'s mut Scratch,
) -> Result<Shared<'s>, BlockError> {
    let survey = Survey::of(block, claims, residual, &mut scratch.steps)?;
    let terms = Terms { block, claims, residual, excess, survey: &survey };
    let mut narrow = std::mem::take(&mut scratch.narrow);
    let mut wide = std::mem::take(&mut scratch.wide);
    let outcome = match (survey.fits_narrow(), scratch.steps.len() == 1) {
        (true, true) => scratch.settle::<u64, true>(terms, &mut narrow),
        (true, false) => scratch.settle::<u64, false>(terms, &mut narrow),
        (false, true) => scratch.settle::<u128, true>(terms, &mut wide),
        (false, false) => scratch.settle::<u128, false>(terms, &mut wide),
    };
    (scratch.narrow, scratch.wide) = (narrow, wide);
    let (given, rounds) = outcome?;
    let overdrawn = BlockError::Overdrawn { block, given: given.into() };
    let remainder = block.checked_sub(given).ok_or(overdrawn)?;
    Ok(Shared { shares: &scratch.shares, remainder, total_weight: survey.total_weight, rounds })
}

impl Scratch {
    /// Rules 1 to 6; answers what was given in all, and how many rounds it took.
    fn settle<N: Width, const UNIFORM: bool>(
        &mut self,
        terms: Terms<'_>,
        work: &mut Work<N>,
    ) -> Result<(u64, u32), BlockError> {
        let too_large = || terms.survey.too_large(terms.block);
        let mut level = self.load::<N, UNIFORM>(terms)?;
        let mut rounds = u32::from(terms.survey.total_weight > 0);
        while self.live > 0 {
            if terms.survey.capped && terms.excess == Excess::Others {
                self.fill(&mut level);
                if self.live == 0 {
                    break;
                }
            }
            work.refresh(level.weight, &self.steps, terms.survey).ok_or_else(too_large)?;
            match terms.residual {
                Residual::Carry => self.deal_carry::<N, UNIFORM>(terms, &level, work),
                Residual::LargestRemainder => {
                    let left = self.deal_floors::<N, UNIFORM>(&level, work);
                    self.hand_out_by_fraction::<N, UNIFORM>(terms.claims, left, work);
                }
                Residual::LargestAccount => {
                    let left = self.deal_floors::<N, UNIFORM>(&level, work);
                    self.hand_out_by_weight::<UNIFORM>(terms.claims, left);
                }
            }
            let dropped = if terms.survey.minima { self.drop_below_minimum(terms, &mut level) } else { 0 };
            if dropped == 0 || terms.excess == Excess::Remainder {
                break;
            }
            rounds += 1;
        }
        let mut shared = 0_u128;
        for (member, units) in self.members.iter().zip(&self.units).take(self.live) {
            shared += u128::from(*units);
            let share = &mut self.shares[member.index as usize];
            share.units = *units;
            share.verdict = if *units > 0 { Verdict::Plain } else { Verdict::BelowMinimum };
        }
        let given = shared + u128::from(level.fixed);
        let overdrawn = |_| BlockError::Overdrawn { block: terms.block, given };
        let (given, shared) =
            (u64::try_from(given).map_err(overdrawn)?, u64::try_from(shared).map_err(overdrawn)?);
        if terms.residual == Residual::Carry && self.live > 0 {
            work.refresh(level.pool, &self.steps, terms.survey).ok_or_else(too_large)?;
            self.settle_credits(shared, work);
        }
        Ok((given, rounds))
    }

    /// Rule 3, and what each member misses; answers the left-over.
    fn deal_floors<N: Width, const UNIFORM: bool>(&mut self, level: &Level<N>, work: &mut Work<N>) -> u64 {
        work.fractions.resize(self.members.len(), N::default());
        let mut used = 0_u64;
        let rows = self.members[..self.live].iter().zip(&mut self.units).zip(&mut work.fractions);
        for ((member, units), fraction) in rows {
            let class = if UNIFORM { 0 } else { member.class as usize };
            let (divisor, scale) = &work.classes[class];
            let (count, rest) = N::share(level.block, member.weight, divisor);
            *units = count * self.steps[class];
            *fraction = if UNIFORM { rest } else { rest.scaled(*scale) };
            used += *units;
        }
        level.target - used
    }

    /// Rule 4, largest remainder.
    fn hand_out_by_fraction<N: Width, const UNIFORM: bool>(
        &mut self,
        claims: &[Claim],
        left: u64,
        work: &mut Work<N>,
    ) {
        let handout = Handout {
            keys: &work.fractions[..self.live],
            members: &self.members[..self.live],
            steps: &self.steps,
            logins: Logins { claims, flip: 0 },
            left,
        };
        work.by_fraction.hand_out::<UNIFORM, false>(&handout, &mut self.units[..self.live]);
    }

    /// Rule 4, largest account.
    fn hand_out_by_weight<const UNIFORM: bool>(&mut self, claims: &[Claim], left: u64) {
        let (members, units) = (&self.members[..self.live], &mut self.units[..self.live]);
        self.ranks.clear();
        self.ranks.extend(members.iter().zip(&*units).map(|(member, units)| {
            let step = self.steps[if UNIFORM { 0 } else { member.class as usize }];
            if member.cap - units < step { 0 } else { member.weight }
        }));
        let logins = Logins { claims, flip: 0 };
        let handout = Handout { keys: &self.ranks, members, steps: &self.steps, logins, left };
        self.by_rank.hand_out::<UNIFORM, false>(&handout, units);
    }
}

/// The logins of a block's claims; `flip` reverses their order.
#[derive(Clone, Copy)]
struct Logins<'a> {
    claims: &'a [Claim],
    flip: u64,
}

impl Logins<'_> {
    fn of(&self, member: &Member) -> u64 {
        self.claims[member.index as usize].login.0 ^ self.flip
    }
}
