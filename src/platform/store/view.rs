//! Snapshots: a tenant, or what stands above tenants, as it stood at one moment.

use super::{
    engine::Snapshot,
    keys,
    layers::{Layers, failed},
    table::{PlatformScope, TenantScope},
    tx::{PlatformTx, Read, Source, key_base, own},
};
use crate::base::{Result, TenantId};
use std::marker::PhantomData;

/// One tenant as it stood at one moment.
pub struct View {
    snapshot: Box<dyn Snapshot>,
    tenant: TenantId,
    number: u32,
    // Not Send: a view held across an await would pin the store's pages.
    here: PhantomData<*const ()>,
}

/// What stands above tenants, as it stood at one moment.
pub struct PlatformView {
    snapshot: Box<dyn Snapshot>,
    here: PhantomData<*const ()>,
}

impl PlatformView {
    pub(super) fn of(snapshot: Box<dyn Snapshot>) -> Self {
        Self { snapshot, here: PhantomData }
    }
    /// Every pair of every tenant in the order of keys, for a backup.
    pub(crate) fn pairs(&self) -> Result<impl Iterator<Item = Result<(Vec<u8>, Vec<u8>)>>> {
        let pairs = self.snapshot.range(&[], &[0xFF; 16], false).map_err(failed)?;
        Ok(pairs.map(|pair| pair.map_err(failed)))
    }
    /// What the store remembers of itself under `name`.
    pub(crate) fn fact(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.snapshot.get(&[key_base(0, own::META), keys::bytes(name)].concat()).map_err(failed)
    }
}

impl PlatformTx<'_, '_> {
    /// Remembers `value` under `name`: something of the store itself, that no list shows.
    pub(crate) fn set_fact(&mut self, name: &str, value: Vec<u8>) -> Result<()> {
        self.core.put_raw(0, own::META, keys::bytes(name), Some(value))
    }
}

impl View {
    pub(super) fn of(snapshot: Box<dyn Snapshot>, tenant: TenantId, number: u32) -> Self {
        Self { snapshot, tenant, number, here: PhantomData }
    }
    /// Whose data this shows.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
}

impl Read for View {
    type Scope = TenantScope;
    fn source(&self) -> Source<'_> {
        Source::new(Layers { command: None, batch: None, snapshot: self.snapshot.as_ref() }, self.number, None)
    }
}
impl Read for PlatformView {
    type Scope = PlatformScope;
    fn source(&self) -> Source<'_> {
        Source::new(Layers { command: None, batch: None, snapshot: self.snapshot.as_ref() }, 0, None)
    }
}
