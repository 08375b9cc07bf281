//! Where the market is at an event of a history: at the event's own price, as far as what waits there allows.
//!
//! A history knows prices where something was traded or cancelled, and none where an order was placed. What it does know is
//! that an order that waits was not reached: the market is on the side on which it waits. So a placing is quoted at the last
//! known price, held off whatever waits; a fill is quoted at its own price, or through the order's where that is further.

use anyhow::{Context, Result, bail};
use lotbridge::domain::{Instrument, PendingOrder, Price, ServerTime, Side, Symbol};
use lotbridge::history::{ClosedPosition, Event, History, rises_to};
use lotbridge::terminal::Terminal;

use super::broker::{order_id, position_id};

/// The market's price at an event.
pub struct Market<'a> {
    pub history: &'a History,
    /// The master's account, before the event.
    pub master: &'a Terminal,
    pub instrument: &'a Instrument,
    /// Its last quote.
    pub last: Option<Price>,
    pub time: ServerTime,
}

impl Market<'_> {
    /// The price at which all accounts are quoted.
    pub fn price(&self, event: Event) -> Result<Price> {
        let history = self.history;
        match event {
            Event::Open { position, .. } => {
                let own = position_id(position).0;
                let price = self.off_orders(history.positions[position].open_price, own);
                let filled = self.master.orders().find(|order| order.ticket == own);
                Ok(filled.map_or(price, |order| self.through(price, order)))
            }
            Event::Exit { position, exit } => {
                Ok(self.off_orders(history.positions[position].exits[exit].price, 0))
            }
            Event::Place { order: at } => {
                let order = &history.orders[at];
                let known = self.last.or_else(|| next_known(history, order.symbol, self.time));
                let price = self.off_orders(self.off_stops(known.unwrap_or(order.price)), 0);
                Ok(self.off(price, order.price, order.waits_below()))
            }
            Event::End { order: at } => {
                let order = &history.orders[at];
                let known = order.end_price.or(self.last);
                let known = known.with_context(|| format!("line {}: no price is known", order.line))?;
                let own = order_id(history, at);
                let price = self.off_orders(self.off_stops(known), own);
                Ok(self.off(price, order.price, order.waits_below()))
            }
            Event::Balance { .. } => bail!("a balance operation has no price"),
        }
    }

    /// How many orders go on waiting here, by the history, though this price reaches them: it contradicts itself.
    pub fn contradictions(&self, price: Price, event: Event) -> usize {
        let own = if let Event::Open { position, .. } = event { position_id(position).0 } else { 0 };
        let reached = |order: &&PendingOrder| {
            if rises_to(order.side, order.kind) {
                price >= order.terms.price
            } else {
                price <= order.terms.price
            }
        };
        self.waiting(own).filter(reached).count()
    }

    /// Off every order that waits here, but the one of this ticket and those that are filled in this very moment.
    fn off_orders(&self, price: Price, own: u64) -> Price {
        let off = |price, order: &PendingOrder| {
            self.off(price, order.terms.price, rises_to(order.side, order.kind))
        };
        self.waiting(own).fold(price, off)
    }

    fn waiting(&self, own: u64) -> impl Iterator<Item = &PendingOrder> {
        let here = self.master.orders().filter(|order| order.symbol == self.instrument.symbol);
        here.filter(move |order| {
            let position = position_of(self.history, order.ticket);
            order.ticket != own && position.is_none_or(|position| position.open_time > self.time)
        })
    }

    /// Off the stops of every position that is open here.
    fn off_stops(&self, price: Price) -> Price {
        let open = self.master.positions().map(|open| &open.position);
        open.filter(|p| p.symbol == self.instrument.symbol).fold(price, |price, position| {
            let long = position.side == Side::Buy;
            let price = position.stop_loss.map_or(price, |stop| self.off(price, stop, !long));
            position.take_profit.map_or(price, |take| self.off(price, take, long))
        })
    }

    /// At least a tick, and what the broker asks for, below (or above) a price.
    fn off(&self, price: Price, bound: Price, below: bool) -> Price {
        let instrument = self.instrument;
        let points = instrument.stops_level_points.max(instrument.trading.freeze_level_points);
        let level = instrument.point().units().saturating_mul(i64::from(points));
        let room = instrument.tick_size.units().saturating_add(level);
        if below {
            let most = Price::from_units(bound.units().saturating_sub(room));
            if most.is_positive() { price.min(most) } else { price }
        } else {
            price.max(Price::from_units(bound.units().saturating_add(room)))
        }
    }

    /// At the price of an order that is filled, or beyond it.
    fn through(&self, price: Price, order: &PendingOrder) -> Price {
        // As the slaves' orders have it.
        let at = self.instrument.round_to_tick(order.terms.price);
        if rises_to(order.side, order.kind) { price.max(at) } else { price.min(at) }
    }
}

/// The position that the order of this ticket becomes.
fn position_of(history: &History, ticket: u64) -> Option<&ClosedPosition> {
    history.positions.get(usize::try_from(ticket).ok()?.checked_sub(1)?)
}

/// The next price of a symbol that the history knows.
fn next_known(history: &History, symbol: Symbol, now: ServerTime) -> Option<Price> {
    let positions = history.positions.iter().filter(|position| position.symbol == symbol);
    let traded = positions.flat_map(|held| {
        let exits = held.exits.iter().map(|exit| (exit.time, exit.price));
        exits.chain([(held.open_time, held.open_price)])
    });
    let orders = history.orders.iter().filter(|order| order.symbol == symbol);
    let ended = orders.filter_map(|order| order.ended.zip(order.end_price));
    traded.chain(ended).filter(|(time, _)| *time >= now).min().map(|(_, price)| price)
}
