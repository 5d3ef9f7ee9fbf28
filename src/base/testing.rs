//! Somebody to act, for the tests of every room.

use super::{Actor, ActorRef, Grants, Origin, Reach, SessionId, TenantId, UserId};

/// A person of `tenant` who holds these permissions, works in no queue and has one session, numbered as they are.
pub(crate) fn actor(tenant: TenantId, user: UserId, held: &[(&'static str, Reach)]) -> Actor {
    Actor {
        user,
        name: "Rui".into(),
        session: SessionId(user.0),
        tenant,
        grants: Grants::from_pairs(held.iter().map(|(permission, reach)| ((*permission).into(), *reach))).into(),
        queues: [].into(),
        origin: Origin::system().acting_as(ActorRef::User(user)),
    }
}
