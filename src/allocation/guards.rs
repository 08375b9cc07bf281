//! What an account's equity and exposure must not come to, and what is done when they do. Only the rules stand here;
//! `replication::guard` watches.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decision::SkipReason;
use crate::domain::{Lots, Money, Ratio};

/// What a guard that has tripped does, until it is re-armed by hand; ordered, the most severe last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// New trades of the master are not copied. Copies that are there are followed: reductions, closes, stops.
    SkipOpens,
    /// As `skip_opens`; and no copy's risk may grow: no volume is added, no stop loss moved away or taken off.
    CloseOnly,
    /// Every copy is closed, and nothing is opened.
    CloseAll,
}

impl Reaction {
    /// As the configuration writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SkipOpens => "skip_opens",
            Self::CloseOnly => "close_only",
            Self::CloseAll => "close_all",
        }
    }
}

impl fmt::Display for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Which guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardKind {
    /// Equity against the day's start.
    DailyLoss,
    /// Equity against the day's peak.
    DailyDrawdown,
    /// Equity against the start or the highest peak.
    TotalDrawdown,
    /// Equity against a fixed amount.
    EquityStop,
    /// Equity against the margin in use.
    MarginLevel,
    /// Lots of all copies in one symbol.
    ExposurePerSymbol,
    /// Lots of all copies.
    ExposureTotal,
    /// What the guards go by could not be read back after a restart.
    StateLost,
    /// The account's owner, by his own hand.
    ByHand,
}

impl GuardKind {
    /// Why what it forbids is not done.
    pub const fn skip(self) -> SkipReason {
        match self {
            Self::DailyLoss => SkipReason::GuardDailyLoss,
            Self::DailyDrawdown => SkipReason::GuardDailyDrawdown,
            Self::TotalDrawdown => SkipReason::GuardTotalDrawdown,
            Self::EquityStop => SkipReason::GuardEquityStop,
            Self::MarginLevel => SkipReason::GuardMarginLevel,
            Self::ExposurePerSymbol => SkipReason::GuardExposurePerSymbol,
            Self::ExposureTotal => SkipReason::GuardExposureTotal,
            Self::StateLost => SkipReason::GuardStateLost,
            Self::ByHand => SkipReason::PausedByHand,
        }
    }
}

/// The loss that trips a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// In percent of what it is measured from: `5` is five percent.
    Percent(Ratio),
    /// In the account's currency.
    Money(Money),
}

impl Loss {
    /// Is the loss from `reference` down to `equity` as large as this, or larger? Exact: with
    /// `loss = reference − equity > 0`, it is when `loss ≥ money`, or when `loss × 100 ≥ reference × percent`.
    pub fn reached(self, reference: Money, equity: Money) -> bool {
        let (reference, equity) = (i128::from(reference.units()), i128::from(equity.units()));
        let loss = reference - equity;
        loss > 0
            && match self {
                Self::Money(most) => loss >= i128::from(most.units()),
                Self::Percent(most) => {
                    loss * 100 * i128::from(Ratio::ONE) >= reference * i128::from(most.units())
                }
            }
    }
}

/// A bound, and what is done when it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guarded<B> {
    /// The bound.
    pub bound: B,
    /// What is done.
    pub reaction: Reaction,
}

/// What a total drawdown is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrawdownFrom {
    /// The equity when the guard was armed.
    #[default]
    Static,
    /// The highest equity since the guard was armed.
    Trailing,
}

/// An account's guards; `None` is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuardRules {
    /// When the account's day begins, in minutes after the trade server's midnight, 0 to 1439.
    pub day_starts_at_minutes: u32,
    /// Loss from the equity at the day's start.
    pub daily_loss: Option<Guarded<Loss>>,
    /// Loss from the day's highest equity.
    pub daily_drawdown: Option<Guarded<Loss>>,
    /// Loss from the first or the highest equity of all.
    pub total_drawdown: Option<Guarded<Loss>>,
    /// Which of the two.
    pub drawdown_from: DrawdownFrom,
    /// Trips at this equity or below, in the account's currency.
    pub equity_stop: Option<Guarded<Money>>,
    /// Trips at this margin level or below, in percent: `equity × 100 ≤ margin × percent`, while margin is in use.
    pub margin_level: Option<Guarded<Ratio>>,
    /// Trips when the copies in one symbol, long and short added up, are more than this.
    pub exposure_per_symbol: Option<Guarded<Lots>>,
    /// Trips when all copies, long and short added up, are more than this.
    pub exposure_total: Option<Guarded<Lots>>,
}

impl GuardRules {
    /// Is there none?
    pub const fn is_empty(&self) -> bool {
        self.daily_loss.is_none()
            && self.daily_drawdown.is_none()
            && self.total_drawdown.is_none()
            && self.equity_stop.is_none()
            && self.margin_level.is_none()
            && self.exposure_per_symbol.is_none()
            && self.exposure_total.is_none()
    }
}
