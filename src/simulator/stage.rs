//! Where a made-up past is told: bodies as the providers write them, read by the adapters and taken by the same commands
//! as real webhooks, under the clock of that past; and what the firm sent, with what became of it.

use super::{
    props::Prop,
    waha::merge,
    wire::{self, Line, Person},
};
use crate::{
    base::{Actor, ChannelId, ConversationId, Error, MessageId, Origin, Result, TenantId, Timestamp, chance::Chance},
    channels::{self, ChannelKind},
    conversations::{
        self, Author, Extra, Media, MediaState, MessageError, MessageKind, MessageStatus, NewMessage, News, Reaction,
        SendOutcome, StatusNews, Who,
    },
    platform::{
        media::{Claims, Limits, MediaStore},
        store::Store,
    },
};
use serde_json::{Value, json};
use std::time::Duration;

/// A number of the firm at Meta, and a session of it at WAHA.
#[derive(Debug, Clone)]
pub struct Doors {
    /// The Cloud API channel, and how webhooks name it.
    pub cloud: (ChannelId, Line),
    /// The WAHA channel, its session and the number it is paired with.
    pub waha: (ChannelId, String, String),
}

/// The stage.
pub struct Stage<'a> {
    /// The box's store.
    pub store: &'a Store,
    /// Where files lie.
    pub media: &'a MediaStore,
    /// Whose past it is.
    pub tenant: TenantId,
    /// Its channels.
    pub doors: Doors,
    /// Until when.
    pub now: Timestamp,
    /// Draws ids.
    pub chance: &'a dyn Chance,
}

/// What becomes of a message the firm sent.
#[derive(Debug, Clone)]
pub enum Fate {
    /// The customer has seen it.
    Read,
    /// It is on the customer's device.
    Delivered,
    /// The provider has it.
    Sent,
    /// It won't arrive: the provider's code and words, and what to do.
    Failed(&'static str, &'static str, &'static str),
    /// Nobody knows: no answer came.
    Unknown,
}

/// Something the firm sent.
pub struct Said {
    /// Our id.
    pub id: MessageId,
    /// The provider's.
    pub external_id: String,
}

impl Stage<'_> {
    fn before(&self, secs: u64) -> Timestamp {
        self.now.minus(Duration::from_secs(secs))
    }

    /// WhatsApp's id of a message over WAHA.
    pub fn bare_id(&self) -> String {
        format!("3EB0{:016X}", self.chance.next())
    }

    async fn take(&self, channel: ChannelId, kind: ChannelKind, at: Timestamp, body: Vec<u8>) -> Result<()> {
        let by = Origin::system();
        self.store.import(self.tenant, at, by, move |tx| channels::take_past(tx, channel, kind, &body)).await
    }

    /// A customer's message over the Cloud API, `ago` seconds before now; gives WhatsApp's id of it.
    pub async fn cloud(&self, ago: u64, person: &Person, content: Value) -> Result<String> {
        let (id, at) = (wire::wamid(self.chance), self.before(ago));
        let (channel, line) = &self.doors.cloud;
        let change = wire::message(line, person, &id, at, content);
        let body = wire::to_bytes(&wire::envelope(&line.business_account_id, &[change]));
        self.take(*channel, ChannelKind::WhatsappCloud, at, body).await?;
        Ok(id)
    }

    /// A customer's file over the Cloud API. `facts` go into its object.
    pub async fn cloud_file(&self, ago: u64, person: &Person, kind: &str, prop: Prop, facts: Value) -> Result<String> {
        let mut object = json!({"id": format!("{}", 100_000_000_000_000 + self.chance.below(899_999_999_999_999)),
            "mime_type": prop.mime});
        if let Some(name) = prop.name {
            object["filename"] = json!(name);
        }
        if let (Some(object), Value::Object(facts)) = (object.as_object_mut(), facts) {
            object.extend(facts);
        }
        let id = self.cloud(ago, person, json!({"type": kind, kind: object})).await?;
        self.arrive(&id, self.before(ago), prop).await?;
        Ok(id)
    }

    /// An event of the WAHA session.
    pub async fn waha(&self, ago: u64, event: &str, payload: Value) -> Result<()> {
        let (channel, session, number) = &self.doors.waha;
        let at = self.before(ago);
        let body = json!({"id": format!("evt_{}", self.bare_id()), "timestamp": at.as_millis(), "event": event,
            "session": session, "me": {"id": format!("{number}@c.us")}, "payload": payload, "engine": "NOWEB"});
        self.take(*channel, ChannelKind::Waha, at, body.to_string().into_bytes()).await
    }

    /// A message in a chat of the WAHA session; `by` names the member of a group who wrote it, with their name. `content`
    /// brings `body` and whatever else it is made of. Gives WhatsApp's id of it.
    pub async fn waha_says(&self, ago: u64, chat: &str, by: Option<&str>, name: &str, content: Value) -> Result<String> {
        let (id, at) = (self.bare_id(), self.before(ago).as_millis() / 1000);
        let whole = match by {
            Some(by) => format!("false_{chat}_{id}_{by}"),
            None => format!("false_{chat}_{id}"),
        };
        let mut payload = json!({"id": whole, "timestamp": at, "from": chat, "fromMe": false, "source": "app", "body": "",
            "hasMedia": false, "media": null, "ack": 1, "_data": {"notifyName": name}});
        if let Some(by) = by {
            payload["participant"] = json!(by);
        }
        merge(&mut payload, content);
        self.waha(ago, "message", payload).await?;
        Ok(id)
    }

    /// A file in a chat of the WAHA session.
    pub async fn waha_file(
        &self,
        ago: u64,
        (chat, by, name): (&str, Option<&str>, &str),
        said: &str,
        prop: Prop,
        caption: &str,
    ) -> Result<String> {
        let content = json!({"body": caption, "hasMedia": true, "_data": {"type": said},
            "media": {"url": "http://localhost:3000/api/files/past", "mimetype": prop.mime, "filename": prop.name}});
        let id = self.waha_says(ago, chat, by, name, content).await?;
        self.arrive(&id, self.before(ago), prop).await?;
        Ok(id)
    }

    /// The conversation a message stands in.
    pub fn conversation_of(&self, external_id: &str) -> Result<ConversationId> {
        self.store.view(self.tenant, |view| Ok(conversations::message_named(view, external_id)?.conversation))
    }

    async fn land(&self, prop: Prop, known: Media) -> Result<Media> {
        let limits = Limits::INBOUND;
        let mut incoming = self.media.begin(self.tenant, limits.most())?;
        incoming.write(prop.bytes.into()).await?;
        let claims = Claims { mime: Some(prop.mime.to_owned()), file_name: known.file_name.clone(), sha256: None };
        Ok(channels::landed(&known, &self.media.land(incoming, claims, limits).await?))
    }

    /// The bytes of a message's file come: the past has no deliveries that would fetch them.
    async fn arrive(&self, external_id: &str, at: Timestamp, prop: Prop) -> Result<()> {
        let message = self.store.view(self.tenant, |view| conversations::message_named(view, external_id))?;
        let Some(known) = message.media else { return Err(Error::internal("a file that no message names")) };
        let media = self.land(prop, known).await?;
        self.settle(message.id, at, media).await
    }

    async fn settle(&self, message: MessageId, at: Timestamp, media: Media) -> Result<()> {
        let by = Origin::system();
        self.store.import(self.tenant, at, by, move |tx| conversations::settle_media(tx, message, media).map(drop)).await
    }

    /// The bytes of a customer's file could not be had.
    pub async fn lose(&self, ago: u64, person: &Person, kind: &str, mime: &str) -> Result<String> {
        let object = json!({"id": "100000000000000", "mime_type": mime});
        let id = self.cloud(ago, person, json!({"type": kind, kind: object})).await?;
        let message = self.store.view(self.tenant, |view| conversations::message_named(view, &id))?;
        let media = message.media.unwrap_or_default();
        let media = Media { state: MediaState::Failed, reason: Some("media_gone".to_owned()), ..media };
        self.settle(message.id, self.before(ago), media).await?;
        Ok(id)
    }

    /// The firm writes; its conversation is taken by whoever writes first.
    pub async fn says(&self, ago: u64, actor: &Actor, new: NewMessage, fate: Fate) -> Result<Said> {
        let (at, conversation) = (self.before(ago), new.conversation);
        let channel =
            self.store.view(self.tenant, |view| Ok(conversations::require_conversation(view, conversation)?.channel))?;
        let external_id = if channel == self.doors.waha.0 { self.bare_id() } else { wire::wamid(self.chance) };
        let (actor, given) = (actor.clone(), external_id.clone());
        let by = actor.origin.clone();
        let id = self
            .store
            .import(self.tenant, at, by, move |tx| {
                let now = conversations::require_conversation(tx, conversation)?;
                if now.assignee.is_none() {
                    conversations::take(tx, &actor, conversation)?;
                }
                let author = Author::Person { user: actor.user, name: actor.name.clone() };
                let id = conversations::send_as(tx, &author, new)?.message.id;
                let error = |code: &str, reason: &str, step: &str| MessageError {
                    code: code.to_owned(),
                    reason: reason.to_owned(),
                    next_step: Some(step.to_owned()),
                };
                let outcome = match &fate {
                    Fate::Failed(code, reason, step) => SendOutcome::Failed(error(code, reason, step)),
                    Fate::Unknown => SendOutcome::Unknown(error("no_answer", "the provider did not answer", "wait_for_receipt")),
                    _ => SendOutcome::Sent { external_id: given.clone(), at },
                };
                conversations::settle_send(tx, id, outcome)?;
                let steps: &[MessageStatus] = match fate {
                    Fate::Read => &[MessageStatus::Delivered, MessageStatus::Read],
                    Fate::Delivered => &[MessageStatus::Delivered],
                    _ => &[],
                };
                for (after, status) in (2..).step_by(9).zip(steps) {
                    let at = at.plus(Duration::from_secs(after));
                    let external_id = given.clone();
                    let news = StatusNews { channel, external_id, callback: None, status: *status, at, error: None };
                    conversations::apply_status(tx, news)?;
                }
                Ok(id)
            })
            .await?;
        Ok(Said { id, external_id })
    }

    /// The firm sends a file.
    pub async fn sends(
        &self,
        ago: u64,
        actor: &Actor,
        conversation: ConversationId,
        (kind, prop): (MessageKind, Prop),
        caption: &str,
    ) -> Result<Said> {
        let known = Media { file_name: prop.name.map(str::to_owned), is_voice: kind == MessageKind::Audio, ..Media::default() };
        let media = Some(Media { reason: None, ..self.land(prop, known).await? });
        self.says(ago, actor, NewMessage { kind, media, ..NewMessage::text(conversation, caption) }, Fate::Read).await
    }

    /// Somebody of the firm reacts to a message.
    pub async fn reacts(&self, ago: u64, actor: &Actor, external_id: &str, emoji: &str) -> Result<()> {
        let at = self.before(ago);
        let reaction = Reaction { by: Who::User(actor.user), emoji: emoji.to_owned(), at, id: self.bare_id() };
        let target = external_id.to_owned();
        let by = actor.origin.clone();
        let command = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
            let channel = conversations::message_named(tx, &target)?.channel;
            conversations::apply_news(tx, channel, target, News::Reaction(reaction)).map(drop)
        };
        self.store.import(self.tenant, at, by, command).await
    }

    /// A note among colleagues.
    pub async fn notes(&self, ago: u64, actor: &Actor, conversation: ConversationId, words: &'static str) -> Result<()> {
        let (actor, by) = (actor.clone(), actor.origin.clone());
        let command = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
            conversations::send_message(tx, &actor, NewMessage { is_private: true, ..NewMessage::text(conversation, words) })
        };
        self.store.import(self.tenant, self.before(ago), by, command).await.map(drop)
    }
}

/// A message of the firm's that says more than words.
pub fn rich(conversation: ConversationId, kind: MessageKind, words: &str, extra: Extra) -> NewMessage {
    NewMessage { kind, extra: extra.boxed(), ..NewMessage::text(conversation, words) }
}

/// A person of the made-up world who is not among the crowd.
pub fn somebody(digits: &str, name: &str) -> Person {
    Person { wa_id: Some(digits.to_owned()), user_id: None, name: name.to_owned() }
}
