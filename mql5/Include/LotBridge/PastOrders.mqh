//+------------------------------------------------------------------+
//| LotBridge: the pending orders that wait no more, the evidence of |
//| what became of them. The history is selected by who owns this.   |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_PAST_ORDERS_MQH
#define LOTBRIDGE_PAST_ORDERS_MQH

#include <LotBridge/Library.mqh>

class CLbPastOrders
  {
private:
   LbPastOrder       m_orders[];
   int               m_count;
   int               m_seen;
   ulong             m_last;

   bool              Add(const ulong ticket);

public:
   void              Forget(void);
   //--- is what was read of the list still there?
   bool              IsSame(void);
   //--- adds what came since
   bool              Grow(void);
   int               HandOver(const ulong handle);
  };

//+------------------------------------------------------------------+
void CLbPastOrders::Forget(void)
  {
   m_count = 0;
   m_seen  = 0;
   m_last  = 0;
  }

//+------------------------------------------------------------------+
bool CLbPastOrders::Add(const ulong ticket)
  {
   switch((ENUM_ORDER_TYPE)HistoryOrderGetInteger(ticket, ORDER_TYPE))
     {
      case ORDER_TYPE_BUY_LIMIT:
      case ORDER_TYPE_SELL_LIMIT:
      case ORDER_TYPE_BUY_STOP:
      case ORDER_TYPE_SELL_STOP:
      case ORDER_TYPE_BUY_STOP_LIMIT:
      case ORDER_TYPE_SELL_STOP_LIMIT:
         break;
      default:
         return true;
     }
   LbPastOrder order;
   ZeroMemory(order);
   switch((ENUM_ORDER_STATE)HistoryOrderGetInteger(ticket, ORDER_STATE))
     {
      case ORDER_STATE_FILLED:
         order.end = LB_END_FILLED;
         break;
      case ORDER_STATE_CANCELED:
         order.end = LB_END_CANCELLED;
         break;
      case ORDER_STATE_PARTIAL:
         //--- cancelled after a part of it was filled, or about to be filled whole
         if(HistoryOrderGetInteger(ticket, ORDER_TIME_DONE_MSC) <= 0)
            return true;
         order.end = LB_END_CANCELLED;
         break;
      case ORDER_STATE_EXPIRED:
         order.end = LB_END_EXPIRED;
         break;
      case ORDER_STATE_REJECTED:
         order.end = LB_END_REJECTED;
         break;
      default:
         //--- still on its way into the history: it proves nothing until all is read anew
         return true;
     }
   if(ArrayResize(m_orders, m_count + 1, 256) < 0)
      return false;
   order.ticket   = ticket;
   order.position = (ulong)HistoryOrderGetInteger(ticket, ORDER_POSITION_ID);
   order.magic    = (ulong)HistoryOrderGetInteger(ticket, ORDER_MAGIC);
   order.time_ms  = HistoryOrderGetInteger(ticket, ORDER_TIME_DONE_MSC);
   m_orders[m_count] = order;
   m_count++;
   return true;
  }

//+------------------------------------------------------------------+
bool CLbPastOrders::IsSame(void)
  {
   if(HistoryOrdersTotal() < m_seen)
      return false;
   return m_seen == 0 || HistoryOrderGetTicket(m_seen - 1) == m_last;
  }

//+------------------------------------------------------------------+
bool CLbPastOrders::Grow(void)
  {
   int total = HistoryOrdersTotal();
   for(int i = m_seen; i < total; i++)
     {
      ulong ticket = HistoryOrderGetTicket(i);
      if(ticket == 0 || !Add(ticket))
         return false;
      m_last = ticket;
     }
   m_seen = total;
   return true;
  }

//+------------------------------------------------------------------+
//| Of too many the newest                                           |
//+------------------------------------------------------------------+
int CLbPastOrders::HandOver(const ulong handle)
  {
   int drop = m_count - LB_ITEMS_MOST;
   for(int i = 0; drop > 0 && i < LB_ITEMS_MOST; i++)
      m_orders[i] = m_orders[i + drop];
   if(drop > 0)
      m_count = LB_ITEMS_MOST;
   if(m_count == 0)
      return LB_OK;
   return lb_snapshot_past_orders(handle, m_orders, (uint)m_count);
  }

#endif
