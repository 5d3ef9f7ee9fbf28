//! What a provider tells us, in the house's words. Adapters write these, `ingest` turns them into commands.

use crate::{
    base::Timestamp,
    contacts::{Member, Purpose},
    conversations::{BusinessCard, Choice, Media, MessageKind, News, Notice, Order, Place, Poll},
};
use serde::{Deserialize, Serialize};

/// Told times may lie this far ahead before they are taken for a wrong clock and cut back to now.
pub const AHEAD_MAX: std::time::Duration = std::time::Duration::from_secs(300);
/// A larger element is no message anybody wrote; it goes to the dead letters.
pub const ELEMENT_BYTES_MAX: usize = 64 << 10;

/// Somebody at the other end of a channel, by every address the provider gave for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// Phone number in E.164, where the person shows it.
    pub phone: Option<String>,
    /// Business-scoped user id: stable for one business, also where the number is hidden.
    pub scoped_id: Option<String>,
    /// The id WhatsApp gives a person who hides the number, without its server.
    pub lid: Option<String>,
    /// The name they gave themselves.
    pub name: Option<String>,
    /// Their public handle.
    pub username: Option<String>,
}

/// What a message consists of, as far as this version shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// A picture, file or sound of this kind, with its caption. Its bytes are fetched afterwards.
    Media(MessageKind, Box<Media>, String),
    /// A place.
    Location(Place),
    /// Business cards.
    Contacts(Vec<BusinessCard>),
    /// An answer to buttons, a list or a form.
    Choice(Choice),
    /// A shopping basket, with the words beside it.
    Order(Order, String),
    /// A notice of the provider, in its words.
    System(Notice, String),
    /// A poll.
    Poll(Poll),
    /// Anything else: kept whole, shown as not yet displayed. Names the provider's type.
    Other(String),
}

/// A group, as a message in it names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupRef {
    /// The provider's id of it.
    pub id: String,
    /// What it is called, where the provider says so.
    pub subject: Option<String>,
}

/// A message from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// The provider's id, unique in the channel.
    pub external_id: String,
    /// Who wrote it; of an echo, to whom it was written.
    pub sender: Sender,
    /// When, by the provider's clock (cut back where it runs ahead).
    pub at: Timestamp,
    /// What.
    pub content: Content,
    /// Provider's id of the message it answers.
    pub reply_to: Option<String>,
    /// Where answers go, where that is not the sender's own address.
    pub chat: Option<String>,
    /// Does it open the time in which we may answer freely?
    pub opens_window: bool,
    /// In which group; `None`: between us and the sender.
    pub group: Option<GroupRef>,
    /// It was written elsewhere first.
    pub is_forwarded: bool,
    /// Pictures of one album have the same word here.
    pub album: Option<String>,
    /// Where it came from and how, as JSON text; see the adapter for its words.
    pub metadata: Option<String>,
    /// The element as it came.
    pub raw: String,
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// How far a message of ours got. The order is that of a message's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// On its way at the provider.
    Sent,
    /// On the customer's device.
    Delivered,
    /// Seen (or heard) by the customer.
    Read,
    /// It won't arrive.
    Failed(Failure),
}

/// Why a message won't arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The provider's code, as text.
    pub code: String,
    /// The provider's words, for the details of the error.
    pub reason: String,
    /// What a person can do, as a stable code that screens translate.
    pub next_step: &'static str,
    /// Has the provider just told us that the time to answer freely is over?
    pub closes_window: bool,
    /// Does this say something about the whole account?
    pub account: bool,
}

/// A report about a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedStatus {
    /// The provider's id of our message.
    pub external_id: String,
    /// How far it got.
    pub progress: Progress,
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// What we gave along when we sent it: our own id of the message. Proves a send whose answer was lost.
    pub callback: Option<uuid::Uuid>,
}

/// News about one message: an edit, a revocation, a reaction or a vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedNews {
    /// The provider's id of the message they are about.
    pub target: String,
    /// What is told.
    pub news: News,
    /// The element as it came.
    pub raw: String,
}

/// What somebody set at the provider about being written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedConsent {
    /// Who.
    pub sender: Sender,
    /// For what.
    pub purpose: Purpose,
    /// Agreed, or no more.
    pub is_granted: bool,
    /// When.
    pub at: Timestamp,
}

/// Something told about the account, a template, a group or a session: kept in the channel's list of notices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceivedNotice {
    /// The provider's word for what it is about, e.g. `message_template_status_update`.
    pub topic: String,
    /// The provider's word for what happened, e.g. `PAUSED`.
    pub event: String,
    /// What it is about: a template's name and language, a number.
    pub subject: Option<String>,
    /// Why, in the provider's words.
    pub reason: Option<String>,
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// The element as it came.
    pub raw: String,
}

/// What changed about a template at the provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateNews {
    /// The provider's id of it.
    pub template_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its language, e.g. `pt_BR`.
    pub language: String,
    /// Its status now, in capitals, e.g. `APPROVED`, `PAUSED`.
    pub status: Option<String>,
    /// Its quality now, in capitals, e.g. `GREEN`.
    pub quality: Option<String>,
    /// Its category now, in capitals, e.g. `MARKETING`.
    pub category: Option<String>,
}

/// What changed about the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountNews {
    /// Nothing goes out any more; the provider's words.
    Refused(Failure),
    /// The number's quality or limit changed.
    Quality {
        /// GREEN, YELLOW, RED, where it was told.
        quality: Option<String>,
        /// How many people may be written to in a day, in the provider's words.
        tier: Option<String>,
    },
    /// Anything else.
    Other,
}

/// How a session does, for kinds that have one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionNews {
    /// The provider's word: `WORKING`, `SCAN_QR_CODE`, `FAILED`, …
    pub status: String,
    /// The number it speaks for, in E.164, once it is known.
    pub phone: Option<String>,
    /// The name of that account.
    pub name: Option<String>,
}

/// What changed about a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupNews {
    /// Which.
    pub group: GroupRef,
    /// What it is about.
    pub description: Option<String>,
    /// Who came.
    pub joined: Vec<Member>,
    /// Who left, by their addresses.
    pub left: Vec<String>,
    /// `joined` is all of them.
    pub is_whole: bool,
    /// It is no more, or we are no longer in it.
    pub is_over: bool,
}

/// One element of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Somebody wrote.
    Message(Box<ReceivedMessage>),
    /// One of us wrote outside Farol, on the phone itself.
    Echo(Box<ReceivedMessage>),
    /// A message of ours got on.
    Status(Box<ReceivedStatus>),
    /// The text of a message was changed.
    Edit(Box<ReceivedNews>),
    /// A message was taken back.
    Revoke(Box<ReceivedNews>),
    /// Somebody reacted to a message, or took that back.
    Reaction(Box<ReceivedNews>),
    /// Somebody voted in a poll.
    Vote(Box<ReceivedNews>),
    /// Somebody has a new number. The notice itself is kept as a message.
    NewNumber {
        /// The notice, sent from the old address.
        notice: Box<ReceivedMessage>,
        /// The number they have now, in E.164.
        phone: String,
    },
    /// Somebody has further or other addresses of the provider's now.
    NewIdentity {
        /// By what we know them.
        known: Sender,
        /// By what they are known from now on.
        now: Sender,
        /// For the list of notices.
        notice: Box<ReceivedNotice>,
    },
    /// Somebody wants to be written to, or no longer.
    Consent(Box<ReceivedConsent>),
    /// A template changed at the provider.
    TemplateChanged(TemplateNews, Box<ReceivedNotice>),
    /// The account changed at the provider.
    AccountChanged(AccountNews, Box<ReceivedNotice>),
    /// The session changed.
    Session(SessionNews, Box<ReceivedNotice>),
    /// A group changed.
    Group(Box<GroupNews>, Box<ReceivedNotice>),
    /// Somebody begins or stops typing. Never stored.
    Typing(Sender, bool),
    /// Something about the account: a code and the provider's words.
    Account(Failure),
    /// Something that concerns nobody's message; listed among the channel's notices.
    Notice(Box<ReceivedNotice>),
    /// Nothing for us; the word counts it.
    Nothing(&'static str),
}

/// An element that can't be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Stable reason: `malformed`, `no_id`, `no_sender`, `too_large`.
    pub code: &'static str,
    /// For the one who looks into it.
    pub detail: String,
}

impl Unreadable {
    /// A reason and its detail.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}
