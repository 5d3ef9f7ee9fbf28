//! The firm one works in; all firms, for super administrators.

use crate::{
    base::{Actor, Error, Result, TenantId, locale::Language},
    identity::{
        Founding, Identity,
        commands::{self, TenantChange},
        model::Tenant,
        views::TenantView,
    },
    platform::{
        http::{IdOrNumber, Json, Kit, Page, PageQuery, Path, Query, given},
        store::{Lane, PlatformTx, Read, Tx, View},
    },
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

/// The firm one works in.
#[utoipa::path(get, path = "/tenant", tag = "tenant", responses((status = 200, body = TenantView)))]
pub(super) async fn show_tenant(State(kit): State<Kit>, actor: Actor) -> Result<Json<TenantView>> {
    let identity = kit.service::<Identity>();
    kit.store().view(actor.tenant, |view| show(&identity, view)).map(Json)
}

/// What may change about a firm; absent stays, `null` clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateTenant {
    /// Its name.
    #[schema(example = "Reboques Exemplo")]
    name: Option<String>,
    /// Its language.
    language: Option<Language>,
    /// Its IANA zone.
    #[schema(example = "Europe/Lisbon")]
    timezone: Option<String>,
    /// Its country.
    #[schema(example = "PT")]
    country: Option<String>,
    /// Its currency.
    #[schema(example = "EUR")]
    currency: Option<String>,
    /// How protocol numbers are made.
    #[schema(example = "yyyyddMMHHmmss")]
    protocol_format: Option<String>,
    /// Said to a customer who writes for the first time.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    greeting_message: Option<Option<String>>,
    /// Telephony extensions it may have; only super administrators.
    #[serde(alias = "max_extensions")]
    max_extensions: Option<u32>,
    /// Can people sign in to it? Only super administrators.
    #[serde(alias = "is_active")]
    is_active: Option<bool>,
}

/// Changes the firm one works in.
#[utoipa::path(patch, path = "/tenant", tag = "tenant", request_body = UpdateTenant, responses((status = 200, body = TenantView)))]
pub(super) async fn update_tenant(
    State(kit): State<Kit>,
    actor: Actor,
    Json(body): Json<UpdateTenant>,
) -> Result<Json<TenantView>> {
    let tenant = actor.tenant;
    change(&kit, actor, tenant, body).await
}

/// Changes any firm of this installation, or switches it off and on: then nobody signs in to it and who is signed in
/// is sent away at once. Only super administrators; one's own firm can't be switched off.
#[utoipa::path(patch, path = "/tenants/{tenantId}", tag = "tenant", params(("tenantId" = String, Path)),
    request_body = UpdateTenant, responses((status = 200, body = TenantView)))]
pub(super) async fn update_any_tenant(
    State(kit): State<Kit>,
    actor: Actor,
    Path(named): Path<IdOrNumber<TenantId>>,
    Json(body): Json<UpdateTenant>,
) -> Result<Json<TenantView>> {
    let number_of = |id| kit.store().view(id, |view| Ok(view.require::<Tenant>(&())?.number));
    let tenant = match named {
        IdOrNumber::Id(id) => kit.store().tenants().into_iter().find(|tenant| *tenant == id),
        IdOrNumber::Number(number) => kit.store().tenants().into_iter().find(|id| number_of(*id).is_ok_and(|n| n == number)),
    };
    change(&kit, actor, tenant.ok_or(Error::NotFound("tenant"))?, body).await
}

async fn change(kit: &Kit, actor: Actor, tenant: TenantId, body: UpdateTenant) -> Result<Json<TenantView>> {
    let change = TenantChange {
        name: body.name,
        language: body.language,
        timezone: body.timezone,
        country: body.country,
        currency: body.currency,
        protocol_format: body.protocol_format,
        greeting_message: body.greeting_message,
        max_extensions: body.max_extensions,
        is_active: body.is_active,
    };
    let origin = actor.origin.clone();
    if tenant != actor.tenant && change.is_active.is_some() {
        let write = move |tx: &mut PlatformTx<'_, '_>| commands::switch_tenant(tx, &actor, tenant, change);
        kit.store().write_platform(Lane::People, origin, write).await?;
    } else {
        let write = move |tx: &mut Tx<'_, '_>| commands::update_tenant(tx, &actor, change).map(drop);
        kit.store().write(tenant, Lane::People, origin, write).await?;
    }
    let identity = kit.service::<Identity>();
    kit.store().view(tenant, |view| show(&identity, view)).map(Json)
}

/// All firms of this installation, oldest first.
#[utoipa::path(get, path = "/tenants", tag = "tenant", params(PageQuery), responses((status = 200, body = Page<TenantView>)))]
pub(super) async fn list_tenants(
    State(kit): State<Kit>,
    _actor: Actor,
    Query(page): Query<PageQuery>,
) -> Result<Page<TenantView>> {
    let identity = kit.service::<Identity>();
    let page = page.cut(kit.store().tenants(), |tenant| tenant.as_bytes().to_vec())?;
    let items = page.items.into_iter().map(|tenant| kit.store().view(tenant, |view| show(&identity, view)));
    Ok(Page { items: items.collect::<Result<_>>()?, next_cursor: page.next_cursor })
}

/// A new firm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateTenant {
    /// Its name.
    #[schema(example = "Reboques do Norte")]
    name: String,
    /// Its language.
    language: Language,
    /// Its IANA zone.
    #[schema(example = "Europe/Lisbon")]
    timezone: String,
    /// Its country.
    #[schema(example = "PT")]
    country: String,
    /// Name of its first queue.
    #[schema(example = "Atendimento")]
    queue: String,
}

/// Makes another firm on this installation; its maker becomes its first member.
#[utoipa::path(post, path = "/tenants", tag = "tenant", request_body = CreateTenant, responses((status = 201, body = TenantView)))]
pub(super) async fn create_tenant(
    State(kit): State<Kit>,
    actor: Actor,
    Json(body): Json<CreateTenant>,
) -> Result<(StatusCode, Json<TenantView>)> {
    let identity = kit.service::<Identity>();
    let founding = Founding {
        owner: actor.user,
        owner_name: actor.name.to_string(),
        owner_email: String::new(),
        password_hash: None,
        company: body.name,
        language: body.language,
        timezone: body.timezone,
        country: body.country,
        queue: body.queue,
    };
    let (by, steps) = (actor.clone(), identity.above.founding.clone());
    let write = move |tx: &mut PlatformTx<'_, '_>| commands::create_tenant(tx, &by, founding, &steps);
    let tenant = kit.store().write_platform(Lane::People, actor.origin.clone(), write).await?;
    let shown = kit.store().view(tenant, |view| show(&identity, view))?;
    Ok((StatusCode::CREATED, Json(shown)))
}

fn show(identity: &Identity, view: &View) -> Result<TenantView> {
    let whatsapp = identity.above.tenant_whatsapp.as_ref().map(|ask| ask(view)).transpose()?;
    Ok(TenantView::of(&view.require::<Tenant>(&())?, whatsapp.unwrap_or_default()))
}
