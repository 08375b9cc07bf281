//! An order that has filled in part: its rest waits beside its position, on either side.

use super::{MULTIPLIER, Script, fills, play};
use crate::domain::ServerTime;

/// Both have filled in part: the master 0.04 of 0.10, the slave 0.02 of 0.05.
const PARTS: &str = "
    0    | master: says              |
    0    | 2001: connects            |
    0    | 2001: says                |
    100  | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
    120  | 2001: answers placed      |
    130  | 2001: waits 5 0.05 at 1990 |
    500  | master: 5 buy 0.04        |
    510  | 2001: has 5 0.02          |
         | look 2001 5               | open 0.02 of 0.02
";

/// The same, of a slave whose order has filled whole.
fn whole() -> String {
    PARTS.replace("has 5 0.02          |", "order 5 filled      |").replace("0.02 of 0.02", "0.05 of 0.05")
}

#[test]
fn the_master_cancels_its_rest_and_so_do_slaves() {
    play(&format!(
        "{PARTS}
         600  | master: order 5 cancelled | 2001 cancel 5
         610  | 2001: answers cancelled   |
              | look 2001 5               | open 0.02 of 0.02!
         620  | 2001: order 5 cancelled   |
              | look 2001 5               | open 0.02 of 0.02
         700  | master: 5 buy 0.02        | 2001 reduce 5 to 0.01"
    ));
}

#[test]
fn what_has_filled_beyond_the_masters_part_is_closed() {
    play(&format!("{}\n 600 | master: order 5 cancelled | 2001 reduce 5 to 0.02", whole()));
}

#[test]
fn a_cancel_that_is_refused_delays_no_close() {
    play(&format!(
        "{PARTS}
         600  | master: order 5 cancelled | 2001 cancel 5
         610  | 2001: answers 10029       |
         620  | master: 5 closed          | 2001 reduce 5 to 0.00
         630  | 2001: answers done 0.02   |
         640  | 2001: lost 5              |
         860  | 2001: says                | 2001 cancel 5"
    ));
}

/// Each waits for its own refusals: asked for in turn, they would be asked for at once again and again.
#[test]
fn a_cancel_and_a_close_that_are_refused_in_turn_wait_each_for_itself() {
    play(&format!(
        "{PARTS}
         600  | master: order 5 cancelled | 2001 cancel 5
         610  | 2001: answers 10029       |
         620  | master: 5 buy 0.02        | 2001 reduce 5 to 0.01
         630  | 2001: answers 10018       |
         859  | 2001: says                |
         860  | 2001: says                | 2001 cancel 5
         870  | 2001: answers 10029       |
         879  | 2001: says                |
         880  | 2001: says                | 2001 reduce 5 to 0.01
         890  | 2001: answers 10018       |
         1369 | 2001: says                |
         1370 | 2001: says                | 2001 cancel 5"
    ));
}

#[test]
fn under_a_guard_no_rest_waits() {
    play(&format!(
        "{PARTS}
         600  | 2001: trips skip_opens    | 2001 cancel 5
         610  | 2001: answers cancelled   |
         620  | 2001: order 5 cancelled   |
              | look 2001 5               | open 0.02 of 0.02"
    ));
}

#[test]
fn a_market_that_opens_before_the_deadline_is_traded_in() {
    play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         120  | 2001: answers 10018       |
         369  | 2001: says                |
         370  | 2001: says                | 2001 open 1 buy 0.05
         380  | 2001: answers 10018       |
         880  | 2001: says                | 2001 open 1 buy 0.05
         890  | 2001: answers 10018       |
         8100 | 2001: says                |
              | look 2001 1               | skipped 0.00 of 0.00 too_late",
    );
}

#[test]
fn an_order_that_was_never_let_in_may_be_placed_again() {
    play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         110  | 2001: waits 5 0.05 at 1990 |
         120  | 2001: order 5 rejected    |
              | look 2001 5               | skipped 0.00 of 0.00 order_ended",
    );
    play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         110  | 2001: refuses 5           |
         120  | 2001: answers 10015       |
         380  | 2001: says                | 2001 place 5 buy limit 0.05 at 1990
         390  | 2001: says                |
              | look 2001 5               | sent 0.00 of 0.00!",
    );
}

#[test]
fn an_expiry_is_the_same_moment_by_the_slaves_servers_clock() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    let slave = script.slaves.get_mut(&crate::domain::Login(2001)).unwrap();
    // Three hours ahead, its last quote two minutes old.
    slave.snapshot.account.time = ServerTime(3 * 3_600_000 - 120_000);
    script.play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: order 5 buy limit 0.10 at 1990 until 9000 | 2001 place 5 buy limit 0.05 at 1990 until 10809000",
    );
}

/// What the master's list of orders has no more is not in its position yet: nothing was closed.
#[test]
fn a_fill_between_two_lists_reduces_no_copy() {
    let whole = whole();
    play(&format!(
        "{whole}
         600  | master: order 5 buy limit 0.03 at 1990 |
         700  | master: 5 buy 0.07        |
         800  | master: order 5 missing   |
         900  | master: 5 buy 0.10        |
              | look 2001 5               | open 0.05 of 0.05
         1000 | master: 5 buy 0.06        | 2001 reduce 5 to 0.03"
    ));
    play(&format!(
        "{whole}
         600  | master: order 5 missing   |
         1300 | master: says              |
         2000 | master: says              |
         2599 | master: says              |
         2600 | master: says              | 2001 reduce 5 to 0.02"
    ));
    // The first that is seen of a fill may be such a pair of lists.
    let first = whole.replace(
        "500  | master: 5 buy 0.04",
        "490  | master: unseen order 5 buy limit 0.02 at 1990 |\n 500 | master: 5 buy 0.04",
    );
    play(&format!("{first}\n 600 | master: 5 buy 0.08 |"));
}

/// Nobody can make an order smaller: what it waits for no more is filled.
#[test]
fn an_order_that_has_become_smaller_reduces_no_copy() {
    let filled = PARTS.split("    500").next().unwrap();
    play(&format!(
        "{filled}
         400  | 2001: order 5 filled      |
         490  | master: order 5 buy limit 0.06 at 1990 |
         500  | master: 5 buy 0.04        |
         600  | master: order 5 missing   |
         610  | master: 5 buy 0.10        |
              | look 2001 5               | open 0.05 of 0.05"
    ));
}

/// What deals prove closed is closed, whatever else has not been shown yet.
#[test]
fn a_close_while_the_rest_fills_is_followed_at_once() {
    let whole = whole();
    // Filled and closed in part between two states.
    play(&format!(
        "{whole}
         590  | master: unseen order 5 buy limit 0.03 at 1990 |
         591  | master: unseen 5 buy 0.07 |
         600  | master: 5 buy 0.05        | 2001 reduce 5 to 0.04"
    ));
    // The deal of the close comes a state later than its position.
    let first = whole.split("    500").next().unwrap();
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(&format!(
        "{first}
         400  | 2001: order 5 filled      |
         490  | master: unseen order 5 filled |"
    ));
    script.master.snapshot.positions[0].lots = "0.04".parse().unwrap();
    script.play(
        "500  | master: says              |
         590  | master: unseen deal 5 out 0.06 |
         600  | master: says              | 2001 reduce 5 to 0.02",
    );
}

/// The rest was cancelled, and a part of it filled before that is not in the list of positions yet.
#[test]
fn a_fill_before_the_cancel_is_not_taken_off() {
    let whole = whole();
    play(&format!(
        "{whole}
         590  | master: unseen deal 5 in 0.04 |
         600  | master: order 5 cancelled | 2001 reduce 5 to 0.04
         700  | master: 5 buy 0.08        |"
    ));
}

/// Of a pool that copies fills: its order was known, and the first that is seen of the position is not all of it.
#[test]
fn a_position_that_is_not_all_of_its_order_yet_waits_for_the_rest() {
    let ready = "0   | master: says              |
                 0   | 2001: connects            |
                 0   | 2001: says                |
                 100 | master: order 5 buy limit 0.10 at 1990 |
                 190 | master: unseen order 5 missing |
                 200 | master: 5 buy 0.04        |";
    fills().play(&format!("{ready}\n 300 | master: 5 buy 0.10 | 2001 open 5 buy 0.05"));
    // That was all: the next states say so, or the order's end does.
    fills().play(&format!(
        "{ready}
         210  | everybody: says to 2190   |
         2200 | master: says              | 2001 open 5 buy 0.02"
    ));
    // While the rest waits, whatever the two lists have of it.
    fills().play(
        "0   | master: says              |
         0   | 2001: connects            |
         0   | 2001: says                |
         100 | master: order 5 buy limit 0.10 at 1990 |
         190 | master: unseen order 5 buy limit 0.03 at 1990 |
         200 | master: 5 buy 0.04        | 2001 open 5 buy 0.05",
    );
}

/// Another order's end says nothing of it, and each time that it is gone the next states are waited for.
#[test]
fn only_its_own_end_tells_that_no_more_of_an_order_comes() {
    let ready = "0   | master: says              |
                 0   | 2001: connects            |
                 0   | 2001: says                |
                 50  | master: order 4 buy limit 0.10 at 1980 |
                 100 | master: order 5 buy limit 0.10 at 1990 |
                 190 | master: unseen order 5 missing |";
    fills().play(&format!(
        "{ready}
         195 | master: unseen order 4 cancelled |
         200 | master: 5 buy 0.04        |
         300 | master: 5 buy 0.10        | 2001 open 5 buy 0.05"
    ));
    fills().play(&format!(
        "{ready}
         200  | master: 5 buy 0.04       |
         290  | master: unseen order 5 buy limit 0.10 at 1990 |
         300  | master: 5 missing        |
         310  | everybody: says to 2300  |
         2310 | master: unseen order 5 missing |
         2320 | master: back             |
         2400 | master: 5 buy 0.10       | 2001 open 5 buy 0.05"
    ));
}

/// It was seen before any of it had filled: nothing is about to be told apart.
#[test]
fn what_an_order_was_placed_with_is_known_after_a_break_too() {
    fills().play(
        "0   | master: says              |
         0   | 2001: connects            |
         0   | 2001: says                |
         100 | master: order 5 buy limit 0.10 at 1990 |
         110 | master: offline           |
         190 | master: unseen order 5 buy limit 0.06 at 1990 |
         200 | master: 5 buy 0.04        | 2001 open 5 buy 0.05",
    );
}

#[test]
fn a_restart_while_the_rest_waits_reduces_nothing() {
    fills().play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: order 5 buy limit 0.10 at 1990 |
         190  | master: unseen order 5 buy limit 0.06 at 1990 |
         200  | master: 5 buy 0.04        | 2001 open 5 buy 0.05
         210  | 2001: answers done 0.05   |
         220  | 2001: has 5 0.05          |
         300  | hub: restarts             |
         310  | master: says              |
         320  | 2001: connects            |
         330  | 2001: says to 4000        |
         4100 | master: says              |
              | look 2001 5               | open 0.05 of 0.05",
    );
}

/// Seen before its answer came: it is no copy of another hub's, and what it has filled is not all that was decided.
#[test]
fn an_order_that_fills_in_part_before_its_answer_came_keeps_its_rest() {
    let unanswered = PARTS.replace("120  | 2001: answers placed      |", "");
    play(&format!(
        "{}
         600  | 2001: answers placed      |
         610  | 2001: says                |
              | look 2001 5               | open 0.02 of 0.02
         700  | master: order 5 filled    |
              | look 2001 5               | open 0.02 of 0.02",
        unanswered.replace("0.02 of 0.02", "0.02 of 0.02!")
    ));
}

#[test]
fn a_rest_that_is_listed_late_is_cancelled_with_the_masters() {
    play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         120  | 2001: answers placed      |
         130  | 2001: waits 5 0.05 at 1990 |
         500  | master: 5 buy 0.04        |
         510  | 2001: order 5 missing     |
         520  | 2001: has 5 0.02          |
         530  | 2001: says                |
         600  | master: order 5 cancelled |
              | look 2001 5               | open 0.02 of 0.02
         700  | 2001: waits 5 0.03 at 1990 | 2001 cancel 5",
    );
}

#[test]
fn clocks_that_differ_by_less_than_a_time_zone_keep_the_same_time() {
    for (ahead_min, until) in [(20, 9_000), (21, 1_809_000)] {
        let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
        let slave = script.slaves.get_mut(&crate::domain::Login(2001)).unwrap();
        slave.snapshot.account.time = ServerTime(ahead_min * 60_000);
        script.play(&format!(
            "0    | master: says              |
             0    | 2001: connects            |
             0    | 2001: says                |
             100  | master: order 5 buy limit 0.10 at 1990 until 9000 | 2001 place 5 buy limit 0.05 at 1990 until {until}"
        ));
    }
}

const READY: &str = "
    0    | master: says              |
    0    | 2001: connects            |
    0    | 2001: says                |
    100  | master: works on 1 0.10   |
    110  | master: 1 buy 0.04        |
    120  | master: works on 1 0.06   |
";

/// A copy of the first part would be all that there ever is of it.
#[test]
fn an_order_at_market_that_fills_in_parts_is_copied_once_it_has_filled() {
    play(&format!(
        "{READY}
         500  | master: 1 buy 0.10        |
         510  | master: works on nothing  | 2001 open 1 buy 0.05"
    ));
}

#[test]
fn an_order_at_market_that_goes_on_filling_is_copied_as_far_as_it_has_filled() {
    play(&format!(
        "{READY}
         900  | master: says              |
         1800 | master: says              |
         2100 | 2001: says                |
         2109 | master: says              |
         2110 | master: says              | 2001 open 1 buy 0.02
         2130 | 2001: answers done 0.02   |
         2140 | 2001: has 1 0.02          |
         2200 | master: 1 buy 0.10        |
         2300 | master: 1 buy 0.05        |
              | look 2001 1               | open 0.02 of 0.02"
    ));
}
