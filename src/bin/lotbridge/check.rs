//! `lotbridge check`: can every account bear what one master lot would become on it?

mod assess;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use comfy_table::Table;
use lotbridge::allocation::adequacy;
use lotbridge::config::Setup;
use lotbridge::domain::{FixedError, Login, Lots, Price, Ratio, Symbol};
use lotbridge::history::{self, History};

use crate::market::{self, Market};
use crate::sizing::{self, Book};
use crate::table;
use assess::{Row, Sheet, Terms};
use verdict::{Standing, Verdict};

/// A secret of fewer characters than this can be guessed.
pub const SECRET_LEAST: usize = 16;

/// Checks a configuration before it trades: what one master lot would become on every account, the margin and the loss
/// that go with it, and whether the account bears them. An account that would be ruined is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lotbridge check --config pools.json
  lotbridge check --config pools.json --history statement.html    instruments, prices, usual volume from a history
  lotbridge check --config pools.json --price XAUUSD=2900.50 --price EURUSD=1.0850 --move-percent 2
  lotbridge check --config pools.json --accept 2003               account 2003 may be ruined: its owner knows

What is worked out, per account:
  margin            price / tick size x tick value x lots / leverage, in the account's currency
  loss              what an adverse move of --move-percent percent of the price costs
Verdicts:
  ok                the account bears it, and can follow finely
  tracks coarsely   its usual copy is under ten lot steps: small trades and partial closes get lost in the rounding
  ruin              margin exceeds its equity, or the loss reaches it, all its pools together; refused
  accepted          as ruin, but named with --accept
  unchecked         no price or no specification: the last lines say how to give one

Accounts come from replay.terminals; without any, each is one of 10,000.00 with leverage 1:100. Symbols come from
replay.instruments, the history, --price and the pools' filters. A price that nobody gives is a round one from a table,
marked (reference). Exit code: 0 when every account bears it or is accepted, 1 when not, 2 for a wrong command line.")]
pub struct Args {
    /// The configuration: pools, members, limits, accounts; `lotbridge schema` describes it.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// A history of the master: its instruments, its last prices, the median of its lots as the usual volume.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// The price of a symbol, as the master's broker names it; may be given several times.
    #[arg(long, value_name = "SYMBOL=PRICE", value_parser = market::parse_price)]
    price: Vec<(Symbol, Price)>,
    /// The master's lots.
    #[arg(long, default_value = "1.00", value_parser = sizing::parse_lots, allow_negative_numbers = true)]
    lots: Lots,
    /// How far the price moves against the position, in percent.
    #[arg(long, value_name = "PERCENT", default_value = "1", value_parser = parse_percent, allow_negative_numbers = true)]
    move_percent: Ratio,
    /// An account that may be ruined; may be given several times.
    #[arg(long, value_name = "LOGIN")]
    accept: Vec<u64>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let setup = Setup::read_file(&args.config)?;
    let history = args.history.as_deref().map(history::read_file).transpose();
    // Its text holds its causes already.
    let history = history.map_err(|error| anyhow!("{error}"))?;
    let specified = match (&history, &args.history) {
        (Some(history), Some(path)) => {
            market::instruments(history, &setup).with_context(|| path.display().to_string())?
        }
        _ => setup.replay.instruments.clone(),
    };
    let mut notes = history.as_ref().map_or_else(Vec::new, |history| history.notes.clone());
    let book = Book::new(&setup, history.as_ref(), &mut notes)?;
    let accepted: BTreeSet<Login> = args.accept.iter().map(|login| Login(*login)).collect();
    if let Some(stranger) = accepted.iter().find(|login| !book.slaves.contains_key(login)) {
        bail!("--accept {stranger}: no pool has that account; the accounts are {}", sizing::logins(&book));
    }
    let market = Market::new(&setup, history.as_ref(), specified, &args.price)?;
    let terms = Terms { lots: args.lots, percent: args.move_percent };
    let mut sheets = Vec::new();
    for symbol in market.symbols(&mut notes)? {
        let listing = market.listing(symbol, &mut notes);
        let usual = history.as_ref().and_then(|history| median_lots(history, symbol)).unwrap_or(args.lots);
        sheets.push(Sheet::new(&book, listing, terms, usual)?);
    }
    for pool in setup.pools.iter().filter(|pool| sizing::needs_stop(pool)) {
        notes.push(format!(
            "Pool {} sizes from the stop loss: a stop {} % away from the price is assumed.",
            pool.name, args.move_percent
        ));
    }
    let verdict = Verdict::new(&book, &sheets, terms, &accepted);
    let mut out = String::new();
    writeln!(
        out,
        "Configuration {}: master {}, pools {}, accounts {}",
        args.config.display(),
        setup.master.login,
        setup.pools.len(),
        book.slaves.len()
    )?;
    for note in &notes {
        writeln!(out, "  note: {note}")?;
    }
    for sheet in &sheets {
        write_sheet(&mut out, &book, sheet, terms, &verdict, history.as_ref())?;
    }
    write_end(&mut out, &setup, &sheets, &verdict)?;
    table::print(&out)?;
    if verdict.refused {
        bail!("the configuration is refused, see above");
    }
    Ok(())
}

/// The sentences after the tables, and the last line.
fn write_end(out: &mut String, setup: &Setup, sheets: &[Sheet], verdict: &Verdict) -> fmt::Result {
    writeln!(out)?;
    if setup.secret.expose().chars().count() < SECRET_LEAST {
        writeln!(
            out,
            "warning: the secret has fewer than {SECRET_LEAST} characters and can be guessed; every program of this \
             user could pass for a terminal. Take a longer one."
        )?;
    }
    for gap in sheets.iter().filter_map(Sheet::gap) {
        writeln!(out, "unchecked: {gap}")?;
    }
    if verdict.coarse > 0 {
        writeln!(
            out,
            "tracks coarsely: the usual copy is under {} lot steps, and rounding takes a good part of small trades and \
             partial closes; \"rounding\": \"nearest\" takes less than the default.",
            adequacy::FINE_STEPS
        )?;
    }
    for sentence in &verdict.sentences {
        writeln!(out, "{sentence}")?;
    }
    writeln!(out, "{}", verdict.last_line)
}

/// One symbol's table.
fn write_sheet(
    out: &mut String,
    book: &Book,
    sheet: &Sheet,
    terms: Terms,
    verdict: &Verdict,
    history: Option<&History>,
) -> fmt::Result {
    let symbol = sheet.listing.symbol;
    let digits = sheet.listing.instrument.as_ref().map_or(0, |instrument| instrument.digits);
    let quote = sheet.listing.quote.map_or_else(|| "no price".into(), |quote| quote.shown(digits));
    writeln!(out)?;
    writeln!(out, "{symbol} at {quote}: what {} becomes", verdict::lots_in_words(terms.lots))?;
    writeln!(out, "{}", rows(book, sheet, terms, verdict))?;
    if let Some(usual) = history.and_then(|history| median_lots(history, symbol)) {
        writeln!(out, "Usual lots are for a master trade of {usual} lots, the history's median.")?;
    }
    Ok(())
}

fn rows(book: &Book, sheet: &Sheet, terms: Terms, verdict: &Verdict) -> Table {
    let loss = format!("loss at {} %", terms.percent);
    let mut table = table::new(&[
        "pool",
        "account",
        "equity",
        "lots",
        "margin",
        "of equity",
        &loss,
        "of equity",
        "usual lots",
        "verdict",
        "why",
    ]);
    for row in &sheet.rows {
        table.add_row(cells(book, sheet, row, verdict));
    }
    table::align_right(&mut table, &[2, 3, 4, 5, 6, 7, 8]);
    table
}

fn cells(book: &Book, sheet: &Sheet, row: &Row, verdict: &Verdict) -> Vec<String> {
    let none = || "-".to_owned();
    let account = book.slaves.get(&row.login);
    let equity = account.map(|account| account.equity);
    let percent = |amount| {
        let of = equity.and_then(|equity| adequacy::percent_of_equity(amount, equity));
        of.map_or_else(none, table::percent)
    };
    let currency = account.map(|account| account.currency).filter(|own| *own != book.master.currency);
    let currency = currency.map_or_else(String::new, |own| format!(" {own}"));
    let standing = verdict.standing(sheet, row);
    vec![
        book.setup.pools[row.pool].name.clone(),
        row.login.to_string(),
        format!("{}{currency}", equity.map_or_else(none, table::money)),
        row.decision.as_ref().map_or_else(none, |decision| decision.lots().to_string()),
        row.burden.map_or_else(none, |burden| table::money(burden.margin)),
        row.burden.map_or_else(none, |burden| percent(burden.margin)),
        row.burden.map_or_else(none, |burden| table::money(burden.loss)),
        row.burden.map_or_else(none, |burden| percent(burden.loss)),
        if row.decision.is_some() { row.usual_lots.to_string() } else { none() },
        standing.to_string(),
        why(book, sheet, row, standing),
    ]
}

/// The reasons behind a row.
fn why(book: &Book, sheet: &Sheet, row: &Row, standing: Standing) -> String {
    let mut reasons = Vec::new();
    if let Some(decision) = &row.decision {
        reasons.extend(decision.skip.map(|skip| format!("skipped: {skip}")));
        reasons.extend(decision.caps.iter().map(table::cap));
    }
    if let Some(ruin) = verdict::ruin(book, sheet, row.login).filter(|_| row.lots().is_positive()) {
        reasons.push(verdict::cause(ruin).to_owned());
        let others = sheet.totals.get(&row.login).map_or(0, |total| total.pools.len());
        if others > 1 {
            reasons.push(format!("{others} pools together"));
        }
    } else if standing == Standing::Coarse && row.usual_lots.is_zero() && row.lots().is_positive() {
        reasons.push("the usual trade is skipped".to_owned());
    }
    reasons.join("; ")
}

/// The median of the master's lots in a symbol; of all its positions when the history does not trade it. Of an even
/// number of positions, the smaller one of the two in the middle.
fn median_lots(history: &History, symbol: Symbol) -> Option<Lots> {
    let mut by_symbol: BTreeMap<bool, Vec<Lots>> = BTreeMap::new();
    for position in &history.positions {
        by_symbol.entry(position.symbol == symbol).or_default().push(position.lots);
    }
    let mut lots = by_symbol.remove(&true).or_else(|| by_symbol.remove(&false))?;
    lots.sort_unstable();
    lots.get((lots.len() - 1) / 2).copied()
}

fn parse_percent(text: &str) -> Result<Ratio, String> {
    let percent: Ratio = text.parse().map_err(|error: FixedError| error.to_string())?;
    let most = Ratio::from_units(100 * Ratio::ONE);
    if percent.is_positive() && percent <= most {
        Ok(percent)
    } else {
        Err("a move is above 0 and at most 100 percent".into())
    }
}
