//! Symbols that the hub asks for: a terminal knows the specification of those alone that its Market Watch shows.

use std::collections::VecDeque;

use super::Agent;
use crate::domain::{Snapshot, Symbol};

/// So many wait to be asked for at most; the hub asks again for what is passed over.
const WANTED_MOST: usize = 256;

/// From the hub's question to the state that answers it.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// The terminal is to be asked for these.
    asked: VecDeque<Symbol>,
    /// The terminal was, and its next state has them, or its broker does not offer them.
    told: Vec<Symbol>,
}

impl Wanted {
    /// Those that the terminal was told of and this state has not.
    pub fn lacking(&mut self, snapshot: &Snapshot) -> Vec<Symbol> {
        let told = std::mem::take(&mut self.told);
        told.into_iter().filter(|symbol| snapshot.instrument(symbol).is_none()).collect()
    }

    /// The hub will ask again.
    pub fn forget(&mut self) {
        self.asked.clear();
    }
}

impl Agent {
    /// The hub asks for this symbol.
    pub fn want_symbol(&mut self, symbol: Symbol) {
        let asked = &mut self.wanted.asked;
        if asked.len() < WANTED_MOST && !asked.contains(&symbol) {
            asked.push_back(symbol);
        }
    }

    /// Does the terminal still have to be asked for any?
    pub fn wants_symbols(&self) -> bool {
        !self.wanted.asked.is_empty()
    }

    /// The next one that the terminal is asked for now: its next state is the answer.
    pub fn next_wanted(&mut self) -> Option<Symbol> {
        let symbol = self.wanted.asked.pop_front()?;
        self.wanted.told.push(symbol);
        Some(symbol)
    }
}
