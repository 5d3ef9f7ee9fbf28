//! Changes that are not committed yet: few, in memory, looked through one by one.

use super::{
    analyse::{codes, reversed, words},
    document::{DocChange, Document},
    parse::Clause,
    schema::Filter,
};
use crate::base::TenantId;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// Documents kept for looking through; the rest of a flood is found a second later, after the commit.
const TAIL_DOCUMENTS_MAX: usize = 4_096;

/// A document with its words cut.
#[derive(Debug)]
pub struct Fresh {
    pub tenant: TenantId,
    pub doc: Document,
    words: Vec<String>,
    codes: Vec<String>,
}

/// What changed since the last commit, by id; `None`: removed.
#[derive(Debug, Clone, Default)]
pub struct Tail(HashMap<Uuid, Option<Arc<Fresh>>>);

impl Tail {
    pub fn take(&mut self, tenant: TenantId, change: &DocChange) {
        match change {
            DocChange::Remove(id) => {
                self.0.insert(*id, None);
            }
            DocChange::Add(doc) | DocChange::Put(doc) if self.0.len() < TAIL_DOCUMENTS_MAX || self.0.contains_key(&doc.id) => {
                let words = words(&doc.text).map(|word| word.text).collect();
                let codes = codes(&doc.text).iter().map(|code| reversed(&code.text)).collect();
                self.0.insert(doc.id, Some(Arc::new(Fresh { tenant, doc: doc.clone(), words, codes })));
            }
            DocChange::Add(_) | DocChange::Put(_) => {}
        }
    }

    /// Does the tail know better than the index what stands under this id?
    pub fn covers(&self, id: &Uuid) -> bool {
        self.0.contains_key(id)
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Documents that hold all of `clauses`, newest first.
    pub fn matches(&self, tenant: TenantId, filter: &Filter, clauses: &[Clause]) -> Vec<Arc<Fresh>> {
        let fits = |fresh: &&Arc<Fresh>| {
            let (doc, same) = (&fresh.doc, |asked: Option<Uuid>, is: Option<Uuid>| asked.is_none() || asked == is);
            fresh.tenant == tenant
                && filter.kinds.contains(&doc.kind)
                && same(filter.conversation, doc.conversation)
                && (filter.contacts.is_empty() || doc.contact.is_some_and(|contact| filter.contacts.contains(&contact)))
                && same(filter.channel, doc.channel)
                && filter.labels.iter().all(|label| doc.labels.iter().any(|l| l == label))
                && clauses.iter().all(|clause| holds(fresh, clause))
        };
        let mut found: Vec<_> = self.0.values().flatten().filter(fits).cloned().collect();
        found.sort_unstable_by_key(|fresh| std::cmp::Reverse((fresh.doc.at, fresh.doc.id)));
        found
    }
}

fn holds(fresh: &Fresh, clause: &Clause) -> bool {
    match clause {
        Clause::Code(code) => fresh.codes.iter().any(|known| known.starts_with(code.as_str())),
        Clause::All(each) => each.iter().all(|clause| holds(fresh, clause)),
        Clause::Any(each) => each.iter().any(|clause| holds(fresh, clause)),
        Clause::Words { words, prefix } => fresh.words.windows(words.len()).any(|row| {
            let last = words.len() - 1;
            row[..last] == words[..last] && if *prefix { row[last].starts_with(&words[last]) } else { row[last] == words[last] }
        }),
    }
}
