//! Headers every answer carries (SEC-13, OWASP ASVS 5 chapter 3.4).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// For answers that are no page: nothing in them may run or be framed.
const CSP_INERT: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// One year. Browsers ignore it on addresses without a name and on certificates they don't trust.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Fills in what the handler has not said itself.
pub(super) fn harden(headers: &mut HeaderMap, path: &str, secure: bool) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        // The old filter made holes of its own; 0 switches it off (ASVS 5, 3.4).
        (header::X_XSS_PROTECTION, HeaderValue::from_static("0")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::CONTENT_SECURITY_POLICY, CSP_INERT),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("geolocation=(self), camera=(self), microphone=(self)"),
        ),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(value);
    }
    if secure {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
    }
    if path.starts_with("/api") {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
}
