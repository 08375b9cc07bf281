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

input string InpConfig = ""; // Configuration file; empty: LotBridge\lotbridge.json in the shared Files folder

//--- numbers without a zero byte: the first byte that is none is where a field begins
#define TEST_INTEGER 16843009

int g_passed = 0;
int g_failed = 0;

//+------------------------------------------------------------------+
void Passed(const string what)
  {
   g_passed++;
   Print("ok      " + what);
  }

//+------------------------------------------------------------------+
void FailedTest(const string what, const string todo)
  {
   g_failed++;
   Print("FAILED  " + what + ". " + todo);
  }

//+------------------------------------------------------------------+
//| What the library says of a struct's size or a field's offset;    |
//| -1: it knows no such thing                                       |
//+------------------------------------------------------------------+
long Layout(const string name)
  {
   uchar bytes[];
   uint  number = 0;
   uint  length = LbBytes(name, bytes);
   if(lb_layout(bytes, length, number) != LB_OK)
      return -1;
   return (long)number;
  }

//+------------------------------------------------------------------+
//| Compares where a field begins: all else is zero                  |
//+------------------------------------------------------------------+
bool Field(const string name, const uchar &bytes[])
  {
   long at = 0;
   while(at < ArraySize(bytes) && bytes[(int)at] == 0)
      at++;
   long due = Layout(name);
   if(at == due)
      return true;
   FailedTest(name + " is at byte " + IntegerToString(at) + ", the library has it at " + IntegerToString(due),
              "Install program and library from the same release.");
   return false;
  }

//+------------------------------------------------------------------+
bool Size(const string name, const uchar &bytes[])
  {
   long due = Layout(name);
   if(ArraySize(bytes) == due)
      return true;
   FailedTest(name + " has " + IntegerToString(ArraySize(bytes)) + " bytes, the library's has " + IntegerToString(due),
              "Install program and library from the same release.");
   return false;
  }

//+------------------------------------------------------------------+
bool TestLbAccount(void)
  {
   LbAccount item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.login = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.login", bytes) && whole;
   whole = Size("LbAccount", bytes) && whole;
   ZeroMemory(item);
   item.time_ms = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.time_ms", bytes) && whole;
   ZeroMemory(item);
   item.balance = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.balance", bytes) && whole;
   ZeroMemory(item);
   item.equity = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.equity", bytes) && whole;
   ZeroMemory(item);
   item.margin = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.margin", bytes) && whole;
   ZeroMemory(item);
   item.free_margin = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.free_margin", bytes) && whole;
   ZeroMemory(item);
   item.leverage = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.leverage", bytes) && whole;
   ZeroMemory(item);
   item.currency_digits = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.currency_digits", bytes) && whole;
   ZeroMemory(item);
   item.margin_mode = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.margin_mode", bytes) && whole;
   ZeroMemory(item);
   item.connected = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.connected", bytes) && whole;
   ZeroMemory(item);
   item.currency[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbAccount.currency", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbInstrument(void)
  {
   LbInstrument item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.symbol[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.symbol", bytes) && whole;
   whole = Size("LbInstrument", bytes) && whole;
   ZeroMemory(item);
   item.digits = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.digits", bytes) && whole;
   ZeroMemory(item);
   item.stops_level_points = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.stops_level_points", bytes) && whole;
   ZeroMemory(item);
   item.contract_size = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.contract_size", bytes) && whole;
   ZeroMemory(item);
   item.tick_size = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.tick_size", bytes) && whole;
   ZeroMemory(item);
   item.tick_value = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.tick_value", bytes) && whole;
   ZeroMemory(item);
   item.lots_min = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.lots_min", bytes) && whole;
   ZeroMemory(item);
   item.lots_max = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.lots_max", bytes) && whole;
   ZeroMemory(item);
   item.lot_step = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.lot_step", bytes) && whole;
   ZeroMemory(item);
   item.margin_per_lot = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.margin_per_lot", bytes) && whole;
   ZeroMemory(item);
   item.bid = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.bid", bytes) && whole;
   ZeroMemory(item);
   item.ask = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.ask", bytes) && whole;
   ZeroMemory(item);
   item.volume_limit = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.volume_limit", bytes) && whole;
   ZeroMemory(item);
   item.trade_mode = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.trade_mode", bytes) && whole;
   ZeroMemory(item);
   item.execution = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.execution", bytes) && whole;
   ZeroMemory(item);
   item.filling_modes = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.filling_modes", bytes) && whole;
   ZeroMemory(item);
   item.freeze_level_points = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.freeze_level_points", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbRate(void)
  {
   LbRate item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.from[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbRate.from", bytes) && whole;
   whole = Size("LbRate", bytes) && whole;
   ZeroMemory(item);
   item.to[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbRate.to", bytes) && whole;
   ZeroMemory(item);
   item.rate = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbRate.rate", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbPosition(void)
  {
   LbPosition item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.id = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.id", bytes) && whole;
   whole = Size("LbPosition", bytes) && whole;
   ZeroMemory(item);
   item.ticket = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.ticket", bytes) && whole;
   ZeroMemory(item);
   item.magic = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.magic", bytes) && whole;
   ZeroMemory(item);
   item.open_time_ms = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.open_time_ms", bytes) && whole;
   ZeroMemory(item);
   item.lots = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.lots", bytes) && whole;
   ZeroMemory(item);
   item.open_price = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.open_price", bytes) && whole;
   ZeroMemory(item);
   item.stop_loss = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.stop_loss", bytes) && whole;
   ZeroMemory(item);
   item.take_profit = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.take_profit", bytes) && whole;
   ZeroMemory(item);
   item.side = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.side", bytes) && whole;
   ZeroMemory(item);
   item.reserved = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.reserved", bytes) && whole;
   ZeroMemory(item);
   item.symbol[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.symbol", bytes) && whole;
   ZeroMemory(item);
   item.comment[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbPosition.comment", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbDeal(void)
  {
   LbDeal item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.ticket = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.ticket", bytes) && whole;
   whole = Size("LbDeal", bytes) && whole;
   ZeroMemory(item);
   item.position = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.position", bytes) && whole;
   ZeroMemory(item);
   item.magic = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.magic", bytes) && whole;
   ZeroMemory(item);
   item.time_ms = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.time_ms", bytes) && whole;
   ZeroMemory(item);
   item.lots = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.lots", bytes) && whole;
   ZeroMemory(item);
   item.price = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.price", bytes) && whole;
   ZeroMemory(item);
   item.commission = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.commission", bytes) && whole;
   ZeroMemory(item);
   item.swap = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.swap", bytes) && whole;
   ZeroMemory(item);
   item.profit = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.profit", bytes) && whole;
   ZeroMemory(item);
   item.side = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.side", bytes) && whole;
   ZeroMemory(item);
   item.entry = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.entry", bytes) && whole;
   ZeroMemory(item);
   item.symbol[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbDeal.symbol", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbPendingOrder(void)
  {
   LbPendingOrder item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.ticket = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.ticket", bytes) && whole;
   whole = Size("LbPendingOrder", bytes) && whole;
   ZeroMemory(item);
   item.magic = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.magic", bytes) && whole;
   ZeroMemory(item);
   item.placed_ms = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.placed_ms", bytes) && whole;
   ZeroMemory(item);
   item.expiration_ms = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.expiration_ms", bytes) && whole;
   ZeroMemory(item);
   item.lots = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.lots", bytes) && whole;
   ZeroMemory(item);
   item.price = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.price", bytes) && whole;
   ZeroMemory(item);
   item.limit_price = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.limit_price", bytes) && whole;
   ZeroMemory(item);
   item.stop_loss = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.stop_loss", bytes) && whole;
   ZeroMemory(item);
   item.take_profit = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.take_profit", bytes) && whole;
   ZeroMemory(item);
   item.side = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.side", bytes) && whole;
   ZeroMemory(item);
   item.kind = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.kind", bytes) && whole;
   ZeroMemory(item);
   item.expiration = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.expiration", bytes) && whole;
   ZeroMemory(item);
   item.reserved = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.reserved", bytes) && whole;
   ZeroMemory(item);
   item.symbol[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.symbol", bytes) && whole;
   ZeroMemory(item);
   item.comment[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbPendingOrder.comment", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbPastOrder(void)
  {
   LbPastOrder item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.ticket = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPastOrder.ticket", bytes) && whole;
   whole = Size("LbPastOrder", bytes) && whole;
   ZeroMemory(item);
   item.position = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPastOrder.position", bytes) && whole;
   ZeroMemory(item);
   item.magic = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPastOrder.magic", bytes) && whole;
   ZeroMemory(item);
   item.time_ms = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPastOrder.time_ms", bytes) && whole;
   ZeroMemory(item);
   item.end = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPastOrder.end", bytes) && whole;
   ZeroMemory(item);
   item.reserved = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbPastOrder.reserved", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbMasterStatus(void)
  {
   LbMasterStatus item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.slaves_connected = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbMasterStatus.slaves_connected", bytes) && whole;
   whole = Size("LbMasterStatus", bytes) && whole;
   ZeroMemory(item);
   item.copies_open = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbMasterStatus.copies_open", bytes) && whole;
   ZeroMemory(item);
   item.unsettled = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbMasterStatus.unsettled", bytes) && whole;
   ZeroMemory(item);
   item.in_doubt = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbMasterStatus.in_doubt", bytes) && whole;
   ZeroMemory(item);
   item.impossible = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbMasterStatus.impossible", bytes) && whole;
   ZeroMemory(item);
   item.alerts = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbMasterStatus.alerts", bytes) && whole;
   ZeroMemory(item);
   item.records_lost = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbMasterStatus.records_lost", bytes) && whole;
   ZeroMemory(item);
   item.refused = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbMasterStatus.refused", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbOrder(void)
  {
   LbOrder item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.instruction = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.instruction", bytes) && whole;
   whole = Size("LbOrder", bytes) && whole;
   ZeroMemory(item);
   item.copy = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.copy", bytes) && whole;
   ZeroMemory(item);
   item.magic = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.magic", bytes) && whole;
   ZeroMemory(item);
   item.ticket = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.ticket", bytes) && whole;
   ZeroMemory(item);
   item.age_us = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.age_us", bytes) && whole;
   ZeroMemory(item);
   item.expiration_ms = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.expiration_ms", bytes) && whole;
   ZeroMemory(item);
   item.lots = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.lots", bytes) && whole;
   ZeroMemory(item);
   item.price = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.price", bytes) && whole;
   ZeroMemory(item);
   item.limit_price = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.limit_price", bytes) && whole;
   ZeroMemory(item);
   item.stop_loss = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.stop_loss", bytes) && whole;
   ZeroMemory(item);
   item.take_profit = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.take_profit", bytes) && whole;
   ZeroMemory(item);
   item.action = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.action", bytes) && whole;
   ZeroMemory(item);
   item.side = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.side", bytes) && whole;
   ZeroMemory(item);
   item.kind = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.kind", bytes) && whole;
   ZeroMemory(item);
   item.expiration = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.expiration", bytes) && whole;
   ZeroMemory(item);
   item.filling = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.filling", bytes) && whole;
   ZeroMemory(item);
   item.deviation_points = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.deviation_points", bytes) && whole;
   ZeroMemory(item);
   item.symbol[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.symbol", bytes) && whole;
   ZeroMemory(item);
   item.comment[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbOrder.comment", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbResult(void)
  {
   LbResult item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.instruction = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbResult.instruction", bytes) && whole;
   whole = Size("LbResult", bytes) && whole;
   ZeroMemory(item);
   item.ticket = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbResult.ticket", bytes) && whole;
   ZeroMemory(item);
   item.deal = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbResult.deal", bytes) && whole;
   ZeroMemory(item);
   item.lots = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbResult.lots", bytes) && whole;
   ZeroMemory(item);
   item.price = 1.1;
   whole = StructToCharArray(item, bytes) && Field("LbResult.price", bytes) && whole;
   ZeroMemory(item);
   item.retcode = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbResult.retcode", bytes) && whole;
   ZeroMemory(item);
   item.reserved = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbResult.reserved", bytes) && whole;
   return whole;
  }

//+------------------------------------------------------------------+
bool TestLbSlaveStatus(void)
  {
   LbSlaveStatus item;
   uchar bytes[];
   bool whole = true;
   ZeroMemory(item);
   item.connected = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbSlaveStatus.connected", bytes) && whole;
   whole = Size("LbSlaveStatus", bytes) && whole;
   ZeroMemory(item);
   item.guard = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbSlaveStatus.guard", bytes) && whole;
   ZeroMemory(item);
   item.state = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbSlaveStatus.state", bytes) && whole;
   ZeroMemory(item);
   item.state_seen = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbSlaveStatus.state_seen", bytes) && whole;
   ZeroMemory(item);
   item.trouble[0] = 1;
   whole = StructToCharArray(item, bytes) && Field("LbSlaveStatus.trouble", bytes) && whole;
   return whole;
  }

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
   FailedTest(LbLastError(answer), "If this is to be a slave, add the account to a pool in " + path +
              " (the master itself is in none); for all else, `lotbridge check` explains that file.");
  }

//+------------------------------------------------------------------+
void TestPermissions(void)
  {
   string trading = LbNoTrading();
   if(StringLen(trading) == 0)
      Passed("programs may trade");
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
      TestPermissions();
      TestConfiguration();
     }
   else
      FailedTest("the versions differ", what);
   string sum = IntegerToString(g_passed) + " passed, " + IntegerToString(g_failed) + " failed";
   if(g_failed == 0)
      sum = sum + ": LotBridge can be used on this terminal";
   Print("LotBridge self-test: " + sum + ".");
  }
