//! Any bytes as the C structs of a master's and a slave's terminal, through the exported functions and into a hub whose
//! slave is connected by the real socket.
//!
//! Each step is an action (a byte), a place in the struct (a byte, twice as far) and a length (a byte), then so many
//! bytes, which overwrite a struct that is valid, or all of it: what is nearly right gets further than noise.
#![expect(clippy::cast_ptr_alignment, reason = "the exported functions read structs that lie on any byte")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use lotbridge::ffi::{
    LB_OK, LB_PANIC, LB_QUARANTINED, LbAccount, LbDeal, LbInstrument, LbMasterStatus, LbOrder, LbPastOrder,
    LbPendingOrder, LbPosition, LbRate, LbResult, lb_close, lb_last_error, lb_master_alerts,
    lb_master_commit, lb_master_open, lb_master_wait, lb_slave_commit, lb_slave_open, lb_slave_rearm,
    lb_slave_report, lb_slave_wait, lb_snapshot_begin, lb_snapshot_deals, lb_snapshot_instruments,
    lb_snapshot_orders, lb_snapshot_past_orders, lb_snapshot_positions, lb_snapshot_rates,
};
use tempfile::TempDir;

/// After so many inputs the master and its slave are opened anew: what they keep is bounded.
const INPUTS: u32 = 2_000;
/// Steps of one input.
const STEPS: usize = 64;

/// A master's handle, a slave's, and their folder.
struct Pair {
    handles: [u64; 2],
    inputs: u32,
    _folder: TempDir,
}

static PAIR: Mutex<Option<Pair>> = Mutex::new(None);

/// One input's steps.
pub fn run(data: &[u8]) {
    let mut guard = PAIR.lock().unwrap_or_else(PoisonError::into_inner);
    let pair = fresh(&mut guard);
    pair.inputs += 1;
    let handles = pair.handles;
    let mut rest = data;
    for _ in 0..STEPS {
        let [action, place, length, after @ ..] = rest else { break };
        let (bytes, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        let side = usize::from(action & 1);
        let code = step(handles[side], side, action >> 1, usize::from(*place) * 2, bytes);
        assert!(code != LB_PANIC && code != LB_QUARANTINED, "action {action}: {}", last_error());
    }
}

fn fresh<'a>(guard: &'a mut MutexGuard<'_, Option<Pair>>) -> &'a mut Pair {
    if guard.as_ref().is_some_and(|pair| pair.inputs >= INPUTS)
        && let Some(old) = guard.take()
    {
        for handle in old.handles {
            assert_eq!(lb_close(handle), LB_OK);
        }
    }
    guard.get_or_insert_with(open)
}

fn open() -> Pair {
    let folder = tempfile::tempdir().expect("a folder");
    let config = serde_json::json!({
        "master": {"login": 1001, "currency": "USD", "endpoint_dir": folder.path().join("s"), "state_dir": folder.path()},
        "secret": "s",
        "pools": [
            {"name": "a", "allocation": {"method": "multiplier"}, "members": [{"login": 2001}]},
            {"name": "b", "allocation": {"method": "equity_ratio"}, "members": [{"login": 2001}]},
            {"name": "c", "allocation": {"method": "risk_percent", "percent": "1"}, "members": [{"login": 2001}]},
            {"name": "d", "allocation": {"method": "block", "by": "equity"}, "members": [{"login": 2001}]},
        ],
    })
    .to_string();
    let length = u32::try_from(config.len()).expect("a short text");
    let mut handles = [0; 2];
    assert_eq!(lb_master_open(config.as_ptr(), length, &raw mut handles[0]), LB_OK, "{}", last_error());
    assert_eq!(lb_slave_open(config.as_ptr(), length, 2_001, &raw mut handles[1]), LB_OK, "{}", last_error());
    Pair { handles, inputs: 0, _folder: folder }
}

fn last_error() -> String {
    let mut text = vec![0_u8; 4_096];
    let mut length = 0;
    lb_last_error(text.as_mut_ptr(), 4_096, &raw mut length);
    text.truncate((length as usize).min(4_095));
    String::from_utf8_lossy(&text).into_owned()
}

/// One call. The structs hold numbers on any byte, so a buffer of their length is one of them.
fn step(handle: u64, side: usize, action: u8, place: usize, bytes: &[u8]) -> i32 {
    let login = if side == 0 { 1_001 } else { 2_001 };
    let given = |valid: Vec<u8>| overwritten(valid, place, bytes);
    match action % 12 {
        0 => lb_snapshot_begin(handle, given(account(login)).as_ptr().cast::<LbAccount>()),
        1 => lb_snapshot_instruments(handle, given(instrument()).as_ptr().cast::<LbInstrument>(), 1),
        2 => lb_snapshot_rates(handle, given(rate()).as_ptr().cast::<LbRate>(), 1),
        3 => lb_snapshot_positions(handle, given(position()).as_ptr().cast::<LbPosition>(), 1),
        4 => lb_snapshot_deals(handle, given(deal()).as_ptr().cast::<LbDeal>(), 1),
        5 => lb_snapshot_orders(handle, given(order()).as_ptr().cast::<LbPendingOrder>(), 1),
        6 => lb_snapshot_past_orders(handle, given(past_order()).as_ptr().cast::<LbPastOrder>(), 1),
        7 if side == 0 => lb_master_commit(handle),
        7 => lb_slave_commit(handle, std::ptr::null_mut()),
        8 if side == 0 => {
            let mut status = LbMasterStatus::default();
            lb_master_wait(handle, 0, &raw mut status)
        }
        8 => execute(handle, place, bytes),
        9 if side == 0 => {
            let mut text = [0_u8; 1_024];
            lb_master_alerts(handle, text.as_mut_ptr(), 1_024, std::ptr::null_mut())
        }
        9 => lb_slave_report(handle, given(result(0)).as_ptr().cast::<LbResult>()),
        10 if side == 1 => lb_slave_rearm(handle),
        _ => whole_state(handle, side, login),
    }
}

/// A valid state of a few calls, so that later steps have a session, an account and positions to meet.
fn whole_state(handle: u64, side: usize, login: u64) -> i32 {
    lb_snapshot_begin(handle, account(login).as_ptr().cast::<LbAccount>());
    lb_snapshot_instruments(handle, instrument().as_ptr().cast::<LbInstrument>(), 1);
    if side == 0 {
        lb_snapshot_positions(handle, position().as_ptr().cast::<LbPosition>(), 1);
        lb_master_commit(handle)
    } else {
        let mut order = LbOrder::default();
        lb_slave_wait(handle, 1, &raw mut order);
        lb_slave_commit(handle, std::ptr::null_mut())
    }
}

/// Takes an order and answers it.
fn execute(handle: u64, place: usize, bytes: &[u8]) -> i32 {
    let mut order = LbOrder::default();
    let code = lb_slave_wait(handle, 1, &raw mut order);
    if code != LB_OK {
        return code;
    }
    let answer = overwritten(result(order.instruction), place, bytes);
    lb_slave_report(handle, answer.as_ptr().cast::<LbResult>())
}

fn overwritten(mut valid: Vec<u8>, place: usize, bytes: &[u8]) -> Vec<u8> {
    for (to, from) in valid.iter_mut().skip(place).zip(bytes) {
        *to = *from;
    }
    valid
}

/// A struct's fields one after the other.
enum Field {
    Wide(&'static [u64]),
    Real(&'static [f64]),
    Word(&'static [u32]),
    /// The text, and the length of its array.
    Text(&'static str, usize),
}

use Field::{Real, Text, Wide, Word};

fn bytes(fields: &[Field]) -> Vec<u8> {
    let mut all = Vec::new();
    for field in fields {
        match field {
            Wide(numbers) => all.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
            Real(numbers) => all.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
            Word(numbers) => all.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
            Text(text, length) => {
                let end = all.len() + length;
                all.extend_from_slice(text.as_bytes());
                all.resize(end, 0);
            }
        }
    }
    all
}

fn account(login: u64) -> Vec<u8> {
    let rest = bytes(&[
        Wide(&[1_760_000_000_000]),
        Real(&[10_000.0, 10_000.0, 0.0, 10_000.0]),
        Word(&[100, 2, 0, 1]),
        Text("USD", 8),
    ]);
    [&login.to_le_bytes()[..], &rest].concat()
}

fn instrument() -> Vec<u8> {
    bytes(&[
        Text("XAUUSD", 32),
        Word(&[2, 0]),
        Real(&[100.0, 0.01, 1.0, 0.01, 100.0, 0.01, 4_000.0, 4_000.0, 4_000.2, 0.0]),
        Word(&[0, 2, 3, 0]),
    ])
}

fn rate() -> Vec<u8> {
    bytes(&[Text("EUR", 8), Text("USD", 8), Real(&[1.08])])
}

fn position() -> Vec<u8> {
    let price = Real(&[0.1, 4_000.0, 3_980.0, 4_040.0]);
    bytes(&[Wide(&[7, 7, 0, 1_760_000_000_000]), price, Word(&[0, 0]), Text("XAUUSD", 32), Text("", 32)])
}

fn deal() -> Vec<u8> {
    let amounts = Real(&[0.1, 4_000.0, -0.7, 0.0, 12.5]);
    bytes(&[Wide(&[8, 7, 0, 1_760_000_000_000]), amounts, Word(&[1, 1]), Text("XAUUSD", 32)])
}

fn order() -> Vec<u8> {
    bytes(&[
        Wide(&[9, 0, 1_760_000_000_000, 0]),
        Real(&[0.1, 3_950.0, 0.0, 3_900.0, 4_100.0]),
        Word(&[0, 0, 0, 0]),
        Text("XAUUSD", 32),
        Text("", 32),
    ])
}

fn past_order() -> Vec<u8> {
    bytes(&[Wide(&[10, 11, 0, 1_760_000_000_000]), Word(&[0, 0])])
}

fn result(instruction: u64) -> Vec<u8> {
    let rest = bytes(&[Wide(&[77, 78]), Real(&[0.1, 4_000.0]), Word(&[10_009, 0])]);
    [&instruction.to_le_bytes()[..], &rest].concat()
}
