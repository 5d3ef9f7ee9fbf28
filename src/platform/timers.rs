//! Durable time: one timer per purpose and record, run as a command when it is due.
//!
//! Setting a timer again replaces it; a due timer is removed in the commit of what it does, so it runs
//! exactly once. A stop does not lose it: an overdue timer runs at the next start and is told both when
//! it was due and, by `tx.now()`, what time it is; each purpose knows what late means. A failing timer is
//! tried again with growing pauses; a permanent refusal or the eighth failure buries it.
//! Deliberately absent: polling, and timers that repeat by themselves (a handler sets the next one).

use super::{
    deadletters::{DeadLetter, NewDeadLetter},
    store::{Index, Json, KeyRange, Lane, Read, Record, Store, TableId, TenantScope, Topic, Tx, Write, keys, shut},
};
use crate::base::{Error, Origin, Result, TenantId, Timestamp, time::Stopwatch};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{borrow::Cow, collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::watch;
use uuid::Uuid;

/// (next run, tenant number, purpose, subject) of every timer of every tenant.
const DUE: TableId = TableId(0x0032);
/// Timers run side by side; they share commits.
const IN_FLIGHT_MAX: usize = 256;
/// A timer that failed so often is buried.
pub const TIMER_ATTEMPTS_MAX: u32 = 8;
/// Pause before the second try; doubles each time.
const BACKOFF: Duration = Duration::from_secs(2);

/// What a timer is for and which record it belongs to: there is one timer under a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TimerKey {
    /// The purpose, as registered with [`Timers::on`].
    pub purpose: Cow<'static, str>,
    /// The record.
    pub subject: Uuid,
}

impl TimerKey {
    /// The timer of `purpose` for `subject`.
    pub fn new(purpose: &'static str, subject: Uuid) -> Self {
        Self { purpose: purpose.into(), subject }
    }
}

/// A timer as stored, for lists and for the machinery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// What for.
    pub purpose: String,
    /// Which record.
    pub subject: Uuid,
    /// When it was meant to run.
    pub due: Timestamp,
    /// When it runs next: `due`, or later after a failure.
    pub next_run: Timestamp,
    /// What the handler is told.
    pub payload: Json,
    /// Tries that failed.
    pub attempts: u32,
    /// The last failure.
    pub last_error: Option<String>,
}

impl Record for Timer {
    type Key = (String, Uuid);
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0030);
    const NAME: &'static str = "timer";
    const INDEXES: &'static [&'static Index<Self>] = &[&TIMERS_BY_NEXT_RUN];

    fn key(&self) -> (String, Uuid) {
        (self.purpose.clone(), self.subject)
    }
}

/// A tenant's timers, the next one first.
pub static TIMERS_BY_NEXT_RUN: Index<Timer> =
    Index::ordered(0x0031, "timers by next run", |timer, entries| entries.add(timer.next_run));

/// A timer whose time has come, as its handler sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct DueTimer {
    /// What for and which record.
    pub key: TimerKey,
    /// When it was meant to run; `tx.now()` may be much later after a stop.
    pub due: Timestamp,
    /// What was left with it.
    pub payload: Value,
}

fn due_key(timer: &Timer, tenant: u32) -> Vec<u8> {
    keys::bytes(&(timer.next_run, tenant, &timer.purpose, timer.subject))
}

impl Tx<'_, '_> {
    /// Sets the timer `key` to run at `due`, in place of the one that was there.
    pub fn at(&mut self, key: TimerKey, due: Timestamp, payload: Value) -> Result<()> {
        if self.core.is_imported() {
            return Ok(());
        }
        let purpose = key.purpose.into_owned();
        self.store_timer(Timer {
            purpose,
            subject: key.subject,
            due,
            next_run: due,
            payload: payload.into(),
            attempts: 0,
            last_error: None,
        })
    }

    /// Cancels the timer `key`; says whether there was one.
    pub fn clear(&mut self, key: &TimerKey) -> Result<bool> {
        let Some(old) = self.delete::<Timer>(&(key.purpose.clone().into_owned(), key.subject))? else { return Ok(false) };
        let number = self.number;
        self.core.put_raw(0, DUE, due_key(&old, number), None)?;
        Ok(true)
    }

    /// The timer `key`, if it is set.
    pub fn timer(&self, key: &TimerKey) -> Result<Option<Timer>> {
        self.get(&(key.purpose.clone().into_owned(), key.subject))
    }

    fn store_timer(&mut self, timer: Timer) -> Result<()> {
        let number = self.number;
        let old = self.get::<Timer>(&timer.key())?;
        if let Some(old) = &old {
            self.core.put_raw(0, DUE, due_key(old, number), None)?;
        }
        self.replace(old.as_ref(), &timer)?;
        self.core.put_raw(0, DUE, due_key(&timer, number), Some(Vec::new()))?;
        self.wake(Topic::Timers);
        Ok(())
    }
}

/// Puts a buried timer back, to run at once.
pub(super) fn retry_letter(tx: &mut Tx<'_, '_>, letter: &DeadLetter) -> Result<()> {
    let broken = || Error::conflict("not_retryable", "this dead letter holds no timer");
    let purpose = letter.retry["purpose"].as_str().ok_or_else(broken)?.to_owned();
    let subject = letter.subject.ok_or_else(broken)?;
    let due = letter.retry["due"].as_str().and_then(Timestamp::parse).ok_or_else(broken)?;
    let next_run = tx.now();
    let payload = letter.retry["payload"].clone().into();
    tx.store_timer(Timer { purpose, subject, due, next_run, payload, attempts: 0, last_error: None })
}

/// What a purpose does when its time has come.
pub type TimerFn = dyn Fn(&mut Tx<'_, '_>, &DueTimer) -> Result<()> + Send + Sync;

/// Handlers by purpose, and the service that runs them.
#[derive(Default)]
pub struct Timers {
    handlers: HashMap<&'static str, Arc<TimerFn>>,
}

impl Timers {
    /// No purposes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names what `purpose` does.
    pub fn on(
        &mut self,
        purpose: &'static str,
        handler: impl Fn(&mut Tx<'_, '_>, &DueTimer) -> Result<()> + Send + Sync + 'static,
    ) -> &mut Self {
        self.handlers.insert(purpose, Arc::new(handler));
        self
    }

    /// Runs timers as they become due, until `shutdown` turns true.
    pub async fn run(self: Arc<Self>, store: Store, mut shutdown: watch::Receiver<bool>) {
        while !*shutdown.borrow() {
            let (due, next) = match due_now(&store, store.now()) {
                Ok(found) => found,
                Err(e) => {
                    tracing::error!(error = %e, "read the due timers");
                    (Vec::new(), Some(store.now().plus(Duration::from_secs(5))))
                }
            };
            if due.is_empty() {
                tokio::select! {
                    () = shut(&mut shutdown) => return,
                    () = store.woken(Topic::Timers) => {}
                    () = store.sleep_until(next.unwrap_or(Timestamp::FAR_FUTURE)) => {}
                }
                continue;
            }
            let count = due.len() as u64;
            let done = join_all(due.into_iter().map(|due| self.clone().fire(store.clone(), due))).await;
            metrics::counter!("farol_timers_run_total").increment(count);
            if done.contains(&false) {
                // The store can't take the outcome right now; asking again at once would spin.
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    /// Runs one timer to its outcome; `false` where even the failure could not be stored.
    async fn fire(self: Arc<Self>, store: Store, Due { tenant, at, key }: Due) -> bool {
        let this = self.clone();
        let which = key.clone();
        let watch = Stopwatch::start();
        let ran = store.write(tenant, Lane::Reactions, Origin::system(), move |tx| this.run_one(tx, &which, at)).await;
        if let Some((purpose, _)) = self.handlers.get_key_value(key.0.as_str()) {
            metrics::histogram!("farol_timer_seconds", "purpose" => *purpose).record(watch.elapsed().as_secs_f64());
        }
        let Err(error) = ran else { return true };
        if matches!(error, Error::Unavailable(_)) {
            return false;
        }
        tracing::warn!(purpose = key.0, subject = %key.1, %error, "a timer failed");
        store.write(tenant, Lane::Reactions, Origin::system(), move |tx| failed(tx, &key, at, &error)).await.is_ok()
    }

    fn run_one(&self, tx: &mut Tx<'_, '_>, key: &(String, Uuid), at: Timestamp) -> Result<()> {
        let Some(timer) = still(tx, key, at)? else { return Ok(()) };
        let (purpose, handler) = self
            .handlers
            .get_key_value(timer.purpose.as_str())
            .ok_or_else(|| Error::conflict("unknown_timer", format!("nothing here handles the timer {}", timer.purpose)))?;
        let key = TimerKey::new(purpose, timer.subject);
        tx.clear(&key)?;
        handler(tx, &DueTimer { key, due: timer.due, payload: timer.payload.0 })
    }
}

/// The timer that was due at `at`; `None` where it was cleared, replaced or run since it was read.
fn still(tx: &Tx<'_, '_>, key: &(String, Uuid), at: Timestamp) -> Result<Option<Timer>> {
    Ok(tx.get::<Timer>(key)?.filter(|timer| timer.next_run == at))
}

fn failed(tx: &mut Tx<'_, '_>, key: &(String, Uuid), at: Timestamp, error: &Error) -> Result<()> {
    // One that was set anew while this one failed begins with a clean sheet.
    let Some(mut timer) = still(tx, key, at)? else { return Ok(()) };
    timer.attempts += 1;
    if !error.is_permanent() && timer.attempts < TIMER_ATTEMPTS_MAX {
        timer.next_run = tx.now().plus(BACKOFF * 2u32.pow(timer.attempts - 1));
        timer.last_error = Some(error.to_string());
        return tx.store_timer(timer);
    }
    let number = tx.number;
    tx.core.put_raw(0, DUE, due_key(&timer, number), None)?;
    tx.delete::<Timer>(key)?;
    tx.bury(NewDeadLetter {
        kind: "timer",
        code: error.code().into(),
        reason: error.to_string(),
        subject: Some(timer.subject),
        raw: Vec::new(),
        retry: json!({
            "purpose": timer.purpose, "due": timer.due, "payload": timer.payload.0, "attempts": timer.attempts,
        }),
    })?;
    Ok(())
}

/// A timer whose time has come, as the index of due timers names it.
struct Due {
    tenant: TenantId,
    at: Timestamp,
    key: (String, Uuid),
}

/// Timers due at `now` (a bounded slice), and when the next one is.
fn due_now(store: &Store, now: Timestamp) -> Result<(Vec<Due>, Option<Timestamp>)> {
    let view = store.read_platform()?;
    let mut due = Vec::new();
    for pair in view.raw_range(0, DUE, &KeyRange::all())? {
        let (key, _) = pair?;
        let (at, (tenant, key)) = <(Timestamp, (u32, (String, Uuid))) as keys::Key>::read(&key)
            .ok_or_else(|| Error::internal("read the index of due timers"))?;
        if at > now || due.len() == IN_FLIGHT_MAX {
            return Ok((due, Some(at)));
        }
        if let Some(tenant) = store.tenant_of_number(tenant) {
            due.push(Due { tenant, at, key });
        }
    }
    Ok((due, None))
}

/// A page of the tenant's timers, the next one first.
pub fn list<V: Read<Scope = TenantScope>>(view: &V, after: Option<Vec<u8>>, limit: usize) -> Result<Vec<(Timer, Vec<u8>)>> {
    view.list(&TIMERS_BY_NEXT_RUN, KeyRange::all().after(after))?.take(limit).collect()
}

#[cfg(test)]
mod tests;
