//! What the master had ended has ended, also for a hub that was started anew and whatever the master's history still
//! tells; what only stayed away for long has not, once it is there again.

use super::restart::{OPEN, START};
use super::{MULTIPLIER, Script, play};

/// It comes back when its deals of then are handed over no more: what was decided is on record.
#[test]
fn what_the_master_had_closed_before_is_closed_without_its_deals() {
    play(&format!(
        "{START}{OPEN}
         500  | master: 1 closed | 2001 reduce 1 to 0.00
         1000 | hub: restarts    |
         1010 | master: forgets  |
         1100 | 2001: connects   |
         1110 | 2001: says       | 2001 reduce 1 to 0.00
         1120 | 2001: answers done 0.50 |
         1130 | 2001: lost 1     |
              | look 2001 1      | over"
    ));
}

#[test]
fn an_order_that_had_ended_before_is_withdrawn_without_the_masters_history() {
    play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         120  | 2001: answers placed      |
         130  | 2001: waits 5 0.05 at 1990 |
         500  | master: order 5 cancelled | 2001 cancel 5
         1000 | hub: restarts             |
         1010 | master: forgets           |
         1100 | 2001: connects            |
         1110 | 2001: says                | 2001 cancel 5
         1120 | 2001: answers cancelled   |
         1130 | 2001: order 5 cancelled   |
              | look 2001 5               | over",
    );
}

/// All copies were over, and the hub died before it put down that the position was: it waited for a proof of the close.
#[test]
fn what_was_over_before_is_over_without_the_masters_deals() {
    play(&format!(
        "{START}{OPEN}
         500  | master: 1 closed          | 2001 reduce 1 to 0.00
         510  | 2001: answers done 0.50   |
         520  | no tick: 2001: lost 1     |
         1000 | hub: restarts             |
         1010 | master: forgets           |
              | look 2001 1               | over"
    ));
}

/// The copy could not be closed, since its market was. A restart, which the alert asks for, comes in between or not.
#[test]
fn what_only_stayed_away_is_followed_again_when_it_is_back() {
    for restarts in ["wait", "hub: restarts"] {
        play(&format!(
            "{START}{OPEN}
             1000  | master: 1 missing         |
                   | everybody: says to 30990  |
             31000 | master: says              | 2001 reduce 1 to 0.00
             31010 | 2001: answers 10018       |
             31020 | {restarts}                |
             31030 | master: back              |
             31040 | 2001: connects            |
                   | everybody: says to 36000  |
                   | look 2001 1               | open 0.50 of 0.50
             36010 | master: 1 buy 0.50 sl 1990 | 2001 reduce 1 to 0.25
             36020 | 2001: answers done 0.25   |
             36030 | 2001: has 1 0.25 sl 1990  |
             37000 | master: 1 closed          | 2001 reduce 1 to 0.00"
        ));
    }
}

#[test]
fn what_was_closed_while_it_stayed_away_is_not_opened_again() {
    play(&format!(
        "{START}{OPEN}
         1000  | master: 1 missing         |
               | everybody: says to 30990  |
         31000 | master: says              | 2001 reduce 1 to 0.00
         31010 | 2001: answers done 0.50   |
         31020 | 2001: lost 1              |
         31030 | master: back              |
               | everybody: says to 36000  |
               | look 2001 1               | over"
    ));
}

/// On record an order waits that has filled since, and stops are those of the beginning.
#[test]
fn what_the_master_does_not_show_yet_is_left_as_it_is() {
    let rule = r#""tag": 1, "pending_orders": {"filled_alone": "close"},"#;
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip").replace(r#""tag": 1,"#, rule));
    script.play(
        "0     | master: says              |
         0     | 2001: connects            |
         0     | 2001: says                |
         100   | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         120   | 2001: answers placed      |
         130   | 2001: waits 5 0.05 at 1990 |
         200   | master: order 5 filled    |
         210   | 2001: order 5 filled      |
         220   | 2001: says                |
         300   | master: 5 buy 0.10 sl 1980 | 2001 modify 5 sl 1980
         310   | 2001: answers 10009       |
         320   | 2001: has 5 0.05 sl 1980  |
         1000  | hub: restarts             |
         1010  | master: 5 missing         |
         1020  | 2001: connects            |
               | everybody: says to 11000  |
         11010 | master: back              |
         11020 | 2001: says                |
               | look 2001 5               | open 0.05 of 0.05",
    );
}
