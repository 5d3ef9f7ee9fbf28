//! Files on their way out: handed in as a form, made to fit their channel, sent like any message.

use super::{
    fetch::landed,
    fit::{HANDED_IN, Wish, make_fit},
};
use crate::{
    base::{Actor, ConversationId, Error, MessageId, Result, TenantId, Timestamp, error::Check},
    channels::{
        model::{Channel, ChannelKind},
        receiving::ingest::Ingest,
        sending::api::send_message,
    },
    conversations::{CONVERSATION_REPLY, Extra, Media, MessageView, NewMessage, Sight, conversation_named},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, RouteOptions, Routes, routes},
        media::{Claims, Incoming, MediaStore, clean_name},
        store::{Lane, Read, Tx},
    },
};
use axum::{
    extract::{
        Multipart, State,
        multipart::{Field, MultipartRejection},
    },
    http::StatusCode,
};
use std::str::FromStr;
use utoipa::ToSchema;

/// Longest other field, in bytes.
const FIELD_BYTES_MAX: usize = 8 << 10;

pub(in crate::channels) fn routes() -> Routes {
    let upload = RouteOptions { upload: true, ..RouteOptions::default() };
    Routes::new().add_with(Access::Needs(CONVERSATION_REPLY), upload, routes!(send_media))
}

/// A file to be sent. `file` may stand anywhere among the fields.
#[derive(ToSchema)]
#[schema(as = NewMediaMessage, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the form; its fields are read one by one as they come")]
struct SendMedia {
    /// Id or running number of the conversation.
    conversation_id: String,
    /// The file.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
    /// Words below it.
    caption: Option<String>,
    /// The client's id of the message, a UUIDv7 for preference: sending twice makes one.
    client_id: Option<String>,
    /// The message it answers.
    reply_to: Option<String>,
    /// A voice note.
    is_voice: Option<bool>,
    /// To be saved, whatever it is: nothing is converted.
    as_document: Option<bool>,
    /// A sticker: a WebP picture of 512 by 512 pixels.
    as_sticker: Option<bool>,
    /// To go out then instead of at once: within a year.
    scheduled_for: Option<String>,
}

#[derive(Default)]
struct Form {
    conversation: Option<IdOrNumber<ConversationId>>,
    caption: String,
    client_id: Option<String>,
    reply_to: Option<MessageId>,
    wish: Wish,
    scheduled_for: Option<Timestamp>,
    file: Option<(Incoming, Claims)>,
}

/// Sends a file: a picture, sound, film or document, by what is in it.
#[utoipa::path(post, path = "/messages/send-media", tag = "messages",
    request_body(content = SendMedia, content_type = "multipart/form-data"),
    responses((status = 201, body = MessageView), (status = 200, body = MessageView, description = "It was sent before")))]
async fn send_media(
    State(kit): State<Kit>,
    actor: Actor,
    form: std::result::Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<MessageView>)> {
    let media = kit.service::<MediaStore>();
    let form = form.map_err(|_| Error::invalid("form", "format", "send a form of the kind multipart/form-data"))?;
    let form = read(form, &media, actor.tenant).await?;
    let mut check = Check::new();
    check.that(form.conversation.is_some(), "conversationId", "required", "name the conversation");
    check.that(form.file.is_some(), "file", "required", "give a file");
    check.done()?;
    let (Some(name), Some((incoming, claims))) = (form.conversation, form.file) else {
        return Err(Error::internal("checked above"));
    };
    let (conversation, kind) = kit.store().view(actor.tenant, |view| {
        let conversation = conversation_named(view, &actor, name)?;
        let channel = view.require::<Channel>(&conversation.channel)?;
        Ok((conversation.id, channel.kind()))
    })?;
    let adapters = kit.service::<Ingest>().adapters().clone();
    Check::new().length("caption", &form.caption, 0, adapters.of(kind).carries().limits.caption).done()?;
    let wish = form.wish;
    let file_name = claims.file_name.clone();
    let (message_kind, stored) = take_in(&media, actor.tenant, kind, incoming, claims, wish, file_name).await?;
    let sight = Sight::of(&actor);
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| {
        let new = NewMessage {
            client_id: form.client_id,
            kind: message_kind,
            media: Some(stored),
            extra: Extra { scheduled_for: form.scheduled_for, ..Extra::default() }.boxed(),
            reply_to: form.reply_to,
            ..NewMessage::text(conversation, form.caption)
        };
        send_message(tx, &adapters, &actor, new)
    };
    let sent = kit.store().write(tenant, Lane::People, origin, write).await?;
    let status = if sent.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(MessageView::of(sent.message, sent.conversation.read_arrival, sight))))
}

pub(in crate::channels) async fn take_in(
    media: &MediaStore,
    tenant: TenantId,
    kind: ChannelKind,
    incoming: Incoming,
    claims: Claims,
    wish: Wish,
    file_name: Option<String>,
) -> Result<(crate::conversations::MessageKind, Media)> {
    let file = media.land(incoming, claims, HANDED_IN).await?;
    if let Some(reason) = file.quarantined {
        return Err(Error::invalid("file", reason, "this file can't be sent: it may do harm where it is opened"));
    }
    let fitting = make_fit(media, tenant, kind, file, file_name, wish).await?;
    let known = Media { file_name: fitting.file_name, is_voice: wish.is_voice, ..Media::default() };
    Ok((fitting.kind, Media { reason: None, ..landed(&known, &fitting.file) }))
}

/// Reads the form as it comes; the file goes to the disk piece by piece.
async fn read(mut form: Multipart, media: &MediaStore, tenant: TenantId) -> Result<Form> {
    let mut read = Form::default();
    while let Some(field) = form.next_field().await.map_err(|e| broken(&e))? {
        match field.name().unwrap_or_default() {
            "file" if read.file.is_some() => {
                return Err(Error::invalid("file", "unknown", "one file at a time"));
            }
            "file" => read.file = Some(take(field, media, tenant).await?),
            "conversationId" | "ticketId" => read.conversation = Some(parse("conversationId", field).await?),
            "caption" | "content" => read.caption = text(field).await?,
            "clientId" => read.client_id = Some(text(field).await?).filter(|id| !id.is_empty()),
            "replyTo" => read.reply_to = Some(parse("replyTo", field).await?),
            "isVoice" => read.wish.is_voice = parse("isVoice", field).await?,
            "scheduledFor" => {
                let given = text(field).await?;
                let at =
                    Timestamp::parse(&given).ok_or_else(|| Error::invalid("scheduledFor", "format", "give an RFC 3339 time"))?;
                read.scheduled_for = Some(at);
            }
            "asSticker" => read.wish.as_sticker = parse("asSticker", field).await?,
            "asDocument" => read.wish.as_document = parse("asDocument", field).await?,
            _ => return Err(Error::invalid("form", "unknown", "a field that nobody knows")),
        }
    }
    Ok(read)
}

pub(in crate::channels) async fn take(mut field: Field<'_>, media: &MediaStore, tenant: TenantId) -> Result<(Incoming, Claims)> {
    let claims =
        Claims { mime: field.content_type().map(str::to_owned), file_name: field.file_name().and_then(clean_name), sha256: None };
    let mut incoming = media.begin(tenant, HANDED_IN.most())?;
    while let Some(piece) = field.chunk().await.map_err(|e| broken(&e))? {
        incoming.write(piece).await?;
    }
    Ok((incoming, claims))
}

async fn text(mut field: Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|e| broken(&e))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(Error::TooLarge(FIELD_BYTES_MAX as u64));
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid("form", "format", "a field that is no text"))
}

async fn parse<T: FromStr>(name: &'static str, field: Field<'_>) -> Result<T> {
    text(field).await?.trim().parse().map_err(|_| Error::invalid(name, "format", "this can't be read"))
}

pub(in crate::channels) fn broken(error: &axum::extract::multipart::MultipartError) -> Error {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(HANDED_IN.most()),
        _ => Error::invalid("form", "format", format!("the form can't be read: {}", error.body_text())),
    }
}
