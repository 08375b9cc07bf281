//! The terminal of one program: the account as it last showed itself, what is selected, what waits to be told.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::time::{Duration, Instant};

use lotbridge::domain::{Filling, Instrument, OrderRequest, OrderResult, Price, Rate, Snapshot};

use super::chart::Chart;
use super::events::Events;
use super::options::Options;
use super::past::{DEPOSIT, Past};
use super::request::{Answered, Sent};
use super::view::{self, Of};
use super::watched::Watched;
use crate::values as v;

/// Brings a request to the broker, and its answer back.
pub type Broker = Box<dyn FnMut(OrderRequest, u64) -> Option<(OrderResult, Snapshot)>>;

/// The terminal.
pub struct World {
    pub options: Options,
    pub snapshot: Option<Snapshot>,
    pub events: Events,
    pub watched: Watched,
    pub broker: Broker,
    /// What the program said last.
    pub said: VecDeque<String>,
    pub stopped: bool,
    pub chart: Chart,
    stamps: Vec<(&'static str, u64)>,
    /// Lines of the journal that are not put down yet.
    journal: Vec<String>,
    started: Instant,
    position: Option<u64>,
    order: Option<u64>,
    past: Past,
    /// Symbols that Market Watch was made to show, and when.
    appearing: BTreeMap<String, Instant>,
}

/// Market Watch has the specification of a symbol that it is made to show after this.
const APPEARS_IN: Duration = Duration::from_millis(300);
/// So much of what was said is kept.
const SAID_MOST: usize = 64;

impl World {
    pub fn new(options: Options, broker: Broker) -> Self {
        let chart = Chart::new(&options.folder, options.login);
        Self {
            events: Events::new(&options),
            options,
            snapshot: None,
            watched: Watched::default(),
            broker,
            said: VecDeque::new(),
            stopped: false,
            chart,
            stamps: Vec::new(),
            journal: Vec::new(),
            started: Instant::now(),
            position: None,
            order: None,
            past: Past::default(),
            appearing: BTreeMap::new(),
        }
    }

    /// The account shows itself anew, and the terminal tells its program what has changed; `true`: something was traded.
    pub fn show(&mut self, mut snapshot: Snapshot) -> bool {
        self.options.disguise(&mut snapshot);
        let traded = self.events.differences(self.snapshot.as_ref(), &snapshot);
        self.past.show(&snapshot);
        self.snapshot = Some(snapshot);
        self.watched.commits = 0;
        traded
    }

    pub fn say(&mut self, function: i32, text: &str) {
        if function == v::Comment || text.is_empty() {
            return;
        }
        if self.said.len() >= SAID_MOST {
            self.said.pop_front();
        }
        if self.options.echo {
            eprintln!("{}: {text}", self.options.login);
        }
        if function == v::Print {
            self.journal.push(text.to_owned());
        }
        self.said.push_back(text.to_owned());
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    pub fn call(&mut self, function: i32, a: i64, b: i64, text: &str) -> i64 {
        let at = usize::try_from(a).unwrap_or(usize::MAX);
        let snapshot = self.snapshot.as_ref();
        let count = |length: Option<usize>| i64::try_from(length.unwrap_or(0)).unwrap_or(i64::MAX);
        match function {
            v::GetLastError | v::ResetLastError => 0,
            v::GetTickCount64 => self.millis() + self.options.uptime_ms,
            v::GetMicrosecondCount => i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX),
            // An account that nothing has happened on yet has no time; a terminal that is connected always has one.
            v::TimeCurrent => snapshot.map_or(0, |s| (s.account.time.0 / 1000).max(1)),
            v::IsStopped => i64::from(self.stopped),
            v::EventSetMillisecondTimer => {
                self.events.set_timer(Duration::from_millis(a.unsigned_abs()));
                1
            }
            v::EventKillTimer => {
                self.events.kill_timer();
                1
            }
            v::EventChartCustom => {
                self.events.chart(v::CHARTEVENT_CUSTOM + i32::try_from(a).expect("a small number"), b, text);
                1
            }
            v::SymbolsTotal => count(Some(self.symbols().len())),
            v::SymbolSelect => {
                if self.options.particular.hidden.remove(text) {
                    self.appearing.insert(text.to_owned(), Instant::now());
                }
                i64::from(self.offered(text).is_some())
            }
            v::PositionsTotal => count(snapshot.map(|s| s.positions.len())),
            v::PositionGetTicket => {
                self.position = snapshot.and_then(|s| s.positions.get(at)).map(|p| p.ticket);
                self.position.unwrap_or(0).cast_signed()
            }
            v::PositionSelectByTicket => {
                let wanted = a.cast_unsigned();
                self.position =
                    snapshot.and_then(|s| s.positions.iter().find(|p| p.ticket == wanted)).map(|p| p.ticket);
                i64::from(self.position.is_some())
            }
            v::PositionSelect => {
                let of_symbol = snapshot.and_then(|s| s.positions.iter().find(|p| p.symbol.as_str() == text));
                self.position = of_symbol.map(|p| p.ticket);
                i64::from(self.position.is_some())
            }
            v::OrdersTotal => count(snapshot.map(|s| view::listed(s).count())),
            v::OrderGetTicket => {
                self.order = snapshot.and_then(|s| view::listed(s).nth(at)).map(view::Listed::ticket);
                self.order.unwrap_or(0).cast_signed()
            }
            v::ObjectCreate => self.chart.create(text),
            v::ObjectDelete => self.chart.delete(text),
            v::ObjectsDeleteAll => self.chart.delete_all(text),
            v::ObjectSetText => self.chart.set_text(text),
            v::ObjectSetState => self.chart.set_state(text, a != 0),
            v::ObjectGetState => i64::from(self.chart.is_pressed(text)),
            v::ChartRedraw => {
                self.chart.draw();
                0
            }
            _ => {
                let has_come = self.millis() >= self.options.particular.history_after_ms;
                self.past.call(function, a, b, self.snapshot.as_ref(), has_come)
            }
        }
    }

    /// Market Watch: the account's symbols, and a pair for each conversion rate that it has.
    fn symbols(&self) -> Vec<String> {
        let Some(snapshot) = &self.snapshot else { return Vec::new() };
        let own = snapshot.instruments.iter().map(|i| i.symbol.to_string());
        let all = own.chain(snapshot.rates.iter().map(pair));
        all.filter(|name| !self.options.particular.hidden.contains(name)).collect()
    }

    /// What is known of a symbol. Of one that Market Watch has just been made to show, nothing yet.
    fn symbol(&self, name: &str) -> Option<Symbol<'_>> {
        let appears = self.appearing.get(name).is_some_and(|since| since.elapsed() < APPEARS_IN);
        self.offered(name).filter(|_| !appears)
    }

    fn offered(&self, name: &str) -> Option<Symbol<'_>> {
        let snapshot = self.snapshot.as_ref()?;
        let own = snapshot.instruments.iter().find(|i| i.symbol.as_str() == name).map(Symbol::Own);
        own.or_else(|| snapshot.rates.iter().find(|rate| pair(rate) == name).map(Symbol::Pair))
    }

    /// `SymbolInfoTick`.
    pub fn quote(&self, name: &str) -> Option<(i64, f64, f64)> {
        if self.options.particular.hidden.contains(name) {
            return None;
        }
        let time = self.snapshot.as_ref()?.account.time.0;
        Some(match self.symbol(name)? {
            Symbol::Own(own) if own.bid == Price::ZERO && own.ask == Price::ZERO => return None,
            Symbol::Own(own) => (time, view::price(own.bid), view::price(own.ask)),
            Symbol::Pair(rate) => (time, view::ratio(rate.rate), view::ratio(rate.rate)),
        })
    }

    /// `OrderCalcMargin`, as far as the account knows it.
    pub fn margin(&self, name: &str, volume: f64) -> Option<f64> {
        match self.symbol(name)? {
            Symbol::Own(own) => Some(view::money(own.margin_per_lot) * volume),
            Symbol::Pair(_) => None,
        }
    }

    fn shown(&self) -> &Snapshot {
        self.snapshot.as_ref().expect("asked for before anything was shown")
    }

    pub fn integer(&self, of: Of, name: &str, ticket: u64, property: i32) -> i64 {
        let options = &self.options;
        match (of, property) {
            (Of::Terminal, v::TERMINAL_CONNECTED) => {
                i64::from(self.snapshot.as_ref().is_some_and(|s| s.account.connected))
            }
            (Of::Terminal, v::TERMINAL_DLLS_ALLOWED) => i64::from(options.terminal_dlls),
            (Of::Program, v::MQL_DLLS_ALLOWED) => i64::from(options.program_dlls),
            (Of::Terminal, v::TERMINAL_TRADE_ALLOWED) => i64::from(options.trading),
            (Of::Program, v::MQL_TRADE_ALLOWED)
            | (Of::Account, v::ACCOUNT_TRADE_ALLOWED | v::ACCOUNT_TRADE_EXPERT) => 1,
            (Of::Program, v::MQL_TESTER) => i64::from(options.tester),
            (Of::Program, v::MQL_OPTIMIZATION) => 0,
            (Of::Account, _) => self.snapshot.as_ref().map_or(0, |s| view::account_integer(s, property)),
            (Of::Symbol, _) => match self.symbol(name) {
                Some(Symbol::Own(own)) => view::symbol_integer(own, property),
                Some(Symbol::Pair(_)) if property == v::SYMBOL_TRADE_CALC_MODE => {
                    v::SYMBOL_CALC_MODE_FOREX.into()
                }
                Some(Symbol::Pair(_)) if property == v::SYMBOL_TRADE_MODE => {
                    v::SYMBOL_TRADE_MODE_DISABLED.into()
                }
                // Nothing to trade by: it has no contract.
                Some(Symbol::Pair(_)) | None => 0,
            },
            (Of::Position, _) => self.selected_position().map_or(0, |p| view::position_integer(p, property)),
            (Of::Order, _) => self.selected_order().map_or(0, |order| order.integer(property)),
            (Of::PastDeal, v::DEAL_TYPE) if ticket == DEPOSIT => v::DEAL_TYPE_BALANCE.into(),
            (Of::PastDeal, _) => self.past_deal(ticket).map_or(0, |deal| view::deal_integer(deal, property)),
            (Of::PastOrder, _) => self
                .past
                .order(ticket, self.shown())
                .map_or(0, |order| view::past_order_integer(order, property)),
            _ => panic!("the host lacks property {property} of {of:?}"),
        }
    }

    fn past_deal(&self, ticket: u64) -> Option<&lotbridge::domain::Deal> {
        self.past.deal(ticket, self.shown())
    }

    fn selected_position(&self) -> Option<&lotbridge::domain::Position> {
        let ticket = self.position?;
        self.shown().positions.iter().find(|p| p.ticket == ticket)
    }

    fn selected_order(&self) -> Option<view::Listed<'_>> {
        let ticket = self.order?;
        view::listed(self.shown()).find(|order| order.ticket() == ticket)
    }

    pub fn real(&self, of: Of, name: &str, ticket: u64, property: i32) -> f64 {
        match of {
            Of::Account => self.snapshot.as_ref().map_or(0.0, |s| view::account_real(s, property)),
            Of::Symbol => match self.symbol(name) {
                Some(Symbol::Own(own)) => view::symbol_real(own, property),
                Some(Symbol::Pair(_)) | None => 0.0,
            },
            Of::Position => self.selected_position().map_or(0.0, |p| view::position_real(p, property)),
            Of::Order => self.selected_order().map_or(0.0, |order| order.real(property)),
            Of::PastDeal => self.past_deal(ticket).map_or(0.0, |deal| view::deal_real(deal, property)),
            _ => panic!("the host lacks property {property} of {of:?}"),
        }
    }

    pub fn text(&self, of: Of, name: &str, ticket: u64, property: i32) -> Cow<'_, str> {
        match (of, property) {
            (Of::Program, 0) => self.options.inputs.get(name).map_or("", String::as_str).into(),
            (Of::Symbol, -1) => {
                let at = usize::try_from(ticket).unwrap_or(usize::MAX);
                self.symbols().get(at).cloned().unwrap_or_default().into()
            }
            (Of::Symbol, v::SYMBOL_CURRENCY_BASE | v::SYMBOL_CURRENCY_PROFIT) => match self.symbol(name) {
                Some(Symbol::Pair(rate)) => {
                    let currency = if property == v::SYMBOL_CURRENCY_BASE { &rate.from } else { &rate.to };
                    currency.as_str().into()
                }
                Some(Symbol::Own(_)) | None => "".into(),
            },
            (Of::Account, v::ACCOUNT_CURRENCY) => {
                self.snapshot.as_ref().map_or("", |s| s.account.currency.as_str()).into()
            }
            (Of::Terminal, v::TERMINAL_COMMONDATA_PATH) => self.options.folder.display().to_string().into(),
            (Of::Position, _) => {
                self.selected_position().map_or("", |p| view::position_text(p, property)).into()
            }
            (Of::Order, _) => self.selected_order().map_or("", |order| order.text(property)).into(),
            (Of::PastDeal, v::DEAL_SYMBOL) => {
                self.past_deal(ticket).map_or("", |deal| deal.symbol.as_str()).into()
            }
            _ => panic!("the host lacks text {property} of {of:?}"),
        }
    }

    /// Notes when something happened; put down by `put_down`, off the way that is measured.
    pub fn stamp(&mut self, name: &'static str) {
        self.stamps.push((name, crate::timing::now_ns()));
    }

    /// Writes the stamps and the journal, each kind into a file of its own.
    pub fn put_down(&mut self) {
        let stamps = self.stamps.drain(..).map(|(name, at)| (name, at.to_string()));
        for (name, line) in stamps.chain(self.journal.drain(..).map(|line| ("journal", line))) {
            let path = self.options.folder.join(format!("{name}-{}", self.options.login));
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            file.and_then(|mut file| writeln!(file, "{line}")).expect("a line is written");
        }
    }

    /// `OrderSend`: to the broker and back.
    pub fn order_send(&mut self, sent: &Sent) -> Answered {
        self.stamp("sent");
        if !self.options.trading {
            return Answered { retcode: 10027, ..Answered::default() };
        }
        let mut request = match super::request::of(sent, self.shown()) {
            Ok(request) => request,
            Err(retcode) => return Answered { retcode, ..Answered::default() },
        };
        let at_market = sent.action == v::TRADE_ACTION_DEAL;
        if at_market && !self.options.fills(request.filling) {
            return Answered { retcode: 10030, ..Answered::default() };
        }
        if self.options.particular.filling_modes.is_some() {
            // The broker of the simulation behind the disguise has no modes to choose from.
            request.filling = Filling::default();
        }
        let age_us = self.watched.order.take().map_or(0, |(age_us, since)| {
            age_us + u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
        });
        let Some((result, snapshot)) = (self.broker)(request, age_us) else {
            // The broker is gone, and soon so is this process.
            return Answered { retcode: 10031, ..Answered::default() };
        };
        self.show(snapshot);
        Answered {
            retcode: result.retcode.0,
            sent: [10008, 10009, 10010].contains(&result.retcode.0),
            deal: result.deal,
            order: result.ticket,
            volume: view::lots(result.lots),
            price: view::price(result.price),
        }
    }
}

enum Symbol<'a> {
    Own(&'a Instrument),
    Pair(&'a Rate),
}

fn pair(rate: &Rate) -> String {
    format!("{}{}.fx", rate.from, rate.to)
}
