//! What can be found, and how rooms hand it over.

use crate::{
    base::{Result, Timestamp},
    platform::{
        journal::Event,
        store::{KeyRange, Read, Record, TenantScope, View},
    },
};
use std::borrow::Cow;
use uuid::Uuid;

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocKind {
    /// A message or note.
    Message = 1,
    /// A contact.
    Contact = 2,
    /// A conversation.
    Conversation = 3,
}

impl DocKind {
    pub(super) fn from_number(number: u64) -> Option<Self> {
        [DocKind::Message, DocKind::Contact, DocKind::Conversation].into_iter().find(|kind| *kind as u64 == number)
    }
}

/// Something to be found. Only facts that never change while the text stands; a change puts the document anew.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is.
    pub kind: DocKind,
    /// The record's id; one document per id.
    pub id: Uuid,
    /// Its place among the newest.
    pub at: Timestamp,
    /// The conversation it lies in.
    pub conversation: Option<Uuid>,
    /// Whom it concerns.
    pub contact: Option<Uuid>,
    /// The channel it came or went through.
    pub channel: Option<Uuid>,
    /// Words one may filter by, each with its subject: `direction:INBOUND`, `type:IMAGE`.
    pub labels: Vec<Cow<'static, str>>,
    /// What it says. Indexed, never stored.
    pub text: String,
}

/// A change of the index.
#[derive(Debug, Clone)]
pub enum DocChange {
    /// It is new: unless the event was followed before, nothing stands under its id.
    Add(Document),
    /// This is how it reads now.
    Put(Document),
    /// Nothing is to be found under this id any more.
    Remove(Uuid),
}

/// Turns a room's records into documents; handed over in `app.rs`.
pub trait Extractor: Send + Sync + 'static {
    /// Do events of this kind change what can be found?
    fn wants(&self, kind: &str) -> bool;
    /// What the event changes, read from the records as they are now. Asked again for the same event after a
    /// crash, and must then say the same or newer.
    fn documents(&self, view: &View, event: &Event) -> Result<Vec<DocChange>>;
    /// Up to `max` documents of a tenant behind the cursor `after`, and the cursor to go on with; `None`: done.
    fn rebuild(&self, view: &View, after: Option<Vec<u8>>, max: usize) -> Result<(Vec<Document>, Option<Vec<u8>>)>;
}

/// What [`Extractor::rebuild`] gives of one table, record by record.
///
/// # Errors
/// As the store's, and what `document` refuses.
pub fn slice_of<R: Record<Scope = TenantScope>, D: Into<Option<Document>>>(
    view: &View,
    after: Option<Vec<u8>>,
    max: usize,
    mut document: impl FnMut(&R) -> Result<D>,
) -> Result<(Vec<Document>, Option<Vec<u8>>)> {
    let (mut documents, mut last) = (Vec::with_capacity(max), None);
    for row in view.all::<R>(KeyRange::all().after(after))?.take(max) {
        let (record, at) = row?;
        documents.extend(document(&record)?.into());
        last = Some(at);
    }
    Ok((documents, last))
}
