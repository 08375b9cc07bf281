//! The broker of a replay: every account, the quotes of the history, and what each deal is charged.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use lotbridge::config::{ReplayTerminal, Setup};
use lotbridge::domain::{
    Comment, Deal, Expiration, Instrument, Login, Lots, Magic, MarginMode, Money, OrderAction, OrderRequest,
    OrderResult, PendingOrder, PendingTerms, Price, Ratio, RetcodeClass, ServerTime, Side, Signature,
    Snapshot, Symbol,
};
use lotbridge::history::{ClosedPosition, Event, History, tick_value_at};
use lotbridge::terminal::{Faults, RecordedClose, RecordedOpen, Terminal, TerminalSettings};
use rust_decimal::{Decimal, RoundingStrategy};

use super::plan::Plan;
use super::quotes::Market;
use crate::accounts::{CURRENCY_DIGITS, converted, rate};

/// Deals this old are no evidence any more: states stay small.
const EVIDENCE_MS: i64 = 2 * 24 * 3600 * 1000;
/// Below this margin level, in percent, the broker closes positions.
const STOP_OUT_PERCENT: u32 = 50;

/// How a replay's slaves trade.
#[derive(Debug, Clone, Copy, Default)]
pub struct Execution {
    /// Seeds slippage.
    pub seed: u64,
    /// Adverse slippage of market orders, up to so many points.
    pub slippage_points_max: u32,
}

/// Every account of a replay.
pub struct Broker {
    signature: Signature,
    master: Login,
    accounts: BTreeMap<Login, Terminal>,
    /// What one unit of the master's currency is in a slave's.
    rates: BTreeMap<Login, Decimal>,
    instruments: BTreeMap<Symbol, Instrument>,
    now: ServerTime,
    /// The event that is being played: an exit's charges are its own.
    event: Option<Event>,
    /// The last quote of each of the master's symbols.
    last: BTreeMap<Symbol, Price>,
    netting: BTreeSet<Login>,
    /// From when on a netting account's terminal needs its deals.
    deals_from: BTreeMap<Login, ServerTime>,
    /// The first deal's side of every copy: the other one closes. A netting account's deals do not say so themselves.
    sides: BTreeMap<(Login, Magic), Side>,
    /// What became of each slave's pending orders.
    orders: BTreeMap<Login, OrderCounts>,
    contradictions: usize,
}

/// What became of a slave's pending orders.
#[derive(Debug, Clone, Copy, Default)]
pub struct OrderCounts {
    pub placed: usize,
    pub filled: usize,
    pub cancelled: usize,
}

impl Broker {
    /// Opens all accounts.
    pub fn new(plan: &Plan, execution: Execution) -> Result<Self> {
        let mut broker = Self {
            signature: Signature::of_master(plan.setup.master.login),
            master: plan.setup.master.login,
            accounts: BTreeMap::new(),
            rates: BTreeMap::new(),
            instruments: plan.instruments.iter().map(|i| (i.symbol, i.clone())).collect(),
            now: ServerTime(0),
            event: None,
            last: BTreeMap::new(),
            netting: plan
                .slaves
                .values()
                .filter(|s| s.margin_mode == MarginMode::Netting)
                .map(|s| s.login)
                .collect(),
            deals_from: BTreeMap::new(),
            sides: BTreeMap::new(),
            orders: BTreeMap::new(),
            contradictions: 0,
        };
        broker.open(&plan.setup, &plan.master, execution)?;
        for slave in plan.slaves.values() {
            broker.open(&plan.setup, slave, execution)?;
        }
        Ok(broker)
    }

    fn open(&mut self, setup: &Setup, account: &ReplayTerminal, execution: Execution) -> Result<()> {
        let login = account.login;
        let rate = rate(setup, setup.master.currency, account.currency).unwrap_or(Decimal::ONE);
        let slave = login != self.master;
        let mut terminal = Terminal::new(TerminalSettings {
            login,
            currency: account.currency,
            currency_digits: CURRENCY_DIGITS,
            margin_mode: account.margin_mode,
            leverage: account.leverage,
            opening_balance: account.balance,
            seed: execution.seed ^ login.0,
            slippage_points_max: if slave { execution.slippage_points_max } else { 0 },
            delay_ms_max: 0,
            stop_out_percent: slave.then_some(STOP_OUT_PERCENT),
            pending_orders_max: 0,
            stops_after_opening: false,
            sessions: Vec::new(),
            faults: Faults::default(),
        })?;
        for instrument in self.instruments.values() {
            let mut own = instrument.clone();
            if slave {
                let name = setup.account(login).symbols.to_slave(instrument.symbol);
                own.symbol = name.with_context(|| format!("account {login}: symbol name too long"))?;
            }
            own.tick_value = converted(instrument.tick_value, rate)?;
            terminal.add_instrument(own)?;
        }
        for rate in &setup.replay.rates {
            terminal.set_rate(*rate)?;
        }
        self.rates.insert(login, rate);
        self.accounts.insert(login, terminal);
        Ok(())
    }

    /// An account.
    pub fn account(&self, login: Login) -> Option<&Terminal> {
        self.accounts.get(&login)
    }

    /// What became of a slave's pending orders.
    pub fn order_counts(&self, login: Login) -> OrderCounts {
        self.orders.get(&login).copied().unwrap_or_default()
    }

    /// So often a price reached an order that, by the history, went on waiting.
    pub const fn contradictions(&self) -> usize {
        self.contradictions
    }

    /// A netting account's terminal hands its deals over from this moment on; a hedging account's the last days'.
    pub fn deals_from(&mut self, login: Login, time: ServerTime) {
        if self.netting.contains(&login) {
            self.deals_from.insert(login, time);
        }
    }

    /// An account's state, as its terminal hands it over.
    pub fn snapshot(&self, login: Login) -> Option<Snapshot> {
        let last_days = ServerTime(self.now.0.saturating_sub(EVIDENCE_MS));
        let since = self.deals_from.get(&login).map_or(last_days, |from| last_days.min(*from));
        self.accounts.get(&login).map(|terminal| terminal.snapshot(since))
    }

    /// The market moves to where an event of the history happens. Stops of slaves may be hit.
    pub fn quote(&mut self, setup: &Setup, history: &History, time: ServerTime, event: Event) -> Result<()> {
        self.now = time;
        self.event = Some(event);
        let symbol = match event {
            Event::Open { position, .. } | Event::Exit { position, .. } => history.positions[position].symbol,
            Event::Place { order } | Event::End { order } => history.orders[order].symbol,
            Event::Balance { .. } => return Ok(()),
        };
        let instrument = self.instruments.get(&symbol).context("a symbol without instrument")?;
        let master = self.accounts.get(&self.master).context("no master")?;
        let market = Market { history, master, instrument, last: self.last.get(&symbol).copied(), time };
        let price = market.price(event)?;
        self.contradictions += market.contradictions(price, event);
        let tick_value = match event {
            Event::Exit { position, exit } => {
                let position = &history.positions[position];
                tick_value_at(instrument, position, &position.exits[exit])
            }
            _ => None,
        };
        self.last.insert(symbol, price);
        if let Some(value) = tick_value
            && let Some(instrument) = self.instruments.get_mut(&symbol)
        {
            instrument.tick_value = value;
        }
        self.quote_all(setup, history, symbol, price, tick_value)
    }

    fn quote_all(
        &mut self,
        setup: &Setup,
        history: &History,
        symbol: Symbol,
        price: Price,
        tick_value: Option<Ratio>,
    ) -> Result<()> {
        let logins: Vec<Login> = self.accounts.keys().copied().collect();
        for login in logins {
            let symbol = self.symbol_of(setup, login, symbol)?;
            let rate = self.rates.get(&login).copied().unwrap_or(Decimal::ONE);
            let terminal = self.accounts.get_mut(&login).context("an account without terminal")?;
            if let Some(value) = tick_value {
                terminal.set_tick_value(&symbol, converted(value, rate)?)?;
            }
            for deal in terminal.quote(self.now, &symbol, price, price)? {
                // Nothing but a pending order opens a position by itself.
                let fills = !self.closes(login, &deal);
                self.orders.entry(login).or_default().filled += usize::from(fills);
                self.charge(history, login, &deal)?;
            }
        }
        Ok(())
    }

    fn symbol_of(&self, setup: &Setup, login: Login, symbol: Symbol) -> Result<Symbol> {
        if login == self.master {
            return Ok(symbol);
        }
        setup.account(login).symbols.to_slave(symbol).context("symbol name too long")
    }

    /// The master does what the history says.
    pub fn play(&mut self, history: &History, time: ServerTime, event: Event) -> Result<()> {
        let master = self.accounts.get_mut(&self.master).context("no master")?;
        match event {
            Event::Open { position: at, stop_loss, take_profit } => {
                let position = &history.positions[at];
                master.open_recorded(&RecordedOpen {
                    id: position_id(at),
                    time,
                    symbol: position.symbol,
                    side: position.side,
                    lots: position.lots,
                    price: position.open_price,
                    stop_loss,
                    take_profit,
                    magic: Magic(0),
                    commission: position.open_commission,
                })?;
            }
            Event::Exit { position: at, exit } => {
                let exit = &history.positions[at].exits[exit];
                master.close_recorded(&RecordedClose {
                    id: position_id(at),
                    time,
                    lots: exit.lots,
                    price: exit.price,
                    commission: exit.commission,
                    swap: exit.swap,
                })?;
            }
            Event::Place { order: at } => master.place_recorded(pending_order(history, at))?,
            Event::End { order: at } => {
                master.end_recorded(order_id(history, at), history.orders[at].end, time)?;
            }
            Event::Balance { operation } => {
                master.balance_operation(time, history.balance_operations[operation].amount)?;
            }
        }
        Ok(())
    }

    /// A slave's terminal sends an order.
    pub fn order(&mut self, history: &History, login: Login, request: &OrderRequest) -> Result<OrderResult> {
        let now = self.now;
        let terminal = self.accounts.get_mut(&login).context("an order of an unknown account")?;
        let result = terminal.order_send(now, request).result;
        if result.retcode.class() == RetcodeClass::Done {
            let counts = self.orders.entry(login).or_default();
            counts.placed += usize::from(matches!(request.action, OrderAction::Place { .. }));
            counts.cancelled += usize::from(matches!(request.action, OrderAction::Cancel { .. }));
        }
        let deal = terminal
            .deals()
            .iter()
            .rev()
            .find(|deal| result.deal != 0 && deal.ticket == result.deal)
            .cloned();
        if let Some(deal) = deal {
            self.charge(history, login, &deal)?;
        }
        Ok(result)
    }

    /// Does a deal close what its copy holds?
    fn closes(&mut self, login: Login, deal: &Deal) -> bool {
        *self.sides.entry((login, deal.magic)).or_insert(deal.side) != deal.side
    }

    /// A slave's deal is charged what the master's was, by lots, in the slave's currency, rounded half to even.
    fn charge(&mut self, history: &History, login: Login, deal: &Deal) -> Result<()> {
        let Some(copy) = deal.magic.copy(self.signature) else { return Ok(()) };
        let Some(at) = usize::try_from(copy.position_low()).ok().and_then(|row| row.checked_sub(1)) else {
            return Ok(());
        };
        let Some(position) = history.positions.get(at) else { return Ok(()) };
        let (commission, swap, of) = if self.closes(login, deal) {
            let Some(exit) = self.exit_for(at, position, deal.time) else { return Ok(()) };
            let exit = &position.exits[exit];
            (exit.commission, exit.swap, exit.lots)
        } else {
            (position.open_commission, Money::ZERO, position.lots)
        };
        let rate = self.rates.get(&login).copied().unwrap_or(Decimal::ONE);
        let (commission, swap) = (share(commission, deal.lots, of, rate)?, share(swap, deal.lots, of, rate)?);
        if !commission.is_zero() || !swap.is_zero() {
            let terminal = self.accounts.get_mut(&login).context("an account without terminal")?;
            terminal.charge(deal.ticket, commission, swap)?;
        }
        Ok(())
    }

    /// The exit whose charges count: the one being played, else the next in time, else the last.
    fn exit_for(&self, at: usize, position: &ClosedPosition, time: ServerTime) -> Option<usize> {
        match self.event {
            Some(Event::Exit { position: playing, exit }) if playing == at => Some(exit),
            _ => position
                .exits
                .iter()
                .position(|exit| exit.time >= time)
                .or_else(|| position.exits.len().checked_sub(1)),
        }
    }
}

/// A position's identifier on the master: its row in time order of opening, from 1.
pub fn position_id(at: usize) -> lotbridge::domain::PositionId {
    lotbridge::domain::PositionId(at as u64 + 1)
}

/// A pending order's ticket on the master: the identifier of the position that it becomes, or, of one that becomes none, a
/// number after all of those.
pub fn order_id(history: &History, at: usize) -> u64 {
    match history.orders[at].position {
        Some(position) => position_id(position).0,
        None => (history.positions.len() + at) as u64 + 1,
    }
}

fn pending_order(history: &History, at: usize) -> PendingOrder {
    let order = &history.orders[at];
    PendingOrder {
        ticket: order_id(history, at),
        symbol: order.symbol,
        side: order.side,
        kind: order.kind,
        lots: order.lots,
        terms: PendingTerms {
            price: order.price,
            limit_price: None,
            stop_loss: order.stop_loss,
            take_profit: order.take_profit,
            expiration: Expiration::Gtc,
        },
        placed: order.placed,
        magic: Magic(0),
        comment: Comment::new(),
    }
}

/// `amount × lots / of × rate`, rounded half to even to the currency's digits.
fn share(amount: Money, lots: Lots, of: Lots, rate: Decimal) -> Result<Money> {
    let share = amount
        .to_decimal()
        .checked_mul(lots.to_decimal())
        .and_then(|a| a.checked_mul(rate))
        .and_then(|a| a.checked_div(of.to_decimal()))
        .context("a charge out of range")?;
    let digits = u32::from(CURRENCY_DIGITS);
    Ok(Money::from_decimal(share.round_dp_with_strategy(digits, RoundingStrategy::MidpointNearestEven))?)
}
