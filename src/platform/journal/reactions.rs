//! Reactions: followers whose effect is another command, exactly once per event.
//!
//! The reaction's cursor in a tenant moves in the very commit of what the event led to, so a crash can
//! neither lose nor repeat it. Many are in flight and share a commit: each command first checks that the
//! cursor stands at the event before its own; when one fails, those behind it refuse and are sent again.
//! A permanent refusal, or the eighth failure, buries the event and moves the cursor in one commit.
//! Events of one tenant are seen in order; tenants do not wait for each other within a slice.

use super::{Event, read_after};
use crate::base::{Env, Error, Origin, Result, TenantId, time::Stopwatch};
use crate::platform::{
    deadletters::{DeadLetter, NewDeadLetter},
    store::{KeyRange, Lane, PlatformTx, Setting, Store, TableId, Tx, keys, shut},
};
use futures_util::future::join_all;
use serde_json::json;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;

/// Reaction → sequence up to which every tenant's events are settled, written now and then.
const POSITIONS: TableId = TableId(0x0070);
/// Tenant, reaction → the last event it reacted to, written with its effect.
const CURSORS: TableId = TableId(0x0071);

/// Commands of one reaction in flight.
const IN_FLIGHT_MAX: usize = 256;
/// Failures after which an event is buried.
const ATTEMPTS_MAX: u32 = 8;
/// Events passed by before the position is written without need.
const POSITION_EVERY: u64 = 512;
/// Automations that may stand between an event and a person; a longer chain is taken for a loop.
pub const CAUSE_DEPTH_MAX: u8 = 10;

/// Leads from events to commands.
pub trait Reaction: Send + Sync + 'static {
    /// Its name on disk; never reused for something else.
    fn name(&self) -> &'static str;
    /// Is this event any of its business? Pure, by the envelope alone.
    fn wants(&self, event: &Event) -> bool;
    /// Does what follows from the event, in the commit that moves the cursor. Across records it must not rely
    /// on order: it re-reads state and does nothing when there is nothing to do.
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()>;
}

/// All reactions of the house.
#[derive(Default)]
pub struct Reactions {
    all: Vec<Arc<dyn Reaction>>,
}

impl Reactions {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn on(&mut self, reaction: impl Reaction) -> &mut Self {
        self.all.push(Arc::new(reaction));
        self
    }

    /// Reacts until `shutdown` turns true. On a store that never had reactions all begin with its first event;
    /// one that a later version adds begins with what happens from then on.
    pub async fn run(self: Arc<Self>, store: Store, env: Env, shutdown: watch::Receiver<bool>) {
        let names: Vec<&'static str> = self.all.iter().map(|r| r.name()).collect();
        let head = store.head();
        let positions =
            store.write_platform(Lane::Reactions, Origin::system(), move |tx| starting_positions(tx, &names, head)).await;
        match positions {
            Ok(positions) => {
                let runs = self.all.iter().zip(positions).map(|(reaction, position)| {
                    let runner =
                        Runner { reaction: reaction.clone(), store: store.clone(), env: env.clone(), shutdown: shutdown.clone() };
                    runner.run(position)
                });
                join_all(runs).await;
            }
            Err(error) => tracing::error!(%error, "read where the reactions stand"),
        }
    }

    /// What is measured by name, as (label, name) of the histograms.
    pub fn measured(&self) -> Vec<(&'static str, &'static str)> {
        self.all.iter().map(|reaction| ("follower", reaction.name())).collect()
    }

    /// Reacts again to the event of a dead letter.
    pub fn retry(&self, tx: &mut Tx<'_, '_>, letter: &DeadLetter) -> Result<()> {
        let name = letter.retry["reaction"].as_str().unwrap_or_default();
        let reaction = self
            .all
            .iter()
            .find(|reaction| reaction.name() == name)
            .ok_or_else(|| Error::conflict("not_retryable", "nothing here reacts by that name any more"))?;
        let event: Event = serde_json::from_value(letter.retry["event"].clone())
            .map_err(|e| Error::conflict("not_retryable", format!("the event can't be read: {e}")))?;
        reaction.react(tx, &event)
    }
}

/// Where each of `names` begins. A name that is no reaction (any more) is forgotten: it would keep the journal
/// from being trimmed for ever.
fn starting_positions(tx: &mut PlatformTx<'_, '_>, names: &[&'static str], head: u64) -> Result<Vec<u64>> {
    let known: Vec<Vec<u8>> =
        tx.raw_range(0, POSITIONS, &KeyRange::all())?.map(|pair| pair.map(|(key, _)| key)).collect::<Result<_>>()?;
    let first_time = known.is_empty();
    for gone in known.into_iter().filter(|key| !names.iter().any(|name| keys::bytes(*name) == *key)) {
        tracing::info!(reaction = %String::from_utf8_lossy(&gone), "this reaction exists no more; its place in the journal is forgotten");
        tx.core.put_raw(0, POSITIONS, gone, None)?;
    }
    let mut positions = Vec::with_capacity(names.len());
    for name in names {
        let position = match tx.raw_get(0, POSITIONS, &keys::bytes(*name))? {
            Some(bytes) => number(&bytes)?,
            None => {
                let position = if first_time { 0 } else { head };
                tx.core.put_raw(0, POSITIONS, keys::bytes(*name), Some(keys::bytes(&position)))?;
                position
            }
        };
        positions.push(position);
    }
    Ok(positions)
}

fn number(bytes: &[u8]) -> Result<u64> {
    <u64 as keys::Key>::read(bytes).ok_or_else(|| Error::internal("read a reaction's cursor"))
}

/// The sequence all reactions have passed; nothing behind it may be trimmed. `None` where there are none.
pub(crate) fn settled_by_all(tx: &PlatformTx<'_, '_>) -> Result<Option<u64>> {
    let mut least = None;
    for pair in tx.raw_range(0, POSITIONS, &KeyRange::all())? {
        let at = number(&pair?.1)?;
        least = Some(least.map_or(at, |least: u64| least.min(at)));
    }
    Ok(least)
}

/// How far a tenant's slice came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// Every event has its outcome.
    All,
    /// The cursor could not be read: the slice is read again.
    Unread,
    /// Told to stop before the end.
    Stopping,
}

struct Runner {
    reaction: Arc<dyn Reaction>,
    store: Store,
    env: Env,
    shutdown: watch::Receiver<bool>,
}

impl Runner {
    async fn run(mut self, mut position: u64) {
        let name = self.reaction.name();
        let mut saved = position;
        let mut head = self.store.watch_head();
        while !*self.shutdown.borrow() {
            let seen = *head.borrow_and_update();
            let events = match read_after(&self.store, position, super::JOURNAL_SLICE_MAX) {
                Ok(events) => events,
                Err(error) => {
                    tracing::error!(reaction = name, %error, "read the journal");
                    self.pause(Duration::from_secs(5)).await;
                    continue;
                }
            };
            metrics::gauge!("farol_reaction_lag_events", "reaction" => name).set(seen.saturating_sub(position) as f64);
            if events.is_empty() {
                tokio::select! {
                    () = shut(&mut self.shutdown) => break,
                    changed = head.changed() => if changed.is_err() { break },
                }
                continue;
            }
            let mut reached = events.last().map_or(position, |event| event.seq);
            let mut by_tenant: BTreeMap<TenantId, VecDeque<Arc<Event>>> = BTreeMap::new();
            let mut wanted = 0;
            for event in events {
                let Some(tenant) = event.tenant.filter(|_| self.reaction.wants(&event)) else { continue };
                wanted += 1;
                let full = wanted == IN_FLIGHT_MAX;
                if full {
                    reached = event.seq;
                }
                by_tenant.entry(tenant).or_default().push_back(event);
                if full {
                    break;
                }
            }
            let all = join_all(by_tenant.into_iter().map(|(tenant, events)| self.settle(tenant, events))).await;
            if all.contains(&Settled::Stopping) {
                // What is not settled is read again at the next start.
                break;
            }
            if all.contains(&Settled::Unread) {
                self.pause(Duration::from_secs(1)).await;
                continue;
            }
            position = reached;
            if position - saved >= POSITION_EVERY && self.save(position).await {
                saved = position;
            }
        }
        if position > saved {
            self.save(position).await;
        }
    }

    async fn save(&self, position: u64) -> bool {
        let name = self.reaction.name();
        let stored = self
            .store
            .write_platform(Lane::Reactions, Origin::system(), move |tx| {
                tx.core.put_raw(0, POSITIONS, keys::bytes(name), Some(keys::bytes(&position)))
            })
            .await;
        stored.is_ok()
    }

    async fn pause(&self, by: Duration) {
        let mut shutdown = self.shutdown.clone();
        tokio::select! {
            () = shut(&mut shutdown) => {}
            () = self.env.clock.sleep_until(self.env.now().plus(by)) => {}
        }
    }

    /// Brings every event of one tenant's slice to its outcome.
    async fn settle(&self, tenant: TenantId, mut events: VecDeque<Arc<Event>>) -> Settled {
        let mut attempts = 0;
        loop {
            // Read each time: after a crash the cursor may be ahead of the position.
            let cursor = match self.cursor(tenant) {
                Ok(cursor) => cursor,
                Err(error) => {
                    tracing::error!(reaction = self.reaction.name(), %tenant, %error, "read where a reaction stands");
                    return Settled::Unread;
                }
            };
            while events.front().is_some_and(|event| event.seq <= cursor) {
                events.pop_front();
            }
            if events.is_empty() {
                return Settled::All;
            }
            let mut before = cursor;
            let sent = events.iter().map(|event| {
                let command = self.send(tenant, event.clone(), before);
                before = event.seq;
                command
            });
            let outcomes = join_all(sent).await;
            let settled = outcomes.iter().take_while(|outcome| outcome.is_ok()).count();
            if settled > 0 {
                attempts = 0;
            }
            let Some(Err(error)) = outcomes.into_iter().nth(settled) else { return Settled::All };
            let Some(event) = events.get(settled).cloned() else { return Settled::All };
            if self.store.has_failed() || *self.shutdown.borrow() {
                return Settled::Stopping;
            }
            match &error {
                Error::Conflict { code: "out_of_turn", .. } => continue,
                Error::Unavailable(_) => {
                    self.pause(Duration::from_millis(200)).await;
                    continue;
                }
                _ => {}
            }
            attempts += 1;
            tracing::warn!(reaction = self.reaction.name(), seq = event.seq, attempts, %error, "a reaction failed");
            if error.is_permanent() || attempts >= ATTEMPTS_MAX {
                let before = if settled == 0 { cursor } else { events[settled - 1].seq };
                if let Err(error) = self.bury(tenant, event, before, attempts, error).await {
                    tracing::error!(reaction = self.reaction.name(), %error, "an event could not be buried");
                    self.pause(Duration::from_secs(5)).await;
                }
                attempts = 0;
            } else {
                self.pause(Duration::from_millis(100 << attempts)).await;
            }
            if *self.shutdown.borrow() {
                return Settled::Stopping;
            }
        }
    }

    fn cursor(&self, tenant: TenantId) -> Result<u64> {
        let name = self.reaction.name();
        let view = self.store.read_platform()?;
        let tenant = self.store.number_of_tenant(tenant).ok_or(Error::NotFound("tenant"))?;
        view.raw_get(tenant, CURSORS, &keys::bytes(name))?.map_or(Ok(0), |bytes| number(&bytes))
    }

    fn send(&self, tenant: TenantId, event: Arc<Event>, before: u64) -> impl Future<Output = Result<()>> {
        let reaction = self.reaction.clone();
        let name = reaction.name();
        let depth = event.depth.saturating_add(1);
        let setting = Setting { cause: Some(event.seq), depth, ..Setting::plain(Some(tenant), Origin::system()) };
        let store = self.store.clone();
        async move {
            let run = move |core: &mut crate::platform::store::Core<'_>, number| {
                let tx = &mut Tx { core, tenant, number };
                take_turn(tx, reaction.name(), before, event.seq)?;
                if depth > CAUSE_DEPTH_MAX {
                    return Err(Error::conflict("too_deep", "automations set each other off in a long chain; taken for a loop"));
                }
                reaction.react(tx, &event)
            };
            let watch = Stopwatch::start();
            let outcome = store.submit(Lane::Reactions, setting, run).await;
            metrics::histogram!("farol_follower_seconds", "follower" => name).record(watch.elapsed().as_secs_f64());
            outcome
        }
    }

    async fn bury(&self, tenant: TenantId, event: Arc<Event>, before: u64, attempts: u32, error: Error) -> Result<()> {
        let name = self.reaction.name();
        self.store
            .write(tenant, Lane::Reactions, Origin::system(), move |tx| {
                take_turn(tx, name, before, event.seq)?;
                let raw = serde_json::to_vec(&*event).map_err(|e| Error::internal(format!("write event {}: {e}", event.seq)))?;
                tx.bury(NewDeadLetter {
                    kind: "reaction",
                    code: error.code().into(),
                    reason: error.to_string(),
                    subject: Some(event.subject),
                    raw,
                    retry: json!({"reaction": name, "event": &*event, "attempts": attempts}),
                })?;
                Ok(())
            })
            .await
    }
}

/// Passes only the command whose turn it is, and gives the turn on.
fn take_turn(tx: &mut Tx<'_, '_>, name: &str, before: u64, seq: u64) -> Result<()> {
    let number_of_tenant = tx.number;
    let at = tx.raw_get(number_of_tenant, CURSORS, &keys::bytes(name))?.map_or(Ok(0), |bytes| number(&bytes))?;
    if at != before {
        return Err(Error::conflict("out_of_turn", "the event before this one is not settled"));
    }
    tx.core.put_raw(number_of_tenant, CURSORS, keys::bytes(name), Some(keys::bytes(&seq)))
}
