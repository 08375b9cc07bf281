//! `OrderSend`: what is asked for goes to its own place; market orders, closes by ticket and stops are here.

use super::account::Terminal;
use super::faults::Chance;
use super::fills::{Effect, Fill};
use super::market::{Listing, allows_volume, points};
use super::positions::OpenPosition;
use super::stops::Stops;
use super::{Answer, TerminalError, TerminalSettings, rules};
use crate::domain::{
    Filling, Instrument, Lots, OrderAction, OrderRequest, OrderResult, Price, Retcode, ServerTime, Side,
};

/// What came of a request, and how long the broker took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execution {
    /// MetaTrader's answer.
    pub result: OrderResult,
    /// Milliseconds that the answer takes; the terminal itself does not wait.
    pub delay_ms: u32,
}

impl Terminal {
    /// A trade request. A time before the account's clock is taken as the clock: the server's own time counts.
    ///
    /// | answer | when |
    /// | --- | --- |
    /// | `DONE` | executed; a pending order was placed, changed or cancelled, as MetaTrader's own `OrderSend` answers it (`PLACED` is for `OrderSendAsync`) |
    /// | `DONE_PARTIAL` | by fault: an immediate-or-cancel order got a part |
    /// | `PLACED` | by fault: a market order waits for the next quote or for time to pass, or longer; any other request was executed |
    /// | `NO_CHANGES` | a modification to what is there already |
    /// | `INVALID` | an unknown symbol, or not the position's or the order's; no pending order that waits has this ticket |
    /// | `INVALID_VOLUME` | not between minimum and maximum, not a multiple of the step (a position that one order may hold can be closed whole, whatever minimum and step) |
    /// | `INVALID_CLOSE_VOLUME` | more than is open |
    /// | `POSITION_CLOSED` | no open position has this ticket |
    /// | `INVALID_PRICE` | a negative price asked for, or slippage took the price to zero; a pending order that is no multiple of the tick size, on the wrong side of the quote, or within the stops level of it; a stop-limit order whose limit is not beyond its stop by as much, or any other with one |
    /// | `INVALID_STOPS` | a new stop is no multiple of the tick size, on the wrong side of the price at which the position would be closed (of the price at which a pending order opens it), or within the stops level of it; stops in an opening request where market execution refuses them |
    /// | `INVALID_EXPIRATION` | the symbol's orders do not wait so, or the time is up already |
    /// | `INVALID_FILL` | the symbol does not fill market orders so |
    /// | `TRADE_DISABLED`, `LONG_ONLY`, `SHORT_ONLY`, `CLOSE_ONLY` | the symbol's trade mode; what only reduces a netting position closes |
    /// | `MARKET_CLOSED` | outside the sessions |
    /// | `FROZEN` | the market is nearer than the freeze level to the pending order, or to a stop of the position that shall be changed or closed |
    /// | `PRICE_OFF` | no quote yet |
    /// | `REQUOTE` | under instant execution and on request: with slippage, the price is further from the asked one than the deviation |
    /// | `NO_MONEY` | the margin needed for what is added is more than is free; a pending order needs it when it is filled |
    /// | `LIMIT_POSITIONS` | 10,000 positions are open |
    /// | `LIMIT_ORDERS` | as many pending orders wait as the settings allow, 10,000 at most |
    /// | `LIMIT_VOLUME` | more of one side than the symbol's volume limit, pending orders included |
    /// | `TOO_MANY_REQUESTS` | 10,000 placed market orders wait |
    /// | `CONNECTION` | the terminal is disconnected |
    /// | `REJECT` | the history is full (1,000,000 entries), or an amount is beyond what money holds |
    /// | any | by fault: see [`Answer`] |
    pub fn order_send(&mut self, time: ServerTime, request: &OrderRequest) -> Execution {
        let TerminalSettings { slippage_points_max, delay_ms_max, .. } = self.settings;
        let chance = Chance::draw(&mut self.random, &mut self.faults, slippage_points_max, delay_ms_max);
        let time = self.clock.map_or(time, |now| now.max(time));
        let result = self.answered(time, request, chance).unwrap_or_else(OrderResult::refused);
        Execution { result, delay_ms: chance.delay_ms }
    }

    /// The request as the broker's answer has it.
    fn answered(
        &mut self,
        time: ServerTime,
        request: &OrderRequest,
        chance: Chance,
    ) -> Result<OrderResult, Retcode> {
        self.advance(time).map_err(rejected)?;
        if !self.connected {
            return Err(Retcode::CONNECTION);
        }
        match self.answer(&chance) {
            Answer::Plain => self.execute(request, chance.whole(), None),
            Answer::Partial => self.execute(request, chance, None),
            Answer::Refused(code) => Err(code),
            Answer::Hidden(code) => {
                // The sender never learns which.
                let _result = self.execute(request, chance.whole(), None);
                Err(code)
            }
            Answer::Placed => self.placed(request, chance, 0),
            Answer::Working { ms } => self.placed(request, chance, ms),
        }
    }

    fn placed(
        &mut self,
        request: &OrderRequest,
        chance: Chance,
        for_ms: u32,
    ) -> Result<OrderResult, Retcode> {
        if let Some(accepted) = self.accept(request, chance.whole(), for_ms) {
            return accepted.and(Err(Retcode::PLACED));
        }
        let result = self.execute(request, chance.whole(), None)?;
        Ok(OrderResult { retcode: Retcode::PLACED, ..result })
    }

    /// `ticket`: what was accepted has had it since.
    pub(super) fn execute(
        &mut self,
        request: &OrderRequest,
        chance: Chance,
        ticket: Option<u64>,
    ) -> Result<OrderResult, Retcode> {
        self.check_market_open()?;
        match request.action {
            OrderAction::Open { side, stop_loss, take_profit } => {
                self.open_market(request, side, Stops { stop_loss, take_profit }, chance, ticket)
            }
            OrderAction::Close { ticket } => self.close_market(request, ticket, chance),
            OrderAction::Modify { ticket, stop_loss, take_profit } => {
                self.modify(request, ticket, Stops { stop_loss, take_profit })
            }
            OrderAction::Place { side, kind, terms } => self.place(request, side, kind, terms),
            OrderAction::ModifyPending { ticket, terms } => self.modify_pending(request, ticket, terms),
            OrderAction::Cancel { ticket } => self.cancel(request, ticket),
        }
    }

    fn open_market(
        &mut self,
        request: &OrderRequest,
        side: Side,
        stops: Stops,
        chance: Chance,
        ticket: Option<u64>,
    ) -> Result<OrderResult, Retcode> {
        let listing = self.market.find(&request.symbol).ok_or(Retcode::INVALID)?;
        let instrument = &listing.instrument;
        let effect = self.effect(&request.symbol, side, request.lots);
        rules::check_mode_of(instrument, side, effect)?;
        if !allows_volume(instrument, request.lots) {
            return Err(Retcode::INVALID_VOLUME);
        }
        let closing = listing.closing_price(side).ok_or(Retcode::PRICE_OFF)?;
        stops.check(Stops::NONE, instrument, side, closing)?;
        self.check_opening_rules(instrument, request, side, effect, stops)?;
        let price = fill_price(request, listing, side, chance.slippage_points)?;
        let lots = filled(request, instrument, chance);
        // A part of what would reverse a position may only reduce it.
        let effect = self.effect(&request.symbol, side, lots);
        self.check_fill(listing, effect, lots, price)?;
        let order = ticket.unwrap_or_else(|| self.positions.take_identifier().0);
        let fill = Fill { order, symbol: request.symbol, side, lots, price, magic: request.magic, stops };
        let deal = self.book_fill(effect, &fill).map_err(rejected)?;
        let ticket = match effect {
            Effect::Opens | Effect::Reverses(_) => order,
            Effect::Adds(ticket) | Effect::Reduces(ticket) => ticket,
        };
        Ok(executed(request, deal.ticket, ticket, lots, price))
    }

    fn close_market(
        &mut self,
        request: &OrderRequest,
        ticket: u64,
        chance: Chance,
    ) -> Result<OrderResult, Retcode> {
        let (open, listing) = self.named(request, ticket)?;
        let (position, instrument) = (&open.position, &listing.instrument);
        if request.lots > position.lots {
            return Err(Retcode::INVALID_CLOSE_VOLUME);
        }
        let whole = request.lots == position.lots && request.lots <= instrument.lots_max;
        if !whole && !allows_volume(instrument, request.lots) {
            return Err(Retcode::INVALID_VOLUME);
        }
        rules::check_filling(instrument, request.filling)?;
        rules::check_freeze(listing, position)?;
        let price = fill_price(request, listing, position.side.opposite(), chance.slippage_points)?;
        let lots = filled(request, instrument, chance);
        self.history.check_room().map_err(rejected)?;
        let deal = self.close_with_charges(ticket, lots, price, request.magic).map_err(rejected)?;
        Ok(executed(request, deal.ticket, ticket, lots, price))
    }

    fn modify(&mut self, request: &OrderRequest, ticket: u64, stops: Stops) -> Result<OrderResult, Retcode> {
        let (open, listing) = self.named(request, ticket)?;
        let position = &open.position;
        let present = Stops { stop_loss: position.stop_loss, take_profit: position.take_profit };
        if stops == present {
            return Err(Retcode::NO_CHANGES);
        }
        rules::check_freeze(listing, position)?;
        let closing = listing.closing_price(position.side).ok_or(Retcode::PRICE_OFF)?;
        stops.check(present, &listing.instrument, position.side, closing)?;
        let open = self.positions.get_mut(ticket).ok_or(Retcode::POSITION_CLOSED)?;
        (open.position.stop_loss, open.position.take_profit) = (stops.stop_loss, stops.take_profit);
        Ok(done(0, ticket, Lots::ZERO, Price::ZERO))
    }

    /// The open position that a request names by ticket and symbol.
    fn named(&self, request: &OrderRequest, ticket: u64) -> Result<(&OpenPosition, &Listing), Retcode> {
        let listing = self.market.find(&request.symbol).ok_or(Retcode::INVALID)?;
        let open = self.positions.get(ticket).ok_or(Retcode::POSITION_CLOSED)?;
        if open.position.symbol != request.symbol {
            return Err(Retcode::INVALID);
        }
        rules::check_enabled(&listing.instrument)?;
        Ok((open, listing))
    }
}

/// The price at which an order of this side is filled: the quote, worse by the slippage in whole ticks (rounded
/// down).
fn fill_price(
    request: &OrderRequest,
    listing: &Listing,
    side: Side,
    slippage_points: u32,
) -> Result<Price, Retcode> {
    let instrument = &listing.instrument;
    let market = listing.market_price(side).ok_or(Retcode::PRICE_OFF)?;
    if request.price.is_negative() {
        return Err(Retcode::INVALID_PRICE);
    }
    let slippage = points(instrument, slippage_points);
    let slippage = slippage - slippage % i128::from(instrument.tick_size.units());
    let filled = i128::from(market.units()) + slippage * i128::from(side.sign());
    let price = i64::try_from(filled).map(Price::from_units).map_err(|_| Retcode::INVALID_PRICE)?;
    if !price.is_positive() {
        return Err(Retcode::INVALID_PRICE);
    }
    let away = (filled - i128::from(request.price.units())).abs();
    if rules::keeps_asked_price(instrument)
        && !request.price.is_zero()
        && away > points(instrument, request.deviation_points)
    {
        return Err(Retcode::REQUOTE);
    }
    Ok(price)
}

/// How much of a market order is executed.
fn filled(request: &OrderRequest, instrument: &Instrument, chance: Chance) -> Lots {
    if request.filling == Filling::ImmediateOrCancel {
        chance.part_of(request.lots, instrument.lots_min, instrument.lot_step)
    } else {
        request.lots
    }
}

/// `DONE`, or `DONE_PARTIAL` when it was less than asked for.
fn executed(request: &OrderRequest, deal: u64, ticket: u64, lots: Lots, price: Price) -> OrderResult {
    let retcode = if lots < request.lots { Retcode::DONE_PARTIAL } else { Retcode::DONE };
    OrderResult { retcode, ..done(deal, ticket, lots, price) }
}

pub(super) const fn done(deal: u64, ticket: u64, lots: Lots, price: Price) -> OrderResult {
    OrderResult { retcode: Retcode::DONE, deal, ticket, lots, price }
}

/// What the account cannot hold, the server does not execute.
pub(super) fn rejected(_: TerminalError) -> Retcode {
    Retcode::REJECT
}
