//! The sealed part of the index at one moment: pages of hits, newest first or best first.

use super::{
    document::DocKind,
    parse::Clause,
    schema::{AT, Fields, Filter, ID_HIGH, ID_LOW, KIND},
    service::Hit,
};
use crate::base::{TenantId, Timestamp};
use std::{
    cmp::{Ordering, Reverse},
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
};
use tantivy::{
    DocId, DocSet, Score, Searcher, TERMINATED,
    columnar::ColumnValues,
    query::{EnableScoring, Scorer},
};
use uuid::Uuid;

/// Opening a column costs 50 µs, a query less: they are opened once per snapshot.
struct Columns {
    at: Arc<dyn ColumnValues<i64>>,
    id_high: Arc<dyn ColumnValues<u64>>,
    id_low: Arc<dyn ColumnValues<u64>>,
    kind: Arc<dyn ColumnValues<u64>>,
}

/// An unmoving view of the index.
pub struct Snapshot {
    searcher: Searcher,
    columns: Vec<Columns>,
    fields: Fields,
}

impl Snapshot {
    pub fn new(searcher: Searcher, fields: Fields) -> tantivy::Result<Self> {
        let open = |segment: &tantivy::SegmentReader| {
            let fast = segment.fast_fields();
            Ok(Columns {
                at: fast.i64(AT)?.first_or_default_col(0),
                id_high: fast.u64(ID_HIGH)?.first_or_default_col(0),
                id_low: fast.u64(ID_LOW)?.first_or_default_col(0),
                kind: fast.u64(KIND)?.first_or_default_col(0),
            })
        };
        let columns = searcher.segment_readers().iter().map(open).collect::<tantivy::Result<_>>()?;
        Ok(Self { searcher, columns, fields })
    }

    /// Documents in it.
    pub fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }
    /// Pieces it is made of.
    pub fn segments(&self) -> usize {
        self.columns.len()
    }

    /// A walk over the hits at or before `until`, newest first.
    pub fn newest(
        &self,
        tenant: TenantId,
        filter: &Filter,
        clauses: &[Clause],
        from: Timestamp,
        until: Timestamp,
    ) -> tantivy::Result<Newest<'_>> {
        let query = self.fields.query(tenant, filter, clauses, false);
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        let mut segments = Vec::with_capacity(self.columns.len());
        for (reader, columns) in self.searcher.segment_readers().iter().zip(&self.columns) {
            // Times fall from the first document to the last.
            let start = first_at_or_before(columns.at.as_ref(), reader.max_doc(), until.as_millis());
            let mut scorer = weight.scorer(reader, 1.0)?;
            if scorer.doc() < start {
                scorer.seek(start);
            }
            let mut segment = Segment { scorer, reader, columns, from, same_time: VecDeque::new() };
            segment.fill();
            segments.push(segment);
        }
        Ok(Newest { segments })
    }

    /// The best `most` of the newest hits within the times, best first and of equals the newest first.
    ///
    /// Scored are the [`SCORED_MAX`] newest, shared out among the segments by their size: what a hit of years ago might
    /// score is not worth reading every document that holds two frequent words.
    pub fn best(
        &self,
        tenant: TenantId,
        filter: &Filter,
        clauses: &[Clause],
        (from, until): (Timestamp, Timestamp),
        most: usize,
    ) -> tantivy::Result<impl Iterator<Item = Hit>> {
        let query = self.fields.query(tenant, filter, clauses, true);
        let weight = query.weight(EnableScoring::enabled_from_searcher(&self.searcher))?;
        let documents = self.searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum::<u64>().max(1);
        let mut best = BinaryHeap::with_capacity(most + 1);
        for (ordinal, (reader, columns)) in self.searcher.segment_readers().iter().zip(&self.columns).enumerate() {
            let start = first_at_or_before(columns.at.as_ref(), reader.max_doc(), until.as_millis());
            let mut scorer = weight.scorer(reader, 1.0)?;
            if scorer.doc() < start {
                scorer.seek(start);
            }
            let mut left = (SCORED_MAX * u64::from(reader.max_doc()) / documents).max(SCORED_LEAST);
            while scorer.doc() != TERMINATED && left > 0 {
                let doc = scorer.doc();
                if !reader.is_deleted(doc) {
                    left -= 1;
                    let score = scorer.score();
                    let is_full = best.len() == most;
                    if !is_full || best.peek().is_none_or(|Reverse(worst): &Reverse<Scored>| score >= worst.score) {
                        let at = columns.at.get_val(doc);
                        if at < from.as_millis() {
                            break;
                        }
                        best.push(Reverse(Scored { score, at, place: Reverse((ordinal, doc)) }));
                        if is_full {
                            best.pop();
                        }
                    }
                }
                scorer.advance();
            }
        }
        let sorted = best.into_sorted_vec().into_iter();
        Ok(sorted.filter_map(|Reverse(Scored { place: Reverse((ordinal, doc)), .. })| self.columns[ordinal].hit(doc)))
    }
}

/// So many hits of a query are scored at most, but for those of small segments.
const SCORED_MAX: u64 = 20_000;
/// So many of each segment are, however small: the newest messages stand in the smallest.
const SCORED_LEAST: u64 = 1_000;

/// A hit and what it is worth.
struct Scored {
    score: Score,
    at: i64,
    /// Segment and document.
    place: Reverse<(usize, DocId)>,
}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| self.at.cmp(&other.at)).then_with(|| self.place.cmp(&other.place))
    }
}
impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Scored {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Scored {}

impl Columns {
    fn hit(&self, doc: DocId) -> Option<Hit> {
        let id = Uuid::from_u64_pair(self.id_high.get_val(doc), self.id_low.get_val(doc));
        Some(Hit { kind: DocKind::from_number(self.kind.get_val(doc))?, id, at: Timestamp(self.at.get_val(doc)) })
    }
}

fn first_at_or_before(times: &dyn ColumnValues<i64>, documents: u32, until: i64) -> DocId {
    let (mut low, mut high) = (0, documents);
    while low < high {
        let middle = low + (high - low) / 2;
        if times.get_val(middle) > until {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

struct Segment<'a> {
    scorer: Box<dyn Scorer>,
    reader: &'a tantivy::SegmentReader,
    columns: &'a Columns,
    from: Timestamp,
    /// Hits of one moment, by falling id: segments know no order among them, cursors need one.
    same_time: VecDeque<Hit>,
}

impl Segment<'_> {
    fn fill(&mut self) {
        while self.scorer.doc() != TERMINATED {
            let doc = self.scorer.doc();
            let at = self.columns.at.get_val(doc);
            if at < self.from.as_millis() || self.same_time.front().is_some_and(|hit| hit.at.as_millis() != at) {
                break;
            }
            if !self.reader.is_deleted(doc) {
                self.same_time.extend(self.columns.hit(doc));
            }
            self.scorer.advance();
        }
        if self.same_time.len() > 1 {
            self.same_time.make_contiguous().sort_unstable_by_key(|hit| Reverse(hit.id));
        }
    }
}

/// Hits newest first, over all segments, read only as far as asked.
pub struct Newest<'a> {
    segments: Vec<Segment<'a>>,
}

impl Iterator for Newest<'_> {
    type Item = Hit;
    fn next(&mut self) -> Option<Hit> {
        let key = |segment: &&mut Segment<'_>| segment.same_time.front().map(|hit| (hit.at, hit.id));
        let newest = self.segments.iter_mut().filter(|segment| !segment.same_time.is_empty()).max_by_key(key)?;
        let hit = newest.same_time.pop_front();
        if newest.same_time.is_empty() {
            newest.fill();
        }
        hit
    }
}
