//! The channels' API. Secrets go in and never come out; the verify token is shown to who manages channels.

use super::{
    accounts::field,
    adapter::Adapters,
    commands::{self, ChannelChange, ConfigChange, NewChannel, require_channel},
    config_api::{self, ChannelDefaults, ConfigInput, ConfigView},
    health::figures::{self, Figures},
    media::file_rules::FileRules,
    model::{
        CHANNEL_MANAGE, CHANNEL_READ, Channel, ChannelConfig, ChannelKind, ChannelStatus, LIVE_CHANNELS, NUMBER_TO_CHANNEL,
        OwnLimits, WHATSAPP_DISCONNECTED, WHATSAPP_QR, WHATSAPP_READY,
    },
    receiving::ingest::Ingest,
    sending::carries::{Ability, Lengths},
    sessions::heard::Sessions,
};
use crate::{
    base::{Actor, ChannelId, Error, QueueId, Result, TenantId, Timestamp},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, RequestContext, Routes, given, page_of, routes},
        journal::Event,
        realtime::{Class, Encoded, Encoder},
        secrets::Keyring,
        store::{KeyRange, Lane, Read, TenantScope, View},
    },
};
use axum::{Extension, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::{Arc, OnceLock};
use utoipa::ToSchema;

/// The doors of this room's API.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CHANNEL_READ), routes!(list_channels))
        .add(Access::Needs(CHANNEL_MANAGE), routes!(create_channel))
        .add(Access::Needs(CHANNEL_MANAGE), routes!(get_defaults))
        .add(Access::Needs(CHANNEL_READ), routes!(get_channel))
        .add(Access::Needs(CHANNEL_MANAGE), routes!(update_channel))
        .add(Access::Needs(CHANNEL_MANAGE), routes!(delete_channel))
}

/// A channel as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Channel)]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// Running number.
    pub number: u64,
    /// Which provider.
    pub kind: ChannelKind,
    /// What people call it.
    #[schema(example = "WhatsApp main number")]
    pub name: String,
    /// How it does.
    pub status: ChannelStatus,
    /// Why it does so.
    pub status_reason: Option<String>,
    /// Taken where nobody says which.
    pub is_default: bool,
    /// The queue its new conversations begin in.
    pub queue_id: Option<QueueId>,
    /// Where the provider must send its events.
    #[schema(example = "https://farol.example.com/webhooks/whatsapp/0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f")]
    pub webhook_url: String,
    /// What the provider must know to be believed at the handshake; only for who manages channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<String>,
    /// Which files it takes in; what is `null` is as everywhere in the firm.
    pub file_rules: FileRules,
    /// What the provider needs.
    pub config: ConfigView,
    /// What it carries: the composer offers this.
    pub can: &'static [Ability],
    /// Within which lengths.
    pub limits: Lengths,
    /// Its own limits, beside the provider's.
    pub limits_own: LimitsView,
    /// What went over it today, and how long it worked.
    pub figures: Figures,
    /// The last message from outside, to the minute.
    pub last_inbound_at: Option<Timestamp>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

/// Who sees what of a channel, and from where it is looked at.
struct Sees<'a> {
    tenant: TenantId,
    public_url: &'a str,
    /// Opens the verify token for who may see it.
    keyring: Option<&'a Keyring>,
    /// Who know what their channels carry.
    adapters: &'a Adapters,
    /// What went over it today.
    figures: Figures,
    /// What the configuration says of channels.
    defaults: Option<&'a ChannelDefaults>,
    /// Is this the one firm of the box?
    is_alone: bool,
}

/// A channel's own limits, beside its provider's. Both are given together: what is left out is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = OwnLimits)]
pub struct LimitsView {
    /// Messages a minute, 1 to 6000; more wait until they may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 20)]
    per_minute: Option<u32>,
    /// Messages a day of the firm's calendar, 1 to 1000000; more are refused as `channel_day_limit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 1000)]
    per_day: Option<u32>,
}

impl ChannelView {
    fn of(channel: Channel, sees: Sees<'_>) -> Self {
        let kind = channel.kind();
        let verify_token = channel.whatsapp_cloud().and_then(|config| {
            let ring = sees.keyring?;
            ring.unseal(sees.tenant, field::VERIFY_TOKEN, &config.verify_token).ok()
        });
        let door = match kind {
            ChannelKind::WhatsappCloud => "whatsapp",
            ChannelKind::Waha => "waha",
        };
        let carries = sees.adapters.of(kind).carries();
        Self {
            id: channel.id,
            number: channel.number,
            kind,
            name: channel.name,
            status: channel.status,
            status_reason: channel.status_reason,
            is_default: channel.is_default,
            queue_id: channel.queue,
            webhook_url: format!("{}/webhooks/{door}/{}", sees.public_url, channel.id),
            verify_token,
            file_rules: channel.file_rules,
            config: ConfigView::from(channel.config).backed_up(sees.defaults, sees.is_alone),
            can: carries.can,
            limits: carries.limits,
            limits_own: LimitsView { per_minute: channel.limits.per_minute, per_day: channel.limits.per_day },
            figures: sees.figures,
            last_inbound_at: channel.last_inbound_at,
            created_at: channel.created_at,
            updated_at: channel.updated_at,
            rev: channel.rev,
        }
    }
}

/// A channel to be connected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateChannel {
    /// Which provider; the configuration's `whatsapp.provider` if none is given.
    kind: Option<ChannelKind>,
    /// What people call it.
    #[schema(example = "WhatsApp main number")]
    name: String,
    /// The queue its new conversations begin in.
    queue_id: Option<QueueId>,
    /// To be taken where nobody says which; the first one is.
    #[serde(default)]
    is_default: bool,
    /// What the provider needs.
    #[schema(value_type = ConfigInput)]
    config: serde_json::Value,
}

/// What changes of a channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateChannel {
    /// What people call it.
    #[schema(example = "WhatsApp main number")]
    name: Option<String>,
    /// The queue its new conversations begin in; `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<QueueId>)]
    queue_id: Option<Option<QueueId>>,
    /// `true`: to be taken where nobody says which.
    is_default: Option<bool>,
    /// `DISABLED` switches it off; `UNVERIFIED` or `CONNECTED` on again.
    status: Option<ChannelStatus>,
    /// Its own limits; both together.
    limits_own: Option<LimitsView>,
    /// Which files it takes in, all rules at once; `null`: as everywhere in the firm.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<FileRules>)]
    file_rules: Option<Option<FileRules>>,
    /// What changes of its settings.
    #[schema(value_type = Option<ConfigInput>)]
    config: Option<serde_json::Value>,
}

/// The address of this box: the setting, else the one this request used.
pub(super) fn public_url(kit: &Kit, context: &RequestContext) -> String {
    kit.settings().public_url.clone().or_else(|| context.own_origin()).unwrap_or_default()
}

/// What the configuration says of new channels. Its WAHA server is for the firm whose box it is: beside others it is
/// nobody's.
fn defaults(kit: &Kit, actor: &Actor) -> ChannelDefaults {
    let given = kit.find_service::<ChannelDefaults>();
    let kind = given.as_ref().map_or(ChannelKind::WhatsappCloud, |given| given.kind);
    let alone = kit.store().tenants() == [actor.tenant];
    let session_folder = given.as_ref().and_then(|given| given.session_folder.clone());
    ChannelDefaults { kind, waha: given.filter(|_| alone).map(|given| given.waha.clone()).unwrap_or_default(), session_folder }
}

/// What a new channel is and has where nobody says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelDefaults)]
struct DefaultsView {
    /// Its kind: the configuration's `whatsapp.provider`.
    kind: ChannelKind,
    /// A WAHA session's server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "http://waha.example.com:3000")]
    waha_url: Option<String>,
    /// A WAHA session's name.
    #[schema(example = "default")]
    waha_session: String,
    /// Does the configuration hold the key of that server?
    has_waha_key: bool,
}

/// What a new channel is and has where nobody says, for the form that connects one.
#[utoipa::path(get, path = "/channels/defaults", tag = "channels", responses((status = 200, body = DefaultsView)))]
async fn get_defaults(State(kit): State<Kit>, actor: Actor) -> Json<DefaultsView> {
    let ChannelDefaults { kind, waha, .. } = defaults(&kit, &actor);
    Json(DefaultsView {
        kind,
        has_waha_key: waha.base_url.is_some() && waha.api_key.is_some(),
        waha_url: waha.base_url,
        waha_session: waha.session.unwrap_or_else(|| "default".to_owned()),
    })
}

/// The backup, which whoever runs the box takes, would read any folder that is named: only the firm whose box it is may.
///
/// # Errors
/// `Invalid` naming the field, where several firms share the box.
fn check_folder(kit: &Kit, actor: &Actor, folder: Option<&str>) -> Result<()> {
    if folder.is_none() || kit.store().tenants() == [actor.tenant] {
        return Ok(());
    }
    let detail = "several firms share this box: leave it empty, and let whoever runs the box back the folder up";
    Err(Error::invalid("config.sessionFolder", "not_allowed", detail))
}

pub(super) fn shown(kit: &Kit, context: &RequestContext, actor: &Actor, channel: Channel) -> Result<ChannelView> {
    let ingest = kit.service::<Ingest>();
    let keyring = actor.grants.allows(CHANNEL_MANAGE).then(|| ingest.accounts().keyring());
    let figures = kit.store().view(actor.tenant, |view| figures::today(view, &channel, kit.store().now()))?;
    let (public_url, defaults) = (public_url(kit, context), kit.find_service::<ChannelDefaults>());
    let sees = Sees {
        tenant: actor.tenant,
        public_url: &public_url,
        keyring,
        adapters: ingest.adapters(),
        figures,
        defaults: defaults.as_deref(),
        is_alone: kit.store().tenants() == [actor.tenant],
    };
    Ok(ChannelView::of(channel, sees))
}

/// The id behind a path's `{channelId}`.
pub(super) fn id_of(view: &impl Read<Scope = TenantScope>, named: IdOrNumber<ChannelId>) -> Result<ChannelId> {
    match named {
        IdOrNumber::Id(id) => Ok(id),
        IdOrNumber::Number(number) => Ok(view.find(&NUMBER_TO_CHANNEL, number)?.ok_or(Error::NotFound("channel"))?.id),
    }
}

/// All channels, oldest first.
#[utoipa::path(get, path = "/channels", tag = "channels", params(PageQuery), responses((status = 200, body = Page<ChannelView>)))]
async fn list_channels(
    State(kit): State<Kit>,
    Extension(context): Extension<RequestContext>,
    actor: Actor,
    Query(page): Query<PageQuery>,
) -> Result<Page<ChannelView>> {
    let (limit, after) = (page.limit(), page.after()?);
    let page = kit.store().view(actor.tenant, |view| {
        page_of(view.list(&LIVE_CHANNELS, KeyRange::all().after(after))?, limit, |channel: Channel| Ok(Some(channel)))
    })?;
    let items = page.items.into_iter().map(|channel| shown(&kit, &context, &actor, channel)).collect::<Result<_>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// One channel.
#[utoipa::path(get, path = "/channels/{channelId}", tag = "channels", params(("channelId" = String, Path)),
    responses((status = 200, body = ChannelView)))]
async fn get_channel(
    State(kit): State<Kit>,
    Extension(context): Extension<RequestContext>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
) -> Result<Json<ChannelView>> {
    let channel = kit.store().view(actor.tenant, |view| require_channel(view, id_of(view, named)?))?;
    Ok(Json(shown(&kit, &context, &actor, channel)?))
}

/// Connects a channel. The answer says what to type into the provider's dashboard.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = CreateChannel,
    responses((status = 201, body = ChannelView)))]
async fn create_channel(
    State(kit): State<Kit>,
    Extension(context): Extension<RequestContext>,
    actor: Actor,
    Json(body): Json<CreateChannel>,
) -> Result<(StatusCode, Json<ChannelView>)> {
    let ingest = kit.service::<Ingest>();
    let ring = ingest.accounts().keyring();
    let defaults = defaults(&kit, &actor);
    let kind = body.kind.unwrap_or(defaults.kind);
    let config = config_api::new_config(kind, body.config, ring, actor.tenant, &defaults.waha)?;
    if let ChannelConfig::Waha(waha) = &config {
        check_folder(&kit, &actor, waha.session_folder.as_deref())?;
    }
    let new = NewChannel { name: body.name, queue: body.queue_id, is_default: body.is_default, config };
    let (by, origin) = (actor.clone(), actor.origin.clone());
    let channel = kit.store().write(actor.tenant, Lane::People, origin, move |tx| commands::create(tx, &by, new)).await?;
    ingest.accounts().reload()?;
    Ok((StatusCode::CREATED, Json(shown(&kit, &context, &actor, channel)?)))
}

/// Changes a channel.
#[utoipa::path(patch, path = "/channels/{channelId}", tag = "channels", params(("channelId" = String, Path)),
    request_body = UpdateChannel, responses((status = 200, body = ChannelView)))]
async fn update_channel(
    State(kit): State<Kit>,
    Extension(context): Extension<RequestContext>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
    Json(body): Json<UpdateChannel>,
) -> Result<Json<ChannelView>> {
    let ingest = kit.service::<Ingest>();
    let config = match body.config {
        Some(config) => {
            let kind = kit.store().view(actor.tenant, |view| Ok(require_channel(view, id_of(view, named)?)?.kind()))?;
            config_api::change(kind, config, ingest.accounts().keyring(), actor.tenant)?
        }
        None => ConfigChange::None,
    };
    if let ConfigChange::Waha(waha) = &config {
        check_folder(&kit, &actor, waha.session_folder.as_ref().and_then(Option::as_deref))?;
    }
    let change = ChannelChange {
        name: body.name,
        queue: body.queue_id,
        is_default: body.is_default,
        disabled: body.status.map(|status| status == ChannelStatus::Disabled),
        limits: body.limits_own.map(|own| OwnLimits { per_minute: own.per_minute, per_day: own.per_day }),
        file_rules: body.file_rules,
        config,
    };
    let (by, origin) = (actor.clone(), actor.origin.clone());
    let command = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
        let id = id_of(tx, named)?;
        commands::update(tx, &by, id, change)
    };
    let channel = kit.store().write(actor.tenant, Lane::People, origin, command).await?;
    ingest.accounts().reload()?;
    Ok(Json(shown(&kit, &context, &actor, channel)?))
}

/// Removes a channel; its conversations stay.
#[utoipa::path(delete, path = "/channels/{channelId}", tag = "channels", params(("channelId" = String, Path)),
    responses((status = 204)))]
async fn delete_channel(State(kit): State<Kit>, actor: Actor, Path(named): Path<IdOrNumber<ChannelId>>) -> Result<StatusCode> {
    let (by, origin) = (actor.clone(), actor.origin.clone());
    let command = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
        let id = id_of(tx, named)?;
        commands::remove(tx, &by, id)
    };
    kit.store().write(actor.tenant, Lane::People, origin, command).await?;
    kit.service::<Ingest>().accounts().reload()?;
    Ok(StatusCode::NO_CONTENT)
}

/// Frames of sessions, under the names that pairing screens know. A code to scan is for who manages channels alone, and
/// is shown while it may still be good.
fn session_frame(kit: &Kit, channel: &Channel, kind: &str, class: Class) -> Option<Encoded> {
    let id = channel.id;
    let (kind, data) = match kind {
        WHATSAPP_QR => {
            let code = kit.find_service::<Sessions>()?.code(id, kit.store().now()).filter(|_| class == Class(1))?;
            ("whatsapp:qr", json!({ "connectionId": id, "qrCode": code }))
        }
        WHATSAPP_READY => {
            let number = channel.waha().and_then(|waha| waha.number.clone());
            ("whatsapp:ready", json!({ "connectionId": id, "phoneNumber": number }))
        }
        WHATSAPP_DISCONNECTED => ("whatsapp:disconnected", json!({ "connectionId": id })),
        _ => return None,
    };
    Some(Encoded { kind: kind.into(), data, audience: None })
}

/// Frames of channels: with the verify token for who manages them, without for the others.
pub struct ChannelFrames {
    /// The kit, for the public address and the keys; it comes after the hub that holds these frames.
    pub kit: Arc<OnceLock<Kit>>,
}

impl Encoder for ChannelFrames {
    fn wants(&self, kind: &str) -> bool {
        kind.starts_with("channel.") || kind.starts_with("whatsapp.")
    }
    fn class(&self, receiver: &Actor) -> Class {
        Class(u8::from(receiver.grants.allows(CHANNEL_MANAGE)))
    }
    fn encode(&self, view: &View, event: &Event, class: Class) -> Result<Option<Encoded>> {
        let Some(channel) = view.get::<Channel>(&event.subject.into())? else { return Ok(None) };
        let Some(kit) = self.kit.get() else { return Ok(None) };
        if event.kind.starts_with("whatsapp.") {
            return Ok(session_frame(kit, &channel, &event.kind, class));
        }
        let ingest = kit.service::<Ingest>();
        let url = kit.settings().public_url.clone().unwrap_or_default();
        let keyring = (class == Class(1)).then(|| ingest.accounts().keyring());
        let figures = figures::today(view, &channel, kit.store().now())?;
        let defaults = kit.find_service::<ChannelDefaults>();
        let sees = Sees {
            tenant: view.tenant(),
            public_url: &url,
            keyring,
            adapters: ingest.adapters(),
            figures,
            defaults: defaults.as_deref(),
            is_alone: kit.store().tenants() == [view.tenant()],
        };
        let shown = ChannelView::of(channel, sees);
        let data = serde_json::to_value(shown).map_err(|e| Error::internal(format!("write a channel's frame: {e}")))?;
        Ok(Some(Encoded { kind: event.kind.clone(), data, audience: None }))
    }
}
