//! `lotbridge doctor`: of a master that runs, and of all that may be wrong.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lotbridge::config::Setup;
use lotbridge::domain::{Account, Login, MarginMode, Money, ServerTime, Snapshot, text};
use lotbridge::node::{MasterNode, SlaveNode, guard_path, ledger_path};
use serde_json::{Value, json};

use super::Run;

/// How long something may take to come about.
const PATIENCE: Duration = Duration::from_secs(20);

struct Ward {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Ward {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("lotbridge.json");
        let ward = Self { folder, config };
        ward.write("correct horse battery staple");
        ward
    }

    fn write(&self, secret: &str) {
        let text = self.text(secret).to_string();
        fs::write(&self.config, text).unwrap();
        self.mode(0o600);
    }

    fn text(&self, secret: &str) -> Value {
        let path = |name: &str| self.folder.path().join(name).to_str().unwrap().to_owned();
        json!({
            "master": {"login": 1001, "currency": "USD", "endpoint_dir": path("run"), "state_dir": path("state")},
            "secret": secret,
            "pools": [{"name": "all", "allocation": {"method": "multiplier"}, "members": [{"login": 2001}]}]
        })
    }

    fn mode(&self, mode: u32) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&self.config, fs::Permissions::from_mode(mode)).unwrap();
        }
        #[cfg(not(unix))]
        let _ = mode;
    }

    fn setup(&self) -> Arc<Setup> {
        Arc::new(Setup::read_file(&self.config).unwrap())
    }

    /// A data folder with everything in it.
    fn terminal(&self) -> PathBuf {
        let data = self.folder.path().join("terminal");
        if !data.exists() {
            fs::create_dir_all(data.join("MQL5")).unwrap();
            let library = self.folder.path().join("lotbridge.dll");
            fs::write(&library, super::install::library(1)).unwrap();
            let (data, library) = (data.to_str().unwrap(), library.to_str().unwrap());
            Run::of(&["install", "--data-dir", data, "--library", library]).says(1, &["compile these"]);
            for name in ["Experts/LotBridge/LotBridgeMaster", "Experts/LotBridge/LotBridgeSlave"] {
                fs::write(format!("{data}/MQL5/{name}.ex5"), "compiled").unwrap();
            }
            fs::write(format!("{data}/MQL5/Scripts/LotBridge/LotBridgeSelfTest.ex5"), "compiled").unwrap();
        }
        data
    }

    fn doctor(&self) -> Run {
        let terminal = self.terminal();
        Run::of(&[
            "doctor",
            "--config",
            self.config.to_str().unwrap(),
            "--data-dir",
            terminal.to_str().unwrap(),
        ])
    }
}

fn state(login: u64) -> Snapshot {
    let money = Money::from_units(1_000 * Money::ONE);
    let account = Account {
        login: Login(login),
        currency: text("USD").unwrap(),
        currency_digits: 2,
        margin_mode: MarginMode::Hedging,
        leverage: 100,
        connected: true,
        balance: money,
        equity: money,
        margin: Money::ZERO,
        free_margin: money,
        time: ServerTime::default(),
    };
    Snapshot {
        account,
        instruments: Vec::new(),
        rates: Vec::new(),
        positions: Vec::new(),
        deals: Vec::new(),
        orders: Vec::new(),
        past_orders: Vec::new(),
        working: Vec::new(),
    }
}

/// A master and its slave, both heard of.
fn running(setup: &Arc<Setup>) -> (MasterNode, SlaveNode) {
    let master = MasterNode::open(Arc::clone(setup)).unwrap();
    master.commit(state(1001)).unwrap();
    let slave = SlaveNode::open(setup, Login(2001)).unwrap();
    slave.commit(state(2001)).unwrap();
    let until = Instant::now() + PATIENCE;
    while slave.status().state_seen == 0 {
        assert!(Instant::now() < until, "{:?}", slave.status());
        slave.wait(20).unwrap();
    }
    let reader = lotbridge::ledger::Reader::open(&ledger_path(setup)).unwrap();
    while reader.last_heard().unwrap().len() < 2 {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(20));
    }
    (master, slave)
}

#[test]
fn a_system_that_works_has_nothing_to_be_done_and_is_not_disturbed() {
    let ward = Ward::new();
    let (master, slave) = running(&ward.setup());
    for _ in 0..3 {
        ward.doctor().says(
            0,
            &[
                "master 1001 in USD, pools 1, slaves 1",
                "it runs as your user and has proved the secret",
                "master 1001: last heard of",
                "slave 2001: last heard of",
                "3 programs compiled",
                "Nothing is to be done.",
            ],
        );
    }
    slave.wait(50).unwrap();
    assert!(slave.status().connected, "{:?}", slave.status());
    let status = master.wait_settled(0).unwrap();
    assert_eq!((status.summary.slaves_connected, status.refused, status.alerts), (1, 0, Vec::new()));
}

#[test]
fn each_trouble_is_told_with_what_mends_it() {
    let ward = Ward::new();
    ward.doctor().says(
        1,
        &["TO DO  nobody listens at", "-> attach LotBridgeMaster", "no ledger yet", "1 thing is to be done"],
    );
    let nodes = running(&ward.setup());
    drop(nodes.1);
    ward.write("another secret that is long enough");
    ward.doctor().says(1, &["has another secret", "-> restart the terminal of account 1001"]);
    ward.write("short");
    ward.doctor().says(1, &["its secret has 5 characters", "things are to be done"]);
    ward.write("correct horse battery staple");
    fs::write(guard_path(&ward.setup(), Login(2001)), "{").unwrap();
    ward.doctor().says(1, &["guard.json cannot be understood", "re-arm its guards"]);
    fs::remove_file(guard_path(&ward.setup(), Login(2001))).unwrap();
    drop(nodes.0);
    ward.doctor().says(1, &["nobody listens at", "slave 2001: last heard of", "without its master"]);

    let terminal = ward.terminal();
    fs::remove_file(terminal.join("MQL5/Include/LotBridge/Checks.mqh")).unwrap();
    fs::remove_file(terminal.join("MQL5/Experts/LotBridge/LotBridgeSlave.ex5")).unwrap();
    let manifest = terminal.join("MQL5/Libraries/lotbridge.installed.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace(env!("CARGO_PKG_VERSION"), "0.0.9")).unwrap();
    ward.doctor().says(
        1,
        &[
            "has release 0.0.9",
            "lacks MQL5/Include/LotBridge/Checks.mqh",
            "LotBridgeSlave.mq5",
            "-> `lotbridge install",
        ],
    );
    // As MetaTrader writes it: UTF-16.
    let text = "[Common]\r\nLogin=1\r\n[Experts]\r\nAllowDllImport=0\r\nEnabled=1\r\nAccount=0\r\n[Charts]\r\nEnabled=0\r\n";
    let bytes: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::create_dir(terminal.join("config")).unwrap();
    fs::write(terminal.join("config/common.ini"), bytes).unwrap();
    ward.doctor().says(
        1,
        &["\"Allow DLL imports\" (Tools > Options > Expert Advisors) was off when the terminal was"],
    );
    fs::write(terminal.join("config/common.ini"), text.replace("Enabled=1", "Enabled=0")).unwrap();
    ward.doctor().says(1, &["\"Algo Trading\" (in the toolbar) was off when the terminal was closed last"]);
    let state = ward.folder.path().join("state");
    fs::remove_dir_all(&state).unwrap();
    fs::write(&state, "a file").unwrap();
    ward.doctor().says(1, &["is no folder", "set master.state_dir"]);
}

#[test]
fn a_clock_that_was_set_back_and_silent_accounts_are_told() {
    let ward = Ward::new();
    let nodes = running(&ward.setup());
    let shift = |by_ms: i64| {
        let ledger = rusqlite::Connection::open(ledger_path(&ward.setup())).unwrap();
        ledger.busy_timeout(PATIENCE).unwrap();
        ledger.execute("UPDATE records SET wall_ms = wall_ms + ?1", [by_ms]).unwrap();
    };
    shift(600_000);
    ward.doctor().says(1, &["the clock was set back", "let Windows set the clock"]);
    shift(-1_200_000);
    let run =
        ward.doctor().says(1, &["TO DO  slave 2001: last heard of 10 min ago", "-> attach LotBridgeSlave"]);
    assert!(run.out.contains("TO DO  master 1001: last heard of 10 min ago"), "{}", run.out);
    drop(nodes);
}

#[test]
fn a_configuration_that_is_not_there_or_not_valid_is_told() {
    let ward = Ward::new();
    fs::write(&ward.config, "{").unwrap();
    ward.doctor().says(1, &["it is not valid", "lotbridge.json", "mend what it names"]);
    fs::remove_file(&ward.config).unwrap();
    ward.doctor().says(1, &["lotbridge.json is not there", "lotbridge init --output"]);
    #[cfg(unix)]
    {
        ward.write("correct horse battery staple");
        ward.mode(0o644);
        ward.doctor().says(1, &["others may read or change it", "(mode 0644)", "-> chmod 600"]);
    }
}
