//! Sessions over the API: how one does, the code to scan, and what can be done to it.

use super::heard::Sessions;
use crate::{
    base::{Actor, ChannelId, Error, Result},
    channels::{
        api::{id_of, public_url},
        commands::{self, require_channel},
        health::doctor,
        model::{CHANNEL_MANAGE, Channel, ChannelKind, SessionState},
        receiving::{inbound::SessionNews, ingest::Ingest},
        waha::{
            client::{Client, Failed},
            session::{self, Act},
        },
    },
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Path, RequestContext, Routes, routes},
        outbound::Outbound,
        store::{Lane, Tx},
    },
};
use axum::{Extension, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The doors of sessions.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CHANNEL_MANAGE), routes!(get_session))
        .add(Access::Needs(CHANNEL_MANAGE), routes!(act_on_channel))
}

/// A session as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SessionView {
    /// How it does.
    state: SessionState,
    /// What a phone must scan to pair, as text; while there is something to scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2@an-example-code")]
    qr_code: Option<String>,
    /// The number it is paired with.
    #[schema(example = "+5511900000001")]
    phone_number: Option<String>,
    /// The name of that WhatsApp account.
    profile_name: Option<String>,
}

/// What can be done to a channel. Appended to, never reordered.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// Makes the session if it is not there, gives it our webhook, starts it.
    Start,
    /// Stops it; it stays paired.
    Stop,
    /// Stops and starts it.
    Restart,
    /// Unpairs it: the next start shows a new code.
    Logout,
}

impl From<Action> for Act {
    fn from(action: Action) -> Self {
        match action {
            Action::Start => Act::Start,
            Action::Stop => Act::Stop,
            Action::Restart => Act::Restart,
            Action::Logout => Act::Logout,
        }
    }
}

fn channel_of(kit: &Kit, actor: &Actor, named: IdOrNumber<ChannelId>) -> Result<Channel> {
    let channel = kit.store().view(actor.tenant, |view| require_channel(view, id_of(view, named)?))?;
    match channel.kind() {
        ChannelKind::Waha => Ok(channel),
        ChannelKind::WhatsappCloud => Err(Error::conflict("no_session", "this kind of channel has no session")),
    }
}

pub(in crate::channels) fn failed(failed: Failed) -> Error {
    match failed.status {
        Some(401 | 403) => Error::conflict("bad_key", format!("the WAHA server refuses the API key: {}", failed.reason)),
        Some(status @ 400..=499) => {
            Error::conflict("refused", format!("the WAHA server answered HTTP {status}: {}", failed.reason))
        }
        _ => Error::unavailable(format!("the WAHA server does not do it: {}", failed.reason)),
    }
}

/// Notes what the server said, and shows it with the code there may be to scan.
async fn shown(
    kit: &Kit,
    actor: &Actor,
    channel: &Channel,
    client: Client<'_>,
    found: crate::channels::waha::client::Session,
) -> Result<SessionView> {
    let sessions = kit.service::<Sessions>();
    let mut code = None;
    if found.state == SessionState::ScanQrCode {
        // Whoever looks waits for it; the session's own events bring the ones after it.
        code = session::qr(client).await.ok().flatten();
        if let Some(code) = &code {
            sessions.show_code(channel.id, code.clone(), kit.store().now());
        }
    }
    let id = channel.id;
    note(kit, actor, id, &found).await?;
    let qr_code = code.or_else(|| sessions.code(id, kit.store().now()).filter(|_| found.state == SessionState::ScanQrCode));
    Ok(SessionView { state: found.state, qr_code, phone_number: found.phone, profile_name: found.profile })
}

/// Notes how a session does, as its server just said.
pub(in crate::channels) async fn note(
    kit: &Kit,
    actor: &Actor,
    id: ChannelId,
    found: &crate::channels::waha::client::Session,
) -> Result<()> {
    let news = SessionNews { status: found.state.told().to_owned(), phone: found.phone.clone(), name: found.profile.clone() };
    let command = move |tx: &mut Tx<'_, '_>| commands::session_changed(tx, id, &news);
    kit.store().write(actor.tenant, Lane::People, actor.origin.clone(), command).await
}

/// How a session does, asked of its server now, with the code to scan where it waits for one.
#[utoipa::path(get, path = "/channels/{channelId}/session", tag = "channels", params(("channelId" = String, Path)),
    responses((status = 200, body = SessionView)))]
async fn get_session(
    State(kit): State<Kit>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
) -> Result<Json<SessionView>> {
    let channel = channel_of(&kit, &actor, named)?;
    let (ingest, outbound) = (kit.service::<Ingest>(), kit.service::<Outbound>());
    let line = ingest.accounts().line(actor.tenant, &channel).ok_or_else(no_key)?;
    let client = Client::new(&outbound, &line);
    let found = client.session().await.map_err(failed)?;
    shown(&kit, &actor, &channel, client, found).await.map(Json)
}

/// Starts, stops, restarts or unpairs a session. A start makes the session where there is none and gives it our webhook.
#[utoipa::path(post, path = "/channels/{channelId}/actions/{action}", tag = "channels",
    params(("channelId" = String, Path), ("action" = inline(Action), Path)), responses((status = 200, body = SessionView)))]
async fn act_on_channel(
    State(kit): State<Kit>,
    Extension(context): Extension<RequestContext>,
    actor: Actor,
    Path((named, action)): Path<(IdOrNumber<ChannelId>, Action)>,
) -> Result<Json<SessionView>> {
    let channel = channel_of(&kit, &actor, named)?;
    let (ingest, outbound) = (kit.service::<Ingest>(), kit.service::<Outbound>());
    let line = ingest.accounts().line(actor.tenant, &channel).ok_or_else(no_key)?;
    let client = Client::new(&outbound, &line);
    let webhook = doctor::webhook(&kit, actor.tenant, &channel, &public_url(&kit, &context));
    if matches!(action, Action::Stop | Action::Logout | Action::Restart) {
        kit.service::<Sessions>().hide_code(channel.id);
    }
    let found = session::act(client, action.into(), webhook.as_ref()).await.map_err(failed)?;
    shown(&kit, &actor, &channel, client, found).await.map(Json)
}

fn no_key() -> Error {
    Error::conflict("no_token", "the channel's API key does not open: give it anew")
}
