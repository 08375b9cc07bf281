//! A field's text as a quantity.
//!
//! Rounding policies, both named here and used nowhere else:
//! - **`ARTEFACT_TO_CENT`** for money: exports carry binary floating-point artefacts (`1.3599999999999999`). An
//!   amount with more than two decimals that is within 1e-6 of a whole cent *is* that cent; any other amount is
//!   rounded half to even to the six decimals that [`Money`] holds.
//! - **`HALF_EVEN_8`** for prices and lots: rounded half to even to the eight decimals that the types hold. That
//!   removes artefacts and keeps mean prices of positions filled in parts (`0.8073753982300885`), which rounding to the
//!   instrument's digits would falsify.

use jiff::civil::{Date, DateTime, Time, date};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Lots, Money, Price, ServerTime, Side, Symbol, text};

use super::error::{HistoryError, shorten};

/// A field with its place, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub line: u32,
    pub column: &'static str,
    pub text: &'a str,
}

impl<'a> Field<'a> {
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn wrong(&self, allowed: &'static str) -> HistoryError {
        HistoryError::Field { line: self.line, column: self.column, text: shorten(self.text), allowed }
    }

    /// A number as reports write it: `4 694.88`, `- 2.50`, `1e-15`.
    pub fn number(&self) -> Result<Decimal, HistoryError> {
        decimal(self.text).ok_or_else(|| self.wrong("a number such as \"1 234.56\""))
    }

    /// By policy `ARTEFACT_TO_CENT`; an empty field is zero.
    pub fn money(&self) -> Result<Money, HistoryError> {
        if self.is_empty() {
            return Ok(Money::ZERO);
        }
        artefact_to_cent(self.number()?).ok_or_else(|| self.wrong("an amount in range"))
    }

    /// By policy `HALF_EVEN_8`; more than zero.
    pub fn lots(&self) -> Result<Lots, HistoryError> {
        Lots::from_decimal(half_even_8(self.number()?))
            .ok()
            .filter(|lots| lots.is_positive())
            .ok_or_else(|| self.wrong("a volume in lots, more than zero"))
    }

    /// By policy `HALF_EVEN_8`; more than zero.
    pub fn price(&self) -> Result<Price, HistoryError> {
        Price::from_decimal(half_even_8(self.number()?))
            .ok()
            .filter(|price| price.is_positive())
            .ok_or_else(|| self.wrong("a price, more than zero"))
    }

    /// A stop: empty and zero are none.
    pub fn stop(&self) -> Result<Option<Price>, HistoryError> {
        if self.is_empty() || self.number()?.is_zero() { Ok(None) } else { self.price().map(Some) }
    }

    /// `2026.08.28 17:05:16`, also without seconds, also with milliseconds.
    pub fn time(&self) -> Result<ServerTime, HistoryError> {
        server_time(self.text).ok_or_else(|| self.wrong("a time such as \"2026.08.28 17:05:16\""))
    }

    pub fn symbol(&self) -> Result<Symbol, HistoryError> {
        let name = self.text.trim();
        if name.is_empty() || name.contains(char::is_control) {
            return Err(self.wrong("a symbol"));
        }
        text(name).map_err(|_| self.wrong("a symbol of at most 32 bytes"))
    }

    /// A ticket.
    pub fn id(&self) -> Result<u64, HistoryError> {
        let digits = self.text.trim().trim_start_matches('#');
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.wrong("a whole number"));
        }
        digits.parse().map_err(|_| self.wrong("a whole number"))
    }

    /// `buy` or `sell`, in any case.
    pub fn side(&self) -> Option<Side> {
        match self.word().as_str() {
            "buy" => Some(Side::Buy),
            "sell" => Some(Side::Sell),
            _ => None,
        }
    }

    /// In lower case, with single blanks.
    pub fn word(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }

    pub fn unknown(&self, allowed: &'static str) -> HistoryError {
        HistoryError::UnknownType { line: self.line, column: self.column, text: shorten(self.text), allowed }
    }

    pub fn trimmed(&self) -> &'a str {
        self.text.trim()
    }
}

/// Policy `ARTEFACT_TO_CENT`.
pub(super) fn artefact_to_cent(value: Decimal) -> Option<Money> {
    let cents = value.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
    let exact = if (value - cents).abs() <= Decimal::new(1, 6) {
        cents
    } else {
        value.round_dp_with_strategy(Money::PLACES, RoundingStrategy::MidpointNearestEven)
    };
    Money::from_decimal(exact).ok()
}

/// Rounded half to even to cents: a share of an amount that is in cents.
pub(super) fn cents(value: Decimal) -> Option<Money> {
    Money::from_decimal(value.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven)).ok()
}

/// Policy `HALF_EVEN_8`.
pub(super) fn half_even_8(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(8, RoundingStrategy::MidpointNearestEven)
}

/// Reads a decimal: sign, digits whose thousands blanks may separate, one point, an exponent.
///
/// Blanks are any of Unicode's, U+00A0 and U+202F among them, between groups of three digits only: a number that was
/// glued from two is refused.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    const MOST: usize = 64;
    let text = text.trim();
    if text.len() > MOST {
        return None;
    }
    let (negative, rest) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.trim_start().split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (rest.trim_start(), 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_some_and(|part| !digits(part)) {
        return None;
    }
    let groups: Vec<&str> = whole.split_whitespace().collect();
    let (first, others) = groups.split_first()?;
    if !digits(first)
        || !others.iter().all(|group| digits(group) && group.len() == 3)
        || (!others.is_empty() && first.len() > 3)
        || whole.ends_with(char::is_whitespace)
    {
        return None;
    }
    let plain = format!("{}{}.{}", if negative { "-" } else { "" }, groups.concat(), fraction.unwrap_or("0"));
    let value: Decimal = plain.parse().ok()?;
    scaled(value, exponent)
}

/// `value × 10^exponent`; what falls below the type's places is noise and goes.
fn scaled(value: Decimal, exponent: i32) -> Option<Decimal> {
    let power = |steps: u32| 10_u64.checked_pow(steps).map(Decimal::from);
    match exponent {
        0 => Some(value),
        1..=18 => value.checked_mul(power(exponent.unsigned_abs())?),
        -18..=-1 => value.checked_div(power(exponent.unsigned_abs())?),
        i32::MIN..=-19 => Some(Decimal::ZERO),
        _ => None,
    }
}

/// Reads `2026.08.28 17:05:16`; `-` and `/` may stand for the points.
pub(super) fn server_time(text: &str) -> Option<ServerTime> {
    let mut parts = text.split_whitespace();
    let (day, clock) = (parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let separator = ['.', '-', '/'].into_iter().find(|&separator| day.contains(separator))?;
    let mut numbers = day.split(separator);
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    if numbers.next().is_some() || year.len() != 4 {
        return None;
    }
    let day =
        Date::new(small(year)?, i8::try_from(small(month)?).ok()?, i8::try_from(small(day)?).ok()?).ok()?;
    let mut numbers = clock.split(':');
    let (hour, minute, second) = (numbers.next()?, numbers.next()?, numbers.next().unwrap_or("0"));
    if numbers.next().is_some() {
        return None;
    }
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let millis = match fraction.len() {
        1 => small(fraction)? * 100,
        2 => small(fraction)? * 10,
        3 => small(fraction)?,
        _ => return None,
    };
    let clock = Time::new(
        i8::try_from(small(hour)?).ok()?,
        i8::try_from(small(minute)?).ok()?,
        i8::try_from(small(second)?).ok()?,
        i32::from(millis) * 1_000_000,
    )
    .ok()?;
    let since = DateTime::from_parts(day, clock).duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
    i64::try_from(since.as_millis()).ok().filter(|&millis| millis >= 0).map(ServerTime)
}

/// One to four digits.
fn small(text: &str) -> Option<i16> {
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}
