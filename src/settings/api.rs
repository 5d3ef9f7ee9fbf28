//! `GET /settings`, `PUT /settings/{key}`.

use super::{AnySetting, FixedBy, Fixture, Level, MANAGE, PLATFORM_MANAGE, Place, READ, Settings, commands, model::stored};
use crate::{
    base::{Actor, ChannelId, Error, Result},
    platform::{
        http::{Access, Json, Kit, Page, PageQuery, Path, Query, RouteOptions, Routes, routes},
        shared::Shared,
        store::{Lane, TenantScope},
    },
};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// The doors of this room.
pub fn routes() -> Routes {
    // People read and set their own values without any permission; the handlers check the other levels.
    // Where the disk is full, the owner mends it by a setting.
    let always = RouteOptions { essential: true, ..RouteOptions::default() };
    Routes::new().add(Access::SignedIn, routes!(list_settings)).add_with(Access::SignedIn, always, routes!(put_setting))
}

/// One key as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingView {
    /// Its name.
    #[schema(example = "auth.accessTokenLifetime")]
    pub key: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Where it may be set, widest first.
    pub levels: &'static [Level],
    /// The value in force at the level asked for.
    pub value: Value,
    /// Where that value is set; `null`: nowhere, it is the default.
    pub origin: Option<Level>,
    /// What fixes the value outside the app, so that it can't be changed here.
    pub fixed_by: Option<FixedBy>,
    /// The name of what fixes it: a flag, a variable or the path of a file.
    #[schema(example = "FAROL_PUBLIC_URL")]
    pub fixed_name: Option<String>,
    /// What would hold if nothing were set.
    pub default: Value,
    /// JSON schema of its values.
    pub schema: Value,
}

/// Which level is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct LevelQuery {
    /// `tenant` unless said otherwise.
    level: Option<Level>,
    /// The channel, for level `channel`.
    channel_id: Option<ChannelId>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// A new value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PutSetting {
    /// The value; `null` takes it away, so that it is inherited again.
    #[schema(example = "24h")]
    value: Value,
    /// The level; `tenant` unless said otherwise.
    level: Option<Level>,
    /// The channel, for level `channel`.
    channel_id: Option<ChannelId>,
}

/// All settings, with the value in force at a level and where it comes from.
#[utoipa::path(get, path = "/settings", tag = "settings", params(LevelQuery, PageQuery), responses((status = 200, body = Page<SettingView>)))]
async fn list_settings(State(kit): State<Kit>, actor: Actor, Query(query): Query<LevelQuery>) -> Result<Page<SettingView>> {
    let level = query.level.unwrap_or(Level::Tenant);
    match level {
        Level::User => {}
        Level::Global => drop(actor.require(PLATFORM_MANAGE)?),
        Level::Tenant | Level::Channel => drop(actor.require(READ)?),
    }
    let place = place(level, query.channel_id, &actor);
    let settings = kit.service::<Settings>();
    kit.store().view(actor.tenant, |view| {
        // What people don't set for themselves is no business of just anybody.
        let has = |at: Level| if level == Level::User { at == Level::User } else { at <= level };
        let shown = settings.registry().iter().filter(|setting| setting.levels().iter().any(|at| has(*at)));
        let page = query.page.cut(shown.collect(), |setting| setting.name().as_bytes().to_vec())?;
        let items = page.items.into_iter().map(|setting| show(view, &settings, setting, level, &place)).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    })
}

/// Sets one value. Takes effect at once. 409 `fixed_by_configuration` where the server was started with a value of its own.
#[utoipa::path(put, path = "/settings/{key}", tag = "settings", params(("key" = String, Path, example = "auth.accessTokenLifetime")),
    request_body = PutSetting, responses((status = 200, body = SettingView)))]
async fn put_setting(
    State(kit): State<Kit>,
    actor: Actor,
    Path(key): Path<String>,
    Json(body): Json<PutSetting>,
) -> Result<Json<SettingView>> {
    let settings = kit.service::<Settings>();
    let setting = settings.registry().find(&key).ok_or(Error::NotFound("setting"))?;
    let level = body.level.unwrap_or(if setting.levels().contains(&Level::Tenant) { Level::Tenant } else { setting.levels()[0] });
    let place = place(level, body.channel_id, &actor);
    let (tenant, value, by) = (actor.tenant, body.value, actor.clone());
    let needs = match level {
        Level::Global => Some(PLATFORM_MANAGE),
        Level::Tenant | Level::Channel => Some(MANAGE),
        Level::User => None,
    };
    needs.map_or(Ok(()), |needs| actor.require(needs).map(drop))?;
    if let Some(fixture) = settings.fixture(setting.name()) {
        return Err(fixture.refusal(setting));
    }
    if level == Level::Global {
        let origin = actor.origin.clone();
        kit.store().write_platform(Lane::People, origin, move |tx| commands::put_global(tx, &by, setting, &value)).await?;
        settings.changed(setting.name());
    } else {
        let origin = actor.origin.clone();
        kit.store().write(tenant, Lane::People, origin, move |tx| commands::put(tx, &by, setting, level, &place, &value)).await?;
    }
    kit.store().view(tenant, |view| show(view, &settings, setting, level, &place)).map(Json)
}

fn place(level: Level, channel: Option<ChannelId>, actor: &Actor) -> Place {
    match level {
        Level::User => Place::user(actor.user),
        Level::Channel => Place { user: None, channel },
        Level::Tenant | Level::Global => Place::TENANT,
    }
}

fn show(
    read: &impl Shared<Scope = TenantScope>,
    settings: &Settings,
    setting: &'static dyn AnySetting,
    level: Level,
    place: &Place,
) -> Result<SettingView> {
    let default = setting.default_json();
    let (mut value, mut origin) = (default.clone(), None);
    let mut levels: Vec<Level> = setting.levels().iter().copied().filter(|l| *l <= level).collect();
    levels.sort_unstable_by(|a, b| b.cmp(a));
    for level in levels {
        if let Some(stored) = stored(read, setting.name(), level, place)?.and_then(|json| setting.accept(&json).ok()) {
            (value, origin) = (stored, Some(level));
            break;
        }
    }
    let fixture = settings.fixture(setting.name());
    if let Some(fixture) = fixture {
        (value, origin) = (fixture.value.clone(), None);
    }
    let (fixed_by, fixed_name) = (fixture.map(|f| f.by), fixture.map(|f: &Fixture| f.name.clone()));
    let (key, about, levels) = (setting.name(), setting.about(), setting.levels());
    Ok(SettingView { key, about, levels, value, origin, fixed_by, fixed_name, default, schema: setting.schema() })
}
