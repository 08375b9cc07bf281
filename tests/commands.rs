//! The command line as a user meets it: what it prints, and with which exit code it ends.

#[path = "commands/allocate.rs"]
mod allocate;
#[path = "commands/check.rs"]
mod check;
#[path = "commands/doctor.rs"]
mod doctor;
#[path = "commands/init.rs"]
mod init;
#[path = "commands/install.rs"]
mod install;
#[path = "commands/ledger.rs"]
mod ledger;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// A signal's closed positions: gold of 0.03 and 0.05 lots, euro of 0.10 and 0.20.
const HISTORY: &str = "\
Time;Type;Volume;Symbol;Price;Volume;Time;Price;Commission;Swap;Profit
2026.03.06 15:00:00;Sell;0.10;EURUSD;1.08500;0.10;2026.03.06 16:30:00;1.08350;-0.60;;15.00
2026.03.04 10:15:00;Buy;0.05;XAUUSD;2905.20;0.05;2026.03.05 09:00:00;2911.70;-0.35;-1.10;32.50
2026.03.03 09:00:00;Buy;0.20;EURUSD;1.08120;0.20;2026.03.03 14:45:00;1.08020;-1.20;;-20.00
2026.03.02 11:30:00;Sell;0.03;XAUUSD;2899.00;0.03;2026.03.02 12:10:00;2894.40;-0.21;;13.80
";

/// What a run printed and how it ended.
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(arguments: &[&str]) -> Self {
        let Output { status, stdout, stderr } =
            Command::new(env!("CARGO_BIN_EXE_lotbridge")).args(arguments).output().unwrap();
        Self {
            code: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Ended with this code, and printed all of these phrases.
    #[track_caller]
    fn says(self, code: i32, phrases: &[&str]) -> Self {
        let (out, err) = (&self.out, &self.err);
        assert_eq!(self.code, code, "\n{out}\n{err}");
        for phrase in phrases {
            assert!(out.contains(phrase) || err.contains(phrase), "no \"{phrase}\" in\n{out}\n{err}");
        }
        self
    }

    /// The cells of the table's row that begins with these two.
    #[track_caller]
    fn row(&self, first: &str, second: &str) -> Vec<String> {
        let rows = self.out.lines().filter_map(|line| line.trim().strip_prefix('|')?.strip_suffix('|'));
        let mut rows =
            rows.map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<String>>());
        rows.find(|cells| cells[0] == first && cells[1] == second)
            .unwrap_or_else(|| panic!("no row {first} {second} in\n{}", self.out))
    }

    fn last_line(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }
}

/// A folder with a configuration in it.
struct Folder {
    _held: tempfile::TempDir,
    config: PathBuf,
}

impl Folder {
    fn with(config: &Value) -> Self {
        let held = tempfile::tempdir().unwrap();
        let path = held.path().join("pools.json");
        std::fs::write(&path, config.to_string()).unwrap();
        Self { _held: held, config: path }
    }

    fn run(&self, command: &str, arguments: &[&str]) -> Run {
        let mut all = vec![command, "--config", self.config.to_str().unwrap()];
        all.extend(arguments);
        Run::of(&all)
    }

    fn check(&self, arguments: &[&str]) -> Run {
        self.run("check", arguments)
    }

    fn allocate(&self, arguments: &[&str]) -> Run {
        self.run("allocate", arguments)
    }
}

fn config(pools: &Value, terminals: &Value) -> Value {
    json!({
        "master": {"login": 1001, "currency": "USD"}, "secret": "correct horse battery staple",
        "pools": pools, "replay": {"terminals": terminals}
    })
}

fn terminal(login: u64, balance: u64) -> Value {
    json!({"login": login, "currency": "USD", "balance": balance, "leverage": 100})
}

/// LAMM on gold: 2001 bears it, 2002 tracks coarsely, 2003 would be ruined.
fn lamm() -> Value {
    config(
        &json!([{
            "name": "lamm", "filter": {"symbols": ["XAUUSD"]}, "allocation": {"method": "fixed_lots"},
            "members": [
                {"login": 2001, "lots": "0.50"}, {"login": 2002, "lots": "0.05"}, {"login": 2003, "lots": "1.50"}
            ]
        }]),
        &json!([terminal(2001, 20_000), terminal(2002, 10_000), terminal(2003, 1_000)]),
    )
}

const GOLD: [&str; 2] = ["--price", "XAUUSD=3000"];

#[test]
fn a_bad_configuration_is_named_by_its_places() {
    let mut value = lamm();
    value["pools"][0]["members"][1]["lots"] = json!("-0.05");
    value["pools"][0]["members"][2]["login"] = json!(0);
    let folder = Folder::with(&value);
    for run in [folder.check(&[]), folder.allocate(&["--symbol", "XAUUSD", "--side", "buy", "--lots", "1"])] {
        let run =
            run.says(1, &["pools.json: pools[0].members[1].lots: found -0.05", "pools[0].members[2].login"]);
        assert!(run.out.is_empty());
    }
    let missing = Path::new(env!("CARGO_MANIFEST_DIR")).join("no-such.json");
    Run::of(&["check", "--config", missing.to_str().unwrap()])
        .says(1, &["no-such.json", "a file that can be read"]);
}

#[test]
fn wrong_arguments_end_with_2_and_say_what_is_right() {
    let folder = Folder::with(&lamm());
    folder.check(&["--lots", "-1"]).says(2, &["lots are above 0, such as 1.00"]);
    folder.check(&["--move-percent", "101"]).says(2, &["a move is above 0 and at most 100 percent"]);
    folder.check(&["--price", "XAUUSD"]).says(2, &["SYMBOL=PRICE, such as XAUUSD=2900.50"]);
    let trade =
        |more: &[&str]| folder.allocate(&[&["--symbol", "XAUUSD", "--side", "buy"][..], more].concat());
    trade(&["--lots", "-1"]).says(2, &["lots are above 0, such as 1.00"]);
    trade(&["--lots", "1e2"]).says(2, &["\"1e2\" is not a decimal number"]);
    trade(&["--lots", "1", "--equity", "2001"]).says(2, &["LOGIN=AMOUNT, such as 2001=7500"]);
    trade(&["--lots", "1", "--equity", "2001=-5"]).says(2, &["an equity is not below 0"]);
    trade(&[]).says(2, &["--lots"]);
    for command in ["check", "allocate"] {
        Run::of(&[command, "--help"]).says(0, &["Examples:", "Exit code:", "--config pools.json"]);
    }
}

#[test]
fn the_schema_is_json_with_the_layouts_keys() {
    let run = Run::of(&["schema"]).says(0, &[]);
    let schema: Value = serde_json::from_str(&run.out).unwrap();
    let layout = ["master", "secret", "pools", "accounts", "replay"];
    assert_eq!(keys(&schema, &schema), layout.map(str::to_owned).into());
    for (place, wanted) in [
        (
            "/properties/master",
            "login currency endpoint_dir state_dir valid_for_ms max_snapshot_age_ms doubt_ms deviation_points",
        ),
        (
            "/properties/pools/items",
            "name tag filter allocation late_copies pending_orders reverse stops members",
        ),
    ] {
        let wanted = wanted.split(' ').map(str::to_owned).collect();
        assert_eq!(keys(&schema, schema.pointer(place).unwrap()), wanted, "{place}");
    }
}

/// The keys that an object of the schema may have.
fn keys(schema: &Value, node: &Value) -> BTreeSet<String> {
    let node = match node["$ref"].as_str() {
        Some(target) => {
            schema.pointer(target.trim_start_matches('#')).unwrap_or_else(|| panic!("no {target}"))
        }
        None => node,
    };
    node["properties"].as_object().unwrap_or_else(|| panic!("{node}")).keys().cloned().collect()
}

/// `lotbridge check … | head`
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::with(&lamm());
    let config = folder.config.to_str().unwrap();
    let trade = ["--symbol", "XAUUSD", "--side", "buy", "--lots", "1"];
    for (arguments, code) in [
        (["check", "--config", config].to_vec(), 1),
        ([&["allocate", "--config", config][..], &trade].concat(), 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_lotbridge"));
        let run = command.args(&arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let Output { status, stderr, .. } = run.wait_with_output().unwrap();
        let said = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}
