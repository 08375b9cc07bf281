//! Positions from the Positions table, with the deals that made them.
//!
//! The table says which opening belongs to which close; rows with the same Position number and opening time are exits of
//! one position (a netting account's number lives on when its position is reversed and reversed again). A
//! row's deals are found by their facts: its `in` deals carry the position's number as their order, its `out` deal has its
//! close time, price, volume, swap and profit, or several `out` deals of its life sum to it. Where they are found the
//! money and times are theirs (the row has one commission for both ends); where not, the row's own figures are used and the note
//! says so. Deals that no row claims are paired by themselves.

use std::collections::{HashMap, HashSet};

use crate::domain::{Currency, Lots, Money, ServerTime, Side, Symbol};

use super::super::error::HistoryError;
use super::super::model::{ClosedPosition, Exit, ExitReason};
use super::Paired;
use super::by_deals;
use super::rows::{Closed, Deal, Direction, Order, Report};

/// How many deals are tried as parts of one row, and how many steps that may take.
const MAX_PARTS: usize = 24;
const MAX_STEPS: u32 = 2_000;

/// Pairs the rows of the Positions table with the deals.
pub(super) fn pair(
    rows: &[Closed],
    report: &Report,
    currency: Option<Currency>,
) -> Result<Paired, HistoryError> {
    let deals = &report.deals;
    let mut claimed = vec![false; deals.len()];
    let outs = claim_outs(rows, deals, &mut claimed);
    let groups = groups(rows);
    let ins = claim_ins(rows, &groups, deals, &mut claimed);
    let orders = Report::orders_by_number(&report.orders);
    let mut paired = Paired::default();
    let (mut unmatched, mut unclear) = (0_usize, HashSet::new());
    for (group, ins) in groups.iter().zip(ins) {
        let members: Vec<(&Closed, &[usize])> = group
            .iter()
            .filter_map(|&at| Some((rows.get(at)?, outs.get(at).map_or(&[][..], Vec::as_slice))))
            .collect();
        for (row, _) in members.iter().filter(|(_, outs)| outs.is_empty()) {
            unmatched += 1;
            unclear.insert(row.symbol);
        }
        paired.positions.extend(position(&members, &ins, deals, &orders)?);
    }
    if deals.is_empty() {
        paired.notes.push("The report has no deals: commissions are booked at the exits.".to_owned());
    } else if unmatched > 0 {
        paired.notes.push(format!(
            "{unmatched} rows of the Positions table have no deals of the same money; their own figures are used."
        ));
    }
    // Deals of a symbol with such rows may be theirs: counting them again would count their money twice.
    let free =
        deals.iter().zip(&claimed).filter(|(deal, claimed)| !**claimed && !unclear.contains(&deal.symbol));
    let free: Vec<Deal> = free.map(|(deal, _)| deal.clone()).collect();
    let rest = by_deals::pair(&free, &report.orders, currency)?;
    paired.positions.extend(rest.positions);
    paired.operations = rest.operations;
    paired.notes.extend(rest.notes);
    (paired.still_open, paired.still_open_in_part) = (rest.still_open, rest.still_open_in_part);
    Ok(paired)
}

/// Rows by position number and opening time, in the order of first appearance.
fn groups(rows: &[Closed]) -> Vec<Vec<usize>> {
    let mut places: HashMap<(u64, Symbol, Side, ServerTime), usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let place = *places.entry((row.id, row.symbol, row.side, row.open_time)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// For each row, the deals that closed it.
fn claim_outs(rows: &[Closed], deals: &[Deal], claimed: &mut [bool]) -> Vec<Vec<usize>> {
    let closes = |deal: &Deal| deal.direction != Direction::In;
    let mut exact: HashMap<_, Vec<usize>> = HashMap::new();
    for (at, deal) in deals.iter().enumerate().rev().filter(|(_, deal)| closes(deal)) {
        let key = (deal.symbol, deal.side, deal.time, deal.price, deal.lots, deal.swap, deal.profit);
        exact.entry(key).or_default().push(at);
    }
    let mut found = vec![Vec::new(); rows.len()];
    for (row, found) in rows.iter().zip(&mut found) {
        let key = (
            row.symbol,
            row.side.opposite(),
            row.close_time,
            row.close_price,
            row.lots,
            row.swap,
            row.profit,
        );
        if let Some(at) = exact.get_mut(&key).and_then(Vec::pop) {
            found.push(at);
            if let Some(claimed) = claimed.get_mut(at) {
                *claimed = true;
            }
        }
    }
    let mut by_symbol: HashMap<(Symbol, Side), Vec<(ServerTime, usize)>> = HashMap::new();
    for (at, deal) in deals.iter().enumerate().filter(|(_, deal)| closes(deal)) {
        by_symbol.entry((deal.symbol, deal.side)).or_default().push((deal.time, at));
    }
    for list in by_symbol.values_mut() {
        list.sort_unstable();
    }
    for (row, found) in rows.iter().zip(&mut found).filter(|(_, found)| found.is_empty()) {
        let list = by_symbol.get(&(row.symbol, row.side.opposite())).map_or(&[][..], Vec::as_slice);
        let start = list.partition_point(|(time, _)| *time < row.open_time);
        let end = list.partition_point(|(time, _)| *time <= row.close_time);
        // From the last one backwards: the row's close time is that of its last deal.
        let free = list.get(start..end).unwrap_or_default().iter().rev().map(|(_, at)| *at);
        let free: Vec<(usize, &Deal)> = free
            .filter(|at| claimed.get(*at) == Some(&false))
            .filter_map(|at| deals.get(at).map(|deal| (at, deal)))
            .take(MAX_PARTS)
            .collect();
        let mut search = Search { free: &free, steps: 0, taken: Vec::new() };
        if free.len() > 1 && search.run(0, row.lots, row.swap, row.profit) {
            search.taken.reverse();
            for &at in &search.taken {
                if let Some(claimed) = claimed.get_mut(at) {
                    *claimed = true;
                }
            }
            *found = search.taken;
        }
    }
    found
}

/// Looks for deals that sum to a row's volume, swap and profit; bounded.
struct Search<'a> {
    free: &'a [(usize, &'a Deal)],
    steps: u32,
    taken: Vec<usize>,
}

impl Search<'_> {
    fn run(&mut self, from: usize, lots: Lots, swap: Money, profit: Money) -> bool {
        if lots.is_zero() {
            return swap.is_zero() && profit.is_zero();
        }
        for (next, &(at, deal)) in self.free.iter().enumerate().skip(from) {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return false;
            }
            if deal.lots > lots {
                continue;
            }
            self.taken.push(at);
            let rest = (
                lots.saturating_sub(deal.lots),
                swap.saturating_sub(deal.swap),
                profit.saturating_sub(deal.profit),
            );
            if self.run(next + 1, rest.0, rest.1, rest.2) {
                return true;
            }
            self.taken.pop();
        }
        false
    }
}

/// For each group, the deals that opened it: those of the order with its number, then (a netting account adds by
/// other orders) free ones of its life, as long as volume is missing.
fn claim_ins(
    rows: &[Closed],
    groups: &[Vec<usize>],
    deals: &[Deal],
    claimed: &mut [bool],
) -> Vec<Vec<usize>> {
    let mut by_order: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut by_symbol: HashMap<(Symbol, Side), Vec<(ServerTime, usize)>> = HashMap::new();
    for (at, deal) in deals.iter().enumerate().filter(|(_, deal)| deal.direction == Direction::In) {
        by_order.entry(deal.order.unwrap_or(deal.number)).or_default().push(at);
        by_symbol.entry((deal.symbol, deal.side)).or_default().push((deal.time, at));
    }
    let numbers: HashSet<u64> = rows.iter().map(|row| row.id).collect();
    let mut lives: HashMap<u64, usize> = HashMap::new();
    for first in groups.iter().filter_map(|group| rows.get(*group.first()?)) {
        *lives.entry(first.id).or_default() += 1;
    }
    let claims = groups.iter().map(|group| {
        let members = || group.iter().filter_map(|&at| rows.get(at));
        let Some(first) = members().next() else { return Vec::new() };
        let end = members().map(|row| row.close_time).max().unwrap_or(first.close_time);
        let fits = |at: &usize| {
            let of_its_life =
                |deal: &Deal| deal.symbol == first.symbol && deal.side == first.side && deal.time <= end;
            claimed.get(*at) == Some(&false) && deals.get(*at).is_some_and(of_its_life)
        };
        let mut own: Vec<usize> =
            by_order.get(&first.id).into_iter().flatten().copied().filter(fits).collect();
        if own.is_empty() {
            own.extend(same_opening(first, group.len(), deals, claimed, &by_symbol));
        }
        let mut missing = members().fold(Lots::ZERO, |sum, row| sum.saturating_add(row.lots));
        for deal in own.iter().filter_map(|&at| deals.get(at)) {
            missing = missing.saturating_sub(deal.lots);
        }
        // A later life of a netting position begins with another order, or with a reversal.
        if missing.is_positive() && (!own.is_empty() || lives.get(&first.id) > Some(&1)) {
            let list = by_symbol.get(&(first.symbol, first.side)).map_or(&[][..], Vec::as_slice);
            let start = list.partition_point(|(time, _)| *time < first.open_time);
            for &(time, at) in list.get(start..).unwrap_or_default() {
                let Some(deal) = deals.get(at).filter(|_| time <= end) else { break };
                let free = claimed.get(at) == Some(&false)
                    && !deal.order.is_some_and(|order| numbers.contains(&order));
                if free && deal.lots <= missing {
                    own.push(at);
                    missing = missing.saturating_sub(deal.lots);
                }
            }
        }
        for &at in &own {
            if let Some(claimed) = claimed.get_mut(at) {
                *claimed = true;
            }
        }
        own
    });
    claims.collect()
}

/// Where orders are not numbered like positions: a free deal with the row's opening time, price and volume. A position
/// of several rows cannot be told so.
fn same_opening(
    row: &Closed,
    rows: usize,
    deals: &[Deal],
    claimed: &[bool],
    by_symbol: &HashMap<(Symbol, Side), Vec<(ServerTime, usize)>>,
) -> Option<usize> {
    let list = by_symbol.get(&(row.symbol, row.side)).filter(|_| rows == 1)?;
    let start = list.partition_point(|(time, _)| *time < row.open_time);
    let at_once = list.get(start..)?.iter().take_while(|(time, _)| *time == row.open_time).map(|(_, at)| *at);
    let mut fitting = at_once.filter(|at| {
        let free = claimed.get(*at) == Some(&false);
        free && deals.get(*at).is_some_and(|deal| deal.price == row.open_price && deal.lots == row.lots)
    });
    fitting.next()
}

fn position(
    members: &[(&Closed, &[usize])],
    ins: &[usize],
    deals: &[Deal],
    orders: &HashMap<u64, &Order>,
) -> Result<Option<ClosedPosition>, HistoryError> {
    let Some((first, _)) = members.first() else { return Ok(None) };
    let order = orders.get(&first.id);
    let out_of_range = |what| HistoryError::OutOfRange { line: first.line, what };
    let mut open_commission = Money::ZERO;
    for deal in ins.iter().filter_map(|&at| deals.get(at)) {
        open_commission = open_commission.checked_add(deal.money()?).ok_or(out_of_range("commissions"))?;
    }
    let (mut exits, mut lots) = (Vec::new(), Lots::ZERO);
    // Where a row's own commission is used, the part that its opening deals charged is in it.
    let mut charged = open_commission;
    for (row, outs) in members {
        lots = lots.checked_add(row.lots).ok_or(out_of_range("volumes"))?;
        if outs.is_empty() {
            let commission = row.commission.checked_sub(charged).ok_or(out_of_range("commissions"))?;
            charged = Money::ZERO;
            exits.push(row.exit(commission));
        }
        exits.extend(outs.iter().filter_map(|&at| deals.get(at)).map(Deal::exit));
    }
    exits.sort_by_key(|exit| exit.time);
    // The order that opened it has the stops as they stood then, the last row as they were in the end.
    let last = members.iter().max_by_key(|(row, _)| row.close_time).map_or(*first, |(row, _)| *row);
    Ok(Some(ClosedPosition {
        line: ins.first().and_then(|&at| deals.get(at)).map_or(first.line, |deal| deal.line),
        id: Some(first.id),
        symbol: first.symbol,
        side: first.side,
        lots,
        open_time: first.open_time,
        open_price: first.open_price,
        stop_loss: order.and_then(|order| order.stop_loss).or(last.stop_loss),
        take_profit: order.and_then(|order| order.take_profit).or(last.take_profit),
        open_commission,
        exits,
    }))
}

impl Closed {
    fn exit(&self, commission: Money) -> Exit {
        Exit {
            line: self.line,
            time: self.close_time,
            price: self.close_price,
            lots: self.lots,
            commission,
            swap: self.swap,
            profit: self.profit,
            reason: ExitReason::Other,
        }
    }
}

impl Deal {
    fn exit(&self) -> Exit {
        Exit {
            line: self.line,
            time: self.time,
            price: self.price,
            lots: self.lots,
            commission: self.commission,
            swap: self.swap,
            profit: self.profit,
            reason: ExitReason::of_comment(&self.comment),
        }
    }
}
