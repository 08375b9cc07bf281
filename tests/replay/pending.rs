//! Pending orders of an order book: placed, filled, cancelled on the master, and on every slave.

use serde_json::Value;

use super::command::{Job, shared, timeless};

/// Made up: a stop filled with slippage, a limit, two stops at one price in one second, one that is cancelled, one that
/// still waits at the end.
const BOOK: &str = "\
Time;Type;Volume;Symbol;Price;S/L;T/P;Time;Price;Commission;Swap;Profit;Comment
2026.03.06 10:00:00;Buy Limit;0.10;XAUUSD;1 900.00;;;;;;;;
2026.03.05 10:00:00;Sell Stop;0.10;XAUUSD;1 950.00;1 960.00;1 940.00;2026.03.06 09:00:00;2 003.00;;;;cancelled
2026.03.04 15:00:00;Buy;0.10;XAUUSD;2 020.30;;;2026.03.04 16:00:00;2 025.30;-0.70;;50.00;
2026.03.04 15:00:00;Buy;0.10;XAUUSD;2 020.40;;;2026.03.04 16:00:00;2 025.30;-0.70;;49.00;
2026.03.04 12:30:00;Buy Stop;0.10;XAUUSD;2 020.00;2 000.00;;2026.03.04 15:00:00;2 020.30;;;;filled
2026.03.04 12:30:00;Buy Stop;0.10;XAUUSD;2 020.00;2 000.00;;2026.03.04 15:00:00;2 020.40;;;;filled
2026.03.04 12:00:00;Sell;0.10;XAUUSD;2 015.00;;;2026.03.04 13:00:00;2 012.00;-0.70;;30.00;
2026.03.04 10:00:00;Sell Limit;0.10;XAUUSD;2 014.00;;2 000.00;2026.03.04 12:00:00;2 015.00;;;;filled
2026.03.04 09:00:00;Buy;0.10;XAUUSD;2 010.50;;;2026.03.04 11:00:00;2 012.50;-0.70;;20.00;
2026.03.03 09:00:00;Buy Stop;0.10;XAUUSD;2 010.00;2 000.00;;2026.03.04 09:00:00;2 010.50;;;;filled
2026.03.02 09:00:00;Balance;;;;;;;;;;10 000.00;
";

fn of(report: &Value, login: u64) -> Vec<&Value> {
    let copies = report["copies"].as_array().unwrap();
    copies.iter().filter(|copy| copy["login"] == login).collect()
}

#[test]
fn slaves_orders_fill_where_the_masters_do() {
    let job = Job::new();
    let history = job.write("history.csv", BOOK);
    let report = job.report(&history, None, &[]);
    assert_eq!(report["history"]["positions"], 4);
    assert_eq!(report["history"]["pending_orders"], 2, "that became no position");
    assert_eq!(report["history"]["notes"].as_array().unwrap().len(), 1, "{}", report["history"]["notes"]);
    // One whose share is too small places none.
    for slave in report["slaves"].as_array().unwrap() {
        let found: Vec<u64> = ["orders_placed", "orders_filled", "orders_cancelled"]
            .map(|name| slave[name].as_u64().unwrap())
            .to_vec();
        assert_eq!(found, [6, 4, 1], "{slave}");
        assert_eq!(
            (&slave["open_lots"], &slave["rejected"], &slave["skipped"]),
            (&"0.00".into(), &0.into(), &0.into())
        );
    }
    // Five times 0.01 lots of a lamm slave: the master's profits, halved; both stops filled at the first one's quote.
    let copies = of(&report, 2002);
    let profits: Vec<&str> = copies.iter().map(|copy| copy["profit"].as_str().unwrap()).collect();
    assert_eq!(profits, ["10.00", "15.00", "25.00", "25.00"]);
    let opened: Vec<&str> = copies.iter().map(|copy| copy["open_time"].as_str().unwrap()).collect();
    let at = ["09:00:00", "12:00:00", "15:00:00", "15:00:00"].map(|clock| format!("2026-03-04T{clock}"));
    assert_eq!(opened, at);
    let positions: std::collections::BTreeSet<u64> = report["copies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|copy| copy["master_position"].as_u64().unwrap())
        .collect();
    assert_eq!(positions.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4], "cancelled orders have no copies");
    crate::auditor::audit_value(&report, None).unwrap();

    let report = timeless(report);
    assert_eq!(timeless(job.report(&history, None, &[])), report, "two runs");
    assert_eq!(timeless(job.report(&history, None, &["--in-process"])), report, "in process");
}

#[test]
fn the_table_counts_each_slaves_orders() {
    let job = Job::new();
    let history = job.write("history.csv", BOOK);
    let output = job.run(&["--history", history.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("pending orders: placed, filled, cancelled"), "{said}");
    assert_eq!(said.matches("| 6, 4, 1").count(), 9, "{said}");
    let unmatched = BOOK.replace("03.04 09:00:00;Buy", "03.04 09:00:07;Buy");
    let history = job.write("unmatched.csv", &unmatched);
    let output = job.run(&["--history", history.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("unmatched.csv: line 11: the order was filled"), "{said}");
}

/// Nothing waits for anybody: orders may fill late, alone or not at all, and still all is over at the end.
#[test]
fn at_a_fast_pace_everything_ends() {
    let job = Job::new();
    let mut histories = vec![job.write("history.csv", BOOK)];
    histories.extend(shared("signal-gold-orderbook.csv"));
    for history in histories {
        let report = job.report(&history, None, &["--pace", "fast"]);
        for slave in report["slaves"].as_array().unwrap() {
            assert_eq!(slave["open_lots"], "0.00", "{slave}");
        }
    }
}

#[test]
fn the_order_books_cancelled_orders_are_placed_and_cancelled() {
    let Some(history) = shared("signal-gold-orderbook.csv") else { return };
    let job = Job::new();
    let report = job.report(&history, None, &[]);
    assert_eq!(report["history"]["positions"], 37);
    assert_eq!(report["history"]["pending_orders"], 106);
    assert_eq!(report["history"]["balance_operations"], 1);
    assert_eq!(of(&report, 2001).len(), 37);
    let placed = |slave: &Value| {
        let [placed, filled, cancelled] =
            ["orders_placed", "orders_filled", "orders_cancelled"].map(|name| slave[name].as_u64().unwrap());
        assert_eq!((filled, cancelled), (0, placed), "{slave}");
        placed
    };
    let placed: Vec<u64> = report["slaves"].as_array().unwrap().iter().map(placed).collect();
    // Half of 0.01 lots is below the minimum.
    assert_eq!(placed, [106, 106, 2, 106, 2, 106, 106, 106, 106]);
    assert_eq!(timeless(job.report(&history, None, &[])), timeless(report), "two runs");
}

/// A buy stop says that the market was below its price, a buy limit at the same price that it was above: both cannot be.
#[test]
fn a_history_that_contradicts_itself_is_replayed_and_told() {
    const CONTRADICTION: &str = "\
Time;Type;Volume;Symbol;Price;S/L;T/P;Time;Price;Commission;Swap;Profit;Comment
2026.03.04 11:00:00;Buy Limit;0.10;XAUUSD;2 000.00;;;2026.03.04 12:00:00;2 001.00;;;;cancelled
2026.03.04 10:00:00;Buy Stop;0.10;XAUUSD;2 000.00;;;2026.03.04 12:00:00;1 999.00;;;;cancelled
2026.03.03 09:00:00;Buy;0.10;XAUUSD;1 990.00;;;2026.03.03 11:00:00;1 992.00;-0.70;;20.00;
2026.03.02 09:00:00;Balance;;;;;;;;;;10 000.00;
";
    let job = Job::new();
    let history = job.write("history.csv", CONTRADICTION);
    let report = job.report(&history, None, &[]);
    let notes = report["history"]["notes"].as_array().unwrap();
    let told = |note: &Value| note.as_str().unwrap().contains("reached a pending order that goes on waiting");
    assert!(notes.iter().any(told), "{notes:?}");
    for slave in report["slaves"].as_array().unwrap() {
        assert_eq!(slave["open_lots"], "0.00", "{slave}");
        assert_eq!((&slave["orders_placed"], &slave["orders_filled"]), (&2.into(), &2.into()), "{slave}");
    }
    // What a slave's order did without the master's is not kept quiet.
    let alone = of(&report, 2002)[1];
    assert_eq!((&alone["master_position"], &alone["closed_lots"]), (&2.into(), &alone["opened_lots"]));
    assert_eq!(alone["opened_lots"], "0.05");
}
