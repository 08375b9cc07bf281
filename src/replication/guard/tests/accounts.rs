//! The accounts of the scripts.

use super::{of, signature};
use crate::domain::{
    Account, Comment, CopyId, Deal, DealEntry, Login, Magic, MarginMode, Money, PoolTag, Position,
    PositionId, ServerTime, Side, Snapshot, text,
};

/// An account of 10,000 that has never traded.
pub(super) fn account(balance: Money) -> Snapshot {
    Snapshot {
        account: Account {
            login: Login(2001),
            currency: text("USD").unwrap(),
            currency_digits: 2,
            margin_mode: MarginMode::Hedging,
            leverage: 100,
            connected: true,
            balance,
            equity: balance,
            margin: Money::ZERO,
            free_margin: balance,
            time: ServerTime(0),
        },
        instruments: Vec::new(),
        rates: Vec::new(),
        positions: Vec::new(),
        deals: Vec::new(),
        orders: Vec::new(),
        past_orders: Vec::new(),
        working: Vec::new(),
    }
}

pub(super) fn deal(ticket: u64, profit: Money, time: ServerTime) -> Deal {
    Deal {
        ticket,
        position: PositionId(ticket),
        symbol: text("XAUUSD").unwrap(),
        side: Side::Buy,
        entry: DealEntry::Out,
        lots: of("0.1"),
        price: of("2000"),
        time,
        magic: Magic(0),
        commission: of("-1"),
        swap: of("0.5"),
        profit: profit.saturating_add(of("0.5")),
    }
}

pub(super) fn position(symbol: &str, lots: &str, id: u64) -> Position {
    Position {
        id: PositionId(id),
        ticket: id,
        symbol: text(symbol).unwrap(),
        side: if id.is_multiple_of(2) { Side::Buy } else { Side::Sell },
        lots: of(lots),
        open_price: of("2000"),
        open_time: ServerTime(0),
        stop_loss: None,
        take_profit: None,
        magic: Magic::of_copy(signature(), CopyId::new(PoolTag(1), PositionId(id))),
        comment: Comment::new(),
    }
}
