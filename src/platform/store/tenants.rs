//! Tenant ids to the numbers their keys begin with, and back.

use crate::base::TenantId;
use arc_swap::ArcSwap;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

#[derive(Debug, Clone, Default)]
struct Numbers {
    by_id: HashMap<TenantId, u32>,
    by_number: BTreeMap<u32, TenantId>,
}

/// Tenant ids to the numbers their keys begin with, and back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tenants(Arc<ArcSwap<Numbers>>);

impl Tenants {
    pub fn number(&self, tenant: TenantId) -> Option<u32> {
        self.0.load().by_id.get(&tenant).copied()
    }
    pub fn id(&self, number: u32) -> Option<TenantId> {
        self.0.load().by_number.get(&number).copied()
    }
    /// In the order they were registered.
    pub fn all(&self) -> Vec<TenantId> {
        self.0.load().by_number.values().copied().collect()
    }
    /// More of them, for everybody.
    pub(super) fn add(&self, more: &[(TenantId, u32)]) {
        if !more.is_empty() {
            self.0.store(Arc::new(self.joined(more)));
        }
    }
    /// A copy of its own with more in it: for later commands of a batch that is not durable yet.
    pub fn with(&self, more: &[(TenantId, u32)]) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(self.joined(more))))
    }
    fn joined(&self, more: &[(TenantId, u32)]) -> Numbers {
        let mut numbers = Numbers::clone(&self.0.load());
        numbers.by_id.extend(more.iter().copied());
        numbers.by_number.extend(more.iter().map(|(id, number)| (*number, *id)));
        numbers
    }
}
