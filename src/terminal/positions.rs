//! The positions that are open, valued at the present quotes.

use std::collections::{BTreeMap, BTreeSet};

use super::market::Listing;
use super::{TerminalError, TerminalSettings, valuation};
use crate::domain::{Lots, Money, Position, PositionId};

/// The most positions that may be open at once.
pub(super) const POSITIONS_MAX: usize = 10_000;

/// A position with what the terminal shows beside it. Amounts are in the account's currency, rounded to its
/// digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPosition {
    /// The position.
    pub position: Position,
    /// `POSITION_PROFIT`: what closing it all at the present quote would make, without charges; zero before the
    /// symbol's first quote.
    pub profit: Money,
    /// `POSITION_SWAP`: accrued and not yet booked.
    pub swap: Money,
    /// What it takes of the account's margin.
    pub margin: Money,
    /// It lives by its history: stops, stop-out and swap do not touch it.
    pub recorded: bool,
}

impl OpenPosition {
    /// Valued at the listing's quote.
    pub(super) fn revalue(&mut self, listing: &Listing, settings: &TerminalSettings) {
        let Position { side, lots, open_price, .. } = self.position;
        let digits = settings.currency_digits;
        self.profit = listing.closing_price(side).map_or(Money::ZERO, |close| {
            valuation::profit(&listing.instrument, side, lots, open_price, close, digits).saturating()
        });
    }

    /// What it takes of the margin, at its opening price.
    pub(super) fn remargin(&mut self, listing: &Listing, settings: &TerminalSettings) {
        let Position { lots, open_price, .. } = self.position;
        let (leverage, digits) = (settings.leverage, settings.currency_digits);
        self.margin = valuation::margin(&listing.instrument, lots, open_price, leverage, digits).saturating();
    }

    /// Profit and accrued swap.
    pub(super) const fn result(&self) -> Money {
        self.profit.saturating_add(self.swap)
    }
}

/// The positions of one account, by ticket, and every ticket it has given.
#[derive(Debug, Clone, Default)]
pub(super) struct PositionBook {
    open: BTreeMap<u64, OpenPosition>,
    used: BTreeSet<u64>,
    last_given: u64,
}

impl PositionBook {
    pub(super) fn get(&self, ticket: u64) -> Option<&OpenPosition> {
        self.open.get(&ticket)
    }

    pub(super) fn get_mut(&mut self, ticket: u64) -> Option<&mut OpenPosition> {
        self.open.get_mut(&ticket)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &OpenPosition> {
        self.open.values()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut OpenPosition> {
        self.open.values_mut()
    }

    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= POSITIONS_MAX
    }

    /// The next ticket of the account's own counter that was not used yet; it is used from now on.
    pub(super) fn take_identifier(&mut self) -> PositionId {
        // Recorded identifiers are the caller's: the counter steps over them. It ends after at most as many
        // steps as identifiers were used.
        loop {
            self.last_given = self.last_given.wrapping_add(1).max(1);
            if self.used.insert(self.last_given) {
                return PositionId(self.last_given);
            }
        }
    }

    /// May a recorded position be opened under this identifier?
    pub(super) fn check_opening(&self, id: PositionId) -> Result<(), TerminalError> {
        if self.is_full() {
            return Err(TerminalError::TooMany { what: "open positions", most: POSITIONS_MAX });
        }
        if id.0 == 0 || self.used.contains(&id.0) {
            return Err(TerminalError::IdentifierTaken(id));
        }
        Ok(())
    }

    /// Takes an identifier for a recorded order.
    pub(super) fn claim(&mut self, id: PositionId) -> Result<(), TerminalError> {
        if id.0 == 0 || !self.used.insert(id.0) {
            return Err(TerminalError::IdentifierTaken(id));
        }
        Ok(())
    }

    /// Adds a position whose identifier was taken here, or allowed by [`PositionBook::check_opening`].
    pub(super) fn insert(&mut self, open: OpenPosition) {
        self.used.insert(open.position.id.0);
        self.open.insert(open.position.ticket, open);
    }

    pub(super) fn remove(&mut self, ticket: u64) -> Option<OpenPosition> {
        self.open.remove(&ticket)
    }

    /// Takes `lots` and `swap` off a position; it is gone when nothing is left.
    pub(super) fn reduce(&mut self, ticket: u64, lots: Lots, swap: Money) -> Option<&mut OpenPosition> {
        let open = self.open.get_mut(&ticket)?;
        open.position.lots = open.position.lots.saturating_sub(lots);
        open.swap = open.swap.saturating_sub(swap);
        if open.position.lots.is_positive() {
            return self.open.get_mut(&ticket);
        }
        self.open.remove(&ticket);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{opening_of_gold, play, terminal};
    use super::*;

    #[test]
    fn there_are_at_most_ten_thousand_positions() {
        let mut t = terminal();
        play(
            &mut t,
            "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                       | buy XAUUSD 0.01              | done 1 0.01 @ 2000",
        );
        let first = t.positions.get(1).unwrap().clone();
        for ticket in 2..=10_000 {
            let position = Position { id: PositionId(ticket), ticket, ..first.position.clone() };
            t.positions.insert(OpenPosition { position, margin: Money::ZERO, ..first.clone() });
        }
        let full = TerminalError::TooMany { what: "open positions", most: 10_000 };
        assert_eq!(t.open_recorded(&opening_of_gold(10_001, t.account().time)), Err(full));
        play(
            &mut t,
            "mon 10:00 | buy XAUUSD 0.01      | limit of open positions reached
                       | close XAUUSD 77 0.01 | done 77 0.01 @ 2000
                       | buy XAUUSD 0.01      | done 10001 0.01 @ 2000",
        );
    }
}
