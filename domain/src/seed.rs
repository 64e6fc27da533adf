//! Randomness as an argument: a seed that yields the same numbers for the same path, on every machine.
//!
//! A decision that needs chance takes a [`Seed`]; whoever calls it derives one from what the decision is about
//! (`seed.derive("opener", post)`), so repeating the decision after a crash gives the same result.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

/// Where a stream of chance begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed for one purpose and one subject; different labels or numbers give unrelated streams.
    #[must_use]
    pub fn derive(self, label: &str, number: i64) -> Self {
        let labelled = label.bytes().fold(mix(self.0), |hash, byte| mix(hash ^ u64::from(byte)));
        Self(mix(labelled ^ number.cast_unsigned()))
    }

    /// The generator that this seed starts.
    #[must_use]
    pub fn rng(self) -> Pcg64Mcg {
        Pcg64Mcg::seed_from_u64(self.0)
    }

    /// A number in `0.0..1.0` with 53 bits, for a single draw without a generator.
    #[must_use]
    pub fn fraction(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
        let bits = (mix(self.0) >> 11) as f64;
        bits / (1_u64 << 53) as f64
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): every input bit moves every output bit.
const fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_path_gives_the_same_seed_and_another_path_another() {
        let root = Seed(1);
        assert_eq!(root.derive("opener", 5), root.derive("opener", 5));
        assert_ne!(root.derive("opener", 5), root.derive("opener", 6));
        assert_ne!(root.derive("opener", 5), root.derive("answer", 5));
        assert!((0.0..1.0).contains(&root.fraction()));
    }
}
