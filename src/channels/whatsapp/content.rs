//! What a message consists of, by its type. What has not the shape its type should have is kept whole and shown as
//! not yet displayed.

use super::parse::identifier;
use crate::{
    base::{phone, text::shorten},
    channels::receiving::{inbound::Content, reading::scalar},
    conversations::{
        BusinessCard, CardLine, CardPhone, Choice, ChoiceKind, Media, MessageKind, Notice, NoticeKind, Order, OrderItem, Place,
    },
};
use serde_json::Value;

/// Longer words are cut: none are, as an element is not larger. People write up to so many in the app, whatever Meta lets firms send.
const WORDS_CHARS_MAX: usize = 65_536;
/// Longer names, titles and addresses are cut.
const LINE_CHARS_MAX: usize = 1_000;
/// A form's answer may be long; it is kept as it came up to here.
const PAYLOAD_CHARS_MAX: usize = 32_768;
/// Cards of one message, lines of one card, lines of one basket.
const ITEMS_MAX: usize = 200;

/// Reads what `element` of type `kind` holds.
pub fn content(element: &Value, kind: &str) -> Content {
    let object = element.get(kind).unwrap_or(&Value::Null);
    let read = match kind {
        "text" => object.get("body").and_then(Value::as_str).map(|body| Content::Text(shorten(body, WORDS_CHARS_MAX))),
        "image" => media(MessageKind::Image, object),
        "video" => media(MessageKind::Video, object),
        "document" => media(MessageKind::Document, object),
        "sticker" => media(MessageKind::Sticker, object),
        "audio" | "voice" => media(MessageKind::Audio, object).map(|content| as_voice(content, kind == "voice")),
        "location" => place(object).map(Content::Location),
        "contacts" => cards(object).map(Content::Contacts),
        "interactive" => chosen(object).map(Content::Choice),
        "button" => pressed(object).map(Content::Choice),
        "order" => basket(object),
        "system" => Some(notice(element, object)),
        _ => None,
    };
    read.unwrap_or_else(|| Content::Other(shorten(kind, 40)))
}

/// The words a message of `kind` holds: its text, or its caption.
pub fn words(message: &Value) -> Option<String> {
    let kind = message.get("type").and_then(Value::as_str).unwrap_or("text");
    let object = message.get(kind)?;
    let words = object.get("body").or_else(|| object.get("caption")).and_then(Value::as_str)?;
    Some(shorten(words, WORDS_CHARS_MAX))
}

fn line(object: &Value, key: &str) -> Option<String> {
    object.get(key).and_then(scalar).map(|text| shorten(&text, LINE_CHARS_MAX))
}

fn is_true(object: &Value, key: &str) -> bool {
    object.get(key) == Some(&Value::Bool(true))
}

fn media(kind: MessageKind, object: &Value) -> Option<Content> {
    let (provider_id, provider_url) = (identifier(object, "id"), line(object, "url"));
    if provider_id.is_none() && provider_url.is_none() {
        return None;
    }
    let media = Media {
        declared_mime: line(object, "mime_type"),
        file_name: line(object, "filename"),
        bytes: object.get("file_size").and_then(Value::as_u64),
        is_voice: is_true(object, "voice"),
        is_animated: is_true(object, "animated"),
        provider_id,
        provider_url,
        provider_sha256: line(object, "sha256"),
        ..Media::default()
    };
    let caption = object.get("caption").and_then(Value::as_str).unwrap_or_default();
    Some(Content::Media(kind, Box::new(media), shorten(caption, WORDS_CHARS_MAX)))
}

/// Older senders have a type of its own for voice notes.
fn as_voice(content: Content, is_voice: bool) -> Content {
    match content {
        Content::Media(kind, mut media, caption) => {
            media.is_voice |= is_voice;
            Content::Media(kind, media, caption)
        }
        other => other,
    }
}

fn degrees(object: &Value, key: &str) -> Option<f64> {
    let told = object.get(key)?;
    told.as_f64().or_else(|| told.as_str()?.trim().parse().ok())
}

fn place(object: &Value) -> Option<Place> {
    let point = Place::at(degrees(object, "latitude")?, degrees(object, "longitude")?)?;
    Some(Place { name: line(object, "name"), address: line(object, "address"), url: line(object, "url"), ..point })
}

fn cards(object: &Value) -> Option<Vec<BusinessCard>> {
    let cards: Vec<BusinessCard> = object.as_array()?.iter().take(ITEMS_MAX).filter(|card| card.is_object()).map(card).collect();
    (!cards.is_empty()).then_some(cards)
}

fn card(object: &Value) -> BusinessCard {
    let items = |key: &str| object.get(key).and_then(Value::as_array).into_iter().flatten().take(ITEMS_MAX);
    let lines = |key: &str, value: &str| -> Vec<CardLine> {
        items(key).filter_map(|item| Some(CardLine { value: line(item, value)?, label: line(item, "type") })).collect()
    };
    let joined = |object: &Value, keys: &[&str], between: &str| {
        let words: Vec<String> = keys.iter().filter_map(|key| line(object, key)).collect();
        (!words.is_empty()).then(|| words.join(between))
    };
    let name = object.get("name").unwrap_or(&Value::Null);
    let phones: Vec<CardPhone> = items("phones")
        .filter_map(|item| {
            let wa_id = line(item, "wa_id");
            let number = line(item, "phone").or_else(|| wa_id.as_deref().and_then(phone::from_provider_digits))?;
            Some(CardPhone { number, wa_id, label: line(item, "type") })
        })
        .collect();
    let organisation = object.get("org").and_then(|org| joined(org, &["company", "department", "title"], ", "));
    let full = line(name, "formatted_name").or_else(|| joined(name, &["prefix", "first_name", "middle_name", "last_name"], " "));
    let addresses = items("addresses").filter_map(|item| {
        let value = joined(item, &["street", "zip", "city", "state", "country"], ", ")?;
        Some(CardLine { value, label: line(item, "type") })
    });
    BusinessCard {
        name: full
            .or_else(|| organisation.clone())
            .or_else(|| phones.first().map(|phone| phone.number.clone()))
            .unwrap_or_default(),
        emails: lines("emails", "email"),
        urls: lines("urls", "url"),
        addresses: addresses.collect(),
        birthday: line(object, "birthday"),
        organisation,
        phones,
    }
}

fn chosen(object: &Value) -> Option<Choice> {
    let kind = object.get("type").and_then(Value::as_str)?;
    let reply = object.get(kind)?;
    let (id, description) = (line(reply, "id"), line(reply, "description"));
    match kind {
        "button_reply" => Some(Choice { kind: ChoiceKind::Button, id, title: line(reply, "title")?, description, payload: None }),
        "list_reply" => Some(Choice { kind: ChoiceKind::List, id, title: line(reply, "title")?, description, payload: None }),
        "nfm_reply" => {
            // By contract JSON in a string, and then an object: both are promises others have broken.
            let payload = reply.get("response_json").map(|told| match told {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let title = line(reply, "body").or_else(|| line(reply, "name")).unwrap_or_default();
            let payload = payload.map(|payload| shorten(&payload, PAYLOAD_CHARS_MAX));
            Some(Choice { kind: ChoiceKind::Flow, id: line(reply, "name"), title, description: None, payload })
        }
        _ => None,
    }
}

fn pressed(object: &Value) -> Option<Choice> {
    let payload = line(object, "payload");
    let title = line(object, "text").or_else(|| payload.clone())?;
    Some(Choice { kind: ChoiceKind::TemplateButton, id: None, title, description: None, payload })
}

fn basket(object: &Value) -> Option<Content> {
    let items = object.get("product_items").and_then(Value::as_array)?;
    let count = |item: &Value| item.get("quantity").and_then(scalar).and_then(|n| n.parse::<f64>().ok()).unwrap_or(1.0);
    let items = items.iter().take(ITEMS_MAX).filter_map(|item| {
        Some(OrderItem {
            product_id: line(item, "product_retailer_id")?,
            name: None,
            quantity: count(item).clamp(0.0, 1e9) as u32,
            price: line(item, "item_price"),
            currency: line(item, "currency"),
        })
    });
    let order = Order { catalog_id: line(object, "catalog_id"), items: items.collect() };
    let words = object.get("text").and_then(Value::as_str).unwrap_or_default();
    Some(Content::Order(order, shorten(words, WORDS_CHARS_MAX)))
}

fn notice(element: &Value, object: &Value) -> Content {
    let words = object.get("body").and_then(Value::as_str).unwrap_or_default();
    let number = |digits: Option<String>| digits.map(|digits| phone::from_provider_digits(&digits).unwrap_or(digits));
    let notice = match object.get("type").and_then(Value::as_str).unwrap_or_default() {
        "user_changed_number" | "customer_changed_number" => Notice {
            kind: NoticeKind::NumberChanged,
            before: number(identifier(element, "from").or_else(|| line(object, "customer"))),
            after: number(line(object, "new_wa_id").or_else(|| line(object, "wa_id"))),
        },
        "customer_identity_changed" | "user_identity_changed" => {
            Notice { kind: NoticeKind::IdentityChanged, before: None, after: None }
        }
        word if word.starts_with("group_") => Notice { kind: NoticeKind::GroupChanged, before: None, after: None },
        _ => Notice { kind: NoticeKind::Other, before: None, after: None },
    };
    Content::System(notice, shorten(words, WORDS_CHARS_MAX))
}
