//! What a quote does: it moves the clock, values positions, triggers stops, and may end in a stop-out.

use super::account::Terminal;
use super::market::Listing;
use super::positions::OpenPosition;
use super::{TerminalError, valuation};
use crate::domain::{Deal, Money, PositionId, Price, ServerTime, Side};

impl Terminal {
    /// A new quote. Swap is accrued for the server midnights since the last event, pending orders expire, market
    /// orders that were placed are executed. Then the symbol's positions are valued, those whose stop the quote
    /// reached are closed at it (a long one when the bid is at or below its stop loss or at or above its take
    /// profit, a short one by the ask), its pending orders that it reached are executed at it, and the stop-out looks
    /// at the margin. While the market is closed a quote only values. Answers the deals this made.
    ///
    /// # Errors
    /// An unknown symbol, a bid that is not above zero or an ask below it, a time before the account's clock, an
    /// amount beyond what money holds.
    pub fn quote(
        &mut self,
        time: ServerTime,
        symbol: &str,
        bid: Price,
        ask: Price,
    ) -> Result<Vec<Deal>, TerminalError> {
        let instrument = &self.market.listing(symbol)?.instrument;
        if !bid.is_positive() || ask < bid {
            return Err(TerminalError::BadQuote { symbol: instrument.symbol, bid, ask });
        }
        let before = self.history.deals_len();
        self.advance(time)?;
        self.execute_accepted();
        self.market.set_quote(symbol, bid, ask)?;
        let listing = self.market.listing(symbol)?;
        for open in self.positions.iter_mut().filter(|open| open.position.symbol.as_str() == symbol) {
            open.revalue(listing, &self.settings);
        }
        self.observe_equity();
        if self.is_market_open() {
            self.trigger_stops(symbol)?;
            self.trigger_orders(symbol)?;
            self.stop_out()?;
        }
        Ok(self.deals().get(before..).unwrap_or_default().to_vec())
    }

    /// Time passes without a quote: swap accrues, pending orders expire, market orders that were placed are executed.
    /// Answers the deals this made.
    ///
    /// # Errors
    /// A time before the account's clock, an amount beyond what money holds.
    pub fn pass_time(&mut self, time: ServerTime) -> Result<Vec<Deal>, TerminalError> {
        let before = self.history.deals_len();
        self.advance(time)?;
        self.observe_equity();
        Ok(self.deals().get(before..).unwrap_or_default().to_vec())
    }

    /// Moves the clock: swap accrues for every midnight passed, orders expire, accepted market orders are executed.
    pub(super) fn advance(&mut self, time: ServerTime) -> Result<(), TerminalError> {
        let now = self.clock.unwrap_or(time);
        if time < now {
            return Err(TerminalError::TimeWentBack { now, time });
        }
        let nights = valuation::nights(now, time);
        if nights > 0 {
            // All or none: computed before anything is changed.
            let swaps = self
                .positions
                .iter()
                .map(|open| self.swap_after(open, nights))
                .collect::<Result<Vec<Money>, TerminalError>>()?;
            for (open, swap) in self.positions.iter_mut().zip(swaps) {
                open.swap = swap;
            }
        }
        self.clock = Some(time);
        self.waiting.expire(time);
        if time > now {
            self.execute_accepted();
        }
        Ok(())
    }

    /// A position's swap after so many nights more; each night's amount is rounded by itself.
    fn swap_after(&self, open: &OpenPosition, nights: i64) -> Result<Money, TerminalError> {
        if open.recorded {
            return Ok(open.swap);
        }
        let charges = &self.market.listing(&open.position.symbol)?.charges;
        let per_lot = charges.swap_per_lot(open.position.side);
        valuation::per_lot(per_lot, open.position.lots, self.settings.currency_digits)
            .exact()
            .and_then(|night| night.units().checked_mul(nights))
            .and_then(|swap| open.swap.checked_add(Money::from_units(swap)))
            .ok_or(TerminalError::OutOfRange { what: "a swap" })
    }

    /// Values a symbol's positions, margin included: its specification has changed.
    pub(super) fn revalue(&mut self, symbol: &str) -> Result<(), TerminalError> {
        let listing = self.market.listing(symbol)?;
        for open in self.positions.iter_mut().filter(|open| open.position.symbol.as_str() == symbol) {
            open.revalue(listing, &self.settings);
            open.remargin(listing, &self.settings);
        }
        Ok(())
    }

    fn trigger_stops(&mut self, symbol: &str) -> Result<(), TerminalError> {
        let listing = self.market.listing(symbol)?;
        let reached: Vec<(u64, Price)> = self
            .positions
            .iter()
            .filter(|open| !open.recorded && open.position.symbol.as_str() == symbol)
            .filter_map(|open| Some((open.position.ticket, reached_stop(open, listing)?)))
            .collect();
        for (ticket, price) in reached {
            self.close_by_broker(ticket, price)?;
        }
        Ok(())
    }

    /// While equity is below the stop-out level: the position with the largest loss (profit and swap) is closed;
    /// of equal ones the older ticket. A recorded position, or one whose symbol has no quote, cannot be.
    fn stop_out(&mut self) -> Result<(), TerminalError> {
        while self.is_below_stop_out() {
            let worst = self
                .positions
                .iter()
                .filter(|open| !open.recorded)
                .filter_map(|open| {
                    let position = &open.position;
                    let price = self.market.find(&position.symbol)?.closing_price(position.side)?;
                    Some((open.result(), position.ticket, price))
                })
                .min_by_key(|(result, ticket, _)| (*result, *ticket));
            let Some((_, ticket, price)) = worst else { break };
            self.close_by_broker(ticket, price)?;
        }
        Ok(())
    }

    fn is_below_stop_out(&self) -> bool {
        let Some(percent) = self.settings.stop_out_percent else { return false };
        let margin = i128::from(self.margin().units());
        margin > 0 && i128::from(self.equity().units()) * 100 < margin * i128::from(percent)
    }

    /// Closes a whole position; the deal carries the position's own magic.
    fn close_by_broker(&mut self, ticket: u64, price: Price) -> Result<Deal, TerminalError> {
        let open = self.positions.get(ticket).ok_or(TerminalError::NotOpen(PositionId(ticket)))?;
        let (lots, magic) = (open.position.lots, open.position.magic);
        self.close_with_charges(ticket, lots, price, magic)
    }
}

/// The price at which the present quote closes this position, when it has reached one of its stops.
fn reached_stop(open: &OpenPosition, listing: &Listing) -> Option<Price> {
    let position = &open.position;
    let price = listing.closing_price(position.side)?;
    let (stop, take) = (position.stop_loss, position.take_profit);
    let reached = match position.side {
        Side::Buy => stop.is_some_and(|stop| price <= stop) || take.is_some_and(|take| price >= take),
        Side::Sell => stop.is_some_and(|stop| price >= stop) || take.is_some_and(|take| price <= take),
    };
    reached.then_some(price)
}
