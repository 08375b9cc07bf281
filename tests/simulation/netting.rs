//! What a netting master's trades are to its slaves, and what a netting slave's are to its copies: worked out once more,
//! from the truth at the broker.

use std::collections::{BTreeMap, BTreeSet};

use lotbridge::domain::{Comment, Deal, Lots, Position, PositionId, Side, Symbol};
use lotbridge::terminal::Terminal;

use super::account::Account;

/// An order that the terminal does not show yet, or that is on its way, is so for this long at most.
const ON_ITS_WAY_MS: u64 = 8_000;

/// A trade that opened something, with what is left of it.
pub struct Part {
    pub position: Position,
    pub opened: Lots,
}

/// Every trade that may ever have been taken for one that opened something: where a deal is gone, any.
pub fn ever(account: &Account) -> impl Iterator<Item = Part> {
    let gone = account.incomplete();
    let deals = account.terminal.deals().iter().filter(move |deal| gone.contains(&deal.position));
    let perhaps = deals.map(|deal| Part::of(&account.terminal, deal, false, deal.lots));
    parts(&account.terminal).into_iter().chain(perhaps)
}

/// Every trade that ever opened something; what was traded the other way is taken off the oldest first.
pub fn parts(terminal: &Terminal) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for deal in terminal.deals() {
        let mut left = deal.lots;
        let same_position = |part: &&mut Part| part.position.ticket == deal.position.0;
        let first = !parts.iter().any(|part| part.position.ticket == deal.position.0);
        for part in parts.iter_mut().filter(same_position).filter(|part| part.position.side != deal.side) {
            let off = left.min(part.position.lots);
            part.position.lots = part.position.lots.saturating_sub(off);
            left = left.saturating_sub(off);
        }
        if left.is_positive() {
            parts.push(Part::of(terminal, deal, first, left));
        }
    }
    parts
}

impl Part {
    fn of(terminal: &Terminal, deal: &Deal, first: bool, lots: Lots) -> Self {
        let shown = terminal.positions().find(|open| open.position.id == deal.position);
        // The first has the position's own number; the others their deal's, with the highest of 32 bits turned.
        let id = if first { deal.position.0 } else { deal.ticket ^ 1 << 31 };
        let stops = shown.map(|open| (open.position.stop_loss, open.position.take_profit));
        let (stop_loss, take_profit) = stops.unwrap_or_default();
        Self {
            opened: lots,
            position: Position {
                id: PositionId(id),
                // To find it by.
                ticket: deal.position.0,
                symbol: deal.symbol,
                side: deal.side,
                lots,
                open_price: deal.price,
                open_time: deal.time,
                stop_loss,
                take_profit,
                magic: deal.magic,
                comment: Comment::new(),
            },
        }
    }
}

/// What a copy, or its owner with magic 0, has of a netting account's position.
pub struct Share {
    pub magic: u64,
    pub symbol: Symbol,
    pub side: Side,
    pub opened: i64,
    pub left: i64,
    /// The first deal.
    pub opening: Deal,
    /// The deal that took something off it last.
    pub closing: u64,
    /// Something was taken off it that no EA had ordered.
    pub by_others: bool,
    /// Of that, by the position's stop.
    pub stopped: bool,
    /// Of that, by its owner's hand: his order may have been worked on for a while.
    pub by_hand: bool,
    /// What other copies' orders took off it: more than those copies had left.
    pub spilled: Vec<Deal>,
    /// What EAs ordered to close copies, and what opened some of this instead.
    pub turned: Vec<Deal>,
}

/// The deals that EAs ordered (and of which moment the positions were that they had seen), and those that stops made.
type Made<'a> = (&'a BTreeMap<u64, u64>, &'a BTreeSet<u64>);

impl Share {
    fn take(&mut self, most: i64, deal: &Deal, (ordered, stops): Made) -> i64 {
        let taken = self.left.min(most);
        if taken > 0 {
            self.left -= taken;
            self.closing = deal.ticket;
            self.stopped |= stops.contains(&deal.ticket);
            self.by_hand |= deal.magic.0 == 0;
            if deal.magic.0 != self.magic && deal.magic.0 != 0 && !stops.contains(&deal.ticket) {
                self.spilled.push(deal.clone());
            }
            self.by_others |= !ordered.contains_key(&deal.ticket) || deal.magic.0 != self.magic;
        }
        taken
    }
}

/// Every share that there ever was, in units.
pub fn shares(terminal: &Terminal, made: Made) -> Vec<Share> {
    let (ordered, stops) = made;
    let mut all: Vec<Share> = Vec::new();
    for deal in terminal.deals() {
        let (magic, sign) = (deal.magic.0, deal.side.sign());
        let of_symbol = |share: &&mut Share| share.symbol == deal.symbol && share.side != deal.side;
        let mut net: i64 =
            all.iter().filter(|s| s.symbol == deal.symbol).map(|s| s.side.sign() * s.left).sum();
        let direction = all.iter().find(|share| magic != 0 && share.magic == magic).map(|share| share.side);
        let mut left = deal.lots.units();
        for share in all.iter_mut().filter(of_symbol).filter(|share| share.magic == magic) {
            let taken = share.take(left, deal, made);
            (left, net) = (left - taken, net + sign * taken);
        }
        // A stop has the magic that its position has, whosever shares it closes: all.
        let strange = direction.is_some_and(|side| side != deal.side || left > 0 && left == -sign * net);
        if magic == 0 || strange {
            let mut against = left.min((-sign * net).max(0));
            for share in all.iter_mut().filter(of_symbol) {
                let taken = share.take(against, deal, made);
                (left, against) = (left - taken, against - taken);
            }
        }
        if left == 0 {
            continue;
        }
        let turned = strange && ordered.contains_key(&deal.ticket) && !stops.contains(&deal.ticket);
        let turned = turned.then(|| deal.clone());
        let magic = if strange { 0 } else { magic };
        let same = |s: &&mut Share| s.magic == magic && s.symbol == deal.symbol && s.side == deal.side;
        if let Some(share) = all.iter_mut().find(same) {
            (share.left, share.opened) = (share.left + left, share.opened + left);
            share.turned.extend(turned);
        } else {
            all.push(Share {
                magic,
                symbol: deal.symbol,
                side: deal.side,
                opened: left,
                left,
                opening: deal.clone(),
                closing: 0,
                by_others: false,
                stopped: false,
                by_hand: false,
                spilled: Vec::new(),
                turned: turned.into_iter().collect(),
            });
        }
    }
    all
}

impl Account {
    /// Positions whose history has lost a deal: how much of them which trade opened is anybody's guess.
    pub fn incomplete(&self) -> BTreeSet<PositionId> {
        let gone = self.terminal.deals().iter().filter(|deal| self.vanished.contains(&deal.ticket));
        gone.map(|deal| deal.position).collect()
    }

    /// Has anybody else ever had a share of this copy's position?
    pub fn shared(&self, magic: u64) -> bool {
        let shares = if self.nets() { self.shares() } else { Vec::new() };
        let own = shares.iter().find(|share| share.magic == magic);
        own.is_some_and(|own| shares.iter().any(|other| other.magic != magic && other.symbol == own.symbol))
    }

    /// Was something taken off this share by a stop, or by its owner's hand? The stops of a netting account's position close
    /// what is left of all its shares together, which may be less than any of them.
    pub fn stopped(&self, magic: u64) -> bool {
        self.share(magic).is_some_and(|share| share.stopped || share.by_hand)
    }

    /// Did another copy's order take something off this share, since its owner's hand had just closed what was that copy's?
    /// Its order was on its way, or the terminal did not show it yet.
    pub fn spilled_by_hand(&self, magic: u64) -> bool {
        let Some(share) = self.share(magic) else { return false };
        let Some(at) = share.spilled.last().map(|deal| deal.time) else { return false };
        let by_hand = |deal: &Deal| deal.symbol == share.symbol && deal.magic.0 == 0;
        let just = |deal: &Deal| deal.time <= at && at.ms_since(deal.time) <= ON_ITS_WAY_MS;
        self.terminal.deals().iter().any(|deal| by_hand(deal) && just(deal))
    }

    /// A symbol in which an EA's order opened what nobody wants: it was to close a copy that was gone. Where shares in both
    /// directions have added up, no ticket can be named that only closes; then its terminal must have shown the copy still.
    pub fn turned(&self) -> Option<Symbol> {
        let shares = self.shares();
        let went = |deal: &Deal| {
            let before = |share: &&Share| share.opening.ticket < deal.ticket && share.symbol == deal.symbol;
            shares.iter().filter(before).any(|share| share.side == deal.side)
        };
        let spilled: Vec<&Deal> = shares.iter().flat_map(|share| &share.spilled).collect();
        let mut turned = shares.iter().flat_map(|share| &share.turned);
        turned.find(|deal| !(went(deal) && self.was_overtaken(deal, &spilled))).map(|deal| deal.symbol)
    }
}
