//! How fast the programs are: from the master's trade event to the slave's `OrderSend`, and what handing a state over costs.
//! Told, not judged: machines differ, and are busy. The target of the first is one and a half times the bare socket's way
//! plus 0.1 ms, of the second 1 ms; `cargo test --release --test mql5 -- timing --nocapture` on a quiet machine says how
//! far that is met.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use lotbridge::domain::TradeRules;

use crate::accounts::{MASTER, account, followers, gold};
use crate::desk::Desk;

const SAMPLES: usize = 60;
/// A message of the size that an instruction has on the wire.
const FRAME: usize = 128;
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

/// The other end of the bare socket: when each frame came.
pub fn read_raw(path: &str) {
    let mut stream = UnixStream::connect(path).unwrap();
    let mut frame = [0_u8; FRAME];
    for _ in 0..SAMPLES {
        stream.read_exact(&mut frame).unwrap();
        println!("{}", now_ns());
    }
}

/// One way over a bare Unix socket between two processes, the sender paced; nanoseconds each.
fn raw_ns() -> Vec<u64> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raw");
    let listener = UnixListener::bind(&path).unwrap();
    let mut reader = Command::new(std::env::current_exe().unwrap())
        .arg("raw")
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut sent = Vec::new();
    for _ in 0..SAMPLES {
        std::thread::sleep(REST);
        sent.push(now_ns());
        stream.write_all(&[7; FRAME]).unwrap();
    }
    let came: Vec<u64> = BufReader::new(reader.stdout.take().unwrap())
        .lines()
        .map(|line| line.unwrap().parse().unwrap())
        .collect();
    reader.wait().unwrap();
    came.iter().zip(&sent).map(|(came, sent)| came - sent).collect()
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

pub fn from_trade_to_order_send() {
    // Before and after, for machines become slower and faster.
    let mut raw = raw_ns();
    let mut desk = Desk::new(followers(&[2001]), BTreeMap::new());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.open(account(2001), gold("XAUUSD", TradeRules::default()));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    for _ in 0..SAMPLES {
        let ticket = alone(&mut desk, |desk| desk.buy("0.10"));
        alone(&mut desk, |desk| desk.close(ticket, "0.10"));
    }
    desk.seen();
    let (traded, sent) = (stamps(&desk, "traded", MASTER), stamps(&desk, "sent", 2001));
    assert_eq!((traded.len(), sent.len()), (2 * SAMPLES, 2 * SAMPLES), "one change, one order");
    let (read, handed) = (stamps(&desk, "read", MASTER), stamps(&desk, "handed-out", 2001));
    // Its first commit after the trade.
    let read: Vec<u64> = traded.iter().map(|traded| *read.iter().find(|at| *at > traded).unwrap()).collect();
    let span =
        |from: &[u64], to: &[u64]| median(from.iter().zip(to).map(|(from, to)| (to - from) / 1000).collect());
    raw.extend(raw_ns());
    let (way, raw) = (span(&traded, &sent), median(raw) / 1000);
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
