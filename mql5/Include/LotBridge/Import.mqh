//+------------------------------------------------------------------+
//| LotBridge: what crosses the border to lotbridge.dll.             |
//|                                                                  |
//| The same as include/lotbridge.h of this version, name by name.   |
//| Structs have no padding: the same under every pack.              |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_IMPORT_MQH
#define LOTBRIDGE_IMPORT_MQH

#define LB_ABI_VERSION             4
#define LB_OK                      0
#define LB_EMPTY                   1
#define LB_STATE_WANTED            2
#define LB_PANIC                   (-1)
#define LB_NULL                    (-2)
#define LB_HANDLE                  (-3)
#define LB_QUARANTINED             (-4)
#define LB_ARGUMENT                (-5)
#define LB_BUFFER                  (-6)
#define LB_CONFIG                  (-7)
#define LB_SEQUENCE                (-8)
#define LB_UNKNOWN_SYMBOL          (-9)
#define LB_WRONG_ACCOUNT           (-10)
#define LB_NOT_CONNECTED           (-11)
#define LB_NOT_SUPPORTED           (-12)
#define LB_ENDPOINT                (-13)
#define LB_LEDGER                  (-14)
#define LB_SYSTEM                  (-15)
#define LB_LIMIT                   (-16)
#define LB_UNKNOWN_INSTRUCTION     (-17)
#define LB_DISAGREE                (-18)
#define LB_SERVED                  (-19)
#define LB_BUY                     0
#define LB_SELL                    1
#define LB_HEDGING                 0
#define LB_NETTING                 1
#define LB_ENTRY_IN                0
#define LB_ENTRY_OUT               1
#define LB_ENTRY_INOUT             2
#define LB_ENTRY_OUT_BY            3
#define LB_OPEN                    1
#define LB_CLOSE                   2
#define LB_MODIFY                  3
#define LB_PLACE                   4
#define LB_MODIFY_PENDING          5
#define LB_CANCEL                  6
#define LB_LIMIT_ORDER             0
#define LB_STOP_ORDER              1
#define LB_STOP_LIMIT_ORDER        2
#define LB_MARKET_ORDER            3
#define LB_GTC                     0
#define LB_DAY                     1
#define LB_SPECIFIED               2
#define LB_SPECIFIED_DAY           3
#define LB_END_FILLED              0
#define LB_END_CANCELLED           1
#define LB_END_EXPIRED             2
#define LB_END_REJECTED            3
#define LB_FILLING_FOK             0
#define LB_FILLING_IOC             1
#define LB_FILLING_RETURN          2
#define LB_TRADE_FULL              0
#define LB_TRADE_DISABLED          1
#define LB_TRADE_LONG_ONLY         2
#define LB_TRADE_SHORT_ONLY        3
#define LB_TRADE_CLOSE_ONLY        4
#define LB_EXECUTION_INSTANT       0
#define LB_EXECUTION_REQUEST       1
#define LB_EXECUTION_MARKET        2
#define LB_EXECUTION_EXCHANGE      3
#define LB_GUARD_ARMED             0
#define LB_GUARD_SKIP_OPENS        1
#define LB_GUARD_CLOSE_ONLY        2
#define LB_GUARD_CLOSE_ALL         3

struct LbAccount
  {
   ulong     login;
   long      time_ms;
   double    balance;
   double    equity;
   double    margin;
   double    free_margin;
   uint      leverage;
   uint      currency_digits;
   uint      margin_mode;
   uint      connected;
   uchar     currency[8];
  };

struct LbInstrument
  {
   uchar     symbol[32];
   uint      digits;
   uint      stops_level_points;
   double    contract_size;
   double    tick_size;
   double    tick_value;
   double    lots_min;
   double    lots_max;
   double    lot_step;
   double    margin_per_lot;
   double    bid;
   double    ask;
   double    volume_limit;
   uint      trade_mode;
   uint      execution;
   uint      filling_modes;
   uint      freeze_level_points;
   uint      expiration_modes;
   uint      reserved;
  };

struct LbRate
  {
   uchar     from[8];
   uchar     to[8];
   double    rate;
  };

struct LbPosition
  {
   ulong     id;
   ulong     ticket;
   ulong     magic;
   long      open_time_ms;
   double    lots;
   double    open_price;
   double    stop_loss;
   double    take_profit;
   uint      side;
   uint      reserved;
   uchar     symbol[32];
   uchar     comment[32];
  };

struct LbDeal
  {
   ulong     ticket;
   ulong     position;
   ulong     magic;
   long      time_ms;
   double    lots;
   double    price;
   double    commission;
   double    swap;
   double    profit;
   uint      side;
   uint      entry;
   uchar     symbol[32];
  };

struct LbPendingOrder
  {
   ulong     ticket;
   ulong     magic;
   long      placed_ms;
   long      expiration_ms;
   double    lots;
   double    price;
   double    limit_price;
   double    stop_loss;
   double    take_profit;
   uint      side;
   uint      kind;
   uint      expiration;
   uint      reserved;
   uchar     symbol[32];
   uchar     comment[32];
  };

struct LbPastOrder
  {
   ulong     ticket;
   ulong     position;
   ulong     magic;
   long      time_ms;
   uint      end;
   uint      reserved;
  };

struct LbMasterStatus
  {
   uint      slaves_connected;
   uint      copies_open;
   uint      unsettled;
   uint      in_doubt;
   uint      impossible;
   uint      alerts;
   ulong     records_lost;
   ulong     refused;
  };

struct LbOrder
  {
   ulong     instruction;
   ulong     copy;
   ulong     magic;
   ulong     ticket;
   ulong     age_us;
   long      expiration_ms;
   double    lots;
   double    price;
   double    limit_price;
   double    stop_loss;
   double    take_profit;
   uint      action;
   uint      side;
   uint      kind;
   uint      expiration;
   uint      filling;
   uint      deviation_points;
   uchar     symbol[32];
   uchar     comment[32];
  };

struct LbResult
  {
   ulong     instruction;
   ulong     ticket;
   ulong     deal;
   double    lots;
   double    price;
   uint      retcode;
   uint      reserved;
  };

struct LbSlaveStatus
  {
   uint      connected;
   uint      guard;
   ulong     state;
   ulong     state_seen;
   uchar     trouble[256];
  };

#import "lotbridge.dll"
int lb_abi_version(uint &version);
int lb_last_error(uchar &buffer[], uint capacity, uint &length);
int lb_master_open(const uchar &config[], uint config_length, ulong &handle);
int lb_slave_open(const uchar &config[], uint config_length, ulong login, ulong &handle);
int lb_close(ulong handle);
int lb_snapshot_begin(ulong handle, const LbAccount &account);
int lb_snapshot_instruments(ulong handle, const LbInstrument &items[], uint count);
int lb_snapshot_rates(ulong handle, const LbRate &items[], uint count);
int lb_snapshot_positions(ulong handle, const LbPosition &items[], uint count);
int lb_snapshot_deals(ulong handle, const LbDeal &items[], uint count);
int lb_snapshot_orders(ulong handle, const LbPendingOrder &items[], uint count);
int lb_snapshot_past_orders(ulong handle, const LbPastOrder &items[], uint count);
int lb_master_commit(ulong handle);
int lb_master_wait(ulong handle, uint wait_ms, LbMasterStatus &status);
int lb_master_alerts(ulong handle, uchar &buffer[], uint capacity, uint &length);
int lb_slave_commit(ulong handle, ulong &number);
int lb_slave_wait(ulong handle, uint wait_ms, LbOrder &order);
int lb_slave_report(ulong handle, const LbResult &result);
int lb_slave_deals_from(ulong handle, long &time_ms);
int lb_slave_status(ulong handle, LbSlaveStatus &status);
int lb_slave_alerts(ulong handle, uchar &buffer[], uint capacity, uint &length);
int lb_slave_rearm(ulong handle);
int lb_master_copies(ulong handle, uchar &buffer[], uint capacity, uint &length);
int lb_slave_guards(ulong handle, uchar &buffer[], uint capacity, uint &length);
int lb_pools(ulong handle, uchar &buffer[], uint capacity, uint &length);
int lb_master_by_hand(ulong handle, uint guard);
int lb_slave_by_hand(ulong handle, uint guard);
int lb_layout(const uchar &name[], uint name_length, uint &number);
#import

#endif
