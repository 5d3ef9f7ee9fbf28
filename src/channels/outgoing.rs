//! What goes out, and what the answer means, in the house's words.

use super::inbound::Failure;
use crate::{base::Timestamp, conversations::MessageKind};
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

/// A text on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// To whom.
    pub to: Recipient,
    /// What, at most 4096 characters.
    pub text: String,
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
    /// Its file; the text is then what stands below it.
    pub media: Option<OutgoingMedia>,
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
    /// Token, payment or policy: nothing goes out until the owner mends it.
    Account,
    /// A code we do not know; nothing says that trying again helps.
    Unknown,
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
            Class::Account => "repair_channel",
            Class::Unknown => "retry",
        }
    }
}
