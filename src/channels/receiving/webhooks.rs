//! The providers' door. Outside the API: no session, no limit per address, the signature decides.

use super::ingest::{Ingest, Taken};
use crate::{
    base::{ChannelId, Error, Origin, Result},
    channels::{
        model::ChannelKind,
        waha,
        whatsapp::{handshake::Handshake, signature},
    },
    platform::http::{Access, Kit, Path, Query, RouteOptions, Routes, routes},
};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use std::sync::atomic::{AtomicU64, Ordering};

/// Meta sends bodies up to this size, in bytes.
pub const BODY_BYTES_MAX: usize = 3 << 20;
/// Of so many refused bodies one is logged: somebody at the door must not fill the disk.
const LOG_ONE_OF: u64 = 100;

/// The doors of this room outside the API.
pub fn routes() -> Routes {
    let options = || RouteOptions { body_bytes_max: Some(BODY_BYTES_MAX), ..RouteOptions::default() };
    Routes::new()
        .add_root(Access::Webhook, options(), routes!(whatsapp_handshake, whatsapp_events))
        .add_root(Access::Webhook, options(), routes!(whatsapp_channel_handshake, whatsapp_channel_events))
        .add_root(Access::Webhook, options(), routes!(waha_events))
        .add_root(Access::Webhook, options(), routes!(waha_channel_events))
}

/// Meta asks whether this address is ours: the challenge goes back to whoever knows a verify token.
#[utoipa::path(get, path = "/webhooks/whatsapp", tag = "webhooks", params(Handshake),
    responses((status = 200, body = String, content_type = "text/plain", example = "1158201444"), (status = 403)))]
async fn whatsapp_handshake(State(kit): State<Kit>, Query(ask): Query<Handshake>) -> Result<String> {
    handshake(&kit, &ask, None)
}

/// As without a channel; only this channel's verify token counts.
#[utoipa::path(get, path = "/webhooks/whatsapp/{channelId}", tag = "webhooks", params(Handshake, ("channelId" = ChannelId, Path)),
    responses((status = 200, body = String, content_type = "text/plain", example = "1158201444"), (status = 403)))]
async fn whatsapp_channel_handshake(
    State(kit): State<Kit>,
    Path(channel): Path<ChannelId>,
    Query(ask): Query<Handshake>,
) -> Result<String> {
    handshake(&kit, &ask, Some(channel))
}

/// Events of any number of this box; routed by the number each names, believed by the signature.
#[utoipa::path(post, path = "/webhooks/whatsapp", tag = "webhooks", request_body = String,
    params(("x-hub-signature-256" = String, Header, example = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")),
    responses((status = 200), (status = 401)))]
async fn whatsapp_events(State(kit): State<Kit>, origin: Origin, headers: HeaderMap, body: Bytes) -> Response {
    let signature = headers.get(signature::HEADER).map(|value| value.as_bytes());
    events(&kit, ChannelKind::WhatsappCloud, &origin, signature, body, None).await
}

/// As without a channel: the number inside decides, the address only says whom an unreadable body is for.
#[utoipa::path(post, path = "/webhooks/whatsapp/{channelId}", tag = "webhooks", request_body = String,
    params(("channelId" = ChannelId, Path), ("x-hub-signature-256" = String, Header)),
    responses((status = 200), (status = 401)))]
async fn whatsapp_channel_events(
    State(kit): State<Kit>,
    Path(channel): Path<ChannelId>,
    origin: Origin,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signature = headers.get(signature::HEADER).map(|value| value.as_bytes());
    events(&kit, ChannelKind::WhatsappCloud, &origin, signature, body, Some(channel)).await
}

/// Events of any WAHA session of this box; routed by the session each names, believed by the signature.
#[utoipa::path(post, path = "/webhooks/waha", tag = "webhooks", request_body = String,
    params(("x-webhook-hmac" = String, Header)), responses((status = 200), (status = 401)))]
async fn waha_events(State(kit): State<Kit>, origin: Origin, headers: HeaderMap, body: Bytes) -> Response {
    events(&kit, ChannelKind::Waha, &origin, waha_signature(&headers), body, None).await
}

/// As without a channel; where two servers have a session of one name, the address says whose it is.
#[utoipa::path(post, path = "/webhooks/waha/{channelId}", tag = "webhooks", request_body = String,
    params(("channelId" = ChannelId, Path), ("x-webhook-hmac" = String, Header)), responses((status = 200), (status = 401)))]
async fn waha_channel_events(
    State(kit): State<Kit>,
    Path(channel): Path<ChannelId>,
    origin: Origin,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    events(&kit, ChannelKind::Waha, &origin, waha_signature(&headers), body, Some(channel)).await
}

/// The signature, unless it is said to be made by another algorithm than the one we check.
fn waha_signature(headers: &HeaderMap) -> Option<&[u8]> {
    let named = headers.get(waha::signature::ALGORITHM_HEADER).map(|value| value.as_bytes());
    let known = named.is_none_or(|name| name.eq_ignore_ascii_case(waha::signature::ALGORITHM.as_bytes()));
    headers.get(waha::signature::HEADER).filter(|_| known).map(|value| value.as_bytes())
}

fn handshake(kit: &Kit, ask: &Handshake, channel: Option<ChannelId>) -> Result<String> {
    let book = kit.service::<Ingest>().accounts().book();
    let answer = ask.answer(book.verify_tokens(channel).into_iter()).map(str::to_owned);
    answer.ok_or(Error::Forbidden("webhook.verify".into()))
}

async fn events(
    kit: &Kit,
    kind: ChannelKind,
    door: &Origin,
    signature: Option<&[u8]>,
    body: Bytes,
    channel: Option<ChannelId>,
) -> Response {
    static REFUSED: AtomicU64 = AtomicU64::new(0);
    let (bytes, signed) = (body.len(), signature.is_some());
    match kit.service::<Ingest>().take(kind, body, signature, channel, door).await {
        Ok(Taken::Kept | Taken::Ignored) => StatusCode::OK.into_response(),
        Ok(Taken::Refused) => {
            if REFUSED.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOG_ONE_OF) {
                tracing::warn!(bytes, signed, "a webhook was refused: no secret of ours signed it");
            }
            Error::Unauthenticated("bad_signature").into_response()
        }
        Err(error) => error.into_response(),
    }
}
