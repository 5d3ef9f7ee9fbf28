//! The time of commands: the wall clock's, and slower than it after the wall clock was set back.
//!
//! Time never runs backwards, so a clock that ran ahead and was put right leaves the store's time ahead of
//! it. Standing still until the wall has caught up would stop every retry and every timer for as long as
//! the jump was; running on as before would keep the difference for ever. So it goes at half the wall's
//! pace until both agree. Whoever plans by what commands have written asks this clock, not the wall.

use crate::base::Timestamp;
use parking_lot::Mutex;
use std::time::Duration;

/// Where time stands.
pub(super) struct Pace(Mutex<State>);

struct State {
    /// The latest moment handed out.
    last: Timestamp,
    /// While the wall is behind: what the wall and the store said when that was noticed.
    slow: Option<(Timestamp, Timestamp)>,
}

impl Pace {
    /// A clock that never says less than `last`.
    pub fn after(last: Timestamp) -> Self {
        Self(Mutex::new(State { last, slow: None }))
    }

    /// The store's time when the wall says `wall`.
    pub fn now(&self, wall: Timestamp) -> Timestamp {
        self.0.lock().now(wall)
    }

    /// What the wall will say when the store's time is `due`.
    pub fn wall_at(&self, due: Timestamp, wall: Timestamp) -> Timestamp {
        let mut state = self.0.lock();
        state.now(wall);
        match state.slow {
            Some((wall, then)) => wall.plus(due.since(then).saturating_mul(2)).min(due),
            None => due,
        }
    }

    /// How far `wall` is behind the store's time.
    pub fn behind(&self, wall: Timestamp) -> Duration {
        self.now(wall).since(wall)
    }
}

impl State {
    fn now(&mut self, wall: Timestamp) -> Timestamp {
        if wall >= self.last {
            self.slow = None;
            self.last = wall;
            return wall;
        }
        let (from, then) = match self.slow {
            Some((from, then)) if wall >= from => (from, then),
            // Behind for the first time, or set back once more.
            _ => *self.slow.insert((wall, self.last)),
        };
        self.last = then.plus(wall.since(from) / 2).max(self.last);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_at_half_pace_after_a_set_back_and_meets_the_wall_again() {
        let at = Timestamp::from_secs;
        let pace = Pace::after(at(0));
        assert_eq!(pace.now(at(7_200)), at(7_200));
        // An hour back.
        assert_eq!(pace.now(at(3_600)), at(7_200));
        assert_eq!(pace.now(at(3_610)), at(7_205));
        assert_eq!(pace.behind(at(3_610)), Duration::from_secs(3_595));
        assert_eq!(pace.wall_at(at(7_215), at(3_610)), at(3_630));
        // Another ten minutes back: not a moment is handed out twice as earlier.
        assert_eq!(pace.now(at(3_010)), at(7_205));
        assert_eq!(pace.now(at(3_020)), at(7_210));
        // 4,195 s behind then; twice that later both agree, and stay so.
        assert_eq!(pace.now(at(3_010 + 2 * 4_195)), at(3_010 + 2 * 4_195));
        assert_eq!(pace.now(at(20_000)), at(20_000));
        assert_eq!(pace.wall_at(at(20_060), at(20_000)), at(20_060));
        // Many looks within a moment lose none of it.
        pace.now(at(10_000));
        for milli in 0..=2_000 {
            pace.now(Timestamp(10_000_000 + milli));
        }
        assert_eq!(pace.now(at(10_002)), at(20_001));
    }
}
