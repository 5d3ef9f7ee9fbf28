//! Other web sites: whose scripts may call (CORS), and whose requests with our cookies are refused (CSRF).

use super::{
    access::SEQUENCE,
    context::{REQUEST_ID, RequestContext},
    page::NEXT_CURSOR,
    settings::{CorsSettings, HttpSettings},
};
use crate::base::{Error, Result};
use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

/// Seconds a browser may remember a preflight's answer.
const PREFLIGHT_SECS: u64 = 600;

/// Is `origin` on the list? `*` counts only on a developer's machine (CNF-19).
pub(super) fn is_listed(settings: &HttpSettings, origin: &str) -> bool {
    settings.cors.origins.iter().any(|listed| match listed.as_str() {
        "*" => settings.development,
        listed => listed.trim_end_matches('/').eq_ignore_ascii_case(origin),
    })
}

/// The answer to a preflight, if this is one.
pub(super) fn preflight(parts: &Parts, settings: &HttpSettings) -> Option<Response> {
    let asks = parts.method == Method::OPTIONS && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || !parts.headers.contains_key(header::ORIGIN) {
        return None;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    if allow(parts.headers.get(header::ORIGIN), settings, headers) {
        let CorsSettings { methods, headers: names, .. } = &settings.cors;
        for (name, list) in [(header::ACCESS_CONTROL_ALLOW_METHODS, methods), (header::ACCESS_CONTROL_ALLOW_HEADERS, names)] {
            if let Ok(value) = HeaderValue::try_from(list.join(", ")) {
                headers.insert(name, value);
            }
        }
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(PREFLIGHT_SECS));
    }
    Some(response)
}

/// Marks an answer as readable by the calling site, if it is on the list.
pub(super) fn share(origin: Option<&HeaderValue>, settings: &HttpSettings, headers: &mut HeaderMap) {
    if origin.is_some() && allow(origin, settings, headers) {
        let exposed = [REQUEST_ID.as_str(), SEQUENCE.as_str(), NEXT_CURSOR.as_str(), "retry-after"].join(", ");
        headers.extend(HeaderValue::try_from(exposed).map(|value| (header::ACCESS_CONTROL_EXPOSE_HEADERS, value)));
    }
}

fn allow(origin: Option<&HeaderValue>, settings: &HttpSettings, headers: &mut HeaderMap) -> bool {
    if settings.cors.origins.is_empty() {
        return false;
    }
    // The answer differs by origin, so a shared cache must keep them apart.
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = origin.filter(|origin| origin.to_str().is_ok_and(|text| is_listed(settings, text))) else {
        return false;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    if settings.cors.credentials && !settings.cors.origins.iter().any(|listed| listed == "*") {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    true
}

/// Refuses what another site makes a browser do: changes that ride on our cookie, signing somebody in as another
/// (which needs none), sockets from foreign pages.
/// A request with a bearer token was made by a script that holds it, so no cookie is borrowed; another scheme proves
/// nothing, for browsers send names and passwords they remember by themselves.
pub(super) fn same_site(parts: &Parts, context: &RequestContext, settings: &HttpSettings) -> Result<()> {
    let header = |name| parts.headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let origin = header(header::ORIGIN);
    let ours =
        |origin: &str| context.own_origin().is_some_and(|own| own.eq_ignore_ascii_case(origin)) || is_listed(settings, origin);
    let upgrade = header(header::UPGRADE).is_some_and(|to| to.eq_ignore_ascii_case("websocket"));
    if upgrade {
        // Browsers always say where a socket is opened from; programs need not.
        return if origin.is_none_or(ours) { Ok(()) } else { Err(refused()) };
    }
    let bearer =
        header(header::AUTHORIZATION).and_then(|v| v.get(..7)).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    if parts.method.is_safe() || bearer {
        return Ok(());
    }
    let same = match (header(header::HeaderName::from_static("sec-fetch-site")), origin) {
        (Some("same-origin" | "none"), _) => true,
        (_, Some(origin)) => ours(origin),
        (Some(_), None) => false,
        // No browser of today: a program, unless it carries what only a browser would.
        (None, None) => !parts.headers.contains_key(header::COOKIE),
    };
    if same { Ok(()) } else { Err(refused()) }
}

fn refused() -> Error {
    Error::Forbidden("to call from another site (add its origin to the CORS origins)".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn parts(method: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri("/api/v1/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn context() -> RequestContext {
        let here = "127.0.0.1".parse().unwrap();
        RequestContext { id: "id".into(), peer: here, address: here, secure: true, host: Some("farol.example.com".into()) }
    }

    #[test]
    fn another_site_changes_nothing() {
        let settings = HttpSettings {
            cors: CorsSettings { origins: vec!["https://desk.example.com".into(), "*".into()], ..CorsSettings::default() },
            ..HttpSettings::default()
        };
        const COOKIE: (&str, &str) = ("cookie", "__Host-farol_refresh=x");
        let rows: &[(&str, &[(&str, &str)], bool)] = &[
            ("POST", &[], true),
            ("POST", &[("origin", "https://evil.example.com")], false),
            ("POST", &[("origin", "https://farol.example.com")], true),
            ("POST", &[("origin", "https://desk.example.com")], true),
            ("POST", &[("origin", "null")], false),
            ("POST", &[("sec-fetch-site", "cross-site")], false),
            ("POST", &[("sec-fetch-site", "same-origin")], true),
            ("POST", &[COOKIE], false),
            ("POST", &[COOKIE, ("origin", "https://farol.example.com")], true),
            ("POST", &[COOKIE, ("origin", "https://FAROL.example.com")], true),
            ("POST", &[COOKIE, ("origin", "http://farol.example.com")], false),
            ("POST", &[COOKIE, ("origin", "https://farol.example.com:444")], false),
            ("POST", &[COOKIE, ("origin", "https://farol.example.com.evil.example.com")], false),
            ("POST", &[COOKIE, ("origin", "https://evil.example.com")], false),
            ("POST", &[COOKIE, ("origin", "null")], false),
            ("POST", &[COOKIE, ("origin", "https://desk.example.com")], true),
            ("POST", &[COOKIE, ("sec-fetch-site", "same-origin")], true),
            ("POST", &[COOKIE, ("sec-fetch-site", "none")], true),
            ("POST", &[COOKIE, ("sec-fetch-site", "same-site")], false),
            ("POST", &[COOKIE, ("sec-fetch-site", "cross-site")], false),
            ("POST", &[COOKIE, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example.com")], false),
            ("POST", &[COOKIE, ("sec-fetch-site", "cross-site"), ("origin", "https://desk.example.com")], true),
            ("POST", &[COOKIE, ("authorization", "Bearer x"), ("origin", "https://evil.example.com")], true),
            ("POST", &[COOKIE, ("authorization", "bearer x"), ("origin", "https://evil.example.com")], true),
            ("POST", &[COOKIE, ("authorization", "Basic eDp4"), ("origin", "https://evil.example.com")], false),
            ("DELETE", &[COOKIE, ("origin", "https://evil.example.com")], false),
            ("PATCH", &[COOKIE, ("origin", "https://evil.example.com")], false),
            ("GET", &[COOKIE, ("origin", "https://evil.example.com")], true),
            ("HEAD", &[COOKIE, ("sec-fetch-site", "cross-site")], true),
            ("GET", &[("upgrade", "websocket"), ("origin", "https://evil.example.com")], false),
            ("GET", &[("upgrade", "websocket"), ("origin", "https://farol.example.com")], true),
            ("GET", &[("upgrade", "websocket"), ("origin", "https://desk.example.com")], true),
            ("GET", &[("upgrade", "websocket")], true),
        ];
        for (method, headers, passes) in rows {
            assert_eq!(same_site(&parts(method, headers), &context(), &settings).is_ok(), *passes, "{method} {headers:?}");
        }
    }

    #[test]
    fn a_star_counts_only_in_development_and_never_with_cookies() {
        let mut settings = HttpSettings {
            cors: CorsSettings { origins: vec!["*".into()], credentials: true, ..CorsSettings::default() },
            ..HttpSettings::default()
        };
        let origin = HeaderValue::from_static("https://any.example.com");
        let mut headers = HeaderMap::new();
        share(Some(&origin), &settings, &mut headers);
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        settings.development = true;
        share(Some(&origin), &settings, &mut headers);
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }
}
