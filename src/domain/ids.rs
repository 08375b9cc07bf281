//! Identities: logins, symbols, positions, and the copy id that every order of ours carries in its magic.

use std::fmt;

use arrayvec::ArrayString;
use serde::{Deserialize, Serialize};

/// A symbol's name as the broker spells it; MetaTrader allows 31 characters.
pub type Symbol = ArrayString<32>;
/// A currency code; three letters mostly, up to seven at brokers of crypto-currencies.
pub type Currency = ArrayString<8>;

/// What an order's sender wrote beside it; may be empty. Brokers replace or cut it: a hint, never an identity.
pub type Comment = ArrayString<32>;

/// A name that is longer than its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{shown}…\" has {len} bytes, {most} are the most")]
pub struct TextError {
    shown: String,
    len: usize,
    most: usize,
}

/// A name of bounded length.
///
/// # Errors
/// More than `N` bytes of UTF-8.
pub fn text<const N: usize>(name: &str) -> Result<ArrayString<N>, TextError> {
    ArrayString::from(name).map_err(|_| TextError {
        shown: name.chars().take(16).collect(),
        len: name.len(),
        most: N,
    })
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number_id!(
    /// A trading account's number.
    Login
);
number_id!(
    /// `POSITION_IDENTIFIER`: never changes in a position's life and links its orders and deals.
    PositionId
);

/// A pool's number inside a copy id: derived from the pool's name, so that it survives a reordered configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PoolTag(pub u8);

impl PoolTag {
    /// The tag of a pool that its configuration gives none: a fold of the FNV-1a hash of its name.
    pub fn of_name(name: &str) -> Self {
        Self(fnv1a(name.as_bytes()).to_le_bytes().iter().fold(0, |tag, byte| tag ^ byte))
    }
}

/// Which master an order of ours belongs to: 23 bits, never zero, derived from the master's login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signature(u32);

impl Signature {
    const BITS: u32 = 23;

    /// The signature of a master's copies.
    pub fn of_master(login: Login) -> Self {
        let hash = fnv1a(&login.0.to_le_bytes());
        let folded = (hash ^ (hash >> 23) ^ (hash >> 46)) & ((1 << Self::BITS) - 1);
        Self(u32::try_from(folded).unwrap_or(1).max(1))
    }
}

/// Which copy: 8 bits of pool, 32 bits of the master position's identifier. The same on every slave, unique
/// on each; readable back from an account that lost every file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CopyId(u64);

impl CopyId {
    const BITS: u32 = 40;

    /// The copy that `pool` makes of `position`. Identifiers that differ by a multiple of 2^32 share a copy
    /// id: no account holds two such positions at once.
    pub const fn new(pool: PoolTag, position: PositionId) -> Self {
        Self(((pool.0 as u64) << 32) | (position.0 & 0xffff_ffff))
    }
    /// The pool's tag.
    pub const fn pool(self) -> PoolTag {
        PoolTag(self.0.to_be_bytes()[3])
    }
    /// The low 32 bits of the master position's identifier.
    pub const fn position_low(self) -> u64 {
        self.0 & 0xffff_ffff
    }
    /// From the number as it crosses the C boundary; `None` beyond 40 bits.
    pub const fn from_number(number: u64) -> Option<Self> {
        if number >> Self::BITS == 0 { Some(Self(number)) } else { None }
    }
    /// The 40-bit number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for CopyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.pool().0, self.position_low())
    }
}

/// `ORDER_MAGIC`: what the account itself remembers of whose order this was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Magic(pub u64);

impl Magic {
    /// `signature (23 bits) | copy id (40 bits)`: positive as a signed 64-bit number.
    pub const fn of_copy(signature: Signature, copy: CopyId) -> Self {
        Self(((signature.0 as u64) << CopyId::BITS) | copy.0)
    }
    /// The copy, when the order is one of this master's.
    pub fn copy(self, signature: Signature) -> Option<CopyId> {
        (self.0 >> CopyId::BITS == u64::from(signature.0))
            .then_some(CopyId(self.0 & ((1 << CopyId::BITS) - 1)))
    }
}

/// Fowler, Noll and Vo's hash, variant 1a, 64 bits: stable across versions, platforms and restarts.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_read_back_from_its_magic() {
        let (ours, other) = (Signature::of_master(Login(1001)), Signature::of_master(Login(1002)));
        assert_ne!(ours, other);
        let copy = CopyId::new(PoolTag(250), PositionId(0x1_2345_6789));
        let magic = Magic::of_copy(ours, copy);
        assert!(i64::try_from(magic.0).is_ok(), "positive as a signed number");
        assert_eq!(magic.copy(ours), Some(copy));
        assert_eq!(magic.copy(other), None);
        assert_eq!(Magic(0).copy(ours), None, "an investor's own order");
        assert_eq!(copy.pool(), PoolTag(250));
        assert_eq!(copy.position_low(), 0x2345_6789);
        assert_eq!(CopyId::from_number(copy.number()), Some(copy));
        assert_eq!(CopyId::from_number(1 << 40), None);
    }
}
