//! Handles are checked integers, slot and generation, never pointers that MQL could keep too long. Each slot has a
//! lock of its own: two handles share none.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::code::{Failure, LB_HANDLE, LB_LIMIT, LB_QUARANTINED, LB_SEQUENCE, LB_SERVED};
use super::draft::Draft;
use crate::config::Setup;
use crate::domain::Login;
use crate::node::{LastUse, MasterNode, SlaveNode};

/// Handles at once.
const SLOTS: usize = 256;
/// A program that is there calls at least every second, unless an order of its takes long; who has not called for this long
/// was ended the hard way, without a close, and whoever serves the same account next takes over.
const GONE_AFTER: Duration = Duration::from_secs(60);

/// What one program of a terminal serves, and no other at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Served {
    /// Where the endpoints are.
    folder: Option<PathBuf>,
    /// The master's account.
    master: Login,
    /// The slave's; `None`: the master itself.
    slave: Option<Login>,
}

impl Served {
    pub fn master(setup: &Setup) -> Self {
        Self { folder: setup.master.endpoint_dir.clone(), master: setup.master.login, slave: None }
    }

    pub fn slave(setup: &Setup, login: Login) -> Self {
        Self { slave: Some(login), ..Self::master(setup) }
    }
}

/// What a handle stands for.
pub(super) struct Object {
    pub node: Node,
    served: Served,
    used: LastUse,
    /// The state that is being handed over.
    pub draft: Mutex<Option<Draft>>,
}

pub(super) enum Node {
    Master(MasterNode),
    /// Of the account that it was opened for.
    Slave(Box<SlaveNode>),
}

struct Slot {
    generation: u32,
    content: Content,
}

enum Content {
    Free,
    Open(Arc<Object>),
    /// Not free before it is closed, so that whoever uses it learns what happened.
    Quarantined,
}

static TABLE: [Mutex<Slot>; SLOTS] =
    [const { Mutex::new(Slot { generation: 0, content: Content::Free }) }; SLOTS];

/// `generation (32 bits) | slot + 1 (32 bits)`: zero is never a handle.
fn number(slot: usize, generation: u32) -> u64 {
    (u64::from(generation) << 32) | (slot as u64 + 1)
}

fn parts(handle: u64) -> Option<(&'static Mutex<Slot>, u32)> {
    let slot = usize::try_from(handle & 0xffff_ffff).ok()?.checked_sub(1)?;
    Some((TABLE.get(slot)?, u32::try_from(handle >> 32).ok()?))
}

/// Two programs that come at once come one after the other.
static INSERTING: Mutex<()> = Mutex::new(());

/// Gives a handle.
pub(super) fn insert(node: Node, served: Served) -> Result<u64, Failure> {
    let _alone = INSERTING.lock();
    make_room(&served, GONE_AFTER)?;
    for (at, slot) in TABLE.iter().enumerate() {
        let mut slot = slot.lock();
        if matches!(slot.content, Content::Free) && slot.generation < u32::MAX {
            slot.generation += 1;
            slot.content = Content::Open(Arc::new(Object {
                node,
                served,
                used: LastUse::begin(),
                draft: Mutex::new(None),
            }));
            return Ok(number(at, slot.generation));
        }
    }
    Err(Failure::new(LB_LIMIT, format!("{SLOTS} handles are open: close one first")))
}

/// Takes over from a program that is gone. A master does so before it opens its endpoint.
pub(super) fn make_way(served: &Served) -> Result<(), Failure> {
    make_room(served, GONE_AFTER)
}

fn make_room(served: &Served, gone_after: Duration) -> Result<(), Failure> {
    for slot in &TABLE {
        let mut slot = slot.lock();
        let Content::Open(object) = &slot.content else { continue };
        if object.served != *served {
            continue;
        }
        let idle = object.used.idle();
        if idle < gone_after {
            let login = served.slave.unwrap_or(served.master);
            let role = served.slave.map_or("master", |_| "slave");
            let text = format!(
                "account {login} is served as {role} by another program of this terminal: one chart is enough. If that \
                 one was ended the hard way, its place is free in {} s",
                gone_after.saturating_sub(idle).as_secs() + 1
            );
            return Err(Failure::new(LB_SERVED, text));
        }
        let gone = std::mem::replace(&mut slot.content, Content::Free);
        drop(slot);
        // A master's threads and its endpoint end here.
        drop(gone);
    }
    Ok(())
}

/// What a handle stands for.
pub(super) fn get(handle: u64) -> Result<Arc<Object>, Failure> {
    let closed = || Failure::new(LB_HANDLE, format!("handle {handle:#x} was never given, or is closed"));
    let (slot, generation) = parts(handle).ok_or_else(closed)?;
    let slot = slot.lock();
    match &slot.content {
        Content::Open(object) if slot.generation == generation => {
            object.used.touch();
            Ok(Arc::clone(object))
        }
        Content::Quarantined if slot.generation == generation => {
            let text = format!("handle {handle:#x} met a defect before: close it and open a new one");
            Err(Failure::new(LB_QUARANTINED, text))
        }
        _ => Err(closed()),
    }
}

impl Object {
    pub fn master(&self) -> Result<&MasterNode, Failure> {
        match &self.node {
            Node::Master(node) => Ok(node),
            Node::Slave(..) => {
                Err(Failure::new(LB_SEQUENCE, "this is a slave's handle, a master's is needed"))
            }
        }
    }

    pub fn slave(&self) -> Result<&SlaveNode, Failure> {
        match &self.node {
            Node::Slave(node) => Ok(node),
            Node::Master(_) => {
                Err(Failure::new(LB_SEQUENCE, "this is a master's handle, a slave's is needed"))
            }
        }
    }
}

/// What becomes of a slot when `handle` is its present one and still open; what it held, to be dropped without its lock.
fn replace(handle: u64, content: Content) -> Option<Content> {
    let (slot, generation) = parts(handle)?;
    let mut slot = slot.lock();
    let given = slot.generation == generation && !matches!(slot.content, Content::Free);
    given.then(|| std::mem::replace(&mut slot.content, content))
}

/// Refuses every further call on a handle, but for its close, and stops what it stands for: a hub whose state is
/// half changed must not go on trading from its service thread.
pub(super) fn quarantine(handle: u64) {
    drop(replace(handle, Content::Quarantined));
}

/// Takes a handle back; what it stood for ends with the last call on it.
pub(super) fn remove(handle: u64) -> Result<(), Failure> {
    let text = || format!("handle {handle:#x} was never given, or is closed already");
    replace(handle, Content::Free).map(drop).ok_or_else(|| Failure::new(LB_HANDLE, text()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::ea::{MasterEa, SlaveEa};

    /// A configuration that no other test shares, with its folder.
    fn config(folder: &std::path::Path) -> String {
        let own = |name| folder.join(name).display().to_string();
        serde_json::json!({
            "master": {"login": 7_001, "currency": "USD", "endpoint_dir": own("run"), "state_dir": own("state")},
            "secret": "one chart is enough",
            "pools": [{"name": "p", "allocation": {"method": "multiplier"}, "members": [{"login": 7_002}]}],
        })
        .to_string()
    }

    #[test]
    fn an_account_is_served_once_and_taken_over_from_who_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let slave = Served::slave(&Setup::parse(&config).unwrap(), Login(7_002));
        let first = SlaveEa::open(&config, 7_002).unwrap();
        let refused = SlaveEa::open(&config, 7_002).unwrap_err();
        assert_eq!(refused.code, LB_SERVED, "{refused}");
        assert!(refused.text.starts_with("account 7002 is served as slave by another program"), "{refused}");
        // As after a minute without a call.
        make_room(&slave, Duration::ZERO).unwrap();
        let second = SlaveEa::open(&config, 7_002).unwrap();
        assert_eq!(first.status().unwrap_err().code, LB_HANDLE);
        second.status().unwrap();
    }

    #[test]
    fn a_master_that_is_gone_leaves_its_endpoint() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let first = MasterEa::open(&config).unwrap();
        assert_eq!(MasterEa::open(&config).unwrap_err().code, LB_SERVED);
        make_room(&Served::master(&Setup::parse(&config).unwrap()), Duration::ZERO).unwrap();
        let second = MasterEa::open(&config).unwrap();
        assert_eq!(first.wait(0).unwrap_err().code, LB_HANDLE);
        second.wait(0).unwrap();
    }
}
