//! Any bytes are answered, none panic; what is read is consistent in itself.

use proptest::prelude::*;

use super::samples::{ORDER_BOOK, POSITIONS, account, small_tester, utf16};
use crate::domain::Lots;
use crate::history::{Event, History, instruments, read, tick_value_at, timeline};

fn samples() -> [Vec<u8>; 5] {
    [
        POSITIONS.as_bytes().to_vec(),
        ORDER_BOOK.as_bytes().to_vec(),
        small_tester().into_bytes(),
        account().into_bytes(),
        utf16(&small_tester(), true, false),
    ]
}

/// What must hold for every history that was read, however odd the file.
fn check(history: &History) {
    for position in &history.positions {
        assert!(position.lots.is_positive() && position.open_price.is_positive());
        let sum = position.exits.iter().fold(Lots::ZERO, |sum, exit| sum.saturating_add(exit.lots));
        assert_eq!(sum, position.lots, "the exits sum to the position");
        assert!(position.exits.is_sorted_by_key(|exit| exit.time));
        assert!(position.exits.iter().all(|exit| exit.time >= position.open_time && exit.lots.is_positive()));
    }
    assert!(history.positions.is_sorted_by_key(|position| position.open_time));
    let steps = timeline(history);
    assert!(steps.is_sorted_by_key(|step| step.time));
    let mut open = vec![false; history.positions.len()];
    let mut placed = vec![false; history.orders.len()];
    for step in &steps {
        match step.event {
            Event::Open { position, .. } => open[position] = true,
            Event::Exit { position, .. } => assert!(open[position], "nothing is closed before it is opened"),
            Event::Place { order } => placed[order] = true,
            Event::End { order } => assert!(placed[order], "nothing ends before it is placed"),
            Event::Balance { .. } => {}
        }
    }
    if let Ok(found) = instruments(history) {
        for position in &history.positions {
            let instrument = found.iter().find(|instrument| instrument.symbol == position.symbol).unwrap();
            for exit in &position.exits {
                tick_value_at(instrument, position, exit);
            }
        }
    }
}

#[test]
fn every_truncation_is_answered() {
    for sample in samples() {
        check(&read(&sample).unwrap());
        for end in 0..sample.len() {
            if let Ok(history) = read(&sample[..end]) {
                check(&history);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        if let Ok(history) = read(&bytes) {
            check(&history);
        }
    }

    #[test]
    fn random_changes(
        which in 0_usize..5,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..8),
    ) {
        let mut bytes = samples()[which].clone();
        for (at, byte, kind) in changes {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        if let Ok(history) = read(&bytes) {
            check(&history);
        }
    }

    /// Digits for digits: the file keeps its form, its facts change.
    #[test]
    fn random_figures(
        which in 0_usize..4,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), b'0'..=b'9'), 1..20),
    ) {
        let mut bytes = samples()[which].clone();
        let digits: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at].is_ascii_digit()).collect();
        for (at, digit) in changes {
            bytes[digits[at.index(digits.len())]] = digit;
        }
        if let Ok(history) = read(&bytes) {
            check(&history);
        }
    }

    /// Lines moved to other places of the same file.
    #[test]
    fn random_order(which in 0_usize..4, seed in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let bytes = samples()[which].clone();
        let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
        let (from, to) = (seed.index(lines.len()), other.index(lines.len()));
        lines.swap(from, to);
        if let Ok(history) = read(&lines.concat()) {
            check(&history);
        }
    }
}
