//! What a netting account is asked for: how shares are closed, and whose stops its position has.

use super::netting::account;
use super::*;

#[test]
fn shares_are_closed_by_orders_the_other_way() {
    play(
        "0    | net: 1 buy 0.10, 2 sell 0.10 |
         1000 | net: 1 buy 0.10, 2 sell 0.10 |
         2000 | net: 1 buy 0.10, 2 sell 0.10 |
         2010 | hub: reduce 1 0.04           | order sell 0.06
         2020 | answer 1 done 0.06           | 1: 10009 0.06
         2030 | hub: reduce 1 0.04           | 1: already
         2040 | net: 1 buy 0.10, 2 sell 0.10, 1 sell 0.06 |
         2050 | hub: reduce 2 0.00           | order open 0.10
         2060 | answer 2 done 0.10           | 2: 10009 0.10
         2070 | hub: reduce 2 0.00           | 2: already",
    );
}

#[test]
fn what_the_position_holds_is_closed_by_its_ticket() {
    // Refused, should its stop or the investor's hand have been faster; the other way it would open.
    play(
        "0    | net: 1 buy 0.10, 2 buy 0.20, 3 sell 0.05 |
         1000 | net: 1 buy 0.10, 2 buy 0.20, 3 sell 0.05 |
         2000 | net: 1 buy 0.10, 2 buy 0.20, 3 sell 0.05 |
         2010 | hub: reduce 2 0.00                       | order close #500 XAUUSD 0.20
         2020 | answer 2 10036                           | 2: 10036 0.00
         2030 | hub: reduce 3 0.00                       | order open 0.05",
    );
    // More than there is in all is of both directions.
    play(
        "0    | net: 1 buy 0.30, 2 sell 0.20 |
         1000 | net: 1 buy 0.30, 2 sell 0.20 |
         2000 | net: 1 buy 0.30, 2 sell 0.20 |
         2010 | hub: reduce 1 0.15           | order sell 0.15
         2020 | hub: reduce 2 0.00           | order open 0.20",
    );
    play(
        "0    | net: 1 buy 0.30, 2 sell 0.20 |
         10   | hub: reduce 1 0.20           | order close #500 XAUUSD 0.10",
    );
}

/// Seed 162805 of the simulation: the deal that had turned the position was among what the deals did not tell, and a buyer's
/// share was closed by the ticket of a position that had sold.
#[test]
fn a_share_is_not_closed_by_the_ticket_of_a_position_that_goes_the_other_way() {
    let mut script = Script::begin(AccountRules::default());
    let mut shown = account("1 buy 0.10", 0);
    shown.positions[0].side = Side::Sell;
    for now in [0, 1_000_000, 2_000_000] {
        script.now = Micros(now);
        script.agent.on_snapshot(script.now, shown.clone());
    }
    // Nor by an order the other way, before the deals tell what became of it.
    assert_eq!(script.act("hub: reduce 1 0.00"), "");
    assert_eq!(script.act("net: 1 buy 0.10, hand sell 0.20"), "1: already");
}

#[test]
fn an_order_that_adds_to_an_owners_position_names_its_stops_again() {
    let stops = (Some(of("1990")), Some(of("2050")));
    for (deals, named) in [
        ("hand buy 0.10", stops),
        ("robot buy 0.10", stops),
        ("1 buy 0.20, hand buy 0.10", stops),
        // Copies alone: the hub says which stops they have.
        ("1 buy 0.10", (None, None)),
        ("", (None, None)),
        // It reduces, and changes no stops.
        ("hand sell 0.10", (None, None)),
        ("hand sell 0.20, 1 buy 0.10", (None, None)),
    ] {
        let mut script = Script::begin(AccountRules::default());
        let mut shown = account(deals, 0);
        for position in &mut shown.positions {
            (position.stop_loss, position.take_profit) = stops;
        }
        script.agent.on_snapshot(Micros(0), shown);
        script.instruct(&["open", "9", "0.05"]);
        let order = script.agent.next_order(Micros(0)).unwrap().request.action;
        let (stop_loss, take_profit) = named;
        assert_eq!(order, OrderAction::Open { side: Side::Buy, stop_loss, take_profit }, "after {deals:?}");
    }
}

#[test]
fn a_close_in_doubt_is_not_repeated_before_the_account_has_told() {
    play(
        "0    | net: 1 buy 0.10   |
         10   | hub: reduce 1 0.00 | order close #500 XAUUSD 0.10
         20   | answer 1 10012     | 1: 10012 0.00
         30   | net: 1 buy 0.10   |
         40   | hub: reduce 1 0.00 |
         1030 | net: 1 buy 0.10   |
         2019 | net: 1 buy 0.10   |
         2020 | net: 1 buy 0.10, 1 sell 0.10 | 1: already",
    );
}

#[test]
fn stops_are_set_where_the_position_is_the_copys_alone() {
    play(
        "0  | net: 1 buy 0.10              |
         10 | hub: modify 1 1990           | order modify #500 XAUUSD 0.00
         20 | answer 1 10009               | 1: 10009 0.00
         30 | net: 1 buy 0.10, 2 buy 0.10  |
         40 | hub: modify 2 1990           | 2: already
         50 | net: 1 buy 0.10, 2 sell 0.10 |
         60 | hub: modify 1 1990           | 1: already",
    );
}

#[test]
fn nothing_is_closed_while_position_and_deals_are_of_two_moments() {
    play(
        "0  | net: 1 buy 0.10   |
         10 | net behind: 1 buy 0.10, hand sell 0.10 |
         20 | hub: reduce 1 0.00 |
         30 | net: 1 buy 0.10, hand sell 0.10 | 1: already",
    );
}

/// What looks like the copy's alone may be others' too.
#[test]
fn no_stop_is_set_while_position_and_deals_are_of_two_moments() {
    play(
        "0  | net: 1 buy 0.10   |
         10 | net behind: 1 buy 0.10, hand buy 0.10 |
         20 | hub: modify 1 1990 |
         30 | net: 1 buy 0.10, hand buy 0.10 | 1: already",
    );
}

/// A stop's deal that comes late: until it does, nobody knows that the share is gone, and an order the other way would open
/// what nobody wants.
#[test]
fn what_the_deals_tell_and_the_account_does_not_hold_is_closed_by_no_order_the_other_way() {
    for (held, told) in [
        ("1 buy 0.10, hand sell 0.10", "1: already"),
        ("1 buy 0.10, hand sell 0.05", "order close #500 XAUUSD 0.05"),
        ("1 buy 0.10, hand sell 0.30", "1: already"),
    ] {
        play(&format!(
            "0     | net: 1 buy 0.10     |
             1000  | net: 1 buy 0.10     |
             2000  | net behind: {held}  |
             3000  | net behind: {held}  |
             4000  | net behind: {held}  |
             5000  | net behind: {held}  |
             5500  | hub: reduce 1 0     |
             6000  | net: {held}         | {told}"
        ));
    }
}

/// Two shares add up to nothing, so each is closed by an order the other way. When the one has been answered and the list of
/// deals lags, nobody can tell whether the owner was faster with the other.
#[test]
fn without_a_ticket_the_next_close_waits_until_the_last_is_shown() {
    play(
        "0    | net: 1 buy 0.10, 2 sell 0.10           |
         1000 | net: 1 buy 0.10, 2 sell 0.10           |
         2000 | net: 1 buy 0.10, 2 sell 0.10           |
         2010 | hub: reduce 1 0.00                     | order sell 0.10
         2020 | answer 1 done 0.10                     | 1: 10009 0.10
         2030 | hub: reduce 2 0.00                     |
         2040 | net: 1 buy 0.10, 2 sell 0.10           |
         2050 | net: 1 buy 0.10, 2 sell 0.10, 1 sell 0.10 | order close #502 XAUUSD 0.10",
    );
}

/// The same for an answer that leaves open whether it was closed, as long as states may lag.
#[test]
fn without_a_ticket_the_next_close_waits_while_the_last_is_in_doubt() {
    for code in ["10008", "10012"] {
        play(&format!(
            "0    | net: 1 buy 0.10, 2 sell 0.10           |
             1000 | net: 1 buy 0.10, 2 sell 0.10           |
             2000 | net: 1 buy 0.10, 2 sell 0.10           |
             2010 | hub: reduce 1 0.00                     | order sell 0.10
             2020 | answer 1 {code}                        | 1: {code} 0.00
             2030 | hub: reduce 2 0.00                     |
             2900 | net: 1 buy 0.10, 2 sell 0.10           |
             3800 | net: 1 buy 0.10, 2 sell 0.10           |
             4700 | net: 1 buy 0.10, 2 sell 0.10           | order open 0.10"
        ));
    }
}

/// An agent before this one may have closed it, by its guards for one, and the lists may be those of before that.
#[test]
fn without_a_ticket_nothing_is_closed_before_the_account_was_watched() {
    play(
        "0    | net: 1 buy 0.10, 2 sell 0.10           |
         10   | hub: reduce 1 0.00                     |
         1000 | net: 1 buy 0.10, 2 sell 0.10           |
         2000 | net: 1 buy 0.10, 2 sell 0.10           | order sell 0.10",
    );
}
