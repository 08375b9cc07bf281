//+------------------------------------------------------------------+
//| LotBridge: are the structs in which orders, their results and how|
//| it stands are told laid out as the library's?                    |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_LAYOUT_ORDERS_MQH
#define LOTBRIDGE_LAYOUT_ORDERS_MQH

#include <LotBridge/Tested.mqh>

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

#endif
