//! Sending: the request as the Cloud API wants it, and what its answer means.

use super::{classes, objects, templates};
use crate::{
    channels::{
        receiving::inbound::Failure,
        sending::outgoing::{Body, Class, Outgoing, OutgoingMedia, Recipient, Verdict},
    },
    conversations::MessageKind,
};
use serde_json::{Value, json};
use std::time::Duration;

/// The request's body.
///
/// # Errors
/// What the Cloud API has no words for, as the refusal it is.
pub fn body(message: &Outgoing) -> Result<Value, Verdict> {
    let (word, object) = object(&message.body)?;
    let mut body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "type": word,
        "biz_opaque_callback_data": message.callback.to_string(),
    });
    body[word] = object;
    match &message.to {
        Recipient::Phone(phone) => body["to"] = json!(phone.trim_start_matches('+')),
        Recipient::Scoped(id) => body["recipient"] = json!(id),
        Recipient::Group(id) => {
            body["recipient_type"] = json!("group");
            body["to"] = json!(id);
        }
    }
    if let Some(id) = &message.reply_to {
        body["context"] = json!({ "message_id": id });
    }
    Ok(body)
}

/// The word of a kind of message, and the object of that name.
fn object(body: &Body) -> Result<(&'static str, Value), Verdict> {
    Ok(match body {
        Body::Text(text) => ("text", words(text)),
        Body::Media(media, caption) => file(media, caption),
        Body::Location(place) => ("location", objects::location(place)),
        Body::Contacts(cards) => ("contacts", objects::contacts(cards)),
        Body::Interactive(words, asked, above) => ("interactive", objects::interactive(words, asked, above.as_ref())),
        Body::Poll(_) => return Err(Verdict::not_supported("a poll")),
        Body::Template(it) => ("template", templates::send_object(&it.used, it.file.as_ref(), it.place.as_ref())),
    })
}

/// Words; a page they name is shown with its picture.
fn words(text: &str) -> Value {
    let mut object = json!({ "body": text });
    if text.contains("https://") || text.contains("http://") {
        object["preview_url"] = json!(true);
    }
    object
}

/// The API's word for what a file is.
pub fn word_of(media: &OutgoingMedia) -> &'static str {
    match media.kind {
        MessageKind::Image => "image",
        MessageKind::Audio => "audio",
        MessageKind::Video => "video",
        MessageKind::Sticker => "sticker",
        _ => "document",
    }
}

/// The word and the object of a message that is a file.
fn file(media: &OutgoingMedia, caption: &str) -> (&'static str, Value) {
    let mut object = json!({ "id": media.provider_id });
    let word = word_of(media);
    if !caption.is_empty() && !matches!(word, "audio" | "sticker") {
        object["caption"] = json!(caption);
    }
    if word == "document"
        && let Some(name) = &media.file_name
    {
        object["filename"] = json!(name);
    }
    if word == "audio" && media.is_voice {
        object["voice"] = json!(true);
    }
    (word, object)
}

/// Reads an answer. `retry_after` is that header's value in seconds.
pub fn verdict(status: u16, retry_after: Option<u64>, answer: &[u8]) -> Verdict {
    let answer: Value = serde_json::from_slice(answer).unwrap_or(Value::Null);
    let wait = retry_after.map(Duration::from_secs);
    if (200..300).contains(&status) {
        let id = answer.pointer("/messages/0/id").and_then(Value::as_str).filter(|id| !id.is_empty());
        return match id {
            Some(id) => Verdict::Taken { external_id: id.to_owned() },
            None => Verdict::Unclear(format!("HTTP {status} without a message id")),
        };
    }
    let (class, failure) = match answer.get("error") {
        Some(error) if error.is_object() => classes::failure(error),
        // Not the Graph API itself answered but something before it, which may have handed the message on.
        _ if status >= 500 && status != 503 => return Verdict::Unclear(format!("HTTP {status} without the provider's words")),
        _ => (Class::Unknown, failure_of_http(status)),
    };
    // A code says more than the status; without a code we know, the status decides.
    let class = if class == Class::Unknown { classes::of_http(status) } else { class };
    let failure = Failure { next_step: class.next_step(), account: class == Class::Account, ..failure };
    Verdict::Refused(class, failure, wait)
}

fn failure_of_http(status: u16) -> Failure {
    Failure {
        code: format!("http_{status}"),
        reason: format!("the provider answered HTTP {status} without a reason"),
        next_step: Class::Unknown.next_step(),
        closes_window: false,
        account: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(to: Recipient, reply_to: Option<&str>) -> Outgoing {
        Outgoing {
            to,
            body: Body::Text("Bom dia".into()),
            reply_to: reply_to.map(str::to_owned),
            answers_own: false,
            callback: uuid::Uuid::from_u128(7),
            tried_since: None,
            known: Vec::new(),
            manners: crate::channels::sending::outgoing::Manners::default(),
        }
    }

    #[test]
    fn requests_are_what_the_contract_prints() {
        assert_eq!(
            body(&outgoing(Recipient::Phone("+351900000001".into()), Some("wamid.A"))).unwrap(),
            json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "351900000001", "type": "text",
                "text": {"body": "Bom dia"}, "context": {"message_id": "wamid.A"},
                "biz_opaque_callback_data": "00000000-0000-0000-0000-000000000007"})
        );
        let group = body(&outgoing(Recipient::Group("Y2FwaV9ncm91cA".into()), None)).unwrap();
        assert_eq!((&group["recipient_type"], &group["to"]), (&json!("group"), &json!("Y2FwaV9ncm91cA")));
        let scoped = body(&outgoing(Recipient::Scoped("PT.1a2b".into()), None)).unwrap();
        assert_eq!((scoped["recipient"].as_str(), scoped.get("to"), scoped.get("context")), (Some("PT.1a2b"), None, None));
    }

    #[test]
    fn files_are_named_by_their_id_with_what_their_kind_allows() {
        let sent = |kind: MessageKind, is_voice: bool, caption: &str| {
            let (mime, file_name, path) = (String::new(), Some("a.bin".to_owned()), "a".into());
            let provider_id = Some("1".to_owned());
            let media = OutgoingMedia { kind, mime, file_name, is_voice, path, bytes: 1, provider_id };
            let message =
                Outgoing { body: Body::Media(media, caption.into()), ..outgoing(Recipient::Scoped("PT.1".into()), None) };
            let body = body(&message).unwrap();
            let word = body["type"].as_str().unwrap().to_owned();
            json!({ "type": word, word.as_str(): body[&word] })
        };
        for (kind, is_voice, caption, expected) in [
            (MessageKind::Image, false, "", json!({"type": "image", "image": {"id": "1"}})),
            (MessageKind::Video, false, "Look", json!({"type": "video", "video": {"id": "1", "caption": "Look"}})),
            (MessageKind::Audio, false, "", json!({"type": "audio", "audio": {"id": "1"}})),
            (MessageKind::Audio, true, "", json!({"type": "audio", "audio": {"id": "1", "voice": true}})),
            (MessageKind::Sticker, false, "", json!({"type": "sticker", "sticker": {"id": "1"}})),
            (
                MessageKind::Document,
                false,
                "Read",
                json!({"type": "document", "document": {"id": "1", "caption": "Read", "filename": "a.bin"}}),
            ),
        ] {
            assert_eq!(sent(kind, is_voice, caption), expected);
        }
    }

    #[test]
    fn answers_mean_one_thing_each() {
        let taken = br#"{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"1"}],"messages":[{"id":"wamid.Z"}]}"#;
        assert_eq!(verdict(200, None, taken), Verdict::Taken { external_id: "wamid.Z".into() });
        for odd in [&b"{}"[..], b"", b"<html>", br#"{"messages":[]}"#, br#"{"messages":[{"id":""}]}"#] {
            assert!(matches!(verdict(200, None, odd), Verdict::Unclear(_)), "{odd:?}");
        }
        let class = |status, body: &str| match verdict(status, Some(7), body.as_bytes()) {
            Verdict::Refused(class, failure, wait) => {
                assert_eq!(wait, Some(Duration::from_secs(7)));
                assert_eq!(failure.next_step, class.next_step());
                class
            }
            other => panic!("{other:?}"),
        };
        for (status, body, expected) in [
            (400, r#"{"error":{"code":131047,"message":"x"}}"#, Class::WindowClosed),
            (400, r#"{"error":{"code":100,"message":"x"}}"#, Class::Content),
            (401, r#"{"error":{"code":190,"message":"x"}}"#, Class::Account),
            (400, r#"{"error":{"code":131056}}"#, Class::Pair),
            (429, r#"{"error":{"code":130429}}"#, Class::Slow),
            (500, r#"{"error":{"code":131000}}"#, Class::Retry),
            (400, r#"{"error":{"code":777}}"#, Class::Unknown),
            (503, r#"{"error":{"code":777}}"#, Class::Retry),
            (429, "", Class::Retry),
            (503, "<html>", Class::Retry),
            (502, r#"{"error":{"code":2}}"#, Class::Retry),
            (401, "", Class::Account),
            (403, r#"{"error":{"code":777}}"#, Class::Account),
            (404, "", Class::Unknown),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
        // A gateway gave up waiting: the message may be out.
        for (status, body) in [(500, ""), (502, "<html>"), (504, ""), (504, "{}")] {
            assert!(matches!(verdict(status, None, body.as_bytes()), Verdict::Unclear(_)), "{status} {body}");
        }
    }
}
