//! The instruction that the benchmarks send.

use lotbridge::domain::{CopyId, Micros, PoolTag, PositionId, Price, Side, text};
use lotbridge::protocol::{HubSession, Nonce, Secret, ToSlave};
use lotbridge::replication::{Action, Instruction, InstructionId};

use super::Outcome;

/// An open with both stops, as the hub sends it.
///
/// # Errors
/// None, unless this file is wrong.
pub fn instruction() -> Outcome<Instruction> {
    let copy = CopyId::new(PoolTag::of_name("benchmark"), PositionId(4));
    Ok(Instruction {
        id: InstructionId(1_760_000_000_000_000),
        copy,
        symbol: text("XAUUSD")?,
        action: Action::Open {
            side: Side::Buy,
            lots: "0.10".parse()?,
            stop_loss: Some("3980.20".parse::<Price>()?),
            take_profit: Some("4040.20".parse::<Price>()?),
        },
        reference: "4000.20".parse()?,
        deviation_points: 100,
        committed_at: Micros(1_760_000_000_000_000),
        valid_until: Micros(1_760_000_010_000_000),
    })
}

/// A hub's end of a session, to encode with.
pub fn session() -> HubSession {
    HubSession::new(Secret::new("only for this benchmark"), Nonce([0; 32]))
}

/// The instruction's frame.
///
/// # Errors
/// As [`instruction`].
pub fn frame() -> Outcome<Vec<u8>> {
    let mut frame = Vec::new();
    session().write(&ToSlave::Instruction(instruction()?), &mut frame)?;
    Ok(frame)
}
