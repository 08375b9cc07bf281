//! The configurations that are simulated, and the accounts that go with them.

mod pools;

use lotbridge::config::Setup;
use lotbridge::domain::{Instrument, Login, MarginMode, Money, Price, Rate, Symbol, TradeRules, text};
use lotbridge::terminal::{Faults, Session, Terminal, TerminalSettings};

pub use pools::FORMULAS;

use super::random::Random;

pub const MASTER: Login = Login(1001);
pub const SLAVES: [Login; 3] = [Login(2001), Login(2002), Login(2003)];
/// The master's symbols, each with the price it starts at.
pub const SYMBOLS: [(&str, i64); 2] = [("XAUUSD", 200_000), ("EURUSD", 110_000)];
pub const DOUBT_MS: u64 = 2_500;
pub const SECRET: &str = "simulated";

const ACCOUNTS: &str = r#"{
    "2001": {"rounding": "nearest", "below_minimum": "keep"},
    "2002": {"symbols": {"suffix": ".a"}},
    "2003": {"rounding": "raise_to_minimum", "symbols": {"map": {"XAUUSD": "GOLD"}},
             "limits": {"open_copies": 4, "lots_per_symbol": "3"}}
}"#;

/// Limits of the other accounts, on some seeds.
const LIMITS: [(&str, &str); 2] = [
    ("\"2001\": {", r#""limits": {"lots_per_trade": "0.4", "lots_total": "1.5"}, "#),
    ("\"2002\": {", r#""limits": {"lots_per_symbol": "0.9", "open_copies": 6}, "#),
];

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
    r#"[{"name": "all", "allocation": {"method": "multiplier"}, "late_copies": "skip", MORE "members":
        [{"login": 2001, "profile": "0.5"}, {"login": 2002, "profile": "1.5"}, {"login": 2003, "profile": "0.1"}]}]"#,
    r#"[{"name": "block", "filter": {"symbols": ["XAU*"]}, MORE
         "allocation": {"method": "block", "by": "equity", "residual": "carry"},
         "members": [{"login": 2001}, {"login": 2002}, {"login": 2003}]},
        {"name": "lots", "filter": {"symbols": ["EUR*"]}, "allocation": {"method": "fixed_lots"}, MORE
         "late_copies": "always", "members": [{"login": 2001, "lots": "0.10"}, {"login": 2003, "lots": "0.03"}]}]"#,
    r#"[{"name": "ratio", "allocation": {"method": "equity_ratio"}, "late_copies": "not_worse", MORE
         "members": [{"login": 2001}, {"login": 2002, "profile": 2}]},
        {"name": "sells", "filter": {"side": "sell"}, "late_copies": "always", MORE
         "allocation": {"method": "fixed_lots", "per": "master_lot"},
         "members": [{"login": 2002, "lots": "0.25"}, {"login": 2003, "lots": "1"}]}]"#,
    r#"[{"name": "late", "allocation": {"method": "balance_ratio"}, "late_copies": "always", MORE
         "filter": {"magic": [0, {"from": 10, "to": 20}]},
         "members": [{"login": 2001}, {"login": 2002}, {"login": 2003}]}]"#,
];

/// What every pool has beside: how it copies pending orders, its direction, where its stops are. As often as not
/// nothing special.
const MORE: [&str; 8] = [
    "",
    "",
    r#""pending_orders": {"wait_ms": 1000},"#,
    r#""pending_orders": {"unfilled": "wait"}, "stops": "none","#,
    r#""pending_orders": {"filled_alone": "close", "wait_ms": 2000},"#,
    r#""pending_orders": {"copy": "fills"}, "stops": "distance","#,
    r#""reverse": true,"#,
    r#""reverse": true, "stops": "distance", "pending_orders": {"filled_alone": "close", "wait_ms": 500},"#,
];

/// A configuration; every other one with guards, two of five with pools of any method.
pub fn setup(seed: u64, random: &mut Random) -> Setup {
    let (pools, more) = (*random.pick(&POOLS), *random.pick(&MORE));
    let mut drawn = Random::of(seed, 3_000, 0);
    let pools =
        if drawn.per_mille(400) { pools::drawn(&mut drawn, more) } else { pools.replace("MORE", more) };
    let guarded = random.per_mille(500);
    let mut accounts = ACCOUNTS.to_owned();
    if drawn.per_mille(200) {
        accounts = accounts.replace("\"GOLD\"", r#"{"to": "GOLD", "factor": "2.5"}"#);
    }
    let mut add =
        |account: &str, more: &str| accounts = accounts.replace(account, &format!("{account}{more}"));
    for (account, guards) in GUARDS.iter().filter(|_| guarded) {
        add(account, guards);
    }
    for login in SLAVES {
        if drawn.per_mille(120) {
            add(&format!("\"{}\": {{", login.0), r#""require_stop_loss": true, "#);
        }
    }
    for (account, limits) in LIMITS.iter().filter(|_| drawn.per_mille(250)) {
        add(account, limits);
    }
    let text = format!(
        r#"{{"master": {{"login": 1001, "currency": "USD", "valid_for_ms": 8000, "max_snapshot_age_ms": 1500,
            "doubt_ms": {DOUBT_MS}, "deviation_points": 300}}, "secret": "{SECRET}",
            "pools": {pools}, "accounts": {accounts}}}"#
    );
    Setup::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// How an account's broker is.
#[derive(Clone, Copy, Default)]
pub struct Broker {
    /// Every fault of the terminal's, so many of a thousand requests each.
    pub faults: u32,
    /// The market is closed for the minute after midnight.
    pub closes: bool,
    /// One position a symbol.
    pub nets: bool,
    /// Opening requests must not carry stops.
    pub stops_after: bool,
    /// Stops and pending orders stand so far off the market at least, in points.
    pub stops_level: u32,
    /// How long pending orders may wait; 0: as long as they like.
    pub expiration_modes: u32,
}

/// An account at its broker, with the broker's names.
pub fn terminal(setup: &Setup, login: Login, seed: u64, broker: Broker) -> Terminal {
    let master = login == MASTER;
    let mut terminal = Terminal::new(TerminalSettings {
        login,
        currency: text(if login == SLAVES[2] { "EUR" } else { "USD" }).unwrap(),
        currency_digits: 2,
        margin_mode: if broker.nets { MarginMode::Netting } else { MarginMode::Hedging },
        leverage: if login == SLAVES[1] { 200 } else { 500 },
        opening_balance: Money::from_units(Money::ONE * if master { 100_000 } else { 20_000 }),
        seed,
        slippage_points_max: 5,
        delay_ms_max: 0,
        stop_out_percent: None,
        pending_orders_max: 0,
        stops_after_opening: broker.stops_after,
        sessions: if broker.closes { open_but_after_midnight() } else { Vec::new() },
        faults: Faults::every(broker.faults),
    })
    .unwrap();
    for (name, _) in SYMBOLS {
        let mut instrument = instrument(name);
        instrument.stops_level_points = broker.stops_level;
        instrument.trading.expiration_modes = broker.expiration_modes;
        if !master {
            instrument.symbol = slave_symbol(setup, login, name);
        }
        if login == SLAVES[1] || login == SLAVES[2] {
            // Immediate or cancel, and nothing else.
            instrument.trading.filling_modes = 2;
        }
        terminal.add_instrument(instrument).unwrap();
    }
    let rate = Rate { from: text("EUR").unwrap(), to: text("USD").unwrap(), rate: "1.1".parse().unwrap() };
    terminal.set_rate(rate).unwrap();
    terminal
}

/// All week, but the first minute of a Monday.
fn open_but_after_midnight() -> Vec<Session> {
    vec![Session { from_minute: 1, to_minute: 10_080 }]
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
