//! A file that has come in whole: what it is, whether it may be shown, what can be told of it.

use super::{
    boxes,
    convert::Converter,
    files::{Files, Incoming, MediaHash},
    images, ogg,
    scan::Scanner,
    sniff::{self, Class, Found, Verdict},
};
use crate::{
    base::{Env, Error, Result, TenantId},
    platform::disk::{DiskGuard, Need},
};
use bytes::Bytes;
use std::{fs::File, path::Path, sync::Arc};
use tokio::sync::Semaphore;

/// Longest small version.
const THUMBNAIL_BYTES_MAX: u64 = 4 << 20;

/// Programs of the owner's that media pass through.
#[derive(Debug, Clone)]
pub struct MediaTools {
    /// Looks for viruses.
    pub scanner: Option<Scanner>,
    /// Converts what a channel does not take.
    pub converter: Converter,
}

impl Default for MediaTools {
    fn default() -> Self {
        Self { scanner: None, converter: Converter::none() }
    }
}

/// The store of media: the folder, and what looks at what comes in. Clones share it.
#[derive(Clone)]
pub struct MediaStore {
    files: Files,
    tools: Arc<MediaTools>,
    disk: Option<DiskGuard>,
    /// One picture is decoded at a time: the largest takes most of the memory we allow ourselves.
    decoding: Arc<Semaphore>,
}

/// What the sender says of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Media type.
    pub mime: Option<String>,
    /// Name.
    pub file_name: Option<String>,
    /// SHA-256 that the provider promised.
    pub sha256: Option<MediaHash>,
}

/// A file that lies in its place, or in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// Its name in the store.
    pub hash: MediaHash,
    /// Its length.
    pub bytes: u64,
    /// What it is; for one in quarantine as far as it matters.
    pub found: Option<Found>,
    /// Why it may not be shown; `None`: it may.
    pub quarantined: Option<&'static str>,
    /// It came under another type than it has.
    pub is_mismatch: bool,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// How long it plays.
    pub duration_ms: Option<u64>,
    /// Loudness along it, 0 to 100; empty where nothing is told.
    pub waveform: Vec<u8>,
    /// Several pictures in a row.
    pub is_animated: bool,
    /// Its small version, a file of its own.
    pub thumbnail: Option<MediaHash>,
}

impl MediaStore {
    /// The store in the data folder `data`.
    ///
    /// # Errors
    /// As [`Files::open`].
    pub fn open(data: &Path, env: Env, tools: MediaTools, disk: Option<DiskGuard>) -> Result<Self> {
        Ok(Self::over(Files::open(data, env)?, tools, disk))
    }

    /// The store over a folder.
    pub fn over(files: Files, tools: MediaTools, disk: Option<DiskGuard>) -> Self {
        Self { files, tools: Arc::new(tools), disk, decoding: Arc::new(Semaphore::new(1)) }
    }

    /// The folder.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// What converts.
    pub fn converter(&self) -> &Converter {
        &self.tools.converter
    }

    /// Begins to take a file in.
    ///
    /// # Errors
    /// [`Error::NoRoom`] where the disk is nearly full.
    pub fn begin(&self, tenant: TenantId, bytes_max: u64) -> Result<Incoming> {
        if let Some(disk) = &self.disk {
            disk.admit(Need::Bulk)?;
        }
        self.files.begin(tenant, bytes_max)
    }

    /// Ends it: judges the file, gives it its place, and makes what is shown of it.
    ///
    /// # Errors
    /// Conflict `hash_mismatch` where the promised hash differs; [`Error::Unavailable`] where the virus scanner fails;
    /// [`Error::TooLarge`] where it is too large for what it turned out to be.
    pub async fn land(&self, incoming: Incoming, claims: Claims, limits: sniff::Limits) -> Result<Landed> {
        self.land_if(incoming, claims, limits, |_| None).await
    }

    /// As [`Self::land`]; what `objection` gives a reason against is kept back with it.
    ///
    /// # Errors
    /// As [`Self::land`].
    pub async fn land_if(
        &self,
        mut incoming: Incoming,
        claims: Claims,
        limits: sniff::Limits,
        objection: impl Fn(&Found) -> Option<&'static str> + Send + 'static,
    ) -> Result<Landed> {
        let (hash, bytes, tenant) = (incoming.close().await?, incoming.bytes(), incoming.tenant);
        if claims.sha256.is_some_and(|promised| promised != hash) {
            return Err(Error::conflict("hash_mismatch", "the file is not the one that was promised"));
        }
        let path = incoming.path().to_owned();
        let tools = self.tools.clone();
        let judged = tokio::task::spawn_blocking(move || -> Result<Verdict> {
            let mut file = File::open(&path).map_err(|e| failed(&path, &e))?;
            let verdict = sniff::judge(&mut file, claims.file_name.as_deref(), claims.mime.as_deref());
            let verdict = match verdict.map_err(|e| failed(&path, &e))? {
                Verdict::Allowed(found) | Verdict::Mismatch(found) if objection(&found).is_some() => {
                    Verdict::Forbidden(objection(&found).unwrap_or_default())
                }
                verdict => verdict,
            };
            match (&tools.scanner, verdict) {
                (Some(scanner), Verdict::Allowed(_) | Verdict::Mismatch(_)) if !scanner.is_clean(&path)? => {
                    Ok(Verdict::Forbidden("infected"))
                }
                _ => Ok(verdict),
            }
        });
        let verdict = judged.await.map_err(Error::internal)??;
        let (found, is_mismatch) = match verdict {
            Verdict::Allowed(found) => (Some(found), false),
            Verdict::Mismatch(found) => (Some(found), true),
            Verdict::Forbidden(_) => (None, false),
        };
        if let Some(found) = &found
            && bytes > limits.of(found.class)
        {
            return Err(Error::TooLarge(limits.of(found.class)));
        }
        let quarantined = if let Verdict::Forbidden(reason) = verdict { Some(reason) } else { None };
        incoming.settle(hash, quarantined.is_some()).await?;
        let mut landed = Landed {
            hash,
            bytes,
            found,
            quarantined,
            is_mismatch,
            size: None,
            duration_ms: None,
            waveform: Vec::new(),
            is_animated: false,
            thumbnail: None,
        };
        if let Some(found) = found {
            self.tell(tenant, &mut landed, found).await?;
        }
        metrics::counter!("farol_media_landed_total", "verdict" => quarantined.unwrap_or("allowed")).increment(1);
        Ok(landed)
    }

    /// Takes in what `work` writes to the path it is given: a file made from another one. It may block.
    ///
    /// # Errors
    /// What `work` says; as [`Self::land`].
    pub async fn make(
        &self,
        tenant: TenantId,
        claims: Claims,
        limits: sniff::Limits,
        work: impl FnOnce(&Path) -> Result<()> + Send + 'static,
    ) -> Result<Landed> {
        let mut incoming = self.begin(tenant, limits.most())?;
        let path = incoming.path().to_owned();
        // What is made from a picture has it decoded once more.
        let turn = self.decoding.clone().acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || work(&path)).await.map_err(Error::internal)??;
        drop(turn);
        incoming.reread().await?;
        self.land(incoming, claims, limits).await
    }

    /// Takes bytes in that we made ourselves and that are whole in memory already: a small version, a picture written anew.
    pub(super) async fn land_own(&self, tenant: TenantId, bytes: Vec<u8>, bytes_max: u64) -> Result<MediaHash> {
        let mut incoming = self.files.begin(tenant, bytes_max)?;
        incoming.write(Bytes::from(bytes)).await?;
        let hash = incoming.close().await?;
        incoming.settle(hash, false).await?;
        Ok(hash)
    }

    /// Fills in what can be told of a file in its place.
    async fn tell(&self, tenant: TenantId, landed: &mut Landed, found: Found) -> Result<()> {
        // Held across the blocking work: pictures wait for each other, everything else is small.
        let _turn = match found.class {
            Class::Image => Some(self.decoding.clone().acquire_owned().await.map_err(Error::internal)?),
            _ => None,
        };
        let path = self.files.path(tenant, landed.hash);
        let work = tokio::task::spawn_blocking(move || told(&path, found));
        let told = work.await.map_err(Error::internal)?;
        landed.size = told.size;
        landed.duration_ms = told.duration_ms;
        landed.waveform = told.waveform;
        landed.is_animated = told.is_animated;
        if let Some(small) = told.thumbnail {
            landed.thumbnail = Some(self.land_own(tenant, small, THUMBNAIL_BYTES_MAX).await?);
        }
        Ok(())
    }
}

#[derive(Default)]
struct Told {
    size: Option<(u32, u32)>,
    duration_ms: Option<u64>,
    waveform: Vec<u8>,
    is_animated: bool,
    thumbnail: Option<Vec<u8>>,
}

/// Looks at a file; what can't be told is left out, as a damaged file is still a file.
fn told(path: &Path, found: Found) -> Told {
    let look = || -> std::io::Result<Told> {
        let mut file = File::open(path)?;
        let mut told = Told::default();
        match found.mime {
            "audio/ogg" => {
                let sound = ogg::sound(&mut file)?;
                (told.duration_ms, told.waveform) = (sound.duration_ms, sound.waveform);
            }
            mime if mime.ends_with("/mp4") || mime == "video/3gpp" || mime == "video/quicktime" => {
                let header = boxes::header(&mut file)?;
                (told.duration_ms, told.size) = (header.duration_ms, header.size);
            }
            mime if found.class == Class::Image => {
                told.size = images::dimensions(&mut file, mime)?;
                told.is_animated = images::is_animated(&mut file, mime)?;
                if found.inline {
                    told.thumbnail = images::thumbnail(&mut file, mime)?;
                }
            }
            _ => {}
        }
        Ok(told)
    };
    look().unwrap_or_else(|error| {
        tracing::warn!(path = %path.display(), %error, "a stored file can't be looked at");
        Told::default()
    })
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!("look at {}: {error}", path.display()))
}
