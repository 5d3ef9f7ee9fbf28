//! When a channel's failures are an alarm, and what caused most of them. Pure.
//!
//! A provider that is out may fail thousands of messages: what is kept of them is a count by minute and code and the last
//! words of each code, so that one more failure writes no more than the first.

use crate::{
    base::Timestamp,
    channels::model::{ChannelAlarm, FailedMinute, FinalFailure},
};
use std::time::Duration;

/// Failures are counted within this stretch, to the minute.
pub const SPAN: Duration = Duration::from_secs(600);
/// The grain of the count.
const MINUTE: Duration = Duration::from_secs(60);
/// Codes counted apart in a minute, and causes whose words are kept.
const CODES_MAX: usize = 8;
/// What further codes of a minute are counted as.
const OTHER: &str = "other";
/// Topic of the notice, and first word of a channel's `statusReason` while the alarm lasts.
pub const MANY_FAILURES: &str = "many_failures";

/// Is a channel's reason an alarm's?
pub fn is_ours(reason: &str) -> bool {
    reason.split(':').next() == Some(MANY_FAILURES)
}

/// The most frequent cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worst<'a> {
    /// The latest failure of that code.
    pub failure: &'a FinalFailure,
    /// How often it came.
    pub times: usize,
}

impl ChannelAlarm {
    /// Counts one more, and forgets what is older than the stretch.
    pub fn note(&mut self, failure: FinalFailure) {
        self.forget(failure.at);
        let minute_ms = i64::try_from(MINUTE.as_millis()).unwrap_or(i64::MAX);
        let at = Timestamp(failure.at.0.div_euclid(minute_ms) * minute_ms);
        let of_minute = self.tally.iter().filter(|one| one.at == at);
        let has_room = of_minute.clone().any(|one| one.code == failure.code) || of_minute.count() < CODES_MAX;
        let code = if has_room { failure.code.as_str() } else { OTHER };
        match self.tally.iter_mut().find(|one| one.at == at && one.code == code) {
            Some(one) => one.times = one.times.saturating_add(1),
            None => self.tally.push(FailedMinute { at, code: code.to_owned(), times: 1 }),
        }
        self.causes.retain(|known| known.code != failure.code);
        if self.causes.len() >= CODES_MAX {
            self.causes.remove(0);
        }
        self.causes.push(failure);
    }

    /// Forgets what is older than the stretch.
    pub fn forget(&mut self, now: Timestamp) {
        self.tally.retain(|one| now.since(one.at) < SPAN + MINUTE);
        let tally = &self.tally;
        self.causes.retain(|cause| tally.iter().any(|one| one.code == cause.code || one.code == OTHER));
    }

    /// How many are within the stretch.
    pub fn count(&self) -> usize {
        self.tally.iter().map(|one| one.times as usize).sum()
    }

    /// When there will be no more than `most` within the stretch, if nothing more fails.
    pub fn few_at(&self, most: usize) -> Option<Timestamp> {
        let mut left = self.count();
        if left <= most {
            return None;
        }
        let over = self.tally.iter().find(|one| {
            left -= one.times as usize;
            left <= most
        });
        over.map(|one| one.at.plus(SPAN + MINUTE))
    }

    /// What most of them failed for; of several, what came last.
    pub fn worst(&self) -> Option<Worst<'_>> {
        let times = |code: &str| self.tally.iter().filter(|one| one.code == code).map(|one| one.times as usize).sum();
        // The last of equals wins.
        self.causes.iter().map(|failure| Worst { failure, times: times(&failure.code) }).max_by_key(|worst| worst.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(all: &[(i64, &str)]) -> ChannelAlarm {
        let channel = crate::base::ChannelId(uuid::Uuid::from_u128(1));
        let mut alarm = ChannelAlarm { channel, tally: Vec::new(), causes: Vec::new(), raised_at: None };
        for (at, code) in all {
            let reason = format!("{code} at {at}");
            alarm.note(FinalFailure { at: Timestamp(*at), code: (*code).into(), reason, next_step: None });
        }
        alarm
    }

    #[test]
    fn the_most_frequent_cause_is_named_by_its_latest_words() {
        assert_eq!(failed(&[]).worst(), None);
        let alarm = failed(&[(1, "131026"), (2, "131026"), (3, "100")]);
        let found = alarm.worst().unwrap();
        assert_eq!((found.failure.reason.as_str(), found.times), ("131026 at 2", 2));
        assert_eq!(failed(&[(1, "a"), (2, "b")]).worst().unwrap().failure.code, "b");
    }

    #[test]
    fn what_is_old_is_forgotten_by_the_minute() {
        let mut alarm = failed(&[(0, "a"), (59_999, "a"), (60_000, "b"), (599_999, "c")]);
        assert_eq!((alarm.count(), alarm.few_at(2)), (4, Some(Timestamp(660_000))));
        assert_eq!(alarm.few_at(1), Some(Timestamp(720_000)));
        alarm.forget(Timestamp(660_000));
        assert_eq!((alarm.count(), alarm.causes.len()), (2, 2));
        alarm.forget(Timestamp(1_260_000));
        assert_eq!((alarm.count(), alarm.causes.len(), alarm.few_at(0)), (0, 0, None));
        assert!(is_ours("many_failures: 131026 x") && !is_ours("190: many_failures"));
    }

    #[test]
    fn thousands_are_kept_as_few() {
        let codes: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let all: Vec<(i64, &str)> = (0..5_000).map(|n| (n * 120, codes[(n % 40) as usize].as_str())).collect();
        let alarm = failed(&all);
        assert_eq!(alarm.count(), 5_000);
        assert!(alarm.tally.len() <= 11 * (CODES_MAX + 1) && alarm.causes.len() <= CODES_MAX, "{}", alarm.tally.len());
    }
}
