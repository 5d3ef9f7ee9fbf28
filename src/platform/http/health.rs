//! Probes, metrics and the contract: what answers before there is an owner, and to machines.

use super::{
    access::Access,
    context::RequestContext,
    docs::DocsPages,
    extract::{Json, Query},
    kit::Kit,
    problem::{Problem, ProblemBody},
    routes::{RouteOptions, Routes, routes},
    tls::asked_language,
};
use crate::{
    base::{Error, FieldError, locale::Language},
    platform::telemetry,
};
use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::{IntoParams, ToSchema};

/// The contract as JSON, made once when the site is put together.
#[derive(Clone)]
pub(super) struct Contract(pub Bytes);

/// State of the house.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
}

impl Health {
    /// All is well, as far as this was asked.
    pub(super) fn ok() -> Self {
        Self { status: "ok" }
    }
}

/// The routes of this room itself.
pub(super) fn routes_of_the_house() -> Routes {
    let plain = RouteOptions::default();
    Routes::new()
        .add_root(Access::Public, plain, routes!(alive))
        .add_root(Access::Public, plain, routes!(ready))
        .add_root(Access::Public, plain, routes!(healthy))
        .add_root(Access::Public, plain, routes!(metrics_text))
        .add(Access::Public, routes!(health))
        .add(Access::Public, routes!(contract))
        .add(Access::Public, routes!(docs))
}

/// Does the process answer at all?
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, body = Health)))]
async fn alive() -> Json<Health> {
    Json(Health::ok())
}

/// Can it serve? Otherwise 503, and `errors` names each part that hinders.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200, body = Health), (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
async fn ready(State(kit): State<Kit>) -> Result<Json<Health>, Problem> {
    let reasons = kit.unreadiness();
    if reasons.is_empty() { Ok(Json(Health::ok())) } else { Err(not_ready(&reasons)) }
}

/// Does the process answer at all? Under its older name
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Health)))]
async fn healthy() -> Json<Health> {
    alive().await
}

/// Can it serve? Beside the API
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, body = Health), (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
async fn health(kit: State<Kit>) -> Result<Json<Health>, Problem> {
    ready(kit).await
}

/// The refusal that names what hinders, part by part.
pub(super) fn not_ready(reasons: &[(&'static str, String)]) -> Problem {
    let errors = reasons.iter().map(|(part, why)| FieldError {
        field: (*part).into(),
        code: "not_ready".into(),
        detail: why.clone().into(),
    });
    let detail = reasons.iter().map(|(part, why)| format!("{part}: {why}")).collect::<Vec<_>>().join("; ");
    Problem {
        errors: errors.collect(),
        retry_after_secs: Some(NOT_READY_RETRY_SECS),
        ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", detail)
    }
}

/// Probes come again by themselves; whoever else asks should not hammer.
const NOT_READY_RETRY_SECS: u64 = 5;

/// This contract.
#[utoipa::path(get, path = "/openapi.json", tag = "health", responses((status = 200, body = Object)))]
async fn contract(Extension(contract): Extension<Contract>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], contract.0).into_response()
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DocsQuery {
    /// Language of the page: en, fr, es or pt-BR; the browser's if none is given.
    lang: Option<String>,
}

/// This contract as a page, where who is signed in can try each call.
#[utoipa::path(get, path = "/docs", tag = "health", params(DocsQuery), responses((status = 200, body = String, content_type = "text/html")))]
async fn docs(Extension(pages): Extension<DocsPages>, Query(query): Query<DocsQuery>, headers: HeaderMap) -> Response {
    pages.answer(query.lang.as_deref().and_then(Language::from_tag).unwrap_or_else(|| asked_language(&headers)))
}

/// Figures for Prometheus: to this machine, or to who shows the token.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, body = String, content_type = "text/plain")))]
async fn metrics_text(
    State(kit): State<Kit>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A proxy on this machine makes everybody look local, so a forwarded request is never local.
    let forwarded = headers.keys().any(|name| name.as_str().starts_with("x-forwarded-") || name == header::FORWARDED);
    let local = context.peer.is_loopback() && !forwarded;
    let shown = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    let known = match (&kit.settings().metrics_token, shown) {
        (Some(token), Some(shown)) => bool::from(token.as_bytes().ct_eq(shown.as_bytes())),
        _ => false,
    };
    if !local && !known {
        return Err(Error::Unauthenticated("metrics_token_required").into());
    }
    let text = telemetry::metrics_text();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], text)
        .into_response())
}
