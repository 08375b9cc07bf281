//! The arithmetic of an account, in 256-bit integers. One rounding: half to even, to the currency's digits.
//!
//! The products here have at most three 64-bit factors and a power of ten (about 215 bits): they cannot overflow.

use std::cmp::Ordering;

use ethnum::I256;

use crate::domain::{Instrument, Lots, Money, Price, Ratio, ServerTime, Side};

/// An amount in units of [`Money`], before it is known to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount(I256);

impl Amount {
    /// The amount, or `None` beyond the range: for what is booked.
    pub(super) fn exact(self) -> Option<Money> {
        i64::try_from(self.0).ok().map(Money::from_units)
    }

    /// The amount, at the range's end when it is beyond: for what is shown.
    pub(super) fn saturating(self) -> Money {
        self.exact().unwrap_or_else(|| {
            Money::from_units(if self.0 < I256::from(0_i64) { -i64::MAX } else { i64::MAX })
        })
    }

    /// `numerator / denominator` whole units of a currency, rounded half to even to `digits` (at most 6). The
    /// denominator is above zero.
    fn half_even(numerator: I256, denominator: I256, digits: u8) -> Self {
        let digits = u32::from(digits).min(Money::PLACES);
        let minor = divide_half_even(numerator * ten_to(digits), denominator);
        Self(minor * ten_to(Money::PLACES - digits))
    }
}

fn ten_to(exponent: u32) -> I256 {
    I256::from(10_i64).pow(exponent)
}

/// The quotient, half to even. The denominator is above zero.
fn divide_half_even(numerator: I256, denominator: I256) -> I256 {
    let (quotient, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    let up = match (rest * I256::from(2_i64)).cmp(&denominator) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => quotient.rem_euclid(I256::from(2_i64)) != I256::from(0_i64),
    };
    quotient + I256::from(i64::from(up))
}

/// `side × (close − open) / tick_size × tick_value × lots`.
///
/// For XAUUSD (tick 0.01, worth 1.00 per lot) that is `side × (close − open) × lots × 100`.
pub(super) fn profit(
    instrument: &Instrument,
    side: Side,
    lots: Lots,
    open: Price,
    close: Price,
    digits: u8,
) -> Amount {
    let move_units = (i128::from(close.units()) - i128::from(open.units())) * i128::from(side.sign());
    value(instrument, I256::from(move_units), lots, 1, digits)
}

/// `lots × (price / tick_size × tick_value) / leverage`: the value of the contract in the account's currency,
/// by the leverage. An [`Instrument`] names no currencies; its tick value carries the conversion.
pub(super) fn margin(instrument: &Instrument, lots: Lots, price: Price, leverage: u32, digits: u8) -> Amount {
    value(instrument, I256::from(price.units()), lots, leverage, digits)
}

/// `price_units / tick_size × tick_value × lots / divisor`. Tick size and divisor are above zero: the market and
/// the settings were checked.
fn value(instrument: &Instrument, price_units: I256, lots: Lots, divisor: u32, digits: u8) -> Amount {
    let numerator = price_units * I256::from(instrument.tick_value.units()) * I256::from(lots.units());
    // Price by tick size has no unit; what remains is the unit of the tick value times that of the lots.
    let denominator = I256::from(instrument.tick_size.units())
        * I256::from(i64::from(divisor))
        * ten_to(Ratio::PLACES + Lots::PLACES);
    Amount::half_even(numerator, denominator, digits)
}

/// `amount × lots`, where `amount` is of one lot.
pub(super) fn per_lot(amount: Money, lots: Lots, digits: u8) -> Amount {
    let numerator = I256::from(amount.units()) * I256::from(lots.units());
    Amount::half_even(numerator, ten_to(Money::PLACES + Lots::PLACES), digits)
}

/// `amount × part / whole`; all of it when the part is the whole.
pub(super) fn share(amount: Money, part: Lots, whole: Lots, digits: u8) -> Amount {
    if part >= whole {
        return Amount(I256::from(amount.units()));
    }
    let numerator = I256::from(amount.units()) * I256::from(part.units());
    Amount::half_even(numerator, I256::from(whole.units()) * ten_to(Money::PLACES), digits)
}

/// The mean of two prices by their volumes, half to even to the last place of [`Price`]. One volume at least is above
/// zero, neither below.
pub(super) fn mean_price((first, lots): (Price, Lots), (second, more): (Price, Lots)) -> Price {
    let weighted = |price: Price, lots: Lots| I256::from(price.units()) * I256::from(lots.units());
    let whole = I256::from(lots.units()) + I256::from(more.units());
    let mean = divide_half_even(weighted(first, lots) + weighted(second, more), whole);
    // Between the two: it fits.
    Price::from_units(i64::try_from(mean).unwrap_or(i64::MAX))
}

/// `amount × numerator / denominator` to the last place of [`Money`]. The denominator is above zero.
pub(super) fn scale(amount: Money, numerator: Money, denominator: Money) -> Amount {
    let product = I256::from(amount.units()) * I256::from(numerator.units());
    Amount(divide_half_even(product, I256::from(denominator.units())))
}

/// How many percent `part` is of `whole` (above zero), to 8 decimal places, at most what [`Ratio`] holds.
pub(super) fn percent(part: Money, whole: Money) -> Ratio {
    let numerator = I256::from(part.units()) * I256::from(100_i64) * I256::from(Ratio::ONE);
    let percent = divide_half_even(numerator, I256::from(whole.units()));
    Ratio::from_units(i64::try_from(percent).unwrap_or(i64::MAX))
}

/// Nights of swap between two moments: one at each server midnight, none at the end of Saturday and Sunday,
/// three at the end of Wednesday (a spot position rolled on Wednesday settles over the weekend).
pub(super) fn nights(from: ServerTime, to: ServerTime) -> i64 {
    nights_until(to) - nights_until(from)
}

fn nights_until(time: ServerTime) -> i64 {
    const DAY_MS: i64 = 86_400_000;
    let day = time.0.div_euclid(DAY_MS);
    // 1970-01-01 was a Thursday; nights before this day since the Thursday of its week.
    let in_week = match day.rem_euclid(7) {
        0 => 0,     // Thursday
        1 => 1,     // Friday
        2..=4 => 2, // Saturday, Sunday, Monday
        5 => 3,     // Tuesday
        _ => 4,     // Wednesday, whose own night counts three
    };
    day.div_euclid(7) * 7 + in_week
}
