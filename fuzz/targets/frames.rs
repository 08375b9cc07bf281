//! Any bytes from the other side of the socket, cut anywhere: to the hub and to the slave, before the proof and after
//! it. What is understood goes to where the node hands it.
//!
//! The first byte says to whom and when; then pieces: a length (one byte; from 128 on, in steps of 64) and so many bytes.

use std::sync::{Arc, LazyLock};

use lotbridge::allocation::AccountRules;
use lotbridge::config::Setup;
use lotbridge::domain::{Login, Micros, OrderResult, Price, Retcode, Signature};
use lotbridge::protocol::{
    FrameReader, HubEvent, HubSession, Nonce, Secret, SlaveEvent, SlaveSession, ToHub, ToSlave,
};
use lotbridge::replication::{Agent, AgentSettings, Hub, HubOutput};

use super::facts::account;

const LOGIN: Login = Login(2_001);
const START: Micros = Micros(1_760_000_000_000_000);

static SETUP: LazyLock<Arc<Setup>> = LazyLock::new(|| {
    let text = r#"{"master": {"login": 1001, "currency": "USD"}, "secret": "s", "pools": [
        {"name": "a", "allocation": {"method": "multiplier"}, "members": [{"login": 2001}]},
        {"name": "b", "allocation": {"method": "equity_ratio"}, "members": [{"login": 2001}]}]}"#;
    Arc::new(Setup::parse(text).expect("a configuration"))
});

/// Sessions of both sides, before the proof or after it.
pub fn run(data: &[u8]) {
    let Some((mode, pieces)) = data.split_first() else { return };
    let (mut hub, mut slave) = (session(), SlaveSession::new(Secret::new("s"), LOGIN, Nonce([2; 32])));
    // 1: after the proof; 2: to the slave; 4: every piece is one frame's payload, its header is put before it.
    let framed = mode & 4 != 0;
    let number = if mode & 1 == 0 { 0 } else { 2 };
    if mode & 1 != 0 {
        introduce(&mut hub, &mut slave);
    }
    let stream = Pieces { rest: pieces, framed, number };
    if mode & 2 == 0 { to_hub(&mut hub, stream) } else { to_slave(&mut slave, stream) }
}

fn session() -> HubSession {
    HubSession::new(Secret::new("s"), Nonce([1; 32]))
}

/// The honest handshake.
fn introduce(hub: &mut HubSession, slave: &mut SlaveSession) {
    let mut bytes = Vec::new();
    slave.write(&slave.hello(), &mut bytes).expect("hello");
    feed(hub.reader(), &std::mem::take(&mut bytes));
    let Ok(Some(HubEvent::Reply(challenge))) = hub.next_event(|_| true) else { panic!("no challenge") };
    hub.write(&challenge, &mut bytes).expect("challenge");
    feed(slave.reader(), &std::mem::take(&mut bytes));
    let Ok(Some(SlaveEvent::Reply(proof))) = slave.next_event() else { panic!("no proof") };
    slave.write(&proof, &mut bytes).expect("proof");
    feed(hub.reader(), &std::mem::take(&mut bytes));
    assert_eq!(hub.next_event(|_| true), Ok(Some(HubEvent::Opened(LOGIN))));
    hub.write(&ToSlave::Welcome, &mut bytes).expect("welcome");
    feed(slave.reader(), &bytes);
    assert_eq!(slave.next_event(), Ok(Some(SlaveEvent::Opened)));
}

fn feed(reader: &mut FrameReader, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let space = reader.space();
        assert!(!space.is_empty() && space.len() <= 32 << 10, "room for {}", space.len());
        let taken = bytes.len().min(space.len());
        space[..taken].copy_from_slice(&bytes[..taken]);
        reader.filled(taken);
        bytes = &bytes[taken..];
    }
}

fn to_hub(session: &mut HubSession, stream: Pieces<'_>) {
    let mut hub = Hub::new(Arc::clone(&SETUP), START);
    hub.on_connected(START, LOGIN).expect("a member");
    let mut now = START;
    for (at, piece) in (0..).zip(stream) {
        feed(session.reader(), &piece);
        loop {
            match session.next_event(|login| login == LOGIN) {
                Ok(Some(HubEvent::Message(ToHub::State(state)))) => {
                    let _ = hub.on_slave(now, LOGIN, *state);
                }
                Ok(Some(HubEvent::Message(ToHub::Report(report)))) => hub.on_report(now, LOGIN, &report),
                Ok(Some(HubEvent::Message(other))) => panic!("{other:?} in an open session"),
                Ok(Some(HubEvent::Reply(_) | HubEvent::Opened(_))) => {}
                Ok(None) => break,
                Ok(Some(HubEvent::Refuse(..))) | Err(_) => return,
            }
        }
        now = now.plus_ms(100);
        let _ = hub.on_master(now, account(1_001, at % 3));
        hub.tick(now);
        while let Some(output) = hub.poll_output() {
            let (HubOutput::Instruct(login, _) | HubOutput::AskSnapshot(login, _)) = output;
            assert_eq!(login, LOGIN);
        }
        while hub.poll_record().is_some() {}
    }
}

fn to_slave(session: &mut SlaveSession, stream: Pieces<'_>) {
    let mut agent = Agent::new(AgentSettings {
        login: LOGIN,
        signature: Signature::of_master(Login(1_001)),
        rules: AccountRules::default(),
        doubt_ms: 5_000,
    });
    let mut now = START;
    agent.on_snapshot(now, account(2_001, 1));
    for (at, piece) in (0..).zip(stream) {
        feed(session.reader(), &piece);
        loop {
            match session.next_event() {
                Ok(Some(SlaveEvent::Message(ToSlave::Instruction(one)))) => agent.on_instruction(one),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return agent.on_disconnected(),
            }
        }
        now = now.plus_ms(1);
        while let Some(order) = agent.next_order(now) {
            let answer = OrderResult {
                retcode: if at % 2 == 0 { Retcode::DONE } else { Retcode(10_006) },
                deal: at,
                ticket: at,
                lots: "0.10".parse().expect("lots"),
                price: Price::from_units(4_000 * Price::ONE),
            };
            assert!(agent.on_result(now, order.instruction, answer), "handed out, and not open");
        }
        while agent.poll_report().is_some() {}
        agent.on_snapshot(now, account(2_001, at % 3));
    }
}

/// What comes, piece by piece.
struct Pieces<'a> {
    rest: &'a [u8],
    framed: bool,
    number: u32,
}

impl Iterator for Pieces<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let (length, rest) = self.rest.split_first()?;
        let length = usize::from(*length);
        let length = if length < 128 { length } else { (length - 126) * 64 };
        let (piece, rest) = rest.split_at(length.min(rest.len()));
        self.rest = rest;
        self.number += 1;
        let header = [u32::try_from(piece.len()).unwrap_or(0), self.number].map(u32::to_le_bytes).concat();
        Some(if self.framed { [&header, piece].concat() } else { piece.to_vec() })
    }
}
