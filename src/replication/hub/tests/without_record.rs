//! The hub has lost its record, and reads off the accounts what it was.

use super::super::super::record::Record;
use super::restart::{OPEN, START};
use super::{MULTIPLIER, Script, fills};
use crate::domain::Login;

#[test]
fn the_only_member_of_a_pool_is_found_again_without_a_record() {
    let config = MULTIPLIER.replace("LATE", "skip");
    let config = config.replace(r#", {"login": 2002, "profile": "0.5"}"#, "");
    let config = config.replace(r#""2002": {"below_minimum": "keep"}"#, "");
    Script::new(&config).play(&format!(
        "{START}{OPEN}
         1000 | hub: restarts without any  |
         1010 | master: 1 missing          |
         1020 | 2001: connects             |
         1030 | 2001: says                 |
              | look 2001 1                | open 0.50 of 0.50"
    ));
}

/// How much the master ordered was guessed from the copy's order, which is larger: that is no reduction.
#[test]
fn a_position_that_is_smaller_than_was_guessed_from_an_order_reduces_no_copy() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip").replace("\"0.5\"", "\"2\""));
    script.play(
        "0    | master: says               |
         0    | 2001: connects             |
         0    | 2001: says                 |
         100  | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.20 at 1990
         110  | 2001: answers placed       |
         120  | 2001: waits 5 0.20 at 1990 |
         190  | master: unseen order 5 missing |
         1000 | hub: restarts without any  |
         1010 | master: says               |
         1020 | 2001: connects             |
         1030 | 2001: says                 |
         1040 | 2001: order 5 filled       |
         1050 | master: 5 buy 0.10         |
              | everybody: says to 4000    |
              | look 2001 5                | open 0.20 of 0.20",
    );
}

/// How much was ordered shows only once its lists agree: till then a hub before this one may have sent the copy.
#[test]
fn what_was_understood_late_is_not_sent_before_the_account_was_watched() {
    fills().play(
        "90   | master: unseen order 5 buy limit 0.06 at 1990 |
         100  | master: 5 buy 0.04        |
         110  | 2001: connects            |
         110  | everybody: says to 2090   |
         2100 | master: says              |
         2110 | everybody: says to 4090   |
         4099 | 2001: says                |
         4100 | 2001: says                | 2001 open 5 buy 0.05",
    );
}

/// Taken for all that it ever was, what is left of a copy would be reduced with the master's once more.
#[test]
fn deals_that_come_late_tell_what_a_copy_was_opened_with() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(&format!(
        "{START}{OPEN}
         500  | master: 1 buy 0.50 sl 1990 | 2001 reduce 1 to 0.25
         510  | 2001: answers done 0.25    |
         520  | 2001: has 1 0.25 sl 1990   |"
    ));
    let desk = script.slaves.get_mut(&Login(2001)).unwrap();
    let deals = std::mem::take(&mut desk.snapshot.deals);
    script.play(
        "1000 | hub: restarts without any  |
         1010 | master: says               |
         1020 | 2001: connects             |
         1030 | 2001: says                 |
              | look 2001 1                | open 0.25 of 0.25!",
    );
    script.slaves.get_mut(&Login(2001)).unwrap().snapshot.deals = deals;
    script.play(
        "1200 | 2001: says                 |
              | look 2001 1                | open 0.25 of 0.50
         2200 | 2001: says                 |
         3200 | 2001: says                 |",
    );
}

/// What it has sent since is its own, though a part of it is shown before the answer comes.
#[test]
fn what_a_restarted_hub_has_sent_keeps_its_size() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 1.00 sl 1990 | 2001 open 1 buy 0.50 sl 1990
         200  | hub: restarts without 2   |
         210  | master: says              |
         220  | 2001: connects            |
         230  | everybody: says to 2230   | 2001 open 1 buy 0.50 sl 1990
         2300 | 2001: has 1 0.30 sl 1990  |",
    );
    let decided = |record: &&Record| matches!(record, Record::Decided { login: Login(2001), .. });
    assert_eq!(script.records.iter().filter(decided).count(), 1);
}

/// The hub before it had sized the copy otherwise, and its order was on its way while this one, without that record, sized it
/// anew and was gone before it sent anything.
#[test]
fn what_another_hub_had_sent_is_no_size_of_this_ones() {
    for (taken, shown) in [
        ("1 buy 1.00 sl 1990 | 2001 open 1 buy 0.50 sl 1990", "has 1 0.30 sl 1990"),
        ("order 5 buy limit 1.00 at 1990 | 2001 place 5 buy limit 0.50 at 1990", "waits 5 0.30 at 1990"),
    ] {
        let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
        script.play(&format!(
            "0    | master: says              |
             0    | 2001: connects            |
             0    | 2001: says                |
             100  | master: {taken}
             200  | hub: restarts without 1   |
             210  | master: says              |
             220  | 2001: connects            |
             230  | 2001: {shown}             |"
        ));
        let decided = script.records.iter().rev().find_map(|record| match record {
            Record::Decided { login, decision, .. } if login.0 == 2001 => Some(decision.lots().to_string()),
            _ => None,
        });
        assert_eq!(decided.as_deref(), Some("0.30"), "{shown}");
    }
}
