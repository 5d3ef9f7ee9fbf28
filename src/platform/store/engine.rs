//! The engine seam: the few things the store asks of whatever keeps its bytes.
//!
//! Keys and values are plain bytes, keys are ordered as bytes. Everything above is typed. Tests wrap
//! an engine to fail the Nth operation; another ordered store with snapshots could stand in for redb.

use std::collections::BTreeMap;

/// What an engine says when it can't.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The operating system or the file refused.
    #[error("storage failed: {0}")]
    Io(String),
    /// The disk, or what its owner may use of it, is full.
    #[error("there is no room on the disk: {0}")]
    Full(String),
    /// The bytes on disk contradict themselves.
    #[error("storage is damaged: {0}")]
    Damaged(String),
}

impl EngineError {
    /// What the operating system said.
    pub fn of_system(error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => EngineError::Full(error.to_string()),
            _ => EngineError::Io(error.to_string()),
        }
    }
}

/// Must the bytes be on the disk when `commit` returns?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Yes. Everything that somebody is told about.
    Durable,
    /// They may be lost by a crash until the next durable commit; only for data made from a seed.
    Relaxed,
}

/// The changes of one commit: `None` deletes.
pub type Batch = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// One stored pair.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Pairs of a range in the order asked for.
pub type Pairs<'a> = Box<dyn Iterator<Item = Result<Pair, EngineError>> + 'a>;

/// Ordered bytes with atomic commits.
pub trait Engine: Send + Sync + 'static {
    /// The state after the last commit, unmoved by later ones.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError>;
    /// Makes all of `batch` visible or, on an error, none of it; durable when it returns if asked so. An error of a commit
    /// before it, which the engine learnt of late, may be told here too.
    fn commit(&self, batch: Batch, durability: Durability) -> Result<(), EngineError>;
    /// Brings everything acknowledged into the engine's own file, if some of it stands beside it. Called when the
    /// store rests and when it closes; writes nothing where there is nothing to bring.
    fn rest(&self) -> Result<(), EngineError> {
        Ok(())
    }
    /// Checks every page the engine can check; `false` where it found and mended damage. Needs the store idle.
    fn check(&self) -> Result<bool, EngineError>;
}

/// An unmoving view of an engine.
pub trait Snapshot: Send {
    /// The value at `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;
    /// Shows the value at `key` where it lies, if there is one; says whether.
    fn look(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, EngineError> {
        Ok(self.get(key)?.map(|value| see(&value)).is_some())
    }
    /// Pairs with `start <= key < end`, backwards if `reverse`.
    fn range(&self, start: &[u8], end: &[u8], reverse: bool) -> Result<Pairs<'_>, EngineError>;
}
