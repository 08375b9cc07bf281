//! Numbers, dates, encodings.

use super::samples::{POSITIONS, utf16};
use crate::history::fields::{artefact_to_cent, decimal, server_time};
use crate::history::text::{MAX_LINE_BYTES, lines};
use crate::history::{HistoryError, MAX_BYTES, read, read_file};

#[test]
fn numbers_as_exports_write_them() {
    for (text, value) in [
        ("4694.88", "4694.88"),
        ("4 694.88", "4694.88"),
        ("1\u{a0}234\u{202f}567.5", "1234567.5"),
        ("- 2.50", "-2.50"),
        ("\u{2212}3", "-3.0"),
        ("+7", "7.0"),
        ("1.3599999999999999", "1.3599999999999999"),
        ("1e-15", "0.000000000000001"),
        ("-7.1e-25", "0"),
        ("2.5E2", "250.0"),
    ] {
        assert_eq!(decimal(text).unwrap(), value.parse().unwrap(), "{text}");
    }
    for text in [
        "", "-", "1 23", "12 3456", "1234 567", "1,234.5", "1.2.3", "1.", ".5", "0x1", "1e99", "nan", "1 .5",
        "1.5 0",
    ] {
        assert_eq!(decimal(text), None, "{text}");
    }
}

#[test]
fn money_is_rounded_by_its_policy() {
    for (text, money) in [
        ("1.3599999999999999", "1.36"),
        ("-1.8199999999999998", "-1.82"),
        ("178.66000000000003", "178.66"),
        ("-0.00000000000007", "0.00"),
        ("0.125", "0.125"),
        ("0.1234565", "0.123456"),
        ("0.1234575", "0.123458"),
    ] {
        assert_eq!(artefact_to_cent(decimal(text).unwrap()).unwrap(), money.parse().unwrap(), "{text}");
    }
}

#[test]
fn times_with_and_without_seconds() {
    for (text, millis) in [
        ("1970.01.01 00:00:00", 0),
        ("2026.08.28 17:05:16", 1_787_936_716_000),
        ("2026.08.28 17:05", 1_787_936_700_000),
        ("2026.08.28 17:05:16.250", 1_787_936_716_250),
        ("2026-08-28 17:05:16", 1_787_936_716_000),
        (" 2024.02.29  00:00:01 ", 1_709_164_801_000),
    ] {
        assert_eq!(server_time(text).unwrap().0, millis, "{text}");
    }
    for text in [
        "",
        "2026.08.28",
        "2026.02.29 00:00:00",
        "2026.13.01 00:00",
        "28.08.2026 17:05",
        "2026.08.28 24:00:00",
        "1969.12.31 00:00",
        "2026.08.28 17",
        "2026.08.28 17:05:16 x",
    ] {
        assert_eq!(server_time(text), None, "{text}");
    }
}

#[test]
fn lines_end_as_they_like() {
    for text in ["a\nb\n\nc", "a\r\nb\r\n\r\nc\r\n", "a\rb\r\rc\r", "a\r\nb\n\rc"] {
        assert_eq!(lines(text).unwrap(), [(1, "a"), (2, "b"), (4, "c")], "{text:?}");
    }
    let long = format!("a\n{}", "x".repeat(MAX_LINE_BYTES + 1));
    assert!(matches!(lines(&long), Err(HistoryError::LineTooLong { line: 2, .. })));
}

#[test]
fn every_encoding_reads_alike() {
    let plain = read(POSITIONS.as_bytes()).unwrap();
    let marked = format!("\u{feff}{POSITIONS}");
    assert_eq!(read(marked.as_bytes()).unwrap(), plain);
    for (mark, big) in [(true, false), (true, true), (false, false), (false, true)] {
        assert_eq!(read(&utf16(POSITIONS, mark, big)).unwrap(), plain, "mark {mark}, big-endian {big}");
    }
    assert_eq!(read(POSITIONS.replace('\n', "\r\n").as_bytes()).unwrap(), plain);
    assert_eq!(read(format!("{POSITIONS}\n\r\n;;;;;;;;;;\n").as_bytes()).unwrap(), plain);

    let mut odd = utf16(POSITIONS, true, false);
    odd.pop();
    assert!(matches!(read(&odd), Err(HistoryError::BadUtf16 { .. })));
    assert!(matches!(read(&[0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]), Err(HistoryError::BadUtf16 { at: 0 })));

    // 0xA0 alone is not UTF-8; in the old code page it is the blank between thousands.
    let latin = POSITIONS.replace("2010.5", "2#010.5").into_bytes();
    let latin: Vec<u8> = latin.into_iter().map(|byte| if byte == b'#' { 0xa0 } else { byte }).collect();
    let history = read(&latin).unwrap();
    assert_eq!(history.positions, plain.positions);
    assert!(history.notes.iter().any(|note| note.contains("Latin-1")));
}

#[test]
fn what_is_no_history_is_refused() {
    assert!(matches!(read(b""), Err(HistoryError::Empty)));
    assert!(matches!(read(b" \r\n \n"), Err(HistoryError::Empty)));
    assert!(matches!(read(b"\xef\xbb\xbf"), Err(HistoryError::Empty)));
    let error = read(b"Ticket,Open,Close\n1,2,3\n").unwrap_err();
    let text = error.to_string();
    for part in ["Ticket,Open,Close", "positions CSV", "order-book CSV", "HTML report"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(matches!(read(b"<html><body>Log in</body></html>"), Err(HistoryError::UnknownFormat { .. })));
    let large = vec![b' '; usize::try_from(MAX_BYTES).unwrap() + 1];
    assert!(matches!(read(&large), Err(HistoryError::TooLarge { .. })));
}

#[test]
fn files_are_bounded_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.csv");
    std::fs::write(&path, POSITIONS).unwrap();
    assert_eq!(read_file(&path).unwrap(), read(POSITIONS.as_bytes()).unwrap());
    std::fs::write(&path, POSITIONS.replace("2008.25", "abc")).unwrap();
    let text = read_file(&path).unwrap_err().to_string();
    for part in ["history.csv", "line 2", "Price (close)", "\"abc\""] {
        assert!(text.contains(part), "{text}");
    }
    // Sparse: refused by its size, before a byte is read.
    std::fs::File::create(&path).unwrap().set_len(MAX_BYTES + 1).unwrap();
    assert!(read_file(&path).unwrap_err().to_string().contains("larger than"));
    assert!(read_file(&folder.path().join("absent")).unwrap_err().to_string().contains("absent"));
}
