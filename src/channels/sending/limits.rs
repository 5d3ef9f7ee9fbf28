//! A channel's own limits, beside its provider's: so many messages a minute, so many a day.
//!
//! The limit per minute makes messages wait: each is given the next moment at which no minute holds too many, stays
//! PENDING until then and says so. The limit per day refuses: whoever sends is told when the next day begins.

use crate::{
    base::{Check, DeliveryId, Result, Timestamp},
    channels::model::OwnLimits,
};
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// Code of a message that waits for its channel's own limit.
pub const MINUTE_LIMIT: &str = "channel_minute_limit";
/// The stretch of the limit per minute.
const MINUTE: Duration = Duration::from_secs(60);
/// What a limit may be.
const PER_MINUTE: std::ops::RangeInclusive<u32> = 1..=6_000;
/// What a limit may be.
const PER_DAY: std::ops::RangeInclusive<u32> = 1..=1_000_000;
/// A moment that nobody took is given up so long afterwards.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);

/// Checks limits that somebody sets.
///
/// # Errors
/// `Invalid` naming `limitsOwn.perMinute` or `limitsOwn.perDay`.
pub fn check(limits: &OwnLimits) -> Result<()> {
    let mut check = Check::new();
    let minute = limits.per_minute.is_none_or(|n| PER_MINUTE.contains(&n));
    check.that(minute, "limitsOwn.perMinute", "out_of_range", "give 1 to 6000 messages a minute");
    let day = limits.per_day.is_none_or(|n| PER_DAY.contains(&n));
    check.that(day, "limitsOwn.perDay", "out_of_range", "give 1 to 1000000 messages a day");
    check.done()
}

/// When the next day of the firm's calendar begins.
pub fn tomorrow(now: Timestamp, zone: &TimeZone) -> Timestamp {
    let start = now.in_zone(zone).date().tomorrow().and_then(|date| date.to_zoned(zone.clone()));
    start.map_or(now.plus(Duration::from_secs(86_400)), |at| Timestamp(at.timestamp().as_millisecond()))
}

/// Who of a channel's messages may leave when. In memory: after a start a minute may hold what it had before once more.
#[derive(Default)]
pub struct Minutes {
    /// Moments given, in order; those of the last minute and those to come.
    given: VecDeque<Timestamp>,
    /// For whom those to come are.
    kept: HashMap<DeliveryId, Timestamp>,
}

impl Minutes {
    /// May `delivery` leave at `now`, of at most `most` a minute? `None`: yes. Else when it may; asked then, it may.
    pub fn wait(&mut self, delivery: DeliveryId, most: u32, now: Timestamp) -> Option<Timestamp> {
        if let Some(at) = self.kept.get(&delivery).copied() {
            if at > now {
                return Some(at);
            }
            self.kept.remove(&delivery);
            return None;
        }
        self.kept.retain(|_, at| now.since(*at) < FORGOTTEN_AFTER);
        while self.given.front().is_some_and(|at| *at <= now && now.since(*at) >= MINUTE) {
            self.given.pop_front();
        }
        let most = most.max(1) as usize;
        let at = match self.given.len().checked_sub(most) {
            Some(n) => self.given[n].plus(MINUTE).max(now),
            None => now,
        };
        self.given.push_back(at);
        if at <= now {
            return None;
        }
        self.kept.insert(delivery, at);
        Some(at)
    }
}

/// The minutes of all channels.
pub type AllMinutes = Mutex<HashMap<crate::base::ChannelId, Minutes>>;

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn no_minute_holds_more_than_it_may() {
        let mut minutes = Minutes::default();
        let start = Timestamp(1_000_000);
        let id = |n: u128| DeliveryId(Uuid::from_u128(n));
        // Nine at once, four a minute: four now, four in a minute, one in two.
        let waits: Vec<Option<Timestamp>> = (0..9).map(|n| minutes.wait(id(n), 4, start)).collect();
        assert!(waits[..4].iter().all(Option::is_none));
        assert!(waits[4..8].iter().all(|at| *at == Some(start.plus(MINUTE))));
        assert_eq!(waits[8], Some(start.plus(MINUTE * 2)));
        // Asked too early, one is told the same again; asked in time, it goes.
        assert_eq!(minutes.wait(id(5), 4, start.plus(Duration::from_secs(30))), Some(start.plus(MINUTE)));
        assert_eq!(minutes.wait(id(5), 4, start.plus(MINUTE)), None);
        // Who comes now waits behind those who wait.
        assert_eq!(minutes.wait(id(20), 4, start.plus(MINUTE)), Some(start.plus(MINUTE * 2)));
        // A quiet while later all is free again.
        let later = start.plus(MINUTE * 10);
        assert!((30..34).all(|n| minutes.wait(id(n), 4, later).is_none()));
        assert!(minutes.wait(id(34), 4, later).is_some());
    }

    #[test]
    fn the_next_day_begins_by_the_firms_clock() {
        let zone = TimeZone::get("Europe/Lisbon").unwrap();
        let at = |text: &str| Timestamp::parse(text).unwrap();
        assert_eq!(tomorrow(at("2026-07-01T12:00:00Z"), &zone), at("2026-07-01T23:00:00Z"));
        // The night in which clocks go back.
        assert_eq!(tomorrow(at("2026-10-24T23:30:00Z"), &zone), at("2026-10-26T00:00:00Z"));
    }

    #[test]
    fn limits_are_within_reason() {
        let of = |per_minute, per_day| check(&OwnLimits { per_minute, per_day }).is_ok();
        assert!(of(None, None) && of(Some(1), Some(1_000_000)));
        assert!(!of(Some(0), None) && !of(None, Some(0)) && !of(Some(6_001), None));
    }
}
