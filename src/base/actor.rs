//! Who does something: for the permission check (`Actor`) and for the record (`ActorRef`, `Origin`).

use super::{
    error::{Error, Result},
    ids::{ChannelId, ContactId, QueueId, SessionId, TenantId, UserId},
    permission::{Grants, Permission, Reach},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A signed-in person acting in one tenant, as the door saw them at this request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// Their display name at the time of the request.
    pub name: Arc<str>,
    /// Through which sign-in.
    pub session: SessionId,
    /// In which firm.
    pub tenant: TenantId,
    /// What they may do there.
    pub grants: Arc<Grants>,
    /// The queues they work in.
    pub queues: Arc<[QueueId]>,
    /// Where the request came from.
    pub origin: Origin,
}

impl Actor {
    /// Passes if the permission is held; says which one is missing if not.
    pub fn require(&self, permission: Permission) -> Result<Reach> {
        self.grants.reach(permission).ok_or(Error::Forbidden(permission.0.into()))
    }
}

/// Who did something, as the journal remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum ActorRef {
    /// The house itself: timers, jobs, reactions.
    System,
    /// A signed-in person.
    User(UserId),
    /// A provider through one of our channels.
    Channel(ChannelId),
    /// A customer.
    Contact(ContactId),
    /// The owner of the machine, by the command line.
    Console,
    /// Somebody not signed in, e.g. the first-run wizard.
    Anonymous,
}

/// Who did it, from where, in which request: rides in every journal event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who.
    pub actor: ActorRef,
    /// Network address, if it came over the network.
    pub address: Option<std::net::IpAddr>,
    /// Request id, as the answer's header and the log line show it.
    pub request: Option<Arc<str>>,
}

impl Origin {
    /// The house itself.
    pub const fn system() -> Self {
        Self { actor: ActorRef::System, address: None, request: None }
    }
    /// The command line.
    pub const fn console() -> Self {
        Self { actor: ActorRef::Console, address: None, request: None }
    }
    /// The same place, another actor.
    pub fn acting_as(&self, actor: ActorRef) -> Self {
        Self { actor, ..self.clone() }
    }
}
