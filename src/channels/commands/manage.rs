//! Connecting, changing and removing channels, and what becomes of their status.

use super::{figures, notices::list_notice, release::let_go, session::watch_at};
use crate::{
    base::{Actor, ChannelId, Error, FieldError, QueueId, Result, error::Check},
    channels::{
        adapter::Health,
        media::file_rules::FileRules,
        model::{
            CHANNEL_CREATED, CHANNEL_DELETED, CHANNEL_MANAGE, CHANNEL_READ, CHANNEL_UPDATED, Channel, ChannelConfig, ChannelKind,
            ChannelStatus, LIVE_CHANNELS, OwnLimits, PathStyle, SessionState, Waha, WhatsappCloud,
        },
        receiving::inbound::ReceivedNotice,
        sending::{limits, manners},
        templates,
        whatsapp::BASE_URL,
    },
    platform::{
        journal::{Audience, NewEvent},
        secrets::Sealed,
        store::{KeyRange, Read, TenantScope, Tx, Write},
    },
    routing,
};
use serde_json::{Value, json};
use std::path::{Component, Path};

/// Channels of one tenant; more is a mistake in somebody's script, and a command that reads them all has a budget.
const CHANNELS_MAX: usize = 100;

/// A channel to be connected. Secrets come sealed: sealing is no work for a command.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// What people call it.
    pub name: String,
    /// The queue its new conversations begin in.
    pub queue: Option<QueueId>,
    /// To be taken where nobody says which.
    pub is_default: bool,
    /// What the provider needs.
    pub config: ChannelConfig,
}

/// What changes of a channel; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct ChannelChange {
    /// What people call it.
    pub name: Option<String>,
    /// The queue its new conversations begin in; the inner `None` takes it away.
    pub queue: Option<Option<QueueId>>,
    /// To be taken where nobody says which. Only ever set: another channel takes it over.
    pub is_default: Option<bool>,
    /// Switched off, or on again.
    pub disabled: Option<bool>,
    /// Its own limits.
    pub limits: Option<OwnLimits>,
    /// Which files it takes in; the inner `None`: as everywhere in the firm.
    pub file_rules: Option<Option<FileRules>>,
    /// What the provider needs.
    pub config: ConfigChange,
}

/// What changes of a channel's settings: of its own kind, or nothing.
#[derive(Debug, Clone, Default)]
pub enum ConfigChange {
    /// Nothing.
    #[default]
    None,
    /// Of a Cloud API number.
    WhatsappCloud(WhatsappChange),
    /// Of a WAHA session.
    Waha(WahaChange),
}

/// What changes of a WAHA session; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct WahaChange {
    /// Where the server is.
    pub base_url: Option<String>,
    /// The session's name.
    pub session: Option<String>,
    /// Lets us in.
    pub api_key: Option<Sealed>,
    /// Signs the webhooks.
    pub hmac_key: Option<Sealed>,
    /// How calls are addressed.
    pub path_style: Option<PathStyle>,
    /// After how many silent minutes somebody is told; the inner `None`: only of what was proved to be missed.
    pub silent_after_minutes: Option<Option<u32>>,
    /// After how many seconds the chats are looked through; the inner `None`: as usual.
    pub poll_seconds: Option<Option<u32>>,
    /// Where the server's folder of sessions is; the inner `None`: out of this box's reach.
    pub session_folder: Option<Option<String>>,
}

/// What changes of a Cloud API number; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct WhatsappChange {
    /// Graph id of the number.
    pub phone_number_id: Option<String>,
    /// Graph id of the business account; the inner `None` takes it away.
    pub business_account_id: Option<Option<String>>,
    /// Where the Graph API is.
    pub base_url: Option<String>,
    /// May send in the number's name.
    pub access_token: Option<Sealed>,
    /// Signs the webhooks.
    pub app_secret: Option<Sealed>,
    /// Proves to us that Meta asks for the handshake.
    pub verify_token: Option<Sealed>,
}

/// Connects a channel. The first one is the default.
///
/// # Errors
/// `Forbidden`; `Invalid` by field; conflict `account_taken` where another channel of this box has the account.
pub fn create(tx: &mut Tx<'_, '_>, actor: &Actor, new: NewChannel) -> Result<Channel> {
    actor.require(CHANNEL_MANAGE)?;
    connect(tx, new)
}

/// Connects a channel in nobody's name: at the founding of a firm, and in the demo.
///
/// # Errors
/// As [`create`], without `Forbidden`.
pub fn connect(tx: &mut Tx<'_, '_>, new: NewChannel) -> Result<Channel> {
    check(&new.name, &new.config)?;
    check_queue(tx, new.queue)?;
    let there = live(tx)?;
    if there.len() >= CHANNELS_MAX {
        return Err(Error::Quota { what: "channels".into(), retry_after_secs: 0 });
    }
    let is_session = matches!(new.config, ChannelConfig::Waha(_));
    let sessions = there.iter().filter(|channel| channel.kind() == ChannelKind::Waha).count();
    if is_session && sessions >= manners::sessions_max(tx)? {
        return Err(Error::Quota { what: "channel.sessionsMax".into(), retry_after_secs: 0 });
    }
    let mut channel = Channel {
        id: tx.new_id(),
        number: tx.next_number("channel")?,
        name: new.name.trim().to_owned(),
        is_default: there.is_empty() || new.is_default,
        queue: new.queue,
        status: ChannelStatus::Unverified,
        status_reason: None,
        file_rules: FileRules::default(),
        config: new.config,
        last_inbound_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        limits: OwnLimits::default(),
        removed_at: None,
        rev: 0,
    };
    claim(tx, &there, &channel)?;
    if channel.is_default {
        take_default_from(tx, there, &channel)?;
    }
    let more = json!({ "kind": channel.kind().word() });
    save(tx, None, &mut channel, CHANNEL_CREATED, more)?;
    templates::commands::order_sync(tx, channel.id, tx.now())?;
    if channel.kind() == ChannelKind::Waha {
        watch_at(tx, channel.id, tx.now(), false)?;
    }
    Ok(channel)
}

/// Changes a channel. Other credentials make it unverified; changing nothing writes nothing.
///
/// # Errors
/// As [`create`]; `NotFound`.
pub fn update(tx: &mut Tx<'_, '_>, actor: &Actor, id: ChannelId, change: ChannelChange) -> Result<Channel> {
    actor.require(CHANNEL_MANAGE)?;
    let old = require_channel(tx, id)?;
    let mut channel = old.clone();
    if let Some(name) = change.name {
        channel.name = name.trim().to_owned();
    }
    if let Some(queue) = change.queue {
        check_queue(tx, queue)?;
        channel.queue = queue;
    }
    channel.is_default |= change.is_default == Some(true);
    if let Some(own) = change.limits {
        limits::check(&own)?;
        channel.limits = own;
    }
    if let Some(rules) = change.file_rules {
        channel.file_rules = rules.unwrap_or_default();
        channel.file_rules.check("fileRules")?;
    }
    let gives_token = change_config(&mut channel.config, change.config)?;
    check(&channel.name, &channel.config)?;
    // Whoever chooses where the token is sent could read it there; at the provider's own address nobody of ours can.
    let (was, is) = (Told::of(&old.config), Told::of(&channel.config));
    let moves = was.place != is.place && is.place != place_of(BASE_URL);
    if moves && was.has_token && !gives_token {
        let detail = "give the secret anew for another address";
        return Err(Error::Invalid(vec![FieldError {
            field: is.token_field.into(),
            code: "required".into(),
            detail: detail.into(),
        }]));
    }
    let reconnects = !same_connection(&channel.config, &old.config);
    channel.status = match change.disabled {
        Some(true) => ChannelStatus::Disabled,
        Some(false) if old.status == ChannelStatus::Disabled => ChannelStatus::Unverified,
        _ if reconnects && old.status != ChannelStatus::Disabled => ChannelStatus::Unverified,
        _ => old.status,
    };
    if channel.status != old.status {
        channel.status_reason = None;
    }
    if channel == old {
        return Ok(old);
    }
    let there = live(tx)?;
    if channel.directory_key() != old.directory_key() {
        claim(tx, &there, &channel)?;
        tx.release(old.kind().word(), &old.directory_key())?;
    }
    if channel.is_default && !old.is_default {
        take_default_from(tx, there, &channel)?;
    }
    save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null)?;
    if reconnects {
        templates::commands::order_sync(tx, id, tx.now())?;
    }
    let poll = |channel: &Channel| channel.waha().and_then(|waha| waha.poll_seconds);
    if poll(&channel) != poll(&old) {
        // The turn that is set may be further away than the new patience.
        watch_at(tx, id, tx.now(), false)?;
    }
    if channel.status == ChannelStatus::Unverified {
        let_go(tx, id)?;
        if channel.kind() == ChannelKind::Waha {
            watch_at(tx, id, tx.now(), true)?;
        }
    }
    Ok(channel)
}

/// Removes a channel: its account is free for another, its conversations stay.
///
/// # Errors
/// `Forbidden`, `NotFound`.
pub fn remove(tx: &mut Tx<'_, '_>, actor: &Actor, id: ChannelId) -> Result<()> {
    actor.require(CHANNEL_MANAGE)?;
    let old = require_channel(tx, id)?;
    tx.release(old.kind().word(), &old.directory_key())?;
    let mut gone = Channel { removed_at: Some(tx.now()), is_default: false, status: ChannelStatus::Disabled, ..old.clone() };
    // What is no more keeps no secrets.
    match &mut gone.config {
        ChannelConfig::WhatsappCloud(config) => (config.access_token, config.app_secret) = (None, None),
        ChannelConfig::Waha(config) => (config.api_key, config.hmac_key) = (None, None),
    }
    save(tx, Some(&old), &mut gone, CHANNEL_DELETED, Value::Null)?;
    // What waited for it fails now, where people see it, instead of waiting for ever.
    let_go(tx, id)?;
    if old.is_default
        && let Some(mut next) = live(tx)?.into_iter().next()
    {
        let before = next.clone();
        next.is_default = true;
        save(tx, Some(&before), &mut next, CHANNEL_UPDATED, Value::Null)?;
    }
    Ok(())
}

/// The provider refuses us: what waits to go out waits on, and one alert is raised.
pub fn mark_broken(tx: &mut Tx<'_, '_>, id: ChannelId, reason: &str) -> Result<()> {
    set_status(tx, id, ChannelStatus::Broken, Some(reason))
}

/// The provider took something of ours: the channel works.
pub fn mark_working(tx: &mut Tx<'_, '_>, id: ChannelId) -> Result<()> {
    set_status(tx, id, ChannelStatus::Connected, None)
}

fn set_status(tx: &mut Tx<'_, '_>, id: ChannelId, status: ChannelStatus, reason: Option<&str>) -> Result<()> {
    let Some(old) = tx.get::<Channel>(&id)? else { return Ok(()) };
    if old.status == status || old.status == ChannelStatus::Disabled || !old.is_live() {
        return Ok(());
    }
    let mut channel = Channel { status, status_reason: reason.map(str::to_owned), ..old.clone() };
    save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null)?;
    if status == ChannelStatus::Connected { let_go(tx, id) } else { Ok(()) }
}

/// The provider told how the number's messages are received.
pub(super) fn note_quality(tx: &mut Tx<'_, '_>, id: ChannelId, quality: &str) -> Result<()> {
    let Some(old) = tx.get::<Channel>(&id)?.filter(Channel::is_live) else { return Ok(()) };
    let mut channel = old.clone();
    if let ChannelConfig::WhatsappCloud(config) = &mut channel.config {
        config.quality = Some(quality.to_owned());
    }
    if channel == old { Ok(()) } else { save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null) }
}

/// Notes what a check found.
///
/// # Errors
/// `NotFound`.
pub fn check_done(tx: &mut Tx<'_, '_>, id: ChannelId, health: &Health, works: bool) -> Result<Channel> {
    let old = require_channel(tx, id)?;
    let mut channel = old.clone();
    match &mut channel.config {
        ChannelConfig::WhatsappCloud(config) => {
            config.display_number = health.display.clone().or(config.display_number.take());
            config.verified_name = health.name.clone().or(config.verified_name.take());
            config.quality = health.quality.clone().or(config.quality.take());
        }
        ChannelConfig::Waha(config) => {
            config.number = health.display.clone().or(config.number.take());
            config.profile = health.name.clone().or(config.profile.take());
        }
    }
    if old.status != ChannelStatus::Disabled {
        if works {
            (channel.status, channel.status_reason) = (ChannelStatus::Connected, None);
        } else if health.refused {
            let why = health.items.iter().find(|item| !item.ok).and_then(|item| item.detail.clone());
            (channel.status, channel.status_reason) = (ChannelStatus::Broken, why);
        }
    }
    if channel != old {
        save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null)?;
        if channel.status == ChannelStatus::Connected && old.status != ChannelStatus::Connected {
            let_go(tx, id)?;
        }
    }
    Ok(channel)
}

/// The channel, if it is there.
///
/// # Errors
/// `NotFound`, also where it was removed.
pub fn require_channel(source: &impl Read<Scope = TenantScope>, id: ChannelId) -> Result<Channel> {
    source.get::<Channel>(&id)?.filter(Channel::is_live).ok_or(Error::NotFound("channel"))
}

/// All channels that are there, oldest first.
pub fn live(source: &impl Read<Scope = TenantScope>) -> Result<Vec<Channel>> {
    source.list(&LIVE_CHANNELS, KeyRange::all())?.take(CHANNELS_MAX).map(|hit| Ok(hit?.0)).collect()
}

/// The channel that is taken where nobody names one, and for which it stands in: the default, while it is connected or
/// nothing else is, else the oldest connected one.
///
/// # Errors
/// Conflict `no_channel` where the firm has none.
pub fn stand_in(source: &impl Read<Scope = TenantScope>) -> Result<(Channel, Option<Channel>)> {
    let all = live(source)?;
    let none = || Error::conflict("no_channel", "connect a channel first");
    let set = all.iter().find(|channel| channel.is_default).or(all.first()).cloned().ok_or_else(none)?;
    // One that nobody has proved yet may work; one that is known not to must not be taken.
    let is_down = matches!(set.status, ChannelStatus::Broken | ChannelStatus::Disabled);
    match all.into_iter().find(|channel| channel.status == ChannelStatus::Connected).filter(|_| is_down) {
        Some(other) => Ok((other, Some(set))),
        None => Ok((set, None)),
    }
}

/// [`stand_in`], with a word in the log and among the notices where the default could not be taken.
///
/// # Errors
/// As [`stand_in`].
pub fn channel_by_default(tx: &mut Tx<'_, '_>) -> Result<Channel> {
    let (channel, instead_of) = stand_in(tx)?;
    if let Some(set) = instead_of {
        tracing::warn!(set = %set.id, taken = %channel.id, "the default channel is not connected; another one is taken");
        // One notice for each time the default is lost, however much is sent meanwhile.
        let (at, reason) = (set.updated_at, set.status_reason.clone());
        let raw = json!({ "insteadOf": set.id, "taken": channel.id, "at": at }).to_string();
        let (topic, event, subject) = ("channel.default".to_owned(), "FALLBACK".to_owned(), Some(channel.name.clone()));
        list_notice(tx, set.id, &ReceivedNotice { topic, event, subject, reason, at, raw })?;
    }
    Ok(channel)
}

/// Takes a change over; says whether it brings the secret that lets us in.
fn change_config(config: &mut ChannelConfig, change: ConfigChange) -> Result<bool> {
    let set = |to: &mut String, from: Option<String>| from.into_iter().for_each(|text| *to = text);
    match (config, change) {
        (_, ConfigChange::None) => Ok(false),
        (ChannelConfig::WhatsappCloud(config), ConfigChange::WhatsappCloud(change)) => {
            let gives_token = change.access_token.is_some();
            set(&mut config.phone_number_id, change.phone_number_id);
            set(&mut config.base_url, change.base_url);
            config.business_account_id = change.business_account_id.unwrap_or_else(|| config.business_account_id.take());
            config.access_token = change.access_token.or(config.access_token.take());
            config.app_secret = change.app_secret.or(config.app_secret.take());
            config.verify_token = change.verify_token.unwrap_or_else(|| config.verify_token.clone());
            Ok(gives_token)
        }
        (ChannelConfig::Waha(config), ConfigChange::Waha(change)) => {
            let gives_token = change.api_key.is_some();
            let was = (config.base_url.clone(), config.session.clone());
            set(&mut config.base_url, change.base_url);
            set(&mut config.session, change.session);
            config.api_key = change.api_key.or(config.api_key.take());
            config.hmac_key = change.hmac_key.or(config.hmac_key.take());
            config.path_style = change.path_style.unwrap_or(config.path_style);
            config.silent_after_minutes = change.silent_after_minutes.unwrap_or(config.silent_after_minutes);
            config.poll_seconds = change.poll_seconds.unwrap_or(config.poll_seconds);
            config.session_folder = change.session_folder.unwrap_or_else(|| config.session_folder.take());
            if was != (config.base_url.clone(), config.session.clone()) {
                // Another session: what we knew of the one before says nothing of it.
                (config.state, config.state_since) = (SessionState::Unknown, None);
                (config.number, config.profile, config.engine, config.silent_since) = (None, None, None, None);
            }
            Ok(gives_token)
        }
        _ => Err(Error::conflict("other_kind", "a channel's kind can't be changed: connect another one")),
    }
}

/// Do both lead to the same account by the same secrets? How it is looked after proves nothing about that.
fn same_connection(one: &ChannelConfig, other: &ChannelConfig) -> bool {
    match (one, other) {
        (ChannelConfig::Waha(one), ChannelConfig::Waha(other)) => {
            let looked_after = Waha {
                silent_after_minutes: other.silent_after_minutes,
                poll_seconds: other.poll_seconds,
                session_folder: other.session_folder.clone(),
                ..one.clone()
            };
            looked_after == *other
        }
        _ => one == other,
    }
}

/// Where a channel's secret is sent.
struct Told {
    place: Option<url::Origin>,
    has_token: bool,
    token_field: &'static str,
}

impl Told {
    fn of(config: &ChannelConfig) -> Self {
        match config {
            ChannelConfig::WhatsappCloud(config) => Self {
                place: place_of(&config.base_url),
                has_token: config.access_token.is_some(),
                token_field: "config.accessToken",
            },
            ChannelConfig::Waha(config) => {
                Self { place: place_of(&config.base_url), has_token: config.api_key.is_some(), token_field: "config.apiKey" }
            }
        }
    }
}

fn check(name: &str, config: &ChannelConfig) -> Result<()> {
    let mut check = Check::new();
    check.length("name", name, 1, 80);
    let is_id =
        |id: &str| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let is_url = |url: &str| url.len() <= 300 && place_of(url).is_some();
    match config {
        ChannelConfig::WhatsappCloud(WhatsappCloud { phone_number_id, business_account_id, base_url, .. }) => {
            let given = !phone_number_id.is_empty();
            check.that(given, "config.phoneNumberId", "required", "give the number's id from Meta's dashboard");
            if given {
                check.that(is_id(phone_number_id), "config.phoneNumberId", "format", "give the id, not the number: digits only");
            }
            let parent_fits = business_account_id.as_deref().is_none_or(is_id);
            check.that(parent_fits, "config.businessAccountId", "format", "give the account's id: digits only");
            check.that(is_url(base_url), "config.baseUrl", "format", "give an http or https address");
        }
        ChannelConfig::Waha(Waha { base_url, session, silent_after_minutes, poll_seconds, session_folder, .. }) => {
            check.that(!base_url.is_empty(), "config.baseUrl", "required", "give the address of the WAHA server");
            if !base_url.is_empty() {
                check.that(is_url(base_url), "config.baseUrl", "format", "give an http or https address");
            }
            check.that(is_id(session), "config.session", "format", "give the session's name: letters, digits, - and _");
            let within = |given: Option<u32>, least: u32, most: u32| given.is_none_or(|n| (least..=most).contains(&n));
            let silent = within(*silent_after_minutes, 5, 10_080);
            check.that(silent, "config.silentAfterMinutes", "out_of_range", "give 5 minutes to 10080 (a week)");
            let poll = within(*poll_seconds, 5, 3_600);
            check.that(poll, "config.pollSeconds", "out_of_range", "give 5 to 3600 seconds");
            let folder = session_folder.as_deref().is_none_or(is_folder);
            check.that(folder, "config.sessionFolder", "format", "give the folder's whole path on this machine");
        }
    }
    check.done()
}

/// A folder by its whole path: not the root, and no part of it leads back up.
fn is_folder(path: &str) -> bool {
    let parts: Vec<Component<'_>> = Path::new(path).components().collect();
    let is_below = |parts: &[Component<'_>]| !parts.is_empty() && parts.iter().all(|part| matches!(part, Component::Normal(_)));
    path.len() <= 400
        && !path.contains(['\0', '\n'])
        && matches!(parts.as_slice(), [Component::RootDir, below @ ..] if is_below(below))
}

/// Scheme, host and port of an http address: who hears what is said to it.
fn place_of(base_url: &str) -> Option<url::Origin> {
    let base_url = if base_url.is_empty() { BASE_URL } else { base_url };
    let url = url::Url::parse(base_url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin())
}

fn check_queue(tx: &Tx<'_, '_>, queue: Option<QueueId>) -> Result<()> {
    match queue {
        Some(id) if !routing::queue_exists(tx, id)? => Err(Error::invalid("queueId", "unknown", "name a queue of this firm")),
        _ => Ok(()),
    }
}

fn claim(tx: &mut Tx<'_, '_>, there: &[Channel], channel: &Channel) -> Result<()> {
    let taken = || {
        let (field, detail) = match channel.kind() {
            ChannelKind::WhatsappCloud => ("config.phoneNumberId", "another channel of this server is connected to this number"),
            ChannelKind::Waha => ("config.session", "another channel of this server is connected to this session"),
        };
        Error::conflict_at(field, "account_taken", detail)
    };
    let key = channel.directory_key();
    let mine = |c: &Channel| c.id != channel.id && c.kind() == channel.kind() && c.directory_key() == key;
    if there.iter().any(mine) {
        return Err(taken());
    }
    let claimed = tx.claim(channel.kind().word(), &key, json!({ "channel": channel.id }));
    claimed.map_err(|error| if error.code() == "taken" { taken() } else { error })
}

fn take_default_from(tx: &mut Tx<'_, '_>, there: Vec<Channel>, heir: &Channel) -> Result<()> {
    for old in there.into_iter().filter(|c| c.is_default && c.id != heir.id) {
        let mut channel = Channel { is_default: false, ..old.clone() };
        save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null)?;
    }
    Ok(())
}

/// Notes a channel's first inbound message, for everybody to see.
pub(super) fn heard(tx: &mut Tx<'_, '_>, old: &Channel) -> Result<()> {
    let mut channel = Channel { last_inbound_at: Some(tx.now()), ..old.clone() };
    save(tx, Some(old), &mut channel, CHANNEL_UPDATED, Value::Null)
}

/// Stores a channel and tells. Events name the status and no secret.
pub(super) fn save(
    tx: &mut Tx<'_, '_>,
    old: Option<&Channel>,
    channel: &mut Channel,
    kind: &'static str,
    more: Value,
) -> Result<()> {
    channel.updated_at = tx.now();
    channel.rev = tx.next_rev();
    tx.replace(old, channel)?;
    if old.is_none_or(|old| old.status != channel.status) {
        figures::stands(tx, channel.id, channel.status)?;
    }
    let mut data = json!({ "status": channel.status, "reason": channel.status_reason, "name": channel.name });
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    let side = |exists: bool| if exists { Audience::holders(CHANNEL_READ) } else { Audience::nobody() };
    let (before, after) = (side(old.is_some()), side(channel.is_live()));
    tx.emit(NewEvent { kind, subject: channel.id.into(), before, after, data })?;
    Ok(())
}
