//! The door: `GET /events`. Foreign pages are refused before they come here, by the origin check of all upgrades.

use super::{
    hub::Hub,
    socket::{Resume, serve},
};
use crate::{
    base::{Error, Origin},
    platform::http::{Access, Kit, Problem, Query, Routes, routes},
};
use axum::{
    extract::{
        Request, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Where a socket goes on, and who asks.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// Access token, for clients that can set no header. Browsers better send the `auth` frame: addresses get logged.
    token: Option<String>,
    /// The last sequence the client knows all of, as `X-Farol-Seq`, `rev` or a frame named it.
    after: Option<u64>,
    /// The epoch `after` belongs to, as `hello` named it.
    epoch: Option<String>,
}

/// Live events (WebSocket).
///
/// Proves who it is by the `Authorization` header, the `token` parameter, or within five seconds by the first
/// frame `{"type":"auth","token":"…"}`. Then the server speaks: `{"type":"hello","seq","epoch","build"}` first;
/// what follows comes after that `seq`. Events are `{"seq","at","type","tenant","data"}` with the whole entity as
/// its GET shows it; `{"type":"gone","seq","id","of"}` when a record leaves one's sight; `{"type":"seq","seq"}` every
/// 30 s; `{"type":"resync","seq","reason"}` when what was missed can't be told: fetch anew, frames after `seq` follow.
/// Clients may say `{"type":"typing","conversationId","isTyping","isPrivate"}` (or `{"type":"ticket:typing","ticketId"}`),
/// `{"type":"viewing","conversationId","on"}` and `{"type":"ping"}`, naming a conversation by its id or its running number.
/// Who else types or looks comes as
/// `{"type":"typing","data":{"conversationId","userId"|"contactId","name","isTyping","until"}}` and `{"type":"viewing",…,"on"}`:
/// without a word until `until` it is over. Say it again every four seconds.
#[utoipa::path(
    get, path = "/events", tag = "events", params(EventsQuery),
    responses((status = 101, description = "The socket is open"), (status = 426, description = "Not an upgrade to WebSocket"))
)]
async fn events(
    State(kit): State<Kit>,
    Query(query): Query<EventsQuery>,
    origin: Origin,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|_| {
        Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", "open this address as a WebSocket (version 13)")
    })?;
    let hub = kit.service::<Hub>();
    if hub.is_stopping() {
        return Err(Error::unavailable("the process is stopping").into());
    }
    let (parts, _) = request.into_parts();
    let known = if parts.headers.contains_key(header::AUTHORIZATION) {
        Some(kit.authenticate(&parts)?)
    } else {
        query.token.as_deref().map(|token| kit.authenticate_token(token, &origin)).transpose()?
    };
    let stay = kit.stay();
    let admit = Arc::new(move |token: &str, origin: &Origin| kit.authenticate_token(token, origin));
    let resume = Resume { after: query.after, epoch: query.epoch };
    Ok(serve((*hub).clone(), upgrade, known, origin, resume, admit, stay).into_response())
}

/// The routes of this room.
pub fn routes() -> Routes {
    Routes::new().add(Access::Public, routes!(events))
}
