//! Who is really there. Whoever has had no window open for two minutes is gone, however they left; with the next
//! window they are back. What people say of themselves in between stays as they said it.
//!
//! Nothing of this is remembered over a restart: after one everybody has two minutes to come back.

use super::{
    commands::set_presence,
    model::{MEMBERS_BY_NAME, Member, Presence},
};
use crate::{
    base::{Env, Origin, Result, TenantId, Timestamp, UserId},
    platform::{
        realtime::Hub,
        store::{KeyRange, Lane, Read, Store, shut},
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

/// Looks who is there until `stop` turns true.
pub async fn attend(hub: Hub, store: Store, env: Env, mut stop: watch::Receiver<bool>) {
    let mut roll = Roll { began: env.now(), here: HashSet::new(), seen: HashMap::new() };
    while !*stop.borrow() {
        for (who, presence) in roll.call(&hub, &store, env.now()) {
            let change = move |tx: &mut crate::platform::store::Tx<'_, '_>| set_presence(tx, who.1, presence);
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
    /// Who is otherwise than is stored.
    fn call(&mut self, hub: &Hub, store: &Store, now: Timestamp) -> Vec<(Who, Presence)> {
        let here = hub.connected();
        let is_gone = |since: Timestamp| now.since(since) >= SILENCE;
        let came = here.difference(&self.here).copied();
        let back: HashSet<Who> = came.filter(|who| is_gone(self.seen.remove(who).unwrap_or(self.began))).collect();
        for who in self.here.difference(&here) {
            self.seen.insert(*who, now);
        }
        self.here = here;
        let mut changes = Vec::new();
        for tenant in store.tenants() {
            let members = store.view(tenant, |view| {
                view.list::<Member>(&MEMBERS_BY_NAME, KeyRange::all())?.map(|row| Ok(row?.0)).collect::<Result<Vec<_>>>()
            });
            for member in members.unwrap_or_default() {
                let who = (tenant, member.user);
                let since = [Some(self.began), self.seen.get(&who).copied(), member.last_login_at];
                match member.presence {
                    Presence::Offline if back.contains(&who) => changes.push((who, Presence::Online)),
                    Presence::Online | Presence::Away
                        if !self.here.contains(&who) && since.into_iter().flatten().max().is_some_and(is_gone) =>
                    {
                        changes.push((who, Presence::Offline));
                    }
                    _ => {}
                }
            }
        }
        changes
    }
}
