//! What the symbols of a history are: known specifications, checked against the history's own prices and profits, or
//! inferred from them.
//!
//! One unit of price of one lot is worth `profit / (price difference × lots)` in the account's currency
//! (mql5.com, `OrderCalcProfit`: the difference in price times contract size times lots). Profits are rounded to the
//! currency's smallest unit, so that a row says the value only within an interval; the rows with the largest profits
//! say it best. Where nearly all rows agree, the value is the roundest number in the intersection of their intervals.
//! Where they do not, profits were converted at changing rates, and the value is the most exact row's, half
//! to even at eight decimals.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Currency, Instrument, Lots, Money, Price, Ratio, Symbol, TradeRules, text};

use super::error::HistoryError;
use super::fields::half_even_8;
use super::model::{ClosedPosition, Exit, History};
use super::symbols::{self, Known};

/// Half a cent.
const HALF_CENT: Decimal = Decimal::from_parts(5, 0, 0, false, 3);
/// Half of a unit of a currency without cents.
const HALF_UNIT: Decimal = Decimal::from_parts(5, 0, 0, false, 1);
/// With as many prices or profits, what they look like is what they are.
const MANY: usize = 20;

/// The symbols of a history, in the order in which they were first traded.
///
/// Bid, ask and margin are zero: a history does not say them. The lot step is 0.01 or the smallest that the volumes need;
/// the largest volume 100 or the largest that was traded.
///
/// # Errors
/// A symbol that is not known and whose rows do not say what it is worth.
pub fn instruments(history: &History) -> Result<Vec<Instrument>, HistoryError> {
    let mut symbols: Vec<Symbol> = Vec::new();
    for position in &history.positions {
        if !symbols.contains(&position.symbol) {
            symbols.push(position.symbol);
        }
    }
    let half = half_unit(history);
    symbols
        .into_iter()
        .map(|symbol| {
            let positions: Vec<&ClosedPosition> =
                history.positions.iter().filter(|position| position.symbol == symbol).collect();
            instrument(symbol, &positions, history, half)
        })
        .collect()
}

/// A well-known symbol, as most brokers specify it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInstrument {
    /// Its plain name, without what a broker puts before and after it: `XAUUSD` for `XAUUSD.a`.
    pub name: Symbol,
    /// The currency of its prices and of `instrument.tick_value`: to be converted into the account's.
    pub quote: Currency,
    /// The specification under the broker's name. Bid, ask and margin are zero; the volumes are the usual ones, 0.01
    /// to 100 lots.
    pub instrument: Instrument,
}

/// A well-known symbol under its broker's name (`XAUUSD.a`, `#US30`, `EURUSDm`), where no history says what it is;
/// `None` when it is not well known. Brokers differ: what a history or a configuration says comes first.
pub fn known_instrument(symbol: Symbol) -> Option<KnownInstrument> {
    let (name, known) = symbols::named(&symbol)?;
    let point = Price::from_units(10_i64.pow(Price::PLACES.checked_sub(u32::from(known.digits))?));
    let tick_value = Decimal::from(known.contract).checked_mul(point.to_decimal())?;
    let step = Lots::from_units(Lots::ONE / 100);
    let instrument = Instrument {
        symbol,
        digits: known.digits,
        contract_size: Ratio::from_units(i64::from(known.contract).checked_mul(Ratio::ONE)?),
        tick_size: point,
        tick_value: Ratio::from_decimal(tick_value).ok()?,
        lots_min: step,
        lots_max: Lots::from_units(100 * Lots::ONE),
        lot_step: step,
        margin_per_lot: Money::ZERO,
        stops_level_points: 0,
        bid: Price::ZERO,
        ask: Price::ZERO,
        trading: TradeRules::default(),
    };
    Some(KnownInstrument { name, quote: text(known.quote).ok()?, instrument })
}

/// What one tick of one lot was worth at that exit, in the account's currency: the instrument's own tick value where it
/// explains the exit's profit to within half a cent, else the one that the exit implies. `None` when the profit goes against
/// the price: then no rate explains it.
pub fn tick_value_at(instrument: &Instrument, position: &ClosedPosition, exit: &Exit) -> Option<Ratio> {
    let row = Row::of(position, exit)?;
    let tick = instrument.tick_size.to_decimal();
    let value = instrument.tick_value.to_decimal().checked_div(tick)?;
    if row.is_explained(value, HALF_CENT) {
        return Some(instrument.tick_value);
    }
    let implied = row.profit.checked_div(row.moved)?.checked_mul(tick)?;
    Ratio::from_decimal(half_even_8(implied)).ok().filter(|value| value.is_positive())
}

/// One exit: how far the price moved in the position's favour, times lots; and the profit.
#[derive(Debug, Clone, Copy)]
struct Row {
    moved: Decimal,
    profit: Decimal,
}

impl Row {
    fn of(position: &ClosedPosition, exit: &Exit) -> Option<Self> {
        let difference = exit.price.to_decimal().checked_sub(position.open_price.to_decimal())?;
        let moved = difference.checked_mul(exit.lots.to_decimal())?;
        Some(Self {
            moved: moved.checked_mul(Decimal::from(position.side.sign()))?,
            profit: exit.profit.to_decimal(),
        })
    }

    fn is_explained(&self, value: Decimal, half: Decimal) -> bool {
        let off = value.checked_mul(self.moved).and_then(|expected| self.profit.checked_sub(expected));
        off.is_some_and(|off| off.abs() <= half)
    }

    /// The values that explain it: those above nothing.
    fn interval(&self, half: Decimal) -> Option<(Decimal, Decimal)> {
        let low = self.profit.abs().checked_sub(half)?.checked_div(self.moved.abs())?;
        let high = self.profit.abs().checked_add(half)?.checked_div(self.moved.abs())?;
        let same_way = (self.profit > Decimal::ZERO) == (self.moved > Decimal::ZERO);
        (same_way && low > Decimal::ZERO).then_some((low, high))
    }
}

/// What the rows say one unit of price of one lot is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// The same in nearly all rows.
    Fixed(Decimal),
    /// Changing: profits were converted.
    Changing(Decimal),
    /// No row says it.
    Unsaid,
}

impl Worth {
    fn of(mut rows: Vec<Row>, known: Option<Decimal>, half: Decimal) -> Self {
        rows.retain(|row| !row.moved.is_zero());
        let nearly_all = |agree: usize, of: usize| agree > 0 && agree * 10 >= of * 9;
        if let Some(known) = known {
            let agree = rows.iter().filter(|row| row.is_explained(known, half)).count();
            if nearly_all(agree, rows.len()) {
                return Self::Fixed(known);
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.profit.abs()));
        let intervals: Vec<(Decimal, Decimal)> = rows.iter().filter_map(|row| row.interval(half)).collect();
        let Some(&(low, high)) = intervals.first() else { return Self::Unsaid };
        // The largest profit may be an outlier: the two after it may begin, too.
        for (skipped, &start) in intervals.iter().enumerate().take(3) {
            let (mut common, mut agree) = (start, 0);
            for &(low, high) in intervals.iter().skip(skipped) {
                if low <= common.1 && high >= common.0 {
                    common = (common.0.max(low), common.1.min(high));
                    agree += 1;
                }
            }
            if nearly_all(agree, intervals.len())
                && let Some(value) = roundest(common.0, common.1)
            {
                return Self::Fixed(value);
            }
        }
        let middle = low.checked_add(high).and_then(|sum| sum.checked_div(Decimal::TWO));
        middle.map_or(Self::Unsaid, |value| Self::Changing(half_even_8(value)))
    }
}

/// The number with the fewest digits between two.
fn roundest(low: Decimal, high: Decimal) -> Option<Decimal> {
    let steps = (0..=9_u32).rev().map(|zeros| Decimal::from(10_u64.pow(zeros)));
    let steps = steps.chain((1..=8).map(|places| Decimal::new(1, places)));
    for step in steps {
        let up = low.checked_div(step)?.ceil().checked_mul(step)?;
        if up <= high && up > Decimal::ZERO {
            return Some(up.normalize());
        }
    }
    None
}

fn instrument(
    symbol: Symbol,
    positions: &[&ClosedPosition],
    history: &History,
    half: Decimal,
) -> Result<Instrument, HistoryError> {
    let unknown = || HistoryError::UnknownInstrument { symbol: symbol.to_string() };
    let known = symbols::lookup(&symbol);
    let expected = known.and_then(|known| known.contract_in(history.currency));
    let exits = positions
        .iter()
        .flat_map(|position| position.exits.iter().filter_map(|exit| Row::of(position, exit)));
    let worth = Worth::of(exits.collect(), expected, half);
    let value = match worth {
        Worth::Fixed(value) | Worth::Changing(value) => value,
        Worth::Unsaid => known.map(|known| Decimal::from(known.contract)).ok_or_else(unknown)?,
    };
    let digits = digits(positions, known);
    let point = Price::from_units(10_i64.pow(Price::PLACES.saturating_sub(u32::from(digits))));
    let tick_value = value.checked_mul(point.to_decimal()).map(half_even_8);
    let tick_value =
        tick_value.and_then(|value| Ratio::from_decimal(value).ok()).filter(|value| value.is_positive());
    let contract =
        Ratio::from_decimal(half_even_8(contract(worth, expected, known, value))).map_err(|_| unknown())?;
    let (step, largest) = volumes(positions);
    Ok(Instrument {
        symbol,
        digits,
        contract_size: contract,
        tick_size: point,
        tick_value: tick_value.ok_or_else(unknown)?,
        lots_min: step,
        lots_max: largest.max(Lots::from_units(100 * Lots::ONE)),
        lot_step: step,
        margin_per_lot: Money::ZERO,
        stops_level_points: 0,
        bid: Price::ZERO,
        ask: Price::ZERO,
        trading: TradeRules::default(),
    })
}

/// What one lot is of. Where profits need no conversion it is the value itself; else the known one; else the power of ten
/// next to the value, for no exchange rate is far from it on a scale of tens.
fn contract(worth: Worth, expected: Option<Decimal>, known: Option<Known>, value: Decimal) -> Decimal {
    match (worth, expected, known) {
        (Worth::Fixed(value), Some(expected), _) => {
            // Within a factor of two it may still be a rate, where the account's currency is not in the file.
            let near = value < expected.saturating_mul(Decimal::TWO)
                && expected < value.saturating_mul(Decimal::TWO);
            if near { expected } else { value }
        }
        (_, _, Some(known)) => Decimal::from(known.contract),
        (Worth::Fixed(value), None, None) => value,
        _ => {
            let powers = (0..=9_u32).map(|zeros| Decimal::from(10_u64.pow(zeros)));
            // Half way on a scale of tens is the root of ten.
            let half_way = Decimal::new(316, 2);
            powers.take_while(|power| *power <= value.saturating_mul(half_way)).last().unwrap_or(Decimal::ONE)
        }
    }
}

/// Decimal places that nine tenths of the prices do with: mean prices of positions filled in parts have more. Few prices
/// may happen to end in zeros, so that the known ones count as well.
fn digits(positions: &[&ClosedPosition], known: Option<Known>) -> u8 {
    let mut counts = [0_usize; 9];
    for position in positions {
        let exits = position.exits.iter().map(|exit| exit.price);
        for price in exits.chain([position.open_price]) {
            let places = usize::try_from(price.to_decimal().scale()).unwrap_or(8);
            if let Some(count) = counts.get_mut(places) {
                *count += 1;
            }
        }
    }
    let total: usize = counts.iter().sum();
    let (mut sum, mut seen) = (0, 8_u8);
    for (places, count) in (0_u8..).zip(counts) {
        sum += count;
        if sum * 10 >= total * 9 {
            seen = places;
            break;
        }
    }
    match known {
        Some(known) if total < MANY && seen > 6 => known.digits,
        Some(known) if total < MANY => seen.max(known.digits),
        _ => seen,
    }
}

/// The lot step that the volumes need, 0.01 at most; and the largest volume.
fn volumes(positions: &[&ClosedPosition]) -> (Lots, Lots) {
    let exits = positions.iter().flat_map(|position| position.exits.iter().map(|exit| exit.lots));
    let lots: Vec<Lots> = exits.chain(positions.iter().map(|position| position.lots)).collect();
    let places = lots.iter().map(|lots| lots.to_decimal().scale()).max().unwrap_or(2).clamp(2, Lots::PLACES);
    let step = Lots::from_units(10_i64.pow(Lots::PLACES - places));
    (step, lots.into_iter().max().unwrap_or(Lots::ZERO))
}

/// Half of the account's smallest unit of money: profits are rounded to it.
fn half_unit(history: &History) -> Decimal {
    let profits =
        || history.positions.iter().flat_map(|position| position.exits.iter().map(|exit| exit.profit));
    let whole = profits().all(|profit| {
        profit.to_decimal().round_dp_with_strategy(0, RoundingStrategy::ToZero) == profit.to_decimal()
    });
    let without_cents = match history.currency.as_deref() {
        Some(currency) => matches!(currency, "JPY" | "KRW" | "HUF" | "IDR" | "VND" | "CLP"),
        None => profits().count() >= MANY,
    };
    if whole && without_cents { HALF_UNIT } else { HALF_CENT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_well_known_symbol_needs_no_history() {
        for (symbol, name, quote, digits, contract, tick_value) in [
            ("XAUUSD", "XAUUSD", "USD", 2, "100", "1"),
            ("#XAUUSD.a", "XAUUSD", "USD", 2, "100", "1"),
            ("gold", "GOLD", "USD", 2, "100", "1"),
            ("EURUSDm", "EURUSD", "USD", 5, "100000", "1"),
            ("USDJPY", "USDJPY", "JPY", 3, "100000", "100"),
            ("US30", "US30", "USD", 2, "1", "0.01"),
        ] {
            let known = known_instrument(text(symbol).unwrap()).unwrap_or_else(|| panic!("{symbol}"));
            assert_eq!((known.name.as_str(), known.quote.as_str()), (name, quote), "{symbol}");
            let instrument = known.instrument;
            assert_eq!((instrument.symbol.as_str(), instrument.digits), (symbol, digits));
            assert_eq!(instrument.contract_size.to_string(), contract, "{symbol}");
            assert_eq!(instrument.tick_value.to_string(), tick_value, "{symbol}");
            assert_eq!(instrument.tick_size, instrument.point());
        }
        for unknown in ["", "APPLE", "US300", "EUREUR", "€URUSD"] {
            assert_eq!(known_instrument(text(unknown).unwrap()), None, "{unknown}");
        }
    }
}
