//! Commits that are durable by the log and not yet in the engine's own file.
//!
//! The writer would spend half its time on the engine's tree. So it only lays a commit's changes on top of
//! what waits here, where every snapshot sees them, and a thread of its own brings them into the tree,
//! together with whatever came meanwhile. What waits is bounded: a writer that is too far ahead waits.

use super::engine::{Batch, EngineError};
use parking_lot::{Condvar, Mutex};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Layers that wait, at most: each costs every reader a look.
const LAYERS_MAX: usize = 6;
/// Bytes that wait, about and at most.
const BYTES_MAX: usize = 32 << 20;
/// Changes in one layer up to which the next commit joins it.
const JOINED_MAX: usize = 16 << 10;

/// Changes, later ones winning.
pub(super) type Changes<'a> = BTreeMap<&'a [u8], Option<&'a [u8]>>;

struct Layer {
    batch: Arc<Batch>,
    bytes: usize,
    /// With it the generation of the log ends, and this one follows.
    ends: Option<u64>,
}

#[derive(Default)]
struct State {
    /// Oldest first.
    layers: VecDeque<Layer>,
    /// So many of them are being brought into the tree.
    taken: usize,
    bytes: usize,
    closed: bool,
    /// What went wrong, until somebody was told.
    trouble: Option<EngineError>,
    failed: bool,
}

/// What waits to be brought into the tree.
#[derive(Default)]
pub(super) struct Ahead {
    state: Mutex<State>,
    changed: Condvar,
    count: AtomicUsize,
}

impl Ahead {
    /// Runs `look` with the layers, oldest first, such that what is in the tree meanwhile is never newer than they are.
    pub fn with_layers<T>(&self, look: impl FnOnce(Vec<Arc<Batch>>) -> T) -> T {
        // A layer leaves only after it is in the tree, and is there before its commit is acknowledged.
        if self.count.load(Ordering::Acquire) == 0 {
            return look(Vec::new());
        }
        let state = self.state.lock();
        look(state.layers.iter().map(|layer| layer.batch.clone()).collect())
    }

    /// Lays a durable commit on top; waits while too much does.
    pub fn push(&self, batch: Batch) -> Result<(), EngineError> {
        let bytes = batch.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len)).sum::<usize>();
        let mut state = self.state.lock();
        while !state.failed && (state.layers.len() >= LAYERS_MAX || state.bytes > BYTES_MAX) {
            self.changed.wait(&mut state);
        }
        state.sound()?;
        state.bytes += bytes;
        let waiting = state.layers.len() - state.taken;
        let top = state.layers.back_mut().filter(|layer| waiting > 0 && layer.ends.is_none() && layer.batch.len() < JOINED_MAX);
        match top.and_then(|layer| Some((Arc::get_mut(&mut layer.batch)?, &mut layer.bytes))) {
            Some((top, top_bytes)) => {
                top.extend(batch);
                *top_bytes += bytes;
            }
            None => state.layers.push_back(Layer { batch: Arc::new(batch), bytes, ends: None }),
        }
        self.count.store(state.layers.len(), Ordering::Release);
        drop(state);
        self.changed.notify_all();
        Ok(())
    }

    /// With what waits now the log's generation ends, and `next` follows: the tree is to be made durable there.
    pub fn end_generation(&self, next: u64) {
        let mut state = self.state.lock();
        let waiting = state.layers.len() - state.taken;
        match state.layers.back_mut().filter(|_| waiting > 0) {
            Some(layer) => layer.ends = Some(next),
            None => state.layers.push_back(Layer { batch: Arc::default(), bytes: 0, ends: Some(next) }),
        }
        self.count.store(state.layers.len(), Ordering::Release);
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until nothing does.
    pub fn drained(&self) -> Result<(), EngineError> {
        let mut state = self.state.lock();
        while !state.failed && !state.layers.is_empty() {
            self.changed.wait(&mut state);
        }
        state.sound()
    }

    /// Says whether a commit failed since somebody asked last.
    pub fn sound(&self) -> Result<(), EngineError> {
        self.state.lock().sound()
    }

    /// Nothing more will come.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }

    /// Brings layer upon layer to `apply`, with the generation that follows where one ends, until closed and empty
    /// or something went wrong.
    pub fn run(&self, mut apply: impl FnMut(&Changes<'_>, Option<u64>) -> Result<(), EngineError>) {
        loop {
            let (layers, ends) = {
                let mut state = self.state.lock();
                while state.layers.is_empty() && !state.closed {
                    self.changed.wait(&mut state);
                }
                let whole = state.layers.iter().position(|layer| layer.ends.is_some()).map_or(state.layers.len(), |at| at + 1);
                if whole == 0 {
                    return;
                }
                state.taken = whole;
                let layers: Vec<_> = state.layers.iter().take(whole).map(|layer| layer.batch.clone()).collect();
                (layers, state.layers[whole - 1].ends)
            };
            let mut changes = Changes::new();
            for layer in &layers {
                changes.extend(layer.iter().map(|(key, value)| (key.as_slice(), value.as_deref())));
            }
            let outcome = apply(&changes, ends);
            drop(changes);
            let mut state = self.state.lock();
            let whole = std::mem::take(&mut state.taken);
            if let Err(error) = outcome {
                // The layers stay: what readers see must not go back.
                (state.failed, state.trouble) = (true, Some(error));
                drop(state);
                self.changed.notify_all();
                return;
            }
            let gone: Vec<_> = state.layers.drain(..whole).collect();
            state.bytes -= gone.iter().map(|layer| layer.bytes).sum::<usize>();
            self.count.store(state.layers.len(), Ordering::Release);
            drop(state);
            self.changed.notify_all();
            // Freed outside the lock.
            drop((layers, gone));
        }
    }
}

impl State {
    fn sound(&mut self) -> Result<(), EngineError> {
        match (self.failed, self.trouble.take()) {
            (false, _) => Ok(()),
            (true, Some(error)) => Err(error),
            (true, None) => Err(EngineError::Io("a commit before this one failed".into())),
        }
    }
}
