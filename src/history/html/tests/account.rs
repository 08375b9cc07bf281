//! An account's trade history: its Positions table with the deals' money.

use crate::domain::Login;
use crate::history::tests::samples::account;
use crate::history::{ExitReason, History, read};

/// Opening balance, every commission, swap, profit and later balance operation: the last balance.
fn final_balance(history: &History) -> String {
    let mut sum = history.opening_balance.unwrap();
    for position in &history.positions {
        sum = sum.checked_add(position.open_commission).unwrap();
        for exit in &position.exits {
            for money in [exit.commission, exit.swap, exit.profit] {
                sum = sum.checked_add(money).unwrap();
            }
        }
    }
    for operation in history.balance_operations.iter().filter(|operation| !operation.opening) {
        sum = sum.checked_add(operation.amount).unwrap();
    }
    sum.to_string()
}

#[test]
fn positions_with_the_money_of_their_deals() {
    let history = read(account().as_bytes()).unwrap();
    assert_eq!((history.login, history.currency.unwrap().as_str()), (Some(Login(12_345_678)), "USD"));
    assert_eq!(history.pending_orders, 1);
    let [euro, gold] = &history.positions[..] else { panic!("two positions, {:?}", history.positions) };
    assert_eq!((euro.id, euro.lots, euro.exits.len()), (Some(501), "0.3".parse().unwrap(), 2));
    assert_eq!(euro.open_commission, "-1.05".parse().unwrap());
    assert_eq!(euro.exits[0].commission, "-0.35".parse().unwrap());
    assert_eq!(euro.exits[1].commission, "-0.7".parse().unwrap(), "commission and fee");
    assert_eq!(euro.stop_loss, Some("1.095".parse().unwrap()), "the order's stop, not the last one");
    assert_eq!((gold.symbol.as_str(), gold.open_price), ("XAUUSD.a", "2650".parse().unwrap()));
    assert_eq!(gold.exits[0].reason, ExitReason::TakeProfit);
    assert_eq!(
        history.notes,
        [
            "1 credit operations left out: credit is not balance.",
            "1 positions are still open at the end of the report; left out.",
        ]
    );
    assert_eq!(history.opening_balance, Some("5000".parse().unwrap()));
    let operations: Vec<(String, &str, bool)> = history
        .balance_operations
        .iter()
        .map(|operation| (operation.amount.to_string(), operation.comment.as_str(), operation.opening))
        .collect();
    assert_eq!(
        operations,
        [
            ("5000.00".to_owned(), "Deposit", true),
            ("-0.35".to_owned(), "commission of a position that is still open", false),
            ("-1000.00".to_owned(), "Withdrawal", false),
        ]
    );
    assert_eq!(final_balance(&history), "4126.45");
}

#[test]
fn a_row_that_sums_up_partial_closes() {
    // One row for position 501: the whole volume at the mean price, the last close's time.
    let text = account();
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("<td>501</td><td>EURUSD</td><td>buy</td><td class"))
        .collect();
    assert_eq!(rows.len(), 2);
    let one = rows[1]
        .replace("<td>0.20</td>", "<td>0.30</td>")
        .replace("1.10300", "1.10267")
        .replace(">60.00<", ">80.00<");
    let summed = text.replace(&format!("{}\n{}", rows[0], rows[1]), &one);
    let history = read(summed.as_bytes()).unwrap();
    let exits: Vec<(String, String)> = history.positions[0]
        .exits
        .iter()
        .map(|exit| (exit.lots.to_string(), exit.price.to_string()))
        .collect();
    assert_eq!(exits, [("0.10".to_owned(), "1.102".to_owned()), ("0.20".to_owned(), "1.103".to_owned())]);
    assert_eq!(final_balance(&history), "4126.45");
}

#[test]
fn a_row_whose_deals_are_not_found_keeps_its_own_figures() {
    let history = read(account().replacen("<td>60.00</td>", "<td>60.01</td>", 1).as_bytes()).unwrap();
    let exit = &history.positions[0].exits[1];
    assert_eq!(exit.profit, "60.01".parse().unwrap());
    assert_eq!(exit.commission, "-0.7".parse().unwrap(), "the row's, without what the opening deal charged");
    assert!(
        history.notes[0].starts_with("1 rows of the Positions table have no deals"),
        "{:?}",
        history.notes
    );
}

#[test]
fn positions_without_deals() {
    let text = account();
    let (start, end) = (
        text.find("<tr align=\"center\"><th colspan=\"13\"><div><b>Deals").unwrap(),
        text.rfind("</table>").unwrap(),
    );
    let history = read(format!("{}{}", &text[..start], &text[end..]).as_bytes()).unwrap();
    assert_eq!((history.positions.len(), history.opening_balance), (2, None));
    assert_eq!(history.positions[0].exits[1].commission, "-1.75".parse().unwrap());
    assert!(history.notes[0].contains("no deals"));
    assert!(history.running_balances.is_empty());
}

#[test]
fn what_was_opened_before_the_report_is_in_the_positions_table() {
    let text = account();
    let opening = text.lines().find(|line| line.contains("<td>902</td>")).unwrap();
    let history = read(text.replace(opening, "").as_bytes()).unwrap();
    assert_eq!(history.positions[0].id, Some(501));
    assert!(history.positions[0].open_commission.is_zero());
    // The balance column now jumps once, and that is said.
    assert!(
        history.notes.iter().any(|note| note.starts_with("In 1 rows the Balance column")),
        "{:?}",
        history.notes
    );
}

#[test]
fn a_netting_position_that_was_added_to() {
    let text = account()
        .replace("<td>0.30</td><td>1.10000</td><td>501</td>", "<td>0.10</td><td>1.09800</td><td>501</td>");
    let first = text.lines().find(|line| line.contains("<td>902</td>")).unwrap().to_owned();
    let second = first
        .replace(">902<", ">9021<")
        .replace("10:00:00", "10:30:00")
        .replace(">0.10<", ">0.20<")
        .replace("1.09800", "1.10100")
        .replace(">501<", ">5011<")
        .replace("-1.05", "-0.70")
        .replace("4 998.95", "4 998.25");
    let history = read(text.replace(&first, &format!("{first}\n{second}")).as_bytes()).unwrap();
    assert_eq!(history.positions.len(), 2);
    assert_eq!(history.positions[0].open_commission, "-1.75".parse().unwrap(), "both openings'");
    let open = |note: &String| note.starts_with("1 positions are still open");
    assert!(history.notes.iter().any(open), "{:?}", history.notes);
}

#[test]
fn orders_that_are_not_numbered_like_positions() {
    // The opening deals are found by time, price and volume; those of a position of several rows are not.
    let history =
        read(account().replace("<td>502</td><td>-0.35", "<td>602</td><td>-0.35").as_bytes()).unwrap();
    assert_eq!(history.positions[1].open_commission, "-0.35".parse().unwrap());
    assert_eq!(final_balance(&history), "4126.45");
}

/// A netting position keeps its number when it is reversed and reversed again; between the two it was not there.
#[test]
fn rows_of_one_number_that_opened_at_different_times_are_positions_of_their_own() {
    let row = "<td>2025.02.03 10:00:00</td><td>501</td><td>EURUSD</td><td>buy</td><td class=\"hidden\"";
    let text = account();
    let again = text.rfind(row).unwrap();
    let text = format!("{}{}", &text[..again], text[again..].replacen("10:00:00", "13:00:00", 1));
    let text = text.replace("<td>0.30</td><td>1.10000</td>", "<td>0.10</td><td>1.10000</td>");
    let first = text.lines().find(|line| line.contains("<td>902</td>")).unwrap().to_owned();
    let second = first
        .replace(">902<", ">9021<")
        .replace("10:00:00", "13:00:00")
        .replace(">0.10<", ">0.20<")
        .replace(">501<", ">5011<")
        .replace("-1.05", "-0.70")
        .replace("4 998.95", "4 998.25");
    let text = text.replace(&first, &format!("{first}\n{second}"));
    let told: Vec<String> = (read(text.as_bytes()).unwrap().positions.iter())
        .filter(|position| position.id == Some(501))
        .map(|position| {
            let minutes = (position.exits[0].time.0 - position.open_time.0) / 60_000;
            let costs = position.open_commission;
            format!("{} for {minutes} minutes, {} exit, {costs}", position.lots, position.exits.len())
        })
        .collect();
    assert_eq!(told, ["0.10 for 120 minutes, 1 exit, -1.05", "0.20 for 120 minutes, 1 exit, -0.70",]);
}
