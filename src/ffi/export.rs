//! The exported functions. Inputs before outputs; units come last in names.

use std::sync::Arc;

use super::code::{
    Failure, LB_ABI_VERSION, LB_ARGUMENT, LB_BUFFER, LB_CONFIG, LB_EMPTY, LB_LIMIT, LB_NULL, LB_OK,
    LB_SEQUENCE, LB_STATE_WANTED,
};
use super::constants::LB_GUARD_ARMED;
use super::convert::{array, guard_code, lots, price};
use super::draft::Draft;
use super::guard::{guard, guard_ok, last_error};
use super::handle::{self, Node, Served};
use super::order::order_struct;
use super::structs::{
    LbAccount, LbDeal, LbInstrument, LbMasterStatus, LbOrder, LbPastOrder, LbPendingOrder, LbPosition,
    LbRate, LbResult, LbSlaveStatus,
};
use crate::config::Setup;
use crate::domain::{Login, OrderResult, Retcode};
use crate::node::{MasterNode, SlaveNode, Waited};
use crate::replication::InstructionId;

/// So many items may be handed over in one call.
const CALL_MOST: u32 = 10_000;
/// The longest configuration, or path of one, in bytes.
const CONFIG_MOST: u32 = 1 << 20;
/// The longest wait: a minus one that became four thousand million must not freeze a terminal for weeks.
const WAIT_MOST_MS: u32 = 60_000;

/// Reads a struct of the caller's.
fn read<T: Copy>(name: &str, pointer: *const T) -> Result<T, Failure> {
    if pointer.is_null() {
        return Err(Failure::new(LB_NULL, format!("{name} is null")));
    }
    // SAFETY: not null, and the caller gives a whole `T` (the contract of every export); `read_unaligned` asks
    // for no alignment, and every bit pattern is a valid `T`, since our structs hold numbers only.
    Ok(unsafe { pointer.read_unaligned() })
}

/// Writes a struct of the caller's.
pub(super) fn write<T: Copy>(name: &str, pointer: *mut T, value: T) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(Failure::new(LB_NULL, format!("{name} is null")));
    }
    // SAFETY: not null, and the caller gives room for a whole `T`; `write_unaligned` asks for no alignment.
    unsafe { pointer.write_unaligned(value) };
    Ok(())
}

/// The elements of an array of the caller's, one after the other; they may lie on any byte. To be used up within the call.
pub(super) fn read_all<T: Copy>(
    name: &str,
    items: *const T,
    count: u32,
    most: u32,
) -> Result<impl ExactSizeIterator<Item = T>, Failure> {
    if count > most {
        return Err(Failure::new(LB_LIMIT, format!("{count} {name} in one call: {most} are the most")));
    }
    if count > 0 && items.is_null() {
        return Err(Failure::new(LB_NULL, format!("{name} is null")));
    }
    // SAFETY: not null where there is any, and the caller gives `count` whole elements one after the other until the call
    // returns, so every index is within them; `read_unaligned` asks for no alignment, and every bit pattern is a valid `T`.
    Ok((0..count as usize).map(move |at| unsafe { items.add(at).read_unaligned() }))
}

/// Writes a text into the caller's buffer: as much as fits, a zero byte, and the length of the whole without it. A
/// zero byte inside, which only a user's own text can bring, becomes a blank.
pub(super) fn write_text(
    text: &str,
    buffer: *mut u8,
    capacity: u32,
    length: *mut u32,
) -> Result<i32, Failure> {
    let text = text.replace('\0', " ");
    let needed = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if !length.is_null() {
        write("length", length, needed)?;
    }
    let cut = || {
        let text = format!("buffer has {capacity} bytes, {} are needed", text.len() + 1);
        Failure::new(LB_BUFFER, text)
    };
    let most = (capacity as usize).checked_sub(1).ok_or_else(cut)?;
    if buffer.is_null() {
        return Err(Failure::new(LB_NULL, "buffer is null"));
    }
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // SAFETY: not null, and the caller gives `capacity` bytes, of which `end + 1` are written; the source is a
    // Rust string, which cannot overlap the caller's buffer.
    unsafe {
        buffer.copy_from_nonoverlapping(text.as_ptr(), end);
        buffer.add(end).write(0);
    }
    if end == text.len() { Ok(LB_OK) } else { Err(cut()) }
}

/// A wait that a terminal can stand.
fn bounded(wait_ms: u32) -> Result<u32, Failure> {
    if wait_ms > WAIT_MOST_MS {
        let text = format!("wait_ms is {wait_ms}: {WAIT_MOST_MS} is the most");
        return Err(Failure::new(LB_ARGUMENT, text));
    }
    Ok(wait_ms)
}

/// The configuration: JSON text when it starts with a brace, else the path of a file.
fn setup(config: *const u8, config_length: u32) -> Result<Setup, Failure> {
    if config.is_null() {
        return Err(Failure::new(LB_NULL, "config is null"));
    }
    let bytes: Vec<u8> = read_all("config bytes", config, config_length, CONFIG_MOST)?.collect();
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Failure::new(LB_CONFIG, format!("config is not UTF-8: {error}")))?
        .trim_end_matches('\0');
    if text.trim().is_empty() {
        return Err(Failure::new(LB_CONFIG, "config is empty: JSON text or the path of a file is needed"));
    }
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        Ok(Setup::parse(text)?)
    } else {
        Ok(Setup::read_file(std::path::Path::new(text))?)
    }
}

/// Writes the version of this interface, for the EA to compare with the one it was compiled for.
#[unsafe(no_mangle)]
pub extern "C" fn lb_abi_version(version: *mut u32) -> i32 {
    guard_ok(None, || write("version", version, LB_ABI_VERSION))
}

/// Writes the text of this thread's last failed call. Its own failures leave that text as it is: `LB_BUFFER` when it
/// was cut, so that it can be asked for again with more room.
#[unsafe(no_mangle)]
pub extern "C" fn lb_last_error(buffer: *mut u8, capacity: u32, length: *mut u32) -> i32 {
    guard(None, || {
        Ok(write_text(&last_error(), buffer, capacity, length).unwrap_or_else(|failure| failure.code))
    })
}

/// Opens a master: its endpoint, its record, its service thread. `config` is JSON text when it starts with a brace,
/// else the path of a file; UTF-8, `config_length` bytes. `handle` gets 0 when it fails: with `LB_SERVED` while another
/// program of this process serves the same account. One that has not called for a minute was ended the hard way: this one
/// takes its place, and its handle is closed.
#[unsafe(no_mangle)]
pub extern "C" fn lb_master_open(config: *const u8, config_length: u32, handle: *mut u64) -> i32 {
    guard_ok(None, || {
        write("handle", handle, 0)?;
        let setup = setup(config, config_length)?;
        let served = Served::master(&setup);
        handle::make_way(&served)?;
        let node = MasterNode::open(Arc::new(setup))?;
        write("handle", handle, handle::insert(Node::Master(node), served)?)
    })
}

/// Opens a slave of account `login`; it connects with its first wait. `config`, `handle` and `LB_SERVED` as in
/// `lb_master_open`.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_open(config: *const u8, config_length: u32, login: u64, handle: *mut u64) -> i32 {
    guard_ok(None, || {
        write("handle", handle, 0)?;
        let setup = Arc::new(setup(config, config_length)?);
        let served = Served::slave(&setup, Login(login));
        let node = SlaveNode::open(&setup, Login(login))?;
        write("handle", handle, handle::insert(Node::Slave(Box::new(node)), served)?)
    })
}

/// Closes a handle, quarantined ones too. A master's slaves lose their connection; nobody loses a position.
#[unsafe(no_mangle)]
pub extern "C" fn lb_close(handle: u64) -> i32 {
    guard_ok(None, || handle::remove(handle))
}

/// Begins to hand over a terminal's whole state; instruments, rates, positions, deals and orders follow, each in as many
/// calls of at most 10000 as it takes, and then the commit. An earlier state that was not committed is dropped. So is
/// this one when any of those calls fails: begin anew.
#[unsafe(no_mangle)]
pub extern "C" fn lb_snapshot_begin(handle: u64, account: *const LbAccount) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        let mut draft = object.draft.lock();
        *draft = None;
        *draft = Some(Draft::begin(&read("account", account)?)?);
        Ok(())
    })
}

/// Runs `add` on the state that is being handed over.
fn with_draft(handle: u64, add: impl FnOnce(&mut Draft) -> Result<(), Failure>) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        let mut draft = object.draft.lock();
        let result = add(draft.as_mut().ok_or_else(no_begin)?);
        if result.is_err() {
            // A state with a part missing must never be committed.
            *draft = None;
        }
        result
    })
}

fn no_begin() -> Failure {
    Failure::new(LB_SEQUENCE, "call lb_snapshot_begin first (a failed item drops what was begun)")
}

/// Adds `count` instruments: those of all positions and deals, and on a slave those that may be traded.
#[unsafe(no_mangle)]
pub extern "C" fn lb_snapshot_instruments(handle: u64, items: *const LbInstrument, count: u32) -> i32 {
    with_draft(handle, |draft| draft.instruments(read_all("instruments", items, count, CALL_MOST)?))
}

/// Adds `count` conversion rates.
#[unsafe(no_mangle)]
pub extern "C" fn lb_snapshot_rates(handle: u64, items: *const LbRate, count: u32) -> i32 {
    with_draft(handle, |draft| draft.rates(read_all("rates", items, count, CALL_MOST)?))
}

/// Adds `count` open positions, after their instruments.
#[unsafe(no_mangle)]
pub extern "C" fn lb_snapshot_positions(handle: u64, items: *const LbPosition, count: u32) -> i32 {
    with_draft(handle, |draft| draft.positions(read_all("positions", items, count, CALL_MOST)?))
}

/// Adds `count` deals of the last days, after their instruments: at least all of positions that carry a magic of
/// LotBridge, with the deals that opened them; on a netting master, all deals of open positions, however old; on a
/// slave, all since `lb_slave_deals_from`.
#[unsafe(no_mangle)]
pub extern "C" fn lb_snapshot_deals(handle: u64, items: *const LbDeal, count: u32) -> i32 {
    with_draft(handle, |draft| draft.deals(read_all("deals", items, count, CALL_MOST)?))
}

/// Adds `count` pending orders that wait, after their instruments.
#[unsafe(no_mangle)]
pub extern "C" fn lb_snapshot_orders(handle: u64, items: *const LbPendingOrder, count: u32) -> i32 {
    with_draft(handle, |draft| draft.orders(read_all("orders", items, count, CALL_MOST)?))
}

/// Adds `count` pending orders of the last days that wait no more, at least all that carry a magic of LotBridge and, on
/// the master, all.
#[unsafe(no_mangle)]
pub extern "C" fn lb_snapshot_past_orders(handle: u64, items: *const LbPastOrder, count: u32) -> i32 {
    with_draft(handle, |draft| draft.past_orders(read_all("past_orders", items, count, CALL_MOST)?))
}

/// Ends the handing over of the master's state: compares, allocates, and sends every slave what follows. Waits for
/// nobody.
#[unsafe(no_mangle)]
pub extern "C" fn lb_master_commit(handle: u64) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        let master = object.master()?;
        let draft = object.draft.lock().take().ok_or_else(no_begin)?;
        Ok(master.commit(draft.finish())?)
    })
}

/// Waits until every copy is where it shall be and the ledger has it, at most `wait_ms`; writes how things stand either way.
#[unsafe(no_mangle)]
pub extern "C" fn lb_master_wait(handle: u64, wait_ms: u32, status: *mut LbMasterStatus) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        let master = object.master()?;
        let wait_ms = bounded(wait_ms)?;
        write("status", status, LbMasterStatus::default())?;
        let stands = master.wait_settled(wait_ms)?;
        let summary = stands.summary;
        let out = LbMasterStatus {
            slaves_connected: summary.slaves_connected,
            copies_open: summary.copies_open,
            unsettled: summary.unsettled,
            in_doubt: summary.in_doubt,
            impossible: summary.impossible,
            alerts: u32::try_from(stands.alerts.len()).unwrap_or(u32::MAX),
            records_lost: stands.records_lost,
            refused: stands.refused,
        };
        write("status", status, out)
    })
}

/// Ends the handing over of a slave's state, and sends it; `number` (may be null) gets its number.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_commit(handle: u64, number: *mut u64) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        let slave = object.slave()?;
        let snapshot = object.draft.lock().take().ok_or_else(no_begin)?.finish();
        let given = slave.commit(snapshot)?;
        if number.is_null() { Ok(()) } else { write("number", number, given) }
    })
}

/// Waits for the next order, at most `wait_ms`; connects, and connects again, as needed. `LB_EMPTY`: none came;
/// `LB_STATE_WANTED`: none yet, but the master waits for this terminal's present state. With either, `order` is all
/// zero, but for its `symbol` with `LB_STATE_WANTED`: one that the last state lacked, and that is to be in the next one if the
/// broker offers it. An order must be reported, whatever came of it, and not be sent twice.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_wait(handle: u64, wait_ms: u32, order: *mut LbOrder) -> i32 {
    guard(Some(handle), || {
        let object = handle::get(handle)?;
        let slave = object.slave()?;
        let wait_ms = bounded(wait_ms)?;
        // Before an order is taken up: one that could not be written would be lost.
        write("order", order, LbOrder::default())?;
        match slave.wait(wait_ms)? {
            Waited::Order(next) => {
                write("order", order, order_struct(&next, slave.age_of(&next)))?;
                Ok(LB_OK)
            }
            Waited::StateWanted(symbol) => {
                let symbol = symbol.map_or([0; 32], |symbol| array(&symbol));
                write("order", order, LbOrder { symbol, ..LbOrder::default() })?;
                Ok(LB_STATE_WANTED)
            }
            Waited::Nothing => Ok(LB_EMPTY),
        }
    })
}

/// Reports what the terminal answered to an order.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_report(handle: u64, result: *const LbResult) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        let slave = object.slave()?;
        let result = read("result", result)?;
        let answer = OrderResult {
            retcode: Retcode(result.retcode),
            deal: result.deal,
            ticket: result.ticket,
            lots: lots("LbResult.lots", result.lots)?,
            price: price("LbResult.price", result.price, 8)?,
        };
        Ok(slave.report(InstructionId(result.instruction), answer)?)
    })
}

/// Writes from when on a slave's terminal is to hand over its deals, in milliseconds of trade-server time: since the oldest
/// copy that it holds was opened. 0, all that there are, before its first state.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_deals_from(handle: u64, time_ms: *mut i64) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        let from = object.slave()?.deals_from();
        write("time_ms", time_ms, from.unwrap_or_default().0)
    })
}

/// Writes how a slave stands.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_status(handle: u64, status: *mut LbSlaveStatus) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        let stands = object.slave()?.status();
        let out = LbSlaveStatus {
            connected: u32::from(stands.connected),
            guard: stands.guard.map_or(LB_GUARD_ARMED, guard_code),
            state: stands.state,
            state_seen: stands.state_seen,
            trouble: array(&stands.trouble),
        };
        write("status", status, out)
    })
}

/// Arms the account's guards anew, by its owner's hand: losses are measured from the next state on.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_rearm(handle: u64) -> i32 {
    guard_ok(Some(handle), || {
        handle::get(handle)?.slave()?.rearm();
        Ok(())
    })
}

/// Test only: panics inside the guard, as a defect would.
#[cfg(feature = "test-panic")]
#[expect(clippy::missing_panics_doc, reason = "the guard catches it, which is what it is for")]
#[unsafe(no_mangle)]
pub extern "C" fn lb_test_panic(handle: u64) -> i32 {
    guard_ok(Some(handle), || {
        let _object = handle::get(handle)?;
        panic!("injected by lb_test_panic")
    })
}
