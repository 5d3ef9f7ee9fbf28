//! Search: finds messages, contacts and conversations by what they say.
//!
//! The index is never the truth. It is built from records, follows the journal behind a cursor that rides
//! in its own commits, and is rebuilt beside the old one when it is missing, damaged, of another schema or
//! of another store. It holds immutable facts and folded words, no text: what a page shows is read from the
//! record, so what is erased or hidden there can't be found here.
//!
//! Words are cut by Unicode, lower-cased, accents folded; no stop words, no stemming. All words must match,
//! the last one as a prefix, "quoted ones" as a phrase. Numbers are found by their ends, however written.
//! Newest first: segments are sorted by time, so a page costs a page, whatever the history.
//!
//! Rights: the tenant is part of every query; narrower rights are the caller's predicate, asked hit by hit.
//! Deliberately absent: totals (they would count what one may not see) and locks between reader and writer.

mod analyse;
mod document;
mod folder;
mod indexer;
mod parse;
mod prefix;
mod rebuild;
mod schema;
mod service;
mod snapshot;
mod snippet;
mod tail;
#[cfg(test)]
mod tests;

pub use document::{DocChange, DocKind, Document, Extractor, slice_of};
pub use service::{Hit, Order, Page, Query, Search, SearchParts};
pub use snippet::{Snippet, snippet};
