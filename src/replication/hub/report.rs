//! A slave reports what came of an instruction.

use super::super::copy::{Copy, Errand, Flight, Stops};
use super::super::instruction::{Outcome, Report};
use super::super::lifecycle::{Event, State};
use super::super::planted::Defect;
use super::{Alert, Hub};
use crate::allocation::SkipReason;
use crate::domain::{CopyId, Login, Lots, Micros, OrderResult, Retcode, RetcodeClass};

/// So often an open is asked for while the trade server says "try again"; stops that were refused so often count
/// as reported.
pub(super) const ATTEMPTS_MOST: u32 = 5;

/// What was refused is asked for again after this, doubled with every refusal, up to `RETRY_MOST_MS`.
const RETRY_MS: u64 = 250;
/// The longest pause between two attempts.
const RETRY_MOST_MS: u64 = 30_000;

impl Hub {
    /// Takes a report. One that belongs to no instruction under way says only that something was done: the
    /// account's own state, which follows it, tells what.
    pub fn on_report(&mut self, now: Micros, login: Login, report: &Report) {
        self.record_report(login, report, now);
        self.note_barred(login, report.outcome);
        let Some(mut group) = self.groups.remove(&report.copy) else { return };
        if let Some(at) = group.copies.iter().position(|copy| copy.login == login) {
            let mut copy = group.copies[at].clone();
            copy.busy = false;
            if let Some(flight) = copy.flight.filter(|flight| flight.instruction == report.instruction) {
                copy.flight = None;
                self.note_took(login, &flight, report.outcome, now);
                match flight.errand {
                    Errand::Open => self.open_reported(report.copy, &mut copy, report.outcome, now),
                    Errand::Reduce => self.reduce_reported(report.copy, &mut copy, report.outcome, now),
                    Errand::Place => self.place_reported(report.copy, &mut copy, report.outcome, now),
                    Errand::Withdraw => withdraw_reported(&mut copy, report.outcome, now),
                    Errand::Modify => {
                        modify_reported(&mut copy, report.outcome, now);
                        if copy.unsure_since == Some(now) {
                            self.doubt_stops(&group, login, now);
                        }
                    }
                }
                // A close of what the account does not hold is no trouble.
                let gone = flight.errand == Errand::Reduce && report.outcome == Outcome::AlreadyDone;
                if flight.errand != Errand::Open && copy.refusals(flight.errand) > 0 && !gone {
                    self.tell_refused(report.copy, &copy, flight.errand);
                }
            } else {
                copy.unsure_since = Some(now);
            }
            group.copies[at] = copy;
            group.quiet = false;
        }
        self.groups.insert(report.copy, group);
        self.advance(report.copy, Some(login), now);
    }

    /// Whoever may not trade loses every open: the manager is told when it begins.
    fn note_barred(&mut self, login: Login, outcome: Outcome) {
        let (Outcome::Answered(result), Some(slave)) = (outcome, self.slaves.get_mut(&login)) else { return };
        let code = result.retcode;
        if matches!(code, Retcode::CLIENT_DISABLES_AT | Retcode::SERVER_DISABLES_AT) {
            if slave.barred.replace(code).is_none() {
                self.alerts.push_back(Alert::Barred(login, code));
            }
        } else if code.class() == RetcodeClass::Done {
            slave.barred = None;
        }
    }

    fn note_took(&mut self, login: Login, flight: &Flight, outcome: Outcome, now: Micros) {
        if let Outcome::Answered(result) = outcome
            && result.retcode.class() == RetcodeClass::Done
            && let Some(slave) = self.slaves.get_mut(&login)
        {
            slave.took_us = Some(now.since(flight.committed_at));
        }
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
        let attempts = copy.count_refusal(Errand::Open);
        let event = match result.retcode.class() {
            RetcodeClass::Done if result.lots.is_positive() => {
                copy.opened = result.lots;
                copy.actual = result.lots;
                copy.seen = false;
                copy.forget_refusals(Errand::Open);
                Event::Executed
            }
            RetcodeClass::InDoubt if self.planted.is(Defect::ResendOnTimeout) => Event::Retry,
            RetcodeClass::Retry if attempts < ATTEMPTS_MOST => {
                // Once at once, for a price that has just moved; then not in a burst.
                if attempts > 1 {
                    copy.wait_with(Errand::Open, now.plus_ms(pause_ms(attempts - 1)));
                }
                Event::Retry
            }
            _ if may_refuse_stops(result.retcode)
                && !copy.open_bare
                && copy.stops_asked != Some(Stops::default()) =>
            {
                copy.open_bare = true;
                Event::Retry
            }
            RetcodeClass::Later => {
                // The market may open before the deadline.
                copy.wait_with(Errand::Open, now.plus_ms(pause_ms(attempts)));
                Event::Retry
            }
            RetcodeClass::Retry | RetcodeClass::Final => Event::Refused,
            RetcodeClass::Done | RetcodeClass::Placed | RetcodeClass::InDoubt => Event::Lost,
        };
        self.meet(key, copy, event, now);
    }

    /// What cannot be placed now is asked for again as long as the master's order waits: the price may come back, the
    /// market open, another order make room; and once the master's has filled, it is entered at market.
    fn place_reported(&mut self, key: CopyId, copy: &mut Copy, outcome: Outcome, now: Micros) {
        if copy.state != State::Sent {
            return; // The account showed it before the report came.
        }
        let event = match outcome {
            Outcome::Answered(result) => {
                copy.retcode = Some(result.retcode);
                match result.retcode.class() {
                    RetcodeClass::Done | RetcodeClass::Placed if result.ticket != 0 => {
                        copy.seen = false;
                        copy.forget_refusals(Errand::Place);
                        Event::Placed
                    }
                    _ if may_refuse_stops(result.retcode) && !copy.open_bare => {
                        copy.open_bare = true;
                        Event::Retry
                    }
                    RetcodeClass::Retry | RetcodeClass::Later => Event::Retry,
                    _ if may_be_placed_later(result.retcode) => Event::Retry,
                    RetcodeClass::Final => Event::Refused,
                    RetcodeClass::Done | RetcodeClass::Placed | RetcodeClass::InDoubt => Event::Lost,
                }
            }
            Outcome::Declined(SkipReason::TooLate) => Event::Retry,
            Outcome::Declined(reason) => {
                copy.skip = Some(reason);
                Event::Skip
            }
            Outcome::AlreadyDone => Event::Lost,
        };
        if event == Event::Retry {
            copy.refuse(Errand::Place, now);
        }
        self.meet(key, copy, event, now);
    }

    fn reduce_reported(&mut self, key: CopyId, copy: &mut Copy, outcome: Outcome, now: Micros) {
        match outcome {
            Outcome::Answered(result) => {
                copy.retcode = Some(result.retcode);
                match result.retcode.class() {
                    RetcodeClass::Done if result.lots.is_positive() => {
                        copy.actual = copy.actual.saturating_sub(result.lots).max(Lots::ZERO);
                        copy.seen = false;
                        copy.dealt_at = Some(now);
                        copy.forget_refusals(Errand::Reduce);
                        return;
                    }
                    RetcodeClass::Done | RetcodeClass::Placed | RetcodeClass::InDoubt => {
                        copy.seen = false;
                        copy.unsure_since = Some(now);
                    }
                    RetcodeClass::Retry | RetcodeClass::Later | RetcodeClass::Final => {}
                }
            }
            // The agent knows more than the state that was acted on.
            Outcome::AlreadyDone => copy.seen = false,
            Outcome::Declined(_) => {}
        }
        copy.refuse(Errand::Reduce, now);
        if copy.state == State::Closing {
            self.meet(key, copy, Event::CloseFailed, now);
        }
    }
}

/// Stops that were not set are asked for again: the position may not have been there yet, or the price was too near.
fn modify_reported(copy: &mut Copy, outcome: Outcome, now: Micros) {
    if let Outcome::Answered(result) = outcome {
        if result.retcode.class() == RetcodeClass::Done {
            copy.forget_refusals(Errand::Modify);
            return;
        }
        copy.retcode = Some(result.retcode);
        if matches!(result.retcode.class(), RetcodeClass::InDoubt | RetcodeClass::Placed) {
            // It may still be done, after later ones.
            copy.unsure_since = Some(now);
        }
    }
    copy.stops_asked = None;
    copy.terms_asked = None;
    copy.refuse(Errand::Modify, now);
}

/// Is it the stops that the trade server does not take in an opening request? Which code one answers that never takes them is
/// not documented ("MQL5 Programming for Traders", sending a trade request), so an invalid request counts, too.
const fn may_refuse_stops(retcode: Retcode) -> bool {
    matches!(retcode, Retcode::INVALID_STOPS | Retcode::INVALID)
}

/// Is it the order's terms or kind, or the account's room that is refused, and not what it would open for good?
const fn may_be_placed_later(retcode: Retcode) -> bool {
    matches!(
        retcode,
        Retcode::INVALID_PRICE
            | Retcode::INVALID_EXPIRATION
            | Retcode::INVALID_ORDER
            | Retcode::LIMIT_ORDERS
            | Retcode::LIMIT_VOLUME
    )
}

/// Whatever was said, the account tells whether the order is still there; a cancel that was refused is asked for again.
fn withdraw_reported(copy: &mut Copy, outcome: Outcome, now: Micros) {
    copy.seen = false;
    match outcome {
        Outcome::Answered(result) if result.retcode.class() == RetcodeClass::Done => {
            copy.forget_refusals(Errand::Withdraw);
        }
        Outcome::Answered(result) => {
            copy.retcode = Some(result.retcode);
            copy.refuse(Errand::Withdraw, now);
        }
        Outcome::AlreadyDone => copy.forget_refusals(Errand::Withdraw),
        Outcome::Declined(_) => copy.refuse(Errand::Withdraw, now),
    }
}

impl Copy {
    /// Asked for again later.
    fn refuse(&mut self, errand: Errand, now: Micros) {
        let times = self.count_refusal(errand);
        self.wait_with(errand, now.plus_ms(pause_ms(times)));
    }
}

/// How long to wait after so many refusals in a row, from 1.
fn pause_ms(attempts: u32) -> u64 {
    RETRY_MS.checked_shl(attempts.clamp(1, 16) - 1).map_or(RETRY_MOST_MS, |ms| ms.min(RETRY_MOST_MS))
}

/// Why a copy that ended without a position was not made: the reason code, or the trade server's refusal.
pub fn skip_code(skip: Option<SkipReason>, retcode: Option<Retcode>) -> Option<String> {
    skip.map(|reason| reason.code().to_owned())
        .or_else(|| retcode.map(|retcode| format!("rejected_{}", retcode.0)))
}
