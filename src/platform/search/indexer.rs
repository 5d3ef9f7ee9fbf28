//! The thread that keeps the index: follows the journal, commits once a second, switches to a rebuilt one.

use super::{
    document::{DocChange, Extractor},
    folder::{self, Folder, Place, Trouble},
    rebuild,
    service::SearchParts,
    snapshot::Snapshot,
    tail::Tail,
};
use crate::{
    base::{Error, Result, TenantId, time::Stopwatch},
    platform::{
        journal::{self, Event},
        store::Store,
        supervise,
    },
};
use parking_lot::{Condvar, Mutex, RwLock};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tantivy::{
    IndexReader, IndexWriter, ReloadPolicy,
    indexer::{IndexWriterOptions, LogMergePolicy},
};

/// Bytes of the one indexing thread; more text than this is committed before its second is over.
pub const WRITER_BYTES: usize = 32 << 20;
/// A commit costs some ten milliseconds, whatever is in it.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// What was said can be found within a second.
const _: () = assert!(COMMIT_EVERY.as_millis() <= 1_000);
/// After trouble with disk or lock.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// Events read in one go.
const SLICE_EVENTS_MAX: usize = 256;
/// An index that found nothing to write for so many events notes its place all the same, so that a restart does
/// not read them again.
const IDLE_EVENTS_MAX: u64 = 50_000;
/// Documents deleted in a segment before it is rewritten, as a share.
const DELETED_SHARE_MAX: f32 = 0.3;
/// An extractor that fails on an event gets so many chances before the event is passed over.
const CHANCES: u32 = 3;

/// What the thread is asked to do.
#[derive(Debug, Default)]
pub struct Wishes {
    pub moved: bool,
    pub stop: bool,
    pub rebuild: bool,
    built: Option<Result<PathBuf, Trouble>>,
}

/// What queries and the thread share.
pub struct Shared {
    pub store: Store,
    pub root: PathBuf,
    pub extractors: Vec<Box<dyn Extractor>>,
    /// What is committed and what is not, always of the same moment.
    visible: RwLock<(Option<Arc<Snapshot>>, Arc<Tail>)>,
    wishes: Mutex<Wishes>,
    bell: Condvar,
    position: AtomicU64,
    rebuilding: AtomicBool,
    /// A thread is at it.
    building: AtomicBool,
    stopping: AtomicBool,
    trouble: Mutex<Option<String>>,
    /// Commits that fail as on a full disk: for tests.
    #[cfg(test)]
    pub failing_commits: AtomicU64,
}

impl Shared {
    pub fn new(parts: SearchParts) -> Self {
        Self {
            store: parts.store,
            root: parts.folder,
            extractors: parts.extractors,
            visible: RwLock::default(),
            wishes: Mutex::default(),
            bell: Condvar::new(),
            position: AtomicU64::new(0),
            rebuilding: AtomicBool::new(true),
            building: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            trouble: Mutex::default(),
            #[cfg(test)]
            failing_commits: AtomicU64::new(0),
        }
    }
    pub fn ring(&self, ask: impl FnOnce(&mut Wishes)) {
        let mut wishes = self.wishes.lock();
        ask(&mut wishes);
        if wishes.stop {
            self.stopping.store(true, SeqCst);
        }
        drop(wishes);
        self.bell.notify_all();
    }
    pub fn visible(&self) -> (Option<Arc<Snapshot>>, Arc<Tail>) {
        self.visible.read().clone()
    }
    pub fn position(&self) -> u64 {
        self.position.load(SeqCst)
    }
    pub fn is_rebuilding(&self) -> bool {
        self.rebuilding.load(SeqCst) || self.wishes.lock().rebuild
    }
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(SeqCst)
    }
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }

    /// Waits for a wish, at most `patience` if given; takes all there are.
    fn wait(&self, patience: Option<Duration>) -> Wishes {
        let mut wishes = self.wishes.lock();
        let idle = |w: &Wishes| !(w.moved || w.stop || w.rebuild || w.built.is_some() || self.is_stopping());
        match patience {
            Some(patience) if idle(&wishes) => drop(self.bell.wait_for(&mut wishes, patience)),
            Some(_) => {}
            None => {
                while idle(&wishes) {
                    self.bell.wait(&mut wishes);
                }
            }
        }
        // Once asked to stop, it stays asked.
        Wishes { stop: self.is_stopping(), ..std::mem::take(&mut *wishes) }
    }

    /// What an event changes; nothing where an extractor can't say, after a few chances.
    pub fn changes(&self, event: &Event) -> Result<Vec<DocChange>> {
        let Some(tenant) = event.tenant else { return Ok(Vec::new()) };
        let mut changes = Vec::new();
        for extractor in self.extractors.iter().filter(|extractor| extractor.wants(&event.kind)) {
            let read = || self.store.view(tenant, |view| extractor.documents(view, event));
            for chance in 1.. {
                let outcome = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Error::internal("it panicked")));
                match outcome {
                    Ok(more) => {
                        changes.extend(more);
                        break;
                    }
                    Err(error) if chance == CHANCES => {
                        metrics::counter!("farol_search_passed_over_total").increment(1);
                        tracing::error!(%error, seq = event.seq, kind = %event.kind, "an event could not be indexed; passing it over");
                        break;
                    }
                    Err(_) => std::thread::sleep(Duration::from_millis(50)),
                }
            }
        }
        Ok(changes)
    }
}

/// An open index with its one writer.
struct Open {
    folder: Folder,
    writer: IndexWriter,
    reader: IndexReader,
    /// Events up to here are in the writer.
    cursor: u64,
    /// Events up to here are committed.
    committed: u64,
    /// Nothing of a later event was in the index when it was opened.
    fresh_after: u64,
    complete: bool,
    bytes: usize,
    /// Since when something waits for a commit.
    dirty: Option<Stopwatch>,
}

impl Open {
    fn new(folder: Folder, store: &Store) -> Result<Self, Trouble> {
        let writer = writer(&folder)?;
        let reader = folder.index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let Place { seq, complete, .. } = folder.place;
        Ok(Self {
            folder,
            writer,
            reader,
            cursor: seq,
            committed: seq,
            fresh_after: store.head(),
            complete,
            bytes: 0,
            dirty: None,
        })
    }

    fn apply(&mut self, tenant: TenantId, seq: u64, change: &DocChange) -> Result<(), Trouble> {
        let fields = &self.folder.fields;
        match change {
            DocChange::Remove(id) => drop(self.writer.delete_term(fields.id_term(*id))),
            DocChange::Add(doc) | DocChange::Put(doc) => {
                // An event followed before puts the same document again: one id, one document. Each deletion is
                // looked for in every segment, so what can't be there is not deleted.
                if matches!(change, DocChange::Put(_)) || seq <= self.fresh_after {
                    self.writer.delete_term(fields.id_term(doc.id));
                }
                self.writer.add_document(fields.document(tenant, doc))?;
                self.bytes += doc.text.len() + 128;
            }
        }
        self.dirty.get_or_insert_with(Stopwatch::start);
        Ok(())
    }

    /// How long until a commit is due; `None` where nothing waits for one.
    fn due(&self) -> Option<Duration> {
        let waited = self.dirty.as_ref()?.elapsed();
        Some(if self.bytes >= WRITER_BYTES { Duration::ZERO } else { COMMIT_EVERY.saturating_sub(waited) })
    }

    fn commit(&mut self, epoch: u64) -> Result<Snapshot, Trouble> {
        let began = Stopwatch::start();
        let place = Place { seq: self.cursor, epoch, complete: self.complete };
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(&place).map_err(|e| Trouble::Wait(e.to_string()))?);
        commit.commit()?;
        // The default policy watches the file and may be late.
        self.reader.reload()?;
        (self.committed, self.bytes, self.dirty) = (self.cursor, 0, None);
        metrics::histogram!("farol_search_commit_seconds").record(began.elapsed().as_secs_f64());
        Ok(Snapshot::new(self.reader.searcher(), self.folder.fields.clone())?)
    }
}

/// The one writer of a folder; it holds the folder's lock.
pub fn writer(folder: &Folder) -> Result<IndexWriter, Trouble> {
    let options =
        IndexWriterOptions::builder().num_worker_threads(1).memory_budget_per_thread(WRITER_BYTES).num_merge_threads(1).build();
    let writer: IndexWriter = folder.index.writer_with_options(options)?;
    let mut merging = LogMergePolicy::default();
    merging.set_del_docs_ratio_before_merge(DELETED_SHARE_MAX);
    writer.set_merge_policy(Box::new(merging));
    Ok(writer)
}

/// The thread.
pub struct Indexer {
    shared: Arc<Shared>,
    /// The folder in use, to be put aside where it proves damaged.
    path: Option<PathBuf>,
}

impl Indexer {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, path: None }
    }

    /// Runs until asked to stop, through every trouble.
    pub fn run(mut self) {
        // What it starts to write and to merge inherits this.
        supervise::yield_to_others();
        loop {
            let ended = catch_unwind(AssertUnwindSafe(|| self.keep()))
                .unwrap_or_else(|_| Err(Trouble::Wait("the search thread panicked".into())));
            match ended {
                Ok(()) => return,
                // The last commit failed, e.g. on a full disk: whoever waits for the end must not wait for ever. What
                // is missing is read from the journal at the next start.
                Err(trouble) if self.shared.is_stopping() => {
                    return tracing::warn!(%trouble, "the search index was not committed at the stop");
                }
                Err(trouble) => {
                    tracing::warn!(%trouble, "search can't go on; what is indexed stays findable");
                    metrics::counter!("farol_search_troubles_total").increment(1);
                    *self.shared.trouble.lock() = Some(trouble.to_string());
                    if let (Trouble::Damaged(why), Some(path)) = (&trouble, self.path.take()) {
                        let _ = folder::put_aside(&self.shared.root, &path, why);
                    }
                }
            }
            let waited = Stopwatch::start();
            while let Some(left) = TRY_AGAIN_AFTER.checked_sub(waited.elapsed()) {
                let wishes = self.shared.wait(Some(left));
                if wishes.stop {
                    return;
                }
                if wishes.rebuild {
                    self.shared.ring(|asked| asked.rebuild = true);
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }

    /// Opens an index and keeps it until asked to stop.
    fn keep(&mut self) -> Result<(), Trouble> {
        let shared = self.shared.clone();
        let epoch = shared.store.epoch();
        let oldest = shared.store.view_platform(journal::oldest).map_err(store_failed)?;
        let usable = folder::open(&shared.root)?.filter(|found| {
            found.place.epoch == epoch && found.place.seq <= shared.store.head() && found.place.seq + 1 >= oldest
        });
        let folder = match usable {
            Some(folder) => folder,
            // New events are found at once; what is older, when the rebuild beside is done.
            None => folder::create(&shared.root, Place { seq: shared.store.head(), epoch, complete: false })?,
        };
        self.path = Some(folder.path.clone());
        let mut open = Open::new(folder, &shared.store)?;
        if open.complete {
            folder::sweep(&shared.root, &open.folder.path);
            shared.visible.write().0 = Some(Arc::new(Snapshot::new(open.reader.searcher(), open.folder.fields.clone())?));
        } else {
            let snapshot = open.commit(epoch)?;
            let mut visible = shared.visible.write();
            // An index that answers, though damaged or of another schema, is better than an empty one.
            if visible.0.is_none() {
                visible.0 = Some(Arc::new(snapshot));
            }
            drop(visible);
            self.build()?;
        }
        shared.rebuilding.store(!open.complete, SeqCst);
        *shared.trouble.lock() = None;
        // Events may have come before anybody listened.
        let mut wishes = Wishes { moved: true, ..Wishes::default() };
        loop {
            if wishes.stop {
                if open.dirty.is_some() {
                    open.commit(epoch)?;
                }
                while shared.building.load(SeqCst) {
                    std::thread::sleep(Duration::from_millis(2));
                }
                return Ok(());
            }
            if let Some(built) = wishes.built.take() {
                match built {
                    Ok(path) => open = self.switch(open, path)?,
                    Err(trouble) => {
                        tracing::error!(%trouble, "the search index could not be built; trying again later");
                        return Err(Trouble::Wait(trouble.to_string()));
                    }
                }
                shared.rebuilding.store(false, SeqCst);
            }
            if wishes.rebuild {
                shared.rebuilding.store(true, SeqCst);
                self.build()?;
            }
            let more = self.follow(&mut open, true)?;
            if open.due().is_some_and(|left| left.is_zero()) {
                self.publish(&mut open)?;
            }
            wishes = shared.wait(if more { Some(Duration::ZERO) } else { open.due() });
        }
    }

    /// Puts some events into the writer, and into the tail where that is in use. `true`: there are more.
    fn follow(&self, open: &mut Open, tail: bool) -> Result<bool, Trouble> {
        let shared = &self.shared;
        let watch = Stopwatch::start();
        let events = journal::read_after(&shared.store, open.cursor, SLICE_EVENTS_MAX).map_err(store_failed)?;
        if journal::is_gap(&shared.store, open.cursor, &events).map_err(store_failed)? {
            tracing::warn!(cursor = open.cursor, "the journal was trimmed past the search index; it is built anew");
            shared.rebuilding.store(true, SeqCst);
            self.build()?;
        }
        for event in &events {
            let changes = shared.changes(event).map_err(store_failed)?;
            if let Some(tenant) = event.tenant
                && !changes.is_empty()
            {
                for change in &changes {
                    open.apply(tenant, event.seq, change)?;
                }
                if tail {
                    let mut visible = shared.visible.write();
                    let tail = Arc::make_mut(&mut visible.1);
                    changes.iter().for_each(|change| tail.take(tenant, change));
                }
            }
            open.cursor = event.seq;
            if tail {
                shared.position.fetch_max(event.seq, SeqCst);
            }
        }
        if !events.is_empty() {
            metrics::histogram!("farol_follower_seconds", "follower" => "search").record(watch.elapsed().as_secs_f64());
        }
        if tail {
            let lag = shared.store.head().saturating_sub(open.cursor);
            metrics::gauge!("farol_follower_lag", "follower" => "search").set(lag as f64);
            if events.is_empty() {
                shared.position.fetch_max(open.cursor, SeqCst);
            }
        }
        if open.cursor - open.committed > IDLE_EVENTS_MAX {
            open.dirty.get_or_insert_with(Stopwatch::start);
        }
        Ok(events.len() == SLICE_EVENTS_MAX)
    }

    /// Commits, and shows the committed instead of the tail.
    fn publish(&self, open: &mut Open) -> Result<(), Trouble> {
        #[cfg(test)]
        if self.shared.failing_commits.load(SeqCst) > 0 {
            self.shared.failing_commits.fetch_sub(1, SeqCst);
            return Err(tantivy::TantivyError::from(std::io::Error::from(std::io::ErrorKind::StorageFull)).into());
        }
        let snapshot = open.commit(self.shared.store.epoch())?;
        *self.shared.visible.write() = (Some(Arc::new(snapshot)), Arc::default());
        Ok(())
    }

    /// Starts building another index beside, unless that is under way.
    fn build(&self) -> Result<(), Trouble> {
        let shared = self.shared.clone();
        if shared.building.swap(true, SeqCst) {
            return Ok(());
        }
        let run = move || {
            supervise::yield_to_others();
            let built = catch_unwind(AssertUnwindSafe(|| rebuild::build(&shared)))
                .unwrap_or_else(|_| Err(Trouble::Wait("building the search index panicked".into())));
            shared.building.store(false, SeqCst);
            shared.ring(|asked| asked.built = Some(built));
        };
        let thread = std::thread::Builder::new().name("farol-reindex".into()).spawn(run);
        thread.map(drop).map_err(|e| {
            self.shared.building.store(false, SeqCst);
            Trouble::Wait(format!("start the thread that builds the index: {e}"))
        })
    }

    /// Catches the built index up with the present one, shows it, and removes the old.
    fn switch(&mut self, old: Open, path: PathBuf) -> Result<Open, Trouble> {
        let built = folder::open(&self.shared.root)?.filter(|folder| folder.path == path);
        let folder = built.ok_or_else(|| Trouble::Wait("the index just built can't be read".into()))?;
        let mut open = Open::new(folder, &self.shared.store)?;
        while open.cursor < old.cursor {
            self.follow(&mut open, false)?;
        }
        self.publish(&mut open)?;
        self.shared.position.fetch_max(open.cursor, SeqCst);
        drop(old);
        folder::sweep(&self.shared.root, &path);
        self.path = Some(path);
        Ok(open)
    }
}

fn store_failed(error: Error) -> Trouble {
    Trouble::Wait(error.to_string())
}
