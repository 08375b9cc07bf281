//! Waiting for many.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{SOON_MS, accept, endpoint, fill, pair, private, read_exactly};
use crate::transport::{Connection, Event, Listener, Poller, Read, TransportError};

fn wait_for(poller: &mut Poller, wanted: impl Fn(&Event) -> bool) -> Event {
    let start = Instant::now();
    let mut events = Vec::new();
    while start.elapsed() < Duration::from_millis(SOON_MS.into()) {
        poller.wait(1_000, &mut events).unwrap();
        if let Some(event) = events.iter().find(|event| wanted(event)) {
            return *event;
        }
    }
    panic!("the event did not come");
}

#[test]
fn a_waker_wakes() {
    let mut poller = Poller::new().unwrap();
    let mut events = vec![Event::Incoming];
    let start = Instant::now();
    poller.wait(50, &mut events).unwrap();
    assert_eq!(events, []);
    assert!((20..5_000).contains(&start.elapsed().as_millis()));

    for round in 0..3 {
        let waker = poller.waker();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(30));
            waker.wake();
        });
        let start = Instant::now();
        assert_eq!(wait_for(&mut poller, |_| true), Event::Woken);
        assert!(start.elapsed() < Duration::from_millis(u64::from(SOON_MS) / 2), "round {round}");
        other.join().unwrap();
    }

    // Many before a wait are one; afterwards it is quiet again.
    let waker = poller.waker();
    (0..100_000).for_each(|_| waker.wake());
    assert_eq!(wait_for(&mut poller, |_| true), Event::Woken);
    poller.wait(20, &mut events).unwrap();
    assert_eq!(events, []);
    drop(poller);
    waker.wake();
    waker.wake();
}

#[test]
fn a_listener_is_not_heard_while_nobody_asks() {
    let directory = private();
    let endpoint = endpoint(directory.path());
    let listener = Listener::bind(&endpoint).unwrap();
    let mut poller = Poller::new().unwrap();
    poller.listen(&listener).unwrap();
    poller.hear(false);
    let _client = Connection::connect(&endpoint).unwrap();
    let mut events = Vec::new();
    poller.wait(50, &mut events).unwrap();
    assert_eq!(events, []);
    poller.hear(true);
    assert_eq!(wait_for(&mut poller, |_| true), Event::Incoming);
}

#[test]
fn two_hundred_connections() {
    const COUNT: u64 = 200;
    let directory = private();
    let endpoint = endpoint(directory.path());
    let listener = Listener::bind(&endpoint).unwrap();
    let mut poller = Poller::new().unwrap();
    poller.listen(&listener).unwrap();
    let (mut slaves, mut masters) = (Vec::new(), Vec::new());
    for token in 0..COUNT {
        slaves.push(Connection::connect(&endpoint).unwrap());
        assert_eq!(wait_for(&mut poller, |_| true), Event::Incoming);
        let master = accept(&listener);
        poller.register(&master, token).unwrap();
        masters.push(master);
    }
    let mut events = Vec::new();
    poller.wait(20, &mut events).unwrap();
    assert_eq!(events, [], "before anything was written");

    for round in 0_u8..3 {
        for slave in &slaves {
            assert_eq!(slave.try_write(&[round, 1]).unwrap(), 2);
        }
        // One byte at a time: what is left is told again.
        for part in [round, 1] {
            let mut told = vec![false; masters.len()];
            while told.iter().any(|told| !told) {
                wait_for(&mut poller, |event| match event {
                    Event::Ready { token, readable, writable } => {
                        assert!(*readable && !*writable);
                        !told[usize::try_from(*token).unwrap()]
                    }
                    other => panic!("{other:?}"),
                });
                poller.wait(1_000, &mut events).unwrap();
                for event in &events {
                    let Event::Ready { token, .. } = event else { panic!("{event:?}") };
                    let at = usize::try_from(*token).unwrap();
                    if !told[at] {
                        let mut one = [9];
                        assert_eq!(masters[at].try_read(&mut one).unwrap(), Read::Bytes(1));
                        assert_eq!(one, [part]);
                        told[at] = true;
                    }
                }
            }
        }
        poller.wait(20, &mut events).unwrap();
        assert_eq!(events, [], "round {round}, all read");
    }

    drop(slaves);
    let mut open = masters.len();
    while open > 0 {
        let Event::Ready { token, readable, writable } = wait_for(&mut poller, |_| true) else { panic!() };
        assert!(readable && !writable);
        let at = usize::try_from(token).unwrap();
        assert_eq!(masters[at].try_read(&mut [0; 8]).unwrap(), Read::Closed);
        poller.deregister(token);
        open -= 1;
    }
    poller.wait(20, &mut events).unwrap();
    assert_eq!(events, []);
}

#[test]
fn the_poller_tells_when_there_is_room_again() {
    let directory = private();
    let (_listener, master, mut slave) = pair(directory.path());
    let mut poller = Poller::new().unwrap();
    let mut events = Vec::new();
    assert!(matches!(poller.want_write(5, true), Err(TransportError::UnknownToken(5))));
    poller.register(&master, 5).unwrap();
    assert!(matches!(poller.register(&master, 5), Err(TransportError::TokenInUse(5))));
    poller.wait(20, &mut events).unwrap();
    assert_eq!(events, [], "room is not told of unasked");

    poller.want_write(5, true).unwrap();
    let room = Event::Ready { token: 5, readable: false, writable: true };
    assert_eq!(wait_for(&mut poller, |_| true), room);
    let taken = fill(&master);
    poller.wait(50, &mut events).unwrap();
    assert_eq!(events, [], "it is full");
    assert_eq!(read_exactly(&mut slave, taken).len(), taken);
    assert_eq!(wait_for(&mut poller, |_| true), room);
    poller.want_write(5, false).unwrap();
    poller.wait(20, &mut events).unwrap();
    assert_eq!(events, []);
}

#[test]
fn the_poller_forgets_what_is_dropped_or_deregistered() {
    let directory = private();
    let (listener, master, mut slave) = pair(directory.path());
    let mut poller = Poller::new().unwrap();
    poller.listen(&listener).unwrap();
    poller.register(&master, 1).unwrap();
    assert_eq!(slave.try_write(b"x").unwrap(), 1);
    assert_eq!(wait_for(&mut poller, |_| true), Event::Ready { token: 1, readable: true, writable: false });
    let mut events = Vec::new();
    poller.deregister(1);
    poller.deregister(1);
    poller.wait(20, &mut events).unwrap();
    assert_eq!(events, []);
    poller.register(&master, 2).unwrap();
    assert_eq!(wait_for(&mut poller, |_| true), Event::Ready { token: 2, readable: true, writable: false });

    drop(master);
    assert_eq!(
        slave.read_within(&mut [0; 4], SOON_MS).unwrap(),
        Read::Closed,
        "the poller keeps nothing open"
    );
    drop(listener);
    poller.wait(20, &mut events).unwrap();
    assert_eq!(events, []);
    assert!(matches!(poller.want_write(2, true), Err(TransportError::UnknownToken(2))));
}

#[test]
fn what_was_read_or_came_before_it_is_registered_is_not_missed() {
    let directory = private();
    let (_listener, master, mut slave) = pair(directory.path());
    let ready = Event::Ready { token: 9, readable: true, writable: false };
    let mut buffer = [0; 8];
    // On Windows a read is under way now that no poller knows of.
    assert_eq!(slave.try_read(&mut buffer).unwrap(), Read::WouldBlock);
    let mut poller = Poller::new().unwrap();
    poller.register(&slave, 9).unwrap();
    let sender = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        assert_eq!(master.try_write(b"late").unwrap(), 4);
        master
    });
    let start = Instant::now();
    let mut events = Vec::new();
    poller.wait(SOON_MS, &mut events).unwrap();
    assert_eq!(events, [ready]);
    assert!(start.elapsed() < Duration::from_millis(u64::from(SOON_MS) / 2));
    assert_eq!(read_exactly(&mut slave, 4), b"late");
    let _master = sender.join().unwrap();
}

#[test]
fn bytes_that_are_there_already_are_told_of_at_once() {
    let directory = private();
    let (_listener, master, mut slave) = pair(directory.path());
    let mut buffer = [0; 1];
    assert_eq!(slave.try_read(&mut buffer).unwrap(), Read::WouldBlock);
    assert_eq!(master.try_write(b"abc").unwrap(), 3);
    assert_eq!(slave.read_within(&mut buffer, SOON_MS).unwrap(), Read::Bytes(1));
    let mut poller = Poller::new().unwrap();
    poller.register(&slave, 9).unwrap();
    for left in [2, 1] {
        let event = wait_for(&mut poller, |_| true);
        assert_eq!(event, Event::Ready { token: 9, readable: true, writable: false }, "{left} left");
        assert_eq!(slave.try_read(&mut buffer).unwrap(), Read::Bytes(1));
    }
    let mut events = Vec::new();
    poller.wait(20, &mut events).unwrap();
    assert_eq!(events, []);
}

#[cfg(windows)]
#[test]
fn a_pipe_belongs_to_its_first_poller() {
    let directory = private();
    let (listener, _master, slave) = pair(directory.path());
    let (mut first, mut second) = (Poller::new().unwrap(), Poller::new().unwrap());
    first.register(&slave, 1).unwrap();
    first.listen(&listener).unwrap();
    first.deregister(1);
    first.register(&slave, 2).unwrap();
    assert!(matches!(second.register(&slave, 1), Err(TransportError::OtherPoller(_))));
    assert!(matches!(second.listen(&listener), Err(TransportError::OtherPoller(_))));
}

#[test]
fn one_thread_writes_while_another_waits() {
    let directory = private();
    let (_listener, master, mut slave) = pair(directory.path());
    let mut poller = Poller::new().unwrap();
    poller.register(&master, 1).unwrap();
    let master = Arc::new(Mutex::new(master));
    let writer = Arc::clone(&master);
    let commit = thread::spawn(move || {
        for i in 0..100_u8 {
            assert_eq!(writer.lock().unwrap().try_write(&[i]).unwrap(), 1);
            thread::sleep(Duration::from_micros(200));
        }
    });
    let echo = thread::spawn(move || {
        for i in 0..100_u8 {
            assert_eq!(read_exactly(&mut slave, 1), [i]);
            assert_eq!(slave.try_write(&[i]).unwrap(), 1);
        }
    });
    let mut got = Vec::new();
    while got.len() < 100 {
        wait_for(&mut poller, |event| matches!(event, Event::Ready { token: 1, readable: true, .. }));
        let mut buffer = [0; 64];
        if let Read::Bytes(n) = master.lock().unwrap().try_read(&mut buffer).unwrap() {
            got.extend_from_slice(&buffer[..n]);
        }
    }
    assert_eq!(got, (0..100).collect::<Vec<u8>>());
    commit.join().unwrap();
    echo.join().unwrap();
}
