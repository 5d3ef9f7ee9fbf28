//! Files of the made-up WAHA server: fetched by their name, with the key.

use super::waha::{Inner, answer, refused};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::sync::Arc;

/// `GET` of a file that an event named.
pub(super) async fn download(
    State(waha): State<Arc<Inner>>,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    match waha.files.lock().get(&name) {
        Some((bytes, mime)) => ([("content-type", mime.clone())], bytes.clone()).into_response(),
        None => answer(404, &json!({"message": "File not found", "statusCode": 404})),
    }
}

/// `GET` of one message: where its file is gone, it is fetched anew.
pub(super) async fn message(
    State(waha): State<Arc<Inner>>,
    Path((session, chat, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    let sessions = waha.sessions.lock();
    let chats = sessions.get(&session).map(|session| &session.chats);
    let found = chats.and_then(|chats| chats.get(&chat)?.iter().find(|message| message["id"] == id.as_str()).cloned());
    let Some(message) = found else { return answer(404, &json!({"message": "Message not found", "statusCode": 404})) };
    let name = message["media"]["url"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
    if let Some(file) = waha.forgotten.lock().remove(name) {
        waha.files.lock().insert(name.to_owned(), file);
    }
    answer(200, &message)
}

/// `GET` of the number behind a hidden id.
pub(super) async fn lid(State(waha): State<Arc<Inner>>, Path((_, lid)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    let number = waha.lids.lock().get(&lid).map(|number| format!("{number}@c.us"));
    answer(200, &json!({"lid": format!("{lid}@lid"), "pn": number}))
}
