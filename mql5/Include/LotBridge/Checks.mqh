//+------------------------------------------------------------------+
//| LotBridge: what must be switched on, in one sentence each.       |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_CHECKS_MQH
#define LOTBRIDGE_CHECKS_MQH

//+------------------------------------------------------------------+
//| Why this program cannot run here at all; empty: it can           |
//+------------------------------------------------------------------+
string LbWhyNot()
  {
   if(MQLInfoInteger(MQL_TESTER) != 0 || MQLInfoInteger(MQL_OPTIMIZATION) != 0)
      return "LotBridge copies live trades and does not run in the strategy tester: attach it to a chart, " +
             "or try a history with `lotbridge replay`.";
   if(MQLInfoInteger(MQL_DLLS_ALLOWED) == 0)
     {
      if(TerminalInfoInteger(TERMINAL_DLLS_ALLOWED) == 0)
         return "Switch on \"Allow DLL imports\" in Tools > Options > Expert Advisors, then attach the program again.";
      return "Switch on \"Allow DLL imports\" in the program's own settings (Common tab), then attach it again.";
     }
   return "";
  }

//+------------------------------------------------------------------+
//| What keeps the account from being read now; empty: nothing       |
//+------------------------------------------------------------------+
string LbNotReady()
  {
   if(TerminalInfoInteger(TERMINAL_CONNECTED) == 0)
      return "Waiting for the connection to the trade server: log in, or look at the network.";
   if(AccountInfoInteger(ACCOUNT_LOGIN) == 0)
      return "Waiting for an account: log in with File > Login to Trade Account.";
   if(TimeCurrent() == 0)
      return "Waiting for the trade server's time: it comes with the first quote.";
   return "";
  }

//+------------------------------------------------------------------+
//| What keeps orders from being sent now; empty: nothing            |
//+------------------------------------------------------------------+
string LbNoTrading()
  {
   if(TerminalInfoInteger(TERMINAL_TRADE_ALLOWED) == 0)
      return "Switch on \"Algo Trading\" in the terminal's toolbar.";
   if(MQLInfoInteger(MQL_TRADE_ALLOWED) == 0)
      return "Switch on \"Allow Algo Trading\" in the program's own settings (Common tab).";
   if(AccountInfoInteger(ACCOUNT_TRADE_ALLOWED) == 0)
      return "This account may not trade: log in with the master password, not the investor's.";
   if(AccountInfoInteger(ACCOUNT_TRADE_EXPERT) == 0)
      return "The trade server forbids automated trading on this account: ask the broker to switch it on.";
   return "";
  }

//+------------------------------------------------------------------+
//| How this account keeps positions: each trade its own, or one per |
//| symbol                                                           |
//+------------------------------------------------------------------+
string LbAccountKind()
  {
   switch((ENUM_ACCOUNT_MARGIN_MODE)AccountInfoInteger(ACCOUNT_MARGIN_MODE))
     {
      case ACCOUNT_MARGIN_MODE_RETAIL_HEDGING:
         return "hedging";
      case ACCOUNT_MARGIN_MODE_RETAIL_NETTING:
         return "netting";
      case ACCOUNT_MARGIN_MODE_EXCHANGE:
         return "exchange: netting";
     }
   return "of a kind that LotBridge does not know";
  }

//+------------------------------------------------------------------+
//| Where the configuration is: what the user gave, or the folder    |
//| that all terminals of this computer share                        |
//+------------------------------------------------------------------+
string LbConfigPath(const string given)
  {
   if(StringLen(given) > 0)
      return given;
   return TerminalInfoString(TERMINAL_COMMONDATA_PATH) + "\\Files\\LotBridge\\lotbridge.json";
  }

#endif
