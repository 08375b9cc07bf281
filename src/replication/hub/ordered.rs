//! How much of the master's order is still to come. A terminal's lists are read one after the other, so an order that has
//! filled may still be listed beside the position that it became: both together are not what the master ordered. Of an order
//! at market nobody has seen what it was placed with, so its end is waited for.

use std::collections::BTreeMap;

use super::Hub;
use super::group::{Group, closing, opened_by_deals};
use crate::domain::{Lots, Micros, OrderEnd, PendingOrder, Position, Snapshot, WorkingOrder};

/// What a waiting order of the master's was placed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ordered {
    lots: Lots,
    /// From when on that is believed: of an order that was never seen without its position nobody knows yet.
    sure_from: Micros,
    /// Since when it waits no more, though its position has not got all of it.
    gone_since: Option<Micros>,
}

/// The order whose rest still waits beside its position, if it does.
fn order_of<'a>(position: &Position, snapshot: &'a Snapshot) -> Option<&'a PendingOrder> {
    snapshot.orders.iter().find(|order| order.ticket == position.id.0)
}

/// What the master closed of a position, by the deals that its terminal still has.
fn closed_by_deals(position: &Position, snapshot: &Snapshot) -> Lots {
    closing(&snapshot.deals, position.id).fold(Lots::ZERO, |sum, deal| sum.saturating_add(deal.lots))
}

/// What the master has of a position and what it closed of it.
fn ever_had(position: &Position, snapshot: &Snapshot) -> Lots {
    position.lots.saturating_add(closed_by_deals(position, snapshot))
}

/// Do the past orders prove that it got less than was ordered?
fn was_cancelled(position: &Position, snapshot: &Snapshot) -> bool {
    snapshot.past_orders.iter().any(|past| past.ticket == position.id.0 && past.end != OrderEnd::Filled)
}

impl Hub {
    /// Notes what the orders in the master's new state were placed with.
    pub(super) fn note_ordered(&mut self, snapshot: &Snapshot, now: Micros) {
        let fills = |order: &&WorkingOrder| snapshot.positions.iter().any(|held| held.id.0 == order.ticket);
        let filling = snapshot.working.iter().filter(fills);
        self.filling = filling
            .map(|order| (order.ticket, self.filling.get(&order.ticket).copied().unwrap_or(now)))
            .collect();
        if snapshot.orders.is_empty() && self.ordered.is_empty() {
            return;
        }
        let patience_ms = self.setup.master.doubt_ms;
        let ordered = snapshot.orders.iter().map(|order| {
            let known = self.ordered.get(&order.ticket).copied();
            let position = snapshot.positions.iter().find(|position| position.id.0 == order.ticket);
            let first_seen = || match position {
                None => Ordered { lots: order.lots, sure_from: now, gone_since: None },
                Some(position) => Ordered {
                    lots: order.lots.saturating_add(ever_had(position, snapshot)),
                    sure_from: now.plus_ms(patience_ms),
                    gone_since: None,
                },
            };
            let known = known.map(|known| Ordered { gone_since: None, ..known });
            (order.ticket, known.unwrap_or_else(first_seen))
        });
        let mut ordered: BTreeMap<u64, Ordered> = ordered.collect();
        for position in &snapshot.positions {
            let known = self.ordered.get(&position.id.0).filter(|known| now >= known.sure_from);
            let Some(known) = known else { continue };
            let gone = known.gone_since.unwrap_or(now);
            let is_coming = ever_had(position, snapshot) < known.lots && !was_cancelled(position, snapshot);
            if is_coming && now < gone.plus_ms(patience_ms) {
                ordered.entry(position.id.0).or_insert(Ordered { gone_since: Some(gone), ..*known });
            }
        }
        self.ordered = ordered;
    }

    /// Nobody has watched: what the lists are about to tell apart, they are given the time for anew.
    pub(super) fn doubt_ordered(&mut self, now: Micros) {
        let sure_from = now.plus_ms(self.setup.master.doubt_ms);
        for ordered in self.ordered.values_mut() {
            if ordered.sure_from > self.master_at {
                ordered.sure_from = sure_from;
            }
            ordered.gone_since = ordered.gone_since.map(|_| now);
        }
        self.filling.clear();
    }

    /// What of its order a position that is new has still to get; `None`: the next states will tell. One whose order at
    /// market takes longer to fill than a doubt lasts is taken as it is then.
    pub(super) fn rest_of_new(&self, position: &Position, snapshot: &Snapshot, now: Micros) -> Option<Lots> {
        let filling = self.filling.get(&position.id.0);
        if filling.is_some_and(|since| now < since.plus_ms(self.setup.master.doubt_ms)) {
            return None;
        }
        let ordered = self.ordered.get(&position.id.0);
        if order_of(position, snapshot).is_none() {
            return if ordered.is_some() { None } else { Some(Lots::ZERO) };
        }
        let ordered = ordered.filter(|ordered| now >= ordered.sure_from)?;
        Some(ordered.lots.saturating_sub(ever_had(position, snapshot)).max(Lots::ZERO))
    }
}

impl Group {
    /// What the master has of its position and, while the rest of its order waits, is about to have. What leaves the list of
    /// orders may come into the list of positions later: less than before is believed when the position has become smaller,
    /// as far as deals prove that it was closed, or was never filled before its order was cancelled; else after
    /// `patience_ms`.
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
        let smaller = self.waiting.is_none()
            && position.lots < std::mem::replace(&mut self.position.lots, position.lots);
        let proved = if lots >= self.remaining || self.guessed || smaller {
            lots
        } else {
            let opened = if was_cancelled(position, snapshot) {
                opened_by_deals(snapshot, position.id)
            } else {
                self.opened
            };
            lots.max(opened.saturating_sub(closed_by_deals(position, snapshot)).min(self.remaining))
        };
        if proved == lots {
            self.unfilled_since = None;
            return lots;
        }
        let since = *self.unfilled_since.get_or_insert(now);
        if now >= since.plus_ms(patience_ms) { lots } else { proved }
    }
}
