//! All writes on conversations and messages.

mod acts;
mod attend;
mod forward;
mod inbound;
mod media;
mod news;
mod schedule;
mod send;
mod status;

pub use acts::{ActOutcome, CHANNEL_ACT, CanAct, edit, react, remove, settle_act};
pub use attend::{
    add_note, archive, assign, has_attended, mark_read, put_back, refresh_cards, reopen, reroute, resolve, set_priority,
    set_window, take, transfer, unassign,
};
pub use forward::{FORWARDED_MAX, Forwarded, forward};
pub use inbound::{Inbound, Opening, Received, in_flight, open_conversation, receive_inbound};
pub use media::{MEDIA_FETCH, retry_media, settle_media};
pub use news::apply_news;
pub use schedule::{Replan, SCHEDULE_AHEAD_MAX, SCHEDULED_SEND, cancel_scheduled, replan, scheduled_is_due, send_scheduled_now};
pub use send::{
    Author, CHANNEL_SEND, NewMessage, SendOutcome, Stored, TAKEN_BACK, by_client_id, mark_sending, mark_waiting, retry_message,
    send_as, send_message, settle_send,
};
pub use status::{PARKED_FOR, StatusNews, StatusOutcome, apply_status};

use super::{
    counters,
    model::{
        CONVERSATION_READ, Card, Conversation, Direction, EXTERNAL_ID_TO_MESSAGE, LastMessage, Message, MessageError,
        MessageKind, NUMBER_TO_CONVERSATION, OPEN_CONVERSATION_OF_CONTACT, THREAD,
    },
    trace::{Step, StepKind},
    window::OptedOut,
};
use crate::{
    base::{Actor, ChannelId, ContactId, ConversationId, Error, MessageId, Permission, Result, UserId, text},
    contacts::{Contact, Purpose},
    platform::{
        journal::{Audience, NewEvent},
        store::{KeyRange, Read, TenantScope, Tx, Write},
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Messages looked through for the customer's last one.
const LAST_SOUGHT_MAX: usize = 200;
/// Characters of a message that the list shows.
const PREVIEW_MAX: usize = 140;

/// What an event says besides where the conversation stands.
struct Happening {
    kind: &'static str,
    /// The message it is about; `None`: the conversation.
    subject: Option<MessageId>,
    data: Value,
}

impl Happening {
    fn new(kind: &'static str, data: Value) -> Self {
        Self { kind, subject: None, data }
    }
    fn to_message(kind: &'static str, message: &Message) -> Self {
        let data = json!({
            "conversation": message.conversation,
            "direction": message.direction,
            "kind": message.kind,
            "status": message.status,
            "private": message.is_private,
        });
        Self { kind, subject: Some(message.id), data }
    }
}

/// Stores a conversation with its counters and tells what happened. A conversation that did not change
/// and to which nothing happened is neither written nor told of.
fn commit(
    tx: &mut Tx<'_, '_>,
    old: Option<&Conversation>,
    mut new: Conversation,
    happenings: Vec<Happening>,
) -> Result<Conversation> {
    if old == Some(&new) && happenings.is_empty() {
        return Ok(new);
    }
    let last = happenings.len().saturating_sub(1) as u64;
    new.rev = tx.next_rev() + last;
    new.updated_at = tx.now();
    tx.replace(old, &new)?;
    for (name, of, by) in counters::difference(old, &new) {
        tx.count(name, of.key(), by)?;
    }
    let before = old.map_or_else(Audience::nobody, Conversation::audience);
    let after = new.audience();
    for Happening { kind, subject, data } in happenings {
        let subject: Uuid = subject.map_or(new.id.into(), Into::into);
        tx.emit(NewEvent { kind, subject, before: before.clone(), after: after.clone(), data })?;
    }
    Ok(new)
}

/// The conversation, if `actor` may see it and do what needs `permission`.
///
/// # Errors
/// `NotFound` where they may not even see it, `Forbidden` where they may see it but not do this.
fn within(tx: &Tx<'_, '_>, actor: &Actor, id: ConversationId, permission: Permission) -> Result<Conversation> {
    let conversation = tx.require::<Conversation>(&id)?;
    if !conversation.is_within(actor, CONVERSATION_READ) {
        return Err(Error::NotFound("conversation"));
    }
    if !conversation.is_within(actor, permission) {
        return Err(Error::Forbidden(permission.0.into()));
    }
    Ok(conversation)
}

/// The contact as lists of conversations over `channel` need it; `home` is whom the address belongs to by itself.
fn card(contact: &Contact, home: ContactId, channel: ChannelId) -> Card {
    Card {
        id: contact.id,
        home: (home != contact.id).then_some(home),
        number: contact.number,
        name: contact.name.clone(),
        phone: contact.phone_number().map(str::to_owned),
        email: contact.email().map(str::to_owned),
        avatar_url: contact.avatar_url.clone(),
        is_blocked: contact.is_blocked,
        is_group: contact.group.is_some(),
        opted_out: opted_out(contact, channel),
    }
}

/// What a contact asked not to receive over `channel`.
fn opted_out(contact: &Contact, channel: ChannelId) -> OptedOut {
    OptedOut {
        service: contact.opted_out_at(channel, Purpose::Service),
        marketing: contact.opted_out_at(channel, Purpose::Marketing),
    }
}

/// Takes `message` over as the newest one if it is that by the time shown, or is the newest one itself.
fn show_last(conversation: &mut Conversation, message: &Message) {
    if message.scheduled_for().is_some() {
        return;
    }
    let newer = conversation
        .last_message
        .as_ref()
        .is_none_or(|last| last.id == message.id || (message.at, message.arrival) >= (last.at, last.arrival));
    if newer {
        let author = message.extra.as_ref().and_then(|extra| extra.author.as_ref());
        conversation.last_message = Some(LastMessage {
            id: message.id,
            kind: message.kind,
            preview: preview(message),
            direction: message.direction,
            status: message.status,
            at: message.at,
            arrival: message.arrival,
            is_private: message.is_private,
            is_voice: message.media.as_ref().is_some_and(|media| media.is_voice),
            is_revoked: message.is_revoked(),
            author: author.map(|author| author.name.clone().unwrap_or_else(|| author.address.clone())),
        });
    }
}

/// What stands for a message in a list beside its kind: its text or caption, else what names it. No sentence of ours:
/// the client words the kind.
pub(in crate::conversations) fn preview(message: &Message) -> String {
    if message.is_revoked() {
        return String::new();
    }
    let extra = message.extra.as_deref();
    let text = if !message.content.is_empty() {
        message.content.as_str()
    } else if let Some(file) = message.media.as_ref().and_then(|media| media.file_name.as_deref()) {
        file
    } else if let Some(place) = extra.and_then(|extra| extra.place.as_ref()) {
        place.name.as_deref().or(place.address.as_deref()).unwrap_or_default()
    } else if let Some(choice) = extra.and_then(|extra| extra.choice.as_ref()) {
        &choice.title
    } else if let Some(poll) = extra.and_then(|extra| extra.poll.as_ref()) {
        &poll.question
    } else {
        extra.and_then(|extra| extra.cards.first()).map(|card| card.name.as_str()).unwrap_or_default()
    };
    text::shorten(&text.split_whitespace().collect::<Vec<_>>().join(" "), PREVIEW_MAX)
}

/// The conversation with this running number.
pub fn conversation_of_number(source: &impl Read<Scope = TenantScope>, number: u64) -> Result<Option<Conversation>> {
    source.find(&NUMBER_TO_CONVERSATION, number)
}

/// The conversation, for rooms above that judge rights themselves.
pub fn require_conversation(source: &impl Read<Scope = TenantScope>, id: ConversationId) -> Result<Conversation> {
    source.require::<Conversation>(&id)
}

/// Is a message of the provider's id there already?
pub fn is_known(source: &impl Read<Scope = TenantScope>, channel: ChannelId, external_id: &str) -> Result<bool> {
    Ok(source.find(&EXTERNAL_ID_TO_MESSAGE, (channel, external_id))?.is_some())
}

/// The message, for rooms above that judge rights themselves.
pub fn require_message(source: &impl Read<Scope = TenantScope>, id: MessageId) -> Result<Message> {
    source.require::<Message>(&id)
}

/// Provider's ids of the last `max` messages a conversation sent out, for rooms above.
pub fn sent_lately(source: &impl Read<Scope = TenantScope>, id: ConversationId, max: usize) -> Result<Vec<String>> {
    let newest = source.list(&THREAD, KeyRange::prefix(id).reverse())?.take(max);
    let mut ids = Vec::new();
    for hit in newest {
        let (message, _) = hit?;
        if message.direction == Direction::Outbound {
            ids.extend(message.external_id.into_iter().chain(message.former_external_ids));
        }
    }
    Ok(ids)
}

/// The open conversation of a contact over a channel; `home` is whom the address belongs to by itself.
///
/// # Errors
/// The store's.
pub fn open_of_contact(
    source: &impl Read<Scope = TenantScope>,
    channel: ChannelId,
    home: ContactId,
) -> Result<Option<Conversation>> {
    source.find(&OPEN_CONVERSATION_OF_CONTACT, (channel, home))
}

/// The customer's last message in a conversation, or the last one that somebody of us read.
///
/// # Errors
/// The store's.
pub fn last_inbound(
    source: &impl Read<Scope = TenantScope>,
    conversation: &Conversation,
    is_read: bool,
) -> Result<Option<Message>> {
    for hit in source.list(&THREAD, KeyRange::prefix(conversation.id).reverse())?.take(LAST_SOUGHT_MAX) {
        let message = hit?.0;
        if message.direction == Direction::Inbound && (!is_read || message.arrival < conversation.read_arrival) {
            return Ok(Some(message));
        }
    }
    Ok(None)
}

/// Text every channel of today carries in one message.
pub const TEXT_MAX: usize = 4096;

/// A message as it begins, to be filled in.
fn blank(tx: &Tx<'_, '_>, conversation: &Conversation, id: MessageId, direction: Direction) -> Message {
    let now = tx.now();
    Message {
        id,
        conversation: conversation.id,
        channel: conversation.channel,
        direction,
        kind: MessageKind::Text,
        content: String::new(),
        status: super::MessageStatus::Pending,
        client_id: None,
        external_id: None,
        former_external_ids: Vec::new(),
        reply_to: None,
        is_private: false,
        is_bot: false,
        sender: None,
        sender_name: None,
        media: None,
        extra: None,
        error: None,
        metadata: None,
        delivery: None,
        tries: 1,
        at: now,
        arrival: conversation.arrivals,
        created_at: now,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        rev: 0,
    }
}

/// Notes a step of a message on its way out.
fn note_step(
    tx: &mut Tx<'_, '_>,
    message: MessageId,
    kind: StepKind,
    error: Option<&MessageError>,
    external_id: Option<&str>,
) -> Result<()> {
    let (id, at) = (tx.new_id(), tx.now());
    let external_id = external_id.map(str::to_owned);
    tx.replace(None, &Step { id, message, kind, at, external_id, error: error.cloned(), by: None })
}

/// Notes what one of us did to a message.
fn note_deed(
    tx: &mut Tx<'_, '_>,
    message: MessageId,
    kind: StepKind,
    by: Option<UserId>,
    error: Option<&MessageError>,
) -> Result<()> {
    let (id, at) = (tx.new_id(), tx.now());
    tx.replace(None, &Step { id, message, kind, at, external_id: None, error: error.cloned(), by })
}
