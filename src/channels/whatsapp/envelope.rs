//! The outer shape of a webhook body, read without copying it: which accounts it names and which raw
//! elements it holds. Each level is read on its own, so that a bad neighbour spoils nobody else.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// The `object` of WhatsApp's webhooks; bodies of other products are answered and left alone.
pub const OBJECT: &str = "whatsapp_business_account";

/// A body, opened.
#[derive(Debug)]
pub struct Batch<'a> {
    /// `whatsapp_business_account`, or another product's name.
    pub object: Cow<'a, str>,
    /// What happened, in the body's order.
    pub changes: Vec<Change<'a>>,
    /// Parts that have not even the outer shape.
    pub broken: Vec<Broken<'a>>,
}

/// One `changes[]` item.
#[derive(Debug)]
pub struct Change<'a> {
    /// What it is about: `messages`, `message_template_status_update`, …
    pub field: Cow<'a, str>,
    /// The business account it happened to.
    pub entry: Option<Cow<'a, str>>,
    /// The number it happened to.
    pub phone_number_id: Option<Cow<'a, str>>,
    /// All of what happened, as it came.
    pub value: &'a str,
    /// The people it names.
    pub contacts: Option<&'a str>,
    /// Messages, each as it came.
    pub messages: Vec<&'a str>,
    /// Statuses, each as it came.
    pub statuses: Vec<&'a str>,
    /// Errors about the account itself, each as it came.
    pub errors: Vec<&'a str>,
}

/// A part that can't be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken<'a> {
    /// As it came.
    pub raw: &'a str,
    /// Why not.
    pub reason: String,
}

#[derive(Deserialize)]
struct RawEnvelope<'a> {
    #[serde(borrow, default)]
    object: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    entry: Parts<'a>,
}
#[derive(Deserialize)]
struct RawEntry<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    changes: Parts<'a>,
}
#[derive(Deserialize)]
struct RawChange<'a> {
    #[serde(borrow, default)]
    field: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}
#[derive(Deserialize)]
struct RawBody<'a> {
    #[serde(borrow, default)]
    metadata: Option<RawMetadata<'a>>,
    #[serde(borrow, default)]
    contacts: Option<&'a RawValue>,
    #[serde(borrow, default)]
    messages: Parts<'a>,
    #[serde(borrow, default)]
    statuses: Parts<'a>,
    #[serde(borrow, default)]
    errors: Parts<'a>,
}
#[derive(Deserialize)]
struct RawMetadata<'a> {
    #[serde(borrow, default)]
    phone_number_id: Option<&'a RawValue>,
}

/// The items of an array, each as its own text. Anything that is no array counts as none.
#[derive(Debug, Default)]
struct Parts<'a>(Vec<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Items;
        impl<'de> Visitor<'de> for Items {
            type Value = Vec<&'de str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element::<&RawValue>()? {
                    items.push(item.get());
                }
                Ok(items)
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Vec::new())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Vec::new())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Vec::new())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Vec::new())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Vec::new())
            }
            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Vec::new())
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Vec::new())
            }
        }
        d.deserialize_any(Items).map(Parts)
    }
}

/// Opens a body.
///
/// # Errors
/// Why it is not a webhook body at all: not UTF-8, not JSON, not an object.
pub fn open(body: &[u8]) -> Result<Batch<'_>, String> {
    let text = std::str::from_utf8(body).map_err(|e| format!("not UTF-8: {e}"))?;
    let envelope: RawEnvelope<'_> = serde_json::from_str(text).map_err(|e| format!("not a webhook body: {e}"))?;
    let mut batch = Batch { object: envelope.object.unwrap_or_default(), changes: Vec::new(), broken: Vec::new() };
    for entry in envelope.entry.0 {
        match serde_json::from_str::<RawEntry<'_>>(entry) {
            Ok(entry) => {
                let id = entry.id.map(RawValue::get).and_then(text_or_number);
                for change in entry.changes.0 {
                    match open_change(change, id.clone()) {
                        Ok(change) => batch.changes.push(change),
                        Err(e) => batch.broken.push(Broken { raw: change, reason: format!("not a change: {e}") }),
                    }
                }
            }
            Err(e) => batch.broken.push(Broken { raw: entry, reason: format!("not an entry: {e}") }),
        }
    }
    Ok(batch)
}

fn open_change<'a>(raw: &'a str, entry: Option<Cow<'a, str>>) -> serde_json::Result<Change<'a>> {
    let RawChange { field, value } = serde_json::from_str(raw)?;
    let whole = value.map_or("{}", RawValue::get);
    let value: RawBody<'_> = serde_json::from_str(whole)?;
    let id = value.metadata.and_then(|m| m.phone_number_id).map(RawValue::get);
    Ok(Change {
        // A body without a field, as hand-made integrations send it, is about messages.
        field: field.unwrap_or(Cow::Borrowed("messages")),
        entry,
        phone_number_id: id.and_then(text_or_number),
        value: whole,
        contacts: value.contacts.map(RawValue::get),
        messages: value.messages.0,
        statuses: value.statuses.0,
        errors: value.errors.0,
    })
}

/// Ids are strings by contract and numbers in some hand-made senders.
fn text_or_number(raw: &str) -> Option<Cow<'_, str>> {
    if raw.starts_with('"') {
        return serde_json::from_str::<Cow<'_, str>>(raw).ok();
    }
    raw.bytes().all(|b| b.is_ascii_digit()).then_some(Cow::Borrowed(raw))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bad_neighbour_spoils_nobody() {
        let body = br#"{"object":"whatsapp_business_account","entry":[7,{"changes":[
            {"field":"messages","value":{"metadata":{"phone_number_id":"1"},"messages":[{"id":"a"},3]}},
            "x",
            {"field":"messages","value":{"metadata":{"phone_number_id":2},"statuses":{"id":1},"messages":[{"id":"b"}]}}]}]}"#;
        let batch = open(body).unwrap();
        assert_eq!(batch.changes.len(), 2);
        assert_eq!(batch.changes[0].messages, vec![r#"{"id":"a"}"#, "3"]);
        assert_eq!(batch.changes[1].phone_number_id.as_deref(), Some("2"));
        assert!(batch.changes[1].statuses.is_empty());
        assert_eq!(batch.broken.iter().map(|b| b.raw).collect::<Vec<_>>(), ["7", "\"x\""]);
    }

    #[test]
    fn what_is_no_body_says_why() {
        for body in [&b""[..], b"{", b"[]x", b"\xff\xfe", b"null", b"3", b"\"x\""] {
            assert!(open(body).is_err(), "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = open(&bytes);
        }
        #[test]
        fn no_json_panics(text in r#"(\{|\}|\[|\]|"entry":|"changes":|"value":|"messages":|"metadata":|1|null|"a"|,){0,30}"#) {
            let _ = open(text.as_bytes());
            let _ = open(format!(r#"{{"entry":[{text}]}}"#).as_bytes());
        }
    }
}
