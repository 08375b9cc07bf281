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
//!    `t_i = q_i/s_i + c_i/10^6`. It starts with `floor(max(t_i, 0))` steps, at most its cap and at most what
//!    fits in `B`. "Owed" is `t_i` less the steps it has.
//!    - While the steps exceed `P`: one step is taken from the account that is owed least (among equals the
//!      larger login) of those that have one.
//!    - Then, while a step fits: one step to the first in line of those that would stay within their cap and
//!      within the larger of (start + 1) and `ceil(q_i/s_i)` steps, and whose step fits. First in line are those
//!      owed more than 0.002 steps, by the volume after which they would be owed a whole step less 0.002:
//!      `ceil(max(0, 0.998 - owed_i) × s_i × W / w_i)` block units, smallest first, with `B` and `W` as in `q_i`.
//!      Then the others, who is owed most first.
//!
//!    (Why not simply who is owed most: in 39 of 438 seeded runs of 3,000 blocks that let somebody drift more than a
//!    whole step from the fair share, up to 1.2. Small accounts were served long before they had to be, and then
//!    several large ones were owed a whole step at once. By the shortest wait nobody drifts a whole step, weights
//!    standing, moving or jumping.)
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
//!    An account that gets zero because less than a step was due is `BelowMinimum` too, but counts in `W`. (It
//!    may get volume in a later round, when a heavier one has left: minima above one step can upset the order of
//!    weights.)
//! 7. **Conservation.** The shares and the remainder sum to `B`. The order of claims changes nothing.
//!
//! # Cost
//! Linear in the number of accounts, without allocation once the [`Scratch`] has grown. Where the total weight
//! times the steps' least common multiple fits 64 bits there is no division per account (but one for `Carry`);
//! above it 128-bit arithmetic takes two to three times as long, and beyond 128 bits the block is refused. Rule 6
//! repeats at most once per account. `Carry` over unequal steps keeps a heap and costs `n log n`.

mod carry;
mod choose;
mod divide;
mod members;
mod settle;
#[cfg(test)]
mod tests;

use super::plan::{Excess, Residual};
use crate::domain::Login;
use settle::{State, Terms, Work};

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
    state: State,
    narrow: Work<u64>,
    wide: Work<u128>,
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
    let Scratch { state, narrow, wide } = scratch;
    let survey = state.roll.admit(block, claims, residual)?;
    let terms = Terms { block, claims, residual, excess, survey: &survey };
    let outcome = match (survey.narrow, survey.uniform) {
        (true, true) => state.settle::<u64, true>(terms, narrow),
        (true, false) => state.settle::<u64, false>(terms, narrow),
        (false, true) => state.settle::<u128, true>(terms, wide),
        (false, false) => state.settle::<u128, false>(terms, wide),
    };
    let (given, rounds) = outcome?;
    let overdrawn = || BlockError::Overdrawn { block, given };
    let remainder =
        u64::try_from(given).ok().and_then(|given| block.checked_sub(given)).ok_or_else(overdrawn)?;
    Ok(Shared { shares: &state.shares, remainder, total_weight: survey.total_weight, rounds })
}
