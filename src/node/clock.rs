//! The node's clock: microseconds since 1970 by the system's clock at the start, then monotonic.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Micros;

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
