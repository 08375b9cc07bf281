//! What the host sees of the calls between program and library.

use std::time::Instant;

/// What passed between the program and the library.
#[derive(Debug, Default)]
pub struct Watched {
    pub handle: u64,
    /// Commits that the library took since the last state came.
    pub commits: u32,
    /// The number of the last of them.
    pub number: u64,
    /// From when on the library wants the account's deals.
    pub deals_from: i64,
    /// The age of the order in hand, and when it was handed out.
    pub order: Option<(u64, Instant)>,
}

impl Watched {
    pub fn committed(&mut self, answer: i32, number: u64) {
        if answer == 0 {
            self.commits += 1;
            self.number = number;
        }
    }
}
