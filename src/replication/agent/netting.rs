//! A netting account, seen by whose orders its positions came about: every copy has a share of its symbol's position, and
//! is followed as if that were a position of its own.
//!
//! | a deal | whose share changes |
//! | --- | --- |
//! | with a copy's magic, in the copy's direction | that copy's grows |
//! | with a copy's magic, the other way | that copy's shrinks; what it lacks closes as an investor's hand would |
//! | without a magic, against the position | what is held without one goes first, then the oldest shares, as far as the position goes |
//! | with another program's magic | that program's; what closes the whole position closes every share |
//!
//! Shares in opposite directions add up to nothing, and then there is no position at all: so shares come from deals alone,
//! and all deals are needed since the oldest share was opened ([`super::Agent::deals_from`]). What position and deals differ by
//! is either two lists taken at different moments, or older than the deals; only time tells.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::domain::{
    CopyId, Deal, DealEntry, Lots, Magic, Micros, Position, PositionId, ServerTime, Side, Signature,
    Snapshot, Symbol,
};

/// What an agent remembers of a netting account.
#[derive(Debug, Default)]
pub(super) struct Netting {
    /// What position and deals of a symbol differ by, and since when.
    differs: BTreeMap<Symbol, (i64, Micros)>,
    /// When the shares that are held were opened; of those too whose deals are not handed over any more.
    opened: BTreeMap<CopyId, (Symbol, ServerTime)>,
    /// Symbols that prove nothing for the moment.
    pub adrift: BTreeSet<Symbol>,
    /// Symbols that hold more than the deals tell.
    pub older: BTreeSet<Symbol>,
    /// What the account's owner should know.
    pub notices: VecDeque<String>,
}

impl Netting {
    /// The account as a hedging one would show it; `settle_ms`: so long position and deals may be of different moments.
    pub fn view(&mut self, now: Micros, shown: &Snapshot, signature: Signature, settle_ms: u64) -> Snapshot {
        let (view, differs) = by_magic(shown, signature);
        self.differs.retain(|symbol, (lots, _)| differs.get(symbol) == Some(lots));
        for (symbol, lots) in differs {
            self.differs.entry(symbol).or_insert((lots, now));
        }
        let settled = |since: Micros| now >= since.plus_ms(settle_ms);
        let (older, adrift): (Vec<_>, Vec<_>) =
            self.differs.iter().partition(|(_, (_, since))| settled(*since));
        self.adrift = adrift.into_iter().map(|(symbol, _)| *symbol).collect();
        let mut symbols: BTreeSet<Symbol> = older.into_iter().map(|(symbol, _)| *symbol).collect();
        let told: BTreeSet<CopyId> = view.deals.iter().filter_map(|d| d.magic.copy(signature)).collect();
        self.opened.retain(|copy, _| !told.contains(copy));
        symbols.extend(self.opened.values().map(|(symbol, _)| *symbol));
        for position in &view.positions {
            if let Some(copy) = position.magic.copy(signature) {
                self.opened.insert(copy, (position.symbol, position.open_time));
            }
        }
        for symbol in symbols.difference(&self.older) {
            self.notices.push_back(format!(
                "{symbol}: the account holds more than the deals handed over tell; copies among it are left alone until \
                 the expert advisor hands over all deals since lb_slave_deals_from"
            ));
        }
        self.older = symbols;
        view
    }

    /// When the oldest share was opened that is held, or whose deals are missing.
    pub fn oldest(&self) -> Option<ServerTime> {
        self.opened.values().map(|(_, time)| *time).min()
    }
}

/// Somebody's share of a symbol's position.
#[derive(Debug, Clone)]
struct Share {
    magic: Magic,
    side: Side,
    lots: Lots,
    opening: Deal,
}

/// The account by shares, and what position and deals of a symbol differ by, in signed units.
fn by_magic(shown: &Snapshot, signature: Signature) -> (Snapshot, BTreeMap<Symbol, i64>) {
    let mut by_symbol: BTreeMap<Symbol, Vec<&Deal>> = BTreeMap::new();
    for deal in &shown.deals {
        by_symbol.entry(deal.symbol).or_default().push(deal);
    }
    for position in &shown.positions {
        by_symbol.entry(position.symbol).or_default();
    }
    let mut view = Snapshot {
        account: shown.account.clone(),
        instruments: shown.instruments.clone(),
        rates: shown.rates.clone(),
        positions: Vec::new(),
        deals: Vec::new(),
        orders: shown.orders.clone(),
        past_orders: shown.past_orders.clone(),
    };
    let mut differs = BTreeMap::new();
    for (symbol, mut deals) in by_symbol {
        deals.sort_by_key(|deal| (deal.time, deal.ticket));
        let position = shown.positions.iter().find(|position| position.symbol == symbol);
        let held = position.map_or(0, |position| signed(position.side, position.lots));
        let dealt = deals.iter().fold(0, |sum: i64, deal| sum.saturating_add(signed(deal.side, deal.lots)));
        let before = held.saturating_sub(dealt);
        if before != 0 {
            differs.insert(symbol, before);
        }
        let mut book =
            Book { signature, net: 0, shares: Vec::new(), sides: BTreeMap::new(), told: Vec::new() };
        if let Some(position) = position.filter(|_| before != 0) {
            book.begin(before, position);
        }
        for deal in deals {
            book.enter(deal);
        }
        view.deals.append(&mut book.told);
        book.show(position, &mut view.positions);
    }
    (view, differs)
}

const fn signed(side: Side, lots: Lots) -> i64 {
    side.sign() * lots.units()
}

/// One symbol, deal by deal.
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
    /// What was held before the first deal is nobody's.
    fn begin(&mut self, before: i64, position: &Position) {
        let side = if before < 0 { Side::Sell } else { Side::Buy };
        let lots = Lots::from_units(before.saturating_abs());
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
            commission: crate::domain::Money::ZERO,
            swap: crate::domain::Money::ZERO,
            profit: crate::domain::Money::ZERO,
        };
        self.shares.push(Share { magic: Magic(0), side, lots, opening });
        self.net = before;
    }

    fn enter(&mut self, deal: &Deal) {
        let is_copy = deal.magic.copy(self.signature).is_some();
        let against = |share: &Share| share.side != deal.side;
        let mut left = self.close(deal, deal.lots, |share| against(share) && share.magic == deal.magic);
        let net = self.net.saturating_add(signed(deal.side, deal.lots.saturating_sub(left)));
        let side = if is_copy { *self.sides.entry(deal.magic).or_insert(deal.side) } else { deal.side };
        let spills = deal.magic == Magic(0)
            || side != deal.side
            || !is_copy && net != 0 && net == -signed(deal.side, left);
        // As far as the position goes, in the direction that it has.
        let room = Lots::from_units(net.saturating_mul(-deal.side.sign()).max(0)).min(left);
        if spills && room.is_positive() {
            let kept = left.saturating_sub(room);
            left = kept.saturating_add(self.close(deal, room, against));
        }
        self.net = self.net.saturating_add(signed(deal.side, deal.lots));
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
            None => self.shares.push(Share { magic, side: deal.side, lots, opening: deal.clone() }),
        }
    }

    /// The shares as positions. Stops are the whole position's: shown where all of it is copies'.
    fn show(self, whole: Option<&Position>, positions: &mut Vec<Position>) {
        let live: Vec<Share> = self.shares.into_iter().filter(|share| share.lots.is_positive()).collect();
        let ours = |share: &Share| share.magic.copy(self.signature).is_some();
        let stops = whole.filter(|_| live.iter().all(ours));
        positions.extend(live.iter().map(|share| Position {
            id: share_id(share.magic),
            ticket: whole.map_or(0, |whole| whole.ticket),
            symbol: share.opening.symbol,
            side: share.side,
            lots: share.lots,
            open_price: share.opening.price,
            open_time: share.opening.time,
            stop_loss: stops.and_then(|whole| whole.stop_loss),
            take_profit: stops.and_then(|whole| whole.take_profit),
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
