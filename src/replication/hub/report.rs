//! A slave reports what came of an instruction.

use super::super::copy::{Copy, Errand, Stops};
use super::super::instruction::{Outcome, Report};
use super::super::lifecycle::{Event, State};
use super::Hub;
use crate::allocation::SkipReason;
use crate::domain::{CopyId, Login, Micros, OrderResult, Retcode, RetcodeClass};

/// So often an open or a change of stops is asked for while the trade server says "try again".
const ATTEMPTS_MOST: u32 = 3;

/// A refused close is asked for again after this, doubled with every refusal, up to `CLOSE_RETRY_MOST_MS`.
const CLOSE_RETRY_MS: u64 = 250;
/// The longest pause between two attempts to close.
const CLOSE_RETRY_MOST_MS: u64 = 30_000;

impl Hub {
    /// Takes a report. One that belongs to no instruction under way changes nothing: the account's own state,
    /// which follows it, tells.
    pub fn on_report(&mut self, now: Micros, login: Login, report: &Report) {
        let Some(mut group) = self.groups.remove(&report.copy) else { return };
        if let Some(at) = group.copies.iter().position(|copy| copy.login == login) {
            let mut copy = group.copies[at].clone();
            if let Some(flight) = copy.flight.filter(|flight| flight.instruction == report.instruction) {
                copy.flight = None;
                match flight.errand {
                    Errand::Open => self.open_reported(report.copy, &mut copy, report.outcome, now),
                    Errand::Reduce => self.reduce_reported(report.copy, &mut copy, report.outcome, now),
                    Errand::Modify => modify_reported(&mut copy, report.outcome, now),
                }
            }
            group.copies[at] = copy;
            group.quiet = false;
        }
        self.groups.insert(report.copy, group);
        self.advance(report.copy, now);
    }

    fn open_reported(&mut self, key: CopyId, copy: &mut Copy, outcome: Outcome, now: Micros) {
        if copy.state == State::Open {
            return; // The account showed it before the report came.
        }
        match outcome {
            Outcome::Answered(result) => {
                copy.retcode = Some(result.retcode);
                self.open_answered(key, copy, &result, now);
            }
            Outcome::Declined(reason) => {
                copy.skip = Some(reason);
                self.meet(key, copy, Event::Skip, now);
            }
            Outcome::AlreadyDone => self.meet(key, copy, Event::Lost, now),
        }
    }

    fn open_answered(&mut self, key: CopyId, copy: &mut Copy, result: &OrderResult, now: Micros) {
        copy.attempts += 1;
        let event = match result.retcode.class() {
            RetcodeClass::Done if result.lots.is_positive() => {
                copy.opened = result.lots;
                copy.actual = result.lots;
                copy.seen = false;
                copy.attempts = 0;
                Event::Executed
            }
            RetcodeClass::Retry if copy.attempts < ATTEMPTS_MOST => Event::Retry,
            _ if result.retcode == Retcode::INVALID_STOPS
                && !copy.open_bare
                && copy.stops_asked != Stops::default() =>
            {
                copy.open_bare = true;
                Event::Retry
            }
            RetcodeClass::Retry | RetcodeClass::Later | RetcodeClass::Final => Event::Refused,
            RetcodeClass::Done | RetcodeClass::Placed | RetcodeClass::InDoubt => Event::Lost,
        };
        self.meet(key, copy, event, now);
    }

    fn reduce_reported(&mut self, key: CopyId, copy: &mut Copy, outcome: Outcome, now: Micros) {
        let done =
            matches!(&outcome, Outcome::Answered(result) if result.retcode.class() == RetcodeClass::Done);
        copy.seen = false;
        if let Outcome::Answered(result) = outcome {
            copy.retcode = Some(result.retcode);
            if done {
                copy.actual = copy.actual.saturating_sub(result.lots).max(crate::domain::Lots::ZERO);
                copy.attempts = 0;
                return;
            }
        }
        // Asked again later: what is asked for is where to arrive, so a close that did happen is not doubled.
        copy.attempts = copy.attempts.saturating_add(1);
        let pause_ms = CLOSE_RETRY_MS.checked_shl(copy.attempts.min(16) - 1).unwrap_or(CLOSE_RETRY_MOST_MS);
        copy.not_before = now.plus_ms(pause_ms.min(CLOSE_RETRY_MOST_MS));
        if copy.state == State::Closing {
            self.meet(key, copy, Event::CloseFailed, now);
        }
    }
}

fn modify_reported(copy: &mut Copy, outcome: Outcome, now: Micros) {
    let Outcome::Answered(result) = outcome else { return };
    match result.retcode.class() {
        RetcodeClass::Done => copy.attempts = 0,
        RetcodeClass::Retry | RetcodeClass::InDoubt if copy.attempts < ATTEMPTS_MOST => {
            copy.attempts += 1;
            copy.stops_asked = Stops::default();
            copy.not_before = now.plus_ms(CLOSE_RETRY_MS);
        }
        _ => {
            copy.retcode = Some(result.retcode);
            copy.attempts = 0;
        }
    }
}

/// Why a copy that ended without a position was not made: the reason code, or the trade server's refusal.
pub fn skip_code(skip: Option<SkipReason>, retcode: Option<Retcode>) -> Option<String> {
    skip.map(|reason| reason.code().to_owned())
        .or_else(|| retcode.map(|retcode| format!("rejected_{}", retcode.0)))
}
