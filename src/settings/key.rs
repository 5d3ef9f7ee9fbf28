//! What a key is: a name, a type, a default, a check, and the levels it may be set at.

use super::Level;
use crate::base::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::PartialSchema;

/// One setting, declared as a constant by the room that reads it.
pub struct Setting<T: 'static> {
    /// `room.name`, e.g. `conversations.reopenWindow`.
    pub name: &'static str,
    /// What it does, in English; the client has its own words under the same name.
    pub about: &'static str,
    /// Where it may be set, widest first.
    pub levels: &'static [Level],
    /// What holds where nothing is set.
    pub default: fn() -> T,
    /// Refuses values the type allows but the house does not; errors name the field `value`.
    pub check: fn(&T) -> Result<()>,
}

impl<T> Setting<T> {
    /// A key of any value its type allows.
    pub const fn new(name: &'static str, about: &'static str, levels: &'static [Level], default: fn() -> T) -> Self {
        Self { name, about, levels, default, check: |_| Ok(()) }
    }
    /// The same key with a check.
    #[must_use]
    pub const fn checked(mut self, check: fn(&T) -> Result<()>) -> Self {
        self.check = check;
        self
    }
}

impl<T: Serialize> Setting<T> {
    /// Its name with this value as JSON.
    pub fn with(&self, value: &T) -> (&'static str, Value) {
        (self.name, serde_json::to_value(value).unwrap_or_default())
    }
}

impl<T: DeserializeOwned> Setting<T> {
    /// The typed value of `json`.
    pub(super) fn read(&self, json: &Value) -> Result<T> {
        let value: T = serde_path_to_error::deserialize(json).map_err(|e| {
            let path = e.path().to_string();
            let field = if path == "." { "value".to_owned() } else { format!("value.{path}") };
            Error::invalid(field, "format", e.into_inner().to_string())
        })?;
        (self.check)(&value)?;
        Ok(value)
    }
}

/// A key of whatever type.
pub trait AnySetting: Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it does.
    fn about(&self) -> &'static str;
    /// Where it may be set, widest first.
    fn levels(&self) -> &'static [Level];
    /// The default as JSON.
    fn default_json(&self) -> Value;
    /// JSON schema of its values.
    fn schema(&self) -> Value;
    /// The value as it will be stored, or what is wrong with it.
    fn accept(&self, value: &Value) -> Result<Value>;
}

impl<T: Serialize + DeserializeOwned + PartialSchema + 'static> AnySetting for Setting<T> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn about(&self) -> &'static str {
        self.about
    }
    fn levels(&self) -> &'static [Level] {
        self.levels
    }
    fn default_json(&self) -> Value {
        serde_json::to_value((self.default)()).unwrap_or_default()
    }
    fn schema(&self) -> Value {
        serde_json::to_value(T::schema()).unwrap_or_default()
    }
    fn accept(&self, value: &Value) -> Result<Value> {
        let typed = match (self.read(value), value) {
            (Ok(typed), _) => typed,
            // One source keeps every value as text; text that reads as JSON of the right type is as good (CNF-37).
            (Err(refused), Value::String(text)) => match serde_json::from_str(text) {
                Ok(inner) => self.read(&inner)?,
                Err(_) => return Err(refused),
            },
            (Err(refused), _) => return Err(refused),
        };
        serde_json::to_value(typed).map_err(|e| Error::internal(format!("write setting {}: {e}", self.name)))
    }
}

/// All keys of the house, by name.
#[derive(Default, Clone)]
pub struct Registry(BTreeMap<&'static str, &'static dyn AnySetting>);

impl Registry {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// One more key.
    ///
    /// # Panics
    /// If the name is taken: two rooms would read each other's values.
    #[must_use]
    pub fn with(mut self, setting: &'static dyn AnySetting) -> Self {
        let taken = self.0.insert(setting.name(), setting);
        assert!(taken.is_none(), "the setting {} is declared twice", setting.name());
        self
    }
    /// The keys of a room.
    #[must_use]
    pub fn with_all(self, settings: &[&'static dyn AnySetting]) -> Self {
        settings.iter().fold(self, |registry, setting| registry.with(*setting))
    }
    /// The key of this name.
    pub fn find(&self, name: &str) -> Option<&'static dyn AnySetting> {
        self.0.get(name).copied()
    }
    /// All keys, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static dyn AnySetting> {
        self.0.values().copied()
    }
}
