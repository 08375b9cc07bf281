//! Reading a ledger that somebody else may be writing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use serde::Deserialize;

use super::chain::{Hash, Head, Row};
use super::{Identity, LedgerError, create_new, schema, sql_integer};
use crate::domain::{CopyId, Login};
use crate::replication::Record;

/// How long a writer is waited for.
const BUSY: Duration = Duration::from_secs(2);

/// Among so many of the last records an account's last sign of life is looked for.
const HEARD_AMONG: u64 = 100_000;

/// A ledger, open for reading.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    connection: Connection,
    identity: Identity,
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
        let identity =
            Identity::of(path).map_err(|source| LedgerError::Io { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), connection, identity })
    }

    /// Is the file of this name still the one that is open?
    pub fn is_still_there(&self) -> bool {
        self.identity.is_still(&self.path)
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

    /// Every record of a copy on every slave, with the master's trade, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of_copy(&self, copy: CopyId) -> Result<Vec<Row>, LedgerError> {
        // Records of the first form do not say which copies a master's trade has: all pools' are taken.
        let query = "SELECT seq, wall_ms, body, hash FROM records WHERE copy = ?1 OR (kind = 'taken' AND copy IS NULL \
                     AND (json_extract(body, '$.position.id') & 4294967295) = ?2) ORDER BY seq";
        let mut statement = self.connection.prepare(query).map_err(|e| self.sql(e))?;
        let numbers = (sql_integer(copy.number()), sql_integer(copy.position_low()));
        let rows = statement.query_map(numbers, of_row).map_err(|e| self.sql(e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.sql(e))
    }

    /// Hands over the rows of a table, in order; the columns' names come first.
    ///
    /// # Errors
    /// The file cannot be read, or is of a form that has no such table yet; or `act` ends it.
    pub fn table<E: From<LedgerError>>(
        &self,
        table: Table,
        mut act: impl FnMut(&[String], Option<Vec<Cell>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let query = format!("SELECT * FROM {} ORDER BY seq", table.view());
        let mut statement = self.connection.prepare(&query).map_err(|e| self.sql(e))?;
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        act(&columns, None)?;
        let mut rows = statement.query([]).map_err(|e| self.sql(e))?;
        while let Some(row) = rows.next().map_err(|e| self.sql(e))? {
            let cells = (0..columns.len()).map(|at| row.get_ref(at).map(Cell::of));
            act(&columns, Some(cells.collect::<Result<_, _>>().map_err(|e| self.sql(e))?))?;
        }
        Ok(())
    }

    /// Writes a copy that is whole in one file, to hand on; `target` must not be there yet.
    ///
    /// # Errors
    /// The ledger cannot be read, or the target cannot be written.
    pub fn copy_to(&self, target: &Path) -> Result<(), LedgerError> {
        let fail = |source| LedgerError::Sql { path: target.to_owned(), source };
        create_new(target).map_err(|source| LedgerError::Io { path: target.to_owned(), source })?;
        self.connection.pragma_update(None, "query_only", false).map_err(fail)?;
        self.connection.execute("VACUUM INTO ?1", [target.to_string_lossy()]).map_err(fail)?;
        self.connection.pragma_update(None, "query_only", true).map_err(fail)
    }

    /// The last record's number; 0 without any.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last(&self) -> Result<u64, LedgerError> {
        head(&self.connection).map(|head| head.seq).map_err(|e| self.sql(e))
    }

    /// When each account was last heard of, in milliseconds since 1970: by its state, which is put down once a minute, or
    /// by a report. Only the last records are looked at, so that it takes no longer as the ledger grows.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_heard(&self) -> Result<BTreeMap<Login, u64>, LedgerError> {
        let query = "SELECT login, max(wall_ms) FROM records WHERE seq > ?1 AND login IS NOT NULL \
                     AND kind IN ('account', 'reported') GROUP BY login";
        let after = self.last()?.saturating_sub(HEARD_AMONG);
        let mut statement = self.connection.prepare(query).map_err(|e| self.sql(e))?;
        let of_row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let rows = statement.query_map([sql_integer(after)], of_row).map_err(|e| self.sql(e))?;
        rows.map(|row| {
            let (login, at) = row.map_err(|e| self.sql(e))?;
            Ok((Login(login.unsigned_abs()), u64::try_from(at).unwrap_or_default()))
        })
        .collect()
    }

    fn sql(&self, source: rusqlite::Error) -> LedgerError {
        LedgerError::Sql { path: self.path.clone(), source }
    }

    /// The error that names a record.
    pub fn broken(&self, row: &Row, problem: &str) -> LedgerError {
        broken(&self.path, row, problem)
    }
}

/// What a ledger can be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Accounts' money over time.
    Accounts,
    /// What the master did.
    Master,
    /// What was decided for every slave.
    Decisions,
    /// The copies' states over time.
    Copies,
    /// What was asked of the slaves.
    Instructions,
    /// What came of it, with slippage and timings.
    Reports,
    /// Copies that were not made, with their reason.
    Skips,
    /// What the guards did.
    Guards,
    /// What the manager was told.
    Alerts,
    /// The configurations, without their secret.
    Config,
}

impl Table {
    const fn view(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Master => "master_events",
            Self::Decisions => "decisions",
            Self::Copies => "copies",
            Self::Instructions => "instructions",
            Self::Reports => "reports",
            Self::Skips => "skips",
            Self::Guards => "guards",
            Self::Alerts => "alerts",
            Self::Config => "configurations",
        }
    }
}

/// A table's cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Nothing,
    /// A whole number.
    Number(i64),
    /// A text; lots, prices and money are texts.
    Text(String),
}

impl Cell {
    fn of(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Integer(number) => Self::Number(number),
            ValueRef::Text(bytes) => Self::Text(String::from_utf8_lossy(bytes).into_owned()),
            ValueRef::Real(real) => Self::Text(real.to_string()),
            ValueRef::Null | ValueRef::Blob(_) => Self::Nothing,
        }
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
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
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
