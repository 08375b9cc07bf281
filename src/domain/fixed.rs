//! Fixed-point quantities: an integer count of a unit that is below anything a broker quotes.
//!
//! | type | unit | largest |
//! | --- | --- | --- |
//! | [`Lots`] | 1e-8 lot | 9.2e10 lots |
//! | [`Price`] | 1e-8 of the quote currency | 9.2e10 |
//! | [`Money`] | 1e-6 of the account's currency | 9.2e12 |
//! | [`Ratio`] | 1e-8 | 9.2e10 |
//! | [`BasisPoints`] | 1e-4 | 4.2e5 |
//!
//! Text form is a plain decimal (`"0.10"`); in human-readable formats (JSON) that text is what is written, in
//! binary ones the integer.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a decimal is not a quantity of this type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FixedError {
    /// Not a plain decimal number.
    #[error("\"{0}\" is not a decimal number such as \"0.10\"")]
    NotDecimal(String),
    /// More decimal places than the type holds: refused, never rounded silently.
    #[error("{value} has more than {places} decimal places")]
    TooPrecise {
        /// What was given.
        value: Decimal,
        /// How many places the type holds.
        places: u32,
    },
    /// Beyond what the type holds.
    #[error("{0} is out of range")]
    OutOfRange(Decimal),
}

fn units(value: Decimal, places: u32) -> Result<i64, FixedError> {
    let scaled = value.checked_mul(Decimal::from(10_i64.pow(places))).ok_or(FixedError::OutOfRange(value))?;
    if !scaled.is_integer() {
        return Err(FixedError::TooPrecise { value, places });
    }
    i64::try_from(scaled.trunc()).map_err(|_| FixedError::OutOfRange(value))
}

/// Reads a plain decimal: digits, one point, a sign. No exponent, no blanks, no thousands separators.
fn plain_decimal(text: &str) -> Result<Decimal, FixedError> {
    let bad = || FixedError::NotDecimal(text.chars().take(40).collect());
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty()
        || !digits.starts_with(|c: char| c.is_ascii_digit())
        || !digits.chars().all(|c| c.is_ascii_digit() || c == '.')
    {
        return Err(bad());
    }
    Decimal::from_str_exact(text).map_err(|_| bad())
}

/// Writes `units` with at least `least` and at most `places` decimals, without trailing zeros beyond `least`.
fn write_units(f: &mut fmt::Formatter<'_>, units: i64, places: u32, least: u32) -> fmt::Result {
    let scale = 10_u64.pow(places);
    let magnitude = units.unsigned_abs();
    let (whole, mut part) = (magnitude / scale, magnitude % scale);
    let mut shown = places;
    while shown > least && part % 10 == 0 {
        part /= 10;
        shown -= 1;
    }
    let sign = if units < 0 { "-" } else { "" };
    if shown == 0 {
        return f.pad(&format!("{sign}{whole}"));
    }
    f.pad(&format!("{sign}{whole}.{part:0width$}", width = shown as usize))
}

macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident, $places:literal, $least:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(i64);

        impl $name {
            /// Decimal places of the unit.
            pub const PLACES: u32 = $places;
            /// Units in one whole.
            pub const ONE: i64 = 10_i64.pow($places);
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest quantity the type holds.
            pub const MAX: Self = Self(i64::MAX);

            /// From a count of units.
            pub const fn from_units(units: i64) -> Self {
                Self(units)
            }
            /// The count of units.
            pub const fn units(self) -> i64 {
                self.0
            }
            /// Exactly this decimal.
            ///
            /// # Errors
            /// More decimal places than the unit has, or out of range.
            pub fn from_decimal(value: Decimal) -> Result<Self, FixedError> {
                units(value, $places).map(Self)
            }
            /// The same quantity as a decimal.
            pub fn to_decimal(self) -> Decimal {
                Decimal::new(self.0, $places).normalize()
            }
            /// Sum, or `None` beyond the range.
            #[must_use]
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                match self.0.checked_add(other.0) { Some(v) => Some(Self(v)), None => None }
            }
            /// Difference, or `None` beyond the range.
            #[must_use]
            pub const fn checked_sub(self, other: Self) -> Option<Self> {
                match self.0.checked_sub(other.0) { Some(v) => Some(Self(v)), None => None }
            }
            /// Sum; at the range's end it stays there.
            #[must_use]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
            /// Difference; at the range's end it stays there.
            #[must_use]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
            /// Is it nothing?
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }
            /// Is it more than nothing?
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }
            /// Is it less than nothing?
            pub const fn is_negative(self) -> bool {
                self.0 < 0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_units(f, self.0, $places, $least)
            }
        }

        impl FromStr for $name {
            type Err = FixedError;
            fn from_str(text: &str) -> Result<Self, FixedError> {
                Self::from_decimal(plain_decimal(text)?)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                if s.is_human_readable() { s.collect_str(self) } else { s.serialize_i64(self.0) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                if d.is_human_readable() {
                    String::deserialize(d)?.parse().map_err(de::Error::custom)
                } else {
                    i64::deserialize(d).map(Self)
                }
            }
        }
    };
}

fixed!(
    /// A volume, in units of 1e-8 lot. Rounding to a lot step is always a named policy (`allocation::rounding`).
    Lots, 8, 2
);
fixed!(
    /// A price, in units of 1e-8 of the quote currency.
    Price, 8, 0
);
fixed!(
    /// An amount in an account's currency, in units of 1e-6.
    Money, 6, 2
);
fixed!(
    /// A dimensionless or per-unit number (contract size, tick value, conversion rate), in units of 1e-8.
    Ratio, 8, 0
);

impl Ratio {
    /// One.
    pub const UNIT: Self = Self(Self::ONE);
}

impl Lots {
    /// The largest multiple of `step` that is not above `self`; `self` itself when `step` is zero.
    #[must_use]
    pub const fn floor_to(self, step: Self) -> Self {
        if step.0 <= 0 { self } else { Self(self.0 - self.0.rem_euclid(step.0)) }
    }
}

impl Money {
    /// In the currency's minor units (cents for 2 digits), rounded half to even. Weights of a block are these.
    ///
    /// `digits` above 6 are taken as 6: the type holds no more.
    pub fn minor_units(self, digits: u8) -> i64 {
        let scale = 10_i64.pow(Self::PLACES.saturating_sub(u32::from(digits)));
        let (quotient, rest) = (self.0.div_euclid(scale), self.0.rem_euclid(scale));
        match (rest * 2).cmp(&scale) {
            Ordering::Greater => quotient + 1,
            Ordering::Equal if quotient % 2 != 0 => quotient + 1,
            _ => quotient,
        }
    }

    /// Rounded half to even to the currency's minor unit.
    #[must_use]
    pub fn round_to(self, digits: u8) -> Self {
        let scale = 10_i64.pow(Self::PLACES.saturating_sub(u32::from(digits)));
        Self(self.minor_units(digits).saturating_mul(scale))
    }
}

/// An investor's risk profile and other coefficients of sizing, in basis points: `1.5` is 15,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(u32);

impl BasisPoints {
    /// 1.0.
    pub const ONE: Self = Self(10_000);

    /// From a count of basis points.
    pub const fn from_units(units: u32) -> Self {
        Self(units)
    }
    /// The count of basis points.
    pub const fn units(self) -> u32 {
        self.0
    }
    /// Exactly this decimal.
    ///
    /// # Errors
    /// Negative, more than four decimal places, or out of range.
    pub fn from_decimal(value: Decimal) -> Result<Self, FixedError> {
        u32::try_from(units(value, 4)?).map(Self).map_err(|_| FixedError::OutOfRange(value))
    }
    /// The same number as a decimal.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(i64::from(self.0), 4).normalize()
    }
}

impl Default for BasisPoints {
    fn default() -> Self {
        Self::ONE
    }
}

impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_units(f, i64::from(self.0), 4, 0)
    }
}

impl FromStr for BasisPoints {
    type Err = FixedError;
    fn from_str(text: &str) -> Result<Self, FixedError> {
        Self::from_decimal(plain_decimal(text)?)
    }
}

impl Serialize for BasisPoints {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { s.collect_str(self) } else { s.serialize_u32(self.0) }
    }
}

impl<'de> Deserialize<'de> for BasisPoints {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() {
            String::deserialize(d)?.parse().map_err(de::Error::custom)
        } else {
            u32::deserialize(d).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_plain_decimal_both_ways() {
        for (text, units, shown) in [
            ("0.1", 10_000_000, "0.10"),
            ("0.123", 12_300_000, "0.123"),
            ("12", 1_200_000_000, "12.00"),
            ("-0.01", -1_000_000, "-0.01"),
            ("0.00000001", 1, "0.00000001"),
        ] {
            let lots: Lots = text.parse().unwrap();
            assert_eq!(lots.units(), units, "{text}");
            assert_eq!(lots.to_string(), shown);
            assert_eq!(shown.parse::<Lots>().unwrap(), lots);
        }
        assert_eq!("100".parse::<Ratio>().unwrap().to_string(), "100");
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        for text in ["", "x", "1e3", "+1", "1 000", ".5", "1,5", "NaN", "--1", "1.2.3"] {
            assert!(matches!(text.parse::<Lots>(), Err(FixedError::NotDecimal(_))), "{text}");
        }
        assert!(matches!("0.000000001".parse::<Lots>(), Err(FixedError::TooPrecise { .. })));
        assert!(matches!("92233720369".parse::<Lots>(), Err(FixedError::OutOfRange(_))));
        assert!("-1".parse::<BasisPoints>().is_err());
    }

    #[test]
    fn money_rounds_half_to_even() {
        for (text, digits, minor) in
            [("1.005", 2, 100), ("1.015", 2, 102), ("-1.005", 2, -100), ("1.006", 2, 101), ("2.5", 0, 2)]
        {
            assert_eq!(text.parse::<Money>().unwrap().minor_units(digits), minor, "{text}");
        }
    }

    #[test]
    fn lots_floor_to_their_step() {
        let step: Lots = "0.01".parse().unwrap();
        assert_eq!("0.119".parse::<Lots>().unwrap().floor_to(step), "0.11".parse().unwrap());
        assert_eq!("0.12".parse::<Lots>().unwrap().floor_to(step), "0.12".parse().unwrap());
    }
}
