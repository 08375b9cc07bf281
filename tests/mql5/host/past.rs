//! The account's history as a program has selected it: deals and orders that are over.

use std::collections::BTreeMap;

use lotbridge::domain::{Deal, PastOrder, Snapshot};

use crate::values as v;

/// The ticket of the deal that brought the account its money: every history begins with it.
pub const DEPOSIT: u64 = 1;

/// Places in the last state's lists.
#[derive(Default)]
pub struct Past {
    deals: Vec<usize>,
    orders: Vec<usize>,
    /// What is selected begins with the deposit.
    deposit: bool,
    deal_times: Vec<i64>,
    order_times: Vec<i64>,
    deal_of: BTreeMap<u64, usize>,
    order_of: BTreeMap<u64, usize>,
}

impl Past {
    /// A new state. What was selected stays selected only until it changes.
    pub fn show(&mut self, snapshot: &Snapshot) {
        let (deals, orders) = (&snapshot.deals, &snapshot.past_orders);
        *self = Self {
            deal_of: deals.iter().enumerate().map(|(at, deal)| (deal.ticket, at)).collect(),
            order_of: orders.iter().enumerate().map(|(at, order)| (order.ticket, at)).collect(),
            deal_times: deals.iter().map(|deal| deal.time.0 / 1000).collect(),
            order_times: orders.iter().map(|order| order.time.0 / 1000).collect(),
            ..Self::default()
        };
        assert!(self.deal_times.is_sorted() && self.order_times.is_sorted(), "a history goes on at its end");
    }

    /// The functions of the history; `has_come`: the terminal shows it already.
    pub fn call(
        &mut self,
        function: i32,
        a: i64,
        b: i64,
        snapshot: Option<&Snapshot>,
        has_come: bool,
    ) -> i64 {
        let at = usize::try_from(a).unwrap_or(usize::MAX);
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        match function {
            v::HistorySelect => {
                self.select(a, b, has_come);
                i64::from(snapshot.is_some())
            }
            v::HistorySelectByPosition => snapshot.map_or(0, |snapshot| {
                self.select_of(a.cast_unsigned(), snapshot);
                1
            }),
            v::HistoryDealsTotal => count(self.deals.len() + usize::from(self.deposit)),
            v::HistoryDealGetTicket if self.deposit && at == 0 => DEPOSIT.cast_signed(),
            v::HistoryDealGetTicket => {
                let at = at.saturating_sub(usize::from(self.deposit));
                let deal = self.deals.get(at).and_then(|at| snapshot?.deals.get(*at));
                deal.map_or(0, |deal| deal.ticket.cast_signed())
            }
            v::HistoryOrdersTotal => count(self.orders.len()),
            v::HistoryOrderGetTicket => {
                let order = self.orders.get(at).and_then(|at| snapshot?.past_orders.get(*at));
                order.map_or(0, |order| order.ticket.cast_signed())
            }
            other => panic!("the host lacks function {other}"),
        }
    }

    /// In server seconds, both included.
    fn select(&mut self, from: i64, to: i64, has_come: bool) {
        let within = |times: &[i64], selected: &mut Vec<usize>| {
            let first = times.partition_point(|time| *time < from);
            let end = times.partition_point(|time| *time <= to);
            selected.clear();
            selected.extend((first..end).filter(|_| has_come));
        };
        within(&self.deal_times, &mut self.deals);
        within(&self.order_times, &mut self.orders);
        self.deposit = has_come && from <= 0;
    }

    fn select_of(&mut self, position: u64, snapshot: &Snapshot) {
        let deals = snapshot.deals.iter().enumerate();
        self.deals = deals.filter(|(_, d)| d.position.0 == position).map(|(at, _)| at).collect();
        let orders = snapshot.past_orders.iter().enumerate();
        self.orders = orders.filter(|(_, o)| o.position.0 == position).map(|(at, _)| at).collect();
        self.deposit = false;
    }

    pub fn deal<'a>(&self, ticket: u64, shown: &'a Snapshot) -> Option<&'a Deal> {
        self.deal_of.get(&ticket).map(|at| &shown.deals[*at])
    }

    pub fn order<'a>(&self, ticket: u64, shown: &'a Snapshot) -> Option<&'a PastOrder> {
        self.order_of.get(&ticket).map(|at| &shown.past_orders[*at])
    }
}
