//! The master's process: it starts the slaves', trades, and looks at everybody every ten seconds.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lotbridge::domain::{Price, Snapshot};
use lotbridge::ffi::ea::MasterEa;
use serde_json::json;

use super::Outcome;
use super::facts::account;
use super::gauge::{Series, most, taken, verdict};
use super::slave::{CONFIG, LOGIN, deals_of};

const MASTER: u64 = 1_001;
const FIRST: u64 = 2_001;
/// Positions that the master has open at once.
const OPEN: usize = 10;
/// Everybody is looked at so often.
const LOOK: Duration = Duration::from_secs(10);
/// What is in flight at the end has so long to arrive.
const SETTLE_MS: u32 = 20_000;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Slaves, a process each.
    pub slaves: u64,
    /// Openings, changes and closings a second, together.
    pub events: u64,
    /// How long.
    pub seconds: u64,
    /// So many seconds the master stands still after a third of the time.
    pub stall: u64,
}

struct Slaves(Vec<Child>);

impl Drop for Slaves {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs it; did everything stand still?
pub fn run(plan: Plan) -> Outcome<bool> {
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir()?;
    let config = folder.path().join("config.json");
    let members: Vec<_> = (FIRST..FIRST + plan.slaves).map(|login| json!({ "login": login })).collect();
    let setup = json!({
        "master": {"login": MASTER, "currency": "USD", "endpoint_dir": folder.path(), "state_dir": folder.path()},
        "secret": "only for this benchmark",
        "pools": [{"name": "soak", "allocation": {"method": "multiplier"}, "members": members}],
    });
    fs::write(&config, setup.to_string())?;
    let ea = MasterEa::open(&config.to_string_lossy())?;
    let start = |login: u64| {
        let mut command = Command::new(std::env::current_exe()?);
        command.env(LOGIN, login.to_string()).env(CONFIG, &config).stdin(Stdio::null()).spawn()
    };
    let mut slaves = Slaves((FIRST..FIRST + plan.slaves).map(start).collect::<Result<_, _>>()?);
    let until = Instant::now() + Duration::from_secs(30);
    while u64::from(ea.wait(100)?.slaves_connected) < plan.slaves {
        if Instant::now() > until {
            return Err(format!("not all slaves have come: {:?}", ea.wait(0)?).into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let steady = trade(plan, &ea, &mut slaves, folder.path())?;
    let status = ea.wait(SETTLE_MS)?;
    println!("at the end {status:?}");
    for alert in ea.alerts()? {
        println!("alert: {alert}");
    }
    let clean = status.unsettled == 0 && status.impossible == 0 && status.records_lost == 0;
    Ok(steady && clean)
}

fn trade(plan: Plan, ea: &MasterEa, slaves: &mut Slaves, folder: &Path) -> Outcome<bool> {
    println!("{plan:?}; memory in KiB, threads, descriptors; ages of orders in µs");
    println!("seconds | master's | the largest slave's | events, copies | p50, p99 of the slowest slave");
    let (start, mut looked) = (Instant::now(), Instant::now());
    let (end, warm) = (Duration::from_secs(plan.seconds), Duration::from_secs(plan.seconds * 3 / 5));
    let (mut state, mut event) = (account(MASTER, 0), 0);
    let mut series: [[Series; 3]; 2] = Default::default();
    let mut stall = plan.stall;
    while start.elapsed() < end {
        if stall > 0 && start.elapsed() >= end / 3 {
            std::thread::sleep(Duration::from_secs(std::mem::take(&mut stall)));
        }
        // By the clock, so that a slow turn is made good.
        let due = u64::try_from(start.elapsed().as_millis())? * plan.events / 1_000;
        if event >= due {
            std::thread::sleep(Duration::from_micros(500_000 / plan.events));
        } else {
            change(&mut state, event);
            ea.commit(&state)?;
            event += 1;
        }
        if looked.elapsed() < LOOK {
            continue;
        }
        looked = Instant::now();
        let seconds = start.elapsed().as_secs_f64();
        let own = taken(std::process::id())?;
        let theirs = most(slaves.0.iter().map(|slave| taken(slave.id())).collect::<Outcome<Vec<_>>>()?);
        if start.elapsed() >= warm {
            for (all, now) in series.iter_mut().zip([own, theirs]) {
                all.iter_mut().zip(now).for_each(|(one, number)| one.add(seconds, number));
            }
        }
        if let Some(gone) = slaves.0.iter_mut().find_map(|slave| slave.try_wait().transpose()) {
            return Err(format!("a slave's process ended: {}", gone?).into());
        }
        let [copies, half, late] = words(folder, plan.slaves);
        println!("{seconds:>7.0} | {own:?} | {theirs:?} | {event}, {copies} | {half}, {late}");
    }
    let mut steady = true;
    for (who, all) in ["master", "slaves"].into_iter().zip(&series) {
        for (what, one) in all.iter().enumerate() {
            steady &= verdict(who, what, one);
        }
    }
    Ok(steady)
}

/// The next event: an opening, a moved stop, a closing of the oldest.
fn change(state: &mut Snapshot, event: u64) {
    match event % 3 {
        0 => {
            let mut opened = account(MASTER, 1).positions.remove(0);
            (opened.id.0, opened.ticket) = (event + 1, event + 1);
            state.positions.push(opened);
        }
        1 => {
            let stop = 3_900 + i64::try_from(event % 50).unwrap_or(0);
            if let Some(newest) = state.positions.last_mut() {
                newest.stop_loss = Some(Price::from_units(stop * Price::ONE));
            }
        }
        _ if state.positions.len() >= OPEN => {
            let closed = state.positions.remove(0);
            deals_of(&mut state.deals, &closed, event + 1);
        }
        _ => {}
    }
}

/// Copies of all slaves; the largest p50, and p99.
fn words(folder: &Path, slaves: u64) -> [u64; 3] {
    let word = |login: u64| fs::read_to_string(folder.join(format!("word-{login}"))).unwrap_or_default();
    (FIRST..FIRST + slaves).map(word).fold([0; 3], |[copies, half, late], word| {
        let mut numbers = word.split(' ').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0_u64);
        [copies + next(), half.max(next()), late.max(next())]
    })
}
