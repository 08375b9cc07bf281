//! What the fuzzers of `fuzz/` run, without a fuzzer: every file of their corpora, and a few thousand seeded mutations of
//! them. What a fuzzer has found stays there as a file, and is met here ever after.
//!
//! The corpora's first files are made of samples by this test itself, where `LOTBRIDGE_WRITE_SEEDS` is set.
#![cfg(unix)]

#[path = "../fuzz/targets/config.rs"]
mod config;
#[path = "../fuzz/targets/facts.rs"]
mod facts;
#[path = "../fuzz/targets/frames.rs"]
mod frames;
#[path = "../fuzz/targets/history.rs"]
mod history;
#[path = "../src/history/tests/samples.rs"]
mod history_samples;
#[expect(dead_code, reason = "the auditor needs more of it")]
#[path = "auditor/random.rs"]
mod random;
#[path = "fuzz_corpus/seeds.rs"]
mod seeds;
#[path = "../fuzz/targets/structs.rs"]
mod structs;

use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;

use random::Random;

/// The most that an input may grow to.
const LONGEST: usize = 64 << 10;

fn folder(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(target)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Runs every file, and `mutations` of each.
fn replay(target: &str, run: fn(&[u8]), mutations: u64) {
    if std::env::var_os("LOTBRIDGE_WRITE_SEEDS").is_some() {
        fs::create_dir_all(folder(target)).unwrap();
        for (name, bytes) in seeds::of(target) {
            fs::write(folder(target).join(name), bytes).unwrap();
        }
    }
    let files = corpus(target);
    assert!(files.len() >= 3, "{} files in {}", files.len(), folder(target).display());
    for (at, (name, bytes)) in files.iter().enumerate() {
        run(bytes);
        for seed in 0..mutations {
            let input = mutated(&mut Random::new(seed), &files, at);
            let failed = catch_unwind(|| run(&input)).is_err();
            let text = String::from_utf8_lossy(&input);
            assert!(!failed, "{target}, {name}, seed {seed}: fails with {text:?}");
        }
    }
}

/// A file with a few bytes overwritten, taken out, doubled, or put in from another file.
fn mutated(random: &mut Random, files: &[(String, Vec<u8>)], at: usize) -> Vec<u8> {
    let mut bytes = files[at].1.clone();
    let below = |random: &mut Random, most: usize| usize::try_from(random.below(most as u64 + 1)).unwrap();
    for _ in 0..=random.below(6) {
        let start = below(random, bytes.len());
        let end = (start + below(random, 16)).min(bytes.len());
        match random.below(5) {
            0 => drop(bytes.drain(start..end)),
            1 => bytes.splice(start..start, bytes[start..end].to_vec()).for_each(drop),
            2 => {
                let other = &files[below(random, files.len() - 1)].1;
                let from = below(random, other.len());
                let piece = other[from..(from + below(random, 64)).min(other.len())].to_vec();
                bytes.splice(start..end, piece).for_each(drop);
            }
            3 => {
                let extreme = random.pick(&[0, 1, 9, b'0', b'-', b'"', 0x7f, 0x80, 0xfe, 0xff]);
                bytes[start..end].fill(extreme);
            }
            _ => bytes[start..end].iter_mut().for_each(|byte| *byte ^= 1 << random.below(8)),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

#[test]
fn frames_of_any_kind_are_answered() {
    replay("frames", frames::run, 300);
}

#[test]
fn configurations_of_any_kind_are_answered() {
    replay("config", config::run, 150);
}

#[test]
fn histories_of_any_kind_are_answered() {
    replay("history", history::run, 100);
}

#[test]
fn structs_of_any_kind_are_answered() {
    replay("structs", structs::run, 150);
}
