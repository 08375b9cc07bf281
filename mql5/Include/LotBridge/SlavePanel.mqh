//+------------------------------------------------------------------+
//| LotBridge: a slave's panel: how its account stands, and buttons  |
//| for its owner.                                                   |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_SLAVE_PANEL_MQH
#define LOTBRIDGE_SLAVE_PANEL_MQH

#include <LotBridge/Checks.mqh>
#include <LotBridge/LastOrders.mqh>
#include <LotBridge/Panel.mqh>

//--- it is drawn anew this often
#define LB_SLAVE_PANEL_MS 500
//--- its buttons
#define LB_SLAVE_PAUSE 0
#define LB_SLAVE_GO_ON 1
#define LB_SLAVE_REARM 2
#define LB_SLAVE_CLOSE 3

class CLbSlavePanel
  {
private:
   CLbPanel          m_panel;
   ulong             m_drawn_at;

   string            GuardText(const uint guard);
   void              Status(const ulong handle, CLbLastOrders &last);

public:
   void              Init(void);
   void              Clear(void) { m_panel.Clear(); }
   //--- something new is to be seen
   void              Soon(void) { m_drawn_at = 0; }
   //--- does what the button that was pressed says; the library's answer, LB_EMPTY: none was
   int               Press(const ulong handle, const bool heard);
   void              Draw(const ulong handle, const string shown, CLbLastOrders &last);
  };

//+------------------------------------------------------------------+
void CLbSlavePanel::Init(void)
  {
   m_drawn_at = 0;
   m_panel.Init("LotBridgeSlave.");
   m_panel.Button("Pause");
   m_panel.Button("Go on");
   m_panel.Button("Re-arm");
   m_panel.Button("Close all copies");
  }

//+------------------------------------------------------------------+
//| What an account's guards do                                      |
//+------------------------------------------------------------------+
string CLbSlavePanel::GuardText(const uint guard)
  {
   if(guard == LB_GUARD_SKIP_OPENS)
      return "nothing is opened";
   if(guard == LB_GUARD_CLOSE_ONLY)
      return "nothing is opened, no stop loss moved away";
   if(guard == LB_GUARD_CLOSE_ALL)
      return "every copy is closed";
   return "armed";
  }

//+------------------------------------------------------------------+
int CLbSlavePanel::Press(const ulong handle, const bool heard)
  {
   int button = m_panel.Pressed(heard);
   if(button < 0 || handle == 0)
      return LB_EMPTY;
   int answer = LB_OK;
   switch(button)
     {
      case LB_SLAVE_PAUSE:
         answer = lb_slave_by_hand(handle, LB_GUARD_SKIP_OPENS);
         break;
      case LB_SLAVE_GO_ON:
         answer = lb_slave_by_hand(handle, LB_GUARD_ARMED);
         break;
      case LB_SLAVE_REARM:
         if(m_panel.IsSure(button))
            answer = lb_slave_rearm(handle);
         break;
      case LB_SLAVE_CLOSE:
         if(m_panel.IsSure(button))
            answer = lb_slave_by_hand(handle, LB_GUARD_CLOSE_ALL);
         break;
     }
   Soon();
   return answer;
  }

//+------------------------------------------------------------------+
//| How it stands, as the library says                               |
//+------------------------------------------------------------------+
void CLbSlavePanel::Status(const ulong handle, CLbLastOrders &last)
  {
   LbSlaveStatus status;
   int answer = lb_slave_status(handle, status);
   if(answer != LB_OK)
     {
      m_panel.Line(LbLastError(answer));
      return;
     }
   if(status.connected == 1)
      m_panel.Line("Connected, last order after " + IntegerToString((long)last.LagUs()) + " us");
   else
      m_panel.Line("Not connected with the master");
   m_panel.All(LbLines(handle, LB_LINES_POOLS));
   m_panel.Line("Guards: " + GuardText(status.guard));
   m_panel.Last(LbLines(handle, LB_LINES_SLAVE_GUARDS), 8, "  ");
   m_panel.Last(last.Text(), LB_LAST_MOST, "");
   m_panel.Last(LbLines(handle, LB_LINES_SLAVE_ALERTS), 6, "! ");
  }

//+------------------------------------------------------------------+
void CLbSlavePanel::Draw(const ulong handle, const string shown, CLbLastOrders &last)
  {
   if(m_drawn_at != 0 && GetTickCount64() - m_drawn_at < LB_SLAVE_PANEL_MS)
      return;
   m_drawn_at = GetTickCount64();
   m_panel.Begin();
   m_panel.Line("LotBridge slave " + IntegerToString(AccountInfoInteger(ACCOUNT_LOGIN)) + ", " + LbAccountKind());
   if(StringLen(shown) > 0)
      m_panel.Line(shown);
   if(handle != 0)
      Status(handle, last);
   m_panel.Draw();
  }

#endif
