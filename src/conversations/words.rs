//! How conversations and messages are found by the full-text search: by what seldom changes of them.

use super::model::{CONVERSATION_CREATED, Conversation, MESSAGE_CREATED, MESSAGE_RECEIVED, MESSAGE_UPDATED, Message};
use crate::{
    base::{ContactId, ConversationId, MessageId, Result},
    platform::{
        journal::Event,
        search::{DocChange, DocKind, Document, Extractor, slice_of},
        store::{Read, View},
    },
};
use std::collections::HashMap;

/// Texts of messages and notes.
#[derive(Debug, Default)]
pub struct MessageWords;

/// Protocol and running numbers of conversations.
#[derive(Debug, Default)]
pub struct ConversationWords;

impl Extractor for MessageWords {
    fn wants(&self, kind: &str) -> bool {
        matches!(kind, MESSAGE_RECEIVED | MESSAGE_CREATED | MESSAGE_UPDATED)
    }

    fn documents(&self, view: &View, event: &Event) -> Result<Vec<DocChange>> {
        // A status changes a message some three times, its text seldom.
        if event.kind == MESSAGE_UPDATED && event.data["changed"].is_null() {
            return Ok(Vec::new());
        }
        let Some(message) = view.get::<Message>(&MessageId(event.subject))? else {
            return Ok(vec![DocChange::Remove(event.subject)]);
        };
        if message.is_revoked() || message.waits() {
            return Ok(vec![DocChange::Remove(event.subject)]);
        }
        let contact = view.get::<Conversation>(&message.conversation)?.map(|conversation| conversation.contact.home());
        Ok(vec![DocChange::Add(of_message(&message, contact))])
    }

    fn rebuild(&self, view: &View, after: Option<Vec<u8>>, max: usize) -> Result<(Vec<Document>, Option<Vec<u8>>)> {
        // Neighbours in time are often neighbours in a conversation.
        let mut contacts: HashMap<ConversationId, Option<ContactId>> = HashMap::new();
        slice_of(view, after, max, |message: &Message| {
            let contact = match contacts.get(&message.conversation) {
                Some(known) => *known,
                None => {
                    let found = view.get::<Conversation>(&message.conversation)?.map(|conversation| conversation.contact.home());
                    contacts.insert(message.conversation, found);
                    found
                }
            };
            Ok(of_message(message, contact))
        })
    }
}

impl Extractor for ConversationWords {
    fn wants(&self, kind: &str) -> bool {
        kind == CONVERSATION_CREATED
    }

    fn documents(&self, view: &View, event: &Event) -> Result<Vec<DocChange>> {
        let conversation = view.get::<Conversation>(&ConversationId(event.subject))?;
        Ok(vec![conversation.as_ref().map_or(DocChange::Remove(event.subject), |c| DocChange::Add(of_conversation(c)))])
    }

    fn rebuild(&self, view: &View, after: Option<Vec<u8>>, max: usize) -> Result<(Vec<Document>, Option<Vec<u8>>)> {
        slice_of(view, after, max, |conversation: &Conversation| Ok(of_conversation(conversation)))
    }
}

fn of_message(message: &Message, contact: Option<ContactId>) -> Document {
    let mut labels =
        vec![super::search::direction_label(message.direction).into(), super::search::type_label(message.kind).into()];
    if message.is_private {
        labels.push("note".into());
    }
    Document {
        kind: DocKind::Message,
        id: message.id.into(),
        at: message.at,
        conversation: Some(message.conversation.into()),
        contact: contact.map(Into::into),
        channel: Some(message.channel.into()),
        labels,
        text: words_of(message),
    }
}

/// All words a message is found by: its text or caption, the names of files, places and people on cards, what was chosen.
/// One that was taken back, or waits for its time, has none; a rebuilt index then holds its empty document.
fn words_of(message: &Message) -> String {
    told_of(message, true)
}

/// What of a message may be shown to whoever may read it, where its text is not what was found: names of files, places,
/// people and answers, no addresses.
pub(super) fn named_in(message: &Message) -> String {
    told_of(message, false)
}

fn told_of(message: &Message, with_addresses: bool) -> String {
    if message.is_revoked() || message.waits() {
        return String::new();
    }
    let mut words = message.content.clone();
    let mut add = |more: Option<&str>| {
        if let Some(more) = more.filter(|more| !more.is_empty() && !words.contains(more)) {
            if !words.is_empty() {
                words.push('\n');
            }
            words.push_str(more);
        }
    };
    add(message.media.as_ref().and_then(|media| media.file_name.as_deref()));
    if let Some(extra) = message.extra.as_deref() {
        let place = extra.place.iter().flat_map(|place| [place.name.as_deref(), place.address.as_deref()]);
        place.for_each(&mut add);
        for card in &extra.cards {
            add(Some(&card.name));
            add(card.organisation.as_deref());
            if with_addresses {
                card.phones.iter().for_each(|phone| add(Some(&phone.number)));
                card.emails.iter().for_each(|email| add(Some(&email.value)));
            }
        }
        if let Some(choice) = &extra.choice {
            add(choice.description.as_deref());
        }
        if let Some(order) = &extra.order {
            order.items.iter().for_each(|item| add(item.name.as_deref().or(Some(&item.product_id))));
        }
        if let Some(poll) = &extra.poll {
            poll.options.iter().for_each(|option| add(Some(option)));
        }
    }
    words
}

fn of_conversation(conversation: &Conversation) -> Document {
    Document {
        kind: DocKind::Conversation,
        id: conversation.id.into(),
        at: conversation.created_at,
        conversation: Some(conversation.id.into()),
        contact: Some(conversation.contact.home().into()),
        channel: Some(conversation.channel.into()),
        labels: Vec::new(),
        text: format!("{}\n{}", conversation.protocol, conversation.number),
    }
}
