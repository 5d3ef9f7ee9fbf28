//! A stream sealed with a passphrase: Argon2id makes the key, AES-256-GCM seals chunk by chunk.
//!
//! The nonce of a chunk is a random prefix, its number and whether it is the last (the STREAM
//! construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so that chunks can't be dropped,
//! doubled, moved or cut off at the end without notice.

use crate::base::{Error, Result, chance};
use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use std::io::{self, Read, Write};

const MAGIC: &[u8; 16] = b"farol sealed v1\n";
const CHUNK_BYTES: usize = 64 << 10;
const TAG_BYTES: usize = 16;
/// Argon2id: memory in KiB, passes, lanes. A passphrase is guessed offline, so it costs more than a sign-in.
const COST: (u32, u32, u32) = (64 << 10, 3, 1);

/// Does a file that begins so need a passphrase?
pub(super) fn is_sealed(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

struct Chunks {
    cipher: Aes256Gcm,
    prefix: [u8; 7],
    count: u32,
}

impl Chunks {
    fn new(passphrase: &str, salt: &[u8; 16], prefix: [u8; 7]) -> Result<Self> {
        let failed = |e: argon2::Error| Error::internal(format!("make a key of the passphrase: {e}"));
        let params = argon2::Params::new(COST.0, COST.1, COST.2, Some(32)).map_err(failed)?;
        let mut key = [0u8; 32];
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, &mut key)
            .map_err(failed)?;
        Ok(Self { cipher: Aes256Gcm::new(&key.into()), prefix, count: 0 })
    }
    fn nonce(&mut self, last: bool) -> io::Result<[u8; 12]> {
        let mut nonce = [0u8; 12];
        nonce[..7].copy_from_slice(&self.prefix);
        nonce[7..11].copy_from_slice(&self.count.to_be_bytes());
        nonce[11] = u8::from(last);
        self.count = self.count.checked_add(1).ok_or_else(|| io::Error::other("larger than 256 TB"))?;
        Ok(nonce)
    }
}

/// Seals what is written to it. Call [`finish`](Sealer::finish), or the end is missing.
pub(super) struct Sealer<W: Write> {
    into: W,
    chunks: Chunks,
    waiting: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    pub fn new(mut into: W, passphrase: &str) -> Result<Self> {
        let (salt, prefix) = (chance::secret_bytes::<16>(), chance::secret_bytes::<7>());
        let chunks = Chunks::new(passphrase, &salt, prefix)?;
        let head = [MAGIC.as_slice(), &salt, &prefix].concat();
        into.write_all(&head).map_err(|e| Error::internal(format!("write the backup: {e}")))?;
        Ok(Self { into, chunks, waiting: Vec::with_capacity(CHUNK_BYTES) })
    }
    fn flush_chunk(&mut self, last: bool) -> io::Result<()> {
        let nonce = self.chunks.nonce(last)?;
        let payload = Payload { msg: &self.waiting, aad: MAGIC };
        let sealed = self.chunks.cipher.encrypt(&nonce.into(), payload).map_err(|_| io::Error::other("sealing failed"))?;
        self.waiting.clear();
        self.into.write_all(&sealed)
    }
    /// Seals the last chunk and gives back what was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush_chunk(true)?;
        Ok(self.into)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == CHUNK_BYTES {
            self.flush_chunk(false)?;
        }
        let taken = bytes.len().min(CHUNK_BYTES - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }
    fn flush(&mut self) -> io::Result<()> {
        // A chunk is only sealed when it is full or the last.
        Ok(())
    }
}

/// Opens what a [`Sealer`] wrote.
pub(super) struct Opener<R: Read> {
    from: R,
    chunks: Chunks,
    /// The sealed chunk after the present one: whether there is one tells whether the present one is the last.
    next: Vec<u8>,
    clear: Vec<u8>,
    at: usize,
    done: bool,
}

impl<R: Read> Opener<R> {
    pub fn new(mut from: R, passphrase: &str) -> Result<Self> {
        let mut head = [0u8; 16 + 16 + 7];
        from.read_exact(&mut head).map_err(|_| Error::conflict("damaged", "the backup is cut off at its beginning"))?;
        let mut salt = [0u8; 16];
        salt.copy_from_slice(&head[16..32]);
        let mut prefix = [0u8; 7];
        prefix.copy_from_slice(&head[32..]);
        let chunks = Chunks::new(passphrase, &salt, prefix)?;
        let mut opener = Self { from, chunks, next: Vec::new(), clear: Vec::new(), at: 0, done: false };
        opener.next = opener.fetch().map_err(|e| Error::internal(format!("read the backup: {e}")))?;
        // The first chunk tells a wrong passphrase from damage further on.
        opener.turn().map_err(|_| Error::invalid("passphrase", "format", "the passphrase is wrong, or the backup is damaged"))?;
        Ok(opener)
    }
    fn fetch(&mut self) -> io::Result<Vec<u8>> {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES + TAG_BYTES);
        self.from.by_ref().take((CHUNK_BYTES + TAG_BYTES) as u64).read_to_end(&mut chunk)?;
        Ok(chunk)
    }
    fn turn(&mut self) -> io::Result<()> {
        let sealed = std::mem::take(&mut self.next);
        if sealed.len() == CHUNK_BYTES + TAG_BYTES {
            self.next = self.fetch()?;
        }
        self.done = self.next.is_empty();
        let nonce = self.chunks.nonce(self.done)?;
        let payload = Payload { msg: &sealed, aad: MAGIC };
        let clear = self.chunks.cipher.decrypt(&nonce.into(), payload);
        self.clear = clear.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the backup is damaged or cut off"))?;
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.clear.len() && !self.done {
            self.turn()?;
        }
        let given = out.len().min(self.clear.len() - self.at);
        out[..given].copy_from_slice(&self.clear[self.at..self.at + given]);
        self.at += given;
        Ok(given)
    }
}
