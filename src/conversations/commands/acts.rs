//! What one of us does to a message that is there: reacts, changes its words, takes it back.
//!
//! Its provider must carry that out, so it is asked for in the same commit and kept as an [`Act`] until it is settled.
//! What a message says follows from what happened alone (reactions, edits, revocations; see `news`); an act that is
//! settled becomes such a piece of news, one that is refused stays beside it with its reason and changes nothing.

use super::{
    super::{
        extra::{Act, ActState, Deed, Edit, Extra, Reaction, Revoked, Who},
        model::{
            ACT_TO_MESSAGE, CONVERSATION_ARCHIVE, CONVERSATION_READ, CONVERSATION_REPLY, Conversation, Direction, Message,
            MessageError, MessageKind, News,
        },
        state::MessageStatus,
        trace::StepKind,
    },
    Replan, Stored, TEXT_MAX, cancel_scheduled, news, note_deed, replan,
    send::{TAKEN_BACK, is_let_out},
    status::{StatusNews, StatusOutcome, store_message},
    within,
};
use crate::{
    base::{Actor, DeliveryId, Error, MessageId, Result, Timestamp, UserId, error::Check},
    contacts::Purpose,
    platform::{
        deadletters,
        outbox::{self, NewDelivery},
        store::{KeyRange, Read, Tx},
    },
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// The kind of delivery that has a provider carry out what was done to a message.
pub const CHANNEL_ACT: &str = "channel.act";
/// WhatsApp lets a text be changed for so long.
const EDITABLE_FOR: Duration = Duration::from_secs(15 * 60);
/// WhatsApp lets a message be taken back for a little over two days.
const REMOVABLE_FOR: Duration = Duration::from_secs(48 * 3600);
/// Longest words below a file, in characters.
pub(super) const CAPTION_MAX: usize = 1_024;
/// Acts kept of one message: more at once is no person's doing.
const ACTS_MAX: usize = 16;
/// The longest emoji are families of a dozen characters.
const EMOJI_CHARS_MAX: usize = 32;

/// What a channel lets one do to a message afterwards, as its room knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CanAct {
    /// React to it.
    pub react: bool,
    /// Change its words.
    pub edit: bool,
    /// Take it back for everyone.
    pub remove: bool,
}

/// A message that `actor` may do something to, and its conversation.
fn addressed(tx: &Tx<'_, '_>, actor: &Actor, id: MessageId) -> Result<(Message, Conversation)> {
    let message = tx.require::<Message>(&id)?;
    let conversation = within(tx, actor, message.conversation, CONVERSATION_READ).map_err(|_| Error::NotFound("message"))?;
    within(tx, actor, conversation.id, CONVERSATION_REPLY)?;
    Ok((message, conversation))
}

fn unchanged(message: Message, conversation: Conversation) -> Stored {
    Stored { message, conversation, is_new: false }
}

fn not_supported() -> Error {
    Error::conflict("not_supported", "this channel has no means to do that")
}

/// Refuses what the other side does not have (any more).
fn is_out(message: &Message) -> Result<()> {
    if message.is_revoked() {
        return Err(Error::conflict("message_revoked", "this message was taken back"));
    }
    let never_left = message.status == MessageStatus::Failed && message.direction == Direction::Outbound;
    if message.waits() || never_left {
        return Err(Error::conflict("not_sent", "this message never went out"));
    }
    Ok(())
}

/// Reacts to a message with an emoji, in place of the firm's reaction that was there; an empty one takes it back.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` naming `emoji`; conflicts `is_note`, `not_supported`, `not_sent`,
/// `message_revoked`, and those of sending where nothing may be sent now.
pub fn react(tx: &mut Tx<'_, '_>, actor: &Actor, id: MessageId, emoji: String, can: CanAct) -> Result<Stored> {
    let (old, conversation) = addressed(tx, actor, id)?;
    Check::new().that(emoji.is_empty() || is_emoji(&emoji), "emoji", "format", "give one emoji, or none").done()?;
    if old.is_private {
        return Err(Error::conflict("is_note", "a note goes nowhere: nobody would see the reaction"));
    }
    is_out(&old)?;
    if !can.react {
        return Err(not_supported());
    }
    if old.extra.as_deref().and_then(Extra::our_reaction).map_or("", |(emoji, _)| emoji) == emoji {
        return Ok(unchanged(old, conversation));
    }
    is_let_out(tx, &conversation, MessageKind::Reaction, Purpose::Service)?;
    ask(tx, actor, &old, Deed::React(emoji))
}

/// One emoji, whatever it is made of: no letters, no spaces, and something beyond ASCII.
fn is_emoji(text: &str) -> bool {
    let odd = |c: char| c.is_alphabetic() || c.is_whitespace() || c.is_control();
    text.chars().count() <= EMOJI_CHARS_MAX && !text.is_ascii() && !text.chars().any(odd)
}

/// Gives a message of ours other words.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` naming `content`; conflicts `not_yours`, `not_editable`, `not_supported`,
/// `too_late`, `not_sent`, `message_revoked`.
pub fn edit(tx: &mut Tx<'_, '_>, actor: &Actor, id: MessageId, content: String, can: CanAct) -> Result<Stored> {
    let (old, conversation) = addressed(tx, actor, id)?;
    if old.waits() {
        return replan(tx, actor, id, Replan { content: Some(content), ..Replan::default() });
    }
    if old.direction != Direction::Outbound || old.sender.is_some_and(|sender| sender != actor.user) {
        return Err(Error::conflict("not_yours", "only who wrote a message can change it"));
    }
    let has_caption = matches!(old.kind, MessageKind::Image | MessageKind::Video | MessageKind::Document);
    if old.kind != MessageKind::Text && !has_caption {
        return Err(Error::conflict("not_editable", "only words can be changed"));
    }
    let (least, most) = if has_caption { (0, CAPTION_MAX) } else { (1, TEXT_MAX) };
    Check::new().length("content", &content, least, most).done()?;
    is_out(&old)?;
    if old.is_private {
        let act = new_act(tx, actor, Deed::Edit(content));
        let mut message = old.clone();
        carry_out(&mut message, act, None);
        return keep(tx, &old, message, conversation);
    }
    if !can.edit {
        return Err(not_supported());
    }
    if tx.now().since(old.at) > EDITABLE_FOR {
        return Err(Error::conflict("too_late", "a message can be changed for a quarter of an hour"));
    }
    let asked = old.extra.iter().flat_map(|extra| &extra.acts).rev().find_map(|act| match &act.deed {
        Deed::Edit(text) if act.state != ActState::Refused => Some(text),
        _ => None,
    });
    if *asked.unwrap_or(&old.content) == content {
        return Ok(unchanged(old, conversation));
    }
    ask(tx, actor, &old, Deed::Edit(content))
}

/// Takes a message back: for everyone where it is ours, its channel allows that and it is not too late; else it is hidden
/// here. A note, and what never left the house, is gone at once. Its body is kept for the audit and shown to nobody.
///
/// # Errors
/// `NotFound`; `Forbidden` naming `conversation.archive` where somebody else wrote it.
pub fn remove(tx: &mut Tx<'_, '_>, actor: &Actor, id: MessageId, can: CanAct) -> Result<Stored> {
    let (old, conversation) = addressed(tx, actor, id)?;
    let is_ours = old.direction == Direction::Outbound;
    if !is_ours || old.sender.is_some_and(|sender| sender != actor.user) {
        within(tx, actor, conversation.id, CONVERSATION_ARCHIVE)?;
    }
    if old.waits() {
        return cancel_scheduled(tx, actor, id);
    }
    let is_asked = old.extra.iter().flat_map(|extra| &extra.acts).any(|a| a.deed == Deed::Remove && a.state != ActState::Refused);
    if old.is_revoked() || is_asked {
        return Ok(unchanged(old, conversation));
    }
    let mut message = old.clone();
    if never_left(tx, &old)? {
        message.status = MessageStatus::Failed;
        message.error.get_or_insert_with(|| MessageError {
            code: TAKEN_BACK.to_owned(),
            reason: "it was taken back before it went out".to_owned(),
            next_step: None,
        });
        let act = new_act(tx, actor, Deed::Remove);
        carry_out(&mut message, act, None);
    } else if old.is_private {
        let act = new_act(tx, actor, Deed::Remove);
        carry_out(&mut message, act, None);
    } else if is_ours && can.remove && tx.now().since(old.at) <= REMOVABLE_FOR {
        return ask(tx, actor, &old, Deed::Remove);
    } else {
        hide(&mut message, actor.user, tx.now());
    }
    keep(tx, &old, message, conversation)
}

/// Is it certain that nobody has it? What waits in the outbox is taken out of it, and the letter of a failure put aside:
/// a later attempt of either would send what was taken back.
fn never_left(tx: &mut Tx<'_, '_>, message: &Message) -> Result<bool> {
    if message.is_private || message.direction != Direction::Outbound || message.external_id.is_some() {
        return Ok(false);
    }
    match (message.status, message.delivery) {
        (MessageStatus::Failed, None) => Ok(true),
        (MessageStatus::Failed, Some(given_up)) => deadletters::put_aside(tx, given_up.into()).map(|()| true),
        // Whatever attempts there were, they were refused: of one without an answer it would be said that nobody knows.
        (MessageStatus::Pending, Some(delivery)) => match outbox::discard(tx, delivery) {
            Ok(()) => Ok(true),
            Err(Error::Conflict { .. } | Error::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        },
        _ => Ok(false),
    }
}

fn hide(message: &mut Message, by: UserId, at: Timestamp) {
    let mut extra = message.extra.take().unwrap_or_default();
    extra.hidden = Some(Revoked { at, by: Who::User(by) });
    message.extra = Some(extra);
}

/// Stores what was changed at once.
fn keep(tx: &mut Tx<'_, '_>, old: &Message, mut message: Message, conversation: Conversation) -> Result<Stored> {
    if message == *old {
        return Ok(unchanged(message, conversation));
    }
    let conversation = store_message(tx, old, &mut message)?;
    Ok(unchanged(message, conversation))
}

fn new_act(tx: &mut Tx<'_, '_>, actor: &Actor, deed: Deed) -> Act {
    let id: DeliveryId = tx.new_id();
    Act { id: id.into(), by: actor.user, at: tx.now(), deed, state: ActState::Pending, error: None }
}

/// Has the provider carry it out, in the lane of the conversation's acts.
fn ask(tx: &mut Tx<'_, '_>, actor: &Actor, old: &Message, deed: Deed) -> Result<Stored> {
    let act = new_act(tx, actor, deed);
    let mut message = old.clone();
    let mut extra = message.extra.take().unwrap_or_default();
    extra.acts.retain(|there| !(there.deed.is_like(&act.deed) && there.state == ActState::Refused));
    if extra.acts.len() >= ACTS_MAX {
        return Err(Error::Quota { what: "acts under way on one message".into(), retry_after_secs: 10 });
    }
    tx.deliver(NewDelivery {
        id: DeliveryId(act.id),
        kind: CHANNEL_ACT,
        lane: message.conversation.to_string(),
        payload: json!({ "message": message.id, "act": act.id }),
        not_before: None,
    })?;
    extra.acts.push(act);
    message.extra = Some(extra);
    let conversation = store_message(tx, old, &mut message)?;
    Ok(unchanged(message, conversation))
}

/// How having an act carried out ended, as the hand reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActOutcome {
    /// It was carried out, under this id where the provider gave one.
    Done(Option<String>),
    /// It will be tried again; the error says what hinders it.
    Later(MessageError),
    /// No answer came: it may have been carried out.
    Unknown(MessageError),
    /// It was not carried out and won't be.
    Refused(MessageError),
}

/// Notes how having an act carried out ended. One that was proved otherwise meanwhile is left alone.
///
/// # Errors
/// `NotFound` where the message was erased.
pub fn settle_act(tx: &mut Tx<'_, '_>, message: MessageId, act: Uuid, outcome: ActOutcome) -> Result<()> {
    let old = tx.require::<Message>(&message)?;
    let Some(mut act) = old.extra.iter().flat_map(|extra| &extra.acts).find(|there| there.id == act).cloned() else {
        return Ok(());
    };
    let mut message = old.clone();
    let (state, error) = match outcome {
        ActOutcome::Done(external_id) => {
            drop_act(&mut message, act.id);
            carry_out(&mut message, act, external_id);
            return store_message(tx, &old, &mut message).map(drop);
        }
        ActOutcome::Later(error) => (ActState::Pending, error),
        ActOutcome::Unknown(error) => (ActState::Unknown, error),
        ActOutcome::Refused(error) => (ActState::Refused, error),
    };
    if state == ActState::Refused {
        note_deed(tx, message.id, StepKind::ActRefused, Some(act.by), Some(&error))?;
        if act.deed == Deed::Remove {
            // Not for everyone, then: here at least.
            hide(&mut message, act.by, act.at);
        }
    }
    (act.state, act.error) = (state, Some(error));
    if let Some(extra) = &mut message.extra
        && let Some(there) = extra.acts.iter_mut().find(|there| there.id == act.id)
    {
        *there = act;
    }
    if message == old {
        return Ok(());
    }
    store_message(tx, &old, &mut message).map(drop)
}

/// A receipt that is about an act upon a message, or about a reaction that a provider made a message of; `None`: neither.
pub(super) fn told(tx: &mut Tx<'_, '_>, news: &StatusNews) -> Result<Option<StatusOutcome>> {
    let callback = news.callback.map(|id| id.to_string()).unwrap_or_default();
    let mut found = None;
    for name in [news.external_id.as_str(), callback.as_str()].into_iter().filter(|name| !name.is_empty()) {
        let mut hits = tx.list(&ACT_TO_MESSAGE, KeyRange::prefix((news.channel, name)))?;
        found = found.or(hits.next().transpose()?.map(|(message, _)| message));
    }
    let Some(old) = found else { return Ok(None) };
    let refusal = news.error.clone().filter(|_| news.status == MessageStatus::Failed);
    let asked = old.extra.iter().flat_map(|extra| &extra.acts).find(|act| act.id.to_string() == callback);
    let mut settles = None;
    if let Some(act) = asked.map(|act| act.id) {
        let outcome = refusal.map_or_else(|| ActOutcome::Done(Some(news.external_id.clone())), ActOutcome::Refused);
        settles = Some(DeliveryId(act));
        settle_act(tx, old.id, act, outcome)?;
    } else if let Some(error) = refusal {
        unsay(tx, &old, &news.external_id, error)?;
    }
    let message = Box::new(tx.require::<Message>(&old.id)?);
    // The message itself got no further.
    Ok(Some(StatusOutcome::Applied { old: message.clone(), message, settles }))
}

/// A reaction that was taken did not arrive after all.
fn unsay(tx: &mut Tx<'_, '_>, old: &Message, reaction: &str, error: MessageError) -> Result<()> {
    let mut message = old.clone();
    let Some(extra) = &mut message.extra else { return Ok(()) };
    let Some(at) = extra.reactions.iter().position(|there| there.id == reaction) else { return Ok(()) };
    let Reaction { by, emoji, at, .. } = extra.reactions.remove(at);
    let Who::User(by) = by else { return Ok(()) };
    let id: DeliveryId = tx.new_id();
    note_deed(tx, old.id, StepKind::ActRefused, Some(by), Some(&error))?;
    extra.acts.retain(|act| !matches!(act.deed, Deed::React(_)) || act.state != ActState::Refused);
    extra.acts.push(Act { id: id.into(), by, at, deed: Deed::React(emoji), state: ActState::Refused, error: Some(error) });
    store_message(tx, old, &mut message).map(drop)
}

fn drop_act(message: &mut Message, id: Uuid) {
    message.extra = message.extra.take().and_then(|mut extra| {
        extra.acts.retain(|act| act.id != id);
        extra.boxed()
    });
}

/// What was asked for happened.
pub(super) fn carry_out(message: &mut Message, act: Act, external_id: Option<String>) {
    news::take_in(message, happened(act, external_id));
}

/// An act as news of what it did.
pub(super) fn happened(act: Act, external_id: Option<String>) -> News {
    let by = Who::User(act.by);
    match act.deed {
        Deed::React(emoji) => {
            News::Reaction(Reaction { by, emoji, at: act.at, id: external_id.unwrap_or_else(|| act.id.to_string()) })
        }
        Deed::Edit(text) => News::Edit(Edit { at: act.at, id: format!("{}/{}", act.by, act.id), text }),
        Deed::Remove => News::Revoke(Revoked { at: act.at, by }),
    }
}
