//! Who types, both ways, and nothing of it stored: customers see that somebody of us writes where their channel shows it,
//! and we see that they do.

use super::{
    acts::{OutgoingAct, Target, What, recipient},
    manners,
};
use crate::{
    base::{Actor, ChannelId, ConversationId, Result, TenantId, Timestamp, text::shorten},
    channels::{
        accounts::Accounts,
        adapter::{Adapters, Line},
        commands,
        model::{Channel, ChannelKind, ChannelStatus},
        receiving::inbound::Sender,
    },
    contacts::{self, Purpose},
    conversations::{self, CONVERSATION_REPLY, MessageKind, Verdict as Window},
    platform::{
        outbound::Outbound,
        realtime::{Doing, Hub},
        store::{Read, Store},
    },
};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc, time::Duration};
use uuid::Uuid;

/// A session's chat shows it for some ten seconds, a number's for 25 or until the next message.
fn said_again_after(kind: ChannelKind) -> Duration {
    match kind {
        ChannelKind::Waha => Duration::from_secs(6),
        ChannelKind::WhatsappCloud => Duration::from_secs(20),
    }
}

/// A session forgets whom it listens to when it starts anew.
const LISTENS_AGAIN_AFTER: Duration = Duration::from_secs(600);
/// Chats remembered at once.
const CHATS_MAX: usize = 10_000;

type Chat = (TenantId, ConversationId);

#[derive(Default)]
struct Memory {
    /// Until when somebody of us types, and when that was last shown.
    typing: HashMap<Chat, (Timestamp, Option<Timestamp>)>,
    /// When a session was last asked to tell of a chat's typing.
    listening: HashMap<Chat, Timestamp>,
}

struct Inner {
    store: Store,
    accounts: Accounts,
    outbound: Outbound,
    adapters: Adapters,
    memory: Mutex<Memory>,
}

/// Shows customers that somebody writes to them.
#[derive(Clone)]
pub struct TypingOut(Arc<Inner>);

impl TypingOut {
    /// Over these.
    pub fn new(store: Store, accounts: Accounts, outbound: Outbound, adapters: impl Into<Adapters>) -> Self {
        Self(Arc::new(Inner { store, accounts, outbound, adapters: adapters.into(), memory: Mutex::default() }))
    }

    /// Somebody of us types or looks, or stopped: what the channel shows of it is shown, later.
    pub fn passes(&self, actor: &Actor, conversation: Uuid, doing: Doing, on: bool) {
        // A socket that ends with the program tells nobody.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (this, chat) = (self.clone(), (actor.tenant, ConversationId(conversation)));
        if doing == Doing::Typing && !self.may_answer(actor, chat.1) {
            return;
        }
        match (doing, on) {
            (Doing::Typing, true) => {
                let now = self.0.store.now();
                let mut memory = self.0.memory.lock();
                if memory.typing.len() >= CHATS_MAX {
                    return;
                }
                let is_new = !memory.typing.contains_key(&chat);
                let entry = memory.typing.entry(chat).or_insert((now, None));
                entry.0 = now.plus(doing.lasts());
                drop(memory);
                if is_new {
                    runtime.spawn(this.types(chat));
                }
            }
            // Whoever shows it looks again within a second.
            (Doing::Typing, false) => {
                if let Some(entry) = self.0.memory.lock().typing.get_mut(&chat) {
                    entry.0 = self.0.store.now();
                }
            }
            (Doing::Viewing, true) => {
                let now = self.0.store.now();
                let mut memory = self.0.memory.lock();
                let is_listening = memory.listening.get(&chat).is_some_and(|at| now.since(*at) < LISTENS_AGAIN_AFTER);
                if is_listening {
                    return;
                }
                if memory.listening.len() >= CHATS_MAX {
                    memory.listening.clear();
                }
                memory.listening.insert(chat, now);
                drop(memory);
                runtime.spawn(async move { this.listen(chat).await });
            }
            (Doing::Viewing, false) => {}
        }
    }

    /// Whose words can't reach the customer is not announced to them.
    fn may_answer(&self, actor: &Actor, id: ConversationId) -> bool {
        let conversation = self.0.store.view(actor.tenant, |view| conversations::require_conversation(view, id));
        conversation.is_ok_and(|conversation| conversation.is_within(actor, CONVERSATION_REPLY))
    }

    /// Shows it for as long as it goes on.
    async fn types(self, chat: Chat) {
        loop {
            let now = self.0.store.now();
            let Some((until, shown_at)) = self.0.memory.lock().typing.get(&chat).copied() else { return };
            if now >= until {
                self.0.memory.lock().typing.remove(&chat);
                if shown_at.is_some()
                    && let Some(shown) = self.shown(chat)
                {
                    self.act(&shown, false).await;
                }
                return;
            }
            let Some(shown) = self.shown(chat) else {
                self.0.memory.lock().typing.remove(&chat);
                return;
            };
            if shown_at.is_none_or(|at| now.since(at) >= said_again_after(shown.channel.kind())) {
                if let Some(entry) = self.0.memory.lock().typing.get_mut(&chat) {
                    entry.1 = Some(now);
                }
                self.act(&shown, true).await;
            }
            let now = self.0.store.now();
            self.0.store.sleep_until(until.min(now.plus(Duration::from_secs(1))).max(now)).await;
        }
    }

    /// Where it is to be shown; `None`: nowhere, as nothing may be written there now, or nobody would see it.
    fn shown(&self, (tenant, id): Chat) -> Option<Shown> {
        let read = self.0.store.view(tenant, |view| {
            let conversation = conversations::require_conversation(view, id)?;
            let channel = view.require::<Channel>(&conversation.channel)?;
            let now = self.0.store.now();
            let may = conversation.state.is_open()
                && matches!(conversation.may_send(MessageKind::Text, Purpose::Service, now), Window::Yes);
            let shows = match channel.kind() {
                ChannelKind::Waha => manners::manners(view, channel.id)?.typing,
                ChannelKind::WhatsappCloud => !conversation.contact.is_group,
            };
            let works = channel.is_live() && !matches!(channel.status, ChannelStatus::Disabled | ChannelStatus::Broken);
            let last = conversations::last_inbound(view, &conversation, false)?;
            Ok((may && shows && works).then_some((conversation, channel, last)))
        });
        let (conversation, channel, last) = read.ok().flatten()?;
        let line = self.0.accounts.line(tenant, &channel)?;
        let target = last.as_ref().and_then(Target::of);
        // A number shows it below the customer's last message; a session needs none.
        let target = match channel.kind() {
            ChannelKind::WhatsappCloud => target?,
            ChannelKind::Waha => target.unwrap_or(Target { id: String::new(), is_ours: false, whole: None }),
        };
        Some(Shown { line, channel, target, to: recipient(&conversation) })
    }

    async fn act(&self, shown: &Shown, on: bool) {
        self.ask(shown, What::Typing(on, shown.target.clone())).await;
    }

    async fn ask(&self, shown: &Shown, what: What) {
        let asked = OutgoingAct { to: shown.to.clone(), what, callback: Uuid::nil() };
        let verdict = self.0.adapters.of(shown.channel.kind()).act(&self.0.outbound, &shown.line, &asked).await;
        tracing::trace!(channel = %shown.channel.id, ?verdict, "told a provider who types");
    }

    /// Has a session tell when the other side of a chat types.
    async fn listen(&self, chat: Chat) {
        if let Some(shown) = self.shown(chat).filter(|shown| shown.channel.kind() == ChannelKind::Waha) {
            self.ask(&shown, What::Watch).await;
        }
    }
}

/// Where something is shown.
struct Shown {
    line: Line,
    channel: Channel,
    target: Target,
    to: super::outgoing::Recipient,
}

/// Longest name told.
const NAME_MAX: usize = 80;

/// Somebody at a channel types: whoever may see their open conversation is told.
pub fn contact_types(store: &Store, hub: &Hub, tenant: TenantId, channel: ChannelId, sender: &Sender, on: bool) {
    let found = store.view(tenant, |view| {
        for address in commands::identities(sender) {
            if let Some(contact) = contacts::find_by_identity(view, &address)? {
                // A merged person has a conversation for each address's own contact.
                return conversations::open_of_contact(view, channel, contact.home_of(&address));
            }
        }
        Ok(None)
    });
    let told = found.and_then(|conversation| -> Result<()> {
        let Some(conversation) = conversation.filter(|conversation| !conversation.contact.is_blocked) else { return Ok(()) };
        // Somebody without a name is called by an address, which not everybody may see.
        let name = Some(conversation.contact.name.as_str()).filter(|name| !name.starts_with('+'));
        let name = shorten(name.unwrap_or_default(), NAME_MAX);
        hub.contact_types(tenant, conversation.id.into(), conversation.contact.id, &name, on)
    });
    if let Err(error) = told {
        tracing::debug!(%error, "could not tell that a customer types");
    }
}
