//! One exact fraction from the facts to the lots: nothing is rounded before the end.

use std::fmt;

use ethnum::U256;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::Lots;

/// An exact, non-negative amount of lots, counted in units of 1e-8 lot: `numerator / denominator`.
#[derive(Debug, Clone, Copy)]
pub struct Fraction {
    numerator: U256,
    denominator: U256,
}

impl Fraction {
    /// Decimal places in text form; the last one is rounded half to even. Only shown, never computed with.
    const SHOWN_PLACES: u32 = 12;

    /// Exactly these lots; negative ones count as none.
    pub fn of_lots(lots: Lots) -> Self {
        Self { numerator: U256::from(lots.units().max(0).unsigned_abs()), denominator: U256::ONE }
    }

    /// `numerator / denominator` units of 1e-8 lot; `None` when the denominator is zero.
    pub fn of_units(numerator: u128, denominator: u128) -> Option<Self> {
        (denominator != 0)
            .then(|| Self { numerator: U256::from(numerator), denominator: U256::from(denominator) })
    }

    /// Exactly this decimal, in lots; `None` when negative or out of range.
    pub fn of_decimal(lots: Decimal) -> Option<Self> {
        let mantissa = u128::try_from(lots.mantissa()).ok()?;
        let numerator = U256::from(mantissa).checked_mul(U256::from(Lots::ONE.unsigned_abs()))?;
        Some(Self { numerator, denominator: U256::from(10_u128.pow(lots.scale())) })
    }

    /// `self × numerator / denominator`; `None` when the denominator is not positive, the numerator is negative,
    /// or the result is out of range.
    #[must_use]
    pub fn times(self, numerator: i64, denominator: i64) -> Option<Self> {
        self.times_part(u64::try_from(numerator).ok()?, u64::try_from(denominator).ok()?)
    }

    /// `self × part / of`; `None` when `of` is zero or the result is out of range.
    #[must_use]
    pub fn times_part(self, numerator: u64, denominator: u64) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        Some(Self {
            numerator: self.numerator.checked_mul(U256::from(numerator))?,
            denominator: self.denominator.checked_mul(U256::from(denominator))?,
        })
    }

    /// The largest multiple of `step` that is not above the fraction; `None` when it is out of range.
    pub fn floor_to(self, step: Lots) -> Option<Lots> {
        self.steps(step, U256::ZERO)
    }

    /// The multiple of `step` that is nearest to the fraction, half up; `None` when it is out of range.
    pub fn nearest_to(self, step: Lots) -> Option<Lots> {
        self.steps(step, U256::ONE)
    }

    /// `floor(self / step + halves / 2) × step`.
    fn steps(self, step: Lots, halves: U256) -> Option<Lots> {
        let step = U256::from(u64::try_from(step.units()).ok()?);
        let per_step = self.denominator.checked_mul(step)?;
        if per_step == U256::ZERO {
            return None;
        }
        let twice = self.numerator.checked_mul(U256::new(2))?.checked_add(per_step.checked_mul(halves)?)?;
        let units = quotient(twice, per_step.checked_mul(U256::new(2))?).checked_mul(step)?;
        i64::try_from(units).ok().map(Lots::from_units)
    }

    /// Is it more than these lots?
    pub fn exceeds(self, lots: Lots) -> bool {
        let Ok(units) = u64::try_from(lots.units()) else { return true };
        self.denominator.checked_mul(U256::from(units)).is_some_and(|limit| self.numerator > limit)
    }

    /// Is it nothing?
    pub fn is_zero(self) -> bool {
        self.numerator == U256::ZERO
    }

    /// As a decimal with 12 places, half to even; `None` when it is out of a decimal's range.
    fn shown(self) -> Option<Decimal> {
        let places = U256::from(10_u64.pow(Self::SHOWN_PLACES - Lots::PLACES));
        let scaled = self.numerator.checked_mul(places)?;
        let (mut quotient, rest) = (scaled / self.denominator, scaled % self.denominator);
        let twice = rest.checked_mul(U256::new(2))?;
        if twice > self.denominator || (twice == self.denominator && quotient % 2 == U256::ONE) {
            quotient += 1;
        }
        let mantissa = i128::try_from(quotient).ok()?;
        Decimal::try_from_i128_with_scale(mantissa, Self::SHOWN_PLACES).ok().map(|d| d.normalize())
    }
}

/// `numerator / denominator`, rounded down. Most fractions fit into 128 bits, which divide several times faster.
fn quotient(numerator: U256, denominator: U256) -> U256 {
    match (u128::try_from(numerator), u128::try_from(denominator)) {
        (Ok(numerator), Ok(denominator)) => U256::from(numerator / denominator),
        _ => numerator / denominator,
    }
}

/// Equal as numbers, whatever their terms.
impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        let left = self.numerator.checked_mul(other.denominator);
        let right = other.numerator.checked_mul(self.denominator);
        match (left, right) {
            (Some(left), Some(right)) => left == right,
            _ => self.numerator == other.numerator && self.denominator == other.denominator,
        }
    }
}
impl Eq for Fraction {}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shown() {
            Some(decimal) => f.pad(&decimal.to_string()),
            None => f.pad("out of range"),
        }
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// From the text form: what was beyond its 12 places is gone, so this is for showing again, not for sizing.
impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Decimal::from_str_exact(&text)
            .ok()
            .and_then(Self::of_decimal)
            .ok_or_else(|| de::Error::custom(format!("\"{text}\" is not an amount of lots")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lots(text: &str) -> Lots {
        text.parse().unwrap()
    }

    #[test]
    fn rounds_once_to_the_step() {
        // lots × numerator / denominator, step: floor, nearest, shown
        for (text, num, den, step, floor, nearest, shown) in [
            ("0.10", 1, 3, "0.01", "0.03", "0.03", "0.033333333333"),
            ("0.10", 7, 20, "0.01", "0.03", "0.04", "0.035"),
            ("1.00", 2, 3, "0.1", "0.6", "0.7", "0.666666666667"),
            ("0.01", 1, 9, "0.01", "0.00", "0.00", "0.001111111111"),
            ("5.00", 3, 1, "0.001", "15", "15", "15"),
        ] {
            let fraction = Fraction::of_lots(lots(text)).times(num, den).unwrap();
            assert_eq!(fraction.floor_to(lots(step)), Some(lots(floor)), "{text} × {num} / {den}");
            assert_eq!(fraction.nearest_to(lots(step)), Some(lots(nearest)), "{text} × {num} / {den}");
            assert_eq!(fraction.to_string(), shown);
        }
    }

    #[test]
    fn equal_are_equal_numbers_and_beyond_the_range_equal_terms() {
        let third = Fraction::of_lots(lots("1")).times(1, 3).unwrap();
        assert_eq!(third, Fraction::of_lots(lots("2")).times(1, 6).unwrap());
        assert_ne!(third, Fraction::of_lots(lots("1")).times(1, 4).unwrap());
        // Of more than 128 bits above and below: what they are compared by is beyond 256.
        let much = |above: [i64; 2], below: [i64; 2]| {
            let much = Fraction::of_lots(Lots::MAX).times(above[0], below[0]).unwrap();
            much.times(above[1], below[1]).unwrap()
        };
        let (most, less) = (i64::MAX, i64::MAX - 1);
        let one = much([most, most], [most, most]);
        assert_eq!(one, much([most, most], [most, most]));
        assert_ne!(one, much([most, less], [most, most]));
        assert_ne!(one, much([most, most], [most, less]));
    }

    #[test]
    fn out_of_range_is_none_not_a_wrong_number() {
        let mut fraction = Fraction::of_lots(Lots::MAX);
        for _ in 0..2 {
            fraction = fraction.times(i64::MAX, 1).unwrap();
        }
        assert_eq!(fraction.floor_to(lots("0.01")), None);
        assert_eq!(fraction.times(i64::MAX, 1).and_then(|f| f.times(i64::MAX, 1)), None);
        assert_eq!(Fraction::of_lots(lots("1")).times(1, 0), None);
        assert_eq!(Fraction::of_lots(lots("1")).times(-1, 1), None);
    }
}
