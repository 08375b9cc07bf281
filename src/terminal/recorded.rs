//! Deals that a history dictates.

use super::account::Terminal;
use super::error::TerminalError;
use super::history::{Closing, Opening};
use super::positions::POSITIONS_MAX;
use super::waiting::WAITING_MAX;
use crate::domain::{
    Comment, Deal, DealEntry, Lots, Magic, MarginMode, Money, OrderEnd, PendingOrder, Position, PositionId,
    Price, ServerTime, Side, Symbol,
};

/// An opening as a history has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedOpen {
    /// The position's identifier and ticket: not zero, and never used in this account but by the recorded order that
    /// it is the fill of.
    pub id: PositionId,
    /// When; not before the account's clock.
    pub time: ServerTime,
    /// A symbol of the terminal.
    pub symbol: Symbol,
    /// Long or short.
    pub side: Side,
    /// Above zero; neither minimum, maximum nor step is asked for.
    pub lots: Lots,
    /// Above zero.
    pub price: Price,
    /// As the position shows it. It triggers nothing: the history says when the position was closed.
    pub stop_loss: Option<Price>,
    /// As the position shows it. It triggers nothing.
    pub take_profit: Option<Price>,
    /// Whose order it was.
    pub magic: Magic,
    /// Of the opening deal; negative is a cost.
    pub commission: Money,
}

/// A closing, whole or in part, as a history has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedClose {
    /// An open position's identifier.
    pub id: PositionId,
    /// When; not before the account's clock.
    pub time: ServerTime,
    /// Above zero, at most what is open.
    pub lots: Lots,
    /// Above zero.
    pub price: Price,
    /// Of the closing deal; negative is a cost.
    pub commission: Money,
    /// Of the closing deal; negative is a cost. It stands instead of what the position may have accrued.
    pub swap: Money,
}

impl Terminal {
    /// Opens a position as a history has it: no margin check, no slippage, no quote needed. From then on the
    /// position lives by its history: quotes value it, but its stops, the stop-out and swap do not touch it. It
    /// can still be closed and modified by [`Terminal::order_send`]. Under the ticket of a recorded order of its symbol and
    /// side that waits, it is that order's fill.
    ///
    /// # Errors
    /// An unknown symbol, an identifier that is zero or was used, no volume, no price, a time before the
    /// account's clock, a full account, a netting account, a balance beyond what money holds.
    pub fn open_recorded(&mut self, open: &RecordedOpen) -> Result<Deal, TerminalError> {
        self.check_recorded_open(open)?;
        self.advance(open.time)?;
        // With the time, orders that were placed have been executed.
        self.check_recorded_open(open)?;
        let position = Position {
            id: open.id,
            ticket: open.id.0,
            symbol: open.symbol,
            side: open.side,
            lots: open.lots,
            open_price: open.price,
            open_time: open.time,
            stop_loss: open.stop_loss,
            take_profit: open.take_profit,
            magic: open.magic,
            comment: Comment::new(),
        };
        let deal = self.book_opening(Opening { position, commission: open.commission, recorded: true })?;
        self.waiting.end(open.id.0, OrderEnd::Filled, open.id, open.time);
        Ok(deal)
    }

    /// Places a pending order as a history has it: neither its price nor its stops are held against the market. From then
    /// on it lives by its history: no quote fills it, and its expiration counts for nothing. It can still be changed
    /// and cancelled by [`Terminal::order_send`].
    ///
    /// # Errors
    /// An unknown symbol, a ticket that is zero or was used, no volume, no price, a time (`placed`) before the account's
    /// clock, too many orders, a netting account.
    pub fn place_recorded(&mut self, order: PendingOrder) -> Result<(), TerminalError> {
        self.market.listing(&order.symbol)?;
        self.check_hedging()?;
        check_deal(PositionId(order.ticket), order.lots, Lots::MAX, order.terms.price)?;
        if self.waiting.len() >= WAITING_MAX {
            return Err(TerminalError::TooMany { what: "pending orders", most: WAITING_MAX });
        }
        self.advance(order.placed)?;
        self.positions.claim(PositionId(order.ticket))?;
        self.waiting.insert_recorded(order);
        Ok(())
    }

    /// A recorded order ends without a position.
    ///
    /// # Errors
    /// No recorded order of this ticket waits; a time before the account's clock.
    pub fn end_recorded(
        &mut self,
        ticket: u64,
        end: OrderEnd,
        time: ServerTime,
    ) -> Result<(), TerminalError> {
        if !self.waiting.is_recorded(ticket) {
            return Err(TerminalError::NoSuchOrder(ticket));
        }
        self.advance(time)?;
        self.waiting.end(ticket, end, PositionId(0), time);
        Ok(())
    }

    /// Closes a position as a history has it. The charges are the history's, the profit is the terminal's own.
    ///
    /// # Errors
    /// A position that is not open, no volume or more than is open, no price, a time before the account's clock,
    /// a full history, a netting account, an amount beyond what money holds.
    pub fn close_recorded(&mut self, close: &RecordedClose) -> Result<Deal, TerminalError> {
        self.check_recorded_close(close)?;
        self.advance(close.time)?;
        let magic = self.check_recorded_close(close)?;
        self.book_closing(&Closing {
            ticket: close.id.0,
            lots: close.lots,
            price: close.price,
            magic,
            commission: close.commission,
            swap: close.swap,
            entry: DealEntry::Out,
        })
    }

    fn check_recorded_open(&self, open: &RecordedOpen) -> Result<(), TerminalError> {
        self.market.listing(&open.symbol)?;
        self.check_hedging()?;
        let of_open = |order: &PendingOrder| (order.symbol, order.side) == (open.symbol, open.side);
        if !self.waiting.is_recorded(open.id.0) || !self.waiting.get(open.id.0).is_some_and(of_open) {
            self.positions.check_opening(open.id)?;
        } else if self.positions.is_full() {
            return Err(TerminalError::TooMany { what: "open positions", most: POSITIONS_MAX });
        }
        self.history.check_room()?;
        check_deal(open.id, open.lots, Lots::MAX, open.price)
    }

    /// The magic of the position that can be closed so.
    fn check_recorded_close(&self, close: &RecordedClose) -> Result<Magic, TerminalError> {
        self.check_hedging()?;
        let open = self.positions.get(close.id.0).ok_or(TerminalError::NotOpen(close.id))?;
        check_deal(close.id, close.lots, open.position.lots, close.price)?;
        self.history.check_room()?;
        Ok(open.position.magic)
    }

    fn check_hedging(&self) -> Result<(), TerminalError> {
        match self.settings.margin_mode {
            MarginMode::Hedging => Ok(()),
            MarginMode::Netting => Err(TerminalError::NotHedging),
        }
    }
}

fn check_deal(position: PositionId, lots: Lots, most: Lots, price: Price) -> Result<(), TerminalError> {
    if !lots.is_positive() || lots > most {
        return Err(TerminalError::DealVolume { position, lots, most });
    }
    if !price.is_positive() {
        return Err(TerminalError::DealPrice { position, price });
    }
    Ok(())
}
