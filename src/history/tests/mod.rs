//! Readable tables first, then properties.

mod fields;
mod instruments;
mod properties;
mod real;
pub(in crate::history) mod samples;
mod signal;
mod timeline;
