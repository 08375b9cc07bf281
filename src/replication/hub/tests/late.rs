//! Who comes late copies what is open only as the pool says.

use super::{MULTIPLIER, Script};

/// 2001 connects when its deadline is over; the price has moved to `ASK`.
const LATE: &str = "
    0    | master: says       |
    100  | master: 1 buy 0.10 |
    8100 | wait               |
         | look 2001 1        | skipped 0.00 of 0.00 not_connected
    9000 | 2001: connects     |
";

fn play_late(policy: &str, ask: &str, script: &str) {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", policy));
    for desk in world.slaves.values_mut() {
        desk.snapshot.instruments[0].ask = ask.parse().unwrap();
    }
    world.play(&format!("{LATE}{script}"));
}

#[test]
fn the_policy_decides() {
    for (policy, ask, then, look) in [
        ("skip", "2000", "", "skipped 0.00 of 0.00 late_join"),
        ("not_worse", "2000", "2001 open 1 buy 0.05", "sent 0.00 of 0.00!"),
        ("not_worse", "2000.01", "", "skipped 0.00 of 0.00 late_join"),
        ("always", "2099", "2001 open 1 buy 0.05", "sent 0.00 of 0.00!"),
    ] {
        play_late(
            policy,
            ask,
            &format!(
                "9010 | 2001: says  | {then}
                      | look 2001 1 | {look}"
            ),
        );
    }
}

#[test]
fn a_late_seller_gets_no_less_than_the_master_did() {
    let (sent, late) = ("sent 0.00 of 0.00!", "skipped 0.00 of 0.00 late_join");
    for (bid, then, look) in [("2000", "2001 open 1 sell 0.05", sent), ("1999.99", "", late), ("0", "", late)]
    {
        let mut world = Script::new(&MULTIPLIER.replace("LATE", "not_worse"));
        for desk in world.slaves.values_mut() {
            desk.snapshot.instruments[0].bid = bid.parse().unwrap();
        }
        let script = LATE.replace("1 buy", "1 sell");
        world.play(&format!(
            "{script}
             9010 | 2001: says  | {then}
                  | look 2001 1 | {look}"
        ));
    }
}

/// It is filled at its own price, or not at all.
#[test]
fn an_order_that_waits_is_never_worse() {
    Script::new(&MULTIPLIER.replace("LATE", "not_worse")).play(
        "0    | master: says   |
         100  | master: order 5 buy limit 0.10 at 1990 |
         8200 | wait           |
              | look 2001 5    | skipped 0.00 of 0.00 not_connected
         9000 | 2001: connects |
         9010 | 2001: says     | 2001 place 5 buy limit 0.05 at 1990",
    );
}

#[test]
fn always_is_measured_from_the_present_price() {
    for (policy, ask, reference) in [("always", "2099", "2099"), ("not_worse", "1990", "2000")] {
        let mut world = Script::new(&MULTIPLIER.replace("LATE", policy));
        for desk in world.slaves.values_mut() {
            desk.snapshot.instruments[0].ask = ask.parse().unwrap();
        }
        world.play(LATE);
        world.now = crate::domain::Micros(9_010_000);
        let desk = world.slaves[&crate::domain::Login(2001)].snapshot.clone();
        let state = crate::replication::SlaveState {
            number: 1,
            age_us: 0,
            sent: world.now,
            snapshot: desk,
            busy: Vec::new(),
            guard: crate::replication::GuardReport::default(),
            adrift: Vec::new(),
            older: Vec::new(),
            lacks: Vec::new(),
        };
        world.hub.on_slave(world.now, crate::domain::Login(2001), state).unwrap();
        let Some(super::HubOutput::Instruct(_, instruction)) = world.hub.poll_output() else {
            panic!("{policy}: nothing is opened");
        };
        assert_eq!(instruction.reference, reference.parse().unwrap(), "{policy}");
    }
}

#[test]
fn who_is_late_gets_a_share_of_what_is_left() {
    play_late(
        "always",
        "2000",
        "9005 | master: 1 buy 0.06      |
         9010 | 2001: says              | 2001 open 1 buy 0.03
         9020 | 2001: answers done 0.03 |
         9030 | 2001: has 1 0.03        |
              | look 2001 1             | open 0.03 of 0.03
         9100 | master: 1 buy 0.04      | 2001 reduce 1 to 0.02",
    );
}

#[test]
fn a_late_joiner_gives_nobody_else_more_time() {
    Script::new(&MULTIPLIER.replace("LATE", "always")).play(
        "0     | master: says        |
         0     | 2001: connects      |
         0     | 2001: says          |
         100   | master: 1 buy 0.10  | 2001 open 1 buy 0.05
         120   | 2001: answers 10012 |
         6900  | 2001: says          |
         7900  | 2001: says          |
         8200  | 2002: connects      |
         8210  | 2002: says          | 2002 open 1 buy 0.05
         8900  | 2001: says          |
               | look 2001 1         | skipped 0.00 of 0.00 too_late",
    );
}

#[test]
fn a_terminal_that_comes_back_to_its_server_joins_late_too() {
    play_late(
        "always",
        "2000",
        "9010  | 2001: says              | 2001 open 1 buy 0.05
         9020  | 2001: answers done 0.05 |
         9030  | 2001: has 1 0.05        |
         9100  | 2001: offline           |
         9200  | master: 2 buy 0.10      |
         17200 | wait                    |
               | look 2001 2             | skipped 0.00 of 0.00 not_connected
         18000 | 2001: says              | 2001 open 2 buy 0.05",
    );
}

/// The pool leaves out who is late.
fn play_skip(script: &str) {
    Script::new(&MULTIPLIER.replace("LATE", "skip")).play(script);
}

#[test]
fn what_the_master_opened_while_nobody_watched_is_late_too() {
    play_skip(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: unseen 1 buy 0.10 |
         5000 | 2001: says                |
         5100 | master: unseen 2 buy 0.10 |
         8101 | 2001: says                |
         8102 | master: says              | 2001 open 2 buy 0.05
              | look 2001 1               | skipped 0.00 of 0.00 late_join",
    );
}

/// After a standstill a terminal's lists may come a moment after its connection.
#[test]
fn what_the_master_opened_while_nobody_watched_is_late_though_the_first_state_lacks_it() {
    for back in ["9100 ", "10000"] {
        play_skip(&format!(
            "0     | master: says              |
             0     | 2001: connects            |
             0     | 2001: says                |
             100   | master: unseen 1 buy 0.10 |
             100   | master: unseen 1 missing  |
             8900  | 2001: says                |
             9000  | master: says              |
             9050  | master: says              |
             {back} | master: back             |
                   | look 2001 1               | skipped 0.00 of 0.00 late_join"
        ));
    }
}

/// A slave's terminal that stood still is back with its first state.
#[test]
fn a_terminal_that_stood_still_joins_late_too() {
    for (policy, then) in [("always", "2001 open 2 buy 0.05"), ("skip", "")] {
        Script::new(&MULTIPLIER.replace("LATE", policy)).play(&format!(
            "0     | master: says          |
             0     | 2001: connects        |
             0     | 2001: says            |
             10000 | master: 2 buy 0.10    | 2001 say
             18100 | master: says          |
                   | look 2001 2           | skipped 0.00 of 0.00 stale_facts
             20000 | 2001: says            | {then}"
        ));
    }
}

/// Facts that were too old come anew, however long a standstill would have to be.
#[test]
fn who_was_not_heard_in_time_joins_late_without_a_standstill() {
    let config = MULTIPLIER.replace("LATE", "always").replace(r#""doubt_ms": 2000"#, r#""doubt_ms": 60000"#);
    Script::new(&config).play(
        "0     | master: says          |
         0     | 2001: connects        |
         0     | 2001: says            |
         10000 | master: 2 buy 0.10    | 2001 say
         18100 | master: says          |
               | look 2001 2           | skipped 0.00 of 0.00 stale_facts
         18200 | 2001: says, 5001 ms late |
         20000 | 2001: says            | 2001 open 2 buy 0.05",
    );
}

/// Each process reads the system's clock when it begins, and that may have been set in between.
#[test]
fn a_deadline_is_of_the_slaves_clock() {
    for (ahead_s, expected_s) in [(0, 108), (4, 108), (5, 113), (3_600, 3_708), (-60, 48)] {
        let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
        world.play("99000 | master: says |\n 99000 | 2001: connects |");
        let slave = crate::domain::Login(2001);
        let state = crate::replication::SlaveState {
            number: 1,
            age_us: 0,
            sent: crate::domain::Micros(99_000_000_u64.saturating_add_signed(ahead_s * 1_000_000)),
            snapshot: world.slaves[&slave].snapshot.clone(),
            busy: Vec::new(),
            guard: crate::replication::GuardReport::default(),
            adrift: Vec::new(),
            older: Vec::new(),
            lacks: Vec::new(),
        };
        world.hub.on_slave(crate::domain::Micros(99_000_000), slave, state).unwrap();
        world.now = crate::domain::Micros(100_000_000);
        world.happen(&["master", "1", "buy", "0.10"]);
        let Some(super::HubOutput::Instruct(_, instruction)) = world.hub.poll_output() else {
            panic!("nothing is opened");
        };
        assert_eq!(instruction.valid_until.0 / 1_000_000, expected_s, "{ahead_s} s ahead");
    }
}

#[test]
fn a_state_that_waited_on_its_way_is_as_old_as_it_is() {
    play_skip(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         7000 | 2001: says, 5001 ms late  |
         7001 | master: 1 buy 0.10        | 2001 say
         7010 | 2001: says                | 2001 open 1 buy 0.05",
    );
}

/// The hub was started anew with the slave, which was there before the master's first state: the pool's policy decides,
/// not who was faster.
#[test]
fn who_was_there_before_a_restarted_hub_saw_the_master_joins_late() {
    for (policy, opens, is) in [
        ("always", "2002 open 1 buy 0.50", "sent 0.00 of 0.00!"),
        ("skip", "", "skipped 0.00 of 0.00 late_join"),
    ] {
        Script::new(&MULTIPLIER.replace("LATE", policy)).play(&format!(
            "0     | master: says              |
             0     | 2001: connects            |
             0     | 2001: says                |
             100   | master: 1 buy 1.00        | 2001 open 1 buy 0.50
             1000  | hub: restarts             |
             20000 | 2002: connects            |
             20010 | 2002: says                |
             20020 | master: says              |
             21010 | 2002: says                |
             22010 | 2002: says                | {opens}
                   | look 2002 1               | {is}"
        ));
    }
}

/// Its Market Watch does not show the symbol: it is asked for, whatever its quote then says.
#[test]
fn who_comes_late_is_asked_for_the_symbol_first() {
    for (answer, is) in [("has it", "open 1 buy 0.05"), ("says, lacks XAUUSD", "")] {
        let mut world = Script::new(&MULTIPLIER.replace("LATE", "always"));
        let desk = world.slaves.get_mut(&crate::domain::Login(2001)).unwrap();
        let gold = desk.snapshot.instruments.pop().unwrap();
        world.play(LATE);
        world.play(
            "9010 | 2001: says | 2001 say with XAUUSD
                  | look 2001 1 | skipped 0.00 of 0.00 stale_facts",
        );
        if is.is_empty() {
            world.play(&format!(
                "9020 | 2001: {answer} |
                      | look 2001 1 | skipped 0.00 of 0.00 late_join"
            ));
            continue;
        }
        let desk = world.slaves.get_mut(&crate::domain::Login(2001)).unwrap();
        desk.snapshot.instruments.push(gold);
        world.play(&format!("9020 | 2001: says | 2001 {is}"));
    }
}
