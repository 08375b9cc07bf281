//! Watches what the hub sends: what may have been executed is not asked for again before its account was looked at.

use std::collections::BTreeMap;

use lotbridge::domain::{CopyId, Login, Lots, OrderResult, RetcodeClass};
use lotbridge::replication::{Action, Instruction, InstructionId, Outcome, Report};

use super::setup::DOUBT_MS;
use super::wrong::{Invariant, Wrong};

/// A state that reaches the hub after a report may have been taken a little before it.
const SLACK_MS: u64 = 600;

/// What became of the last order that was to open a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    UnderWay,
    /// Certainly not executed.
    Refused,
    Done,
    /// Nobody knows, since then.
    Unknown(u64),
}

/// How much an instruction is to open, at market or with an order that waits.
pub const fn opens(action: &Action) -> Option<Lots> {
    match action {
        Action::Open { lots, .. } | Action::Place { lots, .. } => Some(*lots),
        _ => None,
    }
}

struct Asked {
    id: InstructionId,
    places: bool,
    came: Came,
}

/// By account and copy.
#[derive(Default)]
pub struct Monitor(BTreeMap<(Login, CopyId), Asked>);

impl Monitor {
    /// The hub instructs.
    pub fn instructed(&mut self, now_ms: u64, login: Login, instruction: &Instruction) -> Result<(), Wrong> {
        if opens(&instruction.action).is_none() {
            return Ok(());
        }
        let places = matches!(instruction.action, Action::Place { .. });
        let asked = Asked { id: instruction.id, places, came: Came::UnderWay };
        let Some(before) = self.0.insert((login, instruction.copy), asked) else { return Ok(()) };
        let again = match before.came {
            Came::Refused => return Ok(()),
            // An order that was withdrawn to enter at market.
            Came::Done if before.places && !places => return Ok(()),
            Came::Unknown(since) if now_ms + SLACK_MS >= since + DOUBT_MS => return Ok(()),
            came => came,
        };
        let copy = instruction.copy;
        Err(Invariant::Doubt
            .broken(format!("{login} is asked for {copy} again: what came of it is {again:?}")))
    }

    /// A report has reached the hub.
    pub fn reported(&mut self, now_ms: u64, login: Login, report: &Report) {
        let Some(asked) = self.0.get_mut(&(login, report.copy)) else { return };
        if asked.id != report.instruction || asked.came != Came::UnderWay {
            return;
        }
        asked.came = match report.outcome {
            Outcome::Declined(_) => Came::Refused,
            Outcome::AlreadyDone => Came::Unknown(now_ms),
            Outcome::Answered(OrderResult { retcode, lots, ticket, .. }) => match retcode.class() {
                RetcodeClass::Done | RetcodeClass::Placed
                    if lots.is_positive() || asked.places && ticket != 0 =>
                {
                    Came::Done
                }
                RetcodeClass::Done | RetcodeClass::Placed | RetcodeClass::InDoubt => Came::Unknown(now_ms),
                RetcodeClass::Retry | RetcodeClass::Later | RetcodeClass::Final => Came::Refused,
            },
        };
    }

    /// The hub goes by what the account has shown: it was done.
    pub fn seen(&mut self, login: Login, copy: CopyId) {
        if let Some(asked) = self.0.get_mut(&(login, copy)).filter(|a| matches!(a.came, Came::Unknown(_))) {
            asked.came = Came::Done;
        }
    }

    /// The hub has lost its record: it goes by what the accounts show.
    pub fn forgotten(&mut self, now_ms: u64) {
        for asked in self.0.values_mut() {
            if asked.came == Came::Done {
                asked.came = Came::Unknown(now_ms);
            }
        }
    }

    /// A session is over, or the hub is: nobody waits for the answers any more.
    pub fn lost(&mut self, now_ms: u64, whose: Option<Login>) {
        for ((login, _), asked) in &mut self.0 {
            if asked.came == Came::UnderWay && whose.is_none_or(|whose| whose == *login) {
                asked.came = Came::Unknown(now_ms);
            }
        }
    }
}
