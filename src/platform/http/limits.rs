//! Rate limits: token buckets by session, by person, by address, by endpoint, by webhook path.

use super::settings::{EndpointSettings, HttpSettings, Rate, RateSettings};
use crate::base::{Error, Result, SessionId, UserId};
use arc_swap::ArcSwap;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};
use std::{
    collections::{BTreeMap, HashMap},
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
    endpoints: BTreeMap<String, EndpointSettings>,
    session: Bucket<SessionId>,
    user: Bucket<UserId>,
    address: Bucket<IpAddr>,
    form: Bucket<IpAddr>,
    webhook: Bucket<Box<str>>,
    endpoint: HashMap<String, RouteLimit>,
}

struct Bucket<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: governor::clock::DefaultClock,
    checks: AtomicU32,
}

impl RateLimits {
    /// Full buckets.
    pub fn new(settings: &HttpSettings) -> Self {
        Self(ArcSwap::from_pointee(Buckets::new(settings)))
    }
    /// Other rates; buckets start full again if any of them changed.
    pub fn set(&self, settings: &HttpSettings) {
        let now = self.0.load();
        if now.settings != settings.rates || now.endpoints != settings.endpoints {
            self.0.store(Arc::new(Buckets::new(settings)));
        }
    }
    /// One request of a signed-in session.
    pub fn session(&self, session: SessionId, user: UserId) -> Result<()> {
        let buckets = self.0.load();
        buckets.check(&buckets.session, session, "requests of this session")?;
        buckets.check(&buckets.user, user, "requests of this person")
    }
    /// One request to an endpoint that the owner gave a rate of its own; `endpoint` is method and path template.
    pub(super) fn endpoint(
        &self,
        endpoint: impl FnOnce() -> String,
        session: Option<SessionId>,
        address: Option<IpAddr>,
    ) -> Result<()> {
        let buckets = self.0.load();
        if buckets.endpoint.is_empty() {
            return Ok(());
        }
        buckets.endpoint.get(&endpoint()).map_or(Ok(()), |limit| buckets.route(limit, session, address))
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
        self.0.load().route(limit, session, address)
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
    fn new(settings: &HttpSettings) -> Self {
        let rates = &settings.rates;
        let own = settings.endpoints.iter().filter_map(|(name, own)| Some((name.clone(), RouteLimit::new(own.rate?))));
        Self {
            session: Bucket::new(rates.session),
            user: Bucket::new(rates.user),
            address: Bucket::new(rates.address),
            form: Bucket::new(rates.form),
            webhook: Bucket::new(rates.webhook),
            endpoint: own.collect(),
            settings: rates.clone(),
            endpoints: settings.endpoints.clone(),
        }
    }
    fn route(&self, limit: &RouteLimit, session: Option<SessionId>, address: Option<IpAddr>) -> Result<()> {
        match (session, address) {
            (Some(session), _) => self.check(&limit.session, session, "requests of this kind"),
            (None, Some(address)) => self.check(&limit.address, block(address), "requests of this kind"),
            (None, None) => Ok(()),
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
        RateLimits::new(&with(RateSettings { form, ..RateSettings::default() }))
    }

    fn with(rates: RateSettings) -> HttpSettings {
        HttpSettings { rates, ..HttpSettings::default() }
    }

    #[test]
    fn a_person_has_one_allowance_for_all_sessions() {
        let rates = RateSettings { user: Rate::per_minute(60, 3), ..RateSettings::default() };
        let limits = RateLimits::new(&with(rates));
        let session = |n: u128| SessionId(uuid::Uuid::from_u128(n));
        let (ana, rui) = (UserId(uuid::Uuid::from_u128(1)), UserId(uuid::Uuid::from_u128(2)));
        for n in 0..3 {
            limits.session(session(n), ana).unwrap();
        }
        limits.session(session(9), ana).unwrap_err();
        limits.session(session(10), rui).unwrap();
    }

    #[test]
    fn an_endpoint_of_its_own_rate_leaves_the_others_alone() {
        let slow = EndpointSettings { rate: Some(Rate::per_minute(1, 1)), timeout: None };
        let endpoints = BTreeMap::from([("POST /api/v1/messages/send".to_owned(), slow)]);
        let limits = RateLimits::new(&HttpSettings { endpoints, ..HttpSettings::default() });
        let guest = Some("192.0.2.7".parse().unwrap());
        let ask = |name: &str| limits.endpoint(|| name.to_owned(), None, guest);
        ask("POST /api/v1/messages/send").unwrap();
        ask("POST /api/v1/messages/send").unwrap_err();
        ask("GET /api/v1/messages/send").unwrap();
        limits.set(&HttpSettings::default());
        ask("POST /api/v1/messages/send").unwrap();
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
        limits.set(&with(RateSettings { enabled: false, ..RateSettings::default() }));
        for _ in 0..100 {
            limits.form(guest).unwrap();
        }
    }
}
