//! A small world for the machinery's own tests: one store in memory, one tenant, a clock that stands still.

use super::{Lane, Record, Store, TableId, TenantScope, Tx};
use crate::base::{Env, Origin, Result, TenantId, Timestamp, time::ManualClock};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// Everything a machinery test needs.
pub(crate) struct World {
    pub store: Store,
    pub env: Env,
    pub clock: ManualClock,
    pub tenant: TenantId,
    pub stop: watch::Sender<bool>,
}

impl World {
    /// A world at 2026-11-22 09:30 with one tenant.
    pub async fn new() -> Self {
        let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:00Z").unwrap(), 7);
        let store = Store::in_memory(env.clone());
        let tenant = env.new_id();
        store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
        Self { store, env, clock, tenant, stop: watch::Sender::new(false) }
    }

    /// Runs a command in the tenant.
    pub async fn write<T: Send + 'static>(&self, work: impl FnOnce(&mut Tx<'_, '_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.store.write(self.tenant, Lane::People, Origin::system(), work).await
    }

    /// Waits until `done` says so; a test that waits in vain fails after ten seconds.
    pub async fn until(&self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        for _ in 0..2_000 {
            if done(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("waited in vain until {what}");
    }

    /// Lets services do what they can do at this moment.
    pub async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

/// A line in a notebook: what tests write where any record would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub id: Uuid,
    pub text: String,
}

impl Record for Line {
    type Key = Uuid;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0FF0);
    const NAME: &'static str = "line";
    fn key(&self) -> Uuid {
        self.id
    }
}
