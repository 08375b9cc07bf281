//! What a pool takes.

use std::ops::RangeInclusive;

use super::quoted;
use crate::allocation::filter::DAY_MINUTES;
use crate::allocation::{Hours, Patterns, PoolFilter};
use crate::config::either::Either;
use crate::config::error::ConfigErrors;
use crate::config::raw::{RawFilter, RawHours, RawMagic};

/// Most bytes of one pattern: names have no more.
const MAX_PATTERN: usize = 64;
/// Most `*` of one pattern: what matching costs grows with every one.
const MAX_STARS: usize = 4;

/// The filter of the pool at `path`.
pub(super) fn filter(errors: &mut ConfigErrors, path: &str, raw: &RawFilter) -> PoolFilter {
    let path = format!("{path}.filter");
    let symbols =
        patterns(errors, &format!("{path}.symbols"), &raw.symbols, "a symbol such as \"EURUSD\" or \"XAU*\"");
    let mut magic = Vec::with_capacity(raw.magic.len());
    for (index, raw) in raw.magic.iter().enumerate() {
        magic.push(range(errors, &format!("{path}.magic[{index}]"), raw));
    }
    let comments = patterns(errors, &format!("{path}.comments"), &raw.comments, "a comment such as \"EA1*\"");
    let mut hours = Vec::with_capacity(raw.hours.len());
    for (index, raw) in raw.hours.iter().enumerate() {
        hours.extend(interval(errors, &format!("{path}.hours[{index}]"), raw));
    }
    PoolFilter { symbols, magic, side: raw.side.unwrap_or_default().0, comments, hours }
}

fn patterns(errors: &mut ConfigErrors, path: &str, raw: &[String], what: &str) -> Patterns {
    for (index, written) in raw.iter().enumerate() {
        let pattern = written.strip_prefix('!').unwrap_or(written);
        if pattern.is_empty() || pattern.len() > MAX_PATTERN || pattern.matches('*').count() > MAX_STARS {
            errors.add(
                format!("{path}[{index}]"),
                quoted(written),
                format!("{what}, with at most {MAX_STARS} `*`; `!` before it excludes"),
            );
        }
    }
    Patterns(raw.to_vec())
}

fn range(errors: &mut ConfigErrors, path: &str, raw: &RawMagic) -> RangeInclusive<u64> {
    match raw {
        Either::Short(magic) => magic.0..=magic.0,
        Either::Object(range) => {
            let (from, to) = (range.from.0, range.to.0);
            if from > to {
                errors.add(path, format!("{from} to {to}"), "a range whose `to` is not below its `from`");
            }
            from..=to
        }
    }
}

/// `None` where it cannot be understood, with an error recorded.
fn interval(errors: &mut ConfigErrors, path: &str, raw: &RawHours) -> Option<Hours> {
    let mut days = [raw.days.is_none(); 7];
    for (index, day) in raw.days.iter().flatten().enumerate() {
        let begins = &mut days[day.0 as usize];
        if *begins {
            errors.add(format!("{path}.days[{index}]"), "this day again", "each day once");
        }
        *begins = true;
    }
    if !days.contains(&true) {
        errors.add(format!("{path}.days"), "no day", "one or more, or no such key for every day");
    }
    let mut clock = |key: &str, written: &str, most: u16| {
        let minutes = minutes(written).filter(|minutes| *minutes <= most);
        if minutes.is_none() {
            let allowed = format!("a time from \"00:00\" to \"{:02}:{:02}\"", most / 60, most % 60);
            errors.add(format!("{path}.{key}"), quoted(written), allowed);
        }
        minutes
    };
    let (from, to) = (clock("from", &raw.from, DAY_MINUTES - 1), clock("to", &raw.to, DAY_MINUTES));
    let (from, to) = (from?, to?);
    if from == to {
        errors.add(
            format!("{path}.to"),
            format!("{}, when it begins", quoted(&raw.to)),
            "another time than `from`; a whole day is \"00:00\" to \"24:00\"",
        );
    }
    Some(Hours { days, from, to })
}

/// `HH:MM` in minutes, up to 99:59.
fn minutes(written: &str) -> Option<u16> {
    let (hours, minutes) = written.split_once(':')?;
    let two = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hours) || !two(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60).then_some(hours * 60 + minutes)
}
