//! What `lotbridge replay` trades on.

use std::collections::BTreeSet;

use super::{currency, login, quoted, symbol};
use crate::config::error::ConfigErrors;
use crate::config::raw::{RawInstrument, RawPool, RawRate, RawReplay, RawTerminal};
use crate::config::{MasterSetup, ReplaySetup, ReplayTerminal};
use crate::domain::{Instrument, Login, MarginMode, Money, Price, Rate, TradeRules};

/// The largest leverage that brokers offer is well below.
const MAX_LEVERAGE: u32 = 10_000;
/// As many decimal places as a [`Price`] has.
const MAX_DIGITS: u8 = 8;

/// Checks the replay's accounts, symbols and rates; every member needs a terminal once there is one.
pub(super) fn replay(
    errors: &mut ConfigErrors,
    raw: &RawReplay,
    master: &MasterSetup,
    pools: &[RawPool],
) -> ReplaySetup {
    let terminals = terminals(errors, &raw.terminals, master);
    let logins: BTreeSet<Login> = terminals.iter().map(|terminal| terminal.login).collect();
    let members = pools.iter().enumerate().flat_map(|(pool, raw)| {
        raw.members.iter().enumerate().map(move |(index, member)| (pool, index, Login(member.login.0)))
    });
    let mut told = BTreeSet::new();
    for (pool, index, login) in members {
        if !logins.is_empty() && !logins.contains(&login) && told.insert(login) {
            errors.add(
                format!("pools[{pool}].members[{index}].login"),
                format!("{login}, which has no terminal"),
                "a login that replay.terminals lists",
            );
        }
    }
    let instruments = instruments(errors, &raw.instruments);
    ReplaySetup { terminals, instruments, rates: rates(errors, &raw.rates) }
}

fn terminals(errors: &mut ConfigErrors, raw: &[RawTerminal], master: &MasterSetup) -> Vec<ReplayTerminal> {
    let mut seen = BTreeSet::new();
    let mut terminals = Vec::with_capacity(raw.len());
    for (index, raw) in raw.iter().enumerate() {
        let path = |key: &str| format!("replay.terminals[{index}].{key}");
        let login = login(errors, &path("login"), raw.login.0);
        if !seen.insert(login) {
            errors.add(path("login"), format!("{login} again"), "each login once");
        }
        let currency = currency(errors, &path("currency"), &raw.currency);
        if login == master.login && currency != master.currency && !master.currency.is_empty() {
            errors.add(
                path("currency"),
                quoted(&currency),
                format!("{}, as master.currency has it", quoted(&master.currency)),
            );
        }
        let (balance, leverage) = (raw.balance.0, raw.leverage.0);
        if !balance.is_positive() {
            errors.add(path("balance"), balance.to_string(), "an amount above 0");
        }
        if leverage == 0 || leverage > MAX_LEVERAGE {
            errors.add(path("leverage"), leverage.to_string(), format!("1 to {MAX_LEVERAGE}"));
        }
        let margin_mode = raw.margin_mode.as_ref().map_or(MarginMode::Hedging, |word| word.0);
        if login == master.login && margin_mode != MarginMode::Hedging {
            errors.add(
                path("margin_mode"),
                "netting",
                "hedging: a history tells the master's positions one by one",
            );
        }
        terminals.push(ReplayTerminal { login, currency, balance, leverage, margin_mode });
    }
    terminals
}

fn instruments(errors: &mut ConfigErrors, raw: &[RawInstrument]) -> Vec<Instrument> {
    let mut seen = BTreeSet::new();
    let mut instruments = Vec::with_capacity(raw.len());
    for (index, raw) in raw.iter().enumerate() {
        let path = format!("replay.instruments[{index}]");
        let instrument = Instrument {
            symbol: symbol(errors, &format!("{path}.symbol"), &raw.symbol),
            digits: raw.digits.0,
            contract_size: raw.contract_size.0,
            tick_size: raw.tick_size.0,
            tick_value: raw.tick_value.0,
            lots_min: raw.lots_min.0,
            lots_max: raw.lots_max.0,
            lot_step: raw.lot_step.0,
            margin_per_lot: Money::ZERO,
            stops_level_points: 0,
            bid: Price::ZERO,
            ask: Price::ZERO,
            trading: TradeRules::default(),
        };
        if !seen.insert(raw.symbol.as_str()) {
            errors.add(
                format!("{path}.symbol"),
                format!("{} again", quoted(&raw.symbol)),
                "each symbol once",
            );
        }
        instrument_numbers(errors, &path, &instrument);
        instruments.push(instrument);
    }
    instruments
}

fn instrument_numbers(errors: &mut ConfigErrors, path: &str, raw: &Instrument) {
    let positive = [
        ("contract_size", raw.contract_size.is_positive(), raw.contract_size.to_string()),
        ("tick_size", raw.tick_size.is_positive(), raw.tick_size.to_string()),
        ("tick_value", raw.tick_value.is_positive(), raw.tick_value.to_string()),
        ("lots_min", raw.lots_min.is_positive(), raw.lots_min.to_string()),
        ("lot_step", raw.lot_step.is_positive(), raw.lot_step.to_string()),
    ];
    for (key, fine, shown) in positive {
        if !fine {
            errors.add(format!("{path}.{key}"), shown, "a number above 0");
        }
    }
    if raw.digits > MAX_DIGITS {
        errors.add(format!("{path}.digits"), raw.digits.to_string(), format!("0 to {MAX_DIGITS}"));
    } else if raw.tick_size.units() % raw.point().units() != 0 {
        errors.add(
            format!("{path}.tick_size"),
            raw.tick_size.to_string(),
            format!("a multiple of {}, the last of {} digits", raw.point(), raw.digits),
        );
    }
    if raw.lots_max < raw.lots_min {
        errors.add(
            format!("{path}.lots_max"),
            raw.lots_max.to_string(),
            format!("at least lots_min, {}", raw.lots_min),
        );
    }
    if raw.lot_step.is_positive() && raw.lots_min.floor_to(raw.lot_step) != raw.lots_min {
        errors.add(
            format!("{path}.lots_min"),
            raw.lots_min.to_string(),
            format!("a multiple of lot_step, {}", raw.lot_step),
        );
    }
}

fn rates(errors: &mut ConfigErrors, raw: &[RawRate]) -> Vec<Rate> {
    let mut seen = BTreeSet::new();
    let mut rates = Vec::with_capacity(raw.len());
    for (index, raw) in raw.iter().enumerate() {
        let path = |key: &str| format!("replay.rates[{index}].{key}");
        let from = currency(errors, &path("from"), &raw.from);
        let to = currency(errors, &path("to"), &raw.to);
        if !raw.rate.0.is_positive() {
            errors.add(path("rate"), raw.rate.0.to_string(), "a number above 0");
        }
        if from == to {
            errors.add(path("to"), quoted(&to), "another currency than `from`");
        } else if !seen.insert((from.min(to), from.max(to))) {
            // The reverse direction too: two rates of a pair that do not agree would be chosen from by order.
            errors.add(path("to"), format!("{from} and {to} again"), "each pair of currencies once");
        }
        rates.push(Rate { from, to, rate: raw.rate.0 });
    }
    rates
}
