//! Circuit breaker per purpose and host: who fails again and again is left alone for a while.

use crate::base::Timestamp;
use parking_lot::Mutex;
use std::{collections::HashMap, time::Duration};

/// After so many failures in a row the circuit opens.
const FAILURES_MAX: u32 = 5;
/// First pause; doubled each time the trial call fails too.
const PAUSE_MIN: Duration = Duration::from_secs(10);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(300);
/// Hosts remembered; strangers' webhook targets must not fill memory.
const HOSTS_MAX: usize = 4_096;

/// All circuits. Only hosts with a failure since their last success are remembered.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<HashMap<String, Circuit>>);

#[derive(Debug, Clone, Copy)]
struct Circuit {
    failures: u32,
    /// Closed to callers until then; afterwards one caller at a time may try.
    until: Timestamp,
}

impl Breaker {
    /// May `host` be called now? If not: when to ask again.
    pub fn admit(&self, host: &str, now: Timestamp) -> Result<(), Duration> {
        let mut circuits = self.0.lock();
        let Some(circuit) = circuits.get_mut(host).filter(|circuit| circuit.failures >= FAILURES_MAX) else { return Ok(()) };
        // A pause further away than any was noted before the clock was set back.
        if circuit.until > now && circuit.until <= now.plus(PAUSE_MAX) {
            return Err(circuit.until.since(now));
        }
        // This caller is the trial; the others wait for its outcome.
        circuit.until = now.plus(PAUSE_MIN);
        Ok(())
    }

    /// Notes how a call to `host` went.
    pub fn note(&self, host: &str, ok: bool, now: Timestamp) {
        let mut circuits = self.0.lock();
        if ok {
            circuits.remove(host);
            return;
        }
        if circuits.len() >= HOSTS_MAX && !circuits.contains_key(host) {
            circuits.retain(|_, circuit| circuit.until > now);
            if circuits.len() >= HOSTS_MAX {
                return;
            }
        }
        let circuit = circuits.entry(host.to_owned()).or_insert(Circuit { failures: 0, until: now });
        circuit.failures = circuit.failures.saturating_add(1);
        if let Some(beyond) = circuit.failures.checked_sub(FAILURES_MAX) {
            let pause = PAUSE_MIN.saturating_mul(1 << beyond.min(10)).min(PAUSE_MAX);
            circuit.until = now.plus(pause);
            tracing::warn!(host, failures = circuit.failures, pause_secs = pause.as_secs(), "left alone for a while");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_open_it_and_one_success_closes_it() {
        let breaker = Breaker::default();
        let at = Timestamp::from_secs;
        for _ in 0..5 {
            breaker.admit("a", at(0)).unwrap();
            breaker.note("a", false, at(0));
        }
        assert_eq!(breaker.admit("a", at(4)), Err(Duration::from_secs(6)));
        breaker.admit("b", at(4)).unwrap();
        breaker.admit("a", at(10)).unwrap();
        breaker.admit("a", at(10)).expect_err("one trial at a time");
        breaker.note("a", false, at(11));
        assert_eq!(breaker.admit("a", at(11)), Err(Duration::from_secs(20)));
        breaker.admit("a", at(31)).unwrap();
        breaker.note("a", true, at(31));
        breaker.admit("a", at(31)).unwrap();
        breaker.admit("a", at(31)).unwrap();
    }

    #[test]
    fn strangers_hosts_do_not_fill_memory() {
        let breaker = Breaker::default();
        for n in 0..HOSTS_MAX * 2 {
            breaker.note(&n.to_string(), false, Timestamp::from_secs(n as i64));
        }
        assert!(breaker.0.lock().len() <= HOSTS_MAX);
    }
}
