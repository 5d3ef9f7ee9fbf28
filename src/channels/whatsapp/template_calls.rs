//! Calls about templates: list, create, edit, delete, and the example of a header's file.

use super::{
    WhatsappCloudAdapter, refusal,
    templates::{self, FIELDS},
};
use crate::{
    base::text::shorten,
    channels::templates::{
        model::{Category, TemplateStatus},
        provider::{Draft, ExampleFile, ListedPage, Made, Reach, Refusal, TemplateBook},
    },
    platform::outbound::{Call, Encoding, FileBody, Guard},
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Names calls in the metrics.
const PURPOSE: &str = "whatsapp_templates";
/// A person waits for most of them.
const TIMEOUT: Duration = Duration::from_secs(20);
/// A film of 16 MB over a slow line.
const EXAMPLE_TIMEOUT: Duration = Duration::from_secs(120);
/// Templates asked for at once; each may hold some thousand characters.
const PAGE: usize = 100;
/// Longest answer: a page of templates with every part they may have.
const ANSWER_BYTES_MAX: usize = 8 << 20;

async fn ask(reach: Reach<'_>, call: Call) -> Result<Value, Refusal> {
    let (outbound, line) = reach;
    let call = call.guard(Guard::Owner).bearer(&line.token).timeout(TIMEOUT).answer_max(ANSWER_BYTES_MAX);
    answered(outbound.send(call).await)
}

fn answered(answer: Result<crate::platform::outbound::Answer, crate::platform::outbound::CallError>) -> Result<Value, Refusal> {
    let answer = answer.map_err(|error| Refusal::Away(error.to_string()))?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let Some((code, why)) = refusal(&answer, &body) else { return Ok(body) };
    if answer.status.is_server_error() && code.is_none() {
        return Err(Refusal::Away(why));
    }
    // What is wrong with a template the provider says to people, beside a message for programs.
    let said = |key: &str| body.pointer(&format!("/error/{key}")).and_then(Value::as_str).filter(|text| !text.is_empty());
    let words = match (said("error_user_title"), said("error_user_msg")) {
        (Some(title), Some(words)) => format!("{title}: {words}"),
        (None, Some(words)) | (Some(words), None) => words.to_owned(),
        (None, None) => why,
    };
    let code = code.map_or_else(|| format!("http_{}", answer.status.as_u16()), |code| code.to_string());
    Err(Refusal::Said { code, words: shorten(&words, 600) })
}

/// The business account, whose the templates are.
fn book(reach: Reach<'_>) -> Result<String, Refusal> {
    let (_, line) = reach;
    match &line.parent_account {
        Some(account) => Ok(format!("{}/{account}/message_templates", line.base_url)),
        None => Err(Refusal::Said {
            code: "no_business_account".into(),
            words: "give the id of the business account in the channel's settings".into(),
        }),
    }
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn text<'v>(body: &'v Value, key: &str) -> Option<&'v str> {
    body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

impl TemplateBook for WhatsappCloudAdapter {
    fn page<'a>(&'a self, reach: Reach<'a>, after: Option<&'a str>) -> BoxFuture<'a, Result<ListedPage, Refusal>> {
        Box::pin(async move {
            let limit = PAGE.to_string();
            let mut pairs = vec![("fields", FIELDS), ("limit", limit.as_str())];
            pairs.extend(after.map(|after| ("after", after)));
            let body = ask(reach, Call::get(PURPOSE, format!("{}?{}", book(reach)?, query(&pairs)))).await?;
            let Some(data) = body.get("data").and_then(Value::as_array) else {
                return Err(Refusal::Away("the answer is no list".into()));
            };
            // Without a next page the cursor points behind the last row all the same.
            let has_next = body.pointer("/paging/next").is_some();
            let cursor = body.pointer("/paging/cursors/after").and_then(Value::as_str);
            Ok(ListedPage {
                templates: data.iter().filter_map(templates::listed).collect(),
                next: cursor.filter(|_| has_next).map(str::to_owned),
            })
        })
    }

    fn create<'a>(&'a self, reach: Reach<'a>, draft: &'a Draft) -> BoxFuture<'a, Result<Made, Refusal>> {
        Box::pin(async move {
            let body = ask(reach, Call::post(PURPOSE, book(reach)?).json(&templates::create_body(draft))).await?;
            let external_id = text(&body, "id").ok_or_else(|| Refusal::Away("the answer names no template".into()))?;
            Ok(Made {
                external_id: external_id.to_owned(),
                status: text(&body, "status").and_then(TemplateStatus::parse).unwrap_or(TemplateStatus::Pending),
                category: text(&body, "category").map_or(draft.category, Category::parse),
            })
        })
    }

    fn edit<'a>(&'a self, reach: Reach<'a>, external_id: &'a str, draft: &'a Draft) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let body = json!({ "category": draft.category.word(), "components": templates::components(draft) });
            ask(reach, Call::post(PURPOSE, format!("{}/{external_id}", reach.1.base_url)).json(&body)).await.map(drop)
        })
    }

    fn delete<'a>(&'a self, reach: Reach<'a>, external_id: &'a str, name: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let url = format!("{}?{}", book(reach)?, query(&[("name", name), ("hsm_id", external_id)]));
            ask(reach, Call::new(PURPOSE, Method::DELETE, url)).await.map(drop)
        })
    }

    /// A resumable upload in one piece: a session of the token's own app, then the bytes.
    fn show_example<'a>(&'a self, reach: Reach<'a>, file: &'a ExampleFile) -> BoxFuture<'a, Result<String, Refusal>> {
        Box::pin(async move {
            let (outbound, line) = reach;
            let bytes = file.bytes.to_string();
            let url = format!("{}/app/uploads?{}", line.base_url, query(&[("file_length", &bytes), ("file_type", &file.mime)]));
            let session = ask(reach, Call::post(PURPOSE, url)).await?;
            let session = text(&session, "id").ok_or_else(|| Refusal::Away("the answer names no upload".into()))?;
            let body = FileBody {
                before: Bytes::new(),
                path: file.path.clone(),
                bytes: file.bytes,
                after: Bytes::new(),
                encoding: Encoding::Raw,
            };
            let call = Call::post(PURPOSE, format!("{}/{session}", line.base_url))
                .guard(Guard::Owner)
                .secret_header("authorization", &format!("OAuth {}", line.token))
                .header("file_offset", "0")
                .file(&file.mime, body)
                .timeout(EXAMPLE_TIMEOUT);
            let answer = answered(outbound.send(call).await)?;
            text(&answer, "h").map(str::to_owned).ok_or_else(|| Refusal::Away("the answer names no file".into()))
        })
    }
}
