//! The master's one thread of its own: accepts connections, reads what slaves say, looks at deadlines, hands
//! over what goes on record.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::master::{Inner, Shared};
use super::peers::{CONNECTIONS_MOST, Peer};
use super::{nonce, panic_text};
use crate::domain::Micros;
use crate::protocol::HubSession;
use crate::replication::Record;
use crate::transport::{Event, Listener, Poller, Read, TransportError};

/// It looks at deadlines this often.
const TICK_MS: u32 = 25;
/// Reads from one slave before the next one has its turn.
const READ_TURNS: usize = 16;

/// What the service thread owns.
pub(super) struct Service {
    pub shared: Arc<Shared>,
    pub listener: Listener,
    pub poller: Poller,
}

impl Service {
    /// A defect ends the thread, not the terminal; the next commit says so.
    pub fn run_guarded(self) {
        let shared = Arc::clone(&self.shared);
        if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.run())) {
            shared.inner.lock().defect = Some(panic_text(panic.as_ref()));
            shared.changed.notify_all();
        }
    }

    fn run(mut self) {
        let mut events = Vec::new();
        while !self.shared.stop.load(Ordering::Acquire) {
            if let Err(error) = self.poller.wait(TICK_MS, &mut events) {
                self.shared.inner.lock().alert(error.to_string());
                std::thread::sleep(Duration::from_millis(u64::from(TICK_MS)));
            }
            let shared = Arc::clone(&self.shared);
            let mut inner = shared.inner.lock();
            let now = shared.clock.now();
            for event in &events {
                match *event {
                    Event::Woken => {}
                    Event::Incoming => self.accept(&mut inner, now),
                    Event::Ready { token, readable, writable } => {
                        self.ready(&mut inner, token, readable, writable, now);
                    }
                }
            }
            inner.hub.tick(now);
            inner.send_outputs();
            self.tidy(&mut inner, now);
            drop(inner);
            self.write_records();
            shared.changed.notify_all();
        }
        // A commit may have come after the last turn.
        self.write_records();
    }

    /// Hands over what has happened to the ledger's thread, and tells the manager how the ledger stands.
    fn write_records(&self) {
        let mut inner = self.shared.inner.lock();
        inner.note_ledger(self.shared.recorder.news());
        let records: Vec<Record> = std::iter::from_fn(|| inner.poll_record()).collect();
        drop(inner);
        if !records.is_empty() {
            self.shared.recorder.hand_over(records);
        }
    }

    fn accept(&mut self, inner: &mut Inner, now: Micros) {
        loop {
            let connection = match self.listener.accept() {
                Ok(Some(connection)) => connection,
                Ok(None) => return,
                Err(error @ TransportError::ForeignPeer { .. }) => {
                    inner.refuse(error.to_string());
                    continue;
                }
                Err(error) => return inner.alert(error.to_string()),
            };
            if inner.peers.len() >= CONNECTIONS_MOST {
                inner.refuse("a connection was refused: too many at once".into());
                continue;
            }
            let Ok(nonce) = nonce() else { continue };
            let session = HubSession::new(inner.secret.clone(), nonce);
            let token = inner.peers.add(Peer::new(connection, session, now));
            let registered =
                inner.peers.get_mut(token).map(|peer| self.poller.register(&peer.connection, token));
            if let Some(Err(error)) = registered {
                inner.alert(error.to_string());
                inner.peers.remove(token);
            }
        }
    }

    fn ready(&mut self, inner: &mut Inner, token: u64, readable: bool, writable: bool, now: Micros) {
        if writable && let Some(peer) = inner.peers.get_mut(token) {
            peer.flush();
        }
        if !readable {
            return;
        }
        for _ in 0..READ_TURNS {
            let Some(Peer { connection, session, .. }) = inner.peers.get_mut(token) else { return };
            let read = connection.try_read(session.reader().space());
            match read {
                Ok(Read::Bytes(bytes)) => session.reader().filled(bytes),
                Ok(Read::WouldBlock) => return,
                Ok(Read::Closed) | Err(_) => return self.close(inner, token, now),
            }
            if !inner.serve(token, now) {
                return self.close(inner, token, now);
            }
        }
    }

    fn close(&mut self, inner: &mut Inner, token: u64, now: Micros) {
        self.poller.deregister(token);
        if let Some(login) = inner.peers.remove(token) {
            inner.hub.on_disconnected(now, login);
        }
    }

    /// Closes what is dead, and asks for word when a slow slave can take more.
    fn tidy(&mut self, inner: &mut Inner, now: Micros) {
        for token in inner.peers.dead(now) {
            self.close(inner, token, now);
        }
        for (token, waits) in inner.peers.backlogs() {
            // Just registered or just gone: the next round sees to it.
            let _ = self.poller.want_write(token, waits);
        }
    }
}
