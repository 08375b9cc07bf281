//! What an execution does to the account: it opens a position, or, where there is one position per symbol, adds to it,
//! takes off it or reverses it.

use super::account::Terminal;
use super::history::Opening;
use super::market::Listing;
use super::orders::rejected;
use super::stops::Stops;
use super::{TerminalError, valuation};
use crate::domain::{
    Comment, Deal, DealEntry, Lots, Magic, MarginMode, Money, Position, PositionId, Price, Retcode, Side,
    Symbol,
};

/// An execution that is to enter the account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fill {
    /// The order's ticket; a position that it opens or reverses has it.
    pub(super) order: u64,
    pub(super) symbol: Symbol,
    pub(super) side: Side,
    pub(super) lots: Lots,
    pub(super) price: Price,
    pub(super) magic: Magic,
    pub(super) stops: Stops,
}

/// What an execution does; with the ticket of the netting account's position that it does it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Opens,
    Adds(u64),
    /// Closes, in part or whole.
    Reduces(u64),
    Reverses(u64),
}

impl Terminal {
    /// What an order of this side and volume would do now.
    pub(super) fn effect(&self, symbol: &str, side: Side, lots: Lots) -> Effect {
        let held = match self.settings.margin_mode {
            MarginMode::Hedging => None,
            MarginMode::Netting => self.positions.iter().find(|open| open.position.symbol.as_str() == symbol),
        };
        match held.map(|open| &open.position) {
            None => Effect::Opens,
            Some(position) if position.side == side => Effect::Adds(position.ticket),
            Some(position) if lots <= position.lots => Effect::Reduces(position.ticket),
            Some(position) => Effect::Reverses(position.ticket),
        }
    }

    /// Can the account take an execution: room, and margin for what it adds?
    pub(super) fn check_fill(
        &self,
        listing: &Listing,
        effect: Effect,
        lots: Lots,
        price: Price,
    ) -> Result<(), Retcode> {
        if effect == Effect::Opens && self.positions.is_full() {
            return Err(Retcode::LIMIT_POSITIONS);
        }
        let free = self.equity().saturating_sub(self.margin());
        let (added, free) = match effect {
            Effect::Opens | Effect::Adds(_) => (lots, free),
            Effect::Reduces(_) => (Lots::ZERO, free),
            Effect::Reverses(ticket) => {
                let held = self.positions.get(ticket).ok_or(Retcode::POSITION_CLOSED)?;
                (lots.saturating_sub(held.position.lots), free.saturating_add(held.margin))
            }
        };
        let (leverage, digits) = (self.settings.leverage, self.settings.currency_digits);
        let needed = valuation::margin(&listing.instrument, added, price, leverage, digits).saturating();
        if added.is_positive() && needed > free {
            return Err(Retcode::NO_MONEY);
        }
        self.history.check_room().map_err(rejected)
    }

    /// Books an execution at the account's present time.
    pub(super) fn book_fill(&mut self, effect: Effect, fill: &Fill) -> Result<Deal, TerminalError> {
        let deal = match effect {
            Effect::Opens => self.book_position(fill),
            Effect::Adds(ticket) => self.book_addition(ticket, fill),
            Effect::Reduces(ticket) => self.close_with_charges(ticket, fill.lots, fill.price, fill.magic),
            Effect::Reverses(ticket) => self.book_reversal(ticket, fill),
        }?;
        self.observe_equity();
        Ok(deal)
    }

    fn book_position(&mut self, fill: &Fill) -> Result<Deal, TerminalError> {
        let commission = self.commission(self.market.listing(&fill.symbol)?, fill.lots)?;
        let position = Position {
            id: PositionId(fill.order),
            ticket: fill.order,
            symbol: fill.symbol,
            side: fill.side,
            lots: fill.lots,
            open_price: fill.price,
            open_time: self.clock.unwrap_or_default(),
            stop_loss: fill.stops.stop_loss,
            take_profit: fill.stops.take_profit,
            magic: fill.magic,
            comment: Comment::new(),
        };
        self.book_opening(Opening { position, commission, recorded: false })
    }

    fn book_addition(&mut self, ticket: u64, fill: &Fill) -> Result<Deal, TerminalError> {
        let listing = self.market.listing(&fill.symbol)?;
        let open = self.positions.get(ticket).ok_or(TerminalError::NotOpen(PositionId(ticket)))?;
        let held = &open.position;
        let lots =
            held.lots.checked_add(fill.lots).ok_or(TerminalError::OutOfRange { what: "a position" })?;
        let mean = valuation::mean_price((held.open_price, held.lots), (fill.price, fill.lots));
        let deal = Deal {
            commission: self.commission(listing, fill.lots)?,
            ..self.deal_of(fill, held.id, DealEntry::In)
        };
        let deal = self.history.book(deal)?;
        if let Some(open) = self.positions.get_mut(ticket) {
            (open.position.lots, open.position.open_price) = (lots, mean);
            (open.position.stop_loss, open.position.take_profit) =
                (fill.stops.stop_loss, fill.stops.take_profit);
            open.revalue(listing, &self.settings);
            open.remargin(listing, &self.settings);
        }
        Ok(deal)
    }

    /// The held position is closed whole, and what is left of the execution is held under its identifier.
    fn book_reversal(&mut self, ticket: u64, fill: &Fill) -> Result<Deal, TerminalError> {
        let listing = self.market.listing(&fill.symbol)?;
        let open = self.positions.get(ticket).ok_or(TerminalError::NotOpen(PositionId(ticket)))?;
        let Position { id, side, lots, open_price, .. } = open.position;
        let digits = self.settings.currency_digits;
        let profit = valuation::profit(&listing.instrument, side, lots, open_price, fill.price, digits)
            .exact()
            .ok_or(TerminalError::OutOfRange { what: "a profit" })?;
        let deal = Deal {
            commission: self.commission(listing, fill.lots)?,
            swap: open.swap,
            profit,
            ..self.deal_of(fill, id, DealEntry::InOut)
        };
        let deal = self.history.book(deal)?;
        if let Some(mut open) = self.positions.remove(ticket) {
            open.swap = Money::ZERO;
            open.position = Position {
                ticket: fill.order,
                side: fill.side,
                lots: fill.lots.saturating_sub(lots),
                open_price: fill.price,
                open_time: self.clock.unwrap_or_default(),
                stop_loss: fill.stops.stop_loss,
                take_profit: fill.stops.take_profit,
                ..open.position
            };
            open.revalue(listing, &self.settings);
            open.remargin(listing, &self.settings);
            self.positions.insert(open);
        }
        Ok(deal)
    }

    /// The deal of an execution, without ticket and amounts.
    fn deal_of(&self, fill: &Fill, position: PositionId, entry: DealEntry) -> Deal {
        Deal {
            ticket: 0,
            position,
            symbol: fill.symbol,
            side: fill.side,
            entry,
            lots: fill.lots,
            price: fill.price,
            time: self.clock.unwrap_or_default(),
            magic: fill.magic,
            commission: Money::ZERO,
            swap: Money::ZERO,
            profit: Money::ZERO,
        }
    }
}
