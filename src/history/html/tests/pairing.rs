//! Which position a closing deal belongs to.

use crate::domain::Money;
use crate::history::tests::samples::{DEPOSIT, DealRow, tester};
use crate::history::{ExitReason, History, read};

/// `2: 0.10@2000 sl 0.10@2010 +100.00`: position, lots and price, then its exits.
fn shown(history: &History) -> Vec<String> {
    let exit = |exit: &crate::history::Exit| format!(" {}@{}={}", exit.lots, exit.price, exit.profit);
    let position = |position: &crate::history::ClosedPosition| {
        let exits: String = position.exits.iter().map(exit).collect();
        format!("{}: {}@{}{exits}", position.id.unwrap(), position.lots, position.open_price)
    };
    history.positions.iter().map(position).collect()
}

/// A deal of gold at hour `hour`: number, side, direction, lots, price, profit, comment.
fn deal<'a>(time: &'a str, number: &'a str, what: [&'a str; 6]) -> DealRow<'a> {
    let [side, direction, lots, price, profit, comment] = what;
    [time, number, "XAUUSD", side, direction, lots, price, number, "0.00", "0.00", profit, "", comment]
}

fn paired(orders: &[[&str; 4]], deals: &[DealRow<'_>]) -> History {
    let deals: Vec<DealRow<'_>> = [DEPOSIT].into_iter().chain(deals.iter().copied()).collect();
    read(tester(orders, &deals).as_bytes()).unwrap()
}

const T: [&str; 8] = [
    "2025.01.02 01:00:00",
    "2025.01.02 02:00:00",
    "2025.01.02 03:00:00",
    "2025.01.02 04:00:00",
    "2025.01.02 05:00:00",
    "2025.01.02 06:00:00",
    "2025.01.02 07:00:00",
    "2025.01.02 08:00:00",
];

/// Two longs at 2000 and 2010, the first close at 2020 by each kind of evidence.
#[test]
fn evidence_in_its_order() {
    let open = |stop: &'static str, last_lots: &'static str| {
        (
            [["2", "1990.00", "", ""], ["3", stop, "2020.00", ""]],
            [
                deal(T[0], "2", ["buy", "in", "0.10", "2000.00", "0.00", ""]),
                deal(T[1], "3", ["buy", "in", last_lots, "2010.00", "0.00", ""]),
            ],
        )
    };
    for (lots, profit, comment, second_lots, first_closed) in [
        // The comment names it, even against the profit.
        ("0.10", "200.00", "close #3", "0.10", "3"),
        ("0.10", "200.00", "#3", "0.10", "3"),
        // A number that a program counts with is no name.
        ("0.10", "200.00", "grid #3", "0.10", "2"),
        // The profit tells: 0.10 lots, 100 ounces, 10 dollars.
        ("0.10", "100.00", "", "0.10", "3"),
        ("0.10", "200.00", "tp 2020.00", "0.10", "2"),
        // No profit fits (another currency): the stop that the comment names, then the volume, then the age.
        ("0.10", "77.00", "tp 2020.00", "0.10", "3"),
        ("0.10", "77.00", "[tp 2020.00]", "0.10", "3"),
        ("0.05", "77.00", "", "0.05", "3"),
        ("0.10", "77.00", "", "0.10", "2"),
    ] {
        let (orders, opens) = open("1980.00", second_lots);
        let close = deal(T[2], "4", ["sell", "out", lots, "2020.00", profit, comment]);
        let history = paired(&orders, &[opens[0], opens[1], close]);
        let closed = shown(&history);
        assert_eq!(closed.len(), 1);
        assert!(
            closed[0].starts_with(&format!("{first_closed}: ")),
            "{lots} {profit} {comment:?}: {closed:?}"
        );
        assert!(
            history.notes.iter().any(|note| note.starts_with("1 positions are still open")),
            "{:?}",
            history.notes
        );
    }
}

#[test]
fn what_a_price_is_worth_is_learned_from_certain_closes() {
    // 1,000 ounces a lot here, which no table says; the first trade proves it.
    let history = paired(
        &[],
        &[
            deal(T[0], "2", ["buy", "in", "0.10", "2000.00", "0.00", ""]),
            deal(T[1], "3", ["sell", "out", "0.10", "2005.00", "500.00", ""]),
            deal(T[2], "4", ["buy", "in", "0.10", "2000.00", "0.00", ""]),
            deal(T[3], "5", ["buy", "in", "0.10", "2010.00", "0.00", ""]),
            deal(T[4], "6", ["sell", "out", "0.10", "2020.00", "1000.00", ""]),
            deal(T[5], "7", ["sell", "out", "0.10", "2030.00", "3000.00", ""]),
        ],
    );
    assert_eq!(
        shown(&history),
        ["2: 0.10@2000 0.10@2005=500.00", "4: 0.10@2000 0.10@2030=3000.00", "5: 0.10@2010 0.10@2020=1000.00"]
    );
}

#[test]
fn partial_closes_leave_the_rest_open() {
    let history = paired(
        &[],
        &[
            deal(T[0], "2", ["sell", "in", "0.30", "2000.00", "0.00", ""]),
            deal(T[1], "3", ["buy", "out", "0.10", "1990.00", "100.00", "tp 1990.00"]),
            deal(T[2], "4", ["buy", "out", "0.10", "2010.00", "-100.00", "sl 2010.00"]),
            deal(T[3], "5", ["buy", "out", "0.10", "2000.00", "0.00", "slow exit"]),
        ],
    );
    assert_eq!(shown(&history), ["2: 0.30@2000 0.10@1990=100.00 0.10@2010=-100.00 0.10@2000=0.00"]);
    let reasons: Vec<ExitReason> = history.positions[0].exits.iter().map(|exit| exit.reason).collect();
    assert_eq!(reasons, [ExitReason::TakeProfit, ExitReason::StopLoss, ExitReason::Other]);

    let part = paired(
        &[],
        &[
            deal(T[0], "2", ["sell", "in", "0.30", "2000.00", "0.00", ""]),
            deal(T[1], "3", ["buy", "out", "0.10", "1990.00", "100.00", ""]),
        ],
    );
    assert_eq!(shown(&part), ["2: 0.10@2000 0.10@1990=100.00"]);
    assert_eq!(part.notes, ["1 positions were closed in part only; the part that stayed open is left out."]);
}

#[test]
fn a_netting_close_is_split_and_its_money_adds_up() {
    let mut close = deal(T[2], "4", ["sell", "out", "0.30", "2020.00", "400.01", ""]);
    (close[8], close[9]) = ("-1.00", "-0.10");
    let history = paired(
        &[],
        &[
            deal(T[0], "2", ["buy", "in", "0.10", "2000.00", "0.00", ""]),
            deal(T[1], "3", ["buy", "in", "0.20", "2010.00", "0.00", ""]),
            close,
        ],
    );
    assert_eq!(shown(&history), ["2: 0.10@2000 0.10@2020=200.00", "3: 0.20@2010 0.20@2020=200.01"]);
    let sum = |part: fn(&crate::history::Exit) -> Money| {
        history
            .positions
            .iter()
            .flat_map(|position| &position.exits)
            .map(part)
            .reduce(Money::saturating_add)
            .unwrap()
    };
    assert_eq!(sum(|exit| exit.commission), "-1".parse().unwrap());
    assert_eq!(sum(|exit| exit.swap), "-0.1".parse().unwrap());
    assert_eq!(history.positions[0].exits[0].commission, "-0.33".parse().unwrap());
}

#[test]
fn a_reversal_closes_and_opens() {
    let history = paired(
        &[],
        &[
            deal(T[0], "2", ["buy", "in", "0.10", "2000.00", "0.00", ""]),
            deal(T[1], "3", ["sell", "in/out", "0.30", "2010.00", "100.00", ""]),
            deal(T[2], "4", ["buy", "out", "0.20", "2005.00", "100.00", ""]),
        ],
    );
    assert_eq!(shown(&history), ["2: 0.10@2000 0.10@2010=100.00", "3: 0.20@2010 0.20@2005=100.00"]);
}

#[test]
fn deals_of_one_order_are_one_position() {
    let mut second = deal(T[0], "3", ["buy", "in", "0.30", "2004.00", "0.00", ""]);
    second[7] = "2";
    let history = paired(
        &[],
        &[
            deal(T[0], "2", ["buy", "in", "0.10", "2000.00", "0.00", ""]),
            second,
            deal(T[1], "4", ["sell", "out", "0.40", "2013.00", "400.00", ""]),
        ],
    );
    assert_eq!(shown(&history), ["2: 0.40@2003 0.40@2013=400.00"]);
}

#[test]
fn closed_by_each_other() {
    let history = paired(
        &[],
        &[
            deal(T[0], "2", ["buy", "in", "0.10", "2000.00", "0.00", ""]),
            deal(T[1], "3", ["sell", "in", "0.10", "2010.00", "0.00", ""]),
            deal(T[2], "4", ["sell", "out by", "0.10", "2010.00", "100.00", "close #2 by #3"]),
            deal(T[2], "5", ["buy", "out by", "0.10", "2010.00", "0.00", "close #3 by #2"]),
        ],
    );
    assert_eq!(shown(&history), ["2: 0.10@2000 0.10@2010=100.00", "3: 0.10@2010 0.10@2010=0.00"]);
}

#[test]
fn within_a_second_the_rows_may_stand_in_another_order() {
    let history = paired(
        &[],
        &[
            deal(T[0], "3", ["sell", "out", "0.10", "2001.00", "10.00", ""]),
            deal(T[0], "2", ["buy", "in", "0.10", "2000.00", "0.00", ""]),
        ],
    );
    assert_eq!(shown(&history), ["2: 0.10@2000 0.10@2001=10.00"]);
}

#[test]
fn what_was_opened_before_the_report_keeps_its_money() {
    let mut orphan = deal(T[0], "2", ["sell", "out", "0.10", "2001.00", "10.00", ""]);
    (orphan[8], orphan[9]) = ("-0.50", "-1.00");
    let history = paired(&[], &[orphan]);
    assert!(history.positions.is_empty());
    let operation = &history.balance_operations[1];
    assert_eq!(
        (operation.amount, operation.comment.as_str()),
        ("8.5".parse().unwrap(), "close of a position that was opened before the report")
    );
    assert!(history.notes[0].starts_with("1 deals close positions that were opened before"));
}
