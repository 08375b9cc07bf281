//! The two CSV forms.

use super::samples::{ORDER_BOOK, POSITIONS};
use crate::domain::Side;
use crate::history::{ExitReason, Format, HistoryError, read};

const HEADER: &str = "Time;Type;Volume;Symbol;Price;Volume;Time;Price;Commission;Swap;Profit\n";

#[test]
fn positions_form() {
    let history = read(POSITIONS.as_bytes()).unwrap();
    assert_eq!(history.format, Format::SignalPositions);
    assert_eq!(history.format.name(), "signal_positions_csv");
    assert_eq!(history.opening_balance, Some("1000".parse().unwrap()));
    assert!(history.balance_operations[0].opening);
    // In the order of opening; the two of one second stay in the file's order.
    let lines: Vec<u32> = history.positions.iter().map(|position| position.line).collect();
    assert_eq!(lines, [3, 4, 2]);
    let first = &history.positions[0];
    assert_eq!((first.side, first.id, first.lots), (Side::Buy, None, "0.01".parse().unwrap()));
    assert!(first.open_commission.is_zero(), "a row's commission is charged at the exit");
    let exit = &first.exits[0];
    assert_eq!(exit.profit, "1.36".parse().unwrap(), "the artefact is gone");
    assert_eq!((exit.commission, exit.swap), ("-0.07".parse().unwrap(), "-0.3".parse().unwrap()));
    assert!(history.positions[1].exits[0].swap.is_zero(), "an empty swap is none");
    assert!(history.notes.is_empty(), "{:?}", history.notes);
}

#[test]
fn order_book_form() {
    let history = read(ORDER_BOOK.as_bytes()).unwrap();
    assert_eq!((history.format.name(), history.pending_orders), ("signal_orderbook_csv", 1));
    assert_eq!(history.opening_balance, None, "a withdrawal first: the file begins in the middle");
    let operation = &history.balance_operations[0];
    assert_eq!((operation.amount, operation.opening), ("-1293".parse().unwrap(), false));
    assert_eq!(operation.comment, "Withdrawal");
    let [buy, sell] = &history.positions[..] else { panic!("two positions") };
    assert_eq!((buy.open_price, buy.stop_loss), ("2000".parse().unwrap(), Some("1995".parse().unwrap())));
    assert_eq!((buy.exits[0].reason, sell.exits[0].reason), (ExitReason::TakeProfit, ExitReason::StopLoss));
    assert_eq!(history.notes.len(), 1, "{:?}", history.notes);
    assert!(history.notes[0].starts_with("1 positions' stops were moved"));
}

#[test]
fn columns_are_found_by_name() {
    let other = "Type;Symbol;Volume;Time;Price;Profit;Volume;Time;Price\n\
                 Sell;XAUUSD;0.02;2026.03.05 10:00:00;2010.5;4.5;0.02;2026.03.05 12:30:15;2008.25\n";
    let history = read(other.as_bytes()).unwrap();
    let usual = read(POSITIONS.as_bytes()).unwrap();
    let (own, same) = (&history.positions[0], &usual.positions[2]);
    assert_eq!((own.open_price, own.open_time, own.side), (same.open_price, same.open_time, same.side));
    assert_eq!(own.exits[0].price, same.exits[0].price);
    // Older order books have no Comment; a Fee joins the commission; an unknown column is told.
    let fee = "Time;Type;Volume;Symbol;Price;S/L;T/P;Time;Price;Commission;Fee;Swap;Profit;Mood\n\
               2026.03.04 10:00:00;buy;1;EURUSD;1.1;;0.00000;2026.03.04 11:00:00;1.2;-1;-0.5;0;10000;fine\n";
    let history = read(fee.as_bytes()).unwrap();
    assert_eq!(history.positions[0].exits[0].commission, "-1.5".parse().unwrap());
    assert_eq!(history.positions[0].take_profit, None);
    assert_eq!(history.notes, ["Columns that are not read: mood."]);
}

#[test]
fn real_exports_have_lines_that_are_no_trades() {
    let text = format!(
        "{HEADER}2026.03.04 09:00:00;Buy;0.01;XAUUSD;2000;0.01;2026.03.04 10:00:00;1999;;;-1\n\
         2026.03.04 09:00:00;;;;;;;;;;\n\
         2022.03.28 12:45:01;Buy;0.10;profit;;;2023.04.14 16:07:19;;-130.60;;3 613.41\n\
         2026.03.03 09:00:00;Credit;;;;;;;;;50\n"
    );
    let history = read(text.as_bytes()).unwrap();
    assert_eq!((history.positions.len(), history.balance_operations.len()), (1, 0));
    let notes = history.notes.join("\n");
    for part in ["1 credit operations, the first of 50.00", "line 3", "line 4"] {
        assert!(notes.contains(part), "{notes}");
    }
}

#[test]
fn partial_closes_come_together() {
    let line = |lots: &str, close: &str| {
        format!("2026.03.04 09:00:00;Buy;0.10;XAUUSD;2000;{lots};2026.03.04 {close}:00;2001;-0.1;;1\n")
    };
    let whole =
        format!("{HEADER}{}{}{}", line("0.04", "12:00"), line("0.06", "10:00"), line("0.10", "11:00"));
    let history = read(whole.as_bytes()).unwrap();
    let lots: Vec<String> = history.positions.iter().map(|position| position.lots.to_string()).collect();
    assert_eq!(lots, ["0.10", "0.10"]);
    let exits: Vec<String> = history.positions[0].exits.iter().map(|exit| exit.lots.to_string()).collect();
    assert_eq!(exits, ["0.06", "0.04"], "in time order");
    assert!(history.notes.is_empty());

    let part = format!("{HEADER}{}", line("0.04", "12:00"));
    let history = read(part.as_bytes()).unwrap();
    assert_eq!(history.positions[0].lots, "0.04".parse().unwrap());
    assert!(history.notes[0].contains("1 positions were closed in part only"));
}

#[test]
fn mean_prices_keep_their_decimals() {
    let text = format!(
        "{HEADER}2026.05.06 06:07:04;Sell;1.13;NZDCAD;0.8073753982300885;1.13;2026.05.15 08:46:43;0.8063846017699116;;;81.41\n"
    );
    let position = &read(text.as_bytes()).unwrap().positions[0];
    assert_eq!(position.open_price.to_string(), "0.8073754");
    assert_eq!(position.exits[0].price.to_string(), "0.8063846");
}

/// One line that is wrong, and what the error says.
#[test]
fn every_mistake_has_its_place() {
    let good = "2026.03.05 10:00:00;Sell;0.02;XAUUSD;2010.5;0.02;2026.03.05 12:30:15;2008.25;-0.14;;4.5";
    assert!(read(format!("{HEADER}{good}").as_bytes()).is_ok());
    for (from, to, says) in [
        (";4.5", "", "line 2: 10 columns, the header has 11"),
        ("4.5", "4.5;x", "line 2: 12 columns, the header has 11"),
        ("2010.5", "20l0.5", "line 2, Price (open): \"20l0.5\" is not a number"),
        ("2010.5", "-2010.5", "line 2, Price (open): \"-2010.5\" is not a price, more than zero"),
        ("2008.25", "0", "line 2, Price (close): \"0\" is not a price"),
        ("2008.25", "", "line 2, Price (close): \"\" is not a number"),
        ("Sell;0.02", "Sell;0", "line 2, Volume (open): \"0\" is not a volume"),
        ("Sell;0.02", "Sell;0.01", "line 2: closes 0.02 lots where 0.01 are open"),
        ("Sell", "Hold", "line 2, Type: \"Hold\" is not known; allowed: Buy, Sell"),
        ("Sell", "", "line 2, Type: \"\" is not known"),
        (
            "2026.03.05 10:00:00",
            "2026.03.32 10:00:00",
            "line 2, Time (open): \"2026.03.32 10:00:00\" is not a time",
        ),
        (
            "2026.03.05 12",
            "2026.03.04 12",
            "line 2: closed at 2026.03.04 12:30:15, before it was opened at 2026.03.05",
        ),
        ("XAUUSD", "", "line 2, Symbol: \"\" is not a symbol"),
        ("XAUUSD", "XAUUSDXAUUSDXAUUSDXAUUSDXAUUSDXAUUSD", "Symbol: \"XAUUSD"),
        (
            "4.5",
            "99999999999999999999999999",
            "line 2, Profit: \"99999999999999999999999999\" is not an amount in range",
        ),
        ("-0.14", "free", "line 2, Commission: \"free\" is not a number"),
    ] {
        let text = format!("{HEADER}{}", good.replacen(from, to, 1));
        let error = read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(says), "{from:?} -> {to:?}: {error}");
    }
    let twice = format!("{HEADER}{good}\n{HEADER}{good}\n");
    assert!(matches!(read(twice.as_bytes()), Err(HistoryError::HeaderRepeated { line: 3 })));
    let long = format!("{HEADER}{good}\n{}\n", "x".repeat(70_000));
    assert!(matches!(read(long.as_bytes()), Err(HistoryError::LineTooLong { line: 3, .. })));
}

#[test]
fn a_stray_quotation_mark_hides_nothing() {
    let broken = ORDER_BOOK.replace("[tp]", "\"well");
    assert_eq!(
        read(broken.as_bytes()).unwrap().balance_operations.len(),
        1,
        "the line after it is still there"
    );
    let quoted = ORDER_BOOK.replace("Withdrawal", "\"to; bank\"");
    assert_eq!(read(quoted.as_bytes()).unwrap().balance_operations[0].comment, "to; bank");
}
