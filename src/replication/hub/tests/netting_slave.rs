//! A netting slave: its agent shows every copy's share as a position; what is different for the hub.

use super::{MULTIPLIER, Script, play};
use crate::domain::{Login, Magic, Side};

const OPEN: &str = "
    0   | master: says               |
    0   | 2001: connects             |
    0   | 2001: nets                 |
    100 | master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05
    110 | 2001: answers done 0.05    |
";

/// Its stop loss is set.
const STOPPED: &str = "
    120 | 2001: has 1 0.05           | 2001 modify 1 sl 1990
    130 | 2001: answers 10009        |
    140 | 2001: has 1 0.05 sl 1990   |
";

fn play_open(script: &str) {
    play(&format!("{OPEN}{script}"));
}

fn play_stopped(script: &str) {
    play(&format!("{OPEN}{STOPPED}{script}"));
}

#[test]
fn stops_are_attached_while_the_position_is_one_copys_and_taken_off_when_copies_share_it() {
    play_stopped(
        "| look 2001 1              | open 0.05 of 0.05
         200 | master: 2 buy 0.20 sl 1980 | 2001 open 2 buy 0.10
         210 | 2001: answers done 0.10  |
         220 | 2001: has 2 0.10         | 2001 modify 1
         230 | 2001: answers 10009      |
         240 | 2001: has 1 0.05         |
             | look 2001 1              | open 0.05 of 0.05
             | look 2001 2              | open 0.10 of 0.10
         300 | master: 1 closed         | 2001 reduce 1 to 0.00
         310 | 2001: answers done 0.05  |
         320 | 2001: lost 1             | 2001 modify 2 sl 1980",
    );
}

#[test]
fn what_a_copy_that_is_gone_left_of_stops_is_taken_off() {
    play_open(
        "120 | 2001: has 1 0.05           | 2001 modify 1 sl 1990
         130 | 2001: answers 10009        |
         140 | 2001: has 1 0.05 sl 1990   |
         200 | master: 2 buy 0.20         | 2001 open 2 buy 0.10
         202 | 2001: answers done 0.10    |
         205 | master: 1 closed           | 2001 reduce 1 to 0.00
         210 | 2001: answers done 0.05    |
         220 | 2001: lost 1               |
         230 | 2001: has 2 0.10 sl 1990   | 2001 modify 2",
    );
}

/// A second close would open the other way, and the first list after a standstill may be the one of before.
#[test]
fn a_close_in_doubt_is_not_sent_again_before_the_account_was_watched() {
    play_stopped(
        "200   | master: 1 closed      | 2001 reduce 1 to 0.00
         210   | 2001: answers 10012   |
         2300  | wait                  | 2001 say
         60001 | 2001: says            |
         60100 | 2001: lost 1          |
               | look 2001 1           | over",
    );
}

/// Its program begins anew right after the answer: another agent knows nothing of it, and shows the list of before.
#[test]
fn a_close_that_was_answered_is_not_sent_again_to_another_agent_that_does_not_show_it_yet() {
    play_stopped(
        "200  | master: 1 closed      | 2001 reduce 1 to 0.00
         210  | 2001: answers done 0.05 |
         220  | 2001: breaks off      |
         230  | 2001: connects        |
         240  | 2001: says to 2200    |
         2210 | 2001: lost 1          |
              | look 2001 1           | over",
    );
}

/// Whoever was answered so long ago shows what was done.
#[test]
fn a_close_that_was_answered_counts_as_shown_after_a_while() {
    for (off, then) in [(2209, ""), (2210, "2001 reduce 1 to 0.00")] {
        play_stopped(&format!(
            "200  | master: 1 closed      | 2001 reduce 1 to 0.00
             210  | 2001: answers done 0.05 |
             800  | wait                  | 2001 say
             1400 | wait                  | 2001 say
             2000 | wait                  | 2001 say
             {off} | 2001: breaks off      |
             2230 | 2001: connects        |
             2240 | 2001: says            | {then}"
        ));
    }
}

#[test]
fn a_close_that_may_have_been_executed_is_not_sent_again() {
    play_stopped(
        "200  | master: 1 closed      | 2001 reduce 1 to 0.00
         210  | 2001: answers 10012   |
         300  | 2001: says to 2209    |
         2210 | 2001: says            | 2001 reduce 1 to 0.00
         2220 | 2001: breaks off      |
         2230 | 2001: connects        |
         2240 | 2001: says to 4239    |
         4240 | 2001: says            | 2001 reduce 1 to 0.00",
    );
}

#[test]
fn a_copy_that_may_be_among_what_is_older_is_not_given_up() {
    play_stopped(
        "150  | 2001: says, adrift      |
         200  | master: 1 buy 0.06 sl 1990 |
         300  | 2001: says              | 2001 reduce 1 to 0.03
         310  | 2001: answers 10004     |",
    );
}

/// On an account that requires a stop loss.
fn required() -> Script {
    let config = MULTIPLIER.replace("LATE", "skip");
    Script::new(&config.replace("\"2002\": {", "\"2001\": {\"require_stop_loss\": true}, \"2002\": {"))
}

fn play_required(script: &str) {
    required().play(script);
}

#[test]
fn a_required_stop_loss_is_one_copys_alone() {
    play_required(&format!(
        "{OPEN}
         120 | 2001: has 1 0.05         | 2001 modify 1 sl 1990
         130 | 2001: answers 10009      |
         140 | 2001: has 1 0.05 sl 1990 |
         200 | master: 2 buy 0.20 sl 1980 |
             | look 2001 2              | skipped 0.00 of 0.00 no_stop_loss",
    ));
}

/// Seed 147062 of the simulation: what had been asked for another copy of the position came late, and undid what was set.
#[test]
fn stops_are_not_set_while_others_that_were_asked_for_may_still_be() {
    play_stopped(
        "200  | master: 2 buy 0.20 sl 1980 | 2001 open 2 buy 0.10
         210  | 2001: answers done 0.10  |
         220  | 2001: has 2 0.10         | 2001 modify 1
         230  | 2001: answers 10012      |
         240  | 2001: lost 1             |
         250  | 2001: says to 2219       |
         2230 | 2001: says               | 2001 modify 2 sl 1980",
    );
}

/// Nor when the copy that they were asked for was closed before the answer came.
#[test]
fn stops_that_were_asked_for_a_copy_that_is_gone_may_still_be_set() {
    for closed in ["master: 1 closed", "wait"] {
        play_stopped(&format!(
            "200  | master: 2 buy 0.20 sl 1980 | 2001 open 2 buy 0.10
             210  | 2001: answers done 0.10  |
             220  | 2001: has 2 0.10         | 2001 modify 1
             230  | {closed}                 |
             240  | 2001: lost 1             |
             250  | 2001: says to 2239       |
             2240 | 2001: says               | 2001 modify 2 sl 1980"
        ));
    }
}

/// An order that ended while its cancel was under way changes no stops.
#[test]
fn stops_are_set_at_once_after_an_order_that_is_over() {
    play(
        "0   | master: says               |
         0   | 2001: connects             |
         0   | 2001: nets                 |
         100 | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         110 | 2001: answers placed       |
         120 | 2001: waits 5 0.05 at 1990 |
         200 | master: order 5 cancelled  | 2001 cancel 5
         210 | 2001: order 5 cancelled    |
             | look 2001 5                | over
         300 | master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05
         310 | 2001: answers done 0.05    |
         320 | 2001: has 1 0.05           | 2001 modify 1 sl 1990",
    );
}

/// The owner trades the symbol by hand: the copy stays as long as the position has a stop loss.
#[test]
fn a_required_stop_loss_may_stand_on_what_others_share() {
    let mut world = required();
    world.play(&format!(
        "{OPEN}
         120 | 2001: has 1 0.05         | 2001 modify 1 sl 1990
         130 | 2001: answers 10009      |
         140 | 2001: has 1 0.05 sl 1990 |"
    ));
    let desk = world.slaves.get_mut(&Login(2001)).unwrap();
    desk.open(77, Side::Buy, "0.01".parse().unwrap(), Magic(0));
    world.play(
        "200 | 2001: has 1 0.05 sl 1985 |
             | look 2001 1              | open 0.05 of 0.05
         300 | 2001: has 1 0.05         | 2001 reduce 1 to 0.00",
    );
}

#[test]
fn a_required_stop_loss_is_not_taken_off_for_a_copy_that_was_given_up_and_comes_after_all() {
    play_required(
        "0     | master: says                |
         0     | 2001: connects              |
         0     | 2001: nets                  |
         100   | master: 1 buy 0.10 sl 1990  | 2001 open 1 buy 0.05
         110   | 2001: answers 10012         |
         120   | 2001: offline               |
         9000  | 2001: says                  |
         10000 | 2001: says                  |
         11000 | 2001: says                  |
               | look 2001 1                 | skipped 0.00 of 0.00 too_late
         11100 | master: 2 buy 0.20 sl 1980  | 2001 open 2 buy 0.10
         11110 | 2001: answers done 0.10     |
         11120 | 2001: has 2 0.10            | 2001 modify 2 sl 1980
         11130 | 2001: answers 10009         |
         11140 | 2001: has 2 0.10 sl 1980    |
         11150 | 2001: has 1 0.05 sl 1980    |
               | look 2001 1                 | open 0.05 of 0.05
               | look 2001 2                 | open 0.10 of 0.10",
    );
}

/// What the account shows of the first copy's stop may be older than what was asked for.
#[test]
fn a_stop_that_was_asked_for_and_is_not_shown_yet_is_taken_off_when_copies_share_the_position() {
    play_open(
        "120 | 2001: has 1 0.05           | 2001 modify 1 sl 1990
         130 | 2001: answers 10009        |
         200 | master: 2 buy 0.20 sl 1980 | 2001 open 2 buy 0.10
         210 | 2001: answers done 0.10    |
         220 | 2001: has 2 0.10           | 2001 modify 1",
    );
}

#[test]
fn stops_that_nobody_asked_for_are_not_taken_off() {
    play(
        "0   | master: says            |
         0   | 2001: connects          |
         0   | 2001: nets              |
         100 | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         110 | 2001: answers done 0.05 |
         120 | 2001: has 1 0.05        |
         200 | master: 2 buy 0.20      | 2001 open 2 buy 0.10
         205 | 2001: answers done 0.10 |
         210 | master: 1 buy 0.06      | 2001 reduce 1 to 0.03
         220 | 2001: has 2 0.10        |
         230 | 2001: answers done 0.02 |
         240 | 2001: has 1 0.03        |",
    );
}

/// A script in which the account holds copy 1, whose deals its terminal does not hand over any more.
fn without_deals() -> Script {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(&format!(
        "{OPEN}
         120 | 2001: has 1 0.05         | 2001 modify 1 sl 1990
         130 | 2001: answers 10009      |
         140 | 2001: has 1 0.05 sl 1990 |"
    ));
    let desk = script.slaves.get_mut(&Login(2001)).unwrap();
    desk.snapshot.deals.clear();
    desk.snapshot.positions.clear();
    script
}

#[test]
fn a_copy_that_may_be_among_what_is_older_is_held_as_long_as_that_is_there() {
    without_deals().play(
        "1000 | 2001: says, older       |
         2000 | 2001: says, older       |
         3000 | 2001: says, older       |
         4000 | 2001: says, older       |
              | look 2001 1             | open 0.05 of 0.05
         5000 | 2001: says              |
         6000 | 2001: says              |
         6999 | 2001: says              |
              | look 2001 1             | open 0.05 of 0.05!
         7000 | 2001: says              |
              | look 2001 1             | closed 0.00 of 0.05",
    );
}

#[test]
fn what_is_older_holds_no_copy_whose_deals_are_there_nor_one_that_is_in_doubt() {
    play_stopped(
        "1000 | 2001: hides 1            |
         1100 | 2001: says, older        |
         2100 | 2001: says, older        |
         3100 | 2001: says, older        |
              | look 2001 1              | closed 0.00 of 0.05",
    );
    play(
        "0    | master: says             |
         0    | 2001: connects           |
         0    | 2001: nets               |
         100  | master: 1 buy 0.10       | 2001 open 1 buy 0.05
         110  | 2001: answers 10012      |
         120  | 2001: says, older        |
         1120 | 2001: says, older        |
         2120 | 2001: says, older        | 2001 open 1 buy 0.05",
    );
}

/// What else is in the symbol, or about to be, would share the stop loss.
#[test]
fn a_required_stop_loss_is_looked_for_in_the_same_symbol_and_account() {
    let ready = "
        0   | master: says               |
        0   | 2001: connects             |
        0   | 2001: nets                 |
        0   | 2002: connects             |
        0   | 2002: says                 |";
    // A second copy, while the first is on its way.
    play_required(&format!(
        "{ready}
         100 | master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05; 2002 open 1 buy 0.05 sl 1990
         110 | master: 2 buy 0.10 sl 1990 | 2002 open 2 buy 0.05 sl 1990
             | look 2001 2                | skipped 0.00 of 0.00 no_stop_loss"
    ));
    // Another account's.
    play_required(&format!(
        "{ready}
         100 | master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05; 2002 open 1 buy 0.05 sl 1990
         105 | 2001: answers 10006        |
         110 | master: 2 buy 0.10 sl 1990 | 2001 open 2 buy 0.05; 2002 open 2 buy 0.05 sl 1990"
    ));
    // Something in another symbol.
    let config = MULTIPLIER.replace("LATE", "skip");
    let config = config.replace("\"2002\": {", "\"2001\": {\"require_stop_loss\": true}, \"2002\": {");
    for (symbol, then) in [("XAGUSD", "2001 open 1 buy 0.05"), ("XAUUSD", "")] {
        let mut script = Script::new(&config);
        script.play(ready);
        let desk = script.slaves.get_mut(&Login(2001)).unwrap();
        desk.open(7, Side::Buy, "0.10".parse().unwrap(), Magic(0));
        desk.snapshot.positions[0].symbol = crate::domain::text(symbol).unwrap();
        script.play(&format!(
            "50  | 2001: says                 |
             60  | 2002: breaks off           |
             100 | master: 1 buy 0.10 sl 1990 | {then}"
        ));
    }
}
