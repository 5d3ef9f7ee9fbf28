//! The folder: streams in, whole files out, and what a crash may leave.

use crate::{
    base::{Env, Error, Result, TenantId, Timestamp},
    platform::private,
};
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

/// Where unfinished files lie.
const INCOMING: &str = ".incoming";
/// Where what may not be shown lies, beside the firm's files.
const QUARANTINE: &str = "quarantine";
/// Written to the disk at once; a stream's memory is about twice this.
const PIECE_BYTES: usize = 256 << 10;

/// SHA-256 of a file's bytes: its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaHash(pub [u8; 32]);

impl fmt::Display for MediaHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for MediaHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaHash({self})")
    }
}
impl FromStr for MediaHash {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map_err(|_| Error::invalid("hash", "format", "expected 64 hexadecimal digits"))?;
        Ok(Self(hash))
    }
}
// JSON shows the digits; stored records hold the bytes.
impl Serialize for MediaHash {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { s.collect_str(self) } else { self.0.serialize(s) }
    }
}
impl<'de> Deserialize<'de> for MediaHash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() {
            String::deserialize(d)?.parse().map_err(|_| de::Error::custom("expected 64 hexadecimal digits"))
        } else {
            <[u8; 32]>::deserialize(d).map(Self)
        }
    }
}

/// The steps of taking a file in, so that a test can let each of them fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Some bytes are written.
    Write,
    /// The file is synced.
    SyncFile,
    /// It gets its name.
    Rename,
    /// Its folder is synced.
    SyncFolder,
}

/// What goes wrong on purpose. `Err` ends the attempt as a crash would: nothing is tidied up.
pub type Fault = Arc<dyn Fn(Point) -> io::Result<()> + Send + Sync>;

/// The folder `media`. Clones share it.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    root: PathBuf,
    env: Env,
    fault: Option<Fault>,
    /// Held while a file gets its name and while one is judged for removal: a file named again just
    /// before it would have gone must stay.
    naming: Mutex<()>,
    /// Backups under way; none of them may miss a file that its snapshot names.
    backups: Mutex<usize>,
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        return Error::NoRoom("disk_full");
    }
    Error::internal(format!("{what} {}: {error}", path.display()))
}

impl Files {
    /// The folder inside the data folder `data`; what a crash left unfinished is removed.
    ///
    /// # Errors
    /// [`Error::Internal`] where the folder can't be made or listed.
    pub fn open(data: &Path, env: Env) -> Result<Self> {
        Self::with_faults(data, env, None)
    }

    /// The same with faults, for tests.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn with_faults(data: &Path, env: Env, fault: Option<Fault>) -> Result<Self> {
        let root = data.join("media");
        let incoming = root.join(INCOMING);
        private::make_folder(&incoming).map_err(|e| failed("make the folder", &incoming, &e))?;
        for entry in fs::read_dir(&incoming).map_err(|e| failed("list", &incoming, &e))? {
            let path = entry.map_err(|e| failed("list", &incoming, &e))?.path();
            fs::remove_file(&path).map_err(|e| failed("remove", &path, &e))?;
        }
        Ok(Self(Arc::new(Inner { root, env, fault, naming: Mutex::default(), backups: Mutex::default() })))
    }

    /// Begins to take a file of at most `bytes_max` bytes in.
    ///
    /// # Errors
    /// [`Error::Internal`] where the file can't be made.
    pub fn begin(&self, tenant: TenantId, bytes_max: u64) -> Result<Incoming> {
        let path = self.0.root.join(INCOMING).join(self.0.env.new_id::<uuid::Uuid>().to_string());
        let file = private::new_file(&path).map_err(|e| failed("make", &path, &e))?;
        let sink = Sink { file, hash: Sha256::new(), fault: self.0.fault.clone() };
        let waiting = BytesMut::new();
        Ok(Incoming { files: self.clone(), tenant, path, sink: Some(sink), waiting, bytes: 0, bytes_max, crashed: false })
    }

    /// Where the file of this name lies.
    pub fn path(&self, tenant: TenantId, hash: MediaHash) -> PathBuf {
        self.0.root.join(tenant.to_string()).join(hash.to_string())
    }

    /// Where it lies when it may not be shown.
    pub fn quarantined(&self, tenant: TenantId, hash: MediaHash) -> PathBuf {
        self.0.root.join(tenant.to_string()).join(QUARANTINE).join(hash.to_string())
    }

    /// Is the file there?
    pub fn holds(&self, tenant: TenantId, hash: MediaHash) -> bool {
        self.path(tenant, hash).is_file()
    }

    /// Keeps every file while the returned guard lives: a backup copies what its snapshot names.
    pub fn keep_all(&self) -> KeptAll {
        // A removal that has begun ends first.
        let _naming = self.0.naming.lock();
        *self.0.backups.lock() += 1;
        KeptAll(self.clone())
    }

    pub(super) fn is_kept(&self) -> bool {
        *self.0.backups.lock() > 0
    }

    /// Firms that have files here, and the files of each with the moment they were last named. Temporary ones are left out.
    pub(super) fn list(&self) -> io::Result<Vec<(TenantId, Vec<PathBuf>)>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.0.root)? {
            let entry = entry?;
            let Some(tenant) = entry.file_name().to_str().and_then(|name| name.parse::<TenantId>().ok()) else { continue };
            let mut files = Vec::new();
            for folder in [entry.path(), entry.path().join(QUARANTINE)] {
                let listed = match fs::read_dir(&folder) {
                    Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                    listed => listed?,
                };
                for file in listed {
                    let file = file?;
                    if file.file_type()?.is_file() {
                        files.push(file.path());
                    }
                }
            }
            all.push((tenant, files));
        }
        Ok(all)
    }

    /// Removes the file at `path` if it was last named before `before` and `unneeded` says so, looked at in one go with
    /// whoever would name it again.
    pub(super) fn remove_if(&self, path: &Path, before: Timestamp, unneeded: impl FnOnce() -> Result<bool>) -> Result<bool> {
        let _naming = self.0.naming.lock();
        if self.is_kept() {
            return Ok(false);
        }
        let Ok(meta) = fs::metadata(path) else { return Ok(false) };
        if meta.mtime().saturating_mul(1_000) >= before.as_millis() || !unneeded()? {
            return Ok(false);
        }
        fs::remove_file(path).map_err(|e| failed("remove", path, &e))?;
        Ok(true)
    }

    fn check(&self, point: Point) -> io::Result<()> {
        self.0.fault.as_ref().map_or(Ok(()), |fault| fault(point))
    }

    /// Gives the synced file `from` its name, or leaves the one that has it and notes that it is wanted again.
    fn name(&self, from: &Path, to: &Path) -> io::Result<()> {
        let folder = to.parent().unwrap_or(&self.0.root);
        let is_new = !folder.is_dir();
        private::make_folder(folder)?;
        let _naming = self.0.naming.lock();
        self.check(Point::Rename)?;
        fs::rename(from, to)?;
        touch(to, self.0.env.now())?;
        self.check(Point::SyncFolder)?;
        File::open(folder)?.sync_all()?;
        if is_new {
            // Its own entry, and that of the firm's folder above it.
            for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.0.root)) {
                File::open(above)?.sync_all()?;
            }
        }
        Ok(())
    }
}

/// No file is removed while this lives.
pub struct KeptAll(Files);

impl Drop for KeptAll {
    fn drop(&mut self) {
        *self.0.0.backups.lock() -= 1;
    }
}

/// Sets when the file was last named: the sweep counts from there, by the clock of the house.
fn touch(path: &Path, now: Timestamp) -> io::Result<()> {
    let at = rustix::fs::Timespec { tv_sec: now.as_millis().div_euclid(1_000), tv_nsec: 0 };
    let times = rustix::fs::Timestamps { last_access: at, last_modification: at };
    Ok(rustix::fs::utimensat(rustix::fs::CWD, path, &times, rustix::fs::AtFlags::empty())?)
}

struct Sink {
    file: File,
    hash: Sha256,
    fault: Option<Fault>,
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(Err(error)) = self.fault.as_ref().map(|fault| fault(Point::Write)) {
            // As a torn write leaves it: some of it is there.
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.hash.update(bytes);
        self.file.write_all(bytes)
    }
}

/// A file on its way in. Dropped unfinished, it leaves nothing.
pub struct Incoming {
    files: Files,
    pub(super) tenant: TenantId,
    path: PathBuf,
    sink: Option<Sink>,
    waiting: BytesMut,
    bytes: u64,
    bytes_max: u64,
    /// A fault stands for a crash, after which nobody tidies up.
    crashed: bool,
}

impl Incoming {
    /// The next piece.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond the limit; [`Error::NoRoom`]; [`Error::Internal`].
    pub async fn write(&mut self, piece: Bytes) -> Result<()> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.bytes_max {
            return Err(Error::TooLarge(self.bytes_max));
        }
        self.waiting.extend_from_slice(&piece);
        if self.waiting.len() >= PIECE_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    async fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() && self.sink.is_some() {
            return Ok(());
        }
        let Some(mut sink) = self.sink.take() else {
            return Err(Error::internal(format!("write {}: an earlier write failed", self.path.display())));
        };
        let piece = self.waiting.split().freeze();
        let work = tokio::task::spawn_blocking(move || {
            let written = sink.write(&piece);
            (sink, written)
        });
        let (sink, written) = work.await.map_err(Error::internal)?;
        if let Err(error) = written {
            self.crashed = sink.fault.is_some();
            return Err(failed("write", &self.path, &error));
        }
        self.sink = Some(sink);
        Ok(())
    }

    /// All pieces are there: syncs them and says what their name will be. The file has none yet.
    pub(super) async fn close(&mut self) -> Result<MediaHash> {
        self.flush().await?;
        let Some(Sink { file, hash, .. }) = self.sink.take() else { return Err(Error::internal("flushed above")) };
        let files = self.files.clone();
        let work = tokio::task::spawn_blocking(move || {
            files.check(Point::SyncFile)?;
            file.sync_all()
        });
        if let Err(error) = work.await.map_err(Error::internal)? {
            self.crashed = self.files.0.fault.is_some();
            return Err(failed("sync", &self.path, &error));
        }
        Ok(MediaHash(hash.finalize().into()))
    }

    /// Somebody else wrote the file at [`Self::path`], whole: reads it for its length, so that it can be closed.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond the limit; [`Error::Internal`].
    pub(super) async fn reread(&mut self) -> Result<()> {
        let (path, max, fault) = (self.path.clone(), self.bytes_max, self.files.0.fault.clone());
        let work = tokio::task::spawn_blocking(move || -> Result<(Sink, u64)> {
            let io = |e: io::Error| failed("read", &path, &e);
            let mut file = File::open(&path).map_err(io)?;
            let bytes = file.metadata().map_err(io)?.len();
            if bytes > max {
                return Err(Error::TooLarge(max));
            }
            let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
            loop {
                match file.read(&mut piece).map_err(io)? {
                    0 => break,
                    count => hash.update(&piece[..count]),
                }
            }
            Ok((Sink { file, hash, fault }, bytes))
        });
        let (sink, bytes) = work.await.map_err(Error::internal)??;
        (self.sink, self.bytes) = (Some(sink), bytes);
        Ok(())
    }

    /// Where it lies until it has its name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the closed file its name; durable when this returns.
    pub(super) async fn settle(mut self, hash: MediaHash, quarantine: bool) -> Result<()> {
        let to = if quarantine { self.files.quarantined(self.tenant, hash) } else { self.files.path(self.tenant, hash) };
        let (files, from) = (self.files.clone(), self.path.clone());
        let named = tokio::task::spawn_blocking(move || files.name(&from, &to).map_err(|e| failed("name", &to, &e)));
        let outcome = named.await.map_err(Error::internal)?;
        // Named or crashed: either way there is nothing to tidy up here.
        self.crashed = outcome.is_ok() || self.files.0.fault.is_some();
        outcome
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.crashed {
            // One that can't be removed goes at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}
