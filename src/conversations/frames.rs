//! Frames of conversations' and messages' events, one encoding for who sees addresses and one for who does not.

use super::{
    commands::conversation_of_number,
    message_views::{MessageFrame, MessageView},
    model::{
        CONVERSATION_ASSIGNED, CONVERSATION_CREATED, CONVERSATION_READ_EVENT, CONVERSATION_RESOLVED, CONVERSATION_UPDATED,
        Conversation, MESSAGE_CREATED, MESSAGE_RECEIVED, MESSAGE_UPDATED, Message,
    },
    views::{ConversationView, Sight},
};
use crate::{
    base::{Actor, ConversationId, Error, MessageId, Result},
    platform::{
        journal::{Audience, Event},
        realtime::{Class, Encoded, Encoder},
        store::{Read, View},
    },
};
use serde::Serialize;
use uuid::Uuid;

/// Encodes everything that happens to conversations and messages.
#[derive(Debug, Default)]
pub struct ConversationFrames;

impl Encoder for ConversationFrames {
    fn wants(&self, kind: &str) -> bool {
        is_of_message(kind) || is_of_conversation(kind)
    }

    fn class(&self, receiver: &Actor) -> Class {
        Sight::of(receiver).class()
    }

    fn encode(&self, view: &View, event: &Event, class: Class) -> Result<Option<Encoded>> {
        let sight = Sight::of_class(class);
        if is_of_conversation(&event.kind) {
            let Some(conversation) = view.get::<Conversation>(&ConversationId(event.subject))? else { return Ok(None) };
            let audience = conversation.audience();
            return encoded(event, audience, &ConversationView::of(conversation, view.tenant(), sight, event.at));
        }
        let Some(message) = view.get::<Message>(&MessageId(event.subject))? else { return Ok(None) };
        let Some(conversation) = view.get::<Conversation>(&message.conversation)? else { return Ok(None) };
        let audience = conversation.audience();
        let message = MessageView::read(view, message, conversation.read_arrival, sight)?;
        let conversation = ConversationView::of(conversation, view.tenant(), sight, event.at);
        encoded(event, audience, &MessageFrame { message, conversation })
    }
}

fn encoded(event: &Event, audience: Audience, shown: &impl Serialize) -> Result<Option<Encoded>> {
    let data = serde_json::to_value(shown).map_err(|e| Error::internal(format!("write the frame of {}: {e}", event.kind)))?;
    Ok(Some(Encoded { kind: event.kind.clone(), data, audience: Some(audience) }))
}

fn is_of_message(kind: &str) -> bool {
    matches!(kind, MESSAGE_RECEIVED | MESSAGE_CREATED | MESSAGE_UPDATED)
}

fn is_of_conversation(kind: &str) -> bool {
    matches!(
        kind,
        CONVERSATION_CREATED | CONVERSATION_UPDATED | CONVERSATION_ASSIGNED | CONVERSATION_RESOLVED | CONVERSATION_READ_EVENT
    )
}

/// Who may know that somebody looks at or writes in a conversation.
pub fn sight() -> crate::platform::realtime::Sight {
    audience_of
}

fn audience_of(view: &View, conversation: Uuid) -> Result<Option<Audience>> {
    Ok(view.get::<Conversation>(&ConversationId(conversation))?.map(|c| c.audience()))
}

/// Which conversation a running number means, where a frame names one so.
pub fn numbered() -> crate::platform::realtime::Numbered {
    |view, number| Ok(conversation_of_number(view, number)?.map(|c| c.id.into()))
}
