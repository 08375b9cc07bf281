//! Partial closes in a signal CSV: lines of one position put together again.
//!
//! A line whose closing volume is its opening volume is a whole position, even when others have the same time, symbol,
//! side and price. Lines that close less than was opened belong together when all of those and the opening volume
//! are the same and their closing volumes add up to no more than it.

use std::collections::HashMap;

use crate::domain::{Lots, Money, Price, ServerTime, Side, Symbol};

use super::error::HistoryError;
use super::model::{ClosedPosition, Exit};

/// One line: an opening and a close of it.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub line: u32,
    pub symbol: Symbol,
    pub side: Side,
    pub open_lots: Lots,
    pub open_time: ServerTime,
    pub open_price: Price,
    pub stop_loss: Option<Price>,
    pub take_profit: Option<Price>,
    pub exit: Exit,
}

impl Leg {
    fn position(self) -> ClosedPosition {
        ClosedPosition {
            line: self.line,
            id: None,
            symbol: self.symbol,
            side: self.side,
            lots: self.exit.lots,
            open_time: self.open_time,
            open_price: self.open_price,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
            open_commission: Money::ZERO,
            exits: vec![self.exit],
        }
    }
}

/// The positions of these lines, in the lines' order.
pub(super) fn positions(
    legs: Vec<Leg>,
    notes: &mut Vec<String>,
) -> Result<Vec<ClosedPosition>, HistoryError> {
    let mut found = Vec::with_capacity(legs.len());
    let mut parts: HashMap<_, Vec<Leg>> = HashMap::new();
    for leg in legs {
        if leg.exit.lots == leg.open_lots {
            found.push(leg.position());
        } else {
            let key = (leg.open_time, leg.symbol, leg.side, leg.open_price, leg.open_lots);
            parts.entry(key).or_default().push(leg);
        }
    }
    let mut open = 0_usize;
    for ((.., open_lots), mut legs) in parts {
        legs.sort_by_key(|leg| (leg.exit.time, leg.line));
        let mut current: Option<ClosedPosition> = None;
        for leg in legs {
            let sum =
                current.as_ref().map_or(Lots::ZERO, |position| position.lots).checked_add(leg.exit.lots);
            let sum = sum.ok_or(HistoryError::OutOfRange { line: leg.line, what: "closing volumes" })?;
            match current.as_mut() {
                Some(position) if sum <= open_lots => {
                    position.lots = sum;
                    position.line = position.line.min(leg.line);
                    position.exits.push(leg.exit);
                }
                _ => {
                    open += usize::from(current.is_some());
                    found.extend(current.take());
                    current = Some(leg.position());
                }
            }
            if current.as_ref().is_some_and(|position| position.lots == open_lots) {
                found.extend(current.take());
            }
        }
        open += usize::from(current.is_some());
        found.extend(current);
    }
    if open > 0 {
        notes.push(format!(
            "{open} positions were closed in part only; the part that stayed open is left out."
        ));
    }
    found.sort_by_key(|position| position.line);
    Ok(found)
}
