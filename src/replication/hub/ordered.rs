//! How much of the master's order is still to come. A terminal's lists are read one after the other, so an order that has
//! filled may still be listed beside the position that it became: both together are not what the master ordered.

use super::Hub;
use super::group::Group;
use crate::domain::{Lots, Micros, PendingOrder, Position, Snapshot};

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
    /// What of its order a position has still to get: the master is about to have it.
    pub(super) fn rest_of_order(&self, position: &Position, snapshot: &Snapshot) -> Lots {
        let rest = order_of(position, snapshot).map_or(Lots::ZERO, |order| order.lots);
        rest.min(self.opened.saturating_sub(position.lots)).max(Lots::ZERO)
    }
}
