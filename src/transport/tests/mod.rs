//! What holds on both systems; `unix/tests.rs` has what only Unix has. These run on Windows, too.

mod connection;
mod poller;
mod process;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::{Connection, Endpoint, Listener, Read};

/// Generous: no test passes or fails by the speed of the machine, only by never ending.
const SOON_MS: u32 = 10_000;

fn endpoint(directory: &Path) -> Endpoint {
    // A directory that the endpoint makes itself: a temporary one need not be private.
    Endpoint::new(Some(&directory.join("sockets")), "master-1001").unwrap()
}

fn accept(listener: &Listener) -> Connection {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(SOON_MS.into()) {
        if let Some(connection) = listener.accept().unwrap() {
            return connection;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("nothing to accept");
}

/// Listener, the master's end, the slave's end.
fn pair(directory: &Path) -> (Listener, Connection, Connection) {
    let endpoint = endpoint(directory);
    let listener = Listener::bind(&endpoint).unwrap();
    let slave = Connection::connect(&endpoint).unwrap();
    let master = accept(&listener);
    (listener, master, slave)
}

fn private() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn read_exactly(connection: &mut Connection, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = vec![0; 4096];
    while all.len() < count {
        let room = buffer.len().min(count - all.len());
        match connection.read_within(&mut buffer[..room], SOON_MS).unwrap() {
            Read::Bytes(n) => all.extend_from_slice(&buffer[..n]),
            other => panic!("{other:?} after {} of {count} bytes", all.len()),
        }
    }
    all
}

fn fill(connection: &Connection) -> usize {
    let chunk = [7; 10_000];
    let mut taken = 0;
    for _ in 0..10_000 {
        match connection.try_write(&chunk).unwrap() {
            0 => return taken,
            n => taken += n,
        }
    }
    panic!("{taken} bytes and still not full");
}
