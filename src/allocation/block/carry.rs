//! Rule 5: shares with credits from earlier blocks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::choose::{Chooser, Handout, settle_waiting, shift_of};
use super::divide::{MILLION, Width};
use super::members::{CARRY_SPAN, Level, Steps};
use super::settle::{Logins, State, Terms, Work};
use super::{Claim, MAX_CREDIT};

/// Millionths of a step that are kept clear on both sides: an account is given a step ahead of time only if it is
/// owed more than this, and should have it before it is owed a whole step less this. For `n` accounts whose
/// weights stand everybody can be kept within `1 - 1/(2n - 2)` steps (R. Tijdeman, "The chairman assignment
/// problem", Discrete Mathematics 32, 1980), so this suits 250; 3,000 blocks of credits rounded to a millionth
/// need 1,500 of it.
const MARGIN: u64 = 2_000;

/// Buffers.
#[derive(Debug, Default)]
pub(super) struct Carry {
    /// For each member: what it is owed less what it has, on the [`Scale`].
    owed: Vec<u128>,
    /// For each member: its place in a line, largest first; zero for who does not stand in it.
    line: Vec<u128>,
    /// For each member: the most that handing out may bring it to, in steps.
    most: Vec<u64>,
    chooser: Chooser<u128>,
    queue: BinaryHeap<Queued>,
}

/// Next in line: the largest key, then the smaller login (or the larger, where the login's bits are flipped).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Queued {
    key: u128,
    login: Reverse<u64>,
    place: usize,
}

/// Common scale of what is owed: one step is `total weight × common multiple of steps × 10^6`, and nothing is in
/// the middle, so that numbers stay positive.
#[derive(Clone, Copy)]
struct Scale {
    /// A millionth of a step.
    millionth: u128,
}

impl Scale {
    const fn step(self) -> u128 {
        self.millionth * MILLION as u128
    }
    /// Where nothing is owed.
    const fn zero(self) -> u128 {
        self.millionth * (CARRY_SPAN / 2) as u128
    }
    /// Above this an account may be given a step ahead of time.
    const fn due(self) -> u128 {
        self.zero() + self.millionth * MARGIN as u128
    }
    /// More than any two numbers on the scale differ by.
    const fn span(self) -> u128 {
        self.millionth * CARRY_SPAN as u128
    }
    /// After how many more block units would this account be owed a whole step, less the margin? Rounded up.
    /// `per_step` is the common multiple of steps divided by its step.
    fn wait(self, owed: u128, weight: u64, per_step: u128) -> u128 {
        let late = self.zero() + self.step() - self.millionth * u128::from(MARGIN);
        let missing = late.saturating_sub(owed);
        missing.div_ceil(u128::from(weight) * per_step * u128::from(MILLION))
    }
}

/// Lines up accounts for one more step.
struct Line<'a, N: Width> {
    scale: Scale,
    steps: Steps<'a>,
    weights: &'a [u64],
    work: &'a Work<N>,
}

impl<N: Width> Line<'_, N> {
    /// See [`Scale::wait`].
    fn wait<const UNIFORM: bool>(&self, place: usize, owed: u128) -> u128 {
        let (_, shifted) = self.work.classes[self.steps.class::<UNIFORM>(place)];
        self.scale.wait(owed, self.weights[place], shifted.into() >> self.work.shift)
    }
    /// Who is owed more than the margin comes first, the shortest wait before all; then who is owed most.
    fn rank<const UNIFORM: bool>(&self, place: usize, owed: u128) -> u128 {
        if owed > self.scale.due() { u128::MAX - self.wait::<UNIFORM>(place, owed) } else { owed }
    }
}

impl State {
    /// Rules 1 to 5 without the new credits.
    pub(super) fn deal_carry<N: Width, const UNIFORM: bool>(
        &mut self,
        terms: Terms<'_>,
        level: &Level<N>,
        work: &Work<N>,
    ) {
        let scale = Scale { millionth: level.weight.into() * terms.survey.common };
        let used = self.start_carry::<N, UNIFORM>(terms, level, work, scale);
        let target = u128::from(level.target);
        if used > target {
            if !self.take_back_at_once::<UNIFORM>(terms.claims, used - target, scale) {
                let left = self.take_back::<UNIFORM>(terms.claims, used - target, scale);
                self.give::<N, UNIFORM>(terms.claims, left, work, scale);
            }
        } else if let Ok(left) = u64::try_from(target - used)
            && !self.give_at_once::<N, UNIFORM>(terms.claims, left, work, scale)
        {
            self.give::<N, UNIFORM>(terms.claims, left, work, scale);
        }
    }

    /// Where everybody starts; answers the sum.
    fn start_carry<N: Width, const UNIFORM: bool>(
        &mut self,
        terms: Terms<'_>,
        level: &Level<N>,
        work: &Work<N>,
        scale: Scale,
    ) -> u128 {
        let million = i128::from(MILLION);
        let steps = self.roll.steps();
        let Carry { owed, most, .. } = &mut self.carry;
        owed.resize(terms.claims.len(), 0);
        most.clear();
        most.resize(terms.claims.len(), terms.block);
        for limit in self.roll.limited() {
            most[limit.place as usize] = limit.cap;
        }
        let mut used = 0_u128;
        let rows = self.roll.weights.iter().zip(&mut self.counts).zip(owed).zip(most);
        for ((place, claim), (((weight, given), owed), most)) in terms.claims.iter().enumerate().zip(rows) {
            if *weight == 0 {
                (*given, *owed, *most) = (0, 0, 0);
                continue;
            }
            let (divisor, to_common) = &work.classes[steps.class::<UNIFORM>(place)];
            let (count, rest) = N::share(level.block, *weight, divisor);
            let missing = (rest.scaled(*to_common).into() >> work.shift) * u128::from(MILLION);
            let credit_steps = claim.credit.div_euclid(MILLION.cast_signed());
            let credit_part = claim.credit.rem_euclid(MILLION.cast_signed()).unsigned_abs();
            let part = missing + u128::from(credit_part) * scale.millionth;
            let due = i128::from(count) + i128::from(credit_steps) + i128::from(part >= scale.step());
            let step = steps.of::<UNIFORM>(place);
            let cap = *most / step;
            let start = due.clamp(0, i128::from(cap));
            let owing =
                i128::from(claim.credit) + million * (i128::from(count) - start) + i128::from(CARRY_SPAN / 2);
            *owed = missing + owing.unsigned_abs() * scale.millionth;
            *given = u64::try_from(start).unwrap_or(cap);
            used += u128::from(*given) * u128::from(step);
            *most = (*given + 1).max(count + u64::from(rest > N::default())).min(cap);
        }
        used
    }

    /// The same as [`give`](Self::give) where steps are equal and only accounts owed more than the margin get one
    /// (then they are owed less than nothing, and nobody's turn comes twice): answers whether it was so.
    fn give_at_once<N: Width, const UNIFORM: bool>(
        &mut self,
        claims: &[Claim],
        left: u64,
        work: &Work<N>,
        scale: Scale,
    ) -> bool {
        let steps = self.roll.steps();
        let Carry { owed, most, line, chooser, .. } = &mut self.carry;
        let queue = Line { scale, steps, weights: &self.roll.weights, work };
        let (mut able, mut longest) = (0_u64, 0);
        line.clear();
        line.extend(owed.iter().zip(&*most).zip(&self.counts).enumerate().map(
            |(place, ((owed, most), count))| {
                if count >= most || *owed <= scale.due() {
                    return u128::MAX;
                }
                let wait = queue.wait::<UNIFORM>(place, *owed);
                able += 1;
                longest = wait.max(longest);
                wait
            },
        ));
        if !UNIFORM || left / steps.smallest() > able {
            return false;
        }
        for wait in line.iter_mut() {
            *wait = (longest + 1).saturating_sub(*wait);
        }
        let (logins, shift) = (Logins { claims, flip: 0 }, shift_of(longest + 1, claims.len()));
        let handout = Handout { steps, logins, left, shift };
        chooser.tally::<UNIFORM>(&handout, line);
        let waiting = chooser.hand_out::<UNIFORM, false>(&handout, line, &mut self.counts);
        settle_waiting::<u128, false>(line, waiting, &mut self.counts);
        true
    }

    /// The same as [`take_back`](Self::take_back) where steps are equal and nobody loses two: answers whether it
    /// was so.
    fn take_back_at_once<const UNIFORM: bool>(
        &mut self,
        claims: &[Claim],
        excess: u128,
        scale: Scale,
    ) -> bool {
        let steps = self.roll.steps();
        let Carry { owed, line, chooser, .. } = &mut self.carry;
        let rows = || self.counts.iter().zip(&*owed).filter(|(count, _)| **count > 0).map(|(_, owed)| *owed);
        // Who loses a step is owed one more: within one step of the first nobody's turn comes twice.
        let ceiling = rows().min().map_or(0, |owed| owed + scale.step());
        let able = rows().filter(|owed| *owed < ceiling).count();
        let count = excess.div_ceil(u128::from(steps.smallest()));
        let Ok(left) = u64::try_from(count * u128::from(steps.smallest())) else { return false };
        if !UNIFORM || count > able as u128 {
            return false;
        }
        line.clear();
        line.extend(
            self.counts.iter().zip(&*owed).map(
                |(count, owed)| {
                    if *count > 0 { ceiling.saturating_sub(*owed) } else { 0 }
                },
            ),
        );
        let (logins, shift) = (Logins { claims, flip: u64::MAX }, shift_of(scale.step(), claims.len()));
        let handout = Handout { steps, logins, left, shift };
        chooser.tally::<UNIFORM>(&handout, line);
        let waiting = chooser.hand_out::<UNIFORM, true>(&handout, line, &mut self.counts);
        settle_waiting::<u128, true>(line, waiting, &mut self.counts);
        true
    }

    /// Takes steps back one by one, always from who is owed least; answers what is left to give.
    fn take_back<const UNIFORM: bool>(&mut self, claims: &[Claim], mut excess: u128, scale: Scale) -> u64 {
        let (steps, logins) = (self.roll.steps(), Logins { claims, flip: u64::MAX });
        let (counts, Carry { owed, queue, .. }) = (&mut self.counts, &mut self.carry);
        let queued = |place: usize, owed: u128| Queued {
            key: scale.span() - owed,
            login: Reverse(logins.of(place)),
            place,
        };
        let rows = counts.iter().zip(owed.iter()).enumerate().filter(|(_, (count, _))| **count > 0);
        refill(queue, rows.map(|(place, (_, owed))| queued(place, *owed)));
        while excess > 0 {
            let Some(Queued { place, .. }) = queue.pop() else { break };
            let step = steps.of::<UNIFORM>(place);
            counts[place] -= 1;
            owed[place] += scale.step();
            let Some(rest) = excess.checked_sub(u128::from(step)) else {
                return step - u64::try_from(excess).unwrap_or(step);
            };
            excess = rest;
            if counts[place] > 0 {
                queue.push(queued(place, owed[place]));
            }
        }
        0
    }

    /// Gives steps one by one, always to the first in line of those whose step fits.
    fn give<N: Width, const UNIFORM: bool>(
        &mut self,
        claims: &[Claim],
        mut left: u64,
        work: &Work<N>,
        scale: Scale,
    ) {
        let (steps, logins) = (self.roll.steps(), Logins { claims, flip: 0 });
        let (counts, Carry { owed, most, queue, .. }) = (&mut self.counts, &mut self.carry);
        let line = Line { scale, steps, weights: &self.roll.weights, work };
        let queued = |place: usize, owed: u128| Queued {
            key: line.rank::<UNIFORM>(place, owed),
            login: Reverse(logins.of(place)),
            place,
        };
        let rows = owed.iter().enumerate().filter(|(place, _)| counts[*place] < most[*place]);
        refill(queue, rows.map(|(place, owed)| queued(place, *owed)));
        while let Some(Queued { place, .. }) = queue.pop() {
            // What is left only shrinks: a step that does not fit now never will.
            let Some(rest) = left.checked_sub(steps.of::<UNIFORM>(place)) else { continue };
            left = rest;
            counts[place] += 1;
            owed[place] -= scale.step();
            if counts[place] < most[place] {
                queue.push(queued(place, owed[place]));
            }
        }
    }

    /// The rest of rule 5: new credits, in shares already written. The members got `shared` units; `work` holds
    /// divisors by the sum of their weights.
    pub(super) fn settle_credits<N: Width, const UNIFORM: bool>(&mut self, shared: u64, work: &Work<N>) {
        let (million, steps) = (i128::from(MILLION), self.roll.steps());
        for (place, (share, weight)) in self.shares.iter_mut().zip(&self.roll.weights).enumerate() {
            if *weight == 0 {
                continue;
            }
            let (divisor, _) = &work.classes[steps.class::<UNIFORM>(place)];
            let (count, rest) = N::share(shared, *weight, divisor);
            let behind = i128::from(count) - i128::from(share.units / steps.of::<UNIFORM>(place));
            let fair = behind * million + i128::from(rest.millionths(divisor));
            let credit = i128::from(share.new_credit) + fair;
            let credit = credit.clamp(i128::from(-MAX_CREDIT), i128::from(MAX_CREDIT));
            share.new_credit = i64::try_from(credit).unwrap_or_default();
        }
        for place in &self.roll.dropped {
            let share = &mut self.shares[*place as usize];
            share.new_credit = share.new_credit.max(0);
        }
    }
}

/// Replaces the queue's contents, in its own buffer.
fn refill(queue: &mut BinaryHeap<Queued>, rows: impl Iterator<Item = Queued>) {
    let mut buffer = std::mem::take(queue).into_vec();
    buffer.clear();
    buffer.extend(rows);
    *queue = BinaryHeap::from(buffer);
}
