//! What the programs' panels show, and what their buttons do.

use std::collections::BTreeMap;
use std::time::Duration;

use lotbridge::domain::TradeRules;
use serde_json::json;

use crate::accounts::{MASTER, account, followers, gold};
use crate::desk::Desk;
use crate::host::Particular;

/// A slave with a guard, whose copy of a first trade is open.
fn guarded(particulars: BTreeMap<u64, Particular>) -> Desk {
    let mut config = followers(&[2001]);
    config["accounts"] =
        json!({"2001": {"guards": {"equity_stop": {"money": "50000", "reaction": "skip_opens"}}}});
    let mut desk = Desk::new(config, particulars);
    for login in [MASTER, 2001] {
        desk.open(account(login), gold("XAUUSD", TradeRules::default()));
    }
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    desk.buy("0.10");
    desk.settle();
    desk
}

/// The panel shows how it stands; its buttons pause, close all after a second click, go on, arm anew.
pub fn panels_and_buttons() {
    let mut desk = guarded(BTreeMap::new());
    let panel = desk.panel(2001, "XAUUSD buy 0.15: 10009");
    for line in [
        "LotBridge slave 2001, hedging",
        "Connected, last order after",
        "guard_equity_stop: ",
        "Guards: armed",
    ] {
        assert!(panel.contains(line), "{line} in\n{panel}");
    }
    let panel = desk.panel(MASTER, "open, 0.15 lots");
    for line in ["LotBridge master 1001, hedging", "Slaves connected: 1, copies open: 1"] {
        assert!(panel.contains(line), "{line} in\n{panel}");
    }
    desk.click(2001, "Pause");
    desk.panel(2001, "Guards: nothing is opened");
    desk.seen();
    desk.buy("0.20");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"]);
    desk.panel(MASTER, "skipped, 0.00 lots, paused_by_hand");
    desk.click(2001, "Go on");
    desk.panel(2001, "Guards: armed");
    desk.click(2001, "Close all copies");
    desk.panel(2001, "Sure? Click");
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"], "one click closes nothing");
    desk.click(2001, "Sure? Click");
    desk.panel(2001, "Guards: every copy is closed");
    desk.panel(2001, "XAUUSD close 0.15: 10009");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0]);
    desk.finish();
}

/// A guard that has tripped stays so until the account's owner has clicked twice to arm it anew.
pub fn a_guard_is_armed_anew_by_hand() {
    let mut desk = guarded([(MASTER, Particular { no_trading: true, ..Particular::default() })].into());
    desk.quote("1000.10", "1000.44");
    desk.panel(2001, "Guards: nothing is opened");
    desk.quote("4562.10", "4562.44");
    desk.seen();
    desk.buy("0.20");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"], "it stays tripped");
    desk.click(2001, "Re-arm");
    desk.panel(2001, "Sure? Click");
    assert!(desk.panel(2001, "LotBridge").contains("Guards: nothing is opened"), "one click arms nothing");
    desk.click(2001, "Sure? Click");
    desk.panel(2001, "Guards: armed");
    desk.seen();
    desk.buy("0.40");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15", "buy XAUUSD 0.60"]);
    desk.panel(MASTER, "Programs may not trade on this terminal: a master's need not");
    desk.finish();
}

/// The master's panel shows the pools; its buttons pause every slave, go on, and close all after a second click.
pub fn the_masters_buttons() {
    let mut desk = Desk::new(followers(&[2001, 2002]), BTreeMap::new());
    for login in [MASTER, 2001, 2002] {
        desk.open(account(login), gold("XAUUSD", TradeRules::default()));
    }
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    desk.buy("0.10");
    desk.settle();
    let panel = desk.panel(MASTER, "  their last orders took ");
    assert!(panel.contains("2 of 2 slaves connected"), "{panel}");
    desk.panel(2001, "Pool ");
    desk.click(MASTER, "Pause");
    desk.panel(MASTER, "By hand, for every slave: nothing is opened");
    desk.buy("0.20");
    desk.settle();
    desk.panel(MASTER, "skipped, 0.00 lots, paused_by_hand");
    desk.click(MASTER, "Go on");
    desk.panel_that(MASTER, "By hand", false);
    desk.buy("0.30");
    desk.settle();
    assert_eq!(desk.lots(2002), ["buy XAUUSD 0.15", "buy XAUUSD 0.45"]);
    desk.click(MASTER, "Close all copies");
    desk.panel(MASTER, "Sure? Click");
    desk.click(MASTER, "Sure? Click");
    desk.panel(MASTER, "By hand, for every slave: every copy is closed");
    desk.settle();
    assert_eq!([desk.lots(2001), desk.lots(2002)], [[""; 0]; 2]);
    desk.finish();
}

/// A second click soon after the first, on charts whose clicks bring no event: the button is not back where it was before
/// the program has looked at it.
pub fn a_click_is_not_undone_by_the_next() {
    let deaf = Particular { clicks_lost: true, ..Particular::default() };
    let mut desk = Desk::new(followers(&[2001]), [(2001, deaf.clone()), (MASTER, deaf)].into());
    for login in [MASTER, 2001] {
        desk.open(account(login), gold("XAUUSD", TradeRules::default()));
    }
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    // A busy machine may be late once; a program that looks too rarely is late every time.
    for (login, paused) in [(2001, "Guards: nothing is opened"), (MASTER, "By hand, for every slave")] {
        let mut tries = (0..5).filter(|_| {
            desk.drawn(login);
            desk.click(login, "Pause");
            desk.rest(Duration::from_millis(150));
            desk.click(login, "Pause");
            desk.rest(Duration::from_secs(1));
            desk.panel(login, "LotBridge").contains(paused)
        });
        assert!(tries.next().is_some(), "{login}: neither click counts");
    }
    desk.finish();
}
