//! The shared real files, where they are.

use std::path::PathBuf;

use rust_decimal::Decimal;

use crate::domain::{Money, ServerTime, Side};
use crate::history::{Event, ExitReason, Format, History, instruments, read_file, tick_value_at, timeline};

/// The history in a shared file; `None`, and a line that says so, where it is absent.
fn shared(name: &str) -> Option<History> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: data not found ({})", path.display());
        return None;
    }
    Some(read_file(&path).unwrap())
}

/// Exits whose profit is not the price difference times this value.
fn unexplained(history: &History, value: Decimal) -> Vec<u32> {
    let mut lines = Vec::new();
    for position in &history.positions {
        for exit in &position.exits {
            let moved = (exit.price.to_decimal() - position.open_price.to_decimal())
                * exit.lots.to_decimal()
                * Decimal::from(position.side.sign());
            if (moved * value - exit.profit.to_decimal()).abs() > Decimal::new(5, 3) {
                lines.push(exit.line);
            }
        }
    }
    lines
}

/// Replays the timeline and compares with every balance that the report has.
fn replay(history: &History) {
    let mut moves: Vec<(u32, ServerTime, Money)> = Vec::new();
    for step in timeline(history) {
        let (line, money) = match step.event {
            Event::Open { position, .. } => {
                let held = &history.positions[position];
                (held.line, held.open_commission)
            }
            Event::Exit { position, exit } => {
                let exit = &history.positions[position].exits[exit];
                (exit.line, exit.commission.checked_add(exit.swap).unwrap().checked_add(exit.profit).unwrap())
            }
            Event::Balance { operation } => {
                let booked = &history.balance_operations[operation];
                (booked.line, booked.amount)
            }
            Event::Place { .. } | Event::End { .. } => continue,
        };
        moves.push((line, step.time, money));
    }
    // Real tables are not always in the order of time; the balance column follows the rows.
    moves.sort_by_key(|(line, ..)| *line);
    let mut balance = history.opening_balance.unwrap();
    let mut next = moves.iter().peekable();
    for running in &history.running_balances {
        while let Some((.., money)) = next.next_if(|(line, ..)| *line <= running.line) {
            balance = balance.checked_add(*money).unwrap();
        }
        assert_eq!(balance, running.balance, "after deal {} in row {}", running.deal, running.line);
    }
    assert!(next.next().is_none());
}

#[test]
fn gold_positions() {
    let Some(history) = shared("signal-gold-positions.csv") else { return };
    assert_eq!((history.format, history.positions.len()), (Format::SignalPositions, 175));
    assert_eq!((history.pending_orders, history.balance_operations.len()), (0, 0));
    assert!(history.notes.is_empty(), "{:?}", history.notes);
    let buys = history.positions.iter().filter(|position| position.side == Side::Buy).count();
    assert_eq!((buys, history.positions.len() - buys), (88, 87));
    for position in &history.positions {
        assert_eq!((position.exits.len(), position.stop_loss, position.take_profit), (1, None, None));
    }
    assert_eq!(unexplained(&history, Decimal::ONE_HUNDRED), [0_u32; 0]);
    assert_eq!(timeline(&history).len(), 350);
    gold(&history);
}

#[test]
fn gold_order_book() {
    let Some(history) = shared("signal-gold-orderbook.csv") else { return };
    assert_eq!((history.format, history.positions.len()), (Format::SignalOrderBook, 37));
    assert_eq!((history.pending_orders, history.balance_operations.len()), (106, 1));
    let buys = history.positions.iter().filter(|position| position.side == Side::Buy).count();
    assert_eq!(buys, 29);
    let reasons = |reason| {
        let exits = history.positions.iter().flat_map(|position| &position.exits);
        exits.filter(|exit| exit.reason == reason).count()
    };
    assert_eq!((reasons(ExitReason::StopLoss), reasons(ExitReason::TakeProfit)), (17, 13));
    assert_eq!(history.balance_operations[0].amount, "-293".parse().unwrap());
    assert_eq!(history.opening_balance, None);
    assert_eq!(unexplained(&history, Decimal::ONE_HUNDRED), [0_u32; 0]);
    // Every position has both stops in the file; a stop that closed it in profit cannot have stood at the opening.
    let kept = timeline(&history).into_iter().filter_map(|step| match step.event {
        Event::Open { position, stop_loss, .. } => stop_loss.map(|stop| (&history.positions[position], stop)),
        _ => None,
    });
    for (position, stop) in kept {
        assert_eq!(position.side == Side::Buy, stop < position.open_price, "line {}", position.line);
    }
    gold(&history);
}

#[test]
fn tester_report() {
    let Some(history) = shared("tester-report.html") else { return };
    assert_eq!((history.format, history.positions.len()), (Format::HtmlReport, 30));
    assert_eq!(history.opening_balance, Some("1000".parse().unwrap()));
    assert_eq!((history.currency.unwrap().as_str(), history.leverage), ("USD", Some(1000)));
    assert_eq!(history.running_balances.len(), 61);
    assert_eq!(history.running_balances[60].balance, "1023.06".parse().unwrap());
    assert!(
        history
            .positions
            .iter()
            .all(|position| position.stop_loss.is_some() && position.take_profit.is_some())
    );
    assert!(history.notes.is_empty(), "{:?}", history.notes);
    replay(&history);
    gold(&history);
}

/// The specification of gold, and the same tick value at every exit.
fn gold(history: &History) {
    let found = instruments(history).unwrap();
    let [gold] = &found[..] else { panic!("one symbol") };
    assert_eq!((gold.symbol.as_str(), gold.digits), ("XAUUSD", 2));
    assert_eq!(
        (gold.contract_size.to_string(), gold.tick_value.to_string()),
        ("100".to_owned(), "1".to_owned())
    );
    for position in &history.positions {
        for exit in &position.exits {
            assert_eq!(tick_value_at(gold, position, exit), Some(gold.tick_value), "line {}", exit.line);
        }
    }
}
