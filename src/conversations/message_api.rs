//! Messages over HTTP: look at one, send again, search. Sending is the channels' door: it asks what a channel carries.

use super::{
    api::{Eyes, conversation_named},
    commands::{require_message, retry_message},
    message_views::MessageView,
    model::{CONVERSATION_READ, CONVERSATION_REPLY, Conversation, Direction, Message, MessageKind, RawMessage},
    naming::{message_named, serialised},
    search::{MessageFound, Wanted, find_messages},
    trace::{TimelineItem, timeline},
    views::{ConversationView, Sight},
};
use crate::{
    base::{Actor, ChannelId, ContactId, ConversationId, Error, MessageId, Result, Timestamp, error::Check},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, Routes, routes},
        search::Order,
        store::{Lane, Read, View},
    },
};
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CONVERSATION_READ), routes!(search_messages))
        .add(Access::Needs(CONVERSATION_READ), routes!(get_message))
        .add(Access::Needs(CONVERSATION_READ), routes!(get_timeline))
        .add(Access::Needs(CONVERSATION_REPLY), routes!(retry))
}

/// One message, with what the provider sent. Named by our id, the provider's, or the serialised form `fromMe_chat_id`.
#[utoipa::path(get, path = "/messages/{messageId}", tag = "messages", params(("messageId" = String, Path)),
    responses((status = 200, body = MessageView)))]
async fn get_message(State(kit): State<Kit>, actor: Actor, Path(name): Path<String>) -> Result<Json<MessageView>> {
    let eyes = Eyes::of(&kit, &actor);
    kit.store().view(actor.tenant, |view| {
        let (message, conversation) = readable(view, &actor, eyes.sight(), &name)?;
        let raw = if eyes.sight() == Sight::Full { view.get::<RawMessage>(&message.id)? } else { None };
        let serialized_id = serialised(&message, &conversation.address).filter(|_| eyes.sight() == Sight::Full);
        let raw = raw.filter(|_| !message.is_revoked());
        let mut shown = MessageView::read(view, message, conversation.read_arrival, eyes.sight())?;
        shown.serialized_id = serialized_id;
        shown.raw = raw.and_then(|raw| as_json(raw.json));
        Ok(Json(shown))
    })
}

/// The message of this name with its conversation, as far as `actor` may read it. A provider's ids hold addresses: who
/// sees none can't ask by them.
fn readable(view: &View, actor: &Actor, sight: Sight, name: &str) -> Result<(Message, Conversation)> {
    let message = match sight {
        Sight::Full => message_named(view, name)?,
        Sight::Masked => require_message(view, name.parse().map_err(|_| Error::NotFound("message"))?)?,
    };
    let conversation = view.require::<Conversation>(&message.conversation)?;
    if !conversation.is_within(actor, CONVERSATION_READ) {
        return Err(Error::NotFound("message"));
    }
    Ok((message, conversation))
}

/// What happened to a message, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Timeline {
    /// Each step.
    items: Vec<TimelineItem>,
}

/// What happened to a message: attempts, the provider's ids and words, receipts with their times.
#[utoipa::path(get, path = "/messages/{messageId}/timeline", tag = "messages", params(("messageId" = String, Path)),
    responses((status = 200, body = Timeline)))]
async fn get_timeline(State(kit): State<Kit>, actor: Actor, Path(name): Path<String>) -> Result<Json<Timeline>> {
    let sight = Sight::of(&actor);
    kit.store().view(actor.tenant, |view| {
        let (message, _) = readable(view, &actor, sight, &name)?;
        Ok(Json(Timeline { items: timeline(view, &message, sight == Sight::Full)? }))
    })
}

/// What was kept as it came: JSON as JSON, anything else (cut, or no JSON at all) as text.
fn as_json(text: String) -> Option<Box<RawValue>> {
    RawValue::from_string(text.clone()).or_else(|_| to_raw_value(&text)).ok()
}

/// Sends a failed message again, under the same id.
#[utoipa::path(post, path = "/messages/{messageId}/retry", tag = "messages", params(("messageId" = MessageId, Path)),
    responses((status = 200, body = MessageView)))]
async fn retry(State(kit): State<Kit>, actor: Actor, Path(id): Path<MessageId>) -> Result<Json<MessageView>> {
    let eyes = Eyes::of(&kit, &actor);
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let stored = kit.store().write(tenant, Lane::People, origin, move |tx| retry_message(tx, &actor, id)).await?;
    Ok(Json(MessageView::of(stored.message, stored.conversation.read_arrival, eyes.sight())))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct SearchQuery {
    /// Words that all must occur.
    query: Option<String>,
    /// The same.
    q: Option<String>,
    /// Only in this conversation (id or running number).
    #[param(value_type = Option<String>)]
    conversation_id: Option<IdOrNumber<ConversationId>>,
    /// Only with this contact.
    contact_id: Option<ContactId>,
    /// Only over this channel.
    channel_id: Option<ChannelId>,
    /// Only of this kind.
    #[serde(rename = "type")]
    kind: Option<MessageKind>,
    /// Only written by the customer, or by us.
    direction: Option<Direction>,
    /// Not before.
    from: Option<Timestamp>,
    /// Not after.
    until: Option<Timestamp>,
    /// Newest first (default), or best match first.
    #[param(inline)]
    order: Option<Order>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// A message found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageHit {
    /// The message.
    message: MessageView,
    /// Its text around the words found.
    snippet: String,
    /// `[start, end)` of each match in UTF-16 units of the snippet, as JavaScript counts.
    ranges: Vec<[u32; 2]>,
    /// Its conversation.
    conversation: ConversationView,
}

/// The same as a message with what was found beside it: what `/api`, the mount of the printed calls, lists.
#[derive(Serialize)]
struct FlatHit {
    #[serde(flatten)]
    message: MessageView,
    snippet: String,
    ranges: Vec<[u32; 2]>,
    conversation: ConversationView,
}

impl From<MessageHit> for FlatHit {
    fn from(hit: MessageHit) -> Self {
        let MessageHit { message, snippet, ranges, conversation } = hit;
        Self { message, snippet, ranges, conversation }
    }
}

/// Messages that hold all the words, newest first.
#[utoipa::path(get, path = "/messages/search", tag = "messages", params(SearchQuery, PageQuery),
    responses((status = 200, body = Page<MessageHit>)))]
async fn search_messages(
    State(kit): State<Kit>,
    actor: Actor,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<SearchQuery>,
) -> Result<Response> {
    let text = query.query.or(query.q).unwrap_or_default();
    Check::new().length("query", &text, 1, 200).done()?;
    let (limit, after) = (query.page.limit(), query.page.after()?);
    let now = kit.env().now();
    let conversation = match query.conversation_id {
        Some(name) => Some(kit.store().view(actor.tenant, |view| Ok(conversation_named(view, &actor, name)?.id))?),
        None => None,
    };
    let wanted = Wanted {
        text,
        conversation,
        contact: query.contact_id,
        channel: query.channel_id,
        kind: query.kind,
        direction: query.direction,
        from: query.from,
        until: query.until,
        order: query.order.unwrap_or_default(),
        limit,
        after,
    };
    let found = find_messages(&kit, &actor, wanted).await?;
    let items: Vec<MessageHit> = found.items.into_iter().map(|hit| MessageHit::of(hit, &actor, now)).collect();
    let page = Page { items, next_cursor: found.next_cursor };
    if uri.path().starts_with("/api/v1/") {
        return Ok(page.into_response());
    }
    // Printed as `Message[]` (API-73).
    Ok(page.map(FlatHit::from).into_response())
}

impl MessageHit {
    /// A hit as `actor` sees it.
    pub fn of(hit: MessageFound, actor: &Actor, now: Timestamp) -> Self {
        let (read, sight) = (hit.conversation.read_arrival, Sight::of(actor));
        Self {
            message: MessageView::of(hit.message, read, sight),
            snippet: hit.snippet.text,
            ranges: hit.snippet.ranges,
            conversation: ConversationView::of(hit.conversation, actor.tenant, sight, now),
        }
    }
}
