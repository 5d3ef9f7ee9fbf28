//! Over what made-up customers reach the firm: its number at Meta, or the session of its phone.

use super::{
    graph::{self, Graph},
    props::Prop,
    waha::{self, Waha},
    wire::Person,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// A way to the firm.
#[derive(Clone)]
pub enum Road {
    /// Its number of this id at the made-up Graph API.
    Cloud(Graph, String),
    /// Its session of this name at the made-up WAHA server.
    Phone(Waha, String),
}

/// A message of the firm's, as its customer sees it.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// To whom, by [`Person::key`].
    pub to: String,
    message: Message,
}

#[derive(Debug, Clone)]
enum Message {
    Cloud(graph::Arrived),
    Phone(waha::Sent),
}

impl Arrival {
    /// WhatsApp's id of it, as reactions and quotes name it.
    fn id(&self) -> String {
        match &self.message {
            Message::Cloud(arrived) => arrived.id.clone(),
            Message::Phone(sent) => format!("true_{}_{}", sent.chat, sent.id),
        }
    }
}

impl Road {
    /// Everything the firm sends from now on, in order.
    pub fn arrivals(&self) -> mpsc::UnboundedReceiver<Arrival> {
        let (tell, told) = mpsc::unbounded_channel();
        match self {
            Road::Cloud(graph, _) => {
                let mut from = graph.arrivals();
                tokio::spawn(async move {
                    while let Some(arrived) = from.recv().await {
                        let arrival = Arrival { to: arrived.to.clone(), message: Message::Cloud(arrived) };
                        if tell.send(arrival).is_err() {
                            return;
                        }
                    }
                });
            }
            Road::Phone(waha, _) => {
                let mut from = waha.arrivals();
                tokio::spawn(async move {
                    while let Some(sent) = from.recv().await {
                        let to = sent.chat.split('@').next().unwrap_or_default().to_owned();
                        if tell.send(Arrival { to, message: Message::Phone(sent) }).is_err() {
                            return;
                        }
                    }
                });
            }
        }
        told
    }
    /// A text; gives WhatsApp's id of it.
    pub fn writes(&self, person: &Person, text: &str) -> String {
        match self {
            Road::Cloud(graph, number) => graph.writes(number, person, text),
            Road::Phone(waha, session) => waha.writes(session, person.key(), &person.name, text),
        }
    }
    /// A file of `kind`: Meta's word for it.
    pub fn sends(&self, person: &Person, kind: &str, prop: Prop, caption: &str) {
        match self {
            Road::Cloud(graph, number) => {
                let mut facts = json!({});
                if !caption.is_empty() {
                    facts["caption"] = json!(caption);
                }
                if kind == "audio" {
                    facts["voice"] = json!(true);
                }
                if let Some(name) = prop.name {
                    facts["filename"] = json!(name);
                }
                graph.sends(number, person, (kind, prop.mime), prop.bytes, facts);
            }
            Road::Phone(waha, session) => {
                let said = if kind == "audio" { "ptt" } else { kind };
                waha.sends(session, (person.key(), &person.name), said, (prop.mime, prop.bytes.into()), caption);
            }
        }
    }
    /// A place.
    pub fn is_at(&self, person: &Person, latitude: f64, longitude: f64, name: &str) {
        match self {
            Road::Cloud(graph, number) => {
                let place = json!({"latitude": latitude, "longitude": longitude, "name": name});
                graph.says(number, person, json!({"type": "location", "location": place}));
            }
            Road::Phone(waha, session) => {
                let place = json!({"latitude": latitude, "longitude": longitude, "description": name});
                waha.says(session, person.key(), &person.name, json!({"location": place}));
            }
        }
    }
    /// Somebody else's number.
    pub fn hands_card(&self, person: &Person, name: &str, digits: &str) {
        match self {
            Road::Cloud(graph, number) => {
                let card = json!([{"name": {"formatted_name": name}, "phones": [{"phone": format!("+{digits}"), "wa_id": digits, "type": "CELL"}]}]);
                graph.says(number, person, json!({"type": "contacts", "contacts": card}));
            }
            Road::Phone(waha, session) => {
                let card = format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;type=CELL;waid={digits}:+{digits}\nEND:VCARD");
                waha.says(session, person.key(), &person.name, json!({"vCards": [card]}));
            }
        }
    }
    /// Other words for what `id` said.
    pub fn edits(&self, person: &Person, id: &str, text: &str) {
        match self {
            Road::Cloud(graph, number) => {
                let message = json!({"type": "text", "text": {"body": text}});
                let edit = json!({"original_message_id": id, "message": message});
                graph.says(number, person, json!({"type": "edit", "edit": edit}));
            }
            Road::Phone(waha, session) => {
                self.event(waha, session, "message.edited", person, json!({"editedMessageId": id, "body": text}));
            }
        }
    }
    /// Takes back what `id` said.
    pub fn revokes(&self, person: &Person, id: &str) {
        match self {
            Road::Cloud(graph, number) => {
                graph.says(number, person, json!({"type": "revoke", "revoke": {"original_message_id": id}}));
            }
            Road::Phone(waha, session) => {
                self.event(waha, session, "message.revoked", person, json!({"revokedMessageId": id}));
            }
        }
    }
    /// Reacts to what the firm wrote.
    pub fn reacts(&self, person: &Person, to: &Arrival, emoji: &str) {
        let reaction = json!({"message_id": to.id(), "emoji": emoji});
        match self {
            Road::Cloud(graph, number) => {
                graph.says(number, person, json!({"type": "reaction", "reaction": reaction}));
            }
            Road::Phone(waha, session) => {
                let reaction = json!({"reaction": {"text": emoji, "messageId": to.id()}});
                self.event(waha, session, "message.reaction", person, reaction);
            }
        }
    }
    fn event(&self, waha: &Waha, session: &str, event: &str, person: &Person, what: Value) {
        let chat = format!("{}@c.us", person.key());
        let mut payload = json!({"id": format!("false_{chat}_{}", waha.new_id()), "from": chat, "fromMe": false});
        waha::merge(&mut payload, what);
        waha.event(session, event, payload);
    }
    /// The customer opens the chat and sees this message.
    pub fn reads(&self, arrival: &Arrival) {
        match (self, &arrival.message) {
            (Road::Cloud(graph, _), Message::Cloud(arrived)) => graph.reads(arrived),
            (Road::Phone(waha, _), Message::Phone(sent)) => waha.reads(sent),
            _ => {}
        }
    }
}
