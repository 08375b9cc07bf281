//! Pending orders on the slave's side.

use super::super::instruction::{Instruction, Outcome};
use super::Agent;
use crate::allocation::SkipReason;
use crate::domain::{CopyId, Lots, Micros, OrderEnd, PendingOrder, Side, Signature, Snapshot};

/// Does the account show an order of this copy, or what became of one?
pub(super) fn shows(snapshot: &Snapshot, signature: Signature, copy: CopyId) -> bool {
    let of_copy = |magic: crate::domain::Magic| magic.copy(signature) == Some(copy);
    snapshot.orders.iter().any(|order| of_copy(order.magic))
        // An order that was never let in may be placed again.
        || snapshot.past_orders.iter().any(|order| of_copy(order.magic) && order.end != OrderEnd::Rejected)
        || snapshot.positions.iter().any(|position| of_copy(position.magic))
        || snapshot.deals.iter().any(|deal| of_copy(deal.magic))
}

impl Agent {
    /// The copy's order that waits.
    pub(super) fn waiting<'a>(&self, snapshot: &'a Snapshot, copy: CopyId) -> Option<&'a PendingOrder> {
        snapshot.orders.iter().find(|order| order.magic.copy(self.settings.signature) == Some(copy))
    }

    /// The slave's own barrier before a pending order: never twice, never on an old instruction, never beyond its
    /// limits.
    pub(super) fn may_place(
        &self,
        instruction: &Instruction,
        side: Side,
        lots: Lots,
        snapshot: &Snapshot,
        now: Micros,
    ) -> Result<(), Outcome> {
        self.guard_open()?;
        let copy = instruction.copy;
        if shows(snapshot, self.settings.signature, copy)
            || self.expected.contains_key(&copy)
            || self.placed.contains_key(&copy)
            || self.works_on(copy)
        {
            return Err(Outcome::AlreadyDone);
        }
        if now > instruction.valid_until {
            return Err(Outcome::Declined(SkipReason::TooLate));
        }
        let instrument =
            snapshot.instrument(&instruction.symbol).ok_or(Outcome::Declined(SkipReason::UnknownSymbol))?;
        self.within_limits(side, lots, snapshot, instrument)
    }
}
