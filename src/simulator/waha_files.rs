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
