//! When a slave connects again: soon at first, then ever later.

use crate::domain::Micros;

/// The first pause before connecting again; doubled up to the longest.
const FIRST_MS: u64 = 20;
/// The longest pause before connecting again.
const LONGEST_MS: u64 = 1_000;
/// A session that was shorter shortens no pause: another terminal on the account may have taken it over.
const SESSION_LEAST_MS: u64 = 1_000;

/// Between one session and the next.
#[derive(Debug)]
pub(super) struct Pause {
    next_ms: u64,
    until: Micros,
    /// When the session opened; `None`: there is none.
    opened: Option<Micros>,
}

impl Pause {
    pub const fn new() -> Self {
        Self { next_ms: FIRST_MS, until: Micros(0), opened: None }
    }

    /// The session is open.
    pub const fn opened(&mut self, now: Micros) {
        self.opened = Some(now);
    }

    /// The session, or the try to open one, is over.
    pub fn lost(&mut self, now: Micros) {
        if self.opened.take().is_some_and(|at| now >= at.plus_ms(SESSION_LEAST_MS)) {
            self.next_ms = FIRST_MS;
        }
        self.until = now.plus_ms(self.next_ms);
        self.next_ms = (self.next_ms * 2).min(LONGEST_MS);
    }

    /// How long it still lasts, in milliseconds; 0: it is time to connect.
    pub fn left_ms(&self, now: Micros) -> u64 {
        self.until.since(now).div_ceil(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the session opened and was lost, in milliseconds; the pause that follows.
    #[test]
    fn only_a_session_that_lasts_shortens_the_pause() {
        let mut pause = Pause::new();
        let tries = [
            (None, 0, 20),
            (None, 100, 40),
            (Some(200), 1_199, 80),
            (Some(1_300), 2_300, 20),
            (None, 2_400, 40),
            (None, 2_500, 80),
            (None, 2_600, 160),
            (None, 2_700, 320),
            (None, 2_800, 640),
            (None, 2_900, 1_000),
            (None, 3_000, 1_000),
        ];
        for (opened_ms, lost_ms, expected) in tries {
            if let Some(at_ms) = opened_ms {
                pause.opened(Micros(at_ms * 1000));
            }
            pause.lost(Micros(lost_ms * 1000));
            assert_eq!(pause.left_ms(Micros(lost_ms * 1000)), expected, "{lost_ms}");
            assert_eq!(pause.left_ms(Micros((lost_ms + expected) * 1000)), 0);
        }
    }
}
