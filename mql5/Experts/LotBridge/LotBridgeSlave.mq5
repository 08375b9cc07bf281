//+------------------------------------------------------------------+
//| LotBridge: a slave's program. Attach it to one chart of each     |
//| account that follows the master.                                 |
//|                                                                  |
//| It hands this account's state over, waits for the master's       |
//| instructions, sends them as orders and reports what came of them.|
//+------------------------------------------------------------------+
#property copyright "LotBridge"
#property version   "1.00"
#property description "Makes this account follow a LotBridge master."

#include <LotBridge/Library.mqh>
#include <LotBridge/Checks.mqh>
#include <LotBridge/Snapshot.mqh>
#include <LotBridge/Executor.mqh>
#include <LotBridge/SlavePanel.mqh>

input string InpConfig = ""; // Configuration; empty: LotBridge\lotbridge.json in Common\Files

//--- the least timer there is
#define SLAVE_TIMER_MS 16
//--- one wait for an instruction; other events of this chart wait as long
#define SLAVE_WAIT_MS 50
//--- without anything new, the state is handed over this often: its quotes say whether a price has moved too far
#define SLAVE_STATE_MS 250
//--- while the terminal is cut off, the library is told so this often
#define SLAVE_CUT_OFF_MS 1000
//--- with every tick, but not more often than this
#define SLAVE_TICK_MS 20
//--- so many orders are executed before other events have their turn
#define SLAVE_ORDERS_MOST 64
//--- after a failure to open, the next try
#define SLAVE_RETRY_MS 2000
//--- an event of this program's own: wait again
#define SLAVE_AGAIN 7001
//--- an event that did not come back in this time is lost
#define SLAVE_AGAIN_LOST_MS 100
//--- two ticks of the timer: one at least has queued its event then
#define SLAVE_ON_US 32000

ulong       g_handle     = 0;
//--- the account that it was opened for
ulong       g_login      = 0;
CLbSnapshot g_snapshot;
string      g_shown      = "";
ulong       g_retry_at   = 0;
bool        g_changed    = true;
ulong       g_state_at   = 0;
ulong       g_cut_off_at = 0;
double      g_equity     = 0.0;
bool        g_again      = false;
ulong       g_again_at   = 0;
CLbSlavePanel g_panel;
CLbLastOrders g_last;

//+------------------------------------------------------------------+
//| Says something new on the chart, and once in the journal         |
//+------------------------------------------------------------------+
void Show(const string text)
  {
   if(text == g_shown)
      return;
   g_shown = text;
   g_panel.Soon();
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
//| After a defect of the library's: begin anew                      |
//+------------------------------------------------------------------+
void BeginAnew(const int answer)
  {
   if(answer == LB_QUARANTINED || answer == LB_HANDLE || answer == LB_PANIC)
     {
      CloseHandle();
      g_retry_at = GetTickCount64() + SLAVE_RETRY_MS;
     }
  }

//+------------------------------------------------------------------+
void Failed(const int answer)
  {
   Show(LbLastError(answer));
   BeginAnew(answer);
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
   ulong login  = (ulong)AccountInfoInteger(ACCOUNT_LOGIN);
   uint  length = LbBytes(LbConfigPath(InpConfig), config);
   int   answer = lb_slave_open(config, length, login, handle);
   if(answer != LB_OK)
     {
      g_retry_at = GetTickCount64() + SLAVE_RETRY_MS;
      Show(LbLastError(answer));
      return false;
     }
   g_handle  = handle;
   g_login   = login;
   g_changed = true;
   g_snapshot.Init(false);
   return true;
  }

//+------------------------------------------------------------------+
//| The terminal is cut off: the master must not take the last state |
//| for the present one, nor the first one afterwards for one that   |
//| shows all. false: the library does not know of it                |
//+------------------------------------------------------------------+
bool HandOverCutOff(void)
  {
   if(g_cut_off_at != 0 && GetTickCount64() - g_cut_off_at < SLAVE_CUT_OFF_MS)
      return true;
   ulong number = 0;
   int   answer = g_snapshot.HandOverCutOff(g_handle);
   if(answer == LB_OK)
      answer = lb_slave_commit(g_handle, number);
   //--- so it answers what it was told. Anything else: there are no facts yet, or it is defective
   if(answer != LB_NOT_CONNECTED)
     {
      BeginAnew(answer);
      return false;
     }
   g_cut_off_at = GetTickCount64();
   return true;
  }

//+------------------------------------------------------------------+
//| The whole state, now                                             |
//+------------------------------------------------------------------+
bool HandOver(void)
  {
   if(StringLen(LbNotReady()) > 0)
      return HandOverCutOff();
   g_cut_off_at  = 0;
   ulong number  = 0;
   long  from_ms = 0;
   int   answer  = lb_slave_deals_from(g_handle, from_ms);
   if(answer == LB_OK)
     {
      g_snapshot.SetSince((datetime)(from_ms / 1000));
      answer = g_snapshot.HandOver(g_handle);
     }
   if(answer == LB_TORN)
     {
      //--- for a moment it is none
      string trouble = g_snapshot.Trouble();
      if(StringLen(trouble) > 0)
         Show(trouble);
      return false;
     }
   if(answer == LB_OK)
      answer = lb_slave_commit(g_handle, number);
   //--- cut off while it was read: no failure, and no state either
   if(answer == LB_NOT_CONNECTED)
      return false;
   if(answer != LB_OK)
     {
      Failed(answer);
      return false;
     }
   g_changed  = false;
   g_state_at = GetTickCount64();
   g_equity   = g_snapshot.Equity();
   return true;
  }

//+------------------------------------------------------------------+
//| When something has changed, or some time has passed; false: it   |
//| could not be, and why is shown                                   |
//+------------------------------------------------------------------+
bool HandOverWhenDue(void)
  {
   if(g_changed || AccountInfoDouble(ACCOUNT_EQUITY) != g_equity ||
      GetTickCount64() - g_state_at >= SLAVE_STATE_MS)
      return HandOver();
   return true;
  }

//+------------------------------------------------------------------+
//| Sends an order and reports; the state that follows is evidence   |
//+------------------------------------------------------------------+
void Execute(const LbOrder &order)
  {
   //--- another account was logged in since: whether this was done, the right one's states will tell
   if((ulong)AccountInfoInteger(ACCOUNT_LOGIN) != g_login)
     {
      CloseHandle();
      return;
     }
   LbResult report;
   LbExecute(order, report);
   int answer = lb_slave_report(g_handle, report);
   if(answer != LB_OK)
      Failed(answer);
   g_last.Add(order, report);
   g_changed = true;
  }

//+------------------------------------------------------------------+
//| How it stands, on the chart                                      |
//+------------------------------------------------------------------+
void ShowStatus(void)
  {
   string trading = LbNoTrading();
   if(StringLen(trading) > 0)
     {
      Show(trading);
      return;
     }
   LbSlaveStatus status;
   int answer = lb_slave_status(g_handle, status);
   if(answer != LB_OK)
      Failed(answer);
   else
      Show(LbText(status.trouble));
  }

//+------------------------------------------------------------------+
//| What a button of the panel that was pressed says                 |
//+------------------------------------------------------------------+
void Press(const bool heard)
  {
   int answer = g_panel.Press(g_handle, heard);
   if(answer == LB_EMPTY)
      return;
   if(answer != LB_OK)
      Failed(answer);
   g_changed = true;
  }

//+------------------------------------------------------------------+
//| How it stands, on the chart                                      |
//+------------------------------------------------------------------+
void DrawPanel(void)
  {
   Press(false);
   g_panel.Draw(g_handle, g_shown, g_last);
  }

//+------------------------------------------------------------------+
//| Cut off: nothing comes to be executed, but the master may ask    |
//| how it stands, or come and go                                    |
//+------------------------------------------------------------------+
void ServeCutOff(void)
  {
   //--- for the first state afterwards
   g_changed = true;
   if(g_handle == 0 || !HandOverCutOff())
      return;
   LbOrder order;
   int answer = lb_slave_wait(g_handle, 0, order);
   if(answer == LB_OK)
      Execute(order);
   else
     {
      if(answer == LB_STATE_WANTED)
        {
         g_snapshot.Want(LbText(order.symbol));
         g_cut_off_at = 0;
        }
      else
         BeginAnew(answer);
     }
  }

//+------------------------------------------------------------------+
//| Waits for instructions and executes them; false: nothing can be  |
//| waited for now                                                   |
//+------------------------------------------------------------------+
bool Serve(void)
  {
   string waiting = LbNotReady();
   if(StringLen(waiting) > 0)
     {
      Show(waiting);
      ServeCutOff();
      return false;
     }
   if(!OpenHandle())
      return false;
   HandOverWhenDue();
   uint wait_ms = SLAVE_WAIT_MS;
   for(int i = 0; i < SLAVE_ORDERS_MOST && g_handle != 0 && !IsStopped(); i++)
     {
      LbOrder order;
      int answer = lb_slave_wait(g_handle, wait_ms, order);
      if(answer == LB_EMPTY)
         break;
      if(answer == LB_OK)
         Execute(order);
      else
        {
         if(answer != LB_STATE_WANTED)
           {
            Failed(answer);
            return false;
           }
         g_snapshot.Want(LbText(order.symbol));
         g_changed = true;
        }
      //--- what waits already is executed first, then the state is handed over; but a server that takes its time with each
      //--- order must not look as if nobody watched the account
      if((answer == LB_STATE_WANTED || GetTickCount64() - g_state_at >= SLAVE_STATE_MS) && !HandOver())
         return false;
      wait_ms = 0;
     }
   if(g_handle == 0)
      return false;
   if(HandOverWhenDue())
      ShowStatus();
   return true;
  }

//+------------------------------------------------------------------+
//| In the timer's event: one that comes due meanwhile is lost, so   |
//| an event of the program's own comes back at once. The timer alone|
//| would leave a gap of 16 ms in which an instruction waits         |
//+------------------------------------------------------------------+
void ServeAgain(void)
  {
   if(!Serve() || g_again)
      return;
   g_again    = EventChartCustom(0, SLAVE_AGAIN, 0, 0.0, "");
   g_again_at = GetTickCount64();
  }

//+------------------------------------------------------------------+
//| In that event: another one of the kind would be lost, while one  |
//| runs, but the timer's is queued when it comes due meanwhile      |
//+------------------------------------------------------------------+
void ServeOn(void)
  {
   ulong begun = GetMicrosecondCount();
   while(Serve() && !IsStopped() && GetMicrosecondCount() - begun < SLAVE_ON_US)
      continue;
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
      g_again    = false;
      g_cut_off_at = 0;
      //--- another account's orders are not this one's
      g_last.Forget();
      g_panel.Init();
      if(!EventSetMillisecondTimer(SLAVE_TIMER_MS))
         what = "The terminal gives no timer: close other programs, then attach this one again.";
     }
   if(StringLen(what) > 0)
     {
      Alert("LotBridge: " + what);
      return INIT_FAILED;
     }
   return INIT_SUCCEEDED;
  }

//+------------------------------------------------------------------+
//| Whatever the reason, nothing is lost: all is read back from the  |
//| account when the program is started again                        |
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
   if(g_again && GetTickCount64() - g_again_at > SLAVE_AGAIN_LOST_MS)
      g_again = false;
   if(!g_again)
      ServeAgain();
   DrawPanel();
  }

//+------------------------------------------------------------------+
void OnChartEvent(const int id, const long &lparam, const double &dparam, const string &sparam)
  {
   if(id == CHARTEVENT_CUSTOM + SLAVE_AGAIN)
     {
      g_again = false;
      ServeOn();
      DrawPanel();
      return;
     }
   if(id == CHARTEVENT_OBJECT_CLICK)
      Press(true);
  }

//+------------------------------------------------------------------+
void OnTick()
  {
   if(g_handle != 0 && GetTickCount64() - g_state_at >= SLAVE_TICK_MS)
      HandOver();
  }

//+------------------------------------------------------------------+
void OnTrade()
  {
   g_changed = true;
   if(g_handle != 0)
      HandOver();
  }

//+------------------------------------------------------------------+
void OnTradeTransaction(const MqlTradeTransaction &trans, const MqlTradeRequest &request, const MqlTradeResult &result)
  {
   g_changed = true;
  }
