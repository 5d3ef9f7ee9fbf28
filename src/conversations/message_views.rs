//! Messages as the API and the frames show them; who may not see contacts gets addresses masked.
//!
//! The body of a message that was taken back is in none of these: what is left of it is that it was.

use super::{
    act_views::{ActView, EndView, ReactionView},
    commands::preview,
    extra::{ActState, Deed},
    extra_views::{AuthorView, ChoiceView, EditView, ExtraView, MediaView, NoticeView, OrderView, PollView},
    model::{Direction, EXTERNAL_ID_TO_MESSAGE, Message, MessageError, MessageKind},
    readable::{TicketMessageType, readable},
    sendable_views::{CardView, InteractiveView, PlaceView, TemplateView},
    state::MessageStatus,
    views::{ConversationView, Sight, is_false, json_text},
};
use crate::{
    base::{ChannelId, ConversationId, MessageId, Result, Timestamp, UserId, locale::Language},
    platform::store::{Read, TenantScope},
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A message as the API shows it. What the sources don't print is left out where there is nothing to say: most of
/// a thread is text that went well.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Over which channel.
    channel_id: ChannelId,
    /// Who wrote, seen from the firm.
    direction: Direction,
    /// What it is.
    r#type: MessageKind,
    /// Its text, or the caption.
    #[schema(example = "We'll be with you in 20 minutes")]
    content: String,
    /// How far it got.
    status: MessageStatus,
    /// The client's own id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The provider's id of it; not for who sees no addresses, as it holds one.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<MessageId>,
    /// The beginning of the message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    quoted: Option<QuotedView>,
    /// The provider's id of the message it answers, where ours is not known.
    #[serde(skip)]
    answers: Option<String>,
    /// A note among colleagues?
    is_private: bool,
    /// Written by a bot?
    is_bot: bool,
    /// Which of us wrote it.
    sender_id: Option<UserId>,
    /// Their name as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_name: Option<String>,
    /// Where its picture, file or sound can be fetched.
    media_url: Option<String>,
    /// Media type of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    /// Name of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    /// Its picture, file or sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<MediaView>,
    /// A place.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<PlaceView>,
    /// Business cards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contacts: Vec<CardView>,
    /// What was chosen of buttons, a list or a form.
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<ChoiceView>,
    /// A shopping basket.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderView>,
    /// Buttons or a list below the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    interactive: Option<InteractiveView>,
    /// The template it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<TemplateView>,
    /// A poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    poll: Option<PollView>,
    /// What a notice of the provider is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<NoticeView>,
    /// What stood there before, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edits: Vec<EditView>,
    /// When it was taken back; its body is shown to nobody then.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    /// By whom: `customer`, `us` (on the phone itself), `member` (of a group), or the id of one of us.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "customer")]
    revoked_by: Option<String>,
    /// Taken back here alone: the other side may see it still.
    #[serde(skip_serializing_if = "is_false")]
    is_hidden: bool,
    /// What one of us did to it that is not settled, or was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    acts: Vec<ActView>,
    /// Reactions to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<ReactionView>,
    /// Written elsewhere first?
    #[serde(skip_serializing_if = "is_false")]
    is_forwarded: bool,
    /// Who of a group wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<AuthorView>,
    /// Pictures of one album have the same word here.
    #[serde(skip_serializing_if = "Option::is_none")]
    album: Option<String>,
    /// When it is to go out.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<Timestamp>,
    /// Why it did not go out.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<MessageError>,
    /// Where it came from and how: `referral` (the ad or post somebody came by: `sourceUrl`, `sourceId`, `sourceType`,
    /// `headline`, `body`, `mediaType`, `ctwaClid` …), `forwarded`, `frequentlyForwarded`, `referredProduct`
    /// (`catalogId`, `productRetailerId`). For who may see contacts.
    #[schema(value_type = Object)]
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Box<RawValue>>,
    /// The id as web clients of WhatsApp write it, `fromMe_chat_id`; only in the answer for one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serialized_id: Option<String>,
    /// What the provider sent; only in the answer for one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub raw: Option<Box<RawValue>>,
    /// The moment threads are sorted by: the provider's, where it is not ahead of ours.
    created_at: Timestamp,
    /// When we stored it.
    received_at: Timestamp,
    /// Its place among messages of one moment.
    arrival: u64,
    /// When the provider took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    /// When it arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    /// When it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<Timestamp>,
    /// Sequence of the last change.
    rev: u64,
}

impl MessageView {
    /// `m` of conversation `c` as one with `sight` sees it.
    pub fn of(m: Message, read_arrival: u64, sight: Sight) -> Self {
        let is_read = m.direction == Direction::Inbound && m.arrival < read_arrival;
        let is_revoked = m.extra.as_ref().is_some_and(|extra| EndView::of(extra, sight).is_some());
        let answers = m.extra.as_ref().and_then(|extra| extra.reply_to_external.clone());
        // What is on its way is shown as if it had arrived.
        let edited = m.extra.as_ref().and_then(|extra| {
            extra.acts.iter().rev().find_map(|act| match &act.deed {
                Deed::Edit(text) if act.state != ActState::Refused => Some(text.clone()),
                _ => None,
            })
        });
        let facts = m.extra.map(|extra| ExtraView::of(*extra, sight)).unwrap_or_default();
        let media = m.media.filter(|_| !is_revoked).map(|media| MediaView::of(media, m.id));
        let (media_url, media_type, file_name) =
            media.as_ref().map_or((None, None, None), |media| (media.url.clone(), media.mime.clone(), media.file_name.clone()));
        Self {
            id: m.id,
            conversation_id: m.conversation,
            channel_id: m.channel,
            direction: m.direction,
            r#type: m.kind,
            content: if is_revoked { String::new() } else { edited.unwrap_or(m.content) },
            status: if is_read { MessageStatus::Read } else { m.status },
            client_id: m.client_id,
            // A provider writes the customer's number into its ids.
            external_id: m.external_id.filter(|_| sight == Sight::Full),
            reply_to: m.reply_to,
            quoted: None,
            answers,
            is_private: m.is_private,
            is_bot: m.is_bot,
            sender_id: m.sender,
            sender_name: m.sender_name,
            media_url,
            media_type,
            file_name,
            media,
            location: facts.place,
            contacts: facts.cards,
            choice: facts.choice,
            order: facts.order,
            interactive: facts.interactive,
            template: facts.template,
            poll: facts.poll,
            notice: facts.notice,
            edits: facts.edits,
            revoked_at: facts.end.as_ref().map(|end| end.at),
            is_hidden: facts.end.as_ref().is_some_and(|end| end.is_hidden),
            revoked_by: facts.end.map(|end| end.by),
            acts: facts.acts,
            reactions: facts.reactions,
            is_forwarded: facts.is_forwarded,
            author: facts.author,
            album: facts.album,
            scheduled_for: facts.scheduled_for,
            error: m.error,
            metadata: json_text(m.metadata.filter(|_| !is_revoked), sight),
            serialized_id: None,
            raw: None,
            created_at: m.at,
            received_at: m.created_at,
            arrival: m.arrival,
            sent_at: m.sent_at,
            delivered_at: m.delivered_at,
            read_at: m.read_at,
            rev: m.rev,
        }
    }
}

impl MessageView {
    /// The same with the beginning of the message it answers, read from `source`.
    ///
    /// # Errors
    /// The store's.
    pub fn read(source: &impl Read<Scope = TenantScope>, m: Message, read_arrival: u64, sight: Sight) -> Result<Self> {
        let channel = m.channel;
        let mut shown = Self::of(m, read_arrival, sight);
        let answered = match (shown.reply_to, &shown.answers) {
            (Some(id), _) => source.get::<Message>(&id)?,
            (None, Some(external_id)) => source.find(&EXTERNAL_ID_TO_MESSAGE, (channel, external_id.as_str()))?,
            (None, None) => None,
        };
        if let Some(answered) = answered.filter(|answered| answered.conversation == shown.conversation_id || !answered.is_private)
        {
            shown.reply_to = Some(answered.id);
            shown.quoted = Some(QuotedView::of(&answered));
        }
        Ok(shown)
    }
}

/// The beginning of a message that another one answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = QuotedMessage)]
pub struct QuotedView {
    /// Its id.
    id: MessageId,
    /// What it is.
    r#type: MessageKind,
    /// Its beginning, or what names it; empty where it was taken back.
    #[schema(example = "Good morning, my car won't start")]
    preview: String,
    /// Who wrote, seen from the firm.
    direction: Direction,
    /// Which of us wrote it, or who of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_name: Option<String>,
    /// A voice note?
    #[serde(skip_serializing_if = "is_false")]
    is_voice: bool,
    /// Taken back?
    #[serde(skip_serializing_if = "is_false")]
    is_revoked: bool,
}

impl QuotedView {
    fn of(m: &Message) -> Self {
        let author = m.extra.as_ref().and_then(|extra| extra.author.as_ref()).and_then(|author| author.name.clone());
        Self {
            id: m.id,
            r#type: m.kind,
            preview: preview(m),
            direction: m.direction,
            sender_name: m.sender_name.clone().or(author),
            is_voice: m.media.as_ref().is_some_and(|media| media.is_voice),
            is_revoked: m.is_revoked(),
        }
    }
}

/// A message in the words of the ticket API.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TicketMessage)]
pub struct TicketMessageView {
    /// Its id.
    id: MessageId,
    /// Of which ticket.
    ticket_id: ConversationId,
    /// Its text; of a place, a card, buttons, a poll or a basket what they say, in the firm's language.
    body: String,
    /// What it is: whatever is none of the five is text.
    r#type: TicketMessageType,
    /// `RECEIVED` stands for delivered.
    #[schema(example = "RECEIVED")]
    status: &'static str,
    /// Who wrote, seen from the firm.
    direction: Direction,
    /// A note among colleagues?
    is_private: bool,
    /// Which of us wrote it.
    user_id: Option<UserId>,
    /// The moment threads are sorted by.
    created_at: Timestamp,
    /// Sequence of the last change.
    rev: u64,
}

impl TicketMessageView {
    /// The same message in other words.
    pub fn of(message: Message, read_arrival: u64, sight: Sight, language: Language) -> Self {
        let (r#type, body) = readable(&message, sight, language);
        let m = MessageView::of(message, read_arrival, sight);
        Self {
            id: m.id,
            ticket_id: m.conversation_id,
            body,
            r#type,
            status: m.status.ticket_word(),
            direction: m.direction,
            is_private: m.is_private,
            user_id: m.sender_id,
            created_at: m.created_at,
            rev: m.rev,
        }
    }
}

/// What a message's frame carries.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageFrame {
    /// The message.
    pub message: MessageView,
    /// Its conversation.
    pub conversation: ConversationView,
}
