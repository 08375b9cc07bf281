//! What a slave's account holds in copies, as its agent adds it up.

use std::collections::BTreeMap;

use super::super::planted::Defect;
use super::Agent;
use crate::allocation::limits::Exposure;
use crate::domain::{CopyId, Lots, Magic, Side, Snapshot, Symbol};

impl Agent {
    /// What the account holds in copies: by its state, by answers that its state does not show yet, and by
    /// orders that are not answered. Not worked out where no limit looks at it.
    pub(super) fn exposure(&self, snapshot: &Snapshot, symbol: &str) -> Exposure {
        if !self.settings.rules.limits.look_at_exposure() || self.planted.is(Defect::IgnoreLimits) {
            return Exposure::default();
        }
        let mut lots: BTreeMap<CopyId, (Symbol, Lots)> = BTreeMap::new();
        for position in &snapshot.positions {
            if let Some(copy) = position.magic.copy(self.settings.signature) {
                let entry = lots.entry(copy).or_insert((position.symbol, Lots::ZERO));
                entry.1 = entry.1.saturating_add(position.lots);
            }
        }
        for order in &snapshot.orders {
            if let Some(copy) = order.magic.copy(self.settings.signature) {
                lots.entry(copy).or_insert((order.symbol, order.lots));
            }
        }
        for rest in &self.working.rests {
            if let Some((_, lots)) = rest.magic.copy(self.settings.signature).and_then(|c| lots.get_mut(&c)) {
                *lots = lots.saturating_add(rest.lots);
            }
        }
        lots.extend(self.placed.iter().map(|(copy, placed)| (*copy, (placed.symbol, placed.lots))));
        lots.extend(self.expected.iter().map(|(copy, expected)| (*copy, (expected.symbol, expected.lots))));
        let opening = self.busy.iter().filter(|(_, busy)| busy.opens.is_positive());
        lots.extend(opening.map(|(_, busy)| (busy.copy, (busy.symbol, busy.opens))));
        let mut exposure = Exposure::default();
        for (held_in, lots) in lots.into_values().filter(|(_, lots)| lots.is_positive()) {
            exposure.copies += 1;
            exposure.total_lots = exposure.total_lots.saturating_add(lots);
            if held_in.as_str() == symbol {
                exposure.symbol_lots = exposure.symbol_lots.saturating_add(lots);
            }
        }
        exposure
    }

    /// What counts for the broker's limit on a symbol's direction: everybody's positions and pending orders that the
    /// state shows, and what was opened since or is being opened.
    pub(super) fn direction_lots(&self, snapshot: &Snapshot, symbol: &str, side: Side) -> Lots {
        let fits = |held_in: &str, held: Side| held_in == symbol && held == side;
        let copy_of = |magic: Magic| magic.copy(self.settings.signature);
        let positions = snapshot.positions.iter().filter(|p| fits(&p.symbol, p.side));
        let shown = positions.map(|position| {
            let expected = copy_of(position.magic).and_then(|copy| self.expected.get(&copy));
            expected.map_or(position.lots, |expected| expected.lots)
        });
        let orders = snapshot.orders.iter().filter(|o| fits(&o.symbol, o.side)).map(|order| order.lots);
        let rests = self.working.rests.iter().filter(|o| fits(&o.symbol, o.side)).map(|rest| rest.lots);
        let unseen =
            |copy: CopyId| !snapshot.positions.iter().any(|position| copy_of(position.magic) == Some(copy));
        let opened = self.expected.iter().filter(|(copy, _)| unseen(**copy)).map(|(_, opened)| *opened);
        let opened = opened.filter(|o| o.side.is_some_and(|side| fits(&o.symbol, side))).map(|o| o.lots);
        let placed = self.placed.values();
        let placed = placed.filter(|p| p.side.is_some_and(|side| fits(&p.symbol, side))).map(|p| p.lots);
        let busy = self.busy.iter().map(|(_, busy)| busy);
        let opening = busy.filter(|b| b.side.is_some_and(|side| fits(&b.symbol, side)));
        let all = shown
            .chain(orders)
            .chain(rests)
            .chain(opened)
            .chain(placed)
            .chain(opening.map(|busy| busy.opens));
        all.fold(Lots::ZERO, Lots::saturating_add)
    }
}
