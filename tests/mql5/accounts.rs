//! The accounts of the tests.

use lotbridge::domain::{Instrument, Login, MarginMode, Money, Price, Ratio, TradeRules, text};
use lotbridge::terminal::{Faults, TerminalSettings};
use serde_json::{Value, json};

pub const MASTER: u64 = 1001;

/// Gold, as most brokers have it.
pub fn gold(symbol: &str, trading: TradeRules) -> Instrument {
    let number = |text: &str| -> Ratio { text.parse().unwrap() };
    Instrument {
        symbol: text(symbol).unwrap(),
        digits: 2,
        contract_size: number("100"),
        tick_size: "0.01".parse().unwrap(),
        tick_value: number("1"),
        lots_min: "0.01".parse().unwrap(),
        lots_max: "50".parse().unwrap(),
        lot_step: "0.01".parse().unwrap(),
        margin_per_lot: Money::ZERO,
        stops_level_points: 0,
        bid: Price::ZERO,
        ask: Price::ZERO,
        trading,
    }
}

/// An account of 100,000.
pub fn account(login: u64) -> TerminalSettings {
    TerminalSettings {
        login: Login(login),
        currency: text("USD").unwrap(),
        currency_digits: 2,
        margin_mode: MarginMode::Hedging,
        leverage: 100,
        opening_balance: Money::from_units(100_000 * Money::ONE),
        seed: login,
        slippage_points_max: 0,
        delay_ms_max: 0,
        stop_out_percent: None,
        pending_orders_max: 0,
        stops_after_opening: false,
        sessions: Vec::new(),
        faults: Faults::default(),
    }
}

/// Slaves at one and a half times the master.
pub fn followers(logins: &[u64]) -> Value {
    let members: Vec<Value> = logins.iter().map(|login| json!({"login": login, "profile": "1.5"})).collect();
    json!({
        "master": {"login": MASTER, "currency": "USD"},
        "secret": "between these two",
        "pools": [{"name": "gold", "allocation": {"method": "multiplier"}, "members": members}],
    })
}
