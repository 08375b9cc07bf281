//! A slave's process: it does what the master's process asks for over its standard input, a socket.

use std::env;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use lotbridge::domain::{Magic, OrderResult, Price, Retcode};
use lotbridge::ffi::ea::{SlaveEa, Waited, exact_lots};
use lotbridge::ffi::{LB_OPEN, LbOrder};

use super::account::Book;
use super::attack::attack_if_attacker;
use super::clock::now_ns;
use super::frame::frame;
use super::{Outcome, WAIT_MS};

/// Names the account of a slave's process.
pub const LOGIN: &str = "LOTBRIDGE_BENCH_LOGIN";
/// Names the configuration's file.
pub const CONFIG: &str = "LOTBRIDGE_BENCH_CONFIG";

/// What the master's process asks for: a byte, a count (4 bytes, little endian).
pub const RAW: u8 = b'r';
/// As [`RAW`].
pub const OURS: u8 = b'o';
/// A turn may begin.
pub const READY: u8 = b'k';
/// Asks for a sample's stamp: 8 bytes, little endian.
pub const ASK: u8 = b'a';

/// Is this a slave's process? Then it serves until the master's process ends; an attacker's attacks.
///
/// # Errors
/// Whatever breaks in it.
pub fn serve_if_slave() -> Outcome<bool> {
    if attack_if_attacker() {
        return Ok(true);
    }
    let (Ok(login), Ok(config)) = (env::var(LOGIN), env::var(CONFIG)) else { return Ok(false) };
    let login = login.parse()?;
    let mut slave = Slave {
        control: UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?),
        raw: UnixStream::from(io::stdout().as_fd().try_clone_to_owned()?),
        ea: SlaveEa::open(&config, login)?,
        book: Book::new(login)?,
        buffer: vec![0; frame()?.len()],
    };
    let mut request = [0; 5];
    while slave.control.read_exact(&mut request).is_ok() {
        let [kind, count @ ..] = request;
        slave.turn(kind, u32::from_le_bytes(count))?;
    }
    Ok(true)
}

struct Slave {
    control: UnixStream,
    raw: UnixStream,
    ea: SlaveEa,
    book: Book,
    buffer: Vec<u8>,
}

impl Slave {
    fn turn(&mut self, kind: u8, samples: u32) -> Outcome<()> {
        if kind == OURS {
            // Fresh facts: the last turn may be long ago.
            let mut number = self.ea.commit(self.book.state())?;
            while self.ea.status()?.state_seen < number {
                match self.ea.wait(1)? {
                    Waited::Order(_) => return Err("an order before the first sample".into()),
                    Waited::StateWanted => number = self.ea.commit(self.book.state())?,
                    Waited::Nothing => {}
                }
            }
        }
        self.control.write_all(&[READY])?;
        for _ in 0..samples {
            if kind == OURS { self.our_sample()? } else { self.raw_sample()? }
        }
        Ok(())
    }

    fn raw_sample(&mut self) -> Outcome<()> {
        self.raw.read_exact(&mut self.buffer)?;
        self.answer(now_ns())
    }

    fn our_sample(&mut self) -> Outcome<()> {
        let order = loop {
            match self.ea.wait(WAIT_MS)? {
                Waited::Order(order) => break order,
                Waited::StateWanted => {
                    self.ea.commit(self.book.state())?;
                }
                Waited::Nothing => {}
            }
        };
        self.answer(now_ns())?;
        self.execute(&order)
    }

    /// Waits to be asked, so that nobody's answer takes part in the sample.
    fn answer(&mut self, stamp: u64) -> Outcome<()> {
        let mut ask = [0];
        self.control.read_exact(&mut ask)?;
        if ask != [ASK] {
            return Err("asked for something else than a stamp".into());
        }
        Ok(self.control.write_all(&stamp.to_le_bytes())?)
    }

    /// Does what the order says, reports it, and hands over the new state.
    fn execute(&mut self, order: &LbOrder) -> Outcome<()> {
        let (ticket, lots) = if order.action == LB_OPEN {
            let lots = exact_lots(order.lots)?;
            (self.book.open(lots, Magic(order.magic))?, lots)
        } else {
            (order.ticket, self.book.close(order.ticket)?)
        };
        let price = Price::from_units(4000 * Price::ONE);
        let result = OrderResult { retcode: Retcode::DONE, deal: ticket, ticket, lots, price };
        self.ea.report(order.instruction, &result)?;
        self.ea.commit(self.book.state())?;
        Ok(())
    }
}
