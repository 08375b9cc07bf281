//! Events in their order, and the stops that stood at the opening.

use super::samples::{ORDER_BOOK, small_tester};
use crate::history::{Event, History, read, timeline};

/// `o0` opens position 0, `x1.0` is the first exit of position 1, `b0` a balance operation.
fn order(history: &History) -> Vec<String> {
    let name = |event: &Event| match event {
        Event::Open { position, .. } => format!("o{position}"),
        Event::Exit { position, exit } => format!("x{position}.{exit}"),
        Event::Place { order } => format!("p{order}"),
        Event::End { order } => format!("e{order}"),
        Event::Balance { operation } => format!("b{operation}"),
    };
    timeline(history).iter().map(|step| name(&step.event)).collect()
}

#[test]
fn a_csv_within_one_second() {
    let text = "Time;Type;Volume;Symbol;Price;Volume;Time;Price;Commission;Swap;Profit\n\
                2026.03.04 12:00:00;Buy;1;EURUSD;1.1;1;2026.03.04 12:00:00;1.2;;;1\n\
                2026.03.04 12:00:00;Buy;1;EURUSD;1.1;1;2026.03.04 13:00:00;1.2;;;1\n\
                2026.03.04 11:00:00;Buy;1;EURUSD;1.1;1;2026.03.04 12:00:00;1.2;;;1\n\
                2026.03.04 12:00:00;Balance;;;;;;;;;5\n";
    let history = read(text.as_bytes()).unwrap();
    assert_eq!(order(&history), ["o0", "b0", "x0.0", "o1", "o2", "x1.0", "x2.0"]);
}

#[test]
fn a_report_by_its_deals() {
    let history = read(small_tester().as_bytes()).unwrap();
    assert_eq!(order(&history), ["o0", "o1", "x0.0", "x1.0"], "the initial deposit is the opening balance");
    let times: Vec<i64> = timeline(&history).iter().map(|step| step.time.0).collect();
    assert!(times.is_sorted());
}

#[test]
fn a_report_in_one_second_closes_what_was_open_and_then_opens() {
    let text = small_tester().replace("2025.01.02 11:00:00", "2025.01.03 10:00:00");
    assert_eq!(order(&read(text.as_bytes()).unwrap()), ["o0", "o1", "x0.0", "x1.0"]);
    let text = small_tester().replace("2025.01.02 10:00:00", "2025.01.03 10:00:00");
    assert_eq!(order(&read(text.as_bytes()).unwrap()), ["o0", "o1", "x1.0", "x0.0"]);
}

/// A long position from 10:00 to 18:00 at 2000, another trade's price in between, and which stops stood.
#[test]
fn stops_that_were_moved_are_left_out() {
    let header = "Time;Type;Volume;Symbol;Price;S/L;T/P;Time;Price;Commission;Swap;Profit;Comment\n";
    for (side, stops, other_side, other_price, stood) in [
        ("Buy", ("1990", "2010"), "Buy", "2001", (true, true)),
        ("Buy", ("2001", "2010"), "Buy", "2005", (false, true)),
        ("Buy", ("1990", "1995"), "Buy", "2001", (true, false)),
        ("Buy", ("1990", "2010"), "Sell", "1990", (false, true)),
        ("Buy", ("1990", "2010"), "Buy", "1989", (false, true)),
        ("Buy", ("1990", "2010"), "Sell", "2011", (true, false)),
        // An ask above the take profit says nothing of the bid.
        ("Buy", ("1990", "2010"), "Buy", "2010", (true, true)),
        ("Sell", ("2010", "1990"), "Buy", "2000", (true, true)),
        ("Sell", ("2010", "1990"), "Buy", "2010", (false, true)),
        ("Sell", ("2010", "1990"), "Sell", "2010", (false, true)),
        ("Sell", ("2010", "1990"), "Buy", "1990", (true, false)),
        ("Sell", ("2010", "1990"), "Sell", "1990", (true, true)),
        ("Sell", ("1999", "1990"), "Buy", "1995", (false, true)),
        ("Buy", ("", "2010"), "Buy", "1000", (false, true)),
    ] {
        let row = |side: &str, from: &str, price: &str, stops: (&str, &str), to: &str, close: &str| {
            format!(
                "2026.03.04 {from};{side};1;X;{price};{};{};2026.03.0{to};{close};;;0;\n",
                stops.0, stops.1
            )
        };
        let text = format!(
            "{header}{}{}",
            row(side, "10:00", "2000", stops, "4 18:00", "2000"),
            row(other_side, "12:00", other_price, ("", ""), "5 10:00", "2000"),
        );
        let history = read(text.as_bytes()).unwrap();
        let Event::Open { position: 0, stop_loss, take_profit } = timeline(&history)[0].event else {
            panic!()
        };
        let found = (stop_loss.is_some(), take_profit.is_some());
        assert_eq!(found, stood, "{side} {stops:?}, {other_side} at {other_price}");
        let told = history.notes.iter().any(|note| note.starts_with("1 positions' stops were moved"));
        assert_eq!(told, stood != (!stops.0.is_empty(), true), "{:?}", history.notes);
    }
}

#[test]
fn balance_operations_after_the_first_trade_are_events() {
    let history = read(ORDER_BOOK.as_bytes()).unwrap();
    assert_eq!(order(&history), ["b0", "o0", "x0.0", "o1", "x1.0", "p0", "e0"]);
}
