//+------------------------------------------------------------------+
//| LotBridge: symbol specifications and conversion rates.           |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_SYMBOLS_MQH
#define LOTBRIDGE_SYMBOLS_MQH

#include <LotBridge/Library.mqh>

//--- conversion rates: more pairs than any broker's Market Watch has
#define LB_RATES_MOST 1000

//+------------------------------------------------------------------+
//| What may be traded                                               |
//+------------------------------------------------------------------+
uint LbTradeMode(const string symbol)
  {
   switch((ENUM_SYMBOL_TRADE_MODE)SymbolInfoInteger(symbol, SYMBOL_TRADE_MODE))
     {
      case SYMBOL_TRADE_MODE_FULL:
         return LB_TRADE_FULL;
      case SYMBOL_TRADE_MODE_LONGONLY:
         return LB_TRADE_LONG_ONLY;
      case SYMBOL_TRADE_MODE_SHORTONLY:
         return LB_TRADE_SHORT_ONLY;
      case SYMBOL_TRADE_MODE_CLOSEONLY:
         return LB_TRADE_CLOSE_ONLY;
      case SYMBOL_TRADE_MODE_DISABLED:
         return LB_TRADE_DISABLED;
     }
   return LB_TRADE_DISABLED;
  }

//+------------------------------------------------------------------+
//| How orders are executed                                          |
//+------------------------------------------------------------------+
uint LbExecutionMode(const string symbol)
  {
   switch((ENUM_SYMBOL_TRADE_EXECUTION)SymbolInfoInteger(symbol, SYMBOL_TRADE_EXEMODE))
     {
      case SYMBOL_TRADE_EXECUTION_REQUEST:
         return LB_EXECUTION_REQUEST;
      case SYMBOL_TRADE_EXECUTION_INSTANT:
         return LB_EXECUTION_INSTANT;
      case SYMBOL_TRADE_EXECUTION_MARKET:
         return LB_EXECUTION_MARKET;
      case SYMBOL_TRADE_EXECUTION_EXCHANGE:
         return LB_EXECUTION_EXCHANGE;
     }
   return LB_EXECUTION_MARKET;
  }

//+------------------------------------------------------------------+
//| A number that the library takes as it is                         |
//+------------------------------------------------------------------+
double LbAmount(const double value)
  {
   if(!MathIsValidNumber(value) || value < 0.0)
      return 0.0;
   return value;
  }

//+------------------------------------------------------------------+
//| What does not change while the terminal runs, mostly. False: a   |
//| symbol that nothing can be traded by                             |
//+------------------------------------------------------------------+
bool LbReadSpecification(const string symbol, LbInstrument &item)
  {
   ZeroMemory(item);
   if(!LbPut(symbol, item.symbol) || item.symbol[0] == 0)
      return false;
   item.digits              = (uint)SymbolInfoInteger(symbol, SYMBOL_DIGITS);
   item.stops_level_points  = (uint)SymbolInfoInteger(symbol, SYMBOL_TRADE_STOPS_LEVEL);
   item.freeze_level_points = (uint)SymbolInfoInteger(symbol, SYMBOL_TRADE_FREEZE_LEVEL);
   item.filling_modes       = (uint)SymbolInfoInteger(symbol, SYMBOL_FILLING_MODE);
   item.expiration_modes    = (uint)SymbolInfoInteger(symbol, SYMBOL_EXPIRATION_MODE);
   item.contract_size       = LbAmount(SymbolInfoDouble(symbol, SYMBOL_TRADE_CONTRACT_SIZE));
   item.tick_size           = LbAmount(SymbolInfoDouble(symbol, SYMBOL_TRADE_TICK_SIZE));
   item.lots_min            = LbAmount(SymbolInfoDouble(symbol, SYMBOL_VOLUME_MIN));
   item.lots_max            = LbAmount(SymbolInfoDouble(symbol, SYMBOL_VOLUME_MAX));
   item.lot_step            = LbAmount(SymbolInfoDouble(symbol, SYMBOL_VOLUME_STEP));
   item.volume_limit        = LbAmount(SymbolInfoDouble(symbol, SYMBOL_VOLUME_LIMIT));
   item.execution           = LbExecutionMode(symbol);
   return item.digits <= 8 && item.contract_size >= 0.00000001 && item.lot_step >= 0.00000001;
  }

//+------------------------------------------------------------------+
//| What moves with the market                                       |
//+------------------------------------------------------------------+
void LbReadQuote(const string symbol, LbInstrument &item)
  {
   MqlTick tick;
   double  margin = 0.0;
   ZeroMemory(tick);
   item.bid = 0.0;
   item.ask = 0.0;
   if(SymbolInfoTick(symbol, tick))
     {
      item.bid = LbAmount(tick.bid);
      item.ask = LbAmount(tick.ask);
     }
   item.trade_mode     = LbTradeMode(symbol);
   item.tick_value     = LbAmount(SymbolInfoDouble(symbol, SYMBOL_TRADE_TICK_VALUE));
   item.margin_per_lot = 0.0;
   if(item.ask > 0.0 && OrderCalcMargin(ORDER_TYPE_BUY, symbol, 1.0, item.ask, margin))
      item.margin_per_lot = LbAmount(margin);
  }

//+------------------------------------------------------------------+
//| A currency pair's rate; false: it is none, or has no quote       |
//+------------------------------------------------------------------+
bool LbReadRate(const string symbol, LbRate &item)
  {
   ENUM_SYMBOL_CALC_MODE mode = (ENUM_SYMBOL_CALC_MODE)SymbolInfoInteger(symbol, SYMBOL_TRADE_CALC_MODE);
   if(mode != SYMBOL_CALC_MODE_FOREX && mode != SYMBOL_CALC_MODE_FOREX_NO_LEVERAGE)
      return false;
   MqlTick tick;
   ZeroMemory(tick);
   ZeroMemory(item);
   if(!SymbolInfoTick(symbol, tick))
      return false;
   item.rate = LbAmount(tick.bid);
   if(item.rate < 0.00000001)
      return false;
   bool whole = LbPut(SymbolInfoString(symbol, SYMBOL_CURRENCY_BASE), item.from) &&
                LbPut(SymbolInfoString(symbol, SYMBOL_CURRENCY_PROFIT), item.to);
   return whole && item.from[0] != 0 && item.to[0] != 0;
  }

//+------------------------------------------------------------------+
//| The symbols of one state                                         |
//+------------------------------------------------------------------+
class CLbSymbols
  {
private:
   string            m_names[];
   LbInstrument      m_items[];
   int               m_count;
   int               m_last;
   uint              m_forgotten;
   LbRate            m_rates[];
   int               m_rate_count;

   bool              HasRate(const LbRate &rate);

public:
   //--- forgets all specifications: they are read anew
   void              Forget(void);
   //--- how often that was: what was found before is not there any more
   uint              Forgotten(void) { return m_forgotten; }
   //--- where a symbol is in this state, read when it is new; -1: unusable
   int               Find(const string symbol);
   //--- all that Market Watch shows
   void              AddMarketWatch(void);
   //--- the pairs that Market Watch shows
   void              ReadRates(void);
   //--- quotes of all symbols
   void              ReadQuotes(void);
   int               Count(void) { return m_count; }
   int               HandOver(const ulong handle);
  };

//+------------------------------------------------------------------+
void CLbSymbols::Forget(void)
  {
   m_count      = 0;
   m_last       = 0;
   m_rate_count = 0;
   m_forgotten++;
   ArrayResize(m_names, 0, 64);
   ArrayResize(m_items, 0, 64);
   ArrayResize(m_rates, 0, 64);
  }

//+------------------------------------------------------------------+
int CLbSymbols::Find(const string symbol)
  {
   if(m_last < m_count && m_names[m_last] == symbol)
      return m_last;
   for(int i = 0; i < m_count; i++)
     {
      if(m_names[i] == symbol)
        {
         m_last = i;
         return i;
        }
     }
   if(m_count >= LB_ITEMS_MOST)
      return -1;
   LbInstrument item;
   //--- its quotes come only while Market Watch shows it
   if(!SymbolSelect(symbol, true) || !LbReadSpecification(symbol, item))
      return -1;
   if(ArrayResize(m_names, m_count + 1, 64) < 0 || ArrayResize(m_items, m_count + 1, 64) < 0)
      return -1;
   m_names[m_count] = symbol;
   m_items[m_count] = item;
   m_last           = m_count;
   m_count++;
   return m_last;
  }

//+------------------------------------------------------------------+
void CLbSymbols::AddMarketWatch(void)
  {
   int total = SymbolsTotal(true);
   for(int i = 0; i < total; i++)
     {
      string name = SymbolName(i, true);
      if(StringLen(name) > 0)
         Find(name);
     }
  }

//+------------------------------------------------------------------+
bool CLbSymbols::HasRate(const LbRate &rate)
  {
   string from = LbText(rate.from);
   string to   = LbText(rate.to);
   for(int i = 0; i < m_rate_count; i++)
     {
      if(LbText(m_rates[i].from) == from && LbText(m_rates[i].to) == to)
         return true;
     }
   return false;
  }

//+------------------------------------------------------------------+
void CLbSymbols::ReadRates(void)
  {
   int total = SymbolsTotal(true);
   m_rate_count = 0;
   for(int i = 0; i < total && m_rate_count < LB_RATES_MOST; i++)
     {
      LbRate rate;
      if(!LbReadRate(SymbolName(i, true), rate) || HasRate(rate))
         continue;
      if(ArrayResize(m_rates, m_rate_count + 1, 64) < 0)
         return;
      m_rates[m_rate_count] = rate;
      m_rate_count++;
     }
  }

//+------------------------------------------------------------------+
void CLbSymbols::ReadQuotes(void)
  {
   for(int i = 0; i < m_count; i++)
      LbReadQuote(m_names[i], m_items[i]);
  }

//+------------------------------------------------------------------+
int CLbSymbols::HandOver(const ulong handle)
  {
   int answer = LB_OK;
   if(m_count > 0)
      answer = lb_snapshot_instruments(handle, m_items, (uint)m_count);
   if(answer == LB_OK && m_rate_count > 0)
      answer = lb_snapshot_rates(handle, m_rates, (uint)m_rate_count);
   return answer;
  }

#endif
