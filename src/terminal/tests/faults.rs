//! What goes wrong between a request and its answer, by script and by chance.

use std::collections::BTreeMap;

use super::super::Answer::{self, Hidden, Partial, Placed, Plain, Refused, Working};
use super::*;

/// Every filling is taken.
fn broker(settings: TerminalSettings) -> Terminal {
    let mut t = terminal_with(settings);
    let trading = TradeRules { filling_modes: 3, ..TradeRules::default() };
    t.add_instrument(Instrument { trading, ..gold() }).unwrap();
    t.quote(moment("mon 09:59"), "XAUUSD", of("2000"), of("2000")).unwrap();
    t
}

#[test]
fn a_timeout_may_hide_an_execution_or_not() {
    for code in [Retcode::TIMEOUT, Retcode::CONNECTION, Retcode::ERROR] {
        let mut t = broker(settings());
        t.next_answers([Refused(code), Hidden(code), Hidden(code), Plain, Refused(code), Hidden(code)]);
        let said = code.text();
        play(
            &mut t,
            &format!(
                "mon 10:00 | buy XAUUSD 0.10                      | {said}
                           | account                              | balance 10000.00 equity 10000.00 margin 0.00 free 10000.00
                           | buy XAUUSD 0.10 magic=5              | {said}
                           | position 1                           | buy lots 0.10 profit 0.00 swap 0.00
                           | buy-limit XAUUSD 0.10 1990           | {said}
                           | orders                               | 2 buy limit 0.10 @ 1990 sl - tp -
                           | buy XAUUSD 0.20                      | done 3 0.20 @ 2000
                           | close XAUUSD 1 0.10                  | {said}
                           | position 1                           | buy lots 0.10 profit 0.00 swap 0.00
                           | close XAUUSD 1 0.10                  | {said}
                           | position 1                           | none
                           | close XAUUSD 3 0.20                  | done 3 0.20 @ 2000"
            ),
        );
        assert_eq!(t.deals()[0].magic, Magic(5), "the account tells what the answer hid");
        t.next_answers([Hidden(code)]);
        play(&mut t, &format!("mon 10:01 | buy XAUUSD 20 | {said}"));
        assert_eq!(
            t.positions().count(),
            0,
            "what the rules refuse is not executed behind a hidden answer either"
        );
    }
}

#[test]
fn a_refusal_by_script_executes_nothing() {
    for code in [
        Retcode::REQUOTE,
        Retcode::PRICE_CHANGED,
        Retcode::PRICE_OFF,
        Retcode::TOO_MANY_REQUESTS,
        Retcode::LOCKED,
        Retcode::REJECT,
        Retcode::MARKET_CLOSED,
    ] {
        let mut t = broker(settings());
        t.next_answers([Refused(code), Refused(code), Refused(code)]);
        let said = code.text();
        play(
            &mut t,
            &format!(
                "mon 10:00 | buy XAUUSD 0.10            | {said}
                           | buy-limit XAUUSD 0.10 1990 | {said}
                           | modify XAUUSD 1 sl=1990    | {said}
                           | buy XAUUSD 0.10            | done 1 0.10 @ 2000"
            ),
        );
        assert_eq!((t.deals().len(), t.orders().count()), (1, 0));
    }
}

#[test]
fn only_immediate_or_cancel_gets_a_part() {
    let mut t = broker(settings());
    t.next_answers([Partial; 4]);
    play(
        &mut t,
        "mon 10:00 | buy XAUUSD 0.02 fill=ioc                 | part 1 0.01 @ 2000
                   | buy XAUUSD 0.01 fill=ioc                 | done 2 0.01 @ 2000
                   | buy XAUUSD 0.50                          | done 3 0.50 @ 2000
                   | buy XAUUSD 0.50 fill=return              | done 4 0.50 @ 2000
                   | buy XAUUSD 0.02 fill=ioc                 | done 5 0.02 @ 2000",
    );
    let mut parts: BTreeMap<Lots, u32> = BTreeMap::new();
    for seed in 0..200 {
        let mut t = broker(TerminalSettings { seed, ..settings() });
        t.next_answers([Partial]);
        let time = moment("mon 10:00");
        let result = t.order_send(time, &request(&["buy", "XAUUSD", "0.04", "fill=ioc"])).result;
        assert_eq!(result.retcode, Retcode::DONE_PARTIAL);
        assert_eq!(t.positions().next().unwrap().position.lots, result.lots);
        *parts.entry(result.lots).or_default() += 1;
        t.next_answers([Partial]);
        let all = result.lots.to_string();
        let closed = t.order_send(time, &request(&["close", "XAUUSD", "1", &all, "fill=ioc"])).result;
        assert_eq!(closed.retcode == Retcode::DONE, result.lots == of("0.01"), "one step has no part");
        let left = t.positions().next().map_or(Lots::ZERO, |open| open.position.lots);
        assert_eq!(left, result.lots.saturating_sub(closed.lots));
    }
    assert_eq!(parts.keys().copied().collect::<Vec<_>>(), ["0.01", "0.02", "0.03"].map(of::<Lots>));
}

#[test]
fn a_part_is_at_least_the_minimum_and_in_whole_steps() {
    let mut t = broker(settings());
    let trading = TradeRules { filling_modes: 3, ..TradeRules::default() };
    let coarse = Instrument { lots_min: of("0.25"), lot_step: of("0.1"), trading, ..gold() };
    t.add_instrument(coarse).unwrap();
    t.next_answers([Partial; 5]);
    play(
        &mut t,
        "mon 10:00 | buy XAUUSD 0.3 fill=ioc                  | done 1 0.30 @ 2000
                   | buy XAUUSD 0.4 fill=ioc                  | part 2 0.30 @ 2000
                   | buy XAUUSD 0.4 fill=ioc                  | part 3 0.30 @ 2000
                   | buy XAUUSD 0.4 fill=ioc                  | part 4 0.30 @ 2000
                   | buy XAUUSD 0.45 fill=ioc                 | invalid volume",
    );
}

#[test]
fn a_part_of_what_would_reverse_may_only_reduce() {
    let mut t = broker(TerminalSettings { margin_mode: MarginMode::Netting, ..settings() });
    t.next_answers([Plain, Partial]);
    play(
        &mut t,
        "mon 10:00 | buy XAUUSD 0.02                          | done 1 0.02 @ 2000
                   | sell XAUUSD 0.03 fill=ioc                | part 1 0.02 @ 2000
                   | position 1                               | none",
    );
}

#[test]
fn a_placed_market_order_comes_with_the_next_quote_or_with_time() {
    let mut t = broker(settings());
    t.next_answers([Placed, Placed, Plain, Placed, Placed, Placed, Placed]);
    play(
        &mut t,
        "mon 10:00 | buy XAUUSD 0.10 magic=6                  | order placed
                   | buy XAUUSD 20                            | order placed
                   | account                                  | balance 10000.00 equity 10000.00 margin 0.00 free 10000.00
                   | quote XAUUSD 2001.00 2001.00             | in 1 buy 0.10 @ 2000 profit 0.00
                   | position 1                               | buy lots 0.10 profit 10.00 swap 0.00
                   | close XAUUSD 1 0.01                      | done 1 0.01 @ 2001
                   | close XAUUSD 1 0.05                      | order placed
                   | position 1                               | buy lots 0.09 profit 9.00 swap 0.00
         mon 10:01 | pass                                     | out 1 sell 0.05 @ 2001 profit 5.00
                   | sell-stop XAUUSD 0.10 1990               | placed 4
                   | orders                                   | 4 sell stop 0.10 @ 1990 sl - tp -
                   | buy XAUUSD 0.01                          | order placed
                   | modify XAUUSD 1 sl=1980                  | placed 1
                   | pass                                     |
         mon 10:02 | buy XAUUSD 0.02                          | done 6 0.02 @ 2001
                   | position 5                               | buy lots 0.01 profit 0.00 swap 0.00",
    );
    assert_eq!(t.deals()[0].magic, Magic(6));
    assert_eq!(t.deals()[3].time, moment("mon 10:02"), "booked when it is executed");
}

#[test]
fn what_is_worked_on_is_listed_until_its_time_has_come() {
    let mut t = broker(settings());
    t.next_answers([Working { ms: 90_000 }, Placed, Plain, Working { ms: 60_000 }]);
    play(
        &mut t,
        "mon 10:00 | buy XAUUSD 0.10 magic=6                  | order placed
                   | close XAUUSD 9 0.10                      | position already closed
                   | buy XAUUSD 0.20                          | done 2 0.20 @ 2000
                   | quote XAUUSD 2001.00 2001.00             |
                   | close XAUUSD 2 0.05 magic=7              | order placed",
    );
    let listed = |t: &Terminal| {
        let working: Vec<String> = (t.snapshot(ServerTime(0)).working.iter())
            .map(|o| format!("{} {} {} {} {}", o.ticket, o.side, o.symbol, o.lots, o.magic.0))
            .collect();
        working.join(", ")
    };
    assert_eq!(listed(&t), "1 buy XAUUSD 0.10 6, 3 sell XAUUSD 0.05 7");
    play(&mut t, "mon 10:01 | pass | out 2 sell 0.05 @ 2001 profit 5.00");
    assert_eq!(listed(&t), "1 buy XAUUSD 0.10 6");
    play(&mut t, "mon 10:02 | pass | in 1 buy 0.10 @ 2001 profit 0.00");
    assert_eq!(listed(&t), "");
}

#[test]
fn a_history_meets_what_a_placed_order_has_done_since() {
    let mut t = broker(settings());
    t.next_answers([Placed, Placed]);
    play(&mut t, "mon 10:00 | buy XAUUSD 0.10 | order placed");
    let taken = t.open_recorded(&opening_of_gold(1, moment("mon 10:01")));
    assert_eq!(taken, Err(TerminalError::IdentifierTaken(PositionId(1))));
    play(&mut t, "mon 10:02 | close XAUUSD 1 0.10 | order placed");
    let close = RecordedClose {
        id: PositionId(1),
        time: moment("mon 10:03"),
        lots: of("0.10"),
        price: of("2000"),
        commission: Money::ZERO,
        swap: Money::ZERO,
    };
    assert_eq!(t.close_recorded(&close), Err(TerminalError::NotOpen(PositionId(1))));
    assert_eq!(t.deals().len(), 2);
}

#[test]
fn a_disconnected_terminal_sends_nothing_and_its_broker_goes_on() {
    let mut t = broker(settings());
    t.next_answers([Plain, Plain, Refused(Retcode::LOCKED)]);
    play(
        &mut t,
        "mon 10:00 | buy XAUUSD 0.10 sl=1995                  | done 1 0.10 @ 2000
                   | buy-limit XAUUSD 0.10 1990               | done 2",
    );
    t.set_connected(false);
    play(
        &mut t,
        "mon 10:01 | buy XAUUSD 0.10                          | no connection with the trade server
                   | close XAUUSD 1 0.10                      | no connection with the trade server
                   | cancel XAUUSD 2                          | no connection with the trade server
                   | close-by 1 1                             | no connection with the trade server
         mon 10:02 | quote XAUUSD 1990.00 1990.00             | out 1 sell 0.10 @ 1990 profit -100.00; in 2 buy 0.10 @ 1990 profit 0.00",
    );
    assert!(!t.snapshot(ServerTime(0)).account.connected);
    t.set_connected(true);
    assert!(t.account().connected);
    play(
        &mut t,
        "mon 10:03 | close XAUUSD 2 0.10                      | request locked for processing
                   | close XAUUSD 2 0.10                      | done 2 0.10 @ 1990",
    );
}

/// The answers of 1,200 small orders, and how often each came.
fn answers(seed: u64, faults: Faults) -> (Vec<OrderResult>, BTreeMap<u32, usize>) {
    let mut t = broker(TerminalSettings { seed, faults, opening_balance: of("1000000"), ..settings() });
    let time = moment("mon 10:00");
    let words = ["buy", "XAUUSD", "0.05", "fill=ioc"];
    let results: Vec<_> = (0..1200).map(|_| t.order_send(time, &request(&words)).result).collect();
    let mut counts = BTreeMap::new();
    for result in &results {
        *counts.entry(result.retcode.0).or_default() += 1;
    }
    (results, counts)
}

#[test]
fn faults_come_as_often_as_they_are_set_from_the_seed() {
    let (results, counts) = answers(1, Faults::every(50));
    assert_eq!(results, answers(1, Faults::every(50)).0);
    assert_ne!(results, answers(2, Faults::every(50)).0);
    // 60 of each expected; three answers are given with and without an execution, one now and later.
    for code in [10004, 10006, 10010, 10018, 10020, 10021, 10024, 10028] {
        assert!((35..90).contains(&counts[&code]), "{code}: {counts:?}");
    }
    for code in [10008, 10011, 10012, 10031] {
        assert!((85..160).contains(&counts[&code]), "{code}: {counts:?}");
    }
    assert!((190..300).contains(&counts[&10009]), "{counts:?}");
    let (_, plain) = answers(1, Faults::default());
    assert_eq!(plain, BTreeMap::from([(10009, 1200)]));
}

#[test]
fn faults_change_no_ones_slippage() {
    let fills = |faults| {
        let mut t = broker(TerminalSettings { slippage_points_max: 9, faults, ..settings() });
        let mut sent = |_| t.order_send(moment("mon 10:00"), &request(&["buy", "XAUUSD", "0.01"])).result;
        (0..40).map(&mut sent).collect::<Vec<_>>()
    };
    let (plain, faulty) = (fills(Faults::default()), fills(Faults::every(40)));
    let both: Vec<_> = plain.iter().zip(&faulty).filter(|(_, f)| f.retcode == Retcode::DONE).collect();
    assert!(both.len() > 5 && both.len() < 40);
    assert!(both.iter().all(|(plain, faulty)| plain.price == faulty.price));
}

#[test]
fn faults_of_more_than_all_requests_are_refused() {
    let opened = |per_mille: Vec<(Answer, u32)>| {
        Terminal::new(TerminalSettings { faults: Faults { per_mille }, ..settings() }).err()
    };
    assert_eq!(opened(vec![(Placed, 400), (Partial, 600)]), None);
    let beyond =
        TerminalError::Setting { setting: "faults", found: 1001, allowed: "at most 1000 per mille in all" };
    assert_eq!(opened(vec![(Placed, 401), (Partial, 600)]), Some(beyond));
    assert_eq!(Faults::every(62).sum(), 992);
}
