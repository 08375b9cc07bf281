//! The master's one thread of its own: accepts connections, reads what slaves say, looks at deadlines, hands
//! over what goes on record.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::MutexGuard;

use super::alerts::Reason;
use super::master::{Inner, Shared};
use super::peers::{Dead, PROOF_WITHIN_MS, Peer, UNPROVED_MOST};
use super::{nonce, panic_text};
use crate::domain::Micros;
use crate::protocol::{HubSession, NOBODY};
use crate::transport::{Connection, Event, Listener, Poller, Read, TransportError};

/// It looks at deadlines this often;
const TICK_MS: u32 = 25;
/// and takes no more than this part of the time for it, however much there is to look at.
const TICK_PART: u64 = 4;
/// Reads from one slave before the next one has its turn.
const READ_TURNS: usize = 16;
/// Connections that are taken in within a tick; the rest waits outside until the next one. Whoever comes in crowds makes
/// little work so, and each has [`UNPROVED_MOST`] / `ACCEPTS_MOST` ticks at least to prove itself.
const ACCEPTS_MOST: usize = 32;

/// What the service thread owns.
pub(super) struct Service {
    shared: Arc<Shared>,
    listener: Listener,
    poller: Poller,
    /// Connections that may still be taken in before the next tick.
    accepts_left: usize,
}

impl Service {
    pub fn new(shared: Arc<Shared>, listener: Listener, poller: Poller) -> Self {
        Self { shared, listener, poller, accepts_left: ACCEPTS_MOST }
    }

    /// A defect ends the thread, not the terminal; the next commit says so.
    pub fn run_guarded(self) {
        let shared = Arc::clone(&self.shared);
        if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.run())) {
            shared.inner.lock().defect = Some(panic_text(panic.as_ref()));
            shared.changed.notify_all();
        }
    }

    fn run(mut self) {
        let (mut events, mut tick_at) = (Vec::new(), Micros::default());
        while !self.shared.stop.load(Ordering::Acquire) {
            let left_ms =
                u32::try_from(tick_at.since(self.shared.clock.now()).div_ceil(1_000)).unwrap_or(TICK_MS);
            if let Err(error) = self.poller.wait(left_ms.min(TICK_MS), &mut events) {
                self.shared.inner.lock().alerts.note(error.to_string());
                std::thread::sleep(Duration::from_millis(u64::from(TICK_MS)));
            }
            let shared = Arc::clone(&self.shared);
            let mut inner = shared.inner.lock();
            for event in &events {
                match *event {
                    Event::Woken => {}
                    Event::Incoming => self.accept(&mut inner),
                    Event::Ready { token, readable, writable } => {
                        self.ready(&mut inner, token, readable, writable);
                    }
                }
            }
            // What was heard has been answered; the deadlines of all copies are looked at in their own time.
            let now = shared.clock.now();
            if now >= tick_at {
                inner.hub.tick(now);
                let took_ms = self.shared.clock.now().since(now) / 1_000;
                tick_at = now.plus_ms((took_ms * TICK_PART).max(TICK_MS.into()));
                self.accepts_left = ACCEPTS_MOST;
                self.poller.hear(true);
            }
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
        inner.hand_over(&self.shared.recorder);
    }

    /// Takes in who waits, as many as this tick has left, or the system has connections for.
    fn accept(&mut self, inner: &mut MutexGuard<'_, Inner>) {
        while self.accepts_left > 0 {
            self.accepts_left -= 1;
            MutexGuard::bump(inner);
            let now = self.shared.clock.now();
            match self.listener.accept() {
                Ok(Some(connection)) => self.take_in(inner, connection, now),
                Ok(None) => return,
                Err(error @ TransportError::ForeignPeer { .. }) => {
                    inner.alerts.refuse(now, Reason::User, error.to_string());
                }
                Err(error) => {
                    inner.alerts.note(error.to_string());
                    let Some(oldest) = inner.peers.oldest_unproved() else { break };
                    self.crowd_out(inner, oldest, now);
                }
            }
        }
        self.poller.hear(false);
    }

    fn take_in(&mut self, inner: &mut Inner, connection: Connection, now: Micros) {
        if let Some(oldest) = inner.peers.in_the_way() {
            self.crowd_out(inner, oldest, now);
        }
        let Ok(nonce) = nonce() else { return };
        let session = HubSession::new(inner.secret.clone(), nonce);
        let token = inner.peers.add(Peer::new(connection, session, now));
        let registered = inner.peers.get_mut(token).map(|peer| self.poller.register(&peer.connection, token));
        if let Some(Err(error)) = registered {
            inner.alerts.note(error.to_string());
            inner.peers.remove(token);
        }
    }

    fn crowd_out(&mut self, inner: &mut Inner, token: u64, now: Micros) {
        let text =
            format!("{UNPROVED_MOST} at once had not proved that they know the secret, it was the oldest");
        inner.alerts.refuse(now, Reason::Crowded, text);
        self.close(inner, token, now);
    }

    fn ready(&mut self, inner: &mut MutexGuard<'_, Inner>, token: u64, readable: bool, writable: bool) {
        if writable && let Some(peer) = inner.peers.get_mut(token) {
            peer.flush();
        }
        if !readable {
            return;
        }
        for _ in 0..READ_TURNS {
            // However many ask for something, the master's own thread waits for one reading at most.
            MutexGuard::bump(inner);
            let Some(Peer { connection, session, .. }) = inner.peers.get_mut(token) else { return };
            let read = connection.try_read(session.reader().space());
            // After it: what was read was sent before.
            let now = self.shared.clock.now();
            match read {
                Ok(Read::Bytes(bytes)) => session.reader().filled(bytes),
                Ok(Read::WouldBlock) => return,
                Ok(Read::Closed) | Err(_) => {
                    if let Some(login) = session.claimed().filter(|login| *login != NOBODY) {
                        let text = format!(
                            "account {login} (as it says) left without proof: has its terminal the same secret?"
                        );
                        inner.alerts.refuse(now, Reason::Left, text);
                    }
                    return self.close(inner, token, now);
                }
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
        for (token, why) in inner.peers.dead(now) {
            if why == Dead::Late {
                let text = format!("it did not prove within {PROOF_WITHIN_MS} ms that it knows the secret");
                inner.alerts.refuse(now, Reason::Late, text);
            }
            self.close(inner, token, now);
        }
        for (token, waits) in inner.peers.backlogs() {
            // Just gone: nothing waits for it any more.
            let _ = self.poller.want_write(token, waits);
        }
    }
}
