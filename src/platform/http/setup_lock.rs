//! Until the box has an owner only the wizard and the probes answer.

use super::problem::Problem;
use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

/// Where the wizard lives.
const WIZARD: &str = "/setup";

/// May this path answer while there is no owner?
fn is_open(path: &str) -> bool {
    let under = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let api = path.strip_prefix("/api/v1").or_else(|| path.strip_prefix("/api"));
    let in_api = api.is_some_and(|rest| rest == "/setup" || rest.starts_with("/setup/") || rest == "/health");
    in_api
        || [WIZARD, "/assets", "/trust", "/.well-known/acme-challenge"].into_iter().any(under)
        || matches!(path, "/livez" | "/readyz" | "/healthz" | "/metrics")
}

/// The refusal of everything else: a page is sent to the wizard, a program told where it is.
pub(super) fn refuse(method: &Method, path: &str, headers: &HeaderMap, is_asset: impl Fn(&str) -> bool) -> Option<Response> {
    if is_open(path) || is_asset(path) {
        return None;
    }
    if *method == Method::GET && super::wants_html(headers) && !path.starts_with("/api") {
        return Some(Redirect::to(WIZARD).into_response());
    }
    let detail = "this box has no owner yet; open /setup with the code printed at its start";
    let mut response =
        Problem { retry_after_secs: Some(60), ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "setup_required", detail) }
            .into_response();
    response.headers_mut().insert(header::LINK, HeaderValue::from_static("</setup>; rel=\"help\""));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wizard_and_the_probes_stand_open() {
        let open = [
            "/setup",
            "/setup/owner",
            "/api/setup",
            "/api/v1/setup",
            "/api/v1/setup/check",
            "/assets/index-1a2b.js",
            "/livez",
            "/readyz",
            "/healthz",
            "/api/health",
            "/api/v1/health",
            "/trust",
            "/trust/ca.crt",
        ];
        let shut = [
            "/",
            "/setupx",
            "/api",
            "/api/v1/users",
            "/api/v1/setupx",
            "/api/v1/auth/login",
            "/webhooks/whatsapp",
            "/api/v1/events",
            "/assetsx",
            "/api/v1/system",
            "/api/openapi.json",
            "/index.html",
        ];
        for path in open {
            assert!(is_open(path), "{path}");
        }
        for path in shut {
            assert!(!is_open(path), "{path}");
        }
    }

    #[test]
    fn a_page_goes_to_the_wizard_and_a_program_is_told() {
        let mut html = HeaderMap::new();
        html.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*"));
        assert_eq!(refuse(&Method::GET, "/inbox", &html, |_| false).unwrap().headers()[header::LOCATION], "/setup");
        for (path, headers) in [("/api/v1/users", &html), ("/inbox", &HeaderMap::new())] {
            let response = refuse(&Method::GET, path, headers, |_| false).unwrap();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::LINK], "</setup>; rel=\"help\"");
        }
        assert!(refuse(&Method::GET, "/icon.svg", &HeaderMap::new(), |path| path == "/icon.svg").is_none());
    }
}
