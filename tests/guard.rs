//! Every export is guarded: by its form, which is read from the source, and at work, with a panic injected by the
//! feature `test-panic` (which `[dev-dependencies]` switches on for every test, and no build of the library has).

#[path = "guard/form.rs"]
mod form;
#[path = "c_abi/header.rs"]
mod header;

use std::path::Path;
use std::sync::Once;
use std::thread;
use std::time::Duration;

use lotbridge::ffi::*;

const GENERATED: &str = include_str!(concat!(env!("OUT_DIR"), "/lotbridge.h"));

const MASTER: u64 = 1001;
const SLAVES: [u64; 2] = [2001, 2002];

/// Keeps the injected panics out of the test's output.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.payload().downcast_ref() != Some(&"injected by lb_test_panic") {
                usual(panic);
            }
        }));
    });
}

fn config(folder: &Path) -> String {
    let path = folder.display().to_string().replace('\\', "/");
    format!(
        r#"{{"master": {{"login": {MASTER}, "currency": "USD", "endpoint_dir": "{path}/run",
        "state_dir": "{path}/state"}}, "secret": "s", "pools": [{{"name": "all",
        "allocation": {{"method": "multiplier"}},
        "members": [{{"login": {}}}, {{"login": {}}}]}}]}}"#,
        SLAVES[0], SLAVES[1]
    )
}

fn last_error() -> String {
    let mut buffer = [0_u8; 1024];
    let mut length = 0;
    assert_eq!(lb_last_error(buffer.as_mut_ptr(), 1024, &raw mut length), LB_OK);
    String::from_utf8(buffer[..length as usize].to_vec()).unwrap()
}

fn ok(code: i32) {
    assert_eq!(code, LB_OK, "{}", last_error());
}

fn open_master(config: &str) -> u64 {
    let mut handle = 0;
    ok(lb_master_open(config.as_ptr(), config.len().try_into().unwrap(), &raw mut handle));
    handle
}

fn open_slave(config: &str, login: u64) -> u64 {
    let mut handle = 0;
    ok(lb_slave_open(config.as_ptr(), config.len().try_into().unwrap(), login, &raw mut handle));
    handle
}

fn text<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [0; N];
    field[..text.len()].copy_from_slice(text.as_bytes());
    field
}

/// Hands over an account with gold's instrument and `positions`, but for the commit.
fn hand_over(handle: u64, login: u64, positions: &[LbPosition]) {
    let account = LbAccount {
        login,
        time_ms: 1_760_000_000_000,
        balance: 1e5,
        equity: 1e5,
        free_margin: 1e5,
        leverage: 100,
        currency_digits: 2,
        connected: 1,
        currency: text("USD"),
        ..LbAccount::default()
    };
    let instrument = LbInstrument {
        symbol: text("XAUUSD"),
        digits: 2,
        contract_size: 100.0,
        tick_size: 0.01,
        tick_value: 1.0,
        lots_min: 0.01,
        lots_max: 50.0,
        lot_step: 0.01,
        bid: 4562.1,
        ask: 4562.4,
        ..LbInstrument::default()
    };
    ok(lb_snapshot_begin(handle, &raw const account));
    ok(lb_snapshot_instruments(handle, &raw const instrument, 1));
    ok(lb_snapshot_positions(handle, positions.as_ptr(), positions.len().try_into().unwrap()));
}

fn gold(id: u64, magic: u64) -> LbPosition {
    LbPosition {
        id,
        ticket: id,
        magic,
        open_time_ms: 1_760_000_000_000,
        lots: 0.1,
        open_price: 4562.4,
        symbol: text("XAUUSD"),
        ..LbPosition::default()
    }
}

/// Hands over a slave's state and reads until the master has confirmed it.
fn slave_commits(slave: u64, login: u64, positions: &[LbPosition]) {
    hand_over(slave, login, positions);
    let mut number = 0;
    ok(lb_slave_commit(slave, &raw mut number));
    for _ in 0..500 {
        let (mut order, mut status) = (LbOrder::default(), LbSlaveStatus::default());
        assert!(matches!(lb_slave_wait(slave, 20, &raw mut order), LB_EMPTY | LB_STATE_WANTED));
        ok(lb_slave_status(slave, &raw mut status));
        if status.state_seen == number {
            return;
        }
    }
    panic!("the master has not confirmed the state of {login}");
}

fn master_commits(master: u64, positions: &[LbPosition]) {
    hand_over(master, MASTER, positions);
    ok(lb_master_commit(master));
}

/// A position of 0.10 lots goes from the master to the slave.
fn trade(master: u64, slave: u64, login: u64, id: u64) {
    slave_commits(slave, login, &[]);
    master_commits(master, &[gold(id, 0)]);
    slave_opens(slave, login, id);
    let mut status = LbMasterStatus::default();
    ok(lb_master_wait(master, 0, &raw mut status));
    assert_eq!((status.copies_open, status.in_doubt, status.impossible), (1, 0, 0));
}

/// The slave gets its order for the master's position, executes it and shows it.
fn slave_opens(slave: u64, login: u64, id: u64) {
    let mut order = LbOrder::default();
    // A master that has just begun wants to see the account for a while: an earlier one may have opened it.
    let mut answer = lb_slave_wait(slave, 10_000, &raw mut order);
    while answer == LB_STATE_WANTED {
        hand_over(slave, login, &[]);
        let mut number = 0;
        ok(lb_slave_commit(slave, &raw mut number));
        answer = lb_slave_wait(slave, 10_000, &raw mut order);
    }
    assert_eq!(answer, LB_OK, "{}", last_error());
    assert_eq!((order.action, order.side), (LB_OPEN, LB_BUY));
    assert!((order.lots - 0.1).abs() < 1e-9, "{order:?}");
    let result = LbResult {
        instruction: order.instruction,
        ticket: 9000 + id,
        lots: order.lots,
        price: 4562.4,
        retcode: 10009,
        ..LbResult::default()
    };
    ok(lb_slave_report(slave, &raw const result));
    slave_commits(slave, login, &[gold(9000 + id, order.magic)]);
}

/// A function of the header, called with a handle and otherwise good arguments.
type Call = fn(u64) -> i32;

/// Every function that takes a handle, but for `lb_close`.
const CALLS: [(&str, Call); 22] = [
    ("lb_snapshot_begin", |handle| lb_snapshot_begin(handle, &LbAccount::default())),
    ("lb_snapshot_instruments", |handle| lb_snapshot_instruments(handle, &LbInstrument::default(), 1)),
    ("lb_snapshot_rates", |handle| lb_snapshot_rates(handle, &LbRate::default(), 1)),
    ("lb_snapshot_positions", |handle| lb_snapshot_positions(handle, &LbPosition::default(), 1)),
    ("lb_snapshot_deals", |handle| lb_snapshot_deals(handle, &LbDeal::default(), 1)),
    ("lb_snapshot_orders", |handle| lb_snapshot_orders(handle, &LbPendingOrder::default(), 1)),
    ("lb_snapshot_past_orders", |handle| lb_snapshot_past_orders(handle, &LbPastOrder::default(), 1)),
    ("lb_master_commit", |handle| lb_master_commit(handle)),
    ("lb_master_wait", |handle| lb_master_wait(handle, 5_000, &mut LbMasterStatus::default())),
    ("lb_master_alerts", |handle| lb_master_alerts(handle, [0_u8; 8].as_mut_ptr(), 8, &mut 0)),
    ("lb_master_copies", |handle| lb_master_copies(handle, [0_u8; 8].as_mut_ptr(), 8, &mut 0)),
    ("lb_slave_commit", |handle| lb_slave_commit(handle, &mut 0)),
    ("lb_slave_wait", |handle| lb_slave_wait(handle, 5_000, &mut LbOrder::default())),
    ("lb_slave_report", |handle| lb_slave_report(handle, &LbResult::default())),
    ("lb_slave_status", |handle| lb_slave_status(handle, &mut LbSlaveStatus::default())),
    ("lb_slave_alerts", |handle| lb_slave_alerts(handle, [0_u8; 8].as_mut_ptr(), 8, &mut 0)),
    ("lb_slave_deals_from", |handle| lb_slave_deals_from(handle, &mut 0)),
    ("lb_slave_rearm", |handle| lb_slave_rearm(handle)),
    ("lb_slave_guards", |handle| lb_slave_guards(handle, [0_u8; 8].as_mut_ptr(), 8, &mut 0)),
    ("lb_pools", |handle| lb_pools(handle, [0_u8; 8].as_mut_ptr(), 8, &mut 0)),
    ("lb_master_by_hand", |handle| lb_master_by_hand(handle, LB_GUARD_ARMED)),
    ("lb_slave_by_hand", |handle| lb_slave_by_hand(handle, LB_GUARD_ARMED)),
];

/// Panics on the handle; then nothing works on it but its close.
fn break_and_close(handle: u64, before_close: impl FnOnce()) {
    assert_eq!(lb_test_panic(handle), LB_PANIC);
    let text = last_error();
    assert!(text.contains("injected by lb_test_panic") && text.contains("close this handle"), "{text}");
    for (name, call) in CALLS {
        assert_eq!(call(handle), LB_QUARANTINED, "{name}");
        assert!(last_error().contains("met a defect before"), "{name}: {}", last_error());
    }
    assert_eq!(lb_test_panic(handle), LB_QUARANTINED);
    before_close();
    ok(lb_close(handle));
    assert_eq!(lb_close(handle), LB_HANDLE);
    assert_eq!(lb_test_panic(handle), LB_HANDLE);
}

#[test]
fn the_list_of_calls_is_whole() {
    let mut names: Vec<&str> = CALLS.map(|(name, _)| name).into();
    names.extend([
        "lb_abi_version",
        "lb_last_error",
        "lb_master_open",
        "lb_slave_open",
        "lb_close",
        "lb_layout",
    ]);
    let mut expected = header::functions(GENERATED);
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn a_slaves_panic_stops_that_slave_alone() {
    quiet();
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let (first, master) = (open_slave(&config, SLAVES[0]), open_master(&config));
    slave_commits(first, SLAVES[0], &[]);
    break_and_close(first, || {
        // One opened before the panic, one after it: they go through a whole trade together.
        let second = open_slave(&config, SLAVES[1]);
        trade(master, second, SLAVES[1], 1);
        ok(lb_close(second));
    });
    // Opened anew, it gets what it has missed.
    let again = open_slave(&config, SLAVES[0]);
    hand_over(again, SLAVES[0], &[]);
    ok(lb_slave_commit(again, std::ptr::null_mut()));
    slave_opens(again, SLAVES[0], 1);
    ok(lb_close(again));
    ok(lb_close(master));
}

#[test]
fn a_masters_panic_frees_its_endpoint_and_its_slaves_come_back() {
    quiet();
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let (master, slave) = (open_master(&config), open_slave(&config, SLAVES[0]));
    slave_commits(slave, SLAVES[0], &[]);
    break_and_close(master, || {
        // Its service thread is stopped: another one can take its place before it is closed.
        let second = open_master(&config);
        trade(second, slave, SLAVES[0], 1);
        ok(lb_close(second));
    });
    ok(lb_close(slave));
}

#[test]
fn a_panic_does_not_reach_the_thread_that_waits_on_the_same_handle() {
    quiet();
    let folder = tempfile::tempdir().unwrap();
    let slave = open_slave(&config(folder.path()), SLAVES[0]);
    let waits = thread::spawn(move || lb_slave_wait(slave, 400, &mut LbOrder::default()));
    thread::sleep(Duration::from_millis(100));
    assert_eq!(lb_test_panic(slave), LB_PANIC);
    assert_eq!(waits.join().unwrap(), LB_EMPTY, "its own call ends as if nothing had happened");
    ok(lb_close(slave));
}
