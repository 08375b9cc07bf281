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
//! A position and its deals are two lists, and one may be older. Where they differ,
//!
//! | for so long | what is done |
//! | --- | --- |
//! | less than a list may lag | its parts stay as they were, others are followed; of one that is unknown the whole state is waited for |
//! | longer | the deals are followed; the difference is not |
//! | 30 s: a broker's correction, a deal taken back | the difference counts as a trade: it reduces the oldest parts; what it opens nobody copies, and is closed last |
//!
//! What was played stays played: a deal that is gone from the list changes nothing while the position holds as much. What the
//! list does not tell, or not any more, goes on record, for a hub that starts anew has the list and the record only.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::super::record::Record;
use super::master::UNPROVED_MS;
use super::{Alert, HubError};
use crate::domain::{Deal, DealEntry, Lots, MarginMode, Micros, Position, PositionId, Side, Snapshot};

/// Without position and deals a tale is kept for so long: who has just connected may show an account alone.
const FORGOTTEN_MS: u64 = 3_600_000;

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
    positions: BTreeMap<PositionId, NettingTale>,
}

/// How long lists are waited for, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// The deals of a position that has just been opened.
    pub new_ms: u64,
    /// One of two lists that differ.
    pub lag_ms: u64,
}

impl Netting {
    /// What is doubtful is so from now on: nobody has watched.
    pub fn begin_anew(&mut self, now: Micros) {
        for tale in self.positions.values_mut() {
            tale.seen = now;
            for doubt in &mut tale.doubts {
                (doubt.since, doubt.last) = (now, now);
            }
        }
    }

    /// Goes on from what is on record.
    pub fn restore(&mut self, id: PositionId, tale: NettingTale, now: Micros) {
        let recorded = tale.played.clone();
        self.positions.insert(id, NettingTale { recorded, restored: true, seen: now, ..tale });
    }

    /// The state of a netting account as a hedging account would show it; what is corrected goes to `alerts`
    /// and, with all else that the deals do not tell, to `records`.
    ///
    /// # Errors
    /// A position of which nothing was known before does not go with its deals: the terminal is between two states, the
    /// next one will do.
    pub fn view(
        &mut self,
        snapshot: &Snapshot,
        now: Micros,
        patience: Patience,
        alerts: &mut VecDeque<Alert>,
        records: &mut VecDeque<Record>,
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
        let mut disagree = None;
        for position in &snapshot.positions {
            let deals = by_position.remove(&position.id).unwrap_or_default();
            let known = self.positions.get(&position.id).is_some_and(NettingTale::is_known);
            if !known && deals.iter().all(|deal| deal.time > position.open_time) {
                if snapshot.account.time.ms_since(position.open_time) < patience.new_ms {
                    disagree = disagree.or(Some(Disagree(position.id)));
                }
                view.positions.push(position.clone());
                continue;
            }
            let tale = self.positions.entry(position.id).or_default();
            tale.seen = now;
            if let Some(by) = tale.follow(position, &deals, now, patience.lag_ms) {
                alerts.push_back(Alert::Unexplained(Box::new(position.clone()), by));
            }
            if let Some(tale) = tale.goes_on_record(&deals) {
                records.push_back(Record::MasterNetting { position: position.id, tale, at: now });
            }
            if tale.restored || !tale.is_known() {
                disagree = disagree.or(Some(Disagree(position.id)));
            }
            tale.show(position, &mut view);
        }
        for (id, deals) in by_position {
            let tale = self.positions.entry(id).or_default();
            tale.seen = now;
            tale.close(id, &deals, patience.lag_ms, &mut view.deals);
        }
        self.positions.retain(|_, tale| now < tale.seen.plus_ms(FORGOTTEN_MS));
        disagree.map_or(Ok(view), Err)
    }
}

/// A netting position's trades, as far as its deals and its volume have told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NettingTale {
    /// The deals that it consists of, by their tickets.
    played: BTreeSet<u64>,
    parts: VecDeque<Part>,
    /// The parts' own deals.
    told: Vec<Deal>,
    /// What the position holds that no deal opened, in units: bought is positive.
    unexplained: i64,
    /// Differences that count as trades.
    corrections: Vec<i64>,
    /// Differences that were seen lately.
    #[serde(skip)]
    doubts: Vec<Doubt>,
    /// The record does not have it as it is, nor can it be made from the deals.
    #[serde(skip)]
    off_record: bool,
    /// The deals that the record has as played.
    #[serde(skip)]
    recorded: BTreeSet<u64>,
    /// As an earlier hub left it: what was done since, the lists have not told in one voice yet.
    #[serde(skip)]
    restored: bool,
    /// When its position or one of its deals was in a state.
    #[serde(skip)]
    seen: Micros,
}

/// The position holds so much more than its parts, in units: bought is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Doubt {
    by: i64,
    since: Micros,
    last: Micros,
}

/// One trade of a netting position, as far as it is still held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    id: PositionId,
    opening: Deal,
    left: Lots,
}

impl NettingTale {
    /// So many parts, and what they come to in all, in lots: bought is positive.
    pub fn parts(&self) -> (usize, Lots) {
        (self.parts.len(), Lots::from_units(self.sum()))
    }

    /// As it is to go on record, if that lacks what the deals do not tell.
    fn goes_on_record(&mut self, deals: &[&Deal]) -> Option<Box<Self>> {
        let listed: BTreeSet<u64> = deals.iter().map(|deal| deal.ticket).collect();
        let mut gone = self.played.difference(&listed);
        if !self.off_record && gone.all(|ticket| self.recorded.contains(ticket)) {
            return None;
        }
        (self.off_record, self.recorded) = (false, self.played.clone());
        let held: BTreeSet<PositionId> = self.parts.iter().map(|part| part.id).collect();
        // The last is what a correction's own deal is made from.
        let last = self.told.last().map(|deal| deal.ticket);
        let told = self.told.iter().filter(|deal| held.contains(&deal.position) || Some(deal.ticket) == last);
        let told = told.cloned().collect();
        Some(Box::new(Self { told, doubts: Vec::new(), recorded: BTreeSet::new(), ..self.clone() }))
    }

    fn is_known(&self) -> bool {
        !self.played.is_empty()
    }

    /// What all parts come to.
    fn sum(&self) -> i64 {
        let parts = self.parts.iter();
        parts.fold(self.unexplained, |sum, part| sum.saturating_add(part.opening.side.signed(part.left)))
    }

    /// Plays what is new, if that goes together with what the position holds; what was corrected, if anything was.
    fn follow(&mut self, shown: &Position, deals: &[&Deal], now: Micros, lag_ms: u64) -> Option<i64> {
        let next = self.with_new(shown.id, deals);
        let by = shown.side.signed(shown.lots).saturating_sub(next.as_ref().unwrap_or(self).sum());
        let since = self.doubt(by, now, lag_ms);
        if by != 0 && now < since.plus_ms(lag_ms) {
            return None;
        }
        if let Some(at) = self.corrections.iter().position(|correction| *correction == by.saturating_neg())
            && self.take_back(at, shown.id, deals)
        {
            return None;
        }
        if let Some(next) = next {
            *self = Self { doubts: std::mem::take(&mut self.doubts), ..next };
        }
        self.restored = false;
        if by == 0 || now < since.plus_ms(UNPROVED_MS) {
            return None;
        }
        self.correct(by);
        match self.corrections.iter().position(|before| *before == by.saturating_neg()) {
            Some(undone) => _ = self.corrections.swap_remove(undone),
            None => self.corrections.push(by),
        }
        self.doubts.clear();
        Some(by)
    }

    /// With what it has not played yet, if there is anything.
    fn with_new(&self, id: PositionId, deals: &[&Deal]) -> Option<Self> {
        let mut unplayed: Vec<&Deal> = self.unplayed(deals).collect();
        if unplayed.is_empty() {
            return None;
        }
        unplayed.sort_by_key(|deal| (deal.time, deal.ticket));
        let mut next = self.clone();
        for deal in unplayed {
            next.play(id, deal);
        }
        Some(next)
    }

    fn unplayed<'a>(&self, deals: &[&'a Deal]) -> impl Iterator<Item = &'a Deal> {
        deals.iter().copied().filter(|deal| !self.played.contains(&deal.ticket))
    }

    /// Since when this difference has been seen, but for others that lists that lag have shown between.
    fn doubt(&mut self, by: i64, now: Micros, lag_ms: u64) -> Micros {
        if by == 0 {
            self.doubts.clear();
            return now;
        }
        self.doubts.retain(|doubt| now <= doubt.last.plus_ms(lag_ms));
        if let Some(doubt) = self.doubts.iter_mut().find(|doubt| doubt.by == by) {
            doubt.last = now;
            return doubt.since;
        }
        self.doubts.push(Doubt { by, since: now, last: now });
        now
    }

    fn play(&mut self, id: PositionId, deal: &Deal) {
        let lots = self.reduce(deal);
        let lots = self.use_up(deal.side, lots);
        if lots.is_positive() {
            let id = if self.is_known() { part_id(deal) } else { id };
            let opening = Deal { position: id, entry: DealEntry::In, lots, ..deal.clone() };
            self.told.push(opening.clone());
            self.parts.push_back(Part { id, opening, left: lots });
        }
        self.played.insert(deal.ticket);
    }

    /// Takes a deal off the parts of the other side, the oldest first; what is left of it.
    fn reduce(&mut self, deal: &Deal) -> Lots {
        let mut lots = deal.lots;
        while let Some(oldest) = self.parts.front_mut().filter(|part| part.opening.side != deal.side) {
            let closed = lots.min(oldest.left);
            if !closed.is_positive() {
                break;
            }
            (oldest.left, lots) = (oldest.left.saturating_sub(closed), lots.saturating_sub(closed));
            let out = Deal { position: oldest.id, entry: DealEntry::Out, lots: closed, ..deal.clone() };
            self.told.push(out);
            if oldest.left.is_zero() {
                self.parts.pop_front();
            }
        }
        lots
    }

    /// Takes so much off what no deal opened, as far as that is of the other side; what is left.
    fn use_up(&mut self, side: Side, lots: Lots) -> Lots {
        let against = Lots::from_units(self.unexplained.saturating_mul(-side.sign()).max(0));
        let taken = lots.min(against);
        self.unexplained = self.unexplained.saturating_add(side.signed(taken));
        lots.saturating_sub(taken)
    }

    /// A trade that nobody knows a deal of.
    fn correct(&mut self, by: i64) {
        let side = if by > 0 { Side::Buy } else { Side::Sell };
        let Some(last) = self.told.last().cloned() else { return };
        self.off_record = true;
        let lots = self.use_up(side, Lots::from_units(by.saturating_abs()));
        let left = self.reduce(&Deal { side, lots, ..last });
        self.unexplained = self.unexplained.saturating_add(side.signed(left));
    }

    /// The deal that a correction stood for is there after all; `false`: it is not among these.
    fn take_back(&mut self, at: usize, id: PositionId, deals: &[&Deal]) -> bool {
        let by = self.corrections[at];
        let Some(deal) = self.unplayed(deals).find(|deal| deal.side.signed(deal.lots) == by) else {
            return false;
        };
        self.corrections.swap_remove(at);
        (self.off_record, self.restored) = (true, false);
        self.doubts.clear();
        if self.unexplained == by {
            self.unexplained = 0;
            self.play(id, deal);
        } else {
            self.played.insert(deal.ticket);
        }
        if let Some(next) = self.with_new(id, deals) {
            *self = next;
        }
        true
    }

    /// What goes the other way than the position is not held.
    fn show(&self, shown: &Position, view: &mut Snapshot) {
        let held = self.parts.iter().filter(|part| part.opening.side == shown.side);
        view.positions.extend(held.map(|part| part.held_in(shown)));
        view.deals.extend(self.told.iter().cloned());
    }

    /// The position is not shown: its new deals may prove that it is closed, with what it differed by for longer than lists
    /// lag. Of one that was never seen the oldest deals may be gone from the list.
    fn close(&mut self, id: PositionId, deals: &[&Deal], lag_ms: u64, told: &mut Vec<Deal>) {
        let Some(mut next) = self.with_new(id, deals) else {
            return told.extend(self.told.iter().cloned());
        };
        let doubt = self.doubts.iter().max_by_key(|doubt| doubt.last);
        let lasted = doubt.filter(|doubt| doubt.last >= doubt.since.plus_ms(lag_ms));
        if let Some(doubt) = lasted.filter(|doubt| doubt.by.saturating_add(next.sum()) == 0) {
            next.correct(doubt.by);
        }
        told.extend(next.told.iter().cloned());
        if next.sum() == 0 {
            *self = next;
        }
    }
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
