//! Pictures: their size from the header alone, small versions, and what goes out made to fit.

use super::sniff::read_at;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType,
    metadata::Orientation,
};
use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
};

/// Longest side of a small version.
const THUMBNAIL_SIDE: u32 = 480;
/// Larger pictures get none: decoding one takes up to nine bytes a pixel.
const DECODED_PIXELS_MAX: u64 = 20_000_000;
/// Nor do longer files, some of which a decoder reads whole.
const DECODED_FILE_BYTES_MAX: u64 = 32 << 20;
/// What one decoder may take.
const DECODER_BYTES_MAX: u64 = 160 << 20;
/// Quality of a small version, of 100.
const THUMBNAIL_QUALITY: u8 = 78;
/// Longest side and quality of what goes out, tried in turn until it fits.
const OUTGOING: &[(u32, u8)] = &[(2_560, 85), (2_048, 80), (1_600, 75), (1_280, 70), (960, 60)];

/// Width and height as the header says; `None` where it says nothing.
pub fn dimensions(file: &mut File, mime: &str) -> io::Result<Option<(u32, u32)>> {
    let head = read_at(file, 0, 32)?;
    let be = |at: usize| head.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
    let le = |at: usize| head.get(at..at + 2).map(|b| u32::from(u16::from_le_bytes([b[0], b[1]])));
    let three = |at: usize| head.get(at..at + 3).map(|b| u32::from_le_bytes([b[0], b[1], b[2], 0]) + 1);
    Ok(match mime {
        "image/png" => be(16).zip(be(20)),
        "image/gif" => le(6).zip(le(8)),
        "image/webp" => match head.get(12..16) {
            Some(b"VP8X") => three(24).zip(three(27)),
            Some(b"VP8L") => head.get(21..25).map(|b| {
                let bits = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)
            }),
            Some(b"VP8 ") => le(26).zip(le(28)).map(|(wide, high)| (wide & 0x3fff, high & 0x3fff)),
            _ => None,
        },
        "image/jpeg" => jpeg_size(file)?,
        _ => None,
    })
}

/// Segments of a JPEG file looked at.
const SEGMENTS_MAX: usize = 2_000;

fn jpeg_size(file: &mut File) -> io::Result<Option<(u32, u32)>> {
    let mut at = 2;
    for _ in 0..SEGMENTS_MAX {
        let head = read_at(file, at, 9)?;
        let Some(&[0xff, marker, long, long_low]) = head.first_chunk::<4>() else { return Ok(None) };
        match marker {
            0xff => at += 1,
            0xd0..=0xd8 | 0x01 => at += 2,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let two = |at: usize| head.get(at..at + 2).map(|b| u32::from(u16::from_be_bytes([b[0], b[1]])));
                return Ok(two(7).zip(two(5)));
            }
            0xd9 | 0xda => return Ok(None),
            _ => at += 2 + u64::from(u16::from_be_bytes([long, long_low])).max(2),
        }
    }
    Ok(None)
}

/// Frames of a GIF and their pixels in all, counted without decoding one; no further than a frame beyond `max`.
pub fn gif_frames(file: &mut File, max: u32) -> io::Result<(u32, u64)> {
    file.seek(SeekFrom::Start(0))?;
    let mut from = BufReader::with_capacity(64 << 10, file);
    let counted = count_frames(&mut from, max);
    match counted {
        // It breaks off: what was there until then counts.
        Err((e, seen)) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(seen),
        Err((e, _)) => Err(e),
        Ok(seen) => Ok(seen),
    }
}

fn count_frames(from: &mut BufReader<&mut File>, max: u32) -> Result<(u32, u64), (io::Error, (u32, u64))> {
    let (mut frames, mut pixels) = (0u32, 0u64);
    let mut step = || -> io::Result<bool> {
        if frames == 0 && from.stream_position()? == 0 {
            let mut head = [0; 13];
            from.read_exact(&mut head)?;
            skip_palette(from, head[10])?;
        }
        let mut kind = [0];
        from.read_exact(&mut kind)?;
        match kind[0] {
            0x21 => {
                from.read_exact(&mut kind)?;
                skip_blocks(from)?;
            }
            0x2c => {
                let mut head = [0; 9];
                from.read_exact(&mut head)?;
                let side = |at: usize| u64::from(u16::from_le_bytes([head[at], head[at + 1]]));
                frames += 1;
                pixels += side(4) * side(6);
                skip_palette(from, head[8])?;
                from.seek_relative(1)?;
                skip_blocks(from)?;
            }
            _ => return Ok(false),
        }
        Ok(frames <= max)
    };
    loop {
        match step() {
            Ok(true) => {}
            Ok(false) => return Ok((frames, pixels)),
            Err(e) => return Err((e, (frames, pixels))),
        }
    }
}

fn skip_palette(from: &mut BufReader<&mut File>, flags: u8) -> io::Result<()> {
    if flags & 0x80 == 0 { Ok(()) } else { from.seek_relative(3 << ((flags & 7) + 1)) }
}

fn skip_blocks(from: &mut BufReader<&mut File>) -> io::Result<()> {
    let mut long = [0];
    loop {
        from.read_exact(&mut long)?;
        if long[0] == 0 {
            return Ok(());
        }
        from.seek_relative(i64::from(long[0]))?;
    }
}

/// Does more than one picture follow another in it?
pub fn is_animated(file: &mut File, mime: &str) -> io::Result<bool> {
    match mime {
        "image/gif" => Ok(gif_frames(file, 2)?.0 > 1),
        "image/webp" => {
            let head = read_at(file, 0, 21)?;
            Ok(head.get(12..16) == Some(b"VP8X") && head.get(20).is_some_and(|flags| flags & 2 != 0))
        }
        _ => Ok(false),
    }
}

fn format_of(mime: &str) -> Option<ImageFormat> {
    match mime {
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/png" => Some(ImageFormat::Png),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Decodes a picture within the limits; `None` where it is too large or damaged.
fn decode(file: &mut File, mime: &str) -> io::Result<Option<(DynamicImage, Orientation)>> {
    let Some(format) = format_of(mime) else { return Ok(None) };
    let Some((wide, high)) = dimensions(file, mime)? else { return Ok(None) };
    let pixels = u64::from(wide) * u64::from(high);
    if pixels == 0 || pixels > DECODED_PIXELS_MAX || file.metadata()?.len() > DECODED_FILE_BYTES_MAX {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(0))?;
    let mut limits = Limits::default();
    // The header may lie: the decoder itself holds to what it said.
    (limits.max_image_width, limits.max_image_height) = (Some(wide.max(1)), Some(high.max(1)));
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    let mut reader = ImageReader::with_format(BufReader::new(file), format);
    reader.limits(limits);
    let decoded = reader.into_decoder().and_then(|mut decoder| {
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        Ok((DynamicImage::from_decoder(decoder)?, orientation))
    });
    match decoded {
        Ok(decoded) => Ok(Some(decoded)),
        Err(error) => {
            tracing::debug!(%error, "a picture that can't be decoded");
            Ok(None)
        }
    }
}

/// A small version: JPEG, or PNG where it shows through; `None` where there is nothing to make it of.
pub fn thumbnail(file: &mut File, mime: &str) -> io::Result<Option<Vec<u8>>> {
    let Some((picture, orientation)) = decode(file, mime)? else { return Ok(None) };
    let side = THUMBNAIL_SIDE.min(picture.width().max(picture.height()));
    let mut small = picture.thumbnail(side, side);
    drop(picture);
    small.apply_orientation(orientation);
    let mut out = Vec::new();
    let written = if small.color().has_alpha() {
        small.to_rgba8().write_to(&mut io::Cursor::new(&mut out), ImageFormat::Png)
    } else {
        small.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut out, THUMBNAIL_QUALITY))
    };
    written.map_err(io::Error::other)?;
    Ok(Some(out))
}

/// How a picture was made to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It fits as it is.
    AsItIs,
    /// Written anew as JPEG, without what a camera noted beside it.
    Anew(Vec<u8>),
    /// Can't be made to fit.
    Impossible,
}

/// Makes a picture fit into `bytes_max`, as JPEG. A JPEG or PNG of at most `as_is_max` bytes stays one; a GIF or WebP is
/// written anew.
pub fn fit(file: &mut File, mime: &str, as_is_max: u64, bytes_max: u64) -> io::Result<Fit> {
    let fits = file.metadata()?.len() <= as_is_max;
    if fits && matches!(mime, "image/png") {
        return Ok(Fit::AsItIs);
    }
    if fits && mime == "image/jpeg" && jpeg_orientation(file)? == Orientation::NoTransforms {
        return Ok(Fit::AsItIs);
    }
    let Some((picture, orientation)) = decode(file, mime)? else { return Ok(Fit::Impossible) };
    let mut picture = flat(picture);
    for (side, quality) in OUTGOING {
        if picture.width().max(picture.height()) > *side {
            picture = picture.resize(*side, *side, FilterType::Triangle);
        }
        let mut turned = picture.clone();
        turned.apply_orientation(orientation);
        let mut out = Vec::new();
        turned.write_with_encoder(JpegEncoder::new_with_quality(&mut out, *quality)).map_err(io::Error::other)?;
        if out.len() as u64 <= bytes_max {
            return Ok(Fit::Anew(out));
        }
    }
    Ok(Fit::Impossible)
}

/// JPEG knows no transparency: what shows through becomes white.
fn flat(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.into_rgb8());
    }
    let mut flat = image::RgbImage::new(picture.width(), picture.height());
    let rgba = picture.into_rgba8();
    for (to, from) in flat.pixels_mut().zip(rgba.pixels()) {
        let [r, g, b, alpha] = from.0;
        let over = |c: u8| ((u32::from(c) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255) as u8;
        to.0 = [over(r), over(g), over(b)];
    }
    DynamicImage::ImageRgb8(flat)
}

fn jpeg_orientation(file: &mut File) -> io::Result<Orientation> {
    file.seek(SeekFrom::Start(0))?;
    // The notes of a camera stand in one of the first segments.
    let head = read_at(file, 0, 256 << 10)?;
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = head.get(at..at + 4).and_then(|b| b.first_chunk::<4>()) {
        if marker == 0xda || marker == 0xd9 {
            break;
        }
        let long = usize::from(u16::from_be_bytes([high, low])).max(2);
        let body = head.get(at + 4..at + 2 + long).unwrap_or_default();
        if marker == 0xe1
            && let Some(notes) = body.strip_prefix(b"Exif\0\0")
        {
            return Ok(Orientation::from_exif_chunk(notes).unwrap_or(Orientation::NoTransforms));
        }
        at += 2 + long;
    }
    Ok(Orientation::NoTransforms)
}

/// Copies a JPEG or PNG without what a camera noted beside the picture: place, time, device, comments. Nothing is decoded.
/// `false` where it is neither, or broken; the copy is then not to be used.
pub fn strip(from: &mut File, to: &mut File, mime: &str) -> io::Result<bool> {
    from.seek(SeekFrom::Start(0))?;
    let (mut from, mut to) = (BufReader::new(from), BufWriter::new(to));
    let whole = match mime {
        "image/jpeg" => strip_jpeg(&mut from, &mut to),
        "image/png" => strip_png(&mut from, &mut to),
        _ => return Ok(false),
    };
    to.flush()?;
    match whole {
        Ok(()) => Ok(true),
        Err(e) if matches!(e.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) => Ok(false),
        Err(e) => Err(e),
    }
}

fn strip_jpeg(from: &mut (impl Read + Seek), to: &mut impl Write) -> io::Result<()> {
    let mut start = [0; 2];
    from.read_exact(&mut start)?;
    to.write_all(&start)?;
    loop {
        let mut head = [0; 4];
        from.read_exact(&mut head)?;
        let [0xff, marker, high, low] = head else { return Err(io::ErrorKind::InvalidData.into()) };
        if marker == 0xda {
            to.write_all(&head)?;
            // What follows the end of the picture (a film, a second picture with its own notes) stays behind.
            return copy_scan(from, to);
        }
        let long = u64::from(u16::from_be_bytes([high, low])).checked_sub(2).ok_or(io::ErrorKind::InvalidData)?;
        // Colours stay right: JFIF, the colour profile and Adobe's transform are kept.
        if matches!(marker, 0xe1 | 0xe3..=0xed | 0xef | 0xfe) {
            from.seek_relative(long as i64)?;
        } else {
            to.write_all(&head)?;
            if io::copy(&mut from.take(long), to)? != long {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Copies until the end mark of the picture; other scans and tables between are part of it.
fn copy_scan(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let (mut piece, mut was_ff) = (vec![0; 64 << 10], false);
    loop {
        let count = from.read(&mut piece)?;
        if count == 0 {
            // Cut off, as cameras leave it when the battery ends; decoders show what is there.
            return Ok(());
        }
        for (at, byte) in piece[..count].iter().enumerate() {
            if was_ff && *byte == 0xd9 {
                return to.write_all(&piece[..=at]);
            }
            was_ff = *byte == 0xff;
        }
        to.write_all(&piece[..count])?;
    }
}

fn strip_png(from: &mut (impl Read + Seek), to: &mut impl Write) -> io::Result<()> {
    let mut start = [0; 8];
    from.read_exact(&mut start)?;
    to.write_all(&start)?;
    loop {
        let mut head = [0; 8];
        from.read_exact(&mut head)?;
        let long = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]])) + 4;
        let kind = &head[4..];
        if matches!(kind, b"eXIf" | b"tEXt" | b"iTXt" | b"zTXt" | b"tIME") {
            from.seek_relative(long as i64)?;
            continue;
        }
        to.write_all(&head)?;
        if io::copy(&mut from.take(long), to)? != long {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if kind == b"IEND" {
            return Ok(());
        }
    }
}
