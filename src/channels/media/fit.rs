//! What goes out is made into something its channel takes: pictures made to fit, a browser's recording put into another
//! box, the rest by `ffmpeg` where there is one. What comes in is never touched.

use crate::{
    base::{Error, Result, TenantId, error::Check},
    channels::model::ChannelKind,
    conversations::MessageKind,
    platform::media::{Claims, Class, Converted, Fit, Landed, Limits, MediaStore, fit, strip, to_ogg},
};
use std::{fs::File, path::Path};

/// What WhatsApp takes, by either provider.
pub(in crate::channels) const WHATSAPP_SIZES: Limits =
    Limits { image: 5 << 20, audio: 16 << 20, video: 16 << 20, document: 100 << 20 };
/// A sticker.
const STICKER_BYTES_MAX: u64 = 100 << 10;
/// A sticker that moves.
const STICKER_MOVING_BYTES_MAX: u64 = 500 << 10;
/// What people may hand in: larger pictures and films are made smaller.
pub const HANDED_IN: Limits = Limits { image: 64 << 20, audio: 100 << 20, video: 100 << 20, document: 100 << 20 };
/// A longer side is more than any phone shows.
const SIDE_MAX: u32 = 4_096;

/// How somebody wants a file to arrive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// As a voice note.
    pub is_voice: bool,
    /// As a file to be saved, whatever it is.
    pub as_document: bool,
    /// As a sticker.
    pub as_sticker: bool,
}

/// A file that its channel takes, and what the message is then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    /// The file that goes out.
    pub file: Landed,
    /// What the message is.
    pub kind: MessageKind,
    /// Its name, with the ending of what it is now.
    pub file_name: Option<String>,
}

/// Limits of a kind of channel.
pub fn limits_of(kind: ChannelKind) -> Limits {
    match kind {
        ChannelKind::WhatsappCloud | ChannelKind::Waha => WHATSAPP_SIZES,
    }
}

/// Makes `file` fit for a channel of `kind`.
///
/// # Errors
/// Conflict `media_needs_conversion`; [`Error::TooLarge`] with the limit that holds; [`Error::Invalid`] naming `file`.
pub async fn make_fit(
    store: &MediaStore,
    tenant: TenantId,
    kind: ChannelKind,
    file: Landed,
    name: Option<String>,
    wish: Wish,
) -> Result<Fitting> {
    let limits = limits_of(kind);
    let found = file.found.ok_or_else(|| Error::invalid("file", "forbidden", "this file may do harm"))?;
    let fits = |file: Landed, kind, file_name| -> Result<Fitting> {
        let class = match kind {
            MessageKind::Image => Class::Image,
            MessageKind::Audio => Class::Audio,
            MessageKind::Video => Class::Video,
            _ => Class::Document,
        };
        match file.bytes > limits.of(class) {
            true => Err(Error::TooLarge(limits.of(class))),
            false => Ok(Fitting { file, kind, file_name }),
        }
    };
    if wish.as_sticker {
        let most = if file.is_animated { STICKER_MOVING_BYTES_MAX } else { STICKER_BYTES_MAX };
        let detail = "give a WebP picture of 512 by 512 pixels";
        let is_sticker = found.mime == "image/webp" && file.size == Some((512, 512));
        Check::new().that(is_sticker, "file", "format", detail).done()?;
        return match file.bytes > most {
            true => Err(Error::TooLarge(most)),
            false => Ok(Fitting { file, kind: MessageKind::Sticker, file_name: name }),
        };
    }
    if wish.as_document || found.class == Class::Document {
        // Whoever sends a picture as a file wants its pixels, not its place.
        let bare = match found.class {
            Class::Image => strip_picture(store, tenant, file, found.mime).await?,
            _ => file,
        };
        return fits(bare, MessageKind::Document, name);
    }
    let work = Work { store, tenant, from: store.files().path(tenant, file.hash) };
    match (found.class, found.mime) {
        (Class::Image, "image/gif") if file.is_animated => {
            let film = work.convert(Converted::Film).await?;
            fits(film, MessageKind::Video, renamed(name, "mp4"))
        }
        (Class::Image, mime) => {
            let is_wide = file.size.is_some_and(|(wide, high)| wide.max(high) > SIDE_MAX);
            let most = if is_wide { 0 } else { limits.image };
            match work.picture(mime, most, limits.image).await? {
                Some(anew) => fits(anew, MessageKind::Image, renamed(name, "jpg")),
                None => fits(strip_picture(store, tenant, file, mime).await?, MessageKind::Image, name),
            }
        }
        (Class::Audio, "audio/webm") => match work.rebox().await {
            Ok(note) => fits(note, MessageKind::Audio, renamed(name, "ogg")),
            Err(_) => {
                let sound = work.convert(Converted::of(Class::Audio, wish.is_voice)).await?;
                fits(sound, MessageKind::Audio, renamed(name, if wish.is_voice { "ogg" } else { "m4a" }))
            }
        },
        (Class::Audio, "audio/ogg") => fits(file, MessageKind::Audio, name),
        (Class::Audio, "audio/aac" | "audio/mp4" | "audio/mpeg" | "audio/amr") if !wish.is_voice => {
            fits(file, MessageKind::Audio, name)
        }
        (Class::Audio, _) => {
            let sound = work.convert(Converted::of(Class::Audio, wish.is_voice)).await?;
            fits(sound, MessageKind::Audio, renamed(name, if wish.is_voice { "ogg" } else { "m4a" }))
        }
        (Class::Video, "video/mp4" | "video/3gpp") if file.bytes <= limits.video => fits(file, MessageKind::Video, name),
        _ => fits(work.convert(Converted::Film).await?, MessageKind::Video, renamed(name, "mp4")),
    }
}

/// The name with another ending.
fn renamed(name: Option<String>, ending: &str) -> Option<String> {
    name.map(|name| format!("{}.{ending}", name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem)))
}

struct Work<'a> {
    store: &'a MediaStore,
    tenant: TenantId,
    from: std::path::PathBuf,
}

impl Work<'_> {
    async fn make(&self, mime: &str, work: impl FnOnce(&Path, &Path) -> Result<()> + Send + 'static) -> Result<Landed> {
        let from = self.from.clone();
        let claims = Claims { mime: Some(mime.to_owned()), ..Claims::default() };
        self.store.make(self.tenant, claims, HANDED_IN, move |to| work(&from, to)).await
    }

    async fn convert(&self, into: Converted) -> Result<Landed> {
        let converter = self.store.converter().clone();
        if !converter.is_there() {
            // Says what to do about it.
            converter.convert(&self.from, &self.from, into)?;
        }
        self.make(into.mime(), move |from, to| converter.convert(from, to, into)).await
    }

    async fn rebox(&self) -> Result<Landed> {
        self.make("audio/ogg", |from, to| {
            let io = |e: std::io::Error| match e.kind() {
                std::io::ErrorKind::InvalidData => Error::invalid("file", "format", format!("not a recording: {e}")),
                _ => Error::internal(format!("put a recording into another box: {e}")),
            };
            let mut from = std::io::BufReader::new(File::open(from).map_err(io)?);
            let to = std::io::BufWriter::new(File::create(to).map_err(io)?);
            // Any number does: there is one stream in the file.
            to_ogg(&mut from, to, 1).map_err(io)
        })
        .await
    }

    /// The picture written anew where that is needed; `None` where it may go as it is.
    async fn picture(&self, mime: &'static str, bytes_max: u64, limit: u64) -> Result<Option<Landed>> {
        let made = self.make("image/jpeg", move |from, to| {
            let io = |e: std::io::Error| Error::internal(format!("make a picture fit: {e}"));
            let mut from = File::open(from).map_err(io)?;
            match fit(&mut from, mime, bytes_max, limit).map_err(io)? {
                Fit::AsItIs => Err(Error::conflict(AS_IT_IS, "it fits as it is")),
                Fit::Anew(bytes) => std::fs::write(to, bytes).map_err(io),
                Fit::Impossible => Err(Error::invalid("file", "format", "this picture can't be read: send it as a document")),
            }
        });
        match made.await {
            Ok(made) => Ok(Some(made)),
            Err(error) if error.code() == AS_IT_IS => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Never leaves this file.
const AS_IT_IS: &str = "as_it_is";

/// The picture without what a camera noted beside it.
async fn strip_picture(store: &MediaStore, tenant: TenantId, file: Landed, mime: &'static str) -> Result<Landed> {
    let work = Work { store, tenant, from: store.files().path(tenant, file.hash) };
    let bare = work.make(mime, move |from, to| {
        let io = |e: std::io::Error| Error::internal(format!("leave a camera's notes out: {e}"));
        let (mut from, mut to) = (File::open(from).map_err(io)?, File::create(to).map_err(io)?);
        match strip(&mut from, &mut to, mime).map_err(io)? {
            true => Ok(()),
            false => Err(Error::conflict(AS_IT_IS, "nothing to leave out")),
        }
    });
    match bare.await {
        Ok(bare) => Ok(bare),
        Err(error) if error.code() == AS_IT_IS => Ok(file),
        Err(error) => Err(error),
    }
}
