//! The doors with a bare router: who may come through, what errors look like, which shape lists take.

use axum::{
    body::Body,
    extract::State,
    http::{Method, Request, StatusCode},
    response::Response,
};
use farol::{
    base::*,
    platform::{
        http::{
            Access, Authenticator, HttpSettings, Json, Kit, Page, PageQuery, Path, Query, RouteOptions, Routes, Site, routes,
            site,
        },
        store::Store,
    },
};
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt;

const READ: Permission = Permission("queue.read");
const MANAGE: Permission = Permission("queue.manage");

/// Lets `Bearer good` in with one permission.
struct Doorman;

impl Authenticator for Doorman {
    fn authenticate(&self, parts: &axum::http::request::Parts, origin: &Origin) -> Result<Actor> {
        let token = parts.headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
        if token != "Bearer good" {
            return Err(Error::Unauthenticated("unauthenticated"));
        }
        let user = UserId(uuid::Uuid::from_u128(7));
        Ok(Actor {
            user,
            name: "Rui".into(),
            session: SessionId(uuid::Uuid::from_u128(8)),
            tenant: TenantId(uuid::Uuid::from_u128(9)),
            grants: Arc::new(Grants::from_pairs([("queue.read".into(), Reach::Tenant)])),
            queues: Arc::new([]),
            origin: origin.acting_as(ActorRef::User(user)),
        })
    }
}

#[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
struct Thing {
    name: String,
}

#[utoipa::path(get, path = "/things", params(PageQuery), responses((status = 200, body = Page<Thing>)))]
async fn list_things(State(_kit): State<Kit>, actor: Actor, Query(page): Query<PageQuery>) -> Result<Page<Thing>> {
    let items = (0..page.limit().min(2)).map(|n| Thing { name: format!("{} {n}", actor.name) }).collect();
    Ok(Page { items, next_cursor: Some("abc".to_owned()) })
}

#[utoipa::path(patch, path = "/things/{thingId}", request_body = Thing, responses((status = 200, body = Thing)))]
async fn change_thing(Path(_id): Path<TenantId>, Json(thing): Json<Thing>) -> Result<Json<Thing>> {
    error::Check::new().length("name", &thing.name, 1, 5).done()?;
    Ok(Json(thing))
}

#[utoipa::path(delete, path = "/things/{thingId}", responses((status = 204)))]
async fn drop_thing(Path(_id): Path<TenantId>) -> Result<StatusCode> {
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/panic", responses((status = 200)))]
async fn trip() -> Result<StatusCode> {
    panic!("a handler with a mistake in it")
}

#[utoipa::path(post, path = "/hooks/{name}", request_body(content = String, content_type = "application/octet-stream"), responses((status = 200)))]
async fn hook(body: axum::body::Bytes) -> String {
    body.len().to_string()
}

fn kit(settings: HttpSettings) -> Kit {
    let env = Env::system();
    Kit::builder(Store::in_memory(env.clone()), env, settings).authenticator(Arc::new(Doorman)).build()
}

fn bare_routes() -> Routes {
    Routes::new()
        .add(Access::Needs(READ), routes!(list_things))
        .add(Access::SignedIn, routes!(change_thing))
        .add(Access::Needs(MANAGE), routes!(drop_thing))
        .add(Access::Public, routes!(trip))
        .add_root(Access::Webhook, RouteOptions { body_bytes_max: Some(16), ..Default::default() }, routes!(hook))
}

fn bare_site() -> Site {
    site(&kit(HttpSettings::default()), bare_routes())
}

async fn ask(site: &Site, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Response {
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost:8080");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = match body {
        Some(value) => {
            request = request.header("content-type", "application/json");
            Body::from(value.to_string())
        }
        None => Body::empty(),
    };
    site.clone().oneshot(request.body(body).unwrap()).await.unwrap()
}

async fn read(response: Response) -> Value {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() }
}

#[tokio::test]
async fn both_mounts_answer_and_lists_take_the_shape_of_their_mount() {
    let site = bare_site();
    for path in ["/api/v1/things?limit=1", "/api/v1/things/?limit=1"] {
        let response = ask(&site, Method::GET, path, Some("good"), None).await;
        assert_eq!(response.headers()["x-farol-seq"], "0");
        assert_eq!(read(response).await, json!({"items": [{"name": "Rui 0"}], "nextCursor": "abc"}), "{path}");
    }
    let response = ask(&site, Method::GET, "/api/things?limit=1", Some("good"), None).await;
    assert_eq!(response.headers()["x-next-cursor"], "abc");
    assert_eq!(read(response).await, json!([{"name": "Rui 0"}]));
}

#[tokio::test]
async fn who_may_not_come_in_is_told_why() {
    let site = bare_site();
    let id = uuid::Uuid::nil();
    let rows = [
        (Method::GET, "/api/v1/things".to_owned(), None, 401, "unauthenticated"),
        (Method::GET, "/api/v1/things".to_owned(), Some("bad"), 401, "unauthenticated"),
        (Method::DELETE, format!("/api/v1/things/{id}"), Some("good"), 403, "forbidden"),
        (Method::DELETE, format!("/api/things/{id}"), Some("good"), 403, "forbidden"),
        (Method::GET, "/api/v1/nothing".to_owned(), Some("good"), 404, "not_found"),
        (Method::GET, "/api".to_owned(), None, 404, "not_found"),
        (Method::POST, "/api/v1/things".to_owned(), Some("good"), 405, "method_not_allowed"),
        (Method::GET, "/api/v1/panic".to_owned(), None, 500, "internal"),
    ];
    for (method, path, token, status, code) in rows {
        let response = ask(&site, method.clone(), &path, token, None).await;
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem = read(response).await;
        assert_eq!(problem["code"], code, "{method} {path}");
        assert_eq!(problem["requestId"], *id);
        assert_eq!(problem["type"], format!("urn:farol:problem:{code}"));
    }
    let response = ask(&site, Method::GET, "/api/v1/things", Some("good"), None).await;
    assert_eq!(response.status(), StatusCode::OK, "a panic beside stops nothing");
}

#[tokio::test]
async fn put_answers_where_patch_does_and_wrong_fields_are_named() {
    let site = bare_site();
    let path = format!("/api/v1/things/{}", uuid::Uuid::nil());
    for method in [Method::PATCH, Method::PUT] {
        let response = ask(&site, method.clone(), &path, Some("good"), Some(json!({"name": "Ana"}))).await;
        assert_eq!(read(response).await, json!({"name": "Ana"}), "{method}");
        let response = ask(&site, method, &path, Some("good"), Some(json!({"name": "far too long"}))).await;
        assert_eq!(response.status().as_u16(), 422);
        assert_eq!(read(response).await["errors"][0]["code"], "too_long");
    }
    let response = ask(&site, Method::PATCH, "/api/v1/things/seven", Some("good"), Some(json!({"name": "Ana"}))).await;
    assert_eq!(response.status().as_u16(), 400);
    assert_eq!(read(response).await["errors"][0]["field"], "thingId");
    let response = ask(&site, Method::PATCH, &path, Some("good"), None).await;
    assert_eq!(response.status().as_u16(), 415);
}

#[tokio::test]
async fn a_body_over_the_routes_limit_is_refused() {
    let site = bare_site();
    for (length, status) in [(16, 200), (17, 413)] {
        let request = Request::post("/hooks/x").body(Body::from(vec![b'x'; length])).unwrap();
        assert_eq!(site.clone().oneshot(request).await.unwrap().status().as_u16(), status);
    }
    let streamed = Body::from_stream(futures_util::stream::iter((0..3).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 8]))));
    let response = site.clone().oneshot(Request::post("/hooks/x").body(streamed).unwrap()).await.unwrap();
    assert_eq!(response.status().as_u16(), 413);
    assert_eq!(read(response).await["code"], "too_large");
}

#[test]
fn the_contract_says_who_may_come_in() {
    let api = serde_json::to_value(bare_routes().openapi()).unwrap();
    let list = &api["paths"]["/api/v1/things"]["get"];
    assert_eq!(list["x-permission"], "queue.read");
    assert_eq!(list["security"], json!([{"bearer": []}]));
    assert_eq!(list["operationId"], "getThings");
    assert_eq!(
        list["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"],
        "#/components/schemas/Problem"
    );
    assert_eq!(api["paths"]["/hooks/{name}"]["post"]["security"], json!([]));
    assert_eq!(api["paths"]["/api/v1/things/{thingId}"]["delete"]["x-permission"], "queue.manage");
}

#[tokio::test]
async fn every_answer_carries_the_houses_headers_and_its_request_id() {
    let site = bare_site();
    for (path, status) in [
        ("/api/v1/things", 200),
        ("/api/v1/panic", 500),
        ("/nothing", 404),
        ("/livez", 200),
        ("/api/openapi.json", 200),
        ("/api/docs", 200),
    ] {
        let request = Request::get(path).header("authorization", "Bearer good").header("x-request-id", "client-made-id");
        let response = site.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
        let headers = response.headers();
        assert_eq!(headers["x-request-id"], "client-made-id");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["x-xss-protection"], "0");
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(headers["permissions-policy"], "geolocation=(self), camera=(self), microphone=(self)");
        assert!(headers.contains_key("content-security-policy"));
        assert!(!headers.contains_key("strict-transport-security"), "plain http never claims https");
        assert_eq!(path.starts_with("/api"), headers.get("cache-control").is_some_and(|v| v == "no-store"));
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_https_is_known_and_elsewhere_not_believed() {
    let settings = HttpSettings { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..HttpSettings::default() };
    for (settings, hsts) in [(settings, true), (HttpSettings::default(), false)] {
        let kit = kit(settings);
        let request = Request::get("/livez").header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
        let response = site(&kit, bare_routes()).oneshot(request).await.unwrap();
        assert_eq!(response.headers().contains_key("strict-transport-security"), hsts);
        assert_eq!(kit.untrusted_proxies().is_empty(), hsts, "who pretends is remembered");
    }
}

#[tokio::test]
async fn without_an_owner_only_wizard_and_probes_answer() {
    let env = Env::system();
    let kit = Kit::builder(Store::in_memory(env.clone()), env, HttpSettings::default())
        .authenticator(Arc::new(Doorman))
        .needs_setup(|| true)
        .build();
    let site = site(&kit, bare_routes());
    for (path, status) in [("/livez", 200), ("/readyz", 200), ("/healthz", 200), ("/api/health", 200), ("/api/v1/health", 200)] {
        assert_eq!(ask(&site, Method::GET, path, None, None).await.status().as_u16(), status, "{path}");
    }
    let response = ask(&site, Method::GET, "/api/v1/things", Some("good"), None).await;
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(read(response).await["code"], "setup_required");
}

#[tokio::test]
async fn readiness_names_what_hinders() {
    let env = Env::system();
    let kit = Kit::builder(Store::in_memory(env.clone()), env, HttpSettings::default())
        .ready_if("disk", || Err("less than 1 GB is free".to_owned()))
        .build();
    let site = site(&kit, Routes::new());
    let response = ask(&site, Method::GET, "/readyz", None, None).await;
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem = read(response).await;
    assert_eq!(problem["code"], "not_ready");
    assert_eq!(problem["errors"], json!([{"field": "disk", "code": "not_ready", "detail": "less than 1 GB is free"}]));
    for alive in ["/livez", "/healthz"] {
        assert_eq!(ask(&site, Method::GET, alive, None, None).await.status().as_u16(), 200);
    }
}

#[tokio::test]
async fn who_guesses_tokens_is_refused_when_the_address_is_over_its_rate() {
    let mut settings = HttpSettings::default();
    settings.rates.address = farol::platform::http::settings::Rate::per_minute(60, 3);
    let site = site(&kit(settings), bare_routes());
    for _ in 0..3 {
        assert_eq!(ask(&site, Method::GET, "/api/v1/things", Some("guessed"), None).await.status().as_u16(), 401);
    }
    assert_eq!(ask(&site, Method::GET, "/api/v1/things", Some("guessed"), None).await.status().as_u16(), 429);
    assert_eq!(ask(&site, Method::GET, "/api/v1/things", Some("good"), None).await.status().as_u16(), 200);
}

#[tokio::test]
async fn a_session_over_its_rate_waits_and_webhooks_do_not_share_its_bucket() {
    let mut settings = HttpSettings::default();
    settings.rates.session = farol::platform::http::settings::Rate::per_minute(60, 3);
    let kit = kit(settings.clone());
    let site = site(&kit, bare_routes());
    for _ in 0..3 {
        assert_eq!(ask(&site, Method::GET, "/api/v1/things", Some("good"), None).await.status().as_u16(), 200);
    }
    let response = ask(&site, Method::GET, "/api/v1/things", Some("good"), None).await;
    assert_eq!(response.status().as_u16(), 429);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(read(response).await["code"], "quota");
    for _ in 0..500 {
        assert_eq!(ask(&site, Method::POST, "/hooks/a", None, None).await.status().as_u16(), 200);
    }
    settings.rates.enabled = false;
    kit.set_settings(settings);
    assert_eq!(ask(&site, Method::GET, "/api/v1/things", Some("good"), None).await.status().as_u16(), 200);
}

#[tokio::test]
async fn a_listed_site_may_call_and_another_may_not() {
    let mut settings = HttpSettings::default();
    settings.cors.origins = vec!["https://desk.example.com".to_owned()];
    let site = site(&kit(settings), bare_routes());
    for (origin, allowed) in [("https://desk.example.com", true), ("https://evil.example.com", false)] {
        let preflight =
            Request::options("/api/v1/things").header("origin", origin).header("access-control-request-method", "GET");
        let response = site.clone().oneshot(preflight.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(response.headers().contains_key("access-control-allow-origin"), allowed);
        let request = Request::get("/api/v1/things").header("origin", origin).header("authorization", "Bearer good");
        let response = site.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers().contains_key("access-control-allow-origin"), allowed);
        assert_eq!(response.headers()["vary"], "origin");
    }
}

#[tokio::test]
async fn large_json_is_compressed_and_small_is_not() {
    let site = bare_site();
    for (path, gzip) in [("/api/v1/openapi.json", true), ("/livez", false)] {
        let request = Request::get(path).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
        let response = site.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers().get("content-encoding").is_some_and(|v| v == "gzip"), gzip, "{path}");
    }
}

#[tokio::test]
async fn figures_are_for_this_machine_or_for_the_token() {
    farol::platform::telemetry::start_metrics();
    let settings = HttpSettings { metrics_token: Some("t0ken".to_owned()), ..HttpSettings::default() };
    let site = site(&kit(settings), bare_routes());
    assert_eq!(ask(&site, Method::GET, "/api/v1/things", Some("good"), None).await.status().as_u16(), 200);
    let response = ask(&site, Method::GET, "/metrics", None, None).await;
    let text = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    assert!(text.contains(r#"farol_http_request_seconds_bucket{method="GET",route="/api/v1/things",status="200""#), "{text}");
    for (token, status) in [("t0ken", 200), ("other", 401)] {
        let request =
            Request::get("/metrics").header("x-forwarded-for", "192.0.2.1").header("authorization", format!("Bearer {token}"));
        let response = site.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
    }
}

#[tokio::test]
async fn a_route_may_be_stricter_than_the_house_and_both_mounts_share_its_bucket() {
    let rate = Some(farol::platform::http::settings::Rate::per_minute(60, 2));
    let routes = Routes::new().add_with(Access::Needs(READ), RouteOptions { rate, ..Default::default() }, routes!(list_things));
    let site = site(&kit(HttpSettings::default()), routes);
    for (path, status) in [("/api/v1/things", 200), ("/api/things", 200), ("/api/v1/things", 429), ("/api/things", 429)] {
        assert_eq!(ask(&site, Method::GET, path, Some("good"), None).await.status().as_u16(), status, "{path}");
    }
}
