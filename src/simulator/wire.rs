//! Webhook bodies as Meta writes them, down to the escapes in the signed bytes.

use crate::base::{Timestamp, chance::Chance};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// A number of the firm, as webhooks name it.
#[derive(Debug, Clone)]
pub struct Line {
    /// Graph id of the number.
    pub phone_number_id: String,
    /// Graph id of the business account.
    pub business_account_id: String,
    /// Digits with country code.
    pub display_number: String,
}

/// A person, as webhooks name them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Digits with country code; `None` where they hide it.
    pub wa_id: Option<String>,
    /// Business-scoped id.
    pub user_id: Option<String>,
    /// Profile name.
    pub name: String,
}

impl Person {
    /// What identifies them at the Graph API: number, else scoped id.
    pub fn key(&self) -> &str {
        self.wa_id.as_deref().or(self.user_id.as_deref()).unwrap_or_default()
    }
    /// Somebody of whom nothing else is known.
    pub fn of_key(key: &str) -> Self {
        let (wa_id, user_id) = if key.contains('.') { (None, Some(key.to_owned())) } else { (Some(key.to_owned()), None) };
        Self { wa_id, user_id, name: String::new() }
    }
    fn contact(&self) -> Value {
        let mut contact = json!({"profile": {"name": self.name}});
        if let Some(id) = &self.wa_id {
            contact["wa_id"] = json!(id);
        }
        if let Some(id) = &self.user_id {
            contact["user_id"] = json!(id);
        }
        contact
    }
}

/// One `changes[]` item.
fn change(line: &Line, mut value: Value) -> Value {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({"display_phone_number": line.display_number, "phone_number_id": line.phone_number_id});
    json!({"field": "messages", "value": value})
}

/// A message from `person`; `content` brings `type` and its object.
pub fn message(line: &Line, person: &Person, id: &str, at: Timestamp, content: Value) -> Value {
    let mut message = content;
    message["id"] = json!(id);
    message["timestamp"] = json!((at.as_millis() / 1000).to_string());
    if let Some(from) = &person.wa_id {
        message["from"] = json!(from);
    }
    if let Some(from) = &person.user_id {
        message["from_user_id"] = json!(from);
    }
    change(line, json!({"contacts": [person.contact()], "messages": [message]}))
}

/// A text from `person`.
pub fn text(line: &Line, person: &Person, id: &str, at: Timestamp, body: &str) -> Value {
    message(line, person, id, at, json!({"type": "text", "text": {"body": body}}))
}

/// A report about a message of the firm's. `error` is `(code, title, details)`.
pub fn status(
    line: &Line,
    person: &Person,
    id: &str,
    word: &str,
    at: Timestamp,
    callback: Option<&str>,
    error: Option<(i64, &str, &str)>,
) -> Value {
    let mut status = json!({"id": id, "status": word, "timestamp": (at.as_millis() / 1000).to_string()});
    let recipient = if person.wa_id.is_some() { "recipient_id" } else { "recipient_user_id" };
    status[recipient] = json!(person.key());
    if let Some(callback) = callback {
        status["biz_opaque_callback_data"] = json!(callback);
    }
    if word == "sent" {
        status["pricing"] = json!({"billable": false, "pricing_model": "PMP", "category": "service"});
    }
    if let Some((code, title, details)) = error {
        status["errors"] = json!([{"code": code, "title": title, "message": title, "error_data": {"details": details}}]);
    }
    // Who has no name here never wrote; all that is known of them stands in the status.
    let contacts = (!person.name.is_empty()).then(|| json!([person.contact()]));
    let mut value = json!({"statuses": [status]});
    if let Some(contacts) = contacts {
        value["contacts"] = contacts;
    }
    change(line, value)
}

/// The whole body around `changes` of one business account.
pub fn envelope(business_account_id: &str, changes: &[Value]) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": business_account_id, "changes": changes}]})
}

/// JSON as Meta signs it: non-ASCII as lower-case `\u00e4`, slashes as `\/`.
pub fn to_bytes(value: &Value) -> Vec<u8> {
    let plain = value.to_string();
    let mut out = Vec::with_capacity(plain.len() + 64);
    for c in plain.chars() {
        match c {
            '/' => out.extend_from_slice(b"\\/"),
            c if c.is_ascii() => out.push(c as u8),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }
    out
}

/// A message id as WhatsApp makes them.
pub fn wamid(chance: &dyn Chance) -> String {
    let mut bytes = [0u8; 32];
    for part in bytes.chunks_exact_mut(8) {
        part.copy_from_slice(&chance.next().to_be_bytes());
    }
    bytes[..3].copy_from_slice(&[0x1C, 0x18, 0x0C]);
    format!("wamid.{}", STANDARD.encode(&bytes[..30]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_escaped_as_meta_escapes_them() {
        let bytes = to_bytes(&json!({"a": "Olá/🚗\n"}));
        assert_eq!(bytes, br#"{"a":"Ol\u00e1\/\ud83d\ude97\n"}"#);
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap()["a"], "Olá/🚗\n");
    }
}
