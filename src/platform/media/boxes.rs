//! MP4 and its kin: what they hold and how long they play, from their headers.

use super::sniff::{Class, Found, read_at};
use std::{fs::File, io};

/// Headers longer than this are not looked into.
const HEADER_BYTES_MAX: u64 = 4 << 20;
/// Boxes of the outer level passed over on the way to the header.
const BOXES_MAX: usize = 1_000;

/// By the brand of the first box.
pub fn kind(head: &[u8]) -> Found {
    let brand = head.get(8..12).unwrap_or_default();
    let found = |mime, class, inline| Found { mime, class, inline };
    match brand {
        b"M4A " | b"M4B " | b"M4P " => found("audio/mp4", Class::Audio, true),
        b"qt  " => found("video/quicktime", Class::Video, false),
        b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" => found("image/heic", Class::Document, false),
        b"avif" | b"avis" => found("image/avif", Class::Document, false),
        brand if brand.starts_with(b"3g") => found("video/3gpp", Class::Video, true),
        // Recorders write sound alone under a brand of video: no picture's track, no video.
        _ if is_sound(head) => found("audio/mp4", Class::Audio, true),
        _ => found("video/mp4", Class::Video, true),
    }
}

fn is_sound(head: &[u8]) -> bool {
    let has = |needle: &[u8]| head.windows(needle.len()).any(|window| window == needle);
    has(b"soun") && !has(b"vide") && has(b"moov")
}

/// What the header tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Header {
    /// How long it plays.
    pub duration_ms: Option<u64>,
    /// Width and height of the largest track.
    pub size: Option<(u32, u32)>,
}

/// Reads the `moov` box, wherever it stands.
pub fn header(file: &mut File) -> io::Result<Header> {
    let size = file.metadata()?.len();
    let mut at = 0;
    for _ in 0..BOXES_MAX {
        let head = read_at(file, at, 16)?;
        let Some((kind, skip, long)) = box_head(&head) else { break };
        let long = if long == 0 { size - at } else { long };
        if kind == *b"moov" {
            let body = read_at(file, at + skip, long.saturating_sub(skip).min(HEADER_BYTES_MAX) as usize)?;
            let mut found = Header::default();
            walk(&body, 0, &mut found);
            return Ok(found);
        }
        let Some(next) = at.checked_add(long.max(8)) else { break };
        if next >= size {
            break;
        }
        at = next;
    }
    Ok(Header::default())
}

fn box_head(bytes: &[u8]) -> Option<([u8; 4], u64, u64)> {
    let long = u64::from(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?));
    let kind = bytes.get(4..8)?.try_into().ok()?;
    Some(match long {
        1 => (kind, 16, u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?)),
        long => (kind, 8, long),
    })
}

fn walk(bytes: &[u8], depth: u8, found: &mut Header) {
    let mut rest = bytes;
    while let Some((kind, skip, long)) = box_head(rest) {
        let long = if long == 0 { rest.len() } else { usize::try_from(long).unwrap_or(usize::MAX).min(rest.len()) };
        let Some(body) = rest.get(skip as usize..long) else { return };
        match &kind {
            b"trak" if depth < 4 => walk(body, depth + 1, found),
            b"mvhd" => found.duration_ms = duration(body),
            b"tkhd" => {
                let (wide, high) = (fixed(body, body.len().wrapping_sub(8)), fixed(body, body.len().wrapping_sub(4)));
                if let (Some(wide @ 1..), Some(high @ 1..)) = (wide, high)
                    && found.size.is_none_or(|(w, h)| u64::from(w) * u64::from(h) < u64::from(wide) * u64::from(high))
                {
                    found.size = Some((wide, high));
                }
            }
            _ => {}
        }
        rest = &rest[long.max(8).min(rest.len())..];
    }
}

/// The whole part of a 16.16 number.
fn fixed(body: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(body.get(at..at.checked_add(4)?)?.try_into().ok()?) >> 16)
}

fn duration(body: &[u8]) -> Option<u64> {
    let four = |at: usize| Some(u64::from(u32::from_be_bytes(body.get(at..at + 4)?.try_into().ok()?)));
    let (scale, units) = match body.first()? {
        1 => (four(20)?, u64::from_be_bytes(body.get(24..32)?.try_into().ok()?)),
        _ => (four(12)?, four(16)?),
    };
    units.checked_mul(1_000)?.checked_div(scale)
}
