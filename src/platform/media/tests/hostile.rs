//! Hostile files: made here, sent as strangers would, and served as far as they are.

use super::{
    made,
    store::{env, land, served},
};
use crate::{
    base::Error,
    platform::media::{MediaStore, MediaTools, clean_name},
};
use axum::http::{StatusCode, header};
use image::ImageFormat;
use std::io::Write;

/// What a browser may show in its own window. Nothing here can run.
const SAFE: &[&str] = &[
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "audio/ogg",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/amr",
    "audio/wav",
    "audio/flac",
    "audio/webm",
    "video/mp4",
    "video/3gpp",
    "video/webm",
    "video/ogg",
    "application/pdf",
];
/// What the whole round may take, in kilobytes.
const PEAK_KB_MAX: u64 = 300 << 10;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Kept from everybody, for this reason.
    Quarantined(&'static str),
    /// Given away to be saved.
    Saved,
    /// Shown as this.
    Shown(&'static str),
    /// Not even taken.
    Refused,
}
use End::{Quarantined, Refused, Saved, Shown};

type Case = (&'static str, &'static str, Vec<u8>, End);

const PAGE: &[u8] = b"<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>";
const DRAWING: &[u8] = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

fn png_head(wide: u32, high: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    out.extend_from_slice(&wide.to_be_bytes());
    out.extend_from_slice(&high.to_be_bytes());
    out.extend_from_slice(&[8, 6, 0, 0, 0]);
    let mut sum = flate2::Crc::new();
    sum.update(&out[12..]);
    out.extend_from_slice(&sum.sum().to_be_bytes());
    out
}

/// Rows of nothing, packed: a few kilobytes that claim gigabytes.
fn png_bomb(wide: u32, high: u32) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0; 4 << 20]).unwrap();
    let packed = packed.finish().unwrap();
    let mut out = png_head(wide, high);
    out.extend_from_slice(&(packed.len() as u32).to_be_bytes());
    let start = out.len();
    out.extend_from_slice(b"IDAT");
    out.extend(packed);
    let mut sum = flate2::Crc::new();
    sum.update(&out[start..]);
    out.extend_from_slice(&sum.sum().to_be_bytes());
    out.extend_from_slice(b"\0\0\0\0IEND\xae\x42\x60\x82");
    out
}

fn gif(wide: u16, high: u16, frames: usize) -> Vec<u8> {
    let mut out = b"GIF89a".to_vec();
    out.extend_from_slice(&wide.to_le_bytes());
    out.extend_from_slice(&high.to_le_bytes());
    out.extend_from_slice(&[0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    for _ in 0..frames {
        out.extend_from_slice(&[0x2c, 0, 0, 0, 0]);
        out.extend_from_slice(&wide.to_le_bytes());
        out.extend_from_slice(&high.to_le_bytes());
        out.extend_from_slice(&[0, 2, 2, 0x4c, 0x01, 0]);
    }
    out.push(0x3b);
    out
}

fn jpeg_head(wide: u16, high: u16) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8];
    out.extend_from_slice(&high.to_be_bytes());
    out.extend_from_slice(&wide.to_be_bytes());
    out.extend_from_slice(&[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xda, 0, 2]);
    out
}

fn webp(wide: u32, high: u32) -> Vec<u8> {
    let mut out = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    out.extend_from_slice(&(wide - 1).to_le_bytes()[..3]);
    out.extend_from_slice(&(high - 1).to_le_bytes()[..3]);
    out
}

/// An archive whose list of contents says so much.
fn zip(entries: usize, unpacked: u32, inside: &[u8]) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&(inside.len() as u16).to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(inside);
    let start = out.len();
    for _ in 0..entries {
        let mut entry = vec![0; 46];
        entry[..4].copy_from_slice(b"PK\x01\x02");
        entry[24..28].copy_from_slice(&unpacked.to_le_bytes());
        out.extend(entry);
    }
    let long = out.len() - start;
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend_from_slice(&(long as u32).to_le_bytes());
    out.extend_from_slice(&(start as u32).to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

fn with(mut first: Vec<u8>, second: &[u8]) -> Vec<u8> {
    first.extend_from_slice(second);
    first
}

fn disguised() -> Vec<Case> {
    let wide: Vec<u8> = PAGE.iter().flat_map(|b| [*b, 0]).collect();
    vec![
        ("photo.jpg", "image/jpeg", PAGE.to_vec(), Quarantined("disguised")),
        ("photo.png", "image/png", PAGE.to_vec(), Quarantined("disguised")),
        ("photo.gif", "application/octet-stream", PAGE.to_vec(), Quarantined("disguised")),
        ("voice.ogg", "audio/ogg", PAGE.to_vec(), Quarantined("disguised")),
        ("film.mp4", "video/mp4", PAGE.to_vec(), Quarantined("disguised")),
        ("photo.jpg", "image/jpeg", DRAWING.to_vec(), Quarantined("disguised")),
        ("photo", "image/png", DRAWING.to_vec(), Quarantined("disguised")),
        ("doc.pdf", "application/pdf", PAGE.to_vec(), Quarantined("disguised")),
        ("photo.jpg", "image/jpeg", with(b"\xef\xbb\xbf   \n".to_vec(), PAGE), Quarantined("disguised")),
        ("photo.jpg", "image/jpeg", wide, Quarantined("disguised")),
        ("photo.jpg", "image/jpeg", b"<!-- --><a href=javascript:alert(1)>x</a>".to_vec(), Quarantined("disguised")),
        // As what it is, to be saved: nobody is deceived.
        ("page.html", "text/html", PAGE.to_vec(), Saved),
        ("page.xhtml", "application/xhtml+xml", with(b"<?xml version=\"1.0\"?>".to_vec(), PAGE), Saved),
        ("drawing.svg", "image/svg+xml", DRAWING.to_vec(), Saved),
        ("drawing.svg", "text/plain", DRAWING.to_vec(), Saved),
        ("page", "", PAGE.to_vec(), Saved),
        (
            "data.xml",
            "text/xml",
            b"<?xml version=\"1.0\"?><x xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:script/></x>".to_vec(),
            Saved,
        ),
        ("mail.eml", "message/rfc822", with(b"From: ana@example.com\r\nContent-Type: text/html\r\n\r\n".to_vec(), PAGE), Saved),
        ("page.mht", "multipart/related", with(b"MIME-Version: 1.0\r\n\r\n".to_vec(), PAGE), Saved),
        ("style.css", "text/css", b"body{background:url(javascript:alert(1))}".to_vec(), Saved),
        ("table.csv", "text/csv", b"=cmd|' /C calc'!A0,1\n".to_vec(), Saved),
        ("notes.txt", "text/plain", b"plain words".to_vec(), Saved),
        ("data.json", "application/json", b"{\"a\":1}".to_vec(), Saved),
    ]
}

fn polyglots() -> Vec<Case> {
    let picture = |format| made::picture(40, 30, format);
    let mut comment = vec![0xff, 0xd8, 0xff, 0xfe];
    comment.extend_from_slice(&(PAGE.len() as u16 + 2).to_be_bytes());
    comment.extend_from_slice(PAGE);
    comment.extend_from_slice(&picture(ImageFormat::Jpeg)[2..]);
    vec![
        ("a.gif", "image/gif", b"GIF89a/*<script>*/=1;alert(1)//".to_vec(), Quarantined("polyglot")),
        ("a.gif", "image/gif", with(gif(2, 2, 1), PAGE), Quarantined("polyglot")),
        ("a.jpg", "image/jpeg", comment, Quarantined("polyglot")),
        ("a.jpg", "image/jpeg", with(picture(ImageFormat::Jpeg), PAGE), Quarantined("polyglot")),
        ("a.png", "image/png", with(picture(ImageFormat::Png), DRAWING), Quarantined("polyglot")),
        ("a.webp", "image/webp", with(picture(ImageFormat::WebP), b"<iframe src=//evil.example.com>"), Quarantined("polyglot")),
        ("a.png", "image/png", with(picture(ImageFormat::Png), &zip(1, 10, b"x")), Quarantined("polyglot")),
        ("a.jpg", "image/jpeg", with(picture(ImageFormat::Jpeg), &zip(1, 10, b"META-INF/MANIFEST.MF")), Quarantined("polyglot")),
        ("a.jpg", "image/jpeg", with(picture(ImageFormat::Jpeg), b"<?php system($_GET['c']); ?>"), Quarantined("polyglot")),
        ("a.ogg", "audio/ogg", with(made::voice(5), PAGE), Quarantined("polyglot")),
        ("a.mp4", "video/mp4", with(made::mp4(1, 2, 2), PAGE), Quarantined("polyglot")),
        ("a.mp3", "audio/mpeg", with(b"ID3\x03\0\0\0\0\0\x0a".to_vec(), PAGE), Quarantined("polyglot")),
        ("a.wav", "audio/wav", with(b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), b"javascript:alert(1)"), Quarantined("polyglot")),
        // A page behind the head of a PDF stays a PDF: what shows it runs no page.
        ("a.pdf", "application/pdf", with(b"%PDF-1.7\n".to_vec(), PAGE), Shown("application/pdf")),
        (
            "a.pdf",
            "application/pdf",
            b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>".to_vec(),
            Shown("application/pdf"),
        ),
    ]
}

fn programs() -> Vec<Case> {
    let stop = Quarantined("executable");
    vec![
        ("setup.exe", "application/octet-stream", b"MZ\x90\0\x03".to_vec(), stop),
        ("photo.jpg", "image/jpeg", b"MZ\x90\0\x03".to_vec(), stop),
        ("photo.jpg.exe", "image/jpeg", made::picture(9, 9, ImageFormat::Jpeg), stop),
        ("a", "application/octet-stream", b"\x7fELF\x02\x01\x01".to_vec(), stop),
        ("a", "application/octet-stream", b"\xcf\xfa\xed\xfe\x07".to_vec(), stop),
        ("a.class", "application/java", b"\xca\xfe\xba\xbe\0\0".to_vec(), stop),
        ("app.apk", "application/vnd.android.package-archive", zip(1, 1, b"AndroidManifest.xml"), stop),
        ("app.zip", "application/zip", zip(1, 1, b"AndroidManifest.xml"), stop),
        ("lib.jar", "application/java-archive", zip(1, 1, b"META-INF/MANIFEST.MF"), stop),
        ("run.sh", "text/plain", b"rm -rf /".to_vec(), stop),
        ("run", "text/plain", b"#!/bin/sh\nrm -rf /".to_vec(), stop),
        ("run.bat", "text/plain", b"@echo off".to_vec(), stop),
        ("run.ps1", "text/plain", b"iex 1".to_vec(), stop),
        ("run.vbs", "text/plain", b"x=1".to_vec(), stop),
        ("run.js", "text/plain", b"alert(1)".to_vec(), stop),
        ("run.hta", "text/html", PAGE.to_vec(), stop),
        ("a.lnk", "application/octet-stream", b"L\0\0\0\x01\x14\x02\0".to_vec(), stop),
        ("a", "application/octet-stream", b"\0asm\x01\0\0\0".to_vec(), stop),
        ("a.txt", "text/plain", b"<?php system(1);".to_vec(), stop),
        ("evil\u{202e}gpj.scr", "image/jpeg", made::picture(9, 9, ImageFormat::Jpeg), stop),
        ("link.url", "text/plain", b"[InternetShortcut]\nURL=file:///c:/x".to_vec(), stop),
        ("app.desktop", "text/plain", b"[Desktop Entry]\nExec=x".to_vec(), stop),
    ]
}

fn bombs() -> Vec<Case> {
    vec![
        ("a.png", "image/png", png_bomb(25_000, 25_000), Quarantined("too_many_pixels")),
        ("a.png", "image/png", png_head(u32::MAX, u32::MAX), Quarantined("too_many_pixels")),
        ("a.png", "image/png", png_bomb(7_900, 8_000), Shown("image/png")),
        // The header says little, the data hold much: the decoder stops where the header said.
        ("a.png", "image/png", png_bomb(10, 10), Shown("image/png")),
        ("a.png", "image/png", png_bomb(4_000, 4_000), Shown("image/png")),
        ("a.jpg", "image/jpeg", jpeg_head(65_000, 65_000), Quarantined("too_many_pixels")),
        ("a.jpg", "image/jpeg", jpeg_head(4_400, 4_400), Shown("image/jpeg")),
        ("a.webp", "image/webp", webp(16_000_000, 16_000_000), Quarantined("too_many_pixels")),
        ("a.gif", "image/gif", gif(65_535, 65_535, 1), Quarantined("too_many_pixels")),
        ("a.gif", "image/gif", gif(100, 100, 5_000), Quarantined("too_many_frames")),
        ("a.gif", "image/gif", gif(4_000, 4_000, 120), Quarantined("too_many_frames")),
        ("a.gif", "image/gif", gif(50, 50, 300), Shown("image/gif")),
        ("a.zip", "application/zip", zip(1_000, u32::MAX, b"x"), Quarantined("archive_bomb")),
        (
            "a.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            zip(400, 1 << 30, b"x"),
            Quarantined("archive_bomb"),
        ),
        ("a.zip", "application/zip", zip(3, 1_000, b"x"), Saved),
        // Named as a document it may be large: it is saved, not shown.
        ("scan.png", "application/octet-stream", png_bomb(25_000, 25_000), Quarantined("too_many_pixels")),
        ("a.txt", "text/plain", vec![b'x'; 20 << 20], Saved),
    ]
}

fn broken() -> Vec<Case> {
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    vec![
        ("a.jpg", "image/jpeg", Vec::new(), Quarantined("empty")),
        ("a", "", Vec::new(), Quarantined("empty")),
        ("a.jpg", "image/jpeg", vec![0xff], Quarantined("not_what_it_says")),
        ("a.jpg", "image/jpeg", cut(made::noise(200, 200, ImageFormat::Jpeg)), Shown("image/jpeg")),
        ("a.png", "image/png", cut(made::noise(200, 200, ImageFormat::Png)), Shown("image/png")),
        ("a.gif", "image/gif", cut(gif(50, 50, 20)), Shown("image/gif")),
        ("a.ogg", "audio/ogg", cut(made::voice(100)), Shown("audio/ogg")),
        ("a.ogg", "audio/ogg", b"OggS".to_vec(), Shown("audio/ogg")),
        ("a.mp4", "video/mp4", cut(made::mp4(1, 2, 2)), Shown("video/mp4")),
        ("a.mp4", "video/mp4", b"\0\0\0\x01ftypisom\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), Shown("video/mp4")),
        ("a.png", "image/png", made::picture(9, 9, ImageFormat::Jpeg), Shown("image/jpeg")),
        ("a.jpg", "image/jpeg", b"%PDF-1.4 not a picture".to_vec(), Quarantined("not_what_it_says")),
        ("a.jpg", "image/jpeg", vec![1, 2, 3, 200, 201, 202], Quarantined("not_what_it_says")),
        ("a.mp3", "audio/mpeg", vec![9; 100], Quarantined("not_what_it_says")),
        ("a.bin", "application/octet-stream", vec![1, 2, 3, 200, 201, 202], Saved),
        ("a.doc", "application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec(), Saved),
        ("a.avi", "video/avi", b"RIFF\0\0\0\0AVI LIST".to_vec(), Saved),
        ("../../../etc/cron.d/x", "text/plain", b"words".to_vec(), Saved),
        ("..\\..\\x.txt", "text/plain", b"words".to_vec(), Saved),
        ("NUL", "text/plain", b"words".to_vec(), Saved),
        ("a\0b.txt", "text/plain", b"words".to_vec(), Saved),
        ("a\r\nSet-Cookie: x=1.txt", "text/plain", b"words".to_vec(), Saved),
        ("\";filename=x.html;\".txt", "text/plain", b"words".to_vec(), Saved),
        ("big.png", "image/png", vec![0; (100 << 20) + 1], Refused),
    ]
}

fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
}

#[tokio::test]
async fn no_hostile_file_is_shown_as_something_that_runs() {
    let cases = [disguised(), polyglots(), programs(), bombs(), broken()].concat();
    assert!(cases.len() >= 80, "{}", cases.len());
    let mut wrong = Vec::new();
    for (name, mime, bytes, expected) in &cases {
        // A folder for each: the same bytes under an honest name may be shown.
        let folder = tempfile::tempdir().unwrap();
        let store = MediaStore::open(folder.path(), env().0, MediaTools::default(), None).unwrap();
        let shown = clean_name(name);
        let end = match land(&store, bytes, shown.as_deref().unwrap_or("file"), mime).await {
            Err(Error::TooLarge(_)) => Refused,
            Err(error) => panic!("{name} {mime}: {error}"),
            Ok(landed) => match landed.quarantined {
                Some(reason) => {
                    let refused = served(&store, &landed, name, &[]).await;
                    assert!(matches!(refused, Err(Error::NotFound(_))), "{name}: what is in quarantine is not served");
                    Quarantined(reason)
                }
                None => {
                    let response = served(&store, &landed, shown.as_deref().unwrap_or("file"), &[]).await.unwrap();
                    let of = |name: &str| response.headers().get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
                    assert_eq!(response.status(), StatusCode::OK);
                    assert_eq!(of("x-content-type-options"), "nosniff", "{name}");
                    assert_eq!(of("content-security-policy"), "sandbox; default-src 'none'", "{name}");
                    assert_eq!(response.headers().get_all(header::CONTENT_DISPOSITION).iter().count(), 1, "{name}");
                    let (kind, place) = (of("content-type"), of("content-disposition"));
                    assert!(!kind.contains("html") && !kind.contains("xml;") && !kind.contains("svg"), "{name}: {kind}");
                    match SAFE.iter().find(|safe| **safe == kind) {
                        Some(safe) if place.starts_with("inline") => Shown(safe),
                        _ => {
                            assert!(place.starts_with("attachment"), "{name} {mime}: {kind} {place}");
                            Saved
                        }
                    }
                }
            },
        };
        if end != *expected {
            wrong.push(format!("{name:?} {mime}: expected {expected:?}, got {end:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // The runner gives each test a process of its own.
    if let Some(peak) = peak_kb() {
        println!("{} files, peak memory {} MB", cases.len(), peak >> 10);
        assert!(peak <= PEAK_KB_MAX, "{peak} kB");
    }
}
