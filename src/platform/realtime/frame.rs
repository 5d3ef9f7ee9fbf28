//! Frames: what goes over the wire, each way.

use crate::{
    base::{Error, Result, TenantId, Timestamp},
    platform::{http::IdOrNumber, journal::Event},
};
use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Closed because the session is over or the token was no good.
pub const CLOSE_SIGNED_OUT: u16 = 4401;
/// Closed because the person has too many sockets open, or sends too much.
pub const CLOSE_TOO_MANY: u16 = 4429;
/// Closed because the process stops (RFC 6455 registry: service restart).
pub const CLOSE_RESTART: u16 = 1012;
/// Closed because the other side broke the rules of the protocol or of ours.
pub const CLOSE_POLICY: u16 = 1008;

/// A frame with its place in the order of things; the bytes are shared among sockets.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Sequence of the event behind it; 0 for frames without one.
    pub seq: u64,
    /// The JSON text.
    pub text: Utf8Bytes,
}

/// Why a client must fetch anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resync {
    /// `after` lies before the oldest event kept, or too many events ago.
    TooOld,
    /// `after` belongs to another store, or to one before a restore.
    Epoch,
    /// What the person may see has changed.
    Rights,
    /// The client read too slowly.
    Overflow,
    /// An event could not be shown; the log says why.
    Failed,
}

impl Resync {
    fn code(self) -> &'static str {
        match self {
            Resync::TooOld => "too_old",
            Resync::Epoch => "epoch",
            Resync::Rights => "rights",
            Resync::Overflow => "overflow",
            Resync::Failed => "failed",
        }
    }
}

/// The first frame: what follows comes after `seq`.
pub fn hello(seq: u64, epoch: &str, build: &str) -> Utf8Bytes {
    json!({"type": "hello", "seq": seq, "epoch": epoch, "build": build}).to_string().into()
}
/// Fetch anew; frames after `seq` follow.
pub fn resync(seq: u64, why: Resync) -> Utf8Bytes {
    json!({"type": "resync", "seq": seq, "reason": why.code()}).to_string().into()
}
/// Nothing up to `seq` is outstanding.
pub fn position(seq: u64) -> Utf8Bytes {
    json!({"type": "seq", "seq": seq}).to_string().into()
}
/// We are here.
pub fn pong() -> Utf8Bytes {
    Utf8Bytes::from_static(r#"{"type":"pong"}"#)
}
/// The record left the receiver's sight.
pub fn gone(event: &Event) -> Frame {
    let noun = event.kind.split('.').next().unwrap_or_default();
    let text = json!({"seq": event.seq, "at": event.at, "type": "gone", "id": event.subject, "of": noun});
    Frame { seq: event.seq, text: text.to_string().into() }
}
/// A passing state without a sequence.
pub fn passing(kind: &str, data: Value) -> Utf8Bytes {
    json!({"type": kind, "data": data}).to_string().into()
}

#[derive(Serialize)]
struct EventFrame<'a> {
    seq: u64,
    at: Timestamp,
    r#type: &'a str,
    tenant: Option<TenantId>,
    data: &'a Value,
}

/// An event as one class sees it.
pub fn event(event: &Event, kind: &str, data: &Value) -> Result<Frame> {
    let frame = EventFrame { seq: event.seq, at: event.at, r#type: kind, tenant: event.tenant, data };
    let text =
        serde_json::to_string(&frame).map_err(|e| Error::internal(format!("write the frame of event {}: {e}", event.seq)))?;
    Ok(Frame { seq: event.seq, text: text.into() })
}

/// What clients may say. Words we don't know are ignored, so that newer clients can speak to older servers.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    /// Who I am; only as the first frame.
    Auth {
        /// The access token.
        token: String,
    },
    /// I am writing in this conversation, or stopped.
    #[serde(rename_all = "camelCase")]
    Typing {
        /// Where: its id or its running number.
        conversation_id: IdOrNumber<Uuid>,
        /// Began or went on, or stopped.
        #[serde(default = "yes", alias = "on")]
        is_typing: bool,
        /// A note: nobody outside is shown that somebody writes.
        #[serde(default)]
        is_private: bool,
    },
    /// The same in the words of the ticket API. Who types is known by the socket, whoever the frame names.
    #[serde(rename = "ticket:typing", rename_all = "camelCase")]
    TicketTyping {
        /// Where: its id or its running number.
        ticket_id: IdOrNumber<Uuid>,
        /// Began or went on, or stopped.
        #[serde(default = "yes")]
        is_typing: bool,
    },
    /// I am looking at this conversation, or left it.
    #[serde(rename_all = "camelCase")]
    Viewing {
        /// Where: its id or its running number.
        conversation_id: IdOrNumber<Uuid>,
        /// Looking, or left.
        #[serde(default = "yes")]
        on: bool,
    },
    /// Are you there? Answered with `pong`.
    Ping,
    /// Something newer than this program.
    #[serde(other)]
    Unknown,
}

fn yes() -> bool {
    true
}
