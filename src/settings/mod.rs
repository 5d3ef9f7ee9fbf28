//! Settings: typed keys with a default, set at up to four levels, each inheriting from the wider one.
//!
//! A room declares its keys as constants ([`Setting`]) and names them in a [`Registry`] that `app.rs`
//! puts together. Reading ([`get`], [`resolve`]) goes through the snapshot or transaction at hand, so a
//! change is in force with the commit that made it and no cache can be behind. Order of precedence:
//! user, channel, tenant, global, default.
//!
//! Invariants: what the configuration fixes is not changed here; nothing is stored that its key's type and check refuse; every change emits
//! `setting.changed` (without the value). Listeners: realtime; `Settings::on_change` hooks in this process.

mod api;
mod commands;
mod endpoint;
mod fixture;
mod frames;
pub mod http;
mod key;
mod lines;
mod model;
pub mod outbound;
mod provider;
pub mod system;

pub use api::routes;
pub use commands::{put, put_global};
pub use fixture::{FixedBy, Fixture};
pub use frames::SettingFrames;
pub use key::{AnySetting, Registry, Setting};
pub use model::{Level, Place, Resolved, get, get_global, resolve};

use crate::base::Permission;
use std::{collections::BTreeMap, sync::Arc};

/// Reading the settings of the tenant.
pub const READ: Permission = Permission("settings.read");
/// Changing the settings of the tenant.
pub const MANAGE: Permission = Permission("settings.manage");
/// What concerns the whole installation: global settings, other tenants. Only super administrators hold it.
pub const PLATFORM_MANAGE: Permission = Permission("platform.manage");

type Hook = Box<dyn Fn(&'static str) + Send + Sync>;

/// Keys, what is fixed outside, and listeners, handed to the kit by `app.rs`.
#[derive(Clone)]
pub struct Settings {
    registry: Arc<Registry>,
    fixtures: Arc<BTreeMap<&'static str, Fixture>>,
    hooks: Arc<parking_lot::RwLock<Vec<Hook>>>,
}

impl Settings {
    /// Over these keys; those of `fixtures` can't be changed.
    pub fn new(registry: Registry, fixtures: BTreeMap<&'static str, Fixture>) -> Self {
        Self { registry: Arc::new(registry), fixtures: Arc::new(fixtures), hooks: Arc::default() }
    }
    /// The keys.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
    /// What fixes this key from outside.
    pub fn fixture(&self, key: &str) -> Option<&Fixture> {
        self.fixtures.get(key)
    }
    /// Calls `hook` with the key after each durable change of a *global* value: for what lives outside the store,
    /// such as the doors' limits.
    pub fn on_change(&self, hook: impl Fn(&'static str) + Send + Sync + 'static) {
        self.hooks.write().push(Box::new(hook));
    }
    fn changed(&self, key: &'static str) {
        self.hooks.read().iter().for_each(|hook| hook(key));
    }
}

#[cfg(test)]
mod tests;
