mod forms;
mod tables;
mod trouble;

use super::*;
use crate::domain::{CopyId, Micros, PoolTag, PositionId};

const NAME: &str = "m";

fn record(n: u64) -> Record {
    Record::Finished { copy: CopyId::new(PoolTag(1), PositionId(n)), at: Micros(n) }
}

fn records(numbers: std::ops::Range<u64>) -> Vec<Record> {
    numbers.map(record).collect()
}

fn dated(numbers: std::ops::Range<u64>) -> Vec<Dated> {
    numbers.map(|n| Dated { wall_ms: 1_700_000_000_000 + n, record: record(n) }).collect()
}

/// A folder with a closed ledger of so many records.
fn folder_with(count: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    Ledger::open(folder.path(), NAME).unwrap().ledger.append(&dated(0..count)).unwrap();
    folder
}

fn raw(folder: &tempfile::TempDir) -> Connection {
    Connection::open(Ledger::path(folder.path(), NAME)).unwrap()
}

#[test]
fn what_was_written_is_read_back_and_gone_on_from() {
    let folder = folder_with(5);
    let mut opened = Ledger::open(folder.path(), NAME).unwrap();
    assert_eq!((opened.records, opened.notices), (records(0..5), vec![]));
    opened.ledger.append(&dated(5..7)).unwrap();
    assert_eq!(Ledger::read(folder.path(), NAME).unwrap(), records(0..7), "while it is open");
    let (mut again, notice) = Ledger::reopen(folder.path(), NAME).unwrap();
    again.append(&dated(7..8)).unwrap();
    assert_eq!(notice, None);
    assert_eq!(Ledger::read(folder.path(), NAME).unwrap(), records(0..8));
}

/// The hash as an investor would recompute it, from the words of [`chain`] alone.
#[test]
fn the_chain_is_what_its_words_say() {
    use sha2::{Digest, Sha256};
    let folder = folder_with(3);
    let mut before = vec![0; 32];
    let mut seen = 0;
    Reader::open(&Ledger::path(folder.path(), NAME))
        .unwrap()
        .each::<LedgerError>(0, |row| {
            let mut bytes = before.clone();
            bytes.extend(row.seq.to_be_bytes());
            bytes.extend(row.wall_ms.to_be_bytes());
            bytes.extend(row.body.as_bytes());
            before = Sha256::digest(&bytes).to_vec();
            assert_eq!(row.hash.0.to_vec(), before);
            assert_eq!(row.hash.to_string().parse(), Ok(row.hash));
            seen += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, 3);
}

/// Whoever edits the file by hand, and what names it.
#[test]
fn every_edit_shows_with_the_record_it_is_at() {
    for (edit, named) in [
        (
            "UPDATE records SET body = replace(body, ':4', ':5') WHERE seq = 4",
            "record 4 (finished, 2023-11-14T22:13:20.003Z): its content",
        ),
        ("UPDATE records SET wall_ms = wall_ms + 1 WHERE seq = 2", "record 2 (finished"),
        ("UPDATE records SET hash = zeroblob(32) WHERE seq = 3", "record 3 (finished"),
        ("UPDATE records SET hash = 'x' WHERE seq = 5", "record 5 (finished"),
        ("UPDATE records SET body = '{}' WHERE seq = 5", "record 5 (no kind"),
        (
            "DELETE FROM records WHERE seq = 3",
            "record 4 (finished, 2023-11-14T22:13:20.003Z): record 3 is missing",
        ),
        ("DELETE FROM records WHERE seq = 1", "record 1 is missing, 2 follows 0"),
        (
            "UPDATE records SET seq = 9 WHERE seq = 2; UPDATE records SET seq = 2 WHERE seq = 3;
             UPDATE records SET seq = 3 WHERE seq = 9",
            "record 2 (finished, 2023-11-14T22:13:20.002Z): its content",
        ),
        (
            "INSERT INTO records (seq, wall_ms, body, hash) SELECT 6, wall_ms, body, hash FROM records WHERE seq = 5",
            "record 6 (finished",
        ),
    ] {
        let folder = folder_with(5);
        raw(&folder).execute_batch(edit).unwrap();
        let error = Ledger::read(folder.path(), NAME).unwrap_err();
        assert!(error.is_broken() && error.to_string().contains(named), "{edit}: {error}");
        let opened = Ledger::open(folder.path(), NAME).unwrap();
        assert_eq!(opened.records, []);
        assert!(opened.notices[0].contains(named), "{:?}", opened.notices);
        assert!(folder.path().join("m.db.broken-1").exists());
    }
}

#[test]
fn twenty_thousand_in_one_group_are_one_transaction() {
    let folder = folder_with(20_000);
    assert_eq!(Ledger::open(folder.path(), NAME).unwrap().records.len(), 20_000);
}

#[cfg(unix)]
#[test]
fn only_its_user_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _opened = Ledger::open(folder.path(), NAME).unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}
