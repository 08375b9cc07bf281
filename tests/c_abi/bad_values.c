/* Values that are none: every field of every struct that goes in. Each is refused by its name, and nothing of the
 * state that it came with can be committed.
 *
 *     bad_values LIBRARY FOLDER
 */
#include "terminal.h"

#include <math.h>
#include <stddef.h>

typedef enum Kind { ACCOUNT, INSTRUMENT, RATE, POSITION, DEAL, PENDINGORDER, PASTORDER, RESULT } Kind;

/* A struct's bytes. */
typedef union Item {
    LbAccount account;
    LbInstrument instrument;
    LbRate rate;
    LbPosition position;
    LbDeal deal;
    LbPendingOrder order;
    LbPastOrder past;
    LbResult result;
} Item;

static uint64_t master, slave;

static Item good(Kind kind)
{
    Item item;
    memset(&item, 0, sizeof item);
    switch (kind) {
    case ACCOUNT: item.account = account_of(MASTER_LOGIN); break;
    case INSTRUMENT: item.instrument = gold(); break;
    case RATE: item.rate = euro(); break;
    case POSITION: item.position = long_gold(700, 0, 0.1); break;
    case DEAL: item.deal = gold_deal(701, 700, 0, LB_ENTRY_IN, 0.1); break;
    case PENDINGORDER: item.order = gold_order(710, 4000.0); break;
    case PASTORDER: item.past.ticket = 711; item.past.end = LB_END_CANCELLED; break;
    case RESULT: item.result.instruction = 1; item.result.retcode = 10009; break;
    }
    return item;
}

/* Hands over a state that is good but for `item`. */
static int32_t hand_over_item(Kind kind, const Item *item)
{
    LbAccount account = account_of(MASTER_LOGIN);
    LbInstrument instrument = gold();
    if (kind == ACCOUNT)
        return lb.snapshot_begin(master, &item->account);
    if (kind == RESULT)
        return lb.slave_report(slave, &item->result);
    ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
    if (kind == INSTRUMENT)
        return lb.snapshot_instruments(master, &item->instrument, 1);
    if (kind == RATE)
        return lb.snapshot_rates(master, &item->rate, 1);
    ANSWERS(LB_OK, lb.snapshot_instruments(master, &instrument, 1));
    if (kind == POSITION)
        return lb.snapshot_positions(master, &item->position, 1);
    if (kind == PENDINGORDER)
        return lb.snapshot_orders(master, &item->order, 1);
    if (kind == PASTORDER)
        return lb.snapshot_past_orders(master, &item->past, 1);
    return lb.snapshot_deals(master, &item->deal, 1);
}

static void refused(Kind kind, const Item *item, int32_t code, const char *words)
{
    REFUSES(code, words, hand_over_item(kind, item));
    if (kind != RESULT)
        REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
}

static void good_ones_are_taken(void)
{
    int kind;
    for (kind = ACCOUNT; kind <= DEAL; kind++) {
        Item item = good((Kind)kind);
        ANSWERS(LB_OK, hand_over_item((Kind)kind, &item));
        ANSWERS(LB_OK, lb.master_commit(master));
    }
}

typedef struct Double {
    Kind kind;
    const char *name;
    size_t offset;
    int may_be_negative, may_be_zero;
} Double;

#define DOUBLE(kind, type, field, negative, zero) {kind, #type "." #field, offsetof(type, field), negative, zero}

static const Double DOUBLES[] = {
    DOUBLE(ACCOUNT, LbAccount, balance, 1, 1),
    DOUBLE(ACCOUNT, LbAccount, equity, 1, 1),
    DOUBLE(ACCOUNT, LbAccount, margin, 1, 1),
    DOUBLE(ACCOUNT, LbAccount, free_margin, 1, 1),
    DOUBLE(INSTRUMENT, LbInstrument, contract_size, 0, 0),
    DOUBLE(INSTRUMENT, LbInstrument, tick_size, 0, 1),
    DOUBLE(INSTRUMENT, LbInstrument, tick_value, 0, 1),
    DOUBLE(INSTRUMENT, LbInstrument, lots_min, 0, 1),
    DOUBLE(INSTRUMENT, LbInstrument, lots_max, 0, 1),
    DOUBLE(INSTRUMENT, LbInstrument, lot_step, 0, 0),
    DOUBLE(INSTRUMENT, LbInstrument, margin_per_lot, 0, 1),
    DOUBLE(INSTRUMENT, LbInstrument, bid, 0, 1),
    DOUBLE(INSTRUMENT, LbInstrument, ask, 0, 1),
    DOUBLE(INSTRUMENT, LbInstrument, volume_limit, 0, 1),
    DOUBLE(RATE, LbRate, rate, 0, 0),
    DOUBLE(POSITION, LbPosition, lots, 0, 0),
    DOUBLE(POSITION, LbPosition, open_price, 0, 1),
    DOUBLE(POSITION, LbPosition, stop_loss, 0, 1),
    DOUBLE(POSITION, LbPosition, take_profit, 0, 1),
    DOUBLE(DEAL, LbDeal, lots, 0, 1),
    DOUBLE(DEAL, LbDeal, price, 0, 1),
    DOUBLE(DEAL, LbDeal, commission, 1, 1),
    DOUBLE(DEAL, LbDeal, swap, 1, 1),
    DOUBLE(DEAL, LbDeal, profit, 1, 1),
    DOUBLE(PENDINGORDER, LbPendingOrder, lots, 0, 0),
    DOUBLE(PENDINGORDER, LbPendingOrder, price, 0, 0),
    DOUBLE(PENDINGORDER, LbPendingOrder, limit_price, 0, 1),
    DOUBLE(PENDINGORDER, LbPendingOrder, stop_loss, 0, 1),
    DOUBLE(PENDINGORDER, LbPendingOrder, take_profit, 0, 1),
    DOUBLE(RESULT, LbResult, lots, 0, 1),
    DOUBLE(RESULT, LbResult, price, 0, 1),
};

static Item with_double(const Double *field, double value)
{
    Item item = good(field->kind);
    memcpy((char *)&item + field->offset, &value, sizeof value);
    return item;
}

static void numbers_that_are_none(void)
{
    const double never[] = {NAN, -NAN, INFINITY, -INFINITY, 1e300, -1e300, 1e13, -1e13};
    size_t at, value;
    for (at = 0; at < sizeof DOUBLES / sizeof *DOUBLES; at++) {
        const Double *field = &DOUBLES[at];
        Item item;
        for (value = 0; value < sizeof never / sizeof *never; value++) {
            item = with_double(field, never[value]);
            refused(field->kind, &item, LB_ARGUMENT, field->name);
        }
        item = with_double(field, -1.5);
        if (!field->may_be_negative)
            refused(field->kind, &item, LB_ARGUMENT, field->name);
        else
            ANSWERS(LB_OK, hand_over_item(field->kind, &item));
        item = with_double(field, 0.0);
        if (!field->may_be_zero)
            refused(field->kind, &item, LB_ARGUMENT, field->name);
        else
            ANSWERS(field->kind == RESULT ? LB_UNKNOWN_INSTRUCTION : LB_OK, hand_over_item(field->kind, &item));
        item = with_double(field, 5e-324);
        if (!field->may_be_zero)
            refused(field->kind, &item, LB_ARGUMENT, field->name);
    }
}

typedef struct Text {
    Kind kind;
    const char *name;
    size_t offset, size;
} Text;

#define TEXT(kind, type, field) {kind, #type "." #field, offsetof(type, field), sizeof(((type *)NULL)->field)}

static const Text TEXTS[] = {
    TEXT(ACCOUNT, LbAccount, currency), TEXT(INSTRUMENT, LbInstrument, symbol), TEXT(RATE, LbRate, from),
    TEXT(RATE, LbRate, to),             TEXT(POSITION, LbPosition, symbol),     TEXT(DEAL, LbDeal, symbol),
    TEXT(PENDINGORDER, LbPendingOrder, symbol),
};

static void texts_that_are_none(void)
{
    static const struct {
        const char *bytes, *words;
    } never[] = {
        {"", "is empty"},
        {"AB\xff", "is not UTF-8"},
        {"\xc3", "is not UTF-8"},
        {"\xed\xa0\x80", "is not UTF-8"},
        {"A\nB", "control characters"},
        {"\x7f", "control characters"},
    };
    size_t at, text;
    for (at = 0; at < sizeof TEXTS / sizeof *TEXTS; at++) {
        const Text *field = &TEXTS[at];
        Item item = good(field->kind);
        uint8_t *bytes = (uint8_t *)&item + field->offset;
        for (text = 0; text < sizeof never / sizeof *never; text++) {
            put_text(bytes, field->size, never[text].bytes);
            refused(field->kind, &item, LB_ARGUMENT, field->name);
            refused(field->kind, &item, LB_ARGUMENT, never[text].words);
        }
        memset(bytes, 'A', field->size);
        refused(field->kind, &item, LB_ARGUMENT, field->name);
        refused(field->kind, &item, LB_ARGUMENT, "has no zero byte");
    }
}

#define ANY_TEXT(kind, type, field) {kind, offsetof(type, field), sizeof(((type *)NULL)->field)}

/* A comment is a hint: whatever stands in it, the trade is not lost. */
static void comments_are_never_refused(void)
{
    static const struct {
        Kind kind;
        size_t offset, size;
    } hints[] = {
        ANY_TEXT(POSITION, LbPosition, comment),
        ANY_TEXT(PENDINGORDER, LbPendingOrder, comment),
    };
    static const char *const any[] = {"", "EA1", "AB\xff", "\xc3", "\xed\xa0\x80", "A\nB", "\x7f"};
    size_t at, text;
    for (at = 0; at < sizeof hints / sizeof *hints; at++) {
        Item item = good(hints[at].kind);
        uint8_t *bytes = (uint8_t *)&item + hints[at].offset;
        for (text = 0; text < sizeof any / sizeof *any; text++) {
            put_text(bytes, hints[at].size, any[text]);
            ANSWERS(LB_OK, hand_over_item(hints[at].kind, &item));
        }
        memset(bytes, 0xff, hints[at].size);
        ANSWERS(LB_OK, hand_over_item(hints[at].kind, &item));
        ANSWERS(LB_OK, lb.master_commit(master));
    }
}

static void whole_numbers_that_are_none(void)
{
    static const struct {
        Kind kind;
        const char *name;
        size_t offset;
        uint32_t value;
    } never[] = {
        {ACCOUNT, "LbAccount.leverage", offsetof(LbAccount, leverage), 0},
        {ACCOUNT, "LbAccount.currency_digits", offsetof(LbAccount, currency_digits), 7},
        {ACCOUNT, "LbAccount.currency_digits", offsetof(LbAccount, currency_digits), UINT32_MAX},
        {ACCOUNT, "LbAccount.margin_mode", offsetof(LbAccount, margin_mode), 2},
        {ACCOUNT, "LbAccount.margin_mode", offsetof(LbAccount, margin_mode), UINT32_MAX},
        {ACCOUNT, "LbAccount.connected", offsetof(LbAccount, connected), 2},
        {ACCOUNT, "LbAccount.connected", offsetof(LbAccount, connected), UINT32_MAX},
        {INSTRUMENT, "LbInstrument.digits", offsetof(LbInstrument, digits), 9},
        {INSTRUMENT, "LbInstrument.digits", offsetof(LbInstrument, digits), UINT32_MAX},
        {POSITION, "LbPosition.side", offsetof(LbPosition, side), 2},
        {POSITION, "LbPosition.side", offsetof(LbPosition, side), UINT32_MAX},
        {DEAL, "LbDeal.side", offsetof(LbDeal, side), 2},
        {DEAL, "LbDeal.entry", offsetof(LbDeal, entry), 4},
        {DEAL, "LbDeal.entry", offsetof(LbDeal, entry), UINT32_MAX},
        {INSTRUMENT, "LbInstrument.trade_mode", offsetof(LbInstrument, trade_mode), 5},
        {INSTRUMENT, "LbInstrument.execution", offsetof(LbInstrument, execution), 4},
        {PENDINGORDER, "LbPendingOrder.side", offsetof(LbPendingOrder, side), 2},
        {PENDINGORDER, "LbPendingOrder.kind", offsetof(LbPendingOrder, kind), 4},
        {PENDINGORDER, "LbPendingOrder.expiration", offsetof(LbPendingOrder, expiration), 4},
        {PASTORDER, "LbPastOrder.end", offsetof(LbPastOrder, end), 4},
    };
    size_t at;
    Item item = good(ACCOUNT);
    item.account.login = 0;
    refused(ACCOUNT, &item, LB_ARGUMENT, "LbAccount.login");
    item = good(POSITION);
    item.position.id = 0;
    refused(POSITION, &item, LB_ARGUMENT, "LbPosition.id");
    item = good(DEAL);
    item.deal.ticket = 0;
    refused(DEAL, &item, LB_ARGUMENT, "LbDeal.ticket");
    item = good(PENDINGORDER);
    item.order.ticket = 0;
    refused(PENDINGORDER, &item, LB_ARGUMENT, "LbPendingOrder.ticket");
    item = good(PASTORDER);
    item.past.ticket = 0;
    refused(PASTORDER, &item, LB_ARGUMENT, "LbPastOrder.ticket");
    for (at = 0; at < sizeof never / sizeof *never; at++) {
        item = good(never[at].kind);
        memcpy((char *)&item + never[at].offset, &never[at].value, sizeof never[at].value);
        refused(never[at].kind, &item, LB_ARGUMENT, never[at].name);
    }
}

/* An order at market that is worked on has no price; all else of it must be right. */
static void orders_at_market(void)
{
    Item item = good(PENDINGORDER);
    item.order.kind = LB_MARKET_ORDER;
    item.order.price = -1;
    item.order.expiration = 9;
    ANSWERS(LB_OK, hand_over_item(PENDINGORDER, &item));
    REFUSES(LB_ARGUMENT, "LbPendingOrder.ticket 710 was handed over twice", lb.snapshot_orders(master, &item.order, 1));
    item.order.lots = 0;
    refused(PENDINGORDER, &item, LB_ARGUMENT, "LbPendingOrder.lots");
    item.order.lots = 0.1;
    item.order.side = 2;
    refused(PENDINGORDER, &item, LB_ARGUMENT, "LbPendingOrder.side");
    item.order.side = LB_SELL;
    item.order.ticket = 0;
    refused(PENDINGORDER, &item, LB_ARGUMENT, "LbPendingOrder.ticket");
}

/* Times and numbers at the ends of their types are odd, and no reason to fail. */
static void ends_of_the_integers(void)
{
    const int64_t times[] = {INT64_MIN, -1, 0, INT64_MAX};
    size_t at;
    for (at = 0; at < sizeof times / sizeof *times; at++) {
        LbAccount account = account_of(MASTER_LOGIN);
        LbInstrument instrument = gold();
        LbPosition position = long_gold(UINT64_MAX - at, UINT64_MAX, 0.1);
        LbDeal deal = gold_deal(UINT64_MAX, UINT64_MAX, UINT64_MAX, LB_ENTRY_OUT, 0.1);
        account.time_ms = times[at];
        account.leverage = UINT32_MAX;
        instrument.stops_level_points = UINT32_MAX;
        position.open_time_ms = times[3 - at];
        position.ticket = UINT64_MAX;
        deal.time_ms = times[3 - at];
        ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
        ANSWERS(LB_OK, lb.snapshot_instruments(master, &instrument, 1));
        ANSWERS(LB_OK, lb.snapshot_positions(master, &position, 1));
        ANSWERS(LB_OK, lb.snapshot_deals(master, &deal, 1));
        ANSWERS(LB_OK, lb.master_commit(master));
    }
}

/* A list that changed while it was read shows one item twice. The text says which. */
static void twice_the_same(void)
{
    LbAccount account = account_of(MASTER_LOGIN);
    LbInstrument instruments[2];
    LbPosition positions[2];
    LbDeal deals[2];
    instruments[0] = instruments[1] = gold();
    positions[0] = positions[1] = long_gold(700, 0, 0.1);
    deals[0] = deals[1] = gold_deal(701, 700, 0, LB_ENTRY_IN, 0.1);
    ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
    REFUSES(LB_ARGUMENT, "LbInstrument.symbol XAUUSD was handed over twice in one state (item 1",
            lb.snapshot_instruments(master, instruments, 2));
    ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
    ANSWERS(LB_OK, lb.snapshot_instruments(master, instruments, 1));
    REFUSES(LB_ARGUMENT, "LbPosition.id 700 was handed over twice", lb.snapshot_positions(master, positions, 2));
    ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
    ANSWERS(LB_OK, lb.snapshot_instruments(master, instruments, 1));
    ANSWERS(LB_OK, lb.snapshot_deals(master, deals, 1));
    REFUSES(LB_ARGUMENT, "LbDeal.ticket 701 was handed over twice", lb.snapshot_deals(master, deals + 1, 1));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
}

static void unknown_symbols(void)
{
    LbAccount account = account_of(MASTER_LOGIN);
    LbPosition position = long_gold(700, 0, 0.1);
    LbDeal deal = gold_deal(701, 700, 0, LB_ENTRY_IN, 0.1);
    ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
    REFUSES(LB_UNKNOWN_SYMBOL, "XAUUSD", lb.snapshot_positions(master, &position, 1));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
    ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
    REFUSES(LB_UNKNOWN_SYMBOL, "XAUUSD", lb.snapshot_deals(master, &deal, 1));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
}

int main(int count, char **arguments)
{
    EXPECT(count == 3, "usage: bad_values LIBRARY FOLDER");
    open_library(arguments[1]);
    master = open_master(config_text(arguments[2]));
    slave = open_slave(config_text(arguments[2]));
    good_ones_are_taken();
    numbers_that_are_none();
    texts_that_are_none();
    comments_are_never_refused();
    whole_numbers_that_are_none();
    orders_at_market();
    ends_of_the_integers();
    twice_the_same();
    unknown_symbols();
    good_ones_are_taken();
    ANSWERS(LB_OK, lb.close(slave));
    ANSWERS(LB_OK, lb.close(master));
    puts("bad values: each refused by its name");
    return 0;
}
