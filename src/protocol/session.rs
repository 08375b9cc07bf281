//! A session: both sides prove that they know the secret, then talk.
//!
//! `slave: Hello(nonce)` · `hub: Challenge(nonce, proof)` · `slave: Proof` · `hub: Welcome`. The proofs are
//! HMAC-SHA256 (RFC 2104) over who proves, the version, the login and both nonces, so none can be replayed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::frame::{FrameError, FrameReader, FrameWriter};
use super::message::{Bytes32, Refusal, ToHub, ToSlave, VERSION};
use crate::domain::Login;

/// Fresh random bytes for one handshake: never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce(pub Bytes32);

/// The account of whoever only wants to see the hub's proof, and opens no session: no real one has this number.
pub const NOBODY: Login = Login(0);

/// What both sides know. Never shown.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// From the configuration's text.
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    fn mac(&self, who: &[u8], login: Login, slave: &Bytes32, hub: &Bytes32) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(b"lotbridge");
        mac.update(who);
        mac.update(&VERSION.to_le_bytes());
        mac.update(&login.0.to_le_bytes());
        mac.update(slave);
        mac.update(hub);
        Some(mac)
    }

    fn prove(&self, who: &[u8], login: Login, slave: &Bytes32, hub: &Bytes32) -> Bytes32 {
        self.mac(who, login, slave, hub).map_or([0; 32], |mac| mac.finalize().into_bytes().into())
    }

    /// In constant time.
    fn holds(&self, proof: &Bytes32, who: &[u8], login: Login, slave: &Bytes32, hub: &Bytes32) -> bool {
        self.mac(who, login, slave, hub).is_some_and(|mac| mac.verify_slice(proof).is_ok())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

const HUB: &[u8] = b" hub ";
const SLAVE: &[u8] = b" slave ";

/// Why a session cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The bytes are no frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A message out of its turn.
    #[error("a message out of its turn")]
    OutOfTurn,
    /// The other side's proof does not hold.
    #[error("the other side does not know the secret: use the same configuration file on both")]
    Unproved,
    /// The hub opened no session.
    #[error("refused: {0}")]
    Refused(Refusal),
}

/// The hub's end of a session.
#[derive(Debug)]
pub struct HubSession {
    secret: Secret,
    nonce: Nonce,
    reader: FrameReader,
    writer: FrameWriter,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Hello,
    Proof { login: Login, slave: Bytes32 },
    Open { login: Login },
}

/// What a hub's session brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubEvent {
    /// Send this, then go on.
    Reply(ToSlave),
    /// Send this account, as it calls itself, the refusal, then close.
    Refuse(Login, Refusal),
    /// The slave has proved itself: send `Welcome`.
    Opened(Login),
    /// A message of an open session.
    Message(ToHub),
}

impl HubSession {
    /// A session that waits for a slave's `Hello`.
    pub fn new(secret: Secret, nonce: Nonce) -> Self {
        Self {
            secret,
            nonce,
            reader: FrameReader::default(),
            writer: FrameWriter::default(),
            stage: Stage::Hello,
        }
    }

    /// Where received bytes go.
    pub const fn reader(&mut self) -> &mut FrameReader {
        &mut self.reader
    }

    /// Whose session it is, once it is open.
    pub const fn login(&self) -> Option<Login> {
        match self.stage {
            Stage::Open { login } => Some(login),
            _ => None,
        }
    }

    /// Who it says it is, while its proof is due.
    pub const fn claimed(&self) -> Option<Login> {
        match self.stage {
            Stage::Proof { login, .. } => Some(login),
            _ => None,
        }
    }

    /// Appends a message's frame to `out`.
    ///
    /// # Errors
    /// A message beyond the frame's length.
    pub fn write(&mut self, message: &ToSlave, out: &mut Vec<u8>) -> Result<(), SessionError> {
        Ok(self.writer.write(message, out)?)
    }

    /// What the received bytes bring next; `None` until more come. `knows`: is the account a member?
    ///
    /// # Errors
    /// The session cannot go on: close the connection.
    pub fn next_event(&mut self, knows: impl Fn(Login) -> bool) -> Result<Option<HubEvent>, SessionError> {
        let Some(message) = self.reader.next_message::<ToHub>()? else { return Ok(None) };
        let refuse = |login, refusal| Ok(Some(HubEvent::Refuse(login, refusal)));
        match (self.stage, message) {
            (Stage::Hello, ToHub::Hello { version, login, nonce }) => {
                if version != VERSION {
                    return refuse(login, Refusal::Version { hub: VERSION });
                }
                self.stage = Stage::Proof { login, slave: nonce };
                let mac = self.secret.prove(HUB, login, &nonce, &self.nonce.0);
                Ok(Some(HubEvent::Reply(ToSlave::Challenge { version: VERSION, nonce: self.nonce.0, mac })))
            }
            (Stage::Proof { login, slave }, ToHub::Proof { mac }) => {
                if !self.secret.holds(&mac, SLAVE, login, &slave, &self.nonce.0) {
                    return refuse(login, Refusal::Secret);
                }
                if !knows(login) {
                    return refuse(login, Refusal::UnknownLogin);
                }
                self.stage = Stage::Open { login };
                self.reader.trust();
                Ok(Some(HubEvent::Opened(login)))
            }
            (Stage::Open { .. }, message @ (ToHub::State(_) | ToHub::Report(_))) => {
                Ok(Some(HubEvent::Message(message)))
            }
            _ => Err(SessionError::OutOfTurn),
        }
    }
}

/// The slave's end of a session.
#[derive(Debug)]
pub struct SlaveSession {
    secret: Secret,
    login: Login,
    nonce: Nonce,
    reader: FrameReader,
    writer: FrameWriter,
    stage: SlaveStage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SlaveStage {
    Challenge,
    Welcome,
    Open,
}

/// What a slave's session brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlaveEvent {
    /// Send this, then go on.
    Reply(ToHub),
    /// The session is open.
    Opened,
    /// A message of an open session.
    Message(ToSlave),
}

impl SlaveSession {
    /// A session to be opened with [`Self::hello`].
    pub fn new(secret: Secret, login: Login, nonce: Nonce) -> Self {
        Self {
            secret,
            login,
            nonce,
            reader: FrameReader::default(),
            writer: FrameWriter::default(),
            stage: SlaveStage::Challenge,
        }
    }

    /// The first message.
    pub const fn hello(&self) -> ToHub {
        ToHub::Hello { version: VERSION, login: self.login, nonce: self.nonce.0 }
    }

    /// Where received bytes go.
    pub const fn reader(&mut self) -> &mut FrameReader {
        &mut self.reader
    }

    /// May messages be sent?
    pub fn is_open(&self) -> bool {
        self.stage == SlaveStage::Open
    }

    /// Appends a message's frame to `out`.
    ///
    /// # Errors
    /// A message beyond the frame's length.
    pub fn write(&mut self, message: &ToHub, out: &mut Vec<u8>) -> Result<(), SessionError> {
        Ok(self.writer.write(message, out)?)
    }

    /// What the received bytes bring next; `None` until more come.
    ///
    /// # Errors
    /// The session cannot go on: close the connection.
    pub fn next_event(&mut self) -> Result<Option<SlaveEvent>, SessionError> {
        let Some(message) = self.reader.next_message::<ToSlave>()? else { return Ok(None) };
        match (self.stage, message) {
            (SlaveStage::Challenge, ToSlave::Challenge { version, nonce, mac }) => {
                if version != VERSION {
                    return Err(SessionError::Refused(Refusal::Version { hub: version }));
                }
                if !self.secret.holds(&mac, HUB, self.login, &self.nonce.0, &nonce) {
                    return Err(SessionError::Unproved);
                }
                self.stage = SlaveStage::Welcome;
                let mac = self.secret.prove(SLAVE, self.login, &self.nonce.0, &nonce);
                Ok(Some(SlaveEvent::Reply(ToHub::Proof { mac })))
            }
            (SlaveStage::Welcome, ToSlave::Welcome) => {
                self.stage = SlaveStage::Open;
                self.reader.trust();
                Ok(Some(SlaveEvent::Opened))
            }
            (SlaveStage::Challenge | SlaveStage::Welcome, ToSlave::Refused(refusal)) => {
                Err(SessionError::Refused(refusal))
            }
            (
                SlaveStage::Open,
                message @ (ToSlave::Instruction(_) | ToSlave::Seen { .. } | ToSlave::AskState { .. }),
            ) => Ok(Some(SlaveEvent::Message(message))),
            _ => Err(SessionError::OutOfTurn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carry(bytes: &mut Vec<u8>, reader: &mut FrameReader) {
        reader.space()[..bytes.len()].copy_from_slice(bytes);
        reader.filled(bytes.len());
        bytes.clear();
    }

    /// Plays the handshake; what the slave ends with.
    fn meet(hub_secret: &str, slave_secret: &str, member: bool) -> Result<(), SessionError> {
        let mut hub = HubSession::new(Secret::new(hub_secret), Nonce([1; 32]));
        let mut slave = SlaveSession::new(Secret::new(slave_secret), Login(7), Nonce([2; 32]));
        let mut bytes = Vec::new();
        slave.write(&slave.hello(), &mut bytes)?;
        loop {
            carry(&mut bytes, hub.reader());
            match hub.next_event(|_| member)?.expect("a whole frame") {
                HubEvent::Reply(message) => hub.write(&message, &mut bytes)?,
                HubEvent::Refuse(_, refusal) => hub.write(&ToSlave::Refused(refusal), &mut bytes)?,
                HubEvent::Opened(login) => {
                    assert_eq!(login, Login(7));
                    hub.write(&ToSlave::Welcome, &mut bytes)?;
                }
                HubEvent::Message(message) => panic!("{message:?} before the session is open"),
            }
            carry(&mut bytes, slave.reader());
            match slave.next_event()?.expect("a whole frame") {
                SlaveEvent::Reply(message) => slave.write(&message, &mut bytes)?,
                SlaveEvent::Opened => return Ok(()),
                SlaveEvent::Message(message) => panic!("{message:?} before the session is open"),
            }
        }
    }

    #[test]
    fn both_prove_the_secret() {
        assert_eq!(meet("s", "s", true), Ok(()));
        assert_eq!(meet("s", "other", true), Err(SessionError::Unproved), "the hub is found out first");
        assert_eq!(meet("s", "s", false), Err(SessionError::Refused(Refusal::UnknownLogin)));
    }

    #[test]
    fn a_slave_without_the_secret_is_refused() {
        let mut hub = HubSession::new(Secret::new("s"), Nonce([1; 32]));
        let (mut writer, mut bytes) = (FrameWriter::default(), Vec::new());
        let hello = ToHub::Hello { version: VERSION, login: Login(7), nonce: [2; 32] };
        writer.write(&hello, &mut bytes).unwrap();
        writer.write(&ToHub::Proof { mac: [0; 32] }, &mut bytes).unwrap();
        carry(&mut bytes, hub.reader());
        assert!(matches!(hub.next_event(|_| true), Ok(Some(HubEvent::Reply(ToSlave::Challenge { .. })))));
        let refused = HubEvent::Refuse(Login(7), Refusal::Secret);
        assert_eq!(hub.next_event(|_| true), Ok(Some(refused)));
    }

    #[test]
    fn other_versions_and_messages_out_of_turn_are_refused() {
        let first = |message: &ToHub| {
            let mut hub = HubSession::new(Secret::new("s"), Nonce([1; 32]));
            let mut bytes = Vec::new();
            FrameWriter::default().write(message, &mut bytes).unwrap();
            carry(&mut bytes, hub.reader());
            hub.next_event(|_| true)
        };
        let hello = ToHub::Hello { version: 99, login: Login(7), nonce: [2; 32] };
        let refused = HubEvent::Refuse(Login(7), Refusal::Version { hub: VERSION });
        assert_eq!(first(&hello), Ok(Some(refused)));
        assert_eq!(first(&ToHub::Proof { mac: [0; 32] }), Err(SessionError::OutOfTurn));
    }
}
