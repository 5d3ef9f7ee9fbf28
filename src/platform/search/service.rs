//! The search service: queries, and the handle to the thread that keeps the index.

use super::{
    document::{DocKind, Extractor},
    indexer::{Indexer, Shared},
    parse::{Clause, parse},
    schema::Filter,
    snapshot::Snapshot,
    tail::Tail,
};
use crate::{
    base::{ChannelId, ContactId, ConversationId, Error, Result, TenantId, Timestamp},
    platform::store::Store,
};
use parking_lot::Mutex;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// Hits on one page, at most.
const PAGE_HITS_MAX: usize = 200;
/// So many pages of hits are looked at to fill one page for somebody who may see few of them.
const LOOK_PAGES_MAX: usize = 20;
/// Hits looked at for one page while there is nothing to show yet: a page without a hit has no cursor.
const LOOK_HITS_MAX: usize = 20_000;
/// Best-first pages end here: nobody reads further, and each costs all before it.
const BEST_HITS_MAX: usize = 2_000;

/// What the service is made of.
pub struct SearchParts {
    /// Where events and records are read.
    pub store: Store,
    /// The folder `search` of the data folder.
    pub folder: PathBuf,
    /// How rooms' records read.
    pub extractors: Vec<Box<dyn Extractor>>,
}

/// In which order hits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Best match first.
    Relevance,
}

/// What to find.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// As typed: words, the last one as a beginning; `"phrases"`; numbers by their ends.
    pub text: String,
    /// Kinds of documents; none named: all.
    pub kinds: Vec<DocKind>,
    /// Only in this conversation.
    pub conversation: Option<ConversationId>,
    /// Only concerning one of these contacts; none named: whomever.
    pub contacts: Vec<ContactId>,
    /// Only through this channel.
    pub channel: Option<ChannelId>,
    /// Only with all of these labels, e.g. `direction:INBOUND`.
    pub labels: Vec<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
    /// In which order.
    pub order: Order,
    /// Hits on a page; 0: 20.
    pub limit: usize,
    /// The cursor of the page before.
    pub after: Option<Vec<u8>>,
}

/// A document found. What it says is read from its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub kind: DocKind,
    /// The record's id.
    pub id: Uuid,
    /// Its time.
    pub at: Timestamp,
}

/// A page of hits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Those the caller may see, in order.
    pub hits: Vec<Hit>,
    /// To go on with; none: that was all. A page may be short and yet go on, for who may see few.
    pub next: Option<Vec<u8>>,
}

/// A handle to the search service; clones share it.
#[derive(Clone)]
pub struct Search {
    shared: Arc<Shared>,
    keeper: Arc<Keeper>,
}

/// Ends the thread with the last handle.
struct Keeper {
    shared: Arc<Shared>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}
impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.ring(|asked| asked.stop = true);
    }
}

impl Search {
    /// Starts the thread that keeps the index. Queries are answered as soon as an index is open.
    ///
    /// # Errors
    /// `Internal` where no thread can be started.
    pub fn start(parts: SearchParts) -> Result<Self> {
        let shared = Arc::new(Shared::new(parts));
        let indexer = Indexer::new(shared.clone());
        let thread = std::thread::Builder::new().name("farol-search".into()).spawn(move || indexer.run());
        let thread = thread.map_err(|e| Error::internal(format!("start the search thread: {e}")))?;
        // The thread waits on a plain signal; this task rings it when the journal grows.
        let (bell, mut head) = (Arc::downgrade(&shared), shared.store.watch_head());
        tokio::spawn(async move {
            while head.changed().await.is_ok() {
                let Some(shared) = bell.upgrade() else { return };
                shared.ring(|asked| asked.moved = true);
            }
        });
        let keeper = Arc::new(Keeper { shared: shared.clone(), thread: Mutex::new(Some(thread)) });
        Ok(Self { shared, keeper })
    }

    /// Commits what is pending and ends the thread. Queries go on being answered from what is open.
    pub fn stop(&self) {
        self.shared.ring(|asked| asked.stop = true);
        if let Some(thread) = self.keeper.thread.lock().take() {
            // A thread that panicked has said so in the log.
            let _ = thread.join();
        }
    }
    /// Builds the index anew from the records, beside the present one, which answers until then.
    pub fn rebuild(&self) {
        self.shared.ring(|asked| asked.rebuild = true);
    }
    /// Every event up to here can be found.
    pub fn position(&self) -> u64 {
        self.shared.position()
    }
    /// Documents in the committed index, and pieces it is made of; none while no index is open.
    pub fn size(&self) -> Option<(u64, usize)> {
        self.shared.visible().0.map(|snapshot| (snapshot.documents(), snapshot.segments()))
    }
    /// Is an index being built?
    pub fn is_rebuilding(&self) -> bool {
        self.shared.is_rebuilding()
    }
    /// Why the index does not move, if it does not.
    pub fn trouble(&self) -> Option<String> {
        self.shared.trouble()
    }
    #[cfg(test)]
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }
    /// Waits until every event up to `seq` can be found and no rebuild is under way; `false` where `patience` ends first.
    pub async fn reached(&self, seq: u64, patience: Duration) -> bool {
        let waiting = async {
            while self.position() < seq || self.is_rebuilding() || self.size().is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(patience, waiting).await.is_ok()
    }

    /// One page of what `query` finds in a tenant, as far as `visible` lets it through. Takes a fraction of a
    /// millisecond for most, some milliseconds for the worst; never waits for the writer. `visible` is asked about
    /// more than the page holds: what was shown before, and whether anything comes after.
    ///
    /// # Errors
    /// `Unavailable` while no index is open; `Invalid` for a cursor that is none of ours; what `visible` says.
    pub fn query(&self, tenant: TenantId, query: &Query, mut visible: impl FnMut(&Hit) -> Result<bool>) -> Result<Page> {
        let clauses = parse(&query.text);
        if clauses.is_empty() {
            return Ok(Page::default());
        }
        let (snapshot, tail) = self.shared.visible();
        let snapshot = snapshot.ok_or_else(|| Error::unavailable("the search index is not open yet"))?;
        let asked = Asked::new(tenant, query, &clauses);
        // A caller's mistake is the caller's: it says nothing about the index.
        let visible = |hit: &Hit| {
            catch_unwind(AssertUnwindSafe(|| visible(hit)))
                .unwrap_or_else(|_| Err(Error::internal("whether a hit may be shown could not be said: it panicked")))
        };
        let found = catch_unwind(AssertUnwindSafe(|| match query.order {
            Order::Newest => asked.newest(&snapshot, &tail, visible),
            Order::Relevance => asked.best(&snapshot, &tail, visible),
        }));
        found.unwrap_or_else(|_| {
            // A file that changed under us makes the library stumble; the records are whole, so build anew.
            self.rebuild();
            Err(Error::unavailable("the search index is damaged and is being built anew"))
        })
    }
}

struct Asked<'a> {
    tenant: TenantId,
    filter: Filter,
    clauses: &'a [Clause],
    from: Timestamp,
    until: Timestamp,
    limit: usize,
    after: Option<&'a [u8]>,
}

fn broken(error: tantivy::TantivyError) -> Error {
    Error::internal(format!("read the search index: {error}"))
}

fn bad_cursor() -> Error {
    Error::invalid("cursor", "format", "give the nextCursor of the page before")
}

impl<'a> Asked<'a> {
    fn new(tenant: TenantId, query: &'a Query, clauses: &'a [Clause]) -> Self {
        let all = [DocKind::Message, DocKind::Contact, DocKind::Conversation];
        let filter = Filter {
            kinds: if query.kinds.is_empty() { all.to_vec() } else { query.kinds.clone() },
            conversation: query.conversation.map(Into::into),
            contacts: query.contacts.iter().map(|id| (*id).into()).collect(),
            channel: query.channel.map(Into::into),
            labels: query.labels.clone(),
        };
        Self {
            tenant,
            filter,
            clauses,
            from: query.from.unwrap_or(Timestamp(i64::MIN)),
            until: query.until.unwrap_or(Timestamp::FAR_FUTURE),
            limit: if query.limit == 0 { 20 } else { query.limit.min(PAGE_HITS_MAX) },
            after: query.after.as_deref(),
        }
    }

    /// Hits of the tail within the time asked for, newest first.
    fn fresh(&self, tail: &Tail) -> Vec<Hit> {
        let found = tail.matches(self.tenant, &self.filter, self.clauses);
        let hits = found.iter().map(|fresh| Hit { kind: fresh.doc.kind, id: fresh.doc.id, at: fresh.doc.at });
        hits.filter(|hit| (self.from..=self.until).contains(&hit.at)).collect()
    }

    fn newest(&self, snapshot: &Snapshot, tail: &Tail, mut visible: impl FnMut(&Hit) -> Result<bool>) -> Result<Page> {
        let behind = self.after.map(|cursor| read_place(cursor).ok_or_else(bad_cursor)).transpose()?;
        let until = behind.map_or(self.until, |(at, _)| at.min(self.until));
        let sealed = snapshot.newest(self.tenant, &self.filter, self.clauses, self.from, until).map_err(broken)?;
        let mut sealed = sealed.filter(|hit| !tail.covers(&hit.id)).peekable();
        let mut fresh = self.fresh(tail).into_iter().peekable();
        let mut merged = std::iter::from_fn(|| match (fresh.peek(), sealed.peek()) {
            (Some(f), Some(s)) if (f.at, f.id) < (s.at, s.id) => sealed.next(),
            (Some(_), _) => fresh.next(),
            (None, _) => sealed.next(),
        })
        .filter(|hit| behind.is_none_or(|behind| (hit.at, hit.id) < behind))
        .peekable();
        let mut page = Page::default();
        let (mut looked, mut more) = (0, false);
        while let Some(hit) = merged.next() {
            looked += 1;
            if visible(&hit)? {
                if page.hits.len() == self.limit {
                    more = true;
                    break;
                }
                page.hits.push(hit);
            }
            let enough = looked >= self.limit * LOOK_PAGES_MAX && !page.hits.is_empty();
            if enough || looked >= LOOK_HITS_MAX {
                more = merged.peek().is_some();
                break;
            }
        }
        // A cursor names the last hit that was shown: whoever may not read a hit must not learn of it by the
        // place it would have.
        page.next = page.hits.last().filter(|_| more).map(write_place);
        Ok(page)
    }

    fn best(&self, snapshot: &Snapshot, tail: &Tail, mut visible: impl FnMut(&Hit) -> Result<bool>) -> Result<Page> {
        // A page ends among the fresh ones (a place in time) or among the scored ones: how many were shown, not
        // where they stand among those that may not be.
        let (skip, behind) = match self.after {
            None => (0, None),
            Some(cursor) => match <[u8; 4]>::try_from(cursor) {
                Ok(shown) => (u32::from_be_bytes(shown) as usize, None),
                Err(_) => (0, Some(read_place(cursor).ok_or_else(bad_cursor)?)),
            },
        };
        let mut page = Page::default();
        if self.after.is_none() || behind.is_some() {
            // What was written this second has no score yet; it goes before all, once.
            let fresh = self.fresh(tail).into_iter().filter(|hit| behind.is_none_or(|behind| (hit.at, hit.id) < behind));
            for hit in fresh {
                if !visible(&hit)? {
                    continue;
                }
                if page.hits.len() == self.limit {
                    page.next = page.hits.last().map(write_place);
                    return Ok(page);
                }
                page.hits.push(hit);
            }
        }
        let times = (self.from, self.until);
        let found = snapshot.best(self.tenant, &self.filter, self.clauses, times, BEST_HITS_MAX).map_err(broken)?;
        let mut seen = 0;
        for hit in found {
            if tail.covers(&hit.id) || !visible(&hit)? {
                continue;
            }
            seen += 1;
            // One that was fresh on the page before and is scored by now was shown already.
            let shown = behind.is_some_and(|behind| (hit.at, hit.id) >= behind);
            if seen <= skip || shown {
                continue;
            }
            if page.hits.len() == self.limit {
                page.next = Some((seen as u32 - 1).to_be_bytes().to_vec());
                return Ok(page);
            }
            page.hits.push(hit);
        }
        Ok(page)
    }
}

fn write_place(hit: &Hit) -> Vec<u8> {
    [&hit.at.as_millis().to_be_bytes()[..], hit.id.as_bytes()].concat()
}
fn read_place(cursor: &[u8]) -> Option<(Timestamp, Uuid)> {
    let (at, id) = cursor.split_at_checked(8)?;
    Some((Timestamp(i64::from_be_bytes(at.try_into().ok()?)), Uuid::from_slice(id).ok()?))
}
