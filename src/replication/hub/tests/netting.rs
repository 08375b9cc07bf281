//! A netting master: its trades are parts of one position, and copied as parts.

use super::super::netting::{Disagree, Netting};
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
    Netting::default().view(snapshot, None, Micros(0), patience_ms)
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

#[test]
fn a_netting_master_is_followed_by_hedging_slaves() {
    // The second deal has ticket 2, its part the number 2 with the highest of 32 bits turned.
    Script::new(&MULTIPLIER.replace("LATE", "skip")).play(
        "0    | master: nets              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: nets buy 0.10     | 2001 open 1 buy 0.05
         120  | 2001: answers done 0.05   |
         130  | 2001: has 1 0.05          |
         200  | master: nets buy 0.20     | 2001 open 2147483650 buy 0.10
         220  | 2001: answers done 0.10   |
         230  | 2001: has 2147483650 0.10 |
         300  | master: nets sell 0.05    | 2001 reduce 1 to 0.02
         320  | 2001: answers done 0.03   |
         330  | 2001: has 1 0.02          |
         400  | master: nets sell 0.35    | 2001 reduce 1 to 0.00; 2001 reduce 2147483650 to 0.00; 2001 open 2147483652 sell 0.05",
    );
}

/// Parts and lots in the next view, which is remembered as `last`; `None`: the state is not taken.
fn seen(
    netting: &mut Netting,
    last: &mut Snapshot,
    snapshot: &Snapshot,
    at_ms: u64,
) -> Option<Vec<(u64, Lots)>> {
    *last = netting.view(snapshot, Some(last), Micros(at_ms * 1_000), 2_000).ok()?;
    Some(last.positions.iter().map(|part| (part.id.0, part.lots)).collect())
}

#[test]
fn while_one_position_and_its_deals_disagree_others_are_followed() {
    let mut desk = Desk::new(Login(1001));
    desk.net(&["buy", "0.10", "buy", "0.20"]);
    let mut netting = Netting::default();
    let mut last = netting.view(&desk.snapshot, None, Micros(0), 2_000).unwrap();
    desk.snapshot.positions[0].lots = of("0.25");
    desk.open(77, Side::Sell, of("0.50"), Magic(0));
    let parts = [(1, of("0.10")), (0x8000_0002, of("0.20")), (77, of("0.50"))];
    assert_eq!(seen(&mut netting, &mut last, &desk.snapshot, 100), Some(parts.into()));
    // One of which nothing was known before is waited for with all others.
    desk.snapshot.positions[1].lots = of("0.40");
    assert_eq!(
        seen(&mut netting, &mut last, &desk.snapshot, 200),
        Some(parts.into()),
        "it was known since 100"
    );
    let mut fresh = Netting::default();
    assert_eq!(seen(&mut fresh, &mut last, &desk.snapshot, 200), None);
}

#[test]
fn nobody_watched_so_the_doubt_begins_anew() {
    let mut desk = Desk::new(Login(1001));
    desk.net(&["buy", "0.10"]);
    let mut netting = Netting::default();
    let mut last = netting.view(&desk.snapshot, None, Micros(0), 2_000).unwrap();
    desk.snapshot.positions[0].lots = of("0.04");
    let one = |lots| Some(vec![(1, of(lots))]);
    assert_eq!(seen(&mut netting, &mut last, &desk.snapshot, 1_000), one("0.10"));
    netting.begin_anew(Micros(20_000_000));
    assert_eq!(seen(&mut netting, &mut last, &desk.snapshot, 49_999), one("0.10"));
    assert_eq!(seen(&mut netting, &mut last, &desk.snapshot, 50_000), one("0.04"));
    // Another difference is another doubt.
    desk.snapshot.positions[0].lots = of("0.03");
    assert_eq!(seen(&mut netting, &mut last, &desk.snapshot, 50_100), one("0.04"), "as it was taken last");
}

#[test]
fn a_deal_that_comes_after_all_makes_up_for_its_correction() {
    let mut desk = Desk::new(Login(1001));
    desk.net(&["buy", "0.10", "buy", "0.20"]);
    let mut netting = Netting::default();
    let mut last = netting.view(&desk.snapshot, None, Micros(0), 2_000).unwrap();
    desk.net(&["sell", "0.15"]);
    let late = desk.snapshot.deals.pop().unwrap();
    for at_ms in [1_000, 31_000] {
        seen(&mut netting, &mut last, &desk.snapshot, at_ms);
    }
    desk.snapshot.deals.push(late);
    let parts = Some(vec![(0x8000_0002, of("0.15"))]);
    for at_ms in [40_000, 69_999, 70_000, 70_100] {
        assert_eq!(seen(&mut netting, &mut last, &desk.snapshot, at_ms), parts, "{at_ms}");
    }
    assert_eq!(netting.alerts.len(), 1);
}

/// A master on a netting account with copies of its two buys, followed by the first slave.
const IN_PARTS: &str = "
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

/// A hub that begins with it waits for as long, and takes nothing up meanwhile.
#[test]
fn a_restarted_hub_waits_until_it_may_count_as_corrected() {
    let mut world = Script::new(&MULTIPLIER.replace("LATE", "skip"));
    world.play(IN_PARTS);
    world.play(
        "2600  | master: holds 0.15         |
         2600  | everybody: says to 33000   | 2001 reduce 1 to 0.00; 2001 reduce 2147483650 to 0.07",
    );
    world.play("33100 | hub: restarts |\n 33200 | 2001: connects |");
    let says = |world: &mut Script, at_ms: u64| {
        world.hub.on_master(Micros(at_ms * 1_000), world.master.snapshot.clone()).is_ok()
    };
    let taken = (33..65).filter(|s| says(&mut world, s * 1_000 + 300)).min();
    assert_eq!(taken, Some(63));
}
