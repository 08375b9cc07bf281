//! Handles are checked integers, slot and generation, never pointers that MQL could keep too long. Each slot has a
//! lock of its own: two handles share none.

use std::sync::Arc;

use parking_lot::Mutex;

use super::code::{Failure, LB_HANDLE, LB_LIMIT, LB_QUARANTINED, LB_SEQUENCE};
use super::draft::Draft;
use crate::node::{MasterNode, SlaveNode};

/// Handles at once.
const SLOTS: usize = 256;

/// What a handle stands for.
pub(super) struct Object {
    pub node: Node,
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

/// Gives a handle.
pub(super) fn insert(node: Node) -> Result<u64, Failure> {
    for (at, slot) in TABLE.iter().enumerate() {
        let mut slot = slot.lock();
        if matches!(slot.content, Content::Free) && slot.generation < u32::MAX {
            slot.generation += 1;
            slot.content = Content::Open(Arc::new(Object { node, draft: Mutex::new(None) }));
            return Ok(number(at, slot.generation));
        }
    }
    Err(Failure::new(LB_LIMIT, format!("{SLOTS} handles are open: close one first")))
}

/// What a handle stands for.
pub(super) fn get(handle: u64) -> Result<Arc<Object>, Failure> {
    let closed = || Failure::new(LB_HANDLE, format!("handle {handle:#x} was never given, or is closed"));
    let (slot, generation) = parts(handle).ok_or_else(closed)?;
    let slot = slot.lock();
    match &slot.content {
        Content::Open(object) if slot.generation == generation => Ok(Arc::clone(object)),
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
