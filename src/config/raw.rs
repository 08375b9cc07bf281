//! The configuration file as it is written. What may be left out is an `Option`; defaults, ranges and what depends on
//! another key are `validate`'s. The comments here are the descriptions in the JSON schema.

pub(super) mod guards;

use guards::RawGuards;
use schemars::JsonSchema;
use serde::Deserialize;

use super::decimal::{Exact, Keyed, Whole, Word};
use super::either::{Either, HasShort};
use crate::allocation::{
    BelowMinimum, Excess, FilledAlone, FixedPer, LateCopies, PendingCopy, Residual, Rounding, SideFilter,
    StopsAt, Unfilled, Weekday, WeightKind,
};
use crate::domain::{BasisPoints, Lots, MarginMode, Money, Price, Ratio};

/// Who copies whom, how, and within which limits.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with the keys `master`, `secret` and `pools`")]
#[schemars(title = "LotBridge configuration")]
pub(super) struct RawSetup {
    /// The account whose trades are copied.
    pub master: RawMaster,
    /// The shared secret that the terminals prove to each other. The same in every terminal; not empty.
    pub secret: String,
    /// The strategies of the master: which positions, sized how, for whom. At least one, at most 64.
    #[schemars(length(min = 1, max = 64))]
    pub pools: Vec<RawPool>,
    /// Rules of single slave accounts, by login.
    pub accounts: Option<Keyed<RawAccount>>,
    /// What `lotbridge replay` trades on instead of real terminals.
    pub replay: Option<RawReplay>,
}

/// The account whose trades are copied.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with the keys `login` and `currency`")]
pub(super) struct RawMaster {
    /// Its number.
    pub login: Whole<u64>,
    /// Its currency, such as USD.
    pub currency: String,
    /// The folder of the local socket; left out: the system's own place.
    pub endpoint_dir: Option<String>,
    /// The folder of what is kept between runs; left out: the system's own place.
    pub state_dir: Option<String>,
    /// How long after the master's trade a slave may still open, in milliseconds; 10000 when left out.
    pub valid_for_ms: Option<Whole<u64>>,
    /// How old an account's facts may be when it is sized, in milliseconds; 5000 when left out.
    pub max_snapshot_age_ms: Option<Whole<u64>>,
    /// How long an order may be unanswered before it is in doubt, in milliseconds; 3000 when left out.
    pub doubt_ms: Option<Whole<u64>>,
    /// How far from the master's price a slave may open, in points; 100 when left out.
    pub deviation_points: Option<Whole<u32>>,
}

/// A strategy of the master: which positions, sized how, for whom.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with the keys `name`, `allocation` and `members`")]
pub(super) struct RawPool {
    /// Its name; no other pool has it.
    pub name: String,
    /// Its number in the magic of every order, 0 to 255; derived from the name when left out. No other pool has it.
    pub tag: Option<Whole<u8>>,
    /// Which of the master's positions it takes; all when left out.
    pub filter: Option<RawFilter>,
    /// How it sizes.
    pub allocation: RawAllocation,
    /// What becomes of positions that were open before a member joined; `not_worse` when left out.
    pub late_copies: Option<Word<LateCopies>>,
    /// What becomes of pending orders; copied as orders when left out.
    pub pending_orders: Option<RawPending>,
    /// true: sell what the master buys, with stops swapped and limits as stops; false when left out.
    pub reverse: Option<bool>,
    /// Where the copies' stops are; at the master's prices when left out.
    pub stops: Option<Word<StopsAt>>,
    /// The slave accounts in it; at least one.
    #[schemars(length(min = 1))]
    pub members: Vec<RawMember>,
}

/// How a pool copies pending orders.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with `copy`, `unfilled`, `filled_alone` and `wait_ms`, each optional"
)]
pub(super) struct RawPending {
    /// As pending orders of the slaves, or only once they have filled; `orders` when left out.
    pub copy: Option<Word<PendingCopy>>,
    /// The master's order has filled and the slave's has not; `market` when left out.
    pub unfilled: Option<Word<Unfilled>>,
    /// The slave's order has filled and the master's has not; `keep` when left out.
    pub filled_alone: Option<Word<FilledAlone>>,
    /// How long either may last before something is done about it, in milliseconds; 3000 when left out.
    pub wait_ms: Option<Whole<u64>>,
}

/// Which of the master's positions a pool takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with `symbols`, `magic`, `side`, `comments` and `hours`, each optional"
)]
pub(super) struct RawFilter {
    /// Symbols as the master's broker names them, with `*` for any run of characters; one that begins with `!` excludes.
    #[serde(default)]
    pub symbols: Vec<String>,
    /// Magic numbers, such as `7` or `{"from": 100, "to": 199}`.
    #[serde(default)]
    pub magic: Vec<RawMagic>,
    /// Both sides, or long or short only.
    pub side: Option<Word<SideFilter>>,
    /// Comments, with `*` and `!` as in `symbols`. Brokers may replace or cut them.
    #[serde(default)]
    pub comments: Vec<String>,
    /// When it was opened, by the master's trade server's clock. Changes and the close are followed at any time.
    #[serde(default)]
    pub hours: Vec<RawHours>,
}

/// A magic number, or a range of them.
pub(super) type RawMagic = Either<Whole<u64>, RawRange>;

/// A range of magic numbers.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `from` and `to`")]
pub(super) struct RawRange {
    /// The first.
    pub from: Whole<u64>,
    /// The last.
    pub to: Whole<u64>,
}

impl HasShort for RawRange {
    const FORMS: &'static str = "a magic number, or a range such as {\"from\": 100, \"to\": 199}";
}

/// An interval of the week.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `from`, `to` and, perhaps, `days`")]
pub(super) struct RawHours {
    /// The days on which it begins; every day when left out.
    pub days: Option<Vec<Word<Weekday>>>,
    /// When it begins, such as `08:00`.
    #[schemars(regex(pattern = "^[0-2][0-9]:[0-5][0-9]$"))]
    pub from: String,
    /// Before when it ends, such as `17:00` or `24:00`; a time before `from` is on the next day.
    #[schemars(regex(pattern = "^[0-2][0-9]:[0-5][0-9]$"))]
    pub to: String,
}

/// From one master volume to each slave's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MethodName {
    /// LAMM: each member's own `lots`.
    FixedLots,
    /// The master's lots times the member's profile.
    Multiplier,
    /// By balance of slave and master, times the member's profile.
    BalanceRatio,
    /// By equity of slave and master, times the member's profile.
    EquityRatio,
    /// By free margin of slave and master, times the member's profile.
    FreeMarginRatio,
    /// So much that the stop loss costs `percent` of the slave's equity, times the member's profile.
    RiskPercent,
    /// A share of the master's lots by weight, times the member's profile.
    Block,
    /// A share by a blend of weights.
    Hybrid,
    /// The user's own `expression`.
    Formula,
}

impl MethodName {
    /// As the configuration writes it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::FixedLots => "fixed_lots",
            Self::Multiplier => "multiplier",
            Self::BalanceRatio => "balance_ratio",
            Self::EquityRatio => "equity_ratio",
            Self::FreeMarginRatio => "free_margin_ratio",
            Self::RiskPercent => "risk_percent",
            Self::Block => "block",
            Self::Hybrid => "hybrid",
            Self::Formula => "formula",
        }
    }
}

/// How a pool sizes. Each option belongs to some methods only and is refused with the others.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with the key `method`")]
pub(super) struct RawAllocation {
    /// The method.
    pub method: Word<MethodName>,
    /// `fixed_lots`: are the lots for each trade or for each lot of the master? `trade` when left out.
    pub per: Option<Word<FixedPer>>,
    /// `block`: what the weights are made from.
    pub by: Option<Word<WeightKind>>,
    /// `block`, `hybrid`: how many times the master's volume is shared out; 1 when left out.
    pub block_multiplier: Option<Exact<Ratio>>,
    /// `block`, `hybrid`: who gets the lot steps that are left over; `largest_remainder` when left out.
    pub residual: Option<Word<Residual>>,
    /// `block`, `hybrid`: where the part goes that an account may not hold; `others` when left out.
    pub excess: Option<Word<Excess>>,
    /// `hybrid`: two or more kinds of weight with coefficients that sum to 1.
    pub blend: Option<RawBlend>,
    /// `formula`: the lots, from names such as `master_lots`, `equity`, `master_equity`, `profile`.
    pub expression: Option<String>,
    /// `risk_percent`: percent of equity that the stop may cost.
    pub percent: Option<Exact<Ratio>>,
    /// Multiplier, ratios, block, hybrid: convert by contract size? true when left out.
    pub contract_size: Option<bool>,
    /// `balance_ratio`, `equity_ratio`, `free_margin_ratio`: scale down where the slave's leverage is lower? true when left out.
    pub leverage: Option<bool>,
}

/// Coefficients of weight kinds, such as `{"equity": "0.7", "equal": "0.3"}`.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object such as {\"equity\": \"0.7\", \"equal\": \"0.3\"}")]
pub(super) struct RawBlend {
    /// Equity in the master's currency.
    pub equity: Option<Exact<BasisPoints>>,
    /// Balance in the master's currency.
    pub balance: Option<Exact<BasisPoints>>,
    /// Each member's `percent`.
    pub percent: Option<Exact<BasisPoints>>,
    /// The same for everybody.
    pub equal: Option<Exact<BasisPoints>>,
    /// Each member's `weight`.
    pub risk_weight: Option<Exact<BasisPoints>>,
}

/// One slave account in a pool.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with the key `login`")]
pub(super) struct RawMember {
    /// Its number.
    pub login: Whole<u64>,
    /// The investor's risk profile, above 0 and at most 100; 1 when left out. Not with `fixed_lots`.
    pub profile: Option<Exact<BasisPoints>>,
    /// `fixed_lots`: its lots.
    pub lots: Option<Exact<Lots>>,
    /// Weights by `percent`: its percentage; those of a pool sum to 100.
    pub percent: Option<Exact<BasisPoints>>,
    /// Weights by `risk_weight`: its weight.
    pub weight: Option<Exact<BasisPoints>>,
}

/// A slave account's own rules, whatever pool a trade comes from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with rules such as `rounding`, `limits` or `symbols`")]
pub(super) struct RawAccount {
    /// How lots become a multiple of its lot step; `down` when left out.
    pub rounding: Option<Word<Rounding>>,
    /// `raise_to_minimum`: how many times the intended lots the smallest volume may be; 5 when left out.
    pub max_risk_multiple: Option<Exact<Ratio>>,
    /// What becomes of a copy that a partial close takes below its smallest volume; `close` when left out.
    pub below_minimum: Option<Word<BelowMinimum>>,
    /// What it may hold in copies; no limits when left out.
    pub limits: Option<RawLimits>,
    /// true: no copy without a stop loss; false when left out.
    pub require_stop_loss: Option<bool>,
    /// What its equity and exposure must not come to; no guards when left out.
    pub guards: Option<RawGuards>,
    /// How its broker names the master's symbols; the same when left out.
    pub symbols: Option<RawSymbols>,
}

/// What an account may hold in copies.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with limits such as `lots_per_trade`")]
pub(super) struct RawLimits {
    /// Lots of one copy.
    pub lots_per_trade: Option<Exact<Lots>>,
    /// Lots of all copies in one symbol.
    pub lots_per_symbol: Option<Exact<Lots>>,
    /// Lots of all copies.
    pub lots_total: Option<Exact<Lots>>,
    /// How many copies at once.
    pub open_copies: Option<Whole<u32>>,
    /// Free margin that an open must leave, in percent of equity.
    pub margin_buffer_percent: Option<Exact<Ratio>>,
}

/// How a slave's broker names the master's symbols.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `map`, `prefix` and `suffix`, each optional")]
pub(super) struct RawSymbols {
    /// The master's name and the slave's, such as `{"XAUUSD": "GOLD", "DJ30": {"to": "US30", "factor": "0.1"}}`; comes
    /// before prefix and suffix.
    pub map: Option<Keyed<Either<String, RawSymbol>>>,
    /// Put before every other name.
    pub prefix: Option<String>,
    /// Put after every other name.
    pub suffix: Option<String>,
}

/// A slave's symbol for one of the master's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `to` and, perhaps, `factor`")]
pub(super) struct RawSymbol {
    /// Its name.
    pub to: String,
    /// How many lots of it stand for one of the master's, contract sizes aside; above 0, 1 when left out.
    pub factor: Option<Exact<Ratio>>,
}

impl HasShort for RawSymbol {
    const FORMS: &'static str = "a symbol, or an object such as {\"to\": \"US30\", \"factor\": \"0.1\"}";
}

/// What `lotbridge replay` trades on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with `terminals`, `instruments` and `rates`, each optional"
)]
pub(super) struct RawReplay {
    /// One for every member.
    #[serde(default)]
    pub terminals: Vec<RawTerminal>,
    /// The symbols that are traded.
    #[serde(default)]
    pub instruments: Vec<RawInstrument>,
    /// Conversion rates between currencies.
    #[serde(default)]
    pub rates: Vec<RawRate>,
}

/// A headless terminal.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with `login`, `currency`, `balance`, `leverage` and perhaps `margin_mode`"
)]
pub(super) struct RawTerminal {
    /// The account's number.
    pub login: Whole<u64>,
    /// Its currency, such as EUR.
    pub currency: String,
    /// What it starts with, in its currency.
    pub balance: Exact<Money>,
    /// Its leverage, 1 to 10000: 100 is 1:100.
    pub leverage: Whole<u32>,
    /// `hedging`, many positions in a symbol, or `netting`, one; `hedging` when left out. A master's is hedging.
    pub margin_mode: Option<Word<MarginMode>>,
}

/// A symbol of the replay, the same at every terminal.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with `symbol`, `contract_size`, `digits`, `tick_size` and more"
)]
pub(super) struct RawInstrument {
    /// Its name.
    pub symbol: String,
    /// What one lot is of.
    pub contract_size: Exact<Ratio>,
    /// Decimal places of its prices, at most 8.
    pub digits: Whole<u8>,
    /// The least change of its price.
    pub tick_size: Exact<Price>,
    /// What one tick of one lot is worth, in the master's currency.
    pub tick_value: Exact<Ratio>,
    /// The least volume.
    pub lots_min: Exact<Lots>,
    /// The largest volume.
    pub lots_max: Exact<Lots>,
    /// Volumes are multiples of this.
    pub lot_step: Exact<Lots>,
}

/// What one unit of `from` is in `to`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `from`, `to` and `rate`")]
pub(super) struct RawRate {
    /// A currency.
    pub from: String,
    /// Another.
    pub to: String,
    /// Above 0.
    pub rate: Exact<Ratio>,
}
