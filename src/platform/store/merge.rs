//! Changes laid over ordered pairs.

use super::engine::{Batch, EngineError, Pairs};
use std::{iter::Peekable, ops::Bound};

type Change = Result<(Vec<u8>, Option<Vec<u8>>), EngineError>;

/// `pairs`, which are those with `start <= key < end`, as they are after the changes of `layers`, lowest first.
pub(super) fn over<'a>(
    pairs: Pairs<'a>,
    layers: impl IntoIterator<Item = &'a Batch>,
    start: &[u8],
    end: &[u8],
    reverse: bool,
) -> Pairs<'a> {
    if start >= end {
        return pairs;
    }
    let within = (Bound::Included(start), Bound::Excluded(end));
    // Most layers have nothing to say about most ranges.
    let mut telling = layers.into_iter().filter(|layer| layer.range::<[u8], _>(within).next().is_some()).peekable();
    if telling.peek().is_none() {
        return pairs;
    }
    let mut merged: Box<dyn Iterator<Item = Change> + 'a> = Box::new(pairs.map(|pair| pair.map(|(k, v)| (k, Some(v)))));
    for layer in telling {
        let changes = layer.range::<[u8], _>(within).map(|(k, v)| Ok((k.clone(), v.clone())));
        let top: Box<dyn Iterator<Item = Change> + 'a> = if reverse { Box::new(changes.rev()) } else { Box::new(changes) };
        merged = Box::new(Merge { top: top.peekable(), bottom: merged.peekable(), reverse });
    }
    Box::new(merged.filter_map(|change| match change {
        Ok((key, Some(value))) => Some(Ok((key, value))),
        Ok((_, None)) => None,
        Err(e) => Some(Err(e)),
    }))
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
