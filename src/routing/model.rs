//! The queue record with its indexes, events and permissions.

use crate::{
    base::{Permission, QueueId, Timestamp, text::fold},
    platform::{
        journal::Audience,
        store::{Index, Record, TableId, TenantScope},
    },
};
use serde::{Deserialize, Serialize};

/// See queues.
pub const QUEUE_READ: Permission = Permission("queue.read");
/// Make, change and delete queues.
pub const QUEUE_MANAGE: Permission = Permission("queue.manage");

/// A queue was made. Listeners of all three: realtime.
pub const QUEUE_CREATED: &str = "queue.created";
/// A queue's facts changed.
pub const QUEUE_UPDATED: &str = "queue.updated";
/// A queue is no more.
pub const QUEUE_DELETED: &str = "queue.deleted";

/// A line conversations wait in; the sources also say department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// Running number in the tenant.
    pub number: u64,
    /// As its people call it.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// New conversations go here where their channel names no queue.
    pub is_default: bool,
    /// When made.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
    /// When deleted; the record stays for the history's sake.
    pub deleted_at: Option<Timestamp>,
    /// Sequence of the last change.
    pub rev: u64,
}

impl Queue {
    pub(super) fn audience() -> Audience {
        Audience::holders(QUEUE_READ)
    }
}

/// One living queue of a name.
pub static NAME_TO_QUEUE: Index<Queue> = Index::unique(0x6001, "queue name", |queue, entries| {
    if queue.deleted_at.is_none() {
        entries.add(fold(queue.name.trim()));
    }
});
/// Running number to queue.
pub static NUMBER_TO_QUEUE: Index<Queue> = Index::unique(0x6002, "number", |queue, entries| entries.add(queue.number));
/// The one default queue.
pub static DEFAULT_QUEUE: Index<Queue> = Index::unique(0x6003, "default queue", |queue, entries| {
    if queue.is_default && queue.deleted_at.is_none() {
        entries.add(());
    }
});

impl Record for Queue {
    type Key = QueueId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x6000);
    const NAME: &'static str = "queue";
    const INDEXES: &'static [&'static Index<Self>] = &[&NAME_TO_QUEUE, &NUMBER_TO_QUEUE, &DEFAULT_QUEUE];
    fn key(&self) -> QueueId {
        self.id
    }
}

#[cfg(test)]
mod golden {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<Queue>();
    }
}
