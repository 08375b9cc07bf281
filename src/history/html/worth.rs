//! What a price difference is worth, learned from closes that can only belong to one position. It tells which of several
//! open positions another close belongs to.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::domain::{Currency, Lots, Money, Price, ServerTime, Side, Symbol};

use super::super::symbols;
use super::rows::{Deal, Direction};

/// A close whose position is certain.
#[derive(Debug, Clone, Copy)]
struct Sample {
    time: ServerTime,
    /// Price difference in the position's favour, times lots.
    moved: Decimal,
    profit: Decimal,
}

/// What one unit of price of one lot of a symbol is worth.
#[derive(Debug)]
struct SymbolWorth {
    /// In time order.
    samples: Vec<Sample>,
    /// The one with the largest movement: the most exact.
    best: Sample,
    /// Does the best one explain nearly all? Not so where profits are converted at changing rates.
    fixed: bool,
}

/// What price differences are worth, per symbol.
#[derive(Debug, Default)]
pub(super) struct Worth {
    learned: HashMap<Symbol, SymbolWorth>,
    currency: Option<Currency>,
}

/// Half a cent: profits are rounded to cents.
const HALF_CENT: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

/// A price difference in the position's favour, times lots.
pub(super) fn moved(side: Side, open: Price, close: Price, lots: Lots) -> Option<Decimal> {
    let difference = close.to_decimal().checked_sub(open.to_decimal())?;
    difference.checked_mul(lots.to_decimal())?.checked_mul(Decimal::from(side.sign()))
}

impl Worth {
    /// Goes through the deals in time order and keeps the closes that only one open position can be meant by.
    pub fn learn(deals: &[&Deal], currency: Option<Currency>) -> Self {
        let mut open: HashMap<(Symbol, Side), Book> = HashMap::new();
        let mut samples: HashMap<Symbol, Vec<Sample>> = HashMap::new();
        for deal in deals {
            match deal.direction {
                Direction::In => open.entry((deal.symbol, deal.side)).or_default().opened(deal),
                Direction::Out => {
                    let book = open.entry((deal.symbol, deal.side.opposite())).or_default();
                    samples.entry(deal.symbol).or_default().extend(book.closed(deal));
                }
                // What a reversal closes and what it opens is the pairing's business; nothing is certain after it.
                Direction::InOut => {
                    open.entry((deal.symbol, deal.side)).or_default().certain = false;
                    open.entry((deal.symbol, deal.side.opposite())).or_default().certain = false;
                }
            }
        }
        let learned = samples
            .into_iter()
            .filter_map(|(symbol, samples)| SymbolWorth::of(samples).map(|worth| (symbol, worth)))
            .collect();
        Self { learned, currency }
    }

    /// Would a position of that price, closed by this deal, have made the deal's profit? `None`: nothing known.
    pub fn explains(&self, open: Price, side: Side, deal: &Deal) -> Option<bool> {
        let moved = moved(side, open, deal.price, deal.lots)?;
        let profit = deal.profit.to_decimal();
        let near = |expected: Decimal, tolerance: Decimal| {
            Some(profit.checked_sub(expected)?.abs() <= HALF_CENT.checked_add(tolerance)?)
        };
        let Some(worth) = self.learned.get(&deal.symbol) else {
            let known = symbols::lookup(&deal.symbol)?;
            let value = known.contract_in(self.currency)?;
            return near(value.checked_mul(moved)?, Decimal::ZERO);
        };
        if worth.fixed {
            return near(worth.best.expected(moved)?, worth.best.error(moved)?);
        }
        let sample = worth.nearest(deal.time)?;
        let expected = sample.expected(moved)?;
        // Rates move by a few percent between two closes, at most.
        near(expected, expected.abs().checked_mul(Decimal::new(2, 2))?)
    }
}

impl Sample {
    /// The profit of a movement.
    fn expected(&self, moved: Decimal) -> Option<Decimal> {
        self.profit.checked_mul(moved)?.checked_div(self.moved)
    }
    /// How far off that is when this sample's profit was rounded by half a cent.
    fn error(&self, moved: Decimal) -> Option<Decimal> {
        HALF_CENT.checked_mul(moved.abs())?.checked_div(self.moved.abs())
    }
}

impl SymbolWorth {
    fn of(mut samples: Vec<Sample>) -> Option<Self> {
        samples.retain(|sample| {
            !sample.moved.is_zero() && (sample.moved > Decimal::ZERO) == (sample.profit > Decimal::ZERO)
        });
        let best = samples.iter().copied().max_by_key(|sample| sample.moved.abs())?;
        let agree = samples.iter().filter(|sample| {
            let off = best.expected(sample.moved).and_then(|expected| sample.profit.checked_sub(expected));
            let most = best.error(sample.moved).and_then(|error| error.checked_add(HALF_CENT));
            off.zip(most).is_some_and(|(off, most)| off.abs() <= most)
        });
        let fixed = agree.count() * 10 >= samples.len() * 9;
        samples.sort_by_key(|sample| sample.time);
        Some(Self { samples, best, fixed })
    }

    fn nearest(&self, time: ServerTime) -> Option<&Sample> {
        let after = self.samples.partition_point(|sample| sample.time < time);
        let around = [after.checked_sub(1), Some(after)];
        around
            .into_iter()
            .flatten()
            .filter_map(|at| self.samples.get(at))
            .min_by_key(|sample| sample.time.0.abs_diff(time.0))
    }
}

/// What is open of one symbol and side, as far as it is certain.
#[derive(Debug)]
struct Book {
    certain: bool,
    total: Lots,
    /// The only position, while there is just one.
    only: Option<(Price, Lots)>,
}

impl Default for Book {
    fn default() -> Self {
        Self { certain: true, total: Lots::ZERO, only: None }
    }
}

impl Book {
    fn opened(&mut self, deal: &Deal) {
        self.only = if self.total.is_zero() { Some((deal.price, deal.lots)) } else { None };
        self.total = self.total.saturating_add(deal.lots);
    }

    fn closed(&mut self, deal: &Deal) -> Option<Sample> {
        let sample = match self.only {
            Some((open, lots)) if self.certain && deal.lots <= lots => {
                let moved = moved(deal.side.opposite(), open, deal.price, deal.lots);
                moved.map(|moved| Sample { time: deal.time, moved, profit: deal.profit.to_decimal() })
            }
            _ => None,
        };
        self.total = self.total.saturating_sub(deal.lots);
        if self.total.is_negative() {
            self.certain = false;
        }
        self.only = self.only.map(|(open, lots)| (open, lots.saturating_sub(deal.lots)));
        if self.total.is_zero() {
            *self = Self { certain: self.certain, ..Self::default() };
        }
        sample
    }
}

/// Money as a share of `whole` by `part` of `all`, in cents, half to even. Nothing when `all` is nothing.
pub(super) fn share(whole: Money, part: Decimal, all: Decimal) -> Money {
    let exact = whole.to_decimal().checked_mul(part).and_then(|product| product.checked_div(all));
    exact.and_then(super::super::fields::cents).unwrap_or(Money::ZERO)
}
