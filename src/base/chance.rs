//! Randomness: the operating system's for secrets, a seeded one for everything that must replay.

use parking_lot::Mutex;

/// Fills `out` with the operating system's randomness. For secrets, codes and keys.
///
/// # Panics
/// If the operating system has no randomness to give; nothing safe can be done without.
#[allow(clippy::disallowed_methods, reason = "the one place that asks the operating system for randomness")]
pub fn secret(out: &mut [u8]) {
    getrandom::fill(out).expect("the operating system gives randomness");
}

/// `N` secret bytes.
pub fn secret_bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    secret(&mut out);
    out
}

/// A source of numbers that need not be secret: jitter, UUID tails, the simulator's choices.
pub trait Chance: Send + Sync + 'static {
    /// The next 64 random bits.
    fn next(&self) -> u64;
    /// A number below `bound` (which must not be 0).
    fn below(&self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
    /// A number from 0 up to, not including, 1.
    fn unit(&self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Seeded chance (SplitMix64, Steele et al. 2014): the same seed gives the same numbers for ever.
#[derive(Debug)]
pub struct Seeded(Mutex<u64>);

impl Seeded {
    /// Chance that replays from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
    /// Chance nobody can foresee.
    pub fn from_system() -> Self {
        Self::new(u64::from_le_bytes(secret_bytes()))
    }
}

impl Chance for Seeded {
    fn next(&self) -> u64 {
        let mut state = self.0.lock();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
