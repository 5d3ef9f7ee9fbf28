//! Makes a backup from one snapshot, while everything goes on.

use super::{FOLDERS, FORMAT, MANIFEST, Manifest, PART_BYTES, seal::Sealer, table_of};
use crate::{
    base::{Error, Result, Timestamp},
    platform::{
        journal,
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

/// Writes a backup of `store` and of the media in `data` into the folder `into`, sealed if there is a passphrase.
///
/// Blocks for as long as the disk takes; the snapshot is held meanwhile, so the store grows a little, but
/// nobody waits. The file appears under its name only when it is whole and durable.
///
/// # Errors
/// [`Error::Unavailable`] when the disk has no room; [`Error::Internal`] when it refuses.
pub fn write(store: &Store, data: &Path, into: &Path, now: Timestamp, passphrase: Option<&str>) -> Result<Written> {
    fs::create_dir_all(into).map_err(|e| failed("make the folder", into, &e))?;
    let needed = size_of(&data.join("farol.redb")) + size_of(&data.join("media"));
    let needed = needed / SPACE_NEEDED.1 * SPACE_NEEDED.0;
    let room = rustix::fs::statvfs(into).map_or(u64::MAX, |s| s.f_bavail.saturating_mul(s.f_frsize));
    if room < needed {
        let (needed, room) = (needed >> 20, room >> 20);
        return Err(Error::unavailable(format!("the backup may need {needed} MB and {} has {room} MB free", into.display())));
    }
    let stamp = now.to_jiff().strftime("%Y%m%d_%H%M%S").to_string();
    let end = if passphrase.is_some() { ".tar.zst.sealed" } else { ".tar.zst" };
    let path = into.join(format!("farol-{stamp}{end}"));
    if path.exists() {
        return Err(Error::conflict("exists", format!("{} exists already", path.display())));
    }
    let part = into.join(format!("farol-{stamp}{end}.part"));
    let outcome = fill(store, data, &part, now, passphrase);
    if outcome.is_err() {
        // What is left of a backup that did not come about helps nobody; that it stays is no further harm.
        let _ = fs::remove_file(&part);
    }
    let manifest = outcome?;
    fs::rename(&part, &path).map_err(|e| failed("name", &path, &e))?;
    File::open(into).and_then(|folder| folder.sync_all()).map_err(|e| failed("sync", into, &e))?;
    Ok(Written { bytes: size_of(&path), path, manifest })
}

fn fill(store: &Store, data: &Path, part: &Path, now: Timestamp, passphrase: Option<&str>) -> Result<Manifest> {
    let file = private_file(part).map_err(|e| failed("make", part, &e))?;
    let out = BufWriter::with_capacity(1 << 20, file);
    let manifest = match passphrase {
        None => {
            let (out, manifest) = archive(store, data, out, now, false)?;
            sync(out, part)?;
            manifest
        }
        Some(passphrase) => {
            let (sealer, manifest) = archive(store, data, Sealer::new(out, passphrase)?, now, true)?;
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

fn archive<W: Write>(store: &Store, data: &Path, out: W, now: Timestamp, keys: bool) -> Result<(W, Manifest)> {
    let refused = |e: io::Error| Error::internal(format!("write the backup: {e}"));
    let mut tar = tar::Builder::new(zstd::Encoder::new(out, 3).map_err(refused)?);
    let mut parts = BTreeMap::new();
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();

    let seq = store.view_platform(journal::last)?.0;
    let snapshot = store.snapshot()?;
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
    let pairs = snapshot.range(&[], &[0xFF; 16], false).map_err(Error::internal)?;
    for pair in pairs {
        let (key, value) = pair.map_err(Error::internal)?;
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
    drop(snapshot);

    for (folder, sealed_only) in FOLDERS {
        if *sealed_only && !keys {
            continue;
        }
        for path in files_below(&data.join(folder)).map_err(|e| failed("list", &data.join(folder), &e))? {
            let name = path.strip_prefix(data).unwrap_or(&path).to_string_lossy().into_owned();
            // A file that a sweep removed since it was listed belonged to nothing any more.
            let Ok(mut file) = File::open(&path) else { continue };
            let size = file.metadata().map_err(|e| failed("read", &path, &e))?.len();
            let mut header = head(size, now);
            let mut hashing = Hashing { from: (&mut file).take(size), hash: Sha256::new() };
            tar.append_data(&mut header, &name, &mut hashing).map_err(refused)?;
            parts.insert(name, hex::encode(hashing.hash.finalize()));
        }
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

pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
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
