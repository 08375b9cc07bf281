//! A state while it is handed over: begin, items, commit.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{Failure, LB_ARGUMENT, LB_LIMIT, LB_UNKNOWN_SYMBOL};
use super::constants::LB_MARKET_ORDER;
use super::convert::{amount, hint, lots, money, price, ratio, stop, text};
use super::structs::{LbAccount, LbDeal, LbInstrument, LbPastOrder, LbPendingOrder, LbPosition, LbRate};
use super::values::{Coded, expiration};
use crate::domain::{
    Account, Deal, DealEntry, Execution, Instrument, Login, Magic, MarginMode, OrderEnd, PastOrder,
    PendingKind, PendingOrder, PendingTerms, Position, PositionId, Rate, ServerTime, Side, Snapshot, Symbol,
    TradeMode, TradeRules, WorkingOrder,
};

/// Items of one kind in one state.
const ITEMS_MOST: usize = 10_000;

/// A state while it is handed over.
pub(super) struct Draft {
    snapshot: Snapshot,
    /// Digits of the account's currency.
    money_digits: u8,
    /// Digits of every instrument handed over.
    digits: BTreeMap<Symbol, u8>,
    /// The last deal's symbol as it was handed over: the next one's, mostly.
    last_symbol: Option<([u8; 32], Symbol, u8)>,
    positions: Numbers,
    deals: Numbers,
    orders: Numbers,
}

/// Numbers that were handed over. Terminals list by number, mostly: thousands of deals cost no search then.
#[derive(Default)]
struct Numbers {
    rising: Vec<u64>,
    others: BTreeSet<u64>,
}

impl Numbers {
    /// Takes a number up; `false`: it was there.
    fn insert(&mut self, number: u64) -> bool {
        if self.rising.last().is_none_or(|last| *last < number) {
            self.rising.push(number);
            return true;
        }
        self.rising.binary_search(&number).is_err() && self.others.insert(number)
    }
}

impl Draft {
    pub fn begin(account: &LbAccount) -> Result<Self, Failure> {
        let digits = small("LbAccount.currency_digits", account.currency_digits, 6)?;
        let margin_mode = MarginMode::from_code("LbAccount.margin_mode", account.margin_mode)?;
        let connected = match account.connected {
            0 => false,
            1 => true,
            other => {
                let text = format!("LbAccount.connected is {other}: 0 and 1 are allowed");
                return Err(Failure::new(LB_ARGUMENT, text));
            }
        };
        not_zero("LbAccount.login", account.login)?;
        not_zero("LbAccount.leverage", account.leverage.into())?;
        let account = Account {
            login: Login(account.login),
            currency: text("LbAccount.currency", &account.currency)?,
            currency_digits: digits,
            margin_mode,
            leverage: account.leverage,
            connected,
            balance: money("LbAccount.balance", account.balance, digits)?,
            equity: money("LbAccount.equity", account.equity, digits)?,
            margin: money("LbAccount.margin", account.margin, digits)?,
            free_margin: money("LbAccount.free_margin", account.free_margin, digits)?,
            time: ServerTime(account.time_ms),
        };
        let snapshot = Snapshot {
            account,
            instruments: Vec::new(),
            rates: Vec::new(),
            positions: Vec::new(),
            deals: Vec::new(),
            orders: Vec::new(),
            past_orders: Vec::new(),
            working: Vec::new(),
        };
        Ok(Self {
            snapshot,
            money_digits: digits,
            digits: BTreeMap::new(),
            last_symbol: None,
            positions: Numbers::default(),
            deals: Numbers::default(),
            orders: Numbers::default(),
        })
    }

    pub fn finish(self) -> Snapshot {
        self.snapshot
    }

    pub fn instruments(&mut self, items: impl ExactSizeIterator<Item = LbInstrument>) -> Result<(), Failure> {
        room("instruments", self.snapshot.instruments.len(), items.len())?;
        self.snapshot.instruments.reserve(items.len());
        for (at, item) in items.enumerate() {
            let instrument = instrument(&item).map_err(|failure| failure.of_item(at))?;
            if self.digits.insert(instrument.symbol, instrument.digits).is_some() {
                return Err(twice("LbInstrument.symbol", instrument.symbol).of_item(at));
            }
            self.snapshot.instruments.push(instrument);
        }
        Ok(())
    }

    pub fn rates(&mut self, items: impl ExactSizeIterator<Item = LbRate>) -> Result<(), Failure> {
        room("rates", self.snapshot.rates.len(), items.len())?;
        self.snapshot.rates.reserve(items.len());
        for (at, item) in items.enumerate() {
            self.snapshot.rates.push(rate(&item).map_err(|failure| failure.of_item(at))?);
        }
        Ok(())
    }

    pub fn positions(&mut self, items: impl ExactSizeIterator<Item = LbPosition>) -> Result<(), Failure> {
        room("positions", self.snapshot.positions.len(), items.len())?;
        self.snapshot.positions.reserve(items.len());
        self.positions.rising.reserve(items.len());
        for (at, item) in items.enumerate() {
            let position = self.position(&item).map_err(|failure| failure.of_item(at))?;
            if !self.positions.insert(item.id) {
                return Err(twice("LbPosition.id", item.id).of_item(at));
            }
            self.snapshot.positions.push(position);
        }
        Ok(())
    }

    pub fn deals(&mut self, items: impl ExactSizeIterator<Item = LbDeal>) -> Result<(), Failure> {
        room("deals", self.snapshot.deals.len(), items.len())?;
        self.snapshot.deals.reserve(items.len());
        self.deals.rising.reserve(items.len());
        for (at, item) in items.enumerate() {
            let deal = self.deal(&item).map_err(|failure| failure.of_item(at))?;
            if !self.deals.insert(item.ticket) {
                return Err(twice("LbDeal.ticket", item.ticket).of_item(at));
            }
            self.snapshot.deals.push(deal);
        }
        Ok(())
    }

    pub fn orders(&mut self, items: impl ExactSizeIterator<Item = LbPendingOrder>) -> Result<(), Failure> {
        let have = self.snapshot.orders.len().saturating_add(self.snapshot.working.len());
        room("pending orders", have, items.len())?;
        self.snapshot.orders.reserve(items.len());
        for (at, item) in items.enumerate() {
            if item.kind == LB_MARKET_ORDER {
                let order = self.working(&item).map_err(|failure| failure.of_item(at))?;
                self.snapshot.working.push(order);
            } else {
                let order = self.order(&item).map_err(|failure| failure.of_item(at))?;
                self.snapshot.orders.push(order);
            }
            if !self.orders.insert(item.ticket) {
                return Err(twice("LbPendingOrder.ticket", item.ticket).of_item(at));
            }
        }
        Ok(())
    }

    pub fn past_orders(&mut self, items: impl ExactSizeIterator<Item = LbPastOrder>) -> Result<(), Failure> {
        room("past orders", self.snapshot.past_orders.len(), items.len())?;
        self.snapshot.past_orders.reserve(items.len());
        for (at, item) in items.enumerate() {
            let order = past_order(&item).map_err(|failure| failure.of_item(at))?;
            // The same ticket waiting and over: it ended while the lists were read.
            if !self.orders.insert(item.ticket) {
                return Err(twice("LbPastOrder.ticket", item.ticket).of_item(at));
            }
            self.snapshot.past_orders.push(order);
        }
        Ok(())
    }

    fn digits(&self, symbol: &str) -> Result<u8, Failure> {
        self.digits.get(symbol).copied().ok_or_else(|| {
            let text = format!("the instrument {symbol} was not handed over before its positions and deals");
            Failure::new(LB_UNKNOWN_SYMBOL, text)
        })
    }

    fn position(&self, item: &LbPosition) -> Result<Position, Failure> {
        not_zero("LbPosition.id", item.id)?;
        let symbol = text("LbPosition.symbol", &item.symbol)?;
        let digits = self.digits(&symbol)?;
        let position = Position {
            id: PositionId(item.id),
            ticket: item.ticket,
            symbol,
            side: Side::from_code("LbPosition.side", item.side)?,
            lots: lots("LbPosition.lots", item.lots)?,
            open_price: price("LbPosition.open_price", item.open_price, digits)?,
            open_time: ServerTime(item.open_time_ms),
            stop_loss: stop("LbPosition.stop_loss", item.stop_loss, digits)?,
            take_profit: stop("LbPosition.take_profit", item.take_profit, digits)?,
            magic: Magic(item.magic),
            comment: hint(&item.comment),
        };
        if position.lots.is_zero() {
            return Err(zero("LbPosition.lots"));
        }
        Ok(position)
    }

    fn order(&self, item: &LbPendingOrder) -> Result<PendingOrder, Failure> {
        not_zero("LbPendingOrder.ticket", item.ticket)?;
        let symbol = text("LbPendingOrder.symbol", &item.symbol)?;
        let digits = self.digits(&symbol)?;
        let order = PendingOrder {
            ticket: item.ticket,
            symbol,
            side: Side::from_code("LbPendingOrder.side", item.side)?,
            kind: PendingKind::from_code("LbPendingOrder.kind", item.kind)?,
            lots: lots("LbPendingOrder.lots", item.lots)?,
            terms: PendingTerms {
                price: price("LbPendingOrder.price", item.price, digits)?,
                limit_price: stop("LbPendingOrder.limit_price", item.limit_price, digits)?,
                stop_loss: stop("LbPendingOrder.stop_loss", item.stop_loss, digits)?,
                take_profit: stop("LbPendingOrder.take_profit", item.take_profit, digits)?,
                expiration: expiration("LbPendingOrder.expiration", item.expiration, item.expiration_ms)?,
            },
            placed: ServerTime(item.placed_ms),
            magic: Magic(item.magic),
            comment: hint(&item.comment),
        };
        if order.lots.is_zero() {
            return Err(zero("LbPendingOrder.lots"));
        }
        if order.terms.price.is_zero() {
            return Err(zero("LbPendingOrder.price"));
        }
        Ok(order)
    }

    fn working(&self, item: &LbPendingOrder) -> Result<WorkingOrder, Failure> {
        not_zero("LbPendingOrder.ticket", item.ticket)?;
        let symbol = text("LbPendingOrder.symbol", &item.symbol)?;
        self.digits(&symbol)?;
        let order = WorkingOrder {
            ticket: item.ticket,
            symbol,
            side: Side::from_code("LbPendingOrder.side", item.side)?,
            lots: lots("LbPendingOrder.lots", item.lots)?,
            magic: Magic(item.magic),
        };
        if order.lots.is_zero() { Err(zero("LbPendingOrder.lots")) } else { Ok(order) }
    }

    fn deal(&mut self, item: &LbDeal) -> Result<Deal, Failure> {
        not_zero("LbDeal.ticket", item.ticket)?;
        let (symbol, digits) = match &self.last_symbol {
            Some((written, symbol, digits)) if *written == item.symbol => (*symbol, *digits),
            _ => {
                let symbol = text("LbDeal.symbol", &item.symbol)?;
                let digits = self.digits(&symbol)?;
                self.last_symbol = Some((item.symbol, symbol, digits));
                (symbol, digits)
            }
        };
        Ok(Deal {
            ticket: item.ticket,
            position: PositionId(item.position),
            symbol,
            side: Side::from_code("LbDeal.side", item.side)?,
            entry: DealEntry::from_code("LbDeal.entry", item.entry)?,
            lots: lots("LbDeal.lots", item.lots)?,
            price: price("LbDeal.price", item.price, digits)?,
            time: ServerTime(item.time_ms),
            magic: Magic(item.magic),
            commission: money("LbDeal.commission", item.commission, self.money_digits)?,
            swap: money("LbDeal.swap", item.swap, self.money_digits)?,
            profit: money("LbDeal.profit", item.profit, self.money_digits)?,
        })
    }
}

fn past_order(item: &LbPastOrder) -> Result<PastOrder, Failure> {
    not_zero("LbPastOrder.ticket", item.ticket)?;
    Ok(PastOrder {
        ticket: item.ticket,
        position: PositionId(item.position),
        magic: Magic(item.magic),
        end: OrderEnd::from_code("LbPastOrder.end", item.end)?,
        time: ServerTime(item.time_ms),
    })
}

fn instrument(item: &LbInstrument) -> Result<Instrument, Failure> {
    let digits = small("LbInstrument.digits", item.digits, 8)?;
    let instrument = Instrument {
        symbol: text("LbInstrument.symbol", &item.symbol)?,
        digits,
        contract_size: ratio("LbInstrument.contract_size", item.contract_size)?,
        tick_size: price("LbInstrument.tick_size", item.tick_size, 8)?,
        tick_value: ratio("LbInstrument.tick_value", item.tick_value)?,
        lots_min: lots("LbInstrument.lots_min", item.lots_min)?,
        lots_max: lots("LbInstrument.lots_max", item.lots_max)?,
        lot_step: lots("LbInstrument.lot_step", item.lot_step)?,
        margin_per_lot: amount("LbInstrument.margin_per_lot", item.margin_per_lot)?,
        stops_level_points: item.stops_level_points,
        bid: price("LbInstrument.bid", item.bid, digits)?,
        ask: price("LbInstrument.ask", item.ask, digits)?,
        trading: TradeRules {
            mode: TradeMode::from_code("LbInstrument.trade_mode", item.trade_mode)?,
            execution: Execution::from_code("LbInstrument.execution", item.execution)?,
            filling_modes: item.filling_modes,
            freeze_level_points: item.freeze_level_points,
            expiration_modes: item.expiration_modes,
            volume_limit: lots("LbInstrument.volume_limit", item.volume_limit)?,
        },
    };
    if instrument.lot_step.is_zero() {
        return Err(zero("LbInstrument.lot_step"));
    }
    if instrument.contract_size.is_zero() {
        return Err(zero("LbInstrument.contract_size"));
    }
    Ok(instrument)
}

fn rate(item: &LbRate) -> Result<Rate, Failure> {
    let rate = Rate {
        from: text("LbRate.from", &item.from)?,
        to: text("LbRate.to", &item.to)?,
        rate: ratio("LbRate.rate", item.rate)?,
    };
    if rate.rate.is_zero() { Err(zero("LbRate.rate")) } else { Ok(rate) }
}

fn room(what: &str, have: usize, more: usize) -> Result<(), Failure> {
    if have.saturating_add(more) > ITEMS_MOST {
        return Err(Failure::new(LB_LIMIT, format!("more than {ITEMS_MOST} {what} in one state")));
    }
    Ok(())
}

fn small(field: &str, number: u32, most: u8) -> Result<u8, Failure> {
    u8::try_from(number)
        .ok()
        .filter(|n| *n <= most)
        .ok_or_else(|| Failure::new(LB_ARGUMENT, format!("{field} is {number}, {most} is the most")))
}

fn zero(field: &str) -> Failure {
    Failure::new(LB_ARGUMENT, format!("{field} must not be 0"))
}

fn not_zero(field: &str, number: u64) -> Result<(), Failure> {
    if number == 0 { Err(zero(field)) } else { Ok(()) }
}

/// A list that changed while it was read shows an item twice, and so misses another one.
fn twice(field: &str, what: impl std::fmt::Display) -> Failure {
    Failure::new(LB_ARGUMENT, format!("{field} {what} was handed over twice in one state"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_once_in_whatever_order() {
        for (numbers, taken) in [
            (&[1, 2, 3, 2, 4][..], &[true, true, true, false, true][..]),
            (&[5, 1, 1, 5, 6, 1], &[true, true, false, false, true, false]),
            (&[3, 3], &[true, false]),
            (&[9, 4, 7, 8, 7, 10, 8], &[true, true, true, true, false, true, false]),
        ] {
            let mut seen = Numbers::default();
            let got: Vec<bool> = numbers.iter().map(|number| seen.insert(*number)).collect();
            assert_eq!(got, taken, "{numbers:?}");
        }
    }
}
