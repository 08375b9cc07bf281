//! The record's earlier form, a JSON line each, is taken over once.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::LedgerError;
use crate::replication::Record;

/// The longest line.
const LINE_MOST: u64 = 1 << 20;

/// The records of a file of JSON lines, without a last line that a crash cut off; `None` when there is no such file.
///
/// # Errors
/// It cannot be read, or is broken in the middle.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Record>>, LedgerError> {
    let fail = |source| LedgerError::Io { path: path.to_owned(), source };
    let mut reader = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let mut records = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = (&mut reader).take(LINE_MOST).read_until(b'\n', &mut line).map_err(fail)?;
        let broken = |problem: String| LedgerError::Broken {
            path: path.to_owned(),
            problem: format!("line {number}: {problem}"),
        };
        if line.last() != Some(&b'\n') {
            if length as u64 == LINE_MOST {
                return Err(broken(format!("longer than {LINE_MOST} bytes")));
            }
            break;
        }
        records.push(serde_json::from_slice(&line).map_err(|e| broken(e.to_string()))?);
    }
    Ok(Some(records))
}
