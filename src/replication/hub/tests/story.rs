//! What goes on record beyond what a restarted hub needs.

use super::super::super::instruction::Action;
use super::super::story::worse_by;
use super::*;

/// The story of a script, a line a record.
fn story(script: &str) -> Vec<String> {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(script);
    let shown = |record: &Record| match record {
        Record::Instructed { copy, login, action, reference, committed_at, at, .. } => {
            format!(
                "{at:?} {login} {}, from {reference}, of {committed_at:?}",
                orders::action_text(*action, *copy)
            )
        }
        Record::Reported { login, outcome, slippage, since_commit_us, since_sent_us, at, .. } => {
            let lots = match outcome {
                Outcome::Answered(result) => format!("{} {}", result.retcode.0, result.lots),
                other => format!("{other:?}"),
            };
            let slippage = slippage.map(|price| price.to_string());
            format!("{at:?} {login} {lots}, slippage {slippage:?}, {since_commit_us:?}, {since_sent_us:?}")
        }
        Record::MasterChanged { lots, stop_loss, at, .. } => {
            format!("{at:?} master {lots}, stop {:?}", stop_loss.map(|price| price.to_string()))
        }
        Record::Account { login, balance, at, .. } => format!("{at:?} {login} has {balance}"),
        Record::MasterOrder { order, at, .. } => {
            let terms = order.as_ref().map(|order| orders::terms_text(&order.terms));
            format!("{at:?} master's order {terms:?}")
        }
        other => panic!("{other:?}"),
    };
    world.story.iter().map(shown).collect()
}

#[test]
fn a_trade_is_told_from_the_masters_change_to_the_report() {
    let told = story(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         120  | 2001: answers done 0.05   |
         130  | 2001: has 1 0.05          |
         200  | master: says              |
         500  | master: 1 buy 0.04 sl 1990 | 2001 reduce 1 to 0.02
         520  | 2001: answers 10004       |
         530  | 2001: answers old 10012   |
         600  | master: 1 closed          |",
    );
    let expected = [
        "Micros(0) 1001 has 10000.00",
        "Micros(0) 2001 has 10000.00",
        "Micros(100000) 2001 open 1 buy 0.05, from 2000, of Micros(100000)",
        "Micros(120000) 2001 10009 0.05, slippage Some(\"0\"), Some(20000), Some(20000)",
        "Micros(500000) master 0.04, stop Some(\"1990\")",
        "Micros(500000) 2001 reduce 1 to 0.02, from 2000, of Micros(500000)",
        "Micros(520000) 2001 10004 0.00, slippage None, Some(20000), Some(20000)",
        "Micros(530000) 2001 10012 0.00, slippage None, None, None",
        "Micros(600000) master 0.00, stop Some(\"1990\")",
    ];
    assert_eq!(told, expected);
}

/// Against the master's own close; of what it did not close, there is none.
#[test]
fn a_close_is_measured_from_the_masters() {
    let config = MULTIPLIER.replace("LATE", "skip").replace(
        r#""accounts": {"#,
        r#""accounts": {"2001": {"guards": {"equity_stop": {"money": "5000", "reaction": "close_all"}}}, "#,
    );
    for (closes, slippage) in
        [("master: 1 closed", Some("1.5")), ("master: 1 buy 0.04", Some("1.5")), ("2001: equity 4000", None)]
    {
        let mut world = Script::new(&config);
        world.play(
            "0    | master: says              |
             0    | 2001: connects            |
             0    | 2001: says                |
             100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
             120  | 2001: answers done 0.05   |
             130  | 2001: has 1 0.05          |",
        );
        let asked = if closes.ends_with("0.04") { "2001 reduce 1 to 0.02" } else { "2001 reduce 1 to 0.00" };
        world.play(&format!("600 | {closes} | {asked}"));
        let closing =
            |record: &&Record| matches!(record, Record::Instructed { action: Action::Reduce { .. }, .. });
        let Some(Record::Instructed { reference, .. }) = world.story.iter().find(closing) else {
            panic!("none")
        };
        assert_eq!(reference.is_positive(), slippage.is_some(), "{closes}");
        let lots = if closes.ends_with("0.04") { "0.03" } else { "0.05" };
        world.play(&format!("620  | 2001: answers done {lots} at 1998.5 |"));
        let Some(Record::Reported { slippage: found, .. }) = world.story.last() else { panic!("no report") };
        assert_eq!(found.map(|price| price.to_string()).as_deref(), slippage, "{closes}");
    }
}

/// A guard's close is measured from none that the master made before, and what the master only misses it did not close.
#[test]
fn what_the_master_did_not_close_has_nothing_to_be_measured_from() {
    let config = MULTIPLIER.replace("LATE", "skip").replace(
        r#""accounts": {"#,
        r#""accounts": {"2001": {"guards": {"equity_stop": {"money": "5000", "reaction": "close_all"}}}, "#,
    );
    for closes in [
        "500   | master: 1 buy 0.04        | 2001 reduce 1 to 0.02
         510   | 2001: answers done 0.03   |
         520   | 2001: has 1 0.02          |
         600   | 2001: equity 4000         | 2001 reduce 1 to 0.00",
        "600   | master: 1 missing         |
               | everybody: says to 30599  |
         30600 | master: says              | 2001 reduce 1 to 0.00",
    ] {
        let mut world = Script::new(&config);
        world.play(&format!(
            "0     | master: says              |
             0     | 2001: connects            |
             0     | 2001: says                |
             100   | master: 1 buy 0.10        | 2001 open 1 buy 0.05
             120   | 2001: answers done 0.05   |
             130   | 2001: has 1 0.05          |
             {closes}"
        ));
        let reference = world.story.iter().rev().find_map(|record| match record {
            Record::Instructed { reference, .. } => Some(reference.to_string()),
            _ => None,
        });
        assert_eq!(reference.as_deref(), Some("0"), "{closes}");
    }
}

#[test]
fn a_trade_without_a_price_has_no_slippage() {
    let told = story(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         120  | 2001: answers done 0.05 at 0 |",
    );
    let last = "Micros(120000) 2001 10009 0.05, slippage None, Some(20000), Some(20000)";
    assert_eq!(told.last().map(String::as_str), Some(last));
}

#[test]
fn an_account_is_sampled_once_a_minute_and_with_its_balance() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(
        "0     | master: says   |
         30000 | master: says   |
         59999 | master: says   |
         60000 | master: says   |
         60001 | master: says   |",
    );
    world.master.snapshot.account.balance = of("9990");
    world.play("60002 | master: says   |");
    let at: Vec<u64> = world.story.iter().map(|record| record.at().0 / 1000).collect();
    assert_eq!(at, [0, 60_000, 60_002]);
}

#[test]
fn slippage_is_positive_when_it_costs() {
    for (side, reference, price, worse) in [
        (Side::Buy, "1.10000", "1.10003", "0.00003"),
        (Side::Buy, "1.10000", "1.09998", "-0.00002"),
        (Side::Sell, "1.10000", "1.10003", "-0.00003"),
        (Side::Sell, "1.10000", "1.09998", "0.00002"),
    ] {
        assert_eq!(worse_by(side, of(reference), of(price)), of(worse), "{side} {price}");
    }
}

/// The names in the record's text are those that the ledger asks by.
#[test]
fn an_orders_changes_and_its_end_are_told() {
    let told = story(
        "0    | master: says              |
         100  | master: order 5 buy limit 0.10 at 1990 |
         200  | master: order 5 buy limit 0.10 at 1980 sl 1970 |
         300  | master: says              |
         400  | master: order 5 cancelled |
         500  | master: order 6 buy limit 0.10 at 1990 |
         600  | master: order 6 filled    |
         700  | master: 6 closed          |",
    );
    let expected = [
        "Micros(0) 1001 has 10000.00",
        "Micros(200000) master's order Some(\" at 1980 sl 1970\")",
        "Micros(400000) master's order None",
        "Micros(600000) master 0.10, stop None",
        "Micros(700000) master 0.00, stop None",
    ];
    assert_eq!(told, expected);
}

/// A position that no deal closes was no order.
#[test]
fn what_the_master_shows_no_more_is_told_as_what_it_was() {
    let told = story(
        "0     | master: says             |
         100   | master: 1 buy 0.10       |
         200   | master: 1 missing        |
         200   | master: says to 30200    |
         30300 | master: order 5 buy limit 0.10 at 1990 |
         30400 | master: order 5 missing  |
         30400 | master: says to 60400    |
         60500 | master: order 6 buy limit 0.10 at 1990 |
         60590 | master: unseen order 6 filled |
         60600 | master: 6 closed         |",
    );
    let expected = [
        "Micros(0) 1001 has 10000.00",
        "Micros(30200000) master 0.00, stop None",
        "Micros(60000000) 1001 has 10000.00",
        "Micros(60400000) master's order None",
        "Micros(60600000) master 0.00, stop None",
    ];
    assert_eq!(told, expected);
}

#[test]
fn every_kind_is_named_as_it_is_written() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(
        "0   | master: says            |
         0   | 2001: connects          |
         0   | 2001: says              |
         100 | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         120 | 2001: answers too_late  |
         200 | master: 1 closed        |",
    );
    let at = Micros(7);
    let others = [
        Record::Configured { sha256: String::new(), configuration: String::new(), at },
        Record::Missing { count: 1, at },
        Record::MasterOrder {
            copy: CopyId::new(crate::domain::PoolTag(1), PositionId(5)),
            order: None,
            proved: true,
            at,
        },
        Record::MasterNetting { position: PositionId(5), tale: Box::default(), at },
        Record::Told { text: String::new(), at },
    ];
    let all = world.records.iter().chain(&world.story).chain(&others);
    let mut kinds = std::collections::BTreeSet::new();
    for record in all {
        let value = serde_json::to_value(record).unwrap();
        assert_eq!((&value["record"], &value["at"]), (&record.kind().into(), &record.at().0.into()));
        assert_eq!(serde_json::from_value::<Record>(value).unwrap(), *record);
        kinds.insert(record.kind());
    }
    assert_eq!(kinds.len(), 13, "{kinds:?}");
}
