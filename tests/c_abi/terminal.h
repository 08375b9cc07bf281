/* Two made-up terminals on one broker: gold at 4562.10 / 4562.44, hedging accounts in USD. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "check.h"

#define MASTER_LOGIN 1001u
#define SLAVE_LOGIN 2001u
#define TIME_MS 1760000000000
#define BID 4562.10
#define ASK 4562.44
#define MOST_DEALS 16

/* What a terminal shows: one position at most, and the deals that led there. */
typedef struct Terminal {
    uint64_t login;
    LbPosition position;
    int has_position;
    LbDeal deals[MOST_DEALS];
    uint32_t deal_count;
} Terminal;

static inline void put_text(uint8_t *field, size_t size, const char *text)
{
    EXPECT(strlen(text) < size, "\"%s\" does not fit into %u bytes", text, (unsigned)size);
    memset(field, 0, size);
    memcpy(field, text, strlen(text));
}

/* The configuration: one slave at one and a half times the master. Everything it writes stays below `folder`. */
static inline const char *config_text(const char *folder)
{
    static char text[4096];
    int length = snprintf(text, sizeof text,
                          "{\"master\": {\"login\": %u, \"currency\": \"USD\", \"endpoint_dir\": \"%s/run\","
                          " \"state_dir\": \"%s/state\"}, \"secret\": \"between these two\", \"pools\": [{\"name\":"
                          " \"gold\", \"allocation\": {\"method\": \"multiplier\"}, \"members\": [{\"login\": %u,"
                          " \"profile\": \"1.5\"}]}]}",
                          MASTER_LOGIN, folder, folder, SLAVE_LOGIN);
    EXPECT(length > 0 && (size_t)length < sizeof text, "the folder's name %s is too long", folder);
    return text;
}

static inline uint64_t open_master(const char *config)
{
    uint64_t handle = 0;
    ANSWERS(LB_OK, lb.master_open((const uint8_t *)config, (uint32_t)strlen(config), &handle));
    EXPECT(handle != 0, "a handle is never 0");
    return handle;
}

static inline uint64_t open_slave(const char *config)
{
    uint64_t handle = 0;
    ANSWERS(LB_OK, lb.slave_open((const uint8_t *)config, (uint32_t)strlen(config), SLAVE_LOGIN, &handle));
    EXPECT(handle != 0, "a handle is never 0");
    return handle;
}

static inline LbAccount account_of(uint64_t login)
{
    LbAccount account;
    memset(&account, 0, sizeof account);
    account.login = login;
    account.time_ms = TIME_MS;
    account.balance = 100000.0;
    account.equity = 100000.0;
    account.free_margin = 100000.0;
    account.leverage = 100;
    account.currency_digits = 2;
    account.margin_mode = LB_HEDGING;
    account.connected = 1;
    put_text(account.currency, sizeof account.currency, "USD");
    return account;
}

static inline LbInstrument gold(void)
{
    LbInstrument instrument;
    memset(&instrument, 0, sizeof instrument);
    put_text(instrument.symbol, sizeof instrument.symbol, "XAUUSD");
    instrument.digits = 2;
    instrument.contract_size = 100.0;
    instrument.tick_size = 0.01;
    instrument.tick_value = 1.0;
    instrument.lots_min = 0.01;
    instrument.lots_max = 50.0;
    instrument.lot_step = 0.01;
    instrument.margin_per_lot = 4562.0;
    instrument.bid = BID;
    instrument.ask = ASK;
    return instrument;
}

static inline LbRate euro(void)
{
    LbRate rate;
    memset(&rate, 0, sizeof rate);
    put_text(rate.from, sizeof rate.from, "EUR");
    put_text(rate.to, sizeof rate.to, "USD");
    rate.rate = 1.08512;
    return rate;
}

static inline LbPosition long_gold(uint64_t id, uint64_t magic, double lots)
{
    LbPosition position;
    memset(&position, 0, sizeof position);
    position.id = id;
    position.ticket = id;
    position.magic = magic;
    position.open_time_ms = TIME_MS;
    position.lots = lots;
    position.open_price = ASK;
    position.side = LB_BUY;
    put_text(position.symbol, sizeof position.symbol, "XAUUSD");
    return position;
}

static inline LbPendingOrder gold_order(uint64_t ticket, double price)
{
    LbPendingOrder order;
    memset(&order, 0, sizeof order);
    order.ticket = ticket;
    order.placed_ms = TIME_MS;
    order.lots = 0.1;
    order.price = price;
    order.side = LB_BUY;
    order.kind = LB_LIMIT_ORDER;
    order.expiration = LB_GTC;
    put_text(order.symbol, sizeof order.symbol, "XAUUSD");
    return order;
}

static inline LbDeal gold_deal(uint64_t ticket, uint64_t position, uint64_t magic, uint32_t entry, double lots)
{
    LbDeal deal;
    memset(&deal, 0, sizeof deal);
    deal.ticket = ticket;
    deal.position = position;
    deal.magic = magic;
    deal.time_ms = TIME_MS;
    deal.lots = lots;
    deal.price = entry == LB_ENTRY_IN ? ASK : BID;
    deal.commission = -0.35;
    deal.profit = entry == LB_ENTRY_IN ? 0.0 : -3.4;
    deal.side = entry == LB_ENTRY_IN ? LB_BUY : LB_SELL;
    deal.entry = entry;
    put_text(deal.symbol, sizeof deal.symbol, "XAUUSD");
    return deal;
}

/* Opens the terminal's one position. */
static inline void terminal_open(Terminal *terminal, uint64_t id, uint64_t magic, double lots)
{
    EXPECT(!terminal->has_position && terminal->deal_count < MOST_DEALS, "this terminal holds one position at most");
    terminal->position = long_gold(id, magic, lots);
    terminal->has_position = 1;
    terminal->deals[terminal->deal_count] = gold_deal(id + 1, id, magic, LB_ENTRY_IN, lots);
    terminal->deal_count += 1;
}

/* Closes `lots` of it, with the deal that proves it. */
static inline void terminal_close(Terminal *terminal, double lots)
{
    LbPosition *position = &terminal->position;
    double rest = position->lots - lots;
    EXPECT(terminal->has_position && terminal->deal_count < MOST_DEALS, "there is nothing to close");
    EXPECT(rest > -1e-9, "%.2f lots of %.2f cannot be closed", lots, position->lots);
    terminal->deals[terminal->deal_count] =
        gold_deal(position->id + 1 + terminal->deal_count, position->id, position->magic, LB_ENTRY_OUT, lots);
    terminal->deal_count += 1;
    position->lots = rest;
    terminal->has_position = rest > 1e-9;
}

/* Hands over all that the terminal shows, but for the commit. */
static inline void hand_over(uint64_t handle, const Terminal *terminal)
{
    LbAccount account = account_of(terminal->login);
    LbInstrument instrument = gold();
    LbRate rate = euro();
    ANSWERS(LB_OK, lb.snapshot_begin(handle, &account));
    ANSWERS(LB_OK, lb.snapshot_instruments(handle, &instrument, 1));
    ANSWERS(LB_OK, lb.snapshot_rates(handle, &rate, 1));
    ANSWERS(LB_OK, lb.snapshot_positions(handle, &terminal->position, terminal->has_position ? 1 : 0));
    ANSWERS(LB_OK, lb.snapshot_deals(handle, terminal->deals, terminal->deal_count));
}

#endif
