//! Deals that a history dictates.

use super::*;
use crate::domain::{Comment, Expiration, OrderEnd, PendingKind, PendingOrder, PendingTerms, text};

fn opening(id: u64, side: Side, lots: &str, price: &str) -> RecordedOpen {
    RecordedOpen { side, lots: of(lots), price: of(price), ..opening_of_gold(id, moment("mon 10:00")) }
}

fn closing(id: u64, lots: &str, price: &str) -> RecordedClose {
    RecordedClose {
        id: PositionId(id),
        time: moment("mon 11:00"),
        lots: of(lots),
        price: of(price),
        commission: Money::ZERO,
        swap: Money::ZERO,
    }
}

#[test]
fn a_history_dictates_prices_and_charges_and_the_terminal_computes_the_profit() {
    let mut t = terminal();
    // 30 lots need more margin than there is, and more than the symbol's maximum: the history has them.
    let open = RecordedOpen { commission: of("-105.00"), ..opening(881, Side::Sell, "30", "2000.00") };
    let deal = t.open_recorded(&open).unwrap();
    assert_eq!((deal.entry, deal.position, deal.magic), (DealEntry::In, PositionId(881), Magic(3)));
    play(&mut t, "mon 10:00 | account | balance 9895.00 equity 9895.00 margin 60000.00 free -50105.00");
    let part = RecordedClose { commission: of("-35.001"), swap: of("-4.5"), ..closing(881, "10", "1999.37") };
    let deal = t.close_recorded(&part).unwrap();
    assert_eq!(deal_text(&deal), "out 881 buy 10.00 @ 1999.37 profit 630.00 commission -35.001 swap -4.50");
    assert_eq!(deal.magic, Magic(3));
    t.close_recorded(&closing(881, "20", "2000.01")).unwrap();
    assert_eq!(t.account().balance, of("10465.499"));
    assert_eq!(t.positions().count(), 0);
}

#[test]
fn a_recorded_position_lives_by_its_history() {
    let mut t = terminal_with(TerminalSettings { stop_out_percent: Some(100), ..settings() });
    t.set_charges("XAUUSD", charges("7", "-9", "-9")).unwrap();
    let stops = RecordedOpen {
        stop_loss: Some(of("1990")),
        take_profit: Some(of("2010")),
        ..opening(5, Side::Buy, "10", "2000")
    };
    t.open_recorded(&stops).unwrap();
    play(
        &mut t,
        "tue 10:00 | quote XAUUSD 1985.00 1985.00   |
                   | account                        | balance 10000.00 equity -5000.00 margin 20000.00 free -25000.00
                   | position 5                     | buy lots 10.00 profit -15000.00 swap 0.00
         tue 11:00 | quote XAUUSD 2020.00 2020.00   |
                   | modify XAUUSD 5 sl=2000        | done 5
                   | close XAUUSD 5 4               | done 5 4.00 @ 2020
                   | account                        | balance 17972.00 equity 29972.00 margin 12000.00 free 17972.00",
    );
    let late = RecordedClose { time: moment("tue 12:00"), ..closing(5, "6", "2020") };
    t.close_recorded(&late).unwrap();
    assert_eq!(t.account().equity, of("29972"));
}

#[test]
fn the_accounts_own_tickets_step_over_recorded_ones() {
    let mut t = terminal();
    for id in [2, 3, 1] {
        t.open_recorded(&opening(id, Side::Buy, "0.01", "2000")).unwrap();
    }
    t.close_recorded(&closing(3, "0.01", "2000")).unwrap();
    play(
        &mut t,
        "mon 12:00 | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 0.01              | done 4 0.01 @ 2000
                   | buy XAUUSD 0.01              | done 5 0.01 @ 2000",
    );
    let taken = |t: &mut Terminal, id| {
        t.open_recorded(&RecordedOpen { time: moment("mon 12:00"), ..opening(id, Side::Buy, "0.01", "2000") })
    };
    for id in [0, 1, 3, 5] {
        assert_eq!(taken(&mut t, id), Err(TerminalError::IdentifierTaken(PositionId(id))), "{id}");
    }
    taken(&mut t, u64::MAX).unwrap();
    play(&mut t, "mon 12:00 | buy XAUUSD 0.01 | done 6 0.01 @ 2000");
}

#[test]
fn a_history_that_cannot_be_is_refused_and_changes_nothing() {
    let mut t = terminal();
    t.open_recorded(&opening(7, Side::Buy, "0.10", "2000")).unwrap();
    let (before, deals) = (t.account(), t.deals().to_vec());
    let euro = RecordedOpen { symbol: text::<32>("EURUSD").unwrap(), ..opening(8, Side::Buy, "1", "1") };
    let early = RecordedOpen { time: moment("mon 09:00"), ..opening(8, Side::Buy, "1", "1") };
    for (open, expected) in [
        (euro, "the terminal has no symbol \"EURUSD\"; add its specification first"),
        (
            early,
            "an event at 1704099600000 ms comes after one at 1704103200000 ms; events come in the order of server time",
        ),
        (
            opening(8, Side::Buy, "0", "2000"),
            "position 8: a deal of 0.00 lots; allowed: above zero, at most 92233720368.54775807",
        ),
        (opening(8, Side::Buy, "1", "0"), "position 8: a deal at 0; a price is above zero"),
    ] {
        assert_eq!(t.open_recorded(&open).unwrap_err().to_string(), expected);
    }
    let early = RecordedClose { time: moment("mon 09:00"), ..closing(7, "0.10", "2000") };
    for (close, expected) in [
        (closing(8, "0.10", "2000"), "position 8 is not open"),
        (closing(7, "0.11", "2000"), "position 7: a deal of 0.11 lots; allowed: above zero, at most 0.10"),
        (closing(7, "0", "2000"), "position 7: a deal of 0.00 lots; allowed: above zero, at most 0.10"),
        (closing(7, "0.10", "-1"), "position 7: a deal at -1; a price is above zero"),
        (
            early,
            "an event at 1704099600000 ms comes after one at 1704103200000 ms; events come in the order of server time",
        ),
    ] {
        assert_eq!(t.close_recorded(&close).unwrap_err().to_string(), expected);
    }
    assert_eq!((t.account(), t.deals().to_vec()), (before, deals));
}

#[test]
fn what_money_cannot_hold_is_not_booked() {
    let mut t = terminal();
    t.open_recorded(&opening(1, Side::Buy, "90000000000", "1")).unwrap();
    let beyond = t.close_recorded(&closing(1, "90000000000", "90000000000"));
    assert_eq!(beyond, Err(TerminalError::OutOfRange { what: "a profit" }));
    assert_eq!((t.positions().count(), t.deals().len()), (1, 1));
    t.quote(moment("mon 12:00"), "XAUUSD", of("90000000000"), of("90000000000")).unwrap();
    assert_eq!(t.account().equity, Money::MAX, "shown at the range's end");
    let request = OrderRequest {
        lots: Lots::from_units(Lots::ONE),
        symbol: Symbol::from("XAUUSD").unwrap(),
        ..request(&["close", "XAUUSD", "1", "1"])
    };
    let result = t.order_send(moment("mon 12:00"), &request).result;
    assert_eq!(result.retcode, Retcode::DONE, "one lot of it fits");
    t.add_instrument(Instrument { lots_max: of("90000000000"), ..gold() }).unwrap();
    let all = OrderRequest { lots: t.positions().next().unwrap().position.lots, ..request };
    let result = t.order_send(moment("mon 12:00"), &all).result;
    assert_eq!(result.retcode, Retcode::REJECT);
}

#[test]
fn a_recorded_order_lives_by_its_history() {
    let mut t = terminal();
    play(&mut t, "mon 09:00 | quote XAUUSD 2000.00 2000.00 |");
    let order = |ticket: u64, side: Side| PendingOrder {
        ticket,
        symbol: text("XAUUSD").unwrap(),
        side,
        kind: PendingKind::Stop,
        lots: of("0.10"),
        terms: PendingTerms {
            price: of("2000.00"),
            limit_price: None,
            stop_loss: None,
            take_profit: None,
            expiration: Expiration::Gtc,
        },
        placed: moment("mon 09:30"),
        magic: Magic(0),
        comment: Comment::new(),
    };
    // On the wrong side of the market, and reached by the next quote: its history says when it is filled.
    t.place_recorded(order(881, Side::Buy)).unwrap();
    t.place_recorded(order(882, Side::Sell)).unwrap();
    let taken = Err(TerminalError::IdentifierTaken(PositionId(881)));
    assert_eq!(t.place_recorded(order(881, Side::Buy)), taken);
    play(&mut t, "mon 09:40 | quote XAUUSD 2000.00 2000.00 |");
    assert_eq!((t.orders().count(), t.positions().count()), (2, 0));
    // Another side is another order's position.
    let sold = opening(881, Side::Sell, "0.10", "2000.20");
    assert_eq!(t.open_recorded(&sold).map(drop), Err(TerminalError::IdentifierTaken(PositionId(881))));
    let deal = t.open_recorded(&opening(881, Side::Buy, "0.10", "2000.20")).unwrap();
    assert_eq!(deal.position, PositionId(881));
    t.end_recorded(882, OrderEnd::Expired, moment("mon 10:30")).unwrap();
    let again = t.end_recorded(882, OrderEnd::Expired, moment("mon 10:30"));
    assert_eq!(again, Err(TerminalError::NoSuchOrder(882)));
    let ends: Vec<_> =
        t.past_orders(ServerTime(0)).map(|past| (past.ticket, past.position.0, past.end)).collect();
    assert_eq!(ends, [(881, 881, OrderEnd::Filled), (882, 0, OrderEnd::Expired)]);
}
