//! A whole history through the programs: `lotbridge replay` with their host in each terminal's place ends as it ends without.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::compile::{self, programs};
use crate::host::{Particular, Setting, VARIABLE};

/// One master and five slaves: a netting one, one with other names and more digits, one in euros, one that is filled whole or
/// not at all, one that takes what it gets at once.
fn config() -> Value {
    let terminal = |login: u64, currency: &str, balance: &str, mode: &str| json!({"login": login, "currency": currency, "balance": balance, "leverage": 500, "margin_mode": mode});
    let terminals = [
        terminal(2001, "USD", "5000", "netting"),
        terminal(2002, "USD", "20000", "hedging"),
        terminal(2003, "EUR", "15000", "hedging"),
        terminal(2004, "USD", "8000", "hedging"),
        terminal(2005, "USD", "60000", "hedging"),
    ];
    json!({
        "master": {"login": 1001, "currency": "USD"},
        "secret": "a secret of this test",
        "pools": [
            {"name": "lamm", "allocation": {"method": "fixed_lots"}, "members": [{"login": 2004, "lots": "0.03"}]},
            {"name": "multiplier", "allocation": {"method": "multiplier"},
             "members": [{"login": 2001, "profile": "2"}, {"login": 2002, "profile": "1.5"}]},
            {"name": "equity", "allocation": {"method": "equity_ratio"},
             "members": [{"login": 2003}, {"login": 2005}]},
        ],
        "accounts": {"2002": {"symbols": {"suffix": ".r"}}},
        "replay": {
            "terminals": terminals,
            "rates": [{"from": "EUR", "to": "USD", "rate": "1.08512"}],
        },
    })
}

struct Job {
    folder: tempfile::TempDir,
    history: PathBuf,
}

impl Job {
    fn new(history: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), config().to_string()).unwrap();
        let (master, slave) = programs().clone();
        let setting = Setting {
            library: compile::library(),
            master,
            slave,
            folder: folder.path().to_owned(),
            terminals: [
                (2002, Particular { more_digits: 1, ..Particular::default() }),
                (2004, Particular { filling_modes: Some(1), ..Particular::default() }),
                (2005, Particular { filling_modes: Some(2), ..Particular::default() }),
            ]
            .into(),
        };
        std::fs::write(folder.path().join("host.json"), serde_json::to_vec(&setting).unwrap()).unwrap();
        Self { folder, history: history.to_owned() }
    }

    fn start(&self, programs: bool) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lotbridge"));
        command.arg("replay").arg("--history").arg(&self.history).arg("--config").arg("config.json");
        command.args(["--report", "report.json"]).current_dir(self.folder.path());
        if programs {
            command.arg("--terminal").arg(std::env::current_exe().unwrap());
            command.env(VARIABLE, self.folder.path().join("host.json"));
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Its report, without what differs between two runs, and what was printed.
    fn end(&self, replay: Child) -> (Value, String) {
        let output = replay.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}\n{said}", String::from_utf8_lossy(&output.stderr));
        let report = std::fs::read(self.folder.path().join("report.json")).unwrap();
        let mut report: Value = serde_json::from_slice(&report).unwrap();
        report["latency_us"] = Value::Null;
        (report, said)
    }
}

/// The gold history where it is present, else the sample that the command brings along.
fn history() -> PathBuf {
    let gold = compile::root().join("../shared/data/signal-gold-positions.csv");
    if gold.exists() { gold } else { compile::root().join("src/bin/lotbridge/sample/history.csv") }
}

fn assert_same(expected: &Value, found: &Value) {
    let (left, right) = (expected["copies"].as_array().unwrap(), found["copies"].as_array().unwrap());
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right);
    }
    assert_eq!(expected, found);
}

/// A master that dies before its record is on the disk reads its copies back from the accounts, without how they were worked
/// out. Takes such decisions out of both; lots, skips and money stay.
fn forget_lost_decisions(expected: &mut Value, found: &mut Value) {
    let (expected, found) =
        (expected["copies"].as_array_mut().unwrap(), found["copies"].as_array_mut().unwrap());
    for (left, right) in expected.iter_mut().zip(found) {
        if left["decision"] != right["decision"] {
            assert_eq!(
                left["decision"]["rounding"]["lots"], right["decision"]["rounding"]["lots"],
                "{right}"
            );
            (left["decision"], right["decision"]) = (Value::Null, Value::Null);
        }
    }
}

/// The process of a replay's terminal.
fn terminal_of(replay: u32, login: u64) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{replay}/task/{replay}/children")).ok()?;
    let of_login = format!("--login\0{login}\0");
    children.split_whitespace().filter_map(|pid| pid.parse().ok()).find(|pid: &u32| {
        std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|c| c.ends_with(&of_login))
    })
}

pub fn a_history_ends_as_in_the_replay() {
    let job = Job::new(&history());
    let (expected, _) = job.end(job.start(false));
    let began = Instant::now();
    let (report, said) = job.end(job.start(true));
    println!("{:?}\n{said}", began.elapsed());
    assert_same(&expected, &report);
}

pub fn killed_terminals_end_the_same() {
    let job = Job::new(&history());
    let (mut expected, _) = job.end(job.start(false));
    let mut replay = job.start(true);
    let mut killed = 0;
    for login in [2003, 1001, 2002, 2004, 1001, 2005, 2001] {
        std::thread::sleep(Duration::from_millis(1500));
        if replay.try_wait().unwrap().is_some() {
            break;
        }
        if let Some(pid) = terminal_of(replay.id(), login) {
            let kill = Command::new("kill").args(["-9", &pid.to_string()]).output().unwrap();
            killed += u32::from(kill.status.success());
        }
    }
    let (mut report, said) = job.end(replay);
    println!("{said}");
    assert!(killed >= 3, "only {killed} were killed: the history is too short for this test");
    assert!(said.contains(&format!("started again: {killed}")), "{said}");
    forget_lost_decisions(&mut expected, &mut report);
    assert_same(&expected, &report);
}
