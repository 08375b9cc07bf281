//! Handing out single steps in the order of a key, without sorting all keys.
//!
//! A histogram of the keys tells where the left-over runs out: everyone above gets a step, only the accounts in
//! that one bucket are put in order.

use std::cmp::Reverse;
use std::fmt::Debug;

use super::Logins;
use super::members::Steps;

pub(super) const BUCKETS: usize = 1024;
/// So many buckets, for up to as many accounts: more would cost more than they save.
const FEW: usize = 64;

/// A number to order by; zero takes no part.
pub(super) trait Key: Copy + Ord + Default + Debug {
    /// The smallest that takes part.
    const LEAST: Self;
    /// The largest there is.
    const MOST: Self;
    /// The shift to buckets for keys that use all bits.
    fn top_shift(accounts: usize) -> u32;
    /// Its bits from `shift` up, as a bucket's number.
    fn bucket(self, shift: u32) -> usize;
    /// The smallest and the largest key of a bucket.
    fn of_bucket(bucket: usize, shift: u32) -> (Self, Self);
    /// Is it from `low` to `high`, which is not below `low`?
    fn within(self, low: Self, high: Self) -> bool;
    /// One less; not for zero.
    #[must_use]
    fn less_one(self) -> Self;
}

macro_rules! key {
    ($($name:ty),*) => {$(
        impl Key for $name {
            const LEAST: Self = 1;
            const MOST: Self = Self::MAX;
            fn top_shift(accounts: usize) -> u32 {
                Self::BITS - buckets_for(accounts).trailing_zeros()
            }
            #[allow(clippy::cast_possible_truncation, reason = "only a bucket's bits are kept; silent for u64")]
            #[inline]
            fn bucket(self, shift: u32) -> usize {
                (self >> shift) as usize & (BUCKETS - 1)
            }
            fn of_bucket(bucket: usize, shift: u32) -> (Self, Self) {
                let low = (bucket as Self) << shift;
                (low, low | ((1 << shift) - 1))
            }
            #[inline]
            fn within(self, low: Self, high: Self) -> bool {
                self.wrapping_sub(low) <= high - low
            }
            fn less_one(self) -> Self {
                self - 1
            }
        }
    )*};
}
key!(u64, u128);

/// How many buckets to use.
const fn buckets_for(accounts: usize) -> usize {
    if accounts <= FEW { FEW } else { BUCKETS }
}

/// The shift to buckets for keys that are not longer than `most`.
pub(super) fn shift_of(most: impl Into<u128>, accounts: usize) -> u32 {
    (u128::BITS - most.into().leading_zeros()).saturating_sub(buckets_for(accounts).trailing_zeros())
}

/// Counts an account, or its step where steps differ, in its key's bucket. (The lowest bucket counts keys of zero,
/// too: at worst its accounts are put in order without need.)
#[inline]
pub(super) fn note<K: Key, const UNIFORM: bool>(sums: &mut [u64; BUCKETS], key: K, shift: u32, step: u64) {
    let sum = &mut sums[key.bucket(shift)];
    *sum = if UNIFORM { *sum + 1 } else { sum.saturating_add(step) };
}

/// Gives (`TAKE`: takes) one step to everybody whose key is above `waiting`.
pub(super) fn settle_waiting<K: Key, const TAKE: bool>(keys: &[K], waiting: K, counts: &mut [u64]) {
    for (key, count) in keys.iter().zip(counts) {
        change::<TAKE>(count, *key > waiting);
    }
}

#[inline]
fn change<const TAKE: bool>(count: &mut u64, gets: bool) {
    *count = if TAKE { *count - u64::from(gets) } else { *count + u64::from(gets) };
}

/// What is handed out, and how.
pub(super) struct Handout<'a> {
    pub(super) steps: Steps<'a>,
    /// Break ties, smallest first.
    pub(super) logins: Logins<'a>,
    /// Block units.
    pub(super) left: u64,
    /// From keys to buckets.
    pub(super) shift: u32,
}

/// Buffers.
#[derive(Debug)]
pub(super) struct Chooser<K> {
    /// Those among whom the left-over runs out: key, login, place.
    contested: Vec<(Reverse<K>, u64, usize)>,
    /// How many accounts each bucket has, or, where steps differ, how many units they would take.
    sums: Box<[u64; BUCKETS]>,
}

impl<K> Default for Chooser<K> {
    fn default() -> Self {
        Self { contested: Vec::new(), sums: Box::new([0; BUCKETS]) }
    }
}

/// Where the left-over runs out: accounts above `high` get their step, those from `low` to `high` are to be put
/// in order. With `high` zero everyone gets a step.
struct Cut<K> {
    low: K,
    high: K,
    /// What is left for those to be put in order: steps where all are equal, else units.
    left: u64,
}

impl<K: Key> Chooser<K> {
    /// A fresh histogram for [`note`].
    pub(super) fn begin(&mut self, accounts: usize) -> &mut [u64; BUCKETS] {
        self.sums[..buckets_for(accounts)].fill(0);
        &mut self.sums
    }

    /// The histogram of the keys up to `top` whose step fits.
    pub(super) fn tally<const UNIFORM: bool>(&mut self, handout: &Handout<'_>, keys: &[K], top: K) {
        let sums = self.begin(keys.len());
        for (place, key) in keys.iter().enumerate() {
            let step = handout.steps.of::<UNIFORM>(place);
            if UNIFORM || (*key <= top && step <= handout.left) {
                note::<K, UNIFORM>(sums, *key, handout.shift, step);
            }
        }
    }

    /// Gives (`TAKE`: takes) at most one step to each account, largest key first, as long as steps fit in the
    /// left-over; an account whose step does not fit is passed over. The keys must have been tallied.
    ///
    /// Answers a key: who is above it still has to be given the step, see [`settle_waiting`]. (The caller may
    /// have another walk over the accounts to make.)
    pub(super) fn hand_out<const UNIFORM: bool, const TAKE: bool>(
        &mut self,
        handout: &Handout<'_>,
        keys: &[K],
        counts: &mut [u64],
    ) -> K {
        if UNIFORM {
            let cut = self.cut(keys.len(), handout.left / handout.steps.smallest(), handout.shift);
            self.contest::<UNIFORM>(handout, keys, &cut, K::MOST);
            self.settle_contest::<UNIFORM, TAKE>(handout.steps, counts, cut.left);
            return cut.high;
        }
        self.hand_out_unequal::<TAKE>(handout, keys, counts);
        K::MOST
    }

    /// The same for different steps, and nobody has to wait.
    fn hand_out_unequal<const TAKE: bool>(&mut self, handout: &Handout<'_>, keys: &[K], counts: &mut [u64]) {
        let (steps, mut left, mut top) = (handout.steps, handout.left, K::MOST);
        // Each turn ends below an account whose step did not fit, so steps get smaller: one turn per distinct step.
        loop {
            let turn = Handout { left, ..*handout };
            let cut = self.cut(keys.len(), left, turn.shift);
            if cut.high < top {
                for (place, (key, count)) in keys.iter().zip(counts.iter_mut()).enumerate() {
                    change::<TAKE>(count, *key > cut.high && *key <= top && steps.of::<false>(place) <= left);
                }
            }
            self.contest::<false>(&turn, keys, &cut, top);
            left = self.settle_contest::<false, TAKE>(steps, counts, cut.left);
            if left < steps.smallest() || cut.low <= K::LEAST || cut.high < K::LEAST {
                return;
            }
            top = cut.low.less_one();
            self.tally::<false>(&Handout { left, ..turn }, keys, top);
        }
    }

    /// Which bucket is the first, from above, that does not fit as a whole?
    fn cut(&self, accounts: usize, mut left: u64, shift: u32) -> Cut<K> {
        for (bucket, sum) in self.sums[..buckets_for(accounts)].iter().enumerate().rev() {
            let Some(rest) = left.checked_sub(*sum) else {
                let (low, high) = K::of_bucket(bucket, shift);
                return Cut { low: low.max(K::LEAST), high, left };
            };
            left = rest;
        }
        Cut { low: K::LEAST, high: K::default(), left }
    }

    /// Who is contested, of those up to `top`?
    fn contest<const UNIFORM: bool>(&mut self, handout: &Handout<'_>, keys: &[K], cut: &Cut<K>, top: K) {
        self.contested.clear();
        let (low, high) = (cut.low, cut.high.min(top));
        if low > high {
            return;
        }
        for (place, key) in keys.iter().enumerate() {
            if key.within(low, high) && (UNIFORM || handout.steps.of::<UNIFORM>(place) <= handout.left) {
                self.contested.push((Reverse(*key), handout.logins.of(place), place));
            }
        }
    }

    /// Hands out `left` (steps where all are equal, else units) among the contested, in order; answers what is
    /// left then.
    fn settle_contest<const UNIFORM: bool, const TAKE: bool>(
        &mut self,
        steps: Steps<'_>,
        counts: &mut [u64],
        mut left: u64,
    ) -> u64 {
        if UNIFORM {
            let count = usize::try_from(left).unwrap_or(usize::MAX);
            if count < self.contested.len() {
                self.contested.select_nth_unstable(count);
                self.contested.truncate(count);
            }
        } else {
            self.contested.sort_unstable();
        }
        for &(_, _, place) in &self.contested {
            let step = if UNIFORM { 1 } else { steps.of::<UNIFORM>(place) };
            if let Some(rest) = left.checked_sub(step) {
                left = rest;
                change::<TAKE>(&mut counts[place], true);
            }
        }
        left
    }
}
