//! Who attends to a conversation, and how it ends.

use super::{
    super::{
        model::{
            Assignment, AssignmentReason, CONVERSATION_ARCHIVE, CONVERSATION_ASSIGN, CONVERSATION_ASSIGNED,
            CONVERSATION_READ_EVENT, CONVERSATION_REPLY, CONVERSATION_RESOLVE, CONVERSATION_RESOLVED, CONVERSATION_UPDATED,
            CONVERSATIONS_BY_ASSIGNEE, CONVERSATIONS_BY_CONTACT, Conversation, Direction, FlowState, Message,
            OPEN_CONVERSATION_OF_CONTACT, Priority, THREAD,
        },
        state::{Move, Refusal, State},
        window::SendWindow,
    },
    Happening, NewMessage, Stored, card, commit, require_conversation,
    send::send_message,
    status::store_window,
    within,
};
use crate::{
    base::{Actor, ActorRef, ContactId, ConversationId, Error, MessageId, QueueId, Result, UserId},
    contacts,
    identity::Member,
    platform::store::{KeyRange, Read, TenantScope, Tx, Write},
};
use serde_json::json;

/// Conversations whose card follows in one command; a job takes the older ones.
const CARDS_MAX: usize = 25;
/// Messages looked at to count what is unread.
const UNREAD_SEEN_MAX: usize = 100;
/// Conversations put back by one command: each costs some thirty reads and writes.
const PUT_BACK_MAX: usize = 10;

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotOpen => Error::conflict("conversation_closed", "this conversation is closed: reopen it first"),
            Refusal::NotResolved => Error::conflict("not_resolved", "this conversation is still open: resolve it first"),
        }
    }
}

/// Takes a conversation that nobody has. Of any number who try at once, one succeeds.
///
/// # Errors
/// `NotFound`, `Forbidden`; conflicts `already_assigned` (somebody else has it; assign it by name to take it
/// over) and `conversation_closed`.
pub fn take(tx: &mut Tx<'_, '_>, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_ASSIGN)?;
    if old.state == State::Attending && old.assignee.is_some_and(|holder| holder != actor.user) {
        return Err(Error::conflict(
            "already_assigned",
            "somebody else has this conversation: assign it by name to take it over",
        ));
    }
    hand(tx, &old, old.clone(), Some(actor.user), AssignmentReason::Taken)
}

/// Gives a conversation to a member, whoever has it.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` naming `userId` where there is no such active member; conflict
/// `conversation_closed`.
pub fn assign(tx: &mut Tx<'_, '_>, actor: &Actor, id: ConversationId, to: UserId) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_ASSIGN)?;
    require_member(tx, to)?;
    let reason = if to == actor.user { AssignmentReason::Taken } else { AssignmentReason::Assigned };
    hand(tx, &old, old.clone(), Some(to), reason)
}

fn require_member(tx: &Tx<'_, '_>, user: UserId) -> Result<()> {
    if is_there(tx, user)? {
        return Ok(());
    }
    Err(Error::invalid("userId", "unknown", "name an active member in GET /users"))
}

fn is_there(tx: &Tx<'_, '_>, user: UserId) -> Result<bool> {
    Ok(tx.get::<Member>(&user)?.is_some_and(|member| member.is_active && member.left_at.is_none()))
}

/// Puts a conversation back into its queue.
///
/// # Errors
/// As [`assign`].
pub fn unassign(tx: &mut Tx<'_, '_>, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_ASSIGN)?;
    hand(tx, &old, old.clone(), None, AssignmentReason::Assigned)
}

/// Moves a conversation to another queue, another person, or both; into a queue alone it waits there.
/// The caller, who owns the queues, has checked that this one exists.
///
/// # Errors
/// As [`assign`]; `Invalid` where neither is named.
pub fn transfer(
    tx: &mut Tx<'_, '_>,
    actor: &Actor,
    id: ConversationId,
    queue: Option<QueueId>,
    to: Option<UserId>,
) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_ASSIGN)?;
    if queue.is_none() && to.is_none() {
        return Err(Error::invalid("queueId", "required", "name a queue, a person, or both"));
    }
    if let Some(to) = to {
        require_member(tx, to)?;
    }
    let mut new = old.clone();
    let moves = queue.is_some() && queue != old.queue;
    if moves {
        new.queue = queue;
        new.routed_at = Some(tx.now());
        new.last_queue = old.queue;
        new.last_attendant = old.assignee;
    }
    let stays = queue.is_some() && !moves && to.is_none();
    let to = if stays { old.assignee.filter(|_| old.state == State::Attending) } else { to };
    hand(tx, &old, new, to, AssignmentReason::Transferred)
}

/// Does this person attend to anything?
pub fn has_attended(source: &impl Read<Scope = TenantScope>, user: UserId) -> Result<bool> {
    let range = KeyRange::prefix((user, State::Attending.code()));
    Ok(source.scan(&CONVERSATIONS_BY_ASSIGNEE, range)?.next().transpose()?.is_some())
}

/// Puts back into their queues what a person attends to who is no more there to do so: a bounded number, said in the answer.
pub fn put_back(tx: &mut Tx<'_, '_>, user: UserId) -> Result<usize> {
    if is_there(tx, user)? {
        return Ok(0);
    }
    let range = KeyRange::prefix((user, State::Attending.code()));
    let theirs = tx.list(&CONVERSATIONS_BY_ASSIGNEE, range)?.take(PUT_BACK_MAX);
    let theirs: Vec<Conversation> = theirs.map(|hit| Ok(hit?.0)).collect::<Result<_>>()?;
    for old in &theirs {
        let new = Conversation { last_attendant: old.assignee, ..old.clone() };
        hand(tx, old, new, None, AssignmentReason::Assigned)?;
    }
    Ok(theirs.len())
}

/// The house itself moves an open conversation to another queue; whoever attends to it goes on.
pub fn reroute(tx: &mut Tx<'_, '_>, id: ConversationId, queue: Option<QueueId>) -> Result<Conversation> {
    let old = require_conversation(tx, id)?;
    if !old.state.is_open() || old.queue == queue {
        return Ok(old);
    }
    let new = Conversation { queue, routed_at: Some(tx.now()), last_queue: old.queue, ..old.clone() };
    let holder = old.assignee.filter(|_| old.state == State::Attending);
    hand(tx, &old, new, holder, AssignmentReason::Transferred)
}

/// Gives `new`, a changed copy of `old`, to somebody or to nobody, and tells.
fn hand(
    tx: &mut Tx<'_, '_>,
    old: &Conversation,
    mut new: Conversation,
    to: Option<UserId>,
    reason: AssignmentReason,
) -> Result<Conversation> {
    let step = if to.is_some() { Move::Assign } else { Move::Unassign };
    new.state = old.state.after(step, old.assignee.is_some())?;
    if new.assignee != to || new.state != old.state {
        end_stretch(tx, &mut new)?;
        new.assignee = to;
        new.assigned_at = None;
        if to.is_some() {
            new.flow_state = FlowState::Assigned;
            new.timeout_at = None;
            begin_stretch(tx, &mut new, reason)?;
        } else if new.flow_state == FlowState::Assigned {
            new.flow_state = if new.queue.is_some() { FlowState::DepartmentSelected } else { FlowState::Greeting };
        }
    }
    let happening = if new.assignee != old.assignee || new.state != old.state {
        Some(Happening::new(
            CONVERSATION_ASSIGNED,
            json!({ "from": old.assignee, "to": to, "queue": new.queue, "reason": reason }),
        ))
    } else if new.queue != old.queue {
        Some(Happening::new(CONVERSATION_UPDATED, json!({ "changed": ["queueId"], "queue": new.queue })))
    } else {
        None
    };
    commit(tx, Some(old), new, happening.into_iter().collect())
}

fn begin_stretch(tx: &mut Tx<'_, '_>, conversation: &mut Conversation, reason: AssignmentReason) -> Result<()> {
    let Some(user) = conversation.assignee else { return Ok(()) };
    let now = tx.now();
    let by = match tx.origin().actor {
        ActorRef::User(user) => Some(user),
        _ => None,
    };
    let assignment = Assignment {
        id: tx.new_id(),
        conversation: conversation.id,
        user,
        queue: conversation.queue,
        by,
        reason,
        from: now,
        until: None,
    };
    tx.put(&assignment)?;
    conversation.assignment = Some(assignment.id);
    conversation.assigned_at = Some(now);
    Ok(())
}

fn end_stretch(tx: &mut Tx<'_, '_>, conversation: &mut Conversation) -> Result<()> {
    if let Some(id) = conversation.assignment.take() {
        let old = tx.require::<Assignment>(&id)?;
        tx.replace(Some(&old), &Assignment { until: Some(tx.now()), ..old.clone() })?;
    }
    Ok(())
}

/// Closes a conversation. It keeps its attendant's name; what was unread counts as read.
///
/// # Errors
/// `NotFound`, `Forbidden`; conflict `conversation_closed` where it is archived.
pub fn resolve(tx: &mut Tx<'_, '_>, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_RESOLVE)?;
    let state = old.state.after(Move::Resolve, old.assignee.is_some())?;
    if state == old.state {
        return Ok(old);
    }
    let mut new = old.clone();
    new.state = state;
    new.resolved_at = Some(tx.now());
    new.flow_state = FlowState::Resolved;
    new.timeout_at = None;
    read_all(&mut new);
    end_stretch(tx, &mut new)?;
    let data = json!({ "status": state.word(), "assignee": old.assignee, "queue": old.queue });
    commit(tx, Some(&old), new, vec![Happening::new(CONVERSATION_RESOLVED, data)])
}

/// Opens a closed conversation again, for its last attendant where there was one who still works here.
///
/// # Errors
/// `NotFound`, `Forbidden`; conflict `open_conversation_exists` where the contact has begun another one on
/// the same channel meanwhile.
pub fn reopen(tx: &mut Tx<'_, '_>, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_RESOLVE)?;
    if old.state.is_open() {
        return Ok(old);
    }
    if let Some(other) = tx.find(&OPEN_CONVERSATION_OF_CONTACT, (old.channel, old.contact.home()))? {
        let detail = format!("this contact has the open conversation {} on the same channel: go on there", other.number);
        return Err(Error::conflict("open_conversation_exists", detail));
    }
    let mut new = old.clone();
    open_again(tx, &mut new)?;
    let data = json!({ "changed": ["status"], "status": new.state.word() });
    commit(tx, Some(&old), new, vec![Happening::new(CONVERSATION_UPDATED, data)])
}

/// Sets a closed conversation to its state after reopening; storing and telling is the caller's.
pub(super) fn open_again(tx: &mut Tx<'_, '_>, conversation: &mut Conversation) -> Result<()> {
    if let Some(user) = conversation.assignee
        && !is_there(tx, user)?
    {
        conversation.last_attendant = conversation.assignee.take();
    }
    conversation.state = conversation.state.after(Move::Reopen, conversation.assignee.is_some())?;
    conversation.resolved_at = None;
    conversation.archived_at = None;
    conversation.last_activity_at = tx.now();
    conversation.flow_state = if conversation.assignee.is_some() { FlowState::Assigned } else { FlowState::Greeting };
    begin_stretch(tx, conversation, AssignmentReason::Reopened)
}

/// Puts a resolved conversation away.
///
/// # Errors
/// `NotFound`, `Forbidden`; conflict `not_resolved` while it is open.
pub fn archive(tx: &mut Tx<'_, '_>, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_ARCHIVE)?;
    let state = old.state.after(Move::Archive, old.assignee.is_some())?;
    if state == old.state {
        return Ok(old);
    }
    let new = Conversation { state, archived_at: Some(tx.now()), ..old.clone() };
    let data = json!({ "changed": ["status"], "status": state.word() });
    commit(tx, Some(&old), new, vec![Happening::new(CONVERSATION_UPDATED, data)])
}

/// What the customer wrote so far counts as read, or, with `up_to`, what had come when that message had.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` naming `upTo` where the conversation has no such message.
pub fn mark_read(tx: &mut Tx<'_, '_>, actor: &Actor, id: ConversationId, up_to: Option<MessageId>) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_REPLY)?;
    let mut new = old.clone();
    match up_to {
        None => read_all(&mut new),
        Some(seen) => {
            let seen = tx.get::<Message>(&seen)?.filter(|message| message.conversation == id);
            let seen = seen.ok_or_else(|| Error::invalid("upTo", "unknown", "name a message of this conversation"))?;
            new.read_arrival = old.read_arrival.max(seen.arrival + 1);
            new.unread = came_after(tx, &new)?.min(old.unread);
        }
    }
    if new.unread == old.unread {
        return Ok(old);
    }
    let data = json!({ "read": old.unread - new.unread });
    commit(tx, Some(&old), new, vec![Happening::new(CONVERSATION_READ_EVENT, data)])
}

/// Inbound messages that came after what is read. They stand among the newest of the thread; of more than a screenful the
/// number says enough.
fn came_after(tx: &Tx<'_, '_>, conversation: &Conversation) -> Result<u32> {
    let mut left = conversation.arrivals.saturating_sub(conversation.read_arrival);
    let mut unread = 0;
    for hit in tx.list(&THREAD, KeyRange::prefix(conversation.id).reverse())?.take(UNREAD_SEEN_MAX) {
        if left == 0 {
            break;
        }
        let message = hit?.0;
        if message.arrival >= conversation.read_arrival {
            left -= 1;
            unread += u32::from(message.direction == Direction::Inbound);
        }
    }
    Ok(unread)
}

pub(super) fn read_all(conversation: &mut Conversation) {
    conversation.unread = 0;
    conversation.read_arrival = conversation.arrivals;
}

/// Makes a conversation more or less urgent.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub fn set_priority(tx: &mut Tx<'_, '_>, actor: &Actor, id: ConversationId, priority: Priority) -> Result<Conversation> {
    let old = within(tx, actor, id, CONVERSATION_ASSIGN)?;
    if old.priority == priority {
        return Ok(old);
    }
    let new = Conversation { priority, ..old.clone() };
    let data = json!({ "changed": ["priority"], "priority": priority });
    commit(tx, Some(&old), new, vec![Happening::new(CONVERSATION_UPDATED, data)])
}

/// Writes a note among colleagues; a closed conversation takes notes too.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` naming `content`; conflict `client_id_reused`.
pub fn add_note(
    tx: &mut Tx<'_, '_>,
    actor: &Actor,
    id: ConversationId,
    content: String,
    client_id: Option<String>,
) -> Result<Stored> {
    send_message(tx, actor, NewMessage { is_private: true, client_id, ..NewMessage::text(id, content) })
}

/// A channel says what may be sent from now on, e.g. because a provider refused.
pub fn set_window(tx: &mut Tx<'_, '_>, id: ConversationId, window: SendWindow) -> Result<Conversation> {
    let old = require_conversation(tx, id)?;
    let new = Conversation { window, ..old.clone() };
    store_window(tx, &old, new)
}

/// A contact changed, or whom it is part of: the conversations it is the home of show it, newest first, [`CARDS_MAX`] at a
/// time. Gives where to go on.
pub fn refresh_cards(tx: &mut Tx<'_, '_>, home: ContactId, after: Option<Vec<u8>>) -> Result<Option<Vec<u8>>> {
    let contact = contacts::current(tx, home)?;
    let range = KeyRange::prefix(home).reverse().after(after);
    let mut rows: Vec<(Conversation, Vec<u8>)> =
        tx.list(&CONVERSATIONS_BY_CONTACT, range)?.take(CARDS_MAX + 1).collect::<Result<_>>()?;
    let more = rows.len() > CARDS_MAX;
    rows.truncate(CARDS_MAX);
    let next = rows.last().filter(|_| more).map(|(_, at)| at.clone());
    for (old, _) in rows {
        let new = Conversation { contact: card(&contact, home, old.channel), ..old.clone() };
        if new == old {
            continue;
        }
        commit(tx, Some(&old), new, vec![Happening::new(CONVERSATION_UPDATED, json!({ "changed": ["contact"] }))])?;
    }
    Ok(next)
}
