//! Chance from a seed: the same seed tells the same story.

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for one purpose at one moment: what happens elsewhere does not change it.
    pub fn of(seed: u64, purpose: u64, at: u64) -> Self {
        let mut random = Self(seed);
        for salt in [purpose, at] {
            random = Self(random.next() ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93));
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// A place in a list of so many.
    pub fn place(&mut self, many: usize) -> usize {
        usize::try_from(self.next() % many as u64).unwrap()
    }

    /// As [`Random::between`], signed.
    pub fn around(&mut self, most: i64) -> i64 {
        let width = u64::try_from(2 * most + 1).unwrap();
        i64::try_from(self.next() % width).unwrap() - most
    }

    /// True `n` times in a thousand.
    pub fn per_mille(&mut self, n: u64) -> bool {
        self.next() % 1000 < n
    }

    /// True `n` times in a hundred thousand.
    pub fn chance(&mut self, n: u64) -> bool {
        self.next() % 100_000 < n
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.place(of.len())]
    }

    /// A nonce.
    pub fn bytes(&mut self) -> [u8; 32] {
        std::array::from_fn(|_| (self.next() >> 56) as u8)
    }
}
