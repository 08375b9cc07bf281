//! What quotes do: stops, gaps, swap, stop-out.

use super::*;

#[test]
fn stops_close_at_the_quote_that_reached_them() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30                |
                   | buy XAUUSD 0.10 sl=1995.00 tp=2005.00       | done 1 0.10 @ 2000.3
                   | sell XAUUSD 0.20 sl=2006.00 tp=1994.00      | done 2 0.20 @ 2000
         mon 10:01 | quote XAUUSD 1995.01 1995.31                |
         mon 10:02 | quote XAUUSD 1995.00 1995.30                | out 1 sell 0.10 @ 1995 profit -53.00
         mon 10:03 | quote XAUUSD 1993.71 1994.01                |
         mon 10:04 | quote XAUUSD 1993.70 1994.00                | out 2 buy 0.20 @ 1994 profit 120.00
                   | account                                     | balance 10067.00 equity 10067.00 margin 0.00 free 10067.00
                   | buy XAUUSD 0.10 sl=1990 tp=1999.00          | done 3 0.10 @ 1994
                   | sell XAUUSD 0.10 sl=1999.30                 | done 4 0.10 @ 1993.7
         mon 10:05 | quote XAUUSD 1998.99 1999.29                |
         mon 10:06 | quote XAUUSD 1999.00 1999.30                | out 3 sell 0.10 @ 1999 profit 50.00; out 4 buy 0.10 @ 1999.3 profit -56.00",
    );
}

#[test]
fn a_gap_over_a_stop_costs_what_it_costs() {
    let mut t = terminal();
    play(
        &mut t,
        "fri 23:50   | quote XAUUSD 2000.00 2000.30            |
                     | buy XAUUSD 0.10 sl=1995.00              | done 1 0.10 @ 2000.3
                     | sell XAUUSD 0.10 tp=1990.00             | done 2 0.10 @ 2000
         mon+1 00:05 | quote XAUUSD 1970.00 1971.00            | out 1 sell 0.10 @ 1970 profit -303.00; out 2 buy 0.10 @ 1971 profit 290.00",
    );
}

#[test]
fn a_quote_touches_its_own_symbol_only() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30      |
                   | quote USDJPY 150.000 150.010      |
                   | buy XAUUSD 0.10 sl=1995.00        | done 1 0.10 @ 2000.3
                   | buy USDJPY 0.1 sl=149.000         | done 2 0.10 @ 150.01
         mon 10:01 | quote USDJPY 148.000 148.010      | out 2 sell 0.10 @ 148 profit -134.00
                   | position 1                        | buy lots 0.10 profit -3.00 swap 0.00",
    );
}

#[test]
fn what_is_no_quote_is_refused_and_changes_nothing() {
    let mut t = terminal();
    play(
        &mut t,
        r#"tue 10:00 | quote XAUUSD 2000.00 2000.30 |
           tue 10:01 | quote XAUUSD 2000.30 2000.20 | XAUUSD: a quote of bid 2000.3, ask 2000.2; the bid is above zero and the ask not below the bid
                     | quote XAUUSD 0 2000.20       | XAUUSD: a quote of bid 0, ask 2000.2; the bid is above zero and the ask not below the bid
                     | quote EURUSD 1.1 1.2         | the terminal has no symbol "EURUSD"; add its specification first
           mon 10:00 | quote XAUUSD 1999 1999.30    | an event at 1704103200000 ms comes after one at 1704189600000 ms; events come in the order of server time"#,
    );
    let snapshot = t.snapshot(ServerTime(0));
    assert_eq!(snapshot.instrument("XAUUSD").unwrap().bid, of("2000"));
    assert_eq!(snapshot.account.time, moment("tue 10:00"));
}

#[test]
fn swap_is_paid_at_midnight_and_three_times_on_wednesday() {
    let mut t = terminal();
    t.set_charges("XAUUSD", charges("0", "-7.25", "3.10")).unwrap();
    play(
        &mut t,
        "mon 10:00   | quote XAUUSD 2000.00 2000.00 |
                     | buy XAUUSD 1                 | done 1 1.00 @ 2000
                     | sell XAUUSD 0.10             | done 2 0.10 @ 2000
         mon 23:59   | quote XAUUSD 2000.00 2000.00 |
                     | position 1                   | buy lots 1.00 profit 0.00 swap 0.00
         tue 00:00   | quote XAUUSD 2000.00 2000.00 |
                     | position 1                   | buy lots 1.00 profit 0.00 swap -7.25
                     | position 2                   | sell lots 0.10 profit 0.00 swap 0.31
                     | account                      | balance 10000.00 equity 9993.06 margin 2200.00 free 7793.06
         wed 23:59   | quote XAUUSD 2000.00 2000.00 |
                     | position 1                   | buy lots 1.00 profit 0.00 swap -14.50
         thu 00:00   | quote XAUUSD 2000.00 2000.00 |
                     | position 1                   | buy lots 1.00 profit 0.00 swap -36.25
         fri 12:00   | quote XAUUSD 2000.00 2000.00 |
                     | position 1                   | buy lots 1.00 profit 0.00 swap -43.50
         sat 00:00   | quote XAUUSD 2000.00 2000.00 |
                     | position 1                   | buy lots 1.00 profit 0.00 swap -50.75
         mon+1 23:59 | quote XAUUSD 2000.00 2000.00 |
                     | position 1                   | buy lots 1.00 profit 0.00 swap -50.75
         mon+2 10:00 | close XAUUSD 1 1             | done 1 1.00 @ 2000
                     | account                      | balance 9898.50 equity 9902.84 margin 200.00 free 9702.84",
    );
    assert_eq!(t.deals()[2].swap, of("-101.50"), "fourteen nights at 7.25");
}

#[test]
fn a_partial_close_takes_its_share_of_the_swap() {
    let mut t = terminal();
    t.set_charges("XAUUSD", charges("0", "-1.00", "0")).unwrap();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 0.30              | done 1 0.30 @ 2000
         fri 00:00 | close XAUUSD 1 0.10          | done 1 0.10 @ 2000
                   | position 1                   | buy lots 0.20 profit 0.00 swap -1.20
                   | close XAUUSD 1 0.15          | done 1 0.15 @ 2000
                   | close XAUUSD 1 0.05          | done 1 0.05 @ 2000
                   | account                      | balance 9998.20 equity 9998.20 margin 0.00 free 9998.20",
    );
    let swaps: Vec<Money> = t.deals().iter().map(|deal| deal.swap).collect();
    assert_eq!(swaps, ["0", "-0.60", "-0.90", "-0.30"].map(of::<Money>));
}

#[test]
fn below_the_stop_out_level_the_largest_loss_goes_first() {
    let mut t = terminal_with(TerminalSettings {
        opening_balance: of("1000"),
        stop_out_percent: Some(50),
        ..settings()
    });
    // Margin 200, 400 and 100: 700 in all, stop-out below 350 of equity. At 350 nothing happens; below it the
    // long gold goes, and 349.95 is enough for the 500 that are left.
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00   |
                   | quote USDJPY 150.000 150.000   |
                   | buy XAUUSD 0.10                | done 1 0.10 @ 2000
                   | buy USDJPY 0.4                 | done 2 0.40 @ 150
                   | sell XAUUSD 0.05               | done 3 0.05 @ 2000
                   | account                        | balance 1000.00 equity 1000.00 margin 700.00 free 300.00
         mon 10:01 | quote XAUUSD 1950.00 1950.00   |
                   | account                        | balance 1000.00 equity 750.00 margin 700.00 free 50.00
         mon 10:02 | quote USDJPY 148.500 148.500   |
                   | account                        | balance 1000.00 equity 350.00 margin 700.00 free -350.00
         mon 10:03 | quote XAUUSD 1949.99 1949.99   | out 1 sell 0.10 @ 1949.99 profit -500.10
                   | account                        | balance 499.90 equity 349.95 margin 500.00 free -150.05
         mon 10:04 | quote USDJPY 140.000 140.000   | out 2 sell 0.40 @ 140 profit -2666.67; out 3 buy 0.05 @ 1949.99 profit 250.05
                   | account                        | balance -1916.72 equity -1916.72 margin 0.00 free -1916.72",
    );
}

#[test]
fn accrued_swap_counts_in_what_the_stop_out_calls_a_loss() {
    let mut t = terminal_with(TerminalSettings {
        opening_balance: of("1000"),
        stop_out_percent: Some(100),
        ..settings()
    });
    t.set_charges("USDJPY", charges("0", "-1000", "0")).unwrap();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00   |
                   | quote USDJPY 150.000 150.000   |
                   | buy XAUUSD 0.20                | done 1 0.20 @ 2000
                   | buy USDJPY 0.4                 | done 2 0.40 @ 150
         tue 10:00 | quote XAUUSD 1990.01 1990.01   | out 2 sell 0.40 @ 150 profit 0.00 swap -400.00
                   | account                        | balance 600.00 equity 400.20 margin 400.00 free 0.20",
    );
}

#[test]
fn of_equal_losses_the_older_ticket_is_stopped_out() {
    let mut t = terminal_with(TerminalSettings {
        opening_balance: of("1000"),
        stop_out_percent: Some(100),
        ..settings()
    });
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00   |
                   | buy XAUUSD 0.20                | done 1 0.20 @ 2000
                   | buy XAUUSD 0.20                | done 2 0.20 @ 2000
         mon 10:01 | quote XAUUSD 1994.99 1994.99   | out 1 sell 0.20 @ 1994.99 profit -100.20",
    );
}
