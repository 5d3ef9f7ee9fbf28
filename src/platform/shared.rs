//! Values above tenants that every tenant's commands may read: the ground on which inherited settings stand.
//!
//! A tenant's `Tx` and `View` can't name platform records; this is one of the few doors, and it only reads.

use super::store::{PlatformTx, PlatformView, Read, TableId, Tx, View, keys};
use crate::base::{Error, Result};
use serde_json::Value;

/// Name to JSON.
const SHARED_VALUES: TableId = TableId(0x0F10);

/// Reading shared values, in a command and in a snapshot alike.
pub trait Shared: Read {
    /// The value under `name`.
    fn shared(&self, name: &str) -> Result<Option<Value>>;
}

macro_rules! shared { ($($reader:ty),*) => { $(
    impl Shared for $reader {
        fn shared(&self, name: &str) -> Result<Option<Value>> {
            self.raw_get(0, SHARED_VALUES, &keys::bytes(name))?.map(|json| parse(name, &json)).transpose()
        }
    }
)* } }
shared!(PlatformTx<'_, '_>, Tx<'_, '_>, PlatformView, View);

impl PlatformTx<'_, '_> {
    /// Sets the value under `name` for everybody; `None` removes it.
    pub fn share(&mut self, name: &str, value: Option<&Value>) -> Result<()> {
        let json = value.map(serde_json::to_vec).transpose();
        let json = json.map_err(|e| Error::internal(format!("write shared value {name}: {e}")))?;
        self.core.put_raw(0, SHARED_VALUES, keys::bytes(name), json)
    }
}

fn parse(name: &str, json: &[u8]) -> Result<Value> {
    serde_json::from_slice(json).map_err(|e| Error::internal(format!("read shared value {name}: {e}")))
}
