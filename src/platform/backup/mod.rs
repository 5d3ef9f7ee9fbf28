//! Backups: one file that holds everything, made while the server runs, and the way back.
//!
//! A backup is a zstd-compressed tar named `farol-%Y%m%d_%H%M%S.tar.zst`. It holds every pair of the
//! store as one snapshot saw it (records, indexes, journal, timers, deliveries, dead letters), the media
//! files, the bodies of large webhooks, and at its end a manifest with the SHA-256 of each part, the rows of each table and the last
//! event's number. The search index is left out: it is rebuilt. Keys are in it only where a passphrase
//! seals the whole file (`….tar.zst.sealed`), and then wherever they lay they come back in `DATA/keys`;
//! without one, keep the key file somewhere else as well. Sessions of a WAHA server in reach of the box join a sealed backup
//! too, and come back in `DATA/beside`.
//!
//! A restore never overwrites: it fills an empty folder, proves what it filled against the manifest,
//! and gives the store a new epoch, so that no client resumes where the old one stood.

mod read;
mod seal;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Restored, check_folder, restore, verify_file, verify_folder};
pub use write::{Source, Written, write};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Raised when an older program could not read the file.
const FORMAT: u32 = 1;
/// Pairs of the store are packed into parts of about this many bytes.
const PART_BYTES: usize = 4 << 20;
/// Name of the last entry.
const MANIFEST: &str = "manifest.json";
/// Folders of the data folder that are copied file by file, and whether only under a passphrase.
const FOLDERS: &[(&str, bool)] = &[("media", false), ("inbound", false), ("keys", true)];
/// Where folders that lay elsewhere stand in a backup and in a restored data folder.
pub const BESIDE: &str = "beside";
/// The name under which the key file is packed, wherever it lies: where a restored box looks for it.
const KEYS: &str = "keys/secrets.key";

/// What the file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Format of the backup file.
    pub format: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// Version of the stored data.
    pub schema: u32,
    /// When the snapshot was taken, RFC 3339.
    pub created_at: String,
    /// Number of the last event in it.
    pub seq: u64,
    /// Rows by table and index, `tenant:table` in hexadecimal.
    pub rows: BTreeMap<String, u64>,
    /// SHA-256 of every other entry, by name.
    pub parts: BTreeMap<String, String>,
    /// Are the keys that open secrets inside?
    pub keys: bool,
}

/// `00000001:0410`, the first six bytes of a key.
fn table_of(key: &[u8]) -> String {
    let part = |range: std::ops::Range<usize>| hex::encode(key.get(range).unwrap_or_default());
    format!("{}:{}", part(0..4), part(4..6))
}
