//! One position per symbol: added to, reduced, reversed.

use super::*;

fn netting() -> Terminal {
    terminal_with(TerminalSettings { margin_mode: MarginMode::Netting, ..settings() })
}

fn held(t: &Terminal) -> Vec<String> {
    t.positions()
        .map(|open| &open.position)
        .map(|p| {
            format!(
                "{} ticket {} {} {} @ {} magic {}",
                p.id, p.ticket, p.side, p.lots, p.open_price, p.magic.0
            )
        })
        .collect()
}

#[test]
fn orders_of_one_side_add_up_to_one_position_at_their_mean_price() {
    let mut t = netting();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00    |
                   | buy XAUUSD 0.10 magic=7         | done 1 0.10 @ 2000
         mon 10:01 | quote XAUUSD 2010.00 2010.00    |
                   | buy XAUUSD 0.20 magic=8         | done 1 0.20 @ 2010
                   | position 1                      | buy lots 0.30 profit 100.00 swap 0.00
                   | account                         | balance 10000.00 equity 10100.00 margin 602.00 free 9498.00
                   | quote USDJPY 150.000 150.000    |
                   | sell USDJPY 0.1                 | done 3 0.10 @ 150",
    );
    assert_eq!(t.account().margin_mode, MarginMode::Netting);
    assert_eq!(
        held(&t),
        ["1 ticket 1 buy 0.30 @ 2006.66666667 magic 7", "3 ticket 3 sell 0.10 @ 150 magic 0"]
    );
    assert_eq!(
        deals_text(&t),
        [
            "in 1 buy 0.10 @ 2000 profit 0.00",
            "in 1 buy 0.20 @ 2010 profit 0.00",
            "in 3 sell 0.10 @ 150 profit 0.00",
        ]
    );
    assert_eq!(
        t.deals().iter().map(|d| d.magic.0).collect::<Vec<_>>(),
        [7, 8, 0],
        "deals have their own order's"
    );
}

#[test]
fn an_opposite_order_reduces_closes_and_reverses() {
    let mut t = netting();
    t.set_charges("XAUUSD", charges("10", "0", "0")).unwrap();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00       |
                   | buy XAUUSD 0.30 magic=7            | done 1 0.30 @ 2000
         mon 10:01 | quote XAUUSD 2010.00 2010.00       |
                   | sell XAUUSD 0.10 magic=8           | done 1 0.10 @ 2010
                   | position 1                         | buy lots 0.20 profit 200.00 swap 0.00
                   | sell XAUUSD 0.50 magic=9           | done 3 0.50 @ 2010
                   | position 1                         | none
                   | position 3                         | sell lots 0.30 profit 0.00 swap 0.00
                   | account                            | balance 10291.00 equity 10291.00 margin 603.00 free 9688.00
         mon 10:02 | quote XAUUSD 2000.00 2000.00       |
                   | buy XAUUSD 0.30                    | done 3 0.30 @ 2000
                   | position 3                         | none
                   | buy XAUUSD 0.10                    | done 5 0.10 @ 2000",
    );
    assert_eq!(
        deals_text(&t),
        [
            "in 1 buy 0.30 @ 2000 profit 0.00 commission -3.00",
            "out 1 sell 0.10 @ 2010 profit 100.00 commission -1.00",
            "inout 1 sell 0.50 @ 2010 profit 200.00 commission -5.00",
            "out 1 buy 0.30 @ 2000 profit 300.00 commission -3.00",
            "in 5 buy 0.10 @ 2000 profit 0.00 commission -1.00",
        ],
        "the identifier stays through a reversal"
    );
    assert_eq!(t.deals().iter().map(|d| d.magic.0).collect::<Vec<_>>(), [7, 8, 9, 0, 0]);
}

#[test]
fn a_reversed_position_keeps_identifier_and_magic_and_is_open_since_then() {
    let mut t = netting();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00               |
                   | buy XAUUSD 0.10 sl=1990 tp=2050 magic=7    | done 1 0.10 @ 2000
         mon 10:05 | sell XAUUSD 0.15 tp=1950 magic=9           | done 2 0.15 @ 2000
                   | stops 2                                    | sl - tp 1950
                   | close XAUUSD 1 0.05                        | position already closed
                   | close XAUUSD 2 0.01                        | done 2 0.01 @ 2000
                   | close XAUUSD 2 0.05                        | close volume exceeds the position",
    );
    assert_eq!(held(&t), ["1 ticket 2 sell 0.04 @ 2000 magic 7"]);
    assert_eq!(t.positions().next().unwrap().position.open_time, moment("mon 10:05"));
}

#[test]
fn a_position_has_the_stops_of_the_order_that_added_to_it_last() {
    let mut t = netting();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00            |
                   | buy XAUUSD 0.10 sl=1990 tp=2050         | done 1 0.10 @ 2000
                   | buy XAUUSD 0.10                         | done 1 0.10 @ 2000
                   | stops 1                                 | sl - tp -
                   | buy XAUUSD 0.10 sl=1995                 | done 1 0.10 @ 2000
                   | stops 1                                 | sl 1995 tp -
                   | sell XAUUSD 0.10 sl=2020 tp=1900        | done 1 0.10 @ 2000
                   | stops 1                                 | sl 1995 tp -
         mon 10:01 | quote XAUUSD 1994.00 1994.00            | out 1 sell 0.20 @ 1994 profit -120.00",
    );
}

#[test]
fn margin_is_of_the_net_position() {
    // 10,000 at 1:100 carries 5 lots of gold at 2,000, whichever side.
    let mut t = netting();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 5                 | done 1 5.00 @ 2000
                   | buy XAUUSD 0.01              | not enough money
                   | sell XAUUSD 10.01            | not enough money
                   | sell XAUUSD 10               | done 2 10.00 @ 2000
                   | account                      | balance 10000.00 equity 10000.00 margin 10000.00 free 0.00
                   | buy XAUUSD 2                 | done 2 2.00 @ 2000
                   | account                      | balance 10000.00 equity 10000.00 margin 6000.00 free 4000.00
         mon 10:01 | quote XAUUSD 2020.00 2020.00 |
                   | account                      | balance 10000.00 equity 4000.00 margin 6000.00 free -2000.00
                   | sell XAUUSD 0.01             | not enough money
                   | buy XAUUSD 1                 | done 2 1.00 @ 2020",
    );
}

#[test]
fn swap_goes_with_what_is_closed() {
    let mut t = netting();
    t.set_charges("XAUUSD", charges("0", "-10", "0")).unwrap();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 0.40              | done 1 0.40 @ 2000
         tue 10:00 | sell XAUUSD 0.10             | done 1 0.10 @ 2000
                   | position 1                   | buy lots 0.30 profit 0.00 swap -3.00
                   | sell XAUUSD 0.50             | done 3 0.50 @ 2000
                   | position 3                   | sell lots 0.20 profit 0.00 swap 0.00",
    );
    assert_eq!(t.deals().iter().map(|d| d.swap).collect::<Vec<_>>(), ["0", "-1", "-3"].map(of::<Money>));
}

#[test]
fn pending_orders_go_into_the_one_position() {
    let mut t = netting();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00           |
                   | buy XAUUSD 0.10 magic=1                | done 1 0.10 @ 2000
                   | buy-limit XAUUSD 0.10 1990 magic=2     | done 2
                   | sell-limit XAUUSD 0.10 2010            | done 3
                   | sell-limit XAUUSD 0.30 2020 sl=2030    | done 4
         mon 10:01 | quote XAUUSD 1990.00 1990.00           | in 1 buy 0.10 @ 1990 profit 0.00
         mon 10:02 | quote XAUUSD 2010.00 2010.00           | out 1 sell 0.10 @ 2010 profit 150.00
         mon 10:03 | quote XAUUSD 2020.00 2020.00           | inout 1 sell 0.30 @ 2020 profit 250.00
                   | past                                   | 2 Filled 1; 3 Filled 1; 4 Filled 1
                   | stops 4                                | sl 2030 tp -",
    );
    assert_eq!(held(&t), ["1 ticket 4 sell 0.20 @ 2020 magic 1"]);
}

#[test]
fn a_history_is_recorded_on_a_hedging_account() {
    let mut t = netting();
    let time = moment("mon 10:00");
    assert_eq!(t.open_recorded(&opening_of_gold(1, time)), Err(TerminalError::NotHedging));
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 0.10              | done 1 0.10 @ 2000",
    );
    let close = RecordedClose {
        id: PositionId(1),
        time,
        lots: of("0.10"),
        price: of("2000"),
        commission: Money::ZERO,
        swap: Money::ZERO,
    };
    assert_eq!(t.close_recorded(&close), Err(TerminalError::NotHedging));
}
