//! Since when the terminal has been watched: how old a doubt is proves nothing while nobody could see it resolved.

use crate::domain::Micros;

/// A silence longer than this is a standstill, however little doubt there is.
const GAP_LEAST_MS: u64 = 1_000;

/// So long nothing may be heard of an account that is watched.
pub(super) fn gap_ms(doubt_ms: u64) -> u64 {
    (doubt_ms / 2).max(GAP_LEAST_MS)
}

/// The states of a terminal that is connected to its trade server, one soon after the other. The first one after a
/// standstill may still be the list of before it.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    doubt_ms: u64,
    stretch: Option<Stretch>,
    /// What was done before this agent began is shown, or never will be.
    settled: bool,
}

/// From the first of them to the last.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    since: Micros,
    last: Micros,
}

impl Watch {
    pub const fn new(doubt_ms: u64) -> Self {
        Self { doubt_ms, stretch: None, settled: false }
    }

    /// A state came, of this moment; does it begin anew with it? Where the terminal was cut off, or nothing was heard of it
    /// for too long, it does.
    pub fn look(&mut self, now: Micros, connected: bool) -> bool {
        let gap_ms = gap_ms(self.doubt_ms);
        let goes_on = self.stretch.filter(|stretch| now <= stretch.last.plus_ms(gap_ms));
        let since = goes_on.map_or(now, |stretch| stretch.since);
        self.stretch = connected.then_some(Stretch { since, last: now });
        self.settled |= self.has_caught_up();
        goes_on.is_none()
    }

    /// The terminal shows another account, or nothing more is heard of it.
    pub const fn lose_sight(&mut self) {
        self.stretch = None;
    }

    /// Would the last state show what was done then? Not before the terminal was watched for the time that its lists may
    /// lag behind.
    pub fn would_show(&self, then: Micros) -> bool {
        self.stretch.is_some_and(|stretch| stretch.last >= then.max(stretch.since).plus_ms(self.doubt_ms))
    }

    /// Since when it has been watched; `None`: it is not.
    pub fn since(&self) -> Option<Micros> {
        self.stretch.map(|stretch| stretch.since)
    }

    /// Is it watched for so long that what its lists show has caught up with whatever was done before?
    pub fn has_caught_up(&self) -> bool {
        self.would_show(Micros::default())
    }

    /// Was the terminal ever watched so long that its states show what was done before this agent began? What the agent
    /// itself did is known.
    pub const fn has_settled(&self) -> bool {
        self.settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_as_a_gap() {
        for (doubt_ms, expected) in [(0, 1_000), (1_000, 1_000), (2_000, 1_000), (6_000, 3_000)] {
            assert_eq!(gap_ms(doubt_ms), expected, "{doubt_ms}");
        }
    }

    /// When (milliseconds), whether it was connected; then: does it show what was done at 2000, has it ever settled?
    #[test]
    fn only_a_stretch_without_a_gap_shows_what_was_done() {
        let watched = [
            (vec![(0, true), (1_000, true), (1_999, true)], false, false),
            (vec![(0, true), (1_000, true), (2_000, true)], false, true),
            (vec![(0, true), (1_000, true), (2_000, true), (3_000, true), (4_000, true)], true, true),
            (vec![(0, true), (1_000, true), (2_000, true), (3_001, true), (4_001, true)], false, true),
            (vec![(0, true), (1_000, true), (2_000, false), (2_500, true), (3_500, true)], false, false),
            (vec![(3_000, true), (4_000, true), (5_000, true)], true, true),
        ];
        for (states, shows, settled) in watched {
            let mut watch = Watch::new(2_000);
            for (at_ms, connected) in &states {
                watch.look(Micros(*at_ms * 1_000), *connected);
            }
            assert_eq!(
                (watch.would_show(Micros(2_000_000)), watch.has_settled()),
                (shows, settled),
                "{states:?}"
            );
        }
    }
}
