//! Symbols as the slaves' brokers have them, and what a pool takes.

use super::{Desk, MULTIPLIER, Script, of};
use crate::config::Setup;
use crate::domain::{Login, TradeMode};
use crate::replication::Record;

const BOTH: &str = "
     0   | master: says       |
     0   | 2001: connects     |
     0   | 2001: says         |
     0   | 2002: connects     |
     0   | 2002: says         |";

/// Two slaves with half of the master's lots; 2001 with rules of its own.
fn world(symbols: &str) -> Script {
    let own = format!(r#""2001": {{"symbols": {symbols}}}, "2002": {{"#);
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip").replace(r#""2002": {"#, &own));
    world.play(BOTH);
    world
}

fn desk(world: &mut Script) -> &mut Desk {
    world.slaves.get_mut(&Login(2001)).unwrap()
}

#[test]
fn a_symbol_that_the_broker_lacks_is_skipped_under_the_name_that_was_looked_for() {
    for (symbols, name) in [
        (r#"{"suffix": ".r"}"#, Some("XAUUSD.r")),
        (r#"{"prefix": "m"}"#, Some("mXAUUSD")),
        (r#"{"map": {"XAUUSD": "GOLD"}, "suffix": ".r"}"#, Some("GOLD")),
        (r#"{"prefix": "more_than_a_symbol_", "suffix": "_may_have"}"#, None),
    ] {
        let mut world = world(symbols);
        let asks = name.map_or(String::new(), |name| format!("2001 say with {name}; "));
        let lacks = name.map_or("says".to_owned(), |name| format!("says, lacks {name}"));
        world.play(&format!(
            "100 | master: 1 buy 0.10 | {asks}2002 open 1 buy 0.05
             110 | 2001: {lacks}      |
                 | look 2001 1        | skipped 0.00 of 0.00 unknown_symbol"
        ));
        let decided = world.records.iter().find_map(|record| match record {
            Record::Decided { login, decision, .. } if login.0 == 2001 => Some(decision),
            _ => None,
        });
        let shown = decided.unwrap().facts.symbol;
        assert_eq!(shown.as_deref(), name, "{symbols}");
        let other = world.records.iter().find_map(|record| match record {
            Record::Decided { login, decision, .. } if login.0 == 2002 => Some(decision),
            _ => None,
        });
        assert_eq!(other.unwrap().facts.symbol, None, "it has what was looked for");
    }
}

/// Its terminal's Market Watch did not show it: it is asked for, and its first quote waited for.
#[test]
fn a_symbol_that_the_terminal_has_not_shown_yet_is_asked_for() {
    let mut world = world("{}");
    let gold = desk(&mut world).snapshot.instruments.pop().unwrap();
    world.play(
        "10   | 2001: says         |
         100  | master: 1 buy 0.10 | 2001 say with XAUUSD; 2002 open 1 buy 0.05
         125  | wait               |
         600  | wait               | 2001 say with XAUUSD",
    );
    let (bid, ask) = (gold.bid, gold.ask);
    desk(&mut world).snapshot.instruments.push(gold);
    let instrument = &mut desk(&mut world).snapshot.instruments[0];
    (instrument.bid, instrument.ask) = (of("0"), of("0"));
    world.play("650 | 2001: says | 2001 say");
    let instrument = &mut desk(&mut world).snapshot.instruments[0];
    (instrument.bid, instrument.ask) = (bid, ask);
    world.play("700 | 2001: says | 2001 open 1 buy 0.05");
}

#[test]
fn a_terminal_that_does_not_answer_may_have_it_late() {
    let mut world = world("{}");
    let gold = desk(&mut world).snapshot.instruments.pop().unwrap();
    world.play(
        "10   | 2001: says         |
         100  | master: 1 buy 0.10 | 2001 say with XAUUSD; 2002 open 1 buy 0.05
         8100 | wait               |
              | look 2001 1        | skipped 0.00 of 0.00 stale_facts",
    );
    desk(&mut world).snapshot.instruments.push(gold);
    world.play("8200 | 2001: says | \n | look 2001 1 | skipped 0.00 of 0.00 late_join");
}

/// For a minute its terminal's word is enough.
#[test]
fn what_the_broker_lacks_is_asked_for_once_a_minute() {
    let mut world = world(r#"{"suffix": ".r"}"#);
    world.play(
        "100   | master: 1 buy 0.10         | 2001 say with XAUUSD.r; 2002 open 1 buy 0.05
         110   | 2001: says, lacks XAUUSD.r |
         60000 | all: says to 60000         |
         60100 | master: 2 buy 0.10         | 2002 open 2 buy 0.05
               | look 2001 2                | skipped 0.00 of 0.00 unknown_symbol
         60200 | all: says to 60200         |
         60300 | master: 3 buy 0.10         | 2001 say with XAUUSD.r; 2002 open 3 buy 0.05",
    );
}

/// A block waits for the answer.
#[test]
fn a_block_is_shared_when_the_symbol_is_there_or_is_known_not_to_be() {
    for lacks in [false, true] {
        let mut world = Script::new(super::BLOCK);
        world.play(BOTH);
        let gold = desk(&mut world).snapshot.instruments.pop().unwrap();
        world.play(
            "10  | 2001: says         |
             100 | master: 1 buy 0.10 | 2001 say with XAUUSD",
        );
        if lacks {
            world.play("150 | 2001: says, lacks XAUUSD | 2002 open 1 buy 0.10");
        } else {
            desk(&mut world).snapshot.instruments.push(gold);
            world.play("150 | 2001: says | 2001 open 1 buy 0.05; 2002 open 1 buy 0.05");
        }
    }
}

#[test]
fn a_factor_multiplies_the_lots() {
    for (factor, lots) in [("10", "0.50"), ("0.2", "0.01")] {
        let map = format!(r#"{{"map": {{"XAUUSD": {{"to": "XAUUSD", "factor": "{factor}"}}}}}}"#);
        world(&map).play(&format!("100 | master: 1 buy 0.10 | 2001 open 1 buy {lots}; 2002 open 1 buy 0.05"));
    }
    world(r#"{"map": {"XAUUSD": {"to": "XAUUSD", "factor": "0.1"}}}"#).play(
        "100 | master: 1 buy 0.10 | 2002 open 1 buy 0.05
             | look 2001 1        | skipped 0.00 of 0.00 below_minimum",
    );
}

#[test]
fn a_trade_mode_that_forbids_it_is_a_skip() {
    let mut world = world("{}");
    desk(&mut world).snapshot.instruments[0].trading.mode = TradeMode::ShortOnly;
    world.play(
        "10  | 2001: says          |
         100 | master: 1 buy 0.10  | 2002 open 1 buy 0.05
             | look 2001 1         | skipped 0.00 of 0.00 trade_mode
         200 | master: 2 sell 0.10 | 2001 open 2 sell 0.05; 2002 open 2 sell 0.05",
    );
}

/// Until it is cancelled, which it is with the master's; where the broker takes that no more than what was asked for, its
/// refusal is told, and what the master fills is entered at market.
#[test]
fn an_order_waits_as_the_slaves_broker_lets_it() {
    let place = "100  | master: order 5 buy limit 0.10 at 1990 until 9000 |";
    let other = "2002 place 5 buy limit 0.05 at 1990 until 9000";
    for (modes, until) in
        [(0, " until 9000"), (4, " until 9000"), (15, " until 9000"), (1, ""), (2, " until 9000")]
    {
        let mut world = world("{}");
        desk(&mut world).snapshot.instruments[0].trading.expiration_modes = modes;
        world.play(&format!(
            "10   | 2001: says               |
             {place} 2001 place 5 buy limit 0.05 at 1990{until}; {other}"
        ));
    }
    let mut world = world("{}");
    desk(&mut world).snapshot.instruments[0].trading.expiration_modes = 1;
    world.play(&format!(
        "10   | 2001: says               |
         {place} 2001 place 5 buy limit 0.05 at 1990; {other}
         110  | 2001: answers placed     |
         110  | 2002: answers placed     |
         120  | 2001: waits 5 0.05 at 1990 |
         120  | 2002: waits 5 0.05 at 1990 until 9000 |
              | look 2001 5              | pending 0.00 of 0.00
         500  | master: order 5 buy limit 0.10 at 1990 until 8000 | 2002 change 5 at 1990 until 8000
         510  | 2002: answers placed     |
         520  | 2002: waits 5 0.05 at 1990 until 8000 |
         900  | master: order 5 cancelled | 2001 cancel 5; 2002 cancel 5"
    ));
}

#[test]
fn the_brokers_limit_on_a_direction_is_shared_by_its_copies() {
    let mut world = world("{}");
    desk(&mut world).snapshot.instruments[0].trading.volume_limit = of("0.12");
    world.play(
        "10  | 2001: says          |
         100 | master: 1 buy 0.20  | 2001 open 1 buy 0.10; 2002 open 1 buy 0.10
         200 | master: 2 buy 0.10  | 2001 open 2 buy 0.02; 2002 open 2 buy 0.05
         300 | master: 3 buy 0.10  | 2002 open 3 buy 0.05
             | look 2001 3         | skipped 0.00 of 0.00 volume_limit
         400 | master: 4 sell 0.20 | 2001 open 4 sell 0.10; 2002 open 4 sell 0.10",
    );
}

#[test]
fn what_was_taken_within_its_hours_is_followed_at_any_time() {
    let filter =
        r#""tag": 1, "filter": {"hours": [{"from": "00:00", "to": "00:01"}], "comments": ["!manual*"]}"#;
    let config = MULTIPLIER.replace("LATE", "skip").replace(r#""tag": 1"#, filter);
    assert!(Setup::parse(&config).is_ok());
    let mut world = Script::new(&config);
    world.play(BOTH);
    world.play(
        "100   | master: 1 buy 0.10      | 2001 open 1 buy 0.05; 2002 open 1 buy 0.05
         110   | 2001: answers done 0.05 |
         110   | 2002: answers done 0.05 |
         120   | 2001: has 1 0.05        |
         120   | 2002: has 1 0.05        |",
    );
    // The broker's own comment: no reason to let go.
    world.master.snapshot.positions[0].comment = crate::domain::text("manual").unwrap();
    world.play(
        "70000 | master: 1 buy 0.06      | 2001 reduce 1 to 0.03; 2002 reduce 1 to 0.03
         70010 | master: 2 buy 0.10      |
               | look 2001 2             | over",
    );
}
