//! What is told about a message after it, and what waits for a message that is still on its way.

use super::MessageError;
use crate::{
    base::{ChannelId, Timestamp},
    conversations::{
        extra::{Edit, Reaction, Revoked, Vote},
        state::MessageStatus,
    },
    platform::store::{Index, Record, TableId, TenantScope},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something told about one message. Appended to, never reordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// How far a message of ours got.
    Status {
        /// So far.
        status: MessageStatus,
        /// When, by the provider's clock.
        at: Timestamp,
        /// Why it failed, if it did.
        error: Option<MessageError>,
    },
    /// Its text was changed.
    Edit(Edit),
    /// It was taken back.
    Revoke(Revoked),
    /// Somebody reacted to it, or took that back.
    Reaction(Reaction),
    /// Somebody voted.
    Vote(Vote),
}

impl News {
    /// What makes it another piece of news than others about the same message.
    pub(in crate::conversations) fn sameness(&self) -> (u8, String) {
        match self {
            News::Status { status, .. } => (0, (*status as u8).to_string()),
            News::Edit(edit) => (1, edit.id.clone()),
            News::Revoke(revoked) => (2, revoked.at.0.to_string()),
            News::Reaction(reaction) => (3, reaction.id.clone()),
            News::Vote(vote) => (4, vote.id.clone()),
        }
    }
}

/// News about a message we don't know yet: its answer, or the message itself, is still on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedNews {
    /// Its id, which tells when it was parked.
    pub id: Uuid,
    /// From which channel.
    pub channel: ChannelId,
    /// The provider's id of the unknown message.
    pub external_id: String,
    /// What is told.
    pub news: News,
    /// When we were told.
    pub parked_at: Timestamp,
}

/// Parked news by what they are about; one of a kind is enough.
pub static PARKED_BY_MESSAGE: Index<ParkedNews> = Index::unique(0x5041, "parked news", |p, entries| {
    let (kind, id) = p.news.sameness();
    entries.add((p.channel, p.external_id.as_str(), kind, id.as_str()));
});

impl Record for ParkedNews {
    type Key = Uuid;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x5040);
    const NAME: &'static str = "parked news";
    const INDEXES: &'static [&'static Index<Self>] = &[&PARKED_BY_MESSAGE];
    fn key(&self) -> Uuid {
        self.id
    }
}
