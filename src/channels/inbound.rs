//! What a provider tells us, in the house's words. Adapters write these, `ingest` turns them into commands.

use crate::base::Timestamp;

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
    /// Anything else: kept whole, shown as not yet displayed. Names the provider's type.
    Other(String),
}

/// A message from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// The provider's id, unique in the channel.
    pub external_id: String,
    /// Who wrote it.
    pub sender: Sender,
    /// When, by the provider's clock (cut back where it runs ahead).
    pub at: Timestamp,
    /// What.
    pub content: Content,
    /// Provider's id of the message it answers.
    pub reply_to: Option<String>,
    /// Does it open the time in which we may answer freely?
    pub opens_window: bool,
    /// Where it came from and how, as JSON text; see the adapter for its words.
    pub metadata: Option<String>,
    /// The element as it came.
    pub raw: String,
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

/// One element of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Somebody wrote.
    Message(Box<ReceivedMessage>),
    /// A message of ours got on.
    Status(Box<ReceivedStatus>),
    /// Somebody has a new number. The notice itself is kept as a message.
    NewNumber {
        /// The notice, sent from the old address.
        notice: Box<ReceivedMessage>,
        /// The number they have now, in E.164.
        phone: String,
    },
    /// Something about the account: a code and the provider's words.
    Account(Failure),
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
