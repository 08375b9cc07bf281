//! Handing out single steps in the order of a key, without sorting all keys.
//!
//! A histogram of the keys tells where the left-over runs out: everyone above gets a step, only the accounts in
//! that one bucket are put in order.

use std::cmp::Reverse;
use std::fmt::Debug;

use super::Logins;
use super::members::Member;

const BUCKETS: usize = 1024;
/// Fewer accounts than this are put in order at once: a histogram would cost more.
const FEW: usize = 64;

/// A number to order by; zero takes no part.
pub(super) trait Key: Copy + Ord + Default + Debug {
    /// The smallest that takes part.
    const LEAST: Self;
    /// Bits up to and including the highest that is set.
    fn bits(self) -> u32;
    /// Its top bits, as a bucket's number.
    fn bucket(self, shift: u32) -> usize;
    /// The smallest and the largest key of a bucket.
    fn of_bucket(bucket: usize, shift: u32) -> (Self, Self);
    /// One less; the caller has seen to it that it is not zero.
    fn less_one(self) -> Self;
    /// All bits of both: as long as the longer of the two.
    fn merged(self, other: Self) -> Self;
}

macro_rules! key {
    ($($name:ty),*) => {$(
        impl Key for $name {
            const LEAST: Self = 1;
            fn bits(self) -> u32 {
                Self::BITS - self.leading_zeros()
            }
            #[allow(clippy::cast_possible_truncation, reason = "only a bucket's bits are kept; silent for u64")]
            fn bucket(self, shift: u32) -> usize {
                (self >> shift) as usize & (BUCKETS - 1)
            }
            fn of_bucket(bucket: usize, shift: u32) -> (Self, Self) {
                let low = (bucket as Self) << shift;
                (low, low | ((1 << shift) - 1))
            }
            fn less_one(self) -> Self {
                self - 1
            }
            fn merged(self, other: Self) -> Self {
                self | other
            }
        }
    )*};
}
key!(u64, u128);

/// What is handed out, and to whom.
pub(super) struct Handout<'a, K> {
    /// One for each member; the largest first, zero never.
    pub(super) keys: &'a [K],
    pub(super) members: &'a [Member],
    /// The distinct steps, ascending.
    pub(super) steps: &'a [u64],
    /// Break ties, smallest first.
    pub(super) logins: Logins<'a>,
    /// Block units.
    pub(super) left: u64,
}

impl<K: Key> Handout<'_, K> {
    fn step<const UNIFORM: bool>(&self, member: &Member) -> u64 {
        self.steps[if UNIFORM { 0 } else { member.class as usize }]
    }
}

/// Buffers.
#[derive(Debug, Default)]
pub(super) struct Chooser<K> {
    /// Those among whom the left-over runs out: key, login, place.
    contested: Vec<(Reverse<K>, u64, usize)>,
    /// Block units that each bucket's accounts would take.
    sums: Vec<u64>,
}

/// Where the left-over runs out: accounts above `high` get their step, those from `low` to `high` are to be put
/// in order. With `high` zero everyone gets a step.
struct Cut<K> {
    low: K,
    high: K,
    /// What is left for those to be put in order.
    left: u64,
}

impl<K: Key> Chooser<K> {
    /// Gives (`TAKE`: takes) at most one step to each member, largest key first, as long as steps fit in the
    /// left-over; a member whose step does not fit is passed over.
    pub(super) fn hand_out<const UNIFORM: bool, const TAKE: bool>(
        &mut self,
        handout: &Handout<'_, K>,
        units: &mut [u64],
    ) {
        let mut left = handout.left;
        let smallest_step = handout.steps.first().copied().unwrap_or(u64::MAX);
        let Some(mut top) = handout.keys.iter().copied().reduce(K::merged) else { return };
        let shift = top.bits().saturating_sub(BUCKETS.trailing_zeros());
        // Each turn ends below an account whose step did not fit, so steps get smaller: one turn per distinct step.
        while left >= smallest_step && top >= K::LEAST {
            let cut = if handout.keys.len() <= FEW {
                Cut { low: K::LEAST, high: top, left }
            } else {
                self.cut::<UNIFORM>(handout, top, shift, left)
            };
            self.contested.clear();
            let rows = handout.keys.iter().zip(handout.members).zip(units.iter_mut());
            for (place, ((&key, member), units)) in rows.enumerate() {
                let step = handout.step::<UNIFORM>(member);
                let fits = UNIFORM || step <= left;
                let gets = key > cut.high && key <= top && fits;
                change::<TAKE>(units, if gets { step } else { 0 });
                if key >= cut.low && key <= cut.high && fits {
                    self.contested.push((Reverse(key), handout.logins.of(member), place));
                }
            }
            left = self.settle_contested::<UNIFORM, TAKE>(handout, units, cut.left);
            if UNIFORM || cut.high < K::LEAST {
                return;
            }
            top = cut.low.less_one();
        }
    }

    /// Which bucket of the keys up to `top` is the first, from above, that does not fit as a whole?
    fn cut<const UNIFORM: bool>(
        &mut self,
        handout: &Handout<'_, K>,
        top: K,
        shift: u32,
        left: u64,
    ) -> Cut<K> {
        self.sums.clear();
        self.sums.resize(BUCKETS, 0);
        for (&key, member) in handout.keys.iter().zip(handout.members) {
            let step = handout.step::<UNIFORM>(member);
            let takes = key >= K::LEAST && key <= top && (UNIFORM || step <= left);
            if let Some(sum) = self.sums.get_mut(key.bucket(shift)) {
                *sum = sum.saturating_add(if takes { step } else { 0 });
            }
        }
        let mut left = left;
        for (bucket, sum) in self.sums.iter().enumerate().rev() {
            let Some(rest) = left.checked_sub(*sum) else {
                let (low, high) = K::of_bucket(bucket, shift);
                return Cut { low: low.max(K::LEAST), high, left };
            };
            left = rest;
        }
        Cut { low: K::LEAST, high: K::default(), left }
    }

    /// Hands out `left` among the contested, in order; answers what is left then.
    fn settle_contested<const UNIFORM: bool, const TAKE: bool>(
        &mut self,
        handout: &Handout<'_, K>,
        units: &mut [u64],
        mut left: u64,
    ) -> u64 {
        if UNIFORM {
            let step = handout.steps[0];
            let count = usize::try_from(left / step).unwrap_or(usize::MAX);
            if count < self.contested.len() {
                self.contested.select_nth_unstable(count);
                self.contested.truncate(count);
            }
        } else {
            self.contested.sort_unstable();
        }
        for &(_, _, place) in &self.contested {
            let step = handout.step::<UNIFORM>(&handout.members[place]);
            if let Some(rest) = left.checked_sub(step) {
                left = rest;
                change::<TAKE>(&mut units[place], step);
            }
        }
        left
    }
}

fn change<const TAKE: bool>(units: &mut u64, step: u64) {
    *units = if TAKE { *units - step } else { *units + step };
}
