//! The master's trader, and investors who cannot keep their hands off.

use std::collections::BTreeSet;

use lotbridge::domain::{
    Expiration, Filling, Login, Lots, Magic, OrderAction, OrderRequest, PendingKind, PendingOrder,
    PendingTerms, Position, Price, ServerTime, Side, Symbol, text,
};
use lotbridge::terminal::OpenPosition;

use super::super::account::server_time;
use super::super::random::Random;
use super::super::setup::SYMBOLS;
use super::super::slave::Slave;
use super::{Kind, World, unit};

impl World {
    pub(super) fn trade(&mut self) {
        let pace = self.pace.0;
        if let Some(mut random) = self.happens(Kind::MasterOpens, 5 * pace) {
            self.open(&mut random);
        }
        if let Some(mut random) = self.happens(Kind::MasterChanges, 5 * pace) {
            self.change(&mut random);
        }
        if let Some(mut random) = self.happens(Kind::MasterPlaces, 4 * pace) {
            self.place(&mut random);
        }
        if let Some(mut random) = self.happens(Kind::MasterTouchesOrder, 3 * pace) {
            self.touch_order(&mut random);
        }
        if let Some(mut random) = self.happens(Kind::Hand, 2 * pace) {
            let at = random.place(self.slaves.len());
            self.hand(at, random.between(0, 9), &mut random);
        }
        let send = self.sending();
        if !send.is_empty()
            && let Some(mut random) = self.happens(Kind::HandMidOrder, 6 * pace)
        {
            let at = *random.pick(&send);
            self.hand(at, 0, &mut random);
        }
    }

    /// An investor closes by hand, in whole or in part, cancels an order, or trades for himself.
    fn hand(&mut self, at: usize, what: u64, random: &mut Random) {
        let slave = &mut self.slaves[at];
        let login = slave.login;
        let open: Vec<Position> = slave.account.terminal.positions().map(|p| p.position.clone()).collect();
        let orders: Vec<PendingOrder> = slave.account.terminal.orders().cloned().collect();
        let request = match what {
            0..=6 if !open.is_empty() => {
                let position = random.pick(&open);
                let lots = part(position.lots, random);
                self.by_hand.insert((login, position.ticket));
                touch_shares(&mut self.by_hand, slave, &position.symbol);
                close(position, lots)
            }
            7 if !orders.is_empty() => {
                let order = random.pick(&orders);
                self.by_hand.insert((login, order.ticket));
                request(order.symbol, OrderAction::Cancel { ticket: order.ticket }, Lots::ZERO)
            }
            7 | 9 => return self.by_each_other(at, random),
            8 => {
                let symbol = super::setup::slave_symbol(&self.setup, login, random.pick(&SYMBOLS).0);
                touch_shares(&mut self.by_hand, slave, &symbol);
                let side = *random.pick(&[Side::Buy, Side::Sell]);
                let action = OrderAction::Open { side, stop_loss: None, take_profit: None };
                request(symbol, action, Lots::from_units(Lots::ONE / 100))
            }
            _ => return,
        };
        // His terminal fills as his broker lets it.
        let modes = slave.account.terminal.snapshot(ServerTime(i64::MAX));
        let filling = modes.instrument(&request.symbol).map(|i| i.trading.market_filling());
        let request = OrderRequest { filling: filling.unwrap_or_default(), ..request };
        let result = self.slaves[at].account.execute(self.now_ms, &request);
        self.tell(|| format!("{login} by hand: {:?} {}: {}", request.action, request.lots, result.retcode));
    }

    /// An investor closes two positions against each other, where he has opposite ones.
    fn by_each_other(&mut self, at: usize, random: &mut Random) {
        let slave = &mut self.slaves[at];
        let Some((one, other)) = opposites(slave.account.terminal.positions(), random) else { return };
        let result = slave.account.close_by(self.now_ms, one, other);
        let login = slave.login;
        self.by_hand.extend([(login, one), (login, other)]);
        self.tell(|| format!("{login} by hand: closes {one} by {other}: {}", result.retcode));
    }

    fn master_sends(&mut self, request: &OrderRequest) {
        let result = self.master.execute(self.now_ms, request);
        self.commit_ms = self.now_ms;
        self.tell(|| {
            let OrderRequest { action, lots, symbol, .. } = request;
            format!("master: {lots} {symbol} {action:?}: {} {}", result.retcode, result.ticket)
        });
    }

    fn open(&mut self, random: &mut Random) {
        let (symbol, _) = *random.pick(&SYMBOLS);
        let side = *random.pick(&[Side::Buy, Side::Sell]);
        let lots = some_lots(random);
        let (stop_loss, take_profit) = stops(symbol, side, self.quotes[symbol], random);
        let action = OrderAction::Open { side, stop_loss, take_profit };
        let magic = Magic(*random.pick(&[0, 0, 15, 30]));
        self.master_sends(&OrderRequest { magic, ..request(text(symbol).unwrap(), action, lots) });
    }

    /// The master closes, closes a part, closes one by another, closes everything at once, or moves its stops.
    fn change(&mut self, random: &mut Random) {
        let open: Vec<Position> = self.master.terminal.positions().map(|p| p.position.clone()).collect();
        if open.is_empty() {
            return;
        }
        let position = random.pick(&open).clone();
        let request = match random.between(0, 15) {
            0..=2 => close(&position, position.lots),
            3..=5 => close(&position, part(position.lots, random)),
            6..=7 => return self.close_by_another(random),
            8 if open.len() > 3 => return self.close_all(),
            _ => {
                let price = self.quotes[position.symbol.as_str()];
                let (stop_loss, take_profit) = stops(&position.symbol, position.side, price, random);
                let action = OrderAction::Modify { ticket: position.ticket, stop_loss, take_profit };
                OrderRequest { action, ..close(&position, Lots::ZERO) }
            }
        };
        self.master_sends(&request);
    }

    /// The master closes two positions against each other, where it has opposite ones.
    fn close_by_another(&mut self, random: &mut Random) {
        let Some((one, other)) = opposites(self.master.terminal.positions(), random) else { return };
        let result = self.master.close_by(self.now_ms, one, other);
        self.commit_ms = self.now_ms;
        self.tell(|| format!("master: closes {one} by {other}: {}", result.retcode));
    }

    /// A pending order of any kind and expiry.
    fn place(&mut self, random: &mut Random) {
        let (symbol, _) = *random.pick(&SYMBOLS);
        let side = *random.pick(&[Side::Buy, Side::Sell]);
        let kind = *random.pick(&[PendingKind::Limit, PendingKind::Stop, PendingKind::StopLimit]);
        let terms = self.terms(symbol, side, kind, random);
        let magic = Magic(*random.pick(&[0, 0, 15, 30]));
        let action = OrderAction::Place { side, kind, terms };
        self.master_sends(&OrderRequest {
            magic,
            ..request(text(symbol).unwrap(), action, some_lots(random))
        });
    }

    fn terms(&self, symbol: &str, side: Side, kind: PendingKind, random: &mut Random) -> PendingTerms {
        // From the ask on, or from the bid.
        let market = self.quotes[symbol] + if side == Side::Buy { 8 } else { 0 };
        let away = i64::try_from(random.between(15, 90)).unwrap();
        let price = market + side.sign() * if kind == PendingKind::Limit { -away } else { away };
        let back = i64::try_from(random.between(20, 60)).unwrap();
        let limit = (kind == PendingKind::StopLimit).then(|| price - side.sign() * back);
        let (stop_loss, take_profit) = stops(symbol, side, limit.unwrap_or(price), random);
        let now = server_time(self.now_ms).0;
        let soon = ServerTime(now + i64::try_from(random.between(500, 30_000)).unwrap());
        let expiration = *random.pick(&[
            Expiration::Gtc,
            Expiration::Gtc,
            Expiration::Day,
            Expiration::Specified(soon),
            Expiration::SpecifiedDay(soon),
        ]);
        let at = |price: i64| Price::from_units(price * unit(symbol));
        PendingTerms { price: at(price), limit_price: limit.map(at), stop_loss, take_profit, expiration }
    }

    /// The master changes or cancels an order.
    fn touch_order(&mut self, random: &mut Random) {
        let orders: Vec<PendingOrder> = self.master.terminal.orders().cloned().collect();
        if orders.is_empty() {
            return;
        }
        let order = random.pick(&orders);
        let action = if random.per_mille(400) {
            OrderAction::Cancel { ticket: order.ticket }
        } else {
            let terms = self.terms(&order.symbol, order.side, order.kind, random);
            OrderAction::ModifyPending { ticket: order.ticket, terms }
        };
        self.master_sends(&request(order.symbol, action, Lots::ZERO));
    }

    /// The master closes and cancels everything.
    pub fn close_all(&mut self) {
        let open: Vec<Position> = self.master.terminal.positions().map(|p| p.position.clone()).collect();
        for position in open {
            self.master.execute(self.now_ms, &close(&position, position.lots));
        }
        let orders: Vec<PendingOrder> = self.master.terminal.orders().cloned().collect();
        for order in orders {
            let cancel = request(order.symbol, OrderAction::Cancel { ticket: order.ticket }, Lots::ZERO);
            self.master.execute(self.now_ms, &cancel);
        }
        self.commit_ms = self.now_ms;
        self.tell(|| "master: closes and cancels everything".into());
    }
}

/// Two opposite positions of one symbol, if there are any.
fn opposites<'a>(open: impl Iterator<Item = &'a OpenPosition>, random: &mut Random) -> Option<(u64, u64)> {
    let open: Vec<&Position> = open.map(|open| &open.position).collect();
    let opposite = |one: &&Position, other: &&Position| one.symbol == other.symbol && one.side != other.side;
    let pairs: Vec<(u64, u64)> = open
        .iter()
        .flat_map(|one| {
            open.iter().filter(|other| opposite(one, other)).map(|other| (one.ticket, other.ticket))
        })
        .collect();
    (!pairs.is_empty()).then(|| *random.pick(&pairs))
}

/// Whatever an owner does in a symbol of a netting account may be any copy's loss there.
fn touch_shares(by_hand: &mut BTreeSet<(Login, u64)>, slave: &Slave, symbol: &str) {
    if slave.account.nets() {
        let shares = slave.account.shares();
        let touched = shares.iter().filter(|share| share.symbol.as_str() == symbol && share.left > 0);
        by_hand.extend(touched.map(|share| (slave.login, share.magic)));
    }
}

/// Stops about a price, each as often as not.
fn stops(symbol: &str, side: Side, price: i64, random: &mut Random) -> (Option<Price>, Option<Price>) {
    let mut stop = |sign: i64| {
        let away = i64::try_from(random.between(30, 400)).unwrap();
        random.per_mille(500).then(|| Price::from_units((price + sign * side.sign() * away) * unit(symbol)))
    };
    (stop(-1), stop(1))
}

fn some_lots(random: &mut Random) -> Lots {
    Lots::from_units(i64::try_from(random.between(1, 120)).unwrap() * Lots::ONE / 100)
}

fn part(lots: Lots, random: &mut Random) -> Lots {
    let steps = u64::try_from(lots.units() * 100 / Lots::ONE).unwrap();
    let part = i64::try_from(random.between(1, steps.max(1))).unwrap();
    Lots::from_units(part * Lots::ONE / 100)
}

fn request(symbol: Symbol, action: OrderAction, lots: Lots) -> OrderRequest {
    OrderRequest {
        symbol,
        action,
        lots,
        price: Price::ZERO,
        deviation_points: 0,
        magic: Magic(0),
        filling: Filling::default(),
    }
}

fn close(position: &Position, lots: Lots) -> OrderRequest {
    request(position.symbol, OrderAction::Close { ticket: position.ticket }, lots)
}
