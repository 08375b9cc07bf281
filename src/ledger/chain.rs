//! The chain: every record's hash holds the one before it, so that a later edit shows.
//!
//! `hash = SHA-256(hash before it, 32 bytes | seq, 8 bytes | wall_ms, 8 bytes | body, UTF-8)`, numbers in big endian;
//! before the first record stand 32 zero bytes. Anybody can recompute it with the tools of their choice. What no chain
//! shows is a file that was made anew as a whole, or cut at its end: for that, note a hash and look for it later.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A record's link to everything before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Before the first record.
    pub const START: Self = Self([0; 32]);

    /// The hash of the record that follows this one: its number, its wall clock in milliseconds since 1970, its text.
    #[must_use]
    pub fn next(self, seq: u64, wall_ms: u64, body: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(self.0);
        digest.update(seq.to_be_bytes());
        digest.update(wall_ms.to_be_bytes());
        digest.update(body);
        Self(digest.finalize().into())
    }

    /// SHA-256 of a text, without a chain.
    pub fn of_text(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a hash has 64 hexadecimal digits")]
pub struct HashError;

impl FromStr for Hash {
    type Err = HashError;
    fn from_str(text: &str) -> Result<Self, HashError> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(HashError);
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).map_err(|_| HashError)?;
        }
        Ok(Self(bytes))
    }
}

/// The end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last record's number; 0 when there is none.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// Of an empty ledger.
    pub const EMPTY: Self = Self { seq: 0, hash: Hash::START };

    /// Goes on by one record as it was found.
    ///
    /// # Errors
    /// It does not follow: what is wrong with it.
    pub fn follow(&mut self, row: &Row) -> Result<(), String> {
        let expected = self.seq + 1;
        if row.seq != expected {
            return Err(format!("record {expected} is missing, {} follows {}", row.seq, self.seq));
        }
        let hash = self.hash.next(row.seq, row.wall_ms, &row.body);
        if hash != row.hash {
            let found = row.hash;
            return Err(format!("its content and what is before it give the hash {hash}, it has {found}"));
        }
        *self = Self { seq: row.seq, hash };
        Ok(())
    }
}

/// One record as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1.
    pub seq: u64,
    /// When it happened by the wall clock, in milliseconds since 1970, UTC.
    pub wall_ms: u64,
    /// The record, as JSON.
    pub body: String,
    /// Its link.
    pub hash: Hash,
}
