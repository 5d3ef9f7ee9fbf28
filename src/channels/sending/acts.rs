//! Has providers carry out what one of us did to a message (reacted, changed its words, took it back), and tells them
//! what was read.
//!
//! An act waits here until the message it is about has left the house: both run in lanes of their conversation, but of
//! two kinds. Each of them sets something, so an attempt whose answer was lost is simply made again.

use super::{
    carries::{Ability, Carries},
    manners,
    outgoing::{Class, Recipient, Verdict},
};
use crate::{
    base::{ConversationId, Error, MessageId, Result, Timestamp},
    channels::{
        accounts::Accounts,
        adapter::{Adapter, Adapters, Line},
        model::{Channel, ChannelKind, ChannelStatus},
        receiving::inbound::Failure,
    },
    conversations::{self, ActOutcome, CHANNEL_ACT, CanAct, Conversation, Deed, Direction, Message, MessageError, MessageStatus},
    platform::{
        outbound::Outbound,
        outbox::{Delivery, Hand, Outcome, Policy, Rate},
        store::{Read, Store, Tx, View},
    },
};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// Something to be carried out about a message or a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingAct {
    /// With whom.
    pub to: Recipient,
    /// What.
    pub what: What,
    /// Our id of it; statuses bring it back where the provider makes a message of it.
    pub callback: Uuid,
}

/// What is to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Put this emoji on a message; empty: take it off.
    React(Target, String),
    /// Give a message of ours these words.
    Edit(Target, String),
    /// Take a message of ours back for everyone.
    Remove(Target),
    /// Everything up to this message of theirs was read.
    Seen(Target),
    /// Somebody of us writes, or stopped; with the last message of theirs.
    Typing(bool, Target),
    /// Be told when they write.
    Watch,
}

/// A message as a provider names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id there.
    pub id: String,
    /// Is it one of ours?
    pub is_ours: bool,
    /// The whole form of its id, where the provider gave one.
    pub whole: Option<String>,
}

impl Target {
    /// `message`, if the provider has named it yet.
    pub fn of(message: &Message) -> Option<Self> {
        let metadata = message.metadata.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        Some(Self {
            id: message.external_id.clone()?,
            is_ours: message.direction == Direction::Outbound,
            whole: metadata.and_then(|facts| Some(facts.get("serialisedId")?.as_str()?.to_owned())),
        })
    }
}

/// What one may do to a message over a channel that carries this.
pub fn can_act(carries: &Carries) -> CanAct {
    let can = |ability| carries.can.contains(&ability);
    CanAct { react: can(Ability::Reaction), edit: can(Ability::Edit), remove: can(Ability::Delete) }
}

/// How long an act of this age waits for its message: as long again as it has waited, so that a message stuck for hours
/// costs a few hundred looks and not tens of thousands.
fn looked_at_again_after(age: Duration) -> Duration {
    age.clamp(NOT_OUT_YET, HELD_FOR)
}

/// With whom a conversation is.
pub fn recipient(conversation: &Conversation) -> Recipient {
    let address = &conversation.address;
    let is_number = address.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit());
    let to = match conversation.contact.is_group {
        true => Recipient::Group,
        false if is_number => Recipient::Phone,
        false => Recipient::Scoped,
    };
    to(address.clone())
}

/// A channel that can't be asked now is asked again after so long.
const HELD_FOR: Duration = Duration::from_secs(300);
/// A message on its way out is looked at again after so long at first.
const NOT_OUT_YET: Duration = Duration::from_millis(1_500);
/// An act that could not be carried out for so long is no use any more.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Acts a number may ask for in a second.
const PER_SECOND: f64 = 20.0;
/// Conversations whose last read message is remembered.
const REMEMBERED_MAX: usize = 10_000;

/// The hand for `channel.act`.
pub struct ActHand {
    store: Store,
    accounts: Accounts,
    outbound: Outbound,
    adapters: Adapters,
    /// What providers were told last was read, so that none is told twice.
    seen: Mutex<HashMap<ConversationId, String>>,
}

/// What a delivery asks for.
enum Order {
    Act(MessageId, Uuid),
    /// With whether it was read by being answered.
    Seen(ConversationId, bool),
}

fn order(delivery: &Delivery) -> Result<Order> {
    let text = |key: &str| delivery.payload.0.get(key).and_then(Value::as_str);
    let act = text("message").and_then(|id| id.parse().ok()).zip(text("act").and_then(|id| Uuid::try_parse(id).ok()));
    let answered = delivery.payload.0["answered"] == Value::Bool(true);
    let seen = || text("seen").and_then(|id| id.parse().ok()).map(|id| Order::Seen(id, answered));
    let found = act.map(|(message, act)| Order::Act(message, act)).or_else(seen);
    found.ok_or_else(|| Error::conflict("no_message", "the delivery names no message"))
}

/// What can't be done, now or later.
pub(in crate::channels) fn dead(code: &str, reason: impl Into<String>) -> Outcome {
    Outcome::Dead { code: code.to_owned(), reason: reason.into() }
}

fn nothing() -> Outcome {
    Outcome::Done(Value::Null)
}

impl ActHand {
    /// A hand over these.
    pub fn new(store: Store, accounts: Accounts, outbound: Outbound, adapters: impl Into<Adapters>) -> Self {
        Self { store, accounts, outbound, adapters: adapters.into(), seen: Mutex::default() }
    }

    async fn carry_out(&self, delivery: &Delivery) -> Outcome {
        let done = match order(delivery) {
            Ok(Order::Act(message, act)) => self.act(delivery, message, act).await,
            Ok(Order::Seen(conversation, answered)) => self.tell_seen(delivery, conversation, answered).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(outcome) => outcome,
            Err(Error::NotFound(_)) => nothing(),
            Err(error) if error.is_permanent() => dead(error.code(), error.to_string()),
            Err(error) => Outcome::Retry { after: None, code: error.code().into(), reason: error.to_string() },
        }
    }

    async fn act(&self, delivery: &Delivery, id: MessageId, act: Uuid) -> Result<Outcome> {
        let (message, conversation, channel) = self.store.view(delivery.tenant, |view| {
            let message = conversations::require_message(view, id)?;
            let conversation = conversations::require_conversation(view, message.conversation)?;
            let channel = view.require::<Channel>(&message.channel)?;
            Ok((message, conversation, channel))
        })?;
        // Proved by the provider's own word meanwhile.
        let Some(act) = message.extra.iter().flat_map(|extra| &extra.acts).find(|there| there.id == act) else {
            return Ok(nothing());
        };
        let now = self.store.now();
        let line = match self.line(delivery, &channel) {
            Ok(line) => line,
            Err(Outcome::Hold { code, reason, .. }) if now.since(act.at) > GIVEN_UP_AFTER => return Ok(dead(&code, reason)),
            Err(outcome) => return Ok(outcome),
        };
        let Some(target) = Target::of(&message) else {
            let reason = "the message it is about has not left yet";
            return Ok(match message.status {
                MessageStatus::Failed => dead("message_failed", "the message it is about did not go out"),
                _ if now.since(act.at) > GIVEN_UP_AFTER => dead("message_failed", reason),
                // It may be out and never be named: to wait for that keeps all later acts of the conversation waiting.
                MessageStatus::Unknown => dead("outcome_unknown", "nobody knows whether the message it is about went out"),
                _ => {
                    let until = Some(now.plus(looked_at_again_after(now.since(act.at))));
                    Outcome::Hold { until, code: "waits_for_message".to_owned(), reason: reason.to_owned() }
                }
            });
        };
        let what = match &act.deed {
            Deed::React(emoji) => What::React(target, emoji.clone()),
            Deed::Edit(text) => What::Edit(target, text.clone()),
            Deed::Remove => What::Remove(target),
        };
        let asked = OutgoingAct { to: recipient(&conversation), what, callback: act.id };
        let verdict = self.adapters.of(channel.kind()).act(&self.outbound, &line, &asked).await;
        Ok(self.outcome(verdict, act.at))
    }

    /// Tells the provider up to which message of theirs was read. What can't be told is no harm.
    async fn tell_seen(&self, delivery: &Delivery, id: ConversationId, answered: bool) -> Result<Outcome> {
        let (read, conversation, channel, shows) = self.store.view(delivery.tenant, |view| {
            let conversation = conversations::require_conversation(view, id)?;
            let channel = view.require::<Channel>(&conversation.channel)?;
            // A session shows it before it answers, as its manners say.
            let shows = shows_reading(view, &channel)? && !(answered && channel.kind() == ChannelKind::Waha);
            Ok((conversations::last_inbound(view, &conversation, true)?, conversation, channel, shows))
        })?;
        let Some(target) = read.as_ref().and_then(Target::of).filter(|_| shows) else { return Ok(nothing()) };
        if self.seen.lock().get(&id) == Some(&target.id) {
            return Ok(nothing());
        }
        let Ok(line) = self.line(delivery, &channel) else { return Ok(nothing()) };
        let last = target.id.clone();
        let asked = OutgoingAct { to: recipient(&conversation), what: What::Seen(target), callback: delivery.id.into() };
        match self.adapters.of(channel.kind()).act(&self.outbound, &line, &asked).await {
            Verdict::Taken { .. } => {
                self.remember(id, last);
                if channel.kind() == ChannelKind::Waha {
                    // Who reads wants to see the other side type: a session tells of those it was asked for alone.
                    let listen = OutgoingAct { what: What::Watch, ..asked };
                    let verdict = self.adapters.of(channel.kind()).act(&self.outbound, &line, &listen).await;
                    tracing::trace!(conversation = %id, ?verdict, "asked a session to tell who types");
                }
                Ok(nothing())
            }
            Verdict::Refused(Class::Retry | Class::Slow | Class::Pair, failure, after) if delivery.attempts < 3 => {
                Ok(Outcome::Retry { after, code: failure.code, reason: failure.reason })
            }
            Verdict::Unclear(reason) if delivery.attempts < 3 => Ok(Outcome::Unknown { reason }),
            other => {
                tracing::debug!(conversation = %id, ?other, "a provider did not take what was read");
                Ok(nothing())
            }
        }
    }

    fn remember(&self, id: ConversationId, last: String) {
        let mut seen = self.seen.lock();
        if seen.len() >= REMEMBERED_MAX {
            seen.clear();
        }
        seen.insert(id, last);
    }

    fn line(&self, delivery: &Delivery, channel: &Channel) -> std::result::Result<Line, Outcome> {
        let hold = |code: &str, reason: &str| {
            let until = Some(self.store.now().plus(HELD_FOR));
            Outcome::Hold { until, code: code.to_owned(), reason: reason.to_owned() }
        };
        match channel.status {
            _ if !channel.is_live() => Err(dead("channel_removed", "the channel was removed")),
            ChannelStatus::Disabled => Err(hold("channel_disabled", "the channel is switched off")),
            ChannelStatus::Broken => Err(hold("channel_broken", channel.status_reason.as_deref().unwrap_or_default())),
            _ => {
                let line = self.accounts.line(delivery.tenant, channel);
                line.ok_or_else(|| hold("no_token", "the channel has no access token that opens"))
            }
        }
    }

    fn outcome(&self, verdict: Verdict, asked_at: Timestamp) -> Outcome {
        match verdict {
            Verdict::Taken { external_id } => Outcome::Done(json!({ "externalId": external_id })),
            Verdict::Unclear(reason) => Outcome::Unknown { reason },
            Verdict::Refused(class, Failure { code, reason, .. }, wait) => match class {
                Class::Retry | Class::Slow | Class::Pair => Outcome::Retry { after: wait, code, reason },
                Class::Account if self.store.now().since(asked_at) <= GIVEN_UP_AFTER => {
                    Outcome::Hold { until: Some(self.store.now().plus(HELD_FOR)), code, reason }
                }
                _ => Outcome::Dead { code, reason },
            },
        }
    }
}

impl Hand for ActHand {
    fn kind(&self) -> &'static str {
        CHANNEL_ACT
    }

    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(self.carry_out(delivery))
    }

    fn settle(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, last: bool) -> Result<()> {
        let Ok(Order::Act(message, act)) = order(delivery) else { return Ok(()) };
        let kind = match conversations::require_message(tx, message) {
            Ok(message) => tx.get::<Channel>(&message.channel)?.map_or(ChannelKind::WhatsappCloud, |channel| channel.kind()),
            // Erased meanwhile: nobody to report to.
            Err(Error::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let adapter = self.adapters.of(kind);
        let settled = match outcome {
            Outcome::Done(said) => {
                let id = said["externalId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
                ActOutcome::Done(id)
            }
            // Asked for again and again, and never an answer.
            Outcome::Retry { code, reason, .. } if last && code == "outcome_unknown" => {
                ActOutcome::Unknown(error(adapter, code, reason))
            }
            Outcome::Retry { code, reason, .. } if last => ActOutcome::Refused(error(adapter, code, reason)),
            Outcome::Dead { code, reason } => ActOutcome::Refused(error(adapter, code, reason)),
            Outcome::Retry { code, reason, .. } | Outcome::Hold { code, reason, .. } => {
                ActOutcome::Later(error(adapter, code, reason))
            }
            Outcome::Unknown { reason } => ActOutcome::Unknown(error(adapter, "outcome_unknown", reason)),
        };
        conversations::settle_act(tx, message, act, settled)
    }

    /// To set the same thing twice is to set it once.
    fn is_repeatable(&self) -> bool {
        true
    }

    fn policy(&self) -> Policy {
        Policy { attempts_max: 6, attempt_timeout: Duration::from_secs(45), ..Policy::default() }
    }

    fn rates(&self, delivery: &Delivery) -> Vec<Rate> {
        let Ok(Order::Act(id, _)) = order(delivery) else { return Vec::new() };
        let channel = self.store.view(delivery.tenant, |view| Ok(conversations::require_message(view, id)?.channel));
        let rate = |channel| Rate { key: format!("acts:{channel}"), per_second: PER_SECOND, burst: PER_SECOND };
        channel.map(rate).into_iter().collect()
    }
}

fn error(adapter: &dyn Adapter, code: &str, reason: &str) -> MessageError {
    let next_step = Some(adapter.class(code).next_step().to_owned());
    MessageError { code: code.to_owned(), reason: reason.to_owned(), next_step }
}

/// Does a channel show customers that they were read? A session does as its manners say.
pub fn shows_reading(view: &View, channel: &Channel) -> Result<bool> {
    match channel.kind() {
        ChannelKind::WhatsappCloud => Ok(true),
        ChannelKind::Waha => Ok(manners::manners(view, channel.id)?.seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_waits_ever_longer_for_its_message() {
        for (age_ms, expected_ms) in [(0, 1_500), (1_500, 1_500), (3_000, 3_000), (299_000, 299_000), (3_600_000, 300_000)] {
            assert_eq!(looked_at_again_after(Duration::from_millis(age_ms)), Duration::from_millis(expected_ms), "{age_ms}");
        }
    }
}
