//! An account's guards as they are written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decimal::{Exact, Whole, Word};
use crate::allocation::{DrawdownFrom, Reaction};
use crate::domain::{Lots, Money, Ratio};

/// What an account's equity and exposure must not come to. A guard that has tripped stays so until it is re-armed by
/// hand, on the slave's terminal.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with guards such as `daily_loss`")]
pub(in crate::config) struct RawGuards {
    /// When the account's day begins, in minutes after the trade server's midnight, 0 to 1439; 0 when left out.
    pub day_starts_at_minutes: Option<Whole<u32>>,
    /// Loss from the equity at the day's start.
    pub daily_loss: Option<RawLoss>,
    /// Loss from the day's highest equity.
    pub daily_drawdown: Option<RawLoss>,
    /// Loss from the equity at the start (`static`) or from the highest equity since (`trailing`).
    pub total_drawdown: Option<RawDrawdown>,
    /// Equity at which it trips, and below.
    pub equity_stop: Option<RawEquityStop>,
    /// Margin level at which it trips, and below: equity in percent of the margin in use.
    pub margin_level: Option<RawMarginLevel>,
    /// Lots of copies in one symbol, long and short added up, above which it trips.
    pub exposure_per_symbol: Option<RawExposure>,
    /// Lots of all copies, long and short added up, above which it trips.
    pub exposure_total: Option<RawExposure>,
}

/// A loss, in percent or in money, and what is done about it.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"percent\": \"5\", \"reaction\": \"close_all\"}"
)]
pub(in crate::config) struct RawLoss {
    /// In percent of what it is measured from, above 0 and at most 100; or `money`.
    pub percent: Option<Exact<Ratio>>,
    /// In the account's currency, above 0; or `percent`.
    pub money: Option<Exact<Money>>,
    /// What is done when it is reached.
    pub reaction: Word<Reaction>,
}

/// A total drawdown, in percent or in money, and what is done about it.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"kind\": \"trailing\", \"percent\": \"10\", \"reaction\": \"close_all\"}"
)]
pub(in crate::config) struct RawDrawdown {
    /// From where it is measured; `static` when left out.
    pub kind: Option<Word<DrawdownFrom>>,
    /// In percent of what it is measured from, above 0 and at most 100; or `money`.
    pub percent: Option<Exact<Ratio>>,
    /// In the account's currency, above 0; or `percent`.
    pub money: Option<Exact<Money>>,
    /// What is done when it is reached.
    pub reaction: Word<Reaction>,
}

/// The least equity, and what is done at it.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"money\": \"8000\", \"reaction\": \"close_all\"}"
)]
pub(in crate::config) struct RawEquityStop {
    /// In the account's currency, above 0.
    pub money: Exact<Money>,
    /// What is done when it is reached.
    pub reaction: Word<Reaction>,
}

/// The least margin level, and what is done at it.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"percent\": \"200\", \"reaction\": \"skip_opens\"}"
)]
pub(in crate::config) struct RawMarginLevel {
    /// Equity in percent of the margin in use, above 0.
    pub percent: Exact<Ratio>,
    /// What is done when it is reached.
    pub reaction: Word<Reaction>,
}

/// The most lots, and what is done above them.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object such as {\"lots\": \"5\", \"reaction\": \"skip_opens\"}")]
pub(in crate::config) struct RawExposure {
    /// Above 0.
    pub lots: Exact<Lots>,
    /// What is done above them.
    pub reaction: Word<Reaction>,
}
