//! How contacts are found by the full-text search.

use super::model::{CONTACT_CREATED, CONTACT_MERGED, CONTACT_UNMERGED, CONTACT_UPDATED, Contact};
use crate::{
    base::{ContactId, Result},
    platform::{
        journal::Event,
        search::{DocChange, DocKind, Document, Extractor, slice_of},
        store::{Read, View},
    },
};

/// Names and addresses of contacts.
#[derive(Debug, Default)]
pub struct ContactWords;

impl Extractor for ContactWords {
    fn wants(&self, kind: &str) -> bool {
        matches!(kind, CONTACT_CREATED | CONTACT_UPDATED | CONTACT_MERGED | CONTACT_UNMERGED)
    }

    fn documents(&self, view: &View, event: &Event) -> Result<Vec<DocChange>> {
        // Who became part of another is found by the other, which holds all addresses.
        let contact = view.get::<Contact>(&ContactId(event.subject))?.filter(|contact| !contact.is_part());
        Ok(vec![contact.as_ref().map_or(DocChange::Remove(event.subject), |contact| DocChange::Put(document(contact)))])
    }

    fn rebuild(&self, view: &View, after: Option<Vec<u8>>, max: usize) -> Result<(Vec<Document>, Option<Vec<u8>>)> {
        slice_of(view, after, max, |contact: &Contact| Ok((!contact.is_part()).then(|| document(contact))))
    }
}

fn document(contact: &Contact) -> Document {
    let names = [Some(contact.name.as_str()), contact.pushname.as_deref()];
    let addresses = contact.identities.iter().filter(|identity| identity.is_current()).map(|identity| identity.value.as_str());
    // A line each, so that no phrase runs from one into the next by looking alike.
    let text = names.into_iter().flatten().chain(addresses).collect::<Vec<_>>().join("\n");
    Document {
        kind: DocKind::Contact,
        id: contact.id.into(),
        at: contact.created_at,
        conversation: None,
        contact: Some(contact.id.into()),
        channel: None,
        labels: Vec::new(),
        text,
    }
}
