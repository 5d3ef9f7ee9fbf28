//! Opening, reading, and handing commands to the writer.

use super::{
    engine::{Durability, Engine, EngineError, Snapshot},
    keys,
    layers::failed,
    migrate::{self, SCHEMA},
    pace::Pace,
    recent::{Recent, Told},
    redb_engine::RedbEngine,
    table::KeyRange,
    tenants::Tenants,
    tx::{PlatformTx, Read, Tx, own},
    view::{PlatformView, View},
    writer::{Command, Gate, Lane, Reply, Topic, Writer},
};
use crate::base::{Env, Error, Origin, Result, TenantId, Timestamp, chance, time::Stopwatch};
use std::{
    any::Any,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, Semaphore, oneshot, watch};

/// A wall clock further behind the time of commands is somebody's mistake.
const CLOCK_BACK_MAX: Duration = Duration::from_secs(300);
/// Nobody sleeps longer without looking at the clock again.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds it.
    #[error("the data folder is in use by another process")]
    InUse,
    /// Written by a newer program.
    #[error(
        "the data was written by a newer version (format {found}, this program knows {known}): install that version or newer"
    )]
    Newer {
        /// Format on disk.
        found: u32,
        /// Newest format this program knows.
        known: u32,
    },
    /// The bytes on disk contradict themselves.
    #[error("the data is damaged ({0}): run `farol verify`, then `farol restore` from a backup")]
    Damaged(String),
    /// There is no room on the disk.
    #[error("the data can't be opened, because there is no room on the disk ({0}): make room, then start again")]
    Full(String),
    /// The operating system refused.
    #[error("the data can't be opened: {0}")]
    Io(String),
}

impl From<EngineError> for OpenError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Damaged(what) => OpenError::Damaged(what),
            EngineError::Full(what) => OpenError::Full(what),
            EngineError::Io(what) => OpenError::Io(what),
        }
    }
}

/// Exit code of a process whose last commit found no room: starting again helps once there is some.
const EXIT_FULL: i32 = 6;
/// Exit code of a process whose last commit failed otherwise.
const EXIT_FAILED: i32 = 5;

/// Why nothing more is written: a commit that failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{what}")]
pub struct CommitFailure {
    /// What was tried and what came of it.
    pub what: String,
    /// Was it for want of room on the disk?
    pub full: bool,
}

/// How to open a store.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Bytes of pages kept in memory.
    pub cache_bytes: usize,
    /// Told how far a migration is.
    pub progress: migrate::Progress,
}
impl Default for StoreOptions {
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, progress: migrate::Progress::default() }
    }
}

pub(super) struct Inner {
    commits: AtomicU64,
    /// Gone once the store is released.
    engine: parking_lot::RwLock<Option<Box<dyn Engine>>>,
    pub gate: Gate,
    pub tenants: Tenants,
    permits: [Arc<Semaphore>; 3],
    head: watch::Sender<u64>,
    recent: Recent,
    topics: [Notify; Topic::COUNT],
    epoch: u64,
    failed: AtomicBool,
    env: Env,
    pace: Pace,
    /// Is the wall clock behind the time of commands?
    behind: AtomicBool,
    /// True while there is no room on the disk for another commit.
    held: watch::Sender<bool>,
    /// Has the engine ever found no room?
    full: AtomicBool,
    on_failure: Box<dyn Fn(&CommitFailure) + Send + Sync>,
}

impl Inner {
    pub fn engine<T>(&self, work: impl FnOnce(&dyn Engine) -> Result<T, EngineError>) -> Result<T, EngineError> {
        match self.engine.read().as_deref() {
            Some(engine) => work(engine).inspect_err(|error| {
                if matches!(error, EngineError::Full(_)) {
                    self.full.store(true, Ordering::SeqCst);
                }
            }),
            None => Err(EngineError::Io("the store is closed".to_owned())),
        }
    }
    pub fn published(&self, seq: u64, told: Vec<Told>, forgotten: u64, new_tenants: &[(TenantId, u32)]) {
        self.tenants.add(new_tenants);
        self.recent.add(told, forgotten);
        self.head.send_if_modified(|head| std::mem::replace(head, seq) != seq);
    }
    pub fn wake(&self, topics: u32) {
        for (bit, notify) in self.topics.iter().enumerate() {
            if topics & (1 << bit) != 0 {
                notify.notify_one();
            }
        }
    }
    /// The time of a command that begins now.
    pub fn now(&self) -> Timestamp {
        let wall = self.env.now();
        let now = self.pace.now(wall);
        let behind = now.since(wall);
        if self.behind.swap(!behind.is_zero(), Ordering::Relaxed) == behind.is_zero() {
            if behind > CLOCK_BACK_MAX {
                let seconds = behind.as_secs();
                tracing::error!(seconds, "the clock was set back; time goes at half pace until it has caught up");
            }
            // Whoever sleeps until a moment sleeps by the wall as it was.
            self.wake(u32::MAX);
        }
        now
    }
    pub fn count_commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }
    pub fn mark_failed(&self) {
        self.failed.store(true, Ordering::SeqCst);
    }
    pub fn fail(&self, what: &str) {
        self.mark_failed();
        self.gate.close();
        (self.on_failure)(&CommitFailure { what: what.to_owned(), full: self.full.load(Ordering::SeqCst) });
    }
}

/// A handle to the store; clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    writer: Arc<parking_lot::Mutex<Option<std::thread::JoinHandle<()>>>>,
}

impl Store {
    /// Opens or creates `farol.redb` in the folder `data`. A failing commit ends the process.
    pub fn open(data: &Path, options: &StoreOptions, env: Env) -> Result<Self, OpenError> {
        let engine = RedbEngine::open(&data.join("farol.redb"), options.cache_bytes)?;
        migrate::bring_up(&engine, migrate::STEPS, SCHEMA, &options.progress, |found| migrate::keep_copy(data, found))?;
        Self::on(Box::new(engine), env, |CommitFailure { what, full }| {
            if *full {
                tracing::error!(what, "the disk is full: make room; what was acknowledged is safe, ending to start again");
                std::process::exit(EXIT_FULL);
            }
            tracing::error!(what, "the store failed; ending so that nothing false is acknowledged");
            std::process::exit(EXIT_FAILED);
        })
    }

    /// A store in memory, for tests.
    pub fn in_memory(env: Env) -> Self {
        Self::on(Box::new(RedbEngine::in_memory()), env, |failure| panic!("the store failed: {}", failure.what))
            .expect("memory opens")
    }

    /// Opens over any engine; `on_failure` is told when a commit failed and nothing more will be taken.
    pub fn on(
        engine: Box<dyn Engine>,
        env: Env,
        on_failure: impl Fn(&CommitFailure) + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        migrate::bring_up(engine.as_ref(), migrate::STEPS, SCHEMA, &migrate::Progress::default(), |_| Ok(()))?;
        let (epoch, seq, last_now, tenants) = prepare(engine.as_ref(), &env)?;
        let inner = Arc::new(Inner {
            engine: parking_lot::RwLock::new(Some(engine)),
            gate: Gate::default(),
            tenants,
            permits: Lane::ALL.map(|lane| Arc::new(Semaphore::new(lane.capacity()))),
            commits: AtomicU64::new(0),
            head: watch::Sender::new(seq),
            recent: Recent::new(seq),
            topics: Default::default(),
            epoch,
            failed: AtomicBool::new(false),
            env: env.clone(),
            pace: Pace::after(last_now),
            behind: AtomicBool::new(false),
            held: watch::Sender::new(false),
            full: AtomicBool::new(false),
            on_failure: Box::new(on_failure),
        });
        let watched_since = env.now();
        let watched = inner.clone();
        let writer = Writer { inner: inner.clone(), env, seq, watch: Stopwatch::start(), watched_since };
        let thread = std::thread::Builder::new()
            .name("farol-writer".into())
            .spawn(move || {
                let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| writer.run()));
                // Without a writer every caller would wait for ever.
                if ended.is_err() && !watched.failed.load(Ordering::SeqCst) {
                    watched.fail("the writer panicked");
                }
            })
            .map_err(|e| OpenError::Io(format!("start the writer: {e}")))?;
        Ok(Self { inner, writer: Arc::new(parking_lot::Mutex::new(Some(thread))) })
    }

    /// Takes no more commands, finishes those that wait, and lets go of the engine's thread.
    pub fn close(&self) {
        self.inner.gate.close();
        // Who waits for room learns that the gate is shut.
        self.hold(false);
        if let Some(thread) = self.writer.lock().take() {
            // A writer that panicked outside a command has said so through `on_failure`.
            let _ = thread.join();
        }
    }
    /// Closes and frees the file, whoever still holds a handle: nothing can be read any more, and the next
    /// opening finds the file shut in order.
    pub fn release(&self) {
        self.close();
        self.inner.engine.write().take();
    }

    /// Random per store and changed by a restore: cursors of another epoch mean nothing here.
    pub fn epoch(&self) -> u64 {
        self.inner.epoch
    }
    /// Sequence of the last durable journal event.
    pub fn head(&self) -> u64 {
        *self.inner.head.borrow()
    }
    /// Up to `max` of what commits told behind sequence `after`; `None` where that is too long ago.
    pub(in crate::platform) fn recent(&self, after: u64, max: usize) -> Option<Vec<Arc<dyn Any + Send + Sync>>> {
        self.inner.recent.after(after, max)
    }
    /// Commits since the opening: an idle house makes none.
    pub fn commits(&self) -> u64 {
        self.inner.commits.load(Ordering::Relaxed)
    }
    /// Follows [`Store::head`].
    pub fn watch_head(&self) -> watch::Receiver<u64> {
        self.inner.head.subscribe()
    }
    /// Wakes one waiter after each commit that touched `topic` (or at once, if one did since the last wait).
    pub async fn woken(&self, topic: Topic) {
        self.inner.topics[topic as usize].notified().await
    }
    /// Has a commit failed? Then nothing is written any more.
    pub fn has_failed(&self) -> bool {
        self.inner.failed.load(Ordering::SeqCst)
    }
    /// While held, people's writes are refused and the house's own wait: for a disk without room.
    pub fn hold(&self, held: bool) {
        self.inner.held.send_if_modified(|now| std::mem::replace(now, held) != held);
    }
    /// The time of a command that begins now: the wall clock's, and ahead of it after the wall clock was set
    /// back. Who plans by times that commands have written asks this.
    pub fn now(&self) -> Timestamp {
        self.inner.now()
    }
    /// Resolves when [`Store::now`] has reached `due`. Cancel-safe.
    pub async fn sleep_until(&self, due: Timestamp) {
        let Inner { env, pace, .. } = &*self.inner;
        while self.now() < due {
            let wall = pace.wall_at(due, env.now());
            tokio::select! {
                () = env.clock.sleep_until(wall) => {}
                () = tokio::time::sleep(SLEEP_MAX) => {}
            }
        }
    }
    /// How far the wall clock is behind the time of commands, where that is more than five minutes. Until it
    /// has caught up, commands see time going at half pace.
    pub fn clock_alarm(&self) -> Option<Duration> {
        let by = self.inner.pace.behind(self.inner.env.now());
        (by > CLOCK_BACK_MAX).then_some(by)
    }
    /// All tenants, oldest first.
    pub fn tenants(&self) -> Vec<TenantId> {
        self.inner.tenants.all()
    }
    pub(crate) fn tenant_of_number(&self, number: u32) -> Option<TenantId> {
        self.inner.tenants.id(number)
    }
    pub(crate) fn number_of_tenant(&self, tenant: TenantId) -> Option<u32> {
        self.inner.tenants.number(tenant)
    }
    /// Checks every page; needs the store idle.
    pub fn check(&self) -> Result<bool> {
        self.inner.engine(|engine| engine.check()).map_err(failed)
    }
    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        self.inner.engine(|engine| engine.snapshot()).map_err(failed)
    }

    /// A snapshot of one tenant. It can't be held across an await (it is not `Send`), which keeps reads short.
    pub fn read(&self, tenant: TenantId) -> Result<View> {
        let number = self.inner.tenants.number(tenant).ok_or(Error::NotFound("tenant"))?;
        Ok(View::of(self.snapshot()?, tenant, number))
    }
    /// A snapshot of what stands above tenants.
    pub fn read_platform(&self) -> Result<PlatformView> {
        self.snapshot().map(PlatformView::of)
    }
    /// Reads one tenant in one snapshot.
    pub fn view<T>(&self, tenant: TenantId, read: impl FnOnce(&View) -> Result<T>) -> Result<T> {
        read(&self.read(tenant)?)
    }
    /// Reads above tenants in one snapshot.
    pub fn view_platform<T>(&self, read: impl FnOnce(&PlatformView) -> Result<T>) -> Result<T> {
        read(&self.read_platform()?)
    }

    /// Runs a command in `tenant` and answers when its commit is durable.
    ///
    /// # Errors
    /// What the command says, leaving nothing behind; `Unavailable` where the lane is full or the store closing.
    pub async fn write<T: Send + 'static>(
        &self,
        tenant: TenantId,
        lane: Lane,
        origin: Origin,
        command: impl FnOnce(&mut Tx<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(lane, Setting::plain(Some(tenant), origin), move |core, number| command(&mut Tx { core, tenant, number }))
            .await
    }

    /// Runs a command above tenants and answers when its commit is durable.
    pub async fn write_platform<T: Send + 'static>(
        &self,
        lane: Lane,
        origin: Origin,
        command: impl FnOnce(&mut PlatformTx<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(lane, Setting::plain(None, origin), move |core, _| command(&mut PlatformTx { core })).await
    }

    /// Runs a command as of the moment `at` in the past, for history made from a seed: the same rules, but
    /// its events are not journaled, its timers and deliveries go nowhere, it has no budget, and its commit
    /// may be lost by a crash until [`Store::sync`] or any later ordinary command. Feed moments in order:
    /// ids are made of them, and tables that grow at their end stay small and fast.
    pub async fn import<T: Send + 'static>(
        &self,
        tenant: TenantId,
        at: Timestamp,
        origin: Origin,
        command: impl FnOnce(&mut Tx<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let setting = Setting { unbounded: true, import: Some(at), ..Setting::plain(Some(tenant), origin) };
        self.submit(Lane::Jobs, setting, move |core, number| command(&mut Tx { core, tenant, number })).await
    }

    /// Makes every import so far durable.
    pub async fn sync(&self) -> Result<()> {
        self.submit(Lane::People, Setting::plain(None, Origin::system()), |core, _| {
            let seq = core.seq_now();
            core.put_raw(0, own::META, keys::bytes("seq"), Some(seq.to_le_bytes().to_vec()))
        })
        .await
    }

    /// As [`Store::write`], for tests that are no futures.
    #[cfg(test)]
    pub fn write_blocking<T: Send + 'static>(
        &self,
        tenant: TenantId,
        lane: Lane,
        origin: Origin,
        command: impl FnOnce(&mut Tx<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        block_on(self.write(tenant, lane, origin, command))
    }

    pub(crate) async fn submit<T: Send + 'static>(
        &self,
        lane: Lane,
        setting: Setting,
        command: impl FnOnce(&mut super::tx::Core<'_>, u32) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let number = match setting.tenant {
            Some(tenant) => self.inner.tenants.number(tenant).ok_or(Error::NotFound("tenant"))?,
            None => 0,
        };
        if *self.inner.held.borrow() {
            if lane == Lane::People {
                return Err(Error::NoRoom("disk_full"));
            }
            let _ = self.inner.held.subscribe().wait_for(|held| !held).await;
        }
        let permits = self.inner.permits[lane as usize].clone();
        // People are told to come back; the house's own work waits its turn.
        let permit = match lane {
            Lane::People => permits.try_acquire_owned().map_err(|_| Error::unavailable("too many writes are waiting"))?,
            Lane::Reactions | Lane::Jobs => {
                permits.acquire_owned().await.map_err(|_| Error::unavailable("the store is closing"))?
            }
        };
        let (tell, told) = oneshot::channel();
        let run = Box::new(move |core: &mut super::tx::Core<'_>| {
            let outcome = command(core, number);
            let ok = outcome.is_ok();
            let reply: Reply = Box::new(move || {
                drop(permit);
                // Nobody listens any more where the caller was cancelled; the command stands all the same.
                let _ = tell.send(outcome);
            });
            (ok, reply)
        });
        let Setting { origin, cause, depth, unbounded, import, .. } = setting;
        self.inner.gate.submit(lane, Command { tenant: number, origin, cause, depth, unbounded, import, run })?;
        match told.await {
            Ok(outcome) => outcome,
            Err(_) if self.has_failed() => Err(Error::unavailable("the store failed")),
            Err(_) => Err(Error::internal("a command panicked and was undone")),
        }
    }
}

/// In whose name and for which reason a command runs.
pub(crate) struct Setting {
    pub tenant: Option<TenantId>,
    pub origin: Origin,
    pub cause: Option<u64>,
    pub depth: u8,
    pub unbounded: bool,
    pub import: Option<Timestamp>,
}

impl Setting {
    /// A command of its own accord, within the budget, now.
    pub fn plain(tenant: Option<TenantId>, origin: Origin) -> Self {
        Self { tenant, origin, cause: None, depth: 0, unbounded: false, import: None }
    }
}

/// Waits on a plain thread.
#[cfg(test)]
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark()
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

fn prepare(engine: &dyn Engine, env: &Env) -> Result<(u64, u64, Timestamp, Tenants), OpenError> {
    let meta = |name: &str| [super::tx::key_base(0, own::META), keys::bytes(name)].concat();
    let snapshot = engine.snapshot()?;
    let epoch = snapshot.get(&meta("epoch"))?.and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    let epoch = epoch.ok_or_else(|| OpenError::Damaged("no epoch".into()))?;
    let kept = snapshot.get(&meta("seq"))?.and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    let view = PlatformView::of(snapshot);
    let (seq, at) = crate::platform::journal::last(&view).map_err(|e| OpenError::Damaged(e.to_string()))?;
    let seq = seq.max(kept);
    let tenants = Tenants::default();
    let mut known = Vec::new();
    for pair in view.source().range_raw(own::TENANTS, &KeyRange::all()).map_err(|e| OpenError::Damaged(e.to_string()))? {
        let (key, value) = pair.map_err(|e| OpenError::Damaged(e.to_string()))?;
        match (<TenantId as keys::Key>::read(&key), value.try_into().map(u32::from_le_bytes)) {
            (Some(id), Ok(number)) => known.push((id, number)),
            _ => return Err(OpenError::Damaged("a tenant's number".into())),
        }
    }
    tenants.add(&known);
    Ok((epoch, seq, at.min(env.now().plus(Duration::from_secs(86_400 * 366))), tenants))
}

/// Gives a filled engine an epoch of its own: whoever stood somewhere in the old one starts anew.
pub(crate) fn renew_epoch(engine: &dyn Engine) -> Result<(), EngineError> {
    let key = [super::tx::key_base(0, own::META), keys::bytes("epoch")].concat();
    let epoch = u64::from_le_bytes(chance::secret_bytes());
    engine.commit(super::engine::Batch::from([(key, Some(epoch.to_le_bytes().to_vec()))]), Durability::Durable)
}
