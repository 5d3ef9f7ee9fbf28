//! Passing states: who writes, who looks. In memory only, without a sequence, forgotten after a while.

use super::{frame, hub::Hub};
use crate::{
    base::{Actor, ContactId, Result, TenantId, Timestamp, UserId},
    platform::{http::IdOrNumber, journal::Audience, store::View},
};
use parking_lot::Mutex;
use serde_json::json;
use std::{collections::HashMap, sync::OnceLock, time::Duration};
use uuid::Uuid;

/// Who may know about a record that somebody looks at; `None`: there is no such record.
pub type Sight = fn(&View, Uuid) -> Result<Option<Audience>>;

/// The record that has this running number; `None`: none has.
pub type Numbered = fn(&View, u64) -> Result<Option<Uuid>>;

/// Told of every passing state that may be shown outside the house: who, in which record, what, and whether it goes on.
pub type Passes = std::sync::Arc<dyn Fn(&Actor, Uuid, Doing, bool) + Send + Sync>;

/// A provider says it once when somebody begins, and not always when they stop.
const CONTACT_TYPES_FOR: Duration = Duration::from_secs(15);
/// Said again sooner than this, it is told to nobody a second time.
const TOLD_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Records one person can be present in at once; more are forgotten, oldest first.
const PRESENT_IN_MAX: usize = 8;

/// A passing state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doing {
    /// Writes in it.
    Typing,
    /// Looks at it.
    Viewing,
}

impl Doing {
    fn kind(self) -> &'static str {
        match self {
            Doing::Typing => "typing",
            Doing::Viewing => "viewing",
        }
    }
    /// Without news for so long, it is over. Clients say it again at half this time.
    pub const fn lasts(self) -> Duration {
        match self {
            Doing::Typing => Duration::from_secs(8),
            Doing::Viewing => Duration::from_secs(75),
        }
    }
}

struct Trace {
    subject: Uuid,
    doing: Doing,
    until: Timestamp,
    told_at: Timestamp,
    name: std::sync::Arc<str>,
}

/// All passing states of the house.
pub struct Passing {
    sight: Option<Sight>,
    numbered: Option<Numbered>,
    traces: Mutex<HashMap<(TenantId, UserId), Vec<Trace>>>,
    outside: OnceLock<Passes>,
}

impl Passing {
    pub(super) fn new(sight: Option<Sight>, numbered: Option<Numbered>) -> Self {
        Self { sight, numbered, traces: Mutex::default(), outside: OnceLock::new() }
    }

    /// Forgets what ended without a word.
    pub(super) fn prune(&self, now: Timestamp) {
        self.traces.lock().retain(|_, traces| {
            traces.retain(|trace| trace.until > now);
            !traces.is_empty()
        });
    }

    /// Notes a state; `false` where the same was told a moment ago.
    fn note(&self, actor: &Actor, subject: Uuid, doing: Doing, on: bool, now: Timestamp) -> bool {
        let mut all = self.traces.lock();
        let traces = all.entry((actor.tenant, actor.user)).or_default();
        let told_at = |trace: &Trace| (trace.subject == subject && trace.doing == doing).then_some(trace.told_at);
        let told_at = traces.iter().find_map(told_at).filter(|at| on && now.since(*at) < TOLD_AGAIN_AFTER);
        traces.retain(|trace| trace.until > now && !(trace.subject == subject && trace.doing == doing));
        if on {
            if traces.len() >= PRESENT_IN_MAX {
                traces.remove(0);
            }
            traces.push(Trace {
                subject,
                doing,
                until: now.plus(doing.lasts()),
                told_at: told_at.unwrap_or(now),
                name: actor.name.clone(),
            });
        } else if traces.is_empty() {
            all.remove(&(actor.tenant, actor.user));
        }
        told_at.is_none()
    }

    /// Others present in `subject`, and until when.
    fn others(&self, actor: &Actor, subject: Uuid, now: Timestamp) -> Vec<(UserId, std::sync::Arc<str>, Doing, Timestamp)> {
        let all = self.traces.lock();
        let here = all.iter().filter(|((tenant, user), _)| *tenant == actor.tenant && *user != actor.user);
        here.flat_map(|((_, user), traces)| {
            let alive = traces.iter().filter(|trace| trace.subject == subject && trace.until > now);
            alive.map(|trace| (*user, trace.name.clone(), trace.doing, trace.until))
        })
        .collect()
    }
}

impl Hub {
    /// The record a client names by its id or its running number.
    pub(super) fn subject_named(&self, actor: &Actor, name: IdOrNumber<Uuid>) -> Result<Option<Uuid>> {
        match (name, self.inner().passing.numbered) {
            (IdOrNumber::Id(id), _) => Ok(Some(id)),
            (IdOrNumber::Number(number), Some(numbered)) => self.inner().store.view(actor.tenant, |view| numbered(view, number)),
            (IdOrNumber::Number(_), None) => Ok(None),
        }
    }

    /// Notes that somebody writes or looks, tells those who may see the record, and answers with who else is there.
    pub(super) fn passes(
        &self,
        actor: &Actor,
        subject: Uuid,
        doing: Doing,
        on: bool,
        is_shown_outside: bool,
    ) -> Result<Vec<axum::extract::ws::Utf8Bytes>> {
        let inner = self.inner();
        let Some(sight) = inner.passing.sight else { return Ok(Vec::new()) };
        let audience = inner.store.view(actor.tenant, |view| sight(view, subject))?;
        // One who may not see a record learns nothing from naming it, not even whether it exists.
        let Some(audience) = audience.filter(|audience| audience.admits(actor)) else { return Ok(Vec::new()) };
        let now = inner.env.now();
        if inner.passing.note(actor, subject, doing, on, now) {
            let text = text(subject, ("userId", actor.user.into()), &actor.name, doing, (on, now.plus(doing.lasts())));
            self.tell_passing(actor.tenant, &audience, Some(actor.user), &text);
        }
        if is_shown_outside && let Some(outside) = inner.passing.outside.get() {
            outside(actor, subject, doing, on);
        }
        if !(on && doing == Doing::Viewing) {
            return Ok(Vec::new());
        }
        let others = inner.passing.others(actor, subject, now);
        Ok(others
            .into_iter()
            .map(|(user, name, doing, until)| self::text(subject, ("userId", user.into()), &name, doing, (true, until)))
            .collect())
    }

    /// Tells `outside` of every passing state that may be shown there. The first one who asks is told.
    pub fn on_passing(&self, outside: Passes) {
        let _ = self.inner().passing.outside.set(outside);
    }

    /// A customer writes, or stopped: told to who may see the record.
    ///
    /// # Errors
    /// The store's.
    pub fn contact_types(&self, tenant: TenantId, subject: Uuid, contact: ContactId, name: &str, on: bool) -> Result<()> {
        let inner = self.inner();
        let Some(sight) = inner.passing.sight else { return Ok(()) };
        let Some(audience) = inner.store.view(tenant, |view| sight(view, subject))? else { return Ok(()) };
        let until = inner.env.now().plus(CONTACT_TYPES_FOR);
        let text = text(subject, ("contactId", contact.into()), name, Doing::Typing, (on, until));
        self.tell_passing(tenant, &audience, None, &text);
        Ok(())
    }

    fn tell_passing(&self, tenant: TenantId, audience: &Audience, but: Option<UserId>, text: &axum::extract::ws::Utf8Bytes) {
        for slot in self.slots_of(tenant) {
            let other = slot.actor();
            if Some(other.user) != but && audience.admits(&other) {
                slot.queue.push_passing(text);
                slot.queue.wake();
            }
        }
    }

    /// A person's socket closed: with the last one, they neither write nor look any more.
    pub(super) fn left(&self, actor: &Actor) {
        if self.is_connected(actor.tenant, actor.user) {
            return;
        }
        let traces = self.inner().passing.traces.lock().remove(&(actor.tenant, actor.user)).unwrap_or_default();
        for trace in traces {
            if let Err(e) = self.passes(actor, trace.subject, trace.doing, false, true) {
                tracing::debug!(error = %e, "could not tell that somebody left");
            }
        }
    }
}

fn text(
    subject: Uuid,
    (key, who): (&'static str, Uuid),
    name: &str,
    doing: Doing,
    (on, until): (bool, Timestamp),
) -> axum::extract::ws::Utf8Bytes {
    let word = if doing == Doing::Typing { "isTyping" } else { "on" };
    let mut data = json!({ "conversationId": subject, key: who, "name": name, word: on });
    if on {
        data["until"] = json!(until);
    }
    frame::passing(doing.kind(), data)
}
