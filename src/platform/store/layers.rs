//! Reading through layers: a command's own changes over its batch's over the snapshot.

use super::engine::{Batch, EngineError, Pair, Snapshot};
use super::merge::over;
use crate::base::Error;

/// What a reader sees, topmost layer first.
pub(super) struct Layers<'a> {
    pub command: Option<&'a Batch>,
    pub batch: Option<&'a Batch>,
    pub snapshot: &'a dyn Snapshot,
}

impl<'a> Layers<'a> {
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        for layer in [self.command, self.batch].into_iter().flatten() {
            if let Some(change) = layer.get(key) {
                return Ok(change.clone());
            }
        }
        self.snapshot.get(key).map_err(failed)
    }

    /// Shows the value at `key` where it lies.
    pub fn look(&self, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, Error> {
        for layer in [self.command, self.batch].into_iter().flatten() {
            if let Some(change) = layer.get(key) {
                return Ok(change.as_deref().map(see).is_some());
            }
        }
        self.snapshot.look(key, see).map_err(failed)
    }

    pub fn range(
        &self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
    ) -> Result<Box<dyn Iterator<Item = Result<Pair, Error>> + 'a>, Error> {
        // The snapshot's iterator borrows the snapshot, which lives as long as the layers do.
        let snapshot: &'a dyn Snapshot = self.snapshot;
        let pairs = snapshot.range(start, end, reverse).map_err(failed)?;
        let layers = [self.batch, self.command].into_iter().flatten();
        Ok(Box::new(over(pairs, layers, start, end, reverse).map(|pair| pair.map_err(failed))))
    }
}

pub(super) fn failed(error: EngineError) -> Error {
    Error::internal(error)
}
