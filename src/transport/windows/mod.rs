//! Windows: a byte pipe with overlapped I/O.
//!
//! The system tells when an operation is done, not when one would succeed. So a read is always begun into a buffer of
//! the library's own and left there: a wait that ends without bytes cancels nothing, and what comes later is found by
//! the next read. A write is handed over from a buffer of the library's own, one at a time.
//!
//! A handle that is tied to a completion port stays tied to it. What the port says is taken as a hint only: the
//! [`Poller`] then looks at every connection itself, which makes it level-triggered like `poll`, and keeps what is
//! safe independent of what the port still has to say about connections that are gone.
//!
//! A thread that ends takes the operations it began with it, unless their handle is tied to a port: a read or a
//! waiting instance that was ended so is begun anew, a write is not, because part of it may have been read.

mod connection;
mod endpoint;
mod listener;
mod operation;
mod pipe;
mod poller;
mod security;
mod sys;

pub use connection::Connection;
pub use endpoint::Endpoint;
pub use listener::Listener;
pub use poller::{Poller, Waker};

use super::TransportError;

/// Keeps this library in memory until the process ends, even when its last user unloads it.
///
/// # Errors
/// What the system says.
pub fn keep_loaded() -> Result<(), TransportError> {
    sys::keep_loaded()
        .map_err(|error| TransportError::system("keep the library loaded", "this process", error))
}
