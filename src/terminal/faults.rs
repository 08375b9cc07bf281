//! What goes wrong between a request and its answer.

use super::account::Terminal;
use super::random::SplitMix;
use crate::domain::{Lots, Retcode};

/// How a broker answers one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Executed if the rules allow it, and answered with what came of it.
    Plain,
    /// Not executed, whatever the rules say, and answered with this code: a requote, or a time-out of a request
    /// that never arrived.
    Refused(Retcode),
    /// Executed if the rules allow it, and answered with this code and nothing else in either case: a time-out,
    /// or a connection that was lost on the way back.
    Hidden(Retcode),
    /// An immediate-or-cancel order gets a part: whole lot steps, at least the minimum, less than was asked for;
    /// answered with `DONE_PARTIAL`. As `Plain` for any other request, and where no such part exists.
    Partial,
    /// Answered with `PLACED`. A market order is executed at the next quote, or when time passes, whichever is
    /// first, at the price before it; what the rules refuse then comes to nothing. Any other request is executed at
    /// once.
    Placed,
    /// As `Placed`, at the first quote or passing of time after so many milliseconds: the broker works on it until then.
    Working {
        /// How long, at least.
        ms: u32,
    },
}

/// How often a broker's answers go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// An answer, and how many requests of a thousand get it; together at most 1000. The rest are plain.
    pub per_mille: Vec<(Answer, u32)>,
}

impl Faults {
    pub(super) const MOST: u64 = 1000;

    /// Every fault there is, each of them `per_mille` of a thousand requests; at most 62.
    pub fn every(per_mille: u32) -> Self {
        use Answer::{Hidden, Partial, Placed, Refused, Working};
        let answers = [
            Refused(Retcode::REQUOTE),
            Refused(Retcode::PRICE_CHANGED),
            Refused(Retcode::PRICE_OFF),
            Refused(Retcode::TOO_MANY_REQUESTS),
            Refused(Retcode::LOCKED),
            Refused(Retcode::REJECT),
            Refused(Retcode::MARKET_CLOSED),
            Refused(Retcode::TIMEOUT),
            Hidden(Retcode::TIMEOUT),
            Refused(Retcode::CONNECTION),
            Hidden(Retcode::CONNECTION),
            Refused(Retcode::ERROR),
            Hidden(Retcode::ERROR),
            Partial,
            Placed,
            Working { ms: 4_000 },
        ];
        Self { per_mille: answers.into_iter().map(|answer| (answer, per_mille)).collect() }
    }

    pub(super) fn sum(&self) -> u64 {
        self.per_mille.iter().map(|(_, per_mille)| u64::from(*per_mille)).sum()
    }

    /// The answer that a number from 0 to 999 stands for.
    fn at(&self, number: u32) -> Answer {
        let mut left = number;
        for (answer, per_mille) in &self.per_mille {
            match left.checked_sub(*per_mille) {
                None => return *answer,
                Some(rest) => left = rest,
            }
        }
        Answer::Plain
    }
}

/// What chance has in store for one request. Drawn for every request, executed or not, so that one refusal does
/// not change what the others get.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    /// How much worse than the quote a market order is filled; in points.
    pub(super) slippage_points: u32,
    pub(super) delay_ms: u32,
    /// From 0 to 999.
    fault: u32,
    /// How much a partial fill gets; `None` for all.
    part: Option<u32>,
}

impl Chance {
    pub(super) fn draw(prices: &mut SplitMix, faults: &mut SplitMix, slippage: u32, delay: u32) -> Self {
        Self {
            slippage_points: prices.up_to(slippage),
            delay_ms: prices.up_to(delay),
            fault: faults.up_to(999),
            part: Some(faults.up_to(u32::MAX)),
        }
    }

    /// The same without a partial fill.
    pub(super) const fn whole(self) -> Self {
        Self { part: None, ..self }
    }

    /// A part of `lots` in whole steps, at least `least` and less than all; all of it where there is none.
    pub(super) fn part_of(&self, lots: Lots, least: Lots, step: Lots) -> Lots {
        let Some(part) = self.part else { return lots };
        let step = step.units().max(1);
        let first = least.units().max(step).div_euclid(step) + i64::from(least.units() % step != 0);
        // The parts that may be: `first` to the one before the last.
        let parts = lots.units().div_euclid(step) - first;
        if parts < 1 {
            return lots;
        }
        Lots::from_units((first + i64::from(part) % parts).saturating_mul(step))
    }
}

impl Terminal {
    /// The next requests are answered so, one each; after them chance decides again. A request of a disconnected
    /// terminal uses none up.
    pub fn next_answers(&mut self, answers: impl IntoIterator<Item = Answer>) {
        self.script.extend(answers);
    }

    /// Connects the terminal with its trade server, or disconnects it. A disconnected one answers every request
    /// with `CONNECTION` and executes none; quotes reach the broker all the same: stops and pending orders trigger.
    pub fn set_connected(&mut self, connected: bool) {
        self.connected = connected;
    }

    /// The answer of the present request.
    pub(super) fn answer(&mut self, chance: &Chance) -> Answer {
        self.script.pop_front().unwrap_or_else(|| self.settings.faults.at(chance.fault))
    }
}
