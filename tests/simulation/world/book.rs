//! The ledger as files, through the real module: written in groups, torn or gone when the hub's process dies.

use std::fs;
use std::path::Path;

use lotbridge::ledger::{Dated, Ledger};
use lotbridge::replication::Record;
use tempfile::TempDir;

use super::super::random::Random;
use super::super::wrong::{Invariant, Wrong};

const NAME: &str = "master";

/// What becomes of the files with their process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Whole,
    /// The log's tail is missing from some byte on.
    TornLog,
    /// And the database's.
    TornFile,
    Gone,
}

/// A master's ledger on the disk.
pub struct Book {
    folder: TempDir,
    /// `None`: the hub does not run.
    ledger: Option<Ledger>,
    /// Not written yet.
    waiting: Vec<Dated>,
    /// How often each fate was met.
    pub met: [u64; 4],
}

impl Book {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let opened = Ledger::open(folder.path(), NAME).unwrap();
        assert!(opened.records.is_empty(), "a new ledger");
        Self { folder, ledger: Some(opened.ledger), waiting: Vec::new(), met: [0; 4] }
    }

    pub fn take(&mut self, wall_ms: u64, record: &Record) {
        self.waiting.push(Dated { wall_ms, record: record.clone() });
    }

    /// As the ledger's thread does: all that waits as one group.
    pub fn write(&mut self) {
        if let Some(ledger) = &mut self.ledger
            && !self.waiting.is_empty()
        {
            ledger.append(&self.waiting).unwrap();
            self.waiting.clear();
        }
    }

    /// The process dies, and something may happen to its files: what the next one reads back of them.
    pub fn dies(&mut self, random: &mut Random) -> Result<Vec<Record>, Wrong> {
        // What waits is lost, or was just written.
        if random.per_mille(500) {
            self.write();
        }
        self.waiting.clear();
        // The files as they are while it runs: an orderly end would tidy up.
        let image = tempfile::tempdir().unwrap();
        for file in fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap) {
            if !file.file_name().to_string_lossy().ends_with("-shm") {
                fs::copy(file.path(), image.path().join(file.file_name())).unwrap();
            }
        }
        self.ledger = None;
        self.folder = image;
        let fate = *random.pick(&[
            Fate::Whole,
            Fate::Whole,
            Fate::TornLog,
            Fate::TornLog,
            Fate::TornLog,
            Fate::TornFile,
            Fate::Gone,
        ]);
        self.met[fate as usize] += 1;
        let file = Ledger::path(self.folder.path(), NAME);
        let log = file.with_extension("db-wal");
        match fate {
            Fate::Whole => {}
            Fate::TornLog => tear(&log, random),
            Fate::TornFile => tear(&file, random),
            Fate::Gone => fs::remove_file(&file).unwrap(),
        }
        let opened = Ledger::open(self.folder.path(), NAME);
        let opened = opened
            .map_err(|error| Invariant::Ledger.broken(format!("after {fate:?}, not opened: {error}")))?;
        self.ledger = Some(opened.ledger);
        // A log that is torn where the disk had promised it, after some of it had gone into the file, may leave that broken.
        if matches!(fate, Fate::Whole | Fate::Gone) && !opened.notices.is_empty() {
            return Err(Invariant::Ledger.broken(format!("after {fate:?}: {:?}", opened.notices)));
        }
        Ok(opened.records)
    }

    /// All that is in the file and a hub goes on from.
    pub fn read(&mut self) -> Result<Vec<Record>, Wrong> {
        self.write();
        let read = Ledger::read(self.folder.path(), NAME);
        let mut records = read.map_err(|error| Invariant::Ledger.broken(error.to_string()))?;
        records.retain(|record| Record::KINDS_TO_GO_ON_FROM.contains(&record.kind()));
        Ok(records)
    }
}

/// Are these the records that those begin with? As they are written: exact fractions are not read back.
pub fn begins_with(all: &[Record], first: &[Record]) -> bool {
    let text = |record: &Record| serde_json::to_string(record).unwrap();
    first.len() <= all.len() && all.iter().zip(first).all(|(one, other)| text(one) == text(other))
}

/// Cuts a file off at some byte.
fn tear(path: &Path, random: &mut Random) {
    // There is no log before the first group.
    let Ok(data) = fs::metadata(path) else { return };
    let length = random.between(0, data.len());
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}
