//! One connected socket.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::{Read, TransportError};
use super::{Endpoint, sys};

/// A connection between two processes of one user. Dropping it closes it.
#[derive(Debug)]
pub struct Connection {
    endpoint: Endpoint,
    stream: Arc<UnixStream>,
    /// The receive timeout that the socket has now, in milliseconds; 0: none was set yet.
    timeout_ms: u32,
}

impl Connection {
    /// Connects to whoever listens at `endpoint`. Never blocks. The listener need not have accepted yet: bytes can be
    /// written already, and wait for it.
    ///
    /// # Errors
    /// [`NobodyListens`](TransportError::NobodyListens) and [`Busy`](TransportError::Busy), which pass;
    /// [`ForeignPeer`](TransportError::ForeignPeer) when the listener is another user's; or what the system says.
    pub fn connect(endpoint: &Endpoint) -> Result<Self, TransportError> {
        Self::connect_to_user(endpoint, sys::user_id())
    }

    pub(super) fn connect_to_user(endpoint: &Endpoint, user: u32) -> Result<Self, TransportError> {
        match sys::connect(endpoint.socket()) {
            Ok(stream) => Self::checked(stream, endpoint, user),
            Err(error) => Err(match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                    TransportError::NobodyListens(endpoint.to_string())
                }
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => {
                    TransportError::Busy(endpoint.to_string())
                }
                _ => TransportError::system("connect", endpoint, error),
            }),
        }
    }

    /// Wraps a socket whose peer is `user`; refuses, and closes, any other.
    pub(super) fn checked(
        stream: UnixStream,
        endpoint: &Endpoint,
        user: u32,
    ) -> Result<Self, TransportError> {
        let found = sys::peer_user_id(&stream)
            .map_err(|error| TransportError::system("ask for the peer's user", endpoint, error))?;
        if found != user {
            return Err(TransportError::ForeignPeer {
                at: endpoint.to_string(),
                found: found.to_string(),
                ours: user.to_string(),
            });
        }
        Ok(Self { endpoint: endpoint.clone(), stream: Arc::new(stream), timeout_ms: 0 })
    }

    /// Reads what is there now. Never blocks.
    ///
    /// # Errors
    /// An empty buffer, or what the system says.
    pub fn try_read(&mut self, buffer: &mut [u8]) -> Result<Read, TransportError> {
        self.receive(buffer, false).map(|read| read.unwrap_or(Read::WouldBlock))
    }

    /// Reads what is there, or waits at most `wait_ms` milliseconds for the first of it. 0 does not wait.
    ///
    /// One system call when bytes are there or come in time and `wait_ms` is the same as in the last call.
    ///
    /// # Errors
    /// An empty buffer, or what the system says.
    pub fn read_within(&mut self, buffer: &mut [u8], wait_ms: u32) -> Result<Read, TransportError> {
        let start = Instant::now();
        let mut left_ms = wait_ms;
        // A signal ends the call early, as often as one comes: each time only what is left is waited for.
        while left_ms > 0 {
            self.set_timeout(left_ms)?;
            if let Some(read) = self.receive(buffer, true)? {
                return Ok(read);
            }
            let spent_ms = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
            left_ms = wait_ms.saturating_sub(spent_ms);
        }
        self.try_read(buffer)
    }

    /// Hands bytes to the system, without blocking: how many it took, from none (it is full, or there were none) to
    /// all.
    ///
    /// # Errors
    /// [`Closed`](TransportError::Closed) when the peer is gone, or what the system says.
    pub fn try_write(&self, bytes: &[u8]) -> Result<usize, TransportError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match sys::send(&self.stream, bytes) {
            Ok(count) => Ok(count),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(0),
                io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected => {
                    Err(TransportError::Closed(self.endpoint.to_string()))
                }
                _ if error.raw_os_error() == Some(libc::ENOBUFS) => Ok(0),
                _ => Err(TransportError::system("write", &self.endpoint, error)),
            },
        }
    }

    /// Ends both directions at once, here and for the peer; also ends a read that another thread waits in.
    pub fn shutdown(&self) {
        sys::shutdown(self.stream.as_fd());
    }

    /// The socket, for a poller.
    pub(super) fn stream(&self) -> &Arc<UnixStream> {
        &self.stream
    }

    fn set_timeout(&mut self, wait_ms: u32) -> Result<(), TransportError> {
        if self.timeout_ms != wait_ms {
            let wait = Duration::from_millis(u64::from(wait_ms));
            self.stream
                .set_read_timeout(Some(wait))
                .map_err(|error| TransportError::system("set the read timeout", &self.endpoint, error))?;
            self.timeout_ms = wait_ms;
        }
        Ok(())
    }

    /// `None`: a signal came first.
    fn receive(&self, buffer: &mut [u8], wait: bool) -> Result<Option<Read>, TransportError> {
        let fail = |error| TransportError::system("read", &self.endpoint, error);
        if buffer.is_empty() {
            return Err(fail(io::Error::new(io::ErrorKind::InvalidInput, "the buffer is empty")));
        }
        match sys::receive(&self.stream, buffer, wait) {
            Ok(0) => Ok(Some(Read::Closed)),
            Ok(count) => Ok(Some(Read::Bytes(count))),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => Ok(Some(Read::WouldBlock)),
                io::ErrorKind::Interrupted => Ok(None),
                // The peer closed with bytes of ours unread.
                io::ErrorKind::ConnectionReset => Ok(Some(Read::Closed)),
                _ => Err(fail(error)),
            },
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A poller may hold the socket for a moment longer; the peer shall see the end now.
        self.shutdown();
    }
}
