//! Calls to a WAHA server: addresses, the key, and what an answer means.

use super::ids::Chat;
use crate::{
    channels::{
        adapter::Line,
        model::{PathStyle, SessionState},
        sending::outgoing::OutgoingMedia,
    },
    platform::outbound::{Answer, Call, CallError, Encoding, FileBody, Guard, Outbound, Retry},
};
use bytes::Bytes;
use http::Method;
use serde_json::Value;
use std::time::Duration;

/// Names calls in the metrics.
const PURPOSE: &str = "waha";
/// A call that takes longer is taken for lost; the agent wants to know. A session that sends a file is slow.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// A hundred megabytes, a third longer as text, over a slow line, and then over the session's own.
const FILE_TIMEOUT: Duration = Duration::from_secs(220);
/// A question is waited for by a person.
pub const ASK_TIMEOUT: Duration = Duration::from_secs(10);

/// One session's line to its server.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    outbound: &'a Outbound,
    line: &'a Line,
}

/// Why a call brought nothing.
#[derive(Debug, Clone)]
pub struct Failed {
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The server's words, or ours.
    pub reason: String,
    /// May it be called again?
    pub retry: Retry,
    /// Could the address not be called at all?
    pub bad_address: bool,
    /// Does the server say that the session is not connected?
    pub session_down: bool,
}

/// A session as its server describes it.
#[derive(Debug, Clone)]
pub struct Session {
    /// How it does.
    pub state: SessionState,
    /// The number it is paired with, in E.164.
    pub phone: Option<String>,
    /// The name of that account.
    pub profile: Option<String>,
    /// Its configuration, as it stands.
    pub config: Value,
}

impl<'a> Client<'a> {
    /// Over this way out.
    pub fn new(outbound: &'a Outbound, line: &'a Line) -> Self {
        Self { outbound, line }
    }
    /// The session's name.
    pub fn name(&self) -> &str {
        &self.line.account
    }
    /// The way out, with clock and chance.
    pub fn outbound(&self) -> &Outbound {
        self.outbound
    }

    /// A verb such as `sendText`, addressed as the line is set; the session is in the body in both styles.
    pub async fn verb(&self, method: Method, verb: &str, mut body: Value, timeout: Duration) -> Result<Answer, Failed> {
        body["session"] = self.name().into();
        self.made(Call::new(PURPOSE, method, self.address_of(verb)).json(&body).timeout(timeout)).await
    }

    fn address_of(&self, verb: &str) -> String {
        match self.line.path_style {
            PathStyle::Body => format!("{}/api/{verb}", self.line.base_url),
            PathStyle::Path => format!("{}/api/{}/{verb}", self.line.base_url, escaped(self.name())),
        }
    }

    /// The same with the bytes of `file` in the body's own `file`, written as they are read from the disk: a film need not
    /// fit into memory.
    pub async fn verb_with_file(&self, verb: &str, mut body: Value, file: &OutgoingMedia) -> Result<Answer, Failed> {
        body["session"] = self.name().into();
        let described = body.as_object_mut().and_then(|body| body.remove("file")).unwrap_or_default();
        // The bytes come last: before them stand the objects without their ends.
        let opened = |value: &Value| {
            let mut text = value.to_string();
            text.pop();
            text
        };
        let before = format!("{},\"file\":{},\"data\":\"", opened(&body), opened(&described));
        let file = FileBody {
            before: before.into(),
            path: file.path.clone(),
            bytes: file.bytes,
            after: Bytes::from_static(b"\"}}"),
            encoding: Encoding::Base64,
        };
        let call = Call::post(PURPOSE, self.address_of(verb)).file("application/json", file).timeout(FILE_TIMEOUT);
        self.made(call).await
    }

    /// How this server wants verbs addressed, by which of the two addresses it knows; `None` where that can't be told. The
    /// question names no chat, so it does nothing.
    pub async fn style_that_works(&self) -> Option<PathStyle> {
        let body = serde_json::json!({ "session": self.name() });
        let paths = [
            (PathStyle::Body, "/api/startTyping".to_owned()),
            (PathStyle::Path, format!("/api/{}/startTyping", escaped(self.name()))),
        ];
        let mut known = Vec::new();
        for (style, path) in paths {
            match self.call(Method::POST, &path, Some(&body), ASK_TIMEOUT).await {
                Ok(_) => known.push(style),
                Err(failed) => match failed.status {
                    Some(404 | 405) => {}
                    Some(_) => known.push(style),
                    None => return None,
                },
            }
        }
        known.iter().copied().find(|style| *style == self.line.path_style).or_else(|| known.first().copied())
    }

    /// Something of the session's own: `/api/{session}/…`.
    pub async fn own(&self, method: Method, rest: &str, body: Option<&Value>) -> Result<Answer, Failed> {
        self.call(method, &format!("/api/{}/{rest}", escaped(self.name())), body, ASK_TIMEOUT).await
    }

    /// Any call; an answer that is no success is a failure.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>, timeout: Duration) -> Result<Answer, Failed> {
        let call = Call::new(PURPOSE, method, format!("{}{path}", self.line.base_url)).timeout(timeout);
        self.made(match body {
            Some(body) => call.json(body),
            None => call,
        })
        .await
    }

    async fn made(&self, call: Call) -> Result<Answer, Failed> {
        let mut call = call.guard(Guard::Owner);
        if !self.line.token.is_empty() {
            call = call.secret_header("x-api-key", &self.line.token);
        }
        match self.outbound.send(call).await {
            Ok(answer) if answer.status.is_success() => Ok(answer),
            Ok(answer) => Err(Failed::of_answer(&answer)),
            Err(error) => Err(Failed::of_call(&error)),
        }
    }

    /// How the session does.
    pub async fn session(&self) -> Result<Session, Failed> {
        let path = format!("/api/sessions/{}", escaped(self.name()));
        let answer = self.call(Method::GET, &path, None, ASK_TIMEOUT).await?;
        Ok(Session::of(&json_of(&answer)))
    }
}

/// The answer's body, or nothing.
pub fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

/// A name as one segment of a path.
pub fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

impl Session {
    /// Reads `GET /api/sessions/{session}`.
    pub fn of(body: &Value) -> Self {
        let text = |path: &str| body.pointer(path).and_then(Value::as_str).map(str::to_owned);
        Self {
            state: text("/status").and_then(|word| SessionState::parse(&word)).unwrap_or_default(),
            phone: text("/me/id").and_then(|id| Chat::parse(&id)?.phone()),
            profile: text("/me/pushName").filter(|name| !name.trim().is_empty()),
            config: body.get("config").cloned().unwrap_or(Value::Null),
        }
    }
}

impl Failed {
    fn of_answer(answer: &Answer) -> Self {
        let body = json_of(answer);
        let said = ["/message", "/exception/message", "/error"].iter().find_map(|at| match body.pointer(at)? {
            Value::String(text) => Some(text.clone()),
            Value::Array(all) => all.first().and_then(Value::as_str).map(str::to_owned),
            _ => None,
        });
        let status = answer.status.as_u16();
        let reason = said.unwrap_or_else(|| format!("HTTP {status} without a reason"));
        let reason = crate::base::text::shorten(&reason, 300);
        Self {
            status: Some(status),
            reason,
            retry: answer.retry(),
            bad_address: false,
            session_down: body.get("expected").is_some() || body.get("status").is_some_and(Value::is_string),
        }
    }
    fn of_call(error: &CallError) -> Self {
        let bad_address = matches!(error, CallError::Refused(_) | CallError::Malformed(_));
        // It was done by whatever answered so much, or so oddly.
        let retry = if matches!(error, CallError::TooLarge(_)) { Retry::Unknown } else { error.retry() };
        Self { status: None, reason: error.to_string(), retry, bad_address, session_down: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_session_is_read_and_names_are_escaped() {
        let session = Session::of(&json!({"name": "default", "status": "WORKING", "engine": {"engine": "NOWEB"},
            "me": {"id": "5511900000001@c.us", "pushName": "Farol"}}));
        assert_eq!((session.state, session.phone.as_deref()), (SessionState::Working, Some("+5511900000001")));
        assert_eq!(session.profile.as_deref(), Some("Farol"));
        assert_eq!(Session::of(&Value::Null).state, SessionState::Unknown);
        assert_eq!(escaped("a/b c"), "a%2Fb%20c");
        assert_eq!(escaped("55@c.us"), "55@c.us");
    }
}
