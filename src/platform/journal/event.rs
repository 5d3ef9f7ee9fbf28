//! The envelope of an event, and writing and reading them.

use super::Audience;
use crate::base::{ActorRef, Error, Result, TenantId, Timestamp};
use crate::platform::store::{KeyRange, PlatformTx, PlatformView, Store, TableId, Tx, keys};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, sync::Arc};
use uuid::Uuid;

/// Events by tenant and sequence.
const JOURNAL: TableId = TableId(0x0010);
/// Sequence to the number of its tenant (0: the platform).
const SEQUENCE_TO_TENANT: TableId = TableId(0x0011);

/// Events read in one go.
pub const JOURNAL_SLICE_MAX: usize = 512;

/// Something that happened, as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Global place in the order of things, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// In which tenant; `None` above tenants.
    #[serde(default)]
    pub tenant: Option<TenantId>,
    /// `noun.verb-past`, e.g. `conversation.assigned`.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// The record it happened to.
    pub subject: Uuid,
    /// Who did it.
    pub actor: ActorRef,
    /// From which network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<std::net::IpAddr>,
    /// In which request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The event that led to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<u64>,
    /// How many automations stand between this event and a person.
    #[serde(default)]
    pub depth: u8,
    /// Whom the record concerned before …
    #[serde(default)]
    pub before: Audience,
    /// … and after.
    #[serde(default)]
    pub after: Audience,
    /// Ids and changed facts.
    #[serde(default)]
    pub data: Value,
}

/// Something that happens in this command.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// `noun.verb-past`.
    pub kind: &'static str,
    /// The record it happens to.
    pub subject: Uuid,
    /// Whom the record concerned before …
    pub before: Audience,
    /// … and after.
    pub after: Audience,
    /// Ids and changed facts; no message text, no personal data.
    pub data: Value,
}

fn append(core: &mut crate::platform::store::Core<'_>, number: u32, tenant: Option<TenantId>, new: NewEvent) -> Result<u64> {
    let seq = core.advance();
    if core.is_imported() {
        return Ok(seq);
    }
    let (origin, cause, depth) = core.why();
    let event = Event {
        seq,
        at: core.time(),
        tenant,
        kind: new.kind.into(),
        subject: new.subject,
        actor: origin.actor,
        address: origin.address,
        request: origin.request.as_deref().map(str::to_owned),
        cause,
        depth,
        before: new.before,
        after: new.after,
        data: new.data,
    };
    let json = serde_json::to_vec(&event).map_err(|e| Error::internal(format!("write event {}: {e}", event.kind)))?;
    core.put_raw(number, JOURNAL, keys::bytes(&seq), Some(json))?;
    core.put_raw(0, SEQUENCE_TO_TENANT, keys::bytes(&seq), Some(number.to_be_bytes().to_vec()))?;
    core.tell(Arc::new(event));
    Ok(seq)
}

impl Tx<'_, '_> {
    /// Writes an event in this commit and gives its sequence: the `rev` of what it changed.
    pub fn emit(&mut self, event: NewEvent) -> Result<u64> {
        append(self.core, self.number, Some(self.tenant), event)
    }
}
impl PlatformTx<'_, '_> {
    /// Writes an event above tenants.
    pub fn emit(&mut self, event: NewEvent) -> Result<u64> {
        append(self.core, 0, None, event)
    }
}

/// Sequence and time of the last event; 0 where nothing ever happened.
pub fn last(view: &PlatformView) -> Result<(u64, Timestamp)> {
    let Some((key, value)) = view.raw_range(0, SEQUENCE_TO_TENANT, &KeyRange::all().reverse())?.next().transpose()? else {
        return Ok((0, Timestamp::EPOCH));
    };
    let (seq, number) = place(&key, &value)?;
    Ok((seq, fetch(view, number, seq)?.at))
}

/// Up to `max` (at most [`JOURNAL_SLICE_MAX`]) events behind `after`, in order. Empty when there are none yet.
/// What happened just now comes from memory, the same for all who follow.
pub fn read_after(store: &Store, after: u64, max: usize) -> Result<Vec<Arc<Event>>> {
    let max = max.min(JOURNAL_SLICE_MAX);
    if let Some(recent) = store.recent(after, max) {
        let events: Option<Vec<_>> = recent.into_iter().map(|event| event.downcast().ok()).collect();
        return events.ok_or_else(|| Error::internal("a commit told what is no event"));
    }
    let view = store.read_platform()?;
    let range = KeyRange::all().from(after.saturating_add(1));
    let mut events = Vec::new();
    for pair in view.raw_range(0, SEQUENCE_TO_TENANT, &range)?.take(max) {
        let (key, value) = pair?;
        let (seq, number) = place(&key, &value)?;
        events.push(Arc::new(fetch(&view, number, seq)?));
    }
    Ok(events)
}

/// Sequence of the oldest event still kept; 0 where there is none.
pub fn oldest(view: &PlatformView) -> Result<u64> {
    match view.raw_range(0, SEQUENCE_TO_TENANT, &KeyRange::all())?.next().transpose()? {
        Some((key, value)) => Ok(place(&key, &value)?.0),
        None => Ok(0),
    }
}

/// Is something missing between `position` and the next events read behind it, because it was trimmed away?
/// Sequences that the past used up make a gap too; whoever is rebuilt for one loses nothing.
pub fn is_gap(store: &Store, position: u64, next: &[Arc<Event>]) -> Result<bool> {
    match next.first() {
        Some(first) if first.seq > position + 1 => Ok(store.view_platform(oldest)? > position + 1),
        _ => Ok(false),
    }
}

/// Events of one tenant behind `after`.
pub fn read_tenant_after(store: &Store, tenant: TenantId, after: u64, max: usize) -> Result<Vec<Event>> {
    let number = store.number_of_tenant(tenant).ok_or(Error::NotFound("tenant"))?;
    let view = store.read_platform()?;
    let range = KeyRange::all().from(after.saturating_add(1));
    view.raw_range(number, JOURNAL, &range)?.take(max).map(|pair| parse(&pair?.1)).collect()
}

/// Up to `max` events behind `after` that concern one tenant: its own and those above tenants, in order.
pub fn read_concerning_after(store: &Store, tenant: TenantId, after: u64, max: usize) -> Result<Vec<Event>> {
    let number = store.number_of_tenant(tenant).ok_or(Error::NotFound("tenant"))?;
    let view = store.read_platform()?;
    let range = KeyRange::all().from(after.saturating_add(1));
    let mut events = Vec::new();
    for number in [number, 0] {
        for pair in view.raw_range(number, JOURNAL, &range)?.take(max) {
            events.push(parse(&pair?.1)?);
        }
    }
    events.sort_unstable_by_key(|event| event.seq);
    events.truncate(max);
    Ok(events)
}

/// How many events concern one tenant behind `after`; stops counting at `max`.
pub fn count_concerning_after(store: &Store, tenant: TenantId, after: u64, max: usize) -> Result<usize> {
    let number = store.number_of_tenant(tenant).ok_or(Error::NotFound("tenant"))?;
    let view = store.read_platform()?;
    let range = KeyRange::all().from(after.saturating_add(1));
    let mut count = 0;
    for number in [number, 0] {
        for pair in view.raw_range(number, JOURNAL, &range)?.take(max - count) {
            pair?;
            count += 1;
        }
    }
    Ok(count)
}

fn place(key: &[u8], value: &[u8]) -> Result<(u64, u32)> {
    match (<u64 as keys::Key>::read(key), <u32 as keys::Key>::read(value)) {
        (Some(seq), Some(number)) => Ok((seq, number)),
        _ => Err(Error::internal("read the journal's sequence table")),
    }
}

fn fetch(view: &PlatformView, number: u32, seq: u64) -> Result<Event> {
    let bytes = view.raw_get(number, JOURNAL, &keys::bytes(&seq))?;
    parse(&bytes.ok_or_else(|| Error::internal(format!("event {seq} is missing from the journal")))?)
}

fn parse(bytes: &[u8]) -> Result<Event> {
    serde_json::from_slice(bytes).map_err(|e| Error::internal(format!("read an event: {e}")))
}

/// When the oldest event that may ever be trimmed happened: `None` while there is but one.
pub(crate) fn oldest_at(view: &PlatformView) -> Result<Option<Timestamp>> {
    let two: Vec<_> = view.raw_range(0, SEQUENCE_TO_TENANT, &KeyRange::all())?.take(2).collect::<Result<_>>()?;
    let [(key, value), _] = two.as_slice() else { return Ok(None) };
    let (seq, number) = place(key, value)?;
    Ok(Some(fetch(view, number, seq)?.at))
}

/// Removes up to `max` events older than `before` and not behind `settled`, oldest first, but never the last
/// one (it carries the sequence on).
pub(crate) fn trim(tx: &mut PlatformTx<'_, '_>, before: Timestamp, settled: u64, max: usize) -> Result<usize> {
    let head = tx.core.seq_now();
    let mut gone = 0;
    let oldest: Vec<(u64, u32)> = tx
        .raw_range(0, SEQUENCE_TO_TENANT, &KeyRange::all())?
        .take(max)
        .map(|pair| pair.and_then(|(k, v)| place(&k, &v)))
        .collect::<Result<_>>()?;
    for (seq, number) in oldest {
        let bytes = tx.raw_get(number, JOURNAL, &keys::bytes(&seq))?;
        let old = match bytes {
            Some(bytes) => parse(&bytes)?.at < before,
            None => true,
        };
        if seq >= head || seq > settled || !old {
            break;
        }
        tx.core.put_raw(number, JOURNAL, keys::bytes(&seq), None)?;
        tx.core.put_raw(0, SEQUENCE_TO_TENANT, keys::bytes(&seq), None)?;
        tx.core.forget(seq);
        gone += 1;
    }
    Ok(gone)
}
