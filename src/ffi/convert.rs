//! Between MQL5's numbers and texts and the exact ones: rounded to the instrument's own digits, or refused.

use arrayvec::ArrayString;

use super::code::{Failure, LB_ARGUMENT};
use super::constants::{LB_GUARD_ARMED, LB_GUARD_CLOSE_ALL, LB_GUARD_CLOSE_ONLY, LB_GUARD_SKIP_OPENS};
use crate::domain::{CopyId, Lots, Money, Price, Ratio};
use crate::replication::Reaction;

/// 2^53: beyond it a `double` does not hold every integer.
const EXACT_MOST: f64 = 9_007_199_254_740_992.0;

/// 10 to the number of places: each is exact.
const POWERS: [f64; 9] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

const _: () = assert!(
    Price::PLACES <= 8 && Lots::PLACES <= 8 && Money::PLACES <= 8 && Ratio::PLACES <= 8,
    "no unit is finer than the last power"
);

/// The same as integers: a power that is worked out anew costs more than the rest of a conversion.
const WHOLE_POWERS: [i64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// `value` in units of `10^-places`, rounded to `digits` places, half away from zero. Where that is beyond the 15
/// digits that a `double` always holds, to as many places as it holds.
fn units(field: &str, value: f64, digits: u32, places: u32) -> Result<i64, Failure> {
    let mut digits = digits.min(places);
    loop {
        if let Some(whole) = rounded(value * POWERS[digits as usize]) {
            let units = whole.checked_mul(WHOLE_POWERS[(places - digits) as usize]);
            return units.ok_or_else(|| no_number(field, value, places));
        }
        if digits == 0 || !value.is_finite() {
            return Err(no_number(field, value, places));
        }
        digits -= 1;
    }
}

#[cold]
fn no_number(field: &str, value: f64, places: u32) -> Failure {
    if value.is_finite() {
        let most = i64::MAX / WHOLE_POWERS[places as usize];
        Failure::new(LB_ARGUMENT, format!("{field} is {value:e}: {most} is the most"))
    } else {
        Failure::new(LB_ARGUMENT, format!("{field} is {value}: a number is needed"))
    }
}

/// The nearest integer, halves away from zero; `None` from 2^53 on. Written out: without SSE 4.1 `f64::round` is a call
/// of its own for each of the numbers of thousands of deals.
fn rounded(scaled: f64) -> Option<i64> {
    if scaled.abs() < EXACT_MOST {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "below 2^53, checked above; the rest is looked at next"
        )]
        let whole = scaled as i64;
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        let rest = scaled - whole as f64;
        let step = i64::from(rest >= 0.5) - i64::from(rest <= -0.5);
        Some(whole + step)
    } else {
        None
    }
}

/// What a guard that has tripped does.
pub(super) const fn guard_code(reaction: Reaction) -> u32 {
    match reaction {
        Reaction::SkipOpens => LB_GUARD_SKIP_OPENS,
        Reaction::CloseOnly => LB_GUARD_CLOSE_ONLY,
        Reaction::CloseAll => LB_GUARD_CLOSE_ALL,
    }
}

/// What a guard does by this code; `LB_GUARD_ARMED`: nothing.
pub(super) fn reaction(field: &str, code: u32) -> Result<Option<Reaction>, Failure> {
    match code {
        LB_GUARD_ARMED => Ok(None),
        LB_GUARD_SKIP_OPENS => Ok(Some(Reaction::SkipOpens)),
        LB_GUARD_CLOSE_ONLY => Ok(Some(Reaction::CloseOnly)),
        LB_GUARD_CLOSE_ALL => Ok(Some(Reaction::CloseAll)),
        other => {
            let text = format!("{field} is {other}: {LB_GUARD_ARMED} to {LB_GUARD_CLOSE_ALL} are allowed");
            Err(Failure::new(LB_ARGUMENT, text))
        }
    }
}

fn not_negative(field: &str, value: f64, units: i64) -> Result<i64, Failure> {
    if units < 0 {
        return Err(Failure::new(LB_ARGUMENT, format!("{field} is {value:?}: it must not be negative")));
    }
    Ok(units)
}

/// A price, rounded to the instrument's digits.
pub(super) fn price(field: &str, value: f64, digits: u8) -> Result<Price, Failure> {
    let units = units(field, value, u32::from(digits), Price::PLACES)?;
    not_negative(field, value, units).map(Price::from_units)
}

/// A stop; 0 is none.
pub(super) fn stop(field: &str, value: f64, digits: u8) -> Result<Option<Price>, Failure> {
    price(field, value, digits).map(|price| Some(price).filter(|price| price.is_positive()))
}

/// A volume, rounded to 1e-8 lot.
pub(super) fn lots(field: &str, value: f64) -> Result<Lots, Failure> {
    let units = units(field, value, Lots::PLACES, Lots::PLACES)?;
    not_negative(field, value, units).map(Lots::from_units)
}

/// An amount, rounded to the currency's digits.
pub(super) fn money(field: &str, value: f64, digits: u8) -> Result<Money, Failure> {
    units(field, value, u32::from(digits), Money::PLACES).map(Money::from_units)
}

/// An amount that is never below zero, rounded to its last place.
pub(super) fn amount(field: &str, value: f64) -> Result<Money, Failure> {
    let units = units(field, value, Money::PLACES, Money::PLACES)?;
    not_negative(field, value, units).map(Money::from_units)
}

/// A number such as a contract size, rounded to 8 places.
pub(super) fn ratio(field: &str, value: f64) -> Result<Ratio, Failure> {
    let units = units(field, value, Ratio::PLACES, Ratio::PLACES)?;
    not_negative(field, value, units).map(Ratio::from_units)
}

/// Text of a fixed array, up to its zero byte. An array without one holds a name that was cut: another symbol's,
/// perhaps.
pub(super) fn text<const N: usize>(field: &str, bytes: &[u8; N]) -> Result<ArrayString<N>, Failure> {
    let refused = |why: String| Failure::new(LB_ARGUMENT, format!("{field} {why}"));
    let text = bytes.split(|byte| *byte == 0).next().filter(|text| text.len() < N).ok_or_else(|| {
        refused(format!("has no zero byte at its end: {} bytes of text are the most", N - 1))
    })?;
    let text = std::str::from_utf8(text).map_err(|error| refused(format!("is not UTF-8: {error}")))?;
    if text.is_empty() {
        return Err(refused("is empty".into()));
    }
    if text.contains(char::is_control) {
        return Err(refused(format!("is {text:?}: a name has no control characters")));
    }
    ArrayString::from(text).map_err(|error| refused(error.to_string()))
}

/// Text that nothing depends on, up to the array's zero byte or its end: never refused. What is not UTF-8 and control
/// characters become U+FFFD; what is then too long is cut at a character's edge.
pub(super) fn hint<const N: usize>(bytes: &[u8; N]) -> ArrayString<N> {
    let written = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut hint = ArrayString::new();
    for shown in String::from_utf8_lossy(written).chars() {
        let shown = if shown.is_control() { char::REPLACEMENT_CHARACTER } else { shown };
        if hint.try_push(shown).is_err() {
            break;
        }
    }
    hint
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

/// An order's comment: `LB ` and the copy as it shows itself. Written digit by digit: the formatting machinery's
/// code and memory lie on a dozen pages, and a terminal that sleeps between orders finds each of them cold.
pub(super) fn comment(copy: CopyId) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..3].copy_from_slice(b"LB ");
    let end = decimal(&mut bytes, 3, copy.pool().0.into());
    bytes[end] = b':';
    decimal(&mut bytes, end + 1, copy.position_low());
    bytes
}

/// Writes a number of at most 20 digits from `at` on; where it ends.
fn decimal(bytes: &mut [u8; 32], at: usize, number: u64) -> usize {
    let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
    let mut rest = number;
    for place in bytes[at..at + digits].iter_mut().rev() {
        *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    at + digits
}

/// The nearest `double` to a count of units.
#[expect(clippy::cast_precision_loss, reason = "rounded to the nearest double, which is what MQL5 can hold")]
pub(super) fn double(units: i64, places: u32) -> f64 {
    units as f64 / 10_f64.powi(places.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PoolTag, PositionId};

    #[test]
    fn doubles_become_exact_by_digits() {
        assert_eq!(price("p", 4562.44, 2).unwrap(), "4562.44".parse().unwrap());
        assert_eq!(price("p", 1.359_999_999_999_999_9, 5).unwrap(), "1.36".parse().unwrap());
        assert_eq!(lots("l", 0.1 + 0.2).unwrap(), "0.3".parse().unwrap());
        assert_eq!(money("m", -0.14, 2).unwrap(), "-0.14".parse().unwrap());
        assert_eq!(stop("s", 0.0, 2).unwrap(), None);
        assert!((double(30_000_000, 8) - 0.3).abs() < f64::EPSILON);
    }

    /// The library's own rounding is the standard one's.
    #[test]
    fn halves_go_away_from_zero() {
        let same = |value: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "below 2^53")]
            let standard = (value.round().abs() < EXACT_MOST).then(|| value.round() as i64);
            assert_eq!(rounded(value), standard, "{value:e}");
        };
        let near = |value: f64| [value.next_down(), value, value.next_up()];
        for whole in [0.0, 1.0, 2.0, 456_244.0, 4_503_599_627_370_495.0, EXACT_MOST - 1.0, EXACT_MOST, 1e300]
        {
            for value in [whole, whole + 0.5, whole - 0.5].into_iter().flat_map(near) {
                same(value);
                same(-value);
            }
        }
        for value in [f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, 0.499_999_999_999_999_94] {
            same(value);
        }
        proptest::proptest!(|(whole in -9_100_000_000_000_000_i64..9_100_000_000_000_000, part in -1.0..1.0_f64)| {
            #[expect(clippy::cast_precision_loss, reason = "any double will do")]
            same(whole as f64 / 1024.0 + part);
        });
    }

    #[test]
    fn large_amounts_keep_the_digits_that_a_double_has() {
        assert_eq!(money("m", 1_234_567_890_123.0, 6).unwrap(), "1234567890123".parse().unwrap());
        assert_eq!(money("m", 12_345_678_901.25, 6).unwrap(), "12345678901.25".parse().unwrap());
        assert_eq!(price("p", 1_600_000_000.5, 8).unwrap(), "1600000000.5".parse().unwrap());
        assert_eq!(money("m", 9.3e12, 2).unwrap_err().text, "m is 9.3e12: 9223372036854 is the most");
        assert_eq!(money("m", -9.3e12, 0).unwrap_err().text, "m is -9.3e12: 9223372036854 is the most");
        assert_eq!(lots("l", 1e300).unwrap_err().text, "l is 1e300: 92233720368 is the most");
    }

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1.0] {
            let failure = lots("LbPosition.lots", bad).unwrap_err();
            assert_eq!(failure.code, LB_ARGUMENT);
            assert!(failure.text.starts_with("LbPosition.lots"), "{}", failure.text);
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_reason() {
        assert_eq!(
            text("s", b"EURUSD\0\xff").unwrap().as_str(),
            "EURUSD",
            "what follows the zero is not read"
        );
        for (bytes, why) in [
            (b"\0rest\0\0\0", "s is empty"),
            (b"EURUSD.r", "s has no zero byte at its end: 7 bytes of text are the most"),
            (b"\xff\xfe\0\0\0\0\0\0", "s is not UTF-8"),
            (b"EUR\nUSD\0", "s is \"EUR\\nUSD\": a name has no control characters"),
        ] {
            let failure = text("s", bytes).unwrap_err();
            assert_eq!(failure.code, LB_ARGUMENT);
            assert!(failure.text.starts_with(why), "{}", failure.text);
        }
    }

    #[test]
    fn a_hint_is_never_refused() {
        for (bytes, shown) in [
            (b"EA1\0\xff\xff\xff\xff", "EA1"),
            (b"\0EA1\0\0\0\0", ""),
            (b"12345678", "12345678"),
            (b"a\xffb\n\0\0\0\0", "a\u{fffd}b\u{fffd}"),
            (b"\xff\xff\xffabcde", "\u{fffd}\u{fffd}"),
            ("abcdefé".as_bytes().first_chunk().unwrap(), "abcdefé"),
            (b"abcdefg\xc3", "abcdefg"),
        ] {
            assert_eq!(hint::<8>(bytes).as_str(), shown, "{bytes:?}");
        }
    }

    #[test]
    fn a_comment_names_the_copy() {
        for (pool, position) in [(0, 0), (7, 9), (10, 10), (255, 99), (255, u64::from(u32::MAX))] {
            let copy = CopyId::new(PoolTag(pool), PositionId(position));
            assert_eq!(comment(copy), array::<32>(&format!("LB {copy}")));
        }
    }

    #[test]
    fn texts_are_cut_at_a_character() {
        assert_eq!(&array::<4>("aéé"), b"a\xc3\xa9\0");
        assert_eq!(&array::<8>("EURUSD"), b"EURUSD\0\0");
    }
}
