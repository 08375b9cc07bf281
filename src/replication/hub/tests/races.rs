//! What crosses: a fill and a cancel, a restart and an order under way, one errand's refusals and the next errand.

use super::super::super::record::Record;
use super::{MULTIPLIER, Script, fills, play};
use crate::domain::{CopyId, Login, Magic, OrderEnd, PastOrder, PositionId, Side, Signature};
use crate::replication::{Action, State};

/// The slave's order of copy 5 waits.
const WAITING: &str = "
    0    | master: says              |
    0    | 2001: connects            |
    0    | 2001: says                |
    100  | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
    120  | 2001: answers placed      |
    130  | 2001: waits 5 0.05 at 1990 |
";

/// The slave holds 0.05 of copy 1, and setting its stop was refused until the pauses are long.
const REFUSED: &str = "
    0     | master: says              |
    0     | 2001: connects            |
    0     | 2001: says                |
    100   | master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05 sl 1990
    110   | 2001: answers 10016       | 2001 open 1 buy 0.05
    120   | 2001: answers done 0.05   |
    130   | 2001: has 1 0.05          | 2001 modify 1 sl 1990
    140   | 2001: answers 10016       |
    1000  | 2001: says                | 2001 modify 1 sl 1990
    1010  | 2001: answers 10016       |
    2000  | 2001: says                | 2001 modify 1 sl 1990
    2010  | 2001: answers 10016       |
    4000  | 2001: says                | 2001 modify 1 sl 1990
    4010  | 2001: answers 10016       |
    7000  | 2001: says                | 2001 modify 1 sl 1990
    7010  | 2001: answers 10016       |
";

fn waiting(script: &str) {
    play(&format!("{WAITING}{script}"));
}

#[test]
fn the_master_fills_while_a_place_is_under_way_that_is_refused() {
    play(
        "0     | master: says             |
         0     | 2001: connects           |
         0     | 2001: says               |
         100   | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         110   | 2001: answers 10018      |
         20000 | 2001: says               | 2001 place 5 buy limit 0.05 at 1990
         20010 | master: order 5 filled   |
         20020 | 2001: answers 10015      | 2001 open 5 buy 0.05",
    );
}

#[test]
fn what_waits_of_an_order_is_cancelled_when_its_position_is_closed() {
    waiting(
        "500  | 2001: has 5 0.02          |
              | look 2001 5               | open 0.02 of 0.02
         600  | master: order 5 cancelled | 2001 reduce 5 to 0.00
         610  | 2001: answers done 0.02   |
         620  | 2001: lost 5              | 2001 cancel 5
         630  | 2001: answers cancelled   |
         640  | 2001: order 5 cancelled   |
              | look 2001 5               | over",
    );
    // By its stop, while the master's is open.
    waiting(
        "500  | 2001: has 5 0.02          |
         510  | master: order 5 filled    |
         620  | 2001: lost 5              | 2001 cancel 5
         630  | 2001: answers cancelled   |
         640  | 2001: order 5 cancelled   |
              | look 2001 5               | closed 0.00 of 0.02",
    );
}

#[test]
fn withdrawn_for_the_market_and_the_history_says_nothing() {
    waiting(
        "500  | master: order 5 filled    |
         3500 | 2001: says                | 2001 cancel 5
         3520 | 2001: answers cancelled   |
         3530 | 2001: order 5 missing     |
         4530 | 2001: says                |
         5520 | 2001: says                |
         5530 | 2001: says                | 2001 open 5 buy 0.05",
    );
}

#[test]
fn withdrawn_for_the_market_and_the_hub_restarts() {
    waiting(
        "500  | master: order 5 filled    |
         3500 | 2001: says                | 2001 cancel 5
         3510 | hub: restarts             |
         3600 | master: says              |
         3700 | 2001: connects            |
         3710 | 2001: order 5 cancelled   |
         3720 | 2001: says to 5709        |
         5720 | 2001: says                | 2001 open 5 buy 0.05",
    );
}

#[test]
fn entered_at_market_instead_and_the_hub_restarts() {
    waiting(
        "500  | master: order 5 filled    |
         3500 | 2001: says                | 2001 cancel 5
         3520 | 2001: answers cancelled   |
         3530 | 2001: order 5 cancelled   | 2001 open 5 buy 0.05
         3540 | hub: restarts             |
         3600 | master: says              |
         3700 | 2001: connects            |
         3710 | 2001: says                |
              | look 2001 5               | in doubt 0.00 of 0.00!
         4710 | 2001: says                |
         5710 | 2001: says                | 2001 open 5 buy 0.05",
    );
}

#[test]
fn the_rest_of_the_masters_order_ends_before_its_position_is_shown() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(WAITING);
    let order = script.master.snapshot.orders.remove(0);
    script.master.snapshot.past_orders.push(PastOrder {
        ticket: 5,
        position: PositionId(5),
        magic: order.magic,
        end: OrderEnd::Cancelled,
        time: order.placed,
    });
    script.play(
        "500  | master: says              |
              | look 2001 5               | pending 0.00 of 0.00
         600  | master: 5 buy 0.04        |
         620  | 2001: order 5 filled      | 2001 reduce 5 to 0.02",
    );
}

#[test]
fn the_investors_cancel_stands_though_the_hub_restarts() {
    waiting(
        "500  | master: order 5 filled    |
         3000 | hub: restarts             |
         3600 | master: says              |
         3700 | 2001: connects            |
         3710 | 2001: order 5 cancelled   |
         5720 | 2001: says                |
              | look 2001 5               | skipped 0.00 of 0.00 order_ended",
    );
}

#[test]
fn a_close_does_not_wait_for_what_was_refused_before() {
    play(&format!("{REFUSED} 7100 | master: 1 closed | 2001 reduce 1 to 0.00"));
    // Nor does a close after a cancel.
    waiting(
        "500  | master: order 5 cancelled | 2001 cancel 5
         510  | 2001: answers 10018       |
         1000 | 2001: says                | 2001 cancel 5
         1010 | 2001: answers 10018       |
         2000 | 2001: says                | 2001 cancel 5
         2010 | 2001: answers 10018       |
         2020 | 2001: order 5 filled      | 2001 reduce 5 to 0.00",
    );
}

#[test]
fn a_part_that_cannot_be_closed_is_no_stop_that_cannot_be_set() {
    let config = MULTIPLIER.replace("LATE", "skip");
    let config = config.replace(r#""accounts": {"#, r#""accounts": {"2001": {"require_stop_loss": true}, "#);
    Script::new(&config).play(
        "0     | master: says              |
         0     | 2001: connects            |
         0     | 2001: says                |
         100   | master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05 sl 1990
         120   | 2001: answers done 0.05   |
         130   | 2001: has 1 0.05 sl 1990  |
         140   | 2001: has 1 0.05          |
         200   | master: 1 buy 0.06 sl 1990 | 2001 reduce 1 to 0.03
         210   | 2001: answers 10018       |
         1000  | 2001: says                | 2001 reduce 1 to 0.03
         1010  | 2001: answers 10018       |
         2000  | 2001: says                | 2001 reduce 1 to 0.03
         2010  | 2001: answers 10018       |
         4000  | 2001: says                | 2001 reduce 1 to 0.03
         4010  | 2001: answers 10018       |
         7000  | 2001: says                | 2001 reduce 1 to 0.03
         7010  | 2001: answers 10018       |
         20000 | 2001: says                | 2001 reduce 1 to 0.03",
    );
}

#[test]
fn at_market_means_within_the_deviation_whatever_late_joiners_may() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "always"));
    script.play(&format!(
        "{WAITING}
         500  | master: order 5 filled    |
         3500 | 2001: says                | 2001 cancel 5
         3520 | 2001: answers cancelled   |
         3530 | 2001: order 5 cancelled   | 2001 open 5 buy 0.05"
    ));
    let references = script.story.iter().filter_map(|record| match record {
        Record::Instructed { action: Action::Open { .. }, reference, .. } => Some(reference.to_string()),
        _ => None,
    });
    assert_eq!(references.collect::<Vec<_>>(), ["1990"], "the master's fill, not the quote of 2000");
}

/// Seed 1387 of the simulation: on record the master's order still waited.
#[test]
fn a_restarted_hub_hears_the_master_before_it_closes_what_filled_alone() {
    let rule = r#""tag": 1, "pending_orders": {"filled_alone": "close", "wait_ms": 1000},"#;
    Script::new(&MULTIPLIER.replace("LATE", "skip").replace(r#""tag": 1,"#, rule)).play(&format!(
        "{WAITING}
         500  | master: order 5 filled    |
         520  | 2001: order 5 filled      |
         600  | hub: restarts             |
         610  | 2001: connects            |
         620  | 2001: says to 1700        |
         1800 | master: says              |
         1810 | 2001: says to 3000        |
              | look 2001 5               | open 0.05 of 0.05"
    ));
}

/// Seed 1834 of the simulation: an order of the copy had been cancelled in the life of an earlier hub.
#[test]
fn an_order_that_ended_before_its_copy_was_sent_at_market_is_old_news() {
    waiting(
        "300  | hub: restarts without 4   |
         310  | master: order 5 filled    |
         320  | 2001: connects            |
         330  | 2001: order 5 cancelled   |
         340  | 2001: says to 2329        |
         2400 | 2001: says                | 2001 open 5 buy 0.05
         2410 | 2001: says                |
              | look 2001 5               | sent 0.00 of 0.00!
         2420 | 2001: answers done 0.05   |
              | look 2001 5               | open 0.05 of 0.05!",
    );
}

/// Seed 1891 of the simulation: every pause lasted until the clock was where it had been.
#[test]
fn a_clock_that_was_set_back_while_the_hub_was_down() {
    play(
        "60000 | master: says              |
         60000 | 2001: connects            |
         60000 | 2001: says                |
         60100 | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         60120 | 2001: answers placed      |
         60130 | 2001: waits 5 0.05 at 1990 |
         1000  | hub: restarts             |
         1010  | 2001: connects            |
         1020  | 2001: says                |
         1500  | master: order 5 filled    |
         4490  | 2001: says                |
         4500  | wait                      | 2001 cancel 5",
    );
}

/// Seed 3075 of the simulation: an order and the position that it became were taken for twice its volume.
#[test]
fn an_order_that_has_filled_and_is_still_listed() {
    let ready = "0   | master: says              |
                 0   | 2001: connects            |
                 0   | 2001: says                |";
    fills().play(&format!(
        "{ready}
         100 | master: order 5 buy limit 0.10 at 1990 |
         200 | master: order 5 filled, listed | 2001 open 5 buy 0.05
         210 | 2001: answers done 0.05   |
         220 | 2001: has 5 0.05          |
         300 | master: order 5 missing   |
             | look 2001 5               | open 0.05 of 0.05"
    ));
    // Placed and filled since the last state: the next one tells whether it filled in part.
    let mut script = fills();
    script.play(ready);
    script.master.order(5, Magic(0), &["buy", "limit", "0.10", "at", "1990"]);
    script.play(
        "200 | master: order 5 filled, listed |
         300 | master: order 5 missing   | 2001 open 5 buy 0.05",
    );
    // It stays beside its position: so it did.
    let mut script = fills();
    script.play(ready);
    script.master.order(5, Magic(0), &["buy", "limit", "0.10", "at", "1990"]);
    script.play(
        "200  | master: order 5 filled, listed |
         210  | everybody: says to 2200   | 2001 open 5 buy 0.10",
    );
}

/// Seed 89663 of the simulation: the master stood still meanwhile, and then showed the lists of before once more.
#[test]
fn an_order_that_has_filled_and_is_listed_again_after_a_standstill() {
    let mut script = fills();
    script.play(
        "0   | master: says              |
         0   | 2001: connects            |
         0   | 2001: says                |",
    );
    script.master.order(5, Magic(0), &["buy", "limit", "0.10", "at", "1990"]);
    script.play(
        "200  | master: order 5 filled, listed |
         3390 | 2001: says                |
         3400 | master: says              |
         3500 | 2001: says                |
         3600 | master: order 5 missing   | 2001 open 5 buy 0.05",
    );
}

/// Seed 3738 of the simulation: of a copy that was decided to be none, the end of the record was torn off.
#[test]
fn a_decision_to_skip_is_a_skip_though_nothing_follows_it_on_record() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         0    | 2002: connects            |
         0    | 2002: says                |
         100  | master: 1 buy 0.01        |
              | look 2001 1               | skipped 0.00 of 0.00 below_minimum",
    );
    let torn = script.records.iter().position(|r| matches!(r, Record::Copy { .. })).unwrap();
    script.records.truncate(torn);
    script.play(
        "200  | hub: restarts             |
         210  | master: says              |
         220  | 2001: connects            |
         230  | 2001: says                |
         4000 | 2001: says                |
              | look 2001 1               | skipped 0.00 of 0.00 below_minimum",
    );
}

/// Seed 8257 of the simulation: its guard was re-armed while the hub was down.
#[test]
fn a_close_that_a_restart_ends_goes_on_record() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         110  | 2001: answers done 0.05   |
         120  | 2001: has 1 0.05          |
         200  | 2001: trips close_all     | 2001 reduce 1 to 0.00
         300  | hub: restarts             |
         310  | master: says              |
         320  | 2001: connects            |
         330  | 2001: rearmed             |
         4000 | 2001: says                |
              | look 2001 1               | open 0.05 of 0.05",
    );
    let last = script.records.iter().rev().find_map(|record| match record {
        Record::Copy { state, .. } => Some(*state),
        _ => None,
    });
    assert_eq!(last, Some(State::Open));
}

/// Seed 8182 of the simulation: it had not been there for as long as a doubt lasts, then its deal came, and it counted as
/// closed in the same state.
#[test]
fn a_deal_that_ends_a_doubt_begins_a_new_wait_for_its_position() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         110  | 2001: answers 10012       |
         120  | 2001: says                |",
    );
    let copy = CopyId::new(script.setup.pools[0].tag, PositionId(1));
    let magic = Magic::of_copy(Signature::of_master(Login(1001)), copy);
    let desk = script.slaves.get_mut(&Login(2001)).unwrap();
    desk.open(7, Side::Buy, "0.05".parse().unwrap(), magic);
    desk.hidden.append(&mut desk.snapshot.positions);
    script.play(
        "2130 | 2001: says                |
              | look 2001 1               | open 0.05 of 0.05!
         2300 | 2001: shows 1             |
              | look 2001 1               | open 0.05 of 0.05",
    );
}
