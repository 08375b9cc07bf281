//! Round prices of well-known symbols, for a first look where nobody gives a better one. Wherever one is used the
//! output says "(reference)": markets move, margins with them.

use lotbridge::domain::Price;
use rust_decimal::{Decimal, RoundingStrategy};

/// What one unit of a currency is in dollars. Rounded, late 2025.
const CURRENCIES: [(&str, &str); 22] = [
    ("USD", "1"),
    ("EUR", "1.16"),
    ("GBP", "1.34"),
    ("JPY", "0.0066"),
    ("CHF", "1.25"),
    ("AUD", "0.65"),
    ("NZD", "0.575"),
    ("CAD", "0.715"),
    ("SEK", "0.106"),
    ("NOK", "0.099"),
    ("DKK", "0.155"),
    ("SGD", "0.77"),
    ("HKD", "0.1285"),
    ("ZAR", "0.0575"),
    ("MXN", "0.054"),
    ("TRY", "0.024"),
    ("PLN", "0.273"),
    ("CZK", "0.0475"),
    ("HUF", "0.003"),
    ("CNH", "0.14"),
    ("THB", "0.0307"),
    ("ILS", "0.303"),
];

/// Prices under the plain names that [`lotbridge::history::known_instrument`] answers. Rounded, late 2025.
const PRICES: [(&[&str], &str); 39] = [
    (&["XAUUSD", "GOLD"], "4000"),
    (&["XAUEUR"], "3450"),
    (&["XAUAUD"], "6150"),
    (&["XAGUSD", "SILVER"], "48"),
    (&["XPTUSD", "PLATINUM"], "1600"),
    (&["XPDUSD", "PALLADIUM"], "1450"),
    (&["US30", "DJ30", "DJI30", "WS30", "DOW30", "USA30", "WALLSTREET"], "47000"),
    (&["US100", "NAS100", "USTEC", "USTECH", "NDX100", "NQ100", "USA100"], "25000"),
    (&["US500", "SPX500", "SP500", "USA500"], "6800"),
    (&["US2000", "RUS2000", "RTY2000"], "2450"),
    (&["GER40", "GER30", "DE40", "DE30", "DAX40", "DAX30", "GDAXI"], "24000"),
    (&["EU50", "EUSTX50", "STOXX50", "ESTX50"], "5650"),
    (&["FRA40", "CAC40"], "8100"),
    (&["ESP35", "IBEX35"], "16000"),
    (&["UK100", "FTSE100"], "9700"),
    (&["JP225", "JPN225", "NI225", "NIKKEI225"], "50000"),
    (&["AUS200", "ASX200"], "8900"),
    (&["HK50", "HSI50"], "26000"),
    (&["XTIUSD", "USOIL", "WTI", "CRUDEOIL"], "61"),
    (&["XBRUSD", "UKOIL", "BRENT"], "65"),
    (&["XNGUSD", "NATGAS", "NGAS"], "4"),
    (&["BTCUSD"], "105000"),
    (&["ETHUSD"], "3700"),
    (&["BCHUSD"], "500"),
    (&["LTCUSD"], "100"),
    (&["SOLUSD"], "170"),
    (&["BNBUSD"], "1000"),
    (&["XMRUSD"], "350"),
    (&["DSHUSD"], "60"),
    (&["XRPUSD"], "2.4"),
    (&["ADAUSD"], "0.6"),
    (&["DOGEUSD"], "0.18"),
    (&["XLMUSD"], "0.3"),
    (&["TRXUSD"], "0.3"),
    (&["DOTUSD"], "3"),
    (&["BTCEUR"], "90000"),
    (&["ETHEUR"], "3200"),
    (&["BTCJPY"], "16000000"),
    (&["ETHJPY"], "560000"),
];

/// Symbols to show where a pool's filter names none, the most traded first.
pub const EXAMPLES: [&str; 19] = [
    "EURUSD", "XAUUSD", "GBPUSD", "USDJPY", "US30", "US100", "BTCUSD", "AUDUSD", "USDCAD", "USDCHF",
    "NZDUSD", "EURJPY", "GBPJPY", "EURGBP", "XAGUSD", "US500", "GER40", "USOIL", "ETHUSD",
];

/// The reference price of a symbol under its plain name, rounded half to even to its digits.
pub fn price(name: &str, digits: u8) -> Option<Price> {
    let listed =
        PRICES.iter().find(|(names, _)| names.contains(&name)).and_then(|(_, price)| price.parse().ok());
    listed.or_else(|| {
        let (base, quote) = (name.get(..3)?, name.get(3..)?);
        let rate = rate(base, quote)?;
        let rounded = rate.round_dp_with_strategy(digits.into(), RoundingStrategy::MidpointNearestEven);
        Price::from_decimal(rounded).ok().filter(|price| price.is_positive())
    })
}

/// What one unit of a currency is in another, through dollars.
pub fn rate(from: &str, to: &str) -> Option<Decimal> {
    in_dollars(from)?.checked_div(in_dollars(to)?)
}

fn in_dollars(currency: &str) -> Option<Decimal> {
    let (_, worth) = CURRENCIES.iter().find(|(code, _)| *code == currency)?;
    Decimal::from_str_exact(worth).ok()
}

#[cfg(test)]
mod tests {
    use lotbridge::domain::text;
    use lotbridge::history::known_instrument;

    use super::*;

    #[test]
    fn every_listed_name_is_a_known_symbol_with_a_price() {
        let listed = PRICES.iter().flat_map(|(names, _)| names.iter()).chain(&EXAMPLES);
        for name in listed {
            let known = known_instrument(text(name).unwrap()).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(known.name.as_str(), *name);
            assert!(price(name, known.instrument.digits).is_some(), "{name}");
        }
    }

    #[test]
    fn pairs_come_from_what_their_currencies_are_worth() {
        for (name, digits, shown) in [
            ("EURUSD", 5, "1.16"),
            ("USDJPY", 3, "151.515"),
            ("GBPJPY", 3, "203.03"),
            ("EURGBP", 5, "0.86567"),
        ] {
            assert_eq!(price(name, digits).map(|p| p.to_string()).as_deref(), Some(shown));
        }
        assert_eq!(price("ABCDEF", 5), None);
        assert_eq!(price("É", 5), None);
    }
}
