//! Reading a ledger that somebody else may be writing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use serde::Deserialize;

use super::chain::{Hash, Head, Row};
use super::{LedgerError, schema, sql_integer};
use crate::replication::Record;

/// How long a writer is waited for.
const BUSY: Duration = Duration::from_secs(2);

/// A ledger, open for reading.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    connection: Connection,
}

impl Reader {
    /// Opens a ledger. One on a read-only disk will do; nothing is written to it.
    ///
    /// # Errors
    /// There is none, it cannot be read, or it is none of ours.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        if !path.exists() {
            return Err(LedgerError::Io {
                path: path.to_owned(),
                source: std::io::ErrorKind::NotFound.into(),
            });
        }
        match Self::connect(path, path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
            // No place for the files beside it that readers and a writer share: then there is no writer either.
            Err(LedgerError::Sql { source, .. })
                if matches!(
                    source.sqlite_error_code(),
                    Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
                ) =>
            {
                Self::immutable(path)
            }
            opened => opened,
        }
    }

    /// Opens a file that nobody can write.
    pub(super) fn immutable(path: &Path) -> Result<Self, LedgerError> {
        let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        let uri = format!("file:{escaped}?immutable=1");
        Self::connect(path, uri.as_ref(), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
    }

    fn connect(path: &Path, name: &Path, flags: OpenFlags) -> Result<Self, LedgerError> {
        let sql = |source| LedgerError::Sql { path: path.to_owned(), source };
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(name, flags).map_err(sql)?;
        connection.busy_timeout(BUSY).map_err(sql)?;
        connection.pragma_update(None, "query_only", true).map_err(sql)?;
        if schema::version(&connection, path)? == 0 {
            return Err(LedgerError::Broken { path: path.to_owned(), problem: "an empty file".into() });
        }
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Hands over every record after the one of this number, in order.
    ///
    /// # Errors
    /// The file cannot be read, or `act` ends it.
    pub fn each<E: From<LedgerError>>(
        &self,
        after: u64,
        act: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        each(&self.connection, &self.path, after, act)
    }

    /// The error that names a record.
    pub fn broken(&self, row: &Row, problem: &str) -> LedgerError {
        broken(&self.path, row, problem)
    }
}

/// A record's kind.
#[derive(Deserialize)]
struct Kind {
    record: String,
}

impl Row {
    /// The record.
    ///
    /// # Errors
    /// The text is none that this version knows.
    pub fn record(&self) -> Result<Record, serde_json::Error> {
        serde_json::from_str(&self.body)
    }

    /// Its kind, `taken` or `copy`; empty when the text has none.
    pub fn kind(&self) -> String {
        serde_json::from_str::<Kind>(&self.body).map(|kind| kind.record).unwrap_or_default()
    }

    /// Does a restarted hub need it?
    pub(super) fn is_to_go_on_from(&self) -> bool {
        Record::KINDS_TO_GO_ON_FROM.contains(&self.kind().as_str())
    }
}

/// Hands over every record after the one of this number, in order.
pub(super) fn each<E: From<LedgerError>>(
    connection: &Connection,
    path: &Path,
    after: u64,
    mut act: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let sql = |source| LedgerError::Sql { path: path.to_owned(), source };
    let mut statement = connection
        .prepare("SELECT seq, wall_ms, body, hash FROM records WHERE seq > ?1 ORDER BY seq")
        .map_err(sql)?;
    let mut rows = statement.query([sql_integer(after)]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        act(of_row(row).map_err(sql)?)?;
    }
    Ok(())
}

/// The last record's number and hash, as they stand there.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let last = connection
        .query_row("SELECT seq, wall_ms, body, hash FROM records ORDER BY seq DESC LIMIT 1", [], of_row)
        .optional()?;
    Ok(last.map_or(Head::EMPTY, |row| Head { seq: row.seq, hash: row.hash }))
}

fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let number = |at| row.get::<_, i64>(at).map(|number| u64::try_from(number).unwrap_or_default());
    // Whatever stands there that is no hash is a wrong one.
    let hash = row.get_ref(3)?.as_blob().ok().and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 32]);
    let body = match row.get_ref(2)? {
        rusqlite::types::ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    };
    Ok(Row { seq: number(0)?, wall_ms: number(1)?, body, hash: Hash(hash) })
}

/// The error that names a record.
pub(super) fn broken(path: &Path, row: &Row, problem: &str) -> LedgerError {
    let kind = row.kind();
    let kind = if kind.is_empty() { "no kind" } else { &kind };
    LedgerError::Broken {
        path: path.to_owned(),
        problem: format!("record {} ({kind}, {}): {problem}", row.seq, utc(row.wall_ms)),
    }
}

/// ISO 8601, UTC, with milliseconds.
pub fn utc(wall_ms: u64) -> String {
    let moment = i64::try_from(wall_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(|| format!("{wall_ms} ms since 1970"), |moment| format!("{moment:.3}"))
}
