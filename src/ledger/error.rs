//! Why the ledger cannot be used.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The folder is none and cannot become one.
    #[error("the ledger's folder {path}: {source}; name another one as master.state_dir")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The operating system says no.
    #[error("ledger {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite says no: the disk is full, the file is locked, or it is no database.
    #[error("ledger {path}: {source}")]
    Sql {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// It cannot be used as it must be.
    #[error("ledger {path}: {problem}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The file was deleted or replaced while it was open.
    #[error("ledger {path}: it was deleted, or moved away, while it was in use")]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// What is in it is not what was written.
    #[error("ledger {path}: {problem}")]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where, and what is wrong there.
        problem: String,
    },
    /// A later version of the program wrote it.
    #[error(
        "ledger {path}: its form is {found}, this program knows forms up to {known}: take the newer program, or move \
         the file away to start a new one (open copies are read back from the accounts)"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: i64,
        /// The latest that is known.
        known: i64,
    },
}

impl LedgerError {
    /// Is the content wrong, so that neither time nor room on the disk will mend it?
    pub fn is_broken(&self) -> bool {
        match self {
            Self::Broken { .. } => true,
            Self::Sql { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
            ),
            _ => false,
        }
    }
}
