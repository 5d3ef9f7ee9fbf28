//! Messages that are to go out later: laid by, changed, cancelled, put out when their time has come.
//!
//! One that waits is a message like any other, `PENDING` with `scheduled_for`, but stands in no thread: it takes its
//! place at the thread's end in the commit that puts it out, which is also the commit that removes its timer, so it goes
//! out once, whenever the process ends. Whoever wrote it may be away by then, and the conversation resolved or another's:
//! it goes out all the same, for the customer was meant to have it. What stands in its way at that time (a closed
//! window, a contact who was blocked or wants no more, an author who may no longer write to customers) makes it a failed
//! message of the thread with its reason, never nothing.

use super::{
    super::{
        extra::{MediaState, Revoked, Who},
        model::{
            CONVERSATION_ARCHIVE, CONVERSATION_READ, CONVERSATION_REPLY, Conversation, MESSAGE_CREATED, MESSAGE_UPDATED, Message,
            MessageError, MessageKind,
        },
        state::MessageStatus,
        trace::StepKind,
    },
    Happening, Stored, TEXT_MAX,
    acts::CAPTION_MAX,
    commit, note_deed, require_conversation,
    send::{asked_kind, is_let_out, is_open, purpose_of, put_out},
    show_last, within,
};
use crate::{
    base::{Actor, Error, MessageId, Result, Timestamp, error::Check},
    contacts, identity,
    platform::{
        store::{Read, Tx, Write},
        timers::{DueTimer, TimerKey},
    },
};
use serde_json::json;
use std::time::Duration;

/// The purpose of the timer that puts a scheduled message out.
pub const SCHEDULED_SEND: &str = "message.scheduled";
/// Nothing is planned further ahead.
pub const SCHEDULE_AHEAD_MAX: Duration = Duration::from_secs(366 * 86_400);

/// What is to be different about a scheduled message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replan {
    /// Another time.
    pub scheduled_for: Option<Timestamp>,
    /// Another text or caption.
    pub content: Option<String>,
}

fn timer(id: MessageId) -> TimerKey {
    TimerKey::new(SCHEDULED_SEND, id.into())
}

fn check_time(check: &mut Check, now: Timestamp, due: Timestamp) {
    check.that(due > now, "scheduledFor", "past", "give a time that is still to come");
    check.that(due <= now.plus(SCHEDULE_AHEAD_MAX), "scheduledFor", "too_far", "give a time within a year");
}

/// Keeps a message until its time. What may still change by then (the window) is not asked now; what needs a person
/// (a closed conversation, somebody who is blocked or wants no more) is.
pub(super) fn lay_by(tx: &mut Tx<'_, '_>, conversation: &Conversation, mut message: Message) -> Result<Stored> {
    let due = message.scheduled_for().ok_or_else(|| Error::internal("lay by a message without a time"))?;
    let mut check = Check::new();
    check_time(&mut check, tx.now(), due);
    check.that(!message.is_private, "scheduledFor", "unknown", "a note is written at once");
    check.done()?;
    is_open(conversation)?;
    match is_let_out(tx, conversation, asked_kind(&message), purpose_of(message.extra.as_deref())) {
        Err(Error::Conflict { code: "window_closed", .. }) | Ok(()) => {}
        Err(error) => return Err(error),
    }
    tx.at(timer(message.id), due, json!({}))?;
    note_deed(tx, message.id, StepKind::Scheduled, message.sender, None)?;
    message.rev = tx.next_rev();
    tx.replace(None, &message)?;
    let mut told = Happening::to_message(MESSAGE_CREATED, &message);
    told.data["scheduledFor"] = json!(due);
    let conversation = commit(tx, Some(conversation), conversation.clone(), vec![told])?;
    Ok(Stored { message, conversation, is_new: true })
}

/// A message that waits, and its conversation, if `actor` may write there and wrote it: it goes out in its author's name.
/// Who may archive may take it in hand too, as when its author is away.
fn waiting(tx: &Tx<'_, '_>, actor: &Actor, id: MessageId) -> Result<(Message, Conversation)> {
    let message = tx.require::<Message>(&id)?;
    let conversation = within(tx, actor, message.conversation, CONVERSATION_READ).map_err(|_| Error::NotFound("message"))?;
    within(tx, actor, conversation.id, CONVERSATION_REPLY)?;
    if !message.waits() {
        return Err(Error::conflict("not_scheduled", "this message does not wait to go out: it went out or was cancelled"));
    }
    if message.sender.is_some_and(|author| author != actor.user) {
        within(tx, actor, conversation.id, CONVERSATION_ARCHIVE)
            .map_err(|_| Error::conflict("not_yours", "only who wrote a message can change when and how it goes out"))?;
    }
    Ok((message, conversation))
}

/// Stores a changed message that waits, or waited, and tells.
fn store(tx: &mut Tx<'_, '_>, old: &Message, mut message: Message, before: &Conversation, after: Conversation) -> Result<Stored> {
    message.rev = tx.next_rev();
    tx.replace(Some(old), &message)?;
    let mut told = Happening::to_message(MESSAGE_UPDATED, &message);
    told.data["changed"] = json!(["scheduledFor", "content"]);
    let conversation = commit(tx, Some(before), after, vec![told])?;
    Ok(Stored { message, conversation, is_new: false })
}

/// Gives a scheduled message another time or other words.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` naming `scheduledFor` or `content`; conflicts `not_scheduled`, `not_yours`,
/// `not_editable`.
pub fn replan(tx: &mut Tx<'_, '_>, actor: &Actor, id: MessageId, change: Replan) -> Result<Stored> {
    let (old, conversation) = waiting(tx, actor, id)?;
    let mut check = Check::new();
    if let Some(due) = change.scheduled_for {
        check_time(&mut check, tx.now(), due);
    }
    if let Some(content) = &change.content {
        let is_template = old.extra.as_ref().is_some_and(|extra| extra.template.is_some());
        check.that(!is_template, "content", "fixed", "a template says what was approved: cancel it and write another");
        match words_of(&old) {
            Some((least, most)) => {
                check.length("content", content, least, most);
            }
            None if is_template => {}
            None => return Err(Error::conflict("not_editable", "only words can be changed: cancel it and write another")),
        }
    }
    check.done()?;
    let mut message = old.clone();
    if let Some(content) = change.content {
        message.content = content;
    }
    if let (Some(due), Some(extra)) = (change.scheduled_for, &mut message.extra) {
        extra.scheduled_for = Some(due);
    }
    if message == old {
        return Ok(Stored { message, conversation, is_new: false });
    }
    if let Some(due) = message.scheduled_for() {
        tx.at(timer(id), due, json!({}))?;
    }
    note_deed(tx, id, StepKind::Rescheduled, Some(actor.user), None)?;
    store(tx, &old, message, &conversation, conversation.clone())
}

/// How few and how many characters the words of such a message have; `None`: it has none, or they are part of a poll.
fn words_of(message: &Message) -> Option<(usize, usize)> {
    match message.kind {
        _ if message.extra.as_ref().is_some_and(|extra| extra.interactive.is_some()) => Some((1, CAPTION_MAX)),
        MessageKind::Text => Some((1, TEXT_MAX)),
        MessageKind::Interactive => Some((1, CAPTION_MAX)),
        MessageKind::Image | MessageKind::Video | MessageKind::Document => Some((0, CAPTION_MAX)),
        _ => None,
    }
}

/// A scheduled message is not to go out. It stays as what was taken back, and stands in no thread.
///
/// # Errors
/// `NotFound`, `Forbidden`; conflicts `not_scheduled`, `not_yours`.
pub fn cancel_scheduled(tx: &mut Tx<'_, '_>, actor: &Actor, id: MessageId) -> Result<Stored> {
    let (old, conversation) = waiting(tx, actor, id)?;
    tx.clear(&timer(id))?;
    let mut message = old.clone();
    message.status = MessageStatus::Failed;
    message.error = Some(MessageError {
        code: "schedule_cancelled".to_owned(),
        reason: "it was cancelled before its time".to_owned(),
        next_step: None,
    });
    let mut extra = message.extra.take().unwrap_or_default();
    extra.revoked = Some(Revoked { at: tx.now(), by: Who::User(actor.user) });
    message.extra = extra.boxed();
    note_deed(tx, id, StepKind::Cancelled, Some(actor.user), None)?;
    store(tx, &old, message, &conversation, conversation.clone())
}

/// A scheduled message goes out at once instead, if `its_channel` has nothing against it.
///
/// # Errors
/// `NotFound`, `Forbidden`; conflicts `not_scheduled`, `not_yours`, and those of sending: it waits on then.
pub fn send_scheduled_now(
    tx: &mut Tx<'_, '_>,
    actor: &Actor,
    id: MessageId,
    its_channel: impl FnOnce(&mut Tx<'_, '_>, &Message) -> Result<()>,
) -> Result<Stored> {
    let (old, conversation) = waiting(tx, actor, id)?;
    stands_in_the_way(tx, &old, &conversation)?;
    its_channel(tx, &old)?;
    tx.clear(&timer(id))?;
    go_out(tx, &old, &conversation, None)
}

/// The time of a scheduled message has come. `its_channel` says what the room above has against it, and writes nothing
/// then. Gives the message as it stood and as it stands now; `None` where none waited.
///
/// # Errors
/// The store's.
pub fn scheduled_is_due(
    tx: &mut Tx<'_, '_>,
    due: &DueTimer,
    its_channel: impl FnOnce(&mut Tx<'_, '_>, &Message) -> Result<()>,
) -> Result<Option<(Message, Message)>> {
    // Erased meanwhile: nobody to put out.
    let Some(old) = tx.get::<Message>(&due.key.subject.into())?.filter(Message::waits) else { return Ok(None) };
    let conversation = require_conversation(tx, old.conversation)?;
    let is_let_go = stands_in_the_way(tx, &old, &conversation).and_then(|()| may_its_author(tx, &old));
    let hindrance = match is_let_go.and_then(|()| its_channel(tx, &old)) {
        Ok(()) => None,
        Err(error) if error.is_permanent() => Some(MessageError {
            code: error.code().to_owned(),
            reason: error.to_string(),
            next_step: Some(next_step(error.code()).to_owned()),
        }),
        Err(error) => return Err(error),
    };
    let now = go_out(tx, &old, &conversation, hindrance)?.message;
    Ok(Some((old, now)))
}

/// What can be done about a hindrance, as a stable code.
fn next_step(code: &str) -> &'static str {
    match code {
        "window_closed" => "send_template",
        "contact_blocked" | "opted_out" => "check_recipient",
        "channel_day_limit" => "wait_a_day",
        _ => "retry",
    }
}

/// Is it let out now? A resolved conversation is no hindrance: the message was promised.
fn stands_in_the_way(tx: &Tx<'_, '_>, message: &Message, conversation: &Conversation) -> Result<()> {
    if message.media.as_ref().is_some_and(|media| media.state != MediaState::Ready) {
        return Err(Error::conflict("media_failed", "the file of this message is not here"));
    }
    is_let_out(tx, conversation, asked_kind(message), purpose_of(message.extra.as_deref()))
}

/// Who was let go keeps their promises; who stayed and may no longer write to customers does not.
fn may_its_author(tx: &Tx<'_, '_>, message: &Message) -> Result<()> {
    let Some(author) = message.sender else { return Ok(()) };
    match identity::grants_of_user(tx, author)? {
        Some(grants) if !grants.allows(CONVERSATION_REPLY) => Err(Error::Forbidden(CONVERSATION_REPLY.0.into())),
        _ => Ok(()),
    }
}

/// The message takes its place in the thread, and goes out or has failed.
fn go_out(tx: &mut Tx<'_, '_>, old: &Message, before: &Conversation, hindrance: Option<MessageError>) -> Result<Stored> {
    let now = tx.now();
    let mut message = old.clone();
    message.extra = message.extra.take().and_then(|mut extra| {
        extra.scheduled_for = None;
        extra.boxed()
    });
    message.at = now;
    message.arrival = before.arrivals;
    let mut conversation = before.clone();
    conversation.arrivals += 1;
    conversation.last_activity_at = now;
    match hindrance {
        Some(error) => {
            note_deed(tx, message.id, StepKind::Refused, None, Some(&error))?;
            message.status = MessageStatus::Failed;
            message.error = Some(error);
        }
        None => {
            if !message.is_bot {
                conversation.first_reply_at.get_or_insert(now);
            }
            put_out(tx, &mut message)?;
            contacts::touch(tx, &contacts::require_contact(tx, conversation.contact.id)?)?;
        }
    }
    show_last(&mut conversation, &message);
    store(tx, old, message, before, conversation)
}
