//! The hub, its sessions, the market, the master's trader, and everything that goes wrong between them.

mod trouble;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use lotbridge::config::Setup;
use lotbridge::domain::{
    Filling, Login, Lots, Magic, Micros, OrderAction, OrderRequest, Position, Price, Side, text,
};
use lotbridge::replication::{Alert, Hub, HubError, HubOutput, Record};

use super::account::{Account, server_time};
use super::random::Random;
use super::setup::{self, MASTER, SLAVES, SYMBOLS};
use super::slave::{Slave, ToHub, ToSlave};

/// A session between the hub and a slave, as either side sees it.
#[derive(Default)]
struct Link {
    to_hub: VecDeque<(u64, ToHub)>,
    to_slave: VecDeque<(u64, ToSlave)>,
    hub_open: bool,
    slave_open: bool,
    /// Broken; when each side notices.
    broken: Option<(u64, u64)>,
}

/// Everything.
pub struct World {
    pub setup: Arc<Setup>,
    pub random: Random,
    pub now_ms: u64,
    /// Nothing more goes wrong.
    pub calm: bool,
    /// `Err`: it does not run, and is started again then.
    pub hub: Result<Hub, u64>,
    pub records: Vec<Record>,
    pub master: Account,
    pub slaves: Vec<Slave>,
    /// Positions of slaves that their owners have closed, in whole or in part, by hand.
    pub by_hand: BTreeSet<(Login, u64)>,
    links: Vec<Link>,
    commit_ms: u64,
    /// How much is traded, and how much goes wrong, in percent of the usual.
    pace: (u64, u64),
    quotes: BTreeMap<&'static str, i64>,
    /// How often the hub died, an EA died, a session broke.
    pub deaths: [u64; 3],
    /// The story, when it is to be told.
    pub story: Option<Vec<String>>,
}

impl World {
    pub fn new(seed: u64, tell: bool) -> Self {
        let mut random = Random::new(seed);
        let setup = Arc::new(setup::setup(random.between(0, 7)));
        let account = |login: Login| Account::new(setup::terminal(&setup, login, seed ^ login.0));
        let pace = (*random.pick(&[30, 100, 300, 600]), *random.pick(&[0, 50, 100, 200, 400]));
        let slaves = SLAVES.map(|login| Slave::new(&setup, login, account(login)));
        let mut world = Self {
            hub: Err(0),
            random,
            now_ms: 0,
            calm: false,
            records: Vec::new(),
            master: account(MASTER),
            slaves: slaves.into_iter().collect(),
            by_hand: BTreeSet::new(),
            links: SLAVES.iter().map(|_| Link::default()).collect(),
            commit_ms: 0,
            deaths: [0; 3],
            pace,
            quotes: SYMBOLS.into_iter().collect(),
            story: tell.then(Vec::new),
            setup,
        };
        world.quote();
        world
    }

    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{:>8} {}", self.now_ms, what()));
        }
    }

    /// Time goes by.
    pub fn run(&mut self, ms: u64, step_ms: u64) -> Result<(), String> {
        let end_ms = self.now_ms + ms;
        while self.now_ms < end_ms {
            self.now_ms += step_ms;
            self.step()?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        if self.master.work(self.now_ms) > 0 {
            self.commit_ms = self.now_ms;
        }
        for slave in &mut self.slaves {
            if slave.account.work(self.now_ms) > 0 && !slave.is_busy() {
                slave.commit_ms = slave.commit_ms.min(self.now_ms + 20);
            }
        }
        if !self.calm {
            if self.now_ms.is_multiple_of(400) {
                self.quote();
            }
            self.trade();
            self.trouble()?;
        }
        if let Some(what) = self.slaves.iter().find_map(|slave| slave.wrong.clone()) {
            return Err(what);
        }
        self.hub_turn()?;
        for at in 0..self.slaves.len() {
            self.slave_turn(at);
        }
        Ok(())
    }

    /// The market moves.
    fn quote(&mut self) {
        for (name, _) in SYMBOLS {
            let step = self.random.around(if name == "XAUUSD" { 25 } else { 12 });
            let price = self.quotes.get_mut(name).unwrap();
            *price += step;
            let unit = if name == "XAUUSD" { 1_000_000 } else { 1_000 };
            let (bid, ask) = (*price, *price + 8);
            let time = server_time(self.now_ms);
            let at = |price: i64| Price::from_units(price * unit);
            let quote = |account: &mut Account, symbol: &str, off: i64| {
                let deals = account.terminal.quote(time, symbol, at(bid + off), at(ask + off)).unwrap();
                if !deals.is_empty() {
                    account.changed(self.now_ms);
                }
            };
            quote(&mut self.master, name, 0);
            for slave in &mut self.slaves {
                let symbol = setup::slave_symbol(&self.setup, slave.login, name);
                quote(&mut slave.account, &symbol, self.random.around(3));
            }
        }
    }

    /// The master's trader, and investors who cannot keep their hands off.
    fn trade(&mut self) {
        let pace = self.pace.0;
        if self.random.per_mille(6 * pace / 100) {
            self.open();
        }
        if self.random.per_mille(6 * pace / 100) {
            self.change();
        }
        if self.random.per_mille(2 * pace / 100) {
            let at = usize::try_from(self.random.between(0, 2)).unwrap();
            let slave = &mut self.slaves[at];
            let open: Vec<Position> =
                slave.account.terminal.positions().map(|p| p.position.clone()).collect();
            if open.is_empty() {
                return;
            }
            let position = self.random.pick(&open).clone();
            let part = part(position.lots, &mut self.random);
            let login = slave.login;
            self.by_hand.insert((login, position.ticket));
            self.slaves[at].account.execute(self.now_ms, &close(&position, part));
            self.tell(|| format!("{login} closes {part} of {} by hand", position.ticket));
        }
    }

    fn open(&mut self) {
        let (symbol, _) = *self.random.pick(&SYMBOLS);
        let side = *self.random.pick(&[Side::Buy, Side::Sell]);
        let lots = Lots::from_units(i64::try_from(self.random.between(1, 120)).unwrap() * Lots::ONE / 100);
        let (stop_loss, take_profit) = self.stops(symbol, side);
        let request = OrderRequest {
            symbol: text(symbol).unwrap(),
            action: OrderAction::Open { side, stop_loss, take_profit },
            lots,
            price: Price::ZERO,
            deviation_points: 0,
            magic: Magic(0),
            filling: Filling::default(),
        };
        let result = self.master.execute(self.now_ms, &request);
        self.commit_ms = self.now_ms;
        self.tell(|| {
            format!(
                "master: {side} {lots} {symbol} sl {stop_loss:?} tp {take_profit:?}: {} {}",
                result.retcode, result.ticket
            )
        });
    }

    fn stops(&mut self, symbol: &str, side: Side) -> (Option<Price>, Option<Price>) {
        let unit = if symbol == "XAUUSD" { 1_000_000 } else { 1_000 };
        let price = self.quotes[symbol];
        let mut stop = |sign: i64| {
            let away = i64::try_from(self.random.between(20, 400)).unwrap();
            self.random.per_mille(500).then(|| Price::from_units((price + sign * side.sign() * away) * unit))
        };
        (stop(-1), stop(1))
    }

    /// The master closes, closes a part, or moves its stops.
    fn change(&mut self) {
        let open: Vec<Position> = self.master.terminal.positions().map(|p| p.position.clone()).collect();
        if open.is_empty() {
            return;
        }
        let position = self.random.pick(&open).clone();
        let request = match self.random.between(0, 3) {
            0 => close(&position, position.lots),
            1 => close(&position, part(position.lots, &mut self.random)),
            _ => {
                let (stop_loss, take_profit) = self.stops(&position.symbol, position.side);
                let action = OrderAction::Modify { ticket: position.ticket, stop_loss, take_profit };
                OrderRequest { action, ..close(&position, Lots::ZERO) }
            }
        };
        let result = self.master.execute(self.now_ms, &request);
        self.commit_ms = self.now_ms;
        self.tell(|| format!("master: {:?} {}: {}", request.action, request.lots, result.retcode));
    }

    /// The master closes everything.
    pub fn close_all(&mut self) {
        let open: Vec<Position> = self.master.terminal.positions().map(|p| p.position.clone()).collect();
        for position in open {
            self.master.execute(self.now_ms, &close(&position, position.lots));
        }
        self.commit_ms = self.now_ms;
        self.tell(|| "master: closes everything".into());
    }

    fn hub_turn(&mut self) -> Result<(), String> {
        let now = Micros(self.now_ms * 1000);
        if let Err(again_ms) = self.hub {
            if self.now_ms < again_ms {
                return Ok(());
            }
            // As the ledger keeps them.
            let kept: Vec<Record> = self
                .records
                .iter()
                .map(|r| serde_json::from_str(&serde_json::to_string(r).unwrap()).unwrap())
                .collect();
            self.hub = Ok(Hub::restore(Arc::clone(&self.setup), now, kept));
            self.commit_ms = self.now_ms + self.random.between(0, 1_500);
            self.tell(|| "the hub starts".into());
        }
        if self.now_ms >= self.commit_ms {
            self.commit_ms = self.now_ms + self.random.between(100, 400);
            let snapshot = self.master.snapshot(self.now_ms);
            let Ok(hub) = &mut self.hub else { return Ok(()) };
            match hub.on_master(now, snapshot) {
                Ok(()) | Err(HubError::NotConnected) => {}
                Err(error) => return Err(error.to_string()),
            }
            self.drain();
        }
        for at in 0..self.links.len() {
            self.hub_hears(at, now)?;
        }
        if let Ok(hub) = &mut self.hub {
            hub.tick(now);
        }
        self.drain();
        Ok(())
    }

    fn hub_hears(&mut self, at: usize, now: Micros) -> Result<(), String> {
        let Ok(hub) = &mut self.hub else { return Ok(()) };
        let (link, login) = (&mut self.links[at], self.slaves[at].login);
        if link.hub_open && link.broken.is_some_and(|(hub, _)| self.now_ms >= hub) {
            link.hub_open = false;
            hub.on_disconnected(now, login);
        }
        while link.to_hub.front().is_some_and(|(at_ms, _)| *at_ms <= self.now_ms) {
            let Some((_, message)) = link.to_hub.pop_front() else { break };
            match message {
                ToHub::Report(report) => {
                    hub.on_report(now, login, &report);
                    if let Some(story) = &mut self.story {
                        story.push(format!("{:>8} {login} reports {:?}", self.now_ms, report));
                    }
                }
                ToHub::State(state) => match hub.on_slave(now, login, *state) {
                    Ok(()) | Err(HubError::NotConnected) => {}
                    Err(error) => return Err(error.to_string()),
                },
            }
        }
        self.drain();
        Ok(())
    }

    /// What the hub wants done, and its record.
    fn drain(&mut self) {
        let Ok(hub) = &mut self.hub else { return };
        while let Some(alert) = hub.poll_alert() {
            let (Alert::Here(login, _) | Alert::AtSlave(login, _) | Alert::Refused { login, .. }) = &alert;
            let slave = self.slaves.iter_mut().find(|slave| slave.login == *login).unwrap();
            slave.wrong = slave.wrong.take().or(slave.watch.hub_says(&alert).err());
        }
        while let Some(output) = hub.poll_output() {
            let (login, message) = match output {
                HubOutput::Instruct(login, instruction) => {
                    if let Some(story) = &mut self.story {
                        let Micros(committed) = instruction.committed_at;
                        story.push(format!(
                            "{:>8} {login} is to {:?} {} ({}, {})",
                            self.now_ms,
                            instruction.action,
                            instruction.copy,
                            instruction.id.0,
                            committed / 1000
                        ));
                    }
                    (login, ToSlave::Instruction(Box::new(instruction)))
                }
                HubOutput::AskSnapshot(login) => (login, ToSlave::AskState),
            };
            let at = SLAVES.iter().position(|slave| *slave == login).unwrap();
            let link = &mut self.links[at];
            if link.hub_open && link.broken.is_none() {
                let last_ms = link.to_slave.back().map_or(0, |(at_ms, _)| *at_ms);
                link.to_slave.push_back(((self.now_ms + self.random.between(0, 40)).max(last_ms), message));
            }
        }
        while let Some(record) = hub.poll_record() {
            if let Some(story) = &mut self.story
                && let Record::Decided { copy, login, decision, .. } = &record
            {
                let (lots, of, skip) = (decision.lots(), decision.facts.master_lots, decision.skip);
                story.push(format!("{:>8} {login} {copy} gets {lots} of {of}, {skip:?}", self.now_ms));
            }
            if let Some(story) = &mut self.story
                && let Record::Copy { copy, login, state, opened, skip, .. } = &record
            {
                story
                    .push(format!("{:>8} {login} {copy} is {state}, opened {opened}, {skip:?}", self.now_ms));
            }
            if Record::KINDS_TO_GO_ON_FROM.contains(&record.kind()) {
                self.records.push(record);
            }
        }
    }

    fn slave_turn(&mut self, at: usize) {
        let (link, slave) = (&mut self.links[at], &mut self.slaves[at]);
        if link.slave_open && link.broken.is_some_and(|(_, slave)| self.now_ms >= slave) {
            link.slave_open = false;
            slave.disconnected(self.now_ms + self.random.between(20, 3_000));
        }
        if !link.slave_open && slave.runs() && self.now_ms >= slave.connect_ms && !slave.is_busy() {
            slave.connect_ms = self.now_ms + self.random.between(20, 1_000);
            if let Ok(hub) = &mut self.hub {
                *link = Link { hub_open: true, slave_open: true, ..Link::default() };
                hub.on_connected(Micros(self.now_ms * 1000), slave.login).unwrap();
                link.to_slave.push_back((self.now_ms + self.random.between(0, 30), ToSlave::Welcome));
            }
        }
        let mut heard = Vec::new();
        while !slave.is_busy() && link.to_slave.front().is_some_and(|(at_ms, _)| *at_ms <= self.now_ms) {
            heard.extend(link.to_slave.pop_front().map(|(_, message)| message));
        }
        let said = slave.turn(self.now_ms, heard, &mut self.random, self.calm);
        for message in said {
            if link.slave_open && link.broken.is_none() {
                let last_ms = link.to_hub.back().map_or(0, |(at_ms, _)| *at_ms);
                link.to_hub.push_back(((self.now_ms + self.random.between(0, 40)).max(last_ms), message));
            }
        }
        self.drain();
    }
}

fn part(lots: Lots, random: &mut Random) -> Lots {
    let steps = u64::try_from(lots.units() * 100 / Lots::ONE).unwrap();
    let part = i64::try_from(random.between(1, steps.max(1))).unwrap();
    Lots::from_units(part * Lots::ONE / 100)
}

fn close(position: &Position, lots: Lots) -> OrderRequest {
    OrderRequest {
        symbol: position.symbol,
        action: OrderAction::Close { ticket: position.ticket },
        lots,
        price: Price::ZERO,
        deviation_points: 0,
        magic: Magic(0),
        filling: Filling::default(),
    }
}
