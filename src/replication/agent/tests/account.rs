//! What an account shows, in a few words.

use super::*;
use crate::domain::{OrderEnd, PastOrder, PendingOrder, PendingTerms, WorkingOrder};

/// The state of an account whose broker calls gold `GOLD` on positions of copy 9.
pub(super) fn snapshot(copies: &[&str]) -> Snapshot {
    let connected = copies != ["offline"];
    let gold = Instrument {
        symbol: text("XAUUSD").unwrap(),
        digits: 2,
        contract_size: of("100"),
        tick_size: of("0.01"),
        tick_value: of("1"),
        lots_min: of("0.01"),
        lots_max: of("50"),
        lot_step: of("0.01"),
        margin_per_lot: Money::ZERO,
        stops_level_points: 0,
        bid: of("2000"),
        ask: of(if copies == ["far"] { "2000.51" } else { "2000.50" }),
        trading: crate::domain::TradeRules::default(),
    };
    let mut snapshot = flat(connected, gold);
    let (gone, held) = match copies[0] {
        "was" => (true, &copies[1..]),
        "nothing" => (false, &copies[1..]),
        _ => (false, copies),
    };
    for pair in held.chunks_exact(2) {
        let [copy, lots] = pair else { continue };
        match *copy {
            "equity" => snapshot.account.equity = of(lots),
            "sl" => snapshot.positions.iter_mut().for_each(|p| p.stop_loss = Some(of(lots))),
            "waits" => snapshot.orders.push(waiting("limit", lots, of("0.10"))),
            "cancelled" | "refused" => snapshot.past_orders.push(past(lots, copy)),
            "buys" | "sells" => snapshot.working.push(working(lots, copy)),
            _ => {}
        }
        if matches!(*copy, "equity" | "sl" | "waits" | "cancelled" | "refused" | "buys" | "sells") {
            continue;
        }
        let deal = opening(copy, of(lots));
        let Deal { ticket, symbol, lots, magic, .. } = deal;
        snapshot.deals.push(deal.clone());
        if gone {
            // The investor's own hand: no magic of ours.
            snapshot.deals.push(Deal { entry: DealEntry::Out, magic: Magic(0), ..deal });
            continue;
        }
        snapshot.positions.push(Position {
            id: PositionId(ticket),
            ticket,
            symbol,
            side: Side::Buy,
            lots,
            open_price: of("2000"),
            open_time: ServerTime(0),
            stop_loss: None,
            take_profit: None,
            magic,
            comment: Comment::new(),
        });
    }
    snapshot
}

/// The deal that opened a copy.
fn opening(copy: &str, lots: Lots) -> Deal {
    let ticket = 100 + of::<u64>(copy);
    Deal {
        ticket,
        position: PositionId(ticket),
        symbol: text(if copy == "9" { "GOLD" } else { "XAUUSD" }).unwrap(),
        side: Side::Buy,
        entry: DealEntry::In,
        lots,
        price: of("2000"),
        time: ServerTime(0),
        magic: Magic::of_copy(signature(), key(copy)),
        commission: Money::ZERO,
        swap: Money::ZERO,
        profit: Money::ZERO,
    }
}

/// A pending order of this copy.
pub(super) fn waiting(kind: &str, copy: &str, lots: Lots) -> PendingOrder {
    let limit_price = (kind == "stop_limit").then(|| of("1985"));
    PendingOrder {
        ticket: 800 + of::<u64>(copy),
        symbol: text("XAUUSD").unwrap(),
        side: Side::Buy,
        kind: if limit_price.is_some() { PendingKind::StopLimit } else { PendingKind::Limit },
        lots,
        terms: PendingTerms { limit_price, ..answers::terms() },
        placed: ServerTime(0),
        magic: Magic::of_copy(signature(), key(copy)),
        comment: Comment::new(),
    }
}

/// A copy's order at market that the trade server works on.
pub(super) fn working(copy: &str, what: &str) -> WorkingOrder {
    let side = if what == "buys" { Side::Buy } else { Side::Sell };
    let PendingOrder { symbol, magic, .. } = waiting("limit", copy, of("0.10"));
    WorkingOrder { ticket: 900 + of::<u64>(copy), symbol, side, lots: of("0.05"), magic }
}

/// What became of a copy's order.
fn past(copy: &str, what: &str) -> PastOrder {
    let PendingOrder { ticket, magic, .. } = waiting("limit", copy, of("0.10"));
    let end = if what == "refused" { OrderEnd::Rejected } else { OrderEnd::Cancelled };
    PastOrder { ticket, position: PositionId(0), magic, end, time: ServerTime(0) }
}

/// An account without positions.
fn flat(connected: bool, gold: Instrument) -> Snapshot {
    let money = |amount: i64| Money::from_units(amount * Money::ONE);
    Snapshot {
        account: Account {
            login: Login(2001),
            currency: text("USD").unwrap(),
            currency_digits: 2,
            margin_mode: MarginMode::Hedging,
            leverage: 100,
            connected,
            balance: money(1000),
            equity: money(1000),
            margin: money(0),
            free_margin: money(1000),
            time: ServerTime(0),
        },
        instruments: vec![gold],
        rates: Vec::new(),
        positions: Vec::new(),
        deals: Vec::new(),
        orders: Vec::new(),
        past_orders: Vec::new(),
        working: Vec::new(),
    }
}

impl Script {
    /// An agent that knows nothing yet.
    pub(super) fn begin(rules: AccountRules) -> Self {
        let settings = AgentSettings { login: Login(2001), signature: signature(), rules, doubt_ms: 2000 };
        Self { agent: Agent::new(settings), now: Micros(0), instructions: 0, orders: BTreeMap::new() }
    }
}
