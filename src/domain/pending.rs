//! Pending orders: what waits for a price, and what became of those that wait no more.

use serde::{Deserialize, Serialize};

use super::{Comment, Lots, Magic, PositionId, Price, ServerTime, Side, Symbol};

/// What a pending order waits for. With its side, MetaTrader's six pending order types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingKind {
    /// A better price: a buy limit waits below the market, a sell limit above it.
    Limit,
    /// A worse price: a buy stop waits above the market, a sell stop below it.
    Stop,
    /// A stop that, once reached, places a limit order.
    StopLimit,
}

/// How long a pending order waits: `ORDER_TYPE_TIME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiration {
    /// Until it is cancelled.
    #[default]
    Gtc,
    /// Until the end of the trade server's day.
    Day,
    /// Until this moment, by the trade server's clock.
    Specified(ServerTime),
    /// Until the end of this day, by the trade server's clock.
    SpecifiedDay(ServerTime),
}

impl Expiration {
    /// The same moment by the clock of a trade server that is so many milliseconds ahead.
    #[must_use]
    pub const fn moved_ms(self, ahead_ms: i64) -> Self {
        match self {
            Self::Specified(until) => Self::Specified(ServerTime(until.0.saturating_add(ahead_ms))),
            // A day is the server's own, as `Day` is.
            other => other,
        }
    }
}

/// What a pending order asks for; what a modification may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingTerms {
    /// The price it waits for.
    pub price: Price,
    /// Stop-limit orders: the limit order's price, once the stop is reached.
    pub limit_price: Option<Price>,
    /// The stop loss that its position will have.
    pub stop_loss: Option<Price>,
    /// The take profit that its position will have.
    pub take_profit: Option<Price>,
    /// How long it waits.
    pub expiration: Expiration,
}

/// An order that waits for its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingOrder {
    /// `ORDER_TICKET`: on a hedging account the identifier of the position that it will open.
    pub ticket: u64,
    /// The broker's name of its instrument.
    pub symbol: Symbol,
    /// What it will buy or sell.
    pub side: Side,
    /// What it waits for.
    pub kind: PendingKind,
    /// What is left of its volume: `ORDER_VOLUME_CURRENT`.
    pub lots: Lots,
    /// Prices and expiry.
    pub terms: PendingTerms,
    /// When it was placed.
    pub placed: ServerTime,
    /// Whose order it is.
    pub magic: Magic,
    /// What its sender wrote beside it; a hint only.
    #[serde(default)]
    pub comment: Comment,
}

/// An order at market that the trade server has accepted and still works on: it was answered with
/// [`PLACED`](super::Retcode::PLACED), or filled in part and its rest goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingOrder {
    /// `ORDER_TICKET`.
    pub ticket: u64,
    /// The broker's name of its instrument.
    pub symbol: Symbol,
    /// What it buys or sells: a close sells what was bought.
    pub side: Side,
    /// What is left of its volume: `ORDER_VOLUME_CURRENT`.
    pub lots: Lots,
    /// Whose order it is.
    pub magic: Magic,
}

/// What became of an order that waits no more: `ORDER_STATE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderEnd {
    /// Executed, in whole or in its last part.
    Filled,
    /// Deleted, by whomever.
    Cancelled,
    /// Its time was up.
    Expired,
    /// Refused by the trade server, at placing or at its price.
    Rejected,
}

/// A pending order that is over, as the account's order history keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastOrder {
    /// `ORDER_TICKET`.
    pub ticket: u64,
    /// `ORDER_POSITION_ID`: the position it opened or added to; zero for none.
    pub position: PositionId,
    /// Whose order it was.
    pub magic: Magic,
    /// What became of it.
    pub end: OrderEnd,
    /// When it was over.
    pub time: ServerTime,
}
