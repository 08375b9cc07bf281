//! `OrderSend`: market orders, closes by ticket, stops.

use super::account::Terminal;
use super::history::Opening;
use super::market::{Listing, allows_volume};
use super::positions::OpenPosition;
use super::{TerminalError, valuation};
use crate::domain::{
    Comment, Instrument, Lots, OrderAction, OrderRequest, OrderResult, Position, Price, Retcode, ServerTime,
    Side,
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
    /// | `DONE` | executed |
    /// | `NO_CHANGES` | a modification to the stops the position has |
    /// | `INVALID` | an unknown symbol, or not the position's |
    /// | `INVALID_VOLUME` | not between minimum and maximum, not a multiple of the step (a position can always be closed whole) |
    /// | `INVALID_CLOSE_VOLUME` | more than is open |
    /// | `POSITION_CLOSED` | no open position has this ticket |
    /// | `INVALID_PRICE` | a negative price asked for, or slippage took the price to zero |
    /// | `INVALID_STOPS` | a new stop is no multiple of the tick size, on the wrong side of the price at which the position would be closed, or within the stops level of it |
    /// | `PRICE_OFF` | no quote yet |
    /// | `REQUOTE` | with slippage, the price is further from the asked one than the deviation |
    /// | `NO_MONEY` | the margin needed is more than is free |
    /// | `LIMIT_POSITIONS` | 10,000 positions are open |
    /// | `REJECT` | the history is full (1,000,000 entries), or an amount is beyond what money holds |
    pub fn order_send(&mut self, time: ServerTime, request: &OrderRequest) -> Execution {
        // Drawn for every request, executed or not, so that one refusal does not change what the others get.
        let slippage_points = self.random.up_to(self.settings.slippage_points_max);
        let delay_ms = self.random.up_to(self.settings.delay_ms_max);
        let time = self.clock.map_or(time, |now| now.max(time));
        let result = self.execute(time, request, slippage_points).unwrap_or_else(OrderResult::refused);
        Execution { result, delay_ms }
    }

    fn execute(
        &mut self,
        time: ServerTime,
        request: &OrderRequest,
        slippage_points: u32,
    ) -> Result<OrderResult, Retcode> {
        self.advance(time).map_err(rejected)?;
        match request.action {
            OrderAction::Open { side, stop_loss, take_profit } => {
                self.open_market(request, side, Stops { stop_loss, take_profit }, slippage_points)
            }
            OrderAction::Close { ticket } => self.close_market(request, ticket, slippage_points),
            OrderAction::Modify { ticket, stop_loss, take_profit } => {
                self.modify(request, ticket, Stops { stop_loss, take_profit })
            }
            OrderAction::Place { .. } | OrderAction::ModifyPending { .. } | OrderAction::Cancel { .. } => {
                Err(Retcode::INVALID_ORDER)
            }
        }
    }

    fn open_market(
        &mut self,
        request: &OrderRequest,
        side: Side,
        stops: Stops,
        slippage_points: u32,
    ) -> Result<OrderResult, Retcode> {
        let listing = self.market.find(&request.symbol).ok_or(Retcode::INVALID)?;
        if !allows_volume(&listing.instrument, request.lots) {
            return Err(Retcode::INVALID_VOLUME);
        }
        stops.check(Stops::NONE, listing, side)?;
        let price = fill_price(request, listing, side, slippage_points)?;
        if self.positions.is_full() {
            return Err(Retcode::LIMIT_POSITIONS);
        }
        self.check_margin(&listing.instrument, request.lots, price)?;
        self.history.check_room().map_err(rejected)?;
        let commission = self.commission(listing, request.lots).map_err(rejected)?;
        let id = self.positions.next_identifier();
        let position = Position {
            id,
            ticket: id.0,
            symbol: request.symbol,
            side,
            lots: request.lots,
            open_price: price,
            open_time: self.clock.unwrap_or_default(),
            stop_loss: stops.stop_loss,
            take_profit: stops.take_profit,
            magic: request.magic,
            comment: Comment::new(),
        };
        let deal = self.book_opening(Opening { position, commission, recorded: false }).map_err(rejected)?;
        Ok(done(deal.ticket, id.0, request.lots, price))
    }

    fn close_market(
        &mut self,
        request: &OrderRequest,
        ticket: u64,
        slippage_points: u32,
    ) -> Result<OrderResult, Retcode> {
        let (open, listing) = self.named(request, ticket)?;
        let position = &open.position;
        if request.lots > position.lots {
            return Err(Retcode::INVALID_CLOSE_VOLUME);
        }
        if request.lots != position.lots && !allows_volume(&listing.instrument, request.lots) {
            return Err(Retcode::INVALID_VOLUME);
        }
        let price = fill_price(request, listing, position.side.opposite(), slippage_points)?;
        self.history.check_room().map_err(rejected)?;
        let deal = self.close_with_charges(ticket, request.lots, price, request.magic).map_err(rejected)?;
        Ok(done(deal.ticket, ticket, request.lots, price))
    }

    fn modify(&mut self, request: &OrderRequest, ticket: u64, stops: Stops) -> Result<OrderResult, Retcode> {
        let (open, listing) = self.named(request, ticket)?;
        let position = &open.position;
        let present = Stops { stop_loss: position.stop_loss, take_profit: position.take_profit };
        if stops == present {
            return Err(Retcode::NO_CHANGES);
        }
        stops.check(present, listing, position.side)?;
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
        Ok((open, listing))
    }

    fn check_margin(&self, instrument: &Instrument, lots: Lots, price: Price) -> Result<(), Retcode> {
        let (leverage, digits) = (self.settings.leverage, self.settings.currency_digits);
        let needed = valuation::margin(instrument, lots, price, leverage, digits).saturating();
        let free = self.equity().saturating_sub(self.margin());
        if needed > free { Err(Retcode::NO_MONEY) } else { Ok(()) }
    }
}

/// Both stops of a position, present or wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stops {
    stop_loss: Option<Price>,
    take_profit: Option<Price>,
}

impl Stops {
    const NONE: Self = Self { stop_loss: None, take_profit: None };

    /// May a position of this side have them at the present quote? Only what differs from `present` is asked:
    /// a stop that the price has come near may stay.
    fn check(self, present: Self, listing: &Listing, side: Side) -> Result<(), Retcode> {
        let price = listing.closing_price(side).ok_or(Retcode::PRICE_OFF)?;
        let (below, above) = match side {
            Side::Buy => {
                (changed(self.stop_loss, present.stop_loss), changed(self.take_profit, present.take_profit))
            }
            Side::Sell => {
                (changed(self.take_profit, present.take_profit), changed(self.stop_loss, present.stop_loss))
            }
        };
        let instrument = &listing.instrument;
        let level = points(instrument, instrument.stops_level_points);
        let allowed = |stop: Price, distance: i128| {
            stop.is_positive()
                && stop.units() % instrument.tick_size.units() == 0
                && distance > 0
                && distance >= level
        };
        let (price_units, units) = (i128::from(price.units()), |stop: Price| i128::from(stop.units()));
        if below.is_some_and(|stop| !allowed(stop, price_units - units(stop)))
            || above.is_some_and(|stop| !allowed(stop, units(stop) - price_units))
        {
            return Err(Retcode::INVALID_STOPS);
        }
        Ok(())
    }
}

fn changed(wanted: Option<Price>, present: Option<Price>) -> Option<Price> {
    if wanted == present { None } else { wanted }
}

/// So many points, in units of [`Price`].
fn points(instrument: &Instrument, count: u32) -> i128 {
    i128::from(instrument.point().units()) * i128::from(count)
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
    if !request.price.is_zero() && away > points(instrument, request.deviation_points) {
        return Err(Retcode::REQUOTE);
    }
    Ok(price)
}

const fn done(deal: u64, ticket: u64, lots: Lots, price: Price) -> OrderResult {
    OrderResult { retcode: Retcode::DONE, deal, ticket, lots, price }
}

/// What the account cannot hold, the server does not execute.
fn rejected(_: TerminalError) -> Retcode {
    Retcode::REJECT
}
