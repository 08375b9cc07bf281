//! Positions and deals.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Comment, Lots, Magic, Money, PositionId, Price, ServerTime, Symbol};

/// Long or short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Long.
    Buy,
    /// Short.
    Sell,
}

impl Side {
    /// The side that closes this one.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// 1 for long, -1 for short.
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// These lots in units: positive for long, negative for short.
    pub const fn signed(self, lots: Lots) -> i64 {
        self.sign() * lots.units()
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        })
    }
}

/// An open position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// `POSITION_IDENTIFIER`: the key.
    pub id: PositionId,
    /// `POSITION_TICKET`: what requests name; may change in a position's life.
    pub ticket: u64,
    /// The broker's name of its instrument.
    pub symbol: Symbol,
    /// Long or short.
    pub side: Side,
    /// What is open now.
    pub lots: Lots,
    /// The (mean) price it was opened at.
    pub open_price: Price,
    /// When it was opened.
    pub open_time: ServerTime,
    /// The stop loss, if it has one.
    pub stop_loss: Option<Price>,
    /// The take profit, if it has one.
    pub take_profit: Option<Price>,
    /// Whose order opened it.
    pub magic: Magic,
    /// What its sender wrote beside it; a hint only.
    #[serde(default)]
    pub comment: Comment,
}

/// What a deal did to its position: `DEAL_ENTRY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DealEntry {
    /// Opened or added.
    In,
    /// Closed, in whole or in part.
    Out,
    /// Reversed (netting).
    InOut,
    /// Closed by an opposite position.
    OutBy,
}

impl DealEntry {
    /// Did it take volume off its position?
    pub const fn closes(self) -> bool {
        !matches!(self, Self::In)
    }
}

/// An execution, as the account's history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deal {
    /// `DEAL_TICKET`.
    pub ticket: u64,
    /// The position it belongs to.
    pub position: PositionId,
    /// The broker's name of its instrument.
    pub symbol: Symbol,
    /// Bought or sold.
    pub side: Side,
    /// What it did to its position.
    pub entry: DealEntry,
    /// Its volume.
    pub lots: Lots,
    /// Its price.
    pub price: Price,
    /// When it was done.
    pub time: ServerTime,
    /// Whose order it was.
    pub magic: Magic,
    /// Charged by the broker (negative), in the account's currency.
    pub commission: Money,
    /// Overnight interest, in the account's currency.
    pub swap: Money,
    /// Profit or loss without the two, in the account's currency.
    pub profit: Money,
}
