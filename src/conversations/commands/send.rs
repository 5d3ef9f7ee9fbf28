//! What goes out: stored first, put out in the same commit, reported back by the hand that sends it.

use super::{
    super::{
        extra::{Extra, Media, Poll},
        model::{
            CLIENT_ID_TO_MESSAGE, CONVERSATION_READ, CONVERSATION_READ_EVENT, CONVERSATION_REPLY, Conversation, Direction,
            EXTERNAL_ID_TO_MESSAGE, MESSAGE_CREATED, Message, MessageError, MessageKind,
        },
        state::MessageStatus,
        trace::StepKind,
        window::Verdict,
    },
    Happening, TEXT_MAX, attend, blank, commit, note_step, schedule, show_last,
    status::{apply_parked, raise, store_message},
    within,
};
use crate::{
    base::{Actor, ConversationId, DeliveryId, Error, MessageId, Result, Timestamp, UserId, error::Check},
    contacts::{self, Contact, Purpose},
    platform::{
        deadletters::{self, NewDeadLetter},
        outbox::NewDelivery,
        store::{Read, Tx, Write},
    },
};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// The kind of delivery the channels' hand takes.
pub const CHANNEL_SEND: &str = "channel.send";
/// Code of a message that was taken back before it went out.
pub const TAKEN_BACK: &str = "taken_back";

/// In whose name a message goes out.
#[derive(Debug, Clone)]
pub enum Author {
    /// A person, whose rights were checked.
    Person {
        /// Who.
        user: UserId,
        /// Their name, as customers and colleagues will read it for ever.
        name: Arc<str>,
    },
    /// A bot or the house itself.
    Bot,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// In which conversation.
    pub conversation: ConversationId,
    /// The client's id of it: sending twice makes one. Becomes the message's id where it is a UUIDv7.
    pub client_id: Option<String>,
    /// What it is.
    pub kind: MessageKind,
    /// Its text, or the caption.
    pub content: String,
    /// Picture, file or sound.
    pub media: Option<Media>,
    /// What few messages have: a place, cards, buttons, the template.
    pub extra: Option<Box<Extra>>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// A note among colleagues instead.
    pub is_private: bool,
    /// Written by a program, even where a person's token sends it.
    pub is_bot: bool,
}

impl NewMessage {
    /// Plain text.
    pub fn text(conversation: ConversationId, content: impl Into<String>) -> Self {
        Self {
            conversation,
            client_id: None,
            kind: MessageKind::Text,
            content: content.into(),
            media: None,
            extra: None,
            reply_to: None,
            is_private: false,
            is_bot: false,
        }
    }
}

/// A message that is stored, and whether it was just now.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The message.
    pub message: Message,
    /// Its conversation as it stands now.
    pub conversation: Conversation,
    /// False where the same client id was sent before.
    pub is_new: bool,
}

/// Stores a person's message and puts it out.
///
/// # Errors
/// `NotFound` and `Forbidden` by the conversation's reach; `Invalid` naming `content`, `clientId`,
/// `replyTo`; conflicts `client_id_reused`, `conversation_closed`, `contact_blocked`, `window_closed`.
pub fn send_message(tx: &mut Tx<'_, '_>, actor: &Actor, new: NewMessage) -> Result<Stored> {
    within(tx, actor, new.conversation, CONVERSATION_REPLY)?;
    send_as(tx, &Author::Person { user: actor.user, name: actor.name.clone() }, new)
}

/// Stores a message in anybody's name and puts it out; rights are the caller's matter.
///
/// # Errors
/// As [`send_message`], without those of reach.
pub fn send_as(tx: &mut Tx<'_, '_>, author: &Author, new: NewMessage) -> Result<Stored> {
    let id = match &new.client_id {
        Some(client_id) => {
            Check::new().length("clientId", client_id, 1, 128).done()?;
            if let Some(there) = by_client_id(tx, client_id)? {
                return same_again(tx, there, &new);
            }
            own_id(client_id)
        }
        None => None,
    };
    let old = tx.require::<Conversation>(&new.conversation)?;
    check(tx, &old, &new)?;
    let message = compose(tx, &old, author, id, new);
    if message.scheduled_for().is_some() {
        return schedule::lay_by(tx, &old, message);
    }
    if !message.is_private {
        may_go_out(tx, &old, asked_kind(&message), purpose_of(message.extra.as_deref()))?;
    }
    enter(tx, &old, message)
}

/// The message as its author wants it.
fn compose(tx: &Tx<'_, '_>, old: &Conversation, author: &Author, id: Option<MessageId>, new: NewMessage) -> Message {
    let mut message = blank(tx, old, id.unwrap_or_else(|| tx.new_id()), Direction::Outbound);
    message.kind = new.kind;
    message.content = new.content;
    message.media = new.media;
    message.extra = new.extra;
    message.reply_to = new.reply_to;
    message.is_private = new.is_private;
    message.is_bot = new.is_bot;
    message.client_id = Some(new.client_id.unwrap_or_else(|| message.id.to_string()));
    match author {
        Author::Person { user, name } => {
            message.sender = Some(*user);
            message.sender_name = Some(name.to_string());
        }
        Author::Bot => message.is_bot = true,
    }
    message
}

/// Gives a message its place at the end of the thread, puts it out unless it is a note, and tells.
fn enter(tx: &mut Tx<'_, '_>, old: &Conversation, mut message: Message) -> Result<Stored> {
    let mut conversation = old.clone();
    conversation.arrivals += 1;
    let now = tx.now();
    let mut told = Vec::with_capacity(1);
    if message.is_private {
        message.status = MessageStatus::Sent;
        message.sent_at = Some(now);
    } else {
        conversation.last_activity_at = now;
        if !message.is_bot {
            conversation.first_reply_at.get_or_insert(now);
            // Who answers has read, and the channel may want to know.
            if old.unread > 0 {
                told.push(Happening::new(CONVERSATION_READ_EVENT, json!({ "read": old.unread, "answered": true })));
            }
            attend::read_all(&mut conversation);
        }
        put_out(tx, &mut message)?;
        contacts::touch(tx, &contacts::require_contact(tx, conversation.contact.id)?)?;
    }
    show_last(&mut conversation, &message);
    message.rev = tx.next_rev();
    tx.replace(None, &message)?;
    told.insert(0, Happening::to_message(MESSAGE_CREATED, &message));
    let conversation = commit(tx, Some(old), conversation, told)?;
    Ok(Stored { message, conversation, is_new: true })
}

/// The message a client knows by `client_id`.
pub fn by_client_id(tx: &Tx<'_, '_>, client_id: &str) -> Result<Option<Message>> {
    if let Some(id) = own_id(client_id)
        && let Some(message) = tx.get::<Message>(&id)?
    {
        return Ok(Some(message));
    }
    tx.find(&CLIENT_ID_TO_MESSAGE, client_id)
}

/// A client's id that can be the message's own: a UUIDv7, written the usual way.
fn own_id(client_id: &str) -> Option<MessageId> {
    let id = Uuid::try_parse(client_id).ok().filter(|id| id.get_version_num() == 7)?;
    (id.to_string() == client_id).then_some(MessageId(id))
}

fn same_again(tx: &Tx<'_, '_>, there: Message, new: &NewMessage) -> Result<Stored> {
    // What happened to it since does not make it another message.
    let original = there.extra.as_ref().and_then(|extra| extra.original.as_ref()).unwrap_or(&there.content);
    let same = there.conversation == new.conversation
        && there.direction == Direction::Outbound
        && there.kind == new.kind
        && *original == new.content
        && there.is_private == new.is_private
        && as_sent(there.extra.as_deref()) == as_sent(new.extra.as_deref())
        && there.reply_to == new.reply_to
        && file_of(&there.media) == file_of(&new.media);
    if !same {
        return Err(Error::conflict("client_id_reused", "this clientId was used for another message: take a new one"));
    }
    let conversation = tx.require(&there.conversation)?;
    Ok(Stored { message: there, conversation, is_new: false })
}

/// Which file a message shows, by its bytes.
fn file_of(media: &Option<Media>) -> Option<&str> {
    media.as_ref()?.hash.as_deref()
}

/// Of the rare facts those that its author gave it.
fn as_sent(extra: Option<&Extra>) -> Extra {
    let Some(extra) = extra else { return Extra::default() };
    Extra {
        place: extra.place.clone(),
        cards: extra.cards.clone(),
        interactive: extra.interactive.clone(),
        template: extra.template.clone(),
        poll: extra.poll.clone().map(|poll| Poll { votes: Vec::new(), ..poll }),
        is_forwarded: extra.is_forwarded,
        ..Extra::default()
    }
}

fn check(tx: &Tx<'_, '_>, conversation: &Conversation, new: &NewMessage) -> Result<()> {
    let mut check = Check::new();
    if new.kind == MessageKind::Text {
        check.length("content", &new.content, 1, TEXT_MAX);
    }
    if let Some(reply_to) = new.reply_to {
        let answered = tx.get::<Message>(&reply_to)?;
        let here = answered.is_some_and(|m| m.conversation == conversation.id);
        check.that(here, "replyTo", "unknown", "name a message of this conversation");
    }
    check.done()
}

/// As what a message asks to go out: one made of a template is a template, whatever its header shows.
pub(super) fn asked_kind(message: &Message) -> MessageKind {
    let is_template = message.extra.as_ref().is_some_and(|extra| extra.template.is_some());
    if is_template { MessageKind::Template } else { message.kind }
}

/// What a message is for: a template knows, and anything else is an answer.
pub(super) fn purpose_of(extra: Option<&Extra>) -> Purpose {
    let category = extra.and_then(|extra| extra.template.as_ref()).and_then(|template| template.category.as_deref());
    if category == Some("MARKETING") { Purpose::Marketing } else { Purpose::Service }
}

/// Refuses what the conversation's state or window does not let out.
pub(super) fn may_go_out(tx: &Tx<'_, '_>, conversation: &Conversation, kind: MessageKind, purpose: Purpose) -> Result<()> {
    is_open(conversation)?;
    is_let_out(tx, conversation, kind, purpose)
}

/// Refuses a closed conversation.
pub(super) fn is_open(conversation: &Conversation) -> Result<()> {
    if conversation.state.is_open() {
        return Ok(());
    }
    Err(Error::conflict("conversation_closed", "this conversation is closed: reopen it before writing"))
}

/// Refuses what the channel, or whoever is written to, does not want now.
pub(super) fn is_let_out(tx: &Tx<'_, '_>, conversation: &Conversation, kind: MessageKind, purpose: Purpose) -> Result<()> {
    let held = match tx.get::<Contact>(&conversation.contact.id)? {
        Some(contact) => (contact.is_blocked, super::opted_out(&contact, conversation.channel)),
        None => (conversation.contact.is_blocked, conversation.contact.opted_out),
    };
    match conversation.may_send_to(held, kind, purpose, tx.now()) {
        Verdict::Yes => Ok(()),
        Verdict::No { reason } if reason == "contact_blocked" => {
            Err(Error::conflict("contact_blocked", "this contact is blocked: unblock them before writing"))
        }
        Verdict::No { reason } if reason.starts_with("opted_out") => {
            Err(Error::conflict("opted_out", "they asked for no more messages: wait until they write"))
        }
        Verdict::TemplateOnly { reason } => {
            Err(Error::conflict("window_closed", format!("only a template may be sent now ({reason})")))
        }
        Verdict::No { reason } => Err(Error::conflict("window_closed", format!("this may not be sent now ({reason})"))),
    }
}

/// Hands the message to the outbox, in the lane of its conversation.
pub(super) fn put_out(tx: &mut Tx<'_, '_>, message: &mut Message) -> Result<()> {
    // The first attempt's delivery bears the message's id, so that a log line leads from one to the other.
    let delivery: DeliveryId = if message.tries == 1 { DeliveryId(message.id.0) } else { tx.new_id() };
    message.delivery = Some(delivery);
    tx.deliver(NewDelivery {
        id: delivery,
        kind: CHANNEL_SEND,
        lane: message.conversation.to_string(),
        payload: json!({ "message": message.id }),
        not_before: None,
    })
}

/// Sends a failed message again, under the same id.
///
/// # Errors
/// `NotFound`, `Forbidden`; conflict `not_failed`, and those of [`send_message`].
pub fn retry_message(tx: &mut Tx<'_, '_>, actor: &Actor, id: MessageId) -> Result<Stored> {
    let old = tx.require::<Message>(&id)?;
    let conversation = within(tx, actor, old.conversation, CONVERSATION_READ).map_err(|_| Error::NotFound("message"))?;
    within(tx, actor, conversation.id, CONVERSATION_REPLY)?;
    if old.status != MessageStatus::Failed || old.direction != Direction::Outbound {
        return Err(Error::conflict("not_failed", "only a failed message can be sent again"));
    }
    if old.is_revoked() {
        return Err(Error::conflict("message_revoked", "this message was taken back: write another one"));
    }
    may_go_out(tx, &conversation, asked_kind(&old), purpose_of(old.extra.as_deref()))?;
    if let Some(given_up) = old.delivery {
        deadletters::taken_up(tx, given_up.into())?;
    }
    let mut message = old.clone();
    try_again(&mut message);
    put_out(tx, &mut message)?;
    let conversation = store_message(tx, &old, &mut message)?;
    Ok(Stored { message, conversation, is_new: false })
}

/// Sets a failed message back to its beginning.
fn try_again(message: &mut Message) {
    message.status = MessageStatus::Pending;
    message.error = None;
    message.tries += 1;
    if let Some(former) = message.external_id.take() {
        message.former_external_ids.push(former);
    }
}

/// An attempt begins; of a failed message too, whose delivery somebody took up again. Changes nothing where
/// a receipt was faster.
///
/// # Errors
/// Conflict `taken_back`: a message that somebody deleted while it waited for its next attempt must not go out after all.
pub fn mark_sending(tx: &mut Tx<'_, '_>, id: MessageId) -> Result<Message> {
    let old = tx.require::<Message>(&id)?;
    if old.is_revoked() {
        return Err(Error::conflict(TAKEN_BACK, "it was taken back before it went out"));
    }
    let mut message = old.clone();
    if old.status == MessageStatus::Failed {
        try_again(&mut message);
    }
    if matches!(message.status, MessageStatus::Pending | MessageStatus::Unknown) {
        message.status = MessageStatus::Sending;
    }
    if message != old {
        store_message(tx, &old, &mut message)?;
    }
    note_step(tx, id, StepKind::Attempt, None, None)?;
    Ok(message)
}

/// A message whose turn has come waits on, because nothing could leave now: no attempt begins. One that had failed, and
/// whose delivery somebody took up again, is pending again.
///
/// # Errors
/// As [`mark_sending`].
pub fn mark_waiting(tx: &mut Tx<'_, '_>, id: MessageId) -> Result<Message> {
    let old = tx.require::<Message>(&id)?;
    if old.is_revoked() {
        return Err(Error::conflict(TAKEN_BACK, "it was taken back before it went out"));
    }
    let mut message = old.clone();
    if old.status == MessageStatus::Failed {
        try_again(&mut message);
        store_message(tx, &old, &mut message)?;
    }
    Ok(message)
}

/// How an attempt ended, as the hand reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took it under this id.
    Sent {
        /// The provider's id.
        external_id: String,
        /// When.
        at: Timestamp,
    },
    /// It will be tried again; the error says what hinders it.
    Later(MessageError),
    /// No answer came: it may have gone out.
    Unknown(MessageError),
    /// It did not go out and won't.
    Failed(MessageError),
}

/// Notes how an attempt ended. Whatever receipts proved meanwhile stands.
pub fn settle_send(tx: &mut Tx<'_, '_>, id: MessageId, outcome: SendOutcome) -> Result<Message> {
    let old = tx.require::<Message>(&id)?;
    let mut message = old.clone();
    match &outcome {
        SendOutcome::Sent { external_id, .. } => note_step(tx, id, StepKind::Accepted, None, Some(external_id))?,
        SendOutcome::Later(error) => note_step(tx, id, StepKind::Delayed, Some(error), None)?,
        SendOutcome::Unknown(error) => note_step(tx, id, StepKind::Unanswered, Some(error), None)?,
        SendOutcome::Failed(error) => note_step(tx, id, StepKind::Refused, Some(error), None)?,
    }
    match outcome {
        SendOutcome::Sent { external_id, at } => {
            let other = tx.find(&EXTERNAL_ID_TO_MESSAGE, (message.channel, external_id.as_str()))?;
            if other.is_some_and(|other| other.id != id) {
                return settle_under_taken_id(tx, id, &external_id);
            }
            if message.external_id.as_deref() != Some(&external_id) {
                if let Some(former) = message.external_id.replace(external_id) {
                    message.former_external_ids.push(former);
                }
                apply_parked(tx, &mut message)?;
            }
            raise(&mut message, MessageStatus::Sent, at, None);
        }
        SendOutcome::Later(error) if !message.status.is_settled() => {
            message.status = MessageStatus::Pending;
            message.error = Some(error);
        }
        SendOutcome::Unknown(error) if !message.status.is_settled() => {
            message.status = MessageStatus::Unknown;
            message.error = Some(error);
        }
        SendOutcome::Failed(error) if !message.status.is_settled() => {
            message.error = None;
            raise(&mut message, MessageStatus::Failed, tx.now(), Some(error));
        }
        SendOutcome::Later(_) | SendOutcome::Unknown(_) | SendOutcome::Failed(_) => {}
    }
    if message != old {
        store_message(tx, &old, &mut message)?;
    }
    Ok(message)
}

/// The provider answered with an id that another message of ours has: which of the two a receipt will speak of,
/// nobody knows. The message stands as unknown instead of for ever on its way, and a letter tells why.
fn settle_under_taken_id(tx: &mut Tx<'_, '_>, id: MessageId, external_id: &str) -> Result<Message> {
    let reason = format!("the provider answered with the id {external_id}, which another message has");
    tx.bury(NewDeadLetter {
        kind: "delivery",
        code: "provider_id_taken".into(),
        reason: reason.clone(),
        subject: Some(id.into()),
        raw: external_id.as_bytes().to_vec(),
        retry: serde_json::Value::Null,
    })?;
    let error = MessageError { code: "provider_id_taken".into(), reason, next_step: Some("wait_for_receipt".into()) };
    settle_send(tx, id, SendOutcome::Unknown(error))
}
