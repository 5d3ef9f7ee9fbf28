//! Which verb sends what over a session, and the body it takes.

use super::{ids, vcard};
use crate::{
    channels::sending::outgoing::{Body, Outgoing, OutgoingMedia, Verdict},
    conversations::{Button, Interactive, InteractiveKind, MessageKind, Row, Section},
};
use serde_json::{Value, json};

/// A call that sends something.
#[derive(Debug, Clone, PartialEq)]
pub struct Request<'a> {
    /// Its verb, e.g. `sendText`.
    pub verb: &'static str,
    /// Its body, but for the file's bytes and the session.
    pub body: Value,
    /// The file whose bytes belong into it.
    pub file: Option<&'a OutgoingMedia>,
}

/// The request that sends `message` to `chat`.
///
/// # Errors
/// What a session has no verb for is refused: without its file a message would be called sent that says something else.
pub fn request<'a>(chat: &str, message: &'a Outgoing) -> Result<Request<'a>, Verdict> {
    let mut file = None;
    let (verb, mut body) = match &message.body {
        Body::Text(text) => ("sendText", json!({ "text": text })),
        Body::Media(media, caption) => {
            file = Some(media);
            sent_as(media, caption)?
        }
        Body::Location(place) => {
            // One line is all it shows beside the point.
            let title = place.name.as_deref().into_iter().chain(place.address.as_deref()).collect::<Vec<_>>().join(", ");
            ("sendLocation", json!({"latitude": place.latitude(), "longitude": place.longitude(), "title": title}))
        }
        Body::Contacts(cards) => {
            let cards: Vec<Value> = cards.iter().map(|card| json!({ "vcard": vcard::written(card) })).collect();
            ("sendContactVcard", json!({ "contacts": cards }))
        }
        Body::Interactive(_, _, Some(_)) => return Err(Verdict::not_supported("a file above buttons")),
        Body::Interactive(words, asked, None) => interactive(words, asked)?,
        Body::Poll(poll) => {
            let poll = json!({"name": poll.question, "options": poll.options, "multipleAnswers": poll.choices_max != 1});
            ("sendPoll", json!({ "poll": poll }))
        }
        Body::Template(_) => return Err(Verdict::not_supported("a template")),
    };
    body["chatId"] = chat.into();
    if let Some(answered) = &message.reply_to
        && verb != "sendButtons"
    {
        body["reply_to"] = ids::serialised(message.answers_own, chat, answered, None).into();
    }
    Ok(Request { verb, body, file })
}

/// How a file goes out. What is in it was made to fit when it was handed in, so nothing is left for the server to
/// convert. Sound that is no voice note goes as a file: as a voice note it would pretend to be spoken now.
fn sent_as(media: &OutgoingMedia, caption: &str) -> Result<(&'static str, Value), Verdict> {
    let (verb, mut body) = match media.kind {
        MessageKind::Image => ("sendImage", json!({})),
        MessageKind::Video => ("sendVideo", json!({"convert": false, "asNote": false})),
        MessageKind::Audio if media.is_voice => ("sendVoice", json!({ "convert": false })),
        MessageKind::Sticker => return Err(Verdict::not_supported("a sticker")),
        _ => ("sendFile", json!({})),
    };
    if !caption.is_empty() {
        body["caption"] = caption.into();
    }
    let mime = if verb == "sendVoice" { "audio/ogg; codecs=opus" } else { media.mime.as_str() };
    body["file"] = json!({ "mimetype": mime });
    if let Some(name) = &media.file_name {
        body["file"]["filename"] = name.as_str().into();
    }
    Ok((verb, body))
}

fn interactive(words: &str, asked: &Interactive) -> Result<(&'static str, Value), Verdict> {
    let (header, footer) = (asked.header.as_deref().unwrap_or_default(), asked.footer.as_deref().unwrap_or_default());
    let button = |b: &Button| match &b.url {
        Some(url) => json!({"type": "url", "text": b.title, "url": url}),
        None => json!({"type": "reply", "id": b.id, "text": b.title}),
    };
    match asked.kind {
        InteractiveKind::Buttons | InteractiveKind::Link => {
            let buttons: Vec<Value> = asked.buttons.iter().map(button).collect();
            Ok(("sendButtons", json!({"header": header, "body": words, "footer": footer, "buttons": buttons})))
        }
        InteractiveKind::List => {
            let row = |row: &Row| {
                let mut object = json!({"rowId": row.id, "title": row.title});
                if let Some(description) = &row.description {
                    object["description"] = description.as_str().into();
                }
                object
            };
            let section = |section: &Section| {
                let rows: Vec<Value> = section.rows.iter().map(row).collect();
                json!({"title": section.title.as_deref().unwrap_or_default(), "rows": rows})
            };
            let opens = asked.buttons.first().map(|button| button.title.as_str()).unwrap_or_default();
            let mut message = json!({"title": header, "description": words, "button": opens,
                "sections": asked.sections.iter().map(section).collect::<Vec<_>>()});
            if !footer.is_empty() {
                message["footer"] = footer.into();
            }
            Ok(("sendList", json!({ "message": message })))
        }
        InteractiveKind::Flow => Err(Verdict::not_supported("a form")),
        InteractiveKind::LocationRequest => Err(Verdict::not_supported("a question for a place")),
        InteractiveKind::Catalog | InteractiveKind::Product | InteractiveKind::ProductList => {
            Err(Verdict::not_supported("a catalogue"))
        }
        InteractiveKind::OrderDetails | InteractiveKind::OrderStatus => Err(Verdict::not_supported("a bill")),
    }
}

/// Is `found`, a message of ours in the chat, the one that says `body`? Engines show other kinds than words and files
/// each in a way of its own; of those only what can't be told otherwise is taken for it.
pub fn is_it(found: &Value, body: &Body) -> bool {
    let words = found["body"].as_str().unwrap_or_default();
    let has_media = found["hasMedia"] == json!(true) || found["media"].is_object();
    match body {
        Body::Text(text) => !has_media && words == text,
        // Some engines show a file without a caption by its name.
        Body::Media(media, caption) => {
            has_media && (words == caption || (caption.is_empty() && media.file_name.as_deref() == Some(words)))
        }
        Body::Location(place) => {
            let near = |key: &str, degrees: f64| found["location"][key].as_f64().is_some_and(|d| (d - degrees).abs() < 1e-5);
            near("latitude", place.latitude()) && near("longitude", place.longitude())
        }
        Body::Contacts(cards) => {
            let shown: Vec<&str> = found["vCards"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let names =
                |card: &crate::conversations::BusinessCard| shown.iter().any(|text| text.contains(&vcard::escaped(&card.name)));
            !shown.is_empty() && shown.len() == cards.len() && cards.iter().all(names)
        }
        Body::Interactive(text, ..) => !has_media && words.contains(text.as_str()),
        Body::Poll(poll) => {
            let asked = ["/poll/name", "/_data/pollName"].iter().find_map(|at| found.pointer(at)?.as_str());
            asked.unwrap_or(words) == poll.question
        }
        Body::Template(_) => false,
    }
}

#[cfg(test)]
#[path = "verbs_tests.rs"]
mod tests;
