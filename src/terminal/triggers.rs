//! Pending orders at a quote that reaches their price.

use super::account::Terminal;
use super::fills::Fill;
use super::market::Listing;
use super::orders::rejected;
use super::placing::stops_of;
use super::{TerminalError, rules};
use crate::domain::{
    Deal, OrderEnd, PastOrder, PendingKind, PendingOrder, PositionId, Retcode, ServerTime, Side,
};

impl Terminal {
    /// The pending orders that wait, by ticket.
    pub fn orders(&self) -> impl Iterator<Item = &PendingOrder> {
        self.waiting.iter()
    }

    /// The pending orders that were over at this time or later, oldest first; the newest 10,000 are kept.
    pub fn past_orders(&self, since: ServerTime) -> impl Iterator<Item = &PastOrder> {
        self.waiting.past(since)
    }

    /// Executes the symbol's orders that the present quote has reached, the older ticket first.
    pub(super) fn trigger_orders(&mut self, symbol: &str) -> Result<(), TerminalError> {
        let listing = self.market.listing(symbol)?;
        let reached: Vec<u64> = self
            .waiting
            .iter()
            .filter(|order| order.symbol.as_str() == symbol && is_reached(order, listing))
            .map(|order| order.ticket)
            .filter(|ticket| !self.waiting.is_recorded(*ticket))
            .collect();
        for ticket in reached {
            self.activate(ticket);
        }
        Ok(())
    }

    fn activate(&mut self, ticket: u64) {
        let Some(order) = self.waiting.get(ticket) else { return };
        if order.kind == PendingKind::StopLimit {
            // Its limit is beyond its stop: this quote cannot have reached it.
            return self.waiting.becomes_limit(ticket);
        }
        let order = order.clone();
        let (end, position) = match self.fill_order(&order) {
            Ok(deal) => (OrderEnd::Filled, deal.position),
            Err(_) => (OrderEnd::Rejected, PositionId(0)),
        };
        self.waiting.end(ticket, end, position, self.clock.unwrap_or_default());
    }

    fn fill_order(&mut self, order: &PendingOrder) -> Result<Deal, Retcode> {
        let listing = self.market.find(&order.symbol).ok_or(Retcode::INVALID)?;
        let price = listing.market_price(order.side).ok_or(Retcode::PRICE_OFF)?;
        let effect = self.effect(&order.symbol, order.side, order.lots);
        rules::check_mode_of(&listing.instrument, order.side, effect)?;
        self.check_fill(listing, effect, order.lots, price)?;
        let fill = Fill {
            order: order.ticket,
            symbol: order.symbol,
            side: order.side,
            lots: order.lots,
            price,
            magic: order.magic,
            stops: stops_of(&order.terms),
        };
        self.book_fill(effect, &fill).map_err(rejected)
    }
}

/// Has the present quote reached the order's price? It buys at the ask and sells at the bid.
fn is_reached(order: &PendingOrder, listing: &Listing) -> bool {
    listing.market_price(order.side).is_some_and(|market| match (order.kind, order.side) {
        (PendingKind::Limit, Side::Buy) | (PendingKind::Stop | PendingKind::StopLimit, Side::Sell) => {
            market <= order.terms.price
        }
        (PendingKind::Limit, Side::Sell) | (PendingKind::Stop | PendingKind::StopLimit, Side::Buy) => {
            market >= order.terms.price
        }
    })
}
