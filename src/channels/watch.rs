//! Looks after sessions: fetches codes to scan, asks how a session does, and takes in what no webhook told.

use super::{
    accounts::Accounts,
    commands::{self, FETCH_QR, WATCH},
    inbound::{SessionNews, Told},
    model::{Channel, ChannelKind, SessionState},
    sessions::Sessions,
    waha::{
        client::{Client, Failed},
        session,
    },
};
use crate::{
    base::{ActorRef, ChannelId, Error, Origin, Result, Timestamp},
    platform::{
        outbound::Outbound,
        outbox::{Delivery, Hand, Outcome, Policy},
        store::{Lane, Read, Store, Tx},
    },
};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Without a webhook for so long, the chats themselves are looked through.
const QUIET: Duration = Duration::from_secs(120);
/// What a phone and its server may differ by, and what may have been on its way.
const OVERLAP: Duration = Duration::from_secs(120);
/// Nobody looks further back: who was away longer reads the phone.
const BACK_MAX: Duration = Duration::from_secs(3 * 86_400);

/// What both hands need.
#[derive(Clone)]
pub struct Watch {
    /// The store.
    pub store: Store,
    /// Keys.
    pub accounts: Accounts,
    /// The way out.
    pub outbound: Outbound,
    /// What is known at this moment.
    pub sessions: Arc<Sessions>,
}

fn channel_of(delivery: &Delivery) -> Result<ChannelId> {
    let id = delivery.payload.0.get("channel").and_then(|id| id.as_str()?.parse().ok());
    id.ok_or_else(|| Error::conflict("no_channel", "the delivery names no channel"))
}

/// Nothing to do, and nothing wrong with that.
fn nothing() -> Outcome {
    Outcome::Done(Value::Null)
}

impl Watch {
    fn channel(&self, delivery: &Delivery) -> Result<Option<Channel>> {
        let id = channel_of(delivery)?;
        let found = self.store.view(delivery.tenant, |view| view.get::<Channel>(&id))?;
        Ok(found.filter(|channel| channel.is_live() && channel.kind() == ChannelKind::Waha))
    }

    async fn look(&self, delivery: &Delivery) -> Outcome {
        let channel = match self.channel(delivery) {
            Ok(Some(channel)) => channel,
            Ok(None) => return nothing(),
            Err(error) => return Outcome::Dead { code: error.code().to_owned(), reason: error.to_string() },
        };
        let Some(line) = self.accounts.line(delivery.tenant, &channel) else { return nothing() };
        let (client, now) = (Client::new(&self.outbound, &line), self.store.now());
        let found = match client.session().await {
            Ok(found) => found,
            Err(failed) => {
                // A server that is away says nothing about the session; the next turn asks again.
                tracing::debug!(channel = %channel.id, reason = failed.reason, "a session's server does not answer");
                return nothing();
            }
        };
        let told = json!({ "status": found.state, "phone": found.phone, "name": found.profile });
        let heard = self.sessions.heard_at(channel.id);
        let is_quiet = heard.is_none_or(|at| now.since(at) >= QUIET);
        let catch_up = delivery.payload.0["catchUp"] == Value::Bool(true);
        if found.state == SessionState::Working && (is_quiet || catch_up) {
            match self.catch_up(delivery, &channel, client, now).await {
                Ok(0) => {}
                Ok(taken) => tracing::info!(channel = %channel.id, taken, "a session's chats were looked through"),
                Err(failed) => {
                    tracing::warn!(channel = %channel.id, reason = failed.reason, "a session's chats can't be looked through");
                }
            }
        }
        Outcome::Done(told)
    }

    /// Takes what was said since somebody last listened, by the same commands and under the same ids as webhooks.
    async fn catch_up(
        &self,
        delivery: &Delivery,
        channel: &Channel,
        client: Client<'_>,
        now: Timestamp,
    ) -> std::result::Result<usize, Failed> {
        let known = self.sessions.polled_until(channel.id).max(self.sessions.heard_at(channel.id));
        let since = known.or(channel.last_inbound_at).unwrap_or(channel.created_at).max(now.minus(BACK_MAX));
        let mut taken = 0;
        for told in session::missed(client, since.minus(OVERLAP), now).await? {
            // The rest of what happened only a webhook knows.
            let Ok(told @ (Told::Message(_) | Told::Echo(_))) = told else { continue };
            let (id, by) = (channel.id, Origin::system().acting_as(ActorRef::Channel(channel.id)));
            match self.store.write(delivery.tenant, Lane::Reactions, by, move |tx| commands::take(tx, id, told)).await {
                Ok(()) => taken += 1,
                Err(error) => tracing::warn!(%error, channel = %channel.id, "a listed message was not taken"),
            }
        }
        self.sessions.note_polled(channel.id, now);
        Ok(taken)
    }
}

/// The hand that asks how a session does.
pub struct WatchHand(pub Watch);

impl Hand for WatchHand {
    fn kind(&self) -> &'static str {
        WATCH
    }
    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(self.0.look(delivery))
    }
    fn settle(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, _last: bool) -> Result<()> {
        let Outcome::Done(told) = outcome else { return Ok(()) };
        let text = |key: &str| told[key].as_str().map(str::to_owned);
        let Some(status) = text("status") else { return Ok(()) };
        let news = SessionNews { status, phone: text("phone"), name: text("name") };
        commands::session_changed(tx, channel_of(delivery)?, &news)
    }
    fn policy(&self) -> Policy {
        // The timer asks again; a failure needs no second attempt of its own.
        Policy {
            attempts_max: 1,
            attempt_timeout: Duration::from_secs(120),
            lane_wait: Duration::from_secs(1),
            ..Policy::default()
        }
    }
}

/// The hand that fetches a code to scan.
pub struct QrHand(pub Watch);

impl Hand for QrHand {
    fn kind(&self) -> &'static str {
        FETCH_QR
    }
    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Ok(Some(channel)) = self.0.channel(delivery) else { return nothing() };
            let Some(line) = self.0.accounts.line(delivery.tenant, &channel) else { return nothing() };
            match session::qr(Client::new(&self.0.outbound, &line)).await {
                Ok(Some(code)) => {
                    self.0.sessions.show_code(channel.id, code, self.0.store.now());
                    Outcome::Done(json!({ "shown": true }))
                }
                // Scanned meanwhile, or not there yet: the session's next event brings the next one.
                _ => nothing(),
            }
        })
    }
    fn settle(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, _last: bool) -> Result<()> {
        match outcome {
            Outcome::Done(found) if found["shown"] == true => commands::qr_fetched(tx, channel_of(delivery)?),
            _ => Ok(()),
        }
    }
    fn policy(&self) -> Policy {
        Policy {
            attempts_max: 1,
            attempt_timeout: Duration::from_secs(20),
            lane_wait: Duration::from_secs(1),
            ..Policy::default()
        }
    }
}
