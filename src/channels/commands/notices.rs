//! What providers tell of accounts, templates, groups and consent: each is taken where it belongs, and listed.

use super::{
    manage::{mark_broken, note_quality},
    receive::identities,
};
use crate::{
    base::{ChannelId, Result},
    channels::{
        model::{CHANNEL_NOTICED, CHANNEL_READ, ChannelNotice},
        receiving::inbound::{AccountNews, GroupNews, ReceivedConsent, ReceivedNotice, Sender},
    },
    contacts::{self, Consent, ConsentSource},
    platform::{
        journal::{Audience, NewEvent},
        store::{Read, Tx, Write},
    },
};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Longer raw notices are cut: they are for looking at.
const RAW_BYTES_MAX: usize = 16 << 10;

/// Lists a notice, once however often it is told; says whether it is new.
pub fn list_notice(tx: &mut Tx<'_, '_>, channel: ChannelId, notice: &ReceivedNotice) -> Result<bool> {
    list_with_step(tx, channel, notice, None)
}

/// The same, with what a person can do about it.
pub(super) fn list_with_step(
    tx: &mut Tx<'_, '_>,
    channel: ChannelId,
    notice: &ReceivedNotice,
    next_step: Option<String>,
) -> Result<bool> {
    let mut digest = Sha256::new();
    digest.update(uuid::Uuid::from(channel).as_bytes());
    digest.update(notice.topic.as_bytes());
    digest.update(notice.at.0.to_be_bytes());
    digest.update(notice.raw.as_bytes());
    let digest = digest.finalize();
    let id = uuid::Builder::from_custom_bytes(std::array::from_fn(|i| digest[i])).into_uuid();
    if tx.get::<ChannelNotice>(&id)?.is_some() {
        return Ok(false);
    }
    let mut raw = notice.raw.clone();
    if raw.len() > RAW_BYTES_MAX {
        raw.truncate(raw.floor_char_boundary(RAW_BYTES_MAX));
    }
    tx.put(&ChannelNotice {
        id,
        channel,
        at: notice.at,
        topic: notice.topic.clone(),
        event: notice.event.clone(),
        subject: notice.subject.clone(),
        reason: notice.reason.clone(),
        raw,
        next_step,
        told_at: tx.now(),
    })?;
    let side = Audience::holders(CHANNEL_READ);
    let data = json!({ "topic": notice.topic, "event": notice.event });
    tx.emit(NewEvent { kind: CHANNEL_NOTICED, subject: channel.into(), before: side.clone(), after: side, data })?;
    Ok(true)
}

/// The account changed at the provider.
pub fn account_changed(tx: &mut Tx<'_, '_>, channel: ChannelId, news: AccountNews, notice: &ReceivedNotice) -> Result<()> {
    if !list_notice(tx, channel, notice)? {
        return Ok(());
    }
    match news {
        AccountNews::Refused(failure) => mark_broken(tx, channel, &format!("{}: {}", failure.code, failure.reason)),
        AccountNews::Quality { quality: Some(quality), .. } => note_quality(tx, channel, &quality),
        AccountNews::Quality { .. } | AccountNews::Other => Ok(()),
    }
}

/// Somebody set at the provider what they want to receive.
pub fn consent(tx: &mut Tx<'_, '_>, channel: ChannelId, told: &ReceivedConsent) -> Result<()> {
    let home = contacts::resolve(tx, &identities(&told.sender), told.sender.name.as_deref())?.home;
    let consent = Consent {
        channel: Some(channel),
        purpose: told.purpose,
        is_granted: told.is_granted,
        at: told.at,
        source: ConsentSource::Provider,
    };
    contacts::set_consent(tx, home, consent).map(drop)
}

/// Somebody has further or other addresses of the provider's.
pub fn new_identity(
    tx: &mut Tx<'_, '_>,
    channel: ChannelId,
    known: &Sender,
    now: &Sender,
    notice: &ReceivedNotice,
) -> Result<()> {
    if list_notice(tx, channel, notice)? {
        contacts::relink(tx, &identities(known), &identities(now))?;
    }
    Ok(())
}

/// A group changed: its contact follows.
pub fn group_changed(tx: &mut Tx<'_, '_>, channel: ChannelId, news: GroupNews, notice: &ReceivedNotice) -> Result<()> {
    if !list_notice(tx, channel, notice)? {
        return Ok(());
    }
    let change = contacts::GroupChange {
        subject: news.group.subject,
        description: news.description,
        joined: news.joined,
        left: news.left,
        is_whole: news.is_whole,
    };
    contacts::resolve_group(tx, channel, &news.group.id, &change).map(drop)
}
