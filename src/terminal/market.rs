//! What an account's broker offers: specifications, quotes, charges, conversion rates.

use std::collections::BTreeMap;

use super::{Terminal, TerminalError};
use crate::domain::{Instrument, Lots, Money, Price, Rate, Ratio, Side, Symbol};

/// The most symbols, and the most conversion rates, that a terminal keeps.
const MOST: usize = 10_000;

/// What a broker charges for one lot of a symbol, in the account's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Charges {
    /// What a deal costs, at the opening and again at the closing: not negative. Deals show it as a negative
    /// commission.
    pub commission_per_lot: Money,
    /// What a long position gets for a night; negative when it pays.
    pub swap_long_per_lot: Money,
    /// What a short position gets for a night; negative when it pays.
    pub swap_short_per_lot: Money,
}

impl Charges {
    pub(super) const fn swap_per_lot(&self, side: Side) -> Money {
        match side {
            Side::Buy => self.swap_long_per_lot,
            Side::Sell => self.swap_short_per_lot,
        }
    }
}

/// One symbol: its specification with the present quote, and its charges.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    pub(super) instrument: Instrument,
    pub(super) charges: Charges,
}

impl Listing {
    /// The price at which an order of this side is filled; `None` before the first quote.
    pub(super) fn market_price(&self, side: Side) -> Option<Price> {
        let price = match side {
            Side::Buy => self.instrument.ask,
            Side::Sell => self.instrument.bid,
        };
        price.is_positive().then_some(price)
    }

    /// The price at which a position of this side is closed; `None` before the first quote.
    pub(super) fn closing_price(&self, side: Side) -> Option<Price> {
        self.market_price(side.opposite())
    }
}

/// What an account's broker offers.
#[derive(Debug, Clone, Default)]
pub(super) struct Market {
    listings: BTreeMap<Symbol, Listing>,
    rates: Vec<Rate>,
}

impl Market {
    pub(super) fn find(&self, symbol: &str) -> Option<&Listing> {
        self.listings.get(symbol)
    }

    pub(super) fn listing(&self, symbol: &str) -> Result<&Listing, TerminalError> {
        self.find(symbol).ok_or_else(|| unknown(symbol))
    }

    fn listing_mut(&mut self, symbol: &str) -> Result<&mut Listing, TerminalError> {
        self.listings.get_mut(symbol).ok_or_else(|| unknown(symbol))
    }

    pub(super) fn set_quote(&mut self, symbol: &str, bid: Price, ask: Price) -> Result<(), TerminalError> {
        let instrument = &mut self.listing_mut(symbol)?.instrument;
        (instrument.bid, instrument.ask) = (bid, ask);
        Ok(())
    }

    pub(super) fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.listings.values().map(|listing| &listing.instrument)
    }

    pub(super) fn rates(&self) -> &[Rate] {
        &self.rates
    }

    fn add(&mut self, mut instrument: Instrument) -> Result<(), TerminalError> {
        check(&instrument)?;
        let symbol = instrument.symbol;
        if let Some(listing) = self.listings.get_mut(&symbol) {
            (instrument.bid, instrument.ask) = (listing.instrument.bid, listing.instrument.ask);
            listing.instrument = instrument;
            return Ok(());
        }
        if self.listings.len() >= MOST {
            return Err(TerminalError::TooMany { what: "symbols", most: MOST });
        }
        (instrument.bid, instrument.ask) = (Price::ZERO, Price::ZERO);
        self.listings.insert(symbol, Listing { instrument, charges: Charges::default() });
        Ok(())
    }
}

fn unknown(symbol: &str) -> TerminalError {
    TerminalError::UnknownSymbol { symbol: symbol.chars().take(32).collect() }
}

/// Is the specification one that can be traded by?
fn check(instrument: &Instrument) -> Result<(), TerminalError> {
    let wrong = |field, found: String, allowed| {
        Err(TerminalError::Specification { symbol: instrument.symbol, field, found, allowed })
    };
    let Instrument { digits, contract_size, tick_size, tick_value, lots_min, lots_max, lot_step, .. } =
        instrument;
    if u32::from(*digits) > Price::PLACES {
        wrong("digits", digits.to_string(), "0 to 8")
    } else if !contract_size.is_positive() {
        wrong("contract_size", contract_size.to_string(), "above zero")
    } else if !tick_size.is_positive() {
        wrong("tick_size", tick_size.to_string(), "above zero")
    } else if !tick_value.is_positive() {
        wrong("tick_value", tick_value.to_string(), "above zero")
    } else if !lot_step.is_positive() {
        wrong("lot_step", lot_step.to_string(), "above zero")
    } else if !lots_min.is_positive() {
        wrong("lots_min", lots_min.to_string(), "above zero")
    } else if lots_max < lots_min {
        wrong("lots_max", lots_max.to_string(), "at least lots_min")
    } else {
        Ok(())
    }
}

/// Does this specification allow an order of so many lots?
pub(super) fn allows_volume(instrument: &Instrument, lots: Lots) -> bool {
    (instrument.lots_min..=instrument.lots_max).contains(&lots) && lots.floor_to(instrument.lot_step) == lots
}

/// So many points, in units of [`Price`].
pub(super) fn points(instrument: &Instrument, count: u32) -> i128 {
    i128::from(instrument.point().units()) * i128::from(count)
}

impl Terminal {
    /// Adds a symbol, or replaces its specification; open positions are valued by the new one. Its quote and its
    /// margin are not taken from here: quotes come by [`Terminal::quote`], margin is computed.
    ///
    /// # Errors
    /// A specification nothing can be traded by, or more than 10,000 symbols.
    pub fn add_instrument(&mut self, instrument: Instrument) -> Result<(), TerminalError> {
        let symbol = instrument.symbol;
        self.market.add(instrument)?;
        self.revalue(&symbol)
    }

    /// What one tick of one lot is worth from now on, in the account's currency: it moves with the conversion
    /// rate where the symbol's profit is in another currency. Open positions are valued by it.
    ///
    /// # Errors
    /// An unknown symbol, or a value that is not above zero.
    pub fn set_tick_value(&mut self, symbol: &str, tick_value: Ratio) -> Result<(), TerminalError> {
        let instrument = Instrument { tick_value, ..self.market.listing(symbol)?.instrument.clone() };
        self.add_instrument(instrument)
    }

    /// What the broker charges for a symbol from now on; nothing unless set.
    ///
    /// # Errors
    /// An unknown symbol, or a negative commission.
    pub fn set_charges(&mut self, symbol: &str, charges: Charges) -> Result<(), TerminalError> {
        let listing = self.market.listing_mut(symbol)?;
        if charges.commission_per_lot.is_negative() {
            return Err(TerminalError::Specification {
                symbol: listing.instrument.symbol,
                field: "commission_per_lot",
                found: charges.commission_per_lot.to_string(),
                allowed: "zero or above: it is what a lot costs",
            });
        }
        listing.charges = charges;
        Ok(())
    }

    /// A conversion rate as snapshots report it; it replaces the one between the same two currencies. The
    /// terminal's own sums do not use it: tick values are in the account's currency.
    ///
    /// # Errors
    /// A rate that is not above zero, or more than 10,000 rates.
    pub fn set_rate(&mut self, rate: Rate) -> Result<(), TerminalError> {
        if !rate.rate.is_positive() {
            return Err(TerminalError::BadRate { from: rate.from.to_string(), to: rate.to.to_string() });
        }
        let rates = &mut self.market.rates;
        if let Some(known) = rates.iter_mut().find(|known| known.from == rate.from && known.to == rate.to) {
            *known = rate;
        } else if rates.len() >= MOST {
            return Err(TerminalError::TooMany { what: "rates", most: MOST });
        } else {
            rates.push(rate);
        }
        Ok(())
    }
}
