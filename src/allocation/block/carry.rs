//! Rule 5: shares with credits from earlier blocks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::choose::{Chooser, Handout};
use super::divide::{MILLION, Width};
use super::members::{CARRY_SPAN, Level};
use super::{Claim, Logins, MAX_CREDIT, Scratch, Terms, Work};

/// Buffers.
#[derive(Debug, Default)]
pub(super) struct Carry {
    /// For each member: steps owed less steps given, in fractions of [`Scale`], from a base below all of them.
    owed: Vec<u128>,
    /// For each member: the most that handing out may bring it to, block units.
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

/// Common scale of what is owed: one step is `total weight × common multiple of steps × 10^6`.
#[derive(Clone, Copy)]
struct Scale {
    /// A millionth of a step.
    millionth: u128,
}

impl Scale {
    const fn step(self) -> u128 {
        self.millionth * MILLION as u128
    }
    /// More than any two keys differ by.
    const fn span(self) -> u128 {
        self.millionth * CARRY_SPAN as u128
    }
}

impl Scratch {
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
            if self.take_back_at_once::<UNIFORM>(terms.claims, used - target, scale) {
                return;
            }
            let left = self.take_back(terms.claims, used - target, scale);
            self.give(terms.claims, left, scale);
        } else if let Ok(left) = u64::try_from(target - used)
            && !self.give_at_once::<UNIFORM>(terms.claims, left, scale)
        {
            self.give(terms.claims, left, scale);
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
        self.carry.owed.clear();
        self.carry.most.clear();
        let mut used = 0_u128;
        for (member, units) in self.members[..self.live].iter().zip(&mut self.units) {
            let class = if UNIFORM { 0 } else { member.class as usize };
            let (divisor, to_common) = &work.classes[class];
            let (count, rest) = N::share(level.block, member.weight, divisor);
            let missing = rest.scaled(*to_common).into() * u128::from(MILLION);
            let credit = i128::from(terms.claims[member.index as usize].credit);
            let (credit_steps, credit_part) = (credit.div_euclid(million), credit.rem_euclid(million));
            let part = missing + credit_part.unsigned_abs() * scale.millionth;
            let due = i128::from(count) + credit_steps + i128::from(part >= scale.step());
            let step = self.steps[class];
            let start = due.clamp(0, i128::from(member.cap / step));
            let owed = credit + million * (i128::from(count) - start) + i128::from(CARRY_SPAN / 2);
            self.carry.owed.push(missing + owed.unsigned_abs() * scale.millionth);
            let start = u64::try_from(start).unwrap_or_default();
            *units = start * step;
            used += u128::from(*units);
            let most = (start + 1).max(count + u64::from(rest > N::default()));
            self.carry.most.push(most.saturating_mul(step).min(member.cap));
        }
        used
    }

    /// The same as [`give`](Self::give) where that gives nobody two steps: answers whether it was so.
    fn give_at_once<const UNIFORM: bool>(&mut self, claims: &[Claim], left: u64, scale: Scale) -> bool {
        let step = self.steps[0];
        let (units, carry) = (&mut self.units[..self.live], &mut self.carry);
        let may = |units: u64, most: u64| most - units >= step;
        let rows = || units.iter().zip(&carry.most).zip(&carry.owed);
        let most_owed = rows().filter(|((units, most), _)| may(**units, **most)).map(|(_, owed)| *owed).max();
        // Whoever gets a step goes back by one in the line: within one step of the first nobody's turn comes twice.
        let floor = most_owed.map_or(0, |owed| owed - scale.step());
        let able = rows().filter(|((units, most), owed)| may(**units, **most) && **owed > floor).count();
        if !UNIFORM || u128::from(left / step) > able as u128 {
            return false;
        }
        for ((units, most), owed) in units.iter().zip(&carry.most).zip(&mut carry.owed) {
            *owed = if may(*units, *most) && *owed > floor { *owed - floor } else { 0 };
        }
        let (members, logins) = (&self.members[..self.live], Logins { claims, flip: 0 });
        let handout = Handout { keys: &carry.owed, members, steps: &self.steps, logins, left };
        carry.chooser.hand_out::<UNIFORM, false>(&handout, units);
        true
    }

    /// The same as [`take_back`](Self::take_back) where that takes two steps from nobody: answers whether it was so.
    fn take_back_at_once<const UNIFORM: bool>(
        &mut self,
        claims: &[Claim],
        excess: u128,
        scale: Scale,
    ) -> bool {
        let step = self.steps[0];
        let (units, carry) = (&mut self.units[..self.live], &mut self.carry);
        let rows = || units.iter().zip(&carry.owed).filter(|(units, _)| **units > 0).map(|(_, owed)| *owed);
        let Some(least_owed) = rows().min() else { return true };
        let ceiling = least_owed + scale.step();
        let able = rows().filter(|owed| *owed < ceiling).count();
        let count = excess.div_ceil(u128::from(step));
        if !UNIFORM || count > able as u128 {
            return false;
        }
        for (units, owed) in units.iter().zip(&mut carry.owed) {
            *owed = if *units > 0 && *owed < ceiling { ceiling - *owed } else { 0 };
        }
        let Ok(left) = u64::try_from(count * u128::from(step)) else { return false };
        let (members, logins) = (&self.members[..self.live], Logins { claims, flip: u64::MAX });
        let handout = Handout { keys: &carry.owed, members, steps: &self.steps, logins, left };
        carry.chooser.hand_out::<UNIFORM, true>(&handout, units);
        true
    }

    /// Takes steps back one by one, always from who is owed least; answers what is left to give.
    fn take_back(&mut self, claims: &[Claim], mut excess: u128, scale: Scale) -> u64 {
        let logins = Logins { claims, flip: u64::MAX };
        let (units, carry) = (&mut self.units[..self.live], &mut self.carry);
        let rows = self.members.iter().zip(&*units).zip(&carry.owed).enumerate();
        refill(
            &mut carry.queue,
            rows.filter(|(_, ((_, units), _))| **units > 0).map(|(place, ((member, _), owed))| Queued {
                key: scale.span() - owed,
                login: Reverse(logins.of(member)),
                place,
            }),
        );
        while excess > 0 {
            let Some(mut next) = carry.queue.pop() else { break };
            let step = self.steps[self.members[next.place].class as usize];
            units[next.place] -= step;
            carry.owed[next.place] += scale.step();
            if let Some(rest) = excess.checked_sub(u128::from(step)) {
                excess = rest;
            } else {
                return step - u64::try_from(excess).unwrap_or(step);
            }
            if units[next.place] > 0 {
                next.key -= scale.step();
                carry.queue.push(next);
            }
        }
        0
    }

    /// Gives steps one by one, always to who is owed most of those whose step fits.
    fn give(&mut self, claims: &[Claim], mut left: u64, scale: Scale) {
        let logins = Logins { claims, flip: 0 };
        let (units, carry) = (&mut self.units[..self.live], &mut self.carry);
        let (members, steps) = (&self.members[..self.live], &self.steps);
        let may = |place: usize, units: u64, most: u64| {
            let step = steps[members[place].class as usize];
            most.saturating_sub(units) >= step
        };
        let rows = units.iter().zip(&carry.most).zip(&carry.owed).enumerate();
        refill(
            &mut carry.queue,
            rows.filter(|(place, ((units, most), _))| may(*place, **units, **most)).map(
                |(place, (_, owed))| Queued { key: *owed, login: Reverse(logins.of(&members[place])), place },
            ),
        );
        while let Some(mut next) = carry.queue.pop() {
            let Queued { place, .. } = next;
            // What is left only shrinks: a step that does not fit now never will.
            let Some(rest) = left.checked_sub(steps[members[place].class as usize]) else { continue };
            units[place] += left - rest;
            left = rest;
            if may(place, units[place], carry.most[place]) {
                next.key -= scale.step();
                carry.queue.push(next);
            }
        }
    }

    /// Rule 5's new credits of the members, who got `shared` units; `work` holds divisors by the sum of their
    /// weights.
    pub(super) fn settle_credits<N: Width>(&mut self, shared: u64, work: &Work<N>) {
        let million = i128::from(MILLION);
        for (member, units) in self.members[..self.live].iter().zip(&self.units) {
            let class = member.class as usize;
            let (divisor, _) = &work.classes[class];
            let (count, rest) = N::share(shared, member.weight, divisor);
            let ahead = i128::from(count) - i128::from(units / self.steps[class]);
            let share = &mut self.shares[member.index as usize];
            let credit =
                i128::from(share.new_credit) + ahead * million + i128::from(rest.millionths(divisor));
            let credit = credit.clamp(i128::from(-MAX_CREDIT), i128::from(MAX_CREDIT));
            share.new_credit = i64::try_from(credit).unwrap_or_default();
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
