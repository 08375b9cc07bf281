//! What the owner's hand forbids, and what has to be put down before anything else is done.

use super::{account, of, play, rules, signature};
use crate::allocation::Reaction;
use crate::domain::{Micros, ServerTime};
use crate::replication::guard::{Cash, Guard, GuardKind, Unsaved};

const DAY_MS: i64 = 86_400_000;

fn tripped(guard: &Guard) -> Vec<GuardKind> {
    guard.state().trips.iter().map(|trip| trip.guard).collect()
}

fn told(mut guard: Guard) -> Vec<GuardKind> {
    std::iter::from_fn(|| guard.poll_trip()).map(|trip| trip.guard).collect()
}

/// A guard that an equity of 8000 has tripped, and whose owner has paused the account.
fn tripped_and_paused() -> Guard {
    let mut guard = Guard::new(rules(r#"{"equity_stop": {"money": "8000", "reaction": "close_only"}}"#));
    guard.observe(Micros(5), &account(of("8000")), signature(), &Cash::default());
    guard.by_hand(Some(Reaction::SkipOpens), Micros(6), ServerTime(6));
    assert_eq!(tripped(&guard), [GuardKind::EquityStop, GuardKind::ByHand]);
    guard
}

#[test]
fn what_the_owner_forbids_he_alone_allows_again() {
    let mut guard = tripped_and_paused();
    guard.by_hand(None, Micros(7), ServerTime(7));
    assert_eq!(tripped(&guard), [GuardKind::EquityStop], "the guard's own trip stays");
    assert_eq!(told(guard), [GuardKind::EquityStop]);
    let mut guard = tripped_and_paused();
    guard.rearm(Micros(7));
    assert_eq!(tripped(&guard), [GuardKind::ByHand], "armed anew, and still paused");
    assert_eq!(told(guard), [GuardKind::ByHand]);
    let mut guard = tripped_and_paused();
    guard.by_hand(Some(Reaction::CloseAll), Micros(7), ServerTime(7));
    assert_eq!(guard.tripped().unwrap().reaction, Reaction::CloseAll, "his last word counts");
}

#[test]
fn a_new_day_or_cash_is_put_down_at_once_and_a_peak_when_there_is_time() {
    let mut guard = Guard::new(rules(r#"{"daily_drawdown": {"money": "5000", "reaction": "close_all"}}"#));
    let mut seen = account(of("10000"));
    let (day, mut cash) = (DAY_MS / 2, Cash::default());
    for (what, time, equity, paid_in, urgency) in [
        ("the first state", day, "10000", "0", Unsaved::Matters),
        ("the same", day + 1, "10000", "0", Unsaved::Nothing),
        ("a loss moves nothing", day + 2, "9900", "0", Unsaved::Nothing),
        ("a peak", day + 3, "10100", "0", Unsaved::Peaks),
        ("a deposit", day + 4, "10100", "500", Unsaved::Matters),
        ("the same again", day + 5, "10100", "500", Unsaved::Nothing),
        ("the next day", day + DAY_MS, "10100", "500", Unsaved::Matters),
    ] {
        seen.account.time = ServerTime(time);
        seen.account.equity = of(equity);
        cash.total = of(paid_in);
        guard.observe(Micros(5), &seen, signature(), &cash);
        assert_eq!(guard.unsaved(), urgency, "{what}");
        guard.saved();
    }
    guard.by_hand(None, Micros(9), ServerTime(9));
    assert_eq!(guard.unsaved(), Unsaved::Matters);
}

#[test]
fn exposure_is_measured_where_one_of_its_two_bounds_is_set() {
    play(
        r#"{"exposure_total": {"lots": "0.5", "reaction": "close_all"}}"#,
        "1 09:00 | holds XAUUSD 0.3 EURUSD 0.3 | exposure_total close_all 0.60",
    );
    play(
        r#"{"exposure_per_symbol": {"lots": "0.3", "reaction": "close_only"}}"#,
        "1 09:00 | holds XAUUSD 0.3 EURUSD 0.3 |
         1 09:01 | holds XAUUSD 0.31           | exposure_per_symbol close_only 0.31XAUUSD",
    );
}
