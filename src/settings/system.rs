//! Settings of the box as a whole. All of them global; each takes effect at once.

use super::{AnySetting, Level, Setting};
use crate::{base::Error, platform::disk::FULL_BYTES_MIN};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const GLOBAL: &[Level] = &[Level::Global];

/// How much room must stay free, in megabytes of 2^20 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiskReserve {
    /// Below this files are refused and the owner is warned.
    pub low_mb: u32,
    /// Below this only messages and sign-in are taken.
    pub full_mb: u32,
}

/// Free room that is kept on the disk of the data folder.
pub static DISK: Setting<DiskReserve> =
    Setting::new("system.disk", "Room that must stay free on the disk, in megabytes", GLOBAL, || DiskReserve {
        low_mb: 1_024,
        full_mb: 256,
    })
    .checked(|disk| {
        let least = (FULL_BYTES_MIN >> 20) as u32;
        if disk.full_mb >= least && disk.low_mb >= disk.full_mb {
            return Ok(());
        }
        Err(Error::invalid("value", "out_of_range", format!("give at least {least} MB, and no less for low than for full")))
    });

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// And what is odd.
    Warn,
    /// And each request.
    Info,
    /// And what helps to find a mistake.
    Debug,
}

/// How much is logged.
pub static LOG_LEVEL: Setting<LogLevel> =
    Setting::new("system.logLevel", "How much is logged: error, warn, info or debug", GLOBAL, || LogLevel::Info);

/// How many days what is over stays readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeepDays {
    /// Jobs that ended.
    pub jobs: u32,
    /// Dead letters that somebody retried or discarded.
    pub dead_letters: u32,
}

/// A raw body is kept for a week and could bury a removed letter again.
const LETTERS_DAYS_MIN: u32 = 8;

/// How long what is over stays readable.
pub static KEEP_DAYS: Setting<KeepDays> =
    Setting::new("system.keepDays", "Days that ended jobs and decided dead letters stay readable", GLOBAL, || KeepDays {
        jobs: 30,
        dead_letters: 90,
    })
    .checked(|keep| {
        if (1..=3_650).contains(&keep.jobs) && (LETTERS_DAYS_MIN..=3_650).contains(&keep.dead_letters) {
            return Ok(());
        }
        Err(Error::invalid("value", "out_of_range", format!("give 1 to 3650 days, at least {LETTERS_DAYS_MIN} for dead letters")))
    });

/// All keys of the box.
pub fn keys() -> [&'static dyn AnySetting; 3] {
    [&DISK, &LOG_LEVEL, &KEEP_DAYS]
}
