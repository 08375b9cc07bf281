//! A trade request as the broker of the simulation takes it, or the return code of one that no server would take.

use lotbridge::domain::{
    Expiration, Filling, Lots, Magic, OrderAction, OrderRequest, PendingKind, PendingTerms, Price,
    ServerTime, Side, Snapshot, text,
};

use crate::values as v;

const INVALID: u32 = 10013;

/// A trade request as the program filled it in.
#[derive(Debug, Clone)]
pub struct Sent {
    pub action: i32,
    pub kind: i32,
    pub filling: i32,
    pub time: i32,
    pub magic: u64,
    pub order: u64,
    pub position: u64,
    pub deviation: u64,
    pub volume: f64,
    pub price: f64,
    pub stoplimit: f64,
    pub sl: f64,
    pub tp: f64,
    pub expiration: i64,
    pub symbol: String,
}

/// What `OrderSend` answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answered {
    pub retcode: u32,
    pub sent: bool,
    pub deal: u64,
    pub order: u64,
    pub volume: f64,
    pub price: f64,
}

/// The exact volume behind a program's double.
pub fn exact_lots(value: f64) -> Option<Lots> {
    format!("{value:.8}").parse().ok()
}

/// The exact price behind a program's double.
pub fn exact_price(value: f64) -> Option<Price> {
    format!("{value:.8}").parse().ok()
}

/// What the program asked for.
pub fn of(sent: &Sent, snapshot: &Snapshot) -> Result<OrderRequest, u32> {
    let action = match sent.action {
        v::TRADE_ACTION_DEAL => deal(sent, snapshot)?,
        v::TRADE_ACTION_SLTP => {
            let (stop_loss, take_profit) = (stop(sent.sl)?, stop(sent.tp)?);
            OrderAction::Modify { ticket: sent.position, stop_loss, take_profit }
        }
        v::TRADE_ACTION_PENDING => {
            let (side, kind) = pending(sent.kind)?;
            if sent.filling != v::ORDER_FILLING_RETURN {
                return Err(10030);
            }
            OrderAction::Place { side, kind, terms: terms(sent)? }
        }
        v::TRADE_ACTION_MODIFY => OrderAction::ModifyPending { ticket: sent.order, terms: terms(sent)? },
        v::TRADE_ACTION_REMOVE => OrderAction::Cancel { ticket: sent.order },
        _ => return Err(INVALID),
    };
    let at_market = matches!(action, OrderAction::Open { .. } | OrderAction::Close { .. });
    let lots = if matches!(action, OrderAction::Place { .. }) || at_market {
        exact_lots(sent.volume).ok_or(10014_u32)?
    } else {
        Lots::ZERO
    };
    Ok(OrderRequest {
        symbol: text(&sent.symbol).map_err(|_| INVALID)?,
        action,
        lots,
        price: if at_market { stop(sent.price)?.unwrap_or(Price::ZERO) } else { Price::ZERO },
        deviation_points: u32::try_from(sent.deviation).map_err(|_| INVALID)?,
        magic: Magic(sent.magic),
        filling: match sent.filling {
            v::ORDER_FILLING_FOK => Filling::FillOrKill,
            v::ORDER_FILLING_IOC => Filling::ImmediateOrCancel,
            v::ORDER_FILLING_RETURN => Filling::Return,
            _ => return Err(10030),
        },
    })
}

/// An order at market: with a position's ticket it closes that one, and must be of the other side.
fn deal(sent: &Sent, snapshot: &Snapshot) -> Result<OrderAction, u32> {
    let side = match sent.kind {
        v::ORDER_TYPE_BUY => Side::Buy,
        v::ORDER_TYPE_SELL => Side::Sell,
        _ => return Err(10035),
    };
    if sent.position == 0 {
        return Ok(OrderAction::Open { side, stop_loss: stop(sent.sl)?, take_profit: stop(sent.tp)? });
    }
    match snapshot.positions.iter().find(|p| p.ticket == sent.position) {
        Some(position) if position.side == side => Err(INVALID),
        Some(_) => Ok(OrderAction::Close { ticket: sent.position }),
        None => Err(10036),
    }
}

fn pending(kind: i32) -> Result<(Side, PendingKind), u32> {
    Ok(match kind {
        v::ORDER_TYPE_BUY_LIMIT => (Side::Buy, PendingKind::Limit),
        v::ORDER_TYPE_SELL_LIMIT => (Side::Sell, PendingKind::Limit),
        v::ORDER_TYPE_BUY_STOP => (Side::Buy, PendingKind::Stop),
        v::ORDER_TYPE_SELL_STOP => (Side::Sell, PendingKind::Stop),
        v::ORDER_TYPE_BUY_STOP_LIMIT => (Side::Buy, PendingKind::StopLimit),
        v::ORDER_TYPE_SELL_STOP_LIMIT => (Side::Sell, PendingKind::StopLimit),
        _ => return Err(10035),
    })
}

fn terms(sent: &Sent) -> Result<PendingTerms, u32> {
    let until = ServerTime(sent.expiration * 1000);
    Ok(PendingTerms {
        price: stop(sent.price)?.ok_or(10015_u32)?,
        limit_price: stop(sent.stoplimit)?,
        stop_loss: stop(sent.sl)?,
        take_profit: stop(sent.tp)?,
        expiration: match sent.time {
            v::ORDER_TIME_GTC => Expiration::Gtc,
            v::ORDER_TIME_DAY => Expiration::Day,
            v::ORDER_TIME_SPECIFIED => Expiration::Specified(until),
            v::ORDER_TIME_SPECIFIED_DAY => Expiration::SpecifiedDay(until),
            _ => return Err(10022),
        },
    })
}

fn stop(value: f64) -> Result<Option<Price>, u32> {
    let price = exact_price(value).ok_or(10015_u32)?;
    Ok(Some(price).filter(|price| *price != Price::ZERO))
}
