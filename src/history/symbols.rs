//! Well-known symbols and what one lot of them is, under the names that brokers give them.
//!
//! Only a start: brokers differ, so every figure is checked against the history's own prices and profits.

use rust_decimal::Decimal;

use crate::domain::{Currency, Symbol, text};

/// A well-known symbol's usual specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// What one lot is of.
    pub contract: u32,
    /// Decimal places of its prices.
    pub digits: u8,
    /// The currency its profits are in.
    pub quote: &'static str,
}

const fn known(contract: u32, digits: u8, quote: &'static str) -> Known {
    Known { contract, digits, quote }
}

const CURRENCIES: [&str; 22] = [
    "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD", "SEK", "NOK", "DKK", "SGD", "HKD", "ZAR", "MXN",
    "TRY", "PLN", "CZK", "HUF", "CNH", "THB", "ILS",
];

/// Names by which brokers know metals, indices, energies and crypto-currencies.
const NAMES: [(&[&str], Known); 22] = [
    (&["XAUUSD", "GOLD"], known(100, 2, "USD")),
    (&["XAUEUR"], known(100, 2, "EUR")),
    (&["XAUAUD"], known(100, 2, "AUD")),
    (&["XAGUSD", "SILVER"], known(5_000, 3, "USD")),
    (&["XPTUSD", "XPDUSD", "PLATINUM", "PALLADIUM"], known(100, 2, "USD")),
    (&["US30", "DJ30", "DJI30", "WS30", "DOW30", "USA30", "WALLSTREET"], known(1, 2, "USD")),
    (&["US100", "NAS100", "USTEC", "USTECH", "NDX100", "NQ100", "USA100"], known(1, 2, "USD")),
    (&["US500", "SPX500", "SP500", "USA500"], known(1, 2, "USD")),
    (&["US2000", "RUS2000", "RTY2000"], known(1, 2, "USD")),
    (&["GER40", "GER30", "DE40", "DE30", "DAX40", "DAX30", "GDAXI"], known(1, 2, "EUR")),
    (&["EU50", "EUSTX50", "STOXX50", "ESTX50", "FRA40", "CAC40", "ESP35", "IBEX35"], known(1, 2, "EUR")),
    (&["UK100", "FTSE100"], known(1, 2, "GBP")),
    (&["JP225", "JPN225", "NI225", "NIKKEI225"], known(1, 2, "JPY")),
    (&["AUS200", "ASX200"], known(1, 2, "AUD")),
    (&["HK50", "HSI50"], known(1, 2, "HKD")),
    (&["XTIUSD", "XBRUSD"], known(1_000, 2, "USD")),
    (&["USOIL", "UKOIL", "WTI", "BRENT", "CRUDEOIL"], known(100, 2, "USD")),
    (&["XNGUSD", "NATGAS", "NGAS"], known(10_000, 3, "USD")),
    (&["BTCUSD", "ETHUSD", "BCHUSD", "LTCUSD", "SOLUSD", "BNBUSD", "XMRUSD", "DSHUSD"], known(1, 2, "USD")),
    (&["XRPUSD", "ADAUSD", "DOGEUSD", "XLMUSD", "TRXUSD", "DOTUSD"], known(1, 5, "USD")),
    (&["BTCEUR", "ETHEUR"], known(1, 2, "EUR")),
    (&["BTCJPY", "ETHJPY"], known(1, 0, "JPY")),
];

/// The specification of a symbol under its broker's name: `XAUUSD.a`, `EURUSDm`, `#US30`, `GOLD`.
pub(super) fn lookup(symbol: &str) -> Option<Known> {
    named(symbol).map(|(_, known)| known)
}

/// The same with its plain name, without what the broker puts before and after it: `XAUUSD`, `EURUSD`, `US30`.
pub(super) fn named(symbol: &str) -> Option<(Symbol, Known)> {
    let name = symbol.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_uppercase();
    let begins = |start: &str| {
        // A digit more is another index: US30 is not the beginning of US300.
        name.strip_prefix(start).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let named = NAMES
        .iter()
        .flat_map(|(names, known)| names.iter().map(move |own| (*own, *known)))
        .filter(|(own, _)| begins(own))
        .max_by_key(|(own, _)| own.len());
    if let Some((own, known)) = named {
        return Some((text(own).ok()?, known));
    }
    let currency = |text: Option<&str>| CURRENCIES.into_iter().find(|own| text == Some(own));
    let (base, quote) = (currency(name.get(..3))?, currency(name.get(3..6))?);
    let digits = if matches!(quote, "JPY" | "HUF" | "THB") { 3 } else { 5 };
    let pair = text(name.get(..6)?).ok()?;
    (base != quote).then_some((pair, known(100_000, digits, quote)))
}

impl Known {
    /// What one unit of price of one lot is worth in an account of that currency, where no rate is needed. An account
    /// whose currency is not in the file is taken for one in dollars.
    pub fn contract_in(self, account: Option<Currency>) -> Option<Decimal> {
        let same = account.as_deref().unwrap_or("USD") == self.quote;
        same.then(|| Decimal::from(self.contract))
    }
}
