//! The state machines of a conversation and of a message, as pure tables.

use serde::{Deserialize, Serialize};

/// Where a conversation stands. The conversation API says OPEN, ASSIGNED, RESOLVED, ARCHIVED; the ticket
/// API says PENDING, OPEN, CLOSED, CLOSED for the same four.
///
/// ```text
///            take/assign            resolve            archive
///  Waiting ──────────────► Attending ───────► Resolved ───────► Archived
///     ▲  └──────unassign────┘   │  resolve       │                │
///     └─────────────────────────┴──── reopen ────┴────────────────┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ConversationStatus)]
pub enum State {
    /// Nobody attends to it yet.
    #[serde(rename = "OPEN")]
    Waiting,
    /// Somebody does.
    #[serde(rename = "ASSIGNED")]
    Attending,
    /// Done; the next inbound message starts a new conversation.
    #[serde(rename = "RESOLVED")]
    Resolved,
    /// Put away; shown in no list but its own.
    #[serde(rename = "ARCHIVED")]
    Archived,
}

/// What one may do to a conversation's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Give it to somebody.
    Assign,
    /// Take it from them.
    Unassign,
    /// Close it.
    Resolve,
    /// Open it again; to its last attendant where there was one.
    Reopen,
    /// Put it away.
    Archive,
}

/// Why a move is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is resolved or archived: reopen it first.
    NotOpen,
    /// It is still open: resolve it first.
    NotResolved,
}

impl State {
    /// All of them, in order.
    pub const ALL: [State; 4] = [State::Waiting, State::Attending, State::Resolved, State::Archived];
    /// The states in which a new inbound message joins the conversation.
    pub const OPEN: [State; 2] = [State::Waiting, State::Attending];

    /// The byte that stands for it in keys.
    pub(super) const fn code(self) -> u8 {
        self as u8
    }
    /// Waiting or attending?
    pub fn is_open(self) -> bool {
        matches!(self, State::Waiting | State::Attending)
    }
    /// The word of the conversation API.
    pub fn word(self) -> &'static str {
        match self {
            State::Waiting => "OPEN",
            State::Attending => "ASSIGNED",
            State::Resolved => "RESOLVED",
            State::Archived => "ARCHIVED",
        }
    }
    /// The word of the ticket API.
    pub fn ticket_word(self) -> &'static str {
        match self {
            State::Waiting => "PENDING",
            State::Attending => "OPEN",
            State::Resolved | State::Archived => "CLOSED",
        }
    }
    /// Reads a word of the conversation API, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.word().eq_ignore_ascii_case(word))
    }
    /// Reads a word of the ticket API, in any case: `CLOSED` stands for two states.
    pub fn from_ticket_word(word: &str) -> Vec<Self> {
        State::ALL.into_iter().filter(|state| state.ticket_word().eq_ignore_ascii_case(word)).collect()
    }

    /// The state after a move. A move that leads where the conversation stands already changes nothing.
    ///
    /// # Errors
    /// The refusal, where the move makes no sense from here.
    pub fn after(self, step: Move, had_attendant: bool) -> Result<State, Refusal> {
        match (step, self) {
            (Move::Assign, State::Waiting | State::Attending) => Ok(State::Attending),
            (Move::Unassign, State::Waiting | State::Attending) => Ok(State::Waiting),
            (Move::Assign | Move::Unassign, State::Resolved | State::Archived) => Err(Refusal::NotOpen),
            (Move::Resolve, State::Waiting | State::Attending | State::Resolved) => Ok(State::Resolved),
            (Move::Resolve, State::Archived) => Err(Refusal::NotOpen),
            (Move::Reopen, State::Resolved | State::Archived) if had_attendant => Ok(State::Attending),
            (Move::Reopen, State::Resolved | State::Archived) => Ok(State::Waiting),
            (Move::Reopen, open) => Ok(open),
            (Move::Archive, State::Resolved | State::Archived) => Ok(State::Archived),
            (Move::Archive, State::Waiting | State::Attending) => Err(Refusal::NotResolved),
        }
    }
}

/// How far a message got. Its order is the order in which news may change it: a message takes the
/// highest news it ever got, so any order of arrival ends the same. `Failed` stands below `Delivered`:
/// a later proof of delivery shows that the failure was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MessageStatus {
    /// Stored, not tried yet or to be tried again.
    Pending,
    /// An attempt is under way.
    Sending,
    /// An attempt ended without an answer: it may have gone out.
    Unknown,
    /// The provider took it.
    Sent,
    /// It did not go out, or did not arrive.
    Failed,
    /// It reached the other side. Inbound messages begin here.
    Delivered,
    /// It was read.
    Read,
}

impl MessageStatus {
    /// All of them, in order.
    pub const ALL: [MessageStatus; 7] = [
        MessageStatus::Pending,
        MessageStatus::Sending,
        MessageStatus::Unknown,
        MessageStatus::Sent,
        MessageStatus::Failed,
        MessageStatus::Delivered,
        MessageStatus::Read,
    ];
    /// The word of the conversation API.
    pub fn word(self) -> &'static str {
        match self {
            MessageStatus::Pending => "PENDING",
            MessageStatus::Sending => "SENDING",
            MessageStatus::Unknown => "UNKNOWN",
            MessageStatus::Sent => "SENT",
            MessageStatus::Failed => "FAILED",
            MessageStatus::Delivered => "DELIVERED",
            MessageStatus::Read => "READ",
        }
    }
    /// The word of the ticket API, which says RECEIVED for delivered.
    pub fn ticket_word(self) -> &'static str {
        if self == MessageStatus::Delivered { "RECEIVED" } else { self.word() }
    }
    /// The status after news from the provider.
    #[must_use]
    pub fn raised_by(self, news: MessageStatus) -> Self {
        self.max(news)
    }
    /// Has the provider's side the last word from here on?
    pub fn is_settled(self) -> bool {
        self >= MessageStatus::Sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_lead_where_the_table_says() {
        use {Move::*, Refusal::*, State::*};
        let rows: &[(State, Move, bool, Result<State, Refusal>)] = &[
            (Waiting, Assign, false, Ok(Attending)),
            (Attending, Assign, true, Ok(Attending)),
            (Resolved, Assign, true, Err(NotOpen)),
            (Archived, Assign, true, Err(NotOpen)),
            (Waiting, Unassign, false, Ok(Waiting)),
            (Attending, Unassign, true, Ok(Waiting)),
            (Resolved, Unassign, true, Err(NotOpen)),
            (Archived, Unassign, false, Err(NotOpen)),
            (Waiting, Resolve, false, Ok(Resolved)),
            (Attending, Resolve, true, Ok(Resolved)),
            (Resolved, Resolve, true, Ok(Resolved)),
            (Archived, Resolve, true, Err(NotOpen)),
            (Waiting, Reopen, false, Ok(Waiting)),
            (Attending, Reopen, true, Ok(Attending)),
            (Resolved, Reopen, true, Ok(Attending)),
            (Resolved, Reopen, false, Ok(Waiting)),
            (Archived, Reopen, true, Ok(Attending)),
            (Archived, Reopen, false, Ok(Waiting)),
            (Waiting, Archive, false, Err(NotResolved)),
            (Attending, Archive, true, Err(NotResolved)),
            (Resolved, Archive, true, Ok(Archived)),
            (Archived, Archive, false, Ok(Archived)),
        ];
        for (from, step, attendant, expected) in rows {
            assert_eq!(from.after(*step, *attendant), *expected, "{from:?} {step:?} {attendant}");
        }
    }

    #[test]
    fn words_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_word(&state.word().to_lowercase()), Some(state));
            assert!(State::from_ticket_word(&state.ticket_word().to_lowercase()).contains(&state));
        }
        assert_eq!(State::from_ticket_word("closed"), [State::Resolved, State::Archived]);
        assert_eq!(State::from_word("PENDING"), None);
        assert!(State::from_ticket_word("ASSIGNED").is_empty());
    }

    #[test]
    fn statuses_only_rise_and_failure_yields_to_proof() {
        use MessageStatus::*;
        for (from, news, expected) in [
            (Sent, Pending, Sent),
            (Read, Delivered, Read),
            (Unknown, Sent, Sent),
            (Unknown, Failed, Failed),
            (Failed, Sent, Failed),
            (Failed, Delivered, Delivered),
            (Delivered, Failed, Delivered),
            (Failed, Read, Read),
        ] {
            assert_eq!(from.raised_by(news), expected, "{from:?} hears {news:?}");
        }
    }
}
