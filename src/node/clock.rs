//! The node's clock: microseconds since 1970 by the system's clock at the start, then monotonic.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Micros;
use crate::ledger::Dated;
use crate::replication::Record;

/// Starts at the system's clock and never jumps with it. Clocks of processes on one machine agree as well as the
/// system's clock stood still between their starts.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
    start_micros: u64,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            start: Instant::now(),
            start_micros: u64::try_from(since_1970.as_micros()).unwrap_or(u64::MAX),
        }
    }

    /// Now.
    pub fn now(&self) -> Micros {
        let elapsed = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        Micros(self.start_micros.saturating_add(elapsed))
    }
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp {
    now: Micros,
    wall_ms: u64,
}

impl Clock {
    /// Both clocks now: the system's may have been set since the start.
    pub(super) fn stamp(&self) -> Stamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Stamp { now: self.now(), wall_ms: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX) }
    }
}

impl Stamp {
    /// A record with the moment by the wall clock at which it happened.
    pub fn date(&self, record: Record) -> Dated {
        Dated { wall_ms: self.wall_ms.saturating_sub(self.now.since(record.at()) / 1000), record }
    }
}

/// When something was used last.
#[derive(Debug)]
pub struct LastUse {
    start: Instant,
    /// Milliseconds since then.
    at_ms: AtomicU64,
}

impl LastUse {
    /// Used for the first time now.
    pub fn begin() -> Self {
        Self { start: Instant::now(), at_ms: AtomicU64::new(0) }
    }

    /// Used again.
    pub fn touch(&self) {
        self.at_ms.fetch_max(self.since_start_ms(), Ordering::Relaxed);
    }

    /// For how long it has not been used.
    pub fn idle(&self) -> Duration {
        Duration::from_millis(self.since_start_ms().saturating_sub(self.at_ms.load(Ordering::Relaxed)))
    }

    fn since_start_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
