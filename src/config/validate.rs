//! From a configuration as written to one that makes sense as a whole. Every error is collected, none is mended.

mod filter;
mod guards;
mod pool;
mod replay;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::decimal::whole;
use super::either::Either;
use super::error::{ConfigErrors, shorten};
use super::raw::{RawAccount, RawLimits, RawMaster, RawSetup, RawSymbols};
use super::{AccountSetup, MasterSetup, Secret, Setup, SlaveSymbol, SymbolMap};
use crate::allocation::{AccountRules, Limits, Pool, Rounding};
use crate::domain::{Currency, Login, Lots, Ratio, Symbol, text};

/// One hour, in milliseconds: no wait of a copier is longer.
const MAX_WAIT_MS: u64 = 3_600_000;
/// Most bytes of the secret.
const MAX_SECRET: usize = 1_024;
/// The largest factor between two symbols.
const MAX_FACTOR: i64 = 1_000_000;
/// Most characters of a symbol, by MetaTrader.
const MAX_SYMBOL: usize = 31;

/// Checks a configuration as a whole.
pub(super) fn setup(raw: RawSetup) -> Result<Setup, ConfigErrors> {
    let mut errors = ConfigErrors::default();
    let master = master(&mut errors, &raw.master);
    let secret = secret(&mut errors, raw.secret);
    let pools = pool::pools(&mut errors, &raw.pools, master.login);
    let accounts = accounts(&mut errors, &raw.accounts.unwrap_or_default().0, &pools);
    let replay = replay::replay(&mut errors, &raw.replay.unwrap_or_default(), &master, &raw.pools);
    if errors.errors.is_empty() {
        Ok(Setup { master, secret, pools, accounts, replay, text: String::new() })
    } else {
        Err(errors)
    }
}

fn master(errors: &mut ConfigErrors, raw: &RawMaster) -> MasterSetup {
    let mut ms = |key: &str, value: Option<u64>, default: u64| {
        let value = value.unwrap_or(default);
        if value == 0 || value > MAX_WAIT_MS {
            errors.add(
                format!("master.{key}"),
                value.to_string(),
                format!("1 to {MAX_WAIT_MS} milliseconds"),
            );
        }
        value
    };
    let valid_for_ms = ms("valid_for_ms", raw.valid_for_ms.map(|v| v.0), 10_000);
    let max_snapshot_age_ms = ms("max_snapshot_age_ms", raw.max_snapshot_age_ms.map(|v| v.0), 5_000);
    let doubt_ms = ms("doubt_ms", raw.doubt_ms.map(|v| v.0), 3_000);
    let mut folder = |key: &str, value: &Option<String>| {
        if value.as_ref().is_some_and(|dir| dir.trim().is_empty()) {
            errors.add(format!("master.{key}"), "an empty path", "a folder, or no such key");
        }
        value.as_ref().map(PathBuf::from)
    };
    let endpoint_dir = folder("endpoint_dir", &raw.endpoint_dir);
    let state_dir = folder("state_dir", &raw.state_dir);
    MasterSetup {
        login: login(errors, "master.login", raw.login.0),
        currency: currency(errors, "master.currency", &raw.currency),
        endpoint_dir,
        state_dir,
        valid_for_ms,
        max_snapshot_age_ms,
        doubt_ms,
        deviation_points: raw.deviation_points.map_or(100, |points| points.0),
    }
}

fn secret(errors: &mut ConfigErrors, secret: String) -> Secret {
    if secret.trim().is_empty() || secret.len() > MAX_SECRET {
        let found = if secret.len() > MAX_SECRET { "a longer text" } else { "an empty text" };
        errors.add("secret", found, format!("1 to {MAX_SECRET} bytes of text that nobody can guess"));
    }
    Secret(secret)
}

fn login(errors: &mut ConfigErrors, path: &str, number: u64) -> Login {
    if number == 0 {
        errors.add(path, "0", "an account's number");
    }
    Login(number)
}

/// Brokers use codes of three letters, and of more with digits for crypto-currencies.
fn currency(errors: &mut ConfigErrors, path: &str, code: &str) -> Currency {
    match text(code) {
        Ok(currency) if !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric()) => currency,
        _ => {
            errors.add(path, quoted(code), "a currency code of 1 to 8 letters and digits such as \"USD\"");
            Currency::default()
        }
    }
}

/// A symbol, or a part of one, which may be empty.
fn symbol_part(errors: &mut ConfigErrors, path: &str, name: &str) -> Symbol {
    match text(name) {
        Ok(symbol)
            if name.chars().count() <= MAX_SYMBOL
                && name.trim() == name
                && !name.contains(char::is_control) =>
        {
            symbol
        }
        _ => {
            errors.add(
                path,
                quoted(name),
                format!("at most {MAX_SYMBOL} characters (32 bytes) without blanks at the ends"),
            );
            Symbol::default()
        }
    }
}

fn symbol(errors: &mut ConfigErrors, path: &str, name: &str) -> Symbol {
    if name.is_empty() {
        errors.add(path, "an empty text", "a symbol such as \"EURUSD\"");
    }
    symbol_part(errors, path, name)
}

/// What the user wrote, in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", shorten(text))
}

fn accounts(
    errors: &mut ConfigErrors,
    raw: &[(String, RawAccount)],
    pools: &[Pool],
) -> BTreeMap<Login, AccountSetup> {
    let members: BTreeSet<Login> = pools.iter().flat_map(|pool| &pool.members).map(|m| m.login).collect();
    let mut accounts = BTreeMap::new();
    for (key, raw) in raw {
        let path = format!("accounts.{}", shorten(key));
        let Some(login) = whole(key).map(Login) else {
            errors.add(path, format!("the key {}", quoted(key)), "a member's login, digits only");
            continue;
        };
        if !members.contains(&login) {
            errors.add(&path, format!("{login}, which is in no pool"), "the login of a pool's member");
        }
        let account = AccountSetup {
            rules: rules(errors, &path, raw),
            symbols: raw.symbols.as_ref().map_or_else(SymbolMap::default, |s| symbols(errors, &path, s)),
        };
        if accounts.insert(login, account).is_some() {
            errors.add(path, format!("the login {login} twice"), "each login once");
        }
    }
    accounts
}

fn rules(errors: &mut ConfigErrors, path: &str, raw: &RawAccount) -> AccountRules {
    let defaults = AccountRules::default();
    let rounding = raw.rounding.map_or(defaults.rounding, |word| word.0);
    let multiple = raw.max_risk_multiple.map(|number| number.0);
    let path_multiple = || format!("{path}.max_risk_multiple");
    if multiple.is_some() && rounding != Rounding::RaiseToMinimum {
        errors.add(
            path_multiple(),
            "an option that this rounding does not use",
            "it only with \"rounding\": \"raise_to_minimum\"",
        );
    }
    if let Some(multiple) = multiple.filter(|m| *m < Ratio::UNIT || m.units() > 100 * Ratio::ONE) {
        errors.add(path_multiple(), multiple.to_string(), "1 to 100 times the intended lots");
    }
    AccountRules {
        rounding,
        max_risk_multiple: multiple.unwrap_or(defaults.max_risk_multiple),
        below_minimum: raw.below_minimum.map_or(defaults.below_minimum, |word| word.0),
        require_stop_loss: raw.require_stop_loss.unwrap_or(defaults.require_stop_loss),
        limits: raw.limits.as_ref().map_or(defaults.limits, |raw| limits(errors, path, raw)),
        guards: raw.guards.as_ref().map_or(defaults.guards, |raw| guards::guards(errors, path, raw)),
    }
}

fn limits(errors: &mut ConfigErrors, path: &str, raw: &RawLimits) -> Limits {
    let lots = [
        ("lots_per_trade", raw.lots_per_trade),
        ("lots_per_symbol", raw.lots_per_symbol),
        ("lots_total", raw.lots_total),
    ];
    for (key, value) in lots {
        if let Some(lots) = value.map(|v| v.0).filter(|lots| !lots.is_positive()) {
            errors.add(format!("{path}.limits.{key}"), lots.to_string(), "lots above 0; no key, no limit");
        }
    }
    if raw.open_copies.is_some_and(|copies| copies.0 == 0) {
        errors.add(format!("{path}.limits.open_copies"), "0", "1 or more; no key, no limit");
    }
    let whole = Ratio::from_units(100 * Ratio::ONE);
    let buffer = raw.margin_buffer_percent.map(|v| v.0);
    if let Some(percent) = buffer.filter(|percent| !percent.is_positive() || *percent > whole) {
        errors.add(
            format!("{path}.limits.margin_buffer_percent"),
            percent.to_string(),
            "above 0 and at most 100; no key, no limit",
        );
    }
    let given = |value: Option<super::decimal::Exact<Lots>>| value.map(|lots| lots.0);
    Limits {
        lots_per_trade: given(raw.lots_per_trade),
        lots_per_symbol: given(raw.lots_per_symbol),
        lots_total: given(raw.lots_total),
        open_copies: raw.open_copies.map(|copies| copies.0),
        margin_buffer_percent: buffer,
    }
}

fn symbols(errors: &mut ConfigErrors, path: &str, raw: &RawSymbols) -> SymbolMap {
    let mut map = BTreeMap::new();
    for (master, slave) in raw.map.iter().flat_map(|map| &map.0) {
        let path = format!("{path}.symbols.map.{}", shorten(master));
        let (name, factor) = match slave {
            Either::Short(name) => (symbol(errors, &path, name), Ratio::UNIT),
            Either::Object(slave) => {
                let factor = slave.factor.map_or(Ratio::UNIT, |factor| factor.0);
                if !factor.is_positive() || factor.units() > MAX_FACTOR * Ratio::ONE {
                    let allowed = format!("above 0 and at most {MAX_FACTOR}");
                    errors.add(format!("{path}.factor"), factor.to_string(), allowed);
                }
                (symbol(errors, &format!("{path}.to"), &slave.to), factor)
            }
        };
        map.insert(symbol(errors, &path, master), SlaveSymbol { name, factor });
    }
    let mut part = |key: &str, value: &Option<String>| {
        let path = format!("{path}.symbols.{key}");
        symbol_part(errors, &path, value.as_deref().unwrap_or_default())
    };
    SymbolMap { map, prefix: part("prefix", &raw.prefix), suffix: part("suffix", &raw.suffix) }
}
