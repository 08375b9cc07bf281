//! What cannot be sized is skipped in the end, and blocks are shared once.

use super::{BLOCK, Script, play};

#[test]
fn without_a_specification_of_the_master_nothing_waits_for_ever() {
    let mut world = Script::new(&super::MULTIPLIER.replace("LATE", "skip"));
    world.master.snapshot.instruments.clear();
    world.play(
        "0    | master: says       |
         0    | 2001: connects     |
         0    | 2001: says         |
         100  | master: 1 buy 0.10 |
         8099 | wait               |
              | look 2001 1        | planned 0.00 of 0.00!
         8100 | wait               |
              | look 2001 1        | skipped 0.00 of 0.00 unknown_symbol",
    );
}

#[test]
fn an_account_with_old_facts_is_asked_first() {
    play(
        "0    | master: says       |
         0    | 2001: connects     |
         0    | 2001: says         |
         6000 | master: 1 buy 0.10 | 2001 say
         6010 | 2001: says         | 2001 open 1 buy 0.05",
    );
}

#[test]
fn a_block_waits_for_its_members_and_then_goes_without_them() {
    let mut world = Script::new(BLOCK);
    world.play(
        "0     | master: says            |
         0     | 2001: connects          |
         0     | 2001: says              |
         0     | 2002: connects          |
         0     | 2002: says              |
         100   | master: 1 buy 0.10      | 2001 open 1 buy 0.05; 2002 open 1 buy 0.05
         6000  | master: 2 buy 0.10      | 2001 say; 2002 say
         6010  | 2001: says              |
         6100  | wait                    | 2002 say
         9900  | 2001: says              | 2002 say
         10000 | wait                    | 2001 open 2 buy 0.10
               | look 2002 2             | skipped 0.00 of 0.00 stale_facts",
    );
}

#[test]
fn a_copy_below_its_minimum_is_closed_or_kept_as_the_account_says() {
    play(
        "0   | master: says            |
         0   | 2001: connects          |
         0   | 2001: says              |
         0   | 2002: connects          |
         0   | 2002: says              |
         100 | master: 1 buy 0.10      | 2001 open 1 buy 0.05; 2002 open 1 buy 0.05
         110 | 2001: answers done 0.05 |
         110 | 2002: answers done 0.05 |
         120 | 2001: has 1 0.05        |
         120 | 2002: has 1 0.05        |
         200 | master: 1 buy 0.01      | 2001 reduce 1 to 0.00; 2002 reduce 1 to 0.01",
    );
}

#[test]
fn limits_count_what_the_account_has_in_copies() {
    for (limit, third, look) in [
        (r#""open_copies": 2"#, "", "skipped 0.00 of 0.00 limit_open_copies"),
        (r#""lots_total": "0.12""#, "2001 open 3 buy 0.02", "sent 0.00 of 0.00!"),
        (r#""lots_per_symbol": "0.12""#, "2001 open 3 buy 0.02", "sent 0.00 of 0.00!"),
    ] {
        let limits = format!(r#""accounts": {{"2001": {{"limits": {{{limit}}}}}, "#);
        let config = super::MULTIPLIER.replace("LATE", "skip").replace(r#""accounts": {"#, &limits);
        Script::new(&config).play(&format!(
            "0   | master: says            |
             0   | 2001: connects          |
             0   | 2001: says              |
             100 | master: 1 buy 0.10      | 2001 open 1 buy 0.05
             110 | 2001: answers done 0.05 |
             120 | 2001: has 1 0.05        |
             200 | master: 2 buy 0.10      | 2001 open 2 buy 0.05
             300 | master: 3 buy 0.10      | {third}
                 | look 2001 3             | {look}"
        ));
    }
}

#[test]
fn facts_may_be_so_old_and_no_older() {
    for (at, then) in [(5000, "2001 open 1 buy 0.05"), (5001, "2001 say")] {
        play(&format!(
            "0    | master: says       |
             0    | 2001: connects     |
             0    | 2001: says         |
             {at} | master: 1 buy 0.10 | {then}"
        ));
    }
}

#[test]
fn whom_nobody_has_heard_of_for_half_the_time_a_block_does_not_wait_for() {
    for (at, then) in [(3999, ""), (4000, "2002 open 1 buy 0.20")] {
        Script::new(BLOCK).play(&format!(
            "0    | master: says       |
             0    | 2002: connects     |
             0    | 2002: says         |
             {at} | master: 1 buy 0.20 | {then}"
        ));
    }
}

#[test]
fn a_block_is_sent_to_all_when_the_last_is_heard() {
    Script::new(BLOCK).play(
        "0   | master: says           |
         0   | 2001: connects         |
         0   | 2001: says             |
         0   | 2002: connects         |
         100 | master: 1 buy 0.10     |
         200 | no tick: 2002: says    | 2001 open 1 buy 0.05; 2002 open 1 buy 0.05",
    );
}

#[test]
fn what_follows_from_the_master_and_from_an_answer_does_not_wait_for_the_tick() {
    play(
        "0   | master: says            |
         0   | 2001: connects          |
         0   | 2001: says              |
         0   | 2002: connects          |
         0   | 2002: says              |
         100 | no tick: master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05 sl 1990; 2002 open 1 buy 0.05 sl 1990
         110 | no tick: 2001: answers 10016 | 2001 open 1 buy 0.05
         120 | 2001: answers done 0.05 |
         130 | 2002: answers 10006     |
         200 | no tick: master: 1 closed | 2001 reduce 1 to 0.00",
    );
}

#[test]
fn a_change_of_the_masters_gives_no_more_time_to_open() {
    play(
        "0    | master: says       |
         100  | master: 1 buy 0.10 |
         7000 | master: says       |
         7100 | master: 1 buy 0.06 |
         8100 | wait               |
              | look 2001 1        | skipped 0.00 of 0.00 not_connected",
    );
}

/// The first state has shown all numbers up to five; what is new after a while is no hub's before this one.
#[test]
fn an_older_number_that_appears_late_waits_only_at_first() {
    for then in [
        "1999 | master: 1 buy 0.10 |
         2000 | 2001: says         | 2001 open 5 buy 0.05",
        "2000 | 2001: says         | 2001 open 5 buy 0.05
         2000 | master: 1 buy 0.10 | 2001 open 1 buy 0.05",
    ] {
        play(&format!(
            "0    | master: 5 buy 0.10 |
             0    | 2001: connects     |
             0    | 2001: says to 1990 |
             {then}"
        ));
    }
}
