//! Setting and unsetting values.

use super::{
    AnySetting, Level, MANAGE, PLATFORM_MANAGE, Place,
    model::{StoredValue, name_of, stored},
};
use crate::{
    base::{Actor, Error, Result},
    platform::{
        journal::{Audience, NewEvent},
        shared::Shared,
        store::{PlatformTx, Tx, Write},
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Emitted with each change.
pub(super) const CHANGED: &str = "setting.changed";

/// Sets `setting` at a level of the tenant; `null` takes the value away, so that it is inherited again.
///
/// People set their own user values; everything else needs `settings.manage`.
///
/// # Errors
/// `Invalid` naming the field when the value does not fit, or the level is none of the key's.
pub fn put(
    tx: &mut Tx<'_, '_>,
    actor: &Actor,
    setting: &'static dyn AnySetting,
    level: Level,
    place: &Place,
    value: &Value,
) -> Result<()> {
    check_level(setting, level)?;
    if level != Level::User || place.user != Some(actor.user) {
        actor.require(MANAGE)?;
    }
    let owner = place.owner(level).ok_or_else(|| Error::invalid("level", "required", "name the channel this value is for"))?;
    let before = stored(tx, setting.name(), level, place)?;
    let after = if value.is_null() { None } else { Some(setting.accept(value)?) };
    if before == after {
        return Ok(());
    }
    let key = ((name_of(level), owner), setting.name().to_owned());
    match &after {
        None => {
            tx.delete::<StoredValue>(&key)?;
        }
        Some(json) => {
            let (updated_at, rev) = (tx.now(), tx.next_rev());
            let ((level, owner), name) = key;
            tx.put(&StoredValue { level, owner, name, json: json.to_string(), updated_at, rev })?;
        }
    }
    tx.emit(changed(setting, level, owner))?;
    Ok(())
}

/// Sets `setting` for the whole installation; `null` takes the value away. Needs `platform.manage`.
///
/// # Errors
/// As [`put`].
pub fn put_global(tx: &mut PlatformTx<'_, '_>, actor: &Actor, setting: &'static dyn AnySetting, value: &Value) -> Result<()> {
    check_level(setting, Level::Global)?;
    actor.require(PLATFORM_MANAGE)?;
    let before = tx.shared(setting.name())?;
    let after = if value.is_null() { None } else { Some(setting.accept(value)?) };
    if before != after {
        tx.share(setting.name(), after.as_ref())?;
        tx.emit(changed(setting, Level::Global, Uuid::nil()))?;
    }
    Ok(())
}

fn check_level(setting: &'static dyn AnySetting, level: Level) -> Result<()> {
    if setting.levels().contains(&level) {
        return Ok(());
    }
    Err(Error::invalid("level", "unknown", format!("{} can't be set at this level", setting.name())))
}

/// The value stays out of the journal: it may be personal, and who needs it reads it as it is now.
fn changed(setting: &'static dyn AnySetting, level: Level, owner: Uuid) -> NewEvent {
    let everybody = Audience { exists: true, ..Audience::default() };
    NewEvent {
        kind: CHANGED,
        subject: owner,
        before: everybody.clone(),
        after: everybody,
        data: json!({ "key": setting.name(), "level": level }),
    }
}
