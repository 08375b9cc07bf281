//! The configurations that are simulated, and the accounts that go with them.

use lotbridge::config::Setup;
use lotbridge::domain::{Instrument, Login, MarginMode, Money, Price, Rate, Symbol, TradeRules, text};
use lotbridge::terminal::{Faults, Terminal, TerminalSettings};

pub const MASTER: Login = Login(1001);
pub const SLAVES: [Login; 3] = [Login(2001), Login(2002), Login(2003)];
/// The master's symbols, each with the price it starts at.
pub const SYMBOLS: [(&str, i64); 2] = [("XAUUSD", 200_000), ("EURUSD", 110_000)];
pub const DOUBT_MS: u64 = 2_500;

const ACCOUNTS: &str = r#"{
    "2001": {"rounding": "nearest", "below_minimum": "keep"},
    "2002": {"symbols": {"suffix": ".a"}},
    "2003": {"rounding": "raise_to_minimum", "symbols": {"map": {"XAUUSD": "GOLD"}},
             "limits": {"open_copies": 4, "lots_per_symbol": "3"}}
}"#;

/// The same accounts with guards.
const GUARDS: [(&str, &str); 3] = [
    (
        "\"2001\": {",
        r#""guards": {"daily_loss": {"money": "35", "reaction": "close_all"},
        "total_drawdown": {"percent": "0.5", "reaction": "close_all"}}, "#,
    ),
    (
        "\"2002\": {",
        r#""guards": {"total_drawdown": {"kind": "trailing", "percent": "0.3", "reaction": "close_only"},
        "exposure_total": {"lots": "3", "reaction": "skip_opens"}}, "#,
    ),
    (
        "\"2003\": {",
        r#""guards": {"daily_drawdown": {"percent": "0.1", "reaction": "close_all"},
        "equity_stop": {"money": "19950", "reaction": "skip_opens"}}, "#,
    ),
];

const POOLS: [&str; 4] = [
    r#"[{"name": "all", "allocation": {"method": "multiplier"}, "late_copies": "skip", "members":
        [{"login": 2001, "profile": "0.5"}, {"login": 2002, "profile": "1.5"}, {"login": 2003, "profile": "0.1"}]}]"#,
    r#"[{"name": "block", "filter": {"symbols": ["XAU*"]},
         "allocation": {"method": "block", "by": "equity", "residual": "carry"},
         "members": [{"login": 2001}, {"login": 2002}, {"login": 2003}]},
        {"name": "lots", "filter": {"symbols": ["EUR*"]}, "allocation": {"method": "fixed_lots"},
         "late_copies": "always", "members": [{"login": 2001, "lots": "0.10"}, {"login": 2003, "lots": "0.03"}]}]"#,
    r#"[{"name": "ratio", "allocation": {"method": "equity_ratio"}, "late_copies": "not_worse",
         "members": [{"login": 2001}, {"login": 2002, "profile": 2}]},
        {"name": "sells", "filter": {"side": "sell"}, "late_copies": "always",
         "allocation": {"method": "fixed_lots", "per": "master_lot"},
         "members": [{"login": 2002, "lots": "0.25"}, {"login": 2003, "lots": "1"}]}]"#,
    r#"[{"name": "late", "allocation": {"method": "balance_ratio"}, "late_copies": "always",
         "members": [{"login": 2001}, {"login": 2002}, {"login": 2003}]}]"#,
];

/// One of the configurations; every other one with guards.
pub fn setup(which: u64) -> Setup {
    let at = usize::try_from(which / 2).unwrap() % POOLS.len();
    let mut accounts = ACCOUNTS.to_owned();
    for (account, guards) in GUARDS.iter().filter(|_| which % 2 == 1) {
        accounts = accounts.replace(account, &format!("{account}{guards}"));
    }
    let text = format!(
        r#"{{"master": {{"login": 1001, "currency": "USD", "valid_for_ms": 8000, "max_snapshot_age_ms": 1500,
            "doubt_ms": {DOUBT_MS}, "deviation_points": 300}}, "secret": "simulated",
            "pools": {}, "accounts": {accounts}}}"#,
        POOLS[at]
    );
    Setup::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// An account at its broker, with the broker's names.
pub fn terminal(setup: &Setup, login: Login, seed: u64) -> Terminal {
    let master = login == MASTER;
    let mut terminal = Terminal::new(TerminalSettings {
        login,
        currency: text(if login == SLAVES[2] { "EUR" } else { "USD" }).unwrap(),
        currency_digits: 2,
        margin_mode: MarginMode::Hedging,
        leverage: if login == SLAVES[1] { 200 } else { 500 },
        opening_balance: Money::from_units(Money::ONE * if master { 100_000 } else { 20_000 }),
        seed,
        slippage_points_max: 5,
        delay_ms_max: 0,
        stop_out_percent: None,
        pending_orders_max: 0,
        stops_after_opening: false,
        sessions: Vec::new(),
        faults: Faults::default(),
    })
    .unwrap();
    for (name, _) in SYMBOLS {
        let mut instrument = instrument(name);
        if !master {
            instrument.symbol = slave_symbol(setup, login, name);
        }
        terminal.add_instrument(instrument).unwrap();
    }
    let rate = Rate { from: text("EUR").unwrap(), to: text("USD").unwrap(), rate: "1.1".parse().unwrap() };
    terminal.set_rate(rate).unwrap();
    terminal
}

/// What a slave's broker calls a symbol of the master's.
pub fn slave_symbol(setup: &Setup, login: Login, name: &str) -> Symbol {
    setup.account(login).symbols.to_slave(text(name).unwrap()).unwrap()
}

fn instrument(name: &str) -> Instrument {
    let gold = name == "XAUUSD";
    Instrument {
        symbol: text(name).unwrap(),
        digits: if gold { 2 } else { 5 },
        contract_size: if gold { "100" } else { "100000" }.parse().unwrap(),
        tick_size: if gold { "0.01" } else { "0.00001" }.parse().unwrap(),
        tick_value: "1".parse().unwrap(),
        lots_min: "0.01".parse().unwrap(),
        lots_max: "50".parse().unwrap(),
        lot_step: "0.01".parse().unwrap(),
        margin_per_lot: Money::ZERO,
        stops_level_points: 20,
        bid: Price::ZERO,
        ask: Price::ZERO,
        trading: TradeRules::default(),
    }
}
