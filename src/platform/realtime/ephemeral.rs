//! Passing states: who writes, who looks. In memory only, without a sequence, forgotten after a while.

use super::{frame, hub::Hub};
use crate::{
    base::{Actor, Result, TenantId, Timestamp, UserId},
    platform::{journal::Audience, store::View},
};
use parking_lot::Mutex;
use serde_json::json;
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// Who may know about a record that somebody looks at; `None`: there is no such record.
pub type Sight = fn(&View, Uuid) -> Result<Option<Audience>>;

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
    name: std::sync::Arc<str>,
}

/// All passing states of the house.
pub struct Passing {
    sight: Option<Sight>,
    traces: Mutex<HashMap<(TenantId, UserId), Vec<Trace>>>,
}

impl Passing {
    pub(super) fn new(sight: Option<Sight>) -> Self {
        Self { sight, traces: Mutex::default() }
    }

    /// Forgets what ended without a word.
    pub(super) fn prune(&self, now: Timestamp) {
        self.traces.lock().retain(|_, traces| {
            traces.retain(|trace| trace.until > now);
            !traces.is_empty()
        });
    }

    fn note(&self, actor: &Actor, subject: Uuid, doing: Doing, on: bool, now: Timestamp) {
        let mut all = self.traces.lock();
        let traces = all.entry((actor.tenant, actor.user)).or_default();
        traces.retain(|trace| trace.until > now && !(trace.subject == subject && trace.doing == doing));
        if on {
            if traces.len() >= PRESENT_IN_MAX {
                traces.remove(0);
            }
            traces.push(Trace { subject, doing, until: now.plus(doing.lasts()), name: actor.name.clone() });
        } else if traces.is_empty() {
            all.remove(&(actor.tenant, actor.user));
        }
    }

    /// Others present in `subject`.
    fn others(&self, actor: &Actor, subject: Uuid, now: Timestamp) -> Vec<(UserId, std::sync::Arc<str>, Doing)> {
        let all = self.traces.lock();
        let here = all.iter().filter(|((tenant, user), _)| *tenant == actor.tenant && *user != actor.user);
        here.flat_map(|((_, user), traces)| {
            let alive = traces.iter().filter(|trace| trace.subject == subject && trace.until > now);
            alive.map(|trace| (*user, trace.name.clone(), trace.doing))
        })
        .collect()
    }
}

impl Hub {
    /// Notes that somebody writes or looks, tells those who may see the record, and answers with who else is there.
    pub(super) fn passes(
        &self,
        actor: &Actor,
        subject: Uuid,
        doing: Doing,
        on: bool,
    ) -> Result<Vec<axum::extract::ws::Utf8Bytes>> {
        let inner = self.inner();
        let Some(sight) = inner.passing.sight else { return Ok(Vec::new()) };
        let audience = inner.store.view(actor.tenant, |view| sight(view, subject))?;
        // One who may not see a record learns nothing from naming it, not even whether it exists.
        let Some(audience) = audience.filter(|audience| audience.admits(actor)) else { return Ok(Vec::new()) };
        let now = inner.env.now();
        inner.passing.note(actor, subject, doing, on, now);
        let text = text(subject, actor.user, &actor.name, doing, on);
        for slot in self.slots_of(actor.tenant) {
            let other = slot.actor();
            if other.user != actor.user && audience.admits(&other) {
                slot.queue.push_passing(&text);
                slot.queue.wake();
            }
        }
        if !(on && doing == Doing::Viewing) {
            return Ok(Vec::new());
        }
        let others = inner.passing.others(actor, subject, now);
        Ok(others.into_iter().map(|(user, name, doing)| self::text(subject, user, &name, doing, true)).collect())
    }

    /// A person's socket closed: with the last one, they neither write nor look any more.
    pub(super) fn left(&self, actor: &Actor) {
        if self.is_connected(actor.tenant, actor.user) {
            return;
        }
        let traces = self.inner().passing.traces.lock().remove(&(actor.tenant, actor.user)).unwrap_or_default();
        for trace in traces {
            if let Err(e) = self.passes(actor, trace.subject, trace.doing, false) {
                tracing::debug!(error = %e, "could not tell that somebody left");
            }
        }
    }
}

fn text(subject: Uuid, user: UserId, name: &str, doing: Doing, on: bool) -> axum::extract::ws::Utf8Bytes {
    let data = json!({
        "conversationId": subject, "userId": user, "name": name, "on": on, "lastsSecs": doing.lasts().as_secs(),
    });
    frame::passing(doing.kind(), data)
}
