//! Which open position a closing deal belongs to: the report does not say.
//!
//! In this order of weight: the comment names it; the profit is what its price difference makes; its stop is the one the
//! comment names; its volume is the deal's; it was opened first.

use crate::domain::Price;

use super::super::fields::decimal;
use super::super::model::ClosedPosition;
use super::rows::Deal;
use super::worth::Worth;
use crate::domain::Lots;

/// A position that is (in part) still open.
#[derive(Debug)]
pub(super) struct Open {
    pub position: ClosedPosition,
    /// What is still open of it.
    pub rest: Lots,
    pub order: Option<u64>,
    pub deal: u64,
}

/// What a closing deal's comments say.
#[derive(Debug, Default)]
pub(super) struct Hints {
    named: Vec<u64>,
    stop_loss: Option<Price>,
    take_profit: Option<Price>,
}

impl Hints {
    /// From the deal's comment and its order's.
    pub fn of(comments: [&str; 2]) -> Self {
        let mut hints = Self::default();
        for comment in comments {
            let comment = comment.trim().to_ascii_lowercase();
            // A number alone may be a program's own count ("grid #2").
            if comment.starts_with('#') || comment.contains("close") {
                hints.named.extend(comment.split('#').skip(1).filter_map(|after| {
                    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
                    digits.parse::<u64>().ok()
                }));
            }
            let mut words =
                comment.split(|c: char| c.is_whitespace() || "[]():".contains(c)).filter(|w| !w.is_empty());
            while let Some(word) = words.next() {
                let slot = match word {
                    "sl" => &mut hints.stop_loss,
                    "tp" => &mut hints.take_profit,
                    _ => continue,
                };
                *slot = words
                    .next()
                    .and_then(decimal)
                    .and_then(|price| Price::from_decimal(price).ok())
                    .or(*slot);
            }
        }
        hints
    }

    fn names(&self, open: &Open) -> bool {
        self.named
            .iter()
            .any(|&number| Some(number) == open.order || (open.order.is_none() && number == open.deal))
    }

    fn names_stop(&self, position: &ClosedPosition) -> bool {
        (self.stop_loss.is_some() && self.stop_loss == position.stop_loss)
            || (self.take_profit.is_some() && self.take_profit == position.take_profit)
    }
}

/// The place of the position that the deal closes, among those with enough open; `None` when none has.
pub(super) fn choose(open: &[Open], deal: &Deal, hints: &Hints, worth: &Worth) -> Option<usize> {
    let mut chosen = None;
    for (at, candidate) in open.iter().enumerate().filter(|(_, candidate)| candidate.rest >= deal.lots) {
        let position = &candidate.position;
        let weight = (
            hints.names(candidate),
            worth.explains(position.open_price, position.side, deal) == Some(true),
            hints.names_stop(position),
            candidate.rest == deal.lots,
        );
        // Only a heavier one replaces an earlier one: first in, first out.
        if chosen.is_none_or(|(best, _)| weight > best) {
            chosen = Some((weight, at));
        }
    }
    chosen.map(|(_, at)| at)
}
