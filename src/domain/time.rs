//! Two clocks that must not be mixed: the trade server's and the node's own.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970 in **trade-server time**, as MetaTrader's `datetime` counts: no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerTime(pub i64);

impl ServerTime {
    /// From whole seconds, as MetaTrader's `datetime` has them.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }
    /// Milliseconds since `earlier`; zero when it is later.
    pub fn ms_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
    /// Whole days since 1 January 1970, a Thursday, and the minute of that day, 0 to 1439.
    pub const fn day_and_minute(self) -> (i64, i64) {
        (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000) / 60_000)
    }
}

/// Microseconds of the node's clock. Where it starts is the node's matter; only differences count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub u64);

impl Micros {
    /// This moment and `ms` milliseconds more.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1000)))
    }
    /// Microseconds since `earlier`; zero when it is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
