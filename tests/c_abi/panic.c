/* A defect inside the library comes back as a code: the process lives, the handle is quarantined, others work on.
 * The library must have been built with the feature `test-panic`.
 *
 *     panic LIBRARY FOLDER
 */
#include "terminal.h"

#ifndef LOADED
#error "compile with -DLOADED: the header has no test-only function"
#endif

#define PATIENCE_MS 10000

static int32_t (*lb_panics)(uint64_t handle);

/* A slave with a session and a state that its master has seen, or the text that says why not. */
static void meet(uint64_t master, uint64_t slave)
{
    Terminal terminals[2];
    LbSlaveStatus status;
    LbOrder order;
    uint64_t number = 0;
    long until = now_ms() + PATIENCE_MS;
    memset(terminals, 0, sizeof terminals);
    terminals[0].login = MASTER_LOGIN;
    terminals[1].login = SLAVE_LOGIN;
    hand_over(master, &terminals[0]);
    ANSWERS(LB_OK, lb.master_commit(master));
    hand_over(slave, &terminals[1]);
    ANSWERS(LB_OK, lb.slave_commit(slave, &number));
    do {
        int32_t answer = lb.slave_wait(slave, 20, &order);
        EXPECT(answer == LB_EMPTY || answer == LB_STATE_WANTED, "no order is due, lb_slave_wait answered %d", (int)answer);
        ANSWERS(LB_OK, lb.slave_status(slave, &status));
        EXPECT(now_ms() < until, "no session after %d ms: %s", PATIENCE_MS, (char *)status.trouble);
    } while (status.state_seen != number);
}

int main(int count, char **arguments)
{
    const char *config;
    uint64_t master, slave;
    LbMasterStatus master_status;
    LbSlaveStatus slave_status;
    void *library;
    Symbol symbol;
    EXPECT(count == 3, "usage: panic LIBRARY FOLDER");
    library = open_library(arguments[1]);
    symbol = find(library, "lb_test_panic");
    EXPECT(symbol != NULL, "%s was not built with the feature test-panic", arguments[1]);
    memcpy(&lb_panics, &symbol, sizeof symbol);
    config = config_text(arguments[2]);
    master = open_master(config);
    slave = open_slave(config);
    meet(master, slave);

    REFUSES(LB_PANIC, "injected by lb_test_panic", lb_panics(slave));
    REFUSES(LB_QUARANTINED, "met a defect before", lb.slave_status(slave, &slave_status));
    REFUSES(LB_QUARANTINED, "met a defect before", lb_panics(slave));
    ANSWERS(LB_OK, lb.master_wait(master, 0, &master_status));
    ANSWERS(LB_OK, lb.close(slave));
    REFUSES(LB_HANDLE, "is closed", lb.slave_status(slave, &slave_status));
    slave = open_slave(config);
    meet(master, slave);

    REFUSES(LB_PANIC, "injected by lb_test_panic", lb_panics(master));
    REFUSES(LB_QUARANTINED, "met a defect before", lb.master_commit(master));
    ANSWERS(LB_OK, lb.slave_status(slave, &slave_status));
    ANSWERS(LB_OK, lb.close(master));
    master = open_master(config);
    meet(master, slave);

    ANSWERS(LB_OK, lb.close(slave));
    ANSWERS(LB_OK, lb.close(master));
    puts("panic: caught, quarantined, and the others work on");
    return 0;
}
