//! Randomness: the operating system's for secrets and ids, a seeded one for everything that must replay.

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

/// A source of numbers: jitter, UUID tails, the simulator's choices.
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

/// Chance nobody can foresee, whatever they have seen of it: the operating system's, fetched in batches.
#[derive(Default)]
pub struct Unforeseeable(Mutex<Vec<u64>>);

/// Numbers fetched in one go: a call into the system for each would cost more than the number's use.
const BATCH: usize = 64;

impl Chance for Unforeseeable {
    fn next(&self) -> u64 {
        let mut waiting = self.0.lock();
        if let Some(number) = waiting.pop() {
            return number;
        }
        let bytes: [u8; BATCH * 8] = secret_bytes();
        waiting.extend(bytes.chunks_exact(8).filter_map(|chunk| Some(u64::from_le_bytes(chunk.try_into().ok()?))));
        waiting.pop().unwrap_or_default()
    }
}

/// Seeded chance that replays and can be foreseen by who has seen some of it (SplitMix64, Steele et al. 2014): the same seed gives the same numbers for ever.
#[derive(Debug)]
pub struct Seeded(Mutex<u64>);

impl Seeded {
    /// Chance that replays from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The step of SplitMix64 undone: what a stranger can do with one number they were shown.
    fn next_by_splitmix(seen: u64) -> u64 {
        let undo = |z: u64, by: u32| {
            let mut out = z;
            for _ in 0..64 / by {
                out = z ^ (out >> by);
            }
            out
        };
        let z = undo(seen, 31).wrapping_mul(0x3196_42B2_D24D_8EC3);
        let state = undo(undo(z, 27).wrapping_mul(0x96DE_1B17_3F11_9089), 30);
        Seeded::new(state).next()
    }

    #[test]
    fn one_number_shown_does_not_give_the_next_away() {
        let seeded = Seeded::new(7);
        assert_eq!(next_by_splitmix(seeded.next()), seeded.next(), "the seeded one can be foreseen");
        let system = crate::base::Env::system();
        assert_ne!(next_by_splitmix(system.chance.next()), system.chance.next());
        let many: HashSet<u64> = (0..1_000).map(|_| system.chance.next()).collect();
        assert_eq!(many.len(), 1_000);
    }
}
