//! Cookies: `__Host-` names under HTTPS, ordinary ones on plain-http loopback.

use super::{context::RequestContext, problem::Problem};
use crate::base::Error;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use std::time::Duration;

/// Reads the request's cookies and writes new ones. An extractor.
#[derive(Debug, Clone)]
pub struct Cookies {
    secure: bool,
    headers: HeaderMap,
}

/// With which requests from other sites a cookie rides along (RFC 6265bis).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// With none.
    Strict,
    /// With plain navigation.
    Lax,
}

impl Cookies {
    /// Those of a request's head. Needs the context the outermost layer puts there; without one, plain http is assumed.
    pub fn of(parts: &Parts) -> Self {
        let secure = parts.extensions.get::<RequestContext>().is_some_and(|context| context.secure);
        let mut headers = HeaderMap::new();
        for value in parts.headers.get_all(header::COOKIE) {
            headers.append(header::COOKIE, value.clone());
        }
        Self { secure, headers }
    }

    /// The value of the cookie `name` (without prefix). Under HTTPS the unprefixed one never counts:
    /// a neighbour on a sister domain could have set it.
    pub fn get(&self, name: &str) -> Option<&str> {
        let wanted = self.full_name(name);
        let pairs = self.headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
        pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == wanted).map(|(_, value)| value)
    }

    /// A `Set-Cookie` value: host-only, HttpOnly, for the whole site. `value` must be token characters (base64url will do).
    ///
    /// # Errors
    /// When `value` holds what a cookie can't.
    pub fn set(&self, name: &str, value: &str, lives: Duration, same_site: SameSite) -> Result<HeaderValue, Error> {
        let fits = value.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b',' | b';' | b'\\'));
        let (full, seconds) = (self.full_name(name), lives.as_secs());
        let same_site = if same_site == SameSite::Strict { "Strict" } else { "Lax" };
        let secure = if self.secure { "; Secure" } else { "" };
        HeaderValue::try_from(format!("{full}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"))
            .ok()
            .filter(|_| fits)
            .ok_or_else(|| Error::internal(format_args!("writing cookie {name}")))
    }

    /// A `Set-Cookie` value that removes the cookie.
    ///
    /// # Errors
    /// When `name` holds what a cookie's name can't.
    pub fn clear(&self, name: &str) -> Result<HeaderValue, Error> {
        self.set(name, "", Duration::ZERO, SameSite::Strict)
    }

    fn full_name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cookies {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(secure: bool, lines: &[&str]) -> Cookies {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, line.parse().unwrap());
        }
        Cookies { secure, headers }
    }

    #[test]
    fn under_https_only_the_prefixed_name_counts() {
        let lines = ["farol_refresh=tossed; other=1", "__Host-farol_refresh=mine"];
        assert_eq!(cookies(true, &lines).get("farol_refresh"), Some("mine"));
        assert_eq!(cookies(false, &lines).get("farol_refresh"), Some("tossed"));
        assert_eq!(cookies(true, &lines[..1]).get("farol_refresh"), None);
    }

    #[test]
    fn a_cookie_is_closed_to_scripts_and_other_sites() {
        let set = |secure| cookies(secure, &[]).set("farol_refresh", "abc", Duration::from_secs(60), SameSite::Strict).unwrap();
        assert_eq!(set(true), "__Host-farol_refresh=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
        assert_eq!(set(false), "farol_refresh=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
        assert!(cookies(true, &[]).clear("farol_refresh").unwrap().to_str().unwrap().contains("Max-Age=0"));
        for value in ["a;b", "a b", "a\r\nb", "é"] {
            assert!(cookies(true, &[]).set("x", value, Duration::ZERO, SameSite::Lax).is_err(), "{value}");
        }
    }
}
