//! redb behind the engine seam. One table holds everything: a commit then dirties one root, and
//! neighbours in key order are neighbours on disk.

use super::engine::{Batch, Durability, Engine, EngineError, Pairs, Snapshot};
use super::store::OpenError;
use parking_lot::RwLock;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};
use std::path::Path;

const PAIRS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("farol-1");

/// redb with two-phase commits and quick repair on every durable commit: recovery after a crash
/// lands on the last acknowledged commit and takes milliseconds whatever the size.
pub struct RedbEngine {
    database: RwLock<Database>,
}

impl RedbEngine {
    /// Opens or creates the file at `path` with a cache of `cache_bytes`.
    pub fn open(path: &Path, cache_bytes: usize) -> Result<Self, OpenError> {
        sound(|| {
            let database = redb::Builder::new().set_cache_size(cache_bytes).create(path).map_err(|e| open_error(&e))?;
            Self::prepare(database)
        })
        .unwrap_or_else(|what| Err(OpenError::Damaged(what)))
    }

    /// Opens over any storage backend: in memory for tests, or one that injects faults.
    pub fn on(backend: impl StorageBackend, cache_bytes: usize) -> Result<Self, OpenError> {
        sound(|| {
            let database =
                redb::Builder::new().set_cache_size(cache_bytes).create_with_backend(backend).map_err(|e| open_error(&e))?;
            Self::prepare(database)
        })
        .unwrap_or_else(|what| Err(OpenError::Damaged(what)))
    }

    /// An engine that forgets everything at drop.
    pub fn in_memory() -> Self {
        // An in-memory backend has no way to fail at opening.
        Self::on(redb::backends::InMemoryBackend::new(), 64 << 20).expect("memory opens")
    }

    fn prepare(database: Database) -> Result<Self, OpenError> {
        let engine = Self { database: RwLock::new(database) };
        let missing = {
            let database = engine.database.read();
            let read = database.begin_read().map_err(|e| OpenError::Damaged(e.to_string()))?;
            match read.open_table(PAIRS) {
                Ok(_) => false,
                Err(redb::TableError::TableDoesNotExist(_)) => true,
                Err(e) => return Err(OpenError::Damaged(e.to_string())),
            }
        };
        if missing {
            engine.commit(&Batch::new(), Durability::Durable).map_err(|e| OpenError::Io(e.to_string()))?;
        }
        Ok(engine)
    }

    /// Gives free pages back to the file system. Needs the store idle; `true` where it helped.
    pub fn compact(&self) -> Result<bool, EngineError> {
        self.database.write().compact().map_err(|e| EngineError::Io(e.to_string()))
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
        redb::DatabaseError::UpgradeRequired(version) => OpenError::Damaged(format!("file format {version} is too old")),
        other => OpenError::Io(other.to_string()),
    }
}

fn io(error: impl std::fmt::Display) -> EngineError {
    EngineError::Io(error.to_string())
}

fn storage(error: redb::StorageError) -> EngineError {
    match error {
        redb::StorageError::Corrupted(what) => EngineError::Damaged(what),
        other => EngineError::Io(other.to_string()),
    }
}

impl Engine for RedbEngine {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        sound(|| {
            let read = self.database.read().begin_read().map_err(io)?;
            let table = read.open_table(PAIRS).map_err(io)?;
            Ok(Box::new(RedbSnapshot { table }) as Box<dyn Snapshot>)
        })
        .unwrap_or_else(|what| Err(EngineError::Damaged(what)))
    }

    fn commit(&self, batch: &Batch, durability: Durability) -> Result<(), EngineError> {
        sound(|| self.apply(batch, durability)).unwrap_or_else(|what| Err(EngineError::Damaged(what)))
    }

    fn check(&self) -> Result<bool, EngineError> {
        sound(|| self.database.write().check_integrity().map_err(io)).unwrap_or_else(|what| Err(EngineError::Damaged(what)))
    }
}

impl RedbEngine {
    fn apply(&self, batch: &Batch, durability: Durability) -> Result<(), EngineError> {
        let database = self.database.read();
        let mut write = database.begin_write().map_err(io)?;
        match durability {
            Durability::Durable => write.set_quick_repair(true),
            Durability::Relaxed => write.set_durability(redb::Durability::None).map_err(io)?,
        }
        {
            let mut table = write.open_table(PAIRS).map_err(io)?;
            for (key, value) in batch {
                match value {
                    Some(value) => table.insert(key.as_slice(), value.as_slice()).map_err(storage)?,
                    None => table.remove(key.as_slice()).map_err(storage)?,
                };
            }
        }
        write.commit().map_err(io)
    }
}

struct RedbSnapshot {
    table: redb::ReadOnlyTable<&'static [u8], &'static [u8]>,
}

impl Snapshot for RedbSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.table.get(key).map_err(storage)?.map(|v| v.value().to_vec()))
    }

    fn range(&self, start: &[u8], end: &[u8], reverse: bool) -> Result<Pairs<'_>, EngineError> {
        if start >= end {
            return Ok(Box::new(std::iter::empty()));
        }
        let range = ReadableTable::range::<&[u8]>(&self.table, start..end).map_err(storage)?;
        let pair = |entry: Result<(redb::AccessGuard<'_, &[u8]>, redb::AccessGuard<'_, &[u8]>), redb::StorageError>| {
            entry.map(|(k, v)| (k.value().to_vec(), v.value().to_vec())).map_err(storage)
        };
        Ok(if reverse { Box::new(range.rev().map(pair)) } else { Box::new(range.map(pair)) })
    }
}
