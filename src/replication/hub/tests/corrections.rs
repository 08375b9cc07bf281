//! A netting master whose position and deals do not go together.

use std::collections::VecDeque;

use super::super::Alert;
use super::super::netting::{Netting, Patience};
use super::netting::IN_PARTS;
use super::{Desk, MULTIPLIER, Script, of};
use crate::domain::{Login, Lots, Magic, Micros, Side, Snapshot};
use crate::replication::Record;

/// A netting master that is watched.
pub(super) struct Watched {
    pub netting: Netting,
    pub alerts: VecDeque<Alert>,
    pub records: VecDeque<Record>,
    pub desk: Desk,
    pub now_ms: u64,
}

impl Watched {
    pub fn new(trades: &[&str]) -> Self {
        let mut watched = Self {
            netting: Netting::default(),
            alerts: VecDeque::new(),
            records: VecDeque::new(),
            desk: Desk::new(Login(1001)),
            now_ms: 0,
        };
        watched.desk.net(trades);
        assert!(watched.shows().is_some());
        watched
    }

    /// Parts and lots as the hub sees them now; `None`: the state is not taken.
    pub fn shows(&mut self) -> Option<Vec<(u64, Lots)>> {
        let view = self.view()?;
        Some(view.positions.iter().map(|part| (part.id.0, part.lots)).collect())
    }

    pub fn view(&mut self) -> Option<Snapshot> {
        let patience = Patience { new_ms: 2_000, lag_ms: 2_000 };
        let now = Micros(self.now_ms * 1_000);
        self.netting.view(&self.desk.snapshot, now, patience, &mut self.alerts, &mut self.records).ok()
    }

    /// The same after so many states, half a second apart; what they show must not change before.
    pub fn shows_until(&mut self, until_ms: u64) -> Option<Vec<(u64, Lots)>> {
        let before = self.shows();
        while self.now_ms < until_ms {
            assert_eq!(self.shows(), before, "at {} ms", self.now_ms);
            self.now_ms += 500;
        }
        self.shows()
    }

    pub fn holds(&mut self, lots: &str) {
        self.desk.snapshot.positions[0].lots = of(lots);
    }
}

pub(super) fn shown(parts: &[(u64, &str)]) -> Option<Vec<(u64, Lots)>> {
    parts.iter().map(|(id, lots)| Some((*id, lots.parse().ok()?))).collect()
}

/// The part that the second deal opened.
pub(super) const SECOND: u64 = 0x8000_0002;

#[test]
fn while_one_position_and_its_deals_disagree_others_are_followed() {
    let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
    master.holds("0.25");
    master.desk.open(77, Side::Sell, of("0.50"), Magic(0));
    let parts = shown(&[(1, "0.10"), (SECOND, "0.20"), (77, "0.50")]);
    assert_eq!(master.shows(), parts);
    master.desk.snapshot.positions[1].lots = of("0.40");
    assert_eq!(master.shows(), parts);
    // Of which nothing was known before is waited for with all others.
    master.netting = Netting::default();
    assert_eq!(master.shows(), None);
}

#[test]
fn after_as_long_as_lists_may_lag_deals_are_followed_though_something_is_unexplained() {
    let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
    master.holds("0.25");
    assert_eq!(master.shows_until(2_000), shown(&[(1, "0.10"), (SECOND, "0.20")]));
    master.desk.net(&["sell", "0.12", "buy", "0.40"]);
    assert_eq!(master.shows(), shown(&[(SECOND, "0.18"), (0x8000_0004, "0.40")]));
    assert_eq!(master.shows_until(30_000), shown(&[(SECOND, "0.13"), (0x8000_0004, "0.40")]));
    // One that a hub has just found so is taken as its deals tell.
    (master.netting, master.now_ms) = (Netting::default(), 0);
    assert_eq!(master.shows_until(2_000), shown(&[(SECOND, "0.18"), (0x8000_0004, "0.40")]));
}

/// A trade whose deal is late shows another difference for a moment.
#[test]
fn other_differences_between_do_not_begin_the_time_anew() {
    let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
    master.holds("0.15");
    for _ in 0..6 {
        master.shows_until(master.now_ms + 4_000);
        master.desk.net(&["sell", "0.01"]);
        let late = master.desk.snapshot.deals.pop().unwrap();
        master.shows_until(master.now_ms + 500);
        master.desk.snapshot.deals.push(late);
    }
    assert_eq!(master.shows(), shown(&[(1, "0.04"), (SECOND, "0.20")]));
    assert_eq!(master.shows_until(30_000), shown(&[(SECOND, "0.09")]));
    assert_eq!(master.alerts.len(), 1);
}

#[test]
fn nobody_watched_so_the_doubt_begins_anew() {
    let mut master = Watched::new(&["buy", "0.10"]);
    master.holds("0.04");
    master.shows();
    master.now_ms = 20_000;
    master.netting.begin_anew(Micros(20_000_000));
    assert_eq!(master.shows_until(49_500), shown(&[(1, "0.10")]));
    assert_eq!(master.shows_until(50_000), shown(&[(1, "0.04")]));
    // Another difference is another doubt.
    master.holds("0.03");
    assert_eq!(master.shows_until(79_500), shown(&[(1, "0.04")]));
}

#[test]
fn a_deal_that_comes_after_all_makes_up_for_its_correction() {
    for (trade, corrected, at_last) in [
        (["sell", "0.15"], vec![(SECOND, "0.15")], vec![(SECOND, "0.15")]),
        (
            ["buy", "0.40"],
            vec![(1, "0.10"), (SECOND, "0.20")],
            vec![(1, "0.10"), (SECOND, "0.20"), (0x8000_0003, "0.40")],
        ),
    ] {
        let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
        master.desk.net(&trade);
        let late = master.desk.snapshot.deals.pop().unwrap();
        assert_eq!(master.shows_until(30_000), shown(&corrected));
        assert_eq!(master.shows_until(40_000), shown(&corrected));
        master.desk.snapshot.deals.push(late);
        assert_eq!(master.shows_until(42_000), shown(&at_last));
        assert_eq!(master.shows_until(90_000), shown(&at_last));
        assert_eq!(master.alerts.len(), 1);
    }
}

#[test]
fn a_deal_that_is_gone_changes_nothing_while_the_position_holds_as_much() {
    for gone in 0..2 {
        let mut master = Watched::new(&["buy", "0.10", "buy", "0.20"]);
        master.desk.snapshot.deals.remove(gone);
        assert_eq!(master.shows_until(90_000), shown(&[(1, "0.10"), (SECOND, "0.20")]));
        assert_eq!(master.alerts.len(), 0);
    }
}

#[test]
fn a_correction_that_is_undone_takes_nothing_off_the_parts() {
    let mut master = Watched::new(&["buy", "0.10"]);
    master.holds("0.30");
    assert_eq!(master.shows_until(31_000), shown(&[(1, "0.10")]));
    master.holds("0.10");
    assert_eq!(master.shows_until(90_000), shown(&[(1, "0.10")]));
    // What was reduced is not opened again.
    master.holds("0.04");
    assert_eq!(master.shows_until(119_500), shown(&[(1, "0.10")]));
    assert_eq!(master.shows_until(120_000), shown(&[(1, "0.04")]));
    master.holds("0.10");
    assert_eq!(master.shows_until(180_000), shown(&[(1, "0.04")]));
}

/// What is unexplained is closed last, and used up before anything is opened the other way.
#[test]
fn what_no_deal_opened_stands_between_a_close_and_a_reversal() {
    let mut master = Watched::new(&["buy", "0.10"]);
    master.holds("0.30");
    assert_eq!(master.shows_until(31_000), shown(&[(1, "0.10")]));
    for (trade, parts) in [
        (["sell", "0.25"], vec![]),
        (["buy", "0.15"], vec![(0x8000_0003, "0.15")]),
        (["sell", "0.50"], vec![(0x8000_0004, "0.30")]),
    ] {
        master.desk.net(&trade);
        assert_eq!(master.shows(), shown(&parts), "{trade:?}");
    }
}

#[test]
fn where_a_position_holds_less_than_its_deals_tell_for_good_the_oldest_copies_are_reduced() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(IN_PARTS);
    world.play(
        "2600  | master: holds 0.15          |
         2600  | everybody: says to 32500    |
         32600 | master: says                | 2001 reduce 1 to 0.00; 2001 reduce 2147483650 to 0.07
               | alerts                      | the master's position 1 holds buy 0.15 XAUUSD, the deals in its history come to \
                 buy 0.30: what none of them opened is not copied, and where it holds less its copies are reduced. Ask its broker \
                 what was corrected, and adjust the copies by hand if they shall differ
         32700 | 2001: answers done 0.03     |
         32710 | 2001: has 2147483650 0.07   |
         32720 | 2001: lost 1                |
         33000 | master: nets buy 0.40       | 2001 open 2147483651 buy 0.20
         33100 | 2001: answers done 0.20     |
         33110 | 2001: has 2147483651 0.20   |
         34000 | master: nets sell 0.25      | 2001 reduce 2147483650 to 0.00; 2001 reduce 2147483651 to 0.15
               | alerts                      |",
    );
}

#[test]
fn what_a_position_holds_beyond_its_deals_is_not_copied() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(IN_PARTS);
    world.play(
        "2600  | master: holds 0.50         |
         2600  | everybody: says to 33000   |
         33000 | master: nets buy 0.40      | 2001 open 2147483651 buy 0.20
         33100 | 2001: answers done 0.20    |
         33110 | 2001: has 2147483651 0.20  |
         34000 | master: nets sell 0.55     | 2001 reduce 1 to 0.00; 2001 reduce 2147483650 to 0.00; 2001 reduce 2147483651 to 0.07",
    );
}

#[test]
fn one_that_is_closed_while_something_is_unexplained_is_closed_at_once() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(IN_PARTS);
    world.play(
        "2600  | master: holds 0.15         |
         2600  | everybody: says to 10000   |
         10100 | master: nets sell 0.15     | 2001 reduce 1 to 0.00; 2001 reduce 2147483650 to 0.00
               | alerts                     |",
    );
}

/// Half of it was sold, and the list of positions said so first: what is left is as much as what was missing then.
#[test]
fn a_difference_of_one_state_closes_nothing_that_is_not_shown_in_the_next() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(IN_PARTS);
    world.play("2600 | master: unseen nets sell 0.15 |");
    let late = world.master.snapshot.deals.pop().unwrap();
    world.play("2700 | master: says |");
    world.master.snapshot.deals.push(late);
    world.play(
        "2800 | master: 1 missing | 2001 reduce 1 to 0.00
         2900 | master: back      | 2001 reduce 2147483650 to 0.07
              | alerts            |",
    );
}

#[test]
fn lags_of_one_size_add_up_to_no_correction() {
    for deals_lag in [true, false] {
        let mut master = Watched::new(&["buy", "10.00"]);
        for trades in 1..=40 {
            let before = master.desk.snapshot.clone();
            master.desk.net(&["buy", "0.10"]);
            let now = master.desk.snapshot.clone();
            if deals_lag {
                master.desk.snapshot.deals = before.deals;
            } else {
                master.desk.snapshot.positions = before.positions;
            }
            master.now_ms += 500;
            assert_eq!(master.shows().unwrap().len(), trades);
            master.desk.snapshot = now;
            master.now_ms += 1_000;
            assert_eq!(master.shows().unwrap().len(), trades + 1);
        }
        assert_eq!(master.alerts.len(), 0);
    }
}

#[test]
fn what_goes_the_other_way_than_the_position_is_not_held() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(IN_PARTS);
    world.play(
        "2600 | master: holds 0.50      |
         2600 | everybody: says to 8000 |
         8100 | master: nets sell 0.45  | 2001 reduce 1 to 0.00; 2001 reduce 2147483650 to 0.00",
    );
}

#[test]
fn what_waited_for_its_deal_for_too_long_is_late() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(IN_PARTS);
    world.play("2600 | master: unseen nets buy 0.40 |");
    let late = world.master.snapshot.deals.pop().unwrap();
    world.play("2600 | everybody: says to 12000 |");
    world.master.snapshot.deals.push(late);
    world
        .play("12000 | everybody: says to 15000 |\n | look 2001 2147483651 | skipped 0.00 of 0.00 late_join");
}
