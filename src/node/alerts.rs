//! What the manager should know. Both lists are bounded: alerts by their number, refused connections by one line for
//! every reason, however many there were, so that whoever floods the socket pushes nothing else out.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::Micros;

/// Alerts are kept for the panel up to this; the oldest go first.
const ALERTS_MOST: usize = 64;
/// Refusals of one reason that come no further apart are counted in one line.
const LULL_MS: u64 = 600_000;

/// Why a connection was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// Another user of the machine.
    User,
    /// More came at once than may be without proof.
    Crowded,
    /// No proof in time.
    Late,
    /// It went away between the challenge and its proof.
    Left,
    /// Its bytes are no frames.
    Frame,
    /// A message out of its turn.
    Turn,
    /// Another version of the protocol.
    Version,
    /// A wrong proof.
    Secret,
    /// Proved, and no member of any pool.
    Login,
    /// Proved, and no more sessions are taken.
    Full,
}

#[derive(Debug)]
struct Refused {
    count: u64,
    since: Micros,
    last: Micros,
    latest: String,
}

/// All that the manager should know.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    texts: Vec<String>,
    refused: BTreeMap<Reason, Refused>,
    refused_in_all: u64,
    /// What is not on record yet; bounded as the alerts are.
    untold: VecDeque<String>,
}

impl Alerts {
    /// Keeps an alert as the latest; the same one is kept once.
    pub fn note(&mut self, text: String) {
        if !self.texts.contains(&text) {
            self.tell(text.clone());
        }
        self.forget(&text);
        if self.texts.len() >= ALERTS_MOST {
            self.texts.remove(0);
        }
        self.texts.push(text);
    }

    /// What is to go on record next: every alert as it comes, and of refused connections the first of a reason, the tenth,
    /// the hundredth and so on.
    pub fn poll_untold(&mut self) -> Option<String> {
        self.untold.pop_front()
    }

    fn tell(&mut self, text: String) {
        if self.untold.len() >= ALERTS_MOST {
            self.untold.pop_front();
        }
        self.untold.push_back(text);
    }

    /// Takes an alert back: what it told of is over.
    pub fn forget(&mut self, text: &str) {
        self.texts.retain(|kept| kept != text);
    }

    /// Counts a connection that was refused.
    pub fn refuse(&mut self, now: Micros, reason: Reason, text: String) {
        self.refused_in_all += 1;
        let refused = self.refused.entry(reason).or_insert_with(|| Refused {
            count: 0,
            since: now,
            last: now,
            latest: String::new(),
        });
        if now >= refused.last.plus_ms(LULL_MS) {
            (refused.count, refused.since) = (0, now);
        }
        refused.count += 1;
        refused.last = now;
        refused.latest = text;
        if refused.count == 10_u64.pow(refused.count.ilog10()) {
            let line = refused.line();
            self.tell(line);
        }
    }

    /// Connections that were refused, in all.
    pub const fn refused(&self) -> u64 {
        self.refused_in_all
    }

    /// A line for each: the refused connections first, then the alerts, the latest last.
    pub fn lines(&self) -> Vec<String> {
        self.refused.values().map(Refused::line).chain(self.texts.iter().cloned()).collect()
    }
}

impl Refused {
    fn line(&self) -> String {
        let Self { count, since, latest, .. } = self;
        let seconds = i64::try_from(since.0 / 1_000_000).unwrap_or(i64::MAX);
        let since = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        if *count == 1 {
            format!("a connection was refused at {since}: {latest}")
        } else {
            format!("{count} connections were refused since {since}, the last of them: {latest}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn a_flood_of_refusals_is_one_line_and_pushes_nothing_out() {
        let mut alerts = Alerts::default();
        alerts.note("what matters".into());
        for at in 0..10_000 {
            let reason = if at % 2 == 0 { Reason::Frame } else { Reason::Secret };
            alerts.refuse(Micros(at * SECOND), reason, format!("number {at}"));
        }
        let expected = [
            "5000 connections were refused since 1970-01-01T00:00:00Z, the last of them: number 9998",
            "5000 connections were refused since 1970-01-01T00:00:01Z, the last of them: number 9999",
            "what matters",
        ];
        assert_eq!((alerts.lines(), alerts.refused()), (expected.map(str::to_owned).to_vec(), 10_000));
        let told: Vec<String> = std::iter::from_fn(|| alerts.poll_untold()).collect();
        assert_eq!(told[..2], ["what matters", "a connection was refused at 1970-01-01T00:00:00Z: number 0"]);
        assert_eq!(told.len(), 1 + 2 * 4, "the first, the tenth, the hundredth, the thousandth: {told:#?}");
    }

    #[test]
    fn after_a_lull_the_count_begins_anew() {
        let mut alerts = Alerts::default();
        alerts.refuse(Micros(0), Reason::Late, "first".into());
        alerts.refuse(Micros(599 * SECOND), Reason::Late, "second".into());
        assert_eq!(alerts.lines()[0][..26], *"2 connections were refused");
        alerts.refuse(Micros(1_199 * SECOND), Reason::Late, "third".into());
        assert_eq!(alerts.lines(), ["a connection was refused at 1970-01-01T00:19:59Z: third"]);
        assert_eq!(alerts.refused(), 3);
    }

    #[test]
    fn alerts_are_bounded_and_the_same_one_is_kept_once() {
        let mut alerts = Alerts::default();
        for at in 0..1_000 {
            alerts.note(format!("alert {at}"));
            alerts.note("again".into());
        }
        let lines = alerts.lines();
        assert_eq!((lines.len(), lines[62].as_str(), lines[63].as_str()), (64, "alert 999", "again"));
        alerts.forget("again");
        assert_eq!(alerts.lines().len(), 63);
    }
}
