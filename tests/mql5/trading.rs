//! The programs trade.

use std::collections::BTreeMap;

use lotbridge::domain::TradeRules;
use serde_json::{Value, json};

use crate::desk::{Desk, MASTER, account, gold};

/// One slave at one and a half times the master.
fn one_slave() -> Value {
    json!({
        "master": {"login": MASTER, "currency": "USD"},
        "secret": "between these two",
        "pools": [{"name": "gold", "allocation": {"method": "multiplier"},
                   "members": [{"login": 2001, "profile": "1.5"}]}],
    })
}

pub fn an_open_and_a_close() {
    let mut desk = Desk::new(one_slave(), BTreeMap::new());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.open(account(2001), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    let ticket = desk.buy("0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"]);
    desk.close(ticket, "0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0]);
    assert_eq!(desk.orders.len(), 2, "{:#?}", desk.orders);
    println!("{:?} us from commit to OrderSend", desk.ages_us);
    desk.finish();
}
