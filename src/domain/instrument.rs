//! A symbol's specification as one account's broker gives it.

use serde::{Deserialize, Serialize};

use super::{Currency, Expiration, Lots, Money, Price, Ratio, Side, Symbol};

/// A symbol's specification as one account's broker gives it, with the last quote seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// The broker's name for it.
    pub symbol: Symbol,
    /// Decimal places of its prices, at most 8.
    pub digits: u8,
    /// What one lot is of: 100 ounces, 100,000 of the base currency.
    pub contract_size: Ratio,
    /// The least change of its price.
    pub tick_size: Price,
    /// What one tick of one lot is worth, in the account's currency.
    pub tick_value: Ratio,
    /// The least volume of an order.
    pub lots_min: Lots,
    /// The largest volume of an order.
    pub lots_max: Lots,
    /// Volumes are multiples of this.
    pub lot_step: Lots,
    /// Margin that one lot needs at the present price, in the account's currency; zero when unknown.
    pub margin_per_lot: Money,
    /// Stops keep at least this many points from the price.
    pub stops_level_points: u32,
    /// The price to sell at; zero when there was no quote yet.
    pub bid: Price,
    /// The price to buy at; zero when there was no quote yet.
    pub ask: Price,
    /// What the broker lets an order of this symbol do.
    #[serde(default)]
    pub trading: TradeRules,
}

/// What a broker lets orders of a symbol do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TradeRules {
    /// `SYMBOL_TRADE_MODE`.
    pub mode: TradeMode,
    /// `SYMBOL_TRADE_EXEMODE`.
    pub execution: Execution,
    /// `SYMBOL_FILLING_MODE`: a bit mask, 1 fill or kill, 2 immediate or cancel, 4 book or cancel.
    pub filling_modes: u32,
    /// `SYMBOL_TRADE_FREEZE_LEVEL`: nearer to its price than so many points, an order or stop cannot be changed.
    pub freeze_level_points: u32,
    /// `SYMBOL_EXPIRATION_MODE`: a bit mask, 1 until cancelled, 2 for the day, 4 until a moment, 8 until the end of a day;
    /// zero when unknown.
    #[serde(default)]
    pub expiration_modes: u32,
    /// `SYMBOL_VOLUME_LIMIT`: the most in one direction, pending orders included; zero for no limit.
    pub volume_limit: Lots,
}

/// What may be traded: `SYMBOL_TRADE_MODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeMode {
    /// Everything.
    #[default]
    Full,
    /// Nothing.
    Disabled,
    /// Long positions only.
    LongOnly,
    /// Short positions only.
    ShortOnly,
    /// Closing only.
    CloseOnly,
}

/// How a broker executes: `SYMBOL_TRADE_EXEMODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Execution {
    /// At the price that was asked for, or a requote.
    #[default]
    Instantly,
    /// As `Instantly`, with the price asked for first.
    Request,
    /// At the broker's price. Many refuse stops in the opening request.
    Market,
    /// On an exchange.
    Exchange,
}

/// What becomes of a volume that cannot be filled at once: `ORDER_TYPE_FILLING`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filling {
    /// All or nothing.
    #[default]
    FillOrKill,
    /// What can be had at once; the rest is cancelled.
    ImmediateOrCancel,
    /// What can be had at once; the rest stays in the market.
    Return,
}

impl TradeMode {
    /// May a position of this side be opened?
    pub const fn opens(self, side: Side) -> bool {
        match self {
            Self::Full => true,
            Self::Disabled | Self::CloseOnly => false,
            Self::LongOnly => matches!(side, Side::Buy),
            Self::ShortOnly => matches!(side, Side::Sell),
        }
    }
}

impl TradeRules {
    /// The filling of a market order: fill or kill where it is allowed, then immediate or cancel, then return, which
    /// market execution refuses (mql5.com, "Order properties").
    pub const fn market_filling(&self) -> Filling {
        if self.filling_modes & 1 != 0 {
            Filling::FillOrKill
        } else if self.filling_modes & 2 != 0 {
            Filling::ImmediateOrCancel
        } else if matches!(self.execution, Execution::Market) {
            // Market execution takes no `Return`, whatever its mask leaves out.
            Filling::FillOrKill
        } else {
            Filling::Return
        }
    }

    /// May a pending order wait so long?
    pub const fn takes(&self, expiration: Expiration) -> bool {
        let bit = match expiration {
            Expiration::Gtc => 1,
            Expiration::Day => 2,
            Expiration::Specified(_) => 4,
            Expiration::SpecifiedDay(_) => 8,
        };
        self.expiration_modes == 0 || self.expiration_modes & bit != 0
    }

    /// How long a copy of an order waits: as long as the order, where the broker takes that; else until it is cancelled,
    /// which it is when the master's ends. Where it takes neither, what is asked for stays, to be refused by name.
    #[must_use]
    pub const fn expiration_of_copy(&self, wanted: Expiration) -> Expiration {
        if !self.takes(wanted) && self.takes(Expiration::Gtc) { Expiration::Gtc } else { wanted }
    }
}

impl Instrument {
    /// One point: the last decimal place of a price.
    pub const fn point(&self) -> Price {
        Price::from_units(10_i64.pow(Price::PLACES.saturating_sub(self.digits as u32)))
    }

    /// The multiple of the tick size that is nearest to `price`, half away from zero; `price` itself when the
    /// tick size is unknown.
    pub const fn round_to_tick(&self, price: Price) -> Price {
        let tick = self.tick_size.units();
        if tick <= 0 {
            return price;
        }
        Price::from_units((price.units().saturating_add(tick / 2)).div_euclid(tick).saturating_mul(tick))
    }
}

/// What one unit of `from` is in `to`, as a terminal quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The currency that one unit is of.
    pub from: Currency,
    /// The currency that it is worth `rate` of.
    pub to: Currency,
    /// Positive.
    pub rate: Ratio,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `SYMBOL_FILLING_MODE` and `SYMBOL_TRADE_EXEMODE` leave for an order at market. The mask: 1 FOK, 2 IOC, 4 BOC,
    /// which is for pending orders.
    #[test]
    fn an_order_at_market_is_filled_as_its_symbol_allows() {
        use Execution::{Exchange, Instantly, Market, Request};
        use Filling::{FillOrKill as Fok, ImmediateOrCancel as Ioc, Return};
        for (mask, execution, filling) in [
            (1, Market, Fok),
            (2, Market, Ioc),
            (3, Market, Fok),
            (5, Market, Fok),
            (6, Market, Ioc),
            (7, Market, Fok),
            (0, Market, Fok),
            (4, Market, Fok),
            (0, Instantly, Return),
            (1, Instantly, Fok),
            (2, Instantly, Ioc),
            (3, Instantly, Fok),
            (0, Request, Return),
            (1, Request, Fok),
            (2, Request, Ioc),
            (0, Exchange, Return),
            (4, Exchange, Return),
            (1, Exchange, Fok),
            (2, Exchange, Ioc),
            (6, Exchange, Ioc),
            (8, Exchange, Return),
        ] {
            let rules = TradeRules { execution, filling_modes: mask, ..TradeRules::default() };
            assert_eq!(rules.market_filling(), filling, "mask {mask}, {execution:?}");
        }
    }

    /// What `SYMBOL_EXPIRATION_MODE` leaves of the time that an order shall wait. The mask: 1 GTC, 2 day, 4 specified, 8
    /// specified day.
    #[test]
    fn an_order_waits_as_its_symbol_allows() {
        use crate::domain::ServerTime;
        let (until, day) = (Expiration::Specified(ServerTime(9)), Expiration::SpecifiedDay(ServerTime(9)));
        let (gtc, today) = (Expiration::Gtc, Expiration::Day);
        for (mask, of_gtc, of_today, of_until, of_day) in [
            (0, gtc, today, until, day),
            (15, gtc, today, until, day),
            (1, gtc, gtc, gtc, gtc),
            (3, gtc, today, gtc, gtc),
            (5, gtc, gtc, until, gtc),
            (9, gtc, gtc, gtc, day),
            // Until cancelled is not taken: what is refused stays as it was asked for.
            (2, gtc, today, until, day),
            (12, gtc, today, until, day),
        ] {
            let rules = TradeRules { expiration_modes: mask, ..TradeRules::default() };
            let found = [gtc, today, until, day].map(|wanted| rules.expiration_of_copy(wanted));
            assert_eq!(found, [of_gtc, of_today, of_until, of_day], "mask {mask}");
        }
    }

    #[test]
    fn a_trade_mode_opens_what_it_says() {
        for (mode, long, short) in [
            (TradeMode::Full, true, true),
            (TradeMode::Disabled, false, false),
            (TradeMode::LongOnly, true, false),
            (TradeMode::ShortOnly, false, true),
            (TradeMode::CloseOnly, false, false),
        ] {
            assert_eq!((mode.opens(Side::Buy), mode.opens(Side::Sell)), (long, short), "{mode:?}");
        }
    }
}
