//! A session between the hub and a slave, byte by byte: delayed, cut anywhere, and now and then with a frame that was
//! lost or came twice, which the session itself must notice.

use std::collections::VecDeque;

use lotbridge::domain::Login;
use lotbridge::protocol::{
    FrameReader, HubEvent, HubSession, Nonce, Secret, SessionError, SlaveEvent, SlaveSession, ToHub, ToSlave,
};

use super::random::Random;

/// Bytes on their way.
struct Chunk {
    at_ms: u64,
    bytes: Vec<u8>,
    /// A whole frame.
    whole: bool,
    /// A frame before it was lost, or this is one that comes twice.
    after_gap: bool,
}

/// One direction.
#[derive(Default)]
struct Pipe {
    chunks: VecDeque<Chunk>,
    /// Nothing arrives before.
    not_before: u64,
    /// What is sent comes after a gap.
    gap: bool,
    /// The reader has what came after a gap.
    passed: bool,
}

impl Pipe {
    /// Sends bytes; some come in two pieces.
    fn send(&mut self, now_ms: u64, bytes: Vec<u8>, random: &mut Random) {
        let mut arrive = |bytes: Vec<u8>, whole: bool, random: &mut Random| {
            self.not_before = self.not_before.max(now_ms + random.between(0, 40));
            self.chunks.push_back(Chunk { at_ms: self.not_before, bytes, whole, after_gap: self.gap });
        };
        if bytes.len() > 1 && random.per_mille(200) {
            let (first, second) = bytes.split_at(1 + random.place(bytes.len() - 1));
            arrive(first.to_vec(), false, random);
            arrive(second.to_vec(), false, random);
        } else {
            arrive(bytes, true, random);
        }
    }

    /// What has arrived goes to the reader, up to a gap or what is behind one.
    fn carry(&mut self, now_ms: u64, behind_gap: bool, reader: &mut FrameReader) {
        let due = |chunk: &Chunk| chunk.at_ms <= now_ms && chunk.after_gap == behind_gap;
        while self.chunks.front().is_some_and(due) {
            let Some(chunk) = self.chunks.pop_front() else { break };
            self.passed |= behind_gap;
            let mut rest = &chunk.bytes[..];
            while !rest.is_empty() {
                let space = reader.space();
                let n = space.len().min(rest.len());
                space[..n].copy_from_slice(&rest[..n]);
                reader.filled(n);
                rest = &rest[n..];
            }
        }
    }

    /// Cut at any byte: what is before it still arrives.
    fn cut(&mut self, random: &mut Random) {
        let all: usize = self.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        let mut left = random.place(all + 1);
        for Chunk { bytes, .. } in &mut self.chunks {
            bytes.truncate(left);
            left -= bytes.len();
        }
    }

    /// A frame is lost, or comes twice, once a session; was there one?
    fn tamper(&mut self, random: &mut Random) -> bool {
        if self.gap {
            return false;
        }
        let frames: Vec<usize> = (0..self.chunks.len()).filter(|at| self.chunks[*at].whole).collect();
        if frames.is_empty() {
            return false;
        }
        let at = *random.pick(&frames);
        let mut behind = at;
        if random.per_mille(500) {
            self.chunks.remove(at);
        } else {
            let Chunk { at_ms, ref bytes, .. } = self.chunks[at];
            let twice = Chunk { at_ms, bytes: bytes.clone(), whole: true, after_gap: true };
            behind = at + 1;
            self.chunks.insert(behind, twice);
        }
        self.chunks.range_mut(behind..).for_each(|chunk| chunk.after_gap = true);
        self.gap = true;
        true
    }
}

/// A session, as either side sees it.
#[derive(Default)]
pub struct Link {
    hub: Option<HubSession>,
    slave: Option<SlaveSession>,
    to_hub: Pipe,
    to_slave: Pipe,
    /// The hub was told that it is open.
    pub opened: bool,
    /// Broken; when each side notices.
    broken: Option<(u64, u64)>,
    /// Bytes were lost, doubled or cut: an error in the session has its cause.
    pub tampered: bool,
    /// The hub ends it then, if nothing has before: a session that is not proved, or that has lost bytes.
    ends_ms: Option<u64>,
}

/// As the node has it for a session without proof.
const PROOF_WITHIN_MS: u64 = 5_000;

impl Link {
    /// The slave connects.
    pub fn connect(now_ms: u64, login: Login, secret: &str, random: &mut Random) -> Self {
        let slave = SlaveSession::new(Secret::new(secret), login, Nonce(random.bytes()));
        let hub = HubSession::new(Secret::new(secret), Nonce(random.bytes()));
        let hello = slave.hello();
        let ends_ms = Some(now_ms + PROOF_WITHIN_MS);
        let mut link = Self { hub: Some(hub), slave: Some(slave), ends_ms, ..Self::default() };
        link.slave_says(now_ms, &hello, random);
        link
    }

    pub fn hub_end(&mut self) -> Option<&mut HubSession> {
        self.hub.as_mut()
    }

    pub fn slave_end(&mut self) -> Option<&mut SlaveSession> {
        self.slave.as_mut()
    }

    pub fn slave_is_there(&self) -> bool {
        self.slave.is_some()
    }

    pub fn hub_says(&mut self, now_ms: u64, message: &ToSlave, random: &mut Random) {
        let Some(session) = self.hub.as_mut() else { return };
        let mut bytes = Vec::new();
        session.write(message, &mut bytes).unwrap();
        if self.broken.is_none() && self.slave.is_some() {
            self.to_slave.send(now_ms, bytes, random);
        }
    }

    pub fn slave_says(&mut self, now_ms: u64, message: &ToHub, random: &mut Random) {
        let Some(session) = self.slave.as_mut() else { return };
        let mut bytes = Vec::new();
        session.write(message, &mut bytes).unwrap();
        if self.broken.is_none() && self.hub.is_some() {
            self.to_hub.send(now_ms, bytes, random);
        }
    }

    /// What the hub's end has next.
    pub fn hub_hears(&mut self, now_ms: u64, knows: bool) -> Result<Option<HubEvent>, SessionError> {
        let Some(session) = self.hub.as_mut() else { return Ok(None) };
        for behind_gap in [false, true] {
            self.to_hub.carry(now_ms, behind_gap, session.reader());
            match session.next_event(|_| knows)? {
                None => {}
                some => return Ok(some),
            }
        }
        Ok(None)
    }

    /// What the slave's end has next.
    pub fn slave_hears(&mut self, now_ms: u64) -> Result<Option<SlaveEvent>, SessionError> {
        let Some(session) = self.slave.as_mut() else { return Ok(None) };
        for behind_gap in [false, true] {
            self.to_slave.carry(now_ms, behind_gap, session.reader());
            match session.next_event()? {
                None => {}
                some => return Ok(some),
            }
        }
        Ok(None)
    }

    /// The connection breaks; each side notices within 0.4 s. Was there one?
    pub fn break_off(&mut self, now_ms: u64, random: &mut Random) -> bool {
        if self.broken.is_some() || self.hub.is_none() && self.slave.is_none() {
            return false;
        }
        self.broken = Some((now_ms + random.between(0, 400), now_ms + random.between(0, 400)));
        self.tampered = true;
        self.to_hub.cut(random);
        self.to_slave.cut(random);
        true
    }

    /// A piece of what is under way is lost or doubled. The session notices with the next frame; nobody sends one for
    /// ever, so it ends all the same.
    pub fn tamper(&mut self, now_ms: u64, random: &mut Random) -> bool {
        let pipe = if random.per_mille(500) { &mut self.to_hub } else { &mut self.to_slave };
        // What a broken session still brings is cut already.
        let done = self.broken.is_none() && pipe.tamper(random);
        if done {
            self.tampered = true;
            self.ends_ms.get_or_insert(now_ms + PROOF_WITHIN_MS);
        }
        done
    }

    /// The slave has proved itself.
    pub fn open(&mut self) {
        self.opened = true;
        self.ends_ms = self.ends_ms.filter(|_| self.tampered);
    }

    /// Is its time over?
    pub fn is_overdue(&self, now_ms: u64) -> bool {
        self.broken.is_none() && self.hub.is_some() && self.ends_ms.is_some_and(|ends_ms| now_ms >= ends_ms)
    }

    /// Has the hub heard what came after a lost frame, and the slave?
    pub fn heard_behind_gap(&self) -> [bool; 2] {
        [self.to_hub.passed, self.to_slave.passed]
    }

    /// Does the hub notice now that it is broken? It has its end no more.
    pub fn hub_notices(&mut self, now_ms: u64) -> bool {
        self.broken.is_some_and(|(hub, _)| now_ms >= hub) && self.hub.take().is_some()
    }

    /// Does the slave notice now?
    pub fn slave_notices(&mut self, now_ms: u64) -> bool {
        self.broken.is_some_and(|(_, slave)| now_ms >= slave) && self.slave.take().is_some()
    }

    /// The hub's process is gone, or its end was closed.
    pub fn lose_hub(&mut self) {
        (self.hub, self.opened) = (None, false);
    }

    /// The slave's process is gone, or its end was closed.
    pub fn lose_slave(&mut self) {
        self.slave = None;
    }
}
