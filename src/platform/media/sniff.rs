//! What a file is, by its own bytes, and whether it may be shown.

use super::{
    boxes, images, names,
    ogg::{self},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// What people see a file as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Anything to be saved and opened elsewhere.
    Document,
}

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Media type.
    pub mime: &'static str,
    /// How it is shown.
    pub class: Class,
    /// May a browser show it in its own window? Pictures, sound, video and PDF; never anything that can run.
    pub inline: bool,
}

/// May it be shown?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, as this.
    Allowed(Found),
    /// Yes, as this, but it came under another name: people should know.
    Mismatch(Found),
    /// No; a stable reason that screens translate.
    Forbidden(&'static str),
}

/// What a channel takes, in bytes of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pictures.
    pub image: u64,
    /// Sound.
    pub audio: u64,
    /// Moving pictures.
    pub video: u64,
    /// Everything else.
    pub document: u64,
}

impl Limits {
    /// What may come in on any channel: 16 MB of media, 100 MB of a document.
    pub const INBOUND: Limits = Limits { image: 16 << 20, audio: 16 << 20, video: 16 << 20, document: 100 << 20 };

    /// The largest file of a class.
    pub fn of(&self, class: Class) -> u64 {
        match class {
            Class::Image => self.image,
            Class::Audio => self.audio,
            Class::Video => self.video,
            Class::Document => self.document,
        }
    }
    /// The largest file of all.
    pub fn most(&self) -> u64 {
        self.image.max(self.audio).max(self.video).max(self.document)
    }
}

/// A picture with more pixels stops a browser, and one that claims them in a few bytes means to.
const PIXELS_MAX: u64 = 64_000_000;
/// Frames of a moving picture, and their pixels in all.
const FRAMES_MAX: u32 = 2_000;
const FRAME_PIXELS_MAX: u64 = 1_500_000_000;
/// An archive that unpacks to more than this, and to more than a hundred times itself, is a bomb.
const UNPACKED_BYTES_MAX: u64 = 1 << 30;
const UNPACKED_TIMES_MAX: u64 = 100;
/// Bytes looked at from the front and from the back.
const LOOK_BYTES: usize = 64 << 10;

/// Endings that some system runs when they are opened, whatever is inside.
const RUNNABLE: &[&str] = &[
    "apk", "app", "appx", "bat", "cmd", "com", "cpl", "dll", "dmg", "exe", "gadget", "hta", "inf", "iso", "jar", "jnlp", "js",
    "jse", "lnk", "msc", "msi", "msix", "msp", "pif", "ps1", "psm1", "reg", "scf", "scr", "sct", "sh", "shb", "sys", "url", "vb",
    "vbe", "vbs", "ws", "wsc", "wsf", "wsh", "xll", "desktop", "command", "deb", "rpm", "run", "appimage", "chm", "vhd", "vhdx",
    "img",
];

const fn shown(mime: &'static str, class: Class) -> Found {
    Found { mime, class, inline: true }
}
const fn saved(mime: &'static str) -> Found {
    Found { mime, class: Class::Document, inline: false }
}
const BYTES: Found = saved("application/octet-stream");

/// Judges an open file by its bytes, its name and what its sender called it.
pub fn judge(file: &mut File, name: Option<&str>, declared: Option<&str>) -> io::Result<Verdict> {
    let size = file.metadata()?.len();
    if size == 0 {
        return Ok(Verdict::Forbidden("empty"));
    }
    let head = read_at(file, 0, LOOK_BYTES)?;
    let tail = read_at(file, size.saturating_sub(LOOK_BYTES as u64), LOOK_BYTES)?;
    let ending = name.and_then(names::ending_of);
    if is_program(&head) || ending.as_deref().is_some_and(|ending| RUNNABLE.contains(&ending)) {
        return Ok(Verdict::Forbidden("executable"));
    }
    let claimed = declared.and_then(class_of);
    let found = match by_magic(&head, ending.as_deref()) {
        Some(found) => found,
        None if has_markup(&head) => saved(if has(&head, b"<svg") { "image/svg+xml" } else { "text/html" }),
        None if is_text(&head) => saved("text/plain"),
        None => BYTES,
    };
    let is_media = found.class != Class::Document;
    if is_media && (has_script(&head) || has_script(&tail) || has_archive_end(&tail)) {
        // It is two files in one: harmless as what it seems to be, and made to be taken for something else.
        return Ok(Verdict::Forbidden("polyglot"));
    }
    // A picture that is none can't be shown as one, and page code under a picture's name has no honest purpose.
    let named_media = ending.as_deref().and_then(class_of_ending);
    let active = matches!(found.mime, "text/html" | "image/svg+xml");
    if active && (named_media.is_some() || claimed.is_some_and(|c| c != Class::Document) && declared != Some("image/svg+xml")) {
        return Ok(Verdict::Forbidden("disguised"));
    }
    if !is_media && claimed.is_some_and(|claimed| claimed != Class::Document) && !active {
        return Ok(Verdict::Forbidden("not_what_it_says"));
    }
    if let Some(reason) = bomb(file, size, &found)? {
        return Ok(Verdict::Forbidden(reason));
    }
    let mut found = found;
    if found.class == Class::Image && claimed == Some(Class::Document) && too_large(file, &found)? {
        found.inline = false;
    }
    let other = declared.is_some_and(|declared| differs(declared, &found));
    Ok(if other { Verdict::Mismatch(found) } else { Verdict::Allowed(found) })
}

/// Reads up to `max` bytes from `at`.
pub(super) fn read_at(file: &mut File, at: u64, max: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(max.min(8 << 10));
    file.take(max as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// By the first bytes alone; the ending only tells members of one family apart.
fn by_magic(head: &[u8], ending: Option<&str>) -> Option<Found> {
    use Class::{Audio, Image, Video};
    if let Some(ogg) = ogg::kind(head) {
        return Some(ogg);
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Some(boxes::kind(head));
    }
    if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        let sound = !has(&head[..head.len().min(8 << 10)], b"V_VP") && !has(head, b"V_MPEG") && !has(head, b"V_AV1");
        return Some(if sound { shown("audio/webm", Audio) } else { shown("video/webm", Video) });
    }
    // AAC in ADTS frames: twelve set bits and layer 0; MPEG sound has another layer.
    if head.len() > 7 && head[0] == 0xff && head[1] & 0xf6 == 0xf0 {
        return Some(shown("audio/aac", Audio));
    }
    // MPEG sound, layer III, at a rate that exists.
    if head.len() > 3 && head[0] == 0xff && head[1] & 0xe6 == 0xe2 && head[2] >> 4 != 15 && head[2] & 12 != 12 {
        return Some(shown("audio/mpeg", Audio));
    }
    if head.starts_with(b"#!AMR") {
        return Some(shown("audio/amr", Audio));
    }
    let ole = head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    let mime = infer::get(head).map(|kind| kind.mime_type());
    Some(match mime {
        Some("image/jpeg") => shown("image/jpeg", Image),
        Some("image/png") => shown("image/png", Image),
        Some("image/gif") => shown("image/gif", Image),
        Some("image/webp") => shown("image/webp", Image),
        Some("audio/mpeg") => shown("audio/mpeg", Audio),
        Some("audio/x-wav") => shown("audio/wav", Audio),
        Some("audio/x-flac") => shown("audio/flac", Audio),
        Some("audio/midi") => saved("audio/midi"),
        Some("video/x-msvideo") => Found { mime: "video/x-msvideo", class: Video, inline: false },
        Some("video/mpeg") => Found { mime: "video/mpeg", class: Video, inline: false },
        Some("video/x-flv") => Found { mime: "video/x-flv", class: Video, inline: false },
        Some("video/x-ms-wmv") => Found { mime: "video/x-ms-wmv", class: Video, inline: false },
        Some("application/pdf") => Found { mime: "application/pdf", class: Class::Document, inline: true },
        _ if ole => saved(match ending {
            Some("xls" | "xlt") => "application/vnd.ms-excel",
            Some("ppt" | "pps") => "application/vnd.ms-powerpoint",
            Some("msg") => "application/vnd.ms-outlook",
            _ => "application/msword",
        }),
        _ if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") => saved(match ending {
            Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Some("pptx") => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Some("odt") => "application/vnd.oasis.opendocument.text",
            Some("ods") => "application/vnd.oasis.opendocument.spreadsheet",
            Some("odp") => "application/vnd.oasis.opendocument.presentation",
            _ => "application/zip",
        }),
        // Markup is told apart below, where what runs is judged.
        Some(mime) if !mime.starts_with("text/") => saved(mime),
        _ => return None,
    })
}

/// Something a machine runs, by its first bytes.
fn is_program(head: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"MZ",
        b"\x7fELF",
        b"\xca\xfe\xba\xbe",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"dex\n",
        b"\0asm",
        b"#!/",
        b"#! /",
        // A Windows shortcut.
        b"L\0\0\0\x01\x14\x02\0",
        b"!<arch>\ndebian",
        b"\xed\xab\xee\xdb",
        b"<?php",
        b"#@~^",
    ];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.starts_with(b"PK\x03\x04") {
        // What Android and Java run are archives; the first entries tell.
        return has(head, b"AndroidManifest.xml") || has(head, b"META-INF/MANIFEST.MF") || has(head, b"classes.dex");
    }
    STARTS.iter().any(|start| head.starts_with(start))
}

/// Ignores letter case, as browsers do.
fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

/// Does it begin like something a browser would parse as a page?
fn has_markup(head: &[u8]) -> bool {
    const TAGS: &[&[u8]] = &[
        b"<!doctype html",
        b"<html",
        b"<head",
        b"<body",
        b"<script",
        b"<svg",
        b"<iframe",
        b"<object",
        b"<embed",
        b"<img",
        b"<a ",
        b"<style",
        b"<meta",
        b"<form",
        b"<table",
        b"<xsl:",
        b"<math",
        b"<!--",
    ];
    // Written in two bytes a letter, it is still a page.
    let narrow: Vec<u8> = head.iter().copied().filter(|b| *b != 0).take(4 << 10).collect();
    TAGS.iter().any(|tag| has(&narrow, tag)) && !has_binary(&narrow)
}

fn has_binary(bytes: &[u8]) -> bool {
    bytes.iter().any(|b| *b < 9)
}

/// Page code inside something that is none.
fn has_script(bytes: &[u8]) -> bool {
    const MARKS: &[&[u8]] =
        &[b"<script", b"<!doctype html", b"<html", b"<svg", b"<iframe", b"<body", b"javascript:", b"onerror=", b"<?php"];
    // Every mark begins with one of four bytes: most positions are passed over by the first.
    bytes
        .iter()
        .enumerate()
        .any(|(at, first)| matches!(first | 0x20, b'<' | b'j' | b'o') && MARKS.iter().any(|mark| starts_with(&bytes[at..], mark)))
}

fn starts_with(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
}

/// The end of an archive behind a picture: the file is both.
fn has_archive_end(tail: &[u8]) -> bool {
    tail.windows(4).any(|window| window == b"PK\x05\x06")
}

fn is_text(head: &[u8]) -> bool {
    let end = head.len().min(4 << 10);
    let start = &head[..end];
    let cut = match std::str::from_utf8(start) {
        Ok(text) => text,
        // A letter may be cut in two at the end of what was looked at.
        Err(e) if e.error_len().is_none() => std::str::from_utf8(&start[..e.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !cut.is_empty() && !cut.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

/// The class a media type names.
pub(super) fn class_of(mime: &str) -> Option<Class> {
    let mime = mime.trim();
    let family = mime.split('/').next()?;
    Some(match family.to_ascii_lowercase().as_str() {
        "image" => Class::Image,
        "audio" => Class::Audio,
        "video" => Class::Video,
        "" => return None,
        _ => Class::Document,
    })
}

fn class_of_ending(ending: &str) -> Option<Class> {
    Some(match ending {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "bmp" | "heic" | "avif" => Class::Image,
        "mp3" | "ogg" | "oga" | "opus" | "m4a" | "aac" | "amr" | "wav" => Class::Audio,
        "mp4" | "3gp" | "mov" | "avi" | "webm" | "mkv" => Class::Video,
        "pdf" | "doc" | "docx" | "xls" | "xlsx" => Class::Document,
        _ => return None,
    })
}

/// Did it come as something of another kind than it is? Kin are told apart by nobody: `audio/ogg; codecs=opus`, `audio/mp4`
/// beside `video/mp4`, `image/jpg`.
fn differs(declared: &str, found: &Found) -> bool {
    let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (Some(claimed), Some(is)) = (class_of(&declared), class_of(found.mime)) else { return false };
    match (claimed, is) {
        (Class::Document, _) | (Class::Audio, Class::Video) | (Class::Video, Class::Audio) => false,
        (Class::Image, Class::Image) => declared.replace("jpg", "jpeg") != found.mime,
        (claimed, is) => claimed != is,
    }
}

fn too_large(file: &mut File, found: &Found) -> io::Result<bool> {
    let size = images::dimensions(file, found.mime)?;
    Ok(size.is_some_and(|(width, height)| u64::from(width) * u64::from(height) > PIXELS_MAX))
}

/// Does it grow out of all proportion when it is opened? Told from headers, nothing is decoded.
fn bomb(file: &mut File, size: u64, found: &Found) -> io::Result<Option<&'static str>> {
    if found.class == Class::Image && too_large(file, found)? {
        return Ok(Some("too_many_pixels"));
    }
    match found.mime {
        "image/gif" => {
            let (frames, pixels) = images::gif_frames(file, FRAMES_MAX)?;
            if frames > FRAMES_MAX || pixels > FRAME_PIXELS_MAX {
                return Ok(Some("too_many_frames"));
            }
        }
        mime if mime == "application/zip" || mime.contains("openxmlformats") || mime.contains("opendocument") => {
            let unpacked = unpacked_bytes(file, size)?;
            if unpacked > UNPACKED_BYTES_MAX && unpacked / size.max(1) > UNPACKED_TIMES_MAX {
                return Ok(Some("archive_bomb"));
            }
        }
        _ => {}
    }
    Ok(None)
}

/// What an archive says it holds, from its list of contents; at most 100,000 entries are added up.
fn unpacked_bytes(file: &mut File, size: u64) -> io::Result<u64> {
    let tail = read_at(file, size.saturating_sub(LOOK_BYTES as u64 + 22), LOOK_BYTES + 22)?;
    let Some(end) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else { return Ok(0) };
    let number = |bytes: Option<&[u8]>| bytes.and_then(|b| Some(u64::from(u32::from_le_bytes(b.try_into().ok()?)))).unwrap_or(0);
    let start = number(tail.get(end + 16..end + 20));
    let long = number(tail.get(end + 12..end + 16)).min(8 << 20);
    let list = read_at(file, start, long as usize)?;
    let (mut at, mut sum) = (0, 0u64);
    while list.get(at..at + 4) == Some(b"PK\x01\x02") {
        sum = sum.saturating_add(number(list.get(at + 24..at + 28)));
        let short = |from: usize| list.get(from..from + 2).map_or(0, |b| usize::from(u16::from_le_bytes([b[0], b[1]])));
        at += 46 + short(at + 28) + short(at + 30) + short(at + 32);
    }
    Ok(sum)
}
