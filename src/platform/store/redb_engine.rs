//! redb behind the engine seam, with a log ahead of it. One table holds everything: a commit then dirties one
//! root, and neighbours in key order are neighbours on disk.

use super::ahead::{Ahead, Changes};
use super::engine::{Batch, Durability, Engine, EngineError, Pairs, Snapshot};
use super::log::{Log, LogSize};
use super::merge::over;
use super::store::OpenError;
use crate::base::chance;
use parking_lot::{Mutex, RwLock};
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition, backends::FileBackend};
use std::{
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

const PAIRS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("farol-1");
/// The generation of the log that follows this file's last durable commit.
const GENERATION: TableDefinition<(), u64> = TableDefinition::new("farol-log");

/// redb with two-phase commits and quick repair on every durable commit: recovery after a crash
/// lands on the last durable commit and takes milliseconds whatever the size; the logs add what was
/// acknowledged since.
///
/// With logs, a durable commit is one synced append; a thread of its own brings it into redb's tree, and makes the
/// tree durable when a log is full, while the other log takes what comes. Until then readers see it in memory.
pub struct RedbEngine {
    tree: Arc<Tree>,
    logs: Option<Mutex<Logs>>,
    applier: Option<std::thread::JoinHandle<()>>,
    /// Commits that no log holds wait for the next durable one.
    relaxed: AtomicBool,
    /// A commit has failed: the state in memory is not to be trusted, nor written.
    failed: AtomicBool,
}

/// What the applier shares with everybody.
struct Tree {
    database: RwLock<Database>,
    ahead: Ahead,
    /// Generation of the log that follows the tree's last durable commit.
    generation: AtomicU64,
}

/// The log that is written, and the one that waits for its turn.
struct Logs {
    current: Log,
    other: Log,
}

/// Both logs' files and how large they may become.
pub(super) type LogFiles = ([Box<dyn StorageBackend>; 2], LogSize);

impl RedbEngine {
    /// Opens or creates the file at `path`, with its logs beside it, with a cache of `cache_bytes`.
    pub fn open(path: &Path, cache_bytes: usize) -> Result<Self, OpenError> {
        sound(|| {
            let database = redb::Builder::new().set_cache_size(cache_bytes).create(path).map_err(|e| open_error(&e))?;
            // After the database: its lock says that nobody else has the logs open.
            let log = |extension: &str| -> Result<Box<dyn StorageBackend>, OpenError> {
                let mut options = std::fs::OpenOptions::new();
                let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
                let file = options.open(path.with_extension(extension)).map_err(|e| EngineError::of_system(&e))?;
                Ok(Box::new(FileBackend::new(file).map_err(|e| open_error(&e))?))
            };
            Self::prepare(database, Some(([log("log")?, log("log2")?], LogSize::default())))
        })
        .unwrap_or_else(|what| Err(OpenError::Damaged(what)))
    }

    /// Opens over any storage backend, without a log: in memory for tests.
    pub fn on(backend: impl StorageBackend, cache_bytes: usize) -> Result<Self, OpenError> {
        Self::over(backend, None, cache_bytes)
    }

    /// Opens over any storage backends: for tests that inject faults.
    pub(super) fn over(backend: impl StorageBackend, logs: Option<LogFiles>, cache_bytes: usize) -> Result<Self, OpenError> {
        sound(|| {
            let database =
                redb::Builder::new().set_cache_size(cache_bytes).create_with_backend(backend).map_err(|e| open_error(&e))?;
            Self::prepare(database, logs)
        })
        .unwrap_or_else(|what| Err(OpenError::Damaged(what)))
    }

    /// An engine that forgets everything at drop.
    pub fn in_memory() -> Self {
        // An in-memory backend has no way to fail at opening.
        Self::on(redb::backends::InMemoryBackend::new(), 64 << 20).expect("memory opens")
    }

    fn prepare(database: Database, logs: Option<LogFiles>) -> Result<Self, OpenError> {
        let (missing, generation) = {
            let read = database.begin_read().map_err(|e| OpenError::Damaged(e.to_string()))?;
            let damaged = |e: &dyn std::fmt::Display| OpenError::Damaged(e.to_string());
            let missing = match read.open_table(PAIRS) {
                Ok(_) => false,
                Err(redb::TableError::TableDoesNotExist(_)) => true,
                Err(e) => return Err(damaged(&e)),
            };
            let generation = match read.open_table(GENERATION) {
                Ok(table) => table.get(()).map_err(|e| damaged(&e))?.map(|generation| generation.value()),
                Err(redb::TableError::TableDoesNotExist(_)) => None,
                Err(e) => return Err(damaged(&e)),
            };
            (missing, generation)
        };
        // Not to be guessed: a log that some other store left here must not count.
        let first = generation.unwrap_or_else(|| u64::from_le_bytes(chance::secret_bytes()));
        let tree = Tree { database: RwLock::new(database), ahead: Ahead::default(), generation: AtomicU64::new(first) };
        let mut engine = Self {
            tree: Arc::new(tree),
            logs: None,
            applier: None,
            relaxed: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        };
        let Some((files, size)) = logs else {
            if missing {
                engine.commit(Batch::new(), Durability::Durable)?;
            }
            return Ok(engine);
        };
        let (logs, batch) = Logs::open(files, size, first)?;
        let found = logs.current.frames() > 0;
        engine.logs = Some(Mutex::new(logs));
        if found || generation.is_none() {
            engine.checkpoint(&batch)?;
        }
        let tree = engine.tree.clone();
        let work = move || {
            tree.ahead
                .run(|changes, ends| sound(|| tree.bring(changes, ends)).unwrap_or_else(|what| Err(EngineError::Damaged(what))));
        };
        let applier = std::thread::Builder::new().name("farol-applier".into()).spawn(work);
        engine.applier = Some(applier.map_err(|e| EngineError::of_system(&e))?);
        Ok(engine)
    }

    /// A durable commit of redb with `batch` in it; what the logs held is in the file then.
    fn checkpoint(&self, batch: &Batch) -> Result<(), EngineError> {
        self.tree.ahead.drained()?;
        let mut logs = self.logs.as_ref().map(Mutex::lock);
        let generation = logs.as_ref().map(|logs| logs.current.generation().wrapping_add(1));
        self.tree.apply(each(batch), Durability::Durable, generation)?;
        if let (Some(logs), Some(generation)) = (&mut logs, generation) {
            logs.current.restart(generation, 0);
        }
        self.relaxed.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Makes `batch` durable by a log, if there is one with room, and if nothing before it would be missing.
    fn logged(&self, batch: &Batch) -> Result<bool, EngineError> {
        match &self.logs {
            Some(logs) if !self.relaxed.load(Ordering::Relaxed) => logs.lock().append(batch, &self.tree),
            _ => Ok(false),
        }
    }
}

impl Logs {
    /// Reads what both files hold beyond the tree, whose next generation is `first`, as one batch.
    fn open(files: [Box<dyn StorageBackend>; 2], size: LogSize, first: u64) -> Result<(Self, Batch), EngineError> {
        let [one, two] = files;
        let next = first.wrapping_add(1);
        let (mut one, mut batch) = Log::open(one, size, first)?;
        let (mut two, mut later) = Log::open(two, size, if one.frames() > 0 { next } else { first })?;
        let lost = |had: u64, has: u64| EngineError::Damaged(format!("the log had {had} commits, of which {has} are left"));
        if one.frames() == 0 {
            if two.frames() == 0 {
                // Commits of the next generation in either file say that the one before was lost: the first is asked below.
                two.read(next)?;
                if two.before() != 0 {
                    return Err(lost(two.before(), 0));
                }
                two.restart(first, 0);
            }
            batch = later;
            later = one.read(next)?;
            std::mem::swap(&mut one, &mut two);
        }
        let (mut current, mut other) = (one, two);
        if other.frames() > 0 {
            if other.before() != current.frames() {
                return Err(lost(other.before(), current.frames()));
            }
            batch.extend(later);
            (current, other) = (other, current);
        }
        Ok((Self { current, other }, batch))
    }

    /// Makes `batch` durable; `false`, and nothing done, where there is no room. A full log's content is brought into
    /// the tree meanwhile.
    fn append(&mut self, batch: &Batch, tree: &Tree) -> Result<bool, EngineError> {
        if self.current.append(batch)? {
            return Ok(true);
        }
        let (generation, frames) = (self.current.generation(), self.current.frames());
        // The other one is free when the tree has all of it; an empty one had no room for this batch alone.
        if frames == 0 || tree.generation.load(Ordering::Acquire) != generation {
            return Ok(false);
        }
        let next = generation.wrapping_add(1);
        self.other.restart(next, frames);
        if !self.other.append(batch)? {
            return Ok(false);
        }
        std::mem::swap(&mut self.current, &mut self.other);
        tree.ahead.end_generation(next);
        Ok(true)
    }
}

/// redb takes some damage for a bug of its own and panics; to us it is damage like any other.
fn sound<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        words.or_else(|| panic.downcast_ref::<&str>().map(|&s| s.to_owned())).unwrap_or_else(|| "the engine panicked".into())
    })
}

fn open_error(error: &redb::DatabaseError) -> OpenError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => OpenError::InUse,
        redb::DatabaseError::Storage(redb::StorageError::Corrupted(what)) => OpenError::Damaged(what.clone()),
        redb::DatabaseError::Storage(redb::StorageError::Io(e)) if e.kind() == std::io::ErrorKind::InvalidData => {
            OpenError::Damaged(e.to_string())
        }
        redb::DatabaseError::Storage(redb::StorageError::Io(e)) => EngineError::of_system(e).into(),
        redb::DatabaseError::UpgradeRequired(version) => OpenError::Damaged(format!("file format {version} is too old")),
        other => OpenError::Io(other.to_string()),
    }
}

fn failure(error: impl Into<redb::Error>) -> EngineError {
    match error.into() {
        redb::Error::Corrupted(what) => EngineError::Damaged(what),
        redb::Error::Io(error) => EngineError::of_system(&error),
        other => EngineError::Io(other.to_string()),
    }
}

impl Engine for RedbEngine {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        let taken = sound(|| {
            self.tree.ahead.with_layers(|layers| {
                let read = self.tree.database.read().begin_read().map_err(failure)?;
                let table = read.open_table(PAIRS).map_err(failure)?;
                Ok(Box::new(RedbSnapshot { layers, table }) as Box<dyn Snapshot>)
            })
        })
        .unwrap_or_else(|what| Err(EngineError::Damaged(what)));
        // Once a commit has failed on its way into the tree, redb says no more than that; the commit says why.
        taken.or_else(|error| self.tree.ahead.drained().and(Err(error)))
    }

    fn commit(&self, batch: Batch, durability: Durability) -> Result<(), EngineError> {
        self.guarded(|| match durability {
            Durability::Relaxed => {
                self.tree.ahead.drained()?;
                self.relaxed.store(true, Ordering::Relaxed);
                self.tree.apply(each(&batch), Durability::Relaxed, None)
            }
            Durability::Durable => {
                if !self.logged(&batch)? {
                    // Both logs are full, or this one batch is too large for any.
                    self.tree.ahead.drained()?;
                    if !self.logged(&batch)? {
                        return self.checkpoint(&batch);
                    }
                }
                self.tree.ahead.push(batch)
            }
        })
    }

    fn rest(&self) -> Result<(), EngineError> {
        let waiting = self.logs.as_ref().is_some_and(|logs| logs.lock().current.frames() > 0);
        if waiting { self.guarded(|| self.checkpoint(&Batch::new())) } else { Ok(()) }
    }

    fn check(&self) -> Result<bool, EngineError> {
        self.rest()?;
        sound(|| self.tree.database.write().check_integrity().map_err(failure))
            .unwrap_or_else(|what| Err(EngineError::Damaged(what)))
    }
}

impl RedbEngine {
    /// Runs what changes the file; after a failure nothing does any more.
    fn guarded(&self, work: impl FnOnce() -> Result<(), EngineError>) -> Result<(), EngineError> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(EngineError::Io("a commit before this one failed".into()));
        }
        let outcome =
            sound(|| self.tree.ahead.sound().and_then(|()| work())).unwrap_or_else(|what| Err(EngineError::Damaged(what)));
        if outcome.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        outcome
    }
}

impl Tree {
    /// Brings changes that a log holds into the tree; where that log's generation ends, durably.
    fn bring(&self, changes: &Changes<'_>, ends: Option<u64>) -> Result<(), EngineError> {
        let durability = if ends.is_some() { Durability::Durable } else { Durability::Relaxed };
        self.apply(changes.iter().map(|(key, value)| (*key, *value)), durability, ends)
    }

    fn apply<'a>(
        &self,
        changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        durability: Durability,
        generation: Option<u64>,
    ) -> Result<(), EngineError> {
        let database = self.database.read();
        let mut write = database.begin_write().map_err(failure)?;
        match durability {
            Durability::Durable => write.set_quick_repair(true),
            Durability::Relaxed => write.set_durability(redb::Durability::None).map_err(failure)?,
        }
        {
            let mut table = write.open_table(PAIRS).map_err(failure)?;
            for (key, value) in changes {
                match value {
                    Some(value) => table.insert(key, value).map_err(failure)?,
                    None => table.remove(key).map_err(failure)?,
                };
            }
        }
        if let Some(generation) = generation {
            write.open_table(GENERATION).map_err(failure)?.insert((), generation).map_err(failure)?;
        }
        write.commit().map_err(failure)?;
        if let Some(generation) = generation {
            self.generation.store(generation, Ordering::Release);
        }
        Ok(())
    }
}

fn each(batch: &Batch) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    batch.iter().map(|(key, value)| (key.as_slice(), value.as_deref()))
}

impl Drop for RedbEngine {
    fn drop(&mut self) {
        // Leaves one whole file behind; where that fails the log still holds everything.
        let _ = self.rest();
        self.tree.ahead.close();
        if let Some(applier) = self.applier.take() {
            let _ = applier.join();
        }
    }
}

struct RedbSnapshot {
    /// Commits that are not in the table yet, oldest first.
    layers: Vec<Arc<Batch>>,
    table: redb::ReadOnlyTable<&'static [u8], &'static [u8]>,
}

impl RedbSnapshot {
    /// What the layers say of `key`, if they speak of it.
    fn ahead(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.layers.iter().rev().find_map(|layer| layer.get(key)).map(Option::as_deref)
    }
}

impl Snapshot for RedbSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        match self.ahead(key) {
            Some(value) => Ok(value.map(<[u8]>::to_vec)),
            None => Ok(self.table.get(key).map_err(failure)?.map(|v| v.value().to_vec())),
        }
    }

    fn look(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, EngineError> {
        match self.ahead(key) {
            Some(value) => Ok(value.map(see).is_some()),
            None => Ok(self.table.get(key).map_err(failure)?.map(|v| see(v.value())).is_some()),
        }
    }

    fn range(&self, start: &[u8], end: &[u8], reverse: bool) -> Result<Pairs<'_>, EngineError> {
        if start >= end {
            return Ok(Box::new(std::iter::empty()));
        }
        let range = ReadableTable::range::<&[u8]>(&self.table, start..end).map_err(failure)?;
        let pair = |entry: Result<(redb::AccessGuard<'_, &[u8]>, redb::AccessGuard<'_, &[u8]>), redb::StorageError>| {
            entry.map(|(k, v)| (k.value().to_vec(), v.value().to_vec())).map_err(failure)
        };
        let pairs: Pairs<'_> = if reverse { Box::new(range.rev().map(pair)) } else { Box::new(range.map(pair)) };
        Ok(over(pairs, self.layers.iter().map(|layer| &**layer), start, end, reverse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::store::testing::MemoryFile;

    const SIZE: LogSize = LogSize { max: 64 << 10, step: 16 << 10 };

    /// Opens what is left where file `first` held a generation of `had` commits and has `left`, and the other the one after it.
    fn open(first: usize, had: u64, left: u64) -> Result<(Logs, Batch), EngineError> {
        let files = [MemoryFile::default(), MemoryFile::default()];
        let log = |file: usize| Log::open(Box::new(files[file].clone()), SIZE, 7).unwrap().0;
        let (mut old, mut new) = (log(first), log(1 - first));
        new.restart(8, had);
        for n in 0..left {
            assert!(old.append(&Batch::from([(vec![n as u8], Some(vec![1]))])).unwrap());
        }
        assert!(new.append(&Batch::from([(vec![100], Some(vec![2]))])).unwrap());
        Logs::open(files.map(|file| Box::new(file) as Box<dyn StorageBackend>), SIZE, 7)
    }

    #[test]
    fn a_lost_log_is_damage_whichever_file_it_was() {
        for first in [0, 1] {
            let (logs, batch) = open(first, 3, 3).unwrap();
            assert_eq!((logs.current.generation(), batch.len()), (8, 4), "file {first}");
            for left in [0, 2] {
                assert!(matches!(open(first, 3, left), Err(EngineError::Damaged(_))), "file {first}, {left} left");
            }
        }
    }

    #[test]
    fn two_empty_logs_stand_ready_for_the_first_generation() {
        let file = || Box::new(MemoryFile::default()) as Box<dyn StorageBackend>;
        let (mut logs, batch) = Logs::open([file(), file()], SIZE, 7).unwrap();
        assert_eq!((logs.current.generation(), logs.current.frames(), batch.len()), (7, 0, 0));
        assert!(logs.current.append(&Batch::from([(vec![1], None)])).unwrap());
    }
}
