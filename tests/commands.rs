//! The command line as a user meets it: what it prints, and with which exit code it ends.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const HISTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin/lotbridge/sample/history.csv");

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
        let rows =
            self.out.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()));
        let mut rows = rows.map(|cells| cells.map(str::to_owned).collect::<Vec<String>>());
        rows.find(|cells| cells.len() > 2 && cells[0] == first && cells[1] == second)
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
fn ruin_is_refused_with_a_sentence_per_account() {
    let run = Folder::with(&lamm()).check(&GOLD).says(
        1,
        &[
            "account 2003 in pool lamm: one master lot of XAUUSD needs margin 4,500.00 of its 1,000.00 equity; lower \
             its lots or run again with --accept 2003",
            "XAUUSD at 3,000.00: what one master lot becomes",
            "error: the configuration is refused",
        ],
    );
    // 3,000 × 100 ounces × 0.50 / 100 = 1,500; one percent of 150,000 is the same.
    let row = run.row("lamm", "2001");
    assert_eq!(row[2..], ["20,000.00", "0.50", "1,500.00", "7.50 %", "1,500.00", "7.50 %", "0.50", "ok"]);
    assert_eq!(run.row("lamm", "2002")[9], "tracks coarsely");
    assert_eq!(
        run.row("lamm", "2003")[4..=9],
        ["4,500.00", "450.00 %", "4,500.00", "450.00 %", "1.50", "ruin"]
    );
    assert_eq!(
        run.last_line(),
        "Refused: one master lot would ruin 1 of 3 accounts. 1 account tracks coarsely."
    );
}

#[test]
fn ruin_is_accepted_by_name_only() {
    let folder = Folder::with(&lamm());
    let run = folder.check(&[&GOLD[..], &["--accept", "2003"]].concat()).says(0, &[]);
    assert_eq!(run.row("lamm", "2003")[9], "accepted");
    assert!(
        run.last_line().starts_with("Accepted: one master lot would ruin 1 of 3 accounts"),
        "{}",
        run.out
    );
    // Another account's name does not help.
    folder
        .check(&[&GOLD[..], &["--accept", "2001"]].concat())
        .says(1, &["--accept 2001 was not needed", "account 2003"]);
    folder.check(&["--accept", "9"]).says(1, &["--accept 9: no pool has that account", "2001, 2002, 2003"]);
}

#[test]
fn a_loss_that_reaches_equity_is_ruin_too() {
    let run =
        Folder::with(&lamm()).check(&[&GOLD[..], &["--move-percent", "20", "--accept", "2003"]].concat());
    // 20 percent of 150,000 is more than 20,000; margin is only 1,500.
    run.says(
        1,
        &["account 2001 in pool lamm: one master lot of XAUUSD loses 30,000.00 of its 20,000.00 equity when the price \
           moves 20 % against it; lower its lots or run again with --accept 2001"],
    );
}

#[test]
fn all_pools_of_an_account_count_together_and_only_those_that_take_the_same_trade() {
    let pool = |name: &str, side: &str| {
        json!({"name": name, "filter": {"symbols": ["XAUUSD"], "side": side},
               "allocation": {"method": "fixed_lots"}, "members": [{"login": 2001, "lots": "0.30"}]})
    };
    let folder = |sides: [&str; 2]| {
        Folder::with(&config(
            &json!([pool("one", sides[0]), pool("two", sides[1])]),
            &json!([terminal(2001, 1_500)]),
        ))
    };
    // 900 of 1,500 for each: a buy goes to one of them, or to both.
    folder(["buy", "sell"]).check(&GOLD).says(0, &["Adequate"]);
    folder(["buy", "both"]).check(&GOLD).says(
        1,
        &["account 2001 in pools one and two", "needs margin 1,800.00 of its 1,500.00", "2 pools together"],
    );
}

#[test]
fn pools_of_different_magic_numbers_never_take_the_same_trade() {
    let pool = |name: &str, magic: Value| {
        json!({"name": name, "filter": {"symbols": ["XAUUSD"], "magic": magic},
               "allocation": {"method": "fixed_lots"}, "members": [{"login": 2001, "lots": "0.30"}]})
    };
    for (first, second, code) in
        [(json!([1, 2]), json!([3]), 0), (json!([1, 2]), json!([2, 3]), 1), (json!([]), json!([0]), 1)]
    {
        let pools = json!([pool("one", first), pool("two", second)]);
        Folder::with(&config(&pools, &json!([terminal(2001, 1_500)]))).check(&GOLD).says(code, &["900.00"]);
    }
}

#[test]
fn a_margin_buffer_and_limits_cap_what_an_account_would_open() {
    let mut value = lamm();
    value["accounts"] = json!({"2003": {"limits": {"margin_buffer_percent": 40}},
                               "2001": {"limits": {"lots_per_trade": "0.2"}}});
    let run = Folder::with(&value).check(&GOLD).says(0, &["Adequate: all 3 accounts bear one master lot"]);
    // 600 of 1,000 may be used, a lot needs 3,000.
    assert_eq!(run.row("lamm", "2003")[3..5], ["0.20", "600.00"]);
    assert_eq!(run.row("lamm", "2001")[10], "at most 0.20 by lots_per_trade");
}

#[test]
fn a_history_gives_prices_and_the_usual_volume() {
    let value = config(
        &json!([{"name": "mam", "allocation": {"method": "multiplier"},
                 "members": [{"login": 2001, "profile": "2"}, {"login": 2002, "profile": "0.1"}]}]),
        &json!([terminal(2001, 50_000), terminal(2002, 10_000)]),
    );
    let run = Folder::with(&value).check(&["--history", HISTORY]).says(
        0,
        &[
            "XAUUSD at 2,911.70 (last close in the history)",
            "EURUSD at 1.08350 (last close in the history)",
            "Usual lots are for a master trade of 0.03 lots, the history's median.",
        ],
    );
    // The first table is gold's: 2 × 0.03 is six steps, 0.1 × 0.03 is below the minimum.
    assert_eq!(
        run.row("mam", "2001")[3..],
        ["2.00", "5,823.40", "11.65 %", "5,823.40", "11.65 %", "0.06", "tracks coarsely"]
    );
    assert_eq!(run.row("mam", "2002")[8..], ["0.00", "tracks coarsely", "the usual trade is skipped"]);
}

#[test]
fn accounts_in_other_currencies_need_a_rate_and_are_judged_in_their_own() {
    let mut value = lamm();
    value["replay"]["terminals"] = json!([terminal(2001, 20_000), terminal(2002, 10_000),
               {"login": 2003, "currency": "EUR", "balance": 10_000, "leverage": 30}]);
    Folder::with(&value)
        .check(&GOLD)
        .says(1, &["replay.terminals[2].currency", "\"from\": \"EUR\", \"to\": \"USD\""]);
    value["replay"]["rates"] = json!([{"from": "EUR", "to": "USD", "rate": "1.25"}]);
    let run = Folder::with(&value).check(&GOLD).says(1, &["needs margin 12,000.00 of its 10,000.00 equity"]);
    assert_eq!(run.row("lamm", "2003")[2], "10,000.00 EUR");
}

#[test]
fn what_is_assumed_is_said() {
    let pools = json!([
        {"name": "all", "allocation": {"method": "risk_percent", "percent": 1}, "members": [{"login": 2001}]},
        {"name": "yen", "filter": {"symbols": ["USDJPY.a"]}, "allocation": {"method": "multiplier"},
         "members": [{"login": 2001, "profile": "0.1"}]}
    ]);
    let mut value = config(&pools, &json!([]));
    value["secret"] = json!("short");
    let folder = Folder::with(&value);
    folder.check(&[]).says(
        0,
        &[
            "each is taken as one of 10000.00 USD with leverage 1:100",
            "Pool all sizes from the stop loss: one 1 % away from the price is assumed",
            "USDJPY.a at 151.515 (reference)",
            "JPY is converted into USD at 0.0066 (reference)",
            "warning: the secret has fewer than 16 characters",
        ],
    );
    // A given price of the pair converts, too: 100,000 × 0.1 dollars at 1:100.
    let run = folder.check(&["--price", "USDJPY.a=150"]).says(0, &["USDJPY.a at 150.000:"]);
    assert!(!run.out.contains("(reference)"), "{}", run.out);
    assert_eq!(run.row("yen", "2001")[4], "100.00");
    let nothing =
        json!([{"name": "all", "allocation": {"method": "multiplier"}, "members": [{"login": 2001}]}]);
    Folder::with(&config(&nothing, &json!([])))
        .check(&[])
        .says(0, &["Pool all takes every symbol, and no symbol is named: EURUSD and XAUUSD stand in"]);
}

#[test]
fn what_cannot_be_judged_is_not_called_adequate() {
    let mut value = lamm();
    value["pools"][0]["filter"]["symbols"] = json!(["ACME"]);
    let folder = Folder::with(&value);
    let run = folder
        .check(&[])
        .says(1, &["unchecked: ACME is not a symbol that LotBridge knows", "replay.instruments"]);
    assert!(run.last_line().starts_with("Not fully checked: 3 of 3 accounts"), "{}", run.out);
    value["replay"]["instruments"] = json!([{
        "symbol": "ACME", "contract_size": 1, "digits": 2, "tick_size": "0.01", "tick_value": "0.01",
        "lots_min": 1, "lots_max": 1000, "lot_step": 1
    }]);
    let folder = Folder::with(&value);
    folder.check(&[]).says(1, &["ACME: no price is known; give one with --price ACME=PRICE", "unchecked"]);
    folder.check(&["--price", "ACME=50"]).says(0, &["Adequate", "skipped: below_minimum"]);
    folder.check(&GOLD).says(1, &["--price XAUUSD: no pool takes that symbol; the pools' filters take ACME"]);
}

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

/// All families of methods on one trade.
fn methods() -> Value {
    let mut value = config(
        &json!([
            {"name": "lamm", "allocation": {"method": "fixed_lots", "per": "master_lot"},
             "members": [{"login": 2001, "lots": "0.10"}]},
            {"name": "mam", "allocation": {"method": "block", "by": "equity", "block_multiplier": 2},
             "members": [{"login": 2001}, {"login": 2002, "profile": "0.5"}]},
            {"name": "ratio", "allocation": {"method": "equity_ratio"}, "members": [{"login": 2002, "profile": "1.5"}]},
            {"name": "risk", "allocation": {"method": "risk_percent", "percent": 1}, "members": [{"login": 2002}]},
            {"name": "short", "filter": {"side": "sell"}, "allocation": {"method": "multiplier"},
             "members": [{"login": 2002}]}
        ]),
        &json!([terminal(1001, 10_000), terminal(2001, 10_000), terminal(2002, 5_000)]),
    );
    value["accounts"] = json!({"2002": {"limits": {"lots_per_symbol": "1.20"}}});
    value
}

#[test]
fn allocate_shows_facts_share_lots_and_reason() {
    let folder = Folder::with(&methods());
    let trade = ["--symbol", "XAUUSD", "--side", "buy", "--lots", "1.00", "--price", "3000"];
    let run = folder.allocate(&trade).says(
        0,
        &[
            "Master 1001: buy 1.00 XAUUSD at 3,000.00, no stop loss",
            "Pool mam: a block of 2.00 lots, 0.00 of them",
        ],
    );
    assert_eq!(
        run.row("lamm", "2001")[2..],
        ["fixed_lots", "0.10 for each of 1.00 master lots", "0.10", "0.10", "down to 0.01"]
    );
    // Weights 10,000 and 2,500.
    assert_eq!(
        run.row("mam", "2002")[2..6],
        ["block", "equity 5,000.00 × 0.5: 20.00 % of 1.00 × 2", "0.40", "0.40"]
    );
    assert_eq!(
        run.row("ratio", "2002")[2..],
        ["equity_ratio", "equity 5,000.00 of 10,000.00 × 1.5", "0.75", "0.75", "down to 0.01"]
    );
    assert_eq!(run.row("risk", "2002")[4..], ["-", "0.00", "skipped: no_stop_loss"]);
    assert!(!run.out.contains("short"), "a pool that takes sells only:\n{}", run.out);
    // With a stop 10.00 away 1 % of 5,000 is 0.05 lots; the symbol's limit has 1.20 - 0.40 - 0.75 left.
    let run = folder.allocate(&[&trade[..], &["--stop-loss", "2990"]].concat()).says(0, &[]);
    assert_eq!(run.row("risk", "2002")[3..6], ["1 % of equity 5,000.00, stop 10 away", "0.05", "0.05"]);
    let run = folder.allocate(&[&trade[..], &["--stop-loss", "2995"]].concat()).says(0, &[]);
    assert_eq!(
        run.row("risk", "2002")[4..],
        ["0.10", "0.05", "at most 0.05 by lots_per_symbol; down to 0.01"]
    );
    // Equities of the command line: 0.5 × 20,000 / 40,000 ...
    let equities = ["--pool", "ratio", "--master-equity", "40000", "--equity", "2002=20000"];
    let run = folder.allocate(&[&trade[..], &equities].concat()).says(0, &[]);
    assert_eq!(run.row("ratio", "2002")[3..6], ["equity 20,000.00 of 40,000.00 × 1.5", "0.75", "0.75"]);
}

#[test]
fn allocate_prints_decisions_as_json() {
    let trade = ["--symbol", "XAUUSD", "--side", "buy", "--lots", "0.33", "--pool", "mam", "--json"];
    let run = Folder::with(&methods()).allocate(&trade).says(0, &[]);
    let output: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(output["price_source"], "reference");
    assert_eq!(output["blocks"], json!([{"pool": "mam", "block": "0.66", "remainder": "0"}]));
    let copies = output["copies"].as_array().unwrap();
    assert_eq!(copies.len(), 2);
    // 0.528 and 0.132: the left-over step goes to the larger fraction.
    for (copy, login, lots) in [(&copies[0], 2001, "0.53"), (&copies[1], 2002, "0.13")] {
        assert_eq!((&copy["login"], &copy["lots"]), (&json!(login), &json!(lots)));
        assert_eq!(
            (&copy["pool"], &copy["side"], &copy["skip"]),
            (&json!("mam"), &json!("buy"), &Value::Null)
        );
        let decision: lotbridge::allocation::Decision =
            serde_json::from_value(copy["decision"].clone()).unwrap();
        assert_eq!(decision.lots().to_string(), lots);
        assert_eq!(decision.facts.total_weight, Some(12_500_000_000));
    }
}

#[test]
fn allocate_says_why_it_cannot_size() {
    let folder = Folder::with(&methods());
    let trade = |symbol: &str, more: &[&str]| {
        folder.allocate(&[&["--symbol", symbol, "--side", "buy", "--lots", "1"][..], more].concat())
    };
    trade("ACME", &[]).says(1, &["ACME is not a symbol that LotBridge knows", "replay.instruments"]);
    trade("XAUUSD", &["--pool", "no"])
        .says(1, &["--pool no: no pool has that name", "lamm, mam, ratio, risk, short"]);
    trade("XAUUSD", &["--pool", "short"])
        .says(1, &["no pool takes a buy of XAUUSD", "short takes every symbol, sell only"]);
    trade("XAUUSD", &["--equity", "9=1"]).says(1, &["--equity 9: no pool has that account", "2001, 2002"]);
    trade("XAUUSD", &["--price", "3000", "--stop-loss", "3010"])
        .says(1, &["--stop-loss 3010: a buy's stop loss is below its price, 3,000.00"]);
    let mut value = methods();
    value["replay"]["instruments"] = json!([{
        "symbol": "ACME", "contract_size": 1, "digits": 2, "tick_size": "0.01", "tick_value": "0.01",
        "lots_min": "0.01", "lots_max": 100, "lot_step": "0.01"
    }]);
    let folder = Folder::with(&value);
    let trade = ["--symbol", "ACME", "--side", "buy", "--lots", "1"];
    folder
        .allocate(&trade)
        .says(1, &["pool risk sizes by the price, and none is known for ACME: give --price"]);
    folder.allocate(&[&trade[..], &["--pool", "mam"]].concat()).says(0, &["at no price"]);
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
        ("/properties/pools/items", "name tag filter allocation late_copies members"),
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
