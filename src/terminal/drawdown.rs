//! How far equity fell from its peaks.

use super::valuation;
use crate::domain::{Money, Ratio};

/// How far equity fell from its peaks, seen at every quote and every booking. Deposits and withdrawals are
/// neither profit nor loss: they move the peak by as much for `amount`, and in proportion for `percent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawdown {
    /// The highest equity, moved by deposits and withdrawals since.
    pub peak: Money,
    /// The largest fall from a peak, in the account's currency; not negative.
    pub amount: Money,
    /// The largest fall from a peak in percent of that peak: `12.5` is an eighth. More than 100 when equity fell
    /// below zero. It need not be the fall that `amount` is of. Rounded half to even to 8 decimal places.
    pub percent: Ratio,
}

/// Follows equity.
#[derive(Debug, Clone)]
pub(super) struct DrawdownMeter {
    reached: Drawdown,
    /// The peak for percentages: what the highest equity would be now if deposits and withdrawals had not
    /// changed the fall in percent.
    proportional_peak: Money,
}

impl DrawdownMeter {
    pub(super) const fn new(equity: Money) -> Self {
        Self {
            reached: Drawdown { peak: equity, amount: Money::ZERO, percent: Ratio::ZERO },
            proportional_peak: equity,
        }
    }

    pub(super) const fn reached(&self) -> Drawdown {
        self.reached
    }

    /// Equity is this much now.
    pub(super) fn observe(&mut self, equity: Money) {
        let reached = &mut self.reached;
        reached.peak = reached.peak.max(equity);
        reached.amount = reached.amount.max(reached.peak.saturating_sub(equity));
        self.proportional_peak = self.proportional_peak.max(equity);
        if self.proportional_peak.is_positive() {
            let fall = self.proportional_peak.saturating_sub(equity);
            reached.percent = reached.percent.max(valuation::percent(fall, self.proportional_peak));
        }
    }

    /// `amount` was paid in, or out when negative, at this equity.
    pub(super) fn cash_flow(&mut self, equity_before: Money, amount: Money) {
        self.reached.peak = self.reached.peak.saturating_add(amount);
        let after = equity_before.saturating_add(amount);
        self.proportional_peak = if equity_before.is_positive() {
            valuation::scale(self.proportional_peak, after, equity_before).saturating()
        } else {
            // Nothing was left to be a part of a peak: percentages begin afresh with what is there now.
            after
        };
    }
}
