//! One run, many of them, and the shortest that still fails.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use lotbridge::domain::{Deal, DealEntry};
use lotbridge::replication::{Defect, Record};

use super::check;
use super::filters;
use super::world::{Event, Kind, Plan, World, begins_with};
use super::wrong::{Invariant, Wrong};

/// So long everything may take to settle once nothing goes wrong any more: the longest pause between two attempts, an
/// open's deadline and the doubt after it, a minute in which the market is closed, and some.
const SETTLED_WITHIN_MS: u64 = 180_000;

/// So long it takes until what a deal that is gone had opened counts as closed, where a hub that has just begun knows it by
/// its record alone, with some.
const CORRECTED_WITHIN_MS: u64 = 75_000;

/// Troubled times, quiet, a look; troubled times again, the master closes everything, quiet, a look.
fn play(world: &mut World) -> Result<(), Wrong> {
    let troubled_ms = world.random.between(4_000, 20_000);
    run(world, troubled_ms)?;
    settle(world)?;
    check::emptied(world)?;
    filters::filtered(world)?;
    check::copied(world)?;
    check::ledger(world)?;
    on_the_disk(world)?;
    world.stir();
    run(world, 3_000)?;
    let closes_in_calm = world.random.per_mille(500);
    if closes_in_calm {
        world.quiet_down();
    }
    world.close_all();
    if !closes_in_calm {
        run(world, 2_000)?;
    }
    world.quiet_down();
    // What its broker has accepted is executed now.
    world.run(500, 100)?;
    let end_ms = world.now_ms + SETTLED_WITHIN_MS;
    let left = |world: &World| {
        let terminal = &world.master.terminal;
        terminal.positions().count() + terminal.orders().count() + terminal.working().count()
    };
    while left(world) > 0 {
        // Not while the market is closed.
        world.close_all();
        world.run(500, 100)?;
        if world.now_ms > end_ms {
            break;
        }
    }
    settle(world)?;
    check::flat(world)?;
    filters::filtered(world)?;
    check::ledger(world)?;
    on_the_disk(world)
}

/// The ledger's file holds what was put on record.
fn on_the_disk(world: &mut World) -> Result<(), Wrong> {
    let Some(book) = &mut world.book else { return Ok(()) };
    let kept = book.read()?;
    let same = kept.len() == world.records.len() && begins_with(&world.records, &kept);
    if same { Ok(()) } else { Err(Invariant::Ledger.broken("its file holds other records")) }
}

fn run(world: &mut World, ms: u64) -> Result<(), Wrong> {
    let end_ms = world.now_ms + ms;
    while world.now_ms < end_ms {
        world.run(1_000.min(end_ms - world.now_ms), 20)?;
        check::always(world)?;
    }
    Ok(())
}

/// Waits until everything has settled and stays so.
fn settle(world: &mut World) -> Result<(), Wrong> {
    world.quiet_down();
    if !world.master.vanished.is_empty() {
        run(world, CORRECTED_WITHIN_MS)?;
    }
    let end_ms = world.now_ms + SETTLED_WITHIN_MS;
    let mut steps = 0;
    while steps < 6 {
        world.run(1_000, 100)?;
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
pub type Seen = BTreeMap<String, u64>;

/// What came of a plan.
pub struct Played {
    pub wrong: Option<Wrong>,
    pub events: Vec<Event>,
    pub seen: Seen,
    pub story: Vec<String>,
}

/// Plays one plan.
pub fn play_one(plan: Plan) -> Played {
    let mut world = World::new(plan);
    let wrong = play(&mut world).err();
    if let Some(wrong) = &wrong {
        world.tell(|| wrong.to_string());
    }
    let mut seen = Seen::new();
    look(&world, &mut seen);
    Played { wrong, events: world.events, seen, story: world.story.unwrap_or_default() }
}

/// The story of a plan, told line by line.
pub fn tell(plan: &Plan) -> Vec<String> {
    play_one(Plan { tell: true, ..plan.clone() }).story
}

/// Counts what a world has seen.
fn look(world: &World, seen: &mut Seen) {
    let mut count = |what: &str, times: u64| *seen.entry(what.to_owned()).or_default() += times;
    let by = |deals: &[Deal]| deals.iter().filter(|deal| deal.entry == DealEntry::OutBy).count() as u64;
    count("master's closed by another", by(world.master.terminal.deals()));
    count("netting masters", u64::from(world.master.nets()));
    count("netting slaves", world.slaves.iter().filter(|slave| slave.account.nets()).count() as u64);
    if let Some(book) = &world.book {
        for (what, times) in
            ["ledger whole", "ledger's log torn", "ledger torn", "ledger gone"].into_iter().zip(book.met)
        {
            count(what, times);
        }
    }
    let guards =
        ["guard skips opens", "guard closes only", "guard closes all", "guard re-armed", "cash moved"];
    for slave in &world.slaves {
        let terminal = &slave.account.terminal;
        count("closed by another", by(terminal.deals()));
        count("positions opened", terminal.deals().iter().filter(|d| !d.entry.closes()).count() as u64);
        for past in terminal.past_orders(lotbridge::domain::ServerTime(0)) {
            count(&format!("order {:?}", past.end), 1);
        }
        for (what, times) in guards.into_iter().zip(slave.watch.seen) {
            count(what, times);
        }
    }
    for record in &world.records {
        match record {
            Record::Copy { state, skip, .. } => {
                count(&state.to_string(), 1);
                if let Some(skip) = skip {
                    count(&skip.to_string(), 1);
                }
            }
            Record::Decided { decision, .. } => {
                if let Some(skip) = decision.skip {
                    count(&skip.to_string(), 1);
                } else {
                    count(&format!("sized by {}", decision.method), 1);
                }
            }
            _ => {}
        }
    }
    for event in &world.events {
        count(&format!("{:?}", event.kind), 1);
    }
}

/// A seed, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failed {
    pub seed: u64,
    pub wrong: Wrong,
}

/// Plays every seed on so many threads; those that failed, and how much was seen in all. `done` hears of every seed;
/// a thread goes no further once it answers `false`.
pub fn play_all(
    seeds: &Range<u64>,
    threads: usize,
    defect: Option<Defect>,
    done: impl Fn(u64, Option<&Wrong>) -> bool + Sync,
) -> (Vec<Failed>, Seen) {
    let (mut failed, mut seen) = (Vec::new(), Seen::new());
    std::thread::scope(|scope| {
        let part = |first: usize| {
            let (seeds, done) = (seeds.clone().skip(first).step_by(threads), &done);
            scope.spawn(move || {
                let (mut failed, mut seen) = (Vec::new(), Seen::new());
                for seed in seeds {
                    let played = play_one(Plan { seed, defect, ..Plan::default() });
                    add(&mut seen, played.seen);
                    let goes_on = done(seed, played.wrong.as_ref());
                    failed.extend(played.wrong.map(|wrong| Failed { seed, wrong }));
                    if !goes_on {
                        break;
                    }
                }
                (failed, seen)
            })
        };
        let parts: Vec<_> = (0..threads).map(part).collect();
        for part in parts {
            let (also_failed, also_seen) = part.join().expect("a seed panicked");
            failed.extend(also_failed);
            add(&mut seen, also_seen);
        }
    });
    failed.sort();
    (failed, seen)
}

fn add(seen: &mut Seen, also: Seen) {
    for (what, times) in also {
        *seen.entry(what).or_default() += times;
    }
}

/// Leaves out as much as can be left out while the same invariant breaks (Zeller, Hildebrandt: "Simplifying and isolating
/// failure-inducing input", IEEE TSE 2002): first by kind, then by halves, quarters, and so on. At most `runs` runs.
pub fn shrink(plan: &Plan, runs: usize) -> (Plan, Vec<Event>) {
    let played = play_one(plan.clone());
    let Some(wrong) = played.wrong else { return (plan.clone(), played.events) };
    let (mut plan, mut left, mut runs) = (plan.clone(), played.events, runs);
    let mut without = |plan: &mut Plan, left: &mut Vec<Event>, out: &[Event]| {
        if out.is_empty() || runs == 0 {
            return false;
        }
        runs -= 1;
        let mut shorter = plan.clone();
        shorter.without.extend(out);
        let played = play_one(shorter.clone());
        let same = played.wrong.is_some_and(|also| also.invariant == wrong.invariant);
        if same {
            (*plan, *left) = (shorter, played.events);
        }
        same
    };
    let kinds: BTreeSet<Kind> = left.iter().map(|event| event.kind).collect();
    for kind in kinds {
        let of_kind: Vec<Event> = left.iter().filter(|event| event.kind == kind).copied().collect();
        without(&mut plan, &mut left, &of_kind);
    }
    let mut parts = 2;
    while left.len() > 1 {
        let size = left.len().div_ceil(parts);
        let chunks: Vec<Vec<Event>> = left.chunks(size).map(<[Event]>::to_vec).collect();
        let before = left.len();
        for chunk in chunks {
            without(&mut plan, &mut left, &chunk);
        }
        if left.len() == before && size == 1 {
            break;
        }
        parts = if left.len() < before { 2 } else { parts * 2 };
    }
    (plan, left)
}
