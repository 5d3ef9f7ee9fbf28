//! What the firm decided about its conversations.

use super::protocol::ProtocolFormat;
use crate::{
    base::{Error, Result},
    platform::{
        shared::Shared,
        store::{Read, TenantScope},
    },
    settings::{self, AnySetting, Level, Place, Setting},
};
use jiff::tz::TimeZone;
use std::time::Duration;

/// Longest reopen window: what is older belongs to another matter.
const REOPEN_MINUTES_MAX: u32 = 30 * 24 * 60;

/// Minutes after the resolution in which a customer's message opens the same conversation again.
pub static REOPEN_WINDOW: Setting<u32> = Setting::new(
    "conversations.reopenMinutes",
    "Minutes after a conversation was resolved in which a customer's message reopens it; 0: a new one begins",
    &[Level::Global, Level::Tenant],
    || 0,
)
.checked(|minutes| {
    if *minutes <= REOPEN_MINUTES_MAX {
        return Ok(());
    }
    Err(Error::invalid("value", "out_of_range", format!("give 0 to {REOPEN_MINUTES_MAX} minutes")))
});

/// How protocol numbers are written.
pub static PROTOCOL_FORMAT: Setting<String> = Setting::new(
    "conversations.protocolFormat",
    "How protocol numbers begin: yyyyddMMHHmmss (day before month) or yyyyMMddHHmmss (sorts by date)",
    &[Level::Global, Level::Tenant],
    || "yyyyddMMHHmmss".to_owned(),
)
.checked(|format| {
    if ProtocolFormat::from_word(format).is_some() {
        return Ok(());
    }
    Err(Error::invalid("value", "unknown", "give yyyyddMMHHmmss or yyyyMMddHHmmss"))
});

/// The settings of this room, for the registry.
pub static SETTINGS: &[&dyn AnySetting] = &[&REOPEN_WINDOW, &PROTOCOL_FORMAT];

/// The rules in force for one tenant.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    /// A message this soon after the resolution opens the same conversation again; zero: always a new one.
    pub reopen_window: Duration,
    /// How protocol numbers are written.
    pub protocol_format: ProtocolFormat,
    /// The clocks the firm lives by.
    pub zone: TimeZone,
}

impl Rules {
    /// The rules of the tenant behind `source`.
    pub fn of(source: &(impl Shared + Read<Scope = TenantScope>)) -> Result<Self> {
        let minutes = settings::get(source, &REOPEN_WINDOW, &Place::TENANT)?;
        let format = settings::get(source, &PROTOCOL_FORMAT, &Place::TENANT)?;
        Ok(Self {
            reopen_window: Duration::from_secs(u64::from(minutes) * 60),
            protocol_format: ProtocolFormat::from_word(&format).unwrap_or_default(),
            zone: TimeZone::UTC,
        })
    }
}
