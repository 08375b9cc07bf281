//! Which deals explain a change of the balance.

use super::accounts::{account, deal};
use super::of;
use crate::domain::{Micros, Money, ServerTime};
use crate::replication::CashFlows;

/// What a deal that comes late with 5 of profit leaves unexplained, after deals with these tickets.
fn left_by(known: std::ops::RangeInclusive<u64>, late: u64) -> Money {
    let mut shown = account(of("10000"));
    let mut flows = CashFlows::begin(Micros(0), &shown);
    shown.deals = known.map(|ticket| deal(ticket, Money::ZERO, ServerTime(1))).collect();
    flows.observe(Micros(1), &shown, 1_000);
    shown.deals = vec![deal(late, of("5"), ServerTime(1))];
    shown.account.balance = of("10005");
    flows.observe(Micros(2), &shown, 1_000);
    flows.cash().unexplained
}

#[test]
fn so_many_deals_are_remembered_and_older_ones_count_as_known() {
    for (last, left) in [(65_537, "0"), (65_538, "5")] {
        assert_eq!(left_by(2..=last, 1), of(left), "{last}");
    }
    assert_eq!(left_by(2..=65_538, 65_539), Money::ZERO);
}

#[test]
fn the_first_balance_has_the_deals_of_its_own_moment() {
    let mut shown = account(of("10000"));
    let mut flows = CashFlows::begin(Micros(0), &shown);
    for (ticket, time, left) in [(1, 0, "0"), (2, 1, "-5")] {
        shown.deals.push(deal(ticket, of("5"), ServerTime(time)));
        flows.observe(Micros(ticket), &shown, 1_000);
        assert_eq!(flows.cash().unexplained, of(left), "a deal of {time}, not in the balance");
    }
}
