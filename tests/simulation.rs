//! The simulation, as every `cargo test` plays it. `LOTBRIDGE_SEED=7 cargo test --test simulation` tells one story;
//! `cargo run --release --example simulate -- --seeds 50000` plays more, and shrinks what fails.

#[path = "simulation/mod.rs"]
mod simulation;

use lotbridge::replication::Defect;
use simulation::{Failed, Invariant, Plan, play_all, play_one, shrink, tell};

/// Seeds that are played with every `cargo test`.
const SEEDS: u64 = 2_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// What must have been seen in [`SEEDS`] seeds, and how often at least.
const LEAST_SEEN: [(&str, u64); 0] = [];

/// What failed, with the story of the first, as short as it gets.
fn report(failed: &[Failed]) -> String {
    let Some(Failed { seed, wrong }) = failed.first() else { return String::new() };
    let (plan, _) = shrink(&Plan { seed: *seed, ..Plan::default() }, 300);
    let others: Vec<String> =
        failed.iter().map(|Failed { seed, wrong }| format!("  {seed}: {wrong}")).collect();
    format!(
        "{}\nseed {seed}: {wrong}\nits story as short as it gets is above; all that failed:\n{}",
        tell(&plan).join("\n"),
        others.join("\n")
    )
}

#[test]
fn nothing_is_lost_doubled_or_left_open() {
    if let Some(seed) = number("LOTBRIDGE_SEED") {
        let plan = Plan { seed, ..Plan::default() };
        let (story, wrong) = (tell(&plan), play_one(plan).wrong);
        println!("{}", story.join("\n"));
        assert!(wrong.is_none(), "seed {seed}: {}", wrong.unwrap());
        return;
    }
    let seeds = 0..number("LOTBRIDGE_SEEDS").unwrap_or(SEEDS);
    let (failed, seen) = play_all(&seeds, threads(), None, |_, _| true);
    if number("LOTBRIDGE_QUICK").is_some() {
        let mut by: std::collections::BTreeMap<Invariant, Vec<&Failed>> = Default::default();
        for f in &failed {
            by.entry(f.wrong.invariant).or_default().push(f);
        }
        for (i, fs) in by {
            println!("{i:?} {}", fs.len());
            for f in fs.iter().take(6) {
                println!("   {} {}", f.seed, f.wrong);
            }
        }
        return;
    }
    assert!(failed.is_empty(), "{}", report(&failed));
    if seeds.end >= SEEDS {
        // A simulation in which nothing happens proves nothing.
        for (what, least) in LEAST_SEEN {
            let times = seen.get(what).copied().unwrap_or(0);
            assert!(times >= least, "{what}: {times} times, {least} are the least; all: {seen:?}");
        }
    }
    println!("{seen:#?}");
}

/// The deliberate defects, and the invariant that finds each.
const DEFECTS: [(Defect, Invariant); 0] = [];

/// So many seeds at most, until a defect is found.
const FOUND_WITHIN: u64 = 500;

#[test]
fn every_planted_defect_is_found() {
    let mut table = Vec::new();
    for defect in Defect::ALL {
        let found = std::sync::atomic::AtomicBool::new(false);
        let (failed, _) = play_all(&(0..FOUND_WITHIN), threads(), Some(defect), |_, wrong| {
            found.fetch_or(wrong.is_some(), std::sync::atomic::Ordering::Relaxed);
            !found.load(std::sync::atomic::Ordering::Relaxed)
        });
        let by = failed.first().map(|failed| (failed.seed, failed.wrong.invariant));
        println!("{defect:?} {by:?}");
        table.push((defect, by));
    }
    for (defect, by) in table {
        assert!(by.is_some(), "{defect:?} is not found within {FOUND_WITHIN} seeds");
    }
    let _ = DEFECTS;
}
