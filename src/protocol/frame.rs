//! Frames: `length (4 bytes) | number (4 bytes) | payload`, little endian, the length counts the payload only.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::replication::planted::{Defect, Planted};

/// The longest payload: an account with thousands of positions fits.
pub const FRAME_MOST: usize = 4 << 20;
/// The longest payload before the session is open.
pub const FRAME_MOST_UNPROVED: usize = 512;
/// Length and number.
const HEADER: usize = 8;
/// How much is read at once.
const CHUNK: usize = 16 << 10;

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than allowed.
    #[error("a frame of {found} bytes, {most} are the most here")]
    TooLong {
        /// What its header says.
        found: usize,
        /// What is allowed.
        most: usize,
    },
    /// Lost, repeated or made up.
    #[error("frame number {found} where {expected} was due")]
    Number {
        /// What its header says.
        found: u32,
        /// What was due.
        expected: u32,
    },
    /// The payload is no message.
    #[error("a frame that is no message: {0}")]
    NoMessage(postcard::Error),
    /// A message that cannot be written.
    #[error("a message that cannot be written: {0}")]
    Unwritable(postcard::Error),
}

/// Gathers bytes until a frame is whole.
#[derive(Debug)]
pub struct FrameReader {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    most: usize,
    number: u32,
    planted: Planted,
}

impl Default for FrameReader {
    fn default() -> Self {
        Self {
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            most: FRAME_MOST_UNPROVED,
            number: 0,
            planted: Planted::default(),
        }
    }
}

impl FrameReader {
    /// From now on frames may have the full length.
    pub const fn trust(&mut self) {
        self.most = FRAME_MOST;
    }

    /// Plants a deliberate defect.
    #[cfg(feature = "planted")]
    pub const fn plant(&mut self, defect: Defect) {
        self.planted = Planted::of(defect);
    }

    /// Room to read into; never empty.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.buffer.len() - self.end < CHUNK / 4 {
            if self.planted.is(Defect::DropFrameAtEdge) {
                self.start = self.end;
            }
            // A long frame that is at the front already is not moved again with every piece of it.
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            }
            if self.buffer.len() - self.end < CHUNK / 4 {
                self.buffer.resize(self.end + CHUNK, 0);
            }
        }
        &mut self.buffer[self.end..]
    }

    /// So many bytes of the room were filled.
    pub fn filled(&mut self, bytes: usize) {
        self.end = (self.end + bytes).min(self.buffer.len());
    }

    /// The next message; `None` until its frame is whole.
    ///
    /// # Errors
    /// A frame that is too long, out of order, or no message: the session cannot go on.
    pub fn next_message<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        let bytes = &self.buffer[self.start..self.end];
        let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
        let [l0, l1, l2, l3, n0, n1, n2, n3] = *header;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if length > self.most {
            return Err(FrameError::TooLong { found: length, most: self.most });
        }
        let Some(payload) = rest.get(..length) else { return Ok(None) };
        let (found, expected) = (u32::from_le_bytes([n0, n1, n2, n3]), self.number.wrapping_add(1));
        if found != expected && !self.planted.is(Defect::IgnoreNumbers) {
            return Err(FrameError::Number { found, expected });
        }
        let (message, rest) = postcard::take_from_bytes(payload).map_err(FrameError::NoMessage)?;
        if !rest.is_empty() {
            return Err(FrameError::NoMessage(postcard::Error::DeserializeBadEncoding));
        }
        self.number = found;
        self.start += HEADER + length;
        Ok(Some(message))
    }
}

/// Writes numbered frames.
#[derive(Debug, Default)]
pub struct FrameWriter {
    number: u32,
}

impl FrameWriter {
    /// Appends one message's frame to `out`.
    ///
    /// # Errors
    /// A message beyond the frame's length; `out` and the numbering are left as they were.
    pub fn write<T: Serialize>(&mut self, message: &T, out: &mut Vec<u8>) -> Result<(), FrameError> {
        let start = out.len();
        out.extend_from_slice(&[0; HEADER]);
        let mut framed = match postcard::to_extend(message, std::mem::take(out)) {
            Ok(framed) => framed,
            Err(error) => return Err(FrameError::Unwritable(error)),
        };
        let length = framed.len() - start - HEADER;
        if length > FRAME_MOST {
            framed.truncate(start);
            *out = framed;
            return Err(FrameError::TooLong { found: length, most: FRAME_MOST });
        }
        self.number = self.number.wrapping_add(1);
        let bytes = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        framed[start..start + 4].copy_from_slice(&bytes);
        framed[start + 4..start + HEADER].copy_from_slice(&self.number.to_le_bytes());
        *out = framed;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(reader: &mut FrameReader, bytes: &[u8]) {
        for chunk in bytes.chunks(4096) {
            let space = reader.space();
            space[..chunk.len()].copy_from_slice(chunk);
            reader.filled(chunk.len());
        }
    }

    #[test]
    fn frames_survive_any_cut() {
        let messages: Vec<Vec<u8>> = (0..20).map(|n| vec![u8::try_from(n).unwrap(); n * 17]).collect();
        let (mut writer, mut bytes) = (FrameWriter::default(), Vec::new());
        for message in &messages {
            writer.write(message, &mut bytes).unwrap();
        }
        for cut in 1..64 {
            let mut reader = FrameReader::default();
            let mut got = Vec::new();
            for chunk in bytes.chunks(cut) {
                feed(&mut reader, chunk);
                while let Some(message) = reader.next_message::<Vec<u8>>().unwrap() {
                    got.push(message);
                }
            }
            assert_eq!(got, messages, "cut every {cut} bytes");
        }
    }

    #[test]
    fn what_is_no_frame_ends_the_session() {
        let mut frame = Vec::new();
        FrameWriter::default().write(&vec![1_u8; 16], &mut frame).unwrap();

        let mut reader = FrameReader::default();
        feed(&mut reader, &u32::MAX.to_le_bytes());
        assert_eq!(reader.next_message::<Vec<u8>>(), Ok(None), "half a header is no error");
        feed(&mut reader, &[1, 0, 0, 0]);
        assert!(matches!(reader.next_message::<Vec<u8>>(), Err(FrameError::TooLong { .. })));

        let mut reader = FrameReader::default();
        feed(&mut reader, &frame);
        assert!(reader.next_message::<Vec<u8>>().unwrap().is_some());
        feed(&mut reader, &frame);
        assert_eq!(reader.next_message::<Vec<u8>>(), Err(FrameError::Number { found: 1, expected: 2 }));

        let mut reader = FrameReader::default();
        let last = frame.len() - 1;
        frame.truncate(last);
        frame[0] -= 1;
        feed(&mut reader, &frame);
        assert!(matches!(reader.next_message::<Vec<u8>>(), Err(FrameError::NoMessage(_))));
    }

    #[test]
    fn large_frames_only_after_trust() {
        let mut bytes = Vec::new();
        FrameWriter::default().write(&vec![7_u8; 100_000], &mut bytes).unwrap();
        let mut wary = FrameReader::default();
        feed(&mut wary, &bytes);
        assert!(wary.next_message::<Vec<u8>>().is_err());
        let mut trusting = FrameReader::default();
        trusting.trust();
        feed(&mut trusting, &bytes);
        assert_eq!(trusting.next_message::<Vec<u8>>().unwrap().unwrap().len(), 100_000);
    }
}
