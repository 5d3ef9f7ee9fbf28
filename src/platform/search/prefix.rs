//! Documents with any word that begins so, in order and without reading more of them than are asked for.

use std::{cmp::Reverse, collections::BinaryHeap};
use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, Term,
    postings::SegmentPostings,
    query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::{Field, IndexRecordOption},
};

/// Up to so many words are walked side by side; more are put into a set of bits first.
const SIDE_BY_SIDE_MAX: usize = 512;

/// Any word of `field` that begins with `prefix`.
#[derive(Debug, Clone)]
pub struct PrefixQuery {
    field: Field,
    prefix: String,
}

impl PrefixQuery {
    pub fn new(field: Field, prefix: &str) -> Self {
        Self { field, prefix: prefix.to_owned() }
    }
}

impl Query for PrefixQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
    fn query_terms<'a>(&'a self, _: &mut dyn FnMut(&'a Term, bool)) {}
}

impl Weight for PrefixQuery {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let index = reader.inverted_index(self.field)?;
        let mut terms = index.terms().range().ge(&self.prefix).into_stream()?;
        let mut found = Vec::new();
        while terms.advance() && terms.key().starts_with(self.prefix.as_bytes()) {
            found.push(terms.value().clone());
        }
        if found.len() <= SIDE_BY_SIDE_MAX {
            let mut walks = Vec::with_capacity(found.len());
            for info in &found {
                walks.push(index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?);
            }
            return Ok(Box::new(ConstScorer::new(SideBySide::new(walks), boost)));
        }
        let mut bits = tantivy::BitSet::with_max_value(reader.max_doc());
        for info in &found {
            let mut blocks = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
            while !blocks.docs().is_empty() {
                for &doc in blocks.docs() {
                    bits.insert(doc);
                }
                blocks.advance();
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(bits), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("begins with", 1.0))
    }
}

/// Several ascending walks as one.
struct SideBySide {
    walks: Vec<SegmentPostings>,
    /// Where each walk stands, lowest document on top.
    heads: BinaryHeap<Reverse<(DocId, u32)>>,
    doc: DocId,
}

impl SideBySide {
    fn new(walks: Vec<SegmentPostings>) -> Self {
        let mut heads = BinaryHeap::with_capacity(walks.len());
        for (n, walk) in walks.iter().enumerate() {
            if walk.doc() != TERMINATED {
                heads.push(Reverse((walk.doc(), n as u32)));
            }
        }
        let doc = heads.peek().map_or(TERMINATED, |Reverse((doc, _))| *doc);
        Self { walks, heads, doc }
    }
}

impl DocSet for SideBySide {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED { TERMINATED } else { self.seek(self.doc + 1) }
    }
    fn seek(&mut self, target: DocId) -> DocId {
        while let Some(mut top) = self.heads.peek_mut() {
            let Reverse((doc, n)) = *top;
            if doc >= target {
                break;
            }
            match self.walks[n as usize].seek(target) {
                TERMINATED => {
                    std::collections::binary_heap::PeekMut::pop(top);
                }
                next => *top = Reverse((next, n)),
            }
        }
        self.doc = self.heads.peek().map_or(TERMINATED, |Reverse((doc, _))| *doc);
        self.doc
    }
    fn doc(&self) -> DocId {
        self.doc
    }
    fn size_hint(&self) -> u32 {
        self.walks.iter().map(DocSet::size_hint).fold(0, u32::saturating_add)
    }
}
