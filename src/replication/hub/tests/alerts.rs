//! What the manager is told.

use std::sync::Arc;

use super::{MULTIPLIER, Script, play};
use crate::config::Setup;

#[test]
fn a_close_that_is_refused_again_and_again_is_told_and_never_given_up() {
    let refusals = [(500, 520), (770, 780), (1290, 1300), (2310, 2320), (4330, 4340)];
    let script = refusals.map(|(asked, answered)| {
        let what = if asked == 500 { "master: 1 closed" } else { "2001: says" };
        format!("{asked} | {what} | 2001 reduce 1 to 0.00\n{answered} | 2001: answers 10018 |\n")
    });
    play(&format!(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         120  | 2001: answers done 0.05   |
         130  | 2001: has 1 0.05          |
              | alerts                    |
         {}
              | alerts                    | slave 2001: copy 1:1 could not be closed in 5 attempts, the trade server says 10018 (market closed); it is asked again: look at its terminal
         8400 | 2001: says                | 2001 reduce 1 to 0.00
         8410 | 2001: answers 10018       |
              | alerts                    |
         16420 | 2001: says               | 2001 reduce 1 to 0.00
         16430 | 2001: answers done 0.05  |
         16440 | 2001: lost 1             |
              | look 2001 1               | over",
        script.join("")
    ));
}

/// An account goes from one pool to another while it has a copy of the first.
const MOVED: &str = r#"{
    "master": {"login": 1001, "currency": "USD", "doubt_ms": 2000},
    "secret": "scripted",
    "pools": [
        {"name": "half", "tag": 1, "allocation": {"method": "multiplier"},
         "members": [FIRST{"login": 2002, "profile": "0.5"}]},
        {"name": "calm", "tag": 2, "allocation": {"method": "multiplier"}, "filter": {"symbols": ["EURUSD"]},
         "members": [SECOND{"login": 2002, "profile": "0.5"}]}
    ]
}"#;

#[test]
fn a_copy_of_a_pool_that_its_account_has_left_is_told_once() {
    let own = r#"{"login": 2001, "profile": "0.5"}, "#;
    let mut world = Script::new(&MOVED.replace("FIRST", own).replace("SECOND", ""));
    world.play(
        "0    | master: says            |
         0    | 2001: connects          |
         0    | 2001: says              |
         100  | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         110  | 2001: answers done 0.05 |
         120  | 2001: has 1 0.05        |
              | alerts                  |",
    );
    world.setup = Arc::new(Setup::parse(&MOVED.replace("FIRST", "").replace("SECOND", own)).unwrap());
    world.play(
        "1000 | hub: restarts           |
         1010 | master: says            |
         1020 | 2001: connects          |
         1030 | 2001: says to 1900      |
              | alerts                  | slave 2001: copy 1:1 is of a pool that the account is in no more: nothing closes it with the master. Close it by hand, or put the account back into that pool and start this program anew
         2000 | 2001: lost 1            |
              | alerts                  |",
    );
}

/// It has its deadline, and ends with a reason.
#[test]
fn an_open_that_is_refused_again_and_again_is_no_alert() {
    play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         110  | 2001: answers 10018       |
         360  | 2001: says                | 2001 open 1 buy 0.05
         370  | 2001: answers 10018       |
         870  | 2001: says                | 2001 open 1 buy 0.05
         880  | 2001: answers 10018       |
         1880 | 2001: says                | 2001 open 1 buy 0.05
         1890 | 2001: answers 10018       |
         3890 | 2001: says                | 2001 open 1 buy 0.05
         3900 | 2001: answers 10018       |
              | alerts                    |",
    );
}

#[test]
fn so_many_alerts_wait_to_be_read() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(
        "0    | master: says              |
         0    | 2001: connects            |",
    );
    for _ in 0..1_030 {
        script.play(
            "10   | 2001: trips skip_opens    |
             20   | 2001: rearmed             |",
        );
    }
    assert_eq!(std::iter::from_fn(|| script.hub.poll_alert()).count(), 1_024);
}

#[test]
fn who_may_not_trade_is_told_of_once_and_stands_so_until_he_may() {
    let stands = "Pool half, multiplier: 1 of 2 slaves connected";
    Script::new(&MULTIPLIER.replace("LATE", "skip")).play(&format!(
        "0   | master: says            |
         0   | 2001: connects          |
         0   | 2001: says              |
         100 | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         110 | 2001: answers 10027     |
             | look 2001 1             | rejected 0.00 of 0.00 rejected_10027
             | alerts                  | slave 2001 may not trade, 10027 (automated trading disabled by the terminal): what the master opens is lost to it, what he closes is tried again; switch on Algo Trading in its terminal
             | manager: stands         | {stands};   2001 may not trade: 10027 (automated trading disabled by the terminal);   2002 is not connected
         200 | master: 2 buy 0.10      | 2001 open 2 buy 0.05
         210 | 2001: answers 10027     |
             | alerts                  |
         300 | master: 3 buy 0.10      | 2001 open 3 buy 0.05
         310 | 2001: answers done 0.05 |
             | manager: stands         | {stands};   their last orders took 10.0 to 10.0 ms;   2002 is not connected"
    ));
}

/// Its account lacks it, and no deal tells why: that is waited for, and no trouble.
#[test]
fn a_close_of_what_is_gone_is_no_alert() {
    play(
        "0    | master: says            |
         0    | 2001: connects          |
         0    | 2001: says              |
         100  | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         110  | 2001: answers done 0.05 |
         120  | 2001: has 1 0.05        |
         130  | 2001: hides 1           |
         140  | master: 1 closed        | 2001 reduce 1 to 0.00
         150  | 2001: answers already   |
         410  | 2001: says              | 2001 reduce 1 to 0.00
         420  | 2001: answers already   |
         930  | 2001: says              | 2001 reduce 1 to 0.00
         940  | 2001: answers already   |
         1950 | 2001: says              | 2001 reduce 1 to 0.00
         1960 | 2001: answers already   |
         3970 | 2001: says              | 2001 reduce 1 to 0.00
         3980 | 2001: answers already   |
              | alerts                  |",
    );
}
