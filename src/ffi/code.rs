//! Result codes. A number, once given, is never given to anything else.

use crate::config::ConfigErrors;
use crate::node::NodeError;
use crate::replication::HubError;

/// The version of this interface; an EA that was compiled for another one must not go on.
pub const LB_ABI_VERSION: u32 = 4;

/// Done.
pub const LB_OK: i32 = 0;
/// Nothing to do: no order came within the wait.
pub const LB_EMPTY: i32 = 1;
/// The master needs the terminal's present state: hand it over now rather than with the next timer.
pub const LB_STATE_WANTED: i32 = 2;
/// A defect in the library was caught. The handle is quarantined, and what it stood for is stopped, since its state
/// may be half changed: close it and open a new one.
pub const LB_PANIC: i32 = -1;
/// A pointer is null.
pub const LB_NULL: i32 = -2;
/// The handle was never given, or is closed.
pub const LB_HANDLE: i32 = -3;
/// The handle met a defect before: nothing but `lb_close` works on it. Close it and open a new one.
pub const LB_QUARANTINED: i32 = -4;
/// A number or a text is out of its range; the error's text names the field.
pub const LB_ARGUMENT: i32 = -5;
/// The buffer is too small: the text was cut, the length that is needed was written.
pub const LB_BUFFER: i32 = -6;
/// The configuration cannot be used; the error's text names the place.
pub const LB_CONFIG: i32 = -7;
/// Items or a commit without a begin, or a master's call on a slave's handle, or the other way round.
pub const LB_SEQUENCE: i32 = -8;
/// A position or deal of a symbol whose instrument was not handed over.
pub const LB_UNKNOWN_SYMBOL: i32 = -9;
/// Another account than the configured one.
pub const LB_WRONG_ACCOUNT: i32 = -10;
/// The terminal is not connected to its trade server: the last state is kept.
pub const LB_NOT_CONNECTED: i32 = -11;
/// Not served; no call answers it now.
pub const LB_NOT_SUPPORTED: i32 = -12;
/// The local socket cannot be opened.
pub const LB_ENDPOINT: i32 = -13;
/// The record cannot be opened or written.
pub const LB_LEDGER: i32 = -14;
/// The operating system refused something else.
pub const LB_SYSTEM: i32 = -15;
/// More handles or items than the library takes.
pub const LB_LIMIT: i32 = -16;
/// The instruction is not open: reported already, or never handed out.
pub const LB_UNKNOWN_INSTRUCTION: i32 = -17;
/// A netting master's positions and deals do not agree, since one list is older: the last state is kept.
pub const LB_DISAGREE: i32 = -18;

/// Another program of this terminal serves that account already.
pub const LB_SERVED: i32 = -19;

/// Why a call failed: a code and a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub code: i32,
    pub text: String,
}

impl Failure {
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// The same, with the place of the item that it is about, from 0.
    pub fn of_item(self, at: usize) -> Self {
        Self { text: format!("{} (item {at} of the call)", self.text), ..self }
    }
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        let code = match &error {
            NodeError::Transport(_) => LB_ENDPOINT,
            NodeError::Ledger(_) => LB_LEDGER,
            NodeError::Hub(HubError::WrongLogin { .. } | HubError::UnknownSlave(_))
            | NodeError::IsTheMaster(_) => LB_WRONG_ACCOUNT,
            NodeError::Hub(HubError::NotConnected) => LB_NOT_CONNECTED,
            NodeError::Hub(HubError::Disagree(_)) => LB_DISAGREE,
            NodeError::Thread(_) | NodeError::Random(_) => LB_SYSTEM,
            NodeError::NotAMember(_) => LB_CONFIG,
            NodeError::UnknownInstruction(_) => LB_UNKNOWN_INSTRUCTION,
            NodeError::ServiceDied(_) => LB_PANIC,
        };
        Self::new(code, error.to_string())
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::new(LB_CONFIG, errors.to_string())
    }
}
