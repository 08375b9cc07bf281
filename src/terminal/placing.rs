//! Pending orders as requests: placed, changed, cancelled.

use super::account::Terminal;
use super::market::{Listing, allows_volume, points};
use super::orders::done;
use super::rules;
use super::stops::{Stops, distance, is_frozen};
use super::waiting::{WAITING_MAX, expiry};
use crate::domain::{
    Comment, Instrument, Lots, OrderEnd, OrderRequest, OrderResult, PendingKind, PendingOrder, PendingTerms,
    PositionId, Price, Retcode, ServerTime, Side,
};

impl Terminal {
    pub(super) fn place(
        &mut self,
        request: &OrderRequest,
        side: Side,
        kind: PendingKind,
        terms: PendingTerms,
    ) -> Result<OrderResult, Retcode> {
        let listing = self.market.find(&request.symbol).ok_or(Retcode::INVALID)?;
        rules::check_mode(&listing.instrument, side)?;
        if !allows_volume(&listing.instrument, request.lots) {
            return Err(Retcode::INVALID_VOLUME);
        }
        check_price(listing, side, kind, &terms)?;
        stops_of(&terms).check(Stops::NONE, &listing.instrument, side, entry_price(&terms))?;
        let now = self.clock.unwrap_or_default();
        let expires = check_expiration(&listing.instrument, &terms, now)?;
        self.check_volume_limit(&listing.instrument, side, request.lots)?;
        if self.waiting.len() >= self.orders_most() {
            return Err(Retcode::LIMIT_ORDERS);
        }
        let ticket = self.positions.take_identifier().0;
        self.waiting.insert(
            PendingOrder {
                ticket,
                symbol: request.symbol,
                side,
                kind,
                lots: request.lots,
                terms,
                placed: now,
                magic: request.magic,
                comment: Comment::new(),
            },
            expires,
        );
        Ok(done(0, ticket, Lots::ZERO, Price::ZERO))
    }

    pub(super) fn modify_pending(
        &mut self,
        request: &OrderRequest,
        ticket: u64,
        terms: PendingTerms,
    ) -> Result<OrderResult, Retcode> {
        let (order, listing) = self.named_order(request, ticket)?;
        let present = order.terms;
        if terms == present {
            return Err(Retcode::NO_CHANGES);
        }
        check_freeze(order, listing)?;
        let prices = |terms: &PendingTerms| (terms.price, terms.limit_price);
        if prices(&terms) != prices(&present) {
            check_price(listing, order.side, order.kind, &terms)?;
        }
        stops_of(&terms).check(Stops::NONE, &listing.instrument, order.side, entry_price(&terms))?;
        let expires = check_expiration(&listing.instrument, &terms, self.clock.unwrap_or_default())?;
        self.waiting.set_terms(ticket, terms, expires);
        Ok(done(0, ticket, Lots::ZERO, Price::ZERO))
    }

    pub(super) fn cancel(&mut self, request: &OrderRequest, ticket: u64) -> Result<OrderResult, Retcode> {
        let (order, listing) = self.named_order(request, ticket)?;
        check_freeze(order, listing)?;
        let now = self.clock.unwrap_or_default();
        self.waiting.end(ticket, OrderEnd::Cancelled, PositionId(0), now);
        Ok(done(0, ticket, Lots::ZERO, Price::ZERO))
    }

    /// The waiting order that a request names by ticket and symbol.
    fn named_order(&self, request: &OrderRequest, ticket: u64) -> Result<(&PendingOrder, &Listing), Retcode> {
        let listing = self.market.find(&request.symbol).ok_or(Retcode::INVALID)?;
        let order = self.waiting.get(ticket).ok_or(Retcode::INVALID)?;
        if order.symbol != request.symbol {
            return Err(Retcode::INVALID);
        }
        rules::check_enabled(&listing.instrument)?;
        Ok((order, listing))
    }

    /// How many orders may wait at once.
    fn orders_most(&self) -> usize {
        match usize::try_from(self.settings.pending_orders_max) {
            Ok(0) | Err(_) => WAITING_MAX,
            Ok(most) => most.min(WAITING_MAX),
        }
    }
}

/// Where an order of these terms opens its position: the stops count from there.
fn entry_price(terms: &PendingTerms) -> Price {
    terms.limit_price.unwrap_or(terms.price)
}

pub(super) fn stops_of(terms: &PendingTerms) -> Stops {
    Stops { stop_loss: terms.stop_loss, take_profit: terms.take_profit }
}

/// Does an order at this price wait at the present quote, off the market by the stops level? The limit of a stop-limit
/// order stands off its stop as far, on the side that a limit order waits on once the stop is reached.
fn check_price(
    listing: &Listing,
    side: Side,
    kind: PendingKind,
    terms: &PendingTerms,
) -> Result<(), Retcode> {
    let market = listing.market_price(side).ok_or(Retcode::PRICE_OFF)?;
    let instrument = &listing.instrument;
    let level = points(instrument, instrument.stops_level_points).max(1);
    // How much worse than the market the order waits for; a limit order for a better price.
    let worse = distance(terms.price, market) * i128::from(side.sign());
    let waits = if kind == PendingKind::Limit { -worse } else { worse };
    let limit_waits = match (kind, terms.limit_price) {
        (PendingKind::StopLimit, Some(limit)) => {
            on_grid(instrument, limit) && distance(terms.price, limit) * i128::from(side.sign()) >= level
        }
        (PendingKind::StopLimit, None) => false,
        (_, limit) => limit.is_none(),
    };
    if on_grid(instrument, terms.price) && waits >= level && limit_waits {
        Ok(())
    } else {
        Err(Retcode::INVALID_PRICE)
    }
}

/// Is the market near the order's price, where it may not be changed?
fn check_freeze(order: &PendingOrder, listing: &Listing) -> Result<(), Retcode> {
    let market = listing.market_price(order.side).ok_or(Retcode::PRICE_OFF)?;
    let frozen = is_frozen(&listing.instrument, order.terms.price, market);
    if frozen { Err(Retcode::FROZEN) } else { Ok(()) }
}

fn on_grid(instrument: &Instrument, price: Price) -> bool {
    price.is_positive() && price.units() % instrument.tick_size.units() == 0
}

/// When an order of these terms expires; its symbol must take that, and its time must not be up already.
fn check_expiration(
    instrument: &Instrument,
    terms: &PendingTerms,
    now: ServerTime,
) -> Result<Option<ServerTime>, Retcode> {
    let expires = expiry(terms.expiration, now);
    if !instrument.trading.takes(terms.expiration) || expires.is_some_and(|time| time <= now) {
        return Err(Retcode::INVALID_EXPIRATION);
    }
    Ok(expires)
}
