//! What the firm decided about its conversations.

use super::protocol::ProtocolFormat;
use crate::{
    base::Result,
    platform::store::{Read, TenantScope},
};
use jiff::tz::TimeZone;
use std::time::Duration;

/// The rules in force for one tenant.
#[derive(Debug, Clone)]
pub struct Rules {
    /// A message this soon after the resolution opens the same conversation again; zero: always a new one.
    pub reopen_window: Duration,
    /// How protocol numbers are written.
    pub protocol_format: ProtocolFormat,
    /// The clocks the firm lives by.
    pub zone: TimeZone,
}

impl Rules {
    /// The rules of the tenant behind `source`.
    pub fn of(_source: &impl Read<Scope = TenantScope>) -> Result<Self> {
        Ok(Self { reopen_window: Duration::ZERO, protocol_format: ProtocolFormat::default(), zone: TimeZone::UTC })
    }
}
