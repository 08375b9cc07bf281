//! An account at its broker, and what its terminal shows of it: late, in parts, or nothing at all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::filters;
use super::netting::Share;
use lotbridge::domain::{
    Comment, Deal, Lots, Magic, MarginMode, Money, OrderEnd, OrderRequest, OrderResult, PastOrder,
    PendingKind, PendingOrder, Position, PositionId, Price, Retcode, ServerTime, Snapshot, WorkingOrder,
};
use lotbridge::terminal::{Answer, Terminal};

/// Where the trade server's clock starts: seven seconds before its midnight.
const SERVER_START_MS: i64 = 1_704_067_193_000;

/// What was so at one moment.
#[derive(Default)]
struct Moment {
    at_ms: u64,
    positions: Vec<Position>,
    orders: Vec<PendingOrder>,
    deals: Vec<Deal>,
    past_orders: Vec<PastOrder>,
    working: Vec<WorkingOrder>,
}

/// What a terminal showed of its account's money.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    pub at_ms: u64,
    pub balance: Money,
    pub equity: Money,
    pub free_margin: Money,
}

/// An order on its way to the trade server.
struct Coming {
    at_ms: u64,
    number: u64,
    request: OrderRequest,
    /// Of which moment the positions were that its sender had seen.
    known_ms: u64,
}

/// An account: the truth at the broker, and what the terminal has of it.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one account")]
pub struct Account {
    pub terminal: Terminal,
    /// Do its programs write comments beside their trades?
    pub comments: bool,
    /// Is the terminal connected to its trade server?
    pub online: bool,
    /// Requests are answered as they are executed.
    pub calm: bool,
    /// Orders of EAs meet the fates that only time has: executed long after the answer.
    pub faulty: bool,
    /// How late the terminal shows positions, what is over (deals, past orders), and orders that wait.
    pub lag_ms: [u64; 3],
    /// Until then the position at this place is not shown.
    pub glitch: Option<(u64, usize)>,
    /// Until then its lists are those that it showed last, before it was cut off or stood still.
    pub stale_until: u64,
    /// Every order that ever waited here, as it was placed.
    pub placed: BTreeMap<u64, PendingOrder>,
    /// Deals that its history has lost for good: cancelled or corrected by the broker.
    pub vanished: BTreeSet<u64>,
    moments: VecDeque<Moment>,
    /// The latest moments that were shown, by their time: nothing is shown older than it was before.
    shown_ms: [u64; 3],
    /// All that it has shown of its money while it was connected, in order.
    pub shown_money: Vec<Shown>,
    coming: Vec<Coming>,
    orders: u64,
    results: BTreeMap<u64, OrderResult>,
    /// Deals that were made for an EA's order, and of which moment the positions were that it had seen then.
    ordered: BTreeMap<u64, u64>,
    /// Deals that a position's stops made.
    stops: BTreeSet<u64>,
}

/// The trade server's time.
pub fn server_time(now_ms: u64) -> ServerTime {
    ServerTime(SERVER_START_MS + i64::try_from(now_ms).unwrap())
}

impl Account {
    pub fn new(terminal: Terminal) -> Self {
        Self {
            terminal,
            comments: false,
            online: true,
            calm: false,
            faulty: true,
            lag_ms: [0; 3],
            glitch: None,
            stale_until: 0,
            placed: BTreeMap::new(),
            vanished: BTreeSet::new(),
            moments: VecDeque::from([Moment::default()]),
            shown_ms: [0; 3],
            shown_money: Vec::new(),
            coming: Vec::new(),
            orders: 0,
            results: BTreeMap::new(),
            ordered: BTreeMap::new(),
            stops: BTreeSet::new(),
        }
    }

    /// Its programs write comments beside their trades.
    #[must_use]
    pub fn with_comments(self) -> Self {
        Self { comments: true, ..self }
    }

    /// Sends an order that reaches the trade server at `at_ms`, whatever becomes of who sent it; its number.
    pub fn send(&mut self, at_ms: u64, request: OrderRequest) -> u64 {
        self.orders += 1;
        self.coming.push(Coming { at_ms, number: self.orders, request, known_ms: self.shown_ms[0] });
        self.orders
    }

    /// Who sent them is gone: orders on their way arrive within this time, as whoever looks for them later has to rely on.
    pub fn arrive_by(&mut self, at_ms: u64) {
        for coming in &mut self.coming {
            coming.at_ms = coming.at_ms.min(at_ms);
        }
    }

    /// What came of an order that has reached the trade server.
    pub fn result(&mut self, number: u64) -> OrderResult {
        self.results.remove(&number).unwrap_or(OrderResult::refused(Retcode::TIMEOUT))
    }

    /// Executes what has arrived; how much.
    pub fn work(&mut self, now_ms: u64) -> usize {
        let (due, rest): (Vec<_>, Vec<_>) = self.coming.drain(..).partition(|coming| coming.at_ms <= now_ms);
        self.coming = rest;
        for coming in &due {
            let result = self.execute(now_ms, &coming.request);
            self.ordered.insert(result.deal, coming.known_ms);
            self.results.insert(coming.number, result);
        }
        due.len()
    }

    /// Executes at once: the account's owner by hand.
    pub fn execute(&mut self, now_ms: u64, request: &OrderRequest) -> OrderResult {
        if self.calm {
            self.terminal.next_answers([Answer::Plain]);
        }
        let result = self.terminal.order_send(server_time(now_ms), request).result;
        self.changed(now_ms);
        result
    }

    /// Closes two opposite positions against each other at once: the account's owner by hand.
    pub fn close_by(&mut self, now_ms: u64, ticket: u64, opposite: u64) -> OrderResult {
        let result = self.terminal.close_by(server_time(now_ms), ticket, opposite);
        self.changed(now_ms);
        result
    }

    /// Connects the terminal with its trade server, or disconnects it.
    pub fn connect(&mut self, online: bool) {
        self.online = online;
        self.terminal.set_connected(online);
    }

    /// Time passes at the broker's: orders expire, accepted ones are executed.
    pub fn pass_time(&mut self, now_ms: u64) {
        let before = self.waiting_orders();
        let deals = self.terminal.pass_time(server_time(now_ms)).unwrap();
        if !deals.is_empty() || self.waiting_orders() != before {
            self.changed(now_ms);
        }
    }

    /// The market moves: orders fill, stops are hit, a stop-limit order becomes a limit order.
    pub fn quote(&mut self, now_ms: u64, symbol: &str, bid: Price, ask: Price) {
        self.pass_time(now_ms);
        let before = self.waiting_orders();
        let waiting: Vec<Magic> = self.terminal.orders().map(|order| order.magic).collect();
        let deals = self.terminal.quote(server_time(now_ms), symbol, bid, ask).unwrap();
        let stops = deals.iter().filter(|deal| deal.entry.closes() && !waiting.contains(&deal.magic));
        self.stops.extend(stops.map(|deal| deal.ticket));
        if !deals.is_empty() || self.waiting_orders() != before {
            self.changed(now_ms);
        }
    }

    /// How many orders wait, how many of them for their stop, and how many are worked on.
    fn waiting_orders(&self) -> [usize; 3] {
        let orders = || self.terminal.orders();
        let for_stops = orders().filter(|order| order.kind == PendingKind::StopLimit).count();
        [orders().count(), for_stops, self.terminal.working().count()]
    }

    /// To be called after every change at the broker's.
    pub fn changed(&mut self, now_ms: u64) {
        let Snapshot { positions, orders, deals, past_orders, working, .. } =
            self.terminal.snapshot(ServerTime(0));
        for order in &orders {
            self.placed.entry(order.ticket).or_insert_with(|| order.clone());
        }
        self.moments.push_back(Moment { at_ms: now_ms, positions, orders, deals, past_orders, working });
        let oldest = self.shown_ms.into_iter().min().unwrap();
        while self.moments.len() > 2 && self.moments[1].at_ms <= oldest {
            self.moments.pop_front();
        }
    }

    /// What an EA reads off the terminal now.
    pub fn snapshot(&mut self, now_ms: u64) -> Snapshot {
        let mut snapshot = self.terminal.snapshot(ServerTime(i64::MAX));
        snapshot.account.connected = self.online;
        snapshot.account.time = server_time(now_ms);
        snapshot.positions.clear();
        snapshot.orders.clear();
        snapshot.working.clear();
        if !self.online {
            return snapshot;
        }
        let lotbridge::domain::Account { balance, equity, free_margin, .. } = snapshot.account;
        self.shown_money.push(Shown { at_ms: now_ms, balance, equity, free_margin });
        for (shown, lag) in self.shown_ms.iter_mut().zip(self.lag_ms) {
            if now_ms >= self.stale_until {
                *shown = (*shown).max(now_ms.saturating_sub(lag));
            }
        }
        let [positions, over, orders] = self.shown_ms.map(|ms| self.at(ms));
        snapshot.positions.clone_from(&positions.positions);
        snapshot.orders.clone_from(&orders.orders);
        snapshot.working.clone_from(&orders.working);
        snapshot.deals.clone_from(&over.deals);
        snapshot.deals.retain(|deal| !self.vanished.contains(&deal.ticket));
        snapshot.past_orders.clone_from(&over.past_orders);
        if self.comments {
            for position in &mut snapshot.positions {
                position.comment = filters::comment(position.id.0);
            }
            for order in &mut snapshot.orders {
                order.comment = filters::comment(order.ticket);
            }
        }
        if let Some((until_ms, place)) = self.glitch
            && now_ms < until_ms
        {
            let Snapshot { positions, orders, working, .. } = &mut snapshot;
            if !positions.is_empty() {
                positions.remove(place % positions.len());
            } else if !orders.is_empty() {
                orders.remove(place % orders.len());
            } else if !working.is_empty() {
                working.remove(place % working.len());
            }
        }
        snapshot
    }

    /// What the balance has of deals that this state does not show yet.
    pub fn late(&self, shown: &Snapshot) -> Money {
        let last = shown.deals.last().map_or(0, |deal| deal.ticket);
        let late = self.terminal.deals().iter().rev().take_while(|deal| deal.ticket > last);
        late.fold(Money::ZERO, |sum, deal| {
            [deal.profit, deal.commission, deal.swap].into_iter().fold(sum, Money::saturating_add)
        })
    }

    fn at(&self, ms: u64) -> &Moment {
        self.moments.iter().rev().find(|moment| moment.at_ms <= ms).unwrap_or(&self.moments[0])
    }

    /// All that was ever opened on this account with this magic: positions with their lots, or the magic's own share.
    pub fn opened(&self, magic: u64) -> BTreeMap<u64, Lots> {
        let mut opened: BTreeMap<u64, Lots> = BTreeMap::new();
        if self.nets() {
            opened.extend(self.share(magic).map(|share| (magic, Lots::from_units(share.opened))));
            return opened;
        }
        for deal in self.terminal.deals().iter().filter(|d| d.magic.0 == magic && !d.entry.closes()) {
            let lots = opened.entry(deal.position.0).or_default();
            *lots = lots.saturating_add(deal.lots);
        }
        opened
    }

    /// Had whoever ordered this deal not seen yet what others than EAs last did in this symbol before it, or what an order
    /// that they had overtaken so took off other copies (`spilled`), which were being closed themselves?
    pub fn was_overtaken(&self, deal: &Deal, spilled: &[&Deal]) -> bool {
        let known = self.ordered.get(&deal.ticket).map_or(ServerTime(0), |known_ms| server_time(*known_ms));
        let unseen =
            |other: &&Deal| other.ticket < deal.ticket && other.symbol == deal.symbol && other.time > known;
        let others = |other: &Deal| other.magic.0 == 0 || self.stops.contains(&other.ticket);
        self.terminal.deals().iter().filter(unseen).any(others)
            || spilled.iter().copied().filter(unseen).any(|other| self.was_overtaken(other, spilled))
    }

    /// A netting account's shares.
    pub fn shares(&self) -> Vec<Share> {
        super::netting::shares(&self.terminal, (&self.ordered, &self.stops))
    }

    /// What a netting account has, or had, with this magic.
    pub fn share(&self, magic: u64) -> Option<Share> {
        if !self.nets() {
            return None;
        }
        self.shares().into_iter().find(|share| share.magic == magic)
    }

    /// What is held with a magic: positions, or shares as such; a share has stops while the position is its alone.
    pub fn copies(&self) -> Vec<Position> {
        if !self.nets() {
            let held = self.terminal.positions().map(|open| &open.position);
            return held.filter(|position| position.magic.0 != 0).cloned().collect();
        }
        let shares: Vec<Share> = self.shares().into_iter().filter(|share| share.left > 0).collect();
        let alone = |share: &Share| shares.iter().filter(|s| s.symbol == share.symbol).count() == 1;
        let whole = |share: &Share| {
            let whole = self.terminal.positions().map(|open| &open.position);
            whole.filter(|_| alone(share)).find(|position| position.symbol == share.symbol)
        };
        let ours = shares.iter().filter(|share| share.magic != 0);
        ours.map(|share| Position {
            id: PositionId(share.magic),
            ticket: whole(share).map_or(0, |whole| whole.ticket),
            symbol: share.symbol,
            side: share.side,
            lots: Lots::from_units(share.left),
            open_price: share.opening.price,
            open_time: share.opening.time,
            stop_loss: whole(share).and_then(|whole| whole.stop_loss),
            take_profit: whole(share).and_then(|whole| whole.take_profit),
            magic: Magic(share.magic),
            comment: Comment::new(),
        })
        .collect()
    }

    /// What was ever ordered of what copies with this number stand for: what it was opened with, and what waits still.
    pub fn ordered(&self, number: u64) -> Lots {
        if self.nets() {
            let parts = super::netting::ever(self);
            let same = parts.filter(|part| part.position.id.0 & 0xffff_ffff == number);
            return same.map(|part| part.opened).max().unwrap_or(Lots::ZERO);
        }
        let deals = self.terminal.deals().iter().filter(|d| d.position.0 == number && !d.entry.closes());
        let waits = self.terminal.orders().filter(|order| order.ticket == number);
        let lots = deals.map(|deal| deal.lots).chain(waits.map(|order| order.lots));
        lots.fold(Lots::ZERO, Lots::saturating_add)
    }

    pub fn nets(&self) -> bool {
        self.terminal.account().margin_mode == MarginMode::Netting
    }

    /// What slaves shall have copies of: positions, or what is left of each trade of a netting account, as far as its
    /// history tells.
    pub fn to_be_copied(&self) -> Vec<Position> {
        if self.nets() {
            let gone = self.incomplete();
            let parts = super::netting::parts(&self.terminal).into_iter().map(|part| part.position);
            let copied =
                |part: &Position| part.lots.is_positive() && !gone.contains(&PositionId(part.ticket));
            return parts.filter(copied).collect();
        }
        self.terminal.positions().map(|open| open.position.clone()).collect()
    }

    /// Was the last of this position, or share, closed by an EA's order, and not by a stop or by hand?
    pub fn closed_by_order(&self, position: u64) -> bool {
        if self.nets() {
            let share = self.share(position);
            return share.is_some_and(|share| self.is_ordered(share.closing) && !share.by_others);
        }
        let mut closing = self.terminal.deals().iter().rev();
        closing.find(|deal| deal.position.0 == position).is_some_and(|deal| self.is_ordered(deal.ticket))
    }

    /// Was this deal made for an EA's order?
    pub fn is_ordered(&self, deal: u64) -> bool {
        self.ordered.contains_key(&deal)
    }

    /// What is held with this magic.
    pub fn held(&self, magic: u64) -> Vec<Position> {
        self.copies().into_iter().filter(|position| position.magic.0 == magic).collect()
    }

    /// The order with this magic that waits.
    pub fn waiting(&self, magic: u64) -> Option<&PendingOrder> {
        self.terminal.orders().find(|order| order.magic.0 == magic)
    }

    /// How the order with this magic ended.
    pub fn ended(&self, magic: u64) -> Option<OrderEnd> {
        self.terminal.past_orders(ServerTime(0)).find(|past| past.magic.0 == magic).map(|past| past.end)
    }
}
