//! The web app inside the binary: hashed files for ever, pages never twice the same.
//!
//! Files are packed (brotli, gzip) once, when first asked for. A page is `no-store`, has no ETag and
//! gets a fresh nonce in place of `__NONCE__`: a 304 with a new nonce would lose its inline styles.

use super::{access::RouteName, problem::Problem, wants_html};
use crate::base::chance;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use parking_lot::Mutex;
use rust_embed::RustEmbed;
use std::{collections::HashMap, io::Write, sync::Arc};

#[derive(RustEmbed)]
#[folder = "assets/dist"]
struct Dist;

/// A file of the app. The bundle's own seal is for the tests, not for visitors.
fn find(name: &str) -> Option<rust_embed::EmbeddedFile> {
    if name == "SOURCES.sha256" { None } else { Dist::get(name) }
}

/// Shown where the binary was built without the web app.
const WITHOUT_APP: &str = include_str!("without_app.html");

/// What the app's own pages may do (frontend.md 4.3); `NONCE` is replaced per answer.
const PAGE_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-NONCE'; img-src 'self' data: blob:; \
    media-src 'self' blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types farol default dompurify";

/// A worker lives under the policy its own script came with.
const SCRIPT_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; require-trusted-types-for 'script'; \
     trusted-types farol default dompurify",
);

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Brotli's middle ground: within 5 % of the smallest size at a tenth of its time.
const BROTLI_QUALITY: u32 = 9;
const BROTLI_WINDOW: u32 = 22;

/// Twelve hex digits that name the embedded web app: its page names every other file by hash.
pub fn app_digest() -> String {
    Dist::get("index.html").map_or_else(|| "none".to_owned(), |page| hex::encode(&page.metadata.sha256_hash()[..6]))
}

/// Answers whatever no route answers: a file of the app, a page of the app, or nothing.
pub(super) async fn serve(parts: Parts) -> Response {
    let path = parts.uri.path();
    if !matches!(parts.method, Method::GET | Method::HEAD) || path.starts_with("/api") || path.starts_with("/webhooks") {
        return nothing();
    }
    let name = path.trim_start_matches('/');
    let mut response = if let Some(file) = find(name).filter(|_| !is_page(name)) {
        asset(name, file, &parts.headers).await
    } else if path.starts_with("/assets/") || !wants_html(&parts.headers) {
        // A page in place of a script would only hide that a new version is there.
        nothing()
    } else {
        let own_page = name.strip_suffix(".html").unwrap_or(name);
        page(find(&format!("{own_page}.html")).filter(|_| !own_page.is_empty()).or_else(|| find("index.html")))
    };
    if parts.method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

/// Is there a file at this path that is no page?
pub(super) fn is_file(path: &str) -> bool {
    let name = path.trim_start_matches('/');
    !is_page(name) && find(name).is_some()
}

fn is_page(name: &str) -> bool {
    name.ends_with(".html")
}

fn nothing() -> Response {
    let detail = "there is nothing at this address; /api/v1/openapi.json lists what there is";
    Problem::new(StatusCode::NOT_FOUND, "not_found", detail).into_response()
}

fn page(file: Option<rust_embed::EmbeddedFile>) -> Response {
    let text = file.map_or(WITHOUT_APP.into(), |file| String::from_utf8_lossy(&file.data).into_owned());
    let nonce = URL_SAFE_NO_PAD.encode(chance::secret_bytes::<16>());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, NO_STORE),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::try_from(PAGE_CSP.replace("NONCE", &nonce)).expect("base64url is header text"),
        ),
    ];
    named("(page)", (headers, text.replace("__NONCE__", &nonce)).into_response())
}

async fn asset(name: &str, file: rust_embed::EmbeddedFile, asked: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let id = URL_SAFE_NO_PAD.encode(&hash[..12]);
    let kind = content_type(name);
    let encoding = if kind.packs { choose(asked) } else { Encoding::Identity };
    let etag = format!("\"{id}{}\"", encoding.suffix());
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, if is_hashed(name) { IMMUTABLE } else { REVALIDATE });
    headers.extend(HeaderValue::try_from(&etag).map(|etag| (header::ETAG, etag)));
    if kind.packs {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if knows(asked, &id) {
        return named("(asset)", (StatusCode::NOT_MODIFIED, headers).into_response());
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.name));
    if kind.name.starts_with("text/javascript") {
        headers.insert(header::CONTENT_SECURITY_POLICY, SCRIPT_CSP);
    }
    let plain = match file.data {
        std::borrow::Cow::Borrowed(embedded) => Bytes::from_static(embedded),
        std::borrow::Cow::Owned(read) => Bytes::from(read),
    };
    let body = match encoding {
        Encoding::Identity => plain,
        _ => match packed(hash, encoding, plain.clone()).await {
            Some(packed) => {
                headers.extend(encoding.name().map(|name| (header::CONTENT_ENCODING, name)));
                packed
            }
            None => plain,
        },
    };
    named("(asset)", (headers, body).into_response())
}

fn named(route: &str, mut response: Response) -> Response {
    response.extensions_mut().insert(RouteName(Arc::from(route)));
    response
}

/// Does the client hold this content, in whatever packing?
fn knows(asked: &HeaderMap, id: &str) -> bool {
    let held = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    held.map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|tag| tag == "*" || tag.strip_prefix(id).is_some_and(|rest| matches!(rest, "" | "-br" | "-gz")))
}

/// The bundler writes `name-HASH.ext` with eight characters of base64url.
fn is_hashed(name: &str) -> bool {
    let Some(stem) = name.strip_prefix("assets/").and_then(|file| file.split('.').next()) else { return false };
    let Some((name, hash)) = stem.len().checked_sub(9).and_then(|at| stem.split_at_checked(at)) else { return false };
    !name.is_empty() && hash.starts_with('-')
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    fn suffix(self) -> &'static str {
        match self {
            Encoding::Identity => "",
            Encoding::Gzip => "-gz",
            Encoding::Brotli => "-br",
        }
    }
    fn name(self) -> Option<HeaderValue> {
        match self {
            Encoding::Identity => None,
            Encoding::Gzip => Some(HeaderValue::from_static("gzip")),
            Encoding::Brotli => Some(HeaderValue::from_static("br")),
        }
    }
}

/// The best packing the client takes; a packing with `q=0` is refused.
fn choose(asked: &HeaderMap) -> Encoding {
    let takes = |wanted: &str| {
        let lists = asked.get_all(HeaderName::from_static("accept-encoding")).iter().filter_map(|v| v.to_str().ok());
        lists.flat_map(|v| v.split(',')).any(|item| {
            let mut words = item.split(';').map(str::trim);
            let named = words.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            let weight = words.find_map(|word| word.strip_prefix("q=")?.parse::<f32>().ok());
            named && weight.unwrap_or(1.0) > 0.0
        })
    };
    if takes("br") {
        Encoding::Brotli
    } else if takes("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// Packed once per content and kept: the whole app is a few hundred kilobytes.
/// `None` where packing failed.
async fn packed(hash: [u8; 32], encoding: Encoding, plain: Bytes) -> Option<Bytes> {
    static PACKED: Mutex<Option<HashMap<([u8; 32], Encoding), Bytes>>> = Mutex::new(None);
    let known = PACKED.lock().as_ref().and_then(|map| map.get(&(hash, encoding)).cloned());
    if known.is_some() {
        return known;
    }
    let work = tokio::task::spawn_blocking(move || pack(encoding, &plain));
    let done = Bytes::from(work.await.ok()?.ok()?);
    PACKED.lock().get_or_insert_default().insert((hash, encoding), done.clone());
    Some(done)
}

fn pack(encoding: Encoding, plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let out = Vec::with_capacity(plain.len() / 3);
    match encoding {
        Encoding::Identity => Ok(plain.to_vec()),
        Encoding::Gzip => {
            let mut packer = flate2::write::GzEncoder::new(out, flate2::Compression::best());
            packer.write_all(plain)?;
            packer.finish()
        }
        Encoding::Brotli => {
            let mut packer = brotli::CompressorWriter::new(out, 32 << 10, BROTLI_QUALITY, BROTLI_WINDOW);
            packer.write_all(plain)?;
            packer.flush()?;
            Ok(packer.into_inner())
        }
    }
}

struct Kind {
    name: &'static str,
    packs: bool,
}

/// The kinds a built web app consists of; anything else is handed over as bytes.
fn content_type(name: &str) -> Kind {
    let (name, packs) = match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => ("text/javascript; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "svg" => ("image/svg+xml", true),
        "json" | "map" => ("application/json", true),
        "webmanifest" => ("application/manifest+json", true),
        "txt" => ("text/plain; charset=utf-8", true),
        "xml" => ("application/xml", true),
        "wasm" => ("application/wasm", true),
        "ico" => ("image/x-icon", false),
        "png" => ("image/png", false),
        "jpg" | "jpeg" => ("image/jpeg", false),
        "webp" => ("image/webp", false),
        "avif" => ("image/avif", false),
        "gif" => ("image/gif", false),
        "woff2" => ("font/woff2", false),
        "mp3" => ("audio/mpeg", false),
        "ogg" => ("audio/ogg", false),
        "wav" => ("audio/wav", false),
        "pdf" => ("application/pdf", false),
        "zip" => ("application/zip", false),
        _ => ("application/octet-stream", false),
    };
    Kind { name, packs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    async fn get(method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = axum::http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        serve(request.body(()).unwrap().into_parts().0).await
    }

    #[tokio::test]
    async fn pages_answer_only_those_who_want_pages() {
        const HTML: &[(&str, &str)] = &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
        for (method, path, headers, status) in [
            (Method::GET, "/", HTML, 200),
            (Method::GET, "/inbox/42", HTML, 200),
            (Method::HEAD, "/inbox", HTML, 200),
            (Method::GET, "/inbox", &[], 404),
            (Method::GET, "/inbox", &[("accept", "*/*")], 404),
            (Method::POST, "/inbox", HTML, 404),
            (Method::GET, "/api/nothing", HTML, 404),
            (Method::GET, "/webhooks/x", HTML, 404),
            (Method::GET, "/assets/gone-12345678.js", HTML, 404),
            (Method::GET, "/../Cargo.toml", &[], 404),
            (Method::GET, "/assets/../../../Cargo.toml", &[], 404),
        ] {
            let response = get(method.clone(), path, headers).await;
            assert_eq!(response.status().as_u16(), status, "{method} {path} {headers:?}");
            if status == 200 {
                assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
                assert!(!response.headers().contains_key(header::ETAG));
            }
        }
    }

    #[tokio::test]
    async fn every_page_has_its_own_nonce() {
        let nonce = |response: &Response| {
            let csp = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            assert!(csp.ends_with("trusted-types farol default dompurify"), "{csp}");
            csp.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned()
        };
        let (one, two) = (page(None), page(None));
        let (first, second) = (nonce(&one), nonce(&two));
        assert_ne!(first, second);
        let body = axum::body::to_bytes(one.into_body(), 1 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(!body.contains("__NONCE__") && body.contains(&first));
    }

    #[test]
    fn only_hashed_names_live_for_ever() {
        for (name, hashed) in [
            ("assets/index-BxYz12a_.js", true),
            ("assets/inbox-D4-x9Qe1.css", true),
            ("assets/logo.svg", false),
            ("assets/date-fns.js", false),
            ("index.html", false),
            ("sw.js", false),
            ("manifest.webmanifest", false),
        ] {
            assert_eq!(is_hashed(name), hashed, "{name}");
        }
    }

    #[tokio::test]
    async fn a_file_is_sent_once_and_packed_as_the_client_likes() {
        let file = || rust_embed::EmbeddedFile {
            data: "let lamp = 'on';".repeat(200).into_bytes().into(),
            metadata: rust_embed::Metadata::__rust_embed_new([7; 32], None, None),
        };
        let headers = |pairs: &[(&'static str, &str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
        };
        for (accepts, encoding) in
            [("", None), ("gzip, deflate", Some("gzip")), ("gzip, br;q=0", Some("gzip")), ("br, gzip", Some("br"))]
        {
            let response = asset("assets/x-12345678.js", file(), &headers(&[("accept-encoding", accepts)])).await;
            assert_eq!(response.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap()), encoding);
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            assert_eq!(response.headers()[header::CACHE_CONTROL], IMMUTABLE);
            let etag = response.headers()[header::ETAG].to_str().unwrap().to_owned();
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let mut plain = Vec::new();
            match encoding {
                Some("br") => drop(brotli::Decompressor::new(&body[..], 4096).read_to_end(&mut plain).unwrap()),
                Some(_) => drop(flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap()),
                None => plain = body.to_vec(),
            }
            assert_eq!(plain, file().data.as_ref());
            let again = asset("assets/x-12345678.js", file(), &headers(&[("if-none-match", &etag)])).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        }
    }
}
