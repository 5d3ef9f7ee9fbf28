//! What went over a channel, day by day in the firm's calendar, and how long it worked.
//!
//! Messages are counted in the commits that change them: `in` when a customer's arrives, `out` when the provider takes one
//! of ours (or one of us wrote on the phone), `failed` when one of ours fails for good, be it before or after it was
//! taken. How long ours take from taken to delivered is counted in [`BUCKETS_MS`], of which the median is read: within a
//! bucket as if its messages were spread evenly. Uptime is the part of a stretch in which a channel was CONNECTED, of
//! that in which it was CONNECTED or BROKEN: one switched off or not proven yet is neither.

use crate::{
    base::{ChannelId, Result, Timestamp},
    channels::model::{Channel, ChannelHour, ChannelStatus},
    identity::Tenant,
    platform::store::{KeyRange, Read, TenantScope},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// Names of the counters, each by channel and day.
pub mod counter {
    pub const IN: &str = "channel.in";
    pub const OUT: &str = "channel.out";
    pub const FAILED: &str = "channel.failed";
    /// By bucket, too.
    pub const DELIVERED: &str = "channel.delivered";
    /// Messages that people asked to be sent; kept where a channel has a limit of its own.
    pub const ASKED: &str = "channel.asked";
}

/// Upper ends of the buckets of delivery times, in milliseconds; one more bucket takes what lasts longer, up to a day.
pub const BUCKETS_MS: [i64; 13] =
    [500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000];
/// An hour, in milliseconds.
const HOUR_MS: i64 = 3_600_000;
/// Where the last bucket is taken to end.
const LAST_MS: i64 = 86_400_000;
/// Uptime of a card is that of so long.
const UPTIME_OF: Duration = Duration::from_secs(86_400);

/// A day of the firm's calendar: year, month and day in one number.
pub type Day = u32;

/// The clocks the firm lives by.
pub fn zone(read: &impl Read<Scope = TenantScope>) -> Result<TimeZone> {
    let tenant = read.get::<Tenant>(&())?;
    Ok(tenant.and_then(|tenant| TimeZone::get(&tenant.timezone).ok()).unwrap_or(TimeZone::UTC))
}

/// The day of a date.
pub fn day_of(date: Date) -> Day {
    let part = |n: i8| u32::from(n.unsigned_abs());
    u32::from(date.year().unsigned_abs()) * 10_000 + part(date.month()) * 100 + part(date.day())
}

/// The day of a moment.
pub fn day_at(at: Timestamp, zone: &TimeZone) -> Day {
    day_of(at.in_zone(zone).date())
}

/// The bucket that a delivery time falls into.
pub fn bucket_of(millis: i64) -> u8 {
    let at = BUCKETS_MS.iter().position(|end| millis <= *end).unwrap_or(BUCKETS_MS.len());
    u8::try_from(at).unwrap_or(u8::MAX)
}

/// The median of what the buckets hold, in milliseconds; `None` where they hold nothing.
pub fn median_ms(buckets: &[i64]) -> Option<i64> {
    let all: i64 = buckets.iter().sum();
    let middle = all as f64 / 2.0;
    let mut before = 0;
    for (n, held) in buckets.iter().enumerate().filter(|(_, held)| **held > 0) {
        if (before + held) as f64 >= middle {
            let from = n.checked_sub(1).map_or(0, |n| BUCKETS_MS[n]);
            let to = BUCKETS_MS.get(n).copied().unwrap_or(LAST_MS);
            return Some(from + ((to - from) as f64 * (middle - before as f64) / *held as f64) as i64);
        }
        before += held;
    }
    None
}

/// A channel's day so far.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelFigures)]
pub struct Figures {
    /// Messages that came in today.
    pub in_today: i64,
    /// Messages that the provider took today, and those written on the phone.
    pub out_today: i64,
    /// Messages that failed for good today.
    pub failed_today: i64,
    /// Of the last 24 hours, how much of the time it worked; absent where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 99.5)]
    pub uptime_percent: Option<f64>,
    /// From taken to delivered, of today's messages; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1800)]
    pub median_delivery_ms: Option<i64>,
}

/// One day of a channel.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelDay {
    /// The day, in the firm's calendar.
    #[schema(example = "2026-11-22")]
    pub day: String,
    /// Messages that came in.
    pub r#in: i64,
    /// Messages that the provider took, and those written on the phone.
    pub out: i64,
    /// Messages that failed for good.
    pub failed: i64,
    /// From taken to delivered; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_delivery_ms: Option<i64>,
    /// How much of the day it worked; absent where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_percent: Option<f64>,
}

fn median_of(read: &impl Read<Scope = TenantScope>, id: ChannelId, day: Day) -> Result<Option<i64>> {
    let buckets: Vec<i64> = (0..=BUCKETS_MS.len())
        .map(|n| read.counter(counter::DELIVERED, (id, day, u8::try_from(n).unwrap_or(u8::MAX))))
        .collect::<Result<_>>()?;
    Ok(median_ms(&buckets))
}

/// Today's figures of a channel.
pub fn today(read: &impl Read<Scope = TenantScope>, channel: &Channel, now: Timestamp) -> Result<Figures> {
    let (id, day) = (channel.id, day_at(now, &zone(read)?));
    Ok(Figures {
        in_today: read.counter(counter::IN, (id, day))?,
        out_today: read.counter(counter::OUT, (id, day))?,
        failed_today: read.counter(counter::FAILED, (id, day))?,
        uptime_percent: uptime(read, channel, now.minus(UPTIME_OF), now)?,
        median_delivery_ms: median_of(read, id, day)?,
    })
}

/// A channel's last `days` days, today's last.
pub fn days(read: &impl Read<Scope = TenantScope>, channel: &Channel, now: Timestamp, days: u32) -> Result<Vec<ChannelDay>> {
    let zone = zone(read)?;
    let today = now.in_zone(&zone).date();
    let start = |date: Date| date.to_zoned(zone.clone()).map(|at| Timestamp(at.timestamp().as_millisecond()));
    let mut all = Vec::new();
    for back in (0..days).rev() {
        let Ok(date) = today.checked_sub(jiff::Span::new().days(i64::from(back))) else { continue };
        let (id, day) = (channel.id, day_of(date));
        let uptime_percent = match (start(date), date.tomorrow().and_then(start)) {
            (Ok(from), Ok(to)) => uptime(read, channel, from, to.min(now))?,
            _ => None,
        };
        all.push(ChannelDay {
            day: date.to_string(),
            r#in: read.counter(counter::IN, (id, day))?,
            out: read.counter(counter::OUT, (id, day))?,
            failed: read.counter(counter::FAILED, (id, day))?,
            median_delivery_ms: median_of(read, id, day)?,
            uptime_percent,
        });
    }
    Ok(all)
}

/// How much of the time between two moments a channel worked, in percent with two places. Reads a row an hour at most.
pub fn uptime(read: &impl Read<Scope = TenantScope>, channel: &Channel, from: Timestamp, to: Timestamp) -> Result<Option<f64>> {
    let all = || KeyRange::prefix(channel.id);
    let mut hours = Vec::new();
    // How it stood when the stretch began.
    if let Some(before) = read.all::<ChannelHour>(all().until(hour_of(from)).reverse())?.next() {
        hours.push(before?.0);
    }
    for row in read.all::<ChannelHour>(all().from(hour_of(from)).until(to))? {
        hours.push(row?.0);
    }
    Ok(share_of_up(&hours, from, to))
}

/// When the hour of a moment began; hours of the clock everywhere are hours of UTC, give or take a half.
pub fn hour_of(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(HOUR_MS) * HOUR_MS)
}

/// What a stretch in which a channel stood so adds to the time it worked, and to that of which anybody knows.
pub fn counted(status: ChannelStatus, lasted_ms: i64) -> (i64, i64) {
    match status {
        ChannelStatus::Connected => (lasted_ms, lasted_ms),
        ChannelStatus::Broken => (0, lasted_ms),
        ChannelStatus::Unverified | ChannelStatus::Disabled => (0, 0),
    }
}

/// `hours` are those in which something changed, oldest first. Of an hour that the stretch cuts, as much counts as lies
/// within.
fn share_of_up(hours: &[ChannelHour], from: Timestamp, to: Timestamp) -> Option<f64> {
    let within = |start: Timestamp, end: Timestamp| (end.min(to).0 - start.max(from).0).max(0);
    let (mut up, mut known) = (0.0, 0.0);
    for (n, one) in hours.iter().enumerate() {
        let share = within(one.hour, one.since) as f64 / (one.since.0 - one.hour.0).max(1) as f64;
        up += f64::from(one.up_ms) * share;
        known += f64::from(one.known_ms) * share;
        let until = hours.get(n + 1).map_or(to, |next| next.hour);
        let after = counted(one.status, within(one.since, until));
        (up, known) = (up + after.0 as f64, known + after.1 as f64);
    }
    (known > 0.0).then(|| (up / known * 10_000.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_bucket_that_holds_the_middle() {
        let of = |filled: &[(usize, i64)]| {
            let mut buckets = [0; BUCKETS_MS.len() + 1];
            filled.iter().for_each(|(n, held)| buckets[*n] = *held);
            median_ms(&buckets)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(0, 1)]), Some(250));
        assert_eq!(of(&[(1, 2)]), Some(750));
        assert_eq!(of(&[(0, 1), (2, 9)]), Some(1_444));
        assert_eq!(of(&[(BUCKETS_MS.len(), 1)]), Some((21_600_000 + LAST_MS) / 2));
        for (millis, bucket) in [(0, 0), (500, 0), (501, 1), (60_000, 8), (60_001, 9), (i64::MAX, 13)] {
            assert_eq!(bucket_of(millis), bucket, "{millis}");
        }
    }

    #[test]
    fn only_working_and_broken_count_for_uptime() {
        use ChannelStatus::{Broken, Connected, Disabled, Unverified};
        let channel = ChannelId(uuid::Uuid::from_u128(1));
        let hour = |n: i64, since: i64, counted: (u32, u32), status| ChannelHour {
            channel,
            hour: Timestamp(n * HOUR_MS),
            since: Timestamp(n * HOUR_MS + since),
            up_ms: counted.0,
            known_ms: counted.1,
            status,
        };
        let (half, whole) = (HOUR_MS / 2, HOUR_MS);
        let of = |hours: &[ChannelHour], from: i64, to: i64| share_of_up(hours, Timestamp(from), Timestamp(to));
        assert_eq!(of(&[], 0, whole), None);
        let works = hour(0, 0, (0, 0), Connected);
        assert_eq!(of(std::slice::from_ref(&works), 5, whole), Some(100.0));
        assert_eq!(of(&[works.clone(), hour(3, half, (half as u32, half as u32), Broken)], 0, 4 * whole), Some(87.5));
        assert_eq!(
            of(&[hour(0, 0, (0, 0), Disabled), hour(8, 0, (0, 0), Broken), hour(9, 0, (0, 0), Connected)], 0, 10 * whole),
            Some(50.0)
        );
        assert_eq!(of(&[hour(0, half, (0, 0), Unverified)], 0, 2 * whole), None);
        // Came and went all through an hour, of which the stretch cuts half: half of it counts.
        let flaps = hour(0, whole - 1, (1_000_000, 2_000_000), Unverified);
        assert_eq!(of(&[flaps], half, whole), Some(50.0));
    }

    #[test]
    fn a_day_is_the_firms_own() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        // 2026-11-22 02:00 UTC is the evening before in São Paulo.
        let at = Timestamp::parse("2026-11-22T02:00:00Z").unwrap();
        assert_eq!((day_at(at, &zone), day_at(at, &TimeZone::UTC)), (20_261_121, 20_261_122));
    }
}
