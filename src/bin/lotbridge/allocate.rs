//! `lotbridge allocate`: one trade of the master, and what every account would get of it and why.

mod explain;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::ValueEnum;
use lotbridge::allocation::{Decision, Fraction, Method, Pool};
use lotbridge::config::Setup;
use lotbridge::domain::{FixedError, Instrument, Login, Lots, Money, Price, Ratio, Side, Symbol, text};
use serde::Serialize;

use crate::market::{self, Market, Quote};
use crate::sizing::{self, Book, Order, Sized};
use crate::table;

/// Shows what one trade of the master becomes: for every account the facts, its share, its lots and the reason.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lotbridge allocate --config pools.json --symbol XAUUSD --side buy --lots 1.00
  lotbridge allocate --config pools.json --symbol XAUUSD --side buy --lots 1.00 --price 2900.50 --stop-loss 2885
  lotbridge allocate --config pools.json --symbol EURUSD --side sell --lots 2.50 --master-equity 50000 --equity 2001=7500
  lotbridge allocate --config pools.json --symbol XAUUSD --side buy --lots 0.30 --pool mam --json

Nothing is sent anywhere and nothing is kept. Accounts come from replay.terminals and hold no positions; without any,
each is one of 10,000.00 with leverage 1:100. Symbols come from replay.instruments or are well known.
  facts   what the method looked at
  share   lots before caps and rounding
  lots    what the account would open; 0.00 with the reason for a skip
Exit code: 0, also when accounts are skipped; 1 when no pool takes the trade or it cannot be sized; 2 for a wrong
command line.")]
pub struct Args {
    /// The configuration: pools, members, limits, accounts; `lotbridge schema` describes it.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The symbol, as the master's broker names it.
    #[arg(long, value_parser = parse_symbol)]
    symbol: Symbol,
    /// Long or short.
    #[arg(long, value_enum)]
    side: SideName,
    /// The master's lots.
    #[arg(long, value_parser = sizing::parse_lots, allow_negative_numbers = true)]
    lots: Lots,
    /// The master's price; without it, a round one for well-known symbols, marked (reference).
    #[arg(long, value_parser = market::parse_positive_price, allow_negative_numbers = true)]
    price: Option<Price>,
    /// The master's stop loss; `risk_percent` and some formulas need it.
    #[arg(long, value_name = "PRICE", value_parser = market::parse_positive_price, allow_negative_numbers = true)]
    stop_loss: Option<Price>,
    /// The master's equity and free margin, instead of its balance.
    #[arg(long, value_name = "AMOUNT", value_parser = parse_money, allow_negative_numbers = true)]
    master_equity: Option<Money>,
    /// An account's equity and free margin, instead of its balance; may be given several times.
    #[arg(long, value_name = "LOGIN=AMOUNT", value_parser = parse_equity)]
    equity: Vec<(Login, Money)>,
    /// Only this pool.
    #[arg(long, value_name = "NAME")]
    pool: Option<String>,
    /// The trade's magic number; without it, every pool's filter on magic numbers is met.
    #[arg(long)]
    magic: Option<u64>,
    /// Print the decisions as JSON, as a replay's report has them.
    #[arg(long)]
    json: bool,
}

/// Long or short.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SideName {
    /// Long.
    Buy,
    /// Short.
    Sell,
}

/// A trade, through all pools that take it.
struct Allocation<'a> {
    book: &'a Book<'a>,
    order: Order<'a>,
    side: Side,
    quote: Option<Quote>,
    pools: Vec<(&'a Pool, Sized)>,
    notes: Vec<String>,
}

/// What `--json` prints; lots and prices are strings.
#[derive(Debug, Serialize)]
struct Output<'a> {
    symbol: Symbol,
    side: Side,
    master_lots: Lots,
    price: Option<Price>,
    /// `given`, `reference`; absent without a price.
    price_source: Option<String>,
    stop_loss: Option<Price>,
    copies: Vec<CopyOutput<'a>>,
    blocks: Vec<BlockOutput<'a>>,
    notes: &'a [String],
}

/// One account's copy, under the names of a replay's report.
#[derive(Debug, Serialize)]
struct CopyOutput<'a> {
    login: Login,
    pool: &'a str,
    symbol: Symbol,
    side: Side,
    master_lots: Lots,
    lots: Lots,
    skip: Option<&'static str>,
    decision: &'a Decision,
}

/// What a block came to, in the master's lots.
#[derive(Debug, Serialize)]
struct BlockOutput<'a> {
    pool: &'a str,
    block: Option<Fraction>,
    remainder: Fraction,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let setup = Setup::read_file(&args.config)?;
    let mut notes = Vec::new();
    let mut book = Book::new(&setup, None, &mut notes)?;
    set_equity(&mut book, args)?;
    let side = match args.side {
        SideName::Buy => Side::Buy,
        SideName::Sell => Side::Sell,
    };
    let pools = pools(&setup, args, side)?;
    let given: Vec<(Symbol, Price)> = args.price.iter().map(|price| (args.symbol, *price)).collect();
    let listing =
        Market::new(&setup, None, setup.replay.instruments.clone(), &given)?.listing(args.symbol, &mut notes);
    let instrument: Instrument = listing.instrument.map_err(anyhow::Error::msg)?;
    let quote = listing.quote;
    check_prices(args, &setup, &pools, quote, instrument.digits)?;
    let order = Order {
        instrument: &instrument,
        lots: args.lots,
        price: quote.map_or(Price::ZERO, |quote| quote.price),
        stop_loss: args.stop_loss,
    };
    let mut exposures = BTreeMap::new();
    let mut sized = Vec::with_capacity(pools.len());
    for pool in pools {
        sized.push((pool, book.size(pool, &order, &mut exposures)?));
    }
    let allocation = Allocation { book: &book, order, side, quote, pools: sized, notes };
    if args.json { allocation.print_json() } else { allocation.print() }
}

/// The equities of the command line. An account that is only assumed has it as its balance, too.
fn set_equity(book: &mut Book, args: &Args) -> Result<()> {
    let terminals = &book.setup.replay.terminals;
    let configured = |login: Login| terminals.iter().any(|terminal| terminal.login == login);
    let set = |account: &mut lotbridge::domain::Account, amount: Money| {
        (account.equity, account.free_margin) = (amount, amount);
        if !configured(account.login) {
            account.balance = amount;
        }
    };
    if let Some(amount) = args.master_equity {
        set(&mut book.master, amount);
    }
    for (login, amount) in &args.equity {
        let members = sizing::logins(book);
        match book.slaves.get_mut(login) {
            Some(account) => set(account, *amount),
            None => bail!("--equity {login}: no pool has that account; the accounts are {members}"),
        }
    }
    Ok(())
}

/// The pools that take the trade.
fn pools<'a>(setup: &'a Setup, args: &Args, side: Side) -> Result<Vec<&'a Pool>> {
    let asked: Vec<&Pool> =
        setup.pools.iter().filter(|pool| args.pool.as_ref().is_none_or(|name| *name == pool.name)).collect();
    if asked.is_empty() {
        let known = setup.pools.iter().map(|pool| pool.name.as_str()).collect::<Vec<_>>().join(", ");
        bail!(
            "--pool {}: no pool has that name; the pools are {known}",
            args.pool.as_deref().unwrap_or_default()
        );
    }
    let takes = |pool: &&&Pool| sizing::takes(&pool.filter, args.symbol, args.magic, side);
    let taking: Vec<&Pool> = asked.iter().filter(takes).copied().collect();
    if taking.is_empty() {
        let filters: Vec<String> = asked.iter().map(|pool| explain::filter(pool)).collect();
        bail!("no pool takes a {side} of {}: {}", args.symbol, filters.join("; "));
    }
    Ok(taking)
}

/// Is there a price where one is needed, and is the stop loss on its right side?
fn check_prices(args: &Args, setup: &Setup, pools: &[&Pool], quote: Option<Quote>, digits: u8) -> Result<()> {
    let buffered = |pool: &&&Pool| {
        let limits = |login| &setup.account(login).rules.limits;
        pool.members.iter().any(|member| limits(member.login).margin_buffer_percent.is_some())
    };
    let priced = |pool: &&&Pool| sizing::needs_price(pool) || buffered(pool);
    let Some(quote) = quote else {
        if let Some(pool) = pools.iter().find(priced) {
            bail!(
                "pool {} sizes by the price, and none is known for {}: give --price",
                pool.name,
                args.symbol
            );
        }
        return Ok(());
    };
    let Some(stop) = args.stop_loss else { return Ok(()) };
    let (wrong, place) = match args.side {
        SideName::Buy => (stop >= quote.price, "a buy's stop loss is below"),
        SideName::Sell => (stop <= quote.price, "a sell's stop loss is above"),
    };
    if wrong {
        bail!(
            "--stop-loss {stop}: {place} its price, {}; give both --price and --stop-loss",
            quote.shown(digits)
        );
    }
    Ok(())
}

impl Allocation<'_> {
    fn print(&self) -> Result<()> {
        let mut out = String::new();
        let digits = self.order.instrument.digits;
        let quote = self.quote.map_or_else(|| "no price".to_owned(), |quote| quote.shown(digits));
        let stop = self
            .order
            .stop_loss
            .map_or_else(|| "no stop loss".into(), |s| format!("stop loss {}", table::price(s, digits)));
        writeln!(
            out,
            "Master {}: {} {} {} at {quote}, {stop}",
            self.book.master.login, self.side, self.order.lots, self.order.instrument.symbol
        )?;
        for note in &self.notes {
            writeln!(out, "  note: {note}")?;
        }
        let mut table =
            table::new(&["pool", "account", "method", "facts", "share", "lots", "rounding and reason"]);
        for (pool, sized) in &self.pools {
            for (member, decision) in pool.members.iter().zip(&sized.decisions) {
                let share = decision.lots_before_rounding.map_or_else(|| "-".into(), table::share);
                table.add_row(vec![
                    pool.name.clone(),
                    member.login.to_string(),
                    decision.method.to_string(),
                    explain::facts(pool, decision),
                    share,
                    decision.lots().to_string(),
                    explain::outcome(decision),
                ]);
            }
        }
        table::align_right(&mut table, &[4, 5]);
        writeln!(out, "{table}")?;
        for block in self.blocks() {
            writeln!(
                out,
                "Pool {}: a block of {} lots, {} of them not shared out",
                block.pool,
                block.block.map_or_else(|| "unknown".into(), table::share),
                table::share(block.remainder)
            )?;
        }
        table::print(&out)
    }

    fn print_json(&self) -> Result<()> {
        let copies = self.pools.iter().flat_map(|(pool, sized)| {
            pool.members.iter().zip(&sized.decisions).map(|(member, decision)| CopyOutput {
                login: member.login,
                pool: &pool.name,
                symbol: self.order.instrument.symbol,
                side: self.side,
                master_lots: self.order.lots,
                lots: decision.lots(),
                skip: decision.skip.map(lotbridge::allocation::SkipReason::code),
                decision,
            })
        });
        let output = Output {
            symbol: self.order.instrument.symbol,
            side: self.side,
            master_lots: self.order.lots,
            price: self.quote.map(|quote| quote.price),
            price_source: self.quote.map(|quote| table::code(&quote.source)),
            stop_loss: self.order.stop_loss,
            copies: copies.collect(),
            blocks: self.blocks().collect(),
            notes: &self.notes,
        };
        table::print(&format!("{}\n", serde_json::to_string_pretty(&output)?))
    }

    fn blocks(&self) -> impl Iterator<Item = BlockOutput<'_>> {
        self.pools.iter().filter_map(|(pool, sized)| {
            let multiplier = match &pool.method {
                Method::Block { block_multiplier, .. } | Method::Hybrid { block_multiplier, .. } => {
                    *block_multiplier
                }
                _ => return None,
            };
            let block = Fraction::of_lots(self.order.lots).times(multiplier.units(), Ratio::ONE);
            Some(BlockOutput { pool: &pool.name, block, remainder: sized.remainder? })
        })
    }
}

fn parse_symbol(name: &str) -> Result<Symbol, String> {
    let symbol: Symbol = text(name).map_err(|error| error.to_string())?;
    if symbol.is_empty() { Err("a symbol such as XAUUSD".into()) } else { Ok(symbol) }
}

/// Reads an amount of money that is not negative.
fn parse_money(text: &str) -> Result<Money, String> {
    let amount: Money = text.parse().map_err(|error: FixedError| error.to_string())?;
    if amount.is_negative() { Err("an equity is not below 0".into()) } else { Ok(amount) }
}

fn parse_equity(text: &str) -> Result<(Login, Money), String> {
    const FORM: &str = "give it as LOGIN=AMOUNT, such as 2001=7500";
    let (login, amount) = text.split_once('=').ok_or(FORM)?;
    let login = login.parse().map_err(|_| FORM)?;
    Ok((Login(login), parse_money(amount)?))
}
