//+------------------------------------------------------------------+
//| LotBridge: does this terminal fit lotbridge.dll? Drag it onto a  |
//| chart; the answer stands in the journal, with what to do.        |
//+------------------------------------------------------------------+
#property copyright "LotBridge"
#property version   "1.00"
#property description "Checks permissions, versions, the layout of the structs, and the configuration."
#property script_show_inputs

#include <LotBridge/Library.mqh>
#include <LotBridge/Checks.mqh>
#include <LotBridge/LayoutStates.mqh>
#include <LotBridge/LayoutOrders.mqh>

input string InpConfig = ""; // Configuration; empty: LotBridge\lotbridge.json in Common\Files

bool g_is_master = false;

//+------------------------------------------------------------------+
//| Every field of every struct                                      |
//+------------------------------------------------------------------+
void TestLayout(void)
  {
   bool whole = true;
   whole = TestLbAccount() && whole;
   whole = TestLbInstrument() && whole;
   whole = TestLbRate() && whole;
   whole = TestLbPosition() && whole;
   whole = TestLbDeal() && whole;
   whole = TestLbPendingOrder() && whole;
   whole = TestLbPastOrder() && whole;
   whole = TestLbMasterStatus() && whole;
   whole = TestLbOrder() && whole;
   whole = TestLbResult() && whole;
   whole = TestLbSlaveStatus() && whole;
   if(whole)
      Passed("the structs are laid out as the library's");
  }

//+------------------------------------------------------------------+
//| There and back: a handle that was never given                    |
//+------------------------------------------------------------------+
void TestRoundTrip(void)
  {
   int    answer = lb_close(1);
   string text   = LbLastError(answer);
   if(answer == LB_HANDLE && StringLen(text) > 10)
      Passed("the library answers and says why: " + text);
   else
      FailedTest("lb_close answered " + IntegerToString(answer) + ": " + text,
                 "Install program and library from the same release, and restart the terminal.");
  }

//+------------------------------------------------------------------+
//| Is the configuration good, and is this account in it?            |
//+------------------------------------------------------------------+
void TestConfiguration(void)
  {
   uchar  config[];
   ulong  handle = 0;
   string path   = LbConfigPath(InpConfig);
   uint   length = LbBytes(path, config);
   int    answer = lb_slave_open(config, length, (ulong)AccountInfoInteger(ACCOUNT_LOGIN), handle);
   if(answer == LB_OK)
     {
      Passed("the configuration is good, and this account is one of its slaves");
      lb_close(handle);
      return;
     }
   if(answer == LB_SERVED)
     {
      Passed("the configuration is good, and a program serves this account already");
      return;
     }
   if(answer == LB_WRONG_ACCOUNT)
     {
      g_is_master = true;
      Passed("the configuration is good, and this account is its master");
      return;
     }
   FailedTest(LbLastError(answer), "If this is to be a slave, add the account to a pool in " + path +
              "; for all else, `lotbridge check` explains that file.");
  }

//+------------------------------------------------------------------+
void TestPermissions(void)
  {
   string trading = LbNoTrading();
   if(StringLen(trading) == 0)
      Passed("programs may trade");
   else if(g_is_master)
      Passed("programs may not trade here, and a master's need not");
   else
      FailedTest("programs may not trade", trading);
   string ready = LbNotReady();
   if(StringLen(ready) == 0)
      Passed("the terminal is connected");
   else
      FailedTest("the account cannot be read", ready);
  }

//+------------------------------------------------------------------+
void OnStart()
  {
   string what = LbWhyNot();
   g_passed = 0;
   g_failed = 0;
   g_is_master = false;
   if(StringLen(what) > 0)
     {
      Alert("LotBridge: " + what);
      return;
     }
   if(LbVersionFits(what))
     {
      Passed("the interface's version is " + IntegerToString(LB_ABI_VERSION));
      TestLayout();
      TestRoundTrip();
      TestConfiguration();
      TestPermissions();
     }
   else
      FailedTest("the versions differ", what);
   string sum = IntegerToString(g_passed) + " passed, " + IntegerToString(g_failed) + " failed";
   if(g_failed == 0)
      sum = sum + ": LotBridge can be used on this terminal";
   Print("LotBridge self-test: " + sum + ".");
  }
