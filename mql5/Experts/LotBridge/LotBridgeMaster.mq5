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

input string InpConfig = ""; // Configuration file; empty: LotBridge\lotbridge.json in the shared Files folder

//--- the state is handed over at least this often
#define MASTER_TIMER_MS 100
//--- after a failure to open, the next try
#define MASTER_RETRY_MS 2000

ulong       g_handle   = 0;
CLbSnapshot g_snapshot;
string      g_shown    = "";
ulong       g_retry_at = 0;

//+------------------------------------------------------------------+
//| Says something new on the chart, and once in the journal         |
//+------------------------------------------------------------------+
void Show(const string text)
  {
   if(text == g_shown)
      return;
   g_shown = text;
   Comment("LotBridge master\n" + text);
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
   int answer = g_snapshot.HandOver(g_handle);
   if(answer == LB_TORN)
      return;
   if(answer == LB_OK)
      answer = lb_master_commit(g_handle);
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
int OnInit()
  {
   string what = LbWhyNot();
   if(StringLen(what) == 0 && LbVersionFits(what))
     {
      g_handle   = 0;
      g_retry_at = 0;
      g_shown    = "-";
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
   Comment("");
  }

//+------------------------------------------------------------------+
void OnTimer()
  {
   HandOver();
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
