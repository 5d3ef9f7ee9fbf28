//! Reads a backup: fills an empty folder from it, and proves that folders and files are whole.

use super::{
    FORMAT, MANIFEST, Manifest, PART_BYTES,
    seal::{Opener, is_sealed},
    table_of,
    write::files_below,
};
use crate::{
    base::{Env, Error, Result},
    platform::{
        journal, private,
        store::{Durability, Engine, OpenError, RedbEngine, Store, StoreOptions, check_schema, renew_epoch},
    },
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufReader, Read, Seek, Write},
    path::{Component, Path, PathBuf},
};

/// A folder that was filled from a backup.
#[derive(Debug)]
pub struct Restored {
    /// The folder.
    pub folder: PathBuf,
    /// What the backup said about itself.
    pub manifest: Manifest,
    /// Media and other files beside the store.
    pub files: usize,
}

/// Bytes of the store that go into one relaxed commit.
const BATCH_BYTES: usize = 16 << 20;
/// Longest key or value that a part may claim: a damaged length must not ask for all memory.
const PAIR_BYTES_MAX: usize = 64 << 20;
/// Longest part of the store: it is closed behind the pair that fills it.
const PART_BYTES_MAX: u64 = (PART_BYTES + 2 * PAIR_BYTES_MAX) as u64;
/// Longest manifest: a line for each media file.
const MANIFEST_BYTES_MAX: u64 = 256 << 20;
/// The file that holds the store.
const STORE: &str = "farol.redb";
/// The folder inside the target that is filled before anything counts.
const FILLING: &str = "restoring";

fn damaged(what: impl std::fmt::Display) -> Error {
    Error::conflict("damaged", format!("the backup is damaged: {what}"))
}

/// Fills the folder `to`, which must be empty or absent, from the backup `file`, and checks it against the manifest.
///
/// # Errors
/// [`Error::Conflict`] when the folder is not empty or the backup is damaged or too new; [`Error::Invalid`] when the
/// passphrase is missing or wrong. What was filled until then stays in `to/restoring` and counts for nothing.
pub fn restore(file: &Path, to: &Path, passphrase: Option<&str>, env: Env) -> Result<Restored> {
    let io = |what: &str, e: std::io::Error| Error::internal(format!("{what} {}: {e}", to.display()));
    private::make_folder(to).map_err(|e| io("make", e))?;
    if fs::read_dir(to).map_err(|e| io("list", e))?.next().is_some() {
        return Err(Error::conflict("not_empty", format!("{} is not empty: name a new folder", to.display())));
    }
    let filling = to.join(FILLING);
    private::make_folder(&filling).map_err(|e| io("make a folder in", e))?;
    let (manifest, files) = fill(file, &filling, passphrase)?;
    prove(&filling, &manifest, env)?;
    // The store makes its files with the rights of any.
    for path in files_below(&filling).map_err(|e| io("list", e))? {
        private::close_file(&path).map_err(|e| io("close to others what is in", e))?;
    }
    for entry in fs::read_dir(&filling).map_err(|e| io("list", e))? {
        let entry = entry.map_err(|e| io("list", e))?;
        fs::rename(entry.path(), to.join(entry.file_name())).map_err(|e| io("move into", e))?;
    }
    fs::remove_dir(&filling).map_err(|e| io("tidy", e))?;
    File::open(to).and_then(|folder| folder.sync_all()).map_err(|e| io("sync", e))?;
    Ok(Restored { folder: to.to_owned(), manifest, files })
}

/// Refuses a data folder in which a new store must not be made, nor the one that is there be taken for whole.
///
/// # Errors
/// What is wrong and what helps, in words.
pub fn check_folder(data: &Path) -> Result<(), String> {
    let (folder, store) = (data.display(), data.join(STORE));
    if data.join(FILLING).exists() {
        return Err(format!("a restore into {folder} did not come to its end: empty the folder and restore again"));
    }
    match fs::metadata(&store) {
        Ok(meta) if meta.len() == 0 => Err(format!(
            "{} is empty: restore a backup; if nothing was ever in it, remove the file and start again",
            store.display()
        )),
        Ok(_) => Ok(()),
        Err(_) => {
            match ["search", "media", "inbound", "keys/secrets.key"].into_iter().find(|beside| data.join(beside).exists()) {
                Some(beside) => Err(format!(
                    "{} is missing, but {beside} is there: put the file back or restore a backup into another folder; to begin \
                 anew, empty {folder}",
                    store.display()
                )),
                None => Ok(()),
            }
        }
    }
}

/// Proves that a backup is whole by restoring it into `scratch`, a folder that is emptied afterwards.
/// `also` has the last word on the restored folder, for what only rooms above know; its answer is passed on.
pub fn verify_file<T>(
    file: &Path,
    scratch: &Path,
    passphrase: Option<&str>,
    env: Env,
    also: impl FnOnce(&Path) -> Result<T>,
) -> Result<(Manifest, T)> {
    let outcome = restore(file, scratch, passphrase, env);
    let outcome = outcome.and_then(|restored| Ok((restored.manifest, also(&restored.folder)?)));
    // Whatever came about was for the proof alone; a folder that can't be removed is told by its presence.
    let _ = fs::remove_dir_all(scratch);
    outcome
}

/// Checks every page of the store in a data folder and every media file whose name is its hash.
/// Returns rows in all and files.
///
/// # Errors
/// As opening a store.
pub fn verify_folder(data: &Path, cache_bytes: usize) -> Result<(u64, usize), OpenError> {
    check_folder(data).map_err(OpenError::Damaged)?;
    if !data.join(STORE).exists() {
        // Opening would make one, and find it whole.
        return Err(OpenError::Damaged(format!("there is no {STORE} in {}", data.display())));
    }
    let engine = RedbEngine::open(&data.join("farol.redb"), cache_bytes)?;
    if !engine.check().map_err(OpenError::from)? {
        tracing::warn!("the store had damage that was mended from its own checksums");
    }
    check_schema(&engine)?;
    let rows = count(&engine).map_err(|e| OpenError::Damaged(e.to_string()))?.values().sum();
    let mut files = 0;
    for path in files_below(&data.join("media")).map_err(|e| OpenError::Io(e.to_string()))? {
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if name.len() == 64 && hex::decode(&name).is_ok() {
            let found = File::open(&path).and_then(|mut file| drain(&mut file, &mut std::io::sink()));
            let found = found.map_err(|e| OpenError::Io(e.to_string()))?;
            if found != name {
                return Err(OpenError::Damaged(format!("{} is not what it was", path.display())));
            }
            files += 1;
        }
    }
    Ok((rows, files))
}

fn fill(file: &Path, into: &Path, passphrase: Option<&str>) -> Result<(Manifest, usize)> {
    let cannot = |e: std::io::Error| Error::internal(format!("read {}: {e}", file.display()));
    let mut raw = BufReader::with_capacity(1 << 20, File::open(file).map_err(cannot)?);
    let mut head = [0u8; 16];
    let read = raw.read(&mut head).map_err(cannot)?;
    raw.rewind().map_err(cannot)?;
    match (is_sealed(&head[..read]), passphrase) {
        (true, None) => Err(Error::invalid("passphrase", "required", "this backup is sealed: give its passphrase")),
        (true, Some(passphrase)) => unpack(Opener::new(raw, passphrase)?, into),
        (false, _) => unpack(raw, into),
    }
}

fn unpack(from: impl Read, into: &Path) -> Result<(Manifest, usize)> {
    let mut tar = tar::Archive::new(zstd::Decoder::new(from).map_err(damaged)?);
    let engine = RedbEngine::open(&into.join("farol.redb"), 64 << 20).map_err(Error::internal)?;
    let mut hashes: BTreeMap<String, String> = BTreeMap::new();
    let mut manifest: Option<Manifest> = None;
    let (mut batch, mut waiting, mut files) = (crate::platform::store::engine::Batch::new(), 0, 0);
    for entry in tar.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = entry.path().map_err(damaged)?.to_string_lossy().into_owned();
        // What is held in memory is bounded before it is read: little may unpack to a lot.
        let bytes_max = if name == MANIFEST { MANIFEST_BYTES_MAX } else { PART_BYTES_MAX };
        if (name == MANIFEST || name.starts_with("store/")) && entry.size() > bytes_max {
            return Err(damaged(format_args!("{name} is longer than a part may be")));
        }
        if name == MANIFEST {
            manifest = Some(serde_json::from_reader(&mut entry).map_err(damaged)?);
        } else if name.starts_with("store/") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(damaged)?;
            hashes.insert(name.clone(), hex::encode(Sha256::digest(&bytes)));
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let (key, value) = pair(&mut rest).ok_or_else(|| damaged(&name))?;
                waiting += key.len() + value.len();
                batch.insert(key, Some(value));
            }
            if waiting >= BATCH_BYTES {
                engine.commit(std::mem::take(&mut batch), Durability::Relaxed).map_err(Error::internal)?;
                waiting = 0;
            }
        } else {
            // Only plain names inside the folder: a backup from a stranger must not write elsewhere.
            let path = Path::new(&name);
            if !path.components().all(|c| matches!(c, Component::Normal(_))) {
                return Err(damaged(format_args!("it wants to write to {name}")));
            }
            let target = into.join(path);
            let write = |e: std::io::Error| Error::internal(format!("write {}: {e}", target.display()));
            private::make_folder(target.parent().unwrap_or(into)).map_err(write)?;
            let mut out = private::new_file(&target).map_err(write)?;
            let hash = drain(&mut entry, &mut out).map_err(damaged)?;
            out.sync_all().map_err(write)?;
            hashes.insert(name, hash);
            files += 1;
        }
    }
    let manifest = manifest.ok_or_else(|| damaged("its end is missing"))?;
    if manifest.format > FORMAT || manifest.schema > crate::platform::store::SCHEMA {
        let version = &manifest.version;
        return Err(Error::conflict(
            "newer",
            format!("the backup was written by version {version}: install that version or newer"),
        ));
    }
    if hashes != manifest.parts {
        let differs = manifest.parts.iter().find(|(name, hash)| hashes.get(*name) != Some(hash));
        return Err(damaged(differs.map_or("it holds more than it says", |(name, _)| name)));
    }
    engine.commit(batch, Durability::Durable).map_err(Error::internal)?;
    renew_epoch(&engine).map_err(Error::internal)?;
    Ok((manifest, files))
}

fn pair(rest: &mut &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let length = |rest: &mut &[u8]| -> Option<usize> {
        let (head, tail) = rest.split_at_checked(4)?;
        *rest = tail;
        usize::try_from(u32::from_le_bytes(head.try_into().ok()?)).ok().filter(|n| *n <= PAIR_BYTES_MAX)
    };
    let (key, value) = (length(rest)?, length(rest)?);
    let (head, tail) = rest.split_at_checked(key.checked_add(value)?)?;
    *rest = tail;
    Some((head[..key].to_vec(), head[key..].to_vec()))
}

/// The folder opens, its pages are whole, and each table has the rows that the backup counted.
fn prove(folder: &Path, manifest: &Manifest, env: Env) -> Result<()> {
    let engine = RedbEngine::open(&folder.join("farol.redb"), 64 << 20).map_err(Error::internal)?;
    engine.check().map_err(Error::internal)?;
    let rows = count(&engine)?;
    if rows != manifest.rows {
        let differs = manifest.rows.iter().find(|(table, n)| rows.get(*table) != Some(n));
        return Err(damaged(format_args!("table {} has not the rows it should", differs.map_or("?", |(table, _)| table))));
    }
    drop(engine);
    let store = Store::open(folder, &StoreOptions::default(), env).map_err(Error::internal)?;
    // Not the head: that may be ahead of the journal, where the last writes were of the past.
    let seq = store.view_platform(journal::last).map(|last| last.0);
    store.release();
    let seq = seq?;
    if seq == manifest.seq { Ok(()) } else { Err(damaged(format_args!("it ends at event {seq} instead of {}", manifest.seq))) }
}

fn count(engine: &dyn Engine) -> Result<BTreeMap<String, u64>> {
    let snapshot = engine.snapshot().map_err(Error::internal)?;
    let mut rows = BTreeMap::new();
    for pair in snapshot.range(&[], &[0xFF; 16], false).map_err(Error::internal)? {
        let (key, _) = pair.map_err(Error::internal)?;
        *rows.entry(table_of(&key)).or_default() += 1;
    }
    Ok(rows)
}

/// Passes everything on and says its SHA-256.
fn drain(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 256 << 10];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
    }
}
