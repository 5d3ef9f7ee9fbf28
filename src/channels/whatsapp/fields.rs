//! Fields beside `messages`: templates, the account, preferences, identities, groups, and what the owner wrote on the
//! phone. What this version has no use for is listed among the channel's notices, so that nothing told is lost.

use super::{
    classes,
    parse::{self, Profile},
};
use crate::{
    base::{Timestamp, phone, text::shorten},
    channels::{
        receiving::{
            inbound::{
                AccountNews, Failure, GroupNews, GroupRef, ReceivedConsent, ReceivedNotice, Sender, TemplateNews, Told,
                Unreadable,
            },
            reading::{scalar, timestamp},
        },
        sending::outgoing::Class,
    },
    contacts::{Member, Purpose},
};
use serde_json::Value;

/// Items of one change; a body of 3 MB holds no more of them.
const ITEMS_MAX: usize = 2_000;

/// One thing a change says, and the JSON it was read from.
pub type Said = (Result<Told, Unreadable>, String);

/// All that a change of `field` says.
pub fn read(field: &str, raw: &str, now: Timestamp) -> Vec<Said> {
    let value = match parse::value(raw) {
        Ok(value) => value,
        Err(e) => return vec![(Err(Unreadable::new("malformed", e.to_string())), raw.to_owned())],
    };
    let items = match field {
        "smb_message_echoes" => "message_echoes",
        "user_preferences" => "user_preferences",
        "user_id_update" => "user_id_update",
        field if field.starts_with("group_") => "groups",
        _ => "",
    };
    match value.get(items).and_then(Value::as_array) {
        Some(list) if !list.is_empty() => {
            let profiles = parse::profiles(value.get("contacts").map(Value::to_string).as_deref());
            list.iter().take(ITEMS_MAX).map(|item| (part(field, item, &profiles, now), item.to_string())).collect()
        }
        _ => vec![(whole(field, &value, raw, now), raw.to_owned())],
    }
}

/// One part again, from its dead letter.
///
/// # Errors
/// Why it still can't be read.
pub fn again(field: &str, raw: &str, now: Timestamp) -> Result<Told, Unreadable> {
    let value = parse::value(raw).map_err(|e| Unreadable::new("malformed", e.to_string()))?;
    part(field, &value, &[], now)
}

fn part(field: &str, item: &Value, profiles: &[Profile], now: Timestamp) -> Result<Told, Unreadable> {
    let raw = item.to_string();
    match field {
        "smb_message_echoes" => parse::echo(&raw, now),
        "user_preferences" => preference(item, profiles, now),
        "user_id_update" => Ok(identity(item, &raw, now)),
        field if field.starts_with("group_") => group(field, item, &raw, now),
        _ => whole(field, item, &raw, now),
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(scalar).map(|text| shorten(&text, 500))
}

fn notice(field: &str, value: &Value, raw: &str, now: Timestamp) -> ReceivedNotice {
    let event = ["event", "type", "status", "decision", "alert_type", "new_category", "new_quality_score", "value"];
    let subject = ["message_template_name", "display_phone_number", "group_id", "wa_id", "entity_id"];
    ReceivedNotice {
        topic: shorten(field, 80),
        event: event.iter().find_map(|key| text(value, key)).unwrap_or_default(),
        subject: subject.iter().find_map(|key| text(value, key)),
        reason: text(value, "reason")
            .or_else(|| value.pointer("/other_info/description").and_then(scalar))
            .or_else(|| value.pointer("/errors/0/message").and_then(scalar))
            .filter(|reason| reason != "NONE")
            .map(|reason| shorten(&reason, 500)),
        at: timestamp(value.get("timestamp"), now),
        raw: raw.to_owned(),
    }
}

fn whole(field: &str, value: &Value, raw: &str, now: Timestamp) -> Result<Told, Unreadable> {
    let notice = Box::new(notice(field, value, raw, now));
    Ok(match field {
        "message_template_status_update"
        | "message_template_quality_update"
        | "message_template_components_update"
        | "template_category_update" => Told::TemplateChanged(template(field, value), notice),
        "account_update" => Told::AccountChanged(account(value), notice),
        "phone_number_quality_update" => Told::AccountChanged(quality(value), notice),
        _ => Told::Notice(notice),
    })
}

fn template(field: &str, value: &Value) -> TemplateNews {
    let upper = |key: &str| text(value, key).map(|word| word.to_uppercase());
    TemplateNews {
        template_id: text(value, "message_template_id"),
        name: text(value, "message_template_name").unwrap_or_default(),
        language: text(value, "message_template_language").unwrap_or_default(),
        status: upper("event").filter(|_| field == "message_template_status_update"),
        quality: upper("new_quality_score"),
        category: upper("new_category").or_else(|| upper("message_template_category")),
    }
}

/// Only what stops everything makes a channel broken; warnings are listed.
fn account(value: &Value) -> AccountNews {
    let event = text(value, "event").unwrap_or_default();
    let banned = value.pointer("/ban_info/waba_ban_state").is_some_and(|state| {
        let is_ban = |word: &Value| word.as_str().is_some_and(|word| word == "DISABLE");
        is_ban(state) || state.as_array().is_some_and(|states| states.iter().any(is_ban))
    });
    if !banned && !matches!(event.as_str(), "ACCOUNT_DELETED" | "PARTNER_REMOVED") {
        return AccountNews::Other;
    }
    AccountNews::Refused(Failure {
        code: event.to_lowercase(),
        reason: "the provider has closed the account".to_owned(),
        next_step: Class::Account.next_step(),
        closes_window: false,
        account: true,
    })
}

fn quality(value: &Value) -> AccountNews {
    let quality = match text(value, "event").unwrap_or_default().as_str() {
        "FLAGGED" => Some("RED"),
        "UNFLAGGED" => Some("UNKNOWN"),
        _ => None,
    };
    AccountNews::Quality { quality: quality.map(str::to_owned), tier: text(value, "current_limit") }
}

/// `{wa_id, detail, category: marketing_messages, value: stop|resume, timestamp}`.
fn preference(item: &Value, profiles: &[Profile], now: Timestamp) -> Result<Told, Unreadable> {
    let word = text(item, "value").unwrap_or_default().to_lowercase();
    let is_granted = match word.as_str() {
        "stop" => false,
        "resume" => true,
        _ => return Err(Unreadable::new("malformed", format!("an unknown preference {word:?}"))),
    };
    let sender = named(item).map(|sender| parse::with_profile(sender, profiles));
    let sender = sender.ok_or_else(|| Unreadable::new("no_sender", "the preference names nobody"))?;
    let purpose = match text(item, "category").as_deref() {
        Some("marketing_messages") | None => Purpose::Marketing,
        Some(_) => Purpose::Service,
    };
    Ok(Told::Consent(Box::new(ReceivedConsent { sender, purpose, is_granted, at: timestamp(item.get("timestamp"), now) })))
}

/// Somebody by the ids an item has.
fn named(item: &Value) -> Option<Sender> {
    let sender = Sender {
        phone: text(item, "wa_id").or_else(|| text(item, "input")).as_deref().and_then(phone::from_provider_digits),
        scoped_id: text(item, "user_id"),
        ..Sender::default()
    };
    (sender.phone.is_some() || sender.scoped_id.is_some()).then_some(sender)
}

/// `{wa_id?, user_id: {previous, current}, timestamp}`: somebody's business-scoped id became another one.
fn identity(item: &Value, raw: &str, now: Timestamp) -> Told {
    let listed = Box::new(notice("user_id_update", item, raw, now));
    let id = |path: &str| item.pointer(path).and_then(scalar);
    let before = id("/user_id/previous").or_else(|| id("/previous_user_id"));
    let after = id("/user_id/current").or_else(|| id("/current_user_id")).or_else(|| id("/user_id"));
    let phone = text(item, "wa_id").as_deref().and_then(phone::from_provider_digits);
    let known = Sender { phone, scoped_id: before, ..Sender::default() };
    match after {
        Some(after) if known.phone.is_some() || known.scoped_id.is_some() => {
            Told::NewIdentity { known, now: Sender { scoped_id: Some(after), ..Sender::default() }, notice: listed }
        }
        _ => Told::Notice(listed),
    }
}

fn group(field: &str, item: &Value, raw: &str, now: Timestamp) -> Result<Told, Unreadable> {
    let Some(id) = text(item, "group_id") else { return Err(Unreadable::new("no_id", "the change names no group")) };
    let people = |key: &str| item.get(key).and_then(Value::as_array).into_iter().flatten().take(ITEMS_MAX).filter_map(named);
    let address = |sender: Sender| sender.phone.or(sender.scoped_id).unwrap_or_default();
    let member = |sender: Sender| Member { name: sender.name.clone(), address: address(sender), is_admin: false };
    let news = GroupNews {
        group: GroupRef { id, subject: text(item, "subject") },
        description: text(item, "description"),
        joined: people("added_participants").chain(people("participants")).map(member).collect(),
        left: people("removed_participants").map(address).collect(),
        is_whole: false,
        is_over: text(item, "type").is_some_and(|word| word == "group_delete"),
    };
    // What failed at the provider changed nothing; it is listed.
    if item.get("errors").is_some_and(|errors| !errors.is_null()) {
        return Ok(Told::Notice(Box::new(notice(field, item, raw, now))));
    }
    Ok(Told::Group(Box::new(news), Box::new(notice(field, item, raw, now))))
}

/// Reads one `errors[]` element of the account itself.
///
/// # Errors
/// If it is no object.
pub fn account_error(raw: &str, now: Timestamp) -> Result<Told, Unreadable> {
    let value = parse::element(raw)?;
    let (class, failure) = classes::failure(&value);
    if class == Class::Account {
        return Ok(Told::Account(failure));
    }
    let listed = ReceivedNotice { event: failure.code, reason: Some(failure.reason), ..notice("errors", &value, raw, now) };
    Ok(Told::Notice(Box::new(listed)))
}
