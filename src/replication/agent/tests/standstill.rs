//! The terminal was cut off from its server, frozen, or logged in elsewhere: its first state afterwards may be the list of
//! before.

use super::*;

#[test]
fn a_close_in_doubt_is_not_repeated_from_the_list_of_before_a_standstill() {
    // Frozen; cut off; logged in elsewhere.
    for (standstill, over) in [("ask", 60_000), ("account: offline", 1_900), ("elsewhere", 1_900)] {
        let at = |ms: u64| over + ms;
        let until_shown = format!(
            "0    | net: 1 buy 0.10    |
             10   | hub: reduce 1 0.00 | order close #500 XAUUSD 0.10
             20   | answer 1 10012     | 1: 10012 0.00
             900  | net: 1 buy 0.10    |
             1000 | {standstill}       |
             {}   | net: 1 buy 0.10    |
             {}   | hub: reduce 1 0.00 |
             {}   | net: 1 buy 0.10    |
             {}   | net: 1 buy 0.10    |",
            at(0),
            at(10),
            at(1_000),
            at(1_999),
        );
        play(&format!("{until_shown}\n{} | net: 1 buy 0.10, 1 sell 0.10 | 1: already", at(2_000)));
        play(&format!("{until_shown}\n{} | net: 1 buy 0.10 | order close #500 XAUUSD 0.10", at(2_000)));
    }
}

#[test]
fn an_open_in_doubt_is_not_repeated_from_the_list_of_before_a_standstill() {
    play(
        "0     | account: nothing |
         10    | hub: open 1 0.10 | order open 0.10
         20    | answer 1 10012   | 1: 10012 0.00
         60000 | account: nothing |
         60010 | hub: open 1 0.10 | 1: already
         61000 | account: nothing |
         62000 | account: nothing |
         62010 | hub: open 1 0.10 | order open 0.10",
    );
}

#[test]
fn what_was_answered_holds_against_the_list_of_before_a_standstill() {
    play(
        "0     | account: 1 0.10    |
         10    | hub: reduce 1 0.06 | order close #101 XAUUSD 0.04
         20    | answer 1 done 0.04 | 1: 10009 0.04
         60000 | account: 1 0.10    |
         60010 | hub: reduce 1 0.06 | 1: already
         60020 | account: 1 0.06    |
         60030 | hub: reduce 1 0.05 | order close #101 XAUUSD 0.01",
    );
}

#[test]
fn states_that_come_soon_enough_are_no_standstill() {
    play(
        "0    | account: nothing |
         10   | hub: open 1 0.10 | order open 0.10
         20   | answer 1 10012   | 1: 10012 0.00
         1000 | account: nothing |
         2000 | account: nothing |
         2010 | hub: open 1 0.10 | 1: already
         2020 | account: nothing |
         2030 | hub: open 1 0.10 | order open 0.10",
    );
}

#[test]
fn a_part_in_doubt_is_not_closed_again_and_all_of_it_at_once() {
    for in_doubt in ["10012", "10008"] {
        play(&format!(
            "0     | account: 1 0.10    |
             10    | hub: reduce 1 0.06 | order close #101 XAUUSD 0.04
             20    | answer 1 {in_doubt} | 1: {in_doubt} 0.00
             30    | account: 1 0.10    |
             40    | hub: reduce 1 0.06 |
             50    | account: 1 0.06    | 1: already
             60    | hub: reduce 1 0.03 | order close #101 XAUUSD 0.03
             70    | answer 1 {in_doubt} | 1: {in_doubt} 0.00
             60000 | account: 1 0.06    |
             60010 | hub: reduce 1 0.03 |
             60020 | hub: reduce 1 0.00 | order close #101 XAUUSD 0.06
             60030 | answer 1 {in_doubt} | 1: {in_doubt} 0.00
             60040 | hub: reduce 1 0.00 | order close #101 XAUUSD 0.06
             60050 | answer 1 10018     | 1: 10018 0.00
             61000 | account: 1 0.06    |
             62000 | account: 1 0.06    | order close #101 XAUUSD 0.03"
        ));
    }
}

#[test]
fn an_owners_close_all_waits_for_no_part_in_doubt_by_ticket_and_for_every_share() {
    play(
        "0     | account: 1 0.10    |
         10    | hub: reduce 1 0.06 | order close #101 XAUUSD 0.04
         20    | answer 1 10012     | 1: 10012 0.00
         60000 | account: 1 0.10    |
         60010 | close all          | order close #101 XAUUSD 0.10",
    );
    play(
        "0     | net: 1 buy 0.10    |
         1000  | net: 1 buy 0.10    |
         2000  | net: 1 buy 0.10    |
         2010  | hub: reduce 1 0.00 | order close #500 XAUUSD 0.10
         2020  | answer 1 10012     | 1: 10012 0.00
         60000 | net: 1 buy 0.10    |
         60010 | close all          |
         61000 | net: 1 buy 0.10    |
         62000 | net: 1 buy 0.10    | order close #500 XAUUSD 0.10",
    );
    // Nor is anything settled by a standstill that no state has told of yet.
    play(
        "0     | net: 1 buy 0.10    |
         900   | net: 1 buy 0.10    |
         60000 | close all          |
         60010 | net: 1 buy 0.10    |
         61010 | net: 1 buy 0.10    |
         62010 | net: 1 buy 0.10    | order close #500 XAUUSD 0.10",
    );
}

#[test]
fn lists_of_two_moments_are_not_taken_for_settled_after_a_standstill() {
    play(
        "0     | net: 1 buy 0.10    |
         10    | net behind: 1 buy 0.10, hand sell 0.10 |
         60000 | net behind: 1 buy 0.10, hand sell 0.10 |
         60010 | hub: reduce 1 0.00 |
         60020 | net: 1 buy 0.10, hand sell 0.10 | 1: already",
    );
}
