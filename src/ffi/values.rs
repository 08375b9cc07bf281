//! MQL5-side numbers and what they stand for, each pair once.

use super::code::{Failure, LB_ARGUMENT};
use super::constants as s;
use crate::domain::{
    DealEntry, Execution, Expiration, Filling, MarginMode, OrderEnd, PendingKind, ServerTime, Side, TradeMode,
};

/// A value that crosses the boundary as a number.
pub(super) trait Coded: Copy {
    /// Its number.
    fn code(self) -> u32;

    /// The value behind a field's number.
    ///
    /// # Errors
    /// No value has it.
    fn from_code(field: &str, number: u32) -> Result<Self, Failure>;
}

macro_rules! coded {
    ($($kind:ident: $($value:ident = $number:ident,)+;)+) => { $(
        impl Coded for $kind {
            fn code(self) -> u32 {
                match self { $(Self::$value => s::$number,)+ }
            }
            fn from_code(field: &str, number: u32) -> Result<Self, Failure> {
                match number { $(s::$number => Ok(Self::$value),)+ other => Err(unknown(field, other)) }
            }
        }
    )+ };
}

coded! {
    Side: Buy = LB_BUY, Sell = LB_SELL,;
    MarginMode: Hedging = LB_HEDGING, Netting = LB_NETTING,;
    DealEntry: In = LB_ENTRY_IN, Out = LB_ENTRY_OUT, InOut = LB_ENTRY_INOUT, OutBy = LB_ENTRY_OUT_BY,;
    PendingKind: Limit = LB_LIMIT_ORDER, Stop = LB_STOP_ORDER, StopLimit = LB_STOP_LIMIT_ORDER,;
    OrderEnd:
        Filled = LB_END_FILLED, Cancelled = LB_END_CANCELLED, Expired = LB_END_EXPIRED, Rejected = LB_END_REJECTED,;
    Filling:
        FillOrKill = LB_FILLING_FOK, ImmediateOrCancel = LB_FILLING_IOC, Return = LB_FILLING_RETURN,;
    TradeMode:
        Full = LB_TRADE_FULL, Disabled = LB_TRADE_DISABLED, LongOnly = LB_TRADE_LONG_ONLY,
        ShortOnly = LB_TRADE_SHORT_ONLY, CloseOnly = LB_TRADE_CLOSE_ONLY,;
    Execution:
        Instantly = LB_EXECUTION_INSTANT, Request = LB_EXECUTION_REQUEST, Market = LB_EXECUTION_MARKET,
        Exchange = LB_EXECUTION_EXCHANGE,;
}

/// How long an order waits, as a number and a moment.
pub(super) const fn expiration_code(expiration: Expiration) -> (u32, i64) {
    match expiration {
        Expiration::Gtc => (s::LB_GTC, 0),
        Expiration::Day => (s::LB_DAY, 0),
        Expiration::Specified(until) => (s::LB_SPECIFIED, until.0),
        Expiration::SpecifiedDay(until) => (s::LB_SPECIFIED_DAY, until.0),
    }
}

/// The other way round.
pub(super) fn expiration(field: &str, number: u32, until_ms: i64) -> Result<Expiration, Failure> {
    match number {
        s::LB_GTC => Ok(Expiration::Gtc),
        s::LB_DAY => Ok(Expiration::Day),
        s::LB_SPECIFIED => Ok(Expiration::Specified(ServerTime(until_ms))),
        s::LB_SPECIFIED_DAY => Ok(Expiration::SpecifiedDay(ServerTime(until_ms))),
        other => Err(unknown(field, other)),
    }
}

fn unknown(field: &str, number: u32) -> Failure {
    Failure::new(LB_ARGUMENT, format!("{field} is {number}: no such value"))
}
