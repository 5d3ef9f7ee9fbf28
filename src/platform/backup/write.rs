//! Makes a backup from one snapshot, while everything goes on.

use super::{BESIDE, FOLDERS, FORMAT, KEYS, MANIFEST, Manifest, PART_BYTES, seal::Sealer, table_of};
use crate::{
    base::{Error, Result, Timestamp},
    platform::{
        journal, private,
        store::{SCHEMA, Store},
    },
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

/// A backup that was made.
#[derive(Debug, Clone)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What it says about itself.
    pub manifest: Manifest,
}

/// Space a backup needs in relation to what it copies, as a fraction: it may not compress, and the box must go on.
const SPACE_NEEDED: (u64, u64) = (12, 10);

/// What a backup is made of.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The store.
    pub store: &'a Store,
    /// The data folder around it.
    pub data: &'a Path,
    /// The file with the keys that open secrets, wherever it lies.
    pub key_file: &'a Path,
    /// Folders that lie elsewhere, under the names they get below [`BESIDE`]. They open somebody's account as a key does, so
    /// they join a sealed backup alone. What of them can't be read is left out, and told in the log; so is a folder in or
    /// around the data folder, which has its own rules of what may leave.
    pub beside: &'a [(String, PathBuf)],
}

/// Writes a backup of `from` into the folder `into`, sealed and with its keys if there is a passphrase.
///
/// Blocks for as long as the disk takes; the snapshot is held meanwhile, so the store grows a little, but
/// nobody waits. The file appears under its name only when it is whole and durable.
///
/// # Errors
/// [`Error::Unavailable`] when the disk has no room; [`Error::Internal`] when it refuses.
pub fn write(from: Source<'_>, into: &Path, now: Timestamp, passphrase: Option<&str>) -> Result<Written> {
    private::make_folder(into).map_err(|e| failed("make the folder", into, &e))?;
    let needed: u64 = ["farol.redb", "media", "inbound"].iter().map(|part| size_of(&from.data.join(part))).sum();
    let needed = needed / SPACE_NEEDED.1 * SPACE_NEEDED.0;
    let room = rustix::fs::statvfs(into).map_or(u64::MAX, |s| s.f_bavail.saturating_mul(s.f_frsize));
    if room < needed {
        let (needed, room) = (needed >> 20, room >> 20);
        return Err(Error::unavailable(format!("the backup may need {needed} MB and {} has {room} MB free", into.display())));
    }
    sweep(into, now);
    let (path, part, file) = name(into, now, passphrase.is_some())?;
    let outcome = fill(from, file, &part, now, passphrase);
    if outcome.is_err() {
        // What is left of a backup that did not come about helps nobody; that it stays is no further harm.
        let _ = fs::remove_file(&part);
    }
    let manifest = outcome?;
    fs::rename(&part, &path).map_err(|e| failed("name", &path, &e))?;
    File::open(into).and_then(|folder| folder.sync_all()).map_err(|e| failed("sync", into, &e))?;
    Ok(Written { bytes: size_of(&path), path, manifest })
}

/// Backups that begin in one second, at most.
const SAME_SECOND_MAX: u32 = 100;

/// A name that is free, the file that takes it until the backup is whole, and that file.
fn name(into: &Path, now: Timestamp, sealed: bool) -> Result<(PathBuf, PathBuf, File)> {
    let stamp = now.to_jiff().strftime("%Y%m%d_%H%M%S").to_string();
    let end = if sealed { ".tar.zst.sealed" } else { ".tar.zst" };
    for n in 1..=SAME_SECOND_MAX {
        let again = if n == 1 { String::new() } else { format!("-{n}") };
        let path = into.join(format!("farol-{stamp}{again}{end}"));
        let part = into.join(format!("farol-{stamp}{again}{end}.part"));
        match private::new_file(&part) {
            Ok(file) if !path.exists() => return Ok((path, part, file)),
            Ok(_) => fs::remove_file(&part).map_err(|e| failed("remove", &part, &e))?,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(failed("make", &part, &e)),
        }
    }
    Err(Error::conflict("exists", format!("{} holds too many backups of this second", into.display())))
}

/// A backup that was not written to for so long is nobody's any more, in milliseconds.
const ABANDONED_MS: i64 = 3_600_000;

/// Removes what backups that were cut off left behind.
fn sweep(into: &Path, now: Timestamp) {
    for path in files_below(into).unwrap_or_default() {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let ours = path.parent() == Some(into) && name.starts_with("farol-") && name.ends_with(".part");
        let written = fs::metadata(&path).and_then(|meta| meta.modified()).ok();
        let written = written.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let age = written.map_or(0, |at| now.as_millis().saturating_sub(at.as_millis() as i64));
        if ours && age > ABANDONED_MS && fs::remove_file(&path).is_ok() {
            tracing::info!(file = %path.display(), "removed what a backup that was cut off had left");
        }
    }
}

fn fill(from: Source<'_>, file: File, part: &Path, now: Timestamp, passphrase: Option<&str>) -> Result<Manifest> {
    let out = BufWriter::with_capacity(1 << 20, file);
    let manifest = match passphrase {
        None => {
            let (out, manifest) = archive(from, out, now, false)?;
            sync(out, part)?;
            manifest
        }
        Some(passphrase) => {
            let (sealer, manifest) = archive(from, Sealer::new(out, passphrase)?, now, true)?;
            sync(sealer.finish().map_err(|e| failed("write", part, &e))?, part)?;
            manifest
        }
    };
    Ok(manifest)
}

fn sync(out: BufWriter<File>, part: &Path) -> Result<()> {
    let file = out.into_inner().map_err(|e| failed("write", part, e.error()))?;
    file.sync_all().map_err(|e| failed("sync", part, &e))
}

fn archive<W: Write>(from: Source<'_>, out: W, now: Timestamp, sealed: bool) -> Result<(W, Manifest)> {
    let refused = |e: io::Error| Error::internal(format!("write the backup: {e}"));
    let mut tar = tar::Builder::new(zstd::Encoder::new(out, 3).map_err(refused)?);
    let mut parts = BTreeMap::new();
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();

    // One snapshot for both: a command between two would belong to the rows and not to the number.
    let view = from.store.read_platform()?;
    let seq = journal::last(&view)?.0;
    let mut buffer = Vec::with_capacity(PART_BYTES + (64 << 10));
    let mut number = 0u32;
    let mut close = |buffer: &mut Vec<u8>, tar: &mut tar::Builder<_>| -> Result<()> {
        number += 1;
        let name = format!("store/{number:06}");
        parts.insert(name.clone(), hex::encode(Sha256::digest(&*buffer)));
        append(tar, &name, buffer, now).map_err(refused)?;
        buffer.clear();
        Ok(())
    };
    for pair in view.pairs()? {
        let (key, value) = pair?;
        *rows.entry(table_of(&key)).or_default() += 1;
        for bytes in [&key, &value] {
            buffer.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        buffer.extend_from_slice(&key);
        buffer.extend_from_slice(&value);
        if buffer.len() >= PART_BYTES {
            close(&mut buffer, &mut tar)?;
        }
    }
    if !buffer.is_empty() {
        close(&mut buffer, &mut tar)?;
    }
    drop(view);

    for (folder, sealed_only) in FOLDERS {
        if *sealed_only && !sealed {
            continue;
        }
        let folder = from.data.join(folder);
        for path in files_below(&folder).map_err(|e| failed("list", &folder, &e))? {
            let name = path.strip_prefix(from.data).unwrap_or(&path).to_string_lossy().into_owned();
            // What has no name yet belongs to nothing.
            if name != KEYS && !name.starts_with("media/.") {
                pack(&mut tar, &path, name, now, &mut parts)?;
            }
        }
    }
    let beside = if sealed { from.beside } else { &[] };
    for (name, folder) in beside {
        let Some((folder, files)) = list_beside(folder, from.data) else { continue };
        for path in files {
            let Some(bytes) = read_beside(&path) else { continue };
            let below = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().into_owned();
            let part = format!("{BESIDE}/{name}/{below}");
            append(&mut tar, &part, &bytes, now).map_err(refused)?;
            parts.insert(part, hex::encode(Sha256::digest(&bytes)));
        }
    }
    let keys = sealed && pack(&mut tar, from.key_file, KEYS.to_owned(), now, &mut parts)?;
    if sealed && !keys {
        tracing::warn!(file = %from.key_file.display(), "the key file can't be read: the backup goes without it");
    }

    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        schema: SCHEMA,
        created_at: now.to_string(),
        seq,
        rows,
        parts,
        keys,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?;
    append(&mut tar, MANIFEST, &text, now).map_err(refused)?;
    let out = tar.into_inner().and_then(zstd::Encoder::finish).map_err(refused)?;
    Ok((out, manifest))
}

/// A file of a folder beside is held in memory while it is copied; a session's are far smaller than this.
const BESIDE_FILE_BYTES_MAX: u64 = 64 << 20;

/// The files of a folder that lies elsewhere, and where it really is; `None`, told in the log, where it must stay out.
fn list_beside(folder: &Path, data: &Path) -> Option<(PathBuf, Vec<PathBuf>)> {
    let list = || {
        // Resolved first: a link into the data folder is that folder.
        let (at, data) = (fs::canonicalize(folder)?, fs::canonicalize(data)?);
        if at.starts_with(&data) || data.starts_with(&at) {
            return Err(io::Error::other("it is in or around the data folder"));
        }
        let files = files_below(&at)?;
        Ok((at, files))
    };
    match list() {
        Ok(found) => Some(found),
        Err(error) => {
            tracing::warn!(folder = %folder.display(), %error, "a folder can't be read: the backup goes without it");
            None
        }
    }
}

/// Reads a file beside whole; `None`, told in the log, where that can't be done.
///
/// Somebody else writes there: a file that shrank between its head and its bytes would leave an archive that nobody can read.
fn read_beside(path: &Path) -> Option<Vec<u8>> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(BESIDE_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > BESIDE_FILE_BYTES_MAX {
            return Err(io::Error::other(format!("it has more than {} MB", BESIDE_FILE_BYTES_MAX >> 20)));
        }
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            tracing::warn!(file = %path.display(), %error, "a file can't be read: the backup goes without it");
            None
        }
    }
}

/// Copies a file into the archive; `false` where it can't be opened.
fn pack<W: Write>(
    tar: &mut tar::Builder<W>,
    path: &Path,
    name: String,
    now: Timestamp,
    parts: &mut BTreeMap<String, String>,
) -> Result<bool> {
    // A file that a sweep removed since it was listed belonged to nothing any more.
    let Ok(mut file) = File::open(path) else { return Ok(false) };
    let size = file.metadata().map_err(|e| failed("read", path, &e))?.len();
    let mut header = head(size, now);
    let mut hashing = Hashing { from: (&mut file).take(size), hash: Sha256::new() };
    tar.append_data(&mut header, &name, &mut hashing).map_err(|e| failed("copy into the backup", path, &e))?;
    parts.insert(name, hex::encode(hashing.hash.finalize()));
    Ok(true)
}

fn head(size: u64, now: Timestamp) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(now.as_millis() / 1000).unwrap_or_default());
    header
}

fn append<W: Write>(tar: &mut tar::Builder<W>, name: &str, bytes: &[u8], now: Timestamp) -> io::Result<()> {
    tar.append_data(&mut head(bytes.len() as u64, now), name, bytes)
}

struct Hashing<R> {
    from: R,
    hash: Sha256,
}
impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(out)?;
        self.hash.update(&out[..count]);
        Ok(count)
    }
}

/// All files below a folder, sorted; none where there is no folder.
pub(super) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            match entry.file_type()? {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

fn size_of(path: &Path) -> u64 {
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() => meta.len(),
        Ok(_) => files_below(path).unwrap_or_default().iter().map(|file| size_of(file)).sum(),
        Err(_) => 0,
    }
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::internal(format!("{what} {}: {error}", path.display()))
}
