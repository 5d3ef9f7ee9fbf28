//! What few messages have: places, cards, choices, baskets, edits, reactions. It lies behind one pointer of the
//! message, so that plain text pays one byte for it.
//!
//! News about a message may come in any order and more than once. What is kept is therefore a set, and what is shown
//! is computed from the set: the newest edit's text, each person's newest reaction, the earliest revocation. A
//! reaction taken back stays as one without an emoji, so that an older one that comes late finds it.

use super::model::MessageError;
use crate::base::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Edits kept of one message; a provider allows a quarter of an hour of them.
pub const EDITS_MAX: usize = 50;
/// People whose reaction to one message is kept.
pub const REACTIONS_MAX: usize = 200;

/// The rare facts of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// A place.
    pub place: Option<Place>,
    /// Business cards.
    pub cards: Vec<BusinessCard>,
    /// What was chosen of buttons, a list or a form.
    pub choice: Option<Choice>,
    /// A shopping basket.
    pub order: Option<Order>,
    /// Buttons or a list that we sent; the words above them are the message's content.
    pub interactive: Option<Interactive>,
    /// The template it was made from.
    pub template: Option<TemplateUse>,
    /// A poll.
    pub poll: Option<Poll>,
    /// A notice of the provider, e.g. that somebody has a new number.
    pub notice: Option<Notice>,
    /// The text before the first edit; `None`: never edited.
    pub original: Option<String>,
    /// Later versions of the text, by time; the message's content is the last one's.
    pub edits: Vec<Edit>,
    /// It was taken back: its body is kept for the audit and shown to nobody.
    pub revoked: Option<Revoked>,
    /// The newest reaction of each person, taken-back ones without an emoji.
    pub reactions: Vec<Reaction>,
    /// It was written elsewhere first.
    pub is_forwarded: bool,
    /// Who of a group wrote it.
    pub author: Option<Author>,
    /// Pictures of one album have the same word here.
    pub album: Option<String>,
    /// When it is to go out. Set as long as it has not: it then stands in no thread.
    pub scheduled_for: Option<Timestamp>,
    /// The provider's id of the message it answers, where we don't know that one.
    pub reply_to_external: Option<String>,
    /// It is hidden here; the other side may see it still.
    pub hidden: Option<Revoked>,
    /// What we asked the provider to do with it, as long as that is under way, unclear or was refused.
    pub acts: Vec<Act>,
}

/// Something one of us did to a message that its provider has not (or never) carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Its id, and that of its delivery.
    pub id: Uuid,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
    /// How far it got.
    pub state: ActState,
    /// What hinders it, or why it was refused.
    pub error: Option<MessageError>,
}

/// What one can do to a message. Appended to, never reordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// React with this emoji; empty: take the reaction back.
    React(String),
    /// Give it this text.
    Edit(String),
    /// Take it back for everyone.
    Remove,
}

/// How far an act got. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActState {
    /// On its way.
    Pending,
    /// No answer came: it may have been carried out.
    Unknown,
    /// It was not carried out and won't be.
    Refused,
}

impl Deed {
    /// Do both change the same thing of a message, so that the later one counts?
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Extra {
    /// The firm's own reaction and who gave it, as far as we know it: the other side sees all of us as one, so the newest
    /// counts, and one that is on its way before those that are there. The phone's echo of one of ours names nobody.
    pub fn our_reaction(&self) -> Option<(&str, Who)> {
        let asked = self.acts.iter().rev().find_map(|act| match &act.deed {
            Deed::React(emoji) if act.state != ActState::Refused => Some((emoji.as_str(), Who::User(act.by))),
            _ => None,
        });
        let ours = || self.reactions.iter().filter(|reaction| reaction.by.is_us());
        let newest = || {
            let newest = ours().max_by_key(|reaction| (reaction.at, &reaction.id))?;
            let named = ours().find(|other| matches!(other.by, Who::User(_)) && other.emoji == newest.emoji);
            Some((newest.emoji.as_str(), named.unwrap_or(newest).by.clone()))
        };
        asked.or_else(newest).filter(|(emoji, _)| !emoji.is_empty())
    }
    /// Boxed, or nothing where it holds nothing.
    pub fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

/// Where the bytes of a message's picture, file or sound stand. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MediaState {
    /// Being fetched.
    #[default]
    Pending,
    /// Stored with us.
    Ready,
    /// They could not be fetched; may be tried again.
    Failed,
    /// Kept, but given to nobody.
    Quarantined,
}

/// A picture, file or sound of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Where its bytes stand.
    pub state: MediaState,
    /// SHA-256 of its bytes in lower-case hex, by which they are stored.
    pub hash: Option<String>,
    /// Media type as its bytes show.
    pub mime: Option<String>,
    /// Media type as the provider names it.
    pub declared_mime: Option<String>,
    /// Its name.
    pub file_name: Option<String>,
    /// Its size in bytes.
    pub bytes: Option<u64>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// How long it plays, in milliseconds.
    pub duration_ms: Option<u64>,
    /// Loudness along a voice note, 0 to 100.
    pub waveform: Vec<u8>,
    /// Hash of its small picture, as `hash`.
    pub thumbnail: Option<String>,
    /// A voice note.
    pub is_voice: bool,
    /// Moves: a sticker or a picture played in a loop.
    pub is_animated: bool,
    /// Stable code of why it failed or is kept back.
    pub reason: Option<String>,
    /// The provider's id of it.
    pub provider_id: Option<String>,
    /// Where the provider has it; may be short-lived.
    pub provider_url: Option<String>,
    /// The provider's SHA-256 of it, as it came.
    pub provider_sha256: Option<String>,
}

/// A place on earth, in ten-millionths of a degree (about a centimetre): floating point would not compare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// North of the equator.
    pub latitude_e7: i32,
    /// East of Greenwich.
    pub longitude_e7: i32,
    /// Its name.
    pub name: Option<String>,
    /// Its postal address.
    pub address: Option<String>,
    /// A page about it.
    pub url: Option<String>,
}

impl Place {
    /// A point by degrees; `None` where there is no such point.
    pub fn at(latitude: f64, longitude: f64) -> Option<Self> {
        let e7 = |degrees: f64, most: f64| (degrees.is_finite() && degrees.abs() <= most).then(|| (degrees * 1e7).round() as i32);
        Some(Self { latitude_e7: e7(latitude, 90.0)?, longitude_e7: e7(longitude, 180.0)?, ..Self::default() })
    }
    /// Degrees north.
    pub fn latitude(&self) -> f64 {
        f64::from(self.latitude_e7) / 1e7
    }
    /// Degrees east.
    pub fn longitude(&self) -> f64 {
        f64::from(self.longitude_e7) / 1e7
    }
}

/// A business card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessCard {
    /// The name on it.
    pub name: String,
    /// Firm and department.
    pub organisation: Option<String>,
    /// Phone numbers.
    pub phones: Vec<CardPhone>,
    /// E-mail addresses.
    pub emails: Vec<CardLine>,
    /// Postal addresses, each in one line.
    pub addresses: Vec<CardLine>,
    /// Pages.
    pub urls: Vec<CardLine>,
    /// As the card writes it.
    pub birthday: Option<String>,
}

/// A phone number on a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPhone {
    /// As the card writes it.
    pub number: String,
    /// WhatsApp's id of it; absent where WhatsApp doesn't know it.
    pub wa_id: Option<String>,
    /// What kind of number it is, as the card says.
    pub label: Option<String>,
}

/// Anything else on a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLine {
    /// What it says.
    pub value: String,
    /// What kind of thing it is, as the card says.
    pub label: Option<String>,
}

/// By what somebody chose. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChoiceKind {
    /// A button below a message.
    Button,
    /// A row of a list.
    List,
    /// A form that was filled in.
    Flow,
    /// A button of a template.
    TemplateButton,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// By what.
    pub kind: ChoiceKind,
    /// The id we gave the button or row.
    pub id: Option<String>,
    /// What the person read on it.
    pub title: String,
    /// The smaller words of a row.
    pub description: Option<String>,
    /// What a template's button or a form gives back, as text; a form's is usually JSON.
    pub payload: Option<String>,
}

/// A shopping basket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The catalogue it is from.
    pub catalog_id: Option<String>,
    /// What is in it.
    pub items: Vec<OrderItem>,
}

/// One line of a basket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// Our id of the product.
    pub product_id: String,
    /// Its name, where the provider tells it.
    pub name: Option<String>,
    /// How many.
    pub quantity: u32,
    /// Price of one, as a decimal number in text.
    pub price: Option<String>,
    /// ISO 4217 code of the price.
    pub currency: Option<String>,
}

/// What lies below the words of an interactive message. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InteractiveKind {
    /// Up to three buttons.
    Buttons,
    /// A list that opens.
    List,
    /// One button that opens a page.
    Link,
    /// A form.
    Flow,
    /// A button that asks where somebody is.
    LocationRequest,
    /// A button that opens the firm's catalogue at the provider.
    Catalog,
    /// One product of it.
    Product,
    /// Products of it, in parts.
    ProductList,
    /// A bill to look at and pay.
    OrderDetails,
    /// How a bill's order stands.
    OrderStatus,
}

/// Buttons or a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interactive {
    /// Which.
    pub kind: InteractiveKind,
    /// Words above.
    pub header: Option<String>,
    /// Small words below.
    pub footer: Option<String>,
    /// Buttons; of a list or a form, the one that opens it.
    pub buttons: Vec<Button>,
    /// Rows of a list.
    pub sections: Vec<Section>,
    /// What a form, a catalogue or a bill needs, as JSON text in the provider's words.
    pub parameters: Option<String>,
}

/// A button.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What a choice of it says.
    pub id: String,
    /// What stands on it.
    pub title: String,
    /// The page it opens.
    pub url: Option<String>,
}

/// Part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: Option<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What a choice of it says.
    pub id: String,
    /// What stands on it.
    pub title: String,
    /// Smaller words.
    pub description: Option<String>,
}

/// The template a message was made from; the words as the customer reads them are the message's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    /// Its name at the provider.
    pub name: String,
    /// Its language at the provider, e.g. `pt_BR`.
    pub language: String,
    /// Its category at the provider, in capitals, e.g. `MARKETING`.
    pub category: Option<String>,
    /// What its gaps were filled with.
    pub variables: Vec<TemplateVariable>,
}

/// One gap of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateVariable {
    /// Where it is: `header`, `body`, `button`.
    pub component: String,
    /// Which button, from 0.
    pub button: Option<u32>,
    /// Its name: a word, or its number from 1.
    pub name: String,
    /// What it was filled with.
    pub value: String,
}

/// A poll.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// What is asked.
    pub question: String,
    /// What may be answered.
    pub options: Vec<String>,
    /// How many one may choose; 0: any number.
    pub choices_max: u32,
    /// The newest vote of each person.
    pub votes: Vec<Vote>,
}

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Whose.
    pub by: Who,
    /// For what; empty: taken back.
    pub options: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// The provider's id of it.
    pub id: String,
}

/// What a notice is about. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoticeKind {
    /// The customer has a new number.
    NumberChanged,
    /// The customer's keys changed: perhaps a new phone, perhaps somebody else.
    IdentityChanged,
    /// Somebody came to or left a group, or the group was changed.
    GroupChanged,
    /// Anything else.
    Other,
    /// The customer called over the provider's own app; `after` is `voice` or `video`.
    Call,
}

/// A notice of the provider; its words are the message's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// What was before, e.g. the old number.
    pub before: Option<String>,
    /// What is now, e.g. the new number.
    pub after: Option<String>,
}

/// Who did something to a message. Appended to, never reordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Who {
    /// The customer.
    Customer,
    /// One of us, outside Farol: on the phone itself.
    Us,
    /// One of us.
    User(UserId),
    /// Somebody in a group, by their address.
    Member(String),
}

impl Who {
    /// One of us, wherever they did it? The other side sees all of us as one.
    pub fn is_us(&self) -> bool {
        matches!(self, Who::Us | Who::User(_))
    }
}

/// A later version of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edit {
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// The provider's id of the edit; of one of ours, our id of the person, a slash, and our id of the act.
    pub id: String,
    /// The text from then on.
    pub text: String,
}

/// A message was taken back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revoked {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Who,
}

impl Revoked {
    /// Of two told the earlier moment; and of us rather the person than the phone, whose echo names nobody.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let named = |who: &Who| (!matches!(who, Who::User(_)), who.clone());
        let by = if named(&other.by) < named(&self.by) { other.by } else { self.by };
        Self { at: self.at.min(other.at), by }
    }
}

/// A reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// Whose.
    pub by: Who,
    /// The emoji; empty: taken back.
    pub emoji: String,
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// The provider's id of it, which decides between two of one moment.
    pub id: String,
}

/// Who of a group wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Where they are reached, as the adapter reads it.
    pub address: String,
    /// The name they gave themselves.
    pub name: Option<String>,
}
