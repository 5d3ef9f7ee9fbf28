//! What comes in: a customer's message, or one that somebody of ours wrote on the phone itself.

use super::{
    super::{
        extra::{Extra, Media, MediaState},
        model::{
            CONVERSATION_CREATED, CONVERSATION_UPDATED, CONVERSATIONS_BY_CONTACT, Conversation, Direction,
            EXTERNAL_ID_TO_MESSAGE, FlowState, MESSAGE_CREATED, MESSAGE_RECEIVED, Message, MessageKind,
            OPEN_CONVERSATION_OF_CONTACT, Priority, RAW_BYTES_MAX, RawMessage, THREAD,
        },
        protocol::protocol,
        rules::Rules,
        state::{MessageStatus, State},
        window::SendWindow,
    },
    Happening, attend, blank, card, commit, media, show_last, status,
};
use crate::{
    base::{ChannelId, ContactId, Error, MessageId, QueueId, Result, Timestamp},
    contacts::{self, Contact, GroupChange, Observed, Resolved},
    platform::store::{KeyRange, Read, Tx, Write},
};
use serde_json::json;
use std::time::Duration;

/// A provider's clock may be ahead of ours by this much; what is further ahead counts as now.
pub const CLOCK_LEAD_MAX: Duration = Duration::from_secs(300);
/// Of a contact's conversations, how many are looked at for the one before.
const FORMER_CONVERSATIONS_MAX: usize = 20;

/// Of a thread's end, how many messages are looked at for the one an echo belongs to.
const IN_FLIGHT_MAX: usize = 20;

/// A message as an adapter read it from its provider.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// Over which channel.
    pub channel: ChannelId,
    /// The queue a new conversation begins in.
    pub queue: Option<QueueId>,
    /// Every address the provider names the customer by.
    pub identities: Vec<Observed>,
    /// The name of their profile.
    pub profile_name: Option<String>,
    /// Where an answer goes, as the adapter reads it.
    pub address: String,
    /// It was written in a group; what the message told of it. Then `identities` begins with the group's id.
    pub group: Option<GroupChange>,
    /// The provider's id of the message.
    pub external_id: String,
    /// The provider's id of the message it answers.
    pub reply_to: Option<String>,
    /// What it is.
    pub kind: MessageKind,
    /// Its text, or the caption.
    pub content: String,
    /// Picture, file or sound.
    pub media: Option<Media>,
    /// What few messages have.
    pub extra: Option<Box<Extra>>,
    /// Further facts, as JSON text.
    pub metadata: Option<String>,
    /// The provider's JSON, where it is worth keeping.
    pub raw: Option<String>,
    /// The provider's time.
    pub at: Timestamp,
    /// What may be sent from now on; `None`: as before.
    pub window: Option<SendWindow>,
    /// Written by one of us outside Farol, e.g. on the phone itself.
    pub is_echo: bool,
}

/// What became of an inbound message.
#[derive(Debug, Clone)]
pub struct Received {
    /// The message.
    pub message: Message,
    /// Its conversation.
    pub conversation: Conversation,
    /// Was it new? A redelivered webhook brings nothing new.
    pub is_new: bool,
}

/// Stores a message from outside with everything it brings about: the contact, the conversation, the
/// counters. The same external id on the same channel again changes nothing.
pub fn receive_inbound(tx: &mut Tx<'_, '_>, inbound: Inbound) -> Result<Received> {
    if let Some(message) = tx.find(&EXTERNAL_ID_TO_MESSAGE, (inbound.channel, inbound.external_id.as_str()))? {
        let conversation = tx.require(&message.conversation)?;
        return Ok(Received { message, conversation, is_new: false });
    }
    let profile = inbound.profile_name.as_deref().filter(|_| !inbound.is_echo);
    let (contact, home) = match (&inbound.group, inbound.identities.first()) {
        (Some(told), Some(group)) => {
            let group = contacts::resolve_group(tx, inbound.channel, &group.value, told)?;
            let home = group.id;
            (group, home)
        }
        _ => {
            let found = contacts::resolve(tx, &inbound.identities, profile)?;
            (found.contact, found.home)
        }
    };
    contacts::touch(tx, &contact)?;
    let now = tx.now();
    let (old, mut conversation, mut happenings) = conversation_for(tx, &inbound, &contact, home)?;
    conversation.contact = card(&contact, home, conversation.channel);
    conversation.address.clone_from(&inbound.address);
    if let Some(window) = inbound.window {
        conversation.window = window;
    }

    let direction = if inbound.is_echo { Direction::Outbound } else { Direction::Inbound };
    let mut message = blank(tx, &conversation, tx.new_id(), direction);
    message.at = if inbound.at > now.plus(CLOCK_LEAD_MAX) || inbound.at.0 <= 0 { now } else { inbound.at };
    message.sent_at = Some(message.at);
    message.at = in_order(&conversation, message.at);
    message.kind = inbound.kind;
    message.content = inbound.content;
    message.media = inbound.media;
    message.extra = inbound.extra;
    message.metadata = inbound.metadata;
    message.status = if inbound.is_echo { MessageStatus::Sent } else { MessageStatus::Delivered };
    message.delivered_at = (!inbound.is_echo).then_some(now);
    if let Some(answered) = &inbound.reply_to {
        message.reply_to = tx.find(&EXTERNAL_ID_TO_MESSAGE, (inbound.channel, answered.as_str()))?.map(|m| m.id);
        if message.reply_to.is_none() {
            // It may come yet: who reads the thread looks again.
            message.extra.get_or_insert_default().reply_to_external = Some(answered.clone());
        }
    }
    message.external_id = Some(inbound.external_id);
    status::apply_parked(tx, &mut message)?;

    conversation.arrivals += 1;
    conversation.last_activity_at = now;
    if inbound.is_echo {
        conversation.first_reply_at.get_or_insert(now);
        attend::read_all(&mut conversation);
    } else {
        conversation.last_inbound_at = conversation.last_inbound_at.max(Some(message.at));
        if !contact.is_blocked && conversation.state.is_open() {
            conversation.unread = conversation.unread.saturating_add(1);
        }
    }
    show_last(&mut conversation, &message);
    happenings.push(Happening::to_message(if inbound.is_echo { MESSAGE_CREATED } else { MESSAGE_RECEIVED }, &message));

    if message.media.as_ref().is_some_and(|media| media.state == MediaState::Pending) {
        media::fetch(tx, &message)?;
    }
    message.rev = tx.next_rev() + happenings.len() as u64 - 1;
    tx.replace(None, &message)?;
    if let Some(json) = inbound.raw {
        tx.put(&RawMessage { message: message.id, json: cut(json) })?;
    }
    let conversation = commit(tx, old.as_ref(), conversation, happenings)?;
    Ok(Received { message, conversation, is_new: true })
}

/// A message of ours that is on its way to the same person and says the same as this echo: its answer has not come yet.
pub fn in_flight(tx: &Tx<'_, '_>, echo: &Inbound) -> Result<Option<MessageId>> {
    if tx.find(&EXTERNAL_ID_TO_MESSAGE, (echo.channel, echo.external_id.as_str()))?.is_some() {
        return Ok(None);
    }
    for address in &echo.identities {
        let Some(contact) = contacts::find_by_identity(tx, address)? else { continue };
        let home = contact.home_of(address);
        let Some(open) = tx.find(&OPEN_CONVERSATION_OF_CONTACT, (echo.channel, home))? else { return Ok(None) };
        let newest = tx.list(&THREAD, KeyRange::prefix(open.id).reverse())?;
        // The oldest of several alike: they go out in order.
        let mut found = None;
        for hit in newest.take(IN_FLIGHT_MAX) {
            let message: Message = hit?.0;
            let waits = matches!(message.status, MessageStatus::Sending | MessageStatus::Unknown);
            if waits && message.external_id.is_none() && says_the_same(&message, echo) {
                found = Some(message.id);
            }
        }
        return Ok(found);
    }
    Ok(None)
}

/// Is `echo` what comes back of `message`? Providers show some kinds as others: buttons as words, sound as a file.
fn says_the_same(message: &Message, echo: &Inbound) -> bool {
    let nothing = Extra::default();
    let (ours, theirs) = (message.extra.as_deref().unwrap_or(&nothing), echo.extra.as_deref().unwrap_or(&nothing));
    match message.kind {
        MessageKind::Location => match (&ours.place, &theirs.place) {
            // About a metre: engines round.
            (Some(a), Some(b)) => a.latitude_e7.abs_diff(b.latitude_e7) < 100 && a.longitude_e7.abs_diff(b.longitude_e7) < 100,
            _ => false,
        },
        MessageKind::Contacts => {
            let names = |extra: &Extra| extra.cards.iter().map(|card| card.name.clone()).collect::<Vec<_>>();
            echo.kind == MessageKind::Contacts && names(ours) == names(theirs)
        }
        MessageKind::Interactive => {
            matches!(echo.kind, MessageKind::Interactive | MessageKind::Text) && echo.content == message.content
        }
        _ if message.media.is_some() => echo.media.is_some() && echo.content == message.content,
        kind => kind == echo.kind && message.content == echo.content,
    }
}

/// Providers tell whole seconds. Within the second of the newest message what we learnt of later stands later: an
/// answer to what we just wrote must not stand above it.
fn in_order(conversation: &Conversation, at: Timestamp) -> Timestamp {
    const SECOND_MS: i64 = 1_000;
    let same = |last: Timestamp| last.0.div_euclid(SECOND_MS) == at.0.div_euclid(SECOND_MS);
    conversation.last_message.as_ref().filter(|last| same(last.at)).map_or(at, |last| at.max(last.at))
}

fn cut(mut json: String) -> String {
    if json.len() > RAW_BYTES_MAX {
        let mut end = RAW_BYTES_MAX;
        while !json.is_char_boundary(end) {
            end -= 1;
        }
        json.truncate(end);
    }
    json
}

/// The conversation a message joins, as stored and as it goes on: the open one, one reopened within the
/// window, else a new one: of `home`, whom the address belongs to by itself. What a blocked contact writes is kept but opens nothing.
fn conversation_for(
    tx: &mut Tx<'_, '_>,
    inbound: &Inbound,
    contact: &Contact,
    home: ContactId,
) -> Result<(Option<Conversation>, Conversation, Vec<Happening>)> {
    if let Some(open) = tx.find(&OPEN_CONVERSATION_OF_CONTACT, (inbound.channel, home))? {
        return Ok((Some(open.clone()), open, Vec::new()));
    }
    let former = former_of(tx, contact, home)?;
    let here = former.iter().find(|c| c.channel == inbound.channel && c.contact.home() == home);
    let now = tx.now();
    if let Some(last) = here {
        if contact.is_blocked {
            return Ok((Some(last.clone()), last.clone(), Vec::new()));
        }
        let reopen_window = Rules::of(tx)?.reopen_window;
        let recent = last.resolved_at.is_some_and(|at| now.since(at) < reopen_window);
        if last.state == State::Resolved && recent {
            let mut again = last.clone();
            attend::open_again(tx, &mut again)?;
            let data = json!({ "changed": ["status"], "status": again.state.word(), "reopenedBy": "customer" });
            return Ok((Some(last.clone()), again, vec![Happening::new(CONVERSATION_UPDATED, data)]));
        }
    }
    let opening = Opening { channel: inbound.channel, queue: inbound.queue, address: inbound.address.clone() };
    let (conversation, happening) = begin(tx, &opening, contact, home, &former)?;
    Ok((None, conversation, vec![happening]))
}

/// The conversations before with whom the address belongs to, newest first, on whatever channel; where there are none,
/// the last one with the same person.
fn former_of(tx: &Tx<'_, '_>, contact: &Contact, home: ContactId) -> Result<Vec<Conversation>> {
    let of = |id: ContactId, max: usize| -> Result<Vec<Conversation>> {
        let newest = tx.list(&CONVERSATIONS_BY_CONTACT, KeyRange::prefix(id).reverse())?;
        newest.take(max).map(|hit| Ok(hit?.0)).collect()
    };
    let former = of(home, FORMER_CONVERSATIONS_MAX)?;
    if !former.is_empty() {
        return Ok(former);
    }
    let mut others = Vec::new();
    for id in contacts::family(tx, contact)?.into_iter().filter(|id| *id != home) {
        others.extend(of(id, 1)?);
    }
    others.sort_by_key(|c| std::cmp::Reverse(c.created_at));
    Ok(others)
}

/// Where a new conversation begins.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Over which channel.
    pub channel: ChannelId,
    /// In which queue.
    pub queue: Option<QueueId>,
    /// Where messages go, as the adapter reads it.
    pub address: String,
}

fn begin(
    tx: &mut Tx<'_, '_>,
    opening: &Opening,
    contact: &Contact,
    home: ContactId,
    former: &[Conversation],
) -> Result<(Conversation, Happening)> {
    let rules = Rules::of(tx)?;
    let now = tx.now();
    let number = tx.next_number("conversation")?;
    let conversation = Conversation {
        id: tx.new_id(),
        number,
        protocol: protocol(rules.protocol_format, now, &rules.zone, number),
        // What a blocked contact writes is kept where it calls nobody.
        state: if contact.is_blocked { State::Archived } else { State::Waiting },
        priority: Priority::Normal,
        contact: card(contact, home, opening.channel),
        address: opening.address.clone(),
        channel: opening.channel,
        queue: opening.queue,
        assignee: None,
        assignment: None,
        unread: 0,
        read_arrival: 0,
        last_message: None,
        last_activity_at: now,
        last_inbound_at: None,
        first_reply_at: None,
        window: SendWindow::open(),
        flow_state: FlowState::Greeting,
        timeout_at: None,
        routed_at: opening.queue.map(|_| now),
        assigned_at: None,
        greeting_sent_at: None,
        last_queue: former.first().and_then(|c| c.queue),
        last_attendant: former.first().and_then(|c| c.assignee),
        metadata: Some(json!({ "chatId": opening.address, "profile": { "name": contact.pushname } }).to_string()),
        arrivals: 0,
        created_at: now,
        updated_at: now,
        resolved_at: None,
        archived_at: contact.is_blocked.then_some(now),
        rev: 0,
    };
    let data = json!({ "number": number, "contact": contact.id, "channel": opening.channel, "queue": opening.queue });
    Ok((conversation, Happening::new(CONVERSATION_CREATED, data)))
}

/// Opens a conversation without a message from outside, for one of us who writes first; the open one of
/// this contact on this channel where there is one. `address` is where messages go, as the adapter reads it.
///
/// # Errors
/// `contact_blocked` where we block them.
pub fn open_conversation(
    tx: &mut Tx<'_, '_>,
    opening: Opening,
    identities: &[Observed],
    window: SendWindow,
) -> Result<Conversation> {
    let Resolved { contact, home, .. } = contacts::resolve(tx, identities, None)?;
    if contact.is_blocked {
        return Err(Error::conflict("contact_blocked", "this contact is blocked: unblock them first"));
    }
    if let Some(open) = tx.find(&OPEN_CONVERSATION_OF_CONTACT, (opening.channel, home))? {
        return Ok(open);
    }
    let (mut conversation, happening) = begin(tx, &opening, &contact, home, &former_of(tx, &contact, home)?)?;
    conversation.window = window;
    commit(tx, None, conversation, vec![happening])
}
