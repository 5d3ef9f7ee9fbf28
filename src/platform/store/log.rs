//! The log ahead of the engine: one synced append makes a commit durable, the engine's own file follows later.
//!
//! A commit of the engine must sync twice and write every page it touched. Here its changes go first, as one
//! frame, to the end of a file whose blocks exist already, and one `fdatasync` makes them last; the engine then
//! takes them without syncing. Once in a while, and whenever the store rests, the engine commits durably
//! (a *checkpoint*) and the log begins anew with the next generation. There are two such files, in turns: while
//! the engine makes its checkpoint of one full generation, the next one is written. Opening applies what both
//! hold beyond the last checkpoint.
//!
//! Frames begin at multiples of [`BLOCK`], so no acknowledged byte is ever written again within a generation:
//!
//! | bytes | what |
//! | --- | --- |
//! | 0..4 | `FLOG` |
//! | 4..8 | length of the payload |
//! | 8..16 | generation: which checkpoint this follows |
//! | 16..24 | number within the generation, from 0 |
//! | 24..32 | frames in the generation before, if this one follows it in the other file, else 0 |
//! | 32..48 | first half of SHA-256 over bytes 0..32 and the payload |
//! | 48.. | payload: per pair key length, value length (`0xFFFF_FFFF`: removed), key, value |
//!
//! All numbers are little-endian. A frame is only begun when the one before it is synced: what follows the first
//! frame that does not check can only be what a power cut left of a commit nobody was told about. A frame of the
//! same generation behind that says otherwise, and is damage.

use super::engine::{Batch, EngineError};
use redb::StorageBackend;
use sha2::{Digest, Sha256};
use std::io;

/// Frames begin at multiples of this.
const BLOCK: u64 = 4096;
const MAGIC: [u8; 4] = *b"FLOG";
const HEAD: usize = 48;
/// What of the head is summed.
const SUMMED: usize = 32;
const REMOVED: u32 = u32::MAX;

/// How large the log may become, and in which steps it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogSize {
    /// Beyond this the engine makes a checkpoint: bounds what opening after a crash has to apply.
    pub max: u64,
    /// The file grows by this much, zeroed and synced ahead of use, so that an append changes no metadata.
    pub step: u64,
}

impl Default for LogSize {
    fn default() -> Self {
        Self { max: 64 << 20, step: 4 << 20 }
    }
}

/// One of an engine's two logs.
pub(super) struct Log {
    file: Box<dyn StorageBackend>,
    size: LogSize,
    generation: u64,
    /// Frames of the generation before, in the other file.
    before: u64,
    /// Number of the next frame.
    next: u64,
    /// Where it goes.
    at: u64,
    /// Bytes of the file that are there and synced.
    room: u64,
    buffer: Vec<u8>,
}

/// A frame that checks.
struct Frame {
    number: u64,
    before: u64,
    payload: Vec<u8>,
}

impl Log {
    /// Over a file that may hold frames of `generation`; gives their changes as one batch, later ones winning.
    pub fn open(file: Box<dyn StorageBackend>, size: LogSize, generation: u64) -> Result<(Self, Batch), EngineError> {
        let room = file.len().map_err(failed)? / BLOCK * BLOCK;
        let mut log = Self { file, size, generation, before: 0, next: 0, at: 0, room, buffer: Vec::new() };
        let batch = log.read(generation)?;
        Ok((log, batch))
    }

    /// Reads the frames of `generation` and stands behind them; their changes as one batch, later ones winning.
    pub fn read(&mut self, generation: u64) -> Result<Batch, EngineError> {
        (self.generation, self.before, self.next, self.at) = (generation, 0, 0, 0);
        let mut batch = Batch::new();
        while let Some(frame) = self.frame(self.at)? {
            if frame.number != self.next {
                break;
            }
            self.at += blocks(frame.payload.len());
            self.next += 1;
            self.before = frame.before;
            read_pairs(&frame.payload, &mut batch)?;
        }
        let mut at = self.at;
        while at < self.room {
            if self.frame(at)?.is_some_and(|frame| frame.number >= self.next) {
                return Err(EngineError::Damaged(format!("the log is broken at byte {} and goes on at byte {at}", self.at)));
            }
            at += BLOCK;
        }
        Ok(batch)
    }

    /// Frames it holds of its generation.
    pub fn frames(&self) -> u64 {
        self.next
    }

    /// Frames that the generation before must have in the other file; 0 where it need have none.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// The generation whose frames count.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// What it held is in the engine's file: begins anew with `generation`, which follows `before` frames in the
    /// other file that are not there yet.
    pub fn restart(&mut self, generation: u64, before: u64) {
        (self.generation, self.before, self.next, self.at) = (generation, before, 0, 0);
    }

    /// Makes `batch` durable; `false`, and nothing done, where it has no room.
    pub fn append(&mut self, batch: &Batch) -> Result<bool, EngineError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.resize(HEAD, 0);
        write_pairs(batch, &mut buffer);
        let length = (buffer.len() - HEAD) as u32;
        buffer[..4].copy_from_slice(&MAGIC);
        buffer[4..8].copy_from_slice(&length.to_le_bytes());
        buffer[8..16].copy_from_slice(&self.generation.to_le_bytes());
        buffer[16..24].copy_from_slice(&self.next.to_le_bytes());
        buffer[24..SUMMED].copy_from_slice(&self.before.to_le_bytes());
        let sum = checksum(&buffer[..SUMMED], &buffer[HEAD..]);
        buffer[SUMMED..HEAD].copy_from_slice(&sum);
        buffer.resize(blocks(length as usize) as usize, 0);
        let end = self.at + buffer.len() as u64;
        let written = if end > self.size.max || !self.make_room(end) {
            Ok(false)
        } else {
            self.file.write(self.at, &buffer).and_then(|()| self.file.sync_data()).map(|()| true).map_err(failed)
        };
        self.buffer = buffer;
        if matches!(written, Ok(true)) {
            self.at = end;
            self.next += 1;
        }
        written
    }

    /// Sees to it that the file reaches `end`; `false` where the disk has no room for that.
    fn make_room(&mut self, end: u64) -> bool {
        if end <= self.room {
            return true;
        }
        let to = end.next_multiple_of(self.size.step).min(self.size.max).max(end);
        let zeros = vec![0; 256 << 10];
        let mut at = self.room;
        while at < to {
            let part = zeros.len().min((to - at) as usize);
            if self.file.write(at, &zeros[..part]).is_err() {
                return false;
            }
            at += part as u64;
        }
        if self.file.sync_data().is_err() {
            return false;
        }
        self.room = to;
        true
    }

    /// The frame of this generation at `at`, if a whole one is there.
    fn frame(&self, at: u64) -> Result<Option<Frame>, EngineError> {
        if at + BLOCK > self.room {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        self.file.read(at, &mut head).map_err(failed)?;
        let word = |from: usize| u64::from_le_bytes(head[from..from + 8].try_into().expect("eight bytes"));
        let length = u32::from_le_bytes(head[4..8].try_into().expect("four bytes"));
        if head[..4] != MAGIC || word(8) != self.generation || at + blocks(length as usize) > self.room {
            return Ok(None);
        }
        let mut payload = vec![0; length as usize];
        self.file.read(at + HEAD as u64, &mut payload).map_err(failed)?;
        let whole = checksum(&head[..SUMMED], &payload) == head[SUMMED..];
        Ok(whole.then(|| Frame { number: word(16), before: word(24), payload }))
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("generation", &self.generation).field("next", &self.next).finish_non_exhaustive()
    }
}

/// Bytes a frame with so much payload takes.
fn blocks(payload: usize) -> u64 {
    ((HEAD + payload) as u64).next_multiple_of(BLOCK)
}

fn checksum(head: &[u8], payload: &[u8]) -> [u8; 16] {
    let whole = Sha256::new().chain_update(head).chain_update(payload).finalize();
    whole[..16].try_into().expect("a SHA-256 has 32 bytes")
}

fn write_pairs(batch: &Batch, out: &mut Vec<u8>) {
    for (key, value) in batch {
        out.extend_from_slice(&(key.len() as u32).to_le_bytes());
        out.extend_from_slice(&value.as_ref().map_or(REMOVED, |value| value.len() as u32).to_le_bytes());
        out.extend_from_slice(key);
        out.extend_from_slice(value.as_deref().unwrap_or_default());
    }
}

fn read_pairs(mut payload: &[u8], batch: &mut Batch) -> Result<(), EngineError> {
    let odd = || EngineError::Damaged("a frame of the log".into());
    let mut take = |n: usize| {
        let (head, rest) = payload.split_at_checked(n)?;
        payload = rest;
        Some(head)
    };
    while let Some(head) = take(8) {
        let number = |from: usize| u32::from_le_bytes(head[from..from + 4].try_into().expect("four bytes"));
        let (key, value) = (number(0), number(4));
        let key = take(key as usize).ok_or_else(odd)?.to_vec();
        let value = if value == REMOVED { None } else { Some(take(value as usize).ok_or_else(odd)?.to_vec()) };
        batch.insert(key, value);
    }
    if payload.is_empty() { Ok(()) } else { Err(odd()) }
}

fn failed(error: io::Error) -> EngineError {
    EngineError::of_system(&io::Error::new(error.kind(), format!("the log: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::store::testing::MemoryFile;

    const SIZE: LogSize = LogSize { max: 64 << 10, step: 16 << 10 };

    fn file() -> MemoryFile {
        MemoryFile::default()
    }
    fn open(file: &MemoryFile, generation: u64) -> (Log, Batch) {
        Log::open(Box::new(file.clone()), SIZE, generation).unwrap()
    }
    fn batch(n: u8, bytes: usize) -> Batch {
        Batch::from([(vec![n], Some(vec![n; bytes])), (vec![n, 0], None)])
    }

    #[test]
    fn what_was_appended_is_read_back_in_order_and_only_its_generation() {
        let file = file();
        let (mut log, found) = open(&file, 7);
        assert!(found.is_empty() && log.frames() == 0);
        assert!(log.append(&batch(1, 10)).unwrap());
        assert!(log.append(&batch(2, 9_000)).unwrap());
        assert!(log.append(&Batch::from([(vec![1], Some(b"later".to_vec()))])).unwrap());
        let (again, found) = open(&file, 7);
        assert_eq!((again.next, found.len()), (3, 4));
        assert_eq!(found[&vec![1u8]], Some(b"later".to_vec()));
        assert_eq!(found[&vec![2u8, 0]], None);
        assert!(open(&file, 8).1.is_empty());
        // A new generation writes over the old one's frames, and what is left of those does not count.
        log.restart(8, 3);
        assert!(log.append(&batch(3, 10)).unwrap());
        let (again, found) = open(&file, 8);
        assert_eq!((again.frames(), again.before(), found), (1, 3, batch(3, 10)));
    }

    #[test]
    fn a_log_without_room_says_so_and_stays_as_it_is() {
        let file = file();
        let (mut log, _) = open(&file, 1);
        let mut taken = 0;
        while log.append(&batch(taken, 7_000)).unwrap() {
            taken += 1;
        }
        assert_eq!(u64::from(taken), SIZE.max / (2 * BLOCK));
        assert_eq!(open(&file, 1).0.next, u64::from(taken));
        assert!(file.len().unwrap() <= SIZE.max);
    }

    #[test]
    fn whatever_byte_is_cut_or_turned_the_frames_before_it_stand() {
        let whole = file();
        let (mut log, _) = open(&whole, 1);
        let mut ends = vec![0];
        for n in 0..4 {
            assert!(log.append(&batch(n, 3_000 + 2_500 * usize::from(n))).unwrap());
            ends.push(log.at);
        }
        let end = log.at as usize;
        let mut bytes = vec![0; end];
        whole.read(0, &mut bytes).unwrap();
        for at in (0..end).step_by(97) {
            // Cut: everything from here on reads as it was before, zeros.
            let torn = file();
            let mut image = bytes.clone();
            image[at..].fill(0);
            torn.write(0, &image).unwrap();
            let frames = ends.iter().filter(|end| **end as usize <= at).count() as u64 - 1;
            // The padding behind a payload is zeros already.
            assert!(open(&torn, 1).0.next >= frames, "cut at {at}");
            // Turned: a bit of a synced frame is damage, unless nothing follows that frame.
            let turned = file();
            let mut image = bytes.clone();
            image[at] ^= 0x10;
            turned.write(0, &image).unwrap();
            match Log::open(Box::new(turned), SIZE, 1) {
                Ok((log, _)) => assert!(log.next == 3 || log.next == 4, "turned at {at}: {}", log.next),
                Err(EngineError::Damaged(_)) => assert!(at < ends[3] as usize, "turned at {at}"),
                Err(other) => panic!("turned at {at}: {other}"),
            }
        }
    }
}
