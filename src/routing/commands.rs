//! All writes on queues, and the transfer that needs to know them.

use super::model::{DEFAULT_QUEUE, NAME_TO_QUEUE, QUEUE_CREATED, QUEUE_DELETED, QUEUE_MANAGE, QUEUE_UPDATED, Queue};
use crate::{
    base::{Actor, ConversationId, Error, QueueId, Result, UserId, error::Check, text::fold},
    conversations::{self, Conversation},
    identity::{self, Founding},
    platform::{
        journal::{Audience, NewEvent},
        store::{Read, TenantScope, Tx, Write},
    },
};
use serde_json::json;

/// Queues of one tenant: everybody lists them all.
const QUEUES_MAX: i64 = 500;
/// Longest name.
const NAME_MAX: usize = 100;
/// Colours given in turn to queues that name none; distinct also for people who see red and green alike.
const COLORS: [&str; 8] = ["#3b6fd4", "#d98324", "#2a9d8f", "#b4478f", "#7a6bd8", "#c2483b", "#5c8a2d", "#5f6b7a"];

/// A queue to be made.
#[derive(Debug, Clone, Default)]
pub struct NewQueue {
    /// Made by the client, so that sending twice makes one.
    pub id: Option<QueueId>,
    /// Its name.
    pub name: String,
    /// `#rrggbb`; one is chosen where none is given.
    pub color: Option<String>,
    /// Shall it be the default? The first queue always is.
    pub is_default: bool,
}

/// What changes on a queue; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct QueueChange {
    /// Its name.
    pub name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// Makes it the default; the one before is it no more.
    pub is_default: Option<bool>,
}

/// Makes a queue. Says whether it was made now.
///
/// # Errors
/// `Invalid` naming `name` or `color`, also where the name is taken; `Quota` beyond [`QUEUES_MAX`].
pub fn create_queue(tx: &mut Tx<'_, '_>, actor: &Actor, new: NewQueue) -> Result<(Queue, bool)> {
    actor.require(QUEUE_MANAGE)?;
    if let Some(id) = new.id
        && let Some(there) = tx.get::<Queue>(&id)?
    {
        return if there.name == new.name.trim() && there.deleted_at.is_none() {
            Ok((there, false))
        } else {
            Err(Error::conflict("already_exists", "another queue was made under this id: take a new id"))
        };
    }
    make(tx, new).map(|queue| (queue, true))
}

fn make(tx: &mut Tx<'_, '_>, new: NewQueue) -> Result<Queue> {
    if tx.counter("queues", "living")? >= QUEUES_MAX {
        return Err(Error::Quota { what: "queues of a tenant".into(), retry_after_secs: 0 });
    }
    let default = tx.find(&DEFAULT_QUEUE, ())?;
    let number = tx.next_number("queue")?;
    let now = tx.now();
    let queue = Queue {
        id: new.id.unwrap_or_else(|| tx.new_id()),
        number,
        name: new.name.trim().to_owned(),
        color: new.color.unwrap_or_else(|| COLORS[(number as usize - 1) % COLORS.len()].to_owned()),
        is_default: new.is_default || default.is_none(),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        rev: 0,
    };
    check(tx, &queue)?;
    if queue.is_default {
        step_down(tx, default)?;
    }
    tx.count("queues", "living", 1)?;
    save(tx, None, queue)
}

fn check(tx: &Tx<'_, '_>, queue: &Queue) -> Result<()> {
    let mut check = Check::new();
    check.length("name", &queue.name, 1, NAME_MAX);
    let is_color = queue.color.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    check.that(is_color, "color", "format", "give a colour such as #3b6fd4");
    let holder = tx.find(&NAME_TO_QUEUE, fold(&queue.name))?;
    check.that(holder.is_none_or(|holder| holder.id == queue.id), "name", "taken", "another queue has this name");
    check.done()
}

fn step_down(tx: &mut Tx<'_, '_>, default: Option<Queue>) -> Result<()> {
    let Some(old) = default else { return Ok(()) };
    let new = Queue { is_default: false, ..old.clone() };
    save(tx, Some(&old), new).map(|_| ())
}

/// Changes a queue.
///
/// # Errors
/// As [`create_queue`]; `NotFound`; conflict `default_queue` for who takes the default away without naming another.
pub fn update_queue(tx: &mut Tx<'_, '_>, actor: &Actor, id: QueueId, change: QueueChange) -> Result<Queue> {
    actor.require(QUEUE_MANAGE)?;
    let old = living(tx, id)?;
    let mut new = old.clone();
    if let Some(name) = change.name {
        new.name = name.trim().to_owned();
    }
    if let Some(color) = change.color {
        new.color = color;
    }
    match change.is_default {
        Some(false) if old.is_default => {
            return Err(Error::conflict("default_queue", "make another queue the default instead"));
        }
        Some(true) if !old.is_default => {
            let default = tx.find(&DEFAULT_QUEUE, ())?;
            step_down(tx, default)?;
            new.is_default = true;
        }
        _ => {}
    }
    check(tx, &new)?;
    save(tx, Some(&old), new)
}

/// Deletes a queue: its members leave it, its history keeps its name.
///
/// # Errors
/// `NotFound`; conflicts `default_queue` and `queue_in_use` (open conversations lie in it).
pub fn delete_queue(tx: &mut Tx<'_, '_>, actor: &Actor, id: QueueId) -> Result<()> {
    actor.require(QUEUE_MANAGE)?;
    let old = living(tx, id)?;
    if old.is_default {
        return Err(Error::conflict("default_queue", "make another queue the default first"));
    }
    let open = conversations::open_in_queue(tx, id)?;
    if open > 0 {
        let detail = format!("{open} open conversations lie in this queue: transfer or resolve them first");
        return Err(Error::conflict("queue_in_use", detail));
    }
    identity::empty_queue(tx, id)?;
    tx.count("queues", "living", -1)?;
    let new = Queue { deleted_at: Some(tx.now()), ..old.clone() };
    save(tx, Some(&old), new).map(|_| ())
}

/// The queue, unless it is deleted.
pub(super) fn living(source: &impl Read<Scope = TenantScope>, id: QueueId) -> Result<Queue> {
    source.get::<Queue>(&id)?.filter(|queue| queue.deleted_at.is_none()).ok_or(Error::NotFound("queue"))
}

fn save(tx: &mut Tx<'_, '_>, old: Option<&Queue>, mut new: Queue) -> Result<Queue> {
    if old == Some(&new) {
        return Ok(new);
    }
    new.updated_at = tx.now();
    new.rev = tx.next_rev();
    tx.replace(old, &new)?;
    let (kind, before, after) = match (old, new.deleted_at) {
        (None, _) => (QUEUE_CREATED, Audience::nobody(), Queue::audience()),
        (Some(_), None) => (QUEUE_UPDATED, Queue::audience(), Queue::audience()),
        (Some(_), Some(_)) => (QUEUE_DELETED, Queue::audience(), Audience::nobody()),
    };
    let data = json!({ "number": new.number, "isDefault": new.is_default });
    tx.emit(NewEvent { kind, subject: new.id.into(), before, after, data })?;
    Ok(new)
}

/// Is there such a queue?
pub fn queue_exists(source: &impl Read<Scope = TenantScope>, id: QueueId) -> Result<bool> {
    Ok(source.get::<Queue>(&id)?.is_some_and(|queue| queue.deleted_at.is_none()))
}

/// Refuses queues that do not exist, naming `queueIds`; for the rooms below that only hold their ids.
///
/// # Errors
/// `Invalid` naming `queueIds`.
pub fn check_queues(tx: &Tx<'_, '_>, queues: &[QueueId]) -> Result<()> {
    for queue in queues {
        if !queue_exists(tx, *queue)? {
            return Err(Error::invalid("queueIds", "unknown", "name queues in GET /queues"));
        }
    }
    Ok(())
}

/// Where a new conversation waits: in its channel's queue, else in the default one.
pub fn queue_for_new(source: &impl Read<Scope = TenantScope>, of_channel: Option<QueueId>) -> Result<Option<QueueId>> {
    if let Some(queue) = of_channel
        && queue_exists(source, queue)?
    {
        return Ok(Some(queue));
    }
    Ok(source.find(&DEFAULT_QUEUE, ())?.map(|queue| queue.id))
}

/// What a new firm gets: its first queue, with its owner in it.
pub fn founding_step(tx: &mut Tx<'_, '_>, founding: &Founding) -> Result<()> {
    let queue = make(tx, NewQueue { name: founding.queue.clone(), is_default: true, ..NewQueue::default() })?;
    identity::join_queue(tx, founding.owner, queue.id)
}

/// Moves a conversation to another queue, another person, or both.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` naming `queueId` or `userId` where there is none such; conflict
/// `conversation_closed`.
pub fn transfer(
    tx: &mut Tx<'_, '_>,
    actor: &Actor,
    id: ConversationId,
    queue: Option<QueueId>,
    to: Option<UserId>,
) -> Result<Conversation> {
    if let Some(queue) = queue
        && !queue_exists(tx, queue)?
    {
        return Err(Error::invalid("queueId", "unknown", "name a queue in GET /queues"));
    }
    conversations::transfer(tx, actor, id, queue, to)
}
