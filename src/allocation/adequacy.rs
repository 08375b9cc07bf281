//! Capital adequacy: what a copy needs of its account, and what an adverse move costs it.
//!
//! LAMM gives every account a fixed amount, whatever it can bear; the other methods, too, can be set to more than an
//! account bears. What is worked out here is compared with equity before the first trade.
//!
//! | amount | formula |
//! | --- | --- |
//! | margin | `price / tick size × tick value × lots / leverage`: the contract's value in the account's currency by its leverage, as the headless terminal has it (mql5.com, `SYMBOL_CALC_MODE_CFDLEVERAGE`: lots × contract size × price / leverage; for a currency pair it is the same as `SYMBOL_CALC_MODE_FOREX`, converted) |
//! | loss | `price × percent / 100 / tick size × tick value × lots` (mql5.com, `OrderCalcProfit`) |
//! | percent of equity | `amount × 100 / equity` |
//!
//! Amounts are rounded once, half to even: money to the account's currency digits, percentages to 8 places. What is
//! beyond the range of the type is its largest value, so that it is never taken for less than it is.

use ethnum::U256;

use crate::domain::{Account, Instrument, Lots, Money, Price, Ratio};

/// A copy of fewer lot steps than this cannot follow finely: partial closes and small differences of size are lost in
/// the rounding.
pub const FINE_STEPS: i64 = 10;

/// What is needed of an account and what it may lose, in its own currency. Amounts of several copies add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Burden {
    /// Margin that stays in use while the copies are open.
    pub margin: Money,
    /// What an adverse move costs; positive.
    pub loss: Money,
}

/// How a burden ruins its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruin {
    /// Margin exceeds equity: the broker would refuse the order, or stop the account out at once.
    Margin,
    /// The loss reaches equity.
    Loss,
}

impl Burden {
    /// The burden of one copy of `lots` at `price` on this account, with an adverse move of `percent` percent of price.
    ///
    /// `None` when price, tick size, tick value or leverage is not above zero: then nothing can be said. The
    /// instrument's tick value is in the account's currency.
    pub fn of_copy(
        account: &Account,
        instrument: &Instrument,
        lots: Lots,
        price: Price,
        percent: Ratio,
    ) -> Option<Self> {
        Some(Self {
            margin: margin(account, instrument, lots, price)?,
            loss: loss(account, instrument, lots, price, percent)?,
        })
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { margin: self.margin.saturating_add(other.margin), loss: self.loss.saturating_add(other.loss) }
    }

    /// Does it ruin an account of this equity? Margin first: it counts at the opening already.
    pub fn ruins(self, equity: Money) -> Option<Ruin> {
        if self.margin > equity {
            Some(Ruin::Margin)
        } else if self.loss.is_positive() && self.loss >= equity {
            Some(Ruin::Loss)
        } else {
            None
        }
    }
}

/// Margin of a position of `lots` at `price`; see the module's table. `None` as in [`Burden::of_copy`].
pub fn margin(account: &Account, instrument: &Instrument, lots: Lots, price: Price) -> Option<Money> {
    value(account, instrument, lots, price, (1, account.leverage.into()))
}

/// What a move of `percent` percent of `price` against a position of `lots` costs. `None` as in [`Burden::of_copy`].
pub fn loss(
    account: &Account,
    instrument: &Instrument,
    lots: Lots,
    price: Price,
    percent: Ratio,
) -> Option<Money> {
    let percent = u64::try_from(percent.units()).ok()?;
    value(account, instrument, lots, price, (percent, 100 * Ratio::ONE.unsigned_abs()))
}

/// How many percent of equity an amount is; `None` when equity is not above zero.
pub fn percent_of_equity(amount: Money, equity: Money) -> Option<Ratio> {
    let (amount, equity) = (positive(amount.max(Money::ZERO).units(), 0)?, positive(equity.units(), 1)?);
    // At most 63 + 7 + 27 bits.
    let percent = half_even(amount * U256::from(100 * Ratio::ONE.unsigned_abs()), equity);
    Some(Ratio::from_units(percent.and_then(|p| i64::try_from(p).ok()).unwrap_or(i64::MAX)))
}

/// Has a copy too few steps to follow finely? One of no lots at all has.
pub fn tracks_coarsely(lots: Lots, step: Lots) -> bool {
    lots.units() < step.units().saturating_mul(FINE_STEPS)
}

/// `price / tick size × tick value × lots × part / whole`, rounded half to even to the currency's digits.
fn value(
    account: &Account,
    instrument: &Instrument,
    lots: Lots,
    price: Price,
    (part, whole): (u64, u64),
) -> Option<Money> {
    let price = positive(price.units(), 1)?;
    let tick_value = positive(instrument.tick_value.units(), 1)?;
    let tick_size = positive(instrument.tick_size.units(), 1)?;
    let lots = positive(lots.max(Lots::ZERO).units(), 0)?;
    if whole == 0 {
        return None;
    }
    let digits = u32::from(account.currency_digits).min(Money::PLACES);
    // Price by tick size has no unit; what remains is the unit of the tick value times that of the lots.
    let units = ten_to(Ratio::PLACES + Lots::PLACES);
    let numerator = (price * tick_value)
        .checked_mul(lots)
        .and_then(|n| n.checked_mul(U256::from(part)))
        .and_then(|n| n.checked_mul(ten_to(digits)));
    let denominator = (tick_size * units).checked_mul(U256::from(whole));
    let money = numerator
        .zip(denominator)
        .and_then(|(numerator, denominator)| half_even(numerator, denominator))
        .and_then(|minor| minor.checked_mul(ten_to(Money::PLACES - digits)))
        .and_then(|units| i64::try_from(units).ok());
    Some(Money::from_units(money.unwrap_or(i64::MAX)))
}

/// The number when it is not below `least`, which is not negative.
fn positive(units: i64, least: i64) -> Option<U256> {
    u64::try_from(units).ok().filter(|_| units >= least).map(U256::from)
}

fn ten_to(exponent: u32) -> U256 {
    U256::from(10_u64).pow(exponent)
}

/// The quotient, half to even; `None` when the arithmetic is beyond 256 bits. The denominator is above zero.
fn half_even(numerator: U256, denominator: U256) -> Option<U256> {
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    let odd = quotient % U256::new(2) == U256::ONE;
    let up = match rest.checked_mul(U256::new(2))?.cmp(&denominator) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => odd,
        std::cmp::Ordering::Greater => true,
    };
    quotient.checked_add(U256::from(u64::from(up)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Login, MarginMode, ServerTime, TradeRules, text};
    use proptest::prelude::*;

    fn account(equity: &str, leverage: u32, currency_digits: u8) -> Account {
        let equity = equity.parse().unwrap();
        Account {
            login: Login(2001),
            currency: text("USD").unwrap(),
            currency_digits,
            margin_mode: MarginMode::Hedging,
            leverage,
            connected: true,
            balance: equity,
            equity,
            margin: Money::ZERO,
            free_margin: equity,
            time: ServerTime(0),
        }
    }

    fn instrument(tick_size: &str, tick_value: &str) -> Instrument {
        Instrument {
            symbol: text("XAUUSD").unwrap(),
            digits: 2,
            contract_size: Ratio::UNIT,
            tick_size: tick_size.parse().unwrap(),
            tick_value: tick_value.parse().unwrap(),
            lots_min: "0.01".parse().unwrap(),
            lots_max: "100".parse().unwrap(),
            lot_step: "0.01".parse().unwrap(),
            margin_per_lot: Money::ZERO,
            stops_level_points: 0,
            bid: Price::ZERO,
            ask: Price::ZERO,
            trading: TradeRules::default(),
        }
    }

    /// Worked by hand: notional = price / tick size × tick value × lots.
    #[test]
    fn margin_and_loss_in_money_and_in_percent_of_equity() {
        #[rustfmt::skip]
        let table = [
            // tick size, value, price, lots, leverage, digits, equity, move %: margin, % of equity, loss, % of equity
            ("0.01",    "1",   "2900",    "1",    100, 2, "10000", "1",   "2900",   "29",         "2900",    "29"),
            ("0.01",    "1",   "2900",    "0.05", 500, 2, "1000",  "0.5", "29",     "2.9",        "72.5",    "7.25"),
            ("0.00001", "1",   "1.08",    "0.1",  30,  2, "3000",  "1",   "360",    "12",         "108",     "3.6"),
            // 14,500 / 7 = 2,071.428571...: to cents, to whole units, to all places.
            ("0.01",    "1",   "2900",    "0.05", 7,   2, "1000",  "1",   "2071.43", "207.143",   "145",     "14.5"),
            ("0.01",    "1",   "2900",    "0.05", 7,   0, "1000",  "1",   "2071",   "207.1",      "145",     "14.5"),
            ("0.01",    "1",   "2900",    "0.05", 7,   6, "1000",  "1",   "2071.428571", "207.1428571", "145", "14.5"),
            // Half a cent goes to the even one.
            ("0.01",    "1",   "0.05",    "1",    1000, 2, "3",    "100", "0",      "0",          "5",       "166.66666667"),
            ("0.01",    "1",   "0.15",    "1",    1000, 2, "4",    "100", "0.02",   "0.5",        "15",      "375"),
        ];
        for (size, value, price, lots, leverage, digits, equity, percent, margin, of, loss, loss_of) in table
        {
            let account = account(equity, leverage, digits);
            let instrument = instrument(size, value);
            let burden = Burden::of_copy(
                &account,
                &instrument,
                lots.parse().unwrap(),
                price.parse().unwrap(),
                percent.parse().unwrap(),
            );
            let burden = burden.unwrap();
            assert_eq!(
                (burden.margin, burden.loss),
                (margin.parse().unwrap(), loss.parse().unwrap()),
                "{price}"
            );
            assert_eq!(
                percent_of_equity(burden.margin, account.equity),
                Some(of.parse().unwrap()),
                "{price}"
            );
            assert_eq!(
                percent_of_equity(burden.loss, account.equity),
                Some(loss_of.parse().unwrap()),
                "{price}"
            );
        }
    }

    #[test]
    fn ruin_is_margin_above_equity_or_a_loss_that_reaches_it() {
        for (margin, loss, equity, ruin) in [
            ("1000", "999.99", "1000", None),
            ("1000.01", "0", "1000", Some(Ruin::Margin)),
            ("1000", "1000", "1000", Some(Ruin::Loss)),
            ("2000", "2000", "1000", Some(Ruin::Margin)),
            ("0", "0", "0", None),
            ("0", "0.01", "-5", Some(Ruin::Margin)),
        ] {
            let burden = Burden { margin: margin.parse().unwrap(), loss: loss.parse().unwrap() };
            assert_eq!(burden.ruins(equity.parse().unwrap()), ruin, "{margin} {loss} of {equity}");
        }
    }

    #[test]
    fn ten_steps_are_fine() {
        for (lots, step, coarse) in
            [("0.09", "0.01", true), ("0.1", "0.01", false), ("0", "0.01", true), ("0.9", "0.1", true)]
        {
            assert_eq!(
                tracks_coarsely(lots.parse().unwrap(), step.parse().unwrap()),
                coarse,
                "{lots} {step}"
            );
        }
    }

    #[test]
    fn without_a_price_nothing_is_said_and_beyond_the_range_nothing_less() {
        let (account, instrument) = (account("1000", 1, 2), instrument("0.01", "1"));
        let lots = Lots::from_units(Lots::ONE);
        assert_eq!(margin(&account, &instrument, lots, Price::ZERO), None);
        assert_eq!(margin(&Account { leverage: 0, ..account.clone() }, &instrument, lots, Price::MAX), None);
        let wide = Instrument { tick_value: Ratio::MAX, ..instrument.clone() };
        assert_eq!(margin(&account, &wide, Lots::MAX, Price::MAX), Some(Money::MAX));
        assert_eq!(loss(&account, &wide, Lots::MAX, Price::MAX, Ratio::MAX), Some(Money::MAX));
        assert_eq!(loss(&account, &instrument, lots, Price::MAX, Ratio::from_units(-1)), None);
        assert_eq!(percent_of_equity(Money::MAX, Money::from_units(1)), Some(Ratio::MAX));
        assert_eq!(percent_of_equity(Money::MAX, Money::ZERO), None);
    }

    proptest! {
        #[test]
        fn more_lots_never_need_less_and_more_leverage_never_needs_more(
            price in 1_i64..10_i64.pow(13), tick_value in 1_i64..10_i64.pow(11), lots in 0_i64..10_i64.pow(11),
            more in 0_i64..10_i64.pow(10), leverage in 1_u32..1_000, up in 0_u32..1_000,
        ) {
            let instrument = Instrument { tick_value: Ratio::from_units(tick_value), ..instrument("0.01", "1") };
            let price = Price::from_units(price);
            let needs = |lots: i64, leverage: u32| {
                margin(&account("1000", leverage, 2), &instrument, Lots::from_units(lots), price).unwrap()
            };
            prop_assert!(needs(lots + more, leverage) >= needs(lots, leverage));
            prop_assert!(needs(lots, leverage + up) <= needs(lots, leverage));
        }
    }

    #[test]
    fn burdens_add_up() {
        let one = Burden { margin: "400".parse().unwrap(), loss: "30".parse().unwrap() };
        let other = Burden { margin: "5".parse().unwrap(), loss: "600".parse().unwrap() };
        assert_eq!(one.plus(other), Burden { margin: "405".parse().unwrap(), loss: "630".parse().unwrap() });
        assert_eq!(one.plus(other).ruins("405".parse().unwrap()), Some(Ruin::Loss));
    }
}
