//! Positions from the Deals table alone.
//!
//! An `in` deal opens a position (several of one order are one position at their mean price, policy `HALF_EVEN_8`); an `out`
//! deal closes the one that fits best, in whole or in part, and several only where no single one is large enough: a
//! netting account's close of what was opened in parts. `in/out` closes everything on the other side and opens the
//! rest.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::domain::{Currency, Lots, Money, Price, Side, Symbol};

use super::super::error::HistoryError;
use super::super::fields::half_even_8;
use super::super::model::{BalanceOperation, ClosedPosition, Exit, ExitReason};
use super::Paired;
use super::choice::{Hints, Open, choose};
use super::rows::{Deal, Direction, Order, Report};
use super::worth::{Worth, moved, share};

/// Positions of one symbol and side at once: no account has more, and comparing each with each stays bounded.
const MAX_OPEN: usize = 5_000;
/// How far ahead an opening of the same second is looked for.
const MAX_AHEAD: usize = 100;

/// Pairs the deals. Real tables are not always in the order of time: it is time that counts here, and the table's
/// order only within a second.
pub(super) fn pair(
    deals: &[Deal],
    orders: &[Order],
    currency: Option<Currency>,
) -> Result<Paired, HistoryError> {
    let mut deals: Vec<&Deal> = deals.iter().collect();
    deals.sort_by_key(|deal| (deal.time, deal.line));
    let mut book = Book {
        orders: Report::orders_by_number(orders),
        worth: Worth::learn(&deals, currency),
        open: HashMap::new(),
        paired: Paired::default(),
        orphans: 0,
    };
    let mut done = vec![false; deals.len()];
    for (at, deal) in deals.iter().enumerate() {
        if done.get(at).copied().unwrap_or(false) {
            continue;
        }
        match deal.direction {
            Direction::In => book.open(deal, deal.lots, deal.money()?)?,
            Direction::Out => {
                // Rows of one second may stand in another order than they happened.
                let later = deals.iter().enumerate().skip(at + 1).take(MAX_AHEAD);
                let later = later.take_while(|(_, other)| other.time == deal.time);
                for (at, other) in later {
                    let opens = other.direction == Direction::In
                        && other.symbol == deal.symbol
                        && other.side != deal.side;
                    if book.total(deal) >= deal.lots {
                        break;
                    }
                    if let Some(done) = done.get_mut(at).filter(|done| opens && !**done) {
                        book.open(other, other.lots, other.money()?)?;
                        *done = true;
                    }
                }
                book.close(deal, deal.lots)?;
            }
            Direction::InOut => {
                let closes = book.total(deal).min(deal.lots);
                book.close(deal, closes)?;
                let rest = deal.lots.saturating_sub(closes);
                if closes.is_positive() && rest.is_positive() {
                    book.open(deal, rest, Money::ZERO)?;
                }
            }
        }
    }
    Ok(book.finish())
}

/// What is open while the deals are gone through.
struct Book<'a> {
    orders: HashMap<u64, &'a Order>,
    worth: Worth,
    open: HashMap<(Symbol, Side), Vec<Open>>,
    paired: Paired,
    orphans: usize,
}

impl Book<'_> {
    /// What is open that this deal could close.
    fn total(&self, deal: &Deal) -> Lots {
        let open = self.open.get(&(deal.symbol, deal.side.opposite()));
        open.into_iter().flatten().fold(Lots::ZERO, |sum, open| sum.saturating_add(open.rest))
    }

    fn open(&mut self, deal: &Deal, lots: Lots, commission: Money) -> Result<(), HistoryError> {
        let order = deal.order.and_then(|number| self.orders.get(&number));
        let open = self.open.entry((deal.symbol, deal.side)).or_default();
        let same = |open: &&mut Open| {
            open.order.is_some() && open.order == deal.order && open.position.exits.is_empty()
        };
        if let Some(open) = open.iter_mut().rev().find(same) {
            return open.add(deal, lots, commission);
        }
        if open.len() >= MAX_OPEN {
            return Err(HistoryError::TooManyOpen { line: deal.line, most: MAX_OPEN });
        }
        open.push(Open {
            rest: lots,
            order: deal.order,
            deal: deal.number,
            position: ClosedPosition {
                line: deal.line,
                id: deal.order.or(Some(deal.number)),
                symbol: deal.symbol,
                side: deal.side,
                lots,
                open_time: deal.time,
                open_price: deal.price,
                stop_loss: order.and_then(|order| order.stop_loss),
                take_profit: order.and_then(|order| order.take_profit),
                open_commission: commission,
                exits: Vec::new(),
            },
        });
        Ok(())
    }

    fn close(&mut self, deal: &Deal, lots: Lots) -> Result<(), HistoryError> {
        let total = self.total(deal);
        if total.is_zero() {
            let operation = deal.operation("close of a position that was opened before the report")?;
            self.paired.operations.push(operation);
            self.orphans += 1;
            return Ok(());
        }
        if total < lots {
            return Err(HistoryError::ClosesMore { line: deal.line, open: total, closed: lots });
        }
        let order = deal.order.and_then(|number| self.orders.get(&number));
        let hints = Hints::of([&deal.comment, order.map_or("", |order| &order.comment)]);
        let Some(open) = self.open.get_mut(&(deal.symbol, deal.side.opposite())) else { return Ok(()) };
        let parts = match choose(open, deal, &hints, &self.worth).filter(|_| lots == deal.lots) {
            Some(at) => vec![(at, lots)],
            None => several(open, lots),
        };
        let exits = split(open, deal, &parts);
        for ((at, lots), exit) in parts.into_iter().zip(exits) {
            if let Some(open) = open.get_mut(at) {
                open.rest = open.rest.saturating_sub(lots);
                open.position.exits.push(exit);
            }
        }
        let (closed, rest): (Vec<Open>, Vec<Open>) =
            std::mem::take(open).into_iter().partition(|open| open.rest.is_zero());
        *open = rest;
        self.paired.positions.extend(closed.into_iter().map(|open| open.position));
        Ok(())
    }

    fn finish(mut self) -> Paired {
        for open in self.open.into_values().flatten() {
            let mut position = open.position;
            if position.exits.is_empty() {
                self.paired.still_open += 1;
                if !position.open_commission.is_zero() {
                    self.paired.operations.push(BalanceOperation {
                        line: position.line,
                        time: position.open_time,
                        amount: position.open_commission,
                        comment: "commission of a position that is still open".to_owned(),
                        opening: false,
                    });
                }
            } else {
                self.paired.still_open_in_part += 1;
                position.lots = position.lots.saturating_sub(open.rest);
                self.paired.positions.push(position);
            }
        }
        if self.orphans > 0 {
            self.paired.notes.push(format!(
                "{} deals close positions that were opened before the report; their money is kept as balance operations.",
                self.orphans
            ));
        }
        self.paired
    }
}

impl Open {
    /// Another deal of the same order: one position at the mean price, policy `HALF_EVEN_8`.
    fn add(&mut self, deal: &Deal, lots: Lots, commission: Money) -> Result<(), HistoryError> {
        let out_of_range = |what| HistoryError::OutOfRange { line: deal.line, what };
        let position = &mut self.position;
        let sum = position.lots.checked_add(lots).ok_or(out_of_range("volumes"))?;
        let weighted = |price: Price, lots: Lots| price.to_decimal().checked_mul(lots.to_decimal());
        let mean = weighted(position.open_price, position.lots)
            .zip(weighted(deal.price, lots))
            .and_then(|(own, other)| own.checked_add(other)?.checked_div(sum.to_decimal()))
            .and_then(|mean| Price::from_decimal(half_even_8(mean)).ok());
        position.open_price = mean.ok_or(out_of_range("prices"))?;
        position.open_commission =
            position.open_commission.checked_add(commission).ok_or(out_of_range("commissions"))?;
        position.lots = sum;
        self.rest = self.rest.checked_add(lots).ok_or(out_of_range("volumes"))?;
        Ok(())
    }
}

/// First in, first out, until `lots` are closed.
fn several(open: &[Open], lots: Lots) -> Vec<(usize, Lots)> {
    let mut left = lots;
    let mut parts = Vec::new();
    for (at, open) in open.iter().enumerate() {
        let part = open.rest.min(left);
        if part.is_positive() {
            parts.push((at, part));
            left = left.saturating_sub(part);
        }
    }
    parts
}

/// The deal's exits: its money is shared by volume, its profit by what each part's price difference makes; the last part
/// takes what rounding leaves, so that the parts sum to the deal.
fn split(open: &[Open], deal: &Deal, parts: &[(usize, Lots)]) -> Vec<Exit> {
    let volumes: Vec<Decimal> = parts.iter().map(|(_, lots)| lots.to_decimal()).collect();
    let moves: Vec<Decimal> = parts
        .iter()
        .map(|&(at, lots)| {
            let price = open.get(at).map_or(deal.price, |open| open.position.open_price);
            moved(deal.side.opposite(), price, deal.price, lots).unwrap_or_default()
        })
        .collect();
    let volume: Decimal = volumes.iter().sum();
    let movement: Decimal = moves.iter().sum();
    let by_movement = !movement.is_zero() && (movement > Decimal::ZERO) == (deal.profit > Money::ZERO);
    let mut left = (deal.commission, deal.swap, deal.profit);
    let mut exits = Vec::with_capacity(parts.len());
    for (at, ((_, lots), (own, moved))) in parts.iter().zip(volumes.iter().zip(&moves)).enumerate() {
        let part = if at + 1 == parts.len() {
            left
        } else {
            let profit = if by_movement {
                share(deal.profit, *moved, movement)
            } else {
                share(deal.profit, *own, volume)
            };
            (share(deal.commission, *own, volume), share(deal.swap, *own, volume), profit)
        };
        left = (left.0.saturating_sub(part.0), left.1.saturating_sub(part.1), left.2.saturating_sub(part.2));
        exits.push(Exit {
            line: deal.line,
            time: deal.time,
            price: deal.price,
            lots: *lots,
            commission: part.0,
            swap: part.1,
            profit: part.2,
            reason: ExitReason::of_comment(&deal.comment),
        });
    }
    exits
}
