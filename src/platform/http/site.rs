//! The whole router with everything that stands around it.

use super::{
    access::RouteName,
    assets,
    context::{Peer, REQUEST_ID, RequestContext},
    docs, headers,
    health::{Contract, routes_of_the_house},
    kit::Kit,
    listener::{PlainVerdict, plain_verdict},
    origin, page,
    problem::Problem,
    routes::Routes,
    setup_lock,
    tls::routes_of_trust,
};
use crate::base::{Error, time::Stopwatch};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Version, header, request::Parts, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tower::Layer;
use tower_http::{
    compression::{CompressionLayer, predicate::Predicate},
    normalize_path::{NormalizePath, NormalizePathLayer},
};
use tracing::Instrument;
use utoipa::openapi::OpenApi;

/// The finished service. A trailing slash is ignored.
pub type Site = NormalizePath<Router>;

/// The contract of `routes` and of this room's own.
pub fn openapi(routes: Routes) -> OpenApi {
    routes.merge(routes_of_the_house()).merge(routes_of_trust()).openapi()
}

/// Mounts `routes` and this room's own, and stands the house's layers around them.
pub fn site(kit: &Kit, routes: Routes) -> Site {
    let routes = routes.merge(routes_of_the_house()).merge(routes_of_trust());
    let contract = serde_json::to_value(routes.openapi()).unwrap_or_default();
    let contract = Contract(Bytes::from(contract.to_string()));
    let pages = docs::DocsPages::of(contract.0.clone());
    let router = routes
        .mount(kit)
        .fallback(elsewhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(Extension(contract))
        .layer(Extension(pages))
        .layer(middleware::from_fn_with_state(kit.clone(), front))
        .layer(CompressionLayer::new().gzip(true).compress_when(LargeJson));
    NormalizePathLayer::trim_trailing_slash().layer(router)
}

/// Files are compressed once and for all elsewhere; small answers and media would not gain.
#[derive(Clone, Copy)]
struct LargeJson;

/// Below this many bytes gzip costs more than it saves.
const GZIP_BYTES_MIN: u64 = 1_024;

impl Predicate for LargeJson {
    fn should_compress<B: http_body::Body>(&self, response: &axum::http::Response<B>) -> bool {
        let json = response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"application/json"));
        json && response.body().size_hint().exact().is_none_or(|size| size >= GZIP_BYTES_MIN)
    }
}

async fn elsewhere(request: Request) -> Response {
    assets::serve(request.into_parts().0).await
}

async fn wrong_method() -> Response {
    let detail = "this address answers only the methods named in Allow";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into_response()
}

/// The outermost layer: knows the request before anybody else and has the last word on the answer.
async fn front(State(kit): State<Kit>, request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let (mut parts, body) = request.into_parts();
    let context = RequestContext::of(&parts, &kit);
    parts.extensions.insert(context.clone());
    let head = Head::of(&parts);
    // At the highest level, so that also the quietest log says which request a line belongs to.
    let span = tracing::error_span!(
        "request",
        request_id = %context.id,
        tenant = tracing::field::Empty,
        user = tracing::field::Empty,
    );
    async move {
        let _in_flight = InFlight::begin();
        let mut response = match refuse(&kit, &parts, &context) {
            Some(refusal) => refusal,
            None => {
                let answer = page::within(&head.path, next.run(Request::from_parts(parts, body)));
                let answered = AssertUnwindSafe(answer).catch_unwind().await;
                answered.unwrap_or_else(|_| Error::internal("the handler panicked").into_response())
            }
        };
        let problem = response.extensions_mut().remove::<Arc<Problem>>().or_else(|| unspoken(&response));
        if let Some(problem) = &problem {
            response = with_request_id(problem, response, &head.method, &context.id);
        }
        let own = response.headers_mut();
        headers::harden(own, &head.path, context.secure);
        origin::share(head.origin.as_ref(), &kit.settings(), own);
        own.extend(HeaderValue::from_str(&context.id).map(|id| (REQUEST_ID, id)));
        note(&head, &context, &response, problem.as_deref(), watch.elapsed());
        response
    }
    .instrument(span)
    .await
}

/// What is still needed of a request after it was handed on.
struct Head {
    method: Method,
    path: Box<str>,
    version: Version,
    origin: Option<HeaderValue>,
}

impl Head {
    fn of(parts: &Parts) -> Self {
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().into(),
            version: parts.version,
            origin: parts.headers.get(header::ORIGIN).cloned(),
        }
    }
}

/// The door's own refusals and short answers, before any route is looked at.
fn refuse(kit: &Kit, parts: &Parts, context: &RequestContext) -> Option<Response> {
    let settings = kit.settings();
    // RFC 9112, section 3.2: two hosts, or none, and a proxy before us may have meant another than we do.
    let hosts = parts.headers.get_all(header::HOST).iter().count();
    let over_a_wire = parts.extensions.get::<Peer>().is_some();
    if over_a_wire && (hosts > 1 || hosts == 0 && parts.version == Version::HTTP_11) {
        return Some(Problem::new(StatusCode::BAD_REQUEST, "host", "name the host once, in the header Host").into_response());
    }
    match plain_verdict(context, parts.uri.path(), kit) {
        PlainVerdict::GoOn => {}
        PlainVerdict::Redirect(port) => return Some(to_https(parts, context, port)),
        PlainVerdict::Refuse => {
            let detail = "this address is plain HTTP; use the HTTPS address, or name the proxy between us in trusted_proxies";
            return Some(Problem::new(StatusCode::FORBIDDEN, "https_required", detail).into_response());
        }
    }
    if let Some(answer) = origin::preflight(parts, &settings) {
        return Some(answer);
    }
    if let Err(foreign) = origin::same_site(parts, context, &settings) {
        return Some(foreign.into_response());
    }
    let locked = kit.needs_setup();
    locked.then(|| setup_lock::refuse(&parts.method, parts.uri.path(), &parts.headers, assets::is_file)).flatten()
}

/// Refusals of the framework (a body over its limit, a broken upload) come as plain text; they are problems too.
fn unspoken(response: &Response) -> Option<Arc<Problem>> {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let text = kind.is_none_or(|kind| kind.starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !text {
        return None;
    }
    let (code, detail) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is larger than this address takes"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported_media_type", "this address takes another kind of body"),
        StatusCode::UPGRADE_REQUIRED => ("upgrade_required", "this address speaks WebSocket"),
        StatusCode::NOT_FOUND => ("not_found", "there is nothing at this address"),
        _ if status.is_server_error() => ("internal", "something went wrong on our side; the request id finds it in the log"),
        _ => ("unreadable", "the request could not be read"),
    };
    Some(Arc::new(Problem::new(status, code, detail)))
}

/// The same address over HTTPS; method and body stay (308).
fn to_https(parts: &Parts, context: &RequestContext, port: u16) -> Response {
    let host = context.host.as_deref().and_then(|host| host.parse::<Authority>().ok());
    let Some(host) = host else {
        return Problem::new(StatusCode::BAD_REQUEST, "host_required", "name the host in the Host header").into_response();
    };
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut response = Redirect::permanent(&format!("https://{}{port}{path}", host.host())).into_response();
    // Browsers keep a permanent redirect for ever; the port may change.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    response
}

/// Writes the problem again, now knowing the request; headers set on the way out stay.
fn with_request_id(problem: &Problem, mut answered: Response, method: &Method, id: &str) -> Response {
    let mut response = problem.clone().respond(Some(method), Some(id));
    let kept: HeaderMap = std::mem::take(answered.headers_mut());
    // Asked before the loop, or of several cookies only the first would be kept.
    let written = response.headers().clone();
    for (name, value) in &kept {
        if *name != header::CONTENT_LENGTH && !written.contains_key(name) {
            response.headers_mut().append(name, value.clone());
        }
    }
    let extensions: Extensions = std::mem::take(answered.extensions_mut());
    response.extensions_mut().extend(extensions);
    response
}

/// One log line and one observation per request. Query strings and bodies are never logged, nor paths that hold a secret.
fn note(head: &Head, context: &RequestContext, response: &Response, problem: Option<&Problem>, took: Duration) {
    let route = response.extensions().get::<RouteName>().map_or("unmatched", |name| &name.0);
    let path = loggable(route, &head.path);
    let status = response.status().as_u16();
    let millis = took.as_secs_f64() * 1_000.0;
    let code = problem.map(|problem| problem.code.as_ref());
    if let Some(cause) = problem.and_then(|problem| problem.internal.as_deref()) {
        tracing::error!(method = %head.method, path, cause, "a request failed");
    }
    let quiet = matches!(route, "/livez" | "/readyz" | "/healthz" | "/metrics") && status < 400;
    let address = context.address;
    if quiet {
        tracing::debug!(method = %head.method, path, route, status, millis, %address, "answered");
    } else {
        tracing::info!(method = %head.method, path, route, status, code, millis, %address, version = ?head.version, "answered");
    }
    let labels = [("method", method_label(&head.method).to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::histogram!("farol_http_request_seconds", &labels).record(took.as_secs_f64());
}

/// The path as the log may show it: links that open doors (invitations, challenges) carry their key in the path.
fn loggable<'a>(route: &'a str, path: &'a str) -> &'a str {
    if route.contains("oken}") || route.contains("ode}") {
        return route;
    }
    match route {
        // Pages of the app, and addresses that are nearly ours (a link copied with a letter too much, a method that is
        // not taken): the first word says enough.
        "(page)" | "unmatched" => {
            let first = path.match_indices('/').nth(1).map_or(path, |(at, _)| &path[..at]);
            first.get(..first.len().min(64)).unwrap_or("/")
        }
        _ => path,
    }
}

/// A stranger can invent methods; labels must stay few.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Counts requests being answered, also when their client goes away in the middle.
struct InFlight;

impl InFlight {
    fn begin() -> Self {
        metrics::gauge!("farol_http_requests_in_flight").increment(1);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("farol_http_requests_in_flight").decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::loggable;

    #[test]
    fn keys_in_paths_never_reach_the_log() {
        for (route, path, shown) in [
            ("/api/v1/invitations/accept/{token}", "/api/v1/invitations/accept/s3cret", "/api/v1/invitations/accept/{token}"),
            ("(page)", "/invite/s3cret", "/invite"),
            ("unmatched", "/api/v1/invitations/accept/s3cret", "/api"),
            ("unmatched", "/invite/s3cret/", "/invite"),
            ("(page)", "/", "/"),
            ("(page)", "/inbox", "/inbox"),
            ("/api/v1/users/{userId}", "/api/v1/users/7", "/api/v1/users/7"),
        ] {
            assert_eq!(loggable(route, path), shown);
        }
    }
}
