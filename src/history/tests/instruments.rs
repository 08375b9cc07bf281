//! Specifications: known, checked, inferred.

use rust_decimal::Decimal;

use crate::domain::Instrument;
use crate::history::{History, HistoryError, instruments, read, symbols, tick_value_at};

const HEADER: &str = "Time;Type;Volume;Symbol;Price;Volume;Time;Price;Commission;Swap;Profit\n";

/// A history of these trades: symbol, lots, open, close, profit; all long.
fn history(rows: &[(&str, &str, &str, &str, &str)]) -> History {
    let row = |(symbol, lots, open, close, profit): &(&str, &str, &str, &str, &str)| {
        format!(
            "2026.03.04 10:00:00;Buy;{lots};{symbol};{open};{lots};2026.03.04 11:00:00;{close};;;{profit}\n"
        )
    };
    let text = rows.iter().map(row).collect::<String>();
    read(format!("{HEADER}{text}").as_bytes()).unwrap()
}

fn only(rows: &[(&str, &str, &str, &str, &str)]) -> Instrument {
    let found = instruments(&history(rows)).unwrap();
    assert_eq!(found.len(), 1);
    found.into_iter().next().unwrap()
}

#[test]
fn names_of_brokers() {
    for (symbol, contract, digits, quote) in [
        ("EURUSD", 100_000, 5, "USD"),
        ("EURUSDm", 100_000, 5, "USD"),
        ("USDJPY.r", 100_000, 3, "JPY"),
        ("NZDCAD", 100_000, 5, "CAD"),
        ("XAUUSD.a", 100, 2, "USD"),
        ("GOLD", 100, 2, "USD"),
        ("XAGUSD", 5_000, 3, "USD"),
        ("#US30", 1, 2, "USD"),
        ("US100.cash", 1, 2, "USD"),
        ("GER40", 1, 2, "EUR"),
        ("BTCUSD", 1, 2, "USD"),
    ] {
        let known = symbols::lookup(symbol).unwrap();
        assert_eq!((known.contract, known.digits, known.quote), (contract, digits, quote), "{symbol}");
    }
    for symbol in ["", "US300", "EUREUR", "AAPL", "EURUS", "Ünïcödé"] {
        assert_eq!(symbols::lookup(symbol), None, "{symbol}");
    }
}

#[test]
fn a_known_symbol_that_its_rows_confirm() {
    let gold =
        only(&[("XAUUSD", "0.02", "2000.5", "2003.75", "6.5"), ("XAUUSD", "0.01", "2000", "1999.9", "-0.1")]);
    assert_eq!((gold.digits, gold.contract_size.to_string()), (2, "100".to_owned()));
    assert_eq!(
        (gold.tick_size.to_string(), gold.tick_value.to_string()),
        ("0.01".to_owned(), "1".to_owned())
    );
    assert_eq!(
        (gold.lot_step.to_string(), gold.lots_min.to_string(), gold.lots_max.to_string()),
        ("0.01".to_owned(), "0.01".to_owned(), "100.00".to_owned())
    );
}

#[test]
fn a_known_symbol_that_its_rows_contradict() {
    // Some brokers' gold is 1,000 ounces.
    let gold = only(&[
        ("XAUUSD", "0.01", "1558.485", "1558.135", "-3.5"),
        ("XAUUSD", "0.01", "1558.585", "1568.575", "99.9"),
    ]);
    assert_eq!(
        (gold.digits, gold.contract_size.to_string(), gold.tick_value.to_string()),
        (3, "1000".to_owned(), "1".to_owned())
    );
}

#[test]
fn an_unknown_symbol_from_its_rows() {
    let share = only(&[
        ("CCL", "562", "31.48", "31.54", "33.72"),
        ("CCL", "100", "31", "32", "100"),
        ("CCL", "0.001", "31", "91", "0.06"),
    ]);
    assert_eq!(
        (share.contract_size.to_string(), share.tick_value.to_string()),
        ("1".to_owned(), "0.01".to_owned())
    );
    assert_eq!(
        (share.lot_step.to_string(), share.lots_max.to_string()),
        ("0.001".to_owned(), "562.00".to_owned())
    );
    // One outlier, even the largest, does not spoil it.
    let mut rows = vec![("CCL", "1", "10", "20", "100000")];
    rows.extend([("CCL", "1", "10", "20.5", "525")].repeat(20));
    assert_eq!(only(&rows).tick_value.to_string(), "5", "50 a unit, one decimal");
    let nothing = history(&[("MYSTERY", "1", "10", "10", "0")]);
    let error = instruments(&nothing).unwrap_err();
    assert!(matches!(&error, HistoryError::UnknownInstrument { symbol } if symbol == "MYSTERY"), "{error}");
}

#[test]
fn converted_profits_have_a_tick_value_of_their_own() {
    let history = history(&[
        ("USDJPY", "1", "150.000", "151.000", "662.25"),
        ("USDJPY", "1", "140.000", "141.000", "709.22"),
        ("USDJPY", "0.5", "145.000", "144.000", "-347.22"),
        ("USDJPY", "0.5", "145.000", "145.000", "0"),
        ("USDJPY", "0.5", "145.000", "145.500", "-1"),
    ]);
    let yen = &instruments(&history).unwrap()[0];
    assert_eq!((yen.digits, yen.contract_size.to_string()), (3, "100000".to_owned()));
    let mut values = Vec::new();
    for position in &history.positions {
        let exit = &position.exits[0];
        let value = tick_value_at(yen, position, exit);
        if let Some(value) = value {
            let ticks =
                (exit.price.to_decimal() - position.open_price.to_decimal()) / yen.tick_size.to_decimal();
            let profit = ticks * value.to_decimal() * exit.lots.to_decimal();
            assert!(
                (profit - exit.profit.to_decimal()).abs() <= Decimal::new(5, 3),
                "line {}",
                position.line
            );
        }
        values.push(value.map(|value| value.to_string()));
    }
    // The instrument's own is the most exact row's; a loss at a rising price is no rate's doing.
    let expected = [Some("0.66225"), Some("0.70922"), Some("0.69444"), Some("0.70922"), None];
    assert_eq!(values, expected.map(|value| value.map(str::to_owned)));
}
