//! Stop loss and take profit: where they may stand.

use super::market::points;
use crate::domain::{Instrument, Price, Retcode, Side};

/// Both stops of a position, present or wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stops {
    pub(super) stop_loss: Option<Price>,
    pub(super) take_profit: Option<Price>,
}

impl Stops {
    pub(super) const NONE: Self = Self { stop_loss: None, take_profit: None };

    /// May a position of this side have them at this price: where it would be closed, or where a pending order will
    /// open it? Only what differs from `present` is asked: a stop that the price has come near may stay.
    pub(super) fn check(
        self,
        present: Self,
        instrument: &Instrument,
        side: Side,
        price: Price,
    ) -> Result<(), Retcode> {
        let stop_loss = changed(self.stop_loss, present.stop_loss);
        let take_profit = changed(self.take_profit, present.take_profit);
        let (below, above) = match side {
            Side::Buy => (stop_loss, take_profit),
            Side::Sell => (take_profit, stop_loss),
        };
        let level = points(instrument, instrument.stops_level_points);
        let allowed = |stop: Price, distance: i128| {
            stop.is_positive()
                && stop.units() % instrument.tick_size.units() == 0
                && distance > 0
                && distance >= level
        };
        if below.is_some_and(|stop| !allowed(stop, distance(price, stop)))
            || above.is_some_and(|stop| !allowed(stop, distance(stop, price)))
        {
            return Err(Retcode::INVALID_STOPS);
        }
        Ok(())
    }

    /// Is the price at which a position of this side would be closed nearer to one of them than the freeze level?
    pub(super) fn are_frozen(self, instrument: &Instrument, price: Price) -> bool {
        [self.stop_loss, self.take_profit]
            .into_iter()
            .flatten()
            .any(|stop| is_frozen(instrument, stop, price))
    }
}

fn changed(wanted: Option<Price>, present: Option<Price>) -> Option<Price> {
    if wanted == present { None } else { wanted }
}

/// How far `upper` is above `lower`, in units of [`Price`].
pub(super) fn distance(upper: Price, lower: Price) -> i128 {
    i128::from(upper.units()) - i128::from(lower.units())
}

/// Is the market nearer to this price than the freeze level?
pub(super) fn is_frozen(instrument: &Instrument, price: Price, market: Price) -> bool {
    distance(price, market).abs() < points(instrument, instrument.trading.freeze_level_points)
}
