//! placeholder
use super::plan::*;
#[allow(missing_docs)]
pub struct Claim {
    pub login: u64,
    pub weight: u64,
    pub step: u64,
    pub min: u64,
    pub cap: u64,
    pub credit: i64,
}
#[allow(missing_docs)]
#[derive(Default)]
pub struct Scratch;
#[allow(missing_docs)]
pub enum Verdict {
    Plain,
    Capped,
    BelowMinimum,
    NoWeight,
}
#[allow(missing_docs)]
pub struct Share {
    pub units: u64,
    pub verdict: Verdict,
    pub new_credit: i64,
}
#[allow(missing_docs)]
pub struct Shared<'a> {
    pub shares: &'a [Share],
    pub remainder: u64,
}
#[allow(missing_docs)]
pub fn share<'a>(
    _b: u64,
    _c: &[Claim],
    _r: Residual,
    _e: Excess,
    _s: &'a mut Scratch,
) -> Result<Shared<'a>, ()> {
    Err(())
}
