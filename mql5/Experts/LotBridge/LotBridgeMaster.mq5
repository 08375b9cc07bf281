//+------------------------------------------------------------------+
//| LotBridge: the master's program. Attach it to one chart of the   |
//| account whose trades are copied.                                 |
//|                                                                  |
//| On every trade event and on a timer it hands the whole state     |
//| over; what follows from it is the library's work.                |
//+------------------------------------------------------------------+
#property copyright "LotBridge"
#property version   "1.00"
#property description "Hands this account's trades to LotBridge, which copies them to the slaves."

#include <LotBridge/Library.mqh>
#include <LotBridge/Checks.mqh>
#include <LotBridge/Snapshot.mqh>
#include <LotBridge/Panel.mqh>

input string InpConfig = ""; // Configuration; empty: LotBridge\lotbridge.json in Common\Files

//--- the state is handed over at least this often
#define MASTER_TIMER_MS 100
//--- after a failure to open, the next try
#define MASTER_RETRY_MS 2000
//--- the panel is drawn anew this often
#define MASTER_PANEL_MS 500
//--- the panel's buttons
#define MASTER_PAUSE 0
#define MASTER_GO_ON 1
#define MASTER_CLOSE 2

ulong       g_handle   = 0;
CLbSnapshot g_snapshot;
string      g_shown    = "";
ulong       g_retry_at = 0;
CLbPanel    g_panel;
ulong       g_panel_at = 0;
ulong       g_cost_us  = 0;

//+------------------------------------------------------------------+
//| Says something new on the chart, and once in the journal         |
//+------------------------------------------------------------------+
void Show(const string text)
  {
   if(text == g_shown)
      return;
   g_shown    = text;
   g_panel_at = 0;
   if(StringLen(text) > 0)
      Print("LotBridge: " + text);
  }

//+------------------------------------------------------------------+
void CloseHandle(void)
  {
   if(g_handle != 0)
      lb_close(g_handle);
   g_handle = 0;
  }

//+------------------------------------------------------------------+
bool OpenHandle(void)
  {
   if(g_handle != 0)
      return true;
   if(GetTickCount64() < g_retry_at)
      return false;
   uchar config[];
   ulong handle = 0;
   uint  length = LbBytes(LbConfigPath(InpConfig), config);
   int   answer = lb_master_open(config, length, handle);
   if(answer != LB_OK)
     {
      g_retry_at = GetTickCount64() + MASTER_RETRY_MS;
      Show(LbLastError(answer));
      return false;
     }
   g_handle = handle;
   g_snapshot.Init(true);
   return true;
  }

//+------------------------------------------------------------------+
//| The whole state, now                                             |
//+------------------------------------------------------------------+
void HandOver(void)
  {
   string waiting = LbNotReady();
   if(StringLen(waiting) > 0)
     {
      Show(waiting);
      return;
     }
   if(!OpenHandle())
      return;
   ulong begun  = GetMicrosecondCount();
   int   answer = g_snapshot.HandOver(g_handle);
   if(answer == LB_TORN)
     {
      Show(g_snapshot.Trouble());
      return;
     }
   if(answer == LB_OK)
      answer = lb_master_commit(g_handle);
   g_cost_us = GetMicrosecondCount() - begun;
   if(answer == LB_OK)
     {
      Show("");
      return;
     }
   Show(LbLastError(answer));
   if(answer == LB_QUARANTINED || answer == LB_HANDLE || answer == LB_PANIC)
      CloseHandle();
  }

//+------------------------------------------------------------------+
//| A button of the panel: what it says holds for every slave        |
//+------------------------------------------------------------------+
void Press(const int button)
  {
   if(button < 0 || g_handle == 0)
      return;
   int answer = LB_OK;
   switch(button)
     {
      case MASTER_PAUSE:
         answer = lb_master_by_hand(g_handle, LB_GUARD_SKIP_OPENS);
         break;
      case MASTER_GO_ON:
         answer = lb_master_by_hand(g_handle, LB_GUARD_ARMED);
         break;
      case MASTER_CLOSE:
         if(g_panel.IsSure(button))
            answer = lb_master_by_hand(g_handle, LB_GUARD_CLOSE_ALL);
         break;
     }
   if(answer != LB_OK)
      Show(LbLastError(answer));
   g_panel_at = 0;
  }

//+------------------------------------------------------------------+
//| How it stands, on the chart                                      |
//+------------------------------------------------------------------+
void DrawPanel(void)
  {
   Press(g_panel.Pressed(false));
   if(g_panel_at != 0 && GetTickCount64() - g_panel_at < MASTER_PANEL_MS)
      return;
   g_panel_at = GetTickCount64();
   g_panel.Begin();
   g_panel.Line("LotBridge master " + IntegerToString(AccountInfoInteger(ACCOUNT_LOGIN)) + ", " + LbAccountKind());
   if(StringLen(LbNoTrading()) > 0)
      g_panel.Line("Programs may not trade on this terminal: a master's need not, its slaves' must");
   if(StringLen(g_shown) > 0)
      g_panel.Line(g_shown);
   if(g_handle != 0)
     {
      LbMasterStatus status;
      int answer = lb_master_wait(g_handle, 0, status);
      if(answer != LB_OK)
         g_panel.Line(LbLastError(answer));
      else
        {
         g_panel.All(LbLines(g_handle, LB_LINES_POOLS));
         g_panel.Line("Slaves connected: " + IntegerToString(status.slaves_connected) + ", copies open: " +
                      IntegerToString(status.copies_open));
         g_panel.Line("Being brought about: " + IntegerToString(status.unsettled) + ", in doubt: " +
                      IntegerToString(status.in_doubt));
         g_panel.Line("Handing over took " + IntegerToString((long)g_cost_us) + " us, records lost: " +
                      IntegerToString((long)status.records_lost));
         g_panel.Last(LbLines(g_handle, LB_LINES_MASTER_COPIES), 8, "");
         if(status.alerts > 0)
            g_panel.Last(LbLines(g_handle, LB_LINES_MASTER_ALERTS), 6, "! ");
        }
     }
   g_panel.Draw();
  }

//+------------------------------------------------------------------+
int OnInit()
  {
   string what = LbWhyNot();
   if(StringLen(what) == 0 && LbVersionFits(what))
     {
      g_handle   = 0;
      g_retry_at = 0;
      g_shown    = "-";
      g_panel_at = 0;
      g_panel.Init("LotBridgeMaster.");
      g_panel.Button("Pause");
      g_panel.Button("Go on");
      g_panel.Button("Close all copies");
      if(!EventSetMillisecondTimer(MASTER_TIMER_MS))
         what = "The terminal gives no timer: close other programs, then attach this one again.";
     }
   if(StringLen(what) > 0)
     {
      Alert("LotBridge: " + what);
      return INIT_FAILED;
     }
   HandOver();
   return INIT_SUCCEEDED;
  }

//+------------------------------------------------------------------+
//| Whatever the reason, nothing is lost: all is read back from the  |
//| accounts when the program is started again                       |
//+------------------------------------------------------------------+
void OnDeinit(const int reason)
  {
   EventKillTimer();
   CloseHandle();
   g_panel.Clear();
  }

//+------------------------------------------------------------------+
void OnTimer()
  {
   HandOver();
   DrawPanel();
  }

//+------------------------------------------------------------------+
void OnChartEvent(const int id, const long &lparam, const double &dparam, const string &sparam)
  {
   //--- at once: a second click on a button that is still pressed would undo the first
   if(id == CHARTEVENT_OBJECT_CLICK)
      Press(g_panel.Pressed(true));
  }

//+------------------------------------------------------------------+
void OnTrade()
  {
   HandOver();
  }

//+------------------------------------------------------------------+
void OnTradeTransaction(const MqlTradeTransaction &trans, const MqlTradeRequest &request, const MqlTradeResult &result)
  {
   HandOver();
  }
