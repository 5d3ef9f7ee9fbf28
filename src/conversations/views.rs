//! Conversations as the API and the frames show them.
//!
//! Who may not see contacts gets the same shapes with addresses masked ([`Sight::Masked`]).

use super::{
    model::{Card, Conversation, Direction, FlowState, LastMessage, MessageKind, Priority},
    state::{MessageStatus, State},
    window::Verdict,
};
use crate::{
    base::{Actor, ChannelId, ContactId, ConversationId, Error, MessageId, QueueId, Reach, Result, TenantId, Timestamp, UserId},
    contacts::{CONTACT_READ, Purpose},
    platform::{
        realtime::Class,
        store::{Record, Row, Rows, View},
    },
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{
    borrow::Borrow,
    sync::{Arc, OnceLock},
};
use utoipa::ToSchema;

/// How much of people's addresses one sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of them.
    Full,
    /// Phone numbers masked, e-mail addresses hidden.
    Masked,
}

impl Sight {
    /// What `actor` sees.
    pub fn of(actor: &Actor) -> Self {
        if actor.grants.reach(CONTACT_READ) == Some(Reach::Tenant) { Sight::Full } else { Sight::Masked }
    }
    /// The class of frames people with this sight share.
    pub fn class(self) -> Class {
        Class(self as u8)
    }
    /// The sight of a class.
    pub fn of_class(class: Class) -> Self {
        if class == Class(0) { Sight::Full } else { Sight::Masked }
    }
}

/// `+33639980001` as `+33•••••••01`: enough to tell two apart, too little to call.
pub(super) fn mask(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let (head, tail) = (3.min(letters.len()), letters.len().saturating_sub(2));
    letters.iter().enumerate().map(|(n, c)| if n < head || n >= tail.max(head) { *c } else { '•' }).collect()
}

/// The contact as conversations show it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompactContact {
    /// Its id.
    id: ContactId,
    /// Running number.
    number: u64,
    /// Name shown.
    #[schema(example = "Ana Lima")]
    name: String,
    /// Phone number in E.164; masked for who may not see contacts.
    #[schema(example = "+33639980001")]
    phone_number: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Picture.
    avatar_url: Option<String>,
    /// Blocked by us?
    is_blocked: bool,
    /// A group instead of a person?
    is_group: bool,
}

impl CompactContact {
    fn of(card: Card, sight: Sight) -> Self {
        let Card { id, number, mut name, mut phone, mut email, avatar_url, is_blocked, is_group, .. } = card;
        if sight == Sight::Masked {
            // Somebody without a name is shown by an address: that is masked too.
            let is_address = name.contains('@') || name.chars().filter(char::is_ascii_digit).count() >= 6;
            if is_address {
                name = mask(&name);
            }
            phone = phone.as_deref().map(mask);
            email = None;
        }
        Self { id, number, name, phone_number: phone, email, avatar_url, is_blocked, is_group }
    }
}

/// The newest message as lists show it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LastMessage)]
pub struct LastMessageView {
    id: MessageId,
    r#type: MessageKind,
    #[schema(example = "Good morning, my car won't start")]
    preview: String,
    direction: Direction,
    status: MessageStatus,
    is_private: bool,
    /// A voice note?
    #[serde(skip_serializing_if = "is_false")]
    is_voice: bool,
    /// Taken back?
    #[serde(skip_serializing_if = "is_false")]
    is_revoked: bool,
    /// Who of a group wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    at: Timestamp,
}

/// For facts left out where they don't hold.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(super) fn is_false(is: &bool) -> bool {
    !is
}

impl From<LastMessage> for LastMessageView {
    fn from(m: LastMessage) -> Self {
        let LastMessage { id, kind, preview, direction, status, at, is_private, is_voice, is_revoked, author, .. } = m;
        Self { id, r#type: kind, preview, direction, status, is_private, is_voice, is_revoked, author, at }
    }
}

/// What may be sent in a conversation, as of the answer's time.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SendWindow)]
pub struct SendWindowView {
    /// Of `text`, `media`, `template`: what may go out now.
    #[schema(example = json!(["text", "media", "template"]))]
    kinds: Vec<&'static str>,
    /// When that changes by itself.
    until: Option<Timestamp>,
    /// What may go out from then on.
    #[schema(example = json!(["template"]))]
    kinds_after: Vec<&'static str>,
    /// Stable code of why it is so: `contact_blocked`, `opted_out`, `window_closed`, the channel's own.
    reason: Option<String>,
}

impl SendWindowView {
    fn of(c: &Conversation, now: Timestamp) -> Self {
        let verdict = |kind, at| c.may_send(kind, Purpose::Service, at);
        let groups = [("text", MessageKind::Text), ("media", MessageKind::Image), ("template", MessageKind::Template)];
        let kinds_at =
            |at| groups.into_iter().filter(|(_, kind)| verdict(*kind, at) == Verdict::Yes).map(|(word, _)| word).collect();
        let kinds: Vec<_> = kinds_at(now);
        let kinds_after = c.window.until.map_or_else(|| kinds.clone(), kinds_at);
        let reason = match verdict(MessageKind::Text, now) {
            Verdict::Yes => c.window.reason.clone(),
            Verdict::TemplateOnly { reason } | Verdict::No { reason } => Some(reason),
        };
        Self { kinds, until: c.window.until, kinds_after, reason }
    }
}

/// A conversation as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Conversation)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// Running number.
    #[schema(example = 4711)]
    number: u64,
    /// The number people read out.
    #[schema(example = "202622110930004711")]
    protocol: String,
    /// `OPEN` (waits), `ASSIGNED` (attended to), `RESOLVED`, `ARCHIVED`.
    status: State,
    /// How urgent it is.
    priority: Priority,
    /// With whom.
    contact: CompactContact,
    /// Their phone number.
    customer_phone: Option<String>,
    /// Their name.
    customer_name: String,
    /// Over which channel.
    channel_id: ChannelId,
    /// In which queue.
    queue_id: Option<QueueId>,
    /// The same, as one source calls it.
    department_id: Option<QueueId>,
    /// Who attends or last attended to it.
    assigned_to: Option<UserId>,
    /// The same, as one source calls it.
    assigned_user_id: Option<UserId>,
    /// The tenant, as one source calls it.
    company_id: TenantId,
    /// Inbound messages nobody read yet.
    unread: u32,
    /// The newest message.
    last_message: Option<LastMessageView>,
    /// What lists are sorted by.
    last_message_at: Timestamp,
    /// The customer's last message.
    last_inbound_at: Option<Timestamp>,
    /// What may be sent.
    send_window: SendWindowView,
    /// Step of the conversational flow.
    flow_state: FlowState,
    /// When that step gives up.
    timeout_at: Option<Timestamp>,
    /// When it reached its queue.
    routed_at: Option<Timestamp>,
    /// When its attendant got it: the start of attendance.
    assigned_at: Option<Timestamp>,
    /// When the greeting went out.
    greeting_sent_at: Option<Timestamp>,
    /// When a person first answered.
    first_reply_at: Option<Timestamp>,
    /// Queue of the contact's conversation before.
    last_department_id: Option<QueueId>,
    /// Attendant of the contact's conversation before.
    last_attendant_id: Option<UserId>,
    /// What the channel keeps of it.
    #[schema(value_type = Object)]
    metadata: Option<Box<RawValue>>,
    /// Opening.
    created_at: Timestamp,
    /// Last change.
    updated_at: Timestamp,
    /// Resolution.
    resolved_at: Option<Timestamp>,
    /// Putting away.
    archived_at: Option<Timestamp>,
    /// Sequence of the last change.
    rev: u64,
}

impl ConversationView {
    /// `c` as one with `sight` sees it at `now`.
    pub fn of(c: Conversation, tenant: TenantId, sight: Sight, now: Timestamp) -> Self {
        let send_window = SendWindowView::of(&c, now);
        let contact = CompactContact::of(c.contact, sight);
        Self {
            id: c.id,
            number: c.number,
            protocol: c.protocol,
            status: c.state,
            priority: c.priority,
            customer_phone: contact.phone_number.clone(),
            customer_name: contact.name.clone(),
            contact,
            channel_id: c.channel,
            queue_id: c.queue,
            department_id: c.queue,
            assigned_to: c.assignee,
            assigned_user_id: c.assignee,
            company_id: tenant,
            unread: c.unread,
            last_message: c.last_message.map(Into::into),
            last_message_at: c.last_activity_at,
            last_inbound_at: c.last_inbound_at,
            send_window,
            flow_state: c.flow_state,
            timeout_at: c.timeout_at,
            routed_at: c.routed_at,
            assigned_at: c.assigned_at,
            greeting_sent_at: c.greeting_sent_at,
            first_reply_at: c.first_reply_at,
            last_department_id: c.last_queue,
            last_attendant_id: c.last_attendant,
            metadata: json_text(c.metadata, sight),
            created_at: c.created_at,
            updated_at: c.updated_at,
            resolved_at: c.resolved_at,
            archived_at: c.archived_at,
            rev: c.rev,
        }
    }
}

/// Conversations as lists show them, kept as JSON: the inbox is asked for all day, and its rows change seldom.
pub struct Faces(Rows<Conversation, Made>);

/// One text for each sight, while the send window is open and once it has closed: nothing else makes two
/// answers about one stored conversation differ.
type Made = [OnceLock<Box<RawValue>>; 4];

/// Conversations kept, about 4 kB each.
const FACES_MAX: usize = 2_000;

impl Default for Faces {
    fn default() -> Self {
        Self(Rows::new(FACES_MAX))
    }
}

impl Faces {
    /// Conversation `id` as `view` sees it now, or `NotFound`.
    ///
    /// # Errors
    /// As the store's `require`.
    pub(super) fn of(&self, view: &View, id: &ConversationId) -> Result<Face> {
        let row = self.0.get(view, view.tenant(), id)?.ok_or(Error::NotFound(Conversation::NAME))?;
        Ok(Face { row, kind: 0 })
    }
}

/// A conversation that writes itself as its [`ConversationView`].
#[derive(Debug, Clone)]
pub(super) struct Face {
    row: Arc<Row<Conversation, Made>>,
    kind: usize,
}

impl Borrow<Conversation> for Face {
    fn borrow(&self) -> &Conversation {
        &self.row
    }
}

impl Face {
    /// As one with `sight` sees it at `now`.
    ///
    /// # Errors
    /// If it can't be written as JSON, which no stored conversation can't.
    pub(super) fn seen(self, tenant: TenantId, sight: Sight, now: Timestamp) -> Result<Self> {
        let kind = sight as usize | usize::from(self.row.window.is_closed(now)) << 1;
        if self.row.made[kind].get().is_none() {
            let view = ConversationView::of(Conversation::clone(&self.row), tenant, sight, now);
            let text =
                serde_json::value::to_raw_value(&view).map_err(|e| Error::internal(format!("show a conversation: {e}")))?;
            // Whoever was first has written the same.
            let _ = self.row.made[kind].set(text);
        }
        Ok(Self { kind, ..self })
    }
}

impl Serialize for Face {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.row.made[self.kind].get().serialize(s)
    }
}

/// Stored JSON text as JSON; what providers say of people is for those who may see contacts.
pub(super) fn json_text(text: Option<String>, sight: Sight) -> Option<Box<RawValue>> {
    text.filter(|_| sight == Sight::Full).and_then(|text| RawValue::from_string(text).ok())
}

/// A conversation in the words of the ticket API.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Ticket)]
pub struct TicketView {
    /// Its id.
    pub id: ConversationId,
    /// Running number.
    number: u64,
    /// The number people read out.
    protocol: String,
    /// `PENDING` (waits), `OPEN` (attended to), `CLOSED`.
    #[schema(example = "PENDING")]
    status: &'static str,
    /// How urgent it is.
    priority: Priority,
    /// Inbound messages nobody read yet.
    unread_messages: u32,
    /// With whom.
    contact_id: ContactId,
    /// With whom, in brief.
    contact: CompactContact,
    /// Who attends to it.
    user_id: Option<UserId>,
    /// In which queue.
    queue_id: Option<QueueId>,
    /// Over which channel.
    whatsapp_id: ChannelId,
    /// Beginning of the newest message.
    last_message: Option<String>,
    /// When that was.
    last_message_at: Timestamp,
    /// Start of attendance.
    started_at: Option<Timestamp>,
    /// Closing.
    closed_at: Option<Timestamp>,
    /// Opening.
    created_at: Timestamp,
    /// Last change.
    updated_at: Timestamp,
    /// Sequence of the last change.
    rev: u64,
}

impl TicketView {
    /// `c` as one with `sight` sees it.
    pub fn of(c: Conversation, sight: Sight) -> Self {
        Self {
            id: c.id,
            number: c.number,
            protocol: c.protocol,
            status: c.state.ticket_word(),
            priority: c.priority,
            unread_messages: c.unread,
            contact_id: c.contact.id,
            contact: CompactContact::of(c.contact, sight),
            user_id: c.assignee.filter(|_| c.state != State::Waiting),
            queue_id: c.queue,
            whatsapp_id: c.channel,
            last_message: c.last_message.map(|m| m.preview),
            last_message_at: c.last_activity_at,
            started_at: c.assigned_at,
            closed_at: c.resolved_at,
            created_at: c.created_at,
            updated_at: c.updated_at,
            rev: c.rev,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_leave_too_little_to_call() {
        for (number, expected) in
            [("+33639980001", "+33•••••••01"), ("12", "12"), ("1234", "1234"), ("123456", "123•56"), ("", "")]
        {
            assert_eq!(mask(number), expected);
        }
    }
}
