//! One thread waits for many connections.

use std::io::{self, Read as _, Write as _};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::{Event, MAX_CONNECTIONS, TransportError};
use super::{Connection, Listener, sys};

/// A signal may come before the byte is written.
const WAKE_TRIES: u32 = 8;

/// A pair of sockets that a waker writes a byte into. Both ends live as long as either side: writing to a pair
/// without a reader would raise `SIGPIPE` in a host that has not switched it off.
#[derive(Debug)]
struct Alarm {
    receiver: UnixStream,
    sender: UnixStream,
    /// A byte is on its way, another one is not needed: the pair can never fill up.
    pending: AtomicBool,
}

/// Ends a [`Poller`]'s wait from any thread. Cheap to clone; outliving the poller is harmless.
#[derive(Debug, Clone)]
pub struct Waker {
    alarm: Arc<Alarm>,
}

impl Waker {
    /// Makes the current wait, or else the next one, return with [`Event::Woken`]. Never blocks.
    pub fn wake(&self) {
        if self.alarm.pending.swap(true, Ordering::AcqRel) {
            return;
        }
        for _ in 0..WAKE_TRIES {
            if (&self.alarm.sender).write(&[1]).is_ok() {
                return;
            }
        }
        // Not reached with one byte at most on its way; if it were, the next call tries again.
        self.alarm.pending.store(false, Ordering::Release);
    }
}

#[derive(Debug)]
struct Entry {
    token: u64,
    stream: Arc<UnixStream>,
    want_write: bool,
}

impl Entry {
    /// The connection was dropped: the poller alone still holds the socket.
    fn is_orphan(&self) -> bool {
        Arc::strong_count(&self.stream) == 1
    }
}

/// Waits for a listener, for connections and for its wakers. Belongs to one thread at a time.
#[derive(Debug)]
pub struct Poller {
    alarm: Arc<Alarm>,
    listener: Option<Arc<UnixListener>>,
    /// Whether to wait for the listener, too.
    hears: bool,
    entries: Vec<Entry>,
    /// Kept between waits for its memory only.
    polled: Vec<libc::pollfd>,
}

impl Poller {
    /// A poller that waits for nothing but its wakers.
    ///
    /// # Errors
    /// What the system says when it has no two file descriptors left.
    pub fn new() -> Result<Self, TransportError> {
        let fail = |error| TransportError::system("make the wake-up pair", "this process", error);
        let (receiver, sender) = UnixStream::pair().map_err(fail)?;
        receiver.set_nonblocking(true).map_err(fail)?;
        sender.set_nonblocking(true).map_err(fail)?;
        let alarm = Arc::new(Alarm { receiver, sender, pending: AtomicBool::new(false) });
        Ok(Self { alarm, listener: None, hears: true, entries: Vec::new(), polled: Vec::new() })
    }

    /// Waits for this listener too, instead of any earlier one, until it is dropped.
    ///
    /// # Errors
    /// None on Unix; on Windows a listener belongs to the first poller that was given it.
    pub fn listen(&mut self, listener: &Listener) -> Result<(), TransportError> {
        self.listener = Some(Arc::clone(listener.socket()));
        Ok(())
    }

    /// Whether to tell of the listener: what comes meanwhile waits there, as much of it as the system lets wait.
    pub fn hear(&mut self, hears: bool) {
        self.hears = hears;
    }

    /// Waits for this connection too, under a number of the caller's choice, until it is deregistered or dropped.
    ///
    /// # Errors
    /// The token is taken, or there are [`MAX_CONNECTIONS`] already.
    pub fn register(&mut self, connection: &Connection, token: u64) -> Result<(), TransportError> {
        self.forget_dropped();
        if self.entries.iter().any(|entry| entry.token == token) {
            return Err(TransportError::TokenInUse(token));
        }
        if self.entries.len() >= MAX_CONNECTIONS {
            return Err(TransportError::TooManyConnections(MAX_CONNECTIONS));
        }
        self.entries.push(Entry { token, stream: Arc::clone(connection.stream()), want_write: false });
        Ok(())
    }

    /// Waits for this connection no longer. A token that is not registered (any more) is no error.
    pub fn deregister(&mut self, token: u64) {
        self.entries.retain(|entry| entry.token != token);
    }

    /// Whether to tell when this connection can be written to. Off at first: a connection can nearly always be
    /// written to, so ask only after a `try_write` that did not take everything.
    ///
    /// # Errors
    /// The token is not registered, or its connection was dropped.
    pub fn want_write(&mut self, token: u64, want: bool) -> Result<(), TransportError> {
        let entry = self.entries.iter_mut().find(|entry| entry.token == token);
        entry.ok_or(TransportError::UnknownToken(token))?.want_write = want;
        Ok(())
    }

    /// A waker for this poller.
    pub fn waker(&self) -> Waker {
        Waker { alarm: Arc::clone(&self.alarm) }
    }

    /// Waits at most `wait_ms` milliseconds for something to happen, and replaces what is in `events` by it: at most
    /// one event per connection, one of the listener, one of the wakers. It may return early with none. A
    /// connection that another thread drops during the wait may be told of once more.
    ///
    /// # Errors
    /// What the system says.
    pub fn wait(&mut self, wait_ms: u32, events: &mut Vec<Event>) -> Result<(), TransportError> {
        events.clear();
        self.forget_dropped();
        self.polled.clear();
        self.polled.push(interest(&self.alarm.receiver, false));
        self.polled.extend(self.entries.iter().map(|entry| interest(&entry.stream, entry.want_write)));
        self.polled
            .extend(self.listener.iter().filter(|_| self.hears).map(|listener| interest(listener, false)));
        match sys::poll(&mut self.polled, wait_ms) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(TransportError::system("wait for connections", "this process", error)),
        }
        let mut answers = self.polled.iter().map(|polled| polled.revents);
        if answers.next().is_some_and(|answer| answer != 0) {
            self.alarm_seen(events);
        }
        for (entry, answer) in self.entries.iter().zip(&mut answers) {
            if answer != 0 && !entry.is_orphan() {
                let broken = answer & (libc::POLLHUP | libc::POLLERR | libc::POLLNVAL) != 0;
                events.push(Event::Ready {
                    token: entry.token,
                    readable: broken || answer & libc::POLLIN != 0,
                    writable: entry.want_write && (broken || answer & libc::POLLOUT != 0),
                });
            }
        }
        if answers.next().is_some_and(|answer| answer != 0) {
            events.push(Event::Incoming);
        }
        Ok(())
    }

    fn alarm_seen(&self, events: &mut Vec<Event>) {
        let mut bytes = [0; 16];
        // Whatever it says: the byte is gone, or the next wait finds it again.
        let _ = (&self.alarm.receiver).read(&mut bytes);
        // Cleared after the byte is taken and before the caller looks around: a wake that comes later writes a new
        // byte, one that came earlier is answered by this event.
        self.alarm.pending.swap(false, Ordering::AcqRel);
        events.push(Event::Woken);
    }

    fn forget_dropped(&mut self) {
        self.entries.retain(|entry| !entry.is_orphan());
        self.listener.take_if(|listener| Arc::strong_count(listener) == 1);
    }
}

/// What to poll a socket for.
fn interest(socket: &impl AsRawFd, write: bool) -> libc::pollfd {
    let events = if write { libc::POLLIN | libc::POLLOUT } else { libc::POLLIN };
    libc::pollfd { fd: socket.as_raw_fd(), events, revents: 0 }
}
