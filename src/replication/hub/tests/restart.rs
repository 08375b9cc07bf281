//! The hub dies and comes back: with its record, or without the end of it, or without any.

use super::super::super::record::Record;
use super::{BLOCK, MULTIPLIER, Script, play};
use crate::replication::State;

pub(super) const START: &str = "
    0    | master: says              |
    0    | 2001: connects            |
    0    | 2001: says                |
    100  | master: 1 buy 1.00 sl 1990 | 2001 open 1 buy 0.50 sl 1990
";
pub(super) const OPEN: &str = "
    120  | 2001: answers done 0.50   |
    130  | 2001: has 1 0.50 sl 1990  |
";

#[test]
fn a_copy_that_is_there_is_found_again() {
    // The record: taken, decided, sent, open. Without its last entries it ends earlier.
    for without in 0..=4 {
        play(&format!(
            "{START}{OPEN}
             1000 | hub: restarts without {without} |
             1010 | master: says               |
             1100 | 2001: connects             |
             1110 | 2001: says                 |
                  | look 2001 1                | open 0.50 of 0.50
             1120 | 2001: says to 1990         |
             2000 | master: 1 buy 0.50 sl 1990 |
             2010 | 2001: says to 3109         |
             3110 | 2001: says                 | 2001 reduce 1 to 0.25
             3115 | 2001: says, busy 1         |
             3120 | 2001: answers done 0.25    |
             3130 | 2001: has 1 0.25 sl 1990   |
                  | look 2001 1                | open 0.25 of 0.50
             4000 | master: 1 closed           | 2001 reduce 1 to 0.00"
        ));
    }
}

#[test]
fn the_slave_may_be_back_before_the_master() {
    for without in [0, 4] {
        play(&format!(
            "{START}{OPEN}
             1000 | hub: restarts without {without} |
             1010 | 2001: connects             |
             1020 | 2001: says                 |
             1030 | master: says               |
                  | look 2001 1                | open 0.50 of 0.50"
        ));
    }
}

#[test]
fn an_open_under_way_is_not_sent_again_before_the_account_had_time_to_show_it() {
    for without in 0..=3 {
        play(&format!(
            "{START}
             1000 | hub: restarts without {without} |
             1010 | master: says     |
             1100 | 2001: connects   |
             1110 | 2001: says       |
             2110 | 2001: says       |
             3109 | 2001: says       |
             3110 | 2001: says       | 2001 open 1 buy 0.50 sl 1990"
        ));
    }
}

#[test]
fn what_was_closed_meanwhile_stays_closed() {
    for without in 0..=4 {
        play(&format!(
            "{START}{OPEN}
             1000 | hub: restarts without {without} |
             1010 | master: says       |
             1100 | 2001: connects     |
             1110 | 2001: lost 1       |
                  | look 2001 1        | closed 0.00 of 0.50
             9999 | 2001: says         |
                  | look 2001 1        | closed 0.00 of 0.50"
        ));
    }
}

#[test]
fn what_the_master_closed_in_part_meanwhile_is_closed_in_part() {
    for without in 0..=4 {
        play(&format!(
            "{START}{OPEN}
             1000 | hub: restarts without {without} |
             1010 | master: 1 buy 0.40 sl 1990 |
             1100 | 2001: connects             |
             1110 | 2001: says to 3109         |
             3110 | 2001: says                 | 2001 reduce 1 to 0.20"
        ));
    }
}

#[test]
fn what_the_master_closed_meanwhile_is_closed() {
    for without in 0..=4 {
        play(&format!(
            "{START}{OPEN}
             1000 | hub: restarts without {without} |
             1010 | master: 1 closed |
             1100 | 2001: connects   |
             1110 | 2001: says       | 2001 reduce 1 to 0.00
             1120 | 2001: answers done 0.50 |
             1130 | 2001: lost 1     |
                  | look 2001 1      | over"
        ));
    }
}

#[test]
fn a_master_that_shows_nothing_at_first_closes_nothing_at_once() {
    for without in 0..=4 {
        play(&format!(
            "{START}{OPEN}
             1000 | hub: restarts without {without} |
             1010 | master: 1 missing |
             1100 | 2001: connects    |
             1110 | 2001: says to 2490 |
             2500 | master: back      |
                  | look 2001 1       | open 0.50 of 0.50"
        ));
    }
}

#[test]
fn a_stray_on_record_opens_nothing_after_the_next_restart() {
    play(&format!(
        "{START}{OPEN}
         1000 | hub: restarts without 4 |
         1010 | master: 1 missing |
         1100 | 2001: connects    |
         1110 | 2001: says        |
         1200 | hub: restarts     |
         1210 | master: says      |
         1220 | 2002: connects    |
         1230 | 2002: says        |
         1300 | 2001: connects    |
         1310 | all: says to 2209 |
         2210 | master: says      |
         2220 | everybody: says to 31200 |
         31209 | master: says     |
         31210 | master: says     | 2001 reduce 1 to 0.00"
    ));
}

#[test]
fn stops_of_the_record_are_not_set_over_newer_ones() {
    play(&format!(
        "{START}{OPEN}
         200  | master: 1 buy 1.00 sl 1995 | 2001 modify 1 sl 1995
         210  | 2001: answers 10009        |
         220  | 2001: has 1 0.50 sl 1995   |
         1000 | hub: restarts              |
         1010 | 2001: connects             |
         1020 | 2001: says                 |
         4000 | 2001: says                 |
         4010 | master: says               |
         4020 | 2001: says                 |
              | look 2001 1                | open 0.50 of 0.50"
    ));
}

#[test]
fn stops_that_the_master_removed_meanwhile_are_removed() {
    play(&format!(
        "{START}{OPEN}
         1000 | hub: restarts      |
         1010 | master: 1 buy 1.00 |
         1020 | 2001: connects     |
         1030 | 2001: says to 3029 |
         3030 | 2001: says         | 2001 modify 1"
    ));
}

/// Seed 41605 of the simulation: the copy was taken for one of what it held itself, and nothing was closed with the master.
#[test]
fn what_a_stray_stands_for_is_not_known_before_the_master_shows_it() {
    play(&format!(
        "{START}{OPEN}
         500  | master: 1 buy 0.50 sl 1990 | 2001 reduce 1 to 0.25
         510  | 2001: answers done 0.25    |
         520  | 2001: has 1 0.25 sl 1990   |
         1000 | hub: restarts without 4    |
         1010 | master: 1 missing          |
         1100 | 2001: connects             |
         1110 | 2001: says                 |
         1200 | master: back               |
         1210 | 2001: says                 |
              | look 2001 1                | open 0.25 of 0.50
         1220 | 2001: says to 3990         |
         4000 | master: 1 buy 0.25 sl 1990 | 2001 reduce 1 to 0.12"
    ));
}

/// Seed 52593 of the simulation: what was left of the decision was that there was none.
#[test]
fn who_joined_late_is_decided_anew_when_the_decision_is_torn_off() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "always"));
    script.play(
        "0    | master: says              |
         100  | master: order 5 buy limit 0.10 at 1990 |
         8200 | wait                      |
              | look 2001 5               | skipped 0.00 of 0.00 not_connected
         9000 | 2001: connects            |
         9010 | 2001: says                | 2001 place 5 buy limit 0.05 at 1990",
    );
    let planned = |record: &Record| matches!(record, Record::Copy { state: State::Planned, .. });
    let joined = script.records.iter().rposition(planned).unwrap();
    script.records.truncate(joined + 1);
    script.play(
        "9100  | hub: restarts            |
         9110  | master: says             |
         9120  | 2001: connects           |
         9130  | 2001: says to 11129      |
         11200 | 2001: says               | 2001 place 5 buy limit 0.05 at 1990",
    );
}

/// The first state of a master's terminal lacks a position; its slave's tells of it, with as many lots as the master has by
/// now. What the master opened it with is the master's to say.
#[test]
fn a_position_that_the_master_shows_late_is_measured_by_the_masters_own_deals() {
    for restarts in ["hub: restarts without any", "hub: restarts"] {
        play(&format!(
            "{START}{OPEN}
             200  | master: 1 buy 0.50 sl 1990     | 2001 reduce 1 to 0.25
             300  | hub: restarts without any      |
             310  | master: 1 missing              |
             320  | 2001: connects                 |
             330  | 2001: says                     |
             340  | {restarts}                     |
             350  | master: says                   |
             360  | 2001: connects                 |
             370  | 2001: says                     |
             400  | master: back                   |
                  | look 2001 1                    | open 0.50 of 0.50!
             410  | 2001: says to 2369             |
             2400 | 2001: says                     | 2001 reduce 1 to 0.25"
        ));
    }
}

/// The end of the record is lost, and with it what the only slave that was there had got.
#[test]
fn a_block_is_shared_again_among_those_who_had_a_part() {
    Script::new(BLOCK).play(
        "0    | master: says              |
         0    | 2002: connects            |
         0    | 2002: says                |
         4090 | 2002: says                |
         4100 | master: 1 buy 0.20        | 2002 open 1 buy 0.20
         4200 | hub: restarts without 2   |
         4210 | master: says              |
         4220 | 2001: connects            |
         4220 | 2002: connects            |
         4230 | 2001: says                |
              | look 2001 1               | skipped 0.00 of 0.00 block_shared
         4240 | all: says to 6230         |
         6260 | all: says to 6260         | 2002 open 1 buy 0.20",
    );
}

/// Asked for again at 7000, by the record: that gives it no more time.
#[test]
fn what_was_refused_before_a_restart_is_not_opened_late() {
    play(&format!(
        "{START}
         7000 | 2001: answers 10018  |
         7010 | hub: restarts        |
              | look 2001 1          | in doubt 0.00 of 0.00!
         7020 | master: says         |
         7030 | 2001: connects       |
         7040 | 2001: says           |
         8040 | 2001: says           |
         9040 | 2001: says           |
              | look 2001 1          | skipped 0.00 of 0.00 too_late"
    ));
}

#[test]
fn what_is_entered_at_market_has_its_time_from_then_on_over_a_restart() {
    for without in 0..=1 {
        play(&format!(
            "0     | master: says              |
             0     | 2001: connects            |
             0     | 2001: says                |
             100   | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
             120   | 2001: answers placed      |
             130   | 2001: waits 5 0.05 at 1990 |
             19900 | master: says              |
             20000 | master: order 5 filled    |
             23000 | 2001: says                | 2001 cancel 5
             29980 | 2001: says                |
             29990 | 2001: answers cancelled   |
             30000 | 2001: order 5 cancelled   | 2001 open 5 buy 0.05
             30040 | hub: restarts without {without} |
             30100 | master: says              |
             30200 | 2001: connects            |
             30210 | 2001: says                |
             31210 | 2001: says                |
             32210 | 2001: says                | 2001 open 5 buy 0.05"
        ));
    }
}

#[test]
fn what_was_sized_and_may_have_been_sent_is_in_doubt() {
    play(&format!(
        "{START}
         200  | hub: restarts without 1    |
              | look 2001 1                | in doubt 0.00 of 0.00!"
    ));
}

#[test]
fn a_copy_that_was_closed_before_a_restart_and_is_there_again_is_closed() {
    play(&format!(
        "{START}{OPEN}
         200  | 2001: lost 1               |
              | look 2001 1                | closed 0.00 of 0.50
         300  | hub: restarts              |
         310  | master: says               |
         320  | 2001: connects             |
         330  | 2001: says                 |
         400  | 2001: has 1 0.50 sl 1990   | 2001 reduce 1 to 0.00"
    ));
}

#[test]
fn a_stray_is_not_taken_in_before_the_master_is_known() {
    play(&format!(
        "{START}{OPEN}
         1000 | hub: restarts without any  |
         1010 | 2001: connects             |
         1020 | 2001: says                 |
              | look 2001 1                | over
         1030 | master: says               |
              | look 2001 1                | open 0.50 of 0.50"
    ));
}

/// Whose copy it is says by which of the pool's members it is explained.
#[test]
fn a_copy_without_record_is_adopted_as_its_own_accounts() {
    let config = MULTIPLIER.replace("LATE", "skip");
    let mut script = Script::new(&config.replace(r#"2002, "profile": "0.5""#, r#"2002, "profile": "0.7""#));
    script.play(&format!(
        "{START}{OPEN}
         1000 | hub: restarts without any  |
         1010 | master: says               |
         1020 | 2001: connects             |
         1030 | 2001: says                 |"
    ));
    let adopted = script.records.iter().find_map(|record| match record {
        Record::Decided { login, decision, .. } if login.0 == 2001 => {
            Some(decision.facts.profile.to_string())
        }
        _ => None,
    });
    assert_eq!(adopted.as_deref(), Some("0.5"));
}

#[test]
fn credits_outlive_a_restart() {
    let mut script = Script::new(&BLOCK.replace(r#""by": "equal""#, r#""by": "equal", "residual": "carry""#));
    script.play(
        "0   | master: says       |
         0   | 2001: connects     |
         0   | 2001: says         |
         0   | 2002: connects     |
         0   | 2002: says         |
         100 | master: 1 buy 0.03 | 2001 open 1 buy 0.02; 2002 open 1 buy 0.01",
    );
    let credits = script.hub.credits.clone();
    assert_eq!(credits.values().copied().collect::<Vec<_>>(), [-500_000, 500_000]);
    script.play("200 | hub: restarts |");
    assert_eq!(script.hub.credits, credits);
}
