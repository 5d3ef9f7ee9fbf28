//! The one transactional store.
//!
//! One writer thread takes every waiting command into one durable commit and answers callers only
//! after it; readers work on snapshots and never meet the writer. A key begins with the tenant it
//! belongs to, and [`Tx`] and [`View`] are opened *for* a tenant, so code that holds no tenant can't
//! read tenant data and code that holds one can't express another's key. Deliberately absent: a
//! second way to write, nested transactions, read transactions that outlive a call.
//!
//! Layout of a key: 4 bytes tenant number (0 = the platform), 2 bytes table or index, then the
//! order-preserving key bytes of [`keys`].

mod ahead;
pub mod codec;
pub mod engine;
#[cfg(test)]
pub(crate) mod golden;
pub mod keys;
mod layers;
mod log;
mod merge;
mod migrate;
mod pace;
mod recent;
mod redb_engine;
mod rows;
mod store;
pub mod table;
mod tenants;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tx;
mod view;
mod writer;

pub use codec::{CodecError, Json};
pub use engine::{Batch, Durability, Engine, EngineError, Pair, Snapshot};
pub use keys::{Key, KeyPart};
pub(crate) use migrate::check_schema;
#[cfg(test)]
pub(crate) use migrate::schema_key;
pub use migrate::{MigrationProgress, Progress, SCHEMA};
pub use redb_engine::RedbEngine;
pub use rows::{Row, Rows};
pub use store::{CommitFailure, OpenError, Store, StoreOptions};
pub(crate) use store::{Setting, renew_epoch};
pub use table::{Entries, Index, KeyRange, PlatformScope, Record, ScopeKind, TableId, TenantScope};
pub(crate) use tx::Core;
pub use tx::{Hit, PlatformTx, Read, Tx, Write};
pub use view::{PlatformView, View};
pub use writer::{Lane, Topic};

/// Resolves when a service is told to stop (or nobody is left who could tell it).
pub(crate) async fn shut(shutdown: &mut tokio::sync::watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop too.
    let _ = shutdown.wait_for(|stop| *stop).await;
}
