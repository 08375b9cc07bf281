//! What can be known of the programs without running them.

pub mod grammar;
pub mod header;
pub mod planted;
