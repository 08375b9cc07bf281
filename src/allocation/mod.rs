//! From one master volume to each slave's: pure functions, a file per method, limits, rounding.
//!
//! Every result is a [`Decision`]: the facts it was made from, the lots before rounding, what rounding and caps
//! did, or the reason for a skip. An auditor can recompute the lots from the facts alone.

pub mod block;
mod plan;

pub use plan::{
    AccountRules, BelowMinimum, Excess, FixedPer, Limits, Member, Method, Pool, PoolFilter, Residual,
    Rounding, SideFilter, WeightKind,
};
