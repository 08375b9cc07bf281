//! Parts and wholes are closed once, whoever closes them, and never come back.

use super::{MULTIPLIER, Script, play};
use crate::domain::{CopyId, Login, Magic, PositionId, Side, Signature};

/// A copy of 0.50 of a master position of 1.00.
const OPEN: &str = "
    0   | master: says            |
    0   | 2001: connects          |
    0   | 2001: says              |
    100 | master: 1 buy 1.00      | 2001 open 1 buy 0.50
    120 | 2001: answers done 0.50 |
    130 | 2001: has 1 0.50        |
        | look 2001 1             | open 0.50 of 0.50
";

fn play_open(script: &str) {
    play(&format!("{OPEN}{script}"));
}

#[test]
fn the_master_closes_in_parts_and_errors_do_not_add_up() {
    play_open(
        "200 | master: 1 buy 0.67      | 2001 reduce 1 to 0.33
         210 | 2001: answers done 0.17 |
         220 | 2001: has 1 0.33        |
         300 | master: 1 buy 0.34      | 2001 reduce 1 to 0.17
         310 | 2001: answers done 0.16 |
         320 | 2001: has 1 0.17        |
         400 | master: 1 buy 0.01      | 2001 reduce 1 to 0.00
         410 | 2001: answers done 0.17 |
         420 | 2001: lost 1            |
             | look 2001 1             | closed 0.00 of 0.50",
    );
}

#[test]
fn a_state_older_than_the_report_closes_nothing_twice() {
    play_open(
        "200 | master: 1 buy 0.50      | 2001 reduce 1 to 0.25
         210 | 2001: answers done 0.25 |
         215 | 2001: says, busy 1      |
             | look 2001 1             | open 0.25 of 0.50!
         220 | 2001: says              | 2001 reduce 1 to 0.25
         225 | 2001: answers already   |
         230 | 2001: has 1 0.25        |
             | look 2001 1             | open 0.25 of 0.50",
    );
}

#[test]
fn a_part_that_may_have_been_closed_is_not_closed_again_before_the_account_had_time_to_show_it() {
    for answer in ["10012", "10008", "done 0.00"] {
        play_open(&format!(
            "200  | master: 1 buy 0.50      | 2001 reduce 1 to 0.25
             210  | 2001: answers {answer}  |
             300  | 2001: says to 2209      |
             2215 | 2001: says              | 2001 reduce 1 to 0.25
             2220 | 2001: answers done 0.25 |
             2230 | 2001: has 1 0.25        |
                  | look 2001 1             | open 0.25 of 0.50"
        ));
    }
}

/// Its terminal is cut off, or stands still, and the first list that it shows afterwards is the one of before: time alone
/// proves nothing.
#[test]
fn a_part_that_may_have_been_closed_is_not_closed_again_before_the_account_was_watched() {
    play_open(
        "200   | master: 1 buy 0.50      | 2001 reduce 1 to 0.25
         210   | 2001: answers 10012     |
         2300  | wait                    | 2001 say
         60000 | 2001: says              |
         60100 | 2001: has 1 0.25        |
               | look 2001 1             | open 0.25 of 0.50",
    );
}

#[test]
fn a_part_under_way_when_the_session_breaks_is_not_closed_again_at_once() {
    play_open(
        "200  | master: 1 buy 0.50      | 2001 reduce 1 to 0.25
         210  | 2001: breaks off        |
         400  | 2001: connects          |
         410  | 2001: says, busy 1      |
         500  | 2001: says              |
         2400 | 2001: says              |
         2410 | 2001: has 1 0.25        |
              | look 2001 1             | open 0.25 of 0.50",
    );
}

#[test]
fn an_answer_that_nobody_waits_for_any_more_makes_unsure() {
    play_open(
        "200  | 2001: answers old 10012 |
         210  | master: 1 buy 0.50      |
         220  | 2001: says to 2199      |
         2200 | 2001: says              | 2001 reduce 1 to 0.25",
    );
}

#[test]
fn a_whole_is_closed_again_without_waiting_since_it_cannot_be_closed_twice() {
    play_open(
        "200 | master: 1 closed        | 2001 reduce 1 to 0.00
         210 | 2001: answers 10012     |
         300 | 2001: says              |
         459 | wait                    |
         460 | wait                    | 2001 reduce 1 to 0.00
         470 | 2001: answers 10036     |
         480 | 2001: lost 1            |
             | look 2001 1             | over",
    );
}

#[test]
fn a_refused_close_is_asked_for_again_and_again_ever_more_slowly() {
    play_open(
        "200   | master: 1 closed    | 2001 reduce 1 to 0.00
         200   | 2001: answers 10018 |
         449   | 2001: says          |
         450   | wait                | 2001 reduce 1 to 0.00
         450   | 2001: answers 10018 |
         950   | wait                | 2001 reduce 1 to 0.00
         950   | 2001: answers 10018 |
         1950  | wait                | 2001 reduce 1 to 0.00
         1950  | 2001: answers 10018 |
         3950  | wait                | 2001 reduce 1 to 0.00
         3950  | 2001: answers 10018 |
         7950  | wait                | 2001 reduce 1 to 0.00
         7950  | 2001: answers 10018 |
         15950 | wait                | 2001 reduce 1 to 0.00
         15950 | 2001: answers 10018 |
         31950 | wait                | 2001 reduce 1 to 0.00
         31950 | 2001: answers 10018 |
         61949 | wait                |
         61950 | wait                | 2001 reduce 1 to 0.00",
    );
}

#[test]
fn a_close_in_parts_goes_on_at_once() {
    play_open(
        "200 | master: 1 closed        | 2001 reduce 1 to 0.00
         210 | 2001: answers done 0.30 | 2001 reduce 1 to 0.00
         215 | 2001: says, busy 1      |
         220 | 2001: answers done 0.20 |
         230 | 2001: lost 1            |
             | look 2001 1             | over",
    );
}

#[test]
fn what_the_investor_closed_stays_closed() {
    play_open(
        "200 | 2001: lost 1       |
             | look 2001 1        | closed 0.00 of 0.50
         300 | master: 1 buy 0.90 |
         400 | 2001: says         |
         500 | 2001: breaks off   |
         600 | 2001: connects     |
         700 | 2001: says         |
         800 | master: 1 closed   |
             | look 2001 1        | over",
    );
}

#[test]
fn what_the_investor_closed_in_part_is_not_bought_back() {
    play_open(
        "200 | 2001: has 1 0.30        |
             | look 2001 1             | open 0.30 of 0.50
         300 | master: 1 buy 0.70      |
         400 | master: 1 buy 0.50      | 2001 reduce 1 to 0.25",
    );
}

#[test]
fn a_close_without_a_deal_is_believed_after_a_while_of_watching() {
    play_open(
        "200  | 2001: hides 1    |
              | look 2001 1      | open 0.50 of 0.50!
         1000 | wait             | 2001 say
         1500 | 2001: offline    |
         2300 | 2001: says       |
              | everybody: says to 32290 |
              | look 2001 1      | open 0.50 of 0.50!
         32300 | 2001: says      |
              | look 2001 1      | closed 0.00 of 0.50
         32400 | 2001: shows 1   | 2001 reduce 1 to 0.00",
    );
}

#[test]
fn a_position_that_the_master_misses_for_a_moment_is_not_closed() {
    play_open(
        "200  | master: 1 buy 0.80      | 2001 reduce 1 to 0.40
         210  | 2001: answers done 0.10 |
         220  | 2001: has 1 0.40        |
         300  | master: 1 missing       |
         1000 | master: offline         |
         2400 | master: says            |
         2500 | master: back            |
              | look 2001 1             | open 0.40 of 0.50
         3000 | master: 1 missing       |
              | everybody: says to 32900 |
              | alerts                  | the master's terminal does not show 1 of its positions and orders, and its history does not tell what became of them: their copies are closed 30 s after they went missing. If they are still there, take this program off its chart until the terminal shows them
         32999 | master: says           |
              | look 2001 1             | open 0.40 of 0.50
         33000 | master: says           | 2001 reduce 1 to 0.00",
    );
}

/// Its deal may come later: what has become smaller was closed.
#[test]
fn a_position_that_has_become_smaller_is_followed_before_its_deal_comes() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(
        "0   | master: says              |
         0   | 2001: connects            |
         0   | 2001: says                |
         100 | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         110 | 2001: answers done 0.05   |
         120 | 2001: has 1 0.05          |",
    );
    script.master.snapshot.positions[0].lots = "0.06".parse().unwrap();
    script.play("200 | master: says | 2001 reduce 1 to 0.03");
}

/// Half of the time is left to look, however long doubts last.
#[test]
fn what_the_master_misses_is_told_before_it_counts_as_closed() {
    let config = MULTIPLIER.replace("LATE", "skip").replace(r#""doubt_ms": 2000"#, r#""doubt_ms": 20000"#);
    Script::new(&config).play(
        "0     | master: says            |
         0     | 2001: connects          |
         0     | 2001: says              |
         100   | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         110   | 2001: answers done 0.05 |
         120   | 2001: has 1 0.05        |
         1000  | master: 1 missing       |
               | everybody: says to 15999 |
               | alerts                  |
         16000 | master: says            |
               | alerts                  | the master's terminal does not show 1 of its positions and orders, and its history does not tell what became of them: their copies are closed 30 s after they went missing. If they are still there, take this program off its chart until the terminal shows them",
    );
}

#[test]
fn two_glimpses_of_what_the_master_misses_are_not_a_long_absence() {
    play_open(
        "300  | master: 1 missing       |
         2301 | master: says            |
              | everybody: says to 32300 |
              | look 2001 1             | open 0.50 of 0.50
         32301 | master: says           | 2001 reduce 1 to 0.00",
    );
}

#[test]
fn a_copy_that_was_opened_twice_is_brought_back_to_its_size() {
    play_open(
        "200 | 2001: has 1 twice       | 2001 reduce 1 to 0.50
         210 | 2001: answers done 0.50 |
         220 | 2001: has 1 0.00        |
             | look 2001 1             | open 0.50 of 0.50",
    );
}

/// The terminal lists them in any order, and the hub has lost its record.
#[test]
fn of_a_copy_that_was_opened_twice_the_older_position_tells_its_size() {
    for younger_first in [false, true] {
        let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
        script.play(OPEN);
        let desk = script.slaves.get_mut(&Login(2001)).unwrap();
        let (side, magic) = (desk.snapshot.positions[0].side, desk.snapshot.positions[0].magic);
        desk.open(7, side, "0.30".parse().unwrap(), magic);
        if younger_first {
            desk.snapshot.positions.reverse();
        }
        script.play(
            "200 | hub: restarts without any |
             210 | master: says              |
             220 | 2001: connects            |
             230 | 2001: says                |
                 | look 2001 1               | open 0.80 of 0.50!",
        );
    }
}

#[test]
fn what_was_closed_is_looked_for_at_once_when_the_last_state_is_old() {
    play_open(
        "1000 | master: 1 closed                 | 2001 reduce 1 to 0.00
         1010 | no tick: 2001: answers done 0.50 | 2001 say",
    );
}

/// The deals of a position that was held for long are in no list any more.
#[test]
fn a_copy_that_was_given_up_and_is_there_without_a_deal_is_seen() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(
        "0    | master: says            |
         0    | 2001: connects          |
         0    | 2001: says              |
         100  | master: 1 buy 1.00      | 2001 open 1 buy 0.50
         120  | 2001: answers 10012     |
         8000 | 2001: says              |
         9000 | 2001: says              |
         9990 | 2001: says              |
         10980 | 2001: says             |
              | look 2001 1             | skipped 0.00 of 0.00 too_late",
    );
    let magic = Magic::of_copy(
        Signature::of_master(Login(1001)),
        CopyId::new(script.setup.pools[0].tag, PositionId(1)),
    );
    let desk = script.slaves.get_mut(&Login(2001)).unwrap();
    desk.open(7, Side::Buy, "0.50".parse().unwrap(), magic);
    desk.snapshot.deals.clear();
    script.play(
        "11000 | 2001: says  |
               | look 2001 1 | open 0.50 of 0.50",
    );
}
