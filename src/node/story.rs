//! What goes on record, and what of it the manager reads at once.

use std::time::Duration;

use super::master::Inner;
use super::recorder::Recorder;
use crate::replication::{Record, State};

/// A credit that has to be on the disk before it reaches a slave is waited for at most so long; then trading goes on.
const RECORD_WAIT: Duration = Duration::from_millis(50);

/// So many lines of news are kept.
const NEWS_MOST: usize = 64;

impl Inner {
    /// Has credits on the disk before what follows from them is sent, within a bound.
    pub fn record_credits(&mut self) {
        let Some(recorder) = self.record_ahead.clone() else { return };
        let ticket = self.hand_over(&recorder);
        if std::mem::take(&mut self.credits_handed_over) {
            // When they are not there in time, trading goes on without.
            let _ = recorder.wait_written(ticket, RECORD_WAIT);
        }
    }

    /// Hands over what has happened to the ledger's thread, in its order: whoever does so holds the lock. The number to
    /// wait for.
    pub fn hand_over(&mut self, recorder: &Recorder) -> u64 {
        let mut records: Vec<Record> = std::iter::from_fn(|| self.poll_record()).collect();
        while let Some(text) = self.alerts.poll_untold() {
            records.push(Record::Told { text, at: recorder.clock.now() });
        }
        let is_credit = |record: &Record| matches!(record, Record::Decided { credit: Some(_), .. });
        self.credits_handed_over |= records.iter().any(is_credit);
        recorder.hand_over(records)
    }

    /// What to put on record next. What the manager has to mend becomes an alert on the way, once.
    fn poll_record(&mut self) -> Option<Record> {
        let record = self.hub.poll_record()?;
        self.note_news(&record);
        if let Record::Decided { login, decision, .. } = &record
            && let Some(symbol) = decision.facts.symbol
        {
            let text =
                format!("{symbol} is not offered by account {login}'s broker: see accounts.{login}.symbols");
            self.alerts.note(text);
        }
        Some(record)
    }

    /// What became of a copy, as the manager's panel shows it.
    fn note_news(&mut self, record: &Record) {
        let Record::Copy { copy, login, state, opened, retcode, skip, .. } = record else { return };
        if *state == State::Planned || *state == State::Sent {
            return;
        }
        let why = match (skip, retcode) {
            (Some(skip), _) => format!(", {skip}"),
            (None, Some(retcode)) if *state == State::Rejected => format!(", {retcode}"),
            _ => String::new(),
        };
        if self.news.len() >= NEWS_MOST {
            self.news.pop_front();
        }
        self.news.push_back(format!("{login}: copy {copy} {state}, {opened} lots{why}"));
    }
}
