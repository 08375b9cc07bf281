//! What was decided, done and why, kept in a file: one JSON record a line, appended after the instructions have
//! left, never on the way to a slave.
//!
//! The record is what a restarted master goes on from, and what reports and auditors read. Losing it loses history
//! and `carry` credits, not positions: those stand in the accounts. `SQLite` will take the file's place behind the
//! same three calls.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::replication::Record;

/// The longest record.
const LINE_MOST: u64 = 1 << 20;
/// So many records wait in memory while the file cannot be written; the oldest go first.
const WAITING_MOST: usize = 100_000;

/// Why the ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The operating system says no.
    #[error("ledger {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line that is no record, with others behind it.
    #[error(
        "ledger {path}, line {line}: {problem}; move the file away to start a new one (open copies are read back \
         from the accounts)"
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// One master's record, open for appending.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: File,
    waiting: VecDeque<Record>,
    buffer: Vec<u8>,
    lost: u64,
}

impl Ledger {
    /// Opens or creates the record `<directory>/<name>.ledger`, and reads what is in it. A last line that was cut
    /// off by a crash is dropped.
    ///
    /// # Errors
    /// The file cannot be read or written, or is broken in the middle.
    pub fn open(directory: &Path, name: &str) -> Result<(Self, Vec<Record>), LedgerError> {
        let path = directory.join(format!("{name}.ledger"));
        let fail = |source| LedgerError::Io { path: path.clone(), source };
        fs::create_dir_all(directory).map_err(fail)?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(fail)?;
        let (records, whole) = parse(&mut file, &path)?;
        file.set_len(whole).map_err(fail)?;
        let ledger = Self { path, file, waiting: VecDeque::new(), buffer: Vec::new(), lost: 0 };
        Ok((ledger, records))
    }

    /// Reads a record without opening it for writing.
    ///
    /// # Errors
    /// The file cannot be read, or is broken in the middle.
    pub fn read(directory: &Path, name: &str) -> Result<Vec<Record>, LedgerError> {
        let path = directory.join(format!("{name}.ledger"));
        let mut file = File::open(&path).map_err(|source| LedgerError::Io { path: path.clone(), source })?;
        Ok(parse(&mut file, &path)?.0)
    }

    /// Appends records. What cannot be written now waits in memory, bounded, and is tried again with the next.
    ///
    /// # Errors
    /// Why the file could not be written; nothing else stops because of it.
    pub fn append(&mut self, records: impl IntoIterator<Item = Record>) -> Result<(), LedgerError> {
        self.waiting.extend(records);
        while self.waiting.len() > WAITING_MOST {
            self.waiting.pop_front();
            self.lost += 1;
        }
        if self.waiting.is_empty() {
            return Ok(());
        }
        let fail = |source| LedgerError::Io { path: self.path.clone(), source };
        self.buffer.clear();
        for record in &self.waiting {
            serde_json::to_writer(&mut self.buffer, record).map_err(|e| fail(e.into()))?;
            self.buffer.push(b'\n');
        }
        let before = self.file.seek(SeekFrom::End(0)).map_err(fail)?;
        if let Err(source) = self.file.write_all(&self.buffer) {
            // Half a line must not stay: the next record would be glued to it.
            self.file.set_len(before).map_err(fail)?;
            return Err(fail(source));
        }
        self.waiting.clear();
        Ok(())
    }

    /// How many records were dropped because the file could not be written for too long.
    pub const fn lost(&self) -> u64 {
        self.lost
    }
}

/// The records and the length of the file up to the last whole line.
fn parse(file: &mut File, path: &Path) -> Result<(Vec<Record>, u64), LedgerError> {
    let fail = |source| LedgerError::Io { path: path.to_owned(), source };
    let mut reader = BufReader::new(file);
    let (mut records, mut whole) = (Vec::new(), 0);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = (&mut reader).take(LINE_MOST).read_until(b'\n', &mut line).map_err(fail)?;
        if length == 0 {
            break;
        }
        let broken = |problem: String| LedgerError::Broken { path: path.to_owned(), line: number, problem };
        if line.last() != Some(&b'\n') {
            if length as u64 == LINE_MOST {
                return Err(broken(format!("longer than {LINE_MOST} bytes")));
            }
            break;
        }
        records.push(serde_json::from_slice(&line).map_err(|e| broken(e.to_string()))?);
        whole += length as u64;
    }
    Ok((records, whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CopyId, Micros, PoolTag, PositionId};

    fn record(n: u64) -> Record {
        Record::Finished { copy: CopyId::new(PoolTag(1), PositionId(n)), at: Micros(n) }
    }

    #[test]
    fn what_was_written_is_read_back_and_a_torn_end_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (mut ledger, records) = Ledger::open(folder.path(), "m").unwrap();
        assert!(records.is_empty());
        ledger.append((0..5).map(record)).unwrap();
        ledger.append([record(5)]).unwrap();
        drop(ledger);
        let path = folder.path().join("m.ledger");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let (mut ledger, records) = Ledger::open(folder.path(), "m").unwrap();
        assert_eq!(records, (0..5).map(record).collect::<Vec<_>>());
        ledger.append([record(9)]).unwrap();
        assert_eq!(Ledger::read(folder.path(), "m").unwrap().last(), Some(&record(9)));
    }

    #[test]
    fn a_broken_line_in_the_middle_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("m.ledger"), "{\"record\":\"nonsense\"}\n").unwrap();
        let error = Ledger::open(folder.path(), "m").unwrap_err().to_string();
        assert!(error.contains("m.ledger, line 1: unknown variant"), "{error}");
    }
}
