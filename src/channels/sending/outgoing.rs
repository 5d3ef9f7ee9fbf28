//! What goes out, and what the answer means, in the house's words.

use crate::{
    base::Timestamp,
    channels::receiving::inbound::Failure,
    conversations::{BusinessCard, Extra, Interactive, Message, MessageKind, Place, Poll, TemplateUse},
};
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, time::Duration};
use utoipa::ToSchema;
use uuid::Uuid;

/// To whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// E.164.
    Phone(String),
    /// Business-scoped user id, where the person hides the number.
    Scoped(String),
    /// The provider's id of a group.
    Group(String),
}

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// To whom.
    pub to: Recipient,
    /// What.
    pub body: Body,
    /// Provider's id of the message it answers.
    pub reply_to: Option<String>,
    /// Is the answered message one of ours?
    pub answers_own: bool,
    /// Our id; statuses bring it back.
    pub callback: Uuid,
    /// Since when attempts were made of which nobody knows the end; `None` for the first attempt.
    pub tried_since: Option<Timestamp>,
    /// Provider's ids of what went out in this conversation lately, so that no other message is taken for this one.
    pub known: Vec<String>,
    /// How people are approached.
    pub manners: Manners,
}

/// What goes out. An adapter answers `not_supported` for what its provider has no words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Words.
    Text(String),
    /// A file and the words below it, which may be none.
    Media(OutgoingMedia, String),
    /// A place.
    Location(Place),
    /// Business cards.
    Contacts(Vec<BusinessCard>),
    /// The words above, the buttons or the list below them, and the file above all, where there is one.
    Interactive(String, Interactive, Option<OutgoingMedia>),
    /// A question with answers to choose from.
    Poll(Poll),
    /// A template approved by the provider, its gaps filled.
    Template(Box<Templated>),
}

/// A template on its way out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templated {
    /// Which, and what fills its gaps.
    pub used: TemplateUse,
    /// The file of its header.
    pub file: Option<OutgoingMedia>,
    /// The place of its header.
    pub place: Option<Place>,
}

impl Body {
    /// What `message` says, with its file where it has one; `None` where it lacks what its kind is made of.
    pub fn of(message: &Message, file: Option<OutgoingMedia>) -> Option<Self> {
        let nothing = Extra::default();
        let extra = message.extra.as_deref().unwrap_or(&nothing);
        let text = || message.content.clone();
        // Whatever its header shows, the words are the provider's.
        if let Some(used) = &extra.template {
            return Some(Self::Template(Box::new(Templated { used: used.clone(), file, place: extra.place.clone() })));
        }
        // With a file above its words it is of that file's kind.
        if let Some(asked) = &extra.interactive {
            return Some(Self::Interactive(text(), asked.clone(), file));
        }
        Some(match message.kind {
            MessageKind::Text => Self::Text(text()),
            MessageKind::Location => Self::Location(extra.place.clone()?),
            MessageKind::Contacts if !extra.cards.is_empty() => Self::Contacts(extra.cards.clone()),
            MessageKind::Poll => Self::Poll(extra.poll.clone()?),
            MessageKind::Interactive | MessageKind::Template => return None,
            _ => Self::Media(file?, text()),
        })
    }

    /// Its words, by which it may be found again in a chat.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Media(_, text) | Self::Interactive(text, ..) => text,
            Self::Poll(poll) => &poll.question,
            Self::Location(_) | Self::Contacts(_) | Self::Template(_) => "",
        }
    }

    /// Its file.
    pub fn file(&self) -> Option<&OutgoingMedia> {
        match self {
            Self::Media(file, _) => Some(file),
            Self::Template(template) => template.file.as_ref(),
            Self::Interactive(_, _, file) => file.as_ref(),
            _ => None,
        }
    }
}

/// A file on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMedia {
    /// What the message is.
    pub kind: MessageKind,
    /// Media type, by its bytes.
    pub mime: String,
    /// Its name.
    pub file_name: Option<String>,
    /// A voice note.
    pub is_voice: bool,
    /// Where it lies.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The provider's id of it, where it was handed over before.
    pub provider_id: Option<String>,
}

/// How a message that goes out through somebody's own phone approaches its reader, so that it looks like a
/// person's: what looks like a machine is blocked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manners {
    /// Shows what was written as read before answering.
    pub seen: bool,
    /// Shows that one is typing.
    pub typing: bool,
    /// Shortest pause before sending, in milliseconds.
    pub pause_min_ms: u32,
    /// Longest pause before sending, in milliseconds; by chance between the two.
    pub pause_max_ms: u32,
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Taken; the provider's id.
    Taken {
        /// Id that statuses will name.
        external_id: String,
    },
    /// It may have been taken or not: wait for a status, never send again blindly.
    Unclear(String),
    /// Not taken, for this reason; the provider's wish how long to wait, if it said one.
    Refused(Class, Failure, Option<Duration>),
}

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A passing trouble: back off and try again.
    Retry,
    /// This recipient only, at least 6 s, doubling.
    Pair,
    /// The number sends too much: halve its rate, tell somebody, try again.
    Slow,
    /// The recipient has had enough marketing for a day.
    Capped,
    /// Free text is no longer allowed; only a template is.
    WindowClosed,
    /// This person can't or won't be reached.
    Recipient,
    /// What we sent is wrong.
    Content,
    /// The template is wrong, filled wrongly, paused or gone.
    Template,
    /// Token, payment or policy: nothing goes out until the owner mends it.
    Account,
    /// A code we do not know; nothing says that trying again helps.
    Unknown,
}

impl Verdict {
    /// The message can't go out by this provider as it is, for a reason of ours.
    pub fn unfit(code: &str, reason: impl Into<String>) -> Self {
        let class = Class::Content;
        let (code, next_step) = (code.to_owned(), class.next_step());
        Self::Refused(class, Failure { code, reason: reason.into(), next_step, closes_window: false, account: false }, None)
    }

    /// The provider has no words for a message of this kind.
    pub fn not_supported(kind: &str) -> Self {
        Self::unfit("not_supported", format!("{kind} can't be sent over this connection"))
    }
}

impl Class {
    /// What a person can do about it, as a stable code that screens translate.
    pub fn next_step(self) -> &'static str {
        match self {
            Class::Retry | Class::Pair | Class::Slow => "wait",
            Class::Capped => "wait_a_day",
            Class::WindowClosed => "send_template",
            Class::Recipient => "check_recipient",
            Class::Content => "change_message",
            Class::Template => "choose_template",
            Class::Account => "repair_channel",
            Class::Unknown => "retry",
        }
    }
}
