//! Who is really there. Whoever has had no window open for two minutes is gone, however they left; with the next
//! window they are what they were before. What people say of themselves in between stays as they said it.
//!
//! That silence sent somebody away stands in their record. When they were last seen is not remembered over a restart:
//! after one everybody has two minutes to come back.

use super::{
    commands::{break_silence, fall_silent},
    model::{MEMBERS_BY_NAME, Member, Presence},
};
use crate::{
    base::{Env, Origin, Result, TenantId, Timestamp, UserId},
    platform::{
        realtime::Hub,
        store::{KeyRange, Lane, Read, Store, Tx, shut},
    },
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio::sync::watch;

/// Silence of so long means gone.
pub const SILENCE: Duration = Duration::from_secs(120);
/// Between two looks at who is there.
const LOOK_EVERY: Duration = Duration::from_secs(30);

type Who = (TenantId, UserId);

/// What a look finds of somebody. The command looks again at what is stored by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Silent for [`SILENCE`].
    Gone,
    /// Seen again after they were gone.
    Back,
}

/// Looks who is there until `stop` turns true.
pub async fn attend(hub: Hub, store: Store, env: Env, mut stop: watch::Receiver<bool>) {
    let mut roll = Roll { began: env.now(), here: HashSet::new(), seen: HashMap::new() };
    while !*stop.borrow() {
        for (who, change) in roll.call(&hub, &store, env.now()) {
            let change = move |tx: &mut Tx<'_, '_>| match change {
                Change::Gone => fall_silent(tx, who.1, SILENCE),
                Change::Back => break_silence(tx, who.1),
            };
            if let Err(error) = store.write(who.0, Lane::Reactions, Origin::system(), change).await {
                // The next look finds them as they are.
                tracing::debug!(%error, user = %who.1, "could not note whether somebody is there");
            }
        }
        tokio::select! {
            () = shut(&mut stop) => return,
            () = env.clock.sleep_until(env.now().plus(LOOK_EVERY)) => {}
        }
    }
}

/// What is remembered from one look to the next.
struct Roll {
    began: Timestamp,
    here: HashSet<Who>,
    /// When those who are not here were last seen.
    seen: HashMap<Who, Timestamp>,
}

impl Roll {
    /// Who is otherwise than is stored. What could not be written is found again by the next look.
    fn call(&mut self, hub: &Hub, store: &Store, now: Timestamp) -> Vec<(Who, Change)> {
        self.note(hub.connected(), now);
        let mut changes = Vec::new();
        for tenant in store.tenants() {
            let members = store.view(tenant, |view| {
                view.list::<Member>(&MEMBERS_BY_NAME, KeyRange::all())?.map(|row| Ok(row?.0)).collect::<Result<Vec<_>>>()
            });
            for member in members.unwrap_or_default() {
                let who = (tenant, member.user);
                changes.extend(self.judge(who, &member, now).map(|change| (who, change)));
            }
        }
        changes
    }

    fn note(&mut self, here: HashSet<Who>, now: Timestamp) {
        self.seen.retain(|who, _| !here.contains(who));
        self.seen.extend(self.here.difference(&here).map(|who| (*who, now)));
        self.here = here;
    }

    fn judge(&self, who: Who, member: &Member, now: Timestamp) -> Option<Change> {
        if self.here.contains(&who) {
            return member.before_silence.map(|_| Change::Back);
        }
        let since = [Some(self.began), self.seen.get(&who).copied(), member.last_login_at];
        let is_silent = since.into_iter().flatten().max().is_some_and(|since| now.since(since) >= SILENCE);
        (is_silent && member.presence != Presence::Offline).then_some(Change::Gone)
    }
}

#[cfg(test)]
mod tests;
