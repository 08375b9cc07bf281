//! The master's connections: who is behind each, and what still has to be written to it.

use std::collections::BTreeMap;

use crate::domain::{Login, Micros};
use crate::protocol::{HubSession, ToSlave};
use crate::transport::Connection;

/// Connections at once, proved or not.
pub(super) const CONNECTIONS_MOST: usize = 1_024;
/// Bytes that wait for a slow slave. Beyond that it loses its session, and comes back with its whole state.
const BACKLOG_MOST: usize = 256 << 10;
/// A connection that has not proved itself by then is closed.
pub(super) const PROOF_WITHIN_MS: u64 = 5_000;

/// One connection.
pub(super) struct Peer {
    pub connection: Connection,
    pub session: HubSession,
    pub since: Micros,
    /// To be closed by the service thread.
    pub broken: bool,
    backlog: Vec<u8>,
}

impl Peer {
    pub fn new(connection: Connection, session: HubSession, since: Micros) -> Self {
        Self { connection, session, since, broken: false, backlog: Vec::new() }
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

    /// Does anything wait?
    pub const fn has_backlog(&self) -> bool {
        !self.backlog.is_empty()
    }
}

/// All connections of a master.
#[derive(Default)]
pub(super) struct Peers {
    by_token: BTreeMap<u64, Peer>,
    by_login: BTreeMap<Login, u64>,
    next_token: u64,
}

impl Peers {
    /// Takes a connection in; its number.
    pub fn add(&mut self, peer: Peer) -> u64 {
        self.next_token += 1;
        self.by_token.insert(self.next_token, peer);
        self.next_token
    }

    pub fn len(&self) -> usize {
        self.by_token.len()
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
    /// second terminal was started on the account.
    pub fn opened(&mut self, login: Login, token: u64) {
        if let Some(earlier) = self.by_login.insert(login, token)
            && let Some(peer) = self.by_token.get_mut(&earlier)
        {
            peer.broken = true;
        }
    }

    /// Lets a connection go; the login whose session is over with it.
    pub fn remove(&mut self, token: u64) -> Option<Login> {
        let peer = self.by_token.remove(&token)?;
        let login = peer.session.login()?;
        (self.by_login.get(&login) == Some(&token)).then(|| {
            self.by_login.remove(&login);
            login
        })
    }

    /// Connections to be closed: broken, or unproved for too long.
    pub fn dead(&self, now: Micros) -> Vec<u64> {
        let late = |peer: &Peer| peer.session.login().is_none() && now >= peer.since.plus_ms(PROOF_WITHIN_MS);
        self.by_token.iter().filter(|(_, peer)| peer.broken || late(peer)).map(|(token, _)| *token).collect()
    }

    /// Connections and whether something waits to be written to them.
    pub fn backlogs(&self) -> impl Iterator<Item = (u64, bool)> + '_ {
        self.by_token.iter().map(|(token, peer)| (*token, peer.has_backlog()))
    }
}
