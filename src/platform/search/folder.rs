//! Where the index lies on disk: `search/v1-000001`, named by schema version and a running number.

use super::schema::{Fields, SCHEMA_VERSION};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};
use tantivy::{
    Index, TantivyError,
    directory::error::{OpenDirectoryError, OpenReadError, OpenWriteError},
};

/// What rides in every commit: how far the index is, and of which store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Every event up to here is in it.
    pub seq: u64,
    /// Of this store.
    pub epoch: u64,
    /// Is everything older in it too? Not while records are still being walked.
    pub complete: bool,
}

/// Why the index can't go on.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The disk is full, a lock is held, a permission is missing: wait, lose nothing.
    #[error("{0}")]
    Wait(String),
    /// The folder contradicts itself: put it aside and build another.
    #[error("damaged: {0}")]
    Damaged(String),
}

/// An index on disk.
pub struct Folder {
    pub path: PathBuf,
    pub index: Index,
    pub fields: Fields,
    pub place: Place,
}

fn prefix() -> String {
    format!("v{SCHEMA_VERSION}-")
}

fn numbered(root: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        if let Some(number) = name.to_str().and_then(|name| name.strip_prefix(&prefix())).and_then(|n| n.parse().ok()) {
            found.push((number, entry.path()));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The newest index that is whole, else the newest at all; those that can't be read are put aside.
pub fn open(root: &Path) -> Result<Option<Folder>, Trouble> {
    fs::create_dir_all(root).map_err(|e| of_io("make the search folder", &e))?;
    let mut fallback = None;
    for (_, path) in numbered(root).map_err(|e| of_io("list the search folder", &e))?.into_iter().rev() {
        match open_at(&path) {
            Ok(folder) if folder.place.complete => return Ok(Some(folder)),
            Ok(folder) => fallback = fallback.or(Some(folder)),
            Err(Trouble::Damaged(why)) => put_aside(root, &path, &why)?,
            Err(wait) => return Err(wait),
        }
    }
    Ok(fallback)
}

fn open_at(path: &Path) -> Result<Folder, Trouble> {
    // Files cut short make the library stumble rather than answer.
    catch_unwind(AssertUnwindSafe(|| {
        let index = Index::open_in_dir(path)?;
        let fields = Fields::new();
        if index.schema() != fields.schema || index.settings() != &Fields::settings() {
            return Err(Trouble::Damaged("its fields are others than this program's".into()));
        }
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let place = serde_json::from_str(&payload).map_err(|e| Trouble::Damaged(format!("its place: {e}")))?;
        Fields::teach(&index);
        Ok(Folder { path: path.to_owned(), index, fields, place })
    }))
    .unwrap_or_else(|_| Err(Trouble::Damaged("reading it panicked".into())))
}

/// A new, empty one beside all others.
pub fn create(root: &Path, place: Place) -> Result<Folder, Trouble> {
    fs::create_dir_all(root).map_err(|e| of_io("make the search folder", &e))?;
    let last = numbered(root).map_err(|e| of_io("list the search folder", &e))?.last().map_or(0, |(number, _)| *number);
    let path = root.join(format!("{}{:06}", prefix(), last + 1));
    fs::create_dir_all(&path).map_err(|e| of_io("make an index folder", &e))?;
    let fields = Fields::new();
    let index = Index::builder().schema(fields.schema.clone()).settings(Fields::settings()).create_in_dir(&path)?;
    Fields::teach(&index);
    Ok(Folder { path, index, fields, place })
}

/// Keeps a damaged folder for whoever wants to know why, but only the last one.
pub fn put_aside(root: &Path, path: &Path, why: &str) -> Result<(), Trouble> {
    tracing::warn!(path = %path.display(), why, "the search index is damaged; putting it aside and building another");
    let aside = root.join("damaged");
    let _ = fs::remove_dir_all(&aside);
    fs::rename(path, &aside).map_err(|e| of_io("put a damaged index aside", &e))
}

/// Removes every index but `keep`, older schemas' too.
pub fn sweep(root: &Path, keep: &Path) {
    let Ok(entries) = fs::read_dir(root) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path != keep && path.is_dir()) {
        let ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('v'));
        if ours && let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(%error, path = %path.display(), "an old search index could not be removed");
        }
    }
}

fn of_io(what: &str, error: &io::Error) -> Trouble {
    use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
    let why = format!("{what}: {error}");
    // Only what speaks of the bytes themselves is damage; everything else may pass.
    if matches!(error.kind(), NotFound | UnexpectedEof | InvalidData) { Trouble::Damaged(why) } else { Trouble::Wait(why) }
}

impl From<TantivyError> for Trouble {
    fn from(error: TantivyError) -> Self {
        let text = error.to_string();
        match error {
            TantivyError::IoError(io)
            | TantivyError::OpenReadError(OpenReadError::IoError { io_error: io, .. })
            | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: io, .. })
            | TantivyError::OpenDirectoryError(
                OpenDirectoryError::IoError { io_error: io, .. } | OpenDirectoryError::FailedToCreateTempDir(io),
            ) => of_io("the index", &io),
            TantivyError::OpenReadError(_)
            | TantivyError::OpenDirectoryError(_)
            | TantivyError::DataCorruption(_)
            | TantivyError::SchemaError(_)
            | TantivyError::FieldNotFound(_)
            | TantivyError::IncompatibleIndex(_)
            | TantivyError::DeserializeError(_) => Trouble::Damaged(text),
            _ => Trouble::Wait(text),
        }
    }
}
