//! What one does to a message over HTTP: react, change, take back, send on, send now what was planned.

use super::{acts::can_act, api::send_one_of_several};
use crate::{
    base::{Actor, ConversationId, MessageId, Result},
    channels::{adapter::Adapters, commands, media::forwarded::fitted, model::Channel, receiving::ingest::Ingest},
    conversations::{
        self, CONVERSATION_READ, CONVERSATION_REPLY, CanAct, MessageView, NewMessage, Sight, Stored, conversation_named,
        require_message,
    },
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Path, Routes, routes},
        media::MediaStore,
        store::{Lane, Read, Tx},
    },
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(in crate::channels) fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CONVERSATION_REPLY), routes!(react_to_message))
        .add(Access::Needs(CONVERSATION_REPLY), routes!(edit_message, remove_message))
        .add(Access::Needs(CONVERSATION_READ), routes!(forward_message))
        .add(Access::Needs(CONVERSATION_REPLY), routes!(send_now))
}

/// An emoji for a message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewReaction {
    /// One emoji; empty takes the reaction back.
    #[schema(example = "👍")]
    emoji: String,
}

/// Reacts to a message in the firm's name, in place of its reaction that was there.
#[utoipa::path(post, path = "/messages/{messageId}/reaction", tag = "messages", params(("messageId" = MessageId, Path)),
    request_body = NewReaction, responses((status = 200, body = MessageView)))]
async fn react_to_message(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<MessageId>,
    Json(body): Json<NewReaction>,
) -> Result<Json<MessageView>> {
    act(&kit, actor, id, move |tx, actor, can| conversations::react(tx, actor, id, body.emoji, can)).await
}

/// Other words for a message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MessageEdit {
    /// Its words from now on.
    #[schema(example = "We'll be with you in 30 minutes")]
    content: String,
}

/// Changes the words of a message that one wrote: for a quarter of an hour, where the channel can.
#[utoipa::path(patch, path = "/messages/{messageId}", tag = "messages", params(("messageId" = MessageId, Path)),
    request_body = MessageEdit, responses((status = 200, body = MessageView)))]
async fn edit_message(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<MessageId>,
    Json(body): Json<MessageEdit>,
) -> Result<Json<MessageView>> {
    act(&kit, actor, id, move |tx, actor, can| conversations::edit(tx, actor, id, body.content, can)).await
}

/// Takes a message back: for everyone where the channel can and it is not too late, else it is hidden here. Who did it and
/// when stays (`revokedAt`, `revokedBy`, `isHidden`).
#[utoipa::path(delete, path = "/messages/{messageId}", tag = "messages", params(("messageId" = MessageId, Path)),
    responses((status = 200, body = MessageView)))]
async fn remove_message(State(kit): State<Kit>, actor: Actor, Path(id): Path<MessageId>) -> Result<Json<MessageView>> {
    act(&kit, actor, id, move |tx, actor, can| conversations::remove(tx, actor, id, can)).await
}

/// Runs a command on one message, with what its channel can, and shows how it stands now.
async fn act(
    kit: &Kit,
    actor: Actor,
    id: MessageId,
    command: impl FnOnce(&mut Tx<'_, '_>, &Actor, CanAct) -> Result<Stored> + Send + 'static,
) -> Result<Json<MessageView>> {
    let sight = Sight::of(&actor);
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| {
        let channel = tx.get::<Channel>(&require_message(tx, id)?.channel)?;
        let can = channel
            .filter(Channel::is_live)
            .map(|channel| can_act(Adapters::default().of(channel.kind()).carries()))
            .unwrap_or_default();
        let stored = command(tx, &actor, can)?;
        MessageView::read(tx, stored.message, stored.conversation.read_arrival, sight)
    };
    kit.store().write(tenant, Lane::People, origin, write).await.map(Json)
}

/// Where a message is sent on to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewForward {
    /// Ids or running numbers of one to ten conversations.
    #[schema(value_type = Vec<String>)]
    conversation_ids: Vec<IdOrNumber<ConversationId>>,
    /// The client's id of it: sending on twice sends once.
    client_id: Option<String>,
}

/// A conversation a message could not be sent on to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NotForwarded {
    /// Which.
    conversation_id: ConversationId,
    /// Stable code of why.
    #[schema(example = "window_closed")]
    code: &'static str,
    /// Why, in English.
    detail: String,
}

/// What was sent on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ForwardedMessages {
    /// The new messages, in the order asked for.
    items: Vec<MessageView>,
    /// Where it could not go.
    refused: Vec<NotForwarded>,
}

/// Sends a message on to other conversations: the same words, file and facts. Each is judged where it goes; where it can go
/// nowhere, the answer is the first one's refusal.
#[utoipa::path(post, path = "/messages/{messageId}/forward", tag = "messages", params(("messageId" = MessageId, Path)),
    request_body = NewForward, responses((status = 201, body = ForwardedMessages)))]
async fn forward_message(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<MessageId>,
    Json(body): Json<NewForward>,
) -> Result<(StatusCode, Json<ForwardedMessages>)> {
    let sight = Sight::of(&actor);
    let adapters = kit.service::<Ingest>().adapters().clone();
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let readable = kit.store().view(tenant, |view| {
        let message = require_message(view, id)?;
        let conversation = conversations::require_conversation(view, message.conversation)?;
        let kind = view.require::<Channel>(&message.channel)?.kind();
        Ok(conversation.is_within(&actor, CONVERSATION_READ).then_some((message, kind)))
    });
    // Whatever else is wrong, the command says.
    let file = match readable.ok().flatten() {
        Some((message, kind)) => fitted(&kit.service::<MediaStore>(), tenant, kind, &message).await?,
        None => None,
    };
    let write = move |tx: &mut Tx<'_, '_>| {
        let named = body.conversation_ids.into_iter().take(conversations::FORWARDED_MAX + 1);
        let to = named.map(|name| Ok(conversation_named(tx, &actor, name)?.id)).collect::<Result<Vec<_>>>()?;
        let send = |tx: &mut Tx<'_, '_>, new: NewMessage| {
            let new = match &file {
                Some((kind, media)) => NewMessage { kind: *kind, media: Some(media.clone()), ..new },
                None => new,
            };
            send_one_of_several(tx, &adapters, &actor, new)
        };
        conversations::forward(tx, &actor, id, &to, body.client_id.as_deref(), send)
    };
    let forwarded = kit.store().write(tenant, Lane::People, origin, write).await?;
    let show = |stored: Stored| MessageView::of(stored.message, stored.conversation.read_arrival, sight);
    let tell = |(conversation_id, error): (ConversationId, crate::base::Error)| NotForwarded {
        conversation_id,
        code: error.code(),
        detail: error.to_string(),
    };
    let items = forwarded.sent.into_iter().map(show).collect();
    let refused = forwarded.refused.into_iter().map(tell).collect();
    Ok((StatusCode::CREATED, Json(ForwardedMessages { items, refused })))
}

/// Sends a scheduled message at once. What stands in its way is answered, and it waits on.
#[utoipa::path(post, path = "/messages/{messageId}/schedule/now", tag = "messages", params(("messageId" = MessageId, Path)),
    responses((status = 200, body = MessageView)))]
async fn send_now(State(kit): State<Kit>, actor: Actor, Path(id): Path<MessageId>) -> Result<Json<MessageView>> {
    let sight = Sight::of(&actor);
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| commands::send_scheduled_now(tx, &actor, id);
    let stored = kit.store().write(tenant, Lane::People, origin, write).await?;
    Ok(Json(MessageView::of(stored.message, stored.conversation.read_arrival, sight)))
}
