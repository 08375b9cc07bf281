//! What the latency and the fan-out benchmark share: one master and its slaves, a process each, measured over
//! LotBridge and over bare Unix sockets in turns.
//!
//! A sample runs from just before the master's call to the moment the last slave has what it brings. Both kinds run
//! in the same processes, paced alike, from the same state: everybody blocked. Slaves answer for their stamps only
//! when asked, which is after the sample. Clocks are `CLOCK_MONOTONIC`, which processes of one machine share.

mod account;
mod attack;
mod clock;
pub mod frame;
mod master;
mod slave;
pub mod stats;

use std::time::Duration;

pub use master::Master;
pub use slave::serve_if_slave;

/// What goes wrong in a benchmark ends it.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// How long a slave waits for an order at most before it waits again, as an EA does.
const WAIT_MS: u32 = 50;

/// How a benchmark is paced.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Before a sample, when everybody has nothing left to do.
    pub pause: Duration,
    /// After a sample's start, before anybody is asked for a stamp: longer than a sample takes.
    pub span: Duration,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Rounds, each of the bare sockets and of LotBridge.
    pub rounds: usize,
    /// Turns that a round is cut into, so that whatever else the machine does falls on both alike.
    pub turns: usize,
    /// Samples of each kind in a turn.
    pub samples: usize,
    /// Somebody attacks the master's socket meanwhile.
    pub attacked: bool,
}

/// One round: nanoseconds of every sample.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// The bare sockets.
    pub raw: Vec<u32>,
    /// A new position on the master.
    pub open: Vec<u32>,
    /// Its close.
    pub close: Vec<u32>,
}

/// A crew of `slaves` measured in turns.
///
/// # Errors
/// Whatever breaks in it.
pub fn measure(slaves: u32, effort: Effort, pace: Pace) -> Outcome<Vec<Round>> {
    let mut master = Master::start(slaves)?;
    let attack = effort.attacked.then(|| attack::Attack::on(&master.socket())).transpose()?;
    // Not counted: pages, caches and branch predictors get acquainted.
    master.raw_turn(effort.samples, pace)?;
    master.our_turn(effort.samples, pace)?;
    let mut rounds = Vec::with_capacity(effort.rounds);
    for _ in 0..effort.rounds {
        let mut round = Round::default();
        for _ in 0..effort.turns {
            round.raw.extend(master.raw_turn(effort.samples, pace)?);
            let (open, close) = master.our_turn(effort.samples, pace)?;
            round.open.extend(open);
            round.close.extend(close);
        }
        rounds.push(round);
    }
    drop(attack);
    Ok(rounds)
}
