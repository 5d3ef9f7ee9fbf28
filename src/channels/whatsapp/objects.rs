//! The objects of what is neither words nor a file: places, cards, buttons, lists, forms, catalogues and bills, as the Cloud API wants them.

use super::send::word_of;
use crate::{
    channels::sending::outgoing::OutgoingMedia,
    conversations::{BusinessCard, CardLine, Interactive, InteractiveKind, Place},
};
use serde_json::{Map, Value, json};

/// The version of form messages that our parameters are written for.
const FLOW_VERSION: &str = "3";

/// A place.
pub fn location(place: &Place) -> Value {
    let mut object = json!({ "latitude": place.latitude(), "longitude": place.longitude() });
    put(&mut object, "name", place.name.as_deref());
    put(&mut object, "address", place.address.as_deref());
    object
}

/// Business cards.
pub fn contacts(cards: &[BusinessCard]) -> Value {
    cards.iter().map(card).collect()
}

fn card(card: &BusinessCard) -> Value {
    // Beside the whole name the API wants at least one part of it.
    let mut object = json!({ "name": { "formatted_name": card.name, "first_name": card.name } });
    if let Some(organisation) = &card.organisation {
        object["org"] = json!({ "company": organisation });
    }
    put(&mut object, "birthday", card.birthday.as_deref());
    let phones = card.phones.iter().map(|phone| {
        let mut object = json!({ "phone": phone.number });
        put(&mut object, "type", phone.label.as_deref());
        put(&mut object, "wa_id", phone.wa_id.as_deref());
        object
    });
    let lines = |key: &str, lines: &[CardLine]| -> Vec<Value> {
        let line = |line: &CardLine| {
            let mut object = json!({ key: line.value });
            put(&mut object, "type", line.label.as_deref());
            object
        };
        lines.iter().map(line).collect()
    };
    let all = [
        ("phones", phones.collect()),
        ("emails", lines("email", &card.emails)),
        ("addresses", lines("street", &card.addresses)),
        ("urls", lines("url", &card.urls)),
    ];
    for (key, items) in all {
        if !items.is_empty() {
            object[key] = Value::Array(items);
        }
    }
    object
}

/// Words with buttons, a list, a form, a catalogue or a bill below them, and perhaps a file above.
pub fn interactive(words: &str, asked: &Interactive, above: Option<&OutgoingMedia>) -> Value {
    let first = asked.buttons.first();
    let title = || first.map(|button| button.title.as_str()).unwrap_or_default();
    let told = || {
        let told = asked.parameters.as_deref().and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
        told.unwrap_or_default()
    };
    let (kind, action) = match asked.kind {
        InteractiveKind::Buttons => {
            let button = |b: &crate::conversations::Button| json!({"type": "reply", "reply": {"id": b.id, "title": b.title}});
            ("button", json!({ "buttons": asked.buttons.iter().map(button).collect::<Vec<_>>() }))
        }
        InteractiveKind::List => ("list", json!({ "button": title(), "sections": sections(asked) })),
        InteractiveKind::Link => {
            let url = first.and_then(|button| button.url.as_deref());
            ("cta_url", json!({"name": "cta_url", "parameters": {"display_text": title(), "url": url}}))
        }
        InteractiveKind::Flow => {
            let mut parameters = told();
            parameters.entry("flow_message_version").or_insert_with(|| FLOW_VERSION.into());
            parameters.insert("flow_cta".into(), title().into());
            ("flow", json!({"name": "flow", "parameters": parameters}))
        }
        InteractiveKind::LocationRequest => ("location_request_message", json!({ "name": "send_location" })),
        InteractiveKind::Catalog => match told() {
            told if told.is_empty() => ("catalog_message", json!({ "name": "catalog_message" })),
            told => ("catalog_message", json!({"name": "catalog_message", "parameters": told})),
        },
        InteractiveKind::Product => ("product", told().into()),
        InteractiveKind::ProductList => ("product_list", told().into()),
        InteractiveKind::OrderDetails => ("order_details", json!({"name": "review_and_pay", "parameters": told()})),
        InteractiveKind::OrderStatus => ("order_status", json!({"name": "review_order", "parameters": told()})),
    };
    let mut object = json!({"type": kind, "body": {"text": words}, "action": action});
    if let Some(header) = &asked.header {
        object["header"] = json!({"type": "text", "text": header});
    }
    if let Some(file) = above {
        let word = word_of(file);
        object["header"] = json!({ "type": word, word: { "id": file.provider_id } });
    }
    if let Some(footer) = &asked.footer {
        object["footer"] = json!({ "text": footer });
    }
    object
}

fn sections(list: &Interactive) -> Vec<Value> {
    let sections = list.sections.iter().map(|section| {
        let rows = section.rows.iter().map(|row| {
            let mut object = json!({"id": row.id, "title": row.title});
            put(&mut object, "description", row.description.as_deref());
            object
        });
        let mut object = json!({ "rows": rows.collect::<Vec<_>>() });
        put(&mut object, "title", section.title.as_deref());
        object
    });
    sections.collect()
}

/// Nothing stands for what nobody said: the API refuses empty words.
fn put(object: &mut Value, key: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
        object[key] = value.into();
    }
}
