//! One connected pipe.

use std::os::windows::io::{AsHandle, OwnedHandle};
use std::sync::Arc;
use std::time::Instant;

use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_PIPE_BUSY};

use super::super::{Read, TransportError};
use super::pipe::Pipe;
use super::sys::{code, open_pipe};
use super::{Endpoint, security};

/// A connection between two processes of one user. Dropping it closes it; a write that the peer has made no room for
/// is lost then.
#[derive(Debug)]
pub struct Connection {
    endpoint: Endpoint,
    pipe: Arc<Pipe>,
}

impl Connection {
    /// Connects to whoever listens at `endpoint`. Never blocks. The listener need not have accepted yet: bytes can be
    /// written already, and wait for it.
    ///
    /// # Errors
    /// [`NobodyListens`](TransportError::NobodyListens) and [`Busy`](TransportError::Busy), which pass;
    /// [`ForeignPeer`](TransportError::ForeignPeer) when the listener is another user's; or what the system says.
    pub fn connect(endpoint: &Endpoint) -> Result<Self, TransportError> {
        let handle = open_pipe(&endpoint.pipe()).map_err(|error| match code(&error) {
            ERROR_FILE_NOT_FOUND => TransportError::NobodyListens(endpoint.to_string()),
            ERROR_PIPE_BUSY => TransportError::Busy(endpoint.to_string()),
            _ => TransportError::system("connect", endpoint, error),
        })?;
        let found = security::owner(handle.as_handle())
            .map_err(|error| TransportError::system("ask for the pipe's owner", endpoint, error))?;
        if found != endpoint.user() {
            let ours = endpoint.user().to_string();
            return Err(TransportError::ForeignPeer { at: endpoint.to_string(), found, ours });
        }
        Self::wrap(endpoint, handle, None)
    }

    /// Takes over a connected handle, which is tied to `port` already or to none.
    pub(super) fn wrap(
        endpoint: &Endpoint,
        handle: OwnedHandle,
        port: Option<u64>,
    ) -> Result<Self, TransportError> {
        let pipe = Arc::new(Pipe::new(endpoint, handle, port)?);
        Ok(Self { endpoint: endpoint.clone(), pipe })
    }

    /// Reads what is there now. Never blocks.
    ///
    /// # Errors
    /// An empty buffer, or what the system says.
    pub fn try_read(&mut self, buffer: &mut [u8]) -> Result<Read, TransportError> {
        self.pipe.read(buffer)
    }

    /// Reads what is there, or waits at most `wait_ms` milliseconds for the first of it. 0 does not wait.
    ///
    /// # Errors
    /// An empty buffer, or what the system says.
    pub fn read_within(&mut self, buffer: &mut [u8], wait_ms: u32) -> Result<Read, TransportError> {
        let fail = |error| TransportError::system("wait for bytes", &self.endpoint, error);
        let start = Instant::now();
        let mut signalled = false;
        loop {
            let read = self.pipe.read(buffer)?;
            if read != Read::WouldBlock {
                return Ok(read);
            }
            if signalled {
                // The signal was that of an earlier read. Reset first, then look: one that comes between is not lost.
                self.pipe.arrived().reset().map_err(fail)?;
                signalled = false;
                continue;
            }
            let spent_ms = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
            if spent_ms >= wait_ms {
                return Ok(Read::WouldBlock);
            }
            signalled = self.pipe.arrived().wait(wait_ms - spent_ms).map_err(fail)?;
        }
    }

    /// Hands bytes to the system, without blocking: how many it took, from none (a write is under way, or there were
    /// none) to all, 64 KiB at most.
    ///
    /// # Errors
    /// [`Closed`](TransportError::Closed) when the peer is gone, or what the system says, be it of the last write.
    pub fn try_write(&self, bytes: &[u8]) -> Result<usize, TransportError> {
        self.pipe.write(bytes)
    }

    /// Ends both directions at once, here and for the peer. A write that the peer has made no room for is lost.
    pub fn shutdown(&self) {
        self.pipe.close();
    }

    /// The pipe, for a poller.
    pub(super) fn pipe(&self) -> &Arc<Pipe> {
        &self.pipe
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A poller may hold the pipe for a moment longer; the peer shall see the end now.
        self.pipe.close();
    }
}
