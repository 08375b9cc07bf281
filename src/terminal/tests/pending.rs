//! Pending orders: placed, changed, reached, expired.

use super::*;
use crate::domain::{Comment, OrderEnd, PastOrder};

#[test]
fn all_six_kinds_wait_on_their_side_of_the_market() {
    // Stops level: 50 points, 0.50. Buys wait for the ask, sells for the bid.
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | buy-limit XAUUSD 0.10 1990                          | no quotes
                   | quote XAUUSD 2000.00 2000.30                        |
                   | buy-limit XAUUSD 0.10 1999.81                       | invalid price
                   | buy-limit XAUUSD 0.10 2010                          | invalid price
                   | buy-limit XAUUSD 0.10 1999.80                       | done 1
                   | sell-limit XAUUSD 0.10 2000.49                      | invalid price
                   | sell-limit XAUUSD 0.10 1990                         | invalid price
                   | sell-limit XAUUSD 0.10 2000.50                      | done 2
                   | buy-stop XAUUSD 0.10 2000.79                        | invalid price
                   | buy-stop XAUUSD 0.10 1990                           | invalid price
                   | buy-stop XAUUSD 0.10 2000.80                        | done 3
                   | sell-stop XAUUSD 0.10 1999.51                       | invalid price
                   | sell-stop XAUUSD 0.10 2010                          | invalid price
                   | sell-stop XAUUSD 0.10 1999.50                       | done 4
                   | buy-stop-limit XAUUSD 0.10 2010                     | invalid price
                   | buy-stop-limit XAUUSD 0.10 2010 limit=2009.51       | invalid price
                   | buy-stop-limit XAUUSD 0.10 2010 limit=2011          | invalid price
                   | buy-stop-limit XAUUSD 0.10 2010 limit=2009.505      | invalid price
                   | buy-stop-limit XAUUSD 0.10 2010 limit=2009.50       | done 5
                   | sell-stop-limit XAUUSD 0.10 1990 limit=1990.49      | invalid price
                   | sell-stop-limit XAUUSD 0.10 1990 limit=1990.50      | done 6
                   | buy-stop XAUUSD 0.10 2010 limit=2009                | invalid price
                   | buy-limit XAUUSD 0.10 1990.005                      | invalid price
                   | buy-limit XAUUSD 0.10 0                             | invalid price
                   | buy-limit XAUUSD 0.10 -5                            | invalid price
                   | quote USDJPY 150.000 150.010                        |
                   | buy-limit USDJPY 0.1 150.010                        | invalid price
                   | sell-stop USDJPY 0.1 150.000                        | invalid price
                   | orders                                              | 1 buy limit 0.10 @ 1999.8 sl - tp -; 2 sell limit 0.10 @ 2000.5 sl - tp -; 3 buy stop 0.10 @ 2000.8 sl - tp -; 4 sell stop 0.10 @ 1999.5 sl - tp -; 5 buy stop limit 2009.5 0.10 @ 2010 sl - tp -; 6 sell stop limit 1990.5 0.10 @ 1990 sl - tp -
                   | account                                             | balance 10000.00 equity 10000.00 margin 0.00 free 10000.00",
    );
}

#[test]
fn each_kind_is_filled_at_the_quote_that_reached_it() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30                        |
                   | buy-limit XAUUSD 0.01 1990 magic=11                 | done 1
                   | sell-limit XAUUSD 0.02 2010 magic=12                | done 2
                   | buy-stop XAUUSD 0.03 2012 magic=13                  | done 3
                   | sell-stop XAUUSD 0.04 1988 magic=14                 | done 4
         mon 10:01 | quote XAUUSD 1989.71 1990.01                        |
         mon 10:02 | quote XAUUSD 1989.70 1990.00                        | in 1 buy 0.01 @ 1990 profit 0.00
         mon 10:03 | quote XAUUSD 1988.01 1988.31                        |
         mon 10:04 | quote XAUUSD 1987.00 1987.30                        | in 4 sell 0.04 @ 1987 profit 0.00
         mon 10:05 | quote XAUUSD 2009.99 2010.29                        |
         mon 10:06 | quote XAUUSD 2013.00 2013.30                        | in 2 sell 0.02 @ 2013 profit 0.00; in 3 buy 0.03 @ 2013.3 profit 0.00
                   | orders                                              |
                   | past                                                | 1 Filled 1; 4 Filled 4; 2 Filled 2; 3 Filled 3
                   | buy XAUUSD 0.01                                     | done 5 0.01 @ 2013.3",
    );
    assert_eq!(t.deals().iter().map(|d| d.magic.0).collect::<Vec<_>>(), [11, 14, 12, 13, 0]);
    for open in t.positions() {
        assert_eq!(open.position.id.0, open.position.ticket, "the identifier is the order's ticket");
    }
}

#[test]
fn a_stop_limit_order_becomes_a_limit_order_under_its_ticket() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30                        |
                   | buy-stop-limit XAUUSD 0.01 2010 limit=2005 sl=2000  | done 1
                   | sell-stop-limit XAUUSD 0.02 1990 limit=1995         | done 2
         mon 10:01 | quote XAUUSD 2001.00 2005.00                        |
                   | orders                                              | 1 buy stop limit 2005 0.01 @ 2010 sl 2000 tp -; 2 sell stop limit 1995 0.02 @ 1990 sl - tp -
         mon 10:02 | quote XAUUSD 2010.00 2010.30                        |
                   | orders                                              | 1 buy limit 0.01 @ 2005 sl 2000 tp -; 2 sell stop limit 1995 0.02 @ 1990 sl - tp -
         mon 10:03 | quote XAUUSD 2004.00 2004.30                        | in 1 buy 0.01 @ 2004.3 profit 0.00
                   | stops 1                                             | sl 2000 tp -
         mon 10:04 | quote XAUUSD 1990.00 1990.30                        | out 1 sell 0.01 @ 1990 profit -14.30
                   | orders                                              | 2 sell limit 0.02 @ 1995 sl - tp -
         mon 10:05 | quote XAUUSD 1996.00 1996.30                        | in 2 sell 0.02 @ 1996 profit 0.00
                   | past                                                | 1 Filled 1; 2 Filled 2",
    );
}

#[test]
fn stops_count_from_the_orders_own_price_and_go_to_its_position() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30                              |
                   | buy-limit XAUUSD 0.01 1990 sl=1989.51                     | invalid stops
                   | buy-limit XAUUSD 0.01 1990 sl=1995                        | invalid stops
                   | buy-limit XAUUSD 0.01 1990 tp=1990.49                     | invalid stops
                   | sell-stop XAUUSD 0.01 1990 sl=1989                        | invalid stops
                   | sell-stop XAUUSD 0.01 1990 tp=1991                        | invalid stops
                   | buy-stop-limit XAUUSD 0.01 2010 limit=2005 sl=2004.51     | invalid stops
                   | buy-stop-limit XAUUSD 0.01 2010 limit=2005 sl=2004.50     | done 1
                   | buy-limit XAUUSD 0.01 1990 sl=1989.50 tp=1990.50          | done 2
         mon 10:01 | quote XAUUSD 1989.70 1990.00                              | in 2 buy 0.01 @ 1990 profit 0.00
                   | stops 2                                                   | sl 1989.5 tp 1990.5
         mon 10:02 | quote XAUUSD 1990.50 1990.80                              | out 2 sell 0.01 @ 1990.5 profit 0.50",
    );
}

#[test]
fn volumes_symbols_and_the_number_of_orders_are_limited() {
    let mut t = terminal_with(TerminalSettings { pending_orders_max: 2, ..settings() });
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30    |
                   | buy-limit EURUSD 0.01 1         | invalid request
                   | buy-limit XAUUSD 0 1990         | invalid volume
                   | buy-limit XAUUSD 0.015 1990     | invalid volume
                   | buy-limit XAUUSD 20.01 1990     | invalid volume
                   | buy-limit XAUUSD 20 1990        | done 1
                   | buy-limit XAUUSD 0.01 1990      | done 2
                   | buy-limit XAUUSD 0.01 1990      | limit of pending orders reached
                   | cancel XAUUSD 1                 | done 1
                   | sell-stop XAUUSD 0.01 1990      | done 3",
    );
}

#[test]
fn orders_are_changed_and_only_what_changed_is_checked() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30              |
                   | buy-limit XAUUSD 0.01 1990 sl=1980        | done 1
                   | amend XAUUSD 1 1990 sl=1980               | no changes
                   | amend XAUUSD 7 1990 sl=1980               | invalid request
                   | amend USDJPY 1 1990                       | invalid request
                   | amend EURUSD 1 1990                       | invalid request
                   | amend XAUUSD 1 2001 sl=1980               | invalid price
                   | amend XAUUSD 1 1980.40 sl=1980            | invalid stops
                   | amend XAUUSD 1 1990 sl=1989.51            | invalid stops
                   | amend XAUUSD 1 1995 sl=1980 tp=2050       | done 1
                   | orders                                    | 1 buy limit 0.01 @ 1995 sl 1980 tp 2050
         mon 10:01 | quote XAUUSD 1994.80 1995.10              |
                   | amend XAUUSD 1 1995 sl=1981 tp=2050       | done 1
                   | amend XAUUSD 1 1994.99 sl=1981 tp=2050    | invalid price
                   | cancel USDJPY 1                           | invalid request
                   | cancel XAUUSD 1                           | done 1
                   | cancel XAUUSD 1                           | invalid request
                   | amend XAUUSD 1 1990                       | invalid request
                   | past                                      | 1 Cancelled 0",
    );
}

#[test]
fn orders_expire_by_the_servers_time() {
    let mut t = terminal();
    play(
        &mut t,
        "wed 10:00 | quote XAUUSD 2000.00 2000.30                           |
                   | buy-limit XAUUSD 0.01 1990 until=wed_10:00             | invalid expiration
                   | buy-limit XAUUSD 0.01 1990 until=tue_12:00             | invalid expiration
                   | buy-limit XAUUSD 0.01 1990 until=day:tue_12:00         | invalid expiration
                   | buy-limit XAUUSD 0.01 1990 until=today                 | done 1
                   | buy-limit XAUUSD 0.01 1990 until=day:thu_08:00         | done 2
                   | buy-limit XAUUSD 0.01 1990 until=wed_12:00             | done 3
                   | buy-limit XAUUSD 0.01 1990 until=wed_12:00             | done 4
                   | buy-limit XAUUSD 0.01 1990                             | done 5
                   | amend XAUUSD 4 1990 until=wed_09:00                    | invalid expiration
                   | amend XAUUSD 4 1990 until=thu_12:00                    | done 4
         wed 11:59 | quote XAUUSD 1999.00 1999.30                           |
                   | past                                                   |
         wed 12:00 | quote XAUUSD 1989.70 1990.00                           | in 1 buy 0.01 @ 1990 profit 0.00; in 2 buy 0.01 @ 1990 profit 0.00; in 4 buy 0.01 @ 1990 profit 0.00; in 5 buy 0.01 @ 1990 profit 0.00
                   | past                                                   | 3 Expired 0; 1 Filled 1; 2 Filled 2; 4 Filled 4; 5 Filled 5
                   | buy-limit XAUUSD 0.01 1980 until=today                 | done 6
                   | buy-limit XAUUSD 0.01 1980 until=day:thu_08:00         | done 7
                   | buy-limit XAUUSD 0.01 1980 until=wed_13:00             | done 8
                   | cancel XAUUSD 8                                        | done 8
         wed 23:59 | pass                                                   |
                   | orders                                                 | 6 buy limit 0.01 @ 1980 sl - tp -; 7 buy limit 0.01 @ 1980 sl - tp -
         fri 12:00 | quote XAUUSD 1970.00 1970.30                           |
                   | orders                                                 |",
    );
    let past: Vec<PastOrder> = t.past_orders(moment("thu 00:00")).copied().collect();
    let expired = |ticket, when| PastOrder {
        ticket,
        position: PositionId(0),
        magic: Magic(0),
        end: OrderEnd::Expired,
        time: moment(when),
    };
    assert_eq!(past, [expired(6, "thu 00:00"), expired(7, "fri 00:00")], "each at its own moment");
}

#[test]
fn an_order_that_has_no_margin_at_its_price_is_deleted() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00    |
                   | buy-stop XAUUSD 4 2010          | done 1
                   | buy-stop XAUUSD 4 2010 magic=9  | done 2
         mon 10:01 | quote XAUUSD 2010.00 2010.00    | in 1 buy 4.00 @ 2010 profit 0.00
                   | orders                          |
                   | past                            | 1 Filled 1; 2 Rejected 0
         mon 10:02 | quote XAUUSD 2020.00 2020.00    |",
    );
    assert_eq!(t.past_orders(ServerTime(0)).last().unwrap().magic, Magic(9));
}

#[test]
fn stops_that_a_quote_reaches_are_closed_before_its_orders_are_filled() {
    // 10,000 holds 5 lots at 2,000: the stop frees what the order takes.
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00          |
                   | buy XAUUSD 4.9 tp=2010                | done 1 4.90 @ 2000
                   | sell-limit XAUUSD 4 2010 sl=2011      | done 2
         mon 10:01 | quote XAUUSD 2012.00 2012.00          | out 1 sell 4.90 @ 2012 profit 5880.00; in 2 sell 4.00 @ 2012 profit 0.00
         mon 10:02 | quote XAUUSD 2012.00 2012.00          | out 2 buy 4.00 @ 2012 profit 0.00",
    );
}

#[test]
fn a_quote_reaches_the_orders_of_its_own_symbol() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30    |
                   | quote USDJPY 150.000 150.010    |
                   | sell-stop XAUUSD 0.01 1000      | done 1
                   | buy-limit USDJPY 0.1 149.000    | done 2
         mon 10:01 | quote USDJPY 148.990 149.000    | in 2 buy 0.10 @ 149 profit 0.00
                   | orders                          | 1 sell stop 0.01 @ 1000 sl - tp -",
    );
}

#[test]
fn snapshots_hand_over_what_waits_and_what_is_over() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30                     |
                   | buy-limit XAUUSD 0.01 1990 magic=5 sl=1980       | done 1
                   | buy-limit XAUUSD 0.01 1991                       | done 2
                   | buy-limit XAUUSD 0.01 1992                       | done 3
                   | cancel XAUUSD 3                                  | done 3
         tue 10:00 | cancel XAUUSD 2                                  | done 2",
    );
    let snapshot = t.snapshot(moment("tue 10:00"));
    assert_eq!(snapshot.past_orders.iter().map(|o| o.ticket).collect::<Vec<_>>(), [2]);
    let terms = PendingTerms {
        price: of("1990"),
        limit_price: None,
        stop_loss: Some(of("1980")),
        take_profit: None,
        expiration: Expiration::Gtc,
    };
    let order = PendingOrder {
        ticket: 1,
        symbol: gold().symbol,
        side: Side::Buy,
        kind: PendingKind::Limit,
        lots: of("0.01"),
        terms,
        placed: moment("mon 10:00"),
        magic: Magic(5),
        comment: Comment::new(),
    };
    assert_eq!(snapshot.orders, [order]);
}

#[test]
fn a_ticket_is_of_one_order_or_position_only() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 09:00 | quote XAUUSD 2000.00 2000.30    |
                   | buy-limit XAUUSD 0.01 1990      | done 1",
    );
    let recorded = |t: &mut Terminal, id| t.open_recorded(&opening_of_gold(id, moment("mon 09:00")));
    assert_eq!(recorded(&mut t, 1), Err(TerminalError::IdentifierTaken(PositionId(1))));
    recorded(&mut t, 2).unwrap();
    play(
        &mut t,
        "mon 09:00 | sell-stop XAUUSD 0.01 1980      | done 3
                   | buy XAUUSD 0.01                 | done 4 0.01 @ 2000.3
         mon 10:01 | quote XAUUSD 1989.00 1989.30    | in 1 buy 0.01 @ 1989.3 profit 0.00",
    );
}
