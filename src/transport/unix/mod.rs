//! Unix: a stream socket in a private directory.
//!
//! Sockets stay in blocking mode, so that a timed read is one `recv`; whatever must not block passes `MSG_DONTWAIT`.
//! Only the listening socket is non-blocking, because `accept` takes no such flag.

mod connection;
mod endpoint;
mod listener;
mod poller;
#[cfg(test)]
mod signals;
mod sys;
#[cfg(test)]
mod tests;

pub use connection::Connection;
pub use endpoint::Endpoint;
pub use listener::Listener;
pub use poller::{Poller, Waker};
