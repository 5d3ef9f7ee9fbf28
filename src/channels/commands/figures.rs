//! Counts what goes over channels, in the commits that change it.

use crate::{
    base::{ChannelId, Error, Result, Timestamp},
    channels::{
        health::figures::{Day, bucket_of, counted, counter, day_at, hour_of, zone},
        model::{Channel, ChannelHour, ChannelStatus},
        sending::limits,
    },
    conversations::{Message, MessageStatus},
    platform::store::{KeyRange, Read, Record, Tx, Write},
};
use std::time::Duration;

/// Hours in which a channel came to stand differently are kept so long: longer than any figure looks back.
const HOURS_KEPT_FOR: Duration = Duration::from_secs(400 * 86_400);
/// Old ones removed with each new one.
const HOURS_SWEPT: usize = 4;

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

/// A channel stands differently from now on. However often that happens, an hour leaves one row.
pub(super) fn stands(tx: &mut Tx<'_, '_>, channel: ChannelId, status: ChannelStatus) -> Result<()> {
    let now = tx.now();
    let rows = || KeyRange::prefix(channel);
    let aged: Vec<ChannelHour> = tx
        .all::<ChannelHour>(rows())?
        .take(HOURS_SWEPT)
        .filter_map(|row| row.map(|(old, _)| (now.since(old.hour) > HOURS_KEPT_FOR).then_some(old)).transpose())
        .collect::<Result<_>>()?;
    let last = tx.all::<ChannelHour>(rows().reverse())?.next().transpose()?.map(|(row, _)| row);
    for old in aged {
        tx.delete::<ChannelHour>(&old.key())?;
    }
    let hour = hour_of(now);
    let mut row = match &last {
        Some(row) if row.hour == hour => row.clone(),
        // It stood as before until now.
        Some(row) => ChannelHour { hour, up_ms: 0, known_ms: 0, since: hour, ..row.clone() },
        None => ChannelHour { channel, hour, up_ms: 0, known_ms: 0, status, since: now },
    };
    let (up, known) = counted(row.status, now.0.saturating_sub(row.since.0).max(0));
    let sum = |so_far: u32, more: i64| so_far.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
    (row.up_ms, row.known_ms) = (sum(row.up_ms, up), sum(row.known_ms, known));
    (row.status, row.since) = (status, now);
    tx.put(&row)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Env, Origin},
        channels::{
            commands::{NewChannel, connect, mark_broken, mark_working},
            health::figures::uptime,
            model::{ChannelConfig, WhatsappCloud},
        },
        platform::{
            secrets::Keyring,
            store::{
                Lane,
                testing::{founded, on_thread},
            },
        },
    };

    #[test]
    fn a_channel_that_comes_and_goes_for_days_leaves_a_row_an_hour() {
        let (env, clock) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (store, tenants) = on_thread(founded(&env, 1));
        let tenant = tenants[0];
        macro_rules! run {
            ($work:expr) => {
                on_thread(store.write(tenant, Lane::People, Origin::system(), $work)).unwrap()
            };
        }
        let number = WhatsappCloud {
            phone_number_id: "1".into(),
            business_account_id: None,
            base_url: "http://127.0.0.1:9".into(),
            access_token: None,
            app_secret: None,
            verify_token: Keyring::ephemeral().seal(tenant, "channel.verifyToken", "v").unwrap(),
            display_number: None,
            verified_name: None,
            quality: None,
        };
        let config = ChannelConfig::WhatsappCloud(number);
        let new = NewChannel { name: "W".into(), queue: None, is_default: true, config };
        let channel = run!(move |tx: &mut Tx<'_, '_>| connect(tx, new));
        let id = channel.id;
        let began = env.now();
        // A minute up, three minutes down, for two days.
        for _ in 0..720 {
            run!(move |tx: &mut Tx<'_, '_>| mark_working(tx, id));
            clock.advance(Duration::from_secs(60));
            run!(move |tx: &mut Tx<'_, '_>| mark_broken(tx, id, "190: token"));
            clock.advance(Duration::from_secs(180));
        }
        let rows = store.view(tenant, |view| Ok(view.all::<ChannelHour>(KeyRange::prefix(id))?.count())).unwrap();
        assert!((48..=49).contains(&rows), "{rows}");
        let share = |from: Timestamp| store.view(tenant, |view| uptime(view, &channel, from, env.now())).unwrap();
        assert_eq!(share(began), Some(25.0));
        assert_eq!(share(env.now().minus(Duration::from_secs(86_400))), Some(25.0));
        // A day off is no day down.
        run!(move |tx: &mut Tx<'_, '_>| mark_working(tx, id));
        clock.advance(Duration::from_secs(3 * 86_400));
        assert_eq!(share(env.now().minus(Duration::from_secs(86_400))), Some(100.0));
        assert_eq!(share(began), Some(70.0));
    }
}
