/* A master and a slave in one process go through a whole trade: open, partial close, new stop, close.
 *
 *     whole_trade LIBRARY FOLDER
 */
#include "terminal.h"

#define PATIENCE_MS 10000

static uint64_t master_handle, slave_handle;
static Terminal master, slave;

static int near(double a, double b)
{
    return a - b < 1e-9 && b - a < 1e-9;
}

static void master_commits(void)
{
    hand_over(master_handle, &master);
    ANSWERS(LB_OK, lb.master_commit(master_handle));
}

/* The slave hands over what it shows, and reads until the master has confirmed just that. */
static void slave_commits(void)
{
    LbSlaveStatus status;
    uint64_t number = 0;
    long until = now_ms() + PATIENCE_MS;
    hand_over(slave_handle, &slave);
    ANSWERS(LB_OK, lb.slave_commit(slave_handle, &number));
    do {
        LbOrder order;
        int32_t answer = lb.slave_wait(slave_handle, 20, &order);
        EXPECT(answer == LB_EMPTY || answer == LB_STATE_WANTED, "no order is due before state %u is seen, lb_slave_wait answered %d with action %u",
               (unsigned)number, (int)answer, (unsigned)order.action);
        ANSWERS(LB_OK, lb.slave_status(slave_handle, &status));
        EXPECT(status.state == number, "the slave's last state is %u, not %u", (unsigned)status.state, (unsigned)number);
        EXPECT(now_ms() < until, "the master has seen state %u of %u after %d ms: %s", (unsigned)status.state_seen,
               (unsigned)number, PATIENCE_MS, (const char *)status.trouble);
    } while (status.state_seen != number);
    EXPECT(status.connected == 1, "the session is open");
    EXPECT(status.trouble[0] == 0, "an open session has no trouble: %s", (const char *)status.trouble);
}

/* The next order, which must do `action` with `lots`. */
static LbOrder slave_gets(uint32_t action, double lots)
{
    LbOrder order;
    int32_t answer;
    long until = now_ms() + PATIENCE_MS;
    do {
        answer = lb.slave_wait(slave_handle, 50, &order);
        if (answer == LB_STATE_WANTED) {
            hand_over(slave_handle, &slave);
            ANSWERS(LB_OK, lb.slave_commit(slave_handle, NULL));
        }
    } while ((answer == LB_EMPTY || answer == LB_STATE_WANTED) && now_ms() < until);
    EXPECT(answer == LB_OK, "an order with action %u was due, lb_slave_wait answered %d", (unsigned)action, (int)answer);
    EXPECT(order.action == action, "the order's action is %u, %u was due", (unsigned)order.action, (unsigned)action);
    EXPECT(near(order.lots, lots), "the order has %.8f lots, %.2f were due", order.lots, lots);
    EXPECT(strcmp((const char *)order.symbol, "XAUUSD") == 0, "the order's symbol is \"%s\"", (const char *)order.symbol);
    EXPECT(order.instruction != 0, "an order has a number to report");
    EXPECT(order.age_us < PATIENCE_MS * 1000u, "the order is %u microseconds old", (unsigned)order.age_us);
    EXPECT(order.kind == 0 && order.expiration == 0 && order.expiration_ms == 0, "no pending order");
    EXPECT(order.price == 0.0 && order.limit_price == 0.0, "at market");
    return order;
}

static void slave_reports(const LbOrder *order, double lots, uint64_t ticket)
{
    LbResult result;
    memset(&result, 0, sizeof result);
    result.instruction = order->instruction;
    result.ticket = ticket;
    result.deal = ticket + 1;
    result.lots = lots;
    result.price = order->action == LB_OPEN ? ASK : BID;
    result.retcode = 10009;
    ANSWERS(LB_OK, lb.slave_report(slave_handle, &result));
    REFUSES(LB_UNKNOWN_INSTRUCTION, "is not open", lb.slave_report(slave_handle, &result));
}

static void master_settles(uint32_t copies_open)
{
    LbMasterStatus status;
    ANSWERS(LB_OK, lb.master_wait(master_handle, PATIENCE_MS, &status));
    EXPECT(status.unsettled == 0, "%u copies are unsettled", (unsigned)status.unsettled);
    EXPECT(status.copies_open == copies_open, "%u copies are open, %u were due", (unsigned)status.copies_open,
           (unsigned)copies_open);
    EXPECT(status.in_doubt == 0, "%u copies are in doubt", (unsigned)status.in_doubt);
    EXPECT(status.impossible == 0, "%u impossible events", (unsigned)status.impossible);
    EXPECT(status.slaves_connected == 1, "%u slaves are connected", (unsigned)status.slaves_connected);
    EXPECT(status.records_lost == 0 && status.refused == 0, "records or connections were lost");
    EXPECT(status.alerts == 0, "%u alerts", (unsigned)status.alerts);
}

static void opens(const char *folder)
{
    const char *config = config_text(folder);
    uint32_t version = 0;
    ANSWERS(LB_OK, lb.abi_version(&version));
    EXPECT(version == LB_ABI_VERSION, "the library is version %u, the header %u", (unsigned)version,
           (unsigned)LB_ABI_VERSION);
    master_handle = open_master(config);
    slave_handle = open_slave(config);
    EXPECT(master_handle != slave_handle, "two handles are two numbers");
    master.login = MASTER_LOGIN;
    slave.login = SLAVE_LOGIN;
}

/* The master buys 0.10 with both stops: the slave buys 0.15. */
static LbOrder copies_an_open(void)
{
    LbOrder order;
    slave_commits();
    terminal_open(&master, 700, 0, 0.10);
    master.position.stop_loss = 4550.00;
    master.position.take_profit = 4600.00;
    master_commits();
    order = slave_gets(LB_OPEN, 0.15);
    EXPECT(order.side == LB_BUY, "the slave buys as the master did");
    EXPECT(order.ticket == 0, "an open names no ticket");
    EXPECT(near(order.stop_loss, 4550.00), "the stop loss is %.5f", order.stop_loss);
    EXPECT(near(order.take_profit, 4600.00), "the take profit is %.5f", order.take_profit);
    EXPECT(order.deviation_points == 100, "the deviation is %u points", (unsigned)order.deviation_points);
    EXPECT(order.magic != 0 && order.magic >> 63 == 0, "the magic is positive as a signed number");
    EXPECT((order.magic & 0xffffffffu) == 700, "the magic carries the master's position");
    EXPECT(order.comment[0] != 0, "the order has a comment");
    terminal_open(&slave, 9000, order.magic, 0.15);
    slave.position.stop_loss = order.stop_loss;
    slave.position.take_profit = order.take_profit;
    slave_reports(&order, 0.15, 9000);
    slave_commits();
    master_settles(1);
    return order;
}

/* The master halves: of 0.15, 0.07 stay (0.075 rounded down to the step), so 0.08 are closed. */
static void copies_a_partial_close(uint64_t copy)
{
    LbOrder order;
    terminal_close(&master, 0.05);
    master_commits();
    order = slave_gets(LB_CLOSE, 0.08);
    EXPECT(order.ticket == 9000, "the position %u is closed", (unsigned)order.ticket);
    EXPECT(order.copy == copy, "the copy is the same");
    terminal_close(&slave, 0.08);
    slave_reports(&order, 0.08, 9000);
    slave_commits();
    master_settles(1);
}

static void copies_a_new_stop(void)
{
    LbOrder order;
    master.position.stop_loss = 4562.44;
    master_commits();
    order = slave_gets(LB_MODIFY, 0.0);
    EXPECT(order.ticket == 9000, "the position %u is modified", (unsigned)order.ticket);
    EXPECT(near(order.stop_loss, 4562.44), "the new stop loss is %.5f", order.stop_loss);
    EXPECT(near(order.take_profit, 4600.00), "the take profit stays at %.5f", order.take_profit);
    slave.position.stop_loss = order.stop_loss;
    slave_reports(&order, 0.0, 9000);
    slave_commits();
    master_settles(1);
}

static void copies_the_close(void)
{
    LbOrder order;
    terminal_close(&master, 0.05);
    EXPECT(!master.has_position, "the master has closed");
    master_commits();
    order = slave_gets(LB_CLOSE, 0.07);
    EXPECT(order.ticket == 9000, "the position %u is closed", (unsigned)order.ticket);
    terminal_close(&slave, 0.07);
    EXPECT(!slave.has_position, "the slave has closed");
    slave_reports(&order, 0.07, 9000);
    slave_commits();
    master_settles(0);
}

/* Nothing is repeated: states that show the same bring no order. */
static void stays_closed(void)
{
    LbOrder order;
    master_commits();
    slave_commits();
    EXPECT(lb.slave_wait(slave_handle, 100, &order) > LB_OK, "no order is due");
    EXPECT(order.instruction == 0 && order.action == 0, "an empty wait leaves an empty order");
    master_settles(0);
}

int main(int count, char **arguments)
{
    LbOrder order;
    EXPECT(count == 3, "usage: whole_trade LIBRARY FOLDER");
    open_library(arguments[1]);
    opens(arguments[2]);
    order = copies_an_open();
    copies_a_partial_close(order.copy);
    copies_a_new_stop();
    copies_the_close();
    stays_closed();
    ANSWERS(LB_OK, lb.close(slave_handle));
    ANSWERS(LB_OK, lb.close(master_handle));
    puts("whole trade: open, partial close, new stop, close");
    return 0;
}
