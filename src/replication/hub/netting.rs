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
//!
//! A position and its deals are two lists, and one may be older. Until they agree the parts stay as they were, and other
//! positions are followed. What they differ by for good (a broker's correction, a deal cancelled) counts as a trade behind
//! all deals: it reduces the oldest parts; what it opens nobody copies, and is closed last.

use std::collections::{BTreeMap, VecDeque};

use super::master::UNPROVED_MS;
use super::{Alert, HubError};
use crate::domain::{Deal, DealEntry, Lots, MarginMode, Micros, Position, PositionId, Side, Snapshot};

/// Position and deals do not tell the same story: one of the two lists is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Disagree(pub PositionId);

impl From<Disagree> for HubError {
    fn from(Disagree(position): Disagree) -> Self {
        Self::Disagree(position)
    }
}

/// What is remembered of a netting master from one state to the next.
#[derive(Debug, Default)]
pub(super) struct Netting {
    positions: BTreeMap<PositionId, Tale>,
    /// What the manager should know of it.
    pub alerts: VecDeque<Alert>,
}

/// How a position and its deals have gone together so far.
#[derive(Debug, Default)]
struct Tale {
    /// What was shown of it when they agreed last.
    parts: Option<Vec<PositionId>>,
    /// How much more the position has held than they tell (in units, bought is positive), and since when.
    differs: Option<(i64, Micros)>,
    /// What they differ by for good.
    correction: i64,
}

/// One trade of a netting position, as far as it is still held.
#[derive(Debug, Clone)]
struct Part {
    id: PositionId,
    opening: Deal,
    left: Lots,
}

impl Netting {
    /// What is doubtful is so from now on: nobody has watched.
    pub fn begin_anew(&mut self, now: Micros) {
        for tale in self.positions.values_mut() {
            tale.differs = tale.differs.map(|(by, _)| (by, now));
        }
    }

    /// The state of a netting account as a hedging account would show it. `last`: the view before this one; `patience_ms`:
    /// so long the deals of a position that has just been opened may be late.
    ///
    /// # Errors
    /// A position of which nothing was known before does not go with its deals: the terminal is between two states, the
    /// next one will do.
    pub fn view(
        &mut self,
        snapshot: &Snapshot,
        last: Option<&Snapshot>,
        now: Micros,
        patience_ms: u64,
    ) -> Result<Snapshot, Disagree> {
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
        let shown = |id| snapshot.positions.iter().find(|position| position.id == id);
        self.positions.retain(|id, _| by_position.contains_key(id) || shown(*id).is_some());
        let mut disagree = None;
        for position in &snapshot.positions {
            let deals = by_position.get(&position.id).map_or(&[][..], Vec::as_slice);
            let whole = deals.iter().any(|deal| deal.time <= position.open_time);
            if !whole {
                if snapshot.account.time.ms_since(position.open_time) < patience_ms {
                    disagree = disagree.or(Some(Disagree(position.id)));
                }
                view.positions.push(position.clone());
                by_position.remove(&position.id);
            }
        }
        for (id, mut deals) in by_position {
            deals.sort_by_key(|deal| (deal.time, deal.ticket));
            // Of one that is closed, the oldest deals may be gone from the list.
            let Some(shown) = shown(id) else {
                let correction = self.positions.get(&id).map_or(0, |tale| tale.correction);
                play(id, &deals, correction, &mut view.deals);
                continue;
            };
            let tale = self.positions.entry(id).or_default();
            let corrected = tale.correction;
            if tale.go_together(shown, &deals, now) {
                let parts = play(id, &deals, tale.correction, &mut view.deals);
                tale.parts = Some(parts.iter().map(|part| part.id).collect());
                view.positions.extend(parts.iter().map(|part| part.held_in(shown)));
            } else if !last.is_some_and(|last| tale.stays(last, &mut view)) {
                disagree = disagree.or(Some(Disagree(id)));
            }
            if tale.correction != corrected && tale.correction != 0 {
                self.alerts.push_back(Alert::Unexplained(Box::new(shown.clone()), tale.correction));
            }
        }
        disagree.map_or(Ok(view), Err)
    }
}

impl Tale {
    /// Do this position and its deals tell the same, but for what they have differed by for long enough?
    fn go_together(&mut self, shown: &Position, deals: &[&Deal], now: Micros) -> bool {
        let told = deals.iter().fold(0, |sum: i64, deal| sum.saturating_add(deal.side.signed(deal.lots)));
        let by = shown.side.signed(shown.lots).saturating_sub(told);
        if by != self.correction {
            let differs = self.differs.filter(|differs| differs.0 == by).unwrap_or((by, now));
            if now < differs.1.plus_ms(UNPROVED_MS) {
                self.differs = Some(differs);
                return false;
            }
        }
        (self.correction, self.differs) = (by, None);
        true
    }

    /// Shows the position as in the last state that was taken; `false`: it is not known how it was.
    fn stays(&self, last: &Snapshot, view: &mut Snapshot) -> bool {
        let Some(parts) = &self.parts else { return false };
        let before = last.positions.iter().filter(|position| parts.contains(&position.id));
        if before.clone().count() < parts.len() {
            return false;
        }
        view.positions.extend(before.cloned());
        view.deals.extend(last.deals.iter().filter(|deal| parts.contains(&deal.position)).cloned());
        true
    }
}

/// Plays a position's deals, and what is to be corrected: what is left of every part; each part's own deals go to `told`.
fn play(id: PositionId, deals: &[&Deal], correction: i64, told: &mut Vec<Deal>) -> VecDeque<Part> {
    let mut parts: VecDeque<Part> = VecDeque::new();
    for (at, deal) in deals.iter().enumerate() {
        let lots = reduce(&mut parts, deal, told);
        if lots.is_positive() {
            let id = if at == 0 { id } else { part_id(deal) };
            let opening = Deal { position: id, entry: DealEntry::In, lots, ..(*deal).clone() };
            told.push(opening.clone());
            parts.push_back(Part { id, opening, left: lots });
        }
    }
    if let Some(last) = deals.last().filter(|_| correction != 0) {
        let side = if correction > 0 { Side::Buy } else { Side::Sell };
        let lots = Lots::from_units(correction.saturating_abs());
        reduce(&mut parts, &Deal { side, lots, ..(*last).clone() }, told);
    }
    parts
}

/// Takes a deal off the parts of the other side, the oldest first; what is left of it.
fn reduce(parts: &mut VecDeque<Part>, deal: &Deal, told: &mut Vec<Deal>) -> Lots {
    let mut lots = deal.lots;
    while let Some(oldest) = parts.front_mut().filter(|part| part.opening.side != deal.side) {
        let closed = lots.min(oldest.left);
        if !closed.is_positive() {
            break;
        }
        (oldest.left, lots) = (oldest.left.saturating_sub(closed), lots.saturating_sub(closed));
        told.push(Deal { position: oldest.id, entry: DealEntry::Out, lots: closed, ..deal.clone() });
        if oldest.left.is_zero() {
            parts.pop_front();
        }
    }
    lots
}

/// Deals and orders are counted apart, so a deal's ticket may be some position's identifier: one bit tells them apart in
/// the 32 that a copy's id keeps.
const fn part_id(deal: &Deal) -> PositionId {
    PositionId(deal.ticket ^ 0x8000_0000)
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
