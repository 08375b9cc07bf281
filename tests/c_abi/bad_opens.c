/* Configurations, folders and accounts that cannot be used, waits that must end, and handles shared by threads.
 *
 *     bad_opens LIBRARY FOLDER
 */
#include "terminal.h"

#include <pthread.h>
#ifndef _WIN32
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#endif

#define PATIENCE_MS 10000

static const char *config, *folder;

/* The configuration with one thing changed. */
static const char *changed(const char *from, const char *to)
{
    static char text[8192];
    const char *at = strstr(config, from);
    EXPECT(at != NULL, "the configuration has no %s", from);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - config), config, to, at + strlen(from));
    return text;
}

/* A path below the test's folder. */
static const char *below(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    EXPECT(file != NULL && fwrite(text, 1, strlen(text), file) == strlen(text) && fclose(file) == 0,
           "%s cannot be written", path);
}

static int32_t try_bytes(const char *bytes, size_t length)
{
    uint64_t handle = 7;
    int32_t slave = lb.slave_open((const uint8_t *)bytes, (uint32_t)length, SLAVE_LOGIN, &handle);
    int32_t answer;
    EXPECT(handle == 0, "an open that fails gives no handle");
    handle = 7;
    answer = lb.master_open((const uint8_t *)bytes, (uint32_t)length, &handle);
    EXPECT(slave == answer, "a slave answered %d, a master %d", (int)slave, (int)answer);
    EXPECT(handle == 0, "an open that fails gives no handle");
    return answer;
}

static int32_t try_text(const char *text)
{
    return try_bytes(text, strlen(text));
}

static void configurations_that_are_none(void)
{
    static char long_text[(1 << 20) + 2];
    REFUSES(LB_CONFIG, "config is empty", try_text(""));
    REFUSES(LB_CONFIG, "config is empty", try_bytes(" \n\0\0", 4));
    REFUSES(LB_CONFIG, "config is not UTF-8", try_bytes("{\xff}", 3));
    REFUSES(LB_CONFIG, "", try_text("{"));
    REFUSES(LB_CONFIG, "master", try_text("{\"master\": 5}"));
    REFUSES(LB_CONFIG, "master.currency", try_text(changed("\"USD\"", "\"US-D\"")));
    REFUSES(LB_CONFIG, "colour", try_text(changed("\"secret\"", "\"colour\": 1, \"secret\"")));
    REFUSES(LB_CONFIG, "pools[0].members[0].profile", try_text(changed("1.5", "-1.5")));
    REFUSES(LB_CONFIG, below("none.json"), try_text(below("none.json")));
    REFUSES(LB_CONFIG, folder, try_text(folder));
    REFUSES(LB_CONFIG, "no file", try_bytes("no\0file", 7));
    memset(long_text, ' ', sizeof long_text - 1);
    REFUSES(LB_LIMIT, "1048576 are the most", try_text(long_text));
    REFUSES(LB_LIMIT, "4294967295 config bytes", try_bytes("{", UINT32_MAX));
}

/* A file, a byte order mark and closing zeros are fine. */
static void configurations_that_will_do(void)
{
    static char marked[8192];
    const char *path = below("config.json");
    uint64_t handle = 0;
    write_file(path, config);
    ANSWERS(LB_OK, lb.close(open_master(path)));
    ANSWERS(LB_OK, lb.master_open((const uint8_t *)path, (uint32_t)strlen(path) + 1, &handle));
    ANSWERS(LB_OK, lb.close(handle));
    snprintf(marked, sizeof marked, "\xef\xbb\xbf %s", config);
    ANSWERS(LB_OK, lb.close(open_master(marked)));
}

static void places_that_cannot_be_used(void)
{
    uint64_t handle = 7, master = open_master(config);
    REFUSES(LB_SERVED, "account 1001 is served as master by another program",
            lb.master_open((const uint8_t *)config, (uint32_t)strlen(config), &handle));
    EXPECT(handle == 0, "an open that fails gives no handle");
    ANSWERS(LB_OK, lb.close(master));
#ifndef _WIN32
    /* A pipe lies in no folder. */
    EXPECT(chmod(below("run"), 0755) == 0, "the mode of %s", below("run"));
    REFUSES(LB_ENDPOINT, "has mode 0755", try_text(config));
    EXPECT(chmod(below("run"), 0700) == 0, "the mode of %s", below("run"));
#endif
    write_file(below("file"), "x");
    REFUSES(LB_LEDGER, "/file", lb.master_open((const uint8_t *)changed("/state", "/file"),
                                               (uint32_t)strlen(config) - 1, &handle));
    REFUSES(LB_CONFIG, "account 5 is not a member",
            lb.slave_open((const uint8_t *)config, (uint32_t)strlen(config), 5, &handle));
    ANSWERS(LB_OK, lb.close(open_master(config)));
}

static int32_t commit(uint64_t handle, LbAccount account)
{
    ANSWERS(LB_OK, lb.snapshot_begin(handle, &account));
    return account.login == MASTER_LOGIN ? lb.master_commit(handle) : lb.slave_commit(handle, NULL);
}

static void accounts_that_are_not_meant(void)
{
    uint64_t master = open_master(config), slave = open_slave(config);
    LbAccount account = account_of(MASTER_LOGIN);
    LbInstrument instrument = gold();
    LbPosition position = long_gold(900, 0, 0.1);
    LbDeal deal = gold_deal(901, 900, 0, LB_ENTRY_IN, 0.2);
    LbSlaveStatus status;
    account.connected = 0;
    REFUSES(LB_NOT_CONNECTED, "not connected", commit(master, account));
    account = account_of(MASTER_LOGIN);
    account.margin_mode = LB_NETTING;
    ANSWERS(LB_OK, commit(master, account));
    /* Its deal says 0.2, its position 0.1: one of the two lists is older. */
    ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
    ANSWERS(LB_OK, lb.snapshot_instruments(master, &instrument, 1));
    ANSWERS(LB_OK, lb.snapshot_positions(master, &position, 1));
    ANSWERS(LB_OK, lb.snapshot_deals(master, &deal, 1));
    REFUSES(LB_DISAGREE, "position 900 and its deals do not agree", lb.master_commit(master));
    account = account_of(77);
    ANSWERS(LB_OK, lb.snapshot_begin(master, &account));
    REFUSES(LB_WRONG_ACCOUNT, "account 77", lb.master_commit(master));
    REFUSES(LB_WRONG_ACCOUNT, "this is account 77, account 2001 is the one this was opened for", commit(slave, account));
    account = account_of(SLAVE_LOGIN);
    account.connected = 0;
    REFUSES(LB_NOT_CONNECTED, "not connected", commit(slave, account));
    ANSWERS(LB_OK, lb.slave_status(slave, &status));
    /* The master is told that the terminal is cut off, so that state has a number; the wrong account's has none. */
    EXPECT(status.state == 1, "the state without connection counts as %u", (unsigned)status.state);
    ANSWERS(LB_OK, commit(slave, account_of(SLAVE_LOGIN)));
    ANSWERS(LB_OK, lb.slave_status(slave, &status));
    EXPECT(status.state == 2, "the first state that is taken counts as %u", (unsigned)status.state);
    ANSWERS(LB_OK, lb.close(slave));
    ANSWERS(LB_OK, lb.close(master));
}

/* Hands the master a position that nobody can copy, so that it stays unsettled. */
static void unsettle(uint64_t master)
{
    Terminal terminal;
    memset(&terminal, 0, sizeof terminal);
    terminal.login = MASTER_LOGIN;
    terminal_open(&terminal, 900, 0, 0.1);
    hand_over(master, &terminal);
    ANSWERS(LB_OK, lb.master_commit(master));
}

static void waits_end_in_time(void)
{
    uint64_t slave = open_slave(config), master;
    const uint32_t waits[] = {0, 1, 20, 300};
    LbMasterStatus master_status;
    LbSlaveStatus status;
    LbOrder order;
    size_t at;
    long start, took;
    for (at = 0; at < sizeof waits / sizeof *waits; at++) {
        start = now_ms();
        ANSWERS(LB_EMPTY, lb.slave_wait(slave, waits[at], &order));
        took = now_ms() - start;
        EXPECT(took + 20 >= (long)waits[at] && took < (long)waits[at] + 500, "%u ms took %ld", (unsigned)waits[at], took);
    }
    ANSWERS(LB_OK, lb.slave_status(slave, &status));
    EXPECT(status.connected == 0 && strstr((char *)status.trouble, "nobody listens") != NULL, "the trouble is \"%s\"",
           (char *)status.trouble);
    master = open_master(config);
    unsettle(master);
    for (at = 0; at < sizeof waits / sizeof *waits; at++) {
        start = now_ms();
        ANSWERS(LB_OK, lb.master_wait(master, waits[at], &master_status));
        took = now_ms() - start;
        EXPECT(took + 20 >= (long)waits[at] && took < (long)waits[at] + 500, "%u ms took %ld", (unsigned)waits[at], took);
        EXPECT(master_status.unsettled == 1 && master_status.copies_open == 0, "one copy waits");
    }
    REFUSES(LB_ARGUMENT, "wait_ms is 60001", lb.master_wait(master, 60001, &master_status));
    REFUSES(LB_ARGUMENT, "wait_ms is 4294967295", lb.slave_wait(slave, UINT32_MAX, &order));
    ANSWERS(LB_OK, lb.close(slave));
    ANSWERS(LB_OK, lb.close(master));
}

/* A slave with another secret gets no session, and is told why. */
static void another_secret(void)
{
    uint64_t master = open_master(config), slave = open_slave(changed("between these two", "not the one"));
    LbMasterStatus status;
    LbSlaveStatus slave_status;
    LbOrder order;
    long until = now_ms() + PATIENCE_MS;
    do {
        ANSWERS(LB_EMPTY, lb.slave_wait(slave, 20, &order));
        ANSWERS(LB_OK, lb.slave_status(slave, &slave_status));
        EXPECT(slave_status.connected == 0, "a slave with another secret has a session");
        EXPECT(now_ms() < until, "a slave with another secret is told \"%s\"", (char *)slave_status.trouble);
    } while (strstr((char *)slave_status.trouble, "does not know the secret") == NULL);
    ANSWERS(LB_OK, lb.master_wait(master, 0, &status));
    EXPECT(status.slaves_connected == 0, "the master counts it as connected");
    ANSWERS(LB_OK, lb.close(slave));
    ANSWERS(LB_OK, lb.close(master));
}

/* Connects with the master as somebody who speaks another language, and what he says. */
#ifdef _WIN32
typedef HANDLE Stranger;

/* The pipe's name, as a slave is told that finds nobody there. */
static const char *endpoint(void)
{
    static char name[256];
    uint64_t slave = open_slave(config);
    LbSlaveStatus status;
    LbOrder order;
    const char *at;
    ANSWERS(LB_EMPTY, lb.slave_wait(slave, 0, &order));
    ANSWERS(LB_OK, lb.slave_status(slave, &status));
    at = strstr((char *)status.trouble, "\\\\.\\pipe\\");
    EXPECT(at != NULL, "the trouble \"%s\" names no pipe", (char *)status.trouble);
    snprintf(name, sizeof name, "%s", at);
    ANSWERS(LB_OK, lb.close(slave));
    return name;
}

static Stranger stranger_at(const char *name)
{
    HANDLE stranger = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    DWORD written = 0;
    EXPECT(stranger != INVALID_HANDLE_VALUE, "no connection with %s: %s", name, trouble());
    EXPECT(WriteFile(stranger, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, &written, NULL) && written == 8, "nothing was written");
    return stranger;
}

static void leave(Stranger stranger)
{
    CloseHandle(stranger);
}
#else
typedef int Stranger;

static const char *endpoint(void)
{
    return below("run/master-1001.sock");
}

static Stranger stranger_at(const char *name)
{
    int stranger = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    EXPECT(strlen(name) < sizeof address.sun_path, "%s is too long", name);
    memcpy(address.sun_path, name, strlen(name));
    EXPECT(stranger >= 0 && connect(stranger, (struct sockaddr *)&address, sizeof address) == 0, "no connection");
    EXPECT(write(stranger, "\xff\xff\xff\xff\xff\xff\xff\xff", 8) == 8, "nothing was written");
    return stranger;
}

static void leave(Stranger stranger)
{
    close(stranger);
}
#endif

/* A stranger sends what is no message; the master's alert says so, whole or cut. */
static void alerts_are_told(void)
{
    const char *name = endpoint();
    uint64_t master = open_master(config);
    Stranger stranger = stranger_at(name);
    LbMasterStatus status;
    char whole[4096], cut[16];
    uint32_t length = 0, told = 0;
    long until = now_ms() + PATIENCE_MS;
    do {
        ANSWERS(LB_OK, lb.master_wait(master, 0, &status));
        EXPECT(now_ms() < until, "a stranger goes unnoticed");
    } while (status.alerts == 0);
    EXPECT(status.refused == 1 && status.slaves_connected == 0, "it has no session");
    leave(stranger);
    ANSWERS(LB_OK, lb.master_alerts(master, (uint8_t *)whole, sizeof whole, &length));
    EXPECT(length > sizeof cut && length == strlen(whole), "the alert is \"%s\"", whole);
    REFUSES(LB_BUFFER, "buffer has 16 bytes", lb.master_alerts(master, (uint8_t *)cut, sizeof cut, &told));
    EXPECT(told == length && strncmp(cut, whole, 15) == 0 && cut[15] == 0, "cut to \"%s\"", cut);
    ANSWERS(LB_OK, lb.close(master));
}

typedef struct Waiter {
    pthread_t thread;
    uint64_t slave;
    int32_t answer;
    volatile int started;
} Waiter;

static void *waits(void *context)
{
    Waiter *waiter = (Waiter *)context;
    LbOrder order;
    char text[64] = "x";
    uint32_t length = 77;
    EXPECT(lb.last_error((uint8_t *)text, sizeof text, &length) == LB_OK && length == 0 && text[0] == 0,
           "a thread that has not failed has no error: \"%s\"", text);
    waiter->started = 1;
    waiter->answer = lb.slave_wait(waiter->slave, 700, &order);
    return NULL;
}

/* A close returns at once while another thread waits, and the wait ends in its time. */
static void closed_while_waiting(void)
{
    Waiter waiter;
    LbSlaveStatus status;
    struct timespec pause;
    long start = now_ms(), closed;
    memset(&waiter, 0, sizeof waiter);
    waiter.slave = open_slave(config);
    EXPECT(pthread_create(&waiter.thread, NULL, waits, &waiter) == 0, "a thread");
    pause.tv_sec = 0;
    pause.tv_nsec = 50 * 1000000L;
    do
        nanosleep(&pause, NULL);
    while (!waiter.started);
    closed = now_ms();
    ANSWERS(LB_OK, lb.close(waiter.slave));
    EXPECT(now_ms() - closed < 300, "closing took %ld ms", now_ms() - closed);
    REFUSES(LB_HANDLE, "is closed", lb.slave_status(waiter.slave, &status));
    EXPECT(pthread_join(waiter.thread, NULL) == 0, "the thread ends");
    EXPECT(waiter.answer == LB_EMPTY, "the wait was answered with %d", (int)waiter.answer);
    EXPECT(now_ms() - start < 3000, "the wait ended after %ld ms", now_ms() - start);
}

int main(int count, char **arguments)
{
    static char text[4096];
    EXPECT(count == 3, "usage: bad_opens LIBRARY FOLDER");
    open_library(arguments[1]);
    folder = arguments[2];
    snprintf(text, sizeof text, "%s", config_text(folder));
    config = text;
    configurations_that_are_none();
    configurations_that_will_do();
    places_that_cannot_be_used();
    accounts_that_are_not_meant();
    waits_end_in_time();
    another_secret();
    alerts_are_told();
    closed_while_waiting();
    puts("bad opens: each refused by name, waits end in time");
    return 0;
}
