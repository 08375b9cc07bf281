//! Exact division by a number that many accounts share: multiplication by its reciprocal, corrected.

use std::cmp::Ordering;
use std::hint::select_unpredictable;
use std::ops::{Add, Shl, Sub};

use super::choose::Key;

/// Millionths in one.
pub(super) const MILLION: u64 = 1_000_000;

/// `a × b`, in full.
pub(super) const fn product(a: u64, b: u64) -> u128 {
    a as u128 * b as u128
}

const fn high(value: u128) -> u64 {
    low(value >> 64)
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
const fn low(value: u128) -> u64 {
    value as u64
}

/// A divisor with its reciprocal: exact 128-by-64-bit division without a division instruction.
///
/// Source: Möller and Granlund, "Improved division by invariant integers", IEEE Transactions on Computers 60
/// (2011), section on dividing two words by one: an estimate from the reciprocal, then two corrections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reciprocal {
    /// The divisor, shifted left until its top bit is set.
    divisor: u64,
    /// `floor((2^128 - 1) / divisor) - 2^64`
    inverse: u64,
    /// `floor((2^64 - 1) / divisor)`, of the divisor as given.
    short_inverse: u64,
    /// By how many bits it was shifted.
    shift: u32,
}

impl Reciprocal {
    /// `None` for zero.
    pub(super) const fn new(divisor: u64) -> Option<Self> {
        if divisor == 0 {
            return None;
        }
        let shift = divisor.leading_zeros();
        let (short_inverse, divisor) = (u64::MAX / divisor, divisor << shift);
        Some(Self { divisor, inverse: low(u128::MAX / divisor as u128), short_inverse, shift })
    }

    /// Quotient and remainder of a number of 64 bits. The estimate is right or one too small: the inverse is less
    /// than 1 below `2^64 / divisor` (or 1, where the divisor is a power of two), and the dividend below `2^64`.
    #[inline]
    pub(super) fn divide_short(&self, dividend: u64) -> (u64, u64) {
        let quotient = high(product(dividend, self.short_inverse));
        let divisor = self.divisor >> self.shift;
        let rest = dividend - quotient * divisor;
        let under = rest >= divisor;
        (quotient + u64::from(under), select_unpredictable(under, rest.wrapping_sub(divisor), rest))
    }

    /// Quotient and remainder; the quotient must fit 64 bits.
    #[inline]
    pub(super) fn divide(&self, dividend: u128) -> (u64, u64) {
        self.divide_shifted(dividend << self.shift)
    }

    /// `a × b / divisor` and the remainder, where `a` is at most the divisor.
    #[inline]
    pub(super) fn divide_product(&self, a: u64, b: u64) -> (u64, u64) {
        self.divide_shifted(product(a << self.shift, b))
    }

    #[inline]
    fn divide_shifted(&self, dividend: u128) -> (u64, u64) {
        let estimate = product(self.inverse, high(dividend)).wrapping_add(dividend);
        let quotient = high(estimate).wrapping_add(1);
        let rest = low(dividend).wrapping_sub(quotient.wrapping_mul(self.divisor));
        // One too many in about half of all cases.
        let over = rest > low(estimate);
        let quotient = select_unpredictable(over, quotient.wrapping_sub(1), quotient);
        let rest = select_unpredictable(over, rest.wrapping_add(self.divisor), rest);
        if rest >= self.divisor {
            return (quotient.wrapping_add(1), (rest - self.divisor) >> self.shift);
        }
        (quotient, rest >> self.shift)
    }
}

/// How wide the numbers of a block are: 64 bits where the total weight times the steps fits, else 128.
pub(super) trait Width:
    Key
    + From<u64>
    + Into<u128>
    + TryFrom<u128>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Shl<u32, Output = Self>
{
    /// Divides by total weight × step.
    type Divisor: Copy + std::fmt::Debug;
    /// All shares of a block, roughly.
    type Shares: Copy;

    /// `weight × step`; `None` when it is zero or does not fit.
    fn divisor(weight: Self, step: u64) -> Option<Self::Divisor>;
    /// `self × by`, or the largest number.
    fn times(self, by: u64) -> u128;
    /// How far `value` can be shifted left within this width.
    fn spare_bits(value: u128) -> u32;
    /// `block × weight / divisor`: whole steps and what is left over. `weight` is part of the total weight.
    fn share(block: u64, weight: u64, by: &Self::Divisor) -> (u64, Self);
    /// The same where 64 bits hold `block × weight`.
    fn share_short(block: u64, weight: u64, by: &Self::Divisor) -> (u64, Self);
    /// For [`may_exceed`](Self::may_exceed): the shares of `block` by the total `weight`.
    fn shares_of(block: u64, weight: Self) -> Self::Shares;
    /// Is the share of `weight` above `reach`? May say so in error, but never misses one that is.
    fn may_exceed(weight: u64, reach: u64, shares: &Self::Shares) -> bool;
    /// A left-over of [`share`](Self::share) times `scale`: fractions of different steps on one scale.
    #[must_use]
    fn scaled(self, scale: Self) -> Self;
    /// A left-over of [`share`](Self::share) in millionths of a step, to the nearest, half to even.
    fn millionths(self, by: &Self::Divisor) -> u64;
}

/// `quotient`, or one more when `rest` is over half of `divisor`, or is half and `quotient` is odd.
fn half_even(quotient: u64, rest: u128, divisor: u128) -> u64 {
    match rest.cmp(&(divisor - rest)) {
        Ordering::Less => quotient,
        Ordering::Equal => quotient + quotient % 2,
        Ordering::Greater => quotient + 1,
    }
}

/// Shares of a block to within two units, by one multiplication.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoughShares {
    /// `floor(block × 2^64 / (total weight << shift))`
    per_weight: u64,
    shift: u32,
    /// A share is less than the estimate plus this: one for what `per_weight` lost (the weight is less than 2^64,
    /// so it costs less than one unit), one for the estimate's own fraction.
    error: u64,
}

impl Width for u64 {
    type Divisor = Reciprocal;
    type Shares = RoughShares;

    fn divisor(weight: Self, step: u64) -> Option<Reciprocal> {
        weight.checked_mul(step).and_then(Reciprocal::new)
    }
    #[inline]
    fn times(self, by: u64) -> u128 {
        product(self, by)
    }
    fn spare_bits(value: u128) -> u32 {
        value.leading_zeros().saturating_sub(64)
    }
    #[inline]
    fn share(block: u64, weight: u64, by: &Reciprocal) -> (u64, Self) {
        by.divide_product(weight, block)
    }
    #[inline]
    fn share_short(block: u64, weight: u64, by: &Reciprocal) -> (u64, Self) {
        by.divide_short(block * weight)
    }
    fn shares_of(block: u64, weight: Self) -> RoughShares {
        let shift = weight.leading_zeros();
        let per_weight = (u128::from(block) << 64) / u128::from(weight.max(1) << (shift % 64));
        // Beyond 64 bits (a block of more than 2^63 units) everybody counts as near.
        match u64::try_from(per_weight) {
            Ok(per_weight) if block < 1 << 62 => RoughShares { per_weight, shift: shift % 64, error: 2 },
            _ => RoughShares { per_weight: 0, shift: 0, error: u64::MAX },
        }
    }
    #[inline]
    fn may_exceed(weight: u64, reach: u64, shares: &RoughShares) -> bool {
        high(product(weight << shares.shift, shares.per_weight)).wrapping_add(shares.error) > reach
    }
    #[inline]
    fn scaled(self, scale: Self) -> Self {
        self * scale
    }
    fn millionths(self, by: &Reciprocal) -> u64 {
        let (quotient, rest) = by.divide(product(self, MILLION));
        half_even(quotient, u128::from(rest), u128::from(by.divisor >> by.shift))
    }
}

impl Width for u128 {
    type Divisor = u128;
    type Shares = (u64, u128);

    fn divisor(weight: Self, step: u64) -> Option<u128> {
        weight.checked_mul(u128::from(step)).filter(|divisor| *divisor > 0)
    }
    fn times(self, by: u64) -> u128 {
        self.saturating_mul(u128::from(by))
    }
    fn spare_bits(value: u128) -> u32 {
        value.leading_zeros()
    }
    fn share(block: u64, weight: u64, by: &u128) -> (u64, Self) {
        let dividend = product(block, weight);
        (low(dividend / by), dividend % by)
    }
    fn share_short(block: u64, weight: u64, by: &u128) -> (u64, Self) {
        Self::share(block, weight, by)
    }
    fn shares_of(block: u64, weight: Self) -> (u64, u128) {
        (block, weight)
    }
    fn may_exceed(weight: u64, reach: u64, shares: &(u64, u128)) -> bool {
        product(shares.0, weight) > shares.1.times(reach)
    }
    fn scaled(self, scale: Self) -> Self {
        self * scale
    }
    fn millionths(self, by: &u128) -> u64 {
        let dividend = self * u128::from(MILLION);
        half_even(low(dividend / by), dividend % by, *by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_goes_to_even() {
        for (rest, step, millionths) in
            [(1_u64, 2_000_000_u64, 0_u64), (3, 2_000_000, 2), (5, 2_000_000, 2), (1, 3, 333_333)]
        {
            assert_eq!(rest.millionths(&<u64 as Width>::divisor(1, step).unwrap()), millionths);
            assert_eq!(u128::from(rest).millionths(&u128::from(step)), millionths);
        }
        assert!(Reciprocal::new(0).is_none() && <u64 as Width>::divisor(1 << 40, 1 << 24).is_none());
    }

    #[test]
    fn a_divisor_of_128_bits_is_neither_zero_nor_too_large() {
        for (weight, step, divisor) in
            [(0, 1, None), (1, 0, None), (u128::MAX, 2, None), (u128::MAX, 1, Some(u128::MAX))]
        {
            assert_eq!(<u128 as Width>::divisor(weight, step), divisor, "{weight} {step}");
        }
    }

    proptest! {
        #[test]
        fn a_reciprocal_divides_as_division_does(
            divisor in 1_u64.., narrow in 0_u32..64, quotient: u64, by in 0_u32..64, rest: u64,
        ) {
            let (divisor, quotient) = ((divisor >> narrow).max(1), quotient >> by);
            for rest in [rest % divisor, 0, divisor - 1] {
                let dividend = product(divisor, quotient) + u128::from(rest);
                let reciprocal = Reciprocal::new(divisor).unwrap();
                prop_assert_eq!(reciprocal.divide(dividend), (quotient, rest));
                if let Ok(dividend) = u64::try_from(dividend) {
                    prop_assert_eq!(reciprocal.divide_short(dividend), (quotient, rest));
                }
                prop_assert_eq!(reciprocal.divide_short(rest), (0, rest));
                let (short, of) = (quotient, quotient / divisor);
                prop_assert_eq!(reciprocal.divide_short(short), (of, short % divisor));
            }
        }
    }
}
