//! `lotbridge check`: verdicts, sentences, exit codes.

use serde_json::json;

use super::*;

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
    assert_eq!(row[2..], ["20,000.00", "0.50", "1,500.00", "7.50 %", "1,500.00", "7.50 %", "0.50", "ok", ""]);
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
    let run = Folder::with(&value)
        .check(&GOLD)
        .says(0, &["Adequate: every account bears one master lot of each symbol."]);
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
    let folder = Folder::with(&value);
    let history = folder.config.with_file_name("history.csv");
    std::fs::write(&history, HISTORY).unwrap();
    let run = folder.check(&["--history", history.to_str().unwrap()]).says(
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
        ["2.00", "5,823.40", "11.65 %", "5,823.40", "11.65 %", "0.06", "tracks coarsely", ""]
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
            "each is taken as one of 10,000.00 USD with leverage 1:100",
            "Pool all sizes from the stop loss: a stop 1 % away from the price is assumed",
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
