//! What was decided for one slave and why: everything that an auditor needs to recompute the lots.

use std::fmt;

use arrayvec::{ArrayString, ArrayVec};
use serde::{Deserialize, Serialize};

use super::fraction::Fraction;
use super::plan::{FixedPer, Residual, Rounding, WeightKind};
use crate::domain::{BasisPoints, Lots, Money, Price, Ratio, Symbol};

/// Why a copy was not made. The codes are stable: reports and tools rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The size came out below the account's smallest volume.
    BelowMinimum,
    /// The smallest volume would be too many times the intended risk.
    MinimumTooRisky,
    /// The method sizes from the stop loss and the master's position has none; or the account requires one, and on a netting
    /// account something else is held in the symbol, whose stops it would share.
    NoStopLoss,
    /// No conversion rate between the two accounts' currencies.
    NoRate,
    /// The slave's broker does not have the symbol.
    UnknownSymbol,
    /// The slave's broker lets no such position of the symbol be opened.
    TradeMode,
    /// The account's facts were too old to size from.
    StaleFacts,
    /// The slave was not connected in time.
    NotConnected,
    /// Balance, equity or free margin was not positive, or a fact was unusable.
    NothingToSizeFrom,
    /// A number went out of range.
    OutOfRange,
    /// The pool's formula gave an error.
    FormulaError,
    /// Limit on lots of one copy.
    LimitLotsPerTrade,
    /// Limit on lots of one symbol.
    LimitLotsPerSymbol,
    /// Limit on lots in all.
    LimitLotsTotal,
    /// Limit on open copies.
    LimitOpenCopies,
    /// The broker's own limit on lots of the symbol in one direction.
    VolumeLimit,
    /// The open would eat into the margin buffer.
    MarginBuffer,
    /// The instruction's deadline passed before it could be executed.
    TooLate,
    /// The price had moved beyond the allowed deviation.
    PriceMoved,
    /// The master closed before the copy could be opened.
    MasterClosed,
    /// The master's pending order ended without a position.
    MasterCancelled,
    /// The copy's own pending order ended without a position: cancelled by hand, expired, or refused at its price.
    OrderEnded,
    /// The slave joined after the open and the pool's policy does not copy late, or the price was worse.
    LateJoin,
    /// The slave joined after the block had been shared out.
    BlockShared,
    /// The order has no reverse (stop-limit).
    NotSupported,
    /// Guard on the loss from the day's start; it stays tripped until it is re-armed by hand, as all guards do.
    GuardDailyLoss,
    /// Guard on the loss from the day's peak.
    GuardDailyDrawdown,
    /// Guard on the loss from the start, or from the highest peak.
    GuardTotalDrawdown,
    /// Guard on equity.
    GuardEquityStop,
    /// Guard on the margin level.
    GuardMarginLevel,
    /// Guard on lots of one symbol.
    GuardExposurePerSymbol,
    /// Guard on lots in all.
    GuardExposureTotal,
    /// What the account's guards go by could not be read back.
    GuardStateLost,
    /// The account's owner has paused it.
    PausedByHand,
}

impl SkipReason {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BelowMinimum => "below_minimum",
            Self::MinimumTooRisky => "minimum_too_risky",
            Self::NoStopLoss => "no_stop_loss",
            Self::NoRate => "no_rate",
            Self::UnknownSymbol => "unknown_symbol",
            Self::TradeMode => "trade_mode",
            Self::StaleFacts => "stale_facts",
            Self::NotConnected => "not_connected",
            Self::NothingToSizeFrom => "nothing_to_size_from",
            Self::OutOfRange => "out_of_range",
            Self::FormulaError => "formula_error",
            Self::LimitLotsPerTrade => "limit_lots_per_trade",
            Self::LimitLotsPerSymbol => "limit_lots_per_symbol",
            Self::LimitLotsTotal => "limit_lots_total",
            Self::LimitOpenCopies => "limit_open_copies",
            Self::VolumeLimit => "volume_limit",
            Self::MarginBuffer => "margin_buffer",
            Self::TooLate => "too_late",
            Self::PriceMoved => "price_moved",
            Self::MasterClosed => "master_closed",
            Self::MasterCancelled => "master_cancelled",
            Self::OrderEnded => "order_ended",
            Self::LateJoin => "late_join",
            Self::BlockShared => "block_shared",
            Self::NotSupported => "not_supported",
            Self::GuardDailyLoss => "guard_daily_loss",
            Self::GuardDailyDrawdown => "guard_daily_drawdown",
            Self::GuardTotalDrawdown => "guard_total_drawdown",
            Self::GuardEquityStop => "guard_equity_stop",
            Self::GuardMarginLevel => "guard_margin_level",
            Self::GuardExposurePerSymbol => "guard_exposure_per_symbol",
            Self::GuardExposureTotal => "guard_exposure_total",
            Self::GuardStateLost => "guard_state_lost",
            Self::PausedByHand => "paused_by_hand",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Which bound held a size down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapKind {
    /// The symbol's largest volume.
    LotsMax,
    /// The broker's limit on lots of the symbol in one direction.
    VolumeLimit,
    /// The account's limit on lots of one copy.
    LotsPerTrade,
    /// The account's limit on lots of one symbol.
    LotsPerSymbol,
    /// The account's limit on lots in all.
    LotsTotal,
    /// The account's margin buffer.
    MarginBuffer,
}

impl CapKind {
    /// The reason of a skip that this cap forces.
    pub const fn skip(self) -> SkipReason {
        match self {
            Self::LotsMax => SkipReason::BelowMinimum,
            Self::VolumeLimit => SkipReason::VolumeLimit,
            Self::LotsPerTrade => SkipReason::LimitLotsPerTrade,
            Self::LotsPerSymbol => SkipReason::LimitLotsPerSymbol,
            Self::LotsTotal => SkipReason::LimitLotsTotal,
            Self::MarginBuffer => SkipReason::MarginBuffer,
        }
    }
}

/// A bound that held a size down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// Which one.
    pub limit: CapKind,
    /// The most it allowed, not yet rounded to the lot step.
    pub lots: Lots,
}

/// Bounds of one size, each kind at most once.
pub type Caps = ArrayVec<Cap, 6>;

/// What rounding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundingNote {
    /// The account's policy; blocks round down and hand the residual out.
    pub policy: RoundingPolicy,
    /// The lot step rounded to.
    pub step: Lots,
    /// What came out; nothing for a skip.
    pub lots: Lots,
}

/// How the lots were rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingPolicy {
    /// [`Rounding::Down`].
    Down,
    /// [`Rounding::Nearest`].
    Nearest,
    /// [`Rounding::RaiseToMinimum`].
    RaiseToMinimum,
    /// A block with [`Residual::LargestRemainder`].
    LargestRemainder,
    /// A block with [`Residual::LargestAccount`].
    LargestAccount,
    /// A block with [`Residual::Carry`].
    Carry,
    /// Not sized: the account already held the copy, so its own volume counts.
    Adopted,
}

impl From<Rounding> for RoundingPolicy {
    fn from(rounding: Rounding) -> Self {
        match rounding {
            Rounding::Down => Self::Down,
            Rounding::Nearest => Self::Nearest,
            Rounding::RaiseToMinimum => Self::RaiseToMinimum,
        }
    }
}

impl From<Residual> for RoundingPolicy {
    fn from(residual: Residual) -> Self {
        match residual {
            Residual::LargestRemainder => Self::LargestRemainder,
            Residual::LargestAccount => Self::LargestAccount,
            Residual::Carry => Self::Carry,
        }
    }
}

/// The numbers a size was made from. What a method does not use is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The master position's lots, `V_m`.
    pub master_lots: Lots,
    /// The investor's risk profile, `k_i`.
    pub profile: BasisPoints,
    /// The slave's smallest volume of the symbol.
    pub lots_min: Lots,
    /// The slave's largest volume of the symbol.
    pub lots_max: Lots,
    /// The slave's lot step of the symbol.
    pub lot_step: Lots,
    /// The name that was looked for at the slave's broker, where it does not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<Symbol>,
    /// How many lots of the slave's symbol one lot that the method wants is; absent for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol_factor: Option<Ratio>,
    /// `fixed_lots`: the member's lots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lots: Option<Lots>,
    /// `fixed_lots`: what they are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<FixedPer>,
    /// Ratio methods: the master's balance, equity or free margin, in its own currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_size: Option<Money>,
    /// Ratio methods, `risk_percent`, blocks by equity or balance: the slave's, in its own currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Money>,
    /// What one unit of the slave's currency is in the master's (or the other way round, see `rate_inverse`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Ratio>,
    /// The rate is of the master's currency in the slave's: divide by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rate_inverse: bool,
    /// `C_m`; absent when contract sizes are not converted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_contract_size: Option<Ratio>,
    /// `C_i`; absent when contract sizes are not converted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_size: Option<Ratio>,
    /// The master's leverage, where the slave's is lower and the size was scaled down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_leverage: Option<u32>,
    /// The slave's leverage, where it is lower and the size was scaled down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leverage: Option<u32>,
    /// `risk_percent`: percent of equity at risk; `block` by `percent`: see `weight`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Ratio>,
    /// `risk_percent`: the master's open price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Price>,
    /// `risk_percent`: the master's stop loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_loss: Option<Price>,
    /// `risk_percent`: the slave's tick size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tick_size: Option<Price>,
    /// `risk_percent`: the slave's tick value, in its own currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tick_value: Option<Ratio>,
    /// Blocks: how many times the master's volume the block is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_multiplier: Option<Ratio>,
    /// Blocks: this member's weight, profile included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u64>,
    /// Blocks: the sum of all members' weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_weight: Option<u64>,
    /// `hybrid`: what the weight was blended from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blend: Option<Vec<BlendPart>>,
    /// Blocks with `carry`: credit before this block, in millionths of a lot step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<i64>,
    /// Blocks: the most the account could take, whole steps; the symbol's largest volume when nothing binds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Lots>,
    /// `formula`: every variable that the expression could see, as it saw them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<Box<FormulaNote>>,
}

/// One kind of weight in a blend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlendPart {
    /// Which kind.
    pub kind: WeightKind,
    /// Its coefficient.
    pub coefficient: BasisPoints,
    /// This member's weight of that kind.
    pub weight: u64,
    /// The sum of all members' weights of that kind.
    pub total: u64,
}

/// What a formula saw and said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormulaNote {
    /// The expression.
    pub expression: String,
    /// Its variables, by name.
    pub variables: std::collections::BTreeMap<String, String>,
    /// Why it gave no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What was decided for one slave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The method's name.
    pub method: ArrayString<20>,
    /// What it was made from.
    pub facts: Facts,
    /// What the method said, times the symbol's factor, before caps and rounding; absent when it could say nothing.
    pub lots_before_rounding: Option<Fraction>,
    /// What rounding did.
    pub rounding: RoundingNote,
    /// The bounds that held the size down, in the order they were applied.
    pub caps: Caps,
    /// Why nothing is copied; `None` when something is.
    pub skip: Option<SkipReason>,
}

impl Decision {
    /// The lots to open; nothing for a skip.
    pub const fn lots(&self) -> Lots {
        self.rounding.lots
    }

    /// The same decision, ended as a skip for a reason that came up after sizing.
    #[must_use]
    pub fn skipped(mut self, reason: SkipReason) -> Self {
        self.rounding.lots = Lots::ZERO;
        self.skip = Some(reason);
        self
    }
}
