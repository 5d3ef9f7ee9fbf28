//! What a table is: a record type with its key and its indexes, declared in one place.

use super::codec::{self, CodecError};
use super::keys::{Key, KeyPart};
use serde::{Serialize, de::DeserializeOwned};

/// Two bytes that name a table or an index on disk. Never reused for something else. The high byte is the room's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub u16);

/// Where a record lives: in the platform's key space or in a tenant's.
pub trait ScopeKind: Send + Sync + 'static {
    /// Is it a tenant's?
    const TENANT: bool;
}
/// Records that no tenant owns: users, sessions, the directory.
pub struct PlatformScope;
/// Records a tenant owns: nearly everything.
pub struct TenantScope;
impl ScopeKind for PlatformScope {
    const TENANT: bool = false;
}
impl ScopeKind for TenantScope {
    const TENANT: bool = true;
}

/// One stored type with its table.
///
/// Fields are never added to or removed from a sealed version: copy the struct as `FooV1`, raise
/// [`VERSION`](Record::VERSION), and read the old one in [`upgrade`](Record::upgrade).
pub trait Record: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The primary key.
    type Key: Key;
    /// Platform or tenant.
    type Scope: ScopeKind;
    /// The table's bytes on disk.
    const TABLE: TableId;
    /// The noun, as errors name it: "conversation".
    const NAME: &'static str;
    /// Version written today.
    const VERSION: u8 = 1;
    /// Unique and ordered indexes, kept by `put` and `delete`.
    const INDEXES: &'static [&'static Index<Self>] = &[];

    /// The record's primary key.
    fn key(&self) -> Self::Key;

    /// Reads the fields of an older version.
    fn upgrade(version: u8, _fields: &[u8]) -> Result<Self, CodecError> {
        Err(CodecError::UnknownVersion(version))
    }
}

/// Bytes of a record, version first.
pub(super) fn encode<R: Record>(record: &R) -> Result<Vec<u8>, CodecError> {
    let bytes = codec::encode(R::VERSION, record)?;
    #[cfg(debug_assertions)]
    if let Err(e) = decode::<R>(&bytes) {
        panic!("a {} is written as bytes that can't be read back: {e}", R::NAME);
    }
    Ok(bytes)
}

/// The record of `bytes`, upgraded if it is of an older version.
pub fn decode<R: Record>(bytes: &[u8]) -> Result<R, CodecError> {
    let (version, fields) = codec::split(bytes)?;
    if version == R::VERSION { codec::decode_fields(fields) } else { R::upgrade(version, fields) }
}

/// Collects the entries a record has in one index.
#[derive(Debug, Default)]
pub struct Entries(pub(super) Vec<Vec<u8>>);
impl Entries {
    /// One entry under `key`.
    pub fn add(&mut self, key: impl KeyPart) {
        self.0.push(super::keys::bytes(&key));
    }
}

/// A way to find records: each record stands in it under none, one or several keys.
pub struct Index<R> {
    pub(super) id: TableId,
    pub(super) name: &'static str,
    pub(super) unique: bool,
    pub(super) keys: fn(&R, &mut Entries),
}

impl<R> Index<R> {
    /// At most one record under a key; taking a taken key is a conflict.
    pub const fn unique(id: u16, name: &'static str, keys: fn(&R, &mut Entries)) -> Self {
        Self { id: TableId(id), name, unique: true, keys }
    }
    /// Records in the order of a key; equal keys in the order of their primary keys.
    pub const fn ordered(id: u16, name: &'static str, keys: fn(&R, &mut Entries)) -> Self {
        Self { id: TableId(id), name, unique: false, keys }
    }
    /// Its name in errors and in `doctor`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn entries(&self, record: &R) -> Vec<Vec<u8>> {
        let mut entries = Entries::default();
        (self.keys)(record, &mut entries);
        entries.0.sort();
        entries.0.dedup();
        entries.0
    }
}

/// Which part of a table or index to walk, and which way.
#[derive(Debug, Clone, Default)]
pub struct KeyRange {
    pub(super) prefix: Vec<u8>,
    pub(super) from: Option<Vec<u8>>,
    pub(super) until: Option<Vec<u8>>,
    pub(super) after: Option<Vec<u8>>,
    pub(super) reverse: bool,
}

impl KeyRange {
    /// Everything.
    pub fn all() -> Self {
        Self::default()
    }
    /// Keys that begin with `part`.
    pub fn prefix(part: impl KeyPart) -> Self {
        Self { prefix: super::keys::bytes(&part), ..Self::default() }
    }
    /// Keys at or above prefix + `part`.
    pub fn from(mut self, part: impl KeyPart) -> Self {
        self.from = Some(super::keys::bytes(&part));
        self
    }
    /// Keys below prefix + `part`.
    pub fn until(mut self, part: impl KeyPart) -> Self {
        self.until = Some(super::keys::bytes(&part));
        self
    }
    /// Last key first.
    pub fn reverse(mut self) -> Self {
        self.reverse = true;
        self
    }
    /// Goes on behind the entry whose cursor a former walk (in the same direction) gave.
    pub fn after(mut self, cursor: Option<Vec<u8>>) -> Self {
        self.after = cursor;
        self
    }

    /// Absolute bounds `start <= key < end` behind `base`.
    pub(super) fn bounds(&self, base: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let under = |part: &[u8]| [base, &self.prefix, part].concat();
        let mut start = under(self.from.as_deref().unwrap_or_default());
        let mut end = match &self.until {
            Some(part) => under(part),
            None => successor(under(&[])),
        };
        if let Some(after) = &self.after {
            // A cursor is the whole key behind the table's id.
            let at = [base, after].concat();
            if self.reverse {
                end = end.min(at);
            } else {
                start = start.max([&at[..], &[0]].concat());
            }
        }
        (start, end)
    }
}

/// The smallest key that is above every key beginning with `prefix`.
pub(super) fn successor(mut prefix: Vec<u8>) -> Vec<u8> {
    while let Some(last) = prefix.last_mut() {
        if *last < 0xFF {
            *last += 1;
            return prefix;
        }
        prefix.pop();
    }
    // Tenant numbers end far below 0xFFFF_FFFF, so nothing of ours lies behind this.
    vec![0xFF; 8]
}
