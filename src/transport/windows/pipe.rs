//! One end of a connected pipe, shared by its connection and the poller.

use std::fmt;
use std::io;
use std::ops::Range;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_OPERATION_ABORTED, ERROR_PIPE_NOT_CONNECTED,
};

use super::super::{Read, TransportError};
use super::Endpoint;
use super::operation::{Operation, Progress};
use super::sys::{Port, Signal, code};

/// How much one read takes from the system, in bytes: some two hundred messages.
const READ_BUFFER: usize = 16 * 1024;
/// How much one write hands over, in bytes: as much as the system keeps, so that it ends at once while the reader
/// keeps up.
const WRITE_BUFFER: usize = 64 * 1024;
/// How often a read is begun anew that brought nothing: one of a write of no bytes, or one whose thread ended. More
/// in a row are left for the next look.
const EMPTY_READS: u32 = 16;

/// The peer is gone.
fn is_closed(error: &io::Error) -> bool {
    matches!(code(error), ERROR_BROKEN_PIPE | ERROR_NO_DATA | ERROR_PIPE_NOT_CONNECTED)
}

/// What is behind a connection.
pub struct Pipe {
    endpoint: Endpoint,
    arrived: Arc<Signal>,
    state: Mutex<State>,
}

struct State {
    /// Gone when this side has closed.
    handle: Option<OwnedHandle>,
    /// The port that the handle is tied to.
    port: Option<u64>,
    reading: Operation,
    /// Where in the read's buffer the bytes are that nobody has taken yet.
    unread: Range<usize>,
    /// Nothing will come any more.
    ended: bool,
    writing: Operation,
    /// How many bytes the write that is under way shall move.
    write_size: usize,
    /// The write under way began before the port was told of the handle, so the port will not tell of its end.
    write_untold: bool,
    /// Why the last write failed, if nobody was told yet.
    write_failure: Option<io::Error>,
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipe").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Pipe {
    /// Takes over a connected handle, which is tied to `port` already or to none.
    pub fn new(endpoint: &Endpoint, handle: OwnedHandle, port: Option<u64>) -> Result<Self, TransportError> {
        let operation = |size| {
            Operation::new(size).map_err(|error| TransportError::system("set up a pipe", endpoint, error))
        };
        let (reading, writing) = (operation(READ_BUFFER)?, operation(WRITE_BUFFER)?);
        Ok(Self {
            endpoint: endpoint.clone(),
            arrived: Arc::clone(reading.signal()),
            state: Mutex::new(State {
                handle: Some(handle),
                port,
                reading,
                unread: 0..0,
                ended: false,
                writing,
                write_size: 0,
                write_untold: false,
                write_failure: None,
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, action: &'static str, error: io::Error) -> TransportError {
        if is_closed(&error) {
            TransportError::Closed(self.endpoint.to_string())
        } else {
            TransportError::system(action, &self.endpoint, error)
        }
    }

    /// Set when a read that is under way ends, and now and then when it does not.
    pub fn arrived(&self) -> &Signal {
        &self.arrived
    }

    /// Takes what has come. A read is under way afterwards if nothing has.
    pub fn read(&self, buffer: &mut [u8]) -> Result<Read, TransportError> {
        if buffer.is_empty() {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "the buffer is empty");
            return Err(self.fail("read", error));
        }
        let mut state = self.state();
        if !state.readable().map_err(|error| self.fail("read", error))? {
            return Ok(Read::WouldBlock);
        }
        if state.unread.is_empty() {
            return Ok(Read::Closed);
        }
        let count = buffer.len().min(state.unread.len());
        let from = state.unread.start;
        buffer[..count].copy_from_slice(&state.reading.buffer()[from..from + count]);
        state.unread.start += count;
        Ok(Read::Bytes(count))
    }

    /// Begins to write, unless a write is under way: how many bytes that took.
    pub fn write(&self, bytes: &[u8]) -> Result<usize, TransportError> {
        let mut state = self.state();
        if bytes.is_empty() || !state.writable() {
            return Ok(0);
        }
        if let Some(error) = state.write_failure.take() {
            return Err(self.fail("write", error));
        }
        state.write(bytes).map_err(|error| self.fail("write", error))
    }

    /// Is there something to read, and room to write? And will the port tell when that changes?
    pub fn look(&self) -> (bool, bool, bool) {
        let mut state = self.state();
        // What fails here fails again when the caller reads.
        let readable = state.readable().unwrap_or(true);
        let writable = state.writable();
        (readable, writable, !state.write_untold)
    }

    /// Ties the pipe to a port.
    pub fn attach(&self, port: &Port) -> Result<(), TransportError> {
        let mut state = self.state();
        match state.port {
            Some(id) if id == port.id() => Ok(()),
            Some(_) => Err(TransportError::OtherPoller(self.endpoint.to_string())),
            None => state.attach(port).map_err(|error| self.fail("register with a poller", error)),
        }
    }

    /// Closes this end, so that the peer sees it at once.
    pub fn close(&self) {
        self.state().close();
    }
}

impl State {
    /// Is there something to read, be it the end? If not, a read is under way.
    fn readable(&mut self) -> io::Result<bool> {
        for _ in 0..EMPTY_READS {
            if self.ended || !self.unread.is_empty() {
                return Ok(true);
            }
            let Some(handle) = &self.handle else {
                self.ended = true;
                return Ok(true);
            };
            let handle = handle.as_handle();
            let pending = self.reading.is_pending();
            let progress = if pending { self.reading.progress(handle) } else { self.reading.read(handle) };
            if self.read_ended(progress)? {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Takes note of how far a read is: is it still under way?
    fn read_ended(&mut self, progress: io::Result<Progress>) -> io::Result<bool> {
        match progress {
            Ok(Progress::Pending) => return Ok(true),
            Ok(Progress::Done(count)) => self.unread = 0..count,
            Err(error) if is_closed(&error) => self.ended = true,
            // The thread that began it has ended: it is begun anew.
            Err(error) if code(&error) == ERROR_OPERATION_ABORTED => {}
            Err(error) => return Err(error),
        }
        Ok(false)
    }

    /// Does a write begin, or fail, at once?
    fn writable(&mut self) -> bool {
        let Some(handle) = &self.handle else { return true };
        if !self.writing.is_pending() {
            return true;
        }
        match self.writing.progress(handle.as_handle()) {
            Ok(Progress::Pending) => return false,
            Ok(Progress::Done(count)) if count == self.write_size => {}
            Ok(Progress::Done(_)) => self.write_failure = Some(io::ErrorKind::WriteZero.into()),
            Err(error) => self.write_failure = Some(error),
        }
        self.write_untold = false;
        true
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(handle) = &self.handle else {
            return Err(io::Error::from_raw_os_error(ERROR_PIPE_NOT_CONNECTED.cast_signed()));
        };
        let (count, progress) = self.writing.write(handle.as_handle(), bytes)?;
        self.write_size = count;
        match progress {
            Progress::Done(written) => Ok(written),
            Progress::Pending => Ok(count),
        }
    }

    fn attach(&mut self, port: &Port) -> io::Result<()> {
        let Some(handle) = &self.handle else { return Ok(()) };
        // The port does not tell of the end of what began before: a read begins anew, a write must not.
        let progress = if self.reading.is_pending() {
            self.reading.cancel(handle.as_handle())
        } else {
            Ok(Progress::Done(self.unread.len()))
        };
        let result = port.attach(handle.as_handle());
        if self.unread.is_empty() && self.read_ended(progress)? {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "a cancelled read goes on"));
        }
        result?;
        self.port = Some(port.id());
        self.write_untold = self.writing.is_pending();
        Ok(())
    }

    fn close(&mut self) {
        if let Some(handle) = self.handle.take() {
            self.ended = self.unread.is_empty();
            for operation in [&mut self.reading, &mut self.writing] {
                if operation.is_pending() {
                    // However it ends, nobody asks any more.
                    let _ = operation.cancel(handle.as_handle());
                }
            }
        }
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.close();
    }
}
