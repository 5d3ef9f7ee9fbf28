//! Messages by their words: the index finds, the records decide who may see.

use super::{
    lists::{Filter, conversation_of},
    model::{CONVERSATION_READ, Conversation, Direction, Message, MessageKind},
    words::named_in,
};
use crate::{
    base::{Actor, ChannelId, ContactId, ConversationId, Error, MessageId, Result, Timestamp},
    contacts,
    platform::{
        http::{Kit, carried, cursor},
        search::{DocKind, Order, Query, Search, Snippet, snippet},
        store::{Read, View},
    },
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Conversations a list takes from the full-text search, those of the newest messages first.
const JOINED_MAX: usize = 100;

/// What to find.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Words that must all occur, `"phrases"`, ends of numbers.
    pub text: String,
    /// Only in this conversation.
    pub conversation: Option<ConversationId>,
    /// Only with this contact.
    pub contact: Option<ContactId>,
    /// Only over this channel.
    pub channel: Option<ChannelId>,
    /// Only of this kind.
    pub kind: Option<MessageKind>,
    /// Only written by the customer, or by us.
    pub direction: Option<Direction>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
    /// In which order.
    pub order: Order,
    /// Hits on a page.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Vec<u8>>,
}

/// A message found.
#[derive(Debug)]
pub struct MessageFound {
    /// The message.
    pub message: Message,
    /// Its conversation.
    pub conversation: Conversation,
    /// Its text around what was found.
    pub snippet: Snippet,
}

/// A page of hits.
#[derive(Debug, Default)]
pub struct Found {
    /// The hits, newest first.
    pub items: Vec<MessageFound>,
    /// Reads on.
    pub next_cursor: Option<String>,
}

/// The label of a kind of message in the index.
pub(super) fn type_label(kind: MessageKind) -> String {
    let word = serde_json::to_value(kind).ok().and_then(|word| Some(word.as_str()?.to_owned()));
    format!("type:{}", word.unwrap_or_default())
}

/// The label of a direction in the index.
pub(super) fn direction_label(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "direction:INBOUND",
        Direction::Outbound => "direction:OUTBOUND",
    }
}

/// Messages that `actor` may read, newest first.
///
/// # Errors
/// `Unavailable` while the index is not open yet.
pub async fn find_messages(kit: &Kit, actor: &Actor, wanted: Wanted) -> Result<Found> {
    let (store, actor, search) = (kit.store().clone(), actor.clone(), kit.service::<Search>());
    let look = move || store.view(actor.tenant, |view| look(view, &search, &actor, wanted));
    tokio::task::spawn_blocking(carried(look)).await.map_err(|e| Error::internal(format!("search messages: {e}")))?
}

fn look(view: &View, search: &Search, actor: &Actor, wanted: Wanted) -> Result<Found> {
    let mut labels: Vec<String> = wanted.kind.map(type_label).into_iter().collect();
    labels.extend(wanted.direction.map(|direction| direction_label(direction).to_owned()));
    // Whoever became part of them wrote under their own name.
    let contacts = match wanted.contact {
        Some(id) => contacts::family(view, &contacts::current(view, id)?)?,
        None => Vec::new(),
    };
    let query = Query {
        text: wanted.text,
        kinds: vec![DocKind::Message],
        conversation: wanted.conversation,
        contacts,
        channel: wanted.channel,
        labels,
        from: wanted.from,
        until: wanted.until,
        order: wanted.order,
        limit: wanted.limit,
        after: wanted.after,
    };
    let mut found = HashMap::new();
    let mut readable = Readable::new(view, actor);
    let page = search.query(actor.tenant, &query, |hit| {
        let Some((message, conversation)) = readable.message(MessageId(hit.id))? else { return Ok(false) };
        let in_text = snippet(&message.content, &query.text);
        // Found by the name of its file, a place or somebody's card: that is what stands there then.
        let snippet = if in_text.ranges.is_empty() { snippet(&named_in(&message), &query.text) } else { in_text };
        found.insert(hit.id, MessageFound { message, conversation: Conversation::clone(&conversation), snippet });
        Ok(true)
    })?;
    let items = page.hits.iter().filter_map(|hit| found.remove(&hit.id)).collect();
    Ok(Found { items, next_cursor: page.next.as_deref().map(cursor) })
}

/// Adds to a list's filter the conversations whose messages hold the words searched for. A list whose search
/// can't be asked now is still a list: it then finds names and numbers alone.
pub(super) fn join(kit: &Kit, actor: &Actor, filter: &mut Filter) -> Result<()> {
    let (Some(text), Some(search)) = (filter.search.clone(), kit.find_service::<Search>()) else { return Ok(()) };
    let query = Query { text, kinds: vec![DocKind::Message], limit: JOINED_MAX, ..Query::default() };
    let mut found = HashSet::new();
    let looked = kit.store().view(actor.tenant, |view| {
        let mut readable = Readable::new(view, actor);
        search.query(actor.tenant, &query, |hit| {
            let Some((message, _)) = readable.message(MessageId(hit.id))? else { return Ok(false) };
            Ok(found.insert(message.conversation))
        })
    });
    match looked {
        Ok(_) => filter.found.extend(found),
        Err(Error::Unavailable(why)) => tracing::debug!(%why, "a list was searched without the index"),
        Err(other) => return Err(other),
    }
    Ok(())
}

/// Messages of one view as far as one person may read them; conversations are read once.
struct Readable<'a> {
    view: &'a View,
    actor: &'a Actor,
    conversations: HashMap<ConversationId, Option<Arc<Conversation>>>,
}

impl<'a> Readable<'a> {
    fn new(view: &'a View, actor: &'a Actor) -> Self {
        Self { view, actor, conversations: HashMap::new() }
    }
    /// The message with its conversation; `None` where it is gone or not theirs to read.
    fn message(&mut self, id: MessageId) -> Result<Option<(Message, Arc<Conversation>)>> {
        // The index may not have heard yet that it was taken back.
        let Some(message) = self.view.get::<Message>(&id)?.filter(|message| !message.is_revoked() && !message.waits()) else {
            return Ok(None);
        };
        if let Some(known) = self.conversations.get(&message.conversation) {
            return Ok(known.clone().map(|conversation| (message, conversation)));
        }
        let conversation = conversation_of(self.view, &message)?;
        let readable = conversation.is_within(self.actor, CONVERSATION_READ).then(|| Arc::new(conversation));
        self.conversations.insert(message.conversation, readable.clone());
        Ok(readable.map(|conversation| (message, conversation)))
    }
}
