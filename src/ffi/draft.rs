//! A state while it is handed over: begin, items, commit.

use super::code::{Failure, LB_ARGUMENT, LB_LIMIT, LB_UNKNOWN_SYMBOL};
use super::convert::{lots, money, price, ratio, stop, text};
use super::structs::{
    LB_BUY, LB_ENTRY_IN, LB_ENTRY_INOUT, LB_ENTRY_OUT, LB_ENTRY_OUT_BY, LB_HEDGING, LB_NETTING, LB_SELL,
    LbAccount, LbDeal, LbInstrument, LbPosition, LbRate,
};
use crate::domain::{
    Account, Deal, DealEntry, Instrument, Login, Magic, MarginMode, Position, PositionId, Rate, ServerTime,
    Side, Snapshot,
};

/// Items of one kind in one state.
const ITEMS_MOST: usize = 10_000;

/// A state while it is handed over.
pub(super) struct Draft {
    snapshot: Snapshot,
    /// Digits of the account's currency.
    money_digits: u8,
}

impl Draft {
    pub fn begin(account: &LbAccount) -> Result<Self, Failure> {
        let digits = small("LbAccount.currency_digits", account.currency_digits, 6)?;
        let margin_mode = match account.margin_mode {
            LB_HEDGING => MarginMode::Hedging,
            LB_NETTING => MarginMode::Netting,
            other => return Err(unknown("LbAccount.margin_mode", other)),
        };
        if account.login == 0 || account.leverage == 0 {
            return Err(Failure::new(LB_ARGUMENT, "LbAccount.login and LbAccount.leverage must not be 0"));
        }
        let account = Account {
            login: Login(account.login),
            currency: text("LbAccount.currency", &account.currency)?,
            currency_digits: digits,
            margin_mode,
            leverage: account.leverage,
            connected: account.connected != 0,
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
        };
        Ok(Self { snapshot, money_digits: digits })
    }

    pub fn finish(self) -> Snapshot {
        self.snapshot
    }

    pub fn instruments(&mut self, items: &[LbInstrument]) -> Result<(), Failure> {
        room("instruments", self.snapshot.instruments.len(), items.len())?;
        for item in items {
            let instrument = instrument(item)?;
            if self.snapshot.instrument(&instrument.symbol).is_some() {
                let text = format!("instrument {} was handed over twice", instrument.symbol);
                return Err(Failure::new(LB_ARGUMENT, text));
            }
            self.snapshot.instruments.push(instrument);
        }
        Ok(())
    }

    pub fn rates(&mut self, items: &[LbRate]) -> Result<(), Failure> {
        room("rates", self.snapshot.rates.len(), items.len())?;
        for item in items {
            let rate = Rate {
                from: text("LbRate.from", &item.from)?,
                to: text("LbRate.to", &item.to)?,
                rate: ratio("LbRate.rate", item.rate)?,
            };
            if !rate.rate.is_positive() {
                return Err(Failure::new(LB_ARGUMENT, "LbRate.rate is not positive"));
            }
            self.snapshot.rates.push(rate);
        }
        Ok(())
    }

    pub fn positions(&mut self, items: &[LbPosition]) -> Result<(), Failure> {
        room("positions", self.snapshot.positions.len(), items.len())?;
        for item in items {
            let position = self.position(item)?;
            self.snapshot.positions.push(position);
        }
        Ok(())
    }

    pub fn deals(&mut self, items: &[LbDeal]) -> Result<(), Failure> {
        room("deals", self.snapshot.deals.len(), items.len())?;
        for item in items {
            let deal = self.deal(item)?;
            self.snapshot.deals.push(deal);
        }
        Ok(())
    }

    fn digits(&self, symbol: &str) -> Result<u8, Failure> {
        self.snapshot.instrument(symbol).map(|instrument| instrument.digits).ok_or_else(|| {
            let text = format!("the instrument {symbol} was not handed over before its positions and deals");
            Failure::new(LB_UNKNOWN_SYMBOL, text)
        })
    }

    fn position(&self, item: &LbPosition) -> Result<Position, Failure> {
        let symbol = text("LbPosition.symbol", &item.symbol)?;
        let digits = self.digits(&symbol)?;
        let position = Position {
            id: PositionId(item.id),
            ticket: item.ticket,
            symbol,
            side: side("LbPosition.side", item.side)?,
            lots: lots("LbPosition.lots", item.lots)?,
            open_price: price("LbPosition.open_price", item.open_price, digits)?,
            open_time: ServerTime(item.open_time_ms),
            stop_loss: stop("LbPosition.stop_loss", item.stop_loss, digits)?,
            take_profit: stop("LbPosition.take_profit", item.take_profit, digits)?,
            magic: Magic(item.magic),
        };
        if !position.lots.is_positive() || item.id == 0 {
            return Err(Failure::new(LB_ARGUMENT, "LbPosition.id and LbPosition.lots must not be 0"));
        }
        Ok(position)
    }

    fn deal(&self, item: &LbDeal) -> Result<Deal, Failure> {
        let symbol = text("LbDeal.symbol", &item.symbol)?;
        let digits = self.digits(&symbol)?;
        let entry = match item.entry {
            LB_ENTRY_IN => DealEntry::In,
            LB_ENTRY_OUT => DealEntry::Out,
            LB_ENTRY_INOUT => DealEntry::InOut,
            LB_ENTRY_OUT_BY => DealEntry::OutBy,
            other => return Err(unknown("LbDeal.entry", other)),
        };
        Ok(Deal {
            ticket: item.ticket,
            position: PositionId(item.position),
            symbol,
            side: side("LbDeal.side", item.side)?,
            entry,
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
        margin_per_lot: money("LbInstrument.margin_per_lot", item.margin_per_lot, 6)?,
        stops_level_points: item.stops_level_points,
        bid: price("LbInstrument.bid", item.bid, digits)?,
        ask: price("LbInstrument.ask", item.ask, digits)?,
    };
    if !instrument.lot_step.is_positive() || !instrument.contract_size.is_positive() {
        let text = format!("{}: LbInstrument.lot_step and .contract_size must not be 0", instrument.symbol);
        return Err(Failure::new(LB_ARGUMENT, text));
    }
    Ok(instrument)
}

fn room(what: &str, have: usize, more: usize) -> Result<(), Failure> {
    if have.saturating_add(more) > ITEMS_MOST {
        return Err(Failure::new(LB_LIMIT, format!("more than {ITEMS_MOST} {what} in one state")));
    }
    Ok(())
}

fn side(field: &str, number: u32) -> Result<Side, Failure> {
    match number {
        LB_BUY => Ok(Side::Buy),
        LB_SELL => Ok(Side::Sell),
        other => Err(unknown(field, other)),
    }
}

fn small(field: &str, number: u32, most: u8) -> Result<u8, Failure> {
    u8::try_from(number)
        .ok()
        .filter(|n| *n <= most)
        .ok_or_else(|| Failure::new(LB_ARGUMENT, format!("{field} is {number}, {most} is the most")))
}

fn unknown(field: &str, number: u32) -> Failure {
    Failure::new(LB_ARGUMENT, format!("{field} is {number}: no such value"))
}
