//! redb behind the engine seam, with a log ahead of it. One table holds everything: a commit then dirties one
//! root, and neighbours in key order are neighbours on disk.

use super::engine::{Batch, Durability, Engine, EngineError, Pairs, Snapshot};
use super::log::{Log, LogSize};
use super::store::OpenError;
use crate::base::chance;
use parking_lot::{Mutex, RwLock};
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition, backends::FileBackend};
use std::{
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

const PAIRS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("farol-1");
/// The generation of the log that follows this file's last durable commit.
const GENERATION: TableDefinition<(), u64> = TableDefinition::new("farol-log");

/// redb with two-phase commits and quick repair on every durable commit: recovery after a crash
/// lands on the last durable commit and takes milliseconds whatever the size; the log adds what was
/// acknowledged since.
pub struct RedbEngine {
    database: RwLock<Database>,
    log: Option<Mutex<Log>>,
    /// Commits that no log holds wait for the next durable one.
    relaxed: AtomicBool,
    /// A commit has failed: the state in memory is not to be trusted, nor written.
    failed: AtomicBool,
}

impl RedbEngine {
    /// Opens or creates the file at `path`, with its log beside it, with a cache of `cache_bytes`.
    pub fn open(path: &Path, cache_bytes: usize) -> Result<Self, OpenError> {
        sound(|| {
            let database = redb::Builder::new().set_cache_size(cache_bytes).create(path).map_err(|e| open_error(&e))?;
            // After the database: its lock says that nobody else has the log open.
            let mut options = std::fs::OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let log = options.open(path.with_extension("log"));
            let log = FileBackend::new(log.map_err(|e| EngineError::of_system(&e))?).map_err(|e| open_error(&e))?;
            Self::prepare(database, Some((Box::new(log), LogSize::default())))
        })
        .unwrap_or_else(|what| Err(OpenError::Damaged(what)))
    }

    /// Opens over any storage backend, without a log: in memory for tests.
    pub fn on(backend: impl StorageBackend, cache_bytes: usize) -> Result<Self, OpenError> {
        Self::over(backend, None, cache_bytes)
    }

    /// Opens over any storage backends: for tests that inject faults.
    pub(super) fn over(
        backend: impl StorageBackend,
        log: Option<(Box<dyn StorageBackend>, LogSize)>,
        cache_bytes: usize,
    ) -> Result<Self, OpenError> {
        sound(|| {
            let database =
                redb::Builder::new().set_cache_size(cache_bytes).create_with_backend(backend).map_err(|e| open_error(&e))?;
            Self::prepare(database, log)
        })
        .unwrap_or_else(|what| Err(OpenError::Damaged(what)))
    }

    /// An engine that forgets everything at drop.
    pub fn in_memory() -> Self {
        // An in-memory backend has no way to fail at opening.
        Self::on(redb::backends::InMemoryBackend::new(), 64 << 20).expect("memory opens")
    }

    fn prepare(database: Database, log: Option<(Box<dyn StorageBackend>, LogSize)>) -> Result<Self, OpenError> {
        let mut engine =
            Self { database: RwLock::new(database), log: None, relaxed: AtomicBool::new(false), failed: AtomicBool::new(false) };
        let (missing, generation) = {
            let database = engine.database.read();
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
        let Some((file, size)) = log else {
            if missing {
                engine.commit(&Batch::new(), Durability::Durable)?;
            }
            return Ok(engine);
        };
        // Not to be guessed: a log that some other store left here must not count.
        let first = u64::from_le_bytes(chance::secret_bytes());
        let (log, batch) = Log::open(file, size, generation.unwrap_or(first))?;
        let found = !log.is_empty();
        engine.log = Some(Mutex::new(log));
        if found || generation.is_none() {
            engine.checkpoint(&batch)?;
        }
        Ok(engine)
    }

    /// A durable commit of redb with `batch` in it; what the log held is in the file then.
    fn checkpoint(&self, batch: &Batch) -> Result<(), EngineError> {
        let mut log = self.log.as_ref().map(Mutex::lock);
        let generation = log.as_ref().map(|log| log.generation().wrapping_add(1));
        self.apply(batch, Durability::Durable, generation)?;
        if let (Some(log), Some(generation)) = (&mut log, generation) {
            log.restart(generation);
        }
        self.relaxed.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Makes `batch` durable by the log, if there is one with room, and if nothing before it would be missing.
    fn logged(&self, batch: &Batch) -> Result<bool, EngineError> {
        match &self.log {
            Some(log) if !self.relaxed.load(Ordering::Relaxed) => log.lock().append(batch),
            _ => Ok(false),
        }
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
        sound(|| {
            let read = self.database.read().begin_read().map_err(failure)?;
            let table = read.open_table(PAIRS).map_err(failure)?;
            Ok(Box::new(RedbSnapshot { table }) as Box<dyn Snapshot>)
        })
        .unwrap_or_else(|what| Err(EngineError::Damaged(what)))
    }

    fn commit(&self, batch: &Batch, durability: Durability) -> Result<(), EngineError> {
        self.guarded(|| match durability {
            Durability::Relaxed => {
                self.relaxed.store(true, Ordering::Relaxed);
                self.apply(batch, Durability::Relaxed, None)
            }
            Durability::Durable if self.logged(batch)? => self.apply(batch, Durability::Relaxed, None),
            Durability::Durable => self.checkpoint(batch),
        })
    }

    fn rest(&self) -> Result<(), EngineError> {
        let waiting = self.log.as_ref().is_some_and(|log| !log.lock().is_empty());
        if waiting { self.guarded(|| self.checkpoint(&Batch::new())) } else { Ok(()) }
    }

    fn check(&self) -> Result<bool, EngineError> {
        self.rest()?;
        sound(|| self.database.write().check_integrity().map_err(failure)).unwrap_or_else(|what| Err(EngineError::Damaged(what)))
    }
}

impl RedbEngine {
    /// Runs what changes the file; after a failure nothing does any more.
    fn guarded(&self, work: impl FnOnce() -> Result<(), EngineError>) -> Result<(), EngineError> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(EngineError::Io("a commit before this one failed".into()));
        }
        let outcome = sound(work).unwrap_or_else(|what| Err(EngineError::Damaged(what)));
        if outcome.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        outcome
    }

    fn apply(&self, batch: &Batch, durability: Durability, generation: Option<u64>) -> Result<(), EngineError> {
        let database = self.database.read();
        let mut write = database.begin_write().map_err(failure)?;
        match durability {
            Durability::Durable => write.set_quick_repair(true),
            Durability::Relaxed => write.set_durability(redb::Durability::None).map_err(failure)?,
        }
        {
            let mut table = write.open_table(PAIRS).map_err(failure)?;
            for (key, value) in batch {
                match value {
                    Some(value) => table.insert(key.as_slice(), value.as_slice()).map_err(failure)?,
                    None => table.remove(key.as_slice()).map_err(failure)?,
                };
            }
        }
        if let Some(generation) = generation {
            write.open_table(GENERATION).map_err(failure)?.insert((), generation).map_err(failure)?;
        }
        write.commit().map_err(failure)
    }
}

impl Drop for RedbEngine {
    fn drop(&mut self) {
        // Leaves one whole file behind; where that fails the log still holds everything.
        let _ = self.rest();
    }
}

struct RedbSnapshot {
    table: redb::ReadOnlyTable<&'static [u8], &'static [u8]>,
}

impl Snapshot for RedbSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.table.get(key).map_err(failure)?.map(|v| v.value().to_vec()))
    }

    fn look(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, EngineError> {
        Ok(self.table.get(key).map_err(failure)?.map(|v| see(v.value())).is_some())
    }

    fn range(&self, start: &[u8], end: &[u8], reverse: bool) -> Result<Pairs<'_>, EngineError> {
        if start >= end {
            return Ok(Box::new(std::iter::empty()));
        }
        let range = ReadableTable::range::<&[u8]>(&self.table, start..end).map_err(failure)?;
        let pair = |entry: Result<(redb::AccessGuard<'_, &[u8]>, redb::AccessGuard<'_, &[u8]>), redb::StorageError>| {
            entry.map(|(k, v)| (k.value().to_vec(), v.value().to_vec())).map_err(failure)
        };
        Ok(if reverse { Box::new(range.rev().map(pair)) } else { Box::new(range.map(pair)) })
    }
}
