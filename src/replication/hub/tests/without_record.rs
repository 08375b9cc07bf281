//! The hub has lost its record, and reads off the accounts what it was.

use super::restart::{OPEN, START};
use super::{MULTIPLIER, Script};
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
