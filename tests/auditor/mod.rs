//! The auditor: recomputes every copy's lots of a replay's report from the facts that its decisions state, and nothing
//! else, in exact fractions of big integers.
//!
//! Written apart from the allocation's code, from the design's section on allocation and the documentation of
//! `lotbridge::allocation`. Where two read the same rules and come to the same lots, both have read them right.
//!
//! Other integration tests take it in with `#[path = "auditor/mod.rs"] mod auditor;` and call [`audit_report`].

#![allow(dead_code, reason = "every test that takes this module in uses a part of it")]

pub mod blocks;
pub mod copy;
pub mod number;
pub mod random;
mod report;
pub mod rules;
pub mod sharing;

#[allow(unused_imports, reason = "as above")]
pub use report::{AuditSummary, audit_report, audit_value, members_of};
