//! Looks after sessions: fetches codes to scan, asks how a session does, and takes in what no webhook told.

use super::figures;
use crate::{
    base::{ActorRef, ChannelId, Error, Origin, Result, Timestamp},
    channels::{
        accounts::Accounts,
        commands::{self, FETCH_QR, WATCH},
        model::{Channel, ChannelKind, SessionState},
        receiving::inbound::{SessionNews, Told},
        sending::manners::{self, WatchHours},
        sessions::heard::Sessions,
        waha::{
            client::{Client, Failed, Session},
            session::{self, Act},
        },
    },
    conversations,
    platform::{
        outbound::Outbound,
        outbox::{Delivery, Hand, Outcome, Policy},
        store::{Lane, Read, Store, Tx, View},
    },
};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Without a webhook for so long, the chats themselves are looked through.
const QUIET: Duration = Duration::from_secs(120);
/// A message younger than this may still be on its way by webhook: it is left for the next look.
const ON_ITS_WAY: Duration = Duration::from_secs(10);
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
    /// When the house began to listen.
    pub since: Timestamp,
}

pub(in crate::channels) fn channel_of(delivery: &Delivery) -> Result<ChannelId> {
    let id = delivery.payload.0.get("channel").and_then(|id| id.as_str()?.parse().ok());
    id.ok_or_else(|| Error::conflict("no_channel", "the delivery names no channel"))
}

/// Nothing to do, and nothing wrong with that.
pub(in crate::channels) fn nothing() -> Outcome {
    Outcome::Done(Value::Null)
}

impl Watch {
    pub(in crate::channels) fn channel(&self, delivery: &Delivery) -> Result<Option<Channel>> {
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
        let quiet = channel.waha().and_then(|waha| waha.poll_seconds).map_or(QUIET, |secs| Duration::from_secs(secs.into()));
        let (found, restarted) = self.raised(&channel, client, found, quiet, now).await;
        let mut told = json!({ "status": found.state, "phone": found.phone, "name": found.profile, "restarted": restarted });
        let heard = self.sessions.heard_at(channel.id);
        let is_quiet = heard.is_none_or(|at| now.since(at) >= quiet);
        let mut missed = 0;
        let catch_up = delivery.payload.0["catchUp"] == Value::Bool(true);
        if found.state == SessionState::Working && (is_quiet || catch_up) {
            let until = if catch_up { now } else { now.minus(ON_ITS_WAY) };
            match self.catch_up(delivery, &channel, client, (now, until), catch_up).await {
                Ok(taken) => missed = taken,
                Err(failed) => {
                    tracing::warn!(channel = %channel.id, reason = failed.reason, "a session's chats can't be looked through");
                }
            }
        }
        if missed > 0 {
            tracing::info!(channel = %channel.id, missed, "a session's chats held what no webhook told");
        }
        if found.state == SessionState::Working {
            // What was said while it was away, it could not tell.
            let proved = missed > 0 && is_quiet && !catch_up;
            told["silent"] = self.silence(delivery, &channel, proved, now).map_or(Value::Null, |is_silent| is_silent.into());
            told["missed"] = missed.into();
        }
        Outcome::Done(told)
    }

    /// The session as it stands, started anew where it has given up and does not come back by itself: once that has lasted as
    /// long as a webhook may be missing, then ever more seldom, a few times in all. One that somebody stopped stays stopped,
    /// and one that waits for a code waits for a person.
    async fn raised(
        &self,
        channel: &Channel,
        client: Client<'_>,
        found: Session,
        patience: Duration,
        now: Timestamp,
    ) -> (Session, bool) {
        if found.state == SessionState::Working {
            self.sessions.note_working(channel.id);
        }
        let lasts = channel.waha().filter(|waha| waha.state == SessionState::Failed).and_then(|waha| waha.state_since);
        let is_over = lasts.is_some_and(|since| now.since(since) >= patience);
        if found.state != SessionState::Failed || !is_over || !self.sessions.may_restart(channel.id, now) {
            return (found, false);
        }
        tracing::info!(channel = %channel.id, "a session that gave up is started anew");
        match session::act(client, Act::Restart, None).await {
            Ok(again) => {
                self.sessions.note_restarted(channel.id, now);
                (again, true)
            }
            Err(failed) => {
                tracing::warn!(channel = %channel.id, reason = failed.reason, "a session that gave up can't be started anew");
                (found, false)
            }
        }
    }

    /// Is the session silent, or not any more? `None`: nothing to tell.
    fn silence(&self, delivery: &Delivery, channel: &Channel, proved: bool, now: Timestamp) -> Option<bool> {
        let waha = channel.waha()?;
        let heard = self.sessions.heard_at(channel.id);
        if let Some(since) = waha.silent_since {
            return heard.filter(|at| *at > since).map(|_| false);
        }
        if proved {
            return Some(true);
        }
        let patience = Duration::from_secs(u64::from(waha.silent_after_minutes?) * 60);
        let read = |view: &View| Ok((figures::zone(view)?, manners::watch_hours(view, channel.id)?));
        let (zone, hours) = self.store.view(delivery.tenant, read).ok()?;
        let last = heard.max(waha.state_since).max(Some(self.since)).unwrap_or(self.since);
        (silent_hours(last, now, &zone, hours) >= patience).then_some(true)
    }

    /// Takes what was said since somebody last listened, by the same commands and under the same ids as webhooks.
    async fn catch_up(
        &self,
        delivery: &Delivery,
        channel: &Channel,
        client: Client<'_>,
        (now, until): (Timestamp, Timestamp),
        is_back: bool,
    ) -> std::result::Result<usize, Failed> {
        // That a session is back is heard too, and says nothing about what was said while it was away.
        let heard = if is_back { channel.last_inbound_at } else { self.sessions.heard_at(channel.id) };
        let known = self.sessions.polled_until(channel.id).max(heard).or(channel.last_inbound_at);
        let since = known.into_iter().chain(self.sessions.unread_since(channel.id)).min().unwrap_or(channel.created_at);
        let since = since.max(now.minus(BACK_MAX));
        let mut taken = 0;
        let missed = session::missed(client, since.minus(OVERLAP), now).await?;
        for told in missed.told {
            // The rest of what happened only a webhook knows.
            let Ok(told @ (Told::Message(_) | Told::Echo(_))) = told else { continue };
            let known = match &told {
                Told::Message(message) | Told::Echo(message) => self
                    .store
                    .view(delivery.tenant, |view| conversations::is_known(view, channel.id, &message.external_id))
                    .unwrap_or(false),
                _ => false,
            };
            let is_fresh = matches!(&told, Told::Message(message) | Told::Echo(message) if message.at > until);
            if known || is_fresh {
                continue;
            }
            let (id, by) = (channel.id, Origin::system().acting_as(ActorRef::Channel(channel.id)));
            match self.store.write(delivery.tenant, Lane::Reactions, by, move |tx| commands::take(tx, id, told)).await {
                Ok(()) => taken += 1,
                Err(error) => tracing::warn!(%error, channel = %channel.id, "a listed message was not taken"),
            }
        }
        match missed.unread {
            None => self.sessions.note_polled(channel.id, now),
            // The next look begins where this one did: what was taken is known by then.
            Some(failed) => {
                self.sessions.note_unread(channel.id, since);
                tracing::warn!(channel = %channel.id, reason = failed.reason, "a chat of a session can't be looked through");
            }
        }
        Ok(taken)
    }
}

/// Days looked back over.
const DAYS_MAX: i64 = 14;

/// How much of the time between the two lay in the hours in which silence counts.
fn silent_hours(from: Timestamp, to: Timestamp, zone: &jiff::tz::TimeZone, hours: WatchHours) -> Duration {
    const HOUR_MS: i64 = 3_600_000;
    // The offset of the end is good enough: an hour once in half a year.
    let offset = jiff::Timestamp::from_millisecond(to.0).map_or(0, |at| i64::from(zone.to_offset(at).seconds()) * 1_000);
    let (from, to) = ((from.0 + offset).max(to.0 + offset - DAYS_MAX * 24 * HOUR_MS), to.0 + offset);
    let (begins, ends) = (i64::from(hours.from_hour), i64::from(hours.until_hour));
    // What ends when it began, or earlier, ends on the next day.
    let ends = if ends <= begins { ends + 24 } else { ends };
    let day = |at: i64| at.div_euclid(24 * HOUR_MS);
    let within = (day(from) - 1..=day(to)).map(|day| {
        let midnight = day * 24 * HOUR_MS;
        (to.min(midnight + ends * HOUR_MS) - from.max(midnight + begins * HOUR_MS)).max(0)
    });
    Duration::from_millis(within.sum::<i64>().unsigned_abs())
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
        let id = channel_of(delivery)?;
        commands::session_changed(tx, id, &news)?;
        if told["restarted"] == true {
            commands::restarted(tx, id, &news.status)?;
        }
        match told["silent"].as_bool() {
            Some(is_silent) => {
                let missed = told["missed"].as_u64().unwrap_or(0);
                let why = if missed > 0 { format!("{missed} messages came without an event") } else { "nothing came".to_owned() };
                commands::silence(tx, id, is_silent, &why)
            }
            None => Ok(()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hours_that_are_set_count_as_silence() {
        let zone = jiff::tz::TimeZone::get("America/Sao_Paulo").unwrap();
        let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let of = |hours: (u32, u32), from: &str, to: &str| {
            let hours = WatchHours { from_hour: hours.0, until_hour: hours.1 };
            silent_hours(at(from), at(to), &zone, hours).as_secs() as f64 / 3_600.0
        };
        let hours = |from: &str, to: &str| of((8, 20), from, to);
        // Sao Paulo is three hours behind.
        assert_eq!(hours("2026-03-02T13:00:00Z", "2026-03-02T15:30:00Z"), 2.5);
        assert_eq!(hours("2026-03-02T21:00:00Z", "2026-03-03T12:00:00Z"), 3.0);
        assert_eq!(hours("2026-03-02T23:30:00Z", "2026-03-03T10:30:00Z"), 0.0);
        // Who drives at night is called at night; who drives always, always.
        assert_eq!(of((20, 6), "2026-03-02T22:00:00Z", "2026-03-03T12:00:00Z"), 10.0);
        assert_eq!(of((20, 6), "2026-03-03T05:00:00Z", "2026-03-03T06:30:00Z"), 1.5);
        for all_day in [(0, 24), (7, 7)] {
            assert_eq!(of(all_day, "2026-03-02T00:00:00Z", "2026-03-04T06:00:00Z"), 54.0, "{all_day:?}");
        }
    }
}
