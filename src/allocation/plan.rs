//! What a manager configures: pools, their members, their allocation method, and each account's own rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::filter::PoolFilter;
use super::guards::GuardRules;
use crate::domain::{BasisPoints, Login, Lots, PoolTag, Ratio};

/// What a weight of a block is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeightKind {
    /// Equity in the master's currency.
    Equity,
    /// Balance in the master's currency.
    Balance,
    /// The member's own percentage; they sum to 100.
    Percent,
    /// One for everybody.
    Equal,
    /// The member's own risk weight.
    RiskWeight,
}

/// What the lots of `fixed_lots` are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixedPer {
    /// The same lots for every master trade.
    #[default]
    Trade,
    /// So many lots for each lot of the master.
    MasterLot,
}

/// Who gets the steps that a block leaves over after every share was rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Residual {
    /// The largest fractions of a step, in order; ties go to the smaller login.
    #[default]
    LargestRemainder,
    /// The largest weights, in order; ties go to the smaller login.
    LargestAccount,
    /// Each account's rounding error is kept and counted in its next block of that symbol: who is soonest owed a whole
    /// step gets it (rule 5 of [`super::block`]).
    Carry,
}

/// Where the part of a share goes that an account may not hold (limit, largest volume, below its minimum).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Excess {
    /// To the other members, by weight.
    #[default]
    Others,
    /// To nobody: it stays in the block's remainder.
    Remainder,
}

/// How lots become a multiple of the account's lot step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Down; below the smallest volume the trade is skipped.
    #[default]
    Down,
    /// To the nearest step, half up; below the smallest volume the trade is skipped.
    Nearest,
    /// Down, but up to the smallest volume where that is not more than `max_risk_multiple` times what was intended.
    RaiseToMinimum,
}

/// What becomes of a copy that a partial close of the master would take below its smallest volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BelowMinimum {
    /// Closed in full.
    #[default]
    Close,
    /// Kept at the smallest volume until the master has closed everything.
    Keep,
}

/// What becomes of positions that were open before a slave could copy them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LateCopies {
    /// Skipped.
    Skip,
    /// Copied where the present price is not worse than the master's entry.
    #[default]
    NotWorse,
    /// Copied at any price.
    Always,
}

/// What becomes of the master's pending orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PendingCopy {
    /// Each slave gets a pending order of its own.
    #[default]
    Orders,
    /// They are left alone until they fill; then the position is copied at market.
    Fills,
}

/// What becomes of a slave's pending order that has not filled when the master's has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unfilled {
    /// It is cancelled and the position opened at market, within the deviation.
    #[default]
    Market,
    /// It goes on waiting.
    Wait,
}

/// What becomes of a slave's position whose order has filled while the master's waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilledAlone {
    /// It is closed.
    Close,
    /// It is kept, and follows the master's position or is closed when the master's order ends.
    #[default]
    Keep,
}

/// How a pool copies pending orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingRules {
    /// As orders, or as fills only.
    pub copy: PendingCopy,
    /// The master's has filled, the slave's has not.
    pub unfilled: Unfilled,
    /// The slave's has filled, the master's has not.
    pub filled_alone: FilledAlone,
    /// How long either may last before something is done about it, in milliseconds.
    pub wait_ms: u64,
}

impl Default for PendingRules {
    fn default() -> Self {
        Self {
            copy: PendingCopy::default(),
            unfilled: Unfilled::default(),
            filled_alone: FilledAlone::default(),
            wait_ms: 3_000,
        }
    }
}

/// Where a copy's stops are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopsAt {
    /// At the master's prices.
    #[default]
    Price,
    /// As far from the copy's own open price as the master's are from the master's.
    Distance,
    /// Nowhere: closes are copied, stops are not.
    None,
}

/// From one master volume to lots before rounding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// LAMM: the member's own lots.
    FixedLots {
        /// Per trade or per master lot.
        per: FixedPer,
    },
    /// `V_m × k_i`
    Multiplier,
    /// `V_m × balance_i / balance_m × k_i`
    BalanceRatio,
    /// `V_m × equity_i / equity_m × k_i`
    EquityRatio,
    /// `V_m × free margin_i / free margin_m × k_i`
    FreeMarginRatio,
    /// `equity_i × percent / (|entry − stop| / tick size_i × tick value_i) × k_i`; without a stop: skipped.
    RiskPercent {
        /// Percent of equity that the stop may cost: `1` is one percent.
        percent: Ratio,
    },
    /// A share of `V_m × block_multiplier` by weight × `k_i`.
    Block {
        /// What the weights are made from.
        by: WeightKind,
        /// How many times the master's volume the block is.
        block_multiplier: Ratio,
        /// Who gets the left-over steps.
        residual: Residual,
        /// Where the part goes that an account may not hold.
        excess: Excess,
    },
    /// A block whose weights blend several kinds: each kind's weights as shares of their sum, times its
    /// coefficient.
    Hybrid {
        /// Kind and coefficient; the coefficients sum to 1.
        blend: Vec<(WeightKind, BasisPoints)>,
        /// As in `Block`.
        block_multiplier: Ratio,
        /// As in `Block`.
        residual: Residual,
        /// As in `Block`.
        excess: Excess,
    },
    /// The user's own expression over the same facts, in decimals; its result is the lots before rounding.
    Formula(super::formula::Formula),
}

impl Method {
    /// Does it keep rounding errors as credits for the next block?
    pub const fn carries(&self) -> bool {
        matches!(
            self,
            Self::Block { residual: Residual::Carry, .. } | Self::Hybrid { residual: Residual::Carry, .. }
        )
    }

    /// Its name in configuration, decisions and reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FixedLots { .. } => "fixed_lots",
            Self::Multiplier => "multiplier",
            Self::BalanceRatio => "balance_ratio",
            Self::EquityRatio => "equity_ratio",
            Self::FreeMarginRatio => "free_margin_ratio",
            Self::RiskPercent { .. } => "risk_percent",
            Self::Block { .. } => "block",
            Self::Hybrid { .. } => "hybrid",
            Self::Formula(_) => "formula",
        }
    }
}

/// One investor in one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The slave account.
    pub login: Login,
    /// The investor's risk profile `k`.
    pub profile: BasisPoints,
    /// For `fixed_lots`.
    pub lots: Option<Lots>,
    /// For `block` by `percent`: `25` is a quarter.
    pub percent: Option<BasisPoints>,
    /// For `block` by `risk_weight`.
    pub weight: Option<BasisPoints>,
}

/// A strategy segment of the master: a filter, an allocation method, its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its name; unique.
    pub name: String,
    /// Its number in copy ids; unique.
    pub tag: PoolTag,
    /// Which positions it takes.
    pub filter: PoolFilter,
    /// How it sizes.
    pub method: Method,
    /// Who is in it, by login.
    pub members: Vec<Member>,
    /// What becomes of positions that were open before a slave could copy them.
    pub late_copies: LateCopies,
    /// What becomes of pending orders.
    pub pending: PendingRules,
    /// Sell what the master buys? Stops swap, limits become stops.
    pub reverse: bool,
    /// Where the copies' stops are.
    pub stops: StopsAt,
    /// Convert by contract size (notional)? Default yes.
    pub contract_size: bool,
    /// Scale down where the slave's leverage is lower? Default yes.
    pub leverage: bool,
}

/// What an account may hold in copies; `None` is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Lots of one copy.
    pub lots_per_trade: Option<Lots>,
    /// Lots of all copies in one symbol.
    pub lots_per_symbol: Option<Lots>,
    /// Lots of all copies.
    pub lots_total: Option<Lots>,
    /// How many copies at once.
    pub open_copies: Option<u32>,
    /// Free margin that an open must leave, in percent of equity.
    pub margin_buffer_percent: Option<Ratio>,
}

impl Limits {
    /// Does any of them depend on what the account holds already?
    pub const fn look_at_exposure(&self) -> bool {
        self.lots_per_symbol.is_some() || self.lots_total.is_some() || self.open_copies.is_some()
    }
}

/// One slave account's own rules, whatever pool a trade comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRules {
    /// How lots become a multiple of its lot step.
    pub rounding: Rounding,
    /// For `raise_to_minimum`: how many times the intended lots the smallest volume may be.
    pub max_risk_multiple: Ratio,
    /// What becomes of a copy that would fall below its smallest volume.
    pub below_minimum: BelowMinimum,
    /// What it may hold.
    pub limits: Limits,
    /// No copy without a stop loss: a trade without one is skipped, a copy whose stop cannot be set is closed. When the
    /// master takes its own off, copies keep their last.
    pub require_stop_loss: bool,
    /// What its equity and exposure must not come to.
    pub guards: GuardRules,
}

impl Default for AccountRules {
    fn default() -> Self {
        Self {
            rounding: Rounding::default(),
            max_risk_multiple: Ratio::from_units(5 * Ratio::ONE),
            below_minimum: BelowMinimum::default(),
            limits: Limits::default(),
            require_stop_loss: false,
            guards: GuardRules::default(),
        }
    }
}
