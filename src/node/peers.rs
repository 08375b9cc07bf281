//! The master's connections: who is behind each, and what still has to be written to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Login, Micros};
use crate::protocol::{HubSession, ToSlave};
use crate::transport::Connection;

/// Sessions at once: connections that have proved themselves.
pub(super) const SESSIONS_MOST: usize = 1_024;
/// Connections at once that have not proved themselves. A bound of their own: whoever holds them all keeps no slave out,
/// for the oldest of them makes room for the next.
pub(super) const UNPROVED_MOST: usize = 256;
/// Bytes that wait for a slow slave. Beyond that it loses its session, and comes back with its whole state.
const BACKLOG_MOST: usize = 256 << 10;
/// A connection that has not proved itself by then is closed.
pub(super) const PROOF_WITHIN_MS: u64 = 5_000;
/// A live session that another one takes over twice within this time has two terminals behind it. Once only, a terminal was
/// started anew before its end was noticed.
const RIVALS_WITHIN_MS: u64 = 10_000;

/// One connection.
pub(super) struct Peer {
    pub connection: Connection,
    pub session: HubSession,
    pub since: Micros,
    /// To be closed by the service thread.
    pub broken: bool,
    backlog: Vec<u8>,
    /// The poller was told that something waits to be written.
    told: bool,
}

/// Why a connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dead {
    /// It does not read, it cannot be written to, or another session took its place.
    Broken,
    /// It has not proved itself in time.
    Late,
}

impl Peer {
    pub fn new(connection: Connection, session: HubSession, since: Micros) -> Self {
        Self { connection, session, since, broken: false, backlog: Vec::new(), told: false }
    }

    /// Writes a message as far as the socket takes it; the rest waits, up to a bound.
    pub fn send(&mut self, message: &ToSlave) {
        if self.broken {
            return;
        }
        if self.session.write(message, &mut self.backlog).is_err() {
            self.broken = true;
            return;
        }
        self.flush();
        self.broken |= self.backlog.len() > BACKLOG_MOST;
    }

    /// Writes what waits.
    pub fn flush(&mut self) {
        match self.connection.try_write(&self.backlog) {
            Ok(written) => {
                self.backlog.drain(..written.min(self.backlog.len()));
            }
            Err(_) => self.broken = true,
        }
    }

    /// Whether something waits to be written, when that has changed since the last time it was asked.
    fn news(&mut self) -> Option<bool> {
        let waits = !self.backlog.is_empty();
        (std::mem::replace(&mut self.told, waits) != waits).then_some(waits)
    }
}

/// All connections of a master.
#[derive(Default)]
pub(super) struct Peers {
    by_token: BTreeMap<u64, Peer>,
    by_login: BTreeMap<Login, u64>,
    /// Those that have not proved themselves, the oldest first.
    unproved: BTreeSet<u64>,
    /// When a live session of a slave was taken over last.
    taken_over: BTreeMap<Login, Micros>,
    next_token: u64,
}

impl Peers {
    /// Takes a connection in; its number.
    pub fn add(&mut self, peer: Peer) -> u64 {
        self.next_token += 1;
        self.by_token.insert(self.next_token, peer);
        self.unproved.insert(self.next_token);
        self.next_token
    }

    /// The connection that has to make room before another one is taken in.
    pub fn in_the_way(&self) -> Option<u64> {
        if self.unproved.len() < UNPROVED_MOST { None } else { self.oldest_unproved() }
    }

    /// The connection that has been without proof for the longest time.
    pub fn oldest_unproved(&self) -> Option<u64> {
        self.unproved.first().copied()
    }

    /// Is there no room for a session of this slave?
    pub fn is_full_for(&self, login: Login) -> bool {
        self.by_login.len() >= SESSIONS_MOST && !self.by_login.contains_key(&login)
    }

    pub fn get_mut(&mut self, token: u64) -> Option<&mut Peer> {
        self.by_token.get_mut(&token)
    }

    /// The open session of a slave.
    pub fn of_login(&mut self, login: Login) -> Option<&mut Peer> {
        let token = self.by_login.get(&login)?;
        self.by_token.get_mut(token)
    }

    /// Notes whose session it is. An earlier session of the same slave is over: its process died unnoticed, or a
    /// second terminal was started on the account; `true`: that must be it.
    pub fn opened(&mut self, login: Login, token: u64, now: Micros) -> bool {
        self.unproved.remove(&token);
        let Some(earlier) = self.by_login.insert(login, token) else { return false };
        if let Some(peer) = self.by_token.get_mut(&earlier) {
            peer.broken = true;
        }
        self.taken_over.insert(login, now).is_some_and(|before| now < before.plus_ms(RIVALS_WITHIN_MS))
    }

    /// Lets a connection go; the login whose session is over with it.
    pub fn remove(&mut self, token: u64) -> Option<Login> {
        self.unproved.remove(&token);
        let peer = self.by_token.remove(&token)?;
        let login = peer.session.login()?;
        (self.by_login.get(&login) == Some(&token)).then(|| {
            self.by_login.remove(&login);
            login
        })
    }

    /// Connections to be closed, and why.
    pub fn dead(&self, now: Micros) -> Vec<(u64, Dead)> {
        let why = |token: u64, peer: &Peer| {
            let late = self.unproved.contains(&token) && now >= peer.since.plus_ms(PROOF_WITHIN_MS);
            if late { Some(Dead::Late) } else { peer.broken.then_some(Dead::Broken) }
        };
        self.by_token.iter().filter_map(|(token, peer)| Some((*token, why(*token, peer)?))).collect()
    }

    /// Connections for which it has changed whether something waits to be written to them.
    pub fn backlogs(&mut self) -> impl Iterator<Item = (u64, bool)> + '_ {
        self.by_token.iter_mut().filter_map(|(token, peer)| Some((*token, peer.news()?)))
    }
}
