//+------------------------------------------------------------------+
//| LotBridge: an order of the library's becomes a trade request,    |
//| and the trade server's answer a report.                          |
//|                                                                  |
//| The library has decided all: volume, filling, deviation, stops.  |
//| Nothing is sent twice here, whatever the answer.                 |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_EXECUTOR_MQH
#define LOTBRIDGE_EXECUTOR_MQH

#include <LotBridge/Library.mqh>

//--- answers that this side gives itself
#define LB_RETCODE_ERROR   10011
#define LB_RETCODE_INVALID 10013

//+------------------------------------------------------------------+
//| How an order at market is filled                                 |
//+------------------------------------------------------------------+
ENUM_ORDER_TYPE_FILLING LbFilling(const uint filling)
  {
   if(filling == LB_FILLING_IOC)
      return ORDER_FILLING_IOC;
   if(filling == LB_FILLING_RETURN)
      return ORDER_FILLING_RETURN;
   return ORDER_FILLING_FOK;
  }

//+------------------------------------------------------------------+
//| A pending order's type                                           |
//+------------------------------------------------------------------+
ENUM_ORDER_TYPE LbPendingType(const uint side, const uint kind)
  {
   if(side == LB_BUY)
     {
      if(kind == LB_LIMIT_ORDER)
         return ORDER_TYPE_BUY_LIMIT;
      if(kind == LB_STOP_ORDER)
         return ORDER_TYPE_BUY_STOP;
      return ORDER_TYPE_BUY_STOP_LIMIT;
     }
   if(kind == LB_LIMIT_ORDER)
      return ORDER_TYPE_SELL_LIMIT;
   if(kind == LB_STOP_ORDER)
      return ORDER_TYPE_SELL_STOP;
   return ORDER_TYPE_SELL_STOP_LIMIT;
  }

//+------------------------------------------------------------------+
//| How long a pending order waits                                   |
//+------------------------------------------------------------------+
ENUM_ORDER_TYPE_TIME LbExpiration(const uint expiration)
  {
   if(expiration == LB_DAY)
      return ORDER_TIME_DAY;
   if(expiration == LB_SPECIFIED)
      return ORDER_TIME_SPECIFIED;
   if(expiration == LB_SPECIFIED_DAY)
      return ORDER_TIME_SPECIFIED_DAY;
   return ORDER_TIME_GTC;
  }

//+------------------------------------------------------------------+
//| The price that an order at market asks for; false: no quote      |
//+------------------------------------------------------------------+
bool LbMarketPrice(const string symbol, const ENUM_ORDER_TYPE type, double &price)
  {
   MqlTick tick;
   ZeroMemory(tick);
   price = 0.0;
   if(!SymbolInfoTick(symbol, tick))
      return false;
   if(type == ORDER_TYPE_BUY)
      price = tick.ask;
   else
      price = tick.bid;
   return price > 0.0;
  }

//+------------------------------------------------------------------+
//| A close is the opposite order, with the position's ticket: what  |
//| is gone is not opened the other way. A netting account takes the |
//| ticket, too; whether its server holds an order to it that comes  |
//| after the position has gone is not documented                    |
//+------------------------------------------------------------------+
bool LbFillClose(const LbOrder &order, MqlTradeRequest &request, uint &retcode)
  {
   if(!PositionSelectByTicket(order.ticket))
     {
      retcode = TRADE_RETCODE_POSITION_CLOSED;
      return false;
     }
   if(order.lots > PositionGetDouble(POSITION_VOLUME) + LB_LOTS_LEAST)
     {
      retcode = TRADE_RETCODE_INVALID_CLOSE_VOLUME;
      return false;
     }
   if(PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY)
      request.type = ORDER_TYPE_SELL;
   else
      request.type = ORDER_TYPE_BUY;
   request.position = order.ticket;
   return true;
  }

//+------------------------------------------------------------------+
//| An order at market: an open, or a close                          |
//+------------------------------------------------------------------+
bool LbFillDeal(const LbOrder &order, MqlTradeRequest &request, uint &retcode)
  {
   request.action       = TRADE_ACTION_DEAL;
   request.volume       = order.lots;
   request.deviation    = order.deviation_points;
   request.type_filling = LbFilling(order.filling);
   if(order.action == LB_CLOSE)
     {
      if(!LbFillClose(order, request, retcode))
         return false;
     }
   else
     {
      if(order.side == LB_BUY)
         request.type = ORDER_TYPE_BUY;
      else
         request.type = ORDER_TYPE_SELL;
      request.sl = order.stop_loss;
      request.tp = order.take_profit;
     }
   if(!LbMarketPrice(request.symbol, request.type, request.price))
     {
      retcode = TRADE_RETCODE_PRICE_OFF;
      return false;
     }
   return true;
  }

//+------------------------------------------------------------------+
//| Prices and expiration of a pending order                         |
//+------------------------------------------------------------------+
void LbFillTerms(const LbOrder &order, MqlTradeRequest &request)
  {
   request.price      = order.price;
   request.stoplimit  = order.limit_price;
   request.sl         = order.stop_loss;
   request.tp         = order.take_profit;
   request.type_time  = LbExpiration(order.expiration);
   request.expiration = (datetime)(order.expiration_ms / 1000);
  }

//+------------------------------------------------------------------+
//| The trade request; false: nothing to send, `retcode` says why    |
//+------------------------------------------------------------------+
bool LbFillRequest(const LbOrder &order, MqlTradeRequest &request, uint &retcode)
  {
   ZeroMemory(request);
   request.symbol  = LbText(order.symbol);
   request.magic   = order.magic;
   request.comment = LbText(order.comment);
   switch((int)order.action)
     {
      case LB_OPEN:
      case LB_CLOSE:
         return LbFillDeal(order, request, retcode);
      case LB_MODIFY:
         request.action   = TRADE_ACTION_SLTP;
         request.position = order.ticket;
         request.sl       = order.stop_loss;
         request.tp       = order.take_profit;
         return true;
      case LB_PLACE:
         request.action       = TRADE_ACTION_PENDING;
         request.volume       = order.lots;
         request.type         = LbPendingType(order.side, order.kind);
         request.type_filling = ORDER_FILLING_RETURN;
         LbFillTerms(order, request);
         return true;
      case LB_MODIFY_PENDING:
         request.action       = TRADE_ACTION_MODIFY;
         request.order        = order.ticket;
         request.type_filling = ORDER_FILLING_RETURN;
         LbFillTerms(order, request);
         return true;
      case LB_CANCEL:
         request.action = TRADE_ACTION_REMOVE;
         request.order  = order.ticket;
         return true;
     }
   retcode = LB_RETCODE_INVALID;
   return false;
  }

//+------------------------------------------------------------------+
//| The position that an answer is about                             |
//+------------------------------------------------------------------+
ulong LbTicketOf(const LbOrder &order, const MqlTradeResult &answer)
  {
   if(order.action == LB_PLACE)
      return answer.order;
   if(order.action != LB_OPEN)
      return order.ticket;
   if(AccountInfoInteger(ACCOUNT_MARGIN_MODE) == ACCOUNT_MARGIN_MODE_RETAIL_HEDGING)
      return answer.order;
   //--- netting: the one position of the symbol, when it is there already
   if(answer.deal != 0 && PositionSelect(LbText(order.symbol)))
      return (ulong)PositionGetInteger(POSITION_TICKET);
   return answer.order;
  }

//+------------------------------------------------------------------+
//| Sends an order and fills in the report of what came of it        |
//+------------------------------------------------------------------+
void LbExecute(const LbOrder &order, LbResult &report)
  {
   MqlTradeRequest request;
   MqlTradeResult  answer;
   uint            retcode = 0;
   ZeroMemory(report);
   ZeroMemory(answer);
   report.instruction = order.instruction;
   if(!LbFillRequest(order, request, retcode))
     {
      report.retcode = retcode;
      return;
     }
   ResetLastError();
   bool sent = OrderSend(request, answer);
   report.retcode = answer.retcode;
   if(report.retcode == 0)
     {
      //--- no answer of the trade server's: whether it was executed, only the account can tell
      report.retcode = LB_RETCODE_ERROR;
      Print("LotBridge: OrderSend of " + request.symbol + " gave no return code, error " +
            IntegerToString(GetLastError()));
     }
   if(!sent && report.retcode == TRADE_RETCODE_DONE)
      report.retcode = LB_RETCODE_ERROR;
   report.deal  = answer.deal;
   report.lots  = answer.volume;
   report.price = answer.price;
   if(answer.deal != 0 || order.action == LB_PLACE)
      report.ticket = LbTicketOf(order, answer);
   else
      report.ticket = order.ticket;
  }

#endif
