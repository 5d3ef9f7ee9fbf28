//! What the last commits told, kept in memory for those who read along, so that each need not read it back.

use parking_lot::RwLock;
use std::{any::Any, collections::VecDeque, sync::Arc};

/// So many are kept. Whoever is further behind reads the store.
const KEPT: usize = 2048;

/// Something told, and its sequence.
pub(super) type Told = (u64, Arc<dyn Any + Send + Sync>);

/// The last things told, without a gap behind `since`.
#[derive(Default)]
pub(super) struct Recent(RwLock<Kept>);

#[derive(Default)]
struct Kept {
    /// Everything told with a higher sequence is here.
    since: u64,
    ring: VecDeque<Told>,
}

impl Recent {
    /// Nothing yet, in a store whose last sequence is `since`.
    pub fn new(since: u64) -> Self {
        Self(RwLock::new(Kept { since, ring: VecDeque::new() }))
    }

    /// Adds what a durable commit told, in order, and lets go of what it removed, up to `forgotten`.
    pub fn add(&self, told: Vec<Told>, forgotten: u64) {
        if told.is_empty() && forgotten == 0 {
            return;
        }
        let mut kept = self.0.write();
        kept.ring.extend(told);
        let gone = kept.ring.partition_point(|(seq, _)| *seq <= forgotten);
        let beyond = kept.ring.len().saturating_sub(KEPT).max(gone);
        let last = kept.ring.drain(..beyond).next_back().map(|(seq, _)| seq);
        kept.since = last.unwrap_or(kept.since);
    }

    /// Up to `max` behind `after`, in order; `None` where some of it may no longer be here.
    pub fn after(&self, after: u64, max: usize) -> Option<Vec<Arc<dyn Any + Send + Sync>>> {
        let kept = self.0.read();
        (after >= kept.since).then(|| {
            let from = kept.ring.partition_point(|(seq, _)| *seq <= after);
            kept.ring.range(from..).take(max).map(|(_, what)| what.clone()).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(seqs: impl Iterator<Item = u64>) -> Vec<Told> {
        seqs.map(|seq| (seq, Arc::new(seq) as Arc<dyn Any + Send + Sync>)).collect()
    }
    fn read(recent: &Recent, after: u64, max: usize) -> Option<Vec<u64>> {
        let found = recent.after(after, max)?;
        Some(found.iter().map(|what| *what.downcast_ref::<u64>().unwrap()).collect())
    }

    #[test]
    fn it_answers_only_where_it_has_everything() {
        let recent = Recent::new(10);
        assert_eq!(read(&recent, 9, 5), None);
        assert_eq!(read(&recent, 10, 5), Some(vec![]));
        // Sequences that a past used up leave holes.
        recent.add(told([11, 12, 15].into_iter()), 0);
        assert_eq!(read(&recent, 10, 2), Some(vec![11, 12]));
        assert_eq!(read(&recent, 12, 5), Some(vec![15]));
        assert_eq!(read(&recent, 13, 5), Some(vec![15]));
        recent.add(told(16..16 + KEPT as u64), 0);
        assert_eq!(read(&recent, 14, 5), None);
        assert_eq!(read(&recent, 15, 2), Some(vec![16, 17]));
        assert_eq!(read(&recent, 15 + KEPT as u64, 2), Some(vec![]));
        recent.add(Vec::new(), 20);
        assert_eq!(read(&recent, 19, 2), None);
        assert_eq!(read(&recent, 20, 2), Some(vec![21, 22]));
    }
}
