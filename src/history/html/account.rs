//! Login, currency and leverage, from the rows above the tables.

use crate::domain::{Currency, Login, text};

use super::super::layout::normal;
use super::table::Row;

/// What the report says of its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Facts {
    pub login: Option<Login>,
    pub currency: Option<Currency>,
    pub leverage: Option<u32>,
}

/// Reads `Account:`, `Currency:` and `Leverage:`, with the value in the next cell or in the same.
pub(super) fn facts(rows: &[&Row]) -> Facts {
    let mut facts = Facts::default();
    for row in rows {
        let mut label = String::new();
        for cell in &row.cells {
            let text = cell.text.as_str();
            if let Some((own, value)) = text.split_once(':').filter(|(own, _)| is_label(own)) {
                label = normal(own);
                facts.take(&label, value);
            } else if !text.is_empty() {
                facts.take(&label, text);
                label.clear();
            }
        }
    }
    facts
}

fn is_label(text: &str) -> bool {
    matches!(normal(text).as_str(), "account" | "login" | "currency" | "depositcurrency" | "leverage")
}

impl Facts {
    /// `12345678 (USD, Broker-Server, real, Hedge)`, `USD`, `1:500`. The first value counts.
    fn take(&mut self, label: &str, value: &str) {
        let value = value.trim();
        match label {
            "account" | "login" => {
                let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
                self.login = self.login.or(digits.parse().ok().map(Login));
                let inside = value.split_once('(').map_or("", |(_, inside)| inside.trim_end_matches(')'));
                for part in inside.split(',') {
                    self.currency = self.currency.or_else(|| currency(part));
                    self.leverage = self.leverage.or_else(|| leverage(part));
                }
            }
            "currency" | "depositcurrency" => self.currency = self.currency.or_else(|| currency(value)),
            "leverage" => self.leverage = self.leverage.or_else(|| leverage(value)),
            _ => {}
        }
    }
}

/// Three to seven capital letters.
fn currency(value: &str) -> Option<Currency> {
    let value = value.trim();
    let fits = (3..=7).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_uppercase());
    if fits { text(value).ok() } else { None }
}

/// `1:500`.
fn leverage(value: &str) -> Option<u32> {
    value.trim().strip_prefix("1:")?.trim().parse().ok().filter(|&leverage| leverage > 0)
}
