//! The exports that trading could do without: what a panel shows and its buttons do, and what a self-test asks for.

use super::code::{Failure, LB_ARGUMENT};
use super::convert::reaction;
use super::export::{read_all, write, write_text};
use super::guard::{guard, guard_ok};
use super::handle::{self, Node};
use super::layout::layout;

/// The longest name of a struct's field, with the struct's.
const NAME_MOST: u32 = 64;

/// Writes the master's alerts, a line each, the latest last.
#[unsafe(no_mangle)]
pub extern "C" fn lb_master_alerts(handle: u64, buffer: *mut u8, capacity: u32, length: *mut u32) -> i32 {
    guard(Some(handle), || {
        let object = handle::get(handle)?;
        let alerts = object.master()?.wait_settled(0)?.alerts.join("\n");
        write_text(&alerts, buffer, capacity, length)
    })
}

/// Writes the slave's alerts, a line each, the latest last.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_alerts(handle: u64, buffer: *mut u8, capacity: u32, length: *mut u32) -> i32 {
    guard(Some(handle), || {
        let object = handle::get(handle)?;
        write_text(&object.slave()?.status().alerts.join("\n"), buffer, capacity, length)
    })
}

/// Writes what became of the master's last copies, a line each, the latest last.
#[unsafe(no_mangle)]
pub extern "C" fn lb_master_copies(handle: u64, buffer: *mut u8, capacity: u32, length: *mut u32) -> i32 {
    guard(Some(handle), || {
        let object = handle::get(handle)?;
        let news = object.master()?.news()?.join("\n");
        write_text(&news, buffer, capacity, length)
    })
}

/// Writes how far a slave's account is from each of its guards, a line each.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_guards(handle: u64, buffer: *mut u8, capacity: u32, length: *mut u32) -> i32 {
    guard(Some(handle), || {
        let object = handle::get(handle)?;
        write_text(&object.slave()?.guard_room().join("\n"), buffer, capacity, length)
    })
}

/// Writes how things stand, a line each: a master's pools, how many of their slaves are connected and how fast their last
/// orders were done, and which slaves need a look; a slave's pools.
#[unsafe(no_mangle)]
pub extern "C" fn lb_pools(handle: u64, buffer: *mut u8, capacity: u32, length: *mut u32) -> i32 {
    guard(Some(handle), || {
        let object = handle::get(handle)?;
        let lines = match &object.node {
            Node::Master(node) => node.standing()?,
            Node::Slave(node) => node.pools(),
        };
        write_text(&lines.join("\n"), buffer, capacity, length)
    })
}

/// Does by the manager's hand on every account what a guard does on one, until he says otherwise, over restarts:
/// `LB_GUARD_SKIP_OPENS` pauses, `LB_GUARD_CLOSE_ALL` closes every copy and opens none, `LB_GUARD_ARMED` lets it go on. What
/// guards and the accounts' owners forbid stays as it is.
#[unsafe(no_mangle)]
pub extern "C" fn lb_master_by_hand(handle: u64, guard: u32) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        Ok(object.master()?.by_hand(reaction("guard", guard)?)?)
    })
}

/// Does by its owner's hand what a guard does, until he says otherwise: `LB_GUARD_SKIP_OPENS` pauses the account,
/// `LB_GUARD_CLOSE_ALL` closes every copy and opens none, `LB_GUARD_ARMED` lets it go on. What its guards themselves forbid
/// and measure stays as it is.
#[unsafe(no_mangle)]
pub extern "C" fn lb_slave_by_hand(handle: u64, guard: u32) -> i32 {
    guard_ok(Some(handle), || {
        let object = handle::get(handle)?;
        object.slave()?.by_hand(reaction("guard", guard)?);
        Ok(())
    })
}

/// Writes the size of a struct (`LbAccount`) or the offset of a field in it (`LbAccount.login`), for a caller to compare with
/// what its own compiler made of it. `name` is UTF-8, `name_length` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn lb_layout(name: *const u8, name_length: u32, number: *mut u32) -> i32 {
    guard_ok(None, || {
        let bytes: Vec<u8> = read_all("name", name, name_length, NAME_MOST)?.collect();
        let name = String::from_utf8_lossy(&bytes).into_owned();
        let found = layout(name.trim_end_matches('\0'));
        let unknown =
            || Failure::new(LB_ARGUMENT, format!("name is {name:?}: there is no such struct or field"));
        write("number", number, found.ok_or_else(unknown)?)
    })
}
