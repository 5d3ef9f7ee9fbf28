//! What the rooms hand over: how their events look on the wire, and whose rights an event touches.

use crate::{
    base::{Actor, Result, SessionId, TenantId, UserId},
    platform::{
        journal::{Audience, Event},
        store::View,
    },
};
use serde_json::Value;
use std::borrow::Cow;

/// People of one class get the same bytes of an event; e.g. 0: phone numbers shown, 1: masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Class(pub u8);

/// How an event looks to one class.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The frame's `type`, usually the event's own kind.
    pub kind: Cow<'static, str>,
    /// The frame's `data`: the whole entity as its GET shows it.
    pub data: Value,
    /// Whom the record concerns *now*. It may have moved on since the event, and who saw it then may not
    /// see it now. `None`: nobody's sight of it changes but by the event itself.
    pub audience: Option<Audience>,
}

/// Turns some kinds of events into frames. Each room hands over its own in `app.rs`.
pub trait Encoder: Send + Sync + 'static {
    /// Does this encoder speak for events of this kind?
    fn wants(&self, kind: &str) -> bool;
    /// Do its events above tenants concern the people of every tenant? Else nobody is told of those.
    fn speaks_to_all(&self) -> bool {
        false
    }
    /// The class of a receiver; one class for all unless a room masks something.
    fn class(&self, _receiver: &Actor) -> Class {
        Class::default()
    }
    /// The frame, from the records as they are now; `None` where there is nothing to show any more.
    fn encode(&self, view: &View, event: &Event, class: Class) -> Result<Option<Encoded>>;
}

/// Whose rights or sessions an event may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// Nobody's.
    Nobody,
    /// Those of one sign-in.
    Session(SessionId),
    /// Those of one person, in every tenant and on every device.
    User(UserId),
    /// Everybody's in one tenant, e.g. when a role changed.
    Tenant(TenantId),
}

impl Touched {
    /// Does it concern this person?
    pub fn concerns(&self, actor: &Actor) -> bool {
        match self {
            Touched::Nobody => false,
            Touched::Session(session) => *session == actor.session,
            Touched::User(user) => *user == actor.user,
            Touched::Tenant(tenant) => *tenant == actor.tenant,
        }
    }
}

/// What the hub must know of people's rights; `app.rs` hands it over.
pub trait Rights: Send + Sync + 'static {
    /// The same sign-in by the rights it holds now. Reads a snapshot; microseconds.
    ///
    /// # Errors
    /// `Unauthenticated` where the session is over or the person may not act in the tenant any more.
    fn again(&self, actor: &Actor) -> Result<Actor>;
    /// Whose rights did this event touch? Too wide an answer costs a needless look, too narrow a leak.
    fn touches(&self, event: &Event) -> Touched;
}
