//! A seeded simulation of replication in virtual time: one hub, three agents, four accounts, and everything that goes
//! wrong between them. No sockets, threads or clocks; the same seed tells the same story.
//!
//! `LOTBRIDGE_SEED=7 cargo test --test simulation` tells one story; `LOTBRIDGE_SEEDS=5000` plays so many.

mod account;
mod check;
mod guards;
mod random;
mod setup;
mod slave;
mod world;

use std::collections::BTreeMap;

use lotbridge::replication::Record;
use world::World;

/// Seeds that are played with every `cargo test`.
const SEEDS: u64 = 300;
/// So long everything may take to settle once nothing goes wrong any more: the longest pause between two attempts,
/// an open's deadline and the doubt after it, and some.
const SETTLED_WITHIN_MS: u64 = 90_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// Troubled times, quiet, a look; troubled times again, the master closes everything, quiet, a look.
fn play(world: &mut World) -> Result<(), String> {
    let troubled_ms = world.random.between(4_000, 20_000);
    world.run(troubled_ms, 20)?;
    check::always(world)?;
    settle(world)?;
    check::emptied(world)?;
    check::copied(world)?;
    world.calm = false;
    world.run(3_000, 20)?;
    let closes_in_calm = world.random.per_mille(500);
    if closes_in_calm {
        world.calm = true;
    }
    world.close_all();
    if !closes_in_calm {
        world.run(2_000, 20)?;
    }
    world.quiet_down();
    world.close_all();
    settle(world)?;
    check::flat(world)
}

/// Waits until everything has settled and stays so.
fn settle(world: &mut World) -> Result<(), String> {
    world.quiet_down();
    let end_ms = world.now_ms + SETTLED_WITHIN_MS;
    let mut steps = 0;
    while steps < 6 {
        world.run(1_000, 50)?;
        check::always(world)?;
        match check::settled(world) {
            Ok(()) => steps += 1,
            Err(_) if world.now_ms < end_ms => steps = 0,
            Err(what) => return Err(what),
        }
    }
    Ok(())
}

/// How often something was seen.
type Seen = BTreeMap<String, u64>;

/// What must have been seen in [`SEEDS`] seeds, and how often at least.
const LEAST_SEEN: [(&str, u64); 14] = [
    ("copies opened", 3_000),
    ("open", 3_000),
    ("closed", 3_000),
    ("in doubt", 300),
    ("skipped", 1_000),
    ("rejected", 50),
    ("hub died", 300),
    ("agent died", 300),
    ("session broke", 1_000),
    ("guard skips opens", 20),
    ("guard closes only", 20),
    ("guard closes all", 20),
    ("guard re-armed", 20),
    ("cash moved", 200),
];

/// Counts what a world has seen.
fn look(world: &World, seen: &mut Seen) {
    let mut count = |what: &str, times: u64| *seen.entry(what.to_owned()).or_default() += times;
    for slave in &world.slaves {
        count(
            "copies opened",
            slave.account.terminal.deals().iter().filter(|d| !d.entry.closes()).count() as u64,
        );
    }
    let guards =
        ["guard skips opens", "guard closes only", "guard closes all", "guard re-armed", "cash moved"];
    for slave in &world.slaves {
        for (what, times) in guards.into_iter().zip(slave.watch.seen) {
            count(what, times);
        }
    }
    for record in &world.records {
        if let Record::Copy { state, .. } = record {
            count(&state.to_string(), 1);
        }
    }
    for (what, times) in ["hub died", "agent died", "session broke"].into_iter().zip(world.deaths) {
        count(what, times);
    }
}

/// A seed, and what is wrong with it.
type Failed = (u64, String);

/// Plays every seed, on as many threads as there are cores; those that failed, and how much was seen in all.
fn play_all(seeds: &std::ops::Range<u64>) -> (Vec<Failed>, Seen) {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (mut failed, mut seen) = (Vec::new(), Seen::new());
    std::thread::scope(|scope| {
        let part = |first: usize| {
            let seeds = seeds.clone().skip(first).step_by(threads);
            scope.spawn(move || {
                let (mut failed, mut seen) = (Vec::new(), Seen::new());
                for seed in seeds {
                    let mut world = World::new(seed, false);
                    failed.extend(play(&mut world).err().map(|what| (seed, what)));
                    look(&world, &mut seen);
                }
                (failed, seen)
            })
        };
        let parts: Vec<_> = (0..threads).map(part).collect();
        for part in parts {
            let (also_failed, also_seen) = part.join().expect("a seed panicked");
            failed.extend(also_failed);
            for (what, times) in also_seen {
                *seen.entry(what).or_default() += times;
            }
        }
    });
    failed.sort();
    (failed, seen)
}

#[test]
fn nothing_is_lost_doubled_or_left_open() {
    let seeds = match (number("LOTBRIDGE_SEED"), number("LOTBRIDGE_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, seeds) => 0..seeds.unwrap_or(SEEDS),
    };
    let (mut failed, seen) = play_all(&seeds);
    if seeds.end - seeds.start >= SEEDS {
        // A simulation in which nothing happens proves nothing.
        for (what, least) in LEAST_SEEN {
            let times = seen.get(what).copied().unwrap_or(0);
            assert!(times >= least, "{what}: {times} times, {least} are the least; all: {seen:?}");
        }
    }
    if let Some(seed) = number("LOTBRIDGE_SEED")
        && failed.is_empty()
    {
        failed.push((seed, "nothing is wrong with it".into()));
    }
    let Some((first, what)) = failed.first() else { return };
    let mut told = World::new(*first, true);
    let _ = play(&mut told);
    for line in told.story.unwrap_or_default() {
        println!("{line}");
    }
    let others: Vec<String> = failed.iter().map(|(seed, what)| format!("  {seed}: {what}")).collect();
    panic!("seed {first}: {what}\nall that failed:\n{}", others.join("\n"));
}
