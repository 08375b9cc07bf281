//+------------------------------------------------------------------+
//| LotBridge: what was done of the last orders, for the panel.      |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_LAST_ORDERS_MQH
#define LOTBRIDGE_LAST_ORDERS_MQH

#include <LotBridge/Library.mqh>

//--- so many orders are kept
#define LB_LAST_MOST 6

//+------------------------------------------------------------------+
//| What was done of an order, in a few words                        |
//+------------------------------------------------------------------+
string LbDeed(const LbOrder &order)
  {
   string side = "buy ";
   if(order.side == LB_SELL)
      side = "sell ";
   switch((int)order.action)
     {
      case LB_OPEN:
         return side + DoubleToString(order.lots, 2);
      case LB_CLOSE:
         return "close " + DoubleToString(order.lots, 2);
      case LB_MODIFY:
         return "stops";
      case LB_PLACE:
         return "place " + side + DoubleToString(order.lots, 2);
      case LB_MODIFY_PENDING:
         return "change order";
      case LB_CANCEL:
         return "cancel order";
     }
   return "unknown";
  }

//+------------------------------------------------------------------+
//| The last orders, a line each, the latest last                    |
//+------------------------------------------------------------------+
class CLbLastOrders
  {
private:
   string            m_text;
   int               m_count;
   ulong             m_lag_us;

public:
   void              Forget(void);
   void              Add(const LbOrder &order, const LbResult &report);
   string            Text(void) { return m_text; }
   //--- from the master's change to the last order, microseconds
   ulong             LagUs(void) { return m_lag_us; }
  };

//+------------------------------------------------------------------+
void CLbLastOrders::Forget(void)
  {
   m_text   = "";
   m_count  = 0;
   m_lag_us = 0;
  }

//+------------------------------------------------------------------+
void CLbLastOrders::Add(const LbOrder &order, const LbResult &report)
  {
   string line = LbText(order.symbol) + " " + LbDeed(order) + ": " + IntegerToString(report.retcode) + ", " +
                 IntegerToString((long)(order.age_us / 1000)) + " ms";
   m_lag_us = order.age_us;
   if(m_count >= LB_LAST_MOST)
     {
      int end = StringFind(m_text, "\n");
      m_text  = StringSubstr(m_text, end + 1);
      m_count--;
     }
   if(m_count > 0)
      m_text = m_text + "\n";
   m_text = m_text + line;
   m_count++;
  }

#endif
