//! An account's guards through the C ABI: on the slave's terminal with no master there, over a restart, re-armed by
//! hand; and what master and slave say of them.

use std::path::Path;
use std::time::{Duration, Instant};

use lotbridge::domain::{
    Account, Comment, CopyId, Instrument, Login, Magic, MarginMode, OrderResult, PoolTag, Position,
    PositionId, Price, Retcode, ServerTime, Side, Signature, Snapshot, TradeRules, text,
};
use lotbridge::ffi::ea::{MasterEa, SlaveEa, Waited};
use lotbridge::ffi::{LB_CLOSE, LB_GUARD_ARMED, LB_GUARD_CLOSE_ALL, LB_GUARD_CLOSE_ONLY, LB_OPEN, LbOrder};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(20);

fn config(folder: &Path) -> String {
    let config = json!({
        "master": {"login": 1001, "currency": "USD", "endpoint_dir": folder.join("run"),
                   "state_dir": folder.join("state"), "deviation_points": 100},
        "secret": "s",
        "pools": [{"name": "p", "tag": 1, "allocation": {"method": "multiplier"}, "members": [{"login": 2001}]}],
        "accounts": {"2001": {"guards": {"daily_loss": {"percent": "5", "reaction": "close_all"}}}},
    });
    config.to_string()
}

/// A state with this equity and these copies of the master's positions; on the master: the positions themselves.
fn snapshot(login: u64, equity: &str, positions: &[u64]) -> Snapshot {
    let money = |amount: &str| amount.parse().unwrap();
    let signature = Signature::of_master(Login(1001));
    let magic = |id: u64| match login {
        1001 => Magic(0),
        _ => Magic::of_copy(signature, CopyId::new(PoolTag(1), PositionId(id))),
    };
    let position = |id: u64| Position {
        id: PositionId(id),
        ticket: id,
        symbol: text("XAUUSD").unwrap(),
        side: Side::Buy,
        lots: "0.1".parse().unwrap(),
        open_price: "2000".parse().unwrap(),
        open_time: ServerTime(900),
        stop_loss: None,
        take_profit: None,
        magic: magic(id),
        comment: Comment::new(),
    };
    Snapshot {
        account: Account {
            login: Login(login),
            currency: text("USD").unwrap(),
            currency_digits: 2,
            margin_mode: MarginMode::Hedging,
            leverage: 100,
            connected: true,
            balance: money("10000"),
            equity: money(equity),
            margin: money("0"),
            free_margin: money(equity),
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
            margin_per_lot: money("100"),
            stops_level_points: 0,
            bid: Price::ZERO,
            ask: Price::ZERO,
            trading: TradeRules::default(),
        }],
        rates: Vec::new(),
        positions: positions.iter().map(|id| position(*id)).collect(),
        deals: Vec::new(),
        orders: Vec::new(),
        past_orders: Vec::new(),
        working: Vec::new(),
    }
}

/// The next order; the slave's state is handed over whenever it is wanted.
fn order(slave: &SlaveEa, state: &Snapshot, patience: Duration) -> Option<LbOrder> {
    let until = Instant::now() + patience;
    while Instant::now() < until {
        match slave.wait(20).unwrap() {
            Waited::Order(order) => return Some(order),
            Waited::StateWanted => drop(slave.commit(state).unwrap()),
            Waited::Nothing => {}
        }
    }
    None
}

fn done(order: &LbOrder) -> (u64, OrderResult) {
    let (lots, price) = ("0.1".parse().unwrap(), "2000".parse().unwrap());
    (order.instruction, OrderResult { retcode: Retcode::DONE, deal: 7, ticket: 7, lots, price })
}

#[test]
fn the_slaves_own_terminal_needs_no_master_and_no_memory_but_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let slave = SlaveEa::open(&config, 2001).unwrap();
    slave.commit(&snapshot(2001, "10000", &[7])).unwrap();
    slave.commit(&snapshot(2001, "9500.01", &[7])).unwrap();
    assert_eq!(slave.status().unwrap().guard, LB_GUARD_ARMED);
    slave.commit(&snapshot(2001, "9500", &[7])).unwrap();
    assert_eq!(slave.status().unwrap().guard, LB_GUARD_CLOSE_ALL);
    let alerts = slave.alerts().unwrap();
    assert!(alerts[0].contains("guard_daily_loss has tripped, close_all: equity 9500.00 against 10000.00"));
    let close = order(&slave, &snapshot(2001, "9500", &[7]), PATIENCE).expect("a close, without a master");
    assert_eq!((close.action, close.ticket), (LB_CLOSE, 7));
    drop(slave);

    let slave = SlaveEa::open(&config, 2001).unwrap();
    assert_eq!(slave.status().unwrap().guard, LB_GUARD_CLOSE_ALL, "read back");
    slave.commit(&snapshot(2001, "9900", &[])).unwrap();
    slave.rearm().unwrap();
    slave.commit(&snapshot(2001, "9900", &[])).unwrap();
    assert_eq!(slave.status().unwrap().guard, LB_GUARD_ARMED);
    drop(slave);

    let slave = SlaveEa::open(&config, 2001).unwrap();
    slave.commit(&snapshot(2001, "9405.01", &[])).unwrap();
    assert_eq!(slave.status().unwrap().guard, LB_GUARD_ARMED, "measured from the equity after re-arming");
    slave.commit(&snapshot(2001, "9405", &[])).unwrap();
    assert_eq!(slave.status().unwrap().guard, LB_GUARD_CLOSE_ALL);
    drop(slave);

    let file = folder.path().join("state/slave-2001-of-1001.guard.json");
    std::fs::write(&file, "{").unwrap();
    let slave = SlaveEa::open(&config, 2001).unwrap();
    assert_eq!(slave.status().unwrap().guard, LB_GUARD_CLOSE_ONLY, "nothing is opened on a guess");
    assert!(slave.alerts().unwrap()[0].contains("guard.json"), "{:?}", slave.alerts());
}

#[test]
fn the_master_follows_the_slaves_guards_and_its_rearming() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let master = MasterEa::open(&config).unwrap();
    master.commit(&snapshot(1001, "10000", &[])).unwrap();
    let slave = SlaveEa::open(&config, 2001).unwrap();
    let rich = snapshot(2001, "10000", &[]);
    slave.commit(&rich).unwrap();
    let until = Instant::now() + PATIENCE;
    while master.wait(0).unwrap().slaves_connected == 0 || slave.status().unwrap().state_seen == 0 {
        assert!(order(&slave, &rich, Duration::from_millis(20)).is_none());
        assert!(Instant::now() < until, "no session");
    }
    let poor = snapshot(2001, "9400", &[]);
    slave.commit(&poor).unwrap();
    while !master.alerts().unwrap().iter().any(|alert| alert.contains("slave 2001: guard_daily_loss")) {
        assert!(order(&slave, &poor, Duration::from_millis(20)).is_none());
        assert!(Instant::now() < until, "{:?}", master.alerts());
    }
    master.commit(&snapshot(1001, "10000", &[1])).unwrap();
    assert!(order(&slave, &poor, Duration::from_millis(300)).is_none(), "nothing is opened");
    assert_eq!(master.wait(1_000).unwrap().unsettled, 0, "skipped, with its reason");

    slave.rearm().unwrap();
    let seen = slave.commit(&poor).unwrap();
    while slave.status().unwrap().state_seen < seen {
        assert!(order(&slave, &poor, Duration::from_millis(20)).is_none());
        assert!(Instant::now() < until, "the state is not seen");
    }
    master.commit(&snapshot(1001, "10000", &[1, 2])).unwrap();
    let open = order(&slave, &poor, PATIENCE).expect("an open, after re-arming");
    assert_eq!((open.action, open.copy & 0xffff_ffff), (LB_OPEN, 2));
    let (instruction, result) = done(&open);
    slave.report(instruction, &result).unwrap();
}
