//! What a call is made of, what comes back, and why nothing does.

use super::{
    file::FileBody,
    guard::{Guard, Refusal},
};
use crate::base::Error;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::time::Duration;

/// Answers of providers are small; files say a larger limit themselves.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// As long as nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);
/// A provider's `Retry-After` beyond this is taken as this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) guard: Guard,
    pub(super) timeout: Duration,
    pub(super) answer_bytes_max: usize,
    pub(super) purpose: &'static str,
    pub(super) broken: Option<String>,
    pub(super) file: Option<FileBody>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, whole.
    pub body: Bytes,
}

/// An answer whose body is still coming.
#[derive(Debug)]
pub struct Incoming {
    /// HTTP status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    pub(super) response: reqwest::Response,
    pub(super) left: usize,
    pub(super) limit: usize,
}

/// May the same call be made again?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail the same way.
    Never,
    /// The other side certainly did nothing; after this long, if it said so.
    Safe(Option<Duration>),
    /// The other side may have acted: ask before repeating what must not happen twice.
    Unknown,
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The guard said no.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The address or a header can't be written.
    #[error("malformed call: {0}")]
    Malformed(String),
    /// The host failed too often; again after so long.
    #[error("left alone after repeated failures, again in {} s", .0.as_secs())]
    Resting(Duration),
    /// No connection: nothing was sent.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// Too slow: what was sent may have been acted upon.
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// Broke off in the middle: what was sent may have been acted upon.
    #[error("the connection broke off: {0}")]
    Broken(String),
    /// The answer is larger than allowed (bytes).
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// More redirects than anybody needs.
    #[error("too many redirects")]
    Redirects,
}

impl CallError {
    /// May the same call be made again?
    pub fn retry(&self) -> Retry {
        match self {
            CallError::Refused(_) | CallError::Malformed(_) | CallError::TooLarge(_) | CallError::Redirects => Retry::Never,
            CallError::Resting(pause) => Retry::Safe(Some(*pause)),
            CallError::Unreachable(_) => Retry::Safe(None),
            CallError::Timeout(_) | CallError::Broken(_) => Retry::Unknown,
        }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(_) | CallError::Malformed(_) => Error::invalid("url", "forbidden", error.to_string()),
            CallError::TooLarge(limit) => Error::TooLarge(limit as u64),
            other => Error::unavailable(other.to_string()),
        }
    }
}

impl Answer {
    /// Reads the body as JSON.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it is none: the other side is not what it should be.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|e| Error::unavailable(format!("the answer is not the expected JSON: {e}")))
    }
    /// May the same call be made again, judging by this answer? Only asked of answers that are no success.
    pub fn retry(&self) -> Retry {
        retry_by_status(self.status, &self.headers)
    }
}

pub(super) fn retry_by_status(status: StatusCode, headers: &HeaderMap) -> Retry {
    let said = headers.get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok()).map(Duration::from_secs);
    let said = said.map(|pause| pause.min(RETRY_AFTER_MAX));
    match status.as_u16() {
        // Told to wait, or turned away before anything happened.
        408 | 425 | 429 | 503 => Retry::Safe(said),
        500 | 502 | 504 | 507..=599 => Retry::Unknown,
        _ => Retry::Never,
    }
}

impl Call {
    /// A GET for `purpose`, which names the caller in the metrics (`whatsapp_cloud`, `webhook`, …).
    pub fn get(purpose: &'static str, url: impl Into<String>) -> Self {
        Self::new(purpose, Method::GET, url)
    }
    /// A POST.
    pub fn post(purpose: &'static str, url: impl Into<String>) -> Self {
        Self::new(purpose, Method::POST, url)
    }
    /// Any method.
    pub fn new(purpose: &'static str, method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            guard: Guard::Public,
            timeout: TIMEOUT,
            answer_bytes_max: ANSWER_BYTES_MAX,
            purpose,
            broken: None,
            file: None,
        }
    }
    /// Whose address it is; a stranger's if nothing is said.
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }
    /// A header. Values that can't be sent make the call fail as malformed.
    #[must_use]
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        match (HeaderName::try_from(name.as_ref()), HeaderValue::try_from(value.as_ref())) {
            (Ok(name), Ok(value)) => drop(self.headers.insert(name, value)),
            // The value may be a secret, so only the name is told.
            _ => self.broken = Some(format!("header {}", name.as_ref())),
        }
        self
    }
    /// A header whose value is a secret; never logged.
    #[must_use]
    pub fn secret_header(self, name: &'static str, value: &str) -> Self {
        let mut call = self.header(name, value);
        if let Some(value) = call.headers.get_mut(name) {
            value.set_sensitive(true);
        }
        call
    }
    /// `Authorization: Bearer …`; never logged.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        let mut call = self.header(header::AUTHORIZATION, format!("Bearer {token}"));
        if let Some(value) = call.headers.get_mut(header::AUTHORIZATION) {
            value.set_sensitive(true);
        }
        call
    }
    /// A body of any kind.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE, content_type)
    }
    /// A body with a file in it, sent as it is read from the disk.
    #[must_use]
    pub fn file(mut self, content_type: &str, body: FileBody) -> Self {
        let length = body.before.len() as u64 + body.encoding.length(body.bytes) + body.after.len() as u64;
        self.file = Some(body);
        self.header(header::CONTENT_TYPE, content_type).header(header::CONTENT_LENGTH, length.to_string())
    }
    /// A JSON body.
    #[must_use]
    pub fn json(mut self, body: &impl serde::Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body("application/json", body),
            Err(e) => {
                self.broken = Some(format!("body: {e}"));
                self
            }
        }
    }
    /// Longest time to the whole answer.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
    /// Largest answer in bytes.
    #[must_use]
    pub fn answer_max(mut self, bytes: usize) -> Self {
        self.answer_bytes_max = bytes;
        self
    }
}

impl Incoming {
    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// [`CallError::TooLarge`] beyond the limit, [`CallError::Broken`] when it breaks off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, CallError> {
        let Some(chunk) = self.response.chunk().await.map_err(|error| failure(&error))? else { return Ok(None) };
        self.left = self.left.checked_sub(chunk.len()).ok_or(CallError::TooLarge(self.limit))?;
        Ok(Some(chunk))
    }
}

/// Why a call failed, as far as the library tells.
pub(super) fn failure(error: &reqwest::Error) -> CallError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    let mut deepest = error.to_string();
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return CallError::Refused(refusal.clone());
        }
        deepest = inner.to_string();
        cause = inner.source();
    }
    // Only the innermost cause is told: the outer ones repeat the address, which may hold a token.
    if error.is_connect() { CallError::Unreachable(deepest) } else { CallError::Broken(deepest) }
}
