//! The programs trade.

use std::collections::BTreeMap;

use lotbridge::domain::{
    Execution, Expiration, Instrument, Lots, Magic, MarginMode, OrderAction, PendingKind, PendingTerms,
    Price, Retcode, ServerTime, Side, TradeRules,
};
use lotbridge::terminal::TerminalSettings;
use serde_json::json;

use crate::accounts::{MASTER, account, followers, gold};
use crate::compile;
use crate::desk::{Desk, open, pair, usual};
use crate::host::Particular;
use crate::wire::FromTerminal;

#[expect(clippy::unnecessary_wraps, reason = "a stop that is set")]
fn price(text: &str) -> Option<Price> {
    Some(text.parse().unwrap())
}

pub fn an_open_and_a_close() {
    let mut desk = usual();
    let ticket = desk.buy("0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"]);
    desk.close(ticket, "0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0]);
    assert_eq!(desk.orders.len(), 2, "{:#?}", desk.orders);
    // How far from the master's fill it may be filled, as the configuration has it.
    assert_eq!(desk.orders[0].1.deviation_points, 100, "{:#?}", desk.orders);
    desk.finish();
}

/// Stops, a partial close, new stops, the rest.
pub fn a_whole_trade() {
    let mut desk = usual();
    let open = OrderAction::Open { side: Side::Sell, stop_loss: price("4600"), take_profit: price("4500") };
    let ticket = desk.trade(open, "0.10").ticket;
    desk.settle();
    let copy = desk.accounts[&2001].positions().next().unwrap().position.clone();
    assert_eq!((copy.stop_loss, copy.take_profit), (price("4600"), price("4500")));
    assert_ne!(copy.magic, Magic(0), "{copy:?}");
    desk.close(ticket, "0.05");
    desk.settle();
    assert_eq!(desk.lots(2001), ["sell XAUUSD 0.07"]);
    desk.trade(OrderAction::Modify { ticket, stop_loss: price("4580"), take_profit: None }, "0");
    desk.settle();
    let copy = desk.accounts[&2001].positions().next().unwrap().position.clone();
    assert_eq!((copy.stop_loss, copy.take_profit), (price("4580"), None));
    desk.close(ticket, "0.05");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0]);
    assert!(desk.orders.iter().all(|(_, _, result)| result.retcode == Retcode::DONE), "{:#?}", desk.orders);
    desk.finish();
}

/// Two hundred positions come with one state of the master's, and go with one; then one is closed by an opposite one.
pub fn two_hundred_at_once() {
    let mut config = followers(&[2001, 2002]);
    config["master"]["valid_for_ms"] = json!(60_000);
    let mut desk = Desk::new(config, BTreeMap::new());
    for login in [MASTER, 2001] {
        desk.open(account(login), gold("XAUUSD", TradeRules::default()));
    }
    let netting = TerminalSettings { margin_mode: MarginMode::Netting, ..account(2002) };
    desk.open(netting, gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    let tickets = desk.trade_at_once(std::iter::repeat_n(open(Side::Buy), 200), "0.02");
    desk.settle();
    assert_eq!((desk.lots(2001).len(), desk.lots(2002)), (200, vec!["buy XAUUSD 6.00".to_owned()]));
    desk.trade_at_once(tickets.into_iter().map(|ticket| OrderAction::Close { ticket }), "0.02");
    desk.settle();
    assert_eq!([desk.lots(2001).len(), desk.lots(2002).len()], [0, 0]);
    assert_eq!(desk.orders.len(), 800, "each opened and closed once");

    let [bought, sold] = desk.trade_at_once([open(Side::Buy), open(Side::Sell)], "0.10")[..] else {
        panic!()
    };
    desk.trade(OrderAction::Close { ticket: sold }, "0.06");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15", "sell XAUUSD 0.06"]);
    let master = desk.accounts.get_mut(&MASTER).unwrap();
    assert_eq!(master.close_by(desk.now, sold, bought).retcode, Retcode::DONE);
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.09"]);
    assert_eq!(desk.lots(2002), ["buy XAUUSD 0.09"]);
    assert!(desk.orders.iter().all(|(_, _, result)| result.retcode == Retcode::DONE), "{:#?}", desk.orders);
    desk.finish();
}

fn terms(at: &str, limit: Option<Price>, expiration: Expiration) -> PendingTerms {
    PendingTerms {
        price: at.parse().unwrap(),
        limit_price: limit,
        stop_loss: price("4400"),
        take_profit: None,
        expiration,
    }
}

/// All six kinds of pending order and every expiration, changed, cancelled, filled.
pub fn pending_orders() {
    let mut desk = usual();
    let until = ServerTime(desk.now.0 + 7 * 86_400_000);
    let until = ServerTime(until.0 - until.0 % 86_400_000);
    let below = |mut terms: PendingTerms| {
        terms.stop_loss = price("4700");
        terms
    };
    let orders = [
        (Side::Buy, PendingKind::Limit, terms("4550", None, Expiration::Gtc)),
        (Side::Buy, PendingKind::Stop, terms("4570", None, Expiration::Day)),
        (Side::Buy, PendingKind::StopLimit, terms("4575", price("4569"), Expiration::Specified(until))),
        (Side::Sell, PendingKind::Limit, below(terms("4580", None, Expiration::SpecifiedDay(until)))),
        (Side::Sell, PendingKind::Stop, below(terms("4540", None, Expiration::Gtc))),
        (Side::Sell, PendingKind::StopLimit, below(terms("4535", price("4541"), Expiration::Gtc))),
    ];
    let mut tickets = Vec::new();
    for (side, kind, terms) in orders {
        tickets.push(desk.trade(OrderAction::Place { side, kind, terms }, "0.10").ticket);
    }
    desk.settle();
    let of = |desk: &Desk, login: u64| {
        let mut orders: Vec<_> = desk.accounts[&login].orders().map(|o| (o.side, o.kind, o.terms)).collect();
        orders.sort_by_key(|(side, kind, _)| (*side, *kind));
        orders
    };
    assert_eq!(of(&desk, 2001), of(&desk, MASTER), "the same prices and expirations");
    assert!(desk.accounts[&2001].orders().all(|o| o.lots == "0.15".parse().unwrap()));
    let changed = terms("4551.50", None, Expiration::Gtc);
    desk.trade(OrderAction::ModifyPending { ticket: tickets[0], terms: changed }, "0");
    desk.trade(OrderAction::Cancel { ticket: tickets[4] }, "0");
    desk.settle();
    assert_eq!(of(&desk, 2001), of(&desk, MASTER), "after a change and a cancel");
    desk.kill(2001);
    desk.start(2001);
    desk.seen();
    desk.settle();
    assert_eq!(of(&desk, 2001), of(&desk, MASTER), "after a restart");
    desk.quote("4551.00", "4551.40");
    desk.seen();
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"]);
    desk.close(tickets[0], "0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0]);
    assert_eq!(of(&desk, 2001), of(&desk, MASTER), "at the end");
    desk.finish();
}

/// A broker that takes orders until they are cancelled and no others: they wait so, and end with the master's.
pub fn a_broker_without_expirations() {
    let rules = TradeRules { expiration_modes: 1, ..TradeRules::default() };
    let mut desk = pair(account(2001), rules, Particular::default());
    let until = ServerTime(desk.now.0 + 7 * 86_400_000);
    let mut tickets = Vec::new();
    for expiration in [Expiration::Day, Expiration::Specified(until), Expiration::Gtc] {
        let terms = terms("4550", None, expiration);
        let place = OrderAction::Place { side: Side::Buy, kind: PendingKind::Limit, terms };
        tickets.push(desk.trade(place, "0.10").ticket);
    }
    desk.settle();
    let waits = |desk: &Desk| desk.accounts[&2001].orders().map(|o| o.terms.expiration).collect::<Vec<_>>();
    assert_eq!(waits(&desk), [Expiration::Gtc; 3]);
    for ticket in tickets {
        desk.trade(OrderAction::Cancel { ticket }, "0");
    }
    desk.settle();
    assert_eq!(waits(&desk), []);
    assert!(desk.orders.iter().all(|(_, _, answer)| answer.retcode != Retcode::INVALID_EXPIRATION));
    desk.finish();
}

/// What a broker fills how, under market execution and stops that may only follow.
pub fn filling_modes() {
    use Execution::{Exchange, Instantly, Market};
    for (modes, execution) in
        [(1, Market), (2, Market), (3, Market), (0, Instantly), (2, Exchange), (0, Exchange)]
    {
        let rules = TradeRules { filling_modes: modes, execution, ..TradeRules::default() };
        let settings = TerminalSettings { stops_after_opening: true, ..account(2001) };
        let mut desk = pair(settings, rules, Particular::default());
        let open =
            OrderAction::Open { side: Side::Buy, stop_loss: price("4500"), take_profit: price("4600") };
        let ticket = desk.trade(open, "0.10").ticket;
        desk.settle();
        let copy = desk.accounts[&2001].positions().next().unwrap().position.clone();
        let place = format!("{modes} {execution:?}");
        assert_eq!((copy.stop_loss, copy.take_profit), (price("4500"), price("4600")), "{place}");
        desk.close(ticket, "0.10");
        desk.settle();
        assert_eq!(desk.lots(2001), [""; 0], "{place}");
        let refused: Vec<_> =
            desk.orders.iter().filter(|(_, _, r)| r.retcode == Retcode::INVALID_FILL).collect();
        assert!(refused.is_empty(), "{place}: {refused:#?}");
        desk.finish();
    }
}

/// A broker may lower a symbol's maximum while a position is open: it is closed in parts then.
pub fn a_maximum_that_falls() {
    let mut desk = usual();
    let ticket = desk.buy("0.30");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.45"]);
    let lower = Instrument { lots_max: "0.20".parse().unwrap(), ..gold("XAUUSD", TradeRules::default()) };
    desk.accounts.get_mut(&2001).unwrap().add_instrument(lower).unwrap();
    // Specifications are read anew every ten seconds; until then the server refuses.
    desk.close(ticket, "0.30");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0], "{:#?}", desk.orders);
    desk.finish();
}

/// A terminal has the specification and the quotes of those symbols alone that its Market Watch shows: the program has it show
/// what the master trades, and waits for its specification.
pub fn a_symbol_that_market_watch_does_not_show() {
    let hidden = Particular { hidden: ["XAUUSD".to_owned()].into(), ..Particular::default() };
    let mut desk = pair(account(2001), TradeRules::default(), hidden);
    desk.buy("0.30");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.45"]);
    desk.finish();
}

/// A netting slave holds the sum.
pub fn a_netting_slave() {
    let settings = TerminalSettings { margin_mode: MarginMode::Netting, ..account(2001) };
    let mut desk = pair(settings, TradeRules::default(), Particular::default());
    let first = desk.buy("0.10");
    let second = desk.buy("0.20");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.45"]);
    let third = desk.trade(open(Side::Sell), "0.40").ticket;
    desk.settle();
    assert_eq!(desk.lots(2001), ["sell XAUUSD 0.15"]);
    desk.kill(2001);
    desk.start(2001);
    desk.seen();
    // Its share is long, the position short: it is sold.
    desk.close(first, "0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), ["sell XAUUSD 0.30"]);
    desk.close(third, "0.40");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.30"]);
    desk.close(second, "0.20");
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0]);
    desk.finish();
}

/// The script finds nothing wrong on a slave's terminal, and says what is to be done on one that is none.
pub fn the_self_test() {
    let out = compile::made().join(format!("self-test-{}", std::process::id())).join("self-test.so");
    let program = std::path::Path::new(crate::SELF_TEST).with_extension("mq5");
    compile::build(&compile::mql5(), &program, &out).unwrap_or_else(|error| panic!("{error}"));
    for (login, trading, last, todo) in [
        (2001, true, "6 passed, 0 failed: LotBridge can be used on this terminal.", None),
        (2001, false, "5 passed, 1 failed.", Some("Switch on \"Algo Trading\"")),
        (3001, true, "5 passed, 1 failed.", Some("add the account to a pool")),
        (MASTER, true, "6 passed, 0 failed: LotBridge can be used on this terminal.", Some("is its master")),
        (
            MASTER,
            false,
            "6 passed, 0 failed: LotBridge can be used on this terminal.",
            Some("a master's need not"),
        ),
    ] {
        let particular =
            Particular { script: Some(out.clone()), no_trading: !trading, ..Particular::default() };
        let mut desk = Desk::new(followers(&[2001]), [(login, particular)].into());
        desk.open(account(login), gold("XAUUSD", TradeRules::default()));
        desk.quote("4562.10", "4562.44");
        desk.start(login);
        desk.hear(|message| matches!(message, FromTerminal::Alert { text } if text.starts_with("LotBridge self-test")));
        let said: Vec<&str> = desk.said.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(said.last(), Some(&format!("LotBridge self-test: {last}").as_str()), "{said:#?}");
        assert!(todo.is_none_or(|todo| said.iter().any(|line| line.contains(todo))), "{todo:?} in {said:#?}");
    }
}

/// A netting master's position is told whole, though its first deal is older than the days that are handed over.
pub fn a_netting_master_adds_after_days() {
    let mut desk = Desk::new(followers(&[2001]), BTreeMap::new());
    let netting = TerminalSettings { margin_mode: MarginMode::Netting, ..account(MASTER) };
    desk.open(netting, gold("XAUUSD", TradeRules::default()));
    desk.open(account(2001), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    desk.buy("0.10");
    desk.settle();
    assert_eq!(desk.lots(2001), ["buy XAUUSD 0.15"]);
    for login in [MASTER, 2001] {
        desk.kill(login);
    }
    desk.now = ServerTime(desk.now.0 + 5 * 86_400_000);
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    desk.buy("0.20");
    desk.settle();
    let sum: Vec<_> = desk.accounts[&2001].positions().map(|open| open.position.lots.to_string()).collect();
    let whole =
        desk.accounts[&2001].positions().fold(Lots::ZERO, |sum, open| sum.saturating_add(open.position.lots));
    assert_eq!(whole, "0.45".parse().unwrap(), "{sum:?}; {:#?}", desk.orders);
    desk.kill(MASTER);
    desk.trade(open(Side::Sell), "0.30");
    desk.start(MASTER);
    desk.seen();
    desk.settle();
    assert_eq!(desk.lots(2001), [""; 0], "{:#?}", desk.orders);
    desk.finish();
}
