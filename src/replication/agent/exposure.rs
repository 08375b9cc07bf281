//! What a slave's account holds in copies, as its agent adds it up.

use std::collections::BTreeMap;

use super::Agent;
use crate::allocation::limits::Exposure;
use crate::domain::{CopyId, Lots, Snapshot, Symbol};

impl Agent {
    /// What the account holds in copies: by its state, by answers that its state does not show yet, and by
    /// orders that are not answered. Not worked out where no limit looks at it.
    pub(super) fn exposure(&self, snapshot: &Snapshot, symbol: &str) -> Exposure {
        if !self.settings.rules.limits.look_at_exposure() {
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
}
