//! A look at a master's endpoint from outside: is somebody there, and does he know the secret? No session is opened, so
//! that no slave's is disturbed.

use std::time::{Duration, Instant};

use super::{NodeError, master_name, nonce};
use crate::config::Setup;
use crate::protocol::{NOBODY, Refusal, Secret, SessionError, SlaveEvent, SlaveSession};
use crate::transport::{Connection, Endpoint, Read, TransportError};

/// A master answers within its tick; a loaded machine may take longer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// What was found at a master's endpoint.
#[derive(Debug)]
pub enum Probe {
    /// A master of this user that has proved the secret.
    Proved,
    /// Nobody listens.
    Nobody,
    /// A master of this user with another secret.
    OtherSecret,
    /// A master that speaks this version of the protocol.
    OtherVersion(u16),
    /// Somebody of this user who does not answer in time, or not as a master does.
    Silent,
}

/// Where the master of this configuration listens.
///
/// # Errors
/// The folder of the socket is not private.
pub fn endpoint(setup: &Setup) -> Result<Endpoint, NodeError> {
    let master = &setup.master;
    Ok(Endpoint::new(master.endpoint_dir.as_deref(), &master_name(master.login))?)
}

/// Looks at it.
///
/// # Errors
/// Another user listens there; or what the system says.
pub fn probe(setup: &Setup) -> Result<Probe, NodeError> {
    let mut connection = match Connection::connect(&endpoint(setup)?) {
        Ok(connection) => connection,
        Err(TransportError::NobodyListens(_)) => return Ok(Probe::Nobody),
        Err(error) => return Err(error.into()),
    };
    let mut session = SlaveSession::new(Secret::new(setup.secret.expose()), NOBODY, nonce()?);
    let (hello, mut bytes) = (session.hello(), Vec::new());
    if session.write(&hello, &mut bytes).is_err() || connection.try_write(&bytes)? != bytes.len() {
        return Ok(Probe::Silent);
    }
    let until = Instant::now() + ANSWERS_WITHIN;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Probe::Silent);
        }
        let left_ms = u32::try_from(left.as_millis()).unwrap_or(u32::MAX).max(1);
        match connection.read_within(session.reader().space(), left_ms)? {
            Read::Bytes(count) => session.reader().filled(count),
            Read::WouldBlock => {}
            Read::Closed => return Ok(Probe::Silent),
        }
        match session.next_event() {
            Ok(None) => {}
            // Its proof held. Ours is not sent: that would open a session.
            Ok(Some(SlaveEvent::Reply(_))) => return Ok(Probe::Proved),
            Err(SessionError::Unproved) => return Ok(Probe::OtherSecret),
            Err(SessionError::Refused(Refusal::Version { hub })) => return Ok(Probe::OtherVersion(hub)),
            _ => return Ok(Probe::Silent),
        }
    }
}
