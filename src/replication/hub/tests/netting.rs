//! A netting master: its trades are parts of one position, and copied as parts.

use std::collections::VecDeque;

use super::super::netting::{Disagree, Netting, Patience};
use super::{Desk, MULTIPLIER, Script, of};
use crate::domain::{
    DealEntry, Login, Lots, Magic, MarginMode, Micros, PositionId, ServerTime, Side, Snapshot,
};

impl Desk {
    /// Trades at market on a netting account: `buy 0.10 sell 0.30`.
    pub(super) fn net(&mut self, trades: &[&str]) {
        self.snapshot.account.margin_mode = MarginMode::Netting;
        for trade in trades.chunks(2) {
            let side = if trade[0] == "buy" { Side::Buy } else { Side::Sell };
            self.trade(side, of(trade[1]));
        }
    }

    fn trade(&mut self, side: Side, lots: Lots) {
        let Some(position) = self.snapshot.positions.first().cloned() else {
            self.tickets += 1;
            return self.open(self.tickets, side, lots, Magic(0));
        };
        let held = position.lots;
        let (entry, now, left) = if side == position.side {
            (DealEntry::In, side, held.saturating_add(lots))
        } else if lots > held {
            (DealEntry::InOut, side, lots.saturating_sub(held))
        } else {
            (DealEntry::Out, position.side, held.saturating_sub(lots))
        };
        let of_side = crate::domain::Position { side, ..position };
        self.deal(&of_side, entry, lots);
        self.snapshot.positions[0].side = now;
        self.snapshot.positions[0].lots = left;
        self.snapshot.positions.retain(|p| p.lots.is_positive());
    }
}

/// What a hub that has just begun sees of this state.
fn as_hedging(snapshot: &Snapshot, patience_ms: u64) -> Result<Snapshot, Disagree> {
    let patience = Patience { new_ms: patience_ms, lag_ms: 2_000 };
    Netting::default().view(snapshot, Micros(0), patience, &mut VecDeque::new(), &mut VecDeque::new())
}

/// The parts of a netting account after these trades: side and lots, and whether each has the position's identifier.
fn parts(trades: &str) -> String {
    let mut desk = Desk::new(Login(1001));
    desk.net(&trades.split_whitespace().collect::<Vec<_>>());
    let view = as_hedging(&desk.snapshot, 0).unwrap();
    let parts = view.positions.iter().map(|part| {
        let own = if part.id == PositionId(1) { " first" } else { "" };
        format!("{} {}{own}", part.side, part.lots)
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[test]
fn what_was_bought_in_parts_is_held_in_parts() {
    for (trades, held) in [
        ("buy 0.10", "buy 0.10 first"),
        ("buy 0.10 buy 0.20", "buy 0.10 first, buy 0.20"),
        ("buy 0.10 buy 0.20 sell 0.05", "buy 0.05 first, buy 0.20"),
        ("buy 0.10 buy 0.20 sell 0.15", "buy 0.15"),
        ("buy 0.10 buy 0.20 sell 0.30", ""),
        ("buy 0.10 buy 0.20 sell 0.40", "sell 0.10"),
        ("buy 0.10 sell 0.30 buy 0.25", "buy 0.05"),
        ("sell 0.10 sell 0.10 buy 0.10 sell 0.02", "sell 0.10, sell 0.02"),
    ] {
        assert_eq!(parts(trades), held, "{trades}");
    }
}

#[test]
fn every_part_has_deals_of_its_own() {
    for (trades, told) in [
        ("buy 0.10 sell 0.04", "In 0.10 of 1, Out 0.04 of 1"),
        ("buy 0.10 sell 0.30", "In 0.10 of 1, Out 0.10 of 1, In 0.20 of 2"),
        (
            "buy 0.10 buy 0.20 sell 0.40",
            "In 0.10 of 1, In 0.20 of 2, Out 0.10 of 1, Out 0.20 of 2, In 0.10 of 3",
        ),
    ] {
        let mut desk = Desk::new(Login(1001));
        desk.net(&trades.split_whitespace().collect::<Vec<_>>());
        let view = as_hedging(&desk.snapshot, 0).unwrap();
        let part = |id: PositionId| id.0 & 0x7fff_ffff;
        let deals = view.deals.iter().map(|d| format!("{:?} {} of {}", d.entry, d.lots, part(d.position)));
        assert_eq!(deals.collect::<Vec<_>>().join(", "), told, "{trades}");
    }
}

#[test]
fn a_part_goes_by_its_deals_ticket_with_one_bit_turned() {
    let mut desk = Desk::new(Login(1001));
    desk.net(&["buy", "0.10", "buy", "0.20", "buy", "0.30"]);
    desk.snapshot.deals[2].ticket = 0x8000_0005;
    let view = as_hedging(&desk.snapshot, 0).unwrap();
    let ids: Vec<_> = view.positions.iter().map(|part| (part.id.0, part.ticket)).collect();
    assert_eq!(ids, [(1, 1), (0x8000_0002, 0x8000_0002), (5, 5)]);
}

#[test]
fn lists_that_do_not_agree_are_not_taken() {
    let mut desk = Desk::new(Login(1001));
    desk.net(&["buy", "0.10"]);
    let before = desk.snapshot.clone();
    desk.net(&["buy", "0.20"]);
    // The position is older than the deals, and the other way round.
    let mut old = desk.snapshot.clone();
    old.positions.clone_from(&before.positions);
    assert_eq!(as_hedging(&old, 0), Err(Disagree(PositionId(1))));
    let mut old = desk.snapshot.clone();
    old.deals.clone_from(&before.deals);
    assert_eq!(as_hedging(&old, 0), Err(Disagree(PositionId(1))));
}

#[test]
fn without_its_oldest_deals_a_position_is_one_part() {
    let mut desk = Desk::new(Login(1001));
    desk.net(&["buy", "0.10"]);
    desk.snapshot.account.time = ServerTime(5);
    desk.net(&["buy", "0.20"]);
    desk.snapshot.deals.remove(0);
    let view = as_hedging(&desk.snapshot, 0).unwrap();
    assert_eq!(view.positions, desk.snapshot.positions);
}

/// Seed 1693 of the simulation: two trades counted as one, for the deals of both were late.
#[test]
fn of_a_position_that_has_just_been_opened_the_deals_are_waited_for() {
    let mut desk = Desk::new(Login(1001));
    desk.net(&["buy", "0.10", "buy", "0.20"]);
    desk.snapshot.deals.clear();
    let at = |desk: &Desk, ms| {
        let mut snapshot = desk.snapshot.clone();
        snapshot.account.time = ServerTime(ms);
        as_hedging(&snapshot, 2_000).map(|view| view.positions.len())
    };
    assert_eq!(at(&desk, 1_999), Err(Disagree(PositionId(1))));
    assert_eq!(at(&desk, 2_000), Ok(1));
}

/// After a standstill the list of deals may be that of before it, however long ago the position was opened.
#[test]
fn before_the_master_was_watched_for_a_while_the_deals_are_waited_for_whatever_their_age() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    let mut desk = Desk::new(Login(1001));
    desk.net(&["buy", "0.10", "buy", "0.20"]);
    desk.snapshot.deals.clear();
    desk.snapshot.account.time = ServerTime(60_000);
    let taken: Vec<bool> = [0, 1_000, 1_999, 2_000, 3_001, 4_001, 5_001]
        .map(|ms| world.hub.on_master(Micros(ms * 1_000), desk.snapshot.clone()).is_ok())
        .into();
    assert_eq!(taken, [false, false, false, true, false, false, true]);
}

/// A master on a netting account with copies of its two buys, followed by the first slave.
pub(super) const IN_PARTS: &str = "
    0    | master: nets              |
    0    | 2001: connects            |
    0    | 2001: says                |
    100  | master: nets buy 0.10     | 2001 open 1 buy 0.05
    120  | 2001: answers done 0.05   |
    130  | 2001: has 1 0.05          |
    200  | master: nets buy 0.20     | 2001 open 2147483650 buy 0.10
    220  | 2001: answers done 0.10   |
    230  | 2001: has 2147483650 0.10 |
    2500 | everybody: says to 2500   |
";

#[test]
fn a_netting_master_is_followed_by_hedging_slaves() {
    // The second deal has ticket 2, its part the number 2 with the highest of 32 bits turned.
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(IN_PARTS);
    world.play(
        "2600 | master: nets sell 0.05    | 2001 reduce 1 to 0.02
         2620 | 2001: answers done 0.03   |
         2630 | 2001: has 1 0.02          |
         2700 | master: nets sell 0.35    | 2001 reduce 1 to 0.00; 2001 reduce 2147483650 to 0.00; 2001 open 2147483652 sell 0.05",
    );
}
