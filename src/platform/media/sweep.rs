//! Files that no record names any more go after a day; never while a backup is made.

use super::examine::MediaStore;
use crate::{
    base::{Env, Result, TenantId},
    platform::store::{Store, View, shut},
};
use std::{str::FromStr, sync::Arc, time::Duration};
use tokio::sync::watch;

/// A file that nobody names stays so long: whoever stored it may still be about to.
pub const UNNAMED_FOR: Duration = Duration::from_secs(86_400);
/// Between two rounds.
const EVERY: Duration = Duration::from_secs(6 * 3_600);

/// Who names files: one question for each kind of record, handed over in `app.rs`.
#[derive(Clone, Default)]
pub struct Holders(Vec<Arc<dyn Fn(&View, &str) -> Result<bool> + Send + Sync>>);

impl Holders {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a kind of record: does one of them name the file with this hash (in hex)?
    pub fn on(&mut self, holds: impl Fn(&View, &str) -> Result<bool> + Send + Sync + 'static) -> &mut Self {
        self.0.push(Arc::new(holds));
        self
    }
    /// Does anybody name it?
    pub fn any(&self, view: &View, hash: &str) -> Result<bool> {
        for holds in &self.0 {
            if holds(view, hash)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl MediaStore {
    /// Removes what nobody has named for a day; gives how many files. Blocks: it walks the folder.
    ///
    /// # Errors
    /// What the store or the disk says; files before it are gone.
    pub fn sweep(&self, store: &Store, env: &Env, holders: &Holders) -> Result<usize> {
        let before = env.now().minus(UNNAMED_FOR);
        let known = store.tenants();
        let mut gone = 0;
        let listed = self.files().list().map_err(|e| crate::base::Error::internal(format!("list media: {e}")))?;
        for (tenant, paths) in listed {
            for path in paths {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
                if super::files::MediaHash::from_str(&name).is_err() {
                    continue;
                }
                let unneeded = || named(store, &known, tenant, holders, &name).map(|named| !named);
                gone += usize::from(self.files().remove_if(&path, before, unneeded)?);
            }
        }
        if gone > 0 {
            tracing::info!(gone, "removed media that nothing names any more");
            metrics::counter!("farol_media_swept_total").increment(gone as u64);
        }
        Ok(gone)
    }

    /// Sweeps now and then until `shutdown` turns true.
    pub async fn run(self, store: Store, env: Env, holders: Holders, mut shutdown: watch::Receiver<bool>) {
        while !*shutdown.borrow() {
            let (this, at, clock, asked) = (self.clone(), store.clone(), env.clone(), holders.clone());
            let swept = tokio::task::spawn_blocking(move || this.sweep(&at, &clock, &asked)).await;
            if let Ok(Err(error)) = swept {
                tracing::error!(%error, "sweep media");
            }
            tokio::select! {
                () = shut(&mut shutdown) => break,
                () = env.clock.sleep_until(env.now().plus(EVERY)) => {}
            }
        }
    }
}

fn named(store: &Store, known: &[TenantId], tenant: TenantId, holders: &Holders, hash: &str) -> Result<bool> {
    // The folder of a firm that is gone is gone through like any other.
    if !known.contains(&tenant) {
        return Ok(false);
    }
    store.view(tenant, |view| holders.any(view, hash))
}
