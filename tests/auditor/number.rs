//! Exact fractions, read from and compared with the decimals of a report.

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Deserializer, de};

/// An exact number.
pub type Exact = BigRational;

/// A decimal of the report: the text that stands there and nothing lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(pub Exact);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        decimal(&text)
            .map(Number)
            .ok_or_else(|| de::Error::custom(format!("\"{text}\" is not a plain decimal number")))
    }
}

/// Reads a plain decimal.
pub fn decimal(text: &str) -> Option<Exact> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return None;
    }
    let numerator: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let denominator = BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?);
    Some(Exact::new(numerator * sign, denominator))
}

pub fn whole(number: impl Into<BigInt>) -> Exact {
    Exact::from_integer(number.into())
}

pub fn zero() -> Exact {
    whole(0)
}

/// The largest multiple of `step` that is not above `number`.
pub fn floor_to(number: &Exact, step: &Exact) -> Exact {
    (number / step).floor() * step
}

/// The smallest multiple of `step` that is not below `number`.
pub fn ceil_to(number: &Exact, step: &Exact) -> Exact {
    (number / step).ceil() * step
}

/// The multiple of `step` that is nearest to `number`, half up.
pub fn nearest_to(number: &Exact, step: &Exact) -> Exact {
    (number / step + Exact::new(1.into(), 2.into())).floor() * step
}

/// To so many decimal places, half to even.
pub fn half_even(number: &Exact, places: u32) -> Exact {
    let scale = whole(BigInt::from(10).pow(places));
    let scaled = number * &scale;
    let floor = scaled.floor();
    let rest = &scaled - &floor;
    let half = Exact::new(1.into(), 2.into());
    let odd = floor.numer() % BigInt::from(2) != BigInt::from(0);
    let up = rest > half || (rest == half && odd);
    (if up { floor + whole(1) } else { floor }) / scale
}

/// A number for people: 12 decimals, or the fraction where they do not tell it all.
pub struct Shown<'a>(pub &'a Exact);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scaled = half_even(self.0, 12) * whole(BigInt::from(10).pow(12));
        let digits = scaled.to_integer().to_string();
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
        let padded = format!("{digits:0>13}");
        let (units, fraction) = padded.split_at(padded.len() - 12);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{units}{point}{fraction}")?;
        if &half_even(self.0, 12) == self.0 { Ok(()) } else { write!(f, "… ({})", self.0) }
    }
}
