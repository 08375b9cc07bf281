use std::path::Path;

use super::*;
use crate::domain::{CopyId, Micros, PoolTag, PositionId};

const NAME: &str = "m";

fn record(n: u64) -> Record {
    Record::Finished { copy: CopyId::new(PoolTag(1), PositionId(n)), at: Micros(n) }
}

fn records(numbers: std::ops::Range<u64>) -> Vec<Record> {
    numbers.map(record).collect()
}

fn start(folder: &Path) -> (Recorder, RecorderThread) {
    let opened = Ledger::open(folder, NAME).map(|opened| (opened.ledger, opened.notices));
    Recorder::start(Clock::start(), folder.to_owned(), NAME.into(), "{}", opened).unwrap()
}

/// What was written, after the configuration.
fn read(folder: &Path) -> Vec<Record> {
    let mut records = Ledger::read(folder, NAME).unwrap();
    assert!(matches!(&records.remove(0), Record::Configured { configuration, .. } if configuration == "{}"));
    records
}

/// Another program that writes to the file.
fn lock(folder: &Path) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(Ledger::path(folder, NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

/// The news, once they are so.
#[track_caller]
fn news_when(recorder: &Recorder, so: impl Fn(&LedgerNews) -> bool) -> LedgerNews {
    let until = Instant::now() + Duration::from_secs(20);
    let mut all = Vec::new();
    loop {
        let mut news = recorder.news();
        all.append(&mut news.notices);
        if so(&news) {
            return LedgerNews { notices: all, ..news };
        }
        assert!(Instant::now() < until, "{news:?} {all:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_is_waited_for_is_on_the_disk_and_closing_writes_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, thread) = start(folder.path());
    let ticket = recorder.hand_over(records(0..3));
    assert!(recorder.wait_written(ticket, Duration::from_secs(10)));
    assert_eq!(read(folder.path()), records(0..3));
    recorder.hand_over(records(3..5_000));
    drop(thread);
    assert_eq!(read(folder.path()), records(0..5_000));
    assert_eq!(recorder.news(), LedgerNews::default());
    // After its end nobody waits.
    let ticket = recorder.hand_over(records(0..1));
    assert!(!recorder.wait_written(ticket, Duration::from_secs(10)));
}

#[test]
fn a_locked_file_holds_nobody_up_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, thread) = start(folder.path());
    let other = lock(folder.path());
    let before = Instant::now();
    let ticket = recorder.hand_over(records(0..10));
    assert!(!recorder.wait_written(ticket, Duration::from_millis(50)));
    assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
    let trouble = news_when(&recorder, |news| news.trouble.is_some()).trouble.unwrap();
    assert!(trouble.contains("database is locked; 10 records wait in memory"), "{trouble}");
    assert!(trouble.contains("trading goes on"), "{trouble}");
    let before = Instant::now();
    let ticket = recorder.hand_over(records(10..20));
    assert!(!recorder.wait_written(ticket, Duration::from_secs(10)));
    assert!(before.elapsed() < Duration::from_millis(500), "in trouble nobody waits: {:?}", before.elapsed());
    assert_eq!(recorder.news().trouble.as_ref(), Some(&trouble), "told once, as it was");
    other.execute_batch("ROLLBACK").unwrap();
    let news = news_when(&recorder, |news| news.trouble.is_none());
    assert!(news.notices[0].contains("written again"), "{news:?}");
    drop(thread);
    assert_eq!(read(folder.path()), records(0..20));
}

#[test]
fn the_queue_is_bounded_the_oldest_go_and_the_file_says_how_many() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, thread) = start(folder.path());
    // Once the file is begun, only a record in hand can meet the lock.
    assert!(recorder.wait_written(recorder.hand_over(records(0..1)), Duration::from_secs(60)));
    let other = lock(folder.path());
    recorder.hand_over(records(1..2));
    news_when(&recorder, |news| news.trouble.is_some());
    let most = WAITING_MOST as u64;
    let ticket = recorder.hand_over(records(2..most + 11));
    let news = recorder.news();
    assert_eq!(news.lost, 10);
    assert!(news.notices[0].contains("the oldest of them are dropped"), "{news:?}");
    other.execute_batch("ROLLBACK").unwrap();
    news_when(&recorder, |news| news.trouble.is_none());
    assert!(recorder.wait_written(ticket, Duration::from_secs(60)));
    drop(thread);
    let found = read(folder.path());
    assert_eq!(found[..2], records(0..2), "one was written, one in hand");
    assert!(matches!(found[2], Record::Missing { count: 10, .. }), "{:?}", found[2]);
    assert!(found[3..] == records(12..most + 11), "{} records", found.len());
}

#[test]
fn a_ledger_that_cannot_be_opened_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("later");
    std::fs::write(&at, "in the way").unwrap();
    let (recorder, thread) = start(&at);
    recorder.hand_over(records(0..3));
    news_when(&recorder, |news| news.trouble.is_some());
    std::fs::remove_file(&at).unwrap();
    news_when(&recorder, |news| news.trouble.is_none());
    drop(thread);
    assert_eq!(read(&at), records(0..3));
}

#[cfg(unix)]
#[test]
fn a_file_deleted_in_use_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, thread) = start(folder.path());
    let ticket = recorder.hand_over(records(0..3));
    assert!(recorder.wait_written(ticket, Duration::from_secs(10)));
    std::fs::remove_file(Ledger::path(folder.path(), NAME)).unwrap();
    let ticket = recorder.hand_over(records(3..5));
    assert!(recorder.wait_written(ticket, Duration::from_secs(10)));
    let news = recorder.news();
    assert!(news.notices[0].contains("deleted") && news.trouble.is_none(), "{news:?}");
    drop(thread);
    assert_eq!(read(folder.path()), records(3..5));
}

#[test]
fn a_file_that_breaks_in_use_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, thread) = start(folder.path());
    let other = lock(folder.path());
    recorder.hand_over(records(0..2));
    news_when(&recorder, |news| news.trouble.is_some());
    other.execute_batch("ROLLBACK; PRAGMA user_version = 0; PRAGMA application_id = 7").unwrap();
    drop(other);
    let news = news_when(&recorder, |news| news.trouble.is_none());
    assert!(news.notices.iter().any(|notice| notice.contains(".broken-1")), "{news:?}");
    drop(thread);
    assert_eq!(read(folder.path()), records(0..2));
}

#[test]
fn closing_is_bounded_while_the_file_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, thread) = start(folder.path());
    let _other = lock(folder.path());
    recorder.hand_over(records(0..10));
    let before = Instant::now();
    drop(thread);
    assert!(before.elapsed() < CLOSE_MOST + Duration::from_secs(1), "{:?}", before.elapsed());
}

#[test]
fn the_wall_clock_is_of_the_moment_it_happened() {
    let clock = Clock::start();
    let at = clock.now();
    std::thread::sleep(Duration::from_millis(30));
    let dated = clock.stamp().date(Record::Missing { count: 1, at });
    let off = dated.wall_ms.abs_diff(at.0 / 1000);
    assert!(off <= 20, "{off} ms");
}

#[test]
fn a_configuration_goes_on_record_where_it_is_another() {
    let folder = tempfile::tempdir().unwrap();
    for configuration in ["{}", "{}", "{\"a\":1}", "{\"a\":1}", "{}"] {
        let opened = Ledger::open(folder.path(), NAME).map(|opened| (opened.ledger, opened.notices));
        let clock = Clock::start();
        let name = NAME.to_owned();
        drop(Recorder::start(clock, folder.path().to_owned(), name, configuration, opened).unwrap());
    }
    let records = Ledger::read(folder.path(), NAME).unwrap();
    let configurations: Vec<(&str, &str)> = records
        .iter()
        .map(|record| match record {
            Record::Configured { sha256, configuration, .. } => (sha256.as_str(), configuration.as_str()),
            _ => panic!("{record:?}"),
        })
        .collect();
    let empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert_eq!(configurations[0], (empty, "{}"));
    assert_eq!(configurations.iter().map(|(_, text)| *text).collect::<Vec<_>>(), ["{}", "{\"a\":1}", "{}"]);
}
