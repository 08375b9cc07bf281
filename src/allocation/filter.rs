//! Which of the master's trades a pool takes. A trade is judged once, when it is first seen: what was taken is followed
//! to its end, whatever the filter says of it later.

use std::fmt;
use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{PendingOrder, Position, ServerTime, Side};

/// Which sides a pool takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SideFilter {
    /// Long and short.
    #[default]
    Both,
    /// Long only.
    Buy,
    /// Short only.
    Sell,
}

impl SideFilter {
    /// Does it take this side?
    pub const fn takes(self, side: Side) -> bool {
        match self {
            Self::Both => true,
            Self::Buy => matches!(side, Side::Buy),
            Self::Sell => matches!(side, Side::Sell),
        }
    }
}

/// Names with `*` for any run of characters; one that begins with `!` excludes. None takes every name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patterns(pub Vec<String>);

impl Patterns {
    /// Does a pattern match, or is there none but excluding ones? And does no excluding one match?
    pub fn takes(&self, name: &str) -> bool {
        let (mut named, mut taken) = (false, false);
        for pattern in &self.0 {
            if let Some(excluded) = pattern.strip_prefix('!') {
                if matches(excluded, name) {
                    return false;
                }
            } else {
                named = true;
                taken = taken || matches(pattern, name);
            }
        }
        taken || !named
    }

    /// Those that take, without those that exclude.
    pub fn taking(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str).filter(|pattern| !pattern.starts_with('!'))
    }
}

impl fmt::Display for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// A day of the trade server's week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// The minutes of a day.
pub const DAY_MINUTES: u16 = 1_440;

/// An interval of the week, by the master's trade server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The days on which it begins, from Monday on.
    pub days: [bool; 7],
    /// The minute of the day at which it begins, 0 to 1439.
    pub from: u16,
    /// The minute of the day before which it ends, 0 to 1440; not after `from`: on the next day.
    pub to: u16,
}

impl Hours {
    /// Does this moment lie in it?
    pub fn covers(&self, time: ServerTime) -> bool {
        let (day, minute) = time.day_and_minute();
        // Day 0 was a Thursday.
        let begins =
            |day: i64| usize::try_from((day + 3).rem_euclid(7)).is_ok_and(|weekday| self.days[weekday]);
        let (from, to) = (i64::from(self.from), i64::from(self.to));
        if from < to {
            begins(day) && (from..to).contains(&minute)
        } else {
            (begins(day) && minute >= from) || (begins(day - 1) && minute < to)
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != [true; 7] {
            let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            for (name, _) in names.into_iter().zip(self.days).filter(|(_, begins)| *begins) {
                write!(f, "{name} ")?;
            }
        }
        let Self { from, to, .. } = self;
        write!(f, "{:02}:{:02} to {:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The master's broker's name of the instrument.
    pub symbol: &'a str,
    /// Whose order it is.
    pub magic: u64,
    /// Long or short.
    pub side: Side,
    /// What its sender wrote beside it.
    pub comment: &'a str,
    /// When it was opened, or placed, by the master's trade server's clock.
    pub time: ServerTime,
}

impl<'a> From<&'a Position> for Candidate<'a> {
    fn from(position: &'a Position) -> Self {
        Self {
            symbol: &position.symbol,
            magic: position.magic.0,
            side: position.side,
            comment: &position.comment,
            time: position.open_time,
        }
    }
}

impl<'a> From<&'a PendingOrder> for Candidate<'a> {
    fn from(order: &'a PendingOrder) -> Self {
        Self {
            symbol: &order.symbol,
            magic: order.magic.0,
            side: order.side,
            comment: &order.comment,
            time: order.placed,
        }
    }
}

/// Which of the master's trades a pool takes; an empty one takes all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolFilter {
    /// Symbols as the master's broker names them.
    pub symbols: Patterns,
    /// Magic numbers, both ends included; none means all.
    pub magic: Vec<RangeInclusive<u64>>,
    /// Sides.
    pub side: SideFilter,
    /// Comments. Brokers replace and cut them: never the only thing that keeps two strategies apart.
    pub comments: Patterns,
    /// When it was opened; none means at any time.
    pub hours: Vec<Hours>,
}

impl PoolFilter {
    /// Does the pool take this trade?
    pub fn takes(&self, trade: &Candidate) -> bool {
        self.symbols.takes(trade.symbol)
            && self.takes_magic(trade.magic)
            && self.side.takes(trade.side)
            && self.comments.takes(trade.comment)
            && self.takes_time(trade.time)
    }

    /// Does it take this magic number?
    pub fn takes_magic(&self, magic: u64) -> bool {
        self.magic.is_empty() || self.magic.iter().any(|range| range.contains(&magic))
    }

    /// Does it take what was opened at this moment?
    pub fn takes_time(&self, time: ServerTime) -> bool {
        self.hours.is_empty() || self.hours.iter().any(|hours| hours.covers(time))
    }
}

/// Does `name` match `pattern`, where `*` stands for any run of characters?
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(tail, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests;
