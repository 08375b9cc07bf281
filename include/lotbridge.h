/*
 * LotBridge: replicates the trades of a MetaTrader 5 master account to its slaves, each in its size.
 *
 * Made by cbindgen from src/ffi. Do not edit: change the Rust source, then run
 *     LOTBRIDGE_UPDATE_HEADER=1 cargo test --test c_abi
 *
 * Calling convention
 *     Plain C. On x86-64 there is one on each system, so MQL5's #import calls it as it is. Check lb_abi_version
 *     against LB_ABI_VERSION before anything else: a library of another version must not be used.
 *
 * Results
 *     Every function answers an int32_t: LB_OK (0); a positive number where there was nothing to do (LB_EMPTY);
 *     a negative one where it failed. The numbers are fixed and never given to anything else. After a failure
 *     lb_last_error gives the text: it names the field or the thing, what was found and what is allowed.
 *     Nothing unwinds into the caller: a defect in the library is caught and answered as LB_PANIC.
 *     What a failed call would have written is left as it was, unless its own comment says otherwise.
 *
 * Handles
 *     Numbers, never pointers: a stale, forged or closed one is answered with LB_HANDLE. 0 is never a handle.
 *     At most 256 are open at once, in one process. Close each with lb_close.
 *
 * Text
 *     UTF-8. In structs: a fixed array, ended by a zero byte within it; what follows that byte does not count.
 *     As an argument: a pointer and a length in bytes. Out of the library: into the caller's buffer of `capacity`
 *     bytes, always ended by a zero byte; `length` (may be null) gets the bytes that the whole text has without
 *     it. Where it does not fit it is cut at a character, and the answer is LB_BUFFER.
 *
 * Numbers
 *     Prices, lots and money are double, as the terminal has them. They become exact in the library: prices are
 *     rounded to the symbol's digits, money to the currency's, lots to 1e-8. NaN, infinities, negative lots and
 *     prices, and what is beyond 9.2e10 (money: 9.2e12) are refused by the field's name.
 *
 * Structs
 *     Fixed layout without padding: the same under pack(1) and under natural alignment. Pointers to them need no
 *     alignment. Times are milliseconds since 1970: trade-server time, as the terminal counts.
 *
 * Threads
 *     Any handle may be used from any thread. Calls on two handles never wait for each other; calls on one handle
 *     may: a slave's other calls wait until its lb_slave_wait is over. One thread at a time hands over the
 *     state of a handle (begin, items, commit). lb_close returns at once; a call that another thread has under way
 *     ends first, and only then the handle's endpoint is free again. lb_last_error is per thread.
 *     Only the two waits block, and no longer than their wait_ms, which is at most 60000.
 */
#ifndef LOTBRIDGE_H
#define LOTBRIDGE_H


#include <stdint.h>

/**
 * The version of this interface; an EA that was compiled for another one must not go on.
 */
#define LB_ABI_VERSION 4

/**
 * Done.
 */
#define LB_OK 0

/**
 * Nothing to do: no order came within the wait.
 */
#define LB_EMPTY 1

/**
 * The master needs the terminal's present state: hand it over now rather than with the next timer.
 */
#define LB_STATE_WANTED 2

/**
 * A defect in the library was caught. The handle is quarantined, and what it stood for is stopped, since its state
 * may be half changed: close it and open a new one.
 */
#define LB_PANIC -1

/**
 * A pointer is null.
 */
#define LB_NULL -2

/**
 * The handle was never given, or is closed.
 */
#define LB_HANDLE -3

/**
 * The handle met a defect before: nothing but `lb_close` works on it. Close it and open a new one.
 */
#define LB_QUARANTINED -4

/**
 * A number or a text is out of its range; the error's text names the field.
 */
#define LB_ARGUMENT -5

/**
 * The buffer is too small: the text was cut, the length that is needed was written.
 */
#define LB_BUFFER -6

/**
 * The configuration cannot be used; the error's text names the place.
 */
#define LB_CONFIG -7

/**
 * Items or a commit without a begin, or a master's call on a slave's handle, or the other way round.
 */
#define LB_SEQUENCE -8

/**
 * A position or deal of a symbol whose instrument was not handed over.
 */
#define LB_UNKNOWN_SYMBOL -9

/**
 * Another account than the configured one.
 */
#define LB_WRONG_ACCOUNT -10

/**
 * The terminal is not connected to its trade server: the last state is kept.
 */
#define LB_NOT_CONNECTED -11

/**
 * Not served; no call answers it now.
 */
#define LB_NOT_SUPPORTED -12

/**
 * The local socket cannot be opened.
 */
#define LB_ENDPOINT -13

/**
 * The record cannot be opened or written.
 */
#define LB_LEDGER -14

/**
 * The operating system refused something else.
 */
#define LB_SYSTEM -15

/**
 * More handles or items than the library takes.
 */
#define LB_LIMIT -16

/**
 * The instruction is not open: reported already, or never handed out.
 */
#define LB_UNKNOWN_INSTRUCTION -17

/**
 * A netting master's positions and deals do not agree, since one list is older: the last state is kept.
 */
#define LB_DISAGREE -18

/**
 * Another program of this terminal serves that account already.
 */
#define LB_SERVED -19

/**
 * `LbPosition.side`, `LbDeal.side`, `LbOrder.side`: long, or bought.
 */
#define LB_BUY 0

/**
 * `LbPosition.side`, `LbDeal.side`, `LbOrder.side`: short, or sold.
 */
#define LB_SELL 1

/**
 * `LbAccount.margin_mode`: hedging.
 */
#define LB_HEDGING 0

/**
 * `LbAccount.margin_mode`: netting or exchange.
 */
#define LB_NETTING 1

/**
 * `LbDeal.entry`: opened or added.
 */
#define LB_ENTRY_IN 0

/**
 * `LbDeal.entry`: closed.
 */
#define LB_ENTRY_OUT 1

/**
 * `LbDeal.entry`: reversed.
 */
#define LB_ENTRY_INOUT 2

/**
 * `LbDeal.entry`: closed by an opposite position.
 */
#define LB_ENTRY_OUT_BY 3

/**
 * `LbOrder.action`: open at market.
 */
#define LB_OPEN 1

/**
 * `LbOrder.action`: close `lots` of the position `ticket`.
 */
#define LB_CLOSE 2

/**
 * `LbOrder.action`: set both stops of the position `ticket`.
 */
#define LB_MODIFY 3

/**
 * `LbOrder.action`: place a pending order of this `side` and `kind`.
 */
#define LB_PLACE 4

/**
 * `LbOrder.action`: change the pending order `ticket` to this price, limit price, stops and expiration.
 */
#define LB_MODIFY_PENDING 5

/**
 * `LbOrder.action`: cancel the pending order `ticket`.
 */
#define LB_CANCEL 6

/**
 * `LbPendingOrder.kind`, `LbOrder.kind`: waits for a better price.
 */
#define LB_LIMIT_ORDER 0

/**
 * `LbPendingOrder.kind`, `LbOrder.kind`: waits for a worse price.
 */
#define LB_STOP_ORDER 1

/**
 * `LbPendingOrder.kind`, `LbOrder.kind`: a stop that places a limit order.
 */
#define LB_STOP_LIMIT_ORDER 2

/**
 * `LbPendingOrder.kind`: an order at market that the trade server has accepted and still works on.
 */
#define LB_MARKET_ORDER 3

/**
 * `LbPendingOrder.expiration`, `LbOrder.expiration`: until cancelled.
 */
#define LB_GTC 0

/**
 * `LbPendingOrder.expiration`, `LbOrder.expiration`: until the end of the trade server's day.
 */
#define LB_DAY 1

/**
 * `LbPendingOrder.expiration`, `LbOrder.expiration`: until `expiration_ms`.
 */
#define LB_SPECIFIED 2

/**
 * `LbPendingOrder.expiration`, `LbOrder.expiration`: until the end of the day of `expiration_ms`.
 */
#define LB_SPECIFIED_DAY 3

/**
 * `LbPastOrder.end`: executed.
 */
#define LB_END_FILLED 0

/**
 * `LbPastOrder.end`: cancelled.
 */
#define LB_END_CANCELLED 1

/**
 * `LbPastOrder.end`: its time was up.
 */
#define LB_END_EXPIRED 2

/**
 * `LbPastOrder.end`: refused by the trade server.
 */
#define LB_END_REJECTED 3

/**
 * `LbOrder.filling`: fill or kill.
 */
#define LB_FILLING_FOK 0

/**
 * `LbOrder.filling`: immediate or cancel.
 */
#define LB_FILLING_IOC 1

/**
 * `LbOrder.filling`: return.
 */
#define LB_FILLING_RETURN 2

/**
 * `LbInstrument.trade_mode`: everything may be traded.
 */
#define LB_TRADE_FULL 0

/**
 * `LbInstrument.trade_mode`: nothing may be traded.
 */
#define LB_TRADE_DISABLED 1

/**
 * `LbInstrument.trade_mode`: long positions only.
 */
#define LB_TRADE_LONG_ONLY 2

/**
 * `LbInstrument.trade_mode`: short positions only.
 */
#define LB_TRADE_SHORT_ONLY 3

/**
 * `LbInstrument.trade_mode`: closing only.
 */
#define LB_TRADE_CLOSE_ONLY 4

/**
 * `LbInstrument.execution`: instant.
 */
#define LB_EXECUTION_INSTANT 0

/**
 * `LbInstrument.execution`: on request.
 */
#define LB_EXECUTION_REQUEST 1

/**
 * `LbInstrument.execution`: market.
 */
#define LB_EXECUTION_MARKET 2

/**
 * `LbInstrument.execution`: exchange.
 */
#define LB_EXECUTION_EXCHANGE 3

/**
 * `LbSlaveStatus.guard`: no guard has tripped.
 */
#define LB_GUARD_ARMED 0

/**
 * `LbSlaveStatus.guard`: nothing is opened.
 */
#define LB_GUARD_SKIP_OPENS 1

/**
 * `LbSlaveStatus.guard`: nothing is opened, and no stop loss moved away.
 */
#define LB_GUARD_CLOSE_ONLY 2

/**
 * `LbSlaveStatus.guard`: every copy is closed.
 */
#define LB_GUARD_CLOSE_ALL 3

/**
 * An account's facts.
 */
typedef struct LbAccount {
    /**
     * `ACCOUNT_LOGIN`.
     */
    uint64_t login;
    /**
     * Trade-server time in milliseconds since 1970.
     */
    int64_t time_ms;
    /**
     * `ACCOUNT_BALANCE`.
     */
    double balance;
    /**
     * `ACCOUNT_EQUITY`.
     */
    double equity;
    /**
     * `ACCOUNT_MARGIN`.
     */
    double margin;
    /**
     * `ACCOUNT_MARGIN_FREE`.
     */
    double free_margin;
    /**
     * `ACCOUNT_LEVERAGE`; 100 means 1:100.
     */
    uint32_t leverage;
    /**
     * `ACCOUNT_CURRENCY_DIGITS`, at most 6.
     */
    uint32_t currency_digits;
    /**
     * `LB_HEDGING` or `LB_NETTING`.
     */
    uint32_t margin_mode;
    /**
     * `TERMINAL_CONNECTED`: 1 or 0, nothing else. A state with 0 is not taken: `LB_NOT_CONNECTED`.
     */
    uint32_t connected;
    /**
     * `ACCOUNT_CURRENCY`.
     */
    uint8_t currency[8];
} LbAccount;

/**
 * A symbol's specification with its last quote.
 */
typedef struct LbInstrument {
    /**
     * Its name.
     */
    uint8_t symbol[32];
    /**
     * `SYMBOL_DIGITS`, at most 8.
     */
    uint32_t digits;
    /**
     * `SYMBOL_TRADE_STOPS_LEVEL`, in points.
     */
    uint32_t stops_level_points;
    /**
     * `SYMBOL_TRADE_CONTRACT_SIZE`.
     */
    double contract_size;
    /**
     * `SYMBOL_TRADE_TICK_SIZE`.
     */
    double tick_size;
    /**
     * `SYMBOL_TRADE_TICK_VALUE`, in the account's currency.
     */
    double tick_value;
    /**
     * `SYMBOL_VOLUME_MIN`.
     */
    double lots_min;
    /**
     * `SYMBOL_VOLUME_MAX`.
     */
    double lots_max;
    /**
     * `SYMBOL_VOLUME_STEP`.
     */
    double lot_step;
    /**
     * `OrderCalcMargin` of one lot at the present price; 0 when unknown.
     */
    double margin_per_lot;
    /**
     * `SYMBOL_BID`; 0 before the first quote.
     */
    double bid;
    /**
     * `SYMBOL_ASK`; 0 before the first quote.
     */
    double ask;
    /**
     * `SYMBOL_VOLUME_LIMIT`: the most lots in one direction, pending orders included; 0 for no limit.
     */
    double volume_limit;
    /**
     * `LB_TRADE_FULL` to `LB_TRADE_CLOSE_ONLY`.
     */
    uint32_t trade_mode;
    /**
     * `LB_EXECUTION_INSTANT` to `LB_EXECUTION_EXCHANGE`.
     */
    uint32_t execution;
    /**
     * `SYMBOL_FILLING_MODE` as it is: a bit mask, 1 FOK, 2 IOC, 4 BOC.
     */
    uint32_t filling_modes;
    /**
     * `SYMBOL_TRADE_FREEZE_LEVEL`, in points.
     */
    uint32_t freeze_level_points;
    /**
     * `SYMBOL_EXPIRATION_MODE` as it is: a bit mask, 1 GTC, 2 day, 4 specified, 8 specified day; 0 when unknown.
     */
    uint32_t expiration_modes;
    /**
     * 0.
     */
    uint32_t reserved;
} LbInstrument;

/**
 * What one unit of a currency is in another.
 */
typedef struct LbRate {
    /**
     * The currency that one unit is of.
     */
    uint8_t from[8];
    /**
     * The currency that it is worth `rate` of.
     */
    uint8_t to[8];
    /**
     * Positive.
     */
    double rate;
} LbRate;

/**
 * An open position.
 */
typedef struct LbPosition {
    /**
     * `POSITION_IDENTIFIER`.
     */
    uint64_t id;
    /**
     * `POSITION_TICKET`.
     */
    uint64_t ticket;
    /**
     * `POSITION_MAGIC`.
     */
    uint64_t magic;
    /**
     * `POSITION_TIME_MSC`.
     */
    int64_t open_time_ms;
    /**
     * `POSITION_VOLUME`.
     */
    double lots;
    /**
     * `POSITION_PRICE_OPEN`.
     */
    double open_price;
    /**
     * `POSITION_SL`; 0 for none.
     */
    double stop_loss;
    /**
     * `POSITION_TP`; 0 for none.
     */
    double take_profit;
    /**
     * `LB_BUY` or `LB_SELL`.
     */
    uint32_t side;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * `POSITION_SYMBOL`.
     */
    uint8_t symbol[32];
    /**
     * `POSITION_COMMENT`; may be empty. A hint for filters, never an identity: what is not UTF-8 is replaced, what is
     * too long is cut.
     */
    uint8_t comment[32];
} LbPosition;

/**
 * A deal of the last days: the evidence of what happened to positions that are gone. Buys and sells only: deposits
 * and other entries of the balance have no symbol and are left out.
 */
typedef struct LbDeal {
    /**
     * `DEAL_TICKET`.
     */
    uint64_t ticket;
    /**
     * `DEAL_POSITION_ID`.
     */
    uint64_t position;
    /**
     * `DEAL_MAGIC`.
     */
    uint64_t magic;
    /**
     * `DEAL_TIME_MSC`.
     */
    int64_t time_ms;
    /**
     * `DEAL_VOLUME`.
     */
    double lots;
    /**
     * `DEAL_PRICE`.
     */
    double price;
    /**
     * `DEAL_COMMISSION` (and fee).
     */
    double commission;
    /**
     * `DEAL_SWAP`.
     */
    double swap;
    /**
     * `DEAL_PROFIT`.
     */
    double profit;
    /**
     * `LB_BUY` or `LB_SELL`.
     */
    uint32_t side;
    /**
     * `LB_ENTRY_IN` to `LB_ENTRY_OUT_BY`.
     */
    uint32_t entry;
    /**
     * `DEAL_SYMBOL`.
     */
    uint8_t symbol[32];
} LbDeal;

/**
 * A pending order that waits, or an order at market that the trade server works on: of that one its prices, stops and
 * expiration are not looked at.
 */
typedef struct LbPendingOrder {
    /**
     * `ORDER_TICKET`.
     */
    uint64_t ticket;
    /**
     * `ORDER_MAGIC`.
     */
    uint64_t magic;
    /**
     * `ORDER_TIME_SETUP_MSC`.
     */
    int64_t placed_ms;
    /**
     * `ORDER_TIME_EXPIRATION` in milliseconds; 0 unless `expiration` needs it.
     */
    int64_t expiration_ms;
    /**
     * `ORDER_VOLUME_CURRENT`.
     */
    double lots;
    /**
     * `ORDER_PRICE_OPEN`.
     */
    double price;
    /**
     * `ORDER_PRICE_STOPLIMIT`; 0 unless it is a stop-limit order.
     */
    double limit_price;
    /**
     * `ORDER_SL`; 0 for none.
     */
    double stop_loss;
    /**
     * `ORDER_TP`; 0 for none.
     */
    double take_profit;
    /**
     * `LB_BUY` or `LB_SELL`.
     */
    uint32_t side;
    /**
     * `LB_LIMIT_ORDER` to `LB_MARKET_ORDER`.
     */
    uint32_t kind;
    /**
     * `LB_GTC` to `LB_SPECIFIED_DAY`.
     */
    uint32_t expiration;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * `ORDER_SYMBOL`.
     */
    uint8_t symbol[32];
    /**
     * `ORDER_COMMENT`; as `LbPosition.comment`.
     */
    uint8_t comment[32];
} LbPendingOrder;

/**
 * A pending order of the last days that waits no more.
 */
typedef struct LbPastOrder {
    /**
     * `ORDER_TICKET`.
     */
    uint64_t ticket;
    /**
     * `ORDER_POSITION_ID`; 0 for none.
     */
    uint64_t position;
    /**
     * `ORDER_MAGIC`.
     */
    uint64_t magic;
    /**
     * `ORDER_TIME_DONE_MSC`.
     */
    int64_t time_ms;
    /**
     * `LB_END_FILLED` to `LB_END_REJECTED`.
     */
    uint32_t end;
    /**
     * 0.
     */
    uint32_t reserved;
} LbPastOrder;

/**
 * How a master stands.
 */
typedef struct LbMasterStatus {
    /**
     * Slaves with an open session.
     */
    uint32_t slaves_connected;
    /**
     * Copies that accounts hold.
     */
    uint32_t copies_open;
    /**
     * Copies that are not where they shall be yet.
     */
    uint32_t unsettled;
    /**
     * Copies of which only the account can tell whether they were opened.
     */
    uint32_t in_doubt;
    /**
     * Defects: events that a copy could not meet.
     */
    uint32_t impossible;
    /**
     * Alerts that `lb_master_alerts` has.
     */
    uint32_t alerts;
    /**
     * Records that could not be written and were dropped.
     */
    uint64_t records_lost;
    /**
     * Connections that were refused.
     */
    uint64_t refused;
} LbMasterStatus;

/**
 * An order for a slave's terminal.
 */
typedef struct LbOrder {
    /**
     * To be named in the report.
     */
    uint64_t instruction;
    /**
     * Which copy: 8 bits of pool, 32 bits of the master position's identifier.
     */
    uint64_t copy;
    /**
     * The magic that the order must carry.
     */
    uint64_t magic;
    /**
     * The position to close or modify, or the pending order to change or cancel; 0 for an open.
     */
    uint64_t ticket;
    /**
     * Microseconds since the master's change was handed over.
     */
    uint64_t age_us;
    /**
     * A pending order's `LB_SPECIFIED` or `LB_SPECIFIED_DAY` moment, in milliseconds of trade-server time; else 0.
     */
    int64_t expiration_ms;
    /**
     * The volume, rounded to the symbol's step already; 0 for a modification.
     */
    double lots;
    /**
     * A pending order's price; 0 for an order at market.
     */
    double price;
    /**
     * A stop-limit order's limit price; else 0.
     */
    double limit_price;
    /**
     * The stop loss; 0 for none.
     */
    double stop_loss;
    /**
     * The take profit; 0 for none.
     */
    double take_profit;
    /**
     * `LB_OPEN` to `LB_CANCEL`.
     */
    uint32_t action;
    /**
     * `LB_BUY` or `LB_SELL`, for an open and a pending order.
     */
    uint32_t side;
    /**
     * A pending order's `LB_LIMIT_ORDER` to `LB_STOP_LIMIT_ORDER`.
     */
    uint32_t kind;
    /**
     * A pending order's `LB_GTC` to `LB_SPECIFIED_DAY`.
     */
    uint32_t expiration;
    /**
     * `LB_FILLING_FOK` to `LB_FILLING_RETURN`.
     */
    uint32_t filling;
    /**
     * How far from the master's price an open may be, in points.
     */
    uint32_t deviation_points;
    /**
     * The symbol as this account's broker names it.
     */
    uint8_t symbol[32];
    /**
     * A readable hint for the order's comment; not an identity.
     */
    uint8_t comment[32];
} LbOrder;

/**
 * What the terminal answered to an order.
 */
typedef struct LbResult {
    /**
     * `LbOrder.instruction`.
     */
    uint64_t instruction;
    /**
     * The ticket of the position, or of the pending order that was placed; 0 for none.
     */
    uint64_t ticket;
    /**
     * The deal's ticket; 0 for none.
     */
    uint64_t deal;
    /**
     * What was executed.
     */
    double lots;
    /**
     * At which price.
     */
    double price;
    /**
     * `MqlTradeResult.retcode`.
     */
    uint32_t retcode;
    /**
     * 0.
     */
    uint32_t reserved;
} LbResult;

/**
 * How a slave stands.
 */
typedef struct LbSlaveStatus {
    /**
     * 1 while its session with the master is open.
     */
    uint32_t connected;
    /**
     * What the account's guards do: one of `LB_GUARD_ARMED` and so on. Anything but `LB_GUARD_ARMED` stays so until `lb_slave_rearm`.
     */
    uint32_t guard;
    /**
     * The number of the last state handed over.
     */
    uint64_t state;
    /**
     * The number of the last state that the master has confirmed in this session.
     */
    uint64_t state_seen;
    /**
     * Why there is no session.
     */
    uint8_t trouble[256];
} LbSlaveStatus;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Writes the version of this interface, for the EA to compare with the one it was compiled for.
 */
int32_t lb_abi_version(uint32_t *version);

/**
 * Writes the text of this thread's last failed call. Its own failures leave that text as it is: `LB_BUFFER` when it
 * was cut, so that it can be asked for again with more room.
 */
int32_t lb_last_error(uint8_t *buffer,
                      uint32_t capacity,
                      uint32_t *length);

/**
 * Opens a master: its endpoint, its record, its service thread. `config` is JSON text when it starts with a brace,
 * else the path of a file; UTF-8, `config_length` bytes. `handle` gets 0 when it fails: with `LB_SERVED` while another
 * program of this process serves the same account. One that has not called for a minute was ended the hard way: this one
 * takes its place, and its handle is closed.
 */
int32_t lb_master_open(const uint8_t *config,
                       uint32_t config_length,
                       uint64_t *handle);

/**
 * Opens a slave of account `login`; it connects with its first wait. `config`, `handle` and `LB_SERVED` as in
 * `lb_master_open`.
 */
int32_t lb_slave_open(const uint8_t *config, uint32_t config_length, uint64_t login, uint64_t *handle);

/**
 * Closes a handle, quarantined ones too. A master's slaves lose their connection; nobody loses a position.
 */
int32_t lb_close(uint64_t handle);

/**
 * Begins to hand over a terminal's whole state; instruments, rates, positions, deals and orders follow, each in as many
 * calls of at most 10000 as it takes, and then the commit. An earlier state that was not committed is dropped. So is
 * this one when any of those calls fails: begin anew.
 */
int32_t lb_snapshot_begin(uint64_t handle,
                          const struct LbAccount *account);

/**
 * Adds `count` instruments: those of all positions and deals, and on a slave those that may be traded.
 */
int32_t lb_snapshot_instruments(uint64_t handle, const struct LbInstrument *items, uint32_t count);

/**
 * Adds `count` conversion rates.
 */
int32_t lb_snapshot_rates(uint64_t handle, const struct LbRate *items, uint32_t count);

/**
 * Adds `count` open positions, after their instruments.
 */
int32_t lb_snapshot_positions(uint64_t handle, const struct LbPosition *items, uint32_t count);

/**
 * Adds `count` deals of the last days, after their instruments: at least all of positions that carry a magic of
 * LotBridge, with the deals that opened them; on a netting master, all deals of open positions, however old; on a
 * slave, all since `lb_slave_deals_from`.
 */
int32_t lb_snapshot_deals(uint64_t handle,
                          const struct LbDeal *items,
                          uint32_t count);

/**
 * Adds `count` pending orders that wait, after their instruments.
 */
int32_t lb_snapshot_orders(uint64_t handle, const struct LbPendingOrder *items, uint32_t count);

/**
 * Adds `count` pending orders of the last days that wait no more, at least all that carry a magic of LotBridge and, on
 * the master, all.
 */
int32_t lb_snapshot_past_orders(uint64_t handle,
                                const struct LbPastOrder *items,
                                uint32_t count);

/**
 * Ends the handing over of the master's state: compares, allocates, and sends every slave what follows. Waits for
 * nobody.
 */
int32_t lb_master_commit(uint64_t handle);

/**
 * Waits until every copy is where it shall be and the ledger has it, at most `wait_ms`; writes how things stand either way.
 */
int32_t lb_master_wait(uint64_t handle,
                       uint32_t wait_ms,
                       struct LbMasterStatus *status);

/**
 * Ends the handing over of a slave's state, and sends it; `number` (may be null) gets its number.
 */
int32_t lb_slave_commit(uint64_t handle, uint64_t *number);

/**
 * Waits for the next order, at most `wait_ms`; connects, and connects again, as needed. `LB_EMPTY`: none came;
 * `LB_STATE_WANTED`: none yet, but the master waits for this terminal's present state. With either, `order` is all
 * zero, but for its `symbol` with `LB_STATE_WANTED`: one that the last state lacked, and that is to be in the next one if the
 * broker offers it. An order must be reported, whatever came of it, and not be sent twice.
 */
int32_t lb_slave_wait(uint64_t handle,
                      uint32_t wait_ms,
                      struct LbOrder *order);

/**
 * Reports what the terminal answered to an order.
 */
int32_t lb_slave_report(uint64_t handle, const struct LbResult *result);

/**
 * Writes from when on a slave's terminal is to hand over its deals, in milliseconds of trade-server time: since the oldest
 * copy that it holds was opened. 0, all that there are, before its first state.
 */
int32_t lb_slave_deals_from(uint64_t handle,
                            int64_t *time_ms);

/**
 * Writes how a slave stands.
 */
int32_t lb_slave_status(uint64_t handle, struct LbSlaveStatus *status);

/**
 * Arms the account's guards anew, by its owner's hand: losses are measured from the next state on.
 */
int32_t lb_slave_rearm(uint64_t handle);

/**
 * Writes the master's alerts, a line each, the latest last.
 */
int32_t lb_master_alerts(uint64_t handle, uint8_t *buffer, uint32_t capacity, uint32_t *length);

/**
 * Writes the slave's alerts, a line each, the latest last.
 */
int32_t lb_slave_alerts(uint64_t handle, uint8_t *buffer, uint32_t capacity, uint32_t *length);

/**
 * Writes what became of the master's last copies, a line each, the latest last.
 */
int32_t lb_master_copies(uint64_t handle, uint8_t *buffer, uint32_t capacity, uint32_t *length);

/**
 * Writes how far a slave's account is from each of its guards, a line each.
 */
int32_t lb_slave_guards(uint64_t handle, uint8_t *buffer, uint32_t capacity, uint32_t *length);

/**
 * Writes how things stand, a line each: a master's pools, how many of their slaves are connected and how fast their last
 * orders were done, and which slaves need a look; a slave's pools.
 */
int32_t lb_pools(uint64_t handle,
                 uint8_t *buffer,
                 uint32_t capacity,
                 uint32_t *length);

/**
 * Does by the manager's hand on every account what a guard does on one, until he says otherwise, over restarts:
 * `LB_GUARD_SKIP_OPENS` pauses, `LB_GUARD_CLOSE_ALL` closes every copy and opens none, `LB_GUARD_ARMED` lets it go on. What
 * guards and the accounts' owners forbid stays as it is.
 */
int32_t lb_master_by_hand(uint64_t handle,
                          uint32_t guard);

/**
 * Does by its owner's hand what a guard does, until he says otherwise: `LB_GUARD_SKIP_OPENS` pauses the account,
 * `LB_GUARD_CLOSE_ALL` closes every copy and opens none, `LB_GUARD_ARMED` lets it go on. What its guards themselves forbid
 * and measure stays as it is.
 */
int32_t lb_slave_by_hand(uint64_t handle,
                         uint32_t guard);

/**
 * Writes the size of a struct (`LbAccount`) or the offset of a field in it (`LbAccount.login`), for a caller to compare with
 * what its own compiler made of it. `name` is UTF-8, `name_length` bytes.
 */
int32_t lb_layout(const uint8_t *name,
                  uint32_t name_length,
                  uint32_t *number);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/* No struct has padding: a compiler that lays one out otherwise stops here. */
typedef char lb_size_of_LbAccount[sizeof(LbAccount) == 72 ? 1 : -1];
typedef char lb_size_of_LbInstrument[sizeof(LbInstrument) == 144 ? 1 : -1];
typedef char lb_size_of_LbRate[sizeof(LbRate) == 24 ? 1 : -1];
typedef char lb_size_of_LbPosition[sizeof(LbPosition) == 136 ? 1 : -1];
typedef char lb_size_of_LbDeal[sizeof(LbDeal) == 112 ? 1 : -1];
typedef char lb_size_of_LbPendingOrder[sizeof(LbPendingOrder) == 152 ? 1 : -1];
typedef char lb_size_of_LbPastOrder[sizeof(LbPastOrder) == 40 ? 1 : -1];
typedef char lb_size_of_LbOrder[sizeof(LbOrder) == 176 ? 1 : -1];
typedef char lb_size_of_LbResult[sizeof(LbResult) == 48 ? 1 : -1];
typedef char lb_size_of_LbMasterStatus[sizeof(LbMasterStatus) == 40 ? 1 : -1];
typedef char lb_size_of_LbSlaveStatus[sizeof(LbSlaveStatus) == 280 ? 1 : -1];

#endif /* LOTBRIDGE_H */
