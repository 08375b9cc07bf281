//! Plain structs that cross the boundary: numbers and fixed arrays on their natural boundaries, so that `pack(1)` on
//! the MQL5 side and `repr(C)` here agree. Text is UTF-8, ended by a zero byte. Prices, lots and money are `double`
//! as MQL5 has them.

use std::mem::{offset_of, size_of};

/// An account's facts.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbAccount {
    /// `ACCOUNT_LOGIN`.
    pub login: u64,
    /// Trade-server time in milliseconds since 1970.
    pub time_ms: i64,
    /// `ACCOUNT_BALANCE`.
    pub balance: f64,
    /// `ACCOUNT_EQUITY`.
    pub equity: f64,
    /// `ACCOUNT_MARGIN`.
    pub margin: f64,
    /// `ACCOUNT_MARGIN_FREE`.
    pub free_margin: f64,
    /// `ACCOUNT_LEVERAGE`; 100 means 1:100.
    pub leverage: u32,
    /// `ACCOUNT_CURRENCY_DIGITS`, at most 6.
    pub currency_digits: u32,
    /// `LB_HEDGING` or `LB_NETTING`.
    pub margin_mode: u32,
    /// `TERMINAL_CONNECTED`: 1 or 0, nothing else. A state with 0 is not taken: `LB_NOT_CONNECTED`.
    pub connected: u32,
    /// `ACCOUNT_CURRENCY`.
    pub currency: [u8; 8],
}

/// A symbol's specification with its last quote.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbInstrument {
    /// Its name.
    pub symbol: [u8; 32],
    /// `SYMBOL_DIGITS`, at most 8.
    pub digits: u32,
    /// `SYMBOL_TRADE_STOPS_LEVEL`, in points.
    pub stops_level_points: u32,
    /// `SYMBOL_TRADE_CONTRACT_SIZE`.
    pub contract_size: f64,
    /// `SYMBOL_TRADE_TICK_SIZE`.
    pub tick_size: f64,
    /// `SYMBOL_TRADE_TICK_VALUE`, in the account's currency.
    pub tick_value: f64,
    /// `SYMBOL_VOLUME_MIN`.
    pub lots_min: f64,
    /// `SYMBOL_VOLUME_MAX`.
    pub lots_max: f64,
    /// `SYMBOL_VOLUME_STEP`.
    pub lot_step: f64,
    /// `OrderCalcMargin` of one lot at the present price; 0 when unknown.
    pub margin_per_lot: f64,
    /// `SYMBOL_BID`; 0 before the first quote.
    pub bid: f64,
    /// `SYMBOL_ASK`; 0 before the first quote.
    pub ask: f64,
    /// `SYMBOL_VOLUME_LIMIT`: the most lots in one direction, pending orders included; 0 for no limit.
    pub volume_limit: f64,
    /// `LB_TRADE_FULL` to `LB_TRADE_CLOSE_ONLY`.
    pub trade_mode: u32,
    /// `LB_EXECUTION_INSTANT` to `LB_EXECUTION_EXCHANGE`.
    pub execution: u32,
    /// `SYMBOL_FILLING_MODE` as it is: a bit mask, 1 FOK, 2 IOC, 4 BOC.
    pub filling_modes: u32,
    /// `SYMBOL_TRADE_FREEZE_LEVEL`, in points.
    pub freeze_level_points: u32,
    /// `SYMBOL_EXPIRATION_MODE` as it is: a bit mask, 1 GTC, 2 day, 4 specified, 8 specified day; 0 when unknown.
    pub expiration_modes: u32,
    /// 0.
    pub reserved: u32,
}

/// What one unit of a currency is in another.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbRate {
    /// The currency that one unit is of.
    pub from: [u8; 8],
    /// The currency that it is worth `rate` of.
    pub to: [u8; 8],
    /// Positive.
    pub rate: f64,
}

/// An open position.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbPosition {
    /// `POSITION_IDENTIFIER`.
    pub id: u64,
    /// `POSITION_TICKET`.
    pub ticket: u64,
    /// `POSITION_MAGIC`.
    pub magic: u64,
    /// `POSITION_TIME_MSC`.
    pub open_time_ms: i64,
    /// `POSITION_VOLUME`.
    pub lots: f64,
    /// `POSITION_PRICE_OPEN`.
    pub open_price: f64,
    /// `POSITION_SL`; 0 for none.
    pub stop_loss: f64,
    /// `POSITION_TP`; 0 for none.
    pub take_profit: f64,
    /// `LB_BUY` or `LB_SELL`.
    pub side: u32,
    /// 0.
    pub reserved: u32,
    /// `POSITION_SYMBOL`.
    pub symbol: [u8; 32],
    /// `POSITION_COMMENT`; may be empty. A hint for filters, never an identity: what is not UTF-8 is replaced, what is
    /// too long is cut.
    pub comment: [u8; 32],
}

/// A deal of the last days: the evidence of what happened to positions that are gone. Buys and sells only: deposits
/// and other entries of the balance have no symbol and are left out.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbDeal {
    /// `DEAL_TICKET`.
    pub ticket: u64,
    /// `DEAL_POSITION_ID`.
    pub position: u64,
    /// `DEAL_MAGIC`.
    pub magic: u64,
    /// `DEAL_TIME_MSC`.
    pub time_ms: i64,
    /// `DEAL_VOLUME`.
    pub lots: f64,
    /// `DEAL_PRICE`.
    pub price: f64,
    /// `DEAL_COMMISSION` (and fee).
    pub commission: f64,
    /// `DEAL_SWAP`.
    pub swap: f64,
    /// `DEAL_PROFIT`.
    pub profit: f64,
    /// `LB_BUY` or `LB_SELL`.
    pub side: u32,
    /// `LB_ENTRY_IN` to `LB_ENTRY_OUT_BY`.
    pub entry: u32,
    /// `DEAL_SYMBOL`.
    pub symbol: [u8; 32],
}

/// A pending order that waits, or an order at market that the trade server works on: of that one its prices, stops and
/// expiration are not looked at.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbPendingOrder {
    /// `ORDER_TICKET`.
    pub ticket: u64,
    /// `ORDER_MAGIC`.
    pub magic: u64,
    /// `ORDER_TIME_SETUP_MSC`.
    pub placed_ms: i64,
    /// `ORDER_TIME_EXPIRATION` in milliseconds; 0 unless `expiration` needs it.
    pub expiration_ms: i64,
    /// `ORDER_VOLUME_CURRENT`.
    pub lots: f64,
    /// `ORDER_PRICE_OPEN`.
    pub price: f64,
    /// `ORDER_PRICE_STOPLIMIT`; 0 unless it is a stop-limit order.
    pub limit_price: f64,
    /// `ORDER_SL`; 0 for none.
    pub stop_loss: f64,
    /// `ORDER_TP`; 0 for none.
    pub take_profit: f64,
    /// `LB_BUY` or `LB_SELL`.
    pub side: u32,
    /// `LB_LIMIT_ORDER` to `LB_MARKET_ORDER`.
    pub kind: u32,
    /// `LB_GTC` to `LB_SPECIFIED_DAY`.
    pub expiration: u32,
    /// 0.
    pub reserved: u32,
    /// `ORDER_SYMBOL`.
    pub symbol: [u8; 32],
    /// `ORDER_COMMENT`; as `LbPosition.comment`.
    pub comment: [u8; 32],
}

/// A pending order of the last days that waits no more.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbPastOrder {
    /// `ORDER_TICKET`.
    pub ticket: u64,
    /// `ORDER_POSITION_ID`; 0 for none.
    pub position: u64,
    /// `ORDER_MAGIC`.
    pub magic: u64,
    /// `ORDER_TIME_DONE_MSC`.
    pub time_ms: i64,
    /// `LB_END_FILLED` to `LB_END_REJECTED`.
    pub end: u32,
    /// 0.
    pub reserved: u32,
}

/// An order for a slave's terminal.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbOrder {
    /// To be named in the report.
    pub instruction: u64,
    /// Which copy: 8 bits of pool, 32 bits of the master position's identifier.
    pub copy: u64,
    /// The magic that the order must carry.
    pub magic: u64,
    /// The position to close or modify, or the pending order to change or cancel; 0 for an open.
    pub ticket: u64,
    /// Microseconds since the master's change was handed over.
    pub age_us: u64,
    /// A pending order's `LB_SPECIFIED` or `LB_SPECIFIED_DAY` moment, in milliseconds of trade-server time; else 0.
    pub expiration_ms: i64,
    /// The volume, rounded to the symbol's step already; 0 for a modification.
    pub lots: f64,
    /// A pending order's price; 0 for an order at market.
    pub price: f64,
    /// A stop-limit order's limit price; else 0.
    pub limit_price: f64,
    /// The stop loss; 0 for none.
    pub stop_loss: f64,
    /// The take profit; 0 for none.
    pub take_profit: f64,
    /// `LB_OPEN` to `LB_CANCEL`.
    pub action: u32,
    /// `LB_BUY` or `LB_SELL`, for an open and a pending order.
    pub side: u32,
    /// A pending order's `LB_LIMIT_ORDER` to `LB_STOP_LIMIT_ORDER`.
    pub kind: u32,
    /// A pending order's `LB_GTC` to `LB_SPECIFIED_DAY`.
    pub expiration: u32,
    /// `LB_FILLING_FOK` to `LB_FILLING_RETURN`.
    pub filling: u32,
    /// How far from the master's price an open may be, in points.
    pub deviation_points: u32,
    /// The symbol as this account's broker names it.
    pub symbol: [u8; 32],
    /// A readable hint for the order's comment; not an identity.
    pub comment: [u8; 32],
}

/// What the terminal answered to an order.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbResult {
    /// `LbOrder.instruction`.
    pub instruction: u64,
    /// The ticket of the position, or of the pending order that was placed; 0 for none.
    pub ticket: u64,
    /// The deal's ticket; 0 for none.
    pub deal: u64,
    /// What was executed.
    pub lots: f64,
    /// At which price.
    pub price: f64,
    /// `MqlTradeResult.retcode`.
    pub retcode: u32,
    /// 0.
    pub reserved: u32,
}

/// How a master stands.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LbMasterStatus {
    /// Slaves with an open session.
    pub slaves_connected: u32,
    /// Copies that accounts hold.
    pub copies_open: u32,
    /// Copies that are not where they shall be yet.
    pub unsettled: u32,
    /// Copies of which only the account can tell whether they were opened.
    pub in_doubt: u32,
    /// Defects: events that a copy could not meet.
    pub impossible: u32,
    /// Alerts that `lb_master_alerts` has.
    pub alerts: u32,
    /// Records that could not be written and were dropped.
    pub records_lost: u64,
    /// Connections that were refused.
    pub refused: u64,
}

/// How a slave stands.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbSlaveStatus {
    /// 1 while its session with the master is open.
    pub connected: u32,
    /// What the account's guards do: one of `LB_GUARD_ARMED` and so on. Anything but `LB_GUARD_ARMED` stays so until `lb_slave_rearm`.
    pub guard: u32,
    /// The number of the last state handed over.
    pub state: u64,
    /// The number of the last state that the master has confirmed in this session.
    pub state_seen: u64,
    /// Why there is no session.
    pub trouble: [u8; 256],
}

impl Default for LbSlaveStatus {
    fn default() -> Self {
        Self { connected: 0, guard: 0, state: 0, state_seen: 0, trouble: [0; 256] }
    }
}

/// No struct may hold padding that the compiler put in: its size is the sum of its fields.
macro_rules! packed_as_is {
    ($($name:ident: $size:literal, last $field:ident at $offset:literal;)*) => {
        const _: () = { $(
            assert!(size_of::<$name>() == $size);
            assert!(offset_of!($name, $field) == $offset);
        )* };
    };
}

packed_as_is! {
    LbAccount: 72, last currency at 64;
    LbInstrument: 144, last reserved at 140;
    LbRate: 24, last rate at 16;
    LbPosition: 136, last comment at 104;
    LbDeal: 112, last symbol at 80;
    LbPendingOrder: 152, last comment at 120;
    LbPastOrder: 40, last reserved at 36;
    LbOrder: 176, last comment at 144;
    LbResult: 48, last reserved at 44;
    LbMasterStatus: 40, last refused at 32;
    LbSlaveStatus: 280, last trouble at 24;
}
