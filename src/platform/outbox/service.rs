//! Finds lanes whose head is ready and lets hands perform them, within their limits.

use super::{
    Hand,
    lanes::{self, READY},
    model::{Delivery, DeliveryState, Outcome, Rate},
};
use crate::base::{DeliveryId, Env, Error, Origin, Result, TenantId, Timestamp};
use crate::platform::store::{KeyRange, Lane, Read, Setting, Store, Topic, Tx, shut};
use futures_util::FutureExt;
use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet};

/// Ready heads looked at in one turn; the rest come up as these are settled.
const SLICE_MAX: usize = 4096;
/// At a stop, attempts under way may take this long; what is left then is unknown at the next start.
const STOP_GRACE: Duration = Duration::from_secs(20);
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

/// What the service remembers between turns; none of it needs to survive.
#[derive(Default)]
struct Memory {
    busy: HashSet<DeliveryId>,
    by_kind: HashMap<&'static str, usize>,
    buckets: HashMap<String, Bucket>,
    no_token_until: HashMap<DeliveryId, Timestamp>,
}

struct Bucket {
    tokens: f64,
    at: Timestamp,
}

impl Memory {
    /// Takes a token from every bucket, or none and says when to ask again.
    fn take_tokens(&mut self, rates: &[Rate], now: Timestamp) -> Result<(), Timestamp> {
        if self.buckets.len() > 10_000 {
            // A bucket untouched for an hour is full again, whatever its size.
            self.buckets.retain(|_, bucket| now.since(bucket.at) < Duration::from_secs(3600));
        }
        let mut wait = 0.0f64;
        for rate in rates {
            let full = rate.burst.max(1.0);
            let bucket = self.buckets.entry(rate.key.clone()).or_insert(Bucket { tokens: full, at: now });
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
        self.recover(&store, &env).await;
        let mut memory = Memory::default();
        let mut flights: JoinSet<(DeliveryId, &'static str)> = JoinSet::new();
        while !*shutdown.borrow() {
            let (starts, next) = match self.plan(&store, env.now(), &mut memory) {
                Ok(plan) => plan,
                Err(error) => {
                    tracing::error!(%error, "read the deliveries that are ready");
                    (Vec::new(), Some(env.now().plus(Duration::from_secs(5))))
                }
            };
            for start in starts {
                memory.busy.insert(start.id);
                *memory.by_kind.entry(start.hand.kind()).or_default() += 1;
                let (store, env) = (store.clone(), env.clone());
                flights.spawn(async move {
                    let (id, kind) = (start.id, start.hand.kind());
                    attempt(store, env, start).await;
                    (id, kind)
                });
            }
            tokio::select! {
                () = shut(&mut shutdown) => break,
                () = store.woken(Topic::Outbox) => {}
                Some(landed) = flights.join_next(), if !flights.is_empty() => land(&mut memory, landed),
                () = env.clock.sleep_until(next.unwrap_or(Timestamp::FAR_FUTURE)) => {}
            }
            while let Some(landed) = flights.try_join_next() {
                land(&mut memory, landed);
            }
        }
        let drained = async { while flights.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_GRACE, drained).await.is_err() {
            tracing::warn!(left = flights.len(), "deliveries were still under way at the stop; their outcome is unknown");
        }
    }

    /// Attempts that were under way when the process ended: unknown, and never sent again by themselves.
    async fn recover(&self, store: &Store, env: &Env) {
        let lost = match lanes::in_flight(store) {
            Ok(lost) => lost,
            Err(error) => return tracing::error!(%error, "read the attempts that were under way"),
        };
        for (tenant, id) in lost {
            let read = store.view(tenant, |view| view.get::<Delivery>(&id));
            let Ok(Some(delivery)) = read else { continue };
            let hand = self.hands.get(delivery.kind.as_str()).cloned();
            let outcome = Outcome::Unknown { reason: "the program ended while the attempt was under way".into() };
            settle(store, env, hand, delivery, outcome).await;
        }
    }

    /// Which heads may start now, and when to look again.
    fn plan(&self, store: &Store, now: Timestamp, memory: &mut Memory) -> Result<(Vec<Start>, Option<Timestamp>)> {
        let view = store.read_platform()?;
        let mut starts: Vec<Start> = Vec::new();
        let mut planned: HashMap<&'static str, usize> = HashMap::new();
        let mut next: Option<Timestamp> = None;
        let mut sooner = |at: Timestamp| next = Some(next.map_or(at, |next| next.min(at)));
        memory.no_token_until.retain(|_, until| *until > now);
        for pair in view.raw_range(0, READY, &KeyRange::all())?.take(SLICE_MAX) {
            let (key, kind) = pair?;
            let (at, number, id) =
                lanes::read_ready_key(&key).ok_or_else(|| Error::internal("read the index of ready deliveries"))?;
            if at > now {
                sooner(at);
                break;
            }
            let Some(hand) = std::str::from_utf8(&kind).ok().and_then(|kind| self.hands.get(kind)) else { continue };
            let under_way = memory.by_kind.get(hand.kind()).copied().unwrap_or(0);
            let more = planned.entry(hand.kind()).or_default();
            if memory.busy.contains(&id) || under_way + *more >= hand.policy().concurrency {
                continue;
            }
            if let Some(until) = memory.no_token_until.get(&id) {
                sooner(*until);
                continue;
            }
            let Some(tenant) = store.tenant_of_number(number) else { continue };
            let Some(delivery) = store.view(tenant, |view| view.get::<Delivery>(&id))? else { continue };
            if delivery.state != DeliveryState::Unknown
                && let Err(until) = memory.take_tokens(&hand.rates(&delivery), now)
            {
                memory.no_token_until.insert(id, until);
                sooner(until);
                continue;
            }
            *more += 1;
            starts.push(Start { tenant, id, hand: hand.clone() });
        }
        Ok((starts, next))
    }
}

fn land(memory: &mut Memory, landed: Result<(DeliveryId, &'static str), tokio::task::JoinError>) {
    match landed {
        Ok((id, kind)) => {
            memory.busy.remove(&id);
            if let Some(count) = memory.by_kind.get_mut(kind) {
                *count = count.saturating_sub(1);
            }
        }
        // Hands' panics are caught in the attempt; only a bug of this file gets here.
        Err(error) => tracing::error!(%error, "an attempt's task ended badly"),
    }
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
    let begun_at = delivery.started_at.unwrap_or_else(|| env.now());
    let deadline = begun_at.plus(hand.policy().attempt_timeout);
    // Made inside the caught future: a hand may panic before it gives one.
    let work = AssertUnwindSafe(async { hand.perform(&delivery).await }).catch_unwind();
    let outcome = tokio::select! {
        done = work => done.unwrap_or_else(|_| Outcome::Unknown { reason: "the hand panicked".into() }),
        () = env.clock.sleep_until(deadline) => Outcome::Unknown { reason: "no answer in time".into() },
    };
    let word = match &outcome {
        Outcome::Done(_) => "done",
        Outcome::Retry { .. } => "retry",
        Outcome::Unknown { .. } => "unknown",
        Outcome::Dead { .. } => "dead",
        Outcome::Hold { .. } => "hold",
    };
    metrics::counter!("farol_deliveries_total", "kind" => hand.kind(), "outcome" => word).increment(1);
    settle(&store, &env, Some(hand), delivery, outcome).await;
}

/// Stores an outcome, stubbornly: an outcome that is not stored is an attempt nobody knows of.
async fn settle(store: &Store, env: &Env, hand: Option<Arc<dyn Hand>>, delivery: Delivery, outcome: Outcome) {
    let (tenant, id) = (delivery.tenant, delivery.id);
    let why = (delivery.cause, delivery.depth);
    for tried in 1..=SETTLE_ATTEMPTS_MAX {
        let (hand, delivery, outcome) = (hand.clone(), delivery.clone(), outcome.clone());
        let unit = env.chance.unit();
        let stored = command(store, tenant, why, move |tx| lanes::settle(tx, hand.as_deref(), &delivery, &outcome, unit)).await;
        let Err(error) = stored else { return };
        if store.has_failed() {
            return;
        }
        tracing::warn!(delivery = %id, %error, tried, "store the outcome of a delivery");
        if error.is_permanent() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50 << tried)).await;
    }
    // The hand will not hear of it: the outcome stands in the outbox alone.
    let stored = command(store, tenant, why, move |tx| lanes::settle(tx, None, &delivery, &outcome, 0.0)).await;
    if let Err(error) = stored {
        tracing::error!(delivery = %id, %error, "the outcome of a delivery could not be stored");
    }
}

async fn refuse(store: &Store, env: &Env, tenant: TenantId, id: DeliveryId, hand: Arc<dyn Hand>, error: Error) {
    tracing::warn!(delivery = %id, %error, "a delivery could not be started");
    let unit = env.chance.unit();
    let copy = clone_error(&error);
    let told = command(store, tenant, (None, 0), move |tx| lanes::refused(tx, hand.as_ref(), id, &error, unit)).await;
    if let Err(again) = told
        && again.is_permanent()
        && let Err(error) = command(store, tenant, (None, 0), move |tx| lanes::abandon(tx, id, &copy)).await
    {
        tracing::error!(delivery = %id, %error, "a delivery that can't be started could not be buried");
    }
}

/// Code and words of an error, for a second telling.
fn clone_error(error: &Error) -> Error {
    match error {
        Error::Conflict { code, detail } => Error::Conflict { code, detail: detail.clone() },
        Error::NotFound(what) => Error::NotFound(what),
        other => Error::internal(other),
    }
}
