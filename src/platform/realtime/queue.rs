//! What waits for one socket: bounded, and honest when the bound is met.

use super::frame::{self, Frame, Resync};
use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use std::collections::VecDeque;
use tokio::sync::Notify;

/// Frames that may wait for one socket; beyond, the client must fetch anew. A burst of a busy minute fits.
pub const QUEUE_FRAMES_MAX: usize = 256;
/// Bytes that may wait for one socket.
pub const QUEUE_BYTES_MAX: usize = 1 << 20;

/// Why and how a socket ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Close code.
    pub code: u16,
    /// Reason, for whoever debugs a client.
    pub reason: String,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    /// The client must fetch anew up to this sequence; frames behind it may stand in `frames`.
    resync: Option<(u64, Resync)>,
    /// Nothing up to this sequence is outstanding once `frames` are sent.
    position: Option<u64>,
    closing: Option<Closing>,
}

/// The queue of one socket.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    wake: Notify,
    ends: Notify,
}

/// What to send now, in this order.
pub struct Batch {
    /// Texts.
    pub texts: Vec<Utf8Bytes>,
    /// And then the end.
    pub closing: Option<Closing>,
}

impl Queue {
    /// Adds a frame; wakes nobody, so that several frames cost one [`Queue::wake`].
    pub fn push(&self, frame: &Frame) {
        let mut state = self.state.lock();
        if let Some((seq, Resync::Overflow)) = &mut state.resync {
            // The client is still not reading: what it must fetch grows, what we keep does not.
            *seq = frame.seq;
            return;
        }
        if state.frames.len() >= QUEUE_FRAMES_MAX || state.bytes + frame.text.len() > QUEUE_BYTES_MAX {
            metrics::counter!("farol_realtime_overflows_total").increment(1);
            clear(&mut state, frame.seq, Resync::Overflow);
            return;
        }
        state.bytes += frame.text.len();
        state.frames.push_back(frame.text.clone());
        // The frame says more than a position before it.
        state.position = None;
    }
    /// Adds something nobody misses if it is lost: only while there is plenty of room.
    pub fn push_passing(&self, text: &Utf8Bytes) {
        let mut state = self.state.lock();
        if state.resync.is_none() && state.frames.len() < QUEUE_FRAMES_MAX / 2 && state.bytes < QUEUE_BYTES_MAX / 2 {
            state.bytes += text.len();
            state.frames.push_back(text.clone());
        }
    }
    /// Everything up to `seq` must be fetched anew; what waits is dropped.
    pub fn resync(&self, seq: u64, why: Resync) {
        clear(&mut self.state.lock(), seq, why);
    }
    /// Everything up to `seq` stands in the queue or was sent.
    pub fn note_position(&self, seq: u64) {
        self.state.lock().position = Some(seq);
    }
    /// Ends the socket, dropping what waits.
    pub fn close(&self, code: u16, reason: impl Into<String>) {
        let mut state = self.state.lock();
        state.frames = VecDeque::new();
        state.bytes = 0;
        state.closing.get_or_insert(Closing { code, reason: reason.into() });
        drop(state);
        self.ends.notify_one();
        self.wake();
    }
    /// Waits until the socket must end. Cancel-safe.
    pub async fn closed(&self) -> Closing {
        loop {
            if let Some(closing) = self.state.lock().closing.clone() {
                return closing;
            }
            self.ends.notified().await;
        }
    }
    /// Tells the socket that something waits.
    pub fn wake(&self) {
        self.wake.notify_one();
    }
    /// Waits until something may wait. Cancel-safe.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }
    /// Takes all that waits.
    pub fn take(&self) -> Batch {
        let mut state = self.state.lock();
        let closing = state.closing.clone();
        if closing.is_some() {
            return Batch { texts: Vec::new(), closing };
        }
        state.bytes = 0;
        let resync = state.resync.take().map(|(seq, why)| frame::resync(seq, why));
        // The memory goes with the frames: an idle socket keeps none.
        let frames = std::mem::take(&mut state.frames);
        let position = state.position.take().map(frame::position);
        Batch { texts: resync.into_iter().chain(frames).chain(position).collect(), closing: None }
    }
}

fn clear(state: &mut State, seq: u64, why: Resync) {
    state.frames = VecDeque::new();
    state.bytes = 0;
    state.position = None;
    state.resync = Some((seq, why));
}
