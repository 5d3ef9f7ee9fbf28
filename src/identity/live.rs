//! What sockets need of this room: frames of colleagues and firms, and whose rights an event touches.

use super::{
    Identity,
    model::{Member, Role, Tenant},
    views::{MemberView, RoleView, TenantFactsView},
};
use crate::{
    base::{Actor, Result},
    platform::{
        journal::Event,
        realtime::{Class, Encoded, Encoder, Rights, Touched},
        store::{Read, View},
    },
};

/// Frames of `user.*`, `role.*` and `tenant.updated`.
pub struct PeopleFrames;

impl Encoder for PeopleFrames {
    fn wants(&self, kind: &str) -> bool {
        matches!(
            kind,
            "user.created"
                | "user.updated"
                | "user.deleted"
                | "role.created"
                | "role.updated"
                | "role.deleted"
                | "tenant.updated"
        )
    }
    fn encode(&self, view: &View, event: &Event, _: Class) -> Result<Option<Encoded>> {
        let data = match event.kind.split('.').next() {
            Some("user") => match view.get::<Member>(&event.subject.into())?.filter(|member| member.left_at.is_none()) {
                Some(member) => serde_json::to_value(MemberView::of(view, view.tenant(), member)?),
                None => return Ok(None),
            },
            Some("role") => match view.get::<Role>(&event.subject.into())? {
                Some(role) => serde_json::to_value(RoleView::from(role)),
                None => return Ok(None),
            },
            // The greeting and the account's ids are for those who ask for them.
            _ => serde_json::to_value(TenantFactsView::from(&view.require::<Tenant>(&())?)),
        };
        let data = data.map_err(|e| crate::base::Error::internal(format!("write the frame of {}: {e}", event.kind)))?;
        Ok(Some(Encoded { kind: event.kind.clone(), data, audience: None }))
    }
}

impl Rights for Identity {
    fn again(&self, actor: &Actor) -> Result<Actor> {
        self.by_session(actor.session, None, &actor.origin)
    }
    fn touches(&self, event: &Event) -> Touched {
        match (event.kind.as_ref(), event.tenant) {
            ("session.revoked", _) => Touched::Session(event.subject.into()),
            // Somebody signed in, or went for lunch.
            ("user.updated", _) if event.data["rights"] == false => Touched::Nobody,
            ("user.updated" | "user.deleted", _) => Touched::User(event.subject.into()),
            ("role.updated" | "role.deleted" | "tenant.updated", Some(tenant)) => Touched::Tenant(tenant),
            _ => Touched::Nobody,
        }
    }
}
