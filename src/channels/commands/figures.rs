//! Counts what goes over channels, in the commits that change it.

use crate::{
    base::{ChannelId, Error, Result, Timestamp},
    channels::{
        health::figures::{Day, bucket_of, counter, day_at, zone},
        model::{CHANGES_OF_CHANNEL, Channel, ChannelStatus, StatusChange},
        sending::limits,
    },
    conversations::{Message, MessageStatus},
    platform::store::{KeyRange, Read, Tx, Write},
};
use std::time::Duration;

/// Changes of status are kept so long: longer than any figure looks back.
const CHANGES_KEPT_FOR: Duration = Duration::from_secs(400 * 86_400);
/// Old changes removed with each new one.
const CHANGES_SWEPT: usize = 4;

/// A customer's message arrived.
pub fn came_in(tx: &mut Tx<'_, '_>, channel: ChannelId) -> Result<()> {
    let day = day_at(tx.now(), &zone(tx)?);
    tx.count(counter::IN, (channel, day), 1).map(drop)
}

/// One of us wrote on the phone.
pub fn went_out(tx: &mut Tx<'_, '_>, channel: ChannelId) -> Result<()> {
    let day = day_at(tx.now(), &zone(tx)?);
    tx.count(counter::OUT, (channel, day), 1).map(drop)
}

/// A message of ours got on from `old` to `new`; says whether it failed just now.
pub fn got_on(tx: &mut Tx<'_, '_>, old: &Message, new: &Message) -> Result<bool> {
    let was_taken = old.status.is_settled() && old.status != MessageStatus::Failed;
    let is_taken = new.status.is_settled() && new.status != MessageStatus::Failed;
    let fails = new.status == MessageStatus::Failed && old.status != MessageStatus::Failed;
    let arrived = new.delivered_at.filter(|_| old.delivered_at.is_none());
    // Taken, refused later and delivered all the same is one message out.
    let leaves = is_taken && !was_taken && old.sent_at.is_none();
    if !leaves && !fails && arrived.is_none() {
        return Ok(false);
    }
    let day = day_at(tx.now(), &zone(tx)?);
    let channel = new.channel;
    if leaves {
        tx.count(counter::OUT, (channel, day), 1)?;
    }
    if fails {
        tx.count(counter::FAILED, (channel, day), 1)?;
    }
    if let (Some(at), Some(sent)) = (arrived, new.sent_at) {
        // Two clocks: the provider's may be behind ours.
        let millis = at.as_millis().saturating_sub(sent.as_millis()).max(0);
        tx.count(counter::DELIVERED, (channel, day, bucket_of(millis)), 1)?;
    }
    Ok(fails)
}

/// A channel stands differently from now on.
pub(super) fn stands(tx: &mut Tx<'_, '_>, channel: ChannelId, status: ChannelStatus) -> Result<()> {
    let now = tx.now();
    let aged: Vec<StatusChange> = tx
        .list(&CHANGES_OF_CHANNEL, KeyRange::prefix(channel))?
        .take(CHANGES_SWEPT)
        .filter_map(|hit| hit.map(|(old, _)| (now.since(old.at) > CHANGES_KEPT_FOR).then_some(old)).transpose())
        .collect::<Result<_>>()?;
    for old in aged {
        tx.delete::<StatusChange>(&old.id)?;
    }
    tx.put(&StatusChange { id: tx.new_id(), channel, at: now, status })
}

/// Counts a message that people asked to be sent, where its channel has a limit of its own per day.
///
/// # Errors
/// Conflict `channel_day_limit`, naming the limit and when it begins anew.
pub fn asked(tx: &mut Tx<'_, '_>, channel: &Channel) -> Result<()> {
    has_room(tx, channel)?;
    if channel.limits.per_day.is_none() {
        return Ok(());
    }
    let day = day_at(tx.now(), &zone(tx)?);
    let (asked, so_far) = asked_so_far(tx, channel.id, day)?;
    tx.count(counter::ASKED, (channel.id, day), so_far + 1 - asked).map(drop)
}

/// Refuses one message more than a channel's own limit per day, and counts nothing.
///
/// # Errors
/// As [`asked`].
pub fn has_room(tx: &Tx<'_, '_>, channel: &Channel) -> Result<()> {
    let Some(most) = channel.limits.per_day else { return Ok(()) };
    let (zone, now) = (zone(tx)?, tx.now());
    let (_, so_far) = asked_so_far(tx, channel.id, day_at(now, &zone))?;
    if so_far >= i64::from(most) {
        return Err(over(most, now, &zone));
    }
    Ok(())
}

/// How many were asked for that day, and how many the limit counts: set in the course of a day, it counts what went out
/// before.
fn asked_so_far(tx: &Tx<'_, '_>, channel: ChannelId, day: Day) -> Result<(i64, i64)> {
    let asked = tx.counter(counter::ASKED, (channel, day))?;
    Ok((asked, asked.max(tx.counter(counter::OUT, (channel, day))?)))
}

fn over(most: u32, now: Timestamp, zone: &jiff::tz::TimeZone) -> Error {
    let anew = limits::tomorrow(now, zone);
    let clock = anew.in_zone(zone);
    let at = clock.strftime("%Y-%m-%d %H:%M %Z");
    Error::conflict("channel_day_limit", format!("this channel sends at most {most} messages a day: the next one at {at}"))
}
