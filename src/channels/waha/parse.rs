//! One event of a session into the house's words. Tolerant: engines differ in what they tell and how; what is
//! not known is kept whole, and only a message that names neither itself nor its sender is refused.

use super::ids::{Chat, Key};
use crate::{
    base::Timestamp,
    channels::{
        inbound::{Content, Failure, Progress, ReceivedMessage, ReceivedStatus, Sender, Told, Unreadable},
        reading::{clean_name, timestamp},
    },
};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// What engines add for themselves may hold whole pictures; more than this is cut out of what is kept.
const RAW_BYTES_MAX: usize = 16 << 10;

/// The session a body names.
pub fn session(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default)]
        session: Option<Cow<'a, str>>,
    }
    let named: Named<'_> = serde_json::from_slice(body).ok()?;
    named.session.map(Cow::into_owned).filter(|name| !name.is_empty() && name.len() <= 128)
}

/// Reads one event. `now` is when it arrived here.
///
/// # Errors
/// Why it is no event at all; inside, why it can't be kept as anybody's message.
pub fn event(raw: &str, now: Timestamp) -> Result<Result<Told, Unreadable>, String> {
    let body: Value = serde_json::from_str(raw).map_err(|e| format!("not JSON: {e}"))?;
    let Some(name) = body.get("event").and_then(Value::as_str) else { return Err("no event is named".to_owned()) };
    let payload = body.get("payload").unwrap_or(&Value::Null);
    Ok(match name {
        "message" | "message.any" | "message.waiting" => message(payload, now),
        "message.ack" | "message.ack.group" => ack(payload, now),
        other => Ok(Told::Nothing(ignored(other))),
    })
}

/// The word that counts an event nothing is done about.
fn ignored(event: &str) -> &'static str {
    match event {
        "engine.event" => "engine_event",
        "chat.archive" => "chat_archive",
        event if event.starts_with("label.") => "label",
        event if event.starts_with("event.response") => "event_response",
        // Their older form; `group.v2.…` tells the same.
        "group.join" | "group.leave" => "group_v1",
        "state.change" => "state_change",
        _ => "unknown_event",
    }
}

/// Where a message stands and who wrote it.
struct Place {
    /// The bare id.
    id: String,
    from_me: bool,
    chat: Chat,
    /// The member of a group who wrote it.
    author: Option<Chat>,
}

fn text<'a>(value: &'a Value, at: &str) -> Option<&'a str> {
    value.pointer(at).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// Where a message stands; the inner `Err` names a chat that is none of a desk's.
fn place(payload: &Value) -> Result<Result<Place, &'static str>, Unreadable> {
    let whole = text(payload, "/id").or_else(|| text(payload, "/id/_serialized"));
    let key = whole.and_then(Key::parse).ok_or_else(|| Unreadable::new("no_id", "the message has no id"))?;
    let from_me = payload.get("fromMe").and_then(Value::as_bool).or(key.from_me).unwrap_or(false);
    let side = if from_me { "/to" } else { "/from" };
    let chat = text(payload, side).filter(|id| *id != "me").or(key.chat).or_else(|| text(payload, "/from"));
    let chat = chat.and_then(Chat::parse).ok_or_else(|| Unreadable::new("no_sender", "the message names no chat"))?;
    // A status is written `from` its author and named as one by its id alone.
    if let Some(Chat::Other(word)) = key.chat.and_then(Chat::parse) {
        return Ok(Err(word));
    }
    if let Chat::Other(word) = chat {
        return Ok(Err(word));
    }
    let author = text(payload, "/participant").or_else(|| text(payload, "/author")).or(key.participant);
    Ok(Ok(Place { id: key.id.to_owned(), from_me, chat, author: author.and_then(Chat::parse) }))
}

/// Every address an engine gives for the person behind `chat`, and what they call themselves.
fn sender(chat: &Chat, payload: &Value) -> Sender {
    let names = ["/_data/notifyName", "/_data/pushName", "/_data/Info/PushName", "/notifyName", "/pushName"];
    let name = names.iter().find_map(|at| text(payload, at)).and_then(clean_name);
    // The number behind a hidden one, where the engine knows it.
    let alternatives = [
        "/_data/key/remoteJidAlt",
        "/_data/key/senderPn",
        "/_data/key/participantAlt",
        "/_data/key/participantPn",
        "/_data/Info/SenderAlt",
    ];
    let others = alternatives.iter().filter_map(|at| Chat::parse(text(payload, at)?));
    let mut sender = Sender { name, ..Sender::default() };
    for known in std::iter::once(chat.clone()).chain(others) {
        match &known {
            Chat::Person(_) if sender.phone.is_none() => sender.phone = known.phone(),
            Chat::Hidden(lid) if sender.lid.is_none() => sender.lid = Some(lid.clone()),
            _ => {}
        }
    }
    sender
}

fn message(payload: &Value, now: Timestamp) -> Result<Told, Unreadable> {
    let place = match place(payload)? {
        Ok(place) => place,
        Err(word) => return Ok(Told::Nothing(word)),
    };
    if place.from_me {
        return Ok(Told::Nothing("echo"));
    }
    let sender = sender(place.author.as_ref().unwrap_or(&place.chat), payload);
    let body = payload.get("body").and_then(Value::as_str).unwrap_or_default();
    let content = match kind(payload) {
        "chat" => Content::Text(body.to_owned()),
        kind => Content::Other(kind.to_owned()),
    };
    Ok(Told::Message(Box::new(ReceivedMessage {
        external_id: place.id,
        sender,
        at: timestamp(payload.get("timestamp"), now),
        content,
        reply_to: text(payload, "/replyTo/id").and_then(|id| Some(Key::parse(id)?.id.to_owned())),
        opens_window: true,
        chat: Some(place.chat.id()),
        metadata: None,
        raw: kept(payload),
        ..ReceivedMessage::default()
    })))
}

/// What a message is, in WhatsApp's words.
fn kind(payload: &Value) -> &'static str {
    let is = |key: &str| payload.get(key).is_some_and(|value| !value.is_null());
    let said = text(payload, "/type").or_else(|| text(payload, "/_data/type")).unwrap_or_default();
    if payload.get("hasMedia") == Some(&Value::Bool(true)) || is("media") {
        "media"
    } else if is("location") {
        "location"
    } else if payload.get("vCards").and_then(Value::as_array).is_some_and(|cards| !cards.is_empty()) {
        "contacts"
    } else if matches!(said, "" | "chat" | "text") && text(payload, "/body").is_some() {
        "chat"
    } else {
        "unknown"
    }
}

/// The payload as text, without the engine's own part where that is large.
fn kept(payload: &Value) -> String {
    let whole = payload.to_string();
    if whole.len() <= RAW_BYTES_MAX {
        return whole;
    }
    let mut slim = payload.clone();
    if let Value::Object(parts) = &mut slim {
        parts.remove("_data");
    }
    slim.to_string()
}

fn ack(payload: &Value, now: Timestamp) -> Result<Told, Unreadable> {
    let place = match place(payload)? {
        Ok(place) => place,
        Err(word) => return Ok(Told::Nothing(word)),
    };
    if !place.from_me {
        return Ok(Told::Nothing("ack_of_theirs"));
    }
    let progress = match payload.get("ack").and_then(Value::as_i64) {
        Some(-1) => Progress::Failed(Failure {
            code: "ack_error".to_owned(),
            reason: "WhatsApp reported that this message was not delivered".to_owned(),
            next_step: "retry",
            closes_window: false,
            account: false,
        }),
        Some(0) => return Ok(Told::Nothing("ack_pending")),
        Some(1) => Progress::Sent,
        Some(2) => Progress::Delivered,
        Some(3 | 4) => Progress::Read,
        _ => return Ok(Told::Nothing("ack_unknown")),
    };
    Ok(Told::Status(Box::new(ReceivedStatus {
        external_id: place.id,
        progress,
        at: timestamp(payload.get("timestamp"), now),
        callback: None,
    })))
}
