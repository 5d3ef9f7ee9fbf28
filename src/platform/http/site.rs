//! The whole router with everything that stands around it.

use super::{
    access::RouteName,
    context::{REQUEST_ID, RequestContext},
    kit::Kit,
    problem::Problem,
    routes::Routes,
};
use crate::base::Error;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc};
use tower::Layer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};
use tracing::Instrument;

/// The finished service. A trailing slash is ignored.
pub type Site = NormalizePath<Router>;

/// Mounts `routes` and stands the house's layers around them.
pub fn site(kit: &Kit, routes: Routes) -> Site {
    let router = routes
        .mount(kit)
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(kit.clone(), front));
    NormalizePathLayer::trim_trailing_slash().layer(router)
}

async fn nothing_here(uri: Uri) -> Response {
    let _ = uri;
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address; /api/v1/openapi.json lists what there is")
        .into_response()
}

async fn wrong_method() -> Response {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this address answers only the methods named in Allow")
        .into_response()
}

/// The outermost layer: knows the request before anybody else and has the last word on the answer.
async fn front(State(kit): State<Kit>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let context = RequestContext::of(&parts, &kit);
    let method = parts.method.clone();
    parts.extensions.insert(context.clone());
    let span = tracing::info_span!(
        "request",
        request_id = %context.id,
        tenant = tracing::field::Empty,
        user = tracing::field::Empty,
    );
    let request = Request::from_parts(parts, body);
    async move {
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let mut response = answered.unwrap_or_else(|_| Error::internal("a door panicked").into_response());
        if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
            response = with_request_id(&problem, response, &method, &context.id);
        }
        if let Ok(id) = HeaderValue::from_str(&context.id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        let _ = response.extensions_mut().remove::<RouteName>();
        response
    }
    .instrument(span)
    .await
}

/// Writes the problem again, now knowing the request; headers set on the way out stay.
fn with_request_id(problem: &Problem, answered: Response, method: &axum::http::Method, id: &str) -> Response {
    let mut response = problem.clone().respond(Some(method), Some(id));
    for (name, value) in answered.headers() {
        if !response.headers().contains_key(name) && *name != axum::http::header::CONTENT_LENGTH {
            response.headers_mut().append(name, value.clone());
        }
    }
    if let Some(route) = answered.extensions().get::<RouteName>().cloned() {
        response.extensions_mut().insert(route);
    }
    response
}
