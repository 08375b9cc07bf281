//! Trade requests: opens, partial closes, stops, and every refusal.

use super::*;

#[test]
fn a_long_position_is_opened_closed_in_parts_and_paid_to_the_cent() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30    |
                   | buy XAUUSD 0.15                 | done 1 0.15 @ 2000.3
                   | position 1                      | buy lots 0.15 profit -4.50 swap 0.00
                   | account                         | balance 10000.00 equity 9995.50 margin 300.04 free 9695.46
         mon 10:05 | quote XAUUSD 2003.47 2003.77    |
                   | position 1                      | buy lots 0.15 profit 47.55 swap 0.00
                   | close XAUUSD 1 0.05             | done 1 0.05 @ 2003.47
                   | account                         | balance 10015.85 equity 10047.55 margin 200.03 free 9847.52
         mon 10:10 | quote XAUUSD 1998.01 1998.31    |
                   | close XAUUSD 1 0.10             | done 1 0.10 @ 1998.01
                   | position 1                      | none
                   | account                         | balance 9992.95 equity 9992.95 margin 0.00 free 9992.95",
    );
    assert_eq!(
        deals_text(&t),
        [
            "in 1 buy 0.15 @ 2000.3 profit 0.00",
            "out 1 sell 0.05 @ 2003.47 profit 15.85",
            "out 1 sell 0.10 @ 1998.01 profit -22.90",
        ]
    );
}

#[test]
fn a_short_position_is_opened_at_the_bid_and_closed_at_the_ask() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote USDJPY 150.000 150.010    |
                   | sell USDJPY 0.3                 | done 1 0.30 @ 150
                   | position 1                      | sell lots 0.30 profit -2.00 swap 0.00
         mon 10:05 | quote USDJPY 149.876 149.886    |
                   | close USDJPY 1 0.3              | done 1 0.30 @ 149.886
                   | account                         | balance 10022.80 equity 10022.80 margin 0.00 free 10022.80",
    );
}

#[test]
fn both_sides_of_a_symbol_are_held_and_take_margin_each() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00    |
                   | buy XAUUSD 0.10                 | done 1 0.10 @ 2000
                   | sell XAUUSD 0.10                | done 2 0.10 @ 2000
                   | account                         | balance 10000.00 equity 10000.00 margin 400.00 free 9600.00
         mon 10:05 | quote XAUUSD 2100.00 2100.00    |
                   | account                         | balance 10000.00 equity 10000.00 margin 400.00 free 9600.00
                   | close XAUUSD 1 0.10             | done 1 0.10 @ 2100
                   | account                         | balance 11000.00 equity 10000.00 margin 200.00 free 9800.00",
    );
}

#[test]
fn volumes_are_between_minimum_and_maximum_and_multiples_of_the_step() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 20.00 20.01   |
                   | quote USDJPY 150 150.01    |
                   | buy XAUUSD 0               | invalid volume
                   | buy XAUUSD -0.01           | invalid volume
                   | buy XAUUSD 0.009           | invalid volume
                   | buy XAUUSD 0.015           | invalid volume
                   | buy XAUUSD 20.01           | invalid volume
                   | sell USDJPY 0.05           | invalid volume
                   | sell USDJPY 0.15           | invalid volume
                   | buy XAUUSD 0.01            | done 1 0.01 @ 20.01
                   | buy XAUUSD 20              | done 2 20.00 @ 20.01
                   | sell USDJPY 0.1            | done 3 0.10 @ 150
                   | close XAUUSD 2 0           | invalid volume
                   | close XAUUSD 2 0.005       | invalid volume
                   | close XAUUSD 2 20.01       | close volume exceeds the position
                   | close XAUUSD 2 20          | done 2 20.00 @ 20",
    );
    // A stricter specification does not lock a position in: the whole of it can always be closed.
    t.add_instrument(Instrument { lots_min: of("0.1"), lot_step: of("0.1"), ..gold() }).unwrap();
    play(&mut t, "mon 10:01 | close XAUUSD 1 0.01 | done 1 0.01 @ 20");
    // But no order is larger than its maximum.
    t.add_instrument(gold()).unwrap();
    play(&mut t, "mon 10:02 | buy XAUUSD 0.25 | done 4 0.25 @ 20.01");
    t.add_instrument(Instrument { lots_max: of("0.1"), ..gold() }).unwrap();
    play(
        &mut t,
        "mon 10:03 | close XAUUSD 4 0.25 | invalid volume
                   | close XAUUSD 4 0.10 | done 4 0.10 @ 20
                   | close XAUUSD 4 0.10 | done 4 0.10 @ 20
                   | close XAUUSD 4 0.05 | done 4 0.05 @ 20",
    );
}

#[test]
fn what_cannot_be_named_is_refused() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | buy EURUSD 0.10             | invalid request
                   | buy XAUUSD 0.10             | no quotes
                   | quote XAUUSD 2000.00 2000.30 |
                   | buy XAUUSD 0.10             | done 1 0.10 @ 2000.3
                   | close USDJPY 1 0.10         | invalid request
                   | close EURUSD 1 0.10         | invalid request
                   | modify USDJPY 1 sl=1990     | invalid request
                   | close XAUUSD 7 0.10         | position already closed
                   | modify XAUUSD 7 sl=1990     | position already closed
                   | buy XAUUSD 0.10 price=-1    | invalid price
                   | close XAUUSD 1 0.10         | done 1 0.10 @ 2000
                   | close XAUUSD 1 0.10         | position already closed
                   | modify XAUUSD 1 sl=1990     | position already closed",
    );
    assert_eq!(t.deals().len(), 2, "a refusal leaves no deal");
}

#[test]
fn stops_stand_on_their_side_and_off_the_price() {
    // Stops level: 50 points, 0.50. A long position is closed at the bid, a short one at the ask.
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30        |
                   | buy XAUUSD 0.01 sl=1999.51          | invalid stops
                   | buy XAUUSD 0.01 sl=2001             | invalid stops
                   | buy XAUUSD 0.01 tp=2000.49          | invalid stops
                   | buy XAUUSD 0.01 tp=1999             | invalid stops
                   | buy XAUUSD 0.01 sl=1990.005         | invalid stops
                   | buy XAUUSD 0.01 sl=0                | invalid stops
                   | buy XAUUSD 0.01 sl=-5               | invalid stops
                   | buy XAUUSD 0.01 sl=1999.50 tp=2000.50 | done 1 0.01 @ 2000.3
                   | sell XAUUSD 0.01 sl=2000.79         | invalid stops
                   | sell XAUUSD 0.01 sl=1990            | invalid stops
                   | sell XAUUSD 0.01 tp=1999.81         | invalid stops
                   | sell XAUUSD 0.01 tp=2001            | invalid stops
                   | sell XAUUSD 0.01 sl=2000.80 tp=1999.80 | done 2 0.01 @ 2000",
    );
    // Without a stops level a stop at the price itself is still on the wrong side: it would trigger at once.
    play(
        &mut t,
        "mon 10:01 | quote USDJPY 150.000 150.010  |
                   | buy USDJPY 0.1 sl=150.000     | invalid stops
                   | buy USDJPY 0.1 tp=150.000     | invalid stops
                   | buy USDJPY 0.1 sl=149.999 tp=150.001 | done 3 0.10 @ 150.01",
    );
}

#[test]
fn stops_are_modified_and_only_the_changed_one_is_checked() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30           |
                   | buy XAUUSD 0.01 sl=1999.00             | done 1 0.01 @ 2000.3
                   | modify XAUUSD 1 sl=1999.00             | no changes
                   | modify XAUUSD 1 sl=1999.80             | invalid stops
                   | modify XAUUSD 1 sl=1999.00 tp=2010     | done 1
         mon 10:01 | quote XAUUSD 1999.20 1999.50           |
                   | modify XAUUSD 1 sl=1999.00 tp=2020     | done 1
                   | modify XAUUSD 1 sl=1999.01 tp=2020     | invalid stops
                   | modify XAUUSD 1                        | done 1
                   | modify XAUUSD 1                        | no changes
         mon 10:02 | quote XAUUSD 1900.00 1900.30           |",
    );
    let open = t.positions().next().unwrap();
    assert_eq!((open.position.stop_loss, open.position.take_profit), (None, None));
    assert_eq!(t.deals().len(), 1, "a modification is no deal");
}

#[test]
fn a_price_further_than_the_deviation_is_a_requote_in_either_direction() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30             |
                   | buy XAUUSD 0.01 price=2000.20 dev=9      | requote
                   | buy XAUUSD 0.01 price=2000.40 dev=9      | requote
                   | buy XAUUSD 0.01 price=2000.20 dev=10     | done 1 0.01 @ 2000.3
                   | buy XAUUSD 0.01 price=2000.40 dev=10     | done 2 0.01 @ 2000.3
                   | buy XAUUSD 0.01 price=2000.30 dev=0      | done 3 0.01 @ 2000.3
                   | buy XAUUSD 0.01 dev=0                    | done 4 0.01 @ 2000.3
                   | sell XAUUSD 0.01 price=2000.01 dev=0     | requote
                   | close XAUUSD 1 0.01 price=2000.06 dev=5  | requote
                   | close XAUUSD 1 0.01 price=2000.05 dev=5  | done 1 0.01 @ 2000",
    );
}

#[test]
fn an_open_needs_its_margin_free() {
    // 10,000 at 1:100 carries 5 lots of gold at 2,000 (200,000 a lot), and not a step more.
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 5.01              | not enough money
                   | buy XAUUSD 4                 | done 1 4.00 @ 2000
                   | sell XAUUSD 1.01             | not enough money
                   | sell XAUUSD 1                | done 2 1.00 @ 2000
                   | buy XAUUSD 0.01              | not enough money
                   | account                      | balance 10000.00 equity 10000.00 margin 10000.00 free 0.00
         mon 10:01 | quote XAUUSD 1999.00 1999.00 |
                   | account                      | balance 10000.00 equity 9700.00 margin 10000.00 free -300.00
                   | close XAUUSD 1 1             | done 1 1.00 @ 1999
                   | buy XAUUSD 0.85              | done 3 0.85 @ 1999
                   | account                      | balance 9900.00 equity 9700.00 margin 9699.15 free 0.85",
    );
}

#[test]
fn closing_deals_carry_the_magic_of_who_closed_and_the_positions_own_at_a_stop() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30             |
                   | buy XAUUSD 0.02 sl=1990 magic=77         | done 1 0.02 @ 2000.3
                   | close XAUUSD 1 0.01 magic=5              | done 1 0.01 @ 2000
                   | modify XAUUSD 1 sl=1991 magic=6          | done 1
         mon 10:01 | quote XAUUSD 1991.00 1991.30             | out 1 sell 0.01 @ 1991 profit -9.30",
    );
    assert_eq!(t.deals().iter().map(|d| d.magic.0).collect::<Vec<_>>(), [77, 5, 77]);
}

#[test]
fn an_earlier_time_of_an_order_is_the_servers_present_one() {
    let mut t = terminal();
    play(
        &mut t,
        "tue 10:00 | quote XAUUSD 2000.00 2000.30 |
         mon 10:00 | buy XAUUSD 0.01              | done 1 0.01 @ 2000.3",
    );
    assert_eq!(t.account().time, moment("tue 10:00"));
    assert_eq!(t.deals()[0].time, moment("tue 10:00"));
    assert_eq!(t.positions().next().unwrap().position.open_time, moment("tue 10:00"));
}

/// Fill prices (against a quote of 2000.00 for both sides) and delays of 400 orders.
fn fills(seed: u64) -> Vec<(Price, u32)> {
    let mut t = terminal_with(TerminalSettings {
        seed,
        slippage_points_max: 3,
        delay_ms_max: 20,
        opening_balance: of("1000000"),
        ..settings()
    });
    let time = moment("mon 10:00");
    t.quote(time, "XAUUSD", of("2000"), of("2000")).unwrap();
    let side = |n: u32| if n.is_multiple_of(2) { "buy" } else { "sell" };
    (0..400)
        .map(|n| t.order_send(time, &request(&[side(n), "XAUUSD", "0.01"])))
        .map(|e| (e.result.price, e.delay_ms))
        .collect()
}

#[test]
fn slippage_and_delay_come_from_the_seed_and_slippage_is_adverse() {
    let first = fills(42);
    assert_eq!(first, fills(42));
    assert_ne!(first, fills(43));
    let prices = |skip| {
        let mut prices: Vec<Price> = first.iter().skip(skip).step_by(2).map(|fill| fill.0).collect();
        prices.sort_unstable();
        prices.dedup();
        prices
    };
    assert_eq!(prices(0), ["2000", "2000.01", "2000.02", "2000.03"].map(of::<Price>), "buys");
    assert_eq!(prices(1), ["1999.97", "1999.98", "1999.99", "2000"].map(of::<Price>), "sells");
    assert!((0..=20).all(|ms| first.iter().any(|fill| fill.1 == ms)));
    assert!(first.iter().all(|fill| fill.1 <= 20));
}

#[test]
fn slippage_counts_against_the_deviation_and_keeps_to_the_tick_grid() {
    let mut t = terminal_with(TerminalSettings { slippage_points_max: 60, ..settings() });
    t.add_instrument(Instrument { tick_size: of("0.25"), tick_value: of("25"), ..gold() }).unwrap();
    let time = moment("mon 10:00");
    t.quote(time, "XAUUSD", of("2000"), of("2000")).unwrap();
    let mut seen = Vec::new();
    for _ in 0..200 {
        let words = ["buy", "XAUUSD", "0.01", "price=2000", "dev=25"];
        let result = t.order_send(time, &request(&words)).result;
        seen.push((result.retcode, result.price));
    }
    seen.sort_unstable();
    seen.dedup();
    // The margin runs out after 50; the slippage of 0.50 is a requote.
    let fills =
        [(Retcode::REQUOTE, Price::ZERO), (Retcode::DONE, of("2000")), (Retcode::DONE, of("2000.25"))];
    assert_eq!(seen, fills);
}
