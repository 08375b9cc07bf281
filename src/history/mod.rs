//! A manager's own exported history, read into positions.
//!
//! Three forms, told apart by content and not by name: a signal's positions CSV, a signal's order-book CSV, and the
//! MetaTrader 5 HTML report (the strategy tester's and an account's trade history). A row that cannot be understood is an
//! error that names it; what is left out on purpose is counted in [`History::notes`].
//!
//! Times are the trade server's. Amounts are in the account's currency.

mod error;
mod fields;
mod html;
mod instruments;
mod layout;
mod model;
mod orders;
mod partials;
mod price_range;
mod signal;
mod symbols;
mod text;
mod timeline;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::domain::Money;

pub use error::HistoryError;
pub use instruments::{KnownInstrument, instruments, known_instrument, tick_value_at};
pub use model::{BalanceOperation, ClosedPosition, Exit, ExitReason, Format, History, RunningBalance};
pub use orders::{PlacedOrder, rises_to};
pub use timeline::{Event, Step, timeline};

/// The largest history that is read, in bytes.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads a history.
///
/// # Errors
/// What [`HistoryError`] names, with line and column. Any bytes are answered, none panic.
pub fn read(bytes: &[u8]) -> Result<History, HistoryError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(HistoryError::TooLarge { most: MAX_BYTES });
    }
    let (text, guessed) = text::decode(bytes)?;
    let text = text.trim_start_matches('\u{feff}');
    let start = text.trim_start();
    if start.is_empty() {
        return Err(HistoryError::Empty);
    }
    let mut history = if looks_like_html(start) {
        html::read(text)?
    } else {
        let lines = text::lines(text)?;
        let (_, first) = lines.first().copied().ok_or(HistoryError::Empty)?;
        if !signal::is_header(first) {
            return Err(HistoryError::UnknownFormat { found: error::shorten(first) });
        }
        signal::read(&lines)?
    };
    history.notes.extend(guessed);
    finish(&mut history)?;
    Ok(history)
}

/// Reads the history in a file of at most [`MAX_BYTES`].
///
/// # Errors
/// As [`read`], with the file's path; and what the file system says.
pub fn read_file(path: &Path) -> Result<History, HistoryError> {
    bytes_of(path)
        .and_then(|bytes| read(&bytes))
        .map_err(|source| HistoryError::InFile { path: path.display().to_string(), source: Box::new(source) })
}

/// Refuses by size before it reads, and reads no more than that even if the file grows meanwhile.
fn bytes_of(path: &Path) -> Result<Vec<u8>, HistoryError> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > MAX_BYTES {
        return Err(HistoryError::TooLarge { most: MAX_BYTES });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A tag at the very beginning: no CSV header starts so.
fn looks_like_html(start: &str) -> bool {
    start.starts_with('<')
}

/// What all forms have in common: order, the opening balance, the note on stops.
fn finish(history: &mut History) -> Result<(), HistoryError> {
    history.positions.sort_by_key(|position| position.open_time);
    for position in &mut history.positions {
        position.exits.sort_by_key(|exit| exit.time);
    }
    history.balance_operations.sort_by_key(|operation| operation.time);
    mark_opening(history)?;
    orders::finish(history)?;
    let moved = timeline::moved_stops(history);
    if moved > 0 {
        history.notes.push(format!(
            "{moved} positions' stops were moved after the opening; when is not in the file, so they are left out."
        ));
    }
    Ok(())
}

/// The balance operations before the first opening are the opening balance, unless they sum to nothing or less: then
/// the file begins in the middle of an account's life and does not say what was there.
fn mark_opening(history: &mut History) -> Result<(), HistoryError> {
    let first_trade = history.positions.iter().map(|position| position.open_time).min();
    let leading = match first_trade {
        Some(first) => history.balance_operations.partition_point(|operation| operation.time <= first),
        None => history.balance_operations.len(),
    };
    let mut sum = history.opening_balance.unwrap_or(Money::ZERO);
    let leading = history.balance_operations.get_mut(..leading).unwrap_or_default();
    for operation in leading.iter() {
        sum = sum
            .checked_add(operation.amount)
            .ok_or(HistoryError::OutOfRange { line: operation.line, what: "balance operations" })?;
    }
    if sum.is_positive() {
        history.opening_balance = Some(sum);
        for operation in leading {
            operation.opening = true;
        }
    }
    Ok(())
}
