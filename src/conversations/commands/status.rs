//! News about messages of ours: receipts, failures, the proof that a lost answer was a success.

use super::{
    super::{
        model::{
            CONVERSATION_UPDATED, Conversation, EXTERNAL_ID_TO_MESSAGE, MESSAGE_UPDATED, Message, MessageError, News,
            PARKED_BY_MESSAGE, ParkedNews,
        },
        state::MessageStatus,
        trace::StepKind,
    },
    Happening, acts, commit, news, note_step, show_last,
};
use crate::{
    base::{ChannelId, ConversationId, DeliveryId, Error, MessageId, Result, Timestamp},
    platform::{
        deadletters::NewDeadLetter,
        store::{KeyRange, Read, Tx, Write},
    },
};
use serde_json::json;
use std::time::Duration;

/// Parked news live at least this long (the contract asks for 24 h); older ones go when new ones come.
pub const PARKED_FOR: Duration = Duration::from_secs(48 * 3600);
/// Old parked news looked at with each new one.
const PARKED_SWEEP: usize = 8;
/// News parked about one message.
const PARKED_PER_MESSAGE_MAX: usize = 64;

/// News about one message of ours, as an adapter read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusNews {
    /// Over which channel.
    pub channel: ChannelId,
    /// The provider's id of the message.
    pub external_id: String,
    /// Our own id, where the provider gave back what we sent along.
    pub callback: Option<MessageId>,
    /// How far it got; one of sent, failed, delivered, read.
    pub status: MessageStatus,
    /// The provider's time.
    pub at: Timestamp,
    /// Why it failed, if it did.
    pub error: Option<MessageError>,
}

/// What became of news.
#[derive(Debug, Clone)]
pub enum StatusOutcome {
    /// The message is known. `settles` names the delivery of the outbox that this proves to be done,
    /// where the message was still waiting for an answer.
    Applied {
        /// The message as it stands now.
        message: Box<Message>,
        /// The message as it stood before.
        old: Box<Message>,
        /// The delivery the news decide.
        settles: Option<DeliveryId>,
    },
    /// The message is not known yet; the news wait for it.
    Parked,
}

/// Raises a message's status. News about an unknown message are parked until its id arrives; any order of
/// news ends the same. News that say nothing new change nothing.
pub fn apply_status(tx: &mut Tx<'_, '_>, news: StatusNews) -> Result<StatusOutcome> {
    let known = tx.find(&EXTERNAL_ID_TO_MESSAGE, (news.channel, news.external_id.as_str()))?;
    let by_callback = match (&known, news.callback) {
        (None, Some(id)) => tx.get::<Message>(&id)?.filter(|m| m.channel == news.channel && m.external_id.is_none()),
        _ => None,
    };
    let Some(old) = known.or(by_callback) else {
        if let Some(outcome) = acts::told(tx, &news)? {
            return Ok(outcome);
        }
        let StatusNews { channel, external_id, status, at, error, .. } = news;
        park(tx, channel, external_id, News::Status { status, at, error })?;
        return Ok(StatusOutcome::Parked);
    };
    if let Some(error) = &news.error
        && old.error.as_ref() != Some(error)
    {
        note_step(tx, old.id, StepKind::Refused, Some(error), Some(&news.external_id))?;
    }
    let mut message = old.clone();
    // An attempt that was given up and tried again: only the proof that it arrived all the same counts.
    let is_former = message.former_external_ids.contains(&news.external_id);
    if message.external_id.is_none() && !is_former {
        message.external_id = Some(news.external_id.clone());
        apply_parked(tx, &mut message)?;
    }
    if !is_former || news.status >= MessageStatus::Delivered {
        raise(&mut message, news.status, news.at, news.error);
    }
    // Given up and arrived all the same settles it, too: its dead letter must not send it again.
    let was_open = !old.status.is_settled() || old.status == MessageStatus::Failed && message.status != MessageStatus::Failed;
    let settles = if was_open && message.status.is_settled() { message.delivery } else { None };
    if message != old {
        store_message(tx, &old, &mut message)?;
    }
    Ok(StatusOutcome::Applied { message: Box::new(message), old: Box::new(old), settles })
}

/// Takes one piece of news into a message.
pub(super) fn raise(message: &mut Message, status: MessageStatus, at: Timestamp, error: Option<MessageError>) {
    let moment = match status {
        MessageStatus::Sent => Some(&mut message.sent_at),
        MessageStatus::Delivered => Some(&mut message.delivered_at),
        MessageStatus::Read => Some(&mut message.read_at),
        _ => None,
    };
    if let Some(moment) = moment {
        // The earliest counts, so that a repeated receipt changes nothing.
        *moment = Some(moment.map_or(at, |known| known.min(at)));
    }
    let before = message.status;
    message.status = before.raised_by(status);
    // What hindered an earlier attempt is not why it failed; a second failure adds nothing to the first.
    let fails = status == MessageStatus::Failed && message.status == MessageStatus::Failed;
    if fails && (before != MessageStatus::Failed || message.error.is_none()) {
        message.error = error;
    }
    if message.status.is_settled() && message.status != MessageStatus::Failed {
        message.error = None;
    }
}

/// Applies what was parked under the message's external id, now that it has one.
pub(super) fn apply_parked(tx: &mut Tx<'_, '_>, message: &mut Message) -> Result<()> {
    let Some(external_id) = message.external_id.clone() else { return Ok(()) };
    let parked: Vec<ParkedNews> = tx
        .list(&PARKED_BY_MESSAGE, KeyRange::prefix((message.channel, external_id.as_str())))?
        .take(PARKED_PER_MESSAGE_MAX)
        .map(|hit| Ok(hit?.0))
        .collect::<Result<_>>()?;
    for ParkedNews { id, news, .. } in parked {
        tx.delete::<ParkedNews>(&id)?;
        match news {
            News::Status { status, at, error } => raise(message, status, at, error),
            other => news::take_in(message, other),
        }
    }
    Ok(())
}

/// Keeps news about a message that is not known yet.
pub(super) fn park(tx: &mut Tx<'_, '_>, channel: ChannelId, external_id: String, news: News) -> Result<()> {
    let (kind, id) = news.sameness();
    if let Some(there) = tx.find(&PARKED_BY_MESSAGE, (channel, external_id.as_str(), kind, id.as_str()))? {
        // Of two receipts that say the same, the earlier one's time counts.
        return match (&there.news, &news) {
            (News::Status { at: known, .. }, News::Status { at, .. }) if at < known => tx.put(&ParkedNews { news, ..there }),
            _ => Ok(()),
        };
    }
    let now = tx.now();
    let aged: Vec<ParkedNews> = tx
        .all::<ParkedNews>(KeyRange::all())?
        .take(PARKED_SWEEP)
        .filter_map(|hit| hit.map(|(p, _)| (now.since(p.parked_at) > PARKED_FOR).then_some(p)).transpose())
        .collect::<Result<_>>()?;
    for old in aged {
        tx.delete::<ParkedNews>(&old.id)?;
        give_up(tx, old)?;
    }
    tx.put(&ParkedNews { id: tx.new_id(), channel, external_id, news, parked_at: now })
}

/// The message that news were about never came: written before we were connected, or lost. What somebody did to it is
/// listed, a receipt is not worth it.
fn give_up(tx: &mut Tx<'_, '_>, old: ParkedNews) -> Result<()> {
    if matches!(old.news, News::Status { .. }) {
        return Ok(());
    }
    let raw = serde_json::to_vec(&old.news).unwrap_or_default();
    tx.bury(NewDeadLetter {
        kind: "inbound",
        code: "message_unknown".into(),
        reason: format!("it is about the message {}, which never came", old.external_id),
        subject: Some(old.channel.into()),
        raw,
        retry: serde_json::Value::Null,
    })
    .map(drop)
}

/// Stores a changed message, shows it on its conversation's list entry, and tells.
pub(super) fn store_message(tx: &mut Tx<'_, '_>, old: &Message, message: &mut Message) -> Result<Conversation> {
    let before = conversation_of(tx, message.conversation)?;
    let mut conversation = before.clone();
    show_last(&mut conversation, message);
    message.rev = tx.next_rev();
    tx.replace(Some(old), message)?;
    let mut told = Happening::to_message(MESSAGE_UPDATED, message);
    // Who finds messages by their words need not look at each receipt.
    let file = |message: &Message| message.media.as_ref().and_then(|media| media.file_name.clone());
    let changed = old.content != message.content || old.is_revoked() != message.is_revoked() || file(old) != file(message);
    if changed {
        told.data["changed"] = json!(["content"]);
    }
    commit(tx, Some(&before), conversation, vec![told])
}

fn conversation_of(tx: &Tx<'_, '_>, id: ConversationId) -> Result<Conversation> {
    tx.get::<Conversation>(&id)?.ok_or_else(|| Error::internal(format!("conversation {id} of a message is not there")))
}

/// Stores another window where it differs, and tells.
pub(super) fn store_window(tx: &mut Tx<'_, '_>, old: &Conversation, new: Conversation) -> Result<Conversation> {
    if *old == new {
        return Ok(new);
    }
    commit(tx, Some(old), new, vec![Happening::new(CONVERSATION_UPDATED, json!({ "changed": ["sendWindow"] }))])
}
