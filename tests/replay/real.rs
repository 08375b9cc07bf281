//! Real histories, where they are present.

use std::collections::BTreeMap;

use serde_json::Value;

use super::command::{Job, five_pools, shared, timeless};

#[test]
fn gold_positions_to_five_pools_of_twenty_slaves() {
    let Some(history) = shared("signal-gold-positions.csv") else { return };
    let (job, config) = (Job::new(), five_pools());
    let report = job.report(&history, Some(&config), &[]);
    assert_eq!(report["history"]["format"], "signal_positions_csv");
    assert_eq!(report["history"]["positions"], 175);

    // Every master position has for every member a copy or a skip with a reason, and no more than one.
    let mut seen: BTreeMap<(u64, String, u64), &Value> = BTreeMap::new();
    for copy in report["copies"].as_array().unwrap() {
        let key = (
            copy["master_position"].as_u64().unwrap(),
            copy["pool"].as_str().unwrap().to_owned(),
            copy["login"].as_u64().unwrap(),
        );
        assert!(seen.insert(key.clone(), copy).is_none(), "twice: {key:?}");
        let opened = copy["opened_lots"].as_str().unwrap();
        assert_eq!(opened == "0.00", copy["skip"].is_string(), "{copy}");
        assert_eq!(opened, copy["closed_lots"].as_str().unwrap(), "{copy}");
        assert_eq!(opened, copy["decision"]["rounding"]["lots"].as_str().unwrap(), "{copy}");
    }
    for position in 1..=175 {
        for pool in config["pools"].as_array().unwrap() {
            for member in pool["members"].as_array().unwrap() {
                let name = pool["name"].as_str().unwrap().to_owned();
                let key = (position, name, member["login"].as_u64().unwrap());
                assert!(seen.contains_key(&key), "missing: {key:?}");
            }
        }
    }
    for slave in report["slaves"].as_array().unwrap() {
        assert_eq!(slave["open_lots"], "0.00", "{slave}");
        assert_eq!(slave["rejected"], 0, "{slave}");
    }
    let members = crate::auditor::members_of(&config);
    let summary = crate::auditor::audit_value(&report, Some(&members)).unwrap();
    assert_eq!(summary.copies, 175 * 20);
    assert_eq!(timeless(job.report(&history, Some(&config), &[])), timeless(report), "two runs");
}

#[test]
fn the_tester_reports_master_balance_to_the_cent_after_every_deal() {
    let Some(history) = shared("tester-report.html") else { return };
    let report = Job::new().report(&history, None, &[]);
    let read = lotbridge::history::read_file(&history).unwrap();
    // The first running balance is the opening balance itself.
    let expected: Vec<String> = read.running_balances.iter().skip(1).map(|b| b.balance.to_string()).collect();
    let found: Vec<&str> =
        report["master"]["running_balance"].as_array().unwrap().iter().map(|b| b.as_str().unwrap()).collect();
    assert_eq!(found, expected);
    assert_eq!(expected.len(), 60);
    assert_eq!(report["master"]["final_balance"], "1023.06");
}

#[test]
fn in_process_and_in_processes_are_the_same() {
    let job = Job::new();
    let history = job.write("history.csv", include_str!("../../src/bin/lotbridge/sample/history.csv"));
    let threads = timeless(job.report(&history, None, &["--in-process"]));
    assert_eq!(timeless(job.report(&history, None, &[])), threads);
    let fast = job.report(&history, None, &["--pace", "fast"]);
    for slave in fast["slaves"].as_array().unwrap() {
        assert_eq!(slave["open_lots"], "0.00", "{slave}");
    }
}
