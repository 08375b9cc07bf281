//! The slave's own barrier before an open: whatever the hub says.

use super::super::instruction::{Instruction, Outcome};
use super::super::planted::Defect;
use super::Agent;
use crate::allocation::SkipReason;
use crate::allocation::limits;
use crate::domain::{Instrument, Lots, Magic, Micros, Price, Side, Snapshot};

impl Agent {
    /// The slave's own barrier before an open: never twice, never late, never far, never beyond its limits, never
    /// against its guards.
    pub(super) fn may_open(
        &self,
        instruction: &Instruction,
        side: Side,
        lots: Lots,
        snapshot: &Snapshot,
        now: Micros,
    ) -> Result<(), Outcome> {
        let signature = self.settings.signature;
        let known = |magic: Magic| magic.copy(signature) == Some(instruction.copy);
        let held = snapshot.positions.iter().any(|p| known(p.magic))
            || snapshot.deals.iter().any(|d| known(d.magic))
            || snapshot.orders.iter().any(|order| known(order.magic))
            || self.expected.contains_key(&instruction.copy)
            || self.placed.contains_key(&instruction.copy)
            || self.works_on(instruction.copy);
        if held && !self.planted.is(Defect::DoTwice) {
            return Err(Outcome::AlreadyDone);
        }
        self.guard_open()?;
        if now > instruction.valid_until && !self.planted.is(Defect::IgnoreDeadline) {
            return Err(Outcome::Declined(SkipReason::TooLate));
        }
        let instrument =
            snapshot.instrument(&instruction.symbol).ok_or(Outcome::Declined(SkipReason::UnknownSymbol))?;
        let price = if side == Side::Buy { instrument.ask } else { instrument.bid };
        let worse = side.sign() * (price.units() - instruction.reference.units());
        let allowed = instrument.point().units().saturating_mul(i64::from(instruction.deviation_points));
        if price != Price::ZERO && worse > allowed {
            return Err(Outcome::Declined(SkipReason::PriceMoved));
        }
        self.within_limits(side, lots, snapshot, instrument)
    }

    /// May the account take so many lots more?
    pub(super) fn within_limits(
        &self,
        side: Side,
        lots: Lots,
        snapshot: &Snapshot,
        instrument: &Instrument,
    ) -> Result<(), Outcome> {
        if !instrument.trading.mode.opens(side) {
            return Err(Outcome::Declined(SkipReason::TradeMode));
        }
        let mut exposure = self.exposure(snapshot, &instrument.symbol);
        if instrument.trading.volume_limit.is_positive() {
            exposure.direction_lots = self.direction_lots(snapshot, &instrument.symbol, side);
        }
        let caps = limits::caps(&self.settings.rules.limits, &exposure, &snapshot.account, instrument)
            .map_err(Outcome::Declined)?;
        match caps.iter().find(|cap| lots > cap.lots) {
            Some(cap) => Err(Outcome::Declined(cap.limit.skip())),
            None => Ok(()),
        }
    }
}
