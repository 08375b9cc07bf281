//! Pending orders of an order book: their ends, their positions, and those that cannot have waited so.

use crate::domain::{OrderEnd, PendingKind, Side};
use crate::history::{Event, History, HistoryError, read, timeline};

const HEADER: &str = "Time;Type;Volume;Symbol;Price;S/L;T/P;Time;Price;Commission;Swap;Profit;Comment\n";
const TRADE: &str = "2026.03.04 12:00:00;Buy;0.02;X;2010.5;;;2026.03.05 12:00:00;2020;;;19;\n";

fn book(rows: &[&str]) -> Result<History, HistoryError> {
    read(format!("{HEADER}{}", rows.concat()).as_bytes())
}

#[test]
fn a_row_says_how_an_order_waited_and_ended() {
    for (kind, comment, side, expected, rises, end) in [
        ("Buy Stop", "cancelled", Side::Buy, PendingKind::Stop, true, OrderEnd::Cancelled),
        ("sell stop", "my own words", Side::Sell, PendingKind::Stop, false, OrderEnd::Cancelled),
        ("Buy Limit", "expired", Side::Buy, PendingKind::Limit, false, OrderEnd::Expired),
        ("Sell Limit", "Rejected", Side::Sell, PendingKind::Limit, true, OrderEnd::Rejected),
    ] {
        let row =
            format!("2026.03.04 13:00:00;{kind};0.01;X;2050;2040;;2026.03.04 14:00:00;2011;;;;{comment}\n");
        let history = book(&[TRADE, &row]).unwrap();
        let [order] = &history.orders[..] else { panic!("{kind}: {:?}", history.notes) };
        assert_eq!((order.side, order.kind, order.waits_below()), (side, expected, rises), "{kind}");
        assert_eq!((order.end, order.position, history.pending_orders), (end, None, 1), "{kind}");
        let (stop, none) = (order.stop_loss.unwrap().to_string(), order.take_profit);
        assert_eq!((stop.as_str(), none, order.line), ("2040", None, 3));
        assert_eq!(order.end_price.unwrap().to_string(), "2011");
    }
}

#[test]
fn a_filled_order_ends_with_its_position() {
    let filled = "2026.03.04 10:00:00;Buy Stop;0.02;X;2010;;;2026.03.04 12:00:00;2010.5;;;;filled\n";
    let history = book(&[TRADE, filled]).unwrap();
    assert_eq!((history.orders[0].position, history.pending_orders), (Some(0), 0));
    let steps: Vec<Event> = timeline(&history).iter().map(|step| step.event).collect();
    assert!(matches!(
        steps[..],
        [Event::Place { order: 0 }, Event::Open { position: 0, .. }, Event::Exit { position: 0, .. }]
    ));
    // Two orders do not become one position, nor does one of another volume or time.
    let other_volume = filled.replace("0.02", "0.01");
    let other_time = filled.replace("12:00:00", "12:00:01");
    for (rows, line) in
        [([TRADE, filled, filled], 4), ([TRADE, &other_volume, ""], 3), ([TRADE, &other_time, ""], 3)]
    {
        let error = book(&rows).unwrap_err();
        assert!(matches!(error, HistoryError::NoFill { line: at } if at == line), "{error}");
    }
}

#[test]
fn what_a_known_price_would_have_filled_was_changed_and_is_left_out() {
    // The trade buys at 2010.5 and sells at 2020.
    for (kind, price, kept) in [
        ("Buy Stop", "2010.5", false),
        ("Buy Stop", "2010.6", false),
        ("Buy Stop", "2020.1", true),
        ("Sell Limit", "2010", false),
        ("Sell Limit", "2020.1", true),
        ("Sell Stop", "2010.5", false),
        ("Sell Stop", "2010.4", true),
        // The bid at 2020 proves no ask.
        ("Buy Limit", "2010.5", false),
        ("Buy Limit", "2010.4", true),
    ] {
        let row =
            format!("2026.03.04 10:00:00;{kind};0.01;X;{price};;;2026.03.06 10:00:00;2015;;;;cancelled\n");
        let history = book(&[TRADE, &row]).unwrap();
        assert_eq!(history.orders.len(), usize::from(kept), "{kind} {price}");
        let told = history.notes.iter().any(|note| note.starts_with("1 pending orders were changed"));
        assert_eq!((told, history.pending_orders), (!kept, 1), "{:?}", history.notes);
        // Before and after the trade nothing is known.
        let row = row.replace("03.04 10", "03.05 13");
        assert_eq!(book(&[TRADE, &row]).unwrap().orders.len(), 1, "{kind} {price}");
    }
}

#[test]
fn one_second() {
    let ends = "2026.03.04 10:00:00;Buy Stop;0.01;X;2050;;;2026.03.04 12:00:00;2011;;;;cancelled\n";
    let comes = "2026.03.04 12:00:00;Buy Stop;0.01;X;2050;;;;;;;;\n";
    let flits = "2026.03.04 12:00:00;Buy Stop;0.01;X;2051;;;2026.03.04 12:00:00;2011;;;;cancelled\n";
    let history = book(&[TRADE, comes, flits, ends]).unwrap();
    let steps: Vec<Event> = timeline(&history).iter().map(|step| step.event).collect();
    assert!(
        matches!(
            steps[..],
            [
                Event::Place { order: 0 },
                Event::End { order: 0 },
                Event::Place { order: 1 },
                Event::Place { order: 2 },
                Event::Open { .. },
                Event::End { order: 2 },
                Event::Exit { .. },
            ]
        ),
        "{steps:?}"
    );
}

#[test]
fn what_cannot_be_is_refused_and_what_is_not_said_is_left_out() {
    let row = "2026.03.04 13:00:00;Buy Stop;0.01;X;2050;;;2026.03.04 12:00:00;2011;;;;cancelled\n";
    assert!(matches!(book(&[row]), Err(HistoryError::CloseBeforeOpen { line: 2, .. })));
    let limit = row.replace("Buy Stop", "Sell Stop Limit").replace("12:00", "14:00");
    let history = book(&[&limit]).unwrap();
    assert_eq!((history.orders.len(), history.pending_orders), (0, 1));
    assert_eq!(
        history.notes,
        ["1 lines of stop-limit orders, whose limit the file does not say, left out, the first is line 2."]
    );
}
