//! A history as a sequence of events: openings, exits, balance operations.

use std::collections::HashMap;

use crate::domain::{Price, ServerTime, Side, Symbol};

use super::model::{ClosedPosition, Format, History};
use super::price_range::PriceRange;

/// What happens at one moment of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A position is opened.
    Open {
        /// Its place in [`History::positions`].
        position: usize,
        /// The stop loss that stood from the opening on, as far as the file can tell.
        stop_loss: Option<Price>,
        /// The take profit that stood from the opening on, as far as the file can tell.
        take_profit: Option<Price>,
    },
    /// A position is closed, in whole or in part.
    Exit {
        /// Its place in [`History::positions`].
        position: usize,
        /// The exit's place in [`ClosedPosition::exits`].
        exit: usize,
    },
    /// A pending order is placed. One that is filled ends with the opening of its position.
    Place {
        /// Its place in [`History::orders`].
        order: usize,
    },
    /// A pending order ends without a position.
    End {
        /// Its place in [`History::orders`].
        order: usize,
    },
    /// Money comes or goes.
    Balance {
        /// Its place in [`History::balance_operations`].
        operation: usize,
    },
}

/// An event and when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub time: ServerTime,
    /// What.
    pub event: Event,
}

/// The history's events in time order. Balance operations that are the opening balance are not among them.
///
/// Within one second: an HTML report's by the order of its Deals table; a CSV's balance operations first, then
/// exits of positions that were opened earlier, then ends of pending orders that were placed earlier, then placings,
/// then openings in the file's order, then exits and ends of what came in that second.
///
/// A file names a position's *last* stops. One is taken to have stood since the opening only if it is on the right side of
/// the opening price and no price of that symbol in the file, strictly between the opening and the last exit, would have
/// triggered it; else it was moved later and is left out. [`History::notes`] counts those.
pub fn timeline(history: &History) -> Vec<Step> {
    let quotes = quotes(history);
    let html = history.format == Format::HtmlReport;
    let mut steps: Vec<((ServerTime, u64, u8), Step)> = Vec::new();
    for (position, held) in history.positions.iter().enumerate() {
        let (stop_loss, take_profit) = stops_at_open(held, quotes.get(&held.symbol));
        let key = if html { (u64::from(held.line), 1) } else { (1, 0) };
        let event = Event::Open { position, stop_loss, take_profit };
        steps.push(((held.open_time, key.0, key.1), Step { time: held.open_time, event }));
        for (exit, closed) in held.exits.iter().enumerate() {
            let at_once = closed.time == held.open_time;
            // A report's row order within a second may be wrong; nobody closes before opening.
            let line = if at_once { closed.line.max(held.line) } else { closed.line };
            let key = match (html, at_once) {
                (true, true) => (u64::from(line), 2),
                (true, false) => (u64::from(line), 0),
                (false, true) => (2, 0),
                (false, false) => (0, 1),
            };
            let event = Event::Exit { position, exit };
            steps.push(((closed.time, key.0, key.1), Step { time: closed.time, event }));
        }
    }
    for (order, placed) in history.orders.iter().enumerate() {
        steps.push(((placed.placed, 0, 3), Step { time: placed.placed, event: Event::Place { order } }));
        if let Some(time) = placed.ended.filter(|_| placed.position.is_none()) {
            let key = if time == placed.placed { (2, 1) } else { (0, 2) };
            steps.push(((time, key.0, key.1), Step { time, event: Event::End { order } }));
        }
    }
    for (operation, booked) in
        history.balance_operations.iter().enumerate().filter(|(_, booked)| !booked.opening)
    {
        let key = if html { (u64::from(booked.line), 1) } else { (0, 0) };
        let event = Event::Balance { operation };
        steps.push(((booked.time, key.0, key.1), Step { time: booked.time, event }));
    }
    // Stable: what is equal so far keeps the order of the positions, which is the file's.
    steps.sort_by_key(|(key, _)| *key);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// How many positions have a stop that did not stand at the opening.
pub(super) fn moved_stops(history: &History) -> usize {
    let quotes = quotes(history);
    let moved = |held: &&ClosedPosition| {
        stops_at_open(held, quotes.get(&held.symbol)) != (held.stop_loss, held.take_profit)
    };
    history.positions.iter().filter(moved).count()
}

/// A symbol's prices in the file: who opens long or closes short pays the ask, the others get the bid.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    pub(super) bid: PriceRange,
    pub(super) ask: PriceRange,
}

pub(super) fn quotes(history: &History) -> HashMap<Symbol, Quotes> {
    let mut prices: HashMap<Symbol, [Vec<(ServerTime, Price)>; 2]> = HashMap::new();
    for held in &history.positions {
        let [bid, ask] = prices.entry(held.symbol).or_default();
        let (entry, exit) = if held.side == Side::Buy { (ask, bid) } else { (bid, ask) };
        entry.push((held.open_time, held.open_price));
        exit.extend(held.exits.iter().map(|exit| (exit.time, exit.price)));
    }
    for order in &history.orders {
        let [bid, ask] = prices.entry(order.symbol).or_default();
        let own = if order.side == Side::Buy { ask } else { bid };
        own.extend(order.ended.zip(order.end_price));
    }
    let quotes = prices.into_iter().map(|(symbol, [bid, ask])| {
        (symbol, Quotes { bid: PriceRange::new(bid), ask: PriceRange::new(ask) })
    });
    quotes.collect()
}

/// The stops that can have stood since the opening.
///
/// A long position's stops are triggered by the bid, a short one's by the ask. The bid is below the ask, so that an ask at
/// a long position's stop loss proves that it was triggered, while an ask at its take profit proves nothing.
fn stops_at_open(held: &ClosedPosition, quotes: Option<&Quotes>) -> (Option<Price>, Option<Price>) {
    let (open, close) = (held.open_time, held.closed_at());
    let bid = quotes.and_then(|quotes| quotes.bid.between(open, close));
    let ask = quotes.and_then(|quotes| quotes.ask.between(open, close));
    let stood = |stop: &Price, loss: bool| {
        let (own, other) = if held.side == Side::Buy { (bid, ask) } else { (ask, bid) };
        // A long position's stop loss and a short one's take profit are triggered from above.
        let below = (held.side == Side::Buy) == loss;
        let right_side = if below { *stop < held.open_price } else { *stop > held.open_price };
        let reached = |range: Option<(Price, Price)>| {
            range.is_some_and(|(low, high)| if below { low <= *stop } else { high >= *stop })
        };
        right_side && !reached(own) && !(loss && reached(other))
    };
    (held.stop_loss.filter(|stop| stood(stop, true)), held.take_profit.filter(|stop| stood(stop, false)))
}
