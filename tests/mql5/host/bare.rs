//! A bare Unix socket from the master's process to a slave's, to compare a trade's way with: between the same threads, each
//! as idle, the sender woken by the same word of the broker, the receiver asleep in its read.

use std::fs;
use std::io::{Error, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use super::BROKER;
use super::calls::with;

/// A message of the size that an instruction has on the wire.
const FRAME: usize = 128;

/// One terminal's end of it.
#[derive(Default)]
pub struct Bare {
    stream: Option<UnixStream>,
}

/// A terminal is asked for its part in one frame by this file, which it takes away just before.
pub fn asked(folder: &Path, login: u64) -> PathBuf {
    folder.join(format!("bare-{login}"))
}

impl Bare {
    /// Sends a frame (the master) or waits for one (a slave), when a test has asked for it.
    pub fn turn(&mut self, master: bool) -> Result<(), String> {
        let (folder, login) = with(|world| (world.options.folder.clone(), world.options.login));
        let asked = asked(&folder, login);
        if !asked.exists() {
            return Ok(());
        }
        self.pass(&asked, &folder.join("bare"), master).map_err(|error| format!("the bare socket: {error}"))
    }

    fn pass(&mut self, asked: &Path, path: &Path, master: bool) -> Result<(), Error> {
        let first = !master && self.stream.is_none();
        let listener = first.then(|| UnixListener::bind(path)).transpose()?;
        fs::remove_file(asked)?;
        if let Some(listener) = listener {
            let (stream, _) = listener.accept()?;
            stream.set_read_timeout(Some(BROKER))?;
            self.stream = Some(stream);
        }
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(UnixStream::connect(path)?),
        };
        let mut frame = [7; FRAME];
        if master {
            with(|world| world.stamp("bare-sent"));
            stream.write_all(&frame)
        } else {
            stream.read_exact(&mut frame)?;
            with(|world| world.stamp("bare-came"));
            Ok(())
        }
    }
}
