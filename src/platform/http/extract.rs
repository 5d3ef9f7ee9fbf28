//! Own `Json`, `Query` and `Path`: their refusals are problem answers that name the field and the remedy.

use super::{kit::Kit, problem::Problem};
use crate::base::{Actor, Error, Origin, Result};
use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, OptionalFromRequestParts, Request,
        path::ErrorKind,
        rejection::{BytesRejection, FailedToBufferBody, PathRejection},
    },
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Visitor},
};
use std::{marker::PhantomData, str::FromStr};

/// A JSON body, both ways.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

/// The query string. Empty values count as absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

/// Path parameters.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

/// A record named by its id or by its running number: each `{id}` in a path takes both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdOrNumber<I> {
    /// Its UUID.
    Id(I),
    /// The number people say aloud.
    Number(u64),
}

impl<I: FromStr> FromStr for IdOrNumber<I> {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(Self::Number).map_err(|_| "not a number");
        }
        text.parse().map(Self::Id).map_err(|_| "expected a UUID or a running number")
    }
}

impl<'de, I: FromStr> Deserialize<'de> for IdOrNumber<I> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Either<I>(PhantomData<I>);
        impl<I: FromStr> Visitor<'_> for Either<I> {
            type Value = IdOrNumber<I>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a UUID or a running number")
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(IdOrNumber::Number(number))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(E::custom)
            }
        }
        d.deserialize_any(Either(PhantomData))
    }
}

impl<I> utoipa::PartialSchema for IdOrNumber<I> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
        let id = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        id.description(Some("the record's UUID or its running number")).build().into()
    }
}

impl<I> utoipa::ToSchema for IdOrNumber<I> {
    fn name() -> std::borrow::Cow<'static, str> {
        "IdOrNumber".into()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !says_json(request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok())) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "send JSON with the header Content-Type: application/json",
            ));
        }
        let limit = request.extensions().get::<super::routes::BodyLimit>().map_or(0, |limit| limit.0 as u64);
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unread(rejection, limit))?;
        from_json(&bytes).map(Json)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(e) => Error::internal(format_args!("writing {} as JSON: {e}", std::any::type_name::<T>())).into_response(),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        from_query(parts.uri.query().unwrap_or_default()).map(Query)
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match <axum::extract::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(PathRejection::FailedToDeserializePathParams(e)) => Err(wrong_path(e.into_kind())),
            Err(other) => Err(Error::internal(format_args!("reading path parameters: {other}")).into()),
        }
    }
}

/// The person the gate let through. Routes with [`super::Access::Public`] take `Option<Actor>`.
impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Actor>().cloned().ok_or_else(|| Error::Unauthenticated("unauthenticated").into())
    }
}

impl OptionalFromRequestParts<Kit> for Actor {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, kit: &Kit) -> Result<Option<Self>, Problem> {
        if let Some(actor) = parts.extensions.get::<Actor>() {
            return Ok(Some(actor.clone()));
        }
        match kit.authenticate(parts) {
            Ok(actor) => Ok(Some(actor)),
            Err(Error::Unauthenticated(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }
}

/// Who and from where, for the journal: the signed-in person, else `Anonymous` with address and request id.
impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if let Some(actor) = parts.extensions.get::<Actor>() {
            return Ok(actor.origin.clone());
        }
        let context = parts.extensions.get::<super::context::RequestContext>();
        Ok(context.map_or_else(Origin::system, super::context::RequestContext::origin))
    }
}

/// Is this the content type of JSON?
pub fn says_json(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn unread(rejection: BytesRejection, limit: u64) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => Error::TooLarge(limit).into(),
        _ => Problem::new(StatusCode::BAD_REQUEST, "incomplete", "the body broke off; send the request again"),
    }
}

/// Reads JSON, naming the field that can't be taken.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let path = e.path().to_string();
        let inner = e.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => wrong_field(&path, &inner.to_string(), StatusCode::UNPROCESSABLE_ENTITY),
            _ => malformed(&inner),
        }
    })?;
    reader.end().map_err(|e| malformed(&e))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json", format!("the body is not JSON: {error}"))
}

/// Reads a query string; empty values count as absent.
pub fn from_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()).collect();
    let reader = serde_urlencoded_pairs(&pairs);
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(reader.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|e| {
        let path = e.path().to_string();
        wrong_field(&path, &e.into_inner().to_string(), StatusCode::BAD_REQUEST)
    })
}

fn serde_urlencoded_pairs(pairs: &[(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn wrong_path(kind: ErrorKind) -> Problem {
    match kind {
        ErrorKind::ParseErrorAtKey { key, expected_type, .. } => {
            Problem::unreadable(key, "format", format!("expected {expected_type}"))
        }
        ErrorKind::DeserializeError { key, message, .. } => Problem::unreadable(key, "format", message),
        ErrorKind::InvalidUtf8InPathParam { key } => {
            Problem::unreadable(key, "format", "expected percent-encoded UTF-8".to_owned())
        }
        ErrorKind::ParseError { expected_type, .. } => {
            Problem::unreadable("path".to_owned(), "format", format!("expected {expected_type}"))
        }
        ErrorKind::Message(message) => Problem::unreadable("path".to_owned(), "format", message),
        other => Error::internal(format_args!("reading path parameters: {other}")).into(),
    }
}

/// Serde's words for missing and unknown fields say the name inside the text; everything else says it by the path.
fn wrong_field(path: &str, message: &str, status: StatusCode) -> Problem {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = || message.split('`').nth(1).unwrap_or_default();
    let join = |name: &str| if path == "." || path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let (field, code, detail) = if message.starts_with("missing field") {
        (join(quoted()), "required", "give this field".to_owned())
    } else if message.starts_with("unknown field") {
        // The path already ends with the unknown name.
        (if path == "." { quoted().to_owned() } else { path.to_owned() }, "unknown", message.to_owned())
    } else {
        (if path == "." { "body".to_owned() } else { path.to_owned() }, "format", message.to_owned())
    };
    let errors = vec![crate::base::FieldError { field: field.into(), code: code.into(), detail: detail.clone().into() }];
    Problem { errors, ..Problem::new(status, "invalid", detail) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::UserId;

    #[expect(dead_code, reason = "only the reading is tested")]
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Order {
        name: String,
        lines: Vec<Line>,
    }
    #[expect(dead_code, reason = "only the reading is tested")]
    #[derive(Debug, Deserialize)]
    struct Line {
        amount: u8,
    }

    #[test]
    fn a_refused_body_names_the_field() {
        let rows = [
            (r#"{"lines":[]}"#, 422, "name", "required"),
            (r#"{"name":1,"lines":[]}"#, 422, "name", "format"),
            (r#"{"name":"a","lines":[{"amount":1},{"amount":300}]}"#, 422, "lines[1].amount", "format"),
            (r#"{"name":"a","lines":[{}]}"#, 422, "lines[0].amount", "required"),
            (r#"{"name":"a","lines":[],"nmae":2}"#, 422, "nmae", "unknown"),
            ("[]", 422, "name", "required"),
        ];
        for (body, status, field, code) in rows {
            let problem = from_json::<Order>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.status.as_u16(), status, "{body}");
            if body != "[]" {
                assert_eq!((problem.errors[0].field.as_ref(), problem.errors[0].code.as_ref()), (field, code), "{body}");
            }
        }
        for body in ["", "{", r#"{"name":"a","lines":[]} x"#, "{\"name\":\"\u{1}"] {
            assert_eq!(from_json::<Order>(body.as_bytes()).unwrap_err().code, "malformed_json", "{body}");
        }
    }

    #[test]
    fn a_refused_query_names_the_field_and_empty_means_absent() {
        #[derive(Debug, Deserialize)]
        struct List {
            q: Option<String>,
            #[serde(flatten)]
            page: super::super::PageQuery,
        }
        let list: List = from_query("q=&limit=20&cursor=").unwrap();
        assert!(list.q.is_none() && list.page.cursor.is_none());
        assert_eq!(list.page.limit(), 20);
        assert_eq!(from_query::<List>("limit=9999").unwrap().page.limit(), 200);
        let problem = from_query::<List>("limit=many").unwrap_err();
        assert_eq!(problem.status.as_u16(), 400);
    }

    #[test]
    fn a_record_is_named_by_id_or_number() {
        let id = "0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f";
        assert_eq!("4711".parse(), Ok(IdOrNumber::<UserId>::Number(4711)));
        assert_eq!(id.parse(), Ok(IdOrNumber::Id(id.parse::<UserId>().unwrap())));
        for text in ["", "12a", "-1", "99999999999999999999"] {
            assert!(text.parse::<IdOrNumber<UserId>>().is_err(), "{text}");
        }
        // In a body it may be a number, as the sources address records.
        for number in [serde_json::json!(4711), serde_json::json!("4711")] {
            assert_eq!(serde_json::from_value::<IdOrNumber<UserId>>(number).unwrap(), IdOrNumber::Number(4711));
        }
        for none in [serde_json::json!(-1), serde_json::json!(1.5), serde_json::json!(null), serde_json::json!([1])] {
            assert!(serde_json::from_value::<IdOrNumber<UserId>>(none).is_err());
        }
    }
}
