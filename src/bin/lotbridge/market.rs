//! What is traded, and at which price, where no terminal says it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use lotbridge::allocation::PoolFilter;
use lotbridge::config::Setup;
use lotbridge::domain::{Currency, Instrument, Price, Symbol, text};
use lotbridge::history::{self, History, known_instrument};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::{accounts, reference, table};

/// How many well-known symbols stand in for a filter of which no symbol is named anywhere.
const EXAMPLES_PER_POOL: usize = 2;

/// Where a price comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The command line.
    Given,
    /// The last close in the history.
    History,
    /// The table of round prices.
    Reference,
}

/// A price and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// Above zero.
    pub price: Price,
    /// Where it comes from.
    pub source: Source,
}

impl Quote {
    /// With as many decimal places as the symbol has, and where it comes from.
    pub fn shown(&self, digits: u8) -> String {
        let price = table::price(self.price, digits);
        match self.source {
            Source::Given => price,
            Source::History => format!("{price} (last close in the history)"),
            Source::Reference => format!("{price} (reference)"),
        }
    }
}

/// A symbol of the master, as far as it is known.
#[derive(Debug, Clone)]
pub struct Listing {
    /// As the master's broker names it.
    pub symbol: Symbol,
    /// Its specification, the tick value in the master's currency; or a sentence on what is missing.
    pub instrument: Result<Instrument, String>,
    /// Its price; `None` when nobody knows one.
    pub quote: Option<Quote>,
}

/// The symbols and prices that the configuration, the history, the command line and the library know.
pub struct Market<'a> {
    setup: &'a Setup,
    history: Option<&'a History>,
    given: BTreeMap<Symbol, Price>,
    /// From the configuration, then from the history.
    specified: Vec<Instrument>,
}

/// The configured instruments, and what the library knows or infers for the other symbols of the history.
pub fn instruments(history: &History, setup: &Setup) -> Result<Vec<Instrument>> {
    let mut instruments = setup.replay.instruments.clone();
    let mut rest = history.clone();
    rest.positions.retain(|p| !instruments.iter().any(|i| i.symbol == p.symbol));
    if !rest.positions.is_empty() {
        instruments.extend(history::instruments(&rest)?);
    }
    Ok(instruments)
}

impl<'a> Market<'a> {
    /// Puts together what is known; `specified` is what [`instruments`] answers, or the configured ones.
    ///
    /// # Errors
    /// Two prices for one symbol.
    pub fn new(
        setup: &'a Setup,
        history: Option<&'a History>,
        specified: Vec<Instrument>,
        prices: &[(Symbol, Price)],
    ) -> Result<Self> {
        let mut given = BTreeMap::new();
        for (symbol, price) in prices {
            if given.insert(*symbol, *price).is_some() {
                bail!("two prices for {symbol}: give one");
            }
        }
        Ok(Self { setup, history, given, specified })
    }

    /// A symbol of the master. `notes` takes what was assumed for it.
    pub fn listing(&self, symbol: Symbol, notes: &mut Vec<String>) -> Listing {
        let quote = self.quote(symbol);
        if let Some(instrument) = self.specified.iter().find(|instrument| instrument.symbol == symbol) {
            return Listing { symbol, instrument: Ok(instrument.clone()), quote };
        }
        Listing { symbol, instrument: self.known(symbol, notes), quote }
    }

    /// A well-known symbol's specification, its tick value converted into the master's currency.
    fn known(&self, symbol: Symbol, notes: &mut Vec<String>) -> Result<Instrument, String> {
        let Some(known) = known_instrument(symbol) else {
            return Err(format!(
                "{symbol} is not a symbol that LotBridge knows; describe it in replay.instruments or name a history \
                 that trades it"
            ));
        };
        let (from, to) = (known.quote, self.setup.master.currency);
        let Some((rate, assumed)) = self.rate(from, to) else {
            return Err(format!(
                "{symbol} is traded in {from}, the master's account is in {to}, and no rate is known; add \
                 {{\"from\": \"{from}\", \"to\": \"{to}\", \"rate\": \"…\"}} to replay.rates"
            ));
        };
        if assumed {
            let shown = rate.round_dp(6).normalize();
            notes.push(format!("{symbol}: {from} is converted into {to} at {shown} (reference)."));
        }
        let mut instrument = known.instrument;
        instrument.tick_value =
            accounts::converted(instrument.tick_value, rate).map_err(|error| format!("{symbol}: {error}"))?;
        if !instrument.tick_value.is_positive() {
            return Err(format!(
                "{symbol}: a tick is worth nothing in {to}; describe it in replay.instruments"
            ));
        }
        Ok(instrument)
    }

    /// What one unit of a currency is in another, and whether that is only the reference: configured rates first,
    /// then prices of the pair in either direction.
    fn rate(&self, from: Currency, to: Currency) -> Option<(Decimal, bool)> {
        if let Some(rate) = accounts::rate(self.setup, from, to) {
            return Some((rate, false));
        }
        let history = self.history.iter().flat_map(|history| &history.positions).map(|p| p.symbol);
        for symbol in self.given.keys().copied().chain(history) {
            let Some(pair) = known_instrument(symbol) else { continue };
            let quoted = || Some(self.quote(symbol)?.price.to_decimal());
            if pair.name.strip_prefix(from.as_str()) == Some(to.as_str()) {
                return Some((quoted()?, false));
            }
            if pair.name.strip_prefix(to.as_str()) == Some(from.as_str()) {
                return Some((Decimal::ONE.checked_div(quoted()?)?, false));
            }
        }
        reference::rate(&from, &to).map(|rate| (rate, true))
    }

    /// The best price that is known.
    fn quote(&self, symbol: Symbol) -> Option<Quote> {
        if let Some(price) = self.given.get(&symbol) {
            return Some(Quote { price: *price, source: Source::Given });
        }
        if let Some(price) = self.history.and_then(|history| last_close(history, symbol)) {
            return Some(Quote { price, source: Source::History });
        }
        let known = known_instrument(symbol)?;
        let price = reference::price(&known.name, known.instrument.digits)?;
        Some(Quote { price, source: Source::Reference })
    }

    /// Every symbol that a pool takes: those specified, those with a given price, those that filters name; and where
    /// a pool's filter leaves open which, well-known ones that stand in. `notes` takes what was assumed.
    ///
    /// # Errors
    /// A price for a symbol that no pool takes.
    pub fn symbols(&self, notes: &mut Vec<String>) -> Result<Vec<Symbol>> {
        let pools = &self.setup.pools;
        for symbol in self.given.keys() {
            if !pools.iter().any(|pool| takes(&pool.filter, *symbol)) {
                let wanted = pools.iter().flat_map(|pool| pool.filter.symbols.taking());
                let wanted = wanted.collect::<Vec<_>>().join(", ");
                bail!("--price {symbol}: no pool takes that symbol; the pools' filters take {wanted}");
            }
        }
        let named = pools.iter().flat_map(|pool| pool.filter.symbols.taking());
        let named = named.filter(|pattern| !pattern.contains('*')).filter_map(|name| text(name).ok());
        let mut symbols: Vec<Symbol> = Vec::new();
        let specified = self.specified.iter().map(|instrument| instrument.symbol);
        for symbol in specified.chain(self.given.keys().copied()).chain(named) {
            if !symbols.contains(&symbol) && pools.iter().any(|pool| takes(&pool.filter, symbol)) {
                symbols.push(symbol);
            }
        }
        for pool in pools {
            if symbols.iter().any(|symbol| takes(&pool.filter, *symbol)) {
                continue;
            }
            let examples = reference::EXAMPLES.iter().filter_map(|name| text(name).ok());
            let examples: Vec<Symbol> =
                examples.filter(|symbol| takes(&pool.filter, *symbol)).take(EXAMPLES_PER_POOL).collect();
            let filter = shown(&pool.filter);
            let name = &pool.name;
            if examples.is_empty() {
                bail!(
                    "pool {name} takes {filter}, and no such symbol is known: name one with --price SYMBOL=PRICE, give \
                     a --history that trades it, or describe it in replay.instruments"
                );
            }
            let list = examples.iter().map(Symbol::as_str).collect::<Vec<_>>().join(" and ");
            notes.push(format!(
                "Pool {name} takes {filter}, and no symbol is named: {list} stand in. Name yours with --price \
                 SYMBOL=PRICE, --history or replay.instruments."
            ));
            symbols
                .extend(examples.into_iter().filter(|symbol| !symbols.contains(symbol)).collect::<Vec<_>>());
        }
        Ok(symbols)
    }
}

/// Does a filter take a symbol, whatever else it asks for?
pub fn takes(filter: &PoolFilter, symbol: Symbol) -> bool {
    filter.symbols.takes(&symbol)
}

/// The symbols of a filter, for people.
pub fn shown(filter: &PoolFilter) -> String {
    if filter.symbols.0.is_empty() { "every symbol".into() } else { filter.symbols.to_string() }
}

/// The price of the last close in time.
fn last_close(history: &History, symbol: Symbol) -> Option<Price> {
    let own = history.positions.iter().filter(|position| position.symbol == symbol);
    own.flat_map(|position| &position.exits).max_by_key(|exit| exit.time).map(|exit| exit.price)
}

/// Reads `SYMBOL=PRICE`, for the command line.
pub fn parse_price(given: &str) -> Result<(Symbol, Price), String> {
    const FORM: &str = "give it as SYMBOL=PRICE, such as XAUUSD=2900.50";
    let (symbol, price) = given.split_once('=').ok_or(FORM)?;
    let symbol: Symbol = text(symbol).map_err(|error| error.to_string())?;
    if symbol.is_empty() {
        return Err(FORM.into());
    }
    Ok((symbol, parse_positive_price(price)?))
}

/// Reads a price above zero, for the command line.
pub fn parse_positive_price(text: &str) -> Result<Price, String> {
    let price: Price = text.parse().map_err(|error: lotbridge::domain::FixedError| error.to_string())?;
    if price.is_positive() { Ok(price) } else { Err("a price is above 0".into()) }
}
