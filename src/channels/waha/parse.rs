//! One event of a session into the house's words. Tolerant: engines differ in what they tell and how; what is
//! not known is kept whole, and only a message that names neither itself nor its sender is refused.

use super::{
    content::content,
    ids::{self, Chat, Key},
};
use crate::{
    base::Timestamp,
    channels::receiving::{
        inbound::{
            Content, Failure, GroupNews, GroupRef, Progress, ReceivedMessage, ReceivedNews, ReceivedNotice, ReceivedStatus,
            Sender, SessionNews, Told, Unreadable,
        },
        reading::{clean_name, timestamp},
    },
    contacts::Member,
    conversations::{Edit, News, Notice, NoticeKind, Reaction, Revoked, Vote, Who},
};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// What engines add for themselves may hold whole pictures; more than this is cut out of what is kept.
const RAW_BYTES_MAX: usize = 16 << 10;
/// The longest emoji are families of a dozen characters.
const EMOJI_CHARS_MAX: usize = 32;
/// Members of a group taken from one event.
const MEMBERS_MAX: usize = 1_024;
/// What stands in the thread for a call: no words, so it needs no translation.
const CALL_SIGN: &str = "☎";

/// The session a body names.
pub fn session(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default)]
        session: Option<Cow<'a, str>>,
    }
    let named: Named<'_> = serde_json::from_slice(body).ok()?;
    named.session.map(Cow::into_owned).filter(|name| !name.is_empty() && name.len() <= 128)
}

/// Reads one event. `now` is when it arrived here.
///
/// # Errors
/// Why it is no event at all; inside, why it can't be kept as anybody's message.
pub fn event(raw: &str, now: Timestamp) -> Result<Result<Told, Unreadable>, String> {
    let body: Value = serde_json::from_str(raw).map_err(|e| format!("not JSON: {e}"))?;
    let Some(name) = body.get("event").and_then(Value::as_str) else { return Err("no event is named".to_owned()) };
    let empty = Value::Null;
    let event = Event { name, payload: body.get("payload").unwrap_or(&empty), body: &body, now };
    Ok(match name {
        // `message` and `message.any` both tell of what a customer wrote; the second alone of what went out.
        "message" | "message.any" => event.message(),
        "message.ack" | "message.ack.group" => event.ack(),
        "message.reaction" => event.reaction(),
        "message.edited" => event.edited(),
        "message.revoked" => event.revoked(),
        "poll.vote" => event.vote(),
        "call.received" | "call.accepted" | "call.rejected" => event.call(),
        "session.status" => Ok(event.session_status()),
        "presence.update" => Ok(event.presence()),
        name if name.starts_with("group.v2.") => Ok(event.group()),
        "message.waiting" | "poll.vote.failed" => Ok(Told::Notice(Box::new(event.notice(name, None)))),
        other => Ok(Told::Nothing(ignored(other))),
    })
}

/// One message as `GET …/messages` lists it: the same shape as an event's payload.
///
/// # Errors
/// Why it can't be kept as anybody's message.
pub fn listed(payload: &Value, now: Timestamp) -> Result<Told, Unreadable> {
    Event { name: "message.any", payload, body: &Value::Null, now }.message()
}

/// The word that counts an event nothing is done about.
fn ignored(event: &str) -> &'static str {
    match event {
        "engine.event" => "engine_event",
        "chat.archive" => "chat_archive",
        event if event.starts_with("label.") => "label",
        event if event.starts_with("event.response") => "event_response",
        // Their older form; `group.v2.…` tells the same.
        "group.join" | "group.leave" => "group_v1",
        "state.change" => "state_change",
        _ => "unknown_event",
    }
}

/// The text at `at`, if there is one and it is not blank.
pub fn text<'a>(value: &'a Value, at: &str) -> Option<&'a str> {
    value.pointer(at).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// Where a message stands and who wrote it.
struct Place {
    /// The bare id.
    id: String,
    from_me: bool,
    chat: Chat,
    /// The member of a group who wrote it.
    author: Option<Chat>,
}

impl Place {
    /// Who did what the event tells.
    fn who(&self) -> Who {
        match (&self.author, &self.chat) {
            _ if self.from_me => Who::Us,
            (Some(author), Chat::Group(_)) => Who::Member(address(author)),
            _ => Who::Customer,
        }
    }
}

/// A person's address as conversations and groups keep it.
fn address(chat: &Chat) -> String {
    chat.phone().unwrap_or_else(|| match chat {
        Chat::Person(digits) => digits.clone(),
        Chat::Hidden(lid) => lid.clone(),
        other => other.id(),
    })
}

struct Event<'a> {
    name: &'a str,
    payload: &'a Value,
    body: &'a Value,
    now: Timestamp,
}

impl Event<'_> {
    /// Where the event's message stands; the inner `Err` names a chat that is none of a desk's.
    fn place(&self) -> Result<Result<Place, &'static str>, Unreadable> {
        let payload = self.payload;
        let whole = text(payload, "/id").or_else(|| text(payload, "/id/_serialized"));
        let key = whole.and_then(Key::parse).ok_or_else(|| Unreadable::new("no_id", "the message has no id"))?;
        // `message` tells of what came in alone; some engines leave `fromMe` out there.
        let by_id = key.from_me.filter(|_| self.name != "message");
        let from_me = payload.get("fromMe").and_then(Value::as_bool).or(by_id).unwrap_or(false);
        let side = if from_me { "/to" } else { "/from" };
        let chat = text(payload, side).filter(|id| *id != "me").or(key.chat).or_else(|| text(payload, "/from"));
        let chat = chat.and_then(Chat::parse).ok_or_else(|| Unreadable::new("no_sender", "the message names no chat"))?;
        // A group's messages are from us to the group, or from the group; a status is named as one by its id alone.
        let chat = match key.chat.and_then(Chat::parse) {
            Some(Chat::Other(word)) => return Ok(Err(word)),
            Some(group @ Chat::Group(_)) => group,
            _ => chat,
        };
        if let Chat::Other(word) = chat {
            return Ok(Err(word));
        }
        let author = text(payload, "/participant").or_else(|| text(payload, "/author")).or(key.participant);
        Ok(Ok(Place { id: key.id.to_owned(), from_me, chat, author: author.and_then(Chat::parse) }))
    }

    fn at(&self) -> Timestamp {
        timestamp(self.payload.get("timestamp").or_else(|| self.body.get("timestamp")), self.now)
    }

    /// Every address an engine gives for the person behind `chat`, and what they call themselves.
    fn sender(&self, chat: &Chat, from_me: bool) -> Sender {
        let names = ["/_data/notifyName", "/_data/pushName", "/_data/Info/PushName", "/notifyName", "/pushName"];
        let name = names.iter().find_map(|at| text(self.payload, at)).and_then(clean_name);
        // The number behind a hidden one, where the engine knows it.
        let alternatives = [
            "/_data/key/remoteJidAlt",
            "/_data/key/senderPn",
            "/_data/key/participantAlt",
            "/_data/key/participantPn",
            "/_data/Info/SenderAlt",
        ];
        let others = alternatives.iter().filter_map(|at| Chat::parse(text(self.payload, at)?)).filter(|_| !from_me);
        // What we wrote carries our own name.
        let mut sender = Sender { name: name.filter(|_| !from_me), ..Sender::default() };
        for known in std::iter::once(chat.clone()).chain(others) {
            match &known {
                Chat::Person(_) if sender.phone.is_none() => sender.phone = known.phone(),
                Chat::Hidden(lid) if sender.lid.is_none() => sender.lid = Some(lid.clone()),
                _ => {}
            }
        }
        sender
    }

    fn message(&self) -> Result<Told, Unreadable> {
        let place = match self.place()? {
            Ok(place) => place,
            Err(word) => return Ok(Told::Nothing(word)),
        };
        let group = match &place.chat {
            Chat::Group(id) => {
                let subject = ["/_data/groupName", "/_data/chat/name"].iter().find_map(|at| text(self.payload, at));
                Some(GroupRef { id: id.clone(), subject: subject.map(str::to_owned) })
            }
            _ => None,
        };
        let person = if group.is_some() { place.author.as_ref() } else { Some(&place.chat) };
        let sender = person.map(|person| self.sender(person, place.from_me)).unwrap_or_default();
        if group.is_none() && sender.phone.is_none() && sender.lid.is_none() {
            return Err(Unreadable::new("no_sender", "the message names nobody"));
        }
        let participant = group.as_ref().and(place.author.as_ref()).map(Chat::id);
        let whole = ids::serialised(place.from_me, &place.chat.id(), &place.id, participant.as_deref());
        let message = Box::new(ReceivedMessage {
            external_id: place.id,
            sender,
            at: self.at(),
            content: content(self.payload, &whole),
            reply_to: text(self.payload, "/replyTo/id").and_then(|id| Some(Key::parse(id)?.id.to_owned())),
            chat: Some(place.chat.id()),
            opens_window: true,
            group,
            is_forwarded: ["/_data/isForwarded", "/isForwarded"]
                .iter()
                .any(|at| self.payload.pointer(at) == Some(&Value::Bool(true))),
            album: None,
            metadata: Some(serde_json::json!({ "serialisedId": whole }).to_string()),
            raw: kept(self.payload),
        });
        Ok(if place.from_me { Told::Echo(message) } else { Told::Message(message) })
    }

    fn ack(&self) -> Result<Told, Unreadable> {
        let place = match self.place()? {
            Ok(place) => place,
            Err(word) => return Ok(Told::Nothing(word)),
        };
        if !place.from_me {
            return Ok(Told::Nothing("ack_of_theirs"));
        }
        let progress = match self.payload.get("ack").and_then(Value::as_i64) {
            Some(-1) => Progress::Failed(Failure {
                code: "ack_error".to_owned(),
                reason: "WhatsApp reported that this message was not delivered".to_owned(),
                next_step: "retry",
                closes_window: false,
                account: false,
            }),
            Some(0) => return Ok(Told::Nothing("ack_pending")),
            Some(1) => Progress::Sent,
            Some(2) => Progress::Delivered,
            Some(3 | 4) => Progress::Read,
            _ => return Ok(Told::Nothing("ack_unknown")),
        };
        Ok(Told::Status(Box::new(ReceivedStatus { external_id: place.id, progress, at: self.at(), callback: None })))
    }

    /// News about another message; `None` names none.
    fn news(
        &self,
        target: Option<&str>,
        news: impl FnOnce(Place, Timestamp) -> News,
    ) -> Result<Option<Box<ReceivedNews>>, Unreadable> {
        let target = target.and_then(Key::parse).map(|key| key.id.to_owned());
        let target = target.ok_or_else(|| Unreadable::new("no_id", "the event does not say which message it is about"))?;
        let place = match self.place()? {
            Ok(place) => place,
            Err(_) => return Ok(None),
        };
        Ok(Some(Box::new(ReceivedNews { target, news: news(place, self.at()), raw: kept(self.payload) })))
    }

    fn reaction(&self) -> Result<Told, Unreadable> {
        let emoji = self.payload.pointer("/reaction/text").and_then(Value::as_str).unwrap_or_default();
        let emoji = crate::base::text::shorten(emoji, EMOJI_CHARS_MAX);
        let news = self.news(text(self.payload, "/reaction/messageId"), |place, at| {
            News::Reaction(Reaction { by: place.who(), emoji, at, id: place.id })
        })?;
        Ok(news.map_or(Told::Nothing("reaction_elsewhere"), Told::Reaction))
    }

    fn edited(&self) -> Result<Told, Unreadable> {
        let words = self.payload.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
        let news = self.news(text(self.payload, "/editedMessageId"), |place, at| {
            // Some engines name the edit by the id of what it edits: the time tells edits apart.
            News::Edit(Edit { at, id: format!("{}/{}", place.id, at.as_millis()), text: words })
        })?;
        Ok(news.map_or(Told::Nothing("edit_elsewhere"), Told::Edit))
    }

    fn revoked(&self) -> Result<Told, Unreadable> {
        let after = self.payload.get("after").filter(|told| told.is_object());
        let before = self.payload.get("before").filter(|told| told.is_object());
        let told = after.or(before).unwrap_or(self.payload);
        let target = text(self.payload, "/revokedMessageId")
            .or_else(|| before.and_then(|told| text(told, "/id")))
            .or_else(|| text(told, "/id"));
        let inner = Event { name: self.name, payload: told, body: self.body, now: self.now };
        let news = inner.news(target, |place, at| News::Revoke(Revoked { at, by: place.who() }))?;
        Ok(news.map_or(Told::Nothing("revoke_elsewhere"), Told::Revoke))
    }

    fn vote(&self) -> Result<Told, Unreadable> {
        let Some(vote) = self.payload.get("vote") else { return Err(Unreadable::new("malformed", "there is no vote")) };
        let options: Vec<String> = vote
            .get("selectedOptions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|option| option.as_str().or_else(|| option.get("name")?.as_str()).map(str::to_owned))
            .collect();
        let inner = Event { name: self.name, payload: vote, body: self.body, now: self.now };
        let news = inner.news(text(self.payload, "/poll/id"), |mut place, at| {
            if matches!(place.chat, Chat::Group(_)) && place.author.is_none() {
                place.author = text(vote, "/from").and_then(Chat::parse);
            }
            News::Vote(Vote { by: place.who(), options, at, id: place.id })
        })?;
        Ok(news.map_or(Told::Nothing("vote_elsewhere"), Told::Vote))
    }

    /// A call over WhatsApp can't be taken here; that somebody called is told in their conversation, once.
    fn call(&self) -> Result<Told, Unreadable> {
        let id = text(self.payload, "/id").ok_or_else(|| Unreadable::new("no_id", "the call has no id"))?;
        let from = text(self.payload, "/from").and_then(Chat::parse);
        let (Some(from @ (Chat::Person(_) | Chat::Hidden(_))), false) =
            (from, self.payload.get("isGroup") == Some(&Value::Bool(true)))
        else {
            return Ok(Told::Notice(Box::new(self.notice(self.name, None))));
        };
        if self.name != "call.received" {
            return Ok(Told::Notice(Box::new(self.notice(self.name, Some(address(&from))))));
        }
        let kind = if self.payload.get("isVideo") == Some(&Value::Bool(true)) { "video" } else { "voice" };
        let notice = Notice { kind: NoticeKind::Call, before: None, after: Some(kind.to_owned()) };
        Ok(Told::Message(Box::new(ReceivedMessage {
            external_id: format!("call:{id}"),
            sender: self.sender(&from, false),
            at: self.at(),
            content: Content::System(notice, CALL_SIGN.to_owned()),
            chat: Some(from.id()),
            raw: kept(self.payload),
            ..ReceivedMessage::default()
        })))
    }

    fn notice(&self, event: &str, subject: Option<String>) -> ReceivedNotice {
        ReceivedNotice {
            topic: self.name.to_owned(),
            event: event.to_owned(),
            subject: subject.or_else(|| text(self.payload, "/id").map(str::to_owned)),
            reason: None,
            at: self.at(),
            raw: kept(self.payload),
        }
    }

    fn session_status(&self) -> Told {
        let status = text(self.payload, "/status").unwrap_or_default().to_owned();
        let news = SessionNews {
            status: status.clone(),
            phone: text(self.body, "/me/id").and_then(|id| Chat::parse(id)?.phone()),
            name: text(self.body, "/me/pushName").and_then(clean_name),
        };
        let told = self.payload.get("statuses").and_then(Value::as_array).and_then(|all| all.last()?.get("timestamp"));
        let mut notice = self.notice(&status, session_name(self.body));
        if let Some(told) = told {
            notice.at = timestamp(Some(told), self.now);
        }
        Told::Session(news, Box::new(notice))
    }

    fn presence(&self) -> Told {
        let Some(chat @ (Chat::Person(_) | Chat::Hidden(_))) = text(self.payload, "/id").and_then(Chat::parse) else {
            return Told::Nothing("presence_of_a_group");
        };
        let last = self.payload.get("presences").and_then(Value::as_array).and_then(|all| all.last());
        match last.and_then(|presence| text(presence, "/lastKnownPresence")) {
            Some("typing" | "recording") => Told::Typing(self.sender(&chat, false), true),
            Some("paused") => Told::Typing(self.sender(&chat, false), false),
            _ => Told::Nothing("presence"),
        }
    }

    fn group(&self) -> Told {
        let told = self.payload.get("group").unwrap_or(&Value::Null);
        let Some(Chat::Group(id)) = text(told, "/id").and_then(Chat::parse) else { return Told::Nothing("group_unnamed") };
        let subject = text(told, "/subject").map(str::to_owned);
        let group = GroupRef { id: id.clone(), subject };
        let mut news = GroupNews { group, description: text(told, "/description").map(str::to_owned), ..GroupNews::default() };
        let mut word = self.name.trim_start_matches("group.v2.");
        match word {
            "join" | "update" => {
                news.joined = members(told.get("participants"));
                news.is_whole = word == "join" && !news.joined.is_empty();
            }
            "leave" => news.is_over = true,
            "participants" => {
                word = text(self.payload, "/type").unwrap_or(word);
                let named = members(self.payload.get("participants"));
                if matches!(word, "leave" | "remove") {
                    news.left = named.into_iter().map(|member| member.address).collect();
                } else {
                    news.joined = named;
                }
            }
            _ => {}
        }
        let notice = self.notice(word, Some(id));
        Told::Group(Box::new(news), Box::new(notice))
    }
}

fn session_name(body: &Value) -> Option<String> {
    text(body, "/session").map(str::to_owned)
}

fn members(named: Option<&Value>) -> Vec<Member> {
    let member = |told: &Value| {
        let chat = text(told, "/pn").or_else(|| text(told, "/id")).and_then(Chat::parse)?;
        let is_admin = matches!(text(told, "/role"), Some("admin" | "superadmin"));
        Some(Member { address: address(&chat), name: None, is_admin })
    };
    named.and_then(Value::as_array).into_iter().flatten().filter_map(member).take(MEMBERS_MAX).collect()
}

/// The payload as text, without the engine's own part where that is large.
fn kept(payload: &Value) -> String {
    let whole = payload.to_string();
    if whole.len() <= RAW_BYTES_MAX {
        return whole;
    }
    let mut slim = payload.clone();
    if let Value::Object(parts) = &mut slim {
        parts.remove("_data");
    }
    slim.to_string()
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
