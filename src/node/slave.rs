//! A slave's node: no thread; the terminal's calls connect, read and write, each within its bound.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::clock::Clock;
use super::guard_file::GuardFile;
use super::pause::Pause;
use super::{NodeError, master_name, nonce, state_dir};
use crate::allocation::Reaction;
use crate::config::Setup;
use crate::domain::{Login, Micros, OrderResult, ServerTime, Signature, Snapshot, Symbol};
use crate::protocol::{Secret, SlaveEvent, SlaveSession, ToHub, ToSlave};
use crate::replication::{Agent, AgentSettings, HubError, InstructionId, Order, SlaveState};
use crate::transport::{Connection, Endpoint, Read};

/// A state younger than this is sent again rather than asked for anew.
const FRESH_MS: u64 = 250;
/// Bytes that wait to be written; beyond that the session is given up and begun anew.
const BACKLOG_MOST: usize = 8 << 20;
/// So many alerts are kept for the panel; the oldest go first.
const ALERTS_MOST: usize = 64;

/// How a slave stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SlaveStatus {
    /// Is its session with the master open?
    pub connected: bool,
    /// The number of the last state handed over, from 1.
    pub state: u64,
    /// The number of the last state that the master has confirmed.
    pub state_seen: u64,
    /// Why there is no session; empty while there is one, or before the first try.
    pub trouble: String,
    /// What the account's guards do, if one of them has tripped on this terminal.
    pub guard: Option<Reaction>,
    /// What the account's owner should know, the latest last.
    pub alerts: Vec<String>,
}

/// What a wait brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// An order for the terminal.
    Order(Order),
    /// The master needs the terminal's present state: hand it over. With this symbol, which the last one lacked, if the
    /// broker offers it.
    StateWanted(Option<Symbol>),
    /// Nothing came in time.
    Nothing,
}

struct Link {
    connection: Connection,
    session: SlaveSession,
    backlog: Vec<u8>,
}

struct Inner {
    agent: Agent,
    endpoint: Endpoint,
    secret: Secret,
    login: Login,
    link: Option<Link>,
    /// The last state that was handed over, and when.
    last_state: Option<(Box<SlaveState>, Micros)>,
    state_wanted: bool,
    /// When the terminal was last asked for a state that the agent itself waits for.
    newer_at: Micros,
    pause: Pause,
    status: SlaveStatus,
    guard_file: GuardFile,
}

/// A slave's node.
pub struct SlaveNode {
    inner: Mutex<Inner>,
    clock: Clock,
    /// A line for each that it is a member of.
    pools: Vec<String>,
}

impl SlaveNode {
    /// A slave that connects with its first wait.
    ///
    /// # Errors
    /// The account is the master's, or no member of any pool, or the endpoint's folder is not private.
    pub fn open(setup: &Arc<Setup>, login: Login) -> Result<Self, NodeError> {
        let own = setup.pools.iter().filter(|pool| pool.members.iter().any(|member| member.login == login));
        let pools: Vec<_> = own.map(|pool| format!("Pool {}, {}", pool.name, pool.method.name())).collect();
        let master = &setup.master;
        if login == master.login {
            return Err(NodeError::IsTheMaster(login));
        }
        if pools.is_empty() {
            return Err(NodeError::NotAMember(login));
        }
        let endpoint = Endpoint::new(master.endpoint_dir.as_deref(), &master_name(master.login))?;
        let mut agent = Agent::new(AgentSettings {
            login,
            signature: Signature::of_master(master.login),
            rules: setup.account(login).rules.clone(),
            doubt_ms: master.doubt_ms,
        });
        let clock = Clock::start();
        let guard_file = GuardFile::new(&state_dir(master.state_dir.as_deref()), master.login, login);
        let restored = guard_file.restore(&mut agent, clock.now());
        let status = SlaveStatus { alerts: restored.err().into_iter().collect(), ..SlaveStatus::default() };
        let inner = Inner {
            agent,
            endpoint,
            secret: Secret::new(setup.secret.expose()),
            login,
            link: None,
            last_state: None,
            state_wanted: false,
            newer_at: Micros::default(),
            pause: Pause::new(),
            status,
            guard_file,
        };
        Ok(Self { inner: Mutex::new(inner), clock, pools })
    }

    /// Takes the terminal's whole state; the number it was given. Never waits.
    ///
    /// # Errors
    /// Another account's state, which is not taken, or that of a terminal without connection, which proves nothing.
    /// With either no order is handed out until the terminal is back where it was.
    pub fn commit(&self, snapshot: Snapshot) -> Result<u64, NodeError> {
        let (mut inner, now) = (self.inner.lock(), self.clock.now());
        let (found, connected) = (snapshot.account.login, snapshot.account.connected);
        if found != inner.login {
            inner.agent.hold();
            return Err(HubError::WrongLogin { expected: inner.login, found }.into());
        }
        let state = inner.agent.on_snapshot(now, snapshot);
        let number = state.number;
        inner.status.state = number;
        inner.state_wanted = inner.agent.wants_symbols();
        inner.last_state = Some((Box::new(state), now));
        inner.send_state(now);
        inner.keep_guard(now);
        if connected { Ok(number) } else { Err(HubError::NotConnected.into()) }
    }

    /// The next order for the terminal, waiting for one at most `wait_ms` milliseconds. Connects, and connects
    /// again, as needed.
    ///
    /// # Errors
    /// No random bytes for the handshake. A master that is not there is no error: see [`Self::status`].
    pub fn wait(&self, wait_ms: u32) -> Result<Waited, NodeError> {
        let until = Instant::now() + Duration::from_millis(u64::from(wait_ms));
        let mut inner = self.inner.lock();
        loop {
            let now = self.clock.now();
            let order = inner.agent.next_order(now);
            inner.send_reports(now);
            if let Some(order) = order {
                return Ok(Waited::Order(order));
            }
            if inner.state_wanted || inner.wants_newer(now) {
                let symbol = inner.agent.next_wanted();
                inner.state_wanted = inner.agent.wants_symbols();
                return Ok(Waited::StateWanted(symbol));
            }
            inner.connect(now)?;
            let left = until.saturating_duration_since(Instant::now());
            let left_ms = u32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u32::MAX).min(wait_ms);
            let came = inner.read(left_ms, &self.clock);
            if Instant::now() >= until {
                // What came at the last moment is handed on; more of it waits for the next call.
                let order = if came { inner.agent.next_order(self.clock.now()) } else { None };
                return Ok(order.map_or(Waited::Nothing, Waited::Order));
            }
        }
    }

    /// Takes the terminal's answer to an order.
    ///
    /// # Errors
    /// The order is not open.
    pub fn report(&self, instruction: InstructionId, result: OrderResult) -> Result<(), NodeError> {
        let mut inner = self.inner.lock();
        let now = self.clock.now();
        if !inner.agent.on_result(now, instruction, result) {
            return Err(NodeError::UnknownInstruction(instruction.0));
        }
        inner.send_reports(now);
        Ok(())
    }

    /// Arms the account's guards anew: losses are measured from the next state on, and the master follows.
    pub fn rearm(&self) {
        let mut inner = self.inner.lock();
        let now = self.clock.now();
        inner.agent.rearm(now);
        inner.keep_guard(now);
        inner.state_wanted = true;
    }

    /// From when on the terminal is to hand over its deals; `None` before the first state of a connected terminal, which
    /// means all that there are.
    pub fn deals_from(&self) -> Option<ServerTime> {
        self.inner.lock().agent.deals_from()
    }

    /// The account's owner pauses it, has everything closed, or, with `None`, lets it go on: what its guards forbid stays
    /// forbidden.
    pub fn by_hand(&self, reaction: Option<Reaction>) {
        let mut inner = self.inner.lock();
        let now = self.clock.now();
        inner.agent.by_hand(now, reaction);
        inner.keep_guard(now);
        inner.state_wanted = true;
    }

    /// Its pools, a line each.
    pub fn pools(&self) -> Vec<String> {
        self.pools.clone()
    }

    /// How far the account is from each of its guards, a line each.
    pub fn guard_room(&self) -> Vec<String> {
        self.inner.lock().agent.guard_room()
    }

    /// How the slave stands.
    pub fn status(&self) -> SlaveStatus {
        let inner = self.inner.lock();
        let guard = inner.agent.guard_report().tripped.map(|tripped| tripped.reaction);
        SlaveStatus { guard, ..inner.status.clone() }
    }

    /// Microseconds since the master's change was handed over.
    pub fn age_of(&self, order: &Order) -> u64 {
        self.clock.now().since(order.committed_at)
    }
}

impl Inner {
    /// Does the agent wait for a newer state than the last, which is no fresh one? Asked for once in the time that one is.
    fn wants_newer(&mut self, now: Micros) -> bool {
        let taken = self.last_state.as_ref().map_or(now, |(_, taken)| *taken);
        let due = now >= taken.max(self.newer_at).plus_ms(FRESH_MS) && self.agent.waits_for_state();
        self.newer_at = if due { now } else { self.newer_at };
        due
    }

    /// Connects when there is no connection and it is time.
    fn connect(&mut self, now: Micros) -> Result<(), NodeError> {
        if self.link.is_some() || self.pause.left_ms(now) > 0 {
            return Ok(());
        }
        let connection = match Connection::connect(&self.endpoint) {
            Ok(connection) => connection,
            Err(error) => {
                self.lost(error.to_string(), now);
                return Ok(());
            }
        };
        let session = SlaveSession::new(self.secret.clone(), self.login, nonce()?);
        let hello = session.hello();
        self.link = Some(Link { connection, session, backlog: Vec::new() });
        self.send(&hello, now);
        Ok(())
    }

    /// Puts down what the guards must not forget, and tells of those that have tripped and what else there is to tell.
    fn keep_guard(&mut self, now: Micros) {
        let trips: Vec<String> =
            std::iter::from_fn(|| self.agent.poll_trip()).map(|t| t.to_string()).collect();
        let notices: Vec<String> = std::iter::from_fn(|| self.agent.poll_notice()).collect();
        let saved = self.guard_file.save(&mut self.agent, now);
        let alerts = &mut self.status.alerts;
        alerts.extend(trips.into_iter().chain(notices).chain(saved.err()));
        alerts.drain(..alerts.len().saturating_sub(ALERTS_MOST));
    }

    /// Reads for at most `wait_ms`, or sleeps as long when there is nothing to read from; `true` when something
    /// came. What came is of the moment after the wait: a state that is sent then is older by all of it.
    fn read(&mut self, wait_ms: u32, clock: &Clock) -> bool {
        let Some(link) = &mut self.link else {
            let pause_ms = self.pause.left_ms(clock.now()).min(u64::from(wait_ms));
            std::thread::sleep(Duration::from_millis(pause_ms));
            return false;
        };
        link.flush();
        // With something left to write, look in again soon.
        let wait_ms = if link.backlog.is_empty() { wait_ms } else { wait_ms.min(1) };
        let read = link.connection.read_within(link.session.reader().space(), wait_ms);
        let now = clock.now();
        match read {
            Ok(Read::Bytes(bytes)) => link.session.reader().filled(bytes),
            Ok(Read::WouldBlock) => return false,
            Ok(Read::Closed) => {
                self.lost("the master closed the connection".into(), now);
                return false;
            }
            Err(error) => {
                self.lost(error.to_string(), now);
                return false;
            }
        }
        self.serve(now);
        true
    }

    /// Handles what the session brings.
    fn serve(&mut self, now: Micros) {
        while let Some(link) = &mut self.link {
            match link.session.next_event() {
                Ok(None) => return,
                Ok(Some(SlaveEvent::Reply(message))) => self.send(&message, now),
                Ok(Some(SlaveEvent::Opened)) => {
                    self.status.connected = true;
                    self.status.trouble.clear();
                    self.pause.opened(now);
                    self.state_wanted = !self.send_state(now);
                }
                Ok(Some(SlaveEvent::Message(ToSlave::Instruction(instruction)))) => {
                    self.agent.on_instruction(instruction);
                }
                Ok(Some(SlaveEvent::Message(ToSlave::Seen { state }))) => self.status.state_seen = state,
                Ok(Some(SlaveEvent::Message(ToSlave::AskState { symbol }))) => {
                    self.state_wanted = true;
                    if let Some(symbol) = symbol {
                        self.agent.want_symbol(symbol);
                    }
                }
                Ok(Some(SlaveEvent::Message(_))) => {}
                Err(error) => self.lost(error.to_string(), now),
            }
        }
    }

    /// Sends the last state with its age; is it a fresh one?
    fn send_state(&mut self, now: Micros) -> bool {
        let Some((mut state, taken)) = self.last_state.take() else { return false };
        (state.age_us, state.sent) = (now.since(taken), now);
        state.busy = self.agent.busy();
        state.guard = self.agent.guard_report();
        let message = ToHub::State(state);
        self.send_open(&message, now);
        if let ToHub::State(state) = message {
            self.last_state = Some((state, taken));
        }
        now < taken.plus_ms(FRESH_MS)
    }

    fn send_reports(&mut self, now: Micros) {
        if !self.status.connected {
            return;
        }
        while let Some(report) = self.agent.poll_report() {
            self.send_open(&ToHub::Report(report), now);
        }
    }

    /// Sends when the session is open; what is not sent is made good by the next state.
    fn send_open(&mut self, message: &ToHub, now: Micros) {
        if self.link.as_ref().is_some_and(|link| link.session.is_open()) {
            self.send(message, now);
        }
    }

    fn send(&mut self, message: &ToHub, now: Micros) {
        let Some(link) = &mut self.link else { return };
        if let Err(error) = link.session.write(message, &mut link.backlog) {
            return self.lost(error.to_string(), now);
        }
        link.flush();
        if link.backlog.len() > BACKLOG_MOST {
            self.lost("the master does not read".into(), now);
        }
    }

    /// The connection is over; the next one after a pause.
    fn lost(&mut self, trouble: String, now: Micros) {
        self.link = None;
        self.agent.on_disconnected();
        self.status.connected = false;
        self.status.state_seen = 0;
        self.status.trouble = trouble;
        self.pause.lost(now);
    }
}

impl Link {
    /// Writes what waits; a broken connection shows with the next read.
    fn flush(&mut self) {
        if !self.backlog.is_empty()
            && let Ok(written) = self.connection.try_write(&self.backlog)
        {
            self.backlog.drain(..written.min(self.backlog.len()));
        }
    }
}
