//! A history's pending orders: placed, then filled, cancelled, or over by themselves.

use std::collections::HashSet;

use crate::domain::{Lots, OrderEnd, PendingKind, Price, ServerTime, Side, Symbol};

use super::error::HistoryError;
use super::model::{ClosedPosition, History};
use super::timeline::{self, Quotes};

/// A pending order with its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedOrder {
    /// Where it stands: the CSV line.
    pub line: u32,
    /// The broker's name of its instrument.
    pub symbol: Symbol,
    /// What it would buy or sell.
    pub side: Side,
    /// What it waited for. Never a stop-limit: no file says their limit price.
    pub kind: PendingKind,
    /// More than zero.
    pub lots: Lots,
    /// The price it waited for; the last one that the file names.
    pub price: Price,
    /// The stop loss that its position would have.
    pub stop_loss: Option<Price>,
    /// The take profit that its position would have.
    pub take_profit: Option<Price>,
    /// When it was placed.
    pub placed: ServerTime,
    /// When it waited no more; `None`: it still does at the end of the history.
    pub ended: Option<ServerTime>,
    /// The market's price then: the ask for what buys, the bid for what sells.
    pub end_price: Option<Price>,
    /// What became of it.
    pub end: OrderEnd,
    /// The position that it became, by its place in [`History::positions`].
    pub position: Option<usize>,
}

impl PlacedOrder {
    /// Does it wait for the market to rise to its price? Else for it to fall.
    pub const fn waits_below(&self) -> bool {
        rises_to(self.side, self.kind)
    }
}

/// Does an order of this side and kind wait for the market to rise to its price?
pub const fn rises_to(side: Side, kind: PendingKind) -> bool {
    matches!(side, Side::Buy) != matches!(kind, PendingKind::Limit)
}

/// What became of an order, as far as its comment says: MetaTrader's own words. Any other comment is the manager's, of
/// an order that ended without a position.
pub(super) fn end_of(comment: &str) -> OrderEnd {
    match comment.trim().to_ascii_lowercase().as_str() {
        "filled" => OrderEnd::Filled,
        "expired" | "expiration" => OrderEnd::Expired,
        "rejected" => OrderEnd::Rejected,
        _ => OrderEnd::Cancelled,
    }
}

/// Orders by time, each filled one with its position; those that cannot have waited as the file has them go, and are
/// counted in a note.
///
/// # Errors
/// A filled order without a position that opens then.
pub(super) fn finish(history: &mut History) -> Result<(), HistoryError> {
    history.orders.sort_by_key(|order| order.placed);
    let mut taken = HashSet::new();
    let positions = &history.positions;
    for order in history.orders.iter_mut().filter(|order| order.end == OrderEnd::Filled) {
        let filled = order.ended.unwrap_or(order.placed);
        let first = positions.partition_point(|held| held.open_time < filled);
        let its = |held: &ClosedPosition| {
            (held.symbol, held.side, held.lots) == (order.symbol, order.side, order.lots)
        };
        let then = positions.iter().enumerate().skip(first).take_while(|(_, held)| held.open_time == filled);
        order.position = then.filter(|(at, held)| its(held) && !taken.contains(at)).map(|(at, _)| at).next();
        let at = order.position.ok_or(HistoryError::NoFill { line: order.line })?;
        taken.insert(at);
    }
    let quotes = timeline::quotes(history);
    let before = history.orders.len();
    history.orders.retain(|order| !was_changed(order, quotes.get(&order.symbol)));
    let changed = before - history.orders.len();
    if changed > 0 {
        history.notes.push(format!(
            "{changed} pending orders were changed while they waited, for known prices would have filled them; when is \
             not in the file, so they are left out."
        ));
    }
    Ok(())
}

/// Would a price of the file, strictly between its placing and its end, have filled it?
///
/// What buys is filled by the ask, what sells by the bid, and the bid is below the ask: a bid at a buy stop proves that the
/// ask was there, an ask at a sell limit proves nothing.
fn was_changed(order: &PlacedOrder, quotes: Option<&Quotes>) -> bool {
    let until = order.ended.unwrap_or(ServerTime(i64::MAX));
    let bid = quotes.and_then(|quotes| quotes.bid.between(order.placed, until));
    let ask = quotes.and_then(|quotes| quotes.ask.between(order.placed, until));
    let (own, other) = if order.side == Side::Buy { (ask, bid) } else { (bid, ask) };
    let reached = |range: Option<(Price, Price)>| {
        range.is_some_and(
            |(low, high)| {
                if order.waits_below() { high >= order.price } else { low <= order.price }
            },
        )
    };
    reached(own) || (order.kind == PendingKind::Stop && reached(other))
}
