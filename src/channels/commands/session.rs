//! What becomes of a channel whose session is paired, lost or found again, and when it is looked after next.

use super::{
    manage::{require_channel, save},
    notices::list_notice,
    release::let_go,
};
use crate::{
    base::{ChannelId, Result, Timestamp},
    channels::{
        model::{
            CHANNEL_READ, CHANNEL_UPDATED, Channel, ChannelConfig, ChannelKind, ChannelStatus, SessionState,
            WHATSAPP_DISCONNECTED, WHATSAPP_QR, WHATSAPP_READY,
        },
        receiving::inbound::{ReceivedNotice, SessionNews},
    },
    contacts::{self, IdentityKind, Observed},
    conversations::{self, Conversation},
    platform::{
        journal::{Audience, NewEvent},
        outbox::NewDelivery,
        store::{Read, Tx},
        timers::{DueTimer, TimerKey},
    },
};
use serde_json::{Value, json};
use std::time::Duration;

/// Purpose of the timer that looks after a session, and kind of the delivery that asks its server.
pub const WATCH: &str = "waha.watch";
/// Kind of the delivery that fetches a code to scan.
pub const FETCH_QR: &str = "waha.qr";
/// Kind of the delivery that asks for the number behind a hidden id.
pub const LOOK_UP_LID: &str = "waha.lid";
/// Of the messages of somebody whose number is hidden, every so many asks for it again.
const ASKED_EVERY: u64 = 20;
/// Why a session that works is not well: it tells nothing.
const SILENT: &str = "session_silent";
/// Between two looks at a session.
pub const WATCH_EVERY: Duration = Duration::from_secs(60);

/// A session tells how it does.
pub fn session_changed(tx: &mut Tx<'_, '_>, id: ChannelId, news: &SessionNews) -> Result<()> {
    let Some(old) = tx.get::<Channel>(&id)?.filter(Channel::is_live) else { return Ok(()) };
    let (Some(state), now) = (SessionState::parse(&news.status), tx.now()) else { return Ok(()) };
    let mut channel = old.clone();
    let ChannelConfig::Waha(config) = &mut channel.config else { return Ok(()) };
    let was = config.state;
    if was != state {
        (config.state, config.state_since) = (state, Some(now));
    }
    config.number = news.phone.clone().or(config.number.take());
    config.profile = news.name.clone().or(config.profile.take());
    let number = config.number.clone();
    match (state, old.status) {
        (_, ChannelStatus::Disabled) | (SessionState::Starting | SessionState::Unknown, _) => {}
        (SessionState::Working, _) => (channel.status, channel.status_reason) = (ChannelStatus::Connected, None),
        // Never paired yet: nothing is broken that worked.
        (_, ChannelStatus::Unverified) => channel.status_reason = Some(format!("session_{}", state.word())),
        _ => (channel.status, channel.status_reason) = (ChannelStatus::Broken, Some(format!("session_{}", state.word()))),
    }
    if channel != old {
        save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null)?;
    }
    if channel.status == ChannelStatus::Connected && old.status != ChannelStatus::Connected {
        let_go(tx, id)?;
    }
    if state == SessionState::Working && was != state {
        tell(tx, WHATSAPP_READY, id, json!({ "phoneNumber": number }))?;
        // What was said while it was away is fetched at once.
        watch_at(tx, id, now, true)?;
    }
    if was == SessionState::Working && state != was {
        tell(tx, WHATSAPP_DISCONNECTED, id, json!({ "state": state }))?;
    }
    if state == SessionState::ScanQrCode {
        order(tx, FETCH_QR, id, Value::Null)?;
    }
    Ok(())
}

/// The house has started a session anew that had given up; it stands as `status` says.
pub fn restarted(tx: &mut Tx<'_, '_>, id: ChannelId, status: &str) -> Result<()> {
    let now = tx.now();
    let raw = json!({ "event": "RESTARTED", "status": status, "at": now }).to_string();
    let (topic, event) = ("session.restart".to_owned(), "RESTARTED".to_owned());
    list_notice(tx, id, &ReceivedNotice { topic, event, subject: None, reason: None, at: now, raw }).map(drop)
}

/// A code to scan was fetched: whoever looks at the channel sees it. The code itself is in no record.
pub fn qr_fetched(tx: &mut Tx<'_, '_>, id: ChannelId) -> Result<()> {
    tell(tx, WHATSAPP_QR, id, json!({}))
}

fn tell(tx: &mut Tx<'_, '_>, kind: &'static str, id: ChannelId, data: Value) -> Result<()> {
    let side = Audience::holders(CHANNEL_READ);
    tx.emit(NewEvent { kind, subject: id.into(), before: side.clone(), after: side, data }).map(drop)
}

/// Somebody wrote who hides the number: it is asked for, unless it is known.
pub fn look_up_lid(tx: &mut Tx<'_, '_>, id: ChannelId, lid: &str, conversation: &Conversation) -> Result<()> {
    if conversation.contact.phone.is_some() || conversation.arrivals % ASKED_EVERY != 1 {
        return Ok(());
    }
    let delivery = tx.new_id();
    let payload = json!({ "channel": id, "lid": lid });
    tx.deliver(NewDelivery { id: delivery, kind: LOOK_UP_LID, lane: format!("{id} {lid}"), payload, not_before: None })
}

/// The number behind a hidden id is known: both are addresses of one contact. Where the number belongs to another contact
/// already, people are asked whether the two are one; nothing is put together by itself.
pub fn number_found(tx: &mut Tx<'_, '_>, id: ChannelId, lid: &str, phone: &str) -> Result<()> {
    require_channel(tx, id)?;
    let seen = [Observed::new(IdentityKind::Lid, lid), Observed::new(IdentityKind::Whatsapp, phone.trim_start_matches('+'))];
    let contact = contacts::resolve(tx, &seen, None)?.contact;
    conversations::refresh_cards(tx, contact.id, None).map(drop)
}

/// The session tells nothing although it works, or tells again.
pub fn silence(tx: &mut Tx<'_, '_>, id: ChannelId, is_silent: bool, why: &str) -> Result<()> {
    let Some(old) = tx.get::<Channel>(&id)?.filter(Channel::is_live) else { return Ok(()) };
    let (mut channel, now) = (old.clone(), tx.now());
    let ChannelConfig::Waha(config) = &mut channel.config else { return Ok(()) };
    if config.silent_since.is_some() == is_silent {
        return Ok(());
    }
    config.silent_since = is_silent.then_some(now);
    // Another reason was given by who knows more: silence neither hides it nor takes it away when it ends.
    match (is_silent, channel.status_reason.as_deref()) {
        (true, None) if channel.status == ChannelStatus::Connected => channel.status_reason = Some(SILENT.to_owned()),
        (false, Some(SILENT)) => channel.status_reason = None,
        _ => {}
    }
    save(tx, Some(&old), &mut channel, CHANNEL_UPDATED, Value::Null)?;
    let event = if is_silent { "SILENT" } else { "HEARD" };
    let reason = is_silent.then(|| why.to_owned());
    let raw = json!({ "event": event, "reason": reason, "at": now }).to_string();
    let notice = ReceivedNotice { topic: "session.silent".into(), event: event.into(), subject: None, reason, at: now, raw };
    list_notice(tx, id, &notice).map(drop)
}

/// Looks after a session from `at` on. One timer per channel: setting it again replaces it.
pub fn watch_at(tx: &mut Tx<'_, '_>, id: ChannelId, at: Timestamp, catch_up: bool) -> Result<()> {
    tx.at(TimerKey::new(WATCH, id.into()), at, json!({ "catchUp": catch_up }))
}

/// The timer's turn: asks the server, and sets the next turn. A channel that is gone is looked after no more; one that
/// is switched off waits until it is switched on.
pub fn watch(tx: &mut Tx<'_, '_>, due: &DueTimer) -> Result<()> {
    let id = ChannelId(due.key.subject);
    let Some(channel) = tx.get::<Channel>(&id)?.filter(Channel::is_live) else { return Ok(()) };
    if channel.kind() != ChannelKind::Waha || channel.status == ChannelStatus::Disabled {
        return Ok(());
    }
    order(tx, WATCH, id, due.payload["catchUp"].clone())?;
    let quiet = channel.waha().and_then(|waha| waha.poll_seconds).map_or(WATCH_EVERY, |secs| Duration::from_secs(secs.into()));
    watch_at(tx, id, tx.now().plus(quiet.min(WATCH_EVERY)), false)
}

/// One at a time for each channel: the lane is the channel.
fn order(tx: &mut Tx<'_, '_>, kind: &'static str, id: ChannelId, catch_up: Value) -> Result<()> {
    let delivery = tx.new_id();
    let payload = json!({ "channel": id, "catchUp": catch_up });
    tx.deliver(NewDelivery { id: delivery, kind, lane: id.to_string(), payload, not_before: None })
}
