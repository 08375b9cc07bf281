//! What was decided, done and why, kept in a SQLite file; written in groups, never on the way to a slave.
//!
//! The ledger is what a restarted master goes on from, and what reports and auditors read. Losing it loses history
//! and `carry` credits, not positions: those stand in the accounts. Its records are chained by hash ([`Hash`]): a later
//! edit shows. A file that is not what was written is set aside, never written over.

mod chain;
mod error;
mod import;
mod read;
mod schema;
#[cfg(test)]
mod tests;

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

pub use chain::{Hash, HashError, Head, Row};
pub use error::LedgerError;
pub use read::{Cell, Reader, Table, utc};

use crate::replication::Record;

/// How long another user of the file is waited for, when it is opened.
const BUSY_AT_OPEN: Duration = Duration::from_secs(1);
/// And when it is written to.
const BUSY: Duration = Duration::from_millis(200);
/// So many broken files of one name are set aside; more are not looked for.
const ASIDE_MOST: u32 = 10_000;

/// A record with its moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// When it happened by the wall clock, in milliseconds since 1970, UTC.
    pub wall_ms: u64,
    /// What happened.
    pub record: Record,
}

/// One master's ledger, open for appending.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    connection: Connection,
    head: Head,
    identity: Identity,
}

/// A ledger that was just opened.
#[derive(Debug)]
pub struct Opened {
    /// Open for appending.
    pub ledger: Ledger,
    /// Those of its records that a restarted hub goes on from.
    pub records: Vec<Record>,
    /// What the manager should know: files that were set aside or taken over.
    pub notices: Vec<String>,
}

impl Ledger {
    /// Where the ledger of this name is.
    pub fn path(directory: &Path, name: &str) -> PathBuf {
        directory.join(format!("{name}.db"))
    }

    /// Makes the ledger's folder.
    ///
    /// # Errors
    /// It is no folder and cannot become one.
    pub fn make_folder(directory: &Path) -> Result<(), LedgerError> {
        fs::create_dir_all(directory)
            .map_err(|source| LedgerError::Folder { path: directory.to_owned(), source })
    }

    /// Opens or creates `<directory>/<name>.db`, checks its chain and reads back what a restarted hub needs. A file
    /// that is broken is renamed to `<name>.db.broken-<n>`; one of JSON lines, `<name>.ledger`, is taken over first.
    ///
    /// # Errors
    /// It is locked or cannot be written, or a later version of the program wrote it.
    pub fn open(directory: &Path, name: &str) -> Result<Opened, LedgerError> {
        Self::make_folder(directory)?;
        let path = Self::path(directory, name);
        let mut notices = Vec::new();
        let open = || {
            let mut ledger = Self::connect(&path, BUSY_AT_OPEN)?;
            let records = ledger.read_back()?;
            Ok((ledger, records))
        };
        let (mut ledger, mut records) = match open() {
            Err(error) if LedgerError::is_broken(&error) => {
                notices.push(set_aside(&path, &error)?);
                open()?
            }
            opened => opened?,
        };
        if let Some(imported) = ledger.import(&directory.join(format!("{name}.ledger")), &mut notices)? {
            records = imported;
        }
        ledger.connection.busy_timeout(BUSY).map_err(|e| ledger.sql(e))?;
        Ok(Opened { ledger, records, notices })
    }

    /// Opens it again for appending after a trouble, without reading it back. A file that was deleted is begun anew,
    /// one that is broken set aside: the second part says so.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn reopen(directory: &Path, name: &str) -> Result<(Self, Option<String>), LedgerError> {
        Self::make_folder(directory)?;
        let path = Self::path(directory, name);
        match Self::connect(&path, BUSY) {
            Err(error) if error.is_broken() => {
                let notice = set_aside(&path, &error)?;
                Ok((Self::connect(&path, BUSY)?, Some(notice)))
            }
            opened => Ok((opened?, None)),
        }
    }

    /// Renames a file that turned out to be broken to `<name>.db.broken-<n>`; what the manager is told.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn set_aside(directory: &Path, name: &str, error: &LedgerError) -> Result<String, LedgerError> {
        set_aside(&Self::path(directory, name), error)
    }

    /// Appends records: all of them, on the disk, or none.
    ///
    /// # Errors
    /// Why the file could not be written.
    pub fn append(&mut self, records: &[Dated]) -> Result<(), LedgerError> {
        if !self.identity.is_still(&self.path) {
            return Err(LedgerError::Gone { path: self.path.clone() });
        }
        let path = &self.path;
        let sql = |source| LedgerError::Sql { path: path.clone(), source };
        let mut head = self.head;
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
        {
            let mut insert = transaction
                .prepare("INSERT INTO records (seq, wall_ms, body, hash) VALUES (?1, ?2, ?3, ?4)")
                .map_err(sql)?;
            for Dated { wall_ms, record } in records {
                let body = serde_json::to_string(record)
                    .map_err(|e| LedgerError::Io { path: path.clone(), source: e.into() })?;
                let seq = head.seq + 1;
                let hash = head.hash.next(seq, *wall_ms, &body);
                insert.execute((sql_integer(seq), sql_integer(*wall_ms), &body, &hash.0[..])).map_err(sql)?;
                head = Head { seq, hash };
            }
        }
        transaction.commit().map_err(sql)?;
        self.head = head;
        Ok(())
    }

    /// Reads every record without opening the file for writing, and checks the chain.
    ///
    /// # Errors
    /// The file cannot be read, or is not what was written.
    pub fn read(directory: &Path, name: &str) -> Result<Vec<Record>, LedgerError> {
        let reader = Reader::open(&Self::path(directory, name))?;
        let mut head = Head::EMPTY;
        let mut records = Vec::new();
        reader.each(0, |row| {
            head.follow(&row).map_err(|problem| reader.broken(&row, &problem))?;
            records.push(row.record().map_err(|error| reader.broken(&row, &error.to_string()))?);
            Ok(())
        })?;
        Ok(records)
    }

    /// SHA-256 of the last configuration on record, as [`Record::Configured`] has it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn configuration(&self) -> Result<Option<String>, LedgerError> {
        let query = "SELECT json_extract(body, '$.sha256') FROM records WHERE kind = 'configured' \
                     ORDER BY seq DESC LIMIT 1";
        self.connection.query_row(query, [], |row| row.get(0)).optional().map_err(|e| self.sql(e))
    }

    fn connect(path: &Path, busy: Duration) -> Result<Self, LedgerError> {
        create(path).map_err(|source| LedgerError::Io { path: path.to_owned(), source })?;
        let connection = schema::open(path, busy)?;
        let identity =
            Identity::of(path).map_err(|source| LedgerError::Io { path: path.to_owned(), source })?;
        let head =
            read::head(&connection).map_err(|e| LedgerError::Sql { path: path.to_owned(), source: e })?;
        Ok(Self { path: path.to_owned(), connection, head, identity })
    }

    /// Checks the whole chain; the records that a restarted hub needs.
    fn read_back(&mut self) -> Result<Vec<Record>, LedgerError> {
        let mut head = Head::EMPTY;
        let mut records = Vec::new();
        read::each(&self.connection, &self.path, 0, |row| {
            let broken = |problem: &str| read::broken(&self.path, &row, problem);
            head.follow(&row).map_err(|problem| broken(&problem))?;
            if row.is_to_go_on_from() {
                records.push(row.record().map_err(|error| broken(&error.to_string()))?);
            }
            Ok(())
        })?;
        self.head = head;
        Ok(records)
    }

    /// Takes over the records of the file's earlier form, once: a ledger that has records already is left as it is.
    fn import(
        &mut self,
        lines: &Path,
        notices: &mut Vec<String>,
    ) -> Result<Option<Vec<Record>>, LedgerError> {
        let records = match import::read(lines) {
            Ok(None) => return Ok(None),
            Ok(Some(records)) => records,
            Err(error) if error.is_broken() => {
                notices.push(set_aside(lines, &error)?);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let imported = if self.head == Head::EMPTY {
            let dated = |record: &Record| Dated { wall_ms: record.at().0 / 1000, record: record.clone() };
            self.append(&records.iter().map(dated).collect::<Vec<Dated>>())?;
            notices.push(format!("{}: its {} records are in the ledger now", lines.display(), records.len()));
            Some(records)
        } else {
            notices.push(format!("{}: not taken over, for the ledger has records already", lines.display()));
            None
        };
        let mut target = lines.as_os_str().to_owned();
        target.push(".imported");
        fs::rename(lines, target).map_err(|source| LedgerError::Io { path: lines.to_owned(), source })?;
        Ok(imported)
    }

    fn sql(&self, source: rusqlite::Error) -> LedgerError {
        LedgerError::Sql { path: self.path.clone(), source }
    }
}

/// As SQLite keeps it: the sign is never needed, for nothing here reaches 2^63.
fn sql_integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Makes an empty file that its user alone can read, unless there is one. What a deleted one has left behind goes:
/// it belongs to no file any more.
fn create(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    for end in ["-wal", "-shm"] {
        match fs::remove_file(with_end(path, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    create_new(path)
}

/// An empty file that its user alone can read.
fn create_new(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Renames a broken file, and what belongs to it, to the first free `.broken-<n>`; what the manager is told.
fn set_aside(path: &Path, error: &LedgerError) -> Result<String, LedgerError> {
    let fail = |source| LedgerError::Io { path: path.to_owned(), source };
    let free =
        (1..ASIDE_MOST).map(|n| with_end(path, &format!(".broken-{n}"))).find(|target| !target.exists());
    let target = free.ok_or_else(|| fail(io::ErrorKind::AlreadyExists.into()))?;
    for end in ["-wal", "-shm"] {
        match fs::rename(with_end(path, end), with_end(&target, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
            _ => {}
        }
    }
    fs::rename(path, &target).map_err(fail)?;
    Ok(format!("{error}; it is kept as {}, a new one is begun, trading goes on", target.display()))
}

/// Which file it is, whatever its name: on Windows an open file cannot be deleted, so its name will do.
#[derive(Debug, PartialEq, Eq)]
struct Identity(u64, u64);

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).map(|data| Self(data.dev(), data.ino()))
    }

    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|_| Self(0, 0))
    }

    /// Is the file of this name still this one? When it cannot be told, writing will.
    fn is_still(&self, path: &Path) -> bool {
        match Self::of(path) {
            Ok(found) => found == *self,
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }
}
