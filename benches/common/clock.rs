//! The clock that all processes of this machine share.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970: the standard library's monotonic clock does not cross processes, and nothing sets this one
/// within a sample.
pub fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
