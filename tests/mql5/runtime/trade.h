/* Symbols, positions, orders, history, trade requests. Part of library.h. */
#ifndef MQL5_TRADE_H
#define MQL5_TRADE_H

/* ---- symbols ---- */

inline i32 mql_SymbolsTotal(bool selected) { return static_cast<i32>(rt::call(rt::function::SymbolsTotal, selected)); }
inline rt::string mql_SymbolName(i32 at, bool selected)
{
    return rt::text_of(of::symbol, selected ? "selected" : "all", static_cast<u64>(at), -1);
}
inline bool mql_SymbolSelect(const rt::string &symbol, bool select)
{
    return rt::call(rt::function::SymbolSelect, select, 0, symbol.utf8().c_str()) != 0;
}
inline i64 mql_SymbolInfoInteger(const rt::string &symbol, mql_ENUM_SYMBOL_INFO_INTEGER p)
{
    return rt::host->integer(static_cast<i32>(of::symbol), symbol.utf8().c_str(), 0, p);
}
inline double mql_SymbolInfoDouble(const rt::string &symbol, mql_ENUM_SYMBOL_INFO_DOUBLE p)
{
    return rt::host->real(static_cast<i32>(of::symbol), symbol.utf8().c_str(), 0, p);
}
inline rt::string mql_SymbolInfoString(const rt::string &symbol, mql_ENUM_SYMBOL_INFO_STRING p)
{
    return rt::text_of(of::symbol, symbol.utf8().c_str(), 0, p);
}
inline bool mql_SymbolInfoTick(const rt::string &symbol, mql_MqlTick &tick)
{
    rt::quote quote;
    if (rt::host->quote_of(symbol.utf8().c_str(), &quote) == 0)
        return false;
    tick = mql_MqlTick{};
    tick.mql_time = quote.time_msc / 1000;
    tick.mql_time_msc = quote.time_msc;
    tick.mql_bid = quote.bid;
    tick.mql_ask = quote.ask;
    return true;
}
inline bool mql_OrderCalcMargin(mql_ENUM_ORDER_TYPE type, const rt::string &symbol, double volume, double price,
                                double &margin)
{
    return rt::host->margin(type, symbol.utf8().c_str(), volume, price, &margin) != 0;
}

/* ---- positions ---- */

inline i32 mql_PositionsTotal() { return static_cast<i32>(rt::call(rt::function::PositionsTotal)); }
inline u64 mql_PositionGetTicket(i32 at) { return static_cast<u64>(rt::call(rt::function::PositionGetTicket, at)); }
inline bool mql_PositionSelectByTicket(u64 ticket)
{
    return rt::call(rt::function::PositionSelectByTicket, static_cast<i64>(ticket)) != 0;
}
inline bool mql_PositionSelect(const rt::string &symbol)
{
    return rt::call(rt::function::PositionSelect, 0, 0, symbol.utf8().c_str()) != 0;
}
inline i64 mql_PositionGetInteger(mql_ENUM_POSITION_PROPERTY_INTEGER p)
{
    return rt::host->integer(static_cast<i32>(of::position), "", 0, p);
}
inline double mql_PositionGetDouble(mql_ENUM_POSITION_PROPERTY_DOUBLE p)
{
    return rt::host->real(static_cast<i32>(of::position), "", 0, p);
}
inline rt::string mql_PositionGetString(mql_ENUM_POSITION_PROPERTY_STRING p)
{
    return rt::text_of(of::position, "", 0, p);
}

/* ---- orders ---- */

inline i32 mql_OrdersTotal() { return static_cast<i32>(rt::call(rt::function::OrdersTotal)); }
inline u64 mql_OrderGetTicket(i32 at) { return static_cast<u64>(rt::call(rt::function::OrderGetTicket, at)); }
inline i64 mql_OrderGetInteger(mql_ENUM_ORDER_PROPERTY_INTEGER p)
{
    return rt::host->integer(static_cast<i32>(of::order), "", 0, p);
}
inline double mql_OrderGetDouble(mql_ENUM_ORDER_PROPERTY_DOUBLE p)
{
    return rt::host->real(static_cast<i32>(of::order), "", 0, p);
}
inline rt::string mql_OrderGetString(mql_ENUM_ORDER_PROPERTY_STRING p) { return rt::text_of(of::order, "", 0, p); }

/* ---- history ---- */

inline bool mql_HistorySelect(i64 from, i64 to) { return rt::call(rt::function::HistorySelect, from, to) != 0; }
inline bool mql_HistorySelectByPosition(i64 position)
{
    return rt::call(rt::function::HistorySelectByPosition, position) != 0;
}
inline i32 mql_HistoryDealsTotal() { return static_cast<i32>(rt::call(rt::function::HistoryDealsTotal)); }
inline u64 mql_HistoryDealGetTicket(i32 at) { return static_cast<u64>(rt::call(rt::function::HistoryDealGetTicket, at)); }
inline i64 mql_HistoryDealGetInteger(u64 ticket, mql_ENUM_DEAL_PROPERTY_INTEGER p)
{
    return rt::host->integer(static_cast<i32>(of::past_deal), "", ticket, p);
}
inline double mql_HistoryDealGetDouble(u64 ticket, mql_ENUM_DEAL_PROPERTY_DOUBLE p)
{
    return rt::host->real(static_cast<i32>(of::past_deal), "", ticket, p);
}
inline rt::string mql_HistoryDealGetString(u64 ticket, mql_ENUM_DEAL_PROPERTY_STRING p)
{
    return rt::text_of(of::past_deal, "", ticket, p);
}
inline i32 mql_HistoryOrdersTotal() { return static_cast<i32>(rt::call(rt::function::HistoryOrdersTotal)); }
inline u64 mql_HistoryOrderGetTicket(i32 at)
{
    return static_cast<u64>(rt::call(rt::function::HistoryOrderGetTicket, at));
}
inline i64 mql_HistoryOrderGetInteger(u64 ticket, mql_ENUM_ORDER_PROPERTY_INTEGER p)
{
    return rt::host->integer(static_cast<i32>(of::past_order), "", ticket, p);
}

/* ---- trade requests ---- */

inline bool mql_OrderSend(const mql_MqlTradeRequest &request, mql_MqlTradeResult &result)
{
    std::string symbol = request.mql_symbol.utf8(), comment = request.mql_comment.utf8();
    rt::trade_request sent = {
        request.mql_action,    request.mql_type,   request.mql_type_filling, request.mql_type_time,
        request.mql_magic,     request.mql_order,  request.mql_position,     request.mql_position_by,
        request.mql_deviation, request.mql_volume, request.mql_price,        request.mql_stoplimit,
        request.mql_sl,        request.mql_tp,     request.mql_expiration,   symbol.c_str(),
        comment.c_str(),
    };
    rt::trade_result answer = {};
    rt::host->order_send(&sent, &answer);
    result = mql_MqlTradeResult{};
    result.mql_retcode = answer.retcode;
    result.mql_deal = answer.deal;
    result.mql_order = answer.order;
    result.mql_volume = answer.volume;
    result.mql_price = answer.price;
    return answer.sent != 0;
}

#endif
