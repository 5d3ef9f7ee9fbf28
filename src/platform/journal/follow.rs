//! Followers: they read the journal and build what can be rebuilt (the search index, frames, buckets).
//!
//! A follower says where it stands; the service feeds it slices in order and repeats a slice that failed.
//! One whose position means nothing here (another epoch, a trimmed journal) rebuilds itself from the
//! records and then follows from the sequence it began at, so it ends in the same state. Taking an event
//! twice must do no harm.

use super::{Event, JOURNAL_SLICE_MAX, is_gap, oldest, read_after};
use crate::base::{Env, Origin, Result, Timestamp, time::Stopwatch};
use crate::platform::store::{Lane, PlatformView, Store, TableId, keys, shut};
use futures_util::future::{BoxFuture, join_all};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, watch};

/// Follower → sequence, for those that leave their cursor with the store.
const CURSORS: TableId = TableId(0x0072);
/// A kept cursor is written at most so often: losing it costs only a repetition.
const CURSOR_EVERY: Duration = Duration::from_secs(5);
/// Longest pause between tries of a slice that fails.
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Where a follower begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With what happens from now on: it holds nothing that lasts.
    Head,
    /// Behind the cursor the store keeps for it.
    Kept,
    /// Behind a sequence it has noted itself, in a store of that epoch.
    After {
        /// [`Store::epoch`] as it was when the sequence was noted.
        epoch: u64,
        /// The last event it holds.
        seq: u64,
    },
    /// It holds nothing and wants to be rebuilt first.
    Rebuild,
}

/// Reads the journal and builds what can be rebuilt.
pub trait Follower: Send + Sync + 'static {
    /// Its name in logs, metrics and cursors.
    fn name(&self) -> &'static str;
    /// Where it stands; asked at the start, more than once and again after a fall.
    fn start(&self) -> Start {
        Start::Head
    }
    /// Takes the next events, in order.
    fn take<'a>(&'a self, events: &'a [Arc<Event>]) -> BoxFuture<'a, Result<()>>;
    /// Builds everything anew from the records in bounded slices, and says behind which sequence to go on:
    /// [`Store::head`] as it was before the first record was read.
    fn rebuild<'a>(&'a self, store: &'a Store) -> BoxFuture<'a, Result<u64>> {
        let head = store.head();
        Box::pin(async move { Ok(head) })
    }
}

/// All followers of the house.
#[derive(Default)]
pub struct Followers {
    all: Vec<(Arc<dyn Follower>, Arc<Notify>)>,
}

impl Followers {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn on(&mut self, follower: Arc<dyn Follower>) -> &mut Self {
        self.all.push((follower, Arc::default()));
        self
    }

    /// Has the follower `name` built anew from the records; says whether there is one. It goes on by itself.
    pub fn rebuild(&self, name: &str) -> bool {
        let found = self.all.iter().find(|(follower, _)| follower.name() == name);
        if let Some((_, asked)) = found {
            asked.notify_one();
        }
        found.is_some()
    }

    /// What is measured by name, as (label, name) of the histograms.
    pub fn measured(&self) -> Vec<(&'static str, &'static str)> {
        self.all.iter().map(|(follower, _)| ("follower", follower.name())).collect()
    }

    /// Feeds them all until `shutdown` turns true.
    pub async fn run(self: Arc<Self>, store: Store, env: Env, shutdown: watch::Receiver<bool>) {
        let runs = self.all.iter().map(|(follower, asked)| {
            let runner = Runner {
                follower: follower.clone(),
                store: store.clone(),
                env: env.clone(),
                shutdown: shutdown.clone(),
                asked: asked.clone(),
            };
            runner.run()
        });
        join_all(runs).await;
    }
}

struct Runner {
    follower: Arc<dyn Follower>,
    store: Store,
    env: Env,
    shutdown: watch::Receiver<bool>,
    asked: Arc<Notify>,
}

/// A cursor the store keeps, and what of it is on disk.
struct Kept {
    saved: u64,
    at: Timestamp,
}

impl Runner {
    async fn run(mut self) {
        let name = self.follower.name();
        let mut kept = (self.follower.start() == Start::Kept).then(|| Kept { saved: 0, at: self.env.now() });
        let Some(mut position) = self.begin(&mut kept).await else { return };
        let mut head = self.store.watch_head();
        let mut pause = Duration::from_millis(100);
        while !*self.shutdown.borrow() {
            let seen = *head.borrow_and_update();
            let read = read_after(&self.store, position, JOURNAL_SLICE_MAX)
                .and_then(|events| Ok((is_gap(&self.store, position, &events)?, events)));
            let taken = match read {
                Ok((_, events)) if events.is_empty() => Ok(None),
                Ok((true, _)) => {
                    tracing::warn!(follower = name, position, "the journal was trimmed past a follower; it is built anew");
                    match self.rebuilt().await {
                        Some(at) => position = at,
                        None => break,
                    }
                    continue;
                }
                Ok((false, events)) => {
                    let last = events.last().map(|event| event.seq);
                    let watch = Stopwatch::start();
                    let taken = self.follower.take(&events).await.map(|()| last);
                    metrics::histogram!("farol_follower_seconds", "follower" => name).record(watch.elapsed().as_secs_f64());
                    taken
                }
                Err(error) => Err(error),
            };
            metrics::gauge!("farol_follower_lag_events", "follower" => name).set(seen.saturating_sub(position) as f64);
            match taken {
                Ok(Some(last)) => {
                    position = last;
                    pause = Duration::from_millis(100);
                    self.keep(&mut kept, position, false).await;
                }
                Ok(None) => {
                    let flush = kept.as_ref().filter(|kept| kept.saved < position).map(|kept| kept.at.plus(CURSOR_EVERY));
                    tokio::select! {
                        () = shut(&mut self.shutdown) => break,
                        () = self.asked.notified() => match self.rebuilt().await {
                            Some(at) => position = at,
                            None => break,
                        },
                        () = self.env.clock.sleep_until(flush.unwrap_or(Timestamp::FAR_FUTURE)) => {
                            self.keep(&mut kept, position, true).await;
                        }
                        changed = head.changed() => if changed.is_err() { break },
                    }
                }
                Err(error) => {
                    tracing::error!(follower = name, position, %error, "a follower could not take its events; trying again");
                    self.wait(pause).await;
                    pause = (pause * 2).min(BACKOFF_MAX);
                }
            }
        }
        self.keep(&mut kept, position, true).await;
    }

    /// Behind which sequence to start; `None` when told to stop first.
    async fn begin(&mut self, kept: &mut Option<Kept>) -> Option<u64> {
        let head = self.store.head();
        let known = |seq: u64| {
            let first = self.store.view_platform(oldest).unwrap_or(0);
            // A gap between what it holds and what is still there can't be followed.
            seq <= head && (seq + 1 >= first || first == 0)
        };
        match self.follower.start() {
            Start::Head => Some(head),
            Start::After { epoch, seq } if epoch == self.store.epoch() && known(seq) => Some(seq),
            Start::After { .. } | Start::Rebuild => self.rebuilt().await,
            Start::Kept => match self.store.view_platform(|view| kept_cursor(view, self.follower.name())) {
                Ok(Some(seq)) if known(seq) => {
                    if let Some(kept) = kept {
                        kept.saved = seq;
                    }
                    Some(seq)
                }
                _ => self.rebuilt().await,
            },
        }
    }

    async fn rebuilt(&mut self) -> Option<u64> {
        let mut pause = Duration::from_secs(1);
        loop {
            match self.follower.rebuild(&self.store).await {
                Ok(seq) => return Some(seq),
                Err(error) => {
                    tracing::error!(follower = self.follower.name(), %error, "a follower could not be rebuilt; trying again");
                    self.wait(pause).await;
                    pause = (pause * 2).min(BACKOFF_MAX);
                }
            }
            if *self.shutdown.borrow() {
                return None;
            }
        }
    }

    async fn wait(&mut self, by: Duration) {
        tokio::select! {
            () = shut(&mut self.shutdown) => {}
            () = self.env.clock.sleep_until(self.env.now().plus(by)) => {}
        }
    }

    async fn keep(&self, kept: &mut Option<Kept>, position: u64, now: bool) {
        let Some(kept) = kept else { return };
        if kept.saved >= position || (!now && self.env.now() < kept.at.plus(CURSOR_EVERY)) {
            return;
        }
        let name = self.follower.name();
        let stored = self
            .store
            .write_platform(Lane::Jobs, Origin::system(), move |tx| {
                tx.core.put_raw(0, CURSORS, keys::bytes(name), Some(keys::bytes(&position)))
            })
            .await;
        kept.at = self.env.now();
        if stored.is_ok() {
            kept.saved = position;
        }
    }
}

fn kept_cursor(view: &PlatformView, name: &str) -> Result<Option<u64>> {
    Ok(view.raw_get(0, CURSORS, &keys::bytes(name))?.and_then(|bytes| <u64 as keys::Key>::read(&bytes)))
}
