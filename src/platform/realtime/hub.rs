//! The hub: who is connected, and the one task that reads the journal for all of them.

use super::{
    encoder::{Class, Encoder, Rights, Touched},
    ephemeral::{Numbered, Passing, Sight},
    frame::{self, CLOSE_RESTART, CLOSE_SIGNED_OUT, Frame, Resync},
    queue::Queue,
};
use crate::{
    base::{Actor, Env, Error, Result, TenantId, UserId, time::Stopwatch},
    platform::{
        journal::{self, Event},
        store::{Store, View},
    },
};
use parking_lot::{Mutex, RwLock};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::sync::watch;

/// Sockets one person may hold open in all tenants together: tabs, phones and forgotten windows.
pub const SOCKETS_PER_USER_MAX: usize = 20;
/// Events handed out in one turn, before other tasks get theirs.
const TURN_EVENTS_MAX: usize = 64;
/// How often an idle socket is told the sequence reached, and its session looked at again.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(30);
/// Clients told to come back after a restart spread over this many milliseconds.
const RETURN_SPREAD_MS: u64 = 3_000;

/// What a hub is made of.
pub struct HubParts {
    /// Where events and records are read.
    pub store: Store,
    /// Clock and chance.
    pub env: Env,
    /// The program's build, as `hello` names it: a web app of another build reloads itself.
    pub build: String,
    /// How events look; the first that wants a kind speaks for it.
    pub encoders: Vec<Box<dyn Encoder>>,
    /// Rights and sessions.
    pub rights: Arc<dyn Rights>,
    /// Who may know that somebody looks at or writes in a record; none: nobody is told.
    pub sight: Option<Sight>,
    /// Which record a running number means, where clients name records so.
    pub numbered: Option<Numbered>,
}

/// A handle to the hub; clones share it.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

pub(super) struct Inner {
    pub store: Store,
    pub env: Env,
    pub build: String,
    pub epoch: String,
    pub rights: Arc<dyn Rights>,
    pub passing: Passing,
    encoders: Vec<Box<dyn Encoder>>,
    floor: Mutex<Floor>,
    stopping: watch::Sender<bool>,
}

struct Floor {
    /// Every event up to here has been handed to the sockets registered.
    position: u64,
    next_socket: u64,
    tenants: HashMap<TenantId, Vec<Arc<Slot>>>,
    users: HashMap<UserId, usize>,
}

/// One socket's place in the hub.
pub(super) struct Slot {
    id: u64,
    /// Events up to here reached the client another way.
    since: u64,
    actor: RwLock<Arc<Actor>>,
    /// Does it stand in the list of those to be woken after this turn?
    waits: AtomicBool,
    pub queue: Queue,
}

impl Slot {
    pub fn actor(&self) -> Arc<Actor> {
        self.actor.read().clone()
    }
}

/// A registration; dropping it takes the socket out.
pub(super) struct Seat {
    hub: Hub,
    pub slot: Arc<Slot>,
    /// Frames behind this sequence will stand in the queue.
    pub position: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let actor = self.slot.actor();
        let mut floor = self.hub.0.floor.lock();
        if let Some(slots) = floor.tenants.get_mut(&actor.tenant) {
            slots.retain(|slot| slot.id != self.slot.id);
            if slots.is_empty() {
                floor.tenants.remove(&actor.tenant);
            }
        }
        if let Some(count) = floor.users.get_mut(&actor.user) {
            *count -= 1;
            if *count == 0 {
                floor.users.remove(&actor.user);
            }
        }
        drop(floor);
        metrics::gauge!("farol_realtime_sockets").decrement(1.0);
        self.hub.left(&actor);
    }
}

impl Hub {
    /// A hub that stands at the journal's end. [`Hub::run`] moves it.
    pub fn new(parts: HubParts) -> Self {
        let HubParts { store, env, build, encoders, rights, sight, numbered } = parts;
        let floor = Floor { position: store.head(), next_socket: 0, tenants: HashMap::default(), users: HashMap::default() };
        Self(Arc::new(Inner {
            epoch: format!("{:016x}", store.epoch()),
            store,
            env,
            build,
            rights,
            passing: Passing::new(sight, numbered),
            encoders,
            floor: Mutex::new(floor),
            stopping: watch::Sender::new(false),
        }))
    }

    /// Hands out events until [`Hub::stop`].
    pub async fn run(self) {
        let mut head = self.0.store.watch_head();
        let mut stopping = self.0.stopping.subscribe();
        let mut housekeeping = tokio::time::interval(HOUSEKEEPING_EVERY);
        housekeeping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // The first tick of an interval is due at once.
        housekeeping.reset();
        while !*stopping.borrow() {
            head.borrow_and_update();
            match self.turn() {
                Ok(true) => {
                    tokio::task::yield_now().await;
                    continue;
                }
                Ok(false) => {}
                Err(e) => {
                    // The position has not moved: nothing is lost, only late.
                    tracing::error!(error = %e, "realtime could not read the journal; trying again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            }
            tokio::select! {
                changed = head.changed() => if changed.is_err() { break },
                _ = stopping.changed() => break,
                _ = housekeeping.tick() => self.keep_house(),
            }
        }
        self.stop();
    }

    /// Closes every socket with "service restart" and takes no more.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
        for slot in self.slots() {
            let wait = self.0.env.chance.below(RETURN_SPREAD_MS);
            slot.queue.close(CLOSE_RESTART, format!("restart; come back in {wait} ms"));
        }
    }
    /// Is the hub stopping?
    pub fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }
    /// Has this person a socket open in this tenant? In memory only; heartbeats are no facts.
    pub fn is_connected(&self, tenant: TenantId, user: UserId) -> bool {
        self.0.floor.lock().tenants.get(&tenant).is_some_and(|slots| slots.iter().any(|slot| slot.actor().user == user))
    }
    /// Everybody who has a socket open, and in which tenant.
    pub fn connected(&self) -> HashSet<(TenantId, UserId)> {
        let floor = self.0.floor.lock();
        floor.tenants.iter().flat_map(|(tenant, slots)| slots.iter().map(|slot| (*tenant, slot.actor().user))).collect()
    }
    /// Sockets open now.
    pub fn sockets(&self) -> usize {
        self.0.floor.lock().tenants.values().map(Vec::len).sum()
    }
    /// Every event up to here has been handed out.
    pub fn position(&self) -> u64 {
        self.0.floor.lock().position
    }

    /// Tells every socket of something that passes and stands in no journal, e.g. that the disk runs full. Its
    /// receivers ask for the rest, by the rights they hold.
    pub fn announce(&self, kind: &str) {
        let text = frame::passing(kind, serde_json::json!({}));
        for slot in self.slots() {
            slot.queue.push_passing(&text);
            slot.queue.wake();
        }
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Takes a socket in. Events behind `after` and behind the returned position will be queued for it.
    ///
    /// # Errors
    /// `Quota` where the person has too many sockets; `Unavailable` while stopping.
    pub(super) fn register(&self, actor: Actor, after: Option<u64>) -> Result<Seat> {
        let mut floor = self.0.floor.lock();
        if self.is_stopping() {
            return Err(Error::unavailable("the process is stopping"));
        }
        let count = floor.users.entry(actor.user).or_default();
        if *count >= SOCKETS_PER_USER_MAX {
            return Err(Error::Quota { what: "sockets per person".into(), retry_after_secs: 0 });
        }
        *count += 1;
        let position = floor.position;
        floor.next_socket += 1;
        let slot = Arc::new(Slot {
            id: floor.next_socket,
            since: after.unwrap_or(0).max(position),
            queue: Queue::default(),
            waits: AtomicBool::new(false),
            actor: RwLock::new(Arc::new(actor)),
        });
        floor.tenants.entry(slot.actor().tenant).or_default().push(slot.clone());
        drop(floor);
        metrics::gauge!("farol_realtime_sockets").increment(1.0);
        let seat = Seat { hub: self.clone(), slot, position };
        // Rights may have changed between the check of the token and this moment; what changes from now on
        // is seen by the turn that hands out the event.
        if self.look_again(&seat.slot, position) {
            seat.slot.queue.wake();
        }
        Ok(seat)
    }

    /// Hands out some events. `true`: there may be more.
    pub(super) fn turn(&self) -> Result<bool> {
        let from = {
            let mut floor = self.0.floor.lock();
            if floor.tenants.is_empty() {
                floor.position = self.0.store.head();
                return Ok(false);
            }
            floor.position
        };
        let events = journal::read_after(&self.0.store, from, TURN_EVENTS_MAX)?;
        let Some(last) = events.last().map(|event| event.seq) else { return Ok(false) };
        if journal::is_gap(&self.0.store, from, &events)? {
            return Ok(self.leap());
        }
        let watch = Stopwatch::start();
        let more = events.len() == TURN_EVENTS_MAX;
        let mut views: HashMap<TenantId, View> = HashMap::new();
        let mut waiting: Vec<Arc<Slot>> = Vec::new();
        let mut floor = self.0.floor.lock();
        let mut outcome = Ok(());
        for event in &events {
            outcome = self.hand_out(event, &floor, &mut views, &mut waiting);
            if outcome.is_err() {
                break;
            }
            floor.position = event.seq;
        }
        drop(floor);
        metrics::histogram!("farol_follower_seconds", "follower" => "realtime").record(watch.elapsed().as_secs_f64());
        // One wake for all events of the turn: several frames then share one write.
        for slot in waiting {
            slot.waits.store(false, Relaxed);
            slot.queue.wake();
        }
        outcome?;
        metrics::gauge!("farol_follower_lag", "follower" => "realtime").set(self.0.store.head().saturating_sub(last) as f64);
        Ok(more)
    }

    /// The journal was trimmed past the position: everybody fetches anew, and the hub goes on at the journal's end.
    fn leap(&self) -> bool {
        let mut floor = self.0.floor.lock();
        tracing::warn!(position = floor.position, "the journal was trimmed past the hub; all sockets fetch anew");
        floor.position = self.0.store.head();
        for slot in floor.tenants.values().flatten() {
            slot.queue.resync(floor.position, Resync::TooOld);
            slot.queue.wake();
        }
        true
    }

    /// Queues one event for all who may see it. On an error nobody has got it.
    fn hand_out(
        &self,
        event: &Event,
        floor: &Floor,
        views: &mut HashMap<TenantId, View>,
        waiting: &mut Vec<Arc<Slot>>,
    ) -> Result<()> {
        let mut remember = |slot: &Arc<Slot>| {
            if !slot.waits.swap(true, Relaxed) {
                waiting.push(slot.clone());
            }
        };
        let tenants: Vec<TenantId> = match event.tenant {
            Some(tenant) => floor.tenants.contains_key(&tenant).then_some(tenant).into_iter().collect(),
            None if self.speaks_to_all(event) => floor.tenants.keys().copied().collect(),
            None => Vec::new(),
        };
        // All views first: on an error nobody has been told.
        for tenant in &tenants {
            if let Entry::Vacant(entry) = views.entry(*tenant) {
                entry.insert(self.0.store.read(*tenant)?);
            }
        }
        let touched = self.0.rights.touches(event);
        if touched != Touched::Nobody {
            for slot in floor.tenants.values().flatten() {
                if touched.concerns(&slot.actor()) && self.look_again(slot, event.seq) {
                    remember(slot);
                }
            }
        }
        for tenant in tenants {
            let (Some(slots), Some(view)) = (floor.tenants.get(&tenant), views.get(&tenant)) else { continue };
            let mut shown = Shown::of(&self.0.encoders, event);
            for slot in slots.iter().filter(|slot| event.seq > slot.since) {
                match shown.to(&slot.actor(), view) {
                    Verdict::Nothing => continue,
                    Verdict::Frame(frame) => slot.queue.push(&frame),
                    Verdict::Failed => slot.queue.resync(event.seq, Resync::Failed),
                }
                remember(slot);
            }
        }
        Ok(())
    }

    /// Is this an event above tenants that everybody's sockets are told of?
    pub(super) fn speaks_to_all(&self, event: &Event) -> bool {
        event.tenant.is_none() && self.0.encoders.iter().any(|encoder| encoder.wants(&event.kind) && encoder.speaks_to_all())
    }
    /// Puts a socket's rights right: closes it, or has it fetch anew. `true`: something waits for it.
    fn look_again(&self, slot: &Slot, seq: u64) -> bool {
        let before = slot.actor();
        match self.0.rights.again(&before) {
            Ok(now) => {
                let same = now.grants == before.grants && now.queues == before.queues;
                *slot.actor.write() = Arc::new(now);
                if !same {
                    slot.queue.resync(seq, Resync::Rights);
                }
                !same
            }
            Err(e @ (Error::Unauthenticated(_) | Error::Forbidden(_) | Error::NotFound(_))) => {
                slot.queue.close(CLOSE_SIGNED_OUT, e.code());
                true
            }
            Err(e) => {
                // Better no frames than a stranger's.
                tracing::error!(error = %e, "realtime could not read a person's rights; closing the socket");
                slot.queue.close(CLOSE_RESTART, "rights could not be read");
                true
            }
        }
    }

    /// Tells idle sockets where they are, and closes those whose session ran out.
    fn keep_house(&self) {
        let floor = self.0.floor.lock();
        let position = floor.position;
        let slots: Vec<_> = floor.tenants.values().flatten().cloned().collect();
        for slot in &slots {
            slot.queue.note_position(position.max(slot.since));
        }
        drop(floor);
        for slot in slots {
            self.look_again(&slot, position);
            slot.queue.wake();
        }
        self.0.passing.prune(self.0.env.now());
    }

    fn slots(&self) -> Vec<Arc<Slot>> {
        self.0.floor.lock().tenants.values().flatten().cloned().collect()
    }
    pub(super) fn slots_of(&self, tenant: TenantId) -> Vec<Arc<Slot>> {
        self.0.floor.lock().tenants.get(&tenant).cloned().unwrap_or_default()
    }
    /// An event for one receiver outside the hub's own turn: in a replay.
    pub(super) fn show(&self, event: &Event, actor: &Actor, view: &View) -> Verdict {
        Shown::of(&self.0.encoders, event).to(actor, view)
    }
}

/// What one receiver gets of an event.
pub(super) enum Verdict {
    Nothing,
    Frame(Frame),
    /// It could not be encoded; the receiver must fetch anew.
    Failed,
}

/// One event on its way to many: encoded at most once per class.
struct Shown<'a> {
    event: &'a Event,
    encoder: Option<&'a dyn Encoder>,
    classes: Vec<(Class, Option<ClassFrame>)>,
    gone: Option<Frame>,
}

/// `Err`: could not be encoded.
type ClassFrame = Result<(Frame, Option<crate::platform::journal::Audience>), ()>;

impl<'a> Shown<'a> {
    fn of(encoders: &'a [Box<dyn Encoder>], event: &'a Event) -> Self {
        let encoder = encoders.iter().find(|encoder| encoder.wants(&event.kind)).map(AsRef::as_ref);
        Self { event, encoder, classes: Vec::new(), gone: None }
    }

    fn to(&mut self, actor: &Actor, view: &View) -> Verdict {
        let Some(encoder) = self.encoder else { return Verdict::Nothing };
        if !self.event.after.admits(actor) {
            return if self.event.before.admits(actor) { self.gone() } else { Verdict::Nothing };
        }
        let class = encoder.class(actor);
        let at = match self.classes.iter().position(|(known, _)| *known == class) {
            Some(at) => at,
            None => {
                self.classes.push((class, encode(encoder, view, self.event, class)));
                self.classes.len() - 1
            }
        };
        match &self.classes[at].1 {
            None => Verdict::Nothing,
            Some(Err(())) => Verdict::Failed,
            Some(Ok((frame, audience))) => {
                // The bytes show the record as it is now; who may not see that any more learns that it is gone.
                if audience.as_ref().is_none_or(|now| now.admits(actor)) { Verdict::Frame(frame.clone()) } else { self.gone() }
            }
        }
    }

    fn gone(&mut self) -> Verdict {
        Verdict::Frame(self.gone.get_or_insert_with(|| frame::gone(self.event)).clone())
    }
}

fn encode(encoder: &dyn Encoder, view: &View, event: &Event, class: Class) -> Option<ClassFrame> {
    // A panic in one room's encoder must not end everybody's realtime.
    let outcome = catch_unwind(AssertUnwindSafe(|| encoder.encode(view, event, class)))
        .unwrap_or_else(|_| Err(Error::internal(format!("the encoder of {} panicked", event.kind))));
    let framed = match outcome {
        Ok(None) => return None,
        Ok(Some(encoded)) => frame::event(event, &encoded.kind, &encoded.data).map(|frame| (frame, encoded.audience)),
        Err(e) => Err(e),
    };
    Some(framed.map_err(|e| {
        metrics::counter!("farol_realtime_encode_failures_total").increment(1);
        tracing::error!(error = %e, seq = event.seq, kind = %event.kind, "an event could not be shown; its receivers fetch anew");
    }))
}
