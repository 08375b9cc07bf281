//+------------------------------------------------------------------+
//| LotBridge: what the self-test found, and how it asks the library |
//| where a field is.                                                |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_TESTED_MQH
#define LOTBRIDGE_TESTED_MQH

#include <LotBridge/Library.mqh>

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

#endif
