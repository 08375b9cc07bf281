/* Null pointers, handles that are none, calls out of their turn, counts and buffers that do not fit.
 *
 *     bad_calls LIBRARY FOLDER
 */
#include "terminal.h"

#define CALL_MOST 10000u
#define HANDLES_MOST 256

static const char *config;
/* The same with HANDLES_MOST more slaves. */
static const char *others;
static uint64_t master, slave;

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

static uint32_t length_of(const char *text)
{
    return (uint32_t)strlen(text);
}

static const char *with_others(const char *text)
{
    static char whole[16384];
    const char *first = strstr(text, "{\"login\": 2001");
    int at, length;
    EXPECT(first != NULL, "the configuration has no member: %s", text);
    length = snprintf(whole, sizeof whole, "%.*s", (int)(first - text), text);
    for (at = 1; at <= HANDLES_MOST; at++)
        length += snprintf(whole + length, sizeof whole - (size_t)length, "{\"login\": %u}, ", SLAVE_LOGIN + (unsigned)at);
    length += snprintf(whole + length, sizeof whole - (size_t)length, "%s", first);
    EXPECT((size_t)length < sizeof whole, "%d bytes are too many", length);
    return whole;
}

static uint64_t open_other(int number)
{
    uint64_t handle = 0;
    ANSWERS(LB_OK, lb.slave_open(bytes_of(others), length_of(others), SLAVE_LOGIN + (uint64_t)number, &handle));
    return handle;
}

static void begin(uint64_t handle)
{
    LbAccount account = account_of(handle == slave ? SLAVE_LOGIN : MASTER_LOGIN);
    ANSWERS(LB_OK, lb.snapshot_begin(handle, &account));
}

static void null_pointers(void)
{
    uint64_t handle = 7;
    uint8_t text[8], lines[128];
    int64_t since;
    uint32_t number = 0;
    long start;
    REFUSES(LB_NULL, "version", lb.abi_version(NULL));
    REFUSES(LB_NULL, "config", lb.master_open(NULL, 5, &handle));
    EXPECT(handle == 0, "an open that fails gives no handle");
    REFUSES(LB_NULL, "config", lb.master_open(NULL, 0, &handle));
    REFUSES(LB_NULL, "handle", lb.master_open(bytes_of(config), length_of(config), NULL));
    REFUSES(LB_NULL, "config", lb.slave_open(NULL, 5, SLAVE_LOGIN, &handle));
    REFUSES(LB_NULL, "handle", lb.slave_open(bytes_of(config), length_of(config), SLAVE_LOGIN, NULL));
    REFUSES(LB_NULL, "account", lb.snapshot_begin(master, NULL));
    begin(master);
    REFUSES(LB_NULL, "instruments", lb.snapshot_instruments(master, NULL, 1));
    begin(master);
    REFUSES(LB_NULL, "rates", lb.snapshot_rates(master, NULL, 1));
    begin(master);
    REFUSES(LB_NULL, "positions", lb.snapshot_positions(master, NULL, CALL_MOST));
    begin(master);
    REFUSES(LB_NULL, "deals", lb.snapshot_deals(master, NULL, 1));
    REFUSES(LB_NULL, "buffer", lb.master_alerts(master, NULL, 8, NULL));
    ANSWERS(LB_OK, lb.master_alerts(master, text, sizeof text, NULL));
    REFUSES(LB_NULL, "buffer", lb.master_copies(master, NULL, 8, NULL));
    ANSWERS(LB_OK, lb.master_copies(master, text, sizeof text, NULL));
    start = now_ms();
    REFUSES(LB_NULL, "status", lb.master_wait(master, 5000, NULL));
    REFUSES(LB_NULL, "order", lb.slave_wait(slave, 5000, NULL));
    EXPECT(now_ms() - start < 1000, "a null pointer is refused at once, not after the wait");
    REFUSES(LB_NULL, "result", lb.slave_report(slave, NULL));
    REFUSES(LB_NULL, "status", lb.slave_status(slave, NULL));
    REFUSES(LB_NULL, "buffer", lb.slave_alerts(slave, NULL, 8, NULL));
    ANSWERS(LB_OK, lb.slave_alerts(slave, text, sizeof text, NULL));
    REFUSES(LB_NULL, "name is null", lb.layout(NULL, 9, &number));
    REFUSES(LB_NULL, "number is null", lb.layout((const uint8_t *)"LbAccount", 9, NULL));
    REFUSES(LB_ARGUMENT, "no such struct", lb.layout((const uint8_t *)"LbAccounts", 10, &number));
    REFUSES(LB_LIMIT, "64 are the most", lb.layout((const uint8_t *)"LbAccount", 65, &number));
    ANSWERS(LB_OK, lb.layout((const uint8_t *)"LbAccount", 9, &number));
    EXPECT(number == sizeof(LbAccount), "LbAccount has %u bytes", (unsigned)number);
    REFUSES(LB_NULL, "buffer", lb.slave_guards(slave, NULL, 8, NULL));
    ANSWERS(LB_OK, lb.slave_guards(slave, text, sizeof text, NULL));
    REFUSES(LB_NULL, "buffer", lb.pools(slave, NULL, 8, NULL));
    ANSWERS(LB_OK, lb.pools(slave, lines, sizeof lines, NULL));
    EXPECT(strcmp((char *)lines, "Pool gold, multiplier") == 0, "its pools are %s", lines);
    ANSWERS(LB_OK, lb.pools(master, lines, sizeof lines, NULL));
    EXPECT(strstr((char *)lines, "Pool gold, multiplier: 0 of 1 slaves connected") == (char *)lines, "the pools are %s", lines);
    REFUSES(LB_ARGUMENT, "guard is 4: 0 to 3 are allowed", lb.master_by_hand(master, 4));
    ANSWERS(LB_OK, lb.master_by_hand(master, LB_GUARD_SKIP_OPENS));
    ANSWERS(LB_OK, lb.master_by_hand(master, LB_GUARD_ARMED));
    REFUSES(LB_ARGUMENT, "guard is 4: 0 to 3 are allowed", lb.slave_by_hand(slave, 4));
    ANSWERS(LB_OK, lb.slave_by_hand(slave, LB_GUARD_SKIP_OPENS));
    ANSWERS(LB_OK, lb.slave_by_hand(slave, LB_GUARD_ARMED));
    REFUSES(LB_NULL, "time_ms", lb.slave_deals_from(slave, NULL));
    ANSWERS(LB_OK, lb.slave_deals_from(slave, &since));
    begin(slave);
    ANSWERS(LB_OK, lb.slave_commit(slave, NULL));
}

/* Null is fine where there is nothing to read. */
static void empty_lists(void)
{
    begin(master);
    ANSWERS(LB_OK, lb.snapshot_instruments(master, NULL, 0));
    ANSWERS(LB_OK, lb.snapshot_rates(master, NULL, 0));
    ANSWERS(LB_OK, lb.snapshot_positions(master, NULL, 0));
    ANSWERS(LB_OK, lb.snapshot_deals(master, NULL, 0));
    ANSWERS(LB_OK, lb.master_commit(master));
}

/* Every call on this handle is answered with `code`, and writes nothing. */
static void every_call(uint64_t handle, int32_t code, const char *words)
{
    LbAccount account = account_of(MASTER_LOGIN);
    LbInstrument instrument = gold();
    LbRate rate = euro();
    LbPosition position = long_gold(700, 0, 0.1);
    LbDeal deal = gold_deal(701, 700, 0, LB_ENTRY_IN, 0.1);
    LbMasterStatus master_status;
    LbSlaveStatus slave_status;
    LbOrder order;
    LbResult result;
    uint8_t text[8] = "before";
    uint32_t length = 77;
    uint64_t number = 88;
    int64_t since = 99;
    memset(&master_status, 99, sizeof master_status);
    memset(&slave_status, 99, sizeof slave_status);
    memset(&order, 99, sizeof order);
    memset(&result, 0, sizeof result);
    REFUSES(code, words, lb.snapshot_begin(handle, &account));
    REFUSES(code, words, lb.snapshot_instruments(handle, &instrument, 1));
    REFUSES(code, words, lb.snapshot_rates(handle, &rate, 1));
    REFUSES(code, words, lb.snapshot_positions(handle, &position, 1));
    REFUSES(code, words, lb.snapshot_deals(handle, &deal, 1));
    REFUSES(code, words, lb.master_commit(handle));
    REFUSES(code, words, lb.master_wait(handle, 0, &master_status));
    REFUSES(code, words, lb.master_alerts(handle, text, sizeof text, &length));
    REFUSES(code, words, lb.slave_commit(handle, &number));
    REFUSES(code, words, lb.slave_wait(handle, 0, &order));
    REFUSES(code, words, lb.slave_report(handle, &result));
    REFUSES(code, words, lb.slave_status(handle, &slave_status));
    REFUSES(code, words, lb.slave_alerts(handle, text, sizeof text, &length));
    REFUSES(code, words, lb.slave_rearm(handle));
    REFUSES(code, words, lb.slave_guards(handle, text, sizeof text, &length));
    REFUSES(code, words, lb.slave_by_hand(handle, LB_GUARD_ARMED));
    REFUSES(code, words, lb.master_by_hand(handle, LB_GUARD_ARMED));
    REFUSES(code, words, lb.pools(handle, text, sizeof text, &length));
    REFUSES(code, words, lb.master_copies(handle, text, sizeof text, &length));
    REFUSES(code, words, lb.slave_deals_from(handle, &since));
    EXPECT(strcmp((char *)text, "before") == 0 && length == 77 && number == 88, "a refused call writes nothing");
    EXPECT(order.action == 0x63636363u && slave_status.connected == 0x63636363u, "a refused call writes nothing");
    EXPECT(master_status.unsettled == 0x63636363u, "a refused call writes nothing");
}

static void handles_that_are_none(void)
{
    uint64_t closed = open_other(1), again;
    const uint64_t forged[] = {
        0, 1, HANDLES_MOST, HANDLES_MOST + 1, UINT64_C(0xffffffff), UINT64_C(1) << 32, UINT64_MAX,
        master ^ (UINT64_C(1) << 32), master ^ (UINT64_C(1) << 63), master + HANDLES_MOST, 0x7ffd12345678u,
    };
    size_t at;
    for (at = 0; at < sizeof forged / sizeof *forged; at++) {
        every_call(forged[at], LB_HANDLE, "was never given, or is closed");
        REFUSES(LB_HANDLE, "was never given, or is closed", lb.close(forged[at]));
    }
    ANSWERS(LB_OK, lb.close(closed));
    REFUSES(LB_HANDLE, "was never given, or is closed already", lb.close(closed));
    every_call(closed, LB_HANDLE, "was never given, or is closed");
    again = open_other(1);
    EXPECT(again != closed, "a handle is never given twice");
    every_call(closed, LB_HANDLE, "was never given, or is closed");
    REFUSES(LB_HANDLE, "was never given, or is closed already", lb.close(closed));
    ANSWERS(LB_OK, lb.close(again));
}

static void handles_of_the_other_kind(void)
{
    LbMasterStatus master_status;
    LbSlaveStatus slave_status;
    LbOrder order;
    LbResult result;
    uint8_t text[8];
    uint64_t number;
    memset(&result, 0, sizeof result);
    begin(slave);
    REFUSES(LB_SEQUENCE, "a master's is needed", lb.master_commit(slave));
    ANSWERS(LB_OK, lb.slave_commit(slave, &number));
    REFUSES(LB_SEQUENCE, "a master's is needed", lb.master_wait(slave, 0, &master_status));
    REFUSES(LB_SEQUENCE, "a master's is needed", lb.master_alerts(slave, text, sizeof text, NULL));
    begin(master);
    REFUSES(LB_SEQUENCE, "a slave's is needed", lb.slave_commit(master, &number));
    ANSWERS(LB_OK, lb.master_commit(master));
    REFUSES(LB_SEQUENCE, "a slave's is needed", lb.slave_wait(master, 0, &order));
    REFUSES(LB_SEQUENCE, "a slave's is needed", lb.slave_report(master, &result));
    REFUSES(LB_SEQUENCE, "a slave's is needed", lb.slave_status(master, &slave_status));
}

static void out_of_turn(void)
{
    LbAccount account = account_of(MASTER_LOGIN);
    LbInstrument instrument = gold();
    LbRate rate = euro();
    LbResult result;
    uint64_t number = 88;
    memset(&result, 0, sizeof result);
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.snapshot_instruments(master, &instrument, 1));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.snapshot_rates(master, NULL, 0));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.snapshot_positions(master, NULL, 0));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.snapshot_deals(master, NULL, 0));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.slave_commit(slave, &number));
    EXPECT(number == 88, "a state that was not taken has no number");
    begin(master);
    ANSWERS(LB_OK, lb.master_commit(master));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
    /* A failed item drops the state, also the good items before and after it. */
    begin(master);
    ANSWERS(LB_OK, lb.snapshot_instruments(master, &instrument, 1));
    rate.rate = -1.0;
    REFUSES(LB_ARGUMENT, "LbRate.rate", lb.snapshot_rates(master, &rate, 1));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.snapshot_instruments(master, &instrument, 1));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
    /* So does a begin that fails, and one that does not. */
    begin(master);
    account.leverage = 0;
    REFUSES(LB_ARGUMENT, "LbAccount.leverage", lb.snapshot_begin(master, &account));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
    begin(master);
    ANSWERS(LB_OK, lb.snapshot_instruments(master, &instrument, 1));
    begin(master);
    ANSWERS(LB_OK, lb.snapshot_instruments(master, &instrument, 1));
    ANSWERS(LB_OK, lb.master_commit(master));
    result.instruction = 12345;
    REFUSES(LB_UNKNOWN_INSTRUCTION, "12345", lb.slave_report(slave, &result));
}

/* The items behind the pointers are one: a count that is too large must be refused before anything is read. */
static void counts_that_are_too_large(void)
{
    static LbRate rates[CALL_MOST];
    const uint32_t counts[] = {CALL_MOST + 1, 1u << 31, UINT32_MAX};
    LbInstrument instrument = gold();
    LbPosition position = long_gold(700, 0, 0.1);
    LbDeal deal = gold_deal(701, 700, 0, LB_ENTRY_IN, 0.1);
    size_t at;
    for (at = 0; at < sizeof counts / sizeof *counts; at++) {
        begin(master);
        REFUSES(LB_LIMIT, "10000 are the most", lb.snapshot_instruments(master, &instrument, counts[at]));
        begin(master);
        REFUSES(LB_LIMIT, "10000 are the most", lb.snapshot_rates(master, rates, counts[at]));
        begin(master);
        REFUSES(LB_LIMIT, "10000 are the most", lb.snapshot_positions(master, &position, counts[at]));
        begin(master);
        REFUSES(LB_LIMIT, "10000 are the most", lb.snapshot_deals(master, &deal, counts[at]));
        REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
    }
    for (at = 0; at < CALL_MOST; at++)
        rates[at] = euro();
    begin(master);
    ANSWERS(LB_OK, lb.snapshot_rates(master, rates, CALL_MOST));
    REFUSES(LB_LIMIT, "more than 10000 rates", lb.snapshot_rates(master, rates, 1));
    REFUSES(LB_SEQUENCE, "lb_snapshot_begin", lb.master_commit(master));
}

/* An array under pack(1) may lie on any byte; so may what is written. */
static void unaligned(void)
{
    unsigned char raw[2 * sizeof(LbPosition) + 1], more[sizeof(LbMasterStatus) + 1];
    LbInstrument instrument = gold();
    LbPosition position = long_gold(801, 0, 0.1);
    LbMasterStatus status;
    memcpy(raw + 1, &position, sizeof position);
    position.id = position.ticket = 802;
    memcpy(raw + 1 + sizeof position, &position, sizeof position);
    begin(master);
    ANSWERS(LB_OK, lb.snapshot_instruments(master, &instrument, 1));
    ANSWERS(LB_OK, lb.snapshot_positions(master, (const LbPosition *)(const void *)(raw + 1), 2));
    ANSWERS(LB_OK, lb.master_commit(master));
    ANSWERS(LB_OK, lb.master_wait(master, 0, (LbMasterStatus *)(void *)(more + 1)));
    memcpy(&status, more + 1, sizeof status);
    EXPECT(status.unsettled == 2, "%u positions wait for the slave, 2 were handed over", (unsigned)status.unsettled);
    ANSWERS(LB_OK, lb.abi_version((uint32_t *)(void *)(more + 1)));
    EXPECT(more[1] == LB_ABI_VERSION, "the version lies on an odd byte");
}

/* Whatever the room, the text is cut at a character and ended within it, and the whole length is told. */
static void buffers_that_are_too_short(void)
{
    char whole[2048], cut[2048];
    uint32_t length = 0, capacity, told;
    const char *path = "/none/\xc3\xa9\xc3\xa9\xc3\xa9";
    uint64_t handle;
    ANSWERS(LB_CONFIG, lb.master_open(bytes_of(path), length_of(path), &handle));
    ANSWERS(LB_OK, lb.last_error((uint8_t *)whole, sizeof whole, &length));
    EXPECT(length == strlen(whole) && strstr(whole, path) != NULL, "the text names the file: %s", whole);
    for (capacity = 0; capacity <= length + 1; capacity++) {
        int32_t answer;
        told = 0;
        memset(cut, 'x', sizeof cut);
        answer = lb.last_error((uint8_t *)cut, capacity, &told);
        EXPECT(answer == (capacity > length ? LB_OK : LB_BUFFER), "%u bytes: answered %d", (unsigned)capacity,
               (int)answer);
        EXPECT(told == length, "%u bytes: the length was told as %u", (unsigned)capacity, (unsigned)told);
        EXPECT(cut[capacity] == 'x', "%u bytes: written beyond the buffer", (unsigned)capacity);
        if (capacity == 0)
            continue;
        EXPECT(strlen(cut) < capacity && strncmp(cut, whole, strlen(cut)) == 0, "%u bytes: not the text's start",
               (unsigned)capacity);
        EXPECT(strlen(cut) + 2 >= capacity, "%u bytes: more is cut than one character", (unsigned)capacity);
        EXPECT(((unsigned char)whole[strlen(cut)] & 0xc0) != 0x80, "%u bytes: cut within a character",
               (unsigned)capacity);
    }
    ANSWERS(LB_NULL, lb.last_error(NULL, 8, &told));
    ANSWERS(LB_BUFFER, lb.last_error(NULL, 0, &told));
    EXPECT(told == length, "the length is told without a buffer");
    ANSWERS(LB_OK, lb.last_error((uint8_t *)cut, sizeof cut, NULL));
    EXPECT(strcmp(cut, whole) == 0, "what lb_last_error answers leaves the text as it is");
}

static void too_many_handles(void)
{
    uint64_t handles[HANDLES_MOST], one_more = 7;
    int at;
    for (at = 0; at < HANDLES_MOST - 2; at++)
        handles[at] = open_other(at + 1);
    REFUSES(LB_LIMIT, "256", lb.slave_open(bytes_of(others), length_of(others), SLAVE_LOGIN + HANDLES_MOST, &one_more));
    EXPECT(one_more == 0, "an open that fails gives no handle");
    for (at = 0; at < HANDLES_MOST - 2; at++)
        ANSWERS(LB_OK, lb.close(handles[at]));
    ANSWERS(LB_OK, lb.close(open_other(1)));
}

int main(int count, char **arguments)
{
    EXPECT(count == 3, "usage: bad_calls LIBRARY FOLDER");
    open_library(arguments[1]);
    config = config_text(arguments[2]);
    others = with_others(config);
    master = open_master(config);
    slave = open_slave(config);
    null_pointers();
    empty_lists();
    handles_that_are_none();
    handles_of_the_other_kind();
    out_of_turn();
    counts_that_are_too_large();
    unaligned();
    buffers_that_are_too_short();
    too_many_handles();
    ANSWERS(LB_OK, lb.close(slave));
    ANSWERS(LB_OK, lb.close(master));
    puts("bad calls: each refused with its own code");
    return 0;
}
