//! What an order's numbers stand for, exactly.

use super::super::values::{self, Coded};
use super::EaError;
use crate::domain::{Expiration, Filling, Lots, PendingKind, Price};

/// The exact volume behind an order's `double`.
///
/// # Errors
/// Not a volume.
pub fn exact_lots(value: f64) -> Result<Lots, EaError> {
    super::super::convert::lots("lots", value).map_err(|f| EaError { code: f.code, text: f.text })
}

/// The exact price behind an order's `double`; 0 is none.
///
/// # Errors
/// Not a price.
pub fn exact_stop(value: f64) -> Result<Option<Price>, EaError> {
    super::super::convert::stop("stop", value, 8).map_err(|f| EaError { code: f.code, text: f.text })
}

/// What a pending order's `kind` stands for.
///
/// # Errors
/// No such kind.
pub fn exact_kind(kind: u32) -> Result<PendingKind, EaError> {
    PendingKind::from_code("kind", kind).map_err(|f| EaError { code: f.code, text: f.text })
}

/// What an order's `filling` stands for.
///
/// # Errors
/// No such filling.
pub fn exact_filling(filling: u32) -> Result<Filling, EaError> {
    Filling::from_code("filling", filling).map_err(|f| EaError { code: f.code, text: f.text })
}

/// What a pending order's `expiration` and `expiration_ms` stand for.
///
/// # Errors
/// No such expiration.
pub fn exact_expiration(expiration: u32, until_ms: i64) -> Result<Expiration, EaError> {
    values::expiration("expiration", expiration, until_ms).map_err(|f| EaError { code: f.code, text: f.text })
}
