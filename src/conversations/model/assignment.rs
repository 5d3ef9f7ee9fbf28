//! Who attended to a conversation, and when.

use crate::{
    base::{AssignmentId, ConversationId, QueueId, Timestamp, UserId},
    platform::store::{Index, Record, TableId, TenantScope},
};
use serde::{Deserialize, Serialize};

/// Why an assignment began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AssignmentReason {
    /// They took it.
    Taken,
    /// Somebody gave it to them.
    Assigned,
    /// It came with a transfer.
    Transferred,
    /// It was reopened, and had been theirs.
    Reopened,
}

/// One stretch of a conversation with one assignee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// Of which conversation.
    pub conversation: ConversationId,
    /// To whom.
    pub user: UserId,
    /// In which queue it lay then.
    pub queue: Option<QueueId>,
    /// By whom; `None`: by the house.
    pub by: Option<UserId>,
    /// Why.
    pub reason: AssignmentReason,
    /// From …
    pub from: Timestamp,
    /// … until; `None`: goes on.
    pub until: Option<Timestamp>,
}

/// History of a conversation, oldest first.
pub static ASSIGNMENTS_OF_CONVERSATION: Index<Assignment> =
    Index::ordered(0x5031, "assignments of a conversation", |a, entries| entries.add((a.conversation, a.from)));
/// What somebody ever had, oldest first.
pub static ASSIGNMENTS_OF_USER: Index<Assignment> =
    Index::ordered(0x5032, "assignments of a person", |a, entries| entries.add((a.user, a.from)));

impl Record for Assignment {
    type Key = AssignmentId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x5030);
    const NAME: &'static str = "assignment";
    const INDEXES: &'static [&'static Index<Self>] = &[&ASSIGNMENTS_OF_CONVERSATION, &ASSIGNMENTS_OF_USER];
    fn key(&self) -> AssignmentId {
        self.id
    }
}
