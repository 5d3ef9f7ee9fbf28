//! Small worlds over a store in memory: `World` for the machinery's own tests, `Firm` for the commands of a room.

use super::{Lane, Record, Store, TableId, TenantScope, Tx};
use crate::base::{Actor, Env, Origin, Permission, Reach, Result, TenantId, Timestamp, testing::actor, time::ManualClock};
use serde::{Deserialize, Serialize};
use std::{future::Future, time::Duration};
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
        let (store, tenants) = founded(&env, 1).await;
        let tenant = tenants[0];
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

/// A store in memory with so many tenants.
pub(crate) async fn founded(env: &Env, tenants: usize) -> (Store, Vec<TenantId>) {
    let store = Store::in_memory(env.clone());
    let ids: Vec<TenantId> = (0..tenants).map(|_| env.new_id()).collect();
    for id in ids.clone() {
        store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(id)).await.unwrap();
    }
    (store, ids)
}

/// Waits for what a test without a runtime needs done.
pub(crate) fn on_thread<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// One tenant and somebody in it. A room's tests add what it does.
pub(crate) struct Firm {
    pub store: Store,
    pub tenant: TenantId,
    pub actor: Actor,
}

impl Firm {
    /// Where one person holds these permissions everywhere.
    pub fn of_one_who_may(held: &[Permission]) -> Self {
        let (env, _) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (store, tenants) = on_thread(founded(&env, 1));
        let held: Vec<_> = held.iter().map(|permission| (permission.0, Reach::Tenant)).collect();
        Self { store, tenant: tenants[0], actor: actor(tenants[0], env.new_id(), &held) }
    }
    /// That person gives a command.
    pub fn act<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_, '_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = self.actor.clone();
        self.store.write_blocking(self.tenant, Lane::People, Origin::system(), move |tx| command(tx, &actor))
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

/// A file in memory; its clones are the same file opened again.
#[derive(Debug, Clone)]
pub(crate) struct MemoryFile(std::sync::Arc<redb::backends::InMemoryBackend>);

impl Default for MemoryFile {
    fn default() -> Self {
        Self(std::sync::Arc::new(redb::backends::InMemoryBackend::new()))
    }
}

impl redb::StorageBackend for MemoryFile {
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }
    fn read(&self, at: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.0.read(at, out)
    }
    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }
    fn sync_data(&self) -> std::io::Result<()> {
        Ok(())
    }
    fn write(&self, at: u64, data: &[u8]) -> std::io::Result<()> {
        let end = at + data.len() as u64;
        if self.0.len()? < end {
            self.0.set_len(end)?;
        }
        self.0.write(at, data)
    }
}
