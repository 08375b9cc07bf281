//! The accounts of a configuration without real terminals, and the rates between their currencies.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use lotbridge::allocation::Conversion;
use lotbridge::config::{ReplayTerminal, Setup};
use lotbridge::domain::{Account, Currency, Login, MarginMode, Money, Ratio, ServerTime};
use lotbridge::history::History;
use rust_decimal::{Decimal, RoundingStrategy};

/// The opening balance where neither the file nor the configuration says one.
pub const OPENING_BALANCE: i64 = 10_000;
/// The leverage of an account that is not told.
pub const LEVERAGE: u32 = 100;
/// Decimal places of an account's currency.
pub const CURRENCY_DIGITS: u8 = 2;

/// Every member's account: the configured ones, or one of 10,000 for each when there are none.
///
/// # Errors
/// An account whose currency has no rate to the master's.
pub fn slaves(setup: &Setup) -> Result<BTreeMap<Login, ReplayTerminal>> {
    let mut slaves = BTreeMap::new();
    for member in setup.pools.iter().flat_map(|pool| &pool.members) {
        let terminal = setup.replay.terminals.iter().find(|terminal| terminal.login == member.login);
        let terminal = match terminal {
            Some(terminal) => terminal.clone(),
            None if setup.replay.terminals.is_empty() => ReplayTerminal {
                login: member.login,
                currency: setup.master.currency,
                balance: Money::from_units(OPENING_BALANCE * Money::ONE),
                leverage: LEVERAGE,
                margin_mode: MarginMode::Hedging,
            },
            None => bail!("account {} has no terminal in replay.terminals", member.login),
        };
        slaves.insert(member.login, terminal);
    }
    for slave in slaves.values() {
        has_rate(setup, slave)?;
    }
    Ok(slaves)
}

fn has_rate(setup: &Setup, slave: &ReplayTerminal) -> Result<()> {
    let master = setup.master.currency;
    if conversion(setup, slave.currency, master).is_some() {
        return Ok(());
    }
    let at = setup.replay.terminals.iter().position(|terminal| terminal.login == slave.login);
    let place = at.map_or_else(String::new, |at| format!("replay.terminals[{at}].currency: "));
    bail!(
        "{place}account {} is in {}, the master in {master}, and no rate is given; \
         add \"rates\": [{{\"from\": \"{}\", \"to\": \"{master}\", \"rate\": \"…\"}}] to \"replay\"",
        slave.login,
        slave.currency,
        slave.currency,
    )
}

/// The master's account: the history's own facts first, then the configuration's, then assumptions that are
/// noted.
pub fn master(
    history: Option<&History>,
    setup: &Setup,
    slaves: &BTreeMap<Login, ReplayTerminal>,
    notes: &mut Vec<String>,
) -> ReplayTerminal {
    let configured = setup.replay.terminals.iter().find(|terminal| terminal.login == setup.master.login);
    let named = history.and_then(|history| history.opening_balance);
    let balance = named.or_else(|| configured.map(|terminal| terminal.balance));
    let nobody = if history.is_some() { "The history names" } else { "The configuration names" };
    if balance.is_none() {
        notes.push(format!("{nobody} no opening balance: the master starts with {OPENING_BALANCE}.00."));
    }
    let named = history.and_then(|history| history.leverage);
    let leverage = named.or_else(|| configured.map(|terminal| terminal.leverage));
    if leverage.is_none() {
        notes.push(format!("{nobody} no leverage: the master's is taken as not higher than any slave's."));
    }
    let configured = setup.master.currency;
    if let Some(currency) =
        history.and_then(|history| history.currency).filter(|currency| *currency != configured)
    {
        notes.push(format!(
            "The history is in {currency}, the configuration's master in {configured}: taken as {configured}."
        ));
    }
    ReplayTerminal {
        login: setup.master.login,
        currency: setup.master.currency,
        balance: balance.unwrap_or(Money::from_units(OPENING_BALANCE * Money::ONE)),
        leverage: leverage
            .unwrap_or_else(|| slaves.values().map(|slave| slave.leverage).min().unwrap_or(LEVERAGE)),
        margin_mode: MarginMode::Hedging,
    }
}

/// The facts of an account that holds nothing yet: equity and free margin are its balance.
pub fn facts(terminal: &ReplayTerminal) -> Account {
    Account {
        login: terminal.login,
        currency: terminal.currency,
        currency_digits: CURRENCY_DIGITS,
        margin_mode: terminal.margin_mode,
        leverage: terminal.leverage,
        connected: true,
        balance: terminal.balance,
        equity: terminal.balance,
        margin: Money::ZERO,
        free_margin: terminal.balance,
        time: ServerTime::default(),
    }
}

/// How an amount of one currency becomes one of another, by the configured rates.
pub fn conversion(setup: &Setup, from: Currency, to: Currency) -> Option<Conversion> {
    if from == to {
        return Some(Conversion::SAME);
    }
    setup.replay.rates.iter().find_map(|r| {
        if (r.from, r.to) == (from, to) {
            Some(Conversion { rate: r.rate, inverse: false })
        } else if (r.from, r.to) == (to, from) {
            Some(Conversion { rate: r.rate, inverse: true })
        } else {
            None
        }
    })
}

/// What one unit of `from` is in `to`, by the configured rates.
pub fn rate(setup: &Setup, from: Currency, to: Currency) -> Option<Decimal> {
    let conversion = conversion(setup, from, to)?;
    let rate = conversion.rate.to_decimal();
    if conversion.inverse { Decimal::ONE.checked_div(rate) } else { Some(rate) }
}

/// A tick value in another currency, rounded half to even to the 8 places that it has.
pub fn converted(value: Ratio, rate: Decimal) -> Result<Ratio> {
    let value = value.to_decimal().checked_mul(rate).context("a tick value out of range")?;
    let places = Ratio::PLACES;
    Ok(Ratio::from_decimal(value.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven))?)
}
