//! The ledger's own thread: records are handed over in memory and written in groups, off the hot path.
//!
//! Whatever happens to the file, nobody who hands over waits for it, but for a bounded moment where a `carry` credit
//! has to be on the disk first. What cannot be written waits in memory, at most [`WAITING_MOST`] records: then the
//! oldest are dropped and counted, for a restarted master goes on from the latest. The file is tried again until it
//! can be written, and says how many it lacks.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::clock::Clock;
use super::{NodeError, panic_text};
use crate::ledger::{Dated, Hash, Ledger, LedgerError};
use crate::replication::Record;

/// So many records wait in memory while the file cannot be written.
const WAITING_MOST: usize = 100_000;
/// So many records at most are one transaction.
const GROUP_MOST: usize = 2_000;
/// The first record of a group waits so long for others, unless somebody waits for it.
const GATHER: Duration = Duration::from_millis(20);
/// A file that cannot be written is tried again after this, doubled every time, up to `RETRY_MOST`.
const RETRY: Duration = Duration::from_millis(100);
/// The longest pause between two tries.
const RETRY_MOST: Duration = Duration::from_secs(5);
/// Closing waits at most so long for what is still to be written.
const CLOSE_MOST: Duration = Duration::from_secs(2);
/// Messages that nobody fetches are kept up to this.
const NOTICES_MOST: usize = 16;

/// How the ledger stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct LedgerNews {
    /// Records that were dropped, in all.
    pub lost: u64,
    /// Why it cannot be written now.
    pub trouble: Option<String>,
    /// What the manager should know, once.
    pub notices: Vec<String>,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
struct State {
    waiting: VecDeque<Dated>,
    /// Taken by the thread and not written yet.
    in_hand: usize,
    /// Records that were ever handed over.
    taken: u64,
    /// Those of them that are on the disk, or were dropped.
    settled: u64,
    /// Dropped, and not yet said so in the file.
    unsaid: u64,
    /// The manager knows that records are dropped.
    dropping: bool,
    news: LedgerNews,
    /// Somebody waits for what is in the queue.
    urgent: bool,
    closing: bool,
    over: bool,
}

#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    work: Condvar,
    done: Condvar,
}

/// Where records are handed over.
#[derive(Clone)]
pub(super) struct Recorder {
    desk: Arc<Desk>,
    pub clock: Clock,
}

/// The thread that writes them; dropping it writes what is left, within a bound.
pub(super) struct RecorderThread {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread. A ledger that could not be opened is tried again. The configuration, without its secret,
    /// goes on record where it is another one than before.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(
        clock: Clock,
        directory: PathBuf,
        name: String,
        configuration: &str,
        opened: Result<(Ledger, Vec<String>), LedgerError>,
    ) -> Result<(Self, RecorderThread), NodeError> {
        let desk = Arc::new(Desk::default());
        let configured = Record::Configured {
            sha256: Hash::of_text(configuration).to_string(),
            configuration: configuration.to_owned(),
            at: clock.now(),
        };
        let mut writer = Writer {
            directory,
            name,
            ledger: None,
            clock,
            configured: clock.stamp().date(configured),
            told: false,
        };
        match opened {
            Ok((ledger, notices)) => {
                writer.ledger = Some(ledger);
                desk.state.lock().news.notices = notices;
            }
            Err(error) => desk.state.lock().note_trouble(&error),
        }
        let own = Arc::clone(&desk);
        let thread = std::thread::Builder::new()
            .name("lotbridge-ledger".into())
            .spawn(move || own.run_guarded(writer))
            .map_err(NodeError::Thread)?;
        Ok((Self { desk: Arc::clone(&desk), clock }, RecorderThread { desk, thread: Some(thread) }))
    }

    /// Hands records over, to be written soon; the number to wait for.
    pub fn hand_over(&self, records: impl IntoIterator<Item = Record>) -> u64 {
        let stamp = self.clock.stamp();
        let mut state = self.desk.state.lock();
        let before = state.waiting.len();
        state.waiting.extend(records.into_iter().map(|record| stamp.date(record)));
        state.taken += (state.waiting.len() - before) as u64;
        while state.waiting.len() + state.in_hand > WAITING_MOST && state.waiting.pop_front().is_some() {
            state.drop_one();
        }
        let ticket = state.taken;
        let begun = before == 0 && !state.waiting.is_empty();
        drop(state);
        if begun {
            self.desk.work.notify_one();
        }
        ticket
    }

    /// Waits until what was handed over up to this number is on the disk, for at most `most`. While the file cannot
    /// be written it does not wait at all: trading goes on.
    pub fn wait_written(&self, ticket: u64, most: Duration) -> bool {
        let until = Instant::now() + most;
        let mut state = self.desk.state.lock();
        state.urgent = true;
        self.desk.work.notify_one();
        while state.settled < ticket {
            if state.news.trouble.is_some()
                || state.over
                || self.desk.done.wait_until(&mut state, until).timed_out()
            {
                return false;
            }
        }
        true
    }

    /// Is there nothing that keeps the file from being written?
    pub fn can_write(&self) -> bool {
        let state = self.desk.state.lock();
        state.news.trouble.is_none() && !state.over
    }

    /// How the ledger stands; every notice is handed out once.
    pub fn news(&self) -> LedgerNews {
        let mut state = self.desk.state.lock();
        let notices = std::mem::take(&mut state.news.notices);
        LedgerNews { notices, ..state.news.clone() }
    }
}

impl Drop for RecorderThread {
    fn drop(&mut self) {
        let until = Instant::now() + CLOSE_MOST;
        let mut state = self.desk.state.lock();
        state.closing = true;
        self.desk.work.notify_all();
        while !state.over {
            if self.desk.done.wait_until(&mut state, until).timed_out() {
                return; // The disk hangs: the terminal shall not hang with it.
            }
        }
        drop(state);
        if let Some(thread) = self.thread.take() {
            // It is at its end. A panic of its own has been noted where it happened.
            let _ = thread.join();
        }
    }
}

impl State {
    fn drop_one(&mut self) {
        if !std::mem::replace(&mut self.dropping, true) {
            self.notice(format!(
                "the ledger: {WAITING_MOST} records wait in memory, the oldest of them are dropped from now on"
            ));
        }
        self.settled += 1;
        self.unsaid += 1;
        self.news.lost += 1;
    }

    /// A disk that stood still for a moment leaves nothing behind in memory.
    fn give_room_back(&mut self) {
        if self.waiting.len() < GROUP_MOST && self.waiting.capacity() > 4 * GROUP_MOST {
            self.waiting.shrink_to(GROUP_MOST);
        }
    }

    fn notice(&mut self, text: String) {
        if self.news.notices.len() < NOTICES_MOST {
            self.news.notices.push(text);
        }
    }

    fn note_trouble(&mut self, error: &LedgerError) {
        if self.news.trouble.is_none() {
            let waiting = self.waiting.len() + self.in_hand;
            self.news.trouble = Some(format!(
                "the ledger cannot be written: {error}; {waiting} records wait in memory (of {WAITING_MOST} at most); \
                 it is tried again, and trading goes on"
            ));
        }
    }

    fn note_written(&mut self, records: usize) {
        self.settled += records as u64;
        self.in_hand = 0;
        self.dropping = false;
        if self.news.trouble.take().is_some() {
            let lost = self.news.lost;
            self.notice(format!("the ledger is written again; records that were dropped in all: {lost}"));
        }
    }
}

impl Desk {
    /// A defect ends the thread, not the terminal; it is told as a trouble.
    fn run_guarded(&self, writer: Writer) {
        let run = std::panic::AssertUnwindSafe(|| self.run(writer));
        let panic = std::panic::catch_unwind(run).err();
        let mut state = self.state.lock();
        if let Some(panic) = panic {
            let what = panic_text(panic.as_ref());
            state.news.trouble = Some(format!("the ledger's thread met a defect: {what}; trading goes on"));
        }
        state.over = true;
        self.done.notify_all();
    }

    fn run(&self, mut writer: Writer) {
        let mut pause = RETRY;
        let mut group: Vec<Dated> = Vec::new();
        let mut missing = 0;
        loop {
            let last = {
                let mut state = self.state.lock();
                self.gather(&mut state, !group.is_empty() || !writer.told);
                if group.is_empty() {
                    let most = state.waiting.len().min(GROUP_MOST);
                    group.extend(state.waiting.drain(..most));
                    state.give_room_back();
                    state.in_hand = group.len();
                    missing += std::mem::take(&mut state.unsaid);
                }
                if group.is_empty() && state.closing && writer.told {
                    return;
                }
                state.closing
            };
            let written = writer.write(&group, missing);
            let mut state = self.state.lock();
            match written {
                Ok(notices) => {
                    for notice in notices {
                        state.notice(notice);
                    }
                    state.note_written(group.len());
                    group.clear();
                    missing = 0;
                    pause = RETRY;
                }
                Err(error) => {
                    state.note_trouble(&error);
                    if last {
                        return;
                    }
                    self.done.notify_all();
                    let until = Instant::now() + pause;
                    while !state.closing && !self.work.wait_until(&mut state, until).timed_out() {}
                    pause = (pause * 2).min(RETRY_MOST);
                }
            }
            drop(state);
            self.done.notify_all();
        }
    }

    /// Waits for something to write, then for a moment for more of it.
    fn gather(&self, state: &mut parking_lot::MutexGuard<'_, State>, at_once: bool) {
        if at_once {
            return;
        }
        while state.waiting.is_empty() && !state.closing {
            self.work.wait(state);
        }
        let until = Instant::now() + GATHER;
        while !state.urgent && !state.closing && state.waiting.len() < GROUP_MOST {
            if self.work.wait_until(state, until).timed_out() {
                break;
            }
        }
        state.urgent = false;
    }
}

/// The file, as far as there is one.
struct Writer {
    directory: PathBuf,
    name: String,
    ledger: Option<Ledger>,
    clock: Clock,
    configured: Dated,
    /// The file is open and has the configuration.
    told: bool,
}

impl Writer {
    /// Writes a group, after how many records before it are missing; what the manager should know about it.
    fn write(&mut self, group: &[Dated], missing: u64) -> Result<Vec<String>, LedgerError> {
        let mut notices = Vec::new();
        match self.try_write(group, missing, &mut notices) {
            // A new file will do.
            Err(error @ LedgerError::Gone { .. }) => {
                notices.push(format!(
                    "{error}: a new one is begun without what was in it; no position is lost, trading goes on"
                ));
                self.try_write(group, missing, &mut notices)?;
            }
            Err(error) if error.is_broken() => {
                notices.push(Ledger::set_aside(&self.directory, &self.name, &error)?);
                self.try_write(group, missing, &mut notices)?;
            }
            written => written?,
        }
        Ok(notices)
    }

    fn try_write(
        &mut self,
        group: &[Dated],
        missing: u64,
        notices: &mut Vec<String>,
    ) -> Result<(), LedgerError> {
        let told = std::mem::take(&mut self.told);
        let mut ledger = if let Some(ledger) = self.ledger.take() {
            ledger
        } else {
            let (ledger, notice) = Ledger::reopen(&self.directory, &self.name)?;
            notices.extend(notice);
            ledger
        };
        let mut before = Vec::new();
        if !told && !self.is_configured(&ledger)? {
            before.push(self.configured.clone());
        }
        if missing > 0 {
            let gap = Record::Missing { count: missing, at: self.clock.now() };
            before.push(self.clock.stamp().date(gap));
        }
        if before.is_empty() {
            ledger.append(group)?;
        } else {
            ledger.append(&[&before, group].concat())?;
        }
        // After an error it is opened anew: that finds out what became of it.
        self.ledger = Some(ledger);
        self.told = true;
        Ok(())
    }

    /// Is the present configuration the last on record?
    fn is_configured(&self, ledger: &Ledger) -> Result<bool, LedgerError> {
        let Record::Configured { sha256, .. } = &self.configured.record else { return Ok(true) };
        Ok(ledger.configuration()?.as_ref() == Some(sha256))
    }
}
