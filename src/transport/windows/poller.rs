//! One thread waits for many connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::{Event, MAX_CONNECTIONS, TransportError};
use super::listener::Queue;
use super::pipe::Pipe;
use super::sys::Port;
use super::{Connection, Listener};

/// How long a wait may be, in milliseconds, while a write is under way that the port will not tell of.
const UNTOLD_MS: u32 = 10;

#[derive(Debug)]
struct Alarm {
    port: Arc<Port>,
    /// A hint is on its way, another one is not needed: they cannot pile up.
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
        if !self.alarm.pending.swap(true, Ordering::AcqRel) && self.alarm.port.hint().is_err() {
            // Out of memory for one more hint; the next call tries again.
            self.alarm.pending.store(false, Ordering::Release);
        }
    }
}

#[derive(Debug)]
struct Entry {
    token: u64,
    pipe: Arc<Pipe>,
    want_write: bool,
}

impl Entry {
    /// The connection was dropped: the poller alone still holds the pipe.
    fn is_orphan(&self) -> bool {
        Arc::strong_count(&self.pipe) == 1
    }
}

/// Waits for a listener, for connections and for its wakers. Belongs to one thread at a time.
#[derive(Debug)]
pub struct Poller {
    alarm: Arc<Alarm>,
    listener: Option<Arc<Queue>>,
    /// Whether to tell of the listener.
    hears: bool,
    entries: Vec<Entry>,
}

impl Poller {
    /// A poller that waits for nothing but its wakers.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> Result<Self, TransportError> {
        let port = Port::new()
            .map_err(|error| TransportError::system("make a completion port", "this process", error))?;
        let alarm = Arc::new(Alarm { port: Arc::new(port), pending: AtomicBool::new(false) });
        Ok(Self { alarm, listener: None, hears: true, entries: Vec::new() })
    }

    /// Waits for this listener too, instead of any earlier one, until it is dropped.
    ///
    /// # Errors
    /// The listener belongs to another poller, or what the system says.
    pub fn listen(&mut self, listener: &Listener) -> Result<(), TransportError> {
        listener.queue().attach(&self.alarm.port)?;
        self.listener = Some(Arc::clone(listener.queue()));
        Ok(())
    }

    /// Whether to tell of the listener: what comes meanwhile waits there, as much of it as the system lets wait.
    pub fn hear(&mut self, hears: bool) {
        self.hears = hears;
    }

    /// Waits for this connection too, under a number of the caller's choice, until it is deregistered or dropped.
    ///
    /// # Errors
    /// The token is taken, there are [`MAX_CONNECTIONS`] already, or the connection, or the listener that accepted
    /// it, belongs to another poller.
    pub fn register(&mut self, connection: &Connection, token: u64) -> Result<(), TransportError> {
        self.forget_dropped();
        if self.entries.iter().any(|entry| entry.token == token) {
            return Err(TransportError::TokenInUse(token));
        }
        if self.entries.len() >= MAX_CONNECTIONS {
            return Err(TransportError::TooManyConnections(MAX_CONNECTIONS));
        }
        connection.pipe().attach(&self.alarm.port)?;
        self.entries.push(Entry { token, pipe: Arc::clone(connection.pipe()), want_write: false });
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
        let told = self.look(events);
        let wait_ms = match (events.is_empty(), told) {
            (false, _) => 0,
            (true, true) => wait_ms,
            (true, false) => wait_ms.min(UNTOLD_MS),
        };
        self.alarm
            .port
            .wait(wait_ms)
            .map_err(|error| TransportError::system("wait for connections", "this process", error))?;
        if events.is_empty() {
            self.look(events);
        }
        Ok(())
    }

    /// Looks at everything. Afterwards each connection that has nothing to read has a read under way, so that the
    /// port tells of what comes. Will it tell of all that is waited for?
    fn look(&self, events: &mut Vec<Event>) -> bool {
        let mut told = true;
        // Taken before the caller looks around: a wake that comes later gives a new hint.
        if self.alarm.pending.swap(false, Ordering::AcqRel) {
            events.push(Event::Woken);
        }
        for entry in self.entries.iter().filter(|entry| !entry.is_orphan()) {
            let (readable, room, room_told) = entry.pipe.look();
            let writable = entry.want_write && room;
            told &= room_told || !entry.want_write;
            if readable || writable {
                events.push(Event::Ready { token: entry.token, readable, writable });
            }
        }
        if self.hears && self.listener.as_ref().is_some_and(|queue| queue.has_client()) {
            events.push(Event::Incoming);
        }
        told
    }

    fn forget_dropped(&mut self) {
        self.entries.retain(|entry| !entry.is_orphan());
        self.listener.take_if(|queue| Arc::strong_count(queue) == 1);
    }
}
