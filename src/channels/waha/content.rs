//! What a message of a session consists of: text, files, places, cards, polls and answers, as each engine writes them.

use super::parse::text;
use crate::{
    channels::receiving::inbound::Content,
    conversations::{BusinessCard, CardLine, CardPhone, Choice, ChoiceKind, Media, MessageKind, Place, Poll},
};
use serde_json::Value;

/// Cards of one message.
const CARDS_MAX: usize = 50;
/// Lines of one kind on a card.
const LINES_MAX: usize = 20;
/// Longest line of a card, in characters.
const LINE_CHARS_MAX: usize = 300;
/// Answers of a poll; WhatsApp allows twelve.
const OPTIONS_MAX: usize = 20;

/// Reads a message's content; `whole_id` is the message's id as calls about it want it.
pub fn content(payload: &Value, whole_id: &str) -> Content {
    let body = payload.get("body").and_then(Value::as_str).unwrap_or_default();
    let said = text(payload, "/type").or_else(|| text(payload, "/_data/type")).unwrap_or_default();
    if let Some(place) = payload.get("location").and_then(place) {
        return Content::Location(place);
    }
    let cards: Vec<BusinessCard> =
        payload.get("vCards").and_then(Value::as_array).into_iter().flatten().filter_map(|card| vcard(card.as_str()?)).collect();
    if !cards.is_empty() {
        return Content::Contacts(cards.into_iter().take(CARDS_MAX).collect());
    }
    if let Some(poll) = poll(payload) {
        return Content::Poll(poll);
    }
    if let Some(choice) = choice(payload, said, body) {
        return Content::Choice(choice);
    }
    let has_media = payload.get("hasMedia") == Some(&Value::Bool(true)) || payload.get("media").is_some_and(Value::is_object);
    if has_media {
        let (kind, media) = file(payload, said, whole_id);
        return Content::Media(kind, Box::new(media), body.to_owned());
    }
    match said {
        "" | "chat" | "text" | "extendedTextMessage" | "conversation" if !body.is_empty() => Content::Text(body.to_owned()),
        // Engines call new kinds by new names; words are words.
        _ if !body.is_empty() => Content::Text(body.to_owned()),
        "" => Content::Other("unknown".to_owned()),
        other => Content::Other(crate::base::text::shorten(other, 40)),
    }
}

fn number(value: &Value, key: &str) -> Option<f64> {
    match value.get(key)? {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn place(told: &Value) -> Option<Place> {
    let mut place = Place::at(number(told, "latitude")?, number(told, "longitude")?)?;
    place.name = text(told, "/name").or_else(|| text(told, "/description")).map(str::to_owned);
    place.address = text(told, "/address").map(str::to_owned);
    place.url = text(told, "/url").map(str::to_owned);
    Some(place)
}

/// A picture, file or sound. Where the server could not (or was told not to) bring it, only its id is known: it is
/// asked for again by that.
fn file(payload: &Value, said: &str, whole_id: &str) -> (MessageKind, Media) {
    let told = payload.get("media").unwrap_or(&Value::Null);
    let mime = text(told, "/mimetype").or_else(|| text(payload, "/_data/mimetype")).unwrap_or_default().to_ascii_lowercase();
    let kind = match (said, mime.split('/').next().unwrap_or_default()) {
        ("sticker", _) => MessageKind::Sticker,
        ("document", _) => MessageKind::Document,
        ("ptt" | "audio", _) | (_, "audio") => MessageKind::Audio,
        ("video" | "ptv" | "gif", _) | (_, "video") => MessageKind::Video,
        // A lone WebP is a sticker; WhatsApp turns photographs into JPEG.
        (_, "image") if mime.starts_with("image/webp") => MessageKind::Sticker,
        ("image", _) | (_, "image") => MessageKind::Image,
        _ => MessageKind::Document,
    };
    let seconds = ["/_data/duration", "/_data/message/audioMessage/seconds"].iter().find_map(|at| match payload.pointer(at)? {
        Value::Number(n) => n.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    let is_voice = said == "ptt"
        || payload.pointer("/_data/message/audioMessage/ptt") == Some(&Value::Bool(true))
        || (kind == MessageKind::Audio && mime.starts_with("audio/ogg"));
    let media = Media {
        declared_mime: (!mime.is_empty()).then_some(mime),
        file_name: text(told, "/filename").map(str::to_owned),
        is_voice,
        is_animated: payload.pointer("/_data/isAnimated") == Some(&Value::Bool(true)),
        duration_ms: seconds.map(|s| s.saturating_mul(1_000)),
        provider_id: Some(whole_id.to_owned()),
        provider_url: text(told, "/url").or_else(|| text(payload, "/mediaUrl")).map(str::to_owned),
        ..Media::default()
    };
    (kind, media)
}

fn poll(payload: &Value) -> Option<Poll> {
    let told = payload.get("poll").filter(|poll| poll.is_object());
    let name = |at: &str| text(payload, at);
    let question = told.and_then(|poll| text(poll, "/name")).or_else(|| name("/_data/pollName"))?;
    let options = told.and_then(|poll| poll.get("options")).or_else(|| payload.pointer("/_data/pollOptions"))?;
    let option = |option: &Value| option.as_str().or_else(|| option.get("name")?.as_str()).map(str::to_owned);
    let options: Vec<String> = options.as_array()?.iter().filter_map(option).take(OPTIONS_MAX).collect();
    let many = told.is_some_and(|poll| poll.get("multipleAnswers") == Some(&Value::Bool(true)));
    Some(Poll { question: question.to_owned(), options, choices_max: u32::from(!many), votes: Vec::new() })
}

/// An answer to buttons or a list.
fn choice(payload: &Value, said: &str, body: &str) -> Option<Choice> {
    let (kind, ids): (_, [&str; 3]) = match said {
        "buttons_response" | "template_button_reply" | "buttonsResponseMessage" => (
            ChoiceKind::Button,
            ["/_data/selectedButtonId", "/selectedButtonId", "/_data/message/buttonsResponseMessage/selectedButtonId"],
        ),
        "list_response" | "listResponseMessage" => (
            ChoiceKind::List,
            [
                "/_data/listResponse/singleSelectReply/selectedRowId",
                "/selectedRowId",
                "/_data/message/listResponseMessage/singleSelectReply/selectedRowId",
            ],
        ),
        _ => return None,
    };
    let id = ids.iter().find_map(|at| text(payload, at)).map(str::to_owned);
    let description = text(payload, "/_data/listResponse/description").map(str::to_owned);
    Some(Choice { kind, id, title: body.to_owned(), description, payload: None })
}

/// Reads a vCard 3.0 or 4.0; `None` where nothing on it names anybody.
pub fn vcard(card: &str) -> Option<BusinessCard> {
    let mut read = BusinessCard::default();
    // A line that begins with a blank goes on with the one before.
    let unfolded = card.replace("\r\n ", "").replace("\n ", "");
    for line in unfolded.lines() {
        let Some((head, value)) = line.split_once(':') else { continue };
        let value =
            crate::base::text::shorten(value.replace("\\,", ",").replace("\\;", ";").replace("\\n", " ").trim(), LINE_CHARS_MAX);
        if value.is_empty() {
            continue;
        }
        let mut parameters = head.split(';');
        // `item1.TEL` groups a line with its label.
        let name = parameters.next().unwrap_or_default().rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
        let parameter = |wanted: &str| {
            let found = head.split(';').skip(1).find_map(|p| p.split_once('=').filter(|(k, _)| k.eq_ignore_ascii_case(wanted)));
            found.map(|(_, value)| value.trim_matches('"').to_owned())
        };
        let label = parameter("type");
        let line = || CardLine { value: value.clone(), label: label.clone() };
        match name.as_str() {
            "FN" => read.name = value,
            "N" if read.name.is_empty() => {
                let parts: Vec<&str> = value.split(';').map(str::trim).filter(|p| !p.is_empty()).collect();
                read.name = parts.into_iter().rev().collect::<Vec<_>>().join(" ");
            }
            "ORG" => read.organisation = Some(value.trim_end_matches(';').replace(';', ", ")),
            "TEL" if read.phones.len() < LINES_MAX => {
                read.phones.push(CardPhone { number: value.clone(), wa_id: parameter("waid"), label: label.clone() });
            }
            "EMAIL" if read.emails.len() < LINES_MAX => read.emails.push(line()),
            "URL" if read.urls.len() < LINES_MAX => read.urls.push(line()),
            "ADR" if read.addresses.len() < LINES_MAX => {
                let parts: Vec<&str> = value.split(';').map(str::trim).filter(|p| !p.is_empty()).collect();
                read.addresses.push(CardLine { value: parts.join(", "), label: label.clone() });
            }
            "BDAY" => read.birthday = Some(value),
            _ => {}
        }
    }
    if read.name.is_empty() {
        read.name = read.phones.first().map(|phone| phone.number.clone())?;
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind_of(payload: Value) -> (MessageKind, bool) {
        match content(&payload, "false_1@c.us_A") {
            Content::Media(kind, media, _) => (kind, media.is_voice),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_are_known_by_what_engines_say_of_them() {
        let media = |mime: &str, said: &str| json!({"hasMedia": true, "media": {"url": "http://localhost:3000/api/files/a", "mimetype": mime}, "_data": {"type": said}});
        for (mime, said, expected) in [
            ("image/jpeg", "", (MessageKind::Image, false)),
            ("image/webp", "", (MessageKind::Sticker, false)),
            ("image/jpeg", "document", (MessageKind::Document, false)),
            ("video/mp4", "", (MessageKind::Video, false)),
            ("audio/ogg; codecs=opus", "ptt", (MessageKind::Audio, true)),
            ("audio/mpeg", "audio", (MessageKind::Audio, false)),
            ("application/pdf", "", (MessageKind::Document, false)),
            ("", "", (MessageKind::Document, false)),
        ] {
            assert_eq!(kind_of(media(mime, said)), expected, "{mime} {said}");
        }
        // Not downloaded: the message is there, and the file is asked for by its message.
        let Content::Media(_, file, words) = content(&json!({"hasMedia": true, "media": null, "body": "look"}), "W") else {
            panic!()
        };
        assert_eq!((file.provider_id.as_deref(), file.provider_url, words.as_str()), (Some("W"), None, "look"));
    }

    #[test]
    fn places_cards_polls_and_choices_are_read() {
        let Content::Location(place) = content(
            &json!({"location": {"latitude": "38.8937255", "longitude": -77.0969763,
            "description": "Our office"}}),
            "W",
        ) else {
            panic!()
        };
        assert_eq!((place.latitude(), place.name.as_deref()), (38.893_725_5, Some("Our office")));
        let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nORG:Example;\nTEL;type=CELL;type=VOICE;waid=15550100:+1 555 0100\nEMAIL:j@example.com\nEND:VCARD";
        let Content::Contacts(cards) = content(&json!({"vCards": [card]}), "W") else { panic!() };
        assert_eq!((cards[0].name.as_str(), cards[0].phones[0].wa_id.as_deref()), ("Jane Doe", Some("15550100")));
        let Content::Poll(poll) = content(&json!({"poll": {"name": "How?", "options": ["Good", {"name": "Bad"}]}}), "W") else {
            panic!()
        };
        assert_eq!((poll.options, poll.choices_max), (vec!["Good".to_owned(), "Bad".to_owned()], 1));
        let said = json!({"type": "list_response", "body": "Option 1", "selectedRowId": "option1"});
        let Content::Choice(choice) = content(&said, "W") else { panic!() };
        assert_eq!((choice.kind, choice.id.as_deref(), choice.title.as_str()), (ChoiceKind::List, Some("option1"), "Option 1"));
        assert!(matches!(content(&json!({"type": "call_log"}), "W"), Content::Other(kind) if kind == "call_log"));
    }
}
