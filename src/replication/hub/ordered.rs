//! How much of the master's order is still to come. A terminal's lists are read one after the other, so an order that has
//! filled may still be listed beside the position that it became: both together are not what the master ordered.

use super::Hub;
use super::group::Group;
use crate::domain::{Lots, Micros, OrderEnd, PendingOrder, Position, Snapshot};

/// What a waiting order of the master's was placed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ordered {
    lots: Lots,
    /// From when on that is believed: of an order that was never seen without its position nobody knows yet.
    sure_from: Micros,
}

/// The order whose rest still waits beside its position, if it does.
fn order_of<'a>(position: &Position, snapshot: &'a Snapshot) -> Option<&'a PendingOrder> {
    snapshot.orders.iter().find(|order| order.ticket == position.id.0)
}

/// Do the past orders prove that it got less than was ordered?
fn was_cancelled(position: &Position, snapshot: &Snapshot) -> bool {
    snapshot.past_orders.iter().any(|past| past.ticket == position.id.0 && past.end != OrderEnd::Filled)
}

impl Hub {
    /// Notes what the orders in the master's new state were placed with.
    pub(super) fn note_ordered(&mut self, snapshot: &Snapshot, now: Micros) {
        if snapshot.orders.is_empty() && self.ordered.is_empty() {
            return;
        }
        let patience_ms = self.setup.master.doubt_ms;
        let ordered = snapshot.orders.iter().map(|order| {
            let known = self.ordered.get(&order.ticket).copied();
            let position = snapshot.positions.iter().find(|position| position.id.0 == order.ticket);
            let first_seen = || match position {
                None => Ordered { lots: order.lots, sure_from: now },
                Some(position) => Ordered {
                    lots: order.lots.saturating_add(position.lots),
                    sure_from: now.plus_ms(patience_ms),
                },
            };
            (order.ticket, known.unwrap_or_else(first_seen))
        });
        self.ordered = ordered.collect();
    }

    /// What of its order a position that is new has still to get; `None`: the next states will tell.
    pub(super) fn rest_of_new(&self, position: &Position, snapshot: &Snapshot, now: Micros) -> Option<Lots> {
        let Some(order) = order_of(position, snapshot) else { return Some(Lots::ZERO) };
        let ordered = self.ordered.get(&order.ticket).filter(|ordered| now >= ordered.sure_from)?;
        Some(order.lots.min(ordered.lots.saturating_sub(position.lots)).max(Lots::ZERO))
    }
}

impl Group {
    /// What the master has of its position and, while the rest of its order waits, is about to have. What leaves the list of
    /// orders may come into the list of positions later: less than before is believed of what was closed or cancelled, and
    /// of the rest after `patience_ms`.
    pub(super) fn held_and_coming(
        &mut self,
        position: &Position,
        snapshot: &Snapshot,
        patience_ms: u64,
        now: Micros,
    ) -> Lots {
        let rest = order_of(position, snapshot).map_or(Lots::ZERO, |order| order.lots);
        let rest = rest.min(self.opened.saturating_sub(position.lots)).max(Lots::ZERO);
        let lots = position.lots.saturating_add(rest);
        let closed = if self.waiting.is_some() {
            snapshot.deals.iter().any(|deal| deal.entry.closes() && deal.position == position.id)
        } else {
            position.lots < std::mem::replace(&mut self.position.lots, position.lots)
        };
        if lots >= self.remaining || self.guessed || closed || was_cancelled(position, snapshot) {
            self.unfilled_since = None;
            return lots;
        }
        let since = *self.unfilled_since.get_or_insert(now);
        if now >= since.plus_ms(patience_ms) { lots } else { self.remaining }
    }
}
