//! What the manager should know at once.

use std::fmt;

use super::super::copy::{Copy, Errand};
use super::super::guard::{Trip, Tripped};
use super::Hub;
use super::report::ATTEMPTS_MOST;
use crate::domain::{CopyId, Login, Lots, Position, Retcode, Side};

/// What the manager should know at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alert {
    /// A guard has tripped, by the hub's own watch.
    Here(Login, Trip),
    /// A guard has tripped, by the slave's.
    AtSlave(Login, Tripped),
    /// A trade server keeps refusing to close, to cancel or to set stops. It is asked again and again, with pauses.
    Refused {
        /// The slave.
        login: Login,
        /// Which copy.
        copy: CopyId,
        /// What it was asked for.
        errand: Errand,
        /// What it said last; `None`: the slave's own agent refused.
        retcode: Option<Retcode>,
        /// How often in a row.
        attempts: u32,
    },
    /// Programs may not trade on the account: nothing is opened there until they may.
    Barred(Login, Retcode),
    /// The account holds a copy of a pool that it is in no more, or that is no more: nobody follows it.
    Left(Login, CopyId),
    /// The master shows so many of its positions and orders no more, and nothing tells that they are over: after so many
    /// milliseconds in all they count as closed.
    MasterMisses(usize, u64),
    /// The master's netting position holds so much more than its deals tell (in units; less where negative).
    Unexplained(Box<Position>, i64),
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(login, trip) => write!(f, "slave {login}: {trip}"),
            Self::AtSlave(login, Tripped { guard, reaction }) => {
                let guard = guard.skip();
                write!(f, "slave {login}: its own terminal says that {guard} has tripped, {reaction}")
            }
            Self::Refused { login, copy, errand, retcode, attempts } => {
                let what = match errand {
                    Errand::Open | Errand::Place => "opened",
                    Errand::Reduce => "closed",
                    Errand::Withdraw => "cancelled",
                    Errand::Modify => "given its stops",
                };
                write!(f, "slave {login}: copy {copy} could not be {what} in {attempts} attempts")?;
                match retcode {
                    Some(retcode) => write!(f, ", the trade server says {retcode}")?,
                    None => f.write_str(", its agent refuses")?,
                }
                f.write_str("; it is asked again: look at its terminal")
            }
            Self::Barred(login, retcode) => {
                write!(
                    f,
                    "slave {login} may not trade, {retcode}: what the master opens is lost to it, what he closes is tried again; "
                )?;
                f.write_str(match *retcode {
                    Retcode::CLIENT_DISABLES_AT => "switch on Algo Trading in its terminal",
                    _ => "ask its broker to let programs trade",
                })
            }
            Self::MasterMisses(count, patience_ms) => write!(
                f,
                "the master's terminal does not show {count} of its positions and orders, and its history does not tell what \
                 became of them: their copies are closed {} s after they went missing. If they are still there, take this program off its chart until the terminal shows them",
                patience_ms / 1_000
            ),
            Self::Unexplained(position, by) => {
                let Position { id, symbol, side, lots, .. } = &**position;
                let told = side.signed(*lots).saturating_sub(*by);
                let told_side = if told < 0 { Side::Sell } else { Side::Buy };
                write!(
                    f,
                    "the master's position {id} holds {side} {lots} {symbol}, the deals in its history come to {told_side} {}: \
                     what none of them opened is not copied, and where it holds less its copies are reduced. Ask its broker what \
                     was corrected, and adjust the copies by hand if they shall differ",
                    Lots::from_units(told.saturating_abs())
                )
            }
            Self::Left(login, copy) => write!(
                f,
                "slave {login}: copy {copy} is of a pool that the account is in no more: nothing closes it with the master. \
                 Close it by hand, or put the account back into that pool and start this program anew"
            ),
        }
    }
}

impl Hub {
    /// What the manager should know next; `None` when nothing is left.
    pub fn poll_alert(&mut self) -> Option<Alert> {
        self.alerts.pop_front()
    }

    /// Tells of what the master misses whenever it is more than before.
    pub(super) fn tell_missed(&mut self, count: usize, patience_ms: u64) {
        if count > self.missing_told {
            self.alerts.push_back(Alert::MasterMisses(count, patience_ms));
        }
        self.missing_told = count;
    }

    /// Tells of an errand that fails for the fifth time in a row, and each time that count has doubled since.
    pub(super) fn tell_refused(&mut self, copy_id: CopyId, copy: &Copy, errand: Errand) {
        let attempts = copy.refusals(errand);
        if attempts.is_multiple_of(ATTEMPTS_MOST) && (attempts / ATTEMPTS_MOST).is_power_of_two() {
            self.alerts.push_back(Alert::Refused {
                login: copy.login,
                copy: copy_id,
                errand,
                retcode: copy.retcode,
                attempts,
            });
        }
    }
}
