//! What goes wrong: at the trade server, on the way, in the terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use lotbridge::domain::{MarginMode, Retcode, ServerTime, TradeRules};
use lotbridge::terminal::{Answer, Faults, TerminalSettings};
use serde_json::json;

use crate::accounts::{MASTER, account, followers, gold};
use crate::desk::{Desk, pair, usual};
use crate::host::Particular;

/// The code of `REASON_ACCOUNT`: another account was logged in to.
const REASON_ACCOUNT: &str = "6";

/// What a trade server answers, or does not: one position, whatever comes.
pub fn faults() {
    use Answer::{Hidden, Partial, Placed, Refused};
    let ioc = TradeRules { filling_modes: 2, ..TradeRules::default() };
    for answers in [
        vec![Refused(Retcode::REQUOTE), Refused(Retcode::PRICE_CHANGED)],
        vec![Refused(Retcode::TOO_MANY_REQUESTS)],
        vec![Hidden(Retcode::TIMEOUT)],
        vec![Hidden(Retcode::CONNECTION)],
        vec![Placed],
        vec![Partial],
    ] {
        let mut desk = pair(account(2001), ioc, Particular::default());
        let place = format!("{answers:?}");
        desk.accounts.get_mut(&2001).unwrap().next_answers(answers.clone());
        let ticket = desk.buy("0.10");
        // What was accepted is executed with the next quote.
        desk.hear_orders(1);
        desk.quote("4562.10", "4562.44");
        desk.settle();
        let held = desk.accounts[&2001].positions().count();
        assert_eq!(held, 1, "{place}: {:#?}", desk.orders);
        if answers != [Partial] {
            assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"], "{place}: {:#?}", desk.orders);
        }
        desk.accounts.get_mut(&2001).unwrap().next_answers(answers);
        desk.close(ticket, "0.10");
        desk.hear_orders(desk.orders.len() + 1);
        desk.quote("4562.10", "4562.44");
        desk.settle();
        assert_eq!(desk.lots(2001), [""; 0], "{place}: {:#?}", desk.orders);
        desk.finish();
    }
}

/// A request that never arrived is sent again once the account has proved that, a closed market is tried again; what is
/// refused for good is not.
pub fn opens_that_do_not_come() {
    for (answer, lots, orders) in [
        (Answer::Refused(Retcode::TIMEOUT), &["buy XAUUSD 0.15"][..], 2),
        (Answer::Refused(Retcode::MARKET_CLOSED), &["buy XAUUSD 0.15"], 2),
        (Answer::Refused(Retcode::NO_MONEY), &[], 1),
    ] {
        let mut desk = usual();
        desk.accounts.get_mut(&2001).unwrap().next_answers([answer]);
        desk.buy("0.10");
        desk.settle();
        assert_eq!(desk.lots(2001), lots, "{answer:?}");
        assert_eq!(desk.orders.len(), orders, "{answer:?}: {:#?}", desk.orders);
        desk.finish();
    }
}

/// A trade server takes longer than the library doubts: its order is in the terminal's list, and sent once.
pub fn orders_that_are_worked_on() {
    let mut desk = hasty(30_000);
    let wait = |desk: &mut Desk, seconds: u32| {
        for _ in 0..seconds {
            std::thread::sleep(Duration::from_secs(1));
            desk.quote("4562.10", "4562.44");
        }
    };
    let working = Answer::Working { ms: 6_000 };
    desk.accounts.get_mut(&2001).unwrap().next_answers([working]);
    let ticket = desk.buy("0.10");
    desk.hear_orders(1);
    wait(&mut desk, 5);
    assert_eq!(desk.lots(2001), [""; 0]);
    wait(&mut desk, 2);
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"]);
    assert_eq!(desk.orders.len(), 1, "{:#?}", desk.orders);
    // Of a part: the second one would close more.
    desk.accounts.get_mut(&2001).unwrap().next_answers([working]);
    desk.close(ticket, "0.04");
    desk.hear_orders(2);
    wait(&mut desk, 7);
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.09"]);
    assert_eq!(desk.orders.len(), 2, "{:#?}", desk.orders);
    desk.finish();
}

/// Half of all trade transactions lost, others out of order, every kind of fault among the answers.
pub fn lost_transactions() {
    let deaf = Particular { lost_per_mille: 500, seed: 7, ..Particular::default() };
    let mut desk = Desk::new(followers(&[2001]), [(2001, deaf.clone()), (MASTER, deaf)].into());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    let settings = TerminalSettings {
        faults: Faults {
            per_mille: vec![
                (Answer::Refused(Retcode::REQUOTE), 100),
                (Answer::Hidden(Retcode::TIMEOUT), 100),
            ],
        },
        ..account(2001)
    };
    desk.open(settings, gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    let mut open = Vec::new();
    for round in 0..12 {
        open.push(desk.buy("0.10"));
        if round % 3 == 2 {
            let ticket = open.remove(0);
            desk.close(ticket, "0.10");
        }
        desk.quote("4562.10", "4562.44");
        desk.settle();
        assert_eq!(desk.lots(2001), vec!["buy XAUUSD 0.15"; open.len()], "round {round}: {:#?}", desk.orders);
    }
    desk.finish();
}

/// Whoever is killed, and whenever.
pub fn restarts() {
    let mut desk = usual();
    let first = desk.buy("0.10");
    desk.settle();
    desk.kill(2001);
    let second = desk.buy("0.20");
    desk.start(2001);
    desk.seen();
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15", "buy XAUUSD 0.30"]);
    desk.kill(MASTER);
    desk.close(first, "0.10");
    desk.start(MASTER);
    desk.seen();
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.30"]);
    desk.kill(2001);
    desk.kill(MASTER);
    desk.close(second, "0.20");
    desk.start_all();
    desk.seen();
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0], "{:#?}", desk.orders);
    assert_eq!(desk.orders.len(), 4, "{:#?}", desk.orders);
    desk.finish();
}

/// A member that takes up what it missed, with times short enough for a test.
fn hasty(valid_for_ms: u64) -> Desk {
    let mut config = followers(&[2001]);
    config["pools"][0]["late_copies"] = json!("always");
    config["master"]["valid_for_ms"] = json!(valid_for_ms);
    config["master"]["doubt_ms"] = json!(2_000);
    let mut desk = Desk::new(config, BTreeMap::new());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.open(account(2001), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    desk
}

/// The master learns that a slave's terminal is cut off from its trade server, so that it joins late when it is back.
pub fn a_terminal_is_cut_off_and_comes_back() {
    let mut desk = hasty(1_500);
    let first = desk.buy("0.10");
    desk.settle();
    desk.cut_off(2001);
    desk.panel(MASTER, "has no connection with its trade server");
    desk.buy("0.20");
    desk.panel(MASTER, "skipped, 0.00 lots, not_connected");
    desk.close(first, "0.10");
    desk.rest(Duration::from_millis(1_500));
    let panel = desk.panel(2001, "Waiting for the connection to the trade server");
    assert!(panel.contains("Connected, last order after"), "the session with the master goes on:\n{panel}");
    assert_eq!(desk.orders.len(), 1, "nothing is sent meanwhile: {:#?}", desk.orders);
    desk.back(2001);
    desk.hear_orders(3);
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.30"], "{:#?}", desk.orders);
    assert_eq!(desk.orders.len(), 3, "{:#?}", desk.orders);
    desk.panel_that(2001, "Waiting for the connection", false);
    desk.finish();
}

/// A partial close whose answer was lost with the connection: the first lists afterwards are those of before.
pub fn a_close_in_doubt_is_not_repeated_after_an_outage() {
    let mut desk = hasty(1_500);
    let ticket = desk.buy("0.20");
    desk.settle();
    desk.lag(2001);
    desk.accounts.get_mut(&2001).unwrap().next_answers([Answer::Hidden(Retcode::TIMEOUT)]);
    desk.close(ticket, "0.10");
    desk.hear_orders(2);
    desk.cut_off(2001);
    desk.rest(Duration::from_millis(2_500));
    desk.back(2001);
    desk.rest(Duration::from_secs(1));
    desk.catch_up(2001);
    desk.settle();
    desk.seen();
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"], "{:#?}", desk.orders);
    assert_eq!(desk.orders.len(), 2, "{:#?}", desk.orders);
    desk.finish();
}

/// What must be switched on is said in one sentence.
pub fn refusals() {
    for (particular, sentence) in [
        (Particular { tester: true, ..Particular::default() }, "does not run in the strategy tester"),
        (Particular { no_dlls: true, ..Particular::default() }, "Switch on \"Allow DLL imports\""),
    ] {
        let mut desk =
            Desk::new(followers(&[2001]), BTreeMap::from([(2001, particular.clone()), (MASTER, particular)]));
        desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
        desk.open(account(2001), gold("XAUUSD", TradeRules::default()));
        for login in [MASTER, 2001] {
            desk.start(login);
            let said = desk.failure(login);
            assert!(said.contains(sentence), "{login}: {said}");
        }
    }
}

/// With trading off nothing is sent, and the manager sees why.
pub fn trading_off() {
    let mut desk = Desk::new(
        followers(&[2001]),
        [(2001, Particular { no_trading: true, ..Particular::default() })].into(),
    );
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.open(account(2001), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    desk.buy("0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0]);
    assert!(desk.orders.is_empty(), "{:#?}", desk.orders);
    desk.panel(MASTER, "10027");
    desk.finish();
}

/// A chart that changes, or an input, ends the program and starts it again in the same process; so does another account.
pub fn charts_and_accounts_change() {
    const REASON_CHARTCHANGE: &str = "3";
    const REASON_PARAMETERS: &str = "5";
    let mut desk = Desk::new(followers(&[2001, 2002]), BTreeMap::new());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.open(account(2001), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    let first = desk.buy("0.10");
    desk.settle();
    for (login, reason) in [
        (2001, REASON_CHARTCHANGE),
        (MASTER, REASON_CHARTCHANGE),
        (MASTER, REASON_PARAMETERS),
        (2001, REASON_PARAMETERS),
    ] {
        desk.restart_program(login, reason);
    }
    desk.seen();
    let second = desk.buy("0.20");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15", "buy XAUUSD 0.30"]);
    desk.close(first, "0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.30"]);
    assert_eq!(desk.orders.len(), 3, "{:#?}", desk.orders);
    // Account 2002 in the terminal of 2001: nothing of the one's is done on the other.
    let mut other = account(2002);
    other.seed = 7;
    desk.open(other, gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.log_in(2001, 2002);
    desk.close(second, "0.20");
    desk.restart_program(2001, REASON_ACCOUNT);
    let panel = desk.panel(2001, "LotBridge slave 2002");
    assert!(panel.contains("Connected"), "{panel}");
    assert_eq!(desk.lots(2002), [""; 0]);
    let third = desk.buy("0.10");
    desk.panel(2001, "XAUUSD buy 0.15: 10009");
    assert_eq!(desk.lots(2002), ["buy XAUUSD 0.15"]);
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.30"], "nobody is logged in there");
    desk.close(third, "0.10");
    desk.panel(2001, "XAUUSD close 0.15: 10009");
    assert_eq!(desk.lots(2002), [""; 0]);
    desk.finish();
}

/// Somebody logs in to another account in the master's terminal: its trades are nobody's to copy, and the copies stay.
pub fn another_account_in_the_masters_terminal() {
    let mut desk = Desk::new(followers(&[2001]), BTreeMap::new());
    for login in [MASTER, 2001] {
        desk.open(account(login), gold("XAUUSD", TradeRules::default()));
    }
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    let ticket = desk.buy("0.10");
    desk.settle();
    desk.open(account(3001), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.log_in(MASTER, 3001);
    desk.restart_program(MASTER, REASON_ACCOUNT);
    let panel = desk.panel(MASTER, "LotBridge master 3001");
    assert!(panel.contains("1001"), "whose account is due: {panel}");
    desk.rest(Duration::from_secs(3));
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"]);
    desk.log_in(MASTER, MASTER);
    desk.restart_program(MASTER, REASON_ACCOUNT);
    desk.seen();
    desk.close(ticket, "0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0]);
    assert_eq!(desk.orders.len(), 2, "{:#?}", desk.orders);
    desk.finish();
}

/// A netting account's shares are read off its deals: where the terminal shows them later than its positions, they are waited
/// for.
pub fn a_history_that_comes_late() {
    let settings = TerminalSettings { margin_mode: MarginMode::Netting, ..account(2001) };
    let late = Particular { history_after_ms: 8_000, ..Particular::default() };
    let mut config = followers(&[2001]);
    config["master"]["doubt_ms"] = json!(2_000);
    let mut desk = Desk::new(config, [(2001, late)].into());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.open(settings, gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    let first = desk.buy("0.10");
    desk.buy("0.20");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.45"]);
    // Longer ago than what is handed over once all is known.
    desk.now = ServerTime(desk.now.0 + 5 * 24 * 3_600_000);
    desk.quote("4562.10", "4562.44");
    desk.kill(2001);
    desk.start(2001);
    desk.show(2001);
    // It is said as long as it lasts, and once in the journal.
    let waited_for = "The account's history has not come yet";
    desk.panel(2001, waited_for);
    for _ in 0..3 {
        desk.rest(Duration::from_millis(500));
        assert!(desk.panel(2001, "LotBridge slave 2001").contains(waited_for));
    }
    desk.panel_that(2001, waited_for, false);
    desk.seen();
    let journal = std::fs::read_to_string(desk.folder.path().join("journal-2001")).unwrap();
    assert_eq!(journal.matches(waited_for).count(), 2, "once after each start:\n{journal}");
    desk.close(first, "0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.30"], "{:#?}", desk.orders);
    desk.finish();
}

/// What the library cannot hold keeps a state from being handed over, and the panel says what to do about it.
pub fn a_name_that_is_too_long() {
    let mut desk = Desk::new(followers(&[2001]), BTreeMap::new());
    desk.open(account(MASTER), gold("XAUUSD.a-suffix-of-thirty2-bytes", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start(MASTER);
    desk.panel(MASTER, "Slaves connected: 0");
    let ticket = desk.buy("0.10");
    desk.panel(MASTER, "thirty2-bytes is longer");
    desk.close(ticket, "0.10");
    desk.panel_that(MASTER, "thirty2-bytes is longer", false);
    desk.finish();
}
