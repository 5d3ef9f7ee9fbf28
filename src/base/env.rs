//! The outside as an argument: what time it is, and chance.

use super::{
    chance::{Chance, Seeded, Unforeseeable},
    time::{Clock, ManualClock, SystemClock, Timestamp},
};
use std::sync::Arc;
use uuid::Uuid;

/// Clock and chance, injected once at the start and handed down.
#[derive(Clone)]
pub struct Env {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Chance: unforeseeable in the real world, replayed from a seed in a simulated one.
    pub chance: Arc<dyn Chance>,
}

impl Env {
    /// The real world.
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), chance: Arc::new(Unforeseeable::default()) }
    }

    /// A world that replays: the returned clock moves it.
    pub fn simulated(now: Timestamp, seed: u64) -> (Self, ManualClock) {
        let clock = ManualClock::at(now);
        (Self { clock: Arc::new(clock.clone()), chance: Arc::new(Seeded::new(seed)) }, clock)
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new UUIDv7 (RFC 9562 section 5.7) for the present moment.
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        uuid_v7(self.now(), self.chance.as_ref()).into()
    }
}

/// A UUIDv7 of `now` with a random tail from `chance`.
pub fn uuid_v7(now: Timestamp, chance: &dyn Chance) -> Uuid {
    let mut tail = [0u8; 10];
    tail[..8].copy_from_slice(&chance.next().to_be_bytes());
    tail[8..].copy_from_slice(&chance.next().to_be_bytes()[..2]);
    uuid::Builder::from_unix_timestamp_millis(now.0.max(0) as u64, &tail).into_uuid()
}
