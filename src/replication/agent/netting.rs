//! A netting account, seen by whose orders its positions came about: every copy has a share of its symbol's position, and
//! is followed as if that were a position of its own.
//!
//! | a deal | whose share changes |
//! | --- | --- |
//! | with a copy's magic, in the copy's direction | that copy's grows |
//! | with a copy's magic that was seen before, closing the whole position: a stop | as an investor's hand |
//! | with a copy's magic, the other way | that copy's shrinks; what it lacks closes as an investor's hand would |
//! | without a magic, against the position | what is held without one goes first, then the oldest shares, as far as the position goes |
//! | with another program's magic | that program's; what closes the whole position closes every share |
//!
//! Shares in opposite directions add up to nothing, and then there is no position at all: so shares come from deals alone,
//! from the first one on. The terminal hands all of them over once; those of the last days stay evidence, and of the older
//! ones the agent keeps what they came to. What a position and its deals differ by is either two lists taken at different
//! moments, or older than the deals: only time tells.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::EVIDENCE_MS;
use crate::domain::{
    Deal, DealEntry, Lots, Magic, Micros, Money, Position, PositionId, ServerTime, Side, Signature, Snapshot,
    Symbol,
};

/// Books are closed anew after so long.
const CLOSE_EVERY_MS: u64 = 3_600_000;

/// What an agent remembers of a netting account.
#[derive(Debug, Default)]
pub(super) struct Netting {
    /// What the deals before `cut` came to.
    books: BTreeMap<Symbol, Book>,
    /// Deals from this moment on are needed; `None`: all.
    cut: Option<ServerTime>,
    /// Since when positions and deals have agreed.
    agree_since: Option<Micros>,
    /// What position and deals of a symbol differ by, and since when.
    differs: BTreeMap<Symbol, (i64, Micros)>,
    /// The positions as the terminal showed them last: which way one goes, its shares may tell too late.
    whole: Vec<Position>,
    /// Symbols that prove nothing for the moment.
    pub adrift: BTreeSet<Symbol>,
    /// Symbols that hold more than the deals tell.
    pub older: BTreeSet<Symbol>,
    /// Symbols whose position is not what their shares come to.
    pub unexplained: BTreeSet<Symbol>,
    /// What the account's owner should know.
    pub notices: VecDeque<String>,
}

impl Netting {
    /// The account as a hedging one would show it; `settled`: position and deals that have differed, or agreed, since then
    /// are no more of different moments.
    pub fn view(
        &mut self,
        now: Micros,
        shown: &Snapshot,
        signature: Signature,
        settled: impl Fn(Micros) -> bool,
    ) -> Snapshot {
        self.whole.clone_from(&shown.positions);
        let mut deals = by_symbol(shown, self.cut);
        // Shares that add up to nothing have no position.
        for symbol in self.books.keys() {
            deals.entry(*symbol).or_default();
        }
        let mut view = Snapshot {
            account: shown.account.clone(),
            instruments: shown.instruments.clone(),
            rates: shown.rates.clone(),
            positions: Vec::new(),
            deals: Vec::new(),
            orders: shown.orders.clone(),
            past_orders: shown.past_orders.clone(),
            working: shown.working.clone(),
        };
        let mut differs = BTreeMap::new();
        self.unexplained.clear();
        for (symbol, deals) in &deals {
            let position = shown.positions.iter().find(|position| position.symbol == *symbol);
            let mut book = self.begin(*symbol, deals, position, signature);
            for deal in deals {
                book.enter(deal);
            }
            let held = position.map_or(0, |position| position.side.signed(position.lots));
            if held != book.net {
                self.unexplained.insert(*symbol);
            }
            // What is older than the deals and what is newer look alike at first.
            let differ = held.saturating_sub(book.net).saturating_add(book.older());
            if differ != 0 {
                differs.insert(*symbol, differ);
            }
            view.deals.append(&mut book.told);
            book.show(position, &mut view.positions);
        }
        self.note(now, differs, &settled);
        let agreed = self.agree_since.is_some_and(settled);
        let cut = ServerTime(shown.account.time.0.saturating_sub(EVIDENCE_MS));
        if agreed && self.cut.is_none_or(|old| cut.ms_since(old) >= CLOSE_EVERY_MS) {
            self.close_books(&deals, shown, cut, signature);
        }
        view
    }

    /// A symbol's position.
    pub fn whole(&self, symbol: &str) -> Option<&Position> {
        self.whole.iter().find(|position| position.symbol.as_str() == symbol)
    }

    /// Does a symbol's position go this way, with so many lots at least?
    pub fn holds(&self, symbol: &str, side: Side, lots: Lots) -> bool {
        self.whole(symbol).is_some_and(|whole| whole.side == side && lots <= whole.lots)
    }

    /// From when on deals are needed; 0: all that there are.
    pub fn deals_from(&self) -> ServerTime {
        self.cut.unwrap_or_default()
    }

    /// What a symbol's deals go on from.
    fn begin(
        &self,
        symbol: Symbol,
        deals: &[&Deal],
        position: Option<&Position>,
        signature: Signature,
    ) -> Book {
        let mut book = self.books.get(&symbol).cloned().unwrap_or_else(|| Book::new(signature));
        let whole = |position: &Position| {
            deals.iter().any(|deal| deal.position == position.id && deal.time <= position.open_time)
        };
        // Opened after all of them: its own deal is still to come.
        let newer = |position: &Position| {
            !deals.is_empty() && deals.iter().all(|deal| deal.time <= position.open_time)
        };
        let older = |position: &&Position| self.cut.is_none() && !whole(position) && !newer(position);
        if let Some(position) = position.filter(older) {
            let sum = deals.iter().fold(0, |sum: i64, d| sum.saturating_add(d.side.signed(d.lots)));
            book.take_older(position.side.signed(position.lots).saturating_sub(sum), position);
        }
        book
    }

    /// Tells what differs for a moment from what does so for good.
    fn note(&mut self, now: Micros, differs: BTreeMap<Symbol, i64>, settled: impl Fn(Micros) -> bool) {
        self.differs.retain(|symbol, (lots, _)| differs.get(symbol) == Some(lots));
        // What has settled once stays so: a standstill does not bring it into doubt.
        let known: BTreeSet<Symbol> =
            self.older.iter().filter(|symbol| self.differs.contains_key(*symbol)).copied().collect();
        for (symbol, lots) in differs {
            self.differs.entry(symbol).or_insert((lots, now));
        }
        let is_older =
            |(symbol, (_, since)): &(&Symbol, &(i64, Micros))| known.contains(*symbol) || settled(*since);
        let (older, adrift): (Vec<_>, Vec<_>) = self.differs.iter().partition(is_older);
        let older: BTreeSet<Symbol> = older.into_iter().map(|(symbol, _)| *symbol).collect();
        self.adrift = adrift.into_iter().map(|(symbol, _)| *symbol).collect();
        for symbol in older.difference(&self.older) {
            self.notices.push_back(format!(
                "{symbol}: the account does not hold what the deals handed over come to. If the difference is yours, all is well; \
                 copies among it are left alone: let the terminal show its whole history, and attach the expert advisor anew"
            ));
        }
        self.older = older;
        self.agree_since = self.adrift.is_empty().then(|| self.agree_since.unwrap_or(now));
    }

    /// Keeps what the deals before this moment came to in their place.
    fn close_books(
        &mut self,
        deals: &BTreeMap<Symbol, Vec<&Deal>>,
        shown: &Snapshot,
        cut: ServerTime,
        signature: Signature,
    ) {
        for (symbol, deals) in deals {
            let position = shown.positions.iter().find(|position| position.symbol == *symbol);
            let mut book = self.begin(*symbol, deals, position, signature);
            deals.iter().filter(|deal| deal.time < cut).for_each(|deal| book.enter(deal));
            book.forget_what_is_over();
            if book.shares.is_empty() {
                self.books.remove(symbol);
            } else {
                self.books.insert(*symbol, book);
            }
        }
        self.cut = Some(cut);
    }
}

/// A netting account's deals, all of them, by the shares that they changed: a stop carries the magic of whoever opened the
/// position, and may close another's share. A deal that changed several is there several times; its money is not divided.
pub fn deals_by_magic(deals: &[Deal], signature: Signature) -> BTreeMap<Magic, Vec<Deal>> {
    let mut books: BTreeMap<Symbol, Book> = BTreeMap::new();
    let mut sorted: Vec<&Deal> = deals.iter().collect();
    sorted.sort_by_key(|deal| (deal.time, deal.ticket));
    for deal in sorted {
        books.entry(deal.symbol).or_insert_with(|| Book::new(signature)).enter(deal);
    }
    let mut by_magic: BTreeMap<Magic, Vec<Deal>> = BTreeMap::new();
    for deal in books.into_values().flat_map(|book| book.told) {
        by_magic.entry(Magic(deal.position.0)).or_default().push(deal);
    }
    by_magic
}

/// The deals from `cut` on in their order, by symbol; every symbol that is held is there.
fn by_symbol(shown: &Snapshot, cut: Option<ServerTime>) -> BTreeMap<Symbol, Vec<&Deal>> {
    let mut by_symbol: BTreeMap<Symbol, Vec<&Deal>> = BTreeMap::new();
    for deal in shown.deals.iter().filter(|deal| cut.is_none_or(|cut| deal.time >= cut)) {
        by_symbol.entry(deal.symbol).or_default().push(deal);
    }
    for position in &shown.positions {
        by_symbol.entry(position.symbol).or_default();
    }
    for deals in by_symbol.values_mut() {
        deals.sort_by_key(|deal| (deal.time, deal.ticket));
    }
    by_symbol
}

/// Somebody's share of a symbol's position.
#[derive(Debug, Clone)]
struct Share {
    magic: Magic,
    side: Side,
    lots: Lots,
    opening: Deal,
    /// Nobody knows whose: no deal opened it.
    older: bool,
}

/// One symbol, deal by deal.
#[derive(Debug, Clone)]
struct Book {
    signature: Signature,
    /// What is held in all, in signed units.
    net: i64,
    /// The oldest first.
    shares: Vec<Share>,
    /// The direction of every copy that was seen.
    sides: BTreeMap<Magic, Side>,
    /// The deals, each with the share it belongs to as its position.
    told: Vec<Deal>,
}

impl Book {
    fn new(signature: Signature) -> Self {
        Self { signature, net: 0, shares: Vec::new(), sides: BTreeMap::new(), told: Vec::new() }
    }

    /// What was held before the first deal is nobody's.
    fn take_older(&mut self, held: i64, position: &Position) {
        let side = if held < 0 { Side::Sell } else { Side::Buy };
        let lots = Lots::from_units(held.saturating_abs());
        let opening = Deal {
            ticket: 0,
            position: position.id,
            symbol: position.symbol,
            side,
            entry: DealEntry::In,
            lots,
            price: position.open_price,
            time: position.open_time,
            magic: Magic(0),
            commission: Money::ZERO,
            swap: Money::ZERO,
            profit: Money::ZERO,
        };
        self.shares.push(Share { magic: Magic(0), side, lots, opening, older: true });
        self.net = self.net.saturating_add(held);
    }

    fn enter(&mut self, deal: &Deal) {
        let is_copy = deal.magic.copy(self.signature).is_some();
        let other_way = |share: &Share| share.side != deal.side;
        let mut left = self.close(deal, deal.lots, |share| other_way(share) && share.magic == deal.magic);
        let own = deal.lots.saturating_sub(left);
        // What the position has in the other direction, without that.
        let net = self.net.saturating_add(deal.side.signed(own));
        let against = Lots::from_units(net.saturating_mul(-deal.side.sign()).max(0));
        let known = self.sides.contains_key(&deal.magic);
        let side = if is_copy { *self.sides.entry(deal.magic).or_insert(deal.side) } else { deal.side };
        // A stop has the magic of whoever opened the position, and closes all of it.
        let stop = (known || !is_copy) && left == against;
        let spills = deal.magic == Magic(0) || side != deal.side || stop;
        let room = against.min(left);
        if spills && room.is_positive() {
            let kept = left.saturating_sub(room);
            left = kept.saturating_add(self.close(deal, room, other_way));
        }
        self.net = self.net.saturating_add(deal.side.signed(deal.lots));
        if left.is_positive() {
            let magic = if side == deal.side { deal.magic } else { Magic(0) };
            self.open(deal, magic, left);
        }
    }

    /// Takes up to so many lots off these shares, the oldest first; what is left.
    fn close(&mut self, deal: &Deal, lots: Lots, of: impl Fn(&Share) -> bool) -> Lots {
        let mut left = lots;
        for share in self.shares.iter_mut().filter(|share| of(share)) {
            let closed = share.lots.min(left);
            if closed.is_positive() {
                (share.lots, left) = (share.lots.saturating_sub(closed), left.saturating_sub(closed));
                self.told.push(told(deal, share.magic, DealEntry::Out, closed));
            }
        }
        left
    }

    fn open(&mut self, deal: &Deal, magic: Magic, lots: Lots) {
        self.told.push(told(deal, magic, DealEntry::In, lots));
        match self.shares.iter_mut().find(|share| share.magic == magic && share.side == deal.side) {
            Some(share) => share.lots = share.lots.saturating_add(lots),
            None => {
                self.shares.push(Share { magic, side: deal.side, lots, opening: deal.clone(), older: false });
            }
        }
    }

    /// What is held that no deal opened, in signed units.
    fn older(&self) -> i64 {
        let older = self.shares.iter().filter(|share| share.older);
        older.fold(0, |sum: i64, share| sum.saturating_add(share.side.signed(share.lots)))
    }

    fn forget_what_is_over(&mut self) {
        self.told.clear();
        self.shares.retain(|share| share.lots.is_positive());
        let shares = &self.shares;
        self.sides.retain(|magic, _| shares.iter().any(|share| share.magic == *magic));
    }

    /// The shares as positions. Stops are the whole position's, whoever has shares of it.
    fn show(self, whole: Option<&Position>, positions: &mut Vec<Position>) {
        let live: Vec<Share> = self.shares.into_iter().filter(|share| share.lots.is_positive()).collect();
        positions.extend(live.iter().map(|share| Position {
            id: share_id(share.magic),
            ticket: whole.map_or(0, |whole| whole.ticket),
            symbol: share.opening.symbol,
            side: share.side,
            lots: share.lots,
            open_price: share.opening.price,
            open_time: share.opening.time,
            stop_loss: whole.and_then(|whole| whole.stop_loss),
            take_profit: whole.and_then(|whole| whole.take_profit),
            magic: share.magic,
            comment: whole.map(|whole| whole.comment).unwrap_or_default(),
        }));
    }
}

/// What a share goes by in place of a position's identifier.
const fn share_id(magic: Magic) -> PositionId {
    PositionId(magic.0)
}

/// A deal, as one on a share alone.
fn told(deal: &Deal, share: Magic, entry: DealEntry, lots: Lots) -> Deal {
    Deal { position: share_id(share), entry, lots, ..deal.clone() }
}
