//! The views, by name, and one copy's records.

use super::*;
use crate::domain::{Login, Lots, OrderResult, PendingKind, PendingOrder, Position, Retcode, Side, text};
use crate::replication::{Action, InstructionId, MasterTrade, Outcome, State};

const COPY: CopyId = CopyId::new(PoolTag(250), PositionId(123_456));
const SLAVE: Login = Login(2001);

fn of<T: std::str::FromStr>(value: &str) -> T {
    value.parse().unwrap_or_else(|_| panic!("{value}"))
}

fn taken(copy: Option<CopyId>, id: u64) -> Record {
    let position: Position = serde_json::from_value(serde_json::json!({
        "id": id, "ticket": id, "symbol": "XAUUSD", "side": "sell", "lots": "0.30", "open_price": "2000.5",
        "stop_loss": "2010", "take_profit": null, "open_time": 0, "magic": 0, "profit": "0", "swap": "0"
    }))
    .unwrap();
    Record::Taken(Box::new(MasterTrade {
        copy,
        position,
        order: None,
        guessed: false,
        pool: "gold".into(),
        at: Micros(1),
    }))
}

fn instructed(action: Action) -> Record {
    Record::Instructed {
        copy: COPY,
        login: SLAVE,
        instruction: InstructionId(77),
        symbol: text("GOLD").unwrap(),
        action,
        reference: of("2000.5"),
        deviation_points: 20,
        committed_at: Micros(1),
        valid_until: Micros(8_009),
        at: Micros(9),
    }
}

/// A trade from its taking up to its close, and one that was not made.
fn story() -> Vec<Record> {
    let (copy, login, at) = (COPY, SLAVE, Micros(9));
    let too_late = || serde_json::from_value(serde_json::json!("too_late")).unwrap();
    let opened: Lots = of("0.15");
    let state = |state, retcode, skip| Record::Copy {
        copy,
        login,
        state,
        opened,
        to_market: false,
        retcode,
        skip,
        at,
    };
    let changed = |lots, proved| {
        let (stop_loss, take_profit) = (None, None);
        Record::MasterChanged { copy, lots, stop_loss, take_profit, proved, at }
    };
    let report = |outcome| Record::Reported {
        copy,
        login,
        instruction: InstructionId(77),
        outcome,
        slippage: Some(of("-0.25")),
        since_commit_us: Some(1_500),
        since_sent_us: Some(900),
        at,
    };
    vec![
        taken(Some(COPY), 123_456),
        instructed(Action::Open {
            side: Side::Sell,
            lots: opened,
            stop_loss: Some(of("2010")),
            take_profit: None,
        }),
        report(Outcome::Answered(OrderResult {
            retcode: Retcode::DONE,
            deal: 1,
            ticket: 1,
            lots: opened,
            price: of("2000.75"),
        })),
        report(Outcome::AlreadyDone),
        report(Outcome::Declined(too_late())),
        state(State::Open, Some(Retcode::DONE), None),
        changed(of("0.1"), false),
        changed(Lots::ZERO, true),
        state(State::Skipped, None, Some(too_late())),
        state(State::Rejected, Some(Retcode::NO_MONEY), None),
        Record::Account {
            login,
            currency: text("USD").unwrap(),
            balance: of("1000"),
            equity: of("990.5"),
            margin: of("0"),
            free_margin: of("990.5"),
            at,
        },
        Record::Configured { sha256: "abc".into(), configuration: "{}".into(), at },
    ]
}

fn reader(folder: &tempfile::TempDir, records: Vec<Record>) -> Reader {
    let dated = |record| Dated { wall_ms: 1_700_000_000_007, record };
    let records: Vec<Dated> = records.into_iter().map(dated).collect();
    Ledger::open(folder.path(), NAME).unwrap().ledger.append(&records).unwrap();
    Reader::open(&Ledger::path(folder.path(), NAME)).unwrap()
}

/// A table's rows without number and time, cells by commas.
fn rows(reader: &Reader, table: Table) -> Vec<String> {
    let mut shown = Vec::new();
    reader
        .table::<LedgerError>(table, |columns, cells| {
            assert_eq!(columns[..2], ["seq", "time"]);
            let Some(cells) = cells else { return Ok(()) };
            assert_eq!(cells[1], Cell::Text("2023-11-14T22:13:20.007Z".into()));
            let text = |cell: &Cell| match cell {
                Cell::Nothing => String::new(),
                Cell::Number(number) => number.to_string(),
                Cell::Text(text) => text.clone(),
            };
            shown.push(cells[2..].iter().map(text).collect::<Vec<_>>().join(","));
            Ok(())
        })
        .unwrap();
    shown
}

#[test]
fn every_table_says_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let reader = reader(&folder, story());
    for (table, expected) in [
        (Table::Accounts, &["2001,USD,1000.00,990.50,0.00,990.50"][..]),
        (
            Table::Master,
            &[
                "250:123456,open,gold,XAUUSD,sell,,0.30,2000.5,2010,",
                "250:123456,change,,,,,0.10,,,",
                "250:123456,close,,,,,0.00,,,",
            ],
        ),
        (Table::Decisions, &[]),
        (
            Table::Copies,
            &[
                "250:123456,2001,open,0.15,10009,",
                "250:123456,2001,skipped,0.15,,too_late",
                "250:123456,2001,rejected,0.15,10019,",
            ],
        ),
        (Table::Instructions, &["250:123456,2001,77,open,GOLD,sell,,0.15,,2010,,2000.5,20,8000"]),
        (
            Table::Reports,
            &[
                "250:123456,2001,77,answered,10009,,0.15,2000.75,-0.25,1500,900",
                "250:123456,2001,77,already_done,,,,,-0.25,1500,900",
                "250:123456,2001,77,declined,,too_late,,,-0.25,1500,900",
            ],
        ),
        (Table::Skips, &["250:123456,2001,skipped,too_late", "250:123456,2001,rejected,rejected_10019"]),
        (Table::Guards, &[]),
        (Table::Config, &["abc,{}"]),
    ] {
        assert_eq!(rows(&reader, table), expected, "{table:?}");
    }
}

#[test]
fn orders_guards_and_alerts_have_their_tables() {
    let order: PendingOrder = serde_json::from_value(serde_json::json!({
        "ticket": 5, "symbol": "XAUUSD", "side": "buy", "kind": "limit", "lots": "0.30", "placed": 0, "magic": 0,
        "terms": {"price": "1990", "limit_price": null, "stop_loss": "1980", "take_profit": null, "expiration": "gtc"}
    }))
    .unwrap();
    let Record::Taken(mut trade) = taken(Some(COPY), 5) else { unreachable!("it is made so") };
    trade.order = Some(order.clone());
    let (at, terms, lots) = (Micros(9), order.terms, of("0.15"));
    let guard = Record::Guard { login: SLAVE, state: Box::default(), at };
    let folder = tempfile::tempdir().unwrap();
    let reader = reader(
        &folder,
        vec![
            Record::Taken(trade),
            Record::MasterOrder { copy: COPY, order: Some(Box::new(order)), proved: false, at },
            Record::MasterOrder { copy: COPY, order: None, proved: true, at },
            instructed(Action::Place { side: Side::Buy, kind: PendingKind::Limit, lots, terms }),
            instructed(Action::Change { terms }),
            instructed(Action::Cancel),
            guard.clone(),
            Record::Told { text: "a connection was refused".into(), at },
        ],
    );
    for (table, expected) in [
        (
            Table::Master,
            vec![
                "250:123456,order,gold,XAUUSD,sell,limit,0.30,1990,2010,".to_owned(),
                "250:123456,order change,,XAUUSD,buy,limit,0.30,1990,1980,".into(),
                "250:123456,order end,,,,,,,,".into(),
            ],
        ),
        (
            Table::Instructions,
            vec![
                "250:123456,2001,77,place,GOLD,buy,limit,0.15,1990,1980,,2000.5,20,8000".into(),
                "250:123456,2001,77,change,GOLD,,,,1990,1980,,2000.5,20,8000".into(),
                "250:123456,2001,77,cancel,GOLD,,,,,,,2000.5,20,8000".into(),
            ],
        ),
        (Table::Guards, vec![format!("2001,{}", serde_json::to_string(&guard).unwrap())]),
        (Table::Alerts, vec!["a connection was refused".into()]),
    ] {
        assert_eq!(rows(&reader, table), expected, "{table:?}");
    }
}

#[test]
fn a_copys_records_are_found_also_where_its_trade_does_not_name_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut records = story();
    // As the first form has it; the identifier's high bits are not the copy's.
    records[0] = taken(None, 123_456 + (1 << 32));
    records.push(taken(None, 5));
    records.push(record(9));
    let rows = reader(&folder, records).of_copy(COPY).unwrap();
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_copy_to_hand_on_is_whole_in_one_file_and_private() {
    let folder = folder_with(5);
    let _writer = Ledger::open(folder.path(), NAME).unwrap();
    let reader = Reader::open(&Ledger::path(folder.path(), NAME)).unwrap();
    let target = folder.path().join("copy.db");
    reader.copy_to(&target).unwrap();
    assert_eq!(Ledger::read(folder.path(), "copy").unwrap(), records(0..5));
    let error = reader.copy_to(&target).unwrap_err();
    assert!(error.to_string().contains("exists"), "{error}");
    assert_eq!(reader.last().unwrap(), 5);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(target).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
