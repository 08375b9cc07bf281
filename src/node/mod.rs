//! The only owner of threads, locks and the clock: a master's node and a slave's.
//!
//! The master's own thread compares, allocates, encodes and writes to the sockets without blocking; one service
//! thread accepts connections, reads what slaves say and looks at deadlines; another writes the ledger. A slave has no
//! thread: its terminal's calls do the work, each bounded by its `wait_ms`.

mod alerts;
mod clock;
mod guard_file;
mod master;
mod pause;
mod peers;
mod probe;
mod recorder;
mod service;
mod slave;
mod story;

pub use clock::{Clock, LastUse};
pub use master::{MasterNode, MasterStatus};
pub use probe::{Probe, endpoint, probe};
pub use slave::{SlaveNode, SlaveStatus, Waited};

use std::path::{Path, PathBuf};

use crate::config::Setup;
use crate::ledger::{Ledger, LedgerError};
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
    /// The master's own account.
    #[error("account {0} is the master of this configuration, and no slave: its program is LotBridgeMaster")]
    IsTheMaster(crate::domain::Login),
    /// A report on an instruction that was not handed out, or was answered already.
    #[error("instruction {0} is not open: it was reported already, or never handed out")]
    UnknownInstruction(u64),
}

fn nonce() -> Result<Nonce, NodeError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(NodeError::Random)?;
    Ok(Nonce(bytes))
}

/// Where ledgers are kept: as configured, or the user's own folder for such things.
pub fn state_dir(configured: Option<&Path>) -> PathBuf {
    let home = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let own = || {
        home("XDG_STATE_HOME")
            .or_else(|| home("LOCALAPPDATA"))
            .or_else(|| home("HOME").map(|home| home.join(".local/state")))
            .unwrap_or_else(std::env::temp_dir)
            .join("lotbridge")
    };
    configured.map_or_else(own, Path::to_owned)
}

/// The ledger of a configuration's master.
pub fn ledger_path(setup: &Setup) -> PathBuf {
    Ledger::path(&state_dir(setup.master.state_dir.as_deref()), &master_name(setup.master.login))
}

/// The file of what a slave's guards must not forget.
pub fn guard_path(setup: &Setup, login: crate::domain::Login) -> PathBuf {
    guard_file::path(&state_dir(setup.master.state_dir.as_deref()), setup.master.login, login)
}

/// The name of a master's endpoint and ledger.
fn master_name(login: crate::domain::Login) -> String {
    format!("master-{login}")
}

/// What a panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let what = panic.downcast_ref::<String>().cloned();
    what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or("no text".into())
}
