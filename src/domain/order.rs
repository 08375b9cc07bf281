//! What a terminal is asked to do and what it answers.

use serde::{Deserialize, Serialize};

use super::{Filling, Lots, Magic, PendingKind, PendingTerms, Price, Retcode, Side, Symbol};

/// What a terminal is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderAction {
    /// Open at market.
    Open {
        /// Long or short.
        side: Side,
        /// The stop loss to attach.
        stop_loss: Option<Price>,
        /// The take profit to attach.
        take_profit: Option<Price>,
    },
    /// Close `lots` of the position with this ticket, at market.
    Close {
        /// `POSITION_TICKET`.
        ticket: u64,
    },
    /// Set both stops of the position with this ticket; `None` removes one.
    Modify {
        /// `POSITION_TICKET`.
        ticket: u64,
        /// The stop loss.
        stop_loss: Option<Price>,
        /// The take profit.
        take_profit: Option<Price>,
    },
    /// Place a pending order.
    Place {
        /// What it will buy or sell.
        side: Side,
        /// What it waits for.
        kind: PendingKind,
        /// Prices and expiry.
        terms: PendingTerms,
    },
    /// Change the pending order with this ticket.
    ModifyPending {
        /// `ORDER_TICKET`.
        ticket: u64,
        /// What it shall be.
        terms: PendingTerms,
    },
    /// Cancel the pending order with this ticket.
    Cancel {
        /// `ORDER_TICKET`.
        ticket: u64,
    },
}

/// A trade request, as `OrderSend` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRequest {
    /// The broker's name of the instrument.
    pub symbol: Symbol,
    /// What to do.
    pub action: OrderAction,
    /// How much; nothing for a modification.
    pub lots: Lots,
    /// The price that was asked for, for requotes and deviation; zero for any.
    pub price: Price,
    /// How far from `price` an execution may be, in points.
    pub deviation_points: u32,
    /// Whose order it is.
    pub magic: Magic,
    /// What becomes of a volume that cannot be filled at once. Pending orders, closes by and changes have none.
    #[serde(default)]
    pub filling: Filling,
}

/// What came of a trade request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderResult {
    /// MetaTrader's answer.
    pub retcode: Retcode,
    /// The deal, zero when there is none.
    pub deal: u64,
    /// The ticket of the position, or of the pending order that was placed; zero when there is none.
    pub ticket: u64,
    /// What was executed.
    pub lots: Lots,
    /// At which price.
    pub price: Price,
}

impl OrderResult {
    /// An answer without an execution.
    pub const fn refused(retcode: Retcode) -> Self {
        Self { retcode, deal: 0, ticket: 0, lots: Lots::ZERO, price: Price::ZERO }
    }
}
