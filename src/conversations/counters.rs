//! Counters kept in the commit of every change: what waits, what is mine, what is unread.
//!
//! What one conversation adds to which counter is a pure function, so the counters are the sum of it
//! over all conversations, always; a change applies the difference.

use super::model::Conversation;
use super::state::State;
use crate::{
    base::{Actor, QueueId, Reach, Result, UserId},
    platform::store::{Read, TenantScope},
};
use uuid::Uuid;

/// Conversations that wait for somebody.
const WAITING: &str = "conversations.waiting";
/// Conversations somebody attends to.
const ATTENDING: &str = "conversations.attending";
/// Unread messages of those that wait.
const WAITING_UNREAD: &str = "conversations.waiting_unread";
/// Unread messages of those somebody attends to.
const ATTENDING_UNREAD: &str = "conversations.attending_unread";

/// Of what a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Of {
    /// Of all in the tenant.
    Tenant,
    /// Of a queue, or of none.
    Queue(Option<QueueId>),
    /// Of a person.
    User(UserId),
}

impl Of {
    pub(super) fn key(self) -> (u8, Option<Uuid>) {
        match self {
            Of::Tenant => (0, None),
            Of::Queue(queue) => (1, queue.map(Into::into)),
            Of::User(user) => (2, Some(user.into())),
        }
    }
}

/// What a conversation adds to the counters.
pub(super) fn contributions(c: &Conversation) -> Vec<(&'static str, Of, i64)> {
    let (count, unread) = match c.state {
        State::Waiting => (WAITING, WAITING_UNREAD),
        State::Attending => (ATTENDING, ATTENDING_UNREAD),
        State::Resolved | State::Archived => return Vec::new(),
    };
    let owners = [Some(Of::Tenant), Some(Of::Queue(c.queue)), c.assignee.map(Of::User)];
    let each = |of| [(count, of, 1), (unread, of, i64::from(c.unread))];
    owners.into_iter().flatten().flat_map(each).filter(|(_, _, by)| *by != 0).collect()
}

/// By how much each counter differs between what `old` added and what `new` adds.
pub(super) fn difference(old: Option<&Conversation>, new: &Conversation) -> Vec<(&'static str, Of, i64)> {
    let mut all: Vec<(&'static str, Of, i64)> = contributions(new);
    all.extend(old.map(contributions).unwrap_or_default().into_iter().map(|(name, of, by)| (name, of, -by)));
    all.sort_unstable();
    let sums = all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).map(|same| (same[0].0, same[0].1, same.iter().map(|s| s.2).sum()));
    sums.filter(|(_, _, by)| *by != 0).collect()
}

pub(super) fn read(source: &impl Read<Scope = TenantScope>, name: &'static str, of: Of) -> Result<i64> {
    source.counter(name, of.key())
}

/// Open conversations of a queue: as long as there are any, the queue can't be deleted.
pub fn open_in_queue(source: &impl Read<Scope = TenantScope>, queue: QueueId) -> Result<i64> {
    Ok(read(source, WAITING, Of::Queue(Some(queue)))? + read(source, ATTENDING, Of::Queue(Some(queue)))?)
}

/// Conversations a person attends to now.
pub fn attending_of(source: &impl Read<Scope = TenantScope>, user: UserId) -> Result<i64> {
    read(source, ATTENDING, Of::User(user))
}

/// What a person's badges show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Conversations assigned to me.
    #[schema(example = 3)]
    pub mine: i64,
    /// Conversations that wait where I can take them.
    #[schema(example = 7)]
    pub unassigned: i64,
    /// Unread messages in both.
    #[schema(example = 12)]
    pub unread: i64,
    /// Unread messages in mine.
    #[schema(example = 4)]
    pub unread_mine: i64,
}

/// The counters of `actor`, as far as their right to read conversations reaches.
pub fn counters_of(source: &impl Read<Scope = TenantScope>, actor: &Actor) -> Result<Counters> {
    let me = Of::User(actor.user);
    let waiting: Vec<Of> = match actor.require(super::CONVERSATION_READ)? {
        Reach::Tenant => vec![Of::Tenant],
        Reach::Queue | Reach::Organisation => actor.queues.iter().map(|queue| Of::Queue(Some(*queue))).collect(),
        Reach::Own => Vec::new(),
    };
    let sum = |name| -> Result<i64> { waiting.iter().map(|of| read(source, name, *of)).sum() };
    let unread_mine = read(source, ATTENDING_UNREAD, me)?;
    Ok(Counters {
        mine: read(source, ATTENDING, me)?,
        unassigned: sum(WAITING)?,
        unread: unread_mine + sum(WAITING_UNREAD)?,
        unread_mine,
    })
}

#[cfg(test)]
pub(super) const NAMES: [&str; 4] = [WAITING, ATTENDING, WAITING_UNREAD, ATTENDING_UNREAD];
