//! The hub, its sessions, the market, and time.

mod book;
mod hub;
mod plan;
mod protection;
mod trader;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lotbridge::config::Setup;
use lotbridge::domain::{Login, Price};
use lotbridge::replication::{Hub, Record};

use book::Book;
pub use book::begins_with;
pub use plan::{Event, Kind, Plan};

use super::account::Account;
use super::link::Link;
use super::market_watch::MarketWatch;
use super::monitor::Monitor;
use super::random::Random;
use super::setup::{self, Broker, MASTER, SLAVES, SYMBOLS};
use super::slave::Slave;
use super::wrong::Wrong;

/// Everything.
pub struct World {
    pub setup: Arc<Setup>,
    plan: Plan,
    /// Delays, for the most part.
    pub random: Random,
    pub now_ms: u64,
    /// Nothing more goes wrong.
    pub calm: bool,
    /// `Err`: it does not run, and is started again then.
    pub hub: Result<Hub, u64>,
    /// How far its clock is off.
    jump_ms: i64,
    /// Its process stands still until then.
    pub frozen_until: u64,
    /// What freezes after its turn, its whole process or its program alone, and until when.
    freezes: Option<(bool, u64)>,
    /// When it looks at its deadlines next.
    tick_ms: u64,
    pub records: Vec<Record>,
    /// The ledger as files, on some seeds.
    pub book: Option<Book>,
    /// How many times records were lost.
    pub forgot: u64,
    pub master: Account,
    pub slaves: Vec<Slave>,
    /// Positions and orders of slaves that their owners have touched by hand.
    pub by_hand: BTreeSet<(Login, u64)>,
    links: Vec<Link>,
    pub monitor: Monitor,
    commit_ms: u64,
    /// The master's program hands nothing over until then.
    program_frozen_until: u64,
    /// How much is traded, and how much goes wrong, in percent of the usual.
    pace: (u64, u64),
    quotes: BTreeMap<&'static str, i64>,
    pub wrong: Option<Wrong>,
    /// The market is closed for the minute after midnight.
    closes: bool,
    /// For how long positions have been without the stop loss that their accounts require, by account and ticket.
    bare_ms: BTreeMap<(Login, u64), u64>,
    /// Copies, by magic, that were ever seen so.
    pub were_bare: BTreeSet<(Login, u64)>,
    /// What happened by chance, in order.
    pub events: Vec<Event>,
    /// The story, when it is to be told.
    pub story: Option<Vec<String>>,
}

impl World {
    pub fn new(plan: Plan) -> Self {
        let seed = plan.seed;
        let mut random = Random::new(seed);
        let setup = Arc::new(setup::setup(seed, &mut random));
        let pace = (*random.pick(&[30, 100, 300, 600]), *random.pick(&[0, 50, 100, 200, 400]));
        let (faults, closes) = (*random.pick(&[0, 0, 3, 10, 20]), random.per_mille(100));
        let nets = |login: Login| Random::of(seed, 2_000 + login.0, 0).per_mille(250);
        let master_nets = Random::of(seed, 2_000, 0).per_mille(250);
        let broker = |login: Login| {
            let master = login == MASTER;
            let mut own = Random::of(seed, 2_100 + login.0, 0);
            Broker {
                faults: if master { faults / 2 } else { faults },
                closes,
                nets: if master { master_nets } else { nets(login) },
                stops_after: !master && own.per_mille(200),
                stops_level: if master { 20 } else { *own.pick(&[20, 20, 20, 0, 60, 150]) },
                // All, or until cancelled with or without some others, or for the day only.
                expiration_modes: if master { 0 } else { *own.pick(&[0, 0, 0, 1, 3, 5, 2]) },
            }
        };
        let account =
            |login: Login| Account::new(setup::terminal(&setup, login, seed ^ login.0, broker(login)));
        let slaves = SLAVES.map(|login| {
            let mut slave = Slave::new(&setup, login, account(login), plan.defect);
            let names = SYMBOLS.map(|(name, _)| setup::slave_symbol(&setup, login, name));
            let random = Random::of(seed, 2_300 + login.0, 0);
            slave.market_watch = MarketWatch::without_some(names, random);
            slave
        });
        let mut world = Self {
            hub: Err(0),
            jump_ms: 0,
            frozen_until: 0,
            freezes: None,
            tick_ms: 0,
            random,
            now_ms: 0,
            calm: false,
            records: Vec::new(),
            book: Random::of(seed, 2_200, 0).per_mille(30).then(Book::new),
            forgot: 0,
            master: account(MASTER).with_comments(),
            slaves: slaves.into_iter().collect(),
            by_hand: BTreeSet::new(),
            links: SLAVES.iter().map(|_| Link::default()).collect(),
            monitor: Monitor::default(),
            commit_ms: 0,
            program_frozen_until: 0,
            pace,
            quotes: SYMBOLS.into_iter().collect(),
            wrong: None,
            closes,
            bare_ms: BTreeMap::new(),
            were_bare: BTreeSet::new(),
            events: Vec::new(),
            story: plan.tell.then(Vec::new),
            setup,
            plan,
        };
        world.quote();
        world
    }

    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{:>8} {}", self.now_ms, what()));
        }
    }

    /// Did the system's clock jump between the starts of the hub's process and of this slave's, by as much as an
    /// instruction is valid?
    pub fn clocks_disagree(&self, slave: &Slave) -> bool {
        (slave.jump_ms - self.jump_ms).unsigned_abs() >= self.setup.master.valid_for_ms
    }

    /// The slaves with an order at their trade server.
    fn sending(&self) -> Vec<usize> {
        (0..self.slaves.len()).filter(|at| self.slaves[*at].sends()).collect()
    }

    /// Does this happen now? With what chance has in store for it; a plan may leave it out.
    fn happens(&mut self, kind: Kind, per_hundred_thousand: u64) -> Option<Random> {
        let mut random = Random::of(self.plan.seed, kind as u64, self.now_ms);
        if !random.chance(per_hundred_thousand) {
            return None;
        }
        let event = Event { at_ms: self.now_ms, kind };
        if self.plan.without.contains(&event) {
            return None;
        }
        self.events.push(event);
        Some(random)
    }

    /// Time goes by.
    pub fn run(&mut self, ms: u64, step_ms: u64) -> Result<(), Wrong> {
        let end_ms = self.now_ms + ms;
        while self.now_ms < end_ms {
            self.step(step_ms)?;
        }
        Ok(())
    }

    fn step(&mut self, step_ms: u64) -> Result<(), Wrong> {
        let before_ms = self.now_ms;
        self.now_ms += step_ms;
        let every = |ms: u64| before_ms / ms != (before_ms + step_ms) / ms;
        if self.master.work(self.now_ms) > 0 {
            self.commit_ms = self.now_ms;
        }
        let now_ms = self.now_ms;
        for slave in &mut self.slaves {
            if slave.account.work(now_ms) > 0 && !slave.is_busy(now_ms) {
                slave.commit_ms = slave.commit_ms.min(now_ms + 20);
            }
        }
        if every(200) {
            for who in 0..=self.slaves.len() {
                self.account(who).pass_time(now_ms);
            }
        }
        if !self.calm {
            if every(400) {
                self.quote();
            }
            self.trade();
            self.trouble();
        }
        self.hub_turn();
        for at in 0..self.slaves.len() {
            self.slave_turn(at);
        }
        if every(1_000)
            && let Some(book) = &mut self.book
        {
            book.write();
        }
        self.look_for_stops(step_ms);
        let wrong = self.slaves.iter_mut().find_map(|slave| slave.wrong.take());
        self.wrong.take().or(wrong).map_or(Ok(()), Err)
    }

    /// The market moves.
    fn quote(&mut self) {
        for (name, _) in SYMBOLS {
            let purpose = 1_000 + u64::from(name.as_bytes()[0]);
            let mut random = Random::of(self.plan.seed, purpose, self.now_ms);
            let step = random.around(if name == "XAUUSD" { 25 } else { 12 });
            let price = self.quotes.get_mut(name).unwrap();
            *price += step;
            let unit = unit(name);
            let (bid, ask) = (*price, *price + 8);
            let now_ms = self.now_ms;
            let at = |price: i64| Price::from_units(price * unit);
            let quote = |account: &mut Account, symbol: &str, off: i64| {
                account.quote(now_ms, symbol, at(bid + off), at(ask + off));
            };
            quote(&mut self.master, name, 0);
            for slave in &mut self.slaves {
                let symbol = setup::slave_symbol(&self.setup, slave.login, name);
                quote(&mut slave.account, &symbol, random.around(3));
            }
        }
    }

    /// A slave's account by its place, or the master's.
    fn account(&mut self, at: usize) -> &mut Account {
        self.slaves.get_mut(at).map_or(&mut self.master, |slave| &mut slave.account)
    }

    /// Where a slave is.
    pub fn slave(&self, login: Login) -> &Slave {
        self.slaves.iter().find(|slave| slave.login == login).unwrap()
    }
}

/// The smallest step of a symbol's price.
fn unit(symbol: &str) -> i64 {
    if symbol == "XAUUSD" { 1_000_000 } else { 1_000 }
}
