//! A terminal's whole state at one moment: what the master and every slave hand over.

use serde::{Deserialize, Serialize};

use super::{
    Account, Currency, Deal, Instrument, Lots, PastOrder, PendingOrder, Position, PositionId, Rate, Ratio,
    WorkingOrder,
};

/// A terminal's whole state at one moment. Compared, never counted: the next one makes good what this one missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The account's facts.
    pub account: Account,
    /// Specifications of every symbol that is held or may be traded.
    pub instruments: Vec<Instrument>,
    /// Conversion rates between currencies.
    pub rates: Vec<Rate>,
    /// Every open position.
    pub positions: Vec<Position>,
    /// The last days' deals: the evidence of what happened to positions that are gone.
    pub deals: Vec<Deal>,
    /// Every pending order that waits.
    #[serde(default)]
    pub orders: Vec<PendingOrder>,
    /// The last days' pending orders that wait no more: the evidence of what became of them.
    #[serde(default)]
    pub past_orders: Vec<PastOrder>,
    /// Every order at market that the trade server still works on.
    #[serde(default)]
    pub working: Vec<WorkingOrder>,
}

impl Snapshot {
    /// The specification of a symbol.
    pub fn instrument(&self, symbol: &str) -> Option<&Instrument> {
        self.instruments.iter().find(|i| i.symbol.as_str() == symbol)
    }

    /// Do the deals prove that this position was closed? It is not there, and as much of it was closed as the
    /// deals show opened: after a partial close, a position that is only missing for a moment is not closed.
    pub fn shows_closed(&self, position: PositionId) -> bool {
        let (mut opened, mut closed) = (Lots::ZERO, Lots::ZERO);
        for deal in self.deals.iter().filter(|deal| deal.position == position) {
            let sum = if deal.entry.closes() { &mut closed } else { &mut opened };
            *sum = sum.saturating_add(deal.lots);
        }
        closed.is_positive() && closed >= opened && !self.positions.iter().any(|p| p.id == position)
    }

    /// The rate from one currency to another as this terminal reports it: 1 for the same, a quoted one, or
    /// `None`. `inverse` is set when the quote is of the other direction, so that the caller divides: an exact
    /// fraction needs no rounded reciprocal.
    pub fn rate(&self, from: Currency, to: Currency) -> Option<(Ratio, bool)> {
        if from == to {
            return Some((Ratio::UNIT, false));
        }
        self.rates.iter().find_map(|r| {
            if !r.rate.is_positive() {
                None
            } else if r.from == from && r.to == to {
                Some((r.rate, false))
            } else if r.from == to && r.to == from {
                Some((r.rate, true))
            } else {
                None
            }
        })
    }
}
