//! Terminals killed in the middle: the same end as undisturbed.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::command::{Job, five_pools, read, shared, timeless};

/// The process of a replay's terminal.
pub fn terminal_of(replay: u32, login: u64) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{replay}/task/{replay}/children")).ok()?;
    let of_login = format!("--login\0{login}\0");
    children.split_whitespace().filter_map(|pid| pid.parse().ok()).find(|pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|c| c.ends_with(&of_login))
    })
}

/// Kills a process; `false`: it was gone already.
pub fn kill(pid: u32) -> bool {
    std::process::Command::new("kill").args(["-9", &pid.to_string()]).output().unwrap().status.success()
}

/// Replays with these terminals killed one after the other, a moment apart.
fn disturbed(history: &std::path::Path, config: &Value, victims: &[u64], pause: Duration) -> Value {
    let job = Job::new();
    let (config, report) =
        (job.write("config.json", &config.to_string()), job.folder.path().join("report.json"));
    let mut replay = job.start(&[
        "--history",
        history.to_str().unwrap(),
        "--config",
        config.to_str().unwrap(),
        "--report",
        report.to_str().unwrap(),
    ]);
    let mut kills = 0;
    for login in victims {
        std::thread::sleep(pause);
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until && replay.try_wait().unwrap().is_none() {
            if let Some(pid) = terminal_of(replay.id(), *login) {
                assert!(kill(pid));
                kills += 1;
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    let output = replay.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(kills, victims.len(), "the replay was over before everybody had been killed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains(&format!("started again: {kills}")), "{said}");
    read(&report)
}

#[test]
fn slaves_and_master_killed_in_the_middle_end_as_undisturbed() {
    let Some(history) = shared("signal-gold-positions.csv") else { return };
    let config = five_pools();
    let undisturbed = timeless(Job::new().report(&history, Some(&config), &[]));
    let pause = Duration::from_millis(700);
    for victims in [&[2013_u64, 2001, 2018][..], &[1001, 1001], &[2017, 1001, 2005, 2020, 1001]] {
        let report = timeless(disturbed(&history, &config, victims, pause));
        assert_same(&undisturbed, &report, &format!("{victims:?}"));
    }
}

/// Equal, or the first difference by name.
pub fn assert_same(expected: &Value, found: &Value, victims: &str) {
    let (left, right) = (expected["copies"].as_array().unwrap(), found["copies"].as_array().unwrap());
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right, "killed: {victims}");
    }
    assert_eq!(expected, found, "killed: {victims}");
}
