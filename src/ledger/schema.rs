//! The file's form, and how an earlier one becomes the present one.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::LedgerError;

/// Says that a SQLite file is a ledger of ours: `LBrl`.
pub(super) const APPLICATION_ID: i64 = 0x4c42_726c;

/// From each version to the next; the first makes an empty file a ledger. Never changed once released: what comes
/// later is a further step.
pub(super) const STEPS: &[&str] = &[
    // 1: the chained records. What is asked for often is worked out from the text, so that there is one truth.
    "CREATE TABLE records (
        seq INTEGER PRIMARY KEY,
        wall_ms INTEGER NOT NULL,
        body TEXT NOT NULL,
        hash BLOB NOT NULL,
        kind AS (json_extract(body, '$.record')),
        at_us AS (json_extract(body, '$.at')),
        copy AS (json_extract(body, '$.copy')),
        login AS (json_extract(body, '$.login'))
    );
    CREATE INDEX records_of_copy ON records (copy) WHERE copy IS NOT NULL;",
    // 2: what a reader with any SQLite tool asks for, by name.
    VIEWS,
    // 3: pending orders and alerts.
    MORE_VIEWS,
];

/// One view a kind of story; a copy is shown as `pool tag:position`, a moment as UTC.
const VIEWS: &str = "
    CREATE INDEX records_of_kind ON records (kind);
    CREATE VIEW accounts AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time, login,
        body ->> '$.currency' AS currency, body ->> '$.balance' AS balance, body ->> '$.equity' AS equity,
        body ->> '$.margin' AS margin, body ->> '$.free_margin' AS free_margin
        FROM records WHERE kind = 'account';
    CREATE VIEW master_events AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy,
        CASE WHEN kind = 'taken' THEN 'open' WHEN body ->> '$.lots' IN ('0', '0.00') THEN 'close' ELSE 'change' END
            AS event,
        body ->> '$.pool' AS pool, body ->> '$.position.symbol' AS symbol, body ->> '$.position.side' AS side,
        coalesce(body ->> '$.lots', body ->> '$.position.lots') AS lots,
        body ->> '$.position.open_price' AS open_price,
        coalesce(body ->> '$.stop_loss', body ->> '$.position.stop_loss') AS stop_loss,
        coalesce(body ->> '$.take_profit', body ->> '$.position.take_profit') AS take_profit
        FROM records WHERE kind IN ('taken', 'master_changed');
    CREATE VIEW decisions AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.pool' AS pool,
        body ->> '$.decision.method' AS method, body ->> '$.decision.facts.master_lots' AS master_lots,
        body ->> '$.decision.lots_before_rounding' AS lots_before_rounding,
        body ->> '$.decision.rounding.lots' AS lots, body ->> '$.decision.skip' AS skip, body ->> '$.credit' AS credit
        FROM records WHERE kind = 'decided';
    CREATE VIEW copies AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.state' AS state,
        body ->> '$.opened' AS opened, body ->> '$.retcode' AS retcode, body ->> '$.skip' AS skip
        FROM records WHERE kind = 'copy';
    CREATE VIEW instructions AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.instruction' AS instruction,
        (SELECT key FROM json_each(body, '$.action')) AS action, body ->> '$.symbol' AS symbol,
        body ->> '$.action.open.side' AS side,
        coalesce(body ->> '$.action.open.lots', body ->> '$.action.reduce.to') AS lots,
        coalesce(body ->> '$.action.open.stop_loss', body ->> '$.action.modify.stop_loss') AS stop_loss,
        coalesce(body ->> '$.action.open.take_profit', body ->> '$.action.modify.take_profit') AS take_profit,
        body ->> '$.reference' AS reference, body ->> '$.deviation_points' AS deviation_points,
        body ->> '$.valid_until' - at_us AS valid_for_us
        FROM records WHERE kind = 'instructed';
    CREATE VIEW reports AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.instruction' AS instruction,
        CASE json_type(body, '$.outcome') WHEN 'text' THEN body ->> '$.outcome'
            ELSE (SELECT key FROM json_each(body, '$.outcome')) END AS outcome,
        body ->> '$.outcome.answered.retcode' AS retcode, body ->> '$.outcome.declined' AS declined,
        body ->> '$.outcome.answered.lots' AS lots, body ->> '$.outcome.answered.price' AS price,
        body ->> '$.slippage' AS slippage, body ->> '$.since_commit_us' AS since_commit_us,
        body ->> '$.since_sent_us' AS since_sent_us
        FROM records WHERE kind = 'reported';
    CREATE VIEW skips AS SELECT seq, time, copy, login, state, coalesce(skip, 'rejected_' || retcode) AS reason
        FROM copies WHERE state IN ('skipped', 'rejected');
    CREATE VIEW guards AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time, login, body
        FROM records WHERE kind = 'guard';
    CREATE VIEW configurations AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        body ->> '$.sha256' AS sha256, body ->> '$.configuration' AS configuration
        FROM records WHERE kind = 'configured';";

/// The master's orders among its events, orders that are placed or changed among the instructions, and the alerts.
const MORE_VIEWS: &str = "
    DROP VIEW master_events;
    CREATE VIEW master_events AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy,
        CASE WHEN kind = 'taken' THEN iif(body -> '$.order' IS NULL, 'open', 'order')
            WHEN kind = 'master_order' THEN iif(body ->> '$.order' IS NULL, 'order end', 'order change')
            WHEN body ->> '$.lots' IN ('0', '0.00') THEN 'close' ELSE 'change' END AS event,
        body ->> '$.pool' AS pool, coalesce(body ->> '$.position.symbol', body ->> '$.order.symbol') AS symbol,
        coalesce(body ->> '$.position.side', body ->> '$.order.side') AS side, body ->> '$.order.kind' AS kind,
        coalesce(body ->> '$.lots', body ->> '$.position.lots', body ->> '$.order.lots') AS lots,
        coalesce(body ->> '$.order.terms.price', body ->> '$.position.open_price') AS open_price,
        coalesce(body ->> '$.stop_loss', body ->> '$.position.stop_loss', body ->> '$.order.terms.stop_loss')
            AS stop_loss,
        coalesce(body ->> '$.take_profit', body ->> '$.position.take_profit', body ->> '$.order.terms.take_profit')
            AS take_profit
        FROM records WHERE kind IN ('taken', 'master_changed', 'master_order');
    DROP VIEW instructions;
    CREATE VIEW instructions AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        (copy >> 32) || ':' || (copy & 4294967295) AS copy, login, body ->> '$.instruction' AS instruction,
        CASE json_type(body, '$.action') WHEN 'text' THEN body ->> '$.action'
            ELSE (SELECT key FROM json_each(body, '$.action')) END AS action, body ->> '$.symbol' AS symbol,
        coalesce(body ->> '$.action.open.side', body ->> '$.action.place.side') AS side,
        body ->> '$.action.place.kind' AS kind,
        coalesce(body ->> '$.action.open.lots', body ->> '$.action.reduce.to', body ->> '$.action.place.lots') AS lots,
        coalesce(body ->> '$.action.place.terms.price', body ->> '$.action.change.terms.price') AS price,
        coalesce(body ->> '$.action.open.stop_loss', body ->> '$.action.modify.stop_loss',
            body ->> '$.action.place.terms.stop_loss', body ->> '$.action.change.terms.stop_loss') AS stop_loss,
        coalesce(body ->> '$.action.open.take_profit', body ->> '$.action.modify.take_profit',
            body ->> '$.action.place.terms.take_profit', body ->> '$.action.change.terms.take_profit') AS take_profit,
        body ->> '$.reference' AS reference, body ->> '$.deviation_points' AS deviation_points,
        body ->> '$.valid_until' - at_us AS valid_for_us
        FROM records WHERE kind = 'instructed';
    CREATE VIEW alerts AS SELECT seq, strftime('%FT%H:%M:%fZ', wall_ms / 1000.0, 'unixepoch') AS time,
        body ->> '$.text' AS text FROM records WHERE kind = 'told';";

/// The present version.
pub(super) fn latest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Opens the file for writing, waiting for other users of it for at most `busy`, and brings it to the present
/// version.
pub(super) fn open(path: &Path, busy: Duration) -> Result<Connection, LedgerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sql = |source| LedgerError::Sql { path: path.to_owned(), source };
    let mut connection = Connection::open_with_flags(path, flags).map_err(sql)?;
    connection.busy_timeout(busy).map_err(sql)?;
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sql)?;
    if mode != "wal" {
        return Err(LedgerError::Unusable {
            path: path.to_owned(),
            problem: format!("its folder allows no write-ahead log (journal mode {mode})"),
        });
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(sql)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// Takes the steps that are missing, all or none.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    let found = version(connection, path)?;
    if found == latest() {
        return Ok(());
    }
    let sql = |source| LedgerError::Sql { path: path.to_owned(), source };
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(sql)?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(step).map_err(sql)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql)?;
    transaction.pragma_update(None, "user_version", latest()).map_err(sql)?;
    transaction.commit().map_err(sql)
}

/// The file's version; 0 of an empty one.
pub(super) fn version(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let sql = |source| LedgerError::Sql { path: path.to_owned(), source };
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(sql);
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(sql)?;
    let empty = application == 0 && version == 0 && tables == 0;
    if !empty && application != APPLICATION_ID || version < 0 {
        let problem = "a SQLite file of something else".into();
        return Err(LedgerError::Broken { path: path.to_owned(), problem });
    }
    if version > latest() {
        return Err(LedgerError::Newer { path: path.to_owned(), found: version, known: latest() });
    }
    Ok(version)
}
