//! A position closed by an opposite one.

use super::TerminalError;
use super::account::Terminal;
use super::history::Closing;
use super::orders::{done, rejected};
use crate::domain::{Deal, DealEntry, Lots, MarginMode, OrderResult, PositionId, Price, Retcode, ServerTime};

impl Terminal {
    /// Closes two opposite positions of one symbol against each other, by the smaller volume; the rest of the larger
    /// remains. Two deals at the second position's opening price, so that the first one's has all the profit; each
    /// carries its position's magic and the charges of a closing. No fault and no delay befalls it.
    ///
    /// | answer | when |
    /// | --- | --- |
    /// | `DONE` | closed; with the first deal, the first ticket, the volume and the price |
    /// | `CONNECTION`, `MARKET_CLOSED` | as for [`Terminal::order_send`] |
    /// | `INVALID_ORDER` | on a netting account |
    /// | `POSITION_CLOSED` | one of the two is not open |
    /// | `INVALID` | the two are not of one symbol and of both sides |
    /// | `TRADE_DISABLED` | the symbol's trade mode |
    /// | `REJECT` | the history is full, or an amount is beyond what money holds |
    pub fn close_by(&mut self, time: ServerTime, ticket: u64, opposite: u64) -> OrderResult {
        let time = self.clock.map_or(time, |now| now.max(time));
        self.closed_by(time, ticket, opposite).unwrap_or_else(OrderResult::refused)
    }

    fn closed_by(&mut self, time: ServerTime, ticket: u64, opposite: u64) -> Result<OrderResult, Retcode> {
        self.advance(time).map_err(rejected)?;
        if !self.connected {
            return Err(Retcode::CONNECTION);
        }
        self.check_market_open()?;
        if self.settings.margin_mode != MarginMode::Hedging {
            return Err(Retcode::INVALID_ORDER);
        }
        let position = |ticket| self.positions.get(ticket).map(|open| &open.position);
        let first = position(ticket).ok_or(Retcode::POSITION_CLOSED)?;
        let second = position(opposite).ok_or(Retcode::POSITION_CLOSED)?;
        if first.symbol != second.symbol || first.side == second.side {
            return Err(Retcode::INVALID);
        }
        let listing = self.market.find(&first.symbol).ok_or(Retcode::INVALID)?;
        super::rules::check_enabled(&listing.instrument)?;
        let (lots, price) = (first.lots.min(second.lots), second.open_price);
        self.history.check_room().map_err(rejected)?;
        let deal = self.close_out_by(ticket, lots, price).map_err(rejected)?;
        self.close_out_by(opposite, lots, price).map_err(rejected)?;
        Ok(done(deal.ticket, ticket, lots, price))
    }

    fn close_out_by(&mut self, ticket: u64, lots: Lots, price: Price) -> Result<Deal, TerminalError> {
        let open = self.positions.get(ticket).ok_or(TerminalError::NotOpen(PositionId(ticket)))?;
        let closing = Closing {
            entry: DealEntry::OutBy,
            ..self.closing_with_charges(open, lots, price, open.position.magic)?
        };
        self.book_closing(&closing)
    }
}
