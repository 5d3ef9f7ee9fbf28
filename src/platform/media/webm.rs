//! What a browser's recorder writes (WebM with Opus), put into Ogg: another box around the same packets.

use super::ogg::Writer;
use std::io::{self, Read, Write};

/// Levels of elements looked into.
mod id {
    pub const EBML: u32 = 0x1a45_dfa3;
    pub const SEGMENT: u32 = 0x1853_8067;
    pub const TRACKS: u32 = 0x1654_ae6b;
    pub const TRACK: u32 = 0xae;
    pub const TRACK_NUMBER: u32 = 0xd7;
    pub const CODEC: u32 = 0x86;
    pub const CODEC_PRIVATE: u32 = 0x63a2;
    pub const CLUSTER: u32 = 0x1f43_b675;
    pub const BLOCK_GROUP: u32 = 0xa0;
    pub const BLOCK: u32 = 0xa1;
    pub const SIMPLE_BLOCK: u32 = 0xa3;
}

/// Larger elements hold no speech.
const ELEMENT_BYTES_MAX: u64 = 1 << 20;

fn bad(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Copies the Opus track of the WebM stream `from` into `to` as a voice note: Ogg, one channel. Never more than one packet
/// in memory.
///
/// # Errors
/// `InvalidData` where there is no Opus track or the stream is broken; what `from` and `to` say.
pub fn to_ogg(from: &mut impl Read, to: impl Write, serial: u32) -> io::Result<()> {
    let mut reader = Elements { from };
    let Some((id::EBML, long)) = reader.head()? else { return Err(bad("not a WebM file")) };
    reader.skip(long.ok_or_else(|| bad("a header without an end"))?)?;
    let (mut to, mut writer) = (Some(to), None);
    let mut track = Track::default();
    let mut found: Option<u64> = None;
    while let Some((id, long)) = reader.head()? {
        match id {
            // Looked into: their elements come next. A recorder does not know how long these will be.
            id::SEGMENT | id::TRACKS | id::CLUSTER | id::BLOCK_GROUP => {}
            id::TRACK => track = Track::default(),
            id::TRACK_NUMBER => track.number = number(&reader.body(long)?),
            id::CODEC => track.is_opus = reader.body(long)?.starts_with(b"A_OPUS"),
            id::CODEC_PRIVATE => track.head = reader.body(long)?,
            id::SIMPLE_BLOCK | id::BLOCK => {
                let block = reader.body(long)?;
                if found.is_none() && track.is_opus {
                    found = Some(track.number);
                }
                let Some((number, packet)) = packet(&block)? else { continue };
                if found != Some(number) {
                    continue;
                }
                if let Some(to) = to.take() {
                    writer = Some(Writer::new(to, serial, &track.head()?)?);
                }
                if let Some(writer) = &mut writer {
                    writer.packet(packet)?;
                }
            }
            _ => reader.skip(long.ok_or_else(|| bad("an unknown element without an end"))?)?,
        }
    }
    writer.ok_or_else(|| bad("no Opus sound in it"))?.finish().map(drop)
}

#[derive(Default)]
struct Track {
    number: u64,
    is_opus: bool,
    head: Vec<u8>,
}

impl Track {
    /// The `OpusHead`, with one channel: decoders mix two into one.
    fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = self.head.clone();
        if !head.starts_with(b"OpusHead") || head.len() < 19 {
            return Err(bad("no Opus header"));
        }
        // Mapping family 0 alone, which knows one or two channels.
        if head[18] != 0 {
            return Err(bad("more channels than speech has"));
        }
        head.truncate(19);
        head[9] = 1;
        Ok(head)
    }
}

/// Track number and payload of a block; laced blocks, which recorders don't write, are refused.
fn packet(block: &[u8]) -> io::Result<Option<(u64, &[u8])>> {
    let Some((number, rest)) = vint(block) else { return Ok(None) };
    let Some((head, packet)) = rest.split_at_checked(3) else { return Ok(None) };
    if head[2] & 0x06 != 0 {
        return Err(bad("laced blocks"));
    }
    Ok((!packet.is_empty()).then_some((number, packet)))
}

fn vint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let first = *bytes.first()?;
    let long = first.leading_zeros() as usize + 1;
    let (head, rest) = bytes.split_at_checked(long)?;
    let mask = 0xffu8.checked_shr(long as u32).unwrap_or(0);
    Some((head[1..].iter().fold(u64::from(first & mask), |sum, byte| sum << 8 | u64::from(*byte)), rest))
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

struct Elements<'a, R> {
    from: &'a mut R,
}

impl<R: Read> Elements<'_, R> {
    /// Id and length of the next element; `None` at the end. A length of all ones means that nobody knows it.
    fn head(&mut self) -> io::Result<Option<(u32, Option<u64>)>> {
        let Some(first) = self.byte()? else { return Ok(None) };
        let long = first.leading_zeros() as usize + 1;
        if long > 4 {
            return Err(bad("not an element"));
        }
        let mut id = u32::from(first);
        for _ in 1..long {
            id = id << 8 | u32::from(self.byte()?.ok_or(io::ErrorKind::UnexpectedEof)?);
        }
        // Cut off in the middle of a head, as when recording was stopped: what was whole counts.
        let Some(first) = self.byte()? else { return Ok(None) };
        let long = first.leading_zeros() as usize + 1;
        if long > 8 {
            return Err(bad("not a length"));
        }
        let mask = 0xffu8.checked_shr(long as u32).unwrap_or(0);
        let mut size = u64::from(first & mask);
        let mut unknown = first & mask == mask;
        for _ in 1..long {
            let byte = self.byte()?.ok_or(io::ErrorKind::UnexpectedEof)?;
            unknown &= byte == 0xff;
            size = size << 8 | u64::from(byte);
        }
        Ok(Some((id, (!unknown).then_some(size))))
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        let count = self.from.read(&mut byte)?;
        Ok((count == 1).then_some(byte[0]))
    }

    fn body(&mut self, long: Option<u64>) -> io::Result<Vec<u8>> {
        let long = long.filter(|long| *long <= ELEMENT_BYTES_MAX).ok_or_else(|| bad("an element too large"))?;
        let mut body = Vec::new();
        self.from.by_ref().take(long).read_to_end(&mut body)?;
        Ok(body)
    }

    fn skip(&mut self, long: u64) -> io::Result<()> {
        io::copy(&mut self.from.by_ref().take(long), &mut io::sink()).map(drop)
    }
}
