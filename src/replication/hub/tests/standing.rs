//! What the manager's panel shows of pools and of slaves that need a look.

use std::fmt::Write;

use super::*;

/// So many pools with so many slaves each, none of them connected.
fn standing(pools: u64, members: u64) -> Vec<String> {
    let mut shown = String::new();
    for pool in 1..=pools {
        let slaves = (1..=members).map(|slave| format!(r#"{{"login": {}, "profile": "1"}}"#, 2_000 + slave));
        let slaves = slaves.collect::<Vec<_>>().join(", ");
        let comma = if pool == 1 { "" } else { "," };
        let allocation = r#""allocation": {"method": "multiplier"}"#;
        write!(shown, r#"{comma}{{"name": "p{pool}", "tag": {pool}, {allocation}, "members": [{slaves}]}}"#)
            .unwrap();
    }
    let head = MULTIPLIER.split(r#""pools""#).next().unwrap();
    let setup = Setup::parse(&format!(r#"{head} "pools": [{shown}]}}"#)).unwrap_or_else(|e| panic!("{e}"));
    Hub::new(Arc::new(setup), Micros(0)).standing()
}

#[test]
fn a_few_slaves_are_named_and_the_others_counted() {
    for (members, named, more) in [(4, 4, None), (5, 4, Some("  and 1 more")), (9, 4, Some("  and 5 more"))] {
        let lines = standing(1, members);
        let troubled = lines.iter().filter(|line| line.ends_with("is not connected")).count();
        assert_eq!(lines[0], format!("Pool p1, multiplier: 0 of {members} slaves connected"));
        assert_eq!(troubled, named, "{lines:?}");
        assert_eq!(lines.get(5).map(String::as_str), more, "{lines:?}");
    }
}

#[test]
fn a_few_pools_are_told_of_and_the_others_counted() {
    for (pools, more) in [(8, None), (9, Some("and 1 more pools")), (11, Some("and 3 more pools"))] {
        let lines = standing(pools, 1);
        assert_eq!(lines.get(16).map(String::as_str), more, "{lines:?}");
    }
}

#[test]
fn members_are_known_and_nobody_else_is() {
    let hub = Script::new(&MULTIPLIER.replace("LATE", "skip")).hub;
    for (login, known) in [(2001, true), (2002, true), (2003, false), (1001, false)] {
        assert_eq!(hub.knows(Login(login)), known, "{login}");
    }
}

#[test]
fn how_it_stands_in_numbers() {
    let mut script = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    for (line, connected, open, unsettled, in_doubt) in [
        ("0 | master: says |", 0, 0, 0, 0),
        ("0 | 2001: connects |", 1, 0, 0, 0),
        ("0 | 2001: says |", 1, 0, 0, 0),
        ("0 | 2002: connects |", 2, 0, 0, 0),
        ("0 | 2002: says |", 2, 0, 0, 0),
        ("100 | master: 1 buy 0.10 | 2001 open 1 buy 0.05; 2002 open 1 buy 0.05", 2, 0, 2, 0),
        ("110 | 2001: answers 10012 |", 2, 0, 2, 1),
        ("120 | 2002: answers done 0.05 |", 2, 1, 2, 1),
        ("130 | 2002: has 1 0.05 |", 2, 1, 1, 1),
        ("140 | 2001: has 1 0.05 |", 2, 2, 0, 0),
        ("145 | master: 1 missing |", 2, 2, 2, 0),
        ("146 | master: back |", 2, 2, 0, 0),
        ("150 | 2001: breaks off |", 1, 2, 0, 0),
    ] {
        script.play(line);
        let summary = script.hub.summary();
        let (slaves_connected, copies_open) = (connected, open);
        let expected =
            super::super::HubSummary { slaves_connected, copies_open, unsettled, in_doubt, impossible: 0 };
        assert_eq!(summary, expected, "after: {line}");
    }
    script.hub.impossible = 3;
    assert_eq!(script.hub.summary().impossible, 3);
}
