//! Terminals killed at random while pending orders wait: the same end as undisturbed.
//!
//! `LOTBRIDGE_KILLS=200 cargo test --release --test replay kills -- --nocapture` kills more; `LOTBRIDGE_SEED` other ones.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::command::{Job, read, shared, timeless};
use super::restart::{assert_same, kill, terminal_of};

/// At most so many in one replay, so that it comes to its end.
const PER_RUN: usize = 10;
/// The master and the slaves of the configuration that a replay makes up.
const LOGINS: [u64; 10] = [1001, 2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2009];

/// Chance from a seed: splitmix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn one_of(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap()
    }
}

fn from_environment<N: std::str::FromStr>(name: &str, usual: N) -> N {
    let number = |text: String| text.parse().unwrap_or_else(|_| panic!("{name} is a number"));
    std::env::var(name).map_or(usual, number)
}

/// One replay with up to so many kills; its report, and who was killed after how long.
fn killed(history: &Path, random: &mut Random, most: usize) -> (Value, Vec<(u64, Duration)>) {
    let job = Job::new();
    let report = job.folder.path().join("report.json");
    let mut replay =
        job.start(&["--history", history.to_str().unwrap(), "--report", report.to_str().unwrap()]);
    let began = Instant::now();
    let mut victims = Vec::new();
    while victims.len() < most && replay.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(20 + random.below(400)));
        // The master is one in ten terminals, and the one whose death matters to all.
        let login = if random.below(3) == 0 { LOGINS[0] } else { LOGINS[random.one_of(LOGINS.len())] };
        if let Some(pid) = terminal_of(replay.id(), login)
            && kill(pid)
        {
            victims.push((login, began.elapsed()));
        }
    }
    let output = replay.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "killed: {victims:?}: {said}");
    (timeless(read(&report)), victims)
}

/// A master that dies before its record is on the disk reads its copies back from the accounts, without how they were worked
/// out, and decides anew on what no account holds, by the facts of that later moment. Takes such decisions out of both; how
/// many there were. Lots, skips and money stay.
fn forget_lost_decisions(expected: &mut Value, found: &mut Value) -> usize {
    let (expected, found) =
        (expected["copies"].as_array_mut().unwrap(), found["copies"].as_array_mut().unwrap());
    let mut lost = 0;
    for (left, right) in expected.iter_mut().zip(found) {
        if left["decision"] != right["decision"] {
            assert_eq!(
                left["decision"]["rounding"]["lots"], right["decision"]["rounding"]["lots"],
                "{right}"
            );
            (left["decision"], right["decision"]) = (Value::Null, Value::Null);
            lost += 1;
        }
    }
    lost
}

#[test]
fn an_order_book_ends_the_same_whoever_is_killed() {
    let Some(history) = shared("signal-gold-orderbook.csv") else { return };
    let kills = from_environment("LOTBRIDGE_KILLS", 10_usize);
    let seed = from_environment("LOTBRIDGE_SEED", 1_u64);
    let mut random = Random(seed);
    let undisturbed = timeless(Job::new().report(&history, None, &[]));
    let (mut done, mut runs, mut of_master, mut lost, began) = (0, 0, 0, 0, Instant::now());
    while done < kills {
        let (mut report, victims) = killed(&history, &mut random, PER_RUN.min(kills - done));
        assert!(!victims.is_empty(), "seed {seed}: a replay that nobody was killed in");
        done += victims.len();
        of_master += victims.iter().filter(|(login, _)| *login == LOGINS[0]).count();
        runs += 1;
        let mut expected = undisturbed.clone();
        lost += forget_lost_decisions(&mut expected, &mut report);
        assert_same(&expected, &report, &format!("seed {seed}, run {runs}: {victims:?}"));
    }
    println!(
        "seed {seed}: {done} kills, {of_master} of the master, in {runs} replays, {lost} decisions lost with the \
         record's end, {:?}",
        began.elapsed()
    );
}
