//! `lotbridge doctor`: one page that says what works, what does not, and what to do about it.

mod accounts;
mod page;
mod terminals;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Result, anyhow, bail};
use lotbridge::config::Setup;
use lotbridge::ffi::LB_ABI_VERSION;
use lotbridge::ledger::utc;
use lotbridge::node::{self, Probe};
use lotbridge::protocol;

use crate::install::find::{self, Found, Terminal};
use crate::{check, table};
use page::Page;

/// Says on one page what works, what does not, and what to do next.
///
/// Looks at the configuration, its secret and folders, the master's endpoint, the clock, every account's last sign of
/// life, and what is installed in MetaTrader and was switched off there. It changes
/// nothing and disturbs nobody: it may run while all trade.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lotbridge doctor                                   the configuration where the MQL5 programs look for it
  lotbridge doctor --config lotbridge.json           another one
  lotbridge doctor --data-dir ~/.mt5                 with the terminals of a Wine prefix

Run it as the user who runs the terminals, on the same machine. An account's last sign of life is from the master's ledger,
which has one a minute. Exit code: 0 when nothing is to be done, 1 when something is, 2 for a wrong command line.")]
pub struct Args {
    /// The configuration; without it, the one that the MQL5 programs find by themselves.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A data folder, a folder of several, a portable installation or a Wine prefix; may be given several times.
    #[arg(long, value_name = "FOLDER")]
    data_dir: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let found = find::terminals(&args.data_dir)?;
    let now_ms = now_ms()?;
    let mut page = Page::default();
    let setup = configuration(&mut page, args.config.as_deref(), &found);
    terminals::look(&mut page, &found);
    if let Some(setup) = &setup {
        folders(&mut page, setup);
        let alive = master(&mut page, setup);
        accounts::look(&mut page, setup, alive, now_ms);
    }
    let first = format!(
        "LotBridge {}: C ABI {LB_ABI_VERSION}, protocol {}; {}",
        env!("CARGO_PKG_VERSION"),
        protocol::VERSION,
        utc(now_ms)
    );
    let todos = page.todos();
    table::print(&page.finish(&first))?;
    match todos {
        0 => Ok(()),
        1 => bail!("1 thing is to be done, see TO DO above"),
        n => bail!("{n} things are to be done, the first one first, see TO DO above"),
    }
}

/// Milliseconds since 1970 by the system's clock.
fn now_ms() -> Result<u64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let since = since.map_err(|_| anyhow!("the system's clock is before 1970: set it"))?;
    Ok(u64::try_from(since.as_millis())?)
}

/// The configuration, when it is valid.
fn configuration(page: &mut Page, named: Option<&Path>, found: &Found) -> Option<Setup> {
    page.part("Configuration");
    let mut places: Vec<PathBuf> = match named {
        Some(named) => vec![named.to_owned()],
        None => found.terminals.iter().filter_map(Terminal::configuration).collect(),
    };
    if places.is_empty() {
        places.extend(find::shared_configuration());
    }
    places.sort();
    places.dedup();
    let [place] = places.as_slice() else {
        let (what, next) = if places.is_empty() {
            ("no configuration is known", "`lotbridge init` writes a first one; --config FILE names it here")
        } else {
            ("there are several places for one", "name one of them with --config FILE")
        };
        page.todo(what, next);
        for place in &places {
            page.note(place.display());
        }
        return None;
    };
    let shown = place.display();
    if !place.exists() {
        page.todo(
            format!("{shown} is not there"),
            format!("`lotbridge init --output \"{shown}\"` asks and writes a first one"),
        );
        return None;
    }
    let setup = match Setup::read_file(place) {
        Ok(setup) => setup,
        Err(errors) => {
            page.todo(format!("it is not valid: {errors}"), "mend what it names, then run this again");
            return None;
        }
    };
    let mut members: Vec<_> =
        setup.pools.iter().flat_map(|pool| &pool.members).map(|member| member.login).collect();
    members.sort_unstable();
    members.dedup();
    page.ok(format!(
        "{shown}: master {} in {}, pools {}, slaves {}",
        setup.master.login,
        setup.master.currency,
        setup.pools.len(),
        members.len()
    ));
    secret(page, place, &setup);
    Some(setup)
}

/// Can the secret be guessed, or read by somebody else?
fn secret(page: &mut Page, place: &Path, setup: &Setup) {
    let count = setup.secret.expose().chars().count();
    if count < check::SECRET_LEAST {
        page.todo(
            format!("its secret has {count} characters and can be guessed"),
            format!(
                "take {} or more, random ones, the same for all terminals; then restart them",
                check::SECRET_LEAST
            ),
        );
    }
    match readable_by_others(place) {
        Ok(None) => page.ok("only you may read the secret in it"),
        Ok(Some((what, next))) => page.todo(what, next),
        Err(error) => page.todo(format!("its permissions cannot be read: {error}"), "look at them by hand"),
    }
}

#[cfg(unix)]
fn readable_by_others(place: &Path) -> std::io::Result<Option<(String, String)>> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(place)?.permissions().mode();
    Ok((mode & 0o077 != 0).then(|| {
        let what = format!("others may read or change it, and the secret in it (mode {:04o})", mode & 0o7777);
        (what, format!("chmod 600 \"{}\"", place.display()))
    }))
}

/// A user's own profile is closed to other users by Windows itself.
#[cfg(windows)]
fn readable_by_others(place: &Path) -> std::io::Result<Option<(String, String)>> {
    let place = std::path::absolute(place)?.to_string_lossy().to_lowercase();
    let profile = std::env::var_os("USERPROFILE").map(|own| own.to_string_lossy().to_lowercase());
    let private = profile.is_some_and(|profile| place.starts_with(&format!("{profile}\\")));
    Ok((!private).then(|| {
        (
            "it lies outside your own profile: other users of this machine may be able to read the secret"
                .into(),
            "move it to LotBridge\\lotbridge.json in the folder Files that all terminals share".into(),
        )
    }))
}

fn folders(page: &mut Page, setup: &Setup) {
    page.part("Folders");
    let state = node::state_dir(setup.master.state_dir.as_deref());
    let shown = state.display();
    match fs::metadata(&state) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            page.note(format!("{shown}, for ledger and guards, comes with the first start of a terminal"));
        }
        Err(error) => page.todo(format!("{shown}: {error}"), "let this user in, or set master.state_dir"),
        Ok(found) if !found.is_dir() => {
            page.todo(format!("{shown} is no folder"), "remove it, or set master.state_dir");
        }
        Ok(found) => match (tempfile::tempfile_in(&state), others_write(&found)) {
            (Err(error), _) => page.todo(
                format!("{shown}, for ledger and guards, cannot be written to: {error}"),
                "free disk space, or let this user write there, or set master.state_dir",
            ),
            (Ok(_), true) => page.todo(
                format!("others may change what is in {shown}, ledger and guards"),
                format!("chmod go-w \"{shown}\""),
            ),
            (Ok(_), false) => page.ok(format!("{shown}, for ledger and guards")),
        },
    }
}

#[cfg(unix)]
fn others_write(found: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o022 != 0
}

/// By the folder's access list, which its place decides: see the configuration's.
#[cfg(windows)]
fn others_write(_: &fs::Metadata) -> bool {
    false
}

/// Is a master there, and does it know the secret?
fn master(page: &mut Page, setup: &Setup) -> bool {
    page.part("Master");
    let login = setup.master.login;
    let place = match node::endpoint(setup) {
        Ok(place) => place,
        Err(error) => {
            page.todo(error, "mend the folder that it names, or set master.endpoint_dir");
            return false;
        }
    };
    let restart =
        format!("restart the terminal of account {login}, so that it reads the present configuration");
    match node::probe(setup) {
        Ok(Probe::Proved) => {
            page.ok(format!("it runs as your user and has proved the secret, at {place}"));
            return true;
        }
        Ok(Probe::Nobody) => page.todo(
            format!("nobody listens at {place}"),
            format!(
                "attach LotBridgeMaster to a chart of account {login}, on this machine, as this user; if it is attached, \
                 the Experts tab of that terminal says why it does not run"
            ),
        ),
        Ok(Probe::OtherSecret) => {
            page.todo(format!("the master at {place} has another secret"), restart);
        }
        Ok(Probe::OtherVersion(version)) => page.todo(
            format!("the master at {place} speaks protocol {version}, this program {}", protocol::VERSION),
            "install the same release in every terminal (`lotbridge install --all`), and restart them",
        ),
        Ok(Probe::Silent) => page.todo(
            format!("somebody listens at {place} and does not answer as a master does"),
            format!("is the terminal of account {login} hung? {restart}"),
        ),
        Err(error) => page.todo(error, "run this as the user who runs the terminals"),
    }
    false
}
