//! Who may see that something happened.

use crate::base::{Actor, Permission, QueueId, Reach, UserId};
use serde::{Deserialize, Serialize};

/// Whom a record concerned, before or after a change. A receiver sees it if the permission named here
/// reaches it: through the whole tenant, through the queue, or because it is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Audience {
    /// Permission one needs to see the record at all; `None`: every member of the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<std::borrow::Cow<'static, str>>,
    /// The queue it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueId>,
    /// To whom it is assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<UserId>,
    /// Others it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<UserId>,
    /// Did the record exist on this side of the change?
    #[serde(default)]
    pub exists: bool,
}

impl Audience {
    /// A record that everybody in the tenant with `permission` sees.
    pub fn holders(permission: Permission) -> Self {
        Self { permission: Some(permission.0.into()), exists: true, ..Self::default() }
    }
    /// The record was not there (before its making) or is no more (after its deletion).
    pub fn nobody() -> Self {
        Self::default()
    }

    /// May `actor` see it, by the rights they hold now?
    pub fn admits(&self, actor: &Actor) -> bool {
        if !self.exists {
            return false;
        }
        let Some(name) = &self.permission else { return true };
        let mine = self.assignee == Some(actor.user) || self.participants.contains(&actor.user);
        match actor.grants.widest(name) {
            None => false,
            Some(Reach::Tenant) => true,
            Some(Reach::Organisation | Reach::Queue) => mine || self.queue.is_some_and(|q| actor.queues.contains(&q)),
            Some(Reach::Own) => mine,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{TenantId, testing::actor};
    use uuid::Uuid;

    #[test]
    fn the_widest_of_what_one_holds_decides() {
        let who_holds = |pairs| actor(TenantId(Uuid::from_u128(3)), UserId(Uuid::from_u128(1)), pairs);
        let all = Audience::holders(Permission("note.read"));
        for (pairs, admitted) in [
            (&[("*", Reach::Own), ("note.read", Reach::Tenant)][..], true),
            (&[("*", Reach::Tenant), ("note.read", Reach::Own)], true),
            (&[("*", Reach::Own), ("note.read", Reach::Own)], false),
            (&[("note.write", Reach::Tenant)], false),
        ] {
            assert_eq!(all.admits(&who_holds(pairs)), admitted, "{pairs:?}");
        }
    }
}
