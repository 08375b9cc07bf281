//! The master's node: the hub, its sockets, its record, and the one service thread.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::alerts::{Alerts, Reason};
use super::clock::Clock;
use super::peers::{Peers, SESSIONS_MOST};
use super::recorder::{LedgerNews, Recorder, RecorderThread};
use super::service::Service;
use super::{NodeError, master_name, state_dir};
use crate::allocation::Reaction;
use crate::config::Setup;
use crate::domain::{Login, Micros, Snapshot};
use crate::ledger::{Ledger, LedgerError, Opened};
use crate::protocol::{HubEvent, Refusal, Secret, SessionError, ToHub, ToSlave};
use crate::replication::{Hub, HubError, HubOutput, HubSummary};
use crate::transport::{Endpoint, Listener, Poller, Waker, keep_loaded};

/// How a master stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MasterStatus {
    /// The hub's numbers.
    pub summary: HubSummary,
    /// Records that could not be written and were dropped.
    pub records_lost: u64,
    /// Connections that were refused: wrong user, secret, version, account, or no proof in time.
    pub refused: u64,
    /// What the manager should know: refused connections, a line for each reason; then the rest, the latest last.
    pub alerts: Vec<String>,
}

pub(super) struct Inner {
    pub hub: Hub,
    pub peers: Peers,
    pub secret: Secret,
    pub records_lost: u64,
    pub alerts: Alerts,
    /// The alert of a ledger that cannot be written, while that lasts.
    pub ledger_trouble: Option<String>,
    /// Where some pool carries credits: its decisions are on record before they reach a slave.
    pub record_ahead: Option<Recorder>,
    /// Credits were handed over that nobody has waited for yet.
    pub credits_handed_over: bool,
    /// What ended the service thread, when a defect did.
    pub defect: Option<String>,
    /// What became of the last copies, a line each.
    pub news: VecDeque<String>,
}

pub(super) struct Shared {
    pub inner: Mutex<Inner>,
    pub recorder: Recorder,
    pub changed: Condvar,
    pub clock: Clock,
    pub stop: AtomicBool,
}

/// A master's node.
pub struct MasterNode {
    shared: Arc<Shared>,
    waker: Waker,
    service: Option<JoinHandle<()>>,
    /// Dropped after the service thread has ended.
    _recorder: RecorderThread,
}

impl MasterNode {
    /// Opens the endpoint and the ledger, reads the ledger back, and starts the two threads. A ledger that cannot be
    /// opened stops nothing: the accounts are read, the records wait in memory, an alert says so.
    ///
    /// # Errors
    /// Another master listens already, or the folders are none or not private.
    pub fn open(setup: Arc<Setup>) -> Result<Self, NodeError> {
        let clock = Clock::start();
        let name = master_name(setup.master.login);
        let listener = Listener::bind(&Endpoint::new(setup.master.endpoint_dir.as_deref(), &name)?)?;
        let state_dir = state_dir(setup.master.state_dir.as_deref());
        let (opened, records) = match Ledger::open(&state_dir, &name) {
            Ok(Opened { ledger, records, notices }) => (Ok((ledger, notices)), records),
            Err(error @ LedgerError::Folder { .. }) => return Err(error.into()),
            Err(error) => (Err(error), Vec::new()),
        };
        // An expert advisor that is ended the hard way never closes, and its terminal unloads the DLL under the threads.
        keep_loaded()?;
        let (recorder, thread) = Recorder::start(clock, state_dir, name, &setup.text, opened)?;
        let mut poller = Poller::new()?;
        poller.listen(&listener)?;
        let waker = poller.waker();
        let secret = Secret::new(setup.secret.expose());
        let carries = setup.pools.iter().any(|pool| pool.method.carries());
        let hub = Hub::restore(setup, clock.now(), records);
        let inner = Inner {
            hub,
            peers: Peers::default(),
            secret,
            records_lost: 0,
            alerts: Alerts::default(),
            ledger_trouble: None,
            record_ahead: carries.then(|| recorder.clone()),
            credits_handed_over: false,
            defect: None,
            news: VecDeque::new(),
        };
        let shared = Arc::new(Shared {
            inner: Mutex::new(inner),
            recorder,
            changed: Condvar::new(),
            clock,
            stop: AtomicBool::new(false),
        });
        let service = Service::new(Arc::clone(&shared), listener, poller);
        let service = std::thread::Builder::new()
            .name("lotbridge-master".into())
            .spawn(move || service.run_guarded())
            .map_err(NodeError::Thread)?;
        Ok(Self { shared, waker, service: Some(service), _recorder: thread })
    }

    /// Takes the master's whole state and sends every slave what follows from it, on the caller's own thread and
    /// without waiting for anybody. What follows from it goes on record with the service thread's next turn, within
    /// 25 ms: handed over here, it would keep this processor from the slaves that were just woken. Only credits must
    /// not be lost with a crash in between, for they stand in no account: where a pool carries them, the decisions are
    /// on the disk first, if the disk has them within 50 ms.
    ///
    /// # Errors
    /// The state was not taken; see [`crate::replication::HubError`].
    pub fn commit(&self, snapshot: Snapshot) -> Result<(), NodeError> {
        let now = self.shared.clock.now();
        let mut inner = self.shared.inner.lock();
        inner.check()?;
        inner.hub.on_master(now, snapshot)?;
        let sent = inner.send_outputs();
        drop(inner);
        self.shared.changed.notify_all();
        if sent {
            // A slave that was woken may have been put on this very processor, to go on when this thread sleeps; but a
            // terminal has more to do.
            std::thread::yield_now();
        }
        Ok(())
    }

    /// Waits until every copy is where it shall be and that is on the disk, at most `wait_ms` milliseconds; then how things
    /// stand: not settled, as long as the ledger is still being written. One that cannot be written is not waited for.
    ///
    /// # Errors
    /// The service thread is dead: nothing will settle any more.
    pub fn wait_settled(&self, wait_ms: u32) -> Result<MasterStatus, NodeError> {
        let until = Instant::now() + Duration::from_millis(u64::from(wait_ms));
        let mut inner = self.shared.inner.lock();
        let mut status = loop {
            inner.check()?;
            let summary = inner.hub.summary();
            if summary.unsettled == 0 || Instant::now() >= until {
                break inner.status(summary);
            }
            self.shared.changed.wait_until(&mut inner, until);
        };
        if status.summary.unsettled > 0 {
            return Ok(status);
        }
        if wait_ms > 0 {
            let ticket = inner.hand_over(&self.shared.recorder);
            drop(inner);
            let left = until.saturating_duration_since(Instant::now());
            let written = self.shared.recorder.wait_written(ticket, left);
            if !written && self.shared.recorder.can_write() {
                status.summary.unsettled = 1;
            }
        }
        Ok(status)
    }

    /// The manager pauses every account, has all copies closed, or, with `None`, lets it go on: what guards forbid stays
    /// forbidden. Outlives a restart.
    ///
    /// # Errors
    /// The service thread is dead.
    pub fn by_hand(&self, reaction: Option<Reaction>) -> Result<(), NodeError> {
        let now = self.shared.clock.now();
        let mut inner = self.shared.inner.lock();
        inner.check()?;
        inner.hub.by_hand(now, reaction);
        inner.send_outputs();
        Ok(())
    }

    /// How pools and slaves stand, a line each.
    ///
    /// # Errors
    /// The service thread is dead.
    pub fn standing(&self) -> Result<Vec<String>, NodeError> {
        let inner = self.shared.inner.lock();
        inner.check()?;
        Ok(inner.hub.standing())
    }

    /// What became of the last copies, a line each, the latest last.
    ///
    /// # Errors
    /// The service thread is dead.
    pub fn news(&self) -> Result<Vec<String>, NodeError> {
        let inner = self.shared.inner.lock();
        inner.check()?;
        Ok(inner.news.iter().cloned().collect())
    }
}

impl Drop for MasterNode {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.waker.wake();
        if let Some(service) = self.service.take() {
            // It ends within a tick. A panic of its own has been recorded where it happened.
            let _ = service.join();
        }
    }
}

impl Inner {
    pub fn check(&self) -> Result<(), NodeError> {
        self.defect.as_ref().map_or(Ok(()), |defect| Err(NodeError::ServiceDied(defect.clone())))
    }

    /// A trouble is an alert as long as it lasts.
    pub fn note_ledger(&mut self, news: LedgerNews) {
        self.records_lost = news.lost;
        if self.ledger_trouble != news.trouble {
            let over = std::mem::replace(&mut self.ledger_trouble, news.trouble);
            if let Some(over) = over {
                self.alerts.forget(&over);
            }
            if let Some(trouble) = self.ledger_trouble.clone() {
                self.alerts.note(trouble);
            }
        }
        for notice in news.notices {
            self.alerts.note(notice);
        }
    }

    /// Sends what the hub wants done; was there anything?
    pub fn send_outputs(&mut self) -> bool {
        self.record_credits();
        let mut sent = false;
        while let Some(alert) = self.hub.poll_alert() {
            self.alerts.note(alert.to_string());
        }
        while let Some(output) = self.hub.poll_output() {
            let (login, message) = match output {
                HubOutput::Instruct(login, instruction) => (login, ToSlave::Instruction(instruction)),
                HubOutput::AskSnapshot(login, symbol) => (login, ToSlave::AskState { symbol }),
            };
            // A slave without a session keeps the instruction in flight until its end of session is noticed,
            // which puts it in doubt and then to rights.
            if let Some(peer) = self.peers.of_login(login) {
                peer.send(&message);
                sent = true;
            }
        }
        sent
    }

    pub fn status(&self, summary: HubSummary) -> MasterStatus {
        MasterStatus {
            summary,
            records_lost: self.records_lost,
            refused: self.alerts.refused(),
            alerts: self.alerts.lines(),
        }
    }

    /// Handles what one session brings; `false` when the connection is to be closed.
    pub fn serve(&mut self, token: u64, now: Micros) -> bool {
        loop {
            let Some(peer) = self.peers.get_mut(token) else { return false };
            let event = match peer.session.next_event(|login| self.hub.knows(login)) {
                Ok(Some(event)) => event,
                Ok(None) => return true,
                Err(error) => {
                    let turn = error == SessionError::OutOfTurn;
                    let reason = if turn { Reason::Turn } else { Reason::Frame };
                    self.alerts.refuse(now, reason, error.to_string());
                    return false;
                }
            };
            match event {
                HubEvent::Reply(message) => peer.send(&message),
                HubEvent::Refuse(login, refusal) => return self.refuse(token, login, refusal, now),
                HubEvent::Opened(login) => {
                    if self.peers.is_full_for(login) {
                        return self.refuse(token, login, Refusal::Full, now);
                    }
                    self.open_session(login, token, now);
                }
                HubEvent::Message(message) => self.take(token, message, now),
            }
        }
    }

    pub fn open_session(&mut self, login: Login, token: u64, now: Micros) {
        if self.peers.of_login(login).is_some() {
            self.hub.on_disconnected(now, login);
        }
        if self.peers.opened(login, token, now) {
            self.alerts.note(format!(
                "two terminals serve account {login} and take the session from each other: take the program off its chart in \
                 one of them"
            ));
        }
        if let Some(peer) = self.peers.get_mut(token) {
            peer.send(&ToSlave::Welcome);
        }
        if let Err(error) = self.hub.on_connected(now, login) {
            self.alerts.note(error.to_string());
        }
    }

    pub fn take(&mut self, token: u64, message: ToHub, now: Micros) {
        let Some(login) = self.peers.get_mut(token).and_then(|peer| peer.session.login()) else { return };
        match message {
            ToHub::State(state) => {
                let number = state.number;
                match self.hub.on_slave(now, login, *state) {
                    Ok(()) => {
                        // First what follows from it, then that it was seen: who waits for the one has the other.
                        self.send_outputs();
                        if let Some(peer) = self.peers.get_mut(token) {
                            peer.send(&ToSlave::Seen { state: number });
                        }
                    }
                    // Its line of the panel says so as long as it lasts.
                    Err(HubError::NotConnected) => {}
                    Err(error) => self.alerts.note(format!("slave {login}: {error}")),
                }
            }
            ToHub::Report(report) => self.hub.on_report(now, login, &report),
            ToHub::Hello { .. } | ToHub::Proof { .. } => {}
        }
    }

    /// Says why, as far as the socket takes it; `false`: the connection is to be closed.
    fn refuse(&mut self, token: u64, login: Login, refusal: Refusal, now: Micros) -> bool {
        if let Some(peer) = self.peers.get_mut(token) {
            peer.send(&ToSlave::Refused(refusal));
        }
        let (reason, why) = match refusal {
            Refusal::Version { hub } => (
                Reason::Version,
                format!(
                    "speaks another version of the protocol than {hub}: install the same release on both"
                ),
            ),
            Refusal::Secret => {
                (Reason::Secret, "has another secret: use the same configuration file on both".into())
            }
            Refusal::UnknownLogin => (Reason::Login, "is in no pool: add it to one, and start anew".into()),
            Refusal::Full => (Reason::Full, format!("comes after {SESSIONS_MOST} others, which is the most")),
        };
        self.alerts.refuse(now, reason, format!("account {login} (as it says) {why}"));
        false
    }
}
