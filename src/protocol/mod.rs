//! Messages, framing, session: what crosses the socket, without a socket.
//!
//! Bytes come in, messages go out, and the other way round; knows nothing of files, threads or clocks. A frame
//! is `length (4 bytes) | number (4 bytes) | payload (postcard)`, little endian. Before both sides have proved
//! that they know the secret, frames are small and few; afterwards each side numbers its frames from 1, and a
//! gap or a repetition ends the session. What makes the system safe is not the numbers but that whole states are
//! compared (`replication`).

mod frame;
mod message;
mod session;

pub use frame::{FRAME_MOST, FrameError, FrameReader};
pub use message::{Refusal, ToHub, ToSlave, VERSION};
pub use session::{HubEvent, HubSession, NOBODY, Nonce, Secret, SessionError, SlaveEvent, SlaveSession};
