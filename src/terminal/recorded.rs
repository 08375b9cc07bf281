//! Deals that a history dictates.

use super::account::Terminal;
use super::error::TerminalError;
use super::history::{Closing, Opening};
use crate::domain::{
    Comment, Deal, DealEntry, Lots, Magic, MarginMode, Money, Position, PositionId, Price, ServerTime, Side,
    Symbol,
};

/// An opening as a history has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedOpen {
    /// The position's identifier and ticket: not zero, never used in this account.
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
    /// can still be closed and modified by [`Terminal::order_send`].
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
        self.book_opening(Opening { position, commission: open.commission, recorded: true })
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
        self.positions.check_opening(open.id)?;
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
