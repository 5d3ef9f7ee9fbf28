//! Every change of a delivery, as commands. Only a lane's head stands in the index of what is ready, so
//! finding work never walks over deliveries that wait behind another.

use super::{
    Hand,
    model::{Delivery, DeliveryState, HELD, LANES, NewDelivery, Outcome},
};
use crate::base::{DeliveryId, Error, Result, TenantId, Timestamp};
use crate::platform::{
    deadletters::{DeadLetter, NewDeadLetter},
    store::{KeyRange, Read, TableId, TenantScope, Topic, Tx, Write, keys},
};
use serde_json::json;
use std::time::Duration;

/// (next run, tenant number, delivery) → kind, for every lane's head.
pub(super) const READY: TableId = TableId(0x0043);
/// (tenant number, delivery) of every attempt under way: what a crash leaves unknown.
pub(super) const IN_FLIGHT: TableId = TableId(0x0044);
/// An unknown outcome that nobody has proved by then becomes a dead letter, for a person to decide on.
const UNKNOWN_KEPT: Duration = Duration::from_secs(24 * 3600);
/// Held deliveries released by one command.
const RELEASE_MAX: usize = 50;

impl Tx<'_, '_> {
    /// Orders a delivery; it leaves after this commit, in the order of its lane.
    ///
    /// # Errors
    /// Conflict `already_exists` where the id was ordered and is not settled yet.
    pub fn deliver(&mut self, new: NewDelivery) -> Result<()> {
        if self.core.is_imported() {
            return Ok(());
        }
        enqueue(self, new.id, new.kind.to_owned(), new.lane, new.payload.into(), new.not_before)
    }
}

fn enqueue(
    tx: &mut Tx<'_, '_>,
    id: DeliveryId,
    kind: String,
    lane: String,
    payload: crate::platform::store::Json,
    not_before: Option<Timestamp>,
) -> Result<()> {
    let head = first_of_lane(tx, &kind, &lane)?.is_none();
    let number = tx.next_number("delivery")?;
    let now = tx.now();
    let (_, cause, depth) = tx.core.why();
    let delivery = Delivery {
        id,
        tenant: tx.tenant(),
        kind,
        lane,
        number,
        payload,
        state: DeliveryState::Waiting,
        attempts: 0,
        not_before,
        next_run: head.then(|| not_before.unwrap_or(now).max(now)),
        in_lane: true,
        created_at: now,
        started_at: None,
        last_code: None,
        last_error: None,
        cause,
        depth,
    };
    if tx.get::<Delivery>(&id)?.is_some() {
        return Err(Error::conflict("already_exists", "this delivery was ordered already"));
    }
    store(tx, None, &delivery)
}

fn first_of_lane(tx: &Tx<'_, '_>, kind: &str, lane: &str) -> Result<Option<DeliveryId>> {
    let mut hits = tx.scan(&LANES, KeyRange::prefix((kind, lane)))?;
    hits.next().map(|hit| hit.map(|hit| hit.key)).transpose()
}

fn ready_key(at: Timestamp, tenant: u32, id: DeliveryId) -> Vec<u8> {
    keys::bytes(&(at, tenant, id))
}

/// Reads a key of [`READY`].
pub(super) fn read_ready_key(key: &[u8]) -> Option<(Timestamp, (u32, DeliveryId))> {
    keys::Key::read(key)
}

/// Writes the row and the two platform indexes by difference.
fn store(tx: &mut Tx<'_, '_>, old: Option<&Delivery>, new: &Delivery) -> Result<()> {
    index(tx, old, Some(new))?;
    tx.replace(old, new)
}

fn index(tx: &mut Tx<'_, '_>, old: Option<&Delivery>, new: Option<&Delivery>) -> Result<()> {
    let number = tx.number;
    let before = old.and_then(|d| d.next_run.map(|at| ready_key(at, number, d.id)));
    let after = new.and_then(|d| d.next_run.map(|at| ready_key(at, number, d.id)));
    if before != after {
        if let Some(key) = before {
            tx.core.put_raw(0, READY, key, None)?;
        }
        if let (Some(key), Some(d)) = (after, new) {
            tx.core.put_raw(0, READY, key, Some(d.kind.clone().into_bytes()))?;
            tx.wake(Topic::Outbox);
        }
    }
    let flies = |d: Option<&Delivery>| d.filter(|d| d.state == DeliveryState::InFlight).map(|d| d.id);
    match (flies(old), flies(new)) {
        (None, Some(id)) => tx.core.put_raw(0, IN_FLIGHT, keys::bytes(&(number, id)), Some(Vec::new())),
        (Some(id), None) => tx.core.put_raw(0, IN_FLIGHT, keys::bytes(&(number, id)), None),
        _ => Ok(()),
    }
}

/// Takes the delivery out for good and lets the next of its lane come up.
fn remove(tx: &mut Tx<'_, '_>, old: &Delivery) -> Result<()> {
    index(tx, Some(old), None)?;
    tx.delete::<Delivery>(&old.id)?;
    promote(tx, &old.kind, &old.lane)
}

/// Makes sure that the head of a lane is looked at.
fn promote(tx: &mut Tx<'_, '_>, kind: &str, lane: &str) -> Result<()> {
    let Some(id) = first_of_lane(tx, kind, lane)? else { return Ok(()) };
    let head: Delivery = tx.require(&id)?;
    if head.next_run.is_some() || head.state != DeliveryState::Waiting {
        return Ok(());
    }
    let now = tx.now();
    let next_run = Some(head.not_before.unwrap_or(now).max(now));
    store(tx, Some(&head), &Delivery { next_run, ..head.clone() })
}

/// Marks an attempt as in flight; `None` where there is nothing to attempt (any more).
pub(super) fn begin(tx: &mut Tx<'_, '_>, id: DeliveryId, hand: &dyn Hand) -> Result<Option<Delivery>> {
    let Some(old) = tx.get::<Delivery>(&id)? else { return Ok(None) };
    let now = tx.now();
    if old.next_run.is_none_or(|at| at > now) {
        return Ok(None);
    }
    match old.state {
        DeliveryState::InFlight => return Ok(None),
        DeliveryState::Unknown => {
            age_unknown(tx, &old)?;
            return Ok(None);
        }
        DeliveryState::Waiting | DeliveryState::Held => {}
    }
    // One put back by hand can stand before one that is under way.
    let behind = tx.scan(&LANES, KeyRange::prefix((&old.kind, &old.lane)))?.take(2).collect::<Result<Vec<_>>>()?;
    for hit in behind.iter().filter(|hit| hit.key != id) {
        if tx.require::<Delivery>(&hit.key)?.state == DeliveryState::InFlight {
            store(tx, Some(&old), &Delivery { next_run: Some(now.plus(Duration::from_secs(1))), ..old.clone() })?;
            return Ok(None);
        }
    }
    let new = Delivery {
        state: DeliveryState::InFlight,
        attempts: old.attempts + 1,
        started_at: Some(now),
        next_run: None,
        ..old.clone()
    };
    store(tx, Some(&old), &new)?;
    hand.starting(tx, &new)?;
    Ok(Some(new))
}

/// First the lane goes on without it; a day later a person is asked.
fn age_unknown(tx: &mut Tx<'_, '_>, old: &Delivery) -> Result<()> {
    if old.in_lane {
        let next_run = Some(old.started_at.unwrap_or(tx.now()).plus(UNKNOWN_KEPT));
        store(tx, Some(old), &Delivery { in_lane: false, next_run, ..old.clone() })?;
        return promote(tx, &old.kind, &old.lane);
    }
    remove(tx, old)?;
    let reason = old.last_error.clone().unwrap_or_else(|| "nobody knows how the attempt ended".into());
    bury(tx, old, "outcome_unknown".into(), reason)
}

fn bury(tx: &mut Tx<'_, '_>, delivery: &Delivery, code: String, reason: String) -> Result<()> {
    tx.bury(NewDeadLetter {
        kind: "delivery",
        code,
        reason,
        subject: Some(delivery.id.into()),
        raw: delivery.payload.0.to_string().into_bytes(),
        retry: json!({
            "kind": delivery.kind, "lane": delivery.lane, "payload": delivery.payload.0, "attempts": delivery.attempts,
        }),
    })?;
    Ok(())
}

/// Stores the outcome of the attempt `flown`, unless something else settled it meanwhile.
pub(super) fn settle(tx: &mut Tx<'_, '_>, hand: Option<&dyn Hand>, flown: &Delivery, outcome: &Outcome, unit: f64) -> Result<()> {
    let Some(old) = still_flying(tx, flown)? else { return Ok(()) };
    let policy = hand.map(|hand| hand.policy_of(tx, &old)).unwrap_or_default();
    let last = is_last(&old, outcome, &policy);
    apply(tx, &old, outcome, last, &policy, unit)?;
    match hand {
        Some(hand) => hand.settle(tx, &old, outcome, last),
        None => Ok(()),
    }
}

/// As [`settle`] where the hand will not hear of the outcome. What went well leaves no row here, so it becomes
/// a dead letter: else nobody would ever learn that it left the house.
pub(super) fn settle_untold(
    tx: &mut Tx<'_, '_>,
    policy: &super::Policy,
    flown: &Delivery,
    outcome: &Outcome,
    error: &Error,
) -> Result<()> {
    let Some(old) = still_flying(tx, flown)? else { return Ok(()) };
    apply(tx, &old, outcome, is_last(&old, outcome, policy), policy, 0.0)?;
    match outcome {
        Outcome::Done(_) => {
            let reason = format!("it was carried out, but its record could not be told: {error}; a retry carries it out again");
            bury(tx, &old, "outcome_untold".into(), reason)
        }
        _ => Ok(()),
    }
}

/// The attempt `flown`, unless something else settled it meanwhile.
fn still_flying(tx: &Tx<'_, '_>, flown: &Delivery) -> Result<Option<Delivery>> {
    let old = tx.get::<Delivery>(&flown.id)?;
    Ok(old.filter(|old| old.state == DeliveryState::InFlight && old.attempts == flown.attempts))
}

fn is_last(old: &Delivery, outcome: &Outcome, policy: &super::Policy) -> bool {
    match outcome {
        Outcome::Done(_) | Outcome::Dead { .. } => true,
        Outcome::Retry { .. } => old.attempts >= policy.attempts_max,
        Outcome::Unknown { .. } | Outcome::Hold { .. } => false,
    }
}

fn apply(tx: &mut Tx<'_, '_>, old: &Delivery, outcome: &Outcome, last: bool, policy: &super::Policy, unit: f64) -> Result<()> {
    let now = tx.now();
    let mut new = old.clone();
    match outcome {
        Outcome::Done(_) => return remove(tx, old),
        Outcome::Dead { code, reason } => {
            remove(tx, old)?;
            return bury(tx, old, code.clone(), reason.clone());
        }
        Outcome::Retry { code, reason, .. } if last => {
            remove(tx, old)?;
            return bury(tx, old, code.clone(), reason.clone());
        }
        Outcome::Retry { after, code, reason } => {
            let pause = policy.pause(old.attempts, unit).max(after.unwrap_or_default());
            new.state = DeliveryState::Waiting;
            new.next_run = Some(now.plus(pause));
            (new.last_code, new.last_error) = (Some(code.clone()), Some(reason.clone()));
        }
        Outcome::Unknown { reason } => {
            new.state = DeliveryState::Unknown;
            new.next_run = Some(old.started_at.unwrap_or(now).plus(policy.lane_wait).max(now));
            (new.last_code, new.last_error) = (Some("outcome_unknown".into()), Some(reason.clone()));
        }
        Outcome::Hold { until, code, reason } => {
            new.state = DeliveryState::Held;
            new.attempts = old.attempts.saturating_sub(1);
            new.next_run = until.map(|at| at.max(now));
            (new.last_code, new.last_error) = (Some(code.clone()), Some(reason.clone()));
        }
    }
    store(tx, Some(old), &new)
}

/// The hand refused to start, or its refusal to settle is final: the attempt counts as `error` says.
pub(super) fn refused(tx: &mut Tx<'_, '_>, hand: &dyn Hand, id: DeliveryId, error: &Error, unit: f64) -> Result<()> {
    let Some(old) = tx.get::<Delivery>(&id)? else { return Ok(()) };
    let attempts = old.attempts + 1;
    let (code, reason) = (error.code().to_owned(), error.to_string());
    let outcome =
        if error.is_permanent() { Outcome::Dead { code, reason } } else { Outcome::Retry { after: None, code, reason } };
    let policy = hand.policy_of(tx, &old);
    let last = error.is_permanent() || attempts >= policy.attempts_max;
    let tried = Delivery { attempts, started_at: Some(tx.now()), ..old.clone() };
    store(tx, Some(&old), &tried)?;
    apply(tx, &tried, &outcome, last, &policy, unit)?;
    // A hand that refuses its own delivery may refuse to hear of it too; then the dead letter must do.
    if last { hand.settle(tx, &tried, &outcome, true) } else { Ok(()) }
}

/// Gives up on a delivery without asking its hand.
pub(super) fn abandon(tx: &mut Tx<'_, '_>, id: DeliveryId, error: &Error) -> Result<()> {
    let Some(old) = tx.get::<Delivery>(&id)? else { return Ok(()) };
    remove(tx, &old)?;
    bury(tx, &old, error.code().into(), error.to_string())
}

/// Something outside the attempt, e.g. a status by webhook, proved how it ended. The caller has recorded
/// what it means to the room; this only closes (or, on a retry, re-opens) the delivery, and its hand is not
/// called. Says whether there was one to close.
pub fn resolve(tx: &mut Tx<'_, '_>, id: DeliveryId, outcome: &Outcome) -> Result<bool> {
    let Some(old) = tx.get::<Delivery>(&id)? else { return Ok(false) };
    match outcome {
        Outcome::Unknown { .. } => return Ok(true),
        Outcome::Retry { .. } | Outcome::Hold { .. } if !old.in_lane => {
            let back = Delivery { in_lane: true, ..old.clone() };
            store(tx, Some(&old), &back)?;
            apply(tx, &back, outcome, false, &super::Policy::default(), 0.0)?;
        }
        _ => apply(tx, &old, outcome, false, &super::Policy::default(), 0.0)?,
    }
    Ok(true)
}

/// Tries a waiting, held or unknown delivery at once, on somebody's word.
pub fn retry(tx: &mut Tx<'_, '_>, id: DeliveryId) -> Result<Delivery> {
    let old: Delivery = tx.require(&id)?;
    if old.state == DeliveryState::InFlight {
        return Err(Error::conflict("in_flight", "an attempt is under way; wait for its outcome"));
    }
    let next = Delivery { state: DeliveryState::Waiting, in_lane: true, next_run: None, not_before: None, ..old.clone() };
    store(tx, Some(&old), &next)?;
    promote(tx, &old.kind, &old.lane)?;
    tx.require(&id)
}

/// Drops a delivery that is not under way, on somebody's word.
pub fn discard(tx: &mut Tx<'_, '_>, id: DeliveryId) -> Result<()> {
    let old: Delivery = tx.require(&id)?;
    if old.state == DeliveryState::InFlight {
        return Err(Error::conflict("in_flight", "an attempt is under way; wait for its outcome"));
    }
    remove(tx, &old)
}

/// Lets held deliveries of `kind` (of one lane, or of all) go on; gives their number. At most 50 at once:
/// call again while it gives 50.
pub fn release(tx: &mut Tx<'_, '_>, kind: &str, lane: Option<&str>) -> Result<usize> {
    let range = match lane {
        Some(lane) => KeyRange::prefix((kind, lane)),
        None => KeyRange::prefix(kind),
    };
    let held = tx.list(&HELD, range)?.take(RELEASE_MAX).collect::<Result<Vec<_>>>()?;
    let now = tx.now();
    for (old, _) in &held {
        store(tx, Some(old), &Delivery { state: DeliveryState::Waiting, next_run: Some(now), ..old.clone() })?;
    }
    Ok(held.len())
}

/// Is anything of `kind` held?
pub fn any_held(tx: &Tx<'_, '_>, kind: &str) -> Result<bool> {
    Ok(tx.scan(&HELD, KeyRange::prefix(kind))?.next().transpose()?.is_some())
}

/// Looks at up to 50 held deliveries of `kind` behind `after` and lets those go on that `may` names. Gives their number
/// and, while there is more to look at, the cursor of the last one seen.
pub fn release_those(
    tx: &mut Tx<'_, '_>,
    kind: &str,
    after: Option<Vec<u8>>,
    may: impl Fn(&Tx<'_, '_>, &Delivery) -> Result<bool>,
) -> Result<(usize, Option<Vec<u8>>)> {
    let held = tx.list(&HELD, KeyRange::prefix(kind).after(after))?.take(RELEASE_MAX).collect::<Result<Vec<_>>>()?;
    let (now, mut released) = (tx.now(), 0);
    for (old, _) in &held {
        if may(tx, old)? {
            store(tx, Some(old), &Delivery { state: DeliveryState::Waiting, next_run: Some(now), ..old.clone() })?;
            released += 1;
        }
    }
    let more = held.len() == RELEASE_MAX;
    Ok((released, held.into_iter().next_back().map(|(_, cursor)| cursor).filter(|_| more)))
}

/// Orders the delivery of a dead letter again.
pub(in crate::platform) fn retry_letter(tx: &mut Tx<'_, '_>, letter: &DeadLetter) -> Result<()> {
    let broken = || Error::conflict("not_retryable", "this dead letter holds no delivery");
    let id = DeliveryId(letter.subject.ok_or_else(broken)?);
    let kind = letter.retry["kind"].as_str().ok_or_else(broken)?.to_owned();
    let lane = letter.retry["lane"].as_str().ok_or_else(broken)?.to_owned();
    enqueue(tx, id, kind, lane, letter.retry["payload"].clone().into(), None)
}

/// A page of the tenant's deliveries that are not settled.
pub fn list<V: Read<Scope = TenantScope>>(view: &V, after: Option<Vec<u8>>, limit: usize) -> Result<Vec<(Delivery, Vec<u8>)>> {
    view.all::<Delivery>(KeyRange::all().after(after))?.take(limit).collect()
}

/// Whose attempts were under way when the process ended.
pub(super) fn in_flight(store: &crate::platform::store::Store) -> Result<Vec<(TenantId, DeliveryId)>> {
    let view = store.read_platform()?;
    let mut found = Vec::new();
    for pair in view.raw_range(0, IN_FLIGHT, &KeyRange::all())? {
        let (key, _) = pair?;
        let (number, id) =
            <(u32, DeliveryId) as keys::Key>::read(&key).ok_or_else(|| Error::internal("read the attempts under way"))?;
        found.extend(store.tenant_of_number(number).map(|tenant| (tenant, id)));
    }
    Ok(found)
}
