//! The channels' doctor: looks at everything that must be well for messages to come in and go out, says why something is
//! not, and mends what can be mended from here.

use crate::{
    base::{Actor, ChannelId, Error, Origin, Result, TenantId},
    channels::{
        accounts::field,
        adapter::{CheckItem, Health, Line},
        api::{ChannelView, id_of, public_url, shown},
        commands::{self, require_channel},
        config_api::ChannelDefaults,
        model::{CHANNEL_MANAGE, Channel, ChannelConfig, ChannelKind, PathStyle, SessionState},
        receiving::ingest::Ingest,
        sessions::heard::Sessions,
        templates::model::{TEMPLATES_OF_CHANNEL, Template, TemplateStatus},
        waha::{
            client::Client,
            session::{self, Act, Webhook},
        },
        whatsapp::account::{self, Door},
    },
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Path, RequestContext, Routes, routes},
        outbound::{Call, CallError, Guard, Outbound, Refusal},
        store::{KeyRange, Lane, Read, Tx, View},
    },
};
use axum::{Extension, extract::State};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// The doctor's doors.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CHANNEL_MANAGE), routes!(check_channel))
        .add(Access::Needs(CHANNEL_MANAGE), routes!(repair_channel))
}

/// A channel that has heard nothing since it was connected so long ago has something wrong with it.
const FIRST_WORD_WITHIN: Duration = Duration::from_secs(86_400);
/// Templates looked at.
const TEMPLATES_MAX: usize = 500;

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CheckAnswer {
    /// What was looked at, in order.
    checks: Vec<CheckItem>,
    /// The channel as it stands now.
    channel: ChannelView,
}

/// What can be mended. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Repair {
    /// Subscribes the app to the business account and has its events sent here.
    Subscribe,
    /// Gives the session our webhook, or has the app's events sent here.
    Webhook,
    /// Starts the session anew.
    Session,
    /// Takes the key anew from the server's configuration.
    Token,
    /// Addresses calls the way the server understands.
    PathStyle,
}

/// Asks the provider whether the channel works, and our own public address whether it answers.
#[utoipa::path(post, path = "/channels/{channelId}/check", tag = "channels", params(("channelId" = String, Path)),
    responses((status = 200, body = CheckAnswer)))]
async fn check_channel(
    State(kit): State<Kit>,
    Extension(context): Extension<RequestContext>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
) -> Result<Json<CheckAnswer>> {
    let channel = kit.store().view(actor.tenant, |view| require_channel(view, id_of(view, named)?))?;
    examine(&kit, &context, &actor, channel).await.map(Json)
}

/// Mends what a check found under this code, then checks again.
#[utoipa::path(post, path = "/channels/{channelId}/repair/{code}", tag = "channels",
    params(("channelId" = String, Path), ("code" = inline(Repair), Path)), responses((status = 200, body = CheckAnswer)))]
async fn repair_channel(
    State(kit): State<Kit>,
    Extension(context): Extension<RequestContext>,
    actor: Actor,
    Path((named, repair)): Path<(IdOrNumber<ChannelId>, Repair)>,
) -> Result<Json<CheckAnswer>> {
    let channel = kit.store().view(actor.tenant, |view| require_channel(view, id_of(view, named)?))?;
    mend(&kit, &context, &actor, &channel, repair).await?;
    let channel = kit.store().view(actor.tenant, |view| require_channel(view, channel.id))?;
    examine(&kit, &context, &actor, channel).await.map(Json)
}

async fn examine(kit: &Kit, context: &RequestContext, actor: &Actor, channel: Channel) -> Result<CheckAnswer> {
    let public_url = public_url(kit, context);
    let (checks, channel) = look(kit, actor.tenant, actor.origin.clone(), Some(&public_url), channel).await?;
    Ok(CheckAnswer { checks, channel: shown(kit, context, actor, channel)? })
}

/// Looks at a channel for whoever runs the box: what was looked at, and the channel as it stands then.
///
/// # Errors
/// `NotFound`; the store's.
pub async fn examine_channel(kit: &Kit, tenant: TenantId, id: ChannelId) -> Result<(Vec<CheckItem>, Channel)> {
    let channel = kit.store().view(tenant, |view| require_channel(view, id))?;
    look(kit, tenant, Origin::console(), kit.settings().public_url.as_deref(), channel).await
}

/// Looks at everything and notes what was found; gives the channel as it stands then. Where nobody knows under which
/// address people come, nothing is said of where a session's events go.
async fn look(
    kit: &Kit,
    tenant: TenantId,
    origin: Origin,
    public_url: Option<&str>,
    channel: Channel,
) -> Result<(Vec<CheckItem>, Channel)> {
    let (ingest, outbound) = (kit.service::<Ingest>(), kit.service::<Outbound>());
    let line = ingest.accounts().line(tenant, &channel);
    let mut health = match &line {
        Some(line) => ingest.adapters().of(channel.kind()).check(&outbound, line).await,
        None => Health {
            items: vec![CheckItem::bad("token", "give the access token of a system user").because("missing")],
            refused: true,
            ..Default::default()
        },
    };
    let works = !health.refused && health.items.iter().all(|item| item.ok || item.code == "quality");
    let answers = health.items.iter().any(|item| item.code == "token" && item.ok);
    match (&channel.config, &line) {
        (ChannelConfig::WhatsappCloud(config), line) => {
            if let Some(line) = line.as_ref().filter(|_| answers) {
                let door = door(kit, tenant, &channel, &kit.settings().public_url.clone().unwrap_or_default());
                health.items.extend(account::subscription(&outbound, line, door.as_ref()).await);
            }
            health.items.push(match config.app_secret {
                Some(_) => CheckItem::good("app_secret", None),
                None => CheckItem::bad("app_secret", "give the app's secret: without it no message comes in").because("missing"),
            });
            health.items.extend(public_items(kit, &channel).await);
            health.items.extend(kit.store().view(tenant, |view| template_item(view, channel.id))?);
        }
        (ChannelConfig::Waha(config), line) => {
            let webhook = public_url.and_then(|url| webhook(kit, tenant, &channel, url));
            if let Some(line) = line.as_ref().filter(|_| answers) {
                health.items.extend(session_items(&outbound, line, webhook.as_ref(), &channel).await);
            }
            if let Some(item) = health.items.iter_mut().find(|item| item.code == "session" && !item.ok) {
                item.repair = Some("session");
            }
            if let Some(item) = health.items.iter_mut().find(|item| item.code == "token" && !item.ok)
                && configured_key(kit, tenant, &channel).is_some()
            {
                item.repair = Some("token");
            }
            health.items.push(match config.hmac_key {
                Some(_) => CheckItem::good("hmac_key", None),
                None => CheckItem::bad("hmac_key", "give the webhook's key: without it no message comes in").because("missing"),
            });
        }
    }
    health.items.extend(heard_items(kit, &channel));
    let (id, noted) = (channel.id, health.clone());
    let command = move |tx: &mut Tx<'_, '_>| commands::check_done(tx, id, &noted, works);
    let channel = kit.store().write(tenant, Lane::People, origin, command).await?;
    Ok((health.items, channel))
}

/// Where Meta's events of this channel must go; `None` while the address or a secret is missing.
fn door(kit: &Kit, tenant: TenantId, channel: &Channel, public_url: &str) -> Option<Door> {
    let (config, ingest) = (channel.whatsapp_cloud()?, kit.service::<Ingest>());
    let accounts = ingest.accounts();
    let prefix = format!("{}/webhooks/whatsapp", public_url.trim_end_matches('/'));
    (!public_url.is_empty()).then_some(())?;
    Some(Door {
        url: format!("{prefix}/{}", channel.id),
        prefix,
        verify_token: accounts.open(tenant, field::VERIFY_TOKEN, &config.verify_token)?,
        app_secret: accounts.open(tenant, field::APP_SECRET, config.app_secret.as_ref()?)?,
    })
}

/// The webhook a session must have.
pub(in crate::channels) fn webhook(kit: &Kit, tenant: TenantId, channel: &Channel, public_url: &str) -> Option<Webhook> {
    let sealed = channel.waha()?.hmac_key.as_ref()?;
    let hmac_key = kit.service::<Ingest>().accounts().open(tenant, field::HMAC_KEY, sealed)?;
    Some(Webhook { url: format!("{public_url}/webhooks/waha/{}", channel.id), hmac_key })
}

/// What a session's server knows: its webhook, how it wants to be called, and whether it is really alive.
async fn session_items(outbound: &Outbound, line: &Line, webhook: Option<&Webhook>, channel: &Channel) -> Vec<CheckItem> {
    let client = Client::new(outbound, line);
    let mut items = Vec::new();
    if let (Some(webhook), Ok(found)) = (webhook, client.session().await) {
        items.push(if session::has(&found.config, webhook) {
            CheckItem::good("webhook", None)
        } else {
            CheckItem::bad("webhook", "the session does not tell us what happens").because("not_subscribed").mended_by("webhook")
        });
    }
    items.extend(match client.style_that_works().await {
        Some(style) if style != line.path_style => {
            let other = if style == PathStyle::Path { "path" } else { "body" };
            let item = CheckItem::bad("path_style", "the server wants calls addressed the other way");
            Some(item.because("other_style").with("style", other).mended_by("path_style"))
        }
        Some(_) => Some(CheckItem::good("path_style", None)),
        None => None,
    });
    if let Some(waha) = channel.waha().filter(|waha| waha.state == SessionState::Working) {
        items.push(match waha.silent_since {
            Some(since) => {
                let item = CheckItem::bad("silent", "the session says it works, and tells nothing").because("silent");
                item.with("at", since.to_string()).mended_by("session")
            }
            None => CheckItem::good("silent", None),
        });
    }
    items
}

/// What came to our door: the last good and the last bad signature, and the last message.
fn heard_items(kit: &Kit, channel: &Channel) -> Vec<CheckItem> {
    let now = kit.store().now();
    let doorstep = kit.find_service::<Sessions>().map(|s| s.doorstep(channel.id)).unwrap_or_default();
    let told = |mut item: CheckItem| {
        for (name, at) in [("goodAt", doorstep.good_at), ("badAt", doorstep.bad_at)] {
            item = if let Some(at) = at { item.with(name, at.to_string()) } else { item };
        }
        if doorstep.refused > 0 { item.with("refused", doorstep.refused.to_string()) } else { item }
    };
    let mut items = vec![told(match doorstep.is_doubted(channel.last_inbound_at, now) {
        true => CheckItem::bad("signature", "what came last was signed with another secret").because("bad_signature"),
        false => CheckItem::good("signature", None),
    })];
    items.push(match channel.last_inbound_at {
        Some(at) => CheckItem::good("inbound", None).with("at", at.to_string()),
        None if now.since(channel.created_at) < FIRST_WORD_WITHIN => CheckItem::good("inbound", None).because("never"),
        None => {
            let item = CheckItem::bad("inbound", "no message has come in since the channel was connected").because("never");
            item.mended_by("webhook")
        }
    });
    items
}

/// Does our public address lead back to us? Only the provider itself can tell whether it reaches it.
async fn public_items(kit: &Kit, channel: &Channel) -> Vec<CheckItem> {
    const CHALLENGE: &str = "1158201444";
    let Some(url) = kit.settings().public_url.clone() else {
        let why = "set the address under which the outside world reaches this box";
        return vec![CheckItem::bad("public_address", why).because("not_set")];
    };
    let mut items = vec![if url.starts_with("https://") {
        CheckItem::good("public_address", url.clone())
    } else {
        CheckItem::bad("public_address", "Meta calls https addresses only").because("not_https")
    }];
    let ingest = kit.service::<Ingest>();
    let book = ingest.accounts().book();
    let token = book.verify_tokens(Some(channel.id)).first().map(|t| (*t).to_owned()).unwrap_or_default();
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("hub.mode", "subscribe"), ("hub.verify_token", token.as_str()), ("hub.challenge", CHALLENGE)])
        .finish();
    let call = Call::get("webhook_check", format!("{url}/webhooks/whatsapp/{}?{query}", channel.id))
        .guard(Guard::Owner)
        .timeout(Duration::from_secs(10));
    items.push(match kit.service::<Outbound>().send(call).await {
        Ok(answer) if answer.status.is_success() && answer.body.as_ref() == CHALLENGE.as_bytes() => {
            CheckItem::good("webhook", None)
        }
        Ok(answer) => {
            let status = answer.status.as_u16().to_string();
            let item = CheckItem::bad("webhook", format!("the public address answered HTTP {status}"));
            item.because("http_status").with("status", status)
        }
        // The address is this very process, seen from inside.
        Err(CallError::Refused(Refusal::Own)) => {
            CheckItem::good("webhook", "it leads to this box; whether Meta reaches it, Meta's dashboard tells".to_owned())
        }
        Err(error) => CheckItem::bad("webhook", error.to_string()).because("unreachable"),
    });
    items
}

/// Templates that the provider stopped or refused; nothing where there are none at all.
fn template_item(view: &View, channel: ChannelId) -> Result<Option<CheckItem>> {
    let (mut all, mut stopped) = (0, Vec::new());
    for hit in view.list(&TEMPLATES_OF_CHANNEL, KeyRange::prefix(channel))?.take(TEMPLATES_MAX) {
        let template: Template = hit?.0;
        all += 1;
        if matches!(template.status, TemplateStatus::Rejected | TemplateStatus::Paused | TemplateStatus::Disabled) {
            stopped.push(template.name);
        }
    }
    if all == 0 {
        return Ok(None);
    }
    Ok(Some(match stopped.is_empty() {
        true => CheckItem::good("templates", None).with("count", all.to_string()),
        false => {
            let names = stopped.join(", ");
            let item = CheckItem::bad("templates", format!("stopped or refused: {names}"));
            item.because("templates_stopped").with("names", names)
        }
    }))
}

/// The API key that the server's configuration holds for this very WAHA server, where this is the one firm of the box.
fn configured_key(kit: &Kit, tenant: TenantId, channel: &Channel) -> Option<String> {
    let defaults = kit.find_service::<ChannelDefaults>()?;
    let alone = kit.store().tenants() == [tenant];
    let same = defaults.waha.base_url.as_deref()?.trim_end_matches('/') == channel.waha()?.base_url.trim_end_matches('/');
    defaults.waha.api_key.clone().filter(|_| alone && same)
}

async fn mend(kit: &Kit, context: &RequestContext, actor: &Actor, channel: &Channel, repair: Repair) -> Result<()> {
    let (ingest, outbound) = (kit.service::<Ingest>(), kit.service::<Outbound>());
    let line = ingest.accounts().line(actor.tenant, channel);
    let line = line.ok_or_else(|| Error::conflict("no_token", "the channel has no key that opens: give it anew"));
    let nothing = || Error::conflict("nothing_to_repair", "this can't be mended from here on this kind of channel");
    let said = |why: String| Error::conflict("refused", format!("the provider does not do it: {why}"));
    let public_url = public_url(kit, context);
    match (channel.kind(), repair) {
        (ChannelKind::WhatsappCloud, Repair::Subscribe | Repair::Webhook) => {
            let missing = || Error::conflict("not_ready", "give the app's secret and the public address first");
            let door = door(kit, actor.tenant, channel, &public_url).ok_or_else(missing)?;
            account::subscribe(&outbound, &line?, &door).await.map_err(said)
        }
        (ChannelKind::Waha, Repair::Webhook | Repair::Subscribe) => {
            let webhook = webhook(kit, actor.tenant, channel, &public_url);
            session::provide(Client::new(&outbound, &line?), webhook.as_ref())
                .await
                .map_err(crate::channels::sessions::api::failed)
        }
        (ChannelKind::Waha, Repair::Session) => {
            let webhook = webhook(kit, actor.tenant, channel, &public_url);
            let line = line?;
            let client = Client::new(&outbound, &line);
            kit.service::<Sessions>().hide_code(channel.id);
            let found =
                session::act(client, Act::Restart, webhook.as_ref()).await.map_err(crate::channels::sessions::api::failed)?;
            crate::channels::sessions::api::note(kit, actor, channel.id, &found).await
        }
        (ChannelKind::Waha, Repair::Token) => {
            let key = configured_key(kit, actor.tenant, channel).ok_or_else(nothing)?;
            let sealed = ingest.accounts().keyring().seal(actor.tenant, field::API_KEY, &key)?;
            let change = commands::WahaChange { api_key: Some(sealed), ..commands::WahaChange::default() };
            change_waha(kit, actor, channel.id, change).await
        }
        (ChannelKind::Waha, Repair::PathStyle) => {
            let line = line?;
            let style = Client::new(&outbound, &line).style_that_works().await.ok_or_else(nothing)?;
            let change = commands::WahaChange { path_style: Some(style), ..commands::WahaChange::default() };
            change_waha(kit, actor, channel.id, change).await
        }
        (ChannelKind::WhatsappCloud, Repair::Session | Repair::Token | Repair::PathStyle) => Err(nothing()),
    }
}

async fn change_waha(kit: &Kit, actor: &Actor, id: ChannelId, change: commands::WahaChange) -> Result<()> {
    let (by, origin) = (actor.clone(), actor.origin.clone());
    let config = commands::ConfigChange::Waha(change);
    let change = commands::ChannelChange { config, ..commands::ChannelChange::default() };
    let command = move |tx: &mut Tx<'_, '_>| commands::update(tx, &by, id, change).map(drop);
    kit.store().write(actor.tenant, Lane::People, origin, command).await?;
    kit.service::<Ingest>().accounts().reload()
}
