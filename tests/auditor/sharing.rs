//! The rules of a block, worked out slowly: every account's due, credit and step as whole numbers over one common
//! denominator, every choice by looking at all accounts again.
//!
//! Written from the text of `lotbridge::allocation::block`'s documentation, not from its code. Works in any whole
//! numbers: `i128` where they are large enough, `BigInt` where nothing else is.

use std::cmp::Reverse;
use std::ops::{Add, Div, Mul, Rem, Sub};

use lotbridge::allocation::{Excess, Residual};

/// Whole numbers with exact arithmetic.
pub trait Whole:
    Clone
    + Ord
    + From<u64>
    + From<i64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
{
}

impl<T> Whole for T where
    T: Clone
        + Ord
        + From<u64>
        + From<i64>
        + Add<Output = T>
        + Sub<Output = T>
        + Mul<Output = T>
        + Div<Output = T>
        + Rem<Output = T>
{
}

/// One account's claim, in units that the caller chooses; all claims and the block share them.
#[derive(Debug, Clone)]
pub struct Claim<T> {
    pub login: u64,
    pub weight: T,
    pub step: T,
    pub min: T,
    /// `None`: no limit.
    pub cap: Option<T>,
    /// Millionths of the account's own step.
    pub credit: T,
}

/// What decided a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Plain,
    Capped,
    BelowMinimum,
    NoWeight,
}

/// One account's share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share<T> {
    pub units: T,
    pub verdict: Verdict,
    pub credit: T,
}

/// A block, shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<T> {
    /// In the order of the claims.
    pub shares: Vec<Share<T>>,
    pub remainder: T,
}

/// The accounts that share `pot` in one round, each due `pot × weight / weights`.
struct Round<'c, T> {
    live: Vec<&'c Claim<T>>,
    /// `B` as it was at first.
    block: T,
    pot: T,
    weights: T,
    /// `P`: whole units that may be handed out.
    available: T,
    /// `L`: every live step divides it.
    common: T,
    /// One step of any account, over the common denominator `10^6 × weights × L`.
    one: T,
}

fn zero<T: Whole>() -> T {
    T::from(0_u64)
}

fn one<T: Whole>() -> T {
    T::from(1_u64)
}

fn million<T: Whole>() -> T {
    T::from(1_000_000_u64)
}

fn sum<T: Whole>(terms: impl Iterator<Item = T>) -> T {
    terms.fold(zero(), |total, term| total + term)
}

/// The least common multiple of positive numbers.
pub fn lcm<T: Whole>(left: &T, right: &T) -> T {
    left.clone() / gcd(left.clone(), right.clone()) * right.clone()
}

/// The greatest common divisor of non-negative numbers.
pub fn gcd<T: Whole>(mut left: T, mut right: T) -> T {
    while right != zero() {
        (left, right) = (right.clone(), left % right);
    }
    left
}

/// Shares `block` among `claims`: rules 0 to 7.
pub fn share<T: Whole>(block: &T, claims: &[Claim<T>], residual: Residual, excess: Excess) -> Outcome<T> {
    let carry = residual == Residual::Carry;
    let mut shares: Vec<Share<T>> = claims
        .iter()
        .map(|claim| Share {
            units: zero(),
            verdict: if claim.weight == zero() { Verdict::NoWeight } else { Verdict::BelowMinimum },
            credit: claim.credit.clone(),
        })
        .collect();
    let mut live: Vec<usize> = (0..claims.len()).filter(|&at| claims[at].weight != zero()).collect();
    let mut pot = block.clone();
    let mut weights = sum(live.iter().map(|&at| claims[at].weight.clone()));
    if carry {
        let (stay, leave): (Vec<_>, _) = live.into_iter().partition(|&at| claims[at].step <= *block);
        live = stay;
        if excess == Excess::Others {
            weights = weights - weight_of(claims, &leave);
        }
    }
    while !live.is_empty() {
        cap_those_above(claims, &mut live, &mut pot, &mut weights, excess, &mut shares);
        if live.is_empty() {
            break;
        }
        let round = Round::new(claims, &live, block, &pot, &weights, excess);
        let steps = if carry { round.with_credits() } else { round.with_left_over(residual) };
        let units: Vec<T> = steps.iter().zip(&round.live).map(|(n, c)| n.clone() * c.step.clone()).collect();
        let too_small = |at: usize, units: &T| *units > zero() && *units < claims[at].min;
        let dropped: Vec<usize> =
            live.iter().zip(&units).filter(|(at, units)| too_small(**at, units)).map(|(at, _)| *at).collect();
        if carry {
            for &at in &dropped {
                shares[at].credit = claims[at].credit.clone().max(zero());
            }
        }
        if dropped.is_empty() || excess == Excess::Remainder {
            let kept = live.iter().copied().zip(units).filter(|(at, _)| !dropped.contains(at)).collect();
            settle(claims, kept, carry, &mut shares);
            break;
        }
        weights = weights - weight_of(claims, &dropped);
        live.retain(|at| !dropped.contains(at));
    }
    let given = sum(shares.iter().map(|share| share.units.clone()));
    Outcome { shares, remainder: block.clone() - given }
}

fn weight_of<T: Whole>(claims: &[Claim<T>], which: &[usize]) -> T {
    sum(which.iter().map(|&at| claims[at].weight.clone()))
}

/// Rules 0 and 2: a cap in whole steps, and none at all below the minimum.
fn whole_cap<T: Whole>(claim: &Claim<T>) -> Option<T> {
    let cap = claim.cap.as_ref()?;
    let whole = cap.clone() / claim.step.clone() * claim.step.clone();
    Some(if whole < claim.min { zero() } else { whole })
}

/// Rule 2.
fn cap_those_above<T: Whole>(
    claims: &[Claim<T>],
    live: &mut Vec<usize>,
    pot: &mut T,
    weights: &mut T,
    excess: Excess,
    shares: &mut [Share<T>],
) {
    loop {
        let above: Vec<(usize, T)> = live
            .iter()
            .filter_map(|&at| Some((at, whole_cap(&claims[at])?)))
            .filter(|(at, cap)| pot.clone() * claims[*at].weight.clone() > cap.clone() * weights.clone())
            .collect();
        for (at, cap) in &above {
            shares[*at].units = cap.clone();
            shares[*at].verdict = Verdict::Capped;
        }
        live.retain(|at| !above.iter().any(|(gone, _)| gone == at));
        if above.is_empty() || excess == Excess::Remainder {
            return;
        }
        for (at, cap) in above {
            *pot = pot.clone() - cap;
            *weights = weights.clone() - claims[at].weight.clone();
        }
    }
}

/// What those who shared got in the end, and their new credits (end of rule 5).
fn settle<T: Whole>(claims: &[Claim<T>], kept: Vec<(usize, T)>, carry: bool, shares: &mut [Share<T>]) {
    let given = sum(kept.iter().map(|(_, units)| units.clone()));
    let weights = sum(kept.iter().map(|(at, _)| claims[*at].weight.clone()));
    for (at, units) in kept {
        let claim = &claims[at];
        if carry {
            let fair = half_even(
                &(given.clone() * claim.weight.clone() * million()),
                &(weights.clone() * claim.step.clone()),
            );
            let got = units.clone() / claim.step.clone() * million();
            let most = million::<T>() * T::from(2_u64);
            let credit = claim.credit.clone() + fair - got;
            shares[at].credit = credit.min(most.clone()).max(zero::<T>() - most);
        }
        shares[at].verdict = if units == zero() { Verdict::BelowMinimum } else { Verdict::Plain };
        shares[at].units = units;
    }
}

/// `numerator / denominator`, both not negative, to the nearest whole number, half to even.
pub fn half_even<T: Whole>(numerator: &T, denominator: &T) -> T {
    let floor = numerator.clone() / denominator.clone();
    let twice_rest = (numerator.clone() % denominator.clone()) * T::from(2_u64);
    let odd = floor.clone() % T::from(2_u64) != zero();
    if twice_rest > *denominator || (twice_rest == *denominator && odd) { floor + one() } else { floor }
}

impl<'c, T: Whole> Round<'c, T> {
    fn new(claims: &'c [Claim<T>], live: &[usize], block: &T, pot: &T, weights: &T, excess: Excess) -> Self {
        let live: Vec<&Claim<T>> = live.iter().map(|&at| &claims[at]).collect();
        let available = match excess {
            Excess::Others => pot.clone(),
            Excess::Remainder => {
                pot.clone() * sum(live.iter().map(|claim| claim.weight.clone())) / weights.clone()
            }
        };
        let common = live.iter().fold(one(), |common: T, claim| lcm(&common, &claim.step));
        let one = million::<T>() * weights.clone() * common.clone();
        Self {
            live,
            block: block.clone(),
            pot: pot.clone(),
            weights: weights.clone(),
            available,
            common,
            one,
        }
    }

    /// `q_i / s_i` over the common denominator.
    fn due(&self, claim: &Claim<T>) -> T {
        self.pot.clone() * claim.weight.clone() * million() * (self.common.clone() / claim.step.clone())
    }

    /// Would `steps` stay within the account's cap?
    fn allowed(claim: &Claim<T>, steps: &T) -> bool {
        whole_cap(claim).is_none_or(|cap| steps.clone() * claim.step.clone() <= cap)
    }

    fn used(&self, steps: &[T]) -> T {
        sum(steps.iter().zip(&self.live).map(|(steps, claim)| steps.clone() * claim.step.clone()))
    }

    /// Rules 3 and 4.
    fn with_left_over(&self, residual: Residual) -> Vec<T> {
        let mut steps: Vec<T> = self.live.iter().map(|claim| self.due(claim) / self.one.clone()).collect();
        let mut left = self.available.clone() - self.used(&steps);
        let mut order: Vec<(T, u64, usize)> = Vec::new();
        for (at, claim) in self.live.iter().enumerate() {
            let key = match residual {
                Residual::LargestAccount => claim.weight.clone(),
                _ => self.due(claim) % self.one.clone(),
            };
            if key > zero() {
                order.push((key, claim.login, at));
            }
        }
        order.sort_by_key(|(key, login, _)| (Reverse(key.clone()), *login));
        for (_, _, at) in order {
            let claim = self.live[at];
            let more = steps[at].clone() + one();
            if claim.step <= left && Self::allowed(claim, &more) {
                left = left - claim.step.clone();
                steps[at] = more;
            }
        }
        steps
    }

    /// Rule 5: an account's place in the line, the first the smallest: those owed more than 0.002 steps by their
    /// wait, then the others by what they are owed; logins last.
    fn place(&self, claim: &Claim<T>, owed: T) -> (bool, T, u64) {
        let millionth = self.weights.clone() * self.common.clone();
        if owed <= millionth.clone() * T::from(2_000_u64) {
            return (true, zero::<T>() - owed, claim.login);
        }
        // In block units until owed 0.998 steps: (0.998 - owed) × step × weights / weight, rounded up.
        let short = (millionth * T::from(998_000_u64) - owed).max(zero());
        let rate = million::<T>() * self.common.clone() * claim.weight.clone();
        let wait = (short * claim.step.clone() + rate.clone() - one()) / rate;
        (false, wait, claim.login)
    }

    /// Rule 5.
    fn with_credits(&self) -> Vec<T> {
        let target: Vec<T> = self
            .live
            .iter()
            .map(|c| self.due(c) + c.credit.clone() * self.weights.clone() * self.common.clone())
            .collect();
        let start: Vec<T> = target
            .iter()
            .zip(&self.live)
            .map(|(target, claim)| {
                let whole = target.clone().max(zero()) / self.one.clone();
                let fits = self.block.clone() / claim.step.clone();
                let whole = whole.min(fits);
                whole_cap(claim).map_or(whole.clone(), |cap| whole.min(cap / claim.step.clone()))
            })
            .collect();
        let most: Vec<T> = start
            .iter()
            .zip(&self.live)
            .map(|(start, claim)| {
                let ceiling = (self.due(claim) + self.one.clone() - one()) / self.one.clone();
                ceiling.max(start.clone() + one())
            })
            .collect();
        let mut steps = start;
        let owed = |at: usize, steps: &[T]| target[at].clone() - steps[at].clone() * self.one.clone();
        let mut used = self.used(&steps);
        while used > self.available {
            let least = (0..steps.len())
                .filter(|&at| steps[at] > zero())
                .min_by_key(|&at| (owed(at, &steps), Reverse(self.live[at].login)));
            let Some(at) = least else { break };
            steps[at] = steps[at].clone() - one();
            used = used - self.live[at].step.clone();
        }
        loop {
            let may = |at: usize, more: &T| {
                *more <= most[at]
                    && Self::allowed(self.live[at], more)
                    && used.clone() + self.live[at].step.clone() <= self.available
            };
            let next = (0..steps.len())
                .filter(|&at| may(at, &(steps[at].clone() + one())))
                .min_by_key(|&at| self.place(self.live[at], owed(at, &steps)));
            let Some(at) = next else { return steps };
            steps[at] = steps[at].clone() + one();
            used = used + self.live[at].step.clone();
        }
    }
}
