//! `lotbridge allocate`: one trade, a table, and the same as JSON.

use serde_json::json;

use super::*;

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
