//! Scheduled messages over HTTP: what waits, and what one does to it. Sending one at once is the channels' door, as all
//! sending is.

use super::{
    api::{Eyes, conversation_named},
    commands::{Replan, Stored, cancel_scheduled, replan},
    message_views::MessageView,
    model::{CONVERSATION_READ, CONVERSATION_REPLY, Conversation, Message, SCHEDULED, SCHEDULED_IN_CONVERSATION},
};
use crate::{
    base::{Actor, ConversationId, MessageId, Result, Timestamp},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, Routes, page_of, routes},
        store::{KeyRange, Lane, Read, Tx},
    },
};
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CONVERSATION_READ), routes!(list_scheduled))
        .add(Access::Needs(CONVERSATION_REPLY), routes!(change_schedule, cancel_schedule))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ScheduledQuery {
    /// Only in this conversation (id or running number).
    #[param(value_type = Option<String>)]
    conversation_id: Option<IdOrNumber<ConversationId>>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// What waits for its time, the next one first: in one conversation, or in all that one may read.
#[utoipa::path(get, path = "/messages/scheduled", tag = "messages", params(ScheduledQuery, PageQuery),
    responses((status = 200, body = Page<MessageView>)))]
async fn list_scheduled(State(kit): State<Kit>, actor: Actor, Query(query): Query<ScheduledQuery>) -> Result<Page<MessageView>> {
    let eyes = Eyes::of(&kit, &actor);
    let (limit, after) = (query.page.limit(), query.page.after()?);
    kit.store().view(actor.tenant, |view| {
        if let Some(name) = query.conversation_id {
            let conversation = conversation_named(view, &actor, name)?;
            let range = KeyRange::prefix(conversation.id).after(after.filter(|at| at.starts_with(conversation.id.as_bytes())));
            let show = |m| Ok(Some(MessageView::read(view, m, conversation.read_arrival, eyes.sight())?));
            return page_of(view.list(&SCHEDULED_IN_CONVERSATION, range)?, limit, show);
        }
        page_of(view.list(&SCHEDULED, KeyRange::all().after(after))?, limit, |message: Message| {
            let conversation = view.require::<Conversation>(&message.conversation)?;
            if !conversation.is_within(&actor, CONVERSATION_READ) {
                return Ok(None);
            }
            MessageView::read(view, message, conversation.read_arrival, eyes.sight()).map(Some)
        })
    })
}

/// What is to be different.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScheduleChange {
    /// Another time, within a year.
    scheduled_for: Option<Timestamp>,
    /// Another text or caption.
    #[schema(example = "We'll be with you tomorrow at nine")]
    content: Option<String>,
}

/// Gives a scheduled message another time or other words.
#[utoipa::path(patch, path = "/messages/{messageId}/schedule", tag = "messages", params(("messageId" = MessageId, Path)),
    request_body = ScheduleChange, responses((status = 200, body = MessageView)))]
async fn change_schedule(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<MessageId>,
    Json(body): Json<ScheduleChange>,
) -> Result<Json<MessageView>> {
    let change = Replan { scheduled_for: body.scheduled_for, content: body.content };
    act(&kit, actor, move |tx, actor| replan(tx, actor, id, change)).await
}

/// Cancels a scheduled message.
#[utoipa::path(delete, path = "/messages/{messageId}/schedule", tag = "messages", params(("messageId" = MessageId, Path)),
    responses((status = 200, body = MessageView)))]
async fn cancel_schedule(State(kit): State<Kit>, actor: Actor, Path(id): Path<MessageId>) -> Result<Json<MessageView>> {
    act(&kit, actor, move |tx, actor| cancel_scheduled(tx, actor, id)).await
}

/// Runs a command on one message and shows how it stands now.
async fn act(
    kit: &Kit,
    actor: Actor,
    command: impl FnOnce(&mut Tx<'_, '_>, &Actor) -> Result<Stored> + Send + 'static,
) -> Result<Json<MessageView>> {
    let eyes = Eyes::of(kit, &actor);
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| command(tx, &actor);
    let stored = kit.store().write(tenant, Lane::People, origin, write).await?;
    Ok(Json(MessageView::of(stored.message, stored.conversation.read_arrival, eyes.sight())))
}
