//! Reading through layers: a command's own changes over its batch's over the snapshot.

use super::engine::{Batch, EngineError, Pair, Snapshot};
use crate::base::Error;
use std::iter::Peekable;

/// What a reader sees, topmost layer first.
pub(super) struct Layers<'a> {
    pub command: Option<&'a Batch>,
    pub batch: Option<&'a Batch>,
    pub snapshot: &'a dyn Snapshot,
}

type Change = Result<(Vec<u8>, Option<Vec<u8>>), EngineError>;

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
        let mut merged: Box<dyn Iterator<Item = Change> + 'a> = Box::new(pairs.map(|pair| pair.map(|(k, v)| (k, Some(v)))));
        for layer in [self.batch, self.command].into_iter().flatten() {
            let changes = changes(layer, start, end, reverse);
            merged = Box::new(Merge { top: changes.peekable(), bottom: merged.peekable(), reverse });
        }
        Ok(Box::new(merged.filter_map(|change| match change {
            Ok((key, Some(value))) => Some(Ok((key, value))),
            Ok((_, None)) => None,
            Err(e) => Some(Err(failed(e))),
        })))
    }
}

pub(super) fn failed(error: EngineError) -> Error {
    Error::internal(error)
}

fn changes<'a>(layer: &'a Batch, start: &[u8], end: &[u8], reverse: bool) -> Box<dyn Iterator<Item = Change> + 'a> {
    if start >= end {
        return Box::new(std::iter::empty());
    }
    let range = layer.range(start.to_vec()..end.to_vec()).map(|(k, v)| Ok((k.clone(), v.clone())));
    if reverse { Box::new(range.rev()) } else { Box::new(range) }
}

/// Two walks in the same direction as one; where both have a key, the top one counts.
struct Merge<'a> {
    top: Peekable<Box<dyn Iterator<Item = Change> + 'a>>,
    bottom: Peekable<Box<dyn Iterator<Item = Change> + 'a>>,
    reverse: bool,
}

impl Iterator for Merge<'_> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let order = match (self.top.peek(), self.bottom.peek()) {
            (None, None) => return None,
            (Some(_), None) | (Some(Err(_)), _) => Less,
            (None, Some(_)) | (_, Some(Err(_))) => Greater,
            (Some(Ok((top, _))), Some(Ok((bottom, _)))) => {
                if self.reverse {
                    bottom.cmp(top)
                } else {
                    top.cmp(bottom)
                }
            }
        };
        match order {
            Less => self.top.next(),
            Greater => self.bottom.next(),
            Equal => {
                self.bottom.next();
                self.top.next()
            }
        }
    }
}
