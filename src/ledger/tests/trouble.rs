//! A full disk, a locked, deleted or torn file.

use rusqlite::ErrorCode;

use super::*;

fn code(error: &LedgerError) -> Option<ErrorCode> {
    match error {
        LedgerError::Sql { source, .. } => source.sqlite_error_code(),
        _ => None,
    }
}

#[test]
fn a_full_disk_takes_nothing_of_a_group_and_all_of_it_later() {
    let folder = folder_with(3);
    let mut ledger = Ledger::open(folder.path(), NAME).unwrap().ledger;
    let most = |ledger: &Ledger, pages: u32| {
        ledger.connection.pragma_update(None, "max_page_count", pages).unwrap();
    };
    most(&ledger, 1);
    let error = ledger.append(&dated(3..2_000)).unwrap_err();
    assert_eq!(code(&error), Some(ErrorCode::DiskFull), "{error}");
    assert!(!error.is_broken() && error.to_string().contains("full"), "{error}");
    assert_eq!(Ledger::read(folder.path(), NAME).unwrap(), records(0..3));
    most(&ledger, 1_000_000);
    ledger.append(&dated(3..2_000)).unwrap();
    assert_eq!(Ledger::read(folder.path(), NAME).unwrap(), records(0..2_000));
}

#[test]
fn a_file_that_another_program_has_locked_is_an_error_within_its_bound() {
    let folder = folder_with(3);
    let mut ledger = Ledger::open(folder.path(), NAME).unwrap().ledger;
    let other = raw(&folder);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = ledger.append(&dated(3..4)).unwrap_err();
    assert_eq!(code(&error), Some(ErrorCode::DatabaseBusy), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    ledger.append(&dated(3..4)).unwrap();
    assert_eq!(Ledger::read(folder.path(), NAME).unwrap(), records(0..4));
}

#[test]
fn one_that_was_locked_from_the_start_is_left_alone() {
    let folder = folder_with(3);
    let other = raw(&folder);
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    other.execute_batch("DELETE FROM records WHERE seq = 99").unwrap();
    let error = Ledger::open(folder.path(), NAME).unwrap_err();
    assert!(!error.is_broken(), "{error}");
    drop(other);
    assert_eq!(Ledger::open(folder.path(), NAME).unwrap().records, records(0..3));
}

#[cfg(unix)]
#[test]
fn a_file_deleted_in_use_is_noticed_and_begun_anew() {
    let folder = folder_with(3);
    let mut ledger = Ledger::open(folder.path(), NAME).unwrap().ledger;
    ledger.append(&dated(3..4)).unwrap();
    fs::remove_file(Ledger::path(folder.path(), NAME)).unwrap();
    let error = ledger.append(&dated(4..5)).unwrap_err();
    assert!(matches!(error, LedgerError::Gone { .. }), "{error}");
    let (mut anew, notice) = Ledger::reopen(folder.path(), NAME).unwrap();
    assert_eq!(notice, None);
    anew.append(&dated(4..5)).unwrap();
    drop((ledger, anew));
    assert_eq!(Ledger::read(folder.path(), NAME).unwrap(), records(4..5));
}

/// Bytes as a crash leaves them: the write-ahead log cut anywhere.
#[test]
fn a_crash_in_the_middle_of_a_transaction_leaves_whole_groups() {
    let folder = folder_with(2);
    let mut ledger = Ledger::open(folder.path(), NAME).unwrap().ledger;
    for group in [2..40, 40..41, 41..90] {
        ledger.append(&dated(group)).unwrap();
    }
    let path = Ledger::path(folder.path(), NAME);
    let (main, log) = (fs::read(&path).unwrap(), fs::read(with_end(&path, "-wal")).unwrap());
    let mut seen = std::collections::BTreeSet::new();
    for cut in (0..=log.len()).step_by(997).chain([log.len()]) {
        let torn = tempfile::tempdir().unwrap();
        let path = Ledger::path(torn.path(), NAME);
        fs::write(&path, &main).unwrap();
        fs::write(with_end(&path, "-wal"), &log[..cut]).unwrap();
        let mut opened = Ledger::open(torn.path(), NAME).unwrap();
        assert_eq!(opened.notices, [""; 0], "cut at {cut}");
        let count = opened.records.len() as u64;
        assert_eq!(opened.records, records(0..count));
        opened.ledger.append(&dated(count..count + 1)).unwrap();
        assert_eq!(Ledger::read(torn.path(), NAME).unwrap(), records(0..count + 1));
        seen.insert(count);
    }
    assert_eq!(Vec::from_iter(seen), [2, 40, 41, 90]);
}

#[test]
fn a_folder_that_is_a_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    let error = Ledger::open(&folder.path().join("file"), NAME).unwrap_err();
    assert!(
        matches!(error, LedgerError::Folder { .. }) && error.to_string().contains("state_dir"),
        "{error}"
    );
}

#[test]
fn a_ledger_on_a_read_only_disk_can_be_read() {
    let folder = folder_with(3);
    let uri = Ledger::path(folder.path(), NAME);
    let moved = folder.path().join("odd name? 100%#.db");
    fs::rename(uri, &moved).unwrap();
    let mut count = 0;
    Reader::immutable(&moved)
        .unwrap()
        .each::<LedgerError>(0, |_| {
            count += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(count, 3);
}
