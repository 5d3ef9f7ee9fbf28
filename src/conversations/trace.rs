//! What happened to a message of ours on its way out, attempt by attempt, in the provider's words; and the timeline
//! that is made of it together with what the message itself knows.
//!
//! `GET /messages/{messageId}/timeline` → `{items: [{at, kind, attempt?, externalId?, code?, reason?, nextStep?,
//! userId?, by?, text?}]}`, oldest first; `kind` is one of STORED, ATTEMPT, ACCEPTED, DELAYED, UNANSWERED, REFUSED,
//! SENT, DELIVERED, READ, EDITED, REVOKED, SCHEDULED, RESCHEDULED, CANCELLED, REACTED, HIDDEN, FORWARDED, ACT_REFUSED.

use super::{
    extra::Who,
    model::{Direction, Message, MessageError},
};
use crate::{
    base::{MessageId, Result, Timestamp, UserId},
    platform::store::{Index, KeyRange, Read, Record, TableId, TenantScope},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Steps kept of one message: attempts go on for a day, each leaves two.
const STEPS_MAX: usize = 100;

/// What happened. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = TimelineKind)]
pub enum StepKind {
    /// It was written.
    Stored,
    /// An attempt began.
    Attempt,
    /// The provider took it and gave it an id.
    Accepted,
    /// The attempt did not work out; another one follows.
    Delayed,
    /// No answer came: it may have gone out.
    Unanswered,
    /// It won't go out, or won't arrive.
    Refused,
    /// On its way at the provider.
    Sent,
    /// On the customer's device.
    Delivered,
    /// Read, heard or seen.
    Read,
    /// Its text was changed.
    Edited,
    /// It was taken back.
    Revoked,
    /// It was to go out later.
    Scheduled,
    /// It was to go out at another time, or with other words.
    Rescheduled,
    /// It was not to go out any more.
    Cancelled,
    /// One of us reacted to it, or took that back.
    Reacted,
    /// It was hidden here; the other side may see it still.
    Hidden,
    /// It was sent on elsewhere.
    Forwarded,
    /// What one of us did to it was not carried out.
    ActRefused,
}

/// One step of a message on its way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its id, which orders the steps.
    pub id: Uuid,
    /// Of which message.
    pub message: MessageId,
    /// What happened.
    pub kind: StepKind,
    /// When.
    pub at: Timestamp,
    /// The provider's id, where it gave one.
    pub external_id: Option<String>,
    /// Why, in the provider's words.
    pub error: Option<MessageError>,
    /// Which of us did it.
    pub by: Option<UserId>,
}

/// A message's steps, oldest first.
pub static STEPS_OF_MESSAGE: Index<Step> = Index::ordered(0x5051, "steps of a message", |s, entries| entries.add(s.message));

impl Record for Step {
    type Key = Uuid;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x5050);
    const NAME: &'static str = "message step";
    const INDEXES: &'static [&'static Index<Self>] = &[&STEPS_OF_MESSAGE];
    fn key(&self) -> Uuid {
        self.id
    }
}

/// One line of a message's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TimelineItem)]
pub struct TimelineItem {
    /// When.
    at: Timestamp,
    /// What happened.
    kind: StepKind,
    /// Which attempt, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    /// The provider's id, where it gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// The provider's code, or ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Why, in the provider's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Stable code of what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<String>,
    /// Which of us did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
}

/// All that happened to a message, oldest first. Of ids and texts that hold addresses only with `full` sight.
pub(super) fn timeline(source: &impl Read<Scope = TenantScope>, message: &Message, full: bool) -> Result<Vec<TimelineItem>> {
    let item = |kind, at| TimelineItem {
        at,
        kind,
        attempt: None,
        external_id: None,
        code: None,
        reason: None,
        next_step: None,
        user_id: None,
    };
    let mut items = vec![TimelineItem { user_id: message.sender, ..item(StepKind::Stored, message.created_at) }];
    let mut attempts = 0;
    for hit in source.list(&STEPS_OF_MESSAGE, KeyRange::prefix(message.id))?.take(STEPS_MAX) {
        let step: Step = hit?.0;
        if step.kind == StepKind::Attempt {
            attempts += 1;
        }
        let (code, reason, next_step) = step.error.map_or((None, None, None), |e| (Some(e.code), Some(e.reason), e.next_step));
        let external_id = step.external_id.filter(|_| full);
        let attempt = (attempts > 0).then_some(attempts);
        items.push(TimelineItem { attempt, external_id, code, reason, next_step, user_id: step.by, ..item(step.kind, step.at) });
    }
    if message.direction == Direction::Outbound && !message.is_private {
        let told =
            [(StepKind::Sent, message.sent_at), (StepKind::Delivered, message.delivered_at), (StepKind::Read, message.read_at)];
        items.extend(told.into_iter().filter_map(|(kind, at)| Some(item(kind, at?))));
    }
    if let Some(extra) = &message.extra {
        items.extend(extra.edits.iter().map(|edit| {
            let user_id = edit.id.split_once('/').and_then(|(user, _)| user.parse().ok());
            TimelineItem { user_id, ..item(StepKind::Edited, edit.at) }
        }));
        let ours = extra.reactions.iter().filter(|reaction| !reaction.emoji.is_empty());
        items.extend(ours.filter_map(|reaction| match reaction.by {
            Who::User(user) => Some(TimelineItem { user_id: Some(user), ..item(StepKind::Reacted, reaction.at) }),
            _ => None,
        }));
        let ends = extra.revoked.iter().map(|revoked| (StepKind::Revoked, revoked));
        items.extend(ends.chain(extra.hidden.iter().map(|hidden| (StepKind::Hidden, hidden))).map(|(kind, end)| {
            let user_id = if let Who::User(user) = end.by { Some(user) } else { None };
            TimelineItem { user_id, ..item(kind, end.at) }
        }));
    }
    items.sort_by_key(|item| item.at);
    Ok(items)
}

#[cfg(test)]
mod golden {
    #[test]
    fn stored_bytes_stay_as_they_are() {
        crate::platform::store::golden::check::<super::Step>();
    }
}
