//! What the master had ended before the hub died has ended, whatever its history still tells when both are back.

use super::play;
use super::restart::{OPEN, START};

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
