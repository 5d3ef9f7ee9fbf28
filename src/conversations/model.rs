//! Conversations, messages, assignments: records with the indexes that are the inbox's lists.

mod assignment;
mod news;

pub use assignment::{ASSIGNMENTS_OF_CONVERSATION, Assignment, AssignmentReason};
pub use news::{News, PARKED_BY_MESSAGE, ParkedNews};

use super::{
    extra::{Extra, Media, Who},
    state::{MessageStatus, State},
    window::{OptedOut, SendWindow},
};
use crate::{
    base::{
        Actor, AssignmentId, ChannelId, ContactId, ConversationId, DeliveryId, MessageId, Permission, QueueId, Reach, Timestamp,
        UserId,
    },
    platform::{
        journal::Audience,
        store::{Index, Record, TableId, TenantScope},
    },
};
use serde::{Deserialize, Serialize};

/// See conversations and their messages.
pub const CONVERSATION_READ: Permission = Permission("conversation.read");
/// Write to customers and notes to colleagues; mark as read.
pub const CONVERSATION_REPLY: Permission = Permission("conversation.reply");
/// Take, give and transfer conversations; set their priority.
pub const CONVERSATION_ASSIGN: Permission = Permission("conversation.assign");
/// Resolve and reopen.
pub const CONVERSATION_RESOLVE: Permission = Permission("conversation.resolve");
/// Archive.
pub const CONVERSATION_ARCHIVE: Permission = Permission("conversation.archive");

/// A conversation began. Listeners of all these: realtime, search; automation and flows later.
pub const CONVERSATION_CREATED: &str = "conversation.created";
/// Facts of a conversation changed: queue, priority, state by reopening or archiving, window, contact card.
pub const CONVERSATION_UPDATED: &str = "conversation.updated";
/// Another person attends to it, or nobody any more.
pub const CONVERSATION_ASSIGNED: &str = "conversation.assigned";
/// It is done.
pub const CONVERSATION_RESOLVED: &str = "conversation.resolved";
/// Somebody read what the customer wrote. Channels tells the provider where it wants to know.
pub const CONVERSATION_READ_EVENT: &str = "conversation.read";
/// The customer wrote.
pub const MESSAGE_RECEIVED: &str = "message.received";
/// One of us, a bot or a phone app of ours wrote.
pub const MESSAGE_CREATED: &str = "message.created";
/// A message's status or error changed.
pub const MESSAGE_UPDATED: &str = "message.updated";

/// How urgent a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Priority {
    /// Can wait.
    Low,
    /// As most are.
    #[default]
    Normal,
    /// Before others.
    High,
    /// Now.
    Urgent,
}

/// Step of the conversational flow. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowState {
    /// The customer wrote, nobody answered yet.
    #[default]
    Greeting,
    /// They chose a queue.
    DepartmentSelected,
    /// A person attends.
    Assigned,
    /// They are asked whether they want to be routed elsewhere.
    AwaitingRoutingConfirmation,
    /// Nobody answered in time.
    TimeoutRedirect,
    /// Done.
    Resolved,
}

/// Who wrote, seen from the firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Direction {
    /// The customer.
    Inbound,
    /// The firm.
    Outbound,
}

/// What a message consists of. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MessageKind {
    /// Words.
    Text,
    /// A picture.
    Image,
    /// A file.
    Document,
    /// Sound, voice notes too.
    Audio,
    /// Moving pictures.
    Video,
    /// A sticker.
    Sticker,
    /// A place.
    Location,
    /// Business cards.
    Contacts,
    /// Buttons and lists, and the answers to them.
    Interactive,
    /// A reaction to another message.
    Reaction,
    /// A shopping basket.
    Order,
    /// A template approved by the provider.
    Template,
    /// A notice of the provider, e.g. that somebody has a new number.
    System,
    /// Something this version can't show; its raw form is kept.
    Unsupported,
    /// A question with answers to choose from.
    Poll,
}

/// Why a message did not go out, and what a person can do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageError {
    /// The provider's or our own code.
    #[schema(example = "131047")]
    pub code: String,
    /// The provider's words.
    pub reason: String,
    /// Stable code of what to do, e.g. `send_template`, `retry`, `fix_channel`.
    pub next_step: Option<String>,
}

/// The newest message as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Its id.
    pub id: MessageId,
    /// What it is.
    pub kind: MessageKind,
    /// Its beginning.
    pub preview: String,
    /// Who wrote.
    pub direction: Direction,
    /// How far it got.
    pub status: MessageStatus,
    /// When, as shown.
    pub at: Timestamp,
    /// Its place among those of the same moment.
    pub arrival: u64,
    /// A note among colleagues?
    pub is_private: bool,
    /// A voice note?
    pub is_voice: bool,
    /// Taken back? Then there is no preview.
    pub is_revoked: bool,
    /// Who of a group wrote it: their name, else their address.
    pub author: Option<String>,
}

/// What the list needs to know of the contact; kept up to date by a reaction to the contact's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Who.
    pub id: ContactId,
    /// The contact its address belongs to by itself, where that one became part of `id`.
    pub home: Option<ContactId>,
    /// Their running number.
    pub number: u64,
    /// Name shown.
    pub name: String,
    /// Phone number in E.164.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Blocked by us?
    pub is_blocked: bool,
    /// A group instead of a person?
    pub is_group: bool,
    /// What they don't want to receive over this conversation's channel.
    pub opted_out: OptedOut,
}

impl Card {
    /// The contact the conversation stays with, whatever becomes part of what: its address is theirs.
    pub fn home(&self) -> ContactId {
        self.home.unwrap_or(self.id)
    }
}

/// One thread with one contact over one channel, from its opening to its resolution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Its running number in the tenant.
    pub number: u64,
    /// The number people read out.
    pub protocol: String,
    /// Where it stands.
    pub state: State,
    /// How urgent it is.
    pub priority: Priority,
    /// With whom.
    pub contact: Card,
    /// Where an answer goes, as the channel's adapter reads it (a `wa_id`, an e-mail address).
    pub address: String,
    /// Over which channel.
    pub channel: ChannelId,
    /// In which queue.
    pub queue: Option<QueueId>,
    /// Who attends or, once resolved, last attended to it.
    pub assignee: Option<UserId>,
    /// The open stretch of its assignment history.
    pub assignment: Option<AssignmentId>,
    /// Inbound messages not read yet.
    pub unread: u32,
    /// Arrival number of the last inbound message somebody read.
    pub read_arrival: u64,
    /// The newest message.
    pub last_message: Option<LastMessage>,
    /// Orders the lists: the last message's arrival, or the opening.
    pub last_activity_at: Timestamp,
    /// The customer's last message.
    pub last_inbound_at: Option<Timestamp>,
    /// The first answer by a person.
    pub first_reply_at: Option<Timestamp>,
    /// What may be sent.
    pub window: SendWindow,
    /// Step of the conversational flow.
    pub flow_state: FlowState,
    /// When the present step of the flow gives up.
    pub timeout_at: Option<Timestamp>,
    /// When it reached its queue.
    pub routed_at: Option<Timestamp>,
    /// When its present attendant got it.
    pub assigned_at: Option<Timestamp>,
    /// When the greeting went out.
    pub greeting_sent_at: Option<Timestamp>,
    /// Queue of the contact's conversation before this one.
    pub last_queue: Option<QueueId>,
    /// Attendant of the contact's conversation before this one.
    pub last_attendant: Option<UserId>,
    /// What the adapter needs to keep (chat id, profile), as JSON text.
    pub metadata: Option<String>,
    /// Messages so far: the next one's arrival number.
    pub arrivals: u64,
    /// Opening.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Resolution.
    pub resolved_at: Option<Timestamp>,
    /// Putting away.
    pub archived_at: Option<Timestamp>,
    /// Sequence of the last change.
    pub rev: u64,
}

impl Conversation {
    /// May `actor` do what needs `permission` to this conversation? Judged by reach: their own, their queues', all.
    pub fn is_within(&self, actor: &Actor, permission: Permission) -> bool {
        match actor.grants.reach(permission) {
            None => false,
            Some(Reach::Tenant) => true,
            Some(Reach::Queue | Reach::Organisation) => {
                self.assignee == Some(actor.user) || self.queue.is_some_and(|queue| actor.queues.contains(&queue))
            }
            Some(Reach::Own) => self.assignee == Some(actor.user),
        }
    }
    /// Whom events about it concern.
    pub fn audience(&self) -> Audience {
        Audience { queue: self.queue, assignee: self.assignee, ..Audience::holders(CONVERSATION_READ) }
    }
}

/// The one open conversation of a contact on a channel.
pub static OPEN_CONVERSATION_OF_CONTACT: Index<Conversation> = Index::unique(0x5001, "open conversation", |c, entries| {
    if c.state.is_open() {
        entries.add((c.channel, c.contact.home()));
    }
});
/// Running number to conversation.
pub static NUMBER_TO_CONVERSATION: Index<Conversation> = Index::unique(0x5002, "number", |c, entries| entries.add(c.number));
/// Protocol number to conversation; a prefix walk finds what begins with the digits typed.
pub static PROTOCOL_TO_CONVERSATION: Index<Conversation> =
    Index::unique(0x5003, "protocol number", |c, entries| entries.add(c.protocol.as_str()));
/// The tenant's list, one stretch a state.
pub static CONVERSATIONS_BY_STATE: Index<Conversation> =
    Index::ordered(0x5004, "conversations by state", |c, entries| entries.add((c.state.code(), c.last_activity_at)));
/// A queue's list, one stretch a state.
pub static CONVERSATIONS_BY_QUEUE: Index<Conversation> =
    Index::ordered(0x5005, "conversations by queue", |c, entries| entries.add((c.queue, c.state.code(), c.last_activity_at)));
/// A person's list, one stretch a state.
pub static CONVERSATIONS_BY_ASSIGNEE: Index<Conversation> = Index::ordered(0x5006, "conversations by assignee", |c, entries| {
    if let Some(assignee) = c.assignee {
        entries.add((assignee, c.state.code(), c.last_activity_at));
    }
});
/// A channel's list, one stretch a state.
pub static CONVERSATIONS_BY_CHANNEL: Index<Conversation> =
    Index::ordered(0x5007, "conversations by channel", |c, entries| entries.add((c.channel, c.state.code(), c.last_activity_at)));
/// A contact's history, without that of its parts; not by activity, so a message need not touch it.
pub static CONVERSATIONS_BY_CONTACT: Index<Conversation> =
    Index::ordered(0x5008, "conversations by contact", |c, entries| entries.add((c.contact.home(), c.created_at)));

impl Record for Conversation {
    type Key = ConversationId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x5000);
    const NAME: &'static str = "conversation";
    const INDEXES: &'static [&'static Index<Self>] = &[
        &OPEN_CONVERSATION_OF_CONTACT,
        &NUMBER_TO_CONVERSATION,
        &PROTOCOL_TO_CONVERSATION,
        &CONVERSATIONS_BY_STATE,
        &CONVERSATIONS_BY_QUEUE,
        &CONVERSATIONS_BY_ASSIGNEE,
        &CONVERSATIONS_BY_CHANNEL,
        &CONVERSATIONS_BY_CONTACT,
    ];
    fn key(&self) -> ConversationId {
        self.id
    }
}

/// One message, or one note among colleagues (`is_private`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id: the client's own where that is a UUIDv7.
    pub id: MessageId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Over which channel.
    pub channel: ChannelId,
    /// Who wrote.
    pub direction: Direction,
    /// What it is.
    pub kind: MessageKind,
    /// Its text, or the caption.
    pub content: String,
    /// How far it got. Inbound messages stand at delivered; whether they are read, the conversation knows.
    pub status: MessageStatus,
    /// The id the client gave it.
    pub client_id: Option<String>,
    /// The provider's id.
    pub external_id: Option<String>,
    /// Provider's ids of former attempts, whose late receipts still prove delivery.
    pub former_external_ids: Vec<String>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// A note among colleagues: goes nowhere.
    pub is_private: bool,
    /// Written by a bot.
    pub is_bot: bool,
    /// Which of us wrote it.
    pub sender: Option<UserId>,
    /// Their name as it was then.
    pub sender_name: Option<String>,
    /// Picture, file or sound.
    pub media: Option<Media>,
    /// Why it did not go out.
    pub error: Option<MessageError>,
    /// What few messages have.
    pub extra: Option<Box<Extra>>,
    /// Further facts of the provider (referral, context), as JSON text.
    pub metadata: Option<String>,
    /// The attempt under way in the outbox.
    pub delivery: Option<DeliveryId>,
    /// Attempts asked for by people: 1, and one more with each retry.
    pub tries: u32,
    /// The moment shown and sorted by: the provider's, where it is not ahead of ours.
    pub at: Timestamp,
    /// Its place in the order in which we learnt of the conversation's messages, from 0.
    pub arrival: u64,
    /// When we stored it.
    pub created_at: Timestamp,
    /// When the provider took it.
    pub sent_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// Sequence of the last change.
    pub rev: u64,
}

impl Message {
    /// Was it taken back, or hidden here? Then nobody is shown its body.
    pub fn is_revoked(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.revoked.is_some() || extra.hidden.is_some())
    }
    /// When it was to go out, where it has not: it stands in no thread and is found by no words.
    pub fn scheduled_for(&self) -> Option<Timestamp> {
        self.extra.as_ref().and_then(|extra| extra.scheduled_for)
    }
    /// Does it wait for its time?
    pub fn waits(&self) -> bool {
        self.scheduled_for().is_some() && !self.is_revoked()
    }
}

/// Thread of a conversation: by time shown, then by arrival.
pub static THREAD: Index<Message> = Index::ordered(0x5011, "thread", |m, entries| {
    if m.scheduled_for().is_none() {
        entries.add((m.conversation, m.at, m.arrival));
    }
});
/// Provider's id to message, per channel; those of former attempts too.
pub static EXTERNAL_ID_TO_MESSAGE: Index<Message> = Index::unique(0x5012, "external id", |m, entries| {
    for id in m.external_id.iter().chain(&m.former_external_ids) {
        entries.add((m.channel, id.as_str()));
    }
});
/// Client's id to message, where it is not the message's own id.
pub static CLIENT_ID_TO_MESSAGE: Index<Message> = Index::unique(0x5013, "client id", |m, entries| {
    if let Some(id) = m.client_id.as_deref()
        && id != m.id.to_string()
    {
        entries.add(id);
    }
});
/// Notes of a conversation.
pub static NOTES: Index<Message> = Index::ordered(0x5014, "notes", |m, entries| {
    if m.is_private {
        entries.add((m.conversation, m.at, m.arrival));
    }
});

/// Stored file to the messages that name it, as their own or as their small version.
pub static MEDIA_TO_MESSAGE: Index<Message> = Index::ordered(0x5015, "files of messages", |m, entries| {
    for hash in m.media.iter().flat_map(|media| media.hash.iter().chain(&media.thumbnail)) {
        entries.add((hash.as_str(), m.id));
    }
});

/// What waits for its time, the next one first.
pub static SCHEDULED: Index<Message> = Index::ordered(0x5016, "scheduled messages", |m, entries| {
    if let Some(due) = m.scheduled_for().filter(|_| m.waits()) {
        entries.add(due);
    }
});
/// What waits for its time in one conversation, the next one first.
pub static SCHEDULED_IN_CONVERSATION: Index<Message> =
    Index::ordered(0x5017, "scheduled messages of a conversation", |m, entries| {
        if let Some(due) = m.scheduled_for().filter(|_| m.waits()) {
            entries.add((m.conversation, due));
        }
    });

/// What we asked a provider to do with a message, and our reactions there, by the ids their receipts name.
pub static ACT_TO_MESSAGE: Index<Message> = Index::ordered(0x5018, "acts upon messages", |m, entries| {
    if let Some(extra) = &m.extra {
        for act in &extra.acts {
            entries.add((m.channel, act.id.to_string().as_str()));
        }
        for reaction in extra.reactions.iter().filter(|reaction| matches!(reaction.by, Who::User(_))) {
            entries.add((m.channel, reaction.id.as_str()));
        }
    }
});

impl Record for Message {
    type Key = MessageId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x5010);
    const NAME: &'static str = "message";
    const INDEXES: &'static [&'static Index<Self>] = &[
        &THREAD,
        &EXTERNAL_ID_TO_MESSAGE,
        &CLIENT_ID_TO_MESSAGE,
        &NOTES,
        &MEDIA_TO_MESSAGE,
        &SCHEDULED,
        &SCHEDULED_IN_CONVERSATION,
        &ACT_TO_MESSAGE,
    ];
    fn key(&self) -> MessageId {
        self.id
    }
}

/// A message as the provider sent it, beside the message so that threads stay light.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawMessage {
    /// Whose.
    pub message: MessageId,
    /// The provider's JSON, at most [`RAW_BYTES_MAX`] bytes of it.
    pub json: String,
}

/// Longer raw messages are cut: they are for looking at, the dead letters keep what could not be read.
pub const RAW_BYTES_MAX: usize = 64 << 10;

impl Record for RawMessage {
    type Key = MessageId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x5020);
    const NAME: &'static str = "raw message";
    fn key(&self) -> MessageId {
        self.message
    }
}

#[cfg(test)]
mod golden {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<Conversation>();
        check::<Message>();
        check::<RawMessage>();
        check::<Assignment>();
        check::<ParkedNews>();
    }
}
