//! Building an index from the records, beside whatever stands.

use super::{
    folder::{self, Place, Trouble},
    indexer::{Shared, writer},
};
use std::path::PathBuf;

/// Documents read from one snapshot of the store; a snapshot held long would keep its pages from being reused.
const SLICE_DOCUMENTS_MAX: usize = 512;

/// Walks all records of all tenants into a new folder. What happens meanwhile is followed up from the journal, for
/// the place it notes is the journal's head before the walk began.
pub fn build(shared: &Shared) -> Result<PathBuf, Trouble> {
    let place = Place { seq: shared.store.head(), epoch: shared.store.epoch(), complete: true };
    let folder = folder::create(&shared.root, place.clone())?;
    let mut writer = writer(&folder)?;
    let mut documents = 0u64;
    for tenant in shared.store.tenants() {
        for extractor in &shared.extractors {
            let mut after = None;
            loop {
                if shared.is_stopping() {
                    return Err(Trouble::Wait("stopped while building the search index".into()));
                }
                let slice = shared.store.view(tenant, |view| extractor.rebuild(view, after.take(), SLICE_DOCUMENTS_MAX));
                let (slice, next) = slice.map_err(|e| Trouble::Wait(e.to_string()))?;
                documents += slice.len() as u64;
                for doc in &slice {
                    writer.add_document(folder.fields.document(tenant, doc))?;
                }
                match next {
                    Some(cursor) => after = Some(cursor),
                    None => break,
                }
            }
        }
    }
    let mut commit = writer.prepare_commit()?;
    commit.set_payload(&serde_json::to_string(&place).map_err(|e| Trouble::Wait(e.to_string()))?);
    commit.commit()?;
    writer.wait_merging_threads()?;
    tracing::info!(documents, "the search index was built anew");
    Ok(folder.path)
}
