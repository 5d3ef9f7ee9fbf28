//! What the made-up WAHA server does about reactions, edits and revocations, and about being told who reads and types:
//! it keeps what it was asked, and tells of it by the events the real one sends.

use super::waha::{Inner, answer, refused, unknown};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// What goes wrong with the next act, on purpose.
#[derive(Debug, Clone, Copy)]
pub enum ActTrouble {
    /// Answers this status and does nothing.
    Refuse(u16),
    /// Does it, then cuts the line before the answer, and tells of it by no event.
    LoseAnswer,
}

/// Something the firm did to a message, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// `reaction`, `edit`, `delete` or `subscribe`.
    pub verb: &'static str,
    /// The whole id of the message, or the chat.
    pub target: String,
    /// The emoji or the words.
    pub words: String,
}

/// The bare id of a message within its whole one.
fn bare(whole: &str) -> &str {
    whole.split('_').nth(2).unwrap_or(whole)
}

impl Inner {
    /// Keeps what was asked; the answer where it goes wrong.
    fn acts(&self, session: &str, headers: &HeaderMap, acted: Acted) -> Result<bool, Box<Response>> {
        if let Some(no) = refused(self, headers) {
            return Err(Box::new(no));
        }
        if self.shown(session).is_none() {
            return Err(Box::new(unknown()));
        }
        match self.act_troubles.lock().pop_front() {
            Some(ActTrouble::Refuse(status)) => {
                Err(Box::new(answer(status, &json!({"statusCode": status, "message": "refused on purpose"}))))
            }
            Some(ActTrouble::LoseAnswer) => {
                self.acted.lock().push(acted);
                let cut = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut on purpose"))]);
                Err(Box::new(axum::response::IntoResponse::into_response(axum::body::Body::from_stream(cut))))
            }
            None => {
                self.acted.lock().push(acted);
                Ok(true)
            }
        }
    }

    /// An event about a message of a chat, from the phone itself.
    fn echo(&self, session: &str, event: &str, chat: &str, more: Value) {
        let id = self.id();
        let mut payload = json!({"id": format!("true_{chat}_{id}"), "timestamp": self.env.now().as_millis() / 1000,
            "from": chat, "to": chat, "fromMe": true, "source": "api"});
        if let (Some(payload), Value::Object(more)) = (payload.as_object_mut(), more) {
            payload.extend(more);
        }
        self.tell(session, event, payload);
    }
}

pub(super) async fn reaction(State(waha): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (session, target, emoji) = (text("session"), text("messageId"), text("reaction"));
    let acted = Acted { verb: "reaction", target: target.clone(), words: emoji.clone() };
    if let Err(no) = waha.acts(&session, &headers, acted) {
        return *no;
    }
    let chat = target.split('_').nth(1).unwrap_or_default();
    waha.echo(&session, "message.reaction", chat, json!({"reaction": {"text": emoji, "messageId": target}}));
    answer(200, &json!({}))
}

pub(super) async fn edit(
    State(waha): State<Arc<Inner>>,
    Path((session, chat, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    if let Err(no) = waha.acts(&session, &headers, Acted { verb: "edit", target: id.clone(), words: text.clone() }) {
        return *no;
    }
    waha.echo(&session, "message.edited", &chat, json!({"body": text, "editedMessageId": bare(&id)}));
    answer(200, &json!({"id": id}))
}

pub(super) async fn delete(
    State(waha): State<Arc<Inner>>,
    Path((session, chat, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(no) = waha.acts(&session, &headers, Acted { verb: "delete", target: id.clone(), words: String::new() }) {
        return *no;
    }
    waha.echo(&session, "message.revoked", &chat, json!({"revokedMessageId": bare(&id)}));
    answer(200, &json!({}))
}

pub(super) async fn subscribe(
    State(waha): State<Arc<Inner>>,
    Path((session, chat)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match waha.acts(&session, &headers, Acted { verb: "subscribe", target: chat, words: String::new() }) {
        Ok(_) => answer(201, &json!({})),
        Err(no) => *no,
    }
}
