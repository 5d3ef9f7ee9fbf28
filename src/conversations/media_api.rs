//! Pictures, files and sound of messages over HTTP. Named by the message, judged by its conversation.

use super::{
    api::Eyes,
    commands::{require_conversation, require_message, retry_media},
    extra::{Media, MediaState},
    message_views::MessageView,
    model::{CONVERSATION_READ, CONVERSATION_REPLY, MEDIA_TO_MESSAGE},
};
use crate::{
    base::{Actor, Error, MessageId, Result},
    platform::{
        http::{Access, Json, Kit, Path, Query, RouteOptions, Routes, routes},
        media::{MediaStore, Shown, serve},
        store::{KeyRange, Lane, Read, TenantScope, Tx},
    },
};
use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn routes() -> Routes {
    // A page loads pictures without a header of its own.
    let shown = RouteOptions { cookie: true, ..RouteOptions::default() };
    Routes::new()
        .add_with(Access::Needs(CONVERSATION_READ), shown, routes!(get_media))
        .add_with(Access::Needs(CONVERSATION_READ), shown, routes!(get_thumbnail))
        .add(Access::Needs(CONVERSATION_REPLY), routes!(fetch_again))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct HowShown {
    /// To be saved, even where it could be shown.
    #[serde(default)]
    download: bool,
}

/// The picture, file or sound of a message, whole or in part (`Range`).
#[utoipa::path(get, path = "/messages/{messageId}/media", tag = "messages",
    params(("messageId" = MessageId, Path), HowShown),
    responses((status = 200, description = "All of it", content_type = "application/octet-stream"),
        (status = 206, description = "The part asked for"), (status = 304, description = "It is as the client has it"),
        (status = 416, description = "There is no such part")))]
async fn get_media(
    State(kit): State<Kit>,
    actor: Actor,
    Path(id): Path<MessageId>,
    Query(how): Query<HowShown>,
    asked: HeaderMap,
) -> Result<Response> {
    let media = kit.store().view(actor.tenant, |view| media_for(view, &actor, id))?;
    let hash = stored(&media)?.parse().ok();
    give(&kit, &actor, Shown { hash, file_name: media.file_name, save: how.download }, &asked).await
}

/// The small version of a message's picture.
#[utoipa::path(get, path = "/messages/{messageId}/thumbnail", tag = "messages", params(("messageId" = MessageId, Path)),
    responses((status = 200, description = "JPEG or PNG, at most 480 pixels a side", content_type = "image/jpeg"),
        (status = 304, description = "It is as the client has it")))]
async fn get_thumbnail(State(kit): State<Kit>, actor: Actor, Path(id): Path<MessageId>, asked: HeaderMap) -> Result<Response> {
    let media = kit.store().view(actor.tenant, |view| media_for(view, &actor, id))?;
    stored(&media)?;
    let hash = media.thumbnail.as_deref().ok_or(Error::NotFound("thumbnail"))?.parse().ok();
    give(&kit, &actor, Shown { hash, ..Shown::default() }, &asked).await
}

/// Fetches the picture, file or sound of a message again, after it could not be had.
#[utoipa::path(post, path = "/messages/{messageId}/media/retry", tag = "messages", params(("messageId" = MessageId, Path)),
    responses((status = 200, body = MessageView)))]
async fn fetch_again(State(kit): State<Kit>, actor: Actor, Path(id): Path<MessageId>) -> Result<Json<MessageView>> {
    let eyes = Eyes::of(&kit, &actor);
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| {
        let message = retry_media(tx, &actor, id)?;
        Ok((require_conversation(tx, message.conversation)?.read_arrival, message))
    };
    let (read, message) = kit.store().write(tenant, Lane::People, origin, write).await?;
    Ok(Json(MessageView::of(message, read, eyes.sight())))
}

fn stored(media: &Media) -> Result<&str> {
    match media.state {
        MediaState::Ready => media.hash.as_deref().ok_or(Error::NotFound("media")),
        MediaState::Pending => Err(Error::conflict("media_pending", "this is still being fetched")),
        MediaState::Failed => Err(Error::conflict("media_failed", "this could not be fetched: try again")),
        MediaState::Quarantined if media.hash.is_none() => {
            Err(Error::conflict("media_too_large", "this is larger than its channel takes, and was not fetched"))
        }
        MediaState::Quarantined => Err(Error::conflict("media_quarantined", "this is kept back as it may do harm")),
    }
}

async fn give(kit: &Kit, actor: &Actor, shown: Shown, asked: &HeaderMap) -> Result<Response> {
    serve(kit.service::<MediaStore>().files(), actor.tenant, &shown, asked).await
}

/// The media of a message that `actor` may see.
fn media_for(view: &impl Read<Scope = TenantScope>, actor: &Actor, id: MessageId) -> Result<Media> {
    let message = require_message(view, id)?;
    let conversation = require_conversation(view, message.conversation)?;
    if !conversation.is_within(actor, CONVERSATION_READ) || message.is_revoked() {
        return Err(Error::NotFound("message"));
    }
    message.media.ok_or(Error::NotFound("media"))
}

/// Does a message name the file with this hash (in hex), as its own or as its small version?
///
/// # Errors
/// What reading says.
pub fn holds_media(view: &impl Read<Scope = TenantScope>, hash: &str) -> Result<bool> {
    Ok(view.list(&MEDIA_TO_MESSAGE, KeyRange::prefix(hash))?.next().transpose()?.is_some())
}
