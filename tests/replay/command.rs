//! Running the command and reading its report.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// The program under test.
pub fn lotbridge() -> Command {
    Command::new(env!("CARGO_BIN_EXE_lotbridge"))
}

/// A shared history; `None`, with a word about it, where it is not.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: data not found: {}", path.display());
    None
}

/// A replay's files.
pub struct Job {
    pub folder: tempfile::TempDir,
}

impl Job {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Writes a file of the job.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs a replay to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = lotbridge();
        command.arg("replay").args(arguments).current_dir(self.folder.path());
        command
    }

    /// Starts a replay, to be watched.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs a replay that must succeed; its report.
    pub fn report(&self, history: &Path, config: Option<&Value>, more: &[&str]) -> Value {
        let report = self.folder.path().join("report.json");
        let mut arguments =
            vec!["--history", history.to_str().unwrap(), "--report", report.to_str().unwrap()];
        let config = config.map(|config| self.write("config.json", &config.to_string()));
        if let Some(config) = &config {
            arguments.extend(["--config", config.to_str().unwrap()]);
        }
        arguments.extend(more);
        let output = self.run(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        read(&report)
    }
}

pub fn read(report: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap()
}

/// The report without what differs between two runs of the same history.
pub fn timeless(mut report: Value) -> Value {
    report["latency_us"] = Value::Null;
    report
}

/// Five pools at once, 20 slaves of different size.
pub fn five_pools() -> Value {
    let balances = [
        "500.00",
        "1200.50",
        "3333.33",
        "5000.00",
        "7500.00",
        "10000.00",
        "15000.00",
        "20000.00",
        "24999.99",
        "30000.00",
        "40000.00",
        "50000.00",
        "60000.00",
        "75000.00",
        "99999.99",
        "120000.00",
        "150000.00",
        "180000.00",
        "250000.00",
        "1000.00",
    ];
    let terminals: Vec<Value> = (2001..)
        .zip(balances)
        .map(|(login, balance)| json!({"login": login, "currency": "USD", "balance": balance, "leverage": 500}))
        .collect();
    let members = |logins: std::ops::RangeInclusive<u64>, extra: Value| -> Vec<Value> {
        logins
            .map(|login| {
                let mut member = extra.clone();
                member["login"] = json!(login);
                member
            })
            .collect()
    };
    let mut profiles = members(2005..=2006, json!({"profile": "0.5"}));
    profiles.extend(members(2007..=2008, json!({"profile": "1.5"})));
    json!({
        "master": {"login": 1001, "currency": "USD"},
        "secret": "a secret of this test",
        "pools": [
            {"name": "lamm", "allocation": {"method": "fixed_lots", "per": "trade"},
             "members": members(2001..=2004, json!({"lots": "0.02"}))},
            {"name": "multiplier", "allocation": {"method": "multiplier"}, "members": profiles},
            {"name": "equity", "allocation": {"method": "equity_ratio"}, "members": members(2009..=2012, json!({}))},
            {"name": "block", "allocation":
                {"method": "block", "by": "equity", "block_multiplier": "5", "residual": "largest_remainder"},
             "members": members(2013..=2016, json!({}))},
            {"name": "carry", "allocation":
                {"method": "block", "by": "equity", "block_multiplier": "1", "residual": "carry"},
             "members": members(2017..=2020, json!({}))},
        ],
        "replay": {"terminals": terminals},
    })
}
