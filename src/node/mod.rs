//! The only owner of threads, locks and the clock: a master's node and a slave's.
//!
//! The master's own thread compares, allocates, encodes and writes to the sockets without blocking; one service
//! thread accepts connections, reads what slaves say and looks at deadlines. A slave has no thread: its terminal's
//! calls do the work, each bounded by its `wait_ms`.

mod clock;
mod guard_file;
mod master;
mod peers;
mod service;
mod slave;

pub use clock::Clock;
pub use master::{MasterNode, MasterStatus};
pub use slave::{SlaveNode, SlaveStatus, Waited};

use crate::ledger::LedgerError;
use crate::protocol::Nonce;
use crate::replication::HubError;
use crate::transport::TransportError;

/// Why a node cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The socket.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The record.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The master's or a slave's state.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The operating system gave no thread.
    #[error("no thread for the master's service: {0}")]
    Thread(std::io::Error),
    /// The operating system gave no random bytes.
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
    /// The master's service thread met a defect: nothing more reaches the slaves through this node.
    #[error("the master's service thread met a defect: {0}")]
    ServiceDied(String),
    /// A slave that is no member.
    #[error("account {0} is not a member of any pool of this configuration")]
    NotAMember(crate::domain::Login),
    /// A report on an instruction that was not handed out, or was answered already.
    #[error("instruction {0} is not open: it was reported already, or never handed out")]
    UnknownInstruction(u64),
}

fn nonce() -> Result<Nonce, NodeError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(NodeError::Random)?;
    Ok(Nonce(bytes))
}

/// The name of a master's endpoint and ledger.
fn master_name(login: crate::domain::Login) -> String {
    format!("master-{login}")
}
