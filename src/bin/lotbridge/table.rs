//! Tables that a trader can read, and paste where Markdown is understood.

use std::io::{ErrorKind, Write};

use anyhow::{Context, Result};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use lotbridge::allocation::{Cap, Fraction};
use lotbridge::domain::{Money, Price, Ratio};
use rust_decimal::Decimal;
use serde::Serialize;

/// Decimal places of a percentage.
const PERCENT_PLACES: u32 = 2;
/// Decimal places of lots before rounding.
const SHARE_PLACES: u32 = 6;

/// An empty table with these headings.
pub fn new(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(headings.iter().copied());
    table
}

/// Prints what a command has to say. A reader that has seen enough (`| head`) is no error.
///
/// # Errors
/// Standard output cannot be written to.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot print"),
    }
}

/// Aligns the columns of numbers.
pub fn align_right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// An amount of money: `1,234.50`.
pub fn money(amount: Money) -> String {
    grouped(&amount.to_string())
}

/// A price with the decimal places of its symbol, or more where it has more: `2,900.50`.
pub fn price(price: Price, digits: u8) -> String {
    let mut price = price.to_decimal();
    if price.scale() < u32::from(digits) {
        price.rescale(digits.into());
    }
    grouped(&price.to_string())
}

/// A percentage: `29.00 %`, half to even. Shown, not computed with.
pub fn percent(ratio: Ratio) -> String {
    let rounded = ratio.to_decimal().round_dp(PERCENT_PLACES);
    format!("{} %", grouped(&format!("{rounded:.2}")))
}

/// Lots before rounding: `0.333333`, at most six places, half to even. Shown, not computed with.
pub fn share(lots: Fraction) -> String {
    let text = lots.to_string();
    Decimal::from_str_exact(&text).map_or(text, |lots| {
        let lots = lots.round_dp(SHARE_PLACES).normalize();
        if lots.scale() < 2 { format!("{lots:.2}") } else { lots.to_string() }
    })
}

/// A bound that held a size down: `at most 0.50 by lots_per_trade`.
pub fn cap(cap: &Cap) -> String {
    format!("at most {} by {}", cap.lots, code(&cap.limit))
}

/// The stable code of a choice, as reports have it: `largest_remainder`.
pub fn code<T: Serialize + std::fmt::Debug>(choice: &T) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(code)) => code,
        _ => format!("{choice:?}"),
    }
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

/// Commas between the thousands of a plain decimal.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(part) = part {
        text.push('.');
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, shown) in [
            ("0", "0.00"),
            ("999.5", "999.50"),
            ("1000", "1,000.00"),
            ("-1234567.891", "-1,234,567.891"),
            ("123456", "123,456.00"),
        ] {
            assert_eq!(money(number.parse().unwrap()), shown);
        }
        for (number, digits, shown) in
            [("1.0812", 5, "1.08120"), ("2900.505", 2, "2,900.505"), ("48000", 0, "48,000")]
        {
            assert_eq!(price(number.parse().unwrap(), digits), shown);
        }
        assert_eq!(percent("1450.005".parse().unwrap()), "1,450.00 %");
        assert_eq!(percent("0.015".parse().unwrap()), "0.02 %");
    }

    #[test]
    fn shares_have_two_to_six_places() {
        for (numerator, denominator, shown) in
            [(100_000_000, 3, "0.333333"), (500_000_000, 1, "5.00"), (1, 1, "0.00"), (12_500_000, 1, "0.125")]
        {
            assert_eq!(share(Fraction::of_units(numerator, denominator).unwrap()), shown);
        }
    }
}
