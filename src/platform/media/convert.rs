//! Formats a channel does not take, made into ones it does: by `ffmpeg`, where the owner has installed it.

use super::{
    process::{Ended, run},
    sniff::Class,
};
use crate::base::{Error, Result};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    time::Duration,
};

/// Sixteen megabytes of film take a small machine about a minute.
const PATIENCE: Duration = Duration::from_secs(240);

/// Converts sound and film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converter {
    program: Option<PathBuf>,
}

/// What a conversion makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Converted {
    /// A voice note: Opus in Ogg, one channel.
    Voice,
    /// Sound: AAC in MP4.
    Sound,
    /// Film: H.264 and AAC in MP4.
    Film,
}

impl Converted {
    /// What a file of this class becomes.
    pub fn of(class: Class, is_voice: bool) -> Self {
        match (class, is_voice) {
            (Class::Audio, true) => Converted::Voice,
            (Class::Audio, false) => Converted::Sound,
            _ => Converted::Film,
        }
    }
    /// The media type it comes out as.
    pub fn mime(self) -> &'static str {
        match self {
            Converted::Voice => "audio/ogg",
            Converted::Sound => "audio/mp4",
            Converted::Film => "video/mp4",
        }
    }
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Converted::Voice => &["-vn", "-ac", "1", "-c:a", "libopus", "-b:a", "24k", "-f", "ogg"],
            Converted::Sound => &["-vn", "-c:a", "aac", "-b:a", "128k", "-f", "mp4"],
            // Even sides, as H.264 wants them; readable before it is whole.
            Converted::Film => &[
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-pix_fmt",
                "yuv420p",
                "-vf",
                "scale='min(1280,iw)':'min(1280,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2",
                "-c:a",
                "aac",
                "-movflags",
                "+faststart",
                "-f",
                "mp4",
            ],
        }
    }
}

impl Converter {
    /// With this program; `None`: what is called `ffmpeg` in the path, if there is one.
    pub fn new(program: Option<&Path>) -> Self {
        Self { program: program.map(Path::to_owned).or_else(|| in_path("ffmpeg")) }
    }
    /// Without any program: every conversion is refused.
    pub fn none() -> Self {
        Self { program: None }
    }
    /// Is there a program?
    pub fn is_there(&self) -> bool {
        self.program.is_some()
    }

    /// Writes `from`, made into something else, to `to`. Blocks while it works. Links inside the file are not followed.
    ///
    /// # Errors
    /// Conflict `media_needs_conversion` without a program, or where it can't read the file; [`Error::Unavailable`] where it
    /// hangs.
    pub fn convert(&self, from: &Path, to: &Path, into: Converted) -> Result<()> {
        let Some(program) = &self.program else {
            return Err(Error::conflict(
                "media_needs_conversion",
                "the channel does not take this format: install ffmpeg on this box, or send the file as a document",
            ));
        };
        let words = ["-nostdin", "-loglevel", "error", "-y", "-protocol_whitelist", "file", "-i"].map(OsStr::new);
        let rest = into.arguments().iter().map(OsStr::new);
        let arguments = words.into_iter().chain([from.as_os_str()]).chain(rest).chain([to.as_os_str()]);
        match run(program, arguments, PATIENCE) {
            Ok(Ended::With(status)) if status.success() => Ok(()),
            Ok(Ended::With(_)) => Err(Error::conflict(
                "media_needs_conversion",
                "this file can't be read, so it can't be converted: send it as a document",
            )),
            Ok(Ended::TooLong) => Err(Error::unavailable(format!("converting took longer than {} s", PATIENCE.as_secs()))),
            Err(e) => Err(Error::unavailable(format!("{} can't be started: {e}", program.display()))),
        }
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
