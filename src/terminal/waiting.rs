//! The pending orders of an account: those that wait, and those that are over.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::domain::{
    Expiration, OrderEnd, PastOrder, PendingKind, PendingOrder, PendingTerms, PositionId, ServerTime,
};

/// The most pending orders that may wait at once.
pub(super) const WAITING_MAX: usize = 10_000;

/// The most orders that the history keeps: the newest.
pub(super) const PAST_MAX: usize = 10_000;

const DAY_MS: i64 = 86_400_000;

/// The moment from which an order does not wait any more, if it was given its terms at `now`. `None`: it waits until it
/// is cancelled.
pub(super) fn expiry(expiration: Expiration, now: ServerTime) -> Option<ServerTime> {
    let midnight_after = |time: ServerTime| {
        ServerTime(time.0.saturating_sub(time.0.rem_euclid(DAY_MS)).saturating_add(DAY_MS))
    };
    match expiration {
        Expiration::Gtc => None,
        Expiration::Day => Some(midnight_after(now)),
        Expiration::Specified(time) => Some(time),
        Expiration::SpecifiedDay(time) => Some(midnight_after(time)),
    }
}

/// The pending orders of one account.
#[derive(Debug, Clone, Default)]
pub(super) struct PendingBook {
    waiting: BTreeMap<u64, PendingOrder>,
    /// When which of them expires.
    expiries: BTreeSet<(ServerTime, u64)>,
    expiry_of: BTreeMap<u64, ServerTime>,
    /// Those that live by their history: no quote fills them.
    recorded: BTreeSet<u64>,
    /// In the order of time.
    past: VecDeque<PastOrder>,
}

impl PendingBook {
    pub(super) fn get(&self, ticket: u64) -> Option<&PendingOrder> {
        self.waiting.get(&ticket)
    }

    /// By ticket.
    pub(super) fn iter(&self) -> impl Iterator<Item = &PendingOrder> {
        self.waiting.values()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn insert(&mut self, order: PendingOrder, expires: Option<ServerTime>) {
        self.set_expiry(order.ticket, expires);
        self.waiting.insert(order.ticket, order);
    }

    /// An order that lives by its history.
    pub(super) fn insert_recorded(&mut self, order: PendingOrder) {
        self.recorded.insert(order.ticket);
        self.insert(order, None);
    }

    pub(super) fn is_recorded(&self, ticket: u64) -> bool {
        self.recorded.contains(&ticket)
    }

    pub(super) fn set_terms(&mut self, ticket: u64, terms: PendingTerms, expires: Option<ServerTime>) {
        if let Some(order) = self.waiting.get_mut(&ticket) {
            order.terms = terms;
            self.set_expiry(ticket, expires);
        }
    }

    /// The stop of a stop-limit order was reached: it is a limit order from now on.
    pub(super) fn becomes_limit(&mut self, ticket: u64) {
        if let Some(order) = self.waiting.get_mut(&ticket) {
            order.kind = PendingKind::Limit;
            order.terms.price = order.terms.limit_price.take().unwrap_or(order.terms.price);
        }
    }

    /// The order waits no more.
    pub(super) fn end(&mut self, ticket: u64, end: OrderEnd, position: PositionId, time: ServerTime) {
        self.set_expiry(ticket, None);
        self.recorded.remove(&ticket);
        if let Some(order) = self.waiting.remove(&ticket) {
            if self.past.len() >= PAST_MAX {
                self.past.pop_front();
            }
            self.past.push_back(PastOrder { ticket, position, magic: order.magic, end, time });
        }
    }

    /// Every order whose time is up now is over, each at its own moment.
    pub(super) fn expire(&mut self, now: ServerTime) {
        while let Some((time, ticket)) = self.expiries.first().copied().filter(|(time, _)| *time <= now) {
            self.end(ticket, OrderEnd::Expired, PositionId(0), time);
        }
    }

    /// The orders that are over, from this time on, oldest first.
    pub(super) fn past(&self, since: ServerTime) -> impl Iterator<Item = &PastOrder> {
        self.past.range(self.past.partition_point(|order| order.time < since)..)
    }

    fn set_expiry(&mut self, ticket: u64, expires: Option<ServerTime>) {
        if let Some(time) = self.expiry_of.remove(&ticket) {
            self.expiries.remove(&(time, ticket));
        }
        if let Some(time) = expires {
            self.expiry_of.insert(ticket, time);
            self.expiries.insert((time, ticket));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{moment, of};
    use super::*;
    use crate::domain::{Comment, Lots, Magic, Price, Side, text};

    fn order(ticket: u64) -> PendingOrder {
        PendingOrder {
            ticket,
            symbol: text("XAUUSD").unwrap(),
            side: Side::Buy,
            kind: PendingKind::Limit,
            lots: of::<Lots>("0.01"),
            terms: PendingTerms {
                price: of::<Price>("1990"),
                limit_price: None,
                stop_loss: None,
                take_profit: None,
                expiration: Expiration::Gtc,
            },
            placed: ServerTime(0),
            magic: Magic(0),
            comment: Comment::new(),
        }
    }

    #[test]
    fn the_history_keeps_the_newest() {
        let mut book = PendingBook::default();
        for ticket in 1..=10_003 {
            book.insert(order(ticket), None);
            book.end(ticket, OrderEnd::Cancelled, PositionId(0), ServerTime(i64::try_from(ticket).unwrap()));
        }
        let tickets = |since| book.past(ServerTime(since)).map(|past| past.ticket).collect::<Vec<_>>();
        assert_eq!(tickets(0), (4..=10_003).collect::<Vec<_>>());
        assert_eq!(tickets(10_002), [10_002, 10_003]);
        assert_eq!((book.len(), book.expiries.len()), (0, 0));
    }

    #[test]
    fn orders_expire_by_the_servers_clock() {
        let now = moment("wed 15:30");
        for (expiration, expected) in [
            (Expiration::Gtc, None),
            (Expiration::Day, Some("thu 00:00")),
            (Expiration::Specified(moment("wed 15:31")), Some("wed 15:31")),
            (Expiration::SpecifiedDay(moment("wed 00:00")), Some("thu 00:00")),
            (Expiration::SpecifiedDay(moment("fri 23:59")), Some("sat 00:00")),
        ] {
            assert_eq!(expiry(expiration, now), expected.map(moment), "{expiration:?}");
        }
    }
}
