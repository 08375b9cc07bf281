//! What hub and slaves say to each other.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{Login, Symbol};
use crate::replication::{Instruction, Report, SlaveState};

/// Both sides must speak the same version, or part.
pub const VERSION: u16 = 8;

/// A proof or a nonce: 32 bytes.
pub type Bytes32 = [u8; 32];

/// From a slave to the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToHub {
    /// First: who is there, and a nonce for the hub to prove itself on.
    Hello {
        /// The slave's version.
        version: u16,
        /// The slave's account.
        login: Login,
        /// Fresh random bytes.
        nonce: Bytes32,
    },
    /// Second: the slave's proof.
    Proof {
        /// HMAC-SHA256 over both nonces.
        mac: Bytes32,
    },
    /// The terminal's whole state.
    State(Box<SlaveState>),
    /// What came of an instruction.
    Report(Report),
}

/// From the hub to a slave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToSlave {
    /// Answer to `Hello`: the hub's proof, and a nonce for the slave to prove itself on.
    Challenge {
        /// The hub's version.
        version: u16,
        /// Fresh random bytes.
        nonce: Bytes32,
        /// HMAC-SHA256 over both nonces.
        mac: Bytes32,
    },
    /// The session is open.
    Welcome,
    /// The session is not opened.
    Refused(Refusal),
    /// What to do.
    Instruction(Instruction),
    /// The hub has seen the slave's state of this number.
    Seen {
        /// `SlaveState::number`.
        state: u64,
    },
    /// The hub needs a fresh state.
    AskState {
        /// With this symbol, if the slave's broker offers it: the last state lacked it.
        symbol: Option<Symbol>,
    },
}

/// Why a hub opens no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Another version of the protocol.
    Version {
        /// The hub's.
        hub: u16,
    },
    /// The proof does not hold: another secret.
    Secret,
    /// Not a member of any pool.
    UnknownLogin,
    /// No more connections are taken.
    Full,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { hub } => write!(
                f,
                "the master speaks protocol version {hub}, this library speaks {VERSION}: install the same release on both"
            ),
            Self::Secret => f.write_str("the master has another secret: use the same configuration file on both"),
            Self::UnknownLogin => f.write_str(
                "the master's configuration has no pool with this account: add it to a pool and restart the master",
            ),
            Self::Full => f.write_str("the master takes no more connections"),
        }
    }
}
