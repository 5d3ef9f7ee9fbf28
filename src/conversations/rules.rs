//! What the firm decided about its conversations.

use super::protocol::ProtocolFormat;
use crate::{
    base::{Error, Result},
    identity::Tenant,
    platform::{shared::Shared, store::TenantScope},
    settings::{AnySetting, Level, Place, Setting},
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

/// The settings of this room.
pub fn settings() -> [&'static dyn AnySetting; 1] {
    [&REOPEN_WINDOW]
}

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
    pub fn of(source: &impl Shared<Scope = TenantScope>) -> Result<Self> {
        let minutes = crate::settings::get(source, &REOPEN_WINDOW, &Place::TENANT)?;
        let tenant = source.get::<Tenant>(&())?;
        let zone = tenant.as_ref().and_then(|tenant| TimeZone::get(&tenant.timezone).ok());
        let format = tenant.as_ref().and_then(|tenant| ProtocolFormat::from_word(&tenant.protocol_format));
        Ok(Self {
            reopen_window: Duration::from_secs(u64::from(minutes) * 60),
            protocol_format: format.unwrap_or_default(),
            zone: zone.unwrap_or(TimeZone::UTC),
        })
    }
}
