//+------------------------------------------------------------------+
//| LotBridge: are the structs in which a state is handed over laid  |
//| out as the library's?                                            |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_LAYOUT_STATES_MQH
#define LOTBRIDGE_LAYOUT_STATES_MQH

#include <LotBridge/Tested.mqh>

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
   ZeroMemory(item);
   item.expiration_modes = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.expiration_modes", bytes) && whole;
   ZeroMemory(item);
   item.reserved = TEST_INTEGER;
   whole = StructToCharArray(item, bytes) && Field("LbInstrument.reserved", bytes) && whole;
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

#endif
