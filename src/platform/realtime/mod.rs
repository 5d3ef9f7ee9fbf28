//! Realtime: tells every open screen what changed, once, in order, and only what its owner may see.
//!
//! One task reads the journal and encodes an event once per visibility class; the bytes are shared by
//! all sockets that may see them. A socket that was away names the last sequence it saw and gets
//! exactly what it missed, or `resync`: then it fetches anew and goes on from the sequence named.
//!
//! Invariants:
//! - Between `hello` and the end, the frames of a socket carry rising sequences with nothing left out
//!   that its owner may see by the rights they hold *now*; where that can't be kept, `resync` says so.
//! - A socket that does not read costs at most [`QUEUE_FRAMES_MAX`] frames or [`QUEUE_BYTES_MAX`] bytes,
//!   and nobody else's time.
//! - A socket lives as long as its session, not as its access token.
//!
//! Deliberately absent: topics a client subscribes to (its rights decide), and any stored state.

mod door;
mod encoder;
mod ephemeral;
mod frame;
mod hub;
mod queue;
mod replay;
mod socket;
#[cfg(test)]
mod tests;

pub use door::routes;
pub use encoder::{Class, Encoded, Encoder, Rights, Touched};
pub use ephemeral::{Doing, Numbered, Passes, Sight};
pub use hub::{Hub, HubParts, SOCKETS_PER_USER_MAX};
pub use queue::{QUEUE_BYTES_MAX, QUEUE_FRAMES_MAX};
pub use replay::REPLAY_EVENTS_MAX;
pub use socket::{Admit, Resume, serve};
