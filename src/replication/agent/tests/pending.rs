//! Pending orders: placed once, in time, within the limits; and found again to be cancelled.

use super::*;

#[test]
fn an_order_is_placed_where_nothing_tells_of_one() {
    for (shown, then) in [
        ("nothing", "order place 0.10"),
        ("waits 1", "1: already"),
        ("cancelled 1", "1: already"),
        ("refused 1", "order place 0.10"),
        ("1 0.10", "1: already"),
        ("was 1 0.10", "1: already"),
        ("waits 2, cancelled 3, 4 0.10", "order place 0.10"),
    ] {
        play(&format!(
            "0  | account: {shown}  |
             10 | hub: place 1 0.10 | {then}"
        ));
    }
}

#[test]
fn what_was_placed_and_is_never_shown_may_be_placed_again_after_a_while() {
    play(
        "0    | account: nothing  |
         10   | hub: place 1 0.10 | order place 0.10
         20   | answer 1 10009    | 1: 10009 0.00
         30   | account: nothing  |
         40   | hub: place 1 0.10 | 1: already
         1025 | account: nothing  |
         2019 | account: nothing  |
         2019 | hub: place 1 0.10 | 1: already
         2020 | account: nothing  |
         2020 | hub: place 1 0.10 | order place 0.10",
    );
}

#[test]
fn an_order_is_not_placed_late() {
    for (back, then) in [("1010", "order place 0.10"), ("1011", "1: too_late")] {
        play(&format!(
            "0      | account: offline  |
             10     | hub: place 1 0.10 |
             {back} | account: nothing  | {then}"
        ));
    }
}

#[test]
fn the_copys_own_order_is_cancelled() {
    play(
        "0  | account: waits 2, waits 1 |
         10 | hub: cancel 1 0           | order cancel #801 0.00
         20 | answer 1 10009            | 1: 10009 0.00
         30 | account: waits 2          |
         40 | hub: cancel 1 0           | 1: already",
    );
}

#[test]
fn limits_count_what_has_filled_of_an_order_and_what_may_have_been_opened() {
    let limits = Limits { lots_total: Some(of("0.15")), ..Limits::default() };
    // Placed whole, and the answer says so; 0.04 filled, the rest was cancelled.
    play_with(
        &limits,
        "0  | account: nothing   |
         10 | hub: place 1 0.10  | order place 0.10
         20 | answer 1 done 0.10 | 1: 10009 0.10
         30 | account: 1 0.04, cancelled 1 |
         40 | hub: open 2 0.11   | order open 0.11",
    );
    // Done, and not said how much.
    play_with(
        &limits,
        "0  | account: nothing   |
         10 | hub: open 1 0.10   | order open 0.10
         20 | answer 1 10009     | 1: 10009 0.00
         30 | hub: open 2 0.10   | 2: limit_lots_total",
    );
}

#[test]
fn a_limit_on_a_symbol_counts_that_symbol_alone() {
    let limits = Limits { lots_per_symbol: Some(of("0.15")), ..Limits::default() };
    for (lots, then) in [("0.05", "order open 0.05"), ("0.06", "2: limit_lots_per_symbol")] {
        play_with(
            &limits,
            &format!(
                "0  | account: 1 0.10, 9 0.12 |
                 10 | hub: open 2 {lots}      | {then}"
            ),
        );
    }
}

#[test]
fn states_are_numbered_and_deals_are_asked_for_as_far_back_as_they_are_needed() {
    let days = |n: i64| ServerTime(n * 24 * 3_600_000);
    let (login, rules) = (Login(2001), AccountRules::default());
    let mut agent = Agent::new(AgentSettings { login, signature: signature(), rules, doubt_ms: 2000 });
    assert_eq!(agent.deals_from(), None);
    for (number, ours, others, from) in [(1, 6, 5, 6), (2, 8, 5, 7)] {
        let mut shown = snapshot(&["1", "0.10", "2", "0.10"]);
        shown.account.time = days(10);
        shown.positions[0].open_time = days(ours);
        shown.positions[1].open_time = days(others);
        shown.positions[1].magic = Magic(7);
        assert_eq!(agent.on_snapshot(Micros(0), shown).number, number);
        assert_eq!(agent.deals_from(), Some(days(from)));
    }
    assert_eq!(agent.saved_guard(), SavedGuard::default(), "without guards nothing is to be put down");
}
