//! Lists: `{items, nextCursor}` under `/api/v1`, a bare array with `X-Next-Cursor` under `/api`.

use crate::base::{Error, Result};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response as HttpResponse, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, de};
use sha2::{Digest, Sha256};
use std::ops::Range;
use utoipa::{IntoParams, ToSchema};

/// Carries the next page's cursor beside the body.
pub const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// One page of a list. Not `Serialize` on purpose: returned as it is, so that both shapes come out right.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// Give this as `cursor` to read on; absent at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
    /// The same page with each row turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next_cursor: self.next_cursor }
    }
}

/// Where the bare array lies inside the answer's bytes.
#[derive(Debug, Clone)]
struct BareList {
    envelope: Bytes,
    items: Range<usize>,
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let written = || -> serde_json::Result<(Vec<u8>, Range<usize>)> {
            // Most lists fit, so that writing one never moves it.
            let mut body = Vec::with_capacity(32 << 10);
            body.extend_from_slice(br#"{"items":"#);
            let start = body.len();
            serde_json::to_writer(&mut body, &self.items)?;
            let items = start..body.len();
            if let Some(cursor) = &self.next_cursor {
                body.extend_from_slice(br#","nextCursor":"#);
                serde_json::to_writer(&mut body, cursor)?;
            }
            body.push(b'}');
            Ok((body, items))
        };
        let (body, items) = match written() {
            Ok(written) => written,
            Err(e) => return Error::internal(format_args!("writing a page as JSON: {e}")).into_response(),
        };
        let envelope = Bytes::from(body);
        let mut response = ([(header::CONTENT_TYPE, "application/json")], Body::from(envelope.clone())).into_response();
        response.extensions_mut().insert(BareList { envelope, items });
        if let Some(cursor) = self.next_cursor.and_then(|cursor| HeaderValue::try_from(cursor).ok()) {
            response.headers_mut().insert(NEXT_CURSOR, cursor);
        }
        response
    }
}

/// The answer as `/api` shows it: a page loses its envelope, everything else stays.
pub(super) fn bare(mut response: Response) -> Response {
    if let Some(BareList { envelope, items }) = response.extensions_mut().remove::<BareList>() {
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        return HttpResponse::from_parts(parts, Body::from(envelope.slice(items)));
    }
    response
}

/// `limit` and `cursor` of a list; flatten it into the query of each list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows wanted, 1 to 200.
    #[serde(default, deserialize_with = "number")]
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// Rows on a page when nothing is said, and at most.
pub const PAGE_DEFAULT: usize = 50;
/// See [`PAGE_DEFAULT`].
pub const PAGE_MAX: usize = 200;

impl PageQuery {
    /// Rows on this page. More than allowed gives what is allowed.
    pub fn limit(&self) -> usize {
        self.limit.map_or(PAGE_DEFAULT, |n| (n as usize).clamp(1, PAGE_MAX))
    }
    /// This page of a list that is small enough to be read whole. `key` names a row for good, so that reading on
    /// finds its place though rows came or went before it; where the row itself went, its former place counts.
    ///
    /// # Errors
    /// `Invalid` naming `cursor`.
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> Vec<u8>) -> Result<Page<T>> {
        let place = self.after()?.unwrap_or_default();
        let skipped = match place.split_at_checked(4) {
            None => 0,
            Some((former, last)) => match rows.iter().position(|row| key(row) == last) {
                Some(at) => at + 1,
                None => former.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)),
            },
        };
        rows.drain(..skipped.min(rows.len()));
        let more = rows.len() > self.limit();
        rows.truncate(self.limit());
        let next_cursor = rows.last().filter(|_| more).map(|last| {
            let place = u32::try_from(skipped + rows.len()).unwrap_or(u32::MAX);
            cursor(&[place.to_be_bytes().to_vec(), key(last)].concat())
        });
        Ok(Page { items: rows, next_cursor })
    }
    /// The key the page before ended with, as [`cursor`] wrote it.
    pub fn after(&self) -> Result<Option<Vec<u8>>> {
        let bad = || Error::invalid("cursor", "format", "give back nextCursor of this very list as it came, or leave it out");
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text).ok()?.strip_prefix(&list_here()).map(<[u8]>::to_vec);
        self.cursor.as_deref().map(|text| read(text).ok_or_else(bad)).transpose()
    }
}

/// One page of a walk that gives rows with their cursors: up to `limit` of what `turn` makes of a row, after looking at no
/// more than [`LOOKED_AT_MAX`]. There is a cursor where there is more to show or to look at, and nowhere else.
pub fn page_of<R, T>(
    rows: impl Iterator<Item = Result<(R, Vec<u8>)>>,
    limit: usize,
    mut turn: impl FnMut(R) -> Result<Option<T>>,
) -> Result<Page<T>> {
    let (mut items, mut last) = (Vec::new(), None);
    for (n, row) in rows.enumerate() {
        let (row, at) = row?;
        let item = if n == LOOKED_AT_MAX { None } else { turn(row)? };
        if n == LOOKED_AT_MAX || item.is_some() && items.len() == limit {
            return Ok(Page { items, next_cursor: last.map(|at: Vec<u8>| cursor(&at)) });
        }
        items.extend(item);
        last = Some(at);
    }
    Ok(Page::whole(items))
}

/// Rows looked at for one page of a filtered list.
const LOOKED_AT_MAX: usize = 10_000;

/// Tells `null` (take it away) from an absent field (leave it): for `deserialize_with`, beside `default`.
///
/// # Errors
/// Those of the value inside.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(d).map(Some)
}

/// An opaque cursor from the bytes that say where to read on. It counts in the list whose request it was made in.
pub fn cursor(key: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode([&list_here()[..], key].concat())
}

/// Enough to tell some fifty lists apart.
type ListMark = [u8; 3];

tokio::task_local! {
    /// The list that the request under way asks for.
    static LIST: ListMark;
}

fn list_here() -> ListMark {
    LIST.try_with(|list| *list).unwrap_or_default()
}

/// Answers a request for `path`; cursors made and read meanwhile belong to the list there.
pub(super) fn within<F: Future>(path: &str, answer: F) -> impl Future<Output = F::Output> {
    LIST.scope(mark(path), answer)
}

/// `work` for another thread, where cursors belong to the same list as here.
pub fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let list = list_here();
    move || LIST.sync_scope(list, work)
}

/// One list under each of its addresses, whichever record it hangs on.
fn mark(path: &str) -> ListMark {
    let path = path.strip_prefix("/api").unwrap_or(path);
    let path = path.strip_prefix("/v1").unwrap_or(path).trim_matches('/');
    let is_id = |segment: &str| segment.bytes().any(|b| b.is_ascii_digit());
    let mut list: Vec<&str> = path.split('/').map(|segment| if is_id(segment) { "*" } else { segment }).collect();
    if list == ["conversations", "*"] {
        // It comes with the end of its thread.
        list.push("messages");
    }
    let digest = Sha256::digest(list.join("/"));
    std::array::from_fn(|i| digest[i])
}

/// A flattened query hands numbers over as text, so both are read.
fn number<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u32),
        Text(String),
    }
    match Option::<Either>::deserialize(d)? {
        None => Ok(None),
        Some(Either::Number(n)) => Ok(Some(n)),
        Some(Either::Text(text)) => text.parse().map(Some).map_err(|_| de::Error::custom("expected a whole number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cursor_counts_in_its_own_list_alone() {
        let next = within("/api/v1/users", async { cursor(b"key") }).await;
        let query = PageQuery { limit: None, cursor: Some(next) };
        let read = async || query.after().map_err(|refused| refused.code().to_owned());
        assert_eq!(within("/api/users", read()).await, Ok(Some(b"key".to_vec())));
        assert_eq!(within("/api/v1/contacts", read()).await, Err("invalid".to_owned()));
        let thread = within("/api/v1/conversations/17", async { carried(|| cursor(b"key"))() }).await;
        let query = PageQuery { limit: None, cursor: Some(thread) };
        let path = "/api/v1/conversations/0193f2c1-0000-7000-8000-000000000001/messages";
        assert_eq!(within(path, async { query.after().unwrap() }).await, Some(b"key".to_vec()));
    }
}
