//+------------------------------------------------------------------+
//| LotBridge: the deals of the last days, the evidence of what      |
//| happened to what is gone; and the pending orders of those days.  |
//|                                                                  |
//| History only grows, so what was read is kept and what is new is  |
//| added; from time to time all of it is read anew.                 |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_HISTORY_MQH
#define LOTBRIDGE_HISTORY_MQH

#include <LotBridge/PastOrders.mqh>
#include <LotBridge/Symbols.mqh>

//--- so many days of history are handed over
#define LB_HISTORY_DAYS 3
//--- and what comes in these seconds, thirty days: without quotes the server's last known time stands still
#define LB_HISTORY_AHEAD 2592000
//--- read anew after so many milliseconds
#define LB_HISTORY_WHOLE_MS 30000
//--- the opening deals of at most so many older positions are looked for
#define LB_HISTORY_OLDER_MOST 1000
//--- a terminal that has just started shows its history a moment later: so long it is waited for
#define LB_HISTORY_COMING_MS 60000

class CLbHistory
  {
private:
   datetime          m_from;
   ulong             m_whole_at;
   bool              m_read;
   LbDeal            m_deals[];
   string            m_deal_symbols[];
   int               m_deal_count;
   int               m_deals_seen;
   //--- deals whose symbols were found, and how often all symbols had been forgotten then
   int               m_deals_found;
   uint              m_found_after;
   ulong             m_last_deal;
   CLbPastOrders     m_orders;
   //--- positions in ascending order, and what their deals that are read come to: bought less sold
   ulong             m_ids[];
   double            m_nets[];
   int               m_id_count;
   //--- positions whose deals of before those days are read
   ulong             m_completed[];
   int               m_completed_count;
   //--- since when there is nothing at all; 0: there is something
   ulong             m_coming_since;

   bool              Whole(const datetime now, const datetime since);
   bool              Grow(void);
   bool              AddDeal(const ulong ticket);
   bool              AddDeals(void);
   bool              Note(const ulong position, const double lots);
   int               At(const ulong position);
   double            Net(const ulong position);
   bool              AddOlder(const ulong position);
   void              Trim(void);
   bool              LooksEmpty(void);

public:
   void              Init(void) { m_coming_since = 0; Forget(); }
   void              Forget(void);
   //--- all of it was asked for, and nothing has come yet
   bool              IsComing(void);
   //--- brings it up to date: the last days, or all since a moment before them
   bool              Read(const datetime now, const datetime since);
   //--- the older deals of all positions whose deals of those days are not all
   bool              Complete(const LbPosition &positions[], const int count);
   //--- their symbols; false: one is not there yet
   bool              AddSymbols(CLbSymbols &symbols, string &missing);
   int               HandOver(const ulong handle);
  };

//+------------------------------------------------------------------+
void CLbHistory::Forget(void)
  {
   m_read         = false;
   m_from         = 0;
   m_whole_at     = 0;
   m_deal_count   = 0;
   m_deals_seen   = 0;
   m_deals_found  = 0;
   m_found_after  = 0;
   m_last_deal    = 0;
   m_orders.Forget();
   m_id_count     = 0;
   m_completed_count = 0;
  }

//+------------------------------------------------------------------+
bool CLbHistory::AddDeal(const ulong ticket)
  {
   long type = HistoryDealGetInteger(ticket, DEAL_TYPE);
   if(type != DEAL_TYPE_BUY && type != DEAL_TYPE_SELL)
      return true;
   if(ArrayResize(m_deals, m_deal_count + 1, 256) < 0 || ArrayResize(m_deal_symbols, m_deal_count + 1, 256) < 0)
      return false;
   LbDeal deal;
   string symbol = HistoryDealGetString(ticket, DEAL_SYMBOL);
   ZeroMemory(deal);
   deal.ticket     = ticket;
   deal.position   = (ulong)HistoryDealGetInteger(ticket, DEAL_POSITION_ID);
   deal.magic      = (ulong)HistoryDealGetInteger(ticket, DEAL_MAGIC);
   deal.time_ms    = HistoryDealGetInteger(ticket, DEAL_TIME_MSC);
   deal.lots       = HistoryDealGetDouble(ticket, DEAL_VOLUME);
   deal.price      = HistoryDealGetDouble(ticket, DEAL_PRICE);
   deal.commission = HistoryDealGetDouble(ticket, DEAL_COMMISSION) + HistoryDealGetDouble(ticket, DEAL_FEE);
   deal.swap       = HistoryDealGetDouble(ticket, DEAL_SWAP);
   deal.profit     = HistoryDealGetDouble(ticket, DEAL_PROFIT);
   deal.side       = LB_BUY;
   if(type == DEAL_TYPE_SELL)
      deal.side = LB_SELL;
   switch((ENUM_DEAL_ENTRY)HistoryDealGetInteger(ticket, DEAL_ENTRY))
     {
      case DEAL_ENTRY_IN:
         deal.entry = LB_ENTRY_IN;
         break;
      case DEAL_ENTRY_OUT:
         deal.entry = LB_ENTRY_OUT;
         break;
      case DEAL_ENTRY_INOUT:
         deal.entry = LB_ENTRY_INOUT;
         break;
      case DEAL_ENTRY_OUT_BY:
         deal.entry = LB_ENTRY_OUT_BY;
         break;
      default:
         return true;
     }
   LbPut(symbol, deal.symbol);
   m_deals[m_deal_count]        = deal;
   m_deal_symbols[m_deal_count] = symbol;
   m_deal_count++;
   if(deal.side == LB_BUY)
      return Note(deal.position, deal.lots);
   return Note(deal.position, -deal.lots);
  }

//+------------------------------------------------------------------+
bool CLbHistory::AddDeals(void)
  {
   int total = HistoryDealsTotal();
   for(int i = m_deals_seen; i < total; i++)
     {
      ulong ticket = HistoryDealGetTicket(i);
      if(ticket == 0 || !AddDeal(ticket))
         return false;
      m_last_deal = ticket;
     }
   m_deals_seen = total;
   return true;
  }

//+------------------------------------------------------------------+
bool CLbHistory::Whole(const datetime now, const datetime since)
  {
   Forget();
   m_from = now - LB_HISTORY_DAYS * 86400;
   if(since < m_from)
      m_from = since;
   if(!HistorySelect(m_from, now + LB_HISTORY_AHEAD))
      return false;
   m_whole_at = GetTickCount64();
   if(m_from <= 0 && LooksEmpty())
      return false;
   if(!AddDeals() || !m_orders.Grow())
      return false;
   m_read = true;
   return true;
  }

//+------------------------------------------------------------------+
//| Every account's history begins with its deposit. Where there is  |
//| money and not even that, a terminal that is new on its computer  |
//| has not fetched it yet; after a while it is taken to have been   |
//| cleared by the broker. Shares of a netting account need all of it|
//+------------------------------------------------------------------+
bool CLbHistory::LooksEmpty(void)
  {
   bool hedges = (AccountInfoInteger(ACCOUNT_MARGIN_MODE) == ACCOUNT_MARGIN_MODE_RETAIL_HEDGING);
   if(hedges || HistoryDealsTotal() > 0 || AccountInfoDouble(ACCOUNT_BALANCE) == 0.0)
     {
      m_coming_since = 0;
      return false;
     }
   if(m_coming_since == 0)
      m_coming_since = GetTickCount64();
   return IsComing();
  }

//+------------------------------------------------------------------+
bool CLbHistory::IsComing(void)
  {
   return m_coming_since != 0 && GetTickCount64() - m_coming_since < LB_HISTORY_COMING_MS;
  }

//+------------------------------------------------------------------+
//| Adds what came since; false: it is not the same list any more    |
//+------------------------------------------------------------------+
bool CLbHistory::Grow(void)
  {
   if(HistoryDealsTotal() < m_deals_seen || !m_orders.IsSame())
      return false;
   if(m_deals_seen > 0 && HistoryDealGetTicket(m_deals_seen - 1) != m_last_deal)
      return false;
   return AddDeals() && m_orders.Grow();
  }

//+------------------------------------------------------------------+
bool CLbHistory::Read(const datetime now, const datetime since)
  {
   if(m_read && m_from <= since && GetTickCount64() - m_whole_at < LB_HISTORY_WHOLE_MS)
     {
      m_read = HistorySelect(m_from, now + LB_HISTORY_AHEAD) && Grow();
      if(m_read)
         return true;
     }
   return Whole(now, since);
  }

//+------------------------------------------------------------------+
//| Where a position is, or would be, among those that have deals    |
//+------------------------------------------------------------------+
int CLbHistory::At(const ulong position)
  {
   int low  = 0;
   int high = m_id_count;
   while(low < high)
     {
      int middle = (low + high) / 2;
      if(m_ids[middle] < position)
         low = middle + 1;
      else
         high = middle;
     }
   return low;
  }

//+------------------------------------------------------------------+
bool CLbHistory::Note(const ulong position, const double lots)
  {
   int at = At(position);
   if(at < m_id_count && m_ids[at] == position)
     {
      m_nets[at] += lots;
      return true;
     }
   if(ArrayResize(m_ids, m_id_count + 1, 256) < 0 || ArrayResize(m_nets, m_id_count + 1, 256) < 0)
      return false;
   for(int i = m_id_count; i > at; i--)
     {
      m_ids[i]  = m_ids[i - 1];
      m_nets[i] = m_nets[i - 1];
     }
   m_ids[at]  = position;
   m_nets[at] = lots;
   m_id_count++;
   return true;
  }

//+------------------------------------------------------------------+
double CLbHistory::Net(const ulong position)
  {
   int at = At(position);
   if(at < m_id_count && m_ids[at] == position)
      return m_nets[at];
   return 0.0;
  }

//+------------------------------------------------------------------+
//| Adds a position's deals of before those days                     |
//+------------------------------------------------------------------+
bool CLbHistory::AddOlder(const ulong position)
  {
   for(int i = 0; i < m_completed_count; i++)
     {
      if(m_completed[i] == position)
         return true;
     }
   if(ArrayResize(m_completed, m_completed_count + 1, 256) < 0 || !HistorySelectByPosition(position))
      return false;
   //--- with or without such deals, it is not looked for again
   m_completed[m_completed_count] = position;
   m_completed_count++;
   int total = HistoryDealsTotal();
   for(int i = 0; i < total; i++)
     {
      ulong ticket = HistoryDealGetTicket(i);
      if(ticket == 0 || (HistoryDealGetInteger(ticket, DEAL_TIME) < (long)m_from && !AddDeal(ticket)))
        {
         //--- all is read anew
         m_read = false;
         return false;
        }
     }
   return true;
  }

//+------------------------------------------------------------------+
//| All deals of an open position come to what it holds, those of a  |
//| closed one to nothing; where they do not, some are older         |
//+------------------------------------------------------------------+
bool CLbHistory::Complete(const LbPosition &positions[], const int count)
  {
   for(int i = 0; i < count; i++)
     {
      double held = positions[i].lots;
      if(positions[i].side == LB_SELL)
         held = -held;
      if(MathAbs(Net(positions[i].id) - held) > LB_LOTS_LEAST && !AddOlder(positions[i].id))
         return false;
     }
   for(int i = 0; i < m_id_count; i++)
     {
      //--- deals that were brought in from elsewhere may belong to no position
      if(m_ids[i] == 0 || MathAbs(m_nets[i]) <= LB_LOTS_LEAST)
         continue;
      bool open = false;
      for(int at = 0; at < count && !open; at++)
         open = (positions[at].id == m_ids[i]);
      //--- its deals are added where it stands already
      if(!open && m_completed_count < LB_HISTORY_OLDER_MOST && !AddOlder(m_ids[i]))
         return false;
     }
   return true;
  }

//+------------------------------------------------------------------+
//| Deals of symbols that the broker has no more are left out: those |
//| cannot be traded. Of one that is only not there yet nothing may  |
//| be left out, for a deal that is missing proves that none was made|
//+------------------------------------------------------------------+
bool CLbHistory::AddSymbols(CLbSymbols &symbols, string &missing)
  {
   if(m_found_after != symbols.Forgotten())
      m_deals_found = 0;
   int kept = m_deals_found;
   for(int i = m_deals_found; i < m_deal_count; i++)
     {
      if(symbols.Find(m_deal_symbols[i]) < 0)
        {
         //--- one whose name the library cannot hold was never traded for a copy
         bool holds = LbPut(m_deal_symbols[i], m_deals[i].symbol);
         if(holds && m_deals[i].magic != 0 && SymbolInfoInteger(m_deal_symbols[i], SYMBOL_EXIST) != 0)
           {
            missing = m_deal_symbols[i];
            m_read  = false;
            return false;
           }
         continue;
        }
      if(kept != i)
        {
         m_deals[kept]        = m_deals[i];
         m_deal_symbols[kept] = m_deal_symbols[i];
        }
      kept++;
     }
   m_deal_count  = kept;
   m_deals_found = kept;
   m_found_after = symbols.Forgotten();
   return true;
  }

//+------------------------------------------------------------------+
//| Of too many the newest count                                     |
//+------------------------------------------------------------------+
void CLbHistory::Trim(void)
  {
   int drop = m_deal_count - LB_ITEMS_MOST;
   for(int i = 0; drop > 0 && i < LB_ITEMS_MOST; i++)
     {
      m_deals[i]        = m_deals[i + drop];
      m_deal_symbols[i] = m_deal_symbols[i + drop];
     }
   if(drop > 0)
     {
      m_deal_count  = LB_ITEMS_MOST;
      m_deals_found = LB_ITEMS_MOST;
     }
  }

//+------------------------------------------------------------------+
int CLbHistory::HandOver(const ulong handle)
  {
   int answer = LB_OK;
   Trim();
   if(m_deal_count > 0)
      answer = lb_snapshot_deals(handle, m_deals, (uint)m_deal_count);
   if(answer == LB_OK)
      answer = m_orders.HandOver(handle);
   return answer;
  }

#endif
