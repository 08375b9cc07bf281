//! What a terminal's Market Watch does not show, its program does not know of.

use std::collections::BTreeSet;

use lotbridge::domain::{Snapshot, Symbol};

use super::random::Random;

/// The symbols that it does not show yet.
#[derive(Debug, Default)]
pub struct MarketWatch {
    hidden: BTreeSet<Symbol>,
}

impl MarketWatch {
    /// Some of these are not shown.
    pub fn without_some(of: impl IntoIterator<Item = Symbol>, mut random: Random) -> Self {
        Self { hidden: of.into_iter().filter(|_| random.per_mille(150)).collect() }
    }

    /// The program has it show this.
    pub fn show(&mut self, symbol: Option<Symbol>) {
        self.hidden.retain(|hidden| Some(*hidden) != symbol);
    }

    /// Takes out of a state what the program cannot know. What is held, and what waits, is shown.
    pub fn narrow(&mut self, snapshot: &mut Snapshot) {
        let held = snapshot.positions.iter().map(|position| position.symbol);
        for symbol in held.chain(snapshot.orders.iter().map(|order| order.symbol)) {
            self.hidden.remove(&symbol);
        }
        snapshot.instruments.retain(|instrument| !self.hidden.contains(&instrument.symbol));
    }
}
