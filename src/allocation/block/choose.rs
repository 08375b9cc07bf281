//! Handing out single steps in the order of a key, without sorting all keys.
//!
//! A histogram of the keys tells where the left-over runs out: everyone above gets a step, only the accounts in
//! that one bucket are put in order.

use std::cmp::Reverse;
use std::fmt::Debug;

use super::members::Steps;
use super::settle::Logins;

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
    ($($name:ty $(, $lint:meta)?;)*) => {$(
        impl Key for $name {
            const LEAST: Self = 1;
            const MOST: Self = Self::MAX;
            fn top_shift(accounts: usize) -> u32 {
                Self::BITS - buckets_for(accounts).trailing_zeros()
            }
            $(#[$lint])?
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
key!(
    u64, expect(clippy::cast_possible_truncation, reason = "only a bucket's bits are kept");
    u128;
);

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

impl<K: Key> Chooser<K> {
    /// A fresh histogram for [`note`].
    pub(super) fn begin(&mut self, accounts: usize) -> &mut [u64; BUCKETS] {
        self.sums[..buckets_for(accounts)].fill(0);
        &mut self.sums
    }

    /// The histogram of these keys.
    pub(super) fn tally<const UNIFORM: bool>(&mut self, handout: &Handout<'_>, keys: &[K]) {
        let sums = self.begin(keys.len());
        for (place, key) in keys.iter().enumerate() {
            note::<K, UNIFORM>(sums, *key, handout.shift, handout.steps.of::<UNIFORM>(place));
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
        let Handout { steps, shift, .. } = *handout;
        let buckets = buckets_for(keys.len());
        // Where steps are equal, steps are counted, else units.
        let (smallest, largest) = if UNIFORM { (1, 1) } else { steps.range() };
        let mut left = if UNIFORM { handout.left / steps.range().0 } else { handout.left };
        // From above, the first bucket that does not fit as a whole; everyone above gets a step.
        let Some(mut bucket) = (0..buckets).rev().find(|bucket| match left.checked_sub(self.sums[*bucket]) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        }) else {
            return K::default();
        };
        let (mut low, waiting) = K::of_bucket(bucket, shift);
        let (mut high, mut enough) = (waiting, largest.saturating_mul(2));
        loop {
            // Accounts whose step no longer fits are passed over, so some below them may get theirs: what these
            // few could take is put in order at once.
            let mut more = 0_u64;
            while !UNIFORM && bucket > 0 && more < enough {
                bucket -= 1;
                more = more.saturating_add(self.sums[bucket]);
                low = K::of_bucket(bucket, shift).0;
            }
            low = low.max(K::LEAST);
            left = self.settle_contest::<UNIFORM, TAKE>(handout, keys, low, high, left, counts);
            if left < smallest || low <= K::LEAST {
                return waiting;
            }
            high = low.less_one();
            enough = enough.saturating_mul(2);
        }
    }

    /// Hands out `left` (steps where all are equal, else units) among the keys from `low` to `high`, in order;
    /// answers what is left then.
    fn settle_contest<const UNIFORM: bool, const TAKE: bool>(
        &mut self,
        handout: &Handout<'_>,
        keys: &[K],
        low: K,
        high: K,
        mut left: u64,
        counts: &mut [u64],
    ) -> u64 {
        let steps = handout.steps;
        self.contested.clear();
        if left == 0 || low > high {
            return left;
        }
        for (place, key) in keys.iter().enumerate() {
            if key.within(low, high) && (UNIFORM || steps.of::<UNIFORM>(place) <= left) {
                self.contested.push((Reverse(*key), handout.logins.of(place), place));
            }
        }
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
        if UNIFORM { 0 } else { left }
    }
}
