//! A netting master whose deals do not explain it, and a hub that starts anew.

use proptest::prelude::*;

use super::super::netting::Netting;
use super::corrections::{SECOND, Watched, shown};
use super::netting::IN_PARTS;
use super::{MULTIPLIER, Script};
use crate::domain::{Lots, Micros, Side, Snapshot};
use crate::replication::Record;

/// A hub that has no record of it waits as long as lists may lag, and follows it as the deals tell until it is corrected.
/// One that has goes on where the last one was.
#[test]
fn a_restarted_hub_takes_it_at_once_one_without_record_after_as_long_as_lists_may_lag() {
    for (restarts, taken_at) in [("hub: restarts", 33), ("hub: restarts without any", 35)] {
        let mut world = Script::new(&MULTIPLIER.replace("LATE", "always"));
        world.play(IN_PARTS);
        world.play(
            "2600  | master: holds 0.15         |
             2600  | everybody: says to 33000   | 2001 reduce 1 to 0.00; 2001 reduce 2147483650 to 0.07
             33000 | 2001: answers done 0.03    |
             33010 | 2001: has 2147483650 0.07  |
             33020 | 2001: lost 1               |",
        );
        world.play(&format!("33100 | {restarts} |\n 33200 | 2001: connects |"));
        let says = |world: &mut Script, at_ms: u64| {
            world.hub.on_master(Micros(at_ms * 1_000), world.master.snapshot.clone()).is_ok()
        };
        let taken = (33..65).find(|s| says(&mut world, s * 1_000 + 300));
        assert_eq!(taken, Some(taken_at), "{restarts}");
        if taken == Some(33) {
            world.play("65000 | everybody: says to 120000 |\n | alerts |");
        }
    }
}

#[test]
fn what_was_corrected_or_is_gone_from_the_list_is_so_after_a_restart_too() {
    let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
    assert_eq!(master.records.len(), 0);
    master.holds("0.15");
    let corrected = shown(&[(SECOND, "0.15")]);
    assert_eq!(master.shows_until(30_000), corrected);
    master.restarts();
    assert_eq!(master.shows_until(90_000), corrected);
    master.desk.snapshot.deals.clear();
    assert_eq!(master.shows_until(90_500), corrected);
    master.restarts();
    assert_eq!(master.shows_until(150_000), corrected);
    assert_eq!((master.alerts.len(), master.records.len()), (1, 1));
}

/// A terminal that has just connected may show its account alone.
#[test]
fn a_state_without_anything_forgets_nothing() {
    let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
    master.holds("0.15");
    master.shows_until(30_000);
    for restarts in [false, true] {
        if restarts {
            master.restarts();
        }
        let whole = master.desk.snapshot.clone();
        (master.desk.snapshot.positions, master.desk.snapshot.deals) = (Vec::new(), Vec::new());
        assert_eq!(master.shows(), shown(&[]));
        master.desk.snapshot = whole;
        assert_eq!(master.shows(), shown(&[(SECOND, "0.15")]), "{restarts}");
    }
    // In the end it is forgotten.
    let whole = master.desk.snapshot.clone();
    (master.desk.snapshot.positions, master.desk.snapshot.deals) = (Vec::new(), Vec::new());
    master.now_ms += 3_600_000;
    assert_eq!(master.shows(), shown(&[]));
    master.desk.snapshot = whole;
    assert_eq!(master.shows(), None);
}

/// A deal that came after the record, and after a glimpse without any deals, and is gone again.
#[test]
fn what_goes_after_the_record_goes_on_record_too() {
    let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
    let all = std::mem::take(&mut master.desk.snapshot.deals);
    assert_eq!(master.shows_until(500), shown(&[(1, "0.10"), (SECOND, "0.20")]));
    master.desk.snapshot.deals = all;
    master.desk.net(&["buy", "0.40"]);
    let parts = shown(&[(1, "0.10"), (SECOND, "0.20"), (0x8000_0003, "0.40")]);
    assert_eq!(master.shows(), parts);
    for _ in 0..2 {
        master.desk.snapshot.deals.pop();
        assert_eq!(master.shows_until(master.now_ms + 60_000), parts);
        master.restarts();
        assert_eq!(master.shows_until(master.now_ms + 60_000), parts);
        assert_eq!((master.alerts.len(), master.records.len()), (0, 2));
    }
}

/// What was done since the record is known from both lists or not at all: else it would be new, and not in doubt.
#[test]
fn a_restarted_hub_waits_for_lists_that_agree() {
    let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
    master.holds("0.15");
    master.shows_until(30_000);
    master.desk.net(&["buy", "0.40"]);
    let late = master.desk.snapshot.deals.pop().unwrap();
    master.restarts();
    assert_eq!(master.shows_until(31_000), None);
    master.desk.snapshot.deals.push(late.clone());
    assert_eq!(master.shows(), shown(&[(SECOND, "0.15"), (0x8000_0003, "0.40")]));
    // For as long as one may lag.
    master.desk.snapshot.deals.pop();
    master.restarts();
    assert_eq!(master.shows_until(32_500), None);
    assert_eq!(master.shows_until(33_000), shown(&[(SECOND, "0.15")]));
}

/// What happens to a netting account.
#[derive(Debug, Clone)]
enum Happens {
    Trade(Side, i64),
    Corrected(i64),
    DealVanishes(usize),
    /// One state lacks its deals.
    Glimpse,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => (any::<bool>(), 1_i64..60).prop_map(|(buys, hundredths)| {
            Happens::Trade(if buys { Side::Buy } else { Side::Sell }, hundredths)
        }),
        1 => (1_i64..60).prop_map(Happens::Corrected),
        2 => (0_usize..8).prop_map(Happens::DealVanishes),
        1 => Just(Happens::Glimpse),
    ]
}

impl Watched {
    /// A hub that has the record, as it is written, and nothing else.
    fn restarts(&mut self) {
        self.netting = Netting::default();
        for record in &self.records {
            let written = serde_json::to_string(record).unwrap();
            let Record::MasterNetting { position, tale, .. } = serde_json::from_str(&written).unwrap() else {
                panic!("{written}");
            };
            self.netting.restore(position, *tale, Micros(self.now_ms * 1_000));
        }
    }

    fn happens(&mut self, what: &Happens) {
        let lots = |hundredths: i64| Lots::from_units(hundredths * Lots::ONE / 100);
        let snapshot = &mut self.desk.snapshot;
        match *what {
            Happens::Trade(side, hundredths) => {
                self.desk.net(&[&side.to_string(), &lots(hundredths).to_string()]);
            }
            Happens::Corrected(hundredths) => {
                if let Some(position) = snapshot.positions.first_mut() {
                    position.lots = lots(hundredths);
                }
            }
            Happens::DealVanishes(at) if at < snapshot.deals.len() => _ = snapshot.deals.remove(at),
            Happens::DealVanishes(_) => {}
            Happens::Glimpse => {
                let deals = std::mem::take(&mut snapshot.deals);
                self.shows();
                self.desk.snapshot.deals = deals;
            }
        }
        for _ in 0..80 {
            self.now_ms += 500;
            self.shows();
        }
    }

    /// What is held, and the deals of each part that is.
    fn tells(&mut self) -> Option<Snapshot> {
        let mut view = self.view()?;
        let Snapshot { positions, deals, .. } = &mut view;
        deals.retain(|deal| positions.iter().any(|part| part.id == deal.position));
        Some(view)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hub_that_restarts_at_any_moment_tells_what_one_tells_that_does_not(
        life in prop::collection::vec((happens(), any::<bool>()), 1..14),
    ) {
        let mut watched = Watched::new(&["buy", "0.30"]);
        let mut restarted = Watched::new(&["buy", "0.30"]);
        for (what, restarts) in &life {
            watched.happens(what);
            restarted.happens(what);
            if *restarts {
                restarted.restarts();
            }
            prop_assert_eq!(restarted.tells(), watched.tells(), "after {:?} of {:?}", what, life);
        }
    }
}
