/* MQL5's own structs, as the documentation has them. */
#ifndef MQL5_STRUCTS_H
#define MQL5_STRUCTS_H

#include "host.h"

struct mql_MqlTick {
    rt::i64 mql_time;
    double mql_bid, mql_ask, mql_last;
    rt::u64 mql_volume;
    rt::i64 mql_time_msc;
    rt::u32 mql_flags;
    double mql_volume_real;
};

struct mql_MqlTradeRequest {
    mql_ENUM_TRADE_REQUEST_ACTIONS mql_action;
    rt::u64 mql_magic, mql_order;
    rt::string mql_symbol;
    double mql_volume, mql_price, mql_stoplimit, mql_sl, mql_tp;
    rt::u64 mql_deviation;
    mql_ENUM_ORDER_TYPE mql_type;
    mql_ENUM_ORDER_TYPE_FILLING mql_type_filling;
    mql_ENUM_ORDER_TYPE_TIME mql_type_time;
    rt::i64 mql_expiration;
    rt::string mql_comment;
    rt::u64 mql_position, mql_position_by;
};

struct mql_MqlTradeResult {
    rt::u32 mql_retcode;
    rt::u64 mql_deal, mql_order;
    double mql_volume, mql_price, mql_bid, mql_ask;
    rt::string mql_comment;
    rt::u32 mql_request_id;
    rt::i32 mql_retcode_external;
};

struct mql_MqlTradeTransaction {
    rt::u64 mql_deal, mql_order;
    rt::string mql_symbol;
    mql_ENUM_TRADE_TRANSACTION_TYPE mql_type;
    mql_ENUM_ORDER_TYPE mql_order_type;
    mql_ENUM_ORDER_STATE mql_order_state;
    mql_ENUM_DEAL_TYPE mql_deal_type;
    mql_ENUM_ORDER_TYPE_TIME mql_time_type;
    rt::i64 mql_time_expiration;
    double mql_price, mql_price_trigger, mql_price_sl, mql_price_tp, mql_volume;
    rt::u64 mql_position, mql_position_by;
};

#endif
