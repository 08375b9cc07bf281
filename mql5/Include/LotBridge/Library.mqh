//+------------------------------------------------------------------+
//| LotBridge: texts across the border, errors, the version.         |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_LIBRARY_MQH
#define LOTBRIDGE_LIBRARY_MQH

#include <LotBridge/Import.mqh>

//--- lots nearer than this are the same
#define LB_LOTS_LEAST 0.000000005

//--- the library takes no more of a kind in one state
#define LB_ITEMS_MOST 10000

//--- the longest text that is read from the library, in bytes
#define LB_TEXT_MOST 65536

//+------------------------------------------------------------------+
//| UTF-8 bytes up to the first zero as text                         |
//+------------------------------------------------------------------+
string LbText(const uchar &bytes[])
  {
   return CharArrayToString(bytes, 0, -1, CP_UTF8);
  }

//+------------------------------------------------------------------+
//| Text into a fixed field, zeros after it; false: it was cut       |
//+------------------------------------------------------------------+
bool LbPut(const string text, uchar &field[])
  {
   uchar bytes[];
   int   size  = ArraySize(field);
   int   count = StringToCharArray(text, bytes, 0, -1, CP_UTF8);
   //--- what was copied ends with a zero, which is no text
   if(count > 0 && bytes[count - 1] == 0)
      count--;
   int fits = count;
   if(fits > size - 1)
     {
      fits = size - 1;
      //--- not within a character: bytes 10xxxxxx continue one
      while(fits > 0 && (bytes[fits] & 0xC0) == 0x80)
         fits--;
     }
   for(int i = 0; i < size; i++)
     {
      if(i < fits)
         field[i] = bytes[i];
      else
         field[i] = 0;
     }
   return fits == count;
  }

//+------------------------------------------------------------------+
//| Text as UTF-8 bytes; their number, without a zero                |
//+------------------------------------------------------------------+
uint LbBytes(const string text, uchar &bytes[])
  {
   int count = StringToCharArray(text, bytes, 0, -1, CP_UTF8);
   if(count > 0 && bytes[count - 1] == 0)
      count--;
   if(count < 0)
      count = 0;
   return (uint)count;
  }

//+------------------------------------------------------------------+
//| The text of the last call that failed                            |
//+------------------------------------------------------------------+
string LbLastError(const int code)
  {
   uchar buffer[4096];
   uint  length = 0;
   ZeroMemory(buffer);
   int answer = lb_last_error(buffer, (uint)ArraySize(buffer), length);
   if(answer != LB_OK && answer != LB_BUFFER)
      return "error " + IntegerToString(code);
   return LbText(buffer) + " (" + IntegerToString(code) + ")";
  }

//+------------------------------------------------------------------+
//| Is the library the one that this program was made for?           |
//+------------------------------------------------------------------+
bool LbVersionFits(string &what)
  {
   uint version = 0;
   what = "";
   if(lb_abi_version(version) == LB_OK && version == LB_ABI_VERSION)
      return true;
   what = "lotbridge.dll is of interface version " + IntegerToString(version) + ", this program of " +
          IntegerToString(LB_ABI_VERSION) + ": install both from the same release.";
   return false;
  }

//+------------------------------------------------------------------+
//| What the library has lines of                                    |
//+------------------------------------------------------------------+
#define LB_LINES_MASTER_ALERTS 0
#define LB_LINES_MASTER_COPIES 1
#define LB_LINES_SLAVE_ALERTS  2
#define LB_LINES_SLAVE_GUARDS  3
#define LB_LINES_POOLS         4

//+------------------------------------------------------------------+
//| Lines of text, the latest last                                   |
//+------------------------------------------------------------------+
string LbLines(const ulong handle, const int which)
  {
   uchar buffer[];
   uint  length = 0;
   int   answer = LB_ARGUMENT;
   if(ArrayResize(buffer, LB_TEXT_MOST) != LB_TEXT_MOST)
      return "no memory for the library's text";
   buffer[0] = 0;
   switch(which)
     {
      case LB_LINES_MASTER_ALERTS:
         answer = lb_master_alerts(handle, buffer, LB_TEXT_MOST, length);
         break;
      case LB_LINES_MASTER_COPIES:
         answer = lb_master_copies(handle, buffer, LB_TEXT_MOST, length);
         break;
      case LB_LINES_SLAVE_ALERTS:
         answer = lb_slave_alerts(handle, buffer, LB_TEXT_MOST, length);
         break;
      case LB_LINES_SLAVE_GUARDS:
         answer = lb_slave_guards(handle, buffer, LB_TEXT_MOST, length);
         break;
      case LB_LINES_POOLS:
         answer = lb_pools(handle, buffer, LB_TEXT_MOST, length);
         break;
     }
   if(answer != LB_OK && answer != LB_BUFFER)
      return LbLastError(answer);
   return LbText(buffer);
  }

#endif
