//! What a symbol's broker lets an order do: trade mode, filling, execution, freeze level, volume limit, sessions.

use super::super::Session;
use super::*;
use crate::domain::{Execution, TradeMode};

fn with_rules(settings: TerminalSettings, trading: TradeRules) -> Terminal {
    let mut t = terminal_with(settings);
    t.add_instrument(Instrument { trading, ..gold() }).unwrap();
    t
}

fn netting() -> TerminalSettings {
    TerminalSettings { margin_mode: MarginMode::Netting, ..settings() }
}

/// The symbol's mode changes under what is there.
fn mode(t: &mut Terminal, mode: TradeMode) {
    t.add_instrument(Instrument { trading: TradeRules { mode, ..TradeRules::default() }, ..gold() }).unwrap();
}

#[test]
fn a_trade_mode_closes_what_it_does_not_let_open() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00    |
                   | buy XAUUSD 0.10                 | done 1 0.10 @ 2000
                   | sell XAUUSD 0.10                | done 2 0.10 @ 2000
                   | buy-limit XAUUSD 0.10 1990      | done 3
                   | sell-limit XAUUSD 0.10 2010     | done 4",
    );
    mode(&mut t, TradeMode::LongOnly);
    play(
        &mut t,
        "mon 10:01 | sell XAUUSD 0.10                | only long positions allowed
                   | sell-limit XAUUSD 0.10 2010     | only long positions allowed
                   | buy XAUUSD 0.01                 | done 5 0.01 @ 2000
                   | buy-stop XAUUSD 0.10 2030       | done 6
                   | close XAUUSD 2 0.01             | done 2 0.01 @ 2000
         mon 10:02 | quote XAUUSD 2010.00 2010.00    |
                   | past                            | 4 Rejected 0",
    );
    mode(&mut t, TradeMode::ShortOnly);
    play(
        &mut t,
        "mon 10:03 | buy XAUUSD 0.10                 | only short positions allowed
                   | buy-stop XAUUSD 0.10 2030       | only short positions allowed
                   | sell XAUUSD 0.01                | done 7 0.01 @ 2010
                   | close XAUUSD 5 0.01             | done 5 0.01 @ 2010",
    );
    mode(&mut t, TradeMode::CloseOnly);
    play(
        &mut t,
        "mon 10:04 | buy XAUUSD 0.10                 | only closing allowed
                   | sell-limit XAUUSD 0.10 2030     | only closing allowed
                   | close XAUUSD 7 0.01             | done 7 0.01 @ 2010
                   | modify XAUUSD 1 sl=1950         | done 1
                   | amend XAUUSD 3 1995             | done 3
                   | cancel XAUUSD 3                 | done 3
                   | close-by 1 2                    | done 1 0.09 @ 2000",
    );
    mode(&mut t, TradeMode::Disabled);
    play(
        &mut t,
        "mon 10:05 | buy XAUUSD 0.10                 | trading disabled
                   | buy-limit XAUUSD 0.10 1990      | trading disabled
                   | close XAUUSD 1 0.01             | trading disabled
                   | modify XAUUSD 1 sl=1960         | trading disabled
                   | amend XAUUSD 6 2040             | trading disabled
                   | cancel XAUUSD 6                 | trading disabled",
    );
}

#[test]
fn on_a_netting_account_an_opposite_order_that_only_reduces_closes() {
    let mut t = terminal_with(netting());
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00    |
                   | buy XAUUSD 0.10                 | done 1 0.10 @ 2000",
    );
    mode(&mut t, TradeMode::CloseOnly);
    play(
        &mut t,
        "mon 10:01 | buy XAUUSD 0.01                 | only closing allowed
                   | sell XAUUSD 0.11                | only closing allowed
                   | sell XAUUSD 0.02                | done 1 0.02 @ 2000",
    );
    mode(&mut t, TradeMode::LongOnly);
    play(
        &mut t,
        "mon 10:01 | sell XAUUSD 0.09                | only long positions allowed
                   | sell XAUUSD 0.08                | done 1 0.08 @ 2000
                   | sell XAUUSD 0.01                | only long positions allowed",
    );
}

#[test]
fn a_symbol_takes_orders_that_wait_as_its_broker_lets_them() {
    let lifetimes = ["buy-limit", "until=today", "until=tue_10:00", "until=day:tue_10:00"];
    for (expiration_modes, taken) in [
        (0, [true; 4]),
        (15, [true; 4]),
        (1, [true, false, false, false]),
        (2, [false, true, false, false]),
        (5, [true, false, true, false]),
        (8, [false, false, false, true]),
    ] {
        let rules = TradeRules { expiration_modes, ..TradeRules::default() };
        let mut t = with_rules(settings(), rules);
        let time = moment("mon 10:00");
        t.quote(time, "XAUUSD", of("2000"), of("2000")).unwrap();
        for (lifetime, taken) in lifetimes.into_iter().zip(taken) {
            let mut words = vec!["buy-limit", "XAUUSD", "0.01", "1990"];
            words.extend(Some(lifetime).filter(|word| word.starts_with("until")));
            let expected = if taken { Retcode::DONE } else { Retcode::INVALID_EXPIRATION };
            let answer = t.order_send(time, &request(&words)).result.retcode;
            assert_eq!(answer, expected, "{lifetime} where the mask is {expiration_modes}");
        }
    }
}

#[test]
fn a_symbol_fills_market_orders_in_its_own_ways() {
    // Which of fill-or-kill, immediate-or-cancel and return are taken.
    for (filling_modes, execution, taken) in [
        (0, Execution::Exchange, [true, false, true]),
        (0, Execution::Market, [true, false, false]),
        (1, Execution::Market, [true, false, false]),
        (2, Execution::Market, [false, true, false]),
        (3, Execution::Market, [true, true, false]),
        (2, Execution::Exchange, [false, true, true]),
        (3, Execution::Request, [true, true, true]),
        (4, Execution::Exchange, [false, false, true]),
    ] {
        let rules = TradeRules { execution, filling_modes, ..TradeRules::default() };
        for (way, taken) in ["fok", "ioc", "return"].into_iter().zip(taken) {
            let mut t = with_rules(settings(), TradeRules::default());
            let time = moment("mon 10:00");
            t.quote(time, "XAUUSD", of("2000"), of("2000")).unwrap();
            t.order_send(time, &request(&["buy", "XAUUSD", "0.02"]));
            t.add_instrument(Instrument { trading: rules, ..gold() }).unwrap();
            let expected = if taken { Retcode::DONE } else { Retcode::INVALID_FILL };
            let fill = format!("fill={way}");
            let opened = t.order_send(time, &request(&["buy", "XAUUSD", "0.01", &fill])).result.retcode;
            let closed =
                t.order_send(time, &request(&["close", "XAUUSD", "1", "0.01", &fill])).result.retcode;
            assert_eq!(
                (opened, closed),
                (expected, expected),
                "{way} of {filling_modes} under {execution:?}"
            );
            let placed = t.order_send(time, &request(&["buy-limit", "XAUUSD", "0.01", "1990", &fill]));
            assert_eq!(placed.result.retcode, Retcode::DONE, "a pending order's filling is its own");
        }
    }
}

#[test]
fn market_execution_is_at_the_brokers_price_and_may_refuse_stops() {
    let rules = TradeRules { execution: Execution::Market, ..TradeRules::default() };
    let mut t = with_rules(TerminalSettings { stops_after_opening: true, ..settings() }, rules);
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30             |
                   | buy XAUUSD 0.01 sl=1990                  | invalid stops
                   | buy XAUUSD 0.01 tp=2010                  | invalid stops
                   | buy XAUUSD 0.01 price=1999 dev=1         | done 1 0.01 @ 2000.3
                   | modify XAUUSD 1 sl=1990                  | done 1
                   | buy-limit XAUUSD 0.01 1990 sl=1980       | done 2
                   | quote USDJPY 150.000 150.010             |
                   | buy USDJPY 0.1 sl=149.000                | done 3 0.10 @ 150.01
                   | close XAUUSD 1 0.01 price=2100 dev=1     | done 1 0.01 @ 2000",
    );
}

#[test]
fn nothing_is_changed_within_the_freeze_level() {
    // Freeze level: 100 points, 1.00; stops level 0.50.
    let rules = TradeRules { freeze_level_points: 100, ..TradeRules::default() };
    let mut t = with_rules(settings(), rules);
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30              |
                   | buy XAUUSD 0.02 sl=1990 tp=2010           | done 1 0.02 @ 2000.3
                   | buy-limit XAUUSD 0.01 1990                | done 2
                   | sell-stop XAUUSD 0.01 1985                | done 3
         mon 10:01 | quote XAUUSD 1990.99 1990.99              |
                   | modify XAUUSD 1 sl=1980 tp=2010           | order or position frozen
                   | modify XAUUSD 1 sl=1990 tp=2010           | no changes
                   | close XAUUSD 1 0.01                       | order or position frozen
                   | amend XAUUSD 2 1980                       | order or position frozen
                   | amend XAUUSD 2 1990                       | no changes
                   | cancel XAUUSD 2                           | order or position frozen
                   | amend XAUUSD 3 1980                       | done 3
         mon 10:02 | quote XAUUSD 1991.00 1991.00              |
                   | amend XAUUSD 2 1980                       | done 2
                   | cancel XAUUSD 2                           | done 2
                   | close XAUUSD 1 0.01                       | done 1 0.01 @ 1991
                   | modify XAUUSD 1 sl=1980 tp=2010           | done 1
         mon 10:03 | quote XAUUSD 2009.50 2009.80              |
                   | close XAUUSD 1 0.01                       | order or position frozen
         mon 10:04 | quote XAUUSD 2010.00 2010.30              | out 1 sell 0.01 @ 2010 profit 9.70",
    );
}

#[test]
fn the_volume_limit_is_of_one_side_pending_orders_included() {
    let rules = TradeRules { volume_limit: of("0.10"), ..TradeRules::default() };
    let mut t = with_rules(settings(), rules);
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00      |
                   | buy XAUUSD 0.11                   | volume limit of the symbol reached
                   | buy XAUUSD 0.04                   | done 1 0.04 @ 2000
                   | buy-limit XAUUSD 0.07 1990        | volume limit of the symbol reached
                   | buy-limit XAUUSD 0.05 1990        | done 2
                   | buy XAUUSD 0.02                   | volume limit of the symbol reached
                   | sell XAUUSD 0.10                  | done 3 0.10 @ 2000
                   | sell-limit XAUUSD 0.01 2010       | volume limit of the symbol reached
         mon 10:01 | quote XAUUSD 1990.00 1990.00      | in 2 buy 0.05 @ 1990 profit 0.00
                   | buy XAUUSD 0.01                   | done 4 0.01 @ 1990
                   | buy XAUUSD 0.01                   | volume limit of the symbol reached
                   | quote USDJPY 150.000 150.000      |
                   | buy USDJPY 0.2                    | done 5 0.20 @ 150",
    );
    let mut t = with_rules(netting(), rules);
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00      |
                   | buy XAUUSD 0.10                   | done 1 0.10 @ 2000
                   | sell XAUUSD 0.21                  | volume limit of the symbol reached
                   | sell XAUUSD 0.20                  | done 2 0.20 @ 2000
                   | buy-limit XAUUSD 0.10 1990        | done 3
                   | buy XAUUSD 0.11                   | volume limit of the symbol reached
                   | buy XAUUSD 0.05                   | done 2 0.05 @ 2000",
    );
}

fn minutes(from: &str, to: &str) -> Session {
    let minute = |when| u32::try_from((moment(when).0 - MONDAY_MS) / 60_000).unwrap();
    Session { from_minute: minute(from), to_minute: minute(to) }
}

#[test]
fn outside_the_sessions_nothing_is_traded() {
    let sessions = vec![minutes("mon 01:00", "mon 23:00"), minutes("tue 01:00", "fri 23:00")];
    let mut t = terminal_with(TerminalSettings { sessions, stop_out_percent: Some(50), ..settings() });
    t.set_charges("XAUUSD", charges("0", "-1", "0")).unwrap();
    play(
        &mut t,
        "mon 00:59 | quote XAUUSD 2000.00 2000.00                |
                   | buy XAUUSD 1                                | market closed
         mon 01:00 | buy XAUUSD 1 sl=1990                        | done 1 1.00 @ 2000
                   | sell XAUUSD 0.10                            | done 2 0.10 @ 2000
                   | buy-limit XAUUSD 0.10 1990                  | done 3
                   | buy-limit XAUUSD 0.10 1990 until=today      | done 4
         mon 22:59 | modify XAUUSD 2 sl=2050                     | done 2
         mon 23:00 | modify XAUUSD 2 sl=2060                     | market closed
                   | close XAUUSD 2 0.10                         | market closed
                   | buy-limit XAUUSD 0.10 1980                  | market closed
                   | amend XAUUSD 3 1980                         | market closed
                   | cancel XAUUSD 3                             | market closed
                   | close-by 1 2                                | market closed
                   | quote XAUUSD 1900.00 1900.00                |
                   | account                                     | balance 10000.00 equity 1000.00 margin 2200.00 free -1200.00
         tue 00:00 | quote XAUUSD 1995.00 1995.00                |
                   | past                                        | 4 Expired 0
                   | position 1                                  | buy lots 1.00 profit -500.00 swap -1.00
         tue 01:00 | quote XAUUSD 1990.00 1990.00                | out 1 sell 1.00 @ 1990 profit -1000.00 swap -1.00; in 3 buy 0.10 @ 1990 profit 0.00
         sat 12:00 | buy XAUUSD 1                                | market closed
         mon+1 00:30 | buy XAUUSD 1                              | market closed
         mon+1 01:30 | close XAUUSD 2 0.10                       | done 2 0.10 @ 1990",
    );
}

#[test]
fn sessions_that_are_none_are_refused() {
    for (from_minute, to_minute, allowed) in
        [(0, 10_080, true), (10_079, 10_080, true), (0, 10_081, false), (60, 60, false), (60, 59, false)]
    {
        let sessions = vec![Session { from_minute, to_minute }];
        let opened = Terminal::new(TerminalSettings { sessions, ..settings() });
        assert_eq!(opened.is_ok(), allowed, "{from_minute} to {to_minute}");
    }
}
