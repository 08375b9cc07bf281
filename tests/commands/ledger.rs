//! `lotbridge ledger`: of a real replay's ledger, and of one that was tampered with.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;

use super::Run;

/// The ledger of the sample's replay.
fn sample() -> &'static [u8] {
    static LEDGER: OnceLock<Vec<u8>> = OnceLock::new();
    LEDGER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.db");
        Run::of(&["replay", "--in-process", "--slippage-points", "5", "--ledger", path.to_str().unwrap()])
            .says(0, &[]);
        std::fs::read(path).unwrap()
    })
}

/// A folder of its own with that ledger in it.
struct Kept {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master-1001.db");
        std::fs::write(&path, sample()).unwrap();
        Self { folder, path }
    }

    fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }

    fn edit(&self, sql: &str) {
        Connection::open(&self.path).unwrap().execute_batch(sql).unwrap();
    }

    /// One value of it.
    fn ask(&self, sql: &str) -> String {
        let connection = Connection::open(&self.path).unwrap();
        connection.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).map_or_else(
            |error| panic!("{sql}: {error}"),
            |value| match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => panic!("{other:?}"),
            },
        )
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&[&["ledger"], arguments, &[self.name()]].concat())
    }
}

#[test]
fn a_replays_ledger_is_whole_and_makes_sense() {
    let kept = Kept::new();
    let run = kept.run(&["verify"]).says(0, &["every hash recomputed", "Last hash ", "From 20"]);
    assert!(!run.out.contains("note") && !run.out.contains("PROBLEM"), "{}", run.out);
    let last = run.out.lines().find_map(|line| line.strip_prefix("Last hash ")).unwrap();
    let count = kept.ask("SELECT count(*) FROM records");
    kept.run(&["verify", "--hash", last]).says(0, &[&format!("The noted hash is that of record {count}")]);
    // Cut at its end: the chain alone cannot tell.
    kept.edit(&format!("DELETE FROM records WHERE seq = {count}"));
    kept.run(&["verify"]).says(0, &[]);
    kept.run(&["verify", "--hash", last]).says(1, &["no record has the noted hash", last, "a cut one"]);
    kept.run(&["verify", "--hash", "12"]).says(2, &["a hash has 64 hexadecimal digits"]);
}

#[test]
fn the_first_broken_link_is_named_with_its_time_and_kind() {
    for (edit, named) in [
        ("UPDATE records SET body = replace(body, '1', '2') WHERE seq = 40", "record 40 ("),
        ("DELETE FROM records WHERE seq = 40", "record 40 is missing, 41 follows 39"),
        ("UPDATE records SET wall_ms = 0 WHERE seq = 40", "1970-01-01T00:00:00.000Z): its content"),
    ] {
        let kept = Kept::new();
        kept.edit(edit);
        kept.run(&["verify"]).says(1, &[named]);
    }
}

/// Somebody who knows how the chain is made, and chains the rest again.
fn forge(kept: &Kept, seq: u64, change: impl FnOnce(&mut Value)) {
    use sha2::{Digest, Sha256};
    let mut opened = Connection::open(&kept.path).unwrap();
    let connection = opened.transaction().unwrap();
    let seq = i64::try_from(seq).unwrap();
    let body: String =
        connection.query_row("SELECT body FROM records WHERE seq = ?1", [seq], |row| row.get(0)).unwrap();
    let mut value: Value = serde_json::from_str(&body).unwrap();
    change(&mut value);
    connection.execute("UPDATE records SET body = ?1 WHERE seq = ?2", (value.to_string(), seq)).unwrap();
    let mut statement = connection.prepare("SELECT seq, wall_ms, body FROM records ORDER BY seq").unwrap();
    let rows: Vec<(i64, i64, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    drop(statement);
    let mut hash = vec![0; 32];
    for (seq, wall_ms, body) in rows {
        let bytes = [&hash[..], &seq.to_be_bytes(), &wall_ms.to_be_bytes(), body.as_bytes()].concat();
        hash = Sha256::digest(bytes).to_vec();
        connection.execute("UPDATE records SET hash = ?1 WHERE seq = ?2", (&hash, seq)).unwrap();
    }
    connection.commit().unwrap();
}

#[test]
fn a_forged_chain_must_still_make_sense_and_lacks_the_hash_that_was_noted() {
    let kept = Kept::new();
    let noted = kept.ask("SELECT lower(hex(hash)) FROM records WHERE seq = 900");
    kept.run(&["verify", "--hash", &noted]).says(0, &["that of record 900"]);
    let first = |sql: &str| kept.ask(sql).parse::<u64>().unwrap();
    let report = first("SELECT min(seq) FROM reports WHERE slippage IS NOT NULL");
    let closed = first("SELECT min(seq) FROM copies WHERE state = 'closed'");
    let decided = first("SELECT min(seq) FROM decisions WHERE skip IS NULL");
    let config = first("SELECT min(seq) FROM configurations");
    for (seq, pointer, value, named) in [
        (report, "/slippage", Value::from("-1"), "the slippage is"),
        (report, "/since_sent_us", Value::from(1), "it was sent"),
        (closed, "/state", Value::from("planned"), "cannot have become planned"),
        (decided, "/decision/rounding/lots", Value::from("0.00500000"), "no multiple of the lot step"),
        (decided, "/decision/skip", Value::from("too_late"), "skipped for too_late, and yet"),
        (config, "/configuration", Value::from("{}"), "the configuration's SHA-256"),
    ] {
        let kept = Kept::new();
        forge(&kept, seq, |body| *body.pointer_mut(pointer).unwrap() = value);
        let run = kept.run(&["verify"]).says(1, &["PROBLEM", named, &format!("record {seq} (")]);
        assert!(run.err.contains("problems, see above"), "{}", run.err);
        kept.run(&["verify", "--hash", &noted]).says(1, &["no record has the noted hash"]);
    }
}

#[test]
fn one_copys_story_is_told_with_times_slippage_and_latency() {
    let kept = Kept::new();
    let copy = kept.ask("SELECT copy FROM reports WHERE slippage IS NOT NULL ORDER BY seq LIMIT 1");
    let login = kept.ask("SELECT login FROM reports WHERE slippage IS NOT NULL ORDER BY seq LIMIT 1");
    let run = Run::of(&["ledger", "show", &copy, kept.name(), "--login", &login]).says(
        0,
        &[
            &format!("Copy {copy}\n"),
            &format!("Account {login}\n"),
            "master: position ",
            "decided: ",
            "instructed: open ",
            "reported: 10009 (done), ",
            "slippage",
            "after it was sent, ",
            "is open, ",
            "instructed: close ",
            "master: closed",
            "is closed, ",
            "+0.000 ms",
        ],
    );
    assert_eq!(run.out.matches("Account").count(), 1);
    Run::of(&["ledger", "show", &copy, kept.name()]).says(0, &["Account"]);
    Run::of(&["ledger", "show", &copy, kept.name(), "--login", "5"])
        .says(1, &["account 5 has no part", &login]);
    Run::of(&["ledger", "show", "9:9", kept.name()]).says(1, &["no copy 9:9 in", "lotbridge ledger tail"]);
    Run::of(&["ledger", "show", "9", kept.name()]).says(2, &["POOL-TAG:POSITION"]);
}

#[test]
fn tables_are_exported_as_csv_and_json() {
    let kept = Kept::new();
    let reports = kept.ask("SELECT count(*) FROM reports").parse::<usize>().unwrap();
    let run =
        kept.run(&["export", "--format", "csv", "--table", "reports"]).says(0, &["seq,time,copy,login,"]);
    assert_eq!(run.out.lines().count(), reports + 1);
    let run = kept.run(&["export", "--format", "json", "--table", "reports"]).says(0, &[]);
    let rows: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    assert_eq!(rows.len(), reports);
    assert_eq!(rows[0]["retcode"], 10009);
    let run = kept.run(&["export", "--format", "json", "--table", "guards"]).says(0, &[]);
    assert_eq!(run.out, "[]\n");
    for table in ["accounts", "master", "decisions", "copies", "instructions", "skips", "config"] {
        let run = kept.run(&["export", "--format", "csv", "--table", table]).says(0, &["seq,time,"]);
        assert!(run.out.lines().count() > 1, "{table} is empty");
    }
    let file = kept.folder.path().join("all.json");
    kept.run(&["export", "--format", "json", "--output", file.to_str().unwrap()]).says(0, &[]);
    let rows: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(rows.len().to_string(), kept.ask("SELECT count(*) FROM records"));
    assert_eq!(
        rows[0]["hash"].as_str().unwrap(),
        kept.ask("SELECT lower(hex(hash)) FROM records WHERE seq = 1")
    );
    let whole = kept.folder.path().join("whole.db");
    let whole = whole.to_str().unwrap();
    kept.run(&["export", "--format", "db", "--output", whole]).says(0, &[]);
    Run::of(&["ledger", "verify", whole]).says(0, &["every hash recomputed"]);
    kept.run(&["export", "--format", "db", "--output", whole]).says(1, &["exists"]);
    kept.run(&["export", "--format", "db"]).says(1, &["--format db takes --output"]);
    kept.run(&["export"]).says(2, &["--format"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let kept = Kept::new();
    for arguments in
        [["tail", "-n", "5000"].as_slice(), &["export", "--format", "csv"], &["export", "--format", "json"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_lotbridge"));
        let run = command.arg("ledger").args(arguments).arg(&kept.path).stdout(writer).stderr(Stdio::piped());
        let output = run.spawn().unwrap().wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn tail_shows_the_last_and_follows() {
    let kept = Kept::new();
    let count = kept.ask("SELECT count(*) FROM records");
    let run = kept.run(&["tail", "-n", "3"]).says(0, &[&count]);
    assert_eq!(run.out.lines().count(), 3);
    let mut tail = Command::new(env!("CARGO_BIN_EXE_lotbridge"))
        .args(["ledger", "tail", "-f", "-n", "1"])
        .arg(&kept.path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().trim_start().starts_with(&count));
    // What a later version may write is shown as it is.
    kept.edit(
        "INSERT INTO records (seq, wall_ms, body, hash)
         SELECT max(seq) + 1, 0, '{\"record\":\"later\",\"at\":1}', zeroblob(32) FROM records",
    );
    let line = lines.next().unwrap();
    assert!(line.contains("later: {") && line.contains("1970-01-01"), "{line}");
    tail.kill().unwrap();
    tail.wait().unwrap();
}

#[test]
fn the_ledger_is_found_by_folder_and_by_configuration() {
    let kept = Kept::new();
    let folder = kept.folder.path().to_str().unwrap();
    Run::of(&["ledger", "verify", "--state-dir", folder]).says(0, &["master-1001.db"]);
    let config = kept.folder.path().join("pools.json");
    let mut value = super::lamm();
    value["master"]["state_dir"] = folder.into();
    std::fs::write(&config, value.to_string()).unwrap();
    Run::of(&["ledger", "verify", "--config", config.to_str().unwrap()]).says(0, &["master-1001.db"]);
    std::fs::copy(&kept.path, kept.folder.path().join("master-1002.db")).unwrap();
    Run::of(&["ledger", "tail", "--state-dir", folder]).says(1, &["several ledgers", "master-1002.db"]);
    let empty = tempfile::tempdir().unwrap();
    Run::of(&["ledger", "tail", "--state-dir", empty.path().to_str().unwrap()]).says(1, &["no ledger in"]);
    Run::of(&["ledger", "tail", "no-such.db"]).says(1, &["no-such.db"]);
    Run::of(&["ledger", "tail", config.to_str().unwrap()]).says(1, &["not a database"]);
    Run::of(&["ledger", "--help"]).says(0, &["Examples:", "verify", "export", "tail", "show"]);
    for command in ["verify", "export", "tail", "show"] {
        Run::of(&["ledger", command, "--help"]).says(0, &["--state-dir", "--config"]);
    }
}

#[test]
fn a_ledger_can_be_read_while_it_is_written() {
    let kept = Kept::new();
    let writer = Connection::open(&kept.path).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM records WHERE seq > 50").unwrap();
    let before = Instant::now();
    kept.run(&["verify"]).says(0, &["every hash recomputed"]);
    assert!(before.elapsed() < Duration::from_secs(10));
}
