//! What a replay trades: the history, the configuration (or a default one), the instruments, the accounts.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use lotbridge::config::{ReplayTerminal, Setup};
use lotbridge::domain::{Instrument, Login, Money, Symbol, text};
use lotbridge::history::{self, History, Step};
use serde_json::{Value, json};

use crate::accounts::{self, LEVERAGE, OPENING_BALANCE};
use crate::market;

/// The master of a default configuration whose history names none.
const MASTER_LOGIN: u64 = 1001;

/// What a replay trades.
pub struct Plan {
    /// The history.
    pub history: History,
    /// Its events in time order.
    pub steps: Vec<Step>,
    /// The checked configuration.
    pub setup: Setup,
    /// Its text, as the terminals get it.
    pub config: String,
    /// The master's instruments.
    pub instruments: Vec<Instrument>,
    /// The master's account.
    pub master: ReplayTerminal,
    /// The slaves' accounts.
    pub slaves: BTreeMap<Login, ReplayTerminal>,
    /// Where the sockets and the record of this replay are.
    pub folder: tempfile::TempDir,
    /// What the user should know about what was assumed.
    pub notes: Vec<String>,
}

impl Plan {
    /// Reads and checks everything before the first terminal is started.
    pub fn new(mut history: History, name: &str, config: Option<&Path>) -> Result<Self> {
        if history.positions.is_empty() {
            bail!("{name}: no closed positions in this history, nothing to replay");
        }
        let folder =
            tempfile::Builder::new().prefix("lotbridge-").tempdir().context("no folder for the sockets")?;
        let mut notes = history.notes.clone();
        let mut value = match config {
            Some(path) => {
                // Checked first, so that an error names the user's own file and place.
                Setup::read_file(path)?;
                serde_json::from_str(std::fs::read_to_string(path)?.trim_start_matches('\u{feff}'))?
            }
            None => default_config(&history),
        };
        isolate(&mut value, folder.path());
        let config = value.to_string();
        let setup = Setup::parse(&config)?;
        let instruments = market::instruments(&history, &setup).with_context(|| name.to_owned())?;
        leave_out_unknown(&mut history, &instruments, &mut notes);
        let slaves = accounts::slaves(&setup)?;
        let master = accounts::master(Some(&history), &setup, &slaves, &mut notes);
        let steps = history::timeline(&history);
        Ok(Self { history, steps, setup, config, instruments, master, slaves, folder, notes })
    }
}

/// Pending orders on symbols that were never traded, and that nothing describes, cannot be placed anywhere.
fn leave_out_unknown(history: &mut History, instruments: &[Instrument], notes: &mut Vec<String>) {
    let mut unknown: BTreeMap<Symbol, u32> = BTreeMap::new();
    history.orders.retain(|order| {
        let known = instruments.iter().any(|instrument| instrument.symbol == order.symbol);
        *unknown.entry(order.symbol).or_default() += u32::from(!known);
        known
    });
    for (symbol, orders) in unknown.into_iter().filter(|(_, orders)| *orders > 0) {
        notes.push(format!(
            "{orders} pending orders on {symbol}, which no position trades, are left out: describe it in \
             replay.instruments to have them placed."
        ));
    }
}

/// A replay never meets a real terminal's socket or record.
fn isolate(value: &mut Value, folder: &Path) {
    if let Some(master) = value.get_mut("master").and_then(Value::as_object_mut) {
        // The sockets' folder must be private, which a temporary folder is not everywhere: one inside it is made so.
        master.insert("endpoint_dir".into(), json!(folder.join("sockets").to_string_lossy()));
        master.insert("state_dir".into(), json!(folder.to_string_lossy()));
    }
}

/// Four pools that show the four families of allocation on accounts of different size.
fn default_config(history: &History) -> Value {
    let login = history.login.map_or(MASTER_LOGIN, |login| login.0);
    let currency = history.currency.unwrap_or_else(|| text("USD").unwrap_or_default());
    let opening = history.opening_balance.unwrap_or(Money::from_units(OPENING_BALANCE * Money::ONE));
    let sizes =
        [("2001", 1, 2), ("2002", 2, 1), ("2003", 1, 2), ("2004", 3, 2), ("2005", 1, 2), ("2006", 5, 1)];
    let blocks = [("2007", 1, 2), ("2008", 2, 1), ("2009", 7, 1)];
    let terminals: Vec<Value> = sizes
        .iter()
        .chain(&blocks)
        .map(|(login, times, of)| {
            let balance = Money::from_units(opening.units() / of * times).round_to(2);
            let leverage = history.leverage.unwrap_or(LEVERAGE);
            json!({"login": login, "currency": currency, "balance": balance, "leverage": leverage})
        })
        .collect();
    json!({
        "master": {"login": login.to_string(), "currency": currency},
        "secret": "a replay's own",
        "pools": [
            {"name": "lamm", "allocation": {"method": "fixed_lots", "per": "trade"},
             "members": [{"login": "2001", "lots": "0.01"}, {"login": "2002", "lots": "0.05"}]},
            {"name": "multiplier", "allocation": {"method": "multiplier"},
             "members": [{"login": "2003", "profile": "0.5"}, {"login": "2004", "profile": "1.5"}]},
            {"name": "equity", "allocation": {"method": "equity_ratio"},
             "members": [{"login": "2005"}, {"login": "2006"}]},
            {"name": "mam-block", "allocation":
                {"method": "block", "by": "equity", "block_multiplier": "10", "residual": "largest_remainder"},
             "members": [{"login": "2007"}, {"login": "2008"}, {"login": "2009"}]},
        ],
        "replay": {"terminals": terminals},
    })
}
