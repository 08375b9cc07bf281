//! What one master lot of a symbol would become on every account, and whether the account bears it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use lotbridge::allocation::adequacy::{self, Burden};
use lotbridge::allocation::filter::DAY_MINUTES;
use lotbridge::allocation::{Decision, Exposure, Hours, Patterns, PoolFilter};
use lotbridge::config::Setup;
use lotbridge::domain::{Account, Login, Lots, Price, Ratio, ServerTime, Side, Symbol};

use crate::market::{self, Listing};
use crate::sizing::{Book, Order};

/// What is assumed of the master's trade.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Its lots.
    pub lots: Lots,
    /// How far the price moves against it, in percent.
    pub percent: Ratio,
}

/// One symbol on every account whose pools take it.
pub struct Sheet {
    /// The symbol.
    pub listing: Listing,
    /// One for every member of every pool that takes it, in the configuration's order.
    pub rows: Vec<Row>,
    /// By account: the combination of pools that asks most of it.
    pub totals: BTreeMap<Login, Total>,
}

/// One member of one pool.
pub struct Row {
    /// The pool's place in the configuration.
    pub pool: usize,
    /// The account.
    pub login: Login,
    /// What becomes of the trade; `None` for a symbol of which nothing is known.
    pub decision: Option<Decision>,
    /// What that asks of the account; `None` without a price.
    pub burden: Option<Burden>,
    /// What becomes of a trade of the usual volume.
    pub usual_lots: Lots,
    /// Is that under ten steps?
    pub coarse: bool,
}

/// What one trade asks of an account in all pools that take it together. Limits on lots hold for all of them; a margin
/// buffer holds for each by itself, because hub and agent look at the free margin before the trade.
#[derive(Debug, Clone, Default)]
pub struct Total {
    /// Pools in which the account gets lots.
    pub pools: Vec<usize>,
    /// All their copies together.
    pub burden: Burden,
}

impl Sheet {
    /// Works out a symbol; `usual` is the usual volume of the master's trades in it.
    pub fn new(book: &Book, listing: Listing, terms: Terms, usual: Lots) -> Result<Self> {
        let mut sheet = Self { rows: Vec::new(), totals: BTreeMap::new(), listing };
        let Ok(instrument) = sheet.listing.instrument.clone() else {
            sheet.rows = unknown(book.setup, sheet.listing.symbol);
            return Ok(sheet);
        };
        let price = sheet.listing.quote.map(|quote| quote.price);
        let order = |lots| Order {
            instrument: &instrument,
            lots,
            price: price.unwrap_or(Price::ZERO),
            // Methods that size from the stop are told of the same adverse move.
            stop_loss: price.map(|price| moved(price, terms.percent)),
        };
        let mut rows: BTreeMap<(usize, usize), Row> = BTreeMap::new();
        for pools in combinations(book.setup, sheet.listing.symbol) {
            let mut exposures = BTreeMap::new();
            let mut totals: BTreeMap<Login, Total> = BTreeMap::new();
            for pool in pools {
                for (at, row) in copies(book, pool, &order(terms.lots), price, terms.percent, &mut exposures)?
                    .into_iter()
                    .enumerate()
                {
                    totals.entry(row.login).or_default().add(&row);
                    match rows.entry((pool, at)) {
                        std::collections::btree_map::Entry::Occupied(mut held) => {
                            if held.get().lots() < row.lots() {
                                held.insert(row);
                            }
                        }
                        std::collections::btree_map::Entry::Vacant(free) => {
                            free.insert(row);
                        }
                    }
                }
            }
            for (login, total) in totals {
                let worst = sheet.totals.entry(login).or_default();
                if (total.burden.margin, total.burden.loss) > (worst.burden.margin, worst.burden.loss) {
                    *worst = total;
                }
            }
        }
        // The usual copy is sized by itself: no other copy is in its way.
        let pools: std::collections::BTreeSet<usize> = rows.keys().map(|(pool, _)| *pool).collect();
        for pool in pools {
            let sized = book.size(&book.setup.pools[pool], &order(usual), &mut BTreeMap::new())?;
            for (at, decision) in sized.decisions.iter().enumerate() {
                if let Some(row) = rows.get_mut(&(pool, at)) {
                    row.usual_lots = decision.lots();
                    row.coarse = adequacy::tracks_coarsely(decision.lots(), instrument.lot_step);
                }
            }
        }
        sheet.rows = rows.into_values().collect();
        Ok(sheet)
    }

    /// Why the symbol cannot be judged, and what to do; `None` when it can.
    pub fn gap(&self) -> Option<String> {
        let symbol = self.listing.symbol;
        match &self.listing.instrument {
            Err(reason) => Some(format!("{reason}.")),
            Ok(_) if self.listing.quote.is_none() => Some(format!(
                "{symbol}: no price is known; give one with --price {symbol}=PRICE, or a --history that trades it."
            )),
            Ok(_) if self.rows.iter().any(|row| row.burden.is_none()) => Some(format!(
                "{symbol}: a tick is worth nothing in an account's currency; look at replay.instruments and replay.rates."
            )),
            Ok(_) => None,
        }
    }
}

impl Row {
    /// What the account would open.
    pub fn lots(&self) -> Lots {
        self.decision.as_ref().map_or(Lots::ZERO, Decision::lots)
    }
}

impl Total {
    fn add(&mut self, row: &Row) {
        if row.lots().is_positive() {
            self.pools.push(row.pool);
            self.burden = self.burden.plus(row.burden.unwrap_or_default());
        }
    }
}

/// Sizes a trade for one pool.
fn copies(
    book: &Book,
    pool: usize,
    order: &Order,
    price: Option<Price>,
    percent: Ratio,
    exposures: &mut BTreeMap<Login, Exposure>,
) -> Result<Vec<Row>> {
    let members = &book.setup.pools[pool].members;
    let sized = book.size(&book.setup.pools[pool], order, exposures)?;
    let rows = members.iter().zip(sized.decisions).zip(sized.instruments);
    Ok(rows
        .map(|((member, decision), instrument)| {
            let of = |account: &Account| {
                let instrument = instrument.as_ref();
                match (instrument, price) {
                    // No copy of a symbol that the account cannot have: nothing is asked of it.
                    (None, _) => Some(Burden::default()),
                    (Some(instrument), Some(price)) => {
                        Burden::of_copy(account, instrument, decision.lots(), price, percent)
                    }
                    (Some(_), None) => None,
                }
            };
            Row {
                pool,
                login: member.login,
                burden: book.slaves.get(&member.login).and_then(of),
                decision: Some(decision),
                usual_lots: Lots::ZERO,
                coarse: true,
            }
        })
        .collect())
}

/// Rows for a symbol of which nothing is known.
fn unknown(setup: &Setup, symbol: Symbol) -> Vec<Row> {
    let pools = setup.pools.iter().enumerate().filter(|(_, pool)| market::takes(&pool.filter, symbol));
    pools
        .flat_map(|(at, pool)| pool.members.iter().map(move |member| (at, member.login)))
        .map(|(pool, login)| Row {
            pool,
            login,
            decision: None,
            burden: None,
            usual_lots: Lots::ZERO,
            coarse: false,
        })
        .collect()
}

/// Which pools can take one and the same trade, by everything that filters look at. Each combination once.
fn combinations(setup: &Setup, symbol: Symbol) -> Vec<Vec<usize>> {
    // One bit a pool: there are 64 at most.
    let those = |takes: &dyn Fn(&PoolFilter) -> bool| {
        let bits = setup.pools.iter().enumerate().map(|(at, pool)| u64::from(takes(&pool.filter)) << at);
        bits.fold(0, |all, bit| all | bit)
    };
    let filters = || setup.pools.iter().map(|pool| &pool.filter);
    let sides = [Side::Buy, Side::Sell].map(|side| those(&|filter| filter.side.takes(side))).to_vec();
    // What a filter takes changes at the ends of its ranges only.
    let ranges = filters().flat_map(|filter| &filter.magic);
    let magics = ranges.flat_map(|range| [*range.start(), range.end().saturating_add(1)]).chain([0]);
    let magics = magics.map(|magic| those(&|filter| filter.takes_magic(magic))).collect();
    let times = filters().flat_map(|filter| &filter.hours).flat_map(turns).chain([ServerTime(0)]);
    let times = times.map(|time| those(&|filter| filter.takes_time(time))).collect();
    let heads =
        filters().flat_map(|filter| filter.comments.taking()).map(|pattern| pattern.trim_end_matches('*'));
    let comments =
        heads.chain([""]).map(|comment| those(&|filter| may_take(&filter.comments, comment))).collect();

    let mut combinations = vec![those(&|filter| filter.symbols.takes(&symbol))];
    for criterion in [sides, magics, times, comments] {
        combinations = joined(&combinations, &criterion);
    }
    let pools = |bits: u64| (0..setup.pools.len()).filter(|at| bits >> at & 1 == 1).collect();
    combinations.into_iter().filter(|bits| *bits != 0).map(pools).collect()
}

/// Every set of the one that has something in common with a set of the other: what they have in common, once.
fn joined(one: &[u64], other: &[u64]) -> Vec<u64> {
    let mut seen = BTreeSet::new();
    let both = one.iter().flat_map(|a| other.iter().map(move |b| a & b));
    both.filter(|bits| seen.insert(*bits)).collect()
}

/// The moments of a week at which an interval begins and ends.
fn turns(hours: &Hours) -> impl Iterator<Item = ServerTime> {
    const DAY_MS: i64 = 86_400_000;
    let Hours { days, from, to } = *hours;
    let ends = if from < to { to } else { to.saturating_add(DAY_MINUTES) };
    // The first Monday of the clock was its day 4.
    let begun = (4..).zip(days).filter(|(_, begins)| *begins).map(|(day, _)| day);
    begun
        .flat_map(move |day| [from, ends].map(|minute| ServerTime(day * DAY_MS + i64::from(minute) * 60_000)))
}

/// May a pool take what has this comment, or one that begins with it? Said of too many rather than of too few: what is
/// excluded, and patterns with a `*` inside, are not looked at.
fn may_take(comments: &Patterns, comment: &str) -> bool {
    let mut taking = comments.taking().peekable();
    taking.peek().is_none()
        || taking.any(|pattern| match pattern.split_once('*') {
            None => pattern == comment,
            Some((head, "")) => comment.starts_with(head),
            Some(_) => true,
        })
}

/// The price after a fall of `percent` percent, the distance rounded down to the price's unit.
fn moved(price: Price, percent: Ratio) -> Price {
    let distance = i128::from(price.units()) * i128::from(percent.units()) / (100 * i128::from(Ratio::ONE));
    price.saturating_sub(Price::from_units(i64::try_from(distance).unwrap_or(i64::MAX))).max(Price::ZERO)
}
