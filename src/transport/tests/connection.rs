//! Endpoints, listeners and connections, in one process.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::{SOON_MS, accept, endpoint, fill, pair, private, read_exactly};
use crate::transport::{Connection, Endpoint, Listener, Poller, Read, TransportError, Waker};

#[test]
fn names() {
    let directory = private();
    for (name, good) in [
        ("master-1001", true),
        ("A_b.c-9", true),
        ("", false),
        (".hidden", false),
        ("-x", false),
        ("../up", false),
        ("a/b", false),
        ("a\\b", false),
        ("a b", false),
        ("ä", false),
        ("a\0", false),
        (&"x".repeat(64), true),
        (&"x".repeat(65), false),
    ] {
        match Endpoint::new(Some(&directory.path().join("sockets")), name) {
            Ok(_) => assert!(good, "{name:?} was taken"),
            Err(error) => {
                assert!(!good, "{name:?}: {error}");
                assert!(matches!(error, TransportError::Name(_)), "{name:?}: {error}");
            }
        }
    }
}

#[test]
fn a_wait_for_nothing_ends_in_time() {
    let directory = private();
    let (_listener, mut master, mut slave) = pair(directory.path());
    let mut buffer = [0; 16];
    for (wait_ms, at_least_ms, at_most_ms) in
        [(0, 0, 5_000), (100, 60, 5_000), (100, 60, 5_000), (30, 10, 5_000)]
    {
        for connection in [&mut master, &mut slave] {
            let start = Instant::now();
            assert_eq!(connection.read_within(&mut buffer, wait_ms).unwrap(), Read::WouldBlock);
            let spent = start.elapsed().as_millis();
            assert!((at_least_ms..at_most_ms).contains(&spent), "{wait_ms} ms became {spent} ms");
        }
    }
}

#[test]
fn bytes_before_during_and_after_a_wait() {
    let directory = private();
    let (_listener, master, mut slave) = pair(directory.path());
    let mut buffer = [0; 16];

    assert_eq!(master.try_write(b"before").unwrap(), 6);
    assert_eq!(slave.read_within(&mut buffer, SOON_MS).unwrap(), Read::Bytes(6));
    assert_eq!(&buffer[..6], b"before");

    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            assert_eq!(master.try_write(b"during").unwrap(), 6);
        });
        let start = Instant::now();
        assert_eq!(slave.read_within(&mut buffer, SOON_MS).unwrap(), Read::Bytes(6));
        assert!(start.elapsed() < Duration::from_millis(u64::from(SOON_MS) / 2), "it waited to the end");
    });
    assert_eq!(&buffer[..6], b"during");

    assert_eq!(slave.read_within(&mut buffer, 20).unwrap(), Read::WouldBlock);
    assert_eq!(slave.try_read(&mut buffer).unwrap(), Read::WouldBlock);
    assert_eq!(master.try_write(b"after").unwrap(), 5);
    assert_eq!(read_exactly(&mut slave, 2), b"af");
    assert_eq!(read_exactly(&mut slave, 3), b"ter");
    assert_eq!(slave.try_read(&mut buffer).unwrap(), Read::WouldBlock);
}

#[test]
fn bytes_sent_before_the_accept_are_not_lost() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let listener = Listener::bind(&endpoint).unwrap();
    assert!(listener.accept().unwrap().is_none());
    let slave = Connection::connect(&endpoint).unwrap();
    assert_eq!(slave.try_write(b"early").unwrap(), 5);
    let mut master = accept(&listener);
    assert_eq!(read_exactly(&mut master, 5), b"early");
}

#[test]
fn a_large_write_is_partial_and_a_full_connection_takes_nothing() {
    let directory = private();
    let (_listener, master, mut slave) = pair(directory.path());
    let large: Vec<u8> = (0..8_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let first = master.try_write(&large).unwrap();
    assert!(first > 0 && first < large.len(), "{first} of {}", large.len());
    assert_eq!(read_exactly(&mut slave, first), large[..first]);

    let taken = fill(&master);
    assert!(taken > 0);
    assert_eq!(master.try_write(b"x").unwrap(), 0);
    assert_eq!(read_exactly(&mut slave, taken), vec![7; taken]);
    let mut buffer = [0; 8];
    assert_eq!(slave.read_within(&mut buffer, 50).unwrap(), Read::WouldBlock);
    assert_eq!(master.try_write(b"again").unwrap(), 5);
    assert_eq!(read_exactly(&mut slave, 5), b"again");
}

#[test]
fn a_stream_of_all_sizes_arrives_whole_and_in_order() {
    let directory = private();
    let (_listener, master, mut slave) = pair(directory.path());
    let total = 3_000_000;
    let byte = |at: usize| u8::try_from((at * 31 + at / 251) % 256).unwrap();
    // A linear congruential generator, so that every run is the same.
    let mut seed = 0x9E37_79B9_u32;
    let mut size = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        1 + usize::try_from(seed >> 8).unwrap() % if seed & 128 == 0 { 100 } else { 70_000 }
    };
    let (mut sent, mut got) = (0, 0);
    let mut buffer = vec![0; 70_000];
    while got < total {
        let bytes: Vec<u8> = (sent..total.min(sent + size())).map(byte).collect();
        sent += master.try_write(&bytes).unwrap();
        let room = size();
        if let Read::Bytes(n) = slave.read_within(&mut buffer[..room], 5).unwrap() {
            assert!(
                buffer[..n].iter().enumerate().all(|(i, b)| *b == byte(got + i)),
                "wrong bytes after {got}"
            );
            got += n;
        }
        assert!(got <= sent, "{got} read, {sent} sent");
    }
}

#[test]
fn what_was_sent_is_read_then_the_end() {
    let directory = private();
    for by_shutdown in [false, true] {
        let (_listener, master, mut slave) = pair(directory.path());
        assert_eq!(master.try_write(b"bye").unwrap(), 3);
        let kept = if by_shutdown {
            master.shutdown();
            Some(master)
        } else {
            drop(master);
            None
        };
        assert_eq!(read_exactly(&mut slave, 3), b"bye");
        let mut buffer = [0; 8];
        assert_eq!(slave.read_within(&mut buffer, SOON_MS).unwrap(), Read::Closed);
        assert_eq!(slave.try_read(&mut buffer).unwrap(), Read::Closed);
        assert!(matches!(slave.try_write(b"x"), Err(TransportError::Closed(_))));
        if let Some(mut master) = kept {
            assert_eq!(master.try_read(&mut buffer).unwrap(), Read::Closed);
            assert!(matches!(master.try_write(b"x"), Err(TransportError::Closed(_))));
        }
    }
}

#[test]
fn a_peer_that_left_bytes_unread_is_closed_not_an_error() {
    let directory = private();
    let (_listener, mut master, slave) = pair(directory.path());
    assert_eq!(master.try_write(b"never read").unwrap(), 10);
    drop(slave);
    assert_eq!(master.read_within(&mut [0; 8], SOON_MS).unwrap(), Read::Closed);
    assert!(matches!(master.try_write(b"x"), Err(TransportError::Closed(_))));
}

#[test]
fn nothing_into_an_empty_buffer() {
    let directory = private();
    let (_listener, master, mut slave) = pair(directory.path());
    assert_eq!(master.try_write(b"").unwrap(), 0);
    assert!(matches!(slave.try_read(&mut []), Err(TransportError::System { .. })));
    assert!(matches!(slave.read_within(&mut [], 10), Err(TransportError::System { .. })));
}

#[test]
fn one_listener_at_a_time() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let nobody = Connection::connect(&endpoint).unwrap_err();
    assert!(matches!(nobody, TransportError::NobodyListens(_)), "{nobody}");
    let first = Listener::bind(&endpoint).unwrap();
    let second = Listener::bind(&endpoint).unwrap_err();
    assert!(matches!(second, TransportError::AlreadyListening(_)), "{second}");
    assert!(second.to_string().contains("master-1001"), "{second}");
    Connection::connect(&endpoint).unwrap();
    drop(first);
    let nobody = Connection::connect(&endpoint).unwrap_err();
    assert!(matches!(nobody, TransportError::NobodyListens(_)), "{nobody}");
    let _third = Listener::bind(&endpoint).unwrap();
    Connection::connect(&endpoint).unwrap();
}

#[test]
fn of_many_at_once_exactly_one_listens() {
    const THREADS: usize = 8;
    let directory = private();
    let endpoint = endpoint(directory.path());
    for round in 0..30 {
        let (start, end) = (Barrier::new(THREADS), Barrier::new(THREADS));
        let bind = || {
            start.wait();
            let bound = Listener::bind(&endpoint);
            end.wait();
            match bound {
                // It is the one that a client reaches.
                Ok(listener) => {
                    let slave = Connection::connect(&endpoint).unwrap();
                    assert_eq!(slave.try_write(b"you").unwrap(), 3);
                    assert_eq!(read_exactly(&mut accept(&listener), 3), b"you");
                    1
                }
                Err(TransportError::AlreadyListening(_)) => 0,
                Err(error) => panic!("{error}"),
            }
        };
        let listening: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(bind)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(listening, 1, "round {round}");
    }
}

#[test]
fn endpoints_do_not_meet() {
    let (here, there) = (private(), private());
    let listener = Listener::bind(&endpoint(here.path())).unwrap();
    let other_directory = Connection::connect(&endpoint(there.path())).unwrap_err();
    assert!(matches!(other_directory, TransportError::NobodyListens(_)), "{other_directory}");
    let other_name = Endpoint::new(Some(&here.path().join("sockets")), "master-1002").unwrap();
    let other_name = Connection::connect(&other_name).unwrap_err();
    assert!(matches!(other_name, TransportError::NobodyListens(_)), "{other_name}");
    assert!(listener.accept().unwrap().is_none());
}

#[test]
fn what_a_thread_began_goes_on_without_it() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let made_elsewhere = endpoint.clone();
    let listener = thread::spawn(move || {
        let listener = Listener::bind(&made_elsewhere).unwrap();
        assert!(listener.accept().unwrap().is_none());
        listener
    });
    let listener = listener.join().unwrap();
    let slave = Connection::connect(&endpoint).unwrap();
    let mut master = accept(&listener);
    let master = thread::spawn(move || {
        assert_eq!(master.read_within(&mut [0; 8], 20).unwrap(), Read::WouldBlock);
        master
    });
    let mut master = master.join().unwrap();
    assert_eq!(slave.try_write(b"still").unwrap(), 5);
    assert_eq!(read_exactly(&mut master, 5), b"still");
    let late = Connection::connect(&endpoint).unwrap();
    assert_eq!(late.try_write(b"here").unwrap(), 4);
    assert_eq!(read_exactly(&mut accept(&listener), 4), b"here");
}

#[test]
fn every_type_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Endpoint>();
    shared::<Listener>();
    shared::<Connection>();
    shared::<Poller>();
    shared::<Waker>();
    shared::<TransportError>();
}
