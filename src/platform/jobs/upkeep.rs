//! The house's own upkeep of what is over: ended jobs, decided letters, the journal beyond its window.

use super::{Chore, ENDED_BY_TIME, Job, Progress};
use crate::{
    base::{Result, TenantId, Timestamp},
    platform::{
        deadletters::{DECIDED_BY_TIME, DeadLetter},
        journal::{self, settled_by_all},
        store::{KeyRange, PlatformTx, PlatformView, Read, Store, Tx, Write},
    },
};
use std::time::Duration;

/// How long what is over stays readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Jobs that ended.
    pub jobs: Duration,
    /// Dead letters that somebody decided on.
    pub dead_letters: Duration,
}

type HowLong = dyn Fn() -> Result<Keep> + Send + Sync;

/// Removes jobs that ended and dead letters that were decided on, once they are old, tenant by tenant.
pub struct TrimEnded {
    store: Store,
    keep: Box<HowLong>,
}

/// Rows of one kind removed by one step: each costs some reads and deletions of the command's budget.
pub(super) const ENDED_STEP: usize = 40;

impl TrimEnded {
    /// Keeps what is over as long as `keep` says, asked anew each time.
    pub fn new(store: Store, keep: impl Fn() -> Result<Keep> + Send + Sync + 'static) -> Self {
        Self { store, keep: Box::new(keep) }
    }

    /// When the oldest row of a tenant may go.
    fn due_in(&self, tenant: TenantId, keep: Keep) -> Result<Option<Timestamp>> {
        self.store.view(tenant, |view| {
            let job = view.list(&ENDED_BY_TIME, KeyRange::all())?.next().transpose()?;
            let letter = view.list(&DECIDED_BY_TIME, KeyRange::all())?.next().transpose()?;
            let job = job.and_then(|(job, _)| Some(job.finished_at?.plus(keep.jobs)));
            let letter = letter.and_then(|(letter, _)| Some(letter.decided_at?.plus(keep.dead_letters)));
            Ok(job.into_iter().chain(letter).min())
        })
    }
}

impl Chore for TrimEnded {
    fn name(&self) -> &'static str {
        "trim ended work"
    }
    fn due(&self, _: &PlatformView, _now: Timestamp) -> Result<Option<Timestamp>> {
        let keep = (self.keep)()?;
        let mut first = None;
        for tenant in self.store.tenants() {
            first = first.into_iter().chain(self.due_in(tenant, keep)?).min();
        }
        Ok(first)
    }
    fn step(&self, tx: &mut PlatformTx<'_, '_>) -> Result<Progress> {
        let (keep, now) = ((self.keep)()?, tx.now());
        for tenant in self.store.tenants() {
            if self.due_in(tenant, keep)?.is_some_and(|due| due <= now) {
                tx.tenant(tenant, |tx| trim_ended(tx, keep))?;
                return Ok(Progress::More);
            }
        }
        Ok(Progress::Done)
    }
}

fn trim_ended(tx: &mut Tx<'_, '_>, keep: Keep) -> Result<()> {
    let now = tx.now();
    let old = |at: Option<Timestamp>, keep: Duration| at.is_some_and(|at| at.plus(keep) <= now);
    let jobs = tx.list(&ENDED_BY_TIME, KeyRange::all())?.take(ENDED_STEP).collect::<Result<Vec<_>>>()?;
    for (job, _) in jobs.iter().filter(|(job, _)| old(job.finished_at, keep.jobs)) {
        tx.delete::<Job>(&job.id)?;
    }
    let letters = tx.list(&DECIDED_BY_TIME, KeyRange::all())?.take(ENDED_STEP).collect::<Result<Vec<_>>>()?;
    for (letter, _) in letters.iter().filter(|(letter, _)| old(letter.decided_at, keep.dead_letters)) {
        tx.delete::<DeadLetter>(&letter.id)?;
    }
    Ok(())
}

/// Keeps the journal to its window: what is older, and settled by every reaction, goes.
pub struct TrimJournal {
    /// How long events are kept.
    pub window: Duration,
}

impl Default for TrimJournal {
    fn default() -> Self {
        Self { window: Duration::from_secs(90 * 86_400) }
    }
}

/// Events removed by one step: each costs a read and two deletions.
const TRIM_STEP: usize = 100;

impl Chore for TrimJournal {
    fn name(&self) -> &'static str {
        "trim journal"
    }
    fn due(&self, view: &PlatformView, _now: Timestamp) -> Result<Option<Timestamp>> {
        Ok(journal::oldest_at(view)?.map(|at| at.plus(self.window)))
    }
    fn step(&self, tx: &mut PlatformTx<'_, '_>) -> Result<Progress> {
        let settled = settled_by_all(tx)?.unwrap_or(u64::MAX);
        let before = tx.now().minus(self.window);
        let gone = journal::trim(tx, before, settled, TRIM_STEP)?;
        Ok(if gone == TRIM_STEP { Progress::More } else { Progress::Done })
    }
}
