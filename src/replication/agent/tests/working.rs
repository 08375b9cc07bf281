//! Orders at market that the trade server has accepted and still works on.

use super::*;

#[test]
fn an_open_that_is_worked_on_is_not_sent_again_however_long_it_takes() {
    play(
        "0     | account: nothing           |
         10    | hub: open 1 0.10           | order open 0.10
         20    | answer 1 10008             | 1: 10008 0.00
         1000  | account: nothing, buys 1   |
               | busy                       | 1
         2000  | account: nothing, buys 1   |
         3000  | account: nothing, buys 1   |
         4000  | account: nothing, buys 1   |
               | hub: open 1 0.10           | 1: already
               | hub: place 1 0.10          | 1: already
         5000  | account: nothing           |
               | busy                       |
               | hub: open 1 0.10           | 1: already
         6000  | account: nothing           |
         7000  | account: nothing           |
               | hub: open 1 0.10           | order open 0.10",
    );
}

#[test]
fn a_close_of_a_part_that_is_worked_on_is_not_sent_again() {
    play(
        "0     | account: 1 0.10            |
         10    | hub: reduce 1 0.05         | order close #101 XAUUSD 0.05
         20    | answer 1 10008             | 1: 10008 0.00
         1000  | account: 1 0.10, sells 1   |
         2000  | account: 1 0.10, sells 1   |
         3000  | account: 1 0.10, sells 1   |
               | hub: reduce 1 0.05         | 1: 10028 0.00
         4000  | account: 1 0.10, sells 1   |
               | busy                       |
         5000  | account: 1 0.10            |
               | hub: reduce 1 0.05         |
         5500  | account: 1 0.05            | 1: already",
    );
}

/// Of what a hand took meanwhile the order that is worked on does not know.
#[test]
fn what_is_worked_on_is_not_over_because_the_account_holds_what_it_was_to_leave() {
    play(
        "0     | account: 1 0.10, sells 1   |
         1000  | account: 1 0.05, sells 1   |
         2000  | account: 1 0.05, sells 1   |
               | hub: reduce 1 0.02         | 1: 10028 0.00
               | hub: reduce 1 0            | order close #101 XAUUSD 0.05",
    );
}

#[test]
fn a_share_whose_close_is_worked_on_is_closed_by_nothing_else() {
    play(
        "0     | net: 1 buy 0.10            |
         1000  | net: 1 buy 0.10            |
         2000  | net: 1 buy 0.10            |
         2500  | net works: 1 buy 0.10      |
               | hub: reduce 1 0            | 1: 10028 0.00
               | close all                  |
         3000  | net: 1 buy 0.10            |
         4000  | net: 1 buy 0.10            |
         5000  | net: 1 buy 0.10            | order close #500 XAUUSD 0.10",
    );
}

#[test]
fn an_order_that_is_over_does_not_hide_what_is_worked_on() {
    let limits = Limits { lots_per_symbol: Some(of("0.12")), ..Limits::default() };
    play_with(
        &limits,
        "0     | account: nothing, cancelled 1, buys 1 |
               | busy                                  | 1
               | hub: open 2 0.10                      | 2: limit_lots_per_symbol
         10    | account: 1 0.05, buys 1               |
               | hub: open 2 0.05                      | 2: limit_lots_per_symbol",
    );
}

/// An agent begun anew has not sent it; all of a hedging account's position can be closed whatever is worked on.
#[test]
fn what_another_agent_has_sent_is_known_by_the_terminals_list() {
    play(
        "0     | account: nothing, buys 1   |
         1000  | account: nothing, buys 1   |
         2000  | account: nothing, buys 1   |
         3000  | account: nothing, buys 1   |
               | hub: open 1 0.10           | 1: already
               | hub: open 2 0.10           | order open 0.10",
    );
    play(
        "0     | account: 1 0.10, sells 1   |
         1000  | account: 1 0.10, sells 1   |
         2000  | account: 1 0.10, sells 1   |
         3000  | account: 1 0.10, sells 1   |
               | hub: reduce 1 0.05         | 1: 10028 0.00
               | hub: reduce 1 0            | order close #101 XAUUSD 0.10",
    );
}

#[test]
fn the_rest_of_an_open_keeps_nothing_from_being_closed() {
    play(
        "0     | account: 1 0.05, buys 1    |
               | busy                       |
               | hub: reduce 1 0            | order close #101 XAUUSD 0.05",
    );
}

#[test]
fn what_counts_against_the_limits_is_worked_on_too() {
    let limits = Limits { lots_per_symbol: Some(of("0.12")), ..Limits::default() };
    play_with(
        &limits,
        "0     | account: nothing, buys 1   |
         1000  | account: nothing, buys 1   |
               | hub: open 2 0.10           | 2: limit_lots_per_symbol
               | hub: open 2 0.05           | order open 0.05",
    );
}

#[test]
fn its_owner_is_told_once_of_what_is_worked_on_for_a_minute() {
    let mut script = Script::begin(AccountRules::default());
    let mut told = Vec::new();
    for second in 0..200 {
        script.now = Micros(second * 1_000_000);
        script.act(if second == 100 { "account: nothing" } else { "account: nothing, buys 1" });
        told.extend(script.agent.poll_notice().map(|notice| (second, notice)));
    }
    let [(60, first), (161, again)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(first, again);
    assert!(
        first.starts_with("XAUUSD: the trade server has worked on order 901 (0.05 lots of copy "),
        "{first}"
    );
}
