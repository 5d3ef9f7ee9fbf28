//! The log ahead of the engine: one synced append makes a commit durable, the engine's own file follows later.
//!
//! A commit of the engine must sync twice and write every page it touched. Here its changes go first, as one
//! frame, to the end of a file whose blocks exist already, and one `fdatasync` makes them last; the engine then
//! takes them without syncing. Once in a while, and whenever the store rests, the engine commits durably
//! (a *checkpoint*) and the log begins anew with the next generation. Opening applies what the log holds beyond
//! the last checkpoint.
//!
//! Frames begin at multiples of [`BLOCK`], so no acknowledged byte is ever written again within a generation:
//!
//! | bytes | what |
//! | --- | --- |
//! | 0..4 | `FLOG` |
//! | 4..8 | length of the payload |
//! | 8..16 | generation: which checkpoint this follows |
//! | 16..24 | number within the generation, from 0 |
//! | 24..40 | first half of SHA-256 over bytes 0..24 and the payload |
//! | 40.. | payload: per pair key length, value length (`0xFFFF_FFFF`: removed), key, value |
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
const HEAD: usize = 40;
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

/// The log of one engine.
pub(super) struct Log {
    file: Box<dyn StorageBackend>,
    size: LogSize,
    generation: u64,
    /// Number of the next frame.
    next: u64,
    /// Where it goes.
    at: u64,
    /// Bytes of the file that are there and synced.
    room: u64,
    buffer: Vec<u8>,
}

impl Log {
    /// Over a file that may hold frames of `generation`; gives their changes as one batch, later ones winning.
    pub fn open(file: Box<dyn StorageBackend>, size: LogSize, generation: u64) -> Result<(Self, Batch), EngineError> {
        let room = file.len().map_err(failed)? / BLOCK * BLOCK;
        let mut log = Self { file, size, generation, next: 0, at: 0, room, buffer: Vec::new() };
        let mut batch = Batch::new();
        while let Some((number, payload)) = log.frame(log.at)? {
            if number != log.next {
                break;
            }
            log.at += blocks(payload.len());
            log.next += 1;
            read_pairs(&payload, &mut batch)?;
        }
        let mut at = log.at;
        while at < room {
            if log.frame(at)?.is_some_and(|(number, _)| number >= log.next) {
                return Err(EngineError::Damaged(format!("the log is broken at byte {} and goes on at byte {at}", log.at)));
            }
            at += BLOCK;
        }
        Ok((log, batch))
    }

    /// Does it hold anything the engine's file lacks?
    pub fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// The generation whose frames count.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Everything so far is in the engine's file, which says that `generation` follows: begins anew.
    pub fn restart(&mut self, generation: u64) {
        (self.generation, self.next, self.at) = (generation, 0, 0);
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
        let sum = checksum(&buffer[..24], &buffer[HEAD..]);
        buffer[24..HEAD].copy_from_slice(&sum);
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

    /// The frame of this generation at `at`, if a whole one is there: its number and payload.
    fn frame(&self, at: u64) -> Result<Option<(u64, Vec<u8>)>, EngineError> {
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
        Ok((checksum(&head[..24], &payload) == head[24..]).then(|| (word(16), payload)))
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
    use redb::backends::InMemoryBackend;
    use std::sync::Arc;

    /// One memory behind two opened files.
    #[derive(Debug, Clone)]
    struct Shared(Arc<InMemoryBackend>);
    impl StorageBackend for Shared {
        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }
        fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
            self.0.read(at, out)
        }
        fn set_len(&self, len: u64) -> io::Result<()> {
            self.0.set_len(len)
        }
        fn sync_data(&self) -> io::Result<()> {
            Ok(())
        }
        fn write(&self, at: u64, data: &[u8]) -> io::Result<()> {
            let end = at + data.len() as u64;
            if self.0.len()? < end {
                self.0.set_len(end)?;
            }
            self.0.write(at, data)
        }
    }

    const SIZE: LogSize = LogSize { max: 64 << 10, step: 16 << 10 };

    fn file() -> Shared {
        Shared(Arc::new(InMemoryBackend::new()))
    }
    fn open(file: &Shared, generation: u64) -> (Log, Batch) {
        Log::open(Box::new(file.clone()), SIZE, generation).unwrap()
    }
    fn batch(n: u8, bytes: usize) -> Batch {
        Batch::from([(vec![n], Some(vec![n; bytes])), (vec![n, 0], None)])
    }

    #[test]
    fn what_was_appended_is_read_back_in_order_and_only_its_generation() {
        let file = file();
        let (mut log, found) = open(&file, 7);
        assert!(found.is_empty() && log.is_empty());
        assert!(log.append(&batch(1, 10)).unwrap());
        assert!(log.append(&batch(2, 9_000)).unwrap());
        assert!(log.append(&Batch::from([(vec![1], Some(b"later".to_vec()))])).unwrap());
        let (again, found) = open(&file, 7);
        assert_eq!((again.next, found.len()), (3, 4));
        assert_eq!(found[&vec![1u8]], Some(b"later".to_vec()));
        assert_eq!(found[&vec![2u8, 0]], None);
        assert!(open(&file, 8).1.is_empty());
        // A new generation writes over the old one's frames, and what is left of those does not count.
        log.restart(8);
        assert!(log.append(&batch(3, 10)).unwrap());
        assert_eq!(open(&file, 8).1, batch(3, 10));
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
