//! Pending orders: whose end is whose, what was refused, what an older list shows.

use super::{MULTIPLIER, Script, play};
use crate::domain::{Login, Magic};
use crate::replication::Record;

/// The slave's order of copy 5 waits.
const WAITING: &str = "
    0    | master: says              |
    0    | 2001: connects            |
    0    | 2001: says                |
    100  | master: order 5 buy limit 0.10 at 1990 sl 1980 | 2001 place 5 buy limit 0.05 at 1990 sl 1980
    120  | 2001: answers placed      |
    130  | 2001: waits 5 0.05 at 1990 sl 1980 |
";

fn waiting(script: &str) {
    play(&format!("{WAITING}{script}"));
}

fn waits() -> Script {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    script.play(WAITING);
    script
}

#[test]
fn an_order_that_fills_after_its_terms_were_refused_has_stops_of_its_own() {
    waiting(
        "500 | master: order 5 buy limit 0.10 at 1991 sl 1980 | 2001 change 5 at 1991 sl 1980
         510 | 2001: answers 10015     |
         520 | 2001: order 5 filled    |
         800 | wait                    |
             | look 2001 5             | open 0.05 of 0.05",
    );
}

#[test]
fn an_order_that_is_said_to_have_filled_and_is_not_there_was_closed() {
    let mut script = waits();
    let desk = script.slaves.get_mut(&Login(2001)).unwrap();
    let (ticket, magic) = (desk.snapshot.orders[0].ticket, desk.snapshot.orders[0].magic);
    desk.order(ticket, magic, &["filled"]);
    desk.snapshot.positions.clear();
    desk.snapshot.deals.clear();
    script.play(
        "500  | 2001: says    |
         1500 | 2001: says    |
         2499 | 2001: says    |
              | look 2001 5   | pending 0.00 of 0.00!
         2500 | 2001: says    |
              | look 2001 5   | closed 0.00 of 0.00 rejected_10009",
    );
}

#[test]
fn terms_that_were_set_are_not_set_again_for_an_older_state() {
    waiting(
        "500 | master: order 5 buy limit 0.10 at 1991 sl 1980 | 2001 change 5 at 1991 sl 1980
         510 | 2001: answers 10009     |
         520 | 2001: says              |
         530 | 2001: says              |",
    );
}

#[test]
fn terms_that_were_refused_are_asked_for_though_an_older_state_shows_them() {
    waiting(
        "500 | master: order 5 buy limit 0.10 at 1991 sl 1980 | 2001 change 5 at 1991 sl 1980
         510 | 2001: answers 10009     |
         520 | master: order 5 buy limit 0.10 at 1990 sl 1980 | 2001 change 5 at 1990 sl 1980
         530 | 2001: answers 10021     |
         540 | 2001: says              |
         800 | wait                    | 2001 change 5 at 1990 sl 1980",
    );
}

#[test]
fn another_orders_end_is_not_this_ones() {
    waiting(
        "200 | master: order 6 buy limit 0.10 at 1980 | 2001 place 6 buy limit 0.05 at 1980
         210 | 2001: answers 10006     |
         300 | master: order 6 cancelled |
         400 | master: order 5 missing |
         500 | master: says            |
             | look 2001 5             | pending 0.00 of 0.00",
    );
}

#[test]
fn an_order_that_ended_does_not_wait_again() {
    waiting(
        "500  | master: order 5 missing   |
              | everybody: says to 30490   |
         30500 | master: says             | 2001 cancel 5
         30510 | master: order 5 buy limit 0.10 at 1990 sl 1980 |
         30600 | 2001: answers cancelled  |
         30610 | 2001: order 5 cancelled  |
              | look 2001 5               | skipped 0.00 of 0.00 order_ended
         30620 | master: order 5 cancelled |
              | look 2001 5               | over",
    );
}

#[test]
fn a_position_does_not_become_an_order_again() {
    let mut script = waits();
    let order = script.master.snapshot.orders[0].clone();
    script.play("500 | master: order 5 filled | \n | look 2001 5 | pending 0.00 of 0.00!");
    script.master.hidden.append(&mut script.master.snapshot.positions);
    script.master.snapshot.orders.push(order);
    script.play("600 | master: says | \n | look 2001 5 | pending 0.00 of 0.00!");
}

#[test]
fn a_cancel_that_was_done_is_asked_for_again_at_once_and_one_that_was_refused_is_not() {
    waiting(
        "500 | master: order 5 cancelled | 2001 cancel 5
         510 | 2001: answers cancelled   |
         520 | 2001: says                | 2001 cancel 5
         530 | 2001: answers 10018       |
         540 | 2001: says                |
         779 | 2001: says                |
         780 | 2001: says                | 2001 cancel 5",
    );
}

#[test]
fn done_without_an_order_is_a_doubt() {
    let asked = WAITING.split("120 ").next().unwrap();
    play(&format!(
        "{asked}
         120 | 2001: answers 10009 |
             | look 2001 5         | in doubt 0.00 of 0.00!"
    ));
}

#[test]
fn stops_that_were_refused_with_an_order_are_left_out_once() {
    let asked = WAITING.split("120 ").next().unwrap();
    play(&format!(
        "{asked}
         120 | 2001: answers 10016 |
         370 | wait                | 2001 place 5 buy limit 0.05 at 1990
         380 | 2001: answers 10016 |
             | look 2001 5         | rejected 0.00 of 0.00 rejected_10016"
    ));
}

/// They would be the whole position's.
#[test]
fn on_a_netting_account_an_order_has_no_stops() {
    play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: nets                |
         100  | master: order 5 buy limit 0.10 at 1990 sl 1980 | 2001 place 5 buy limit 0.05 at 1990",
    );
}

#[test]
fn an_order_that_a_pool_does_not_take_is_not_placed() {
    let filter = r#""tag": 1, "filter": {"symbols": ["!XAUUSD"]},"#;
    Script::new(&MULTIPLIER.replace("LATE", "skip").replace(r#""tag": 1,"#, filter)).play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: order 5 buy limit 0.10 at 1990 |
              | look 2001 5               | over",
    );
}

/// Nothing is opened late because the master's fill was heard of late.
#[test]
fn a_fill_of_long_ago_that_nobody_saw_is_not_entered_at_market() {
    play(
        "0     | master: says              |
         0     | 2001: connects            |
         0     | 2001: says                |
         100   | master: order 5 buy limit 0.10 at 1990 | 2001 place 5 buy limit 0.05 at 1990
         110   | 2001: answers 10015       |
         120   | 2001: breaks off          |
         400   | master: unseen order 5 filled |
         20000 | master: says              |
               | look 2001 5               | skipped 0.00 of 0.00 not_connected",
    );
}

#[test]
fn what_filled_alone_is_watched_until_its_time_is_up() {
    let rule = r#""tag": 1, "pending_orders": {"filled_alone": "close", "wait_ms": 10000},"#;
    Script::new(&MULTIPLIER.replace("LATE", "skip").replace(r#""tag": 1,"#, rule)).play(&format!(
        "{WAITING}
         500   | 2001: order 5 filled      |
         9000  | wait                      |
         10490 | wait                      |
         10500 | wait                      | 2001 reduce 5 to 0.00"
    ));
}

#[test]
fn what_was_there_for_so_long_is_late() {
    for (what, id) in [("1 buy 0.10", 1), ("order 5 buy limit 0.10 at 1990", 5)] {
        for (first, look) in [(8100, "planned 0.00 of 0.00!"), (8101, "skipped 0.00 of 0.00 late_join")] {
            play(&format!(
                "100     | master: unseen {what} |
                 {first} | 2001: connects        |
                 {first} | 2001: says            |
                 {first} | master: says          |
                         | look 2001 {id}        | {look}"
            ));
        }
    }
}

#[test]
fn what_an_account_says_again_does_not_go_on_record_again() {
    let mut script = waits();
    for at in [200, 300, 400] {
        script.play(&format!("{at} | 2001: says |"));
    }
    let changes = script.records.iter().filter(|r| matches!(r, Record::Copy { login: Login(2001), .. }));
    assert_eq!(changes.count(), 2, "sent, and waiting");
    assert!(script.master.snapshot.orders.iter().all(|order| order.magic == Magic(0)));
}
