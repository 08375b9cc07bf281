//! A trading account's facts at one moment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Currency, Login, Money, ServerTime};

/// How positions add up: `ACCOUNT_MARGIN_MODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarginMode {
    /// Many positions of one symbol, each with a ticket of its own.
    #[default]
    Hedging,
    /// One position per symbol (exchange accounts too).
    Netting,
}

/// A trading account's facts at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's number.
    pub login: Login,
    /// The currency that all its money is in.
    pub currency: Currency,
    /// Decimal places of that currency, 2 for most.
    pub currency_digits: u8,
    /// How its positions add up.
    pub margin_mode: MarginMode,
    /// 100 means 1:100; at least 1.
    pub leverage: u32,
    /// Is the terminal connected to its trade server? What a disconnected one shows is not evidence.
    pub connected: bool,
    /// Closed profit and loss, deposits and withdrawals.
    pub balance: Money,
    /// Balance and open profit and loss.
    pub equity: Money,
    /// In use by open positions.
    pub margin: Money,
    /// Equity that is not in use.
    pub free_margin: Money,
    /// The trade server's clock when these facts held.
    pub time: ServerTime,
}
