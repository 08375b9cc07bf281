//! The corpora's first files, of the samples that other tests use.

use lotbridge::domain::{CopyId, Login, Magic, Micros, PoolTag, PositionId, Price, Side, Signature};
use lotbridge::protocol::{HubSession, Nonce, Secret, SlaveSession, ToHub, ToSlave};
use lotbridge::replication::{Action, GuardReport, Instruction, InstructionId, Outcome, Report, SlaveState};

use super::facts::account;
use super::history_samples as samples;

type Files = Vec<(&'static str, Vec<u8>)>;

/// A target's files.
pub fn of(target: &str) -> Files {
    match target {
        "frames" => frames(),
        "config" => config(),
        "history" => history(),
        _ => structs(),
    }
}

fn history() -> Files {
    vec![
        ("positions.csv", samples::POSITIONS.into()),
        ("order-book.csv", samples::ORDER_BOOK.into()),
        ("tester.html", samples::small_tester().into_bytes()),
        ("account.html", samples::account().into_bytes()),
        ("utf16.csv", samples::utf16(samples::POSITIONS, true, false)),
    ]
}

fn config() -> Files {
    let pool = |method: &str| {
        format!(
            r#"{{"master":{{"login":1001,"currency":"USD"}},"secret":"s","pools":[{{"name":"a","allocation":{method},"members":[{{"login":2001,"profile":"1.5"}},{{"login":2002}}]}}]}}"#
        )
    };
    vec![
        ("all.json", include_bytes!("../../src/config/tests/sample.json").to_vec()),
        ("multiplier.json", pool(r#"{"method":"multiplier"}"#).into_bytes()),
        ("block.json", pool(r#"{"method":"block","by":"equity","residual":"carry"}"#).into_bytes()),
        (
            "formula.json",
            pool(r#"{"method":"formula","expression":"min(master_lots * equity, 2)"}"#).into_bytes(),
        ),
    ]
}

/// A payload as one piece, after the byte that says which session. The piece may say that it is longer than it is.
fn piece(mode: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len().div_ceil(64).max(2) + 126).unwrap();
    [&[mode, length], payload].concat()
}

fn payload_of(frame: &[u8]) -> Vec<u8> {
    frame[8..].to_vec()
}

fn frames() -> Files {
    let mut slave = SlaveSession::new(Secret::new("s"), Login(2001), Nonce([2; 32]));
    let mut to_hub = |message: &ToHub| {
        let mut bytes = Vec::new();
        slave.write(message, &mut bytes).unwrap();
        bytes
    };
    let copy = CopyId::new(PoolTag::of_name("a"), PositionId(1));
    let mut snapshot = account(2001, 1);
    snapshot.positions[0].magic = Magic::of_copy(Signature::of_master(Login(1001)), copy);
    let state = SlaveState {
        number: 1,
        age_us: 5,
        sent: Micros(7),
        snapshot,
        busy: vec![copy],
        guard: GuardReport::default(),
        adrift: Vec::new(),
        older: Vec::new(),
        lacks: Vec::new(),
    };
    let report = Report { instruction: InstructionId(1), copy, outcome: Outcome::AlreadyDone };
    let hello = to_hub(&ToHub::Hello { version: 2, login: Login(2001), nonce: [2; 32] });
    let proof = to_hub(&ToHub::Proof { mac: [7; 32] });
    let state = payload_of(&to_hub(&ToHub::State(Box::new(state))));
    let report = payload_of(&to_hub(&ToHub::Report(report)));
    let mut hub = HubSession::new(Secret::new("s"), Nonce([1; 32]));
    let mut to_slave = |message: &ToSlave| {
        let mut bytes = Vec::new();
        hub.write(message, &mut bytes).unwrap();
        bytes
    };
    let instruction = Instruction {
        id: InstructionId(1),
        copy,
        symbol: lotbridge::domain::text("XAUUSD").unwrap(),
        action: Action::Open {
            side: Side::Buy,
            lots: "0.10".parse().unwrap(),
            stop_loss: Some(Price::from_units(3_900 * Price::ONE)),
            take_profit: None,
        },
        reference: Price::from_units(4_000 * Price::ONE),
        deviation_points: 100,
        committed_at: Micros(1_760_000_000_000_000),
        valid_until: Micros(1_760_000_010_000_000),
    };
    let challenge = to_slave(&ToSlave::Challenge { version: 2, nonce: [1; 32], mac: [7; 32] });
    let instruction = payload_of(&to_slave(&ToSlave::Instruction(instruction)));
    vec![
        ("hello", piece(0, &hello)),
        ("proof", piece(0, &proof)),
        ("state", piece(5, &state)),
        ("report", piece(5, &report)),
        ("challenge", piece(2, &challenge)),
        ("instruction", piece(7, &instruction)),
    ]
}

/// Steps: action (twice its number, one more for the slave), place, length.
fn structs() -> Files {
    let step = |action: u8| [action, 0, 0];
    let whole = [22, 23, 23, 23];
    let one_by_one = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18];
    let slave = [23, 23, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
    let trade = [23, 23, 22, 17, 23, 17, 0, 2, 14, 17, 1, 3, 9, 15, 21];
    let all = |actions: &[u8]| actions.iter().flat_map(|action| step(*action)).collect::<Vec<u8>>();
    vec![("whole", all(&whole)), ("master", all(&one_by_one)), ("slave", all(&slave)), ("trade", all(&trade))]
}
