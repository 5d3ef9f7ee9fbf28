//! How patiently and how fast a channel sends: settings of the box, the firm or one channel.

use super::outgoing::Manners;
use crate::{
    base::{ChannelId, Error, Result},
    channels::media::file_rules::FILE_RULES,
    platform::{outbox::Policy, shared::Shared, store::TenantScope},
    settings::{self, AnySetting, Level, Place, Setting},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

const LEVELS: &[Level] = &[Level::Global, Level::Tenant, Level::Channel];

/// How often a message that was not taken is tried again, and after which pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retries {
    /// Attempts in all; then it becomes a dead letter.
    pub attempts: u32,
    /// Seconds to wait after the first failure; doubled after each further one, up to a fifth longer by chance.
    pub first_pause_secs: u32,
    /// No pause is longer than so many seconds.
    pub longest_pause_secs: u32,
    /// Seconds a conversation waits behind a message of which nobody knows whether it left.
    pub lane_wait_secs: u32,
}

/// Attempts and pauses. The default goes on for about a day.
pub static RETRIES: Setting<Retries> =
    Setting::new("channel.retries", "Attempts to send a message, and the pauses between them", LEVELS, || Retries {
        attempts: 105,
        first_pause_secs: 1,
        longest_pause_secs: 900,
        lane_wait_secs: 60,
    })
    .checked(|retries| {
        let Retries { attempts, first_pause_secs, longest_pause_secs, lane_wait_secs } = *retries;
        within((1..=1_000).contains(&attempts), "value.attempts", "give 1 to 1000 attempts")?;
        within((1..=86_400).contains(&first_pause_secs), "value.firstPauseSecs", "give a first pause of 1 to 86400 seconds")?;
        let longest = (first_pause_secs..=86_400).contains(&longest_pause_secs);
        within(longest, "value.longestPauseSecs", "the longest pause can't be shorter than the first")?;
        let detail = "give 1 to 3600 seconds to wait behind an unclear message";
        within((1..=3_600).contains(&lane_wait_secs), "value.laneWaitSecs", detail)
    });

/// Messages one number may send in a second.
pub static PER_SECOND: Setting<u32> =
    Setting::new("channel.perSecond", "Messages one number may send in a second", LEVELS, || 80)
        .checked(|n| within((1..=1_000).contains(n), "value", "give 1 to 1000 messages a second"));

/// How a WAHA session approaches people. At most ten seconds: an attempt has its own limit.
pub static MANNERS: Setting<Manners> =
    Setting::new("channel.manners", "What a WAHA session does before it sends", LEVELS, || Manners {
        seen: true,
        typing: true,
        pause_min_ms: 700,
        pause_max_ms: 2_500,
    })
    .checked(|manners| {
        let Manners { pause_min_ms, pause_max_ms, .. } = *manners;
        within(pause_min_ms <= pause_max_ms, "value.pauseMaxMs", "the longest pause can't be shorter than the shortest")?;
        within(pause_max_ms <= 10_000, "value.pauseMaxMs", "give pauses of at most 10000 milliseconds")
    });

/// The hours of the firm's clock in which a session's silence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WatchHours {
    /// From this hour on, 0 to 23.
    pub from_hour: u32,
    /// Until this hour, 1 to 24. An earlier one than the first is the next day's; the same is all day long.
    pub until_hour: u32,
}

/// Hours in which silence says something. At night most firms' customers sleep.
pub static WATCH_HOURS: Setting<WatchHours> =
    Setting::new("channel.watchHours", "Hours of the day in which a WAHA session's silence counts", LEVELS, || WatchHours {
        from_hour: 8,
        until_hour: 20,
    })
    .checked(|hours| {
        within(hours.from_hour <= 23, "value.fromHour", "give an hour from 0 to 23")?;
        within((1..=24).contains(&hours.until_hour), "value.untilHour", "give an hour from 1 to 24")
    });

/// WAHA sessions of one firm: a server carries about fifty.
pub static SESSIONS_MAX: Setting<u32> =
    Setting::new("channel.sessionsMax", "WAHA sessions a firm may connect", &[Level::Global, Level::Tenant], || 50)
        .checked(|n| within((1..=1_000).contains(n), "value", "give 1 to 1000 sessions"));

/// Final failures of one channel in ten minutes that are no alarm yet.
pub static FAILURE_ALARM: Setting<u32> = Setting::new(
    "messaging.failureAlarm",
    "Messages of one channel that may fail within ten minutes before an alarm is raised",
    LEVELS,
    || 10,
)
.checked(|n| within((1..=1_000).contains(n), "value", "give 1 to 1000 failures"));

/// All keys of channels.
pub fn settings() -> [&'static dyn AnySetting; 7] {
    [&RETRIES, &PER_SECOND, &MANNERS, &WATCH_HOURS, &SESSIONS_MAX, &FAILURE_ALARM, &FILE_RULES]
}

/// How many failures of `channel` in ten minutes are no alarm yet.
pub(in crate::channels) fn failure_alarm(read: &impl Shared<Scope = TenantScope>, channel: ChannelId) -> Result<usize> {
    settings::get(read, &FAILURE_ALARM, &Place::channel(channel)).map(|n| n as usize)
}

/// How many sessions the firm may connect.
pub(in crate::channels) fn sessions_max(read: &impl Shared<Scope = TenantScope>) -> Result<usize> {
    settings::get(read, &SESSIONS_MAX, &Place::TENANT).map(|n| n as usize)
}

/// How `channel` approaches people.
pub(in crate::channels) fn manners(read: &impl Shared<Scope = TenantScope>, channel: ChannelId) -> Result<Manners> {
    settings::get(read, &MANNERS, &Place::channel(channel))
}

/// In which hours silence of `channel` counts.
pub(in crate::channels) fn watch_hours(read: &impl Shared<Scope = TenantScope>, channel: ChannelId) -> Result<WatchHours> {
    settings::get(read, &WATCH_HOURS, &Place::channel(channel))
}

/// `policy` as it is set for one channel.
pub(in crate::channels) fn patience(
    read: &impl Shared<Scope = TenantScope>,
    channel: ChannelId,
    policy: Policy,
) -> Result<Policy> {
    let set = settings::get(read, &RETRIES, &Place::channel(channel))?;
    let secs = |n: u32| Duration::from_secs(n.into());
    Ok(Policy {
        attempts_max: set.attempts,
        first_pause: secs(set.first_pause_secs),
        pause_max: secs(set.longest_pause_secs),
        lane_wait: secs(set.lane_wait_secs),
        ..policy
    })
}

/// Messages a second of one channel.
pub(in crate::channels) fn pace(read: &impl Shared<Scope = TenantScope>, channel: ChannelId) -> Result<f64> {
    settings::get(read, &PER_SECOND, &Place::channel(channel)).map(f64::from)
}

fn within(ok: bool, field: &'static str, detail: &'static str) -> Result<()> {
    if ok { Ok(()) } else { Err(Error::invalid(field, "out_of_range", detail)) }
}
