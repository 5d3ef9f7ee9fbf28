//! How often somebody may guess: per account and per address, without locking the owner out.
//!
//! A device that has signed in before carries a cookie and has a bucket of its own, so a stranger who
//! empties the account's common bucket stops strangers, not the owner at their own desk. Buckets are
//! kept by the name that was typed, whether anybody has it or not, so refusals tell nothing.

use crate::base::{Error, Result, Timestamp, UserId};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, net::IpAddr, time::Duration};

/// So many at once, then one more each `refill`.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: u32,
    refill: Duration,
}

/// Unknown devices on one account: ten mistypes, then twenty an hour.
const ACCOUNT: Allowance = Allowance { burst: 10, refill: Duration::from_secs(180) };
/// One known device on its account.
const DEVICE: Allowance = Allowance { burst: 10, refill: Duration::from_secs(60) };
/// Failures of one address over all accounts; an office behind one address mistypes too.
const ADDRESS: Allowance = Allowance { burst: 50, refill: Duration::from_secs(30) };
/// Buckets remembered; beyond it those that have filled up again are forgotten.
const BUCKETS_MAX: usize = 50_000;

/// Who tries.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The name as typed.
    pub account: &'a str,
    /// Whose device the client proves to be.
    pub device: Option<(UserId, [u8; 16])>,
    /// From where.
    pub address: Option<IpAddr>,
}

/// The buckets.
#[derive(Default)]
pub struct Throttle(Mutex<HashMap<[u8; 16], Bucket>>);

/// When it will be full again says how much is in it.
struct Bucket {
    full_at: Timestamp,
}

impl Throttle {
    /// Takes one try; give it back with [`Throttle::succeeded`].
    ///
    /// # Errors
    /// `Quota` with the seconds to wait.
    pub fn take(&self, attempt: &Attempt<'_>, now: Timestamp) -> Result<()> {
        let mut buckets = self.0.lock();
        let keys = keys(attempt);
        for (key, allowance) in &keys {
            if let Some(bucket) = buckets.get_mut(key) {
                // Emptier than empty: the clock was set back since.
                bucket.full_at = bucket.full_at.min(now.plus(allowance.refill * allowance.burst));
            }
        }
        let wait = keys.iter().map(|(key, allowance)| wait(buckets.get(key), *allowance, now)).max().unwrap_or_default();
        if !wait.is_zero() {
            return Err(Error::Quota { what: "tries to sign in".into(), retry_after_secs: wait.as_secs().max(1) });
        }
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|_, bucket| bucket.full_at > now);
        }
        for (key, allowance) in keys {
            let bucket = buckets.entry(key).or_insert(Bucket { full_at: now });
            bucket.full_at = bucket.full_at.max(now).plus(allowance.refill);
        }
        Ok(())
    }

    /// The try was right: it costs nothing.
    pub fn succeeded(&self, attempt: &Attempt<'_>) {
        let mut buckets = self.0.lock();
        for (key, allowance) in keys(attempt) {
            if let Some(bucket) = buckets.get_mut(&key) {
                bucket.full_at = bucket.full_at.minus(allowance.refill);
            }
        }
    }
}

fn wait(bucket: Option<&Bucket>, allowance: Allowance, now: Timestamp) -> Duration {
    let owed = bucket.map_or(Duration::ZERO, |bucket| bucket.full_at.since(now));
    (owed + allowance.refill).saturating_sub(allowance.refill * allowance.burst)
}

fn keys(attempt: &Attempt<'_>) -> Vec<([u8; 16], Allowance)> {
    let account = attempt.account.trim().to_lowercase();
    let mut keys = match &attempt.device {
        Some((user, device)) => vec![(key(b"device", &[user.as_bytes(), device.as_slice()].concat()), DEVICE)],
        None => vec![(key(b"account", account.as_bytes()), ACCOUNT)],
    };
    if let Some(address) = attempt.address {
        // One customer of an IPv6 provider owns a whole /64.
        let block = match address {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets()[..8].to_vec(),
        };
        keys.push((key(b"address", &block), ADDRESS));
    }
    keys
}

fn key(kind: &[u8], what: &[u8]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(what).finalize();
    std::array::from_fn(|i| digest[i])
}

/// Wrong tries in a row after which an address pauses …
const STRIKES: u8 = 5;
/// … for so long.
const PAUSE: Duration = Duration::from_secs(60);

/// Counts wrong tries by address where one right one ends the matter.
#[derive(Default)]
pub(super) struct Strikes(Mutex<HashMap<Option<IpAddr>, (u8, Timestamp)>>);

impl Strikes {
    /// Passes unless the address pauses.
    pub fn check(&self, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        let mut strikes = self.0.lock();
        // A pause further away than any was noted before the clock was set back.
        strikes.retain(|_, (_, until)| *until > now && *until <= now.plus(PAUSE));
        match strikes.get(&address) {
            Some((count, until)) if *count >= STRIKES => {
                Err(Error::Quota { what: "tries of the setup code".into(), retry_after_secs: until.since(now).as_secs().max(1) })
            }
            _ => Ok(()),
        }
    }
    /// One more wrong try.
    pub fn note(&self, address: Option<IpAddr>, now: Timestamp) {
        let mut strikes = self.0.lock();
        // Full of strangers: they all wait their minute out together.
        if strikes.len() < BUCKETS_MAX {
            let (count, until) = strikes.entry(address).or_insert((0, now));
            (*count, *until) = (count.saturating_add(1), now.plus(PAUSE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOON: Timestamp = Timestamp(1_763_812_800_000);

    fn from(account: &str, n: u8) -> Attempt<'_> {
        Attempt { account, device: None, address: Some(IpAddr::from([192, 0, 2, n])) }
    }

    #[test]
    fn ten_thousand_guesses_get_few_checks_and_the_owner_still_gets_in() {
        let throttle = Throttle::default();
        let mut verified = 0;
        for n in 0..10_000u32 {
            // An hour of guessing from fifty addresses.
            let now = NOON.plus(Duration::from_millis(u64::from(n) * 360));
            verified += u32::from(throttle.take(&from("ana@example.com", (n % 50) as u8), now).is_ok());
        }
        assert!((10..=100).contains(&verified), "{verified} verified");
        let later = NOON.plus(Duration::from_millis(3_599_900));
        assert!(throttle.take(&from("ANA@example.com ", 200), later).is_err(), "a stranger's device waits");
        let own = Attempt { device: Some((UserId(Uuid::from_u128(1)), [1; 16])), ..from("ana@example.com", 201) };
        throttle.take(&own, later).unwrap();
        throttle.succeeded(&own);
        throttle.take(&from("rui@example.com", 202), later).unwrap();
    }

    #[test]
    fn a_clock_set_back_makes_nobody_wait_longer_than_an_empty_bucket_does() {
        let (throttle, strikes) = (Throttle::default(), Strikes::default());
        let ahead = NOON.plus(Duration::from_secs(86_400));
        for _ in 0..10 {
            throttle.take(&from("ana@example.com", 1), ahead).unwrap();
            strikes.note(None, ahead);
        }
        let wait = throttle.take(&from("ana@example.com", 1), NOON);
        assert!(matches!(wait, Err(Error::Quota { retry_after_secs: 180, .. })), "{wait:?}");
        throttle.take(&from("ana@example.com", 1), NOON.plus(Duration::from_secs(180))).unwrap();
        strikes.check(None, NOON).unwrap();
    }

    #[test]
    fn one_address_can_not_try_everybody() {
        let throttle = Throttle::default();
        let tried = (0..1_000).filter(|n| throttle.take(&from(&format!("user{n}@example.com"), 7), NOON).is_ok()).count();
        assert_eq!(tried, 50);
        let wait = throttle.take(&from("another@example.com", 7), NOON);
        assert!(matches!(wait, Err(Error::Quota { retry_after_secs: 30, .. })), "{wait:?}");
        throttle.take(&from("another@example.com", 7), NOON.plus(Duration::from_secs(30))).unwrap();
    }

    #[test]
    fn a_known_device_is_limited_too_and_success_costs_nothing() {
        let throttle = Throttle::default();
        let own = Attempt { account: "a@example.com", device: Some((UserId(Uuid::from_u128(1)), [1; 16])), address: None };
        for _ in 0..1_000 {
            throttle.take(&own, NOON).unwrap();
            throttle.succeeded(&own);
        }
        assert_eq!((0..100).filter(|_| throttle.take(&own, NOON).is_ok()).count(), 10);
    }
}
