//! Bytes over a local socket, between processes of one user on one machine. Knows nothing of messages.
//!
//! | | Unix | Windows |
//! | --- | --- | --- |
//! | [`Endpoint`] | `<directory>/<name>.sock`, in a directory of mode 0700 | `\\.\pipe\lotbridge-<user>-<name>` |
//! | who may connect | directory and socket mode, and the peer's user id | the pipe's access list, and its owner |
//! | one [`Listener`] at a time | a lock on `<name>.lock` beside the socket | a named kernel object |
//! | [`Connection`] | stream socket, left in blocking mode | byte pipe, overlapped I/O |
//! | [`Poller`] | `poll` | I/O completion port |
//!
//! # Time
//! Nothing here blocks, except [`Connection::read_within`] and [`Poller::wait`], and those at most for the
//! `wait_ms` they are given, plus the system's timer tick (1 to 16 ms). They may return that much early, too.
//!
//! # Threads
//! Every type is `Send` and `Sync`. Writing needs a shared reference only, so one thread can write to a connection
//! (behind a lock of the caller's, so that two writers do not interleave) while another waits in a [`Poller`].
//! The poller waits on handles of its own that share ownership of the socket: a socket it waits on is never freed,
//! and its number never reused, under the wait. Dropping a connection closes it for the peer at once; the poller
//! forgets it at the next wait. `register`, `deregister` and `want_write` belong to the thread that waits; any other
//! thread leaves word somewhere and calls [`Waker::wake`].
//!
//! # Peers that vanish
//! A process that dies, however it dies, closes its connections: the other side reads what was already sent, then
//! [`Read::Closed`]. A listener that dies is found dead: connecting says [`TransportError::NobodyListens`], and the
//! next [`Listener::bind`] takes the place over. On Windows a listener's place is free again only when its
//! connections are gone as well.
//!
//! # What is not promised
//! `try_write` has handed bytes to the operating system; that the peer has read them only the peer can say.

mod error;
#[cfg(test)]
mod tests;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use error::TransportError;
#[cfg(unix)]
pub use unix::{Connection, Endpoint, Listener, Poller, Waker};
#[cfg(windows)]
pub use windows::{Connection, Endpoint, Listener, Poller, Waker, keep_loaded};

/// Keeps this library in memory. Only terminals, which are Windows programs, unload libraries under running threads.
///
/// # Errors
/// None here; on Windows, what the system says.
#[cfg(unix)]
pub fn keep_loaded() -> Result<(), TransportError> {
    Ok(())
}

/// What a read found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// This many bytes, at least one, at the start of the buffer.
    Bytes(usize),
    /// Nothing has come (in the time given).
    WouldBlock,
    /// The peer has closed, or its process is gone; nothing will come any more.
    Closed,
}

/// What a [`Poller`] found. Level-triggered: what is not dealt with is told again by the next wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A [`Waker`] was used, once or more, since the last such event.
    Woken,
    /// The listener has something to accept.
    Incoming,
    /// A connection is ready.
    Ready {
        /// The number it was registered under.
        token: u64,
        /// A read returns at once: bytes, or the news that the peer has closed.
        readable: bool,
        /// A write takes at least a byte or fails at once. Told only where `want_write` asked for it.
        writable: bool,
    },
}

/// The most connections one [`Poller`] holds.
pub const MAX_CONNECTIONS: usize = 4096;

/// The longest endpoint name, in bytes.
pub const MAX_NAME: usize = 64;

/// A name that is safe as a part of a file's or a pipe's name.
fn checked_name(name: &str) -> Result<&str, TransportError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let good = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= MAX_NAME
        && name.chars().all(plain);
    if good { Ok(name) } else { Err(TransportError::Name(name.chars().take(MAX_NAME).collect())) }
}
