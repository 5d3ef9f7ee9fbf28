//! What providers have of our files.

use crate::{
    base::{ChannelId, Result, TenantId, Timestamp},
    channels::model::{UPLOADS_BY_TIME, Upload},
    platform::{
        jobs::{Chore, Progress},
        store::{KeyRange, PlatformTx, PlatformView, Read, Record, Store, Tx, Write},
    },
};
use std::time::Duration;

/// A provider keeps what was handed over for 30 days; a day before that it is handed over anew, and its record goes.
pub const KEPT_FOR: Duration = Duration::from_secs(29 * 86_400);
/// Records removed by one step.
const FORGOTTEN_TOGETHER: usize = 50;

/// A provider was handed a file over.
pub fn note_upload(tx: &mut Tx<'_, '_>, upload: &Upload) -> Result<()> {
    tx.put(upload)
}

/// A provider does not know this file any more.
pub fn forget_upload(tx: &mut Tx<'_, '_>, channel: ChannelId, hash: String) -> Result<()> {
    let key = (channel, hash);
    match tx.get::<Upload>(&key)? {
        Some(_) => tx.delete::<Upload>(&key).map(drop),
        None => Ok(()),
    }
}

/// Removes the records of files that providers have forgotten by now, firm by firm.
pub struct ForgetUploads {
    /// The store.
    pub store: Store,
}

impl ForgetUploads {
    fn due_in(&self, tenant: TenantId) -> Result<Option<Timestamp>> {
        self.store.view(tenant, |view| {
            let first = view.list(&UPLOADS_BY_TIME, KeyRange::all())?.next().transpose()?;
            Ok(first.map(|(upload, _)| upload.at.plus(KEPT_FOR)))
        })
    }
}

impl Chore for ForgetUploads {
    fn name(&self) -> &'static str {
        "forget uploads"
    }
    fn due(&self, _: &PlatformView, _now: Timestamp) -> Result<Option<Timestamp>> {
        let mut first = None;
        for tenant in self.store.tenants() {
            first = first.into_iter().chain(self.due_in(tenant)?).min();
        }
        Ok(first)
    }
    fn step(&self, tx: &mut PlatformTx<'_, '_>) -> Result<Progress> {
        let now = tx.now();
        for tenant in self.store.tenants() {
            if self.due_in(tenant)?.is_some_and(|due| due <= now) {
                tx.tenant(tenant, |tx| forget_aged(tx, now))?;
                return Ok(Progress::More);
            }
        }
        Ok(Progress::Done)
    }
}

fn forget_aged(tx: &mut Tx<'_, '_>, now: Timestamp) -> Result<()> {
    let oldest = tx.list(&UPLOADS_BY_TIME, KeyRange::all())?.take(FORGOTTEN_TOGETHER).collect::<Result<Vec<_>>>()?;
    for (upload, _) in oldest.iter().filter(|(upload, _)| upload.at.plus(KEPT_FOR) <= now) {
        tx.delete::<Upload>(&upload.key())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Env, Origin},
        platform::store::{
            Lane,
            testing::{founded, on_thread},
        },
    };

    #[test]
    fn what_a_provider_has_forgotten_is_forgotten_here() {
        let (env, clock) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (store, tenants) = on_thread(founded(&env, 2));
        let channel: ChannelId = env.new_id();
        for (n, tenant) in (0..120).map(|n| (n, tenants[n % 2])) {
            let upload = Upload { channel, hash: format!("{n:064x}"), provider_id: n.to_string(), at: env.now() };
            on_thread(store.write(tenant, Lane::Reactions, Origin::system(), move |tx| note_upload(tx, &upload))).unwrap();
            clock.advance(Duration::from_secs(3_600));
        }
        let chore = std::sync::Arc::new(ForgetUploads { store: store.clone() });
        let due = store.view_platform(|view| chore.due(view, env.now())).unwrap();
        assert_eq!(due, Some(Timestamp(1_800_000_000_000).plus(KEPT_FOR)));
        clock.advance(KEPT_FOR - Duration::from_secs(10 * 3_600));
        loop {
            let chore = chore.clone();
            let step = store.write_platform(Lane::Jobs, Origin::system(), move |tx| chore.step(tx));
            if on_thread(step).unwrap() == Progress::Done {
                break;
            }
        }
        let left = |tenant| store.view(tenant, |view| Ok(view.all::<Upload>(KeyRange::all())?.count())).unwrap();
        assert_eq!(left(tenants[0]) + left(tenants[1]), 9, "those of the last hours are good still");
    }
}
