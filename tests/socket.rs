//! Over the real socket: bad frames are refused, counted, and honest slaves don't notice; nor do they notice a ledger
//! that cannot be written.
#![cfg(unix)]

#[path = "socket/attacker.rs"]
mod attacker;
#[expect(dead_code, reason = "the auditor needs more of it")]
#[path = "auditor/random.rs"]
mod random;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lotbridge::config::Setup;
use lotbridge::domain::{
    Account, Comment, Instrument, Login, Magic, MarginMode, OrderResult, Position, PositionId, Price,
    Retcode, ServerTime, Side, Snapshot, TradeRules, text,
};
use lotbridge::ffi::LbOrder;
use lotbridge::ffi::ea::{MasterEa, SlaveEa, Waited, exact_lots, text_of};
use lotbridge::ledger::Ledger;
use lotbridge::node::{self, MasterNode, SlaveNode};
use lotbridge::protocol::{
    FRAME_MOST, FrameReader, HubEvent, HubSession, Nonce, Refusal, Secret, SlaveSession, ToHub, ToSlave,
    VERSION,
};
use lotbridge::replication::{Record, SlaveState};
use lotbridge::transport::{self, Connection, Endpoint, Listener};
use serde_json::{Value, json};

/// As another process has it.
fn setup(folder: &Path, secret: &str) -> Arc<Setup> {
    Arc::new(Setup::parse(&config(folder, secret)).unwrap())
}

fn config(folder: &Path, secret: &str) -> String {
    let config: Value = json!({
        "master": {"login": 1001, "currency": "USD", "endpoint_dir": folder.join("sockets"), "state_dir": folder},
        "secret": secret,
        "pools": [{"name": "p", "allocation": {"method": "multiplier"}, "members": [{"login": 2001, "profile": "1.5"}]}],
    });
    config.to_string()
}

fn snapshot(login: u64, positions: Vec<Position>) -> Snapshot {
    let money = |amount: &str| amount.parse().unwrap();
    Snapshot {
        account: Account {
            login: Login(login),
            currency: text("USD").unwrap(),
            currency_digits: 2,
            margin_mode: MarginMode::Hedging,
            leverage: 100,
            connected: true,
            balance: money("10000"),
            equity: money("10000"),
            margin: money("0"),
            free_margin: money("10000"),
            time: ServerTime(1_000),
        },
        instruments: vec![Instrument {
            symbol: text("XAUUSD").unwrap(),
            digits: 2,
            contract_size: "100".parse().unwrap(),
            tick_size: "0.01".parse().unwrap(),
            tick_value: "1".parse().unwrap(),
            lots_min: "0.01".parse().unwrap(),
            lots_max: "100".parse().unwrap(),
            lot_step: "0.01".parse().unwrap(),
            margin_per_lot: money("4000"),
            stops_level_points: 0,
            bid: Price::ZERO,
            ask: Price::ZERO,
            trading: TradeRules::default(),
        }],
        rates: Vec::new(),
        positions,
        deals: Vec::new(),
        orders: Vec::new(),
        past_orders: Vec::new(),
        working: Vec::new(),
    }
}

fn position(id: u64, lots: &str, magic: u64) -> Position {
    Position {
        id: PositionId(id),
        ticket: id,
        symbol: text("XAUUSD").unwrap(),
        side: Side::Buy,
        lots: lots.parse().unwrap(),
        open_price: "4000".parse().unwrap(),
        open_time: ServerTime(1_000),
        stop_loss: None,
        take_profit: None,
        magic: Magic(magic),
        comment: Comment::new(),
    }
}

/// Waits until the master has confirmed the slave's state.
fn meet(slave: &SlaveEa, state: &Snapshot) {
    let number = slave.commit(state).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while slave.status().unwrap().state_seen < number {
        assert!(Instant::now() < until, "{}", text_of(&slave.status().unwrap().trouble));
        slave.wait(10).unwrap();
    }
}

fn next_order(slave: &SlaveEa, state: &Snapshot) -> LbOrder {
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        match slave.wait(20).unwrap() {
            Waited::Order(order) => return order,
            Waited::StateWanted => drop(slave.commit(state).unwrap()),
            Waited::Nothing => {}
        }
    }
    panic!("no order: {}", text_of(&slave.status().unwrap().trouble));
}

/// Sends bytes, and reads until the master closes.
fn attack(socket: &Path, bytes: &[u8]) -> Vec<u8> {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // The master may close before everything is written.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn frame(message: &ToHub) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut session = SlaveSession::new(Secret::new("x"), Login(2001), Nonce([0; 32]));
    session.write(message, &mut bytes).unwrap();
    bytes
}

fn parse(bytes: &[u8]) -> ToSlave {
    let mut reader = FrameReader::default();
    reader.space()[..bytes.len()].copy_from_slice(bytes);
    reader.filled(bytes.len());
    reader.next_message().unwrap().expect("a whole frame")
}

#[test]
fn bad_frames_are_refused_and_an_honest_slave_does_not_notice() {
    let folder = tempfile::tempdir().unwrap();
    let master = MasterEa::open(&config(folder.path(), "right")).unwrap();
    let honest = SlaveEa::open(&config(folder.path(), "right"), 2001).unwrap();
    let flat = snapshot(2001, vec![]);
    meet(&honest, &flat);
    master.commit(&snapshot(1001, vec![])).unwrap();

    let socket = folder.path().join("sockets/master-1001.sock");
    let oversize = [u32::MAX.to_le_bytes(), 1_u32.to_le_bytes()].concat();
    let above_unproved = [u32::try_from(FRAME_MOST).unwrap().to_le_bytes(), 1_u32.to_le_bytes()].concat();
    for (what, bytes) in [
        ("garbage", &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..]),
        ("a frame of 4 GB", &oversize),
        ("a large frame before the proof", &above_unproved),
        ("a proof before its challenge", &frame(&ToHub::Proof { mac: [7; 32] })),
    ] {
        assert!(attack(&socket, bytes).is_empty(), "{what}: answered");
    }
    let hello = ToHub::Hello { version: VERSION + 1, login: Login(2001), nonce: [1; 32] };
    let refused = ToSlave::Refused(Refusal::Version { hub: VERSION });
    assert_eq!(parse(&attack(&socket, &frame(&hello))), refused);

    // A slave with another secret finds the master out, and says so; it never gets an order.
    let impostor = SlaveNode::open(&setup(folder.path(), "wrong"), Login(2001)).unwrap();
    impostor.commit(flat.clone()).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while !impostor.status().trouble.contains("secret") {
        assert!(Instant::now() < until);
        assert!(!matches!(impostor.wait(20).unwrap(), node::Waited::Order(_)));
    }

    master.commit(&snapshot(1001, vec![position(1, "0.10", 0)])).unwrap();
    let order = next_order(&honest, &flat);
    assert_eq!(exact_lots(order.lots).unwrap(), "0.15".parse().unwrap());
    let done = OrderResult {
        retcode: Retcode::DONE,
        deal: 5,
        ticket: 77,
        lots: "0.15".parse().unwrap(),
        price: "4000".parse().unwrap(),
    };
    honest.report(order.instruction, &done).unwrap();
    honest.commit(&snapshot(2001, vec![position(77, "0.15", order.magic)])).unwrap();
    let status = master.wait(10_000).unwrap();
    assert_eq!((status.unsettled, status.copies_open, status.slaves_connected), (0, 1, 1));
    assert!(status.refused >= 5, "{status:?}");
    let alerts = master.alerts().unwrap().join("\n");
    for word in ["bytes", "turn", "version"] {
        assert!(alerts.contains(word), "{word}: {alerts}");
    }
    // And for good.
    drop((honest, master));
    let records = Ledger::read(folder.path(), "master-1001").unwrap();
    let told =
        |word: &str| records.iter().any(|r| matches!(r, Record::Told { text, .. } if text.contains(word)));
    for word in ["bytes", "turn", "version"] {
        assert!(told(word), "{word}: {records:#?}");
    }
}

#[test]
fn a_slave_that_is_no_member_is_told_so_before_it_connects() {
    let folder = tempfile::tempdir().unwrap();
    let error = SlaveEa::open(&config(folder.path(), "s"), 9999).unwrap_err();
    assert_eq!(error.code, lotbridge::ffi::LB_CONFIG);
    assert!(error.text.contains("9999") && error.text.contains("not a member"), "{error}");
}

#[test]
fn two_masters_on_one_endpoint_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = MasterEa::open(&config(folder.path(), "s")).unwrap();
    // In the same terminal it is told so at once; in another by the endpoint.
    let error = MasterEa::open(&config(folder.path(), "s")).unwrap_err();
    assert_eq!(error.code, lotbridge::ffi::LB_SERVED, "{error}");
    let error = MasterNode::open(setup(folder.path(), "s")).err().unwrap();
    assert!(error.to_string().contains("another master already listens"), "{error}");
    drop(first);
    MasterEa::open(&config(folder.path(), "s")).unwrap();
}

/// They take the session from each other ever more slowly, and the manager is told.
#[test]
fn two_terminals_on_one_account_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(folder.path(), "s");
    let master = MasterNode::open(Arc::clone(&setup)).unwrap();
    let rivals = [(); 2].map(|()| SlaveNode::open(&setup, Login(2001)).unwrap());
    let (mut opened, mut connected) = (0, [false; 2]);
    let until = Instant::now() + Duration::from_secs(4);
    while Instant::now() < until {
        for (rival, before) in rivals.iter().zip(&mut connected) {
            rival.wait(1).unwrap();
            let now = rival.status().connected;
            opened += u32::from(now && !*before);
            *before = now;
        }
    }
    assert!((3..20).contains(&opened), "{opened} sessions");
    let alerts = master.wait_settled(0).unwrap().alerts;
    assert!(alerts.iter().any(|alert| alert.starts_with("two terminals serve account 2001")), "{alerts:?}");
}

/// A master that opens the session only after so long; the first state that it is sent.
fn first_state(listener: &Listener, slow: Duration) -> SlaveState {
    let until = Instant::now() + Duration::from_secs(10);
    let mut connection: Connection = loop {
        assert!(Instant::now() < until, "nobody connects");
        match listener.accept().unwrap() {
            Some(connection) => break connection,
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let mut session = HubSession::new(Secret::new("right"), Nonce([3; 32]));
    loop {
        let reply = match session.next_event(|_| true).unwrap() {
            Some(HubEvent::Reply(reply)) => reply,
            Some(HubEvent::Opened(_)) => {
                std::thread::sleep(slow);
                ToSlave::Welcome
            }
            Some(HubEvent::Message(ToHub::State(state))) => return *state,
            Some(other) => panic!("{other:?}"),
            None => {
                assert!(Instant::now() < until, "no state");
                if let transport::Read::Bytes(bytes) =
                    connection.read_within(session.reader().space(), 10).unwrap()
                {
                    session.reader().filled(bytes);
                }
                continue;
            }
        };
        let mut bytes = Vec::new();
        session.write(&reply, &mut bytes).unwrap();
        assert_eq!(connection.try_write(&bytes).unwrap(), bytes.len());
    }
}

/// However long the slave's wait took in which the session opened: its state is older by all of it.
#[test]
fn the_first_state_of_a_session_is_as_old_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::new(Some(&folder.path().join("sockets")), "master-1001").unwrap();
    let listener = Listener::bind(&endpoint).unwrap();
    let slow = Duration::from_millis(300);
    let master = std::thread::spawn(move || first_state(&listener, slow));
    let slave = SlaveNode::open(&setup(folder.path(), "right"), Login(2001)).unwrap();
    slave.commit(snapshot(2001, vec![])).unwrap();
    while !master.is_finished() {
        slave.wait(400).unwrap();
    }
    let state = master.join().unwrap();
    assert!(u128::from(state.age_us) >= slow.as_micros(), "{} us", state.age_us);
}

/// A ledger that cannot be opened, then one that cannot be written, then one that can: trades go on through all of it,
/// in a pool that carries credits, too.
#[test]
fn a_locked_ledger_stops_nobody_and_gets_everything_later() {
    let folder = tempfile::tempdir().unwrap();
    let plain = config(folder.path(), "s");
    let block = r#"{"method":"block","by":"equal","residual":"carry"}"#;
    let carrying = plain.replace(r#"{"method":"multiplier"}"#, block).replace(r#","profile":"1.5""#, "");
    assert_ne!(plain, carrying);
    drop(MasterEa::open(&carrying).unwrap());
    let path = folder.path().join("master-1001.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; PRAGMA user_version = 2").unwrap();

    let master = MasterEa::open(&carrying).unwrap();
    let slave = SlaveEa::open(&carrying, 2001).unwrap();
    let flat = snapshot(2001, vec![]);
    meet(&slave, &flat);
    master.commit(&snapshot(1001, vec![])).unwrap();
    let alerts = || master.alerts().unwrap().join("\n");
    let wait_for = |so: &dyn Fn(&str) -> bool| {
        let until = Instant::now() + Duration::from_secs(20);
        while !so(&alerts()) {
            assert!(Instant::now() < until, "{}", alerts());
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    wait_for(&|alerts| alerts.contains("cannot be written") && alerts.contains("trading goes on"));
    let before = Instant::now();
    master.commit(&snapshot(1001, vec![position(1, "0.10", 0)])).unwrap();
    assert!(before.elapsed() < Duration::from_millis(500), "{:?}", before.elapsed());
    let order = next_order(&slave, &flat);
    assert_eq!(exact_lots(order.lots).unwrap(), "0.10".parse().unwrap());
    assert_eq!(alerts().matches("cannot be written").count(), 1, "{}", alerts());

    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    wait_for(&|alerts| alerts.contains("written again") && !alerts.contains("cannot be written"));
    drop((slave, master));
    let records = Ledger::read(folder.path(), "master-1001").unwrap();
    let kinds: Vec<&str> = records.iter().map(Record::kind).collect();
    for kind in ["configured", "account", "taken", "decided", "instructed"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    assert!(!kinds.contains(&"missing"), "{kinds:?}");
}
