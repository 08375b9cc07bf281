//! Between MQL5's numbers and texts and the exact ones: rounded to the instrument's own digits, or refused.

use arrayvec::ArrayString;

use super::code::{Failure, LB_ARGUMENT};
use crate::domain::{Lots, Money, Price, Ratio};

/// 2^53: beyond it a `double` does not hold every integer.
const EXACT_MOST: f64 = 9_007_199_254_740_992.0;

/// `value` in units of `10^-places`, rounded to `digits` places, half away from zero.
fn units(field: &str, value: f64, digits: u32, places: u32) -> Result<i64, Failure> {
    let digits = digits.min(places);
    let scaled = (value * 10_f64.powi(digits.cast_signed())).round();
    if !scaled.is_finite() || scaled.abs() >= EXACT_MOST {
        return Err(Failure::new(LB_ARGUMENT, format!("{field} is {value}: not a number in range")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "an integer below 2^53, checked above")]
    let whole = scaled as i64;
    whole
        .checked_mul(10_i64.pow(places - digits))
        .ok_or_else(|| Failure::new(LB_ARGUMENT, format!("{field} is {value}: out of range")))
}

fn not_negative(field: &str, units: i64) -> Result<i64, Failure> {
    if units < 0 {
        return Err(Failure::new(LB_ARGUMENT, format!("{field} is negative")));
    }
    Ok(units)
}

/// A price, rounded to the instrument's digits.
pub(super) fn price(field: &str, value: f64, digits: u8) -> Result<Price, Failure> {
    let units = units(field, value, u32::from(digits), Price::PLACES)?;
    not_negative(field, units).map(Price::from_units)
}

/// A stop; 0 is none.
pub(super) fn stop(field: &str, value: f64, digits: u8) -> Result<Option<Price>, Failure> {
    price(field, value, digits).map(|price| Some(price).filter(|price| price.is_positive()))
}

/// A volume, rounded to 1e-8 lot.
pub(super) fn lots(field: &str, value: f64) -> Result<Lots, Failure> {
    let units = units(field, value, Lots::PLACES, Lots::PLACES)?;
    not_negative(field, units).map(Lots::from_units)
}

/// An amount, rounded to the currency's digits.
pub(super) fn money(field: &str, value: f64, digits: u8) -> Result<Money, Failure> {
    units(field, value, u32::from(digits), Money::PLACES).map(Money::from_units)
}

/// A number such as a contract size, rounded to 8 places.
pub(super) fn ratio(field: &str, value: f64) -> Result<Ratio, Failure> {
    let units = units(field, value, Ratio::PLACES, Ratio::PLACES)?;
    not_negative(field, units).map(Ratio::from_units)
}

/// Text of a fixed array, up to its zero byte.
pub(super) fn text<const N: usize>(field: &str, bytes: &[u8]) -> Result<ArrayString<N>, Failure> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end])
        .ok()
        .filter(|text| !text.is_empty() && !text.contains(char::is_control))
        .and_then(|text| ArrayString::from(text).ok())
        .ok_or_else(|| Failure::new(LB_ARGUMENT, format!("{field} is empty, or not UTF-8")))
}

/// Text into a fixed array, cut at a character's edge where it is too long, always ended by a zero byte.
pub(super) fn array<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut end = text.len().min(N.saturating_sub(1));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    bytes[..end].copy_from_slice(&text.as_bytes()[..end]);
    bytes
}

/// The nearest `double` to a count of units.
#[expect(clippy::cast_precision_loss, reason = "rounded to the nearest double, which is what MQL5 can hold")]
pub(super) fn double(units: i64, places: u32) -> f64 {
    units as f64 / 10_f64.powi(places.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_become_exact_by_digits() {
        assert_eq!(price("p", 4562.44, 2).unwrap(), "4562.44".parse().unwrap());
        assert_eq!(price("p", 1.359_999_999_999_999_9, 5).unwrap(), "1.36".parse().unwrap());
        assert_eq!(lots("l", 0.1 + 0.2).unwrap(), "0.3".parse().unwrap());
        assert_eq!(money("m", -0.14, 2).unwrap(), "-0.14".parse().unwrap());
        assert_eq!(stop("s", 0.0, 2).unwrap(), None);
        assert!((double(30_000_000, 8) - 0.3).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1.0] {
            let failure = lots("LbPosition.lots", bad).unwrap_err();
            assert_eq!(failure.code, LB_ARGUMENT);
            assert!(failure.text.starts_with("LbPosition.lots"), "{}", failure.text);
        }
        assert!(text::<32>("symbol", b"\0rest").is_err());
        assert!(text::<32>("symbol", &[0xff, 0xfe]).is_err());
    }

    #[test]
    fn texts_are_cut_at_a_character() {
        assert_eq!(&array::<4>("aéé"), b"a\xc3\xa9\0");
        assert_eq!(&array::<8>("EURUSD"), b"EURUSD\0\0");
    }
}
