//! A slave's process: fills every order at once, and leaves word of its numbers in a file.

use std::time::{Duration, Instant};

use lotbridge::domain::{
    Comment, Deal, DealEntry, Magic, Money, OrderResult, Position, PositionId, Price, Retcode, ServerTime,
    Side, Snapshot,
};
use lotbridge::ffi::ea::{SlaveEa, Waited, exact_lots, exact_stop};
use lotbridge::ffi::{LB_CLOSE, LB_OPEN, LbOrder};

use super::Outcome;
use super::facts::account;

/// Names the account of a slave's process.
pub const LOGIN: &str = "LOTBRIDGE_SOAK_LOGIN";
/// Names the configuration's file; the slaves' words lie beside it.
pub const CONFIG: &str = "LOTBRIDGE_SOAK_CONFIG";
/// Deals that the terminal still shows.
const DEALS: usize = 100;

struct Slave {
    ea: SlaveEa,
    state: Snapshot,
    last_ticket: u64,
    copies: u64,
    /// Microseconds since the master's change, of the orders since the last word.
    ages: Vec<u64>,
}

/// Is this a slave's process? Then it serves until the master's ends.
pub fn serve_if_slave() -> Outcome<bool> {
    let (Ok(login), Ok(config)) = (std::env::var(LOGIN), std::env::var(CONFIG)) else { return Ok(false) };
    let login: u64 = login.parse()?;
    let word = std::path::Path::new(&config).with_file_name(format!("word-{login}"));
    let master = std::os::unix::process::parent_id();
    let ea = SlaveEa::open(&config, login)?;
    let mut slave = Slave { ea, state: account(login, 0), last_ticket: 0, copies: 0, ages: Vec::new() };
    slave.ea.commit(&slave.state)?;
    let mut told = Instant::now();
    while std::os::unix::process::parent_id() == master {
        slave.turn()?;
        if told.elapsed() >= Duration::from_secs(5) {
            told = Instant::now();
            slave.ages.sort_unstable();
            let age = |percent: usize| slave.ages.get(slave.ages.len() * percent / 100).copied().unwrap_or(0);
            std::fs::write(&word, format!("{} {} {}", slave.copies, age(50), age(99)))?;
            slave.ages.clear();
        }
    }
    Ok(true)
}

impl Slave {
    /// Fills what has come, and hands over the state after it.
    fn turn(&mut self) -> Outcome<()> {
        let mut wait_ms = 50;
        let mut changed = false;
        loop {
            match self.ea.wait(wait_ms)? {
                Waited::Order(order) => {
                    self.ages.push(order.age_us);
                    self.fill(&order)?;
                    (wait_ms, changed) = (0, true);
                }
                Waited::StateWanted => changed = true,
                Waited::Nothing => break,
            }
        }
        if changed {
            self.ea.commit(&self.state)?;
        }
        Ok(())
    }

    fn fill(&mut self, order: &LbOrder) -> Outcome<()> {
        self.last_ticket += 1;
        let (number, price) = (self.last_ticket, Price::from_units(4_000 * Price::ONE));
        let at = self.state.positions.iter().position(|position| position.ticket == order.ticket);
        let (ticket, lots) = if order.action == LB_OPEN {
            let lots = exact_lots(order.lots)?;
            self.copies += 1;
            self.state.positions.push(Position {
                id: PositionId(number),
                ticket: number,
                symbol: self.state.instruments[0].symbol,
                side: Side::Buy,
                lots,
                open_price: price,
                open_time: ServerTime(1_000),
                stop_loss: exact_stop(order.stop_loss)?,
                take_profit: None,
                magic: Magic(order.magic),
                comment: Comment::new(),
            });
            (number, lots)
        } else if order.action == LB_CLOSE {
            let closed = self.state.positions.remove(at.ok_or("no such position to close")?);
            deals_of(&mut self.state.deals, &closed, number);
            (closed.ticket, closed.lots)
        } else {
            let position = &mut self.state.positions[at.ok_or("no such position to modify")?];
            position.stop_loss = exact_stop(order.stop_loss)?;
            (position.ticket, position.lots)
        };
        let result = OrderResult { retcode: Retcode::DONE, deal: number, ticket, lots, price };
        Ok(self.ea.report(order.instruction, &result)?)
    }
}

/// Notes the deals that opened and closed a position; the oldest go.
pub fn deals_of(deals: &mut Vec<Deal>, closed: &Position, closing: u64) {
    for (ticket, entry, side) in
        [(closed.ticket, DealEntry::In, Side::Buy), (closing, DealEntry::Out, Side::Sell)]
    {
        deals.push(Deal {
            ticket,
            position: closed.id,
            symbol: closed.symbol,
            side,
            entry,
            lots: closed.lots,
            price: closed.open_price,
            time: ServerTime(1_000),
            magic: closed.magic,
            commission: Money::ZERO,
            swap: Money::ZERO,
            profit: Money::ZERO,
        });
    }
    let old = deals.len().saturating_sub(DEALS);
    deals.drain(..old);
}
