//! Rate limits: token buckets by session, by address, by webhook path.

use super::settings::{Rate, RateSettings};
use crate::base::{Error, Result, SessionId};
use arc_swap::ArcSwap;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};
use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// After so many checks, keys that have filled up again are forgotten.
const SWEEP_EVERY: u32 = 8_192;

/// All buckets. Counts are kept when settings change without touching the rates.
pub struct RateLimits(ArcSwap<Buckets>);

struct Buckets {
    settings: RateSettings,
    session: Bucket<SessionId>,
    address: Bucket<IpAddr>,
    form: Bucket<IpAddr>,
    webhook: Bucket<Box<str>>,
}

struct Bucket<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: governor::clock::DefaultClock,
    checks: AtomicU32,
}

impl RateLimits {
    /// Full buckets.
    pub fn new(settings: &RateSettings) -> Self {
        Self(ArcSwap::from_pointee(Buckets::new(settings)))
    }
    /// Other rates; buckets start full again if any of them changed.
    pub fn set(&self, settings: &RateSettings) {
        if self.0.load().settings != *settings {
            self.0.store(Arc::new(Buckets::new(settings)));
        }
    }
    /// One request of a signed-in session.
    pub fn session(&self, session: SessionId) -> Result<()> {
        let buckets = self.0.load();
        buckets.check(&buckets.session, session, "requests of this session")
    }
    /// One request of somebody unknown.
    pub fn address(&self, address: IpAddr) -> Result<()> {
        let buckets = self.0.load();
        buckets.check(&buckets.address, block(address), "requests from this address")
    }
    /// One try at a door where guessing pays: sign-in, setup, public forms.
    pub fn form(&self, address: IpAddr) -> Result<()> {
        let buckets = self.0.load();
        buckets.check(&buckets.form, block(address), "tries from this address")
    }
    /// One request to a route with a rate of its own.
    pub(super) fn route(&self, limit: &RouteLimit, session: Option<SessionId>, address: Option<IpAddr>) -> Result<()> {
        let buckets = self.0.load();
        match (session, address) {
            (Some(session), _) => buckets.check(&limit.session, session, "requests of this kind"),
            (None, Some(address)) => buckets.check(&limit.address, block(address), "requests of this kind"),
            (None, None) => Ok(()),
        }
    }
    /// One call of a provider.
    pub fn webhook(&self, path: &str) -> Result<()> {
        let buckets = self.0.load();
        buckets.check(&buckets.webhook, path.into(), "calls of this webhook")
    }
}

/// The buckets of one route that is stricter than the house.
pub(super) struct RouteLimit {
    session: Bucket<SessionId>,
    address: Bucket<IpAddr>,
}

impl RouteLimit {
    pub fn new(rate: Rate) -> Self {
        Self { session: Bucket::new(rate), address: Bucket::new(rate) }
    }
}

impl Buckets {
    fn new(settings: &RateSettings) -> Self {
        Self {
            session: Bucket::new(settings.session),
            address: Bucket::new(settings.address),
            form: Bucket::new(settings.form),
            webhook: Bucket::new(settings.webhook),
            settings: settings.clone(),
        }
    }
    fn check<K: Hash + Eq + Clone>(&self, bucket: &Bucket<K>, key: K, what: &'static str) -> Result<()> {
        if self.settings.enabled { bucket.check(key, what) } else { Ok(()) }
    }
}

impl<K: Hash + Eq + Clone> Bucket<K> {
    fn new(rate: Rate) -> Self {
        let per_request = rate.window / rate.requests.max(1);
        let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(per_request).unwrap_or_else(|| Quota::per_second(NonZeroU32::MAX)).allow_burst(burst);
        Self { limiter: RateLimiter::keyed(quota), clock: governor::clock::DefaultClock::default(), checks: AtomicU32::new(0) }
    }
    fn check(&self, key: K, what: &'static str) -> Result<()> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY) {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&key).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            Error::Quota { what: what.into(), retry_after_secs: wait.as_millis().div_ceil(1_000).max(1) as u64 }
        })
    }
}

/// One customer of an IPv6 provider owns a whole /64, so that counts as one address.
fn block(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(form: Rate) -> RateLimits {
        RateLimits::new(&RateSettings { form, ..RateSettings::default() })
    }

    #[test]
    fn a_burst_passes_and_the_next_is_told_when_to_come_again() {
        let limits = limits(Rate::per_minute(60, 20));
        let guest: IpAddr = "192.0.2.7".parse().unwrap();
        for _ in 0..20 {
            limits.form(guest).unwrap();
        }
        let Err(Error::Quota { retry_after_secs, .. }) = limits.form(guest) else { panic!("the 21st must wait") };
        assert_eq!(retry_after_secs, 1);
        limits.form("192.0.2.8".parse().unwrap()).unwrap();
        limits.address(guest).unwrap();
    }

    #[test]
    fn a_slash_64_is_one_guest() {
        let limits = limits(Rate::per_minute(60, 1));
        limits.form("2001:db8:1:2::1".parse().unwrap()).unwrap();
        limits.form("2001:db8:1:2:ffff::9".parse().unwrap()).unwrap_err();
        limits.form("2001:db8:1:3::1".parse().unwrap()).unwrap();
        limits.form("::ffff:192.0.2.1".parse().unwrap()).unwrap();
        limits.form("192.0.2.1".parse().unwrap()).unwrap_err();
    }

    #[test]
    fn switching_off_lifts_every_limit_at_once() {
        let limits = limits(Rate::per_minute(1, 1));
        let guest: IpAddr = "192.0.2.7".parse().unwrap();
        limits.form(guest).unwrap();
        limits.form(guest).unwrap_err();
        limits.set(&RateSettings { enabled: false, ..RateSettings::default() });
        for _ in 0..100 {
            limits.form(guest).unwrap();
        }
    }
}
