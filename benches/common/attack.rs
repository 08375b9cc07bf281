//! An attacker's process: a thousand connections that say nothing, made anew as the master closes them, and a hundred
//! times a second one that says something wrong.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Outcome;

/// Names the socket of an attacker's process.
const SOCKET: &str = "LOTBRIDGE_BENCH_ATTACKED";
/// Connections that say nothing.
const SILENT: usize = 1_000;
/// Between two that say something wrong.
const PAUSE: Duration = Duration::from_millis(10);
/// What they say, after each other: a frame of 4 GB, no protocol, a frame out of order, half a frame.
const WRONG: [&[u8]; 4] =
    [&[255; 8], b"GET / HTTP/1.1\r\n\r\n", &[1, 0, 0, 0, 9, 0, 0, 0, 0], &[40, 0, 0, 0, 1]];

/// An attack, until it is dropped.
pub struct Attack(Child);

impl Attack {
    /// Starts the process, and gives it the time to be in full swing.
    pub fn on(socket: &Path) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let attack = Self(command.env(SOCKET, socket).stdin(Stdio::null()).spawn()?);
        std::thread::sleep(Duration::from_millis(500));
        Ok(attack)
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Is this an attacker's process? Then it attacks until it is ended, or the master is gone.
pub fn attack_if_attacker() -> bool {
    let Some(socket) = std::env::var_os(SOCKET).map(PathBuf::from) else { return false };
    let mut silent: Vec<UnixStream> = Vec::new();
    for wrong in WRONG.iter().cycle() {
        std::thread::sleep(PAUSE);
        silent.retain(|stream| !is_closed(stream));
        while silent.len() < SILENT {
            match UnixStream::connect(&socket) {
                Ok(stream) => silent.push(stream),
                // The master's queue is full: it is asked again.
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(_) => return true,
            }
        }
        if let Ok(mut stream) = UnixStream::connect(&socket) {
            let _ = stream.write_all(wrong);
            let _ = stream.shutdown(Shutdown::Write);
        }
    }
    true
}

fn is_closed(stream: &UnixStream) -> bool {
    let mut stream = stream;
    stream.set_nonblocking(true).is_err() || matches!(stream.read(&mut [0; 8]), Ok(0))
}
