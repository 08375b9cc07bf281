//! Readable tables first, then properties.

mod real;
