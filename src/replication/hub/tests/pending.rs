//! Pending orders: placed, changed, filled on both sides or on one, cancelled, expired, in doubt.

use super::{MULTIPLIER, Script, play};

/// Everybody is there; one slave is enough to see.
const READY: &str = "
    0    | master: says              |
    0    | 2001: connects            |
    0    | 2001: says                |
    100  | master: order 5 buy limit 0.10 at 1990 sl 1980 tp 2020 | 2001 place 5 buy limit 0.05 at 1990 sl 1980 tp 2020
";
/// And its order waits.
const WAITING: &str = "
    120  | 2001: answers placed      |
         | look 2001 5               | pending 0.00 of 0.00!
    130  | 2001: waits 5 0.05 at 1990 sl 1980 tp 2020 |
         | look 2001 5               | pending 0.00 of 0.00
";

fn ready(script: &str) {
    play(&format!("{READY}{script}"));
}

fn waiting(script: &str) {
    play(&format!("{READY}{WAITING}{script}"));
}

fn with(pool: &str, script: &str) {
    let config = MULTIPLIER.replace("LATE", "skip").replace(r#""tag": 1,"#, &format!(r#""tag": 1, {pool},"#));
    Script::new(&config).play(script);
}

#[test]
fn both_fill_and_nothing_is_sent() {
    waiting(
        "500  | master: order 5 filled    |
              | look 2001 5               | pending 0.00 of 0.00!
         520  | 2001: order 5 filled      |
              | look 2001 5               | open 0.05 of 0.05
         900  | master: 5 closed          | 2001 reduce 5 to 0.00",
    );
}

#[test]
fn the_slave_fills_first_and_is_kept() {
    waiting(
        "500  | 2001: order 5 filled      |
              | look 2001 5               | open 0.05 of 0.05
         9000 | wait                      |
         9100 | master: order 5 filled    |
              | look 2001 5               | open 0.05 of 0.05
         9200 | master: 5 closed          | 2001 reduce 5 to 0.00",
    );
}

#[test]
fn the_slave_fills_alone_and_is_closed_by_policy() {
    with(
        r#""pending_orders": {"filled_alone": "close", "wait_ms": 1000}"#,
        &format!(
            "{READY}{WAITING}
             500  | 2001: order 5 filled      |
             1490 | wait                      |
             1500 | wait                      | 2001 reduce 5 to 0.00
             1520 | 2001: answers done 0.05   | 2001 say
             1530 | 2001: lost 5              |
                  | look 2001 5               | closed 0.00 of 0.05
             2000 | master: order 5 filled    |
                  | look 2001 5               | closed 0.00 of 0.05"
        ),
    );
}

#[test]
fn the_master_fills_alone_and_the_slave_enters_at_market() {
    waiting(
        "500  | master: order 5 filled    |
         3490 | wait                      |
         3500 | wait                      | 2001 cancel 5
         3520 | 2001: answers cancelled   | 2001 say
              | look 2001 5               | pending 0.00 of 0.00!
         3530 | 2001: order 5 cancelled   | 2001 open 5 buy 0.05 sl 1980 tp 2020
         3540 | 2001: answers done 0.05   |
         3550 | 2001: has 5 0.05 sl 1980 tp 2020 |
              | look 2001 5               | open 0.05 of 0.05",
    );
}

#[test]
fn it_fills_while_it_is_being_cancelled() {
    waiting(
        "500  | master: order 5 filled    |
         3500 | wait                      | 2001 cancel 5
         3520 | 2001: answers 10006       | 2001 say
         3530 | 2001: order 5 filled      |
              | look 2001 5               | open 0.05 of 0.05",
    );
}

#[test]
fn the_slave_waits_on_by_policy() {
    with(
        r#""pending_orders": {"unfilled": "wait"}"#,
        &format!(
            "{READY}{WAITING}
             500  | master: order 5 filled    |
                  | look 2001 5               | pending 0.00 of 0.00
             9000 | wait                      |
             9500 | master: 5 closed          | 2001 cancel 5
             9520 | 2001: answers cancelled   | 2001 say
             9530 | 2001: order 5 cancelled   |
                  | look 2001 5               | over"
        ),
    );
}

#[test]
fn what_ends_an_order() {
    for (end, slave) in [("cancelled", "cancelled"), ("expired", "expired"), ("cancelled", "expired")] {
        waiting(&format!(
            "500  | master: order 5 {end}     | 2001 cancel 5
             520  | 2001: answers cancelled   |
             530  | 2001: order 5 {slave}     |
                  | look 2001 5               | over"
        ));
    }
    // Not shown, and nothing says why: after a while it is believed.
    waiting(
        "500  | master: order 5 missing   |
              | everybody: says to 30490   |
         30500 | master: says             | 2001 cancel 5",
    );
    // The investor's own hand: not placed again.
    waiting(
        "500  | 2001: order 5 cancelled   |
              | look 2001 5               | skipped 0.00 of 0.00 order_ended
         600  | master: order 5 filled    |
              | look 2001 5               | skipped 0.00 of 0.00 order_ended",
    );
}

#[test]
fn terms_follow() {
    waiting(
        "500  | master: order 5 buy limit 0.10 at 1991 sl 1981 until 9000 | 2001 change 5 at 1991 sl 1981 until 9000
         510  | 2001: answers 10029       |
         749  | wait                      |
         760  | wait                      | 2001 change 5 at 1991 sl 1981 until 9000
         770  | 2001: answers placed      |
              | look 2001 5               | pending 0.00 of 0.00",
    );
}

#[test]
fn what_the_server_says_of_an_order() {
    for (answer, then) in [
        ("placed", "pending 0.00 of 0.00!"),
        ("10006", "rejected 0.00 of 0.00 rejected_10006"),
        ("10012", "in doubt 0.00 of 0.00!"),
        ("10015", "planned 0.00 of 0.00"),
        ("10018", "planned 0.00 of 0.00"),
        ("10022", "planned 0.00 of 0.00"),
        ("10033", "planned 0.00 of 0.00"),
        ("10035", "planned 0.00 of 0.00"),
        ("too_late", "planned 0.00 of 0.00"),
    ] {
        ready(&format!("120 | 2001: answers {answer} |\n | look 2001 5 | {then}"));
    }
    // The price has passed it by: tried again while the master's waits, at market once the master's has filled.
    ready(
        "120  | 2001: answers 10015       |
         380  | wait                      | 2001 place 5 buy limit 0.05 at 1990 sl 1980 tp 2020
         390  | 2001: answers 10015       |
         400  | master: order 5 filled    | 2001 open 5 buy 0.05 sl 1980 tp 2020",
    );
}

#[test]
fn in_doubt_the_account_tells() {
    let lost = "120  | 2001: breaks off          |
                     | look 2001 5               | in doubt 0.00 of 0.00!
                 200  | 2001: connects            |";
    ready(&format!(
        "{lost}
         210  | 2001: waits 5 0.05 at 1990 sl 1980 tp 2020 |
              | look 2001 5               | pending 0.00 of 0.00"
    ));
    ready(&format!(
        "{lost}
         210  | 2001: says                |
         1210 | 2001: says                |
         2209 | 2001: says                |
         2211 | 2001: says                | 2001 place 5 buy limit 0.05 at 1990 sl 1980 tp 2020"
    ));
}

/// The order that a hub before this one had placed was not in the master's first state, for its lists are not of one moment.
#[test]
fn a_restarted_hub_without_record_waits_where_an_older_order_appears() {
    ready(
        "200  | master: order 6 buy limit 0.10 at 1980 | 2001 place 6 buy limit 0.05 at 1980
         210  | master: order 5 missing   |
         300  | hub: restarts without any |
         310  | master: says              |
         320  | 2001: connects            |
         330  | 2001: says                |
         340  | master: 5 buy 0.10 sl 1980 tp 2020 |
              | look 2001 5               | planned 0.00 of 0.00!
         350  | 2001: says to 2329        |
         2350 | 2001: says                | 2001 open 5 buy 0.05 sl 1980 tp 2020; 2001 place 6 buy limit 0.05 at 1980",
    );
}

#[test]
fn a_restarted_hub_without_record_waits_where_an_older_order_appears_and_waits_still() {
    ready(
        "200  | master: order 6 buy limit 0.10 at 1980 | 2001 place 6 buy limit 0.05 at 1980
         210  | master: order 5 missing   |
         300  | hub: restarts without any |
         310  | master: says              |
         320  | 2001: connects            |
         330  | 2001: says                |
         340  | master: order 5 buy limit 0.10 at 1990 |
         350  | 2001: says to 2329        |
         2350 | 2001: says                | 2001 place 5 buy limit 0.05 at 1990; 2001 place 6 buy limit 0.05 at 1980",
    );
}

/// The first state of a slave's terminal lacks the order that an earlier hub had placed, and this hub has sized it anew: what
/// the account has is what was decided.
#[test]
fn an_order_that_a_slave_shows_late_is_not_sized_anew() {
    ready(
        "300  | hub: restarts without any |
         310  | master: says              |
         320  | 2001: connects            |
         330  | 2001: says                |
              | look 2001 5               | planned 0.00 of 0.00!
         400  | 2001: waits 5 0.08 at 1990 sl 1980 tp 2020 |
              | look 2001 5               | pending 0.00 of 0.08
         500  | master: order 5 filled    |
         520  | 2001: order 5 filled      |
              | look 2001 5               | open 0.08 of 0.08",
    );
}

#[test]
fn a_restarted_hub_goes_on() {
    waiting(
        "300  | hub: restarts             |
         310  | master: says              |
         320  | 2001: connects            |
         330  | 2001: says                |
              | look 2001 5               | pending 0.00 of 0.00
         500  | master: order 5 filled    |
         520  | 2001: order 5 filled      |
              | look 2001 5               | open 0.05 of 0.05",
    );
}

#[test]
fn fills_only() {
    with(
        r#""pending_orders": {"copy": "fills"}"#,
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: order 5 buy limit 0.10 at 1990 |
         200  | master: order 5 filled    | 2001 open 5 buy 0.05",
    );
}

#[test]
fn a_reverse_pool() {
    with(
        r#""reverse": true"#,
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10 sl 1990 tp 2010 | 2001 open 1 sell 0.05 sl 2010 tp 1990
         120  | 2001: answers done 0.05   |
         200  | master: order 5 buy limit 0.10 at 1990 sl 1980 | 2001 place 5 sell stop 0.05 at 1990 tp 1980
         220  | 2001: answers placed      |
         300  | master: order 6 buy stop_limit 0.10 at 2010 limit 2005 |
              | look 2001 6               | skipped 0.00 of 0.00 not_supported",
    );
}

/// Seed 72 of the simulation: the market had gone past the price that the master's order was moved to.
#[test]
fn terms_that_are_refused_again_and_again_count_as_reported() {
    let change = "2001 change 5 at 1991 sl 1980 tp 2020";
    let refusals = [(510, 760), (770, 1270), (1280, 2280), (2290, 4290)].map(|(refused, again)| {
        format!(
            "{refused} | 2001: answers 10015 |
                       | look 2001 5         | pending 0.00 of 0.00!
             {again}   | 2001: waits 5 0.05 at 1990 sl 1980 tp 2020 | {change}\n"
        )
    });
    waiting(&format!(
        "500  | master: order 5 buy limit 0.10 at 1991 sl 1980 tp 2020 | {change}
         {}
         4300 | 2001: answers 10015 |
              | look 2001 5         | pending 0.00 of 0.00
         8300 | 2001: waits 5 0.05 at 1990 sl 1980 tp 2020 | {change}
         8310 | 2001: answers 10015 |
              | look 2001 5         | pending 0.00 of 0.00
              | look 2002 5         | skipped 0.00 of 0.00 not_connected
         16310 | wait               | {change}",
        refusals.join("")
    ));
}

/// A stop-limit order of both.
const STOP_LIMIT: &str = "
    0    | master: says              |
    0    | 2001: connects            |
    0    | 2001: says                |
    100  | master: order 5 buy stoplimit 0.10 at 2010 limit 2005 | 2001 place 5 buy stoplimit 0.05 at 2010 limit 2005
    120  | 2001: answers placed      |
    130  | 2001: waits 5 0.05 at 2010 limit 2005 |
";

#[test]
fn a_stop_limit_order_whose_stop_was_reached_at_the_slave_alone_is_a_limit_order_there() {
    play(&format!(
        "{STOP_LIMIT}
         200 | 2001: waits 5 0.05 at 2005 |
             | look 2001 5                | pending 0.00 of 0.00
         300 | master: order 5 buy stoplimit 0.10 at 2011 limit 2004 | 2001 change 5 at 2004
         310 | 2001: answers 10009        |
         320 | 2001: waits 5 0.05 at 2004 |
             | look 2001 5                | pending 0.00 of 0.00"
    ));
}

#[test]
fn a_stop_limit_order_whose_stop_was_reached_at_the_master_alone_waits_for_its_own() {
    play(&format!(
        "{STOP_LIMIT}
         200 | master: order 5 buy limit 0.10 at 2005 |
             | look 2001 5                            | pending 0.00 of 0.00
         300 | master: order 5 buy limit 0.10 at 2003 | 2001 change 5 at 2010 limit 2003
         310 | 2001: answers 10009                    |
         320 | 2001: waits 5 0.05 at 2010 limit 2003  |
             | look 2001 5                            | pending 0.00 of 0.00"
    ));
}
