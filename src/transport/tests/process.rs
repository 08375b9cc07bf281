//! Two processes, one of which is killed.

use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{SOON_MS, accept, endpoint, private, read_exactly};
use crate::transport::{Connection, Listener, Read, TransportError};

const CHILD: &str = "LOTBRIDGE_TEST_TRANSPORT_CHILD";

/// Not a test by itself: what the child process of the next test runs. It listens and echoes until it is killed.
#[test]
#[ignore = "run by a_killed_listener_is_replaced, in a process of its own"]
fn child() {
    let directory = env::var_os(CHILD).expect("the parent names a directory");
    let listener = Listener::bind(&endpoint(Path::new(&directory))).unwrap();
    let mut master = accept(&listener);
    let mut buffer = [0; 64];
    for _ in 0..60 {
        match master.read_within(&mut buffer, 1_000).unwrap() {
            Read::Bytes(n) => assert_eq!(master.try_write(&buffer[..n]).unwrap(), n),
            Read::WouldBlock => {}
            Read::Closed => return,
        }
    }
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_killed_listener_is_replaced() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    // The path of `child` without the crate's name, as the test runner knows it.
    let name = format!("{}::child", module_path!().split_once("::").unwrap().1);
    let child = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", &name])
        .env(CHILD, directory.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let child = Killed(child);
    let start = Instant::now();
    let mut slave = loop {
        match Connection::connect(&endpoint) {
            Ok(slave) => break slave,
            Err(TransportError::NobodyListens(_) | TransportError::Busy(_)) => {
                assert!(start.elapsed() < Duration::from_secs(45), "the child does not listen");
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(slave.try_write(b"over there").unwrap(), 10);
    assert_eq!(read_exactly(&mut slave, 10), b"over there");
    let refused = Listener::bind(&endpoint).unwrap_err();
    assert!(matches!(refused, TransportError::AlreadyListening(_)), "{refused}");

    drop(child);
    assert_eq!(slave.read_within(&mut [0; 8], SOON_MS).unwrap(), Read::Closed);
    drop(slave);
    let nobody = Connection::connect(&endpoint).unwrap_err();
    assert!(matches!(nobody, TransportError::NobodyListens(_)), "{nobody}");
    let listener = Listener::bind(&endpoint).unwrap();
    let slave = Connection::connect(&endpoint).unwrap();
    assert_eq!(slave.try_write(b"new").unwrap(), 3);
    assert_eq!(read_exactly(&mut accept(&listener), 3), b"new");
}
