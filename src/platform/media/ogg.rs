//! Ogg with Opus inside: how long it plays and how loud it is, and the writing of such files.
//!
//! How loud: each packet of a voice note is as long as what it describes is rich, so the sizes of the
//! packets draw the same picture that decoding would, without a decoder fed by strangers.

use super::sniff::{Class, Found};
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, Write},
};

/// Bars of a waveform.
pub const BARS: usize = 64;
/// Samples a second of every Opus stream's clock.
const RATE: u64 = 48_000;
/// Packets looked at: about three hours.
const PACKETS_MAX: usize = 600_000;
const HEADER_BYTES: usize = 27;

/// What a sound file tells about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sound {
    /// How long it plays.
    pub duration_ms: Option<u64>,
    /// [`BARS`] heights from 0 to 100; empty where nothing can be told.
    pub waveform: Vec<u8>,
}

/// Which kind of Ogg it is, by its first page.
pub fn kind(head: &[u8]) -> Option<Found> {
    if !head.starts_with(b"OggS") {
        return None;
    }
    let has = |needle: &[u8]| head[..head.len().min(512)].windows(needle.len()).any(|window| window == needle);
    Some(match () {
        () if has(b"\x80theora") => Found { mime: "video/ogg", class: Class::Video, inline: true },
        () => Found { mime: "audio/ogg", class: Class::Audio, inline: true },
    })
}

/// Reads the pages of an Opus stream.
pub fn sound(file: &mut File) -> io::Result<Sound> {
    file.rewind()?;
    let mut from = BufReader::with_capacity(64 << 10, file);
    let (mut skip, mut granule, mut opus, mut number) = (0u64, 0u64, false, 0usize);
    // (length in samples, bytes) of each packet.
    let mut packets: Vec<(u32, u32)> = Vec::new();
    let (mut bytes, mut first) = (0u32, None);
    let mut head = [0u8; HEADER_BYTES];
    while packets.len() < PACKETS_MAX && read_all(&mut from, &mut head)? && head.starts_with(b"OggS") {
        let mut lacing = vec![0; usize::from(head[26])];
        if !read_all(&mut from, &mut lacing)? {
            break;
        }
        let mut body = vec![0; lacing.iter().map(|n| usize::from(*n)).sum()];
        if !read_all(&mut from, &mut body)? {
            break;
        }
        let told = u64::from_le_bytes(head[6..14].try_into().unwrap_or_default());
        let mut rest = body.as_slice();
        for part in lacing {
            let (piece, behind) = rest.split_at(usize::from(part));
            rest = behind;
            first = first.or_else(|| piece.first().copied().map(|toc| (toc, piece.get(1).copied().unwrap_or(0))));
            if number == 0 && piece.starts_with(b"OpusHead") && piece.len() >= 12 {
                (opus, skip) = (true, u64::from(u16::from_le_bytes([piece[10], piece[11]])));
            }
            bytes += u32::from(part);
            if part < 255 {
                // The first two are headers.
                if number >= 2
                    && let Some((toc, count)) = first
                {
                    packets.push((samples(toc, count), bytes));
                }
                (number, bytes, first) = (number + 1, 0, None);
            }
        }
        if told != u64::MAX {
            granule = told;
        }
    }
    if !opus {
        return Ok(Sound::default());
    }
    let counted: u64 = packets.iter().map(|(samples, _)| u64::from(*samples)).sum();
    // A stream may begin late or be cut off: its clock is believed only where the packets bear it out.
    let told = granule.saturating_sub(skip);
    let played = if told > 0 && told <= counted { told } else { counted };
    let duration_ms = (!packets.is_empty()).then_some(played * 1_000 / RATE);
    Ok(Sound { duration_ms, waveform: bars(&packets, counted) })
}

fn read_all(from: &mut impl Read, into: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(into) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

fn bars(packets: &[(u32, u32)], total: u64) -> Vec<u8> {
    if packets.len() < 2 || total == 0 {
        return Vec::new();
    }
    let (mut sums, mut counts) = ([0u64; BARS], [0u64; BARS]);
    let mut at = 0u64;
    for (samples, bytes) in packets {
        let bar = (at * BARS as u64 / total).min(BARS as u64 - 1) as usize;
        sums[bar] += u64::from(*bytes);
        counts[bar] += 1;
        at += u64::from(*samples);
    }
    let mut last = 0;
    let means = sums.iter().zip(counts).map(|(sum, count)| {
        // A short note has fewer packets than bars: the gap shows its neighbour.
        last = sum.checked_div(count).unwrap_or(last);
        last
    });
    let means: Vec<u64> = means.collect();
    let (low, high) = (means.iter().min().copied().unwrap_or(0), means.iter().max().copied().unwrap_or(0));
    let spread = (high - low).max(1);
    means.into_iter().map(|mean| ((mean - low) * 100 / spread) as u8).collect()
}

/// Samples a packet plays for, by its first two bytes (RFC 6716, section 3.1).
pub fn samples(toc: u8, second: u8) -> u32 {
    let config = toc >> 3;
    let frame = match config {
        0..=11 => [480, 960, 1_920, 2_880][usize::from(config & 3)],
        12..=15 => [480, 960][usize::from(config & 1)],
        _ => [120, 240, 480, 960][usize::from(config & 3)],
    };
    match toc & 3 {
        0 => frame,
        1 | 2 => frame * 2,
        _ => frame * u32::from(second & 0x3f),
    }
}

/// Writes an Opus stream as Ogg pages (RFC 3533, RFC 7845).
pub struct Writer<W> {
    out: W,
    serial: u32,
    sequence: u32,
    granule: u64,
    lacing: Vec<u8>,
    body: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins with the two headers. `head` is an `OpusHead`.
    pub fn new(out: W, serial: u32, head: &[u8]) -> io::Result<Self> {
        let mut writer = Self { out, serial, sequence: 0, granule: 0, lacing: Vec::new(), body: Vec::new() };
        writer.put(head);
        writer.page(0x02)?;
        let vendor = b"farol";
        let mut tags = b"OpusTags".to_vec();
        tags.extend_from_slice(&(vendor.len() as u32).to_le_bytes());
        tags.extend_from_slice(vendor);
        tags.extend_from_slice(&0u32.to_le_bytes());
        writer.put(&tags);
        writer.page(0)?;
        Ok(writer)
    }

    /// One packet. Longer ones than a page holds are no speech.
    pub fn packet(&mut self, packet: &[u8]) -> io::Result<()> {
        let Some(toc) = packet.first() else { return Ok(()) };
        let segments = packet.len() / 255 + 1;
        if segments > 255 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a packet larger than a page"));
        }
        if self.lacing.len() + segments > 255 || self.lacing.len() >= 50 {
            self.page(0)?;
        }
        self.put(packet);
        self.granule += u64::from(samples(*toc, packet.get(1).copied().unwrap_or(0)));
        Ok(())
    }

    /// The last page.
    pub fn finish(mut self) -> io::Result<W> {
        self.page(0x04)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, packet: &[u8]) {
        self.lacing.extend(std::iter::repeat_n(255, packet.len() / 255));
        self.lacing.push((packet.len() % 255) as u8);
        self.body.extend_from_slice(packet);
    }

    fn page(&mut self, flags: u8) -> io::Result<()> {
        let mut page = Vec::with_capacity(HEADER_BYTES + self.lacing.len() + self.body.len());
        page.extend_from_slice(b"OggS\0");
        page.push(flags);
        page.extend_from_slice(&self.granule.to_le_bytes());
        page.extend_from_slice(&self.serial.to_le_bytes());
        page.extend_from_slice(&self.sequence.to_le_bytes());
        page.extend_from_slice(&[0; 4]);
        page.push(self.lacing.len() as u8);
        page.append(&mut self.lacing);
        page.append(&mut self.body);
        let sum = checksum(&page);
        page[22..26].copy_from_slice(&sum.to_le_bytes());
        self.sequence += 1;
        self.out.write_all(&page)
    }
}

/// CRC-32 with polynomial 0x04c11db7, neither reflected nor inverted.
pub(super) fn checksum(page: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0u32; 256];
        let mut at = 0;
        while at < 256 {
            let (mut sum, mut bit) = ((at as u32) << 24, 0);
            while bit < 8 {
                sum = if sum & 0x8000_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0x04c1_1db7 };
                bit += 1;
            }
            table[at] = sum;
            at += 1;
        }
        table
    };
    page.iter().fold(0, |sum, byte| (sum << 8) ^ TABLE[((sum >> 24) as u8 ^ byte) as usize])
}
