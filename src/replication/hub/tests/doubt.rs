//! In doubt, the account tells: positions, deals, and only then time.

use super::{MULTIPLIER, Script, play};
use crate::replication::Record;

const IN_DOUBT: &str = "
    0   | master: says        |
    0   | 2001: connects      |
    0   | 2001: says          |
    100 | master: 1 buy 0.10  | 2001 open 1 buy 0.05
    120 | 2001: answers 10012 |
        | look 2001 1         | in doubt 0.00 of 0.00!
";

fn play_in_doubt(script: &str) {
    play(&format!("{IN_DOUBT}{script}"));
}

#[test]
fn it_was_executed_after_all() {
    play_in_doubt(
        "300 | 2001: says       |
         400 | 2001: has 1 0.05 |
             | look 2001 1      | open 0.05 of 0.05",
    );
}

#[test]
fn it_was_executed_and_is_not_shown_but_its_deal_is() {
    play_in_doubt(
        "300  | 2001: has 1 0.05 |
         310  | 2001: says       |
         320  | 2001: hides 1    |
              | look 2001 1      | open 0.05 of 0.05!
         1900 | 2001: shows 1    |
              | look 2001 1      | open 0.05 of 0.05",
    );
}

#[test]
fn it_was_executed_and_stopped_out_before_anybody_looked() {
    play_in_doubt(
        "300 | 2001: has 1 0.05, lost |
             | look 2001 1            | closed 0.00 of 0.05",
    );
}

#[test]
fn it_was_not_executed_and_there_is_time_for_another() {
    play_in_doubt(
        "300  | 2001: says |
         1300 | 2001: says |
         2299 | 2001: says |
         2300 | 2001: says | 2001 open 1 buy 0.05",
    );
}

#[test]
fn it_was_not_executed_and_the_time_is_over() {
    play_in_doubt(
        "7000 | 2001: says  |
         8000 | 2001: says  |
         9000 | 2001: says  |
              | look 2001 1 | skipped 0.00 of 0.00 too_late",
    );
}

#[test]
fn the_terminal_is_at_it_still() {
    play_in_doubt(
        "300  | 2001: says, busy 1 |
         2500 | 2001: says, busy 1 |
         3000 | 2001: says         |
         4000 | 2001: says         |
         4999 | 2001: says         |
         5000 | 2001: says         | 2001 open 1 buy 0.05",
    );
}

/// The account was looked at twice in two seconds.
#[test]
fn two_glimpses_are_no_evidence() {
    play_in_doubt(
        "300  | 2001: says |
         2300 | 2001: says |
              | look 2001 1 | in doubt 0.00 of 0.00!
         3300 | 2001: says |
         4300 | 2001: says | 2001 open 1 buy 0.05",
    );
}

#[test]
fn time_without_the_account_is_no_evidence() {
    play_in_doubt(
        "300  | 2001: says       |
         400  | 2001: breaks off |
         3000 | 2001: connects   |
         3100 | 2001: says       |
              | look 2001 1      | in doubt 0.00 of 0.00!
         4000 | 2001: offline    |
         5200 | 2001: says       |
              | look 2001 1      | in doubt 0.00 of 0.00!
         6200 | 2001: says       |
         7200 | 2001: says       | 2001 open 1 buy 0.05",
    );
}

#[test]
fn a_terminal_that_says_nothing_by_itself_is_asked() {
    play_in_doubt(
        "499  | wait |
         500  | wait | 2001 say
         999  | wait |
         1000 | wait | 2001 say",
    );
}

#[test]
fn it_is_executed_long_after_it_was_given_up_and_closed_when_the_master_has() {
    play_in_doubt(
        "300  | 2001: says         | 
         7000 | 2001: says         |
         8000 | 2001: says         |
         9000 | 2001: says         |
              | look 2001 1        | skipped 0.00 of 0.00 too_late
         9100 | 2001: has 1 0.05   |
              | look 2001 1        | open 0.05 of 0.05
         9200 | master: 1 closed   | 2001 reduce 1 to 0.00",
    );
    play_in_doubt(
        "300  | 2001: says         | 
         7000 | 2001: says         |
         8000 | 2001: says         |
         9000 | 2001: says         |
         9100 | master: 1 closed   |
              | look 2001 1        | over
         9200 | 2001: has 1 0.05   | 2001 reduce 1 to 0.00
         9300 | 2001: lost 1       |
              | look 2001 1        | over",
    );
}

/// Seed 52851 of the simulation: a terminal froze before it had shown the position, and hid it for a moment afterwards.
#[test]
fn absence_is_not_counted_over_a_pause() {
    play(
        "0    | master: says        |
         0    | 2001: connects      |
         0    | 2001: says          |
         100  | master: 1 buy 0.10  | 2001 open 1 buy 0.05
         120  | 2001: answers done 0.05 |
         130  | 2001: says          |
         4000 | 2001: says          |
         4100 | 2001: says          |
              | look 2001 1         | open 0.05 of 0.05!
         4200 | 2001: has 1 0.05    |
              | look 2001 1         | open 0.05 of 0.05",
    );
}

#[test]
fn a_late_sight_of_what_is_over_decides_nothing_anew() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(&format!(
        "{IN_DOUBT}
         300  | 2001: says         |
         7000 | 2001: says         |
         8000 | 2001: says         |
         9000 | 2001: says         |
         9100 | master: 1 closed   |
              | look 2001 1        | over
         9200 | 2001: has 1 0.05   | 2001 reduce 1 to 0.00"
    ));
    let of = |login: u64| {
        let decided = |r: &&Record| matches!(r, Record::Decided { login: l, .. } if l.0 == login);
        script.records.iter().filter(decided).count()
    };
    assert_eq!((of(2001), of(2002)), (1, 1), "each once, long before");
}

/// It shows the copy, and may not show yet what became of the order.
#[test]
fn who_says_nothing_is_asked_while_a_part_may_be_closed() {
    play(
        "0   | master: says            |
         0   | 2001: connects          |
         0   | 2001: says              |
         100 | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         120 | 2001: answers done 0.05 |
         130 | 2001: has 1 0.05        |
         200 | master: 1 buy 0.06      | 2001 reduce 1 to 0.03
         210 | 2001: answers 10012     |
         220 | 2001: says              |
         719 | wait                    |
         720 | wait                    | 2001 say",
    );
}
