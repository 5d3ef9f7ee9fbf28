//! `POST /messages/send`: messages of every kind on their way out, checked by what their channel carries.

use super::carries::Said;
use crate::{
    base::{Actor, ConversationId, Error, FileId, MessageId, Result, Timestamp, error::Check},
    channels::{
        adapter::Adapters,
        commands,
        model::Channel,
        receiving::ingest::Ingest,
        templates::{TemplateOrder, fill_order, model::HandedFile},
    },
    conversations::{
        self, CONVERSATION_REPLY, CardView, Extra, Interactive, InteractiveView, Media, MediaState, MessageKind, MessageView,
        NewMessage, PlaceView, Poll, Sight, Stored, conversation_named,
    },
    platform::{
        http::{Access, IdOrNumber, Json, Kit, RouteOptions, Routes, routes},
        store::{Lane, Read, Tx},
    },
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

pub(in crate::channels) fn routes() -> Routes {
    let messages = RouteOptions { essential: true, ..RouteOptions::default() };
    Routes::new().add_with(Access::Needs(CONVERSATION_REPLY), messages, routes!(send)).add_with(
        Access::Needs(CONVERSATION_REPLY),
        messages,
        routes!(create),
    )
}

/// What a message to be sent is. A file comes by `POST /messages/send-media`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum SendType {
    /// Words.
    Text,
    /// A place.
    Location,
    /// Business cards.
    #[serde(alias = "CONTACTS")]
    Contact,
    /// Words with buttons or a list.
    Interactive,
    /// A question with answers to choose from.
    Poll,
    /// A template approved by the provider.
    Template,
}

/// Answers to choose from; the question is the message's `content`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPoll {
    /// What may be answered.
    #[schema(example = json!(["Morning", "Afternoon"]))]
    options: Vec<String>,
    /// May one choose several?
    #[serde(default)]
    is_multiple: bool,
}

/// A message to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewMessage)]
struct SendMessage {
    /// Id or running number of the conversation.
    #[schema(value_type = Option<String>)]
    conversation_id: Option<IdOrNumber<ConversationId>>,
    /// The same, as the ticket API calls it.
    #[schema(value_type = Option<String>)]
    ticket_id: Option<IdOrNumber<ConversationId>>,
    /// What it is; may be left out where one of the objects below tells it.
    r#type: Option<SendType>,
    /// Its text; the words above buttons or a list; the question of a poll.
    #[schema(example = "We'll be with you in 20 minutes")]
    content: Option<String>,
    /// The same, as the ticket API calls it.
    body: Option<String>,
    /// A place.
    location: Option<PlaceView>,
    /// Business cards.
    contacts: Option<Vec<CardView>>,
    /// Buttons, a list or a button that opens a page.
    interactive: Option<InteractiveView>,
    /// A picture, film or file above the words of an `interactive`, handed in by `POST /media`.
    media_id: Option<FileId>,
    /// A poll.
    poll: Option<NewPoll>,
    /// A template; its words are the message's. Goes with a `location` where its header shows a place.
    template: Option<TemplateOrder>,
    /// The client's id of it, a UUIDv7 for preference: sending twice makes one.
    client_id: Option<String>,
    /// The message it answers.
    reply_to: Option<MessageId>,
    /// A note among colleagues instead.
    #[serde(default)]
    is_private: bool,
    /// Written by a program.
    #[serde(default)]
    is_bot: bool,
    /// To go out then instead of at once: within a year.
    scheduled_for: Option<Timestamp>,
}

/// Sends a message, or writes a note. The same `clientId` again answers 200 with the message that is there. What the
/// channel can't carry is refused as `not_supported`; what is too long for it names the field and the limit.
#[utoipa::path(post, path = "/messages/send", tag = "messages", request_body = SendMessage,
    responses((status = 201, body = MessageView), (status = 200, body = MessageView, description = "It was sent before")))]
async fn send(State(kit): State<Kit>, actor: Actor, Json(body): Json<SendMessage>) -> Result<(StatusCode, Json<MessageView>)> {
    put(kit, actor, body).await
}

/// The same as `POST /messages/send`.
#[utoipa::path(post, path = "/messages", tag = "messages", request_body = SendMessage,
    responses((status = 201, body = MessageView), (status = 200, body = MessageView, description = "It was sent before")))]
async fn create(State(kit): State<Kit>, actor: Actor, Json(body): Json<SendMessage>) -> Result<(StatusCode, Json<MessageView>)> {
    put(kit, actor, body).await
}

async fn put(kit: Kit, actor: Actor, body: SendMessage) -> Result<(StatusCode, Json<MessageView>)> {
    let mut check = Check::new();
    let conversation = body.conversation_id.or(body.ticket_id);
    check.that(conversation.is_some(), "conversationId", "required", "name the conversation");
    let kind = body.kind(&mut check);
    let speaks = matches!(kind, MessageKind::Text | MessageKind::Interactive | MessageKind::Poll);
    let has_words = body.content.is_some() || body.body.is_some();
    check.that(has_words || !speaks, "content", "required", "give the text");
    check.that(!body.is_private || kind == MessageKind::Text, "type", "not_allowed", "a note is text");
    check.done()?;
    let Some(name) = conversation else { return Err(Error::internal("checked above")) };
    let content = body.content.or(body.body).unwrap_or_default();
    let extra = Extra {
        place: body.location.map(PlaceView::place).transpose()?,
        cards: body.contacts.into_iter().flatten().map(Into::into).collect(),
        interactive: body.interactive.map(|asked| numbered(asked.into())),
        poll: body.poll.map(|poll| Poll {
            question: content.clone(),
            options: poll.options,
            choices_max: u32::from(!poll.is_multiple),
            votes: Vec::new(),
        }),
        scheduled_for: body.scheduled_for,
        ..Extra::default()
    };
    let sight = Sight::of(&actor);
    let adapters = kit.service::<Ingest>().adapters().clone();
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let (order, above, when) = (body.template, body.media_id, body.scheduled_for);
    let write = move |tx: &mut Tx<'_, '_>| {
        let conversation = conversation_named(tx, &actor, name)?;
        let (mut kind, mut content, mut media, mut extra) = (kind, content, None, extra);
        if let Some(order) = &order {
            let made = fill_order(tx, conversation.channel, order, extra.place.take())?;
            (kind, content, media) = (made.kind, made.content, made.media);
            extra = Extra { scheduled_for: when, ..made.extra };
        }
        if let Some(id) = above {
            let file = tx.get::<HandedFile>(&id)?;
            let file = file.ok_or_else(|| Error::invalid("mediaId", "unknown", "name a file that was handed in"))?.media;
            let is_there = file.state == MediaState::Ready;
            Check::new().that(is_there, "mediaId", "format", "this file can't be sent").done()?;
            kind = kind_of_file(&file);
            media = Some(file);
        }
        let new = NewMessage {
            client_id: body.client_id,
            kind,
            media,
            extra: extra.boxed(),
            reply_to: body.reply_to,
            is_private: body.is_private,
            is_bot: body.is_bot,
            ..NewMessage::text(conversation.id, content)
        };
        send_message(tx, &adapters, &actor, new)
    };
    let stored = kit.store().write(tenant, Lane::People, origin, write).await?;
    let status = if stored.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(MessageView::of(stored.message, stored.conversation.read_arrival, sight))))
}

impl SendMessage {
    /// What it is, by its `type` or by the one object it has.
    fn kind(&self, check: &mut Check) -> MessageKind {
        let has_place = self.media_id.is_none() || self.interactive.is_some();
        check.that(has_place, "mediaId", "not_allowed", "a file goes above buttons only: send it by /messages/send-media");
        if self.template.is_some() {
            let is_alone = self.contacts.is_none() && self.interactive.is_none() && self.poll.is_none();
            check.that(is_alone, "type", "not_allowed", "a template goes with a location at most");
            let agrees = matches!(self.r#type, None | Some(SendType::Template | SendType::Text));
            check.that(agrees, "type", "format", "the type and what was given do not agree");
            return MessageKind::Template;
        }
        check.that(self.r#type != Some(SendType::Template), "template", "required", "name the template");
        let objects = [
            (self.location.is_some(), SendType::Location),
            (self.contacts.is_some(), SendType::Contact),
            (self.interactive.is_some(), SendType::Interactive),
            (self.poll.is_some(), SendType::Poll),
        ];
        let mut given = objects.into_iter().filter(|(is_there, _)| *is_there).map(|(_, kind)| kind);
        let (told, other) = (given.next(), given.next());
        check.that(other.is_none(), "type", "not_allowed", "give one of location, contacts, interactive and poll");
        let kind = self.r#type.or(told).unwrap_or(SendType::Text);
        let agrees = told.unwrap_or(SendType::Text) == kind;
        check.that(agrees || other.is_some(), "type", "format", "the type and what was given do not agree");
        match kind {
            SendType::Text => MessageKind::Text,
            SendType::Location => MessageKind::Location,
            SendType::Contact => MessageKind::Contacts,
            SendType::Interactive => MessageKind::Interactive,
            SendType::Poll => MessageKind::Poll,
            SendType::Template => MessageKind::Template,
        }
    }
}

/// What a message is that shows this file above its words.
fn kind_of_file(file: &Media) -> MessageKind {
    match file.mime.as_deref().unwrap_or_default().split('/').next() {
        Some("image") => MessageKind::Image,
        Some("video") => MessageKind::Video,
        // Goes above no words: refused where that is asked.
        Some("audio") => MessageKind::Audio,
        _ => MessageKind::Document,
    }
}

/// Buttons without an id are called by their number: a choice of one must be told from a choice of another.
fn numbered(mut asked: Interactive) -> Interactive {
    for (n, button) in asked.buttons.iter_mut().enumerate() {
        if button.id.trim().is_empty() {
            button.id = (n + 1).to_string();
        }
    }
    asked
}

/// Stores a person's message and puts it out, if its channel carries it. A note goes over no channel.
///
/// # Errors
/// As [`conversations::send_message`]; conflicts `not_supported`, `channel_day_limit`; `Invalid` naming the field that is too long for the
/// channel.
pub fn send_message(tx: &mut Tx<'_, '_>, adapters: &Adapters, actor: &Actor, new: NewMessage) -> Result<Stored> {
    fits(tx, adapters, &new)?;
    let (conversation, is_private) = (new.conversation, new.is_private);
    let stored = conversations::send_message(tx, actor, new)?;
    // What is planned counts on the day it goes out.
    if stored.is_new && !is_private && !stored.message.waits() {
        let channel = conversations::require_conversation(tx, conversation)?.channel;
        commands::asked(tx, &tx.require::<Channel>(&channel)?)?;
    }
    Ok(stored)
}

/// As [`send_message`], and refuses before anything is stored: for a command that goes on with others after a refusal.
///
/// # Errors
/// As [`send_message`].
pub(in crate::channels) fn send_one_of_several(
    tx: &mut Tx<'_, '_>,
    adapters: &Adapters,
    actor: &Actor,
    new: NewMessage,
) -> Result<Stored> {
    let there = match &new.client_id {
        Some(client_id) => conversations::by_client_id(tx, client_id)?,
        None => None,
    };
    if there.is_none() && !new.is_private {
        let channel = conversations::require_conversation(tx, new.conversation)?.channel;
        commands::has_room(tx, &tx.require::<Channel>(&channel)?)?;
    }
    send_message(tx, adapters, actor, new)
}

/// Refuses what the conversation's channel does not carry.
///
/// # Errors
/// Those of the channel's table.
pub(in crate::channels) fn fits(tx: &Tx<'_, '_>, adapters: &Adapters, new: &NewMessage) -> Result<()> {
    if new.is_private {
        return Ok(());
    }
    let conversation = conversations::require_conversation(tx, new.conversation)?;
    let channel = tx.require::<Channel>(&conversation.channel)?;
    let said = Said { kind: new.kind, content: &new.content, media: new.media.as_ref(), extra: new.extra.as_deref() };
    adapters.of(channel.kind()).carries().check(said)
}
