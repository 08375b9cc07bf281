//! The simulation, as every `cargo test` plays it. `LOTBRIDGE_SEED=7 cargo test --test simulation` tells one story;
//! `cargo run --profile quick --example simulate -- --seeds 50000` plays more, and shrinks what fails.

#[path = "simulation/mod.rs"]
mod simulation;

use std::sync::atomic::{AtomicU64, Ordering};

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

/// What must have been seen in [`SEEDS`] seeds, and how often at least: about half of what is. A simulation in which
/// nothing happens proves nothing.
const LEAST_SEEN: [(&str, u64); 75] = [
    ("AllDie", 350),
    ("BytesTampered", 3_500),
    ("CashMoves", 4_600),
    ("ClocksJump", 1_900),
    ("DiesMidOrder", 700),
    ("GuardsRearmed", 3_100),
    ("Hand", 3_900),
    ("HubDies", 2_300),
    ("LinkBreaks", 4_700),
    ("MasterChanges", 9_800),
    ("MasterFreezes", 4_600),
    ("MasterOpens", 9_900),
    ("MasterPlaces", 7_800),
    ("MasterTouchesOrder", 5_800),
    ("SlaveDies", 5_900),
    ("SlaveFreezes", 2_300),
    ("TerminalHides", 3_500),
    ("TerminalLags", 11_000),
    ("TerminalOffline", 4_700),
    ("TerminalOnline", 15_000),
    ("below_minimum", 830),
    ("block_shared", 270),
    ("cash moved", 2_200),
    ("closed", 10_000),
    ("closed by another", 120),
    ("closing", 12_000),
    ("guard closes all", 120),
    ("guard closes only", 190),
    ("guard re-armed", 440),
    ("guard skips opens", 550),
    ("guard_daily_drawdown", 380),
    ("guard_daily_loss", 580),
    ("guard_equity_stop", 2_200),
    ("guard_exposure_total", 140),
    ("guard_state_lost", 490),
    ("guard_total_drawdown", 460),
    ("in doubt", 2_700),
    ("late_join", 690),
    ("ledger gone", 8),
    ("ledger torn", 12),
    ("ledger whole", 25),
    ("ledger's log torn", 32),
    ("limit_lots_per_symbol", 340),
    ("limit_lots_total", 380),
    ("limit_open_copies", 4_500),
    ("master's closed by another", 840),
    ("master_cancelled", 4_600),
    ("master_closed", 6_000),
    ("minimum_too_risky", 12),
    ("netting masters", 250),
    ("no_stop_loss", 5_100),
    ("not_connected", 1_000),
    ("not_supported", 580),
    ("open", 14_000),
    ("order Cancelled", 1_700),
    ("order Expired", 170),
    ("order Filled", 210),
    ("order_ended", 160),
    ("pending", 2_000),
    ("planned", 7_200),
    ("positions opened", 11_000),
    ("rejected", 290),
    ("sent", 21_000),
    ("sized by balance_ratio", 2_600),
    ("sized by block", 1_900),
    ("sized by equity_ratio", 2_700),
    ("sized by fixed_lots", 2_600),
    ("sized by formula", 1_300),
    ("sized by free_margin_ratio", 420),
    ("sized by hybrid", 600),
    ("sized by multiplier", 3_300),
    ("sized by risk_percent", 860),
    ("skipped", 17_000),
    ("stale_facts", 2),
    ("too_late", 1_300),
];

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
    let (failed, seen) = play_all(&(0..SEEDS), threads(), None, |_, _| true);
    assert!(failed.is_empty(), "{}", report(&failed));
    let times = |what: &str| seen.get(what).copied().unwrap_or(0);
    let rare: Vec<String> = LEAST_SEEN
        .iter()
        .filter(|(what, least)| times(what) < *least)
        .map(|(what, least)| format!("{what}: {} times, {least} are the least", times(what)))
        .collect();
    assert!(rare.is_empty(), "{}\nall: {seen:#?}", rare.join("\n"));
}

/// The deliberate defects, and the invariants that find each: on the first seed that shows it one of these is broken
/// first. Which of several that is changes with everything that changes what a seed plays.
const DEFECTS: [(Defect, &[Invariant]); Defect::ALL.len()] = [
    (Defect::ResendOnTimeout, &[Invariant::Doubt]),
    (Defect::ForgetInDoubt, &[Invariant::Doubt]),
    (Defect::RoundTheRest, &[Invariant::Lots]),
    (Defect::FillIsCancel, &[Invariant::Lots]),
    (Defect::ReopenAfterClose, &[Invariant::Doubt]),
    (Defect::MatchBySymbol, &[Invariant::Stops, Invariant::Lots, Invariant::Once]),
    (Defect::GuardOnlyAtOpen, &[Invariant::Guards]),
    (Defect::DropFrameAtEdge, &[Invariant::Session]),
    (Defect::IgnoreNumbers, &[Invariant::Session]),
    (Defect::IgnoreDeadline, &[Invariant::Deadline]),
    (Defect::IgnoreLimits, &[Invariant::Limits]),
    (Defect::KeepOrders, &[Invariant::Settled]),
    (Defect::KeepTerms, &[Invariant::Stops]),
    (Defect::SkipSilently, &[Invariant::Reason]),
    (Defect::IgnoreReverse, &[Invariant::Lots]),
    (Defect::KeepStopsUnswapped, &[Invariant::Stops]),
    (Defect::ForgetStops, &[Invariant::Stops]),
    (Defect::TrustDisconnected, &[Invariant::Sizes]),
    (Defect::TrustGlimpse, &[Invariant::Doubt]),
    (Defect::TrustMastersGlimpse, &[Invariant::Lots]),
    (Defect::JoinMastersGlimpses, &[Invariant::Lots]),
    (Defect::ForgetAnswers, &[Invariant::Lots, Invariant::Once]),
    (Defect::LeaveStrays, &[Invariant::Orphan]),
    (Defect::OpenUnderGuard, &[Invariant::Guards]),
    (Defect::DoTwice, &[Invariant::Once]),
    (Defect::HideCloses, &[Invariant::Ledger]),
    (Defect::CloseWholePosition, &[Invariant::Lots, Invariant::Once]),
    (Defect::IgnoreHands, &[Invariant::Settled, Invariant::Stops, Invariant::Ledger]),
    (Defect::KeepBare, &[Invariant::Protected]),
    (Defect::IgnoreFilters, &[Invariant::Filter]),
    (Defect::IgnoreAge, &[Invariant::Sizes]),
    (Defect::ForgetWorking, &[Invariant::Once, Invariant::Lots]),
    (Defect::CloseWithoutTicket, &[Invariant::Once]),
    (Defect::DoubleTheLots, &[Invariant::Lots]),
    (Defect::TrustPastOrders, &[Invariant::Lifecycle]),
    (Defect::KeepUnderGuard, &[Invariant::Emptied]),
];

/// So many seeds at most, until a defect is found.
const FOUND_WITHIN: u64 = 500;

/// The first seed that finds a defect, and by what.
fn finds(defect: Defect) -> Option<(u64, Invariant)> {
    let first = AtomicU64::new(u64::MAX);
    let (failed, _) = play_all(&(0..FOUND_WITHIN), threads(), Some(defect), |seed, wrong| {
        if wrong.is_some() {
            first.fetch_min(seed, Ordering::Relaxed);
        }
        seed < first.load(Ordering::Relaxed)
    });
    failed.first().map(|failed| (failed.seed, failed.wrong.invariant))
}

#[test]
fn every_planted_defect_is_found() {
    let wrong: Vec<String> = Defect::ALL
        .iter()
        .filter_map(|defect| {
            let by = DEFECTS.iter().find(|(d, _)| d == defect).map_or(&[][..], |(_, by)| by);
            match finds(*defect) {
                Some((_, found)) if by.contains(&found) => None,
                Some((seed, found)) => {
                    Some(format!("{defect:?}: seed {seed} by {found:?}, the table says {by:?}"))
                }
                None => Some(format!("{defect:?}: not found within {FOUND_WITHIN} seeds")),
            }
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
