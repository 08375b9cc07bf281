//! Netting slaves: every copy as on a hedging account, whatever the position as a whole is.

use serde_json::{Value, json};

use super::command::{Job, shared, timeless};

/// Twins: the first of each pair hedges, the second nets. One pool copies, one copies in reverse, and 2006 has both.
fn twins() -> Value {
    let terminal = |login: u64, margin_mode: &str| json!({"login": login, "currency": "USD", "balance": "50000", "leverage": 500, "margin_mode": margin_mode});
    let pool = |name: &str, reverse: bool, logins: &[u64]| {
        let members: Vec<Value> =
            logins.iter().map(|login| json!({"login": login, "profile": "1.5"})).collect();
        json!({"name": name, "reverse": reverse, "allocation": {"method": "multiplier"}, "members": members})
    };
    json!({
        "master": {"login": 1001, "currency": "USD"},
        "secret": "netting",
        "pools": [pool("with", false, &[2001, 2002, 2005, 2006]), pool("against", true, &[2003, 2004, 2005, 2006])],
        "replay": {"terminals": [
            terminal(2001, "hedging"), terminal(2002, "netting"),
            terminal(2003, "hedging"), terminal(2004, "netting"),
            terminal(2005, "hedging"), terminal(2006, "netting"),
        ]}
    })
}

/// What a copy came to, without what a netting account books otherwise.
fn copies(report: &Value, login: u64) -> Vec<Value> {
    let copies = report["copies"].as_array().unwrap().iter().filter(|copy| copy["login"] == login);
    let names = ["pool", "master_position", "opened_lots", "closed_lots", "open_time", "close_time", "skip"];
    copies.map(|copy| names.iter().map(|name| copy[name].clone()).collect()).collect()
}

#[test]
fn netting_slaves_hold_what_their_hedging_twins_hold() {
    for name in ["signal-gold-positions.csv", "signal-gold-orderbook.csv"] {
        let Some(history) = shared(name) else { return };
        let (job, config) = (Job::new(), twins());
        let report = job.report(&history, Some(&config), &[]);
        for (hedging, netting) in [(2001, 2002), (2003, 2004), (2005, 2006)] {
            let (netting, hedging) = (copies(&report, netting), copies(&report, hedging));
            assert_eq!(netting.len(), hedging.len(), "{name}");
            netting
                .iter()
                .zip(&hedging)
                .for_each(|(netting, hedging)| assert_eq!(netting, hedging, "{name}"));
        }
        for slave in report["slaves"].as_array().unwrap() {
            assert_eq!((&slave["open_lots"], &slave["rejected"]), (&json!("0.00"), &json!(0)), "{slave}");
            assert!(slave["copies"].as_u64().unwrap() > 20, "{slave}");
        }
        assert_eq!(timeless(job.report(&history, Some(&config), &[])), timeless(report), "two runs");
    }
}
