//! One trade of the master through one pool, on accounts as the configuration describes them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use lotbridge::allocation::block::Scratch;
use lotbridge::allocation::{
    self, Decision, Exposure, Fraction, Method, Pool, PoolFilter, SkipReason, SlaveFacts, Trade, adequacy,
};
use lotbridge::config::Setup;
use lotbridge::domain::{Account, FixedError, Instrument, Login, Lots, Money, Price, Side, Symbol};
use lotbridge::history::History;

use crate::{accounts, table};

/// The master's account and every member's.
pub struct Book<'a> {
    /// The configuration.
    pub setup: &'a Setup,
    /// The master's account.
    pub master: Account,
    /// The members' accounts.
    pub slaves: BTreeMap<Login, Account>,
}

/// A trade of the master.
pub struct Order<'a> {
    /// The master's specification of its symbol.
    pub instrument: &'a Instrument,
    /// Its lots.
    pub lots: Lots,
    /// Its price; zero when nobody knows one.
    pub price: Price,
    /// Its stop loss.
    pub stop_loss: Option<Price>,
}

/// A trade, sized for every member of a pool.
pub struct Sized {
    /// One a member, in the pool's order.
    pub decisions: Vec<Decision>,
    /// Each member's own specification of the symbol; `None` when its broker cannot have it.
    pub instruments: Vec<Option<Instrument>>,
    /// Blocks: what nobody got, in the master's lots.
    pub remainder: Option<Fraction>,
}

impl<'a> Book<'a> {
    /// The configured accounts, or assumed ones. `notes` takes what was assumed.
    pub fn new(setup: &'a Setup, history: Option<&History>, notes: &mut Vec<String>) -> Result<Self> {
        let slaves = accounts::slaves(setup)?;
        let master = accounts::master(history, setup, &slaves, notes);
        if setup.replay.terminals.is_empty() {
            notes.push(format!(
                "The configuration names no accounts (replay.terminals): each is taken as one of {} {} with leverage \
                 1:{}.",
                table::money(Money::from_units(accounts::OPENING_BALANCE * Money::ONE)),
                setup.master.currency,
                accounts::LEVERAGE
            ));
        }
        let slaves = slaves.iter().map(|(login, terminal)| (*login, accounts::facts(terminal))).collect();
        Ok(Self { setup, master: accounts::facts(&master), slaves })
    }

    /// Sizes a trade for a pool's members. `exposures` is what the accounts hold in copies of this symbol, and takes
    /// up the new ones: an account's limits hold for all its pools together.
    pub fn size(
        &self,
        pool: &Pool,
        order: &Order,
        exposures: &mut BTreeMap<Login, Exposure>,
    ) -> Result<Sized> {
        let mut instruments = Vec::with_capacity(pool.members.len());
        for member in &pool.members {
            instruments.push(self.instrument(member.login, order)?);
        }
        let trade = Trade {
            lots: order.lots,
            entry: order.price,
            stop_loss: order.stop_loss,
            account: &self.master,
            instrument: order.instrument,
        };
        let members: Vec<_> = pool
            .members
            .iter()
            .zip(&instruments)
            .map(|(member, instrument)| {
                (member, self.facts(member.login, order, instrument.as_ref(), exposures))
            })
            .collect();
        let (decisions, remainder) = if is_block(pool) {
            let shared = allocation::allocate_block(pool, &trade, &members, &mut Scratch::default());
            (shared.decisions, Some(shared.remainder))
        } else {
            let decisions = members.iter().map(|(member, facts)| match facts {
                Ok(facts) => allocation::allocate_one(pool, member, &trade, facts),
                Err(reason) => Decision::without_facts(pool, member, order.lots, *reason),
            });
            (decisions.collect(), None)
        };
        for (member, decision) in pool.members.iter().zip(&decisions) {
            if decision.lots().is_positive() {
                let exposure = exposures.entry(member.login).or_default();
                exposure.symbol_lots = exposure.symbol_lots.saturating_add(decision.lots());
                exposure.total_lots = exposure.total_lots.saturating_add(decision.lots());
                exposure.copies = exposure.copies.saturating_add(1);
            }
        }
        Ok(Sized { decisions, instruments, remainder })
    }

    /// The symbol as a member's broker has it: its name, its tick value in the account's currency, its margin.
    fn instrument(&self, login: Login, order: &Order) -> Result<Option<Instrument>> {
        let Some(account) = self.slaves.get(&login) else { return Ok(None) };
        let Some(symbol) = self.setup.account(login).symbols.to_slave(order.instrument.symbol) else {
            return Ok(None);
        };
        let mut own = order.instrument.clone();
        own.symbol = symbol;
        let rate = accounts::rate(self.setup, self.master.currency, account.currency)
            .with_context(|| format!("account {login}: no rate to {}", account.currency))?;
        own.tick_value = accounts::converted(own.tick_value, rate)?;
        (own.bid, own.ask) = (order.price, order.price);
        let one = Lots::from_units(Lots::ONE);
        // Zero means unknown: no margin buffer can be kept without a price.
        own.margin_per_lot = adequacy::margin(account, &own, one, order.price).unwrap_or(Money::ZERO);
        Ok(Some(own))
    }

    fn facts<'f>(
        &'f self,
        login: Login,
        order: &Order,
        instrument: Option<&'f Instrument>,
        exposures: &BTreeMap<Login, Exposure>,
    ) -> Result<SlaveFacts<'f>, SkipReason> {
        let instrument = instrument.ok_or(SkipReason::UnknownSymbol)?;
        let account = self.slaves.get(&login).ok_or(SkipReason::NotConnected)?;
        Ok(SlaveFacts {
            account,
            instrument,
            conversion: accounts::conversion(self.setup, account.currency, self.master.currency),
            symbol_factor: self.setup.account(login).symbols.factor(order.instrument.symbol),
            exposure: exposures.get(&login).copied().unwrap_or_default(),
            rules: &self.setup.account(login).rules,
            credit: 0,
        })
    }
}

/// Does the pool share the master's lots among all members?
pub fn is_block(pool: &Pool) -> bool {
    matches!(pool.method, Method::Block { .. } | Method::Hybrid { .. })
}

/// Does the pool size from the distance of the stop loss?
pub fn needs_stop(pool: &Pool) -> bool {
    match &pool.method {
        Method::RiskPercent { .. } => true,
        Method::Formula(formula) => formula.uses("stop_distance"),
        _ => false,
    }
}

/// Does the pool size by the price?
pub fn needs_price(pool: &Pool) -> bool {
    match &pool.method {
        Method::Formula(formula) => formula.uses("entry") || formula.uses("stop_distance"),
        _ => needs_stop(pool),
    }
}

/// Does a filter take this trade? Without a magic number, the trade is one with the filter's own; its comment and its
/// hour are always what the filter wants.
pub fn takes(filter: &PoolFilter, symbol: Symbol, magic: Option<u64>, side: Side) -> bool {
    filter.symbols.takes(&symbol)
        && magic.is_none_or(|magic| filter.takes_magic(magic))
        && filter.side.takes(side)
}

/// Reads lots above zero, for the command line.
pub fn parse_lots(text: &str) -> Result<Lots, String> {
    let lots: Lots = text.parse().map_err(|error: FixedError| error.to_string())?;
    if lots.is_positive() { Ok(lots) } else { Err("lots are above 0, such as 1.00".into()) }
}

/// What the members' logins are, for messages; the first few.
pub fn logins(book: &Book) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = book.slaves.keys().take(SHOWN).map(ToString::to_string).collect();
    let more = book.slaves.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use lotbridge::domain::{MarginMode, ServerTime, text};
    use lotbridge::history::known_instrument;
    use lotbridge::terminal::{Faults, Terminal, TerminalSettings};

    use super::*;

    const CONFIG: &str = r#"{"master": {"login": 1001, "currency": "USD"}, "secret": "s",
        "pools": [{"name": "a", "allocation": {"method": "multiplier"}, "members": [{"login": 2001}]}],
        "accounts": {"2001": {"symbols": {"suffix": ".a"}}},
        "replay": {"terminals": [{"login": 2001, "currency": "EUR", "balance": "2500.50", "leverage": 30}],
                   "rates": [{"from": "EUR", "to": "USD", "rate": "1.0842"}]}}"#;

    /// What is checked here is what a replay's terminals would do.
    #[test]
    fn the_margin_is_the_one_of_the_headless_terminal() {
        let setup = Setup::parse(CONFIG).unwrap();
        let book = Book::new(&setup, None, &mut Vec::new()).unwrap();
        for (symbol, price) in [("XAUUSD", "2911.70"), ("EURUSD", "1.08345"), ("US30", "47123.5")] {
            let instrument = known_instrument(text(symbol).unwrap()).unwrap().instrument;
            let price: Price = price.parse().unwrap();
            let lots = Lots::from_units(Lots::ONE);
            let order = Order { instrument: &instrument, lots, price, stop_loss: None };
            let own = book.instrument(Login(2001), &order).unwrap().unwrap();
            assert_eq!(own.symbol.as_str(), format!("{symbol}.a"));
            let mut terminal = Terminal::new(TerminalSettings {
                login: Login(2001),
                currency: text("EUR").unwrap(),
                currency_digits: accounts::CURRENCY_DIGITS,
                margin_mode: MarginMode::Hedging,
                leverage: 30,
                opening_balance: "2500.50".parse().unwrap(),
                seed: 1,
                slippage_points_max: 0,
                delay_ms_max: 0,
                stop_out_percent: None,
                pending_orders_max: 0,
                stops_after_opening: false,
                sessions: Vec::new(),
                faults: Faults::default(),
            })
            .unwrap();
            terminal.add_instrument(own.clone()).unwrap();
            terminal.quote(ServerTime(1), &own.symbol, price, price).unwrap();
            let snapshot = terminal.snapshot(ServerTime(0));
            assert!(own.margin_per_lot.is_positive());
            assert_eq!(
                snapshot.instrument(&own.symbol).unwrap().margin_per_lot,
                own.margin_per_lot,
                "{symbol}"
            );
            assert_eq!(Account { time: ServerTime(0), ..snapshot.account }, book.slaves[&Login(2001)]);
        }
    }

    #[test]
    fn limits_hold_for_all_pools_of_an_account_together() {
        let config = CONFIG.replace("\"symbols\"", "\"limits\": {\"lots_per_symbol\": \"1.5\"}, \"symbols\"");
        let setup = Setup::parse(&config).unwrap();
        let book = Book::new(&setup, None, &mut Vec::new()).unwrap();
        let instrument = known_instrument(text("XAUUSD").unwrap()).unwrap().instrument;
        let lots = Lots::from_units(Lots::ONE);
        let order = Order { instrument: &instrument, lots, price: Price::ZERO, stop_loss: None };
        let mut exposures = BTreeMap::new();
        for expected in ["1.00", "0.50", "0.00"] {
            let sized = book.size(&setup.pools[0], &order, &mut exposures).unwrap();
            assert_eq!(sized.decisions[0].lots().to_string(), expected);
        }
    }
}
