//! Files, modes, owners and signals: what only Unix has.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::endpoint::{check_private, default_directory};
use super::signals::{Interruptions, short_queue};
use super::{Connection, Endpoint, Listener, sys};
use crate::transport::{Read, TransportError};

fn private() -> tempfile::TempDir {
    tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap()
}

fn endpoint(directory: &Path) -> Endpoint {
    Endpoint::new(Some(directory), "master-1001").unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[test]
fn where_sockets_live() {
    for (runtime, expected) in [
        (None, "/tmp/lotbridge-1000"),
        (Some(""), "/tmp/lotbridge-1000"),
        (Some("relative"), "/tmp/lotbridge-1000"),
        (Some("/run/user/1000"), "/run/user/1000/lotbridge"),
    ] {
        let directory = default_directory(runtime.map(Into::into), 1000);
        assert_eq!(directory, PathBuf::from(expected), "{runtime:?}");
    }
    let directory = private();
    let shown = endpoint(directory.path()).to_string();
    assert_eq!(shown, format!("{}/master-1001.sock", directory.path().display()));
}

#[test]
fn a_missing_directory_is_made_private_its_parents_are_not_made() {
    let parent = private();
    let directory = parent.path().join("sockets");
    let endpoint = endpoint(&directory);
    assert_eq!(mode(&directory), 0o700);
    let _listener = Listener::bind(&endpoint).unwrap();
    assert_eq!(mode(&directory.join("master-1001.sock")), 0o600);
    assert_eq!(mode(&directory.join("master-1001.lock")) & 0o077, 0);
    assert!(!is_there(&directory.join("master-1001.new")));

    let deep = parent.path().join("no").join("such");
    let error = Endpoint::new(Some(&deep), "x").unwrap_err();
    assert!(matches!(error, TransportError::System { .. }), "{error}");
}

#[test]
fn a_directory_that_is_not_private_is_refused() {
    let parent = private();
    let refused = |path: &Path, word: &str| {
        let error = Endpoint::new(Some(path), "x").unwrap_err();
        assert!(matches!(error, TransportError::Directory { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(word) && text.contains(&path.display().to_string()), "{text}");
    };
    let open = parent.path().join("open");
    fs::create_dir(&open).unwrap();
    for (bits, found) in [(0o750, "0750"), (0o701, "0701"), (0o777, "0777"), (0o1777, "1777")] {
        fs::set_permissions(&open, Permissions::from_mode(bits)).unwrap();
        refused(&open, found);
    }
    fs::set_permissions(&open, Permissions::from_mode(0o700)).unwrap();
    Endpoint::new(Some(&open), "x").unwrap();

    let link = parent.path().join("link");
    symlink(&open, &link).unwrap();
    refused(&link, "symbolic link");
    let file = parent.path().join("file");
    File::create(&file).unwrap();
    refused(&file, "not a directory");

    let stranger = sys::user_id() + 1;
    let text = check_private(&open, stranger).unwrap_err().to_string();
    assert!(text.contains(&format!("must belong to user {stranger}")), "{text}");
}

#[test]
fn a_path_too_long_for_a_socket_says_so() {
    let parent = private();
    let directory = parent.path().join("d".repeat(100));
    let error = Endpoint::new(Some(&directory), "x").unwrap_err();
    let TransportError::PathTooLong { length, limit, .. } = error else { panic!("{error}") };
    assert!(length > limit && limit > 90, "{length} {limit}");
    assert!(!is_there(&directory), "nothing is made for an endpoint that is refused");

    let fitting = limit - parent.path().as_os_str().len() - "//x.sock".len();
    let directory = parent.path().join("d".repeat(fitting));
    let endpoint = Endpoint::new(Some(&directory), "x").unwrap();
    let _listener = Listener::bind(&endpoint).unwrap();
    Connection::connect(&endpoint).unwrap();
}

#[test]
fn a_dead_socket_is_replaced_whatever_else_is_left_alone() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let socket = directory.path().join("master-1001.sock");
    drop(UnixListener::bind(&socket).unwrap());
    File::create(directory.path().join("master-1001.new")).unwrap();
    assert!(is_there(&socket));
    // A process that another test starts has this one's sockets too, between its fork and its exec.
    let refused = |_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        Connection::connect(&endpoint).err()
    };
    let nobody = (0..200).find_map(refused).expect("refused within a second");
    assert!(matches!(nobody, TransportError::NobodyListens(_)), "{nobody}");
    let listener = Listener::bind(&endpoint).unwrap();
    Connection::connect(&endpoint).unwrap();
    drop(listener);
    assert!(!is_there(&socket), "removed by its own listener");

    File::create(&socket).unwrap().write_all(b"precious").unwrap();
    let error = Listener::bind(&endpoint).unwrap_err();
    assert!(matches!(error, TransportError::NotASocket(_)), "{error}");
    assert_eq!(fs::read(&socket).unwrap(), b"precious");
    fs::remove_file(&socket).unwrap();
    symlink(directory.path().join("elsewhere"), &socket).unwrap();
    let error = Listener::bind(&endpoint).unwrap_err();
    assert!(matches!(error, TransportError::NotASocket(_)), "{error}");
}

#[test]
fn a_live_listener_keeps_its_place_even_without_its_lock_file() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let listener = Listener::bind(&endpoint).unwrap();
    fs::remove_file(directory.path().join("master-1001.lock")).unwrap();
    let error = Listener::bind(&endpoint).unwrap_err();
    assert!(matches!(error, TransportError::AlreadyListening(_)), "{error}");
    Connection::connect(&endpoint).unwrap();
    drop(listener);
    Listener::bind(&endpoint).unwrap();
}

#[test]
fn a_socket_that_is_not_ours_any_more_is_not_removed() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let socket = directory.path().join("master-1001.sock");
    let listener = Listener::bind(&endpoint).unwrap();
    fs::remove_file(&socket).unwrap();
    let _stranger = UnixListener::bind(&socket).unwrap();
    drop(listener);
    assert!(is_there(&socket));
}

#[test]
fn another_users_process_is_refused_on_both_sides() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let mut listener = Listener::bind(&endpoint).unwrap();
    let ours = sys::user_id();

    // To run as another user needs root; so the side under test is told that it expects another one.
    let error = Connection::connect_to_user(&endpoint, ours + 1).unwrap_err();
    assert!(matches!(error, TransportError::ForeignPeer { .. }), "{error}");
    assert!(listener.accept().unwrap().is_some());

    listener.user = ours + 1;
    let mut refused = Connection::connect(&endpoint).unwrap();
    let mut admitted = Connection::connect(&endpoint).unwrap();
    let error = listener.accept().unwrap_err();
    let TransportError::ForeignPeer { found, .. } = error else { panic!("{error}") };
    assert_eq!(found, ours.to_string());
    assert_eq!(refused.read_within(&mut [0; 8], 10_000).unwrap(), Read::Closed);
    listener.user = ours;
    let master = listener.accept().unwrap().unwrap();
    assert_eq!(master.try_write(b"hello").unwrap(), 5);
    assert_eq!(admitted.read_within(&mut [0; 8], 10_000).unwrap(), Read::Bytes(5));
}

#[test]
fn a_full_queue_is_busy_not_a_wait() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    // Bound by hand, because the queue that a real listener asks for is too long to fill in a test.
    let _short = short_queue(&directory.path().join("master-1001.sock"));
    let mut waiting = Vec::new();
    let start = Instant::now();
    let error = loop {
        match Connection::connect(&endpoint) {
            Ok(connection) => waiting.push(connection),
            Err(error) => break error,
        }
        assert!(waiting.len() < 1_000, "the queue never fills");
    };
    assert!(start.elapsed().as_secs() < 5);
    // Linux tells a full queue from a dead listener, other systems do not.
    let busy = matches!(error, TransportError::Busy(_));
    assert!(busy || !cfg!(target_os = "linux"), "{error}");
}

#[test]
fn signals_do_not_lengthen_a_wait() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let listener = Listener::bind(&endpoint).unwrap();
    let mut slave = Connection::connect(&endpoint).unwrap();
    let master = listener.accept().unwrap().unwrap();
    let mut buffer = [0; 8];
    let interruptions = Interruptions::every_ms(5);
    let start = Instant::now();
    assert_eq!(slave.read_within(&mut buffer, 200).unwrap(), Read::WouldBlock);
    let spent = start.elapsed().as_millis();
    assert!((150..5_000).contains(&spent), "200 ms became {spent} ms");
    let count = interruptions.count();
    assert!(count > 2, "only {count} signals");
    drop(interruptions);
    // The timeout that the signals shortened is the full one again.
    let start = Instant::now();
    assert_eq!(slave.read_within(&mut buffer, 200).unwrap(), Read::WouldBlock);
    assert!((150..5_000).contains(&start.elapsed().as_millis()));
    assert_eq!(master.try_write(b"x").unwrap(), 1);
    assert_eq!(slave.read_within(&mut buffer, 200).unwrap(), Read::Bytes(1));
}
