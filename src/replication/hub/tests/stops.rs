//! Stops follow the master's; what is refused is attached when it can be.

use super::{MULTIPLIER, Script, play};
use crate::domain::Login;

const OPEN: &str = "
    0   | master: says               |
    0   | 2001: connects             |
    0   | 2001: says                 |
    100 | master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05 sl 1990
";

fn play_open(script: &str) {
    play(&format!("{OPEN}{script}"));
}

#[test]
fn they_change_while_the_open_is_under_way() {
    play_open(
        "110 | master: 1 buy 0.10 sl 1995 tp 2010 |
         120 | 2001: answers done 0.05            |
         130 | 2001: has 1 0.05 sl 1990           | 2001 modify 1 sl 1995 tp 2010
         140 | 2001: answers 10009                |
         150 | 2001: has 1 0.05 sl 1995 tp 2010   |
             | look 2001 1                        | open 0.05 of 0.05
         200 | master: 1 buy 0.10                 | 2001 modify 1
         210 | 2001: answers 10009                |
         220 | 2001: has 1 0.05                   |
             | look 2001 1                        | open 0.05 of 0.05",
    );
}

#[test]
fn refused_with_the_open_they_are_attached_afterwards() {
    play_open(
        "120  | 2001: answers 10016        | 2001 open 1 buy 0.05
         130  | 2001: answers done 0.05    |
         140  | 2001: has 1 0.05           | 2001 modify 1 sl 1990
         150  | 2001: answers 10016        |
              | look 2001 1                | open 0.05 of 0.05!
         399  | 2001: says                 |
         400  | 2001: says                 | 2001 modify 1 sl 1990
         410  | 2001: answers 10009        |
         420  | 2001: has 1 0.05 sl 1990   |
              | look 2001 1                | open 0.05 of 0.05",
    );
}

/// Which code a server answers that takes no stops with an open is not documented.
#[test]
fn an_invalid_request_with_stops_is_sent_once_more_without() {
    play_open(
        "120  | 2001: answers 10013        | 2001 open 1 buy 0.05
         130  | 2001: answers done 0.05    |
         140  | 2001: has 1 0.05           | 2001 modify 1 sl 1990",
    );
    play_open(
        "120  | 2001: answers 10013        | 2001 open 1 buy 0.05
         130  | 2001: answers 10013        |
              | look 2001 1                | rejected 0.00 of 0.00 rejected_10013",
    );
}

#[test]
fn refused_five_times_they_count_as_reported_and_are_tried_on() {
    play_open(
        "120   | 2001: answers done 0.05    |
         130   | 2001: has 1 0.05 sl 1990   |
         200   | master: 1 buy 0.10 sl 1995 | 2001 modify 1 sl 1995
         200   | 2001: answers 10016        |
         450   | wait                       | 2001 modify 1 sl 1995
         450   | 2001: answers 10016        |
         950   | wait                       | 2001 modify 1 sl 1995
         950   | 2001: answers 10016        |
         1950  | wait                       | 2001 modify 1 sl 1995
         1950  | 2001: answers 10016        |
         3950  | wait                       | 2001 modify 1 sl 1995
               | look 2001 1                | open 0.05 of 0.05!
         3950  | 2001: answers 10016        |
               | look 2001 1                | open 0.05 of 0.05
         7950  | wait                       | 2001 modify 1 sl 1995
         7950  | 2001: answers 10009        |
               | look 2001 1                | open 0.05 of 0.05",
    );
}

#[test]
fn a_removal_that_was_refused_is_asked_for_again() {
    play_open(
        "120 | 2001: answers done 0.05  |
         130 | 2001: has 1 0.05 sl 1990 |
         200 | master: 1 buy 0.10       | 2001 modify 1
         200 | 2001: answers 10004      |
         450 | wait                     | 2001 modify 1",
    );
}

#[test]
fn lost_with_the_session_they_are_set_again() {
    play_open(
        "120  | 2001: answers done 0.05    |
         130  | 2001: has 1 0.05 sl 1990   |
         200  | master: 1 buy 0.10 sl 1995 | 2001 modify 1 sl 1995
         210  | 2001: breaks off           |
         300  | 2001: connects             |
         310  | 2001: says to 2309         |
         2310 | 2001: says                 | 2001 modify 1 sl 1995",
    );
}

#[test]
fn a_change_in_doubt_is_not_overtaken() {
    play_open(
        "120  | 2001: answers done 0.05    |
         130  | 2001: has 1 0.05 sl 1990   |
         200  | master: 1 buy 0.10 sl 1995 | 2001 modify 1 sl 1995
         210  | 2001: answers 10012        |
         300  | master: 1 buy 0.10 sl 1990 |
         400  | 2001: says to 1890         |
         1900 | 2001: has 1 0.05 sl 1995   |
         2210 | 2001: says                 | 2001 modify 1 sl 1990",
    );
}

#[test]
fn what_the_investor_makes_of_them_is_his() {
    play_open(
        "120 | 2001: answers done 0.05    |
         130 | 2001: has 1 0.05 sl 1990   |
         200 | 2001: has 1 0.05 sl 1980   |
         300 | 2001: says                 |
             | look 2001 1                | open 0.05 of 0.05
         400 | master: 1 buy 0.10 sl 1995 | 2001 modify 1 sl 1995",
    );
}

#[test]
fn his_own_stop_comes_first_and_the_copy_stays_closed() {
    play_open(
        "120 | 2001: answers done 0.05    |
         130 | 2001: has 1 0.05 sl 1990   |
         200 | 2001: lost 1               |
             | look 2001 1                | closed 0.00 of 0.05
         300 | master: 1 buy 0.10 sl 1995 |
         400 | master: 1 closed           |
             | look 2001 1                | over",
    );
}

/// Seed 408 of the simulation: the terminal still showed the position as it was before its stop was set.
#[test]
fn what_was_refused_is_asked_for_though_an_older_state_shows_it() {
    play(
        "0     | master: says              |
         0     | 2001: connects            |
         0     | 2001: says                |
         100   | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         120   | 2001: answers done 0.05   |
         130   | 2001: has 1 0.05          |
         200   | master: 1 buy 0.10 sl 1990 | 2001 modify 1 sl 1990
         210   | 2001: answers 10009       |
         220   | master: 1 buy 0.10        | 2001 modify 1
         230   | 2001: answers 10021       |
         240   | 2001: has 1 0.05          |
         500   | wait                      | 2001 modify 1",
    );
}

/// Nothing else keeps the hub awake: the other slave has been given up.
#[test]
fn what_was_refused_is_asked_for_though_everything_else_is_at_rest() {
    play(
        "0     | master: says              |
         0     | 2001: connects            |
         0     | 2001: says                |
         100   | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         120   | 2001: answers done 0.05   |
         130   | 2001: has 1 0.05          |
         8200  | wait                      |
         9200  | master: 1 buy 0.10 sl 1990 | 2001 modify 1 sl 1990
         9210  | 2001: answers 10009       |
         9220  | master: 1 buy 0.10        | 2001 modify 1
         9230  | 2001: answers 10021       |
         9240  | 2001: has 1 0.05          |
         9500  | wait                      | 2001 modify 1",
    );
}

/// On an account that requires a stop loss.
fn play_required(script: &str) {
    let config = MULTIPLIER.replace("LATE", "skip");
    let config = config.replace(r#""accounts": {"#, r#""accounts": {"2001": {"require_stop_loss": true}, "#);
    Script::new(&config).play(&format!("{OPEN}{script}"));
}

#[test]
fn a_required_one_stays_when_the_master_takes_its_own_off() {
    play_required(
        "120 | 2001: answers done 0.05          |
         130 | 2001: has 1 0.05 sl 1990         |
         200 | master: 1 buy 0.10 tp 2010       | 2001 modify 1 sl 1990 tp 2010
         210 | 2001: answers 10009              |
         220 | 2001: has 1 0.05 sl 1990 tp 2010 |
         300 | master: 1 buy 0.10 sl 1995       | 2001 modify 1 sl 1995
         310 | 2001: answers 10009              |
         320 | 2001: has 1 0.05 sl 1995         |
         400 | master: 1 buy 0.10               |
             | look 2001 1                      | open 0.05 of 0.05",
    );
}

#[test]
fn a_copy_whose_required_one_is_gone_before_it_was_set_is_closed() {
    play_required(
        "120 | 2001: answers 10016     | 2001 open 1 buy 0.05
         125 | master: 1 buy 0.10      |
         130 | 2001: answers done 0.05 |
         140 | no tick: 2001: has 1 0.05 | 2001 reduce 1 to 0.00",
    );
}

#[test]
fn a_copy_whose_required_one_is_gone_before_it_was_opened_is_not() {
    play_required(
        "110 | master: 1 buy 0.10  |
         120 | 2001: answers 10016 |
             | look 2001 1         | skipped 0.00 of 0.00 no_stop_loss",
    );
}

#[test]
fn what_the_investor_makes_of_them_is_his_though_the_session_broke_while_it_was_opened() {
    play_open(
        "110  | 2001: breaks off         |
         200  | 2001: connects           |
         210  | 2001: has 1 0.05 sl 1980 |
         1210 | 2001: says               |
         2210 | 2001: says               |
         3000 | 2001: says               |",
    );
}

#[test]
fn a_copy_whose_required_one_was_taken_off_and_cannot_be_set_again_is_closed() {
    play_required(
        "120   | 2001: answers done 0.05    |
         130   | 2001: has 1 0.05 sl 1990   |
         140   | 2001: has 1 0.05           |
         200   | master: 1 buy 0.10 sl 1995 | 2001 modify 1 sl 1995
         200   | 2001: answers 10016        |
         450   | wait                       | 2001 modify 1 sl 1995
         450   | 2001: answers 10016        |
         950   | wait                       | 2001 modify 1 sl 1995
         950   | 2001: answers 10016        |
         1950  | wait                       | 2001 modify 1 sl 1995
         1950  | 2001: answers 10016        |
         3950  | wait                       | 2001 modify 1 sl 1995
         3950  | 2001: answers 10016        | 2001 reduce 1 to 0.00",
    );
}

#[test]
fn at_a_distance_they_follow_the_accounts_own_open_price() {
    let config =
        MULTIPLIER.replace("LATE", "skip").replace(r#""tag": 1,"#, r#""tag": 1, "stops": "distance","#);
    let mut script = Script::new(&config);
    script.play(OPEN);
    script.play(
        "120 | 2001: answers done 0.05  |
         130 | 2001: has 1 0.05 sl 1990 |",
    );
    script.slaves.get_mut(&Login(2001)).unwrap().snapshot.positions[0].open_price = "2001".parse().unwrap();
    script.play("200 | 2001: says | 2001 modify 1 sl 1991");
}
