//+------------------------------------------------------------------+
//| LotBridge: the terminal's whole state, read and handed over.     |
//|                                                                  |
//| Lists can change while they are read. What is seen to be torn is |
//| read again; what is not seen is made good by the next state.     |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_SNAPSHOT_MQH
#define LOTBRIDGE_SNAPSHOT_MQH

#include <LotBridge/History.mqh>

//--- a state that changes while it is read is read so often
#define LB_READ_TRIES 3
//--- specifications and conversion rates are read anew after so many milliseconds
#define LB_SYMBOLS_EVERY_MS 10000
//--- this side's own answer: the terminal's lists changed under the reader, try again
#define LB_TORN (-1000)
//--- a terminal is told of after so many milliseconds of it
#define LB_TORN_MS 3000
//--- a symbol that Market Watch has just been made to show may have no specification for so long
#define LB_WANTED_MS 2000
//--- a terminal that has just connected shows its positions a moment after its margin: so long they are waited for
#define LB_COMING_MS 10000

class CLbSnapshot
  {
private:
   bool              m_master;
   LbAccount         m_account;
   LbPosition        m_positions[];
   string            m_position_symbols[];
   int               m_position_count;
   LbPendingOrder    m_orders[];
   int               m_order_count;
   CLbSymbols        m_symbols;
   CLbHistory        m_history;
   datetime          m_since;
   ulong             m_symbols_at;
   bool              m_symbols_read;
   //--- a symbol that should be there and is not
   string            m_missing;
   //--- a symbol that was asked for and has no specification yet, and since when
   string            m_wanted;
   ulong             m_wanted_since;
   //--- a symbol whose name the library cannot hold
   string            m_too_long;
   ulong             m_torn_since;
   //--- since when margin is held for nothing that is shown; 0: it is not
   ulong             m_coming_since;

   bool              IsComing(void);
   bool              HasWanted(void);
   bool              ReadAccount(const datetime now);
   bool              ReadPositions(void);
   bool              ReadPosition(const ulong ticket);
   bool              ReadOrders(void);
   bool              ReadOrderKind(LbPendingOrder &order);
   bool              ReadOrder(const ulong ticket);
   bool              ReadHistory(const datetime now);
   bool              ReadSymbols(void);
   int               Send(const ulong handle);

public:
   void              Init(const bool master);
   //--- deals are handed over since then, or of more days
   void              SetSince(const datetime since) { m_since = since; }
   //--- the master trades it: Market Watch is to show it from now on
   void              Want(const string symbol);
   //--- hands over all but the commit; LB_OK, LB_TORN or the library's code
   int               HandOver(const ulong handle);
   //--- the same, of a terminal that is cut off: the account alone, since what its lists show proves nothing
   int               HandOverCutOff(const ulong handle);
   string            Trouble(void);
   double            Equity(void) { return m_account.equity; }
   int               Positions(void) { return m_position_count; }
  };

//+------------------------------------------------------------------+
void CLbSnapshot::Init(const bool master)
  {
   m_master         = master;
   m_position_count = 0;
   m_order_count    = 0;
   m_since          = TimeCurrent();
   m_symbols_at     = 0;
   m_symbols_read   = false;
   m_missing        = "";
   m_too_long       = "";
   m_torn_since     = 0;
   m_coming_since   = 0;
   m_wanted         = "";
   ZeroMemory(m_account);
   m_symbols.Forget();
   m_history.Init();
  }

//+------------------------------------------------------------------+
bool CLbSnapshot::ReadAccount(const datetime now)
  {
   ZeroMemory(m_account);
   m_account.login           = (ulong)AccountInfoInteger(ACCOUNT_LOGIN);
   m_account.time_ms         = (long)now * 1000;
   m_account.balance         = AccountInfoDouble(ACCOUNT_BALANCE);
   m_account.equity          = AccountInfoDouble(ACCOUNT_EQUITY);
   m_account.margin          = AccountInfoDouble(ACCOUNT_MARGIN);
   m_account.free_margin     = AccountInfoDouble(ACCOUNT_MARGIN_FREE);
   m_account.leverage        = (uint)AccountInfoInteger(ACCOUNT_LEVERAGE);
   m_account.currency_digits = (uint)AccountInfoInteger(ACCOUNT_CURRENCY_DIGITS);
   m_account.margin_mode     = LB_NETTING;
   if(AccountInfoInteger(ACCOUNT_MARGIN_MODE) == ACCOUNT_MARGIN_MODE_RETAIL_HEDGING)
      m_account.margin_mode = LB_HEDGING;
   m_account.connected = 0;
   if(TerminalInfoInteger(TERMINAL_CONNECTED) != 0)
      m_account.connected = 1;
   return LbPut(AccountInfoString(ACCOUNT_CURRENCY), m_account.currency);
  }

//+------------------------------------------------------------------+
//| Is margin held, and nothing there yet that it is held for?       |
//+------------------------------------------------------------------+
bool CLbSnapshot::IsComing(void)
  {
   if(m_account.margin <= 0.0 || m_position_count > 0 || OrdersTotal() > 0)
     {
      m_coming_since = 0;
      return false;
     }
   if(m_coming_since == 0)
      m_coming_since = GetTickCount64();
   return GetTickCount64() - m_coming_since < LB_COMING_MS;
  }

//+------------------------------------------------------------------+
//| Takes up the position that is selected                           |
//+------------------------------------------------------------------+
bool CLbSnapshot::ReadPosition(const ulong ticket)
  {
   LbPosition position;
   string     symbol = PositionGetString(POSITION_SYMBOL);
   ZeroMemory(position);
   position.id           = (ulong)PositionGetInteger(POSITION_IDENTIFIER);
   position.ticket       = ticket;
   position.magic        = (ulong)PositionGetInteger(POSITION_MAGIC);
   position.open_time_ms = PositionGetInteger(POSITION_TIME_MSC);
   position.lots         = PositionGetDouble(POSITION_VOLUME);
   position.open_price   = PositionGetDouble(POSITION_PRICE_OPEN);
   position.stop_loss    = PositionGetDouble(POSITION_SL);
   position.take_profit  = PositionGetDouble(POSITION_TP);
   position.side         = LB_BUY;
   if(PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_SELL)
      position.side = LB_SELL;
   LbPut(PositionGetString(POSITION_COMMENT), position.comment);
   if(!LbPut(symbol, position.symbol))
     {
      m_too_long = symbol;
      return false;
     }
   if(position.id == 0 || position.lots <= 0.0)
      return false;
   m_positions[m_position_count]        = position;
   m_position_symbols[m_position_count] = symbol;
   m_position_count++;
   return true;
  }

//+------------------------------------------------------------------+
bool CLbSnapshot::ReadPositions(void)
  {
   int total = PositionsTotal();
   m_position_count = 0;
   if(ArrayResize(m_positions, total, 64) < 0 || ArrayResize(m_position_symbols, total, 64) < 0)
      return false;
   for(int i = 0; i < total; i++)
     {
      ulong ticket = PositionGetTicket(i);
      if(ticket == 0 || !ReadPosition(ticket))
         return false;
     }
   return PositionsTotal() == total;
  }

//+------------------------------------------------------------------+
//| Which way the selected order goes, and what it waits for; false: |
//| it is none that opens or closes by itself                        |
//+------------------------------------------------------------------+
bool CLbSnapshot::ReadOrderKind(LbPendingOrder &order)
  {
   switch((ENUM_ORDER_TYPE)OrderGetInteger(ORDER_TYPE))
     {
      case ORDER_TYPE_BUY_LIMIT:
         order.side = LB_BUY;
         order.kind = LB_LIMIT_ORDER;
         break;
      case ORDER_TYPE_SELL_LIMIT:
         order.side = LB_SELL;
         order.kind = LB_LIMIT_ORDER;
         break;
      case ORDER_TYPE_BUY_STOP:
         order.side = LB_BUY;
         order.kind = LB_STOP_ORDER;
         break;
      case ORDER_TYPE_SELL_STOP:
         order.side = LB_SELL;
         order.kind = LB_STOP_ORDER;
         break;
      case ORDER_TYPE_BUY_STOP_LIMIT:
         order.side = LB_BUY;
         order.kind = LB_STOP_LIMIT_ORDER;
         break;
      case ORDER_TYPE_SELL_STOP_LIMIT:
         order.side = LB_SELL;
         order.kind = LB_STOP_LIMIT_ORDER;
         break;
      case ORDER_TYPE_BUY:
         order.side = LB_BUY;
         order.kind = LB_MARKET_ORDER;
         break;
      case ORDER_TYPE_SELL:
         order.side = LB_SELL;
         order.kind = LB_MARKET_ORDER;
         break;
      default:
         //--- a close by an opposite position
         return false;
     }
   return true;
  }

//+------------------------------------------------------------------+
//| Takes up the order that is selected: one that waits, or one at   |
//| market that the trade server still works on                      |
//+------------------------------------------------------------------+
bool CLbSnapshot::ReadOrder(const ulong ticket)
  {
   LbPendingOrder order;
   ZeroMemory(order);
   if(!ReadOrderKind(order))
      return true;
   switch((ENUM_ORDER_TYPE_TIME)OrderGetInteger(ORDER_TYPE_TIME))
     {
      case ORDER_TIME_DAY:
         order.expiration = LB_DAY;
         break;
      case ORDER_TIME_SPECIFIED:
         order.expiration    = LB_SPECIFIED;
         order.expiration_ms = OrderGetInteger(ORDER_TIME_EXPIRATION) * 1000;
         break;
      case ORDER_TIME_SPECIFIED_DAY:
         order.expiration    = LB_SPECIFIED_DAY;
         order.expiration_ms = OrderGetInteger(ORDER_TIME_EXPIRATION) * 1000;
         break;
      default:
         order.expiration = LB_GTC;
         break;
     }
   order.ticket    = ticket;
   order.magic     = (ulong)OrderGetInteger(ORDER_MAGIC);
   order.placed_ms = OrderGetInteger(ORDER_TIME_SETUP_MSC);
   order.lots      = OrderGetDouble(ORDER_VOLUME_CURRENT);
   order.price     = OrderGetDouble(ORDER_PRICE_OPEN);
   if(order.kind == LB_STOP_LIMIT_ORDER)
      order.limit_price = OrderGetDouble(ORDER_PRICE_STOPLIMIT);
   order.stop_loss   = OrderGetDouble(ORDER_SL);
   order.take_profit = OrderGetDouble(ORDER_TP);
   LbPut(OrderGetString(ORDER_COMMENT), order.comment);
   string symbol = OrderGetString(ORDER_SYMBOL);
   //--- nothing is left of it: it is over in a moment
   if(order.kind == LB_MARKET_ORDER && order.lots <= 0.0)
      return true;
   if(!LbPut(symbol, order.symbol))
     {
      m_too_long = symbol;
      return false;
     }
   if(order.lots <= 0.0)
      return false;
   if(order.price <= 0.0 && order.kind != LB_MARKET_ORDER)
      return false;
   if(m_symbols.Find(symbol) < 0)
     {
      m_missing = symbol;
      return false;
     }
   m_orders[m_order_count] = order;
   m_order_count++;
   return true;
  }

//+------------------------------------------------------------------+
bool CLbSnapshot::ReadOrders(void)
  {
   int total = OrdersTotal();
   m_order_count = 0;
   if(ArrayResize(m_orders, total, 64) < 0)
      return false;
   for(int i = 0; i < total; i++)
     {
      ulong ticket = OrderGetTicket(i);
      if(ticket == 0 || !ReadOrder(ticket))
         return false;
     }
   return OrdersTotal() == total;
  }

//+------------------------------------------------------------------+
bool CLbSnapshot::ReadHistory(const datetime now)
  {
   if(!m_history.Read(now, m_since))
      return false;
   return m_history.Complete(m_positions, m_position_count);
  }

//+------------------------------------------------------------------+
//| A slave may be told to trade what its Market Watch shows         |
//+------------------------------------------------------------------+
bool CLbSnapshot::ReadSymbols(void)
  {
   if(!m_symbols_read || GetTickCount64() - m_symbols_at >= LB_SYMBOLS_EVERY_MS)
     {
      m_symbols.Forget();
      if(!m_master)
         m_symbols.AddMarketWatch();
      m_symbols.ReadRates();
      m_symbols_at   = GetTickCount64();
      m_symbols_read = true;
     }
   for(int i = 0; i < m_position_count; i++)
     {
      if(m_symbols.Find(m_position_symbols[i]) < 0)
        {
         m_missing = m_position_symbols[i];
         return false;
        }
     }
   return true;
  }

//+------------------------------------------------------------------+
void CLbSnapshot::Want(const string symbol)
  {
   if(StringLen(symbol) == 0)
      return;
   m_wanted       = symbol;
   m_wanted_since = GetTickCount64();
  }

//+------------------------------------------------------------------+
//| A state without it says that the broker does not offer it        |
//+------------------------------------------------------------------+
bool CLbSnapshot::HasWanted(void)
  {
   if(StringLen(m_wanted) == 0)
      return true;
   if(m_symbols.Find(m_wanted) < 0 && SymbolSelect(m_wanted, true) &&
      GetTickCount64() - m_wanted_since < LB_WANTED_MS)
      return false;
   m_wanted = "";
   return true;
  }

//+------------------------------------------------------------------+
int CLbSnapshot::Send(const ulong handle)
  {
   int answer = lb_snapshot_begin(handle, m_account);
   if(answer == LB_OK)
      answer = m_symbols.HandOver(handle);
   if(answer == LB_OK && m_position_count > 0)
      answer = lb_snapshot_positions(handle, m_positions, (uint)m_position_count);
   if(answer == LB_OK && m_order_count > 0)
      answer = lb_snapshot_orders(handle, m_orders, (uint)m_order_count);
   if(answer == LB_OK)
      answer = m_history.HandOver(handle);
   return answer;
  }

//+------------------------------------------------------------------+
int CLbSnapshot::HandOver(const ulong handle)
  {
   m_missing  = "";
   m_too_long = "";
   if(!HasWanted())
      return LB_TORN;
   for(int i = 0; i < LB_READ_TRIES; i++)
     {
      datetime now = TimeCurrent();
      //--- what is gone from the lists is in the history that is read after them
      if(!ReadPositions() || !ReadSymbols() || !ReadOrders() || !ReadHistory(now) || !ReadAccount(now))
         continue;
      if(IsComing() || !m_history.AddSymbols(m_symbols, m_missing))
         continue;
      m_symbols.ReadQuotes();
      m_torn_since = 0;
      return Send(handle);
     }
   if(m_torn_since == 0)
      m_torn_since = GetTickCount64();
   return LB_TORN;
  }

//+------------------------------------------------------------------+
int CLbSnapshot::HandOverCutOff(const ulong handle)
  {
   //--- what is missed meanwhile may come in any order, and the positions after their margin
   m_history.Init();
   m_coming_since = 0;
   m_torn_since   = 0;
   if(!ReadAccount(TimeCurrent()))
      return LB_TORN;
   m_account.connected = 0;
   return lb_snapshot_begin(handle, m_account);
  }

//+------------------------------------------------------------------+
//| What keeps the state from being read for longer than a moment    |
//+------------------------------------------------------------------+
string CLbSnapshot::Trouble(void)
  {
   if(m_torn_since == 0 || GetTickCount64() - m_torn_since < LB_TORN_MS)
      return "";
   if(StringLen(m_too_long) > 0)
      return "The name " + m_too_long + " is longer than 31 bytes, and nothing is followed while it is held: " +
             "close its positions and orders.";
   if(StringLen(m_missing) > 0)
      return "The specification of " + m_missing + " is not there: show the symbol in Market Watch.";
   if(m_history.IsComing())
      return "The account's history has not come yet: show All History in the Toolbox, tab History. It is waited for a minute.";
   return "The terminal's lists of positions, orders and deals cannot be read: restart the terminal.";
  }

#endif
