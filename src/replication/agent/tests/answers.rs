//! What the terminal's answers are believed to have done.

use super::*;
use crate::domain::{Expiration, PendingTerms};

/// An order far below the market.
pub(super) fn terms() -> PendingTerms {
    PendingTerms {
        price: of("1990"),
        limit_price: None,
        stop_loss: None,
        take_profit: None,
        expiration: Expiration::Gtc,
    }
}

#[test]
fn what_was_refused_for_now_may_be_asked_for_again_at_once() {
    for refused in ["10004", "10018", "10020"] {
        play(&format!(
            "0  | account: nothing   |
             10 | hub: open 1 0.10   | order open 0.10
             20 | answer 1 {refused} | 1: {refused} 0.00
             30 | hub: open 1 0.10   | order open 0.10"
        ));
    }
    // In doubt it may not.
    play(
        "0  | account: nothing   |
         10 | hub: open 1 0.10   | order open 0.10
         20 | answer 1 10012     | 1: 10012 0.00
         30 | hub: open 1 0.10   | 1: already",
    );
}

#[test]
fn the_volume_of_an_order_that_was_placed_is_no_position() {
    // Placed whole, filled in part.
    play(
        "0  | account: nothing   |
         10 | hub: place 1 0.10  | order place 0.10
         20 | answer 1 done 0.10 | 1: 10009 0.10
         30 | hub: place 1 0.10  | 1: already
         40 | account: 1 0.04    |
         50 | hub: reduce 1 0.02 | order close #101 XAUUSD 0.02",
    );
}

#[test]
fn what_was_placed_counts_against_the_limits_before_it_is_shown() {
    let limits = Limits { lots_total: Some(of("0.15")), ..Limits::default() };
    play_with(
        &limits,
        "0  | account: nothing   |
         10 | hub: place 1 0.10  | order place 0.10
         20 | answer 1 10009     | 1: 10009 0.00
         30 | hub: place 2 0.10  | 2: limit_lots_total",
    );
}

#[test]
fn an_order_that_has_become_a_limit_order_is_not_changed_as_the_stop_limit_order_it_was() {
    play(
        "0  | account: stop_limit 1 0.10 |
         10 | hub: change 1 1995         | order modify order #801 0.00
         20 | answer 1 10009             | 1: 10009 0.00
         30 | hub: change 1 0            | 1: already
         40 | account: limit 1 0.10      |
         50 | hub: change 1 1995         | 1: already
         60 | hub: change 1 0            | order modify order #801 0.00",
    );
}
