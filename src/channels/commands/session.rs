//! What becomes of a channel whose session is paired, lost or found again, and when it is looked after next.

use super::{manage::save, release::let_go};
use crate::{
    base::{ChannelId, Result, Timestamp},
    channels::{
        inbound::SessionNews,
        model::{
            CHANNEL_READ, CHANNEL_UPDATED, Channel, ChannelConfig, ChannelKind, ChannelStatus, SessionState,
            WHATSAPP_DISCONNECTED, WHATSAPP_QR, WHATSAPP_READY,
        },
    },
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

/// A code to scan was fetched: whoever looks at the channel sees it. The code itself is in no record.
pub fn qr_fetched(tx: &mut Tx<'_, '_>, id: ChannelId) -> Result<()> {
    tell(tx, WHATSAPP_QR, id, json!({}))
}

fn tell(tx: &mut Tx<'_, '_>, kind: &'static str, id: ChannelId, data: Value) -> Result<()> {
    let side = Audience::holders(CHANNEL_READ);
    tx.emit(NewEvent { kind, subject: id.into(), before: side.clone(), after: side, data }).map(drop)
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
    watch_at(tx, id, tx.now().plus(WATCH_EVERY), false)
}

/// One at a time for each channel: the lane is the channel.
fn order(tx: &mut Tx<'_, '_>, kind: &'static str, id: ChannelId, catch_up: Value) -> Result<()> {
    let delivery = tx.new_id();
    let payload = json!({ "channel": id, "catchUp": catch_up });
    tx.deliver(NewDelivery { id: delivery, kind, lane: id.to_string(), payload, not_before: None })
}
