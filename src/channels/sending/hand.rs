//! Sends what conversations put into the outbox, and reports how it went.

use super::{
    acts::{dead, recipient},
    carries::Said,
    limits::{AllMinutes, MINUTE_LIMIT},
    manners,
    outgoing::{Body, Class, Manners, Outgoing, Verdict},
};
use crate::{
    base::{ChannelId, DeliveryId, Error, MessageId, Result, TenantId, Timestamp},
    channels::{
        accounts::Accounts,
        adapter::{Adapters, Line},
        commands,
        media::upload::Handing,
        model::{Channel, ChannelKind, ChannelStatus},
        receiving::inbound::Failure,
    },
    conversations::{self, Conversation, Direction, Message, MessageError, MessageStatus, SendOutcome},
    platform::{
        deadletters,
        media::MediaStore,
        outbound::Outbound,
        outbox::{self, Delivery, Hand, Outcome, Policy, Rate},
        store::{Read, Store, Tx},
    },
};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::json;
use std::{collections::HashMap, time::Duration};

/// A number that was told to slow down sends at half its rate for so long; again halves again.
const SLOW_FOR: Duration = Duration::from_secs(300);
/// Halved so often at most.
const HALVED_MAX: u32 = 6;
/// One pair exchanges about one message in this time; refused ones wait at least as long.
const PAIR_PAUSE: Duration = Duration::from_secs(6);
/// A broken channel's queue is held for so long, then one message asks whether it works again.
const HELD_FOR: Duration = Duration::from_secs(300);
/// Messages of a conversation whose ids tell them from one that may be lost.
const KNOWN_MAX: usize = 40;
/// Between two messages that ask.
const PROBE_EVERY: Duration = Duration::from_secs(60);

/// The hand for `channel.send`.
pub struct ChannelHand {
    store: Store,
    accounts: Accounts,
    outbound: Outbound,
    adapters: Adapters,
    /// Numbers told to slow down: how often halved, until when.
    slowed: Mutex<HashMap<ChannelId, (u32, Timestamp)>>,
    /// Who waits for a channel's own limit.
    minutes: AllMinutes,
    /// When a broken channel was last asked.
    probed: Mutex<HashMap<ChannelId, Timestamp>>,
    /// What is held back before its attempt began: nothing leaves, and no attempt is told of.
    held_back: Mutex<HashMap<DeliveryId, Outcome>>,
    /// Where files lie.
    media: Option<MediaStore>,
}

/// All that a send needs to know, read in one snapshot.
struct Job {
    tenant: TenantId,
    message: Message,
    conversation: Conversation,
    channel: Channel,
    answered: Option<Message>,
    known: Vec<String>,
    manners: Manners,
}

impl ChannelHand {
    /// A hand over these.
    pub fn new(store: Store, accounts: Accounts, outbound: Outbound, adapters: impl Into<Adapters>) -> Self {
        Self {
            store,
            accounts,
            outbound,
            adapters: adapters.into(),
            slowed: Mutex::default(),
            minutes: AllMinutes::default(),
            probed: Mutex::default(),
            held_back: Mutex::default(),
            media: None,
        }
    }

    /// The same, with the files that messages have.
    #[must_use]
    pub fn with_media(self, media: MediaStore) -> Self {
        Self { media: Some(media), ..self }
    }

    fn job(&self, delivery: &Delivery) -> Result<Job> {
        let id = message_of(delivery)?;
        self.store.view(delivery.tenant, |view| {
            let message = conversations::require_message(view, id)?;
            let conversation = conversations::require_conversation(view, message.conversation)?;
            let channel = view.require::<Channel>(&message.channel)?;
            let answered = message.reply_to.map(|id| conversations::require_message(view, id)).transpose()?;
            let (mut known, mut manners) = (Vec::new(), Manners::default());
            if channel.kind() == ChannelKind::Waha {
                known = conversations::sent_lately(view, message.conversation, KNOWN_MAX)?;
                manners = manners::manners(view, channel.id)?;
            }
            Ok(Job { tenant: delivery.tenant, message, conversation, channel, answered, known, manners })
        })
    }

    async fn send(&self, delivery: &Delivery) -> Outcome {
        if let Some(waits) = self.held_back.lock().remove(&delivery.id) {
            return waits;
        }
        let job = match self.job(delivery) {
            Ok(job) => job,
            Err(error) if error.is_permanent() => return dead(error.code(), error.to_string()),
            Err(error) => return Outcome::Retry { after: None, code: error.code().into(), reason: error.to_string() },
        };
        // A status was faster than this attempt.
        if job.message.status.is_settled()
            && let Some(id) = &job.message.external_id
        {
            return Outcome::Done(json!({ "externalId": id }));
        }
        // It was there when the attempt began.
        let Some(line) = self.accounts.line(delivery.tenant, &job.channel) else { return self.no_token() };
        self.call(&line, &job, delivery.attempts).await
    }

    /// What keeps a message from being attempted now, as far as the house itself knows: its channel is gone, switched off,
    /// known to be broken, without a token that opens, or has sent all it may this minute.
    fn holds_back(&self, delivery: &Delivery, channel: &Channel) -> Option<Outcome> {
        match channel.status {
            _ if !channel.is_live() => return Some(dead("channel_removed", "the channel was removed")),
            ChannelStatus::Disabled => {
                let reason = "the channel is switched off".to_owned();
                return Some(Outcome::Hold { until: None, code: SWITCHED_OFF.into(), reason });
            }
            ChannelStatus::Broken if !self.may_probe(channel.id) => {
                return Some(self.hold(STILL_BROKEN, channel.status_reason.clone().unwrap_or_default()));
            }
            _ => {}
        }
        if self.accounts.line(delivery.tenant, channel).is_none() {
            return Some(self.no_token());
        }
        self.own_limit(delivery, channel)
    }

    fn no_token(&self) -> Outcome {
        self.hold(NO_TOKEN, "the channel has no access token that opens".to_owned())
    }

    /// The channel's own limit per minute: who would exceed it waits for a moment of their own.
    fn own_limit(&self, delivery: &Delivery, channel: &Channel) -> Option<Outcome> {
        let most = channel.limits.per_minute?;
        let mut minutes = self.minutes.lock();
        let until = minutes.entry(channel.id).or_default().wait(delivery.id, most, self.store.now())?;
        let reason = format!("this channel sends at most {most} messages a minute: it waits for its turn");
        Some(Outcome::Hold { until: Some(until), code: MINUTE_LIMIT.into(), reason })
    }

    async fn call(&self, line: &Line, job: &Job, attempts: u32) -> Outcome {
        let outgoing = |body| Outgoing {
            to: recipient(&job.conversation),
            body,
            reply_to: job.answered.as_ref().and_then(|m| m.external_id.clone()),
            answers_own: job.answered.as_ref().is_some_and(|m| m.direction == Direction::Outbound),
            callback: job.message.id.into(),
            tried_since: (attempts > 1 || job.message.tries > 1).then_some(job.message.created_at),
            known: job.known.clone(),
            manners: job.manners,
        };
        let adapter = self.adapters.of(job.channel.kind());
        // What no door has looked at, because the house itself wrote it, is looked at here.
        let (media, extra) = (job.message.media.as_ref(), job.message.extra.as_deref());
        let said = Said { kind: job.message.kind, content: &job.message.content, media, extra };
        if let Err(error) = adapter.carries().check(said) {
            return dead(unfit(&error), error.to_string());
        }
        let verdict = self.attempt(line, job, outgoing).await;
        let (class, failure, wait) = match verdict {
            Verdict::Taken { external_id } => return Outcome::Done(json!({ "externalId": external_id })),
            Verdict::Unclear(reason) => return Outcome::Unknown { reason },
            Verdict::Refused(class, failure, wait) => (class, failure, wait),
        };
        let Failure { code, reason, .. } = failure;
        match class {
            Class::Retry => Outcome::Retry { after: wait, code, reason },
            Class::Pair => {
                let pause = PAIR_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(8));
                Outcome::Retry { after: Some(wait.unwrap_or_default().max(pause)), code, reason }
            }
            Class::Slow => {
                self.slow_down(job.channel.id, &code);
                Outcome::Retry { after: wait, code, reason }
            }
            Class::Account => self.hold(&code, reason),
            Class::Capped | Class::WindowClosed | Class::Recipient | Class::Content | Class::Template | Class::Unknown => {
                Outcome::Dead { code, reason }
            }
        }
    }

    /// Sends it; once more with its file handed over anew where the provider refused it together with a file that it had
    /// from before and may have forgotten.
    async fn attempt(&self, line: &Line, job: &Job, outgoing: impl Fn(Body) -> Outgoing) -> Verdict {
        let adapter = self.adapters.of(job.channel.kind());
        let handing = self.media.as_ref().map(|media| {
            let (store, outbound, tenant) = (&self.store, &self.outbound, job.tenant);
            Handing { store, media, outbound, adapter, line, tenant }
        });
        let mut is_anew = false;
        loop {
            let file = match &handing {
                Some(handing) => handing.file_of(&job.message, is_anew).await,
                None => Ok(None),
            };
            let file = match file {
                Ok(file) => file,
                Err(verdict) => return verdict,
            };
            let (file, was_known) = file.map_or((None, false), |(file, was_known)| (Some(file), was_known));
            let Some(body) = Body::of(&job.message, file) else {
                return Verdict::unfit("incomplete", "the message lacks what its kind is made of");
            };
            let verdict = adapter.send(&self.outbound, line, &outgoing(body)).await;
            match (&handing, &verdict) {
                (Some(handing), Verdict::Refused(Class::Content | Class::Template, ..)) => handing.forget(&job.message).await,
                _ => return verdict,
            }
            // A file that was handed over just now was not refused for being unknown.
            if !was_known || is_anew {
                return verdict;
            }
            // That the old id could be forgotten is not certain: it is not asked for again.
            is_anew = true;
        }
    }

    fn hold(&self, code: &str, reason: String) -> Outcome {
        Outcome::Hold { until: Some(self.store.now().plus(HELD_FOR)), code: code.to_owned(), reason }
    }

    /// May one message ask whether a broken channel works again?
    fn may_probe(&self, channel: ChannelId) -> bool {
        let (now, mut probed) = (self.store.now(), self.probed.lock());
        let due = probed.get(&channel).is_none_or(|at| now.since(*at) >= PROBE_EVERY);
        if due {
            probed.insert(channel, now);
        }
        due
    }

    fn slow_down(&self, channel: ChannelId, code: &str) {
        let (now, mut slowed) = (self.store.now(), self.slowed.lock());
        let (halved, until) = slowed.entry(channel).or_insert((0, now));
        if *until < now {
            *halved = 0;
        }
        *halved = (*halved + 1).min(HALVED_MAX);
        *until = now.plus(SLOW_FOR);
        metrics::counter!("farol_channel_slowed_total").increment(1);
        tracing::warn!(%channel, code, halved, "a number was told to slow down");
    }

    /// `pace`, or less while the number was told to slow down.
    fn per_second(&self, channel: ChannelId, pace: f64) -> f64 {
        let now = self.store.now();
        match self.slowed.lock().get(&channel) {
            Some((halved, until)) if now < *until => pace / f64::from(1u32 << halved),
            _ => pace,
        }
    }
}

/// Code of a channel that is switched off.
const SWITCHED_OFF: &str = "channel_disabled";
/// Code of a channel that is known to be broken and is not asked now.
const STILL_BROKEN: &str = "channel_broken";
/// Code of a channel whose token is missing or does not open.
const NO_TOKEN: &str = "no_token";

/// Code of a message that its channel does not carry as it is.
fn unfit(error: &Error) -> &'static str {
    match error {
        Error::Conflict { code, .. } => code,
        _ => "incomplete",
    }
}

/// Has the provider told that it has this one, before we were told by its answer?
fn is_out(message: &Message) -> bool {
    message.status.is_settled() && message.status != MessageStatus::Failed && message.external_id.is_some()
}

/// Was a message that waits told to wait for this already?
fn waits_on(old: &Message, settled: &SendOutcome) -> bool {
    let SendOutcome::Later(why) = settled else { return false };
    old.status == MessageStatus::Pending && old.error.as_ref().is_some_and(|known| known.code == why.code)
}

fn message_of(delivery: &Delivery) -> Result<MessageId> {
    let id = delivery.payload.0.get("message").and_then(|id| id.as_str()?.parse().ok());
    id.ok_or_else(|| Error::conflict("no_message", "the delivery names no message"))
}

/// Whose words an outcome speaks; of a success nobody asks.
fn kind_of(tx: &Tx<'_, '_>, outcome: &Outcome, message: MessageId) -> Result<ChannelKind> {
    if matches!(outcome, Outcome::Done(_)) {
        return Ok(ChannelKind::WhatsappCloud);
    }
    let channel = match conversations::require_message(tx, message) {
        Ok(message) => tx.get::<Channel>(&message.channel)?,
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(channel.map_or(ChannelKind::WhatsappCloud, |channel| channel.kind()))
}

impl Hand for ChannelHand {
    fn kind(&self) -> &'static str {
        conversations::CHANNEL_SEND
    }

    /// What can be seen beforehand to go nowhere is no attempt: it waits, or ends, and says why.
    fn starting(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery) -> Result<()> {
        let id = message_of(delivery)?;
        let message = conversations::require_message(tx, id)?;
        let waits = match tx.get::<Channel>(&message.channel)? {
            // A receipt that was faster than its attempt has the last word, and what was taken back takes nobody's turn.
            Some(channel) if !is_out(&message) && !message.is_revoked() => self.holds_back(delivery, &channel),
            _ => None,
        };
        // Of an attempt whose beginning was not stored nothing is left.
        self.held_back.lock().remove(&delivery.id);
        let Some(outcome) = waits else { return conversations::mark_sending(tx, id).map(drop) };
        conversations::mark_waiting(tx, id)?;
        self.held_back.lock().insert(delivery.id, outcome);
        Ok(())
    }

    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(self.send(delivery))
    }

    fn settle(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, last: bool) -> Result<()> {
        let id = message_of(delivery)?;
        let error = |code: &str, reason: &str, class: Class| MessageError {
            code: code.to_owned(),
            reason: reason.to_owned(),
            next_step: Some(class.next_step().to_owned()),
        };
        let adapter = self.adapters.of(kind_of(tx, outcome, id)?);
        let class = |code: &str| adapter.class(code);
        let settled = match outcome {
            Outcome::Done(said) => {
                let external_id = said["externalId"].as_str().unwrap_or_default().to_owned();
                SendOutcome::Sent { external_id, at: tx.now() }
            }
            Outcome::Retry { code, reason, .. } if last => SendOutcome::Failed(error(code, reason, class(code))),
            Outcome::Retry { code, reason, .. } => SendOutcome::Later(error(code, reason, Class::Retry)),
            Outcome::Unknown { reason } => SendOutcome::Unknown(MessageError {
                code: "outcome_unknown".to_owned(),
                reason: reason.clone(),
                next_step: Some("wait_for_receipt".to_owned()),
            }),
            Outcome::Dead { code, reason } => SendOutcome::Failed(error(code, reason, class(code))),
            Outcome::Hold { code, reason, .. } if code == MINUTE_LIMIT => SendOutcome::Later(error(code, reason, Class::Retry)),
            Outcome::Hold { code, reason, .. } => SendOutcome::Later(error(code, reason, Class::Account)),
        };
        let told = conversations::require_message(tx, id).and_then(|old| {
            // Told once, however often it is looked at again: nothing has happened in between.
            let new = if waits_on(&old, &settled) { old.clone() } else { conversations::settle_send(tx, id, settled)? };
            Ok((old, new))
        });
        let (old, message) = match told {
            Ok(told) => told,
            // Erased meanwhile: nobody to report to.
            Err(Error::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let is_taken_back = matches!(outcome, Outcome::Dead { code, .. } if code == conversations::TAKEN_BACK);
        if commands::got_on(tx, &old, &message)? && !is_taken_back {
            commands::failed(tx, message.channel, message.error.as_ref())?;
        }
        match outcome {
            Outcome::Done(_) => commands::mark_working(tx, message.channel),
            // Nobody is to look into it, nor to send it after all.
            Outcome::Dead { .. } if is_taken_back => deadletters::put_aside(tx, delivery.id.into()),
            Outcome::Dead { code, .. } if class(code) == Class::Template => commands::templates_stale(tx, message.channel),
            Outcome::Dead { code, .. } if class(code) == Class::WindowClosed => commands::close_window(tx, message.conversation),
            // Switched on again while this was on its way back: nobody else would let it go.
            Outcome::Hold { code, .. } if code == SWITCHED_OFF => {
                let off =
                    tx.get::<Channel>(&message.channel)?.is_some_and(|c| c.is_live() && c.status == ChannelStatus::Disabled);
                if off { Ok(()) } else { outbox::release(tx, &delivery.kind, Some(&delivery.lane)).map(drop) }
            }
            Outcome::Hold { code, .. } if code == STILL_BROKEN || code == MINUTE_LIMIT => Ok(()),
            // Whatever code it came with, the provider refuses the account.
            Outcome::Hold { code, reason, .. } => commands::mark_broken(tx, message.channel, &format!("{code}: {reason}")),
            _ => Ok(()),
        }
    }

    fn policy(&self) -> Policy {
        // Longer than an upload may take; a message without a file has the adapter's own, shorter time.
        Policy { attempt_timeout: Duration::from_secs(290), concurrency: 64, ..Policy::default() }
    }

    /// As its channel is set: by default exponential from 1 s to 15 min, about a day in all.
    fn policy_of(&self, tx: &Tx<'_, '_>, delivery: &Delivery) -> Policy {
        let set = message_of(delivery)
            .and_then(|id| manners::patience(tx, conversations::require_message(tx, id)?.channel, self.policy()));
        // Erased meanwhile: whatever is decided for it, nobody waits.
        set.unwrap_or_else(|_| self.policy())
    }

    fn rates(&self, delivery: &Delivery) -> Vec<Rate> {
        // What can't be read has no number to be gentle with; the attempt itself will say what is wrong.
        let Ok(id) = message_of(delivery) else { return Vec::new() };
        let paced = self.store.view(delivery.tenant, |view| {
            let channel = conversations::require_message(view, id)?.channel;
            Ok((channel, manners::pace(view, channel)?))
        });
        let Ok((channel, pace)) = paced else { return Vec::new() };
        let per_second = self.per_second(channel, pace);
        vec![Rate { key: format!("channel:{channel}"), per_second, burst: per_second }]
    }
}
