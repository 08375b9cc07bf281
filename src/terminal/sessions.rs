//! When the market is open.

use super::account::Terminal;
use crate::domain::{Retcode, ServerTime};

const DAY_MINUTES: i64 = 1440;
const WEEK_MINUTES: i64 = 7 * DAY_MINUTES;

/// When the market is open: minutes of the week in server time, from Monday 00:00. One that runs over Sunday's
/// midnight is two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Its first minute, 0 to 10,079.
    pub from_minute: u32,
    /// The minute that it ends before, 1 to 10,080.
    pub to_minute: u32,
}

impl Session {
    pub(super) fn is_of_one_week(self) -> bool {
        self.from_minute < self.to_minute && i64::from(self.to_minute) <= WEEK_MINUTES
    }

    fn contains(self, time: ServerTime) -> bool {
        // 1970-01-01 was a Thursday, three days into its week.
        let minute = (time.0.div_euclid(60_000) + 3 * DAY_MINUTES).rem_euclid(WEEK_MINUTES);
        (i64::from(self.from_minute)..i64::from(self.to_minute)).contains(&minute)
    }
}

impl Terminal {
    /// Is the market open at the account's present time?
    pub(super) fn is_market_open(&self) -> bool {
        let (sessions, now) = (&self.settings.sessions, self.clock.unwrap_or_default());
        sessions.is_empty() || sessions.iter().any(|session| session.contains(now))
    }

    pub(super) fn check_market_open(&self) -> Result<(), Retcode> {
        if self.is_market_open() { Ok(()) } else { Err(Retcode::MARKET_CLOSED) }
    }
}
