//! Honest files, made here: nothing is checked in.

use crate::platform::media::ogg::Writer;
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use std::io::Cursor;

/// A picture with some structure.
pub fn picture(wide: u32, high: u32, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(wide, high, |x, y| image::Rgb([(x % 251) as u8, (y % 241) as u8, ((x ^ y) % 239) as u8]));
    let picture = match format {
        ImageFormat::Gif | ImageFormat::WebP => DynamicImage::ImageRgba8(RgbaImage::from_fn(wide, high, |x, y| {
            image::Rgba([(x % 251) as u8, (y % 241) as u8, 9, 255])
        })),
        _ => DynamicImage::ImageRgb8(picture),
    };
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Noise: hardly gets smaller by any means.
pub fn noise(wide: u32, high: u32, format: ImageFormat) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let picture = RgbImage::from_fn(wide, high, |_, _| image::Rgb([next(), next(), next()]));
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// The header of an Opus stream of so many channels.
pub fn opus_head(channels: u8) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(channels);
    head.extend_from_slice(&312u16.to_le_bytes());
    head.extend_from_slice(&48_000u32.to_le_bytes());
    head.extend_from_slice(&[0, 0, 0]);
    head
}

/// Packets of 20 ms each, first soft, then loud.
pub fn speech(count: usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|n| {
            // Configuration 1 (SILK, 20 ms), one frame.
            let mut packet = vec![1 << 3];
            packet.resize(if n < count / 2 { 10 } else { 90 }, 7);
            packet
        })
        .collect()
}

/// A voice note as WhatsApp keeps them.
pub fn voice(count: usize) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), 7, &opus_head(1)).unwrap();
    for packet in speech(count) {
        writer.packet(&packet).unwrap();
    }
    writer.finish().unwrap()
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.push(0x08);
    out.extend_from_slice(&(body.len() as u32).to_be_bytes()[..]);
    // Eight bytes of length would do as well; five are enough here.
    out.extend_from_slice(body);
    out
}

/// What a browser's recorder writes: a segment and clusters of unknown length, one block a packet.
pub fn webm(count: usize, channels: u8) -> Vec<u8> {
    let mut out = element(&[0x1a, 0x45, 0xdf, 0xa3], &element(&[0x42, 0x82], b"webm"));
    out.extend_from_slice(&[0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    let track = [
        element(&[0xd7], &[1]),
        element(&[0x86], b"A_OPUS"),
        element(&[0x63, 0xa2], &opus_head(channels)),
        element(&[0xe1], &element(&[0x9f], &[channels])),
    ]
    .concat();
    out.extend(element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &track)));
    for (n, packet) in speech(count).into_iter().enumerate() {
        if n % 50 == 0 {
            out.extend_from_slice(&[0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
            out.extend(element(&[0xe7], &(n as u32 * 20).to_be_bytes()));
        }
        let block = [&[0x81, 0, ((n % 50) * 20) as u8, 0x80][..], &packet].concat();
        out.extend(element(&[0xa3], &block));
    }
    out
}

/// An MP4 with a header and no film.
pub fn mp4(seconds: u32, wide: u32, high: u32) -> Vec<u8> {
    let of = |kind: &[u8; 4], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat();
    let mut mvhd = vec![0; 100];
    mvhd[12..16].copy_from_slice(&1_000u32.to_be_bytes());
    mvhd[16..20].copy_from_slice(&(seconds * 1_000).to_be_bytes());
    let mut tkhd = vec![0; 84];
    tkhd[76..80].copy_from_slice(&(wide << 16).to_be_bytes());
    tkhd[80..84].copy_from_slice(&(high << 16).to_be_bytes());
    let moov = [of(b"mvhd", &mvhd), of(b"trak", &of(b"tkhd", &tkhd))].concat();
    [of(b"ftyp", b"isom\0\0\x02\0isomiso2mp41"), of(b"mdat", &[0; 64]), of(b"moov", &moov)].concat()
}

/// A JPEG with notes of a camera: where it was, and which way it was held.
pub fn photographed(orientation: u8) -> Vec<u8> {
    let plain = picture(64, 32, ImageFormat::Jpeg);
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.push(orientation);
    tiff.extend_from_slice(b"\0\0\0\0\0\0 GPS 48.8566 N 2.3522 E");
    let mut notes = b"Exif\0\0".to_vec();
    notes.extend(tiff);
    let mut out = plain[..2].to_vec();
    out.extend_from_slice(&[0xff, 0xe1]);
    out.extend_from_slice(&(notes.len() as u16 + 2).to_be_bytes());
    out.extend(notes);
    out.extend_from_slice(&plain[2..]);
    out
}
