//! The numbers that stand for something in the structs' fields.

/// `LbPosition.side`, `LbDeal.side`, `LbOrder.side`: long, or bought.
pub const LB_BUY: u32 = 0;
/// `LbPosition.side`, `LbDeal.side`, `LbOrder.side`: short, or sold.
pub const LB_SELL: u32 = 1;
/// `LbAccount.margin_mode`: hedging.
pub const LB_HEDGING: u32 = 0;
/// `LbAccount.margin_mode`: netting or exchange.
pub const LB_NETTING: u32 = 1;
/// `LbDeal.entry`: opened or added.
pub const LB_ENTRY_IN: u32 = 0;
/// `LbDeal.entry`: closed.
pub const LB_ENTRY_OUT: u32 = 1;
/// `LbDeal.entry`: reversed.
pub const LB_ENTRY_INOUT: u32 = 2;
/// `LbDeal.entry`: closed by an opposite position.
pub const LB_ENTRY_OUT_BY: u32 = 3;
/// `LbOrder.action`: open at market.
pub const LB_OPEN: u32 = 1;
/// `LbOrder.action`: close `lots` of the position `ticket`.
pub const LB_CLOSE: u32 = 2;
/// `LbOrder.action`: set both stops of the position `ticket`.
pub const LB_MODIFY: u32 = 3;
/// `LbOrder.action`: place a pending order of this `side` and `kind`.
pub const LB_PLACE: u32 = 4;
/// `LbOrder.action`: change the pending order `ticket` to this price, limit price, stops and expiration.
pub const LB_MODIFY_PENDING: u32 = 5;
/// `LbOrder.action`: cancel the pending order `ticket`.
pub const LB_CANCEL: u32 = 6;
/// `LbPendingOrder.kind`, `LbOrder.kind`: waits for a better price.
pub const LB_LIMIT_ORDER: u32 = 0;
/// `LbPendingOrder.kind`, `LbOrder.kind`: waits for a worse price.
pub const LB_STOP_ORDER: u32 = 1;
/// `LbPendingOrder.kind`, `LbOrder.kind`: a stop that places a limit order.
pub const LB_STOP_LIMIT_ORDER: u32 = 2;
/// `LbPendingOrder.kind`: an order at market that the trade server has accepted and still works on.
pub const LB_MARKET_ORDER: u32 = 3;
/// `LbPendingOrder.expiration`, `LbOrder.expiration`: until cancelled.
pub const LB_GTC: u32 = 0;
/// `LbPendingOrder.expiration`, `LbOrder.expiration`: until the end of the trade server's day.
pub const LB_DAY: u32 = 1;
/// `LbPendingOrder.expiration`, `LbOrder.expiration`: until `expiration_ms`.
pub const LB_SPECIFIED: u32 = 2;
/// `LbPendingOrder.expiration`, `LbOrder.expiration`: until the end of the day of `expiration_ms`.
pub const LB_SPECIFIED_DAY: u32 = 3;
/// `LbPastOrder.end`: executed.
pub const LB_END_FILLED: u32 = 0;
/// `LbPastOrder.end`: cancelled.
pub const LB_END_CANCELLED: u32 = 1;
/// `LbPastOrder.end`: its time was up.
pub const LB_END_EXPIRED: u32 = 2;
/// `LbPastOrder.end`: refused by the trade server.
pub const LB_END_REJECTED: u32 = 3;
/// `LbOrder.filling`: fill or kill.
pub const LB_FILLING_FOK: u32 = 0;
/// `LbOrder.filling`: immediate or cancel.
pub const LB_FILLING_IOC: u32 = 1;
/// `LbOrder.filling`: return.
pub const LB_FILLING_RETURN: u32 = 2;
/// `LbInstrument.trade_mode`: everything may be traded.
pub const LB_TRADE_FULL: u32 = 0;
/// `LbInstrument.trade_mode`: nothing may be traded.
pub const LB_TRADE_DISABLED: u32 = 1;
/// `LbInstrument.trade_mode`: long positions only.
pub const LB_TRADE_LONG_ONLY: u32 = 2;
/// `LbInstrument.trade_mode`: short positions only.
pub const LB_TRADE_SHORT_ONLY: u32 = 3;
/// `LbInstrument.trade_mode`: closing only.
pub const LB_TRADE_CLOSE_ONLY: u32 = 4;
/// `LbInstrument.execution`: instant.
pub const LB_EXECUTION_INSTANT: u32 = 0;
/// `LbInstrument.execution`: on request.
pub const LB_EXECUTION_REQUEST: u32 = 1;
/// `LbInstrument.execution`: market.
pub const LB_EXECUTION_MARKET: u32 = 2;
/// `LbInstrument.execution`: exchange.
pub const LB_EXECUTION_EXCHANGE: u32 = 3;
/// `LbSlaveStatus.guard`: no guard has tripped.
pub const LB_GUARD_ARMED: u32 = 0;
/// `LbSlaveStatus.guard`: nothing is opened.
pub const LB_GUARD_SKIP_OPENS: u32 = 1;
/// `LbSlaveStatus.guard`: nothing is opened, and no stop loss moved away.
pub const LB_GUARD_CLOSE_ONLY: u32 = 2;
/// `LbSlaveStatus.guard`: every copy is closed.
pub const LB_GUARD_CLOSE_ALL: u32 = 3;
