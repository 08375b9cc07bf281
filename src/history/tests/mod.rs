//! Readable tables first, then properties.

mod fields;
mod instruments;
mod orders;
mod properties;
mod real;
pub(in crate::history) mod samples;
mod signal;
mod timeline;
