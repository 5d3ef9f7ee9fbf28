//! Finds lanes whose head is ready and lets hands perform them, within their limits.

use super::{
    Hand,
    lanes::{self, READY},
    model::{Delivery, DeliveryState, Outcome, Rate},
};
use crate::base::{DeliveryId, Env, Error, Origin, Result, TenantId, Timestamp, time::Stopwatch};
use crate::platform::{
    http::DRAIN,
    store::{KeyRange, Lane, PlatformView, Read, Setting, Store, Topic, Tx, shut},
};
use futures_util::FutureExt;
use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet};

/// Ready heads looked at in one turn; the next turn goes on behind them.
const SLICE_MAX: usize = if cfg!(test) { 8 } else { 4096 };
/// Where more heads are ready than one turn looks at, the next turn comes so soon.
const NEXT_SLICE_AFTER: Duration = Duration::from_millis(200);
/// At a stop, attempts under way may take this long; what is left then is unknown at the next start. A second
/// of the house's own drain is left to say so.
const STOP_GRACE: Duration = DRAIN.saturating_sub(Duration::from_secs(1));
/// How often attempts are looked for that nobody performs (any more).
const LOST_EVERY: Duration = Duration::from_secs(60);
/// Longest memory of a bucket, in seconds.
const BUCKET_KEPT_SECS_MAX: f64 = 7.0 * 86_400.0;
/// A delivery that can be neither started nor refused is left alone for so long.
const STUCK_PAUSE: Duration = Duration::from_secs(30);
/// Storing an outcome is tried so often before the delivery is given up without its hand.
const SETTLE_ATTEMPTS_MAX: u32 = 8;

/// The hands, and the service that gives them work.
#[derive(Default)]
pub struct Outbox {
    hands: HashMap<&'static str, Arc<dyn Hand>>,
}

/// One attempt in the making.
struct Start {
    tenant: TenantId,
    id: DeliveryId,
    hand: Arc<dyn Hand>,
}

impl Start {
    fn share(&self) -> Share {
        (self.hand.kind(), self.tenant)
    }
}

/// Whose attempts are counted together: fairness is between tenants, limits are per kind.
type Share = (&'static str, TenantId);

/// What the service remembers between turns; none of it needs to survive.
#[derive(Default)]
struct Memory {
    busy: HashSet<DeliveryId>,
    by_share: HashMap<Share, usize>,
    /// The last head looked at, where a turn could not look at all.
    looked_at: Option<Vec<u8>>,
    buckets: HashMap<String, Bucket>,
    no_token_until: HashMap<DeliveryId, Timestamp>,
}

struct Bucket {
    tokens: f64,
    at: Timestamp,
    full_at: Timestamp,
}

impl Memory {
    fn of_kind(&self, kind: &str) -> usize {
        self.by_share.iter().filter(|((of, _), _)| *of == kind).map(|(_, count)| count).sum()
    }
    fn take_off(&mut self, id: DeliveryId, share: Option<Share>) {
        self.busy.insert(id);
        if let Some(share) = share {
            *self.by_share.entry(share).or_default() += 1;
        }
    }
    fn land(&mut self, (id, share): (DeliveryId, Option<Share>)) {
        self.busy.remove(&id);
        if let Some(share) = share
            && let Some(count) = self.by_share.get_mut(&share)
        {
            *count -= 1;
            if *count == 0 {
                self.by_share.remove(&share);
            }
        }
    }

    /// Takes a token from every bucket, or none and says when to ask again.
    fn take_tokens(&mut self, rates: &[Rate], now: Timestamp) -> Result<(), Timestamp> {
        if self.buckets.len() > 10_000 {
            // One that is full again is the same as none.
            self.buckets.retain(|_, bucket| bucket.full_at > now);
        }
        let mut wait = 0.0f64;
        for rate in rates {
            let full = rate.burst.max(1.0);
            let bucket = self.buckets.entry(rate.key.clone()).or_insert(Bucket { tokens: full, at: now, full_at: now });
            bucket.tokens = (bucket.tokens + now.since(bucket.at).as_secs_f64() * rate.per_second).min(full);
            bucket.at = now;
            if bucket.tokens < 1.0 {
                wait = wait.max((1.0 - bucket.tokens) / rate.per_second.max(1e-6));
            }
        }
        if wait > 0.0 {
            return Err(now.plus(Duration::from_secs_f64(wait.min(86_400.0)).max(Duration::from_millis(1))));
        }
        for rate in rates {
            if let Some(bucket) = self.buckets.get_mut(&rate.key) {
                bucket.tokens -= 1.0;
                let missing = (rate.burst.max(1.0) - bucket.tokens) / rate.per_second.max(1e-6);
                bucket.full_at = now.plus(Duration::from_secs_f64(missing.min(BUCKET_KEPT_SECS_MAX)));
            }
        }
        Ok(())
    }
}

impl Outbox {
    /// No hands yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a hand for its kind.
    pub fn hand(&mut self, hand: Arc<dyn Hand>) -> &mut Self {
        self.hands.insert(hand.kind(), hand);
        self
    }

    /// Gives hands their work until `shutdown` turns true.
    pub async fn run(self: Arc<Self>, store: Store, env: Env, mut shutdown: watch::Receiver<bool>) {
        let mut memory = Memory::default();
        let mut flights: JoinSet<(DeliveryId, Option<Share>)> = JoinSet::new();
        let mut look_for_lost = store.now();
        while !*shutdown.borrow() {
            if store.now() >= look_for_lost {
                self.recover(&store, &env, &mut memory, &mut flights);
                look_for_lost = store.now().plus(LOST_EVERY);
            }
            let (starts, next) = match self.plan(&store, store.now(), &mut memory) {
                Ok(plan) => plan,
                Err(error) => {
                    tracing::error!(%error, "read the deliveries that are ready");
                    (Vec::new(), Some(store.now().plus(Duration::from_secs(5))))
                }
            };
            for start in starts {
                let (id, share) = (start.id, Some(start.share()));
                memory.take_off(id, share);
                flights.spawn(fly(id, share, attempt(store.clone(), env.clone(), start)));
            }
            tokio::select! {
                () = shut(&mut shutdown) => break,
                () = store.woken(Topic::Outbox) => {}
                Some(Ok(landed)) = flights.join_next(), if !flights.is_empty() => memory.land(landed),
                () = store.sleep_until(next.map_or(look_for_lost, |next| next.min(look_for_lost))) => {}
            }
            while let Some(Ok(landed)) = flights.try_join_next() {
                memory.land(landed);
            }
        }
        let drained = async { while flights.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_GRACE, drained).await.is_err() {
            tracing::warn!(left = flights.len(), "deliveries were still under way at the stop; their outcome is unknown");
        }
    }

    /// Attempts marked as under way that nobody performs: the process ended, or their outcome could not be
    /// stored. They are unknown, never sent again by themselves, and do not keep their lane for ever.
    fn recover(&self, store: &Store, env: &Env, memory: &mut Memory, flights: &mut JoinSet<(DeliveryId, Option<Share>)>) {
        let lost = match lanes::in_flight(store) {
            Ok(lost) => lost,
            Err(error) => return tracing::error!(%error, "read the attempts that were under way"),
        };
        for (tenant, id) in lost {
            if memory.busy.contains(&id) {
                continue;
            }
            let delivery = match store.view(tenant, |view| view.get::<Delivery>(&id)) {
                Ok(Some(delivery)) => delivery,
                Ok(None) => continue,
                Err(error) => {
                    tracing::error!(delivery = %id, %error, "read a delivery whose attempt was under way");
                    continue;
                }
            };
            let hand = self.hands.get(delivery.kind.as_str()).cloned();
            let outcome = Outcome::Unknown { reason: "the program lost track while the attempt was under way".into() };
            memory.take_off(id, None);
            let (store, env) = (store.clone(), env.clone());
            flights.spawn(fly(id, None, async move { settle(&store, &env, hand, delivery, outcome).await }));
        }
    }

    /// Which heads may start now, and when to look again.
    fn plan(&self, store: &Store, now: Timestamp, memory: &mut Memory) -> Result<(Vec<Start>, Option<Timestamp>)> {
        let mut left: HashMap<&'static str, usize> = HashMap::new();
        for (kind, hand) in &self.hands {
            left.insert(kind, hand.policy().concurrency.saturating_sub(memory.of_kind(kind)));
        }
        if left.values().all(|left| *left == 0) {
            // The next landing makes room.
            return Ok((Vec::new(), None));
        }
        let view = store.read_platform()?;
        let mut starts: Vec<Start> = Vec::new();
        memory.no_token_until.retain(|_, until| *until > now);
        let (heads, mut next) = self.heads(&view, store, now, memory)?;
        let mut sooner = |at: Timestamp| next = Some(next.map_or(at, |next| next.min(at)));
        // The tenant with the fewest attempts under way comes first, and each gives one in turn.
        let mut turns: Vec<(Share, VecDeque<DeliveryId>)> = heads.into_iter().collect();
        turns.sort_by_key(|(share, _)| memory.by_share.get(share).copied().unwrap_or(0));
        while !turns.is_empty() {
            let mut again = Vec::with_capacity(turns.len());
            for ((kind, tenant), mut heads) in turns {
                let (Some(hand), Some(left)) = (self.hands.get(kind), left.get_mut(kind)) else { continue };
                while *left > 0
                    && let Some(id) = heads.pop_front()
                {
                    let Some(delivery) = store.view(tenant, |view| view.get::<Delivery>(&id))? else { continue };
                    if delivery.state != DeliveryState::Unknown
                        && let Err(until) = memory.take_tokens(&hand.rates(&delivery), now)
                    {
                        memory.no_token_until.insert(id, until);
                        sooner(until);
                        continue;
                    }
                    *left -= 1;
                    starts.push(Start { tenant, id, hand: hand.clone() });
                    again.push(((kind, tenant), heads));
                    break;
                }
            }
            turns = again;
        }
        Ok((starts, next))
    }

    /// Ready heads by kind and tenant, the oldest of each first, that are not under way and not waiting for a
    /// token; and when to look again. A slice of all there are: the next turn goes on where this one ended, so
    /// that those in front, held up by their limits, keep nobody else waiting.
    fn heads(
        &self,
        view: &PlatformView,
        store: &Store,
        now: Timestamp,
        memory: &mut Memory,
    ) -> Result<(BTreeMap<Share, VecDeque<DeliveryId>>, Option<Timestamp>)> {
        let mut found: BTreeMap<Share, VecDeque<DeliveryId>> = BTreeMap::new();
        let mut next: Option<Timestamp> = None;
        let mut sooner = |at: Timestamp| next = Some(next.map_or(at, |next| next.min(at)));
        let mut looked = 0;
        let from = memory.looked_at.take();
        let (behind, before) = match from {
            None => (KeyRange::all(), None),
            Some(key) => (KeyRange::all().after(Some(key.clone())), Some(key)),
        };
        // Behind the last one looked at; then, from the start, up to it.
        for (range, end) in [(Some(behind), None), (before.is_some().then(KeyRange::all), before)] {
            let Some(range) = range else { continue };
            for pair in view.raw_range(0, READY, &range)? {
                let (key, kind) = pair?;
                if end.as_ref().is_some_and(|end| key > *end) {
                    break;
                }
                let (at, (number, id)) =
                    lanes::read_ready_key(&key).ok_or_else(|| Error::internal("read the index of ready deliveries"))?;
                if at > now {
                    sooner(at);
                    break;
                }
                if looked == SLICE_MAX {
                    sooner(now.plus(NEXT_SLICE_AFTER));
                    return Ok((found, next));
                }
                looked += 1;
                memory.looked_at = Some(key);
                let Some((kind, _)) = std::str::from_utf8(&kind).ok().and_then(|kind| self.hands.get_key_value(kind)) else {
                    continue;
                };
                if memory.busy.contains(&id) {
                    continue;
                }
                if let Some(until) = memory.no_token_until.get(&id) {
                    sooner(*until);
                    continue;
                }
                if let Some(tenant) = store.tenant_of_number(number) {
                    found.entry((*kind, tenant)).or_default().push_back(id);
                }
            }
        }
        // All were looked at: the oldest come first again.
        memory.looked_at = None;
        Ok((found, next))
    }
}

/// Brings a flight to its end, whatever happens in it.
async fn fly(id: DeliveryId, share: Option<Share>, flight: impl Future<Output = ()>) -> (DeliveryId, Option<Share>) {
    if AssertUnwindSafe(flight).catch_unwind().await.is_err() {
        tracing::error!(delivery = %id, "an attempt's task panicked; its outcome is unknown");
    }
    (id, share)
}

async fn command(
    store: &Store,
    tenant: TenantId,
    why: (Option<u64>, u8),
    work: impl FnOnce(&mut Tx<'_, '_>) -> Result<()> + Send + 'static,
) -> Result<()> {
    let setting = Setting { cause: why.0, depth: why.1, ..Setting::plain(Some(tenant), Origin::system()) };
    store.submit(Lane::Reactions, setting, move |core, number| work(&mut Tx { core, tenant, number })).await
}

async fn attempt(store: Store, env: Env, start: Start) {
    let Start { tenant, id, hand } = start;
    let begun = {
        let hand = hand.clone();
        store.write(tenant, Lane::Reactions, Origin::system(), move |tx| lanes::begin(tx, id, hand.as_ref())).await
    };
    let delivery = match begun {
        Ok(Some(delivery)) => delivery,
        Ok(None) => return,
        Err(Error::Unavailable(_)) => return tokio::time::sleep(Duration::from_millis(200)).await,
        Err(error) => return refuse(&store, &env, tenant, id, hand, error).await,
    };
    let deadline = store.now().plus(hand.policy().attempt_timeout);
    let watch = Stopwatch::start();
    // Made inside the caught future: a hand may panic before it gives one.
    let work = AssertUnwindSafe(async { hand.perform(&delivery).await }).catch_unwind();
    let outcome = tokio::select! {
        done = work => done.unwrap_or_else(|_| Outcome::Unknown { reason: "the hand panicked".into() }),
        () = store.sleep_until(deadline) => Outcome::Unknown { reason: "no answer in time".into() },
    };
    let word = match &outcome {
        Outcome::Done(_) => "done",
        Outcome::Retry { .. } => "retry",
        Outcome::Unknown { .. } => "unknown",
        Outcome::Dead { .. } => "dead",
        Outcome::Hold { .. } => "hold",
    };
    metrics::counter!("farol_deliveries_total", "kind" => hand.kind(), "outcome" => word).increment(1);
    metrics::histogram!("farol_delivery_seconds", "kind" => hand.kind()).record(watch.elapsed().as_secs_f64());
    settle(&store, &env, Some(hand), delivery, outcome).await;
}

/// Stores an outcome, stubbornly: an outcome that is not stored is an attempt nobody knows of.
async fn settle(store: &Store, env: &Env, hand: Option<Arc<dyn Hand>>, delivery: Delivery, outcome: Outcome) {
    let (tenant, id) = (delivery.tenant, delivery.id);
    let why = (delivery.cause, delivery.depth);
    let outcome = match outcome {
        Outcome::Unknown { reason } if hand.as_ref().is_some_and(|hand| hand.is_repeatable()) => {
            Outcome::Retry { after: None, code: "outcome_unknown".into(), reason }
        }
        outcome => outcome,
    };
    let mut untold = Error::internal("never tried");
    for tried in 1..=SETTLE_ATTEMPTS_MAX {
        let (hand, delivery, outcome) = (hand.clone(), delivery.clone(), outcome.clone());
        let unit = env.chance.unit();
        let stored = command(store, tenant, why, move |tx| lanes::settle(tx, hand.as_deref(), &delivery, &outcome, unit)).await;
        let Err(error) = stored else { return };
        if store.has_failed() {
            return;
        }
        tracing::warn!(delivery = %id, %error, tried, "store the outcome of a delivery");
        let permanent = error.is_permanent();
        untold = error;
        if permanent {
            break;
        }
        store.sleep_until(store.now().plus(Duration::from_millis(50 << tried))).await;
    }
    // The hand will not hear of it: the outcome stands in the outbox and among the dead letters alone.
    let work = move |tx: &mut Tx<'_, '_>| {
        let policy = hand.map(|hand| hand.policy_of(tx, &delivery)).unwrap_or_default();
        lanes::settle_untold(tx, &policy, &delivery, &outcome, &untold)
    };
    if let Err(error) = command(store, tenant, why, work).await {
        tracing::error!(delivery = %id, %error, "the outcome of a delivery could not be stored; it is unknown in a minute");
    }
}

/// Tells the hand that its delivery could not be started, or gives it up.
async fn refuse(store: &Store, env: &Env, tenant: TenantId, id: DeliveryId, hand: Arc<dyn Hand>, error: Error) {
    tracing::warn!(delivery = %id, %error, "a delivery could not be started");
    let error = Arc::new(error);
    for tried in 1..=SETTLE_ATTEMPTS_MAX {
        let (hand, error, unit) = (hand.clone(), error.clone(), env.chance.unit());
        let told = command(store, tenant, (None, 0), move |tx| lanes::refused(tx, hand.as_ref(), id, &error, unit)).await;
        let Err(again) = told else { return };
        if store.has_failed() {
            return;
        }
        if again.is_permanent() {
            break;
        }
        store.sleep_until(store.now().plus(Duration::from_millis(50 << tried))).await;
    }
    if let Err(error) = command(store, tenant, (None, 0), move |tx| lanes::abandon(tx, id, &error)).await {
        tracing::error!(delivery = %id, %error, "a delivery that can't be started could not be buried");
        // It stands as ready as before: held back here, it does not come up again at once.
        store.sleep_until(store.now().plus(STUCK_PAUSE)).await;
    }
}
