//! Queues over HTTP, and the transfer between them.

use super::{
    commands::{NewQueue, QueueChange, create_queue, delete_queue, living, transfer, update_queue},
    model::{NAME_TO_QUEUE, NUMBER_TO_QUEUE, QUEUE_CREATED, QUEUE_DELETED, QUEUE_MANAGE, QUEUE_READ, QUEUE_UPDATED, Queue},
};
use crate::{
    base::{Actor, ConversationId, Error, QueueId, Result, Timestamp, UserId},
    conversations::{CONVERSATION_ASSIGN, ConversationView, Sight, conversation_named},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, Routes, page_of, routes},
        journal::Event,
        realtime::{Class, Encoded, Encoder},
        store::{KeyRange, Lane, Read, TenantScope, Tx, View},
    },
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The doors of this room.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(QUEUE_READ), routes!(list_queues))
        .add(Access::Needs(QUEUE_MANAGE), routes!(post_queue))
        .add(Access::Needs(QUEUE_READ), routes!(get_queue))
        .add(Access::Needs(QUEUE_MANAGE), routes!(patch_queue))
        .add(Access::Needs(QUEUE_MANAGE), routes!(remove_queue))
        .add(Access::Needs(CONVERSATION_ASSIGN), routes!(transfer_conversation))
}

/// A queue as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Queue)]
pub struct QueueView {
    /// Its id.
    id: QueueId,
    /// Running number.
    number: u64,
    /// Its name.
    #[schema(example = "Roadside assistance")]
    name: String,
    /// Its colour.
    #[schema(example = "#3b6fd4")]
    color: String,
    /// Do new conversations go here whose channel names no queue?
    is_default: bool,
    /// When made.
    created_at: Timestamp,
    /// Last change.
    updated_at: Timestamp,
    /// Sequence of the last change.
    rev: u64,
}

impl From<Queue> for QueueView {
    fn from(q: Queue) -> Self {
        let Queue { id, number, name, color, is_default, created_at, updated_at, rev, .. } = q;
        Self { id, number, name, color, is_default, created_at, updated_at, rev }
    }
}

fn named(source: &impl Read<Scope = TenantScope>, name: IdOrNumber<QueueId>) -> Result<Queue> {
    match name {
        IdOrNumber::Id(id) => living(source, id),
        IdOrNumber::Number(number) => {
            let queue = source.find(&NUMBER_TO_QUEUE, number)?;
            queue.filter(|queue| queue.deleted_at.is_none()).ok_or(Error::NotFound("queue"))
        }
    }
}

/// Queues by name.
#[utoipa::path(get, path = "/queues", tag = "queues", params(PageQuery), responses((status = 200, body = Page<QueueView>)))]
async fn list_queues(State(kit): State<Kit>, actor: Actor, Query(page): Query<PageQuery>) -> Result<Page<QueueView>> {
    let (limit, after) = (page.limit(), page.after()?);
    kit.store().view(actor.tenant, |view| {
        page_of(view.list(&NAME_TO_QUEUE, KeyRange::all().after(after))?, limit, |queue: Queue| Ok(Some(queue.into())))
    })
}

/// A queue to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewQueue)]
struct PostQueue {
    /// Client-made UUID: sending twice makes one.
    id: Option<QueueId>,
    #[schema(example = "Roadside assistance")]
    name: String,
    #[schema(example = "#3b6fd4")]
    color: Option<String>,
    #[serde(default)]
    is_default: bool,
}

/// Makes a queue.
#[utoipa::path(post, path = "/queues", tag = "queues", request_body = PostQueue,
    responses((status = 201, body = QueueView), (status = 200, body = QueueView, description = "It was made by the same id before")))]
async fn post_queue(State(kit): State<Kit>, actor: Actor, Json(body): Json<PostQueue>) -> Result<(StatusCode, Json<QueueView>)> {
    let new = NewQueue { id: body.id, name: body.name, color: body.color, is_default: body.is_default };
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let (queue, is_new) = kit.store().write(tenant, Lane::People, origin, move |tx| create_queue(tx, &actor, new)).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(queue.into())))
}

/// One queue.
#[utoipa::path(get, path = "/queues/{queueId}", tag = "queues", params(("queueId" = String, Path)),
    responses((status = 200, body = QueueView)))]
async fn get_queue(State(kit): State<Kit>, actor: Actor, Path(name): Path<IdOrNumber<QueueId>>) -> Result<Json<QueueView>> {
    kit.store().view(actor.tenant, |view| Ok(Json(named(view, name)?.into())))
}

/// What changes on a queue; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = QueueChange)]
struct PatchQueue {
    #[schema(example = "Night shift")]
    name: Option<String>,
    #[schema(example = "#d98324")]
    color: Option<String>,
    is_default: Option<bool>,
}

/// Changes a queue.
#[utoipa::path(patch, path = "/queues/{queueId}", tag = "queues", params(("queueId" = String, Path)), request_body = PatchQueue,
    responses((status = 200, body = QueueView)))]
async fn patch_queue(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<QueueId>>,
    Json(body): Json<PatchQueue>,
) -> Result<Json<QueueView>> {
    let change = QueueChange { name: body.name, color: body.color, is_default: body.is_default };
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| {
        let id = named(tx, name)?.id;
        update_queue(tx, &actor, id, change)
    };
    Ok(Json(kit.store().write(tenant, Lane::People, origin, write).await?.into()))
}

/// Deletes a queue in which no open conversation lies.
#[utoipa::path(delete, path = "/queues/{queueId}", tag = "queues", params(("queueId" = String, Path)), responses((status = 204)))]
async fn remove_queue(State(kit): State<Kit>, actor: Actor, Path(name): Path<IdOrNumber<QueueId>>) -> Result<StatusCode> {
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| {
        let id = named(tx, name)?.id;
        delete_queue(tx, &actor, id)
    };
    kit.store().write(tenant, Lane::People, origin, write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a conversation goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Transfer)]
struct PostTransfer {
    /// Into this queue, where it waits unless a person is named too.
    queue_id: Option<QueueId>,
    /// The same, as one source calls it.
    department_id: Option<QueueId>,
    /// To this person.
    user_id: Option<UserId>,
}

/// Moves a conversation to another queue, another person, or both.
#[utoipa::path(post, path = "/conversations/{conversationId}/transfer", tag = "conversations",
    params(("conversationId" = String, Path)), request_body = PostTransfer, responses((status = 200, body = ConversationView)))]
async fn transfer_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ConversationId>>,
    Json(body): Json<PostTransfer>,
) -> Result<Json<ConversationView>> {
    let (tenant, origin, sight, now) = (actor.tenant, actor.origin.clone(), Sight::of(&actor), kit.env().now());
    let write = move |tx: &mut Tx<'_, '_>| {
        let id = conversation_named(tx, &actor, name)?.id;
        transfer(tx, &actor, id, body.queue_id.or(body.department_id), body.user_id)
    };
    let conversation = kit.store().write(tenant, Lane::People, origin, write).await?;
    Ok(Json(ConversationView::of(conversation, tenant, sight, now)))
}

/// Frames of queues' events; of a deleted one the hub says `gone`.
#[derive(Debug, Default)]
pub struct QueueFrames;

impl Encoder for QueueFrames {
    fn wants(&self, kind: &str) -> bool {
        matches!(kind, QUEUE_CREATED | QUEUE_UPDATED | QUEUE_DELETED)
    }
    fn encode(&self, view: &View, event: &Event, _class: Class) -> Result<Option<Encoded>> {
        let Some(queue) = view.get::<Queue>(&QueueId(event.subject))? else { return Ok(None) };
        let data = serde_json::to_value(QueueView::from(queue)).map_err(|e| Error::internal(format!("write a queue: {e}")))?;
        Ok(Some(Encoded { kind: event.kind.clone(), data, audience: None }))
    }
}
