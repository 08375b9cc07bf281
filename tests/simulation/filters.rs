//! A second opinion on filters: which of the master's trades a pool takes, and that it has copies of no others.

use std::collections::BTreeSet;

use lotbridge::allocation::{Hours, Patterns, PoolFilter, SideFilter};
use lotbridge::domain::{
    Comment, CopyId, Magic, PendingOrder, Position, PositionId, ServerTime, Side, Signature, text,
};

use super::check::copies_orders;
use super::netting;
use super::world::World;
use super::wrong::{Invariant, Wrong};

const WEEK_MINUTES: i64 = 10_080;
/// What the master's programs write beside their trades.
const COMMENTS: [&str; 4] = ["", "EA1", "EA1 scalp", "EA2"];

/// The comment of a position or an order of the master's, by its number.
pub fn comment(number: u64) -> Comment {
    text(COMMENTS[usize::try_from(number.wrapping_mul(0x9e37_79b9) >> 7 & 3).unwrap()]).unwrap()
}

/// What a filter looks at.
pub struct Trade<'a> {
    symbol: &'a str,
    magic: u64,
    side: Side,
    comment: Comment,
    time: ServerTime,
}

impl<'a> Trade<'a> {
    pub fn of_position(position: &'a Position) -> Self {
        // Of a netting account's part the position that it is held in.
        let Position { symbol, magic, side, ticket, open_time, .. } = position;
        Self { symbol, magic: magic.0, side: *side, comment: comment(*ticket), time: *open_time }
    }

    pub fn of_order(order: &'a PendingOrder) -> Self {
        let PendingOrder { symbol, magic, side, ticket, placed, .. } = order;
        Self { symbol, magic: magic.0, side: *side, comment: comment(*ticket), time: *placed }
    }
}

/// Does a pool with this filter take this trade?
pub fn takes(filter: &PoolFilter, trade: &Trade) -> bool {
    let sides = match filter.side {
        SideFilter::Both => true,
        SideFilter::Buy => trade.side == Side::Buy,
        SideFilter::Sell => trade.side == Side::Sell,
    };
    let in_range =
        filter.magic.iter().any(|range| *range.start() <= trade.magic && trade.magic <= *range.end());
    sides
        && (filter.magic.is_empty() || in_range)
        && named(&filter.symbols, trade.symbol)
        && named(&filter.comments, &trade.comment)
        && (filter.hours.is_empty() || filter.hours.iter().any(|hours| within(hours, trade.time)))
}

fn named(patterns: &Patterns, name: &str) -> bool {
    let (out, of): (Vec<&str>, Vec<&str>) =
        patterns.0.iter().map(String::as_str).partition(|pattern| pattern.starts_with('!'));
    let left_out = out.iter().any(|pattern| fits(&pattern[1..], name));
    !left_out && (of.is_empty() || of.iter().any(|pattern| fits(pattern, name)))
}

/// Every place in the name up to which the pattern so far can have come.
fn fits(pattern: &str, name: &str) -> bool {
    let name = name.as_bytes();
    let mut places: BTreeSet<usize> = BTreeSet::from([0]);
    for wanted in pattern.bytes() {
        places = if wanted == b'*' {
            places.first().map_or_else(BTreeSet::new, |first| (*first..=name.len()).collect())
        } else {
            places.iter().filter(|at| name.get(**at) == Some(&wanted)).map(|at| at + 1).collect()
        };
    }
    places.contains(&name.len())
}

fn within(hours: &Hours, time: ServerTime) -> bool {
    // 1970 began on a Thursday.
    let now = time.0.div_euclid(60_000) + 3 * 1_440;
    let (from, to) = (i64::from(hours.from), i64::from(hours.to));
    let minutes = if to > from { to - from } else { to - from + 1_440 };
    let mut days = (0_i64..).zip(hours.days).filter(|(_, begins)| *begins);
    days.any(|(day, _)| (now - day * 1_440 - from).rem_euclid(WEEK_MINUTES) < minutes)
}

/// Nothing was ever opened or placed for a pool that does not take it.
pub fn filtered(world: &World) -> Result<(), Wrong> {
    let signature = Signature::of_master(world.setup.master.login);
    for pool in &world.setup.pools {
        let taken = taken(world, &pool.filter, copies_orders(pool));
        for slave in &world.slaves {
            let terminal = &slave.account.terminal;
            let deals = terminal.deals().iter().map(|deal| deal.magic);
            let orders = terminal.orders().map(|order| order.magic);
            let past = terminal.past_orders(ServerTime(0)).map(|order| order.magic);
            let ours = |magic: Magic| magic.copy(signature).filter(|copy| copy.pool() == pool.tag);
            let mut copies = deals.chain(orders).chain(past).filter_map(ours);
            if let Some(copy) = copies.find(|copy| !taken.contains(&copy.position_low())) {
                let what =
                    format!("{} of {} got {copy}, which its filter leaves out", slave.login, pool.name);
                return Err(Invariant::Filter.broken(what));
            }
        }
    }
    Ok(())
}

/// All that the master ever held or placed and a filter takes, as far as a copy's number says it.
fn taken(world: &World, filter: &PoolFilter, orders: bool) -> BTreeSet<u64> {
    let low = |number: u64| CopyId::new(lotbridge::domain::PoolTag(0), PositionId(number)).position_low();
    let terminal = &world.master.terminal;
    let mut taken: BTreeSet<u64> = BTreeSet::new();
    if world.master.nets() {
        let parts = netting::ever(&world.master).map(|part| part.position);
        taken
            .extend(parts.filter(|part| takes(filter, &Trade::of_position(part))).map(|part| low(part.id.0)));
        return taken;
    }
    for deal in terminal.deals().iter().filter(|deal| !deal.entry.closes()) {
        let (magic, comment) = (deal.magic.0, comment(deal.position.0));
        let trade = Trade { symbol: &deal.symbol, magic, side: deal.side, comment, time: deal.time };
        if takes(filter, &trade) {
            taken.insert(low(deal.position.0));
        }
    }
    if orders {
        // What was taken as an order is followed when it fills, whenever that is.
        let orders = world.master.placed.values();
        let of_orders =
            orders.filter(|order| takes(filter, &Trade::of_order(order))).map(|order| order.ticket);
        taken.extend(of_orders.map(low));
    }
    taken
}
