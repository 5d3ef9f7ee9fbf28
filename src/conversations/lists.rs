//! The inbox's lists: which index a list walks, by what one asks for and how far one's rights reach.
//!
//! A page is the merge of a few walks, newest activity first. Built-in tabs walk exactly their rows; other
//! filters walk the narrowest index and skip, at most [`ROWS_MAX`] rows a page, then the cursor goes on.

use super::model::{
    CONVERSATION_READ, CONVERSATIONS_BY_ASSIGNEE, CONVERSATIONS_BY_CHANNEL, CONVERSATIONS_BY_CONTACT, CONVERSATIONS_BY_QUEUE,
    CONVERSATIONS_BY_STATE, Conversation, Direction, Message, NUMBER_TO_CONVERSATION, PROTOCOL_TO_CONVERSATION, THREAD,
};
use super::state::State;
use crate::{
    base::{Actor, ChannelId, ContactId, ConversationId, Error, QueueId, Reach, Result, Timestamp, UserId},
    contacts::{self, Contact},
    platform::{
        http::{Page, cursor},
        store::{Hit, Index, Key, KeyRange, Read, TenantScope, keys},
    },
};
use std::{
    borrow::Borrow,
    collections::{BTreeSet, BinaryHeap, HashSet},
};

/// Rows one page looks at before it stops short and says where to go on.
pub const ROWS_MAX: usize = 10_000;
/// Contacts a search looks into, and conversations of each.
const FOUND_CONTACTS_MAX: usize = 200;
const FOUND_OF_CONTACT_MAX: usize = 20;
const FOUND_BY_PROTOCOL_MAX: usize = 50;
/// Bytes behind each walk's own prefix: time of activity and id.
const PLACE: usize = 24;

/// Who attends, as a list asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// This person.
    To(UserId),
    /// Nobody.
    Nobody,
}

/// What a list asks for; what is `None` is not asked.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In one of these states.
    pub states: Vec<State>,
    /// In this queue.
    pub queue: Option<QueueId>,
    /// Attended to by.
    pub assigned: Option<Assigned>,
    /// Over this channel.
    pub channel: Option<ChannelId>,
    /// Unread ones only.
    pub unread: bool,
    /// Name, phone number or protocol number begin with this.
    pub search: Option<String>,
    /// Conversations that hold the searched words, as the full-text search found them.
    pub found: Vec<ConversationId>,
}

impl Filter {
    fn admits(&self, c: &Conversation) -> bool {
        let assigned = match self.assigned {
            None => true,
            Some(Assigned::To(user)) => c.assignee == Some(user),
            Some(Assigned::Nobody) => c.state == State::Waiting || c.assignee.is_none(),
        };
        assigned
            && self.states.contains(&c.state)
            && self.queue.is_none_or(|queue| c.queue == Some(queue))
            && self.channel.is_none_or(|channel| c.channel == channel)
            && (!self.unread || c.unread > 0)
    }
}

/// A walk over one stretch of an index.
struct Walk {
    index: &'static Index<Conversation>,
    prefix: Vec<u8>,
}

impl Walk {
    fn new(index: &'static Index<Conversation>, prefix: impl keys::KeyPart) -> Self {
        Self { index, prefix: keys::bytes(&prefix) }
    }
}

/// The stretches a list is made of: the narrowest that hold all of it.
fn walks(actor: &Actor, reach: Reach, filter: &Filter) -> Vec<Walk> {
    let each = |walk: &dyn Fn(u8) -> Walk| filter.states.iter().map(|state| walk(state.code())).collect::<Vec<_>>();
    if let Some(Assigned::To(user)) = filter.assigned {
        return each(&|state| Walk::new(&CONVERSATIONS_BY_ASSIGNEE, (user, state)));
    }
    if let Some(queue) = filter.queue {
        return each(&|state| Walk::new(&CONVERSATIONS_BY_QUEUE, (Some(queue), state)));
    }
    let mine = || each(&|state| Walk::new(&CONVERSATIONS_BY_ASSIGNEE, (actor.user, state)));
    match reach {
        Reach::Own => mine(),
        Reach::Tenant => match filter.channel {
            Some(channel) => each(&|state| Walk::new(&CONVERSATIONS_BY_CHANNEL, (channel, state))),
            None => each(&|state| Walk::new(&CONVERSATIONS_BY_STATE, state)),
        },
        Reach::Queue | Reach::Organisation => {
            let queues: BTreeSet<QueueId> = actor.queues.iter().copied().collect();
            let of = |queue: QueueId| each(&|state| Walk::new(&CONVERSATIONS_BY_QUEUE, (Some(queue), state)));
            queues.into_iter().flat_map(of).chain(mine()).collect()
        }
    }
}

/// One page of conversations, newest activity first, as far as `actor` may read.
///
/// # Errors
/// `Forbidden` for who may read none.
pub fn list(
    source: &impl Read<Scope = TenantScope>,
    actor: &Actor,
    filter: &Filter,
    limit: usize,
    after: Option<Vec<u8>>,
) -> Result<Page<Conversation>> {
    list_by(source, actor, filter, limit, after, |id| source.require::<Conversation>(id))
}

/// As [`list`], with each row got by `fetch`.
pub(super) fn list_by<T: Borrow<Conversation>>(
    source: &impl Read<Scope = TenantScope>,
    actor: &Actor,
    filter: &Filter,
    limit: usize,
    after: Option<Vec<u8>>,
    fetch: impl Fn(&ConversationId) -> Result<T>,
) -> Result<Page<T>> {
    let reach = actor.require(CONVERSATION_READ)?;
    // A cursor that is none of ours begins at the beginning.
    let after = after.filter(|place| place.len() == PLACE);
    if filter.search.is_some() {
        return search(source, actor, filter, limit, after, fetch);
    }
    let mut rows = Vec::new();
    for Walk { index, prefix } in walks(actor, reach, filter) {
        let from = after.as_ref().map(|place| [&prefix[..], place].concat());
        rows.push(source.scan(index, KeyRange::prefix(keys::Raw(prefix)).reverse().after(from))?);
    }
    let mut items = Vec::with_capacity(limit);
    let mut last: Option<Vec<u8>> = None;
    let mut seen = HashSet::new();
    for (looked, hit) in Newest::of(rows).enumerate() {
        let hit = hit?;
        if items.len() == limit || looked == ROWS_MAX {
            return Ok(Page { items, next_cursor: last.map(|place| cursor(&place)) });
        }
        last = Some(place_of(&hit.cursor).to_vec());
        if !seen.insert(hit.key) {
            continue;
        }
        let row = fetch(&hit.key)?;
        let conversation: &Conversation = row.borrow();
        if filter.admits(conversation) && conversation.is_within(actor, CONVERSATION_READ) {
            items.push(row);
        }
    }
    Ok(Page::whole(items))
}

fn place_of(cursor: &[u8]) -> &[u8] {
    &cursor[cursor.len().saturating_sub(PLACE)..]
}

/// Merges walks that each go from the newest to the oldest.
struct Newest<I> {
    walks: Vec<I>,
    heads: BinaryHeap<(Vec<u8>, usize)>,
    hits: Vec<Option<Hit<ConversationId>>>,
    failed: Option<crate::base::Error>,
}

impl<I: Iterator<Item = Result<Hit<ConversationId>>>> Newest<I> {
    fn of(walks: Vec<I>) -> Self {
        let count = walks.len();
        let mut merge =
            Self { walks, heads: BinaryHeap::with_capacity(count), hits: (0..count).map(|_| None).collect(), failed: None };
        for n in 0..count {
            merge.pull(n);
        }
        merge
    }
    fn pull(&mut self, n: usize) {
        match self.walks[n].next() {
            Some(Ok(hit)) => {
                self.heads.push((place_of(&hit.cursor).to_vec(), n));
                self.hits[n] = Some(hit);
            }
            Some(Err(error)) => self.failed = Some(error),
            None => {}
        }
    }
}

impl<I: Iterator<Item = Result<Hit<ConversationId>>>> Iterator for Newest<I> {
    type Item = Result<Hit<ConversationId>>;
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            self.heads.clear();
            return Some(Err(error));
        }
        let (_, n) = self.heads.pop()?;
        let hit = self.hits[n].take();
        self.pull(n);
        hit.map(Ok)
    }
}

/// A page of what was searched for: by contact, protocol number, running number, and what the full-text
/// search found.
fn search<T: Borrow<Conversation>>(
    source: &impl Read<Scope = TenantScope>,
    actor: &Actor,
    filter: &Filter,
    limit: usize,
    after: Option<Vec<u8>>,
    fetch: impl Fn(&ConversationId) -> Result<T>,
) -> Result<Page<T>> {
    let typed = filter.search.as_deref().unwrap_or_default().trim();
    let mut ids: BTreeSet<ConversationId> = filter.found.iter().copied().collect();
    if super::views::Sight::of(actor) == super::views::Sight::Full {
        for contact in contacts::find(source, typed, FOUND_CONTACTS_MAX, None)?.items {
            for id in contacts::family(source, &contact)? {
                ids.extend(of_contact(source, id, FOUND_OF_CONTACT_MAX)?);
            }
        }
    }
    let digits = typed.trim_start_matches('#');
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let letters = keys::Raw(digits.as_bytes().to_vec());
        let by_protocol = source.scan(&PROTOCOL_TO_CONVERSATION, KeyRange::prefix(letters).reverse())?;
        for hit in by_protocol.take(FOUND_BY_PROTOCOL_MAX) {
            ids.insert(hit?.key);
        }
        if let Ok(number) = digits.parse::<u64>() {
            ids.extend(source.find(&NUMBER_TO_CONVERSATION, number)?.map(|c| c.id));
        }
    }
    let mut found = Vec::new();
    for id in ids {
        let row = fetch(&id)?;
        let conversation: &Conversation = row.borrow();
        if filter.admits(conversation) && conversation.is_within(actor, CONVERSATION_READ) {
            found.push((keys::bytes(&(conversation.last_activity_at, conversation.id)), row));
        }
    }
    found.retain(|(place, _)| after.as_ref().is_none_or(|after| place < after));
    found.sort_by(|a, b| b.0.cmp(&a.0));
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(|(place, _)| cursor(place));
    Ok(Page { items: found.into_iter().map(|(_, c)| c).collect(), next_cursor })
}

fn of_contact(source: &impl Read<Scope = TenantScope>, contact: ContactId, max: usize) -> Result<Vec<ConversationId>> {
    let newest = source.scan(&CONVERSATIONS_BY_CONTACT, KeyRange::prefix(contact).reverse())?;
    newest.take(max).map(|hit| Ok(hit?.key)).collect()
}

/// A contact's conversations, newest first, as far as `actor` may read.
pub fn list_of_contact(
    source: &impl Read<Scope = TenantScope>,
    actor: &Actor,
    contact: &Contact,
    limit: usize,
    after: Option<Vec<u8>>,
) -> Result<Page<Conversation>> {
    // Of each that is part of them a stretch of the index; a place in all of them together is what stands behind whose
    // stretch it is.
    const WHOSE: usize = <ContactId as Key>::WIDTH;
    let after = after.filter(|place| place.len() == PLACE);
    let mut stretches = Vec::new();
    for id in contacts::family(source, contact)? {
        let from = after.as_ref().map(|place| [id.as_bytes().as_slice(), place].concat());
        let mut hits = source.scan(&CONVERSATIONS_BY_CONTACT, KeyRange::prefix(id).reverse().after(from))?;
        let next = hits.next().transpose()?;
        stretches.push((next, hits));
    }
    let (mut items, mut last) = (Vec::new(), None);
    for looked in 0.. {
        let newest = stretches.iter_mut().max_by(|a, b| {
            let place = |next: &Option<Hit<_>>| next.as_ref().map(|hit| hit.cursor[WHOSE..].to_vec());
            place(&a.0).cmp(&place(&b.0))
        });
        let Some((next, hits)) = newest else { break };
        let Some(hit) = next.take() else { break };
        if items.len() == limit || looked == ROWS_MAX {
            return Ok(Page { items, next_cursor: last.map(|at: Vec<u8>| cursor(&at)) });
        }
        *next = hits.next().transpose()?;
        let conversation = source.require::<Conversation>(&hit.key)?;
        if conversation.is_within(actor, CONVERSATION_READ) {
            items.push(conversation);
        }
        last = Some(hit.cursor[WHOSE..].to_vec());
    }
    Ok(Page::whole(items))
}

/// Which way one reads a thread on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Onwards {
    /// Towards the beginning; the first page is the end of the thread.
    #[default]
    Older,
    /// Towards the end; the first page is the beginning of the thread.
    Newer,
}

/// One page of a thread, oldest first whichever way one reads on, and the cursor for the next one.
pub fn thread(
    source: &impl Read<Scope = TenantScope>,
    conversation: ConversationId,
    direction: Option<Direction>,
    onwards: Onwards,
    limit: usize,
    after: Option<Vec<u8>>,
) -> Result<(Vec<Message>, Option<String>)> {
    // A cursor of another thread begins at the beginning.
    let range = KeyRange::prefix(conversation).after(after.filter(|at| at.starts_with(conversation.as_bytes())));
    let range = if onwards == Onwards::Older { range.reverse() } else { range };
    let mut messages: Vec<Message> = Vec::with_capacity(limit);
    let mut last = None;
    let mut next = None;
    for (looked, hit) in source.list(&THREAD, range)?.enumerate() {
        let (message, at) = hit?;
        if messages.len() == limit || looked == ROWS_MAX {
            next = last.map(|at: Vec<u8>| cursor(&at));
            break;
        }
        if direction.is_none_or(|direction| message.direction == direction) {
            messages.push(message);
        }
        last = Some(at);
    }
    if onwards == Onwards::Older {
        messages.reverse();
    }
    Ok((messages, next))
}

/// The conversation of a message.
pub(super) fn conversation_of(source: &impl Read<Scope = TenantScope>, message: &Message) -> Result<Conversation> {
    let lost = || Error::internal(format!("the conversation of message {} is not there", message.id));
    source.get(&message.conversation)?.ok_or_else(lost)
}

const _: () = assert!(PLACE == size_of::<Timestamp>() + <ConversationId as Key>::WIDTH);
