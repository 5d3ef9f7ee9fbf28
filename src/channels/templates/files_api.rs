//! Files handed in ahead of what they go with: the picture of a template's header, before the template is sent.

use super::{commands, model::HandedFile};
use crate::{
    base::{Actor, Error, FileId, Reach, Result, Timestamp},
    channels::{
        media::{
            api::{broken, take, take_in},
            fit::Wish,
        },
        model::ChannelKind,
    },
    conversations::{CONVERSATION_REPLY, MessageKind},
    platform::{
        http::{Access, Json, Kit, Path, RouteOptions, Routes, routes as router},
        media::{MediaStore, Shown, serve},
        store::{Lane, Read, Tx},
    },
};
use axum::{
    extract::{Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

pub fn routes() -> Routes {
    let upload = RouteOptions { upload: true, ..RouteOptions::default() };
    // A page loads pictures without a header of its own.
    let shown = RouteOptions { cookie: true, ..RouteOptions::default() };
    Routes::new().add_with(Access::Needs(CONVERSATION_REPLY), upload, router!(hand_in)).add_with(
        Access::Needs(CONVERSATION_REPLY),
        shown,
        router!(get_file),
    )
}

/// A file to be handed in.
#[derive(ToSchema)]
#[schema(as = NewFile, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the form; its fields are read one by one as they come")]
struct NewFile {
    /// The file.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// A file that was handed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HandedFileView {
    /// Its id: a template's `mediaId`.
    id: FileId,
    /// What a message that shows it is.
    r#type: MessageKind,
    /// Its media type, by its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "image/jpeg")]
    mime: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    /// Its size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// Width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    /// Height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    /// Where it can be fetched.
    url: String,
    /// When it came.
    created_at: Timestamp,
}

impl HandedFileView {
    fn of(file: HandedFile, kind: MessageKind) -> Self {
        let media = file.media;
        Self {
            id: file.id,
            r#type: kind,
            mime: media.mime,
            file_name: media.file_name,
            bytes: media.bytes,
            width: media.width,
            height: media.height,
            url: format!("/api/v1/media/{}", file.id),
            created_at: file.at,
        }
    }
}

/// Hands a file in for a template. It is made to fit like a file that is sent, and kept for 30 days.
#[utoipa::path(post, path = "/media", tag = "messages",
    request_body(content = NewFile, content_type = "multipart/form-data"),
    responses((status = 201, body = HandedFileView)))]
async fn hand_in(
    State(kit): State<Kit>,
    actor: Actor,
    form: std::result::Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<HandedFileView>)> {
    let store = kit.service::<MediaStore>();
    let mut form = form.map_err(|_| Error::invalid("form", "format", "send a form of the kind multipart/form-data"))?;
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(|e| broken(&e))? {
        match field.name().unwrap_or_default() {
            "file" if file.is_some() => return Err(Error::invalid("file", "unknown", "one file at a time")),
            "file" => file = Some(take(field, &store, actor.tenant).await?),
            _ => return Err(Error::invalid("form", "unknown", "a field that nobody knows")),
        }
    }
    let (incoming, claims) = file.ok_or_else(|| Error::invalid("file", "required", "give a file"))?;
    let name = claims.file_name.clone();
    let (wish, kind) = (Wish::default(), ChannelKind::WhatsappCloud);
    let (kind, media) = take_in(&store, actor.tenant, kind, incoming, claims, wish, name).await?;
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| commands::hand_in(tx, &actor, media);
    let file = kit.store().write(tenant, Lane::People, origin, write).await?;
    Ok((StatusCode::CREATED, Json(HandedFileView::of(file, kind))))
}

/// A file that was handed in.
#[utoipa::path(get, path = "/media/{fileId}", tag = "messages", params(("fileId" = FileId, Path)),
    responses((status = 200, description = "All of it", content_type = "application/octet-stream"),
        (status = 206, description = "The part asked for"), (status = 304, description = "It is as the client has it")))]
async fn get_file(State(kit): State<Kit>, actor: Actor, Path(id): Path<FileId>, asked: HeaderMap) -> Result<Response> {
    let file = kit.store().view(actor.tenant, |view| view.require::<HandedFile>(&id))?;
    // A client firm's people see what is theirs; a file that waits to be sent is its agent's.
    let is_guest = matches!(actor.require(CONVERSATION_REPLY)?, Reach::Own | Reach::Organisation);
    if is_guest && file.by != actor.user {
        return Err(Error::NotFound("file"));
    }
    let media = file.media;
    let hash = media.hash.as_deref().and_then(|hash| hash.parse().ok());
    serve(kit.service::<MediaStore>().files(), actor.tenant, &Shown { hash, file_name: media.file_name, save: false }, &asked)
        .await
}
