//! When a channel's failures are an alarm, and what caused most of them. Pure.

use crate::{base::Timestamp, channels::model::FinalFailure};
use std::time::Duration;

/// Failures are counted within this stretch.
pub const SPAN: Duration = Duration::from_secs(600);
/// Topic of the notice, and first word of a channel's `statusReason` while the alarm lasts.
pub const MANY_FAILURES: &str = "many_failures";

/// Is a channel's reason an alarm's?
pub fn is_ours(reason: &str) -> bool {
    reason.split(':').next() == Some(MANY_FAILURES)
}

/// Forgets what is older than the stretch, and the oldest beyond `most`.
pub fn forget(failures: &mut Vec<FinalFailure>, now: Timestamp, most: usize) {
    failures.retain(|failure| now.since(failure.at) < SPAN);
    let excess = failures.len().saturating_sub(most);
    failures.drain(..excess);
}

/// The most frequent cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worst<'a> {
    /// The latest failure of that code.
    pub failure: &'a FinalFailure,
    /// How often it came.
    pub times: usize,
}

/// What most of them failed for; of several, what came last.
pub fn worst(failures: &[FinalFailure]) -> Option<Worst<'_>> {
    let times = |failure: &FinalFailure| failures.iter().filter(|other| other.code == failure.code).count();
    // The last of equals wins.
    failures.iter().map(|failure| Worst { failure, times: times(failure) }).max_by_key(|worst| worst.times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(at: i64, code: &str) -> FinalFailure {
        FinalFailure { at: Timestamp(at), code: code.into(), reason: format!("{code} at {at}"), next_step: None }
    }

    #[test]
    fn the_most_frequent_cause_is_named_by_its_latest_words() {
        assert_eq!(worst(&[]), None);
        let all = [failure(1, "131026"), failure(2, "131026"), failure(3, "100")];
        let found = worst(&all).unwrap();
        assert_eq!((found.failure.reason.as_str(), found.times), ("131026 at 2", 2));
        let even = [failure(1, "a"), failure(2, "b")];
        assert_eq!(worst(&even).unwrap().failure.code, "b");
    }

    #[test]
    fn what_is_old_or_too_much_is_forgotten() {
        let span = i64::try_from(SPAN.as_millis()).unwrap();
        let mut all = vec![failure(0, "a"), failure(1, "b"), failure(2, "c"), failure(3, "d")];
        forget(&mut all, Timestamp(span), 2);
        assert_eq!(all.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["c", "d"]);
        assert!(is_ours("many_failures: 131026 x") && !is_ours("190: many_failures"));
    }
}
