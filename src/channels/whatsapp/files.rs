//! Files of the Cloud API: asked for by id, fetched from a short-lived address with the same token, handed over by form.

use super::{PURPOSE, classes, not_answered, refusal, send};
use crate::{
    channels::{
        adapter::Line,
        media::fetch::{ComingFile, NotFetched, WantedFile, come, promised_hash},
        sending::outgoing::{Class, OutgoingMedia, Verdict},
    },
    platform::outbound::{Call, Encoding, FileBody, Guard, Outbound},
};
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// An answer that is no file.
const ASK_TIMEOUT: Duration = Duration::from_secs(15);
/// A hundred megabytes over a slow line.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(240);
/// Parts the fields of the form; stands in no file's first line by itself, and would harm nobody if it did.
const BOUNDARY: &str = "farol-6f1b2c94d07e4a53";

/// Asks where the file is, and begins to fetch it.
pub async fn fetch(outbound: &Outbound, line: &Line, file: &WantedFile) -> Result<ComingFile, NotFetched> {
    let id = file.provider_id.as_deref().filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
    let Some(id) = id else {
        return Err(NotFetched::Never { code: "no_address", reason: "the provider named no file".into() });
    };
    let ask = Call::get(PURPOSE, format!("{}/{id}?phone_number_id={}", line.base_url, line.account));
    let answer = outbound.send(ask.guard(Guard::Owner).bearer(&line.token).timeout(ASK_TIMEOUT)).await?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if let Some((code, reason)) = refusal(&answer, &body) {
        let class = code.map_or_else(|| classes::of_http(answer.status.as_u16()), classes::of_code);
        return Err(match class {
            Class::Content | Class::Recipient => NotFetched::Never { code: "media_gone", reason },
            Class::Account => NotFetched::Later { code: "not_allowed", reason, after: None },
            _ => NotFetched::Later { code: "provider_error", reason, after: None },
        });
    }
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let Some(url) = text("url") else {
        return Err(NotFetched::Later { code: "provider_error", reason: "the answer names no address".into(), after: None });
    };
    let sha256 = text("sha256").and_then(promised_hash).or_else(|| file.sha256.as_deref().and_then(promised_hash));
    if body.get("file_size").and_then(Value::as_u64).is_some_and(|size| size > file.bytes_max as u64) {
        let reason = format!("the file is larger than {} bytes", file.bytes_max);
        return Err(NotFetched::Never { code: "too_large", reason });
    }
    // The address comes from the provider's own answer; in the house it may only be the provider's own host.
    let own = Url::parse(&line.base_url).ok().and_then(|base| base.host_str().map(str::to_owned)).unwrap_or_default();
    let call = Call::get(PURPOSE, url).guard(Guard::PublicOr(own)).bearer(&line.token);
    let body = outbound.open(call.answer_max(file.bytes_max).timeout(ASK_TIMEOUT)).await?;
    // An address that has run out is asked for anew.
    come(body, sha256).map_err(|not| match not {
        NotFetched::Never { code: "media_gone", reason } => NotFetched::Later { code: "media_gone", reason, after: None },
        other => other,
    })
}

/// Hands a file over; gives the provider's id of it.
pub async fn upload(outbound: &Outbound, line: &Line, file: &OutgoingMedia) -> Result<String, Verdict> {
    let name: String =
        file.file_name.as_deref().unwrap_or("file").chars().map(|c| if c.is_control() || c == '"' { '_' } else { c }).collect();
    let before = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n{mime}\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n",
        mime = file.mime,
    );
    let body = FileBody {
        before: Bytes::from(before),
        path: file.path.clone(),
        bytes: file.bytes,
        after: Bytes::from(format!("\r\n--{BOUNDARY}--\r\n")),
        encoding: Encoding::Raw,
    };
    let call = Call::post(PURPOSE, format!("{}/{}/media", line.base_url, line.account))
        .guard(Guard::Owner)
        .bearer(&line.token)
        .file(&format!("multipart/form-data; boundary={BOUNDARY}"), body)
        .timeout(UPLOAD_TIMEOUT);
    // Nobody hears of a file that was handed over twice: what is unclear may be tried again.
    let again = |reason: String| Verdict::Refused(Class::Retry, super::failure_of("upload_failed", Class::Retry, reason), None);
    let answer = match outbound.send(call).await {
        Ok(answer) => answer,
        Err(error) => {
            return Err(match not_answered(&error) {
                Verdict::Unclear(reason) => again(reason),
                verdict => verdict,
            });
        }
    };
    if !answer.status.is_success() {
        return Err(match send::verdict(answer.status.as_u16(), None, &answer.body) {
            Verdict::Unclear(reason) => again(reason),
            verdict => verdict,
        });
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let id = body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    id.map(str::to_owned).ok_or_else(|| again("the answer names no file".to_owned()))
}
