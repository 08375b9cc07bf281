//! Chance from a seed.

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014): one word of
/// state, the same sequence on every platform.
#[derive(Debug, Clone)]
pub(super) struct SplitMix(u64);

impl SplitMix {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 to `most`, both included, uniform to within 2^-32.
    pub(super) fn up_to(&mut self, most: u32) -> u32 {
        let scaled = (u128::from(self.next()) * (u128::from(most) + 1)) >> 64;
        u32::try_from(scaled).unwrap_or(most)
    }
}

#[cfg(test)]
mod tests {
    use super::SplitMix;

    #[test]
    fn the_sequence_is_the_published_one() {
        // Reference outputs of splitmix64 for the seed 1234567, as many libraries test themselves against.
        let mut random = SplitMix::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
        assert_eq!(random.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn every_number_up_to_the_most_comes_and_none_beyond() {
        let mut random = SplitMix::new(7);
        let mut seen = [0_u32; 4];
        for _ in 0..4000 {
            seen[random.up_to(3) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (900..1100).contains(count)), "{seen:?}");
        assert!((0..100).all(|_| random.up_to(0) == 0));
        assert!((0..100).any(|_| random.up_to(u32::MAX) > u32::MAX / 2));
    }
}
