//! How fast the programs are: from the master's trade event to the slave's `OrderSend`, and what handing a state over costs.
//! Told, not judged: machines differ, and are busy. The target of the first is one and a half times the bare socket's way
//! plus 0.1 ms, of the second 1 ms; `cargo test --release --test mql5 -- timing --nocapture` on a quiet machine says how
//! far that is met.

use std::collections::BTreeMap;
use std::time::Duration;

use lotbridge::domain::TradeRules;

use crate::accounts::{MASTER, account, followers, gold};
use crate::desk::Desk;
use crate::host::asked_for_a_bare_frame;

const SAMPLES: usize = 60;
/// Before a trade, and before a frame over the bare socket: everybody has done what there was to do, and sleeps.
const REST: Duration = Duration::from_millis(5);

/// Nanoseconds of the clock that all processes share.
pub fn now_ns() -> u64 {
    // Only differences count, and only between processes of one machine.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_nanos()).unwrap()
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

/// Stamps that a terminal's host has put down.
fn stamps(desk: &Desk, name: &str, login: u64) -> Vec<u64> {
    let path = desk.folder.path().join(format!("{name}-{login}"));
    std::fs::read_to_string(path).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

/// A trade while nobody is asked for anything: that would be work beside the way that is measured.
fn alone<T>(desk: &mut Desk, trade: impl FnOnce(&mut Desk) -> T) -> T {
    desk.seen();
    desk.rest(REST);
    let traded = trade(desk);
    desk.rest(REST);
    desk.settle();
    traded
}

/// A frame over the bare socket, between trades, so that whatever else the machine does falls on both alike: from the same
/// process to the same process, the master woken by its account's state, which has not changed.
fn bare(desk: &mut Desk) {
    let wait = |desk: &mut Desk, login| {
        let asked = asked_for_a_bare_frame(desk.folder.path(), login);
        std::fs::write(&asked, "").unwrap();
        desk.show(login);
        desk.taken(&asked, &format!("{login} does not take its part"));
    };
    desk.seen();
    wait(desk, 2001);
    desk.rest(REST);
    wait(desk, MASTER);
    desk.rest(REST);
    desk.settle();
}

pub fn from_trade_to_order_send() {
    let mut desk = Desk::new(followers(&[2001]), BTreeMap::new());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.open(account(2001), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    for _ in 0..SAMPLES {
        let ticket = alone(&mut desk, |desk| desk.buy("0.10"));
        alone(&mut desk, |desk| desk.close(ticket, "0.10"));
        bare(&mut desk);
    }
    desk.seen();
    let (traded, sent) = (stamps(&desk, "traded", MASTER), stamps(&desk, "sent", 2001));
    assert_eq!((traded.len(), sent.len()), (2 * SAMPLES, 2 * SAMPLES), "one change, one order");
    let (read, handed) = (stamps(&desk, "read", MASTER), stamps(&desk, "handed-out", 2001));
    // Its first commit after the trade.
    let read: Vec<u64> = traded.iter().map(|traded| *read.iter().find(|at| *at > traded).unwrap()).collect();
    let span =
        |from: &[u64], to: &[u64]| median(from.iter().zip(to).map(|(from, to)| (to - from) / 1000).collect());
    let way = span(&traded, &sent);
    let (bare_sent, bare_came) = (stamps(&desk, "bare-sent", MASTER), stamps(&desk, "bare-came", 2001));
    assert_eq!((bare_sent.len(), bare_came.len()), (SAMPLES, SAMPLES), "one frame each");
    let raw = span(&bare_sent, &bare_came);
    let target = raw * 3 / 2 + 100;
    println!(
        "from the master's trade event to the slave's OrderSend: p50 {way} us ({} until the master has read its state, {} \
         until the slave has the order, {} until it sends it); a bare socket one way: {raw} us, the target {target} us",
        span(&traded, &read),
        span(&read, &handed),
        span(&handed, &sent),
    );
    desk.finish();
}

/// What it costs the master's thread to hand a state over, as its panel says.
fn cost_us(positions: usize, closed: usize) -> u64 {
    let mut desk = Desk::new(followers(&[2001]), BTreeMap::new());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    for _ in 0..closed {
        let ticket = desk.buy("0.01");
        desk.close(ticket, "0.01");
    }
    for _ in 0..positions {
        desk.buy("0.01");
    }
    desk.start(MASTER);
    desk.panel(MASTER, "Handing over took");
    std::thread::sleep(Duration::from_secs(2));
    let mut costs = Vec::new();
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(600));
        let panel = desk.panel(MASTER, "Handing over took");
        let cost = panel.split("Handing over took ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        costs.push(cost.parse().unwrap());
    }
    desk.finish();
    median(costs)
}

pub fn a_hundred_positions_cost_the_master_little() {
    println!(
        "a state of a hundred positions is handed over in {} us of the master's thread",
        cost_us(100, 0)
    );
}

pub fn a_busy_week_costs_the_master_little() {
    println!("one of a hundred positions and 4,000 deals of the last days in {} us", cost_us(100, 2_000));
}
