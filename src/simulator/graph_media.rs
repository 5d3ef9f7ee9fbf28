//! Media of the made-up Graph API: handed over by id, fetched from an address that lives five minutes.

use super::graph::{Inner, bearer, json_answer, refuse};
use crate::base::Timestamp;
use axum::{
    body::Bytes,
    extract::{Multipart, Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// An address of a file is good for this long.
const ADDRESS_FOR: Duration = Duration::from_secs(300);

/// A file at WhatsApp.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its bytes.
    pub bytes: Bytes,
    /// What whoever brought it calls it.
    pub mime: String,
    /// Of which number.
    pub phone_number_id: String,
    /// Addresses given out: token and when.
    pub addresses: Vec<(String, Timestamp)>,
}

/// What goes wrong with the next download, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaTrouble {
    /// The address is not found.
    Gone,
    /// HTTP 500.
    Broken,
    /// Half of it, then the line is cut.
    Cut,
    /// Other bytes than were promised.
    Other,
}

impl Inner {
    /// Keeps a file; gives its id.
    pub(super) fn keep(&self, phone_number_id: &str, bytes: Bytes, mime: &str) -> String {
        let id = (100_000_000_000_000 + self.env.chance.below(899_999_999_999_999)).to_string();
        let kept = Kept { bytes, mime: mime.to_owned(), phone_number_id: phone_number_id.to_owned(), addresses: Vec::new() };
        self.media.lock().insert(id.clone(), kept);
        id
    }

    /// What the API says of a file.
    pub(super) fn media_node(&self, id: &str, headers: &HeaderMap) -> Option<Response> {
        let now = self.env.now();
        let mut all = self.media.lock();
        let kept = all.get_mut(id)?;
        let token = self.served.lock().get(&kept.phone_number_id).map(|served| served.number.token.clone());
        if bearer(headers) != token.as_deref() {
            return Some(refuse(401, 190, "Invalid OAuth access token - Cannot parse access token"));
        }
        let token = format!("{:016x}", self.env.chance.next());
        let url = format!("http://{}/media-files/{id}/{token}", self.address);
        kept.addresses.push((token, now));
        Some(json_answer(&json!({"messaging_product": "whatsapp", "url": url, "mime_type": kept.mime,
            "sha256": hex::encode(Sha256::digest(&kept.bytes)), "file_size": kept.bytes.len(), "id": id})))
    }
}

/// `GET` of an address that was given out.
pub(super) async fn download(
    State(graph): State<Arc<Inner>>,
    Path((id, token)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let now = graph.env.now();
    let trouble = graph.media_troubles.lock().pop_front();
    let Some(kept) = graph.media.lock().get(&id).cloned() else { return refuse(404, 100, "no such media") };
    let allowed = graph.served.lock().get(&kept.phone_number_id).map(|served| served.number.token.clone());
    if bearer(&headers) != allowed.as_deref() {
        return refuse(401, 190, "Invalid OAuth access token - Cannot parse access token");
    }
    let is_live = kept.addresses.iter().any(|(given, at)| *given == token && now.since(*at) < ADDRESS_FOR);
    let half = kept.bytes.slice(..kept.bytes.len() / 2);
    match trouble {
        _ if !is_live => refuse(404, 100, "this address has run out"),
        Some(MediaTrouble::Gone) => refuse(404, 100, "gone on purpose"),
        Some(MediaTrouble::Broken) => refuse(500, 131_000, "broken on purpose"),
        Some(MediaTrouble::Cut) => {
            let cut = futures_util::stream::iter([Ok(half), Err(std::io::Error::other("cut on purpose"))]);
            axum::body::Body::from_stream(cut).into_response()
        }
        Some(MediaTrouble::Other) => half.into_response(),
        None => ([("content-type", kept.mime)], kept.bytes).into_response(),
    }
}

/// `POST /{phone-number-id}/media`: a form with `messaging_product`, `type` and `file`.
pub(super) async fn upload(
    State(graph): State<Arc<Inner>>,
    Path((_, number)): Path<(String, String)>,
    Query(mut given): Query<HashMap<String, String>>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let token = graph.served.lock().get(&number).map(|served| served.number.token.clone());
    if token.is_none() || bearer(&headers) != token.as_deref() {
        return refuse(401, 190, "Invalid OAuth access token - Cannot parse access token");
    }
    // As every parameter of that API, these may stand in the address as well; the file may name its type itself.
    let (mut product, mut mime) =
        (given.remove("messaging_product").unwrap_or_default(), given.remove("type").unwrap_or_default());
    let mut file = None;
    while let Ok(Some(field)) = form.next_field().await {
        match field.name() {
            Some("messaging_product") => product = field.text().await.unwrap_or_default(),
            Some("type") => mime = field.text().await.unwrap_or_default(),
            Some("file") => {
                if mime.is_empty() {
                    mime = field.content_type().unwrap_or_default().to_owned();
                }
                file = field.bytes().await.ok();
            }
            _ => {}
        }
    }
    match file {
        Some(bytes) if product == "whatsapp" && !bytes.is_empty() => match size_max(&mime) {
            Some(max) if bytes.len() > max => refuse(400, 100, "Param file must be a file with a smaller size"),
            Some(_) => json_answer(&json!({ "id": graph.keep(&number, bytes, &mime) })),
            None => refuse(400, 100, "Param file must be a file with one of the following types"),
        },
        _ => refuse(400, 100, "The parameters messaging_product and file are required."),
    }
}

/// The largest file of a type that may be handed over, in bytes; `None`: the type may not.
fn size_max(mime: &str) -> Option<usize> {
    match mime {
        "image/jpeg" | "image/png" => Some(5 << 20),
        "image/webp" => Some(500 << 10),
        "audio/aac" | "audio/mp4" | "audio/mpeg" | "audio/amr" | "audio/ogg" | "video/mp4" | "video/3gpp" => Some(16 << 20),
        other if other.starts_with("image/") || other.starts_with("audio/") || other.starts_with("video/") => None,
        _ => Some(100 << 20),
    }
}

/// Checks the object of a message that names a file, as the real one does; `None`: it is no such message.
pub(super) fn caption_of(graph: &Inner, request: &Value, kind: &str) -> Option<Result<String, Box<Response>>> {
    if !matches!(kind, "image" | "audio" | "video" | "document" | "sticker") {
        return None;
    }
    let object = &request[kind];
    let bad = |why: String| Some(Err(Box::new(refuse(400, 131_009, &why))));
    let Some(id) = object["id"].as_str() else { return bad(format!("The parameter {kind}['id'] is required.")) };
    let Some(kept) = graph.media.lock().get(id).cloned() else { return bad(format!("Media id {id} is unknown")) };
    let fits = match kind {
        "document" => true,
        "sticker" => kept.mime == "image/webp",
        kind => kept.mime.starts_with(kind) && kept.mime != "image/webp",
    };
    if !fits {
        return bad(format!("Media of type {} is no {kind}", kept.mime));
    }
    let caption = object["caption"].as_str().unwrap_or_default();
    if matches!(kind, "audio" | "sticker") && !object["caption"].is_null() {
        return bad(format!("A {kind} has no caption"));
    }
    Some(Ok(caption.to_owned()))
}
