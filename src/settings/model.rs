//! Stored values, and which of them is in force.

use super::Setting;
use crate::{
    base::{ChannelId, Result, Timestamp, UserId},
    platform::{
        shared::Shared,
        store::{Record, TableId, TenantScope},
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

/// Where a value is set. A narrower level wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For the whole installation.
    Global,
    /// For one tenant.
    Tenant,
    /// For one channel of a tenant.
    Channel,
    /// For one user in one tenant.
    User,
}

/// One value set in a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredValue {
    pub level: u8,
    /// The user or channel; nil for the tenant itself.
    pub owner: Uuid,
    pub name: String,
    /// JSON: outlives versions of the typed value.
    pub json: String,
    pub updated_at: Timestamp,
    pub rev: u64,
}

impl Record for StoredValue {
    type Key = ((u8, Uuid), String);
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x1001);
    const NAME: &'static str = "setting";
    fn key(&self) -> Self::Key {
        ((self.level, self.owner), self.name.clone())
    }
}

/// For whom a value is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// This user.
    pub user: Option<UserId>,
    /// This channel.
    pub channel: Option<ChannelId>,
}

impl Place {
    /// The tenant as a whole.
    pub const TENANT: Place = Place { user: None, channel: None };
    /// One user.
    pub fn user(user: UserId) -> Self {
        Self { user: Some(user), channel: None }
    }
    /// One channel.
    pub fn channel(channel: ChannelId) -> Self {
        Self { user: None, channel: Some(channel) }
    }
    /// Who owns a value set at `level` here.
    pub(super) fn owner(&self, level: Level) -> Option<Uuid> {
        match level {
            Level::Global => None,
            Level::Tenant => Some(Uuid::nil()),
            Level::Channel => self.channel.map(Into::into),
            Level::User => self.user.map(Into::into),
        }
    }
}

/// A value in force and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved<T> {
    /// The value.
    pub value: T,
    /// The level it is set at; `None`: the default.
    pub origin: Option<Level>,
}

pub(super) fn name_of(level: Level) -> u8 {
    match level {
        Level::Global => 0,
        Level::Tenant => 1,
        Level::Channel => 2,
        Level::User => 3,
    }
}

/// What is stored for `name` at exactly `level`.
pub(super) fn stored(read: &impl Shared<Scope = TenantScope>, name: &str, level: Level, place: &Place) -> Result<Option<Value>> {
    if level == Level::Global {
        return read.shared(name);
    }
    let Some(owner) = place.owner(level) else { return Ok(None) };
    let value = read.get::<StoredValue>(&((name_of(level), owner), name.to_owned()))?;
    Ok(value.and_then(|value| serde_json::from_str(&value.json).ok()))
}

/// The value of `setting` in force for `place`, and where it comes from.
pub fn resolve<T: DeserializeOwned>(
    read: &impl Shared<Scope = TenantScope>,
    setting: &Setting<T>,
    place: &Place,
) -> Result<Resolved<T>> {
    let mut levels = setting.levels.to_vec();
    levels.sort_unstable_by(|a, b| b.cmp(a));
    for level in levels {
        if let Some(json) = stored(read, setting.name, level, place)? {
            match setting.read(&json) {
                Ok(value) => return Ok(Resolved { value, origin: Some(level) }),
                // Stored when the key had another type: the next level counts until somebody sets it anew.
                Err(e) => {
                    tracing::warn!(key = setting.name, ?level, error = %e, "a stored setting no longer fits and is skipped")
                }
            }
        }
    }
    Ok(Resolved { value: (setting.default)(), origin: None })
}

/// The value of `setting` in force for `place`.
pub fn get<T: DeserializeOwned>(read: &impl Shared<Scope = TenantScope>, setting: &Setting<T>, place: &Place) -> Result<T> {
    resolve(read, setting, place).map(|resolved| resolved.value)
}

/// The value set for the whole installation, if one is.
pub fn get_global<T: DeserializeOwned>(read: &impl Shared, setting: &Setting<T>) -> Result<Option<T>> {
    Ok(read.shared(setting.name)?.and_then(|json| setting.read(&json).ok()))
}

#[cfg(test)]
mod golden {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<StoredValue>();
    }
}
