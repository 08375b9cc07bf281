//! The lowest and the highest of the prices between two moments, in logarithmic time.

use crate::domain::{Price, ServerTime};

/// Prices in time order, with a binary tree of lowest and highest above them.
#[derive(Debug, Default)]
pub(super) struct PriceRange {
    times: Vec<ServerTime>,
    /// Node `n` covers nodes `2n` and `2n + 1`; the prices themselves are the last `times.len()` nodes.
    nodes: Vec<Option<(Price, Price)>>,
}

fn join(a: Option<(Price, Price)>, b: Option<(Price, Price)>) -> Option<(Price, Price)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

impl PriceRange {
    /// Prices in any order.
    pub fn new(mut prices: Vec<(ServerTime, Price)>) -> Self {
        prices.sort_unstable();
        let leaves = prices.iter().map(|&(_, price)| Some((price, price)));
        let mut nodes: Vec<_> = std::iter::repeat_n(None, prices.len()).chain(leaves).collect();
        for at in (1..prices.len()).rev() {
            let both = join(nodes.get(2 * at).copied().flatten(), nodes.get(2 * at + 1).copied().flatten());
            if let Some(node) = nodes.get_mut(at) {
                *node = both;
            }
        }
        Self { times: prices.into_iter().map(|(time, _)| time).collect(), nodes }
    }

    /// The lowest and the highest strictly between two moments.
    pub fn between(&self, after: ServerTime, before: ServerTime) -> Option<(Price, Price)> {
        let count = self.times.len();
        let mut from = self.times.partition_point(|time| *time <= after) + count;
        let mut to = self.times.partition_point(|time| *time < before) + count;
        let mut found = None;
        while from < to {
            if from % 2 == 1 {
                found = join(found, self.nodes.get(from).copied().flatten());
                from += 1;
            }
            if to % 2 == 1 {
                to -= 1;
                found = join(found, self.nodes.get(to).copied().flatten());
            }
            from /= 2;
            to /= 2;
        }
        found
    }
}
