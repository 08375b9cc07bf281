//! Since when the terminal has been watched: how old a doubt is proves nothing while nobody could see it resolved.

use crate::domain::Micros;

/// A silence longer than this is a standstill, however little doubt there is.
const GAP_LEAST_MS: u64 = 1_000;

/// The states of a terminal that is connected to its trade server, one soon after the other. The first one after a
/// standstill may still be the list of before it.
#[derive(Debug)]
pub(super) struct Watch {
    doubt_ms: u64,
    stretch: Option<Stretch>,
}

/// From the first of them to the last.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    since: Micros,
    last: Micros,
}

impl Watch {
    pub const fn new(doubt_ms: u64) -> Self {
        Self { doubt_ms, stretch: None }
    }

    /// A state came. It begins anew where the terminal was cut off, or nothing was heard of it for too long.
    pub fn look(&mut self, now: Micros, connected: bool) {
        let gap_ms = (self.doubt_ms / 2).max(GAP_LEAST_MS);
        let goes_on = self.stretch.filter(|stretch| now <= stretch.last.plus_ms(gap_ms));
        let since = goes_on.map_or(now, |stretch| stretch.since);
        self.stretch = connected.then_some(Stretch { since, last: now });
    }

    /// The terminal shows another account.
    pub const fn lose_sight(&mut self) {
        self.stretch = None;
    }

    /// Would the last state show what was done then? Not before the terminal was watched for the time that its lists may
    /// lag behind.
    pub fn would_show(&self, then: Micros) -> bool {
        self.stretch.is_some_and(|stretch| stretch.last >= then.max(stretch.since).plus_ms(self.doubt_ms))
    }

    /// Has the terminal been watched so long that its last state shows what was done before?
    pub fn has_settled(&self) -> bool {
        self.would_show(Micros::default())
    }
}
