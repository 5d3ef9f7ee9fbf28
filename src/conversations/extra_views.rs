//! The rare facts of a message as the API shows them. Those that one may send too stand in `sendable_views.rs`.
//!
//! Final shapes, each left out where there is nothing to say:
//! `media {state PENDING|READY|FAILED|QUARANTINED, mime, fileName, bytes, width, height, durationMs, waveform[0..100],
//! isVoice, isAnimated, reason, url, thumbnailUrl}` (addresses only once READY) · `location {latitude, longitude, name,
//! address, url}` · `contacts[] {name, organisation, phones[] {number, waId, label}, emails[] {value, label},
//! addresses[], urls[], birthday}` · `choice {kind BUTTON|LIST|FLOW|TEMPLATE_BUTTON, id, title, description, payload}` ·
//! `order {catalogId, items[] {productId, name, quantity, price, currency}}` · `interactive {kind
//! BUTTONS|LIST|LINK|FLOW|LOCATION_REQUEST, header, footer, buttons[] {id, title, url}, sections[] {title, rows[] {id,
//! title, description}}, parameters}` · `template {name, language, category, variables[] {component, button, name,
//! value}}` · `poll {question, choicesMax, options[] {name, votes}}` · `notice {kind
//! NUMBER_CHANGED|IDENTITY_CHANGED|GROUP_CHANGED|OTHER, before, after}` · `edits[] {at, before}` · `reactions[] {by
//! customer|us|member|user id, name, emoji, at}` · `author {address, name}` · `quoted {id, type, preview, direction,
//! senderName, isRevoked}`.

use super::{
    act_views::{ActView, EndView, ReactionView, by_whom, ours},
    extra::{Author, BusinessCard, Choice, ChoiceKind, Extra, Media, MediaState, Notice, NoticeKind, Order, OrderItem, Poll},
    sendable_views::{CardView, InteractiveView, PlaceView, TemplateView},
    views::{Sight, mask},
};
use crate::base::{MessageId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A picture, file or sound of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Media)]
pub struct MediaView {
    /// Where its bytes stand.
    pub state: MediaState,
    /// Its media type: as its bytes show once they are here, as the provider says before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "image/jpeg")]
    pub mime: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Its size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// How long it plays, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Loudness along a voice note, 0 to 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waveform: Vec<u8>,
    /// A voice note?
    pub is_voice: bool,
    /// Does it move?
    pub is_animated: bool,
    /// Stable code of why it failed or is kept back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it can be fetched, once it is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where its small picture can be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_url: Option<String>,
}

impl MediaView {
    /// The media of message `id`.
    pub fn of(m: Media, id: MessageId) -> Self {
        let is_ready = m.state == MediaState::Ready;
        Self {
            state: m.state,
            mime: m.mime.or(m.declared_mime),
            file_name: m.file_name,
            bytes: m.bytes,
            width: m.width,
            height: m.height,
            duration_ms: m.duration_ms,
            waveform: m.waveform,
            is_voice: m.is_voice,
            is_animated: m.is_animated,
            reason: m.reason,
            url: is_ready.then(|| format!("/api/v1/messages/{id}/media")),
            thumbnail_url: m.thumbnail.filter(|_| is_ready).map(|_| format!("/api/v1/messages/{id}/thumbnail")),
        }
    }
}

/// What was chosen.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Choice)]
pub struct ChoiceView {
    /// By what.
    kind: ChoiceKind,
    /// The id we gave the button or row.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What the person read on it.
    title: String,
    /// The smaller words of a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// What a template's button or a form gives back, as text; a form's is usually JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
}

impl From<Choice> for ChoiceView {
    fn from(c: Choice) -> Self {
        Self { kind: c.kind, id: c.id, title: c.title, description: c.description, payload: c.payload }
    }
}

/// A shopping basket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Order)]
pub struct OrderView {
    /// The catalogue it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog_id: Option<String>,
    /// What is in it.
    items: Vec<OrderItemView>,
}

/// One line of a basket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OrderItem)]
pub struct OrderItemView {
    /// Our id of the product.
    product_id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// How many.
    quantity: u32,
    /// Price of one, as a decimal number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "19.90")]
    price: Option<String>,
    /// ISO 4217 code of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "EUR")]
    currency: Option<String>,
}

impl From<Order> for OrderView {
    fn from(o: Order) -> Self {
        let item = |i: OrderItem| OrderItemView {
            product_id: i.product_id,
            name: i.name,
            quantity: i.quantity,
            price: i.price,
            currency: i.currency,
        };
        Self { catalog_id: o.catalog_id, items: o.items.into_iter().map(item).collect() }
    }
}

/// A poll with what was voted so far.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Poll)]
pub struct PollView {
    /// What is asked.
    question: String,
    /// How many one may choose; 0: any number.
    choices_max: u32,
    /// What may be answered.
    options: Vec<PollOptionView>,
}

/// One answer of a poll.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PollOption)]
pub struct PollOptionView {
    /// Its words.
    name: String,
    /// How many chose it.
    votes: usize,
}

impl From<Poll> for PollView {
    fn from(p: Poll) -> Self {
        let votes = |name: &str| p.votes.iter().filter(|vote| vote.options.iter().any(|chosen| chosen == name)).count();
        let options = p.options.iter().map(|name| PollOptionView { name: name.clone(), votes: votes(name) }).collect();
        Self { question: p.question, choices_max: p.choices_max, options }
    }
}

/// What a notice of the provider is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Notice)]
pub struct NoticeView {
    /// What about.
    kind: NoticeKind,
    /// What was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// What is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl NoticeView {
    fn of(n: Notice, sight: Sight) -> Self {
        let shown = |value: Option<String>| if sight == Sight::Masked { value.as_deref().map(mask) } else { value };
        Self { kind: n.kind, before: shown(n.before), after: shown(n.after) }
    }
}

/// An earlier version of a text.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Edit)]
pub struct EditView {
    /// When it was changed.
    at: Timestamp,
    /// What stood there until then.
    before: String,
}

/// Who of a group wrote.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Author)]
pub struct AuthorView {
    /// Where they are reached; masked for who may not see contacts.
    #[schema(example = "+33639980001")]
    address: String,
    /// The name they gave themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl AuthorView {
    fn of(a: Author, sight: Sight) -> Self {
        let address = if sight == Sight::Masked { mask(&a.address) } else { a.address };
        Self { address, name: a.name }
    }
}

/// All that few messages have, ready to be shown.
#[derive(Debug, Clone, Default)]
pub(super) struct ExtraView {
    pub place: Option<PlaceView>,
    pub cards: Vec<CardView>,
    pub choice: Option<ChoiceView>,
    pub order: Option<OrderView>,
    pub interactive: Option<InteractiveView>,
    pub template: Option<TemplateView>,
    pub poll: Option<PollView>,
    pub notice: Option<NoticeView>,
    pub edits: Vec<EditView>,
    pub end: Option<EndView>,
    pub acts: Vec<ActView>,
    pub reactions: Vec<ReactionView>,
    pub is_forwarded: bool,
    pub author: Option<AuthorView>,
    pub album: Option<String>,
    pub scheduled_for: Option<Timestamp>,
}

impl ExtraView {
    /// What one with `sight` sees. Of a message that was taken back only that it was, and whose it was.
    pub fn of(extra: Extra, sight: Sight) -> Self {
        let acts = extra.acts.iter().map(ActView::from).collect();
        let (end, ours) = (EndView::of(&extra, sight), ours(&extra));
        let author = extra.author.map(|author| AuthorView::of(author, sight));
        if end.is_some() {
            return Self { end, acts, author, album: extra.album, scheduled_for: extra.scheduled_for, ..Self::default() };
        }
        // Each edit shows what stood there before it.
        let texts = extra.original.into_iter().chain(extra.edits.iter().map(|edit| edit.text.clone()));
        // An edit of ours is told of twice where the phone tells of it too.
        let changed = texts.zip(&extra.edits).filter(|(before, edit)| *before != edit.text);
        let edits = changed.map(|(before, edit)| EditView { at: edit.at, before }).collect();
        let theirs = extra.reactions.into_iter().filter(|reaction| !reaction.emoji.is_empty() && !reaction.by.is_us());
        let reactions = theirs.map(|reaction| {
            let (by, member) = by_whom(reaction.by, sight);
            ReactionView { by, member, emoji: reaction.emoji, at: reaction.at }
        });
        let reactions = reactions.chain(ours);
        // Cards hold strangers' numbers: who may not see contacts reads the names.
        let card = |card: BusinessCard| match sight {
            Sight::Full => card.into(),
            Sight::Masked => CardView { name: card.name, organisation: card.organisation, ..CardView::default() },
        };
        Self {
            place: extra.place.map(Into::into),
            cards: extra.cards.into_iter().map(card).collect(),
            choice: extra.choice.map(Into::into),
            order: extra.order.map(Into::into),
            interactive: extra.interactive.map(Into::into),
            template: extra.template.map(Into::into),
            poll: extra.poll.map(Into::into),
            notice: extra.notice.map(|notice| NoticeView::of(notice, sight)),
            edits,
            end: None,
            acts,
            reactions: reactions.collect(),
            is_forwarded: extra.is_forwarded,
            author,
            album: extra.album,
            scheduled_for: extra.scheduled_for,
        }
    }
}
