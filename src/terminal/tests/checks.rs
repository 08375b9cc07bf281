//! An account's sums and orders, recomputed in decimals from what it shows.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use super::*;
use crate::domain::OrderEnd;

/// `side × (close − open) / tick size × tick value × lots`, in decimals.
fn profit(instrument: &Instrument, side: Side, lots: Lots, open: Price, close: Price) -> Decimal {
    ((close.to_decimal() - open.to_decimal()) / instrument.tick_size.to_decimal()
        * instrument.tick_value.to_decimal()
        * lots.to_decimal()
        * Decimal::from(side.sign()))
    .round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven)
}

pub(super) fn check_sums(t: &Terminal, opening: Money) {
    let account = t.account();
    let dealt = t.deals().iter().flat_map(|d| [d.commission, d.swap, d.profit]);
    let paid = t.operations().iter().map(|o| o.amount);
    let balance = dealt.chain(paid).fold(opening.to_decimal(), |sum, amount| sum + amount.to_decimal());
    assert_eq!(account.balance.to_decimal(), balance, "balance");
    let statement = t.statement();
    assert_eq!(statement.last().map_or(opening, |line| line.balance), account.balance, "statement");
    assert!(statement.is_sorted_by(|a, b| a.ticket < b.ticket && a.time <= b.time), "statement order");

    let (mut equity, mut margin) = (balance, Decimal::ZERO);
    for open in t.positions() {
        let p = &open.position;
        let spec = t.snapshot(account.time).instrument(&p.symbol).unwrap().clone();
        let close = if p.side == Side::Buy { spec.bid } else { spec.ask };
        if close.is_positive() {
            equity += profit(&spec, p.side, p.lots, p.open_price, close);
        }
        equity += open.swap.to_decimal();
        let value = profit(&spec, Side::Buy, p.lots, Price::ZERO, p.open_price);
        let off = open.margin.to_decimal() - value / Decimal::from(account.leverage);
        assert!(off.abs() <= "0.0051".parse().unwrap(), "margin of {p:?}: {}", open.margin);
        margin += open.margin.to_decimal();
    }
    assert_eq!(account.equity.to_decimal(), equity, "equity");
    assert_eq!(account.margin.to_decimal(), margin, "margin");
    assert_eq!(account.free_margin.to_decimal(), equity - margin, "free margin");
}

/// A position as its deals have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    side: Side,
    lots: Decimal,
    price: Decimal,
}

/// Plays one deal on what its position was before: `None` for nothing.
fn held_after(held: Option<Held>, deal: &Deal, spec: &Instrument) -> Option<Held> {
    let (side, lots, price) = (deal.side, deal.lots.to_decimal(), deal.price.to_decimal());
    let profit_of = |held: Held| {
        let (lots, open) = (Lots::from_decimal(held.lots).unwrap(), Price::from_decimal(held.price).unwrap());
        profit(spec, held.side, lots, open, deal.price)
    };
    match (deal.entry, held) {
        (DealEntry::In, None) => {
            assert!(deal.profit.is_zero());
            Some(Held { side, lots, price })
        }
        (DealEntry::In, Some(held)) => {
            assert!(deal.profit.is_zero() && held.side == side);
            let sum = held.lots + lots;
            let mean = (held.lots * held.price + lots * price) / sum;
            let mean = mean.round_dp_with_strategy(8, RoundingStrategy::MidpointNearestEven);
            Some(Held { lots: sum, price: mean, ..held })
        }
        (DealEntry::Out | DealEntry::OutBy, Some(held)) => {
            assert_eq!(side, held.side.opposite());
            assert_eq!(deal.profit.to_decimal(), profit_of(Held { lots, ..held }));
            let left = held.lots - lots;
            assert!(left >= Decimal::ZERO, "never more out than in");
            (left > Decimal::ZERO).then_some(Held { lots: left, ..held })
        }
        (DealEntry::InOut, Some(held)) => {
            assert_eq!(side, held.side.opposite());
            assert_eq!(deal.profit.to_decimal(), profit_of(held));
            assert!(lots > held.lots, "a reversal leaves something");
            Some(Held { side, lots: lots - held.lots, price })
        }
        (entry, None) => panic!("{entry:?} of a position that is not open"),
    }
}

/// The deals explain the positions: sides, volumes, mean prices, and every profit on the way.
pub(super) fn check_deals(t: &Terminal) {
    let mut positions: BTreeMap<PositionId, Option<Held>> = BTreeMap::new();
    let state = t.snapshot(ServerTime(0));
    let netting = state.account.margin_mode == MarginMode::Netting;
    for deal in t.deals() {
        let spec = state.instrument(&deal.symbol).unwrap();
        let before = positions.get(&deal.position).copied();
        let reopened = deal.entry == DealEntry::In && before.is_some_and(|held| held.is_none() || !netting);
        assert!(!reopened, "an identifier is given once");
        positions.insert(deal.position, held_after(before.flatten(), deal, spec));
    }
    let dealt: BTreeMap<_, _> =
        positions.into_iter().filter_map(|(id, held)| held.map(|held| (id, held))).collect();
    let shown = |p: &crate::domain::Position| Held {
        side: p.side,
        lots: p.lots.to_decimal(),
        price: p.open_price.to_decimal(),
    };
    let held: BTreeMap<_, _> = state.positions.iter().map(|p| (p.id, shown(p))).collect();
    assert_eq!(held, dealt, "open is what the deals leave");
    if netting {
        let symbols: BTreeSet<_> = state.positions.iter().map(|p| p.symbol).collect();
        assert_eq!(symbols.len(), state.positions.len(), "one position per symbol");
    }
}

/// Every order that was ever seen waiting waits or is over, exactly once; `seen` goes on from step to step.
pub(super) fn check_orders(t: &Terminal, seen: &mut BTreeSet<u64>) {
    let waiting: Vec<u64> = t.orders().map(|order| order.ticket).collect();
    seen.extend(&waiting);
    let past: Vec<_> = t.past_orders(ServerTime(0)).copied().collect();
    let mut all: Vec<u64> = waiting.iter().copied().chain(past.iter().map(|order| order.ticket)).collect();
    all.sort_unstable();
    assert_eq!(all, seen.iter().copied().collect::<Vec<_>>(), "waiting or over, once");
    assert!(past.is_sorted_by_key(|order| order.time));
    for order in past {
        let filled = order.end == OrderEnd::Filled;
        assert_eq!(filled, order.position != PositionId(0), "{order:?}");
        let is_its = |deal: &&Deal| {
            deal.position == order.position && deal.time == order.time && deal.magic == order.magic
        };
        assert!(!filled || t.deals().iter().any(|deal| is_its(&deal)), "{order:?} has its deal");
    }
    for order in t.orders() {
        let spec = t.snapshot(t.account().time).instrument(&order.symbol).unwrap().clone();
        let market = if order.side == Side::Buy { spec.ask } else { spec.bid };
        let beyond = (market.units() - order.terms.price.units()) * order.side.sign();
        let waits = if order.kind == PendingKind::Limit { beyond > 0 } else { beyond < 0 };
        assert!(waits, "{order:?} waits at {market}");
    }
}
