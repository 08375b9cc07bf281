//! Bad histories and configurations: one clear error that names file, line or path; nothing panics.

use std::io::Write;

use serde_json::{Value, json};

use super::command::{Job, five_pools};

const HEADER: &str = "Time;Type;Volume;Symbol;Price;Volume;Time;Price;Commission;Swap;Profit\n";
const ROW: &str =
    "2026.08.28 17:05:16;Sell;0.02;XAUUSD;4562.44;0.02;2026.08.28 17:15:58;4554.55;-0.14;;15.78\n";

/// Runs a replay that must fail; what it says.
fn refused(job: &Job, arguments: &[&str]) -> String {
    let output = job.run(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(said.matches("error:").count(), 1, "one error: {said}");
    said
}

#[test]
fn histories() {
    let table: [(&str, String, &[&str]); 12] = [
        ("empty", String::new(), &["empty"]),
        ("no-form", "hello\nworld\n".into(), &["hello"]),
        ("header-only", HEADER.into(), &["no closed positions"]),
        ("columns", format!("{HEADER}{ROW}1;2;3\n"), &["line 3", "11", "3"]),
        ("number", format!("{HEADER}{}", ROW.replace("4562.44", "45x2.44")), &["line 2", "45x2.44", "Price"]),
        (
            "date",
            format!("{HEADER}{}", ROW.replace("2026.08.28 17:05:16", "2026.13.28 17:05:16")),
            &["line 2", "2026.13.28"],
        ),
        ("type", format!("{HEADER}{}", ROW.replace("Sell", "Hold")), &["line 2", "Hold"]),
        ("order", format!("{HEADER}{}", ROW.replace("17:15:58", "17:04:00")), &["line 2"]),
        ("volume", format!("{HEADER}{}", ROW.replace(";0.02;XAU", ";-0.02;XAU")), &["line 2", "-0.02"]),
        ("mixed", format!("{HEADER}{ROW}{HEADER}{ROW}"), &["line 3"]),
        (
            "unknown-symbol",
            format!("{HEADER}{}", ROW.replace("XAUUSD", "ZZZQQQ1").replace("15.78", "0.00")),
            &["ZZZQQQ1"],
        ),
        ("truncated", "<html><body><table><tr><td>Strategy Tester Report</td></tr><tr><td>Dea".into(), &[]),
    ];
    let job = Job::new();
    for (name, text, phrases) in &table {
        let path = job.write(&format!("{name}.csv"), text);
        let said = refused(&job, &["--history", path.to_str().unwrap()]);
        assert!(said.contains(&format!("{name}.csv")), "{name}: names the file: {said}");
        for phrase in *phrases {
            assert!(said.contains(phrase), "{name}: {phrase}: {said}");
        }
    }
    let said = refused(&job, &["--history", "nowhere.csv"]);
    assert!(said.contains("nowhere.csv"), "{said}");
}

#[test]
fn a_history_of_4_gb_in_one_line_is_refused_without_being_read() {
    let job = Job::new();
    let path = job.folder.path().join("huge.csv");
    // Sparse: the file system holds no 4 GB for it.
    std::fs::File::create(&path).unwrap().set_len(4 << 30).unwrap();
    let said = refused(&job, &["--history", path.to_str().unwrap()]);
    assert!(said.contains("huge.csv") && said.contains("larger than"), "{said}");
    let mut line = std::fs::File::create(&path).unwrap();
    line.write_all(HEADER.as_bytes()).unwrap();
    line.write_all(&vec![b'1'; 1 << 20]).unwrap();
    let said = refused(&job, &["--history", path.to_str().unwrap()]);
    assert!(said.contains("line 2"), "{said}");
}

#[test]
fn configurations() {
    type Change = fn(&mut Value);
    let table: [(&str, Change, &[&str]); 9] = [
        ("unknown key", |c| c["pools"][1]["membrs"] = json!([]), &["pools[1]", "membrs", "members"]),
        ("missing member", |c| c["pools"][2]["members"] = json!([]), &["pools[2].members"]),
        (
            "duplicated login",
            |c| c["pools"][0]["members"][1]["login"] = json!(2001),
            &["pools[0].members[1].login", "2001"],
        ),
        (
            "percent that does not sum",
            |c| {
                c["pools"][3]["allocation"]["by"] = json!("percent");
                for member in c["pools"][3]["members"].as_array_mut().unwrap() {
                    member["percent"] = json!("20");
                }
            },
            &["pools[3]", "100"],
        ),
        (
            "negative lots",
            |c| c["pools"][0]["members"][0]["lots"] = json!("-0.02"),
            &["pools[0].members[0].lots", "-0.02"],
        ),
        (
            "a fraction",
            |c| c["pools"][1]["members"][0]["profile"] = json!(0.5),
            &["pools[1].members[0].profile"],
        ),
        (
            "no terminal",
            |c| c["pools"][4]["members"][0]["login"] = json!(2999),
            &["pools[4].members[0].login", "2999"],
        ),
        (
            "no such method",
            |c| c["pools"][0]["allocation"]["method"] = json!("lucky"),
            &["pools[0].allocation", "lucky"],
        ),
        ("no rate", |c| c["replay"]["terminals"][3]["currency"] = json!("EUR"), &["currency", "EUR"]),
    ];
    let job = Job::new();
    let history = job.write("history.csv", &format!("{HEADER}{ROW}"));
    for (name, change, phrases) in table {
        let mut config = five_pools();
        change(&mut config);
        let path = job.write("config.json", &config.to_string());
        let arguments = ["--history", history.to_str().unwrap(), "--config", path.to_str().unwrap()];
        let said = refused(&job, &arguments);
        for phrase in phrases {
            assert!(said.contains(phrase), "{name}: {phrase}: {said}");
        }
    }
    let path = job.write("config.json", "{\"master\": ");
    let said = refused(&job, &["--history", history.to_str().unwrap(), "--config", path.to_str().unwrap()]);
    assert!(said.contains("config.json") && said.contains("line 1"), "{said}");
}
