//! One element of a webhook into the house's words. Tolerant: what is not known is kept whole, what is
//! missing is done without, and only an element that names neither itself nor its sender is refused.

use super::{
    classes,
    content::{content, words},
};
use crate::{
    base::{Timestamp, phone},
    channels::receiving::{
        inbound::{
            ELEMENT_BYTES_MAX, GroupRef, Progress, ReceivedMessage, ReceivedNews, ReceivedStatus, Sender, Told, Unreadable,
        },
        reading::{clean_name, scalar, timestamp},
    },
    conversations::{Edit, News, Reaction, Revoked, Who},
};
use serde_json::Value;
use std::borrow::Cow;

/// Ids and handles longer than this are not what they say they are.
const ID_BYTES_MAX: usize = 512;
/// The longest emoji are families of a dozen characters.
const EMOJI_CHARS_MAX: usize = 32;

/// One `contacts[]` item: who the value speaks of.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    wa_id: Option<String>,
    user_id: Option<String>,
    name: Option<String>,
    username: Option<String>,
}

/// Reads `contacts[]`; what can't be read is left out, a message does without.
pub fn profiles(raw: Option<&str>) -> Vec<Profile> {
    let Some(Value::Array(items)) = raw.and_then(|raw| value(raw).ok()) else { return Vec::new() };
    let text = |item: &Value, path: &str| item.pointer(path).and_then(scalar).filter(|t| t.len() <= ID_BYTES_MAX);
    items
        .iter()
        .map(|item| Profile {
            wa_id: text(item, "/wa_id"),
            user_id: text(item, "/user_id"),
            name: item.pointer("/profile/name").and_then(Value::as_str).and_then(clean_name),
            username: text(item, "/profile/username").or_else(|| text(item, "/username")),
        })
        .collect()
}

/// Reads one `messages[]` element. `now` is when it arrived here.
///
/// # Errors
/// Why it can't be kept as anybody's message.
pub fn message(raw: &str, profiles: &[Profile], now: Timestamp) -> Result<Told, Unreadable> {
    let element = element(raw)?;
    id_of(&element)?;
    let kind = kind_of(&element);
    let sender = sender(&element, kind, profiles)?;
    let by = match (group_of(&element), &sender.phone, &sender.scoped_id) {
        (None, ..) => Who::Customer,
        (Some(_), Some(address), _) | (Some(_), None, Some(address)) => Who::Member(address.clone()),
        (Some(_), None, None) => Who::Customer,
    };
    read(&element, raw, kind, sender, by, now)
}

/// Reads one `message_echoes[]` element: what the owner wrote on the phone itself, also what they changed there.
///
/// # Errors
/// Why it can't be kept as a message to anybody.
pub fn echo(raw: &str, now: Timestamp) -> Result<Told, Unreadable> {
    let element = element(raw)?;
    let to = identifier(&element, "to");
    let customer = Sender {
        phone: to.as_deref().and_then(phone::from_provider_digits),
        scoped_id: identifier(&element, "to_user_id").or_else(|| to.filter(|to| is_scoped(to))),
        ..Sender::default()
    };
    if customer.phone.is_none() && customer.scoped_id.is_none() && group_of(&element).is_none() {
        return Err(Unreadable::new("no_sender", "the echo names neither a number nor a user id it went to"));
    }
    Ok(match read(&element, raw, kind_of(&element), customer, Who::Us, now)? {
        Told::Message(message) => Told::Echo(message),
        other => other,
    })
}

fn id_of(element: &Value) -> Result<String, Unreadable> {
    identifier(element, "id").ok_or_else(|| Unreadable::new("no_id", "the message has no id"))
}

fn kind_of(element: &Value) -> &str {
    element.get("type").and_then(Value::as_str).unwrap_or("unknown")
}

fn group_of(element: &Value) -> Option<GroupRef> {
    identifier(element, "group_id").map(|id| GroupRef { id, subject: None })
}

fn read(element: &Value, raw: &str, kind: &str, sender: Sender, by: Who, now: Timestamp) -> Result<Told, Unreadable> {
    let external_id = id_of(element)?;
    let at = timestamp(element.get("timestamp"), now);
    if let Some(told) = news(element, raw, kind, &external_id, by, at) {
        return Ok(told);
    }
    let message = Box::new(ReceivedMessage {
        external_id,
        sender,
        at,
        content: content(element, kind),
        reply_to: element.pointer("/context/id").and_then(Value::as_str).filter(|id| id.len() <= ID_BYTES_MAX).map(str::to_owned),
        chat: None,
        // A notice by the system is no word of the customer's.
        opens_window: !matches!(kind, "reaction" | "system"),
        group: group_of(element),
        is_forwarded: ["/context/forwarded", "/context/frequently_forwarded"]
            .iter()
            .any(|path| element.pointer(path) == Some(&Value::Bool(true))),
        album: None,
        metadata: metadata(element),
        raw: raw.to_owned(),
    });
    Ok(match new_number(element, kind) {
        Some(phone) => Told::NewNumber { notice: message, phone },
        None => Told::Message(message),
    })
}

/// What a message says about another one. `None` where it is a message of its own, or does not say about which.
fn news(element: &Value, raw: &str, kind: &str, id: &str, by: Who, at: Timestamp) -> Option<Told> {
    let object = element.get(kind)?;
    let told = |target: &str, news: News| {
        Some(Box::new(ReceivedNews { target: identifier(object, target)?, news, raw: raw.to_owned() }))
    };
    let id = id.to_owned();
    match kind {
        "reaction" => {
            let emoji = object.get("emoji").and_then(Value::as_str).unwrap_or_default();
            let emoji = crate::base::text::shorten(emoji, EMOJI_CHARS_MAX);
            told("message_id", News::Reaction(Reaction { by, emoji, at, id })).map(Told::Reaction)
        }
        "edit" => {
            let text = words(object.get("message")?)?;
            told("original_message_id", News::Edit(Edit { at, id, text })).map(Told::Edit)
        }
        "revoke" => told("original_message_id", News::Revoke(Revoked { at, by })).map(Told::Revoke),
        _ => None,
    }
}

/// Facts of a referral that are kept, and as what: the ad or post somebody came by.
const REFERRAL: [(&str, &str); 11] = [
    ("source_url", "sourceUrl"),
    ("source_id", "sourceId"),
    ("source_type", "sourceType"),
    ("headline", "headline"),
    ("body", "body"),
    ("media_type", "mediaType"),
    ("image_url", "imageUrl"),
    ("video_url", "videoUrl"),
    ("thumbnail_url", "thumbnailUrl"),
    ("ctwa_clid", "ctwaClid"),
    ("ref", "ref"),
];
/// Facts of a product somebody asks about.
const PRODUCT: [(&str, &str); 2] = [("catalog_id", "catalogId"), ("product_retailer_id", "productRetailerId")];
/// Longer facts are cut; an ad's text is a few hundred characters.
const FACT_CHARS_MAX: usize = 1_000;

/// Where a message came from and how: `{"referral": {…}, "forwarded": true, "frequentlyForwarded": true,
/// "referredProduct": {…}}`, each part only where the provider tells of it. `None` where there is nothing.
fn metadata(element: &Value) -> Option<String> {
    let facts = |object: &Value, names: &[(&str, &str)]| {
        let fact = |(theirs, ours): &(&str, &str)| {
            let text = object.get(theirs).and_then(scalar)?;
            Some(((*ours).to_owned(), Value::from(crate::base::text::shorten(&text, FACT_CHARS_MAX))))
        };
        let facts: serde_json::Map<String, Value> = names.iter().filter_map(fact).collect();
        (!facts.is_empty()).then_some(Value::Object(facts))
    };
    let context = element.get("context").unwrap_or(&Value::Null);
    let is = |name: &str| (context.get(name) == Some(&Value::Bool(true))).then_some(Value::Bool(true));
    let parts = [
        ("referral", element.get("referral").and_then(|referral| facts(referral, &REFERRAL))),
        ("forwarded", is("forwarded")),
        ("frequentlyForwarded", is("frequently_forwarded")),
        ("referredProduct", context.get("referred_product").and_then(|product| facts(product, &PRODUCT))),
    ];
    let kept: serde_json::Map<String, Value> =
        parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?))).collect();
    (!kept.is_empty()).then(|| Value::Object(kept).to_string())
}

/// Reads one `statuses[]` element.
///
/// # Errors
/// Why it can't be tied to any message.
pub fn status(raw: &str, now: Timestamp) -> Result<Told, Unreadable> {
    let element = element(raw)?;
    let external_id = identifier(&element, "id").ok_or_else(|| Unreadable::new("no_id", "the status names no message"))?;
    let progress = match element.get("status").and_then(Value::as_str).unwrap_or_default() {
        "sent" => Progress::Sent,
        "delivered" => Progress::Delivered,
        "read" | "played" => Progress::Read,
        "failed" => {
            let error = element.pointer("/errors/0").cloned().unwrap_or(Value::Null);
            Progress::Failed(classes::failure(&error).1)
        }
        // The customer deleted it on their side; it was delivered all the same.
        "deleted" => return Ok(Told::Nothing("status_deleted")),
        _ => return Ok(Told::Nothing("status_unknown")),
    };
    let callback = element.get("biz_opaque_callback_data").and_then(Value::as_str);
    Ok(Told::Status(Box::new(ReceivedStatus {
        external_id,
        progress,
        at: timestamp(element.get("timestamp"), now),
        callback: callback.and_then(|text| uuid::Uuid::try_parse(text).ok()),
    })))
}

/// The JSON object of an element.
///
/// # Errors
/// `too_large`, `malformed`.
pub fn element(raw: &str) -> Result<Value, Unreadable> {
    if raw.len() > ELEMENT_BYTES_MAX {
        return Err(Unreadable::new("too_large", format!("{} bytes", raw.len())));
    }
    let element = value(raw).map_err(|e| Unreadable::new("malformed", e.to_string()))?;
    if element.is_object() { Ok(element) } else { Err(Unreadable::new("malformed", "not an object")) }
}

/// JSON, also where a cut name or text left half of a surrogate pair behind.
pub fn value(raw: &str) -> serde_json::Result<Value> {
    serde_json::from_str(raw).or_else(|error| match mend_surrogates(raw) {
        Cow::Owned(mended) => serde_json::from_str(&mended),
        Cow::Borrowed(_) => Err(error),
    })
}

/// Replaces each `\uD8xx` without its partner by the replacement character.
fn mend_surrogates(raw: &str) -> Cow<'_, str> {
    let escape = |at: usize| -> Option<u16> {
        let digits = raw.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut out, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(step) = raw.get(at..).and_then(|rest| rest.find('\\')) {
        at += step;
        let lone = match escape(at) {
            Some(0xD800..=0xDBFF) if matches!(escape(at + 6), Some(0xDC00..=0xDFFF)) => {
                at += 12;
                continue;
            }
            Some(0xD800..=0xDFFF) => true,
            _ => false,
        };
        if lone {
            out.push_str(&raw[copied..at]);
            out.push_str("\\ufffd");
            at += 6;
            copied = at;
        } else {
            // The backslash and what it escapes; a character may be several bytes.
            at += 1 + raw.get(at + 1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(raw);
    }
    out.push_str(&raw[copied..]);
    Cow::Owned(out)
}

/// A sender with what the profiles say of them.
pub fn with_profile(sender: Sender, profiles: &[Profile]) -> Sender {
    let digits = sender.phone.as_deref().map(|phone| phone.trim_start_matches('+'));
    let fits = |p: &&Profile| {
        (digits.is_some() && p.wa_id.as_deref() == digits) || (sender.scoped_id.is_some() && p.user_id == sender.scoped_id)
    };
    let profile = profiles.iter().find(fits).or_else(|| profiles.first().filter(|_| profiles.len() == 1)).cloned();
    let profile = profile.unwrap_or_default();
    Sender { name: profile.name, username: profile.username, scoped_id: sender.scoped_id.or(profile.user_id), ..sender }
}

fn sender(element: &Value, kind: &str, profiles: &[Profile]) -> Result<Sender, Unreadable> {
    let from = identifier(element, "from");
    let scoped = identifier(element, "from_user_id");
    let fits = |known: &Option<String>, said: &Option<String>| known.is_some() && known == said;
    let profile = profiles
        .iter()
        .find(|p| fits(&p.wa_id, &from) || fits(&p.user_id, &scoped))
        // A value with one person in it speaks of that person, even where it spells the number another way
        // (Brazil's ninth digit); a system notice names the old number beside somebody else's profile.
        .or_else(|| profiles.first().filter(|_| profiles.len() == 1 && kind != "system"));
    let digits = from.clone().or_else(|| profile.and_then(|p| p.wa_id.clone()));
    // `from` holds the scoped id where a provider has no number to give.
    let from_scoped = from.filter(|f| is_scoped(f));
    let sender = Sender {
        phone: digits.as_deref().and_then(phone::from_provider_digits),
        scoped_id: scoped.or(from_scoped).or_else(|| profile.and_then(|p| p.user_id.clone())),
        lid: None,
        name: profile.and_then(|p| p.name.clone()),
        username: profile.and_then(|p| p.username.clone()),
    };
    if sender.phone.is_none() && sender.scoped_id.is_none() {
        return Err(Unreadable::new("no_sender", "the message names neither a number nor a user id"));
    }
    Ok(sender)
}

/// `CC.` and letters or digits: a business-scoped user id.
fn is_scoped(text: &str) -> bool {
    text.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
            && !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
    })
}

fn new_number(element: &Value, kind: &str) -> Option<String> {
    let system = element.get("system").filter(|_| kind == "system")?;
    let word = system.get("type").and_then(Value::as_str)?;
    if !matches!(word, "user_changed_number" | "customer_changed_number") {
        return None;
    }
    let digits = ["new_wa_id", "wa_id"].iter().find_map(|key| system.get(key).and_then(scalar))?;
    phone::from_provider_digits(&digits)
}

/// An id under `key`, where it is no longer than ids are.
pub fn identifier(element: &Value, key: &str) -> Option<String> {
    element.get(key).and_then(scalar).filter(|text| text.len() <= ID_BYTES_MAX)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
