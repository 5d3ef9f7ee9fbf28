//! Bulk work: a record with progress, done in bounded steps that move its cursor in their own commit.
//!
//! A step is an ordinary command of the lowest lane, so a job never stalls people; after a stop it goes on
//! where its last commit left it. *Chores* are the house's own upkeep above tenants (trimming the journal):
//! they keep no record, say when they are next due, and write nothing when there is nothing to do.

use super::{
    journal::{Audience, NewEvent},
    store::{
        Index, Json, KeyRange, Lane, PlatformTx, PlatformView, Read, Record, Store, TableId, TenantScope, Topic, Tx, Write, keys,
        shut,
    },
};
use crate::base::{ActorRef, Env, Error, JobId, Origin, Permission, Result, TenantId, Timestamp, time::Stopwatch};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet};

#[cfg(test)]
mod tests;
mod upkeep;

pub use upkeep::{Keep, TrimEnded, TrimJournal};

/// May see jobs, timers and deliveries.
pub const JOB_READ: Permission = Permission("job.read");

/// (next run, tenant number, job) of every job that has work left.
const RUNNABLE: TableId = TableId(0x0062);
/// Jobs run side by side.
const SIDE_BY_SIDE_MAX: usize = 4;
/// Steps that one job does in a row; then it goes behind the others that wait.
const TURN_STEPS_MAX: u32 = 20;
/// Jobs whose last turn is remembered; forgetting costs one round of fairness.
const TURNS_KEPT_MAX: usize = 10_000;
/// A step that failed so often ends the job.
const ATTEMPTS_MAX: u32 = 8;
/// A chore is asked at least so often when it is due.
const CHORE_ASKED_EVERY: Duration = Duration::from_secs(3600);

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobState {
    /// Not begun, or between two tries.
    Waiting,
    /// At work.
    Running,
    /// Finished.
    Done,
    /// Given up after failures; can be retried.
    Failed,
    /// Stopped by somebody; what its steps did stays.
    Cancelled,
}

/// One piece of bulk work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Running number in the tenant.
    pub number: u64,
    /// Which kind does its steps.
    pub kind: String,
    /// What is asked for.
    pub payload: Json,
    /// Where the next step begins; the kind's own words.
    pub cursor: Json,
    /// Where it stands.
    pub state: JobState,
    /// Pieces done …
    pub done: u64,
    /// … of so many, if that is known.
    pub total: Option<u64>,
    /// Failures in a row.
    pub attempts: u32,
    /// The last failure.
    pub last_error: Option<String>,
    /// When the next step runs; `None` when there is none.
    pub next_run: Option<Timestamp>,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// When its first step ran.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Who ordered it.
    pub ordered_by: String,
    /// Sequence of its last change of state.
    pub rev: u64,
}

impl Record for Job {
    type Key = JobId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0060);
    const NAME: &'static str = "job";

    fn key(&self) -> JobId {
        self.id
    }
    const INDEXES: &'static [&'static Index<Self>] = &[&JOBS_BY_NUMBER, &ENDED_BY_TIME];
}

impl Job {
    /// Whom or what the work is about: the id its payload holds under `noun`.
    ///
    /// # Errors
    /// Conflict `malformed` where it holds none; no later try would find one.
    pub fn subject<I: FromStr>(&self, noun: &str) -> Result<I> {
        let id = self.payload.0[noun].as_str().and_then(|id| id.parse().ok());
        id.ok_or_else(|| Error::conflict("malformed", format!("job {} names no {noun}", self.number)))
    }

    /// The row behind which the next step of a walk begins; `None` before the first.
    pub fn place(&self) -> Option<Vec<u8>> {
        hex::decode(self.cursor.0.as_str()?).ok()
    }

    /// Ends a step of a walk: the next one begins behind `last`, or there is none.
    pub fn walk_on(&mut self, last: Option<Vec<u8>>) -> Progress {
        let Some(last) = last else { return Progress::Done };
        self.cursor = Value::from(hex::encode(last)).into();
        Progress::More
    }
}

/// A tenant's jobs in the order they were ordered.
pub static JOBS_BY_NUMBER: Index<Job> = Index::unique(0x0061, "job number", |job, entries| entries.add(job.number));

/// Jobs that ended, by the time they did.
pub static ENDED_BY_TIME: Index<Job> = Index::ordered(0x0063, "ended jobs by time", |job, entries| {
    if let Some(at) = job.finished_at {
        entries.add(at);
    }
});

/// What a step leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More to do at once.
    More,
    /// More to do, not before this.
    Later(Timestamp),
    /// Nothing left.
    Done,
}

/// Does the steps of one kind of job.
pub trait JobKind: Send + Sync + 'static {
    /// The kind, as [`Tx::start_job`] names it.
    fn name(&self) -> &'static str;
    /// One bounded step: works on from `job.cursor`, moves it, counts `job.done`.
    fn step(&self, tx: &mut Tx<'_, '_>, job: &mut Job) -> Result<Progress>;
}

/// The house's own upkeep, above tenants.
pub trait Chore: Send + Sync + 'static {
    /// Its name in logs and metrics.
    fn name(&self) -> &'static str;
    /// When there is work next; `None` where nothing is in sight. Asked at least once an hour.
    fn due(&self, view: &PlatformView, now: Timestamp) -> Result<Option<Timestamp>>;
    /// One bounded step.
    fn step(&self, tx: &mut PlatformTx<'_, '_>) -> Result<Progress>;
}

fn runnable_key(at: Timestamp, tenant: u32, id: JobId) -> Vec<u8> {
    keys::bytes(&(at, tenant, id))
}

impl Tx<'_, '_> {
    /// Orders bulk work of `kind`; it begins after this commit.
    pub fn start_job(&mut self, kind: &'static str, payload: Value) -> Result<Job> {
        let now = self.now();
        let job = Job {
            id: self.new_id(),
            number: self.next_number("job")?,
            kind: kind.to_owned(),
            payload: payload.into(),
            cursor: Json::default(),
            state: JobState::Waiting,
            done: 0,
            total: None,
            attempts: 0,
            last_error: None,
            next_run: Some(now),
            created_at: now,
            started_at: None,
            finished_at: None,
            ordered_by: match self.origin().actor {
                ActorRef::User(id) => id.to_string(),
                ActorRef::Console => "console".into(),
                _ => "system".into(),
            },
            rev: self.next_rev(),
        };
        store_job(self, None, &job)?;
        told(self, "job.created", &job, Audience::nobody())?;
        Ok(job)
    }
}

fn told(tx: &mut Tx<'_, '_>, kind: &'static str, job: &Job, before: Audience) -> Result<u64> {
    tx.emit(NewEvent {
        kind,
        subject: job.id.into(),
        before,
        after: Audience::holders(JOB_READ),
        data: json!({"kind": job.kind, "state": job.state}),
    })
}

fn store_job(tx: &mut Tx<'_, '_>, old: Option<&Job>, job: &Job) -> Result<()> {
    let number = tx.number;
    let before = old.and_then(|old| old.next_run);
    if before != job.next_run {
        if let Some(at) = before {
            tx.core.put_raw(0, RUNNABLE, runnable_key(at, number, job.id), None)?;
        }
        if let Some(at) = job.next_run {
            tx.core.put_raw(0, RUNNABLE, runnable_key(at, number, job.id), Some(Vec::new()))?;
            tx.wake(Topic::Jobs);
        }
    }
    tx.replace(old, job)
}

/// Stores a job whose state changed and tells of it.
fn changed(tx: &mut Tx<'_, '_>, old: &Job, mut job: Job) -> Result<Job> {
    if job.state != old.state {
        job.rev = tx.next_rev();
        told(tx, "job.updated", &job, Audience::holders(JOB_READ))?;
    }
    store_job(tx, Some(old), &job)?;
    Ok(job)
}

/// Stops a job; what its steps did stays.
pub fn cancel(tx: &mut Tx<'_, '_>, id: JobId) -> Result<Job> {
    let old: Job = tx.require(&id)?;
    if !matches!(old.state, JobState::Waiting | JobState::Running) {
        return Err(Error::conflict("already_ended", "this job has ended already"));
    }
    let now = tx.now();
    let job = Job { state: JobState::Cancelled, next_run: None, finished_at: Some(now), ..old.clone() };
    changed(tx, &old, job)
}

/// Lets a failed or cancelled job go on where it stood.
pub fn retry(tx: &mut Tx<'_, '_>, id: JobId) -> Result<Job> {
    let old: Job = tx.require(&id)?;
    if !matches!(old.state, JobState::Failed | JobState::Cancelled) {
        return Err(Error::conflict("not_retryable", "only a failed or cancelled job can be retried"));
    }
    let next_run = Some(tx.now());
    let job = Job { state: JobState::Waiting, next_run, attempts: 0, finished_at: None, ..old.clone() };
    changed(tx, &old, job)
}

/// A page of the tenant's jobs, newest first.
pub fn list<V: Read<Scope = TenantScope>>(view: &V, after: Option<Vec<u8>>, limit: usize) -> Result<Vec<(Job, Vec<u8>)>> {
    view.list(&JOBS_BY_NUMBER, KeyRange::all().reverse().after(after))?.take(limit).collect()
}

/// Kinds of jobs and chores, and the service that does them.
#[derive(Default)]
pub struct Jobs {
    kinds: HashMap<&'static str, Arc<dyn JobKind>>,
    chores: Vec<Arc<dyn Chore>>,
}

impl Jobs {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind of job.
    pub fn kind(&mut self, kind: impl JobKind) -> &mut Self {
        self.kinds.insert(kind.name(), Arc::new(kind));
        self
    }

    /// Adds a chore.
    pub fn chore(&mut self, chore: impl Chore) -> &mut Self {
        self.chores.push(Arc::new(chore));
        self
    }

    /// Works until `shutdown` turns true.
    pub async fn run(self: Arc<Self>, store: Store, env: Env, shutdown: watch::Receiver<bool>) {
        let chores = self.chores.iter().map(|chore| run_chore(chore.clone(), store.clone(), shutdown.clone()));
        tokio::join!(join_all(chores), self.clone().run_jobs(store.clone(), env.clone(), shutdown.clone()));
    }

    async fn run_jobs(self: Arc<Self>, store: Store, env: Env, mut shutdown: watch::Receiver<bool>) {
        let mut busy: HashSet<JobId> = HashSet::new();
        let mut working: JoinSet<JobId> = JoinSet::new();
        // When each had its last turn: who waited longest comes next.
        let (mut turns, mut turn) = (HashMap::new(), 0u64);
        while !*shutdown.borrow() {
            let (ready, next) = match runnable(&store, store.now(), &busy, &turns) {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%error, "read the jobs that have work left");
                    (Vec::new(), Some(store.now().plus(Duration::from_secs(5))))
                }
            };
            for (tenant, id) in ready.into_iter().take(SIDE_BY_SIDE_MAX.saturating_sub(busy.len())) {
                busy.insert(id);
                turn += 1;
                turns.insert(id, turn);
                let (this, store, env, shutdown) = (self.clone(), store.clone(), env.clone(), shutdown.clone());
                working.spawn(async move {
                    this.drive(store, env, shutdown, tenant, id).await;
                    id
                });
            }
            tokio::select! {
                () = shut(&mut shutdown) => break,
                () = store.woken(Topic::Jobs) => {}
                Some(ended) = working.join_next(), if !working.is_empty() => {
                    if let Ok(id) = ended {
                        busy.remove(&id);
                    }
                    if turns.len() > TURNS_KEPT_MAX {
                        turns.retain(|id, _| busy.contains(id));
                    }
                }
                () = store.sleep_until(next.unwrap_or(Timestamp::FAR_FUTURE)) => {}
            }
        }
        // Each is between two commits or waits for one: a step is short.
        while working.join_next().await.is_some() {}
    }

    /// How long a step took, its commit included.
    fn measure(&self, store: &Store, tenant: TenantId, id: JobId, watch: Stopwatch) {
        let kind = store.view(tenant, |view| view.get::<Job>(&id)).ok().flatten();
        // Only kinds that are there: a label made of stored text could grow without end.
        if let Some((kind, _)) = kind.and_then(|job| self.kinds.get_key_value(job.kind.as_str())) {
            metrics::histogram!("farol_job_step_seconds", "job" => *kind).record(watch.elapsed().as_secs_f64());
        }
    }

    /// What is measured by name, as (label, name) of the histograms.
    pub fn measured(&self) -> Vec<(&'static str, &'static str)> {
        let chores = self.chores.iter().map(|chore| ("chore", chore.name()));
        self.kinds.keys().map(|kind| ("job", *kind)).chain(chores).collect()
    }

    /// Steps one job until it has nothing to do at once, or its turn is over.
    async fn drive(&self, store: Store, env: Env, shutdown: watch::Receiver<bool>, tenant: TenantId, id: JobId) {
        for _ in 0..TURN_STEPS_MAX {
            if *shutdown.borrow() || store.has_failed() {
                return;
            }
            let kinds = self.kinds.clone();
            let watch = Stopwatch::start();
            let stepped = store.write(tenant, Lane::Jobs, Origin::system(), move |tx| step(tx, &kinds, id)).await;
            self.measure(&store, tenant, id, watch);
            let error = match stepped {
                Ok(true) => continue,
                Ok(false) => return,
                Err(error) => error,
            };
            if matches!(error, Error::Unavailable(_)) {
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
            tracing::warn!(job = %id, %error, "a job's step failed");
            let unit = env.chance.unit();
            let told = store.write(tenant, Lane::Jobs, Origin::system(), move |tx| failed(tx, id, &error, unit)).await;
            if let Err(error) = told {
                tracing::error!(job = %id, %error, "a job's failure could not be stored");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            return;
        }
    }
}

/// One step; `true` while there is more to do at once.
fn step(tx: &mut Tx<'_, '_>, kinds: &HashMap<&'static str, Arc<dyn JobKind>>, id: JobId) -> Result<bool> {
    let now = tx.now();
    let Some(old) = tx.get::<Job>(&id)? else { return Ok(false) };
    if !matches!(old.state, JobState::Waiting | JobState::Running) || old.next_run.is_none_or(|at| at > now) {
        return Ok(false);
    }
    let kind = kinds
        .get(old.kind.as_str())
        .ok_or_else(|| Error::conflict("unknown_job", format!("nothing here does jobs of kind {}", old.kind)))?;
    let mut job = Job { state: JobState::Running, started_at: old.started_at.or(Some(now)), attempts: 0, ..old.clone() };
    let more = match kind.step(tx, &mut job)? {
        Progress::More => true,
        Progress::Later(at) => {
            (job.next_run, job.state) = (Some(at), JobState::Waiting);
            false
        }
        Progress::Done => {
            (job.next_run, job.state, job.finished_at) = (None, JobState::Done, Some(now));
            false
        }
    };
    changed(tx, &old, job)?;
    Ok(more)
}

fn failed(tx: &mut Tx<'_, '_>, id: JobId, error: &Error, unit: f64) -> Result<()> {
    let Some(old) = tx.get::<Job>(&id)? else { return Ok(()) };
    if !matches!(old.state, JobState::Waiting | JobState::Running) {
        // Somebody stopped it meanwhile: a failure is no reason to take it up again.
        return Ok(());
    }
    let now = tx.now();
    let attempts = old.attempts + 1;
    let mut job = Job { attempts, last_error: Some(error.to_string()), ..old.clone() };
    if error.is_permanent() || attempts >= ATTEMPTS_MAX {
        (job.state, job.next_run, job.finished_at) = (JobState::Failed, None, Some(now));
    } else {
        let pause = Duration::from_secs(1 << attempts.min(8)).mul_f64(1.0 + 0.2 * unit);
        (job.state, job.next_run) = (JobState::Waiting, Some(now.plus(pause)));
    }
    changed(tx, &old, job).map(|_| ())
}

type Ready = Vec<(TenantId, JobId)>;

/// Jobs with a step due, one per tenant first so that nobody's pile keeps others waiting; and when the next is.
fn runnable(
    store: &Store,
    now: Timestamp,
    busy: &HashSet<JobId>,
    turns: &HashMap<JobId, u64>,
) -> Result<(Ready, Option<Timestamp>)> {
    let view = store.read_platform()?;
    let mut due = Vec::new();
    let mut seen = HashSet::new();
    let mut next = None;
    for pair in view.raw_range(0, RUNNABLE, &KeyRange::all())?.take(1024) {
        let (key, _) = pair?;
        let broken = || Error::internal("read the index of runnable jobs");
        let (at, (number, id)) = <(Timestamp, (u32, JobId)) as keys::Key>::read(&key).ok_or_else(broken)?;
        if at > now {
            next = Some(at);
            break;
        }
        let Some(tenant) = store.tenant_of_number(number) else { continue };
        if busy.contains(&id) {
            seen.insert(tenant);
        } else {
            due.push((tenant, id));
        }
    }
    due.sort_by_key(|(_, id)| turns.get(id).copied().unwrap_or(0));
    let (mut firsts, mut others): (Ready, Ready) = due.into_iter().partition(|(tenant, _)| seen.insert(*tenant));
    firsts.append(&mut others);
    Ok((firsts, next))
}

async fn run_chore(chore: Arc<dyn Chore>, store: Store, mut shutdown: watch::Receiver<bool>) {
    while !*shutdown.borrow() {
        let now = store.now();
        let watch = Stopwatch::start();
        let due = store.view_platform(|view| chore.due(view, now)).unwrap_or_else(|error| {
            tracing::error!(chore = chore.name(), %error, "a chore could not say when it is due");
            None
        });
        // Asking is part of the work: most of the time there is nothing else.
        metrics::histogram!("farol_chore_seconds", "chore" => chore.name()).record(watch.elapsed().as_secs_f64());
        let again = now.plus(CHORE_ASKED_EVERY);
        let wake = due.map_or(again, |due| due.min(again));
        if wake > now {
            tokio::select! {
                () = shut(&mut shutdown) => return,
                () = store.sleep_until(wake) => continue,
            }
        }
        let watch = Stopwatch::start();
        let step = {
            let chore = chore.clone();
            store.write_platform(Lane::Jobs, Origin::system(), move |tx| chore.step(tx)).await
        };
        metrics::histogram!("farol_chore_seconds", "chore" => chore.name()).record(watch.elapsed().as_secs_f64());
        let pause = match step {
            Ok(Progress::More) => continue,
            // It said it was due and found nothing to do: asking again at once would spin.
            Ok(Progress::Done) => now.plus(Duration::from_secs(60)),
            Ok(Progress::Later(at)) => at,
            Err(error) => {
                tracing::error!(chore = chore.name(), %error, "a chore failed; trying again in a minute");
                now.plus(Duration::from_secs(60))
            }
        };
        tokio::select! {
            () = shut(&mut shutdown) => return,
            () = store.sleep_until(pause) => {}
        }
    }
}
