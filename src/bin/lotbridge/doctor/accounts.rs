//! Every account's last sign of life, and the clock that it is measured by.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use lotbridge::config::Setup;
use lotbridge::domain::Login;
use lotbridge::ledger::{Reader, utc};
use lotbridge::node;

use super::page::Page;

/// The ledger has every account once a minute.
const SILENT_AFTER_MS: u64 = 150_000;
/// Clocks are set by so much without anybody minding.
const AHEAD_MOST_MS: u64 = 5_000;

/// Looks at the ledger and at the slaves' guards. `alive`: the master answers.
pub fn look(page: &mut Page, setup: &Setup, alive: bool, now_ms: u64) {
    let ledger = node::ledger_path(setup);
    page.part("Clock and accounts");
    let heard = if ledger.exists() {
        match heard(&ledger) {
            Ok((last_ms, heard)) => {
                clock(page, last_ms, now_ms);
                heard
            }
            Err(error) => {
                page.todo(format!("{error:#}"), "`lotbridge ledger verify --config FILE` says more");
                BTreeMap::new()
            }
        }
    } else {
        page.note(format!(
            "no ledger yet: master {} has not run with this configuration",
            setup.master.login
        ));
        BTreeMap::new()
    };
    let master = setup.master.login;
    tell(page, &format!("master {master}"), heard.get(&master).copied(), alive, now_ms, || {
        format!(
            "its terminal hands over no state: is account {master} logged in and connected? See its chart"
        )
    });
    let mut members: Vec<Login> =
        setup.pools.iter().flat_map(|pool| &pool.members).map(|member| member.login).collect();
    members.sort_unstable();
    members.dedup();
    for login in members {
        tell(page, &format!("slave {login}"), heard.get(&login).copied(), alive, now_ms, || {
            format!(
                "attach LotBridgeSlave to a chart of account {login}, on this machine, as this user, with the same \
                 configuration; if it is attached, its chart says what it waits for"
            )
        });
        guards(page, setup, login);
    }
}

/// When the last record was written, and when each account was last heard of.
fn heard(ledger: &Path) -> Result<(Option<u64>, BTreeMap<Login, u64>)> {
    let reader = Reader::open(ledger)?;
    let last = reader.last()?;
    let mut last_ms = None;
    reader.each(last.saturating_sub(1), |row| {
        last_ms = Some(row.wall_ms);
        Ok::<(), anyhow::Error>(())
    })?;
    Ok((last_ms, reader.last_heard().context("accounts")?))
}

fn clock(page: &mut Page, last_ms: Option<u64>, now_ms: u64) {
    match last_ms {
        Some(last_ms) if last_ms > now_ms.saturating_add(AHEAD_MOST_MS) => page.todo(
            format!("the ledger's last record is of {}, after now: the clock was set back", utc(last_ms)),
            "let Windows set the clock from the internet; orders' deadlines go by it",
        ),
        _ => page.ok("the clock is not behind the ledger's last record"),
    }
}

fn tell(
    page: &mut Page,
    who: &str,
    heard_ms: Option<u64>,
    alive: bool,
    now_ms: u64,
    next: impl Fn() -> String,
) {
    let age_ms = heard_ms.map(|heard_ms| now_ms.saturating_sub(heard_ms));
    match age_ms {
        Some(age_ms) if alive && age_ms <= SILENT_AFTER_MS => {
            page.ok(format!("{who}: last heard of {} ago", ago(age_ms)));
        }
        Some(age_ms) if !alive => {
            page.note(format!(
                "{who}: last heard of {} ago; without its master there is no later word",
                ago(age_ms)
            ));
        }
        Some(age_ms) => page.todo(format!("{who}: last heard of {} ago", ago(age_ms)), next()),
        None if !alive => page.note(format!("{who}: not heard of yet")),
        None => page.todo(format!("{who}: not heard of, as far as the ledger's last records go"), next()),
    }
}

/// What a slave's guards put down: a file that cannot be read opens nothing.
fn guards(page: &mut Page, setup: &Setup, login: Login) {
    let path = node::guard_path(setup, login);
    match fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => page.todo(
            format!("{}: {error}", path.display()),
            "let this user read it: without it, where guards are set, nothing is opened",
        ),
        Ok(bytes) if serde_json::from_slice::<serde_json::Value>(&bytes).is_err() => page.todo(
            format!("{} cannot be understood: where guards are set, nothing is opened", path.display()),
            format!("look at account {login}, then re-arm its guards on its chart"),
        ),
        Ok(_) => {}
    }
}

/// How long: `12 s`, `3 min`, `5 h`, `2 days`.
fn ago(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
