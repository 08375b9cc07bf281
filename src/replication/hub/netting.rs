//! A netting master, seen as a hedging one: what it bought in parts, it holds in parts.
//!
//! | the netting account | what is copied |
//! | --- | --- |
//! | opens a position | a part, with the position's own identifier |
//! | adds to it | one more part, with a number made from its deal's ticket, sized from fresh facts as any trade |
//! | reduces it | the oldest parts first, as far as the volume goes |
//! | reverses it | every part is closed, and one opened the other way |
//! | pending orders | copied once they have filled |
//!
//! Slaves on hedging accounts so hold as many positions a direction as the master made trades. Everything comes from the
//! position's own deals, so it needs all of them, however old. Where the oldest are not handed over the position counts as
//! one part: it is reduced and closed with the master's, and what is added to it is not seen.

use std::collections::{BTreeMap, VecDeque};

use super::HubError;
use crate::domain::{Deal, DealEntry, Lots, MarginMode, Position, PositionId, Snapshot};

/// Position and deals do not tell the same story: one of the two lists is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Disagree(pub PositionId);

impl From<Disagree> for HubError {
    fn from(Disagree(position): Disagree) -> Self {
        Self::Disagree(position)
    }
}

/// One trade of a netting position, as far as it is still held.
#[derive(Debug, Clone)]
struct Part {
    id: PositionId,
    opening: Deal,
    left: Lots,
}

/// The state of a netting account as a hedging account would show it. `patience_ms`: so long the deals of a position that
/// has just been opened may be late.
///
/// # Errors
/// A position and its deals disagree: the terminal is between two states, the next one will do.
pub(super) fn as_hedging(snapshot: &Snapshot, patience_ms: u64) -> Result<Snapshot, Disagree> {
    let mut by_position: BTreeMap<PositionId, Vec<&Deal>> = BTreeMap::new();
    for deal in &snapshot.deals {
        by_position.entry(deal.position).or_default().push(deal);
    }
    let mut view = Snapshot {
        account: snapshot.account.clone(),
        instruments: snapshot.instruments.clone(),
        rates: snapshot.rates.clone(),
        positions: Vec::new(),
        deals: Vec::new(),
        orders: Vec::new(),
        past_orders: Vec::new(),
        working: Vec::new(),
    };
    view.account.margin_mode = MarginMode::Hedging;
    for position in &snapshot.positions {
        let deals = by_position.get(&position.id).map_or(&[][..], Vec::as_slice);
        let whole = deals.iter().any(|deal| deal.time <= position.open_time);
        if !whole {
            if snapshot.account.time.ms_since(position.open_time) < patience_ms {
                return Err(Disagree(position.id));
            }
            view.positions.push(position.clone());
            by_position.remove(&position.id);
        }
    }
    for (id, mut deals) in by_position {
        deals.sort_by_key(|deal| (deal.time, deal.ticket));
        let parts = parts(id, &deals, &mut view.deals);
        let shown = snapshot.positions.iter().find(|position| position.id == id);
        // Of one that is closed, the oldest deals may be gone from the list.
        let Some(shown) = shown else { continue };
        if !agree(&parts, shown) {
            return Err(Disagree(id));
        }
        view.positions.extend(parts.iter().map(|part| part.held_in(shown)));
    }
    Ok(view)
}

/// Plays a position's deals: what is left of every part; each part's own deals go to `told`.
fn parts(id: PositionId, deals: &[&Deal], told: &mut Vec<Deal>) -> VecDeque<Part> {
    let mut parts: VecDeque<Part> = VecDeque::new();
    for (at, deal) in deals.iter().enumerate() {
        let mut lots = deal.lots;
        // The other way: the oldest first.
        while let Some(oldest) = parts.front_mut().filter(|part| part.opening.side != deal.side) {
            let closed = lots.min(oldest.left);
            if !closed.is_positive() {
                break;
            }
            (oldest.left, lots) = (oldest.left.saturating_sub(closed), lots.saturating_sub(closed));
            told.push(Deal { position: oldest.id, entry: DealEntry::Out, lots: closed, ..(*deal).clone() });
            if oldest.left.is_zero() {
                parts.pop_front();
            }
        }
        if lots.is_positive() {
            let id = if at == 0 { id } else { part_id(deal) };
            let opening = Deal { position: id, entry: DealEntry::In, lots, ..(*deal).clone() };
            told.push(opening.clone());
            parts.push_back(Part { id, opening, left: lots });
        }
    }
    parts
}

/// Deals and orders are counted apart, so a deal's ticket may be some position's identifier: one bit tells them apart in
/// the 32 that a copy's id keeps.
const fn part_id(deal: &Deal) -> PositionId {
    PositionId(deal.ticket ^ 0x8000_0000)
}

/// Do the parts come to what the account shows?
fn agree(parts: &VecDeque<Part>, shown: &Position) -> bool {
    let left = parts.iter().fold(Lots::ZERO, |sum, part| sum.saturating_add(part.left));
    left == shown.lots && parts.front().is_some_and(|part| part.opening.side == shown.side)
}

impl Part {
    /// As a position of its own, with the stops of the one that it is held in.
    fn held_in(&self, shown: &Position) -> Position {
        Position {
            id: self.id,
            ticket: self.id.0,
            lots: self.left,
            open_price: self.opening.price,
            open_time: self.opening.time,
            magic: self.opening.magic,
            ..shown.clone()
        }
    }
}
