//! Error answers (RFC 9457), in one place: code, status, words.

use crate::base::{Error, FieldError};
use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::{borrow::Cow, sync::Arc};
use utoipa::ToSchema;

/// What went wrong, before it is written down. Handlers return [`Error`]; this is for the doors' own refusals.
#[derive(Debug, Clone)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code that clients switch on.
    pub code: Cow<'static, str>,
    /// What to do about it, in English.
    pub detail: Cow<'static, str>,
    /// Wrong fields.
    pub errors: Vec<FieldError>,
    /// Seconds after which trying again makes sense.
    pub retry_after_secs: Option<u64>,
    /// For the log only.
    pub internal: Option<String>,
}

/// An error answer as it travels (`application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub struct ProblemBody<'a> {
    /// `urn:farol:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'a str,
    /// HTTP status.
    status: u16,
    /// Stable code to switch on.
    #[schema(value_type = String, example = "not_found")]
    code: &'a str,
    /// What to do about it, in English.
    detail: &'a str,
    /// Wrong fields.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    #[schema(value_type = Option<Vec<FieldError>>)]
    errors: &'a [FieldError],
    /// As the `X-Request-Id` header and the log line show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// A busy house is asked again after this long.
const UNAVAILABLE_RETRY_SECS: u64 = 1;
/// Room does not come back by itself.
const NO_ROOM_RETRY_SECS: u64 = 60;

impl Problem {
    /// A refusal of the door itself.
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: code.into(), detail: detail.into(), errors: Vec::new(), retry_after_secs: None, internal: None }
    }
    /// One wrong field in what can't even be read: 400.
    pub fn unreadable(field: String, code: &'static str, detail: String) -> Self {
        let errors = vec![FieldError { field: field.into(), code: code.into(), detail: detail.clone().into() }];
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, "invalid", detail) }
    }

    /// The answer. `request_id` and `method` are known only to the outermost layer, which calls this a second time.
    pub(super) fn respond(self, method: Option<&Method>, request_id: Option<&str>) -> Response {
        let mut status = self.status;
        // A query that makes no sense is a bad request; a body that reads well but may not be is unprocessable.
        if status == StatusCode::UNPROCESSABLE_ENTITY && method.is_some_and(Method::is_safe) {
            status = StatusCode::BAD_REQUEST;
        }
        let body = ProblemBody {
            kind: format!("urn:farol:problem:{}", self.code),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code: &self.code,
            detail: &self.detail,
            errors: &self.errors,
            request_id,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some(seconds) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let code = Cow::Borrowed(error.code());
        let detail = error.to_string();
        let problem = |status| Problem::new(status, code.clone(), detail.clone());
        match error {
            Error::NotFound(_) => problem(StatusCode::NOT_FOUND),
            Error::Forbidden(_) => problem(StatusCode::FORBIDDEN),
            Error::Unauthenticated(_) => problem(StatusCode::UNAUTHORIZED),
            Error::Conflict { fields, .. } => Problem { errors: fields, ..problem(StatusCode::CONFLICT) },
            Error::Invalid(errors) => Problem { errors, ..problem(StatusCode::UNPROCESSABLE_ENTITY) },
            Error::Quota { retry_after_secs, .. } => Problem {
                retry_after_secs: (retry_after_secs > 0).then_some(retry_after_secs),
                ..problem(StatusCode::TOO_MANY_REQUESTS)
            },
            Error::TooLarge(_) => problem(StatusCode::PAYLOAD_TOO_LARGE),
            Error::NoRoom(_) => {
                Problem { retry_after_secs: Some(NO_ROOM_RETRY_SECS), ..problem(StatusCode::INSUFFICIENT_STORAGE) }
            }
            Error::Unavailable(_) => {
                Problem { retry_after_secs: Some(UNAVAILABLE_RETRY_SECS), ..problem(StatusCode::SERVICE_UNAVAILABLE) }
            }
            Error::Internal(text) => Problem {
                internal: Some(text),
                ..Problem::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "something went wrong on our side; the request id finds it in the log",
                )
            },
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.respond(None, None)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
