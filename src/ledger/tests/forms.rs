//! Earlier forms of the file: JSON lines, and every version of the schema.

use super::*;
use crate::replication::State;

#[test]
fn json_lines_are_taken_over_once_and_a_torn_end_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = records(0..4).iter().map(|r| serde_json::to_string(r).unwrap()).collect();
    let text = lines.join("\n");
    fs::write(folder.path().join("m.ledger"), &text[..text.len() - 3]).unwrap();
    let opened = Ledger::open(folder.path(), NAME).unwrap();
    assert_eq!(opened.records, records(0..3));
    assert!(
        opened.notices[0].contains("m.ledger: its 3 records are in the ledger now"),
        "{:?}",
        opened.notices
    );
    drop(opened);
    assert!(folder.path().join("m.ledger.imported").exists() && !folder.path().join("m.ledger").exists());
    let opened = Ledger::open(folder.path(), NAME).unwrap();
    assert_eq!((opened.records, opened.notices), (records(0..3), vec![]));
    fs::write(folder.path().join("m.ledger"), format!("{}\n", lines[0])).unwrap();
    let opened = Ledger::open(folder.path(), NAME).unwrap();
    assert_eq!(opened.records, records(0..3));
    assert!(opened.notices[0].contains("not taken over"), "{:?}", opened.notices);
}

#[test]
fn json_lines_that_are_broken_are_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("m.ledger"), "{\"record\":\"nonsense\"}\n").unwrap();
    let opened = Ledger::open(folder.path(), NAME).unwrap();
    assert!(opened.notices[0].contains("m.ledger: line 1: unknown variant"), "{:?}", opened.notices);
    assert!(folder.path().join("m.ledger.broken-1").exists());
}

/// A file as the version before wrote it, for every version.
#[test]
fn every_earlier_version_is_brought_forward() {
    for version in 1..=schema::STEPS.len() {
        let folder = tempfile::tempdir().unwrap();
        let old = raw(&folder);
        schema::STEPS[..version].iter().for_each(|step| old.execute_batch(step).unwrap());
        let mut hash = Hash::START;
        for (seq, Dated { wall_ms, record }) in (1..).zip(dated(0..5)) {
            let body = serde_json::to_string(&record).unwrap();
            hash = hash.next(seq, wall_ms, &body);
            let row = (sql_integer(seq), sql_integer(wall_ms), body, &hash.0[..]);
            old.execute("INSERT INTO records (seq, wall_ms, body, hash) VALUES (?1, ?2, ?3, ?4)", row)
                .unwrap();
        }
        old.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
        old.pragma_update(None, "application_id", schema::APPLICATION_ID).unwrap();
        drop(old);
        let mut opened = Ledger::open(folder.path(), NAME).unwrap();
        assert_eq!((opened.records, opened.notices), (records(0..5), vec![]), "version {version}");
        opened.ledger.append(&dated(5..6)).unwrap();
        drop(opened.ledger);
        assert_eq!(form(&raw(&folder)), form(&raw(&folder_with(1))), "version {version}");
        assert_eq!(Ledger::read(folder.path(), NAME).unwrap(), records(0..6));
    }
}

/// Files that the program wrote when that version was the present one, as `sqlite3 FILE .dump` tells them, after the two
/// numbers: how many records they have, and how many of them a hub goes on from, and of copies that opened. A new version
/// adds its own.
#[test]
fn files_of_every_version_are_read() {
    const FILES: [(&str, usize, [usize; 2]); 3] = [
        (include_str!("version1.sql"), 21, [21, 2]),
        (include_str!("version2.sql"), 49, [30, 2]),
        (include_str!("version3.sql"), 52, [31, 2]),
    ];
    assert_eq!(FILES.len(), schema::STEPS.len(), "a version without a file of its own");
    for ((dump, count, for_hub), version) in FILES.into_iter().zip(1..) {
        let folder = tempfile::tempdir().unwrap();
        raw(&folder).execute_batch(dump).unwrap();
        assert_eq!(form(&raw(&folder)).0, version);
        let opened = Ledger::open(folder.path(), NAME).unwrap();
        assert_eq!(opened.notices, Vec::<String>::new(), "version {version}");
        drop(opened.ledger);
        assert_eq!(form(&raw(&folder)), form(&raw(&folder_with(1))), "version {version}");
        let read = Ledger::read(folder.path(), NAME).unwrap();
        assert_eq!(read.len(), count, "version {version}");
        let open = |record: &&Record| matches!(record, Record::Copy { state: State::Open, .. });
        let hub = [opened.records.len(), opened.records.iter().filter(open).count()];
        assert_eq!(hub, for_hub, "version {version}");
    }
}

/// Everything that is defined in a file, and its version.
fn form(connection: &Connection) -> (i64, Vec<String>) {
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mut statement =
        connection.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    (version, rows.map(Result::unwrap).collect())
}

#[test]
fn a_step_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = Ledger::path(folder.path(), NAME);
    let half = raw(&folder);
    half.pragma_update(None, "application_id", schema::APPLICATION_ID).unwrap();
    half.execute_batch("CREATE TABLE records (seq INTEGER)").unwrap();
    drop(half);
    let before = form(&raw(&folder));
    assert!(schema::open(&path, BUSY).is_err());
    assert_eq!(form(&raw(&folder)), before);
}

#[test]
fn a_later_version_is_left_alone() {
    let folder = folder_with(2);
    raw(&folder).pragma_update(None, "user_version", 1_000).unwrap();
    let error = Ledger::open(folder.path(), NAME).unwrap_err();
    assert!(!error.is_broken() && error.to_string().contains("its form is 1000"), "{error}");
    assert!(Ledger::path(folder.path(), NAME).exists());
}

#[test]
fn what_is_no_ledger_is_set_aside_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = Ledger::path(folder.path(), NAME);
    for n in 1..4 {
        fs::write(&path, "not a database, and longer than a header of one hundred bytes: ".repeat(9))
            .unwrap();
        let opened = Ledger::open(folder.path(), NAME).unwrap();
        let aside = folder.path().join(format!("m.db.broken-{n}"));
        assert!(opened.notices[0].contains(&aside.display().to_string()), "{:?}", opened.notices);
        assert!(fs::read_to_string(aside).unwrap().starts_with("not a database"));
    }
    drop(Ledger::open(folder.path(), NAME).unwrap());
    fs::remove_file(&path).unwrap();
    raw(&folder).execute_batch("CREATE TABLE other (x)").unwrap();
    let opened = Ledger::open(folder.path(), NAME).unwrap();
    assert!(opened.notices[0].contains("something else"), "{:?}", opened.notices);
}
