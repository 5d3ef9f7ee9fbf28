//! Bringing the data of an older version up to this one's, before anything else may touch it.
//!
//! Steps are numbered and never change once a version is out. Each works in bounded slices; a slice and
//! the cursor behind it are one commit, so a step that was cut off goes on where it stood. Before the
//! first step a copy of the store is kept. Records need no step for a new version of their own: they are
//! upgraded when read and written back when next written; a step may do that early or build a new index.

use super::{
    engine::{Batch, Durability, Engine, EngineError, Snapshot},
    keys::bytes,
    store::OpenError,
    table::TableId,
    tx::{key_base, own},
};
use crate::base::chance;
use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::Arc,
};

/// Version of what is stored. A store written by a newer program does not open.
pub const SCHEMA: u32 = 1;

/// From version 1 on, every step in order.
pub(super) const STEPS: &[Step] = &[];

/// One step from version `to - 1` to `to`.
pub(super) struct Step {
    /// The version it leads to.
    pub to: u32,
    /// What it does, for the log and `/readyz`.
    pub name: &'static str,
    /// Works on behind `cursor` and puts changes into the batch; gives the next cursor, `None` at the end.
    pub slice: fn(&dyn Snapshot, Option<&[u8]>, &mut Batch) -> Result<Option<Vec<u8>>, EngineError>,
}

/// How far the migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationProgress {
    /// The version being reached.
    pub to: u32,
    /// The version this program writes.
    pub target: u32,
    /// What is being done.
    pub name: &'static str,
    /// Slices done of this step.
    pub slices: u64,
}

/// Told before each slice; for `/readyz` and the log.
#[derive(Clone, Default)]
pub struct Progress(pub(super) Option<Arc<dyn Fn(MigrationProgress) + Send + Sync>>);

impl Progress {
    /// Tells `hook`.
    pub fn to(hook: impl Fn(MigrationProgress) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }
    /// Tells whoever listens.
    pub fn tell(&self, step: MigrationProgress) {
        if let Some(hook) = &self.0 {
            hook(step);
        }
    }
}
impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(hook)" } else { "Progress(none)" })
    }
}

fn meta(name: &str) -> Vec<u8> {
    [key_base(0, own::META), bytes(name)].concat()
}

fn number(bytes: Option<Vec<u8>>) -> Option<u32> {
    bytes.and_then(|b| b.try_into().ok()).map(u32::from_le_bytes)
}

#[cfg(test)]
pub(crate) fn schema_key() -> Vec<u8> {
    meta("schema")
}

/// Does this program know what the engine holds? Changes nothing.
///
/// # Errors
/// `Newer` where a later version wrote it, `Damaged` where it holds no store.
pub(crate) fn check_schema(engine: &dyn Engine) -> Result<(), OpenError> {
    let found = number(engine.snapshot()?.get(&meta("schema"))?);
    let found = found.ok_or_else(|| OpenError::Damaged("there is no store in the file".into()))?;
    if found > SCHEMA { Err(OpenError::Newer { found, known: SCHEMA }) } else { Ok(()) }
}

/// Founds a new store, or leads an old one to `target` by `steps`. `keep_copy` is called once, before the
/// first change, with the version found.
pub(super) fn bring_up(
    engine: &dyn Engine,
    steps: &[Step],
    target: u32,
    progress: &Progress,
    keep_copy: impl FnOnce(u32) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    let snapshot = engine.snapshot()?;
    let Some(stored) = snapshot.get(&meta("schema"))? else {
        let mut batch = Batch::new();
        batch.insert(meta("schema"), Some(target.to_le_bytes().to_vec()));
        batch.insert(meta("epoch"), Some(chance::secret_bytes::<8>().to_vec()));
        return Ok(engine.commit(batch, Durability::Durable)?);
    };
    let mut found = number(Some(stored)).ok_or_else(|| OpenError::Damaged("no schema number".into()))?;
    if found > target {
        return Err(OpenError::Newer { found, known: target });
    }
    if found == target {
        return Ok(());
    }
    // A migration that was cut off has kept its copy already; the half-changed store must not replace it.
    if snapshot.get(&meta("migrating"))?.is_none() {
        keep_copy(found)?;
    }
    drop(snapshot);
    for step in steps {
        if found == target || step.to != found + 1 {
            continue;
        }
        let mut slices = 0;
        loop {
            progress.tell(MigrationProgress { to: step.to, target, name: step.name, slices });
            let snapshot = engine.snapshot()?;
            let cursor = snapshot.get(&meta("migrating"))?;
            let mut batch = Batch::new();
            let next = (step.slice)(snapshot.as_ref(), cursor.as_deref(), &mut batch)?;
            drop(snapshot);
            let done = next.is_none();
            batch.insert(meta("migrating"), next);
            if done {
                batch.insert(meta("schema"), Some(step.to.to_le_bytes().to_vec()));
            }
            engine.commit(batch, Durability::Durable)?;
            slices += 1;
            if done {
                break;
            }
        }
        found = step.to;
    }
    if found == target { Ok(()) } else { Err(OpenError::Damaged(format!("no way leads from format {found} to {target}"))) }
}

/// Up to `max` rows of `table` behind `cursor`, of every tenant and the platform: whole keys and values, and
/// the next cursor. What a step walks with.
#[allow(dead_code, reason = "stands ready for the first step that walks a table")]
pub(super) fn rows(
    snapshot: &dyn Snapshot,
    table: TableId,
    cursor: Option<&[u8]>,
    max: usize,
) -> Result<(Vec<super::engine::Pair>, Option<Vec<u8>>), EngineError> {
    let mut found = Vec::new();
    let mut from = cursor.map_or_else(|| vec![0; 4], |after| [after, &[0]].concat());
    // The next key at all tells the next tenant; within a tenant the table is one range.
    while let Some(tenant) = from.get(..4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes) {
        let start = key_base(tenant, table).max(from.clone());
        let end = super::table::successor(key_base(tenant, table));
        for pair in snapshot.range(&start, &end, false)? {
            found.push(pair?);
            if found.len() == max {
                let cursor = found.last().map(|(key, _)| key.clone());
                return Ok((found, cursor));
            }
        }
        let behind = super::table::successor(tenant.to_be_bytes().to_vec());
        match snapshot.range(&behind, &[0xFF; 8], false)?.next().transpose()? {
            Some((key, _)) => from = key[..4].to_vec(),
            None => break,
        }
    }
    Ok((found, None))
}

/// Keeps a copy of the store's file as `backups/before-migration-from-N.redb`, durable before this returns.
pub(super) fn keep_copy(data: &Path, found: u32) -> Result<(), OpenError> {
    let io = |e: io::Error| OpenError::Io(format!("keep a copy before the migration: {e}"));
    let file = data.join("farol.redb");
    let folder = data.join("backups");
    fs::create_dir_all(&folder).map_err(io)?;
    let needed = fs::metadata(&file).map_err(io)?.len();
    let room = rustix::fs::statvfs(&folder).map_or(u64::MAX, |s| s.f_bavail.saturating_mul(s.f_frsize));
    if room < needed.saturating_mul(2) {
        let (needed, room) = (needed >> 19, room >> 20);
        return Err(OpenError::Io(format!("the migration needs {needed} MB and {} has {room} MB free", folder.display())));
    }
    let part = folder.join(format!("before-migration-from-{found}.redb.part"));
    fs::copy(&file, &part).map_err(io)?;
    File::open(&part).and_then(|f| f.sync_all()).map_err(io)?;
    fs::rename(&part, folder.join(format!("before-migration-from-{found}.redb"))).map_err(io)?;
    File::open(&folder).and_then(|f| f.sync_all()).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::store::RedbEngine;
    use parking_lot::Mutex;

    const TABLE: TableId = TableId(0x0FF1);

    fn row(tenant: u32, n: u8) -> Vec<u8> {
        [key_base(tenant, TABLE), vec![n]].concat()
    }

    /// Doubles every value, three rows a slice.
    fn double(snapshot: &dyn Snapshot, cursor: Option<&[u8]>, batch: &mut Batch) -> Result<Option<Vec<u8>>, EngineError> {
        let (rows, next) = rows(snapshot, TABLE, cursor, 3)?;
        batch.extend(rows.into_iter().map(|(key, value)| (key, Some(vec![value[0] * 2]))));
        Ok(next)
    }
    fn nothing(_: &dyn Snapshot, _: Option<&[u8]>, _: &mut Batch) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(None)
    }
    const TO_3: &[Step] = &[Step { to: 2, name: "double", slice: double }, Step { to: 3, name: "nothing", slice: nothing }];

    fn old_store() -> RedbEngine {
        let engine = RedbEngine::in_memory();
        bring_up(&engine, &[], 1, &Progress::default(), |_| panic!("a new store needs no copy")).unwrap();
        let mut batch = Batch::new();
        for tenant in [0, 1, 7] {
            for n in 1..=4 {
                batch.insert(row(tenant, n), Some(vec![n]));
            }
        }
        batch.insert([key_base(7, TableId(0x0FF2)), vec![1]].concat(), Some(vec![9]));
        engine.commit(batch, Durability::Durable).unwrap();
        engine
    }

    #[test]
    fn every_row_is_changed_once_even_if_cut_off_between_slices() {
        for cut_after in 0..6 {
            let engine = old_store();
            let copies = Mutex::new(0);
            let copy = |found| {
                assert_eq!(found, 1);
                *copies.lock() += 1;
                Ok(())
            };
            let calls = Mutex::new(0);
            let cutting = Progress::to(move |p| {
                *calls.lock() += 1;
                assert!(*calls.lock() <= cut_after || p.to == 3, "cut");
            });
            let first = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bring_up(&engine, TO_3, 3, &cutting, copy)));
            if first.is_err() {
                bring_up(&engine, TO_3, 3, &Progress::default(), copy).unwrap();
            }
            let snapshot = engine.snapshot().unwrap();
            for tenant in [0, 1, 7] {
                for n in 1..=4 {
                    assert_eq!(snapshot.get(&row(tenant, n)).unwrap(), Some(vec![n * 2]), "{cut_after}");
                }
            }
            assert_eq!(number(snapshot.get(&meta("schema")).unwrap()), Some(3));
            assert_eq!(snapshot.get(&meta("migrating")).unwrap(), None);
            assert!(*copies.lock() == 1 || cut_after == 0, "one copy, of the untouched store");
        }
    }

    #[test]
    fn newer_data_and_missing_steps_refuse() {
        let engine = old_store();
        let none = Progress::default();
        bring_up(&engine, TO_3, 3, &none, |_| Ok(())).unwrap();
        assert!(matches!(bring_up(&engine, TO_3, 2, &none, |_| Ok(())), Err(OpenError::Newer { found: 3, known: 2 })));
        assert!(matches!(bring_up(&engine, TO_3, 5, &none, |_| Ok(())), Err(OpenError::Damaged(_))));
    }

    #[test]
    fn the_copy_is_the_store_as_it_was() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("farol.redb"), b"as it was").unwrap();
        keep_copy(data.path(), 1).unwrap();
        assert_eq!(fs::read(data.path().join("backups/before-migration-from-1.redb")).unwrap(), b"as it was");
    }
}
