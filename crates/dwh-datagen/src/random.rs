//! Pseudo-random numbers that stay the same on every machine and in every version: SplitMix64 (Steele, Lea,
//! Flood 2014). The generators of the `rand` crate may change between its versions, and with them all data.

/// A stream of numbers.
pub(crate) struct Random {
    state: u64,
}

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    /// The `stream`-th independent stream of a seed: each part of the data has its own, so that more users
    /// do not change the songs.
    pub(crate) fn stream(seed: u64, stream: u64) -> Self {
        Self { state: mix(seed ^ mix(stream.wrapping_mul(GOLDEN_GAMMA))) }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN_GAMMA);
        mix(self.state)
    }

    /// A number from 0 to `bound` - 1; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True in `parts` of 10,000 cases.
    pub(crate) fn one_in_10_000(&mut self, parts: u64) -> bool {
        self.below(10_000) < parts
    }

    /// One of `items`, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// An index below `count`, small ones far more often: the cube of a uniform number.
    pub(crate) fn skewed(&mut self, count: u64) -> u64 {
        // Three products in fixed point: the same on every machine.
        let unit = u128::from(self.next() >> 32);
        let cube = (unit * unit * unit) >> 64;
        ((cube * u128::from(count)) >> 32) as u64
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_sequence_is_that_of_the_published_splitmix64() {
        // First numbers of the reference implementation (java.util.SplittableRandom) from state 1234567.
        let mut random = Random { state: 1_234_567 };
        assert_eq!(
            [random.next(), random.next(), random.next()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut random = Random::stream(7, 7);
        for _ in 0..10_000 {
            assert!(random.below(3) < 3);
            assert!((5..=6).contains(&random.between(5, 6)));
            assert!(random.skewed(10) < 10);
        }
        assert_eq!(random.below(0), 0);
    }
}
