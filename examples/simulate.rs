//! Plays the seeded simulation of the tests, as many seeds as are asked for, and shrinks the first failure to a short
//! schedule.
//!
//! `cargo run --profile quick --example simulate -- --seeds 50000 [--from N] [--threads N] [--defect NAME]`

#[path = "../tests/simulation/mod.rs"]
mod simulation;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use lotbridge::replication::Defect;
use simulation::{Failed, Invariant, Plan, play_all, play_one, shrink, tell};

/// Plays seeds of the simulation: a hub, three slaves and their terminals in virtual time, with everything that goes wrong
/// between them. Whatever must be so is checked all the time, and once everything has been quiet. The same seed tells the
/// same story on every machine.
///
/// What fails is printed with its seed as it comes. In the end the first failure is told again, with as few events as still
/// bring it about; `LOTBRIDGE_SEED=7 cargo test --test simulation -- --nocapture` tells the whole story of a seed.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// On how many threads; as many as there are cores when left out.
    #[arg(long)]
    threads: Option<usize>,
    /// With this deliberate defect, by its name in `replication::planted`.
    #[arg(long, value_parser = defect)]
    defect: Option<Defect>,
    /// So many runs at most to shrink a failure.
    #[arg(long, default_value_t = 2_000)]
    shrink: usize,
}

fn defect(name: &str) -> Result<Defect, String> {
    let names = || Defect::ALL.map(|defect| format!("{defect:?}"));
    let found = Defect::ALL.into_iter().find(|defect| format!("{defect:?}") == name);
    found.ok_or_else(|| format!("one of {}", names().join(", ")))
}

fn main() -> ExitCode {
    let Arguments { seeds, from, threads, defect, shrink: runs } = Arguments::parse();
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let played = AtomicU64::new(0);
    let (failed, seen) = play_all(&(from..from + seeds), threads.max(1), defect, |seed, wrong| {
        let so_far = played.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(wrong) = wrong {
            eprintln!("seed {seed}: {wrong}");
        }
        if so_far.is_multiple_of(1_000) {
            eprintln!("{so_far} of {seeds}");
        }
        true
    });
    println!("{seeds} seeds from {from}, {} failed; seen:", failed.len());
    for (what, times) in seen {
        println!("{times:>12} {what}");
    }
    let mut by_invariant: BTreeMap<Invariant, usize> = BTreeMap::new();
    for failed in &failed {
        *by_invariant.entry(failed.wrong.invariant).or_default() += 1;
    }
    for (invariant, times) in by_invariant {
        println!("{times:>12} failed by {invariant:?}");
    }
    let Some(Failed { seed, wrong }) = failed.first() else { return ExitCode::SUCCESS };
    let (plan, events) = shrink(&Plan { seed: *seed, defect, ..Plan::default() }, runs);
    println!("\nseed {seed}: {wrong}\n\nwhat it takes:");
    for event in &events {
        println!("{event}");
    }
    println!("\nthe story:\n{}", tell(&plan).join("\n"));
    if let Some(wrong) = play_one(plan).wrong {
        println!("\n{wrong}");
    }
    ExitCode::FAILURE
}
